//! A verb, a resource and perhaps somebody in; whether they may, by the API server's own word, out.

use async_trait::async_trait;
use jamie_core::{Block, NextStep, ObjectRef, Phrase, Result, Severity, ToolContext, ToolOutput, tool::Fill};
use k8s_openapi::api::authorization::v1::{ResourceAttributes, SubjectAccessReviewStatus};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use self::{
    fill::fill,
    review::{review, subject},
    who::who,
};
use super::{Look, findings, list, namespace, phrases};
use crate::{cluster::Cluster, diagnosis::Scope, wording};

mod fill;
mod review;
mod who;

pub(super) struct CanI;

/// Who may do what where.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Args {
    /// The verb: get, list, watch, create, update, patch, delete.
    #[serde(default = "get")]
    verb: String,
    /// The resource, by kind or plural: `pods`, `Deployment`, `pods/log`.
    #[serde(default = "pods")]
    resource: String,
    /// Only this object.
    name: Option<String>,
    /// The namespace; the whole cluster without it.
    #[schemars(extend("x-slot" = "namespace"))]
    namespace: Option<String>,
    /// Whose permission: a user's name, or `system:serviceaccount:NAMESPACE:NAME`; your own without it.
    subject: Option<String>,
    /// A service account, or a workload whose account is meant.
    #[schemars(extend("x-slot" = "target"))]
    target: Option<ObjectRef>,
    /// Who all may.
    #[serde(default)]
    who: bool,
}

fn get() -> String {
    "get".to_owned()
}

fn pods() -> String {
    "pods".to_owned()
}

#[async_trait]
impl Look for CanI {
    type Args = Args;
    const NAME: &'static str = "can_i";
    const DESCRIPTION: &'static str = "Whether you, somebody else or a service account may do something, or who all may, by the API server's word.";
    const EXAMPLE: &'static str = "may I delete pods in staging?";
    const FILL: Option<Fill> = Some(fill);

    fn phrases() -> Vec<Phrase> {
        let mut all = phrases(&[
            "may I delete {kind}",
            "can I delete {kind} in {namespace}",
            "am I allowed to list {kind}",
            "am I allowed to restart {kind}",
            "can I create {kind}",
            "do I have permission to edit {kind}",
            "do I have access to {kind}",
            "what am I allowed to do",
            "my permissions",
            "may {target} list {kind}",
            "can the service account {target} get {kind}",
            "is {target} allowed to read {kind}",
            "permissions of {target}",
            "rbac of {target}",
            "why is {target} forbidden",
        ]);
        for text in [
            "who can delete {kind}",
            "who may read {kind}",
            "who is allowed to create {kind} in {namespace}",
            "who has access to {kind}",
        ] {
            all.push(Phrase::with(text, json!({"who": true})));
        }
        all
    }

    async fn look(cluster: &Cluster, context: &ToolContext, args: Args) -> Result<ToolOutput> {
        let place = namespace(args.namespace.clone(), context);
        let verb = verb(&args.verb);
        let resource = resource(cluster, &args.resource).await?;
        if args.who {
            return who(cluster, &verb, &resource, place.as_deref()).await;
        }
        let subject = subject(cluster, &args).await?;
        let attributes = ResourceAttributes {
            verb: Some(verb.clone()),
            group: Some(resource.group.clone()),
            resource: Some(resource.plural.clone()),
            subresource: resource.sub.clone(),
            namespace: place.clone(),
            name: args.name.clone(),
            ..ResourceAttributes::default()
        };
        let status = review(cluster, subject.clone(), attributes).await?;
        let mut output = told(
            &args,
            &verb,
            &resource,
            place.as_deref(),
            subject.as_deref(),
            &status,
        );
        // Allowed, and yet it may fail: a webhook, a quota, a namespace that goes away.
        if status.allowed
            && matches!(verb.as_str(), "create" | "update" | "patch" | "*")
            && let Some(place) = place
        {
            findings::bring(cluster, &mut output, &Scope::Namespace(place), Severity::Error).await?;
        }
        Ok(output)
    }
}

