//! Workloads that are known to call a Service and that a NetworkPolicy, or their DNS settings, keep from it.
//!
//! Checks: `network-policy-blocks`, `network-policy-dns`, `dns-policy`.
//! A policy that denies by default is no fault by itself: only a path that somebody is told to use counts.

use std::collections::{BTreeMap, BTreeSet};

use jamie_core::{Evidence, ObjectRef, Severity, Verdict};

use super::{
    dependencies::{self, Dependency},
    template,
};
use crate::{
    fault::{Depth, Fault},
    reach::{self, Outcome, Party, PortAsked},
    snapshot::Snapshot,
    wording,
};

/// More paths than this are not walked in one pass.
const MOST: usize = 2_000;

pub(crate) fn check(snapshot: &Snapshot) -> Vec<Fault> {
    let guarded: BTreeSet<&str> = snapshot
        .network_policies
        .iter()
        .filter_map(|policy| policy.metadata.namespace.as_deref())
        .collect();
    let odd: BTreeSet<ObjectRef> = template::all(snapshot)
        .into_iter()
        .filter(|template| {
            let policy = template.spec.dns_policy.as_deref().unwrap_or("ClusterFirst");
            policy == "Default" || (policy == "ClusterFirst" && template.spec.host_network == Some(true))
        })
        .map(|template| template.object)
        .collect();
    if guarded.is_empty() && odd.is_empty() {
        return Vec::new();
    }
    let mut faults: BTreeMap<(ObjectRef, &'static str, String), Fault> = BTreeMap::new();
    let mut walked: BTreeSet<(ObjectRef, String, String, Option<u16>)> = BTreeSet::new();
    for dependency in dependencies::all(snapshot) {
        let from = dependency.from.namespace.as_deref().unwrap_or_default();
        let matters = guarded.contains(from)
            || guarded.contains(dependency.namespace.as_str())
            || odd.contains(&dependency.from);
        let key = (
            dependency.from.clone(),
            dependency.namespace.clone(),
            dependency.service.clone(),
            dependency.port,
        );
        if !matters || walked.len() >= MOST || !walked.insert(key) {
            continue;
        }
        if let Some(found) = of_dependency(snapshot, &dependency) {
            let service = if found.check == "network-policy-blocks" {
                dependency.service.clone()
            } else {
                String::new()
            };
            faults
                .entry((found.object.clone(), found.check, service))
                .and_modify(|known| merge(known, &dependency))
                .or_insert(found);
        }
    }
    faults.into_values().collect()
}

/// One more workload that the same policy keeps from the same Service.
fn merge(fault: &mut Fault, dependency: &Dependency) {
    if !fault.seen_on.contains(&dependency.from) {
        fault.seen_count += 1;
        if fault.seen_on.len() < Fault::MAX_SEEN {
            fault.seen_on.push(dependency.from.clone());
            fault.blames.push(dependency.from.clone());
        }
    }
}

fn of_dependency(snapshot: &Snapshot, dependency: &Dependency) -> Option<Fault> {
    let to = ObjectRef::namespaced(
        "Service",
        dependency.namespace.as_str(),
        dependency.service.as_str(),
    );
    let (from, target) = (Party::of(snapshot, &dependency.from)?, Party::of(snapshot, &to)?);
    let port = dependency.port.map(|port| PortAsked::Number(i32::from(port)));
    let path = reach::solve(snapshot, &from, &target, port.as_ref());
    let hop = path.hops.iter().find(|hop| {
        hop.outcome == Outcome::Fails && matches!(hop.step, "name" | "egress policy" | "ingress policy")
    })?;
    let blamed = hop.blame.clone()?;
    let caller = format!("`{}`", dependency.from.path());
    let is_policy = blamed.kind == "NetworkPolicy";
    let (check, object, title) = match (is_policy, hop.step) {
        (true, "name") => (
            "network-policy-dns",
            blamed.clone(),
            format!(
                "NetworkPolicy `{}` keeps {caller} from the cluster's DNS, so it cannot resolve any name",
                blamed.path()
            ),
        ),
        (true, _) => (
            "network-policy-blocks",
            blamed.clone(),
            format!(
                "NetworkPolicy `{}` cuts {caller} off from Service `{}`",
                blamed.path(),
                to.path()
            ),
        ),
        (false, "name") if blamed.is_same(&dependency.from) => (
            "dns-policy",
            dependency.from.clone(),
            format!(
                "{caller} cannot resolve `{}`: its pods do not ask the cluster's DNS",
                dependency.service
            ),
        ),
        // Others know better what ails the DNS pods or the endpoints.
        _ => return None,
    };
    let is_idle = template_is_idle(snapshot, &dependency.from);
    let mut fault = Fault::new(
        check,
        if is_idle { Severity::Info } else { Severity::Error },
        Depth::Cause,
        object,
        title,
    );
    fault.cause = format!(
        "{}. {} names the Service.",
        hop.text.trim_end_matches('.'),
        wording::sentence(&dependency.place)
    );
    fault.verdict = if check == "network-policy-blocks" {
        Verdict::Confirmed
    } else {
        Verdict::Likely
    };
    fault.key = format!(
        "{}#{}",
        fault.object,
        if check == "network-policy-blocks" {
            to.path()
        } else {
            "dns".to_owned()
        }
    );
    fault.evidence.clone_from(&hop.evidence);
    fault.evidence.push(Evidence::new(
        format!("{} pod template", dependency.from),
        format!("{}: {}", dependency.place, dependency.service),
        None,
    ));
    fault.remedy.clone_from(&hop.remedy);
    fault.blames.push(dependency.from.clone());
    if check == "network-policy-blocks" {
        fault.blames.push(to);
    }
    fault.seen_on.push(dependency.from.clone());
    fault.seen_count = 1;
    Some(fault)
}

fn template_is_idle(snapshot: &Snapshot, object: &ObjectRef) -> bool {
    let namespace = object.namespace.as_deref().unwrap_or_default();
    match object.kind.as_str() {
        "Deployment" => snapshot
            .deployment(namespace, &object.name)
            .is_some_and(|found| found.spec.replicas == Some(0)),
        "StatefulSet" => snapshot
            .stateful_set(namespace, &object.name)
            .is_some_and(|found| found.spec.replicas == Some(0)),
        "CronJob" => snapshot
            .cron_job(namespace, &object.name)
            .is_some_and(|found| found.spec.suspend == Some(true)),
        _ => false,
    }
}
