//! Which object rests on which: owners, selectors, volumes, references, calls.

use std::{
    cell::OnceCell,
    collections::{BTreeSet, HashMap, HashSet, VecDeque},
};

use jamie_core::ObjectRef;
use k8s_openapi::api::core::v1::PodSpec;

use super::calls;
use crate::{
    snapshot::{Snapshot, matches_labels, reference},
    template::{references, template_of},
};

/// One step from an object to something that it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Edge {
    pub(crate) to: ObjectRef,
    /// How, after the dependent's name: "calls Service `shop/api`".
    pub(crate) via: String,
    /// Whether it is a call at run time rather than part of how the objects are built.
    pub(crate) is_call: bool,
}

/// The edges of one snapshot, worked out when they are asked for.
#[derive(Debug)]
pub(crate) struct Links<'a> {
    pub(crate) snapshot: &'a Snapshot,
    calls: OnceCell<HashMap<String, Vec<Edge>>>,
}

/// An object without its UID, with the top owner in place of what belongs to it.
pub(crate) fn canonical(snapshot: &Snapshot, object: &ObjectRef) -> ObjectRef {
    let namespace = object.namespace.as_deref().unwrap_or_default();
    let mut above = match object.kind.as_str() {
        "Pod" => snapshot
            .pod(namespace, &object.name)
            .map(|pod| snapshot.workload_of(pod)),
        "ReplicaSet" => snapshot.replica_set(namespace, &object.name).and_then(|set| {
            let owner = set
                .metadata
                .owner_references
                .iter()
                .flatten()
                .find(|owner| owner.controller == Some(true))?;
            Some(ObjectRef::namespaced(
                owner.kind.as_str(),
                namespace,
                owner.name.as_str(),
            ))
        }),
        "Job" => snapshot.job(namespace, &object.name).and_then(|job| {
            let owner = job
                .metadata
                .owner_references
                .iter()
                .flatten()
                .find(|owner| owner.kind == "CronJob")?;
            Some(ObjectRef::namespaced("CronJob", namespace, owner.name.as_str()))
        }),
        _ => None,
    }
    .unwrap_or_else(|| object.clone());
    above.uid = None;
    above
}

/// A key for maps.
pub(super) fn key(object: &ObjectRef) -> String {
    format!(
        "{}/{}/{}",
        object.kind,
        object.namespace.as_deref().unwrap_or_default(),
        object.name
    )
}

fn is_workload(kind: &str) -> bool {
    matches!(
        kind,
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "Job" | "CronJob" | "Pod"
    )
}

impl<'a> Links<'a> {
    pub(crate) fn new(snapshot: &'a Snapshot) -> Self {
        Self {
            snapshot,
            calls: OnceCell::new(),
        }
    }

    /// What an object is built on or, where it is a workload, calls.
    pub(crate) fn of(&self, object: &ObjectRef) -> Vec<Edge> {
        let mut edges = self.built_on(object);
        edges.extend(self.calls_of(object));
        edges
    }

    /// The Services that a workload calls.
    pub(crate) fn calls_of(&self, object: &ObjectRef) -> Vec<Edge> {
        self.calls
            .get_or_init(|| calls::all(self.snapshot))
            .get(&key(object))
            .cloned()
            .unwrap_or_default()
    }

