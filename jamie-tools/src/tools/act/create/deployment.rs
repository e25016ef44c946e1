//! A name, an image and what else a sentence says in, a Deployment out.

use async_trait::async_trait;
use jamie_core::{ObjectRef, Phrase, Question, Result, ToolContext, tool::Fill};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Act, Parts, called, container, fill_container, lacking, making, phrases, place, said};
use crate::{
    acting::{Draft, Goal},
    cluster::Cluster,
    wording,
};

pub(in crate::tools::act) struct CreateDeployment;

/// Which, and what it runs.
#[derive(Debug, Deserialize, JsonSchema)]
pub(in crate::tools::act) struct Args {
    /// The name.
    #[schemars(extend("x-slot" = "fresh"))]
    name: Option<String>,
    /// Where.
    #[schemars(extend("x-slot" = "namespace"))]
    namespace: Option<String>,
    /// The image.
    image: Option<String>,
    /// How many replicas.
    replicas: Option<u32>,
    /// The port it listens on.
    port: Option<u16>,
    /// Environment variables.
    #[serde(default)]
    env: Map<String, Value>,
    /// Memory, requested and at most.
    memory: Option<String>,
    /// Processor, requested.
    cpu: Option<String>,
}

#[async_trait]
impl Act for CreateDeployment {
    type Args = Args;
    const NAME: &'static str = "create_deployment";
    const DESCRIPTION: &'static str =
        "Creates a Deployment: image, replicas, port, settings, memory and processor.";
    const EXAMPLE: &'static str = "create a deployment till in shop with image shop/till:1.0 and 2 replicas";
    const FILL: Option<Fill> = Some(fill);

    fn phrases() -> Vec<Phrase> {
        phrases(&[
            "create a deployment",
            "create a deployment in {namespace}",
            "create a deployment called",
            "create a deployment with image",
            "create a deployment with {count} replicas",
            "create a new deployment in {namespace} with image and {count} replicas",
            "create an app",
            "make a deployment",
            "spin up a deployment",
            "launch a deployment",
        ])
    }

    async fn draft(cluster: &Cluster, context: &ToolContext, args: Args) -> Result<Draft> {
        let name = called(args.name, "deployment")?;
        let place = place(cluster, context, args.namespace).await?;
        let image = args.image.ok_or_else(|| {
            lacking(
                format!("which image shall the deployment `{name}` run?"),
                "say: with image NAME:TAG",
            )
        })?;
        let replicas = args.replicas.unwrap_or(1);
        let target = ObjectRef::namespaced("Deployment", place.clone(), name.clone());
        let parts = Parts {
            image: &image,
            port: args.port,
            env: &args.env,
            memory: args.memory.as_deref(),
            cpu: args.cpu.as_deref(),
            command: None,
        };
        let body = json!({
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": name, "namespace": place, "labels": {"app": name}},
            "spec": {
                "replicas": replicas,
                "selector": {"matchLabels": {"app": name}},
                "template": {
                    "metadata": {"labels": {"app": name}},
                    "spec": {"containers": [container(&name, &parts)]},
                },
            },
        });
        let goal = Goal::RolledOut {
            object: target.clone(),
        };
        let mut draft = making(
            cluster,
            format!(
                "Create {target} with {} of `{image}`",
                wording::count(replicas as usize, "replica")
            ),
            json!({
                "name": name, "namespace": place, "image": image, "replicas": replicas, "port": args.port,
                "env": args.env, "memory": args.memory, "cpu": args.cpu,
            }),
            target,
            body,
            goal,
        )
        .await?;
        if args.memory.is_none() {
            draft
                .warnings
                .push("It has no memory limit: it may take what others on its node need.".to_owned());
        }
        if replicas > 50 {
            draft
                .warnings
                .push(format!("{replicas} replicas are a lot for something new."));
        }
        Ok(draft)
    }
}

fn fill(question: &Question, args: &mut Map<String, Value>) {
    fill_container(question, args);
    if let Some(replicas) = count_of(question, &["replica", "replicas", "pods", "instances", "copies"]) {
        said::set(args, "replicas", replicas);
    }
}

/// The number before a word: "3 replicas".
pub(super) fn count_of(question: &Question, nouns: &[&str]) -> Option<u64> {
    question.words.windows(2).find_map(|pair| match pair {
        [count, noun] if nouns.contains(&noun.as_str()) => said::number(count),
        _ => None,
    })
}
