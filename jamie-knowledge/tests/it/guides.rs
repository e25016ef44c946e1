//! The guides that come with Jamie.

use std::collections::BTreeSet;

use jamie_core::memory::{Document, InMemory, Kind, MemoryStore, Origin, Recall};
use jamie_knowledge::{builtin, ensure, guides, lint, list, remove};

#[test]
fn every_guide_is_in_order() {
    let problems: Vec<_> = guides().flat_map(|(name, text)| lint(name, text)).collect();
    assert!(problems.is_empty(), "{problems:#?}");
    assert!(guides().count() > 100);
}

#[test]
fn every_finding_has_a_guide() {
    let explained: BTreeSet<&str> = builtin()
        .iter()
        .flat_map(|document| &document.checks)
        .map(String::as_str)
        .collect();
    let missing: Vec<&str> = include_str!("checks.txt")
        .split_whitespace()
        .filter(|check| !explained.contains(check))
        .collect();
    assert!(missing.is_empty(), "no guide explains {missing:?}");
}

#[tokio::test]
async fn a_memory_gets_them_once_and_loses_what_vanished() {
    let store = InMemory::default();
    ensure(&store).await.unwrap();
    let there = list(&store).await.unwrap();
    assert_eq!(there.len(), guides().count());
    ensure(&store).await.unwrap();
    assert_eq!(list(&store).await.unwrap(), there);
    // An earlier edition had a guide that this one has not.
    let mut old: Document = builtin()[0].clone();
    old.source = "builtin:gone".to_owned();
    assert_eq!(old.origin, Origin::BuiltIn);
    let last = builtin().last().unwrap();
    let mut stale = last.clone();
    stale.digest = "another".to_owned();
    let record = |document: Document| jamie_core::memory::Record {
        person: String::new(),
        conversation: String::new(),
        at: jiff::Timestamp::UNIX_EPOCH,
        content: jamie_core::memory::Content::Document(Box::new(document)),
    };
    store.remember(vec![record(old), record(stale)]).await.unwrap();
    ensure(&store).await.unwrap();
    assert_eq!(list(&store).await.unwrap(), there);
}

#[tokio::test]
async fn a_built_in_guide_is_not_removed() {
    let store = InMemory::default();
    ensure(&store).await.unwrap();
    let error = remove(&store, &builtin()[0].source).await.unwrap_err();
    assert!(error.message().contains("built in"), "{error}");
    let left = store.recall(&Recall::new(Kind::Document, 1)).await.unwrap();
    assert_eq!(left.len(), 1);
}
