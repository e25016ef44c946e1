//! Autoscalers that cannot scale: no target, no metrics, no requests to measure against, no room left, or two
//! that pull at one workload.
//!
//! Checks: `autoscaler-target-missing`, `autoscaler-no-metrics`, `autoscaler-no-requests`, `autoscaler-at-max`,
//! `autoscaler-unable`, `autoscalers-compete`, `autoscaler-off`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jamie_core::{Evidence, NextStep, ObjectRef, Severity, Verdict};
use k8s_openapi::api::{
    autoscaling::v2::{HorizontalPodAutoscaler, HorizontalPodAutoscalerCondition},
    core::v1::PodSpec,
};

use super::{nearest::nearest, template};
use crate::{
    fault::{Depth, Fault},
    snapshot::{Snapshot, reference},
    template::template_of,
    wording,
};

pub(crate) fn check(snapshot: &Snapshot) -> Vec<Fault> {
    let mut faults: Vec<Fault> = snapshot
        .autoscalers
        .iter()
        .filter_map(|autoscaler| of_autoscaler(snapshot, autoscaler))
        .collect();
    faults.extend(competing(snapshot));
    faults
}

/// An autoscaler with its names at hand.
struct Case<'a> {
    snapshot: &'a Snapshot,
    autoscaler: &'a HorizontalPodAutoscaler,
    object: ObjectRef,
    target: ObjectRef,
}

impl Case<'_> {
    fn fault(&self, check: &'static str, severity: Severity, title: String) -> Fault {
        let mut fault = Fault::new(check, severity, Depth::Cause, self.object.clone(), title);
        fault.key = format!("HorizontalPodAutoscaler/{}", self.object.path());
        fault.blames.push(self.target.clone());
        fault.next_check = Some(NextStep::command(
            "See what the autoscaler says",
            format!(
                "kubectl describe hpa {} -n {}",
                self.object.name,
                self.object.namespace.as_deref().unwrap_or("default")
            ),
        ));
        fault
    }

    fn condition(&self, type_: &str) -> Option<&HorizontalPodAutoscalerCondition> {
        let conditions = self.autoscaler.status.as_ref()?.conditions.as_ref()?;
        conditions.iter().find(|condition| condition.type_ == type_)
    }
}

fn of_autoscaler(snapshot: &Snapshot, autoscaler: &HorizontalPodAutoscaler) -> Option<Fault> {
    let object = reference(autoscaler);
    let wanted = &autoscaler.spec.scale_target_ref;
    let namespace = object.namespace.clone().unwrap_or_default();
    let target = ObjectRef::namespaced(wanted.kind.as_str(), namespace.as_str(), wanted.name.as_str());
    let case = Case {
        snapshot,
        autoscaler,
        object,
        target,
    };
    if snapshot.exists(&case.target) == Some(false) {
        return Some(target_missing(&case));
    }
    let replicas = replicas(snapshot, &case.target);
    if replicas == Some(0) {
        let mut fault = case.fault(
            "autoscaler-off",
            Severity::Info,
            format!(
                "Autoscaler `{}` rests: its target is scaled to 0",
                case.object.path()
            ),
        );
        fault.cause =
            "An autoscaler leaves a workload with 0 replicas alone until somebody scales it up.".into();
        return Some(fault);
    }
    metrics(&case)
        .or_else(|| no_requests(&case))
        .or_else(|| unable(&case))
        .or_else(|| at_max(&case))
}

fn replicas(snapshot: &Snapshot, target: &ObjectRef) -> Option<i32> {
    let namespace = target.namespace.as_deref().unwrap_or_default();
    match target.kind.as_str() {
        "Deployment" => snapshot.deployment(namespace, &target.name)?.spec.replicas,
        "StatefulSet" => snapshot.stateful_set(namespace, &target.name)?.spec.replicas,
        "ReplicaSet" => snapshot.replica_set(namespace, &target.name)?.spec.replicas,
        _ => None,
    }
}

