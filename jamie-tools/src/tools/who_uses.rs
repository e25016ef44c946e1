//! A ConfigMap, Secret, claim, service account, image, node, Service or StorageClass in; who uses it out.

use std::collections::BTreeMap;

use async_trait::async_trait;
use jamie_core::{
    Error, ErrorKind, NextStep, ObjectRef, Phrase, Question, Result, ToolContext, ToolOutput, tool::Fill,
};
use k8s_openapi::api::{apps::v1::StatefulSet, core::v1::PodSpec};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Look, phrases, table::table};
use crate::{
    Snapshot,
    cluster::{Cluster, Freshness},
    snapshot::{is_finished, reference},
    template, wording,
};

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

/// Everything that has a pod spec: workloads first, then pods that belong to none.
fn users(snapshot: &Snapshot) -> Vec<(ObjectRef, PodSpec)> {
    let mut all: Vec<(ObjectRef, PodSpec)> = Vec::new();
    let workloads = snapshot
        .deployments
        .iter()
        .map(|one| reference(one.as_ref()))
        .chain(snapshot.stateful_sets.iter().map(|one| reference(one.as_ref())))
        .chain(snapshot.daemon_sets.iter().map(|one| reference(one.as_ref())))
        .chain(snapshot.cron_jobs.iter().map(|one| reference(one.as_ref())))
        .chain(
            snapshot
                .jobs
                .iter()
                .filter(|job| job.metadata.owner_references.as_ref().is_none_or(Vec::is_empty))
                .map(|one| reference(one.as_ref())),
        );
    for object in workloads {
        if let Some(spec) =
            template::template_of(snapshot, &object).and_then(|template| template.spec.clone())
        {
            all.push((object, spec));
        }
    }
    for pod in &snapshot.pods {
        let workload = snapshot.workload_of(pod);
        if !all.iter().any(|(object, _)| object.is_same(&workload))
            && let Some(spec) = &pod.spec
        {
            all.push((workload, spec.clone()));
        }
    }
    all
}

/// How a pod spec uses a ConfigMap, Secret, claim or account.
fn ways(spec: &PodSpec, kind: &str, name: &str) -> Vec<String> {
    let mut ways: Vec<String> = Vec::new();
    for container in spec
        .containers
        .iter()
        .chain(spec.init_containers.iter().flatten())
    {
        for source in container.env_from.iter().flatten() {
            let whole = match kind {
                "ConfigMap" => source.config_map_ref.as_ref().map(|one| &one.name),
                "Secret" => source.secret_ref.as_ref().map(|one| &one.name),
                _ => None,
            };
            if whole.is_some_and(|one| one == name) {
                ways.push(format!("all keys as variables of `{}`", container.name));
            }
        }
        for variable in container.env.iter().flatten() {
            let Some(from) = &variable.value_from else {
                continue;
            };
            let key = match kind {
                "ConfigMap" => from.config_map_key_ref.as_ref().map(|one| (&one.name, &one.key)),
                "Secret" => from.secret_key_ref.as_ref().map(|one| (&one.name, &one.key)),
                _ => None,
            };
            if let Some((_, key)) = key.filter(|(one, _)| *one == name) {
                ways.push(format!(
                    "key `{key}` as `{}` of `{}`",
                    variable.name, container.name
                ));
            }
        }
    }
    for volume in spec.volumes.iter().flatten() {
        let direct = match kind {
            "ConfigMap" => volume.config_map.as_ref().map(|one| one.name.as_str()),
            "Secret" => volume.secret.as_ref().and_then(|one| one.secret_name.as_deref()),
            "PersistentVolumeClaim" => volume
                .persistent_volume_claim
                .as_ref()
                .map(|one| one.claim_name.as_str()),
            _ => None,
        };
        let projected = volume
            .projected
            .iter()
            .flat_map(|one| one.sources.iter().flatten())
            .any(|source| match kind {
                "ConfigMap" => source.config_map.as_ref().is_some_and(|one| one.name == name),
                "Secret" => source.secret.as_ref().is_some_and(|one| one.name == name),
                _ => false,
            });
        if direct == Some(name) || projected {
            let at: Vec<String> = spec
                .containers
                .iter()
                .chain(spec.init_containers.iter().flatten())
                .flat_map(|container| container.volume_mounts.iter().flatten())
                .filter(|mount| mount.name == volume.name)
                .map(|mount| mount.mount_path.clone())
                .collect();
            ways.push(if at.is_empty() {
                "as a volume".to_owned()
            } else {
                format!("mounted at {}", wording::code_list(&at, 3))
            });
        }
    }
    match kind {
        "Secret"
            if spec
                .image_pull_secrets
                .iter()
                .flatten()
                .any(|one| one.name == name) =>
        {
            ways.push("to pull its images".to_owned());
        }
        "ServiceAccount"
            if spec
                .service_account_name
                .as_deref()
                .filter(|own| !own.is_empty())
                .unwrap_or("default")
                == name =>
        {
            ways.push("runs as it".to_owned());
        }
        "PriorityClass" if spec.priority_class_name.as_deref() == Some(name) => {
            ways.push("has that priority".to_owned());
        }
        _ => {}
    }
    ways.dedup();
    ways
}

