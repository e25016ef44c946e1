//! Every bound holds, and is said when it is hit.

use std::{sync::Arc, time::Duration};

use futures::StreamExt;
use jamie_core::{Event, Limits, persona::Plain};

use crate::estate::{Fault, Faulty, answer, builder, events, request};

#[tokio::test(start_paused = true)]
async fn what_does_not_come_in_time_is_said() {
    let jamie = builder()
        .persona(Arc::new(Plain))
        .tool(Faulty::new(Fault::NeverAnswers))
        .build();
    let answer = answer(&jamie, "why is payments broken and show me the logs of checkout").await;
    assert!(
        answer.text.contains("payments keeps running out of memory"),
        "{}",
        answer.text
    );
    assert!(
        answer
            .text
            .contains("still waiting for shop/checkout (logs) after 15 s"),
        "{}",
        answer.text
    );
}

#[tokio::test(start_paused = true)]
async fn when_nothing_comes_in_time_the_turn_fails() {
    let tool = Faulty::new(Fault::NeverAnswers);
    let alive = Arc::clone(&tool.alive);
    let jamie = builder().tool(tool).build();
    let error = jamie
        .ask(request("show me the logs of checkout"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), jamie_core::ErrorKind::Timeout);
    wait_until_stopped(&alive).await;
}

#[tokio::test]
async fn a_dropped_stream_stops_its_calls() {
    let tool = Faulty::new(Fault::NeverAnswers);
    let alive = Arc::clone(&tool.alive);
    let jamie = builder().tool(tool).build();
    let mut chat = jamie.chat(request("show me the logs of checkout"));
    while let Some(event) = chat.next().await {
        assert!(
            !matches!(event, Event::Done { .. } | Event::Failed { .. }),
            "{event:?}"
        );
        if matches!(event, Event::ToolStarted { .. }) {
            break;
        }
    }
    while Arc::strong_count(&alive) < 3 {
        tokio::task::yield_now().await;
    }
    drop(chat);
    wait_until_stopped(&alive).await;
}

/// The test and the tool hold one each; a running call holds a third.
async fn wait_until_stopped(alive: &Arc<()>) {
    while Arc::strong_count(alive) > 2 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn long_answers_are_cut_and_say_so() {
    let jamie = builder()
        .persona(Arc::new(Plain))
        .tool(Faulty::new(Fault::Overflows))
        .build();
    let answer = answer(&jamie, "show me the logs of checkout").await;
    assert!(answer.text.len() < 30_000);
    assert!(answer.text.contains("… and 4900 more."), "{}", answer.text);
    assert!(answer.text.contains("1 part is left out"), "{}", answer.text);
    assert!(answer.text.contains("the end"), "{}", answer.text);
}

#[tokio::test]
async fn a_chatty_tool_neither_blocks_nor_ends_the_turn() {
    let jamie = builder()
        .persona(Arc::new(Plain))
        .tool(Faulty::new(Fault::Chatters))
        .build();
    let events = events(&jamie, request("show me the logs of checkout")).await;
    let ends = events
        .iter()
        .filter(|event| matches!(event, Event::Done { .. } | Event::Failed { .. }))
        .count();
    assert_eq!(ends, 1);
    let Some(Event::Done { answer }) = events.last() else {
        panic!("{:?}", events.last());
    };
    assert!(
        answer.text.contains("came faster than they could be shown"),
        "{}",
        answer.text
    );
    assert!(answer.text.len() < 40_000);
}

#[tokio::test]
async fn no_more_calls_than_allowed() {
    let limits = Limits {
        calls: 1,
        ..Limits::default()
    };
    let jamie = builder().persona(Arc::new(Plain)).limits(limits).build();
    let events = events(
        &jamie,
        request("why is payments broken and show me the logs of checkout"),
    )
    .await;
    let started = events
        .iter()
        .filter(|event| matches!(event, Event::ToolStarted { .. }))
        .count();
    assert_eq!(started, 1);
    let Some(Event::Done { answer }) = events.last() else {
        panic!("{:?}", events.last());
    };
    assert!(answer.text.contains("I look into one thing"), "{}", answer.text);
}
