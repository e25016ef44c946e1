//! Namespaces and objects that were deleted and do not go away, with what holds them.
//!
//! Checks: `namespace-terminating`, `deletion-stuck`. Pods have checks of their own.

use jamie_core::{Evidence, NextStep, ObjectRef, Severity, Verdict};
use k8s_openapi::{api::core::v1::Namespace, apimachinery::pkg::apis::meta::v1::ObjectMeta};

use super::template;
use crate::{
    fault::{Depth, Fault},
    snapshot::{Snapshot, claims, is_finished, reference},
    wording,
};

/// Controllers take a while to clean up.
const PATIENCE: i64 = 120;

pub(crate) fn check(snapshot: &Snapshot) -> Vec<Fault> {
    let mut faults: Vec<Fault> = snapshot
        .namespaces
        .iter()
        .filter_map(|namespace| of_namespace(snapshot, namespace))
        .collect();
    macro_rules! kinds {
        ($($kind:literal, $list:ident;)*) => {
            $( for object in &snapshot.$list { faults.extend(stuck(snapshot, $kind, &object.metadata)); } )*
        };
    }
    kinds! {
        "Node", nodes;
        "Deployment", deployments;
        "StatefulSet", stateful_sets;
        "DaemonSet", daemon_sets;
        "ReplicaSet", replica_sets;
        "Job", jobs;
        "CronJob", cron_jobs;
        "Service", services;
        "Ingress", ingresses;
        "ConfigMap", config_maps;
        "Secret", secrets;
        "ServiceAccount", service_accounts;
        "PersistentVolumeClaim", claims;
        "PersistentVolume", volumes;
    }
    faults
}

fn waited(metadata: &ObjectMeta, snapshot: &Snapshot) -> Option<i64> {
    let at = metadata.deletion_timestamp.as_ref()?.0;
    Some(snapshot.taken_at.as_second().saturating_sub(at.as_second()))
}

fn of_namespace(snapshot: &Snapshot, namespace: &Namespace) -> Option<Fault> {
    let waited = waited(&namespace.metadata, snapshot)?;
    let object = reference(namespace);
    let name = object.name.clone();
    let bad: Vec<_> = namespace
        .status
        .iter()
        .flat_map(|status| status.conditions.iter().flatten())
        .filter(|condition| condition.status == "True")
        .collect();
    let has_failed = bad.iter().any(|condition| condition.type_.ends_with("Failure"));
    let is_held = bad
        .iter()
        .any(|condition| condition.type_ == "NamespaceFinalizersRemaining");
    let severity = if has_failed || (waited > PATIENCE && (is_held || waited > 5 * PATIENCE)) {
        Severity::Error
    } else {
        Severity::Info
    };
    let mut fault = Fault::new(
        "namespace-terminating",
        severity,
        Depth::Cause,
        object,
        format!("Namespace `{name}` hangs in Terminating"),
    );
    if severity == Severity::Info {
        fault.title = format!("Namespace `{name}` is being deleted");
    }
    let own: Vec<&String> = namespace
        .spec
        .iter()
        .flat_map(|spec| spec.finalizers.iter().flatten())
        .chain(namespace.metadata.finalizers.iter().flatten())
        .filter(|finalizer| *finalizer != "kubernetes")
        .collect();
    let said: Vec<String> = bad
        .iter()
        .filter_map(|condition| condition.message.as_deref())
        .filter(|message| !message.is_empty())
        .map(|message| wording::clip(message, 240).trim_end_matches('.').to_owned())
        .collect();
    fault.cause = if !said.is_empty() {
        format!("{}.", said.join(". "))
    } else if own.is_empty() {
        format!(
            "It was deleted {} ago and still has something in it.",
            wording::duration(waited)
        )
    } else {
        format!(
            "It carries the finalizer {}, which its controller has not removed.",
            wording::code_list(&own, 3)
        )
    };
    fault.key = format!("Namespace/{name}#terminating");
    fault.since = namespace.metadata.deletion_timestamp.as_ref().map(|time| time.0);
    for condition in &bad {
        fault.evidence.push(Evidence::new(
            format!("Namespace {name} conditions"),
            format!(
                "{} ({}): {}",
                condition.type_,
                condition.reason.as_deref().unwrap_or("?"),
                condition.message.as_deref().unwrap_or_default()
            ),
            condition.last_transition_time.as_ref().map(|time| time.0),
        ));
    }
    if has_failed {
        let dead = snapshot.api_services.iter().filter(|api| {
            let conditions = api
                .status
                .iter()
                .flat_map(|status| status.conditions.iter().flatten());
            conditions
                .into_iter()
                .any(|condition| condition.type_ == "Available" && condition.status != "True")
        });
        fault
            .blames
            .extend(dead.map(|api| template::reference("APIService", &api.metadata)));
    }
    fault.next_check = Some(NextStep::command(
        "List what is left in it",
        format!(
            "kubectl api-resources --verbs=list --namespaced -o name | xargs -n 1 kubectl get -n {name} --ignore-not-found --show-kind"
        ),
    ));
    fault.remedy = Some(NextStep::advice(
        "Bring back the controller that owns the finalizers (or the API that does not answer); removing a finalizer by hand skips its clean-up",
    ));
    Some(fault)
}

