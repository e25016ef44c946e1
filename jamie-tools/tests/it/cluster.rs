//! The connection, against a real server that misbehaves: what is said, and that it is said soon.

use std::{path::Path, time::Duration};

use jamie_core::ErrorKind;
use jamie_sim::{
    Estate, Options, Scenario,
    server::{Fault, FaultKind},
};
use jamie_tools::{
    cluster::{Cluster, ClusterOptions, Freshness, LogQuery},
    snapshot::Coverage,
};

use crate::library::connect;

fn options(file: &Path) -> ClusterOptions {
    ClusterOptions {
        kubeconfig: Some(file.to_owned()),
        timeout: Duration::from_secs(4),
        ..ClusterOptions::default()
    }
}

async fn estate() -> Estate {
    Estate::start(Scenario::demo().unwrap(), Options::default())
        .await
        .unwrap()
}

async fn refusal(kubeconfig: &str) -> jamie_core::Error {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config");
    std::fs::write(&file, kubeconfig).unwrap();
    match Cluster::connect(options(&file)).await {
        Err(error) => error,
        Ok(cluster) => cluster.snapshot(Freshness::Now).await.unwrap_err(),
    }
}

fn kubeconfig(server: &str, rest: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: a\nclusters:\n- name: a\n  cluster: {{server: \"{server}\"}}\n\
         contexts:\n- name: a\n  context: {{cluster: a, user: a}}\nusers:\n- name: a\n  user: {{{rest}}}\n"
    )
}

#[tokio::test]
async fn everything_is_listed_and_shared() {
    let estate = estate().await;
    let cluster = connect(&estate, &[]).await;
    let first = cluster.snapshot(Freshness::Recent).await.unwrap();
    assert!(!first.pods.is_empty() && !first.events.is_empty());
    assert!(first.notes.is_empty(), "{:?}", first.notes);
    let second = cluster.snapshot(Freshness::Recent).await.unwrap();
    assert!(std::sync::Arc::ptr_eq(&first, &second));
    let third = cluster.snapshot(Freshness::Now).await.unwrap();
    assert!(!std::sync::Arc::ptr_eq(&first, &third));
    assert!(
        first
            .secrets
            .iter()
            .all(|secret| !format!("{secret:?}").contains("hunter2"))
    );
}

#[tokio::test]
async fn a_missing_kubeconfig_is_named() {
    let error = Cluster::connect(options(Path::new("/nowhere/config")))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.message().contains("/nowhere/config"), "{error}");
    assert!(error.hint().is_some());
}

#[tokio::test]
async fn a_broken_kubeconfig_is_named() {
    for text in ["}{", "\u{0}\u{1}", "just words", "contexts: 7"] {
        let error = refusal(text).await;
        assert_eq!(error.kind(), ErrorKind::Config, "{text:?}: {error}");
    }
    let error = refusal("").await;
    assert_eq!(error.kind(), ErrorKind::Config, "{error}");
}

#[tokio::test]
async fn an_unknown_context_comes_with_those_there_are() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config");
    std::fs::write(&file, kubeconfig("http://127.0.0.1:1", "")).unwrap();
    let wanted = ClusterOptions {
        context: Some("prod".to_owned()),
        ..options(&file)
    };
    let error = Cluster::connect(wanted).await.unwrap_err();
    assert!(
        error.message().contains("`prod`") && error.message().contains("it has: a"),
        "{error}"
    );
}

#[tokio::test]
async fn nobody_there_is_said_at_once() {
    let error = refusal(&kubeconfig("http://127.0.0.1:1", "token: x")).await;
    assert_eq!(error.kind(), ErrorKind::Unreachable, "{error}");
    assert!(error.message().contains("refused"), "{error}");
    let error = refusal(&kubeconfig("http://no-such-host.invalid:6443", "token: x")).await;
    assert_eq!(error.kind(), ErrorKind::Unreachable, "{error}");
}

#[tokio::test]
async fn a_wrong_token_is_a_401() {
    let estate = estate().await;
    let error = refusal(&kubeconfig(&estate.url(), "token: wrong")).await;
    assert_eq!(error.kind(), ErrorKind::Unauthorized, "{error}");
}

#[tokio::test]
async fn plain_http_behind_https_is_recognised() {
    let estate = estate().await;
    let error = refusal(&kubeconfig(
        &estate.url().replace("http://", "https://"),
        "token: x",
    ))
    .await;
    assert_eq!(error.kind(), ErrorKind::Unreachable, "{error}");
}

async fn under(fault: Fault) -> Result<std::sync::Arc<jamie_tools::Snapshot>, jamie_core::Error> {
    let estate = estate().await;
    let cluster = connect(&estate, &[]).await;
    estate.faults().add(fault);
    let found = cluster.snapshot(Freshness::Now).await;
    estate.stop().await;
    found
}

fn status(code: u16) -> FaultKind {
    FaultKind::Status {
        code,
        message: None,
        retry_after: None,
    }
}

#[tokio::test]
async fn a_server_that_always_fails_is_told_by_its_failure() {
    let error = under(Fault::new(status(500))).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    let error = under(Fault::new(status(429))).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RateLimited, "{error}");
    let error = under(Fault::new(status(403))).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden, "{error}");
    let error = under(Fault::new(FaultKind::Cut { after: None }))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    let error = under(Fault::new(FaultKind::HalfBody { bytes: 50 }))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
}

