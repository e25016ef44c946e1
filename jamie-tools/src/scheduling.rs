//! A pod and a snapshot in; what each node has against the pod, and the smallest change that would make it fit, out.
//!
//! The scheduler's own predicates are run again, over the same objects. What it would weigh (scores,
//! preferred affinities) does not matter here: only what forbids a node.

use k8s_openapi::api::core::v1::{Node, Pod};

use crate::{Snapshot, wording};

mod change;
mod demand;
mod neighbours;
mod nodes;
mod reason;
mod volumes;

pub use self::{
    change::Change,
    demand::{Demand, demand_of},
    nodes::{Room, allocatable_of, rooms},
    reason::{Blocker, Reason},
};

/// What one node has against a pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeVerdict {
    /// The node.
    pub node: String,
    /// Everything that forbids it; empty when the pod fits.
    pub reasons: Vec<Reason>,
}

/// Where a pod may go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    /// What the pod asks for.
    pub demand: Demand,
    /// What keeps it from every node alike.
    pub blockers: Vec<Blocker>,
    /// Node by node, the nearest to fitting first.
    pub nodes: Vec<NodeVerdict>,
    /// What would make it fit, cheapest first.
    pub changes: Vec<Change>,
    /// What could not be looked at, one sentence each.
    pub notes: Vec<String>,
}

impl Placement {
    /// The nodes it fits on.
    pub fn fitting(&self) -> impl Iterator<Item = &str> {
        let open = self.blockers.is_empty();
        self.nodes
            .iter()
            .filter(move |verdict| open && verdict.reasons.is_empty())
            .map(|verdict| verdict.node.as_str())
    }

    /// The reasons in one sentence, the commonest first, as the scheduler would put it but with the numbers.
    pub fn summary(&self) -> String {
        if let Some(blocker) = self.blockers.first() {
            return blocker.text();
        }
        let total = self.nodes.len();
        if total == 0 {
            return "the cluster has no nodes".to_owned();
        }
        let fitting = self.fitting().count();
        if fitting > 0 {
            return format!("{fitting} of {} would take it", wording::count(total, "node"));
        }
        let mut families: Vec<(&'static str, usize, Vec<&Reason>)> = Vec::new();
        for reason in self.nodes.iter().flat_map(|verdict| &verdict.reasons) {
            let family = reason.family();
            match families.iter_mut().find(|(name, ..)| *name == family) {
                Some((_, count, all)) => {
                    *count += 1;
                    all.push(reason);
                }
                None => families.push((family, 1, vec![reason])),
            }
        }
        families.sort_by_key(|(_, count, _)| std::cmp::Reverse(*count));
        let parts: Vec<String> = families
            .iter()
            .map(|(_, count, reasons)| reason::group_text(*count, reasons))
            .collect();
        format!(
            "none of {} fits: {}",
            wording::count(total, "node"),
            parts.join("; ")
        )
    }
}

/// Runs the scheduler's predicates for a pod, or for a pod that a template would make.
pub fn place(snapshot: &Snapshot, pod: &Pod) -> Placement {
    let demand = demand_of(pod);
    let mut notes = Vec::new();
    if !snapshot.may_see("Node", None) {
        notes.push(
            "I am not allowed to list nodes, so I cannot say what each of them has against it.".to_owned(),
        );
    }
    if !snapshot.may_see("Pod", None) {
        notes.push(
            "I cannot see the pods of all namespaces, so nodes may be fuller than they look.".to_owned(),
        );
    }
    let rooms = rooms(snapshot, Some(pod));
    let neighbours = neighbours::Neighbours::new(snapshot, pod);
    let (mut blockers, volumes) = volumes::look(snapshot, pod);
    blockers.extend(nodes::blockers(snapshot, pod));

    let mut verdicts: Vec<NodeVerdict> = snapshot
        .nodes
        .iter()
        .map(|node| {
            let mut reasons = nodes::reasons(pod, &demand, node, rooms.get(node_name(node)));
            reasons.extend(volumes.iter().filter_map(|volume| volume.against(node)));
            reasons.extend(neighbours.against(node));
            NodeVerdict {
                node: node_name(node).to_owned(),
                reasons,
            }
        })
        .collect();
    verdicts.sort_by_cached_key(|verdict| (change::cost(&verdict.reasons), verdict.node.clone()));
    let changes = change::smallest(snapshot, pod, &blockers, &verdicts);
    Placement {
        demand,
        blockers,
        nodes: verdicts,
        changes,
        notes,
    }
}

/// The name of a node; every stored object has one.
fn node_name(node: &Node) -> &str {
    node.metadata.name.as_deref().unwrap_or_default()
}

#[cfg(test)]
mod tests;
