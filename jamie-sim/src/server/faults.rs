//! Trouble by switch: latency, refusals, cut connections, half bodies, expired watches. Faults
//! go in, and each request is told which of them strike it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

/// What a fault does to a request.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FaultKind {
    /// The answer comes late.
    Latency {
        /// By so many milliseconds.
        ms: u64,
    },
    /// The answer is a refusal.
    Status {
        /// The HTTP status code.
        code: u16,
        /// What it says instead of the usual words.
        #[serde(default)]
        message: Option<String>,
        /// When to come back, in seconds; 429 says 1 when not told otherwise.
        #[serde(default)]
        retry_after: Option<u32>,
    },
    /// The connection is cut: before the answer, or after so many bytes of its body.
    Cut {
        /// How much of the body arrives first.
        #[serde(default)]
        after: Option<usize>,
    },
    /// The body ends early although the answer looks complete.
    HalfBody {
        /// How much of the body there is.
        #[serde(default = "some_bytes")]
        bytes: usize,
    },
    /// A watch is told at once that its resource version is too old.
    ExpiredWatch,
    /// No answer ever comes.
    Hang,
    /// A log is one line without an end.
    EndlessLine {
        /// How many bytes are sent before it stops all the same.
        bytes: u64,
    },
}

fn some_bytes() -> usize {
    700
}

/// A fault and the requests that it strikes.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Fault {
    /// What it does.
    #[serde(flatten)]
    pub kind: FaultKind,
    /// Only paths that begin so; `*` stands for any text. None for all.
    #[serde(default)]
    pub path: Option<String>,
    /// Only this verb: get, list, watch, create, update, patch, delete.
    #[serde(default)]
    pub verb: Option<String>,
    /// Only so many times.
    #[serde(default)]
    pub times: Option<u32>,
    /// Only this share of the requests, from 0 to 1, evenly spread.
    #[serde(default)]
    pub probability: Option<f64>,
}

impl Fault {
    /// A fault that strikes every request.
    pub fn new(kind: FaultKind) -> Self {
        Self {
            kind,
            path: None,
            verb: None,
            times: None,
            probability: None,
        }
    }

    /// The same for paths that begin so only.
    #[must_use]
    pub fn on(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// The same for one verb only.
    #[must_use]
    pub fn verb(mut self, verb: impl Into<String>) -> Self {
        self.verb = Some(verb.into());
        self
    }

    /// The same so many times only.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// A fault as a scenario file writes it: `{kind: status, code: 500, path: /api, times: 3}`.
    pub fn from_value(value: &Value) -> Result<Self, String> {
        serde_json::from_value(value.clone()).map_err(|error| format!("fault {value}: {error}"))
    }

    fn concerns(&self, verb: &str, path: &str) -> bool {
        self.verb.as_ref().is_none_or(|wanted| wanted == verb)
            && self.path.as_ref().is_none_or(|wanted| begins(path, wanted))
    }
}

/// Whether a path begins as the pattern says.
fn begins(path: &str, pattern: &str) -> bool {
    let mut rest = path;
    for (place, part) in pattern.split('*').enumerate() {
        let found = if place == 0 {
            rest.starts_with(part).then_some(0)
        } else {
            rest.find(part)
        };
        let Some(found) = found else { return false };
        rest = rest.get(found + part.len()..).unwrap_or_default();
    }
    true
}

#[derive(Debug)]
struct Active {
    fault: Fault,
    left: Option<u32>,
    seen: u64,
}

/// The switches of a server's faults. Clones switch the same server.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    active: Arc<Mutex<Vec<Active>>>,
}

impl Faults {
    /// Switches a fault on.
    pub fn add(&self, fault: Fault) {
        let left = fault.times;
        self.lock().push(Active { fault, left, seen: 0 });
    }

    /// Switches all faults off.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// What strikes a request.
    pub(crate) fn striking(&self, verb: &str, path: &str) -> Vec<FaultKind> {
        let mut active = self.lock();
        let mut striking = Vec::new();
        for one in active.iter_mut().filter(|one| one.fault.concerns(verb, path)) {
            if one.left == Some(0) {
                continue;
            }
            one.seen += 1;
            if let Some(share) = one.fault.probability {
                let share = share.clamp(0.0, 1.0);
                let (before, now) = ((one.seen - 1) as f64 * share, one.seen as f64 * share);
                if before.floor() >= now.floor() {
                    continue;
                }
            }
            one.left = one.left.map(|left| left - 1);
            striking.push(one.fault.kind.clone());
        }
        striking
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Active>> {
        self.active.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long a latency fault delays a request, all of them added up.
pub(crate) fn delay(striking: &[FaultKind]) -> Duration {
    let ms = striking.iter().map(|kind| {
        if let FaultKind::Latency { ms } = kind {
            *ms
        } else {
            0
        }
    });
    Duration::from_millis(ms.sum())
}
