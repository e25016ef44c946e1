//! Changes in a conversation: proposed, never made unasked, taken up by "fix it", decided on.

use std::sync::Arc;

use futures::StreamExt;
use jamie_core::{Decision, Event, Jamie, Person, action::Choice, persona::Plain};

use crate::estate::{Restart, answer, builder, events, request};

fn bench() -> (Jamie, Arc<std::sync::Mutex<Vec<String>>>) {
    let (restart, done) = Restart::observed();
    (builder().tool(restart).persona(Arc::new(Plain)).build(), done)
}

/// The only change that a turn proposes.
fn proposed(events: &[Event]) -> (String, String) {
    let mut found = events.iter().filter_map(|event| match event {
        Event::Approval { action, digest, .. } => Some((action.id.clone(), digest.clone())),
        _ => None,
    });
    let only = found
        .next()
        .unwrap_or_else(|| panic!("nothing is proposed: {events:?}"));
    assert!(found.next().is_none(), "more than one thing is proposed");
    only
}

fn decision(id: &str, digest: &str, choice: Choice) -> Decision {
    Decision {
        action: id.to_owned(),
        digest: Some(digest.to_owned()),
        person: Person {
            id: "bruno".to_owned(),
            name: None,
            groups: Vec::new(),
        },
        choice,
    }
}

#[tokio::test]
async fn a_change_waits_for_a_decision_and_runs_once() {
    let (jamie, done) = bench();
    let asked = events(&jamie, request("restart checkout please")).await;
    let (id, digest) = proposed(&asked);
    let Some(Event::Done { answer }) = asked.last() else {
        panic!("no answer: {asked:?}");
    };
    insta::assert_snapshot!(answer.text.replace(&id, "<id>"));
    assert_eq!(answer.approvals.len(), 1);
    assert!(done.lock().unwrap().is_empty(), "it ran without a decision");

    let decided: Vec<Event> = jamie
        .decide(decision(&id, &digest, Choice::Approve))
        .collect()
        .await;
    assert!(matches!(decided.last(), Some(Event::Done { .. })), "{decided:?}");
    assert_eq!(*done.lock().unwrap(), ["Restart Deployment shop/checkout"]);

    let again: Vec<Event> = jamie
        .decide(decision(&id, &digest, Choice::Approve))
        .collect()
        .await;
    assert!(matches!(again.last(), Some(Event::Failed { .. })), "{again:?}");
    assert_eq!(done.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn fix_it_proposes_what_the_diagnosis_suggested() {
    let (jamie, done) = bench();
    answer(&jamie, "why is payments broken?").await;
    let asked = events(&jamie, request("fix it")).await;
    let (id, digest) = proposed(&asked);
    let shown = format!("{asked:?}");
    assert!(shown.contains("Restart Deployment shop/payments"), "{shown}");
    assert!(
        shown.contains("It was killed for memory."),
        "the reason is told: {shown}"
    );
    let refuse = Choice::Refuse {
        reason: "not now".to_owned(),
    };
    jamie
        .decide(decision(&id, &digest, refuse))
        .collect::<Vec<_>>()
        .await;
    assert!(done.lock().unwrap().is_empty());
}

#[tokio::test]
async fn what_was_done_can_be_taken_back_in_words() {
    let (jamie, done) = bench();
    let asked = events(&jamie, request("restart checkout please")).await;
    let (id, digest) = proposed(&asked);
    jamie
        .decide(decision(&id, &digest, Choice::Approve))
        .collect::<Vec<_>>()
        .await;
    answer(&jamie, "thanks").await;
    let asked = events(&jamie, request("undo it please")).await;
    let (second, _) = proposed(&asked);
    assert_ne!(id, second);
    assert!(
        format!("{asked:?}").contains("it was running before"),
        "{asked:?}"
    );
    assert_eq!(
        done.lock().unwrap().len(),
        1,
        "taking it back waits for a decision too"
    );
}

#[tokio::test]
async fn a_request_to_fix_something_is_a_diagnosis_and_its_fix() {
    let (jamie, done) = bench();
    let asked = events(&jamie, request("please fix payments")).await;
    proposed(&asked);
    assert!(
        asked.iter().any(|event| matches!(event, Event::Finding { .. })),
        "{asked:?}"
    );
    assert!(done.lock().unwrap().is_empty());
}

#[tokio::test]
async fn questions_and_denials_propose_nothing() {
    let (jamie, done) = bench();
    for text in [
        "don't restart checkout",
        "did checkout restart?",
        "how do I restart checkout?",
        "should I restart checkout?",
        "how do I fix payments?",
        "fix it",
    ] {
        let asked = events(&jamie, Request::new(text)).await;
        let proposals = asked
            .iter()
            .filter(|event| matches!(event, Event::Approval { .. }))
            .count();
        assert_eq!(proposals, 0, "{text}: {asked:?}");
    }
    assert!(done.lock().unwrap().is_empty());
}

/// Requests of somebody of their own each, in a conversation of its own.
struct Request;

impl Request {
    #[allow(clippy::new_ret_no_self)]
    fn new(text: &str) -> jamie_core::Request {
        jamie_core::Request::new(text, text, text)
    }
}
