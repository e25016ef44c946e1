//! Who may have what changed: an action and a person in, a ruling out; pure.

use std::fmt;

use jiff::Zoned;

use super::Plan;
use crate::{Person, cache::Limit};

/// What is ruled on.
#[derive(Debug, Clone)]
pub struct Petition<'a> {
    /// Who wants to have it done, or approves it.
    pub person: &'a Person,
    /// Who asked for it: the same person until it comes to approvals.
    pub asked_by: &'a Person,
    /// The tool.
    pub tool: &'a str,
    /// What would be done.
    pub plan: &'a Plan,
    /// Now, in the zone in which time windows are meant.
    pub now: &'a Zoned,
    /// Actions that were carried out with the same tool in the same namespaces: when, newest first.
    pub recent: &'a [Zoned],
}

/// What is ruled.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ruling {
    /// The person may have it done without anybody else.
    Allow,
    /// It takes the approval of so many people whom the policy allows, each different; the asker may be one of them.
    Ask {
        /// How many.
        approvals: u32,
        /// Who may, in words: `anybody in sre`.
        who: String,
    },
    /// Not by this person, or not now.
    Deny {
        /// Why, one sentence.
        reason: String,
        /// Who may, or when, where anybody may at all.
        who: Option<String>,
    },
}

/// How often something may be done, wherever it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rate {
    /// What is counted, over which time, and how often it may be.
    pub limit: Limit,
    /// Why not, one sentence, where it is reached.
    pub reason: String,
}

/// Rules on changes; pure.
pub trait ApprovalPolicy: fmt::Debug + Send + Sync {
    /// Whether `person` may ask for the change.
    fn may_ask(&self, petition: &Petition<'_>) -> Ruling;
    /// Whether `person` may approve it; anything but [`Ruling::Deny`] is a yes.
    fn may_approve(&self, petition: &Petition<'_>) -> Ruling;
    /// What a run counts towards. [`Petition::recent`] holds what this store of actions knows; these are counted in the
    /// cache, for all who share it, just before a run begins.
    fn rates(&self, _petition: &Petition<'_>) -> Vec<Rate> {
        Vec::new()
    }
}
