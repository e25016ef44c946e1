//! Ingresses and their certificates.

use std::sync::Arc;

use jamie_core::Severity;
use jamie_tools::{Fault, Snapshot, checks, snapshot::SecretKeys};

use super::{
    NOW, faults, only, quiet, says,
    services::{app, service},
};

/// An ingress `shop/front` that leads `shop.example.com/` to this backend.
fn ingress(backend: &str, more: &str) -> String {
    format!(
        "
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {{name: front, namespace: shop, creationTimestamp: 2026-11-20T08:00:00Z}}
spec:
  ingressClassName: nginx
  rules:
  - host: shop.example.com
    http: {{paths: [{{path: /, pathType: Prefix, backend: {{service: {backend}}}}}]}}
{more}
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {{name: nginx}}
spec: {{controller: k8s.io/ingress-nginx}}
"
    )
}

fn web() -> String {
    app("web") + &service("web", "{app: web}", "8080")
}

#[test]
fn backends_are_followed_to_service_and_port() {
    quiet(&faults(
        &(web() + &ingress("{name: web, port: {number: 80}}", "")),
    ));
    let missing = faults(&(web() + &ingress("{name: wbe, port: {number: 80}}", "")));
    let fault = only(&missing, "ingress-backend-missing");
    says(
        fault,
        &[
            "Service `wbe`, which does not exist",
            "`shop.example.com/`",
            "503",
            "Perhaps `web`",
        ],
    );
    assert_eq!(fault.severity, Severity::Critical);
    let port = faults(&(web() + &ingress("{name: web, port: {number: 8080}}", "")));
    says(only(&port, "ingress-backend-port"), &["port `8080`", "offers 80"]);
    let named = faults(&(web() + &ingress("{name: web, port: {name: http}}", "")));
    says(only(&named, "ingress-backend-port"), &["port `http`"]);
}

#[test]
fn a_backend_that_is_down_is_a_symptom_of_its_pods() {
    let found = faults(
        &(web().replace("status: 'True'", "status: 'False'")
            + &ingress("{name: web, port: {number: 80}}", "")),
    );
    let fault = only(&found, "ingress-backend-down");
    says(fault, &["503", "none of 1 pod is ready"]);
    assert_eq!(
        fault
            .blames
            .iter()
            .map(|object| object.kind.as_str())
            .collect::<Vec<_>>(),
        ["Service", "Deployment"]
    );
    assert_eq!(
        only(&found, "service-no-ready-endpoints").severity,
        Severity::Critical
    );
}

#[test]
fn classes_must_exist_or_be_the_default() {
    let good = web() + &ingress("{name: web, port: {number: 80}}", "");
    let wrong = good.replace("ingressClassName: nginx", "ingressClassName: ngnix");
    says(
        only(&faults(&wrong), "ingress-class"),
        &["`ngnix`, which does not exist", "Perhaps `nginx`"],
    );
    let none = good.replace("  ingressClassName: nginx\n", "");
    says(only(&faults(&none), "ingress-class"), &["names no class"]);
    let default = none.replace(
        "{name: nginx}",
        "{name: nginx, annotations: {ingressclass.kubernetes.io/is-default-class: 'true'}}",
    );
    quiet(&faults(&default));
    let served = wrong.replace("\n---\napiVersion: networking.k8s.io/v1\nkind: IngressClass", "\nstatus: {loadBalancer: {ingress: [{ip: 192.0.2.1}]}}\n---\napiVersion: networking.k8s.io/v1\nkind: IngressClass");
    quiet(&faults(&served));
}

#[test]
fn two_ingresses_that_claim_one_path_are_told_and_canaries_are_not() {
    let one = web() + &ingress("{name: web, port: {number: 80}}", "");
    let two = one.clone()
        + &app("blog")
        + &service("blog", "{app: blog}", "8080")
        + &ingress("{name: blog, port: {number: 80}}", "").replace("name: front", "name: blog");
    says(
        only(&faults(&two), "ingress-conflict"),
        &["`shop/front`", "`shop/blog`", "shop.example.com/"],
    );
    let canary = two.replace(
        "{name: blog, namespace: shop, creationTimestamp: 2026-11-20T08:00:00Z}",
        "{name: blog, namespace: shop, annotations: {nginx.ingress.kubernetes.io/canary: 'true'}}",
    );
    quiet(&faults(&canary));
}

#[test]
fn a_path_that_bears_the_name_of_another_service_is_pointed_out() {
    let routed = |backend: &str| {
        web() + &app("orders") + &service("orders", "{app: orders}", "8080")
            + &ingress("{name: web, port: {number: 80}}", "").replace(
                "paths: [",
                &format!("paths: [{{path: /orders, pathType: Prefix, backend: {{service: {{name: {backend}, port: {{number: 80}}}}}}}}, "),
            )
    };
    says(
        only(&faults(&routed("web")), "ingress-misroute"),
        &["`/orders` to Service `web`"],
    );
    quiet(&faults(&routed("orders")));
}

/// The faults with a Secret `shop/tls` whose certificate ends then and is for these names.
fn with_certificate(ends: &str, names: &[&str]) -> Vec<Fault> {
    let tls = "  tls: [{hosts: [shop.example.com], secretName: tls}]";
    let yaml = web() + &ingress("{name: web, port: {number: 80}}", tls);
    let mut snapshot = Snapshot::from_yaml(&yaml, NOW.parse().unwrap()).unwrap();
    let mut secret = SecretKeys {
        type_: Some("kubernetes.io/tls".to_owned()),
        ..SecretKeys::default()
    };
    secret.metadata.name = Some("tls".to_owned());
    secret.metadata.namespace = Some("shop".to_owned());
    secret.keys = [("tls.crt".to_owned(), 900), ("tls.key".to_owned(), 1_700)].into();
    secret.certificate_ends = Some(ends.parse().unwrap());
    secret.certificate_names = names.iter().map(|name| (*name).to_owned()).collect();
    snapshot.secrets.push(Arc::new(secret));
    checks::run(&snapshot)
}

#[test]
fn certificates_are_judged_by_their_dates_and_names() {
    quiet(&with_certificate("2027-11-20T00:00:00Z", &["*.example.com"]));
    let expired = with_certificate("2026-11-18T12:00:00Z", &["shop.example.com"]);
    let fault = only(&expired, "certificate-expired");
    says(
        fault,
        &["`shop/tls` expired 2 d ago", "ingress `shop/front` serves it"],
    );
    assert_eq!(fault.severity, Severity::Critical);
    says(
        only(
            &with_certificate("2026-11-27T12:00:00Z", &["shop.example.com"]),
            "certificate-ending",
        ),
        &["ends in 7 d"],
    );
    says(
        only(
            &with_certificate("2027-11-20T00:00:00Z", &["a.shop.example.com"]),
            "ingress-tls-host",
        ),
        &["`shop.example.com`", "is for `a.shop.example.com`"],
    );
}

#[test]
fn a_missing_certificate_and_missing_keys_are_told() {
    let tls = "  tls: [{hosts: [shop.example.com], secretName: tls}]";
    let yaml = web() + &ingress("{name: web, port: {number: 80}}", tls);
    says(
        only(&faults(&yaml), "ingress-tls-missing"),
        &["Secret `tls`, which does not exist"],
    );
    let empty = yaml
        + "---\napiVersion: v1\nkind: Secret\nmetadata: {name: tls, namespace: shop}\ndata: {cert: YQ==}\n";
    says(
        only(&faults(&empty), "ingress-tls-keys"),
        &["`tls.crt` and `tls.key`", "holds `cert`"],
    );
}
