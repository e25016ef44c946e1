//! Pod templates that name a ConfigMap, Secret, key, claim, account or priority class that does not exist.
//!
//! Checks: `missing-config-map`, `missing-secret`, `missing-claim`, `missing-service-account`,
//! `missing-priority-class`, `missing-config-key`, `missing-secret-key`. Logins for registries: see `pull_secrets`.
//! Optional references are left alone, and so is what may not be looked at.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use jamie_core::{Evidence, NextStep, ObjectRef, Severity};

use super::{
    happened,
    nearest::nearest,
    needs::{self, Need},
    template::{self, Template},
};
use crate::{
    fault::{Depth, Fault},
    snapshot::{Snapshot, reference},
    wording,
};

/// What the cluster makes by itself: its absence says that a controller is off, not that a name is wrong.
const MADE_BY_THE_CLUSTER: [&str; 3] = [
    "kube-root-ca.crt",
    "openshift-service-ca.crt",
    "istio-ca-root-cert",
];
const BUILT_IN_PRIORITIES: [&str; 2] = ["system-cluster-critical", "system-node-critical"];

pub(crate) fn check(snapshot: &Snapshot) -> Vec<Fault> {
    let mut faults = Vec::new();
    for template in template::all(snapshot) {
        let mut missing: BTreeMap<(&'static str, String), Vec<Need>> = BTreeMap::new();
        for need in needs::of(template.spec, &template.claim_templates) {
            if !need.is_optional {
                missing
                    .entry((need.kind, need.name.clone()))
                    .or_default()
                    .push(need);
            }
        }
        for ((kind, name), needs) in missing {
            if let Some(fault) = of_object(snapshot, &template, kind, &name, &needs) {
                faults.push(fault);
            }
        }
    }
    faults
}

fn of_object(
    snapshot: &Snapshot,
    template: &Template<'_>,
    kind: &'static str,
    name: &str,
    needs: &[Need],
) -> Option<Fault> {
    let namespace = template.namespace;
    let is_cluster_wide = kind == "PriorityClass";
    if !snapshot.may_see(kind, (!is_cluster_wide).then_some(namespace)) {
        return None;
    }
    match kind {
        "ConfigMap" if MADE_BY_THE_CLUSTER.contains(&name) => None,
        "ServiceAccount" if name == "default" => None,
        "PriorityClass" if BUILT_IN_PRIORITIES.contains(&name) => None,
        "ConfigMap" => match snapshot.config_map(namespace, name) {
            None => Some(absent(snapshot, template, kind, name, needs)),
            Some(map) => {
                let keys = map
                    .data
                    .iter()
                    .flat_map(BTreeMap::keys)
                    .chain(map.binary_data.iter().flat_map(BTreeMap::keys));
                missing_keys(
                    snapshot,
                    template,
                    kind,
                    name,
                    needs,
                    &keys.map(String::as_str).collect(),
                )
            }
        },
        "Secret" => match snapshot.secret(namespace, name) {
            None => Some(absent(snapshot, template, kind, name, needs)),
            Some(secret) => {
                let keys = secret.keys.keys().map(String::as_str).collect();
                missing_keys(snapshot, template, kind, name, needs, &keys)
            }
        },
        "PersistentVolumeClaim" => snapshot
            .claim(namespace, name)
            .is_none()
            .then(|| absent(snapshot, template, kind, name, needs)),
        "ServiceAccount" => snapshot
            .service_account(namespace, name)
            .is_none()
            .then(|| absent(snapshot, template, kind, name, needs)),
        "PriorityClass" => snapshot
            .priority_class(name)
            .is_none()
            .then(|| absent(snapshot, template, kind, name, needs)),
        _ => None,
    }
}

/// The object itself is not there.
fn absent(
    snapshot: &Snapshot,
    template: &Template<'_>,
    kind: &'static str,
    name: &str,
    needs: &[Need],
) -> Fault {
    let namespace = template.namespace;
    let check = match kind {
        "ConfigMap" => "missing-config-map",
        "Secret" => "missing-secret",
        "PersistentVolumeClaim" => "missing-claim",
        "ServiceAccount" => "missing-service-account",
        _ => "missing-priority-class",
    };
    let (here, elsewhere) = names_of(snapshot, kind, namespace, name);
    let mut fault = Fault::new(
        check,
        template.severity_when_broken(snapshot),
        Depth::Cause,
        template.object.clone(),
        format!("{} needs {kind} `{name}`, which does not exist", template.name()),
    );
    let object = match kind {
        "PriorityClass" => ObjectRef::cluster(kind, name),
        _ => ObjectRef::namespaced(kind, namespace, name),
    };
    let scope = if kind == "PriorityClass" {
        String::new()
    } else {
        format!(" in namespace `{namespace}`")
    };
    let places: Vec<&str> = unique(needs.iter().map(|need| need.place.as_str()));
    let mut cause = format!(
        "There is no {kind} `{name}`{scope}; {} asks for it",
        wording::list(&places, 3)
    );
    let keys: Vec<&str> = unique(needs.iter().filter_map(|need| need.key.as_deref()));
    if !keys.is_empty() {
        _ = write!(
            cause,
            " ({} {})",
            if keys.len() == 1 { "key" } else { "keys" },
            wording::code_list(&keys, 5)
        );
    }
    cause.push_str(". ");
    cause.push_str(match (fault.severity, kind) {
        (Severity::Warning, _) => "The pods that run have got past it, the next ones will not start.",
        (_, "PersistentVolumeClaim") => "Its pods stay Pending: they cannot be scheduled without the claim.",
        (_, "ServiceAccount" | "PriorityClass") => "Its pods are refused before they are made.",
        (_, "ConfigMap" | "Secret") if places.iter().any(|place| place.starts_with("volume")) => {
            "Its containers wait in ContainerCreating until the volume can be mounted."
        }
        _ => "Its containers cannot start: CreateContainerConfigError.",
    });
    if let Some(meant) = nearest(name, here.iter().copied()) {
        _ = write!(cause, " A {kind} `{meant}` does exist: perhaps that is meant.");
    } else if let Some(other) = elsewhere.first() {
        _ = write!(
            cause,
            " There is one of that name in namespace `{other}`, but pods only see their own."
        );
    }
    fault.cause = cause;
    fault.key = format!("{kind}/{}", object.path());
    fault.remedy = Some(remedy(
        template,
        kind,
        name,
        &keys,
        nearest(name, here.iter().copied()),
    ));
    fault.evidence.push(spec_evidence(template, kind, name, needs));
    let there = if here.is_empty() {
        "none at all".to_owned()
    } else {
        wording::code_list(&here, 8)
    };
    fault.evidence.push(Evidence::new(
        format!("{}{scope}", wording::plural(kind)),
        format!("`{name}` is not among them; there: {there}"),
        Some(snapshot.taken_at),
    ));
    fault.blames.push(object);
    finish(snapshot, template, name, &mut fault);
    fault
}

/// What makes the missing object, or corrects its name.
fn remedy(template: &Template<'_>, kind: &str, name: &str, keys: &[&str], meant: Option<&str>) -> NextStep {
    let namespace = template.namespace;
    match (kind, meant) {
        (_, Some(meant)) => NextStep::command(
            format!(
                "Create {kind} `{name}`, or point {} at `{meant}`",
                template.name()
            ),
            format!("kubectl edit {}", template.kubectl()),
        ),
        ("ConfigMap", None) => NextStep::command(
            format!("Create ConfigMap `{name}` with what the app expects"),
            format!(
                "kubectl create configmap {name} -n {namespace} {}",
                literals(keys)
            ),
        ),
        ("Secret", None) => NextStep::command(
            format!("Create Secret `{name}` with what the app expects"),
            format!(
                "kubectl create secret generic {name} -n {namespace} {}",
                literals(keys)
            ),
        ),
        ("ServiceAccount", None) => NextStep::command(
            format!("Create ServiceAccount `{name}`"),
            format!("kubectl create serviceaccount {name} -n {namespace}"),
        ),
        _ => NextStep::command(
            format!("Create {kind} `{name}`, or correct the name"),
            format!("kubectl edit {}", template.kubectl()),
        ),
    }
}

/// The object is there, a key in it is not.
fn missing_keys(
    snapshot: &Snapshot,
    template: &Template<'_>,
    kind: &'static str,
    name: &str,
    needs: &[Need],
    keys: &BTreeSet<&str>,
) -> Option<Fault> {
    let lacking: Vec<&Need> = needs
        .iter()
        .filter(|need| need.key.as_deref().is_some_and(|key| !keys.contains(key)))
        .collect();
    let names = unique(lacking.iter().filter_map(|need| need.key.as_deref()));
    let first = *names.first()?;
    let check = if kind == "ConfigMap" {
        "missing-config-key"
    } else {
        "missing-secret-key"
    };
    let word = if names.len() == 1 { "key" } else { "keys" };
    let mut fault = Fault::new(
        check,
        template.severity_when_broken(snapshot),
        Depth::Cause,
        template.object.clone(),
        format!(
            "{} needs {word} {} in {kind} `{name}`, which has no such {word}",
            template.name(),
            wording::code_list(&names, 4)
        ),
    );
    let places: Vec<&str> = unique(lacking.iter().map(|need| need.place.as_str()));
    let there: Vec<&str> = keys.iter().copied().collect();
    let held = if there.is_empty() {
        "is empty".to_owned()
    } else {
        format!("holds {}", wording::code_list(&there, 8))
    };
    let mut cause = format!(
        "{kind} `{name}` {held}; {} asks for {}.",
        sentence_list(&places),
        wording::code_list(&names, 4)
    );
    let meant = nearest(first, there.iter().copied());
    if let Some(meant) = meant {
        _ = write!(cause, " Perhaps `{meant}` is meant.");
    }
    if fault.severity == Severity::Warning {
        cause.push_str(" The pods that run have got past it, the next ones will not start.");
    }
    fault.cause = cause;
    fault.key = format!("{kind}/{}/{name}#{}", template.namespace, names.join(","));
    fault.remedy = Some(match kind {
        "ConfigMap" if meant.is_none() => NextStep::command(
            format!(
                "Add {word} {} to ConfigMap `{name}`",
                wording::code_list(&names, 4)
            ),
            format!(
                "kubectl patch configmap {name} -n {} --type merge -p '{{\"data\":{{\"{first}\":\"VALUE\"}}}}'",
                template.namespace
            ),
        ),
        "Secret" if meant.is_none() => NextStep::command(
            format!("Add {word} {} to Secret `{name}`", wording::code_list(&names, 4)),
            format!(
                "kubectl patch secret {name} -n {} --type merge -p '{{\"stringData\":{{\"{first}\":\"VALUE\"}}}}'",
                template.namespace
            ),
        ),
        _ => NextStep::command(
            format!(
                "Add {word} {} to {kind} `{name}`, or correct the reference",
                wording::code_list(&names, 4)
            ),
            format!("kubectl edit {}", template.kubectl()),
        ),
    });
    let lacking: Vec<Need> = lacking.into_iter().cloned().collect();
    fault.evidence.push(spec_evidence(template, kind, name, &lacking));
    fault.evidence.push(Evidence::new(
        format!("{kind} {}/{name}", template.namespace),
        format!(
            "keys: {}",
            if there.is_empty() {
                "none".to_owned()
            } else {
                there.iter().take(20).copied().collect::<Vec<_>>().join(", ")
            }
        ),
        Some(snapshot.taken_at),
    ));
    fault
        .blames
        .push(ObjectRef::namespaced(kind, template.namespace, name));
    finish(snapshot, template, name, &mut fault);
    Some(fault)
}

/// Adds where it is seen, and the event that says so.
pub(super) fn finish(snapshot: &Snapshot, template: &Template<'_>, name: &str, fault: &mut Fault) {
    let pods: Vec<_> = template
        .live_pods(snapshot)
        .into_iter()
        .filter(|pod| !template::is_ready(pod))
        .collect();
    fault.seen_count = pods.len();
    let quoted = format!("\"{name}\"");
    for pod in &pods {
        let object = reference(pod.as_ref());
        let events = snapshot.events_of(&object);
        let tells = events
            .iter()
            .rev()
            .find(|event| happened::message(event).contains(&quoted));
        if let (Some(event), true) = (tells, fault.evidence.len() < 4) {
            fault.evidence.push(happened::evidence(event));
            fault.since = fault.since.or_else(|| happened::first_seen(event));
        }
        if fault.seen_on.len() < Fault::MAX_SEEN {
            fault.seen_on.push(object);
        }
    }
}

fn spec_evidence(template: &Template<'_>, kind: &str, name: &str, needs: &[Need]) -> Evidence {
    let lines: Vec<String> = needs
        .iter()
        .take(5)
        .map(|need| match &need.key {
            Some(key) => format!("{}: {kind} {name}, key {key}", need.place),
            None => format!("{}: {kind} {name}", need.place),
        })
        .collect();
    Evidence::new(
        format!("{} pod template", template.object),
        lines.join("\n"),
        None,
    )
}

/// The names of that kind in the namespace, and other namespaces that have one of this name.
fn names_of<'s>(
    snapshot: &'s Snapshot,
    kind: &str,
    namespace: &str,
    name: &str,
) -> (Vec<&'s str>, Vec<&'s str>) {
    let metadata: Vec<_> = match kind {
        "ConfigMap" => snapshot
            .config_maps
            .iter()
            .map(|object| &object.metadata)
            .collect(),
        "Secret" => snapshot.secrets.iter().map(|object| &object.metadata).collect(),
        "PersistentVolumeClaim" => snapshot.claims.iter().map(|object| &object.metadata).collect(),
        "ServiceAccount" => snapshot
            .service_accounts
            .iter()
            .map(|object| &object.metadata)
            .collect(),
        _ => snapshot
            .priority_classes
            .iter()
            .map(|object| &object.metadata)
            .collect(),
    };
    let (mut here, mut elsewhere) = (Vec::new(), Vec::new());
    for metadata in metadata {
        let found = metadata.name.as_deref().unwrap_or_default();
        match metadata.namespace.as_deref() {
            Some(other) if other != namespace => {
                if found == name {
                    elsewhere.push(other);
                }
            }
            _ if MADE_BY_THE_CLUSTER.contains(&found) => {}
            _ => here.push(found),
        }
    }
    (here, elsewhere)
}

fn literals(keys: &[&str]) -> String {
    match keys {
        [] => "--from-literal=KEY=VALUE".to_owned(),
        keys => keys
            .iter()
            .take(5)
            .map(|key| format!("--from-literal={key}=VALUE"))
            .collect::<Vec<_>>()
            .join(" "),
    }
}

fn sentence_list(places: &[&str]) -> String {
    wording::list(places, 3)
}

fn unique<'a>(items: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut seen = Vec::new();
    for item in items {
        if !seen.contains(&item) {
            seen.push(item);
        }
    }
    seen
}
