//! Label selectors: a selector and an object's labels in, whether they match out.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

/// Labels as the API holds them.
pub type Labels = BTreeMap<String, String>;

/// Whether every wanted label is there with that value; an empty wish matches everything.
pub fn matches_labels(wanted: &Labels, labels: Option<&Labels>) -> bool {
    wanted
        .iter()
        .all(|(key, value)| labels.and_then(|labels| labels.get(key)) == Some(value))
}

/// Whether a selector matches labels; an empty selector matches everything, as in the API.
pub fn matches(selector: &LabelSelector, labels: Option<&Labels>) -> bool {
    let exact = selector
        .match_labels
        .as_ref()
        .is_none_or(|wanted| matches_labels(wanted, labels));
    exact
        && selector.match_expressions.iter().flatten().all(|expression| {
            let value = labels.and_then(|labels| labels.get(&expression.key));
            let listed = |value: &String| expression.values.iter().flatten().any(|one| one == value);
            match expression.operator.as_str() {
                "In" => value.is_some_and(listed),
                "NotIn" => !value.is_some_and(listed),
                "Exists" => value.is_some(),
                "DoesNotExist" => value.is_none(),
                _ => false,
            }
        })
}