#[tokio::test]
async fn a_server_that_stumbles_is_asked_again() {
    for kind in [status(500), status(503), FaultKind::Cut { after: Some(300) }] {
        let snapshot = under(Fault::new(kind).on("/api/v1/pods").times(2)).await.unwrap();
        assert!(!snapshot.pods.is_empty());
        assert_eq!(snapshot.coverage.get("Pod"), Some(&Coverage::Complete));
    }
}

#[tokio::test]
async fn one_kind_that_fails_leaves_the_others() {
    let snapshot = under(Fault::new(status(500)).on("/api/v1/configmaps"))
        .await
        .unwrap();
    assert!(matches!(
        snapshot.coverage.get("ConfigMap"),
        Some(Coverage::Failed(_))
    ));
    assert!(!snapshot.may_see("ConfigMap", None));
    assert!(!snapshot.pods.is_empty());
    assert!(
        snapshot.notes.iter().any(|note| note.contains("ConfigMap")),
        "{:?}",
        snapshot.notes
    );
}

#[tokio::test]
async fn a_server_that_hangs_ends_with_a_timeout() {
    let estate = estate().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config");
    std::fs::write(&file, estate.kubeconfig()).unwrap();
    let quick = ClusterOptions {
        timeout: Duration::from_millis(300),
        ..options(&file)
    };
    let cluster = Cluster::connect(quick).await.unwrap();
    estate.faults().add(Fault::new(FaultKind::Hang));
    let error = cluster.snapshot(Freshness::Now).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
}

#[tokio::test]
async fn an_endless_line_is_cut() {
    let estate = estate().await;
    let cluster = connect(&estate, &[]).await;
    let snapshot = cluster.snapshot(Freshness::Recent).await.unwrap();
    let running = snapshot
        .pods
        .iter()
        .find(|pod| pod.status.as_ref().and_then(|status| status.phase.as_deref()) == Some("Running"))
        .unwrap();
    estate
        .faults()
        .add(Fault::new(FaultKind::EndlessLine { bytes: 1 << 30 }));
    let query = LogQuery {
        max_bytes: 10_000,
        ..LogQuery::default()
    };
    let log = cluster
        .log(
            running.metadata.namespace.as_deref().unwrap(),
            running.metadata.name.as_deref().unwrap(),
            &query,
        )
        .await
        .unwrap();
    assert!(log.cut && log.text.len() <= 10_000);
}

#[tokio::test]
async fn a_viewer_of_one_namespace_sees_that_one() {
    let scenario = Scenario::builtin("viewer-of-one-namespace").unwrap();
    let namespace = scenario
        .questions
        .iter()
        .find_map(|question| question.namespace.clone())
        .unwrap();
    let estate = Estate::start(scenario, Options::default()).await.unwrap();
    let cluster = connect(&estate, &[&namespace]).await;
    let snapshot = cluster.snapshot(Freshness::Recent).await.unwrap();
    assert!(snapshot.may_see("Pod", Some(&namespace)));
    assert!(!snapshot.may_see("Pod", None));
    assert!(!snapshot.notes.is_empty());
}

#[tokio::test]
async fn server_certificates_are_judged_in_words() {
    use jamie_sim::server::Tls;
    for (tls, words) in [(Tls::Expired, "expired"), (Tls::Foreign, "does not trust")] {
        let options = Options::default().with_tls(tls);
        let estate = Estate::start(Scenario::demo().unwrap(), options).await.unwrap();
        let error = refusal(&estate.kubeconfig()).await;
        assert_eq!(error.kind(), ErrorKind::Unreachable, "{error}");
        assert!(error.message().contains(words), "{error}");
        estate.stop().await;
    }
    let estate = Estate::start(Scenario::demo().unwrap(), Options::default().with_tls(Tls::Sound))
        .await
        .unwrap();
    let cluster = connect(&estate, &[]).await;
    assert!(cluster.snapshot(Freshness::Now).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_watched_cluster_is_seen_to_change_without_being_listed() {
    let estate = estate().await;
    let cluster = connect(&estate, &[]).await;
    let before = cluster.snapshot(Freshness::Now).await.unwrap();
    cluster.keep_watching();
    let victim = before
        .config_maps
        .iter()
        .find(|map| map.metadata.namespace.as_deref() == Some("shop"))
        .unwrap();
    let name = victim.metadata.name.clone().unwrap();
    let key = jamie_sim::Key {
        group: String::new(),
        plural: "configmaps".to_owned(),
        namespace: Some("shop".to_owned()),
        name: name.clone(),
    };
    let in_memory = async {
        while !cluster.is_in_memory() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), in_memory)
        .await
        .unwrap();
    // From here on nothing is listed.
    estate.faults().add(Fault::new(status(500)).verb("list"));
    estate.store().delete(&key).unwrap();
    let gone = async {
        loop {
            let snapshot = cluster.snapshot(Freshness::Recent).await.unwrap();
            if snapshot.config_map("shop", &name).is_none() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), gone).await.unwrap();
}
