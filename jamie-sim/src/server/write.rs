//! Create, update and patch: an object or a patch comes in, is completed, validated and kept;
//! with a dry run everything but kept.

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Value, json};

use super::admission::{self, Write};
use super::convert;
use super::fields::{list, text};
use super::finish::finish;
use super::patch::{self, Language, owners};
use super::render::Form;
use super::request::Request;
use super::resources::ResourceType;
use super::respond::{self, Outcome};
use super::router::Aim;
use super::validate;
use crate::store::{ApiStatus, Key, Store, timestamp_now};

/// How often a patch is tried again when somebody else writes in between.
const ATTEMPTS: usize = 8;

/// Which half of an object a request may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Half {
    /// All but the status, if the kind has a status of its own.
    Main,
    /// The status only.
    Status,
}

/// Adds an object.
pub(crate) fn create(store: &Store, form: &Form, aim: &Aim, request: &Request) -> Outcome {
    if aim.target.name.is_some() {
        return Err(ApiStatus::method_not_allowed());
    }
    let object = incoming(aim, request)?;
    let mut warnings = Vec::new();
    let created = add(store, aim, object, request, Language::None, &mut warnings)?;
    let reply = respond::json_with(StatusCode::CREATED, &form.value(&created));
    Ok(respond::warned(reply, &warnings))
}

fn add(
    store: &Store,
    aim: &Aim,
    mut object: Value,
    request: &Request,
    language: Language,
    warnings: &mut Vec<String>,
) -> Result<Arc<Value>, ApiStatus> {
    let kind = &aim.kind;
    let mut key = aim.key();
    text(&object, "/metadata/name").clone_into(&mut key.name);
    if let Some(fields) = object.as_object_mut()
        && kind.has("status")
    {
        fields.remove("status");
    }
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        for field in [
            "resourceVersion",
            "uid",
            "creationTimestamp",
            "deletionTimestamp",
            "generation",
        ] {
            metadata.remove(field);
        }
    }
    finish(kind, &mut object, request, language, warnings)?;
    first_status(kind, &mut object);
    if kind.group == "apiextensions.k8s.io" {
        accept_definition(&mut object);
    }
    if kind.namespaced {
        open_namespace(store, &key)?;
    }
    let write = Write {
        kind,
        version: &aim.target.version,
        key: &key,
        operation: "CREATE",
        old: None,
        new: Some(&object),
    };
    admission::admit(store, write, request)?;
    if kind.plural == "pods" && kind.group.is_empty() {
        crate::controllers::admit_pod(store, &mut object, &key.name)?;
    }
    if language != Language::Apply {
        owners::note(
            None,
            &mut object,
            &request.manager(),
            &kind.api_version(&aim.target.version),
            "",
        );
    }
    if request.query.dry_run()? {
        store.rehearse(key, object)
    } else {
        store.create(key, object)
    }
}

/// The status that a new object has before any controller has seen it.
fn first_status(kind: &ResourceType, object: &mut Value) {
    let status = match (kind.group.as_str(), kind.plural.as_str()) {
        ("", "pods" | "persistentvolumeclaims" | "persistentvolumes") => json!({"phase": "Pending"}),
        ("", "namespaces") => json!({"phase": "Active"}),
        ("", "services") => json!({"loadBalancer": {}}),
        _ => return,
    };
    if object.get("status").is_none() {
        object["status"] = status;
    }
}

