//! A namespace or workload in; which images and versions run there out.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use jamie_core::{ObjectRef, Phrase, Result, ToolContext, ToolOutput, tool::Fill};
use k8s_openapi::api::core::v1::Pod;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::{Look, must_exist, namespace, phrases, table::table};
use crate::{
    Snapshot,
    cluster::{Cluster, Freshness},
    snapshot::is_finished,
    template, wording,
};

pub(super) struct Images;

/// Where.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Args {
    /// Only of this object.
    #[schemars(extend("x-slot" = "target"))]
    target: Option<ObjectRef>,
    /// Only in this namespace.
    #[schemars(extend("x-slot" = "namespace"))]
    namespace: Option<String>,
}

#[async_trait]
impl Look for Images {
    type Args = Args;
    const NAME: &'static str = "images";
    const DESCRIPTION: &'static str =
        "Which images and versions run, and where the same image runs in several versions.";
    const EXAMPLE: &'static str = "which versions are running in production?";
    const FILL: Option<Fill> = Some(super::overview::place);

    fn phrases() -> Vec<Phrase> {
        phrases(&[
            "which images run in {namespace}",
            "images",
            "container images in use",
            "which versions are running",
            "what versions are deployed in {namespace}",
            "what version of {target} is deployed",
            "image of {target}",
            "image tag of {target}",
            "which tag does {target} run",
            "what version is {target} on",
            "which build of {target} is live",
            "who uses the latest tag",
            "image versions everywhere",
        ])
    }

    async fn look(cluster: &Cluster, context: &ToolContext, args: Args) -> Result<ToolOutput> {
        let place = match &args.target {
            Some(target) if target.kind == "Namespace" => Some(target.name.clone()),
            Some(target) => target.namespace.clone(),
            None => namespace(args.namespace.clone(), context),
        };
        if let Some(place) = &place {
            cluster.include_namespace(place);
        }
        let snapshot = cluster.snapshot(Freshness::Recent).await?;
        let target = args.target.filter(|target| target.kind != "Namespace");
        if let Some(target) = &target {
            must_exist(&snapshot, target)?;
        }
        Ok(told(&snapshot, target.as_ref(), place.as_deref()))
    }
}

/// What runs where: containers and workloads by image.
fn running(
    snapshot: &Snapshot,
    target: Option<&ObjectRef>,
    place: Option<&str>,
) -> BTreeMap<String, (usize, BTreeSet<String>)> {
    let mut pods: Vec<Pod> = match target {
        Some(target) => snapshot
            .pods_of(target)
            .into_iter()
            .map(|pod| pod.as_ref().clone())
            .collect(),
        None => snapshot
            .pods
            .iter()
            .filter(|pod| place.is_none_or(|own| pod.metadata.namespace.as_deref() == Some(own)))
            .map(|pod| pod.as_ref().clone())
            .collect(),
    };
    pods.retain(|pod| !is_finished(pod));
    if pods.is_empty() {
        pods.extend(target.and_then(|target| template::imagined_pod(snapshot, target)));
    }
    let mut running: BTreeMap<String, (usize, BTreeSet<String>)> = BTreeMap::new();
    for pod in &pods {
        let imagined = target.filter(|_| pod.status.is_none()).cloned();
        let workload = imagined.unwrap_or_else(|| snapshot.workload_of(pod));
        let containers = pod
            .spec
            .iter()
            .flat_map(|spec| spec.init_containers.iter().flatten().chain(&spec.containers));
        for image in containers.filter_map(|container| container.image.clone()) {
            let entry = running.entry(image).or_default();
            entry.0 += 1;
            entry.1.insert(workload.path());
        }
    }
    running
}

fn told(snapshot: &Snapshot, target: Option<&ObjectRef>, place: Option<&str>) -> ToolOutput {
    let running = running(snapshot, target, place);
    let images: Vec<&String> = running.keys().collect();
    let subject = match (target, place) {
        (Some(target), _) => format!("`{}`", target.path()),
        (None, Some(place)) => format!("`{place}`"),
        (None, None) => "the cluster".to_owned(),
    };
    let mut output = ToolOutput {
        headline: match images.as_slice() {
            [] => format!("No images run in {subject}."),
            few if few.len() <= 4 => format!(
                "{} runs {}.",
                wording::sentence(&subject),
                wording::code_list(few, 4)
            ),
            many => format!("{} run in {subject}.", wording::count(many.len(), "image")),
        },
        facts: json!({"images": images}),
        focus: target.cloned().into_iter().collect(),
        ..ToolOutput::default()
    };
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for image in running.keys() {
        let (name, tag) = split(image);
        versions.entry(name).or_default().insert(tag);
    }
    let mixed: Vec<String> = versions
        .iter()
        .filter(|(_, tags)| tags.len() > 1)
        .map(|(name, tags)| {
            format!(
                "`{name}` in {}",
                wording::code_list(&tags.iter().collect::<Vec<_>>(), 4)
            )
        })
        .collect();
    if !mixed.is_empty() {
        output
            .notes
            .push(format!("In more than one version: {}.", wording::list(&mixed, 6)));
    }
    let floating: Vec<&&String> = images
        .iter()
        .filter(|image| matches!(split(image).1, "latest" | ""))
        .collect();
    if !floating.is_empty() {
        output.notes.push(format!(
            "Without a fixed version: {}.",
            wording::code_list(&floating, 6)
        ));
    }
    let rows = running
        .iter()
        .map(|(image, (count, places))| {
            let places: Vec<&String> = places.iter().collect();
            vec![format!("`{image}`"), count.to_string(), wording::list(&places, 4)]
        })
        .collect();
    output
        .blocks
        .extend(table(&["Image", "Containers", "Where"], rows, "image"));
    output
}

/// Name and tag of an image; a digest counts as a tag, and a registry's port does not.
fn split(image: &str) -> (&str, &str) {
    if let Some((name, digest)) = image.split_once('@') {
        return (name, digest);
    }
    match image.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, tag),
        _ => (image, ""),
    }
}
