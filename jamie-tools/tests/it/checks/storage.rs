//! Claims and volumes.

use jamie_core::Severity;

use jamie_tools::Fault;

use super::{faults, only, says, silent};

/// Fails when anything is said about storage; that the pods wait is said elsewhere.
#[track_caller]
fn calm(found: &[Fault]) {
    silent(found, &["claim", "volume"]);
}

/// A claim `shop/data` with this class line, and a pod that mounts it and waits.
fn claim(class: &str, status: &str) -> String {
    format!(
        "
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {{name: data, namespace: shop, creationTimestamp: 2026-11-20T11:00:00Z}}
spec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 10Gi}}}}{class}}}
status: {status}
---
apiVersion: v1
kind: Pod
metadata: {{name: db-0, namespace: shop, creationTimestamp: 2026-11-20T11:00:00Z}}
spec:
  containers: [{{name: db, image: 'db:1'}}]
  volumes: [{{name: data, persistentVolumeClaim: {{claimName: data}}}}]
status: {{phase: Pending, conditions: [{{type: PodScheduled, status: 'False', reason: Unschedulable}}]}}
"
    )
}

fn class(name: &str, provisioner: &str, mode: &str, annotations: &str) -> String {
    format!(
        "
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {{name: {name}, annotations: {annotations}}}
provisioner: {provisioner}
volumeBindingMode: {mode}
"
    )
}

const PENDING: &str = "{phase: Pending}";
const DEFAULT: &str = "{storageclass.kubernetes.io/is-default-class: 'true'}";

#[test]
fn a_class_that_does_not_exist_is_named() {
    let cluster = claim(", storageClassName: fst", PENDING) + &class("fast", "x.csi", "Immediate", "{}");
    let found = faults(&cluster);
    let fault = only(&found, "claim-storage-class");
    says(
        fault,
        &[
            "StorageClass `fst` does not exist",
            "perhaps `fast` is meant",
            "`shop/db-0` waits",
        ],
    );
    assert_eq!(fault.severity, Severity::Error);
}

#[test]
fn no_default_class_is_told() {
    let found = faults(&(claim("", PENDING) + &class("fast", "x.csi", "Immediate", "{}")));
    says(
        only(&found, "claim-no-default-class"),
        &["none is the default", "is-default-class=true", "`fast`"],
    );
}

#[test]
fn waiting_for_the_first_pod_is_fine_and_a_silent_provisioner_is_not() {
    let waiting = claim("", PENDING) + &class("fast", "x.csi", "WaitForFirstConsumer", DEFAULT);
    calm(&faults(&waiting));
    let silent = claim("", PENDING) + &class("fast", "x.csi", "Immediate", DEFAULT);
    says(
        only(&faults(&silent), "claim-provisioner-silent"),
        &["`x.csi`", "60 min"],
    );
    calm(&faults(
        &silent.replace("2026-11-20T11:00:00Z", "2026-11-20T11:59:00Z"),
    ));
}

#[test]
fn what_the_provisioner_says_is_quoted() {
    let event = "
---
apiVersion: v1
kind: Event
metadata: {name: e, namespace: shop}
involvedObject: {kind: PersistentVolumeClaim, namespace: shop, name: data}
reason: ProvisioningFailed
type: Warning
lastTimestamp: 2026-11-20T11:58:00Z
message: 'failed to provision volume with StorageClass \"fast\": rpc error: quota of 10 disks exceeded'
";
    let cluster = claim("", PENDING) + &class("fast", "x.csi", "Immediate", DEFAULT) + event;
    says(
        only(&faults(&cluster), "claim-provisioning-failed"),
        &["quota of 10 disks exceeded"],
    );
}

#[test]
fn volumes_made_by_hand_are_compared_one_by_one() {
    let volume = "
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: disk-1}
spec: {capacity: {storage: 5Gi}, accessModes: [ReadWriteMany], storageClassName: ''}
status: {phase: Available}
";
    let cluster = claim(", storageClassName: ''", PENDING) + volume;
    says(
        only(&faults(&cluster), "claim-no-volume"),
        &[
            "`disk-1`",
            "5Gi, less than 10Gi",
            "ReadWriteMany, not ReadWriteOnce",
        ],
    );
    calm(&faults(
        &cluster
            .replace("5Gi", "10Gi")
            .replace("ReadWriteMany", "ReadWriteOnce"),
    ));
}

#[test]
fn lost_claims_are_critical_and_bound_ones_fine() {
    let lost = claim(", volumeName: disk-9", "{phase: Lost}");
    let found = faults(&lost);
    says(only(&found, "claim-lost"), &["`disk-9`", "no longer exists"]);
    assert_eq!(only(&found, "claim-lost").severity, Severity::Critical);
    calm(&faults(&claim("", "{phase: Bound, capacity: {storage: 10Gi}}")));
}