fn stuck(snapshot: &Snapshot, kind: &str, metadata: &ObjectMeta) -> Option<Fault> {
    let waited = waited(metadata, snapshot)?;
    let finalizers = metadata
        .finalizers
        .as_deref()
        .filter(|finalizers| !finalizers.is_empty())?;
    let object = template::reference(kind, metadata);
    let severity = if waited > PATIENCE {
        Severity::Warning
    } else {
        Severity::Info
    };
    let mut fault = Fault::new(
        "deletion-stuck",
        severity,
        Depth::Cause,
        object.clone(),
        format!(
            "{kind} `{}` was deleted {} ago and is held by a finalizer",
            object.path(),
            wording::duration(waited)
        ),
    );
    fault.key = format!("{kind}/{}#finalizers", object.path());
    fault.since = metadata.deletion_timestamp.as_ref().map(|time| time.0);
    fault.evidence.push(Evidence::new(
        object.to_string(),
        format!("finalizers: {}", finalizers.join(", ")),
        fault.since,
    ));
    let holders = holders(snapshot, &object, finalizers);
    fault.cause = if holders.is_empty() {
        format!(
            "The finalizer {} is still on it; whoever put it there has to remove it and has not.",
            wording::code_list(finalizers, 3)
        )
    } else {
        let names: Vec<String> = holders.iter().map(ObjectRef::path).collect();
        format!(
            "{} holds it as long as it is in use: {} still {} it.",
            wording::code_list(finalizers, 3),
            wording::code_list(&names, 4),
            if names.len() == 1 { "uses" } else { "use" }
        )
    };
    if holders.is_empty() {
        fault.verdict = Verdict::Likely;
        fault.next_check = Some(NextStep::command(
            "See the finalizers and which controller they belong to",
            format!("kubectl get {} -o yaml", template::kubectl(&object)),
        ));
        fault.remedy = Some(NextStep::command(
            "Bring the controller back; only if it is gone for good, remove the finalizer by hand",
            format!(
                "kubectl patch {} --type merge -p '{{\"metadata\":{{\"finalizers\":null}}}}'",
                template::kubectl(&object)
            ),
        ));
    } else {
        fault.remedy = Some(NextStep::advice("It goes as soon as those no longer use it"));
    }
    fault.blames = holders;
    Some(fault)
}

/// Who uses a claim or volume that is held for being in use.
fn holders(snapshot: &Snapshot, object: &ObjectRef, finalizers: &[String]) -> Vec<ObjectRef> {
    let has = |name: &str| finalizers.iter().any(|finalizer| finalizer == name);
    match object.kind.as_str() {
        "PersistentVolumeClaim" if has("kubernetes.io/pvc-protection") => {
            // Pods that are leaving hold it as well.
            let namespace = object.namespace.as_deref().unwrap_or_default();
            snapshot
                .pods_in(namespace)
                .filter(|pod| !is_finished(pod) && claims(pod).any(|claim| claim == object.name))
                .map(|pod| reference(pod.as_ref()))
                .collect()
        }
        "PersistentVolume" if has("kubernetes.io/pv-protection") => {
            let claim = snapshot
                .volume(&object.name)
                .and_then(|volume| volume.spec.as_ref()?.claim_ref.clone());
            claim
                .and_then(|claim| {
                    Some(ObjectRef::namespaced(
                        "PersistentVolumeClaim",
                        claim.namespace?,
                        claim.name?,
                    ))
                })
                .filter(|claim| snapshot.exists(claim) == Some(true))
                .into_iter()
                .collect()
        }
        _ => Vec::new(),
    }
}
