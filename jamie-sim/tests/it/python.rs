//! The Python `kubernetes` client works with the simulated cluster.
#![allow(clippy::print_stderr, reason = "a skipped test says so")]

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use jamie_sim::Options;
use jamie_sim::server::Tls;
use tokio::process::Command;

use crate::shop;

/// Far more than the script takes.
const PATIENCE: Duration = Duration::from_mins(2);

#[tokio::test(flavor = "multi_thread")]
async fn the_python_client_lists_watches_reads_logs_patches_scales_and_deletes() {
    // A test may look at its surroundings: the Makefile tells it which Python has the client.
    let python = std::env::var("JAMIE_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let found = Command::new(&python)
        .args(["-c", "import kubernetes"])
        .stderr(Stdio::null())
        .status()
        .await;
    if !found.is_ok_and(|status| status.success()) {
        eprintln!(
            "skipped: {python} has no module named kubernetes (JAMIE_TEST_PYTHON names another Python)"
        );
        return;
    }
    let estate = shop::open(Options::default().with_tls(Tls::Sound)).await;
    let home = tempfile::tempdir().expect("a folder for the kubeconfig");
    let config = home.path().join("config");
    std::fs::write(&config, estate.kubeconfig()).expect("the kubeconfig is written");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/python_client.py");
    let mut command = Command::new(&python);
    command.arg(script).env("KUBECONFIG", &config).kill_on_drop(true);
    let output = tokio::time::timeout(PATIENCE, command.output())
        .await
        .expect("it ends")
        .expect("it runs");
    let told = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success(), "{told}");
    assert!(told.contains("all is well"), "{told}");
    estate.stop().await;
}
