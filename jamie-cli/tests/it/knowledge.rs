//! Guides and runbooks: what answers cite, and how a team puts its own in.

use std::fs;

use serde_json::Value;

use crate::run::{Place, assert_failed, run};

#[tokio::test(flavor = "multi_thread")]
async fn questions_are_answered_from_guides_and_the_teams_own_goes_first() {
    let place = Place::demo().await;
    let told = place.run(&["ask", "how do I roll back a deployment?"]).await;
    assert_eq!(told.code, 0, "{told:?}");
    assert!(told.stdout.contains("kubectl rollout undo"), "{told:?}");
    assert!(told.stdout.contains("jamie knowledge show builtin:"), "{told:?}");
    // A look at the estate stays one.
    let live = place.run(&["ask", "what is wrong with orders-db?"]).await;
    assert!(
        live.stdout.contains("jamie knowledge show builtin:container-"),
        "{live:?}"
    );

    let docs = tempfile::tempdir().unwrap();
    fs::write(
        docs.path().join("rollback.md"),
        "---\ntitle: Roll back a deployment at our place\nsymptoms: [undo a release]\n---\nAsk the duty officer for the blue key, then roll back the deployment.\n",
    )
    .unwrap();
    let home = place.home.path();
    let folder = docs.path().to_str().unwrap();
    let synced = run(home, &["knowledge", "sync", folder, "--name", "ops"], b"").await;
    assert!(synced.stdout.contains("1 added"), "{synced:?}");
    let told = place.run(&["ask", "how do I roll back a deployment?"]).await;
    assert!(told.stdout.contains("blue key"), "{told:?}");
    let removed = run(home, &["knowledge", "remove", "ops/rollback.md"], b"").await;
    assert_eq!(removed.code, 0, "{removed:?}");
    let told = place.run(&["ask", "how do I roll back a deployment?"]).await;
    assert!(!told.stdout.contains("blue key"), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_are_listed_shown_searched_added_and_checked() {
    let place = Place::demo().await;
    let home = place.home.path();
    let listed = run(home, &["knowledge", "list", "-o", "json"], b"").await;
    let listed: Value = serde_json::from_str(&listed.stdout).unwrap();
    assert!(listed.as_array().unwrap().len() > 100);
    let shown = run(home, &["knowledge", "show", "certificate-expired"], b"").await;
    assert!(shown.stdout.contains("Further reading"), "{shown:?}");
    let added = run(
        home,
        &["knowledge", "add", "-", "--name", "vault"],
        b"# The vault\n\nOnly the zebra key opens it.\n",
    )
    .await;
    assert_eq!(added.code, 0, "{added:?}");
    let found = run(home, &["knowledge", "search", "zebra", "key"], b"").await;
    assert!(found.stdout.contains("The vault"), "{found:?}");
    assert_failed(
        &run(home, &["knowledge", "show", "nothing-like-it"], b"").await,
        3,
        &["knowledge list"],
    );
    assert_failed(
        &run(home, &["knowledge", "add", "/nowhere/a.md"], b"").await,
        2,
        &["/nowhere/a.md"],
    );
    let fine = run(home, &["knowledge", "lint"], b"").await;
    assert_eq!(fine.code, 0, "{fine:?}");
    let bad = home.join("bad.md");
    fs::write(&bad, "no front matter").unwrap();
    let bad = run(home, &["knowledge", "lint", bad.to_str().unwrap()], b"").await;
    assert!(bad.code != 0 && bad.stdout.contains("no title"), "{bad:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_lacking_is_grouped_taught_and_off_the_list() {
    let place = Place::demo().await;
    let home = place.home.path();
    assert_failed(&run(home, &["feedback", "up"], b"").await, 3, &["no answer yet"]);
    place.run(&["ask", "brew two cappuccinos with oat milk"]).await;
    place.run(&["ask", "brew three cappuccinos with oat milk"]).await;
    let listed = run(home, &["gaps", "-o", "json"], b"").await;
    let listed: Value = serde_json::from_str(&listed.stdout).unwrap();
    assert_eq!(listed.pointer("/0/times"), Some(&Value::from(2)), "{listed}");
    assert_eq!(listed.as_array().unwrap().len(), 1, "{listed}");
    let taught = run(
        home,
        &["gaps", "teach", "1", "the", "kitchen", "is", "on", "floor", "two"],
        b"",
    )
    .await;
    assert!(taught.stdout.contains("Learnt"), "{taught:?}");
    let listed = run(home, &["gaps"], b"").await;
    assert!(listed.stdout.contains("Nothing is lacking"), "{listed:?}");
    let told = place.run(&["ask", "brew three cappuccinos with oat milk"]).await;
    assert!(told.stdout.contains("floor two"), "{told:?}");

    let rated = run(home, &["feedback", "down", "cold", "coffee"], b"").await;
    assert!(rated.stdout.contains("thumbs down"), "{rated:?}");
    let digest = run(home, &["gaps", "digest"], b"").await;
    assert!(digest.stdout.contains("bad answer"), "{digest:?}");
    assert_failed(
        &run(home, &["gaps", "teach", "9", "x"], b"").await,
        3,
        &["jamie gaps"],
    );
}
