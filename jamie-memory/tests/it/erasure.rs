//! A person is erased: no file holds a byte of theirs.

use std::path::Path;

use jamie_core::{
    MemoryStore,
    memory::{self, About, Content, Fact, Forget, Kind, Recall, Record},
};
use jamie_memory::{Memory, RecordsAt};

use crate::places::{Schema, at, open, open_indexed, server, turn};

/// The files below a folder that hold these bytes.
fn files_with(folder: &Path, marker: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with(&path, marker));
        } else if std::fs::read(&path)
            .unwrap()
            .to_ascii_lowercase()
            .windows(marker.len())
            .any(|bytes| bytes == marker.as_bytes())
        {
            found.push(path.display().to_string());
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_a_person_is_left_in_any_file() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(RecordsAt::Folder(folder.path().into())).await;
    leaves_no_trace(folder.path(), &store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_a_person_is_left_in_any_file_of_the_index() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_indexed(folder.path()).await;
    leaves_no_trace(folder.path(), &store).await;
}

async fn leaves_no_trace(folder: &Path, store: &Memory) {
    let others: Vec<Record> = (0..500).map(|n| turn("ben", n, "is the shop well?")).collect();
    store.remember(others).await.unwrap();
    for n in 0..200 {
        let said = format!("my secret word is xylophonist, number {n}");
        store
            .remember(vec![turn("anna-the-quixotic", n, &said)])
            .await
            .unwrap();
    }
    let name = Record {
        content: Content::Fact(Fact {
            about: About::Name,
            value: "Quixotica".to_owned(),
        }),
        ..turn("anna-the-quixotic", 900, "")
    };
    let fact = Record {
        person: "anna-the-quixotic".to_owned(),
        at: at(901),
        content: Content::TeamFact(Fact {
            about: About::Alias("till".to_owned()),
            value: "payments".to_owned(),
        }),
        conversation: "terminal-anna-the-quixotic".to_owned(),
    };
    store.remember(vec![name, fact]).await.unwrap();
    for marker in ["xylophonist", "quixotic"] {
        assert!(!files_with(folder, marker).is_empty(), "{marker} was never there");
    }

    let erased = memory::erase(store, "anna-the-quixotic").await.unwrap();
    assert_eq!((erased.erased, erased.unnamed), (201, 1));

    for marker in ["xylophonist", "quixotic"] {
        assert_eq!(
            files_with(folder, marker),
            Vec::<String>::new(),
            "{marker} is left"
        );
    }
    let others = store.recall(&Recall::new(Kind::Turn, 1_000)).await.unwrap();
    assert_eq!(others.len(), 500);
    let team = store.recall(&Recall::new(Kind::TeamFact, 10)).await.unwrap();
    assert_eq!(team.len(), 1, "what belongs to everybody stays");
    store.close().await;
}

#[tokio::test]
async fn nothing_of_a_person_is_left_in_any_table() {
    let schema = Schema::new();
    let store = open(schema.at(&server())).await;
    store
        .remember(vec![
            turn("anna", 1, "my secret word is xylophonist"),
            turn("ben", 2, "hello"),
        ])
        .await
        .unwrap();
    assert_eq!(store.forget(&Forget::person("anna")).await.unwrap(), 1);
    let by_words = store
        .recall(&Recall::new(Kind::Turn, 10).about("xylophonist"))
        .await
        .unwrap();
    assert!(by_words.is_empty(), "{by_words:?}");
    assert_eq!(store.recall(&Recall::new(Kind::Turn, 10)).await.unwrap().len(), 1);
    store.close().await;
    schema.drop_all().await;
}