fn target_missing(case: &Case<'_>) -> Fault {
    let (kind, name) = (case.target.kind.as_str(), case.target.name.as_str());
    let namespace = case.object.namespace.as_deref().unwrap_or("default");
    let mut fault = case.fault(
        "autoscaler-target-missing",
        Severity::Error,
        format!(
            "Autoscaler `{}` scales {kind} `{name}`, which does not exist",
            case.object.path()
        ),
    );
    let names: Vec<&str> = match kind {
        "Deployment" => case
            .snapshot
            .deployments
            .iter()
            .map(|one| &one.metadata)
            .collect::<Vec<_>>(),
        "StatefulSet" => case
            .snapshot
            .stateful_sets
            .iter()
            .map(|one| &one.metadata)
            .collect(),
        _ => Vec::new(),
    }
    .into_iter()
    .filter(|metadata| metadata.namespace.as_deref() == Some(namespace))
    .filter_map(|metadata| metadata.name.as_deref())
    .collect();
    fault.cause =
        format!("Namespace `{namespace}` has no {kind} `{name}`, so nothing is scaled (FailedGetScale).");
    if let Some(meant) = nearest(name, names.iter().copied()) {
        _ = write!(fault.cause, " Perhaps `{meant}` is meant.");
    }
    fault.evidence.push(Evidence::new(
        format!("{} scaleTargetRef", case.object),
        format!("{kind} {name}"),
        None,
    ));
    fault.remedy = Some(NextStep::command(
        "Correct the target, or delete the autoscaler",
        format!("kubectl edit hpa {} -n {namespace}", case.object.name),
    ));
    fault
}

/// The autoscaler itself says that it has nothing to go by.
fn metrics(case: &Case<'_>) -> Option<Fault> {
    let condition = case
        .condition("ScalingActive")
        .filter(|condition| condition.status == "False")?;
    let reason = condition.reason.as_deref().unwrap_or_default();
    let message = condition.message.as_deref().unwrap_or_default();
    if reason == "ScalingDisabled" {
        return None;
    }
    // Pods that have just come up have not been measured yet.
    let since = condition.last_transition_time.as_ref().map(|time| time.0);
    let is_fresh = since.is_some_and(|since| {
        case.snapshot
            .taken_at
            .as_second()
            .saturating_sub(since.as_second())
            < 90
    });
    if is_fresh && message.contains("did not receive metrics for") {
        return None;
    }
    let mut fault = if message.contains("missing request for") {
        let mut fault = no_requests_fault(case, "cpu", &containers_without(case, "cpu"));
        if message.contains("missing request for memory") {
            fault = no_requests_fault(case, "memory", &containers_without(case, "memory"));
        }
        fault
    } else {
        let mut fault = case.fault(
            "autoscaler-no-metrics",
            Severity::Error,
            format!(
                "Autoscaler `{}` gets no metrics, so it does not scale ({reason})",
                case.object.path()
            ),
        );
        fault.cause = format!("It says: {}.", wording::said(message, 240));
        let group = [
            "external.metrics.k8s.io",
            "custom.metrics.k8s.io",
            "metrics.k8s.io",
        ]
        .into_iter()
        .find(|group| message.contains(group));
        let group = group.unwrap_or(match reason {
            "FailedGetExternalMetric" => "external.metrics.k8s.io",
            "FailedGetPodsMetric" | "FailedGetObjectMetric" => "custom.metrics.k8s.io",
            _ => "metrics.k8s.io",
        });
        let apis: Vec<_> = case
            .snapshot
            .api_services
            .iter()
            .filter(|api| api.spec.as_ref().and_then(|spec| spec.group.as_deref()) == Some(group))
            .collect();
        if apis.is_empty() && case.snapshot.may_see("APIService", None) {
            _ = write!(
                fault.cause,
                " No API `{group}` is registered: {} is not installed.",
                if group == "metrics.k8s.io" {
                    "metrics-server"
                } else {
                    "its metrics adapter"
                }
            );
        }
        fault
            .blames
            .extend(apis.iter().map(|api| reference(api.as_ref())));
        fault.remedy = Some(NextStep::command(
            "See whether metrics arrive at all",
            "kubectl top pods -A; kubectl get apiservices | grep metrics",
        ));
        fault
    };
    fault.since = since;
    fault.evidence.push(Evidence::new(
        format!("{} condition ScalingActive", case.object),
        format!("{reason}: {message}"),
        since,
    ));
    Some(fault)
}

