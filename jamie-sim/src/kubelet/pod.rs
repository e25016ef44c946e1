//! One look of the kubelets at a namespace: every pod bound to a node in, its status and events out.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    Kubelets, PodMemory,
    behaviours::top_owner,
    life::{Ended, Happening, Life, Phase, Plan, Restart},
    references, status,
};
use crate::{
    controllers::{World, answers, events::Report},
    object::{self, later, list, name, text},
    scenario::Does,
    store::Key,
};

/// How long a pod that is deleted takes to go, live.
const FAREWELL_MS: i64 = 100;

impl Kubelets {
    pub(crate) fn reconcile(&self, world: &mut World, namespace: &str) {
        let pods = world.list("", "pods", namespace);
        let mut nodes: BTreeMap<String, bool> = BTreeMap::new();
        for pod in &pods {
            let node = text(pod, "/spec/nodeName");
            if node.is_empty() || world.frozen.contains(object::uid(pod)) {
                continue;
            }
            let up = *nodes.entry(node.to_owned()).or_insert_with(|| {
                world
                    .store
                    .get(&Key::cluster("", "nodes", node))
                    .is_some_and(|node| answers(&node))
            });
            if !up {
                lose(world, pod);
                continue;
            }
            self.look(world, pod, &pods);
        }
        self.memory().retain(|_, memory| {
            memory
                .leaving
                .is_none_or(|leaving| object::elapsed(leaving, world.now) < 600_000)
        });
    }

    fn look(&self, world: &mut World, pod: &Arc<Value>, siblings: &[Arc<Value>]) {
        let (slot, mut memory) = self.remember(world, pod, siblings);
        if object::is_leaving(pod) {
            self.part(world, pod, slot, &mut memory);
        } else if !matches!(text(pod, "/status/phase"), "Succeeded" | "Failed") {
            self.run(world, pod, slot, &mut memory);
        }
        self.memory().insert(object::uid(pod).to_owned(), memory);
    }

    /// What is known of the pod; it is taken out, to be put back.
    fn remember(&self, world: &World, pod: &Value, siblings: &[Arc<Value>]) -> (usize, PodMemory) {
        let mut pods = self.memory();
        if let Some(known) = pods.remove(object::uid(pod)) {
            return (known.slot, known);
        }
        let (kind, owner, _) = top_owner(&self.store, pod);
        let owner = format!("{kind}/{owner}");
        let ordinal = (kind == "StatefulSet")
            .then(|| {
                name(pod)
                    .rsplit_once('-')
                    .and_then(|(_, number)| number.parse().ok())
            })
            .flatten();
        let slot = ordinal.unwrap_or_else(|| {
            let taken: Vec<usize> = siblings
                .iter()
                .filter_map(|other| pods.get(object::uid(other)))
                .filter(|other| other.owner == owner && other.leaving.is_none())
                .map(|other| other.slot)
                .collect();
            (0..).find(|slot| !taken.contains(slot)).unwrap_or(0)
        });
        (
            slot,
            PodMemory {
                slot,
                owner,
                seen: world.now,
                leaving: None,
                lives: BTreeMap::new(),
            },
        )
    }

    fn part(&self, world: &mut World, pod: &Value, slot: usize, memory: &mut PodMemory) {
        let stuck = list(pod, "/spec/containers").iter().any(|container| {
            self.behaviour(pod, slot, container, false)
                .is_some_and(|applied| applied.does(world.now) == Does::TerminatingStuck)
        });
        let now = world.now;
        let since = *memory.leaving.get_or_insert(now);
        if stuck {
            return;
        }
        let gone = later(since, if world.live { FAREWELL_MS } else { 0 });
        if gone > now {
            world.wake_at(gone);
            if since == now {
                for container in list(pod, "/spec/containers") {
                    let mut report = Report::new(
                        "kubelet",
                        pod,
                        "Killing",
                        format!("Stopping container {}", text(container, "/name")),
                    );
                    report.field = Some(format!("spec.containers{{{}}}", text(container, "/name")));
                    report.host = Some(text(pod, "/spec/nodeName"));
                    world.report(&report);
                }
            }
            return;
        }
        let key = Key::namespaced("", "pods", object::namespace(pod), name(pod));
        if list(pod, "/metadata/finalizers").is_empty() {
            let _ = world.store.delete(&key);
            return;
        }
        // The containers are gone; the object stays until its finalizers are.
        for life in memory.lives.values_mut() {
            if let Phase::Running { started } = life.phase {
                life.phase = Phase::Ended(Ended {
                    exit: 0,
                    reason: "Completed".to_owned(),
                    message: None,
                    started,
                    finished: now,
                });
                life.ready = false;
            }
        }
        let status = status::of(world, pod, memory, None);
        world.set_status(pod, status);
        let _ = world.store.modify(&key, |pod| {
            pod["metadata"]["deletionGracePeriodSeconds"] = json!(0)
        });
    }

