//! Rows of rules and registrations: budgets, quotas, bindings, priority classes, webhooks.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{age, name};
use crate::server::fields::{flag, list, number, text};

pub(super) const BUDGET: &[&str] = &[
    "Name",
    "Min Available",
    "Max Unavailable",
    "Allowed Disruptions",
    "Age",
];

pub(super) fn budget(object: &Value, now: Timestamp) -> Vec<Value> {
    let or_none = |pointer: &str| match object.pointer(pointer) {
        Some(Value::String(value)) => value.clone(),
        Some(value) => value.to_string(),
        None => "N/A".to_owned(),
    };
    vec![
        json!(name(object)),
        json!(or_none("/spec/minAvailable")),
        json!(or_none("/spec/maxUnavailable")),
        json!(number(object, "/status/disruptionsAllowed")),
        json!(age(object, now)),
    ]
}

pub(super) fn quota(object: &Value, now: Timestamp) -> Vec<Value> {
    let (mut requests, mut limits) = (Vec::new(), Vec::new());
    let hard = object
        .pointer("/status/hard")
        .or_else(|| object.pointer("/spec/hard"))
        .and_then(Value::as_object);
    for (resource, hard) in hard.into_iter().flatten() {
        let used = object
            .get("status")
            .and_then(|status| status.get("used"))
            .and_then(|used| used.get(resource));
        let used = used.and_then(Value::as_str).unwrap_or("0");
        let entry = format!("{resource}: {used}/{}", hard.as_str().unwrap_or_default());
        if resource.starts_with("limits.") {
            limits.push(entry);
        } else {
            requests.push(entry);
        }
    }
    vec![
        json!(name(object)),
        json!(requests.join(", ")),
        json!(limits.join(", ")),
        json!(age(object, now)),
    ]
}

pub(super) fn service_account(object: &Value, now: Timestamp) -> Vec<Value> {
    vec![
        json!(name(object)),
        json!(list(object, "/secrets").len()),
        json!(age(object, now)),
    ]
}

pub(super) fn binding(object: &Value, now: Timestamp) -> Vec<Value> {
    let role = format!(
        "{}/{}",
        text(object, "/roleRef/kind"),
        text(object, "/roleRef/name")
    );
    let of = |kind: &str| {
        let subjects = list(object, "/subjects")
            .iter()
            .filter(|one| text(one, "/kind") == kind);
        let names = subjects.map(|one| match text(one, "/namespace") {
            "" => text(one, "/name").to_owned(),
            namespace => format!("{namespace}/{}", text(one, "/name")),
        });
        names.collect::<Vec<_>>().join(", ")
    };
    vec![
        json!(name(object)),
        json!(role),
        json!(age(object, now)),
        json!(of("User")),
        json!(of("Group")),
        json!(of("ServiceAccount")),
    ]
}

pub(super) fn priority_class(object: &Value, now: Timestamp) -> Vec<Value> {
    let preemption = match text(object, "/preemptionPolicy") {
        "" => "PreemptLowerPriority",
        found => found,
    };
    vec![
        json!(name(object)),
        json!(number(object, "/value")),
        json!(flag(object, "/globalDefault")),
        json!(age(object, now)),
        json!(preemption),
    ]
}

pub(super) fn api_service(object: &Value, now: Timestamp) -> Vec<Value> {
    let service = match text(object, "/spec/service/name") {
        "" => "Local".to_owned(),
        service => format!("{}/{service}", text(object, "/spec/service/namespace")),
    };
    let condition = list(object, "/status/conditions")
        .iter()
        .find(|one| text(one, "/type") == "Available");
    let available = match condition {
        None => "Unknown".to_owned(),
        Some(one) if text(one, "/status") == "True" => "True".to_owned(),
        Some(one) => format!("{} ({})", text(one, "/status"), text(one, "/reason")),
    };
    vec![
        json!(name(object)),
        json!(service),
        json!(available),
        json!(age(object, now)),
    ]
}

pub(super) fn lease(object: &Value, now: Timestamp) -> Vec<Value> {
    vec![
        json!(name(object)),
        json!(text(object, "/spec/holderIdentity")),
        json!(age(object, now)),
    ]
}

pub(super) fn webhook(object: &Value, now: Timestamp) -> Vec<Value> {
    vec![
        json!(name(object)),
        json!(list(object, "/webhooks").len()),
        json!(age(object, now)),
    ]
}
