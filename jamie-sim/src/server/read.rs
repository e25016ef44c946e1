//! Get and list: one object, or all that match, page by page.

use std::io;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::{BufMut, Bytes, BytesMut};
use serde_json::{Value, json};

use super::convert;
use super::render::Form;
use super::request::{Accept, Query, Request};
use super::resources::ResourceType;
use super::respond::{self, Outcome};
use super::selector::Selector;
use crate::store::{ApiStatus, Key, Store, Stored};

/// Lists go out in pieces of about this size, so that none is ever whole in memory twice.
const CHUNK: usize = 128 * 1024;

/// One object.
pub(crate) fn get(store: &Store, form: &Form, key: &Key) -> Outcome {
    let stored = store.stored(key).ok_or_else(|| ApiStatus::not_found(key))?;
    Ok(respond::json_text(form.one(&stored)))
}

/// What a list request may say.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) objects: Vec<Arc<Stored>>,
    pub(crate) version: u64,
    next: Option<String>,
    remaining: Option<usize>,
}

/// All objects that match, or the next page of them.
pub(crate) fn list(store: &Store, form: &Form, namespace: Option<&str>, request: &Request) -> Outcome {
    let page = page(store, &form.kind, namespace, &request.query)?;
    let mut metadata = json!({"resourceVersion": page.version.to_string()});
    if let Some(next) = page.next {
        metadata["continue"] = json!(next);
    }
    if let Some(remaining) = page.remaining {
        metadata["remainingItemCount"] = json!(remaining);
    }
    if form.accept == Accept::Table {
        let table = form.table(page.objects.iter().map(|stored| &*stored.object), &metadata);
        return Ok(respond::json(&table));
    }
    let (kind, api_version) = form.list_head();
    let head =
        format!("{{\"kind\":\"{kind}\",\"apiVersion\":\"{api_version}\",\"metadata\":{metadata},\"items\":[");
    if page.objects.len() < 64 {
        let mut text = head.into_bytes();
        for (place, stored) in page.objects.iter().enumerate() {
            if place > 0 {
                text.push(b',');
            }
            text.extend_from_slice(&form.item(stored));
        }
        text.extend_from_slice(b"]}\n");
        return Ok(respond::json_text(text));
    }
    Ok(respond::streamed(
        "application/json",
        futures::stream::iter(pieces(&head, page.objects, form.clone())),
    ))
}

fn pieces(
    head: &str,
    objects: Vec<Arc<Stored>>,
    form: Form,
) -> impl Iterator<Item = Result<Bytes, io::Error>> + Send + use<> {
    let mut piece = BytesMut::with_capacity(CHUNK);
    piece.put_slice(head.as_bytes());
    let mut objects = objects.into_iter();
    let (mut first, mut done) = (true, false);
    std::iter::from_fn(move || {
        if done {
            return None;
        }
        while piece.len() < CHUNK {
            let Some(stored) = objects.next() else {
                piece.put_slice(b"]}\n");
                done = true;
                break;
            };
            if !first {
                piece.put_u8(b',');
            }
            first = false;
            piece.put_slice(&form.item(&stored));
        }
        let whole = std::mem::replace(&mut piece, BytesMut::with_capacity(CHUNK));
        Some(Ok(whole.freeze()))
    })
}

/// The objects of one page.
pub(crate) fn page(
    store: &Store,
    kind: &ResourceType,
    namespace: Option<&str>,
    query: &Query,
) -> Result<Page, ApiStatus> {
    let selector = Selector::parse(kind, query.text("labelSelector"), query.text("fieldSelector"))?;
    let limit = query.number("limit")?.unwrap_or(0) as usize;
    let (group, plural) = convert::storage(kind);
    let (mut objects, mut version) = store.snapshot(group, plural, namespace);
    let wanted = query.text("resourceVersion");
    if let Ok(wanted) = wanted.parse::<u64>()
        && wanted > version
    {
        let message = format!("Timeout: Too large resource version: {wanted}, current: {version}");
        return Err(
            ApiStatus::new(504, "Timeout", message).with_details(json!({"retryAfterSeconds": 1,
            "causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}]})),
        );
    }
    if let Some(token) = query.get("continue").filter(|token| !token.is_empty()) {
        let start = Token::read(token)?;
        if !store.remembers(start.version) {
            return Err(ApiStatus::expired(
                "The provided continue parameter is too old to display a consistent list result. You can start a new \
                 list without the continue parameter.",
            ));
        }
        version = start.version;
        let after = (start.namespace.as_str(), start.name.as_str());
        let seen = objects.partition_point(|stored| place(stored) <= after);
        objects.drain(..seen);
    }
    if !selector.is_empty() {
        objects.retain(|stored| selector.matches(&stored.object));
    }
    let (mut next, mut remaining) = (None, None);
    if limit > 0 && objects.len() > limit {
        let last = objects
            .get(limit - 1)
            .map(|stored| place(stored))
            .unwrap_or_default();
        next = Some(
            Token {
                version,
                namespace: last.0.to_owned(),
                name: last.1.to_owned(),
            }
            .write(),
        );
        remaining = selector.is_empty().then_some(objects.len() - limit);
        objects.truncate(limit);
    }
    Ok(Page {
        objects,
        version,
        next,
        remaining,
    })
}

fn place(stored: &Stored) -> (&str, &str) {
    (
        stored.key.namespace.as_deref().unwrap_or_default(),
        &stored.key.name,
    )
}

/// Where the next page starts: opaque to callers.
struct Token {
    version: u64,
    namespace: String,
    name: String,
}

impl Token {
    fn write(&self) -> String {
        let text = json!({"v": "meta.k8s.io/v1", "rv": self.version, "start": [self.namespace, self.name]})
            .to_string();
        URL_SAFE_NO_PAD.encode(text)
    }

    fn read(text: &str) -> Result<Self, ApiStatus> {
        let wrong = || ApiStatus::bad_request(format!("continue key is not valid: {text}"));
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| wrong())?;
        let value: Value = serde_json::from_slice(&bytes).map_err(|_| wrong())?;
        let start = |place: &str| value.pointer(place).and_then(Value::as_str).map(str::to_owned);
        Ok(Self {
            version: value.get("rv").and_then(Value::as_u64).ok_or_else(wrong)?,
            namespace: start("/start/0").ok_or_else(wrong)?,
            name: start("/start/1").ok_or_else(wrong)?,
        })
    }
}
