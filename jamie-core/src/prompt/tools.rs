//! Tools in, tools as a model sees them out: objects are plain text there, and become objects again only where one of
//! that name exists.

use serde_json::{Map, Value, json};

use crate::{ObjectRef, Slot, ToolSpec, llm::ModelTool, understand::NameIndex};

/// What a model may call a tool by, and how its arguments become the tool's.
#[derive(Debug, Clone)]
pub(crate) struct ToolView {
    pub(crate) name: &'static str,
    /// Arguments that hold objects: name, and whether it is a list.
    objects: Vec<(String, bool)>,
    known: Vec<String>,
}

const OBJECT: &str = "Kind/namespace/name";

/// A tool with a schema that costs few tokens.
pub(crate) fn model_tool(spec: &ToolSpec) -> (ModelTool, ToolView) {
    let definitions = spec.schema.get("$defs").cloned().unwrap_or(Value::Null);
    let mut properties = Map::new();
    let mut objects = Vec::new();
    let empty = Map::new();
    let given = spec
        .schema
        .get("properties")
        .and_then(Value::as_object)
        .unwrap_or(&empty);
    for (name, property) in given {
        let slot: Option<Slot> = property
            .get("x-slot")
            .and_then(|slot| serde_json::from_value(slot.clone()).ok());
        let short = match slot {
            Some(Slot::Target | Slot::SecondTarget) => {
                objects.push((name.clone(), false));
                json!({"type": "string", "description": OBJECT})
            }
            Some(Slot::Targets) => {
                objects.push((name.clone(), true));
                json!({"type": "array", "items": {"type": "string"}, "description": OBJECT})
            }
            // The person's own words are put in by the turn.
            Some(Slot::Text) => continue,
            _ => shortened(property, &definitions, 0),
        };
        properties.insert(name.clone(), short);
    }
    let required: Vec<Value> = spec
        .schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter(|name| name.as_str().is_some_and(|name| properties.contains_key(name)))
        .cloned()
        .collect();
    let known = given.keys().cloned().collect();
    let mut schema = json!({"type": "object", "properties": properties});
    if !required.is_empty()
        && let Some(schema) = schema.as_object_mut()
    {
        schema.insert("required".to_owned(), Value::Array(required));
    }
    (
        ModelTool {
            name: spec.name.to_owned(),
            description: first_sentence(spec.description),
            schema,
        },
        ToolView {
            name: spec.name,
            objects,
            known,
        },
    )
}

/// The same tool for fewer tokens: without words on its arguments, and unless it `keeps_all`, without those that only
/// narrow down what the others name.
pub(crate) fn slimmer(tool: &ModelTool, keeps_all: bool) -> ModelTool {
    let mut slim = tool.clone();
    let required = tool.schema.get("required").cloned().unwrap_or_default();
    let Some(properties) = slim.schema.get_mut("properties").and_then(Value::as_object_mut) else {
        return slim;
    };
    let is_required = |name: &str| {
        required
            .as_array()
            .is_some_and(|all| all.iter().any(|one| one == name))
    };
    if !keeps_all {
        properties.retain(|name, property| {
            is_required(name)
                || property.get("description") == Some(&json!(OBJECT))
                || matches!(name.as_str(), "namespace" | "kind")
        });
    }
    for property in properties.values_mut().filter_map(Value::as_object_mut) {
        if property.get("description") != Some(&json!(OBJECT)) {
            property.remove("description");
        }
    }
    slim
}

/// A property without what a model does not need.
fn shortened(property: &Value, definitions: &Value, depth: usize) -> Value {
    let Some(object) = property.as_object() else {
        return json!({});
    };
    if depth > 4 {
        return json!({});
    }
    if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
        let name = reference.rsplit('/').next().unwrap_or_default();
        return definitions
            .get(name)
            .map_or_else(|| json!({}), |found| shortened(found, definitions, depth + 1));
    }
    for choice in ["anyOf", "oneOf"] {
        let Some(options) = object.get(choice).and_then(Value::as_array) else {
            continue;
        };
        let constants: Vec<Value> = options
            .iter()
            .filter_map(|option| option.get("const").cloned())
            .collect();
        if constants.len() == options.len() && !constants.is_empty() {
            return json!({"enum": constants});
        }
        if let Some(option) = options
            .iter()
            .find(|option| option.get("type") != Some(&json!("null")))
        {
            return shortened(option, definitions, depth + 1);
        }
    }
    let mut short = Map::new();
    for key in ["type", "enum", "const"] {
        if let Some(value) = object.get(key) {
            short.insert(key.to_owned(), without_null(value));
        }
    }
    if let Some(items) = object.get("items") {
        short.insert("items".to_owned(), shortened(items, definitions, depth + 1));
    }
    if let Some(properties) = object.get("properties").and_then(Value::as_object) {
        let inner = properties
            .iter()
            .map(|(name, property)| (name.clone(), shortened(property, definitions, depth + 1)))
            .collect();
        short.insert("properties".to_owned(), Value::Object(inner));
    }
    if depth == 0
        && let Some(description) = object.get("description").and_then(Value::as_str)
    {
        short.insert("description".to_owned(), Value::from(first_sentence(description)));
    }
    Value::Object(short)
}

fn without_null(value: &Value) -> Value {
    match value.as_array() {
        Some(types) => types
            .iter()
            .find(|one| *one != &json!("null"))
            .filter(|_| types.len() == 2)
            .cloned()
            .unwrap_or_else(|| value.clone()),
        None => value.clone(),
    }
}

