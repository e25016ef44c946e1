//! A JSON value in, the same without secrets out: keys, `name` beside `value`, and the kind of an object count.

use serde_json::{Map, Value};

use super::{Redactor, judge, name, placeholder::Kind, scan};

/// Deeper than this, a value is dropped rather than looked at.
const DEEPEST: usize = 128;

pub(super) fn redact(redactor: &Redactor, value: &mut Value, depth: usize) {
    match value {
        _ if depth > DEEPEST => *value = Value::Null,
        Value::String(text) => *text = redactor.redact(text).into_owned(),
        Value::Array(items) => list(redactor, items, depth),
        Value::Object(fields) => object(redactor, fields, depth),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Arguments are lists: what follows `--password` is a password, and so is what follows `redis-cli -a`.
fn list(redactor: &Redactor, items: &mut [Value], depth: usize) {
    let short = items.iter().find_map(|item| scan::client_flag(item.as_str()?));
    let mut flag: Option<String> = None;
    for item in items {
        let name = flag.take();
        if let Value::String(text) = item {
            if let Some(name) = name.filter(|_| !judge::is_flag(text)) {
                *text = redactor.setting(&name, text).into_owned();
                continue;
            }
            match short {
                Some((short, false)) if text == short => {
                    flag = Some("password".to_owned());
                    continue;
                }
                Some((short, true)) if !judge::is_reference(text) => {
                    if let Some(secret) = text.strip_prefix(short).filter(|secret| !secret.is_empty()) {
                        *text = format!("{short}{}", redactor.whole(secret, Kind::Password));
                        continue;
                    }
                }
                _ => {}
            }
            flag = text
                .strip_prefix('-')
                .map(|name| name.trim_start_matches('-'))
                .filter(|name| name::is_secret_name(name))
                .map(str::to_owned);
        }
        redact(redactor, item, depth + 1);
    }
}

fn object(redactor: &Redactor, fields: &mut Map<String, Value>, depth: usize) {
    let is_secret = fields.get("kind").and_then(Value::as_str) == Some("Secret");
    let named = fields.get("name").and_then(Value::as_str).map(str::to_owned);
    for (key, value) in fields.iter_mut() {
        if is_secret && matches!(key.as_str(), "data" | "stringData") {
            hide_all(redactor, value);
            continue;
        }
        let name = if key == "value" {
            named.as_deref().unwrap_or(key)
        } else {
            key
        };
        match value {
            Value::String(text) => *text = redactor.setting(name, text).into_owned(),
            Value::Number(number) if name::weight(name) == Some(name::Weight::Pass) => {
                *value = Value::String(redactor.whole(&number.to_string(), Kind::Password));
            }
            // A list under a secret's name holds secrets.
            Value::Array(items) if name::is_secret_name(name) => {
                for item in items {
                    match item {
                        Value::String(text) => *text = redactor.setting(name, text).into_owned(),
                        other => redact(redactor, other, depth + 1),
                    }
                }
            }
            other => redact(redactor, other, depth + 1),
        }
    }
}

/// Everything in a Secret's data, whatever it is called.
fn hide_all(redactor: &Redactor, data: &mut Value) {
    for (key, value) in data.as_object_mut().into_iter().flatten() {
        if let Value::String(text) = value
            && !text.is_empty()
            && !judge::is_hidden(text)
        {
            let kind = if name::is_secret_name(key) {
                name::kind(key)
            } else {
                Kind::Secret
            };
            *text = redactor.whole(text, kind);
        }
    }
}
