//! A workload and a number, or nothing, in; how much room the nodes have left out.

use async_trait::async_trait;
use jamie_core::{Block, NextStep, ObjectRef, Phrase, Result, ToolContext, ToolOutput};
use k8s_openapi::api::core::v1::Pod;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::{Look, must_exist, phrases, table::table};
use crate::{
    Snapshot,
    cluster::{Cluster, Freshness},
    quantity,
    scheduling::{Demand, Placement, Reason, allocatable_of, place, rooms},
    template, wording,
};

pub(super) struct Capacity;

/// Room for what.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Args {
    /// The workload or pod that more of are wanted.
    #[schemars(extend("x-slot" = "target"))]
    target: Option<ObjectRef>,
    /// How many more.
    #[schemars(extend("x-slot" = "count"))]
    count: Option<u64>,
}

#[async_trait]
impl Look for Capacity {
    type Args = Args;
    const NAME: &'static str = "capacity";
    const DESCRIPTION: &'static str = "How much CPU, memory and pod places are still free on the nodes, and for how many more pods of something.";
    const EXAMPLE: &'static str = "is there room for 5 more replicas of web?";

    fn phrases() -> Vec<Phrase> {
        phrases(&[
            "capacity",
            "how much capacity is left",
            "how much room is left",
            "is there room for {count} more of {target}",
            "is there room for more {target}",
            "could I scale {target} to {count}",
            "how many more replicas of {target} fit",
            "how many more {target} could we run",
            "would {count} more replicas of {target} fit",
            "free resources on the nodes",
            "free cpu and memory",
            "how full is the cluster",
            "is the cluster full",
            "are the nodes overcommitted",
            "requests versus allocatable",
            "do we need more {kind}",
            "do we need another {kind}",
            "headroom",
        ])
    }

    async fn look(cluster: &Cluster, _context: &ToolContext, args: Args) -> Result<ToolOutput> {
        let snapshot = cluster.snapshot(Freshness::Recent).await?;
        let target = args
            .target
            .filter(|target| !matches!(target.kind.as_str(), "Node" | "Namespace"));
        if let Some(target) = target {
            must_exist(&snapshot, &target)?;
            return Ok(for_more(&snapshot, &target, args.count));
        }
        Ok(free(&snapshot))
    }
}

fn free(snapshot: &Snapshot) -> ToolOutput {
    let rooms = rooms(snapshot, None);
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut sums = [(0_u128, 0_u128); 3];
    for node in &snapshot.nodes {
        let name = node.metadata.name.clone().unwrap_or_default();
        let closed = node.spec.as_ref().and_then(|spec| spec.unschedulable) == Some(true);
        let ready = super::overview::is_node_ready(node);
        let all = allocatable_of(node);
        let used = rooms.get(&name).cloned().unwrap_or_default().used;
        let mut row = vec![format!(
            "`{name}`{}",
            if closed {
                " (cordoned)"
            } else if ready {
                ""
            } else {
                " (not ready)"
            }
        )];
        for (resource, sum) in ["cpu", "memory", "pods"].into_iter().zip(&mut sums) {
            let whole = all.get(resource).copied().unwrap_or(0);
            let taken = used.get(resource).copied().unwrap_or(0);
            if !closed && ready {
                sum.0 += whole;
                sum.1 += taken;
            }
            let left = whole.saturating_sub(taken);
            let share = (taken * 100).checked_div(whole).unwrap_or(0);
            row.push(format!(
                "{} free of {} ({share} % taken)",
                quantity::show(resource, left),
                quantity::show(resource, whole)
            ));
        }
        rows.push(row);
    }
    let mut output = ToolOutput::default();
    if rows.is_empty() {
        "I cannot see any nodes, so I cannot say what is free.".clone_into(&mut output.headline);
        return output;
    }
    let left = |place: usize, resource: &str| {
        sums.get(place).map_or_else(String::new, |(whole, taken)| {
            let share = (taken * 100).checked_div(*whole).unwrap_or(0);
            format!(
                "{} of {} ({share} % requested)",
                quantity::show(resource, whole.saturating_sub(*taken)),
                quantity::show(resource, *whole)
            )
        })
    };
    output.headline = format!(
        "Free by request on nodes that take pods: CPU {}, memory {}, pod places {}.",
        left(0, "cpu"),
        left(1, "memory"),
        left(2, "pods")
    );
    output.facts = json!({"nodes": rows.len()});
    output
        .blocks
        .extend(table(&["Node", "CPU", "Memory", "Pods"], rows, "node"));
    output.blocks.push(Block::para(
        "What counts for scheduling is what pods request, not what they use.",
    ));
    output
}

