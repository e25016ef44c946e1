//! An estate of apps with replicas, a tool that scales them, and people who decide.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};

use async_trait::async_trait;
use futures::StreamExt;
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::{
    Action, ActionStore, Answer, Change, Clock, Decision, Effect, Error, ErrorKind, Event, Jamie, ObjectRef,
    Person, Plan, Proposal, Result, Tool, ToolContext, ToolOutput, ToolSpec,
    action::{ApprovalPolicy, AuditStep, Choice, InMemoryActions, Proposed, propose},
    persona::Plain,
    tool::WatchReport,
};

/// What is there: replicas and resource version by app, and how the estate behaves.
#[derive(Debug)]
pub(super) struct Estate {
    apps: Mutex<BTreeMap<String, (i64, u64)>>,
    /// Writes that were accepted.
    pub(super) writes: AtomicU32,
    /// Writes are refused, the first half having been written.
    pub(super) refuses: AtomicBool,
    /// What is scaled falls over.
    pub(super) falls_over: AtomicBool,
    /// Reads fail as if nothing answered.
    pub(super) away: AtomicBool,
    /// A run waits here after its write.
    pub(super) after_write: Semaphore,
    /// Told when a run has written.
    pub(super) written: Semaphore,
}

impl Estate {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            apps: Mutex::new(BTreeMap::from([
                ("shop/web".to_owned(), (2, 1)),
                ("shop/api".to_owned(), (3, 1)),
            ])),
            writes: AtomicU32::new(0),
            refuses: AtomicBool::new(false),
            falls_over: AtomicBool::new(false),
            away: AtomicBool::new(false),
            after_write: Semaphore::new(Semaphore::MAX_PERMITS),
            written: Semaphore::new(0),
        })
    }

    pub(super) fn replicas(&self, app: &str) -> i64 {
        self.apps.lock().unwrap()[app].0
    }

    pub(super) fn set(&self, app: &str, replicas: i64) {
        let mut apps = self.apps.lock().unwrap();
        let entry = apps.get_mut(app).unwrap();
        *entry = (replicas, entry.1 + 1);
    }

    /// Something else of the app changes: its version, not its replicas.
    pub(super) fn touch(&self, app: &str) {
        let replicas = self.replicas(app);
        self.set(app, replicas);
    }

    pub(super) fn remove(&self, app: &str) {
        self.apps.lock().unwrap().remove(app);
    }

    pub(super) fn writes(&self) -> u32 {
        self.writes.load(Ordering::SeqCst)
    }
}

/// Scales an app: `{"app": "shop/web", "replicas": 4}`, or `{"app": …, "by": 2}`.
#[derive(Debug)]
pub(super) struct Scale {
    spec: ToolSpec,
    estate: Arc<Estate>,
}

impl Scale {
    fn new(estate: Arc<Estate>) -> Self {
        Self {
            spec: ToolSpec {
                name: "scale",
                description: "Scales an app.",
                schema: json!({"type": "object"}),
                effect: Effect::Change,
                phrases: Vec::new(),
                example: "scale web to 4",
                fill: None,
            },
            estate,
        }
    }
}

#[async_trait]
impl Tool for Scale {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, _context: &ToolContext, _args: Value) -> Result<ToolOutput> {
        Err(Error::new(ErrorKind::Internal, "a changing tool was called"))
    }

    fn change(&self) -> Option<&dyn Change> {
        Some(self)
    }
}

#[async_trait]
impl Change for Scale {
    async fn plan(&self, _context: &ToolContext, args: Value) -> Result<Plan> {
        if self.estate.away.load(Ordering::SeqCst) {
            return Err(Error::new(ErrorKind::Unreachable, "nothing answers there"));
        }
        let app = args["app"].as_str().unwrap();
        let Some((now, version)) = self.estate.apps.lock().unwrap().get(app).copied() else {
            return Err(Error::new(ErrorKind::NotFound, format!("there is no {app}")));
        };
        let wanted = args["replicas"]
            .as_i64()
            .unwrap_or_else(|| now + args["by"].as_i64().unwrap());
        let (namespace, name) = app.split_once('/').unwrap();
        Ok(Plan {
            title: format!("Scale Deployment {app} from {now} to {wanted} replicas"),
            effect: Effect::Change,
            args: json!({"app": app, "replicas": wanted}),
            targets: vec![ObjectRef::namespaced("Deployment", namespace, name)],
            payload: json!({"app": app, "replicas": wanted}),
            guard: json!({"version": version}),
            differences: Vec::new(),
            impact: Vec::new(),
            warnings: Vec::new(),
            reasons: Vec::new(),
            inverse: Some(Proposal {
                tool: "scale".to_owned(),
                args: json!({"app": app, "replicas": now}),
                reasons: vec![format!("scale {app} to {now} replicas again")],
            }),
        })
    }

    async fn run(&self, _context: &ToolContext, plan: &Plan) -> Result<()> {
        let app = plan.payload["app"].as_str().unwrap();
        if self.estate.refuses.load(Ordering::SeqCst) {
            return Err(Error::new(
                ErrorKind::Forbidden,
                "the server said no to the second of two writes; the first, a label, was written",
            ));
        }
        let version = self.estate.apps.lock().unwrap()[app].1;
        if plan.guard["version"] != version {
            return Err(Error::new(
                ErrorKind::Unavailable,
                "it has changed meanwhile; nothing was written",
            ));
        }
        self.estate.set(app, plan.payload["replicas"].as_i64().unwrap());
        self.estate.writes.fetch_add(1, Ordering::SeqCst);
        self.estate.written.add_permits(1);
        self.estate.after_write.acquire().await.unwrap().forget();
        Ok(())
    }

