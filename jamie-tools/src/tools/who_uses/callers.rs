//! A Service or a workload in; what leads to it or mentions it as a host out.

use jamie_core::ObjectRef;

use super::specs::users;
use crate::{Snapshot, snapshot::reference, template, wording};

/// What leads to or mentions a Service, or the Services of a workload.
pub(super) fn callers(snapshot: &Snapshot, target: &ObjectRef) -> Vec<(ObjectRef, String)> {
    let namespace = target.namespace.as_deref().unwrap_or_default();
    let services: Vec<String> = if target.kind == "Service" {
        vec![target.name.clone()]
    } else {
        let pods = snapshot.pods_of(target);
        pods.first()
            .map(|pod| {
                snapshot
                    .services_of(pod)
                    .iter()
                    .filter_map(|one| one.metadata.name.clone())
                    .collect()
            })
            .unwrap_or_default()
    };
    let mut found: Vec<(ObjectRef, String)> = Vec::new();
    for ingress in snapshot
        .ingresses
        .iter()
        .filter(|one| one.metadata.namespace.as_deref() == Some(namespace))
    {
        let leads = ingress
            .spec
            .iter()
            .flat_map(|spec| spec.rules.iter().flatten())
            .filter(|rule| {
                rule.http.iter().flat_map(|http| &http.paths).any(|path| {
                    path.backend
                        .service
                        .as_ref()
                        .is_some_and(|service| services.contains(&service.name))
                })
            })
            .map(|rule| rule.host.clone().unwrap_or_else(|| "any host".to_owned()))
            .collect::<Vec<_>>();
        if !leads.is_empty() {
            found.push((
                reference(ingress.as_ref()),
                format!("leads {} there", wording::code_list(&leads, 3)),
            ));
        }
    }
    for (object, spec) in users(snapshot) {
        if object.is_same(target) {
            continue;
        }
        let same = object.namespace.as_deref() == Some(namespace);
        let mut how: Vec<String> = Vec::new();
        for container in spec
            .containers
            .iter()
            .chain(spec.init_containers.iter().flatten())
        {
            for variable in container.env.iter().flatten() {
                if variable
                    .value
                    .as_deref()
                    .is_some_and(|value| services.iter().any(|name| mentions(value, name, namespace, same)))
                {
                    how.push(format!("variable `{}` names it", variable.name));
                }
            }
            let words = container
                .args
                .iter()
                .flatten()
                .chain(container.command.iter().flatten());
            for word in words {
                if services.iter().any(|name| mentions(word, name, namespace, same)) {
                    how.push(format!("an argument of `{}` names it", container.name));
                }
            }
        }
        for (kind, map) in template::references(&spec) {
            if kind == "ConfigMap"
                && let Some(map) = object
                    .namespace
                    .as_deref()
                    .and_then(|own| snapshot.config_map(own, &map))
                && map
                    .data
                    .iter()
                    .flatten()
                    .any(|(_, value)| services.iter().any(|name| mentions(value, name, namespace, same)))
            {
                how.push(format!(
                    "its ConfigMap `{}` names it",
                    map.metadata.name.as_deref().unwrap_or_default()
                ));
            }
        }
        how.dedup();
        if !how.is_empty() {
            found.push((object, wording::list(&how, 3)));
        }
    }
    found
}

/// Whether a text names a Service as a host: `http://api:80`, `api.shop.svc`, and `api` alone as a whole value.
fn mentions(text: &str, name: &str, namespace: &str, same_namespace: bool) -> bool {
    let full = format!("{name}.{namespace}");
    let is_edge = |c: Option<char>| c.is_none_or(|c| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'));
    let stands = |needle: &str, bare: bool| {
        text.match_indices(needle).any(|(at, _)| {
            let before = text.get(..at).unwrap_or_default();
            let after = text.get(at + needle.len()..).unwrap_or_default();
            let edges = is_edge(before.chars().next_back())
                && !before.ends_with('.')
                && is_edge(after.chars().next());
            let as_host =
                before.ends_with("//") || before.ends_with('@') || after.starts_with(':') || text == needle;
            edges && (!bare || as_host)
        })
    };
    stands(&full, false) || (same_namespace && stands(name, true))
}
