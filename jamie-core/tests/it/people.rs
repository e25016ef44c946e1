//! Small talk, names and moods: what needs no look at the cluster, and what is remembered of a person.

use std::sync::Arc;

use futures::StreamExt;
use jamie_core::{
    Decision, Event, Fingerprint, ObjectRef, Request, Severity,
    action::Choice,
    memory::{Content, Fix, Forget, InMemory, Incident, Kind, Memory, MemoryStore, Recall, Record},
    persona::Plain,
};

use crate::estate::{Untouchable, answer, builder, events, request};

#[tokio::test]
async fn small_talk_does_not_touch_the_cluster() {
    let jamie = builder().directory(Arc::new(Untouchable)).build();
    for text in [
        "hello!",
        "good morning",
        "how are you?",
        "thanks mate",
        "what can you do?",
        "who are you?",
        "tell me a joke",
        "bye",
    ] {
        let events = events(&jamie, request(text)).await;
        let Some(Event::Done { answer }) = events.last() else {
            panic!("{text}: {events:?}");
        };
        assert!(!answer.text.trim().is_empty(), "{text}");
        assert!(answer.findings.is_empty());
    }
}

#[tokio::test]
async fn a_name_is_remembered_and_used() {
    let memory = Arc::new(InMemory::default());
    let jamie = builder()
        .memory(Arc::clone(&memory) as Arc<dyn MemoryStore>)
        .build();
    let reply = answer(&jamie, "call me Bruno").await;
    assert!(reply.text.contains("Bruno"), "{}", reply.text);

    let mut greetings = String::new();
    for _ in 0..20 {
        let hello = Request::new("hello", "bruno", "a later talk");
        greetings.push_str(&jamie.ask(hello).await.unwrap().text);
        let hello = Request::new("hello", "somebody else", "their talk");
        assert!(!jamie.ask(hello).await.unwrap().text.contains("Bruno"));
    }
    assert!(greetings.contains("Bruno"), "{greetings}");
}

#[tokio::test]
async fn no_line_comes_twice_in_a_row() {
    let jamie = builder().build();
    let mut last = String::new();
    for _ in 0..30 {
        let text = answer(&jamie, "hello").await.text;
        assert_ne!(text, last);
        last = text;
    }
}

