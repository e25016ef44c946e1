//! A name and settings in, a ConfigMap out.

use async_trait::async_trait;
use jamie_core::{Error, ErrorKind, ObjectRef, Phrase, Question, Result, ToolContext, tool::Fill};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Act, called, fill_name, lacking, making, phrases, place, said};
use crate::{
    acting::{Draft, Goal},
    cluster::Cluster,
    wording,
};

pub(in crate::tools::act) struct CreateConfigMap;

/// Which, and what is in it.
#[derive(Debug, Deserialize, JsonSchema)]
pub(in crate::tools::act) struct Args {
    /// The name.
    #[schemars(extend("x-slot" = "fresh"))]
    name: Option<String>,
    /// Where.
    #[schemars(extend("x-slot" = "namespace"))]
    namespace: Option<String>,
    /// The settings.
    #[serde(default)]
    data: Map<String, Value>,
}

#[async_trait]
impl Act for CreateConfigMap {
    type Args = Args;
    const NAME: &'static str = "create_config_map";
    const DESCRIPTION: &'static str = "Creates a ConfigMap with the given settings.";
    const EXAMPLE: &'static str = "create a config map colours in shop with SKY=blue";
    const FILL: Option<Fill> = Some(fill);

    fn phrases() -> Vec<Phrase> {
        phrases(&[
            "create a configmap",
            "create a configmap in {namespace}",
            "create a configmap called",
            "create a new configmap with",
            "create configmap from",
            "make a configmap",
            "make a configmap in {namespace} with",
            "add a configmap",
        ])
    }

    async fn draft(cluster: &Cluster, context: &ToolContext, args: Args) -> Result<Draft> {
        let name = called(args.name, "config map")?;
        let place = place(cluster, context, args.namespace).await?;
        if args.data.is_empty() {
            return Err(lacking(
                format!("what shall be in the ConfigMap `{name}`?"),
                "say the settings like COLOUR=blue SIZE=3",
            ));
        }
        if let Some(secret) = args
            .data
            .keys()
            .find(|key| jamie_core::redact::is_secret_name(key))
        {
            return Err(Error::new(
                ErrorKind::InvalidInput,
                format!("`{secret}` looks like a secret, and a ConfigMap is for everybody to read"),
            )
            .with_hint("keep it in a Secret: kubectl create secret generic"));
        }
        let data: Map<String, Value> = args
            .data
            .into_iter()
            .map(|(key, value)| match value {
                Value::String(_) => (key, value),
                other => (key, json!(other.to_string())),
            })
            .collect();
        let target = ObjectRef::namespaced("ConfigMap", place.clone(), name.clone());
        let body = json!({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": place}, "data": data,
        });
        let keys: Vec<&str> = data.keys().map(String::as_str).collect();
        let goal = Goal::Present {
            objects: vec![target.clone()],
        };
        making(
            cluster,
            format!("Create {target} with {}", wording::code_list(&keys, 6)),
            json!({"name": name, "namespace": place, "data": data}),
            target,
            body,
            goal,
        )
        .await
    }
}

fn fill(question: &Question, args: &mut Map<String, Value>) {
    let data: Map<String, Value> = said::pairs(question)
        .into_iter()
        .map(|(key, value)| (key, json!(value)))
        .collect();
    if !data.is_empty() {
        said::set(args, "data", Value::Object(data));
    }
    fill_name(question, args);
}
