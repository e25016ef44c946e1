//! Multi-document Kubernetes YAML in, one JSON object per document out, with the line of whatever is wrong.

use serde::Deserialize;
use serde_json::Value;

use super::ScenarioError;

/// A block of Kubernetes YAML inside a scenario file.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Documents(serde_saphyr::Spanned<String>);

impl Documents {
    /// The objects, in the order they were written; a `List` becomes its items.
    pub(super) fn objects(&self, file: &str) -> Result<Vec<Value>, ScenarioError> {
        let first = self.0.referenced.line();
        let options = serde_saphyr::options! { legacy_octal_numbers: true };
        let documents: Vec<Value> = serde_saphyr::from_multiple_with_options(&self.0.value, options)
            .map_err(|error| ScenarioError::yaml(file, first.saturating_sub(1), &error))?;
        let mut objects = Vec::with_capacity(documents.len());
        for (index, mut document) in documents.into_iter().enumerate() {
            if document
                .get("kind")
                .and_then(Value::as_str)
                .is_some_and(|kind| kind == "List")
            {
                if let Some(Value::Array(items)) = document.get_mut("items").map(Value::take) {
                    objects.extend(items);
                }
                continue;
            }
            for field in ["/apiVersion", "/kind", "/metadata/name"] {
                if document
                    .pointer(field)
                    .and_then(Value::as_str)
                    .is_none_or(str::is_empty)
                {
                    let field = field.trim_start_matches('/').replace('/', ".");
                    let message = format!("document {} of this block has no {field}", index + 1);
                    return Err(ScenarioError::new(file, Some(first), message));
                }
            }
            objects.push(document);
        }
        Ok(objects)
    }
}
