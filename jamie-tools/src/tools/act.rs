//! A cluster in, the tools that change it out: each drafts one kind of change, and one engine plans, runs and watches
//! them all.

use std::{fmt, marker::PhantomData, sync::Arc, time::Duration};

use async_trait::async_trait;
use jamie_core::{
    Effect, Error, ErrorKind, ObjectRef, Phrase, Plan, Result, Tool, ToolContext, ToolOutput, ToolSpec,
    Toolbox,
    tool::{Change, Fill, WatchReport, parse_args},
};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{manifest, phrases};
use crate::{
    acting::{self, Draft},
    cluster::Cluster,
};

mod containers;
mod create;
mod delete;
mod manifests;
mod nodes;
mod pause;
mod permission;
mod resize_claim;
mod restart;
mod rollback;
mod said;
mod scale;
mod set_image;
mod set_resources;
mod switch_service;
mod trigger;

/// How long the effect of a change is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// At most so long.
    pub watch: Duration,
    /// So long it has to hold: a container that crashes does so after a moment.
    pub settle: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            watch: Duration::from_mins(2),
            settle: Duration::from_secs(8),
        }
    }
}

/// Adds all tools that change a cluster.
pub(super) fn add_all(toolbox: &mut Toolbox, cluster: &Arc<Cluster>, patience: Patience) {
    add::<restart::Restart>(toolbox, cluster, patience);
    add::<scale::Scale>(toolbox, cluster, patience);
    add::<rollback::Rollback>(toolbox, cluster, patience);
    add::<set_image::SetImage>(toolbox, cluster, patience);
    add::<set_resources::SetResources>(toolbox, cluster, patience);
    add::<pause::Pause>(toolbox, cluster, patience);
    add::<pause::Resume>(toolbox, cluster, patience);
    add::<trigger::Trigger>(toolbox, cluster, patience);
    add::<nodes::Cordon>(toolbox, cluster, patience);
    add::<nodes::Uncordon>(toolbox, cluster, patience);
    add::<nodes::Drain>(toolbox, cluster, patience);
    add::<delete::Delete>(toolbox, cluster, patience);
    add::<delete::DeletePod>(toolbox, cluster, patience);
    add::<delete::CleanUpPods>(toolbox, cluster, patience);
    add::<resize_claim::ResizeClaim>(toolbox, cluster, patience);
    add::<switch_service::SwitchService>(toolbox, cluster, patience);
    add::<permission::GrantPermission>(toolbox, cluster, patience);
    add::<permission::CreateRole>(toolbox, cluster, patience);
    add::<manifests::ApplyManifest>(toolbox, cluster, patience);
    add::<manifests::Patch>(toolbox, cluster, patience);
    add::<create::CreateNamespace>(toolbox, cluster, patience);
    add::<create::CreateConfigMap>(toolbox, cluster, patience);
    add::<create::CreatePod>(toolbox, cluster, patience);
    add::<create::CreateDeployment>(toolbox, cluster, patience);
    add::<create::CreateCanary>(toolbox, cluster, patience);
    add::<create::CreateService>(toolbox, cluster, patience);
    add::<create::CreateAutoscaler>(toolbox, cluster, patience);
    add::<create::CreateNetworkPolicy>(toolbox, cluster, patience);
}

fn add<A: Act>(toolbox: &mut Toolbox, cluster: &Arc<Cluster>, patience: Patience) {
    toolbox.add(Arc::new(Acting::<A>::new(cluster.clone(), patience)));
}

/// One kind of change.
#[async_trait]
trait Act: Send + Sync + 'static {
    /// What it takes.
    type Args: DeserializeOwned + JsonSchema + Send;
    /// The tool's name.
    const NAME: &'static str;
    /// What it does, one sentence.
    const DESCRIPTION: &'static str;
    /// A request that it carries out.
    const EXAMPLE: &'static str;
    /// What it does to the estate.
    const EFFECT: Effect = Effect::Change;
    /// Arguments from words, where slots are not enough.
    const FILL: Option<Fill> = None;

    /// How people ask for it.
    fn phrases() -> Vec<Phrase>;

    /// Works out the writes; only looks.
    async fn draft(cluster: &Cluster, context: &ToolContext, args: Self::Args) -> Result<Draft>;
}

/// An [`Act`] as a tool: it is planned, decided on, run and watched.
struct Acting<A> {
    spec: ToolSpec,
    cluster: Arc<Cluster>,
    patience: Patience,
    act: PhantomData<fn() -> A>,
}

impl<A: Act> Acting<A> {
    fn new(cluster: Arc<Cluster>, patience: Patience) -> Self {
        let spec = ToolSpec {
            name: A::NAME,
            description: A::DESCRIPTION,
            schema: ToolSpec::schema_of::<A::Args>(),
            effect: A::EFFECT,
            phrases: A::phrases(),
            example: A::EXAMPLE,
            fill: A::FILL,
        };
        Self {
            spec,
            cluster,
            patience,
            act: PhantomData,
        }
    }
}

impl<A> fmt::Debug for Acting<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Acting")
            .field("tool", &self.spec.name)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl<A: Act> Tool for Acting<A> {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, _context: &ToolContext, _args: Value) -> Result<ToolOutput> {
        Err(Error::new(
            ErrorKind::InvalidInput,
            format!(
                "{} changes the cluster: it is planned and decided on, never simply called",
                A::NAME
            ),
        )
        .with_hint("plan it, show what it would do, and let somebody decide"))
    }

    fn change(&self) -> Option<&dyn Change> {
        Some(self)
    }
}

#[async_trait]
impl<A: Act> Change for Acting<A> {
    async fn plan(&self, context: &ToolContext, args: Value) -> Result<Plan> {
        let cluster = self.cluster.for_person(&context.person)?;
        let args = parse_args::<A::Args>(A::NAME, args)?;
        let draft = A::draft(&cluster, context, args).await?;
        acting::plan(&cluster, A::EFFECT, draft).await
    }

    async fn run(&self, context: &ToolContext, plan: &Plan) -> Result<()> {
        let cluster = self.cluster.for_person(&context.person)?;
        acting::run(&cluster, context, plan, &plan.payload).await
    }

    async fn watch(&self, context: &ToolContext, plan: &Plan) -> Result<WatchReport> {
        let cluster = self.cluster.for_person(&context.person)?;
        acting::watch(&cluster, context, &plan.payload, self.patience).await
    }
}

/// An error for a request that lacks something, which is asked back.
fn lacking(question: impl Into<String>, hint: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidInput, question).with_hint(hint)
}

/// An error for an object of a kind that the change does not fit.
fn unfit(target: &ObjectRef, what: &str, kinds: &str) -> Error {
    Error::new(
        ErrorKind::InvalidInput,
        format!("{target} cannot be {what}: that goes for {kinds}"),
    )
    .with_hint("name the workload that is meant")
}

/// The object as it is right now.
async fn the(cluster: &Cluster, target: &ObjectRef) -> Result<Value> {
    manifest::read(cluster, target).await
}

/// A text in an object, empty where there is none.
fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}
