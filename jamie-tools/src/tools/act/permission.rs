//! Somebody, verbs and a kind in; the smallest Role that allows just that, and its binding, out.

use async_trait::async_trait;
use jamie_core::{Error, ErrorKind, ObjectRef, Phrase, Question, Result, ToolContext, tool::Fill};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{Act, delete::Delete, phrases, said, the};
use crate::{
    acting::{Draft, Goal, Operation, Write},
    cluster::Cluster,
    tools::{list, namespace},
    wording,
};

pub(super) struct GrantPermission;
pub(super) struct CreateRole;

/// Who gets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(super) struct Subject {
    /// `ServiceAccount`, `User` or `Group`.
    kind: String,
    /// The name.
    name: String,
    /// Of a ServiceAccount.
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
}

/// Who, what, and where.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Args {
    /// Who gets it.
    subject: Option<Subject>,
    /// What they may do: `get`, `list`, `delete`.
    #[serde(default)]
    verbs: Vec<String>,
    /// To what, in the plural: `pods`, `pods/log`, `deployments`.
    #[serde(default)]
    resources: Vec<String>,
    /// The API group of these, where it is not a usual kind.
    group: Option<String>,
    /// Only in this namespace.
    #[schemars(extend("x-slot" = "namespace"))]
    namespace: Option<String>,
    /// The role's name; one that tells what it allows where none is given.
    #[schemars(extend("x-slot" = "fresh"))]
    name: Option<String>,
}

const VERBS: [&str; 8] = [
    "get",
    "list",
    "watch",
    "create",
    "update",
    "patch",
    "delete",
    "deletecollection",
];

#[async_trait]
impl Act for GrantPermission {
    type Args = Args;
    const NAME: &'static str = "grant_permission";
    const DESCRIPTION: &'static str = "Grants somebody a missing permission in a namespace: the smallest Role that allows it, and its binding.";
    const EXAMPLE: &'static str = "allow the service account ci in shop to list pods";
    const FILL: Option<Fill> = Some(fill);

    fn phrases() -> Vec<Phrase> {
        phrases(&[
            "allow the service account {target} to list pods",
            "allow the service account {target} to read {kind} in {namespace}",
            "grant the service account permission to list {kind}",
            "grant {target} permission to read {kind}",
            "grant {target} the right to list {kind}",
            "give {target} that permission",
            "let {target} list {kind}",
            "let {target} list {kind} in {namespace}",
            "let {target} get and list {kind} in {namespace}",
            "grant permission to list {kind} in {namespace}",
            "give the service account permission to get {kind}",
            "give {target} access to {kind}",
            "let the service account {target} read {kind}",
            "let the service account {target} list pods in {namespace}",
            "permit the service account {target} to delete {kind}",
        ])
    }

    async fn draft(cluster: &Cluster, context: &ToolContext, args: Args) -> Result<Draft> {
        role(cluster, context, args, Self::NAME).await
    }
}

#[async_trait]
impl Act for CreateRole {
    type Args = Args;
    const NAME: &'static str = "create_role";
    const DESCRIPTION: &'static str = "Creates a Role, and binds it where somebody is named.";
    const EXAMPLE: &'static str = "create a role reader in shop that can get and list pods";
    const FILL: Option<Fill> = Some(fill);

    fn phrases() -> Vec<Phrase> {
        phrases(&[
            "create a role",
            "create a role that can get and list pods",
            "create a role in {namespace}",
            "create a role in {namespace} that allows to read {kind}",
            "create a role and binding",
            "create a role and a role binding for the service account",
            "make a role for the service account",
            "create a rolebinding for the user",
            "add a role that may list {kind}",
        ])
    }

    async fn draft(cluster: &Cluster, context: &ToolContext, args: Args) -> Result<Draft> {
        role(cluster, context, args, Self::NAME).await
    }
}

