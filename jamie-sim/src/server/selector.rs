//! Label and field selectors: their text goes in, a test of objects comes out.

use serde_json::Value;

use super::resources::ResourceType;
use crate::store::ApiStatus;

/// Which objects of a kind are wanted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selector {
    labels: Vec<(String, Test)>,
    fields: Vec<(String, bool, String)>,
}

#[derive(Clone, Debug)]
enum Test {
    In(Vec<String>),
    NotIn(Vec<String>),
    Exists,
    Missing,
    Above(i64),
    Below(i64),
}

/// Fields besides the name and namespace that a kind can be selected by.
fn selectable(kind: &ResourceType) -> &'static [&'static str] {
    match (kind.group.as_str(), kind.plural.as_str()) {
        ("", "pods") => &[
            "spec.nodeName",
            "spec.restartPolicy",
            "spec.schedulerName",
            "spec.serviceAccountName",
            "spec.hostNetwork",
            "status.phase",
            "status.podIP",
            "status.nominatedNodeName",
        ],
        ("" | "events.k8s.io", "events") => &[
            "involvedObject.kind",
            "involvedObject.namespace",
            "involvedObject.name",
            "involvedObject.uid",
            "involvedObject.apiVersion",
            "involvedObject.resourceVersion",
            "involvedObject.fieldPath",
            "regarding.kind",
            "regarding.namespace",
            "regarding.name",
            "regarding.uid",
            "regarding.fieldPath",
            "reason",
            "reportingComponent",
            "reportingController",
            "source",
            "type",
        ],
        ("", "nodes") => &["spec.unschedulable"],
        ("", "namespaces") => &["status.phase"],
        ("", "secrets") => &["type"],
        ("", "services") => &["spec.clusterIP", "spec.type"],
        ("", "replicationcontrollers") | ("apps", "replicasets") => &["status.replicas"],
        ("batch", "jobs") => &["status.successful"],
        ("certificates.k8s.io", _) => &["spec.signerName"],
        _ => &[],
    }
}

impl Selector {
    pub(crate) fn parse(kind: &ResourceType, labels: &str, fields: &str) -> Result<Self, ApiStatus> {
        let mut selector = Self {
            labels: parse_labels(labels)?,
            fields: Vec::new(),
        };
        for part in fields.split(',').filter(|part| !part.is_empty()) {
            let (field, equal, value) = if let Some((field, value)) = part.split_once("!=") {
                (field, false, value)
            } else if let Some((field, value)) = part.split_once("==").or_else(|| part.split_once('=')) {
                (field, true, value)
            } else {
                return Err(ApiStatus::bad_request(format!(
                    "invalid selector: '{part}'; can't understand '{part}'"
                )));
            };
            let field = field.trim();
            let known =
                matches!(field, "metadata.name" | "metadata.namespace") || selectable(kind).contains(&field);
            if !known {
                let version = kind.versions.first().map_or("", String::as_str);
                return Err(ApiStatus::bad_request(format!(
                    "Unable to find \"{}/{version}, Resource={}\" that match label selector \"{labels}\", field \
                     selector \"{fields}\": field label not supported: {field}",
                    kind.group, kind.plural
                )));
            }
            selector.fields.push((
                field.to_owned(),
                equal,
                value.replace("\\,", ",").replace("\\=", "="),
            ));
        }
        Ok(selector)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.labels.is_empty() && self.fields.is_empty()
    }

    pub(crate) fn matches(&self, object: &Value) -> bool {
        let labels = object.pointer("/metadata/labels");
        let label = |name: &str| labels.and_then(|labels| labels.get(name)).and_then(Value::as_str);
        self.labels.iter().all(|(name, test)| test.holds(label(name)))
            && self
                .fields
                .iter()
                .all(|(field, equal, wanted)| (field_text(object, field) == *wanted) == *equal)
    }
}

