//! What people read: whole conversations.

use jamie_core::{Event, Request, persona::Plain};
use std::sync::Arc;

use crate::estate::{answer, builder, events, request};

/// The shape of a stream, one word per event.
fn shape(events: &[Event]) -> Vec<&'static str> {
    events
        .iter()
        .map(|event| match event {
            Event::Thinking { .. } => "thinking",
            Event::ToolStarted { .. } => "started",
            Event::ToolFinished { .. } => "finished",
            Event::Finding { .. } => "finding",
            Event::Text { .. } => "text",
            Event::Clarify { .. } => "clarify",
            Event::Done { .. } => "done",
            Event::Failed { .. } => "failed",
            _ => "other",
        })
        .collect()
}

#[tokio::test]
async fn a_diagnosis() {
    let jamie = builder().build();
    let events = events(&jamie, request("why is checkout crashing?")).await;
    assert_eq!(
        shape(&events),
        [
            "thinking", "started", "finished", "text", "finding", "text", "text", "done"
        ]
    );
    let Some(Event::Done { answer }) = events.last() else {
        panic!("no answer");
    };
    insta::assert_snapshot!(answer.text);
    assert_eq!(answer.engine, "facts");
    assert_eq!(answer.findings.len(), 1);
    assert_eq!(answer.actions.len(), 1);
    let ids: Vec<&str> = answer
        .evidence
        .iter()
        .map(|evidence| evidence.id.as_str())
        .collect();
    assert_eq!(ids, ["e1", "e2"]);
}

#[tokio::test]
async fn all_is_well() {
    let jamie = builder().build();
    insta::assert_snapshot!(
        answer(&jamie, "is the frontend deployment in shop broken?")
            .await
            .text
    );
}

#[tokio::test]
async fn something_critical_is_told_soberly() {
    let jamie = builder().build();
    insta::assert_snapshot!(answer(&jamie, "what is wrong with payments").await.text);
}

#[tokio::test]
async fn many_findings_are_capped() {
    let jamie = builder().build();
    let answer = answer(&jamie, "how is everything?").await;
    insta::assert_snapshot!(answer.text);
    assert_eq!(answer.findings.len(), 12);
}

#[tokio::test]
async fn plain_text_for_plain_people() {
    let jamie = builder().persona(Arc::new(Plain)).build();
    insta::assert_snapshot!(answer(&jamie, "show me the logs of checkout").await.text);
}

#[tokio::test]
async fn several_requests_at_once() {
    let jamie = builder().build();
    let text = "show me the logs of checkout and tell me why payments is broken";
    insta::assert_snapshot!(answer(&jamie, text).await.text);
}

#[tokio::test]
async fn what_it_can_do_comes_from_the_toolbox() {
    let jamie = builder().persona(Arc::new(Plain)).build();
    insta::assert_snapshot!(answer(&jamie, "what can you do?").await.text);
}

#[tokio::test]
async fn it_means_what_was_spoken_of() {
    let jamie = builder().persona(Arc::new(Plain)).build();
    answer(&jamie, "why is checkout crashing?").await;
    let answer = answer(&jamie, "show me its logs").await;
    assert!(
        answer.text.contains("Deployment shop/checkout"),
        "{}",
        answer.text
    );
    let other = jamie
        .ask(Request::new("show me its logs", "bruno", "another talk"))
        .await
        .unwrap();
    assert!(!other.text.contains("shop/checkout has"), "{}", other.text);
}

#[tokio::test]
async fn an_ambiguous_name_is_asked_about_and_the_reply_understood() {
    let jamie = builder().build();
    let asked = events(&jamie, request("why is frontend broken?")).await;
    let Some(Event::Clarify { choices, .. }) =
        asked.iter().find(|event| matches!(event, Event::Clarify { .. }))
    else {
        panic!("no question back: {asked:?}");
    };
    assert_eq!(choices.len(), 2, "{choices:?}");
    assert!(matches!(asked.last(), Some(Event::Done { .. })));
    let answer = answer(&jamie, "the one in staging").await;
    assert!(
        answer.text.contains("staging/frontend is healthy"),
        "{}",
        answer.text
    );
}

#[tokio::test]
async fn a_misspelt_name_is_offered_as_it_is() {
    let jamie = builder().build();
    let asked = events(&jamie, request("why is paymenst-svc broken?")).await;
    assert!(
        asked.iter().any(|event| matches!(event, Event::Clarify { .. }))
            || matches!(asked.last(), Some(Event::Done { answer }) if answer.text.contains("payments")),
        "{asked:?}"
    );
}

#[tokio::test]
async fn what_streams_is_what_is_answered() {
    let jamie = builder().build();
    for text in [
        "how is everything?",
        "why is frontend broken?",
        "hello",
        "make me a sandwich",
    ] {
        let mut shown = Vec::new();
        for event in events(&jamie, request(text)).await {
            match event {
                Event::Text { block } => shown.push(block),
                Event::Finding { finding } => shown.push(jamie_core::Block::Finding { finding }),
                Event::Clarify { question, choices } => {
                    shown.push(jamie_core::Block::para(question));
                    if !choices.is_empty() {
                        shown.push(jamie_core::Block::List { items: choices });
                    }
                }
                Event::Done { answer } => assert_eq!(shown, answer.blocks, "{text}"),
                _ => {}
            }
        }
    }
}

#[tokio::test]
async fn a_picked_tool_is_called_whatever_the_words() {
    let jamie = builder().persona(Arc::new(Plain)).build();
    let target = serde_json::json!({"kind": "Deployment", "namespace": "shop", "name": "checkout"});
    for request in [
        request("checkout").to_tool("logs", serde_json::Value::Null),
        request("").to_tool("logs", serde_json::json!({ "target": target })),
        request("why is it so slow").to_tool("logs", serde_json::json!({ "target": target })),
        request("please show how checkout is broken").to_tool("logs", serde_json::Value::Null),
    ] {
        let answer = jamie.ask(request.clone()).await.unwrap();
        assert!(
            answer
                .text
                .contains("The last 2 lines of Deployment shop/checkout."),
            "{request:?}: {}",
            answer.text
        );
    }
    let request = request("").to_tool("lgos", serde_json::Value::Null);
    let error = jamie.ask(request).await.unwrap_err();
    assert_eq!(error.kind(), jamie_core::ErrorKind::InvalidInput);
    assert!(error.hint().unwrap().contains("logs"));
}
