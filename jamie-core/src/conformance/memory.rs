//! The suite for memory stores. It writes under names of its own, so it can run on a store in use.

use jiff::Timestamp;

mod persons;
mod samples;

use self::samples::{ANNA, BEN, TALK, at, document, fact, feedback, incident, record, turn};
use super::{Verdict, ensure};
use crate::{
    MemoryStore,
    memory::{About, Content, Forget, Gap, GapReason, Kind, Memory, Recall, Record},
};

/// Records come back as they were, in order, to whom they belong; newer facts replace older ones; what is
/// forgotten is gone.
pub async fn memory(store: &dyn MemoryStore) -> Verdict {
    clean(store).await?;
    comes_back(store).await?;
    in_order_and_bounded(store).await?;
    facts_are_replaced(store).await?;
    incidents_are_replaced(store).await?;
    found_by_words(store).await?;
    kept_apart(store).await?;
    pages_and_spans(store).await?;
    groups(store).await?;
    forgets(store).await?;
    persons::export_and_erase(store).await?;
    clean(store).await
}

async fn clean(store: &dyn MemoryStore) -> Verdict {
    for person in [ANNA, BEN] {
        forget(store, &Forget::person(person)).await?;
    }
    // What belongs to everybody may have lost its name.
    for fingerprint in samples::FINGERPRINTS {
        forget(store, &Forget::key(Kind::Incident, fingerprint)).await?;
    }
    forget(store, &Forget::group(Kind::Document, samples::SOURCE)).await?;
    let taught = fact(About::Alias(samples::WORD.to_owned()), "");
    forget(store, &Forget::key(Kind::TeamFact, taught.key())).await?;
    Ok(())
}

async fn forget(store: &dyn MemoryStore, forget: &Forget) -> Result<u64, String> {
    store.forget(forget).await.map_err(|error| failed(&error))
}

fn failed(error: &crate::Error) -> String {
    format!("the store failed: {error:?}")
}

async fn remember(store: &dyn MemoryStore, records: Vec<Record>) -> Verdict {
    store.remember(records).await.map_err(|error| failed(&error))
}

async fn recall(store: &dyn MemoryStore, recall: Recall) -> Result<Vec<Memory>, String> {
    store.recall(&recall).await.map_err(|error| failed(&error))
}

async fn comes_back(store: &dyn MemoryStore) -> Verdict {
    let written = vec![
        record(ANNA, 1, turn("o'brien; DROP TABLE turns; --")),
        record(
            ANNA,
            2,
            Content::Fact(fact(About::Alias("till".to_owned()), "payments")),
        ),
        record(
            ANNA,
            2,
            Content::TeamFact(fact(About::Alias(samples::WORD.to_owned()), "shop")),
        ),
        record(ANNA, 3, feedback("conformance-turn")),
        record(ANNA, 3, document(0, "Pods that start and die again")),
        record(
            ANNA,
            3,
            Content::Gap(Gap {
                question: "make me a sandwich".to_owned(),
                reason: GapReason::Intent,
            }),
        ),
        record(ANNA, 4, incident("conformance-1", "db is killed for memory")),
    ];
    remember(store, written.clone()).await?;
    for wanted in written {
        let found = recall(store, Recall::new(wanted.kind(), 10).of_person(ANNA)).await?;
        ensure(found.iter().any(|memory| memory.record == wanted), || {
            format!("{wanted:?} did not come back as it was, but {found:?}")
        })?;
    }
    remember(store, Vec::new()).await?;
    clean(store).await
}

