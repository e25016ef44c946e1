//! What is kept about a person can be taken along, and erased without a trace.

use super::{
    failed, recall, remember,
    samples::{ANNA, BEN, WORD, at, document, fact, feedback, incident, record, turn},
};
use crate::{
    MemoryStore,
    conformance::{Verdict, ensure},
    memory::{self, About, Content, Kind, Recall, Record},
};

/// Everything that names a person is in the export; erased, nothing names them, and what is everybody's is still there.
pub(super) async fn export_and_erase(store: &dyn MemoryStore) -> Verdict {
    let theirs = [
        record(BEN, 1, turn("mine alone")),
        record(BEN, 2, Content::Fact(fact(About::Name, "Ben"))),
        record(BEN, 3, feedback("conformance-turn")),
    ];
    let everybodys = [
        record(
            BEN,
            4,
            Content::TeamFact(fact(About::Alias(WORD.to_owned()), "payments")),
        ),
        record(BEN, 5, document(0, "Crash loops")),
        // Ben fixed it, Anna saw it.
        record(ANNA, 6, incident("conformance-3", "db is down")),
    ];
    let all = || theirs.iter().chain(&everybodys).cloned();
    remember(store, all().collect()).await?;
    remember(store, vec![record(ANNA, 7, turn("somebody else's"))]).await?;

    let export = memory::export(store, BEN, at(9))
        .await
        .map_err(|error| failed(&error))?;
    let exported: Vec<&Record> = export.memories.iter().map(|memory| &memory.record).collect();
    ensure(
        exported.len() == 6 && all().all(|record| exported.contains(&&record)),
        || format!("the export of a person is {exported:?}"),
    )?;

    let erased = memory::erase(store, BEN).await.map_err(|error| failed(&error))?;
    ensure(erased.erased == 3 && erased.unnamed == 3, || {
        format!("three records were to go and three to lose a name: {erased:?}")
    })?;
    let again = memory::export(store, BEN, at(9))
        .await
        .map_err(|error| failed(&error))?;
    ensure(again.memories.is_empty(), || {
        format!("erased, and still named: {:?}", again.memories)
    })?;
    let kept = recall(store, Recall::new(Kind::Incident, 1).with_key("conformance-3")).await?;
    let fixes = kept.iter().find_map(|memory| match &memory.record.content {
        Content::Incident(incident) => Some(&incident.fixes),
        _ => None,
    });
    ensure(
        fixes.is_some_and(|fixes| fixes.len() == 1 && fixes.iter().all(|fix| fix.by.is_empty())),
        || format!("what was done about an incident went with the person who did it: {kept:?}"),
    )?;
    let others = recall(store, Recall::new(Kind::Turn, 10).of_person(ANNA)).await?;
    ensure(others.len() == 1, || {
        "erasing one person touched another's turns".to_owned()
    })
}
