//! What can be named in a snapshot, and by which other words.

use std::collections::{BTreeSet, HashMap};

use jamie_core::{Name, Names, ObjectRef};
use k8s_openapi::{
    api::core::v1::{PodSpec, PodTemplateSpec},
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};

use super::{Snapshot, reference};

/// Labels whose value is what people call an app.
const NAME_LABELS: [&str; 6] = [
    "app",
    "app.kubernetes.io/name",
    "app.kubernetes.io/instance",
    "app.kubernetes.io/component",
    "k8s-app",
    "name",
];

/// Container names that say nothing about which workload is meant.
const GENERIC: [&str; 10] = [
    "app",
    "main",
    "server",
    "service",
    "container",
    "sidecar",
    "proxy",
    "istio-proxy",
    "manager",
    "worker",
];

fn by_labels(metadata: &ObjectMeta, aliases: &mut Vec<String>) {
    for label in NAME_LABELS {
        if let Some(value) = metadata.labels.as_ref().and_then(|labels| labels.get(label)) {
            aliases.push(value.clone());
        }
    }
}

fn by_containers(spec: Option<&PodSpec>, aliases: &mut Vec<String>) {
    for container in spec.iter().flat_map(|spec| &spec.containers) {
        if !GENERIC.contains(&container.name.as_str()) {
            aliases.push(container.name.clone());
        }
    }
}

struct Collector {
    names: Vec<Name>,
    places: HashMap<(String, String, String), usize>,
}

impl Collector {
    fn add(&mut self, object: ObjectRef, mut aliases: Vec<String>, owner: Option<usize>) {
        aliases.sort_unstable();
        aliases.dedup();
        aliases.retain(|alias| !alias.is_empty() && *alias != object.name);
        let key = (
            object.kind.clone(),
            object.namespace.clone().unwrap_or_default(),
            object.name.clone(),
        );
        self.places.insert(key, self.names.len());
        self.names.push(Name {
            object,
            aliases,
            owner,
        });
    }

    fn workload(&mut self, object: ObjectRef, metadata: &ObjectMeta, template: &PodTemplateSpec) {
        let mut aliases = Vec::new();
        by_labels(metadata, &mut aliases);
        if let Some(metadata) = &template.metadata {
            by_labels(metadata, &mut aliases);
        }
        by_containers(template.spec.as_ref(), &mut aliases);
        self.add(object, aliases, None);
    }

    fn place(&self, object: &ObjectRef) -> Option<usize> {
        let key = (
            object.kind.clone(),
            object.namespace.clone().unwrap_or_default(),
            object.name.clone(),
        );
        self.places.get(&key).copied()
    }
}

impl Snapshot {
    /// The namespaces that something lives in, again for each thing.
    fn inhabited(&self) -> impl Iterator<Item = &str> {
        let of_pods = self.pods.iter().map(|one| &one.metadata);
        let of_deployments = self.deployments.iter().map(|one| &one.metadata);
        let of_services = self.services.iter().map(|one| &one.metadata);
        let of_maps = self.config_maps.iter().map(|one| &one.metadata);
        of_pods
            .chain(of_deployments)
            .chain(of_services)
            .chain(of_maps)
            .filter_map(|metadata| metadata.namespace.as_deref())
    }

    /// Whether the namespace is listed, or something lives in it.
    pub(crate) fn holds_namespace(&self, namespace: &str) -> bool {
        self.namespaces
            .iter()
            .any(|one| one.metadata.name.as_deref() == Some(namespace))
            || self.inhabited().any(|one| one == namespace)
    }

