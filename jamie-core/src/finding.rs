//! What is wrong, what it rests on, and what to do: one incident as every frontend shows it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Evidence, NextStep, ObjectRef};

/// How bad it is. The order is from harmless to severe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; nothing is broken.
    Info,
    /// Something will break, or is broken without anybody noticing yet.
    Warning,
    /// Something is broken.
    Error,
    /// Users are hit or data is at risk.
    Critical,
}

/// How sure Jamie is of the cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The symptom is certain, its cause is not: see the finding's next check.
    Inconclusive,
    /// The evidence points at it, something else could still explain it.
    Likely,
    /// The evidence names it.
    Confirmed,
}

/// The identity of an incident over passes: cluster, root object, check and cause key, hashed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct Fingerprint(pub String);

/// Something that a cause drags along.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Symptom {
    /// The object that suffers.
    pub object: ObjectRef,
    /// What is seen there, one sentence.
    pub title: String,
    /// How the cause reaches it: `calls Service shop/api`, `runs on node-2`.
    pub via: String,
}

/// One incident: a cause, its evidence, and the symptoms that collapse into it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The check that found it: `container-oom-killed`.
    pub check: String,
    /// How bad it is.
    pub severity: Severity,
    /// The object to blame: the workload rather than its pods.
    pub object: ObjectRef,
    /// What is wrong, one plain sentence that names the object.
    pub title: String,
    /// Why, in one to three sentences, with the deciding name or number.
    pub cause: String,
    /// How sure that is.
    pub verdict: Verdict,
    /// What it rests on.
    pub evidence: Vec<Evidence>,
    /// What it drags along, nearest first.
    pub symptoms: Vec<Symptom>,
    /// What mends it, where that is known; a command where there is one.
    pub remedy: Option<NextStep>,
    /// The cheapest check that would settle an open verdict.
    pub next_check: Option<NextStep>,
    /// Since when, where that is known.
    pub since: Option<Timestamp>,
    /// Stable over passes.
    pub fingerprint: Fingerprint,
}
