//! The implementations of this crate run the suites of this crate.

use std::sync::Arc;

use jamie_core::{
    FixedClock, FixedNames, Person, Scope, SystemClock, ToolContext,
    action::InMemoryActions,
    conformance,
    memory::InMemory,
    persona::{Jamie, Plain},
};
use jiff::tz::TimeZone;

use crate::estate::{self, Diagnose, Logs, Overview};

#[tokio::test]
async fn memory_in_memory() {
    conformance::memory(&InMemory::default()).await.unwrap();
}

#[tokio::test]
async fn actions_in_memory() {
    conformance::actions(&InMemoryActions::default()).await.unwrap();
}

#[test]
fn personas() {
    conformance::persona(&Jamie::default()).unwrap();
    conformance::persona(&Plain).unwrap();
}

#[test]
fn clocks() {
    conformance::clock(&SystemClock).unwrap();
    conformance::clock(&FixedClock::new(estate::now(), TimeZone::UTC)).unwrap();
}

#[tokio::test]
async fn directories() {
    let directory = FixedNames::new(estate::names());
    conformance::directory(&directory, &estate::request("").person, &Scope::default())
        .await
        .unwrap();
}

#[tokio::test]
async fn tools() {
    let context = ToolContext {
        person: Person {
            id: "bruno".to_owned(),
            name: None,
            groups: Vec::new(),
        },
        scope: Scope::default(),
        now: estate::now(),
        zone: TimeZone::UTC,
        emit: Arc::new(|_| {}),
    };
    conformance::tool(&Diagnose::new(), &context).await.unwrap();
    conformance::tool(&Overview::new(), &context).await.unwrap();
    conformance::tool(&Logs::new(), &context).await.unwrap();
}