async fn role(cluster: &Cluster, context: &ToolContext, args: Args, tool: &str) -> Result<Draft> {
    let refuse = |text: String, hint: &str| Err(Error::new(ErrorKind::InvalidInput, text).with_hint(hint));
    if args.verbs.is_empty() {
        return refuse(
            "what shall be allowed?".to_owned(),
            "name the verbs, like get, list, create or delete",
        );
    }
    if args.resources.is_empty() {
        return refuse("to what?".to_owned(), "name the kind, like pods or deployments");
    }
    if let Some(verb) = args.verbs.iter().find(|verb| !VERBS.contains(&verb.as_str())) {
        return refuse(
            format!("I don't grant `{verb}`: it opens more than one door"),
            "name single verbs, like get, list, create or delete",
        );
    }
    if args.resources.iter().any(|resource| resource.contains('*')) {
        return refuse(
            "I don't grant everything at once".to_owned(),
            "name the kinds that are needed",
        );
    }
    if tool == GrantPermission::NAME && args.subject.is_none() {
        return refuse(
            "who shall be allowed that?".to_owned(),
            "name the service account, user or group",
        );
    }
    let place = namespace(args.namespace, context).or_else(|| {
        args.subject
            .as_ref()
            .and_then(|subject| subject.namespace.clone())
    });
    let Some(place) = place else {
        return refuse(
            "in which namespace?".to_owned(),
            "name the namespace that it is for",
        );
    };
    let subject = args.subject.map(|mut subject| {
        if subject.kind == "ServiceAccount" && subject.namespace.is_none() {
            subject.namespace = Some(place.clone());
        }
        subject
    });
    if let Some(subject) = &subject {
        if subject.name.starts_with("system:") {
            return refuse(
                format!(
                    "`{}` is a name of the cluster's own: I grant it nothing",
                    subject.name
                ),
                "name a service account, a user or a group of people",
            );
        }
        if subject.kind == "ServiceAccount" {
            let account = ObjectRef::namespaced(
                "ServiceAccount",
                subject.namespace.as_deref().unwrap_or(&place),
                subject.name.as_str(),
            );
            the(cluster, &account).await?;
        }
    }
    let (groups, resources) = groups(cluster, &args.resources, args.group.as_deref()).await?;
    let mut verbs = args.verbs.clone();
    verbs.sort_by_key(|verb| VERBS.iter().position(|one| one == verb));
    verbs.dedup();
    let name = args
        .name
        .unwrap_or_else(|| named(subject.as_ref(), &verbs, &resources));
    build(cluster, place, subject, (verbs, resources, groups), name).await
}

async fn build(
    cluster: &Cluster,
    place: String,
    subject: Option<Subject>,
    (verbs, resources, groups): (Vec<String>, Vec<String>, Vec<String>),
    name: String,
) -> Result<Draft> {
    const API: &str = "rbac.authorization.k8s.io/v1";
    let role = ObjectRef::namespaced("Role", place.clone(), name.clone());
    let body = json!({
        "apiVersion": API,
        "kind": "Role",
        "metadata": {"name": name, "namespace": place},
        "rules": [{"apiGroups": groups, "resources": resources, "verbs": verbs}],
    });
    let mut operations = vec![Operation::in_version(cluster, API, &role, Write::Create { body }).await?];
    let mut objects = vec![role];
    if let Some(subject) = &subject {
        let binding = ObjectRef::namespaced("RoleBinding", place.clone(), name.clone());
        let who = if subject.kind == "ServiceAccount" {
            json!({"kind": "ServiceAccount", "name": subject.name, "namespace": subject.namespace})
        } else {
            json!({"kind": subject.kind, "name": subject.name, "apiGroup": "rbac.authorization.k8s.io"})
        };
        let body = json!({
            "apiVersion": API,
            "kind": "RoleBinding",
            "metadata": {"name": name, "namespace": place},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name},
            "subjects": [who],
        });
        operations.push(Operation::in_version(cluster, API, &binding, Write::Create { body }).await?);
        objects.push(binding);
    }
    let what = format!(
        "{} {} in `{place}`",
        wording::list(&verbs, 8),
        wording::list(&resources, 6)
    );
    let title = match &subject {
        Some(subject) => format!("Allow {} `{}` to {what}", subject.kind, subject.name),
        None => format!("Create Role {place}/{name}, which allows to {what}"),
    };
    let mut draft = Draft::new(
        title,
        json!({
            "subject": subject, "verbs": verbs, "resources": resources, "group": groups.first(),
            "namespace": place, "name": name,
        }),
        operations,
        Goal::Present {
            objects: objects.clone(),
        },
    )
    .undone_by(
        Delete::NAME,
        json!({"targets": objects}),
        "the permission goes with the role",
    );
    draft.impact.push(match &subject {
        Some(subject) => format!(
            "{} `{}` may {what}, and nothing more than before elsewhere.",
            subject.kind, subject.name
        ),
        None => "A role alone allows nobody anything before it is bound.".to_owned(),
    });
    if resources.iter().any(|resource| resource == "secrets") {
        draft
            .warnings
            .push("Who may read Secrets of a namespace may act as anybody in it.".to_owned());
    }
    Ok(draft)
}

