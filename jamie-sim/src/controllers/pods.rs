//! A template and its owner in, a pod in the store (or the server's refusal) out; and what controllers count about pods.

use serde_json::{Value, json};

use super::{World, admission, names};
use crate::{
    defaults,
    object::{self, child, stamp},
    server::{
        admission::{Write, reachable},
        resources,
    },
    store::{ApiStatus, Key},
};

/// What a controller wants to make of a template.
#[derive(Debug)]
pub(crate) struct Order<'a> {
    pub(crate) owner: &'a Value,
    pub(crate) template: &'a Value,
    /// The whole name, or nothing for one made from the owner's.
    pub(crate) name: Option<String>,
    /// Labels besides the template's.
    pub(crate) labels: Vec<(&'static str, String)>,
    /// Filled into the spec.
    pub(crate) node: Option<&'a str>,
}

/// Makes a pod as the owner's controller would.
pub(crate) fn create(world: &mut World, order: Order<'_>) -> Result<std::sync::Arc<Value>, ApiStatus> {
    let namespace = object::namespace(order.owner).to_owned();
    let prefix = format!("{}-", object::name(order.owner));
    let mut pod = json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"namespace": namespace, "creationTimestamp": stamp(world.now)},
        "spec": order.template.get("spec").cloned().unwrap_or_default(),
        "status": {"phase": "Pending"},
    });
    for field in ["labels", "annotations", "finalizers"] {
        if let Some(value) = order
            .template
            .pointer(&format!("/metadata/{field}"))
            .filter(|value| !value.is_null())
        {
            pod["metadata"][field] = value.clone();
        }
    }
    for (key, value) in order.labels {
        child(&mut pod["metadata"], "labels")[key] = json!(value);
    }
    let name = if let Some(name) = order.name {
        name
    } else {
        let made = world.made.get(object::uid(order.owner)).copied().unwrap_or(0);
        pod["metadata"]["generateName"] = json!(prefix);
        // Names of generated pods are cut so that they stay valid host names.
        let stem: String = prefix.chars().take(58).collect();
        format!(
            "{stem}{}",
            names::letters(&format!("{namespace}/{prefix}/{made}"), 5)
        )
    };
    pod["metadata"]["name"] = json!(name);
    pod["metadata"]["ownerReferences"] = json!([object::owner_reference(order.owner)]);
    if let Some(node) = order.node {
        pin(&mut pod, node);
    }
    if world.live {
        webhooks_answer(&world.store, &pod)?;
    }
    admit(&world.store, &mut pod, &prefix)?;
    let created = world
        .store
        .create(Key::namespaced("", "pods", &namespace, &name), pod);
    // Counted whatever came of it: a name that is taken must not be tried for ever.
    *world.made.entry(object::uid(order.owner).to_owned()).or_default() += 1;
    created
}

/// Refuses a pod that a webhook must see which nobody serves.
fn webhooks_answer(store: &crate::store::Store, pod: &Value) -> Result<(), ApiStatus> {
    let Some(kind) = resources::by_kind("", "Pod") else {
        return Ok(());
    };
    let key = Key::namespaced("", "pods", object::namespace(pod), object::name(pod));
    let write = Write {
        kind,
        version: "v1",
        key: &key,
        operation: "CREATE",
        old: None,
        new: Some(pod),
    };
    reachable(store, write)
}

/// All that the server does with a pod before it keeps it: admission, defaults, quality of service.
pub(crate) fn admit(store: &crate::store::Store, pod: &mut Value, shown_name: &str) -> Result<(), ApiStatus> {
    defaults::pod_spec(&mut pod["spec"]);
    admission::admit(store, pod, shown_name)?;
    pod["status"]["phase"] = json!("Pending");
    pod["status"]["qosClass"] = json!(quality(&pod["spec"]));
    Ok(())
}

/// A DaemonSet's pod is tied to its node by affinity; the scheduler does the rest.
fn pin(pod: &mut Value, node: &str) {
    let affinity = child(&mut pod["spec"], "affinity");
    affinity["nodeAffinity"] = json!({"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
        {"matchFields": [{"key": "metadata.name", "operator": "In", "values": [node]}]}]}});
    let tolerations = &mut pod["spec"]["tolerations"];
    if !tolerations.is_array() {
        *tolerations = json!([]);
    }
    if let Some(tolerations) = tolerations.as_array_mut() {
        for (key, effect) in [
            ("node.kubernetes.io/not-ready", "NoExecute"),
            ("node.kubernetes.io/unreachable", "NoExecute"),
            ("node.kubernetes.io/disk-pressure", "NoSchedule"),
            ("node.kubernetes.io/memory-pressure", "NoSchedule"),
            ("node.kubernetes.io/pid-pressure", "NoSchedule"),
            ("node.kubernetes.io/unschedulable", "NoSchedule"),
        ] {
            tolerations.push(json!({"key": key, "operator": "Exists", "effect": effect}));
        }
    }
}

fn quality(spec: &Value) -> &'static str {
    let (mut any, mut all) = (false, true);
    let containers = object::list(spec, "/containers")
        .iter()
        .chain(object::list(spec, "/initContainers"));
    for container in containers {
        for resource in ["cpu", "memory"] {
            let request = container.pointer(&format!("/resources/requests/{resource}"));
            let limit = container.pointer(&format!("/resources/limits/{resource}"));
            any |= request.is_some() || limit.is_some();
            all &= limit.is_some() && (request.is_none() || request == limit);
        }
    }
    match (any, all) {
        (false, _) => "BestEffort",
        (true, true) => "Guaranteed",
        (true, false) => "Burstable",
    }
}

/// Neither finished nor leaving.
pub(crate) fn is_active(pod: &Value) -> bool {
    !object::is_leaving(pod) && !is_finished(pod)
}

/// Succeeded or Failed.
pub(crate) fn is_finished(pod: &Value) -> bool {
    matches!(object::text(pod, "/status/phase"), "Succeeded" | "Failed")
}

/// Ready, and not leaving.
pub(crate) fn is_ready(pod: &Value) -> bool {
    !object::is_leaving(pod) && object::is_true(pod, "Ready")
}

/// Starts a pod's end, as deleting it through the API would.
pub(crate) fn delete(world: &mut World, pod: &Value) {
    let key = Key::namespaced("", "pods", object::namespace(pod), object::name(pod));
    if object::text(pod, "/spec/nodeName").is_empty() || is_finished(pod) {
        let _ = world.store.delete(&key);
        return;
    }
    if object::is_leaving(pod) {
        return;
    }
    let grace = object::number(pod, "/spec/terminationGracePeriodSeconds").unwrap_or(30);
    let at = stamp(object::later(world.now, grace * 1000));
    let _ = world.store.modify(&key, |pod| {
        pod["metadata"]["deletionTimestamp"] = json!(at);
        pod["metadata"]["deletionGracePeriodSeconds"] = json!(grace);
    });
}

/// The order in which a controller lets pods go: the least useful first.
pub(crate) fn least_useful_first(pods: &mut [std::sync::Arc<Value>]) {
    pods.sort_by_key(|pod| {
        (
            !object::text(pod, "/spec/nodeName").is_empty(),
            match object::text(pod, "/status/phase") {
                "Pending" => 0,
                "Running" => 2,
                _ => 1,
            },
            object::is_true(pod, "Ready"),
            std::cmp::Reverse(object::created(pod)),
            object::name(pod).to_owned(),
        )
    });
}
