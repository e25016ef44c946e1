//! Sentences that ask for something new in, its manifest out.

mod autoscaler;
mod canary;
mod config_map;
mod deployment;
mod names;
mod network_policy;
mod pod;
mod service;

use jamie_core::{Error, ErrorKind, ObjectRef, Question, Result, ToolContext};
use serde_json::{Map, Value, json};

pub(super) use self::{
    autoscaler::CreateAutoscaler, canary::CreateCanary, config_map::CreateConfigMap,
    deployment::CreateDeployment, names::CreateNamespace, network_policy::CreateNetworkPolicy,
    pod::CreatePod, service::CreateService,
};
use super::{Act, delete::Delete, lacking, phrases, said};
use crate::{
    acting::{Draft, Goal, Operation, Write},
    cluster::{Cluster, Freshness},
    tools::must_be_namespace,
};

/// A change that makes one object.
async fn making(
    cluster: &Cluster,
    title: String,
    args: Value,
    target: ObjectRef,
    body: Value,
    goal: Goal,
) -> Result<Draft> {
    let version = super::text(&body, "/apiVersion").to_owned();
    let operation = Operation::in_version(cluster, &version, &target, Write::Create { body }).await?;
    let draft = Draft::new(title, args, vec![operation], goal);
    Ok(if target.kind == "Namespace" {
        draft
    } else {
        draft.undone_by(
            Delete::NAME,
            json!({"targets": [target]}),
            "it was not there before",
        )
    })
}

/// Where something new goes: the place that is named, the conversation's, or the cluster's default.
async fn place(cluster: &Cluster, context: &ToolContext, named: Option<String>) -> Result<String> {
    let place =
        crate::tools::namespace(named, context).unwrap_or_else(|| cluster.default_namespace().to_owned());
    cluster.include_namespace(&place);
    let snapshot = cluster.snapshot(Freshness::Recent).await?;
    must_be_namespace(&snapshot, &place)?;
    Ok(place)
}

/// The name of something new, which must be one that Kubernetes takes.
fn called(name: Option<String>, what: &str) -> Result<String> {
    let name = name.ok_or_else(|| {
        lacking(
            format!("what shall the {what} be called?"),
            format!("say: create a {what} called NAME"),
        )
    })?;
    let fits = name.len() <= 63
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        && !name.starts_with('-')
        && !name.ends_with('-')
        && !name.is_empty();
    if fits {
        Ok(name)
    } else {
        Err(Error::new(
            ErrorKind::InvalidInput,
            format!("`{name}` is no name that Kubernetes takes"),
        )
        .with_hint("use lower-case letters, digits and dashes, at most 63 characters"))
    }
}

/// One of the requests and limits that a container gets, from two amounts.
fn resources(memory: Option<&str>, cpu: Option<&str>) -> Option<Value> {
    let mut requests = json!({});
    let mut limits = json!({});
    if let Some(memory) = memory {
        requests["memory"] = json!(memory);
        limits["memory"] = json!(memory);
    }
    if let Some(cpu) = cpu {
        requests["cpu"] = json!(cpu);
    }
    let mut all = json!({"requests": requests});
    if memory.is_some() {
        all["limits"] = limits;
    }
    (memory.is_some() || cpu.is_some()).then_some(all)
}

/// A container as a sentence describes it.
fn container(name: &str, parts: &Parts) -> Value {
    let mut container = json!({"name": name, "image": parts.image});
    if let Some(port) = parts.port {
        container["ports"] = json!([{"containerPort": port}]);
    }
    if !parts.env.is_empty() {
        container["env"] = parts
            .env
            .iter()
            .map(|(key, value)| json!({"name": key, "value": value}))
            .collect();
    }
    if let Some(resources) = resources(parts.memory, parts.cpu) {
        container["resources"] = resources;
    }
    if let Some(command) = parts.command.filter(|command| !command.is_empty()) {
        container["command"] = json!(command);
    }
    container
}

/// What a sentence says about a container.
struct Parts<'a> {
    image: &'a str,
    port: Option<u16>,
    env: &'a Map<String, Value>,
    memory: Option<&'a str>,
    cpu: Option<&'a str>,
    command: Option<&'a [String]>,
}

/// Image, port, settings and sizes from a sentence.
fn fill_container(question: &Question, args: &mut Map<String, Value>) {
    let image = said::image(question).or_else(|| {
        let words: Vec<&str> = said::typed(question).collect();
        words.windows(2).find_map(|pair| match pair {
            [cue, image]
                if matches!(
                    cue.to_lowercase().as_str(),
                    "image" | "running" | "from" | "using" | "runs" | "run"
                ) && !matches!(
                    image.to_lowercase().as_str(),
                    "the" | "a" | "an" | "image" | "with" | "in" | "and" | "of"
                ) =>
            {
                Some((*image).to_owned())
            }
            _ => None,
        })
    });
    if let Some(image) = image {
        said::set(args, "image", image);
    }
    if let Some(port) = said::number_after(question, &["port", "ports", "port:"]) {
        said::set(args, "port", port);
    }
    let env: Map<String, Value> = said::pairs(question)
        .into_iter()
        .map(|(key, value)| (key, json!(value)))
        .collect();
    if !env.is_empty() {
        said::set(args, "env", Value::Object(env));
    }
    if let Some((_, memory)) = said::sizes(&question.text).first() {
        said::set(args, "memory", memory.as_str());
    }
    if let Some((_, cpu)) = said::shares(&question.text).first() {
        said::set(args, "cpu", cpu.as_str());
    }
    fill_name(question, args);
}

/// A name that is there already, said where a new one stands: the server says that it is taken.
fn fill_name(question: &Question, args: &mut Map<String, Value>) {
    if let Some(name) = &question.fresh {
        said::set(args, "name", name.as_str());
    }
}
