//! Pods that go: whose they are, whether anything brings them back, and which disruption budgets have a say.

use jamie_core::ObjectRef;

use super::{Rehearsed, Told};
use crate::{
    Snapshot,
    acting::Write,
    snapshot::{is_finished, selector_matches},
    wording,
};

pub(super) fn of(snapshot: &Snapshot, rehearsed: &[Rehearsed], told: &mut Told) {
    let mut groups: Vec<(ObjectRef, usize)> = Vec::new();
    let mut orphans: Vec<String> = Vec::new();
    let mut budgets: Vec<(String, bool)> = Vec::new();
    for one in rehearsed {
        let target = &one.operation.target;
        if target.kind != "Pod" || !one.operation.removes() {
            continue;
        }
        let namespace = target.namespace.as_deref().unwrap_or_default();
        let Some(pod) = snapshot.pod(namespace, &target.name) else {
            continue;
        };
        if is_finished(pod) {
            continue;
        }
        let owner = snapshot.workload_of(pod);
        if owner.is_same(target) {
            orphans.push(format!("`{}`", target.path()));
        } else if let Some((_, count)) = groups.iter_mut().find(|(seen, _)| seen.is_same(&owner)) {
            *count += 1;
        } else {
            groups.push((owner, 1));
        }
        let asks = one.operation.write == Write::Evict;
        for budget in &snapshot.disruption_budgets {
            let selector = budget.spec.as_ref().and_then(|spec| spec.selector.as_ref());
            let covers = budget.metadata.namespace.as_deref() == Some(namespace)
                && selector.is_some_and(|one| selector_matches(one, pod.metadata.labels.as_ref()));
            let name = format!(
                "`{namespace}/{}`",
                budget.metadata.name.as_deref().unwrap_or_default()
            );
            if covers && !budgets.iter().any(|(seen, _)| *seen == name) {
                budgets.push((name, asks));
            }
        }
    }
    for (owner, count) in groups {
        told.reach(format!(
            "{owner} replaces {} of its pods.",
            if count == 1 {
                "one".to_owned()
            } else {
                count.to_string()
            }
        ));
        if wanted(snapshot, &owner) == Some(1) {
            told.fight(format!(
                "{owner} has one replica only: it is down until the new one is ready."
            ));
        }
    }
    if !orphans.is_empty() {
        told.fight(format!(
            "Nothing brings {} back: {} belong{} to no workload.",
            wording::list(&orphans, 5),
            if orphans.len() == 1 { "it" } else { "they" },
            if orphans.len() == 1 { "s" } else { "" }
        ));
    }
    let names = |asked: bool| -> Vec<String> {
        budgets
            .iter()
            .filter(|(_, asks)| *asks == asked)
            .map(|(name, _)| name.clone())
            .collect()
    };
    let (asked, passed) = (names(true), names(false));
    if !asked.is_empty() {
        told.reach(format!(
            "{} {} respected: a pod leaves only when enough others are ready.",
            wording::list(&asked, 5),
            wording::is_are(asked.len())
        ));
    }
    if !passed.is_empty() {
        told.fight(format!(
            "A deletion does not ask disruption budgets: {} would have had a say.",
            wording::list(&passed, 5)
        ));
    }
}

/// How many replicas a workload wants, where that is a number.
fn wanted(snapshot: &Snapshot, owner: &ObjectRef) -> Option<i32> {
    let namespace = owner.namespace.as_deref().unwrap_or_default();
    match owner.kind.as_str() {
        "Deployment" => Some(
            snapshot
                .deployment(namespace, &owner.name)?
                .spec
                .replicas
                .unwrap_or(1),
        ),
        "StatefulSet" => Some(
            snapshot
                .stateful_set(namespace, &owner.name)?
                .spec
                .replicas
                .unwrap_or(1),
        ),
        _ => None,
    }
}
