//! What people ask to have done about a scenario, and the state that must hold afterwards.

use serde::Deserialize;

use super::{Phrase, condition::Condition, target::Target};

/// One request in several wordings, each put to a fresh estate.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Request {
    /// The wordings.
    pub ask: Vec<String>,
    /// The namespace given beside the request, if any.
    #[serde(default)]
    pub namespace: Option<String>,
    /// Who asks; by default somebody who may do anything.
    #[serde(default)]
    pub person: Option<Asker>,
    /// Whether somebody says yes to what is proposed.
    #[serde(default = "yes")]
    pub approve: bool,
    /// The `[policy]` section of the configuration for this request, as TOML.
    #[serde(default)]
    pub policy: Option<String>,
    /// What must hold in the API server afterwards.
    #[serde(default)]
    pub after: Vec<Condition>,
    /// What must be as it was; by default everything that no `after` names and no controller makes.
    #[serde(default)]
    pub unchanged: Option<Vec<Target>>,
    /// How it must end.
    #[serde(default)]
    pub outcome: Outcome,
    /// What must and must not be said.
    #[serde(default)]
    pub says: Says,
}

fn yes() -> bool {
    true
}

/// Somebody who asks.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Asker {
    /// Who it is.
    pub id: String,
    /// The groups this person is in.
    #[serde(default)]
    pub groups: Vec<String>,
}

/// How a request must end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Outcome {
    /// It is carried out.
    #[default]
    Done,
    /// Nothing is proposed, or what is proposed is denied.
    Refused,
    /// A question comes back; nothing is proposed.
    Asked,
    /// It waits for somebody's approval, and nothing has changed.
    Proposed,
}

impl Outcome {
    /// Whether the estate must be as it was.
    pub fn leaves_all(self) -> bool {
        self != Self::Done
    }
}

/// What must and must not be in the words of the answer.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Says {
    /// Each must be in the text, whatever its case.
    #[serde(default)]
    pub all: Vec<Phrase>,
    /// None of these may be in the text.
    #[serde(default)]
    pub none: Vec<Phrase>,
}
