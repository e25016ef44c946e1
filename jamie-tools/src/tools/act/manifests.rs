//! Manifests or a few fields in; what the cluster should say instead out.

use async_trait::async_trait;
use jamie_core::{Error, ErrorKind, ObjectRef, Phrase, Question, Result, ToolContext, tool::Fill};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Act, delete::Delete, lacking, phrases, said, text, the};
use crate::{
    acting::{Draft, Goal, Operation, Write},
    cluster::Cluster,
    tools::manifest,
    wording,
};

pub(super) struct ApplyManifest;
pub(super) struct Patch;

/// So many documents are taken at once.
const MOST: usize = 50;

/// What.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct ApplyArgs {
    /// The manifests, as YAML or JSON; several documents are separated by `---`.
    manifest: Option<String>,
    /// The namespace of what names none.
    #[schemars(extend("x-slot" = "namespace"))]
    namespace: Option<String>,
}

/// What, and how.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct PatchArgs {
    /// The object.
    #[schemars(extend("x-slot" = "target"))]
    target: ObjectRef,
    /// Labels to set; null takes one away.
    #[serde(default)]
    labels: Map<String, Value>,
    /// Annotations to set; null takes one away.
    #[serde(default)]
    annotations: Map<String, Value>,
    /// A merge patch (RFC 7386).
    merge: Option<Value>,
    /// Steps of a JSON patch (RFC 6902), which is also what takes a patch of lists back.
    steps: Option<Vec<Value>>,
}

#[async_trait]
impl Act for ApplyManifest {
    type Args = ApplyArgs;
    const NAME: &'static str = "apply_manifest";
    const DESCRIPTION: &'static str = "Applies manifests: makes what is not there, and changes what is.";
    const EXAMPLE: &'static str = "apply this: ```yaml …```";
    const FILL: Option<Fill> = Some(fill_apply);

    fn phrases() -> Vec<Phrase> {
        phrases(&[
            "apply {quoted}",
            "apply this {quoted}",
            "apply this yaml {quoted}",
            "apply this manifest {quoted}",
            "apply the following manifest {quoted}",
            "apply this in {namespace} {quoted}",
            "kubectl apply {quoted}",
            "install this manifest {quoted}",
        ])
    }

    async fn draft(cluster: &Cluster, context: &ToolContext, args: ApplyArgs) -> Result<Draft> {
        let manifest = args.manifest.ok_or_else(|| {
            lacking(
                "which manifest?",
                "put it between ``` marks, with its apiVersion, kind and metadata.name",
            )
        })?;
        let place = crate::tools::namespace(args.namespace, context);
        let documents = documents(&manifest)?;
        let (mut operations, mut made, mut all) = (Vec::new(), Vec::new(), Vec::new());
        for mut document in documents {
            let target = address(cluster, &mut document, place.as_deref()).await?;
            let version = text(&document, "/apiVersion").to_owned();
            let there = match the_in(cluster, &version, &target).await {
                Ok(found) => Some(found),
                Err(error) if error.kind() == ErrorKind::NotFound => None,
                Err(error) => return Err(error),
            };
            let write = if there.is_some() {
                Write::Apply { body: document }
            } else {
                made.push(target.clone());
                Write::Create { body: document }
            };
            operations.push(Operation::in_version(cluster, &version, &target, write).await?);
            all.push(target);
        }
        let names: Vec<String> = all.iter().map(ToString::to_string).collect();
        let goals = all
            .iter()
            .map(|object| match object.kind.as_str() {
                "Deployment" | "StatefulSet" | "DaemonSet" => Goal::RolledOut {
                    object: object.clone(),
                },
                _ => Goal::Present {
                    objects: vec![object.clone()],
                },
            })
            .collect();
        let draft = Draft::new(
            format!("Apply {}", wording::list(&names, 6)),
            json!({"manifest": manifest, "namespace": place}),
            operations,
            Goal::All { of: goals },
        );
        Ok(
            if made.len() == all.len() && !made.iter().any(|one| one.kind == "Namespace") {
                draft.undone_by(
                    Delete::NAME,
                    json!({"targets": made}),
                    "none of it was there before",
                )
            } else {
                draft
            },
        )
    }
}

/// The object of the version that a manifest names.
async fn the_in(cluster: &Cluster, api_version: &str, target: &ObjectRef) -> Result<Value> {
    let kind = manifest::resource_in(cluster, api_version, &target.kind).await?;
    cluster
        .read(&kind.path(target.namespace.as_deref(), Some(&target.name)))
        .await
}

