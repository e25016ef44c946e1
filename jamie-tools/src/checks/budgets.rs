//! PodDisruptionBudgets that let nobody drain a node, or guard nothing.
//!
//! Checks: `budget-blocks-drains`, `budget-selects-nothing`, `budgets-overlap`.

use jamie_core::{Evidence, NextStep, Severity};
use k8s_openapi::{
    api::policy::v1::{PodDisruptionBudget, PodDisruptionBudgetSpec},
    apimachinery::pkg::util::intstr::IntOrString,
};

use super::template;
use crate::{
    fault::{Depth, Fault},
    selector,
    snapshot::{Snapshot, reference},
    wording,
};

pub(crate) fn check(snapshot: &Snapshot) -> Vec<Fault> {
    let mut faults = Vec::new();
    for budget in &snapshot.disruption_budgets {
        faults.extend(of_budget(snapshot, budget));
    }
    faults.extend(overlaps(snapshot));
    faults
}

fn show(amount: &IntOrString) -> String {
    match amount {
        IntOrString::Int(number) => number.to_string(),
        IntOrString::String(text) => text.clone(),
    }
}

fn rule(spec: &PodDisruptionBudgetSpec) -> String {
    match (&spec.max_unavailable, &spec.min_available) {
        (Some(most), _) => format!("maxUnavailable: {}", show(most)),
        (None, Some(least)) => format!("minAvailable: {}", show(least)),
        (None, None) => "neither minAvailable nor maxUnavailable".to_owned(),
    }
}

fn of_budget(snapshot: &Snapshot, budget: &PodDisruptionBudget) -> Option<Fault> {
    let spec = budget.spec.as_ref()?;
    let object = reference(budget);
    let path = object.path();
    let namespace = object.namespace.clone().unwrap_or_default();
    if !snapshot.may_see("Pod", Some(&namespace)) {
        return None;
    }
    let selector = spec.selector.as_ref()?;
    let pods: Vec<_> = snapshot
        .pods_selected(&namespace, selector)
        .into_iter()
        .filter(|pod| template::is_live(pod))
        .collect();
    let shown = selector::show(selector);
    if pods.is_empty() {
        let fits = |template: &template::Template<'_>| {
            template.namespace == namespace
                && crate::snapshot::selector_matches(selector, Some(template.labels))
        };
        if template::all(snapshot).iter().any(fits) {
            return None;
        }
        let mut fault = Fault::new(
            "budget-selects-nothing",
            Severity::Info,
            Depth::Cause,
            object,
            format!("PodDisruptionBudget `{path}` guards no pod"),
        );
        fault.cause =
            format!("Its selector `{shown}` fits no pod and no workload of namespace `{namespace}`.");
        fault.key = format!("PodDisruptionBudget/{path}#selector");
        return Some(fault);
    }
    let ready = pods.iter().filter(|pod| template::is_ready(pod)).count();
    let status = budget.status.as_ref();
    let expected = status
        .and_then(|status| status.expected_pods)
        .and_then(|pods| usize::try_from(pods).ok())
        .filter(|pods| *pods > 0)
        .unwrap_or(pods.len());
    let forbids = forbids_all(spec, expected);
    let allowed = status.and_then(|status| status.disruptions_allowed);
    let is_blocked = match allowed {
        Some(allowed) => allowed == 0 && ready >= expected,
        None => forbids,
    };
    // While pods are down, no eviction is as it should be: then the pods are the matter.
    if !(is_blocked || forbids && ready >= expected) {
        return None;
    }
    // One replica that must stay up is a common way to be warned of drains, not an accident waiting to happen.
    let mut owners: Vec<String> = pods.iter().map(|pod| snapshot.workload_of(pod).path()).collect();
    owners.dedup();
    let cordoned = snapshot.nodes.iter().any(|node| {
        node.spec.as_ref().and_then(|spec| spec.unschedulable) == Some(true)
            && pods.iter().any(|pod| {
                pod.spec.as_ref().and_then(|spec| spec.node_name.as_deref()) == node.metadata.name.as_deref()
            })
    });
    let mut fault = Fault::new(
        "budget-blocks-drains",
        Severity::Warning,
        Depth::Cause,
        object.clone(),
        format!("PodDisruptionBudget `{path}` lets none of its pods be evicted, so nodes cannot be drained"),
    );
    fault.cause = format!(
        "`{}` with {} of {} leaves 0 disruptions allowed, although {ready} of {expected} are ready.{}",
        rule(spec),
        wording::count(expected, "pod"),
        wording::code_list(&owners, 3),
        if cordoned {
            " A node that one of them runs on is cordoned: its drain is stuck on this."
        } else {
            ""
        },
    );
    fault.key = format!("PodDisruptionBudget/{path}");
    fault.evidence.push(Evidence::new(
        format!("PodDisruptionBudget {path}"),
        format!(
            "{}, selector {shown}, disruptionsAllowed: {}, healthy: {ready} of {expected}",
            rule(spec),
            allowed.map_or_else(|| "not computed".to_owned(), |allowed| allowed.to_string())
        ),
        Some(snapshot.taken_at),
    ));
    fault.remedy = Some(NextStep::command(
        "Allow one pod to be away (`maxUnavailable: 1`), or run one replica more than must stay",
        format!(
            "kubectl patch pdb {} -n {namespace} --type merge -p '{{\"spec\":{{\"minAvailable\":null,\"maxUnavailable\":1}}}}'",
            object.name
        ),
    ));
    fault.seen_count = pods.len();
    fault.seen_on = pods
        .iter()
        .take(Fault::MAX_SEEN)
        .map(|pod| reference(pod.as_ref()))
        .collect();
    Some(fault)
}

