//! A Service or workload in; how it is reached, on which ports, and who stands behind it, out.

use std::sync::Arc;

use async_trait::async_trait;
use jamie_core::{Block, NextStep, ObjectRef, Phrase, Result, Severity, ToolContext, ToolOutput};
use k8s_openapi::{api::core::v1::Service, apimachinery::pkg::util::intstr::IntOrString};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::{Look, findings, must_exist, phrases, table::table};
use crate::{
    Snapshot,
    cluster::{Cluster, Freshness},
    diagnosis::Scope,
    pod_status::status_of,
    selector,
    snapshot::{is_ready, reference},
    wording,
};

pub(super) struct Endpoints;

/// Of what.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Args {
    /// The Service, workload, pod or Ingress.
    #[schemars(extend("x-slot" = "target"))]
    target: ObjectRef,
}

#[async_trait]
impl Look for Endpoints {
    type Args = Args;
    const NAME: &'static str = "endpoints";
    const DESCRIPTION: &'static str =
        "How something is reached: its Services, addresses, host names and ports, and the pods behind them.";
    const IS_BARE: bool = true;
    const EXAMPLE: &'static str = "which port does api listen on?";

    fn phrases() -> Vec<Phrase> {
        phrases(&[
            "endpoints of {target}",
            "which pods are behind {target}",
            "who is behind {target}",
            "does {target} have endpoints",
            "backends of {target}",
            "which port does {target} listen on",
            "ports of {target}",
            "port of {target}",
            "url of {target}",
            "address of {target}",
            "ip of {target}",
            "host name of {target}",
            "how do I reach {target}",
            "how is {target} exposed",
            "which service leads to {target}",
            "which ingress leads to {target}",
            "where does {target} route to",
            "load balancer of {target}",
        ])
    }

    async fn look(cluster: &Cluster, _context: &ToolContext, args: Args) -> Result<ToolOutput> {
        if let Some(namespace) = &args.target.namespace {
            cluster.include_namespace(namespace);
        }
        let snapshot = cluster.snapshot(Freshness::Recent).await?;
        must_exist(&snapshot, &args.target)?;
        let mut output = told(&snapshot, &args.target);
        findings::bring(
            cluster,
            &mut output,
            &Scope::Object(args.target),
            Severity::Warning,
        )
        .await?;
        Ok(output)
    }
}

/// The Services that an object is or leads through.
fn services(snapshot: &Snapshot, target: &ObjectRef) -> Vec<Arc<Service>> {
    let namespace = target.namespace.as_deref().unwrap_or_default();
    match target.kind.as_str() {
        "Service" => snapshot
            .service(namespace, &target.name)
            .cloned()
            .into_iter()
            .collect(),
        "Ingress" => {
            let Some(ingress) = snapshot.ingress(namespace, &target.name) else {
                return Vec::new();
            };
            let spec = ingress.spec.clone().unwrap_or_default();
            let mut names: Vec<String> = spec
                .rules
                .iter()
                .flatten()
                .flat_map(|rule| rule.http.iter().flat_map(|http| &http.paths))
                .filter_map(|path| Some(path.backend.service.as_ref()?.name.clone()))
                .chain(
                    spec.default_backend
                        .iter()
                        .filter_map(|backend| Some(backend.service.as_ref()?.name.clone())),
                )
                .collect();
            names.sort();
            names.dedup();
            names
                .iter()
                .filter_map(|name| snapshot.service(namespace, name))
                .cloned()
                .collect()
        }
        _ => {
            let pods = snapshot.pods_of(target);
            let imagined = crate::template::imagined_pod(snapshot, target);
            let pod = pods
                .first()
                .map(std::convert::AsRef::as_ref)
                .or(imagined.as_ref());
            pod.map(|pod| snapshot.services_of(pod).into_iter().cloned().collect())
                .unwrap_or_default()
        }
    }
}

/// `80 → http`, for each port.
fn ports(service: &Service) -> Vec<String> {
    let ports = service.spec.iter().flat_map(|spec| spec.ports.iter().flatten());
    ports
        .map(|port| {
            let own = port.port.to_string();
            match &port.target_port {
                Some(IntOrString::Int(number)) if *number != port.port => format!("{own} → {number}"),
                Some(IntOrString::String(name)) => format!("{own} → `{name}`"),
                _ => own,
            }
        })
        .collect()
}