/// The documents of a manifest, those of lists one by one.
fn documents(text: &str) -> Result<Vec<Value>> {
    let unreadable = |why: String| {
        Error::new(
            ErrorKind::InvalidInput,
            format!("the manifest cannot be read: {why}"),
        )
        .with_hint("check its indentation; `kubectl apply --dry-run=client` shows where it breaks")
    };
    let mut found = Vec::new();
    for part in text.split("\n---") {
        let part = part.trim_start_matches("---").trim();
        if part.is_empty() {
            continue;
        }
        let document: Value = serde_saphyr::from_str(part)
            .map_err(|error| unreadable(wording::clip(&error.to_string(), 200)))?;
        match document.get("items").and_then(Value::as_array) {
            Some(items) if super::text(&document, "/kind") == "List" => found.extend(items.iter().cloned()),
            _ => found.push(document),
        }
        if found.len() > MOST {
            return Err(lacking(
                format!("these are more than {MOST} objects at once"),
                "apply them in smaller parts",
            ));
        }
    }
    if found.is_empty() {
        return Err(unreadable("there is nothing in it".to_owned()));
    }
    Ok(found)
}

/// What a manifest is of; its namespace is written into it where it says none.
async fn address(cluster: &Cluster, document: &mut Value, place: Option<&str>) -> Result<ObjectRef> {
    let (version, kind, name) = (
        text(document, "/apiVersion").to_owned(),
        text(document, "/kind").to_owned(),
        text(document, "/metadata/name").to_owned(),
    );
    for (what, said) in [
        ("apiVersion", &version),
        ("kind", &kind),
        ("metadata.name", &name),
    ] {
        if said.is_empty() {
            return Err(lacking(
                format!("the manifest says no {what}"),
                "every document needs its apiVersion, kind and metadata.name",
            ));
        }
    }
    let found = manifest::resource_in(cluster, &version, &kind).await?;
    let namespace = found.is_namespaced.then(|| {
        let said = text(document, "/metadata/namespace");
        if said.is_empty() {
            place.unwrap_or(cluster.default_namespace()).to_owned()
        } else {
            said.to_owned()
        }
    });
    if let (Some(namespace), Some(metadata)) = (
        &namespace,
        document.get_mut("metadata").and_then(Value::as_object_mut),
    ) {
        metadata.insert("namespace".to_owned(), json!(namespace));
    }
    Ok(ObjectRef {
        kind,
        namespace,
        name,
        uid: None,
    })
}

fn fill_apply(question: &Question, args: &mut Map<String, Value>) {
    let manifest = question
        .quoted
        .iter()
        .find(|quoted| quoted.contains("apiVersion") && quoted.contains("kind"));
    if let Some(manifest) = manifest {
        said::set(args, "manifest", manifest.as_str());
    }
}

#[async_trait]
impl Act for Patch {
    type Args = PatchArgs;
    const NAME: &'static str = "patch";
    const DESCRIPTION: &'static str =
        "Changes single fields of an object: labels, annotations, or any by a patch.";
    const EXAMPLE: &'static str = "label web with tier=front";
    const FILL: Option<Fill> = Some(fill_patch);

    fn phrases() -> Vec<Phrase> {
        phrases(&[
            "label {target}",
            "label {target} with",
            "add the label to {target}",
            "set the label on {target}",
            "remove the label from {target}",
            "annotate {target}",
            "annotate {target} with",
            "add the annotation to {target}",
            "remove the annotation from {target}",
            "patch {target}",
            "patch {target} with {quoted}",
            "set the field of {target}",
        ])
    }

