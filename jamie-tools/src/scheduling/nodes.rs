//! One node and one pod in; what the node alone has against it (room, taints, labels, ports) out.

use std::collections::BTreeMap;

use jamie_core::ObjectRef;
use k8s_openapi::api::core::v1::{
    Node, NodeSelectorRequirement, NodeSelectorTerm, Pod, PodSpec, Taint, Toleration,
};

use super::{Blocker, Demand, Reason, demand, demand_of, node_name};
use crate::Snapshot;

/// What is taken on one node.
#[derive(Debug, Clone, Default)]
pub struct Room {
    /// By resource, in thousandths.
    pub used: BTreeMap<String, u128>,
    /// Ports of the node in use: protocol, port, address, by whom.
    pub ports: Vec<(String, i32, String, ObjectRef)>,
    /// How many pods run there.
    pub pods: usize,
}

/// What is taken on every node; `except` is left out, being the pod in question.
pub fn rooms(snapshot: &Snapshot, except: Option<&Pod>) -> BTreeMap<String, Room> {
    let mut rooms: BTreeMap<String, Room> = snapshot
        .nodes
        .iter()
        .map(|node| (node_name(node).to_owned(), Room::default()))
        .collect();
    let skip = except.and_then(|pod| pod.metadata.uid.as_deref());
    for pod in &snapshot.pods {
        let Some(room) = pod
            .spec
            .as_ref()
            .and_then(|spec| spec.node_name.as_deref())
            .and_then(|node| rooms.get_mut(node))
        else {
            continue;
        };
        if is_over(pod) || (skip.is_some() && pod.metadata.uid.as_deref() == skip) {
            continue;
        }
        let demand = demand_of(pod);
        for (name, milli) in &demand.resources {
            let used = room.used.entry(name.clone()).or_default();
            *used = used.saturating_add(*milli);
        }
        room.pods += 1;
        for (protocol, port, address) in demand.host_ports {
            room.ports.push((protocol, port, address, pod_ref(pod)));
        }
    }
    rooms
}

/// Whether a pod has ended and takes no room any more.
pub(super) fn is_over(pod: &Pod) -> bool {
    matches!(
        pod.status.as_ref().and_then(|status| status.phase.as_deref()),
        Some("Succeeded" | "Failed")
    )
}

pub(super) fn pod_ref(pod: &Pod) -> ObjectRef {
    ObjectRef::namespaced(
        "Pod",
        pod.metadata.namespace.as_deref().unwrap_or("default"),
        pod.metadata.name.as_deref().unwrap_or_default(),
    )
}

/// What keeps the pod from every node, storage aside.
pub(super) fn blockers(snapshot: &Snapshot, pod: &Pod) -> Vec<Blocker> {
    let Some(spec) = &pod.spec else { return Vec::new() };
    let mut blockers = Vec::new();
    let gates: Vec<String> = spec
        .scheduling_gates
        .iter()
        .flatten()
        .map(|gate| gate.name.clone())
        .collect();
    if !gates.is_empty() {
        blockers.push(Blocker::Gates(gates));
    }
    if let Some(scheduler) = &spec.scheduler_name
        && scheduler != "default-scheduler"
        && spec.node_name.is_none()
    {
        blockers.push(Blocker::Scheduler(scheduler.clone()));
    }
    if let Some(name) = wanted_node(spec)
        && snapshot.may_see("Node", None)
        && !snapshot.nodes.iter().any(|node| node_name(node) == name)
    {
        blockers.push(Blocker::NoSuchNode(name));
    }
    blockers
}

/// The one node that a pod names: in its spec, by a host-name label or by the affinity of a DaemonSet's pod.
fn wanted_node(spec: &PodSpec) -> Option<String> {
    if let Some(name) = spec.node_name.as_ref().filter(|name| !name.is_empty()) {
        return Some(name.clone());
    }
    let terms = &spec
        .affinity
        .as_ref()?
        .node_affinity
        .as_ref()?
        .required_during_scheduling_ignored_during_execution
        .as_ref()?
        .node_selector_terms;
    let [term] = terms.as_slice() else { return None };
    let field = term
        .match_fields
        .iter()
        .flatten()
        .find(|field| field.key == "metadata.name")?;
    match field.values.as_deref() {
        Some([only]) if field.operator == "In" => Some(only.clone()),
        _ => None,
    }
}

