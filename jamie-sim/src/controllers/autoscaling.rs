//! HorizontalPodAutoscalers in; their status, and the replicas they ask for, out.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{World, events::Report, rollout::complain};
use crate::{
    object::{self, condition, list, name, number, stamp, text},
    quantity,
    store::Key,
};

const COMPONENT: &str = "horizontal-pod-autoscaler";

pub(super) fn reconcile(world: &mut World, namespace: &str) {
    for autoscaler in world.list("autoscaling", "horizontalpodautoscalers", namespace) {
        if !world.frozen.contains(object::uid(&autoscaler)) {
            one(world, &autoscaler);
        }
    }
}

/// What a metric says: its name, the share or value now, the target, and whether the scenario set it.
struct Reading {
    resource: String,
    current: i64,
    average: i64,
    target: i64,
    told: bool,
}

// One decision, with the words for each way it can go.
#[allow(clippy::too_many_lines)]
fn one(world: &mut World, autoscaler: &Arc<Value>) {
    let namespace = object::namespace(autoscaler).to_owned();
    let (kind, target) = (
        text(autoscaler, "/spec/scaleTargetRef/kind"),
        text(autoscaler, "/spec/scaleTargetRef/name"),
    );
    let plural = match kind {
        "Deployment" => "deployments",
        "StatefulSet" => "statefulsets",
        "ReplicaSet" => "replicasets",
        other => {
            return unresolved(
                world,
                autoscaler,
                &format!("no matches for kind \"{other}\" in group \"apps\""),
            );
        }
    };
    let key = Key::namespaced("apps", plural, &namespace, target);
    let Some(object) = world.store.get(&key) else {
        let why = format!("{plural}.apps \"{target}\" not found");
        return unresolved(world, autoscaler, &why);
    };
    let replicas = number(&object, "/spec/replicas").unwrap_or(1);
    let least = number(autoscaler, "/spec/minReplicas").unwrap_or(1);
    let most = number(autoscaler, "/spec/maxReplicas").unwrap_or(1);
    let able = (
        "AbleToScale",
        "True",
        "ReadyForNewScale",
        "recommended size matches current size".to_owned(),
    );
    if replicas == 0 {
        let message = "scaling is disabled since the replica count of the target is zero".to_owned();
        let able = (
            "AbleToScale",
            "True",
            "SucceededGetScale",
            "the HPA controller was able to get the target's current scale".to_owned(),
        );
        return write(
            world,
            autoscaler,
            0,
            0,
            &[],
            vec![able, ("ScalingActive", "False", "ScalingDisabled", message)],
        );
    }
    // Bounds hold whatever the metrics say, and when they say nothing.
    let bound = if replicas > most {
        Some((most, "Current number of replicas above Spec.MaxReplicas"))
    } else if replicas < least {
        Some((least, "Current number of replicas below Spec.MinReplicas"))
    } else {
        None
    };
    if let Some((desired, why)) = bound {
        let _ = world
            .store
            .modify(&key, |object| object["spec"]["replicas"] = json!(desired));
        let message = format!("New size: {desired}; reason: {why}");
        world.report(&Report::new(COMPONENT, autoscaler, "SuccessfulRescale", message));
        let told = format!("the HPA controller was able to update the target scale to {desired}");
        let able = ("AbleToScale", "True", "SucceededRescale", told);
        return write(world, autoscaler, replicas, desired, &[], vec![able]);
    }
    let readings = match readings(world, autoscaler, &object) {
        Ok(readings) => readings,
        Err((reason, why)) => {
            let message = format!("the HPA was unable to compute the replica count: {why}");
            complain(world, COMPONENT, autoscaler, reason, &why);
            let total = format!("invalid metrics (1 invalid out of 1), first error is: {why}");
            complain(
                world,
                COMPONENT,
                autoscaler,
                "FailedComputeMetricsReplicas",
                &total,
            );
            let able = (
                "AbleToScale",
                "True",
                "SucceededGetScale",
                "the HPA controller was able to get the target's current scale".to_owned(),
            );
            return write(
                world,
                autoscaler,
                replicas,
                replicas,
                &[],
                vec![able, ("ScalingActive", "False", reason, message)],
            );
        }
    };
    let raw = readings
        .iter()
        .map(|reading| {
            let ratio = reading.current as f64 / reading.target.max(1) as f64;
            // Figures that the scenario does not set are noise: they never move anything.
            if !reading.told || (ratio - 1.0).abs() <= 0.1 {
                replicas
            } else {
                ((replicas as f64) * ratio).ceil() as i64
            }
        })
        .max()
        .unwrap_or(replicas);
    let desired = raw.max(replicas.min(most)).clamp(least, most.max(least));
    let active = readings
        .first()
        .map_or("cpu", |reading| reading.resource.as_str());
    let active = format!(
        "the HPA was able to successfully calculate a replica count from {active} resource utilization (percentage of request)"
    );
    let limited = if raw > most {
        (
            "ScalingLimited",
            "True",
            "TooManyReplicas",
            "the desired replica count is more than the maximum replica count".to_owned(),
        )
    } else if raw < least {
        (
            "ScalingLimited",
            "True",
            "TooFewReplicas",
            "the desired replica count is less than the minimum replica count".to_owned(),
        )
    } else {
        (
            "ScalingLimited",
            "False",
            "DesiredWithinRange",
            "the desired count is within the acceptable range".to_owned(),
        )
    };
    if desired != replicas {
        let _ = world
            .store
            .modify(&key, |object| object["spec"]["replicas"] = json!(desired));
        let metric = readings
            .first()
            .map_or("cpu", |reading| reading.resource.as_str());
        let message = format!(
            "New size: {desired}; reason: {metric} resource utilization (percentage of request) above target"
        );
        world.report(&Report::new(COMPONENT, autoscaler, "SuccessfulRescale", message));
    }
    write(
        world,
        autoscaler,
        replicas,
        desired,
        &readings,
        vec![
            able,
            ("ScalingActive", "True", "ValidMetricFound", active),
            limited,
        ],
    );
}

