//! What clients read first: which groups, versions and resources there are, in the old form and
//! in the aggregated one.

use serde_json::{Value, json};

use super::catalog::Catalog;
use super::request::Accept;
use super::resources::ResourceType;
use super::respond::{self, Outcome, Reply};
use crate::store::{ApiStatus, Store};

/// The answer for `/api`.
pub(crate) fn legacy_api(catalog: &Catalog, store: &Store, accept: Accept) -> Reply {
    if let Some(version) = aggregated(catalog, accept) {
        let item = aggregated_group(catalog, store, "", &["v1".to_owned()]);
        return aggregated_reply(version, &[item]);
    }
    respond::json(&json!({
        "kind": "APIVersions", "versions": ["v1"],
        "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": "127.0.0.1"}],
    }))
}

/// The answer for `/apis`.
pub(crate) fn groups(catalog: &Catalog, store: &Store, accept: Accept) -> Reply {
    let groups = catalog.groups(store);
    if let Some(version) = aggregated(catalog, accept) {
        let items: Vec<Value> = groups
            .iter()
            .map(|(group, versions)| aggregated_group(catalog, store, group, versions))
            .collect();
        return aggregated_reply(version, &items);
    }
    let groups: Vec<Value> = groups
        .iter()
        .map(|(group, versions)| group_value(group, versions))
        .collect();
    respond::json(&json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}))
}

/// The answer for `/apis/{group}`.
pub(crate) fn group(catalog: &Catalog, store: &Store, group: &str) -> Outcome {
    let groups = catalog.groups(store);
    let found = groups
        .iter()
        .find(|(name, _)| name == group)
        .ok_or_else(ApiStatus::no_such_resource)?;
    let mut value = group_value(&found.0, &found.1);
    value["kind"] = json!("APIGroup");
    value["apiVersion"] = json!("v1");
    Ok(respond::json(&value))
}

/// The answer for `/api/v1` and `/apis/{group}/{version}`.
pub(crate) fn resources(catalog: &Catalog, store: &Store, group: &str, version: &str) -> Outcome {
    let types = in_version(catalog, store, group, version);
    if types.is_empty() {
        return Err(Catalog::absence(store, group, version));
    }
    if Catalog::is_down(store, group, version) {
        return Err(ApiStatus::unavailable());
    }
    let mut resources = Vec::new();
    for one in &types {
        let mut entry = json!({
            "name": one.plural, "singularName": one.singular, "namespaced": one.namespaced,
            "kind": one.kind, "verbs": one.verbs(),
        });
        if !one.short.is_empty() {
            entry["shortNames"] = json!(one.short);
        }
        if !one.categories.is_empty() {
            entry["categories"] = json!(one.categories);
        }
        resources.push(entry);
        for name in &one.subresources {
            let (kind, verbs) = subresource(one, name);
            let mut entry = json!({
                "name": format!("{}/{name}", one.plural), "singularName": "", "namespaced": one.namespaced,
                "kind": kind.2, "verbs": verbs,
            });
            if kind.0 != one.group || kind.1 != version {
                entry["group"] = json!(kind.0);
                entry["version"] = json!(kind.1);
            }
            resources.push(entry);
        }
    }
    let group_version = if group.is_empty() {
        version.to_owned()
    } else {
        format!("{group}/{version}")
    };
    Ok(respond::json(&json!({
        "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version, "resources": resources,
    })))
}

fn in_version(catalog: &Catalog, store: &Store, group: &str, version: &str) -> Vec<ResourceType> {
    let mut types = catalog.types(store);
    types.retain(|one| {
        // Only CronJobs were ever in batch/v1beta1, only budgets in policy/v1beta1: the table
        // says so by listing that version with them alone.
        one.group == group && catalog.versions(one).contains(&version)
    });
    types
}

fn group_value(group: &str, versions: &[String]) -> Value {
    let version =
        |version: &String| json!({"groupVersion": format!("{group}/{version}"), "version": version});
    let versions: Vec<Value> = versions.iter().map(version).collect();
    json!({"name": group, "preferredVersion": versions.first(), "versions": versions})
}

/// The kind (group, version, kind) and verbs of a subresource.
fn subresource(of: &ResourceType, name: &str) -> ((String, String, String), &'static [&'static str]) {
    let kind =
        |group: &str, version: &str, kind: &str| (group.to_owned(), version.to_owned(), kind.to_owned());
    let own = kind(
        &of.group,
        of.versions.first().map_or("v1", String::as_str),
        &of.kind,
    );
    match name {
        "scale" => (kind("autoscaling", "v1", "Scale"), &["get", "patch", "update"]),
        "eviction" => (kind("policy", "v1", "Eviction"), &["create"]),
        "binding" => (kind("", "v1", "Binding"), &["create"]),
        "token" => (kind("authentication.k8s.io", "v1", "TokenRequest"), &["create"]),
        "log" => (own, &["get"]),
        "attach" | "exec" | "portforward" | "proxy" => (own, &["create", "get"]),
        "finalize" => (own, &["update"]),
        _ => (own, &["get", "patch", "update"]),
    }
}

/// The aggregated form that is wanted, if this version of the server has it.
fn aggregated(catalog: &Catalog, accept: Accept) -> Option<&'static str> {
    match accept {
        Accept::Discovery("v2") if catalog.minor() >= 30 => Some("v2"),
        Accept::Discovery(_) if (26..=34).contains(&catalog.minor()) => Some("v2beta1"),
        _ => None,
    }
}

fn aggregated_group(catalog: &Catalog, store: &Store, group: &str, versions: &[String]) -> Value {
    let versions: Vec<Value> = versions
        .iter()
        .map(|version| {
            let resources: Vec<Value> = in_version(catalog, store, group, version)
                .iter()
                .map(|one| aggregated_resource(one, version))
                .collect();
            if resources.is_empty() || Catalog::is_down(store, group, version) {
                return json!({"version": version, "freshness": "Stale"});
            }
            json!({"version": version, "freshness": "Current", "resources": resources})
        })
        .collect();
    let metadata = if group.is_empty() {
        json!({})
    } else {
        json!({"name": group})
    };
    json!({"metadata": metadata, "versions": versions})
}

fn aggregated_resource(one: &ResourceType, version: &str) -> Value {
    let scope = if one.namespaced { "Namespaced" } else { "Cluster" };
    let mut entry = json!({
        "resource": one.plural, "singularResource": one.singular, "scope": scope, "verbs": one.verbs(),
        "responseKind": {"group": one.group, "version": version, "kind": one.kind},
    });
    if !one.short.is_empty() {
        entry["shortNames"] = json!(one.short);
    }
    if !one.categories.is_empty() {
        entry["categories"] = json!(one.categories);
    }
    if !one.subresources.is_empty() {
        let subresources = one.subresources.iter().map(|name| {
            let ((group, version, kind), verbs) = subresource(one, name);
            json!({"subresource": name, "verbs": verbs,
                "responseKind": {"group": group, "version": version, "kind": kind}})
        });
        entry["subresources"] = subresources.collect();
    }
    entry
}

fn aggregated_reply(form: &'static str, items: &[Value]) -> Reply {
    let content_type = match form {
        "v2" => "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
        _ => "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList",
    };
    let value = json!({
        "kind": "APIGroupDiscoveryList", "apiVersion": format!("apidiscovery.k8s.io/{form}"),
        "metadata": {}, "items": items,
    });
    respond::reply(
        http::StatusCode::OK,
        content_type,
        respond::whole(value.to_string()),
    )
}
