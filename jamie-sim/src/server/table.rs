//! Tables as `kubectl get` shows them: a kind and an object go in, columns and cells come out,
//! with the headings and wording of the real server.

mod duration;
mod network;
mod nodes;
mod pods;
mod policy;
mod storage;
mod workloads;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::fields::text;
use super::resources::ResourceType;

pub(crate) use duration::{age, human};

/// A label selector as text.
pub(crate) fn selector_text(selector: &Value) -> String {
    if selector.get("matchLabels").is_none() && selector.get("matchExpressions").is_none() {
        return super::fields::pairs(selector, "")
            .map(|(key, value)| format!("{key}={value}"))
            .collect::<Vec<_>>()
            .join(",");
    }
    workloads::selector(selector)
}

/// Headings of a kind: plain ones, then the ones for wide output only.
struct Layout {
    plain: &'static [&'static str],
    wide: &'static [&'static str],
}

/// Makes the cells of one object.
type Cells = fn(&Value, Timestamp) -> Vec<Value>;

fn layout(kind: &ResourceType) -> Option<(Layout, Cells)> {
    let found: (&'static [&'static str], &'static [&'static str], Cells) =
        match (kind.group.as_str(), kind.plural.as_str()) {
            ("", "pods") => (pods::PLAIN, pods::WIDE, pods::cells),
            ("", "nodes") => (nodes::PLAIN, nodes::WIDE, nodes::cells),
            ("", "namespaces") => (&["Name", "Status", "Age"], &[], nodes::namespace),
            ("" | "events.k8s.io", "events") => (nodes::EVENT_PLAIN, nodes::EVENT_WIDE, nodes::event),
            ("apps", "deployments") => (workloads::DEPLOYMENT, workloads::IMAGES, workloads::deployment),
            ("apps", "replicasets") => (workloads::REPLICA_SET, workloads::IMAGES, workloads::replica_set),
            ("", "replicationcontrollers") => {
                (workloads::REPLICA_SET, workloads::IMAGES, workloads::replica_set)
            }
            ("apps", "statefulsets") => (
                &["Name", "Ready", "Age"],
                &["Containers", "Images"],
                workloads::stateful_set,
            ),
            ("apps", "daemonsets") => (workloads::DAEMON_SET, workloads::IMAGES, workloads::daemon_set),
            ("apps", "controllerrevisions") => (
                &["Name", "Controller", "Revision", "Age"],
                &[],
                workloads::revision,
            ),
            ("batch", "jobs") => (
                &["Name", "Status", "Completions", "Duration", "Age"],
                workloads::IMAGES,
                workloads::job,
            ),
            ("batch", "cronjobs") => (workloads::CRON_JOB, workloads::IMAGES, workloads::cron_job),
            ("autoscaling", _) => (workloads::AUTOSCALER, &[], workloads::autoscaler),
            ("", "services") => (network::SERVICE, &["Selector"], network::service),
            ("", "endpoints") => (&["Name", "Endpoints", "Age"], &[], network::endpoints),
            ("discovery.k8s.io", _) => (
                &["Name", "AddressType", "Ports", "Endpoints", "Age"],
                &[],
                network::slice,
            ),
            ("networking.k8s.io", "ingresses") => (network::INGRESS, &[], network::ingress),
            ("networking.k8s.io", "ingressclasses") => (
                &["Name", "Controller", "Parameters", "Age"],
                &[],
                network::ingress_class,
            ),
            ("networking.k8s.io", "networkpolicies") => {
                (&["Name", "Pod-Selector", "Age"], &[], network::policy)
            }
            ("", "configmaps") => (&["Name", "Data", "Age"], &[], storage::config_map),
            ("", "secrets") => (&["Name", "Type", "Data", "Age"], &[], storage::secret),
            ("", "persistentvolumeclaims") => (storage::CLAIM, &["VolumeMode"], storage::claim),
            ("", "persistentvolumes") => (storage::VOLUME, &["VolumeMode"], storage::volume),
            ("storage.k8s.io", "storageclasses") => (storage::CLASS, &[], storage::class),
            ("storage.k8s.io", "volumeattachments") => (
                &["Name", "Attacher", "PV", "Node", "Attached", "Age"],
                &[],
                storage::attachment,
            ),
            ("policy", "poddisruptionbudgets") => (policy::BUDGET, &[], policy::budget),
            ("", "resourcequotas") => (&["Name", "Request", "Limit", "Age"], &[], policy::quota),
            ("", "serviceaccounts") => (&["Name", "Secrets", "Age"], &[], policy::service_account),
            ("rbac.authorization.k8s.io", "rolebindings" | "clusterrolebindings") => (
                &["Name", "Role", "Age"],
                &["Users", "Groups", "ServiceAccounts"],
                policy::binding,
            ),
            ("scheduling.k8s.io", _) => (
                &["Name", "Value", "Global-Default", "Age", "PreemptionPolicy"],
                &[],
                policy::priority_class,
            ),
            ("apiregistration.k8s.io", _) => {
                (&["Name", "Service", "Available", "Age"], &[], policy::api_service)
            }
            ("coordination.k8s.io", _) => (&["Name", "Holder", "Age"], &[], policy::lease),
            (
                "admissionregistration.k8s.io",
                "mutatingwebhookconfigurations" | "validatingwebhookconfigurations",
            ) => (&["Name", "Webhooks", "Age"], &[], policy::webhook),
            _ => return None,
        };
    Some((
        Layout {
            plain: found.0,
            wide: found.1,
        },
        found.2,
    ))
}

