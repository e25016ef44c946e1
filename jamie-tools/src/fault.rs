//! What a check reports, before causes are sorted from symptoms.

use jamie_core::{Evidence, NextStep, ObjectRef, Severity, Verdict};
use jiff::Timestamp;

/// How deep a fault lies: when two are connected, the deeper one explains the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// Says only that something is not as wanted: fewer replicas ready, a Service without endpoints.
    Symptom,
    /// Says how a thing fails: a crash, a failed probe, an image that cannot be pulled.
    Failure,
    /// Says why: a missing ConfigMap, an exhausted quota, a node that is gone, a limit too low.
    Cause,
}

/// Something to fetch that would say more about a fault.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Lead {
    /// The last lines of a container.
    Log {
        /// The pod.
        pod: ObjectRef,
        /// The container.
        container: String,
        /// The container before the last restart.
        previous: bool,
    },
}

/// One condition on one object (a workload rather than each of its pods).
#[derive(Debug, Clone)]
pub struct Fault {
    /// The condition: `container-oom-killed`. Unique per condition family, documented in the check's file.
    pub check: &'static str,
    /// How bad it is by itself.
    pub severity: Severity,
    /// How deep it lies.
    pub depth: Depth,
    /// The object to blame or to show: the top owner of a pod, the Service, the node.
    pub object: ObjectRef,
    /// Where exactly it is seen (pods, a container's pod, a replica set); at most [`Fault::MAX_SEEN`].
    pub seen_on: Vec<ObjectRef>,
    /// How many places it is seen in, also beyond the cap.
    pub seen_count: usize,
    /// What is wrong, one plain sentence with the object's name, no full stop: "`shop/orders-db` was killed for using more memory than its limit of 256Mi".
    pub title: String,
    /// Why, one to three sentences with the deciding names and numbers; empty when the title says it all.
    pub cause: String,
    /// What the cause is keyed by in the fingerprint: `ConfigMap/shop/api-config#LOG_LEVEL`.
    pub key: String,
    /// How sure the check is by itself.
    pub verdict: Verdict,
    /// What it rests on.
    pub evidence: Vec<Evidence>,
    /// What mends it.
    pub remedy: Option<NextStep>,
    /// What would settle it.
    pub next_check: Option<NextStep>,
    /// Since when.
    pub since: Option<Timestamp>,
    /// Objects this fault points at as the deeper reason: the node, the claim, the quota, the dependency.
    pub blames: Vec<ObjectRef>,
    /// What to fetch to learn more.
    pub leads: Vec<Lead>,
}

impl Fault {
    /// At most so many places are named.
    pub const MAX_SEEN: usize = 10;

    /// A fault with nothing but its essentials; the rest is set on the fields.
    pub fn new(
        check: &'static str,
        severity: Severity,
        depth: Depth,
        object: ObjectRef,
        title: impl Into<String>,
    ) -> Self {
        Self {
            check,
            severity,
            depth,
            object,
            seen_on: Vec::new(),
            seen_count: 0,
            title: title.into(),
            cause: String::new(),
            key: String::new(),
            verdict: Verdict::Confirmed,
            evidence: Vec::new(),
            remedy: None,
            next_check: None,
            since: None,
            blames: Vec::new(),
            leads: Vec::new(),
        }
    }
}
