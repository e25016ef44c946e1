//! Rows of what runs pods: deployments and their kin, jobs, autoscalers.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::duration::seconds;
use super::{age, human, name};
use crate::server::fields::{flag, list, number, pairs, text};

pub(super) const DEPLOYMENT: &[&str] = &["Name", "Ready", "Up-to-date", "Available", "Age"];
pub(super) const REPLICA_SET: &[&str] = &["Name", "Desired", "Current", "Ready", "Age"];
pub(super) const DAEMON_SET: &[&str] = &[
    "Name",
    "Desired",
    "Current",
    "Ready",
    "Up-to-date",
    "Available",
    "Node Selector",
    "Age",
];
pub(super) const CRON_JOB: &[&str] = &[
    "Name",
    "Schedule",
    "Timezone",
    "Suspend",
    "Active",
    "Last Schedule",
    "Age",
];
pub(super) const AUTOSCALER: &[&str] = &[
    "Name",
    "Reference",
    "Targets",
    "MinPods",
    "MaxPods",
    "Replicas",
    "Age",
];
pub(super) const IMAGES: &[&str] = &["Containers", "Images", "Selector"];

fn desired(object: &Value) -> i64 {
    object
        .pointer("/spec/replicas")
        .and_then(Value::as_i64)
        .unwrap_or(1)
}

fn joined(object: &Value, base: &str, field: &str) -> Value {
    let containers = list(object, &format!("{base}/spec/containers"));
    let values: Vec<&str> = containers
        .iter()
        .map(|one| text(one, &format!("/{field}")))
        .collect();
    json!(values.join(","))
}

pub(super) fn selector(selector: &Value) -> String {
    let mut parts: Vec<String> = pairs(selector, "/matchLabels")
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    for one in list(selector, "/matchExpressions") {
        let values: Vec<&str> = list(one, "/values").iter().filter_map(Value::as_str).collect();
        let key = text(one, "/key");
        parts.push(match text(one, "/operator") {
            "Exists" => key.to_owned(),
            "DoesNotExist" => format!("!{key}"),
            "NotIn" => format!("{key} notin ({})", values.join(",")),
            _ => format!("{key} in ({})", values.join(",")),
        });
    }
    if parts.is_empty() {
        "<none>".to_owned()
    } else {
        parts.join(",")
    }
}

fn tail(object: &Value) -> [Value; 3] {
    let found = object
        .pointer("/spec/selector")
        .map_or_else(|| "<none>".to_owned(), selector);
    [
        joined(object, "/spec/template", "name"),
        joined(object, "/spec/template", "image"),
        json!(found),
    ]
}

pub(super) fn deployment(object: &Value, now: Timestamp) -> Vec<Value> {
    let mut cells = vec![
        json!(name(object)),
        json!(format!(
            "{}/{}",
            number(object, "/status/readyReplicas"),
            desired(object)
        )),
        json!(number(object, "/status/updatedReplicas")),
        json!(number(object, "/status/availableReplicas")),
        json!(age(object, now)),
    ];
    cells.extend(tail(object));
    cells
}

pub(super) fn replica_set(object: &Value, now: Timestamp) -> Vec<Value> {
    let mut cells = vec![
        json!(name(object)),
        json!(desired(object)),
        json!(number(object, "/status/replicas")),
        json!(number(object, "/status/readyReplicas")),
        json!(age(object, now)),
    ];
    cells.extend(tail(object));
    cells
}

pub(super) fn stateful_set(object: &Value, now: Timestamp) -> Vec<Value> {
    vec![
        json!(name(object)),
        json!(format!(
            "{}/{}",
            number(object, "/status/readyReplicas"),
            desired(object)
        )),
        json!(age(object, now)),
        joined(object, "/spec/template", "name"),
        joined(object, "/spec/template", "image"),
    ]
}

pub(super) fn daemon_set(object: &Value, now: Timestamp) -> Vec<Value> {
    let count = |field: &str| json!(number(object, &format!("/status/{field}")));
    let labels: Vec<String> = pairs(object, "/spec/template/spec/nodeSelector")
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    let mut cells = vec![
        json!(name(object)),
        count("desiredNumberScheduled"),
        count("currentNumberScheduled"),
        count("numberReady"),
        count("updatedNumberScheduled"),
        count("numberAvailable"),
        json!(if labels.is_empty() {
            "<none>".to_owned()
        } else {
            labels.join(",")
        }),
        json!(age(object, now)),
    ];
    cells.extend(tail(object));
    cells
}

