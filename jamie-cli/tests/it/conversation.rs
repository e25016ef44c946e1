//! A conversation in which things are looked up, proposed, approved and refused, over the end of a process.

use jamie_sim::{
    Key,
    model::{Behaviour, Faults, ModelServer, Reply, Script},
};
use serde_json::{Value, json};

use crate::run::{Place, Ran, assert_failed, run, run_with};

/// An object of the simulated shop.
fn deployment(place: &Place, name: &str) -> Value {
    let key = Key::namespaced("apps", "deployments", "shop", name);
    (*place.estate.store().get(&key).unwrap()).clone()
}

/// How often a Deployment was written to by people, and how many replicas it has.
fn scale(place: &Place, name: &str) -> (i64, i64) {
    let object = deployment(place, name);
    let number = |pointer: &str| object.pointer(pointer).and_then(Value::as_i64).unwrap();
    (number("/metadata/generation"), number("/spec/replicas"))
}

fn image(place: &Place, name: &str) -> String {
    let object = deployment(place, name);
    let image = object.pointer("/spec/template/spec/containers/0/image").unwrap();
    image.as_str().unwrap().to_owned()
}

/// The id behind words that come before it.
fn id_after(text: &str, words: &str) -> String {
    let (_, rest) = text
        .rsplit_once(words)
        .unwrap_or_else(|| panic!("{words:?} is not in {text}"));
    let id: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
    assert_eq!(id.len(), 6, "{rest}");
    id
}

