//! Objects in the form that was asked for: whole, metadata only, or as rows of a table.

use bytes::Bytes;
use serde_json::{Value, json};

use super::convert;
use super::request::{Accept, Query};
use super::resources::ResourceType;
use super::table;
use crate::store::Stored;

/// How to show objects of one kind to one caller.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    pub(crate) kind: ResourceType,
    pub(crate) version: String,
    pub(crate) accept: Accept,
    /// What a table's rows carry: `None`, `Metadata` or `Object`.
    pub(crate) include: String,
}

impl Form {
    pub(crate) fn new(kind: &ResourceType, version: &str, accept: Accept, query: &Query) -> Self {
        Self {
            kind: kind.clone(),
            version: version.to_owned(),
            accept,
            include: query.get("includeObject").unwrap_or("Metadata").to_owned(),
        }
    }

    /// A single object with its kind, as JSON.
    pub(crate) fn one(&self, stored: &Stored) -> Bytes {
        match self.accept {
            Accept::Table => self.table([&*stored.object], &json!({})).to_string().into(),
            Accept::Metadata => partial(&stored.object).to_string().into(),
            _ if convert::is_stored_form(&self.kind, &self.version) => self.with_head(stored.text()),
            _ => convert::to_version(&self.kind, &self.version, &stored.object)
                .to_string()
                .into(),
        }
    }

    /// The same for an object that is not stored.
    pub(crate) fn value(&self, object: &Value) -> Value {
        match self.accept {
            Accept::Table => self.table([object], &json!({})),
            Accept::Metadata => partial(object),
            _ => convert::to_version(&self.kind, &self.version, object).into_owned(),
        }
    }

    /// An item of a list: the real server leaves kind and apiVersion out of the items of
    /// built-in types.
    pub(crate) fn item(&self, stored: &Stored) -> Bytes {
        let custom = super::resources::by_kind(&self.kind.group, &self.kind.kind).is_none();
        match self.accept {
            Accept::Metadata => partial(&stored.object).to_string().into(),
            _ if custom => self.with_head(stored.text()),
            _ if convert::is_stored_form(&self.kind, &self.version) => stored.text().clone(),
            _ => {
                let mut object = convert::to_version(&self.kind, &self.version, &stored.object).into_owned();
                if let Some(fields) = object.as_object_mut() {
                    fields.remove("apiVersion");
                    fields.remove("kind");
                }
                object.to_string().into()
            }
        }
    }

    /// Kind and apiVersion of a list in this form.
    pub(crate) fn list_head(&self) -> (String, String) {
        match self.accept {
            Accept::Metadata => (
                "PartialObjectMetadataList".to_owned(),
                "meta.k8s.io/v1".to_owned(),
            ),
            _ => (self.kind.list_kind(), self.kind.api_version(&self.version)),
        }
    }

    /// A table of the objects.
    pub(crate) fn table<'a>(&self, objects: impl IntoIterator<Item = &'a Value>, metadata: &Value) -> Value {
        let now = jiff::Timestamp::now();
        let rows: Vec<Value> = objects
            .into_iter()
            .map(|object| {
                let mut row = json!({"cells": table::cells(&self.kind, object, now)});
                match self.include.as_str() {
                    "None" => {}
                    "Object" => {
                        row["object"] = convert::to_version(&self.kind, &self.version, object).into_owned();
                    }
                    _ => row["object"] = partial(object),
                }
                row
            })
            .collect();
        json!({
            "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata,
            "columnDefinitions": table::definitions(&self.kind), "rows": rows,
        })
    }

    fn with_head(&self, text: &Bytes) -> Bytes {
        let head = format!(
            "{{\"kind\":\"{}\",\"apiVersion\":\"{}\"",
            self.kind.kind,
            self.kind.api_version(&self.version)
        );
        let rest = text.get(1..).unwrap_or_default();
        let mut whole = Vec::with_capacity(head.len() + rest.len() + 1);
        whole.extend_from_slice(head.as_bytes());
        if rest.first() != Some(&b'}') {
            whole.push(b',');
        }
        whole.extend_from_slice(rest);
        whole.into()
    }
}

fn partial(object: &Value) -> Value {
    json!({
        "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1",
        "metadata": object.get("metadata").cloned().unwrap_or_default(),
    })
}
