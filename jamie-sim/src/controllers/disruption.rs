//! PodDisruptionBudgets in; how many pods may be disrupted out.

use serde_json::json;

use super::{World, pods, rollout::amount};
use crate::object::{self, condition, matches, renewed};

pub(super) fn reconcile(world: &mut World, namespace: &str) {
    let budgets = world.list("policy", "poddisruptionbudgets", namespace);
    if budgets.is_empty() {
        return;
    }
    let all = world.list("", "pods", namespace);
    for budget in budgets {
        let selected: Vec<_> = all
            .iter()
            .filter(|pod| matches(budget.pointer("/spec/selector"), pod) && !pods::is_finished(pod))
            .collect();
        let expected = selected.len() as i64;
        let healthy = selected.iter().filter(|pod| pods::is_ready(pod)).count() as i64;
        let desired = match budget.pointer("/spec/maxUnavailable") {
            Some(most) => expected - amount(Some(most), expected, true, 0),
            None => amount(budget.pointer("/spec/minAvailable"), expected, true, 1),
        }
        .max(0);
        let allowed = if expected == 0 {
            0
        } else {
            (healthy - desired).max(0)
        };
        let (status, reason) = if allowed > 0 {
            ("True", "SufficientPods")
        } else {
            ("False", "InsufficientPods")
        };
        let told = json!({
            "type": "DisruptionAllowed", "status": status, "reason": reason, "message": "",
            "observedGeneration": budget["metadata"]["generation"],
        });
        let told = renewed(condition(&budget, "DisruptionAllowed"), told, world.now);
        if expected == 0 {
            let id = format!("{}/NoPods", object::uid(&budget));
            if !world.recently(&id, 600_000) {
                let report = super::events::Report::new(
                    "controllermanager",
                    &budget,
                    "NoPods",
                    "No matching pods found",
                );
                world.report(&report);
            }
        }
        world.set_status(
            &budget,
            json!({
                "conditions": [told],
                "currentHealthy": healthy,
                "desiredHealthy": desired,
                "disruptionsAllowed": allowed,
                "expectedPods": expected,
                "observedGeneration": budget["metadata"]["generation"],
            }),
        );
    }
}
