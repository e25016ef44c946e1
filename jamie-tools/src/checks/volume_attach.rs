//! Volumes that cannot be attached, or that another node holds.
//!
//! Checks: `volume-attach`, `volume-multi-attach`.

use std::{collections::BTreeSet, sync::Arc};

use jamie_core::{Evidence, NextStep, ObjectRef, Severity, Verdict};
use k8s_openapi::api::core::v1::{Event, PersistentVolumeClaim, Pod};

use super::{
    claims::{Users, users},
    happened, template,
    volumes::{pods, see, shown},
};
use crate::{
    fault::{Depth, Fault},
    snapshot::{Snapshot, reference},
    wording,
};

pub(crate) fn check(snapshot: &Snapshot) -> Vec<Fault> {
    let users = users(snapshot);
    let mut faults = attachments(snapshot, &users);
    faults.extend(held_elsewhere(snapshot, &users));
    faults
}

fn attachments(snapshot: &Snapshot, users: &Users<'_>) -> Vec<Fault> {
    let mut faults = Vec::new();
    for attachment in &snapshot.volume_attachments {
        let Some(status) = &attachment.status else {
            continue;
        };
        let Some((word, error)) = status
            .attach_error
            .as_ref()
            .map(|error| ("attached to", error))
            .or(status.detach_error.as_ref().map(|error| ("detached from", error)))
        else {
            continue;
        };
        if word == "attached to" && status.attached {
            continue;
        }
        let node = attachment.spec.node_name.as_str();
        let name = attachment
            .spec
            .source
            .persistent_volume_name
            .as_deref()
            .unwrap_or("?");
        let claim = snapshot.volume(name).map_or_else(
            || ObjectRef::cluster("PersistentVolume", name),
            |volume| shown(volume),
        );
        let mut fault = Fault::new(
            "volume-attach",
            Severity::Error,
            Depth::Cause,
            claim,
            format!("Volume `{name}` cannot be {word} node `{node}`"),
        );
        let message = wording::said(error.message.as_deref().unwrap_or("no reason given"), 300);
        fault.cause = format!("`{}` says: {}.", attachment.spec.attacher, message);
        fault.key = format!("PersistentVolume/{name}#attach");
        fault.since = error.time.as_ref().map(|time| time.0);
        fault.evidence.push(Evidence::new(
            format!(
                "VolumeAttachment {}",
                attachment.metadata.name.as_deref().unwrap_or("?")
            ),
            message,
            fault.since,
        ));
        fault.next_check = Some(NextStep::command(
            "See every attachment of the volume",
            format!("kubectl get volumeattachments | grep {name}"),
        ));
        fault.blames.push(ObjectRef::cluster("Node", node));
        let object = fault.object.clone();
        see(&mut fault, pods(users, &object));
        faults.push(fault);
    }
    faults
}

/// A volume for one node that pods on two nodes want: by the attach error, or by where the pods are.
fn held_elsewhere(snapshot: &Snapshot, users: &Users<'_>) -> Vec<Fault> {
    let mut faults = Vec::new();
    for ((namespace, name), pods) in users {
        let Some(claim) = snapshot.claim(namespace, name) else {
            continue;
        };
        let spec = claim.spec.as_ref();
        let modes = spec
            .and_then(|spec| spec.access_modes.as_deref())
            .unwrap_or_default();
        let is_for_one = !modes.is_empty()
            && modes
                .iter()
                .all(|mode| mode == "ReadWriteOnce" || mode == "ReadWriteOncePod");
        if !is_for_one {
            continue;
        }
        let waiting: Vec<&Arc<Pod>> = pods
            .iter()
            .filter(|pod| !template::is_ready(pod))
            .copied()
            .collect();
        if waiting.is_empty() {
            continue;
        }
        let told = waiting.iter().find_map(|pod| {
            let events = snapshot.events_of(&reference(pod.as_ref()));
            events.into_iter().rev().find(|event| {
                happened::is_fresh(event, snapshot) && happened::message(event).contains("Multi-Attach")
            })
        });
        // Pods that are leaving still hold the volume.
        let everybody: Vec<&Arc<Pod>> = snapshot
            .pods_in(namespace)
            .filter(|pod| {
                !crate::snapshot::is_finished(pod)
                    && crate::snapshot::claims(pod).any(|mounted| mounted == *name)
            })
            .collect();
        let nodes: BTreeSet<&str> = everybody.iter().filter_map(|pod| node_of(pod)).collect();
        let creating = waiting
            .iter()
            .any(|pod| template::waits_for(pod, &["ContainerCreating", "PodInitializing"]));
        let is_stuck = nodes.len() > 1
            && creating
            && !waiting
                .iter()
                .all(|pod| template::is_starting(pod, snapshot.taken_at));
        if told.is_none() && !is_stuck {
            continue;
        }
        faults.push(torn(snapshot, claim, &everybody, &waiting, told));
    }
    faults
}

