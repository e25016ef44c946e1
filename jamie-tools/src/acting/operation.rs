//! One write as data: to what, how, with which body; and the request that carries it out.

use http::Method;
use jamie_core::{ObjectRef, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    cluster::{Cluster, Wire},
    tools::{list::Kind, manifest},
};

/// Who writes, as the server notes it with each field.
const MANAGER: &str = "jamie";

/// What is done to the object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub(crate) enum Write {
    /// It is made.
    Create {
        /// The whole object.
        body: Value,
    },
    /// Fields are changed by a merge patch (RFC 7386).
    Merge {
        /// The patch.
        body: Value,
    },
    /// Fields are changed by a patch that knows lists that are maps by name: containers, ports.
    Strategic {
        /// The patch.
        body: Value,
    },
    /// Fields are changed by a list of steps (RFC 6902).
    Json {
        /// The steps.
        body: Value,
    },
    /// The object is made, or brought to say what the manifest says.
    Apply {
        /// The manifest.
        body: Value,
    },
    /// It is deleted, with what belongs to it.
    Delete,
    /// The pod is asked to leave, which disruption budgets may refuse.
    Evict,
}

/// One write to one object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Operation {
    /// `apps/v1`.
    pub(crate) api_version: String,
    /// `deployments`.
    pub(crate) plural: String,
    /// Whether the kind has namespaces.
    pub(crate) namespaced: bool,
    /// The object.
    pub(crate) target: ObjectRef,
    /// What is done to it.
    #[serde(flatten)]
    pub(crate) write: Write,
}

impl Operation {
    /// A write to an object of a usual kind, or of one that the server is asked about.
    pub(crate) async fn on(cluster: &Cluster, target: &ObjectRef, write: Write) -> Result<Self> {
        let kind = manifest::resource_of(cluster, &target.kind).await?;
        Ok(Self::of(&kind, target, write))
    }

    /// A write to an object whose manifest says what it is.
    pub(crate) async fn in_version(
        cluster: &Cluster,
        api_version: &str,
        target: &ObjectRef,
        write: Write,
    ) -> Result<Self> {
        let kind = manifest::resource_in(cluster, api_version, &target.kind).await?;
        Ok(Self::of(&kind, target, write))
    }

    fn of(kind: &Kind, target: &ObjectRef, write: Write) -> Self {
        let mut target = target.clone();
        target.kind.clone_from(&kind.name);
        if !kind.is_namespaced {
            target.namespace = None;
        }
        Self {
            api_version: kind
                .base
                .strip_prefix("apis/")
                .or_else(|| kind.base.strip_prefix("api/"))
                .unwrap_or(&kind.base)
                .to_owned(),
            plural: kind.plural.clone(),
            namespaced: kind.is_namespaced,
            target,
            write,
        }
    }

    fn kind(&self) -> Kind {
        let root = if self.api_version.contains('/') {
            "apis"
        } else {
            "api"
        };
        Kind {
            base: format!("{root}/{}", self.api_version),
            name: self.target.kind.clone(),
            plural: self.plural.clone(),
            is_namespaced: self.namespaced,
        }
    }

    /// The object's path.
    pub(crate) fn path(&self) -> String {
        self.kind()
            .path(self.target.namespace.as_deref(), Some(&self.target.name))
    }

    /// Whether the object must not be there yet.
    pub(crate) fn creates(&self) -> bool {
        matches!(self.write, Write::Create { .. })
    }

    /// Whether the object is gone afterwards.
    pub(crate) fn removes(&self) -> bool {
        matches!(self.write, Write::Delete | Write::Evict)
    }

    /// What is done, in a few words: `patch Deployment shop/web`.
    pub(crate) fn told(&self) -> String {
        let verb = match self.write {
            Write::Create { .. } => "create",
            Write::Merge { .. } | Write::Strategic { .. } | Write::Json { .. } => "patch",
            Write::Apply { .. } => "apply",
            Write::Delete => "delete",
            Write::Evict => "evict",
        };
        format!("{verb} {}", self.target)
    }