fn told(snapshot: &Snapshot, target: &ObjectRef) -> ToolOutput {
    let mut output = ToolOutput {
        focus: vec![target.clone()],
        ..ToolOutput::default()
    };
    let found = services(snapshot, target);
    let Some(first) = found.first() else {
        output.headline = format!("No Service leads to {} `{}`.", target.kind, target.path());
        output.good = Some(false);
        return output;
    };
    let summaries: Vec<String> = found
        .iter()
        .map(|service| {
            let state = snapshot.endpoints_of(service);
            let count = wording::count(state.ready, "ready endpoint");
            let ready = if state.known {
                format!(", with {count}")
            } else {
                String::new()
            };
            let ports = wording::list(&ports(service), 4);
            format!(
                "Service `{}` on port {ports}{ready}",
                reference(service.as_ref()).path()
            )
        })
        .collect();
    for service in &found {
        output.blocks.push(Block::List {
            items: facts(snapshot, service),
        });
    }
    let subject = if target.kind == "Service" {
        String::new()
    } else {
        format!("{} ", target.kind)
    };
    output.headline = format!(
        "{subject}`{}` is reached through {}.",
        target.path(),
        wording::list(&summaries, 3)
    );
    let state = snapshot.endpoints_of(first);
    output.good = (state.known && state.ready == 0).then_some(false);
    output.facts = json!({
        "services": found.iter().map(|one| reference(one.as_ref())).collect::<Vec<_>>(),
        "ready": state.ready,
    });
    let object = reference(first.as_ref());
    let rows: Vec<Vec<String>> = snapshot
        .pods_of(&object)
        .into_iter()
        .map(|pod| {
            let traffic = if is_ready(pod) {
                "yes".to_owned()
            } else {
                format!("no ({})", status_of(pod).state)
            };
            vec![
                format!("`{}`", pod.metadata.name.as_deref().unwrap_or_default()),
                pod.status
                    .as_ref()
                    .and_then(|status| status.pod_ip.clone())
                    .unwrap_or_default(),
                traffic,
                pod.spec
                    .as_ref()
                    .and_then(|spec| spec.node_name.clone())
                    .unwrap_or_default(),
            ]
        })
        .collect();
    output
        .blocks
        .extend(table(&["Pod", "Address", "Takes traffic", "Node"], rows, "pod"));
    let namespace = object.namespace.as_deref().unwrap_or_default();
    output.next.push(NextStep::command(
        "See its endpoints",
        format!(
            "kubectl get endpointslices -n {namespace} -l kubernetes.io/service-name={}",
            object.name
        ),
    ));
    output
}

fn facts(snapshot: &Snapshot, service: &Service) -> Vec<String> {
    let object = reference(service);
    let spec = service.spec.clone().unwrap_or_default();
    let namespace = object.namespace.as_deref().unwrap_or_default();
    let mut facts = vec![format!(
        "Inside the cluster: `{}.{namespace}.svc` port {}",
        object.name,
        wording::list(&ports(service), 6)
    )];
    if let Some(address) = spec.cluster_ip.filter(|address| !address.is_empty()) {
        facts.push(if address == "None" {
            "Headless: the name resolves to the pods' own addresses".to_owned()
        } else {
            format!("Cluster address: `{address}`")
        });
    }
    if let Some(selector) = spec.selector.filter(|selector| !selector.is_empty()) {
        facts.push(format!("Selects: `{}`", selector::show_pairs(&selector)));
    }
    if let Some(kind) = spec.type_.filter(|kind| kind != "ClusterIP") {
        let address = service
            .status
            .iter()
            .filter_map(|status| status.load_balancer.as_ref())
            .flat_map(|balancer| balancer.ingress.iter().flatten())
            .find_map(|point| point.ip.clone().or_else(|| point.hostname.clone()));
        let node_ports: Vec<String> = spec
            .ports
            .iter()
            .flatten()
            .filter_map(|port| Some(port.node_port?.to_string()))
            .collect();
        let address = match (kind.as_str(), address) {
            (_, Some(address)) => format!(", address `{address}`"),
            ("LoadBalancer", None) => ", no address yet".to_owned(),
            _ => String::new(),
        };
        let node_ports = if node_ports.is_empty() {
            String::new()
        } else {
            format!(", node ports {}", wording::list(&node_ports, 4))
        };
        facts.push(format!("Type: {kind}{address}{node_ports}"));
    }
    for ingress in snapshot
        .ingresses
        .iter()
        .filter(|one| one.metadata.namespace.as_deref() == Some(namespace))
    {
        for rule in ingress.spec.iter().flat_map(|spec| spec.rules.iter().flatten()) {
            for path in rule.http.iter().flat_map(|http| &http.paths) {
                if path
                    .backend
                    .service
                    .as_ref()
                    .is_some_and(|backend| backend.name == object.name)
                {
                    facts.push(format!(
                        "From outside: `{}{}` through Ingress `{}`",
                        rule.host.as_deref().unwrap_or("any host"),
                        path.path.as_deref().unwrap_or("/"),
                        ingress.metadata.name.as_deref().unwrap_or_default()
                    ));
                }
            }
        }
    }
    facts
}
