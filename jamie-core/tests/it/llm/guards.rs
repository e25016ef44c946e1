//! What stands in front of a backend: retry, breaker, deadline, counting. Time stands still and jumps where it must.

use std::{sync::Arc, time::Duration};

use futures::StreamExt;
use jamie_core::{
    Error, ErrorKind, conformance,
    llm::{
        Breaker, BreakerPolicy, Counted, Deadline, Deadlines, Delta, EndReason, LlmBackend, ModelUsage,
        Retry, RetryPolicy, Scripted, ScriptedReply, TokenCounter, Traced,
    },
};
use jamie_sim::model::{Behaviour, Fault, Faults, Script};

use super::{BOTH, Reply, Rig, question};

fn failing(kind: ErrorKind) -> ScriptedReply {
    ScriptedReply::error(Error::new(kind, "it fails"))
}

fn retried(inner: Arc<dyn LlmBackend>) -> Retry {
    Retry::new(inner, RetryPolicy::default())
}

async fn ask(backend: &dyn LlmBackend) -> Reply {
    Reply::read(backend.chat(question()).await).await
}

#[tokio::test]
async fn all_of_them_together_conform() {
    let script = Scripted::new((0..7).map(|_| ScriptedReply::text("Still here.")));
    let guarded = Retry::new(Arc::new(script), RetryPolicy::default());
    let guarded = Deadline::new(Arc::new(guarded), Deadlines::default());
    let guarded = Breaker::new(Arc::new(guarded), BreakerPolicy::default());
    let guarded = Traced::new(Arc::new(guarded));
    let guarded = Counted::new(Arc::new(guarded), TokenCounter::default());
    conformance::llm(&guarded).await.unwrap();
}

