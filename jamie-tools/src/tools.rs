//! A cluster in, the tools that read and change it out: each is one thing people ask for, with the words they ask it in.
//!
//! A tool that reads is a [`Look`]: typed arguments and an answer, nothing that writes. Those that change are in
//! [`act`]. [`toolbox`] registers all of them.

use std::{fmt, marker::PhantomData, sync::Arc};

use async_trait::async_trait;
use jamie_core::{
    Effect, Error, ErrorKind, ObjectRef, Phrase, Result, Tool, ToolContext, ToolOutput, ToolSpec, Toolbox,
    tool::{Fill, parse_args},
};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{Snapshot, cluster::Cluster, wording};

mod access;
mod act;
mod can_i;
mod can_reach;
mod capacity;
mod certificates;
mod changes;
mod cluster_info;
mod describe;
mod diagnose;
mod endpoints;
mod events;
mod findings;
mod images;
pub(crate) mod list;
mod logs;
pub(crate) mod manifest;
mod overview;
mod restarts;
mod rollout_history;
mod rollout_status;
mod table;
mod top;
mod who_uses;
mod why_pending;

pub use self::{
    access::{Permission, required_access, required_access_to_act},
    act::Patience,
};

/// All tools: those that read a cluster, and those that change it once somebody approved.
pub fn toolbox(cluster: Arc<Cluster>) -> Toolbox {
    toolbox_within(cluster, Patience::default())
}

/// The same, with another patience for the effects of changes.
#[expect(
    clippy::needless_pass_by_value,
    reason = "each tool keeps a share; the caller gives up theirs"
)]
pub fn toolbox_within(cluster: Arc<Cluster>, patience: Patience) -> Toolbox {
    let mut toolbox = Toolbox::new();
    add::<overview::Overview>(&mut toolbox, &cluster);
    add::<diagnose::Diagnose>(&mut toolbox, &cluster);
    add::<why_pending::WhyPending>(&mut toolbox, &cluster);
    add::<logs::Logs>(&mut toolbox, &cluster);
    add::<describe::Describe>(&mut toolbox, &cluster);
    add::<changes::Changes>(&mut toolbox, &cluster);
    add::<rollout_status::RolloutStatus>(&mut toolbox, &cluster);
    add::<rollout_history::RolloutHistory>(&mut toolbox, &cluster);
    add::<can_reach::CanReach>(&mut toolbox, &cluster);
    add::<events::Events>(&mut toolbox, &cluster);
    add::<manifest::Manifest>(&mut toolbox, &cluster);
    add::<top::Top>(&mut toolbox, &cluster);
    add::<list::List>(&mut toolbox, &cluster);
    add::<list::Count>(&mut toolbox, &cluster);
    add::<can_i::CanI>(&mut toolbox, &cluster);
    add::<who_uses::WhoUses>(&mut toolbox, &cluster);
    add::<images::Images>(&mut toolbox, &cluster);
    add::<restarts::Restarts>(&mut toolbox, &cluster);
    add::<capacity::Capacity>(&mut toolbox, &cluster);
    add::<endpoints::Endpoints>(&mut toolbox, &cluster);
    add::<certificates::Certificates>(&mut toolbox, &cluster);
    add::<cluster_info::ClusterInfo>(&mut toolbox, &cluster);
    act::add_all(&mut toolbox, &cluster, patience);
    toolbox
}

fn add<L: Look>(toolbox: &mut Toolbox, cluster: &Arc<Cluster>) {
    toolbox.add(Arc::new(Reading::<L>::new(cluster.clone())));
}

