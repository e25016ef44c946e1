//! Nothing in; which cluster this is, its version, its nodes and what may be looked at, out.

use std::collections::BTreeMap;

use async_trait::async_trait;
use jamie_core::{
    Block, NextStep, ObjectRef, Phrase, Question, Result, Severity, ToolContext, ToolOutput, tool::Fill,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Look, findings, overview::is_node_ready, phrases};
use crate::{
    cluster::{Cluster, Freshness},
    diagnosis::Scope,
    snapshot::{Coverage, reference},
    wording,
};

pub(super) struct ClusterInfo;

/// What else to tell.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Args {
    /// Whether the question is how the API server and the nodes are, too.
    health: bool,
}

fn fill(question: &Question, args: &mut Map<String, Value>) {
    let asks = question.words.iter().any(|word| {
        matches!(
            word.as_str(),
            "healthy"
                | "health"
                | "ok"
                | "okay"
                | "well"
                | "up"
                | "down"
                | "alive"
                | "working"
                | "wrong"
                | "slow"
        )
    });
    if asks {
        args.insert("health".to_owned(), json!(true));
    }
}

#[async_trait]
impl Look for ClusterInfo {
    type Args = Args;
    const NAME: &'static str = "cluster_info";
    const DESCRIPTION: &'static str =
        "Which cluster this is: context, address, version, nodes, and what may not be looked at.";
    const EXAMPLE: &'static str = "which cluster am I on?";

    const FILL: Option<Fill> = Some(fill);

    fn phrases() -> Vec<Phrase> {
        phrases(&[
            "cluster info",
            "which cluster is this",
            "which cluster am I on",
            "what context am I in",
            "which kubernetes version",
            "version of the cluster",
            "apiserver version",
            "server version",
            "kubelet versions",
            "where are you connected to",
            "which namespace am I in",
            "what can you see",
            "is the apiserver healthy",
            "is the control plane up",
        ])
    }

    async fn look(cluster: &Cluster, _context: &ToolContext, args: Args) -> Result<ToolOutput> {
        let snapshot = cluster.snapshot(Freshness::Recent).await?;
        let version = snapshot.version.map_or_else(
            || "unknown".to_owned(),
            |(major, minor)| format!("{major}.{minor}"),
        );
        let ready = snapshot.nodes.iter().filter(|node| is_node_ready(node)).count();
        let mut kubelets: BTreeMap<String, usize> = BTreeMap::new();
        let mut platforms: BTreeMap<String, usize> = BTreeMap::new();
        for info in snapshot
            .nodes
            .iter()
            .filter_map(|node| node.status.as_ref()?.node_info.as_ref())
        {
            *kubelets.entry(info.kubelet_version.clone()).or_default() += 1;
            *platforms
                .entry(format!("{}/{}", info.operating_system, info.architecture))
                .or_default() += 1;
        }
        let show = |counts: &BTreeMap<String, usize>| {
            let parts: Vec<String> = counts
                .iter()
                .map(|(name, count)| format!("{name} (×{count})"))
                .collect();
            wording::list(&parts, 5)
        };
        let mut items = vec![
            format!("Address: `{}`", cluster.server()),
            format!("Namespace of the context: `{}`", cluster.default_namespace()),
            format!(
                "{}, {}",
                wording::count(snapshot.namespaces.len(), "namespace"),
                wording::count(snapshot.pods.len(), "pod")
            ),
        ];
        if !kubelets.is_empty() {
            items.push(format!("Kubelets: {}", show(&kubelets)));
            items.push(format!("Platforms: {}", show(&platforms)));
        }
        let mut unseen: Vec<&str> = Vec::new();
        let mut lacking: Vec<&str> = Vec::new();
        for (kind, coverage) in &snapshot.coverage {
            match coverage {
                Coverage::Forbidden | Coverage::Namespaces(_) => unseen.push(kind),
                Coverage::Missing => lacking.push(kind),
                Coverage::Complete | Coverage::Failed(_) => {}
            }
        }
        if !unseen.is_empty() {
            items.push(format!(
                "Not (or only in part) for me to see: {}",
                wording::list(&unseen, 12)
            ));
        }
        if !lacking.is_empty() {
            items.push(format!("This server has no: {}", wording::list(&lacking, 12)));
        }
        let mut output = ToolOutput {
            headline: format!(
                "This is `{}`, Kubernetes {version}, with {ready} of {} ready.",
                cluster.context(),
                wording::count(snapshot.nodes.len(), "node")
            ),
            blocks: vec![Block::List { items }],
            facts: json!({"context": cluster.context(), "server": cluster.server(), "version": version, "nodes": snapshot.nodes.len()}),
            notes: snapshot.notes.clone(),
            next: vec![NextStep::command("See the nodes", "kubectl get nodes -o wide")],
            ..ToolOutput::default()
        };
        if args.health {
            // What the control plane answers for: its nodes and the API servers behind it.
            let objects: Vec<ObjectRef> = snapshot
                .nodes
                .iter()
                .map(|node| reference(node.as_ref()))
                .chain(
                    snapshot
                        .api_services
                        .iter()
                        .filter_map(|one| one.metadata.name.as_deref())
                        .map(|name| ObjectRef::cluster("APIService", name)),
                )
                .collect();
            if !findings::bring(cluster, &mut output, &Scope::Objects(objects), Severity::Warning).await? {
                output.blocks.insert(
                    0,
                    Block::para("It answers, and I find nothing wrong with its nodes and its APIs."),
                );
                output.good = Some(true);
            }
        }
        Ok(output)
    }
}
