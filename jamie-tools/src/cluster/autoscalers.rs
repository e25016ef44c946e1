//! Autoscalers from servers old and new: autoscaling/v2, its betas, or v1 put into the shape of v2.

use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;
use serde_json::{Value, json};

use super::listing::{Decode, Kind};
use crate::snapshot::trim;

/// Where autoscalers may live, newest first, and how each is read.
pub(super) const AUTOSCALERS: [(Kind, Decode<HorizontalPodAutoscaler>); 3] = [
    (Kind::new("/apis/autoscaling/v2", PLURAL, true), decode_v2),
    // The same shape as v2: what 1.21 and 1.22 have.
    (Kind::new("/apis/autoscaling/v2beta2", PLURAL, true), decode_v2),
    (Kind::new("/apis/autoscaling/v1", PLURAL, true), decode_v1),
];

const PLURAL: &str = "horizontalpodautoscalers";

fn decode_v2(item: &str) -> Result<HorizontalPodAutoscaler, serde_json::Error> {
    let mut autoscaler: HorizontalPodAutoscaler = serde_json::from_str(item)?;
    trim(&mut autoscaler.metadata);
    Ok(autoscaler)
}

fn decode_v1(item: &str) -> Result<HorizontalPodAutoscaler, serde_json::Error> {
    let mut autoscaler: HorizontalPodAutoscaler =
        serde_json::from_value(from_v1(&serde_json::from_str(item)?))?;
    trim(&mut autoscaler.metadata);
    Ok(autoscaler)
}

/// v1 has one CPU target, and keeps everything newer in annotations.
fn from_v1(old: &Value) -> Value {
    let annotation = |name: &str| {
        old.pointer("/metadata/annotations")
            .and_then(|annotations| annotations.get(name)?.as_str())
            .and_then(|text| serde_json::from_str::<Value>(text).ok())
    };
    let mut metrics: Vec<Value> = Vec::new();
    if let Some(percent) = old.pointer("/spec/targetCPUUtilizationPercentage") {
        metrics.push(json!({"type": "Resource", "resource": {
            "name": "cpu", "target": {"type": "Utilization", "averageUtilization": percent}}}));
    }
    let mut current: Vec<Value> = Vec::new();
    if let Some(percent) = old.pointer("/status/currentCPUUtilizationPercentage") {
        current.push(json!({"type": "Resource", "resource": {
            "name": "cpu", "current": {"averageUtilization": percent}}}));
    }
    json!({
        "metadata": old.get("metadata"),
        "spec": {
            "scaleTargetRef": old.pointer("/spec/scaleTargetRef"),
            "minReplicas": old.pointer("/spec/minReplicas"),
            "maxReplicas": old.pointer("/spec/maxReplicas"),
            "metrics": metrics,
        },
        "status": {
            "observedGeneration": old.pointer("/status/observedGeneration"),
            "lastScaleTime": old.pointer("/status/lastScaleTime"),
            "currentReplicas": old.pointer("/status/currentReplicas"),
            "desiredReplicas": old.pointer("/status/desiredReplicas"),
            "currentMetrics": current,
            "conditions": annotation("autoscaling.alpha.kubernetes.io/conditions"),
        },
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    #[test]
    fn an_old_autoscaler_takes_the_shape_of_a_new_one() {
        let old = r#"{"metadata": {"name": "web", "namespace": "shop", "annotations": {
            "autoscaling.alpha.kubernetes.io/conditions":
              "[{\"type\":\"ScalingActive\",\"status\":\"False\",\"reason\":\"FailedGetResourceMetric\"}]"}},
            "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "web"}, "minReplicas": 2, "maxReplicas": 5,
              "targetCPUUtilizationPercentage": 70},
            "status": {"currentReplicas": 2, "desiredReplicas": 2}}"#;
        let new = super::decode_v1(old).unwrap();
        assert_eq!(new.spec.max_replicas, 5);
        assert_eq!(new.spec.metrics.unwrap().len(), 1);
        let conditions = new.status.unwrap().conditions.unwrap();
        assert_eq!(conditions.first().unwrap().type_, "ScalingActive");
    }
}
