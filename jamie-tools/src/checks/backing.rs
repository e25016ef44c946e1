//! Services in, what stands behind and before each of them out: pod specs by workload, and ingresses.

use std::{collections::BTreeMap, sync::Arc};

use jamie_core::{ObjectRef, Severity};
use k8s_openapi::api::{
    core::v1::{Pod, PodSpec, Service},
    networking::v1::{Ingress, IngressBackend},
};

use super::template::{self, Template};
use crate::{
    selector::Labels,
    snapshot::{Snapshot, matches_labels, reference},
};

/// Templates by namespace, and which services an ingress leads to.
#[derive(Debug)]
pub(crate) struct Backing<'a> {
    templates: BTreeMap<&'a str, Vec<Template<'a>>>,
    ingresses: BTreeMap<(&'a str, &'a str), Vec<ObjectRef>>,
}

/// The pods of one workload that a service selects, or what they would be made from.
#[derive(Debug)]
pub(crate) struct Selected<'a> {
    /// The workload.
    pub(crate) object: ObjectRef,
    /// What its pods run.
    pub(crate) spec: &'a PodSpec,
}

impl<'a> Backing<'a> {
    pub(crate) fn new(snapshot: &'a Snapshot) -> Self {
        let mut templates: BTreeMap<&str, Vec<Template<'_>>> = BTreeMap::new();
        for template in template::all(snapshot) {
            templates.entry(template.namespace).or_default().push(template);
        }
        let mut ingresses: BTreeMap<(&str, &str), Vec<ObjectRef>> = BTreeMap::new();
        for ingress in &snapshot.ingresses {
            let namespace = ingress.metadata.namespace.as_deref().unwrap_or("default");
            for backend in backends(ingress) {
                if let Some(service) = &backend.service {
                    let leading = ingresses.entry((namespace, &service.name)).or_default();
                    let object = reference(ingress.as_ref());
                    if !leading.contains(&object) {
                        leading.push(object);
                    }
                }
            }
        }
        Self { templates, ingresses }
    }

    /// The templates of a namespace.
    pub(crate) fn templates(&self, namespace: &str) -> &[Template<'a>] {
        self.templates
            .get(namespace)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// The ingresses that lead to a service.
    pub(crate) fn ingresses<'b>(&'b self, namespace: &'b str, service: &'b str) -> &'b [ObjectRef] {
        self.ingresses
            .get(&(namespace, service))
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// How bad it is when nobody gets through the service: worst where the outside comes in.
    pub(crate) fn severity(&self, service: &Service) -> Severity {
        let (namespace, name) = address(service);
        if is_cluster_dns(service) {
            return Severity::Critical;
        }
        let is_outside = service.spec.as_ref().and_then(|spec| spec.type_.as_deref()) == Some("LoadBalancer");
        if is_outside || !self.ingresses(namespace, name).is_empty() {
            Severity::Critical
        } else {
            Severity::Error
        }
    }

    /// What the service selects, by workload: of pods that there are, or else of templates.
    pub(crate) fn selected(&self, snapshot: &'a Snapshot, service: &Service) -> Vec<Selected<'a>> {
        let (namespace, _) = address(service);
        let Some(selector) = selector(service) else {
            return Vec::new();
        };
        let mut found: Vec<Selected<'a>> = Vec::new();
        for pod in live_pods(snapshot, namespace, selector) {
            let object = snapshot.workload_of(pod);
            if let Some(spec) = pod.spec.as_ref()
                && !found.iter().any(|other| other.object.is_same(&object))
            {
                found.push(Selected { object, spec });
            }
        }
        if found.is_empty() {
            for template in self.templates(namespace) {
                if matches_labels(selector, Some(template.labels)) && !template.is_batch {
                    found.push(Selected {
                        object: template.object.clone(),
                        spec: template.spec,
                    });
                }
            }
        }
        found
    }
}

/// Every backend of an ingress, the default one included.
pub(crate) fn backends(ingress: &Ingress) -> impl Iterator<Item = &IngressBackend> {
    let spec = ingress.spec.as_ref();
    let paths = spec
        .into_iter()
        .flat_map(|spec| spec.rules.iter().flatten())
        .flat_map(|rule| rule.http.iter().flat_map(|http| &http.paths))
        .map(|path| &path.backend);
    spec.into_iter()
        .filter_map(|spec| spec.default_backend.as_ref())
        .chain(paths)
}

/// Whether every name in the cluster is resolved through it.
pub(crate) fn is_cluster_dns(service: &Service) -> bool {
    let (namespace, name) = address(service);
    namespace == "kube-system" && (name == "kube-dns" || name.ends_with("coredns"))
}

/// Namespace and name of a service.
pub(crate) fn address(service: &Service) -> (&str, &str) {
    (
        service.metadata.namespace.as_deref().unwrap_or("default"),
        service.metadata.name.as_deref().unwrap_or_default(),
    )
}

/// The service's selector, where it has one that selects something.
pub(crate) fn selector(service: &Service) -> Option<&Labels> {
    let spec = service.spec.as_ref()?;
    let is_external = spec.type_.as_deref() == Some("ExternalName");
    spec.selector
        .as_ref()
        .filter(|selector| !selector.is_empty() && !is_external)
}

/// The pods with these labels that are neither finished nor leaving.
pub(crate) fn live_pods<'a>(snapshot: &'a Snapshot, namespace: &str, selector: &Labels) -> Vec<&'a Arc<Pod>> {
    snapshot
        .pods_labelled(namespace, selector)
        .into_iter()
        .filter(|pod| template::is_live(pod))
        .collect()
}
