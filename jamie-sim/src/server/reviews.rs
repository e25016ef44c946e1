//! Questions about permissions: a review goes in, the same with its answer comes out.

use http::StatusCode;
use serde_json::{Value, json};

use super::auth::User;
use super::fields::{list, text};
use super::rbac::{self, Wish};
use super::request::Request;
use super::respond::{self, Outcome};
use crate::store::{ApiStatus, Store};

/// Answers a review.
pub(crate) fn answer(store: &Store, kind: &str, request: &Request) -> Outcome {
    let mut review = request.object()?;
    if !review.is_object() {
        return Err(ApiStatus::bad_request("the review is not a JSON object"));
    }
    let status = match kind {
        "SelfSubjectAccessReview" => access(store, &request.user, &review),
        "SubjectAccessReview" | "LocalSubjectAccessReview" => {
            let groups = list(&review, "/spec/groups")
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned);
            let user = User {
                name: text(&review, "/spec/user").to_owned(),
                groups: groups.collect(),
                uid: None,
            };
            access(store, &user, &review)
        }
        "SelfSubjectRulesReview" => rules(store, &request.user, text(&review, "/spec/namespace")),
        "SelfSubjectReview" => json!({"userInfo": request.user.to_value()}),
        _ => json!({"authenticated": false, "error": "tokens are not reviewed here"}),
    };
    review["status"] = status;
    review["kind"] = json!(kind);
    Ok(respond::json_with(StatusCode::CREATED, &review))
}

fn access(store: &Store, user: &User, review: &Value) -> Value {
    let wish = if review.pointer("/spec/nonResourceAttributes").is_some() {
        Wish {
            verb: text(review, "/spec/nonResourceAttributes/verb").to_owned(),
            path: Some(text(review, "/spec/nonResourceAttributes/path").to_owned()),
            ..Wish::default()
        }
    } else {
        let of = |field: &str| text(review, &format!("/spec/resourceAttributes/{field}")).to_owned();
        Wish {
            verb: of("verb"),
            group: of("group"),
            resource: of("resource"),
            subresource: of("subresource"),
            namespace: Some(of("namespace")).filter(|namespace| !namespace.is_empty()),
            name: of("name"),
            path: None,
        }
    };
    if rbac::allows(store, user, &wish) {
        json!({"allowed": true})
    } else {
        json!({"allowed": false})
    }
}

fn rules(store: &Store, user: &User, namespace: &str) -> Value {
    let mut all = rbac::rules_of(
        store,
        user,
        Some(namespace).filter(|namespace| !namespace.is_empty()),
    );
    if user.groups.iter().any(|group| group == "system:masters") {
        all.push(json!({"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}));
        all.push(json!({"verbs": ["*"], "nonResourceURLs": ["*"]}));
    }
    all.push(json!({"verbs": ["create"], "apiGroups": ["authorization.k8s.io"],
        "resources": ["selfsubjectaccessreviews", "selfsubjectrulesreviews"]}));
    let (paths, resources): (Vec<Value>, Vec<Value>) = all
        .into_iter()
        .partition(|rule| rule.get("nonResourceURLs").is_some());
    json!({"resourceRules": resources, "nonResourceRules": paths, "incomplete": false})
}
