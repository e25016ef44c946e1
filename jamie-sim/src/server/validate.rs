//! What the server refuses: an object goes in, a complaint in the real server's words comes out
//! when it has the wrong shape, lacks what it needs or changes what may not change.

mod pods;
mod problems;
mod shape;
mod unchangeable;

use serde_json::Value;

use super::fields::{list, number, text};
use super::resources::ResourceType;
use crate::store::ApiStatus;

pub(crate) use shape::{quantities, shape};
pub(crate) use unchangeable::unchangeable;

use problems::Problems;

/// Refuses an object whose content makes no sense.
pub(crate) fn content(kind: &ResourceType, object: &Value) -> Result<(), ApiStatus> {
    let mut problems = Problems::new(kind, object);
    name(kind, object, &mut problems);
    match (kind.group.as_str(), kind.plural.as_str()) {
        ("", "pods") => pods::spec(object.pointer("/spec"), "spec", &mut problems),
        ("apps", "deployments" | "replicasets" | "statefulsets" | "daemonsets") => {
            workload(object, &mut problems);
        }
        ("batch", "jobs") => job(object.pointer("/spec"), "spec", &mut problems),
        ("batch", "cronjobs") => cron_job(object, &mut problems),
        ("", "services") => service(object, &mut problems),
        ("", "persistentvolumeclaims") => claim(object, &mut problems),
        ("", "configmaps" | "secrets") => keys(object, &mut problems),
        ("autoscaling", _) => autoscaler(object, &mut problems),
        ("policy", "poddisruptionbudgets")
            if object.pointer("/spec/minAvailable").is_some()
                && object.pointer("/spec/maxUnavailable").is_some() =>
        {
            problems.invalid(
                "spec",
                object.pointer("/spec"),
                "minAvailable and maxUnavailable cannot be both set",
            );
        }
        ("apiextensions.k8s.io", _) => definition(object, &mut problems),
        _ => {}
    }
    problems.verdict()
}

fn name(kind: &ResourceType, object: &Value, problems: &mut Problems) {
    let name = text(object, "/metadata/name");
    let generated = !text(object, "/metadata/generateName").is_empty();
    if name.is_empty() {
        if !generated {
            problems.required("metadata.name", "name or generateName is required");
        }
    } else if kind.group == "rbac.authorization.k8s.io" || kind.plural == "apiservices" {
        if name.contains(['/', '%']) || matches!(name, "." | "..") {
            problems.invalid(
                "metadata.name",
                Some(&Value::from(name)),
                "may not contain '/' or '%'",
            );
        }
    } else if matches!(kind.plural.as_str(), "services" | "namespaces") {
        label("metadata.name", name, kind.plural == "services", problems);
    } else if !is_subdomain(name) {
        problems.invalid("metadata.name", Some(&Value::from(name)), SUBDOMAIN);
    }
    let labels = object.pointer("/metadata/labels").and_then(Value::as_object);
    for value in labels
        .into_iter()
        .flatten()
        .filter_map(|(_, value)| value.as_str())
    {
        let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let ends = |c: Option<char>| c.is_none_or(|c| c.is_ascii_alphanumeric());
        if value.len() > 63
            || !value.chars().all(inner)
            || !ends(value.chars().next())
            || !ends(value.chars().last())
        {
            let why = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', \
                       and must start and end with an alphanumeric character";
            problems.invalid("metadata.labels", Some(&Value::from(value)), why);
        }
    }
}

const SUBDOMAIN: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and \
     must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is \
     '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

fn is_label(text: &str, letter_first: bool) -> bool {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let first = |c: char| c.is_ascii_lowercase() || (!letter_first && c.is_ascii_digit());
    !text.is_empty()
        && text.len() <= 63
        && text.chars().all(inner)
        && text.chars().next().is_some_and(first)
        && !text.ends_with('-')
}

fn is_subdomain(text: &str) -> bool {
    text.len() <= 253
        && text
            .split('.')
            .all(|part| is_label(part, false) || (part.len() > 63 && is_long_label(part)))
}

fn is_long_label(text: &str) -> bool {
    text.chars()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

fn label(field: &str, text: &str, letter_first: bool, problems: &mut Problems) {
    if is_label(text, letter_first) {
        return;
    }
    let why = if letter_first {
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic \
         character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation \
         is '[a-z]([-a-z0-9]*[a-z0-9])?')"
    } else {
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end \
         with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is \
         '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
    };
    problems.invalid(field, Some(&Value::from(text)), why);
}

fn workload(object: &Value, problems: &mut Problems) {
    if number(object, "/spec/replicas") < 0 {
        problems.invalid(
            "spec.replicas",
            object.pointer("/spec/replicas"),
            "must be greater than or equal to 0",
        );
    }
    match object.pointer("/spec/selector") {
        None => problems.required("spec.selector", ""),
        Some(selector) => {
            let labels = object.pointer("/spec/template/metadata/labels");
            let empty = selector.as_object().is_none_or(serde_json::Map::is_empty);
            if empty {
                let kind = text(object, "/kind").to_ascii_lowercase();
                let why = format!("empty selector is invalid for {kind}");
                problems.invalid("spec.selector", Some(selector), &why);
            } else if !crate::object::matches_labels(Some(selector), labels) {
                let why = "`selector` does not match template `labels`";
                problems.invalid("spec.template.metadata.labels", labels, why);
            }
        }
    }
    // The claims that a StatefulSet makes for its pods are volumes of theirs.
    let mut template = object.pointer("/spec/template/spec").cloned();
    let claims = object
        .pointer("/spec/volumeClaimTemplates")
        .and_then(Value::as_array);
    if let (Some(claims), Some(template)) = (claims, &mut template) {
        let mut volumes: Vec<Value> = claims
            .iter()
            .map(|claim| serde_json::json!({"name": claim.pointer("/metadata/name")}))
            .collect();
        volumes.extend(
            template
                .get("volumes")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .cloned(),
        );
        template["volumes"] = Value::Array(volumes);
    }
    pods::spec(template.as_ref(), "spec.template.spec", problems);
    let policy = text(object, "/spec/template/spec/restartPolicy");
    if !matches!(policy, "" | "Always") {
        problems.unsupported("spec.template.spec.restartPolicy", policy, &["Always"]);
    }
}

