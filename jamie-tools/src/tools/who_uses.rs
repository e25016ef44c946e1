//! A ConfigMap, Secret, claim, service account, image, node, Service or StorageClass in; who uses it out.

use async_trait::async_trait;
use jamie_core::{
    Error, ErrorKind, NextStep, ObjectRef, Phrase, Question, Result, ToolContext, ToolOutput, tool::Fill,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use self::{find::find, specs::users};
use super::{Look, phrases, table::table};
use crate::{
    Snapshot,
    cluster::{Cluster, Freshness},
    wording,
};

mod callers;
mod find;
mod specs;

pub(super) struct WhoUses;

/// What is used.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Args {
    /// The object.
    #[schemars(extend("x-slot" = "target", "x-kinds" = ["ConfigMap", "Secret", "PersistentVolumeClaim", "PersistentVolume", "ServiceAccount", "StorageClass", "Node", "Service", "PriorityClass", "IngressClass", "Deployment", "StatefulSet"]))]
    target: Option<ObjectRef>,
    /// Or part of an image's name.
    image: Option<String>,
}

#[async_trait]
impl Look for WhoUses {
    type Args = Args;
    const NAME: &'static str = "who_uses";
    const DESCRIPTION: &'static str =
        "Who uses a ConfigMap, Secret, claim, service account, StorageClass, Service, node or image.";
    const EXAMPLE: &'static str = "who uses the db-credentials secret?";
    const FILL: Option<Fill> = Some(fill);

    fn phrases() -> Vec<Phrase> {
        phrases(&[
            "who uses {target}",
            "what uses {target}",
            "which pods use {target}",
            "which workloads use {target}",
            "where is {target} used",
            "is {target} used anywhere",
            "is {target} still in use",
            "is {target} needed",
            "can I delete {target} safely",
            "what would break if I deleted {target}",
            "who mounts {target}",
            "which apps mount {target}",
            "who references {target}",
            "what depends on {target}",
            "who calls {target}",
            "dependants of {target}",
            "who uses the image {quoted}",
            "who runs image {quoted}",
            "what is {target} for",
        ])
    }

    async fn look(cluster: &Cluster, _context: &ToolContext, args: Args) -> Result<ToolOutput> {
        if let Some(namespace) = args
            .target
            .as_ref()
            .and_then(|target| target.namespace.as_deref())
        {
            cluster.include_namespace(namespace);
        }
        let snapshot = cluster.snapshot(Freshness::Recent).await?;
        match (args.target, args.image) {
            (_, Some(image)) if !image.is_empty() => Ok(image_users(&snapshot, &image)),
            (Some(target), _) => Ok(told(&snapshot, &target)),
            _ => Err(Error::new(
                ErrorKind::InvalidInput,
                "Who uses what? Name a ConfigMap, Secret, claim or image",
            )),
        }
    }
}

fn fill(question: &Question, args: &mut Map<String, Value>) {
    if question
        .words
        .iter()
        .any(|word| word == "image" || word == "images")
    {
        let after = question
            .text
            .split_whitespace()
            .skip_while(|word| !word.to_lowercase().starts_with("image"))
            .nth(1);
        let image = question
            .quoted
            .first()
            .map(String::as_str)
            .or(after)
            .map(|image| image.trim_matches(|c| matches!(c, '?' | ',' | '"' | '\'' | '`')));
        if let Some(image) = image.filter(|image| !image.is_empty()) {
            args.insert("image".to_owned(), json!(image));
        }
    }
}

fn told(snapshot: &Snapshot, target: &ObjectRef) -> ToolOutput {
    let found = find(snapshot, target);
    let mut output = ToolOutput {
        focus: vec![target.clone()],
        ..ToolOutput::default()
    };
    let missing = snapshot.exists(target) == Some(false);
    let name = format!("{} `{}`", target.kind, target.path());
    let absent = if missing { ", which does not exist" } else { "" };
    if found.is_empty() {
        output.headline = format!("I find nobody who uses {name}{absent}.");
        output.notes.push(
            "Programs that read it through the API, and other clusters' tools, do not show in objects."
                .to_owned(),
        );
        return output;
    }
    let names: Vec<String> = found
        .iter()
        .map(|(object, _)| format!("{} `{}`", object.kind, object.name))
        .collect();
    output.headline = format!("{name}{absent} is used by {}.", wording::list(&names, 5));
    if missing {
        output.good = Some(false);
    }
    output.facts = json!({"users": found.iter().map(|(object, how)| json!({"object": object, "how": how})).collect::<Vec<_>>()});
    let rows = found
        .iter()
        .map(|(object, how)| vec![format!("{} `{}`", object.kind, object.path()), how.clone()])
        .collect();
    output.blocks.extend(table(&["Who", "How"], rows, "user"));
    if matches!(target.kind.as_str(), "ConfigMap" | "Secret")
        && let Some((first, _)) = found
            .iter()
            .find(|(object, _)| matches!(object.kind.as_str(), "Deployment" | "StatefulSet" | "DaemonSet"))
    {
        output.next.push(NextStep::command(
            "Variables are only read at the start: after a change, restart what uses them",
            format!(
                "kubectl rollout restart {}/{} -n {}",
                first.kind.to_lowercase(),
                first.name,
                first.namespace.as_deref().unwrap_or_default()
            ),
        ));
    }
    output
}

fn image_users(snapshot: &Snapshot, image: &str) -> ToolOutput {
    let wanted = image.to_lowercase();
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut focus = Vec::new();
    for (object, spec) in users(snapshot) {
        let images: Vec<String> = spec
            .init_containers
            .iter()
            .flatten()
            .chain(&spec.containers)
            .filter_map(|container| container.image.clone())
            .filter(|one| one.to_lowercase().contains(&wanted))
            .collect();
        if !images.is_empty() {
            rows.push(vec![
                format!("{} `{}`", object.kind, object.path()),
                wording::code_list(&images, 3),
            ]);
            focus.push(object);
        }
    }
    let names: Vec<String> = focus.iter().map(ObjectRef::path).collect();
    let mut output = ToolOutput {
        headline: if names.is_empty() {
            format!("Nothing runs an image with `{image}` in its name.")
        } else {
            format!(
                "{} an image like `{image}`: {}.",
                if names.len() == 1 {
                    "One workload runs".to_owned()
                } else {
                    format!("{} workloads run", names.len())
                },
                wording::code_list(&names, 6)
            )
        },
        focus: focus.into_iter().take(10).collect(),
        ..ToolOutput::default()
    };
    output.blocks.extend(table(&["Who", "Image"], rows, "workload"));
    output
}
