//! A pod and a scenario in; how each of its containers behaves, and whether it has been put right, out.

use jiff::Timestamp;
use serde_json::Value;

use super::Kubelets;
use crate::{
    object::{self, entry, list, name, text},
    quantity,
    scenario::{Behaviour, Does, FixedBy, Reference},
    store::{Key, Store},
};

/// A behaviour as it applies to one container.
#[derive(Clone, Copy, Debug)]
pub(super) struct Applied<'a> {
    pub(super) behaviour: &'a Behaviour,
    /// When it began.
    pub(super) from: Timestamp,
    /// Whether somebody has put right what was wrong.
    pub(super) healed: bool,
}

impl Kubelets {
    /// How a container of the pod behaves, if the scenario says anything about it.
    pub(super) fn behaviour(
        &self,
        pod: &Value,
        slot: usize,
        container: &Value,
        init: bool,
    ) -> Option<Applied<'_>> {
        if self.scenario.behaviours.is_empty() {
            return None;
        }
        let (kind, owner, revision) = top_owner(&self.store, pod);
        let found = self.scenario.behaviours.iter().find(|behaviour| {
            let by_name = match behaviour.workload.split_once('/') {
                _ if behaviour.workload == "*" => true,
                Some((wanted, wanted_name)) => {
                    same_kind(wanted, &kind) && wanted_name == owner
                        || same_kind(wanted, "Pod") && wanted_name == name(pod)
                }
                None => behaviour.workload == owner,
            };
            let by_container = match &behaviour.container {
                Some(wanted) => wanted == text(container, "/name"),
                None => !init,
            };
            by_name
                && by_container
                && behaviour
                    .namespace
                    .as_deref()
                    .is_none_or(|namespace| namespace == object::namespace(pod))
                && behaviour.revision.is_none_or(|wanted| Some(wanted) == revision)
                && behaviour.pods.is_none_or(|first| slot < first)
        })?;
        let from = found
            .since
            .map_or(Timestamp::UNIX_EPOCH, |since| since.before(self.epoch));
        Some(Applied {
            behaviour: found,
            from,
            healed: self.is_healed(found, pod, container),
        })
    }

    fn is_healed(&self, behaviour: &Behaviour, pod: &Value, container: &Value) -> bool {
        let exists = behaviour
            .until
            .as_ref()
            .is_some_and(|wanted| exists(&self.store, wanted, object::namespace(pod)));
        exists
            || behaviour
                .fixed_by
                .as_ref()
                .is_some_and(|fix| is_fixed(fix, container))
    }
}

impl Applied<'_> {
    /// What the container does at a moment.
    pub(super) fn does(&self, now: Timestamp) -> Does {
        if self.healed || now < self.from {
            Does::Run
        } else {
            self.behaviour.does
        }
    }
}

fn same_kind(wanted: &str, kind: &str) -> bool {
    let wanted = wanted.to_ascii_lowercase();
    let long = match wanted.trim_end_matches('s') {
        "deploy" => "deployment",
        "st" | "statefulset" => "statefulset",
        "d" | "daemonset" => "daemonset",
        "rs" | "replicaset" => "replicaset",
        "cj" => "cronjob",
        "po" => "pod",
        other => other,
    };
    long == kind.to_ascii_lowercase()
}

/// The object that a person would name as the owner of the pod, and the pod's revision.
pub(super) fn top_owner(store: &Store, pod: &Value) -> (String, String, Option<u64>) {
    let namespace = object::namespace(pod);
    let Some(owner) = object::controller(pod) else {
        return ("Pod".to_owned(), name(pod).to_owned(), None);
    };
    let (kind, owner_name) = (text(owner, "/kind").to_owned(), text(owner, "/name").to_owned());
    let plural = match kind.as_str() {
        "ReplicaSet" => ("apps", "replicasets"),
        "Job" => ("batch", "jobs"),
        _ => return (kind, owner_name, revision_of(store, pod)),
    };
    let Some(middle) = store.get(&Key::namespaced(plural.0, plural.1, namespace, &owner_name)) else {
        return (kind, owner_name, None);
    };
    let revision = entry(
        &middle,
        "/metadata/annotations",
        "deployment.kubernetes.io/revision",
    )
    .and_then(|text| text.parse().ok());
    match object::controller(&middle) {
        Some(top) => (
            text(top, "/kind").to_owned(),
            text(top, "/name").to_owned(),
            revision,
        ),
        None => (kind, owner_name, revision),
    }
}