async fn in_order_and_bounded(store: &dyn MemoryStore) -> Verdict {
    for second in 0..5 {
        remember(
            store,
            vec![record(ANNA, second, turn(&format!("question {second}")))],
        )
        .await?;
    }
    let found = recall(store, Recall::new(Kind::Turn, 3).in_conversation(TALK)).await?;
    let times: Vec<Timestamp> = found.iter().map(|memory| memory.record.at).collect();
    ensure(times == [at(4), at(3), at(2)], || {
        format!("the newest three of five turns come back as {times:?}")
    })?;
    let none = recall(store, Recall::new(Kind::Turn, 0).in_conversation(TALK)).await?;
    ensure(none.is_empty(), || "a limit of 0 gives records".to_owned())?;
    let mut since = Recall::new(Kind::Turn, 10).of_person(ANNA);
    since.since = Some(at(3));
    let found = recall(store, since).await?;
    ensure(found.len() == 2, || {
        format!("since the fourth second there are {found:?}")
    })?;
    clean(store).await
}

async fn facts_are_replaced(store: &dyn MemoryStore) -> Verdict {
    remember(
        store,
        vec![record(ANNA, 1, Content::Fact(fact(About::Name, "Anne")))],
    )
    .await?;
    remember(
        store,
        vec![
            record(ANNA, 2, Content::Fact(fact(About::Name, "Anna"))),
            record(BEN, 2, Content::Fact(fact(About::Name, "Ben"))),
        ],
    )
    .await?;
    let found = recall(store, Recall::new(Kind::Fact, 10).of_person(ANNA)).await?;
    let values: Vec<&Content> = found.iter().map(|memory| &memory.record.content).collect();
    ensure(values == [&Content::Fact(fact(About::Name, "Anna"))], || {
        format!("the newer of two names did not replace the older: {found:?}")
    })?;
    let found = recall(store, Recall::new(Kind::Fact, 10).of_person(BEN)).await?;
    ensure(found.len() == 1, || {
        format!("one person's name touched another's: {found:?}")
    })?;
    clean(store).await
}

async fn incidents_are_replaced(store: &dyn MemoryStore) -> Verdict {
    remember(
        store,
        vec![record(ANNA, 1, incident("conformance-2", "db is slow"))],
    )
    .await?;
    remember(
        store,
        vec![record(ANNA, 9, incident("conformance-2", "db is down"))],
    )
    .await?;
    let found = recall(store, Recall::new(Kind::Incident, 10).with_key("conformance-2")).await?;
    ensure(
        found.len() == 1 && found.iter().all(|memory| memory.record.at == at(9)),
        || format!("an incident seen twice is {found:?}"),
    )?;
    clean(store).await
}

async fn found_by_words(store: &dyn MemoryStore) -> Verdict {
    remember(
        store,
        vec![
            record(ANNA, 1, turn("why is checkout slow")),
            record(ANNA, 2, turn("list the nodes")),
        ],
    )
    .await?;
    let found = recall(
        store,
        Recall::new(Kind::Turn, 5).of_person(ANNA).about("CHECKOUT slow"),
    )
    .await?;
    let first = found.first().map(|memory| memory.record.at);
    ensure(first == Some(at(1)), || {
        format!("the turn about checkout is not the best match: {found:?}")
    })?;
    ensure(
        found
            .windows(2)
            .all(|pair| matches!(pair, [a, b] if a.score >= b.score)),
        || "matches do not come best first".to_owned(),
    )?;
    clean(store).await
}

async fn kept_apart(store: &dyn MemoryStore) -> Verdict {
    remember(
        store,
        vec![record(ANNA, 1, turn("mine")), record(BEN, 2, turn("yours"))],
    )
    .await?;
    let found = recall(store, Recall::new(Kind::Turn, 10).of_person(ANNA)).await?;
    ensure(
        found.len() == 1 && found.iter().all(|memory| memory.record.person == ANNA),
        || format!("one person is given another's turns: {found:?}"),
    )?;
    clean(store).await
}

