#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use jiff::Timestamp;

use super::{Placement, place};
use crate::Snapshot;

const NODES: &str = r"
apiVersion: v1
kind: Node
metadata: {name: small, labels: {kubernetes.io/hostname: small, zone: a}}
status:
  allocatable: {cpu: '2', memory: 4Gi, pods: '110'}
  conditions: [{type: Ready, status: 'True'}]
---
apiVersion: v1
kind: Node
metadata: {name: big, labels: {kubernetes.io/hostname: big, zone: b}}
spec: {taints: [{key: dedicated, value: batch, effect: NoSchedule}]}
status:
  allocatable: {cpu: '8', memory: 32Gi, pods: '110'}
  conditions: [{type: Ready, status: 'True'}]
---
apiVersion: v1
kind: Node
metadata: {name: closed, labels: {kubernetes.io/hostname: closed, zone: c}}
spec: {unschedulable: true}
status:
  allocatable: {cpu: '8', memory: 32Gi, pods: '110'}
  conditions: [{type: Ready, status: 'True'}]
";

fn placed(pod: &str) -> Placement {
    let yaml = format!("{NODES}\n---\n{pod}");
    let snapshot = Snapshot::from_yaml(&yaml, Timestamp::UNIX_EPOCH).unwrap();
    let pod = snapshot
        .pods
        .iter()
        .find(|pod| pod.metadata.name.as_deref() == Some("it"))
        .unwrap()
        .clone();
    place(&snapshot, &pod)
}

fn reasons(placement: &Placement, node: &str) -> Vec<String> {
    let verdict = placement
        .nodes
        .iter()
        .find(|verdict| verdict.node == node)
        .unwrap();
    verdict.reasons.iter().map(super::Reason::text).collect()
}

#[test]
fn a_small_pod_fits_where_nothing_forbids_it() {
    let placement = placed(
        "{apiVersion: v1, kind: Pod, metadata: {name: it, namespace: shop}, spec: {containers: [{name: c, resources: {requests: {cpu: 100m}}}]}}",
    );
    assert_eq!(placement.fitting().collect::<Vec<_>>(), ["small"]);
    assert_eq!(
        reasons(&placement, "big"),
        ["taint `dedicated=batch:NoSchedule` is not tolerated"]
    );
    assert_eq!(reasons(&placement, "closed"), ["cordoned (unschedulable)"]);
}

#[test]
fn says_how_much_is_missing_and_what_would_do() {
    let placement = placed(
        "{apiVersion: v1, kind: Pod, metadata: {name: it, namespace: shop}, spec: {containers: [{name: c, resources: {requests: {cpu: '3', memory: 1Gi}}}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: other, namespace: shop}, spec: {nodeName: small, containers: [{name: c, resources: {requests: {cpu: 500m}}}]}, status: {phase: Running}}",
    );
    assert_eq!(
        reasons(&placement, "small"),
        ["not enough CPU: wants 3, 1.5 free of 2"]
    );
    assert!(
        placement.summary().contains("none of 3 nodes fits"),
        "{}",
        placement.summary()
    );
    let first = placement.changes.first().unwrap();
    assert_eq!(first.command.as_deref(), Some("kubectl uncordon closed"));
    assert!(
        placement
            .changes
            .iter()
            .any(|change| change.what.contains("at most 1.5")),
        "{:?}",
        placement.changes
    );
}

#[test]
fn init_containers_count_by_the_largest_and_sidecars_always() {
    let placement = placed(
        "{apiVersion: v1, kind: Pod, metadata: {name: it, namespace: shop}, spec: {
          initContainers: [{name: s, restartPolicy: Always, resources: {requests: {cpu: 200m}}}, {name: i, resources: {requests: {cpu: '1'}}}],
          containers: [{name: c, resources: {requests: {cpu: 300m}}}]}}",
    );
    assert_eq!(placement.demand.of("cpu"), 1_200);
}

#[test]
fn anti_affinity_names_the_pod_in_the_way() {
    let placement = placed(
        "{apiVersion: v1, kind: Pod, metadata: {name: it, namespace: shop, labels: {app: db}}, spec: {containers: [{name: c}],
           affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: db}}}]}}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: db-0, namespace: shop, labels: {app: db}}, spec: {nodeName: small, containers: [{name: c}]}, status: {phase: Running}}",
    );
    assert_eq!(
        reasons(&placement, "small"),
        ["`shop/db-0` is already in its node, which anti-affinity forbids"]
    );
}

#[test]
fn spread_counts_only_nodes_the_pod_may_go_to() {
    let spread = "topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {app: web}}}]";
    let placement = placed(&format!(
        "{{apiVersion: v1, kind: Pod, metadata: {{name: it, namespace: shop, labels: {{app: web}}}}, spec: {{containers: [{{name: c}}], {spread}}}}}
---
{{apiVersion: v1, kind: Pod, metadata: {{name: web-0, namespace: shop, labels: {{app: web}}}}, spec: {{nodeName: small, containers: [{{name: c}}]}}, status: {{phase: Running}}}}",
    ));
    assert_eq!(
        reasons(&placement, "small"),
        ["topology spread over `zone`: the skew would be 2, at most 1 is allowed"]
    );
}

#[test]
fn a_missing_claim_blocks_every_node() {
    let placement = placed(
        "{apiVersion: v1, kind: Pod, metadata: {name: it, namespace: shop}, spec: {containers: [{name: c}], volumes: [{name: v, persistentVolumeClaim: {claimName: data}}]}}",
    );
    assert_eq!(
        placement.summary(),
        "its PersistentVolumeClaim `data` does not exist"
    );
    assert_eq!(placement.fitting().count(), 0);
}

#[test]
fn a_volume_in_one_zone_rules_out_the_others() {
    let placement = placed(
        "{apiVersion: v1, kind: Pod, metadata: {name: it, namespace: shop}, spec: {containers: [{name: c}], volumes: [{name: v, persistentVolumeClaim: {claimName: data}}]}}
---
{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data, namespace: shop}, spec: {volumeName: pv-1}, status: {phase: Bound}}
---
{apiVersion: v1, kind: PersistentVolume, metadata: {name: pv-1}, spec: {nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: zone, operator: In, values: [c]}]}]}}}}",
    );
    assert_eq!(
        reasons(&placement, "small"),
        ["the volume of `data` is only available in `zone=c`"]
    );
    assert_eq!(reasons(&placement, "closed"), ["cordoned (unschedulable)"]);
}
