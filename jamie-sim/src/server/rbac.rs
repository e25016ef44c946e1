//! Who may do what: a user and a wish go in, the stored Roles and Bindings say yes or no.

use std::sync::Arc;

use serde_json::Value;

use super::auth::User;
use crate::scenario::Permission;
use crate::store::{ApiStatus, Key, Store};

const GROUP: &str = "rbac.authorization.k8s.io";

/// What somebody wants to do.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wish {
    pub(crate) verb: String,
    pub(crate) group: String,
    pub(crate) resource: String,
    pub(crate) subresource: String,
    pub(crate) namespace: Option<String>,
    pub(crate) name: String,
    /// Set instead of a resource: a path such as `/version`.
    pub(crate) path: Option<String>,
}

/// Everybody may ask these.
const OPEN_PATHS: &[&str] = &[
    "/api", "/apis", "/healthz", "/livez", "/readyz", "/openapi", "/version",
];

/// Whether the user may.
pub(crate) fn allows(store: &Store, user: &User, wish: &Wish) -> bool {
    if user.groups.iter().any(|group| group == "system:masters") {
        return true;
    }
    if let Some(path) = &wish.path
        && matches!(wish.verb.as_str(), "get" | "head")
        && OPEN_PATHS
            .iter()
            .any(|open| path == open || path.starts_with(&format!("{open}/")))
    {
        return true;
    }
    // Anybody may ask what they themselves may do.
    if wish.verb == "create" && wish.resource.starts_with("selfsubject") {
        return true;
    }
    rules_of(store, user, wish.namespace.as_deref())
        .iter()
        .any(|rule| grants(rule, wish))
}

/// Whether somebody may do something, as a scenario file puts it.
pub(crate) fn may(store: &Store, access: &Permission) -> bool {
    let user = User {
        name: access.user.clone(),
        groups: access.groups.clone(),
        uid: None,
    };
    let (resource, subresource) = access
        .resource
        .split_once('/')
        .unwrap_or((access.resource.as_str(), ""));
    let wish = Wish {
        verb: access.verb.clone(),
        group: access.group.clone(),
        resource: resource.to_owned(),
        subresource: subresource.to_owned(),
        namespace: access.namespace.clone(),
        name: access.name.clone(),
        path: None,
    };
    allows(store, &user, &wish)
}

/// The rules that hold for a user in a namespace.
pub(crate) fn rules_of(store: &Store, user: &User, namespace: Option<&str>) -> Vec<Value> {
    let mut rules = Vec::new();
    let mut collect = |bindings: Vec<Arc<Value>>| {
        for binding in bindings {
            let of = binding.pointer("/metadata/namespace").and_then(Value::as_str);
            let subjects = binding.get("subjects").and_then(Value::as_array);
            if subjects.is_some_and(|subjects| subjects.iter().any(|subject| is(subject, user, of))) {
                rules.extend(role_rules(store, &binding, of));
            }
        }
    };
    collect(store.list(GROUP, "clusterrolebindings", None));
    if let Some(namespace) = namespace {
        collect(store.list(GROUP, "rolebindings", Some(namespace)));
    }
    rules
}

