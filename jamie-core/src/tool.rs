//! One thing Jamie can do: what it is called, what it takes, how people ask for it, and doing it.

use std::{collections::BTreeMap, fmt, sync::Arc};

use async_trait::async_trait;
use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    Block, Error, ErrorKind, Event, Evidence, Finding, NextStep, ObjectRef, Person, Plan, Question, Result,
    Scope,
};

/// What a call does to the estate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Looks.
    Read,
    /// Changes something that can be changed back.
    Change,
    /// Destroys something.
    Destroy,
}

/// What the router puts into an argument; written beside the argument as `x-slot` in its schema.
///
/// `#[schemars(extend("x-slot" = "target"))]` on a field of the tool's `Args` type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Slot {
    /// The first target, an [`ObjectRef`].
    Target,
    /// The second target, an [`ObjectRef`].
    SecondTarget,
    /// All targets, a list of [`ObjectRef`].
    Targets,
    /// The kind asked for, a string.
    Kind,
    /// The namespace, a string.
    Namespace,
    /// The start of the time spoken of, RFC 3339.
    Since,
    /// Its end, RFC 3339.
    Until,
    /// The first count, a whole number.
    Count,
    /// What stood between quotes first, a string.
    Quoted,
    /// The name of something that is to be made, a string.
    Fresh,
    /// The person's question itself, a string.
    Text,
}

/// One way people ask for a tool, in their words.
///
/// Placeholders: `{target}` (an object's name), `{kind}`, `{namespace}`, `{time}`, `{count}`, `{quoted}`,
/// `{image}` (an image or a version).
/// Words count by how telling they are among all tools' phrases; order counts little.
#[derive(Debug, Clone)]
pub struct Phrase {
    /// The words.
    pub text: &'static str,
    /// Arguments that these words imply: `"crashed logs of {target}"` implies `previous: true`.
    pub args: Value,
}

impl Phrase {
    /// Words that imply no argument.
    pub fn new(text: &'static str) -> Self {
        Self {
            text,
            args: Value::Null,
        }
    }

    /// Words that imply arguments.
    pub fn with(text: &'static str, args: Value) -> Self {
        Self { text, args }
    }
}

/// Fills arguments that no slot covers from the question's words.
pub type Fill = fn(&Question, &mut Map<String, Value>);

/// What a tool is.
#[derive(Debug, Clone)]
pub struct ToolSpec {
    /// Lower case with underscores; unique.
    pub name: &'static str,
    /// What it does, one sentence, for people and models.
    pub description: &'static str,
    /// JSON schema of the arguments, derived from the tool's `Args`.
    pub schema: Value,
    /// What a call does.
    pub effect: Effect,
    /// How people ask for it.
    pub phrases: Vec<Phrase>,
    /// An example question for help texts.
    pub example: &'static str,
    /// Arguments from words, where slots are not enough.
    pub fill: Option<Fill>,
}

impl ToolSpec {
    /// The schema of an argument type.
    pub fn schema_of<A: schemars::JsonSchema>() -> Value {
        schemars::schema_for!(A).to_value()
    }
}

/// What a call may know and where it may report.
#[derive(Clone)]
pub struct ToolContext {
    /// Who asks.
    pub person: Person,
    /// Where to look when the arguments do not say.
    pub scope: Scope,
    /// Now.
    pub now: Timestamp,
    /// The zone in which times are shown.
    pub zone: TimeZone,
    /// Takes events while the call runs, for tools that stream (following a log).
    pub emit: Arc<dyn Fn(Event) + Send + Sync>,
}

impl fmt::Debug for ToolContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToolContext")
            .field("person", &self.person)
            .field("scope", &self.scope)
            .field("now", &self.now)
            .finish_non_exhaustive()
    }
}

/// What a call found.
#[derive(Debug, Clone, Default)]
pub struct ToolOutput {
    /// The answer in one sentence, plain: "3 of 3 pods of `shop/api` are ready."
    pub headline: String,
    /// The rest of the answer, most important first.
    pub blocks: Vec<Block>,
    /// What is wrong, worst first; the turn shows each as a card.
    pub findings: Vec<Finding>,
    /// What it rests on beyond the findings' own evidence.
    pub evidence: Vec<Evidence>,
    /// Typed facts for code.
    pub facts: Value,
    /// Limits that were hit and things that could not be looked at, one sentence each.
    pub notes: Vec<String>,
    /// What to do next, best first.
    pub next: Vec<NextStep>,
    /// What the conversation is about from here on: "it", "that one".
    pub focus: Vec<ObjectRef>,
    /// `Some(true)`: good news; `Some(false)`: bad news; `None`: plain information. For the persona.
    pub good: Option<bool>,
}

/// What came of a change that was carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchReport {
    /// Whether the effect is as wished.
    pub worked: bool,
    /// What is there now, one sentence.
    pub told: String,
    /// More, one sentence each: what is still broken, what to look at.
    pub notes: Vec<String>,
}

/// The changing side of a tool. Nothing but [`Change::run`] writes.
#[async_trait]
pub trait Change: fmt::Debug + Send + Sync {
    /// Works out what would be done: reads, dry-runs, compares.
    async fn plan(&self, context: &ToolContext, args: Value) -> Result<Plan>;
    /// Carries out exactly `plan.payload`, guarded by `plan.guard`. An error says what was written before it.
    async fn run(&self, context: &ToolContext, plan: &Plan) -> Result<()>;
    /// Looks, until it is settled or a bound is reached, whether the effect has come; reports progress through
    /// `context.emit`. Also told after a crash, when nobody knows how far the run came.
    async fn watch(&self, context: &ToolContext, plan: &Plan) -> Result<WatchReport>;
}

/// One thing Jamie can do.
#[async_trait]
pub trait Tool: fmt::Debug + Send + Sync {
    /// What it is.
    fn spec(&self) -> &ToolSpec;
    /// Does it. `args` fit the schema or the call fails with [`ErrorKind::InvalidInput`].
    async fn call(&self, context: &ToolContext, args: Value) -> Result<ToolOutput>;
    /// The changing side; present exactly where the effect is not [`Effect::Read`]. Such a tool is planned, parked and
    /// decided on; its `call` is never used.
    fn change(&self) -> Option<&dyn Change> {
        None
    }
    /// Whether a call with these arguments shows what it finds as it goes and ends by itself, like following a
    /// log: then the turn's deadline does not stop it.
    fn keeps_own_time(&self, _args: &Value) -> bool {
        false
    }
}

/// Reads a tool's arguments, with an error that says what was wrong with them.
pub fn parse_args<A: serde::de::DeserializeOwned>(tool: &str, args: Value) -> Result<A> {
    let args = if args.is_null() {
        Value::Object(Map::new())
    } else {
        args
    };
    serde_json::from_value(args).map_err(|error| {
        Error::new(
            ErrorKind::InvalidInput,
            format!("the arguments of {tool} do not fit: {error}"),
        )
        .with_hint(format!("see the schema of {tool}"))
    })
}

/// The tools at hand, by name.
#[derive(Debug, Clone, Default)]
pub struct Toolbox {
    tools: BTreeMap<&'static str, Arc<dyn Tool>>,
}

impl Toolbox {
    /// An empty box.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a tool; one of the same name is replaced.
    pub fn add(&mut self, tool: Arc<dyn Tool>) {
        self.tools.insert(tool.spec().name, tool);
    }

    /// The tool of that name.
    pub fn get(&self, name: &str) -> Option<&Arc<dyn Tool>> {
        self.tools.get(name)
    }

    /// All tools, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn Tool>> {
        self.tools.values()
    }
}
