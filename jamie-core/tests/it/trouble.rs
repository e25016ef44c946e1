//! When things fail: the cluster, a tool, the memory.

use std::sync::Arc;

use async_trait::async_trait;
use jamie_core::{
    Error, ErrorKind, Event, MemoryStore, Result,
    memory::{Forget, Memory, Recall, Record},
    persona::Plain,
};

use crate::estate::{Fault, Faulty, NoCluster, answer, builder, events, request};

#[tokio::test]
async fn an_unreachable_cluster_is_said_with_a_hint() {
    for kind in [ErrorKind::Unreachable, ErrorKind::Unauthorized, ErrorKind::Config] {
        let jamie = builder().directory(Arc::new(NoCluster(kind))).build();
        let events = events(&jamie, request("why is checkout crashing?")).await;
        let Some(Event::Failed { line, error }) = events.last() else {
            panic!("{events:?}");
        };
        assert_eq!(error.kind(), kind);
        assert!(error.hint().is_some());
        assert!(line.is_some());
        // Small talk works all the same.
        assert!(!answer(&jamie, "hello").await.text.is_empty());
    }
}

#[tokio::test]
async fn one_failed_call_leaves_the_others_answers() {
    let jamie = builder()
        .persona(Arc::new(Plain))
        .tool(Faulty::new(Fault::Fails))
        .build();
    let answer = answer(&jamie, "why is payments broken and show me the logs of checkout").await;
    assert!(
        answer.text.contains("payments keeps running out of memory"),
        "{}",
        answer.text
    );
    assert!(answer.text.contains("pods/log is forbidden"), "{}", answer.text);
    assert!(
        answer.text.contains("permission to read pod logs"),
        "{}",
        answer.text
    );
}

#[tokio::test]
async fn when_all_calls_fail_the_turn_fails() {
    let jamie = builder().tool(Faulty::new(Fault::Fails)).build();
    let error = jamie
        .ask(request("show me the logs of checkout"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden);
    assert_eq!(error.hint(), Some("ask for the permission to read pod logs"));
}

#[tokio::test]
async fn a_tool_that_panics_is_a_failed_call() {
    let jamie = builder().tool(Faulty::new(Fault::Panics)).build();
    let error = jamie
        .ask(request("show me the logs of checkout"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Internal);
}

/// Forgets everything by failing.
#[derive(Debug)]
struct Amnesia;

#[async_trait]
impl MemoryStore for Amnesia {
    async fn remember(&self, _records: Vec<Record>) -> Result<()> {
        Err(Error::new(ErrorKind::Unavailable, "the database is full"))
    }

    async fn recall(&self, _recall: &Recall) -> Result<Vec<Memory>> {
        Err(Error::new(ErrorKind::Unavailable, "the database is away"))
    }

    async fn forget(&self, _forget: &Forget) -> Result<u64> {
        Ok(0)
    }
}

#[tokio::test]
async fn without_memory_the_answer_is_given_and_the_loss_is_said() {
    let jamie = builder()
        .memory(Arc::new(Amnesia))
        .persona(Arc::new(Plain))
        .build();
    let answer = answer(&jamie, "why is checkout crashing?").await;
    assert!(answer.text.contains("running out of memory"), "{}", answer.text);
    assert!(answer.text.contains("the database is away"), "{}", answer.text);
    assert!(answer.text.contains("the database is full"), "{}", answer.text);
}
