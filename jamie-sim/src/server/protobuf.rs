//! Objects in protobuf, as kubectl sends them when it creates: bytes go in, the object as JSON
//! comes out. A field that the table of messages does not know is refused, never lost.

mod messages;
#[cfg(test)]
mod tests;
mod wire;

use base64::Engine as _;
use serde_json::{Map, Value, json};

use crate::store::ApiStatus;
use messages::{Field, Kind, message};
use wire::{Item, Wire};

/// What every such body begins with.
const MAGIC: &[u8] = b"k8s\0";

/// How deep messages may nest.
const DEEPEST: usize = 24;

fn refused(what: impl std::fmt::Display) -> ApiStatus {
    ApiStatus::unsupported_media_type(format!(
        "the body of the request was in an unknown format - accepted media types include: application/json, \
         application/yaml; got application/vnd.kubernetes.protobuf: {what}"
    ))
}

/// The object in a protobuf body.
pub(crate) fn object(body: &[u8]) -> Result<Value, ApiStatus> {
    let envelope = body
        .strip_prefix(MAGIC)
        .ok_or_else(|| refused("it has no magic number"))?;
    let (mut api_version, mut kind, mut raw) = (String::new(), String::new(), &[][..]);
    for item in Wire::new(envelope) {
        match item.map_err(refused)? {
            (1, Item::Bytes(meta)) => {
                for item in Wire::new(meta) {
                    match item.map_err(refused)? {
                        (1, Item::Bytes(text)) => api_version = String::from_utf8_lossy(text).into_owned(),
                        (2, Item::Bytes(text)) => kind = String::from_utf8_lossy(text).into_owned(),
                        _ => {}
                    }
                }
            }
            (2, Item::Bytes(bytes)) => raw = bytes,
            _ => {}
        }
    }
    // The first version of the autoscaler is the only kind whose message depends on the version.
    let name = if api_version == "autoscaling/v1" {
        format!("{kind}V1")
    } else {
        kind.clone()
    };
    let mut object = decode(&name, raw, 0)?;
    object.insert("apiVersion".to_owned(), json!(api_version));
    object.insert("kind".to_owned(), json!(kind));
    Ok(Value::Object(object))
}

fn decode(name: &str, bytes: &[u8], depth: usize) -> Result<Map<String, Value>, ApiStatus> {
    let mut object = Map::new();
    if bytes.is_empty() {
        return Ok(object);
    }
    let fields = message(name).ok_or_else(|| refused(format!("{name} is not known")))?;
    if depth > DEEPEST {
        return Err(refused("it nests too deeply"));
    }
    for item in Wire::new(bytes) {
        let (number, item) = item.map_err(refused)?;
        match fields.iter().find(|field| field.number == number) {
            Some(field) => put(&mut object, field, item, depth)?,
            None if item.is_empty() => {}
            None => return Err(refused(format!("field {number} of {name} is not known"))),
        }
    }
    Ok(object)
}

fn put(
    object: &mut Map<String, Value>,
    field: &Field,
    item: Item<'_>,
    depth: usize,
) -> Result<(), ApiStatus> {
    let key = field.name.to_owned();
    let value = match (field.kind, item) {
        (Kind::Nothing, _) | (Kind::Text, Item::Bytes([])) | (Kind::Number | Kind::Flag, Item::Number(0)) => {
            return Ok(());
        }
        (Kind::Text, Item::Bytes(text)) => json!(utf8(text)?),
        // Negative numbers travel as their two's complement.
        (Kind::Number | Kind::GivenNumber, Item::Number(number)) => json!(number as i64),
        (Kind::Flag | Kind::GivenFlag, Item::Number(number)) => json!(number != 0),
        (Kind::Time, Item::Bytes(bytes)) => match time(bytes)? {
            Some(time) => json!(time),
            None => return Ok(()),
        },
        (Kind::Quantity, Item::Bytes(bytes)) => quantity(bytes)?,
        (Kind::NumberOrText, Item::Bytes(bytes)) => number_or_text(bytes)?,
        (Kind::Texts, Item::Bytes(text)) => return push(object, key, json!(utf8(text)?)),
        (Kind::Message("ObjectMeta"), Item::Bytes([])) => return Ok(()),
        (Kind::Message(name), Item::Bytes(bytes)) => {
            let inner = decode(name, bytes, depth + 1)?;
            // Values that are no pointers are always sent; an empty one says nothing.
            if inner.is_empty()
                && matches!(
                    field.name,
                    "status" | "metadata" | "strategy" | "resources" | "spec"
                )
            {
                return Ok(());
            }
            Value::Object(inner)
        }
        (Kind::Messages(name), Item::Bytes(bytes)) => {
            return push(object, key, Value::Object(decode(name, bytes, depth + 1)?));
        }
        (Kind::Inline(name), Item::Bytes(bytes)) => {
            object.extend(decode(name, bytes, depth + 1)?);
            return Ok(());
        }
        (Kind::TextMap | Kind::BytesMap | Kind::QuantityMap, Item::Bytes(bytes)) => {
            let (name, value) = entry(bytes)?;
            let value = match field.kind {
                Kind::TextMap => json!(utf8(value)?),
                Kind::BytesMap => json!(base64::engine::general_purpose::STANDARD.encode(value)),
                _ => quantity(value)?,
            };
            let map = object.entry(key).or_insert_with(|| json!({}));
            map[name] = value;
            return Ok(());
        }
        _ => return Err(refused(format!("field {} has another type", field.name))),
    };
    object.insert(key, value);
    Ok(())
}

fn push(object: &mut Map<String, Value>, key: String, value: Value) -> Result<(), ApiStatus> {
    let list = object.entry(key).or_insert_with(|| json!([]));
    let list = list.as_array_mut().ok_or_else(|| refused("a list is none"))?;
    list.push(value);
    Ok(())
}

fn utf8(text: &[u8]) -> Result<&str, ApiStatus> {
    std::str::from_utf8(text).map_err(refused)
}

fn entry(bytes: &[u8]) -> Result<(String, &[u8]), ApiStatus> {
    let (mut key, mut value) = (String::new(), &[][..]);
    for item in Wire::new(bytes) {
        match item.map_err(refused)? {
            (1, Item::Bytes(text)) => utf8(text)?.clone_into(&mut key),
            (2, Item::Bytes(bytes)) => value = bytes,
            _ => {}
        }
    }
    Ok((key, value))
}

fn time(bytes: &[u8]) -> Result<Option<String>, ApiStatus> {
    for item in Wire::new(bytes) {
        if let (1, Item::Number(seconds)) = item.map_err(refused)? {
            let time = jiff::Timestamp::from_second(seconds as i64).map_err(refused)?;
            return Ok(Some(time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()));
        }
    }
    Ok(None)
}

fn quantity(bytes: &[u8]) -> Result<Value, ApiStatus> {
    for item in Wire::new(bytes) {
        if let (1, Item::Bytes(text)) = item.map_err(refused)? {
            return Ok(json!(utf8(text)?));
        }
    }
    Ok(json!("0"))
}

fn number_or_text(bytes: &[u8]) -> Result<Value, ApiStatus> {
    let (mut is_text, mut number, mut text) = (false, 0_i64, String::new());
    for item in Wire::new(bytes) {
        match item.map_err(refused)? {
            (1, Item::Number(kind)) => is_text = kind == 1,
            (2, Item::Number(value)) => number = value as i64,
            (3, Item::Bytes(value)) => utf8(value)?.clone_into(&mut text),
            _ => {}
        }
    }
    Ok(if is_text { json!(text) } else { json!(number) })
}
