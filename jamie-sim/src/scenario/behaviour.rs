//! How a container behaves, as a scenario file says it.

use std::fmt;

use serde::Deserialize;

use super::Span;

/// How the matching containers behave.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Behaviour {
    /// `kind/name` of the top owner, `pod/name`, or `*`.
    pub workload: String,
    /// Only in this namespace.
    #[serde(default)]
    pub namespace: Option<String>,
    /// The container; by default every one that is not an init container.
    #[serde(default)]
    pub container: Option<String>,
    /// Only pods of this revision.
    #[serde(default)]
    pub revision: Option<u64>,
    /// Only the first so many pods of the workload.
    #[serde(default)]
    pub pods: Option<usize>,
    /// What the container does.
    pub does: Does,
    /// Exit code.
    #[serde(default)]
    pub exit: Option<i32>,
    /// How long it runs before it ends.
    #[serde(default)]
    pub after: Option<Span>,
    /// How often it has been restarted by now.
    #[serde(default)]
    pub restarts: Option<u32>,
    /// When this began; before that the container was well.
    #[serde(default)]
    pub since: Option<Span>,
    /// The probe's, registry's or runtime's message.
    #[serde(default)]
    pub message: Option<String>,
    /// The reason, where it is not the usual one.
    #[serde(default)]
    pub reason: Option<String>,
    /// What the current container prints.
    #[serde(default)]
    pub logs: Option<String>,
    /// What the previous container printed.
    #[serde(default)]
    pub previous_logs: Option<String>,
    /// What it uses, for the metrics API.
    #[serde(default)]
    pub usage: Option<Usage>,
    /// It becomes well as soon as this object exists.
    #[serde(default)]
    pub until: Option<Reference>,
    /// It becomes well when its container is like this.
    #[serde(default)]
    pub fixed_by: Option<FixedBy>,
}

/// What a container does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Does {
    /// Runs, ready and well.
    Run,
    /// Exits with an error, again and again.
    Crash,
    /// Is killed for memory, again and again.
    Oom,
    /// Ends: rightly in a job, wrongly in a server.
    Exit,
    /// Runs for ever without finishing or becoming ready.
    HangStart,
    /// Runs, but the readiness probe fails.
    NotReady,
    /// Its image cannot be pulled.
    Image,
    /// Its configuration cannot be put together.
    ConfigError,
    /// The runtime cannot create or start it.
    CreateError,
    /// The pod's sandbox cannot be made.
    SandboxError,
    /// The liveness probe fails; restarted again and again.
    Liveness,
    /// The startup probe fails; restarted again and again.
    Startup,
    /// Deleted, but it does not go.
    TerminatingStuck,
}

impl fmt::Display for Does {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

/// What a container or node uses, as quantities.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Usage {
    /// CPU.
    #[serde(default)]
    pub cpu: Option<String>,
    /// Memory.
    #[serde(default)]
    pub memory: Option<String>,
}

/// An object by kind and name, in the pod's namespace unless another is named.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Reference {
    /// The kind.
    pub kind: String,
    /// The name.
    pub name: String,
    /// The namespace.
    #[serde(default)]
    pub namespace: Option<String>,
}

/// What makes a container well; every field that is given must hold.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct FixedBy {
    /// The memory limit is at least this.
    #[serde(default)]
    pub memory: Option<String>,
    /// The CPU limit is at least this.
    #[serde(default)]
    pub cpu: Option<String>,
    /// The image matches this; `*` stands for anything.
    #[serde(default)]
    pub image: Option<String>,
    /// This variable is set; `NAME=value` asks for the value too.
    #[serde(default)]
    pub env: Option<String>,
    /// All its probes ask this port, by number or by name.
    #[serde(default)]
    pub probe: Option<u16>,
}
