//! A workload and ports in, a Service that reaches its pods out.

use async_trait::async_trait;
use jamie_core::{ObjectRef, Phrase, Question, Result, ToolContext, tool::Fill};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    super::{text, the, unfit},
    Act, called, fill_name, lacking, making, phrases, said,
};
use crate::{
    acting::{Draft, Goal},
    cluster::Cluster,
};

pub(in crate::tools::act) struct CreateService;

/// For what.
#[derive(Debug, Deserialize, JsonSchema)]
pub(in crate::tools::act) struct Args {
    /// The workload whose pods it reaches.
    #[schemars(extend("x-slot" = "target", "x-kinds" = ["Deployment", "StatefulSet", "DaemonSet"]))]
    target: ObjectRef,
    /// The name; the workload's where none is given.
    #[schemars(extend("x-slot" = "fresh"))]
    name: Option<String>,
    /// The port it listens on.
    port: Option<u16>,
    /// The pods' port, by number or name; the container's only one where none is given.
    target_port: Option<Value>,
    /// `ClusterIP`, `NodePort` or `LoadBalancer`.
    kind: Option<String>,
}

#[async_trait]
impl Act for CreateService {
    type Args = Args;
    const NAME: &'static str = "create_service";
    const DESCRIPTION: &'static str = "Creates a Service for a workload.";
    const EXAMPLE: &'static str = "create a service for web on port 80";
    const FILL: Option<Fill> = Some(fill);

    fn phrases() -> Vec<Phrase> {
        phrases(&[
            "create a service for {target}",
            "create a service for {target} on port",
            "create a service called for {target}",
            "create a loadbalancer service for {target}",
            "create a nodeport service for {target}",
            "make a service for {target}",
            "expose {target}",
            "expose {target} on port",
            "expose the deployment {target} on port",
            "add a service for {target}",
        ])
    }

    async fn draft(cluster: &Cluster, _context: &ToolContext, args: Args) -> Result<Draft> {
        let workload = &args.target;
        if !matches!(workload.kind.as_str(), "Deployment" | "StatefulSet" | "DaemonSet") {
            return Err(unfit(
                workload,
                "given a Service",
                "Deployments, StatefulSets and DaemonSets",
            ));
        }
        let object = the(cluster, workload).await?;
        let selector = object
            .pointer("/spec/selector/matchLabels")
            .cloned()
            .unwrap_or_default();
        if selector.as_object().is_none_or(Map::is_empty) {
            return Err(lacking(
                format!("{workload} has no plain labels that a Service could look for"),
                "apply a manifest of the Service instead",
            ));
        }
        let open: Vec<&Value> = object
            .pointer("/spec/template/spec/containers")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|one| one.get("ports")?.as_array())
            .flatten()
            .collect();
        let listens = match open.as_slice() {
            [only] => {
                let name = text(only, "/name");
                Some(if name.is_empty() {
                    only.get("containerPort").cloned().unwrap_or_default()
                } else {
                    json!(name)
                })
            }
            _ => None,
        };
        let asked = args.port.map(|port| json!(port));
        let target_port = args.target_port.clone().or(listens).or_else(|| asked.clone());
        let port = asked.or_else(|| {
            open.iter()
                .find(|one| open.len() == 1 && one.get("containerPort").is_some())
                .and_then(|one| one.get("containerPort").cloned())
        });
        let (Some(port), Some(target_port)) = (port, target_port) else {
            return Err(lacking(
                format!("on which port shall the Service for {workload} listen?"),
                "say: on port 80, or: on port 80 to 8080",
            ));
        };
        let name = called(
            Some(args.name.clone().unwrap_or_else(|| workload.name.clone())),
            "service",
        )?;
        let namespace = workload.namespace.clone().unwrap_or_default();
        let kind = args.kind.clone().unwrap_or_else(|| "ClusterIP".to_owned());
        let target = ObjectRef::namespaced("Service", namespace.clone(), name.clone());
        let body = json!({
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": name, "namespace": namespace},
            "spec": {
                "type": kind,
                "selector": selector,
                "ports": [{"port": port, "targetPort": target_port, "protocol": "TCP"}],
            },
        });
        let goal = Goal::Backed {
            service: target.clone(),
        };
        let mut draft = making(
            cluster,
            format!("Create {target} on port {port} for {workload}"),
            json!({"target": workload, "name": name, "port": port, "target_port": target_port, "kind": kind}),
            target,
            body,
            goal,
        )
        .await?;
        if kind != "ClusterIP" {
            draft.warnings.push(format!(
                "A Service of type {kind} can be reached from outside the cluster."
            ));
        }
        Ok(draft)
    }
}

fn fill(question: &Question, args: &mut Map<String, Value>) {
    if let Some(port) = said::number_after(question, &["port", "ports"]) {
        said::set(args, "port", port);
    }
    let behind =
        said::number_after(question, &["targetport", "target-port", "containerport"]).or_else(|| {
            let text = question.text.to_lowercase();
            text.contains("port")
                .then(|| said::number_after(question, &["to", "->", "targeting"]))
                .flatten()
                .filter(|number| *number > 9)
        });
    if let Some(port) = behind {
        said::set(args, "target_port", port);
    }
    let text = question.text.to_lowercase().replace([' ', '-'], "");
    if text.contains("loadbalancer") {
        said::set(args, "kind", "LoadBalancer");
    } else if text.contains("nodeport") {
        said::set(args, "kind", "NodePort");
    }
    fill_name(question, args);
}
