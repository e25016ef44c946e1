//! Containers, pods and rollouts: what is told, and what is left alone.

use super::{faults, only, quiet, says, silent};

/// A Deployment `shop/api` with one pod whose spec and status are given in flow style.
fn api(container: &str, status: &str) -> String {
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata: {{name: api, namespace: shop, creationTimestamp: '2026-11-18T12:00:00Z'}}
spec:
  replicas: 1
  selector: {{matchLabels: {{app: api}}}}
  template:
    metadata: {{labels: {{app: api}}}}
    spec: {{containers: [{container}]}}
status: {{replicas: 1, unavailableReplicas: 1}}
---
apiVersion: v1
kind: Pod
metadata: {{name: api-1, namespace: shop, labels: {{app: api}}, creationTimestamp: '2026-11-18T12:00:00Z'}}
spec: {{nodeName: node-1, containers: [{container}]}}
status: {status}
"
    )
}

const PLAIN: &str = "{name: api, image: 'ghcr.io/acme/api:1.4.0'}";

fn waiting(reason: &str, message: &str) -> String {
    format!(
        "{{phase: Pending, containerStatuses: [{{name: api, image: a, imageID: '', ready: false, restartCount: 0, \
         state: {{waiting: {{reason: {reason}, message: '{message}'}}}}}}]}}"
    )
}

fn crashed(code: i32, reason: &str, restarts: i32) -> String {
    format!(
        "{{phase: Running, containerStatuses: [{{name: api, image: a, imageID: '', ready: false, restartCount: {restarts}, \
         state: {{waiting: {{reason: CrashLoopBackOff}}}}, \
         lastState: {{terminated: {{exitCode: {code}, reason: {reason}}}}}}}]}}"
    )
}

#[test]
fn a_crash_is_told_with_its_code_and_meaning() {
    let found = faults(&api(PLAIN, &crashed(127, "Error", 4)));
    says(
        only(&found, "container-crash"),
        &[
            "shop/api",
            "127",
            "not found in the image",
            "4 restarts",
            "CrashLoopBackOff",
        ],
    );
}

#[test]
fn a_crash_without_any_history_is_told_too() {
    let status = "{phase: Running, containerStatuses: [{name: api, image: a, imageID: '', ready: false, restartCount: 3, \
                  state: {waiting: {reason: CrashLoopBackOff}}}]}";
    only(&faults(&api(PLAIN, status)), "container-crash");
}

#[test]
fn a_clean_end_again_and_again_is_not_called_a_crash() {
    let found = faults(&api(PLAIN, &crashed(0, "Completed", 9)));
    says(
        only(&found, "container-completes"),
        &["exit code 0", "without an error"],
    );
    silent(&found, &["container-crash"]);
}

#[test]
fn memory_kills_name_the_limit_and_raise_it() {
    let container = "{name: api, image: a, resources: {limits: {memory: 256Mi}}, env: [{name: JAVA_OPTS, value: '-Xmx512m'}]}";
    let found = faults(&api(container, &crashed(137, "OOMKilled", 6)));
    says(
        only(&found, "container-oom-killed"),
        &["256Mi", "OOMKilled", "137", "-Xmx512m", "memory=768Mi"],
    );
    silent(&found, &["container-crash"]);
}

#[test]
fn one_restart_of_last_week_is_history() {
    let status = "{phase: Running, conditions: [{type: Ready, status: 'True'}], containerStatuses: [{name: api, image: a, \
                  imageID: '', ready: true, restartCount: 1, state: {running: {startedAt: '2026-11-13T12:00:00Z'}}, \
                  lastState: {terminated: {exitCode: 137, reason: OOMKilled, finishedAt: '2026-11-13T12:00:00Z'}}}]}";
    let yaml = api(PLAIN, status).replace("unavailableReplicas: 1", "readyReplicas: 1, updatedReplicas: 1");
    quiet(&faults(&yaml));
}

#[test]
fn images_are_told_apart_by_why() {
    for (reason, message, words) in [
        (
            "ImagePullBackOff",
            "manifest unknown: not found",
            &["1.4.0", "does not exist"][..],
        ),
        (
            "ErrImagePull",
            "unauthorized: authentication required",
            &["unauthorised", "imagePullSecrets"],
        ),
        (
            "ErrImageNeverPull",
            "Container image is not present with pull policy of Never",
            &["Never"],
        ),
        (
            "InvalidImageName",
            "couldnt parse image name: invalid reference format",
            &["not a valid image name"],
        ),
        (
            "ErrImagePull",
            "dial tcp: lookup ghcr.io: no such host",
            &["does not resolve"],
        ),
        ("ErrImagePull", "toomanyrequests: rate limit", &["429"]),
    ] {
        let found = faults(&api(PLAIN, &waiting(reason, message)));
        says(only(&found, "image-pull"), words);
    }
}

