//! What is kept at hand for a moment, and how much may be asked.

use serde::{Deserialize, Serialize};

use super::Secret;

/// What is kept at hand for a moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cache {
    /// The Redis that replicas share, `redis://user:password@host:6379/0`; empty: each process for itself.
    pub url: Secret,
    /// What its keys begin with: the same for all replicas on one memory, another for each memory.
    pub prefix: String,
    /// How long an answer is given again to the same question, asked right behind it, in seconds; 0: never.
    pub answers_seconds: u64,
}

impl Default for Cache {
    fn default() -> Self {
        Self {
            url: Secret::default(),
            prefix: "jamie".into(),
            answers_seconds: 3,
        }
    }
}

/// How much may be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Questions of one person within a minute; 0: no limit.
    pub questions_per_minute: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            questions_per_minute: 60,
        }
    }
}
