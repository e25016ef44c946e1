//! What a pod must have: containers with names and images, volumes that exist, limits above
//! requests.

use serde_json::Value;

use super::label;
use super::problems::Problems;
use crate::quantity;
use crate::server::fields::{list, number, text};

/// Checks a pod's spec under the given path.
pub(super) fn spec(spec: Option<&Value>, path: &str, problems: &mut Problems) {
    let Some(spec) = spec else {
        problems.required(&format!("{path}.containers"), "");
        return;
    };
    if list(spec, "/containers").is_empty() {
        problems.required(&format!("{path}.containers"), "");
    }
    let policy = text(spec, "/restartPolicy");
    if !matches!(policy, "" | "Always" | "OnFailure" | "Never") {
        problems.unsupported(
            &format!("{path}.restartPolicy"),
            policy,
            &["Always", "OnFailure", "Never"],
        );
    }
    let mut volumes = Vec::new();
    for (place, volume) in list(spec, "/volumes").iter().enumerate() {
        let (name, field) = (text(volume, "/name"), format!("{path}.volumes[{place}].name"));
        if name.is_empty() {
            problems.required(&field, "");
        } else if volumes.contains(&name) {
            problems.duplicate(&field, name);
        }
        volumes.push(name);
    }
    let mut names = Vec::new();
    for part in ["initContainers", "containers"] {
        for (place, one) in list(spec, &format!("/{part}")).iter().enumerate() {
            let path = format!("{path}.{part}[{place}]");
            let name = text(one, "/name");
            if names.contains(&name) && !name.is_empty() {
                problems.duplicate(&format!("{path}.name"), name);
            }
            names.push(name);
            container(one, &path, &volumes, problems);
        }
    }
}

fn container(container: &Value, path: &str, volumes: &[&str], problems: &mut Problems) {
    let name = text(container, "/name");
    if name.is_empty() {
        problems.required(&format!("{path}.name"), "");
    } else {
        label(&format!("{path}.name"), name, false, problems);
    }
    let image = text(container, "/image");
    if image.is_empty() {
        problems.required(&format!("{path}.image"), "");
    } else if image.trim() != image {
        let why = "must not have leading or trailing whitespace";
        problems.invalid(&format!("{path}.image"), container.get("image"), why);
    }
    for (place, port) in list(container, "/ports").iter().enumerate() {
        if !(1..=65535).contains(&number(port, "/containerPort")) {
            let field = format!("{path}.ports[{place}].containerPort");
            problems.invalid(
                &field,
                port.get("containerPort"),
                "must be between 1 and 65535, inclusive",
            );
        }
    }
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        for way in ["httpGet", "tcpSocket", "grpc"] {
            let port = container.pointer(&format!("/{probe}/{way}/port"));
            if port
                .and_then(Value::as_i64)
                .is_some_and(|port| !(1..=65535).contains(&port))
            {
                let field = format!("{path}.{probe}.{way}.port");
                problems.invalid(&field, port, "must be between 1 and 65535, inclusive");
            }
        }
    }
    for (place, mount) in list(container, "/volumeMounts").iter().enumerate() {
        let name = text(mount, "/name");
        if !volumes.contains(&name) && !name.starts_with("kube-api-access") {
            problems.not_found(&format!("{path}.volumeMounts[{place}].name"), name);
        }
        if text(mount, "/mountPath").is_empty() {
            problems.required(&format!("{path}.volumeMounts[{place}].mountPath"), "");
        }
    }
    for (place, variable) in list(container, "/env").iter().enumerate() {
        if text(variable, "/name").is_empty() {
            problems.required(&format!("{path}.env[{place}].name"), "");
        }
    }
    let limits = container.pointer("/resources/limits").and_then(Value::as_object);
    for part in ["limits", "requests"] {
        let amounts = container
            .pointer(&format!("/resources/{part}"))
            .and_then(Value::as_object);
        for (resource, amount) in amounts.into_iter().flatten() {
            let field = format!("{path}.resources.{part}[{resource}]");
            let Some(value) = quantity::of(amount) else {
                let why = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
                problems.invalid(&field, Some(amount), why);
                continue;
            };
            if value < 0 {
                problems.invalid(&field, Some(amount), "must be greater than or equal to 0");
            }
            let standard = matches!(resource.as_str(), "cpu" | "memory" | "ephemeral-storage")
                || resource.starts_with("hugepages-")
                || resource.contains('/');
            if !standard {
                let name = Value::from(resource.as_str());
                problems.invalid(&field, Some(&name), "must be a standard resource for containers");
            }
            let limit = limits.and_then(|limits| limits.get(resource));
            if part == "requests"
                && let Some(limit) = limit
                && quantity::of(limit).is_some_and(|limit| value > limit)
            {
                let shown = limit.as_str().map_or_else(|| limit.to_string(), str::to_owned);
                let why = format!("must be less than or equal to {resource} limit of {shown}");
                problems.invalid(&format!("{path}.resources.requests"), Some(amount), &why);
            }
        }
    }
}