fn revision_of(store: &Store, pod: &Value) -> Option<u64> {
    let hash = entry(pod, "/metadata/labels", "controller-revision-hash")?;
    let owner = text(object::controller(pod)?, "/name");
    let named = if hash.starts_with(owner) {
        hash.to_owned()
    } else {
        format!("{owner}-{hash}")
    };
    let revision = store.get(&Key::namespaced(
        "apps",
        "controllerrevisions",
        object::namespace(pod),
        &named,
    ))?;
    revision.get("revision")?.as_u64()
}

fn exists(store: &Store, wanted: &Reference, namespace: &str) -> bool {
    let namespace = wanted.namespace.as_deref().unwrap_or(namespace);
    store.kinds().iter().any(|(group, plural)| {
        let same = plural.trim_end_matches('s').eq_ignore_ascii_case(&wanted.kind)
            || plural.eq_ignore_ascii_case(&wanted.kind)
            || plural
                .strip_suffix("ies")
                .is_some_and(|stem| wanted.kind.to_ascii_lowercase() == format!("{stem}y"));
        let found = |key: Key| store.get(&key).is_some_and(|object| !object::is_leaving(&object));
        same && (found(Key::namespaced(group, plural, namespace, &wanted.name))
            || found(Key::cluster(group, plural, &wanted.name)))
    })
}

fn is_fixed(fix: &FixedBy, container: &Value) -> bool {
    let at_least = |wanted: &Option<String>, resource: &str| {
        wanted.as_ref().is_none_or(|wanted| {
            let limit = container
                .pointer(&format!("/resources/limits/{resource}"))
                .and_then(quantity::of);
            limit.is_none_or(|limit| limit >= quantity::milli(wanted).unwrap_or(i64::MAX))
        })
    };
    let image = fix
        .image
        .as_ref()
        .is_none_or(|pattern| matches_pattern(pattern, text(container, "/image")));
    let env = fix.env.as_ref().is_none_or(|wanted| {
        let (key, value) = wanted
            .split_once('=')
            .map_or((wanted.as_str(), None), |(key, value)| (key, Some(value)));
        list(container, "/env")
            .iter()
            .any(|one| text(one, "/name") == key && value.is_none_or(|value| text(one, "/value") == value))
    });
    let probe = fix.probe.as_ref().is_none_or(|wanted| {
        let mut asked = ["readinessProbe", "livenessProbe", "startupProbe"]
            .iter()
            .filter_map(|probe| container.get(probe))
            .flat_map(|probe| {
                ["httpGet", "tcpSocket", "grpc"].map(|way| probe.pointer(&format!("/{way}/port")).cloned())
            })
            .flatten();
        asked.all(|port| number_of(&port, container) == Some(i64::from(*wanted)))
    });
    let given = fix.memory.is_some()
        || fix.cpu.is_some()
        || fix.image.is_some()
        || fix.env.is_some()
        || fix.probe.is_some();
    given && probe && at_least(&fix.memory, "memory") && at_least(&fix.cpu, "cpu") && image && env
}

/// The number of a container's port that is given by number or by name.
fn number_of(port: &Value, container: &Value) -> Option<i64> {
    match port.as_str() {
        None => port.as_i64(),
        Some(wanted) => {
            let mut ports = list(container, "/ports").iter();
            let found = ports.find(|one| text(one, "/name") == wanted)?;
            object::number(found, "/containerPort")
        }
    }
}

/// Whether the text matches a pattern in which `*` stands for anything.
pub(crate) fn matches_pattern(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in middle {
        match rest.find(part).and_then(|at| rest.get(at + part.len()..)) {
            Some(after) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::matches_pattern;

    #[test]
    fn stars_stand_for_anything() {
        assert!(matches_pattern("*:1.4.2", "ghcr.io/shop/api:1.4.2"));
        assert!(matches_pattern("ghcr.io/*:1.*", "ghcr.io/shop/api:1.4.2"));
        assert!(matches_pattern("nginx", "nginx"));
        assert!(!matches_pattern("*:1.4.2", "ghcr.io/shop/api:1.4.3"));
        assert!(!matches_pattern("nginx", "nginx:1"));
    }
}
