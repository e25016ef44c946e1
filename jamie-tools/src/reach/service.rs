//! From pods to a Service or to pods: the name, the Service, its port, its endpoints, then the policies.

use std::{collections::BTreeSet, sync::Arc};

use jamie_core::{Evidence, NextStep, ObjectRef};
use k8s_openapi::{
    api::core::v1::{Pod, Service, ServicePort},
    apimachinery::pkg::util::intstr::IntOrString,
};

use super::{
    Direction, Hop, Party, Path, PortAsked,
    party::path as path_of,
    policy,
    traffic::{self, Connection, Side},
};
use crate::{
    Snapshot, selector,
    snapshot::{Labels, is_finished, is_ready, reference},
    template, wording,
};

/// Walks from pods to a Service, or to whatever Service leads to the pods named.
pub(super) fn walk(snapshot: &Snapshot, path: &mut Path, from: &Party, to: &Party, port: Option<&PortAsked>) {
    let senders = senders(snapshot, path, from);
    let service = match to {
        Party::Service(service) => Some(service.clone()),
        _ => service_for(snapshot, to, port),
    };
    if let Some(service) = service {
        path.service = Some(reference(service.as_ref()));
        name(snapshot, path, from, &senders, &service);
        through(snapshot, path, from, &Side::Pods(senders), &service, port);
        return;
    }
    let Party::Pods { object, pods } = to else { return };
    if object.kind != "Namespace" {
        path.hops.push(Hop::doubtful(
            "service",
            format!(
                "No Service leads to `{}`: there is no name to call it by, only its pods' addresses",
                object.path()
            ),
        ));
    }
    let receivers = if pods.is_empty() {
        imagined(snapshot, object)
    } else {
        pods.clone()
    };
    if pods.is_empty() {
        path.hops.push(
            Hop::fails("endpoints", format!("`{}` has no pods", object.path())).blaming(object.clone()),
        );
    } else if !pods.iter().any(|pod| is_ready(pod)) {
        path.hops.push(
            Hop::fails(
                "endpoints",
                format!(
                    "None of the {} of `{}` is ready",
                    wording::count(pods.len(), "pod"),
                    object.path()
                ),
            )
            .blaming(object.clone()),
        );
    }
    let number = match port {
        Some(PortAsked::Number(number)) => Some(*number),
        _ => None,
    };
    path.port = number;
    let connection = Connection {
        from,
        to: to.name(),
        senders: &Side::Pods(senders),
        receivers: &Side::Pods(receivers),
        port: number,
        protocol: "TCP",
    };
    traffic::judge(snapshot, path, &connection);
}

/// The pods that send; one imagined from the template where there are none.
fn senders(snapshot: &Snapshot, path: &mut Path, from: &Party) -> Vec<Arc<Pod>> {
    let senders = from.senders(snapshot);
    if !senders.is_empty() {
        return senders;
    }
    let object = match from {
        Party::Pods { object, .. } => object.clone(),
        Party::Service(service) => reference(service.as_ref()),
        _ => return senders,
    };
    path.hops.push(Hop::doubtful(
        "source",
        format!(
            "{} has no pods right now that could call",
            wording::sentence(&from.name())
        ),
    ));
    imagined(snapshot, &object)
}

fn imagined(snapshot: &Snapshot, object: &ObjectRef) -> Vec<Arc<Pod>> {
    template::imagined_pod(snapshot, object)
        .into_iter()
        .map(Arc::new)
        .collect()
}

/// The Service that leads to some pods: one with the port asked for and the workload's own name first.
pub(super) fn service_for(snapshot: &Snapshot, to: &Party, port: Option<&PortAsked>) -> Option<Arc<Service>> {
    let Party::Pods { object, pods } = to else {
        return None;
    };
    if object.kind == "Namespace" {
        return None;
    }
    let namespace = object.namespace.as_deref()?;
    let pod = pods.first().cloned().or_else(|| imagined(snapshot, object).pop());
    let mut leading: Vec<&Arc<Service>> = pod
        .as_ref()
        .map(|pod| snapshot.services_of(pod))
        .unwrap_or_default();
    if leading.is_empty() {
        // A Service of the same name that selects nothing is what the client calls all the same.
        return snapshot.service(namespace, &object.name).cloned();
    }
    leading.sort_by_key(|service| {
        let spec = service.spec.as_ref();
        let has_port = port.is_none_or(|port| find_port(service, port).is_some());
        let headless = spec.and_then(|spec| spec.cluster_ip.as_deref()) == Some("None");
        (
            !has_port,
            service.metadata.name.as_deref() != Some(&object.name),
            headless,
            service.metadata.name.clone(),
        )
    });
    leading.first().map(|service| Arc::clone(service))
}

