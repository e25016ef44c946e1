//! A write in; the failure of an admission webhook that would be asked about it and has nobody to answer out.

use serde_json::Value;

use super::{Write, texts};
use crate::object;
use crate::server::fields::{list, number, text};
use crate::store::{ApiStatus, Key, Store};

const GROUP: &str = "admissionregistration.k8s.io";

/// Refuses a write for which a webhook must be asked that cannot be reached.
pub(crate) fn reachable(store: &Store, write: Write<'_>) -> Result<(), ApiStatus> {
    if write.kind.group == GROUP {
        return Ok(());
    }
    for plural in ["mutatingwebhookconfigurations", "validatingwebhookconfigurations"] {
        for configuration in store.list(GROUP, plural, None) {
            for webhook in list(&configuration, "/webhooks") {
                if text(webhook, "/failurePolicy") != "Ignore" && concerns(store, webhook, write) {
                    answers(store, webhook)?;
                }
            }
        }
    }
    Ok(())
}

fn concerns(store: &Store, webhook: &Value, write: Write<'_>) -> bool {
    let has = |rule: &Value, field: &str, wanted: &str| {
        let list = texts(rule, field);
        list.iter().any(|one| one == "*" || one == wanted)
    };
    let ruled = list(webhook, "/rules").iter().any(|rule| {
        has(rule, "operations", write.operation)
            && has(rule, "apiGroups", &write.kind.group)
            && has(rule, "apiVersions", write.version)
            && (has(rule, "resources", &write.kind.plural) || has(rule, "resources", "*/*"))
            && match text(rule, "/scope") {
                "Namespaced" => write.key.namespace.is_some(),
                "Cluster" => write.key.namespace.is_none(),
                _ => true,
            }
    });
    ruled && selected(store, webhook, write)
}

fn selected(store: &Store, webhook: &Value, write: Write<'_>) -> bool {
    let empty = |selector: &&Value| selector.as_object().is_none_or(serde_json::Map::is_empty);
    let by = |field: &str| webhook.get(field).filter(|selector| !empty(selector));
    let namespace = by("namespaceSelector").is_none_or(|selector| match &write.key.namespace {
        Some(name) => store
            .get(&Key::cluster("", "namespaces", name))
            .is_some_and(|namespace| object::matches(Some(selector), &namespace)),
        None => true,
    });
    let objects = [write.old, write.new];
    namespace
        && by("objectSelector").is_none_or(|selector| {
            let mut objects = objects.iter().flatten();
            objects.any(|object| object::matches(Some(selector), object))
        })
}

fn answers(store: &Store, webhook: &Value) -> Result<(), ApiStatus> {
    let Some(service) = webhook.pointer("/clientConfig/service") else {
        return Ok(());
    };
    let (namespace, name) = (text(service, "/namespace"), text(service, "/name"));
    let why = if store
        .get(&Key::namespaced("", "services", namespace, name))
        .is_none()
    {
        format!("service \"{name}\" not found")
    } else if has_backend(store, namespace, name) {
        return Ok(());
    } else {
        format!("no endpoints available for service \"{name}\"")
    };
    let port = match number(service, "/port") {
        0 => 443,
        port => port,
    };
    let timeout = match number(webhook, "/timeoutSeconds") {
        0 => 10,
        timeout => timeout,
    };
    Err(ApiStatus::internal(format!(
        "Internal error occurred: failed calling webhook \"{}\": failed to call webhook: Post \
         \"https://{name}.{namespace}.svc:{port}{}?timeout={timeout}s\": {why}",
        text(webhook, "/name"),
        text(service, "/path"),
    )))
}

fn has_backend(store: &Store, namespace: &str, service: &str) -> bool {
    store
        .list("discovery.k8s.io", "endpointslices", Some(namespace))
        .iter()
        .filter(|slice| {
            object::entry(slice, "/metadata/labels", "kubernetes.io/service-name") == Some(service)
        })
        .flat_map(|slice| list(slice, "/endpoints").to_vec())
        .any(|endpoint| endpoint.pointer("/conditions/ready") != Some(&Value::Bool(false)))
}
