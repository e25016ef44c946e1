//! Tools that do nothing but say how they are asked for, as tool authors would write it, and an estate of names.

use std::sync::Arc;

use async_trait::async_trait;
use jamie_core::{
    Effect, Name, Names, ObjectRef, Phrase, Result, Tool, ToolContext, ToolOutput, ToolSpec, Toolbox,
};
use serde_json::{Value, json};

#[derive(Debug)]
struct Asked(ToolSpec);

#[async_trait]
impl Tool for Asked {
    fn spec(&self) -> &ToolSpec {
        &self.0
    }

    async fn call(&self, _context: &ToolContext, _args: Value) -> Result<ToolOutput> {
        Ok(ToolOutput::default())
    }
}

/// The schema of arguments, each with its slot; those with a `!` are required.
fn schema(arguments: &[(&str, &str)]) -> Value {
    let mut properties = serde_json::Map::new();
    let mut required = Vec::new();
    for (name, slot) in arguments {
        let bare = name.trim_end_matches('!');
        properties.insert(bare.to_owned(), json!({ "x-slot": slot }));
        if bare != *name {
            required.push(bare);
        }
    }
    properties.insert("previous".to_owned(), json!({ "type": "boolean" }));
    json!({ "type": "object", "properties": properties, "required": required })
}

struct Spec {
    name: &'static str,
    example: &'static str,
    arguments: &'static [(&'static str, &'static str)],
    phrases: &'static [&'static str],
}