    async fn watch(&self, _context: &ToolContext, plan: &Plan) -> Result<WatchReport> {
        let app = plan.payload["app"].as_str().unwrap();
        let there = self.estate.replicas(app);
        let worked = plan.payload["replicas"] == there && !self.estate.falls_over.load(Ordering::SeqCst);
        Ok(WatchReport {
            worked,
            told: if worked {
                format!("{there} of {there} replicas are ready.")
            } else {
                format!("0 of {there} replicas are ready.")
            },
            notes: Vec::new(),
        })
    }
}

/// A clock that is moved by hand.
#[derive(Debug)]
pub(super) struct HandClock(Mutex<Timestamp>);

impl HandClock {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new("2026-11-25T12:00:00Z".parse().unwrap())))
    }

    pub(super) fn forward(&self, minutes: i64) {
        let mut now = self.0.lock().unwrap();
        *now = now.checked_add(jiff::SignedDuration::from_mins(minutes)).unwrap();
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }

    fn zone(&self) -> TimeZone {
        TimeZone::UTC
    }
}

/// Jamie on that estate, with what is around it.
pub(super) struct Scene {
    pub(super) estate: Arc<Estate>,
    pub(super) clock: Arc<HandClock>,
    pub(super) store: Arc<dyn ActionStore>,
    pub(super) jamie: Jamie,
}

impl Scene {
    pub(super) fn new(policy: Option<Arc<dyn ApprovalPolicy>>) -> Self {
        Self::on(Estate::new(), Arc::new(InMemoryActions::default()), policy)
    }

    /// Another process on the same estate and store.
    pub(super) fn on(
        estate: Arc<Estate>,
        store: Arc<dyn ActionStore>,
        policy: Option<Arc<dyn ApprovalPolicy>>,
    ) -> Self {
        let clock = HandClock::new();
        let builder = Jamie::builder()
            .tool(Scale::new(Arc::clone(&estate)))
            .clock(Arc::clone(&clock) as Arc<dyn Clock>)
            .persona(Arc::new(Plain))
            .actions(Arc::clone(&store));
        let jamie = match policy {
            Some(policy) => builder.policy(policy),
            None => builder,
        }
        .build();
        Self {
            estate,
            clock,
            store,
            jamie,
        }
    }

    /// Plans and proposes.
    pub(super) async fn propose(&self, who: &str, args: Value) -> Proposed {
        let desk = self.jamie.desk();
        let scale = desk.tool("scale").unwrap();
        let context = ToolContext {
            person: person(who),
            scope: crate::Scope::default(),
            now: self.clock.now(),
            zone: TimeZone::UTC,
            emit: Arc::new(|_| {}),
        };
        let mut plan = scale.change().unwrap().plan(&context, args).await.unwrap();
        plan.reasons.push("it was asked for".to_owned());
        propose(desk, "scale", plan, &person(who), "a talk")
            .await
            .unwrap()
    }

    /// An action that scales `shop/web` to 4, parked for `who`.
    pub(super) async fn parked(&self, who: &str) -> Action {
        match self.propose(who, json!({"app": "shop/web", "replicas": 4})).await {
            Proposed::Parked { action, digest, .. } => {
                assert_eq!(digest, action.digest());
                *action
            }
            denied @ Proposed::Denied { .. } => panic!("{denied:?}"),
        }
    }

    pub(super) async fn events(&self, decision: Decision) -> Vec<Event> {
        self.jamie.decide(decision).collect().await
    }

    /// What comes of a decision, in the end.
    pub(super) async fn decide(&self, decision: Decision) -> Result<Answer> {
        match self.events(decision).await.pop() {
            Some(Event::Done { answer }) => Ok(*answer),
            Some(Event::Failed { error, .. }) => Err(error),
            other => panic!("{other:?}"),
        }
    }

    pub(super) async fn get(&self, id: &str) -> Action {
        self.store.get(id).await.unwrap().unwrap()
    }

    /// The steps of an action that are on record, the oldest first.
    pub(super) async fn steps(&self, id: &str) -> Vec<AuditStep> {
        let mut steps: Vec<AuditStep> = self
            .store
            .audit(Some(id), 100)
            .await
            .unwrap()
            .iter()
            .map(|entry| entry.step)
            .collect();
        steps.reverse();
        steps
    }
}

/// A person; the part after a `@` is a group.
pub(super) fn person(id: &str) -> Person {
    let (name, group) = id.split_once('@').unwrap_or((id, ""));
    Person {
        id: name.to_owned(),
        name: None,
        groups: Some(group)
            .filter(|group| !group.is_empty())
            .map(str::to_owned)
            .into_iter()
            .collect(),
    }
}

pub(super) fn approve(action: &Action, who: &str) -> Decision {
    Decision {
        action: action.id.clone(),
        digest: Some(action.digest()),
        person: person(who),
        choice: Choice::Approve,
    }
}

pub(super) fn refuse(action: &Action, who: &str, reason: &str) -> Decision {
    Decision {
        choice: Choice::Refuse {
            reason: reason.to_owned(),
        },
        ..approve(action, who)
    }
}

pub(super) fn rules(text: &str) -> Arc<dyn ApprovalPolicy> {
    let rules: crate::action::Rules = toml::from_str(text).unwrap();
    rules.validate().unwrap();
    Arc::new(rules)
}
