//! A cluster or a namespace in; what is wrong there, then what there is, out.

use std::collections::BTreeMap;

use async_trait::async_trait;
use jamie_core::{
    Block, NextStep, ObjectRef, Phrase, Question, Result, Severity, ToolContext, ToolOutput, tool::Fill,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{Look, must_be_namespace, namespace, phrases};
use crate::{
    Snapshot,
    cluster::{Cluster, Freshness},
    diagnosis::{self, Scope},
    pod_status::status_of,
    snapshot::{is_finished, reference},
    wording,
    workload_status::{Replicas, replicas_of},
};

pub(super) struct Overview;

/// Where to look.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Args {
    /// The namespace; all of them without one.
    #[schemars(extend("x-slot" = "namespace"))]
    namespace: Option<String>,
}

#[async_trait]
impl Look for Overview {
    type Args = Args;
    const NAME: &'static str = "overview";
    const DESCRIPTION: &'static str =
        "The health of the whole cluster or of one namespace: what is wrong, worst first, then counts.";
    const EXAMPLE: &'static str = "how is everything?";
    const FILL: Option<Fill> = Some(place);

    fn phrases() -> Vec<Phrase> {
        phrases(&[
            "how is everything",
            "how are things looking",
            "status of the cluster",
            "cluster health",
            "health check",
            "is everything ok",
            "is everything all right in {namespace}",
            "anything broken",
            "anything wrong in {namespace}",
            "any problems",
            "any issues in {namespace}",
            "what is broken",
            "what is on fire",
            "what is wrong with the cluster",
            "what needs my attention",
            "overview",
            "summary of {namespace}",
            "status of {namespace}",
            "how is {namespace} doing",
            "is {namespace} healthy",
            "{namespace}",
            "anything I should worry about",
            "all good",
            "give me the lie of the land",
            "morning report",
        ])
    }

    async fn look(cluster: &Cluster, context: &ToolContext, args: Args) -> Result<ToolOutput> {
        let wanted = namespace(args.namespace, context);
        if let Some(name) = &wanted {
            cluster.include_namespace(name);
        }
        let snapshot = cluster.snapshot(Freshness::Recent).await?;
        if let Some(name) = &wanted {
            must_be_namespace(&snapshot, name)?;
        }
        let scope = wanted.clone().map_or(Scope::Cluster, Scope::Namespace);
        let found = diagnosis::diagnose(cluster, &scope, Freshness::Recent).await?;
        Ok(told(&snapshot, wanted.as_deref(), found))
    }
}

/// "How is the till namespace": a namespace named as the thing itself is where to look.
pub(super) fn place(question: &Question, args: &mut Map<String, Value>) {
    if args.contains_key("namespace") {
        return;
    }
    let named = question
        .targets
        .iter()
        .find(|target| target.object.kind == "Namespace");
    if let Some(target) = named {
        args.insert("namespace".to_owned(), json!(target.object.name));
    }
}

/// What there is, in figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
struct Figures {
    nodes: usize,
    nodes_ready: usize,
    workloads: usize,
    workloads_ready: usize,
    pods: usize,
    pods_well: usize,
}

fn figures(snapshot: &Snapshot, namespace: Option<&str>) -> Figures {
    let inside =
        |other: Option<&String>| namespace.is_none_or(|name| other.is_some_and(|other| other == name));
    let mut figures = Figures::default();
    if namespace.is_none() {
        figures.nodes = snapshot.nodes.len();
        figures.nodes_ready = snapshot.nodes.iter().filter(|node| is_node_ready(node)).count();
    }
    for (_, replicas) in workloads(snapshot, namespace) {
        figures.workloads += 1;
        figures.workloads_ready += usize::from(!replicas.is_short());
    }
    for pod in snapshot
        .pods
        .iter()
        .filter(|pod| inside(pod.metadata.namespace.as_ref()) && !is_finished(pod))
    {
        figures.pods += 1;
        figures.pods_well += usize::from(!status_of(pod).is_unwell());
    }
    figures
}

/// The workloads that keep pods running, with their counts.
pub(super) fn workloads(snapshot: &Snapshot, namespace: Option<&str>) -> Vec<(ObjectRef, Replicas)> {
    let deployments = snapshot.deployments.iter().map(|one| reference(one.as_ref()));
    let stateful = snapshot.stateful_sets.iter().map(|one| reference(one.as_ref()));
    let daemons = snapshot.daemon_sets.iter().map(|one| reference(one.as_ref()));
    deployments
        .chain(stateful)
        .chain(daemons)
        .filter(|object| namespace.is_none_or(|name| object.namespace.as_deref() == Some(name)))
        .filter_map(|object| {
            let replicas = replicas_of(snapshot, &object)?;
            Some((object, replicas))
        })
        .collect()
}

