//! Several Jamies on one Redis: limits hold for all of them together, a repeated question is answered once, what is
//! erased is gone from every one, and a Redis that is away costs no answer.

use std::{path::Path, sync::Arc};

use futures::StreamExt;
use jamie::{
    Answer, Config, Decision, ErrorKind, Event, Jamie, Own, Request,
    action::{ActionState, AuditStep, Choice, InMemoryActions},
    core::memory::{self, Kind, Recall},
    doctor::{Health, examine},
};
use jamie_sim::{
    Estate, Options, Scenario,
    server::{Fault, FaultKind},
};
use sqlx::Connection;

/// The Redis of `make test`, or the one that is named.
#[allow(clippy::disallowed_methods, reason = "a test may look at its surroundings")]
fn redis() -> String {
    std::env::var("JAMIE_TEST_REDIS").unwrap_or_else(|_| "redis://127.0.0.1:6379/15".to_owned())
}

/// The same for PostgreSQL.
#[allow(clippy::disallowed_methods, reason = "a test may look at its surroundings")]
fn postgres() -> String {
    std::env::var("JAMIE_TEST_POSTGRES")
        .unwrap_or_else(|_| "postgres://postgres:jamie@127.0.0.1:5432/postgres".to_owned())
}

async fn estate() -> Estate {
    estate_of("demo.yaml").await
}

async fn estate_of(scenario: &str) -> Estate {
    let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("../jamie-sim/scenarios");
    let scenario = Scenario::load(library.join(scenario)).unwrap();
    Estate::start(scenario, Options::default()).await.unwrap()
}

/// A place for replicas: files, and settings that they share.
struct Place {
    folder: tempfile::TempDir,
    config: Config,
}

impl Place {
    fn new(estate: &Estate) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let kubeconfig = folder.path().join("kubeconfig");
        std::fs::write(&kubeconfig, estate.kubeconfig()).unwrap();
        let mut config = Config {
            memory: jamie::config::Memory::of_process(),
            ..Config::default()
        };
        config.kubernetes.kubeconfig = kubeconfig.display().to_string();
        config.model.provider = "none".to_owned();
        config.cache.url = redis().into();
        let name = folder.path().file_name().unwrap().to_string_lossy().into_owned();
        config.cache.prefix = format!("jamie-test{name}");
        Self { folder, config }
    }

    async fn replica(&self) -> Jamie {
        let own = Own {
            // Each has its own store of actions, as pods without a shared disk have.
            actions: Some(Arc::new(InMemoryActions::default())),
            ..Own::default()
        };
        jamie::assemble_with(&self.config, own).await.unwrap()
    }
}

