//! A claim that is Pending in, what it waits for out.

use std::sync::Arc;

use jamie_core::{Evidence, NextStep, ObjectRef, Severity, Verdict};
use k8s_openapi::api::{core::v1::Event, storage::v1::StorageClass};

use super::{
    Case, class_name,
    fit::{is_met, obstacles},
    is_default,
};
use crate::{
    checks::{happened, nearest::nearest, template},
    fault::{Depth, Fault},
    snapshot::{Snapshot, reference},
    wording,
};

/// Provisioners take a moment.
const PATIENCE: i64 = 120;
const SELECTED_NODE: &str = "volume.kubernetes.io/selected-node";

pub(super) fn pending(case: &Case<'_>) -> Option<Fault> {
    let spec = case.claim.spec.as_ref()?;
    let events = case.snapshot.events_of(&reference(case.claim));
    if let Some(failed) = happened::latest(
        &events,
        &[
            "ProvisioningFailed",
            "FailedBinding",
            "VolumeMismatch",
            "ClaimLost",
        ],
        case.snapshot,
    ) && failed.reason.as_deref() != Some("FailedBinding")
    {
        return Some(provisioning_failed(case, failed));
    }
    if let Some(volume) = spec.volume_name.as_deref().filter(|name| !name.is_empty()) {
        return named_volume(case, volume);
    }
    let may_see_classes = case.snapshot.may_see("StorageClass", None);
    match class_name(case.claim) {
        Some("") => no_volume(case, ""),
        Some(class_name) => match case.snapshot.storage_class(class_name) {
            Some(class) => of_class(case, class),
            None if !may_see_classes || is_met(case, class_name) => None,
            None => Some(missing_class(case, class_name)),
        },
        None => {
            let mut classes = case.snapshot.storage_classes.iter();
            match classes.find(|class| is_default(class)) {
                Some(class) => of_class(case, class),
                None if !may_see_classes || is_met(case, "") => None,
                None => Some(no_default(case)),
            }
        }
    }
}

fn provisioning_failed(case: &Case<'_>, event: &Arc<Event>) -> Fault {
    let mut fault = case.fault(
        "claim-provisioning-failed",
        Depth::Cause,
        format!(
            "Claim `{}/{}` is Pending: its volume could not be made",
            case.namespace, case.name
        ),
    );
    let message = wording::clip(happened::message(event), 300);
    fault.cause = format!(
        "The provisioner says: {}.{}",
        wording::said(&message, 300),
        case.waiting()
    );
    let lower = message.to_ascii_lowercase();
    let class = class_name(case.claim).unwrap_or_default();
    if lower.contains("not found") && lower.contains("storageclass") {
        return missing_class(case, class);
    }
    fault.evidence.push(happened::evidence(event));
    fault.next_check = Some(NextStep::command(
        "Read what the provisioner ran into",
        format!("kubectl describe pvc {} -n {}", case.name, case.namespace),
    ));
    if !class.is_empty() {
        fault.blames.push(ObjectRef::cluster("StorageClass", class));
    }
    fault
}

fn missing_class(case: &Case<'_>, class: &str) -> Fault {
    let mut fault = case.fault(
        "claim-storage-class",
        Depth::Cause,
        format!(
            "Claim `{}/{}` is Pending: StorageClass `{class}` does not exist",
            case.namespace, case.name
        ),
    );
    let (there, meant) = class_names(case.snapshot, class);
    fault.cause = format!("{there}{}", case.waiting());
    fault.key = format!("StorageClass/{class}");
    fault.blames.push(ObjectRef::cluster("StorageClass", class));
    fault.evidence.push(Evidence::new(
        "StorageClasses",
        there,
        Some(case.snapshot.taken_at),
    ));
    fault.remedy = Some(NextStep::command(
        match meant {
            Some(meant) => format!(
                "A claim's class cannot be changed: make the claim anew with `{meant}`, or create StorageClass `{class}`"
            ),
            None => format!("Create StorageClass `{class}`, or make the claim anew with one that exists"),
        },
        "kubectl get storageclass",
    ));
    fault
}