#[tokio::test]
async fn a_server_that_fails_twice_is_asked_a_third_time() {
    for protocol in BOTH {
        let script = Behaviour::Script(Script::text("Third time lucky"));
        let rig = Rig::start(protocol, script, Faults::times(Fault::Status(503), 2)).await;
        let reply = ask(&retried(Arc::clone(&rig.backend))).await;
        assert_eq!(reply.text, "Third time lucky");
        assert_eq!(rig.server.prompts().len(), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_help_is_not_tried_and_what_was_begun_is_not_repeated() {
    let script = Arc::new(Scripted::new([failing(ErrorKind::Unauthorized)]));
    let backend: Arc<dyn LlmBackend> = Arc::clone(&script) as _;
    assert_eq!(
        ask(&retried(backend)).await.error().kind(),
        ErrorKind::Unauthorized
    );
    assert_eq!(script.requests().len(), 1);

    let broken = || ScriptedReply::text("The cause is").then_fails(Error::new(ErrorKind::Unavailable, "cut"));
    let script = Arc::new(Scripted::new([broken(), ScriptedReply::text("again")]));
    let backend: Arc<dyn LlmBackend> = Arc::clone(&script) as _;
    let reply = ask(&retried(backend)).await;
    assert_eq!(
        (reply.text.as_str(), reply.error().kind()),
        ("The cause is", ErrorKind::Unavailable)
    );
    assert_eq!(script.requests().len(), 1);

    // An error as the first thing in the stream is as good as one before it.
    let first = ScriptedReply::deltas([]).then_fails(Error::new(ErrorKind::Timeout, "late"));
    let script = Scripted::new([
        first,
        failing(ErrorKind::RateLimited),
        ScriptedReply::text("there"),
    ]);
    assert_eq!(ask(&retried(Arc::new(script))).await.text, "there");

    let script = Arc::new(Scripted::new((0..9).map(|_| failing(ErrorKind::Unavailable))));
    let backend: Arc<dyn LlmBackend> = Arc::clone(&script) as _;
    assert_eq!(ask(&retried(backend)).await.error().message(), "it fails");
    assert_eq!(script.requests().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_keeps_failing_is_left_alone_and_tried_once_later() {
    let script = Arc::new(Scripted::new((0..3).map(|_| failing(ErrorKind::Unavailable))));
    let policy = BreakerPolicy::default();
    let backend = Breaker::new(Arc::clone(&script) as _, policy);
    for _ in 0..3 {
        assert_eq!(ask(&backend).await.error().message(), "it fails");
    }
    assert!(ask(&backend).await.error().message().contains("left alone"));
    assert_eq!(script.requests().len(), 3);

    // Half open: one that fails closes the door again, and only one may try.
    tokio::time::advance(policy.rest).await;
    script.push(ScriptedReply::deltas([Delta::Text("so ".into())]).then_stalls());
    let mut trying = backend.chat(question()).await.unwrap();
    trying.next().await.unwrap().unwrap();
    assert!(ask(&backend).await.error().message().contains("left alone"));
    // Left unread it says nothing, and the next may try.
    drop(trying);
    script.push(failing(ErrorKind::Timeout));
    assert_eq!(ask(&backend).await.error().message(), "it fails");
    assert!(ask(&backend).await.error().message().contains("left alone"));

    tokio::time::advance(policy.rest).await;
    script.push(ScriptedReply::text("back"));
    assert_eq!(ask(&backend).await.text, "back");
    // Closed: failures are counted anew, and those that are the caller's own do not count.
    for kind in [
        ErrorKind::Unavailable,
        ErrorKind::Unavailable,
        ErrorKind::NotFound,
        ErrorKind::Unavailable,
    ] {
        script.push(failing(kind));
        assert_eq!(ask(&backend).await.error().message(), "it fails");
    }
    script.push(ScriptedReply::text("still asked"));
    assert_eq!(ask(&backend).await.text, "still asked");
}

#[tokio::test(start_paused = true)]
async fn a_reply_begins_goes_on_and_ends_in_time_or_fails() {
    let deadlines = Deadlines {
        first: Duration::from_millis(1_800),
        idle: Duration::from_secs(10),
        total: Duration::from_secs(15),
    };
    let guarded = |reply| Deadline::new(Arc::new(Scripted::new([reply])), deadlines);

    let start = tokio::time::Instant::now();
    let reply = ask(&guarded(ScriptedReply::deltas([]).then_stalls())).await;
    assert_eq!(reply.error().kind(), ErrorKind::Timeout);
    assert!(reply.error().message().contains("begin"), "{:?}", reply.error);
    assert_eq!(start.elapsed(), deadlines.first);

    let start = tokio::time::Instant::now();
    let reply = ask(&guarded(ScriptedReply::text("The cause").then_stalls())).await;
    assert_eq!(
        (reply.text.as_str(), reply.error().kind()),
        ("The cause", ErrorKind::Timeout)
    );
    assert_eq!(start.elapsed(), deadlines.idle);

    // A reader that takes its time comes to the end of the whole.
    let backend = guarded(ScriptedReply::text("a b c d").then_stalls());
    let mut stream = backend.chat(question()).await.unwrap();
    stream.next().await.unwrap().unwrap();
    tokio::time::advance(Duration::from_secs(14)).await;
    while let Some(Ok(_)) = stream.next().await {}
    assert!(stream.next().await.is_none());
    assert_eq!(
        ask(&guarded(ScriptedReply::text("in time"))).await.text,
        "in time"
    );
}

#[tokio::test]
async fn a_stalled_server_is_given_up_in_time_and_told() {
    for protocol in BOTH {
        let rig = super::faulty(protocol, "The cause is memory", Fault::Stall(3)).await;
        let deadlines = Deadlines {
            idle: Duration::from_millis(50),
            ..Deadlines::default()
        };
        let reply = ask(&Deadline::new(Arc::clone(&rig.backend), deadlines)).await;
        assert_eq!(reply.error().kind(), ErrorKind::Timeout);
        assert!(reply.text.starts_with("The cause"));
        rig.server.cancelled(1).await;
    }
}

#[tokio::test]
async fn tokens_add_up_over_backends() {
    let counter = TokenCounter::default();
    let reply = |prompt_tokens, completion_tokens| {
        ScriptedReply::deltas([Delta::End {
            reason: EndReason::Stop,
            usage: ModelUsage {
                prompt_tokens,
                completion_tokens,
            },
        }])
    };
    for script in [
        Scripted::new([reply(100, 7)]),
        Scripted::new([reply(50, 3), failing(ErrorKind::Timeout)]),
    ] {
        let backend = Counted::new(Arc::new(script), counter.clone());
        ask(&backend).await;
        ask(&backend).await;
    }
    assert_eq!(
        (
            counter.requests(),
            counter.prompt_tokens(),
            counter.completion_tokens()
        ),
        (4, 150, 10)
    );
}
