//! Pods that the API server refuses to make.

use jamie_core::{Severity, Verdict};

use super::{faults, only, quiet, says, silent};

const DEPLOYMENT: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop, uid: d1}
spec:
  replicas: 3
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec: {containers: [{name: api, image: 'api:1', resources: {requests: {cpu: 500m, memory: 1Gi}, limits: {memory: 2Gi}}}]}
---
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: api-5d, namespace: shop, ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: api, uid: d1, controller: true}]}
spec: {replicas: 3, selector: {matchLabels: {app: api}}}
";

fn event(message: &str) -> String {
    format!(
        "
---
apiVersion: v1
kind: Event
metadata: {{name: e, namespace: shop}}
involvedObject: {{kind: ReplicaSet, namespace: shop, name: api-5d}}
reason: FailedCreate
type: Warning
firstTimestamp: 2026-11-20T11:30:00Z
lastTimestamp: 2026-11-20T11:59:00Z
message: '{message}'
"
    )
}

const QUOTA: &str = "
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: compute, namespace: shop}
spec: {hard: {requests.memory: 4Gi, pods: '20'}}
status: {hard: {requests.memory: 4Gi, pods: '20'}, used: {requests.memory: 4Gi, pods: '4'}}
";

#[test]
fn an_exhausted_quota_is_named_with_its_figures() {
    let told = event(
        "Error creating: pods \"api-5d-x\" is forbidden: exceeded quota: compute, requested: requests.memory=1Gi, used: requests.memory=4Gi, limited: requests.memory=4Gi",
    );
    let found = faults(&(DEPLOYMENT.to_owned() + &told + QUOTA));
    let fault = only(&found, "quota-exceeded");
    says(
        fault,
        &[
            "`shop/api`",
            "ResourceQuota `compute`",
            "requested: requests.memory=1Gi",
            "4Gi of 4Gi",
        ],
    );
    assert_eq!(
        (fault.severity, fault.verdict),
        (Severity::Error, Verdict::Confirmed)
    );
    assert_eq!(fault.object.kind, "Deployment");
}

#[test]
fn without_events_the_figures_tell() {
    let found = faults(&(DEPLOYMENT.to_owned() + QUOTA));
    let fault = only(&found, "quota-exceeded");
    says(
        fault,
        &[
            "3 pods are missing",
            "requests.memory stands at 4Gi of 4Gi",
            "asks for 1Gi",
        ],
    );
    assert_eq!(fault.verdict, Verdict::Likely);
    silent(
        &faults(
            &(DEPLOYMENT.to_owned()
                + &QUOTA.replace("used: {requests.memory: 4Gi", "used: {requests.memory: 1Gi")),
        ),
        &["quota"],
    );
}

#[test]
fn a_full_quota_alone_is_only_a_note() {
    let found = faults(QUOTA);
    assert_eq!(only(&found, "quota-full").severity, Severity::Info);
    quiet(&found);
}

#[test]
fn a_quota_that_wants_limits_is_told() {
    let told = event(
        "Error creating: pods \"api-5d-x\" is forbidden: failed quota: compute: must specify limits.cpu for: api; limits.memory for: api",
    );
    says(
        only(&faults(&(DEPLOYMENT.to_owned() + &told)), "quota-needs-requests"),
        &[
            "`compute`",
            "limits.cpu",
            "kubectl set resources deployment/api -n shop",
        ],
    );
}

#[test]
fn a_limit_range_is_told_from_the_event_and_from_the_figures() {
    let range = "
---
apiVersion: v1
kind: LimitRange
metadata: {name: sizes, namespace: shop}
spec: {limits: [{type: Container, max: {memory: 1Gi}}]}
";
    let told = event(
        "Error creating: pods \"api-5d-x\" is forbidden: maximum memory usage per Container is 1Gi, but limit is 2Gi",
    );
    says(
        only(&faults(&(DEPLOYMENT.to_owned() + &told + range)), "limit-range"),
        &["LimitRange `sizes`", "limit is 2Gi"],
    );
    says(
        only(&faults(&(DEPLOYMENT.to_owned() + range)), "limit-range"),
        &["maximum memory usage per Container is 1Gi", "`api` has 2Gi"],
    );
    silent(
        &faults(&(DEPLOYMENT.to_owned() + &range.replace("1Gi", "2Gi"))),
        &["limit"],
    );
}

