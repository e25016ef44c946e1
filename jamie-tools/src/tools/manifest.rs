//! One object in, its manifest as YAML out: without what machines keep in it, and of a Secret only the keys.

use async_trait::async_trait;
use jamie_core::{
    Block, Error, ErrorKind, NextStep, ObjectRef, Phrase, Quoted, Redactor, Result, ToolContext, ToolOutput,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Look, list, must_exist, phrases};
use crate::cluster::{Cluster, Freshness};

pub(super) struct Manifest;

/// Which object.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Args {
    /// The object.
    #[schemars(extend("x-slot" = "target"))]
    target: ObjectRef,
}

/// Characters of YAML shown.
const MAX_CHARS: usize = 14_000;

#[async_trait]
impl Look for Manifest {
    type Args = Args;
    const NAME: &'static str = "manifest";
    const DESCRIPTION: &'static str = "The manifest of one object as YAML; of a Secret only its keys.";
    const IS_BARE: bool = true;
    const EXAMPLE: &'static str = "show me the yaml of the web ingress";

    fn phrases() -> Vec<Phrase> {
        phrases(&[
            "yaml of {target}",
            "{target} as yaml",
            "manifest of {target}",
            "spec of {target}",
            "definition of {target}",
            "raw {target}",
            "full object {target}",
            "get {target} -o yaml",
            "json of {target}",
            "source of {target}",
            "content of {target}",
            "what is in {target}",
        ])
    }

    async fn look(cluster: &Cluster, _context: &ToolContext, args: Args) -> Result<ToolOutput> {
        let target = args.target;
        if let Some(namespace) = &target.namespace {
            cluster.include_namespace(namespace);
        }
        let mut output = ToolOutput {
            focus: vec![target.clone()],
            ..ToolOutput::default()
        };
        let object = if target.kind == "Secret" {
            let snapshot = cluster.snapshot(Freshness::Recent).await?;
            must_exist(&snapshot, &target)?;
            let secret = snapshot
                .secret(target.namespace.as_deref().unwrap_or_default(), &target.name)
                .ok_or_else(|| Error::new(ErrorKind::Forbidden, "I am not allowed to look at Secrets"))?;
            output
                .notes
                .push("The values of a Secret are never shown.".to_owned());
            let keys: Map<String, Value> = secret
                .keys
                .iter()
                .map(|(key, size)| (key.clone(), json!(format!("({size} bytes, hidden)"))))
                .collect();
            json!({
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {"name": target.name, "namespace": target.namespace, "labels": secret.metadata.labels},
                "type": secret.type_,
                "data": keys,
            })
        } else {
            read(cluster, &target).await?
        };
        let mut object = object;
        tidy(&mut object);
        let text = serde_saphyr::to_string(&object).map_err(|error| {
            Error::new(ErrorKind::Internal, format!("{target} cannot be written as YAML")).with_source(error)
        })?;
        output.headline = format!("This is {} `{}`.", target.kind, target.path());
        output.blocks.push(Block::Code {
            language: "yaml".to_owned(),
            text: Quoted::passage(&text, MAX_CHARS),
        });
        if text.chars().count() > MAX_CHARS {
            output.notes.push(format!(
                "The manifest is longer than {MAX_CHARS} characters: the end is cut."
            ));
        }
        let place = target
            .namespace
            .as_ref()
            .map_or_else(String::new, |namespace| format!(" -n {namespace}"));
        output.next.push(NextStep::command(
            "See it whole",
            format!(
                "kubectl get {} {}{place} -o yaml",
                target.kind.to_lowercase(),
                target.name
            ),
        ));
        Ok(output)
    }
}

/// Kinds whose paths need no discovery.
const KNOWN: [(&str, &str, &str, bool); 28] = [
    ("Pod", "api/v1", "pods", true),
    ("Service", "api/v1", "services", true),
    ("ConfigMap", "api/v1", "configmaps", true),
    ("ServiceAccount", "api/v1", "serviceaccounts", true),
    ("PersistentVolumeClaim", "api/v1", "persistentvolumeclaims", true),
    ("PersistentVolume", "api/v1", "persistentvolumes", false),
    ("Namespace", "api/v1", "namespaces", false),
    ("Node", "api/v1", "nodes", false),
    ("ResourceQuota", "api/v1", "resourcequotas", true),
    ("LimitRange", "api/v1", "limitranges", true),
    ("Endpoints", "api/v1", "endpoints", true),
    ("Deployment", "apis/apps/v1", "deployments", true),
    ("ReplicaSet", "apis/apps/v1", "replicasets", true),
    ("StatefulSet", "apis/apps/v1", "statefulsets", true),
    ("DaemonSet", "apis/apps/v1", "daemonsets", true),
    ("Job", "apis/batch/v1", "jobs", true),
    ("CronJob", "apis/batch/v1", "cronjobs", true),
    ("Ingress", "apis/networking.k8s.io/v1", "ingresses", true),
    (
        "IngressClass",
        "apis/networking.k8s.io/v1",
        "ingressclasses",
        false,
    ),
    (
        "NetworkPolicy",
        "apis/networking.k8s.io/v1",
        "networkpolicies",
        true,
    ),
    (
        "PodDisruptionBudget",
        "apis/policy/v1",
        "poddisruptionbudgets",
        true,
    ),
    (
        "HorizontalPodAutoscaler",
        "apis/autoscaling/v2",
        "horizontalpodautoscalers",
        true,
    ),
    ("StorageClass", "apis/storage.k8s.io/v1", "storageclasses", false),
    (
        "PriorityClass",
        "apis/scheduling.k8s.io/v1",
        "priorityclasses",
        false,
    ),
    (
        "EndpointSlice",
        "apis/discovery.k8s.io/v1",
        "endpointslices",
        true,
    ),
    ("Role", "apis/rbac.authorization.k8s.io/v1", "roles", true),
    (
        "RoleBinding",
        "apis/rbac.authorization.k8s.io/v1",
        "rolebindings",
        true,
    ),
    (
        "ClusterRole",
        "apis/rbac.authorization.k8s.io/v1",
        "clusterroles",
        false,
    ),
];

