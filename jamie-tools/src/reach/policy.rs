//! Network policies, two ends and a port in; whether they let the traffic through, and if not, by how little, out.

use std::{net::IpAddr, sync::Arc};

use jamie_core::ObjectRef;
use k8s_openapi::{
    api::{
        core::v1::Pod,
        networking::v1::{NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort},
    },
    apimachinery::pkg::util::intstr::IntOrString,
};

use super::address::Block;
use crate::{
    Snapshot, selector,
    snapshot::{Labels, reference, selector_matches},
    wording,
};

/// Which way a rule looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Into the pod.
    Ingress,
    /// Out of the pod.
    Egress,
}

impl Direction {
    /// As the API spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ingress => "Ingress",
            Self::Egress => "Egress",
        }
    }
}

/// The other end, as a policy sees it.
#[derive(Debug, Clone)]
pub(super) enum Peer<'a> {
    /// A pod.
    Pod(&'a Pod),
    /// An address outside; `None` is some address of the internet.
    Address(Option<IpAddr>),
}

/// A port of the receiving pod.
#[derive(Debug, Clone, Copy)]
pub(super) struct Port<'a> {
    pub(super) number: Option<i32>,
    pub(super) protocol: &'a str,
    /// The pod whose container ports give names to numbers.
    pub(super) of: Option<&'a Pod>,
}

/// What policies say about one connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Say {
    /// No policy selects the pod for this direction: everything passes.
    Open,
    /// A rule of this policy lets it pass.
    Allowed(String),
    /// Policies select the pod and none has a rule for it.
    Denied {
        /// The policies that isolate the pod.
        by: Vec<ObjectRef>,
        /// How near the nearest rule comes, one sentence; empty when they have no rules at all.
        nearest: String,
    },
}

/// The policies that isolate a pod in a direction.
pub(super) fn isolating<'a>(
    snapshot: &'a Snapshot,
    pod: &Pod,
    direction: Direction,
) -> Vec<&'a Arc<NetworkPolicy>> {
    let namespace = pod.metadata.namespace.as_deref();
    snapshot
        .network_policies
        .iter()
        .filter(|policy| policy.metadata.namespace.as_deref() == namespace)
        .filter(|policy| {
            let Some(spec) = &policy.spec else { return false };
            let applies = match &spec.policy_types {
                Some(types) if !types.is_empty() => types.iter().any(|one| one == direction.name()),
                _ => {
                    direction == Direction::Ingress
                        || spec.egress.as_ref().is_some_and(|rules| !rules.is_empty())
                }
            };
            let selected = spec
                .pod_selector
                .as_ref()
                .is_none_or(|selector| selector_matches(selector, pod.metadata.labels.as_ref()));
            applies && selected
        })
        .collect()
}

/// Whether the policies of `pod` let it talk with `peer` over `port`.
pub(super) fn say(
    snapshot: &Snapshot,
    pod: &Pod,
    direction: Direction,
    peer: &Peer<'_>,
    port: Port<'_>,
) -> Say {
    let policies = isolating(snapshot, pod, direction);
    if policies.is_empty() {
        return Say::Open;
    }
    let mut nearest: Option<(u8, String)> = None;
    for policy in &policies {
        let name = policy.metadata.name.clone().unwrap_or_default();
        for (peers, ports) in rules(policy, direction) {
            let miss = match (
                nearest_peer(snapshot, policy, peers, peer),
                holds_port(ports, port),
            ) {
                (Ok(()), true) => return Say::Allowed(name),
                (Ok(()), false) => (
                    3,
                    format!(
                        "`{name}` allows {} only on {}",
                        whom(direction),
                        show_ports(ports)
                    ),
                ),
                (Err((rank, why)), true) => (rank, format!("`{name}` {why}")),
                (Err((_, why)), false) => (0, format!("`{name}` {why}, and only on {}", show_ports(ports))),
            };
            if nearest.as_ref().is_none_or(|(rank, _)| miss.0 > *rank) {
                nearest = Some(miss);
            }
        }
    }
    let by = policies.iter().map(|policy| reference(policy.as_ref())).collect();
    Say::Denied {
        by,
        nearest: nearest.map(|(_, text)| text).unwrap_or_default(),
    }
}

fn whom(direction: Direction) -> &'static str {
    match direction {
        Direction::Ingress => "this client",
        Direction::Egress => "this target",
    }
}

type Rule<'a> = (Option<&'a [NetworkPolicyPeer]>, Option<&'a [NetworkPolicyPort]>);

fn rules(policy: &NetworkPolicy, direction: Direction) -> Vec<Rule<'_>> {
    let Some(spec) = &policy.spec else {
        return Vec::new();
    };
    match direction {
        Direction::Ingress => spec
            .ingress
            .iter()
            .flatten()
            .map(|rule| (rule.from.as_deref(), rule.ports.as_deref()))
            .collect(),
        Direction::Egress => spec
            .egress
            .iter()
            .flatten()
            .map(|rule| (rule.to.as_deref(), rule.ports.as_deref()))
            .collect(),
    }
}

/// Whether one of the peers fits; otherwise how near the nearest comes, and why it does not fit.
fn nearest_peer(
    snapshot: &Snapshot,
    policy: &NetworkPolicy,
    peers: Option<&[NetworkPolicyPeer]>,
    end: &Peer<'_>,
) -> Result<(), (u8, String)> {
    let peers = peers.unwrap_or_default();
    if peers.is_empty() {
        return Ok(());
    }
    let mut nearest: Option<(u8, String)> = None;
    for peer in peers {
        match fits(snapshot, policy, peer, end) {
            Ok(()) => return Ok(()),
            Err(miss) if nearest.as_ref().is_none_or(|(rank, _)| miss.0 > *rank) => nearest = Some(miss),
            Err(_) => {}
        }
    }
    Err(nearest.unwrap_or_default())
}

