//! Runs every example against the simulated estate, as a reader would.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use jamie_sim::{Estate, Options, Scenario};

/// The demo estate and a kubeconfig for it.
async fn estate() -> (Estate, tempfile::NamedTempFile) {
    let estate = Estate::start(Scenario::demo().unwrap(), Options::default())
        .await
        .unwrap();
    let kubeconfig = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(kubeconfig.path(), estate.kubeconfig()).unwrap();
    (estate, kubeconfig)
}

async fn output(program: &'static str) -> String {
    let (estate, kubeconfig) = estate().await;
    let path = kubeconfig.path().to_owned();
    let output = tokio::task::spawn_blocking(move || Command::new(program).arg(path).output().unwrap())
        .await
        .unwrap();
    estate.stop().await;
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_of_your_own_answers() {
    let text = output(env!("CARGO_BIN_EXE_own_tool")).await;
    assert!(text.contains("team Till"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_persona_of_your_own_changes_words_not_facts() {
    let text = output(env!("CARGO_BIN_EXE_own_persona")).await;
    assert!(text.contains("orders-db"), "{text}");
    assert!(!text.contains("Blimey") && !text.contains("mate"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_memory_of_your_own_is_kept_in_a_file() {
    let (estate, kubeconfig) = estate().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("memory.jsonl");
    let said = |words: &'static str| {
        let (file, kubeconfig) = (file.clone(), kubeconfig.path().to_owned());
        tokio::task::spawn_blocking(move || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_own_memory"));
            let output = command.arg(file).arg(kubeconfig).arg(words).output().unwrap();
            assert!(
                output.status.success(),
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
            String::from_utf8(output.stdout).unwrap()
        })
    };
    said("call me Zebedee").await.unwrap();
    let greeted = said("what is my name?").await.unwrap();
    estate.stop().await;
    assert!(greeted.contains("Zebedee"), "{greeted}");
    assert!(std::fs::read_to_string(&file).unwrap().contains("Zebedee"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_service_answers_questions() {
    let (estate, kubeconfig) = estate().await;
    let mut service = Command::new(env!("CARGO_BIN_EXE_axum_service"))
        .arg(kubeconfig.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut address = String::new();
    BufReader::new(service.stdout.as_mut().unwrap())
        .read_line(&mut address)
        .unwrap();
    let url = format!("{}/ask", address.trim());
    let body = serde_json::json!({"question": "why is the api crashing?", "user": "ada"}).to_string();
    let reply = tokio::task::spawn_blocking(move || post(&url, &body))
        .await
        .unwrap();
    service.kill().unwrap();
    service.wait().unwrap();
    estate.stop().await;
    assert!(reply.starts_with("HTTP/1.1 200"), "{reply}");
    assert!(reply.contains("orders-db"), "{reply}");
}

/// One HTTP request, by hand: the example needs no client library.
fn post(url: &str, body: &str) -> String {
    use std::io::{Read, Write};
    let address = url.trim_start_matches("http://").trim_end_matches("/ask");
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    write!(
        stream,
        "POST /ask HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    reply
}