pub(super) fn revision(object: &Value, now: Timestamp) -> Vec<Value> {
    let owner = list(object, "/metadata/ownerReferences").first();
    let owner = owner.map_or_else(
        || "<none>".to_owned(),
        |owner| {
            format!(
                "{}.apps/{}",
                text(owner, "/kind").to_ascii_lowercase(),
                text(owner, "/name")
            )
        },
    );
    vec![
        json!(name(object)),
        json!(owner),
        json!(number(object, "/revision")),
        json!(age(object, now)),
    ]
}

pub(super) fn job(object: &Value, now: Timestamp) -> Vec<Value> {
    let has = |kind: &str| {
        let conditions = list(object, "/status/conditions");
        conditions
            .iter()
            .any(|one| text(one, "/type") == kind && text(one, "/status") == "True")
    };
    let state = if has("Complete") {
        "Complete"
    } else if has("Failed") {
        "Failed"
    } else if object.pointer("/metadata/deletionTimestamp").is_some() {
        "Terminating"
    } else if has("Suspended") {
        "Suspended"
    } else if has("FailureTarget") {
        "FailureTarget"
    } else if has("SuccessCriteriaMet") {
        "SuccessCriteriaMet"
    } else {
        "Running"
    };
    let done = number(object, "/status/succeeded");
    let completions = match object.pointer("/spec/completions").and_then(Value::as_i64) {
        Some(wanted) => format!("{done}/{wanted}"),
        None => match number(object, "/spec/parallelism") {
            ..=1 => format!("{done}/1"),
            parallel => format!("{done}/1 of {parallel}"),
        },
    };
    let time = |pointer: &str| text(object, pointer).parse::<Timestamp>().ok();
    let duration = match (time("/status/startTime"), time("/status/completionTime")) {
        (None, _) => String::new(),
        (Some(start), end) => seconds(end.unwrap_or(now).as_second() - start.as_second()),
    };
    let mut cells = vec![
        json!(name(object)),
        json!(state),
        json!(completions),
        json!(duration),
        json!(age(object, now)),
    ];
    cells.extend(tail(object));
    cells
}

pub(super) fn cron_job(object: &Value, now: Timestamp) -> Vec<Value> {
    let last = match text(object, "/status/lastScheduleTime") {
        "" => "<none>".to_owned(),
        time => human(time, now),
    };
    let zone = match text(object, "/spec/timeZone") {
        "" => "<none>",
        zone => zone,
    };
    let suspended = if flag(object, "/spec/suspend") {
        "True"
    } else {
        "False"
    };
    vec![
        json!(name(object)),
        json!(text(object, "/spec/schedule")),
        json!(zone),
        json!(suspended),
        json!(list(object, "/status/active").len()),
        json!(last),
        json!(age(object, now)),
        joined(object, "/spec/jobTemplate/spec/template", "name"),
        joined(object, "/spec/jobTemplate/spec/template", "image"),
        json!("<none>"),
    ]
}

pub(super) fn autoscaler(object: &Value, now: Timestamp) -> Vec<Value> {
    let reference = format!(
        "{}/{}",
        text(object, "/spec/scaleTargetRef/kind"),
        text(object, "/spec/scaleTargetRef/name")
    );
    let targets: Vec<String> = list(object, "/spec/metrics")
        .iter()
        .enumerate()
        .map(|(place, metric)| target(metric, list(object, "/status/currentMetrics").get(place)))
        .collect();
    let targets = if targets.is_empty() {
        "<unknown>".to_owned()
    } else {
        targets.join(", ")
    };
    let least = object
        .pointer("/spec/minReplicas")
        .and_then(Value::as_i64)
        .unwrap_or(1);
    vec![
        json!(name(object)),
        json!(reference),
        json!(targets),
        json!(least.to_string()),
        json!(number(object, "/spec/maxReplicas")),
        json!(number(object, "/status/currentReplicas")),
        json!(age(object, now)),
    ]
}

fn target(metric: &Value, current: Option<&Value>) -> String {
    let kind = match text(metric, "/type") {
        "ContainerResource" => "containerResource",
        "Pods" => "pods",
        "Object" => "object",
        "External" => "external",
        _ => "resource",
    };
    let at = |of: &Value, side: &str| {
        let values = of.pointer(&format!("/{kind}/{side}"));
        values.map(|values| match number(values, "/averageUtilization") {
            0 if !text(values, "/averageValue").is_empty() => text(values, "/averageValue").to_owned(),
            0 if !text(values, "/value").is_empty() => text(values, "/value").to_owned(),
            percent => format!("{percent}%"),
        })
    };
    let now = current
        .and_then(|current| at(current, "current"))
        .unwrap_or_else(|| "<unknown>".to_owned());
    let wanted = at(metric, "target").unwrap_or_else(|| "<auto>".to_owned());
    match text(metric, &format!("/{kind}/name")) {
        "" => format!("{now}/{wanted}"),
        name => format!("{name}: {now}/{wanted}"),
    }
}
