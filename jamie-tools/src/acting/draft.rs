//! What a tool works out about a change before anything is rehearsed.

use jamie_core::Proposal;
use serde_json::Value;

use super::{Goal, Operation};

/// A change, drafted.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    /// One plain sentence, imperative.
    pub(crate) title: String,
    /// The arguments, everything relative made absolute.
    pub(crate) args: Value,
    /// The writes, in order.
    pub(crate) operations: Vec<Operation>,
    /// What should hold afterwards.
    pub(crate) goal: Goal,
    /// What takes it back.
    pub(crate) inverse: Option<Proposal>,
    /// Why.
    pub(crate) reasons: Vec<String>,
    /// How far it reaches, beyond what follows from the writes.
    pub(crate) impact: Vec<String>,
    /// What may fight it, beyond what follows from the writes.
    pub(crate) warnings: Vec<String>,
    /// Whether it may be done to what the cluster itself runs on: nothing is other than before once it is over.
    pub(crate) is_gentle: bool,
}

impl Draft {
    /// A change that consists of these writes.
    pub(crate) fn new(title: impl Into<String>, args: Value, operations: Vec<Operation>, goal: Goal) -> Self {
        Self {
            title: title.into(),
            args,
            operations,
            goal,
            inverse: None,
            reasons: Vec::new(),
            impact: Vec::new(),
            warnings: Vec::new(),
            is_gentle: false,
        }
    }

    /// The same with what takes it back.
    pub(crate) fn undone_by(mut self, tool: &str, args: Value, reason: impl Into<String>) -> Self {
        self.inverse = Some(Proposal {
            tool: tool.to_owned(),
            args,
            reasons: vec![reason.into()],
        });
        self
    }
}
