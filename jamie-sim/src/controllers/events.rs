//! What controllers and kubelets report, in; Event objects with counts and times in the store, out.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::names;
use crate::{
    object::{self, stamp},
    store::{Key, Store},
};

/// Events are forgotten an hour after they happened last, as the API server does.
const REMEMBERED_MS: i64 = 3_600_000;

/// Who says what about which object.
#[derive(Clone, Debug)]
pub(crate) struct Report<'a> {
    pub(crate) about: &'a Value,
    /// The part of the object, such as `spec.containers{api}`.
    pub(crate) field: Option<String>,
    pub(crate) warning: bool,
    pub(crate) reason: &'a str,
    pub(crate) message: String,
    pub(crate) component: &'a str,
    pub(crate) host: Option<&'a str>,
}

impl<'a> Report<'a> {
    pub(crate) fn new(
        component: &'a str,
        about: &'a Value,
        reason: &'a str,
        message: impl Into<String>,
    ) -> Self {
        Self {
            about,
            field: None,
            warning: false,
            reason,
            message: message.into(),
            component,
            host: None,
        }
    }

    pub(crate) fn warning(mut self) -> Self {
        self.warning = true;
        self
    }
}

#[derive(Debug)]
struct Told {
    key: Key,
    object: Value,
    first: Timestamp,
    last: Timestamp,
    count: u32,
    stored: bool,
}

/// Counts what is reported, and writes it down.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    told: HashMap<(String, String, String, String), Told>,
    fresh: HashSet<(String, String, String, String)>,
}

impl Recorder {
    /// Notes that something happened `count` times, last at `at`.
    pub(crate) fn note(&mut self, report: &Report<'_>, at: Timestamp, count: u32) {
        if count == 0 {
            return;
        }
        let uid = object::uid(report.about).to_owned();
        let field = report.field.clone().unwrap_or_default();
        let id = (uid, report.reason.to_owned(), report.message.clone(), field);
        if let Some(told) = self.told.get_mut(&id) {
            told.count = told.count.saturating_add(count);
            told.first = told.first.min(at);
            told.last = told.last.max(at);
        } else {
            self.told.insert(id.clone(), tell(report, &id, at, count));
        }
        self.fresh.insert(id);
    }

    /// Writes what is new into the store; what happened too long ago is forgotten.
    pub(crate) fn flush(&mut self, store: &Store, now: Timestamp) -> bool {
        let mut wrote = false;
        for id in self.fresh.drain() {
            let Some(told) = self.told.get_mut(&id) else {
                continue;
            };
            if object::elapsed(told.last, now) > REMEMBERED_MS {
                continue;
            }
            told.object["firstTimestamp"] = json!(stamp(told.first));
            told.object["lastTimestamp"] = json!(stamp(told.last));
            told.object["count"] = json!(told.count);
            let written = if told.stored {
                let latest = &told.object;
                store
                    .modify(&told.key, |event| {
                        for field in ["firstTimestamp", "lastTimestamp", "count"] {
                            event[field] = latest[field].clone();
                        }
                    })
                    .is_ok()
            } else {
                told.object["metadata"]["creationTimestamp"] = json!(stamp(told.first));
                store.create(told.key.clone(), told.object.clone()).is_ok()
            };
            told.stored = true;
            wrote |= written;
        }
        if self.told.len() > 20_000 {
            self.told
                .retain(|_, told| object::elapsed(told.last, now) <= REMEMBERED_MS);
        }
        wrote
    }
}

fn tell(report: &Report<'_>, id: &(String, String, String, String), at: Timestamp, count: u32) -> Told {
    let about = report.about;
    let namespace = match object::namespace(about) {
        "" => "default",
        namespace => namespace,
    };
    let suffix = names::hex(&format!("{id:?}{at}"));
    let suffix = suffix.get(..15).unwrap_or_default();
    let name = format!("{}.1{suffix}", object::name(about));
    let key = Key::namespaced("", "events", namespace, &name);
    let mut involved = json!({
        "kind": object::kind(about),
        "name": object::name(about),
        "uid": object::uid(about),
        "apiVersion": object::text(about, "/apiVersion"),
        "resourceVersion": object::text(about, "/metadata/resourceVersion"),
    });
    if !object::namespace(about).is_empty() {
        involved["namespace"] = json!(object::namespace(about));
    }
    if let Some(field) = &report.field {
        involved["fieldPath"] = json!(field);
    }
    let mut source = json!({"component": report.component});
    if let Some(host) = report.host {
        source["host"] = json!(host);
    }
    let object = json!({
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": name, "namespace": namespace},
        "involvedObject": involved,
        "reason": report.reason,
        "message": report.message,
        "source": source,
        "firstTimestamp": null,
        "lastTimestamp": null,
        "count": count,
        "type": if report.warning { "Warning" } else { "Normal" },
        "eventTime": null,
        "reportingComponent": report.component,
        "reportingInstance": report.host.unwrap_or_default(),
    });
    Told {
        key,
        object,
        first: at,
        last: at,
        count,
        stored: false,
    }
}
