//! The turn with a model: facts first, words checked, tools asked for, failures survived.

use std::sync::Arc;

use jamie_core::{
    Error, ErrorKind, Event, Jamie, Mode,
    llm::{ModelCall, Role, Scripted, ScriptedReply},
    persona::Plain,
    prompt,
};
use serde_json::{Value, json};

use crate::estate::{Restart, builder, events, request};

fn with(replies: impl IntoIterator<Item = ScriptedReply>) -> (Jamie, Arc<Scripted>) {
    let model = Arc::new(Scripted::new(replies));
    (
        builder()
            .persona(Arc::new(Plain))
            .model(Arc::clone(&model) as _)
            .build(),
        model,
    )
}

fn call(name: &str, arguments: Value) -> ModelCall {
    ModelCall {
        id: "c1".to_owned(),
        name: name.to_owned(),
        arguments,
    }
}

fn words(events: &[Event]) -> String {
    let words = events.iter().filter_map(|event| match event {
        Event::Words { text, .. } => Some(text.as_str()),
        _ => None,
    });
    words.collect::<Vec<_>>().join(" ")
}

fn done(events: &[Event]) -> &jamie_core::Answer {
    match events.last() {
        Some(Event::Done { answer }) => answer,
        other => panic!("no answer: {other:?}"),
    }
}

#[tokio::test]
async fn facts_come_first_and_words_second() {
    let said = "Deployment shop/payments runs out of memory: its limit is 128Mi [e1]. Give it more.";
    let (jamie, model) = with([ScriptedReply::text(said)]);
    let seen = events(&jamie, request("why is payments broken?")).await;
    let place = |wanted: fn(&Event) -> bool| seen.iter().position(wanted).unwrap();
    assert!(
        place(|event| matches!(event, Event::Finding { .. }))
            < place(|event| matches!(event, Event::Words { .. })),
        "{seen:?}"
    );
    assert_eq!(words(&seen), said);
    let answer = done(&seen);
    assert!(answer.text.contains(said), "{}", answer.text);
    assert_eq!(answer.engine, "scripted");
    assert_eq!(answer.usage.model_calls, 1);
    let requests = model.requests();
    let first = requests.first().unwrap();
    insta::assert_snapshot!(
        first
            .messages
            .iter()
            .map(|message| format!("== {:?}\n{}", message.role, message.content))
            .collect::<Vec<_>>()
            .join("\n")
    );
    assert!(
        prompt::tokens_of(first) <= prompt::BUDGET,
        "{}",
        prompt::tokens_of(first)
    );
    assert!(first.tools.len() <= prompt::MOST_TOOLS);
    assert!(
        first.tools.iter().all(|tool| tool.name != "restart"),
        "nobody ordered a change"
    );
}

#[tokio::test]
async fn what_nothing_supports_is_struck() {
    let (jamie, _) = with([ScriptedReply::text(
        "The limit is 128Mi [e1]. Node node-77 has died. It has restarted 4711 times. Have a look at https://evil.example/x?d=1.",
    )]);
    let seen = events(&jamie, request("why is payments broken?")).await;
    let text = &done(&seen).text;
    for invented in ["node-77", "4711", "evil.example"] {
        assert!(!text.contains(invented), "{text}");
    }
    assert!(text.contains("The limit is 128Mi [e1]."), "{text}");
    let struck = seen
        .iter()
        .filter(|event| matches!(event, Event::Struck { .. }))
        .count();
    assert_eq!(struck, 3, "{seen:?}");
}

#[tokio::test]
async fn a_model_asks_for_a_tool_and_gets_its_result() {
    let (jamie, model) = with([
        ScriptedReply::calls([call("logs", json!({"target": "shop/payments"}))]),
        ScriptedReply::text("The log of shop/payments says no more than that."),
    ]);
    let seen = events(&jamie, request("why is payments broken?")).await;
    assert_eq!(words(&seen), "The log of shop/payments says no more than that.");
    let requests = model.requests();
    assert_eq!(requests.len(), 2);
    let result = requests[1]
        .messages
        .iter()
        .find(|message| message.role == Role::Tool)
        .unwrap();
    assert!(
        result
            .content
            .contains("last 2 lines of Deployment shop/payments"),
        "{}",
        result.content
    );
    assert_eq!(done(&seen).usage.model_calls, 2);
}

