//! What containers are told to call.

use jamie_core::Severity;

use super::{
    faults, only, quiet, says,
    services::{app, service},
};

fn caller(variable: &str) -> String {
    app("web").replace("image: 'x:1',", &format!("image: 'x:1', env: [{variable}],"))
        + &service("web", "{app: web}", "8080")
}

#[test]
fn a_name_that_is_no_service_is_told_with_the_one_that_is_like_it() {
    let unready = caller("{name: DB_HOST, value: order-db}").replace("status: 'True'", "status: 'False'");
    let cluster = unready + &app("orders-db") + &service("orders-db", "{app: orders-db}", "8080");
    let found = faults(&cluster);
    let fault = only(&found, "dependency-missing");
    says(
        fault,
        &[
            "`shop/web` calls `order-db`",
            "`DB_HOST`",
            "Service `orders-db`: perhaps that is meant",
        ],
    );
    assert_eq!(fault.severity, Severity::Error);
    quiet(&faults(
        &cluster
            .replace("value: order-db", "value: orders-db")
            .replace("status: 'False'", "status: 'True'"),
    ));
}

#[test]
fn a_service_in_another_namespace_is_pointed_out() {
    let cluster = caller("{name: CACHE_URL, value: 'redis://:secret@cache:6379/0'}")
        + &(app("cache") + &service("cache", "{app: cache}", "8080"))
            .replace("namespace: shop", "namespace: data");
    let found = faults(&cluster);
    let fault = only(&found, "dependency-missing");
    says(fault, &["namespace `data`", "`cache.data`"]);
    assert!(!super::words(fault).contains("secret"));
}

#[test]
fn a_port_that_the_service_does_not_have_is_told() {
    let there = app("api") + &service("api", "{app: api}", "8080");
    let found =
        faults(&(caller("{name: API_URL, value: 'http://api.shop.svc.cluster.local:8080/v1'}") + &there));
    says(
        only(&found, "dependency-port"),
        &["on port 8080", "offers 80", "`targetPort`"],
    );
    quiet(&faults(
        &(caller("{name: API_URL, value: 'http://api.shop:80/v1'}") + &there),
    ));
}

#[test]
fn a_port_told_beside_the_host_counts() {
    let there = app("db") + &service("db", "{app: db}", "8080");
    let wrong = caller("{name: DB_HOST, value: db}, {name: DB_PORT, value: '5433'}") + &there;
    says(only(&faults(&wrong), "dependency-port"), &["on port 5433"]);
    quiet(&faults(&wrong.replace("5433", "80")));
}

#[test]
fn values_in_config_maps_are_read() {
    let cluster = app("web").replace(
        "image: 'x:1',",
        "image: 'x:1', envFrom: [{configMapRef: {name: web}}],",
    ) + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: web, namespace: shop}\ndata: {UPSTREAM: 'http://ap.shop.svc:80'}\n"
        + &app("api")
        + &service("api", "{app: api}", "8080");
    says(
        only(&faults(&cluster), "dependency-missing"),
        &["ConfigMap `web`", "`shop/ap`", "`api`"],
    );
}

#[test]
fn names_of_the_world_outside_are_left_alone() {
    for value in [
        "https://api.example.com/v1",
        "smtp.example.org:25",
        "localhost:8080",
        "10.1.2.3:80",
        "true",
        "http://minio:9000",
    ] {
        quiet(&faults(&caller(&format!(
            "{{name: BACKEND_URL, value: '{value}'}}"
        ))));
    }
}

#[test]
fn the_name_of_a_stateful_pod_needs_the_governing_service() {
    let set = "
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop}
spec:
  serviceName: db-peers
  replicas: 1
  selector: {matchLabels: {app: db}}
  template: {metadata: {labels: {app: db}}, spec: {containers: [{name: db, image: 'db:1'}]}}
status: {replicas: 1, readyReplicas: 1, availableReplicas: 1, currentReplicas: 1}
";
    let found = faults(&(caller("{name: DB_URL, value: 'mongodb://db-0.db-peers:27017'}") + set));
    says(
        only(&found, "dependency-missing"),
        &["`db-0.db-peers`", "no Service `shop/db-peers`"],
    );
    says(
        only(&found, "governing-service-missing"),
        &["`shop/web` calls it by such a name"],
    );
}
