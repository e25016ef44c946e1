//! Why the API server refuses to create pods: a controller's FailedCreate message in, plain words out.

use jamie_core::ObjectRef;

use crate::wording;

/// Quote, policy, account: the words for a title.
pub(crate) fn short(message: &str) -> String {
    let text = message.to_ascii_lowercase();
    if text.contains("exceeded quota") {
        format!(
            "the quota{} is used up (exceeded quota)",
            named(message, "exceeded quota: ")
        )
    } else if text.contains("violates podsecurity") {
        "they violate the Pod Security Standard of the namespace".to_owned()
    } else if text.contains("admission webhook") {
        match quoted(message, "admission webhook ") {
            Some(webhook) => format!("the admission webhook `{webhook}` denies them"),
            None => "an admission webhook denies them".to_owned(),
        }
    } else if text.contains("failed calling webhook") {
        match quoted(message, "failed calling webhook ") {
            Some(webhook) => format!("the admission webhook `{webhook}` cannot be reached"),
            None => "an admission webhook cannot be reached".to_owned(),
        }
    } else if text.contains("serviceaccount") && text.contains("not found") {
        match quoted(message, "serviceaccount ") {
            Some(account) => {
                let account = account.rsplit('/').next().unwrap_or(account);
                format!("the ServiceAccount `{account}` does not exist")
            }
            None => "their ServiceAccount does not exist".to_owned(),
        }
    } else if text.contains("limitrange")
        || text.contains("usage per")
        || text.contains("minimum") && text.contains("limit")
    {
        format!("they break a LimitRange: {}", wording::clip(tail(message), 120))
    } else if text.contains("no priorityclass") {
        "their PriorityClass does not exist".to_owned()
    } else if message.is_empty() {
        "the API server refuses to create them".to_owned()
    } else {
        wording::clip(tail(message), 140)
    }
}

/// The sentence of the cause, and what it points at.
pub(crate) fn read(message: &str, namespace: Option<&str>) -> (String, Vec<ObjectRef>) {
    let text = message.to_ascii_lowercase();
    let namespace = namespace.unwrap_or("default");
    let mut blames = Vec::new();
    if let Some(rest) = message.split("exceeded quota: ").nth(1) {
        let name = rest.split([',', ' ']).next().unwrap_or_default();
        blames.push(ObjectRef::namespaced("ResourceQuota", namespace, name));
    } else if text.contains("serviceaccount") && text.contains("not found") {
        if let Some(account) = quoted(message, "serviceaccount ") {
            let account = account.rsplit('/').next().unwrap_or(account);
            blames.push(ObjectRef::namespaced("ServiceAccount", namespace, account));
        }
    } else if text.contains("webhook") {
        for kind in ["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"] {
            if let Some(name) = quoted(message, "webhook ") {
                blames.push(ObjectRef::cluster(kind, name));
            }
        }
    }
    let sentence = if message.is_empty() {
        "The API server refuses to create its pods".to_owned()
    } else {
        format!(
            "The API server refuses its pods: {}",
            wording::clip(tail(message), 320)
        )
    };
    (sentence, blames)
}

fn named(message: &str, marker: &str) -> String {
    message
        .split(marker)
        .nth(1)
        .and_then(|rest| rest.split([',', ' ']).next())
        .filter(|name| !name.is_empty())
        .map(|name| format!(" `{name}`"))
        .unwrap_or_default()
}

fn quoted<'a>(message: &'a str, marker: &str) -> Option<&'a str> {
    let rest = message.split(marker).nth(1)?;
    rest.split('"').nth(1).filter(|name| !name.is_empty())
}

/// Without "Error creating: pods "x" is forbidden: ".
fn tail(message: &str) -> &str {
    let message = message.trim().trim_start_matches("Error creating: ");
    message
        .split_once("is forbidden: ")
        .map_or(message, |(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use super::{read, short};

    #[test]
    fn quotas_are_named() {
        let message = "Error creating: pods \"api-1\" is forbidden: exceeded quota: team, requested: cpu=1, used: cpu=4, limited: cpu=4";
        assert!(short(message).contains("`team`"));
        let (cause, blames) = read(message, Some("shop"));
        assert!(cause.contains("limited: cpu=4"));
        assert_eq!(blames.first().map(|blame| blame.name.as_str()), Some("team"));
    }
}
