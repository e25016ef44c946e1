//! StatefulSets whose governing Service is missing, so that their pods have no names in DNS.
//!
//! Check: `governing-service-missing`.

use std::fmt::Write as _;

use jamie_core::{Evidence, NextStep, ObjectRef, Severity, Verdict};

use super::{hosts, nearest::nearest, template};
use crate::{
    fault::{Depth, Fault},
    snapshot::{Snapshot, reference},
    wording,
};

pub(crate) fn check(snapshot: &Snapshot) -> Vec<Fault> {
    let mut faults = Vec::new();
    for set in &snapshot.stateful_sets {
        let object = reference(set.as_ref());
        let namespace = object.namespace.as_deref().unwrap_or("default");
        // It may be left out: then nobody counts on such names.
        let Some(name) = set.spec.service_name.as_deref().filter(|name| !name.is_empty()) else {
            continue;
        };
        if snapshot.service(namespace, name).is_some() || !snapshot.may_see("Service", Some(namespace)) {
            continue;
        }
        let wanted = set.spec.replicas.unwrap_or(1);
        let ready = set
            .status
            .as_ref()
            .and_then(|status| status.ready_replicas)
            .unwrap_or(0);
        let suffix = format!(".{name}");
        let callers: Vec<ObjectRef> = template::all(snapshot)
            .into_iter()
            .filter(|template| template.namespace == namespace)
            .filter(|template| {
                hosts::of(snapshot, namespace, template.spec).iter().any(|host| {
                    host.name == name
                        || host.name.ends_with(&suffix)
                        || host.name.contains(&format!("{suffix}."))
                })
            })
            .map(|template| template.object)
            .collect();
        let severity = match (wanted, ready) {
            (0, _) => Severity::Info,
            (wanted, ready) if ready >= wanted && callers.is_empty() => Severity::Info,
            _ => Severity::Warning,
        };
        let mut fault = Fault::new(
            "governing-service-missing",
            severity,
            Depth::Cause,
            object.clone(),
            format!(
                "`{}` names Service `{name}` as its own, which does not exist",
                object.path()
            ),
        );
        fault.cause = format!(
            "Its pods cannot be found as `{}-0.{name}`, which members of a cluster use to find each other.",
            object.name
        );
        let here = snapshot
            .services_in(namespace)
            .filter_map(|service| service.metadata.name.as_deref());
        if let Some(meant) = nearest(name, here) {
            _ = write!(fault.cause, " There is a Service `{meant}`.");
        }
        if !callers.is_empty() {
            let names: Vec<String> = callers.iter().map(ObjectRef::path).collect();
            _ = write!(
                fault.cause,
                " {} calls it by such a name.",
                wording::code_list(&names, 3)
            );
            fault.blames.extend(callers);
        }
        fault.verdict = Verdict::Likely;
        fault.key = format!("Service/{namespace}/{name}");
        fault.evidence.push(Evidence::new(
            format!("{object} spec"),
            format!("serviceName: {name}"),
            None,
        ));
        fault
            .blames
            .push(ObjectRef::namespaced("Service", namespace, name));
        fault.remedy = Some(NextStep::command(
            format!("Create the headless Service `{name}`"),
            format!("kubectl create service clusterip {name} --clusterip=None -n {namespace}"),
        ));
        faults.push(fault);
    }
    faults
}
