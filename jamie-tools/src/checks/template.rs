//! A snapshot in, every pod template in it out: of workloads, of jobs and of pods that nobody owns.

use std::{collections::BTreeSet, sync::Arc};

use jamie_core::{ObjectRef, Severity};
use jiff::Timestamp;
use k8s_openapi::{
    api::core::v1::{Container, ContainerPort, Pod, PodSpec, PodTemplateSpec},
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};

use crate::{
    selector::Labels,
    snapshot::{self, Snapshot, is_finished},
};

/// What pods are made from, with the object that makes them.
#[derive(Debug)]
pub(crate) struct Template<'a> {
    /// The workload, the job, or the pod itself.
    pub(crate) object: ObjectRef,
    /// Where it lives.
    pub(crate) namespace: &'a str,
    /// What its pods are.
    pub(crate) spec: &'a PodSpec,
    /// What its pods are labelled with.
    pub(crate) labels: &'a Labels,
    /// How many pods are wanted; `None` where it depends (daemons, jobs).
    pub(crate) wanted: Option<i32>,
    /// Whether somebody has switched it off: scaled to zero, suspended.
    pub(crate) is_idle: bool,
    /// Whether its pods run to an end rather than for ever.
    pub(crate) is_batch: bool,
    /// Volumes that a StatefulSet makes claims for.
    pub(crate) claim_templates: Vec<&'a str>,
    /// How many the controller counts as ready.
    pub(crate) counted_ready: Option<i32>,
}

/// How the pods of a template are doing.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Standing {
    /// Pods that are ready.
    pub(crate) ready: usize,
    /// Pods that there are, finished and leaving ones aside.
    pub(crate) alive: usize,
    /// Pods that are wanted, or else the number alive.
    pub(crate) wanted: usize,
}

impl Standing {
    /// Whether every wanted pod is ready.
    pub(crate) fn is_healthy(self) -> bool {
        self.ready >= self.wanted.max(1) && self.ready >= self.alive
    }
}

static NO_LABELS: Labels = Labels::new();

impl<'a> Template<'a> {
    fn new(kind: &str, metadata: &'a ObjectMeta, template: Option<&'a PodTemplateSpec>) -> Option<Self> {
        let template = template?;
        Some(Self {
            object: reference(kind, metadata),
            namespace: metadata.namespace.as_deref().unwrap_or("default"),
            spec: template.spec.as_ref()?,
            labels: labels(template.metadata.as_ref()),
            wanted: None,
            is_idle: false,
            is_batch: false,
            claim_templates: Vec::new(),
            counted_ready: None,
        })
    }

    /// `namespace/name` in backticks.
    pub(crate) fn name(&self) -> String {
        format!("`{}`", self.object.path())
    }

    /// Its pods that are neither finished nor leaving.
    pub(crate) fn live_pods<'s>(&self, snapshot: &'s Snapshot) -> Vec<&'s Arc<Pod>> {
        snapshot
            .pods_of(&self.object)
            .into_iter()
            .filter(|pod| is_live(pod))
            .collect()
    }

    /// How its pods are doing; by the controller's count where there are no pods to look at.
    pub(crate) fn standing(&self, snapshot: &Snapshot) -> Standing {
        let pods = self.live_pods(snapshot);
        let ready = pods.iter().filter(|pod| is_ready(pod)).count();
        let wanted = self
            .wanted
            .and_then(|wanted| usize::try_from(wanted).ok())
            .unwrap_or(pods.len());
        let counted = self
            .counted_ready
            .and_then(|ready| usize::try_from(ready).ok())
            .unwrap_or(0);
        Standing {
            ready: if pods.is_empty() { counted } else { ready },
            alive: pods.len(),
            wanted,
        }
    }

    /// How bad it is when this template cannot work as written: pods that run already have got past it.
    pub(crate) fn severity_when_broken(&self, snapshot: &Snapshot) -> Severity {
        if self.is_idle {
            Severity::Info
        } else if self.standing(snapshot).is_healthy() {
            Severity::Warning
        } else {
            Severity::Error
        }
    }

    /// `kubectl` for the object: `deployment/api -n shop`.
    pub(crate) fn kubectl(&self) -> String {
        kubectl(&self.object)
    }
}

/// How `kubectl` addresses an object: `deployment/api -n shop`.
pub(crate) fn kubectl(object: &ObjectRef) -> String {
    let kind = object.kind.to_ascii_lowercase();
    match &object.namespace {
        Some(namespace) => format!("{kind}/{} -n {namespace}", object.name),
        None => format!("{kind}/{}", object.name),
    }
}

