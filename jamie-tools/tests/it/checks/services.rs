//! Services: what they select, where they send it, and how they are reached.

use jamie_core::{Severity, Verdict};

use super::{faults, only, quiet, says, silent};

/// A Deployment `shop/NAME` of one replica labelled `app: NAME`, listening on 8080 (`http`), and its ready pod.
pub(crate) fn app(name: &str) -> String {
    format!(
        "
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}, namespace: shop}}
spec:
  replicas: 1
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec: {{containers: [{{name: {name}, image: 'x:1', ports: [{{name: http, containerPort: 8080}}]}}]}}
---
apiVersion: v1
kind: Pod
metadata: {{name: {name}-1, namespace: shop, labels: {{app: {name}}}, creationTimestamp: 2026-11-20T10:00:00Z}}
spec: {{nodeName: node-1, containers: [{{name: {name}, image: 'x:1', ports: [{{name: http, containerPort: 8080}}]}}]}}
status: {{phase: Running, conditions: [{{type: Ready, status: 'True'}}]}}
"
    )
}

/// A Service `shop/NAME` with this selector and target port.
pub(crate) fn service(name: &str, selector: &str, target: &str) -> String {
    format!(
        "
---
apiVersion: v1
kind: Service
metadata: {{name: {name}, namespace: shop}}
spec: {{selector: {selector}, ports: [{{port: 80, targetPort: {target}}}]}}
"
    )
}

#[test]
fn a_wrong_selector_is_shown_beside_the_labels() {
    let found = faults(&(app("api") + &service("api", "{app: api-v2}", "8080")));
    let fault = only(&found, "service-selects-nothing");
    says(
        fault,
        &[
            "`shop/api`",
            "app=api-v2",
            "`app=api`",
            "kubectl set selector service api 'app=api' -n shop",
        ],
    );
    assert_eq!(
        (fault.severity, fault.verdict),
        (Severity::Error, Verdict::Confirmed)
    );
    quiet(&faults(&(app("api") + &service("api", "{app: api}", "8080"))));
}

#[test]
fn a_wrong_key_is_found_as_well() {
    let found = faults(&(app("checkout") + &service("front", "{app.kubernetes.io/name: checkout}", "8080")));
    says(
        only(&found, "service-selects-nothing"),
        &["`checkout` stands under `app`", "'app=checkout'"],
    );
}

#[test]
fn pods_in_another_namespace_are_pointed_out() {
    let found = faults(
        &(app("api") + &service("api", "{app: api}", "8080").replace("namespace: shop", "namespace: front")),
    );
    says(
        only(&found, "service-selects-nothing"),
        &["namespace `shop`", "only selects in its own"],
    );
}

#[test]
fn roles_that_nobody_has_now_are_no_slip() {
    let cluster = app("db").replace("labels: {app: db}", "labels: {app: db, role: primary}");
    let found = faults(&(cluster + &service("db-ro", "{app: db, role: replica}", "8080")));
    quiet(&found);
}

#[test]
fn unready_pods_leave_a_service_without_endpoints() {
    let cluster =
        app("api").replace("status: 'True'", "status: 'False'") + &service("api", "{app: api}", "8080");
    let found = faults(&cluster);
    let fault = only(&found, "service-no-ready-endpoints");
    says(fault, &["no ready endpoints", "1 pod", "`shop/api`"]);
    assert_eq!(
        fault.blames.first().map(ToString::to_string).as_deref(),
        Some("Deployment shop/api")
    );

    let starting = cluster.replace("2026-11-20T10:00:00Z", "2026-11-20T11:59:40Z");
    silent(&faults(&starting), &["service"]);
    let publishing = cluster.replace(
        "ports: [{port: 80",
        "publishNotReadyAddresses: true, ports: [{port: 80",
    );
    silent(&faults(&publishing), &["service"]);
}

#[test]
fn scaled_to_zero_is_only_a_note() {
    let cluster = app("api").replace("replicas: 1", "replicas: 0");
    let without_pods = cluster.split("apiVersion: v1").next().unwrap().to_owned();
    let found = faults(
        &(without_pods.trim_end().trim_end_matches('-').to_owned() + &service("api", "{app: api}", "8080")),
    );
    assert_eq!(only(&found, "service-scaled-to-zero").severity, Severity::Info);
    quiet(&found);
}

