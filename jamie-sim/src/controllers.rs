//! The cluster's controllers: the state of the store in, the next small steps towards what was asked for out.
//!
//! Time is a value here: the past of a scenario is played through the very same code that later runs live.

mod admission;
mod autoscaling;
mod cron;
mod daemonset;
mod deployment;
mod disruption;
mod endpoints;
pub(crate) mod events;
mod garbage;
mod gitops;
mod job;
pub(crate) mod names;
mod namespaces;
mod nodes;
mod pods;
pub(crate) mod quota;
mod replicaset;
mod rollout;
mod scheduler;
mod statefulset;
mod volumes;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use jiff::Timestamp;
use serde_json::Value;

use crate::{
    kubelet::Kubelets,
    object,
    scenario::Scenario,
    store::{Key, Store},
};
use events::{Recorder, Report};

pub(crate) use cron::{run as run_cron_job, runs as cron_runs};
pub(crate) use namespaces::ensure as ensure_namespace;
pub(crate) use nodes::{all as all_nodes, answers, build as build_nodes, degrade as degrade_node};
pub(crate) use pods::admit as admit_pod;

/// Everything a controller works with.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) scenario: Arc<Scenario>,
    pub(crate) kubelets: Arc<Kubelets>,
    /// The moment it is, or was.
    pub(crate) now: Timestamp,
    /// Whether things happen now rather than in the past that is being made up.
    pub(crate) live: bool,
    /// Whether the made-up past has just met the present.
    pub(crate) arriving: bool,
    pub(crate) recorder: Recorder,
    /// How many pods each owner has had made, so that generated names differ.
    pub(crate) made: HashMap<String, u64>,
    /// Lasting troubles: when to tell each again, and the wait after that in milliseconds.
    complaints: HashMap<String, (Timestamp, i64)>,
    /// Objects that stand as a scenario wrote them: no controller touches them.
    pub(crate) frozen: HashSet<String>,
    /// What was told lately, and when.
    recent: HashMap<String, Timestamp>,
    /// What GitOps has in its repository, once live.
    repository: gitops::Repository,
    /// When each namespace needs another look, if nothing else happens.
    wakes: BTreeMap<String, Timestamp>,
    current: String,
}

impl World {
    pub(crate) fn new(
        store: Store,
        scenario: Arc<Scenario>,
        kubelets: Arc<Kubelets>,
        now: Timestamp,
    ) -> Self {
        Self {
            store,
            scenario,
            kubelets,
            now,
            live: false,
            arriving: false,
            recorder: Recorder::default(),
            made: HashMap::new(),
            complaints: HashMap::new(),
            frozen: HashSet::new(),
            recent: HashMap::new(),
            repository: gitops::Repository::default(),
            wakes: BTreeMap::new(),
            current: String::new(),
        }
    }

    /// Asks for another look at the namespace in hand at `time`.
    pub(crate) fn wake_at(&mut self, time: Timestamp) {
        let earliest = self.wakes.entry(self.current.clone()).or_insert(time);
        *earliest = (*earliest).min(time);
    }

    /// Asks for another look at a namespace at `time`.
    fn wake_namespace_at(&mut self, namespace: &str, time: Timestamp) {
        let earliest = self.wakes.entry(namespace.to_owned()).or_insert(time);
        *earliest = (*earliest).min(time);
    }

    /// The next moment at which something happens by itself.
    pub(crate) fn next_wake(&self) -> Option<Timestamp> {
        self.wakes.values().min().copied()
    }

    /// The namespaces whose time has come.
    pub(crate) fn due(&self) -> BTreeSet<String> {
        self.wakes
            .iter()
            .filter(|(_, time)| **time <= self.now)
            .map(|(namespace, _)| namespace.clone())
            .collect()
    }

    /// Every namespace.
    pub(crate) fn namespaces(&self) -> BTreeSet<String> {
        self.store
            .list("", "namespaces", None)
            .iter()
            .map(|namespace| object::name(namespace).to_owned())
            .collect()
    }

    /// Reports an event that happens now.
    pub(crate) fn report(&mut self, report: &Report<'_>) {
        let now = self.now;
        self.recorder.note(report, now, 1);
    }

    pub(crate) fn list(&self, group: &str, plural: &str, namespace: &str) -> Vec<Arc<Value>> {
        self.store.list(group, plural, Some(namespace))
    }

    pub(crate) fn get(&self, group: &str, plural: &str, namespace: &str, name: &str) -> Option<Arc<Value>> {
        self.store.get(&Key::namespaced(group, plural, namespace, name))
    }

    /// Tells a lasting trouble again and again, ever less often.
    pub(crate) fn nag(&mut self, component: &str, about: &Value, reason: &str, message: &str) {
        rollout::complain(self, component, about, reason, message);
    }

    /// Whether this was asked less than so many milliseconds ago; if not, it counts as asked now.
    pub(crate) fn recently(&mut self, id: &str, milliseconds: i64) -> bool {
        let now = self.now;
        let last = self.recent.get(id).copied();
        let recent = last.is_some_and(|last| object::elapsed(last, now) < milliseconds);
        if !recent {
            self.recent.insert(id.to_owned(), now);
        }
        self.wake_at(object::later(
            last.filter(|_| recent).unwrap_or(now),
            milliseconds,
        ));
        recent
    }

    /// Writes an object's status when it differs.
    pub(crate) fn set_status(&self, object: &Value, status: Value) {
        if object.get("status") == Some(&status) || self.frozen.contains(object::uid(object)) {
            return;
        }
        if let Ok(key) = self.store.key_for(object) {
            // The object may have gone meanwhile; then there is nothing to say.
            let _ = self.store.modify(&key, |object| object["status"] = status);
        }
    }

    /// One look at each of these namespaces; the namespaces in which anything changed.
    pub(crate) fn pass(&mut self, namespaces: &BTreeSet<String>) -> BTreeSet<String> {
        self.wakes.retain(|namespace, _| !namespaces.contains(namespace));
        let mut changed = BTreeSet::new();
        let mut before = self.store.resource_version();
        nodes::reconcile(self);
        gitops::reconcile(self);
        if self.store.resource_version() != before {
            changed = self.namespaces();
        }
        for namespace in namespaces {
            before = self.store.resource_version();
            self.current.clone_from(namespace);
            namespaces::reconcile(self, namespace);
            cron::reconcile(self, namespace);
            job::reconcile(self, namespace);
            deployment::reconcile(self, namespace);
            replicaset::reconcile(self, namespace);
            statefulset::reconcile(self, namespace);
            daemonset::reconcile(self, namespace);
            volumes::reconcile(self, namespace);
            scheduler::reconcile(self, namespace);
            let kubelets = Arc::clone(&self.kubelets);
            kubelets.reconcile(self, namespace);
            endpoints::reconcile(self, namespace);
            autoscaling::reconcile(self, namespace);
            disruption::reconcile(self, namespace);
            quota::reconcile(self, namespace);
            garbage::reconcile(self, namespace);
            if self.store.resource_version() != before {
                changed.insert(namespace.clone());
            }
        }
        // What happened in the past is told once, when the present is reached.
        if self.live {
            let (store, now) = (self.store.clone(), self.now);
            self.recorder.flush(&store, now);
        }
        changed
    }
}
