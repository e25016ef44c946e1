//! One pod and one node in; whether it fits, and if not why not, out.

use std::{collections::HashMap, sync::Arc};

use serde_json::Value;

use super::{entries, flag, holds, list, name, object, pods, quantity, text};

/// Why a node does not take a pod.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) reasons: Vec<String>,
    /// Whether other pods' leaving could change it.
    pub(crate) preemption_may_help: bool,
}

impl Refusal {
    pub(crate) fn for_good(reason: impl Into<String>) -> Self {
        Self {
            reasons: vec![reason.into()],
            preemption_may_help: false,
        }
    }

    fn for_now(reason: impl Into<String>) -> Self {
        Self {
            reasons: vec![reason.into()],
            preemption_may_help: true,
        }
    }
}

/// Whether a toleration covers a taint.
pub(crate) fn tolerates(toleration: &Value, taint: &Value) -> bool {
    let effect = text(toleration, "/effect");
    let key = text(toleration, "/key");
    let exists = text(toleration, "/operator") == "Exists";
    (effect.is_empty() || effect == text(taint, "/effect"))
        && (key == text(taint, "/key") || key.is_empty() && exists)
        && (exists || text(toleration, "/value") == text(taint, "/value"))
}

/// The first taint with one of these effects that a pod's spec does not tolerate.
pub(crate) fn untolerated<'a>(spec: &Value, node: &'a Value, effects: &[&str]) -> Option<&'a Value> {
    list(node, "/spec/taints").iter().find(|taint| {
        effects.contains(&text(taint, "/effect"))
            && !list(spec, "/tolerations").iter().any(|one| tolerates(one, taint))
    })
}

/// Whether a pod's node selector and required node affinity allow the node.
pub(crate) fn selects(spec: &Value, node: &Value) -> bool {
    let labels = node.pointer("/metadata/labels");
    let by_selector = entries(spec, "/nodeSelector")
        .all(|(key, value)| labels.and_then(|labels| labels.get(key)) == Some(value));
    let required = spec.pointer("/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution");
    by_selector
        && required.is_none_or(|required| {
            list(required, "/nodeSelectorTerms")
                .iter()
                .any(|term| term_holds(term, node))
        })
}

/// Whether one term of a node selector holds for the node.
pub(crate) fn term_holds(term: &Value, node: &Value) -> bool {
    let labels = node.pointer("/metadata/labels");
    let expressions = list(term, "/matchExpressions");
    let fields = list(term, "/matchFields");
    let by_name = |field: &Value| {
        let among = list(field, "/values")
            .iter()
            .any(|value| value.as_str() == Some(name(node)));
        among == (text(field, "/operator") == "In")
    };
    !(expressions.is_empty() && fields.is_empty())
        && expressions.iter().all(|expression| holds(expression, labels))
        && fields.iter().all(by_name)
}

/// What a pod asks of a node, in thousandths: the greater of its containers together and any init container.
pub(crate) fn requests(pod: &Value) -> HashMap<String, i64> {
    let mut sum: HashMap<String, i64> = HashMap::new();
    let each = |container: &Value| -> Vec<(String, i64)> {
        entries(container, "/resources/requests")
            .filter_map(|(resource, amount)| Some((resource.clone(), quantity::of(amount)?)))
            .collect()
    };
    for container in list(pod, "/spec/containers") {
        for (resource, amount) in each(container) {
            *sum.entry(resource).or_default() += amount;
        }
    }
    for container in list(pod, "/spec/initContainers") {
        let stays = text(container, "/restartPolicy") == "Always";
        for (resource, amount) in each(container) {
            let total = sum.entry(resource).or_default();
            *total = if stays {
                *total + amount
            } else {
                (*total).max(amount)
            };
        }
    }
    sum
}

/// What runs where.
#[derive(Debug, Default)]
pub(crate) struct Occupied {
    used: HashMap<String, HashMap<String, i64>>,
    placed: HashMap<String, Vec<Arc<Value>>>,
}

impl Occupied {
    pub(crate) fn of(pods: &[Arc<Value>]) -> Self {
        let mut occupied = Self::default();
        for pod in pods.iter().filter(|pod| !pods::is_finished(pod)) {
            let node = text(pod, "/spec/nodeName");
            if !node.is_empty() {
                occupied.add(pod, node);
            }
        }
        occupied
    }

