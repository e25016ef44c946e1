//! A snapshot and a kind in, its objects as items out.

use jamie_core::ObjectRef;
use jiff::Timestamp;
use k8s_openapi::{
    Metadata, Resource,
    api::{
        batch::v1::CronJob,
        core::v1::{Container, Node, PersistentVolumeClaim, Pod, PodSpec, Service},
    },
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};

use super::item::{Item, Lacks};
use crate::{
    Snapshot,
    pod_status::status_of,
    quantity, selector,
    snapshot::reference,
    template, wording,
    workload_status::{job_state, replicas_of},
};

/// The columns of a kind, between name and age.
pub(in crate::tools) fn headers(kind: &str) -> Vec<&'static str> {
    match kind {
        "Pod" => vec!["State", "Ready", "Restarts", "Node"],
        "Workload" => vec!["Kind", "Ready", "Images"],
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" => vec!["Ready", "Images"],
        "Job" => vec!["State", "Succeeded", "Images"],
        "CronJob" => vec!["Schedule", "Last run", "State"],
        "Service" => vec!["Type", "Address", "Ports", "Ready endpoints"],
        "Ingress" => vec!["Class", "Hosts", "Leads to"],
        "PersistentVolumeClaim" => vec!["State", "Size", "Class", "Volume"],
        "PersistentVolume" => vec!["State", "Size", "Class", "Claim"],
        "Node" => vec!["State", "CPU", "Memory", "Pods", "Version"],
        "ConfigMap" | "Secret" => vec!["Type", "Keys"],
        "HorizontalPodAutoscaler" => vec!["Target", "Replicas", "Bounds"],
        "PodDisruptionBudget" => vec!["Allows", "Healthy"],
        "ResourceQuota" => vec!["Used"],
        "StorageClass" | "IngressClass" => vec!["Provided by", "Default"],
        "Namespace" => vec!["State", "Pods"],
        "NetworkPolicy" => vec!["Selects", "Types"],
        "EndpointSlice" => vec!["Service", "Endpoints"],
        "PriorityClass" => vec!["Value"],
        _ => Vec::new(),
    }
}

/// The objects of a kind.
pub(in crate::tools) fn collect(snapshot: &Snapshot, kind: &str, now: Timestamp) -> Vec<Item> {
    match kind {
        "Pod" => snapshot.pods.iter().map(|pod| of_pod(pod, now)).collect(),
        "Workload" => ["Deployment", "StatefulSet", "DaemonSet"]
            .into_iter()
            .flat_map(|kind| collect(snapshot, kind, now))
            .map(|mut item| {
                item.cells.insert(0, item.object.kind.clone());
                item
            })
            .collect(),
        "Deployment" => workloads(snapshot, &snapshot.deployments),
        "StatefulSet" => workloads(snapshot, &snapshot.stateful_sets),
        "DaemonSet" => workloads(snapshot, &snapshot.daemon_sets),
        "ReplicaSet" => workloads(snapshot, &snapshot.replica_sets),
        "Job" => jobs(snapshot),
        "CronJob" => snapshot.cron_jobs.iter().map(|cron| of_cron(cron, now)).collect(),
        "Service" => snapshot
            .services
            .iter()
            .map(|service| of_service(snapshot, service))
            .collect(),
        "Node" => snapshot
            .nodes
            .iter()
            .map(|node| of_node(snapshot, node))
            .collect(),
        "PersistentVolumeClaim" => snapshot.claims.iter().map(|claim| of_claim(claim)).collect(),
        "Secret" => snapshot
            .secrets
            .iter()
            .map(|secret| {
                let keys: Vec<&str> = secret.keys.keys().map(String::as_str).collect();
                let mut item = Item::new(secret.reference(), &secret.metadata);
                item.state.clone_from(&secret.type_);
                item.cells = vec![secret.type_.clone().unwrap_or_default(), wording::list(&keys, 6)];
                item
            })
            .collect(),
        _ => plain(snapshot, kind),
    }
}

