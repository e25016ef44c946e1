//! What runs, as items: pods, workloads, jobs and the nodes below them.

use std::sync::Arc;

use jiff::Timestamp;
use k8s_openapi::{
    Metadata, Resource,
    api::{
        batch::v1::{CronJob, Job},
        core::v1::{Node, Pod},
    },
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};

use super::{
    item::Item,
    kinds::{images, item, lacks, shown_images},
};
use crate::{
    Snapshot,
    pod_status::status_of,
    quantity, template, wording,
    workload_status::{job_state, replicas_of},
};

pub(super) fn pod(pod: &Pod, now: Timestamp) -> Item {
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

pub(super) fn workloads<K: Resource + Metadata<Ty = ObjectMeta>>(
    snapshot: &Snapshot,
    all: &[Arc<K>],
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

pub(super) fn job(job: &Job) -> Item {
    let mut item = item(job);
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
}

pub(super) fn cron(cron: &CronJob, now: Timestamp) -> Item {
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

pub(super) fn node(snapshot: &Snapshot, node: &Node) -> Item {
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
    let taints: Vec<String> = node
        .spec
        .iter()
        .flat_map(|spec| spec.taints.iter().flatten())
        .map(|taint| match taint.value.as_deref() {
            Some(value) if !value.is_empty() => format!("{}={value}:{}", taint.key, taint.effect),
            _ => format!("{}:{}", taint.key, taint.effect),
        })
        .collect();
    item.is_tainted = !taints.is_empty();
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
        taints.join(", "),
    ];
    item.state = Some(state.join(", "));
    item
}