/// What classes there are, as a sentence, and the one that was probably meant.
pub(super) fn class_names<'s>(snapshot: &'s Snapshot, class: &str) -> (String, Option<&'s str>) {
    let names: Vec<&str> = snapshot
        .storage_classes
        .iter()
        .filter_map(|class| class.metadata.name.as_deref())
        .collect();
    let meant = nearest(class, names.iter().copied());
    let there = match (names.as_slice(), meant) {
        ([], _) => "The cluster has no StorageClass at all.".to_owned(),
        (names, Some(meant)) => format!(
            "The cluster has {}; perhaps `{meant}` is meant.",
            wording::code_list(names, 6)
        ),
        (names, None) => format!("The cluster has {}.", wording::code_list(names, 6)),
    };
    (there, meant)
}

fn no_default(case: &Case<'_>) -> Fault {
    let mut fault = case.fault(
        "claim-no-default-class",
        Depth::Cause,
        format!(
            "Claim `{}/{}` is Pending: it names no StorageClass, and none is the default",
            case.namespace, case.name
        ),
    );
    let (there, _) = class_names(case.snapshot, "");
    fault.cause = format!(
        "{there} No volume without a class fits it either.{}",
        case.waiting()
    );
    fault.key = "StorageClass/default".into();
    fault.evidence.push(Evidence::new(
        "StorageClasses",
        there,
        Some(case.snapshot.taken_at),
    ));
    let first = case
        .snapshot
        .storage_classes
        .first()
        .and_then(|class| class.metadata.name.as_deref());
    fault.remedy = Some(match first {
        Some(class) => NextStep::command(
            format!("Make a class the default, for instance `{class}`"),
            format!("kubectl annotate storageclass {class} storageclass.kubernetes.io/is-default-class=true"),
        ),
        None => NextStep::advice("Install a storage provisioner with a default StorageClass"),
    });
    fault
}

/// The class exists: it may wait for a pod, want volumes made by hand, or have a provisioner that is silent.
fn of_class(case: &Case<'_>, class: &StorageClass) -> Option<Fault> {
    let name = class.metadata.name.as_deref().unwrap_or_default();
    if class.provisioner == "kubernetes.io/no-provisioner" {
        // Such volumes are bound when a pod is placed: without a pod there is nothing to wait for.
        return (!case.pods.is_empty()
            || class.volume_binding_mode.as_deref() != Some("WaitForFirstConsumer"))
        .then(|| no_volume(case, name))
        .flatten();
    }
    if is_met(case, name) {
        return None;
    }
    let annotations = case.claim.metadata.annotations.as_ref();
    let is_placed = annotations.is_some_and(|annotations| annotations.contains_key(SELECTED_NODE));
    let waits = class.volume_binding_mode.as_deref() == Some("WaitForFirstConsumer") && !is_placed;
    if waits {
        return None;
    }
    let age = template::age(&case.claim.metadata, case.snapshot.taken_at);
    let is_young = age.is_some_and(|age| age < PATIENCE);
    let mut fault = case.fault(
        "claim-provisioner-silent",
        Depth::Failure,
        format!(
            "Claim `{}/{}` is Pending: provisioner `{}` has not made its volume",
            case.namespace, case.name, class.provisioner
        ),
    );
    if is_young {
        fault.severity = Severity::Info;
    }
    fault.verdict = Verdict::Likely;
    let driver = provisioner_pods(case.snapshot, &class.provisioner);
    fault.cause = format!(
        "StorageClass `{name}` is there, but nobody has answered{}: {}.{}",
        age.map(|age| format!(" for {}", wording::duration(age)))
            .unwrap_or_default(),
        if driver.is_empty() {
            "no pod of that provisioner seems to run"
        } else {
            "its pods may be failing"
        },
        case.waiting()
    );
    let events = case.snapshot.events_of(&reference(case.claim));
    if let Some(event) = happened::latest(&events, &["ExternalProvisioning", "Provisioning"], case.snapshot) {
        fault.evidence.push(happened::evidence(event));
    }
    fault.next_check = Some(NextStep::command(
        format!(
            "See whether the pods of `{}` run and what they log",
            class.provisioner
        ),
        "kubectl get pods -A | grep -i -E 'csi|provisioner'",
    ));
    fault.blames.extend(driver);
    Some(fault)
}