/// The objects of `kind` that belong to `target`; `None` when such a relation makes no sense.
pub(super) fn belonging(snapshot: &Snapshot, kind: &str, target: &ObjectRef) -> Option<Vec<ObjectRef>> {
    if target.kind == kind {
        return Some(vec![target.clone()]);
    }
    let pods = snapshot.pods_of(target);
    match kind {
        "Pod" => Some(pods.into_iter().map(|pod| reference(pod.as_ref())).collect()),
        "Node" => Some(
            pods.iter()
                .filter_map(|pod| pod.spec.as_ref()?.node_name.as_deref())
                .map(|node| ObjectRef::cluster("Node", node))
                .collect(),
        ),
        "Service" => Some(
            pods.iter()
                .flat_map(|pod| snapshot.services_of(pod))
                .map(|service| reference(service.as_ref()))
                .collect(),
        ),
        "Deployment" | "StatefulSet" | "DaemonSet" | "Workload" | "CronJob" | "Job" => {
            Some(pods.iter().map(|pod| snapshot.workload_of(pod)).collect())
        }
        "ReplicaSet" => {
            let deployment = snapshot.deployment(target.namespace.as_deref()?, &target.name)?;
            Some(
                snapshot
                    .replica_sets_of(deployment)
                    .into_iter()
                    .map(|set| reference(set.as_ref()))
                    .collect(),
            )
        }
        _ => None,
    }
}

fn item<K: Resource + Metadata<Ty = ObjectMeta>>(object: &K) -> Item {
    Item::new(reference(object), object.metadata())
}

fn images(spec: Option<&PodSpec>) -> Vec<String> {
    spec.into_iter()
        .flat_map(|spec| spec.init_containers.iter().flatten().chain(&spec.containers))
        .filter_map(|container| container.image.clone())
        .collect()
}

fn lacks(spec: Option<&PodSpec>) -> Lacks {
    let Some(spec) = spec else { return Lacks::default() };
    let limit = |container: &Container, name: &str| {
        container
            .resources
            .as_ref()
            .and_then(|all| all.limits.as_ref())
            .is_some_and(|all| all.contains_key(name))
    };
    let request = |container: &Container, name: &str| {
        let asked = container
            .resources
            .as_ref()
            .and_then(|all| all.requests.as_ref())
            .is_some_and(|all| all.contains_key(name));
        asked || limit(container, name)
    };
    let any = |lacks: &dyn Fn(&Container) -> bool| spec.containers.iter().any(lacks);
    Lacks {
        cpu_limit: any(&|container| !limit(container, "cpu")),
        memory_limit: any(&|container| !limit(container, "memory")),
        cpu_request: any(&|container| !request(container, "cpu")),
        memory_request: any(&|container| !request(container, "memory")),
        readiness: any(&|container| container.readiness_probe.is_none()),
        liveness: any(&|container| container.liveness_probe.is_none()),
    }
}

/// An image without its registry and path.
pub(super) fn short_image(image: &str) -> String {
    image.rsplit('/').next().unwrap_or(image).to_owned()
}

fn shown_images(images: &[String]) -> String {
    let short: Vec<String> = images.iter().map(|image| short_image(image)).collect();
    wording::list(&short, 3)
}

