//! Pods or nodes in; what they use now against what they asked for and may use, most first, out.

use async_trait::async_trait;
use jamie_core::{ObjectRef, Phrase, Question, Result, ToolContext, ToolOutput, tool::Fill};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{Look, must_be_namespace, must_exist, namespace};
use crate::cluster::{Cluster, Freshness};

mod nodes;
mod pods;

pub(super) struct Top;

/// By what to sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum By {
    /// Memory.
    #[default]
    Memory,
    /// CPU.
    Cpu,
}

/// What to measure.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Args {
    /// `Pod` or `Node`.
    #[schemars(extend("x-slot" = "kind"))]
    kind: Option<String>,
    /// Only the pods of this object, or this node.
    #[schemars(extend("x-slot" = "target"))]
    target: Option<ObjectRef>,
    /// Only this namespace.
    #[schemars(extend("x-slot" = "namespace"))]
    namespace: Option<String>,
    /// By what to sort.
    #[serde(default)]
    by: By,
}

#[async_trait]
impl Look for Top {
    type Args = Args;
    const NAME: &'static str = "top";
    const DESCRIPTION: &'static str =
        "What pods or nodes use of CPU and memory right now, against their requests and limits, most first.";
    const EXAMPLE: &'static str = "who is eating all the memory?";
    const FILL: Option<Fill> = Some(fill);

    fn phrases() -> Vec<Phrase> {
        let cpu = || json!({"by": "cpu"});
        let memory = || json!({"by": "memory"});
        let nodes = || json!({"kind": "Node"});
        vec![
            Phrase::new("top"),
            Phrase::new("top {kind}"),
            Phrase::new("resource usage"),
            Phrase::new("resource usage of {target}"),
            Phrase::new("how much does {target} use"),
            Phrase::with("how much memory does {target} use", memory()),
            Phrase::with("how much cpu does {target} use", cpu()),
            Phrase::with("memory usage of {target}", memory()),
            Phrase::with("cpu usage of {target}", cpu()),
            Phrase::with("memory hogs", memory()),
            Phrase::with("who eats all the memory", memory()),
            Phrase::with("which {kind} use the most memory", memory()),
            Phrase::with("which {kind} use the most cpu", cpu()),
            Phrase::with("what is hogging the cpu", cpu()),
            Phrase::with("biggest memory users in {namespace}", memory()),
            Phrase::with("ram usage", memory()),
            Phrase::with("is {target} close to its memory limit", memory()),
            Phrase::with("is {target} throttled", cpu()),
            Phrase::with("how busy are the nodes", nodes()),
            Phrase::with("node usage", nodes()),
            Phrase::with("how loaded is {target}", Value::Null),
            Phrase::new("utilisation of {target}"),
            Phrase::new("consumption of {target}"),
        ]
    }

    async fn look(cluster: &Cluster, context: &ToolContext, args: Args) -> Result<ToolOutput> {
        let place = match &args.target {
            Some(target) if target.kind == "Namespace" => Some(target.name.clone()),
            Some(target) => target.namespace.clone(),
            None => namespace(args.namespace.clone(), context),
        };
        if let Some(name) = &place {
            cluster.include_namespace(name);
        }
        let snapshot = cluster.snapshot_with_use(Freshness::Recent).await?;
        let target = args.target.clone().filter(|target| target.kind != "Namespace");
        if let Some(target) = &target {
            must_exist(&snapshot, target)?;
        }
        if let Some(name) = &place {
            must_be_namespace(&snapshot, name)?;
        }
        let of_nodes = args.kind.as_deref() == Some("Node") && target.is_none()
            || target
                .as_ref()
                .is_some_and(|target| target.kind == "Node" && args.kind.as_deref() != Some("Pod"));
        Ok(if of_nodes {
            nodes::told(&snapshot, target.as_ref(), args.by)
        } else {
            pods::told(&snapshot, target.as_ref(), place.as_deref(), args.by)
        })
    }
}

fn fill(question: &Question, args: &mut Map<String, Value>) {
    super::overview::place(question, args);
    let has = |wanted: &[&str]| question.words.iter().any(|word| wanted.contains(&word.as_str()));
    if has(&["cpu", "processor", "cores", "throttled", "throttling"]) && !has(&["memory", "ram", "mem"]) {
        args.insert("by".to_owned(), json!("cpu"));
    }
    if has(&["nodes", "node", "machines", "boxes"]) && !args.contains_key("kind") {
        args.insert("kind".to_owned(), json!("Node"));
    }
}

fn narrow(number: u128) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