async fn pages_and_spans(store: &dyn MemoryStore) -> Verdict {
    let written = (0..7).map(|second| record(ANNA, second, turn(&format!("page {second}"))));
    remember(store, written.collect()).await?;
    let mut seen = Vec::new();
    for page in 0..4 {
        let found = recall(store, Recall::new(Kind::Turn, 2).of_person(ANNA).after(page * 2)).await?;
        seen.extend(found.into_iter().map(|memory| memory.record.at));
    }
    let wanted: Vec<Timestamp> = (0..7).rev().map(at).collect();
    ensure(seen == wanted, || {
        format!("seven turns, read two at a time, are {seen:?}")
    })?;
    let span = Recall::new(Kind::Turn, 10).of_person(ANNA).between(at(2), at(5));
    let found = recall(store, span).await?;
    let times: Vec<Timestamp> = found.iter().map(|memory| memory.record.at).collect();
    ensure(times == [at(4), at(3), at(2)], || {
        format!("from the second second and before the fifth there are {times:?}")
    })?;
    clean(store).await
}

async fn groups(store: &dyn MemoryStore) -> Verdict {
    let passages = ["Crash loops", "Out of memory", "Probes"];
    let written = passages
        .iter()
        .zip(0..)
        .map(|(title, part)| record(ANNA, 1, document(part, title)));
    remember(store, written.collect()).await?;
    let of_source = || Recall::new(Kind::Document, 10).in_group(samples::SOURCE);
    let found = recall(store, of_source()).await?;
    ensure(found.len() == 3, || {
        format!("a document of three passages has {found:?}")
    })?;
    let found = recall(store, of_source().about("memory")).await?;
    ensure(
        found.first().is_some_and(
            |first| matches!(&first.record.content, Content::Document(document) if document.part == 1),
        ),
        || format!("the passage about memory is not the best match: {found:?}"),
    )?;
    let gone = forget(store, &Forget::group(Kind::Document, samples::SOURCE)).await?;
    ensure(gone == 3, || {
        format!("three passages were to be forgotten, {gone} were")
    })?;
    let refused = Forget {
        group: Some(samples::SOURCE.to_owned()),
        ..Forget::default()
    };
    ensure(store.forget(&refused).await.is_err(), || {
        "a group without a kind is taken".to_owned()
    })?;
    clean(store).await
}

async fn forgets(store: &dyn MemoryStore) -> Verdict {
    ensure(store.forget(&Forget::default()).await.is_err(), || {
        "a filter without any condition erases everything".to_owned()
    })?;
    remember(
        store,
        vec![
            record(ANNA, 1, turn("old")),
            record(ANNA, 5, turn("new")),
            record(ANNA, 5, Content::Fact(fact(About::Name, "Anna"))),
            record(BEN, 1, turn("old as well")),
        ],
    )
    .await?;
    let old = Forget {
        before: Some(at(3)),
        ..Forget::person(ANNA)
    };
    let gone = store.forget(&old).await.map_err(|error| failed(&error))?;
    ensure(gone == 1, || {
        format!("one record was to be forgotten, {gone} were")
    })?;
    let newest = recall(store, Recall::new(Kind::Turn, 1).of_person(ANNA)).await?;
    let one = Forget {
        id: newest.first().map(|memory| memory.id.clone()),
        ..Forget::person(ANNA)
    };
    let gone = store.forget(&one).await.map_err(|error| failed(&error))?;
    ensure(gone == 1, || {
        format!("one record was to be forgotten by its id, {gone} were")
    })?;
    let gone = store
        .forget(&Forget::person(ANNA))
        .await
        .map_err(|error| failed(&error))?;
    ensure(gone == 1, || {
        format!("the last record of a person was to go, {gone} did")
    })?;
    for kind in Kind::ALL {
        let left = recall(store, Recall::new(kind, 10).of_person(ANNA)).await?;
        ensure(left.is_empty(), || {
            format!("forgotten, and still there: {left:?}")
        })?;
    }
    let others = recall(store, Recall::new(Kind::Turn, 10).of_person(BEN)).await?;
    ensure(others.len() == 1, || {
        "forgetting one person erased another's turns".to_owned()
    })?;
    clean(store).await
}
