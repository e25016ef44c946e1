//! The records that the suite writes, under names of its own.

use jiff::{SignedDuration, Timestamp};

use crate::{
    Fingerprint, ObjectRef, Severity,
    memory::{
        About, Content, Document, Fact, Feedback, Fix, Incident, Origin, Outcome, Record, TurnRecord, Verdict,
    },
    understand::Focus,
};

pub(super) const ANNA: &str = "conformance-anna";
pub(super) const BEN: &str = "conformance-ben";
pub(super) const TALK: &str = "conformance-talk";
pub(super) const SOURCE: &str = "conformance-guide.md";
pub(super) const WORD: &str = "conformance-till";
pub(super) const FINGERPRINTS: [&str; 3] = ["conformance-1", "conformance-2", "conformance-3"];

pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH
        .checked_add(SignedDuration::from_secs(1_780_000_000 + second))
        .unwrap_or(Timestamp::UNIX_EPOCH)
}

pub(super) fn record(person: &str, second: i64, content: Content) -> Record {
    Record {
        person: person.to_owned(),
        conversation: TALK.to_owned(),
        at: at(second),
        content,
    }
}

pub(super) fn turn(question: &str) -> Content {
    Content::Turn(Box::new(TurnRecord {
        id: format!("conformance-{question}"),
        question: question.to_owned(),
        answer: format!("An answer to {question}: 'quoted', \"too\"; ünïcödé 🫖"),
        outcome: Outcome::Answered,
        focus: Focus {
            objects: vec![ObjectRef::namespaced("Deployment", "shop", "api")],
            args: serde_json::json!({"target": {"name": "api"}, "tail": 50}),
            ..Focus::default()
        },
        lines: vec!["thinking/lines/1".to_owned()],
        choices: vec!["why is shop/api down?".to_owned()],
        ..TurnRecord::default()
    }))
}

pub(super) fn fact(about: About, value: &str) -> Fact {
    Fact {
        about,
        value: value.to_owned(),
    }
}

pub(super) fn feedback(turn: &str) -> Content {
    Content::Feedback(Box::new(Feedback {
        turn: turn.to_owned(),
        verdict: Verdict::Down,
        comment: Some("not what I asked".to_owned()),
        correction: None,
        question: "is the shop ok?".to_owned(),
        chose: vec!["builtin:crash-loop#0".to_owned()],
    }))
}

pub(super) fn document(part: u32, heading: &str) -> Content {
    Content::Document(Box::new(Document {
        source: SOURCE.to_owned(),
        title: "When pods misbehave".to_owned(),
        headings: vec![heading.to_owned()],
        text: format!("{heading}: look at `kubectl describe`."),
        part,
        link: Some("https://wiki.example/pods".to_owned()),
        checks: vec!["container-crash".to_owned()],
        symptoms: Vec::new(),
        origin: Origin::Team,
        digest: "00ff".to_owned(),
        collection: "conformance".to_owned(),
    }))
}

pub(super) fn incident(fingerprint: &str, title: &str) -> Content {
    Content::Incident(Box::new(Incident {
        fingerprint: Fingerprint(fingerprint.to_owned()),
        severity: Severity::Error,
        object: ObjectRef::namespaced("Deployment", "shop", "db"),
        title: title.to_owned(),
        cause: "It is killed for memory.".to_owned(),
        check: "container-oom-killed".to_owned(),
        since: Some(at(0)),
        episodes: vec![at(0)],
        times: 1,
        fixes: vec![Fix {
            args: serde_json::json!({"target": {"kind": "Deployment", "namespace": "shop", "name": "api"}}),
            what: "restarted deployment shop/db".to_owned(),
            tool: "restart".to_owned(),
            by: BEN.to_owned(),
            at: at(1),
            worked: Some(true),
        }],
    }))
}
