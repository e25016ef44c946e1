#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use jamie_core::ObjectRef;
use jiff::Timestamp;

use super::{Outcome, Party, Path, PortAsked, solve};
use crate::Snapshot;

const SHOP: &str = r"
{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {team: shop}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: till, labels: {team: till}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: web-1, namespace: shop, labels: {app: web}}, spec: {nodeName: n1, containers: [{name: c}]}, status: {phase: Running, podIP: 10.0.0.1, conditions: [{type: Ready, status: 'True'}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: till-1, namespace: till, labels: {app: till}}, spec: {nodeName: n1, containers: [{name: c}]}, status: {phase: Running, podIP: 10.0.0.3, conditions: [{type: Ready, status: 'True'}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: api-1, namespace: shop, labels: {app: api}}, spec: {nodeName: n2, containers: [{name: c, ports: [{name: http, containerPort: 8080}]}]}, status: {phase: Running, podIP: 10.0.0.2, conditions: [{type: Ready, status: 'True'}]}}
";

const SERVICE: &str = "{apiVersion: v1, kind: Service, metadata: {name: api, namespace: shop}, spec: {clusterIP: 10.1.0.1, selector: {app: api}, ports: [{port: 80, targetPort: http}]}}";

fn pod(namespace: &str, name: &str) -> ObjectRef {
    ObjectRef::namespaced("Pod", namespace, name)
}

fn way(yaml: &[&str], from: &ObjectRef, to: &ObjectRef, port: Option<i32>) -> Path {
    let mut all = vec![SHOP];
    all.extend(yaml);
    let snapshot = Snapshot::from_yaml(&all.join("\n---\n"), Timestamp::UNIX_EPOCH).unwrap();
    let from = Party::of(&snapshot, from).unwrap();
    let to = Party::of(&snapshot, to).unwrap();
    solve(&snapshot, &from, &to, port.map(PortAsked::Number).as_ref())
}

fn to_service(yaml: &[&str], from: &ObjectRef, port: Option<i32>) -> Path {
    way(yaml, from, &ObjectRef::namespaced("Service", "shop", "api"), port)
}

fn broken(path: &Path) -> &str {
    &path
        .broken()
        .unwrap_or_else(|| panic!("not broken: {path:#?}"))
        .text
}

#[test]
fn an_open_way_passes_every_hop() {
    let path = to_service(&[SERVICE], &pod("shop", "web-1"), None);
    assert!(
        path.hops.iter().all(|hop| hop.outcome == Outcome::Passes),
        "{path:#?}"
    );
    assert_eq!(path.port, Some(80));
}

#[test]
fn a_pod_is_reached_through_its_service() {
    let path = way(&[SERVICE], &pod("shop", "web-1"), &pod("shop", "api-1"), None);
    assert_eq!(
        path.service,
        Some(ObjectRef::namespaced("Service", "shop", "api"))
    );
    assert!(path.broken().is_none());
}

#[test]
fn the_pods_port_is_not_the_services() {
    let path = to_service(&[SERVICE], &pod("shop", "web-1"), Some(8080));
    assert!(
        broken(&path).contains("has no port 8080, only 80"),
        "{}",
        broken(&path)
    );
}

#[test]
fn a_selector_that_picks_nothing_names_the_near_miss() {
    let service = SERVICE.replace("selector: {app: api}", "selector: {app: apis}");
    let path = to_service(&[&service], &pod("shop", "web-1"), None);
    assert!(broken(&path).contains("`app=apis`"), "{}", broken(&path));
    assert!(broken(&path).contains("`app=api`"), "{}", broken(&path));
}

#[test]
fn a_port_name_that_no_container_has_fails() {
    let service = SERVICE.replace("targetPort: http", "targetPort: web");
    let path = to_service(&[&service], &pod("shop", "web-1"), None);
    assert!(broken(&path).contains("8080 (http)"), "{}", broken(&path));
}

const DENY: &str = "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: deny, namespace: shop}, spec: {podSelector: {}, policyTypes: [Ingress]}}";

#[test]
fn a_default_deny_is_the_failing_hop_and_the_opening_is_offered() {
    let path = to_service(&[SERVICE, DENY], &pod("till", "till-1"), None);
    assert!(broken(&path).contains("`shop/deny`"), "{}", broken(&path));
    assert!(
        broken(&path).contains("8080"),
        "policies see the pod's port: {}",
        broken(&path)
    );
    let opening = path.opening.unwrap();
    assert!(opening.contains("kubernetes.io/metadata.name: till"), "{opening}");
    assert!(opening.contains("8080"), "{opening}");
}

#[test]
fn namespace_selectors_and_ports_count() {
    let allow = |team: &str, port: &str| {
        format!(
            "{{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {{name: allow, namespace: shop}}, spec: {{podSelector: {{matchLabels: {{app: api}}}}, ingress: [{{from: [{{namespaceSelector: {{matchLabels: {{team: {team}}}}}}}], ports: [{{port: {port}}}]}}]}}}}"
        )
    };
    let from = pod("till", "till-1");
    assert!(
        to_service(&[SERVICE, DENY, &allow("till", "8080")], &from, None)
            .broken()
            .is_none()
    );
    assert!(
        to_service(&[SERVICE, DENY, &allow("till", "http")], &from, None)
            .broken()
            .is_none()
    );
    let path = to_service(&[SERVICE, DENY, &allow("till", "80")], &from, None);
    assert!(broken(&path).contains("only on TCP 80"), "{}", broken(&path));
    let path = to_service(&[SERVICE, DENY, &allow("shop", "8080")], &from, None);
    assert!(broken(&path).contains("`team=shop`"), "{}", broken(&path));
}

#[test]
fn egress_without_dns_fails_at_the_name() {
    let egress = "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: out, namespace: shop}, spec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {app: api}}}]}]}}";
    let path = to_service(&[SERVICE, egress], &pod("shop", "web-1"), None);
    let hop = path.broken().unwrap();
    assert_eq!(hop.step, "name");
    assert!(hop.text.contains("cannot look up names"), "{}", hop.text);
}

#[test]
fn an_address_block_lets_addresses_out() {
    let egress = "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: out, namespace: shop}, spec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.9.0.0/16]}}]}]}}";
    let snapshot = Snapshot::from_yaml(&[SHOP, egress].join("\n---\n"), Timestamp::UNIX_EPOCH).unwrap();
    let from = Party::of(&snapshot, &pod("shop", "web-1")).unwrap();
    let out = |word: &str| solve(&snapshot, &from, &Party::said(word).unwrap(), None);
    assert!(out("1.2.3.4").broken().is_none());
    assert!(out("10.9.1.1").broken().is_some());
    assert!(out("internet").broken().is_none());
}

#[test]
fn nothing_outside_reaches_what_nothing_exposes() {
    let snapshot = Snapshot::from_yaml(&[SHOP, SERVICE].join("\n---\n"), Timestamp::UNIX_EPOCH).unwrap();
    let to = Party::of(&snapshot, &ObjectRef::namespaced("Service", "shop", "api")).unwrap();
    let path = solve(&snapshot, &Party::Internet, &to, None);
    assert_eq!(path.broken().unwrap().step, "exposure");
}

#[test]
fn an_ingress_to_a_missing_service_fails() {
    let ingress = "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: front, namespace: shop}, spec: {ingressClassName: nginx, rules: [{host: shop.example.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: apii, port: {number: 80}}}}]}}]}}
---
{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: nginx}}";
    let snapshot =
        Snapshot::from_yaml(&[SHOP, SERVICE, ingress].join("\n---\n"), Timestamp::UNIX_EPOCH).unwrap();
    let to = Party::of(&snapshot, &ObjectRef::namespaced("Ingress", "shop", "front")).unwrap();
    let path = solve(&snapshot, &Party::Internet, &to, None);
    assert!(
        broken(&path).contains("`shop/apii`, which does not exist"),
        "{}",
        broken(&path)
    );
}
