//! Rows of nodes, namespaces and events.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{age, human, name};
use crate::server::fields::{flag, list, number, pairs, text};

pub(super) const PLAIN: &[&str] = &["Name", "Status", "Roles", "Age", "Version"];
pub(super) const WIDE: &[&str] = &[
    "Internal-IP",
    "External-IP",
    "OS-Image",
    "Kernel-Version",
    "Container-Runtime",
];
pub(super) const EVENT_PLAIN: &[&str] = &["Last Seen", "Type", "Reason", "Object", "Message"];
pub(super) const EVENT_WIDE: &[&str] = &["Subobject", "Source", "First Seen", "Count", "Name"];

pub(super) fn cells(node: &Value, now: Timestamp) -> Vec<Value> {
    let ready = list(node, "/status/conditions")
        .iter()
        .find(|one| text(one, "/type") == "Ready");
    let mut status = match ready.map(|one| text(one, "/status")) {
        Some("True") => "Ready",
        Some(_) => "NotReady",
        None => "Unknown",
    }
    .to_owned();
    if flag(node, "/spec/unschedulable") {
        status.push_str(",SchedulingDisabled");
    }
    let roles: Vec<&str> = pairs(node, "/metadata/labels")
        .filter_map(
            |(label, value)| match label.strip_prefix("node-role.kubernetes.io/") {
                Some(role) if !role.is_empty() => Some(role),
                _ if label == "kubernetes.io/role" && !value.is_empty() => Some(value),
                _ => None,
            },
        )
        .collect();
    let roles = if roles.is_empty() {
        "<none>".to_owned()
    } else {
        roles.join(",")
    };
    let address = |kind: &str| {
        let found = list(node, "/status/addresses")
            .iter()
            .find(|one| text(one, "/type") == kind);
        found.map_or("<none>", |one| text(one, "/address"))
    };
    let info = |field: &str| match text(node, &format!("/status/nodeInfo/{field}")) {
        "" => "<unknown>",
        found => found,
    };
    vec![
        json!(name(node)),
        json!(status),
        json!(roles),
        json!(age(node, now)),
        json!(text(node, "/status/nodeInfo/kubeletVersion")),
        json!(address("InternalIP")),
        json!(address("ExternalIP")),
        json!(info("osImage")),
        json!(info("kernelVersion")),
        json!(info("containerRuntimeVersion")),
    ]
}

pub(super) fn namespace(namespace: &Value, now: Timestamp) -> Vec<Value> {
    vec![
        json!(name(namespace)),
        json!(text(namespace, "/status/phase")),
        json!(age(namespace, now)),
    ]
}

pub(super) fn event(event: &Value, now: Timestamp) -> Vec<Value> {
    let or = |pointer: &str, other: &str| match text(event, pointer) {
        "" => text(event, other).to_owned(),
        found => found.to_owned(),
    };
    let first = or("/firstTimestamp", "/eventTime");
    let series = text(event, "/series/lastObservedTime");
    let last = if series.is_empty() {
        or("/lastTimestamp", "/eventTime")
    } else {
        series.to_owned()
    };
    let count = number(event, "/series/count").max(number(event, "/count")).max(1);
    let source = match (
        or("/source/component", "/reportingComponent"),
        text(event, "/source/host"),
    ) {
        (component, "") => component,
        (component, host) => format!("{component}, {host}"),
    };
    let about = text(event, "/involvedObject/kind").to_ascii_lowercase();
    vec![
        json!(human(&last, now)),
        json!(text(event, "/type")),
        json!(text(event, "/reason")),
        json!(format!("{about}/{}", text(event, "/involvedObject/name"))),
        json!(text(event, "/message").trim()),
        json!(text(event, "/involvedObject/fieldPath")),
        json!(source),
        json!(human(&first, now)),
        json!(count),
        json!(name(event)),
    ]
}
