//! What pods and nodes use right now, from the metrics API where the server has one.

use std::sync::Arc;

use jamie_core::Result;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use serde::Deserialize;
use std::collections::BTreeMap;
use tokio::time::Instant;

use super::{Cluster, Freshness, request::Refusal};
use crate::{
    quantity,
    snapshot::{Coverage, Snapshot, Use},
};

#[derive(Deserialize)]
struct List<T> {
    items: Vec<T>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
    #[serde(default)]
    namespace: String,
}

#[derive(Deserialize)]
struct PodUse {
    metadata: Named,
    #[serde(default)]
    containers: Vec<ContainerUse>,
}

#[derive(Deserialize)]
struct ContainerUse {
    usage: BTreeMap<String, Quantity>,
}

#[derive(Deserialize)]
struct NodeUse {
    metadata: Named,
    usage: BTreeMap<String, Quantity>,
}

fn amount(usage: &BTreeMap<String, Quantity>) -> Use {
    Use {
        milli_cpu: usage.get("cpu").map_or(0, quantity::milli_cpu),
        memory: usage.get("memory").map_or(0, quantity::whole),
    }
}

const BASE: &str = "/apis/metrics.k8s.io/v1beta1";
const MAX: usize = 128 * 1024 * 1024;

impl Cluster {
    /// A snapshot with what pods and nodes use; `coverage` of `PodMetrics` and `NodeMetrics` says whether that
    /// could be read.
    pub async fn snapshot_with_use(&self, freshness: Freshness) -> Result<Arc<Snapshot>> {
        let deadline = Instant::now() + self.timeout;
        let pods_path = format!("{BASE}/pods");
        let nodes_path = format!("{BASE}/nodes");
        let (snapshot, pods, nodes) = tokio::join!(
            self.snapshot(freshness),
            self.get(&pods_path, MAX, deadline),
            self.get(&nodes_path, MAX, deadline),
        );
        let mut snapshot = snapshot?.shallow_clone();
        match pods.map(|bytes| serde_json::from_slice::<List<PodUse>>(&bytes)) {
            Ok(Ok(list)) => {
                snapshot.coverage.insert("PodMetrics", Coverage::Complete);
                for pod in list.items {
                    let mut sum = Use::default();
                    for container in &pod.containers {
                        let one = amount(&container.usage);
                        sum.milli_cpu += one.milli_cpu;
                        sum.memory += one.memory;
                    }
                    snapshot
                        .pod_use
                        .insert((pod.metadata.namespace, pod.metadata.name), sum);
                }
            }
            Ok(Err(error)) => {
                snapshot
                    .coverage
                    .insert("PodMetrics", Coverage::Failed(error.to_string()));
            }
            Err(refusal) => {
                snapshot.coverage.insert("PodMetrics", coverage(refusal));
            }
        }
        match nodes.map(|bytes| serde_json::from_slice::<List<NodeUse>>(&bytes)) {
            Ok(Ok(list)) => {
                snapshot.coverage.insert("NodeMetrics", Coverage::Complete);
                for node in list.items {
                    snapshot.node_use.insert(node.metadata.name, amount(&node.usage));
                }
            }
            Ok(Err(error)) => {
                snapshot
                    .coverage
                    .insert("NodeMetrics", Coverage::Failed(error.to_string()));
            }
            Err(refusal) => {
                snapshot.coverage.insert("NodeMetrics", coverage(refusal));
            }
        }
        Ok(Arc::new(snapshot))
    }
}

fn coverage(refusal: Refusal) -> Coverage {
    match refusal.code {
        Some(403) => Coverage::Forbidden,
        // An aggregated API without its server answers 503.
        Some(404) => Coverage::Missing,
        _ => Coverage::Failed(refusal.error.message().to_owned()),
    }
}
