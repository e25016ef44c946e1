//! A verb, a resource and perhaps somebody in; whether they may, by the API server's own word, out.

use std::collections::BTreeSet;

use async_trait::async_trait;
use jamie_core::{
    Block, Error, ErrorKind, NextStep, ObjectRef, Phrase, Question, Result, Severity, ToolContext,
    ToolOutput, tool::Fill,
};
use k8s_openapi::api::{
    authorization::v1::{
        ResourceAttributes, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec, SubjectAccessReview,
        SubjectAccessReviewSpec, SubjectAccessReviewStatus,
    },
    rbac::v1::{PolicyRule, Subject},
};
use kube::api::{Api, PostParams};
use schemars::JsonSchema;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};
use tokio::time::timeout;

use super::{Look, findings, list, namespace, phrases, table::table};
use crate::{cluster::Cluster, diagnosis::Scope, wording};

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

/// The user whose permission is asked about.
async fn subject(cluster: &Cluster, args: &Args) -> Result<Option<String>> {
    if let Some(subject) = args.subject.clone().filter(|subject| !subject.is_empty()) {
        return Ok(Some(subject));
    }
    let Some(target) = &args.target else {
        return Ok(None);
    };
    let namespace = target.namespace.clone().unwrap_or_default();
    if target.kind == "ServiceAccount" {
        return Ok(Some(format!("system:serviceaccount:{namespace}:{}", target.name)));
    }
    let snapshot = cluster.snapshot(crate::cluster::Freshness::Recent).await?;
    let spec = match target.kind.as_str() {
        "Pod" => snapshot
            .pod(&namespace, &target.name)
            .and_then(|pod| pod.spec.clone()),
        _ => crate::template::template_of(&snapshot, target).and_then(|template| template.spec.clone()),
    };
    Ok(spec.map(|spec| {
        let account = spec
            .service_account_name
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| "default".to_owned());
        format!("system:serviceaccount:{namespace}:{account}")
    }))
}