/// Whether the rule itself, with all pods healthy, lets none go.
fn forbids_all(spec: &PodDisruptionBudgetSpec, expected: usize) -> bool {
    let percent = |text: &str| text.trim().trim_end_matches('%').parse::<usize>().ok();
    match (&spec.max_unavailable, &spec.min_available) {
        (Some(IntOrString::Int(most)), _) => *most <= 0,
        (Some(IntOrString::String(most)), _) => percent(most) == Some(0),
        (None, Some(IntOrString::Int(least))) => usize::try_from(*least).unwrap_or(0) >= expected,
        (None, Some(IntOrString::String(least))) => {
            percent(least).is_some_and(|percent| (percent * expected).div_ceil(100) >= expected)
        }
        (None, None) => false,
    }
}

/// Two budgets on one pod: the eviction API refuses to choose.
fn overlaps(snapshot: &Snapshot) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (position, budget) in snapshot.disruption_budgets.iter().enumerate() {
        let namespace = budget.metadata.namespace.as_deref().unwrap_or_default();
        let Some(selector) = budget.spec.as_ref().and_then(|spec| spec.selector.as_ref()) else {
            continue;
        };
        let rest = snapshot.disruption_budgets.iter().skip(position + 1);
        for other in rest.filter(|other| other.metadata.namespace == budget.metadata.namespace) {
            let Some(second) = other.spec.as_ref().and_then(|spec| spec.selector.as_ref()) else {
                continue;
            };
            let both = snapshot
                .pods_selected(namespace, selector)
                .into_iter()
                .find(|pod| {
                    template::is_live(pod)
                        && crate::snapshot::selector_matches(second, pod.metadata.labels.as_ref())
                });
            let Some(pod) = both else { continue };
            let (first, second) = (reference(budget.as_ref()), reference(other.as_ref()));
            let mut fault = Fault::new(
                "budgets-overlap",
                Severity::Warning,
                Depth::Cause,
                first.clone(),
                format!(
                    "PodDisruptionBudgets `{}` and `{}` guard the same pods",
                    first.path(),
                    second.path()
                ),
            );
            fault.cause = format!(
                "Pod `{}` is under both, and the eviction API refuses pods with more than one budget, so drains fail.",
                reference(pod.as_ref()).path()
            );
            fault.key = format!("PodDisruptionBudget/{}+{}", first.path(), second.name);
            fault.evidence.push(Evidence::new(
                "PodDisruptionBudgets",
                format!("{}\n{}", first.path(), second.path()),
                Some(snapshot.taken_at),
            ));
            fault.remedy = Some(NextStep::command(
                "Delete one of the two",
                format!("kubectl delete pdb {} -n {namespace}", second.name),
            ));
            fault.blames.push(second);
            faults.push(fault);
        }
    }
    faults
}
