//! Autoscalers, aggregated APIs and disruption budgets.

use jamie_core::Severity;

use super::{faults, only, quiet, says, services::app, silent};

fn autoscaler(target: &str, status: &str) -> String {
    format!(
        "
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {{name: api, namespace: shop}}
spec:
  minReplicas: 1
  maxReplicas: 3
  scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: {target}}}
  metrics: [{{type: Resource, resource: {{name: cpu, target: {{type: Utilization, averageUtilization: 70}}}}}}]
status: {status}
"
    )
}

fn with_requests() -> String {
    app("api").replace(
        "image: 'x:1',",
        "image: 'x:1', resources: {requests: {cpu: 100m}},",
    )
}

const FINE: &str = "{currentReplicas: 1, desiredReplicas: 1, conditions: [{type: ScalingActive, status: 'True', reason: ValidMetricFound}, {type: ScalingLimited, status: 'True', reason: TooFewReplicas}]}";

#[test]
fn the_target_must_exist() {
    quiet(&faults(&(with_requests() + &autoscaler("api", FINE))));
    says(
        only(
            &faults(&(with_requests() + &autoscaler("apii", FINE))),
            "autoscaler-target-missing",
        ),
        &["Deployment `apii`", "Perhaps `api`"],
    );
}

#[test]
fn requests_are_needed_to_measure_against() {
    let found = faults(&(app("api") + &autoscaler("api", "{desiredReplicas: 1}")));
    says(
        only(&found, "autoscaler-no-requests"),
        &["no cpu request", "container `api`", "--requests=cpu=100m"],
    );
}

#[test]
fn missing_metrics_are_told_with_what_should_serve_them() {
    let silent_metrics = "{desiredReplicas: 0, conditions: [{type: ScalingActive, status: 'False', reason: FailedGetResourceMetric, message: 'the HPA was unable to compute the replica count: failed to get cpu utilization: unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)', lastTransitionTime: 2026-11-20T11:00:00Z}]}";
    let cluster = with_requests() + &autoscaler("api", silent_metrics);
    says(
        only(&faults(&cluster), "autoscaler-no-metrics"),
        &["FailedGetResourceMetric", "metrics-server is not installed"],
    );
    let down = "
---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1beta1.metrics.k8s.io}
spec: {group: metrics.k8s.io, version: v1beta1, groupPriorityMinimum: 100, versionPriority: 100, service: {namespace: kube-system, name: metrics-server}}
status: {conditions: [{type: Available, status: 'False', reason: MissingEndpoints, message: 'endpoints for service/metrics-server in \"kube-system\" have no addresses'}]}
";
    let found = faults(&(cluster + down));
    says(
        only(&found, "api-service-unavailable"),
        &[
            "`v1beta1.metrics.k8s.io`",
            "MissingEndpoints",
            "`kube-system/metrics-server`",
        ],
    );
    assert!(
        only(&found, "autoscaler-no-metrics")
            .blames
            .iter()
            .any(|object| object.kind == "APIService")
    );
    quiet(&faults(&down.replace("status: 'False'", "status: 'True'")));
}

#[test]
fn a_target_at_rest_needs_no_metrics() {
    let resting = "{desiredReplicas: 0, conditions: [{type: ScalingActive, status: 'False', reason: ScalingDisabled, message: scaling is disabled since the replica count of the target is zero}]}";
    let cluster = with_requests().replace("replicas: 1", "replicas: 0");
    let deployment = cluster.split("---\napiVersion: v1").next().unwrap().to_owned();
    quiet(&faults(&(deployment + &autoscaler("api", resting))));
}

#[test]
fn the_maximum_is_told_when_more_is_wanted() {
    let busy = "{currentReplicas: 3, desiredReplicas: 3, currentMetrics: [{type: Resource, resource: {name: cpu, current: {averageUtilization: 140}}}], conditions: [{type: ScalingLimited, status: 'True', reason: TooManyReplicas}]}";
    says(
        only(
            &faults(&(with_requests() + &autoscaler("api", busy))),
            "autoscaler-at-max",
        ),
        &["maximum of 3 replicas", "cpu stands at 140 %, the target is 70 %"],
    );
    silent(
        &faults(
            &(with_requests()
                + &autoscaler(
                    "api",
                    &busy
                        .replace("140", "71")
                        .replace("TooManyReplicas", "DesiredWithinRange"),
                )),
        ),
        &["autoscaler"],
    );
}

#[test]
fn two_autoscalers_on_one_target_compete() {
    let both = with_requests()
        + &autoscaler("api", FINE)
        + &autoscaler("api", FINE).replace("name: api, namespace", "name: api-2, namespace");
    says(
        only(&faults(&both), "autoscalers-compete"),
        &["`shop/api` and `shop/api-2`"],
    );
}

fn budget(name: &str, rule: &str, status: &str) -> String {
    format!(
        "
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {{name: {name}, namespace: shop}}
spec: {{{rule}, selector: {{matchLabels: {{app: api}}}}}}
status: {status}
"
    )
}

#[test]
fn a_budget_that_allows_nothing_blocks_drains() {
    let none = "{disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1}";
    let found = faults(&(app("api") + &budget("api", "minAvailable: 1", none)));
    says(
        only(&found, "budget-blocks-drains"),
        &["`minAvailable: 1`", "0 disruptions allowed", "1 of 1"],
    );
    only(
        &faults(&(app("api") + &budget("api", "maxUnavailable: 0", "{}"))),
        "budget-blocks-drains",
    );
    quiet(&faults(
        &(app("api")
            + &budget(
                "api",
                "maxUnavailable: 1",
                "{disruptionsAllowed: 1, expectedPods: 1}",
            )),
    ));
    let down = app("api").replace("status: 'True'", "status: 'False'");
    silent(
        &faults(&(down + &budget("api", "minAvailable: 1", none))),
        &["budget"],
    );
}

#[test]
fn budgets_that_guard_nothing_are_a_note_and_two_on_one_pod_are_not() {
    let found = faults(&budget("api", "maxUnavailable: 1", "{}"));
    assert_eq!(only(&found, "budget-selects-nothing").severity, Severity::Info);
    let two = app("api") + &budget("a", "maxUnavailable: 1", "{}") + &budget("b", "maxUnavailable: 1", "{}");
    says(only(&faults(&two), "budgets-overlap"), &["`shop/a`", "`shop/b`"]);
}