/// Who uses an object, and how.
fn find(snapshot: &Snapshot, target: &ObjectRef) -> Vec<(ObjectRef, String)> {
    let name = target.name.as_str();
    match target.kind.as_str() {
        "Node" => on_node(snapshot, target),
        "StorageClass" => snapshot
            .claims
            .iter()
            .filter(|claim| {
                claim
                    .spec
                    .as_ref()
                    .and_then(|spec| spec.storage_class_name.as_deref())
                    == Some(name)
            })
            .map(|claim| (reference(claim.as_ref()), "claims a volume of it".to_owned()))
            .collect(),
        "IngressClass" => snapshot
            .ingresses
            .iter()
            .filter(|one| {
                one.spec
                    .as_ref()
                    .and_then(|spec| spec.ingress_class_name.as_deref())
                    == Some(name)
            })
            .map(|one| (reference(one.as_ref()), "belongs to it".to_owned()))
            .collect(),
        "PersistentVolume" => {
            let claim = snapshot
                .volume(name)
                .and_then(|volume| volume.spec.as_ref()?.claim_ref.clone());
            let Some(claim) = claim else { return Vec::new() };
            let (namespace, name) = (
                claim.namespace.unwrap_or_default(),
                claim.name.unwrap_or_default(),
            );
            let claim = ObjectRef::namespaced("PersistentVolumeClaim", namespace, name);
            let mut found = vec![(claim.clone(), "is bound to it".to_owned())];
            found.extend(find(snapshot, &claim));
            found
        }
        "Service" | "Deployment" | "StatefulSet" => callers(snapshot, target),
        kind => {
            let mut found = by_spec(snapshot, target);
            match kind {
                "Secret" => found.extend(secret_users(snapshot, target)),
                "PersistentVolumeClaim" => found.extend(claim_maker(snapshot, target)),
                _ => {}
            }
            let mut seen: Vec<ObjectRef> = Vec::new();
            found.retain(|(object, _)| {
                let new = !seen.iter().any(|other| other.is_same(object));
                seen.push(object.clone());
                new
            });
            found
        }
    }
}

fn on_node(snapshot: &Snapshot, target: &ObjectRef) -> Vec<(ObjectRef, String)> {
    let mut counts: BTreeMap<ObjectRef, usize> = BTreeMap::new();
    for pod in snapshot
        .pods_of(target)
        .into_iter()
        .filter(|pod| !is_finished(pod))
    {
        *counts.entry(snapshot.workload_of(pod)).or_default() += 1;
    }
    counts
        .into_iter()
        .map(|(object, count)| (object, format!("{} there", wording::count(count, "pod"))))
        .collect()
}

/// Those whose pod spec names it.
fn by_spec(snapshot: &Snapshot, target: &ObjectRef) -> Vec<(ObjectRef, String)> {
    users(snapshot)
        .into_iter()
        .filter(|(object, _)| target.kind == "PriorityClass" || object.namespace == target.namespace)
        .filter_map(|(object, spec)| {
            let how = ways(&spec, &target.kind, &target.name);
            (!how.is_empty()).then(|| (object, wording::list(&how, 5)))
        })
        .collect()
}

/// Ingresses that show it as their certificate, and accounts that pull images with it.
fn secret_users(snapshot: &Snapshot, target: &ObjectRef) -> Vec<(ObjectRef, String)> {
    let mut found: Vec<(ObjectRef, String)> = Vec::new();
    for ingress in snapshot
        .ingresses
        .iter()
        .filter(|one| one.metadata.namespace == target.namespace)
    {
        let tls: Vec<_> = ingress
            .spec
            .iter()
            .flat_map(|spec| spec.tls.iter().flatten())
            .filter(|tls| tls.secret_name.as_ref() == Some(&target.name))
            .collect();
        if !tls.is_empty() {
            let hosts: Vec<String> = tls
                .iter()
                .flat_map(|tls| tls.hosts.clone().unwrap_or_default())
                .collect();
            found.push((
                reference(ingress.as_ref()),
                format!("certificate for {}", wording::code_list(&hosts, 3)),
            ));
        }
    }
    for account in snapshot
        .service_accounts
        .iter()
        .filter(|one| one.metadata.namespace == target.namespace)
    {
        if account
            .image_pull_secrets
            .iter()
            .flatten()
            .any(|one| one.name == target.name)
        {
            found.push((reference(account.as_ref()), "to pull images".to_owned()));
        }
    }
    found
}

