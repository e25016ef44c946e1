//! Ingress rules that contradict each other or the names of the Services they lead to.
//!
//! Checks: `ingress-conflict`, `ingress-misroute`.

use std::collections::BTreeMap;

use jamie_core::{Evidence, NextStep, ObjectRef, Severity, Verdict};
use k8s_openapi::api::networking::v1::{Ingress, IngressBackend};

use super::{
    backing,
    ingresses::{class_of, fault, namespace, path as shown},
};
use crate::{
    fault::Fault,
    snapshot::{Snapshot, reference},
};

pub(crate) fn check(snapshot: &Snapshot) -> Vec<Fault> {
    let mut faults: Vec<Fault> = snapshot
        .ingresses
        .iter()
        .filter_map(|ingress| misroute(snapshot, ingress))
        .collect();
    faults.extend(conflicts(snapshot));
    faults
}

/// A path that bears the name of one Service and leads to another.
fn misroute(snapshot: &Snapshot, ingress: &Ingress) -> Option<Fault> {
    let namespace = namespace(ingress);
    let led: Vec<&str> = backing::backends(ingress)
        .filter_map(|backend| backend.service.as_ref())
        .map(|service| service.name.as_str())
        .collect();
    for rule in ingress.spec.iter().flat_map(|spec| spec.rules.iter().flatten()) {
        for path in rule.http.iter().flat_map(|http| &http.paths) {
            let segment = path
                .path
                .as_deref()
                .unwrap_or("/")
                .trim_start_matches('/')
                .split(['/', '('])
                .next()
                .unwrap_or_default();
            let Some(service) = &path.backend.service else {
                continue;
            };
            let name = service.name.as_str();
            if segment.len() < 3 || name.contains(segment) || segment.contains(name) || led.contains(&segment)
            {
                continue;
            }
            if snapshot.service(namespace, segment).is_none() || snapshot.service(namespace, name).is_none() {
                continue;
            }
            let mut found = fault(
                ingress,
                "ingress-misroute",
                Severity::Warning,
                format!(
                    "Ingress `{}` leads `/{segment}` to Service `{name}`, not to `{segment}`",
                    shown(ingress)
                ),
            );
            found.cause = format!(
                "There is a Service `{segment}`, and no rule leads to it: requests for it land at `{name}`."
            );
            found.verdict = Verdict::Likely;
            found.key = format!("Ingress/{}#/{segment}", shown(ingress));
            found.evidence.push(Evidence::new(
                format!("Ingress {} rules", shown(ingress)),
                format!("/{segment} → {name}"),
                None,
            ));
            found.remedy = Some(NextStep::command(
                format!("Lead `/{segment}` to `{segment}`, if that is what is meant"),
                format!("kubectl edit ingress {} -n {namespace}", reference(ingress).name),
            ));
            found
                .blames
                .push(ObjectRef::namespaced("Service", namespace, segment));
            return Some(found);
        }
    }
    None
}

/// Two ingresses of one class that claim the same host and path for different backends.
fn conflicts(snapshot: &Snapshot) -> Vec<Fault> {
    let mut claims: BTreeMap<(&str, &str, &str, &str), (&Ingress, &IngressBackend)> = BTreeMap::new();
    let mut faults: Vec<Fault> = Vec::new();
    for ingress in &snapshot.ingresses {
        let annotations = ingress.metadata.annotations.as_ref();
        // A canary shares its host and path on purpose.
        if annotations.is_some_and(|annotations| annotations.keys().any(|key| key.contains("canary"))) {
            continue;
        }
        let class = class_of(ingress).map_or("", |(class, _)| class);
        for rule in ingress.spec.iter().flat_map(|spec| spec.rules.iter().flatten()) {
            for path in rule.http.iter().flat_map(|http| &http.paths) {
                let key = (
                    class,
                    rule.host.as_deref().unwrap_or(""),
                    path.path.as_deref().unwrap_or("/"),
                    path.path_type.as_str(),
                );
                let Some((other, backend)) = claims.get(&key) else {
                    claims.insert(key, (ingress, &path.backend));
                    continue;
                };
                let is_same = namespace(other) == namespace(ingress) && *backend == &path.backend;
                let known = faults
                    .iter()
                    .any(|fault| fault.object.is_same(&reference(ingress.as_ref())));
                if std::ptr::eq(*other, ingress.as_ref()) || is_same || known {
                    continue;
                }
                let place = format!("{}{}", key.1, key.2);
                let mut found = fault(
                    ingress,
                    "ingress-conflict",
                    Severity::Warning,
                    format!(
                        "Ingresses `{}` and `{}` both claim `{place}`",
                        shown(other),
                        shown(ingress)
                    ),
                );
                let to = |backend: &IngressBackend| {
                    backend
                        .service
                        .as_ref()
                        .map_or("?", |service| service.name.as_str())
                        .to_owned()
                };
                found.cause = format!(
                    "One leads to `{}`, the other to `{}`; the controller picks one of them, as a rule the older.",
                    to(backend),
                    to(&path.backend)
                );
                found.key = format!("Ingress/{place}");
                found.evidence.push(Evidence::new(
                    "Ingress rules",
                    format!(
                        "{}: {place} → {}\n{}: {place} → {}",
                        shown(other),
                        to(backend),
                        shown(ingress),
                        to(&path.backend)
                    ),
                    None,
                ));
                found.remedy = Some(NextStep::advice(
                    "Give one of them another host or path, or delete it",
                ));
                found.blames.push(reference(*other));
                faults.push(found);
            }
        }
    }
    faults
}
