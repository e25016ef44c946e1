//! Two parties and a snapshot in; the way from one to the other, hop by hop to the first that fails, out.
//!
//! The way is: the name, the Service, its endpoints, its port, the policies on the way out and on the way in.
//! What lies below (the network itself, firewalls, a service mesh) cannot be seen in objects and is not judged.

use jamie_core::{Evidence, NextStep, ObjectRef};

use crate::Snapshot;

mod address;
mod backing;
mod names;
mod outside;
mod party;
mod policy;
mod service;
mod traffic;

pub use self::{party::Party, policy::Direction};

/// What became of one hop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It passes.
    Passes,
    /// It may fail, or could not be looked at.
    Doubtful,
    /// It fails.
    Fails,
}

/// One step on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// Which step: `name`, `service`, `endpoints`, `port`, `egress policy`, `ingress policy`, `exposure`.
    pub step: &'static str,
    /// What became of it.
    pub outcome: Outcome,
    /// What was found, one sentence without a full stop.
    pub text: String,
    /// The object to blame, where it fails.
    pub blame: Option<ObjectRef>,
    /// What would mend it.
    pub remedy: Option<NextStep>,
    /// What it rests on.
    pub evidence: Vec<Evidence>,
}

impl Hop {
    fn new(step: &'static str, outcome: Outcome, text: impl Into<String>) -> Self {
        Self {
            step,
            outcome,
            text: text.into(),
            blame: None,
            remedy: None,
            evidence: Vec::new(),
        }
    }

    fn passes(step: &'static str, text: impl Into<String>) -> Self {
        Self::new(step, Outcome::Passes, text)
    }

    fn doubtful(step: &'static str, text: impl Into<String>) -> Self {
        Self::new(step, Outcome::Doubtful, text)
    }

    fn fails(step: &'static str, text: impl Into<String>) -> Self {
        Self::new(step, Outcome::Fails, text)
    }

    fn blaming(mut self, object: ObjectRef) -> Self {
        self.blame = Some(object);
        self
    }

    fn mended_by(mut self, step: NextStep) -> Self {
        self.remedy = Some(step);
        self
    }

    fn proved_by(mut self, evidence: Evidence) -> Self {
        self.evidence.push(evidence);
        self
    }
}

/// The way from one party to another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Path {
    /// The hops in order; after a failing one the rest is still worked out where that makes sense.
    pub hops: Vec<Hop>,
    /// The Service through which the way goes.
    pub service: Option<ObjectRef>,
    /// The port that it goes to, as the client says it.
    pub port: Option<i32>,
    /// A policy that would open the way, as YAML, where a policy closes it.
    pub opening: Option<String>,
    /// What could not be looked at, one sentence each.
    pub notes: Vec<String>,
}

impl Path {
    /// The first hop that fails.
    pub fn broken(&self) -> Option<&Hop> {
        self.hops.iter().find(|hop| hop.outcome == Outcome::Fails)
    }

    /// The first hop that is doubtful.
    pub fn doubtful(&self) -> Option<&Hop> {
        self.hops.iter().find(|hop| hop.outcome == Outcome::Doubtful)
    }
}

/// A port as somebody asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PortAsked {
    /// By number.
    Number(i32),
    /// By name.
    Name(String),
}

/// Works out the way from `from` to `to`.
pub fn solve(snapshot: &Snapshot, from: &Party, to: &Party, port: Option<&PortAsked>) -> Path {
    let mut path = Path::default();
    match (from, to) {
        (_, Party::Internet | Party::Address(_) | Party::Host(_)) => {
            outside::leave(snapshot, &mut path, from, to, port);
        }
        (_, Party::Ingress(ingress)) => outside::through_ingress(snapshot, &mut path, from, ingress, port),
        (Party::Internet | Party::Address(_), _) => outside::enter(snapshot, &mut path, from, to, port),
        (Party::Ingress(ingress), _) => outside::from_ingress(snapshot, &mut path, ingress, to, port),
        _ => service::walk(snapshot, &mut path, from, to, port),
    }
    if !snapshot.network_policies.is_empty() {
        path.notes.push(
            "NetworkPolicies count only where the network plugin enforces them; a service mesh or a firewall is not looked at."
                .to_owned(),
        );
    }
    path
}

#[cfg(test)]
mod tests;
