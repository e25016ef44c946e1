//! Services that nobody answers for: the selector fits no pod, or fits pods of which none is ready.
//!
//! Checks: `service-selects-nothing`, `service-no-ready-endpoints`, `service-scaled-to-zero`,
//! `service-endpoints-stale`, `service-without-endpoints`.

use jamie_core::{Evidence, NextStep, ObjectRef, Severity, Verdict};
use k8s_openapi::api::core::v1::Service;

use super::{
    backing::{Backing, address, is_cluster_dns, live_pods, selector},
    nearest::nearest,
    proposals,
    template::{self, Template},
};
use crate::{
    fault::{Depth, Fault},
    selector::{Labels, show_pairs},
    snapshot::{Snapshot, matches_labels, reference},
    wording,
};

/// Labels that controllers move between pods as they take turns; that nobody has a turn is no slip.
const TURNS: [&str; 7] = ["role", "leader", "primary", "master", "replica", "active", "slot"];

pub(crate) fn check(snapshot: &Snapshot) -> Vec<Fault> {
    let backing = Backing::new(snapshot);
    snapshot
        .services
        .iter()
        .filter_map(|service| of_service(snapshot, &backing, service))
        .collect()
}

fn of_service(snapshot: &Snapshot, backing: &Backing<'_>, service: &Service) -> Option<Fault> {
    let (namespace, name) = address(service);
    if (namespace, name) == ("default", "kubernetes") || service.metadata.deletion_timestamp.is_some() {
        return None;
    }
    let Some(selector) = selector(service) else {
        return without_selector(snapshot, backing, service);
    };
    if !snapshot.may_see("Pod", Some(namespace)) {
        return None;
    }
    let pods = live_pods(snapshot, namespace, selector);
    if pods.is_empty() {
        // Slices that somebody keeps by hand, or that outlive their pods by a moment, still take traffic.
        return (snapshot.endpoints_of(service).ready == 0)
            .then(|| selects_nothing(snapshot, backing, service, selector))
            .flatten();
    }
    let publishes = service
        .spec
        .as_ref()
        .and_then(|spec| spec.publish_not_ready_addresses)
        == Some(true);
    if publishes {
        return None;
    }
    let ready = pods.iter().filter(|pod| template::is_ready(pod)).count();
    if ready > 0 {
        return stale(snapshot, service, ready);
    }
    if pods
        .iter()
        .all(|pod| template::is_starting(pod, snapshot.taken_at))
    {
        return None;
    }
    let mut workloads: Vec<ObjectRef> = Vec::new();
    for pod in &pods {
        let workload = snapshot.workload_of(pod);
        if workload.kind != "Job" && workload.kind != "CronJob" && !workloads.contains(&workload) {
            workloads.push(workload);
        }
    }
    if workloads.is_empty() {
        return None;
    }
    let mut fault = Fault::new(
        "service-no-ready-endpoints",
        backing.severity(service),
        Depth::Symptom,
        reference(service),
        format!("Service `{namespace}/{name}` has no ready endpoints"),
    );
    let owners: Vec<String> = workloads.iter().map(ObjectRef::path).collect();
    fault.cause = format!(
        "It selects {} of {} (`{}`), and none of them is ready, so nobody answers.",
        wording::count(pods.len(), "pod"),
        wording::code_list(&owners, 3),
        show_pairs(selector),
    );
    if is_cluster_dns(service) {
        fault
            .cause
            .push_str(" It is the cluster's DNS: no pod can resolve a name.");
    }
    fault.key = reference(service).path();
    fault.since = pods.iter().filter_map(|pod| unready_since(pod)).min();
    fault.seen_count = pods.len();
    fault.seen_on = pods
        .iter()
        .take(Fault::MAX_SEEN)
        .map(|pod| reference(pod.as_ref()))
        .collect();
    fault.evidence.push(Evidence::new(
        format!("Service {namespace}/{name} and its pods"),
        format!("0 of {} ready", wording::count(pods.len(), "selected pod")),
        Some(snapshot.taken_at),
    ));
    fault.next_check = Some(NextStep::command(
        "See why its pods are not ready",
        format!("kubectl get pods -n {namespace} -l {}", show_pairs(selector)),
    ));
    fault.blames = workloads;
    Some(fault)
}

