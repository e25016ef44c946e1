//! An object as a person wrote it in, the same with the fields filled in that the API server fills in.

use serde_json::{Value, json};

use crate::object::{self, default_to, kind, text};

/// Fills in what a person may leave out.
pub(crate) fn fill(object: &mut Value) {
    if !object.get("metadata").is_some_and(Value::is_object) {
        return;
    }
    match (text(object, "/apiVersion"), kind(object)) {
        ("v1", "Pod") => pod_spec(&mut object["spec"]),
        ("v1", "Service") => service(object),
        ("v1", "Namespace") => namespace(object),
        ("v1", "Secret") => {
            secret(object);
        }
        ("v1", "PersistentVolumeClaim") => default_to(&mut object["spec"], "volumeMode", json!("Filesystem")),
        ("v1", "PersistentVolume") => {
            default_to(&mut object["spec"], "volumeMode", json!("Filesystem"));
            default_to(
                &mut object["spec"],
                "persistentVolumeReclaimPolicy",
                json!("Retain"),
            );
        }
        ("apps/v1", "Deployment") => deployment(object),
        ("apps/v1", "ReplicaSet") => {
            default_to(&mut object["spec"], "replicas", json!(1));
            template(&mut object["spec"]);
        }
        ("apps/v1", "StatefulSet") => stateful_set(object),
        ("apps/v1", "DaemonSet") => {
            let spec = &mut object["spec"];
            default_to(spec, "revisionHistoryLimit", json!(10));
            default_to(
                spec,
                "updateStrategy",
                json!({"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0}}),
            );
            template(spec);
        }
        ("batch/v1", "Job") => job(object),
        ("batch/v1" | "batch/v1beta1", "CronJob") => {
            let spec = &mut object["spec"];
            default_to(spec, "concurrencyPolicy", json!("Allow"));
            default_to(spec, "suspend", json!(false));
            default_to(spec, "successfulJobsHistoryLimit", json!(3));
            default_to(spec, "failedJobsHistoryLimit", json!(1));
            if let Some(job) = spec.pointer_mut("/jobTemplate/spec") {
                template(job);
            }
        }
        ("storage.k8s.io/v1", "StorageClass") => {
            default_to(object, "reclaimPolicy", json!("Delete"));
            default_to(object, "volumeBindingMode", json!("Immediate"));
        }
        ("networking.k8s.io/v1", "NetworkPolicy") => {
            let egress = object.pointer("/spec/egress").is_some();
            let types = if egress {
                json!(["Ingress", "Egress"])
            } else {
                json!(["Ingress"])
            };
            default_to(&mut object["spec"], "policyTypes", types);
        }
        _ => {}
    }
}

fn template(spec: &mut Value) {
    let template = &mut spec["template"];
    let metadata = object::child(template, "metadata");
    if metadata.get("creationTimestamp").is_none() {
        metadata["creationTimestamp"] = Value::Null;
    }
    pod_spec(&mut template["spec"]);
}

fn deployment(object: &mut Value) {
    let spec = &mut object["spec"];
    default_to(spec, "replicas", json!(1));
    default_to(spec, "revisionHistoryLimit", json!(10));
    default_to(spec, "progressDeadlineSeconds", json!(600));
    default_to(spec, "strategy", json!({}));
    default_to(&mut spec["strategy"], "type", json!("RollingUpdate"));
    if text(spec, "/strategy/type") == "RollingUpdate" {
        default_to(&mut spec["strategy"], "rollingUpdate", json!({}));
        default_to(&mut spec["strategy"]["rollingUpdate"], "maxSurge", json!("25%"));
        default_to(
            &mut spec["strategy"]["rollingUpdate"],
            "maxUnavailable",
            json!("25%"),
        );
    }
    template(spec);
}

fn stateful_set(object: &mut Value) {
    let spec = &mut object["spec"];
    default_to(spec, "replicas", json!(1));
    default_to(spec, "podManagementPolicy", json!("OrderedReady"));
    default_to(spec, "revisionHistoryLimit", json!(10));
    default_to(
        spec,
        "updateStrategy",
        json!({"type": "RollingUpdate", "rollingUpdate": {"partition": 0}}),
    );
    default_to(
        spec,
        "persistentVolumeClaimRetentionPolicy",
        json!({"whenDeleted": "Retain", "whenScaled": "Retain"}),
    );
    if let Some(claims) = spec.get_mut("volumeClaimTemplates").and_then(Value::as_array_mut) {
        for claim in claims {
            claim["apiVersion"] = json!("v1");
            claim["kind"] = json!("PersistentVolumeClaim");
            default_to(&mut claim["spec"], "volumeMode", json!("Filesystem"));
            default_to(claim, "status", json!({"phase": "Pending"}));
        }
    }
    template(spec);
}

fn job(object: &mut Value) {
    let spec = &mut object["spec"];
    if spec.get("completions").is_none() && spec.get("parallelism").is_none() {
        spec["completions"] = json!(1);
    }
    default_to(spec, "parallelism", json!(1));
    default_to(spec, "backoffLimit", json!(6));
    default_to(spec, "completionMode", json!("NonIndexed"));
    default_to(spec, "suspend", json!(false));
    default_to(spec, "podReplacementPolicy", json!("TerminatingOrFailed"));
    template(spec);
}

/// Fills in a pod's spec.
pub(crate) fn pod_spec(spec: &mut Value) {
    if !spec.is_object() {
        return;
    }
    default_to(spec, "restartPolicy", json!("Always"));
    default_to(spec, "terminationGracePeriodSeconds", json!(30));
    default_to(spec, "dnsPolicy", json!("ClusterFirst"));
    default_to(spec, "securityContext", json!({}));
    default_to(spec, "schedulerName", json!("default-scheduler"));
    if let Some(account) = spec.get("serviceAccountName").cloned() {
        default_to(spec, "serviceAccount", account);
    }
    for containers in ["containers", "initContainers"] {
        for one in spec
            .get_mut(containers)
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            container(one);
        }
    }
    for volume in spec
        .get_mut("volumes")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        for source in ["configMap", "secret", "projected", "downwardAPI"] {
            if let Some(source) = volume.get_mut(source) {
                default_to(source, "defaultMode", json!(420));
            }
        }
    }
}

