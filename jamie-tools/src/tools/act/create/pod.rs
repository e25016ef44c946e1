//! A name and an image in, a pod out.

use async_trait::async_trait;
use jamie_core::{ObjectRef, Phrase, Question, Result, ToolContext, tool::Fill};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Act, Parts, called, container, fill_container, lacking, making, phrases, place, said};
use crate::{
    acting::{Draft, Goal},
    cluster::Cluster,
};

pub(in crate::tools::act) struct CreatePod;

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
    /// The port it listens on.
    port: Option<u16>,
    /// Environment variables.
    #[serde(default)]
    env: Map<String, Value>,
    /// Memory, requested and at most.
    memory: Option<String>,
    /// Processor, requested.
    cpu: Option<String>,
    /// The command, where not the image's own.
    command: Option<Vec<String>>,
}

#[async_trait]
impl Act for CreatePod {
    type Args = Args;
    const NAME: &'static str = "create_pod";
    const DESCRIPTION: &'static str = "Creates a single pod, for trying something; nothing brings it back.";
    const EXAMPLE: &'static str = "create a pod debug in shop with image busybox:1.36";
    const FILL: Option<Fill> = Some(fill);

    fn phrases() -> Vec<Phrase> {
        phrases(&[
            "create a pod",
            "create a pod in {namespace}",
            "create a pod called",
            "create a pod with image",
            "create a pod running image in {namespace}",
            "make a pod",
            "start a new pod",
            "launch a pod",
            "spin up a pod",
        ])
    }

    async fn draft(cluster: &Cluster, context: &ToolContext, args: Args) -> Result<Draft> {
        let name = called(args.name, "pod")?;
        let place = place(cluster, context, args.namespace).await?;
        let image = args.image.ok_or_else(|| {
            lacking(
                format!("which image shall the pod `{name}` run?"),
                "say: with image NAME:TAG",
            )
        })?;
        let target = ObjectRef::namespaced("Pod", place.clone(), name.clone());
        let parts = Parts {
            image: &image,
            port: args.port,
            env: &args.env,
            memory: args.memory.as_deref(),
            cpu: args.cpu.as_deref(),
            command: args.command.as_deref(),
        };
        let body = json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "namespace": place, "labels": {"app": name}},
            "spec": {"containers": [container(&name, &parts)]},
        });
        let goal = Goal::Reads {
            object: target.clone(),
            pointer: "/status/phase".to_owned(),
            value: json!("Running"),
        };
        let mut draft = making(
            cluster,
            format!("Create {target} with the image `{image}`"),
            json!({
                "name": name, "namespace": place, "image": image, "port": args.port, "env": args.env,
                "memory": args.memory, "cpu": args.cpu, "command": args.command,
            }),
            target,
            body,
            goal,
        )
        .await?;
        draft
            .warnings
            .push("A pod by itself is not made again when it or its node goes; a Deployment is.".to_owned());
        Ok(draft)
    }
}

fn fill(question: &Question, args: &mut Map<String, Value>) {
    fill_container(question, args);
    if let Some(command) = question
        .quoted
        .iter()
        .find(|_| said::has(question, &["command", "cmd"]))
    {
        said::set(args, "command", json!(["sh", "-c", command]));
    }
}
