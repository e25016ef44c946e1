//! The suite that every store passes.

use jamie_core::conformance;

use crate::places::{Schema, open, server};
use jamie_memory::RecordsAt;

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
