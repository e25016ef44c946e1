//! A tool's schema and an understood question in, the arguments of the call out.

use serde_json::{Map, Value, json};

use super::{NameIndex, kinds};
use crate::{ObjectRef, Quantity, Question, Slot};

/// An argument that the router fills.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Argument {
    name: String,
    pub(super) slot: Slot,
    /// The kinds it takes; none means any.
    kinds: Vec<String>,
    pub(super) required: bool,
}

impl Argument {
    /// The arguments with a slot in a schema.
    pub(super) fn of(schema: &Value) -> Vec<Self> {
        let required = |name: &str| {
            schema
                .get("required")
                .and_then(Value::as_array)
                .is_some_and(|all| all.iter().any(|one| one == name))
        };
        let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
            return Vec::new();
        };
        properties
            .iter()
            .filter_map(|(name, property)| {
                let slot = serde_json::from_value(property.get("x-slot")?.clone()).ok()?;
                let kinds = property
                    .get("x-kinds")
                    .and_then(Value::as_array)
                    .map(|kinds| {
                        kinds
                            .iter()
                            .filter_map(Value::as_str)
                            .map(str::to_owned)
                            .collect()
                    })
                    .unwrap_or_default();
                Some(Self {
                    name: name.clone(),
                    slot,
                    kinds,
                    required: required(name),
                })
            })
            .collect()
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Whether it takes objects of a kind.
    pub(super) fn takes(&self, kind: &str) -> bool {
        self.kinds.is_empty() || self.kinds.iter().any(|taken| taken == kind)
    }

    /// Whether the tool cannot do without an object.
    pub(super) fn needs_target(&self) -> bool {
        self.required && matches!(self.slot, Slot::Target | Slot::Targets | Slot::SecondTarget)
    }
}

/// Fills the arguments that have a slot. `targets` are those of this call, which may be fewer than the
/// question's.
pub(super) fn fill(
    arguments: &[Argument],
    question: &Question,
    targets: &[ObjectRef],
    index: &NameIndex,
) -> Map<String, Value> {
    let mut filled = Map::new();
    let second = arguments
        .iter()
        .any(|argument| argument.slot == Slot::SecondTarget);
    for argument in arguments {
        let value = match argument.slot {
            Slot::Target => targets
                .first()
                .cloned()
                .or_else(|| namespace_as_target(argument, question))
                .map(|object| json!(of_kind(&object, &argument.kinds, index))),
            Slot::SecondTarget => targets
                .get(1)
                .map(|object| json!(of_kind(object, &argument.kinds, index))),
            Slot::Targets => (!targets.is_empty()).then(|| {
                let skip = usize::from(second) * 2;
                json!(
                    targets
                        .iter()
                        .skip(skip)
                        .map(|object| of_kind(object, &argument.kinds, index))
                        .collect::<Vec<_>>()
                )
            }),
            Slot::Kind => question.kind.as_ref().map(|kind| json!(kind)),
            Slot::Namespace => question.namespace.as_ref().map(|namespace| json!(namespace)),
            Slot::Since => question.time.map(|time| json!(time.from.to_string())),
            Slot::Until => question
                .time
                .and_then(|time| time.until)
                .map(|until| json!(until.to_string())),
            Slot::Count => question.quantities.iter().find_map(|quantity| match quantity {
                Quantity::Count(count) => Some(json!(count)),
                _ => None,
            }),
            Slot::Quoted => question.quoted.first().map(|quoted| json!(quoted)),
            Slot::Fresh => question.fresh.as_ref().map(|name| json!(name)),
            Slot::Text => Some(json!(question.text)),
        };
        if let Some(value) = value {
            filled.insert(argument.name.clone(), value);
        }
    }
    filled
}

/// "What is wrong in the shop namespace" names no object but a place, which a tool may take for one.
fn namespace_as_target(argument: &Argument, question: &Question) -> Option<ObjectRef> {
    if !argument.takes("Namespace") || question.kind.is_some() || question.unknown.is_some() {
        return None;
    }
    question
        .namespace
        .as_ref()
        .map(|namespace| ObjectRef::cluster("Namespace", namespace.as_str()))
}

/// The object, or its namesake of a kind that the argument takes.
fn of_kind(object: &ObjectRef, kinds: &[String], index: &NameIndex) -> ObjectRef {
    if kinds.is_empty() || kinds.contains(&object.kind) {
        return object.clone();
    }
    index
        .exact(&object.name)
        .into_iter()
        .filter_map(|candidate| index.get(candidate.name))
        .filter(|name| name.object.namespace == object.namespace && kinds.contains(&name.object.kind))
        .max_by(|a, b| kinds::weight(&a.object.kind).total_cmp(&kinds::weight(&b.object.kind)))
        .map_or_else(|| object.clone(), |name| name.object.clone())
}
