//! An index in a bad way: searching goes on in the records, and what can be rebuilt is.

use std::path::{Path, PathBuf};

use jamie_core::{
    MemoryStore,
    memory::{Kind, Recall},
};
use jamie_memory::{Memory, RecordsAt, Settings};

use crate::places::{index_in, open_indexed, question, turn};

const TABLE: &str = "memories-distilled-256-v1.lance";

async fn finds_the_zebra(store: &Memory) {
    let recall = Recall::new(Kind::Turn, 5).about("zebra");
    let found = store.recall(&recall).await.unwrap();
    assert_eq!(
        found.first().map(|memory| question(&memory.record)),
        Some("the zebra")
    );
}

async fn written(folder: &Path) -> PathBuf {
    let store = open_indexed(folder).await;
    store
        .remember(vec![turn("anna", 1, "the zebra"), turn("anna", 2, "the giraffe")])
        .await
        .unwrap();
    store.flush().await.unwrap();
    store.close().await;
    folder.join("index").join(TABLE)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_half_written_index_is_moved_away_and_rebuilt() {
    let folder = tempfile::tempdir().unwrap();
    let table = written(folder.path()).await;
    for file in files(&table.join("_versions")) {
        let bytes = std::fs::read(&file).unwrap();
        std::fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    }
    let store = open_indexed(folder.path()).await;
    finds_the_zebra(&store).await;
    store.flush().await.unwrap();
    let status = store.status().await.unwrap();
    assert_eq!(
        status.index.map(|index| (index.rows, index.behind)),
        Some((2, 0)),
        "{:?}",
        status.index_error
    );
    finds_the_zebra(&store).await;
    assert!(
        table.with_extension("damaged-1").is_dir(),
        "it is kept for whoever wants to look into it"
    );
    store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_cannot_be_read_cost_no_answer() {
    let folder = tempfile::tempdir().unwrap();
    let table = written(folder.path()).await;
    for file in files(&table.join("data")) {
        std::fs::write(&file, b"half").unwrap();
    }
    let store = open_indexed(folder.path()).await;
    finds_the_zebra(&store).await;
    store.rebuild().await.unwrap();
    assert_eq!(store.status().await.unwrap().index.unwrap().rows, 2);
    finds_the_zebra(&store).await;
    store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_foreign_table_is_left_alone() {
    use std::sync::Arc;

    use arrow_array::{Int64Array, RecordBatch};
    use arrow_schema::{DataType, Field, Schema};

    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("index");
    let schema = Arc::new(Schema::new(vec![Field::new("price", DataType::Int64, false)]));
    let batch = RecordBatch::try_new(schema, vec![Arc::new(Int64Array::from(vec![7]))]).unwrap();
    let theirs = lancedb::connect(place.to_str().unwrap()).execute().await.unwrap();
    let name = TABLE.trim_end_matches(".lance");
    theirs.create_table(name, batch).execute().await.unwrap();

    let store = open_indexed(folder.path()).await;
    store.remember(vec![turn("anna", 1, "the zebra")]).await.unwrap();
    finds_the_zebra(&store).await;
    let wrong = store.status().await.unwrap().index_error.unwrap();
    assert!(wrong.contains("other columns"), "{wrong}");
    store.close().await;
    let table = theirs.open_table(name).execute().await.unwrap();
    assert_eq!(table.count_rows(None).await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_index_that_cannot_be_written_or_reached_costs_no_answer() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let records = RecordsAt::Folder(folder.path().into());
    let settings = Settings::new(records).with_index(index_in(&file.join("index")));
    let store = Memory::open(settings).await.unwrap();
    store.remember(vec![turn("anna", 1, "the zebra")]).await.unwrap();
    finds_the_zebra(&store).await;
    assert!(store.status().await.unwrap().index_error.is_some());
    store.close().await;
}