/// Everything that the node alone has against the pod.
pub(super) fn reasons(pod: &Pod, demand: &Demand, node: &Node, room: Option<&Room>) -> Vec<Reason> {
    let Some(spec) = &pod.spec else { return Vec::new() };
    let mut reasons = Vec::new();
    if let Some(wanted) = spec
        .node_name
        .as_ref()
        .filter(|name| !name.is_empty() && *name != node_name(node))
    {
        reasons.push(Reason::OtherNode {
            wanted: wanted.clone(),
        });
    }
    reasons.extend(readiness(spec, node));
    reasons.extend(labels(spec, node));
    reasons.extend(space(demand, node, room));
    for (protocol, port, address) in &demand.host_ports {
        let taken = room
            .into_iter()
            .flat_map(|room| &room.ports)
            .find(|(p, n, a, _)| {
                p == protocol && n == port && (a == address || is_any(a) || is_any(address))
            });
        if let Some((.., holder)) = taken {
            reasons.push(Reason::HostPort {
                port: *port,
                holder: holder.clone(),
            });
        }
    }
    reasons
}

fn is_any(address: &str) -> bool {
    matches!(address, "" | "0.0.0.0" | "::")
}

/// Cordons, taints and readiness.
fn readiness(spec: &PodSpec, node: &Node) -> Vec<Reason> {
    const CORDON: &str = "node.kubernetes.io/unschedulable";
    let tolerations = spec.tolerations.as_deref().unwrap_or_default();
    let mut reasons = Vec::new();
    let node_spec = node.spec.as_ref();
    let taints = node_spec
        .and_then(|spec| spec.taints.as_deref())
        .unwrap_or_default();
    let cordon = Taint {
        key: CORDON.to_owned(),
        effect: "NoSchedule".to_owned(),
        ..Taint::default()
    };
    if node_spec.and_then(|spec| spec.unschedulable) == Some(true) && !tolerates(tolerations, &cordon) {
        reasons.push(Reason::Cordoned);
    }
    let mut says_not_ready = false;
    for taint in taints {
        if !matches!(taint.effect.as_str(), "NoSchedule" | "NoExecute") || tolerates(tolerations, taint) {
            says_not_ready |= is_readiness(&taint.key);
            continue;
        }
        if taint.key == CORDON && reasons.contains(&Reason::Cordoned) {
            continue;
        }
        if is_readiness(&taint.key) {
            says_not_ready = true;
            let reason = Reason::NotReady {
                reason: ready_reason(node).unwrap_or_else(|| taint.key.clone()),
            };
            if !reasons.contains(&reason) {
                reasons.push(reason);
            }
            continue;
        }
        reasons.push(Reason::Taint {
            key: taint.key.clone(),
            value: taint.value.clone().unwrap_or_default(),
            effect: taint.effect.clone(),
        });
    }
    // Normally the controller taints a node that is not ready; where it has not, new pods still go nowhere.
    if !says_not_ready && let Some(reason) = ready_reason(node) {
        reasons.push(Reason::NotReady { reason });
    }
    reasons
}

fn is_readiness(key: &str) -> bool {
    matches!(
        key,
        "node.kubernetes.io/not-ready" | "node.kubernetes.io/unreachable"
    )
}

/// Why a node is not ready; `None` when it is, or does not say.
fn ready_reason(node: &Node) -> Option<String> {
    let conditions = node.status.as_ref()?.conditions.as_ref()?;
    let ready = conditions.iter().find(|condition| condition.type_ == "Ready")?;
    (ready.status != "True").then(|| {
        ready
            .reason
            .clone()
            .filter(|reason| !reason.is_empty())
            .unwrap_or_else(|| ready.status.clone())
    })
}

fn tolerates(tolerations: &[Toleration], taint: &Taint) -> bool {
    tolerations.iter().any(|toleration| {
        let effect = toleration.effect.as_deref().unwrap_or_default();
        let key = toleration.key.as_deref().unwrap_or_default();
        let exists = toleration.operator.as_deref() == Some("Exists");
        (effect.is_empty() || effect == taint.effect)
            && (key == taint.key || (key.is_empty() && exists))
            && (exists
                || toleration.value.as_deref().unwrap_or_default()
                    == taint.value.as_deref().unwrap_or_default())
    })
}

/// Whether a node takes pods of this spec as far as taints go; topology spread asks.
pub(super) fn is_tolerated(spec: &PodSpec, node: &Node) -> bool {
    let tolerations = spec.tolerations.as_deref().unwrap_or_default();
    node.spec
        .iter()
        .flat_map(|spec| spec.taints.iter().flatten())
        .all(|taint| {
            !matches!(taint.effect.as_str(), "NoSchedule" | "NoExecute") || tolerates(tolerations, taint)
        })
}

/// Node selector and required node affinity.
pub(super) fn labels(spec: &PodSpec, node: &Node) -> Vec<Reason> {
    let nothing = BTreeMap::new();
    let own = node.metadata.labels.as_ref().unwrap_or(&nothing);
    let mut reasons: Vec<Reason> = spec
        .node_selector
        .iter()
        .flatten()
        .filter(|(key, wanted)| own.get(*key) != Some(*wanted))
        .map(|(key, wanted)| Reason::Label {
            key: key.clone(),
            wanted: wanted.clone(),
            has: own.get(key).cloned(),
        })
        .collect();
    let required = spec
        .affinity
        .as_ref()
        .and_then(|affinity| affinity.node_affinity.as_ref())
        .and_then(|affinity| {
            affinity
                .required_during_scheduling_ignored_during_execution
                .as_ref()
        });
    if let Some(required) = required
        && !required
            .node_selector_terms
            .iter()
            .any(|term| matches_term(term, node))
    {
        let wanted: Vec<String> = required.node_selector_terms.iter().map(show_term).collect();
        reasons.push(Reason::NodeAffinity {
            wanted: wanted.join(" or "),
        });
    }
    reasons
}