#[test]
fn a_container_that_cannot_be_configured_names_what_is_missing() {
    let found = faults(&api(
        PLAIN,
        &waiting("CreateContainerConfigError", "couldnt find"),
    ));
    only(&found, "container-config");
    let message = "couldn''t find key LOG_LEVEL in ConfigMap shop/api-config";
    let found = faults(&api(PLAIN, &waiting("CreateContainerConfigError", message)));
    says(only(&found, "container-config"), &["LOG_LEVEL", "api-config"]);
    let message = "container has runAsNonRoot and image will run as root";
    let found = faults(&api(PLAIN, &waiting("CreateContainerConfigError", message)));
    says(only(&found, "container-config"), &["runAsNonRoot", "runAsUser"]);
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let message = "failed to create shim task: exec: \"servr\": executable file not found in $PATH: unknown";
    let found = faults(&api(PLAIN, &waiting("RunContainerError", message)));
    says(
        only(&found, "container-start"),
        &["`servr`", "does not exist in the image"],
    );
}

const RUNNING: &str = "{phase: Running, startTime: '2026-11-18T12:00:00Z', conditions: [{type: Ready, status: 'False', \
                       lastTransitionTime: '2026-11-20T10:00:00Z'}], containerStatuses: [{name: api, image: a, imageID: '', \
                       ready: false, restartCount: 0, started: true, state: {running: {startedAt: '2026-11-18T12:00:00Z'}}}]}";

#[test]
fn a_probe_of_the_wrong_port_is_the_cause() {
    let container = "{name: api, image: a, ports: [{containerPort: 8080}], readinessProbe: {httpGet: {path: /ready, port: 8081}}}";
    let found = faults(&api(container, RUNNING));
    says(only(&found, "probe-readiness"), &["8081", "8080"]);
    let container = "{name: api, image: a, ports: [{name: http, containerPort: 8080}], readinessProbe: {httpGet: {port: web}}}";
    says(
        only(&faults(&api(container, RUNNING)), "probe-readiness"),
        &["`web`", "`http` (8080)"],
    );
}

fn event(reason: &str, message: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: Event\nmetadata: {{name: e.1, namespace: shop}}\n\
         involvedObject: {{kind: Pod, namespace: shop, name: api-1}}\ntype: Warning\nreason: {reason}\n\
         message: '{message}'\ncount: 9\nfirstTimestamp: '2026-11-20T11:00:00Z'\nlastTimestamp: '2026-11-20T11:59:00Z'\n"
    )
}

#[test]
fn what_a_probe_was_answered_is_told() {
    let container = "{name: api, image: a, ports: [{containerPort: 8080}], readinessProbe: {httpGet: {path: /ready, port: 8080}}}";
    let yaml = api(container, RUNNING)
        + &event(
            "Unhealthy",
            "Readiness probe failed: HTTP probe failed with statuscode: 404",
        );
    says(only(&faults(&yaml), "probe-readiness"), &["404", "/ready"]);
    // A namesake of another kind is not this pod.
    let yaml = api(container, RUNNING)
        + &event(
            "Unhealthy",
            "Readiness probe failed: HTTP probe failed with statuscode: 404",
        )
        .replace("kind: Pod", "kind: Service");
    let found = faults(&yaml);
    assert!(!only(&found, "probe-readiness").title.contains("404"));
}

#[test]
fn liveness_kills_are_the_probes_story() {
    let container =
        "{name: api, image: a, livenessProbe: {httpGet: {path: /live, port: 8080}, initialDelaySeconds: 5}}";
    let yaml = api(container, &crashed(137, "Error", 5))
        + &event(
            "Unhealthy",
            "Liveness probe failed: Get \"http://10.0.0.1:8080/live\": context deadline exceeded",
        );
    let found = faults(&yaml);
    says(only(&found, "probe-liveness"), &["/live", "no answer in time"]);
    silent(&found, &["container-crash"]);
}