fn of_pod(pod: &Pod, now: Timestamp) -> Item {
    let status = status_of(pod);
    let mut item = item(pod);
    item.images = images(pod.spec.as_ref());
    item.lacks = lacks(pod.spec.as_ref());
    item.node = pod.spec.as_ref().and_then(|spec| spec.node_name.clone());
    item.restarts = Some(u64::from(status.restarts));
    item.is_well = Some(!status.is_unwell());
    let restarts = match status.last_restart {
        Some(at) if status.restarts > 0 => format!("{} ({} ago)", status.restarts, wording::age(at, now)),
        _ => status.restarts.to_string(),
    };
    // A pod that was killed for memory and runs again is still one that people look for by that word.
    let was = status.last_end.as_deref().filter(|_| status.restarts > 0);
    let state = match was {
        Some(end) if end.contains("OOMKilled") && !status.state.contains("OOM") => {
            format!("{} (last: {end})", status.state)
        }
        _ => status.state.clone(),
    };
    item.cells = vec![
        state.clone(),
        status.readiness(),
        restarts,
        item.node.clone().unwrap_or_default(),
    ];
    item.state = Some(state);
    item
}

fn workloads<K: Resource + Metadata<Ty = ObjectMeta>>(
    snapshot: &Snapshot,
    all: &[std::sync::Arc<K>],
) -> Vec<Item> {
    all.iter()
        .filter_map(|one| {
            let mut item = item(one.as_ref());
            let replicas = replicas_of(snapshot, &item.object)?;
            // Old revisions of a Deployment are kept at zero: nobody asks for those.
            if item.object.kind == "ReplicaSet" && replicas.wanted == 0 && replicas.current == 0 {
                return None;
            }
            let spec =
                template::template_of(snapshot, &item.object).and_then(|template| template.spec.as_ref());
            item.images = images(spec);
            item.lacks = lacks(spec);
            item.replicas = Some(replicas.wanted as u64);
            item.is_well = Some(!replicas.is_short());
            item.is_suspended = item.object.kind == "Deployment"
                && snapshot
                    .deployment(
                        item.object.namespace.as_deref().unwrap_or_default(),
                        &item.object.name,
                    )
                    .is_some_and(|one| one.spec.paused == Some(true));
            let ready = format!("{}/{}", replicas.ready, replicas.wanted);
            item.state = Some(if replicas.wanted == 0 {
                "scaled to zero".to_owned()
            } else if replicas.is_short() {
                format!("{ready} ready")
            } else {
                "ready".to_owned()
            });
            item.cells = vec![ready, shown_images(&item.images)];
            Some(item)
        })
        .collect()
}

fn jobs(snapshot: &Snapshot) -> Vec<Item> {
    snapshot
        .jobs
        .iter()
        .map(|job| {
            let mut item = item(job.as_ref());
            let spec = job.spec.as_ref();
            let state = job_state(job);
            item.images = images(spec.and_then(|spec| spec.template.spec.as_ref()));
            item.lacks = lacks(spec.and_then(|spec| spec.template.spec.as_ref()));
            item.is_well = Some(state != "Failed");
            item.is_suspended = state == "Suspended";
            item.state = Some(state.to_owned());
            let done = job
                .status
                .as_ref()
                .and_then(|status| status.succeeded)
                .unwrap_or(0);
            let wanted = spec.and_then(|spec| spec.completions).unwrap_or(1);
            item.cells = vec![
                state.to_owned(),
                format!("{done}/{wanted}"),
                shown_images(&item.images),
            ];
            item
        })
        .collect()
}

fn of_cron(cron: &CronJob, now: Timestamp) -> Item {
    let mut item = item(cron);
    let template = cron
        .spec
        .job_template
        .spec
        .as_ref()
        .and_then(|spec| spec.template.spec.as_ref());
    item.images = images(template);
    item.lacks = lacks(template);
    item.is_suspended = cron.spec.suspend == Some(true);
    let last = cron
        .status
        .as_ref()
        .and_then(|status| status.last_schedule_time.as_ref());
    let state = if item.is_suspended { "suspended" } else { "active" };
    item.state = Some(state.to_owned());
    item.cells = vec![
        cron.spec.schedule.clone(),
        last.map_or_else(
            || "never".to_owned(),
            |at| format!("{} ago", wording::age(at.0, now)),
        ),
        state.to_owned(),
    ];
    item
}