#[test]
fn a_resize_that_fails_is_told() {
    let cluster = claim(
        "",
        "{phase: Bound, capacity: {storage: 5Gi}, allocatedResourceStatuses: {storage: ControllerResizeInfeasible}}",
    );
    says(
        only(&faults(&cluster), "claim-resize"),
        &["5Gi", "10Gi", "ControllerResizeInfeasible"],
    );
    calm(&faults(&claim(
        "",
        "{phase: Bound, capacity: {storage: 5Gi}, conditions: [{type: Resizing, status: 'True'}]}",
    )));
}

#[test]
fn a_stateful_set_that_cannot_make_its_claims_is_told() {
    let set = "
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop}
spec:
  serviceName: db
  selector: {matchLabels: {app: db}}
  template: {metadata: {labels: {app: db}}, spec: {containers: [{name: db, image: 'db:1'}]}}
  volumeClaimTemplates: [{metadata: {name: data}, spec: {storageClassName: gold}}]
";
    says(
        only(&faults(set), "claim-storage-class"),
        &["`shop/db`", "`gold`"],
    );
    let healthy = set.to_owned() + &class("gold", "x.csi", "WaitForFirstConsumer", "{}");
    calm(&faults(&healthy));
}

/// A Deployment's two pods on two nodes that mount one ReadWriteOnce claim; the second waits.
const TORN: &str = "
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: shop}
spec: {accessModes: [ReadWriteOnce]}
status: {phase: Bound}
---
apiVersion: v1
kind: Pod
metadata: {name: web-1, namespace: shop}
spec: {nodeName: node-1, containers: [{name: w, image: 'w:1'}], volumes: [{name: d, persistentVolumeClaim: {claimName: data}}]}
status: {phase: Running, conditions: [{type: Ready, status: 'True'}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web-2, namespace: shop, creationTimestamp: 2026-11-20T11:50:00Z}
spec: {nodeName: node-2, containers: [{name: w, image: 'w:1'}], volumes: [{name: d, persistentVolumeClaim: {claimName: data}}]}
status:
  phase: Pending
  conditions: [{type: Ready, status: 'False'}]
  containerStatuses: [{name: w, ready: false, restartCount: 0, image: 'w:1', imageID: '', state: {waiting: {reason: ContainerCreating}}}]
";

#[test]
fn a_claim_for_one_node_is_not_for_two() {
    says(
        only(&faults(TORN), "volume-multi-attach"),
        &["`web-1` on `node-1`", "`web-2` on `node-2`", "ReadWriteOnce"],
    );
    calm(&faults(&TORN.replace("ReadWriteOnce", "ReadWriteMany")));
}

#[test]
fn a_failed_attachment_is_told_with_its_reason() {
    let attachment = "
---
apiVersion: storage.k8s.io/v1
kind: VolumeAttachment
metadata: {name: csi-1}
spec: {attacher: x.csi, nodeName: node-2, source: {persistentVolumeName: pv-1}}
status: {attached: false, attachError: {message: 'disk limit of the node reached', time: 2026-11-20T11:55:00Z}}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: pv-1}
spec: {claimRef: {namespace: shop, name: data}}
status: {phase: Bound}
";
    let found = faults(&(claim("", "{phase: Bound}") + attachment));
    let fault = only(&found, "volume-attach");
    says(fault, &["`pv-1`", "`node-2`", "disk limit of the node reached"]);
    assert_eq!(fault.object.path(), "shop/data");
    calm(&faults(
        &(claim("", "{phase: Bound}")
            + &attachment.replace(
                "attachError: {message: 'disk limit of the node reached', time: 2026-11-20T11:55:00Z}",
                "attachmentMetadata: {}",
            )),
    ));
}

#[test]
fn a_volume_of_a_node_that_is_gone_is_told() {
    let cluster = claim("", "{phase: Bound}")
        + "
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: pv-1}
spec:
  claimRef: {namespace: shop, name: data}
  local: {path: /data}
  nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [node-7]}]}]}}
status: {phase: Bound}
---
apiVersion: v1
kind: Node
metadata: {name: node-1, labels: {kubernetes.io/hostname: node-1}}
status: {conditions: [{type: Ready, status: 'True'}]}
";
    says(
        only(&faults(&cluster), "volume-node-gone"),
        &["node-7", "local volume"],
    );
    calm(&faults(&cluster.replace("node-7", "node-1")));
}