    /// What an object is built on.
    pub(crate) fn built_on(&self, object: &ObjectRef) -> Vec<Edge> {
        let snapshot = self.snapshot;
        let namespace = object.namespace.as_deref().unwrap_or_default();
        let name = object.name.as_str();
        let mut edges: Vec<Edge> = Vec::new();
        let mut add = |to: ObjectRef, via: String| {
            edges.push(Edge {
                to,
                via,
                is_call: false,
            });
        };
        match object.kind.as_str() {
            "Ingress" => {
                for service in self.backends(namespace, name) {
                    add(
                        ObjectRef::namespaced("Service", namespace, service.as_str()),
                        format!("sends to Service `{namespace}/{service}`"),
                    );
                }
            }
            "Service" => {
                for workload in self.behind(namespace, name) {
                    let via = format!("has its pods from `{}`", workload.path());
                    add(workload, via);
                }
            }
            "HorizontalPodAutoscaler" => {
                if let Some(autoscaler) = snapshot.autoscaler(namespace, name) {
                    let target = &autoscaler.spec.scale_target_ref;
                    add(
                        ObjectRef::namespaced(target.kind.as_str(), namespace, target.name.as_str()),
                        format!("scales `{namespace}/{}`", target.name),
                    );
                }
            }
            "PodDisruptionBudget" => {
                for pod in snapshot.pods_of(object).into_iter().take(50) {
                    let workload = canonical(snapshot, &reference(pod.as_ref()));
                    let via = format!("guards the pods of `{}`", workload.path());
                    add(workload, via);
                }
            }
            "NetworkPolicy" => {
                let spec = snapshot
                    .network_policy(namespace, name)
                    .and_then(|policy| policy.spec.as_ref());
                // No selector is the empty one: every pod of the namespace.
                let selector = spec.map(|spec| spec.pod_selector.clone().unwrap_or_default());
                let pods = selector.map(|selector| snapshot.pods_selected(namespace, &selector));
                for pod in pods.unwrap_or_default() {
                    let workload = canonical(snapshot, &reference(pod.as_ref()));
                    let via = format!("applies to the pods of `{}`", workload.path());
                    add(workload, via);
                }
            }
            "PersistentVolumeClaim" => {
                if let Some(spec) = snapshot
                    .claim(namespace, name)
                    .and_then(|claim| claim.spec.as_ref())
                {
                    if let Some(volume) = spec.volume_name.as_deref().filter(|volume| !volume.is_empty()) {
                        add(
                            ObjectRef::cluster("PersistentVolume", volume),
                            format!("is bound to `{volume}`"),
                        );
                    }
                    if let Some(class) = spec
                        .storage_class_name
                        .as_deref()
                        .filter(|class| !class.is_empty())
                    {
                        add(
                            ObjectRef::cluster("StorageClass", class),
                            format!("is of class `{class}`"),
                        );
                    }
                }
            }
            "ValidatingWebhookConfiguration" | "MutatingWebhookConfiguration" | "APIService" => {
                for service in self.server_of(object) {
                    let via = format!("is served by Service `{}`", service.path());
                    add(service, via);
                }
            }
            kind if is_workload(kind) => {
                if let Some(spec) = self.spec_of(object) {
                    for (kind, name) in references(&spec) {
                        let via = match kind {
                            "PersistentVolumeClaim" => format!("mounts the claim `{name}`"),
                            "ServiceAccount" => format!("runs as ServiceAccount `{name}`"),
                            kind => format!("reads {kind} `{name}`"),
                        };
                        if name != "default" {
                            add(ObjectRef::namespaced(kind, namespace, name.as_str()), via);
                        }
                    }
                }
                if kind == "StatefulSet" {
                    for claim in self.own_claims(object) {
                        let via = format!("mounts the claim `{}`", claim.name);
                        add(claim, via);
                    }
                }
            }
            _ => {}
        }
        let mut known: HashSet<String> = HashSet::new();
        edges.retain(|edge| known.insert(key(&edge.to)));
        edges
    }

    fn spec_of(&self, object: &ObjectRef) -> Option<PodSpec> {
        if let Some(template) = template_of(self.snapshot, object) {
            return template.spec.clone();
        }
        self.snapshot
            .pods_of(object)
            .first()
            .and_then(|pod| pod.spec.clone())
    }

    fn own_claims(&self, object: &ObjectRef) -> Vec<ObjectRef> {
        let namespace = object.namespace.as_deref().unwrap_or_default();
        let mut found: BTreeSet<String> = BTreeSet::new();
        for pod in self.snapshot.pods_of(object).into_iter().take(50) {
            found.extend(crate::snapshot::claims(pod).map(std::borrow::Cow::into_owned));
        }
        found
            .into_iter()
            .map(|claim| ObjectRef::namespaced("PersistentVolumeClaim", namespace, claim))
            .collect()
    }

    fn backends(&self, namespace: &str, name: &str) -> BTreeSet<String> {
        let Some(ingress) = self.snapshot.ingress(namespace, name) else {
            return BTreeSet::new();
        };
        let spec = ingress.spec.as_ref();
        let rules = spec
            .into_iter()
            .flat_map(|spec| spec.rules.iter().flatten())
            .flat_map(|rule| rule.http.iter().flat_map(|http| &http.paths))
            .map(|path| &path.backend);
        spec.and_then(|spec| spec.default_backend.as_ref())
            .into_iter()
            .chain(rules)
            .filter_map(|backend| Some(backend.service.as_ref()?.name.clone()))
            .collect()
    }

