//! A pod or workload in; what each node has against its pods, and the smallest change that would help, out.

use std::sync::Arc;

use async_trait::async_trait;
use jamie_core::{Block, Evidence, NextStep, ObjectRef, Phrase, Result, Severity, ToolContext, ToolOutput};
use k8s_openapi::api::core::v1::Pod;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::{Look, diagnose, findings, must_exist, namespace, phrases, table::table};
use crate::{
    Snapshot,
    cluster::{Cluster, Freshness},
    diagnosis::Scope,
    scheduling::{Placement, Reason, place},
    snapshot::{event_time, is_finished, reference},
    template, wording,
};

pub(super) struct WhyPending;

/// So many of what waits are looked into.
const MOST: usize = 6;

/// What waits.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Args {
    /// The pod, workload or namespace; everything that is pending without one.
    #[schemars(extend("x-slot" = "target"))]
    target: Option<ObjectRef>,
    /// Only this namespace.
    #[schemars(extend("x-slot" = "namespace"))]
    namespace: Option<String>,
}

#[async_trait]
impl Look for WhyPending {
    type Args = Args;
    const NAME: &'static str = "why_pending";
    const DESCRIPTION: &'static str = "Why a pod is pending: what each node has against it, and the smallest change that would make it fit.";
    const IS_BARE: bool = true;
    const EXAMPLE: &'static str = "why is web pending?";

    fn phrases() -> Vec<Phrase> {
        phrases(&[
            "why is {target} pending",
            "why is {target} stuck in pending",
            "why is {target} not scheduled",
            "why is {target} unschedulable",
            "why can {target} not be scheduled",
            "which node could {target} run on",
            "why does {target} not fit on any node",
            "where would {target} fit",
            "what does {target} need to be scheduled",
            "{target} will not schedule",
            "{target} does not start scheduling",
            "failed scheduling of {target}",
            "why are pods pending",
            "which pods are pending and why",
            "pending pods in {namespace}",
            "unschedulable pods",
            "why does nothing get scheduled",
            "why is {target} waiting for a node",
            "no node for {target}",
            "insufficient cpu for {target}",
            "insufficient memory for {target}",
        ])
    }

    async fn look(cluster: &Cluster, context: &ToolContext, args: Args) -> Result<ToolOutput> {
        let place = namespace(args.namespace, context);
        let wanted = args
            .target
            .as_ref()
            .and_then(|target| target.namespace.clone())
            .or_else(|| place.clone());
        if let Some(name) = &wanted {
            cluster.include_namespace(name);
        }
        let snapshot = cluster.snapshot(Freshness::Recent).await?;
        match args.target {
            Some(target) if target.kind == "Namespace" => {
                everything(cluster, &snapshot, Some(&target.name), context).await
            }
            Some(target) => {
                must_exist(&snapshot, &target)?;
                let Some(mut output) = about(&snapshot, &target) else {
                    // Nothing of it could wait for a node: a claim, an autoscaler, pods that run or never came.
                    let runs = runs(&snapshot, &target);
                    let mut output = diagnose::objects(cluster, vec![target.clone()]).await?;
                    if runs {
                        output.headline = format!("`{}` is not pending. {}", target.path(), output.headline);
                    }
                    return Ok(output);
                };
                findings::bring(cluster, &mut output, &Scope::Object(target), Severity::Warning).await?;
                Ok(output)
            }
            None => everything(cluster, &snapshot, place.as_deref(), context).await,
        }
    }
}

/// Whether an object has pods, and none of them is in the phase that is called pending.
fn runs(snapshot: &Snapshot, target: &ObjectRef) -> bool {
    let phases: Vec<_> = snapshot
        .pods_of(target)
        .into_iter()
        .map(|pod| pod.status.as_ref().and_then(|status| status.phase.as_deref()))
        .collect();
    !phases.is_empty() && !phases.contains(&Some("Pending"))
}

/// Pods that no node was found for.
fn waiting<'a>(pods: impl Iterator<Item = &'a Arc<Pod>>) -> Vec<&'a Arc<Pod>> {
    pods.filter(|pod| {
        let on_node = pod
            .spec
            .as_ref()
            .and_then(|spec| spec.node_name.as_deref())
            .is_some_and(|node| !node.is_empty());
        !on_node && !is_finished(pod) && pod.metadata.deletion_timestamp.is_none()
    })
    .collect()
}