/// The API groups of the resources, and the resources as roles name them.
async fn groups(
    cluster: &Cluster,
    said: &[String],
    group: Option<&str>,
) -> Result<(Vec<String>, Vec<String>)> {
    let (mut groups, mut resources) = (Vec::new(), Vec::new());
    for one in said {
        let (plain, sub) = match one.split_once('/') {
            Some((plain, sub)) => (plain, Some(sub)),
            None => (one.as_str(), None),
        };
        let (of, plural) = if let Some(group) = group {
            (group.to_owned(), plain.to_owned())
        } else {
            let kind = list::find_kind(cluster, plain).await?;
            let of = kind
                .base
                .strip_prefix("apis/")
                .and_then(|base| base.split('/').next())
                .unwrap_or_default();
            (of.to_owned(), kind.plural.clone())
        };
        let resource = sub.map_or(plural.clone(), |sub| format!("{plural}/{sub}"));
        if !groups.contains(&of) {
            groups.push(of);
        }
        if !resources.contains(&resource) {
            resources.push(resource);
        }
    }
    Ok((groups, resources))
}

/// A name that tells what the role is for.
fn named(subject: Option<&Subject>, verbs: &[String], resources: &[String]) -> String {
    let mut name: String = subject
        .map(|subject| subject.name.as_str())
        .into_iter()
        .chain(verbs.iter().map(String::as_str))
        .chain(resources.iter().map(String::as_str))
        .collect::<Vec<_>>()
        .join("-")
        .to_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .take(60)
        .collect();
    while name.ends_with('-') {
        name.pop();
    }
    name
}

fn fill(question: &Question, args: &mut Map<String, Value>) {
    let words: Vec<String> = said::typed(question).map(str::to_lowercase).collect();
    let raw: Vec<&str> = said::typed(question).collect();
    let mut verbs: Vec<&str> = Vec::new();
    for word in &words {
        match word.as_str() {
            "read" | "view" | "see" | "reading" => verbs.extend(["get", "list", "watch"]),
            "write" | "edit" | "change" | "modify" => {
                verbs.extend(["get", "list", "watch", "create", "update", "patch"]);
            }
            "get" => verbs.push("get"),
            "list" => verbs.push("list"),
            "watch" => verbs.push("watch"),
            "update" => verbs.push("update"),
            "patch" => verbs.push("patch"),
            "delete" | "remove" => verbs.push("delete"),
            _ => {}
        }
    }
    // "Create a role" is no verb of the role's; "may create pods" is.
    let creates = words.windows(2).any(|pair| {
        matches!(pair, [before, word] if word == "create" && matches!(before.as_str(), "to" | "can" | "may" | "and" | "list" | "get"))
    });
    if creates {
        verbs.push("create");
    }
    let mut unique: Vec<&str> = Vec::new();
    for verb in verbs {
        if !unique.contains(&verb) {
            unique.push(verb);
        }
    }
    if !unique.is_empty() {
        said::set(args, "verbs", json!(unique));
    }
    let resources = resources(&words);
    if !resources.is_empty() {
        said::set(args, "resources", json!(resources));
    }
    if let Some(subject) = subject(question, &words, &raw) {
        said::set(args, "subject", json!(subject));
    }
}

