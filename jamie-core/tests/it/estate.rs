//! A tiny estate for the tests: a directory of names, and tools that answer from nothing but their arguments.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use futures::StreamExt;
use jamie_core::{
    Answer, Block, Change, Directory, Effect, Error, ErrorKind, Event, Evidence, Finding, Fingerprint,
    FixedClock, FixedNames, Jamie, Name, Names, NextStep, ObjectRef, Person, Phrase, Plan, Proposal, Quoted,
    Request, Result, Scope, Severity, Symptom, Tool, ToolContext, ToolOutput, ToolSpec, Verdict,
    action::Difference,
    jamie::Builder,
    tool::{WatchReport, parse_args},
};
use jiff::{Timestamp, tz::TimeZone};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Half past two on a Sunday.
pub(crate) fn now() -> Timestamp {
    "2026-11-22T14:30:00Z".parse().unwrap()
}

pub(crate) fn names() -> Names {
    let mut all = Vec::new();
    let mut add = |object: ObjectRef, owner: Option<usize>| {
        all.push(Name {
            object,
            aliases: Vec::new(),
            owner,
        });
        all.len() - 1
    };
    for namespace in ["shop", "staging", "kube-system"] {
        add(ObjectRef::cluster("Namespace", namespace), None);
    }
    for node in ["node-1", "node-2"] {
        add(ObjectRef::cluster("Node", node), None);
    }
    for (namespace, app) in [
        ("shop", "checkout"),
        ("shop", "frontend"),
        ("shop", "payments"),
        ("staging", "frontend"),
    ] {
        let deployment = add(ObjectRef::namespaced("Deployment", namespace, app), None);
        add(
            ObjectRef::namespaced("Pod", namespace, format!("{app}-7c9f8d6b5-x2x4z")),
            Some(deployment),
        );
        add(ObjectRef::namespaced("Service", namespace, app), None);
    }
    Names { all }
}

/// Jamie with the tools below, at a fixed time.
pub(crate) fn builder() -> Builder {
    Jamie::builder()
        .directory(Arc::new(FixedNames::new(names())))
        .clock(Arc::new(FixedClock::new(now(), TimeZone::UTC)))
        .tool(Diagnose::new())
        .tool(Overview::new())
        .tool(Logs::new())
        .tool(Restart::new())
}

pub(crate) fn request(text: &str) -> Request {
    Request::new(text, "bruno", "a talk")
}

/// All events of a turn.
pub(crate) async fn events(jamie: &Jamie, request: Request) -> Vec<Event> {
    jamie.chat(request).collect().await
}

/// The answer to a question.
pub(crate) async fn answer(jamie: &Jamie, text: &str) -> Answer {
    jamie.ask(request(text)).await.unwrap()
}

/// A directory that cannot be reached.
#[derive(Debug)]
pub(crate) struct NoCluster(pub(crate) ErrorKind);

#[async_trait]
impl Directory for NoCluster {
    async fn names(&self, _person: &Person, _scope: &Scope) -> Result<Arc<Names>> {
        Err(
            Error::new(self.0, "the cluster at 127.0.0.1:6443 does not answer")
                .with_hint("check that the address is right and the VPN is up"),
        )
    }
}

/// A directory that nothing may ask.
#[derive(Debug)]
pub(crate) struct Untouchable;

