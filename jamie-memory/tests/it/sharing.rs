//! Several stores on one place, and many writers on one store.

use std::sync::Arc;

use jamie_core::{
    MemoryStore,
    memory::{Kind, Recall},
};
use jamie_memory::RecordsAt;

use crate::places::{Schema, open, question, server, turn};

/// Two stores write by turns and at once; each sees everything, once, and in the order of each writer.
async fn shared(at: RecordsAt) {
    let (one, other) = (Arc::new(open(at.clone()).await), Arc::new(open(at).await));
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..16 {
        let store = Arc::clone(if writer % 2 == 0 { &one } else { &other });
        writers.spawn(async move {
            for n in 0..20 {
                let said = format!("{writer} says {n}");
                store
                    .remember(vec![turn(&format!("writer-{writer}"), n, &said)])
                    .await
                    .unwrap();
            }
        });
    }
    writers.join_all().await;
    for store in [&one, &other] {
        let all = store.recall(&Recall::new(Kind::Turn, 1_000)).await.unwrap();
        assert_eq!(all.len(), 320);
        let own = Recall::new(Kind::Turn, 100).of_person("writer-3");
        let own = store.recall(&own).await.unwrap();
        let said: Vec<&str> = own.iter().rev().map(|memory| question(&memory.record)).collect();
        let wanted: Vec<String> = (0..20).map(|n| format!("3 says {n}")).collect();
        assert_eq!(said, wanted);
    }
    one.close().await;
    other.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_worth_of_stores_on_one_folder() {
    let folder = tempfile::tempdir().unwrap();
    shared(RecordsAt::Folder(folder.path().into())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_worth_of_stores_on_one_server() {
    let schema = Schema::new();
    shared(schema.at(&server())).await;
    schema.drop_all().await;
}

#[tokio::test]
async fn hostile_names_are_only_names() {
    let folder = tempfile::tempdir().unwrap();
    let schema = Schema::new();
    for at in [RecordsAt::Folder(folder.path().into()), schema.at(&server())] {
        let store = open(at).await;
        store
            .remember(vec![turn("o'brien", 1, "mine"), turn("anna", 2, "hers")])
            .await
            .unwrap();
        for name in [
            "x' OR '1'='1",
            "o'brien' --",
            "\" OR \"\"=\"",
            "anna\0",
            "%",
            "*",
            "$1",
        ] {
            let own = Recall::new(Kind::Turn, 10).of_person(name);
            assert!(
                store.recall(&own).await.unwrap().is_empty(),
                "{name:?} sees others' turns"
            );
            let words = Recall::new(Kind::Turn, 10).of_person(name).about("mine hers");
            assert!(
                store.recall(&words).await.unwrap().is_empty(),
                "{name:?} finds others' turns"
            );
        }
        let own = Recall::new(Kind::Turn, 10)
            .of_person("o'brien")
            .about("mine\" OR (NEAR *");
        assert_eq!(store.recall(&own).await.unwrap().len(), 1);
        store.close().await;
    }
    schema.drop_all().await;
}
