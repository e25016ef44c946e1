//! From a question's scope to its incidents: what is wrong, why, and how it reaches what was asked about.

pub(crate) mod facts;

use std::collections::BTreeMap;

use jamie_core::{Finding, ObjectRef, Result, Severity, Symptom, Verdict};

use crate::{
    causes::{self, Incident, Links, canonical},
    checks,
    cluster::{Cluster, Freshness},
    fault::{Depth, Fault, Lead},
    leads::{
        conclude,
        fetch::{self, Fetched},
    },
    snapshot::Snapshot,
};

/// What a diagnosis is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// One object and what it depends on.
    Object(ObjectRef),
    /// Several objects, without what is merely worth knowing.
    Objects(Vec<ObjectRef>),
    /// Everything in a namespace.
    Namespace(String),
    /// Everything.
    Cluster,
}

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Diagnosis {
    /// What is wrong, worst first; one per cause.
    pub incidents: Vec<Finding>,
    /// What is well, one sentence each, with figures: "3 of 3 pods are ready".
    pub facts: Vec<String>,
    /// What could not be looked at, one sentence each.
    pub notes: Vec<String>,
}

/// Logs read for one object, and for a namespace or the cluster.
const LOGS_FOR_ONE: usize = 6;
const LOGS_FOR_MANY: usize = 16;

/// Steps from an object to what it rests on that still belong to a question about it.
const REACH: usize = 8;

/// Looks at the cluster, fetches what the faults ask for, and sorts causes from symptoms.
pub async fn diagnose(cluster: &Cluster, scope: &Scope, freshness: Freshness) -> Result<Diagnosis> {
    let snapshot = cluster.snapshot(freshness).await?;
    let faults = checks::run(&snapshot);
    let most = match scope {
        Scope::Object(_) => LOGS_FOR_ONE,
        Scope::Objects(_) | Scope::Namespace(_) | Scope::Cluster => LOGS_FOR_MANY,
    };
    let logs = {
        let links = Links::new(&snapshot);
        let incidents = causes::incidents(&links, faults.clone());
        let wanted: Vec<&Fault> = choose(&links, &incidents, scope)
            .into_iter()
            .filter_map(|chosen| incidents.get(chosen.position))
            .flat_map(Incident::faults)
            .filter(|fault| fault.severity > Severity::Info)
            .collect();
        fetch_for(cluster, &wanted, most)
    }
    .await;
    Ok(conclude_all(&snapshot, scope, faults, &logs))
}

/// Borrows end before the first await.
fn fetch_for<'c>(
    cluster: &'c Cluster,
    wanted: &[&Fault],
    most: usize,
) -> impl Future<Output = BTreeMap<Lead, Fetched>> + use<'c> {
    let owned: Vec<Fault> = wanted.iter().map(|fault| (*fault).clone()).collect();
    async move {
        let faults: Vec<&Fault> = owned.iter().collect();
        fetch::fetch(cluster, &faults, most).await
    }
}

/// The same from a snapshot alone: without logs, by what containers left in their status.
pub fn of_snapshot(snapshot: &Snapshot, scope: &Scope) -> Diagnosis {
    conclude_all(snapshot, scope, checks::run(snapshot), &BTreeMap::new())
}

