//! Objects as no sane server would send them: checks and diagnosis must live through anything.

use jamie_core::ObjectRef;
use jamie_tools::{
    Snapshot,
    diagnosis::{self, Scope},
};
use proptest::prelude::*;
use serde_json::Value;

const NOW: &str = "2026-11-20T12:00:00Z";

fn documents() -> Vec<Value> {
    let yaml = format!(
        "{}\n---\n{}",
        include_str!("../fixtures/chain.yaml"),
        include_str!("../fixtures/image.yaml")
    );
    serde_saphyr::from_multiple(&yaml).unwrap()
}

/// The scalars of a document, by pointer.
fn scalars(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                let name = name.replace('~', "~0").replace('/', "~1");
                scalars(inner, &format!("{at}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                scalars(inner, &format!("{at}/{index}"), found);
            }
        }
        _ => found.push(at.to_owned()),
    }
}

fn strange() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        Just(Value::String(String::new())),
        Just(Value::String("é\u{0}\"💥/:@[{".to_owned())),
        Just(Value::String("x".repeat(5_000))),
        Just(Value::String("2026-11-20T12:00:00Z".to_owned())),
        Just(Value::from(-1)),
        Just(Value::from(i32::MIN)),
        Just(Value::from(i32::MAX)),
        Just(Value::Bool(true)),
        "\\PC{0,40}".prop_map(Value::String),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn nothing_makes_it_panic(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), strange(), any::<bool>()), 1..24)
    ) {
        let mut documents = documents();
        for (which, place, value, remove) in changes {
            let count = documents.len();
            let Some(document) = documents.get_mut(which.index(count)) else { continue };
            let mut places = Vec::new();
            scalars(document, "", &mut places);
            if places.is_empty() {
                continue;
            }
            let pointer = places[place.index(places.len())].clone();
            if pointer == "/kind" || pointer == "/apiVersion" {
                continue;
            }
            if remove && let Some((parent, name)) = pointer.rsplit_once('/') {
                if let Some(Value::Object(fields)) = document.pointer_mut(parent) {
                    fields.remove(name);
                }
            } else if let Some(slot) = document.pointer_mut(&pointer) {
                *slot = value;
            }
        }
        // What does not fit its type is left out by the server's reader; here it is left out one by one.
        let mut snapshot = Snapshot::from_yaml("", NOW.parse().unwrap()).unwrap();
        let fitting: Vec<String> = documents
            .iter()
            .map(Value::to_string)
            .filter(|text| Snapshot::from_yaml(text, NOW.parse().unwrap()).is_ok())
            .collect();
        let list = format!("{{\"kind\": \"List\", \"items\": [{}]}}", fitting.join(","));
        if let Ok(read) = Snapshot::from_yaml(&list, NOW.parse().unwrap()) {
            snapshot = read;
        }
        let _ = diagnosis::of_snapshot(&snapshot, &Scope::Cluster);
        for name in snapshot.names().all {
            let scope = Scope::Object(ObjectRef { uid: None, ..name.object });
            let _ = diagnosis::of_snapshot(&snapshot, &scope);
        }
    }
}
