//! A change to the estate as data: what would be done, to what, why, and how it is undone.
//!
//! A tool that changes something works out a [`Plan`] and writes nothing. The plan is parked as an [`Action`];
//! a [`Decision`] by somebody whom the [`ApprovalPolicy`] allows is bound to its [`Action::digest`]; then it runs
//! once, is watched, and every step is in the audit log of the [`ActionStore`].

mod ask_always;
mod carry_out;
mod decide;
mod desk;
mod find;
mod in_memory;
mod policy;
mod propose;
mod recover;
mod remember;
pub mod rules;
mod store;
#[cfg(test)]
mod tests;
mod told;

use std::fmt::Write as _;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

pub(crate) use self::propose::propose;
pub use self::{
    ask_always::AskAlways,
    in_memory::InMemoryActions,
    policy::{ApprovalPolicy, Petition, Rate, Ruling},
    propose::Proposed,
    rules::Rules,
    store::{ActionStore, AuditEntry, AuditStep, Lease},
};
pub(crate) use self::{decide::decide, desk::Desk, recover::recover};
use crate::{Effect, ObjectRef, Person, Quoted};

/// A call to a changing tool that somebody, or a finding, suggests.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Proposal {
    /// The tool.
    pub tool: String,
    /// Its arguments.
    pub args: Value,
    /// Why this, one sentence each.
    pub reasons: Vec<String>,
}

/// What would change in one object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The object; with its UID where it exists.
    pub object: ObjectRef,
    /// Unified diff of its YAML as the server would store it; fields that only the server writes are left out.
    pub diff: Quoted,
}

/// What a call would do, worked out by a dry run; nothing has been written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// One plain sentence, imperative: `Scale Deployment shop/web from 2 to 4 replicas`.
    pub title: String,
    /// What it does to the estate.
    pub effect: Effect,
    /// The arguments with everything relative made absolute: planning again with these gives the same plan for as long
    /// as the targets are as they were.
    pub args: Value,
    /// What is touched, with UIDs where it exists.
    pub targets: Vec<ObjectRef>,
    /// The writes themselves in the tool's own terms; what runs is exactly this.
    pub payload: Value,
    /// Resource versions at the time of planning: sent along when it runs, not part of the digest.
    pub guard: Value,
    /// What changes, object by object.
    pub differences: Vec<Difference>,
    /// How far it reaches: replicas, disruption budgets, what depends on it. One sentence each.
    pub impact: Vec<String>,
    /// What would fight or undo it: an autoscaler, self-healing GitOps, a budget. One sentence each.
    pub warnings: Vec<String>,
    /// Why, one sentence each.
    pub reasons: Vec<String>,
    /// What takes it back, where that is possible.
    pub inverse: Option<Proposal>,
}

impl Plan {
    /// The namespaces that are touched, each once, in order.
    pub fn namespaces(&self) -> Vec<&str> {
        let mut namespaces: Vec<&str> = self
            .targets
            .iter()
            .filter_map(|target| {
                if target.kind == "Namespace" {
                    Some(target.name.as_str())
                } else {
                    target.namespace.as_deref()
                }
            })
            .collect();
        namespaces.sort_unstable();
        namespaces.dedup();
        namespaces
    }
}

/// Where an action stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ActionState {
    /// Waits for a decision.
    Parked,
    /// Somebody said no.
    Refused,
    /// Nobody decided in time.
    Expired,
    /// Its target changed, or policy no longer allows it: it will not run.
    Stale,
    /// It is being carried out; after a crash it stays here and is never carried out again.
    Running,
    /// It was carried out and the effect is as wished.
    Succeeded,
    /// It was carried out and the effect did not come, or made things worse.
    Failed,
    /// The process died while it ran; what came of it was looked up in the estate.
    Interrupted,
}

impl ActionState {
    /// Whether nothing will happen to it any more.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Parked | Self::Running)
    }
}

/// One approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Who.
    pub person: Person,
    /// When.
    pub at: Timestamp,
}

/// A planned change and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Action {
    /// Short, unique, to be typed: `k7f3qd`.
    pub id: String,
    /// Counts the changes of this record, from 1; see [`ActionStore::replace`].
    pub version: u64,
    /// The tool.
    pub tool: String,
    /// What would be done.
    pub plan: Plan,
    /// Who asked for it.
    pub asked_by: Person,
    /// In which conversation.
    pub conversation: String,
    /// When.
    pub asked_at: Timestamp,
    /// Until when it can be approved.
    pub expires_at: Timestamp,
    /// How many different people must approve it.
    pub approvals_needed: u32,
    /// Who has approved it.
    pub approvals: Vec<Approval>,
    /// Where it stands.
    pub state: ActionState,
    /// What came of it, one sentence, once it is over.
    pub result: Option<String>,
}

impl Action {
    /// What an approval is bound to: hash of the tool, the plan without its guard, who asked and until when it holds.
    ///
    /// SHA-256 over the canonical JSON (keys sorted) of those parts, hexadecimal.
    pub fn digest(&self) -> String {
        let mut plan = self.plan.clone();
        plan.guard = Value::Null;
        let mut parts = serde_json::json!({
            "id": self.id,
            "tool": self.tool,
            "plan": plan,
            "asked_by": self.asked_by.id,
            "expires_at": self.expires_at,
        });
        parts.sort_all_objects();
        let hash = Sha256::digest(parts.to_string().as_bytes());
        hash.iter().fold(String::with_capacity(64), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }
}

/// Yes or no.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Choice {
    /// Carry it out.
    Approve,
    /// Leave it.
    Refuse {
        /// Why, in the person's words; may be empty.
        reason: String,
    },
}

/// What somebody decided about a parked action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The action.
    pub action: String,
    /// [`Action::digest`] of what the person saw; `None` where the frontend cannot carry it: then what is parked counts.
    pub digest: Option<String>,
    /// Who decides.
    pub person: Person,
    /// What.
    pub choice: Choice,
}
