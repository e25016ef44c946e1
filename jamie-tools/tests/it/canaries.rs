//! Secrets planted wherever an estate can hold one: none comes out of a tool, an event, an answer or the memory.

use std::sync::Arc;

use futures::StreamExt;
use jamie_core::{
    Effect, Jamie, Request,
    memory::{InMemory, Kind, MemoryStore, Recall},
};
use jamie_sim::{Estate, Options, Scenario};
use jamie_tools::tools::toolbox;
use serde_json::{Value, json};

use crate::library::connect;

/// What must not come out, whole or nearly so.
const CANARIES: [&str; 20] = [
    "cnry1Hunter",
    "cnry2Hunter",
    "cnry3Hunter",
    "cnry4Hunter",
    "cnry5Hunter",
    "cnry6Hunter",
    "cnry7Hunter",
    "Y25yeTdIdW50ZXI",
    "cnry8Hunter",
    "cnry9Hunter",
    "cnry10Hunter",
    "cnry11Hunter",
    "eyJjbnJ5MTIi",
    "cnry13Hunter",
    "cnry14Hunter",
    "cnry15Hunter",
    "AKIACNRY16",
    "MIICNRY17",
    "cnry18Hunter",
    "cnry19Hunter",
];

const ESTATE: &str = r#"
title: Secrets everywhere
category: config
healthy: false
manifests: |
  apiVersion: v1
  kind: ConfigMap
  metadata: {name: settings, namespace: shop}
  data:
    cache.password: cnry5Hunter2
    app.yaml: |
      db:
        user: app
        password: cnry6Hunter2
  ---
  apiVersion: v1
  kind: Secret
  metadata: {name: db, namespace: shop}
  data: {colour: Y25yeTdIdW50ZXIy}
  ---
  apiVersion: apps/v1
  kind: Deployment
  metadata:
    name: api
    namespace: shop
    annotations: {deploy/by: "ci with ghp_cnry8HunterHunterHunterHunterHunter8"}
  spec:
    replicas: 1
    selector: {matchLabels: {app: api}}
    template:
      metadata: {labels: {app: api, session-token: cnry9Hunter2}}
      spec:
        containers:
          - name: api
            image: shop/api:1.4.2
            command: ["/app/api", "--db-password", "cnry4Hunter2"]
            args: ["--token=cnry3Hunter2", "--port", "8080"]
            env:
              - {name: DB_PASSWORD, value: cnry1Hunter2}
              - {name: DATABASE_URL, value: "postgres://app:cnry2Hunter2@orders-db:5432/shop"}
              - {name: AWS_ID, value: AKIACNRY16HUNTERHUNT}
            envFrom: [{configMapRef: {name: settings}}, {secretRef: {name: db}}]
            readinessProbe:
              exec: {command: [redis-cli, -a, cnry18Hunter2, ping]}
  ---
  apiVersion: v1
  kind: Service
  metadata: {name: api, namespace: shop}
  spec:
    selector: {app: api}
    ports: [{port: 80, targetPort: 8080}]
  ---
  apiVersion: apps/v1
  kind: Deployment
  metadata: {name: web, namespace: shop}
  spec:
    replicas: 1
    selector: {matchLabels: {app: web}}
    template:
      metadata: {labels: {app: web}}
      spec:
        containers:
          - {name: web, image: "registry.example/shop/web:2.0"}
behaviours:
  - workload: deployment/api
    does: crash
    exit: 1
    restarts: 7
    message: 'fatal: password cnry15Hunter2! was rejected'
    previous_logs: |
      2026-11-22T08:00:01Z INFO starting with db_password=cnry11Hunter2
      2026-11-22T08:00:02Z ERROR GET /x Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJjbnJ5MTIiOiJ4In0.c2lnbmF0dXJl
      -----BEGIN RSA PRIVATE KEY-----
      MIICNRY17HunterHunterHunterHunterHunterHunterHunterHunterHunter2
      -----END RSA PRIVATE KEY-----
      2026-11-22T08:00:03Z FATAL cannot connect to amqp://app:cnry19Hunter2@queue:5672: refused
    logs: |
      2026-11-22T08:00:01Z INFO starting with db_password=cnry11Hunter2
      2026-11-22T08:00:03Z FATAL cannot connect to amqp://app:cnry19Hunter2@queue:5672: refused
  - workload: deployment/web
    does: image
    message: 'failed to pull "registry.example/shop/web:2.0": Get "https://ci:cnry13Hunter2@registry.example/v2/": unauthorized'
