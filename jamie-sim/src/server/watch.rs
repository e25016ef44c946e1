//! Watches: a kind and selectors go in, a stream of events comes out, one JSON object a line.

use std::collections::VecDeque;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::time::{Instant, interval_at};
use tokio_util::sync::CancellationToken;

use super::convert;
use super::render::Form;
use super::request::{Accept, Request};
use super::respond::{self, Outcome};
use super::selector::Selector;
use crate::store::{ApiStatus, Change, ChangeKind, Store, Stored, Subscription};

/// How often an idle watch is told how far it is, when it wants to know.
const BOOKMARKS: Duration = Duration::from_secs(20);

/// How long a watch lasts when nobody says.
const LIFE: Duration = Duration::from_mins(45);

struct Watch {
    form: Form,
    namespace: Option<String>,
    name: Option<String>,
    selector: Selector,
    changes: Subscription,
    ready: VecDeque<Bytes>,
    bookmarks: Option<tokio::time::Interval>,
    end: Instant,
    stop: CancellationToken,
    over: bool,
}

/// Starts a watch.
pub(crate) fn watch(
    store: &Store,
    form: Form,
    namespace: Option<&str>,
    name: Option<&str>,
    request: &Request,
    stop: CancellationToken,
) -> Outcome {
    let query = &request.query;
    let selector = Selector::parse(
        &form.kind,
        query.text("labelSelector"),
        query.text("fieldSelector"),
    )?;
    let life = query.number("timeoutSeconds")?.filter(|seconds| *seconds > 0);
    let life = life.map_or(LIFE, |seconds| Duration::from_secs(seconds.min(24 * 3600)));
    let bookmarks = query.flag("allowWatchBookmarks");
    let wanted = query.text("resourceVersion");
    let from = match wanted {
        "" | "0" => None,
        text => Some(text.parse::<u64>().map_err(|_| {
            ApiStatus::bad_request(format!(
                "invalid resource version \"{text}\": strconv.ParseUint: invalid syntax"
            ))
        })?),
    };
    let initial = query.get("sendInitialEvents");
    if initial.is_some() && query.text("resourceVersionMatch") != "NotOlderThan" {
        let message = "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents \
                       requires setting resourceVersionMatch to NotOlderThan";
        return Err(ApiStatus::new(422, "Invalid", message));
    }
    let mut ready = VecDeque::new();
    let mut over = false;
    let send_initial = initial.map_or(from.is_none(), |value| value == "true");
    let changes = if send_initial {
        // Subscribing first and skipping what the snapshot already shows leaves no gap.
        let (group, plural) = convert::storage(&form.kind);
        let (objects, version) = store.snapshot(group, plural, namespace);
        for stored in &objects {
            if name.is_none_or(|name| stored.key.name == name) && selector.matches(&stored.object) {
                ready.push_back(event(&form, "ADDED", stored));
            }
        }
        if initial.is_some() && bookmarks {
            ready.push_back(bookmark(&form, version, true));
        }
        store
            .subscribe_from(version)
            .unwrap_or_else(|_| store.subscribe())
    } else if let Ok(changes) = store.subscribe_from(from.unwrap_or(0)) {
        changes
    } else {
        ready.push_back(expired(&format!(
            "too old resource version: {wanted} ({})",
            store.resource_version()
        )));
        over = true;
        store.subscribe()
    };
    let watch = Watch {
        namespace: namespace.map(str::to_owned),
        name: name.map(str::to_owned),
        selector,
        changes,
        ready,
        bookmarks: bookmarks.then(|| interval_at(Instant::now() + BOOKMARKS, BOOKMARKS)),
        end: Instant::now() + life,
        stop,
        over,
        form,
    };
    let events = futures::stream::unfold(watch, |mut watch| async move {
        let chunk = watch.next().await?;
        Some((Ok::<_, io::Error>(chunk), watch))
    });
    Ok(respond::streamed("application/json", events))
}

impl Watch {
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(chunk) = self.ready.pop_front() {
                return Some(chunk);
            }
            if self.over {
                return None;
            }
            let tick = async {
                match &mut self.bookmarks {
                    Some(bookmarks) => {
                        bookmarks.tick().await;
                    }
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                change = self.changes.next() => {
                    let Ok(change) = change else {
                        self.over = true;
                        return Some(expired("too old resource version: the watch fell behind"));
                    };
                    if let Some(chunk) = self.tell(&change) {
                        return Some(chunk);
                    }
                }
                () = tick => return Some(bookmark(&self.form, self.changes.resource_version(), false)),
                () = tokio::time::sleep_until(self.end) => {
                    self.over = true;
                    if self.bookmarks.is_some() {
                        return Some(bookmark(&self.form, self.changes.resource_version(), false));
                    }
                }
                () = self.stop.cancelled() => return None,
            }
        }
    }

    fn tell(&self, change: &Change) -> Option<Bytes> {
        let (group, plural) = convert::storage(&self.form.kind);
        let key = &change.key;
        let ours = key.plural == plural
            && key.group == group
            && self
                .namespace
                .as_ref()
                .is_none_or(|namespace| key.namespace.as_ref() == Some(namespace))
            && self.name.as_ref().is_none_or(|name| key.name == *name);
        if !ours {
            return None;
        }
        let now = change.kind != ChangeKind::Deleted && self.selector.matches(&change.object);
        let before = change
            .previous
            .as_ref()
            .is_some_and(|object| self.selector.matches(object));
        let kind = match (before, now) {
            (false, true) => "ADDED",
            (true, true) => "MODIFIED",
            (true, false) => "DELETED",
            (false, false) => return None,
        };
        Some(event(&self.form, kind, &change.stored))
    }
}

fn event(form: &Form, kind: &str, stored: &Stored) -> Bytes {
    let object = form.one(stored);
    let mut line = Vec::with_capacity(object.len() + 40);
    line.extend_from_slice(format!("{{\"type\":\"{kind}\",\"object\":").as_bytes());
    line.extend_from_slice(&object);
    line.extend_from_slice(b"}\n");
    line.into()
}

fn bookmark(form: &Form, version: u64, initial_end: bool) -> Bytes {
    let mut object: Value = json!({
        "kind": form.kind.kind, "apiVersion": form.kind.api_version(&form.version),
        "metadata": {"resourceVersion": version.to_string(), "creationTimestamp": null},
    });
    if initial_end {
        object["metadata"]["annotations"] = json!({"k8s.io/initial-events-end": "true"});
    }
    if form.accept == Accept::Table {
        object = json!({"kind": "Table", "apiVersion": "meta.k8s.io/v1", "columnDefinitions": [],
            "metadata": {"resourceVersion": version.to_string()},
            "rows": [{"cells": [], "object": object}]});
    } else if form.accept == Accept::Metadata {
        object["kind"] = json!("PartialObjectMetadata");
        object["apiVersion"] = json!("meta.k8s.io/v1");
    }
    format!("{}\n", json!({"type": "BOOKMARK", "object": object})).into()
}

pub(crate) fn expired(message: &str) -> Bytes {
    format!(
        "{}\n",
        json!({"type": "ERROR", "object": ApiStatus::expired(message).to_value()})
    )
    .into()
}