fn container(container: &mut Value) {
    let image = text(container, "/image");
    let tag = image
        .rsplit('/')
        .next()
        .and_then(|last| last.split_once(':'))
        .map(|(_, tag)| tag);
    let always = matches!(tag, None | Some("latest")) && !image.contains('@');
    let policy = if always { "Always" } else { "IfNotPresent" };
    default_to(container, "imagePullPolicy", json!(policy));
    default_to(container, "resources", json!({}));
    default_to(container, "terminationMessagePath", json!("/dev/termination-log"));
    default_to(container, "terminationMessagePolicy", json!("File"));
    if let Some(limits) = container
        .pointer("/resources/limits")
        .and_then(Value::as_object)
        .cloned()
    {
        default_to(&mut container["resources"], "requests", json!({}));
        for (resource, amount) in limits {
            default_to(&mut container["resources"]["requests"], &resource, amount);
        }
    }
    for port in container
        .get_mut("ports")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        default_to(port, "protocol", json!("TCP"));
    }
    for env in container
        .get_mut("env")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        if let Some(field) = env.pointer_mut("/valueFrom/fieldRef") {
            default_to(field, "apiVersion", json!("v1"));
        }
    }
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        if let Some(probe) = container.get_mut(probe) {
            default_to(probe, "timeoutSeconds", json!(1));
            default_to(probe, "periodSeconds", json!(10));
            default_to(probe, "successThreshold", json!(1));
            default_to(probe, "failureThreshold", json!(3));
            if let Some(get) = probe.get_mut("httpGet") {
                default_to(get, "scheme", json!("HTTP"));
                default_to(get, "path", json!("/"));
            }
        }
    }
}

fn namespace(object: &mut Value) {
    let name = json!(object::name(object));
    default_to(
        object::child(&mut object["metadata"], "labels"),
        "kubernetes.io/metadata.name",
        name,
    );
    default_to(object, "spec", json!({"finalizers": ["kubernetes"]}));
    default_to(object, "status", json!({"phase": "Active"}));
}

fn secret(object: &mut Value) {
    use base64::Engine as _;
    default_to(object, "type", json!("Opaque"));
    let Some(plain) = object
        .as_object_mut()
        .and_then(|object| object.remove("stringData"))
    else {
        return;
    };
    let data = object::child(object, "data");
    for (key, value) in plain.as_object().into_iter().flatten() {
        let value = value.as_str().unwrap_or_default();
        data[key] = json!(base64::engine::general_purpose::STANDARD.encode(value));
    }
}

fn service(object: &mut Value) {
    let hash =
        crate::controllers::names::hash(&format!("{}/{}", object::namespace(object), object::name(object)));
    let spec = &mut object["spec"];
    default_to(spec, "type", json!("ClusterIP"));
    let kind = text(spec, "/type").to_owned();
    default_to(spec, "sessionAffinity", json!("None"));
    default_to(spec, "internalTrafficPolicy", json!("Cluster"));
    if kind != "ExternalName" {
        let address = format!("10.96.{}.{}", hash % 256, 1 + hash / 256 % 254);
        default_to(spec, "clusterIP", json!(address));
        let address = spec["clusterIP"].clone();
        default_to(spec, "clusterIPs", json!([address]));
        default_to(spec, "ipFamilies", json!(["IPv4"]));
        default_to(spec, "ipFamilyPolicy", json!("SingleStack"));
    }
    let node_ports = matches!(kind.as_str(), "NodePort" | "LoadBalancer");
    if node_ports {
        default_to(spec, "externalTrafficPolicy", json!("Cluster"));
    }
    for (index, port) in spec
        .get_mut("ports")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
        .enumerate()
    {
        default_to(port, "protocol", json!("TCP"));
        let number = port["port"].clone();
        default_to(port, "targetPort", number);
        if node_ports {
            default_to(
                port,
                "nodePort",
                json!(30_000 + (hash + index as u64 * 7) % 2_767),
            );
        }
    }
    default_to(object, "status", json!({"loadBalancer": {}}));
}