/// Resources that the autoscaler measures in per cent of the request.
fn measured<'a>(case: &Case<'a>) -> Vec<(&'a str, Option<&'a str>)> {
    case.autoscaler
        .spec
        .metrics
        .iter()
        .flatten()
        .filter_map(|metric| {
            if let Some(resource) = &metric.resource
                && resource.target.average_utilization.is_some()
            {
                return Some((resource.name.as_str(), None));
            }
            let resource = metric.container_resource.as_ref()?;
            resource.target.average_utilization?;
            Some((resource.name.as_str(), Some(resource.container.as_str())))
        })
        .collect()
}

fn spec<'a>(case: &Case<'a>) -> Option<&'a PodSpec> {
    // Pods show what a LimitRange or a webhook has added; the template is what was written.
    let snapshot: &'a Snapshot = case.snapshot;
    let pod = snapshot
        .pods_of(&case.target)
        .into_iter()
        .find(|pod| template::is_live(pod));
    pod.and_then(|pod| pod.spec.as_ref())
        .or_else(|| template_of(snapshot, &case.target)?.spec.as_ref())
}

fn containers_without(case: &Case<'_>, resource: &str) -> Vec<String> {
    let Some(spec) = spec(case) else { return Vec::new() };
    let pod_level = spec
        .resources
        .as_ref()
        .and_then(|resources| resources.requests.as_ref()?.get(resource));
    if pod_level.is_some() {
        return Vec::new();
    }
    template::serving_containers(spec)
        .filter(|container| {
            let resources = container.resources.as_ref();
            let has =
                |list: Option<&BTreeMap<String, _>>| list.is_some_and(|list| list.contains_key(resource));
            // A limit alone becomes the request as well.
            !has(resources.and_then(|resources| resources.requests.as_ref()))
                && !has(resources.and_then(|resources| resources.limits.as_ref()))
        })
        .map(|container| container.name.clone())
        .collect()
}

fn no_requests(case: &Case<'_>) -> Option<Fault> {
    for (resource, container) in measured(case) {
        let mut lacking = containers_without(case, resource);
        if let Some(container) = container {
            lacking.retain(|name| name == container);
        }
        if !lacking.is_empty() {
            return Some(no_requests_fault(case, resource, &lacking));
        }
    }
    None
}

fn no_requests_fault(case: &Case<'_>, resource: &str, lacking: &[String]) -> Fault {
    let mut fault = case.fault(
        "autoscaler-no-requests",
        Severity::Error,
        format!(
            "Autoscaler `{}` cannot work: the containers of `{}` set no {resource} request",
            case.object.path(),
            case.target.path()
        ),
    );
    fault.cause = format!(
        "It measures {resource} in per cent of the request, and {} no {resource} request: utilisation shows as <unknown>.",
        if lacking.is_empty() {
            "a container has".to_owned()
        } else if lacking.len() == 1 {
            format!("container {} has", wording::code_list(lacking, 3))
        } else {
            format!("containers {} have", wording::code_list(lacking, 3))
        },
    );
    fault.evidence.push(Evidence::new(
        format!("{} pod template", case.target),
        format!("without resources.requests.{resource}: {}", lacking.join(", ")),
        None,
    ));
    fault.remedy = Some(NextStep::command(
        format!("Set a {resource} request"),
        format!(
            "kubectl set resources {} --requests={resource}={}",
            template::kubectl(&case.target),
            if resource == "memory" { "256Mi" } else { "100m" }
        ),
    ));
    fault
}

fn unable(case: &Case<'_>) -> Option<Fault> {
    let condition = case
        .condition("AbleToScale")
        .filter(|condition| condition.status == "False")?;
    let reason = condition.reason.as_deref().unwrap_or_default();
    if reason == "BackoffBoth" || reason == "BackoffUpscale" || reason == "BackoffDownscale" {
        return None;
    }
    let message = condition.message.as_deref().unwrap_or_default();
    let mut fault = case.fault(
        "autoscaler-unable",
        Severity::Error,
        format!(
            "Autoscaler `{}` cannot scale its target ({reason})",
            case.object.path()
        ),
    );
    fault.cause = format!("It says: {}.", wording::said(message, 240));
    fault.since = condition.last_transition_time.as_ref().map(|time| time.0);
    fault.evidence.push(Evidence::new(
        format!("{} condition AbleToScale", case.object),
        format!("{reason}: {message}"),
        fault.since,
    ));
    Some(fault)
}