fn of_service(snapshot: &Snapshot, service: &Service) -> Item {
    let mut item = item(service);
    let spec = service.spec.clone().unwrap_or_default();
    let kind = spec.type_.clone().unwrap_or_else(|| "ClusterIP".to_owned());
    let headless = spec.cluster_ip.as_deref() == Some("None");
    let ports: Vec<String> = spec
        .ports
        .iter()
        .flatten()
        .map(|port| match port.node_port {
            Some(node) => format!("{}:{node}", port.port),
            None => port.port.to_string(),
        })
        .collect();
    let endpoints = snapshot.endpoints_of(service);
    let selects = spec
        .selector
        .as_ref()
        .is_some_and(|selector| !selector.is_empty());
    item.is_well = (selects && endpoints.known).then_some(endpoints.ready > 0);
    let outside = service
        .status
        .iter()
        .filter_map(|status| status.load_balancer.as_ref())
        .flat_map(|balancer| balancer.ingress.iter().flatten())
        .find_map(|point| point.ip.clone().or_else(|| point.hostname.clone()));
    let address = match (kind.as_str(), outside) {
        ("ExternalName", _) => spec.external_name.clone().unwrap_or_default(),
        ("LoadBalancer", None) => "pending".to_owned(),
        (_, Some(outside)) => outside,
        _ if headless => "headless".to_owned(),
        _ => spec.cluster_ip.clone().unwrap_or_default(),
    };
    item.state = Some(if headless {
        format!("{kind}, headless")
    } else {
        kind.clone()
    });
    item.cells = vec![
        kind,
        address,
        ports.join(", "),
        if selects {
            endpoints.ready.to_string()
        } else {
            String::new()
        },
    ];
    item
}

fn of_node(snapshot: &Snapshot, node: &Node) -> Item {
    let mut item = item(node);
    let ready = super::super::overview::is_node_ready(node);
    let cordoned = node.spec.as_ref().and_then(|spec| spec.unschedulable) == Some(true);
    let pressure: Vec<String> = node
        .status
        .iter()
        .flat_map(|status| status.conditions.iter().flatten())
        .filter(|condition| condition.type_ != "Ready" && condition.status == "True")
        .map(|condition| condition.type_.clone())
        .collect();
    let mut state = vec![if ready {
        "Ready".to_owned()
    } else {
        "NotReady".to_owned()
    }];
    if cordoned {
        state.push("SchedulingDisabled".to_owned());
    }
    state.extend(pressure.iter().cloned());
    item.is_well = Some(ready && pressure.is_empty());
    item.node = Some(item.object.name.clone());
    let allocatable = crate::scheduling::allocatable_of(node);
    let show = |name: &str| {
        allocatable
            .get(name)
            .map(|milli| quantity::show(name, *milli))
            .unwrap_or_default()
    };
    let pods = snapshot
        .pods_of(&item.object)
        .iter()
        .filter(|pod| !crate::snapshot::is_finished(pod))
        .count();
    let version = node
        .status
        .as_ref()
        .and_then(|status| status.node_info.as_ref())
        .map(|info| info.kubelet_version.clone());
    item.cells = vec![
        state.join(", "),
        show("cpu"),
        show("memory"),
        format!("{pods}/{}", show("pods")),
        version.unwrap_or_default(),
    ];
    item.state = Some(state.join(", "));
    item
}

fn of_claim(claim: &PersistentVolumeClaim) -> Item {
    let mut item = item(claim);
    let spec = claim.spec.clone().unwrap_or_default();
    let status = claim.status.clone().unwrap_or_default();
    let phase = status.phase.unwrap_or_else(|| "Pending".to_owned());
    item.is_well = Some(phase == "Bound");
    let size = status
        .capacity
        .as_ref()
        .and_then(|all| all.get("storage"))
        .or_else(|| {
            spec.resources
                .as_ref()
                .and_then(|all| all.requests.as_ref())
                .and_then(|all| all.get("storage"))
        });
    item.cells = vec![
        phase.clone(),
        size.map(|size| size.0.clone()).unwrap_or_default(),
        spec.storage_class_name.unwrap_or_default(),
        spec.volume_name.unwrap_or_default(),
    ];
    item.state = Some(phase);
    item
}