    pub(crate) fn add(&mut self, pod: &Arc<Value>, node: &str) {
        let used = self.used.entry(node.to_owned()).or_default();
        for (resource, amount) in requests(pod) {
            *used.entry(resource).or_default() += amount;
        }
        self.placed
            .entry(node.to_owned())
            .or_default()
            .push(Arc::clone(pod));
    }

    fn on(&self, node: &str) -> &[Arc<Value>] {
        self.placed.get(node).map_or(&[], Vec::as_slice)
    }

    /// The smaller, the emptier the node would be.
    pub(crate) fn score(&self, pod: &Value, node: &Value) -> i64 {
        let share = |resource: &str| {
            let room = node
                .pointer("/status/allocatable")
                .and_then(|room| room.get(resource))
                .and_then(quantity::of)
                .unwrap_or(1)
                .max(1);
            let used = self
                .used
                .get(name(node))
                .and_then(|used| used.get(resource))
                .copied()
                .unwrap_or(0);
            (used as f64 / room as f64 * 1000.0) as i64
        };
        let owner = object::controller(pod).map(|owner| text(owner, "/uid"));
        let siblings = self.on(name(node)).iter().filter(|other| {
            owner.is_some() && object::controller(other).map(|owner| text(owner, "/uid")) == owner
        });
        let soft = list(node, "/spec/taints")
            .iter()
            .filter(|taint| text(taint, "/effect") == "PreferNoSchedule")
            .count() as i64;
        siblings.count() as i64 * 400
            + share("cpu")
            + share("memory")
            + self.on(name(node)).len() as i64
            + soft * 10_000
    }

    /// Why the node does not take the pod, in the order of the real scheduler's plugins.
    pub(crate) fn refuses(&self, pod: &Value, node: &Value, nodes: &[Arc<Value>]) -> Option<Refusal> {
        let spec = &pod["spec"];
        let cordon = |one: &Value| {
            text(one, "/key") == "node.kubernetes.io/unschedulable" || text(one, "/key").is_empty()
        };
        if flag(node, "/spec/unschedulable") && !list(spec, "/tolerations").iter().any(cordon) {
            return Some(Refusal::for_good("node(s) were unschedulable"));
        }
        if let Some(taint) = untolerated(spec, node, &["NoSchedule", "NoExecute"]) {
            let (key, value) = (text(taint, "/key"), text(taint, "/value"));
            return Some(Refusal::for_good(format!(
                "node(s) had untolerated taint {{{key}: {value}}}"
            )));
        }
        if !selects(spec, node) {
            return Some(Refusal::for_good(
                "node(s) didn't match Pod's node affinity/selector",
            ));
        }
        if self.port_taken(pod, node) {
            return Some(Refusal::for_now(
                "node(s) didn't have free ports for the requested pod ports",
            ));
        }
        let missing = self.insufficient(pod, node);
        if !missing.is_empty() {
            return Some(Refusal {
                reasons: missing,
                preemption_may_help: true,
            });
        }
        self.spread_refuses(pod, node, nodes)
            .or_else(|| self.affinity_refuses(pod, node, nodes))
    }

    fn port_taken(&self, pod: &Value, node: &Value) -> bool {
        let ports = |pod: &Value| -> Vec<i64> {
            let containers = list(pod, "/spec/containers").iter();
            containers
                .flat_map(|container| list(container, "/ports"))
                .filter_map(|port| object::number(port, "/hostPort"))
                .collect()
        };
        let wanted = ports(pod);
        !wanted.is_empty()
            && self
                .on(name(node))
                .iter()
                .any(|other| ports(other).iter().any(|port| wanted.contains(port)))
    }

    fn insufficient(&self, pod: &Value, node: &Value) -> Vec<String> {
        let room = |resource: &str| {
            node.pointer("/status/allocatable")
                .and_then(|room| room.get(resource))
                .and_then(quantity::of)
                .unwrap_or(0)
        };
        let used = self.used.get(name(node));
        let mut missing = Vec::new();
        if (self.on(name(node)).len() as i64 + 1) * 1000 > room("pods") {
            missing.push("Too many pods".to_owned());
        }
        for (resource, amount) in requests(pod) {
            let taken = used.and_then(|used| used.get(&resource)).copied().unwrap_or(0);
            if amount > 0 && taken + amount > room(&resource) {
                missing.push(format!("Insufficient {resource}"));
            }
        }
        missing
    }

