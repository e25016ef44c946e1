//! The index in object storage: shared by several writers, out of reach, damaged, and without a trace of who was erased.

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

use jamie_core::{
    ErrorKind, MemoryStore, conformance,
    memory::{self, Forget, Kind, Recall},
};
use jamie_memory::{IndexAt, Memory, Settings};

use crate::{
    object_store::ObjectStore,
    places::{Schema, question, server, turn},
};

async fn open(schema: &Schema, at: IndexAt) -> Memory {
    Memory::open(Settings::new(schema.at(&server())).with_index(at))
        .await
        .unwrap()
}

async fn found(store: &Memory, words: &str) -> Vec<String> {
    let recall = Recall::new(Kind::Turn, 5).about(words);
    let found = store.recall(&recall).await.unwrap();
    found
        .iter()
        .map(|memory| question(&memory.record).to_owned())
        .collect()
}

/// Waits until the index holds everything, and that is so many rows, whoever writes it. What a store reads of it may be a
/// second old.
async fn level(store: &Memory, rows: u64) {
    let begun = Instant::now();
    loop {
        let status = store.status().await.unwrap();
        match status.index {
            Some(index) if index.behind == 0 && index.rows == rows => return,
            _ => assert!(
                begun.elapsed() < Duration::from_secs(90),
                "{rows} rows: {status:?}"
            ),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bucket_passes_the_suite() {
    let (objects, schema) = (ObjectStore::start().await, Schema::new());
    let store = open(&schema, objects.at("prod/eu")).await;
    conformance::memory(&store).await.unwrap();
    store.flush().await.unwrap();
    conformance::memory(&store).await.unwrap();
    assert!(
        objects.keys().await.iter().all(|key| key.starts_with("prod/eu/")),
        "what is beside its prefix is not the index's"
    );
    assert_eq!(
        store.status().await.unwrap().index.unwrap().place,
        "s3://jamie-index/prod/eu"
    );
    store.close().await;
    schema.drop_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_writers_share_an_index_and_follow_each_other() {
    let (objects, schema) = (ObjectStore::start().await, Schema::new());
    let mut stores = Vec::new();
    for _ in 0..3 {
        stores.push(Arc::new(open(&schema, objects.at("shared")).await));
    }
    let mut writers = tokio::task::JoinSet::new();
    for (store, writer) in stores.iter().cloned().zip(0..) {
        writers.spawn(async move {
            for n in 0..40 {
                let said = format!("writer{writer} tells of animal{n}");
                store
                    .remember(vec![turn(&format!("writer-{writer}"), n, &said)])
                    .await
                    .unwrap();
            }
        });
    }
    writers.join_all().await;
    for store in &stores {
        level(store, 120).await;
        let recall = Recall::new(Kind::Turn, 200).about("writer0 writer1 writer2 tells of");
        let all = store.recall(&recall).await.unwrap();
        let said: BTreeSet<&str> = all.iter().map(|memory| question(&memory.record)).collect();
        assert_eq!((all.len(), said.len()), (120, 120), "each is found once");
        let own = Recall::new(Kind::Turn, 5).of_person("writer-2").about("animal7");
        let own = store.recall(&own).await.unwrap();
        assert_eq!(question(&own[0].record), "writer2 tells of animal7");
    }
    // The one that writes is dropped, then the next, without a word: somebody goes on each time.
    for n in 0..2 {
        drop(stores.remove(0));
        let said = format!("after departure{n}");
        stores[0]
            .remember(vec![turn("anna", 500 + n, &said)])
            .await
            .unwrap();
        level(&stores[0], 121 + u64::try_from(n).unwrap()).await;
        assert_eq!(found(&stores[0], &format!("departure{n}")).await[0], said);
    }
    schema.drop_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_was_killed_with_the_lease_is_followed_once_it_has_run_out() {
    let (objects, schema) = (ObjectStore::start().await, Schema::new());
    let store = open(&schema, objects.at("")).await;
    // As it is after a kill -9: nobody gives the lease back.
    schema
        .run("INSERT INTO SCHEMA_NAME.leases VALUES ('index', 'somebody killed', 9000000000000)")
        .await;
    store.remember(vec![turn("anna", 1, "the zebra")]).await.unwrap();
    store.flush().await.unwrap();
    let status = store.status().await.unwrap().index.unwrap();
    assert_eq!((status.rows, status.behind), (0, 1), "the lease is somebody's");
    assert_eq!(found(&store, "zebra").await, ["the zebra"]);
    // Its time goes by.
    schema.run("UPDATE SCHEMA_NAME.leases SET until = 1").await;
    level(&store, 1).await;
    store.close().await;
    schema.drop_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_a_person_is_left_in_any_object() {
    let (objects, schema) = (ObjectStore::start().await, Schema::new());
    let (writer, other) = (
        open(&schema, objects.at("index")).await,
        open(&schema, objects.at("index")).await,
    );
    let others = (0..100).map(|n| turn("ben", n, "is the shop well?")).collect();
    writer.remember(others).await.unwrap();
    for n in 0..6 {
        let many = (0..20).map(|k| turn("anna-the-quixotic", n * 20 + k, "my secret word is xylophonist"));
        writer.remember(many.collect()).await.unwrap();
        writer.flush().await.unwrap();
    }
    level(&writer, 220).await;
    // A file that no version knows: an upload whose writer was killed before it could commit.
    let keys = objects.keys().await;
    let data = keys.iter().rfind(|key| key.contains("/data/")).unwrap();
    let (folder, _) = data.rsplit_once('/').unwrap();
    let upload = format!("{folder}/0101010101010101010101010abcdefabcdefabcdef0123456.lance");
    objects.put(&upload, objects.get(data).await.unwrap()).await;
    for marker in ["xylophonist", "quixotic"] {
        let (found, all) = objects.with(marker).await;
        assert!(!found.is_empty(), "{marker} is in none of {all} objects");
    }

    // It is not the one that writes who is asked, and its own rows are on their way.
    other
        .remember(vec![turn("anna-the-quixotic", 900, "xylophonist, I said")])
        .await
        .unwrap();
    let erased = memory::erase(&other, "anna-the-quixotic").await.unwrap();
    assert_eq!(erased.erased, 121);

    for marker in ["xylophonist", "quixotic"] {
        let (found, all) = objects.with(marker).await;
        assert_eq!(found, Vec::<String>::new(), "{marker} is left");
        assert!(all > 0);
    }
    level(&other, 100).await;
    assert!(!found(&other, "is the shop well").await.is_empty());
    writer.close().await;
    other.close().await;
    schema.drop_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bucket_that_vanishes_costs_no_answer_and_is_filled_again() {
    let (mut objects, schema) = (ObjectStore::start().await, Schema::new());
    let store = open(&schema, objects.at("index")).await;
    store.remember(vec![turn("anna", 1, "the zebra")]).await.unwrap();
    level(&store, 1).await;
    assert_eq!(found(&store, "zebra").await, ["the zebra"]);

    objects.kill();
    store
        .remember(vec![turn("anna", 2, "the giraffe")])
        .await
        .unwrap();
    assert_eq!(found(&store, "zebra").await, ["the zebra"]);
    assert_eq!(found(&store, "giraffe").await, ["the giraffe"]);
    assert!(store.flush().await.is_err());
    assert_eq!(
        found(&store, "giraffe").await,
        ["the giraffe"],
        "at once, from the records"
    );
    let error = store.forget(&Forget::person("anna")).await.unwrap_err();
    assert!(error.message().contains("still holds copies"), "{error:?}");
    assert!(
        found(&store, "zebra").await.is_empty(),
        "the records are erased all the same"
    );
    store.remember(vec![turn("ben", 3, "the okapi")]).await.unwrap();

    // It comes back empty: all there is comes from the records.
    objects.serve().await;
    store.remember(vec![turn("ben", 4, "the tapir")]).await.unwrap();
    level(&store, 2).await;
    for word in ["okapi", "tapir"] {
        assert_eq!(found(&store, word).await[0], format!("the {word}"));
    }
    assert_eq!(
        store.forget(&Forget::person("anna")).await.unwrap(),
        0,
        "now it is certain"
    );
    assert_eq!(objects.with("zebra").await.0, Vec::<String>::new());
    store.close().await;
    schema.drop_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_index_that_cannot_be_read_is_emptied_and_rebuilt_by_whoever_writes() {
    let (objects, schema) = (ObjectStore::start().await, Schema::new());
    let store = open(&schema, objects.at("index")).await;
    let both = vec![turn("anna", 1, "the zebra"), turn("anna", 2, "the giraffe")];
    store.remember(both).await.unwrap();
    level(&store, 2).await;
    store.close().await;
    for key in objects.keys().await {
        if key.contains("/_versions/") {
            let bytes = objects.get(&key).await.unwrap();
            objects.put(&key, bytes[..bytes.len() / 2].to_vec()).await;
        }
    }
    let store = open(&schema, objects.at("index")).await;
    assert_eq!(found(&store, "zebra").await, ["the zebra"], "from the records");
    store.remember(vec![turn("anna", 3, "the okapi")]).await.unwrap();
    level(&store, 3).await;
    assert_eq!(found(&store, "zebra").await[0], "the zebra");
    store.close().await;
    schema.drop_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_bucket_and_no_server_cost_no_answer() {
    let (objects, schema) = (ObjectStore::start().await, Schema::new());
    let IndexAt::Bucket(bucket) = objects.at("index") else {
        panic!("it is in a bucket")
    };
    let mut nowhere = jamie_memory::Bucket::named("s3://nobodys-bucket/index").unwrap();
    nowhere.endpoint.clone_from(&bucket.endpoint);
    nowhere.region.clone_from(&bucket.region);
    nowhere.keys.clone_from(&bucket.keys);
    nowhere.allow_http = true;
    let mut silent = bucket.clone();
    silent.endpoint = Some("http://127.0.0.1:9".to_owned());
    let mut encrypted = bucket.clone();
    encrypted.allow_http = false;
    for at in [nowhere, silent, encrypted] {
        let place = at.to_string();
        let store = open(&schema, IndexAt::Bucket(at)).await;
        store.remember(vec![turn("anna", 1, "the zebra")]).await.unwrap();
        assert_eq!(found(&store, "zebra").await[0], "the zebra", "{place}");
        let why = store.status().await.unwrap().index_error.unwrap();
        assert!(!why.is_empty(), "{place}");
        let error = store.flush().await.unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::Unreachable | ErrorKind::Unavailable),
            "{error:?}"
        );
        store.close().await;
    }
    schema.drop_all().await;
}
