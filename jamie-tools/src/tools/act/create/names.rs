//! A name in, a namespace out.

use async_trait::async_trait;
use jamie_core::{ObjectRef, Phrase, Result, ToolContext};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::{Act, called, making, phrases};
use crate::{
    acting::{Draft, Goal},
    cluster::Cluster,
};

pub(in crate::tools::act) struct CreateNamespace;

/// Which.
#[derive(Debug, Deserialize, JsonSchema)]
pub(in crate::tools::act) struct Args {
    /// The namespace's name.
    #[schemars(extend("x-slot" = "fresh"))]
    name: Option<String>,
}

#[async_trait]
impl Act for CreateNamespace {
    type Args = Args;
    const NAME: &'static str = "create_namespace";
    const DESCRIPTION: &'static str = "Creates a namespace.";
    const EXAMPLE: &'static str = "create a namespace called blue";

    fn phrases() -> Vec<Phrase> {
        phrases(&[
            "create a namespace",
            "create namespace",
            "create a namespace called",
            "create a new namespace",
            "make a namespace",
            "make a new namespace called",
            "add a namespace",
            "set up a namespace",
        ])
    }

    async fn draft(cluster: &Cluster, _context: &ToolContext, args: Args) -> Result<Draft> {
        let name = called(args.name, "namespace")?;
        let target = ObjectRef::cluster("Namespace", name.clone());
        let body = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
        let goal = Goal::Present {
            objects: vec![target.clone()],
        };
        making(
            cluster,
            format!("Create Namespace `{name}`"),
            json!({"name": name}),
            target,
            body,
            goal,
        )
        .await
    }
}
