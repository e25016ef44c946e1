//! Aggregated APIs that are registered and do not answer.
//!
//! Check: `api-service-unavailable`.

use jamie_core::{Evidence, NextStep, ObjectRef, Severity};

use crate::{
    fault::{Depth, Fault},
    snapshot::Snapshot,
    wording,
};

pub(crate) fn check(snapshot: &Snapshot) -> Vec<Fault> {
    let mut faults = Vec::new();
    for api in &snapshot.api_services {
        let Some(service) = api.spec.as_ref().and_then(|spec| spec.service.as_ref()) else {
            continue;
        };
        let conditions = api
            .status
            .iter()
            .flat_map(|status| status.conditions.iter().flatten());
        let Some(condition) = conditions
            .into_iter()
            .find(|condition| condition.type_ == "Available" && condition.status != "True")
        else {
            continue;
        };
        let object = super::template::reference("APIService", &api.metadata);
        let (namespace, name) = (
            service.namespace.as_deref().unwrap_or("default"),
            service.name.as_deref().unwrap_or("?"),
        );
        let reason = condition.reason.as_deref().unwrap_or("no reason");
        let message = condition.message.as_deref().unwrap_or_default();
        let mut fault = Fault::new(
            "api-service-unavailable",
            Severity::Error,
            Depth::Cause,
            object.clone(),
            format!("The API `{}` is not available ({reason})", object.name),
        );
        let group = api
            .spec
            .as_ref()
            .and_then(|spec| spec.group.as_deref())
            .unwrap_or_default();
        let effect = match group {
            "metrics.k8s.io" => " Without it `kubectl top` and autoscalers by CPU or memory do not work.",
            "custom.metrics.k8s.io" | "external.metrics.k8s.io" => {
                " Without it autoscalers by such metrics do not work."
            }
            _ => " As long as it is so, deleting a namespace hangs as well.",
        };
        fault.cause = format!(
            "It is served by Service `{namespace}/{name}`{}.{effect}",
            if message.is_empty() {
                ", which does not answer".to_owned()
            } else {
                format!(": {}", wording::clip(message, 220).trim_end_matches('.'))
            },
        );
        fault.key = format!("APIService/{}", object.name);
        fault.since = condition.last_transition_time.as_ref().map(|time| time.0);
        fault.evidence.push(Evidence::new(
            format!("APIService {} condition Available", object.name),
            format!("{}, {reason}: {message}", condition.status),
            fault.since,
        ));
        let target = ObjectRef::namespaced("Service", namespace, name);
        for pod in snapshot.pods_of(&target) {
            let workload = snapshot.workload_of(pod);
            if !fault.blames.contains(&workload) {
                fault.blames.push(workload);
            }
        }
        fault.blames.push(target);
        fault.next_check = Some(NextStep::command(
            "See who should answer",
            format!("kubectl get pods,endpointslices -n {namespace}"),
        ));
        faults.push(fault);
    }
    faults
}
