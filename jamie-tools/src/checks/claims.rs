//! Claims for storage that get none: Pending and why, Lost, or a resize that does not come through.
//!
//! Checks: `claim-storage-class`, `claim-no-default-class`, `claim-provisioning-failed`, `claim-provisioner-silent`,
//! `claim-no-volume`, `claim-pending`, `claim-lost`, `claim-resize`.
//! A claim whose class waits for its first pod, and has none, is as it should be.

mod fit;
mod pending;
mod resize;

use std::{collections::BTreeMap, sync::Arc};

use jamie_core::{Evidence, NextStep, ObjectRef, Severity};
use k8s_openapi::api::{
    core::v1::{PersistentVolumeClaim, Pod},
    storage::v1::StorageClass,
};

use super::template;
use crate::{
    fault::{Depth, Fault},
    snapshot::{Snapshot, claims as claims_of, reference},
    wording,
};

const LEGACY_CLASS: &str = "volume.beta.kubernetes.io/storage-class";
const DEFAULT_CLASS: [&str; 2] = [
    "storageclass.kubernetes.io/is-default-class",
    "storageclass.beta.kubernetes.io/is-default-class",
];

/// The pods that mount each claim.
pub(crate) type Users<'a> = BTreeMap<(&'a str, String), Vec<&'a Arc<Pod>>>;

pub(crate) fn users(snapshot: &Snapshot) -> Users<'_> {
    let mut users = Users::new();
    for pod in snapshot.pods.iter().filter(|pod| template::is_live(pod)) {
        let namespace = pod.metadata.namespace.as_deref().unwrap_or("default");
        for claim in claims_of(pod) {
            users
                .entry((namespace, claim.into_owned()))
                .or_default()
                .push(pod);
        }
    }
    users
}

pub(crate) fn check(snapshot: &Snapshot) -> Vec<Fault> {
    let users = users(snapshot);
    let mut faults: Vec<Fault> = snapshot
        .claims
        .iter()
        .filter_map(|claim| of_claim(snapshot, &users, claim))
        .collect();
    faults.extend(templates(snapshot));
    faults
}

/// The claim, its pods and its names at hand.
struct Case<'a> {
    snapshot: &'a Snapshot,
    claim: &'a PersistentVolumeClaim,
    pods: &'a [&'a Arc<Pod>],
    namespace: &'a str,
    name: &'a str,
}

impl Case<'_> {
    fn fault(&self, check: &'static str, depth: Depth, title: impl Into<String>) -> Fault {
        let is_used = self.pods.iter().any(|pod| !template::is_ready(pod));
        let severity = if is_used {
            Severity::Error
        } else {
            Severity::Warning
        };
        let mut fault = Fault::new(check, severity, depth, reference(self.claim), title);
        fault.key = reference(self.claim).path();
        fault.since = self.claim.metadata.creation_timestamp.as_ref().map(|time| time.0);
        fault.seen_count = self.pods.len();
        fault.seen_on = self
            .pods
            .iter()
            .take(Fault::MAX_SEEN)
            .map(|pod| reference(pod.as_ref()))
            .collect();
        fault.evidence.push(Evidence::new(
            format!("PersistentVolumeClaim {}/{}", self.namespace, self.name),
            format!("phase: {}, asks for {}", phase(self.claim), self.asks()),
            Some(self.snapshot.taken_at),
        ));
        fault
    }

    /// "10Gi, ReadWriteOnce, class `fast`".
    fn asks(&self) -> String {
        let spec = self.claim.spec.as_ref();
        let size = spec
            .and_then(|spec| spec.resources.as_ref()?.requests.as_ref()?.get("storage"))
            .map_or_else(|| "some storage".to_owned(), |size| size.0.clone());
        let modes = spec
            .and_then(|spec| spec.access_modes.as_ref())
            .map(|modes| modes.join(" and "));
        let class = match class_name(self.claim) {
            Some("") => "no class".to_owned(),
            Some(class) => format!("class `{class}`"),
            None => "the default class".to_owned(),
        };
        [Some(size), modes, Some(class)]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// "`shop/db`": whom it keeps waiting.
    fn waiting(&self) -> String {
        let mut owners: Vec<String> = self
            .pods
            .iter()
            .map(|pod| self.snapshot.workload_of(pod).path())
            .collect();
        owners.dedup();
        if owners.is_empty() {
            String::new()
        } else {
            format!(" {} waits for it.", wording::code_list(&owners, 3))
        }
    }
}

