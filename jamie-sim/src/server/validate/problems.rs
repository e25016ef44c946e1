//! A list of complaints about one object, worded as the real server words them.

use serde_json::{Value, json};

use crate::server::fields::text;
use crate::server::resources::ResourceType;
use crate::store::ApiStatus;

/// The complaints found so far.
#[derive(Debug)]
pub(super) struct Problems {
    kind: String,
    group: String,
    name: String,
    found: Vec<(String, &'static str, String)>,
}

impl Problems {
    pub(super) fn new(kind: &ResourceType, object: &Value) -> Self {
        Self {
            kind: kind.kind.clone(),
            group: kind.group.clone(),
            name: text(object, "/metadata/name").to_owned(),
            found: Vec::new(),
        }
    }

    fn add(&mut self, field: &str, reason: &'static str, message: String) {
        self.found.push((field.to_owned(), reason, message));
    }

    pub(super) fn required(&mut self, field: &str, why: &str) {
        let message = if why.is_empty() {
            "Required value".to_owned()
        } else {
            format!("Required value: {why}")
        };
        self.add(field, "FieldValueRequired", message);
    }

    pub(super) fn invalid(&mut self, field: &str, value: Option<&Value>, why: &str) {
        let shown = value.map_or_else(|| "null".to_owned(), Value::to_string);
        self.add(
            field,
            "FieldValueInvalid",
            format!("Invalid value: {shown}: {why}"),
        );
    }

    pub(super) fn not_found(&mut self, field: &str, value: &str) {
        self.add(field, "FieldValueNotFound", format!("Not found: \"{value}\""));
    }

    pub(super) fn duplicate(&mut self, field: &str, value: &str) {
        self.add(
            field,
            "FieldValueDuplicate",
            format!("Duplicate value: \"{value}\""),
        );
    }

    pub(super) fn forbidden(&mut self, field: &str, why: &str) {
        self.add(field, "FieldValueForbidden", format!("Forbidden: {why}"));
    }

    pub(super) fn unsupported(&mut self, field: &str, value: &str, supported: &[&str]) {
        let quoted: Vec<String> = supported.iter().map(|one| format!("\"{one}\"")).collect();
        let message = format!(
            "Unsupported value: \"{value}\": supported values: {}",
            quoted.join(", ")
        );
        self.add(field, "FieldValueNotSupported", message);
    }

    /// Nothing wrong, or the refusal.
    pub(super) fn verdict(self) -> Result<(), ApiStatus> {
        let told: Vec<String> = self
            .found
            .iter()
            .map(|(field, _, message)| format!("{field}: {message}"))
            .collect();
        let told = match told.as_slice() {
            [] => return Ok(()),
            [one] => one.clone(),
            many => format!("[{}]", many.join(", ")),
        };
        let dotted = if self.group.is_empty() {
            self.kind.clone()
        } else {
            format!("{}.{}", self.kind, self.group)
        };
        let causes: Vec<Value> = self
            .found
            .iter()
            .map(|(field, reason, message)| json!({"field": field, "reason": reason, "message": message}))
            .collect();
        let message = format!("{dotted} \"{}\" is invalid: {told}", self.name);
        Err(ApiStatus::new(422, "Invalid", message).with_details(
            json!({"name": self.name, "group": self.group, "kind": self.kind, "causes": causes}),
        ))
    }
}
