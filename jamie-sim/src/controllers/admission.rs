//! A pod about to be created in; the pod with its namespace's defaults, or the server's refusal, out.

use serde_json::{Value, json};

use super::quota;
use crate::{
    object::{self, default_to, entries, entry, list, name, text},
    quantity,
    store::{ApiStatus, Key, Store},
};

/// Runs the admission plugins that matter here; `shown_name` stands for a name not yet generated.
pub(super) fn admit(store: &Store, pod: &mut Value, shown_name: &str) -> Result<(), ApiStatus> {
    service_account(store, pod, shown_name)?;
    priority(store, pod, shown_name)?;
    limit_ranges(store, pod)?;
    pod_security(store, pod)?;
    quota::admit(store, pod)
}

/// A refusal in the server's words.
pub(super) fn forbidden(pod: &str, why: &str) -> ApiStatus {
    ApiStatus::new(403, "Forbidden", format!("pods \"{pod}\" is forbidden: {why}"))
}

fn service_account(store: &Store, pod: &mut Value, shown_name: &str) -> Result<(), ApiStatus> {
    let namespace = object::namespace(pod).to_owned();
    default_to(&mut pod["spec"], "serviceAccountName", json!("default"));
    let account = text(pod, "/spec/serviceAccountName").to_owned();
    default_to(&mut pod["spec"], "serviceAccount", json!(account));
    let found = store.get(&Key::namespaced("", "serviceaccounts", &namespace, &account));
    let Some(found) = found else {
        if account == "default" {
            return Ok(());
        }
        let why = format!(
            "error looking up service account {namespace}/{account}: serviceaccount \"{account}\" not found"
        );
        return Err(forbidden(shown_name, &why));
    };
    if let Some(secrets) = found.get("imagePullSecrets") {
        default_to(&mut pod["spec"], "imagePullSecrets", secrets.clone());
    }
    let mounts = pod
        .pointer("/spec/automountServiceAccountToken")
        .or_else(|| found.get("automountServiceAccountToken"));
    if mounts.and_then(Value::as_bool).unwrap_or(true) {
        mount_token(pod);
    }
    Ok(())
}

fn mount_token(pod: &mut Value) {
    const PATH: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
    let volume = format!("kube-api-access-{}", super::names::letters(name(pod), 5));
    let spec = &mut pod["spec"];
    if !spec["volumes"].is_array() {
        spec["volumes"] = json!([]);
    }
    if let Some(volumes) = spec["volumes"].as_array_mut() {
        if volumes
            .iter()
            .any(|one| text(one, "/name").starts_with("kube-api-access-"))
        {
            return;
        }
        volumes.push(json!({"name": volume, "projected": {"defaultMode": 420, "sources": [
            {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
            {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
            {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}]}},
        ]}}));
    }
    for containers in ["initContainers", "containers"] {
        for container in spec
            .get_mut(containers)
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            if !container["volumeMounts"].is_array() {
                container["volumeMounts"] = json!([]);
            }
            if let Some(mounts) = container["volumeMounts"].as_array_mut() {
                mounts.push(json!({"name": volume, "mountPath": PATH, "readOnly": true}));
            }
        }
    }
}

fn priority(store: &Store, pod: &mut Value, shown_name: &str) -> Result<(), ApiStatus> {
    let class = text(pod, "/spec/priorityClassName").to_owned();
    let value = match class.as_str() {
        "" => 0,
        "system-cluster-critical" => 2_000_000_000,
        "system-node-critical" => 2_000_001_000,
        _ => match store.get(&Key::cluster("scheduling.k8s.io", "priorityclasses", &class)) {
            Some(found) => object::number(&found, "/value").unwrap_or(0),
            None => {
                return Err(forbidden(
                    shown_name,
                    &format!("no PriorityClass with name {class} was found"),
                ));
            }
        },
    };
    default_to(&mut pod["spec"], "priority", json!(value));
    default_to(
        &mut pod["spec"],
        "preemptionPolicy",
        json!("PreemptLowerPriority"),
    );
    Ok(())
}

fn limit_ranges(store: &Store, pod: &mut Value) -> Result<(), ApiStatus> {
    let pod_name = name(pod).to_owned();
    for range in store.list("", "limitranges", Some(object::namespace(pod))) {
        for limit in list(&range, "/spec/limits") {
            if text(limit, "/type") != "Container" {
                continue;
            }
            for containers in ["initContainers", "containers"] {
                for container in pod["spec"]
                    .get_mut(containers)
                    .and_then(Value::as_array_mut)
                    .into_iter()
                    .flatten()
                {
                    fill(container, limit);
                    within(container, limit).map_err(|why| forbidden(&pod_name, &why))?;
                }
            }
        }
    }
    Ok(())
}

fn fill(container: &mut Value, limit: &Value) {
    for (field, target) in [("/default", "limits"), ("/defaultRequest", "requests")] {
        for (resource, amount) in entries(limit, field) {
            let slot = object::child(object::child(container, "resources"), target);
            default_to(slot, resource, amount.clone());
        }
    }
    // A limit without a request asks for the limit.
    let limits = container
        .pointer("/resources/limits")
        .cloned()
        .unwrap_or_default();
    for (resource, amount) in limits.as_object().into_iter().flatten() {
        default_to(
            object::child(&mut container["resources"], "requests"),
            resource,
            amount.clone(),
        );
    }
}

