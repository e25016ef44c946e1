//! Containers that the kubelet cannot put together: CreateContainerConfigError.
//!
//! Check: `container-config`. What is missing is usually named by the references check as well, as the cause.

use jamie_core::{NextStep, ObjectRef, Severity};

use super::{
    containers::{self, Group},
    happened,
    template::kubectl,
};
use crate::{
    fault::{Depth, Fault},
    snapshot::Snapshot,
    wording,
};

pub(crate) fn check(snapshot: &Snapshot) -> Vec<Fault> {
    let groups = containers::grouped(snapshot, |seen| {
        let (reason, message) = seen.waiting()?;
        (reason == "CreateContainerConfigError").then(|| message.to_owned())
    });
    groups
        .into_iter()
        .filter_map(|(message, group)| fault(snapshot, &message, &group))
        .collect()
}

fn fault(snapshot: &Snapshot, message: &str, group: &Group<'_>) -> Option<Fault> {
    let seen = group.first()?;
    let event = containers::container_event(snapshot, seen, &["Failed"], |text| text.starts_with("Error: "));
    let told = event
        .map(|event| happened::message(event).trim_start_matches("Error: "))
        .unwrap_or_default();
    let message = if message.is_empty() { told } else { message };
    let name = group.workload.path();
    let label = seen.label();
    let mut fault = group.fault(
        "container-config",
        containers::severity(snapshot, &group.workload).max(Severity::Error),
        Depth::Failure,
        format!(
            "`{name}` cannot start{}: {label} cannot be configured (CreateContainerConfigError)",
            containers::share(snapshot, group)
        ),
    );
    let namespace = group.workload.namespace.clone().unwrap_or_default();
    if let Some((kind, object, key)) = missing(message) {
        let what = match &key {
            Some(key) => format!("the key `{key}` is missing in the {kind} `{object}`"),
            None => format!("the {kind} `{object}` does not exist"),
        };
        fault.title = format!(
            "`{name}` cannot start{}: {what} (CreateContainerConfigError)",
            containers::share(snapshot, group)
        );
        fault.cause = format!(
            "{} needs it: {what} in namespace `{namespace}`",
            wording::sentence(&label)
        );
        fault.key = format!(
            "{kind}/{namespace}/{object}#{}",
            key.as_deref().unwrap_or_default()
        );
        fault
            .blames
            .push(ObjectRef::namespaced(kind, namespace.as_str(), object.as_str()));
        fault.depth = Depth::Cause;
        fault.remedy = Some(NextStep::command(
            format!("Create what is missing, or correct the name in `{name}`"),
            format!(
                "kubectl -n {namespace} get {} {object} -o yaml",
                kind.to_ascii_lowercase()
            ),
        ));
    } else {
        fault.cause = explain(message, &label, group);
        fault.depth = if fault.cause.is_empty() {
            Depth::Failure
        } else {
            Depth::Cause
        };
        if fault.cause.is_empty() {
            fault.cause = format!("the kubelet says: {}", wording::said(message, 240));
        }
        fault.next_check = Some(NextStep::command(
            "See the pod's events",
            format!("kubectl describe {}", kubectl(&seen.pod_ref())),
        ));
    }
    fault.evidence.push(containers::evidence(seen));
    if let Some(event) = event {
        fault.evidence.push(happened::evidence(event));
    }
    fault.since = containers::since(snapshot, seen);
    Some(fault)
}

fn explain(message: &str, label: &str, group: &Group<'_>) -> String {
    let text = message.to_ascii_lowercase();
    if text.contains("runasnonroot") && text.contains("root") {
        if text.contains("non-numeric") {
            format!(
                "{label} must not run as root (`runAsNonRoot: true`), and the image names its user by name, so the \
                 kubelet cannot tell: set a numeric `runAsUser`"
            )
        } else {
            format!(
                "{label} must not run as root (`runAsNonRoot: true`), but its image runs as root: set `runAsUser` to a \
                 number other than 0, or use an image with another user"
            )
        }
    } else if text.contains("subpath") {
        format!(
            "a volume with a `subPath` of {label} cannot be prepared: {}",
            wording::clip(message, 200)
        )
    } else if text.contains("environment variable") || text.contains("envfrom") {
        format!(
            "a variable of {label} cannot be made: {}",
            wording::clip(message, 200)
        )
    } else {
        let _ = group;
        String::new()
    }
}

/// Kind, name and key of what a kubelet's message says is missing.
fn missing(message: &str) -> Option<(&'static str, String, Option<String>)> {
    let lower = message.to_ascii_lowercase();
    let kind = if lower.contains("configmap") {
        "ConfigMap"
    } else if lower.contains("secret") {
        "Secret"
    } else {
        return None;
    };
    if let Some(rest) = message.split("couldn't find key ").nth(1) {
        // couldn't find key KEY in ConfigMap NAMESPACE/NAME
        let key = rest.split_whitespace().next()?;
        let object = rest.split_whitespace().find(|word| word.contains('/'))?;
        let object = object.rsplit('/').next()?.trim_matches(['"', '.', ',']);
        return Some((kind, object.to_owned(), Some(key.trim_matches('"').to_owned())));
    }
    if lower.contains("not found") {
        let object = message.split('"').nth(1)?;
        let object = object.rsplit('/').next()?;
        return (!object.is_empty()).then(|| (kind, object.to_owned(), None));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::missing;

    #[test]
    fn reads_what_is_missing() {
        assert_eq!(
            missing("configmap \"app\" not found"),
            Some(("ConfigMap", "app".into(), None))
        );
        assert_eq!(
            missing("couldn't find key URL in Secret shop/db"),
            Some(("Secret", "db".into(), Some("URL".into())))
        );
        assert_eq!(missing("something else"), None);
    }
}
