//! What may not change once it is there: selectors, most of a pod, a job's template.

use serde_json::Value;

use super::problems::Problems;
use crate::server::resources::ResourceType;
use crate::store::ApiStatus;

const IMMUTABLE: &str = "field is immutable";

/// Refuses an update that changes what may not change.
pub(crate) fn unchangeable(kind: &ResourceType, current: &Value, object: &Value) -> Result<(), ApiStatus> {
    let mut problems = Problems::new(kind, object);
    // An object that a controller stored may lack the defaults that the written one has.
    let mut completed = current.clone();
    crate::defaults::fill(&mut completed);
    let current = &completed;
    let fields: &[&str] = match (kind.group.as_str(), kind.plural.as_str()) {
        ("apps", "deployments" | "replicasets" | "daemonsets") => &["/spec/selector"],
        ("batch", "jobs") => &["/spec/selector", "/spec/template", "/spec/completionMode"],
        ("storage.k8s.io", "storageclasses") => &[
            "/provisioner",
            "/parameters",
            "/reclaimPolicy",
            "/volumeBindingMode",
        ],
        ("rbac.authorization.k8s.io", "rolebindings" | "clusterrolebindings") => &["/roleRef"],
        ("", "secrets") => &["/type"],
        _ => &[],
    };
    for field in fields {
        let (before, now) = (current.pointer(field), object.pointer(field));
        if before.is_some() && before != now {
            problems.invalid(&field.trim_start_matches('/').replace('/', "."), now, IMMUTABLE);
        }
    }
    match (kind.group.as_str(), kind.plural.as_str()) {
        ("", "pods") if pod_core(current) != pod_core(object) => {
            problems.forbidden(
                    "spec",
                    "pod updates may not change fields other than `spec.containers[*].image`,\
                     `spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to \
                     existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was \
                     previously negative)",
                );
        }
        ("apps", "statefulsets") => {
            let core = |object: &Value| {
                without(
                    object,
                    &[
                        "replicas",
                        "ordinals",
                        "template",
                        "updateStrategy",
                        "minReadySeconds",
                        "persistentVolumeClaimRetentionPolicy",
                        "revisionHistoryLimit",
                    ],
                )
            };
            if core(current) != core(object) {
                problems.forbidden(
                    "spec",
                    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', \
                     'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and \
                     'minReadySeconds' are forbidden",
                );
            }
        }
        ("", "persistentvolumeclaims") => {
            let core =
                |object: &Value| without(object, &["resources", "volumeName", "volumeAttributesClassName"]);
            if core(current) != core(object) {
                problems.forbidden(
                    "spec",
                    "spec is immutable after creation except resources.requests and volumeAttributesClassName for \
                     bound claims",
                );
            }
            let size = |claim: &Value, place: &str| claim.pointer(place).and_then(crate::quantity::of);
            let asked = "/spec/resources/requests/storage";
            let (before, now) = (size(current, asked), size(object, asked));
            if now < before && now <= size(current, "/status/capacity/storage").or(before) {
                let field = "spec.resources.requests.storage";
                problems.forbidden(field, "field can not be less than status.capacity");
            }
        }
        ("", "configmaps" | "secrets") if current.get("immutable") == Some(&Value::Bool(true)) => {
            for part in ["data", "binaryData", "immutable"] {
                if current.get(part) != object.get(part) {
                    problems.forbidden(part, "field is immutable when `immutable` is set");
                }
            }
        }
        _ => {}
    }
    problems.verdict()
}

fn without(object: &Value, fields: &[&str]) -> Value {
    let mut spec = object.get("spec").cloned().unwrap_or_default();
    if let Some(spec) = spec.as_object_mut() {
        spec.retain(|name, _| !fields.contains(&name.as_str()));
    }
    spec
}

/// A pod's spec without what may change.
fn pod_core(pod: &Value) -> Value {
    let mut spec = without(
        pod,
        &[
            "activeDeadlineSeconds",
            "tolerations",
            "terminationGracePeriodSeconds",
            "ephemeralContainers",
            "nodeName",
            "schedulingGates",
        ],
    );
    for part in ["containers", "initContainers"] {
        for container in spec
            .get_mut(part)
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            if let Some(container) = container.as_object_mut() {
                container.remove("image");
                container.remove("resources");
            }
        }
    }
    spec
}
