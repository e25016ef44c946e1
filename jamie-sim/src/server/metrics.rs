//! The metrics API: usage figures that the kubelet gives, one object or a list.

use serde_json::{Value, json};

use super::fields::text;
use super::render::Form;
use super::request::{Accept, Request};
use super::resources::built_in;
use super::respond::{self, Outcome};
use crate::kubelet::Kubelet;
use crate::store::{ApiStatus, Key, Store};

/// Figures of one pod or node, or of all that match.
pub(crate) fn read(
    store: &Store,
    kubelet: &dyn Kubelet,
    form: &Form,
    namespace: Option<&str>,
    name: Option<&str>,
    request: &Request,
) -> Outcome {
    let plural = form.kind.plural.as_str();
    let figures = |object: &Value| {
        let figures = if plural == "nodes" {
            kubelet.node_metrics(object)
        } else {
            kubelet.pod_metrics(object)
        };
        figures.map(|mut figures| {
            figures["kind"] = json!(form.kind.kind);
            figures["apiVersion"] = json!("metrics.k8s.io/v1beta1");
            if let Some(labels) = object.pointer("/metadata/labels") {
                figures["metadata"]["labels"] = labels.clone();
            }
            figures
        })
    };
    if let Some(name) = name {
        let key = match namespace {
            Some(namespace) => Key::namespaced("", plural, namespace, name),
            None => Key::cluster("", plural, name),
        };
        let missing = || {
            let mut status = ApiStatus::not_found(&Key {
                group: form.kind.group.clone(),
                ..key.clone()
            });
            if let Some(namespace) = namespace {
                status.message = format!("podmetrics.metrics.k8s.io \"{namespace}/{name}\" not found");
            }
            status
        };
        let object = store.get(&key).ok_or_else(missing)?;
        return Ok(respond::json(&form.value(&figures(&object).ok_or_else(missing)?)));
    }
    // The selectors are those of the pods and nodes themselves.
    let Some(kind) = built_in()
        .iter()
        .find(|one| one.group.is_empty() && one.plural == plural)
    else {
        return Err(ApiStatus::no_such_resource());
    };
    let page = super::read::page(store, kind, namespace, &request.query)?;
    let items: Vec<Value> = page
        .objects
        .iter()
        .filter(|stored| plural == "nodes" || text(&stored.object, "/status/phase") == "Running")
        .filter_map(|stored| figures(&stored.object))
        .collect();
    if form.accept == Accept::Table {
        return Ok(respond::json(&form.table(&items, &json!({}))));
    }
    let (kind, api_version) = form.list_head();
    Ok(respond::json(
        &json!({"kind": kind, "apiVersion": api_version, "metadata": {}, "items": items}),
    ))
}