#[test]
fn a_target_port_that_no_container_has_is_wrong() {
    let by_number = faults(&(app("api") + &service("api", "{app: api}", "9090")));
    says(
        only(&by_number, "service-target-port"),
        &["`9090`", "8080 (`http`)", "\"value\":8080"],
    );
    assert_eq!(only(&by_number, "service-target-port").verdict, Verdict::Likely);

    let by_name = faults(&(app("api") + &service("api", "{app: api}", "web")));
    says(
        only(&by_name, "service-target-port"),
        &["named `web`", "8080 (`http`)"],
    );
    assert_eq!(only(&by_name, "service-target-port").verdict, Verdict::Confirmed);
    quiet(&faults(&(app("api") + &service("api", "{app: api}", "http"))));
}

#[test]
fn a_port_that_the_pod_mentions_may_be_right() {
    let told = app("api").replace("image: 'x:1',", "image: 'x:1', args: ['--listen=:9090'],");
    quiet(&faults(&(told + &service("api", "{app: api}", "9090"))));
    let undeclared = app("api").replace(", ports: [{name: http, containerPort: 8080}]", "");
    quiet(&faults(&(undeclared + &service("api", "{app: api}", "9090"))));
}

#[test]
fn a_service_that_reaches_into_another_app_is_told() {
    let tiered = |name: &str| {
        app(name).replace(
            &format!("labels: {{app: {name}}}"),
            &format!("labels: {{app: {name}, tier: back}}"),
        )
    };
    let cluster = tiered("api") + &tiered("admin") + &service("admin", "{app: admin}", "8080");
    let found = faults(&(cluster.clone() + &service("api", "{tier: back}", "8080")));
    says(
        only(&found, "service-selects-strangers"),
        &["`shop/admin`", "tier=back"],
    );
    quiet(&faults(&(cluster + &service("api", "{app: api}", "8080"))));
}

#[test]
fn a_load_balancer_without_an_address_is_told_when_it_has_waited() {
    let pending = app("api")
        + &service("api", "{app: api}", "8080")
            .replace(
                "namespace: shop}",
                "namespace: shop, creationTimestamp: 2026-11-20T11:00:00Z}",
            )
            .replace("spec: {selector", "spec: {type: LoadBalancer, selector");
    let found = faults(&pending);
    says(
        only(&found, "load-balancer-pending"),
        &["EXTERNAL-IP is pending", "60 min"],
    );
    quiet(&faults(
        &pending.replace("2026-11-20T11:00:00Z", "2026-11-20T11:59:00Z"),
    ));
    quiet(&faults(
        &(pending + "status: {loadBalancer: {ingress: [{ip: 192.0.2.1}]}}\n"),
    ));
}

#[test]
fn an_external_name_may_lead_nowhere() {
    let alias = "
apiVersion: v1
kind: Service
metadata: {name: db, namespace: shop}
spec: {type: ExternalName, externalName: orders-db.data.svc.cluster.local}
";
    says(
        only(&faults(alias), "external-name"),
        &["`data/orders-db`", "does not exist"],
    );
    quiet(&faults(
        &alias.replace("orders-db.data.svc.cluster.local", "db.example.com"),
    ));
    says(
        only(
            &faults(&alias.replace("orders-db.data.svc.cluster.local", "10.0.0.7")),
            "external-name",
        ),
        &["IP address"],
    );
}

#[test]
fn local_traffic_drops_clients_on_other_nodes() {
    let client = app("web")
        .replace("nodeName: node-1", "nodeName: node-2")
        .replace(
            "image: 'x:1',",
            "image: 'x:1', env: [{name: API_URL, value: 'http://api:80'}],",
        );
    let cluster = app("api") + &client + &service("api", "{app: api}", "8080");
    let local = cluster.replace("spec: {selector", "spec: {internalTrafficPolicy: Local, selector");
    says(
        only(&faults(&local), "internal-traffic-local"),
        &["`node-2`", "`shop/web` calls it", "Cluster"],
    );
    quiet(&faults(&cluster));
}

#[test]
fn what_may_not_be_looked_at_is_not_missing() {
    use jamie_tools::{Snapshot, checks, snapshot::Coverage};
    let yaml = service("api", "{app: api}", "8080");
    let mut snapshot = Snapshot::from_yaml(&yaml, super::NOW.parse().unwrap()).unwrap();
    assert!(!checks::run(&snapshot).is_empty());
    snapshot.coverage.insert("Pod", Coverage::Forbidden);
    quiet(&checks::run(&snapshot));
}

#[test]
fn dns_without_endpoints_hits_everybody() {
    let dns = (app("kube-dns") + &service("kube-dns", "{app: kube-dns}", "8080"))
        .replace("namespace: shop", "namespace: kube-system")
        .replace("status: 'True'", "status: 'False'");
    let found = faults(&dns);
    let fault = only(&found, "service-no-ready-endpoints");
    says(fault, &["the cluster's DNS"]);
    assert_eq!(fault.severity, Severity::Critical);
}
