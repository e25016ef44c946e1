//! What nonsense gets: a clear sentence, the right exit code, no panic.

use crate::run::{Place, assert_failed, run};

#[tokio::test(flavor = "multi_thread")]
async fn questions_that_are_none() {
    let place = Place::demo().await;
    let home = place.home.path();
    assert_failed(&run(home, &["ask"], b"").await, 2, &["no question", "try:"]);
    let long = vec![b'x'; 10 * 1024 * 1024];
    let ran = run(home, &["ask"], &long).await;
    assert_eq!(
        (ran.code, ran.stderr.contains("panicked")),
        (2, false),
        "{}",
        ran.stderr
    );
    for text in [
        &b"\xff\xfe\x00\x01\x02\x80\x81"[..],
        "🔥🔥🔥".as_bytes(),
        b"?!...",
        "\u{202e}\u{200b}".as_bytes(),
    ] {
        let ran = run(home, &["ask"], text).await;
        assert!(matches!(ran.code, 0 | 2 | 3), "{ran:?}");
        assert!(!ran.stderr.contains("panicked"), "{ran:?}");
        assert!(
            !(ran.stdout.trim().is_empty() && ran.stderr.trim().is_empty()),
            "{ran:?}"
        );
    }
    place.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_are_none_get_a_suggestion() {
    let place = Place::demo().await;
    let ran = place.run(&["diagnose", "paymnets-gateway"]).await;
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(
        format!("{}{}", ran.stdout, ran.stderr).contains("payments"),
        "{ran:?}"
    );
    let ran = place
        .run(&["ask", "-n", "nowhere", "how", "is", "the", "api?"])
        .await;
    assert!(!ran.stderr.contains("panicked"), "{ran:?}");
    assert!(
        format!("{}{}", ran.stdout, ran.stderr).contains("nowhere"),
        "{ran:?}"
    );
    place.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_configuration_names_file_and_line() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("jamie.toml");
    std::fs::write(&file, "[kubernetes]\ncontext = 3\n").unwrap();
    let path = file.display().to_string();
    let ran = run(home.path(), &["--config", &path, "status"], b"").await;
    assert_failed(&ran, 6, &["jamie.toml, line 2", "string"]);
    let ran = run(home.path(), &["--config", "/nowhere/jamie.toml", "status"], b"").await;
    assert_failed(&ran, 6, &["/nowhere/jamie.toml"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn kubeconfigs_that_are_missing_or_broken() {
    let home = tempfile::tempdir().unwrap();
    assert_failed(&run(home.path(), &["status"], b"").await, 6, &["kubeconfig"]);
    let file = home.path().join("broken");
    let path = file.display().to_string();
    std::fs::write(&file, "apiVersion: v1\nkind: Config\nclusters: [\n").unwrap();
    assert_failed(
        &run(home.path(), &["--kubeconfig", &path, "status"], b"").await,
        6,
        &[path.as_str()],
    );
    std::fs::write(&file, "").unwrap();
    assert_failed(
        &run(home.path(), &["--kubeconfig", &path, "status"], b"").await,
        6,
        &["kubeconfig"],
    );
    let place = Place::demo().await;
    let ran = place.run(&["--context", "prod-eu", "status"]).await;
    place.end().await;
    assert_failed(&ran, 6, &["prod-eu", "demo"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_flag_is_explained() {
    let home = tempfile::tempdir().unwrap();
    let ran = run(home.path(), &["ask", "--ofline", "hello"], b"").await;
    assert_failed(&ran, 2, &["--offline"]);
}
