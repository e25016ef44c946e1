//! A workload in, its containers out, and which of them is meant.

use jamie_core::{Error, ErrorKind, ObjectRef, Result};
use serde_json::{Value, json};

use super::text;
use crate::wording;

/// Where a kind keeps its pods' template.
pub(super) fn template_pointer(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "Job" => "/spec/template",
        "CronJob" => "/spec/jobTemplate/spec/template",
        _ => return None,
    })
}

/// A patch of the template's containers.
pub(super) fn template_patch(kind: &str, containers: Value) -> Value {
    let template = json!({"spec": {"containers": containers}});
    if kind == "CronJob" {
        json!({"spec": {"jobTemplate": {"spec": {"template": template}}}})
    } else {
        json!({"spec": {"template": template}})
    }
}

/// The containers of a workload's template.
pub(super) fn containers<'o>(target: &ObjectRef, object: &'o Value) -> Result<Vec<&'o Value>> {
    let template = template_pointer(&target.kind).ok_or_else(|| {
        super::unfit(
            target,
            "changed like that",
            "Deployments, StatefulSets, DaemonSets and CronJobs",
        )
    })?;
    Ok(object
        .pointer(&format!("{template}/spec/containers"))
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .collect())
}

/// The container that is meant: the named one, the only one, or the only one that `likely` holds of.
pub(super) fn choose<'o>(
    target: &ObjectRef,
    object: &'o Value,
    named: Option<&str>,
    likely: impl Fn(&Value) -> bool,
) -> Result<&'o Value> {
    let all = containers(target, object)?;
    let names: Vec<&str> = all.iter().map(|one| text(one, "/name")).collect();
    if let Some(name) = named {
        return all
            .iter()
            .find(|one| text(one, "/name") == name)
            .copied()
            .ok_or_else(|| {
                Error::new(
                    ErrorKind::NotFound,
                    format!(
                        "{target} has no container `{name}`; it has {}",
                        wording::code_list(&names, 6)
                    ),
                )
                .with_hint("name one of these")
            });
    }
    if let [only] = all.as_slice() {
        return Ok(only);
    }
    let fitting: Vec<&&Value> = all.iter().filter(|one| likely(one)).collect();
    if let [only] = fitting.as_slice() {
        return Ok(only);
    }
    // A container named like its workload is the main one, the others are its helpers.
    if let Some(main) = all.iter().find(|one| text(one, "/name") == target.name) {
        return Ok(main);
    }
    Err(Error::new(
        ErrorKind::Ambiguous,
        format!(
            "which container of {target}? It has {}",
            wording::code_list(&names, 6)
        ),
    )
    .with_hint("name the container: \"… of the api container\""))
}