#[test]
fn pod_security_and_policies_are_told_apart() {
    let security = event(
        "Error creating: pods \"api-5d-x\" is forbidden: violates PodSecurity \"restricted:latest\": allowPrivilegeEscalation != false (container \"api\" must set securityContext.allowPrivilegeEscalation=false)",
    );
    says(
        only(&faults(&(DEPLOYMENT.to_owned() + &security)), "pod-security"),
        &["level `restricted`", "allowPrivilegeEscalation"],
    );
    let denied = event(
        "Error creating: admission webhook \"policy.example.com\" denied the request: images must come from registry.example.com",
    );
    says(
        only(&faults(&(DEPLOYMENT.to_owned() + &denied)), "admission-denied"),
        &["`policy.example.com`", "images must come from"],
    );
}

#[test]
fn a_refusal_that_is_over_is_not_told() {
    let denied = event("Error creating: admission webhook \"policy.example.com\" denied the request: no");
    let one = DEPLOYMENT.replace("replicas: 3", "replicas: 1");
    let pod = "
---
apiVersion: v1
kind: Pod
metadata: {name: api-5d-y, namespace: shop, labels: {app: api}}
spec: {containers: [{name: api, image: 'api:1'}]}
status: {phase: Running, conditions: [{type: Ready, status: 'True'}]}
";
    quiet(&faults(&(one + &denied + pod)));
}

const WEBHOOK: &str = "
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: policy}
webhooks:
- name: policy.example.com
  failurePolicy: Fail
  sideEffects: None
  admissionReviewVersions: [v1]
  clientConfig: {service: {namespace: policy, name: gate, path: /}}
  rules: [{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
";
const GATE: &str = "
---
apiVersion: v1
kind: Service
metadata: {name: gate, namespace: policy}
spec: {selector: {app: gate}, ports: [{port: 443, targetPort: 8443}]}
---
apiVersion: v1
kind: Pod
metadata: {name: gate-1, namespace: policy, labels: {app: gate}}
spec: {containers: [{name: gate, image: 'g:1', ports: [{containerPort: 8443}]}]}
status: {phase: Running, conditions: [{type: Ready, status: 'True'}]}
";

#[test]
fn a_webhook_that_nobody_answers_for_blocks_everything() {
    let found = faults(WEBHOOK);
    let fault = only(&found, "webhook-without-backend");
    says(
        fault,
        &[
            "`policy.example.com`",
            "Service `policy/gate` does not exist",
            "`failurePolicy: Fail`",
            "CREATE of pods",
        ],
    );
    assert_eq!(fault.severity, Severity::Critical);
    let unready = faults(&(WEBHOOK.to_owned() + &GATE.replace("status: 'True'", "status: 'False'")));
    says(only(&unready, "webhook-without-backend"), &["no ready endpoints"]);
    quiet(&faults(&(WEBHOOK.to_owned() + GATE)));
    let lenient = faults(&WEBHOOK.replace("Fail\n", "Ignore\n"));
    assert_eq!(
        only(&lenient, "webhook-without-backend").severity,
        Severity::Warning
    );
}

#[test]
fn a_webhook_that_fails_is_blamed_for_missing_pods() {
    let failing = event(
        "Error creating: Internal error occurred: failed calling webhook \"policy.example.com\": failed to call webhook: Post \"https://gate.policy.svc:443/\": dial tcp 10.0.0.1:443: connect: connection refused",
    );
    let found = faults(&(DEPLOYMENT.to_owned() + &failing + "---" + WEBHOOK));
    let fault = only(&found, "webhook-failing");
    says(fault, &["connection refused"]);
    assert_eq!(
        fault.blames.first().map(|object| object.name.as_str()),
        Some("policy")
    );
}