/// Workloads that look like the provisioner: `ebs.csi.aws.com` is run by `ebs-csi-controller`.
fn provisioner_pods(snapshot: &Snapshot, provisioner: &str) -> Vec<ObjectRef> {
    let words: Vec<&str> = provisioner
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .split(['.', '-'])
        .filter(|word| {
            word.len() > 2
                && !matches!(
                    *word,
                    "csi" | "com" | "aws" | "driver" | "storage" | "k8s" | "provisioner"
                )
        })
        .collect();
    let mut found: Vec<ObjectRef> = Vec::new();
    for pod in &snapshot.pods {
        let name = pod.metadata.name.as_deref().unwrap_or_default();
        let is_driver = name.contains("csi") || name.contains("provisioner");
        if is_driver && words.iter().any(|word| name.contains(word)) {
            let workload = snapshot.workload_of(pod);
            if !found.contains(&workload) && found.len() < 3 {
                found.push(workload);
            }
        }
    }
    found
}

/// The claim names its volume.
fn named_volume(case: &Case<'_>, name: &str) -> Option<Fault> {
    if !case.snapshot.may_see("PersistentVolume", None) {
        return None;
    }
    let why = match case.snapshot.volume(name) {
        None => format!("There is no PersistentVolume `{name}`."),
        Some(volume) => {
            let obstacles = obstacles(case, volume, class_name(case.claim).unwrap_or_default());
            if obstacles.is_empty() {
                return None;
            }
            format!(
                "It names PersistentVolume `{name}`, but {}.",
                wording::list(&obstacles, 3)
            )
        }
    };
    let mut fault = case.fault(
        "claim-no-volume",
        Depth::Cause,
        format!(
            "Claim `{}/{}` is Pending: it cannot have volume `{name}`",
            case.namespace, case.name
        ),
    );
    fault.cause = format!("{why}{}", case.waiting());
    fault.blames.push(ObjectRef::cluster("PersistentVolume", name));
    fault.next_check = Some(NextStep::command(
        "Compare it with the volume",
        format!("kubectl get pv {name} -o yaml"),
    ));
    Some(fault)
}

/// No provisioner is asked: a volume made by hand must fit, and none does.
fn no_volume(case: &Case<'_>, class: &str) -> Option<Fault> {
    if !case.snapshot.may_see("PersistentVolume", None) || is_met(case, class) {
        return None;
    }
    let mut fault = case.fault(
        "claim-no-volume",
        Depth::Cause,
        format!(
            "Claim `{}/{}` is Pending: no PersistentVolume fits it",
            case.namespace, case.name
        ),
    );
    let mut near: Vec<(usize, String)> = case
        .snapshot
        .volumes
        .iter()
        .map(|volume| {
            let obstacles = obstacles(case, volume, class);
            let name = volume.metadata.name.as_deref().unwrap_or_default();
            (
                obstacles.len(),
                format!("`{name}`: {}", wording::list(&obstacles, 3)),
            )
        })
        .collect();
    near.sort();
    let near: Vec<String> = near.into_iter().map(|(_, text)| text).take(4).collect();
    let source = if class.is_empty() {
        "Without a class".to_owned()
    } else {
        format!("StorageClass `{class}` makes no volumes itself, so")
    };
    fault.cause = format!(
        "{source} it needs a volume made by hand, for {}. {}{}",
        case.asks(),
        if near.is_empty() {
            "The cluster has no PersistentVolume at all.".to_owned()
        } else {
            format!("None fits: {}.", near.join("; "))
        },
        case.waiting()
    );
    fault.evidence.push(Evidence::new(
        "PersistentVolumes",
        if near.is_empty() {
            "none".to_owned()
        } else {
            near.join("\n")
        },
        Some(case.snapshot.taken_at),
    ));
    fault.remedy = Some(NextStep::advice(format!(
        "Make a PersistentVolume for {}, or free one that fits",
        case.asks()
    )));
    Some(fault)
}