#[async_trait]
impl Directory for Untouchable {
    async fn names(&self, _person: &Person, _scope: &Scope) -> Result<Arc<Names>> {
        panic!("the cluster was looked at");
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
struct TargetArgs {
    #[schemars(extend("x-slot" = "target"))]
    target: Reference,
}

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
struct Reference {
    kind: String,
    namespace: Option<String>,
    name: String,
}

impl From<Reference> for ObjectRef {
    fn from(reference: Reference) -> Self {
        Self {
            kind: reference.kind,
            namespace: reference.namespace,
            name: reference.name,
            uid: None,
        }
    }
}

fn spec<A: JsonSchema>(
    name: &'static str,
    description: &'static str,
    example: &'static str,
    phrases: &[&'static str],
) -> ToolSpec {
    ToolSpec {
        name,
        description,
        schema: ToolSpec::schema_of::<A>(),
        effect: Effect::Read,
        phrases: phrases.iter().map(|text| Phrase::new(text)).collect(),
        example,
        fill: None,
    }
}

/// An incident at `object`.
pub(crate) fn finding(object: &ObjectRef, severity: Severity) -> Finding {
    let at = |text: &str| Some(text.parse::<Timestamp>().unwrap());
    Finding {
        check: "container-oom-killed".to_owned(),
        severity,
        object: object.clone(),
        title: format!("{object} is killed for memory again and again"),
        cause: "Its container `app` needs more than its limit of 128Mi.".to_owned(),
        verdict: Verdict::Confirmed,
        evidence: vec![
            Evidence::new(
                format!("Pod {} status", object.path()),
                "lastState: terminated, OOMKilled, exit code 137",
                at("2026-11-22T14:21:00Z"),
            ),
            Evidence::new(
                format!("log of {} (app, previous)", object.path()),
                "loading catalogue\n```\nfatal: out of `memory`",
                at("2026-11-21T09:00:00Z"),
            ),
        ],
        symptoms: vec![Symptom {
            object: ObjectRef::namespaced("Service", "shop", "checkout"),
            title: "Service shop/checkout has no ready endpoint".to_owned(),
            via: "selects its pods".to_owned(),
        }],
        remedy: Some(
            NextStep::command(
                "Raise the memory limit",
                format!(
                    "kubectl -n shop set resources deploy/{} --limits=memory=256Mi",
                    object.name
                ),
            )
            .proposing(Proposal {
                tool: "restart".to_owned(),
                args: json!({ "target": object }),
                reasons: vec!["It was killed for memory.".to_owned()],
            }),
        ),
        next_check: None,
        since: at("2026-11-22T13:05:00Z"),
        fingerprint: Fingerprint(format!("fp-{}", object.path())),
    }
}

/// Says what is wrong: the frontend is fine, payments is in a critical state, all else runs out of memory.
#[derive(Debug)]
pub(crate) struct Diagnose {
    spec: ToolSpec,
}

impl Diagnose {
    pub(crate) fn new() -> Self {
        Self {
            spec: spec::<TargetArgs>(
                "diagnose",
                "Finds out what is wrong with something, and why.",
                "why is checkout crashing?",
                &[
                    "why is {target} broken",
                    "diagnose {target}",
                    "what is wrong with {target}",
                    "{target}",
                ],
            ),
        }
    }
}

#[async_trait]
impl Tool for Diagnose {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, _context: &ToolContext, args: Value) -> Result<ToolOutput> {
        let object = ObjectRef::from(parse_args::<TargetArgs>("diagnose", args)?.target);
        let focus = vec![object.clone()];
        Ok(match object.name.as_str() {
            "frontend" => ToolOutput {
                headline: format!("{object} is healthy: 2 of 2 pods are ready."),
                good: Some(true),
                focus,
                ..ToolOutput::default()
            },
            name => {
                let severity = if name == "payments" {
                    Severity::Critical
                } else {
                    Severity::Error
                };
                ToolOutput {
                    headline: format!("{object} keeps running out of memory."),
                    findings: vec![finding(&object, severity)],
                    good: Some(false),
                    notes: vec!["I am not allowed to read Secrets in `shop`.".to_owned()],
                    focus,
                    ..ToolOutput::default()
                }
            }
        })
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OverviewArgs {
    #[schemars(extend("x-slot" = "namespace"))]
    #[allow(dead_code, reason = "the schema is what counts")]
    namespace: Option<String>,
}

/// Finds a dozen incidents.
#[derive(Debug)]
pub(crate) struct Overview {
    spec: ToolSpec,
}

impl Overview {
    pub(crate) fn new() -> Self {
        Self {
            spec: spec::<OverviewArgs>(
                "overview",
                "Says how the cluster or a namespace is doing.",
                "how is everything?",
                &[
                    "how is everything",
                    "is everything healthy",
                    "cluster status",
                    "is {namespace} ok",
                    "overview",
                ],
            ),
        }
    }
}

#[async_trait]
impl Tool for Overview {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, _context: &ToolContext, args: Value) -> Result<ToolOutput> {
        parse_args::<OverviewArgs>("overview", args)?;
        Ok(ToolOutput {
            headline: "12 apps are in trouble.".to_owned(),
            findings: (1..=12)
                .map(|n| {
                    let object = ObjectRef::namespaced("Deployment", "shop", format!("app-{n}"));
                    finding(&object, if n < 3 { Severity::Error } else { Severity::Warning })
                })
                .collect(),
            good: Some(false),
            ..ToolOutput::default()
        })
    }
}

/// Shows a few lines, and what to ask next.
#[derive(Debug)]
pub(crate) struct Logs {
    spec: ToolSpec,
}

impl Logs {
    pub(crate) fn new() -> Self {
        Self {
            spec: spec::<TargetArgs>(
                "logs",
                "Shows what something has logged.",
                "show me the logs of checkout",
                &["logs of {target}", "show the log of {target}"],
            ),
        }
    }
}

#[async_trait]
impl Tool for Logs {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, _context: &ToolContext, args: Value) -> Result<ToolOutput> {
        let object = ObjectRef::from(parse_args::<TargetArgs>("logs", args)?.target);
        Ok(ToolOutput {
            headline: format!("The last 2 lines of {object}."),
            blocks: vec![Block::Code {
                language: "log".to_owned(),
                text: Quoted::new("14:29:58 GET /basket 200\n14:29:59 GET /basket 500"),
            }],
            next: vec![NextStep::advice("ask “why is it failing?” for the cause")],
            focus: vec![object],
            ..ToolOutput::default()
        })
    }
}

/// Changes something, and keeps a list of what it did.
#[derive(Debug)]
pub(crate) struct Restart {
    spec: ToolSpec,
    done: Arc<Mutex<Vec<String>>>,
}

impl Restart {
    /// The tool, and what it has done so far.
    pub(crate) fn observed() -> (Self, Arc<Mutex<Vec<String>>>) {
        let restart = Self::new();
        let done = Arc::clone(&restart.done);
        (restart, done)
    }

    fn new() -> Self {
        let mut spec = spec::<TargetArgs>(
            "restart",
            "Restarts an app.",
            "restart checkout",
            &["restart {target}", "bounce {target}"],
        );
        spec.effect = Effect::Change;
        Self {
            spec,
            done: Arc::default(),
        }
    }
}

#[async_trait]
impl Tool for Restart {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, _context: &ToolContext, _args: Value) -> Result<ToolOutput> {
        panic!("a change was made without a decision");
    }

    fn change(&self) -> Option<&dyn Change> {
        Some(self)
    }
}

#[async_trait]
impl Change for Restart {
    async fn plan(&self, _context: &ToolContext, args: Value) -> Result<Plan> {
        let target: ObjectRef = parse_args::<TargetArgs>("restart", args.clone())?.target.into();
        Ok(Plan {
            title: format!("Restart {target}"),
            effect: Effect::Change,
            args: args.clone(),
            targets: vec![target.clone()],
            payload: json!({"restart": target}),
            guard: Value::Null,
            differences: vec![Difference {
                object: target,
                diff: Quoted::new("-restarts: 0\n+restarts: 1"),
            }],
            impact: vec!["2 of 2 replicas restart one after another.".to_owned()],
            warnings: Vec::new(),
            reasons: Vec::new(),
            inverse: Some(Proposal {
                tool: "restart".to_owned(),
                args,
                reasons: vec!["it was running before".to_owned()],
            }),
        })
    }

