//! A pod in; which nodes the other pods rule out (affinity, anti-affinity, spread) out.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jamie_core::ObjectRef;
use k8s_openapi::{
    api::core::v1::{Node, Pod, PodAffinityTerm, TopologySpreadConstraint},
    apimachinery::pkg::apis::meta::v1::{LabelSelector, LabelSelectorRequirement},
};

use super::{Reason, node_name, nodes};
use crate::{
    Snapshot, selector,
    snapshot::{Labels, is_finished, reference, selector_matches},
};

/// The rules between one pod and the others, ready to be asked node by node.
pub(super) struct Neighbours {
    /// Per required affinity term: its text, topology, and the domains where it is met; `None` when the pod
    /// itself would be the first and meets it.
    near: Vec<(String, String, Option<BTreeSet<String>>)>,
    /// Topology and domain to the pod in the way, and whether the rule is that pod's.
    apart: Vec<(String, BTreeMap<String, ObjectRef>, bool)>,
    spread: Vec<Spread>,
}

struct Spread {
    topology: String,
    most: i64,
    myself: i64,
    /// Matching pods by domain, of the domains that count.
    domains: BTreeMap<String, i64>,
    least: i64,
}

impl Neighbours {
    pub(super) fn new(snapshot: &Snapshot, pod: &Pod) -> Self {
        let placed = Placed::new(snapshot, pod);
        let affinity = pod.spec.as_ref().and_then(|spec| spec.affinity.as_ref());
        let required = affinity
            .and_then(|affinity| affinity.pod_affinity.as_ref())
            .and_then(|affinity| {
                affinity
                    .required_during_scheduling_ignored_during_execution
                    .as_deref()
            });
        let near = required
            .unwrap_or_default()
            .iter()
            .map(|term| placed.near(pod, term))
            .collect();
        Self {
            near,
            apart: placed.apart(pod),
            spread: placed.spread(pod),
        }
    }

    /// What the other pods have against this node.
    pub(super) fn against(&self, node: &Node) -> Vec<Reason> {
        let label = |topology: &str| node.metadata.labels.as_ref()?.get(topology);
        let mut reasons = Vec::new();
        for (wanted, topology, domains) in &self.near {
            let met = match (label(topology), domains) {
                (None, _) => false,
                (Some(_), None) => true,
                (Some(domain), Some(domains)) => domains.contains(domain),
            };
            if !met {
                reasons.push(Reason::PodAffinity {
                    wanted: wanted.clone(),
                    topology: topology.clone(),
                });
            }
        }
        for (topology, domains, theirs) in &self.apart {
            if let Some(with) = label(topology).and_then(|domain| domains.get(domain)) {
                reasons.push(Reason::PodAntiAffinity {
                    with: with.clone(),
                    topology: topology.clone(),
                    theirs: *theirs,
                });
            }
        }
        for spread in &self.spread {
            let topology = spread.topology.clone();
            let Some(domain) = label(&topology) else {
                reasons.push(Reason::SpreadLabel { topology });
                continue;
            };
            let here = spread.domains.get(domain).copied().unwrap_or(0);
            let skew = here + spread.myself - spread.least;
            if skew > spread.most {
                reasons.push(Reason::Spread {
                    topology,
                    skew,
                    most: spread.most,
                });
            }
        }
        reasons
    }
}

/// The pods that stand on nodes.
struct Placed<'a> {
    snapshot: &'a Snapshot,
    nodes: BTreeMap<&'a str, &'a Arc<Node>>,
    pods: Vec<(&'a Arc<Pod>, &'a str)>,
}

impl<'a> Placed<'a> {
    fn new(snapshot: &'a Snapshot, except: &Pod) -> Self {
        let skip = except.metadata.uid.as_deref();
        let pods = snapshot
            .pods
            .iter()
            .filter(|pod| !is_finished(pod) && (skip.is_none() || pod.metadata.uid.as_deref() != skip));
        Self {
            snapshot,
            nodes: snapshot
                .nodes
                .iter()
                .map(|node| (node_name(node), node))
                .collect(),
            pods: pods
                .filter_map(|pod| Some((pod, pod.spec.as_ref()?.node_name.as_deref()?)))
                .collect(),
        }
    }