    /// Everything that can be named: workloads before what belongs to them.
    pub fn names(&self) -> Names {
        let mut all = Collector {
            names: Vec::with_capacity(self.pods.len() * 2),
            places: HashMap::new(),
        };
        for one in &self.namespaces {
            all.add(reference(one.as_ref()), Vec::new(), None);
        }
        // Where namespaces may not be listed, what lives in one proves that it is there.
        if self.namespaces.is_empty() {
            let found: BTreeSet<&str> = self.inhabited().collect();
            for namespace in found {
                all.add(ObjectRef::cluster("Namespace", namespace), Vec::new(), None);
            }
        }
        for one in &self.nodes {
            let hostname = one
                .metadata
                .labels
                .as_ref()
                .and_then(|labels| labels.get("kubernetes.io/hostname").cloned());
            all.add(reference(one.as_ref()), hostname.into_iter().collect(), None);
        }
        for one in &self.deployments {
            all.workload(reference(one.as_ref()), &one.metadata, &one.spec.template);
        }
        for one in &self.stateful_sets {
            all.workload(reference(one.as_ref()), &one.metadata, &one.spec.template);
        }
        for one in &self.daemon_sets {
            all.workload(reference(one.as_ref()), &one.metadata, &one.spec.template);
        }
        for one in &self.cron_jobs {
            let template = one.spec.job_template.spec.as_ref().map(|spec| &spec.template);
            let template = template.cloned().unwrap_or_default();
            all.workload(reference(one.as_ref()), &one.metadata, &template);
        }
        for one in &self.jobs {
            let namespace = one.metadata.namespace.as_deref().unwrap_or_default();
            let owner = one.metadata.owner_references.iter().flatten().find_map(|owner| {
                all.place(&ObjectRef::namespaced(
                    owner.kind.as_str(),
                    namespace,
                    owner.name.as_str(),
                ))
            });
            let mut aliases = Vec::new();
            by_labels(&one.metadata, &mut aliases);
            all.add(reference(one.as_ref()), aliases, owner);
        }
        for one in &self.services {
            let mut aliases = Vec::new();
            by_labels(&one.metadata, &mut aliases);
            all.add(reference(one.as_ref()), aliases, None);
        }
        for one in &self.ingresses {
            let spec = one.spec.as_ref();
            let rules = spec.and_then(|spec| spec.rules.as_ref()).into_iter().flatten();
            let tls = spec.and_then(|spec| spec.tls.as_ref()).into_iter().flatten();
            let mut aliases: Vec<String> = rules.filter_map(|rule| rule.host.clone()).collect();
            aliases.extend(tls.flat_map(|tls| tls.hosts.iter().flatten().cloned()));
            by_labels(&one.metadata, &mut aliases);
            all.add(reference(one.as_ref()), aliases, None);
        }
        macro_rules! bare {
            ($($list:ident),*) => {
                $( for one in &self.$list { all.add(reference(one.as_ref()), Vec::new(), None); } )*
            };
        }
        bare!(
            claims,
            config_maps,
            autoscalers,
            disruption_budgets,
            quotas,
            network_policies,
            volumes,
            storage_classes
        );
        for one in &self.secrets {
            all.add(one.reference(), Vec::new(), None);
        }
        // An account that is called like its app is the app to whoever names it.
        let apps: BTreeSet<(Option<String>, String)> = all
            .names
            .iter()
            .map(|name| (name.object.namespace.clone(), name.object.name.clone()))
            .collect();
        for one in &self.service_accounts {
            let object = reference(one.as_ref());
            let is_app = apps.contains(&(object.namespace.clone(), object.name.clone()));
            if object.name != "default" && !is_app {
                all.add(object, Vec::new(), None);
            }
        }
        for one in &self.service_accounts {
            if one.metadata.name.as_deref() != Some("default") {
                all.add(reference(one.as_ref()), Vec::new(), None);
            }
        }
        for pod in &self.pods {
            let workload = self.workload_of(pod);
            let owner = all.place(&workload);
            let mut aliases = Vec::new();
            if owner.is_none() {
                by_labels(&pod.metadata, &mut aliases);
                by_containers(pod.spec.as_ref(), &mut aliases);
            }
            all.add(reference(pod.as_ref()), aliases, owner);
        }
        Names { all: all.names }
    }
}