/// The parts of a talk, each from where it is said to begin.
fn part<'a>(ran: &'a Ran, from: &str, to: &str) -> &'a str {
    let start = ran
        .stdout
        .find(from)
        .unwrap_or_else(|| panic!("{from:?} is not in {}", ran.stdout));
    let rest = &ran.stdout[start..];
    &rest[..rest
        .find(to)
        .unwrap_or_else(|| panic!("{to:?} does not follow {from:?} in {}", ran.stdout))]
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_turns_an_approval_a_refusal_and_a_process_that_ends_in_between() {
    let place = Place::demo().await;
    let home = place.home.path();
    // Before its first answer the model looks for itself; then it makes something up.
    let script = Script::new([
        Reply::call("diagnose", json!({"targets": ["orders-db"]})),
        Reply::text("`shop/cache` is well, `shop/orders-db` is not. The culprit is `zebra-9`."),
        Reply::text("That is all there is to it."),
    ]);
    let model = ModelServer::start(Behaviour::Script(script), Faults::none())
        .await
        .unwrap();
    let url = model.url();
    let with_model = [("OLLAMA_HOST", url.as_str()), ("USER", "ada")];
    let (frontend, payments) = (scale(&place, "frontend"), scale(&place, "payments"));
    assert!(image(&place, "payments").ends_with(":1.9.0-rc7"));

    let talk = "call me Ada\n\
        how is the cache?\n\
        and its logs?\n\
        is orders-db a good citizen?\n\
        list the deployments in shop\n\
        what is the second one up to?\n\
        why is payments failing?\n\
        fix it\nyes\n\
        how is it now?\n\
        scale frontend to 4\nhm, better not\n\
        how many pods has it?\n\
        scale frontend to 4\n";
    let ran = run_with(home, &["chat"], talk.as_bytes(), &with_model).await;
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{ran:?}");
    // The thread is kept.
    assert!(
        ran.stdout.contains("in the 3 lines of shop/cache"),
        "{}",
        ran.stdout
    );
    // What the model asked for was looked up and told to it, and what it made up is not passed on.
    let told: Vec<String> = model
        .prompts()
        .into_iter()
        .flat_map(|prompt| prompt.messages)
        .filter(|said| said.role == "tool")
        .map(|said| said.content)
        .collect();
    assert!(told.iter().any(|told| told.contains("OOMKilled")), "{told:?}");
    assert!(
        ran.stdout.contains("shop/cache is well, shop/orders-db is not."),
        "{}",
        ran.stdout
    );
    assert!(!ran.stdout.contains("zebra-9"), "{}", ran.stdout);

    // The approved fix came true, and was asked about first.
    let fix = part(&ran, "Roll Deployment shop/payments back", "Scale Deployment");
    for says in [
        "+      - image: ghcr.io/corner-shop/payments:1.8.3",
        "? [yes/no] yes",
        "Done: Roll",
        "available and up to date",
    ] {
        assert!(fix.contains(says), "{says:?} is not in {fix}");
    }
    assert!(fix.contains("nothing wrong with shop/payments"), "{fix}");
    assert!(image(&place, "payments").ends_with(":1.8.3"));
    assert_eq!(scale(&place, "payments").0, payments.0 + 1);

    // What is no clear yes is a no, and the last one is left for later.
    assert!(ran.stdout.contains("[yes/no] hm, better not\n"), "{}", ran.stdout);
    assert!(ran.stdout.contains("Nothing is done."), "{}", ran.stdout);
    assert_eq!(scale(&place, "frontend"), frontend);
    let id = id_after(&ran.stdout, "Left waiting: jamie actions approve ");

    // Another process knows it, shows it and carries it out, once.
    let ran = run(home, &["actions", "list"], b"").await;
    let row = ran.stdout.lines().find(|line| line.contains(&id)).unwrap();
    assert!(
        row.contains("awaits a decision") && row.contains("from 2 to 4"),
        "{ran:?}"
    );
    assert!(
        ran.stdout.contains("done") && ran.stdout.contains("refused"),
        "{ran:?}"
    );
    let ran = run(home, &["actions", "show", &id], b"").await;
    for says in [
        "+  replicas: 4",
        "parked by ada",
        "Scale Deployment shop/frontend",
    ] {
        assert!(ran.stdout.contains(says), "{says:?} in {ran:?}");
    }
    let ran = run(home, &["actions", "approve", &id], b"").await;
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        ran.stdout
            .contains("Done: Scale Deployment shop/frontend from 2 to 4"),
        "{ran:?}"
    );
    assert_eq!(scale(&place, "frontend"), (frontend.0 + 1, 4));
    let ran = run(home, &["actions", "approve", &id], b"").await;
    assert_failed(&ran, 2, &["was carried out already"]);
    assert_eq!(scale(&place, "frontend"), (frontend.0 + 1, 4));
    let ran = run(home, &["actions", "show", &id], b"").await;
    for says in ["approved by", "started by", "succeeded by"] {
        assert!(ran.stdout.contains(says), "{says:?} in {ran:?}");
    }
    model.stop().await;
    place.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proposal_is_refused_and_an_unknown_one_is_none() {
    let place = Place::demo().await;
    let before = scale(&place, "cache");
    let ran = place.run(&["ask", "scale", "cache", "to", "2"]).await;
    assert_eq!(ran.code, 0, "{ran:?}");
    let id = id_after(&ran.stdout, "jamie actions approve ");
    let ran = place.run(&["actions", "refuse", &id, "not", "today"]).await;
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stdout.contains("Nothing is done."), "{ran:?}");
    let ran = place.run(&["actions", "approve", &id]).await;
    assert_failed(&ran, 2, &["was refused", "not today"]);
    for args in [
        ["actions", "approve", "zzzzzz"],
        ["actions", "show", "zzzzzz"],
        ["actions", "refuse", "zzzzzz"],
    ] {
        assert_failed(&place.run(&args).await, 3, &["zzzzzz"]);
    }
    assert_eq!(scale(&place, "cache"), before);
    place.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_is_taken_back_when_asked() {
    let place = Place::demo().await;
    let before = scale(&place, "cache");
    let talk = b"scale cache to 2\nyes\ntake it back please\nyes\n";
    let ran = run(place.home.path(), &["chat"], talk).await;
    assert_eq!(ran.code, 0, "{ran:?}");
    for says in [
        "Done: Scale Deployment shop/cache from 1 to 2",
        "Done: Scale Deployment shop/cache from 2 to 1",
    ] {
        assert!(ran.stdout.contains(says), "{says:?} is not in {}", ran.stdout);
    }
    assert_eq!(scale(&place, "cache"), (before.0 + 2, before.1));
    place.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn yes_carries_out_what_policy_allows_and_nothing_else() {
    let place = Place::demo().await;
    let before = scale(&place, "cache");
    let ran = place.run(&["ask", "--yes", "scale", "cache", "to", "2"]).await;
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        ran.stdout
            .contains("Done: Scale Deployment shop/cache from 1 to 2"),
        "{ran:?}"
    );
    assert_eq!(scale(&place, "cache"), (before.0 + 1, 2));

    let read_only = [("JAMIE_POLICY_READ_ONLY", "true")];
    let args = ["ask", "--yes", "scale", "cache", "to", "3"];
    let ran = run_with(place.home.path(), &args, b"", &read_only).await;
    assert_eq!(ran.code, 4, "{ran:?}");
    assert!(ran.stdout.contains("Not allowed"), "{ran:?}");
    assert_eq!(scale(&place, "cache"), (before.0 + 1, 2));
    place.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_prompt_is_shown_without_a_model() {
    let place = Place::demo().await;
    let ran = place
        .run(&["ask", "--explain-prompt", "why is api crashing?"])
        .await;
    assert_eq!(ran.code, 0, "{ran:?}");
    let (_, rest) = ran.stdout.split_once("about ").unwrap();
    let tokens: u32 = rest.split(' ').next().unwrap().parse().unwrap();
    assert!(tokens > 100 && tokens <= 2_000, "{ran:?}");
    for says in ["orders-db", "256Mi", "[e1]", "why is api crashing?"] {
        assert!(ran.stdout.contains(says), "{says:?} in {ran:?}");
    }
    place.end().await;
}
