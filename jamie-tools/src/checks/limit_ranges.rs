//! Pods that are refused because their requests or limits are outside of what a LimitRange allows.
//!
//! Check: `limit-range`.

use jamie_core::{Evidence, NextStep, ObjectRef, Severity, Verdict};
use k8s_openapi::api::core::v1::{Container, LimitRange, LimitRangeItem};

use super::{
    refusals::{self, Refusal},
    template::Template,
};
use crate::{
    fault::{Depth, Fault},
    quantity,
    snapshot::{Snapshot, reference},
    wording,
};

pub(crate) fn check(snapshot: &Snapshot) -> Vec<Fault> {
    let mut faults: Vec<Fault> = refusals::all(snapshot)
        .iter()
        .filter_map(|refusal| told(snapshot, refusal))
        .collect();
    for (template, _) in refusals::short_of_pods(snapshot) {
        if !faults.iter().any(|fault| fault.object.is_same(&template.object)) {
            faults.extend(worked_out(snapshot, &template));
        }
    }
    faults
}

/// "maximum memory usage per Container is 512Mi, but limit is 1Gi".
fn told(snapshot: &Snapshot, refusal: &Refusal) -> Option<Fault> {
    let message = refusal.message.as_str();
    let is_limit = message.contains(" usage per ") || message.contains("limit to request ratio per ");
    if !is_limit {
        return None;
    }
    let detail = message
        .rsplit("forbidden: ")
        .next()
        .unwrap_or(message)
        .trim_start_matches('[')
        .trim_end_matches([']', '.']);
    let namespace = refusal.object.namespace.as_deref().unwrap_or("default");
    let range = snapshot
        .limit_ranges
        .iter()
        .find(|range| range.metadata.namespace.as_deref() == Some(namespace));
    let mut fault = fault(
        &refusal.object,
        range.map(AsRef::as_ref),
        &wording::clip(detail, 260),
    );
    fault.since = refusal.since;
    fault.evidence.push(refusal.evidence.clone());
    Some(fault)
}

fn fault(object: &ObjectRef, range: Option<&LimitRange>, detail: &str) -> Fault {
    let namespace = object.namespace.as_deref().unwrap_or("default");
    let name = range.and_then(|range| range.metadata.name.as_deref());
    let named = name.map_or_else(
        || "a LimitRange".to_owned(),
        |name| format!("LimitRange `{name}`"),
    );
    let mut fault = Fault::new(
        "limit-range",
        Severity::Error,
        Depth::Cause,
        object.clone(),
        format!(
            "`{}` cannot get its pods: {named} of namespace `{namespace}` forbids their size",
            object.path()
        ),
    );
    fault.cause = format!("The API server refuses the pod: {detail}.");
    fault.key = format!("LimitRange/{namespace}/{}", name.unwrap_or("?"));
    fault.blames.extend(range.map(reference));
    fault.remedy = Some(NextStep::command(
        "Bring the containers' requests and limits within it, or widen the LimitRange",
        format!("kubectl describe limitrange -n {namespace}"),
    ));
    fault
}

/// No event, but pods are missing and their containers are outside of the range.
fn worked_out(snapshot: &Snapshot, template: &Template<'_>) -> Option<Fault> {
    let ranges = snapshot
        .limit_ranges
        .iter()
        .filter(|range| range.metadata.namespace.as_deref() == Some(template.namespace));
    for range in ranges {
        let items = range
            .spec
            .iter()
            .flat_map(|spec| &spec.limits)
            .filter(|item| item.type_ == "Container");
        for item in items {
            let outside = template
                .spec
                .containers
                .iter()
                .find_map(|container| outside(container, item));
            if let Some(detail) = outside {
                let mut fault = fault(&template.object, Some(range), &detail);
                fault.verdict = Verdict::Likely;
                fault
                    .evidence
                    .push(Evidence::new(reference(range.as_ref()).to_string(), detail, None));
                return Some(fault);
            }
        }
    }
    None
}

fn outside(container: &Container, item: &LimitRangeItem) -> Option<String> {
    let resources = container.resources.as_ref()?;
    for (resource, most) in item.max.iter().flatten() {
        let limit = resources.limits.as_ref().and_then(|limits| limits.get(resource));
        let request = resources
            .requests
            .as_ref()
            .and_then(|requests| requests.get(resource));
        if let Some(asked) = limit.or(request)
            && quantity::milli(asked) > quantity::milli(most)
        {
            return Some(format!(
                "maximum {resource} usage per Container is {}, but `{}` has {}",
                most.0, container.name, asked.0
            ));
        }
    }
    for (resource, least) in item.min.iter().flatten() {
        let request = resources
            .requests
            .as_ref()
            .and_then(|requests| requests.get(resource));
        if let Some(asked) = request
            && quantity::milli(asked) < quantity::milli(least)
        {
            return Some(format!(
                "minimum {resource} usage per Container is {}, but `{}` asks for {}",
                least.0, container.name, asked.0
            ));
        }
    }
    None
}