fn unready_since(pod: &k8s_openapi::api::core::v1::Pod) -> Option<jiff::Timestamp> {
    let conditions = pod.status.as_ref()?.conditions.as_ref()?;
    let ready = conditions.iter().find(|condition| condition.type_ == "Ready")?;
    ready.last_transition_time.as_ref().map(|time| time.0)
}

/// Pods are ready, yet the server's endpoints know none: whoever writes them is behind.
fn stale(snapshot: &Snapshot, service: &Service, ready: usize) -> Option<Fault> {
    let state = snapshot.endpoints_of(service);
    if !state.from_slices || state.ready > 0 {
        return None;
    }
    let (namespace, name) = address(service);
    let mut fault = Fault::new(
        "service-endpoints-stale",
        Severity::Error,
        Depth::Failure,
        reference(service),
        format!("Service `{namespace}/{name}` has ready pods but no ready endpoints"),
    );
    fault.cause = format!(
        "{} ready and selected, but its EndpointSlices list no ready address: either its `targetPort` is not on the pods, or the endpoint controller is not keeping up.",
        if ready == 1 {
            "1 pod is".to_owned()
        } else {
            format!("{ready} pods are")
        },
    );
    fault.verdict = Verdict::Likely;
    fault.key = reference(service).path();
    fault.evidence.push(Evidence::new(
        format!("EndpointSlices of {namespace}/{name}"),
        format!("ready: 0, not ready: {}", state.not_ready),
        Some(snapshot.taken_at),
    ));
    fault.next_check = Some(NextStep::command(
        "Look at the endpoints",
        format!("kubectl get endpointslices -n {namespace} -l kubernetes.io/service-name={name} -o yaml"),
    ));
    Some(fault)
}

/// A Service without a selector lives from endpoints that somebody else writes.
fn without_selector(snapshot: &Snapshot, backing: &Backing<'_>, service: &Service) -> Option<Fault> {
    let (namespace, name) = address(service);
    let spec = service.spec.as_ref()?;
    let is_plain = spec.type_.as_deref() != Some("ExternalName")
        && spec.cluster_ip.as_deref() != Some("None")
        && spec.selector.as_ref().is_none_or(Labels::is_empty);
    if !is_plain || !snapshot.may_see("EndpointSlice", Some(namespace)) {
        return None;
    }
    let state = snapshot.endpoints_of(service);
    if state.ready > 0 || state.not_ready > 0 {
        return None;
    }
    let is_used = !backing.ingresses(namespace, name).is_empty();
    let severity = if is_used {
        Severity::Error
    } else {
        Severity::Warning
    };
    let mut fault = Fault::new(
        "service-without-endpoints",
        severity,
        Depth::Cause,
        reference(service),
        format!("Service `{namespace}/{name}` has neither a selector nor endpoints"),
    );
    fault.cause =
        "Without a selector its endpoints must be written by hand or by another controller, and nobody has."
            .into();
    fault.key = reference(service).path();
    fault.verdict = Verdict::Likely;
    let meant = backing
        .templates(namespace)
        .iter()
        .find(|template| template.object.name == name);
    if let Some(meant) = meant {
        let pairs = show_pairs(meant.labels);
        fault.remedy = Some(NextStep::command(
            format!("Select the pods of {}", meant.name()),
            format!("kubectl set selector service {name} '{pairs}' -n {namespace}"),
        ));
    }
    fault.evidence.push(Evidence::new(
        format!("Service {namespace}/{name}"),
        "no selector, no EndpointSlice with an address",
        Some(snapshot.taken_at),
    ));
    Some(fault)
}