/// The place of a kind in the API: without asking where it is a usual one.
pub(crate) async fn resource_of(cluster: &Cluster, kind: &str) -> Result<list::Kind> {
    match KNOWN.iter().find(|(known, ..)| *known == kind) {
        Some(known) => Ok(known_kind(known)),
        None => list::find_kind(cluster, kind).await,
    }
}

/// The place of a kind of a given version in the API.
pub(crate) async fn resource_in(cluster: &Cluster, api_version: &str, kind: &str) -> Result<list::Kind> {
    let base = if api_version.contains('/') {
        format!("apis/{api_version}")
    } else {
        format!("api/{api_version}")
    };
    if let Some(known) = KNOWN
        .iter()
        .find(|(known, place, ..)| *known == kind && *place == base)
    {
        return Ok(known_kind(known));
    }
    let unknown = || {
        Error::new(
            ErrorKind::Unsupported,
            format!("the server knows no kind `{kind}` in `{api_version}`"),
        )
        .with_hint("`kubectl api-resources` lists the kinds and their versions")
    };
    let found = cluster.read(&format!("/{base}")).await.map_err(|error| {
        if error.kind() == ErrorKind::NotFound {
            unknown()
        } else {
            error
        }
    })?;
    let resources = found.get("resources").and_then(Value::as_array);
    resources
        .into_iter()
        .flatten()
        .find(|resource| {
            resource.get("kind").and_then(Value::as_str) == Some(kind)
                && resource
                    .get("name")
                    .and_then(Value::as_str)
                    .is_some_and(|name| !name.contains('/'))
        })
        .map(|resource| list::Kind {
            base: base.clone(),
            name: kind.to_owned(),
            plural: resource
                .get("name")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned(),
            is_namespaced: resource.get("namespaced").and_then(Value::as_bool) == Some(true),
        })
        .ok_or_else(unknown)
}

fn known_kind(known: &(&str, &str, &str, bool)) -> list::Kind {
    let (kind, base, plural, is_namespaced) = known;
    list::Kind {
        base: (*base).to_owned(),
        name: (*kind).to_owned(),
        plural: (*plural).to_owned(),
        is_namespaced: *is_namespaced,
    }
}

/// Reads one object as it is right now. Secrets are refused: their values must not come in at all.
pub(crate) async fn read(cluster: &Cluster, target: &ObjectRef) -> Result<Value> {
    if target.kind == "Secret" {
        return Err(Error::new(
            ErrorKind::Forbidden,
            "Secrets are not read by their objects",
        ));
    }
    let kind = resource_of(cluster, &target.kind).await?;
    cluster
        .read(&kind.path(target.namespace.as_deref(), Some(&target.name)))
        .await
        .map_err(|error| {
            if error.kind() == ErrorKind::NotFound {
                Error::new(
                    ErrorKind::NotFound,
                    format!("There is no {} `{}`", target.kind, target.path()),
                )
            } else {
                error
            }
        })
}

/// Drops what nobody reads and hides what nobody should.
pub(super) fn tidy(object: &mut Value) {
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        for noise in ["managedFields", "selfLink", "uid", "resourceVersion"] {
            metadata.remove(noise);
        }
        if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
            annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
            if annotations.is_empty() {
                metadata.remove("annotations");
            }
        }
    }
    prune(object, 0);
    Redactor::default().value(object);
}

/// Drops what is empty.
fn prune(value: &mut Value, depth: usize) {
    if depth > 64 {
        return;
    }
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| prune(item, depth + 1)),
        Value::Object(fields) => {
            fields.retain(|_, value| !value.is_null());
            fields.values_mut().for_each(|value| prune(value, depth + 1));
        }
        _ => {}
    }
}
