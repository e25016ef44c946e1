//! Patches change what they say and nothing else.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use serde_json::{Value, json};

use super::strategic;

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