/// No pod has the labels.
fn selects_nothing(
    snapshot: &Snapshot,
    backing: &Backing<'_>,
    service: &Service,
    selector: &Labels,
) -> Option<Fault> {
    let (namespace, name) = address(service);
    let wanted = show_pairs(selector);
    let fitting: Vec<&Template<'_>> = backing
        .templates(namespace)
        .iter()
        .filter(|template| matches_labels(selector, Some(template.labels)))
        .collect();
    if !fitting.is_empty() {
        return without_pods(backing, service, &fitting);
    }
    let near = closest(backing, service, selector);
    let is_used = backing.severity(service) == Severity::Critical;
    let takes_turns = near.as_ref().is_some_and(|near| near.takes_turns);
    let severity = match &near {
        _ if takes_turns => Severity::Info,
        Some(_) if is_used => Severity::Critical,
        Some(_) => Severity::Error,
        None if is_used => Severity::Error,
        None => Severity::Warning,
    };
    let mut fault = Fault::new(
        "service-selects-nothing",
        severity,
        Depth::Cause,
        reference(service),
        format!("Service `{namespace}/{name}` selects no pod, so it has no endpoints"),
    );
    fault.key = format!("Service/{namespace}/{name}#selector");
    fault.evidence.push(Evidence::new(
        format!("Service {namespace}/{name} selector"),
        &wanted,
        Some(snapshot.taken_at),
    ));
    if let Some(near) = near {
        let labels = show_pairs(near.template.labels);
        fault.cause = format!(
            "Its selector is `{wanted}`, but the pods of {} are labelled `{labels}`: {}.",
            near.template.name(),
            near.difference,
        );
        fault.verdict = if near.is_certain {
            Verdict::Confirmed
        } else {
            Verdict::Likely
        };
        fault.evidence.push(Evidence::new(
            format!("{} pod labels", near.template.object),
            &labels,
            None,
        ));
        let fixed = show_pairs(&near.corrected);
        fault.remedy = Some(NextStep::command(
            format!("Let the Service select the pods of {}", near.template.name()),
            format!("kubectl set selector service {name} '{fixed}' -n {namespace}"),
        ));
        if let (true, Some(step)) = (near.is_plain && near.is_certain && !near.takes_turns, &mut fault.remedy) {
            step.proposal = Some(proposals::proposal(
                "switch_service",
                serde_json::json!({"target": reference(service), "selector": near.corrected}),
                vec![
                    format!("no pod is labelled `{wanted}`"),
                    format!("with one change the Service finds the pods of {}, and no others come near", near.template.name()),
                ],
            ));
        }
        fault.blames.push(near.template.object.clone());
    } else {
        let elsewhere = snapshot.pods.iter().find(|pod| {
            let labels = template::labels(Some(&pod.metadata));
            matches_labels(selector, Some(labels)) && template::is_live(pod)
        });
        let other = elsewhere.and_then(|pod| pod.metadata.namespace.as_deref());
        fault.cause = match other {
            Some(other) => format!(
                "No pod in namespace `{namespace}` is labelled `{wanted}`. Pods with these labels run in namespace `{other}`, but a Service only selects in its own."
            ),
            None => format!("No pod and no workload in namespace `{namespace}` is labelled `{wanted}`."),
        };
        fault.next_check = Some(NextStep::command(
            "See how the pods there are labelled",
            format!("kubectl get pods -n {namespace} --show-labels"),
        ));
    }
    Some(fault)
}

