//! A Deployment and a new image in, a small Deployment beside it whose pods the same Services reach out.

use async_trait::async_trait;
use jamie_core::{Error, ErrorKind, ObjectRef, Phrase, Quantity, Question, Result, ToolContext, tool::Fill};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    super::{containers::choose, text, the},
    Act, called,
    deployment::count_of,
    fill_name, lacking, making, phrases, said,
};
use crate::{
    acting::{Draft, Goal},
    cluster::{Cluster, Freshness},
    snapshot::matches_labels,
    wording,
};

pub(in crate::tools::act) struct CreateCanary;

/// The label that tells a canary's pods from the others.
const TRACK: &str = "track";

/// Beside what, and how large.
#[derive(Debug, Deserialize, JsonSchema)]
pub(in crate::tools::act) struct Args {
    /// The Deployment.
    #[schemars(extend("x-slot" = "target", "x-kinds" = ["Deployment"]))]
    target: ObjectRef,
    /// The image to try.
    image: Option<String>,
    /// Only another tag of the image that is there.
    tag: Option<String>,
    /// How many replicas.
    replicas: Option<u32>,
    /// Instead of that: so many per cent of all pods.
    percent: Option<f64>,
    /// The container, where there are several.
    container: Option<String>,
    /// The canary's name.
    name: Option<String>,
}

#[async_trait]
impl Act for CreateCanary {
    type Args = Args;
    const NAME: &'static str = "create_canary";
    const DESCRIPTION: &'static str =
        "Creates a canary beside a Deployment: a few pods with another image, reached by the same Services.";
    const EXAMPLE: &'static str = "create a canary of web with image shop/web:2.0 and 1 replica";
    const FILL: Option<Fill> = Some(fill);

    fn phrases() -> Vec<Phrase> {
        phrases(&[
            "create a canary of {target}",
            "create a canary for {target}",
            "create a canary of {target} with image",
            "create a canary deployment of {target} with {count} replicas",
            "create a canary beside {target}",
            "make a canary of {target}",
            "canary {target}",
            "canary {target} with the version",
            "start a canary of {target} with {count} of the traffic",
            "run a canary of {target}",
        ])
    }

    async fn draft(cluster: &Cluster, _context: &ToolContext, args: Args) -> Result<Draft> {
        let stable = &args.target;
        if stable.kind != "Deployment" {
            return Err(super::super::unfit(stable, "given a canary", "Deployments"));
        }
        let object = the(cluster, stable).await?;
        let main = choose(stable, &object, args.container.as_deref(), |_| false)?;
        let (container, had) = (text(main, "/name").to_owned(), text(main, "/image").to_owned());
        let image = match (&args.image, &args.tag) {
            (Some(image), _) => image.clone(),
            (None, Some(tag)) => {
                let stem = had.split('@').next().unwrap_or(&had);
                let slash = stem.rfind('/').unwrap_or(0);
                let stem = match stem.rfind(':') {
                    Some(colon) if colon > slash => stem.get(..colon).unwrap_or(stem),
                    _ => stem,
                };
                format!("{stem}:{tag}")
            }
            (None, None) => {
                return Err(lacking(
                    format!("which image shall the canary of {stable} try? {stable} runs `{had}`"),
                    "say: with image NAME:TAG, or with version TAG",
                ));
            }
        };
        let has = object
            .pointer("/spec/replicas")
            .and_then(Value::as_i64)
            .unwrap_or(1);
        let replicas = match (args.replicas, args.percent) {
            (Some(replicas), _) => i64::from(replicas),
            (None, Some(percent)) if percent > 0.0 && percent < 100.0 => {
                // So many that they are that share of all pods together.
                let share = percent / 100.0;
                ((has as f64 * share / (1.0 - share)).round() as i64).max(1)
            }
            (None, Some(_)) => {
                return Err(lacking(
                    "what share of the pods?",
                    "say a number of per cent below 100",
                ));
            }
            (None, None) => 1,
        };
        let name = called(
            Some(
                args.name
                    .clone()
                    .unwrap_or_else(|| format!("{}-canary", stable.name)),
            ),
            "canary",
        )?;
        let namespace = stable.namespace.clone().unwrap_or_default();
        let target = ObjectRef::namespaced("Deployment", namespace.clone(), name.clone());
        let body = body(stable, &object, &target, &container, &image, replicas)?;
        let reached = reached(cluster, stable, &body).await?;
        let mut draft = making(
            cluster,
            format!(
                "Create a canary of {stable}: {} of `{image}` as {target}",
                wording::count(replicas as usize, "replica")
            ),
            json!({
                "target": stable, "image": image, "replicas": replicas, "container": container, "name": name,
            }),
            target.clone(),
            body,
            Goal::RolledOut { object: target },
        )
        .await?;
        let share = replicas * 100 / (replicas + has).max(1);
        draft.impact.push(if reached.is_empty() {
            "No Service reaches it: it gets no traffic.".to_owned()
        } else {
            format!(
                "{} send about {share} % of the traffic to it.",
                wording::list(&reached, 4)
            )
        });
        Ok(draft)
    }
}