/// An object's address from its metadata.
pub(crate) fn reference(kind: &str, metadata: &ObjectMeta) -> ObjectRef {
    ObjectRef {
        kind: kind.to_owned(),
        namespace: metadata.namespace.clone(),
        name: metadata.name.clone().unwrap_or_default(),
        uid: metadata.uid.clone(),
    }
}

/// An object's labels, none where it has none.
pub(crate) fn labels(metadata: Option<&ObjectMeta>) -> &Labels {
    metadata
        .and_then(|metadata| metadata.labels.as_ref())
        .unwrap_or(&NO_LABELS)
}

/// All containers of a pod that run for it, init containers first.
pub(crate) fn containers(spec: &PodSpec) -> impl Iterator<Item = &Container> {
    spec.init_containers.iter().flatten().chain(&spec.containers)
}

/// The containers that serve: the pod's own and its sidecars.
pub(crate) fn serving_containers(spec: &PodSpec) -> impl Iterator<Item = &Container> {
    spec.init_containers
        .iter()
        .flatten()
        .filter(|container| container.restart_policy.as_deref() == Some("Always"))
        .chain(&spec.containers)
}

/// The ports that serving containers declare.
pub(crate) fn ports(spec: &PodSpec) -> impl Iterator<Item = (&Container, &ContainerPort)> {
    serving_containers(spec).flat_map(|container| {
        container
            .ports
            .iter()
            .flatten()
            .map(move |port| (container, port))
    })
}

/// Whether the pod is neither finished nor leaving.
pub(crate) fn is_live(pod: &Pod) -> bool {
    pod.metadata.deletion_timestamp.is_none() && !is_finished(pod)
}

/// Whether the pod takes traffic.
pub(crate) fn is_ready(pod: &Pod) -> bool {
    pod.metadata.deletion_timestamp.is_none() && snapshot::is_ready(pod)
}

/// Every template in the snapshot.
pub(crate) fn all(snapshot: &Snapshot) -> Vec<Template<'_>> {
    let mut found = Vec::new();
    for deployment in &snapshot.deployments {
        let spec = &deployment.spec;
        let Some(mut template) = Template::new("Deployment", &deployment.metadata, Some(&spec.template))
        else {
            continue;
        };
        template.wanted = Some(spec.replicas.unwrap_or(1));
        template.is_idle = template.wanted == Some(0);
        template.counted_ready = deployment
            .status
            .as_ref()
            .and_then(|status| status.ready_replicas);
        found.push(template);
    }
    for set in &snapshot.stateful_sets {
        let spec = &set.spec;
        let Some(mut template) = Template::new("StatefulSet", &set.metadata, Some(&spec.template)) else {
            continue;
        };
        template.wanted = Some(spec.replicas.unwrap_or(1));
        template.is_idle = template.wanted == Some(0);
        template.counted_ready = set.status.as_ref().and_then(|status| status.ready_replicas);
        let claims = spec.volume_claim_templates.iter().flatten();
        template.claim_templates = claims
            .filter_map(|claim| claim.metadata.name.as_deref())
            .collect();
        found.push(template);
    }
    for set in &snapshot.daemon_sets {
        if let Some(mut template) = Template::new("DaemonSet", &set.metadata, Some(&set.spec.template)) {
            template.counted_ready = set.status.as_ref().map(|status| status.number_ready);
            template.wanted = set.status.as_ref().map(|status| status.desired_number_scheduled);
            found.push(template);
        }
    }
    for set in &snapshot.replica_sets {
        if set
            .metadata
            .owner_references
            .as_ref()
            .is_some_and(|owners| !owners.is_empty())
        {
            continue;
        }
        let spec = &set.spec;
        if let Some(mut template) = Template::new("ReplicaSet", &set.metadata, spec.template.as_ref()) {
            template.wanted = Some(spec.replicas.unwrap_or(1));
            template.is_idle = template.wanted == Some(0);
            template.counted_ready = set.status.as_ref().and_then(|status| status.ready_replicas);
            found.push(template);
        }
    }
    batch(snapshot, &mut found);
    unowned_pods(snapshot, &mut found);
    found
}

