//! What the API server asks of the kubelets: logs and usage figures of the pods and nodes it keeps.

use std::fmt;

use bytes::Bytes;
use futures::stream::BoxStream;
use jiff::Timestamp;
use serde_json::Value;

use crate::store::ApiStatus;

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
