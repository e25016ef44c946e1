//! Which workload calls which Service: from variables and arguments, and from configuration files.

use std::collections::HashMap;

use jamie_core::ObjectRef;

use super::links::{Edge, canonical, key};
use crate::{
    checks::{dependencies, template},
    snapshot::Snapshot,
};

/// Of a configuration file so much is searched.
const MOST_TEXT: usize = 8 * 1024;

/// The calls of every workload.
pub(super) fn all(snapshot: &Snapshot) -> HashMap<String, Vec<Edge>> {
    let mut calls: HashMap<String, Vec<Edge>> = HashMap::new();
    let mut add = |from: &ObjectRef, namespace: &str, service: &str| {
        let from = canonical(snapshot, from);
        let to = ObjectRef::namespaced("Service", namespace, service);
        let edges = calls.entry(key(&from)).or_default();
        if !edges.iter().any(|edge| edge.to.is_same(&to)) {
            let via = format!("calls Service `{}`", to.path());
            edges.push(Edge {
                to,
                via,
                is_call: true,
            });
        }
    };
    for dependency in dependencies::all(snapshot) {
        if !selects(
            snapshot,
            &dependency.namespace,
            &dependency.service,
            &dependency.from,
        ) {
            add(&dependency.from, &dependency.namespace, &dependency.service);
        }
    }
    for template in template::all(snapshot) {
        for volume in template.spec.volumes.iter().flatten() {
            let Some(map) = volume
                .config_map
                .as_ref()
                .and_then(|source| snapshot.config_map(template.namespace, &source.name))
            else {
                continue;
            };
            for text in map.data.iter().flatten().map(|(_, text)| text) {
                for (namespace, service) in services_in(snapshot, template.namespace, text) {
                    if !selects(snapshot, &namespace, &service, &template.object) {
                        add(&template.object, &namespace, &service);
                    }
                }
            }
        }
    }
    calls
}

/// Whether a Service leads to the workload itself: calling oneself explains nothing.
fn selects(snapshot: &Snapshot, namespace: &str, service: &str, workload: &ObjectRef) -> bool {
    if workload.namespace.as_deref() != Some(namespace) {
        return false;
    }
    let selector = snapshot
        .service(namespace, service)
        .and_then(|service| service.spec.as_ref()?.selector.as_ref());
    let Some(selector) = selector.filter(|selector| !selector.is_empty()) else {
        return false;
    };
    let labels = crate::template::template_of(snapshot, workload)
        .and_then(|template| template.metadata.as_ref())
        .and_then(|metadata| metadata.labels.as_ref());
    labels.is_some() && crate::snapshot::matches_labels(selector, labels)
}

/// The Services that a text names the way addresses are written: after `//` or `@`, or before a port.
pub(crate) fn services_in(snapshot: &Snapshot, namespace: &str, text: &str) -> Vec<(String, String)> {
    let mut end = text.len().min(MOST_TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = text.get(..end).unwrap_or_default();
    let mut found = Vec::new();
    let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    let mut rest = text;
    let mut before = "";
    while let Some(start) = rest.find(is_part) {
        let (skipped, from) = rest.split_at(start);
        if !skipped.is_empty() {
            before = skipped;
        }
        let length = from.find(|c: char| !is_part(c)).unwrap_or(from.len());
        let (word, after) = from.split_at(length);
        let is_address = before.ends_with("//")
            || before.ends_with('@')
            || after
                .strip_prefix(':')
                .is_some_and(|port| port.starts_with(|c: char| c.is_ascii_digit()))
            || word.contains(".svc");
        if is_address
            && word.len() <= 253
            && let Some(service) = resolve(snapshot, namespace, word.trim_end_matches('.'))
            && !found.contains(&service)
        {
            found.push(service);
        }
        before = "";
        rest = after;
    }
    found
}

/// The Service that a host name stands for, seen from a namespace.
pub(crate) fn resolve(snapshot: &Snapshot, namespace: &str, host: &str) -> Option<(String, String)> {
    let exists = |namespace: &str, name: &str| {
        snapshot
            .service(namespace, name)
            .map(|_| (namespace.to_owned(), name.to_owned()))
    };
    let labels: Vec<&str> = host.split('.').collect();
    match labels.as_slice() {
        [name] => exists(namespace, name),
        // `db.shop`, or a pod of a headless Service: `db-0.db`.
        [first, second] => exists(second, first).or_else(|| exists(namespace, second)),
        [name, space, "svc", ..] => exists(space, name),
        [_, name, space, "svc", ..] => exists(space, name),
        [_, name, space] => exists(space, name),
        _ => None,
    }
}