/// Kinds that are named, as roles name them.
fn resources(words: &[String]) -> Vec<String> {
    const KNOWN: [(&str, &str); 32] = [
        ("pod", "pods"),
        ("pods", "pods"),
        ("logs", "pods/log"),
        ("log", "pods/log"),
        ("deployment", "deployments"),
        ("deployments", "deployments"),
        ("statefulsets", "statefulsets"),
        ("daemonsets", "daemonsets"),
        ("replicasets", "replicasets"),
        ("job", "jobs"),
        ("jobs", "jobs"),
        ("cronjobs", "cronjobs"),
        ("services", "services"),
        ("endpoints", "endpoints"),
        ("configmap", "configmaps"),
        ("configmaps", "configmaps"),
        ("secret", "secrets"),
        ("secrets", "secrets"),
        ("events", "events"),
        ("ingress", "ingresses"),
        ("ingresses", "ingresses"),
        ("pvcs", "persistentvolumeclaims"),
        ("persistentvolumeclaims", "persistentvolumeclaims"),
        ("networkpolicies", "networkpolicies"),
        ("hpas", "horizontalpodautoscalers"),
        ("autoscalers", "horizontalpodautoscalers"),
        ("leases", "leases"),
        ("serviceaccounts", "serviceaccounts"),
        ("cms", "configmaps"),
        ("deploys", "deployments"),
        ("poddisruptionbudgets", "poddisruptionbudgets"),
        ("budgets", "poddisruptionbudgets"),
    ];
    let mut found: Vec<String> = Vec::new();
    let mut keep = |resource: &str| {
        if !found.iter().any(|one| one == resource) {
            found.push(resource.to_owned());
        }
    };
    for (at, word) in words.iter().enumerate() {
        let next = words.get(at + 1).map_or("", String::as_str);
        match (word.as_str(), next) {
            ("config", "maps" | "map") => keep("configmaps"),
            ("cron", "jobs" | "job") => keep("cronjobs"),
            ("stateful", "sets") => keep("statefulsets"),
            ("daemon", "sets") => keep("daemonsets"),
            ("network", "policies") => keep("networkpolicies"),
            ("volume", "claims") => keep("persistentvolumeclaims"),
            ("service" | "pod" | "jobs" | "job", "account" | "accounts" | "logs" | "log") => {}
            ("jobs" | "job", _) if at > 0 && words.get(at - 1).is_some_and(|word| word == "cron") => {}
            _ => {
                if let Some((_, resource)) = KNOWN.iter().find(|(said, _)| said == word) {
                    keep(resource);
                }
            }
        }
    }
    found
}

/// "service account ci", "sa ci", "user jane", "group ops"; or an account that was recognised.
fn subject(question: &Question, words: &[String], raw: &[&str]) -> Option<Subject> {
    let known = question
        .targets
        .iter()
        .find(|target| target.object.kind == "ServiceAccount")
        .map(|target| Subject {
            kind: "ServiceAccount".to_owned(),
            name: target.object.name.clone(),
            namespace: target.object.namespace.clone(),
        });
    let named = |at: usize, kind: &str| {
        let name = raw.get(at)?;
        let plain = name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '@' | ':'));
        let is_name = plain
            && !matches!(
                words.get(at)?.as_str(),
                "to" | "in" | "of" | "for" | "that" | "called" | "named"
            );
        is_name.then(|| Subject {
            kind: kind.to_owned(),
            name: (*name).to_owned(),
            namespace: None,
        })
    };
    known
        .or_else(|| {
            (0..words.len()).find_map(|at| {
                let word = words.get(at).map_or("", String::as_str);
                let next = words.get(at + 1).map_or("", String::as_str);
                match (word, next) {
                    ("service", "account") => named(at + 2, "ServiceAccount"),
                    ("serviceaccount" | "sa", _) => named(at + 1, "ServiceAccount"),
                    ("user", _) => named(at + 1, "User"),
                    ("group", _) => named(at + 1, "Group"),
                    _ => None,
                }
            })
        })
        // A workload that lacks a right runs, as a rule, with an account of its own name.
        .or_else(|| {
            question
                .targets
                .iter()
                .find(|target| {
                    matches!(
                        target.object.kind.as_str(),
                        "Deployment" | "StatefulSet" | "DaemonSet" | "CronJob"
                    )
                })
                .map(|target| Subject {
                    kind: "ServiceAccount".to_owned(),
                    name: target.object.name.clone(),
                    namespace: target.object.namespace.clone(),
                })
        })
}
