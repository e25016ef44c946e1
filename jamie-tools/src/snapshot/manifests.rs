//! A snapshot from YAML manifests: what tests and offline inspections feed to the checks.

use std::sync::Arc;

use jamie_core::{Error, ErrorKind, Result};
use jiff::Timestamp;
use k8s_openapi::{Metadata, apimachinery::pkg::apis::meta::v1::ObjectMeta};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Coverage, Snapshot, trim};

/// The kinds that a snapshot holds.
pub(crate) const KINDS: [&str; 29] = [
    "Namespace",
    "Node",
    "Pod",
    "Event",
    "Deployment",
    "ReplicaSet",
    "StatefulSet",
    "DaemonSet",
    "Job",
    "CronJob",
    "Service",
    "EndpointSlice",
    "Ingress",
    "IngressClass",
    "NetworkPolicy",
    "ConfigMap",
    "Secret",
    "ServiceAccount",
    "PersistentVolumeClaim",
    "PersistentVolume",
    "StorageClass",
    "VolumeAttachment",
    "ResourceQuota",
    "LimitRange",
    "HorizontalPodAutoscaler",
    "PodDisruptionBudget",
    "PriorityClass",
    "ValidatingWebhookConfiguration",
    "MutatingWebhookConfiguration",
];

impl Snapshot {
    /// A snapshot of exactly these manifests, status included: several documents, `List`s unfolded, kinds that a
    /// snapshot does not hold left out. Everything counts as looked at.
    pub fn from_yaml(yaml: &str, taken_at: Timestamp) -> Result<Self> {
        let documents: Vec<Value> = serde_saphyr::from_multiple(yaml).map_err(|error| {
            Error::new(
                ErrorKind::InvalidInput,
                format!("the manifests are not readable YAML: {error}"),
            )
        })?;
        let mut snapshot = Self {
            cluster: "manifests".to_owned(),
            taken_at,
            ..Self::default()
        };
        for kind in KINDS.iter().chain(&["APIService"]) {
            snapshot.coverage.insert(kind, Coverage::Complete);
        }
        let mut old_style = Vec::new();
        for document in documents {
            if document.get("kind").and_then(Value::as_str) == Some("Endpoints") {
                old_style
                    .push(serde_json::from_value(document).map_err(|error| malformed("Endpoints", &error))?);
            } else {
                snapshot.add_manifest(document)?;
            }
        }
        snapshot.sort();
        if !old_style.is_empty() {
            snapshot.add_old_style(old_style);
        }
        Ok(snapshot)
    }

    fn add_manifest(&mut self, document: Value) -> Result<()> {
        let Some(kind) = document.get("kind").and_then(Value::as_str).map(str::to_owned) else {
            return Ok(());
        };
        match kind.as_str() {
            "List" => {
                if let Some(Value::Array(items)) = document.get("items").cloned() {
                    for item in items {
                        self.add_manifest(item)?;
                    }
                }
            }
            "Namespace" => self.namespaces.push(read(document)?),
            "Node" => self.nodes.push(read(document)?),
            "Pod" => self.pods.push(read(document)?),
            "Event" => self.events.push(read(document)?),
            "Deployment" => self.deployments.push(read(document)?),
            "ReplicaSet" => self.replica_sets.push(read(document)?),
            "StatefulSet" => self.stateful_sets.push(read(document)?),
            "DaemonSet" => self.daemon_sets.push(read(document)?),
            "Job" => self.jobs.push(read(document)?),
            "CronJob" => self.cron_jobs.push(read(document)?),
            "Service" => self.services.push(read(document)?),
            "EndpointSlice" => self.endpoint_slices.push(read(document)?),
            "Ingress" => self.ingresses.push(read(document)?),
            "IngressClass" => self.ingress_classes.push(read(document)?),
            "NetworkPolicy" => self.network_policies.push(read(document)?),
            "ConfigMap" => self.config_maps.push(read(document)?),
            "Secret" => {
                let secret = serde_json::from_value(document).map_err(|error| malformed("Secret", &error))?;
                self.secrets.push(Arc::new(secret));
            }
            "ServiceAccount" => self.service_accounts.push(read(document)?),
            "PersistentVolumeClaim" => self.claims.push(read(document)?),
            "PersistentVolume" => self.volumes.push(read(document)?),
            "StorageClass" => self.storage_classes.push(read(document)?),
            "VolumeAttachment" => self.volume_attachments.push(read(document)?),
            "ResourceQuota" => self.quotas.push(read(document)?),
            "LimitRange" => self.limit_ranges.push(read(document)?),
            "HorizontalPodAutoscaler" => self.autoscalers.push(read(document)?),
            "PodDisruptionBudget" => self.disruption_budgets.push(read(document)?),
            "PriorityClass" => self.priority_classes.push(read(document)?),
            "ValidatingWebhookConfiguration" => self.validating_webhooks.push(read(document)?),
            "MutatingWebhookConfiguration" => self.mutating_webhooks.push(read(document)?),
            "APIService" => self.api_services.push(read(document)?),
            _ => {}
        }
        Ok(())
    }
}

fn read<K: DeserializeOwned + k8s_openapi::Resource + Metadata<Ty = ObjectMeta>>(
    document: Value,
) -> Result<Arc<K>> {
    let mut object: K = serde_json::from_value(document).map_err(|error| malformed(K::KIND, &error))?;
    trim(object.metadata_mut());
    Ok(Arc::new(object))
}

fn malformed(kind: &str, error: &serde_json::Error) -> Error {
    Error::new(
        ErrorKind::InvalidInput,
        format!("a {kind} in the manifests does not fit its type: {error}"),
    )
}
