//! No look looks away: whatever is asked about something broken, the answer says what is wrong with it.

use std::sync::Arc;

use jamie_core::{Person, Scope, Severity, ToolContext, ToolOutput};
use jamie_sim::{Estate, Options, Scenario};
use jamie_tools::{cluster::Cluster, tools::toolbox};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};

use crate::library::connect;

const BAKERY: &str = r#"
title: A bakery whose oven crashes, whose till has no volume, and whose shop window is well
category: config
healthy: false
manifests: |
  apiVersion: apps/v1
  kind: Deployment
  metadata: {name: oven, namespace: bakery}
  spec:
    replicas: 2
    selector: {matchLabels: {app: oven}}
    template:
      metadata: {labels: {app: oven}}
      spec: {containers: [{name: oven, image: "bakery/oven:1.4"}]}
  ---
  apiVersion: v1
  kind: Service
  metadata: {name: oven, namespace: bakery}
  spec: {selector: {app: oven}, ports: [{port: 80, targetPort: 8080}]}
  ---
  apiVersion: apps/v1
  kind: Deployment
  metadata: {name: window, namespace: bakery}
  spec:
    replicas: 1
    selector: {matchLabels: {app: window}}
    template:
      metadata: {labels: {app: window}}
      spec: {containers: [{name: window, image: "bakery/window:2.0"}]}
  ---
  apiVersion: apps/v1
  kind: Deployment
  metadata: {name: stall, namespace: market}
  spec:
    replicas: 0
    selector: {matchLabels: {app: stall}}
    template:
      metadata: {labels: {app: stall}}
      spec: {containers: [{name: stall, image: "bakery/stall:2.0"}]}
  ---
  apiVersion: v1
  kind: PersistentVolumeClaim
  metadata: {name: till-roll, namespace: till}
  spec: {accessModes: [ReadWriteOnce], storageClassName: gold, resources: {requests: {storage: 1Gi}}}
  ---
  apiVersion: v1
  kind: Pod
  metadata: {name: till, namespace: till}
  spec:
    containers: [{name: till, image: "bakery/till:1", volumeMounts: [{name: roll, mountPath: /roll}]}]
    volumes: [{name: roll, persistentVolumeClaim: {claimName: till-roll}}]
behaviours:
  - workload: deployment/oven
    does: crash
    exit: 3
    since: 40m
    previous_logs: |
      fatal: FLOUR_URL is not set
questions: []
"#;

struct Bench {
    cluster: Arc<Cluster>,
    _estate: Estate,
}

impl Bench {
    async fn bakery() -> Self {
        let scenario = Scenario::parse("bakery", "bakery.yaml", BAKERY).unwrap();
        let estate = Estate::start(scenario, Options::default()).await.unwrap();
        Self {
            cluster: connect(&estate, &[]).await,
            _estate: estate,
        }
    }

    async fn ask(&self, tool: &str, args: Value) -> ToolOutput {
        let context = ToolContext {
            person: Person {
                id: "test".to_owned(),
                name: None,
                groups: Vec::new(),
            },
            scope: Scope::default(),
            now: Timestamp::now(),
            zone: TimeZone::UTC,
            emit: Arc::new(|_| {}),
        };
        let toolbox = toolbox(self.cluster.clone());
        toolbox.get(tool).unwrap().call(&context, args).await.unwrap()
    }
}

fn deployment(namespace: &str, name: &str) -> Value {
    json!({"kind": "Deployment", "namespace": namespace, "name": name})
}

fn blames(output: &ToolOutput, name: &str) -> bool {
    output.findings.iter().any(|finding| finding.object.name == name)
}

#[tokio::test]
async fn a_narrow_look_at_something_broken_says_what_is_wrong() {
    let bench = Bench::bakery().await;
    for tool in [
        "why_pending",
        "rollout_status",
        "rollout_history",
        "describe",
        "events",
        "logs",
        "restarts",
        "endpoints",
        "changes",
        "list",
        "count",
        "top",
        "images",
    ] {
        let output = bench
            .ask(tool, json!({"target": deployment("bakery", "oven")}))
            .await;
        assert!(blames(&output, "oven"), "{tool}: {}", output.headline);
        assert_ne!(output.good, Some(true), "{tool}: {}", output.headline);
    }
}

#[tokio::test]
async fn what_is_well_gets_a_plain_answer() {
    let bench = Bench::bakery().await;
    for tool in [
        "why_pending",
        "rollout_status",
        "describe",
        "logs",
        "changes",
        "count",
    ] {
        let output = bench
            .ask(tool, json!({"target": deployment("bakery", "window")}))
            .await;
        assert!(output.findings.is_empty(), "{tool}: {:?}", output.findings);
    }
}

#[tokio::test]
async fn a_list_of_a_place_brings_along_what_is_broken_there() {
    let bench = Bench::bakery().await;
    for args in [
        json!({"kind": "Pod", "namespace": "bakery", "standing": "unwell"}),
        json!({"kind": "Deployment", "namespace": "bakery", "standing": "well"}),
        json!({"kind": "Deployment", "namespace": "bakery"}),
    ] {
        let output = bench.ask("list", args.clone()).await;
        assert!(blames(&output, "oven"), "{args}: {}", output.headline);
    }
    // What things are is a plain question.
    let images = json!({"kind": "Deployment", "namespace": "bakery", "image": "window"});
    assert!(bench.ask("list", images).await.findings.is_empty());
    let rollouts = bench.ask("rollout_status", json!({"namespace": "bakery"})).await;
    assert!(rollouts.headline.contains("oven"), "{}", rollouts.headline);
    assert!(blames(&rollouts, "oven"));
}

#[tokio::test]
async fn pending_of_a_claim_is_about_the_claim() {
    let bench = Bench::bakery().await;
    let claim = json!({"kind": "PersistentVolumeClaim", "namespace": "till", "name": "till-roll"});
    let output = bench.ask("why_pending", json!({"target": claim})).await;
    let text = format!("{} {:?}", output.headline, output.findings);
    assert!(text.contains("gold"), "{text}");
}

#[tokio::test]
async fn what_is_meant_to_be_so_is_a_fact_and_no_finding() {
    let bench = Bench::bakery().await;
    let stall = deployment("market", "stall");
    let output = bench.ask("diagnose", json!({"targets": [stall]})).await;
    assert!(
        output
            .findings
            .iter()
            .all(|finding| finding.severity > Severity::Info),
        "{:?}",
        output.findings
    );
    assert!(output.headline.contains("zero"), "{}", output.headline);
    assert_ne!(output.good, Some(false));
    let counted = bench.ask("count", json!({"target": stall})).await;
    assert!(format!("{:?}", counted.blocks).contains("scaled to zero"));
}
