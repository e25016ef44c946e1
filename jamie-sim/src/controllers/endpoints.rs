//! Services and pods in; EndpointSlices and Endpoints out.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Value, json};

use super::{World, names, pods};
use crate::{
    object::{self, flag, list, matches_map, name, stamp, text},
    store::Key,
};

/// Ports of a pod behind a service, as JSON text so that pods with the same ones fall together.
type Groups<'a> = BTreeMap<String, Vec<&'a Arc<Value>>>;

pub(super) fn reconcile(world: &mut World, namespace: &str) {
    let services = world.list("", "services", namespace);
    if services.is_empty() {
        return;
    }
    let all = world.list("", "pods", namespace);
    let given: std::collections::BTreeSet<String> = world
        .list("discovery.k8s.io", "endpointslices", namespace)
        .iter()
        .filter(|slice| world.frozen.contains(object::uid(slice)))
        .filter_map(|slice| {
            object::entry(slice, "/metadata/labels", "kubernetes.io/service-name").map(str::to_owned)
        })
        .collect();
    for service in services {
        if given.contains(name(&service)) {
            continue;
        }
        if service
            .pointer("/spec/selector")
            .and_then(Value::as_object)
            .is_none_or(serde_json::Map::is_empty)
        {
            continue;
        }
        let mut groups: Groups<'_> = BTreeMap::new();
        for pod in all
            .iter()
            .filter(|pod| matches_map(service.pointer("/spec/selector"), pod))
        {
            if !text(pod, "/status/podIP").is_empty() && !pods::is_finished(pod) {
                groups
                    .entry(json!(ports(&service, pod)).to_string())
                    .or_default()
                    .push(pod);
            }
        }
        write_slices(world, &service, &groups);
        write_endpoints(world, &service, &groups);
    }
}

fn ports(service: &Value, pod: &Value) -> Vec<Value> {
    list(service, "/spec/ports")
        .iter()
        .filter_map(|port| {
            let number = match port.get("targetPort") {
                Some(Value::String(wanted)) => {
                    let containers = list(pod, "/spec/containers")
                        .iter()
                        .chain(list(pod, "/spec/initContainers"));
                    let mut ports = containers.flat_map(|container| list(container, "/ports"));
                    ports
                        .find(|one| {
                            text(one, "/name") == wanted && text(one, "/protocol") == text(port, "/protocol")
                        })?
                        .get("containerPort")?
                        .clone()
                }
                Some(number) => number.clone(),
                None => port.get("port")?.clone(),
            };
            let mut found =
                json!({"name": text(port, "/name"), "port": number, "protocol": port["protocol"]});
            if let Some(protocol) = port.get("appProtocol") {
                found["appProtocol"] = protocol.clone();
            }
            Some(found)
        })
        .collect()
}

fn target(pod: &Value) -> Value {
    json!({"kind": "Pod", "name": name(pod), "namespace": object::namespace(pod), "uid": object::uid(pod)})
}

