//! The suite that every store passes.

use std::time::Duration;

use jamie_core::conformance;

use crate::places::{Schema, open, server};
use jamie_memory::{Actions, RecordsAt};

const MONTH: Duration = Duration::from_hours(30 * 24);

#[tokio::test]
async fn sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(RecordsAt::Folder(folder.path().join("memory"))).await;
    conformance::memory(&store).await.unwrap();
    store.close().await;
}

#[tokio::test]
async fn postgres() {
    let schema = Schema::new();
    let store = open(schema.at(&server())).await;
    conformance::memory(&store).await.unwrap();
    store.close().await;
    schema.drop_all().await;
}

#[tokio::test]
async fn actions_in_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let store = Actions::new(RecordsAt::Folder(folder.path().join("memory")), MONTH);
    conformance::actions(&store).await.unwrap();
}

#[tokio::test]
async fn actions_in_postgres() {
    let schema = Schema::new();
    let store = Actions::new(schema.at(&server()), MONTH);
    conformance::actions(&store).await.unwrap();
    drop(store);
    schema.drop_all().await;
}
