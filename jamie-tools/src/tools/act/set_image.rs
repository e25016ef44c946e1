//! A workload and an image, or a tag of the one it has, in; the change of a container's image out.

use async_trait::async_trait;
use jamie_core::{ObjectRef, Phrase, Question, Result, ToolContext, tool::Fill};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    Act, containers,
    containers::{choose, template_patch},
    lacking, phrases, said, text, the,
};
use crate::{
    acting::{Draft, Goal, Operation, Write},
    cluster::Cluster,
};

pub(super) struct SetImage;

/// Of what, and which.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Args {
    /// The Deployment, StatefulSet, DaemonSet or CronJob.
    #[schemars(extend("x-slot" = "target", "x-kinds" = ["Deployment", "StatefulSet", "DaemonSet", "CronJob"]))]
    target: ObjectRef,
    /// The image, with its tag: `registry/shop/web:1.4.2`.
    image: Option<String>,
    /// Only another tag of the image that is there.
    tag: Option<String>,
    /// The container, where there are several.
    container: Option<String>,
}

#[async_trait]
impl Act for SetImage {
    type Args = Args;
    const NAME: &'static str = "set_image";
    const DESCRIPTION: &'static str = "Sets the image, or the image's tag, of a container of a workload.";
    const EXAMPLE: &'static str = "set the image of web to shop/web:1.4.2";
    const FILL: Option<Fill> = Some(fill);

    fn phrases() -> Vec<Phrase> {
        phrases(&[
            "set the image of {target}",
            "change the image of {target}",
            "update the image of {target}",
            "update {target} to version",
            "upgrade {target} to version",
            "bump {target} to version",
            "deploy version of {target}",
            "deploy {target} version",
            "deploy {image} to {target}",
            "set the image of {target} to {image}",
            "update {target} to {image}",
            "upgrade {target} to {image}",
            "bump {target} to {image}",
            "roll out {image} on {target}",
            "use tag for {target}",
            "set the tag of {target}",
            "switch {target} to image",
            "run image in {target}",
        ])
    }

    async fn draft(cluster: &Cluster, _context: &ToolContext, args: Args) -> Result<Draft> {
        let target = &args.target;
        let object = the(cluster, target).await?;
        let wanted = args.image.as_deref();
        let container = choose(target, &object, args.container.as_deref(), |one| {
            wanted.is_some_and(|image| repository(image) == repository(text(one, "/image")))
        })?;
        let (name, had) = (text(container, "/name"), text(container, "/image"));
        let image = match (wanted, &args.tag) {
            (Some(image), _) => image.to_owned(),
            (None, Some(tag)) => format!("{}:{tag}", repository(had)),
            (None, None) => {
                return Err(lacking(
                    format!("which image shall `{name}` of {target} run? It runs `{had}`"),
                    format!(
                        "for instance: set the image of {} to {}:NEW",
                        target.name,
                        repository(had)
                    ),
                ));
            }
        };
        if image == had {
            return Err(lacking(
                format!("`{name}` of {target} runs `{had}` already"),
                "to pull it anew, ask for a restart",
            ));
        }
        let body = template_patch(&target.kind, json!([{"name": name, "image": image}]));
        let operation = Operation::on(cluster, target, Write::Strategic { body }).await?;
        let mut draft = Draft::new(
            format!("Set the image of `{name}` in {target} from `{had}` to `{image}`"),
            json!({"target": target, "image": image, "container": name}),
            vec![operation],
            effect(target, &object, name, "image", json!(image)),
        )
        .undone_by(
            Self::NAME,
            json!({"target": target, "image": had, "container": name}),
            format!("`{name}` ran `{had}` before"),
        );
        if repository(&image) != repository(had) {
            draft.warnings.push(format!(
                "This is another image, not another version of `{}`.",
                repository(had)
            ));
        }
        if tag(&image).is_none_or(|tag| tag == "latest") {
            draft.warnings.push(format!(
                "`{image}` names no fixed version: what runs may change without anybody changing it here."
            ));
        }
        Ok(draft)
    }
}

/// What should hold once a container of a template was changed.
pub(super) fn effect(target: &ObjectRef, object: &Value, container: &str, field: &str, value: Value) -> Goal {
    let paused = object.pointer("/spec/paused") == Some(&Value::Bool(true));
    if matches!(target.kind.as_str(), "Deployment" | "StatefulSet" | "DaemonSet") && !paused {
        return Goal::RolledOut {
            object: target.clone(),
        };
    }
    let template = containers::template_pointer(&target.kind).unwrap_or("/spec/template");
    let at = containers::containers(target, object)
        .unwrap_or_default()
        .iter()
        .position(|one| text(one, "/name") == container)
        .unwrap_or(0);
    Goal::Reads {
        object: target.clone(),
        pointer: format!("{template}/spec/containers/{at}/{field}"),
        value,
    }
}

/// An image without its tag and digest.
fn repository(image: &str) -> &str {
    let image = image.split('@').next().unwrap_or(image);
    let slash = image.rfind('/').unwrap_or(0);
    match image.rfind(':') {
        Some(colon) if colon > slash => image.get(..colon).unwrap_or(image),
        _ => image,
    }
}

/// Its tag, or its digest.
fn tag(image: &str) -> Option<&str> {
    if let Some((_, digest)) = image.split_once('@') {
        return Some(digest);
    }
    image
        .get(repository(image).len()..)
        .and_then(|rest| rest.strip_prefix(':'))
}

fn fill(question: &Question, args: &mut Map<String, Value>) {
    if let Some(image) = said::image(question) {
        said::set(args, "image", image);
    } else if let Some(tag) = said::tag(question) {
        said::set(args, "tag", tag);
    }
    if let Some(container) = said::container(question) {
        said::set(args, "container", container);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_taken_apart() {
        assert_eq!(repository("host:5000/shop/web:1.4"), "host:5000/shop/web");
        assert_eq!(repository("host:5000/shop/web"), "host:5000/shop/web");
        assert_eq!(tag("web:1.4"), Some("1.4"));
        assert_eq!(tag("host:5000/web"), None);
        assert_eq!(tag("web@sha256:ab"), Some("sha256:ab"));
    }
}
