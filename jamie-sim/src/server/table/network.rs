//! Rows of services, endpoints, ingresses and network policies.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::workloads::selector;
use super::{age, name};
use crate::server::fields::{list, number, pairs, text};

pub(super) const SERVICE: &[&str] = &["Name", "Type", "Cluster-IP", "External-IP", "Port(s)", "Age"];
pub(super) const INGRESS: &[&str] = &["Name", "Class", "Hosts", "Address", "Ports", "Age"];

fn or_none(parts: &[String]) -> String {
    if parts.is_empty() {
        "<none>".to_owned()
    } else {
        parts.join(",")
    }
}

fn load_balancer(object: &Value) -> Vec<String> {
    let ingress = list(object, "/status/loadBalancer/ingress").iter();
    ingress
        .map(|one| [text(one, "/ip"), text(one, "/hostname")].concat())
        .collect()
}

pub(super) fn service(service: &Value, now: Timestamp) -> Vec<Value> {
    let kind = match text(service, "/spec/type") {
        "" => "ClusterIP",
        kind => kind,
    };
    let ips: Vec<String> = list(service, "/spec/externalIPs")
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    let external = match kind {
        "ExternalName" => text(service, "/spec/externalName").to_owned(),
        "LoadBalancer" => {
            let all = [load_balancer(service), ips].concat();
            if all.is_empty() {
                "<pending>".to_owned()
            } else {
                all.join(",")
            }
        }
        _ => or_none(&ips),
    };
    let ports: Vec<String> = list(service, "/spec/ports")
        .iter()
        .map(|port| {
            let protocol = match text(port, "/protocol") {
                "" => "TCP",
                protocol => protocol,
            };
            match number(port, "/nodePort") {
                0 => format!("{}/{protocol}", number(port, "/port")),
                node_port => format!("{}:{node_port}/{protocol}", number(port, "/port")),
            }
        })
        .collect();
    let labels: Vec<String> = pairs(service, "/spec/selector")
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    let ip = match text(service, "/spec/clusterIP") {
        "" if kind == "ExternalName" => "<none>",
        ip => ip,
    };
    vec![
        json!(name(service)),
        json!(kind),
        json!(if ip.is_empty() { "<none>" } else { ip }),
        json!(external),
        json!(or_none(&ports)),
        json!(age(service, now)),
        json!(or_none(&labels)),
    ]
}

pub(super) fn endpoints(object: &Value, now: Timestamp) -> Vec<Value> {
    let mut all = Vec::new();
    for subset in list(object, "/subsets") {
        for address in list(subset, "/addresses") {
            let ip = text(address, "/ip");
            let ports = list(subset, "/ports");
            if ports.is_empty() {
                all.push(ip.to_owned());
            }
            all.extend(ports.iter().map(|port| format!("{ip}:{}", number(port, "/port"))));
        }
    }
    vec![
        json!(name(object)),
        json!(shortened(&all)),
        json!(age(object, now)),
    ]
}

fn shortened(all: &[String]) -> String {
    match all {
        [] => "<none>".to_owned(),
        [a, b, c, rest @ ..] if !rest.is_empty() => format!("{a},{b},{c} + {} more...", rest.len()),
        _ => all.join(","),
    }
}

pub(super) fn slice(object: &Value, now: Timestamp) -> Vec<Value> {
    let ports: Vec<String> = list(object, "/ports")
        .iter()
        .map(|port| number(port, "/port").to_string())
        .collect();
    let addresses: Vec<String> = list(object, "/endpoints")
        .iter()
        .flat_map(|one| list(one, "/addresses"))
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    let unset = |parts: &[String]| {
        if parts.is_empty() {
            "<unset>".to_owned()
        } else {
            shortened(parts)
        }
    };
    vec![
        json!(name(object)),
        json!(text(object, "/addressType")),
        json!(unset(&ports)),
        json!(unset(&addresses)),
        json!(age(object, now)),
    ]
}

pub(super) fn ingress(object: &Value, now: Timestamp) -> Vec<Value> {
    let mut hosts: Vec<String> = list(object, "/spec/rules")
        .iter()
        .map(|rule| text(rule, "/host"))
        .filter(|host| !host.is_empty())
        .map(str::to_owned)
        .collect();
    if hosts.is_empty() {
        hosts.push("*".to_owned());
    }
    let class = match text(object, "/spec/ingressClassName") {
        "" => "<none>",
        class => class,
    };
    let ports = if list(object, "/spec/tls").is_empty() {
        "80"
    } else {
        "80, 443"
    };
    vec![
        json!(name(object)),
        json!(class),
        json!(shortened(&hosts)),
        json!(load_balancer(object).join(",")),
        json!(ports),
        json!(age(object, now)),
    ]
}

pub(super) fn ingress_class(object: &Value, now: Timestamp) -> Vec<Value> {
    vec![
        json!(name(object)),
        json!(text(object, "/spec/controller")),
        json!("<none>"),
        json!(age(object, now)),
    ]
}

pub(super) fn policy(object: &Value, now: Timestamp) -> Vec<Value> {
    let found = object
        .pointer("/spec/podSelector")
        .map_or_else(|| "<none>".to_owned(), selector);
    vec![json!(name(object)), json!(found), json!(age(object, now))]
}