fn write_slices(world: &World, service: &Value, groups: &Groups<'_>) {
    let namespace = object::namespace(service);
    let mut present: Vec<Arc<Value>> = world.list("discovery.k8s.io", "endpointslices", namespace);
    present.retain(|slice| object::is_controlled_by(slice, service));
    let early = flag(service, "/spec/publishNotReadyAddresses");
    let none: Groups<'_> = BTreeMap::from([("[]".to_owned(), Vec::new())]);
    let groups = if groups.is_empty() { &none } else { groups };
    let mut kept = Vec::new();
    for (ports, pods) in groups {
        let endpoints: Vec<Value> = pods.iter().map(|pod| {
            let serving = object::is_true(pod, "Ready");
            let leaving = object::is_leaving(pod);
            let mut endpoint = json!({
                "addresses": [text(pod, "/status/podIP")],
                "conditions": {"ready": early || serving && !leaving, "serving": serving, "terminating": leaving},
                "nodeName": text(pod, "/spec/nodeName"),
                "targetRef": target(pod),
            });
            let node = world.store.get(&Key::cluster("", "nodes", text(pod, "/spec/nodeName")));
            if let Some(zone) = node.as_ref().and_then(|node| object::entry(node, "/metadata/labels", "topology.kubernetes.io/zone")) {
                endpoint["zone"] = json!(zone);
            }
            if let Some(host) = pod.pointer("/spec/hostname") {
                endpoint["hostname"] = host.clone();
            }
            endpoint
        }).collect();
        let ports: Value = serde_json::from_str(ports).unwrap_or_default();
        let slice_name = format!(
            "{}-{}",
            name(service),
            names::letters(&format!("{namespace}/{}/{ports}", name(service)), 5)
        );
        kept.push(slice_name.clone());
        let key = Key::namespaced("discovery.k8s.io", "endpointslices", namespace, &slice_name);
        let ports = if ports.as_array().is_some_and(Vec::is_empty) {
            Value::Null
        } else {
            ports
        };
        if world.store.get(&key).is_some() {
            let _ = world.store.modify(&key, |slice| {
                slice["endpoints"] = json!(endpoints);
                slice["ports"] = ports;
            });
            continue;
        }
        let mut labels = service
            .pointer("/metadata/labels")
            .cloned()
            .unwrap_or_else(|| json!({}));
        labels["endpointslice.kubernetes.io/managed-by"] = json!("endpointslice-controller.k8s.io");
        labels["kubernetes.io/service-name"] = json!(name(service));
        let slice = json!({
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {
                "name": slice_name,
                "generateName": format!("{}-", name(service)),
                "namespace": namespace,
                "creationTimestamp": stamp(world.now),
                "labels": labels,
                "ownerReferences": [object::owner_reference(service)],
            },
            "addressType": "IPv4",
            "endpoints": endpoints,
            "ports": ports,
        });
        let _ = world.store.create(key, slice);
    }
    for slice in present
        .iter()
        .filter(|slice| !kept.iter().any(|kept| kept == name(slice)))
    {
        let _ = world.store.delete(&Key::namespaced(
            "discovery.k8s.io",
            "endpointslices",
            namespace,
            name(slice),
        ));
    }
}

fn write_endpoints(world: &World, service: &Value, groups: &Groups<'_>) {
    let namespace = object::namespace(service);
    let early = flag(service, "/spec/publishNotReadyAddresses");
    let mut subsets = Vec::new();
    for (ports, pods) in groups {
        let ports: Value = serde_json::from_str(ports).unwrap_or_default();
        if ports.as_array().is_some_and(Vec::is_empty) {
            continue;
        }
        let (mut ready, mut unready) = (Vec::new(), Vec::new());
        for pod in pods.iter().filter(|pod| !object::is_leaving(pod)) {
            let address = json!({"ip": text(pod, "/status/podIP"), "nodeName": text(pod, "/spec/nodeName"), "targetRef": target(pod)});
            if early || object::is_true(pod, "Ready") {
                ready.push(address)
            } else {
                unready.push(address)
            }
        }
        let mut subset = json!({"ports": ports});
        for port in subset["ports"].as_array_mut().into_iter().flatten() {
            if text(port, "/name").is_empty()
                && let Some(port) = port.as_object_mut()
            {
                port.remove("name");
            }
        }
        if !ready.is_empty() {
            subset["addresses"] = json!(ready);
        }
        if !unready.is_empty() {
            subset["notReadyAddresses"] = json!(unready);
        }
        if subset.as_object().is_some_and(|subset| subset.len() > 1) {
            subsets.push(subset);
        }
    }
    let key = Key::namespaced("", "endpoints", namespace, name(service));
    if world.store.get(&key).is_some() {
        let _ = world.store.modify(&key, |endpoints| {
            if subsets.is_empty() {
                if let Some(endpoints) = endpoints.as_object_mut() {
                    endpoints.remove("subsets");
                }
            } else {
                endpoints["subsets"] = json!(subsets);
            }
        });
        return;
    }
    let mut endpoints = json!({
        "apiVersion": "v1",
        "kind": "Endpoints",
        "metadata": {
            "name": name(service), "namespace": namespace,
            "creationTimestamp": object::text(service, "/metadata/creationTimestamp"),
            "labels": service.pointer("/metadata/labels").cloned().unwrap_or_else(|| json!({})),
        },
    });
    if !subsets.is_empty() {
        endpoints["subsets"] = json!(subsets);
    }
    let _ = world.store.create(key, endpoints);
}
