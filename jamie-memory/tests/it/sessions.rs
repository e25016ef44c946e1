//! What turns begin with, kept at hand: right at every moment, for every replica, and without a trace of who was erased.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use jamie_core::{
    Cache, MemoryStore, Result, conformance,
    memory::{self, About, Content, Fact, Forget, InMemory, Kind, Memory, Recall, Record},
};
use jamie_memory::{
    RecordsAt,
    cache::{Cached, Local},
};
use tokio::{sync::Semaphore, time::Instant};

use crate::{
    places::{Schema, open, question, server, turn},
    redis_server::{Keys, Server},
};

/// A store that counts how often it is asked, and can be held in the middle of it.
#[derive(Debug)]
struct Watched {
    store: InMemory,
    asked: AtomicUsize,
    /// Recalls that have read wait here for leave to go on.
    gate: Semaphore,
    held: AtomicUsize,
}

impl Watched {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            store: InMemory::default(),
            asked: AtomicUsize::default(),
            gate: Semaphore::new(Semaphore::MAX_PERMITS >> 1),
            held: AtomicUsize::default(),
        })
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl MemoryStore for Watched {
    async fn remember(&self, records: Vec<Record>) -> Result<()> {
        self.store.remember(records).await
    }

    async fn recall(&self, recall: &Recall) -> Result<Vec<Memory>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let found = self.store.recall(recall).await;
        self.held.fetch_add(1, Ordering::SeqCst);
        self.gate.acquire().await.unwrap().forget();
        self.held.fetch_sub(1, Ordering::SeqCst);
        self.gate.add_permits(1);
        found
    }

    async fn forget(&self, forget: &Forget) -> Result<u64> {
        self.store.forget(forget).await
    }
}

fn named(person: &str, name: &str) -> Record {
    Record {
        content: Content::Fact(Fact {
            about: About::Name,
            value: name.to_owned(),
        }),
        ..turn(person, 1, "")
    }
}

async fn name_of(store: &dyn MemoryStore, person: &str) -> Vec<String> {
    let facts = store
        .recall(&Recall::new(Kind::Fact, 200).of_person(person))
        .await
        .unwrap();
    facts
        .into_iter()
        .map(|memory| match memory.record.content {
            Content::Fact(fact) => fact.value,
            other => panic!("{other:?} is no fact"),
        })
        .collect()
}

/// What a turn begins with.
async fn begin(store: &dyn MemoryStore, person: &str) -> Vec<Vec<Memory>> {
    let recalls = [
        Recall::new(Kind::TeamFact, 500),
        Recall::new(Kind::Fact, 200).of_person(person),
        Recall::new(Kind::Turn, 12).in_conversation(format!("talk-of-{person}")),
        Recall::new(Kind::Turn, 12).of_person(person),
    ];
    futures::future::try_join_all(recalls.iter().map(|recall| store.recall(recall)))
        .await
        .unwrap()
}

