//! A pod in, what the scheduler must find room for out.

use std::collections::BTreeMap;

use k8s_openapi::{
    api::core::v1::{Container, Pod, ResourceRequirements},
    apimachinery::pkg::api::resource::Quantity,
};

use crate::quantity;

/// What a pod asks for, in thousandths of each resource; `pods` is always 1.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Demand {
    /// By resource name: `cpu`, `memory`, `nvidia.com/gpu`, `pods`.
    pub resources: BTreeMap<String, u128>,
    /// Ports taken on the node itself: protocol, port, address.
    pub host_ports: Vec<(String, i32, String)>,
}

impl Demand {
    /// How much of a resource, in thousandths.
    pub fn of(&self, resource: &str) -> u128 {
        self.resources.get(resource).copied().unwrap_or(0)
    }

    /// "500m CPU, 1Gi memory"; "nothing" when no request is set.
    pub fn text(&self) -> String {
        let parts: Vec<String> = self
            .resources
            .iter()
            .filter(|(name, milli)| *name != "pods" && **milli > 0)
            .map(|(name, milli)| format!("{} {}", quantity::show(name, *milli), spoken(name)))
            .collect();
        if parts.is_empty() {
            "nothing in particular".to_owned()
        } else {
            parts.join(", ")
        }
    }
}

/// A resource's name in a sentence.
pub(super) fn spoken(resource: &str) -> &str {
    match resource {
        "cpu" => "CPU",
        "ephemeral-storage" => "local disk",
        other => other,
    }
}

/// Adds up a pod as the scheduler does: containers and sidecars run together, init containers one by one
/// beside the sidecars started before them; pod-level requests and overhead count.
pub fn demand_of(pod: &Pod) -> Demand {
    let Some(spec) = &pod.spec else {
        return Demand::default();
    };
    let mut running: BTreeMap<String, u128> = BTreeMap::new();
    for container in &spec.containers {
        add(&mut running, &requests(container.resources.as_ref()));
    }
    let mut sidecars: BTreeMap<String, u128> = BTreeMap::new();
    let mut starting: BTreeMap<String, u128> = BTreeMap::new();
    for container in spec.init_containers.iter().flatten() {
        let wants = requests(container.resources.as_ref());
        let mut at_once = sidecars.clone();
        add(&mut at_once, &wants);
        raise(&mut starting, &at_once);
        if container.restart_policy.as_deref() == Some("Always") {
            add(&mut sidecars, &wants);
        }
    }
    add(&mut running, &sidecars);
    raise(&mut running, &starting);
    // Requests on the pod as a whole take the place of its containers' sum.
    for (name, milli) in requests(spec.resources.as_ref()) {
        running.insert(name, milli);
    }
    if let Some(overhead) = &spec.overhead {
        add(&mut running, &read(overhead));
    }
    running.insert("pods".to_owned(), 1_000);

    let on_host = spec.host_network == Some(true);
    let ports = spec
        .containers
        .iter()
        .chain(spec.init_containers.iter().flatten().filter(|c| is_sidecar(c)));
    let host_ports = ports
        .flat_map(|container| container.ports.iter().flatten())
        .filter_map(|port| {
            let number = port
                .host_port
                .or_else(|| on_host.then_some(port.container_port))?;
            let protocol = port.protocol.clone().unwrap_or_else(|| "TCP".to_owned());
            (number > 0).then(|| (protocol, number, port.host_ip.clone().unwrap_or_default()))
        })
        .collect();
    Demand {
        resources: running,
        host_ports,
    }
}

fn is_sidecar(container: &Container) -> bool {
    container.restart_policy.as_deref() == Some("Always")
}

/// Requests; where only a limit is set, the API server takes it as the request.
pub(super) fn requests(resources: Option<&ResourceRequirements>) -> BTreeMap<String, u128> {
    let Some(resources) = resources else {
        return BTreeMap::new();
    };
    let mut all = resources.limits.as_ref().map(read).unwrap_or_default();
    all.extend(resources.requests.as_ref().map(read).unwrap_or_default());
    all
}

pub(super) fn read(list: &BTreeMap<String, Quantity>) -> BTreeMap<String, u128> {
    list.iter()
        .filter_map(|(name, amount)| Some((name.clone(), quantity::milli(amount)?)))
        .collect()
}

fn add(sum: &mut BTreeMap<String, u128>, more: &BTreeMap<String, u128>) {
    for (name, milli) in more {
        let entry = sum.entry(name.clone()).or_default();
        *entry = entry.saturating_add(*milli);
    }
}

fn raise(most: &mut BTreeMap<String, u128>, other: &BTreeMap<String, u128>) {
    for (name, milli) in other {
        let entry = most.entry(name.clone()).or_default();
        *entry = (*entry).max(*milli);
    }
}
