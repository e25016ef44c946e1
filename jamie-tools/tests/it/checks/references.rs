//! What pod templates name.

use jamie_core::Severity;

use super::{faults, only, quiet, says, silent};

/// A Deployment `shop/api` with one container, whose body is given, and a pod in the given state.
fn api(container: &str, pod: &str) -> String {
    format!(
        "
apiVersion: apps/v1
kind: Deployment
metadata: {{name: api, namespace: shop}}
spec:
  replicas: 1
  selector: {{matchLabels: {{app: api}}}}
  template:
    metadata: {{labels: {{app: api}}}}
    spec:
{container}
---
apiVersion: v1
kind: Pod
metadata: {{name: api-1, namespace: shop, labels: {{app: api}}}}
spec: {{containers: [{{name: api, image: api:1}}]}}
status:
{pod}
"
    )
}

const STUCK: &str = "
  phase: Pending
  conditions: [{type: Ready, status: 'False'}]
  containerStatuses:
  - {name: api, ready: false, restartCount: 0, image: api:1, imageID: '', state: {waiting: {reason: CreateContainerConfigError}}}
";
const FINE: &str = "
  phase: Running
  conditions: [{type: Ready, status: 'True'}]
";

#[test]
fn a_missing_map_is_named_with_the_one_that_is_like_it() {
    let spec = "
      containers:
      - name: api
        image: api:1
        envFrom: [{configMapRef: {name: api-config}}]
";
    let map =
        "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: api-cofnig, namespace: shop}\ndata: {A: b}\n";
    let found = faults(&(api(spec, STUCK) + map));
    let fault = only(&found, "missing-config-map");
    says(
        fault,
        &[
            "`shop/api`",
            "ConfigMap `api-config`",
            "does not exist",
            "`api-cofnig`",
            "CreateContainerConfigError",
        ],
    );
    assert_eq!(fault.severity, Severity::Error);
    assert_eq!(fault.seen_on.len(), 1);

    let healthy = map.replace("api-cofnig", "api-config");
    quiet(&faults(&(api(spec, FINE) + &healthy)));
}

#[test]
fn running_pods_make_a_missing_map_a_warning() {
    let spec = "
      containers: [{name: api, image: api:1, envFrom: [{configMapRef: {name: api-config}}]}]
";
    let found = faults(&api(spec, FINE));
    assert_eq!(only(&found, "missing-config-map").severity, Severity::Warning);
}

#[test]
fn a_missing_key_is_named_with_those_there_are() {
    let spec = "
      containers:
      - name: api
        image: api:1
        env:
        - {name: LOG_LEVEL, valueFrom: {configMapKeyRef: {name: api-config, key: LOG_LEVEL}}}
        - {name: EXTRA, valueFrom: {configMapKeyRef: {name: api-config, key: EXTRA, optional: true}}}
        - {name: PASSWORD, valueFrom: {secretKeyRef: {name: db, key: password}}}
";
    let there = "
---
apiVersion: v1
kind: ConfigMap
metadata: {name: api-config, namespace: shop}
data: {LOGLEVEL: info, PORT: '80'}
---
apiVersion: v1
kind: Secret
metadata: {name: db, namespace: shop}
data: {passwd: c2VjcmV0}
";
    let found = faults(&(api(spec, STUCK) + there));
    says(
        only(&found, "missing-config-key"),
        &[
            "key `LOG_LEVEL`",
            "ConfigMap `api-config`",
            "Perhaps `LOGLEVEL`",
            "PORT",
        ],
    );
    says(
        only(&found, "missing-secret-key"),
        &["key `password`", "Secret `db`", "`passwd`", "variable `PASSWORD`"],
    );
    assert!(
        !found
            .iter()
            .any(|fault| super::words(fault).contains("secret value"))
    );

    let healthy = there
        .replace("LOGLEVEL", "LOG_LEVEL")
        .replace("passwd", "password");
    silent(&faults(&(api(spec, FINE) + &healthy)), &["missing"]);
}

#[test]
fn optional_references_and_built_in_names_are_left_alone() {
    let spec = "
      serviceAccountName: default
      priorityClassName: system-cluster-critical
      containers:
      - name: api
        image: api:1
        envFrom: [{secretRef: {name: gone, optional: true}}]
      volumes:
      - {name: a, configMap: {name: gone, optional: true}}
      - {name: b, projected: {sources: [{configMap: {name: kube-root-ca.crt}}, {secret: {name: gone, optional: true}}]}}
";
    quiet(&faults(&api(spec, FINE)));
}

#[test]
fn volumes_accounts_and_claims_are_looked_up() {
    let spec = "
      serviceAccountName: api-runner
      priorityClassName: gold
      containers: [{name: api, image: api:1}]
      volumes:
      - {name: data, persistentVolumeClaim: {claimName: api-data}}
      - {name: tls, secret: {secretName: api-tls, items: [{key: tls.crt, path: c}]}}
";
    let found = faults(&api(spec, STUCK));
    says(
        only(&found, "missing-claim"),
        &["PersistentVolumeClaim `api-data`", "Pending"],
    );
    says(
        only(&found, "missing-secret"),
        &["Secret `api-tls`", "volume `tls`", "ContainerCreating"],
    );
    says(
        only(&found, "missing-service-account"),
        &["`api-runner`", "kubectl create serviceaccount api-runner -n shop"],
    );
    says(only(&found, "missing-priority-class"), &["PriorityClass `gold`"]);
}

#[test]
fn a_stateful_set_makes_its_own_claims_and_a_suspended_job_may_wait() {
    let found = faults(
        "
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop}
spec:
  serviceName: ''
  replicas: 0
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      containers: [{name: db, image: db:1}]
      volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
  volumeClaimTemplates: [{metadata: {name: data}, spec: {}}]
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: report, namespace: shop}
spec:
  schedule: '0 3 * * *'
  suspend: true
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers: [{name: r, image: r:1, envFrom: [{configMapRef: {name: gone}}]}]
",
    );
    quiet(&found);
    assert_eq!(only(&found, "missing-config-map").severity, Severity::Info);
}

#[test]
fn pull_secrets_matter_when_images_cannot_be_pulled() {
    let spec = "
      imagePullSecrets: [{name: registry}]
      containers: [{name: api, image: 'registry.example/api:1'}]
";
    let pulling = STUCK.replace("CreateContainerConfigError", "ImagePullBackOff");
    let found = faults(&api(spec, &pulling));
    let fault = only(&found, "missing-pull-secret");
    says(fault, &["Secret `registry`", "docker-registry registry -n shop"]);
    assert_eq!(fault.severity, Severity::Error);
    quiet(&faults(&api(spec, FINE)));
}
