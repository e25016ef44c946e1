//! Paths that policies or DNS settings close.

use super::{
    faults, only, quiet, says,
    services::{app, service},
};

fn shop() -> String {
    let web = app("web").replace(
        "image: 'x:1',",
        "image: 'x:1', env: [{name: API_URL, value: 'http://api:80'}],",
    );
    web + &app("api") + &service("api", "{app: api}", "8080")
}

fn policy(name: &str, spec: &str) -> String {
    format!(
        "
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: {name}, namespace: shop}}
spec: {spec}
"
    )
}

const DENY: &str = "{podSelector: {}, policyTypes: [Ingress]}";
const ALLOW: &str = "{podSelector: {matchLabels: {app: api}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 8080}]}]}";

#[test]
fn a_policy_counts_when_it_cuts_a_known_path() {
    let cut = faults(&(shop() + &policy("deny", DENY)));
    let fault = only(&cut, "network-policy-blocks");
    says(
        fault,
        &[
            "`shop/deny` cuts `shop/web` off from Service `shop/api`",
            "API_URL",
        ],
    );
    quiet(&faults(
        &(shop() + &policy("deny", DENY) + &policy("allow", ALLOW)),
    ));
    let wrong_port = ALLOW.replace("8080", "9090");
    only(
        &faults(&(shop() + &policy("deny", DENY) + &policy("allow", &wrong_port))),
        "network-policy-blocks",
    );
}

#[test]
fn deny_by_default_alone_is_no_fault() {
    quiet(&faults(
        &(app("api") + &service("api", "{app: api}", "8080") + &policy("deny", DENY)),
    ));
}

#[test]
fn egress_without_dns_is_told() {
    let spec = "{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {app: api}}}]}]}";
    says(
        only(&faults(&(shop() + &policy("out", spec))), "network-policy-dns"),
        &["`shop/out`", "DNS"],
    );
    let open = "{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {app: api}}}]}, {ports: [{port: 53, protocol: UDP}]}]}";
    quiet(&faults(&(shop() + &policy("out", open))));
}

#[test]
fn pods_that_ask_the_node_for_names_do_not_find_services() {
    let odd = shop()
        .replace(
            "spec: {containers: [{name: web",
            "spec: {dnsPolicy: Default, containers: [{name: web",
        )
        .replace(
            "spec: {nodeName: node-1, containers: [{name: web",
            "spec: {nodeName: node-1, dnsPolicy: Default, containers: [{name: web",
        );
    says(
        only(&faults(&odd), "dns-policy"),
        &["`shop/web` cannot resolve `api`", "dnsPolicy: Default"],
    );
}