    fn run(&self, world: &mut World, pod: &Arc<Value>, slot: usize, memory: &mut PodMemory) {
        let now = world.now;
        if memory.lives.is_empty() {
            for secret in references::missing_pull_secrets(&self.store, pod) {
                let message = format!(
                    "Unable to retrieve some image pull secrets ({secret}); attempting to pull the image may not succeed."
                );
                world.report(
                    &Report::new("kubelet", pod, "FailedToRetrieveImagePullSecret", message).warning(),
                );
            }
        }
        if let Some(held) = self.held_up(world, pod, slot) {
            memory.seen = now;
            let status = status::of(world, pod, memory, Some(held));
            return world.set_status(pod, status);
        }
        let restart = match text(pod, "/spec/restartPolicy") {
            "Never" => Restart::Never,
            "OnFailure" => Restart::OnFailure,
            _ => Restart::Always,
        };
        let in_job = object::controller(pod).is_some_and(|owner| text(owner, "/kind") == "Job");
        let mut from = memory.seen;
        let mut blocked = false;
        for container in list(pod, "/spec/initContainers") {
            let sidecar = text(container, "/restartPolicy") == "Always";
            let policy = match (sidecar, restart) {
                (true, _) | (_, Restart::Always) if sidecar => Restart::Always,
                (_, Restart::Never) => Restart::Never,
                _ => Restart::OnFailure,
            };
            self.advance(
                world,
                pod,
                slot,
                memory,
                container,
                &Role {
                    init: true,
                    restart: policy,
                    ends: !sidecar,
                    from,
                },
            );
            let Some(life) = memory.lives.get(text(container, "/name")) else {
                break;
            };
            match &life.phase {
                Phase::Ended(ended) if ended.exit == 0 => from = from.max(ended.finished),
                Phase::Running { started } if sidecar && life.started => from = from.max(*started),
                _ => {
                    blocked = true;
                    break;
                }
            }
        }
        if !blocked {
            for container in list(pod, "/spec/containers") {
                self.advance(
                    world,
                    pod,
                    slot,
                    memory,
                    container,
                    &Role {
                        init: false,
                        restart,
                        ends: in_job,
                        from,
                    },
                );
            }
        }
        let status = status::of(world, pod, memory, None);
        world.set_status(pod, status);
    }

    fn advance(
        &self,
        world: &mut World,
        pod: &Arc<Value>,
        slot: usize,
        memory: &mut PodMemory,
        container: &Value,
        role: &Role,
    ) {
        let container_name = text(container, "/name").to_owned();
        // A change of the container (as an image set in place) begins a new life.
        let plan = Plan {
            container,
            applied: self.behaviour(pod, slot, container, role.init),
            blocked: references::unconfigurable(&self.store, pod, container),
            restart: role.restart,
            ends: role.ends,
            live: world.live,
            arriving: world.arriving,
        };
        let life = memory
            .lives
            .entry(container_name.clone())
            .or_insert_with(|| Life::new(role.from));
        let mut told: Vec<Happening> = Vec::new();
        let wake = life.advance(&plan, world.now, &mut told);
        if let Some(wake) = wake {
            world.wake_at(wake);
        }
        let field = if role.init { "initContainers" } else { "containers" };
        for happening in told {
            let mut message = happening.message;
            if message.ends_with(" in pod ") {
                message = format!(
                    "{message}{}_{}({})",
                    name(pod),
                    object::namespace(pod),
                    object::uid(pod)
                );
            }
            let mut report = Report::new("kubelet", pod, happening.reason, message);
            report.warning = happening.warning;
            report.field = Some(format!("spec.{field}{{{container_name}}}"));
            report.host = Some(text(pod, "/spec/nodeName"));
            world
                .recorder
                .note(&report, happening.at.min(world.now), happening.count);
        }
    }

    /// What keeps the whole pod from starting: its volumes or its sandbox.
    fn held_up(&self, world: &mut World, pod: &Arc<Value>, slot: usize) -> Option<Held> {
        let started = list(pod, "/status/containerStatuses").iter().any(|one| {
            one.pointer("/state/running").is_some() || one.pointer("/lastState/terminated").is_some()
        });
        if started {
            return None;
        }
        if let Some((volume, why)) = references::unmountable(&self.store, pod) {
            let message = format!("MountVolume.SetUp failed for volume \"{volume}\" : {why}");
            world.nag("kubelet", pod, "FailedMount", &message);
            return Some(Held);
        }
        for container in list(pod, "/spec/containers") {
            let Some(applied) = self.behaviour(pod, slot, container, false) else {
                continue;
            };
            if applied.does(world.now) != Does::SandboxError {
                continue;
            }
            let why = applied
                .behaviour
                .message
                .as_deref()
                .unwrap_or("failed to set up sandbox")
                .trim();
            let reason = applied
                .behaviour
                .reason
                .as_deref()
                .unwrap_or("FailedCreatePodSandBox");
            let message =
                if reason != "FailedCreatePodSandBox" || why.starts_with("Failed to create pod sandbox") {
                    why.to_owned()
                } else if why.starts_with("rpc error") {
                    format!("Failed to create pod sandbox: {why}")
                } else {
                    format!("Failed to create pod sandbox: rpc error: code = Unknown desc = {why}")
                };
            world.nag("kubelet", pod, reason, &message);
            return Some(Held);
        }
        None
    }
}

/// A pod that cannot start yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Held;

struct Role {
    init: bool,
    restart: Restart,
    ends: bool,
    from: Timestamp,
}

/// The node does not answer: its pods count as unready from then on.
fn lose(world: &mut World, pod: &Value) {
    let Some(ready) = object::condition(pod, "Ready") else {
        return;
    };
    if text(ready, "/status") != "True" {
        return;
    }
    let mut status = pod["status"].clone();
    for condition in status["conditions"].as_array_mut().into_iter().flatten() {
        if text(condition, "/type") == "Ready" {
            condition["status"] = json!("False");
            condition["lastTransitionTime"] = json!(object::stamp(world.now));
        }
    }
    world.set_status(pod, status);
    world.report(&Report::new("node-controller", pod, "NodeNotReady", "Node is not ready").warning());
}
