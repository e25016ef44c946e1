//! What is too old, or too much, goes; the rest stays.

use std::collections::BTreeMap;

use jamie_core::{
    MemoryStore,
    memory::{Kind, Recall},
};
use jamie_memory::{Keep, Memory, RecordsAt, Retention, Settings};

use crate::places::{Schema, at, question, server, turn};

const DAY: i64 = 24 * 60 * 60;

async fn trims(records: RecordsAt) {
    let keep = Keep {
        days: Some(30),
        most: Some(5),
    };
    let settings = Settings {
        retention: Retention(BTreeMap::from([(Kind::Turn, keep)])),
        ..Settings::new(records)
    };
    let store = Memory::open(settings).await.unwrap();
    let turns = (0..20).map(|day| turn("anna", day * DAY, &format!("day {day}")));
    store.remember(turns.collect()).await.unwrap();

    let removed = store.trim(at(45 * DAY)).await.unwrap();

    let left = store.recall(&Recall::new(Kind::Turn, 100)).await.unwrap();
    let left: Vec<&str> = left.iter().map(|memory| question(&memory.record)).collect();
    // Days 0 to 14 are older than 30 days, and 5 are the most.
    assert_eq!(left, ["day 19", "day 18", "day 17", "day 16", "day 15"]);
    assert_eq!(removed, 15);
    store.close().await;
}

#[tokio::test]
async fn by_age_and_number_in_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    trims(RecordsAt::Folder(folder.path().into())).await;
}

#[tokio::test]
async fn by_age_and_number_on_a_server() {
    let schema = Schema::new();
    trims(schema.at(&server())).await;
    schema.drop_all().await;
}
