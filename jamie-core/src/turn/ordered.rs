//! The arguments of a change that a model asks for in, whether the person's own words order exactly that out.
//!
//! Which change may be asked for at all is settled before: it is offered only where the words order it. Here its
//! object and its values are looked up in those words, so that no text from the estate can put in others.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Turn;
use crate::{ObjectRef, understand};

impl Turn {
    /// Whether a change's object and values are the person's; else what to tell the model.
    pub(super) fn ordered(&self, args: &Value) -> Result<(), String> {
        let words = words(&self.text);
        let (mut objects, mut values) = (Vec::new(), Vec::new());
        sort(args, &mut objects, &mut values);
        let named = |object: &ObjectRef| words.contains(&object.name.to_lowercase());
        let focus = &self.history.focus.objects;
        // What the conversation is about counts where the person names nothing else.
        let names_something = self.index.as_deref().is_some_and(|index| {
            let mut known = index.names().all.iter().map(|name| &name.object);
            known.any(|object| object.kind != "Namespace" && named(object))
        });
        let meant =
            |object: &ObjectRef| named(object) || (!names_something && focus.iter().any(|known| known.is_same(object)));
        if objects.is_empty() || !objects.iter().all(meant) {
            return Err(
                "A change is only worked out for an object that the person has named or is talking about.".to_owned(),
            );
        }
        let said = |value: &Value| match value {
            Value::String(text) => {
                let home = |object: &ObjectRef| object.namespace.as_deref() == Some(text.as_str());
                objects.iter().any(home) || self::words(text).iter().all(|word| words.contains(word))
            }
            Value::Number(number) => {
                let wanted = number.as_f64();
                words.iter().any(|word| understand::number(word).is_some_and(|said| Some(said) == wanted))
            }
            _ => true,
        };
        match values.into_iter().find(|value| !said(value)) {
            Some(value) => Err(format!("{value} is not in the person's words, and a change takes its values from those.")),
            None => Ok(()),
        }
    }
}

/// Objects, and the values beside them.
fn sort<'a>(value: &'a Value, objects: &mut Vec<ObjectRef>, values: &mut Vec<&'a Value>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| sort(item, objects, values)),
        Value::Object(fields) => match serde_json::from_value(value.clone()) {
            Ok(object) => objects.push(object),
            Err(_) => fields.values().for_each(|field| sort(field, objects, values)),
        },
        _ => values.push(value),
    }
}

/// The words of a text in lower case, as names are written.
fn words(text: &str) -> BTreeSet<String> {
    text.to_lowercase()
        .split(|c: char| !c.is_alphanumeric() && !matches!(c, '-' | '.' | '_'))
        .map(|word| word.trim_matches(['.', '-', '_']).to_owned())
        .filter(|word| !word.is_empty())
        .collect()
}