fn fits(
    snapshot: &Snapshot,
    policy: &NetworkPolicy,
    peer: &NetworkPolicyPeer,
    end: &Peer<'_>,
) -> Result<(), (u8, String)> {
    if let Some(block) = &peer.ip_block {
        let outer = Block::parse(&block.cidr);
        let except: Vec<Block> = block
            .except
            .iter()
            .flatten()
            .filter_map(|text| Block::parse(text))
            .collect();
        let addresses: Vec<IpAddr> = match end {
            Peer::Pod(pod) => addresses(pod),
            Peer::Address(Some(address)) => vec![*address],
            Peer::Address(None) => {
                return if outer.is_some_and(Block::is_everything) {
                    Ok(())
                } else {
                    Err((1, format!("allows only addresses in `{}`", block.cidr)))
                };
            }
        };
        let held = addresses.iter().any(|address| {
            outer.is_some_and(|outer| outer.holds(*address))
                && !except.iter().any(|block| block.holds(*address))
        });
        return if held {
            Ok(())
        } else {
            Err((1, format!("allows only addresses in `{}`", block.cidr)))
        };
    }
    let Peer::Pod(pod) = end else {
        return Err((0, "allows only pods".to_owned()));
    };
    let own = policy.metadata.namespace.as_deref().unwrap_or_default();
    let theirs = pod.metadata.namespace.as_deref().unwrap_or_default();
    let in_namespace = match &peer.namespace_selector {
        None => own == theirs,
        Some(selector) => selector_matches(selector, Some(&namespace_labels(snapshot, theirs))),
    };
    let labels = pod.metadata.labels.as_ref();
    let picked = peer
        .pod_selector
        .as_ref()
        .is_none_or(|selector| selector_matches(selector, labels));
    let has = |labels: Option<&Labels>| match labels {
        Some(labels) if !labels.is_empty() => {
            format!("`{}`", wording::clip(&selector::show_pairs(labels), 120))
        }
        _ => "no labels".to_owned(),
    };
    let pods = peer
        .pod_selector
        .as_ref()
        .map_or_else(|| "everything".to_owned(), selector::show);
    match (in_namespace, picked) {
        (true, true) => Ok(()),
        (true, false) => Err((
            2,
            format!("allows only pods `{pods}`; this one has {}", has(labels)),
        )),
        (false, _) => match &peer.namespace_selector {
            None => Err((
                1,
                format!("allows only pods of its own namespace `{own}`, not of `{theirs}`"),
            )),
            Some(selector) => Err((
                if picked { 2 } else { 1 },
                format!(
                    "allows only namespaces `{}`; `{theirs}` has {}",
                    selector::show(selector),
                    has(Some(&namespace_labels(snapshot, theirs)))
                ),
            )),
        },
    }
}

/// A namespace's labels, with the one that every API server since 1.21 puts there itself.
fn namespace_labels(snapshot: &Snapshot, name: &str) -> Labels {
    let mut labels = snapshot
        .namespace(name)
        .and_then(|namespace| namespace.metadata.labels.clone())
        .unwrap_or_default();
    labels
        .entry("kubernetes.io/metadata.name".to_owned())
        .or_insert_with(|| name.to_owned());
    labels
}

/// A pod's addresses.
pub(super) fn addresses(pod: &Pod) -> Vec<IpAddr> {
    let Some(status) = &pod.status else {
        return Vec::new();
    };
    let mut all: Vec<IpAddr> = status
        .pod_ips
        .iter()
        .flatten()
        .filter_map(|ip| ip.ip.parse().ok())
        .collect();
    if let Some(ip) = status.pod_ip.as_ref().and_then(|ip| ip.parse().ok())
        && !all.contains(&ip)
    {
        all.push(ip);
    }
    all
}

fn holds_port(ports: Option<&[NetworkPolicyPort]>, port: Port<'_>) -> bool {
    let ports = ports.unwrap_or_default();
    ports.is_empty()
        || ports.iter().any(|rule| {
            let protocol = rule.protocol.as_deref().unwrap_or("TCP");
            let same = protocol.eq_ignore_ascii_case(port.protocol);
            same && match (&rule.port, port.number) {
                // Without a port asked about, a rule for any port of the protocol is enough.
                (None, _) | (_, None) => true,
                (Some(IntOrString::Int(from)), Some(number)) => match rule.end_port {
                    Some(until) => (*from..=until).contains(&number),
                    None => *from == number,
                },
                (Some(IntOrString::String(name)), Some(number)) => port.of.is_some_and(|pod| {
                    pod.spec
                        .iter()
                        .flat_map(|spec| &spec.containers)
                        .flat_map(|container| container.ports.iter().flatten())
                        .any(|port| port.name.as_deref() == Some(name) && port.container_port == number)
                }),
            }
        })
}

fn show_ports(ports: Option<&[NetworkPolicyPort]>) -> String {
    let shown: Vec<String> = ports
        .unwrap_or_default()
        .iter()
        .map(|port| {
            let protocol = port.protocol.as_deref().unwrap_or("TCP");
            match (&port.port, port.end_port) {
                (None, _) => format!("{protocol} (any port)"),
                (Some(IntOrString::Int(from)), Some(until)) => format!("{protocol} {from}-{until}"),
                (Some(IntOrString::Int(port)), None) => format!("{protocol} {port}"),
                (Some(IntOrString::String(name)), _) => format!("{protocol} port `{name}`"),
            }
        })
        .collect();
    if shown.is_empty() {
        "any port".to_owned()
    } else {
        wording::list(&shown, 4)
    }
}