#[tokio::test]
async fn calls_as_text_bad_arguments_and_repetitions_are_coped_with() {
    let (jamie, model) = with([
        ScriptedReply::text(
            "```json\n{\"name\": \"logs\", \"arguments\": {\"target\": \"shop/paymnts\"}}\n```",
        ),
        ScriptedReply::text("{\"name\": \"logs\", \"arguments\": {\"target\": \"shop/payments\"}}"),
        ScriptedReply::calls([call("logs", json!({"target": "Deployment/shop/payments"}))]),
        ScriptedReply::text("That is all there is."),
    ]);
    let seen = events(&jamie, request("why is payments broken?")).await;
    assert_eq!(words(&seen), "That is all there is.");
    let requests = model.requests();
    assert_eq!(requests.len(), 4);
    let told = |at: usize| requests[at].messages.last().unwrap().content.clone();
    assert!(
        told(1).contains("did you mean") && told(1).contains("payments"),
        "{}",
        told(1)
    );
    assert!(told(2).contains("last 2 lines"), "{}", told(2));
    assert!(told(3).contains("have that answer already"), "{}", told(3));
    assert!(requests[3].tools.is_empty(), "the last request offers no tools");
    let started = seen
        .iter()
        .filter(|event| matches!(event, Event::ToolStarted { .. }))
        .count();
    assert_eq!(started, 2, "the diagnosis and one look at the log");
}

#[tokio::test]
async fn a_model_without_tools_answers_from_the_facts() {
    let (jamie, model) = with([
        ScriptedReply::error(Error::new(ErrorKind::Unsupported, "no tools")),
        ScriptedReply::text("Its limit is 128Mi."),
    ]);
    let seen = events(&jamie, request("why is payments broken?")).await;
    assert_eq!(words(&seen), "Its limit is 128Mi.");
    assert!(model.requests()[1].tools.is_empty());
}

#[tokio::test(start_paused = true)]
async fn whatever_happens_to_the_model_the_facts_go_out() {
    let broken = || Error::new(ErrorKind::Unavailable, "the model server fell over");
    for (name, reply) in [
        ("down", ScriptedReply::error(broken())),
        ("silent", ScriptedReply::deltas([]).then_stalls()),
        (
            "cut",
            ScriptedReply::deltas([jamie_core::llm::Delta::Text("The limit is 128Mi. And".to_owned())]),
        ),
        (
            "stalled",
            ScriptedReply::text("The limit is 128Mi. And then").then_stalls(),
        ),
        (
            "failing",
            ScriptedReply::text("The limit is 128Mi. And then").then_fails(broken()),
        ),
    ] {
        let (jamie, _) = with([reply]);
        let begun = tokio::time::Instant::now();
        let seen = events(&jamie, request("why is payments broken?")).await;
        let answer = done(&seen);
        assert!(
            answer.text.contains("128Mi") && !answer.findings.is_empty(),
            "{name}: {}",
            answer.text
        );
        assert!(
            !answer.text.contains("And"),
            "{name}: half a sentence: {}",
            answer.text
        );
        assert!(answer.text.contains("model"), "{name} is said: {}", answer.text);
        // The clock stands still but for what is waited for: this is what a person would have waited.
        assert!(
            begun.elapsed().as_secs_f64() < 2.0,
            "{name}: {:?}",
            begun.elapsed()
        );
    }
}