/// The body as an object that fits the path, in its stored form.
fn incoming(aim: &Aim, request: &Request) -> Result<Value, ApiStatus> {
    let mut object = request.object()?;
    let kind = &aim.kind;
    let Some(fields) = object.as_object_mut() else {
        return Err(ApiStatus::bad_request(
            "the object provided is unrecognized: it is not a JSON object",
        ));
    };
    let api_version = kind.api_version(&aim.target.version);
    let said = |field: &str| {
        fields
            .get(field)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let (said_version, said_kind) = (said("apiVersion"), said("kind"));
    if !said_kind.is_empty() && said_kind != kind.kind {
        return Err(ApiStatus::bad_request(format!(
            "{said_kind} in version \"{said_version}\" cannot be handled as a {}: the kind does not match",
            kind.kind
        )));
    }
    if !said_version.is_empty() && said_version != api_version {
        return Err(ApiStatus::bad_request(format!(
            "the API version in the data ({said_version}) does not match the expected API version ({api_version})"
        )));
    }
    let metadata = fields.entry("metadata").or_insert_with(|| json!({}));
    if !metadata.is_object() {
        return Err(ApiStatus::bad_request(
            "the metadata of the object is not a JSON object",
        ));
    }
    match (
        &aim.target.namespace,
        metadata.get("namespace").and_then(Value::as_str),
    ) {
        (Some(wanted), Some(given)) if !given.is_empty() && given != wanted => {
            return Err(ApiStatus::bad_request(
                "the namespace of the provided object does not match the namespace sent on the request",
            ));
        }
        (Some(wanted), _) => metadata["namespace"] = json!(wanted),
        (None, _) => {}
    }
    if let (Some(wanted), given) = (&aim.target.name, metadata.get("name").and_then(Value::as_str)) {
        match given {
            Some(given) if given != wanted => {
                return Err(ApiStatus::bad_request(format!(
                    "the name of the object ({given}) does not match the name on the URL ({wanted})"
                )));
            }
            _ => metadata["name"] = json!(wanted),
        }
    }
    Ok(convert::from_version(kind, &aim.target.version, object))
}

fn open_namespace(store: &Store, key: &Key) -> Result<(), ApiStatus> {
    let Some(name) = &key.namespace else {
        return Ok(());
    };
    let place = Key::cluster("", "namespaces", name);
    let namespace = store.get(&place).ok_or_else(|| ApiStatus::not_found(&place))?;
    if namespace.pointer("/metadata/deletionTimestamp").is_some() {
        let message = format!(
            "{} \"{}\" is forbidden: unable to create new content in namespace {name} because it is being terminated",
            key.resource(),
            key.name
        );
        let mut status = ApiStatus::about(key, 403, "Forbidden", message);
        if let Some(details) = &mut status.details {
            details["causes"] = json!([{"reason": "NamespaceTerminating", "field": "metadata.namespace",
                "message": format!("namespace {name} is being terminated")}]);
        }
        return Err(status);
    }
    Ok(())
}

/// A definition of a custom type holds at once.
fn accept_definition(object: &mut Value) {
    let condition = |kind: &str, reason: &str, message: &str| {
        json!({"type": kind, "status": "True", "reason": reason, "message": message,
            "lastTransitionTime": timestamp_now()})
    };
    let names = object.pointer("/spec/names").cloned().unwrap_or_default();
    let stored: Vec<Value> = list(object, "/spec/versions")
        .iter()
        .filter(|version| version.get("storage").and_then(Value::as_bool) == Some(true))
        .filter_map(|version| version.get("name").cloned())
        .collect();
    object["status"] = json!({
        "acceptedNames": names, "storedVersions": stored,
        "conditions": [
            condition("NamesAccepted", "NoConflicts", "no conflicts found"),
            condition("Established", "InitialNamesAccepted", "the initial names have been accepted"),
        ],
    });
}

/// Replaces an object.
pub(crate) fn update(store: &Store, form: &Form, aim: &Aim, request: &Request) -> Outcome {
    change(store, form, aim, request, Half::Main)
}

/// Patches an object.
pub(crate) fn patch(store: &Store, form: &Form, aim: &Aim, request: &Request) -> Outcome {
    change(store, form, aim, request, Half::Main)
}

/// Writes one half of an object, by PUT or PATCH.
pub(crate) fn change(store: &Store, form: &Form, aim: &Aim, request: &Request, half: Half) -> Outcome {
    let key = aim.key();
    if key.name.is_empty() {
        return Err(ApiStatus::method_not_allowed());
    }
    if request.method == http::Method::PUT {
        let object = incoming(aim, request)?;
        let current = store.get(&key).ok_or_else(|| ApiStatus::not_found(&key))?;
        let object = halves(&aim.kind, &current, object, half);
        let mut warnings = Vec::new();
        let written = keep(
            store,
            aim,
            (&key, &current),
            object,
            request,
            (half, Language::None),
            &mut warnings,
        )?;
        return Ok(respond::warned(respond::json(&form.value(&written)), &warnings));
    }
    let language = Language::of(request.content_type())?;
    let mut body = request.object()?;
    if language == Language::Apply {
        // Amounts are compared as they are kept.
        validate::quantities(&mut body);
    }
    let mut last = ApiStatus::conflict(&key);
    for _ in 0..ATTEMPTS {
        let Some(current) = store.get(&key) else {
            if language == Language::Apply && half == Half::Main {
                let object = patch::applied(&aim.kind, &aim.target.version, None, &body, request)?;
                let mut warnings = Vec::new();
                let created = add(store, aim, object, request, language, &mut warnings)?;
                let reply = respond::json_with(StatusCode::CREATED, &form.value(&created));
                return Ok(respond::warned(reply, &warnings));
            }
            return Err(ApiStatus::not_found(&key));
        };
        let shown = convert::to_version(&aim.kind, &aim.target.version, &current);
        let patched = match language {
            Language::Apply => patch::applied(&aim.kind, &aim.target.version, Some(&shown), &body, request)?,
            _ => patch::patched(language, &aim.kind, &shown, &body)?,
        };
        if !patched.is_object() || !patched.get("metadata").is_some_and(Value::is_object) {
            return Err(ApiStatus::bad_request(
                "the patched object is not a Kubernetes object any more",
            ));
        }
        let patched = convert::from_version(&aim.kind, &aim.target.version, patched);
        let object = halves(&aim.kind, &current, patched, half);
        if text(&object, "/metadata/name") != key.name {
            return Err(ApiStatus::bad_request(format!(
                "the name of the object ({}) does not match the name on the URL ({})",
                text(&object, "/metadata/name"),
                key.name
            )));
        }
        // Whoever names a version means that one and no later one.
        let pinned = match text(&object, "/metadata/resourceVersion") {
            "" => false,
            version => version != text(&current, "/metadata/resourceVersion"),
        };
        let mut warnings = Vec::new();
        let kept = keep(
            store,
            aim,
            (&key, &current),
            object,
            request,
            (half, language),
            &mut warnings,
        );
        match kept {
            Ok(written) => return Ok(respond::warned(respond::json(&form.value(&written)), &warnings)),
            Err(status) if status.code == 409 && !pinned => last = status,
            Err(status) => return Err(status),
        }
    }
    Err(last)
}

/// The new object with the half that may not be written taken from the current one.
fn halves(kind: &ResourceType, current: &Value, mut object: Value, half: Half) -> Value {
    match half {
        Half::Main if kind.has("status") => {
            if let Some(fields) = object.as_object_mut() {
                fields.remove("status");
                if let Some(status) = current.get("status") {
                    fields.insert("status".to_owned(), status.clone());
                }
            }
            object
        }
        Half::Main => object,
        Half::Status => {
            let mut whole = current.clone();
            if let Some(status) = object.get("status").filter(|status| status.is_object()) {
                whole["status"] = status.clone();
            }
            for field in [
                "annotations",
                "labels",
                "finalizers",
                "resourceVersion",
                "managedFields",
            ] {
                if let Some(value) = object.pointer(&format!("/metadata/{field}")) {
                    whole["metadata"][field] = value.clone();
                }
            }
            whole
        }
    }
}

fn keep(
    store: &Store,
    aim: &Aim,
    (key, current): (&Key, &Value),
    mut object: Value,
    request: &Request,
    (half, language): (Half, Language),
    warnings: &mut Vec<String>,
) -> Result<Arc<Value>, ApiStatus> {
    let api_version = aim.kind.api_version(&aim.target.version);
    if half == Half::Main {
        finish(&aim.kind, &mut object, request, language, warnings)?;
        // Somebody else's write, or another object of the same name, is told before what is wrong with this one.
        store.rehearse_update(key, object.clone())?;
        validate::unchangeable(&aim.kind, current, &object)?;
        let write = Write {
            kind: &aim.kind,
            version: &aim.target.version,
            key,
            operation: "UPDATE",
            old: Some(current),
            new: Some(&object),
        };
        admission::admit(store, write, request)?;
    }
    if language != Language::Apply {
        let part = if half == Half::Status { "status" } else { "" };
        owners::note(Some(current), &mut object, &request.manager(), &api_version, part);
    }
    if request.query.dry_run()? {
        store.rehearse_update(key, object)
    } else {
        store.update(key, object)
    }
}
