//! One generated workload: a Deployment with its ReplicaSet, pods, Service, EndpointSlice, ConfigMap and events.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    controllers::names,
    object::{later, stamp},
};

/// What the workload shall be like.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    pub(super) namespace: &'a str,
    pub(super) number: u64,
    pub(super) dice: u64,
    pub(super) replicas: usize,
    /// Which fault it has, if any.
    pub(super) fault: Option<u64>,
    pub(super) nodes: usize,
    pub(super) now: Timestamp,
}

fn uid(text: &str) -> String {
    let hex = names::hex(text);
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!(
        "{}-{}-4{}-a{}-{}",
        part(0, 8),
        part(8, 12),
        part(13, 16),
        part(17, 20),
        part(20, 32)
    )
}

/// State, last state, readiness, restarts, and the event of each fault.
type Trouble = (Value, Value, bool, u32, Option<(&'static str, String)>);

fn trouble(plan: &Plan<'_>, name: &str, image: &str, pod: &str) -> Trouble {
    let started = stamp(later(plan.now, -86_400_000 * 3));
    let (before, ended) = (stamp(later(plan.now, -90_000)), stamp(later(plan.now, -60_000)));
    let last = |reason: &str, exit: i64| json!({"terminated": {"exitCode": exit, "reason": reason, "startedAt": before, "finishedAt": ended}});
    let back_off = json!({"waiting": {"reason": "CrashLoopBackOff",
        "message": format!("back-off 5m0s restarting failed container={name} pod={pod}_{}", plan.namespace)}});
    let told = |reason: &'static str, message: String| Some((reason, message));
    let again = format!(
        "Back-off restarting failed container {name} in pod {pod}_{}",
        plan.namespace
    );
    match plan.fault {
        None => (
            json!({"running": {"startedAt": started}}),
            json!({}),
            true,
            0,
            None,
        ),
        Some(0) => (back_off, last("Error", 1), false, 41, told("BackOff", again)),
        Some(1) => (
            back_off,
            last("OOMKilled", 137),
            false,
            17,
            told("BackOff", again),
        ),
        Some(2) => {
            let message = format!("Back-off pulling image \"{image}\"");
            (
                json!({"waiting": {"reason": "ImagePullBackOff", "message": message}}),
                json!({}),
                false,
                0,
                told("BackOff", message),
            )
        }
        Some(_) => {
            let message = format!("configmap \"{name}-missing\" not found");
            let event = told("Failed", format!("Error: {message}"));
            (
                json!({"waiting": {"reason": "CreateContainerConfigError", "message": message}}),
                json!({}),
                false,
                0,
                event,
            )
        }
    }
}

/// Adds the workload's objects.
pub(super) fn add(objects: &mut Vec<Value>, plan: &Plan<'_>) {
    const KINDS: [&str; 8] = [
        "api", "worker", "gateway", "indexer", "cache", "web", "sync", "notifier",
    ];
    let kind = KINDS.get((plan.dice % 8) as usize).copied().unwrap_or("api");
    let name = format!("{kind}-{}", plan.number);
    let hash = names::letters(&format!("{name}/{}", plan.dice), 9);
    let set = format!("{name}-{hash}");
    let image = format!(
        "registry.example.com/{}/{kind}:1.{}.{}",
        plan.namespace,
        plan.dice % 20,
        plan.dice % 9
    );
    let created = stamp(later(plan.now, -86_400_000 * 3));
    let id = |kind: &str| uid(&format!("{kind}/{}/{name}", plan.namespace));
    let labels = json!({"app": name, "app.kubernetes.io/name": kind});
    let mut pod_labels = labels.clone();
    pod_labels["pod-template-hash"] = json!(hash);
    let container = json!({
        "name": kind, "image": image, "imagePullPolicy": "IfNotPresent",
        "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}],
        "env": [{"name": "LOG_LEVEL", "value": "info"}],
        "envFrom": [{"configMapRef": {"name": if plan.fault == Some(3) { format!("{name}-missing") } else { name.clone() }}}],
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
        "readinessProbe": {"httpGet": {"path": "/healthz", "port": "http", "scheme": "HTTP"}, "periodSeconds": 10, "timeoutSeconds": 1, "successThreshold": 1, "failureThreshold": 3},
        "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
    });
    let spec = json!({
        "containers": [container], "restartPolicy": "Always", "terminationGracePeriodSeconds": 30, "dnsPolicy": "ClusterFirst",
        "schedulerName": "default-scheduler", "serviceAccountName": "default", "serviceAccount": "default", "securityContext": {},
    });
    let owner = |kind: &str, name: &str, uid: String| json!([{"apiVersion": "apps/v1", "kind": kind, "name": name, "uid": uid, "controller": true, "blockOwnerDeletion": true}]);
    let well = plan.fault.is_none();
    let ready = if well { plan.replicas } else { 0 };
    let counts = |mut status: Value| {
        status["observedGeneration"] = json!(1);
        status["replicas"] = json!(plan.replicas);
        if ready > 0 {
            status["readyReplicas"] = json!(ready);
            status["availableReplicas"] = json!(ready);
        }
        status
    };
    let condition = |kind: &str, status: &str, reason: &str, message: String| json!({"type": kind, "status": status, "reason": reason, "message": message, "lastTransitionTime": created, "lastUpdateTime": created});
    let conditions = if well {
        json!([
            condition(
                "Available",
                "True",
                "MinimumReplicasAvailable",
                "Deployment has minimum availability.".to_owned()
            ),
            condition(
                "Progressing",
                "True",
                "NewReplicaSetAvailable",
                format!("ReplicaSet \"{set}\" has successfully progressed.")
            ),
        ])
    } else {
        json!([
            condition(
                "Available",
                "False",
                "MinimumReplicasUnavailable",
                "Deployment does not have minimum availability.".to_owned()
            ),
            condition(
                "Progressing",
                "False",
                "ProgressDeadlineExceeded",
                format!("ReplicaSet \"{set}\" has timed out progressing.")
            ),
        ])
    };
    let mut status = counts(json!({"conditions": conditions, "updatedReplicas": plan.replicas}));
    if !well {
        status["unavailableReplicas"] = json!(plan.replicas);
    }
    let revision = json!({"deployment.kubernetes.io/revision": "1"});
    objects.push(json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": name, "namespace": plan.namespace, "uid": id("Deployment"), "creationTimestamp": created, "labels": labels, "annotations": revision},
        "spec": {"replicas": plan.replicas, "selector": {"matchLabels": {"app": name}}, "progressDeadlineSeconds": 600, "revisionHistoryLimit": 10,
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}},
            "template": {"metadata": {"labels": labels}, "spec": spec}},
        "status": status,
    }));
    objects.push(json!({
        "apiVersion": "apps/v1", "kind": "ReplicaSet",
        "metadata": {"name": set, "namespace": plan.namespace, "uid": id("ReplicaSet"), "creationTimestamp": created, "labels": pod_labels,
            "annotations": revision, "ownerReferences": owner("Deployment", &name, id("Deployment"))},
        "spec": {"replicas": plan.replicas, "selector": {"matchLabels": pod_labels}, "template": {"metadata": {"labels": pod_labels}, "spec": spec}},
        "status": counts(json!({"fullyLabeledReplicas": plan.replicas})),
    }));
    objects.push(json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": plan.namespace, "creationTimestamp": created}, "data": {"MODE": "production", "REGION": "eu-west-1"},
    }));
    objects.push(json!({
        "apiVersion": "v1", "kind": "Service",
        "metadata": {"name": name, "namespace": plan.namespace, "uid": id("Service"), "creationTimestamp": created, "labels": labels},
        "spec": {"type": "ClusterIP", "selector": {"app": name}, "ports": [{"name": "http", "port": 80, "targetPort": "http", "protocol": "TCP"}]},
        "status": {"loadBalancer": {}},
    }));
    let mut endpoints = Vec::with_capacity(plan.replicas);
    for index in 0..plan.replicas {
        let pod = format!("{set}-{}", names::letters(&format!("{set}/{index}"), 5));
        let pod_uid = uid(&format!("Pod/{}/{pod}", plan.namespace));
        let place = (plan.number as usize * 7 + index * 13) % plan.nodes;
        let node = format!("node-{place:04}");
        let address = format!(
            "10.{}.{}.{}",
            64 + place / 256,
            place % 256,
            2 + (plan.number as usize + index) % 250
        );
        let (state, last, pod_ready, restarts, event) = trouble(plan, kind, &image, &pod);
        let phase = if matches!(plan.fault, Some(2 | 3)) {
            "Pending"
        } else {
            "Running"
        };
        let flag = |ok: bool| if ok { "True" } else { "False" };
        let mut conditions = vec![
            json!({"type": "PodReadyToStartContainers", "status": "True", "lastProbeTime": null, "lastTransitionTime": created}),
            json!({"type": "Initialized", "status": "True", "lastProbeTime": null, "lastTransitionTime": created}),
        ];
        for kind_ in ["Ready", "ContainersReady"] {
            let mut one = json!({"type": kind_, "status": flag(pod_ready), "lastProbeTime": null, "lastTransitionTime": created});
            if !pod_ready {
                one["reason"] = json!("ContainersNotReady");
                one["message"] = json!(format!("containers with unready status: [{kind}]"));
            }
            conditions.push(one);
        }
        conditions.push(json!({"type": "PodScheduled", "status": "True", "lastProbeTime": null, "lastTransitionTime": created}));
        let mut pod_spec = spec.clone();
        pod_spec["nodeName"] = json!(node);
        let target = json!({"kind": "Pod", "name": pod, "namespace": plan.namespace, "uid": pod_uid});
        endpoints.push(
            json!({"addresses": [address], "nodeName": node, "targetRef": target,
            "conditions": {"ready": pod_ready, "serving": pod_ready, "terminating": false}}),
        );
        objects.push(json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": pod, "generateName": format!("{set}-"), "namespace": plan.namespace, "uid": pod_uid, "creationTimestamp": created,
                "labels": pod_labels, "ownerReferences": owner("ReplicaSet", &set, id("ReplicaSet"))},
            "spec": pod_spec,
            "status": {
                "phase": phase, "conditions": conditions, "hostIP": "10.0.0.10", "podIP": address, "podIPs": [{"ip": address}],
                "startTime": created, "qosClass": "Burstable",
                "containerStatuses": [{"name": kind, "image": image, "imageID": "", "state": state, "lastState": last,
                    "ready": pod_ready, "started": pod_ready, "restartCount": restarts, "containerID": format!("containerd://{}", names::hex(&pod))}],
            },
        }));
        if let Some((reason, message)) = event {
            objects.push(json!({
                "apiVersion": "v1", "kind": "Event",
                "metadata": {"name": format!("{pod}.{}", names::letters(&pod, 12)), "namespace": plan.namespace, "creationTimestamp": stamp(later(plan.now, -1_800_000))},
                "involvedObject": {"apiVersion": "v1", "kind": "Pod", "name": pod, "namespace": plan.namespace, "uid": pod_uid, "fieldPath": format!("spec.containers{{{kind}}}")},
                "type": "Warning", "reason": reason, "message": message, "count": 120, "source": {"component": "kubelet", "host": node},
                "reportingComponent": "kubelet", "reportingInstance": node,
                "firstTimestamp": stamp(later(plan.now, -1_800_000)), "lastTimestamp": stamp(later(plan.now, -45_000)), "eventTime": null,
            }));
        }
    }
    objects.push(json!({
        "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
        "metadata": {"name": format!("{name}-{}", names::letters(&name, 5)), "namespace": plan.namespace, "creationTimestamp": created,
            "labels": {"kubernetes.io/service-name": name, "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io"},
            "ownerReferences": [{"apiVersion": "v1", "kind": "Service", "name": name, "uid": id("Service"), "controller": true, "blockOwnerDeletion": true}]},
        "addressType": "IPv4", "endpoints": endpoints, "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}],
    }));
}
