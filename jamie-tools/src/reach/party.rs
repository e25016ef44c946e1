//! The ends of a way: an object or a word in, pods, services and addresses out.

use std::{net::IpAddr, sync::Arc};

use jamie_core::ObjectRef;
use k8s_openapi::api::{
    core::v1::{Pod, Service},
    networking::v1::Ingress,
};

use crate::{
    Snapshot,
    snapshot::{is_finished, is_ready},
};

/// One end of a way.
#[derive(Debug, Clone)]
pub enum Party {
    /// A workload, a pod or a namespace: whatever has pods.
    Pods {
        /// What was named.
        object: ObjectRef,
        /// Its pods, finished ones left out.
        pods: Vec<Arc<Pod>>,
    },
    /// A Service.
    Service(Arc<Service>),
    /// An Ingress.
    Ingress(Arc<Ingress>),
    /// Anywhere outside.
    Internet,
    /// An address outside.
    Address(IpAddr),
    /// A name outside.
    Host(String),
}

impl Party {
    /// The party that an object is; `None` when it has no pods and is no Service or Ingress.
    pub fn of(snapshot: &Snapshot, object: &ObjectRef) -> Option<Self> {
        let namespace = object.namespace.as_deref().unwrap_or_default();
        match object.kind.as_str() {
            "Service" => snapshot
                .service(namespace, &object.name)
                .cloned()
                .map(Self::Service),
            "Ingress" => snapshot
                .ingress(namespace, &object.name)
                .cloned()
                .map(Self::Ingress),
            "Pod" | "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "Job" | "CronJob"
            | "Namespace" => {
                if snapshot.exists(object) == Some(false) {
                    return None;
                }
                let pods = snapshot
                    .pods_of(object)
                    .into_iter()
                    .filter(|pod| !is_finished(pod))
                    .cloned()
                    .collect();
                Some(Self::Pods {
                    object: object.clone(),
                    pods,
                })
            }
            _ => None,
        }
    }

    /// The party that a bare word means: the internet, an address, a host name with a dot.
    pub fn said(word: &str) -> Option<Self> {
        let word = word.trim().trim_matches('`');
        match word.to_ascii_lowercase().as_str() {
            "internet" | "outside" | "world" | "public" | "external" | "browser" | "users" | "customers" => {
                return Some(Self::Internet);
            }
            _ => {}
        }
        if let Ok(address) = word.parse() {
            return Some(Self::Address(address));
        }
        let host = word.split_once("://").map_or(word, |(_, rest)| rest);
        let host = host.split(['/', ':']).next().unwrap_or_default();
        let is_host = host.contains('.')
            && !host.starts_with('.')
            && host
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-');
        is_host.then(|| Self::Host(host.to_ascii_lowercase()))
    }

    /// How it is called in a sentence.
    pub fn name(&self) -> String {
        match self {
            Self::Pods { object, .. } if object.kind == "Namespace" => format!("namespace `{}`", object.name),
            Self::Pods { object, .. } => format!("`{}`", object.path()),
            Self::Service(service) => format!("Service `{}`", path(&service.metadata)),
            Self::Ingress(ingress) => format!("Ingress `{}`", path(&ingress.metadata)),
            Self::Internet => "the internet".to_owned(),
            Self::Address(address) => format!("`{address}`"),
            Self::Host(host) => format!("`{host}`"),
        }
    }

    /// The namespace it lies in.
    pub fn namespace(&self) -> Option<&str> {
        match self {
            Self::Pods { object, .. } if object.kind == "Namespace" => Some(&object.name),
            Self::Pods { object, .. } => object.namespace.as_deref(),
            Self::Service(service) => service.metadata.namespace.as_deref(),
            Self::Ingress(ingress) => ingress.metadata.namespace.as_deref(),
            Self::Internet | Self::Address(_) | Self::Host(_) => None,
        }
    }

    /// The pods that stand for it as a sender: those that are ready where there are any, at most a few that
    /// differ in their labels.
    pub(super) fn senders(&self, snapshot: &Snapshot) -> Vec<Arc<Pod>> {
        const MOST: usize = 8;
        let pods: Vec<Arc<Pod>> = match self {
            Self::Pods { pods, .. } => pods.clone(),
            Self::Service(service) => snapshot
                .pods_of(&crate::snapshot::reference(service.as_ref()))
                .into_iter()
                .cloned()
                .collect(),
            _ => Vec::new(),
        };
        let (ready, rest): (Vec<_>, Vec<_>) = pods.into_iter().partition(|pod| is_ready(pod));
        let mut chosen: Vec<Arc<Pod>> = Vec::new();
        for pod in ready.into_iter().chain(rest) {
            if chosen.len() == MOST {
                break;
            }
            let same = |other: &Arc<Pod>| {
                other.metadata.labels == pod.metadata.labels
                    && other.spec.as_ref().map(|spec| &spec.node_name)
                        == pod.spec.as_ref().map(|spec| &spec.node_name)
            };
            if !chosen.iter().any(same) {
                chosen.push(pod);
            }
        }
        chosen
    }
}

pub(super) fn path(metadata: &k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta) -> String {
    let name = metadata.name.as_deref().unwrap_or_default();
    metadata
        .namespace
        .as_ref()
        .map_or_else(|| name.to_owned(), |namespace| format!("{namespace}/{name}"))
}
