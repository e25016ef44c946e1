//! A small healthy shop to point clients at: started for one test, reached by URL, kubeconfig or
//! the `kube` client.

use jamie_sim::{Estate, Options, Scenario};

/// What runs in it.
const TEXT: &str = r#"
title: A small shop where all is well
category: healthy
healthy: true
manifests: |
  apiVersion: apps/v1
  kind: Deployment
  metadata: {name: web, namespace: shop, labels: {app: web}}
  spec:
    replicas: 3
    selector: {matchLabels: {app: web}}
    template:
      metadata: {labels: {app: web}}
      spec:
        containers:
          - name: web
            image: registry.example/web:1.4.1
            ports: [{name: http, containerPort: 8080}]
            resources: {requests: {cpu: 50m, memory: 64Mi}, limits: {memory: 128Mi}}
  ---
  apiVersion: v1
  kind: Service
  metadata: {name: web, namespace: shop}
  spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: http}]}
  ---
  apiVersion: apps/v1
  kind: Deployment
  metadata: {name: worker, namespace: shop, labels: {app: worker}}
  spec:
    replicas: 1
    selector: {matchLabels: {app: worker}}
    template:
      metadata: {labels: {app: worker}}
      spec:
        containers: [{name: worker, image: "registry.example/worker:2.0"}]
behaviours:
  - {workload: deployment/worker, does: crash, exit: 3, restarts: 4, logs: "starting\n", previous_logs: "starting\nQUEUE_URL is not set\n"}
  - {workload: deployment/web, does: run, logs: "one\ntwo\nthree\nlistening on :8080\n"}
"#;

/// The shop's scenario.
pub(crate) fn scenario() -> Scenario {
    Scenario::parse("shop", "shop.yaml", TEXT).expect("the shop's scenario is sound")
}

/// The shop, running.
pub(crate) async fn open(options: Options) -> Estate {
    Estate::start(scenario(), options).await.expect("the shop opens")
}