fn phase(claim: &PersistentVolumeClaim) -> &str {
    claim
        .status
        .as_ref()
        .and_then(|status| status.phase.as_deref())
        .unwrap_or("Pending")
}

fn class_name(claim: &PersistentVolumeClaim) -> Option<&str> {
    let legacy = claim
        .metadata
        .annotations
        .as_ref()
        .and_then(|annotations| annotations.get(LEGACY_CLASS));
    claim
        .spec
        .as_ref()
        .and_then(|spec| spec.storage_class_name.as_deref())
        .or(legacy.map(String::as_str))
}

fn is_default(class: &StorageClass) -> bool {
    let annotations = class.metadata.annotations.as_ref();
    DEFAULT_CLASS.iter().any(|key| {
        annotations
            .and_then(|annotations| annotations.get(*key))
            .is_some_and(|value| value == "true")
    })
}

fn of_claim(snapshot: &Snapshot, users: &Users<'_>, claim: &PersistentVolumeClaim) -> Option<Fault> {
    let namespace = claim.metadata.namespace.as_deref().unwrap_or("default");
    let name = claim.metadata.name.as_deref().unwrap_or_default();
    let pods = users
        .get(&(namespace, name.to_owned()))
        .map(Vec::as_slice)
        .unwrap_or_default();
    let case = Case {
        snapshot,
        claim,
        pods,
        namespace,
        name,
    };
    if claim.metadata.deletion_timestamp.is_some() {
        return None;
    }
    match phase(claim) {
        "Pending" => pending::pending(&case),
        "Lost" => Some(lost(&case)),
        "Bound" => resize::resize(&case),
        _ => None,
    }
}

fn lost(case: &Case<'_>) -> Fault {
    let volume = case
        .claim
        .spec
        .as_ref()
        .and_then(|spec| spec.volume_name.as_deref())
        .unwrap_or("?");
    let mut fault = case.fault(
        "claim-lost",
        Depth::Cause,
        format!("Claim `{}/{}` has lost its volume", case.namespace, case.name),
    );
    fault.severity = Severity::Critical;
    fault.cause = format!(
        "PersistentVolume `{volume}`, to which it was bound, no longer exists; the data on it may be gone with it.{}",
        case.waiting()
    );
    fault.next_check = Some(NextStep::advice(format!(
        "Look for the disk behind `{volume}` at the storage provider before anything else, then restore it or a backup into a new claim"
    )));
    fault.blames.push(ObjectRef::cluster("PersistentVolume", volume));
    fault
}

/// StatefulSets that would make claims of a class that does not exist, where no claim was made yet.
fn templates(snapshot: &Snapshot) -> Vec<Fault> {
    let mut faults = Vec::new();
    if !snapshot.may_see("StorageClass", None) || !snapshot.may_see("PersistentVolumeClaim", None) {
        return faults;
    }
    for set in &snapshot.stateful_sets {
        let namespace = set.metadata.namespace.as_deref().unwrap_or("default");
        let name = set.metadata.name.as_deref().unwrap_or_default();
        for claim in set.spec.volume_claim_templates.iter().flatten() {
            let Some(class) = class_name(claim).filter(|class| !class.is_empty()) else {
                continue;
            };
            let first = format!("{}-{name}-0", claim.metadata.name.as_deref().unwrap_or_default());
            let has_volumes = snapshot.volumes.iter().any(|volume| {
                volume
                    .spec
                    .as_ref()
                    .and_then(|spec| spec.storage_class_name.as_deref())
                    == Some(class)
            });
            if snapshot.storage_class(class).is_some()
                || has_volumes
                || snapshot.claim(namespace, &first).is_some()
            {
                continue;
            }
            let (there, _) = pending::class_names(snapshot, class);
            let is_idle = set.spec.replicas == Some(0);
            let mut fault = Fault::new(
                "claim-storage-class",
                if is_idle { Severity::Info } else { Severity::Error },
                Depth::Cause,
                reference(set.as_ref()),
                format!("`{namespace}/{name}` makes claims of StorageClass `{class}`, which does not exist"),
            );
            fault.cause = there;
            fault.key = format!("StorageClass/{class}");
            fault.blames.push(ObjectRef::cluster("StorageClass", class));
            fault.evidence.push(Evidence::new(
                format!("StatefulSet {namespace}/{name} volumeClaimTemplates"),
                format!("storageClassName: {class}"),
                None,
            ));
            fault.remedy = Some(NextStep::command(
                format!("Create StorageClass `{class}`, or make the StatefulSet anew with one that exists"),
                "kubectl get storageclass",
            ));
            faults.push(fault);
        }
    }
    faults
}