/// What keeps an object's pods from a node; nothing where none of them waits for one.
pub(super) fn about(snapshot: &Snapshot, target: &ObjectRef) -> Option<ToolOutput> {
    let pods: Vec<&Arc<Pod>> = snapshot
        .pods_of(target)
        .into_iter()
        .filter(|pod| !is_finished(pod))
        .collect();
    let waits = waiting(pods.iter().copied());
    let mut output = ToolOutput {
        focus: vec![target.clone()],
        ..ToolOutput::default()
    };
    if let Some(pod) = waits.first() {
        tell(snapshot, &mut output, pod, &place(snapshot, pod), waits.len());
        return Some(output);
    }
    if !pods.is_empty() {
        return None;
    }
    let pod = template::imagined_pod(snapshot, target)?;
    let placement = place(snapshot, &pod);
    let fits = placement.fitting().count();
    if fits > 0 {
        return None;
    }
    output.headline = format!(
        "`{}` has no pods yet, and a new one would not fit anywhere: {}.",
        target.path(),
        placement.summary()
    );
    output.good = Some(false);
    details(&mut output, &placement);
    Some(output)
}

fn tell(snapshot: &Snapshot, output: &mut ToolOutput, pod: &Pod, placement: &Placement, waits: usize) {
    let object = reference(pod);
    let fits: Vec<&str> = placement.fitting().collect();
    let others = if waits > 1 {
        format!(" ({} more wait like it)", wording::count(waits - 1, "pod"))
    } else {
        String::new()
    };
    output.headline = if fits.is_empty() {
        format!("`{}` is pending{others}: {}.", object.path(), placement.summary())
    } else {
        format!(
            "`{}` is pending{others}, though it would fit on {} by now: the scheduler should place it with its next try, unless it is not running.",
            object.path(),
            wording::code_list(&fits, 4)
        )
    };
    output.good = Some(false);
    let said = snapshot
        .events_of(&object)
        .into_iter()
        .rev()
        .find(|event| event.reason.as_deref() == Some("FailedScheduling"));
    if let Some(event) = said {
        output.evidence.push(Evidence::new(
            format!("event FailedScheduling of {object}"),
            event.message.as_deref().unwrap_or_default(),
            event_time(event),
        ));
    }
    details(output, placement);
    if output.next.is_empty() {
        output.next.push(NextStep::command(
            "See what the scheduler says",
            format!(
                "kubectl describe pod {} -n {}",
                object.name,
                object.namespace.as_deref().unwrap_or_default()
            ),
        ));
    }
    output.facts = json!({
        "pod": object,
        "nodes": placement.nodes.iter().map(|verdict| json!({
            "node": verdict.node,
            "reasons": verdict.reasons.iter().map(Reason::text).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "fits": fits,
    });
}

fn details(output: &mut ToolOutput, placement: &Placement) {
    output
        .blocks
        .push(Block::para(format!("It asks for {}.", placement.demand.text())));
    for blocker in placement.blockers.iter().skip(1) {
        output
            .blocks
            .push(Block::para(format!("Besides, {}.", blocker.text())));
    }
    let rows: Vec<Vec<String>> = placement
        .nodes
        .iter()
        .map(|verdict| {
            let against: Vec<String> = verdict.reasons.iter().map(Reason::text).collect();
            let against = if against.is_empty() {
                "fits".to_owned()
            } else {
                against.join("; ")
            };
            vec![format!("`{}`", verdict.node), against]
        })
        .collect();
    // When the pod itself is blocked, a column of "fits" would only mislead.
    let all_fit = placement.nodes.iter().all(|verdict| verdict.reasons.is_empty());
    if placement.blockers.is_empty() || !all_fit {
        output
            .blocks
            .extend(table(&["Node", "What it has against the pod"], rows, "node"));
    }
    for change in &placement.changes {
        let label = match &change.node {
            Some(node) if !change.what.contains(node.as_str()) => {
                format!("{}: then it fits on `{node}`", change.what)
            }
            _ => change.what.clone(),
        };
        output.next.push(NextStep {
            label,
            command: change.command.clone(),
            proposal: None,
        });
    }
    output.notes.extend(placement.notes.iter().cloned());
}

async fn everything(
    cluster: &Cluster,
    snapshot: &Snapshot,
    namespace: Option<&str>,
    context: &ToolContext,
) -> Result<ToolOutput> {
    let inside =
        |pod: &&Arc<Pod>| namespace.is_none_or(|name| pod.metadata.namespace.as_deref() == Some(name));
    let waits = waiting(snapshot.pods.iter().filter(inside));
    let starts: Vec<&Arc<Pod>> = snapshot
        .pods
        .iter()
        .filter(inside)
        .filter(|pod| pod.status.as_ref().and_then(|status| status.phase.as_deref()) == Some("Pending"))
        .collect();
    let mut concerned: Vec<ObjectRef> = Vec::new();
    for pod in waits.iter().chain(&starts) {
        let workload = snapshot.workload_of(pod);
        if concerned.len() < MOST && !concerned.contains(&workload) {
            concerned.push(workload);
        }
    }
    let mut output = overall(snapshot, namespace, &waits, starts.len(), context);
    // Somebody who asks of a place why things wait is not helped by hearing only of nodes.
    let scope = match namespace {
        Some(name) if waits.is_empty() => Scope::Namespace(name.to_owned()),
        _ => Scope::Objects(concerned),
    };
    findings::bring(cluster, &mut output, &scope, Severity::Error).await?;
    Ok(output)
}

fn overall(
    snapshot: &Snapshot,
    namespace: Option<&str>,
    waits: &[&Arc<Pod>],
    starting: usize,
    context: &ToolContext,
) -> ToolOutput {
    let place_name = namespace.map_or_else(String::new, |name| format!(" in `{name}`"));
    let mut output = ToolOutput::default();
    let Some(first) = waits.first() else {
        output.headline = format!("No pod{place_name} waits for a node.");
        output.good = Some(true);
        if starting > 0 {
            output.blocks.push(Block::para(format!(
                "{} {} a node and {} still starting (pulling images, mounting volumes, init containers).",
                wording::count(starting, "pod"),
                if starting == 1 { "has" } else { "have" },
                wording::is_are(starting),
            )));
        }
        return output;
    };
    output.good = Some(false);
    if waits.len() == 1 {
        tell(snapshot, &mut output, first, &place(snapshot, first), 1);
        output.focus = vec![reference(first.as_ref())];
        return output;
    }
    // Pods of one workload wait for one reason: one row each.
    let mut rows: Vec<(ObjectRef, usize, String, Option<NextStep>, String)> = Vec::new();
    for pod in waits {
        let workload = snapshot.workload_of(pod);
        if let Some(row) = rows.iter_mut().find(|(other, ..)| other.is_same(&workload)) {
            row.1 += 1;
            continue;
        }
        let placement = place(snapshot, pod);
        let change = placement.changes.first().map(|change| NextStep {
            label: change.what.clone(),
            command: change.command.clone(),
            proposal: None,
        });
        let since = pod
            .metadata
            .creation_timestamp
            .as_ref()
            .map(|at| wording::age(at.0, context.now))
            .unwrap_or_default();
        rows.push((workload, 1, placement.summary(), change, since));
    }
    output.headline = format!(
        "{} of {}{place_name} wait for a node; `{}`: {}.",
        wording::count(waits.len(), "pod"),
        wording::count(rows.len(), "workload"),
        rows.first().map(|row| row.0.path()).unwrap_or_default(),
        rows.first().map(|row| row.2.clone()).unwrap_or_default(),
    );
    output
        .next
        .extend(rows.iter().filter_map(|row| row.3.clone()).take(3));
    output.focus = rows.iter().map(|row| row.0.clone()).take(10).collect();
    let rows = rows
        .into_iter()
        .map(|(workload, count, why, _, since)| {
            vec![format!("`{}`", workload.path()), count.to_string(), since, why]
        })
        .collect();
    output.blocks.extend(table(
        &["Workload", "Pods", "Waiting for", "Why"],
        rows,
        "workload",
    ));
    output
}