/// A resource as RBAC names it.
struct Resource {
    group: String,
    plural: String,
    sub: Option<String>,
}

impl Resource {
    fn text(&self) -> String {
        let mut text = self.plural.clone();
        if let Some(sub) = &self.sub {
            text.push('/');
            text.push_str(sub);
        }
        if !self.group.is_empty() {
            text.push('.');
            text.push_str(&self.group);
        }
        text
    }
}

async fn resource(cluster: &Cluster, said: &str) -> Result<Resource> {
    let (word, sub) = said
        .split_once('/')
        .map_or((said, None), |(word, sub)| (word, Some(sub.to_owned())));
    if word == "*" {
        return Ok(Resource {
            group: "*".to_owned(),
            plural: "*".to_owned(),
            sub,
        });
    }
    let found = list::find_kind(cluster, word).await?;
    let group = found
        .base
        .strip_prefix("apis/")
        .and_then(|base| base.split('/').next())
        .unwrap_or_default();
    Ok(Resource {
        group: group.to_owned(),
        plural: found.plural,
        sub,
    })
}

/// The API's verb for what people say.
fn verb(said: &str) -> String {
    match said.to_lowercase().as_str() {
        "read" | "see" | "view" | "look" | "show" | "access" | "describe" => "get",
        "edit" | "change" | "modify" | "write" | "scale" | "restart" => "update",
        "remove" | "kill" | "drop" | "destroy" => "delete",
        "make" | "add" | "deploy" | "run" | "start" | "exec" => "create",
        other => return other.to_owned(),
    }
    .to_owned()
}

fn told(
    args: &Args,
    verb: &str,
    resource: &Resource,
    place: Option<&str>,
    subject: Option<&str>,
    status: &SubjectAccessReviewStatus,
) -> ToolOutput {
    let who = subject.map_or_else(|| "You".to_owned(), |subject| format!("`{subject}`"));
    let may = if status.allowed { "may" } else { "may not" };
    let place_text = place.map_or_else(
        || " in the whole cluster".to_owned(),
        |place| format!(" in `{place}`"),
    );
    let name = args
        .name
        .as_ref()
        .map_or_else(String::new, |name| format!(" `{name}`"));
    let why = status.reason.clone().filter(|reason| !reason.is_empty());
    let mut output = ToolOutput {
        headline: format!("{who} {may} {verb} `{}`{name}{place_text}.", resource.text()),
        good: Some(status.allowed),
        facts: json!({"allowed": status.allowed, "verb": verb, "resource": resource.text(), "namespace": place, "subject": subject}),
        ..ToolOutput::default()
    };
    if let Some(why) = why {
        output.blocks.push(Block::para(format!(
            "The API server says: {}.",
            wording::said(&why, 240)
        )));
    }
    let flags = place.map_or_else(|| " -A".to_owned(), |place| format!(" -n {place}"));
    let of = subject.map_or_else(String::new, |subject| format!(" --as={subject}"));
    if status.allowed {
        output.next.push(NextStep::command(
            "See everything that is allowed",
            format!("kubectl auth can-i --list{flags}{of}").replace(" -A", ""),
        ));
    } else {
        let account = subject
            .and_then(|subject| subject.strip_prefix("system:serviceaccount:"))
            .and_then(|rest| rest.split_once(':'));
        output.next.push(match (account, place) {
            (Some((own, account)), Some(place)) => NextStep::command(
                "Grant it with a role and a binding",
                format!(
                    "kubectl create role {account}-{verb}-{plural} -n {place} --verb={verb} --resource={resource} && kubectl create rolebinding {account}-{verb}-{plural} -n {place} --role={account}-{verb}-{plural} --serviceaccount={own}:{account}",
                    plural = resource.plural,
                    resource = resource.text()
                ),
            ),
            _ => NextStep::advice(format!("Ask whoever keeps the roles for `{verb}` on `{}`", resource.text())),
        });
    }
    output
}
