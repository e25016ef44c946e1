//! The suite for tools: what can be checked without knowing what a tool does.

use serde_json::{Value, json};

use super::{Verdict, ensure};
use crate::{Effect, ErrorKind, Slot, Tool, ToolContext};

const PLACEHOLDERS: [&str; 6] = ["target", "kind", "namespace", "time", "count", "quoted"];

/// A tool can be named, found, called by a schema, and refuses arguments that do not fit it.
pub async fn tool(tool: &dyn Tool, context: &ToolContext) -> Verdict {
    let spec = tool.spec();
    let name = spec.name;
    let fits = !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    ensure(fits, || format!("{name:?} is not lower case with underscores"))?;
    ensure(spec.description.trim().len() >= 10, || {
        format!("{name} does not say what it does")
    })?;
    ensure(!spec.example.trim().is_empty(), || {
        format!("{name} has no example question")
    })?;
    ensure(!spec.phrases.is_empty(), || {
        format!("{name} does not say how it is asked for")
    })?;
    for phrase in &spec.phrases {
        for placeholder in placeholders(phrase.text) {
            ensure(PLACEHOLDERS.contains(&placeholder), || {
                format!("{name}: {{{placeholder}}} in {:?} is no placeholder", phrase.text)
            })?;
        }
        ensure(phrase.args.is_null() || phrase.args.is_object(), || {
            format!("{name}: what {:?} implies is not a set of arguments", phrase.text)
        })?;
    }
    schema(name, &spec.schema)?;
    // A change is never called by way of trial.
    if spec.effect == Effect::Read {
        let nonsense = json!({"\u{0}no such argument": [1, 2, 3], "target": 7, "namespace": {"a": 1}});
        let takes_any = spec.schema.get("properties").is_none();
        if let (false, Err(error)) = (
            takes_any,
            tool.call(context, Value::String("nonsense".to_owned())).await,
        ) {
            ensure(error.kind() == ErrorKind::InvalidInput, || {
                format!("{name} answers arguments that are no object with {error:?}")
            })?;
        }
        // Whatever it makes of these, it does not panic.
        let _ = tool.call(context, nonsense).await;
    }
    Ok(())
}

fn schema(name: &str, schema: &Value) -> Verdict {
    ensure(schema.get("type") == Some(&json!("object")), || {
        format!("the schema of {name} is not that of an object")
    })?;
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        return Ok(());
    };
    for (argument, property) in properties {
        if let Some(slot) = property.get("x-slot") {
            ensure(serde_json::from_value::<Slot>(slot.clone()).is_ok(), || {
                format!("{name}: the x-slot of {argument}, {slot}, is no slot")
            })?;
        }
    }
    Ok(())
}

/// What stands between braces.
fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|rest| rest.split('}').next())
}
