//! Selectors in, the text that people write for them out.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

pub use crate::snapshot::Labels;

/// Pairs as people write them: `app=web,tier=front`.
pub fn show_pairs(pairs: &Labels) -> String {
    pairs
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect::<Vec<_>>()
        .join(",")
}

/// A selector as `kubectl -l` takes it; an empty one is `everything`.
pub fn show(selector: &LabelSelector) -> String {
    let mut parts: Vec<String> = selector
        .match_labels
        .iter()
        .flatten()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    for requirement in selector.match_expressions.iter().flatten() {
        let values = requirement.values.as_deref().unwrap_or_default().join(",");
        let key = &requirement.key;
        parts.push(match requirement.operator.as_str() {
            "In" => format!("{key} in ({values})"),
            "NotIn" => format!("{key} notin ({values})"),
            "Exists" => key.clone(),
            "DoesNotExist" => format!("!{key}"),
            other => format!("{key} {other} ({values})"),
        });
    }
    if parts.is_empty() {
        "everything".to_owned()
    } else {
        parts.join(",")
    }
}
