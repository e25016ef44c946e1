//! Right answers, in each of the forms they come in.

use serde_json::Value;

use crate::run::{Place, run};

#[tokio::test(flavor = "multi_thread")]
async fn json_names_the_cause_and_quotes_the_evidence() {
    let place = Place::demo().await;
    let ran = place
        .run(&["ask", "--offline", "-o", "json", "why is api crashing?"])
        .await;
    place.end().await;
    assert_eq!(ran.code, 0, "{ran:?}");
    let answer: Value = serde_json::from_str(&ran.stdout).unwrap();
    let first = &answer["findings"][0];
    assert_eq!(first["object"]["name"], "orders-db", "{answer}");
    assert!(answer["text"].as_str().unwrap().contains("256Mi"), "{answer}");
    assert!(!answer["evidence"].as_array().unwrap().is_empty());
    assert!(!answer["actions"].as_array().unwrap().is_empty());
    assert_eq!(answer["engine"], "facts");
    assert!(answer["elapsed_ms"].is_u64());
    assert_eq!(answer["usage"]["model_calls"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn flags_may_stand_behind_the_question() {
    let place = Place::demo().await;
    let ran = place
        .run(&["ask", "how", "is", "everything?", "-n", "shop", "-o", "markdown"])
        .await;
    place.end().await;
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stdout.contains("orders-db"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn diagnose_tells_scripts_by_its_exit_code() {
    let place = Place::demo().await;
    let unwell = place.run(&["diagnose", "api", "--exit-code"]).await;
    let told = place.run(&["diagnose", "api"]).await;
    let well = place.run(&["diagnose", "cache", "--exit-code"]).await;
    place.end().await;
    assert_eq!(unwell.code, 1, "{unwell:?}");
    assert_eq!(told.code, 0, "{told:?}");
    assert_eq!(well.code, 0, "{well:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_look_up_answers() {
    let place = Place::demo().await;
    let commands: [&[&str]; 9] = [
        &["status"],
        &["diagnose"],
        &["logs", "api", "--previous", "--tail", "5"],
        &["events", "api"],
        &["top"],
        &["top", "nodes"],
        &["why-pending", "invoices"],
        &["can-reach", "web", "api"],
        &["changes"],
    ];
    for args in commands {
        let ran = place.run(args).await;
        assert_eq!(ran.code, 0, "{args:?} {ran:?}");
        assert!(!ran.stdout.trim().is_empty(), "{args:?}");
        assert!(ran.stderr.is_empty(), "{args:?} {ran:?}");
    }
    place.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_in_a_pipe_keeps_its_thread() {
    let place = Place::demo().await;
    let ran = run(
        place.home.path(),
        &["chat"],
        b"call me Ada\nhow is the cache?\nand its logs?\n/quit\nnever read\n",
    )
    .await;
    place.end().await;
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stdout.contains("Ada"), "{ran:?}");
    assert!(ran.stdout.matches("cache").count() > 1, "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn output_fits_sixty_columns_and_has_no_colour_in_a_pipe() {
    let place = Place::demo().await;
    let mut command = crate::run::command(place.home.path());
    command.args(["status"]).env("COLUMNS", "60");
    let output = tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap();
    place.end().await;
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.contains('\u{1b}'), "{text}");
    for line in text.lines().filter(|line| !line.trim_start().starts_with("$ ")) {
        // A name longer than the line has nowhere to be broken.
        assert!(line.chars().count() <= 60 || !line.trim().contains(' '), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tour_ends_well() {
    let home = tempfile::tempdir().unwrap();
    let ran = run(home.path(), &["demo"], b"").await;
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        ran.stdout.contains("orders-db") && ran.stdout.contains("payments"),
        "{ran:?}"
    );
    let asked = run(
        home.path(),
        &["demo", "why", "is", "the", "worker", "not", "starting?"],
        b"",
    )
    .await;
    assert!(asked.stdout.contains("QUEUE_URL"), "{asked:?}");
}
