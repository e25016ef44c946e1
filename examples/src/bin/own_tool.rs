//! A tool of your own: Jamie finds it by its phrases, fills its arguments, and shows what it says.
//!
//! `own_tool KUBECONFIG` asks one question that the tool answers.
#![allow(clippy::print_stdout)]

use std::sync::Arc;

use async_trait::async_trait;
use jamie::{
    Config, Own, Request, Result, Tool,
    core::{Effect, ObjectRef, Phrase, ToolContext, ToolOutput, ToolSpec, tool::parse_args},
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

/// Who looks after what; yours would ask a service catalogue.
#[derive(Debug)]
struct WhoOwns {
    spec: ToolSpec,
}

/// What it takes.
#[derive(Debug, Deserialize, JsonSchema)]
struct Args {
    /// The workload.
    #[schemars(extend("x-slot" = "target"))]
    target: Option<ObjectRefArg>,
}

/// An object's address.
#[derive(Debug, Deserialize, JsonSchema)]
struct ObjectRefArg {
    kind: String,
    namespace: Option<String>,
    name: String,
}

impl WhoOwns {
    fn new() -> Self {
        Self {
            spec: ToolSpec {
                name: "who_owns",
                description: "Says which team looks after a workload",
                schema: ToolSpec::schema_of::<Args>(),
                effect: Effect::Read,
                phrases: vec![
                    Phrase::new("who owns {target}"),
                    Phrase::new("which team looks after {target}"),
                    Phrase::new("who is responsible for {target}"),
                ],
                example: "who owns checkout?",
                fill: None,
            },
        }
    }
}

#[async_trait]
impl Tool for WhoOwns {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, _context: &ToolContext, args: Value) -> Result<ToolOutput> {
        let args: Args = parse_args(self.spec.name, args)?;
        let Some(target) = args.target else {
            return Ok(ToolOutput {
                headline: "Who owns what? Name a workload.".into(),
                ..ToolOutput::default()
            });
        };
        let team = if target.name.contains("payment") {
            "team Till"
        } else {
            "the platform team"
        };
        Ok(ToolOutput {
            headline: format!("`{}` is looked after by **{team}**.", target.name),
            focus: vec![ObjectRef {
                kind: target.kind,
                namespace: target.namespace,
                name: target.name,
                uid: None,
            }],
            good: Some(true),
            ..ToolOutput::default()
        })
    }
}

#[tokio::main]
async fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let mut config = Config {
        memory: jamie::config::Memory::of_process(),
        ..Config::default()
    };
    config.kubernetes.kubeconfig = std::env::args().nth(1).ok_or("usage: own_tool KUBECONFIG")?;
    let mut own = Own::default();
    own.tools.add(Arc::new(WhoOwns::new()));
    let jamie = jamie::assemble_with(&config, own).await?;
    let answer = jamie
        .ask(Request::new("who's responsible for payments?", "ada", "example"))
        .await?;
    println!("{}", answer.text);
    Ok(())
}