/// As many as allowed, and still above the target.
fn at_max(case: &Case<'_>) -> Option<Fault> {
    let status = case.autoscaler.status.as_ref()?;
    let most = case.autoscaler.spec.max_replicas;
    let least = case.autoscaler.spec.min_replicas.unwrap_or(1);
    let current = status.current_replicas.unwrap_or(0);
    if current < most || most <= least {
        return None;
    }
    let mut over: Vec<String> = Vec::new();
    for metric in case
        .autoscaler
        .spec
        .metrics
        .iter()
        .flatten()
        .filter_map(|metric| metric.resource.as_ref())
    {
        let now = status
            .current_metrics
            .iter()
            .flatten()
            .filter_map(|metric| metric.resource.as_ref())
            .find(|current| current.name == metric.name)
            .and_then(|current| current.current.average_utilization);
        if let (Some(now), Some(target)) = (now, metric.target.average_utilization)
            && now > target.saturating_add(target / 10)
        {
            over.push(format!(
                "{} stands at {now} %, the target is {target} %",
                metric.name
            ));
        }
    }
    let limited = case.condition("ScalingLimited").filter(|condition| {
        condition.status == "True" && condition.reason.as_deref() == Some("TooManyReplicas")
    });
    if over.is_empty() && limited.is_none() {
        return None;
    }
    let mut fault = case.fault(
        "autoscaler-at-max",
        Severity::Warning,
        format!(
            "Autoscaler `{}` is at its maximum of {} and wants more",
            case.object.path(),
            wording::count(usize::try_from(most).unwrap_or(0), "replica")
        ),
    );
    fault.cause = if over.is_empty() {
        "By its metrics more replicas are wanted than `maxReplicas` allows (TooManyReplicas).".to_owned()
    } else {
        format!("{}.", wording::sentence(&over.join("; ")))
    };
    fault.verdict = Verdict::Confirmed;
    fault.since = limited
        .and_then(|condition| condition.last_transition_time.as_ref())
        .map(|time| time.0);
    fault.evidence.push(Evidence::new(
        format!("{} status", case.object),
        format!(
            "currentReplicas: {current}, maxReplicas: {most}; {}",
            over.join("; ")
        ),
        Some(case.snapshot.taken_at),
    ));
    fault.remedy = Some(NextStep::command(
        "Allow more replicas, or give each one more to work with",
        format!(
            "kubectl patch hpa {} -n {} --type merge -p '{{\"spec\":{{\"maxReplicas\":{}}}}}'",
            case.object.name,
            case.object.namespace.as_deref().unwrap_or("default"),
            most.saturating_mul(2)
        ),
    ));
    Some(fault)
}

/// Two autoscalers on one workload undo each other's work.
fn competing(snapshot: &Snapshot) -> Vec<Fault> {
    let mut by_target: BTreeMap<ObjectRef, Vec<ObjectRef>> = BTreeMap::new();
    for autoscaler in &snapshot.autoscalers {
        let object = reference(autoscaler.as_ref());
        let target = &autoscaler.spec.scale_target_ref;
        let target = ObjectRef::namespaced(
            target.kind.as_str(),
            object.namespace.clone().unwrap_or_default(),
            target.name.as_str(),
        );
        by_target.entry(target).or_default().push(object);
    }
    let mut faults = Vec::new();
    for (target, autoscalers) in by_target {
        let [first, others @ ..] = autoscalers.as_slice() else {
            continue;
        };
        if others.is_empty() {
            continue;
        }
        let names: Vec<String> = autoscalers.iter().map(ObjectRef::path).collect();
        let mut fault = Fault::new(
            "autoscalers-compete",
            Severity::Error,
            Depth::Cause,
            first.clone(),
            format!(
                "Autoscalers {} scale the same workload",
                wording::code_list(&names, 4)
            ),
        );
        fault.cause = format!(
            "Each sets the replicas of {} `{}` by its own figures, so they pull it to and fro or refuse to work (AmbiguousSelector).",
            target.kind,
            target.path()
        );
        fault.key = format!("HorizontalPodAutoscaler/{target}");
        fault.evidence.push(Evidence::new(
            "HorizontalPodAutoscalers",
            names.join("\n"),
            Some(snapshot.taken_at),
        ));
        fault.remedy = Some(NextStep::advice("Keep one of them, with all metrics in it"));
        fault.blames.push(target);
        fault.blames.extend(others.iter().cloned());
        faults.push(fault);
    }
    faults
}
