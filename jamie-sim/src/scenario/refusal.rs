//! What a validating webhook refuses, as a scenario file says it.

use serde::Deserialize;

/// Writes that a validating webhook refuses; every field that is given must fit.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Refusal {
    /// The webhook's name, such as `validate.policy.example`.
    pub webhook: String,
    /// The kinds it looks at.
    pub kinds: Vec<String>,
    /// Only in these namespaces.
    #[serde(default)]
    pub namespaces: Vec<String>,
    /// `CREATE`, `UPDATE`, `DELETE`; by default the first two.
    #[serde(default = "writes")]
    pub operations: Vec<String>,
    /// What it says.
    pub message: String,
}

fn writes() -> Vec<String> {
    ["CREATE", "UPDATE"].map(str::to_owned).to_vec()
}
