//! The pretend kubelets: pods bound to nodes in; container states, conditions, events, logs and usage figures out.

mod behaviours;
mod images;
mod life;
mod logs;
mod pod;
mod probes;
mod references;
mod status;
mod usage;

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use futures::stream::BoxStream;
use jiff::Timestamp;
use serde_json::Value;

use crate::{
    scenario::Scenario,
    store::{ApiStatus, Store},
};
use life::Life;

pub(crate) use behaviours::matches_pattern;

/// A container's log as it is sent: chunks of whole lines, each ending in a newline.
pub type LogStream = BoxStream<'static, Bytes>;

/// Which part of a container's log is wanted.
#[derive(Clone, Debug, Default)]
pub struct LogQuery {
    /// Of the container before the current one.
    pub previous: bool,
    /// Go on with new lines until the caller goes or the container ends.
    pub follow: bool,
    /// Only the last so many lines.
    pub tail_lines: Option<usize>,
    /// Only lines from this moment on (`sinceSeconds` and `sinceTime` both end here).
    pub since: Option<Timestamp>,
    /// Put the time in front of each line.
    pub timestamps: bool,
    /// Stop after so many bytes.
    pub limit_bytes: Option<u64>,
}

/// The side of a kubelet that the API server talks to.
pub trait Kubelet: fmt::Debug + Send + Sync {
    /// The log of a container of a pod; an empty `container` means the only (or default) one.
    fn logs(&self, pod: &Value, container: &str, query: &LogQuery) -> Result<LogStream, ApiStatus>;

    /// The `PodMetrics` object of `metrics.k8s.io/v1beta1`; nothing for a pod that does not run.
    fn pod_metrics(&self, pod: &Value) -> Option<Value>;

    /// The `NodeMetrics` object of `metrics.k8s.io/v1beta1`; nothing for a node that does not answer.
    fn node_metrics(&self, node: &Value) -> Option<Value>;
}

/// The kubelets of all nodes of one estate.
#[derive(Debug)]
pub(crate) struct Kubelets {
    store: Store,
    scenario: Arc<Scenario>,
    /// When the estate started: ages in the scenario count back from here.
    epoch: Timestamp,
    pods: Mutex<HashMap<String, PodMemory>>,
}

/// What a kubelet remembers of a pod beyond its status.
#[derive(Debug)]
struct PodMemory {
    /// Its place among its owner's pods, for behaviours of only some of them.
    slot: usize,
    owner: String,
    seen: Timestamp,
    leaving: Option<Timestamp>,
    lives: BTreeMap<String, Life>,
}

impl Kubelets {
    pub(crate) fn new(store: Store, scenario: Arc<Scenario>, epoch: Timestamp) -> Self {
        Self {
            store,
            scenario,
            epoch,
            pods: Mutex::default(),
        }
    }

    fn memory(&self) -> MutexGuard<'_, HashMap<String, PodMemory>> {
        self.pods.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kubelet for Kubelets {
    fn logs(&self, pod: &Value, container: &str, query: &LogQuery) -> Result<LogStream, ApiStatus> {
        logs::open(self, pod, container, query)
    }

    fn pod_metrics(&self, pod: &Value) -> Option<Value> {
        usage::of_pod(self, pod)
    }

    fn node_metrics(&self, node: &Value) -> Option<Value> {
        usage::of_node(self, node)
    }
}
