//! Pods that are refused because a ResourceQuota is used up, or wants requests that they do not set.
//!
//! Checks: `quota-exceeded`, `quota-needs-requests`, `quota-full`.
//! Where no event tells, the quota's figures and the pods that are missing do.

use std::collections::BTreeMap;

use jamie_core::{Evidence, NextStep, ObjectRef, Severity, Verdict};
use k8s_openapi::{
    api::core::v1::{Container, Pod, ResourceQuota},
    apimachinery::pkg::api::resource::Quantity,
};

use super::{
    refusals::{self, Refusal},
    template::Template,
};
use crate::{
    fault::{Depth, Fault},
    quantity,
    scheduling::demand_of,
    snapshot::{Snapshot, reference},
    wording,
};

/// Amounts by resource, in thousandths.
type Amounts<'a> = BTreeMap<&'a str, u128>;

pub(crate) fn check(snapshot: &Snapshot) -> Vec<Fault> {
    let mut faults: Vec<Fault> = refusals::all(snapshot)
        .iter()
        .filter_map(|refusal| told(snapshot, refusal))
        .collect();
    for (template, missing) in refusals::short_of_pods(snapshot) {
        if !faults.iter().any(|fault| fault.object.is_same(&template.object)) {
            faults.extend(worked_out(snapshot, &template, missing));
        }
    }
    for quota in &snapshot.quotas {
        let object = reference(quota.as_ref());
        if !faults
            .iter()
            .any(|fault| fault.blames.iter().any(|blamed| blamed.is_same(&object)))
        {
            faults.extend(full(quota));
        }
    }
    faults
}

/// The server said so: "exceeded quota: compute, requested: memory=1Gi, used: memory=4Gi, limited: memory=4Gi".
fn told(snapshot: &Snapshot, refusal: &Refusal) -> Option<Fault> {
    let message = refusal.message.as_str();
    let (check, rest) = match (
        message.split_once("exceeded quota: "),
        message.split_once("failed quota: "),
    ) {
        (Some((_, rest)), _) => ("quota-exceeded", rest),
        (None, Some((_, rest))) => ("quota-needs-requests", rest),
        (None, None) => return None,
    };
    let quota = rest.split([',', ':', ' ']).next().unwrap_or_default().trim();
    let namespace = refusal.object.namespace.as_deref().unwrap_or("default");
    let detail = rest
        .get(quota.len()..)
        .unwrap_or_default()
        .trim_start_matches([',', ':', ' ']);
    let mut fault = if check == "quota-exceeded" {
        exceeded(&refusal.object, namespace, quota, &wording::clip(detail, 260))
    } else {
        needs_requests(
            &refusal.object,
            namespace,
            quota,
            detail.trim_start_matches("must specify ").trim_end_matches('.'),
        )
    };
    fault.since = refusal.since;
    fault.evidence.push(refusal.evidence.clone());
    fault
        .evidence
        .extend(snapshot.quota(namespace, quota).map(|quota| figures(quota)));
    Some(fault)
}

fn exceeded(object: &ObjectRef, namespace: &str, quota: &str, detail: &str) -> Fault {
    let mut fault = Fault::new(
        "quota-exceeded",
        Severity::Error,
        Depth::Cause,
        object.clone(),
        format!(
            "`{}` cannot get its pods: ResourceQuota `{quota}` of namespace `{namespace}` is used up",
            object.path()
        ),
    );
    fault.cause = format!(
        "The API server refuses the pod (exceeded quota): {}.",
        detail.trim_end_matches('.')
    );
    fault.key = format!("ResourceQuota/{namespace}/{quota}");
    fault
        .blames
        .push(ObjectRef::namespaced("ResourceQuota", namespace, quota));
    fault.remedy = Some(NextStep::command(
        "Raise the quota, or free some of it: scale something down or lower its requests",
        format!("kubectl edit resourcequota {quota} -n {namespace}"),
    ));
    fault.next_check = Some(NextStep::command(
        "See what is used of it",
        format!("kubectl describe resourcequota {quota} -n {namespace}"),
    ));
    fault
}

fn needs_requests(object: &ObjectRef, namespace: &str, quota: &str, what: &str) -> Fault {
    let mut fault = Fault::new(
        "quota-needs-requests",
        Severity::Error,
        Depth::Cause,
        object.clone(),
        format!(
            "`{}` cannot get its pods: ResourceQuota `{quota}` wants every container to set {}",
            object.path(),
            wording::clip(what, 120)
        ),
    );
    fault.cause = "A quota on a resource makes its request or limit mandatory; the containers do not set it, and no LimitRange gives a default.".into();
    fault.key = format!("ResourceQuota/{namespace}/{quota}#unset");
    fault
        .blames
        .push(ObjectRef::namespaced("ResourceQuota", namespace, quota));
    fault.remedy = Some(NextStep::command(
        "Set requests and limits on the containers",
        format!(
            "kubectl set resources {} --requests=cpu=100m,memory=128Mi --limits=cpu=500m,memory=256Mi",
            super::template::kubectl(object)
        ),
    ));
    fault
}