    /// The verb and resource that a role must grant for it.
    pub(crate) fn permission(&self) -> (&'static str, String) {
        match self.write {
            Write::Create { .. } => ("create", self.plural.clone()),
            Write::Delete => ("delete", self.plural.clone()),
            Write::Evict => ("create", "pods/eviction".to_owned()),
            _ => ("patch", self.plural.clone()),
        }
    }

    /// The request that carries it out, or has it rehearsed. `version` is the resource version that the object must
    /// still have, `uid` its identity.
    pub(crate) fn wire(&self, uid: Option<&str>, version: Option<&str>, rehearse: bool) -> Wire {
        let dry = if rehearse { "&dryRun=All" } else { "" };
        let fields = format!("?fieldManager={MANAGER}&fieldValidation=Strict{dry}");
        let path = self.path();
        let patch = |content_type, body: &Value, query: String| Wire {
            method: Method::PATCH,
            path: format!("{path}{query}"),
            content_type,
            body: pinned(body, uid, version),
        };
        match &self.write {
            Write::Create { body } => Wire {
                method: Method::POST,
                path: format!(
                    "{}{fields}",
                    self.kind().path(self.target.namespace.as_deref(), None)
                ),
                content_type: "application/json",
                body: body.clone(),
            },
            Write::Merge { body } => patch("application/merge-patch+json", body, fields),
            Write::Strategic { body } => patch("application/strategic-merge-patch+json", body, fields),
            Write::Json { body } => Wire {
                method: Method::PATCH,
                path: format!("{path}{fields}"),
                content_type: "application/json-patch+json",
                body: tested(body, uid, version),
            },
            Write::Apply { body } => patch(
                "application/apply-patch+yaml",
                body,
                format!("{fields}&force=true"),
            ),
            Write::Delete => Wire {
                method: Method::DELETE,
                path: path.clone(),
                content_type: "application/json",
                body: options(uid, rehearse),
            },
            Write::Evict => Wire {
                method: Method::POST,
                path: format!("{path}/eviction"),
                content_type: "application/json",
                body: json!({
                    "apiVersion": "policy/v1",
                    "kind": "Eviction",
                    "metadata": {"name": self.target.name, "namespace": self.target.namespace},
                    "deleteOptions": options(uid, rehearse),
                }),
            },
        }
    }
}

/// A patch that only fits the object as it was seen.
fn pinned(body: &Value, uid: Option<&str>, version: Option<&str>) -> Value {
    let mut body = body.clone();
    for (field, value) in [("uid", uid), ("resourceVersion", version)] {
        if let (Some(value), Some(fields)) = (value, body.as_object_mut()) {
            let metadata = fields.entry("metadata").or_insert_with(|| json!({}));
            if let Some(metadata) = metadata.as_object_mut() {
                metadata.insert(field.to_owned(), json!(value));
            }
        }
    }
    body
}

/// The same for a list of steps.
fn tested(body: &Value, uid: Option<&str>, version: Option<&str>) -> Value {
    let mut steps: Vec<Value> = [("uid", uid), ("resourceVersion", version)]
        .into_iter()
        .filter_map(|(field, value)| {
            Some(json!({"op": "test", "path": format!("/metadata/{field}"), "value": value?}))
        })
        .collect();
    steps.extend(body.as_array().into_iter().flatten().cloned());
    Value::Array(steps)
}

fn options(uid: Option<&str>, rehearse: bool) -> Value {
    let mut options = json!({"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background"});
    if let (Some(uid), Some(fields)) = (uid, options.as_object_mut()) {
        fields.insert("preconditions".to_owned(), json!({"uid": uid}));
    }
    if let (true, Some(fields)) = (rehearse, options.as_object_mut()) {
        fields.insert("dryRun".to_owned(), json!(["All"]));
    }
    options
}
