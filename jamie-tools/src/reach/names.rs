//! From pods to a name: whether their DNS settings, the DNS pods and the policies let them look it up.

use std::sync::Arc;

use jamie_core::NextStep;
use k8s_openapi::api::core::v1::{Pod, Service};

use super::{
    Direction, Hop, Party, Path, policy,
    traffic::{self, Connection, Side},
};
use crate::{
    Snapshot,
    snapshot::{Labels, is_finished, is_ready},
    wording,
};

/// Whether the senders can find the Service by its name.
pub(super) fn name(
    snapshot: &Snapshot,
    path: &mut Path,
    from: &Party,
    senders: &[Arc<Pod>],
    service: &Service,
) {
    let name = service.metadata.name.as_deref().unwrap_or_default();
    let namespace = service.metadata.namespace.as_deref().unwrap_or_default();
    if let Some(hop) = lookup(snapshot, path, from, senders, true) {
        path.hops.push(hop);
        return;
    }
    let text = if from.namespace() == Some(namespace) {
        format!("`{name}` is the name to call (in full `{name}.{namespace}.svc.cluster.local`)")
    } else {
        format!(
            "From namespace `{}` it must be called `{name}.{namespace}`; the bare name `{name}` does not resolve there",
            from.namespace().unwrap_or("another")
        )
    };
    path.hops.push(Hop::passes("name", text));
}

/// What keeps the senders from looking names up: their DNS settings, the DNS pods, or a policy.
pub(super) fn lookup(
    snapshot: &Snapshot,
    path: &mut Path,
    from: &Party,
    senders: &[Arc<Pod>],
    in_cluster: bool,
) -> Option<Hop> {
    let sender = senders.first()?;
    let spec = sender.spec.as_ref();
    let policy = spec
        .and_then(|spec| spec.dns_policy.as_deref())
        .unwrap_or("ClusterFirst");
    let on_host = spec.and_then(|spec| spec.host_network) == Some(true);
    if in_cluster && (policy == "Default" || (on_host && policy == "ClusterFirst")) {
        let why = if policy == "Default" {
            "dnsPolicy: Default"
        } else {
            "hostNetwork without dnsPolicy: ClusterFirstWithHostNet"
        };
        let hop = Hop::fails(
            "name",
            format!(
                "{} asks the node's resolver ({why}), which does not know Service names",
                wording::sentence(&from.name())
            ),
        )
        .mended_by(NextStep::advice(
            "Set dnsPolicy to ClusterFirst (ClusterFirstWithHostNet on the host network)",
        ));
        return Some(blamed(hop, from));
    }
    if policy == "None" {
        return None;
    }
    let servers = dns_pods(snapshot);
    if !servers.is_empty() && !servers.iter().any(|pod| is_ready(pod)) {
        let names: Vec<String> = servers
            .iter()
            .filter_map(|pod| pod.metadata.name.clone())
            .collect();
        let workload = servers.first().map(|pod| snapshot.workload_of(pod));
        let mut hop = Hop::fails(
            "name",
            format!(
                "The cluster's DNS has no ready pod ({})",
                wording::code_list(&names, 3)
            ),
        )
        .mended_by(NextStep::command(
            "Look at the DNS pods",
            "kubectl get pods -n kube-system -l k8s-app=kube-dns",
        ));
        hop.blame = workload;
        return Some(hop);
    }
    dns_policy(snapshot, path, from, senders, servers)
}

/// Whether a policy keeps the senders from the DNS pods.
fn dns_policy(
    snapshot: &Snapshot,
    path: &mut Path,
    from: &Party,
    senders: &[Arc<Pod>],
    servers: Vec<Arc<Pod>>,
) -> Option<Hop> {
    let sender = senders.first()?;
    if policy::isolating(snapshot, sender, Direction::Egress).is_empty() {
        return None;
    }
    let servers = if servers.is_empty() {
        vec![Arc::new(imagined_dns())]
    } else {
        servers
    };
    let mut trial = Path::default();
    let senders = Side::Pods(senders.to_vec());
    let receivers = Side::Pods(servers);
    let mut connection = Connection {
        from,
        to: "the cluster's DNS".to_owned(),
        senders: &senders,
        receivers: &receivers,
        port: Some(53),
        protocol: "UDP",
    };
    traffic::judge(snapshot, &mut trial, &connection);
    let blocked = trial.broken()?.clone();
    // Lookups fall back to TCP only in name; but a policy written for TCP alone is at least worth a second try.
    connection.protocol = "TCP";
    let mut second = Path::default();
    traffic::judge(snapshot, &mut second, &connection);
    path.opening = path.opening.take().or(trial.opening);
    let mut hop = blocked;
    hop.step = "name";
    hop.text = format!(
        "{} cannot look up names: {}{}",
        wording::sentence(&from.name()),
        hop.text,
        if second.broken().is_none() {
            " (TCP 53 is open, UDP 53 is what lookups use)"
        } else {
            ""
        }
    );
    Some(hop)
}

fn blamed(hop: Hop, from: &Party) -> Hop {
    match from {
        Party::Pods { object, .. } => hop.blaming(object.clone()),
        _ => hop,
    }
}

/// The pods that answer DNS queries.
fn dns_pods(snapshot: &Snapshot) -> Vec<Arc<Pod>> {
    let service = ["kube-dns", "coredns", "rke2-coredns-rke2-coredns"]
        .into_iter()
        .find_map(|name| snapshot.service("kube-system", name));
    let pods = match service.and_then(|service| service.spec.as_ref()?.selector.as_ref()) {
        Some(selector) => snapshot.pods_labelled("kube-system", selector),
        None => snapshot.pods_labelled(
            "kube-system",
            &Labels::from([("k8s-app".to_owned(), "kube-dns".to_owned())]),
        ),
    };
    pods.into_iter()
        .filter(|pod| !is_finished(pod))
        .cloned()
        .collect()
}

/// The DNS pod that nearly every cluster has, where it may not be looked at.
fn imagined_dns() -> Pod {
    let mut pod = Pod::default();
    pod.metadata.name = Some("coredns".to_owned());
    pod.metadata.namespace = Some("kube-system".to_owned());
    pod.metadata.labels = Some(Labels::from([("k8s-app".to_owned(), "kube-dns".to_owned())]));
    pod
}