fn within(container: &Value, limit: &Value) -> Result<(), String> {
    let given = |kind: &str, resource: &str| {
        container
            .pointer(&format!("/resources/{kind}"))
            .and_then(|all| all.get(resource))
    };
    for (resource, most) in entries(limit, "/max") {
        match given("limits", resource) {
            None => {
                return Err(format!(
                    "maximum {resource} usage per Container is {}. No limit is specified",
                    show(most)
                ));
            }
            Some(amount) if quantity::of(amount) > quantity::of(most) => {
                return Err(format!(
                    "maximum {resource} usage per Container is {}, but limit is {}",
                    show(most),
                    show(amount)
                ));
            }
            Some(_) => {}
        }
    }
    for (resource, least) in entries(limit, "/min") {
        match given("requests", resource) {
            None => {
                return Err(format!(
                    "minimum {resource} usage per Container is {}. No request is specified",
                    show(least)
                ));
            }
            Some(amount) if quantity::of(amount) < quantity::of(least) => {
                return Err(format!(
                    "minimum {resource} usage per Container is {}, but request is {}",
                    show(least),
                    show(amount)
                ));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

fn show(amount: &Value) -> String {
    amount.as_str().map_or_else(|| amount.to_string(), str::to_owned)
}

/// The parts of the Pod Security Standards that workloads break most.
fn pod_security(store: &Store, pod: &Value) -> Result<(), ApiStatus> {
    let Some(namespace) = store.get(&Key::cluster("", "namespaces", object::namespace(pod))) else {
        return Ok(());
    };
    let Some(level) = entry(
        &namespace,
        "/metadata/labels",
        "pod-security.kubernetes.io/enforce",
    ) else {
        return Ok(());
    };
    let version = entry(
        &namespace,
        "/metadata/labels",
        "pod-security.kubernetes.io/enforce-version",
    )
    .unwrap_or("latest");
    let mut broken = Vec::new();
    let all: Vec<&Value> = list(pod, "/spec/initContainers")
        .iter()
        .chain(list(pod, "/spec/containers"))
        .collect();
    let named = |wrong: &dyn Fn(&Value) -> bool| -> Option<String> {
        let names: Vec<String> = all
            .iter()
            .filter(|one| wrong(one))
            .map(|one| format!("\"{}\"", text(one, "/name")))
            .collect();
        match names.len() {
            0 => None,
            1 => Some(format!("container {}", names.join(""))),
            _ => Some(format!("containers {}", names.join(", "))),
        }
    };
    if level == "privileged" {
        return Ok(());
    }
    for (field, what) in [
        ("hostNetwork", "host namespaces (hostNetwork=true)"),
        ("hostPID", "host namespaces (hostPID=true)"),
    ] {
        if object::flag(pod, &format!("/spec/{field}")) {
            broken.push(what.to_owned());
        }
    }
    if let Some(who) = named(&|one| object::flag(one, "/securityContext/privileged")) {
        broken.push(format!(
            "privileged ({who} must not set securityContext.privileged=true)"
        ));
    }
    let host_paths: Vec<String> = list(pod, "/spec/volumes")
        .iter()
        .filter(|volume| volume.get("hostPath").is_some())
        .map(|volume| format!("\"{}\"", text(volume, "/name")))
        .collect();
    if !host_paths.is_empty() {
        broken.push(format!("hostPath volumes (volume {})", host_paths.join(", ")));
    }
    if level == "restricted" {
        if let Some(who) =
            named(&|one| one.pointer("/securityContext/allowPrivilegeEscalation") != Some(&json!(false)))
        {
            broken.push(format!("allowPrivilegeEscalation != false ({who} must set securityContext.allowPrivilegeEscalation=false)"));
        }
        if let Some(who) =
            named(&|one| !list(one, "/securityContext/capabilities/drop").contains(&json!("ALL")))
        {
            broken.push(format!(
                "unrestricted capabilities ({who} must set securityContext.capabilities.drop=[\"ALL\"])"
            ));
        }
        let pod_runs = object::flag(pod, "/spec/securityContext/runAsNonRoot");
        if let Some(who) = named(&|one| {
            !one.pointer("/securityContext/runAsNonRoot")
                .and_then(Value::as_bool)
                .unwrap_or(pod_runs)
        }) {
            broken.push(format!(
                "runAsNonRoot != true (pod or {who} must set securityContext.runAsNonRoot=true)"
            ));
        }
        let profile = |value: &Value| {
            matches!(
                text(value, "/securityContext/seccompProfile/type"),
                "RuntimeDefault" | "Localhost"
            )
        };
        let pod_profile = profile(&pod["spec"]);
        if let Some(who) = named(&|one| !profile(one) && !pod_profile) {
            broken.push(format!("seccompProfile (pod or {who} must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\")"));
        }
    }
    if broken.is_empty() {
        return Ok(());
    }
    Err(forbidden(
        name(pod),
        &format!(
            "violates PodSecurity \"{level}:{version}\": {}",
            broken.join(", ")
        ),
    ))
}
