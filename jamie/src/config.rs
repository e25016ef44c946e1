//! What can be set: defaults, `jamie.toml`, `JAMIE_*` variables and flags in, one [`Config`] out,
//! with the origin of every value.

mod cache;
mod environment;
mod layers;
mod memory;
mod secret;

use std::{collections::BTreeMap, path::PathBuf};

use jamie_core::action::Rules;
use serde::{Deserialize, Serialize};

pub use self::{
    cache::{Cache, Limits},
    environment::Environment,
    layers::{Layers, Origin, Setting},
    memory::{Memory, S3},
    secret::Secret,
};

/// Everything that can be set.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Which cluster, and how to reach it.
    pub kubernetes: Kubernetes,
    /// How Jamie speaks.
    pub persona: Persona,
    /// Who asks.
    pub person: Person,
    /// How much an answer may hold, and how long it may take.
    pub answer: Answer,
    /// Which language model helps with the words, if any.
    pub model: Model,
    /// Who may have what changed.
    pub policy: Rules,
    /// Where changes wait for a decision, and for how long.
    pub actions: Actions,
    /// As whom calls reach the cluster.
    pub impersonation: Impersonation,
    /// Where memories are kept, for how long, and what finds them again.
    pub memory: Memory,
    /// What is kept at hand for a moment, for one process or for all replicas.
    pub cache: Cache,
    /// How much may be asked.
    pub limits: Limits,
}

/// Which cluster, and how to reach it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Kubernetes {
    /// The kubeconfig file; empty: `KUBECONFIG`, then `~/.kube/config`, then the pod's own account.
    pub kubeconfig: String,
    /// The kubeconfig's context; empty: its current one.
    pub context: String,
    /// Where a bare name is looked up first; empty: everywhere.
    pub namespace: String,
    /// The longest that one question may keep the API server busy, in seconds.
    pub timeout_seconds: u64,
}

impl Default for Kubernetes {
    fn default() -> Self {
        Self {
            kubeconfig: String::new(),
            context: String::new(),
            namespace: String::new(),
            timeout_seconds: 15,
        }
    }
}

/// How Jamie speaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Persona {
    /// `jamie` or `plain`.
    pub name: String,
    /// A TOML file with lines of your own; empty: the built-in ones.
    pub file: String,
}

impl Default for Persona {
    fn default() -> Self {
        Self {
            name: "jamie".into(),
            file: String::new(),
        }
    }
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Person {
    /// Stable over conversations, as policy and the audit know them; empty: `terminal`.
    pub id: String,
    /// What to call them; empty: no name.
    pub name: String,
    /// The groups they are in, as policy and the cluster know them.
    pub groups: Vec<String>,
    /// The IANA time zone in which "yesterday 14:00" is meant; empty: the system's.
    pub time_zone: String,
}

/// How much an answer may hold, and how long it may take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Answer {
    /// Findings shown in full; the rest is counted.
    pub max_findings: usize,
}

impl Default for Answer {
    fn default() -> Self {
        Self { max_findings: 5 }
    }
}

/// Which language model helps with the words, if any.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Model {
    /// `auto`, `ollama`, `openai` (any server that speaks its protocol) or `none`.
    pub provider: String,
    /// The server's address; empty: Ollama's usual one.
    pub url: String,
    /// The model's name; empty: the best that the server has.
    pub name: String,
    /// The context window to ask for, in tokens.
    pub context_window: u32,
    /// The server's key.
    pub api_key: Secret,
    /// How long an answer waits for the model's first word before it goes out without, in milliseconds.
    pub first_token_ms: u64,
    /// The longest silence in the middle of a reply, in milliseconds.
    pub idle_ms: u64,
    /// The longest reply, in seconds.
    pub timeout_seconds: u64,
}

impl Default for Model {
    fn default() -> Self {
        Self {
            provider: "auto".into(),
            url: String::new(),
            name: String::new(),
            context_window: 16_384,
            api_key: Secret::default(),
            first_token_ms: 1_800,
            idle_ms: 1_500,
            timeout_seconds: 60,
        }
    }
}

/// Where changes wait for a decision, and for how long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Actions {
    /// `folder`: a file each; `database`: beside the memory's records. Empty: the database where `memory.store` is
    /// `postgres`, so that replicas share them, else the folder.
    pub store: String,
    /// The folder; empty: `$XDG_STATE_HOME/jamie/actions` or `~/.local/state/jamie/actions`.
    pub folder: String,
    /// How long a change can be approved, in minutes.
    pub expire_minutes: u64,
    /// How long what is over is kept, in days; the audit log is kept for ever.
    pub keep_days: u64,
}

impl Default for Actions {
    fn default() -> Self {
        Self {
            store: String::new(),
            folder: String::new(),
            expire_minutes: 15,
            keep_days: 30,
        }
    }
}

/// As whom calls reach the cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Impersonation {
    /// `off`: as Jamie itself; `person`: as a user named like the person who asks; `people`: as the user that
    /// `people` names, and nobody else may look or change anything.
    pub mode: String,
    /// Stands before the person's id.
    pub user_prefix: String,
    /// Stands before each of the person's groups.
    pub group_prefix: String,
    /// Users of the cluster by the ids of people.
    pub people: BTreeMap<String, ClusterUser>,
}

impl Default for Impersonation {
    fn default() -> Self {
        Self {
            mode: "off".into(),
            user_prefix: String::new(),
            group_prefix: String::new(),
            people: BTreeMap::new(),
        }
    }
}

/// A user as the cluster knows it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClusterUser {
    /// The user's name.
    pub user: String,
    /// The groups.
    pub groups: Vec<String>,
}

impl Actions {
    /// The folder; none where nothing is set and there is no home directory.
    pub fn folder(&self, environment: &Environment) -> Option<PathBuf> {
        if !self.folder.is_empty() {
            return Some(PathBuf::from(&self.folder));
        }
        let base = environment
            .get("XDG_STATE_HOME")
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
            .or_else(|| Some(environment.home()?.join(".local").join("state")))?;
        Some(base.join("jamie").join("actions"))
    }
}

impl Config {
    /// Settings that are never shown, by key.
    pub(crate) const SECRETS: [&str; 6] = [
        "model.api_key",
        "memory.url",
        "cache.url",
        "memory.s3.access_key_id",
        "memory.s3.secret_access_key",
        "memory.s3.session_token",
    ];

    /// The configuration file that is used when none is named: `$XDG_CONFIG_HOME/jamie/jamie.toml`
    /// or `~/.config/jamie/jamie.toml`.
    pub fn default_file(environment: &Environment) -> Option<PathBuf> {
        let base = environment
            .get("XDG_CONFIG_HOME")
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
            .or_else(|| Some(environment.home()?.join(".config")))?;
        Some(base.join("jamie").join("jamie.toml"))
    }

    /// A commented file with every setting at its default, for `jamie config init`.
    pub fn template() -> &'static str {
        include_str!("config/template.toml")
    }
}

#[cfg(test)]
mod tests;
