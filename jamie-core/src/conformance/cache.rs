//! The suite for caches. It writes under names of its own, so it can run on a cache in use.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{Verdict, ensure};
use crate::{
    Cache,
    cache::{Counted, Limit},
};

const LONG: Duration = Duration::from_mins(1);
const SHORT: Duration = Duration::from_millis(40);
/// The longest wait for a short time to be over.
const PATIENCE: Duration = Duration::from_secs(10);

/// Bytes come back as they were until they are replaced, removed or out of time; events are counted exactly, however many
/// come at once.
pub async fn cache(cache: &dyn Cache) -> Verdict {
    bytes(cache).await?;
    time(cache).await?;
    limits(cache).await?;
    together(cache).await?;
    at_once(cache).await
}

fn failed(error: crate::Error) -> String {
    format!("the cache failed: {error:?}")
}

async fn get(cache: &dyn Cache, key: &str) -> Result<Option<Vec<u8>>, String> {
    cache.get(key).await.map_err(failed)
}

async fn put(cache: &dyn Cache, key: &str, value: &[u8], lives: Duration) -> Verdict {
    cache.put(key, value.to_vec(), lives).await.map_err(failed)
}

async fn remove(cache: &dyn Cache, key: &str) -> Verdict {
    cache.remove(key).await.map_err(failed)
}

async fn bytes(cache: &dyn Cache) -> Verdict {
    let long = format!("conformance:{}", "long ".repeat(100));
    let keys = [
        "conformance:a",
        "conformance:A",
        "conformance:*\r\nGET x",
        "conformance:\u{1f980}",
        &long,
    ];
    for key in keys {
        remove(cache, key).await?;
        let there = get(cache, key).await?;
        ensure(there.is_none(), || format!("{key:?} was removed and is there"))?;
    }
    for (key, value) in keys
        .into_iter()
        .zip([&b""[..], b"\0\xff\r\n", b"three", b"four", b"five"])
    {
        put(cache, key, b"older", LONG).await?;
        put(cache, key, value, LONG).await?;
    }
    for (key, value) in keys
        .into_iter()
        .zip([&b""[..], b"\0\xff\r\n", b"three", b"four", b"five"])
    {
        let there = get(cache, key).await?;
        ensure(there.as_deref() == Some(value), || {
            format!("{key:?} was put with {value:?}, and is {there:?}")
        })?;
    }
    remove(cache, keys[0]).await?;
    let (gone, other) = (get(cache, keys[0]).await?, get(cache, keys[1]).await?);
    ensure(gone.is_none() && other.is_some(), || {
        "removing one key did not remove that one alone".to_owned()
    })?;
    for key in keys {
        remove(cache, key).await?;
    }
    Ok(())
}

async fn time(cache: &dyn Cache) -> Verdict {
    let key = "conformance:time";
    put(cache, key, b"for long", LONG).await?;
    put(cache, key, b"for a moment", SHORT).await?;
    let begun = Instant::now();
    while get(cache, key).await?.is_some() {
        ensure(begun.elapsed() < PATIENCE, || {
            "what was to live for a moment lives on".to_owned()
        })?;
        sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}

fn limit(key: &str, window: Duration, most: u64) -> Limit {
    Limit {
        key: format!("conformance:{key}"),
        window,
        most,
    }
}

async fn count(cache: &dyn Cache, limits: &[Limit]) -> Result<Counted, String> {
    cache.count(limits).await.map_err(failed)
}

async fn limits(cache: &dyn Cache) -> Verdict {
    let (three, other, none) = (
        limit("three", LONG, 3),
        limit("other", LONG, 3),
        limit("none", LONG, 0),
    );
    for limit in [&three, &other, &none] {
        remove(cache, &limit.key).await?;
    }
    for n in 1..=3 {
        let counted = count(cache, std::slice::from_ref(&three)).await?;
        ensure(counted == Counted::Within, || {
            format!("event {n} of 3 is {counted:?}")
        })?;
    }
    for _ in 0..5 {
        match count(cache, std::slice::from_ref(&three)).await? {
            Counted::Reached { limit: 0, again } if again <= LONG && again > LONG / 2 => {}
            counted => return Err(format!("the fourth of 3 within a minute is {counted:?}")),
        }
    }
    let apart = count(cache, std::slice::from_ref(&other)).await?;
    ensure(apart == Counted::Within, || {
        "two keys are counted as one".to_owned()
    })?;
    let never = count(cache, std::slice::from_ref(&none)).await?;
    ensure(matches!(never, Counted::Reached { .. }), || {
        format!("an event is within a limit of none: {never:?}")
    })?;
    let free = count(cache, &[]).await?;
    ensure(free == Counted::Within, || {
        "without a limit, one is reached".to_owned()
    })?;
    remove(cache, &three.key).await?;
    let anew = count(cache, std::slice::from_ref(&three)).await?;
    ensure(anew == Counted::Within, || {
        "events that were removed still count".to_owned()
    })?;

    // There is room again once the first has gone by; what was turned away has not counted.
    let brief = limit("brief", SHORT, 2);
    remove(cache, &brief.key).await?;
    let begun = Instant::now();
    let mut within = 0;
    while within < 6 {
        if count(cache, std::slice::from_ref(&brief)).await? == Counted::Within {
            within += 1;
        }
        ensure(begun.elapsed() < PATIENCE, || {
            format!("{within} events of 2 in {SHORT:?} are all that there is room for")
        })?;
    }
    ensure(begun.elapsed() >= 2 * SHORT, || {
        "6 events of 2 in a window took less than 2 windows".to_owned()
    })
}

async fn together(cache: &dyn Cache) -> Verdict {
    let both = [limit("wide", LONG, 5), limit("narrow", LONG, 1)];
    for limit in &both {
        remove(cache, &limit.key).await?;
    }
    let mut counted = Vec::new();
    for _ in 0..4 {
        counted.push(count(cache, &both).await?);
    }
    ensure(counted[0] == Counted::Within, || {
        format!("the first is {:?}", counted[0])
    })?;
    ensure(
        counted[1..]
            .iter()
            .all(|one| matches!(one, Counted::Reached { limit: 1, .. })),
        || format!("the narrow limit is reached, and it is said: {counted:?}"),
    )?;
    for n in 2..=5 {
        let alone = count(cache, &both[..1]).await?;
        ensure(alone == Counted::Within, || {
            format!("what one limit turned away counts for the other: event {n} of 5 is {alone:?}")
        })?;
    }
    Ok(())
}

async fn at_once(cache: &dyn Cache) -> Verdict {
    let many = limit("many", LONG, 10);
    remove(cache, &many.key).await?;
    let counting = (0..50).map(|_| count(cache, std::slice::from_ref(&many)));
    let counted = futures::future::try_join_all(counting).await?;
    let within = counted.iter().filter(|one| **one == Counted::Within).count();
    ensure(within == 10, || {
        format!("{within} of 50 at once are within a limit of 10")
    })
}
