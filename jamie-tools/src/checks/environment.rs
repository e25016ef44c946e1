//! Variables that a container sets twice with different values: the last one wins, which is rarely what was meant.
//!
//! Check: `variable-shadowed`.

use std::collections::BTreeMap;

use jamie_core::{Evidence, NextStep, Severity, Verdict};

use super::template;
use crate::{
    fault::{Depth, Fault},
    snapshot::Snapshot,
    wording,
};

pub(crate) fn check(snapshot: &Snapshot) -> Vec<Fault> {
    let mut faults = Vec::new();
    for template in template::all(snapshot) {
        for container in template::containers(template.spec) {
            let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
            let variables = container.env.as_deref().unwrap_or_default();
            let mut twice: Vec<&str> = Vec::new();
            for (position, variable) in variables.iter().enumerate() {
                let before = seen
                    .insert(&variable.name, position)
                    .and_then(|before| variables.get(before));
                let differs = before.is_some_and(|before| {
                    before.value != variable.value || before.value_from != variable.value_from
                });
                // `PATH=$(PATH):/more` builds on the value before, on purpose.
                let builds = variable
                    .value
                    .as_deref()
                    .is_some_and(|value| value.contains(&format!("$({})", variable.name)));
                if differs && !builds && !twice.contains(&variable.name.as_str()) {
                    twice.push(&variable.name);
                }
            }
            if twice.is_empty() {
                continue;
            }
            let is_healthy = template.is_idle || template.standing(snapshot).is_healthy();
            let mut fault = Fault::new(
                "variable-shadowed",
                if is_healthy {
                    Severity::Info
                } else {
                    Severity::Warning
                },
                Depth::Cause,
                template.object.clone(),
                format!(
                    "{} sets {} twice, with different values",
                    template.name(),
                    wording::code_list(&twice, 3)
                ),
            );
            fault.cause = format!(
                "In container `{}` the last one wins and the one before is without effect.",
                container.name
            );
            fault.verdict = Verdict::Likely;
            fault.key = format!("{}#{}", template.object, twice.join(","));
            fault.evidence.push(Evidence::new(
                format!("{} pod template", template.object),
                format!(
                    "container {}: {} more than once",
                    container.name,
                    twice.join(", ")
                ),
                None,
            ));
            fault.remedy = Some(NextStep::command(
                "Remove the one that is not meant",
                format!("kubectl edit {}", template.kubectl()),
            ));
            faults.push(fault);
        }
    }
    faults
}