async fn ask(jamie: &Jamie, text: &str, person: &str, conversation: &str) -> jamie::Result<Answer> {
    jamie.ask(Request::new(text, person, conversation)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn questions_are_limited_for_all_replicas_together_and_for_each_person() {
    let estate = estate().await;
    let mut place = Place::new(&estate);
    place.config.limits.questions_per_minute = 4;
    let replicas = [place.replica().await, place.replica().await];
    for n in 0..4 {
        ask(&replicas[n % 2], "hello", "anna", "talk").await.unwrap();
    }
    for replica in &replicas {
        let error = ask(replica, "hello", "anna", "another talk").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RateLimited);
        assert!(error.message().contains("more than 4 questions"), "{error:?}");
        assert!(error.hint().unwrap().starts_with("ask again in "), "{error:?}");
        ask(replica, "hello", "ben", "talk").await.unwrap();
    }
    let recall = Recall::new(Kind::Turn, 50).in_conversation("another talk");
    for replica in &replicas {
        assert!(replica.memory().recall(&recall).await.unwrap().is_empty());
    }
    place.config.limits.questions_per_minute = 0;
    let free = place.replica().await;
    for _ in 0..10 {
        ask(&free, "hello", "anna", "talk").await.unwrap();
    }
    estate.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_turned_away_hears_it_in_the_voice_of_the_persona() {
    let estate = estate().await;
    let mut place = Place::new(&estate);
    place.config.limits.questions_per_minute = 1;
    let jamie = place.replica().await;
    ask(&jamie, "hello", "anna", "talk").await.unwrap();
    let events: Vec<Event> = jamie.chat(Request::new("hello", "anna", "talk")).collect().await;
    let [Event::Failed { line: Some(line), .. }] = events.as_slice() else {
        panic!("{events:?}");
    };
    assert!(
        line.contains("moment") || line.contains("breath") || line.contains("tick"),
        "{line}"
    );
    estate.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn runs_are_limited_for_all_replicas_together() {
    let estate = estate_of("healthy/autoscaler-at-minimum.yaml").await;
    let mut place = Place::new(&estate);
    place.config.policy =
        toml::from_str("[[rate_limits]]\nmax = 1\nper = \"1h\"\ntool = \"restart*\"\n").unwrap();
    let replicas = [place.replica().await, place.replica().await];
    let mut actions = Vec::new();
    let wishes = [
        "restart gallery-guide in galleries",
        "restart paintings in galleries",
    ];
    for (replica, wish) in replicas.iter().zip(wishes) {
        let answer = ask(replica, wish, "anna", "talk").await.unwrap();
        let [action] = answer.approvals.as_slice() else {
            panic!("{}", answer.text);
        };
        actions.push(action.clone());
    }
    let mut told = Vec::new();
    for (replica, action) in replicas.iter().zip(&actions) {
        let decision = Decision {
            action: action.id.clone(),
            digest: Some(action.digest()),
            person: action.asked_by.clone(),
            choice: Choice::Approve,
        };
        let events: Vec<Event> = replica.decide(decision).collect().await;
        told.push(format!("{events:?}"));
    }
    let mut states = Vec::new();
    for (replica, action) in replicas.iter().zip(&actions) {
        states.push(replica.actions().get(&action.id).await.unwrap().unwrap());
    }
    assert_ne!(states[0].state, ActionState::Stale, "{}", told[0]);
    assert_eq!(states[1].state, ActionState::Stale, "{}", told[1]);
    let why = states[1].result.clone().unwrap();
    assert!(
        why.contains("may run once per 1h here, and has") && why.contains("again in"),
        "{why}"
    );
    estate.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_that_one_replica_worked_out_is_approved_at_another() {
    let server = postgres();
    let estate = estate_of("healthy/autoscaler-at-minimum.yaml").await;
    let mut place = Place::new(&estate);
    let schema = place
        .config
        .cache
        .prefix
        .to_lowercase()
        .replace('-', "_")
        .replace('.', "");
    place.config.memory = jamie::config::Memory {
        store: "postgres".to_owned(),
        url: server.clone().into(),
        schema: schema.clone(),
        index: "none".to_owned(),
        ..jamie::config::Memory::default()
    };
    let (here, there) = (
        jamie::assemble(&place.config).await.unwrap(),
        jamie::assemble(&place.config).await.unwrap(),
    );
    let answer = ask(&here, "restart gallery-guide in galleries", "anna", "talk")
        .await
        .unwrap();
    let [parked] = answer.approvals.as_slice() else {
        panic!("{}", answer.text);
    };
    let seen = there
        .actions()
        .get(&parked.id)
        .await
        .unwrap()
        .expect("it is there as well");
    assert_eq!(seen.digest(), parked.digest());
    let decision = || Decision {
        action: seen.id.clone(),
        digest: Some(seen.digest()),
        person: seen.asked_by.clone(),
        choice: Choice::Approve,
    };
    let events: Vec<Event> = there.decide(decision()).collect().await;
    let done = here.actions().get(&parked.id).await.unwrap().unwrap();
    assert_eq!(done.state, ActionState::Succeeded, "{events:?}");
    let again: Vec<Event> = here.decide(decision()).collect().await;
    assert!(
        again.iter().any(|event| matches!(event, Event::Failed { .. })),
        "it is carried out once: {again:?}"
    );
    let audit = here.actions().audit(Some(&parked.id), 20).await.unwrap();
    assert!(
        audit.iter().any(|entry| entry.step == AuditStep::Written),
        "{audit:?}"
    );
    drop((here, there));
    estate.stop().await;

    // A database that is gone says so, and what to do.
    place.config.memory.url = "postgres://jamie:wrong@127.0.0.1:1/jamie".to_owned().into();
    let lost = jamie::assemble(&place.config).await.unwrap();
    let error = lost.actions().list(5).await.unwrap_err();
    assert!(error.is_retryable() && error.hint().is_some(), "{error:?}");
    assert!(!error.to_string().contains("wrong"), "{error}");

    let mut connection = sqlx::PgConnection::connect(&server).await.unwrap();
    let statement = format!("DROP SCHEMA IF EXISTS {schema} CASCADE");
    sqlx::query(sqlx::AssertSqlSafe(statement))
        .execute(&mut connection)
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_question_right_behind_its_answer_is_not_looked_into_again() {
    let estate = estate().await;
    let mut place = Place::new(&estate);
    // Not a matter of time here.
    place.config.cache.answers_seconds = 600;
    let jamie = place.replica().await;
    let first = ask(&jamie, "what is wrong in shop?", "anna", "talk")
        .await
        .unwrap();
    assert!(!first.findings.is_empty(), "{}", first.text);
    let refuse = FaultKind::Status {
        code: 500,
        message: None,
        retry_after: None,
    };
    estate.faults().add(Fault::new(refuse));

    let again = ask(&jamie, "what is wrong in shop?", "anna", "talk")
        .await
        .unwrap();
    assert_eq!((&again.text, &again.blocks), (&first.text, &first.blocks));
    assert_eq!(again.findings, first.findings);
    let recall = Recall::new(Kind::Turn, 50).in_conversation("talk");
    let turns = jamie.memory().recall(&recall).await.unwrap();
    assert_eq!(turns.len(), 1, "it is one turn");

    for (text, person, conversation) in [
        ("what is wrong in shop", "anna", "talk"),
        ("what is wrong in shop?", "ben", "talk"),
        ("what is wrong in shop?", "anna", "another talk"),
        // By now the conversation has gone on.
        ("what is wrong in shop?", "anna", "talk"),
    ] {
        let other = ask(&jamie, text, person, conversation).await;
        let looked = other.map_or_else(|_| true, |answer| answer.text != first.text);
        assert!(looked, "{person} asked {text:?} in {conversation}");
    }
    // What went wrong is looked into again.
    estate.faults().clear();
    let mended = ask(&jamie, "what is wrong in shop?", "anna", "talk")
        .await
        .unwrap();
    assert_eq!(mended.findings.len(), first.findings.len(), "{}", mended.text);
    estate.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_and_what_is_taught_are_never_said_again() {
    let estate = estate().await;
    let mut place = Place::new(&estate);
    place.config.cache.answers_seconds = 600;
    let jamie = place.replica().await;
    let one = ask(&jamie, "restart deployment web in shop", "anna", "talk")
        .await
        .unwrap();
    let other = ask(&jamie, "restart deployment web in shop", "anna", "talk")
        .await
        .unwrap();
    assert_ne!(
        one.approvals[0].id, other.approvals[0].id,
        "each is a wish of its own"
    );
    for _ in 0..2 {
        ask(&jamie, "call me Annie", "anna", "names").await.unwrap();
    }
    let recall = Recall::new(Kind::Turn, 50).in_conversation("names");
    assert_eq!(jamie.memory().recall(&recall).await.unwrap().len(), 2);
    estate.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_is_gone_with_whom_it_was_given_to() {
    let estate = estate().await;
    let mut place = Place::new(&estate);
    place.config.cache.answers_seconds = 600;
    place.config.memory = jamie::config::Memory {
        folder: place.folder.path().join("memory").display().to_string(),
        index: "none".to_owned(),
        ..jamie::config::Memory::default()
    };
    let replicas = [place.replica().await, place.replica().await];
    ask(&replicas[0], "call me Xylophonia", "anna", "talk")
        .await
        .unwrap();
    ask(&replicas[0], "is everything alright in shop?", "anna", "talk")
        .await
        .unwrap();
    let kept = keys_with(&place.config.cache.prefix, "xylophonia").await;
    assert!(kept > 0, "nothing of hers is at hand");
    memory::erase(replicas[1].memory().as_ref(), "anna")
        .await
        .unwrap();
    assert_eq!(keys_with(&place.config.cache.prefix, "xylophonia").await, 0);
    assert_eq!(
        keys_with(&place.config.cache.prefix, "is everything alright").await,
        0
    );
    let answers = ask(&replicas[0], "hello", "anna", "talk").await.unwrap();
    assert!(!answers.text.contains("Xylophonia"), "{}", answers.text);
    estate.stop().await;
}

/// How many values below a prefix hold these words, in small letters.
async fn keys_with(prefix: &str, words: &str) -> usize {
    let client = redis::Client::open(redis()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let keys: Vec<String> = redis::cmd("KEYS")
        .arg(format!("{prefix}:*"))
        .query_async(&mut connection)
        .await
        .unwrap();
    let mut found = 0;
    for key in keys {
        let value: Option<Vec<u8>> = redis::cmd("GET")
            .arg(&key)
            .query_async(&mut connection)
            .await
            .unwrap_or_default();
        let value = String::from_utf8_lossy(&value.unwrap_or_default()).to_lowercase();
        found += usize::from(value.contains(words));
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_is_away_costs_no_answer_and_the_doctor_says_so() {
    let estate = estate().await;
    let mut place = Place::new(&estate);
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    place.config.limits.questions_per_minute = 2;
    let environment = jamie::config::Environment::default();
    for url in [
        "redis://:hunter2@127.0.0.1:9/0".to_owned(),
        format!("redis://:hunter2@{}/0", silent.local_addr().unwrap()),
    ] {
        place.config.cache.url = url.into();
        let jamie = place.replica().await;
        for _ in 0..2 {
            ask(&jamie, "what is wrong in shop?", "anna", "talk")
                .await
                .unwrap();
        }
        let error = ask(&jamie, "hello", "anna", "talk").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RateLimited, "it counts for itself");
        let checkups = examine(&place.config, &environment).await;
        let line = checkups.iter().find(|checkup| checkup.name == "Cache").unwrap();
        assert_eq!(line.health, Health::Limited, "{line:?}");
        assert!(line.summary.contains("Redis at 127.0.0.1"), "{line:?}");
        assert!(!format!("{line:?}").contains("hunter2"), "{line:?}");
    }
    place.config.cache.url = redis().into();
    let checkups = examine(&place.config, &environment).await;
    let line = checkups.iter().find(|checkup| checkup.name == "Cache").unwrap();
    assert_eq!(line.health, Health::Well, "{line:?}");
    estate.stop().await;
}