fn conclude_all(
    snapshot: &Snapshot,
    scope: &Scope,
    mut faults: Vec<Fault>,
    logs: &BTreeMap<Lead, Fetched>,
) -> Diagnosis {
    let mut notes = snapshot.notes.clone();
    for fault in &mut faults {
        let mut told = false;
        for lead in fault.leads.clone() {
            match logs.get(&lead) {
                Some(fetched) if !fetched.text.is_empty() => {
                    conclude::with_log(snapshot, fault, &lead, fetched);
                    told = true;
                }
                Some(Fetched {
                    failure: Some(failure),
                    ..
                }) if notes.len() < 12 && !notes.contains(failure) => {
                    notes.push(failure.clone());
                }
                _ => {}
            }
        }
        if !told {
            conclude::with_last_words(snapshot, fault);
        }
        checks::proposals::go_back(snapshot, fault);
    }
    let links = Links::new(snapshot);
    let incidents = causes::incidents(&links, faults);
    let chosen = choose(&links, &incidents, scope);
    let mut findings = Vec::new();
    for choice in &chosen {
        let Some(incident) = incidents.get(choice.position) else {
            continue;
        };
        let mut finding = incident.finding(snapshot);
        if let Some(sufferer) = &choice.sufferer {
            let told = finding.object.is_same(&sufferer.object)
                || finding
                    .symptoms
                    .iter()
                    .any(|symptom| symptom.object.is_same(&sufferer.object));
            if !told {
                finding.symptoms.push(sufferer.clone());
            }
        }
        findings.push(finding);
    }
    if !matches!(scope, Scope::Object(_)) {
        findings.retain(|finding| finding.severity > Severity::Info);
    }
    Diagnosis {
        facts: facts::of(snapshot, scope),
        incidents: findings,
        notes,
    }
}

struct Choice {
    position: usize,
    /// The object that was asked about, and how it hangs on the incident, where it shows no fault itself.
    sufferer: Option<Symptom>,
}

/// The incidents that belong to a scope, most to the point first.
fn choose(links: &Links<'_>, incidents: &[Incident], scope: &Scope) -> Vec<Choice> {
    match scope {
        Scope::Cluster => all(incidents, |_| true),
        Scope::Namespace(namespace) => all(incidents, |incident| {
            incident.faults().any(|fault| {
                let inside = |object: &ObjectRef| {
                    object.namespace.as_deref() == Some(namespace)
                        || (object.kind == "Namespace" && object.name == *namespace)
                };
                // What lies outside but bears on something inside: a webhook, a node.
                // Seen in more places than are kept, it is seen here too.
                let everywhere = fault.object.namespace.is_none()
                    && fault.seen_count > fault.seen_on.len()
                    && fault.seen_on.iter().all(|place| place.kind == "Namespace");
                inside(&fault.object)
                    || fault.seen_on.iter().any(inside)
                    || fault.blames.iter().any(inside)
                    || (everywhere && !fault.seen_on.is_empty())
            })
        }),
        Scope::Object(asked) => of_object(links, incidents, asked),
        Scope::Objects(asked) => {
            let severity = |choice: &Choice| incidents.get(choice.position).map(Incident::severity);
            let mut chosen: Vec<Choice> = Vec::new();
            for choice in asked
                .iter()
                .flat_map(|object| of_object(links, incidents, object))
            {
                if severity(&choice) > Some(Severity::Info)
                    && chosen.iter().all(|other| other.position != choice.position)
                {
                    chosen.push(choice);
                }
            }
            chosen.sort_by_key(|choice| std::cmp::Reverse(severity(choice)));
            chosen
        }
    }
}

/// What shows on an object, then what it rests on and is broken.
fn of_object(links: &Links<'_>, incidents: &[Incident], asked: &ObjectRef) -> Vec<Choice> {
    let snapshot = links.snapshot;
    let mut chosen = direct(links, incidents, asked);
    let wanted = canonical(snapshot, asked);
    let rests_on = links.closure(&wanted, REACH, true);
    for (position, incident) in incidents.iter().enumerate() {
        if incident.severity() < Severity::Warning || chosen.iter().any(|choice| choice.position == position)
        {
            continue;
        }
        // What it merely reads or runs as is told of only where it fails for it.
        let reached = rests_on.iter().find(|(object, _, _)| {
            let least = match object.kind.as_str() {
                "ConfigMap" | "Secret" | "ServiceAccount" | "StorageClass" => return false,
                // Its own disk is part of it.
                "PersistentVolumeClaim" if incident.root.object.is_same(object) => Severity::Warning,
                _ => Severity::Error,
            };
            incident.severity() >= least && incident.touches(snapshot, object)
        });
        if let Some((_, _, via)) = reached {
            chosen.push(Choice {
                position,
                sufferer: Some(Symptom {
                    object: asked.clone(),
                    title: String::new(),
                    via: via.clone(),
                }),
            });
        }
    }
    // What is merely worth knowing gives way to what is wrong.
    let wrong = |choice: &Choice| {
        incidents
            .get(choice.position)
            .is_some_and(|incident| incident.severity() > Severity::Info)
    };
    if chosen.iter().any(wrong) {
        chosen.retain(wrong);
    }
    chosen
}