    /// The value of a topology label on a node.
    fn domain(&self, node: &str, topology: &str) -> Option<&'a String> {
        self.nodes.get(node)?.metadata.labels.as_ref()?.get(topology)
    }

    fn near(&self, pod: &Pod, term: &PodAffinityTerm) -> (String, String, Option<BTreeSet<String>>) {
        let wanted = selected_by(term, pod);
        let topology = term.topology_key.clone();
        let domains: BTreeSet<String> = self
            .pods
            .iter()
            .filter(|(other, _)| self.is_picked(&wanted, term, pod, other))
            .filter_map(|(_, node)| self.domain(node, &topology).cloned())
            .collect();
        // The first of a group that wants to be together may go anywhere.
        let first = domains.is_empty() && self.is_picked(&wanted, term, pod, pod);
        (selector::show(&wanted), topology, (!first).then_some(domains))
    }

    /// Whether `other` is what a term of `pod` speaks of.
    fn is_picked(&self, wanted: &LabelSelector, term: &PodAffinityTerm, pod: &Pod, other: &Pod) -> bool {
        let namespace = other.metadata.namespace.as_deref().unwrap_or_default();
        let own = pod.metadata.namespace.as_deref().unwrap_or_default();
        let named = term.namespaces.as_deref().unwrap_or_default();
        let in_namespace = if named.is_empty() && term.namespace_selector.is_none() {
            namespace == own
        } else {
            named.iter().any(|name| name == namespace)
                || term.namespace_selector.as_ref().is_some_and(|selector| {
                    let labels = self
                        .snapshot
                        .namespace(namespace)
                        .and_then(|found| found.metadata.labels.as_ref());
                    selector_matches(selector, labels)
                })
        };
        in_namespace
            && term.label_selector.is_some()
            && selector_matches(wanted, other.metadata.labels.as_ref())
    }

    fn apart(&self, pod: &Pod) -> Vec<(String, BTreeMap<String, ObjectRef>, bool)> {
        let mut all = Vec::new();
        for term in anti_affinity(pod) {
            let wanted = selected_by(term, pod);
            let mut domains = BTreeMap::new();
            for (other, node) in self
                .pods
                .iter()
                .filter(|(other, _)| self.is_picked(&wanted, term, pod, other))
            {
                if let Some(domain) = self.domain(node, &term.topology_key) {
                    domains
                        .entry(domain.clone())
                        .or_insert_with(|| reference(other.as_ref()));
                }
            }
            all.push((term.topology_key.clone(), domains, false));
        }
        // Pods that are there already may not want this one near them.
        let mut theirs: BTreeMap<String, BTreeMap<String, ObjectRef>> = BTreeMap::new();
        for (other, node) in &self.pods {
            for term in anti_affinity(other) {
                if self.is_picked(&selected_by(term, other), term, other, pod)
                    && let Some(domain) = self.domain(node, &term.topology_key)
                    && !all.iter().any(|(topology, domains, _)| {
                        *topology == term.topology_key && domains.contains_key(domain)
                    })
                {
                    theirs
                        .entry(term.topology_key.clone())
                        .or_default()
                        .entry(domain.clone())
                        .or_insert_with(|| reference(other.as_ref()));
                }
            }
        }
        all.extend(
            theirs
                .into_iter()
                .map(|(topology, domains)| (topology, domains, true)),
        );
        all
    }

    fn spread(&self, pod: &Pod) -> Vec<Spread> {
        let constraints = pod
            .spec
            .as_ref()
            .and_then(|spec| spec.topology_spread_constraints.as_deref())
            .unwrap_or_default();
        constraints
            .iter()
            .filter(|constraint| constraint.when_unsatisfiable == "DoNotSchedule")
            .map(|constraint| self.spread_over(pod, constraint))
            .collect()
    }

    fn spread_over(&self, pod: &Pod, constraint: &TopologySpreadConstraint) -> Spread {
        let namespace = pod.metadata.namespace.as_deref();
        let mut wanted = constraint.label_selector.clone().unwrap_or_default();
        let has_selector = constraint.label_selector.is_some();
        add_keys(
            &mut wanted,
            constraint.match_label_keys.as_deref(),
            pod.metadata.labels.as_ref(),
            "In",
        );
        let topology = constraint.topology_key.clone();
        let mut domains: BTreeMap<String, i64> = BTreeMap::new();
        let spec = pod.spec.clone().unwrap_or_default();
        for node in self.nodes.values() {
            let counts = (constraint.node_affinity_policy.as_deref() == Some("Ignore")
                || nodes::labels(&spec, node).is_empty())
                && (constraint.node_taints_policy.as_deref() != Some("Honor")
                    || nodes::is_tolerated(&spec, node));
            if let Some(domain) = node
                .metadata
                .labels
                .as_ref()
                .and_then(|labels| labels.get(&topology))
                && counts
            {
                domains.entry(domain.clone()).or_default();
            }
        }
        for (other, node) in &self.pods {
            if has_selector
                && other.metadata.namespace.as_deref() == namespace
                && other.metadata.deletion_timestamp.is_none()
                && selector_matches(&wanted, other.metadata.labels.as_ref())
                && let Some(count) = self
                    .domain(node, &topology)
                    .and_then(|domain| domains.get_mut(domain))
            {
                *count += 1;
            }
        }
        let few = constraint
            .min_domains
            .is_some_and(|least| (domains.len() as i64) < i64::from(least));
        let least = if few {
            0
        } else {
            domains.values().copied().min().unwrap_or(0)
        };
        let myself = i64::from(has_selector && selector_matches(&wanted, pod.metadata.labels.as_ref()));
        Spread {
            topology,
            most: i64::from(constraint.max_skew),
            myself,
            domains,
            least,
        }
    }
}

fn anti_affinity(pod: &Pod) -> &[PodAffinityTerm] {
    pod.spec
        .as_ref()
        .and_then(|spec| spec.affinity.as_ref())
        .and_then(|affinity| affinity.pod_anti_affinity.as_ref())
        .and_then(|affinity| {
            affinity
                .required_during_scheduling_ignored_during_execution
                .as_deref()
        })
        .unwrap_or_default()
}

/// A term's selector with the label keys that it takes from its own pod.
fn selected_by(term: &PodAffinityTerm, pod: &Pod) -> LabelSelector {
    let mut wanted = term.label_selector.clone().unwrap_or_default();
    let labels = pod.metadata.labels.as_ref();
    add_keys(&mut wanted, term.match_label_keys.as_deref(), labels, "In");
    add_keys(&mut wanted, term.mismatch_label_keys.as_deref(), labels, "NotIn");
    wanted
}

fn add_keys(selector: &mut LabelSelector, keys: Option<&[String]>, labels: Option<&Labels>, operator: &str) {
    for key in keys.unwrap_or_default() {
        if let Some(value) = labels.and_then(|labels| labels.get(key)) {
            selector
                .match_expressions
                .get_or_insert_default()
                .push(LabelSelectorRequirement {
                    key: key.clone(),
                    operator: operator.to_owned(),
                    values: Some(vec![value.clone()]),
                });
        }
    }
}