/// The selector is right, but its workloads have no pods.
fn without_pods(backing: &Backing<'_>, service: &Service, fitting: &[&Template<'_>]) -> Option<Fault> {
    let (namespace, name) = address(service);
    let serving: Vec<&&Template<'_>> = fitting.iter().filter(|template| !template.is_batch).collect();
    if serving.is_empty() {
        return None;
    }
    let names: Vec<String> = serving.iter().map(|template| template.object.path()).collect();
    let idle = serving.iter().all(|template| template.is_idle);
    let (check, severity, cause) = if idle {
        (
            "service-scaled-to-zero",
            Severity::Info,
            format!("{} is scaled to 0 replicas.", wording::code_list(&names, 3)),
        )
    } else if serving.iter().all(|template| template.wanted == Some(0)) {
        return None;
    } else {
        (
            "service-no-ready-endpoints",
            backing.severity(service),
            format!(
                "Its selector fits {}, which has no pods.",
                wording::code_list(&names, 3)
            ),
        )
    };
    let mut fault = Fault::new(
        check,
        severity,
        Depth::Symptom,
        reference(service),
        format!("Service `{namespace}/{name}` has no endpoints"),
    );
    fault.cause = cause;
    fault.key = reference(service).path();
    fault.blames = serving.iter().map(|template| template.object.clone()).collect();
    if let (true, Some(first)) = (idle, serving.first()) {
        fault.remedy = Some(NextStep::command(
            format!("Scale {} up when it is wanted", first.name()),
            format!("kubectl scale {} --replicas=1", first.kubectl()),
        ));
    }
    Some(fault)
}

/// The template that the selector was probably meant for.
struct Near<'t, 'a> {
    template: &'t Template<'a>,
    difference: String,
    corrected: Labels,
    is_certain: bool,
    takes_turns: bool,
    /// Whether one label differs, and no other workload comes as near.
    is_plain: bool,
}

fn closest<'t, 'a>(backing: &'t Backing<'a>, service: &Service, selector: &Labels) -> Option<Near<'t, 'a>> {
    let (namespace, name) = address(service);
    let mut best: Option<(u32, Near<'t, 'a>)> = None;
    for template in backing
        .templates(namespace)
        .iter()
        .filter(|template| !template.is_batch)
    {
        let labels = template.labels;
        let (mut score, mut differences, mut takes_turns) = (0, Vec::new(), true);
        let mut corrected = Labels::new();
        for (key, value) in selector {
            match labels.get(key) {
                Some(found) if found == value => {
                    score += 3;
                    corrected.insert(key.clone(), found.clone());
                    continue;
                }
                Some(found) => {
                    differences.push(format!("`{key}` is `{found}`, not `{value}`"));
                    corrected.insert(key.clone(), found.clone());
                    if nearest(value, std::iter::once(found.as_str())).is_some() {
                        score += 2;
                    }
                }
                None => {
                    let same = labels
                        .iter()
                        .find(|(_, found)| *found == value)
                        .map(|(other, _)| other);
                    let like = nearest(key, labels.keys().map(String::as_str))
                        .and_then(|like| labels.get_key_value(like));
                    if let Some(other) = same {
                        score += 2;
                        corrected.insert(other.clone(), value.clone());
                        differences.push(format!("`{value}` stands under `{other}`, not under `{key}`"));
                    } else if let Some((other, found)) = like {
                        score += 1;
                        corrected.insert(other.clone(), found.clone());
                        differences.push(format!("there is `{other}={found}`, not `{key}={value}`"));
                    } else {
                        differences.push(format!("there is no `{key}`"));
                    }
                }
            }
            let lower = key.to_ascii_lowercase();
            takes_turns &= TURNS.iter().any(|turn| lower.contains(turn));
        }
        let own = template.object.name.as_str();
        let is_namesake = own == name;
        if is_namesake {
            score += 4;
        } else if nearest(name, std::iter::once(own)).is_some() {
            score += 2;
        }
        if score < 2 || corrected.is_empty() && !is_namesake {
            continue;
        }
        if corrected.is_empty() {
            corrected = labels.clone();
        }
        let near = Near {
            template,
            difference: wording::list(&differences, 3),
            corrected,
            is_certain: is_namesake || score >= 3,
            takes_turns: takes_turns && !differences.is_empty(),
            is_plain: differences.len() == 1,
        };
        match &mut best {
            Some((other, held)) if score == *other => held.is_plain = false,
            Some((other, _)) if score < *other => {}
            _ => best = Some((score, near)),
        }
    }
    best.map(|(_, near)| near)
}