fn all(incidents: &[Incident], keep: impl Fn(&Incident) -> bool) -> Vec<Choice> {
    incidents
        .iter()
        .enumerate()
        .filter(|(_, incident)| keep(incident))
        .map(|(position, _)| Choice {
            position,
            sufferer: None,
        })
        .collect()
}

/// Whether a fault lies on what stands before an object: a Service or ingress to it, its autoscaler, its budget,
/// a policy over its pods; for a node, the budgets of the pods on it.
fn leads_to(links: &Links<'_>, fault: &Fault, asked: &ObjectRef, wanted: &ObjectRef) -> bool {
    let snapshot = links.snapshot;
    match fault.object.kind.as_str() {
        "PodDisruptionBudget" if asked.kind == "Node" => snapshot.pods_of(&fault.object).iter().any(|pod| {
            pod.spec.as_ref().and_then(|spec| spec.node_name.as_deref()) == Some(asked.name.as_str())
        }),
        "Service" | "Ingress" | "HorizontalPodAutoscaler" | "PodDisruptionBudget" | "NetworkPolicy" => {
            fault.object.namespace == wanted.namespace
                && links
                    .closure(&fault.object, 2, false)
                    .iter()
                    .any(|(object, _, _)| object.is_same(wanted))
        }
        _ => false,
    }
}

/// The incidents that show on the object itself.
fn direct(links: &Links<'_>, incidents: &[Incident], asked: &ObjectRef) -> Vec<Choice> {
    let snapshot = links.snapshot;
    let wanted = canonical(snapshot, asked);
    let is_pod = asked.kind == "Pod" && wanted.kind != "Pod";
    let mut chosen: Vec<(u8, Choice)> = Vec::new();
    for (position, incident) in incidents.iter().enumerate() {
        let mut nearness = leads_to(links, &incident.root, asked, &wanted).then_some(3);
        for (step, fault) in incident.faults().enumerate() {
            let place = canonical(snapshot, &fault.object);
            let near = if place.is_same(&wanted) {
                // Asked about one pod, another pod's trouble is not the answer.
                let elsewhere = is_pod
                    && !fault.seen_on.is_empty()
                    && fault.seen_count <= Fault::MAX_SEEN
                    && !fault.seen_on.iter().any(|pod| pod.is_same(asked));
                if elsewhere { None } else { Some(u8::from(step > 0)) }
            } else if fault.seen_on.iter().any(|place| place.is_same(asked)) {
                Some(1)
            } else if fault
                .blames
                .iter()
                .any(|blamed| blamed.is_same(asked) || blamed.is_same(&wanted))
                && (fault.depth == Depth::Cause || asked.kind != "Node")
            {
                Some(2)
            } else {
                None
            };
            nearness = match (nearness, near) {
                (Some(old), Some(new)) => Some(std::cmp::min::<u8>(old, new)),
                (old, new) => old.or(new),
            };
        }
        if let Some(near) = nearness {
            chosen.push((
                near,
                Choice {
                    position,
                    sufferer: None,
                },
            ));
        }
    }
    chosen.sort_by_key(|(near, choice)| {
        let incident = incidents.get(choice.position);
        (
            std::cmp::Reverse(incident.map(Incident::severity)),
            *near,
            std::cmp::Reverse(incident.map_or(Verdict::Inconclusive, |incident| incident.root.verdict)),
            choice.position,
        )
    });
    chosen.into_iter().map(|(_, choice)| choice).collect()
}
