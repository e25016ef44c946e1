//! Patches change what they say and nothing else.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use http::{HeaderMap, Method};
use serde_json::{Value, json};

use super::{applied, strategic};
use crate::server::auth::User;
use crate::server::request::{Accept, Query, Request};
use crate::server::resources;
use crate::store::ApiStatus;

fn apply(current: Option<&Value>, wanted: &Value, query: &str) -> Result<Value, ApiStatus> {
    let request = Request {
        method: Method::PATCH,
        query: Query::of(&format!("/?{query}").parse().unwrap()),
        accept: Accept::Object,
        headers: HeaderMap::new(),
        user: User::admin(),
        refusals: std::sync::Arc::from([]),
        body: bytes::Bytes::new(),
    };
    let kind = resources::by_kind("apps", "Deployment").unwrap();
    let mut wanted = wanted.clone();
    wanted["apiVersion"] = json!("apps/v1");
    wanted["kind"] = json!("Deployment");
    applied(kind, "v1", current, &wanted, &request)
}

fn with(containers: &Value, replicas: Option<u32>) -> Value {
    let mut object =
        json!({"metadata": {"name": "api"}, "spec": {"template": {"spec": {"containers": containers}}}});
    if let Some(replicas) = replicas {
        object["spec"]["replicas"] = json!(replicas);
    }
    object
}

#[test]
fn an_applied_field_goes_when_it_is_wanted_no_more() {
    let first = with(
        &json!([{"name": "web", "image": "web:1", "tty": true}, {"name": "old", "image": "old:1"}]),
        Some(3),
    );
    let object = apply(None, &first, "fieldManager=one").unwrap();
    let second = with(&json!([{"name": "web", "image": "web:2"}]), None);
    let object = apply(Some(&object), &second, "fieldManager=one").unwrap();
    assert_eq!(object["spec"], second["spec"]);
    assert_eq!(object["metadata"]["managedFields"].as_array().unwrap().len(), 1);
}

#[test]
fn a_field_of_another_manager_conflicts_unless_forced_or_equal() {
    let ours = with(&json!([{"name": "web", "image": "web:1"}]), Some(3));
    let object = apply(None, &ours, "fieldManager=one").unwrap();
    apply(Some(&object), &ours, "fieldManager=two").unwrap();
    let theirs = with(
        &json!([{"name": "web", "image": "web:1"}, {"name": "side", "image": "side:1"}]),
        Some(5),
    );
    let refused = apply(Some(&object), &theirs, "fieldManager=two").unwrap_err();
    assert_eq!(
        refused.message,
        "Apply failed with 1 conflict: conflict with \"one\": .spec.replicas"
    );
    let object = apply(Some(&object), &theirs, "fieldManager=two&force=true").unwrap();
    assert_eq!(object["spec"]["replicas"], 5);
    // The first has lost the count, so it takes nothing away by not naming it any more.
    let object = apply(
        Some(&object),
        &with(&json!([{"name": "web", "image": "web:1"}]), None),
        "fieldManager=one",
    );
    let object = object.unwrap();
    assert_eq!(object["spec"]["replicas"], 5);
    assert_eq!(
        object["spec"]["template"]["spec"]["containers"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(apply(None, &ours, "").unwrap_err().code, 422);
}

fn object() -> Value {
    json!({"metadata": {"name": "api", "finalizers": ["a"]}, "spec": {"template": {"spec": {"containers": [
        {"name": "web", "image": "web:1", "env": [{"name": "A", "value": "1"}], "args": ["x"]},
        {"name": "proxy", "image": "proxy:1"},
    ], "tolerations": [{"key": "a"}]}}}})
}

#[test]
fn a_strategic_patch_finds_containers_by_name() {
    let mut object = object();
    let patch = json!({"spec": {"template": {"spec": {
        "$setElementOrder/containers": [{"name": "proxy"}, {"name": "web"}],
        "containers": [
            {"name": "web", "image": "web:2", "env": [{"name": "B", "value": "2"}], "args": ["y"]},
            {"name": "proxy", "$patch": "delete"}, {"name": "new", "image": "new:1", "command": null}],
        "tolerations": [{"key": "b"}]}}}});
    strategic::merge(&mut object, &patch).unwrap();
    assert_eq!(
        object["spec"]["template"]["spec"],
        json!({"containers": [
        {"name": "web", "image": "web:2", "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
            "args": ["y"]},
        {"name": "new", "image": "new:1"}], "tolerations": [{"key": "b"}]})
    );
}

#[test]
fn directives_replace_retain_and_take_away() {
    let mut object = object();
    let patch = json!({"metadata": {"$deleteFromPrimitiveList/finalizers": ["a"], "finalizers": ["b"]},
        "spec": {"template": {"spec": {"$retainKeys": ["containers"], "containers": [
            {"$patch": "replace"}, {"name": "only", "image": "only:1"}]}}}});
    strategic::merge(&mut object, &patch).unwrap();
    assert_eq!(object["metadata"]["finalizers"], json!(["b"]));
    assert_eq!(
        object["spec"]["template"]["spec"],
        json!({"containers": [{"name": "only", "image": "only:1"}]})
    );
    assert!(
        strategic::merge(
            &mut object,
            &json!({"spec": {"template": {"spec": {"containers": [{}]}}}})
        )
        .is_err()
    );
}
