//! Two faults in, whether one explains the other, how surely and by which way, out.

use std::collections::HashMap;

use jamie_core::{ObjectRef, Severity};

use super::links::{Links, canonical, key};
use crate::fault::{Depth, Fault};

/// One fault as the reason of another.
#[derive(Debug, Clone)]
pub(super) struct Reason {
    /// Position of the explaining fault.
    pub(super) cause: usize,
    /// How good an explanation it is; the best wins.
    pub(super) weight: u32,
    /// How it reaches the explained object.
    pub(super) via: String,
}

/// Times of faults are when they were noticed: a cause may be noticed so much later than its symptom.
const SLACK: i64 = 15 * 60;

/// Failures that something which is called, or the node below, can be the reason of.
fn looks_outward(fault: &Fault) -> bool {
    fault.depth < Depth::Cause
        && (fault.check.starts_with("container-crash")
            || fault.check.starts_with("container-unready")
            || fault.check.starts_with("probe-")
            || fault.check.starts_with("init-")
            || fault.check.starts_with("job-")
            || fault.check.starts_with("cron-job")
            || fault.check == "container-completes")
}

/// Whether a fault means that its workload does not serve.
fn stops_serving(fault: &Fault) -> bool {
    fault.severity >= Severity::Error
        || fault.check == "scaled-to-zero"
        // Killed again and again is away now and then, which is enough to fail those who call it.
        || fault.check == "container-oom-killed"
        || (fault.severity == Severity::Warning && fault.check == "container-crash")
}

/// All faults with where they lie.
pub(super) struct Field<'a> {
    pub(super) links: &'a Links<'a>,
    pub(super) faults: &'a [Fault],
    places: Vec<ObjectRef>,
    by_place: HashMap<String, Vec<usize>>,
    /// Faults by the objects that they blame.
    by_blame: HashMap<String, Vec<usize>>,
}

impl<'a> Field<'a> {
    pub(super) fn new(links: &'a Links<'a>, faults: &'a [Fault]) -> Self {
        let places: Vec<ObjectRef> = faults
            .iter()
            .map(|fault| canonical(links.snapshot, &fault.object))
            .collect();
        let mut by_place: HashMap<String, Vec<usize>> = HashMap::new();
        let mut by_blame: HashMap<String, Vec<usize>> = HashMap::new();
        for (position, (fault, place)) in faults.iter().zip(&places).enumerate() {
            by_place.entry(key(place)).or_default().push(position);
            for blamed in &fault.blames {
                let blamed = canonical(links.snapshot, blamed);
                by_blame.entry(key(&blamed)).or_default().push(position);
            }
        }
        Self {
            links,
            faults,
            places,
            by_place,
            by_blame,
        }
    }

    pub(super) fn place(&self, position: usize) -> Option<&ObjectRef> {
        self.places.get(position)
    }

