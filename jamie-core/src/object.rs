//! The address of one object in a cluster.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Kind, namespace and name of an object, with its UID where that is known.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct ObjectRef {
    /// The kind as the API spells it: `Deployment`, `Pod`, `PersistentVolumeClaim`.
    pub kind: String,
    /// The namespace; `None` for cluster-wide objects.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub namespace: Option<String>,
    /// The object's name.
    pub name: String,
    /// The UID, which tells an object from its namesakes of before and after.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub uid: Option<String>,
}

impl ObjectRef {
    /// A namespaced object.
    pub fn namespaced(
        kind: impl Into<String>,
        namespace: impl Into<String>,
        name: impl Into<String>,
    ) -> Self {
        Self {
            kind: kind.into(),
            namespace: Some(namespace.into()),
            name: name.into(),
            uid: None,
        }
    }

    /// An object that belongs to the cluster.
    pub fn cluster(kind: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            kind: kind.into(),
            namespace: None,
            name: name.into(),
            uid: None,
        }
    }

    /// The same object, its UID known.
    #[must_use]
    pub fn with_uid(mut self, uid: Option<String>) -> Self {
        self.uid = uid;
        self
    }

    /// Whether both address the same object, UIDs aside.
    pub fn is_same(&self, other: &Self) -> bool {
        self.kind == other.kind && self.namespace == other.namespace && self.name == other.name
    }

    /// `namespace/name`, or the name alone for cluster-wide objects.
    pub fn path(&self) -> String {
        match &self.namespace {
            Some(namespace) => format!("{namespace}/{}", self.name),
            None => self.name.clone(),
        }
    }
}

impl fmt::Display for ObjectRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.path())
    }
}