#[tokio::test]
async fn odd_messages_get_a_clear_sentence() {
    let jamie = builder()
        .directory(Arc::new(Untouchable))
        .persona(Arc::new(Plain))
        .build();
    let wordless = answer(&jamie, "🔥🔥😱").await;
    assert!(
        wordless.text.starts_with("There are no words in the message."),
        "{}",
        wordless.text
    );
    for (text, expected) in [
        ("", "no question"),
        ("   \n", "no question"),
        ("\u{0}\u{1}\u{7f}\u{fffd}\u{2}x", "not text"),
        (&"why ".repeat(3 * 1024 * 1024), "too long"),
    ] {
        let error = jamie.ask(request(text)).await.unwrap_err();
        assert_eq!(error.kind(), jamie_core::ErrorKind::InvalidInput);
        assert!(
            error.message().contains(expected) && error.hint().is_some(),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn what_is_not_understood_is_kept_as_a_gap() {
    let memory = Arc::new(InMemory::default());
    let jamie = builder()
        .memory(Arc::clone(&memory) as Arc<dyn MemoryStore>)
        .build();
    let events = events(&jamie, request("brew two cappuccinos with oat milk")).await;
    assert!(matches!(events.last(), Some(Event::Done { .. })), "{events:?}");
    let gaps = memory.recall(&Recall::new(Kind::Gap, 10)).await.unwrap();
    let [gap] = gaps.as_slice() else {
        panic!("one gap was expected: {gaps:?}");
    };
    assert!(
        matches!(&gap.record.content, Content::Gap(gap) if gap.question.contains("cappuccinos")),
        "{gap:?}"
    );
}

#[tokio::test]
async fn incidents_are_kept_once() {
    let memory = Arc::new(InMemory::default());
    let jamie = builder()
        .memory(Arc::clone(&memory) as Arc<dyn MemoryStore>)
        .build();
    for _ in 0..3 {
        answer(&jamie, "why is checkout crashing?").await;
    }
    let incidents = memory.recall(&Recall::new(Kind::Incident, 10)).await.unwrap();
    assert_eq!(incidents.len(), 1);
    let turns = memory.recall(&Recall::new(Kind::Turn, 10)).await.unwrap();
    assert_eq!(turns.len(), 3);
}

/// An incident as it was seen in May, with what was done about it then.
fn in_may(worked: bool) -> Record {
    let at = |text: &str| text.parse().unwrap();
    let checkout = ObjectRef::namespaced("Deployment", "shop", "checkout");
    Record {
        person: "anna".to_owned(),
        conversation: "slack-anna".to_owned(),
        at: at("2026-05-03T09:30:00Z"),
        content: Content::Incident(Box::new(Incident {
            fingerprint: Fingerprint(format!("fp-{}", checkout.path())),
            severity: Severity::Error,
            object: checkout,
            title: "checkout crashes".to_owned(),
            cause: "It runs out of memory.".to_owned(),
            check: "container-oom-killed".to_owned(),
            since: Some(at("2026-05-03T09:00:00Z")),
            episodes: vec![at("2026-04-01T08:00:00Z"), at("2026-05-03T09:00:00Z")],
            times: 2,
            fixes: vec![Fix {
                what: "Raise the memory limit of shop/checkout to 512Mi".to_owned(),
                tool: "set_resources".to_owned(),
                args: serde_json::Value::Null,
                by: "anna".to_owned(),
                at: at("2026-05-03T09:20:00Z"),
                worked: Some(worked),
            }],
        })),
    }
}

#[tokio::test]
async fn an_incident_that_comes_back_brings_its_past_along() {
    for worked in [true, false] {
        let memory = Arc::new(InMemory::default());
        memory.remember(vec![in_may(worked)]).await.unwrap();
        let jamie = builder()
            .memory(Arc::clone(&memory) as Arc<dyn MemoryStore>)
            .build();
        let told = answer(&jamie, "why is checkout crashing?").await.text;
        let past: Vec<&str> = told
            .lines()
            .filter(|line| line.contains("happened before"))
            .collect();
        assert!(past.join(" ").contains("this is time number 3"), "{told}");
        let verdict = if worked {
            "What helped: Raise"
        } else {
            "What did not help: Raise"
        };
        assert!(told.contains(verdict) && told.contains("done by anna"), "{told}");
        // Asked about once more while it lasts, it has not come back again.
        answer(&jamie, "why is checkout crashing?").await;
        let kept = memory.recall(&Recall::new(Kind::Incident, 10)).await.unwrap();
        assert!(
            matches!(&kept[..], [Memory { record: Record { content: Content::Incident(incident), .. }, .. }]
                if incident.times == 3 && incident.fixes.len() == 1),
            "{kept:?}"
        );
    }
}

#[tokio::test]
async fn what_was_done_about_an_incident_is_told_while_it_lasts() {
    let jamie = builder().build();
    let first = answer(&jamie, "why is checkout crashing?").await;
    assert!(!first.text.contains("What helped"), "{}", first.text);
    let asked = answer(&jamie, "restart checkout").await;
    let [action] = &asked.approvals[..] else {
        panic!("one change was expected: {}", asked.text);
    };
    let mut decided = jamie.decide(Decision {
        action: action.id.clone(),
        digest: None,
        person: action.asked_by.clone(),
        choice: Choice::Approve,
    });
    while decided.next().await.is_some() {}
    let again = answer(&jamie, "why is checkout crashing?").await;
    assert!(again.text.contains("What helped"), "{}", again.text);
    assert!(again.text.contains(&action.plan.title), "{}", again.text);
}

#[tokio::test]
async fn the_frustrated_are_heard_and_spared_the_banter() {
    let jamie = builder().build();
    let text = "this is ridiculous, WHY THE HELL IS CHECKOUT CRASHING AGAIN???";
    let first = answer(&jamie, text).await.text;
    insta::assert_snapshot!(first.lines().next().unwrap_or_default());
    for _ in 0..20 {
        let text = answer(&jamie, text).await.text.to_lowercase();
        for word in [
            "mate",
            "blimey",
            "pickle",
            "pear-shaped",
            "crikey",
            "peckish",
            "!",
        ] {
            assert!(!text.contains(word), "{text}");
        }
    }
}

#[tokio::test]
async fn a_greeting_with_a_question_is_returned_and_answered() {
    let jamie = builder().build();
    let text = answer(&jamie, "good morning! why is checkout crashing?")
        .await
        .text;
    assert!(text.contains("keeps running out of memory"), "{text}");
    let text = answer(&jamie, "hi Jamie, is the frontend in shop broken?")
        .await
        .text;
    assert!(text.contains("healthy"), "{text}");
}

#[tokio::test]
async fn what_is_remembered_of_a_person_can_be_erased() {
    let jamie = builder().build();
    answer(&jamie, "call me Bruno").await;
    answer(&jamie, "why is checkout crashing?").await;
    let gone = jamie.memory().forget(&Forget::person("bruno")).await.unwrap();
    assert!(gone >= 4, "{gone}");
    let facts = Recall::new(Kind::Fact, 10).of_person("bruno");
    assert!(jamie.memory().recall(&facts).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_person_s_own_word_is_understood_from_then_on() {
    let jamie = builder().build();
    answer(&jamie, "we call the payments app cashdesk").await;
    let text = answer(&jamie, "why is cashdesk broken?").await.text;
    assert!(text.contains("shop/payments keeps running"), "{text}");
}