fn find_port<'a>(service: &'a Service, port: &PortAsked) -> Option<&'a ServicePort> {
    service
        .spec
        .as_ref()?
        .ports
        .iter()
        .flatten()
        .find(|one| match port {
            PortAsked::Number(number) => one.port == *number,
            PortAsked::Name(name) => one.name.as_ref() == Some(name),
        })
}

/// Whether the senders can find the Service by its name.
fn name(snapshot: &Snapshot, path: &mut Path, from: &Party, senders: &[Arc<Pod>], service: &Service) {
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

/// From the Service on: its type, port, endpoints, target port, then the policies.
pub(super) fn through(
    snapshot: &Snapshot,
    path: &mut Path,
    from: &Party,
    senders: &Side,
    service: &Service,
    port: Option<&PortAsked>,
) {
    let called = format!("Service `{}`", path_of(&service.metadata));
    let object = reference(service);
    path.service = Some(object.clone());
    let spec = service.spec.clone().unwrap_or_default();
    if spec.type_.as_deref() == Some("ExternalName") {
        let host = spec.external_name.unwrap_or_default();
        path.hops.push(Hop::doubtful(
            "service",
            format!("{called} is only another name for `{host}` outside the cluster"),
        ));
        return;
    }
    let Some(chosen) = choose_port(path, service, &called, port) else {
        return;
    };
    path.port = Some(chosen.port);
    path.hops.push(Hop::passes(
        "service",
        format!("{called} takes {} port {}", protocol(&chosen), chosen.port),
    ));
    let Some(receivers) = endpoints(snapshot, path, service, &called) else {
        return;
    };
    let number = target_port(path, service, &called, &chosen, &receivers);
    if spec.internal_traffic_policy.as_deref() == Some("Local") {
        local(path, senders, &receivers, &called, &object);
    }
    let protocol = protocol(&chosen).to_owned();
    let connection = Connection {
        from,
        to: called,
        senders,
        receivers: &Side::Pods(receivers),
        port: number,
        protocol: &protocol,
    };
    traffic::judge(snapshot, path, &connection);
}

fn protocol(port: &ServicePort) -> &str {
    port.protocol.as_deref().unwrap_or("TCP")
}

fn choose_port(
    path: &mut Path,
    service: &Service,
    called: &str,
    asked: Option<&PortAsked>,
) -> Option<ServicePort> {
    let ports = service
        .spec
        .iter()
        .flat_map(|spec| spec.ports.iter().flatten())
        .cloned()
        .collect::<Vec<_>>();
    let shown: Vec<String> = ports
        .iter()
        .map(|port| match &port.name {
            Some(name) => format!("{} ({name})", port.port),
            None => port.port.to_string(),
        })
        .collect();
    let object = reference(service);
    match asked {
        None => {
            if ports.is_empty() {
                path.hops
                    .push(Hop::doubtful("port", format!("{called} declares no ports")));
                return None;
            }
            ports.into_iter().next()
        }
        Some(port) => {
            if let Some(found) = find_port(service, port) {
                return Some(found.clone());
            }
            let wanted = match port {
                PortAsked::Number(number) => number.to_string(),
                PortAsked::Name(name) => format!("`{name}`"),
            };
            let behind = ports.iter().find(|one| match (&one.target_port, port) {
                (Some(IntOrString::Int(target)), PortAsked::Number(number)) => target == number,
                _ => false,
            });
            let hint = behind.map_or_else(String::new, |one| {
                format!(
                    ": {wanted} is the port of the pods, clients must call {}",
                    one.port
                )
            });
            path.hops.push(
                Hop::fails(
                    "port",
                    format!(
                        "{called} has no port {wanted}, only {}{hint}",
                        wording::list(&shown, 6)
                    ),
                )
                .blaming(object.clone())
                .mended_by(NextStep::command(
                    "Call one of its ports, or add that port to the Service",
                    format!(
                        "kubectl get service {} -n {} -o wide",
                        object.name,
                        object.namespace.as_deref().unwrap_or_default()
                    ),
                )),
            );
            None
        }
    }
}

/// The pods behind the Service that take traffic; says why there are none.
fn endpoints(snapshot: &Snapshot, path: &mut Path, service: &Service, called: &str) -> Option<Vec<Arc<Pod>>> {
    let namespace = service.metadata.namespace.as_deref().unwrap_or_default();
    let object = reference(service);
    let state = snapshot.endpoints_of(service);
    let Some(wanted) = service
        .spec
        .as_ref()
        .and_then(|spec| spec.selector.as_ref())
        .filter(|one| !one.is_empty())
    else {
        let hop = match (state.ready, state.known) {
            (0, true) => Hop::fails(
                "endpoints",
                format!("{called} has no selector and no ready endpoint was added by hand"),
            ),
            (0, false) => Hop::doubtful(
                "endpoints",
                format!("{called} has no selector, and its endpoints cannot be seen"),
            ),
            (ready, _) => Hop::passes(
                "endpoints",
                format!(
                    "{called} has {}, added by hand",
                    wording::count(ready, "ready endpoint")
                ),
            ),
        };
        path.hops.push(hop.blaming(object));
        return None;
    };
    if !snapshot.may_see("Pod", Some(namespace)) {
        path.notes
            .push(format!("I may not look at the pods of `{namespace}`."));
        return None;
    }
    let pods: Vec<Arc<Pod>> = snapshot
        .pods_labelled(namespace, wanted)
        .into_iter()
        .filter(|pod| !is_finished(pod))
        .cloned()
        .collect();
    let shown = selector::show_pairs(wanted);
    if pods.is_empty() {
        let mut text = format!("{called} selects no pod: its selector is `{shown}`");
        if let Some(near) = near_miss(snapshot, namespace, wanted) {
            text.push_str(&format!(", {near}"));
        }
        path.hops.push(
            Hop::fails("endpoints", text)
                .proved_by(Evidence::new(
                    format!("Service {} selector", object.path()),
                    shown,
                    None,
                ))
                .mended_by(NextStep::command(
                    "Make the selector and the pods' labels agree",
                    format!("kubectl get pods -n {namespace} --show-labels"),
                ))
                .blaming(object),
        );
        return None;
    }
    let ready: Vec<Arc<Pod>> = pods.iter().filter(|pod| is_ready(pod)).cloned().collect();
    let all_count = service
        .spec
        .as_ref()
        .and_then(|spec| spec.publish_not_ready_addresses)
        == Some(true);
    if ready.is_empty() && !all_count {
        let workload = pods
            .first()
            .map(|pod| snapshot.workload_of(pod))
            .unwrap_or(object);
        let why: BTreeSet<String> = pods.iter().filter_map(|pod| why_not_ready(pod)).collect();
        let why: Vec<String> = why.into_iter().collect();
        let because = if why.is_empty() {
            String::new()
        } else {
            format!(": {}", wording::list(&why, 3))
        };
        path.hops.push(
            Hop::fails(
                "endpoints",
                format!(
                    "{called} has no ready endpoint: 0 of {} ready{because}",
                    wording::count(pods.len(), "pod")
                ),
            )
            .mended_by(NextStep::command(
                "Find out why its pods are not ready",
                format!("kubectl describe pods -n {namespace} -l {shown}"),
            ))
            .blaming(workload),
        );
        return Some(pods);
    }
    let mut hop = Hop::passes(
        "endpoints",
        format!(
            "{} of {} behind it {} ready",
            ready.len(),
            wording::count(pods.len(), "pod"),
            wording::is_are(ready.len())
        ),
    );
    if state.from_slices && state.ready == 0 && !all_count {
        hop = Hop::fails(
            "endpoints",
            format!(
                "{called} has no ready endpoint in its EndpointSlices, although {} ready",
                wording::count(ready.len(), "pod")
            ),
        );
        hop = hop.blaming(object);
    }
    path.hops.push(hop);
    Some(if all_count { pods } else { ready })
}

/// The pods that come nearest to a selector that picks none.
fn near_miss(snapshot: &Snapshot, namespace: &str, wanted: &Labels) -> Option<String> {
    let mut best: Option<(usize, String)> = None;
    for pod in snapshot.pods_in(namespace).filter(|pod| !is_finished(pod)) {
        let Some(labels) = &pod.metadata.labels else {
            continue;
        };
        let hits = wanted
            .iter()
            .filter(|(key, value)| labels.get(*key) == Some(*value))
            .count();
        let known = wanted.keys().filter(|key| labels.contains_key(*key)).count();
        let alike = wanted.values().any(|value| {
            labels.values().any(|has| {
                has.len() > 2
                    && value.len() > 2
                    && (strsim::jaro_winkler(has, value) > 0.88
                        || has.contains(value.as_str())
                        || value.contains(has.as_str()))
            })
        });
        let score = hits * 4 + usize::from(alike) * 3 + known;
        if score >= 3 && best.as_ref().is_none_or(|(most, _)| score > *most) {
            let has: Labels = labels
                .iter()
                .filter(|(key, _)| {
                    wanted.contains_key(*key) || matches!(key.as_str(), "app" | "app.kubernetes.io/name")
                })
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect();
            let workload = snapshot.workload_of(pod);
            best = Some((
                score,
                format!(
                    "while the pods of `{}` have `{}`",
                    workload.name,
                    selector::show_pairs(&has)
                ),
            ));
        }
    }
    best.map(|(_, text)| text)
}

fn why_not_ready(pod: &Pod) -> Option<String> {
    let status = pod.status.as_ref()?;
    for container in status
        .container_statuses
        .iter()
        .flatten()
        .chain(status.init_container_statuses.iter().flatten())
    {
        if let Some(reason) = container
            .state
            .as_ref()
            .and_then(|state| state.waiting.as_ref())
            .and_then(|waiting| waiting.reason.as_deref())
            && !matches!(reason, "PodInitializing")
        {
            return Some(reason.to_owned());
        }
    }
    match status.phase.as_deref() {
        Some("Pending") => Some("Pending".to_owned()),
        _ => Some("running but not ready".to_owned()),
    }
}

/// The number that the Service's target port means in the pods.
fn target_port(
    path: &mut Path,
    service: &Service,
    called: &str,
    chosen: &ServicePort,
    receivers: &[Arc<Pod>],
) -> Option<i32> {
    let object = reference(service);
    let pod = receivers.first()?;
    let declared: Vec<(Option<&str>, i32, &str)> = pod
        .spec
        .iter()
        .flat_map(|spec| {
            spec.containers
                .iter()
                .chain(spec.init_containers.iter().flatten())
        })
        .flat_map(|container| container.ports.iter().flatten())
        .map(|port| {
            (
                port.name.as_deref(),
                port.container_port,
                port.protocol.as_deref().unwrap_or("TCP"),
            )
        })
        .collect();
    let shown: Vec<String> = declared
        .iter()
        .map(|(name, number, _)| name.map_or_else(|| number.to_string(), |name| format!("{number} ({name})")))
        .collect();
    let mend = |to: &str| {
        NextStep::command(
            format!(
                "Set targetPort of port {} to what the container listens on{to}",
                chosen.port
            ),
            format!(
                "kubectl edit service {} -n {}",
                object.name,
                object.namespace.as_deref().unwrap_or_default()
            ),
        )
    };
    match chosen.target_port.as_ref() {
        Some(IntOrString::String(name)) => {
            if let Some((_, number, _)) = declared.iter().find(|(one, ..)| *one == Some(name.as_str())) {
                path.hops.push(Hop::passes(
                    "port",
                    format!("Its target port `{name}` is {number} in the pods"),
                ));
                return Some(*number);
            }
            path.hops.push(
                Hop::fails(
                    "port",
                    format!("{called} sends to the container port named `{name}`, but no container has one: they declare {}", wording::list(&shown, 6)),
                )
                .blaming(object.clone())
                .mended_by(mend("")),
            );
            None
        }
        other => {
            let number = match other {
                Some(IntOrString::Int(number)) if *number > 0 => *number,
                _ => chosen.port,
            };
            if declared.is_empty() || declared.iter().any(|(_, one, _)| *one == number) {
                path.hops.push(Hop::passes(
                    "port",
                    format!("It sends to port {number} of the pods"),
                ));
            } else {
                path.hops.push(
                    Hop::doubtful(
                        "port",
                        format!("{called} sends to port {number} (targetPort), but the containers declare only {}", wording::list(&shown, 6)),
                    )
                    .blaming(object.clone())
                    .mended_by(mend(&format!(" ({})", wording::list(&shown, 3)))),
                );
            }
            Some(number)
        }
    }
}

/// `internalTrafficPolicy: Local` needs an endpoint on the sender's own node.
fn local(path: &mut Path, senders: &Side, receivers: &[Arc<Pod>], called: &str, object: &ObjectRef) {
    let Side::Pods(senders) = senders else { return };
    let node = |pod: &Arc<Pod>| pod.spec.as_ref().and_then(|spec| spec.node_name.clone());
    let there: BTreeSet<String> = receivers.iter().filter_map(node).collect();
    let lacking: BTreeSet<String> = senders
        .iter()
        .filter_map(node)
        .filter(|node| !there.contains(node))
        .collect();
    if lacking.is_empty() {
        return;
    }
    let all = senders
        .iter()
        .filter_map(node)
        .all(|node| lacking.contains(&node));
    let lacking: Vec<String> = lacking.into_iter().collect();
    let text = format!(
        "{called} has internalTrafficPolicy: Local, and there is no ready endpoint on {} where the client runs",
        wording::code_list(&lacking, 4)
    );
    let hop = if all {
        Hop::fails("endpoints", text)
    } else {
        Hop::doubtful("endpoints", text)
    };
    path.hops
        .push(hop.blaming(object.clone()).mended_by(NextStep::command(
            "Set internalTrafficPolicy to Cluster, or run a pod on every node",
            format!(
                "kubectl patch service {} -n {} -p '{{\"spec\":{{\"internalTrafficPolicy\":\"Cluster\"}}}}'",
                object.name,
                object.namespace.as_deref().unwrap_or_default()
            ),
        )));
}