static READS: &[Spec] = &[
    Spec {
        name: "overview",
        example: "how is everything?",
        arguments: &[("namespace", "namespace")],
        phrases: &[
            "how is everything",
            "how is the cluster",
            "is everything ok",
            "cluster status",
            "status",
            "overview",
            "overview of {namespace}",
            "summary of {namespace}",
            "is anything broken",
            "any problems",
            "what needs attention",
            "health check",
            "how is {namespace}",
            "how are things in {namespace}",
            "is {namespace} ok",
            "is {namespace} healthy",
            "status of {namespace}",
            "health of {namespace}",
            "state of the cluster",
            "{namespace}",
        ],
    },
    Spec {
        name: "diagnose",
        example: "why is the checkout broken?",
        arguments: &[("target", "target"), ("since", "since")],
        phrases: &[
            "{target}",
            "why is {target} broken",
            "what is wrong with {target}",
            "diagnose {target}",
            "is {target} ok",
            "is {target} healthy",
            "why is {target} crashing",
            "why does {target} keep restarting",
            "{target} is down",
            "{target} is not ready",
            "{target} is unhealthy",
            "{target} fails",
            "{target} does not start",
            "{target} image pull error",
            "{target} oom killed",
            "{target} returns errors",
            "{target} is slow",
            "what happened to {target}",
            "what is wrong in {namespace}",
            "what is broken in {namespace}",
            "fix {target}",
            "check {target}",
        ],
    },
    Spec {
        name: "list",
        example: "which pods are not ready?",
        arguments: &[("kind", "kind"), ("namespace", "namespace"), ("node", "target")],
        phrases: &[
            "list {kind}",
            "{kind}",
            "which {kind} are there",
            "what {kind} do we have in {namespace}",
            "show {kind}",
            "all {kind}",
            "{kind} in {namespace}",
            "{kind} on {target}",
            "which {kind} are not ready",
            "which {kind} are failing",
            "failed {kind}",
            "{kind} without limits",
            "{kind} with more than {count} restarts",
            "which {kind} restart a lot",
        ],
    },
    Spec {
        name: "count",
        example: "how many pods are running?",
        arguments: &[("kind!", "kind"), ("namespace", "namespace")],
        phrases: &[
            "how many {kind}",
            "how many {kind} are running",
            "count {kind}",
            "number of {kind}",
            "how many {kind} in {namespace}",
            "how many {kind} are pending",
        ],
    },
    Spec {
        name: "describe",
        example: "describe the checkout deployment",
        arguments: &[("target!", "target")],
        phrases: &[
            "describe {target}",
            "details of {target}",
            "tell me about {target}",
            "show {target}",
            "yaml of {target}",
            "which image does {target} run",
            "which version of {target} is running",
            "limits of {target}",
            "configuration of {target}",
        ],
    },
    Spec {
        name: "events",
        example: "what happened in the shop in the last hour?",
        arguments: &[
            ("target", "target"),
            ("namespace", "namespace"),
            ("since", "since"),
            ("until", "until"),
        ],
        phrases: &[
            "events",
            "events of {target}",
            "events in {namespace}",
            "recent events",
            "warnings",
            "any warnings",
            "what happened {time}",
            "what happened in {namespace} {time}",
            "events on {target} {time}",
        ],
    },
    Spec {
        name: "logs",
        example: "show me the logs of checkout",
        arguments: &[
            ("target!", "target"),
            ("since", "since"),
            ("tail", "count"),
            ("pattern", "quoted"),
        ],
        phrases: &[
            "logs of {target}",
            "{target} logs",
            "tail {target}",
            "output of {target}",
            "what does {target} log",
            "errors in the logs of {target}",
            "last {count} lines of {target}",
            "logs of {target} {time}",
            "grep {quoted} in the logs of {target}",
            "what do the logs of {target} say",
        ],
    },
    Spec {
        name: "top",
        example: "what uses the most memory?",
        arguments: &[("target", "target"), ("namespace", "namespace")],
        phrases: &[
            "top",
            "top pods",
            "what uses the most memory",
            "what uses the most cpu",
            "cpu usage",
            "memory usage",
            "memory usage of {target}",
            "how much memory does {target} use",
            "how much cpu does {target} use",
            "resource usage in {namespace}",
            "is {target} near its memory limit",
        ],
    },
    Spec {
        name: "rollout_status",
        example: "has the rollout of checkout finished?",
        arguments: &[("target!", "target")],
        phrases: &[
            "rollout status of {target}",
            "is the rollout of {target} finished",
            "is {target} still rolling out",
            "did the deployment of {target} complete",
            "rollout progress of {target}",
        ],
    },
    Spec {
        name: "history",
        example: "show the rollout history of checkout",
        arguments: &[("target!", "target")],
        phrases: &[
            "rollout history of {target}",
            "history of {target}",
            "revisions of {target}",
            "previous versions of {target}",
            "which versions of {target} were deployed",
        ],
    },
    Spec {
        name: "changes",
        example: "what changed since yesterday?",
        arguments: &[
            ("target", "target"),
            ("namespace", "namespace"),
            ("since", "since"),
            ("until", "until"),
        ],
        phrases: &[
            "what changed",
            "what changed {time}",
            "what changed in {target}",
            "what changed in {namespace} {time}",
            "who changed {target}",
            "was {target} changed recently",
            "when was {target} changed",
            "what was deployed {time}",
            "recent changes",
        ],
    },
    Spec {
        name: "why_pending",
        example: "why is the recommendation pod pending?",
        arguments: &[("target", "target"), ("namespace", "namespace")],
        phrases: &[
            "why is {target} pending",
            "{target} is stuck pending",
            "why can {target} not be scheduled",
            "{target} is unschedulable",
            "why are pods pending",
            "what is pending",
            "where does {target} fit",
        ],
    },
    Spec {
        name: "can_reach",
        example: "can the frontend reach checkout?",
        arguments: &[("from!", "target"), ("to!", "second_target")],
        phrases: &[
            "can {target} reach {target}",
            "why can {target} not reach {target}",
            "{target} cannot connect to {target}",
            "can {target} talk to {target}",
            "is {target} reachable from {target}",
            "network policy between {target} and {target}",
            "connection from {target} to {target}",
            "test whether {target} can reach {target}",
        ],
    },
    Spec {
        name: "can_i",
        example: "may I delete pods in the shop namespace?",
        arguments: &[("kind", "kind"), ("namespace", "namespace"), ("text", "text")],
        phrases: &[
            "can i delete {kind}",
            "am i allowed to delete {kind}",
            "may i restart {kind}",
            "may somebody scale {kind}",
            "what am i allowed to do",
            "do i have permission to read {kind}",
            "who can delete {kind}",
            "who is allowed to read {kind} in {namespace}",
        ],
    },
    Spec {
        name: "who_uses",
        example: "who uses the api-config config map?",
        arguments: &[("target!", "target")],
        phrases: &[
            "who uses {target}",
            "what uses {target}",
            "which pods mount {target}",
            "where is {target} used",
            "what depends on {target}",
            "who references {target}",
        ],
    },
];

