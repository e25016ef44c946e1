//! Recall through the index: what is in it, what is not in it yet, and what several processes make of it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use jamie_core::{
    Embedder, MemoryStore, conformance,
    memory::{Forget, Kind, Recall},
};
use jamie_memory::{
    Memory, RecordsAt, Settings,
    embed::{Distilled, Hashing},
};
use tokio::sync::Semaphore;

use crate::places::{Schema, at, index_in, open_indexed, question, server, turn};

async fn found(store: &Memory, words: &str) -> Vec<String> {
    let recall = Recall::new(Kind::Turn, 5).about(words);
    let found = store.recall(&recall).await.unwrap();
    found
        .iter()
        .map(|memory| question(&memory.record).to_owned())
        .collect()
}

#[tokio::test]
async fn what_is_built_in_is_an_embedder() {
    conformance::embedder(&Distilled).await.unwrap();
    conformance::embedder(&Hashing).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_passes_the_suite() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_indexed(folder.path()).await;
    conformance::memory(&store).await.unwrap();
    store.flush().await.unwrap();
    conformance::memory(&store).await.unwrap();
    store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_with_an_index_passes_the_suite() {
    let (schema, folder) = (Schema::new(), tempfile::tempdir().unwrap());
    let settings = Settings::new(schema.at(&server())).with_index(index_in(folder.path()));
    let store = Memory::open(settings).await.unwrap();
    conformance::memory(&store).await.unwrap();
    store.close().await;
    schema.drop_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_just_said_is_found_at_once_and_later_on() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_indexed(folder.path()).await;
    let talk = [
        "why is checkout slow",
        "list the nodes",
        "who deployed the ledger on friday",
    ];
    for (question, second) in talk.into_iter().zip(0..) {
        store
            .remember(vec![turn("anna", second, question)])
            .await
            .unwrap();
        assert_eq!(found(&store, question).await[0], question, "just said");
    }
    store.flush().await.unwrap();
    let status = store.status().await.unwrap().index.unwrap();
    assert_eq!((status.rows, status.behind), (3, 0));
    for question in talk {
        assert_eq!(found(&store, question).await[0], question, "in the index");
    }
    // Neither word is in it, and both are near a word that is.
    assert_eq!(
        found(&store, "slowness at checkouts").await[0],
        "why is checkout slow"
    );
    store
        .remember(vec![turn("anna", 9, "is the checkout slow again")])
        .await
        .unwrap();
    let both = found(&store, "checkout slow").await;
    assert!(both.iter().any(|question| question == talk[0]), "{both:?}");
    assert!(
        both.iter()
            .any(|question| question == "is the checkout slow again"),
        "{both:?}"
    );
    store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn filters_hold_in_the_index_whatever_people_are_called() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_indexed(folder.path()).await;
    store
        .remember(vec![
            turn("o'brien", 1, "the secret is mine"),
            turn("anna", 2, "the secret is hers"),
        ])
        .await
        .unwrap();
    store.flush().await.unwrap();
    for name in [
        "x' OR '1'='1",
        "o'brien' OR true --",
        "\" OR \"\"=\"",
        "anna\0",
        "%",
        "`",
        "\\",
    ] {
        let recall = Recall::new(Kind::Turn, 10).of_person(name).about("the secret");
        assert!(
            store.recall(&recall).await.unwrap().is_empty(),
            "{name:?} sees others' turns"
        );
    }
    let own = Recall::new(Kind::Turn, 10).of_person("o'brien").about("secret");
    let own = store.recall(&own).await.unwrap();
    assert_eq!(own.len(), 1);
    assert_eq!(question(&own[0].record), "the secret is mine");
    let span = Recall::new(Kind::Turn, 10).about("secret").between(at(2), at(3));
    let span = store.recall(&span).await.unwrap();
    assert_eq!(
        span.iter()
            .map(|memory| question(&memory.record))
            .collect::<Vec<_>>(),
        ["the secret is hers"]
    );
    store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_forgotten_is_found_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_indexed(folder.path()).await;
    store
        .remember(vec![turn("anna", 1, "the zebra"), turn("anna", 2, "the giraffe")])
        .await
        .unwrap();
    store.flush().await.unwrap();
    let zebra = Recall::new(Kind::Turn, 1).about("zebra");
    let id = store.recall(&zebra).await.unwrap()[0].id.clone();
    let one = Forget {
        id: Some(id),
        ..Forget::default()
    };
    assert_eq!(store.forget(&one).await.unwrap(), 1);
    assert!(
        !found(&store, "zebra").await.contains(&"the zebra".to_owned()),
        "before the index follows"
    );
    store.flush().await.unwrap();
    assert_eq!(store.status().await.unwrap().index.unwrap().rows, 1);
    assert_eq!(found(&store, "giraffe").await, ["the giraffe"]);
    store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_rebuilt_from_the_records() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_indexed(folder.path()).await;
    let many = (0..1_500).map(|n| turn("anna", n, &format!("question number {n}")));
    store.remember(many.collect()).await.unwrap();
    assert_eq!(store.rebuild().await.unwrap(), 1_500);
    let status = store.status().await.unwrap().index.unwrap();
    assert_eq!((status.rows, status.behind), (1_500, 0));
    assert_eq!(found(&store, "number 777").await[0], "question number 777");
    assert_eq!(store.rebuild().await.unwrap(), 1_500);
    assert_eq!(store.status().await.unwrap().index.unwrap().rows, 1_500);
    store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn upkeep_keeps_fragments_few() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_indexed(folder.path()).await;
    for n in 0..80 {
        store
            .remember(vec![turn("anna", n, &format!("question number {n}"))])
            .await
            .unwrap();
        store.flush().await.unwrap();
    }
    let before = store.status().await.unwrap().index.unwrap();
    assert!(before.fragments >= 64, "{before:?}");
    store.care().await;
    let after = store.status().await.unwrap().index.unwrap();
    assert_eq!(after.rows, 80);
    assert!(after.fragments < 8, "{after:?}");
    assert_eq!(found(&store, "number 41").await[0], "question number 41");
    store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_stores_write_one_index_and_every_row_is_in_it_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut stores = Vec::new();
    for _ in 0..3 {
        stores.push(Arc::new(open_indexed(folder.path()).await));
    }
    let mut writers = tokio::task::JoinSet::new();
    for (writer, store) in stores.iter().cloned().enumerate() {
        writers.spawn(async move {
            for n in 0..50 {
                let said = format!("writer {writer} says {n}");
                store.remember(vec![turn("anna", n, &said)]).await.unwrap();
                if n % 10 == 0 {
                    store.flush().await.unwrap();
                }
            }
        });
    }
    writers.join_all().await;
    for store in &stores {
        store.close().await;
    }
    let store = open_indexed(folder.path()).await;
    // The lease of one that was closed in the middle of its work runs out, or was given back.
    while store.status().await.unwrap().index.unwrap().behind > 0 {
        store.flush().await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(store.status().await.unwrap().index.unwrap().rows, 150);
    store.close().await;
}

/// Another embedder: the first one with another name and fewer numbers.
#[derive(Debug)]
struct Smaller;

#[async_trait]
impl Embedder for Smaller {
    fn identity(&self) -> &'static str {
        "smaller-8"
    }

    async fn dimension(&self) -> jamie_core::Result<usize> {
        Ok(8)
    }

    async fn embed(&self, texts: &[String]) -> jamie_core::Result<Vec<Vec<f32>>> {
        let whole = Hashing.embed(texts).await?;
        Ok(whole.into_iter().map(|vector| vector[..8].to_vec()).collect())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_embedder_has_an_index_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_indexed(folder.path()).await;
    store.remember(vec![turn("anna", 1, "the zebra")]).await.unwrap();
    store.flush().await.unwrap();
    store.close().await;
    let settings = Settings {
        embedder: Arc::new(Smaller),
        ..Settings::new(RecordsAt::Folder(folder.path().into()))
    };
    let store = Memory::open(settings.with_index(index_in(&folder.path().join("index"))))
        .await
        .unwrap();
    assert_eq!(found(&store, "zebra").await, ["the zebra"], "recall goes on");
    store.flush().await.unwrap();
    let status = store.status().await.unwrap().index.unwrap();
    assert_eq!(
        (status.embedder.as_str(), status.rows, status.behind),
        ("smaller-8", 1, 0)
    );
    store.care().await;
    let tables: Vec<String> = std::fs::read_dir(folder.path().join("index"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(tables, ["memories-smaller-8.lance"]);
    store.close().await;
}

/// An embedder that gives vectors for as many batches as it is let; a single text, as a search has it, goes through.
#[derive(Debug)]
struct Gated(Arc<Semaphore>);

#[async_trait]
impl Embedder for Gated {
    fn identity(&self) -> &'static str {
        "gated-v1"
    }

    async fn dimension(&self) -> jamie_core::Result<usize> {
        Distilled.dimension().await
    }

    async fn embed(&self, texts: &[String]) -> jamie_core::Result<Vec<Vec<f32>>> {
        if texts.len() > 1 {
            self.0.acquire().await.unwrap().forget();
        }
        Distilled.embed(texts).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn recall_goes_on_in_the_middle_of_embedding_anew() {
    const TURNS: i64 = 1_200;
    let folder = tempfile::tempdir().unwrap();
    let store = open_indexed(folder.path()).await;
    let turns = (0..TURNS).map(|n| turn("anna", n, &format!("is robot{n:05} slow")));
    store.remember(turns.collect()).await.unwrap();
    store.flush().await.unwrap();
    store.close().await;

    let gate = Arc::new(Semaphore::new(1));
    let settings = Settings {
        embedder: Arc::new(Gated(Arc::clone(&gate))),
        ..Settings::new(RecordsAt::Folder(folder.path().into()))
    };
    let index = index_in(&folder.path().join("index"));
    let store = Memory::open(settings.with_index(index)).await.unwrap();
    store
        .remember(vec![turn("anna", TURNS, "where is the zebra")])
        .await
        .unwrap();
    let status = async || store.status().await.unwrap().index.unwrap();
    let begun = Instant::now();
    while status().await.rows == 0 {
        assert!(begun.elapsed() < Duration::from_mins(1), "{:?}", status().await);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let middle = status().await;
    assert!(
        middle.behind > 256 && middle.rows + middle.behind == 1_201,
        "{middle:?}"
    );
    for (words, expected) in [
        ("robot00003", "is robot00003 slow"),
        ("robot01100", "is robot01100 slow"),
        ("zebra", "where is the zebra"),
    ] {
        assert_eq!(found(&store, words).await[0], expected, "{words}");
    }
    assert_eq!(status().await.rows, middle.rows, "it has gone on by itself");
    gate.add_permits(10);
    store.flush().await.unwrap();
    let end = status().await;
    assert_eq!(
        (end.rows, end.behind, end.embedder.as_str()),
        (1_201, 0, "gated-v1")
    );
    assert_eq!(found(&store, "robot01100").await[0], "is robot01100 slow");
    store.close().await;
}

/// One that keeps its name while its vectors become shorter, as a model does that was pulled anew.
#[derive(Debug)]
struct Changing(usize);

#[async_trait]
impl Embedder for Changing {
    fn identity(&self) -> &'static str {
        "changing"
    }

    async fn dimension(&self) -> jamie_core::Result<usize> {
        Ok(self.0)
    }

    async fn embed(&self, texts: &[String]) -> jamie_core::Result<Vec<Vec<f32>>> {
        let whole = Hashing.embed(texts).await?;
        Ok(whole
            .into_iter()
            .map(|vector| vector[..self.0].to_vec())
            .collect())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_that_changed_under_its_name_costs_no_answer_and_is_made_good_by_a_rebuild() {
    let folder = tempfile::tempdir().unwrap();
    let open = async |dimension| {
        let settings = Settings {
            embedder: Arc::new(Changing(dimension)),
            ..Settings::new(RecordsAt::Folder(folder.path().into()))
        };
        let index = index_in(&folder.path().join("index"));
        Memory::open(settings.with_index(index)).await.unwrap()
    };
    let store = open(16).await;
    store.remember(vec![turn("anna", 1, "the zebra")]).await.unwrap();
    store.flush().await.unwrap();
    store.close().await;

    let store = open(8).await;
    store
        .remember(vec![turn("anna", 2, "the giraffe")])
        .await
        .unwrap();
    let error = store.flush().await.unwrap_err();
    assert!(
        error.message().contains("of 8 numbers") && error.hint().unwrap().contains("jamie memory rebuild"),
        "{error:?}"
    );
    for name in ["zebra", "giraffe"] {
        assert_eq!(found(&store, name).await, [format!("the {name}")]);
    }
    store.close().await;
    // What `jamie memory rebuild` does.
    let store = open(8).await;
    assert_eq!(store.rebuild().await.unwrap(), 2);
    let status = store.status().await.unwrap().index.unwrap();
    assert_eq!((status.rows, status.behind), (2, 0));
    for name in ["zebra", "giraffe"] {
        assert_eq!(found(&store, name).await, [format!("the {name}")]);
    }
    store.close().await;
}