/// The columns of a kind.
pub(crate) fn definitions(kind: &ResourceType) -> Vec<Value> {
    let column = |name: &str, priority: i64| {
        let format = if name == "Name" { "name" } else { "" };
        json!({"name": name, "type": "string", "format": format, "description": name, "priority": priority})
    };
    match layout(kind) {
        Some((layout, _)) => {
            let plain = layout.plain.iter().map(|name| column(name, 0));
            plain
                .chain(layout.wide.iter().map(|name| column(name, 1)))
                .collect()
        }
        None if !kind.columns.is_empty() => {
            let own = kind.columns.iter().map(|one| {
                json!({"name": one.name, "type": one.kind, "format": "", "description": one.name,
                    "priority": one.priority})
            });
            std::iter::once(column("Name", 0)).chain(own).collect()
        }
        None if is_dated(kind) => vec![column("Name", 0), column("Created At", 0)],
        None => vec![column("Name", 0), column("Age", 0)],
    }
}

/// The cells of an object, in the order of its columns.
pub(crate) fn cells(kind: &ResourceType, object: &Value, now: Timestamp) -> Vec<Value> {
    match layout(kind) {
        Some((_, cells)) => cells(object, now),
        None if !kind.columns.is_empty() => {
            let own = kind
                .columns
                .iter()
                .map(|one| custom(&one.kind, &one.path, object, now));
            std::iter::once(json!(name(object))).chain(own).collect()
        }
        None if is_dated(kind) => vec![
            json!(name(object)),
            json!(text(object, "/metadata/creationTimestamp")),
        ],
        None => vec![json!(name(object)), json!(age(object, now))],
    }
}

fn is_dated(kind: &ResourceType) -> bool {
    matches!(
        kind.plural.as_str(),
        "roles" | "clusterroles" | "customresourcedefinitions" | "limitranges"
    )
}

pub(crate) fn name(object: &Value) -> &str {
    text(object, "/metadata/name")
}

/// A cell of a custom type: a simple JSON path such as `.status.conditions[?(@.type=="Ready")].status`.
fn custom(kind: &str, path: &str, object: &Value, now: Timestamp) -> Value {
    let Some(found) = follow(path, object) else {
        return json!("");
    };
    match (kind, found) {
        ("date", Value::String(time)) => json!(human(time, now)),
        (_, Value::String(_) | Value::Number(_) | Value::Bool(_)) => found.clone(),
        (_, other) => json!(other.to_string()),
    }
}

fn follow<'a>(path: &str, object: &'a Value) -> Option<&'a Value> {
    let mut value = object;
    let mut rest = path.trim_start_matches('$');
    while !rest.is_empty() {
        if let Some(filter) = rest.strip_prefix("[?(@.") {
            let (test, after) = filter.split_once(")]")?;
            let (field, wanted) = test.split_once("==")?;
            let wanted = wanted.trim().trim_matches(['"', '\'']);
            value = value
                .as_array()?
                .iter()
                .find(|one| text(one, &format!("/{}", field.trim())) == wanted)?;
            rest = after;
        } else if let Some(index) = rest.strip_prefix('[') {
            let (index, after) = index.split_once(']')?;
            value = match index.parse::<usize>() {
                Ok(index) => value.get(index)?,
                Err(_) => value.get(index.trim_matches(['"', '\'']))?,
            };
            rest = after;
        } else {
            let field = rest.trim_start_matches('.');
            let end = field.find(['.', '[']).unwrap_or(field.len());
            let (name, after) = field.split_at(end);
            value = value.get(name)?;
            rest = after;
        }
    }
    Some(value)
}
