//! A number of pods and a seed in; a big cluster, mostly well, out: for measurements.
//!
//! Everything in it stands as written, so that filling a store takes no controllers' work.

mod workload;

use jiff::Timestamp;
use serde_json::json;

use crate::{
    controllers::names,
    object::{later, stamp},
    scenario::{Node, Scenario},
};

/// Pods to a node, on average.
const PODS_PER_NODE: usize = 60;
/// Pods to a namespace, on average.
const PODS_PER_NAMESPACE: usize = 120;
/// Out of how many workloads one is faulty.
const ONE_FAULTY_IN: u64 = 50;

/// A cluster of so many pods, about one workload in fifty faulty. The same seed gives the same cluster.
pub fn cluster(pods: usize, seed: u64) -> Scenario {
    let mut scenario = Scenario::empty(format!("generated-{pods}"));
    scenario.title = format!("{pods} pods, some workloads faulty");
    scenario.healthy = false;
    scenario.category = "generated".to_owned();
    let now = Timestamp::now();
    let nodes = pods / PODS_PER_NODE + 3;
    scenario.nodes = (0..nodes)
        .map(|index| {
            let mut node = Node::named(format!("node-{index:04}"));
            (node.cpu, node.memory) = ("32".to_owned(), "128Gi".to_owned());
            node
        })
        .collect();
    let namespaces = pods.div_ceil(PODS_PER_NAMESPACE).max(1);
    let created = stamp(later(now, -86_400_000 * 20));
    for index in 0..namespaces {
        scenario.objects.push(json!({
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": {"name": namespace(index), "creationTimestamp": created, "labels": {"kubernetes.io/metadata.name": namespace(index)}},
            "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"},
        }));
    }
    let mut left = pods;
    let mut number = 0_u64;
    while left > 0 {
        let dice = names::hash(&format!("{seed}/{number}"));
        let replicas = (1 + dice % 6).min(left as u64) as usize;
        let home = namespace((number as usize) % namespaces);
        let fault = (dice / 7 % ONE_FAULTY_IN == 0).then_some(dice / 1_000 % 4);
        workload::add(
            &mut scenario.objects,
            &workload::Plan {
                namespace: &home,
                number,
                dice,
                replicas,
                fault,
                nodes,
                now,
            },
        );
        left -= replicas;
        number += 1;
    }
    scenario
}

fn namespace(index: usize) -> String {
    const TEAMS: [&str; 8] = [
        "billing", "search", "orders", "media", "identity", "mail", "ledger", "routing",
    ];
    let team = TEAMS.get(index % TEAMS.len()).copied().unwrap_or("team");
    if index < TEAMS.len() {
        team.to_owned()
    } else {
        format!("{team}-{}", index / TEAMS.len())
    }
}

#[cfg(test)]
mod tests {
    use super::cluster;
    use crate::object::kind;

    #[test]
    fn it_has_as_many_pods_as_asked_for_and_is_repeatable() {
        for pods in [1, 100, 1_000] {
            let scenario = cluster(pods, 7);
            assert_eq!(
                scenario
                    .objects
                    .iter()
                    .filter(|object| kind(object) == "Pod")
                    .count(),
                pods
            );
        }
        let names = |seed| {
            cluster(50, seed)
                .objects
                .iter()
                .map(|object| crate::object::name(object).to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(names(3), names(3));
        assert_ne!(names(3), names(4));
    }
}
