//! A verb and a resource in; everybody whom roles and bindings let do it out.

use std::collections::BTreeSet;

use jamie_core::{Result, ToolOutput};
use k8s_openapi::api::rbac::v1::{PolicyRule, Subject};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::Resource;
use crate::{cluster::Cluster, tools::table::table, wording};

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
pub(super) async fn who(
    cluster: &Cluster,
    verb: &str,
    resource: &Resource,
    place: Option<&str>,
) -> Result<ToolOutput> {
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
