//! The address of an object: group, plural, namespace and name, found from what the object
//! says about itself.

use serde_json::Value;

use super::ApiStatus;
use crate::server::resources::{self, ResourceType};

/// An object's address. The version is not part of it: all versions show the same object.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// The API group; empty for the core group.
    pub group: String,
    /// The resource name, such as `deployments`.
    pub plural: String,
    /// The namespace; none for kinds that live outside namespaces.
    pub namespace: Option<String>,
    /// The name.
    pub name: String,
}

impl Key {
    /// A key of a namespaced object.
    pub fn namespaced(group: &str, plural: &str, namespace: &str, name: &str) -> Self {
        Self {
            group: group.to_owned(),
            plural: plural.to_owned(),
            namespace: Some(namespace.to_owned()),
            name: name.to_owned(),
        }
    }

    /// A key of an object outside namespaces.
    pub fn cluster(group: &str, plural: &str, name: &str) -> Self {
        Self {
            group: group.to_owned(),
            plural: plural.to_owned(),
            namespace: None,
            name: name.to_owned(),
        }
    }

    /// Where an object of a built-in kind belongs; a namespaced one without a namespace goes to
    /// `default`. Custom kinds need [`super::Store::key_for`].
    pub fn for_object(object: &Value) -> Result<Self, ApiStatus> {
        Self::find(object, &[])
    }

    pub(crate) fn find(object: &Value, custom: &[ResourceType]) -> Result<Self, ApiStatus> {
        let text = |pointer: &str| {
            object
                .pointer(pointer)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let (api_version, kind) = (text("/apiVersion"), text("/kind"));
        let (group, version) = api_version.rsplit_once('/').unwrap_or(("", api_version));
        let found = resources::by_kind(group, kind).or_else(|| {
            custom.iter().find(|one| {
                one.group == group && one.kind == kind && one.versions.iter().any(|v| v == version)
            })
        });
        let Some(found) = found else {
            return Err(ApiStatus::bad_request(format!(
                "no matches for kind \"{kind}\" in version \"{api_version}\""
            )));
        };
        let namespace = match text("/metadata/namespace") {
            _ if !found.namespaced => None,
            "" => Some("default".to_owned()),
            namespace => Some(namespace.to_owned()),
        };
        Ok(Self {
            group: found.group.clone(),
            plural: found.plural.clone(),
            namespace,
            name: text("/metadata/name").to_owned(),
        })
    }

    /// The resource with its group, as messages name it: `deployments.apps`.
    pub fn resource(&self) -> String {
        if self.group.is_empty() {
            self.plural.clone()
        } else {
            format!("{}.{}", self.plural, self.group)
        }
    }

    /// Whether the server counts generations of this kind.
    pub(crate) fn counts_generations(&self) -> bool {
        match self.group.as_str() {
            "" => matches!(self.plural.as_str(), "pods" | "replicationcontrollers"),
            "events.k8s.io"
            | "rbac.authorization.k8s.io"
            | "storage.k8s.io"
            | "coordination.k8s.io"
            | "discovery.k8s.io"
            | "autoscaling"
            | "scheduling.k8s.io"
            | "node.k8s.io"
            | "certificates.k8s.io"
            | "apiregistration.k8s.io"
            | "metrics.k8s.io" => false,
            _ => true,
        }
    }
}