/// What a quota allows and what is taken of it, in thousandths.
fn amounts(quota: &ResourceQuota) -> (Amounts<'_>, Amounts<'_>) {
    let status = quota.status.as_ref();
    let hard = status
        .and_then(|status| status.hard.as_ref())
        .or(quota.spec.as_ref().and_then(|spec| spec.hard.as_ref()));
    (read(hard), read(status.and_then(|status| status.used.as_ref())))
}

fn read(list: Option<&BTreeMap<String, Quantity>>) -> Amounts<'_> {
    list.into_iter()
        .flatten()
        .filter_map(|(name, amount)| Some((name.as_str(), quantity::milli(amount)?)))
        .collect()
}

fn figures(quota: &ResourceQuota) -> Evidence {
    let (hard, used) = amounts(quota);
    let lines: Vec<String> = hard
        .iter()
        .map(|(name, hard)| {
            format!(
                "{name}: {} of {}",
                quantity::show(name, used.get(name).copied().unwrap_or(0)),
                quantity::show(name, *hard)
            )
        })
        .collect();
    Evidence::new(reference(quota).to_string(), lines.join("\n"), None)
}

/// No event, but pods are missing and one more would not fit.
fn worked_out(snapshot: &Snapshot, template: &Template<'_>, missing: usize) -> Option<Fault> {
    let namespace = template.namespace;
    let pod = Pod {
        spec: Some(template.spec.clone()),
        ..Pod::default()
    };
    let demand = demand_of(&pod);
    let limits = limits(template);
    for quota in snapshot
        .quotas
        .iter()
        .filter(|quota| quota.metadata.namespace.as_deref() == Some(namespace))
    {
        let spec = quota.spec.as_ref()?;
        if spec.scopes.as_ref().is_some_and(|scopes| !scopes.is_empty()) || spec.scope_selector.is_some() {
            continue;
        }
        let name = quota.metadata.name.as_deref().unwrap_or_default();
        let (hard, used) = amounts(quota);
        let has_defaults = snapshot
            .limit_ranges
            .iter()
            .any(|range| range.metadata.namespace.as_deref() == Some(namespace));
        for (resource, hard) in &hard {
            let need = match *resource {
                "pods" | "count/pods" => 1_000,
                "cpu" | "requests.cpu" => demand.of("cpu"),
                "memory" | "requests.memory" => demand.of("memory"),
                "limits.cpu" => limits.get("cpu").copied().unwrap_or(0),
                "limits.memory" => limits.get("memory").copied().unwrap_or(0),
                _ => continue,
            };
            let is_unset = need == 0 && resource.contains(['c', 'm']) && !resource.contains("pods");
            let mut fault = if is_unset && !has_defaults {
                needs_requests(&template.object, namespace, name, resource)
            } else if let Some(taken) = used.get(resource).filter(|taken| *taken + need > *hard) {
                exceeded(
                    &template.object,
                    namespace,
                    name,
                    &format!(
                        "{resource} stands at {} of {}, and one more pod asks for {}",
                        quantity::show(resource, *taken),
                        quantity::show(resource, *hard),
                        quantity::show(resource, need),
                    ),
                )
            } else {
                continue;
            };
            fault.verdict = Verdict::Likely;
            fault.cause = format!(
                "{} missing. {}",
                if missing == 1 {
                    "1 pod is".to_owned()
                } else {
                    format!("{missing} pods are")
                },
                fault.cause
            );
            fault.evidence.push(figures(quota));
            return Some(fault);
        }
    }
    None
}

/// The limits of the pod's containers, added up; of a resource that one of them leaves open, none.
fn limits(template: &Template<'_>) -> BTreeMap<String, u128> {
    let mut sum: BTreeMap<String, u128> = BTreeMap::new();
    let of = |container: &Container, resource: &str| {
        container
            .resources
            .as_ref()
            .and_then(|resources| resources.limits.as_ref()?.get(resource))
            .and_then(quantity::milli)
    };
    for resource in ["cpu", "memory"] {
        let all: Option<Vec<u128>> = template
            .spec
            .containers
            .iter()
            .map(|container| of(container, resource))
            .collect();
        if let Some(all) = all {
            sum.insert(resource.to_owned(), all.iter().sum());
        }
    }
    sum
}

/// Nothing has failed yet, but the next pod will.
fn full(quota: &ResourceQuota) -> Option<Fault> {
    let (hard, used) = amounts(quota);
    let full: Vec<String> = hard
        .iter()
        .filter(|(name, hard)| **hard > 0 && used.get(*name).is_some_and(|used| used >= hard))
        .map(|(name, hard)| format!("{name} {}", quantity::show(name, *hard)))
        .collect();
    if full.is_empty() {
        return None;
    }
    let object = reference(quota);
    let mut fault = Fault::new(
        "quota-full",
        Severity::Info,
        Depth::Cause,
        object.clone(),
        format!("ResourceQuota `{}` is used up", object.path()),
    );
    fault.cause = format!(
        "All of {} is taken: the next pod that asks for some will be refused.",
        wording::list(&full, 4)
    );
    fault.key = format!("ResourceQuota/{}", object.path());
    fault.evidence.push(figures(quota));
    Some(fault)
}