/// Whether a node matches a term of a node selector; an empty term matches nothing.
pub(super) fn matches_term(term: &NodeSelectorTerm, node: &Node) -> bool {
    let expressions = term.match_expressions.as_deref().unwrap_or_default();
    let fields = term.match_fields.as_deref().unwrap_or_default();
    let label = |key: &str| {
        node.metadata
            .labels
            .as_ref()
            .and_then(|labels| labels.get(key))
            .map(String::as_str)
    };
    let field = |key: &str| (key == "metadata.name").then(|| node_name(node));
    !(expressions.is_empty() && fields.is_empty())
        && expressions
            .iter()
            .all(|requirement| meets(requirement, label(&requirement.key)))
        && fields
            .iter()
            .all(|requirement| meets(requirement, field(&requirement.key)))
}

fn meets(requirement: &NodeSelectorRequirement, value: Option<&str>) -> bool {
    let values = requirement.values.as_deref().unwrap_or_default();
    let holds = |value: &str| values.iter().any(|wanted| wanted == value);
    let number = |text: &str| text.parse::<i64>().ok();
    let bound = values.first().and_then(|bound| number(bound));
    match requirement.operator.as_str() {
        "In" => value.is_some_and(holds),
        "NotIn" => value.is_none_or(|value| !holds(value)),
        "Exists" => value.is_some(),
        "DoesNotExist" => value.is_none(),
        "Gt" => value
            .and_then(number)
            .zip(bound)
            .is_some_and(|(value, bound)| value > bound),
        "Lt" => value
            .and_then(number)
            .zip(bound)
            .is_some_and(|(value, bound)| value < bound),
        _ => false,
    }
}

/// A term as people write it: `zone in (a,b), !spot`.
pub(super) fn show_term(term: &NodeSelectorTerm) -> String {
    let both = term
        .match_expressions
        .iter()
        .flatten()
        .chain(term.match_fields.iter().flatten());
    let parts: Vec<String> = both
        .map(|requirement| {
            let values = requirement.values.as_deref().unwrap_or_default();
            let key = &requirement.key;
            match (requirement.operator.as_str(), values) {
                ("In", [only]) => format!("{key}={only}"),
                ("NotIn", [only]) => format!("{key}!={only}"),
                ("In", values) => format!("{key} in ({})", values.join(",")),
                ("NotIn", values) => format!("{key} not in ({})", values.join(",")),
                ("Exists", _) => key.clone(),
                ("DoesNotExist", _) => format!("!{key}"),
                ("Gt", values) => format!("{key}>{}", values.join(",")),
                ("Lt", values) => format!("{key}<{}", values.join(",")),
                (other, values) => format!("{key} {other} {}", values.join(",")),
            }
        })
        .collect();
    parts.join(", ")
}

/// What is free of every resource the pod asks for; a node that says nothing about its size is not judged by it.
fn space(demand: &Demand, node: &Node, room: Option<&Room>) -> Vec<Reason> {
    let Some(allocatable) = allocatable(node) else {
        return Vec::new();
    };
    demand
        .resources
        .iter()
        .filter(|(_, wanted)| **wanted > 0)
        .filter_map(|(name, wanted)| {
            let all = match allocatable.get(name) {
                Some(all) => *all,
                // Nodes always say these two; one that does not was written by hand.
                None if matches!(name.as_str(), "pods" | "ephemeral-storage") => return None,
                None => 0,
            };
            let used = room.and_then(|room| room.used.get(name)).copied().unwrap_or(0);
            let free = all.saturating_sub(used);
            (*wanted > free).then(|| Reason::Resource {
                name: name.clone(),
                wanted: *wanted,
                free,
                allocatable: all,
            })
        })
        .collect()
}

/// What the empty node offers, in thousandths; `None` when it does not say.
pub(super) fn allocatable(node: &Node) -> Option<BTreeMap<String, u128>> {
    let status = node.status.as_ref()?;
    let list = status
        .allocatable
        .as_ref()
        .filter(|list| !list.is_empty())
        .or(status.capacity.as_ref().filter(|list| !list.is_empty()))?;
    Some(demand::read(list))
}

/// What the empty node offers by resource, in thousandths; nothing when it does not say.
pub fn allocatable_of(node: &Node) -> BTreeMap<String, u128> {
    allocatable(node).unwrap_or_default()
}