fn node_of(pod: &Pod) -> Option<&str> {
    pod.spec.as_ref()?.node_name.as_deref()
}

/// One claim, the pods that hold it and those that wait for it.
fn torn(
    snapshot: &Snapshot,
    claim: &PersistentVolumeClaim,
    everybody: &[&Arc<Pod>],
    waiting: &[&Arc<Pod>],
    told: Option<&Arc<Event>>,
) -> Fault {
    let namespace = claim.metadata.namespace.as_deref().unwrap_or("default");
    let name = claim.metadata.name.as_deref().unwrap_or_default();
    let modes = claim
        .spec
        .as_ref()
        .and_then(|spec| spec.access_modes.as_deref())
        .unwrap_or_default();
    let is_held_up = |pod: &Pod| {
        waiting
            .iter()
            .any(|other| other.metadata.name == pod.metadata.name)
    };
    let place = |pod: &&Arc<Pod>| {
        let name = pod.metadata.name.as_deref()?;
        Some(format!("`{name}` on `{}`", node_of(pod)?))
    };
    let holders: Vec<String> = everybody
        .iter()
        .filter(|pod| !is_held_up(pod))
        .filter_map(place)
        .collect();
    let claimants: Vec<String> = waiting.iter().filter_map(place).collect();
    let mut fault = Fault::new(
        "volume-multi-attach",
        Severity::Error,
        Depth::Cause,
        reference(claim),
        format!("Claim `{namespace}/{name}` is wanted on a second node, and may only be used on one"),
    );
    fault.cause = format!(
        "It is {} (Multi-Attach error): {} {} it, so {} cannot start.",
        modes.join(" and "),
        if holders.is_empty() {
            "another node".to_owned()
        } else {
            wording::list(&holders, 3)
        },
        if holders.len() > 1 { "hold" } else { "holds" },
        if claimants.is_empty() {
            "the new pod".to_owned()
        } else {
            wording::list(&claimants, 3)
        },
    );
    fault.key = format!("PersistentVolumeClaim/{namespace}/{name}#multi-attach");
    fault.verdict = if told.is_some() {
        Verdict::Confirmed
    } else {
        Verdict::Likely
    };
    fault.evidence.push(Evidence::new(
        format!("PersistentVolumeClaim {namespace}/{name}"),
        format!(
            "accessModes: {}; mounted by {}",
            modes.join(", "),
            wording::list(&[holders.clone(), claimants].concat(), 6)
        ),
        Some(snapshot.taken_at),
    ));
    if let Some(event) = told {
        fault.evidence.push(happened::evidence(event));
        fault.since = happened::first_seen(event);
    }
    let owner = waiting.first().map(|pod| snapshot.workload_of(pod));
    fault.remedy = Some(match owner {
        Some(owner) if owner.kind == "Deployment" => NextStep::command(
            "Let the old pod go first: update strategy Recreate with one replica, or a ReadWriteMany volume",
            format!(
                "kubectl patch {} --type merge -p '{{\"spec\":{{\"strategy\":{{\"type\":\"Recreate\",\"rollingUpdate\":null}}}}}}'",
                template::kubectl(&owner)
            ),
        ),
        _ => NextStep::advice(
            "Delete the pod that holds the volume once it may go, or wait until its node has let it go",
        ),
    });
    see(&mut fault, waiting);
    for pod in everybody {
        let workload = snapshot.workload_of(pod);
        if !fault.blames.contains(&workload) {
            fault.blames.push(workload);
        }
    }
    fault
}
