//! Every tool that changes something, on a simulated estate: planned without a trace, carried out, watched, taken back.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use jamie_core::{
    Event, ObjectRef, Person, Plan, Proposal, Result, Scope, ToolContext, Toolbox, tool::WatchReport,
};
use jamie_sim::{Estate, Options, Scenario};
use jamie_tools::{
    cluster::Cluster,
    tools::{Patience, toolbox_within},
};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};

use crate::library::connect;

mod lifecycle;
mod refusals;
mod remedies;
mod rights;
mod said;

/// A town with a bit of everything that can be changed.
const TOWN: &str = include_str!("acts/town.yaml");

/// The simulated containers live or die at once.
const PATIENCE: Patience = Patience {
    watch: Duration::from_secs(60),
    settle: Duration::from_millis(300),
};

/// A running estate with tools that change it.
struct Site {
    estate: Estate,
    cluster: Arc<Cluster>,
    tools: Toolbox,
    context: ToolContext,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Site {
    async fn town() -> Self {
        Self::of(Scenario::parse("town", "town.yaml", TOWN).unwrap()).await
    }

    async fn of(scenario: Scenario) -> Self {
        let estate = Estate::start(scenario, Options::default()).await.unwrap();
        let cluster = connect(&estate, &[]).await;
        Self::with(estate, cluster)
    }

    fn with(estate: Estate, cluster: Arc<Cluster>) -> Self {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let kept = heard.clone();
        Self {
            tools: toolbox_within(cluster.clone(), PATIENCE),
            estate,
            cluster,
            context: context("ann", &[], move |event| {
                if let Event::Thinking { line } = event {
                    kept.lock().unwrap().push(line);
                }
            }),
            heard,
        }
    }

    async fn plan(&self, tool: &str, args: Value) -> Result<Plan> {
        let tool = self.tools.get(tool).unwrap_or_else(|| panic!("no tool {tool}"));
        tool.change().unwrap().plan(&self.context, args).await
    }

    async fn run(&self, tool: &str, plan: &Plan) -> Result<()> {
        self.tools
            .get(tool)
            .unwrap()
            .change()
            .unwrap()
            .run(&self.context, plan)
            .await
    }

    async fn watch(&self, tool: &str, plan: &Plan) -> WatchReport {
        let change = self.tools.get(tool).unwrap().change().unwrap();
        change.watch(&self.context, plan).await.unwrap()
    }

    /// Plans, and sees to it that nothing was written and that planning again gives the same plan.
    async fn planned(&self, tool: &str, args: Value) -> Plan {
        let before = self.version();
        let plan = self
            .plan(tool, args.clone())
            .await
            .unwrap_or_else(|error| panic!("{tool} {args}: {error:?}"));
        let again = self.plan(tool, plan.args.clone()).await.unwrap();
        for target in &plan.targets {
            assert_eq!(
                before.get(target),
                self.version().get(target),
                "{tool} wrote {target}"
            );
        }
        let digest = |plan: &Plan| Plan {
            guard: Value::Null,
            ..plan.clone()
        };
        assert_eq!(
            digest(&plan),
            digest(&again),
            "{tool} plans differently a second time"
        );
        plan
    }

    /// Plans, runs and watches; the effect has to come.
    async fn done(&self, tool: &str, args: Value) -> Plan {
        let plan = self.planned(tool, args.clone()).await;
        self.run(tool, &plan)
            .await
            .unwrap_or_else(|error| panic!("{tool} {args}: {error:?}"));
        let report = self.watch(tool, &plan).await;
        assert!(report.worked, "{tool} {args}: {report:?}");
        plan
    }

    /// What a change proposes to take it back, done.
    async fn undone(&self, plan: &Plan) {
        let Proposal { tool, args, .. } = plan.inverse.clone().unwrap_or_else(|| panic!("{}", plan.title));
        self.done(&tool, args).await;
    }

    async fn read(&self, path: &str) -> Result<Value> {
        self.cluster.read(path).await
    }

    async fn at(&self, path: &str, pointer: &str) -> Value {
        let object = self
            .read(path)
            .await
            .unwrap_or_else(|error| panic!("{path}: {error:?}"));
        object.pointer(pointer).cloned().unwrap_or_default()
    }

    /// What the store holds of an object's wish.
    fn version(&self) -> Wishes<'_> {
        Wishes(&self.estate)
    }
}

/// Looks behind the API server.
struct Wishes<'e>(&'e Estate);

impl Wishes<'_> {
    /// Generation and UID of an object, which a write of its wish changes.
    fn get(&self, object: &ObjectRef) -> Option<(Value, Value)> {
        let plural = jamie_plural(&object.kind);
        let group = jamie_group(&object.kind);
        let all = self.0.store().list(group, &plural, object.namespace.as_deref());
        let found = all
            .iter()
            .find(|one| one.pointer("/metadata/name") == Some(&json!(object.name)))?;
        Some((
            found["metadata"]["uid"].clone(),
            found.get("spec").cloned().unwrap_or_default(),
        ))
    }
}

fn jamie_plural(kind: &str) -> String {
    match kind {
        "NetworkPolicy" => "networkpolicies".to_owned(),
        other => format!("{}s", other.to_lowercase()),
    }
}

fn jamie_group(kind: &str) -> &'static str {
    match kind {
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" => "apps",
        "Job" | "CronJob" => "batch",
        "HorizontalPodAutoscaler" => "autoscaling",
        "NetworkPolicy" => "networking.k8s.io",
        "Role" | "RoleBinding" => "rbac.authorization.k8s.io",
        _ => "",
    }
}

fn context(id: &str, groups: &[&str], emit: impl Fn(Event) + Send + Sync + 'static) -> ToolContext {
    ToolContext {
        person: Person {
            id: id.to_owned(),
            name: None,
            groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        },
        scope: Scope::default(),
        now: Timestamp::now(),
        zone: TimeZone::UTC,
        emit: Arc::new(emit),
    }
}

fn object(kind: &str, name: &str) -> Value {
    json!(ObjectRef::namespaced(kind, "town", name))
}

fn all(plan: &Plan) -> String {
    let mut text = format!("{}\n", plan.title);
    for line in plan.impact.iter().chain(&plan.warnings).chain(&plan.reasons) {
        text.push_str(line);
        text.push('\n');
    }
    for one in &plan.differences {
        text.push_str(one.diff.as_str());
    }
    text
}

#[track_caller]
fn has(text: &str, wanted: &[&str]) {
    for part in wanted {
        assert!(text.contains(part), "`{part}` is missing in:\n{text}");
    }
}
