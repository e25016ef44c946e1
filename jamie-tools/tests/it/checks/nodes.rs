//! Nodes.

use jamie_core::Severity;
use jamie_tools::{Snapshot, checks};

use super::{NOW, faults, only, quiet, says, silent};

fn node(name: &str, conditions: &str, spec: &str) -> String {
    format!(
        "
---
apiVersion: v1
kind: Node
metadata: {{name: {name}, creationTimestamp: 2026-11-01T00:00:00Z}}
spec: {spec}
status:
  nodeInfo: {{kubeletVersion: v1.32.1, architecture: amd64, bootID: '', containerRuntimeVersion: '', kernelVersion: '', kubeProxyVersion: '', machineID: '', operatingSystem: linux, osImage: '', systemUUID: ''}}
  conditions: [{conditions}]
"
    )
}

const READY: &str = "{type: Ready, status: 'True'}";
const POD: &str = "
---
apiVersion: v1
kind: Pod
metadata: {name: db-0, namespace: shop}
spec: {nodeName: node-1, containers: [{name: db, image: 'db:1'}]}
status: {phase: Running, conditions: [{type: Ready, status: 'True'}]}
";

#[test]
fn a_node_that_is_down_is_told_with_its_reason_and_what_runs_there() {
    let down = "{type: Ready, status: Unknown, reason: NodeStatusUnknown, message: Kubelet stopped posting node status., lastTransitionTime: 2026-11-20T11:30:00Z}";
    let found = faults(&(node("node-1", down, "{}") + &node("node-2", READY, "{}") + POD));
    let fault = only(&found, "node-not-ready");
    says(
        fault,
        &[
            "`node-1`",
            "Kubelet stopped posting node status",
            "30 min",
            "`shop/db-0`",
            "1 of 2 nodes ready",
        ],
    );
    assert_eq!(fault.severity, Severity::Critical);
    quiet(&faults(&(node("node-1", READY, "{}") + POD)));
}

#[test]
fn a_node_that_is_joining_is_left_alone() {
    let joining = "{type: Ready, status: 'False', reason: KubeletNotReady, message: cni plugin not initialized, lastTransitionTime: 2026-11-20T11:59:30Z}";
    quiet(&faults(
        &node("node-1", joining, "{}").replace("2026-11-01T00:00:00Z", "2026-11-20T11:59:20Z"),
    ));
    only(&faults(&node("node-1", joining, "{}")), "node-not-ready");
}

#[test]
fn pressure_is_told_and_conditions_that_are_false_are_not() {
    let pressed = format!(
        "{READY}, {{type: DiskPressure, status: 'True', reason: KubeletHasDiskPressure, message: kubelet has disk pressure}}"
    );
    says(
        only(&faults(&node("node-1", &pressed, "{}")), "node-pressure"),
        &["disk space", "KubeletHasDiskPressure"],
    );
    let custom = |status: &str| {
        format!(
            "{READY}, {{type: KernelDeadlock, status: '{status}', reason: DockerHung}}, {{type: EtcdIsVoter, status: 'True'}}"
        )
    };
    says(
        only(&faults(&node("node-1", &custom("True"), "{}")), "node-problem"),
        &["KernelDeadlock", "DockerHung"],
    );
    quiet(&faults(&node("node-1", &custom("False"), "{}")));
}

#[test]
fn cordoned_nodes_matter_when_pods_wait() {
    let cordoned = node("node-1", READY, "{unschedulable: true}") + &node("node-2", READY, "{}");
    quiet(&faults(&cordoned));
    let waiting = "
---
apiVersion: v1
kind: Pod
metadata: {name: web-1, namespace: shop}
spec: {containers: [{name: w, image: 'w:1'}]}
status: {phase: Pending, conditions: [{type: PodScheduled, status: 'False', reason: Unschedulable, message: '0/2 nodes are available: 1 node(s) were unschedulable'}]}
";
    says(
        only(&faults(&(cordoned + waiting)), "node-cordoned"),
        &["`shop/web-1`", "kubectl uncordon node-1"],
    );
}

#[test]
fn kubelets_may_lag_by_three_minor_versions() {
    let mut snapshot = Snapshot::from_yaml(&node("node-1", READY, "{}"), NOW.parse().unwrap()).unwrap();
    snapshot.version = Some((1, 35));
    silent(&checks::run(&snapshot), &["node"]);
    snapshot.version = Some((1, 36));
    says(
        only(&checks::run(&snapshot), "node-version-skew"),
        &["v1.32.1", "4 minor versions behind"],
    );
    snapshot.version = Some((1, 31));
    says(only(&checks::run(&snapshot), "node-version-skew"), &["newer"]);
}

#[test]
fn memory_by_the_metrics_api() {
    let yaml = node("node-1", READY, "{}") + "  allocatable: {memory: 10Gi}\n";
    let mut snapshot = Snapshot::from_yaml(&yaml, NOW.parse().unwrap()).unwrap();
    let mut used = |memory| {
        snapshot.node_use.insert(
            "node-1".to_owned(),
            jamie_tools::snapshot::Use { milli_cpu: 0, memory },
        );
        checks::run(&snapshot)
    };
    silent(&used(9 << 30), &["node"]);
    says(only(&used((98 << 30) / 10), "node-memory-high"), &["97 %"]);
}
