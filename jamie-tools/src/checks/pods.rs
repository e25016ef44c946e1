//! Whole pods with the same condition, grouped by workload.

use std::{collections::BTreeMap, sync::Arc};

use jamie_core::{ObjectRef, Severity};
use k8s_openapi::api::core::v1::{Pod, PodCondition};

use crate::{
    fault::{Depth, Fault},
    snapshot::{Snapshot, reference},
};

/// Pods of one workload.
#[derive(Debug)]
pub(crate) struct Together<'a> {
    pub(crate) workload: ObjectRef,
    pub(crate) pods: Vec<&'a Arc<Pod>>,
}

/// Groups the pods for which `key` has something to say.
pub(crate) fn grouped<'a, K: Ord>(
    snapshot: &'a Snapshot,
    mut key: impl FnMut(&'a Arc<Pod>) -> Option<K>,
) -> Vec<(K, Together<'a>)> {
    let mut groups: BTreeMap<(String, K), Together<'a>> = BTreeMap::new();
    for pod in &snapshot.pods {
        if let Some(key) = key(pod) {
            let workload = snapshot.workload_of(pod);
            groups
                .entry((format!("{workload}"), key))
                .or_insert_with(|| Together {
                    workload,
                    pods: Vec::new(),
                })
                .pods
                .push(pod);
        }
    }
    groups
        .into_iter()
        .map(|((_, key), together)| (key, together))
        .collect()
}

impl<'a> Together<'a> {
    pub(crate) fn first(&self) -> Option<&'a Arc<Pod>> {
        self.pods.first().copied()
    }

    /// A fault about these pods with what all such faults share.
    pub(crate) fn fault(
        &self,
        check: &'static str,
        severity: Severity,
        depth: Depth,
        title: impl Into<String>,
    ) -> Fault {
        let mut fault = Fault::new(check, severity, depth, self.workload.clone(), title);
        fault.seen_count = self.pods.len();
        fault.seen_on = self
            .pods
            .iter()
            .take(Fault::MAX_SEEN)
            .map(|pod| reference(pod.as_ref()))
            .collect();
        fault
    }
}

/// A pod's condition of a type.
pub(crate) fn condition<'a>(pod: &'a Pod, type_: &str) -> Option<&'a PodCondition> {
    pod.status
        .as_ref()?
        .conditions
        .iter()
        .flatten()
        .find(|condition| condition.type_ == type_)
}

/// The pod's phase.
pub(crate) fn phase(pod: &Pod) -> &str {
    pod.status
        .as_ref()
        .and_then(|status| status.phase.as_deref())
        .unwrap_or_default()
}

/// The node it is bound to.
pub(crate) fn node(pod: &Pod) -> Option<&str> {
    pod.spec
        .as_ref()
        .and_then(|spec| spec.node_name.as_deref())
        .filter(|node| !node.is_empty())
}