/// One question about a cluster.
#[async_trait]
trait Look: Send + Sync + 'static {
    /// What it takes.
    type Args: DeserializeOwned + JsonSchema + Send;
    /// The tool's name.
    const NAME: &'static str;
    /// What it does, one sentence.
    const DESCRIPTION: &'static str;
    /// A question that it answers.
    const EXAMPLE: &'static str;
    /// Arguments from words, where slots are not enough.
    const FILL: Option<Fill> = None;

    /// Whether it answers without a word on what is wrong with the object that is asked about: because that is all
    /// it tells of anyway, or because its answer is a text to copy.
    const IS_BARE: bool = false;

    /// How people ask for it.
    fn phrases() -> Vec<Phrase>;

    /// Whether a call with these arguments shows what it finds as it goes and ends by itself.
    fn keeps_own_time(_args: &Value) -> bool {
        false
    }

    /// Answers it.
    async fn look(cluster: &Cluster, context: &ToolContext, args: Self::Args) -> Result<ToolOutput>;
}

/// A [`Look`] as a tool: it reads, by construction.
struct Reading<L> {
    spec: ToolSpec,
    cluster: Arc<Cluster>,
    look: PhantomData<fn() -> L>,
}

impl<L: Look> Reading<L> {
    fn new(cluster: Arc<Cluster>) -> Self {
        let spec = ToolSpec {
            name: L::NAME,
            description: L::DESCRIPTION,
            schema: ToolSpec::schema_of::<L::Args>(),
            effect: Effect::Read,
            phrases: L::phrases(),
            example: L::EXAMPLE,
            fill: L::FILL,
        };
        Self {
            spec,
            cluster,
            look: PhantomData,
        }
    }
}

impl<L> fmt::Debug for Reading<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reading")
            .field("tool", &self.spec.name)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl<L: Look> Tool for Reading<L> {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn keeps_own_time(&self, args: &Value) -> bool {
        L::keeps_own_time(args)
    }

    async fn call(&self, context: &ToolContext, args: Value) -> Result<ToolOutput> {
        let about = if L::IS_BARE { None } else { findings::about(&args) };
        let args = parse_args::<L::Args>(L::NAME, args)?;
        let cluster = self.cluster.for_person(&context.person)?;
        let looked = L::look(&cluster, context, args).await;
        match about {
            Some(object) => findings::with_those_of(&cluster, &object, looked).await,
            None => looked,
        }
    }
}

/// Plain phrases.
fn phrases(texts: &[&'static str]) -> Vec<Phrase> {
    texts.iter().map(|text| Phrase::new(text)).collect()
}

/// The namespace that a call is restricted to: the one it names, or the conversation's.
fn namespace(named: Option<String>, context: &ToolContext) -> Option<String> {
    named
        .or_else(|| context.scope.namespace.clone())
        .filter(|name| !name.is_empty())
}

/// An error where an object is not there; silent where it is, or where that cannot be known.
fn must_exist(snapshot: &Snapshot, object: &ObjectRef) -> Result<()> {
    if snapshot.exists(object) == Some(false) {
        return Err(Error::new(
            ErrorKind::NotFound,
            format!("There is no {} `{}`", object.kind, object.path()),
        )
        .with_hint(match &object.namespace {
            Some(namespace) => format!("kubectl get {} -n {namespace}", object.kind.to_lowercase()),
            None => format!("kubectl get {}", object.kind.to_lowercase()),
        }));
    }
    Ok(())
}

/// An error where a namespace is not there, with the nearest that is.
fn must_be_namespace(snapshot: &Snapshot, name: &str) -> Result<()> {
    if snapshot.namespace(name).is_some() || !snapshot.may_see("Namespace", None) {
        return Ok(());
    }
    let mut near: Vec<(f64, &str)> = snapshot
        .namespaces
        .iter()
        .filter_map(|one| one.metadata.name.as_deref())
        .map(|one| (strsim::jaro_winkler(one, name), one))
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0));
    let near: Vec<&str> = near.into_iter().take(3).map(|(_, one)| one).collect();
    Err(
        Error::new(ErrorKind::NotFound, format!("There is no namespace `{name}`")).with_hint(format!(
            "did you mean {}?",
            wording::code_list(&near, 3).replace(" and ", " or ")
        )),
    )
}
