//! What was deleted and stays, and who was pushed aside.

use jamie_core::Severity;

use super::{faults, only, quiet, says, services::app};

#[test]
fn a_namespace_that_hangs_tells_what_is_left_in_it() {
    let hanging = "
apiVersion: v1
kind: Namespace
metadata: {name: old, deletionTimestamp: 2026-11-20T11:00:00Z}
spec: {finalizers: [kubernetes]}
status:
  phase: Terminating
  conditions:
  - {type: NamespaceFinalizersRemaining, status: 'True', reason: SomeFinalizersRemain, message: 'Some content in the namespace has finalizers remaining: example.com/cleanup in 1 resource instances'}
  - {type: NamespaceDeletionDiscoveryFailure, status: 'False', reason: ResourcesDiscovered}
";
    let found = faults(hanging);
    says(
        only(&found, "namespace-terminating"),
        &["hangs in Terminating", "example.com/cleanup in 1 resource"],
    );
    quiet(&faults(
        &hanging.replace("2026-11-20T11:00:00Z", "2026-11-20T11:59:30Z"),
    ));
    let undiscovered = hanging.replace(
        "status: 'False', reason: ResourcesDiscovered",
        "status: 'True', reason: DiscoveryFailed, message: 'Discovery failed for some groups'",
    );
    assert_eq!(
        only(&faults(&undiscovered), "namespace-terminating").severity,
        Severity::Error
    );
}

#[test]
fn a_claim_that_is_in_use_is_held_by_its_pods() {
    let claim = "
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: shop, deletionTimestamp: 2026-11-20T11:00:00Z, finalizers: [kubernetes.io/pvc-protection]}
spec: {accessModes: [ReadWriteOnce]}
status: {phase: Bound}
";
    let pod = app("db").replace(
        "spec: {nodeName: node-1,",
        "spec: {nodeName: node-1, volumes: [{name: d, persistentVolumeClaim: {claimName: data}}],",
    );
    says(
        only(&faults(&(pod + claim)), "deletion-stuck"),
        &["`kubernetes.io/pvc-protection`", "`shop/db-1` still uses it"],
    );
    says(
        only(&faults(&claim.replace("pvc-protection", "odd")), "deletion-stuck"),
        &["kubernetes.io/odd", "\"finalizers\":null"],
    );
}

#[test]
fn who_was_preempted_for_whom_is_told() {
    let cluster = app("batch").replace("replicas: 1", "replicas: 2")
        + "
---
apiVersion: v1
kind: Pod
metadata: {name: big-1, namespace: shop, uid: u-big}
spec: {nodeName: node-1, priority: 1000, priorityClassName: gold, containers: [{name: b, image: 'b:1'}]}
status: {phase: Running, conditions: [{type: Ready, status: 'True'}]}
---
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: gold}
value: 1000
---
apiVersion: v1
kind: Event
metadata: {name: e, namespace: shop}
involvedObject: {kind: Pod, namespace: shop, name: batch-5d8f-x}
reason: Preempted
lastTimestamp: 2026-11-20T11:50:00Z
message: Preempted by pod u-big on node node-1
";
    says(
        only(&faults(&cluster), "pod-preempted"),
        &[
            "`shop/batch`",
            "`shop/big-1`",
            "PriorityClass `gold`",
            "priority 1000",
        ],
    );
}

#[test]
fn a_stateful_set_wants_the_service_it_names() {
    let set = "
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop}
spec:
  serviceName: db-headless
  replicas: 1
  selector: {matchLabels: {app: db}}
  template: {metadata: {labels: {app: db}}, spec: {containers: [{name: db, image: 'db:1'}]}}
";
    says(
        only(&faults(set), "governing-service-missing"),
        &["`db-headless`", "db-0.db-headless"],
    );
    assert!(
        !faults(&set.replace("serviceName: db-headless", "serviceName: ''"))
            .iter()
            .any(|fault| fault.check == "governing-service-missing")
    );
}

#[test]
fn a_variable_that_is_set_twice_is_told() {
    let twice = app("api").replace(
        "image: 'x:1',",
        "image: 'x:1', env: [{name: MODE, value: live}, {name: MODE, value: test}],",
    );
    let found = faults(&twice);
    says(only(&found, "variable-shadowed"), &["`MODE` twice"]);
    assert_eq!(only(&found, "variable-shadowed").severity, Severity::Info);
}