    async fn draft(cluster: &Cluster, _context: &ToolContext, args: PatchArgs) -> Result<Draft> {
        let target = args.target;
        let object = the(cluster, &target).await?;
        let mut parts: Vec<String> = Vec::new();
        let (write, steps) = if let Some(steps) = args.steps {
            let fields: Vec<String> = steps
                .iter()
                .map(|step| {
                    let path = text(step, "/path");
                    match step.get("value").filter(|value| !value.is_null()) {
                        Some(value) if text(step, "/op") != "test" => format!(
                            "`{}` to {}",
                            path.trim_start_matches('/').replace('/', "."),
                            wording::clip(&value.to_string(), 80)
                        ),
                        _ => format!("no `{}`", path.trim_start_matches('/').replace('/', ".")),
                    }
                })
                .collect();
            parts.extend(fields);
            (Write::Json { body: json!(steps) }, Some(steps))
        } else {
            let mut body = args.merge.unwrap_or_else(|| json!({}));
            if !body.is_object() {
                return Err(lacking(
                    "the patch is no object",
                    "write it like {\"spec\": {\"replicas\": 2}}",
                ));
            }
            for (field, set) in [("labels", args.labels), ("annotations", args.annotations)] {
                for (key, value) in set {
                    body["metadata"][field][key] = value;
                }
            }
            parts.extend(leaves(&body, ""));
            (Write::Merge { body }, None)
        };
        if parts.is_empty() {
            return Err(lacking(
                format!("what shall change in {target}?"),
                format!("for instance: label {} with tier=front", target.name),
            ));
        }
        let undo = match (&write, &steps) {
            (Write::Merge { body }, _) => Some(json!({"target": target, "merge": before(body, &object)})),
            (_, Some(steps)) => undone(steps, &object).map(|steps| json!({"target": target, "steps": steps})),
            _ => None,
        };
        let absolute = match (&write, steps) {
            (Write::Merge { body }, _) => json!({"target": target, "merge": body}),
            (_, steps) => json!({"target": target, "steps": steps}),
        };
        let changes_pods = match &write {
            Write::Merge { body } => body.pointer("/spec").is_some(),
            _ => true,
        };
        let goal = match target.kind.as_str() {
            "Deployment" | "StatefulSet" | "DaemonSet"
                if changes_pods && object.pointer("/spec/paused") != Some(&json!(true)) =>
            {
                Goal::RolledOut {
                    object: target.clone(),
                }
            }
            "Service" if changes_pods && object.pointer("/spec/selector").is_some() => Goal::Backed {
                service: target.clone(),
            },
            _ => Goal::Present {
                objects: vec![target.clone()],
            },
        };
        let operation = Operation::on(cluster, &target, write).await?;
        let draft = Draft::new(
            format!("Set on {target}: {}", wording::list(&parts, 6)),
            absolute,
            vec![operation],
            goal,
        );
        Ok(match undo {
            Some(args) => draft.undone_by(Self::NAME, args, "that is what stood there before"),
            None => draft,
        })
    }
}

/// The fields that a merge patch sets.
fn leaves(patch: &Value, path: &str) -> Vec<String> {
    match patch {
        Value::Object(fields) if !fields.is_empty() => fields
            .iter()
            .flat_map(|(key, value)| {
                let path = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                leaves(value, &path)
            })
            .collect(),
        Value::Object(_) => Vec::new(),
        Value::Null => vec![format!("no {}", named(path))],
        Value::String(text) => vec![format!("{} to `{}`", named(path), wording::clip(text, 80))],
        other => vec![format!(
            "{} to {}",
            named(path),
            wording::clip(&other.to_string(), 80)
        )],
    }
}

/// A field as people call it.
fn named(path: &str) -> String {
    for (place, what) in [
        ("metadata.labels.", "label"),
        ("metadata.annotations.", "annotation"),
    ] {
        if let Some(key) = path.strip_prefix(place) {
            return format!("{what} `{key}`");
        }
    }
    format!("`{path}`")
}

/// The merge patch that takes another back.
fn before(patch: &Value, object: &Value) -> Value {
    match (patch, object) {
        (Value::Object(patch), Value::Object(object)) => patch
            .iter()
            .map(|(key, value)| {
                (
                    key.clone(),
                    before(value, object.get(key).unwrap_or(&Value::Null)),
                )
            })
            .collect(),
        // What was added as a whole goes as a whole.
        (_, Value::Null) => Value::Null,
        (_, object) => object.clone(),
    }
}

/// The steps that take others back, where each of them only replaces what is there.
fn undone(steps: &[Value], object: &Value) -> Option<Vec<Value>> {
    steps
        .iter()
        .rev()
        .filter(|step| text(step, "/op") != "test")
        .map(|step| {
            let path = text(step, "/path");
            let had = object.pointer(path)?;
            (text(step, "/op") == "replace").then(|| json!({"op": "replace", "path": path, "value": had}))
        })
        .collect()
}

fn fill_patch(question: &Question, args: &mut Map<String, Value>) {
    let json = question
        .quoted
        .iter()
        .find_map(|quoted| serde_json::from_str::<Value>(quoted).ok())
        .filter(Value::is_object);
    if let Some(patch) = json {
        said::set(args, "merge", patch);
        return;
    }
    let annotates = said::has(question, &["annotate", "annotation", "annotations"]);
    let removes = said::has(question, &["remove", "delete", "unset", "drop"]);
    let mut set = Map::new();
    for (key, value) in said::pairs(question) {
        set.insert(key, json!(value));
    }
    if removes && set.is_empty() {
        let words: Vec<&str> = said::typed(question).collect();
        let at = words.iter().position(|word| {
            word.to_lowercase().starts_with("label") || word.to_lowercase().starts_with("annotation")
        });
        if let Some(key) = at.and_then(|at| words.get(at + 1)) {
            set.insert((*key).to_owned(), Value::Null);
        }
    }
    if !set.is_empty() {
        said::set(
            args,
            if annotates { "annotations" } else { "labels" },
            Value::Object(set),
        );
    }
}