fn first_sentence(text: &str) -> String {
    const MOST: usize = 90;
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let end = text.find(". ").unwrap_or(text.len()).min(text.len());
    let sentence = text.get(..end).unwrap_or(&text).trim_end_matches('.');
    match sentence.char_indices().nth(MOST) {
        Some((cut, _)) => format!("{}…", sentence.get(..cut).unwrap_or_default()),
        None => sentence.to_owned(),
    }
}

/// A model's arguments as the tool takes them: objects that exist in the place of their names.
///
/// The error is a sentence for the model that says what to write instead.
pub(crate) fn resolve_targets(
    view: &ToolView,
    arguments: &Value,
    index: Option<&NameIndex>,
) -> Result<Value, String> {
    let mut args = match arguments {
        Value::Object(args) => args.clone(),
        Value::Null => Map::new(),
        other => {
            return Err(format!(
                "The arguments of {} must be a JSON object, these are not: {}",
                view.name,
                other.to_string().chars().take(120).collect::<String>()
            ));
        }
    };
    args.retain(|_, value| !value.is_null());
    let strange: Vec<&str> = args
        .keys()
        .filter(|name| !view.known.contains(name))
        .map(String::as_str)
        .collect();
    if !strange.is_empty() {
        return Err(format!(
            "{} takes no {}; it takes {}.",
            view.name,
            strange.join(", "),
            view.known.join(", ")
        ));
    }
    for (name, is_list) in &view.objects {
        let Some(value) = args.get_mut(name) else {
            continue;
        };
        *value = match (&*value, *is_list) {
            (Value::Array(items), true) => Value::Array(
                items
                    .iter()
                    .map(|one| object(one, index))
                    .collect::<Result<_, _>>()?,
            ),
            (one, true) => Value::Array(vec![object(one, index)?]),
            (one, false) => object(one, index)?,
        };
    }
    Ok(Value::Object(args))
}

/// An object that exists, from however a model writes it.
fn object(value: &Value, index: Option<&NameIndex>) -> Result<Value, String> {
    let (kind, namespace, name) = match value {
        Value::String(text) => parts(text),
        Value::Object(_) => {
            let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
            (text("kind"), text("namespace"), text("name").unwrap_or_default())
        }
        other => return Err(format!("{other} names no object; write {OBJECT}.")),
    };
    let Some(index) = index else {
        return Err("No names are known here, so no object can be looked at.".to_owned());
    };
    let all = &index.names().all;
    let fits = |object: &ObjectRef, exact: bool| {
        (if exact {
            object.name == name
        } else {
            object.name.eq_ignore_ascii_case(&name)
        }) && kind
            .as_ref()
            .is_none_or(|kind| object.kind.eq_ignore_ascii_case(kind))
            && namespace.as_ref().is_none_or(|namespace| {
                object.namespace.as_ref() == Some(namespace) || object.namespace.is_none()
            })
    };
    let mut found: Vec<&ObjectRef> = all
        .iter()
        .map(|one| &one.object)
        .filter(|one| fits(one, true))
        .collect();
    if found.is_empty() {
        found = all
            .iter()
            .map(|one| &one.object)
            .filter(|one| fits(one, false))
            .collect();
    }
    // A bare name means the workload before what hangs on it.
    found.sort_by_key(|object| match object.kind.as_str() {
        "Deployment" | "StatefulSet" | "DaemonSet" => 0,
        "CronJob" | "Job" => 1,
        "Pod" => 2,
        "Service" => 3,
        _ => 4,
    });
    if let Some(object) = found.first() {
        return Ok(json!(object));
    }
    let mut near: Vec<(f64, &ObjectRef)> = all
        .iter()
        .map(|one| (strsim::jaro_winkler(&one.object.name, &name), &one.object))
        .filter(|(score, _)| *score > 0.8)
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0));
    let near: Vec<String> = near
        .iter()
        .take(3)
        .map(|(_, object)| match &object.namespace {
            Some(namespace) => format!("{}/{namespace}/{}", object.kind, object.name),
            None => format!("{}/{}", object.kind, object.name),
        })
        .collect();
    Err(if near.is_empty() {
        format!("There is no object called {name}; write {OBJECT} of one that exists.")
    } else {
        format!(
            "There is no object called {name}; did you mean {}?",
            near.join(" or ")
        )
    })
}

/// `Kind/namespace/name`, `Kind namespace/name`, `namespace/name` or `name`.
fn parts(text: &str) -> (Option<String>, Option<String>, String) {
    let text = text.trim().trim_matches('`');
    let (kind, rest) = match text.split_once(' ') {
        Some((kind, rest)) => (Some(kind.to_owned()), rest.trim()),
        None => (None, text),
    };
    let split: Vec<&str> = rest.split('/').filter(|part| !part.is_empty()).collect();
    match (kind, split.as_slice()) {
        (None, [kind, namespace, name]) => (
            Some((*kind).to_owned()),
            Some((*namespace).to_owned()),
            (*name).to_owned(),
        ),
        // `Node/node-1` and `shop/api` look alike: kinds are written with a capital.
        (None, [kind, name]) if kind.starts_with(|c: char| c.is_ascii_uppercase()) => {
            (Some((*kind).to_owned()), None, (*name).to_owned())
        }
        (kind, [.., namespace, name]) => (kind, Some((*namespace).to_owned()), (*name).to_owned()),
        (kind, [name]) => (kind, None, (*name).to_owned()),
        (kind, []) => (kind, None, String::new()),
    }
}
