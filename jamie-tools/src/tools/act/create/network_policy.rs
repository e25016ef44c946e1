//! Who may talk to whom in, a NetworkPolicy out.

use async_trait::async_trait;
use jamie_core::{ObjectRef, Phrase, Question, Result, ToolContext, tool::Fill};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    super::{containers::template_pointer, text, the},
    Act, called, fill_name, lacking, making, phrases, place, said,
};
use crate::{
    acting::{Draft, Goal},
    cluster::Cluster,
};

pub(in crate::tools::act) struct CreateNetworkPolicy;

/// Who may, and whom it is about.
#[derive(Debug, Deserialize, JsonSchema)]
pub(in crate::tools::act) struct Args {
    /// Whose traffic is allowed.
    #[schemars(extend("x-slot" = "target"))]
    from: Option<ObjectRef>,
    /// Who is reached.
    #[schemars(extend("x-slot" = "second_target"))]
    to: Option<ObjectRef>,
    /// Only on this port.
    port: Option<u16>,
    /// Instead: nothing may come in, to all pods or to those of one app.
    #[serde(default)]
    deny_all: bool,
    /// Where.
    #[schemars(extend("x-slot" = "namespace"))]
    namespace: Option<String>,
    /// The name; one that tells what it does where none is given.
    #[schemars(extend("x-slot" = "fresh"))]
    name: Option<String>,
}

#[async_trait]
impl Act for CreateNetworkPolicy {
    type Args = Args;
    const NAME: &'static str = "create_network_policy";
    const DESCRIPTION: &'static str =
        "Creates a NetworkPolicy: nothing may come in, or one app may reach another, on a port.";
    const EXAMPLE: &'static str = "create a network policy that allows web to reach api on port 8080";
    const FILL: Option<Fill> = Some(fill);

    fn phrases() -> Vec<Phrase> {
        phrases(&[
            "create a networkpolicy",
            "create a networkpolicy in {namespace}",
            "create a networkpolicy that denies all traffic in {namespace}",
            "create a deny all networkpolicy in {namespace}",
            "create a networkpolicy that allows {target} to reach {target}",
            "create a networkpolicy that allows traffic from {target} to {target} on port",
            "create a networkpolicy for {target}",
            "add a networkpolicy",
            "block all traffic in {namespace} with a networkpolicy",
            "deny all incoming traffic in {namespace}",
            "isolate {namespace}",
            "make a networkpolicy that only lets {target} reach {target}",
        ])
    }

    async fn draft(cluster: &Cluster, context: &ToolContext, args: Args) -> Result<Draft> {
        // With one name only, a denial is about it, and so is an allowance: from whom is not said then.
        let (from, to) = match (args.from, args.to) {
            (Some(only), None) if args.deny_all => (None, Some(only)),
            other => other,
        };
        if !args.deny_all && (from.is_none() || to.is_none()) {
            return Err(lacking(
                "who may reach whom?",
                "say: allow web to reach api on port 8080, or: deny all traffic in shop",
            ));
        }
        let near = to.as_ref().and_then(|to| to.namespace.clone());
        let place = place(cluster, context, near.or(args.namespace)).await?;
        let selector = match &to {
            Some(to) => labels(cluster, to).await?,
            None => json!({}),
        };
        let (title, name, ingress, args) = if let (Some(from), Some(to), false) = (&from, &to, args.deny_all)
        {
            let mut peer = json!({"podSelector": {"matchLabels": labels(cluster, from).await?}});
            if let Some(namespace) = from.namespace.as_deref().filter(|namespace| *namespace != place) {
                peer["namespaceSelector"] =
                    json!({"matchLabels": {"kubernetes.io/metadata.name": namespace}});
            }
            let mut rule = json!({"from": [peer]});
            if let Some(port) = args.port {
                rule["ports"] = json!([{"protocol": "TCP", "port": port}]);
            }
            let on = args
                .port
                .map_or_else(String::new, |port| format!(" on port {port}"));
            let name = args
                .name
                .unwrap_or_else(|| format!("allow-{}-to-{}", from.name, to.name));
            (
                format!("Allow {from} to reach {to}{on}, and nobody else whom no other policy allows"),
                name.clone(),
                json!([rule]),
                json!({"from": from, "to": to, "port": args.port, "namespace": place, "name": name}),
            )
        } else {
            let whom = to
                .as_ref()
                .map_or_else(|| format!("all pods in `{place}`"), ToString::to_string);
            let name = args.name.unwrap_or_else(|| match &to {
                Some(to) => format!("deny-all-to-{}", to.name),
                None => "deny-all".to_owned(),
            });
            (
                format!("Let nothing come in to {whom}"),
                name.clone(),
                json!([]),
                json!({"to": to, "deny_all": true, "namespace": place, "name": name}),
            )
        };
        let name = called(Some(name), "network policy")?;
        let target = ObjectRef::namespaced("NetworkPolicy", place.clone(), name.clone());
        let selector = if selector.as_object().is_some_and(Map::is_empty) {
            json!({})
        } else {
            json!({"matchLabels": selector})
        };
        let body = json!({
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": {"name": name, "namespace": place},
            "spec": {"podSelector": selector, "policyTypes": ["Ingress"], "ingress": ingress},
        });
        let goal = Goal::Present {
            objects: vec![target.clone()],
        };
        let mut draft = making(cluster, title, args, target, body, goal).await?;
        draft.warnings.push(
            "Traffic that worked without being allowed anywhere stops at once for the pods it picks."
                .to_owned(),
        );
        Ok(draft)
    }
}

/// The labels that an app's pods go by.
async fn labels(cluster: &Cluster, target: &ObjectRef) -> Result<Value> {
    let object = the(cluster, target).await?;
    let pointer = match target.kind.as_str() {
        "Service" => "/spec/selector".to_owned(),
        "Pod" => "/metadata/labels".to_owned(),
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" => "/spec/selector/matchLabels".to_owned(),
        kind => format!(
            "{}/metadata/labels",
            template_pointer(kind).unwrap_or("/spec/template")
        ),
    };
    let mut found = object.pointer(&pointer).cloned().unwrap_or_default();
    if let Some(labels) = found.as_object_mut() {
        labels.retain(|key, _| !key.contains("hash") && !key.contains("pod-name"));
    }
    if found.as_object().is_none_or(Map::is_empty) {
        return Err(lacking(
            format!(
                "the pods of {} `{}` have no labels to pick them by",
                target.kind,
                text(&object, "/metadata/name")
            ),
            "give its pods a label, like app",
        ));
    }
    Ok(found)
}

fn fill(question: &Question, args: &mut Map<String, Value>) {
    if let Some(port) = said::number_after(question, &["port", "ports"]) {
        said::set(args, "port", port);
    }
    let denies = said::has(
        question,
        &[
            "deny", "denies", "denying", "block", "blocks", "forbid", "isolate", "deny-all",
        ],
    );
    if denies {
        said::set(args, "deny_all", true);
    }
    fill_name(question, args);
}