#[test]
fn a_pod_that_starts_is_left_alone() {
    let status = "{phase: Running, startTime: '2026-11-20T11:59:30Z', containerStatuses: [{name: api, image: a, imageID: '', \
                  ready: false, restartCount: 0, started: true, state: {running: {startedAt: '2026-11-20T11:59:40Z'}}}]}";
    let container =
        "{name: api, image: a, ports: [{containerPort: 8080}], readinessProbe: {httpGet: {port: 8080}}}";
    let yaml = api(container, status).replace("2026-11-18T12:00:00Z", "2026-11-20T11:59:30Z");
    quiet(&faults(&yaml));
}

#[test]
fn stuck_creation_tells_the_event() {
    let status = "{phase: Pending, startTime: '2026-11-20T11:00:00Z', containerStatuses: [{name: api, image: a, imageID: '', \
                  ready: false, restartCount: 0, state: {waiting: {reason: ContainerCreating}}}]}";
    let yaml = api(PLAIN, status)
        + &event(
            "FailedCreatePodSandBox",
            "plugin type=\"calico\" failed (add): no IP addresses available in range set",
        );
    says(
        only(&faults(&yaml), "pod-creating"),
        &["no IP address is left", "no IP addresses available"],
    );
}

#[test]
fn the_unschedulable_hear_the_schedulers_words() {
    let status = "{phase: Pending, conditions: [{type: PodScheduled, status: 'False', reason: Unschedulable, \
                  message: '0/3 nodes are available: 3 Insufficient cpu.'}]}";
    let yaml = api(PLAIN, status).replace("nodeName: node-1, ", "");
    says(
        only(&faults(&yaml), "pod-unschedulable"),
        &["Insufficient cpu", "Pending"],
    );
}

#[test]
fn finalizers_that_hold_a_pod_are_named() {
    let yaml = api(PLAIN, RUNNING).replace(
        "labels: {app: api}, creationTimestamp",
        "labels: {app: api}, deletionTimestamp: '2026-11-20T11:00:00Z', finalizers: [acme.io/drain], creationTimestamp",
    );
    says(
        only(&faults(&yaml), "pod-terminating"),
        &["acme.io/drain", "Terminating"],
    );
}

#[test]
fn a_deployment_with_only_a_status_is_told() {
    let yaml = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api, namespace: shop}\nspec: {replicas: 3, selector: \
                {matchLabels: {app: api}}, template: {metadata: {labels: {app: api}}, spec: {containers: [{name: api, image: a}]}}}\n\
                status: {replicas: 3, unavailableReplicas: 3, conditions: [{type: Progressing, status: 'False', reason: \
                ProgressDeadlineExceeded, message: 'ReplicaSet api-5d has timed out progressing.'}]}";
    says(
        only(&faults(yaml), "rollout-stuck"),
        &["ProgressDeadlineExceeded", "0 ready"],
    );
}

#[test]
fn refused_pods_tell_the_quota() {
    let yaml = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api, namespace: shop}\nspec: {replicas: 2, selector: \
                {matchLabels: {app: api}}, template: {metadata: {labels: {app: api}}, spec: {containers: [{name: api, image: a}]}}}\n\
                status: {conditions: [{type: ReplicaFailure, status: 'True', reason: FailedCreate, message: 'pods \"api-x\" is \
                forbidden: exceeded quota: team, requested: limits.memory=1Gi, used: limits.memory=4Gi, limited: limits.memory=4Gi'}]}";
    says(
        only(&faults(yaml), "replicas-refused"),
        &["`team`", "limits.memory=4Gi"],
    );
}

#[test]
fn job_pods_of_a_job_that_made_it_are_left_alone() {
    let yaml = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: load, namespace: shop}\nspec: {template: {spec: {restartPolicy: \
                Never, containers: [{name: load, image: a}]}}}\nstatus: {succeeded: 1, failed: 1, completionTime: \
                '2026-11-20T11:00:00Z', conditions: [{type: Complete, status: 'True'}]}\n---\napiVersion: v1\nkind: Pod\nmetadata: \
                {name: load-1, namespace: shop, ownerReferences: [{apiVersion: batch/v1, kind: Job, name: load, uid: u, controller: \
                true}]}\nspec: {restartPolicy: Never, containers: [{name: load, image: a}]}\nstatus: {phase: Failed, \
                containerStatuses: [{name: load, image: a, imageID: '', ready: false, restartCount: 0, state: {terminated: \
                {exitCode: 1, reason: Error}}}]}";
    quiet(&faults(yaml));
}