fn batch<'a>(snapshot: &'a Snapshot, found: &mut Vec<Template<'a>>) {
    for cron_job in &snapshot.cron_jobs {
        let spec = &cron_job.spec;
        let template = spec.job_template.spec.as_ref().map(|job| &job.template);
        if let Some(mut template) = Template::new("CronJob", &cron_job.metadata, template) {
            template.is_batch = true;
            template.is_idle = spec.suspend.unwrap_or(false);
            found.push(template);
        }
    }
    for job in &snapshot.jobs {
        let is_owned = job
            .metadata
            .owner_references
            .as_ref()
            .is_some_and(|owners| !owners.is_empty());
        let is_over = job
            .status
            .iter()
            .flat_map(|status| status.conditions.iter().flatten())
            .any(|condition| {
                condition.status == "True"
                    && matches!(
                        condition.type_.as_str(),
                        "Complete" | "Failed" | "SuccessCriteriaMet"
                    )
            });
        if is_owned || is_over {
            continue;
        }
        if let Some(mut template) =
            Template::new("Job", &job.metadata, job.spec.as_ref().map(|spec| &spec.template))
        {
            template.is_batch = true;
            template.is_idle = job.spec.as_ref().and_then(|spec| spec.suspend).unwrap_or(false);
            found.push(template);
        }
    }
}

/// Pods of owners that the snapshot does not hold, one for each owner, and pods without any.
fn unowned_pods<'a>(snapshot: &'a Snapshot, found: &mut Vec<Template<'a>>) {
    let mut known: BTreeSet<(String, Option<String>, String)> =
        found.iter().map(|template| address(&template.object)).collect();
    for pod in snapshot.pods.iter().filter(|pod| is_live(pod)) {
        let owner = pod
            .metadata
            .owner_references
            .iter()
            .flatten()
            .find(|owner| owner.controller == Some(true));
        if owner.is_some_and(|owner| {
            matches!(
                owner.kind.as_str(),
                "ReplicaSet" | "StatefulSet" | "DaemonSet" | "Job" | "Node"
            )
        }) {
            continue;
        }
        let object = snapshot.workload_of(pod);
        let Some(spec) = pod.spec.as_ref() else { continue };
        if !known.insert(address(&object)) {
            continue;
        }
        found.push(Template {
            object,
            namespace: pod.metadata.namespace.as_deref().unwrap_or("default"),
            spec,
            labels: labels(Some(&pod.metadata)),
            wanted: None,
            is_idle: false,
            is_batch: spec
                .restart_policy
                .as_deref()
                .is_some_and(|policy| policy != "Always"),
            claim_templates: Vec::new(),
            counted_ready: None,
        });
    }
}

fn address(object: &ObjectRef) -> (String, Option<String>, String) {
    (object.kind.clone(), object.namespace.clone(), object.name.clone())
}

/// Whether a container of the pod waits for one of these reasons.
pub(crate) fn waits_for(pod: &Pod, reasons: &[&str]) -> bool {
    let status = pod.status.as_ref();
    status
        .into_iter()
        .flat_map(|status| {
            status
                .init_container_statuses
                .iter()
                .chain(&status.container_statuses)
                .flatten()
        })
        .filter_map(|container| container.state.as_ref()?.waiting.as_ref()?.reason.as_deref())
        .any(|reason| reasons.contains(&reason))
}

/// Whether the pod is so young that not being ready says nothing yet: no container of it has failed.
///
/// A server without a kubelet stamps a pod at the moment somebody writes it down, so what its status tells of
/// earlier times counts as well.
pub(crate) fn is_starting(pod: &Pod, now: Timestamp) -> bool {
    const GRACE: i64 = 90;
    let status = pod.status.as_ref();
    let containers = || {
        status.into_iter().flat_map(|status| {
            status
                .init_container_statuses
                .iter()
                .chain(&status.container_statuses)
                .flatten()
        })
    };
    let has_failed = containers().any(|container| {
        let waiting = container.state.as_ref().and_then(|state| state.waiting.as_ref());
        let reason = waiting.and_then(|waiting| waiting.reason.as_deref());
        container.restart_count > 0
            || reason.is_some_and(|reason| !matches!(reason, "ContainerCreating" | "PodInitializing"))
    });
    if has_failed {
        return false;
    }
    let running = containers()
        .filter_map(|container| container.state.as_ref()?.running.as_ref()?.started_at.as_ref())
        .map(|time| time.0);
    let conditions = status
        .into_iter()
        .flat_map(|status| status.conditions.iter().flatten())
        .filter_map(|condition| condition.last_transition_time.as_ref())
        .map(|time| time.0);
    let started = status
        .and_then(|status| status.start_time.as_ref())
        .map(|time| time.0);
    let created = pod.metadata.creation_timestamp.as_ref().map(|time| time.0);
    let oldest = running.chain(conditions).chain(started).chain(created).min();
    oldest.is_some_and(|oldest| now.as_second().saturating_sub(oldest.as_second()) < GRACE)
}

/// Seconds since the object was made; `None` where that is not written down.
pub(crate) fn age(metadata: &ObjectMeta, now: Timestamp) -> Option<i64> {
    let created = metadata.creation_timestamp.as_ref()?.0;
    Some(now.as_second().saturating_sub(created.as_second()))
}