pub(super) fn is_node_ready(node: &k8s_openapi::api::core::v1::Node) -> bool {
    node.status
        .iter()
        .flat_map(|status| status.conditions.iter().flatten())
        .any(|condition| condition.type_ == "Ready" && condition.status == "True")
}

fn told(snapshot: &Snapshot, namespace: Option<&str>, found: diagnosis::Diagnosis) -> ToolOutput {
    let figures = figures(snapshot, namespace);
    let place = namespace.map_or_else(
        || {
            if snapshot.cluster.is_empty() {
                "the cluster".to_owned()
            } else {
                format!("cluster `{}`", snapshot.cluster)
            }
        },
        |name| format!("`{name}`"),
    );
    let mut findings = found.incidents;
    findings.retain(|finding| finding.severity > Severity::Info);
    let mut output = ToolOutput {
        good: Some(findings.is_empty()),
        facts: json!({"figures": figures, "problems": findings.len()}),
        notes: found.notes,
        ..ToolOutput::default()
    };
    let counts = counted(figures);
    if figures.pods == 0 && figures.workloads == 0 && figures.nodes == 0 && findings.is_empty() {
        output.headline = format!("There is nothing running in {place}: no workloads and no pods.");
        output.good = None;
        return output;
    }
    if findings.is_empty() {
        output.headline = format!("All quiet in {place}: {counts}.");
        output.blocks.push(Block::para(
            "I checked pods and their restarts, rollouts, Services and their endpoints, config references, storage, nodes, quotas, jobs, autoscalers, webhooks and certificates.",
        ));
        output
            .blocks
            .extend(found.facts.into_iter().take(8).map(Block::para));
    } else {
        let worst = findings
            .first()
            .map(|finding| finding.title.trim_end_matches('.').to_owned())
            .unwrap_or_default();
        output.headline = if findings.len() == 1 {
            format!("One thing is wrong in {place}: {worst}.")
        } else {
            format!(
                "{} things are wrong in {place}; the worst: {worst}.",
                findings.len()
            )
        };
        output
            .blocks
            .push(Block::para(format!("Apart from that: {counts}.")));
        if let Some(summary) = spread(namespace, &findings) {
            output.blocks.push(summary);
        }
        output.focus = findings
            .iter()
            .take(5)
            .map(|finding| finding.object.clone())
            .collect();
        if let Some(first) = findings.first() {
            output
                .next
                .extend(first.remedy.clone().or_else(|| first.next_check.clone()));
        }
    }
    if let Some(name) = namespace {
        output.next.push(NextStep::command(
            "See its pods",
            format!("kubectl get pods -n {name}"),
        ));
    }
    output.findings = findings;
    output
}

/// Which namespaces the problems are in, when there are many.
fn spread(namespace: Option<&str>, findings: &[jamie_core::Finding]) -> Option<Block> {
    if namespace.is_some() || findings.len() < 4 {
        return None;
    }
    let mut by: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in findings {
        *by.entry(finding.object.namespace.as_deref().unwrap_or("cluster-wide"))
            .or_default() += 1;
    }
    let mut by: Vec<(&str, usize)> = by.into_iter().collect();
    by.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), *name));
    let parts: Vec<String> = by
        .iter()
        .map(|(name, count)| format!("`{name}` {count}"))
        .collect();
    Some(Block::para(format!(
        "By namespace: {}.",
        wording::list(&parts, 8)
    )))
}

fn counted(figures: Figures) -> String {
    let mut parts = Vec::new();
    if figures.nodes > 0 {
        parts.push(format!(
            "{} of {} ready",
            figures.nodes_ready,
            wording::count(figures.nodes, "node")
        ));
    }
    if figures.workloads > 0 {
        parts.push(format!(
            "{} of {} fully up",
            figures.workloads_ready,
            wording::count(figures.workloads, "workload")
        ));
    }
    parts.push(format!(
        "{} of {} well",
        figures.pods_well,
        wording::count(figures.pods, "pod")
    ));
    wording::list(&parts, 3)
}