    /// The workloads whose pods a Service selects, or would if there were any.
    pub(crate) fn behind(&self, namespace: &str, name: &str) -> Vec<ObjectRef> {
        let Some(selector) = self
            .snapshot
            .service(namespace, name)
            .and_then(|service| service.spec.as_ref()?.selector.as_ref())
            .filter(|selector| !selector.is_empty())
        else {
            return Vec::new();
        };
        let mut found: Vec<ObjectRef> = Vec::new();
        for pod in self
            .snapshot
            .pods_labelled(namespace, selector)
            .into_iter()
            .take(200)
        {
            let workload = canonical(self.snapshot, &reference(pod.as_ref()));
            if !found.contains(&workload) {
                found.push(workload);
            }
        }
        let mut add = |object: ObjectRef, labels: Option<&crate::snapshot::Labels>| {
            if matches_labels(selector, labels) {
                let object = canonical(self.snapshot, &object);
                if !found.contains(&object) {
                    found.push(object);
                }
            }
        };
        for one in self
            .snapshot
            .deployments
            .iter()
            .filter(|one| one.metadata.namespace.as_deref() == Some(namespace))
        {
            add(
                reference(one.as_ref()),
                one.spec
                    .template
                    .metadata
                    .as_ref()
                    .and_then(|meta| meta.labels.as_ref()),
            );
        }
        for one in self
            .snapshot
            .stateful_sets
            .iter()
            .filter(|one| one.metadata.namespace.as_deref() == Some(namespace))
        {
            add(
                reference(one.as_ref()),
                one.spec
                    .template
                    .metadata
                    .as_ref()
                    .and_then(|meta| meta.labels.as_ref()),
            );
        }
        found
    }

    fn server_of(&self, object: &ObjectRef) -> Vec<ObjectRef> {
        let mut found: Vec<ObjectRef> = Vec::new();
        let name = Some(object.name.as_str());
        let mut add = |namespace: Option<&str>, name: Option<&str>| {
            if let (Some(namespace), Some(name)) = (namespace, name) {
                let service = ObjectRef::namespaced("Service", namespace, name);
                if !found.contains(&service) {
                    found.push(service);
                }
            }
        };
        match object.kind.as_str() {
            "APIService" => {
                for one in self
                    .snapshot
                    .api_services
                    .iter()
                    .filter(|one| one.metadata.name.as_deref() == name)
                {
                    let service = one.spec.as_ref().and_then(|spec| spec.service.as_ref());
                    add(
                        service.and_then(|service| service.namespace.as_deref()),
                        service.and_then(|service| service.name.as_deref()),
                    );
                }
            }
            "ValidatingWebhookConfiguration" => {
                for one in self
                    .snapshot
                    .validating_webhooks
                    .iter()
                    .filter(|one| one.metadata.name.as_deref() == name)
                {
                    for hook in one.webhooks.iter().flatten() {
                        let service = hook.client_config.service.as_ref();
                        add(
                            service.map(|service| service.namespace.as_str()),
                            service.map(|service| service.name.as_str()),
                        );
                    }
                }
            }
            _ => {
                for one in self
                    .snapshot
                    .mutating_webhooks
                    .iter()
                    .filter(|one| one.metadata.name.as_deref() == name)
                {
                    for hook in one.webhooks.iter().flatten() {
                        let service = hook.client_config.service.as_ref();
                        add(
                            service.map(|service| service.namespace.as_str()),
                            service.map(|service| service.name.as_str()),
                        );
                    }
                }
            }
        }
        found
    }

    /// Everything that an object rests on, nearest first, with the way there.
    pub(crate) fn closure(
        &self,
        from: &ObjectRef,
        most_steps: usize,
        with_calls: bool,
    ) -> Vec<(ObjectRef, usize, String)> {
        const MOST: usize = 400;
        let start = canonical(self.snapshot, from);
        let mut seen: HashSet<String> = HashSet::from([key(&start)]);
        let mut queue = VecDeque::from([(start, 0_usize, String::new())]);
        let mut found = Vec::new();
        while let Some((object, steps, via)) = queue.pop_front() {
            if steps > 0 {
                found.push((object.clone(), steps, via.clone()));
            }
            if steps >= most_steps || found.len() >= MOST {
                continue;
            }
            let edges = if with_calls {
                self.of(&object)
            } else {
                self.built_on(&object)
            };
            for edge in edges {
                let to = canonical(self.snapshot, &edge.to);
                if seen.insert(key(&to)) {
                    let via = if via.is_empty() { edge.via } else { via.clone() };
                    queue.push_back((to, steps + 1, via));
                }
            }
        }
        found
    }
}