/// One more pod of it, not itself.
fn another(snapshot: &Snapshot, target: &ObjectRef) -> Option<Pod> {
    let mut pod = template::imagined_pod(snapshot, target)
        .or_else(|| snapshot.pods_of(target).first().map(|pod| pod.as_ref().clone()))?;
    pod.metadata.uid = None;
    if let Some(spec) = &mut pod.spec {
        spec.node_name = None;
    }
    Some(pod)
}

/// Whether no two of them go on one node.
fn wants_own_node(pod: &Pod, demand: &Demand) -> bool {
    let affinity = pod.spec.as_ref().and_then(|spec| spec.affinity.as_ref());
    let terms = affinity
        .and_then(|affinity| affinity.pod_anti_affinity.as_ref())
        .and_then(|rules| rules.required_during_scheduling_ignored_during_execution.as_ref());
    !demand.host_ports.is_empty() || terms.is_some_and(|terms| !terms.is_empty())
}

/// How many more of them each node takes.
fn more(snapshot: &Snapshot, pod: &Pod, placement: &Placement) -> Vec<(String, u128, String)> {
    let rooms = rooms(snapshot, None);
    let demand = &placement.demand;
    let alone = wants_own_node(pod, demand);
    let fits = |node: &str| {
        let all = snapshot
            .node(node)
            .map(|node| allocatable_of(node))
            .unwrap_or_default();
        let used = rooms.get(node).cloned().unwrap_or_default().used;
        let by_resource = demand
            .resources
            .iter()
            .filter(|(_, milli)| **milli > 0)
            .filter_map(|(name, milli)| {
                let left = all
                    .get(name)?
                    .saturating_sub(used.get(name).copied().unwrap_or(0));
                Some(left / milli)
            });
        let fits = by_resource.min().unwrap_or(0);
        if alone { fits.min(1) } else { fits }
    };
    placement
        .nodes
        .iter()
        .map(|verdict| {
            let why = verdict
                .reasons
                .iter()
                .map(Reason::text)
                .collect::<Vec<_>>()
                .join("; ");
            let open = verdict.reasons.is_empty() && placement.blockers.is_empty();
            (
                verdict.node.clone(),
                if open { fits(&verdict.node) } else { 0 },
                why,
            )
        })
        .collect()
}

fn for_more(snapshot: &Snapshot, target: &ObjectRef, wanted: Option<u64>) -> ToolOutput {
    let mut output = ToolOutput {
        focus: vec![target.clone()],
        ..ToolOutput::default()
    };
    let Some(pod) = another(snapshot, target) else {
        output.headline = format!("{target} runs no pods, so there is nothing to make room for.");
        return output;
    };
    let placement = place(snapshot, &pod);
    let nodes = more(snapshot, &pod, &placement);
    let total: u128 = nodes.iter().map(|(_, fits, _)| fits).sum();
    let each = placement.demand.text();
    let name = target.path();
    output.headline = match wanted {
        Some(wanted) if total >= u128::from(wanted) => {
            format!("Yes: {wanted} more of `{name}` would fit ({total} in all; each asks for {each}).")
        }
        Some(wanted) => {
            format!("No: only {total} of the {wanted} more of `{name}` would fit (each asks for {each}).")
        }
        None if total == 0 => format!("Not one more of `{name}` fits: {}.", placement.summary()),
        None => format!("{total} more of `{name}` would fit (each asks for {each})."),
    };
    output.good = wanted.map(|wanted| total >= u128::from(wanted));
    output.facts = json!({"fits": u64::try_from(total).unwrap_or(u64::MAX), "wanted": wanted});
    let rows = nodes
        .into_iter()
        .map(|(node, fits, why)| vec![format!("`{node}`"), fits.to_string(), why])
        .collect();
    output.blocks.extend(table(
        &["Node", "More of them", "What stands against it"],
        rows,
        "node",
    ));
    output
        .notes
        .push("Spread rules, quotas and limit ranges are not counted in.".to_owned());
    quota(snapshot, target, &mut output);
    if total < u128::from(wanted.unwrap_or(1)) {
        output
            .next
            .extend(placement.changes.iter().take(2).map(|change| NextStep {
                label: change.what.clone(),
                command: change.command.clone(),
                proposal: None,
            }));
    }
    output
}

fn quota(snapshot: &Snapshot, target: &ObjectRef, output: &mut ToolOutput) {
    let quotas: Vec<&str> = snapshot
        .quotas
        .iter()
        .filter(|quota| quota.metadata.namespace == target.namespace)
        .filter_map(|quota| quota.metadata.name.as_deref())
        .collect();
    if let (Some(first), Some(namespace)) = (quotas.first(), &target.namespace) {
        output.next.push(NextStep::command(
            format!(
                "A quota applies there too: look at {}",
                wording::code_list(&quotas, 3)
            ),
            format!("kubectl describe quota {first} -n {namespace}"),
        ));
    }
}