async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !holds().await {
        assert!(begun.elapsed() < Duration::from_secs(30), "{what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_suite_of_stores_passes_through_the_cache() {
    let (folder, keys) = (tempfile::tempdir().unwrap(), Keys::new().await);
    let store = Arc::new(open(RecordsAt::Folder(folder.path().into())).await);
    let caches: [Arc<dyn Cache>; 2] = [Arc::new(Local::default()), Arc::new(keys.cache())];
    for cache in caches {
        let cached = Cached::new(Arc::clone(&store) as Arc<dyn MemoryStore>, cache);
        conformance::memory(&cached).await.unwrap();
    }
    store.close().await;
    let schema = Schema::new();
    let store = Arc::new(open(schema.at(&server())).await);
    let cached = Cached::new(Arc::clone(&store) as Arc<dyn MemoryStore>, Arc::new(keys.cache()));
    conformance::memory(&cached).await.unwrap();
    store.close().await;
    schema.drop_all().await;
    keys.remove_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_turn_begins_without_the_database() {
    let keys = Keys::new().await;
    let caches: [Arc<dyn Cache>; 2] = [Arc::new(Local::default()), Arc::new(keys.cache())];
    for cache in caches {
        let store = Watched::new();
        let cached = Cached::new(store.clone(), cache);
        cached.remember(vec![named("anna", "Anna")]).await.unwrap();
        let first = begin(&cached, "anna").await;
        assert_eq!(store.asked(), 4);
        for n in 1..5 {
            // The answer before is noted; what it changed is fetched again behind it.
            let said = format!("question {n}");
            cached.remember(vec![turn("anna", n, &said)]).await.unwrap();
            let wanted = 4 + 2 * usize::try_from(n).unwrap();
            until("it is fetched again", async || store.asked() == wanted).await;
            let mut now = begin(&cached, "anna").await;
            // Filing may be a moment behind fetching.
            until("it is at hand", async || {
                let before = store.asked();
                now = begin(&cached, "anna").await;
                store.asked() == before
            })
            .await;
            assert_eq!(now[1], first[1]);
            for turns in &now[2..] {
                assert_eq!(question(&turns[0].record), said);
                assert_eq!(turns.len(), usize::try_from(n).unwrap());
            }
            // Fewer are wanted, then more than were asked for.
            let less = Recall::new(Kind::Turn, 1).of_person("anna");
            assert_eq!(cached.recall(&less).await.unwrap().len(), 1);
            store.asked.store(wanted, Ordering::SeqCst);
        }
        let more = Recall::new(Kind::Turn, 100).of_person("anna");
        assert_eq!(cached.recall(&more).await.unwrap().len(), 4);
    }
    keys.remove_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_read_before_a_write_is_never_given_after_it() {
    let keys = Keys::new().await;
    let caches: [Arc<dyn Cache>; 2] = [Arc::new(Local::default()), Arc::new(keys.cache())];
    for cache in caches {
        let store = Watched::new();
        let cached = Cached::new(store.clone(), cache);
        cached.remember(vec![named("anna", "old")]).await.unwrap();
        store.gate.forget_permits(usize::MAX);
        let slow = {
            let cached = cached.clone();
            tokio::spawn(async move { name_of(&cached, "anna").await })
        };
        until("it has read", async || store.held.load(Ordering::SeqCst) == 1).await;
        // It is on its way back with what it read while the name changes, and files it afterwards.
        cached.remember(vec![named("anna", "new")]).await.unwrap();
        store.gate.add_permits(1_000);
        assert_eq!(slow.await.unwrap(), ["old"]);
        for _ in 0..3 {
            assert_eq!(name_of(&cached, "anna").await, ["new"]);
        }
        assert_eq!(keys.with("\"old\"").await, 0, "nor is it left behind");
        let forget = Forget {
            kind: Some(Kind::Fact),
            ..Forget::person("anna")
        };
        assert_eq!(cached.forget(&forget).await.unwrap(), 1);
        assert!(name_of(&cached, "anna").await.is_empty());
    }
    keys.remove_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_replica_writes_every_replica_gives() {
    let (folder, keys) = (tempfile::tempdir().unwrap(), Keys::new().await);
    let at = RecordsAt::Folder(folder.path().into());
    let stores = [Arc::new(open(at.clone()).await), Arc::new(open(at).await)];
    let replicas = stores
        .clone()
        .map(|store| Cached::new(store as Arc<dyn MemoryStore>, Arc::new(keys.cache())));
    for n in 0..20 {
        let (writer, reader) = (&replicas[n % 2], &replicas[(n + 1) % 2]);
        let name = format!("name {n}");
        writer
            .remember(vec![named("anna", &name), named("ben", &name)])
            .await
            .unwrap();
        for replica in [reader, writer] {
            assert_eq!(name_of(replica, "anna").await, std::slice::from_ref(&name));
            assert_eq!(name_of(replica, "ben").await, std::slice::from_ref(&name));
        }
    }
    for store in stores {
        store.close().await;
    }
    keys.remove_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_erased_is_gone_from_the_cache_at_once() {
    let (store, keys) = (Watched::new(), Keys::new().await);
    let (cached, other) = (
        Cached::new(store.clone(), Arc::new(keys.cache())),
        Cached::new(store.clone(), Arc::new(keys.cache())),
    );
    let mut in_ben = turn("anna", 3, "the xylophonist in the talk of ben");
    in_ben.conversation = "talk-of-ben".to_owned();
    let mut taught = named("anna", "xylophonist");
    taught.content = Content::TeamFact(Fact {
        about: About::Alias("till".to_owned()),
        value: "payments".to_owned(),
    });
    cached
        .remember(vec![
            named("anna", "xylophonist"),
            turn("anna", 1, "I am a xylophonist"),
            turn("ben", 2, "and I am not"),
            in_ben,
            taught,
        ])
        .await
        .unwrap();
    begin(&cached, "anna").await;
    begin(&other, "ben").await;
    assert!(keys.with("xylophonist").await >= 4, "it was never there");
    assert!(keys.with("talk-of-anna").await >= 1);

    memory::erase(&cached, "anna").await.unwrap();

    assert_eq!(keys.with("xylophonist").await, 0);
    assert_eq!(keys.with("anna").await, 0);
    let left = begin(&other, "ben").await;
    assert_eq!(left[2].len(), 1, "what ben said is still there");
    assert_eq!(question(&left[2][0].record), "and I am not");
    assert!(begin(&other, "anna").await[1..].iter().all(Vec::is_empty));
    keys.remove_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_while_the_cache_is_away_is_made_good_when_it_is_back() {
    let (redis, store) = (Server::start().await, Watched::new());
    let keys = Keys::on(&redis.url());
    let (cached, other) = (
        Cached::new(store.clone(), Arc::new(keys.cache())),
        Cached::new(store.clone(), Arc::new(keys.cache())),
    );
    cached.remember(vec![named("anna", "old")]).await.unwrap();
    for replica in [&cached, &other] {
        assert_eq!(name_of(replica, "anna").await, ["old"]);
    }
    assert_eq!(keys.with("\"old\"").await, 1);
    redis.hold();
    cached.remember(vec![named("anna", "new")]).await.unwrap();
    assert_eq!(
        name_of(&cached, "anna").await,
        ["new"],
        "an answer needs no cache"
    );
    redis.let_go();
    // Whoever wrote never gives the old name again, whatever Redis still holds.
    until("the cache is used again", async || {
        assert_eq!(name_of(&cached, "anna").await, ["new"]);
        let before = store.asked();
        assert_eq!(name_of(&cached, "anna").await, ["new"]);
        store.asked() == before
    })
    .await;
    until("the other replica is told", async || {
        name_of(&other, "anna").await == ["new"]
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cache_that_dies_in_the_middle_costs_no_memory() {
    let (mut redis, store) = (Server::start().await, Watched::new());
    let keys = Keys::on(&redis.url());
    let cached = Cached::new(store.clone(), Arc::new(keys.cache()));
    for round in 0..3 {
        for n in 0..10 {
            if n == 5 {
                redis.kill();
            }
            let name = format!("name {round} {n}");
            cached.remember(vec![named("anna", &name)]).await.unwrap();
            assert_eq!(name_of(&cached, "anna").await, std::slice::from_ref(&name));
            assert_eq!(name_of(&cached, "anna").await, [name]);
        }
        redis.serve().await;
    }
    conformance::memory(&cached).await.unwrap();
}