/// Kinds with little to say.
#[expect(clippy::too_many_lines, reason = "one short arm a kind")]
fn plain(snapshot: &Snapshot, kind: &str) -> Vec<Item> {
    match kind {
        "Ingress" => snapshot
            .ingresses
            .iter()
            .map(|one| {
                let mut item = item(one.as_ref());
                let spec = one.spec.clone().unwrap_or_default();
                let hosts: Vec<String> = spec
                    .rules
                    .iter()
                    .flatten()
                    .filter_map(|rule| rule.host.clone())
                    .collect();
                let mut backends: Vec<String> = spec
                    .rules
                    .iter()
                    .flatten()
                    .flat_map(|rule| rule.http.iter().flat_map(|http| &http.paths))
                    .filter_map(|path| path.backend.service.as_ref().map(|service| service.name.clone()))
                    .collect();
                backends.dedup();
                item.cells = vec![
                    spec.ingress_class_name.unwrap_or_default(),
                    if hosts.is_empty() {
                        "any".to_owned()
                    } else {
                        wording::list(&hosts, 3)
                    },
                    wording::list(&backends, 4),
                ];
                item
            })
            .collect(),
        "ConfigMap" => snapshot
            .config_maps
            .iter()
            .map(|one| {
                let mut item = item(one.as_ref());
                let keys: Vec<&str> = one
                    .data
                    .iter()
                    .flat_map(|data| data.keys())
                    .chain(one.binary_data.iter().flat_map(|data| data.keys()))
                    .map(String::as_str)
                    .collect();
                item.cells = vec![String::new(), wording::list(&keys, 6)];
                item
            })
            .collect(),
        "Namespace" => snapshot
            .namespaces
            .iter()
            .map(|one| {
                let mut item = item(one.as_ref());
                let phase = one
                    .status
                    .as_ref()
                    .and_then(|status| status.phase.clone())
                    .unwrap_or_else(|| "Active".to_owned());
                item.is_well = Some(phase == "Active");
                let pods = snapshot.pods_in(&item.object.name).count();
                item.cells = vec![phase.clone(), pods.to_string()];
                item.state = Some(phase);
                item
            })
            .collect(),
        "PersistentVolume" => snapshot
            .volumes
            .iter()
            .map(|one| {
                let mut item = item(one.as_ref());
                let spec = one.spec.clone().unwrap_or_default();
                let phase = one
                    .status
                    .as_ref()
                    .and_then(|status| status.phase.clone())
                    .unwrap_or_default();
                item.is_well = Some(matches!(phase.as_str(), "Bound" | "Available" | ""));
                let claim = spec.claim_ref.map(|claim| {
                    format!(
                        "{}/{}",
                        claim.namespace.unwrap_or_default(),
                        claim.name.unwrap_or_default()
                    )
                });
                let size = spec
                    .capacity
                    .and_then(|all| all.get("storage").map(|size| size.0.clone()));
                item.cells = vec![
                    phase.clone(),
                    size.unwrap_or_default(),
                    spec.storage_class_name.unwrap_or_default(),
                    claim.unwrap_or_default(),
                ];
                item.state = Some(phase);
                item
            })
            .collect(),
        "HorizontalPodAutoscaler" => snapshot
            .autoscalers
            .iter()
            .map(|one| {
                let mut item = item(one.as_ref());
                let spec = &one.spec;
                let status = one.status.clone().unwrap_or_default();
                let current = status.current_replicas.unwrap_or(0);
                item.replicas = u64::try_from(current).ok();
                item.cells = vec![
                    format!("{}/{}", spec.scale_target_ref.kind, spec.scale_target_ref.name),
                    current.to_string(),
                    format!("{} to {}", spec.min_replicas.unwrap_or(1), spec.max_replicas),
                ];
                item
            })
            .collect(),
        "PodDisruptionBudget" => snapshot
            .disruption_budgets
            .iter()
            .map(|one| {
                let mut item = item(one.as_ref());
                let status = one.status.clone().unwrap_or_default();
                item.cells = vec![
                    wording::count(
                        usize::try_from(status.disruptions_allowed.unwrap_or(0)).unwrap_or(0),
                        "disruption",
                    ),
                    format!(
                        "{} of {} wanted",
                        status.current_healthy.unwrap_or(0),
                        status.desired_healthy.unwrap_or(0)
                    ),
                ];
                item
            })
            .collect(),
        "ResourceQuota" => snapshot
            .quotas
            .iter()
            .map(|one| {
                let mut item = item(one.as_ref());
                let status = one.status.clone().unwrap_or_default();
                let used = status.used.unwrap_or_default();
                let parts: Vec<String> = status
                    .hard
                    .iter()
                    .flatten()
                    .map(|(name, hard)| {
                        let used = used.get(name).map_or("0", |used| used.0.as_str());
                        format!("{name} {used} of {}", hard.0)
                    })
                    .collect();
                item.cells = vec![wording::list(&parts, 8)];
                item
            })
            .collect(),
        "StorageClass" => snapshot
            .storage_classes
            .iter()
            .map(|one| {
                let mut item = item(one.as_ref());
                item.cells = vec![
                    one.provisioner.clone(),
                    default_mark(&one.metadata, "storageclass.kubernetes.io/is-default-class"),
                ];
                item
            })
            .collect(),
        "IngressClass" => snapshot
            .ingress_classes
            .iter()
            .map(|one| {
                let mut item = item(one.as_ref());
                let controller = one.spec.as_ref().and_then(|spec| spec.controller.clone());
                item.cells = vec![
                    controller.unwrap_or_default(),
                    default_mark(&one.metadata, "ingressclass.kubernetes.io/is-default-class"),
                ];
                item
            })
            .collect(),
        "NetworkPolicy" => snapshot
            .network_policies
            .iter()
            .map(|one| {
                let mut item = item(one.as_ref());
                let spec = one.spec.clone().unwrap_or_default();
                let selects = spec
                    .pod_selector
                    .as_ref()
                    .map_or_else(|| "everything".to_owned(), selector::show);
                item.cells = vec![selects, spec.policy_types.unwrap_or_default().join(", ")];
                item
            })
            .collect(),
        "EndpointSlice" => snapshot
            .endpoint_slices
            .iter()
            .map(|one| {
                let mut item = item(one.as_ref());
                let service = item.labels.get("kubernetes.io/service-name").cloned();
                item.cells = vec![
                    service.unwrap_or_default(),
                    one.endpoints.as_ref().map_or(0, Vec::len).to_string(),
                ];
                item
            })
            .collect(),
        "PriorityClass" => snapshot
            .priority_classes
            .iter()
            .map(|one| {
                let mut item = item(one.as_ref());
                item.cells = vec![one.value.unwrap_or(0).to_string()];
                item
            })
            .collect(),
        "ServiceAccount" => snapshot
            .service_accounts
            .iter()
            .map(|one| item(one.as_ref()))
            .collect(),
        "LimitRange" => snapshot
            .limit_ranges
            .iter()
            .map(|one| item(one.as_ref()))
            .collect(),
        _ => Vec::new(),
    }
}

fn default_mark(metadata: &ObjectMeta, annotation: &str) -> String {
    let is_default = metadata
        .annotations
        .as_ref()
        .and_then(|all| all.get(annotation))
        .is_some_and(|value| value == "true");
    if is_default {
        "default".to_owned()
    } else {
        String::new()
    }
}
