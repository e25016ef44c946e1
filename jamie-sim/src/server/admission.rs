//! What stands between a valid write and the store: a write comes in, the refusal of whoever objects to it comes out.

mod claims;
mod escalation;
mod webhooks;

use serde_json::Value;

use super::auth::User;
use super::fields::text;
use super::request::Request;
use super::resources::ResourceType;
use crate::controllers::quota;
use crate::scenario::Refusal;
use crate::store::{ApiStatus, Key, Store};

pub(crate) use webhooks::reachable;

/// A write that is valid as such.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Write<'a> {
    pub(crate) kind: &'a ResourceType,
    pub(crate) version: &'a str,
    pub(crate) key: &'a Key,
    /// `CREATE`, `UPDATE` or `DELETE`.
    pub(crate) operation: &'static str,
    /// The object as it is, if there is one.
    pub(crate) old: Option<&'a Value>,
    /// The object as it would be, if there is one.
    pub(crate) new: Option<&'a Value>,
}

/// Namespaces that no cluster lets go.
const LASTING: [&str; 3] = ["default", "kube-system", "kube-public"];

/// Asks everybody who may object.
pub(crate) fn admit(store: &Store, write: Write<'_>, request: &Request) -> Result<(), ApiStatus> {
    if write.operation == "DELETE"
        && write.key.group.is_empty()
        && write.key.plural == "namespaces"
        && LASTING.contains(&write.key.name.as_str())
    {
        return Err(forbidden(write.key, "this namespace may not be deleted"));
    }
    if let Some(new) = write.new {
        escalation::check(store, &request.user, write, new)?;
    }
    webhooks::reachable(store, write)?;
    denied(&request.refusals, write)?;
    if write.key.plural == "persistentvolumeclaims" {
        claims::check(store, write)?;
    }
    match write.new {
        Some(new) => quota::admit_object(store, write.key, write.old, new),
        None => Ok(()),
    }
}

/// A refusal in the words that admission plugins share.
fn forbidden(key: &Key, why: &str) -> ApiStatus {
    let message = format!("{} \"{}\" is forbidden: {why}", key.resource(), key.name);
    ApiStatus::about(key, 403, "Forbidden", message)
}

/// What a scenario's validating webhooks say no to.
fn denied(refusals: &[Refusal], write: Write<'_>) -> Result<(), ApiStatus> {
    let namespace = write.key.namespace.as_deref().unwrap_or_default();
    let fits =
        |list: &[String], value: &str| list.is_empty() || list.iter().any(|one| one == value || one == "*");
    let found = refusals.iter().find(|refusal| {
        fits(&refusal.kinds, &write.kind.kind)
            && fits(&refusal.namespaces, namespace)
            && fits(&refusal.operations, write.operation)
    });
    found.map_or(Ok(()), |refusal| {
        let message = format!(
            "admission webhook \"{}\" denied the request: {}",
            refusal.webhook, refusal.message
        );
        Err(ApiStatus::new(403, "Forbidden", message))
    })
}

/// How the server writes a user with groups.
fn shown(user: &User) -> String {
    format!("user \"{}\" (groups={})", user.name, quoted(&user.groups))
}

/// A list as Go's `%q` writes it.
fn quoted(items: &[impl AsRef<str>]) -> String {
    let items: Vec<String> = items
        .iter()
        .map(|item| Value::from(item.as_ref()).to_string())
        .collect();
    format!("[{}]", items.join(" "))
}

/// The texts of a list in an object.
fn texts(object: &Value, field: &str) -> Vec<String> {
    let list = object.get(field).and_then(Value::as_array);
    let list = list.into_iter().flatten();
    list.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The class that a claim asks for.
fn class_of(store: &Store, claim: &Value) -> Option<std::sync::Arc<Value>> {
    let class = text(claim, "/spec/storageClassName");
    store.get(&Key::cluster("storage.k8s.io", "storageclasses", class))
}