fn field_text(object: &Value, field: &str) -> String {
    let mut value = object;
    let path = match field {
        "source" => "source.component",
        "reportingController" => "reportingComponent",
        "status.successful" => "status.succeeded",
        _ => field,
    };
    let path = path.replacen("regarding.", "involvedObject.", 1);
    for part in path.split('.') {
        match value.get(part) {
            Some(inner) => value = inner,
            None if path == "spec.unschedulable" || path == "spec.hostNetwork" => return "false".to_owned(),
            None if path.starts_with("status.")
                && (path.ends_with("replicas") || path.ends_with("succeeded")) =>
            {
                return "0".to_owned();
            }
            None => return String::new(),
        }
    }
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

impl Test {
    fn holds(&self, label: Option<&str>) -> bool {
        let number = || label.and_then(|label| label.parse::<i64>().ok());
        match self {
            Self::In(values) => label.is_some_and(|label| values.iter().any(|value| value == label)),
            Self::NotIn(values) => label.is_none_or(|label| values.iter().all(|value| value != label)),
            Self::Exists => label.is_some(),
            Self::Missing => label.is_none(),
            Self::Above(limit) => number().is_some_and(|number| number > *limit),
            Self::Below(limit) => number().is_some_and(|number| number < *limit),
        }
    }
}

/// Requirements in the form `a=b,c!=d,e in (x,y),!f,g`.
fn parse_labels(selector: &str) -> Result<Vec<(String, Test)>, ApiStatus> {
    let mut requirements = Vec::new();
    for part in split_outside_brackets(selector) {
        let part = part.trim();
        if part.is_empty() {
            continue;
        }
        let wrong = || {
            ApiStatus::bad_request(format!(
                "unable to parse requirement: found '{part}', expected: !, identifier, or 'end of string'"
            ))
        };
        let values = |list: &str| -> Option<Vec<String>> {
            let inner = list.trim().strip_prefix('(')?.strip_suffix(')')?;
            Some(inner.split(',').map(|value| value.trim().to_owned()).collect())
        };
        let (name, wanted) = if let Some(name) = part.strip_prefix('!') {
            (name.trim(), Test::Missing)
        } else if let Some((name, list)) = part.split_once(" notin ").or_else(|| part.split_once(" notin(")) {
            let list = if list.trim_start().starts_with('(') {
                list.to_owned()
            } else {
                format!("({list}")
            };
            (name.trim(), Test::NotIn(values(&list).ok_or_else(wrong)?))
        } else if let Some((name, list)) = part.split_once(" in ").or_else(|| part.split_once(" in(")) {
            let list = if list.trim_start().starts_with('(') {
                list.to_owned()
            } else {
                format!("({list}")
            };
            (name.trim(), Test::In(values(&list).ok_or_else(wrong)?))
        } else if let Some((name, value)) = part.split_once("!=") {
            (name.trim(), Test::NotIn(vec![value.trim().to_owned()]))
        } else if let Some((name, value)) = part.split_once("==").or_else(|| part.split_once('=')) {
            (name.trim(), Test::In(vec![value.trim().to_owned()]))
        } else if let Some((name, value)) = part.split_once('>') {
            (
                name.trim(),
                Test::Above(value.trim().parse().map_err(|_| wrong())?),
            )
        } else if let Some((name, value)) = part.split_once('<') {
            (
                name.trim(),
                Test::Below(value.trim().parse().map_err(|_| wrong())?),
            )
        } else {
            (part, Test::Exists)
        };
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
        if name.is_empty() || !name.chars().all(is_name) {
            return Err(wrong());
        }
        requirements.push((name.to_owned(), wanted));
    }
    Ok(requirements)
}

fn split_outside_brackets(text: &str) -> Vec<String> {
    let (mut parts, mut part, mut depth) = (Vec::new(), String::new(), 0_usize);
    for c in text.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(std::mem::take(&mut part));
                continue;
            }
            _ => {}
        }
        part.push(c);
    }
    parts.push(part);
    parts
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use serde_json::json;

    use super::Selector;
    use crate::server::resources;

    #[test]
    fn labels_are_selected_in_every_way_that_is_written() {
        let pod = json!({"metadata": {"name": "a", "labels": {"app": "web", "size": "3"}}, "spec": {"nodeName": "n"}});
        let kind = resources::by_kind("", "Pod").unwrap();
        let fits =
            |labels: &str, fields: &str| Selector::parse(kind, labels, fields).map(|one| one.matches(&pod));
        for (labels, fields, expected) in [
            ("app=web", "", true),
            ("app==web,size", "", true),
            ("app!=web", "", false),
            ("gone!=x,!gone", "", true),
            ("app in (api, web)", "", true),
            ("app notin (api,web)", "", false),
            ("size>2,size<4", "", true),
            ("", "spec.nodeName=n,metadata.name!=b", true),
            ("", "spec.nodeName=", false),
        ] {
            assert_eq!(fits(labels, fields).unwrap(), expected, "{labels} {fields}");
        }
        for (labels, fields) in [
            ("app in web", ""),
            ("=x", ""),
            ("a b", ""),
            ("", "name"),
            ("", "spec.colour=red"),
        ] {
            assert_eq!(fits(labels, fields).unwrap_err().code, 400, "{labels} {fields}");
        }
    }
}
