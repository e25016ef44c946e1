//! Rows of configuration and storage: config maps, secrets, claims, volumes, classes.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{age, name};
use crate::server::fields::{flag, list, size, text};

pub(super) const CLAIM: &[&str] = &[
    "Name",
    "Status",
    "Volume",
    "Capacity",
    "Access Modes",
    "StorageClass",
    "VolumeAttributesClass",
    "Age",
];
pub(super) const VOLUME: &[&str] = &[
    "Name",
    "Capacity",
    "Access Modes",
    "Reclaim Policy",
    "Status",
    "Claim",
    "StorageClass",
    "VolumeAttributesClass",
    "Reason",
    "Age",
];
pub(super) const CLASS: &[&str] = &[
    "Name",
    "Provisioner",
    "ReclaimPolicy",
    "VolumeBindingMode",
    "AllowVolumeExpansion",
    "Age",
];

pub(super) fn config_map(object: &Value, now: Timestamp) -> Vec<Value> {
    let count = size(object, "/data") + size(object, "/binaryData");
    vec![json!(name(object)), json!(count), json!(age(object, now))]
}

pub(super) fn secret(object: &Value, now: Timestamp) -> Vec<Value> {
    let kind = match text(object, "/type") {
        "" => "Opaque",
        kind => kind,
    };
    vec![
        json!(name(object)),
        json!(kind),
        json!(size(object, "/data")),
        json!(age(object, now)),
    ]
}

fn modes(object: &Value, pointer: &str) -> String {
    let short = |mode: &Value| match mode.as_str() {
        Some("ReadWriteOnce") => "RWO",
        Some("ReadOnlyMany") => "ROX",
        Some("ReadWriteMany") => "RWX",
        Some("ReadWriteOncePod") => "RWOP",
        _ => "",
    };
    list(object, pointer)
        .iter()
        .map(short)
        .collect::<Vec<_>>()
        .join(",")
}

fn mode(object: &Value) -> &str {
    match text(object, "/spec/volumeMode") {
        "" => "Filesystem",
        mode => mode,
    }
}

fn unset(text: &str) -> &str {
    if text.is_empty() { "<unset>" } else { text }
}

pub(super) fn claim(object: &Value, now: Timestamp) -> Vec<Value> {
    let bound = !text(object, "/spec/volumeName").is_empty();
    let leaving = object.pointer("/metadata/deletionTimestamp").is_some();
    let (capacity, access) = if bound {
        (
            text(object, "/status/capacity/storage"),
            modes(object, "/status/accessModes"),
        )
    } else {
        ("", String::new())
    };
    vec![
        json!(name(object)),
        json!(if leaving {
            "Terminating"
        } else {
            text(object, "/status/phase")
        }),
        json!(text(object, "/spec/volumeName")),
        json!(capacity),
        json!(access),
        json!(text(object, "/spec/storageClassName")),
        json!(unset(text(object, "/spec/volumeAttributesClassName"))),
        json!(age(object, now)),
        json!(mode(object)),
    ]
}

pub(super) fn volume(object: &Value, now: Timestamp) -> Vec<Value> {
    let claim = match text(object, "/spec/claimRef/name") {
        "" => String::new(),
        claim => format!("{}/{claim}", text(object, "/spec/claimRef/namespace")),
    };
    let leaving = object.pointer("/metadata/deletionTimestamp").is_some();
    vec![
        json!(name(object)),
        json!(text(object, "/spec/capacity/storage")),
        json!(modes(object, "/spec/accessModes")),
        json!(text(object, "/spec/persistentVolumeReclaimPolicy")),
        json!(if leaving {
            "Terminating"
        } else {
            text(object, "/status/phase")
        }),
        json!(claim),
        json!(text(object, "/spec/storageClassName")),
        json!(unset(text(object, "/spec/volumeAttributesClassName"))),
        json!(text(object, "/status/reason")),
        json!(age(object, now)),
        json!(mode(object)),
    ]
}

pub(super) fn class(object: &Value, now: Timestamp) -> Vec<Value> {
    let default = object
        .pointer("/metadata/annotations/storageclass.kubernetes.io~1is-default-class")
        .is_some_and(|value| value == "true");
    let shown = if default {
        format!("{} (default)", name(object))
    } else {
        name(object).to_owned()
    };
    let or = |pointer: &str, other: &'static str| match text(object, pointer) {
        "" => other.to_owned(),
        found => found.to_owned(),
    };
    vec![
        json!(shown),
        json!(text(object, "/provisioner")),
        json!(or("/reclaimPolicy", "Delete")),
        json!(or("/volumeBindingMode", "Immediate")),
        json!(flag(object, "/allowVolumeExpansion")),
        json!(age(object, now)),
    ]
}

pub(super) fn attachment(object: &Value, now: Timestamp) -> Vec<Value> {
    vec![
        json!(name(object)),
        json!(text(object, "/spec/attacher")),
        json!(text(object, "/spec/source/persistentVolumeName")),
        json!(text(object, "/spec/nodeName")),
        json!(flag(object, "/status/attached")),
        json!(age(object, now)),
    ]
}
