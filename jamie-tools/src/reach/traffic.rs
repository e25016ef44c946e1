//! Senders, receivers and a port in; what the network policies on both sides say, as hops, out.

use std::sync::Arc;

use jamie_core::{Evidence, NextStep, ObjectRef};
use k8s_openapi::api::core::v1::Pod;

use super::{
    Direction, Hop, Party, Path,
    policy::{self, Peer, Port, Say},
};
use crate::{Snapshot, selector, snapshot::Labels, wording};

/// One side of a connection, as the policies of the other side see it.
#[derive(Debug, Clone)]
pub(super) enum Side {
    /// These pods.
    Pods(Vec<Arc<Pod>>),
    /// An address outside, or any.
    Outside(Option<std::net::IpAddr>),
}

impl Side {
    fn peers(&self) -> Vec<Peer<'_>> {
        match self {
            Self::Pods(pods) => pods.iter().map(|pod| Peer::Pod(pod)).collect(),
            Self::Outside(address) => vec![Peer::Address(*address)],
        }
    }
}

/// A connection whose policies are to be judged.
pub(super) struct Connection<'a> {
    pub(super) from: &'a Party,
    pub(super) to: String,
    pub(super) senders: &'a Side,
    pub(super) receivers: &'a Side,
    pub(super) port: Option<i32>,
    pub(super) protocol: &'a str,
}

/// Adds what the policies say on the way out and on the way in.
pub(super) fn judge(snapshot: &Snapshot, path: &mut Path, connection: &Connection<'_>) {
    for direction in [Direction::Egress, Direction::Ingress] {
        let (own, other) = match direction {
            Direction::Egress => (connection.senders, connection.receivers),
            Direction::Ingress => (connection.receivers, connection.senders),
        };
        if let Side::Pods(pods) = own
            && let Some(hop) = one_way(snapshot, path, connection, direction, pods, other)
        {
            path.hops.push(hop);
        }
    }
}

fn one_way(
    snapshot: &Snapshot,
    path: &mut Path,
    connection: &Connection<'_>,
    direction: Direction,
    pods: &[Arc<Pod>],
    other: &Side,
) -> Option<Hop> {
    let step = match direction {
        Direction::Egress => "egress policy",
        Direction::Ingress => "ingress policy",
    };
    let first = pods.first()?;
    let namespace = first.metadata.namespace.as_deref().unwrap_or_default();
    if !snapshot.may_see("NetworkPolicy", Some(namespace)) {
        path.notes.push(format!(
            "I may not look at the NetworkPolicies of `{namespace}`, so they are not judged."
        ));
        return None;
    }
    let mut passed: Option<Option<String>> = None;
    let mut denied: Option<(Vec<ObjectRef>, String)> = None;
    for pod in pods {
        for peer in other.peers() {
            let receiver = match (direction, &peer) {
                (Direction::Ingress, _) => Some(pod.as_ref()),
                (Direction::Egress, Peer::Pod(peer)) => Some(*peer),
                (Direction::Egress, Peer::Address(_)) => None,
            };
            let port = Port {
                number: connection.port,
                protocol: connection.protocol,
                of: receiver,
            };
            match policy::say(snapshot, pod, direction, &peer, port) {
                Say::Open => _ = passed.get_or_insert(None),
                Say::Allowed(by) => passed = Some(Some(by)),
                Say::Denied { by, nearest } => denied = denied.or(Some((by, nearest))),
            }
        }
    }
    let whose = match direction {
        Direction::Egress => connection.from.name(),
        Direction::Ingress => connection.to.clone(),
    };
    let way = if direction == Direction::Egress {
        "out of"
    } else {
        "into"
    };
    match (denied, passed) {
        (None, Some(Some(by))) => Some(Hop::passes(
            step,
            format!("NetworkPolicy `{by}` lets this traffic {way} {whose}"),
        )),
        (None, _) => Some(Hop::passes(
            step,
            format!("No NetworkPolicy restricts what comes {way} {whose}"),
        )),
        (Some((by, nearest)), passed) => {
            let names: Vec<String> = by.iter().map(ObjectRef::path).collect();
            let mut text = format!(
                "NetworkPolicy {} {} not let traffic{} {way} {whose}",
                wording::code_list(&names, 3),
                if names.len() == 1 { "does" } else { "do" },
                connection
                    .port
                    .map(|port| format!(" to {} port {port}", connection.protocol))
                    .unwrap_or_default(),
            );
            if nearest.is_empty() {
                text.push_str(": no rule allows anything this way");
            } else {
                text.push_str(": ");
                text.push_str(&nearest);
            }
            if passed.is_some() {
                text.push_str(" (some of the pods get through, others do not)");
            }
            path.opening = path
                .opening
                .take()
                .or_else(|| opening(connection, direction, pods, other));
            let mut hop = if passed.is_some() {
                Hop::doubtful(step, text)
            } else {
                Hop::fails(step, text)
            };
            if let Some(policy) = by.first() {
                let namespace = policy.namespace.as_deref().unwrap_or_default();
                hop = hop
                    .proved_by(Evidence::new(format!("{policy}"), quote(snapshot, policy), None))
                    .mended_by(NextStep::command(
                        format!(
                            "Allow it with a rule for {}",
                            describe(connection, direction, other)
                        ),
                        format!("kubectl edit networkpolicy {} -n {namespace}", policy.name),
                    ))
                    .blaming(policy.clone());
            }
            Some(hop)
        }
    }
}

