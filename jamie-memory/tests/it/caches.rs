//! Caches on a real Redis: one that is well, one that dies in the middle, and one that accepts and never answers.

use std::{sync::Arc, time::Duration};

use jamie_core::{
    Cache, ErrorKind,
    cache::{Counted, Limit},
    conformance,
};
use jamie_memory::cache::{Degrading, Local, Redis};
use tokio::{net::TcpListener, time::Instant};

use crate::redis_server::{Keys, Server};

const LONG: Duration = Duration::from_mins(1);

fn limit(most: u64) -> Vec<Limit> {
    vec![Limit {
        key: "questions".to_owned(),
        window: LONG,
        most,
    }]
}

#[tokio::test]
async fn the_process_passes_the_suite() {
    conformance::cache(&Local::default()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_passes_the_suite() {
    let keys = Keys::new().await;
    conformance::cache(&keys.cache()).await.unwrap();
    conformance::cache(&Degrading::new(Arc::new(keys.cache()), Local::default()))
        .await
        .unwrap();
    keys.remove_all().await;
}

#[tokio::test]
async fn what_weighs_too_much_is_not_kept() {
    let cache = Local::new(10_000);
    for n in 0..100 {
        cache
            .put(&format!("key {n}"), vec![0; 1_000], LONG)
            .await
            .unwrap();
    }
    let mut kept = 100;
    let begun = Instant::now();
    while kept > 10 {
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "{kept} KB of 10 are kept"
        );
        kept = 0;
        for n in 0..100 {
            kept += usize::from(cache.get(&format!("key {n}")).await.unwrap().is_some());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_share_what_they_put_and_count() {
    let keys = Keys::new().await;
    let (one, other) = (keys.cache(), keys.cache());
    one.put("a", b"from one".to_vec(), LONG).await.unwrap();
    assert_eq!(other.get("a").await.unwrap().as_deref(), Some(&b"from one"[..]));
    let limit = limit(10);
    let counting = (0..40).map(|n| {
        if n % 2 == 0 {
            one.count(&limit)
        } else {
            other.count(&limit)
        }
    });
    let counted = futures::future::try_join_all(counting).await.unwrap();
    assert_eq!(counted.iter().filter(|one| **one == Counted::Within).count(), 10);
    keys.remove_all().await;
    let elsewhere = Keys::new().await;
    assert_eq!(
        elsewhere.cache().get("a").await.unwrap(),
        None,
        "a prefix is a world of its own"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_dies_is_done_without_and_found_again() {
    let mut server = Server::start().await;
    let keys = Keys::on(&server.url());
    let shared = keys.cache();
    let cache = Degrading::new(Arc::new(shared.clone()), Local::default());
    cache.put("a", b"shared".to_vec(), LONG).await.unwrap();
    assert_eq!(cache.count(&limit(1)).await.unwrap(), Counted::Within);

    server.kill();
    assert_eq!(cache.get("a").await.unwrap(), None);
    cache.put("a", b"own".to_vec(), LONG).await.unwrap();
    assert_eq!(cache.get("a").await.unwrap().as_deref(), Some(&b"own"[..]));
    assert_eq!(
        cache.count(&limit(1)).await.unwrap(),
        Counted::Within,
        "each counts for itself"
    );
    assert!(matches!(
        cache.count(&limit(1)).await.unwrap(),
        Counted::Reached { .. }
    ));
    let error = shared.ping().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unreachable, "{error:?}");

    server.serve().await;
    while shared.put("b", b"shared again".to_vec(), LONG).await.is_err() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(keys.with("shared again").await, 1);
    assert_eq!(
        cache.get("a").await.unwrap(),
        None,
        "the own one is asked no more"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_never_answers_costs_one_wait_and_not_many() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("redis://{}/0", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((connection, _)) = listener.accept().await {
            held.push(connection);
        }
    });
    let cache = Degrading::new(Arc::new(Keys::on(&url).cache()), Local::default());
    let all = async {
        for n in 0..500 {
            cache.put(&format!("key {n}"), vec![1], LONG).await.unwrap();
            assert_eq!(cache.get(&format!("key {n}")).await.unwrap(), Some(vec![1]));
            assert_eq!(cache.count(&limit(1_000)).await.unwrap(), Counted::Within);
        }
    };
    // 1,500 requests that waited for it would take minutes.
    tokio::time::timeout(Duration::from_secs(30), all).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_held_still_is_used_again_when_it_goes_on() {
    let server = Server::start().await;
    let keys = Keys::on(&server.url());
    let shared = keys.cache();
    shared.put("a", b"before".to_vec(), LONG).await.unwrap();
    server.hold();
    let error = shared.get("a").await.unwrap_err();
    assert!(error.is_retryable(), "{error:?}");
    server.let_go();
    let begun = Instant::now();
    loop {
        match shared.get("a").await {
            Ok(there) => {
                assert_eq!(there.as_deref(), Some(&b"before"[..]));
                break;
            }
            Err(error) => assert!(begun.elapsed() < LONG, "{error:?}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn settings_that_cannot_be_used_say_so_and_keep_the_password() {
    for url in ["http://:hunter2@host", "redis://:hunter2@", "hunter2"] {
        let error = Redis::new(&url.to_owned().into(), "jamie").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.hint().unwrap().contains("redis://"), "{error:?}");
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }
    let url = "redis://:hunter2@127.0.0.1:6379/15".to_owned();
    assert!(Redis::new(&url.clone().into(), "two words").is_err());
    let redis = Redis::new(&url.into(), "jamie").unwrap();
    assert!(!format!("{redis:?} {}", redis.place()).contains("hunter2"));
    if let Err(error) = redis.ping().await {
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }
}
