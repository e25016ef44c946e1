//! What outlives a process: names, the thread, and what people have erased.

use serde_json::Value;

use crate::run::{Place, assert_failed, run};

#[tokio::test(flavor = "multi_thread")]
async fn a_returning_person_is_known_and_their_thread_goes_on() {
    let place = Place::demo().await;
    let told = place.run(&["ask", "call me Bartholomew"]).await;
    assert_eq!(told.code, 0, "{told:?}");
    // Not every greeting has a name in it.
    let mut greeted = String::new();
    for _ in 0..20 {
        greeted += &place.run(&["ask", "good morning!"]).await.stdout;
    }
    assert!(greeted.contains("Bartholomew"), "{greeted}");

    let why = place.run(&["ask", "why is orders-db crashing?"]).await;
    assert!(why.stdout.contains("orders-db"), "{why:?}");
    let logs = place.run(&["ask", "and its logs?"]).await;
    assert!(logs.stdout.contains("orders-db"), "{logs:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn notes_are_counted_taken_along_and_erased() {
    let place = Place::demo().await;
    let home = place.home.path();
    place.run(&["ask", "call me Bartholomew"]).await;
    place.run(&["ask", "how is everything?"]).await;

    let status = run(home, &["memory"], b"").await;
    assert!(status.stdout.contains("memory.sqlite"), "{status:?}");
    let status = run(home, &["memory", "status", "-o", "json"], b"").await;
    let counts: Value = serde_json::from_str(&status.stdout).unwrap();
    assert_eq!(counts.pointer("/records/turn"), Some(&Value::from(2)), "{counts}");
    assert_eq!(counts.pointer("/records/fact"), Some(&Value::from(1)), "{counts}");

    let rebuilt = run(home, &["memory", "rebuild"], b"").await;
    assert_eq!(rebuilt.code, 0, "{rebuilt:?}");
    assert!(rebuilt.stdout.contains("is built anew"), "{rebuilt:?}");

    let exported = run(home, &["memory", "export"], b"").await;
    assert!(exported.stdout.contains("Bartholomew"), "{exported:?}");
    let exported: Value = serde_json::from_str(&exported.stdout).unwrap();
    assert!(exported.pointer("/memories").unwrap().as_array().unwrap().len() >= 3);

    let unasked = run(home, &["memory", "forget"], b"").await;
    assert_failed(&unasked, 2, &["--yes"]);
    let forgotten = run(home, &["memory", "forget", "--yes"], b"").await;
    assert!(forgotten.stdout.contains("Erased 3 memories"), "{forgotten:?}");
    let exported = run(home, &["memory", "export"], b"").await;
    assert!(!exported.stdout.contains("Bartholomew"), "{exported:?}");
    let greeted = place.run(&["ask", "good morning!"]).await;
    assert!(!greeted.stdout.contains("Bartholomew"), "{greeted:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_memory_costs_a_sentence_and_no_answer() {
    let place = Place::demo().await;
    let folder = place.home.path().join(".local/share/jamie/memory");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(
        folder.join("memory.sqlite"),
        "no database, but a letter to my aunt",
    )
    .unwrap();
    let answered = place.run(&["ask", "how is everything?"]).await;
    assert_eq!(answered.code, 0, "{answered:?}");
    assert!(answered.stdout.contains("orders-db"), "{answered:?}");
    assert!(answered.stdout.contains("is damaged"), "{answered:?}");
    let status = run(place.home.path(), &["memory"], b"").await;
    assert_failed(&status, 6, &["put a backup in its place"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn conversations_over_several_talks_are_held_and_judged() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("conversations");
    std::fs::create_dir(&folder).unwrap();
    let path = folder.to_str().unwrap();
    let eval = async |args: &[&str]| {
        let args = [&["eval", "--memory", path], args].concat();
        run(home.path(), &args, b"").await
    };
    assert_failed(&eval(&[]).await, 3, &["no such conversation", ".yaml"]);
    std::fs::write(
        folder.join("some.yaml"),
        "- name: known again
  steps:
    - {who: ann, in: a, say: call me Zebedee}
    - {who: ann, in: b, say: 'what is my name?', has: [Zebedee]}
    - {who: bob, in: c, say: 'what is my name?', private: [Zebedee]}
- name: never told
  steps: [{who: ann, in: a, say: 'what is my name?', has: [Bartholomew]}]
- name: told to all
  steps: [{who: ann, in: a, say: call me Zebedee, private: [Zebedee]}]
",
    )
    .unwrap();
    let all = eval(&["-o", "json"]).await;
    assert_eq!(all.code, 1, "{all:?}");
    let report: Value = serde_json::from_str(&all.stdout).unwrap();
    for (figure, wanted) in [("conversations", 3), ("right", 1), ("leaks", 1), ("answers", 5)] {
        assert_eq!(report[figure], wanted, "{figure} in {report}");
    }
    let right = eval(&["--only", "known"]).await;
    assert_eq!(right.code, 0, "{right:?}");
    assert!(right.stdout.contains("1 of 1 conversations right"), "{right:?}");
    std::fs::write(folder.join("torn.yaml"), "- name: x").unwrap();
    assert_failed(&eval(&[]).await, 6, &["torn.yaml", "steps"]);
}