fn quote(snapshot: &Snapshot, object: &ObjectRef) -> String {
    let namespace = object.namespace.as_deref().unwrap_or_default();
    let Some(spec) = snapshot
        .network_policy(namespace, &object.name)
        .and_then(|policy| policy.spec.as_ref())
    else {
        return String::new();
    };
    let selected = spec
        .pod_selector
        .as_ref()
        .map_or_else(|| "everything".to_owned(), selector::show);
    let types = spec
        .policy_types
        .as_ref()
        .map_or_else(|| "Ingress".to_owned(), |types| types.join(", "));
    format!(
        "podSelector: {selected}; policyTypes: {types}; {} ingress and {} egress rules",
        spec.ingress.as_ref().map_or(0, Vec::len),
        spec.egress.as_ref().map_or(0, Vec::len)
    )
}

/// Whom a rule would have to name.
fn describe(connection: &Connection<'_>, direction: Direction, other: &Side) -> String {
    let port = connection
        .port
        .map(|port| format!(" on {} port {port}", connection.protocol))
        .unwrap_or_default();
    let who = match other {
        Side::Pods(pods) => match pods
            .first()
            .and_then(|pod| stable_labels(pod.metadata.labels.as_ref()))
        {
            Some(labels) => {
                let namespace = pods
                    .first()
                    .and_then(|pod| pod.metadata.namespace.clone())
                    .unwrap_or_default();
                format!(
                    "pods `{}` of namespace `{namespace}`",
                    selector::show_pairs(&labels)
                )
            }
            None => "those pods".to_owned(),
        },
        Side::Outside(Some(address)) => format!("`{address}/32`"),
        Side::Outside(None) => "`0.0.0.0/0`".to_owned(),
    };
    let preposition = if direction == Direction::Ingress {
        "from"
    } else {
        "to"
    };
    format!("traffic {preposition} {who}{port}")
}

/// A pod's labels without those that change with every rollout.
fn stable_labels(labels: Option<&Labels>) -> Option<Labels> {
    const CHANGING: [&str; 6] = [
        "pod-template-hash",
        "controller-revision-hash",
        "pod-template-generation",
        "statefulset.kubernetes.io/pod-name",
        "apps.kubernetes.io/pod-index",
        "batch.kubernetes.io/job-completion-index",
    ];
    const TELLING: [&str; 4] = [
        "app",
        "app.kubernetes.io/name",
        "k8s-app",
        "app.kubernetes.io/instance",
    ];
    let labels = labels?;
    let telling: Labels = labels
        .iter()
        .filter(|(key, _)| TELLING.contains(&key.as_str()))
        .map(own)
        .collect();
    let kept = if telling.is_empty() {
        labels
            .iter()
            .filter(|(key, _)| !CHANGING.contains(&key.as_str()))
            .map(own)
            .collect()
    } else {
        telling
    };
    (!kept.is_empty()).then_some(kept)
}

fn own((key, value): (&String, &String)) -> (String, String) {
    (key.clone(), value.clone())
}

/// A policy that would open the way, as YAML.
fn opening(
    connection: &Connection<'_>,
    direction: Direction,
    pods: &[Arc<Pod>],
    other: &Side,
) -> Option<String> {
    let pod = pods.first()?;
    let namespace = pod.metadata.namespace.as_deref()?;
    let selected = stable_labels(pod.metadata.labels.as_ref())?;
    let peer = match other {
        Side::Pods(others) => {
            let peer = others.first()?;
            let theirs = peer.metadata.namespace.as_deref()?;
            let labels = stable_labels(peer.metadata.labels.as_ref())?;
            let mut peer = serde_json::json!({"podSelector": {"matchLabels": labels}});
            if theirs != namespace
                && let Some(peer) = peer.as_object_mut()
            {
                peer.insert(
                    "namespaceSelector".to_owned(),
                    serde_json::json!({"matchLabels": {"kubernetes.io/metadata.name": theirs}}),
                );
            }
            peer
        }
        Side::Outside(address) => {
            let block = address.map_or_else(|| "0.0.0.0/0".to_owned(), |address| format!("{address}/32"));
            serde_json::json!({"ipBlock": {"cidr": block}})
        }
    };
    let (list, peers) = match direction {
        Direction::Ingress => ("ingress", "from"),
        Direction::Egress => ("egress", "to"),
    };
    let mut rule = serde_json::Map::new();
    rule.insert(peers.to_owned(), serde_json::json!([peer]));
    if let Some(port) = connection.port {
        rule.insert(
            "ports".to_owned(),
            serde_json::json!([{"protocol": connection.protocol, "port": port}]),
        );
    }
    let name = selected
        .values()
        .next()
        .map(|app| format!("allow-{}-{list}", app.to_lowercase()))?;
    let policy = serde_json::json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "podSelector": {"matchLabels": selected},
            "policyTypes": [direction.name()],
            list: [rule],
        },
    });
    serde_saphyr::to_string(&policy).ok()
}
