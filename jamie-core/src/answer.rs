//! A finished answer: what a frontend that does not stream hands to its caller.

use serde::{Deserialize, Serialize};

use crate::{Action, Block, Evidence, Finding, Proposal};

/// Something to do next: words, and a command where one does it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextStep {
    /// What to do, one sentence.
    pub label: String,
    /// The command that does it, ready to paste.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub command: Option<String>,
    /// The same as a change that Jamie can carry out once somebody approved it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub proposal: Option<Proposal>,
}

impl NextStep {
    /// Advice without a command.
    pub fn advice(label: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            command: None,
            proposal: None,
        }
    }

    /// Advice that a command carries out.
    pub fn command(label: impl Into<String>, command: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            command: Some(command.into()),
            proposal: None,
        }
    }

    /// The same step, which Jamie can carry out as a change.
    #[must_use]
    pub fn proposing(mut self, proposal: Proposal) -> Self {
        self.proposal = Some(proposal);
        self
    }
}

/// What an answer cost a model; zero without one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Usage {
    /// Requests made to a model.
    pub model_calls: u32,
    /// Tokens sent.
    pub prompt_tokens: u32,
    /// Tokens received.
    pub completion_tokens: u32,
}

/// One answer, whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The answer as Markdown.
    pub text: String,
    /// The answer's parts, for a frontend that lays them out itself.
    #[serde(skip)]
    pub blocks: Vec<Block>,
    /// What is wrong; empty when all is well.
    pub findings: Vec<Finding>,
    /// What to do next, best first.
    pub actions: Vec<NextStep>,
    /// What the answer rests on.
    pub evidence: Vec<Evidence>,
    /// Changes that await a decision.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub approvals: Vec<Action>,
    /// What wrote the words: `facts` without a model.
    pub engine: String,
    /// From question to answer, in milliseconds.
    pub elapsed_ms: u64,
    /// What it cost a model.
    pub usage: Usage,
}