events:
  - object: Deployment/shop/api
    reason: HookFailed
    message: 'hook failed: {"apiKey":"cnry10Hunter2"}'
"#;

fn clean(what: &str, text: &str) {
    for canary in CANARIES {
        assert!(!text.contains(canary), "{canary} came out of {what}:\n{text}");
    }
}

/// The arguments that the tool knows.
fn fitting(jamie: &Jamie, tool: &str, mut args: Value) -> Value {
    let known = jamie.tools().get(tool).unwrap().spec().schema["properties"].clone();
    args.as_object_mut()
        .unwrap()
        .retain(|name, _| known.get(name).is_some());
    args
}

#[tokio::test]
async fn no_planted_secret_comes_out() {
    let scenario = Scenario::parse("canaries", "canaries", ESTATE).unwrap();
    let estate = Estate::start(scenario, Options::default()).await.unwrap();
    let cluster = connect(&estate, &[]).await;
    let memory = Arc::new(InMemory::default());
    let jamie = Jamie::builder()
        .tools(toolbox(cluster.clone()))
        .directory(cluster)
        .memory(memory.clone())
        .build();

    let target = |kind: &str, name: &str| json!({"kind": kind, "namespace": "shop", "name": name});
    let mut asked: Vec<Request> = Vec::new();
    let mut pick = |tool: &str, args: Value| {
        let words = format!("{tool} with token=cnry14Hunter2");
        asked.push(Request::new(words, "bruno", "a talk").to_tool(tool, args));
    };
    let tools: Vec<&'static str> = jamie
        .tools()
        .iter()
        .map(|tool| tool.spec())
        .filter(|spec| spec.effect == Effect::Read)
        .map(|spec| spec.name)
        .collect();
    for tool in tools {
        for object in [
            target("Deployment", "api"),
            target("ConfigMap", "settings"),
            target("Secret", "db"),
            target("Deployment", "web"),
        ] {
            let all = json!({"target": object, "targets": [object], "from": object, "to": target("Service", "api"),
                       "kind": object["kind"], "namespace": "shop"});
            pick(tool, fitting(&jamie, tool, all));
        }
    }
    for kind in ["Pod", "ConfigMap", "Secret", "Event", "Deployment"] {
        pick("list", json!({"kind": kind, "namespace": "shop"}));
    }
    pick(
        "logs",
        json!({"target": target("Deployment", "api"), "previous": true}),
    );
    pick(
        "logs",
        json!({"target": target("Deployment", "api"), "errors": true}),
    );
    for question in [
        "why is the api broken?",
        "what is wrong in shop?",
        "show me the logs of api",
        "yaml of the api deployment",
        "describe the settings configmap",
        "why does web not start? its password is cnry14Hunter2!",
        "my token=cnry14Hunter2 does nothing, sing me the blorp of zorp",
        "events in shop",
    ] {
        asked.push(Request::new(question, "bruno", "a talk"));
    }

    let (mut answers, mut placeholders) = (0, 0);
    for request in asked {
        let what = format!("{} {:?}", request.text, request.pick);
        let events: Vec<_> = jamie.chat(request).collect().await;
        for event in events {
            answers += usize::from(matches!(event, jamie_core::Event::Done { .. }));
            let text = serde_json::to_string(&event).unwrap();
            placeholders += text.matches('‹').count();
            clean(&what, &text);
        }
    }
    // They were there to be found.
    assert!(
        answers > 30 && placeholders > 20,
        "{answers} answers, {placeholders} placeholders"
    );
    for kind in [Kind::Turn, Kind::Fact, Kind::Gap, Kind::Incident] {
        let kept = memory.recall(&Recall::new(kind, 10_000)).await.unwrap();
        assert!(kind == Kind::Fact || !kept.is_empty(), "{kind:?}");
        clean("the memory", &serde_json::to_string(&kept).unwrap());
    }
    estate.stop().await;
}