    fn spread_refuses(&self, pod: &Value, node: &Value, nodes: &[Arc<Value>]) -> Option<Refusal> {
        for constraint in list(pod, "/spec/topologySpreadConstraints") {
            if text(constraint, "/whenUnsatisfiable") == "ScheduleAnyway" {
                continue;
            }
            let key = text(constraint, "/topologyKey");
            let domain = |node: &Value| object::entry(node, "/metadata/labels", key).map(str::to_owned);
            let Some(here) = domain(node) else {
                return Some(Refusal::for_good(
                    "node(s) didn't match pod topology spread constraints (missing required label)",
                ));
            };
            let mut counts: HashMap<String, i64> = HashMap::new();
            for other in nodes.iter().filter(|other| selects(&pod["spec"], other)) {
                let Some(domain) = domain(other) else { continue };
                let matching = self.on(name(other)).iter().filter(|placed| {
                    object::namespace(placed) == object::namespace(pod)
                        && !object::is_leaving(placed)
                        && object::matches(constraint.get("labelSelector"), placed)
                });
                *counts.entry(domain).or_default() += matching.count() as i64;
            }
            let least = counts.values().min().copied().unwrap_or(0);
            let skew = object::number(constraint, "/maxSkew").unwrap_or(1);
            if counts.get(&here).copied().unwrap_or(0) + 1 - least > skew {
                return Some(Refusal::for_now(
                    "node(s) didn't match pod topology spread constraints",
                ));
            }
        }
        None
    }

    fn affinity_refuses(&self, pod: &Value, node: &Value, nodes: &[Arc<Value>]) -> Option<Refusal> {
        const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
        for term in list(pod, &format!("/spec/affinity/podAffinity/{REQUIRED}")) {
            // A pod may be the first of its own kind.
            let anywhere = nodes.iter().any(|other| {
                self.on(name(other))
                    .iter()
                    .any(|placed| term_matches(term, pod, placed))
            });
            let own = !anywhere && term_matches(term, pod, pod);
            if !own && !self.in_domain(term, pod, node, nodes) {
                return Some(Refusal::for_good("node(s) didn't match pod affinity rules"));
            }
        }
        for term in list(pod, &format!("/spec/affinity/podAntiAffinity/{REQUIRED}")) {
            if self.in_domain(term, pod, node, nodes) {
                return Some(Refusal::for_now("node(s) didn't match pod anti-affinity rules"));
            }
        }
        for other in nodes {
            for placed in self.on(name(other)) {
                for term in list(placed, &format!("/spec/affinity/podAntiAffinity/{REQUIRED}")) {
                    let key = text(term, "/topologyKey");
                    let same = object::entry(other, "/metadata/labels", key)
                        == object::entry(node, "/metadata/labels", key);
                    if same && term_matches(term, placed, pod) {
                        return Some(Refusal::for_now(
                            "node(s) didn't satisfy existing pods anti-affinity rules",
                        ));
                    }
                }
            }
        }
        None
    }

    fn in_domain(&self, term: &Value, pod: &Value, node: &Value, nodes: &[Arc<Value>]) -> bool {
        let key = text(term, "/topologyKey");
        let here = object::entry(node, "/metadata/labels", key);
        here.is_some()
            && nodes
                .iter()
                .filter(|other| object::entry(other, "/metadata/labels", key) == here)
                .any(|other| {
                    self.on(name(other))
                        .iter()
                        .any(|placed| !object::is_leaving(placed) && term_matches(term, pod, placed))
                })
    }
}

fn term_matches(term: &Value, pod: &Value, other: &Value) -> bool {
    let namespaces = list(term, "/namespaces");
    let reaches = if namespaces.is_empty() && term.get("namespaceSelector").is_none() {
        object::namespace(pod) == object::namespace(other)
    } else {
        term.get("namespaceSelector").is_some()
            || namespaces
                .iter()
                .any(|one| one.as_str() == Some(object::namespace(other)))
    };
    reaches && object::matches(term.get("labelSelector"), other)
}