fn unresolved(world: &mut World, autoscaler: &Value, why: &str) {
    let message = format!("the HPA controller was unable to get the target's current scale: {why}");
    complain(world, COMPONENT, autoscaler, "FailedGetScale", why);
    write(
        world,
        autoscaler,
        0,
        0,
        &[],
        vec![("AbleToScale", "False", "FailedGetScale", message)],
    );
}

fn readings(
    world: &World,
    autoscaler: &Value,
    target: &Value,
) -> Result<Vec<Reading>, (&'static str, String)> {
    let namespace = object::namespace(autoscaler);
    let pods = world.list("", "pods", namespace);
    let pods: Vec<_> = pods
        .iter()
        .filter(|pod| object::matches(target.pointer("/spec/selector"), pod) && super::pods::is_active(pod))
        .collect();
    let mut readings = Vec::new();
    for (resource, wanted, share) in wanted(autoscaler) {
        let failed = |why: String| {
            (
                "FailedGetResourceMetric",
                format!("failed to get {resource} utilization: {why}"),
            )
        };
        if share.is_none() {
            return Err((
                "FailedGetExternalMetric",
                format!(
                    "unable to get external metric {namespace}/{resource}/nil: unable to fetch metrics from external metrics API: the server could not find the requested resource (get {resource}.external.metrics.k8s.io)"
                ),
            ));
        }
        if world.scenario.server.without.iter().any(|part| part == "metrics") {
            let why = format!(
                "unable to get metrics for resource {resource}: unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)"
            );
            return Err(failed(why));
        }
        let (mut used, mut asked, mut told) = (0, 0, false);
        for pod in &pods {
            for container in list(pod, "/spec/containers") {
                let request = container
                    .pointer(&format!("/resources/requests/{resource}"))
                    .and_then(quantity::of);
                let Some(request) = request else {
                    return Err(failed(format!(
                        "missing request for {resource} in container {} of Pod {}",
                        text(container, "/name"),
                        name(pod)
                    )));
                };
                let figures = world.kubelets.used(pod, container);
                used += if resource == "cpu" {
                    figures.cpu
                } else {
                    figures.memory
                };
                told |= figures.told;
                asked += request;
            }
        }
        if pods.is_empty() || asked == 0 {
            return Err(failed("no metrics returned from resource metrics API".to_owned()));
        }
        let count = pods.len() as i64;
        readings.push(Reading {
            resource,
            current: used * 100 / asked,
            average: used / count,
            target: wanted,
            told,
        });
    }
    Ok(readings)
}

/// The metrics asked for: resource, target, and whether it is a share of the request.
fn wanted(autoscaler: &Value) -> Vec<(String, i64, Option<()>)> {
    if let Some(share) = number(autoscaler, "/spec/targetCPUUtilizationPercentage") {
        return vec![("cpu".to_owned(), share, Some(()))];
    }
    list(autoscaler, "/spec/metrics")
        .iter()
        .map(|metric| {
            if text(metric, "/type") == "Resource" {
                let share = number(metric, "/resource/target/averageUtilization");
                (
                    text(metric, "/resource/name").to_owned(),
                    share.unwrap_or(80),
                    Some(()),
                )
            } else {
                let kind = text(metric, "/type").to_ascii_lowercase();
                (text(metric, &format!("/{kind}/metric/name")).to_owned(), 0, None)
            }
        })
        .collect()
}

fn write(
    world: &mut World,
    autoscaler: &Value,
    current: i64,
    desired: i64,
    readings: &[Reading],
    told: Vec<(&str, &str, &str, String)>,
) {
    let conditions: Vec<Value> = told
        .into_iter()
        .map(|(kind, status, reason, message)| {
            let one = json!({"type": kind, "status": status, "reason": reason, "message": message});
            object::renewed(condition(autoscaler, kind), one, world.now)
        })
        .collect();
    let metrics: Vec<Value> = readings
        .iter()
        .map(|reading| {
            let average = quantity::show(&reading.resource, reading.average);
            json!({"type": "Resource", "resource": {"name": reading.resource, "current": {"averageUtilization": reading.current, "averageValue": average}}})
        })
        .collect();
    let mut status = json!({"conditions": conditions, "currentReplicas": current, "desiredReplicas": desired, "currentMetrics": metrics});
    if metrics.is_empty() {
        status["currentMetrics"] = Value::Null;
    }
    let rescaled = autoscaler.pointer("/status/lastScaleTime").cloned();
    if current != desired {
        status["lastScaleTime"] = json!(stamp(world.now));
    } else if let Some(before) = rescaled {
        status["lastScaleTime"] = before;
    }
    world.set_status(autoscaler, status);
}