async fn review(
    cluster: &Cluster,
    subject: Option<String>,
    attributes: ResourceAttributes,
) -> Result<SubjectAccessReviewStatus> {
    let late = || {
        Error::new(
            ErrorKind::Timeout,
            "the API server did not answer the access review in time",
        )
    };
    let status = if let Some(user) = subject {
        let mut groups = vec!["system:authenticated".to_owned()];
        if let Some(namespace) = user
            .strip_prefix("system:serviceaccount:")
            .and_then(|rest| rest.split(':').next())
        {
            groups.push("system:serviceaccounts".to_owned());
            groups.push(format!("system:serviceaccounts:{namespace}"));
        }
        let review = SubjectAccessReview {
            spec: SubjectAccessReviewSpec {
                user: Some(user),
                groups: Some(groups),
                resource_attributes: Some(attributes),
                ..SubjectAccessReviewSpec::default()
            },
            ..SubjectAccessReview::default()
        };
        let api: Api<SubjectAccessReview> = Api::all(cluster.client().clone());
        let answer = timeout(cluster.timeout(), api.create(&PostParams::default(), &review)).await;
        answer
            .map_err(|_| late())?
            .map_err(|error| cluster.explain(error))?
            .status
    } else {
        let review = SelfSubjectAccessReview {
            spec: SelfSubjectAccessReviewSpec {
                resource_attributes: Some(attributes),
                ..SelfSubjectAccessReviewSpec::default()
            },
            ..SelfSubjectAccessReview::default()
        };
        let api: Api<SelfSubjectAccessReview> = Api::all(cluster.client().clone());
        let answer = timeout(cluster.timeout(), api.create(&PostParams::default(), &review)).await;
        answer
            .map_err(|_| late())?
            .map_err(|error| cluster.explain(error))?
            .status
    };
    status.ok_or_else(|| {
        Error::new(
            ErrorKind::Unavailable,
            "the API server answered the access review with nothing",
        )
    })
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

async fn all<K: DeserializeOwned>(cluster: &Cluster, path: &str) -> Result<Vec<K>> {
    let list = cluster.read(path).await?;
    let items = list
        .get("items")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    Ok(items
        .into_iter()
        .filter_map(|item| serde_json::from_value(item).ok())
        .collect())
}

#[derive(Deserialize)]
struct Named {
    name: String,
    namespace: Option<String>,
}

#[derive(Deserialize)]
struct AnyRole {
    metadata: Named,
    #[serde(default)]
    rules: Option<Vec<PolicyRule>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AnyBinding {
    metadata: Named,
    #[serde(default)]
    subjects: Option<Vec<Subject>>,
    role_ref: RoleRef,
}

#[derive(Deserialize)]
struct RoleRef {
    kind: String,
    name: String,
}

/// Everybody whom roles and bindings let do it.
async fn who(cluster: &Cluster, verb: &str, resource: &Resource, place: Option<&str>) -> Result<ToolOutput> {
    const BASE: &str = "/apis/rbac.authorization.k8s.io/v1";
    let inside = place.map_or_else(String::new, |place| format!("/namespaces/{place}"));
    let (roles, cluster_roles, bindings, cluster_bindings) = (
        format!("{BASE}{inside}/roles?limit=5000"),
        format!("{BASE}/clusterroles?limit=5000"),
        format!("{BASE}{inside}/rolebindings?limit=5000"),
        format!("{BASE}/clusterrolebindings?limit=5000"),
    );
    let (roles, cluster_roles, bindings, cluster_bindings) = tokio::try_join!(
        all::<AnyRole>(cluster, &roles),
        all::<AnyRole>(cluster, &cluster_roles),
        all::<AnyBinding>(cluster, &bindings),
        all::<AnyBinding>(cluster, &cluster_bindings),
    )?;
    let grants =
        |rules: &Option<Vec<PolicyRule>>| rules.iter().flatten().any(|rule| allows(rule, verb, resource));
    let granting: BTreeSet<(Option<String>, String)> = roles
        .iter()
        .filter(|role| grants(&role.rules))
        .map(|role| (role.metadata.namespace.clone(), role.metadata.name.clone()))
        .chain(
            cluster_roles
                .iter()
                .filter(|role| grants(&role.rules))
                .map(|role| (None, role.metadata.name.clone())),
        )
        .collect();
    let mut rows: Vec<Vec<String>> = Vec::new();
    for binding in bindings.iter().chain(&cluster_bindings) {
        let of = if binding.role_ref.kind == "ClusterRole" {
            None
        } else {
            binding.metadata.namespace.clone()
        };
        if !granting.contains(&(of, binding.role_ref.name.clone())) {
            continue;
        }
        for subject in binding.subjects.iter().flatten() {
            let name = subject
                .namespace
                .as_ref()
                .map_or_else(|| subject.name.clone(), |own| format!("{own}/{}", subject.name));
            rows.push(vec![
                subject.kind.clone(),
                format!("`{name}`"),
                binding
                    .metadata
                    .namespace
                    .clone()
                    .unwrap_or_else(|| "everywhere".to_owned()),
                format!("{} `{}`", binding.role_ref.kind, binding.role_ref.name),
            ]);
        }
    }
    rows.sort();
    rows.dedup();
    // The control plane's own accounts may do everything; people ask about the others.
    let (system, people): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| {
        row.get(1)
            .is_some_and(|name| name.contains("system:") || name.contains("kube-system/"))
    });
    let where_ = place.map_or_else(String::new, |place| format!(" in `{place}`"));
    let names: Vec<String> = people
        .iter()
        .filter_map(|row| Some(format!("{} {}", row.first()?, row.get(1)?)))
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let mut output = ToolOutput {
        headline: if names.is_empty() {
            format!(
                "Nobody but the system's own accounts may {verb} `{}`{where_} by RBAC.",
                resource.text()
            )
        } else {
            format!(
                "{} may {verb} `{}`{where_}: {}.",
                wording::count(names.len(), "subject"),
                resource.text(),
                wording::list(&names, 6)
            )
        },
        facts: json!({"subjects": names}),
        ..ToolOutput::default()
    };
    output
        .blocks
        .extend(table(&["Kind", "Who", "Where", "Through"], people, "grant"));
    if !system.is_empty() {
        output.notes.push(format!(
            "I left out {} to the system's own accounts.",
            wording::count(system.len(), "grant")
        ));
    }
    Ok(output)
}

fn allows(rule: &PolicyRule, verb: &str, resource: &Resource) -> bool {
    let holds = |list: Option<&Vec<String>>, wanted: &str| {
        list.is_some_and(|list| list.iter().any(|one| one == "*" || one == wanted))
    };
    let full = resource.sub.as_ref().map_or_else(
        || resource.plural.clone(),
        |sub| format!("{}/{sub}", resource.plural),
    );
    rule.resource_names.as_ref().is_none_or(Vec::is_empty)
        && holds(Some(&rule.verbs), verb)
        && holds(rule.api_groups.as_ref(), &resource.group)
        && holds(rule.resources.as_ref(), &full)
}

fn fill(question: &Question, args: &mut Map<String, Value>) {
    const VERBS: [&str; 33] = [
        "get",
        "list",
        "watch",
        "create",
        "update",
        "patch",
        "delete",
        "read",
        "see",
        "view",
        "look",
        "show",
        "edit",
        "change",
        "modify",
        "write",
        "remove",
        "kill",
        "drop",
        "destroy",
        "make",
        "add",
        "deploy",
        "scale",
        "restart",
        "exec",
        "access",
        "describe",
        "run",
        "start",
        "impersonate",
        "bind",
        "evict",
    ];
    super::overview::place(question, args);
    let words: Vec<&str> = question.words.iter().map(String::as_str).collect();
    if let Some(verb) = words.iter().find(|word| VERBS.contains(word)) {
        args.insert("verb".to_owned(), json!(verb));
        if *verb == "exec" {
            args.insert("resource".to_owned(), json!("pods/exec"));
        }
    }
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
    if has(&["logs", "log"]) {
        args.insert("resource".to_owned(), json!("pods/log"));
    } else if let Some(kind) = question.kind.as_ref().filter(|kind| *kind != "ServiceAccount") {
        args.entry("resource".to_owned()).or_insert_with(|| json!(kind));
    }
    if let Some(user) = question
        .text
        .split_whitespace()
        .find(|word| word.starts_with("system:"))
    {
        args.insert(
            "subject".to_owned(),
            json!(user.trim_end_matches(['?', ',', '.', '!'])),
        );
    }
    // "May I …": what is named is what is acted on, not who acts.
    let own = has(&["i", "me", "my", "we", "us"]);
    if own && let Some(target) = args.remove("target") {
        if let Some(name) = target.get("name") {
            args.insert("name".to_owned(), name.clone());
        }
        if let Some(kind) = target.get("kind") {
            args.entry("resource".to_owned()).or_insert_with(|| kind.clone());
        }
        if let Some(place) = target.get("namespace").filter(|place| !place.is_null()) {
            args.entry("namespace".to_owned())
                .or_insert_with(|| place.clone());
        }
    }
    if has(&["who"]) {
        args.insert("who".to_owned(), json!(true));
    }
}
