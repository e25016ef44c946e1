//! What makes vectors of words, as the settings name it: an Ollama that is there, one that goes away, one that is wrong.

use std::time::{Duration, Instant};

use jamie::{
    Config,
    config::Environment,
    core::memory::{Content, Kind, MemoryStore, Recall, Record, TurnRecord},
    memory,
};
use jamie_sim::model::{Behaviour, Faults, ModelServer};
use jiff::Timestamp;

fn turn(question: &str) -> Record {
    Record {
        person: "anna".to_owned(),
        conversation: "talk".to_owned(),
        at: Timestamp::UNIX_EPOCH,
        content: Content::Turn(Box::new(TurnRecord {
            question: question.to_owned(),
            ..TurnRecord::default()
        })),
    }
}

async fn found(store: &impl MemoryStore, words: &str) -> Vec<String> {
    let recall = Recall::new(Kind::Turn, 5).about(words);
    let found = store.recall(&recall).await.unwrap();
    found
        .iter()
        .map(|found| found.record.words().trim().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ollama_makes_the_vectors_and_words_do_without_it() {
    let server = ModelServer::start(Behaviour::Narrator, Faults::none())
        .await
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::default();
    config.memory.folder = folder.path().display().to_string();
    config.memory.embedder = "ollama".to_owned();
    config.memory.embedder_model = ModelServer::MODEL.to_owned();
    // The language model's server, as it is named.
    config.model.provider = "ollama".to_owned();
    config.model.url = server.url();
    let environment = Environment::default();
    let store = memory::open(&config, &environment).await.unwrap().unwrap();
    store.remember(vec![turn("the zebra is slow")]).await.unwrap();
    let status = async || store.status().await.unwrap();
    let begun = Instant::now();
    while status().await.index.is_none_or(|index| index.rows == 0) {
        assert!(begun.elapsed() < Duration::from_mins(1), "{:?}", status().await);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let index = status().await.index.unwrap();
    assert!(index.embedder.starts_with("ollama-"), "{index:?}");
    assert_eq!(found(&store, "slow zebra").await, ["the zebra is slow"]);

    server.stop().await;
    store.remember(vec![turn("the giraffe is slow")]).await.unwrap();
    assert_eq!(
        found(&store, "giraffe").await,
        ["the giraffe is slow"],
        "just said"
    );
    assert_eq!(
        found(&store, "zebra").await,
        ["the zebra is slow"],
        "in the index"
    );
    store.close().await;
    // Nor does a new process need it.
    let store = memory::open(&config, &environment).await.unwrap().unwrap();
    assert_eq!(found(&store, "giraffe").await, ["the giraffe is slow"]);
    assert_eq!(found(&store, "zebra").await, ["the zebra is slow"]);
    store.close().await;
}

#[tokio::test]
async fn an_embedder_that_makes_no_sense_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::default();
    config.memory.folder = folder.path().display().to_string();
    for (embedder, model, wanted) in [
        ("ollama", "", "memory.embedder_model is empty"),
        ("folder", "", "memory.embedder_folder is empty"),
        ("word2vec", "", "no embedder called \"word2vec\""),
    ] {
        config.memory.embedder = embedder.to_owned();
        config.memory.embedder_model = model.to_owned();
        let error = memory::open(&config, &Environment::default()).await.unwrap_err();
        assert!(
            error.message().contains(wanted) && error.hint().is_some(),
            "{error:?}"
        );
    }
}
