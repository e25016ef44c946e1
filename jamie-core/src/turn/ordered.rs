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
        let meant = |object: &ObjectRef| {
            named(object) || (!names_something && focus.iter().any(|known| known.is_same(object)))
        };
        if objects.is_empty() || !objects.iter().all(meant) {
            return Err(
                "A change is only worked out for an object that the person has named or is talking about."
                    .to_owned(),
            );
        }
        let said = |value: &Value| match value {
            Value::String(text) => {
                let home = |object: &ObjectRef| object.namespace.as_deref() == Some(text.as_str());
                objects.iter().any(home) || self::words(text).iter().all(|word| words.contains(word))
            }
            Value::Number(number) => {
                let wanted = number.as_f64();
                words
                    .iter()
                    .any(|word| understand::number(word).is_some_and(|said| Some(said) == wanted))
            }
            _ => true,
        };
        match values.into_iter().find(|value| !said(value)) {
            Some(value) => Err(format!(
                "{value} is not in the person's words, and a change takes its values from those."
            )),
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::{Timestamp, tz::TimeZone};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::Turn;
    use crate::{
        Name, Names, ObjectRef, Request, Toolbox,
        persona::Plain,
        turn::{Kit, Limits},
        understand::NameIndex,
    };

    fn deployment(name: &str) -> ObjectRef {
        ObjectRef::namespaced("Deployment", "shop", name)
    }

    /// A turn that answers `text` in a talk about `focus`.
    fn turn(text: &str, focus: &[&str]) -> Turn {
        let kit = Kit::new(Toolbox::new(), Arc::new(Plain), Limits::default(), TimeZone::UTC);
        let mut turn = Turn::new(
            Arc::new(kit),
            Request::new(text, "ann", "a talk"),
            Timestamp::UNIX_EPOCH,
        );
        text.clone_into(&mut turn.text);
        turn.history.focus.objects = focus.iter().map(|name| deployment(name)).collect();
        let names = ["api", "api-gateway", "ledger", "web"].map(|name| Name {
            object: deployment(name),
            aliases: Vec::new(),
            owner: None,
        });
        turn.index = Some(Arc::new(NameIndex::new(Arc::new(Names { all: names.into() }))));
        turn
    }

    #[test]
    fn object_and_values_are_the_persons_own() {
        let on = |name: &str| json!({"target": deployment(name)});
        let to = |name: &str, replicas: Value| json!({"target": deployment(name), "replicas": replicas});
        for (text, focus, args, expected) in [
            ("restart ledger", &[][..], on("ledger"), true),
            ("restart shop/ledger, please", &[], on("ledger"), true),
            ("Restart Ledger!", &[], on("ledger"), true),
            ("restart ledger", &[], on("web"), false),
            ("restart api-gateway", &[], on("api"), false),
            ("restart ledgers", &[], on("ledger"), false),
            ("restart it", &["ledger"], on("ledger"), true),
            ("restart it", &["ledger"], on("web"), false),
            ("restart web", &["ledger"], on("ledger"), false),
            ("restart it", &[], on("ledger"), false),
            ("restart", &[], json!({}), false),
            (
                "restart ledger",
                &[],
                json!({"targets": [deployment("ledger"), deployment("web")]}),
                false,
            ),
            (
                "restart ledger and web",
                &[],
                json!({"targets": [deployment("ledger"), deployment("web")]}),
                true,
            ),
            ("scale ledger to 3", &[], to("ledger", json!(3)), true),
            ("scale ledger to three", &[], to("ledger", json!(3)), true),
            ("scale ledger to 3", &[], to("ledger", json!(0)), false),
            ("scale ledger to 30", &[], to("ledger", json!(3)), false),
            ("scale ledger up a bit", &[], to("ledger", json!(2)), false),
            (
                "give ledger 512Mi",
                &[],
                json!({"target": deployment("ledger"), "memory": "512Mi"}),
                true,
            ),
            (
                "give ledger 512Mi",
                &[],
                json!({"target": deployment("ledger"), "memory": "1Gi"}),
                false,
            ),
            (
                "run ledger with shop/ledger:2.1",
                &[],
                json!({"target": deployment("ledger"), "image": "shop/ledger:2.1"}),
                true,
            ),
            (
                "run ledger with shop/ledger:2.1",
                &[],
                json!({"target": deployment("ledger"), "image": "evil/ledger:2.1"}),
                false,
            ),
            (
                "restart ledger",
                &[],
                json!({"target": deployment("ledger"), "namespace": "shop"}),
                true,
            ),
            (
                "restart ledger",
                &[],
                json!({"target": deployment("ledger"), "more": {"image": "evil"}}),
                false,
            ),
        ] {
            let permitted = turn(text, focus).ordered(&args);
            assert_eq!(permitted.is_ok(), expected, "{text:?} {args}: {permitted:?}");
        }
    }

    proptest! {
        /// Whatever is said: what is not in it is never changed, and no value comes from elsewhere.
        #[test]
        fn nothing_comes_from_elsewhere(text in "[a-zA-Z ,.!/:-]{0,60}", name in "[a-z]{3,12}", value in "[a-z]{3,12}", replicas in 0_u32..200) {
            prop_assume!(!text.to_lowercase().contains(&value));
            let turn = turn(&format!("{text} ledger"), &["web"]);
            let refused = |args: Value| turn.ordered(&args).is_err();
            let (ledger, said) = (deployment("ledger"), text.to_lowercase());
            let other_value = refused(json!({"target": ledger, "image": value}));
            prop_assert!(other_value);
            let other_object = refused(json!({"target": deployment(&name)}));
            prop_assert!(other_object || name == "ledger" || said.contains(&name));
            let focus = refused(json!({"target": deployment("web")}));
            prop_assert!(focus || said.contains("web"));
            let spelt = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "couple", "dozen", "hundred"];
            let number = refused(json!({"target": ledger, "replicas": replicas}));
            prop_assert!(number || spelt.iter().any(|word| said.contains(word)));
        }
    }
}