/// The StatefulSet that made a claim, whose pods may be gone for now.
fn claim_maker(snapshot: &Snapshot, target: &ObjectRef) -> Vec<(ObjectRef, String)> {
    let is_maker = |set: &StatefulSet| {
        let own = set.metadata.name.as_deref().unwrap_or_default();
        set.metadata.namespace == target.namespace
            && set.spec.volume_claim_templates.iter().flatten().any(|claim| {
                let prefix = format!("{}-{own}-", claim.metadata.name.as_deref().unwrap_or_default());
                let ordinal = target.name.strip_prefix(&prefix);
                ordinal.is_some_and(|ordinal| ordinal.chars().all(|c| c.is_ascii_digit()))
            })
    };
    let makers = snapshot.stateful_sets.iter().filter(|set| is_maker(set));
    makers
        .map(|set| {
            (
                reference(set.as_ref()),
                "made it from its claim template".to_owned(),
            )
        })
        .collect()
}

/// What leads to or mentions a Service, or the Services of a workload.
fn callers(snapshot: &Snapshot, target: &ObjectRef) -> Vec<(ObjectRef, String)> {
    let namespace = target.namespace.as_deref().unwrap_or_default();
    let services: Vec<String> = if target.kind == "Service" {
        vec![target.name.clone()]
    } else {
        let pods = snapshot.pods_of(target);
        pods.first()
            .map(|pod| {
                snapshot
                    .services_of(pod)
                    .iter()
                    .filter_map(|one| one.metadata.name.clone())
                    .collect()
            })
            .unwrap_or_default()
    };
    let mut found: Vec<(ObjectRef, String)> = Vec::new();
    for ingress in snapshot
        .ingresses
        .iter()
        .filter(|one| one.metadata.namespace.as_deref() == Some(namespace))
    {
        let leads = ingress
            .spec
            .iter()
            .flat_map(|spec| spec.rules.iter().flatten())
            .filter(|rule| {
                rule.http.iter().flat_map(|http| &http.paths).any(|path| {
                    path.backend
                        .service
                        .as_ref()
                        .is_some_and(|service| services.contains(&service.name))
                })
            })
            .map(|rule| rule.host.clone().unwrap_or_else(|| "any host".to_owned()))
            .collect::<Vec<_>>();
        if !leads.is_empty() {
            found.push((
                reference(ingress.as_ref()),
                format!("leads {} there", wording::code_list(&leads, 3)),
            ));
        }
    }
    for (object, spec) in users(snapshot) {
        if object.is_same(target) {
            continue;
        }
        let same = object.namespace.as_deref() == Some(namespace);
        let mut how: Vec<String> = Vec::new();
        for container in spec
            .containers
            .iter()
            .chain(spec.init_containers.iter().flatten())
        {
            for variable in container.env.iter().flatten() {
                if variable
                    .value
                    .as_deref()
                    .is_some_and(|value| services.iter().any(|name| mentions(value, name, namespace, same)))
                {
                    how.push(format!("variable `{}` names it", variable.name));
                }
            }
            let words = container
                .args
                .iter()
                .flatten()
                .chain(container.command.iter().flatten());
            for word in words {
                if services.iter().any(|name| mentions(word, name, namespace, same)) {
                    how.push(format!("an argument of `{}` names it", container.name));
                }
            }
        }
        for (kind, map) in template::references(&spec) {
            if kind == "ConfigMap"
                && let Some(map) = object
                    .namespace
                    .as_deref()
                    .and_then(|own| snapshot.config_map(own, &map))
                && map
                    .data
                    .iter()
                    .flatten()
                    .any(|(_, value)| services.iter().any(|name| mentions(value, name, namespace, same)))
            {
                how.push(format!(
                    "its ConfigMap `{}` names it",
                    map.metadata.name.as_deref().unwrap_or_default()
                ));
            }
        }
        how.dedup();
        if !how.is_empty() {
            found.push((object, wording::list(&how, 3)));
        }
    }
    found
}

/// Whether a text names a Service as a host: `http://api:80`, `api.shop.svc`, and `api` alone as a whole value.
fn mentions(text: &str, name: &str, namespace: &str, same_namespace: bool) -> bool {
    let full = format!("{name}.{namespace}");
    let is_edge = |c: Option<char>| c.is_none_or(|c| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'));
    let stands = |needle: &str, bare: bool| {
        text.match_indices(needle).any(|(at, _)| {
            let before = text.get(..at).unwrap_or_default();
            let after = text.get(at + needle.len()..).unwrap_or_default();
            let edges = is_edge(before.chars().next_back())
                && !before.ends_with('.')
                && is_edge(after.chars().next());
            let as_host =
                before.ends_with("//") || before.ends_with('@') || after.starts_with(':') || text == needle;
            edges && (!bare || as_host)
        })
    };
    stands(&full, false) || (same_namespace && stands(name, true))
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
