//! Kinds that no snapshot holds: found by discovery, listed as they are.

use futures::{StreamExt, stream};
use jamie_core::{Error, ErrorKind, ObjectRef, Result};
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::Value;

use super::item::Item;
use crate::{cluster::Cluster, wording};

/// The columns of a kind that nobody here knows.
pub(super) const HEADERS: [&str; 1] = ["State"];

/// A kind as the API server offers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kind {
    /// `apis/cert-manager.io/v1` or `api/v1`.
    pub(crate) base: String,
    /// `Certificate`.
    pub(crate) name: String,
    /// `certificates`.
    pub(crate) plural: String,
    /// Whether its objects have namespaces.
    pub(crate) is_namespaced: bool,
}

impl Kind {
    /// The path of its list, or of one object.
    pub(crate) fn path(&self, namespace: Option<&str>, name: Option<&str>) -> String {
        let mut path = format!("/{}", self.base);
        if let Some(namespace) = namespace.filter(|_| self.is_namespaced) {
            path.push_str("/namespaces/");
            path.push_str(&escaped(namespace));
        }
        path.push('/');
        path.push_str(&self.plural);
        if let Some(name) = name {
            path.push('/');
            path.push_str(&escaped(name));
        }
        path
    }
}

/// Names of objects need no escaping; what else somebody says does.
fn escaped(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b':');
    let one = |byte: u8| {
        if plain(byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    text.bytes().map(one).collect()
}

/// Finds a kind by its name, plural, singular or short name, with or without its group.
pub(crate) async fn find_kind(cluster: &Cluster, said: &str) -> Result<Kind> {
    let said = said.trim().to_lowercase();
    let (word, group) = said
        .split_once('.')
        .map_or((said.as_str(), None), |(word, group)| (word, Some(group)));
    let groups = cluster.read("/apis").await?;
    let mut bases: Vec<String> = vec!["api/v1".to_owned()];
    for one in groups
        .get("groups")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let version = one
            .pointer("/preferredVersion/groupVersion")
            .and_then(Value::as_str);
        let fits = group.is_none_or(|group| {
            one.get("name")
                .and_then(Value::as_str)
                .is_some_and(|name| name.starts_with(group))
        });
        if let Some(version) = version.filter(|_| fits) {
            bases.push(format!("apis/{version}"));
        }
    }
    let mut lists = stream::iter(bases)
        .map(|base| async move {
            let found = cluster.read(&format!("/{base}")).await;
            (base, found)
        })
        .buffered(8);
    let mut near: Vec<(f64, String)> = Vec::new();
    while let Some((base, found)) = lists.next().await {
        // A group whose server is down must not hide the others.
        let Ok(found) = found else { continue };
        for resource in found
            .get("resources")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            let text = |key: &str| resource.get(key).and_then(Value::as_str).unwrap_or_default();
            let plural = text("name");
            if plural.contains('/') {
                continue;
            }
            let short = resource
                .get("shortNames")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(Value::as_str);
            let names = [
                plural.to_lowercase(),
                text("singularName").to_lowercase(),
                text("kind").to_lowercase(),
            ];
            if names.iter().any(|name| name == word) || short.into_iter().any(|name| name == word) {
                return Ok(Kind {
                    base,
                    name: text("kind").to_owned(),
                    plural: plural.to_owned(),
                    is_namespaced: resource
                        .get("namespaced")
                        .and_then(Value::as_bool)
                        .unwrap_or(false),
                });
            }
            near.push((strsim::jaro_winkler(word, plural), plural.to_owned()));
        }
    }
    near.sort_by(|a, b| b.0.total_cmp(&a.0));
    near.dedup_by(|a, b| a.1 == b.1);
    let near: Vec<String> = near.into_iter().take(3).map(|(_, name)| name).collect();
    Err(
        Error::new(ErrorKind::NotFound, format!("This cluster has no kind `{said}`")).with_hint(format!(
            "the nearest are {}; `kubectl api-resources` lists all",
            wording::code_list(&near, 3)
        )),
    )
}

/// The objects of such a kind.
pub(super) async fn collect(
    cluster: &Cluster,
    kind: &Kind,
    namespace: Option<&str>,
    _now: Timestamp,
) -> Result<Vec<Item>> {
    let list = cluster
        .read(&format!("{}?limit=2000", kind.path(namespace, None)))
        .await?;
    let objects = list
        .get("items")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    Ok(objects
        .iter()
        .map(|object| of_value(&kind.name, object))
        .collect())
}

fn of_value(kind: &str, object: &Value) -> Item {
    let metadata: ObjectMeta = object
        .get("metadata")
        .cloned()
        .and_then(|value| serde_json::from_value(value).ok())
        .unwrap_or_default();
    let own = ObjectRef {
        kind: kind.to_owned(),
        namespace: metadata.namespace.clone(),
        name: metadata.name.clone().unwrap_or_default(),
        uid: metadata.uid.clone(),
    };
    let mut item = Item::new(own, &metadata);
    let (state, is_well) = state_of(object);
    item.cells = vec![state.clone().unwrap_or_default()];
    item.state = state;
    item.is_well = is_well;
    item.replicas = object.pointer("/spec/replicas").and_then(Value::as_u64);
    item.is_suspended = ["/spec/suspend", "/spec/paused"]
        .iter()
        .any(|path| object.pointer(path) == Some(&Value::Bool(true)));
    item
}

/// How an object of an unknown kind says that it stands: by its Ready condition or another, else by its phase.
pub(crate) fn state_of(object: &Value) -> (Option<String>, Option<bool>) {
    let conditions = object
        .pointer("/status/conditions")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let text = |value: &Value, key: &str| {
        value
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    for wanted in [
        "Ready",
        "Available",
        "Healthy",
        "Synced",
        "Established",
        "Accepted",
        "Programmed",
    ] {
        if let Some(condition) = conditions
            .iter()
            .find(|condition| text(condition, "type") == wanted)
        {
            let well = text(condition, "status") == "True";
            let reason = text(condition, "reason");
            let state = match (well, reason.is_empty()) {
                (true, _) => wanted.to_owned(),
                (false, true) => format!("not {wanted}"),
                (false, false) => format!("not {wanted}: {reason}"),
            };
            return (Some(state), Some(well));
        }
    }
    let phase = [
        "/status/phase",
        "/status/state",
        "/status/health/status",
        "/status/sync/status",
    ]
    .iter()
    .find_map(|path| object.pointer(path).and_then(Value::as_str));
    (phase.map(str::to_owned), None)
}
