//! Where memories are kept, for how long, and what finds them again.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Environment, Secret};

/// Where memories are kept, for how long, and what finds them again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Memory {
    /// `disk`: `SQLite` in the folder; `postgres`: the server at `url`; `process`: gone with the process.
    pub store: String,
    /// The folder; empty: `$XDG_DATA_HOME/jamie/memory` or `~/.local/share/jamie/memory`.
    pub folder: String,
    /// The `PostgreSQL` server: `postgres://user:password@host/database`.
    pub url: Secret,
    /// The schema on that server.
    pub schema: String,
    /// The folder of the search index, or `s3://bucket/prefix` in object storage, which replicas share; empty: `index` in
    /// the memory folder; `none`: searching takes the database alone.
    pub index: String,
    /// How the object storage of the index is reached.
    pub s3: S3,
    /// What makes vectors of words: `built-in`, `ollama` for `embedder_model` on an Ollama, or `folder` for a
    /// sentence-transformer in `embedder_folder`.
    pub embedder: String,
    /// The embedding model, for an Ollama.
    pub embedder_model: String,
    /// That Ollama; empty: the one of the language model, else the usual one.
    pub embedder_url: String,
    /// The folder of a sentence-transformer of the BERT family.
    pub embedder_folder: String,
    /// How long conversations are kept, in days; 0: for ever.
    pub keep_turns_days: u32,
    /// The same for questions without an answer.
    pub keep_gaps_days: u32,
    /// The same for verdicts on answers.
    pub keep_feedback_days: u32,
    /// The same for incidents.
    pub keep_incidents_days: u32,
    /// The most records of one kind; the oldest go first. 0: no limit.
    pub most_records: u64,
}

/// How object storage that speaks S3 is reached.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct S3 {
    /// Its address, `https://minio.example:9000`; empty: Amazon's.
    pub endpoint: String,
    /// The region; empty: what the environment says, or where the bucket is.
    pub region: String,
    /// Whether it may be reached without encryption.
    pub allow_http: bool,
    /// The id of an access key; empty: what the environment has (`AWS_*`, a profile, the role of the pod or machine).
    pub access_key_id: Secret,
    /// The access key that goes with it.
    pub secret_access_key: Secret,
    /// What goes with keys that are lent for a while.
    pub session_token: Secret,
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            store: "disk".into(),
            folder: String::new(),
            url: Secret::default(),
            schema: "jamie".into(),
            index: String::new(),
            s3: S3::default(),
            embedder: "built-in".into(),
            embedder_model: "nomic-embed-text".into(),
            embedder_url: String::new(),
            embedder_folder: String::new(),
            keep_turns_days: 365,
            keep_gaps_days: 180,
            keep_feedback_days: 730,
            keep_incidents_days: 730,
            most_records: 1_000_000,
        }
    }
}

impl Memory {
    /// Memories that go with the process.
    pub fn of_process() -> Self {
        Self {
            store: "process".into(),
            ..Self::default()
        }
    }

    /// The folder; none where nothing is set and there is no home directory.
    pub fn folder(&self, environment: &Environment) -> Option<PathBuf> {
        if !self.folder.is_empty() {
            return Some(PathBuf::from(&self.folder));
        }
        let base = environment
            .get("XDG_DATA_HOME")
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
            .or_else(|| Some(environment.home()?.join(".local").join("share")))?;
        Some(base.join("jamie").join("memory"))
    }
}
