//! The store keeps what it promises: versions, conflicts, generations, finalizers, history.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use serde_json::json;

use super::{ChangeKind, Key, Store};

fn deployment(replicas: u32) -> serde_json::Value {
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "api", "namespace": "shop"},
        "spec": {"replicas": replicas}})
}

#[test]
fn a_changed_spec_bumps_the_generation_and_a_changed_status_does_not() {
    let store = Store::new();
    let key = Key::for_object(&deployment(1)).unwrap();
    store.create(key.clone(), deployment(1)).unwrap();
    let with_status = store
        .modify(&key, |object| object["status"] = json!({"replicas": 1}))
        .unwrap();
    assert_eq!(with_status["metadata"]["generation"], 1);
    let scaled = store
        .modify(&key, |object| object["spec"]["replicas"] = json!(2))
        .unwrap();
    assert_eq!(scaled["metadata"]["generation"], 2);
    assert_eq!(scaled["metadata"]["uid"], with_status["metadata"]["uid"]);
}

#[test]
fn a_stale_resource_version_conflicts_and_an_unchanged_object_keeps_its_own() {
    let store = Store::new();
    let key = Key::for_object(&deployment(1)).unwrap();
    let first = store.create(key.clone(), deployment(1)).unwrap();
    let again = store.update(&key, (*first).clone()).unwrap();
    assert_eq!(first, again);
    store
        .modify(&key, |object| object["spec"]["replicas"] = json!(3))
        .unwrap();
    assert_eq!(store.update(&key, (*first).clone()).unwrap_err().code, 409);
    assert_eq!(
        store.create(key, deployment(1)).unwrap_err().reason,
        "AlreadyExists"
    );
}

#[test]
fn a_finalizer_holds_an_object_until_it_is_taken_off() {
    let store = Store::new();
    let key = Key::for_object(&deployment(1)).unwrap();
    let mut object = deployment(1);
    object["metadata"]["finalizers"] = json!(["example.com/hold"]);
    store.create(key.clone(), object).unwrap();
    assert!(store.delete(&key).unwrap()["metadata"]["deletionTimestamp"].is_string());
    assert!(store.get(&key).is_some());
    store
        .modify(&key, |object| object["metadata"]["finalizers"] = json!([]))
        .unwrap();
    assert!(store.get(&key).is_none());
}

#[tokio::test]
async fn a_subscription_tells_every_change_in_order() {
    let store = Store::new();
    let key = Key::for_object(&deployment(1)).unwrap();
    let mut changes = store.subscribe();
    store.create(key.clone(), deployment(1)).unwrap();
    store
        .modify(&key, |object| object["spec"]["replicas"] = json!(2))
        .unwrap();
    store.delete(&key).unwrap();
    let mut kinds = Vec::new();
    for _ in 0..3 {
        kinds.push(changes.next().await.unwrap().kind);
    }
    assert_eq!(
        kinds,
        [ChangeKind::Added, ChangeKind::Modified, ChangeKind::Deleted]
    );
    assert!(changes.try_next().unwrap().is_none());
    store.compact();
    assert!(store.subscribe_from(1).is_err());
}

#[test]
fn generated_names_are_unique_and_keys_know_their_kind() {
    let store = Store::new();
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"generateName": "api-"}});
    for _ in 0..20 {
        store.create(Key::for_object(&pod).unwrap(), pod.clone()).unwrap();
    }
    assert_eq!(store.list("", "pods", Some("default")).len(), 20);
    assert!(Key::for_object(&json!({"apiVersion": "example.com/v1", "kind": "Widget"})).is_err());
}
