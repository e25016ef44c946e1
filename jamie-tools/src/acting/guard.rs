//! Objects in, what tells later whether they are still as they were out.

use jamie_core::ObjectRef;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// How an object was at the time of planning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Seen {
    pub(super) object: ObjectRef,
    /// `None`: it was not there.
    pub(super) uid: Option<String>,
    pub(super) version: Option<String>,
    /// A hash of what people write into it; the status, which moves by itself, is left out.
    pub(super) wish: Option<String>,
}

impl Seen {
    pub(super) fn of(object: &ObjectRef, found: Option<&Value>) -> Self {
        let text = |field: &str| {
            found?
                .pointer(&format!("/metadata/{field}"))?
                .as_str()
                .map(str::to_owned)
        };
        Self {
            object: object.clone(),
            uid: text("uid"),
            version: text("resourceVersion"),
            wish: found.map(wish),
        }
    }
}

/// Annotations and labels that controllers write as they go.
const MOVING: [&str; 4] = [
    "deployment.kubernetes.io/",
    "control-plane.alpha.kubernetes.io/",
    "pv.kubernetes.io/",
    "volume.kubernetes.io/",
];

/// A hash of all that is wished of an object.
fn wish(object: &Value) -> String {
    let kept = |field: &str| {
        let mut all = object
            .pointer(&format!("/metadata/{field}"))
            .cloned()
            .unwrap_or_default();
        if let Some(all) = all.as_object_mut() {
            all.retain(|key, _| !MOVING.iter().any(|moving| key.starts_with(moving)));
        }
        all
    };
    // The kubelet and the cloud keep writing labels and annotations of nodes.
    let is_node = object.get("kind").and_then(Value::as_str) == Some("Node");
    let metadata = if is_node {
        Value::Null
    } else {
        json!([kept("labels"), kept("annotations"), kept("finalizers")])
    };
    let mut rest = object.clone();
    if let Some(fields) = rest.as_object_mut() {
        for moving in ["metadata", "status", "apiVersion", "kind"] {
            fields.remove(moving);
        }
    }
    let deleted = object.pointer("/metadata/deletionTimestamp");
    let hash = Sha256::digest(json!([rest, metadata, deleted]).to_string().as_bytes());
    hash.iter().take(16).fold(String::new(), |mut text, byte| {
        text.push_str(&format!("{byte:02x}"));
        text
    })
}