/// The rules of the role that a binding refers to; none where there is no such role.
pub(crate) fn role_rules(store: &Store, binding: &Value, namespace: Option<&str>) -> Vec<Value> {
    let text = |pointer: &str| {
        binding
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let name = text("/roleRef/name");
    let key = match (text("/roleRef/kind"), namespace) {
        ("Role", Some(namespace)) => Key::namespaced(GROUP, "roles", namespace, name),
        _ => Key::cluster(GROUP, "clusterroles", name),
    };
    let role = store.get(&key);
    if role.is_none() {
        return well_known(name);
    }
    let rules = role
        .as_ref()
        .and_then(|role| role.get("rules"))
        .and_then(Value::as_array);
    rules.cloned().unwrap_or_default()
}

/// The user-facing roles that every cluster has, stored or not.
fn well_known(role: &str) -> Vec<Value> {
    let verbs: &[&str] = match role {
        "cluster-admin" => {
            return vec![
                serde_json::json!({"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}),
                serde_json::json!({"verbs": ["*"], "nonResourceURLs": ["*"]}),
            ];
        }
        "view" => &["get", "list", "watch"],
        "admin" | "edit" => &[
            "get",
            "list",
            "watch",
            "create",
            "update",
            "patch",
            "delete",
            "deletecollection",
        ],
        _ => return Vec::new(),
    };
    let reads = &["get", "list", "watch"];
    let mut core = vec![
        "pods",
        "services",
        "configmaps",
        "persistentvolumeclaims",
        "replicationcontrollers",
        "serviceaccounts",
        "endpoints",
    ];
    if role != "view" {
        core.extend(["secrets", "pods/eviction", "pods/exec", "pods/portforward"]);
    }
    let looked_at = [
        "pods/log",
        "pods/status",
        "events",
        "resourcequotas",
        "limitranges",
        "namespaces",
    ];
    let groups = ["apps", "batch", "autoscaling", "networking.k8s.io", "policy"];
    let mut rules = vec![
        serde_json::json!({"verbs": verbs, "apiGroups": [""], "resources": core}),
        serde_json::json!({"verbs": reads, "apiGroups": [""], "resources": looked_at}),
        serde_json::json!({"verbs": verbs, "resources": ["*"], "apiGroups": groups}),
        serde_json::json!({"verbs": reads, "resources": ["*"], "apiGroups": ["discovery.k8s.io", "metrics.k8s.io"]}),
    ];
    if role == "admin" {
        rules.push(
            serde_json::json!({"verbs": verbs, "apiGroups": [GROUP], "resources": ["roles", "rolebindings"]}),
        );
    }
    rules
}

fn is(subject: &Value, user: &User, namespace: Option<&str>) -> bool {
    let text = |field: &str| subject.get(field).and_then(Value::as_str).unwrap_or_default();
    match text("kind") {
        "User" => text("name") == user.name,
        "Group" => user.groups.iter().any(|group| group == text("name")),
        "ServiceAccount" => {
            let namespace = subject
                .get("namespace")
                .and_then(Value::as_str)
                .or(namespace)
                .unwrap_or_default();
            user.name == format!("system:serviceaccount:{namespace}:{}", text("name"))
        }
        _ => false,
    }
}

fn grants(rule: &Value, wish: &Wish) -> bool {
    let has = |field: &str, wanted: &str| {
        let list = rule.get(field).and_then(Value::as_array);
        list.is_some_and(|list| list.iter().any(|one| one == "*" || one == wanted))
    };
    if !has("verbs", &wish.verb) {
        return false;
    }
    if let Some(path) = &wish.path {
        let urls = rule.get("nonResourceURLs").and_then(Value::as_array);
        return urls
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .any(|url| match url.strip_suffix('*') {
                Some(prefix) => path.starts_with(prefix),
                None => path == url,
            });
    }
    let resource = if wish.subresource.is_empty() {
        has("resources", &wish.resource)
    } else {
        has("resources", &format!("{}/{}", wish.resource, wish.subresource))
            || has("resources", &format!("*/{}", wish.subresource))
    };
    let names = rule
        .get("resourceNames")
        .and_then(Value::as_array)
        .filter(|names| !names.is_empty());
    let fits = names.is_none_or(|names| names.iter().any(|one| *one == wish.name));
    has("apiGroups", &wish.group) && resource && fits
}

/// The refusal, worded as the real server words it.
pub(crate) fn forbidden(user: &User, wish: &Wish) -> ApiStatus {
    if let Some(path) = &wish.path {
        let message = format!(
            "forbidden: User \"{}\" cannot {} path \"{path}\"",
            user.name, wish.verb
        );
        return ApiStatus::forbidden(message).with_details(serde_json::json!({}));
    }
    let dotted = if wish.group.is_empty() {
        wish.resource.clone()
    } else {
        format!("{}.{}", wish.resource, wish.group)
    };
    let shown = if wish.name.is_empty() {
        String::new()
    } else {
        format!(" \"{}\"", wish.name)
    };
    let slash = if wish.subresource.is_empty() {
        String::new()
    } else {
        format!("/{}", wish.subresource)
    };
    let place = match &wish.namespace {
        Some(namespace) => format!("in the namespace \"{namespace}\""),
        None => "at the cluster scope".to_owned(),
    };
    let message = format!(
        "{dotted}{shown} is forbidden: User \"{}\" cannot {} resource \"{}{slash}\" in API group \"{}\" {place}",
        user.name, wish.verb, wish.resource, wish.group
    );
    ApiStatus::forbidden(message)
        .with_details(serde_json::json!({"name": wish.name, "group": wish.group, "kind": wish.resource}))
}