/// The stable Deployment's manifest with the canary's name, labels, image and number.
fn body(
    stable: &ObjectRef,
    object: &Value,
    target: &ObjectRef,
    container: &str,
    image: &str,
    replicas: i64,
) -> Result<Value> {
    let mut template = object.pointer("/spec/template").cloned().unwrap_or_default();
    for one in template
        .pointer_mut("/spec/containers")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        if text(one, "/name") == container {
            one["image"] = json!(image);
        }
    }
    // The stable Deployment must not take the canary's pods for its own: where its selector would match them, one of
    // its labels has to differ.
    let selector = object
        .pointer("/spec/selector/matchLabels")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    let labels = template
        .pointer("/metadata/labels")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    let mut own = labels;
    own.insert(TRACK.to_owned(), json!("canary"));
    template["metadata"]["labels"] = Value::Object(own.clone());
    let mut matches: Map<String, Value> = selector;
    matches.insert(TRACK.to_owned(), json!("canary"));
    if matches.iter().any(|(key, value)| own.get(key) != Some(value)) {
        return Err(Error::new(
            ErrorKind::Unsupported,
            format!("{stable} has a selector that I cannot build a canary from"),
        )
        .with_hint("apply a manifest of the canary instead"));
    }
    if let Some(metadata) = template.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.remove("creationTimestamp");
    }
    Ok(json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": target.name, "namespace": target.namespace, "labels": own},
        "spec": {"replicas": replicas, "selector": {"matchLabels": matches}, "template": template},
    }))
}

/// The Services that would reach pods of this template.
async fn reached(cluster: &Cluster, stable: &ObjectRef, body: &Value) -> Result<Vec<String>> {
    let snapshot = cluster.snapshot(Freshness::Recent).await?;
    let labels = body
        .pointer("/spec/template/metadata/labels")
        .and_then(|labels| serde_json::from_value(labels.clone()).ok())
        .unwrap_or_default();
    Ok(snapshot
        .services_in(stable.namespace.as_deref().unwrap_or_default())
        .filter(|service| {
            let selector = service.spec.as_ref().and_then(|spec| spec.selector.as_ref());
            selector.is_some_and(|one| !one.is_empty() && matches_labels(one, Some(&labels)))
        })
        .filter_map(|service| Some(format!("Service `{}`", service.metadata.name.as_deref()?)))
        .collect())
}

fn fill(question: &Question, args: &mut Map<String, Value>) {
    if let Some(image) = said::image(question) {
        said::set(args, "image", image);
    } else if let Some(tag) = said::tag(question) {
        said::set(args, "tag", tag);
    }
    let percent = question.quantities.iter().find_map(|one| match one {
        Quantity::Percent(percent) => Some(*percent),
        _ => None,
    });
    if let Some(percent) = percent {
        said::set(args, "percent", percent);
    } else if let Some(replicas) = count_of(question, &["replica", "replicas", "pods", "pod", "instances"]) {
        said::set(args, "replicas", replicas);
    }
    if let Some(container) = said::container(question) {
        said::set(args, "container", container);
    }
    fill_name(question, args);
}