    fn at(&self, object: &ObjectRef) -> &[usize] {
        self.by_place
            .get(&key(object))
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// What may explain a fault, best first.
    pub(super) fn reasons(&self, position: usize) -> Vec<Reason> {
        let (Some(fault), Some(place)) = (self.faults.get(position), self.places.get(position)) else {
            return Vec::new();
        };
        let mut reasons: Vec<Reason> = Vec::new();
        self.on_the_same_object(position, fault, place, &mut reasons);
        self.by_blames(position, fault, place, &mut reasons);
        if fault.depth == Depth::Symptom {
            self.below(position, fault, place, &mut reasons);
        }
        if looks_outward(fault) {
            self.by_node(position, fault, &mut reasons);
            self.by_calls(position, fault, place, &mut reasons);
        }
        reasons.retain(|reason| reason.cause != position);
        reasons.sort_by(|a, b| b.weight.cmp(&a.weight).then(a.cause.cmp(&b.cause)));
        reasons
    }

    fn fault(&self, position: usize) -> Option<&Fault> {
        self.faults.get(position)
    }

    fn on_the_same_object(
        &self,
        position: usize,
        fault: &Fault,
        place: &ObjectRef,
        reasons: &mut Vec<Reason>,
    ) {
        for &other in self.at(place) {
            let Some(cause) = self.fault(other).filter(|_| other != position) else {
                continue;
            };
            if cause.severity == Severity::Info
                && fault.severity > Severity::Info
                && fault.depth != Depth::Symptom
            {
                continue;
            }
            let shared = fault
                .blames
                .iter()
                .any(|blamed| cause.blames.iter().any(|other| other.is_same(blamed)));
            let explains = match (fault.depth, cause.depth) {
                (Depth::Symptom, deeper) if deeper > Depth::Symptom => Some(80),
                // Two ways to see the same lack of readiness: the more severe stands for both.
                (Depth::Symptom, Depth::Symptom) => rank_before(cause, fault, other, position).then_some(60),
                (Depth::Failure, Depth::Cause) => Some(if shared { 95 } else { 75 }),
                (Depth::Failure, Depth::Failure) => rank_before(cause, fault, other, position).then_some(70),
                // The kubelet and the spec may tell of the same missing thing.
                (Depth::Cause, Depth::Cause) if shared => (is_by_spec(cause) && !is_by_spec(fault)
                    || is_by_spec(cause) == is_by_spec(fault) && rank_before(cause, fault, other, position))
                .then_some(95),
                _ => None,
            };
            if let Some(weight) = explains {
                reasons.push(Reason {
                    cause: other,
                    weight,
                    via: String::new(),
                });
            }
        }
    }

    fn by_blames(&self, position: usize, fault: &Fault, place: &ObjectRef, reasons: &mut Vec<Reason>) {
        // Faults on what this one blames, or on what that is built on.
        for blamed in &fault.blames {
            let blamed = canonical(self.links.snapshot, blamed);
            let mut reached = vec![(blamed.clone(), 0_usize)];
            if fault.depth < Depth::Cause {
                reached.extend(
                    self.links
                        .closure(&blamed, 2, false)
                        .into_iter()
                        .map(|(object, steps, _)| (object, steps)),
                );
            }
            for (object, steps) in reached {
                for &other in self.at(&object) {
                    let Some(cause) = self.fault(other).filter(|_| other != position) else {
                        continue;
                    };
                    if cause.depth < fault.depth || !self.may_blame(fault, cause, &object) {
                        continue;
                    }
                    if cause.depth == fault.depth
                        && cause.blames.iter().any(|back| back.is_same(&fault.object))
                    {
                        continue;
                    }
                    reasons.push(Reason {
                        cause: other,
                        weight: 90 - (steps as u32).min(5) * 4,
                        via: via_blame(&blamed),
                    });
                }
            }
            // Several that lack the same thing are one incident.
            if fault.depth == Depth::Cause && is_thing(&blamed.kind) {
                for &other in self
                    .by_blame
                    .get(&key(&blamed))
                    .map(Vec::as_slice)
                    .unwrap_or_default()
                {
                    let Some(cause) = self.fault(other).filter(|_| other != position) else {
                        continue;
                    };
                    if cause.check == fault.check
                        && cause.depth == Depth::Cause
                        && cause.key == fault.key
                        && rank_before(cause, fault, other, position)
                    {
                        reasons.push(Reason {
                            cause: other,
                            weight: 85,
                            via: format!("needs {} `{}` too", blamed.kind, blamed.name),
                        });
                    }
                }
            }
        }
        // Faults that say of themselves that this object suffers.
        for &other in self
            .by_blame
            .get(&key(place))
            .map(Vec::as_slice)
            .unwrap_or_default()
        {
            let Some(cause) = self.fault(other).filter(|_| other != position) else {
                continue;
            };
            if cause.depth <= fault.depth || cause.severity == Severity::Info {
                continue;
            }
            if cause.object.kind == "Service" {
                let namespace = cause.object.namespace.as_deref().unwrap_or_default();
                // A Service that leads nowhere hurts its callers, not the pods behind it.
                if self
                    .links
                    .behind(namespace, &cause.object.name)
                    .iter()
                    .any(|behind| behind.is_same(place))
                {
                    continue;
                }
            }
            reasons.push(Reason {
                cause: other,
                weight: 84,
                via: via_sufferer(cause),
            });
        }
    }

    /// Whether a blamed workload's fault is a reason, for a fault that is a cause by itself.
    #[expect(clippy::unused_self, reason = "reads as one of the rules")]
    fn may_blame(&self, fault: &Fault, cause: &Fault, object: &ObjectRef) -> bool {
        if cause.severity == Severity::Info && cause.check != "scaled-to-zero" {
            return false;
        }
        if fault.depth < Depth::Cause {
            return true;
        }
        let is_workload = matches!(
            object.kind.as_str(),
            "Deployment" | "StatefulSet" | "DaemonSet" | "Pod" | "Job" | "CronJob"
        );
        !is_workload || fault.check.starts_with("webhook") || fault.check.starts_with("api-service")
    }

    /// A symptom rests on what its object is built on.
    fn below(&self, position: usize, fault: &Fault, place: &ObjectRef, reasons: &mut Vec<Reason>) {
        for (object, steps, via) in self.links.closure(place, 3, false) {
            // What a workload reads and mounts explains it through its own faults only.
            if matches!(
                object.kind.as_str(),
                "ConfigMap" | "Secret" | "ServiceAccount" | "StorageClass"
            ) {
                continue;
            }
            for &other in self.at(&object) {
                let Some(cause) = self.fault(other).filter(|_| other != position) else {
                    continue;
                };
                if cause.severity == Severity::Info && cause.check != "scaled-to-zero" {
                    continue;
                }
                let deeper = cause.depth > fault.depth || cause.depth == fault.depth && steps > 0;
                if deeper {
                    reasons.push(Reason {
                        cause: other,
                        weight: 72 - (steps as u32).min(5) * 3 + depth_bonus(cause),
                        via: via.clone(),
                    });
                }
            }
        }
    }

    /// The node, where all the pods in which a fault is seen run on one that is in trouble.
    fn by_node(&self, position: usize, fault: &Fault, reasons: &mut Vec<Reason>) {
        let snapshot = self.links.snapshot;
        let mut nodes: Vec<&str> = fault
            .seen_on
            .iter()
            .filter_map(|pod| snapshot.pod(pod.namespace.as_deref()?, &pod.name))
            .filter_map(|pod| pod.spec.as_ref()?.node_name.as_deref())
            .collect();
        nodes.sort_unstable();
        nodes.dedup();
        let [node] = nodes.as_slice() else { return };
        let node_ref = ObjectRef::cluster("Node", *node);
        for &other in self.at(&node_ref) {
            let Some(cause) = self.fault(other).filter(|_| other != position) else {
                continue;
            };
            if cause.severity >= Severity::Error && in_order(cause, fault) {
                reasons.push(Reason {
                    cause: other,
                    weight: 65,
                    via: format!("runs on node `{node}`"),
                });
            }
        }
    }

    /// What it calls, also through a middle tier that shows no fault of its own.
    fn by_calls(&self, position: usize, fault: &Fault, place: &ObjectRef, reasons: &mut Vec<Reason>) {
        let mut tier = vec![(place.clone(), String::new())];
        let mut seen = vec![place.clone()];
        for hop in 0..3_u32 {
            let mut next: Vec<(ObjectRef, String)> = Vec::new();
            for (workload, via) in &tier {
                for edge in self.links.calls_of(workload) {
                    let via = if via.is_empty() {
                        edge.via.clone()
                    } else {
                        via.clone()
                    };
                    let namespace = edge.to.namespace.clone().unwrap_or_default();
                    let mut targets = vec![edge.to.clone()];
                    targets.extend(self.links.behind(&namespace, &edge.to.name));
                    for target in targets {
                        if seen.contains(&target) {
                            continue;
                        }
                        seen.push(target.clone());
                        for &other in self.at(&target) {
                            let Some(cause) = self.fault(other).filter(|_| other != position) else {
                                continue;
                            };
                            if stops_serving(cause) && in_order(cause, fault) {
                                reasons.push(Reason {
                                    cause: other,
                                    weight: 50 - hop * 8 + depth_bonus(cause),
                                    via: via.clone(),
                                });
                            }
                        }
                        if target.kind != "Service" {
                            next.push((target, via.clone()));
                        }
                    }
                }
            }
            if next.is_empty() {
                break;
            }
            tier = next;
        }
    }
}

fn depth_bonus(fault: &Fault) -> u32 {
    match fault.depth {
        Depth::Cause => 4,
        Depth::Failure => 2,
        Depth::Symptom => 0,
    }
}

/// Of two faults that tell of the same, whether the first is the one to keep.
fn rank_before(a: &Fault, b: &Fault, a_position: usize, b_position: usize) -> bool {
    (
        a.severity,
        a.verdict,
        crash_first(a),
        a.seen_count,
        std::cmp::Reverse(a_position),
    ) > (
        b.severity,
        b.verdict,
        crash_first(b),
        b.seen_count,
        std::cmp::Reverse(b_position),
    )
}

fn crash_first(fault: &Fault) -> u8 {
    match fault.check {
        "container-crash" => 3,
        "init-waiting" => 2,
        check if check.starts_with("probe-") => 1,
        _ => 0,
    }
}

fn is_by_spec(fault: &Fault) -> bool {
    fault.check.starts_with("missing-")
}

/// Things that several workloads may lack or share.
fn is_thing(kind: &str) -> bool {
    matches!(
        kind,
        "ConfigMap"
            | "Secret"
            | "PersistentVolumeClaim"
            | "ServiceAccount"
            | "StorageClass"
            | "PriorityClass"
            | "ResourceQuota"
    )
}

/// Whether a cause is not noticed much later than what it explains.
fn in_order(cause: &Fault, symptom: &Fault) -> bool {
    match (cause.since, symptom.since) {
        (Some(cause), Some(symptom)) => cause.as_second() <= symptom.as_second() + SLACK,
        _ => true,
    }
}

fn via_blame(blamed: &ObjectRef) -> String {
    match blamed.kind.as_str() {
        "Node" => format!("runs on node `{}`", blamed.name),
        "Service" => format!("calls Service `{}`", blamed.path()),
        "PersistentVolumeClaim" => format!("mounts the claim `{}`", blamed.path()),
        "ResourceQuota" => format!("is bound by the quota `{}`", blamed.path()),
        kind => format!("depends on {kind} `{}`", blamed.path()),
    }
}

fn via_sufferer(cause: &Fault) -> String {
    match cause.object.kind.as_str() {
        "NetworkPolicy" => format!("is held back by NetworkPolicy `{}`", cause.object.path()),
        "Node" => format!("runs on node `{}`", cause.object.name),
        "PersistentVolumeClaim" => format!("mounts the claim `{}`", cause.object.path()),
        "Service" => format!("calls Service `{}`", cause.object.path()),
        kind => format!("depends on {kind} `{}`", cause.object.path()),
    }
}
