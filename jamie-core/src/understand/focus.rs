//! What a conversation is about: what "it", "there" and "the second one" mean, and what "and web?" repeats.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::NameIndex;
use crate::{ObjectRef, TimeRange};

/// What the conversation is about; kept by the turn from one message to the next.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Focus {
    /// What "it" and "they" mean: the targets of the last request, or what its tool put into focus.
    pub objects: Vec<ObjectRef>,
    /// What was shown last, in order: "the second one". Findings' roots, rows of a list.
    pub listed: Vec<ObjectRef>,
    /// The kind last asked for.
    pub kind: Option<String>,
    /// The namespace last spoken of: "there".
    pub namespace: Option<String>,
    /// The time last spoken of.
    pub time: Option<TimeRange>,
    /// The tool that answered last, for "and web?".
    pub tool: Option<String>,
    /// The arguments it had.
    pub args: Value,
}

impl Focus {
    /// Without the workloads that are no longer there: what was told of the past may be about one.
    pub(crate) fn within(&self, index: &NameIndex) -> Self {
        let names = &index.names().all;
        let there = |object: &ObjectRef| {
            !matches!(object.kind.as_str(), "Deployment" | "StatefulSet" | "DaemonSet")
                || names.iter().any(|name| name.object.is_same(object))
                // Somebody may be allowed to see none of the kind.
                || !names.iter().any(|name| name.object.kind == object.kind)
        };
        // Where no names are to be had, nothing is known to be gone.
        if names.is_empty() {
            return self.clone();
        }
        Self {
            objects: self
                .objects
                .iter()
                .filter(|object| there(object))
                .cloned()
                .collect(),
            ..self.clone()
        }
    }
}