    async fn run(&self, _context: &ToolContext, plan: &Plan) -> Result<()> {
        self.done.lock().unwrap().push(plan.title.clone());
        Ok(())
    }

    async fn watch(&self, _context: &ToolContext, plan: &Plan) -> Result<WatchReport> {
        Ok(WatchReport {
            worked: true,
            told: format!("{} of 2 pods are new and ready.", plan.targets.len() * 2),
            notes: Vec::new(),
        })
    }
}

/// What a [`Faulty`] tool does when it is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    Fails,
    Panics,
    NeverAnswers,
    /// Answers with more than anybody can read.
    Overflows,
    /// Reports faster than anybody reads, and things it has no business to say.
    Chatters,
}

/// Takes the place of the logs, and misbehaves.
#[derive(Debug)]
pub(crate) struct Faulty {
    spec: ToolSpec,
    fault: Fault,
    /// Lives as long as a call does.
    pub(crate) alive: Arc<()>,
}

impl Faulty {
    pub(crate) fn new(fault: Fault) -> Self {
        Self {
            spec: Logs::new().spec,
            fault,
            alive: Arc::new(()),
        }
    }
}

#[async_trait]
impl Tool for Faulty {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, context: &ToolContext, _args: Value) -> Result<ToolOutput> {
        let _alive = Arc::clone(&self.alive);
        match self.fault {
            Fault::Fails => Err(
                Error::new(ErrorKind::Forbidden, "pods/log is forbidden in `shop`.")
                    .with_hint("ask for the permission to read pod logs"),
            ),
            Fault::Panics => panic!("a fault in a tool"),
            Fault::NeverAnswers => {
                tokio::time::sleep(Duration::from_hours(1)).await;
                Ok(ToolOutput::default())
            }
            Fault::Overflows => Ok(ToolOutput {
                headline: "A great deal.".to_owned(),
                blocks: vec![
                    Block::Table {
                        headers: vec!["line".to_owned()],
                        rows: (0..5_000).map(|n| vec![format!("line {n} | of many")]).collect(),
                    },
                    Block::para("x".repeat(50_000)),
                    Block::para("the end"),
                ],
                facts: json!({}),
                ..ToolOutput::default()
            }),
            Fault::Chatters => {
                for n in 0..5_000 {
                    (context.emit)(Event::Text {
                        block: Block::para(format!("line {n}")),
                    });
                }
                (context.emit)(Event::Failed {
                    line: None,
                    error: Error::new(ErrorKind::Internal, "not for a tool to say"),
                });
                Ok(ToolOutput {
                    headline: "That was all.".to_owned(),
                    ..ToolOutput::default()
                })
            }
        }
    }
}
