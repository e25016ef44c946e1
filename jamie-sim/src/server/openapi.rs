//! As much OpenAPI as clients need before they write: which kinds there are and that the server
//! validates fields itself, so that kubectl leaves that to it.

use serde_json::{Map, Value, json};

use super::catalog::Catalog;
use super::resources::ResourceType;
use super::respond::{self, Outcome, Reply};
use crate::store::{ApiStatus, Store};

/// The answer for `/openapi/v3`: where each group version's document is.
pub(crate) fn index(catalog: &Catalog, store: &Store) -> Reply {
    let mut paths = Map::new();
    let mut add = |path: String| {
        paths.insert(
            path.clone(),
            json!({"serverRelativeURL": format!("/openapi/v3/{path}")}),
        );
    };
    add("api/v1".to_owned());
    for (group, versions) in catalog.groups(store) {
        for version in versions {
            add(format!("apis/{group}/{version}"));
        }
    }
    respond::json(&json!({"paths": paths}))
}

/// The answer for `/openapi/v3/{group version}`.
pub(crate) fn document(catalog: &Catalog, store: &Store, path: &str) -> Outcome {
    let parts: Vec<&str> = path.split('/').collect();
    let (group, version) = match parts.as_slice() {
        ["api", version] => ("", *version),
        ["apis", group, version] => (*group, *version),
        _ => return Err(ApiStatus::no_such_resource()),
    };
    let mut types = catalog.types(store);
    types.retain(|one| one.group == group && catalog.versions(one).contains(&version));
    if types.is_empty() {
        return Err(ApiStatus::no_such_resource());
    }
    let (mut paths, mut schemas) = (Map::new(), Map::new());
    for one in &types {
        let (path, item) = operations(one, group, version, true);
        paths.insert(path, item);
        schemas.insert(
            schema_name(group, version, &one.kind),
            schema(one, group, version),
        );
    }
    Ok(respond::json(&json!({
        "openapi": "3.0.0", "info": {"title": "Kubernetes", "version": "unversioned"},
        "paths": paths, "components": {"schemas": schemas},
    })))
}

/// The answer for `/openapi/v2`.
pub(crate) fn old_document(catalog: &Catalog, store: &Store) -> Reply {
    let (mut paths, mut definitions) = (Map::new(), Map::new());
    for one in catalog.types(store) {
        for version in catalog.versions(&one) {
            let (path, item) = operations(&one, &one.group, version, false);
            paths.insert(path, item);
            definitions.insert(
                schema_name(&one.group, version, &one.kind),
                schema(&one, &one.group, version),
            );
        }
    }
    respond::json(&json!({
        "swagger": "2.0", "info": {"title": "Kubernetes", "version": "unversioned"},
        "paths": paths, "definitions": definitions,
    }))
}

fn operations(one: &ResourceType, group: &str, version: &str, v3: bool) -> (String, Value) {
    let base = if group.is_empty() {
        format!("/api/{version}")
    } else {
        format!("/apis/{group}/{version}")
    };
    let path = if one.namespaced {
        format!("{base}/namespaces/{{namespace}}/{}/{{name}}", one.plural)
    } else {
        format!("{base}/{}/{{name}}", one.plural)
    };
    let parameter = |name: &str| {
        if v3 {
            json!({"name": name, "in": "query", "schema": {"type": "string", "uniqueItems": true}})
        } else {
            json!({"name": name, "in": "query", "type": "string", "uniqueItems": true})
        }
    };
    let operation = |action: &str| {
        json!({
            "parameters": [parameter("dryRun"), parameter("fieldManager"), parameter("fieldValidation")],
            "responses": {"200": {"description": "OK"}},
            "x-kubernetes-action": action,
            "x-kubernetes-group-version-kind": {"group": group, "version": version, "kind": one.kind},
        })
    };
    (
        path,
        json!({"patch": operation("patch"), "put": operation("put"), "post": operation("post")}),
    )
}

fn schema(one: &ResourceType, group: &str, version: &str) -> Value {
    json!({
        "description": format!("{} as the simulated server keeps it.", one.kind),
        "type": "object",
        "properties": {
            "apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": {"type": "object"},
        },
        "x-kubernetes-preserve-unknown-fields": true,
        "x-kubernetes-group-version-kind": [{"group": group, "version": version, "kind": one.kind}],
    })
}

fn schema_name(group: &str, version: &str, kind: &str) -> String {
    let head = group.split('.').next().unwrap_or_default();
    let head = if head.is_empty() { "core" } else { head };
    format!("io.k8s.api.{head}.{version}.{kind}")
}