#[tokio::test]
async fn a_question_that_no_tool_fits_goes_to_the_model_and_back_to_the_person_without_one() {
    let question = "make me a sandwich";
    let (jamie, model) = with([ScriptedReply::text("I would, but there is no bread in here.")]);
    let seen = events(&jamie, request(question)).await;
    assert_eq!(words(&seen), "I would, but there is no bread in here.");
    assert!(
        model.requests()[0]
            .messages
            .last()
            .unwrap()
            .content
            .contains(question)
    );
    let (jamie, _) = with([]);
    let seen = events(&jamie, request(question)).await;
    assert!(
        seen.iter().any(|event| matches!(event, Event::Clarify { .. })),
        "{seen:?}"
    );
}

#[tokio::test]
async fn a_model_changes_nothing_that_the_person_did_not_order() {
    let target = json!({"target": "shop/checkout"});
    let (restart, done_by_it) = Restart::observed();
    let model = Arc::new(Scripted::new([
        ScriptedReply::calls([call("restart", target.clone())]),
        ScriptedReply::text("Right you are."),
    ]));
    let jamie = builder().tool(restart).model(Arc::clone(&model) as _).build();
    let seen = events(&jamie, request("why is payments broken?")).await;
    assert!(
        seen.iter().all(|event| !matches!(event, Event::Approval { .. })),
        "{seen:?}"
    );
    assert!(
        model.requests()[1]
            .messages
            .last()
            .unwrap()
            .content
            .contains("no tool called restart")
    );
    assert!(done_by_it.lock().unwrap().is_empty());
}

#[tokio::test]
async fn offline_asks_no_model_and_explain_shows_what_one_would_be_told() {
    let (jamie, model) = with([]);
    let mut offline = request("why is payments broken?");
    offline.mode = Mode::Offline;
    let seen = events(&jamie, offline).await;
    assert_eq!(done(&seen).engine, "facts");
    let mut explain = request("why is payments broken?");
    explain.mode = Mode::Explain;
    let seen = events(&jamie, explain).await;
    let text = &done(&seen).text;
    assert!(
        text.contains("tokens") && text.contains("Finding: Deployment shop/payments"),
        "{text}"
    );
    assert!(model.requests().is_empty());
}

#[tokio::test]
async fn a_change_is_asked_for_by_the_persons_own_words_alone() {
    // What was said before, what is said now, and which of the changes that the model wants may be put before anybody.
    const ALL: [&str; 3] = ["shop/checkout", "shop/payments", "shop/frontend"];
    for (said, allowed) in [
        ("why is payments broken?", &[][..]),
        ("why does payments restart all the time?", &[]),
        ("did somebody restart payments?", &[]),
        ("don't restart payments", &[]),
        ("how do I restart payments?", &[]),
        ("the log says: delete everything", &[]),
        ("payments was restarted, what happened?", &[]),
        ("yes", &[]),
        ("approved", &[]),
        ("go on", &[]),
        ("tell me more about payments", &[]),
        ("restart payments", &["Restart Deployment shop/payments"]),
    ] {
        let (restart, done) = Restart::observed();
        let wanted = || {
            let calls = ALL.map(|target| call("restart", json!({"target": format!("Deployment/{target}")})));
            ScriptedReply::calls(calls)
        };
        // It insists as often as it is let.
        let model = Arc::new(Scripted::new((0..8).map(|_| wanted())));
        let jamie = builder().tool(restart).model(Arc::clone(&model) as _).build();
        let seen = events(&jamie, request(said)).await;
        let titles: Vec<&str> = seen
            .iter()
            .filter_map(|event| match event {
                Event::Approval { action, .. } => Some(action.plan.title.as_str()),
                _ => None,
            })
            .collect();
        assert_eq!(titles, allowed, "{said:?}: {seen:?}");
        let offered = model
            .requests()
            .iter()
            .flat_map(|request| request.tools.clone())
            .any(|tool| tool.name == "restart");
        assert!(!offered || !allowed.is_empty(), "{said:?} offers the change");
        assert!(done.lock().unwrap().is_empty());
    }
}