fn job(spec: Option<&Value>, path: &str, problems: &mut Problems) {
    let Some(spec) = spec else {
        problems.required(path, "");
        return;
    };
    pods::spec(
        spec.pointer("/template/spec"),
        &format!("{path}.template.spec"),
        problems,
    );
    let policy = text(spec, "/template/spec/restartPolicy");
    if !matches!(policy, "OnFailure" | "Never") {
        problems.unsupported(
            &format!("{path}.template.spec.restartPolicy"),
            policy,
            &["OnFailure", "Never"],
        );
    }
}

fn cron_job(object: &Value, problems: &mut Problems) {
    let schedule = text(object, "/spec/schedule");
    if schedule.is_empty() {
        problems.required("spec.schedule", "");
    } else if !schedule.starts_with('@') {
        let found = schedule.split_whitespace().count();
        let parsed: Result<croner::Cron, _> = schedule.parse();
        let why = match (found, parsed) {
            (5, Ok(_)) => None,
            (5, Err(_)) => Some(format!("failed to parse schedule: {schedule}")),
            _ => Some(format!("expected exactly 5 fields, found {found}: [{schedule}]")),
        };
        if let Some(why) = why {
            problems.invalid("spec.schedule", object.pointer("/spec/schedule"), &why);
        }
    }
    job(
        object.pointer("/spec/jobTemplate/spec"),
        "spec.jobTemplate.spec",
        problems,
    );
}

fn service(object: &Value, problems: &mut Problems) {
    let kind = text(object, "/spec/type");
    let ports = list(object, "/spec/ports");
    let headless = text(object, "/spec/clusterIP") == "None";
    if kind == "ExternalName" {
        if text(object, "/spec/externalName").is_empty() {
            problems.required("spec.externalName", "");
        }
        return;
    }
    if !matches!(kind, "" | "ClusterIP" | "NodePort" | "LoadBalancer") {
        problems.unsupported(
            "spec.type",
            kind,
            &["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"],
        );
    }
    if ports.is_empty() && !headless {
        problems.required("spec.ports", "");
    }
    for (place, port) in ports.iter().enumerate() {
        let field = |name: &str| format!("spec.ports[{place}].{name}");
        if !(1..=65535).contains(&number(port, "/port")) {
            problems.invalid(
                &field("port"),
                port.get("port"),
                "must be between 1 and 65535, inclusive",
            );
        }
        if ports.len() > 1 && text(port, "/name").is_empty() {
            problems.required(&field("name"), "");
        }
    }
}

fn claim(object: &Value, problems: &mut Problems) {
    if list(object, "/spec/accessModes").is_empty() {
        problems.required("spec.accessModes", "at least 1 access mode is required");
    }
    if object.pointer("/spec/resources/requests/storage").is_none() {
        problems.required("spec.resources[storage]", "");
    }
}

fn keys(object: &Value, problems: &mut Problems) {
    for part in ["data", "binaryData", "stringData"] {
        let map = object.get(part).and_then(Value::as_object);
        for key in map.into_iter().flatten().map(|(key, _)| key) {
            let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            if key.is_empty()
                || key.len() > 253
                || !key.chars().all(fits)
                || matches!(key.as_str(), "." | "..")
            {
                let why = "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. \
                           'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
                problems.invalid(&format!("{part}[{key}]"), Some(&Value::from(key.as_str())), why);
            }
        }
    }
}

fn autoscaler(object: &Value, problems: &mut Problems) {
    let most = number(object, "/spec/maxReplicas");
    let least = object
        .pointer("/spec/minReplicas")
        .and_then(Value::as_i64)
        .unwrap_or(1);
    if most < 1 {
        problems.invalid(
            "spec.maxReplicas",
            object.pointer("/spec/maxReplicas"),
            "must be greater than 0",
        );
    } else if most < least {
        let why = "must be greater than or equal to `minReplicas`";
        problems.invalid("spec.maxReplicas", object.pointer("/spec/maxReplicas"), why);
    }
    if text(object, "/spec/scaleTargetRef/kind").is_empty() {
        problems.required("spec.scaleTargetRef.kind", "");
    }
    if text(object, "/spec/scaleTargetRef/name").is_empty() {
        problems.required("spec.scaleTargetRef.name", "");
    }
}

fn definition(object: &Value, problems: &mut Problems) {
    let wanted = format!(
        "{}.{}",
        text(object, "/spec/names/plural"),
        text(object, "/spec/group")
    );
    if text(object, "/metadata/name") != wanted {
        let why = "must be spec.names.plural+\".\"+spec.group";
        problems.invalid("metadata.name", object.pointer("/metadata/name"), why);
    }
    if list(object, "/spec/versions").is_empty() {
        problems.required("spec.versions", "");
    }
}