/// The tools.
pub(super) fn toolbox() -> Toolbox {
    let mut toolbox = Toolbox::new();
    let mut add = |spec: &Spec, effect: Effect| {
        let mut phrases: Vec<Phrase> = spec.phrases.iter().map(|text| Phrase::new(text)).collect();
        if spec.name == "logs" {
            phrases.push(Phrase::with(
                "previous logs of {target}",
                json!({ "previous": true }),
            ));
            phrases.push(Phrase::with(
                "logs of the crashed {target}",
                json!({ "previous": true }),
            ));
        }
        toolbox.add(Arc::new(Asked(ToolSpec {
            name: spec.name,
            description: spec.name,
            schema: schema(spec.arguments),
            effect,
            phrases,
            example: spec.example,
            fill: None,
        })));
    };
    for spec in READS {
        add(spec, Effect::Read);
    }
    add(
        &Spec {
            name: "restart",
            example: "restart checkout",
            arguments: &[("target!", "target")],
            phrases: &["restart {target}", "give {target} a restart", "bounce {target}"],
        },
        Effect::Change,
    );
    add(
        &Spec {
            name: "scale",
            example: "scale checkout to 5",
            arguments: &[("target!", "target"), ("replicas", "count")],
            phrases: &[
                "scale {target} to {count}",
                "scale up {target}",
                "double the replicas of {target}",
                "set {target} to {count} replicas",
                "give {target} {count} more replicas",
            ],
        },
        Effect::Change,
    );
    toolbox
}

/// What exists.
pub(super) fn names() -> Names {
    let mut all: Vec<Name> = Vec::new();
    for namespace in [
        "default",
        "shop",
        "staging",
        "payments",
        "data",
        "monitoring",
        "kube-system",
        "team-blue",
    ] {
        all.push(plain(ObjectRef::cluster("Namespace", namespace)));
    }
    for node in ["node-1", "node-2", "node-3", "worker-a"] {
        all.push(plain(ObjectRef::cluster("Node", node)));
    }
    let apps = [
        ("shop", "Deployment", "frontend"),
        ("shop", "Deployment", "frontend-web"),
        ("shop", "Deployment", "web"),
        ("shop", "Deployment", "api"),
        ("shop", "Deployment", "checkout"),
        ("shop", "Deployment", "cart-service"),
        ("shop", "Deployment", "orders-api"),
        ("shop", "Deployment", "orders-worker"),
        ("shop", "Deployment", "recommendation"),
        ("shop", "StatefulSet", "cache"),
        ("shop", "StatefulSet", "orders-db"),
        ("staging", "Deployment", "frontend"),
        ("staging", "Deployment", "billing"),
        ("staging", "Deployment", "auth-proxy"),
        ("payments", "Deployment", "payment-gateway"),
        ("payments", "Deployment", "ledger"),
        ("data", "StatefulSet", "postgres"),
        ("data", "StatefulSet", "redis"),
        ("data", "StatefulSet", "kafka"),
        ("monitoring", "Deployment", "prometheus"),
        ("monitoring", "Deployment", "grafana"),
        ("monitoring", "DaemonSet", "node-exporter"),
        ("kube-system", "Deployment", "coredns"),
        ("kube-system", "DaemonSet", "kube-proxy"),
        ("default", "Deployment", "test"),
        ("default", "Deployment", "status"),
        ("default", "Deployment", "monitor"),
    ];
    for (namespace, kind, name) in apps {
        let owner = all.len();
        all.push(plain(ObjectRef::namespaced(kind, namespace, name)));
        let pods: Vec<String> = match kind {
            "StatefulSet" => vec![format!("{name}-0"), format!("{name}-1")],
            "DaemonSet" => vec![format!("{name}-8zq2k")],
            _ => vec![
                format!("{name}-7c9f8d6b5-x2x4z"),
                format!("{name}-7c9f8d6b5-k8wpq"),
            ],
        };
        for pod in pods {
            all.push(Name {
                object: ObjectRef::namespaced("Pod", namespace, pod),
                aliases: vec![name.to_owned()],
                owner: Some(owner),
            });
        }
        all.push(plain(ObjectRef::namespaced("Service", namespace, name)));
    }
    all.push(Name {
        object: ObjectRef::namespaced("Ingress", "shop", "shop-ingress"),
        aliases: vec!["shop.example.com".to_owned()],
        owner: None,
    });
    for (namespace, kind, name) in [
        ("shop", "CronJob", "nightly-report"),
        ("shop", "Job", "db-migrate"),
        ("shop", "ConfigMap", "api-config"),
        ("shop", "ConfigMap", "kube-root-ca.crt"),
        ("default", "ConfigMap", "kube-root-ca.crt"),
        ("shop", "Secret", "db-credentials"),
        ("shop", "PersistentVolumeClaim", "data-orders-db-0"),
        ("shop", "HorizontalPodAutoscaler", "frontend-web"),
        ("default", "Service", "kubernetes"),
    ] {
        all.push(plain(ObjectRef::namespaced(kind, namespace, name)));
    }
    Names { all }
}

fn plain(object: ObjectRef) -> Name {
    Name {
        object,
        aliases: Vec::new(),
        owner: None,
    }
}
