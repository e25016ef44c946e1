//! A claim and a volume in, what keeps the two from being bound out.

use k8s_openapi::api::core::v1::PersistentVolume;

use super::Case;
use crate::{quantity, snapshot::selector_matches};

/// Whether a volume is there that the claim could have.
pub(super) fn is_met(case: &Case<'_>, class: &str) -> bool {
    case.snapshot
        .volumes
        .iter()
        .any(|volume| obstacles(case, volume, class).is_empty())
}

/// What keeps a volume from being bound to the claim.
pub(super) fn obstacles(case: &Case<'_>, volume: &PersistentVolume, class: &str) -> Vec<String> {
    let mut found = Vec::new();
    let (Some(spec), Some(wanted)) = (&volume.spec, &case.claim.spec) else {
        return vec!["it says nothing about itself".to_owned()];
    };
    if let Some(owner) = &spec.claim_ref {
        let (space, name) = (
            owner.namespace.as_deref().unwrap_or_default(),
            owner.name.as_deref().unwrap_or_default(),
        );
        let is_other = (space, name) != (case.namespace, case.name);
        let is_former = owner
            .uid
            .as_deref()
            .zip(case.claim.metadata.uid.as_deref())
            .is_some_and(|(a, b)| a != b);
        if is_other {
            found.push(format!("it belongs to claim `{space}/{name}`"));
        } else if is_former {
            found.push("it still belongs to a deleted claim of the same name (Released)".to_owned());
        }
    }
    let status = volume.status.as_ref().and_then(|status| status.phase.as_deref());
    if matches!(status, Some("Failed")) {
        found.push("it is Failed".to_owned());
    }
    let of_volume = spec.storage_class_name.as_deref().unwrap_or_default();
    if of_volume != class {
        let show = |class: &str| {
            if class.is_empty() {
                "no class".to_owned()
            } else {
                format!("class `{class}`")
            }
        };
        found.push(format!("it has {}, not {}", show(of_volume), show(class)));
    }
    let modes = spec.access_modes.as_deref().unwrap_or_default();
    let lacking: Vec<&str> = wanted
        .access_modes
        .iter()
        .flatten()
        .filter(|mode| !modes.contains(mode))
        .map(String::as_str)
        .collect();
    if !lacking.is_empty() {
        found.push(format!(
            "it offers {}, not {}",
            modes.join(" and "),
            lacking.join(" and ")
        ));
    }
    let asked = wanted
        .resources
        .as_ref()
        .and_then(|resources| resources.requests.as_ref()?.get("storage"));
    let has = spec
        .capacity
        .as_ref()
        .and_then(|capacity| capacity.get("storage"));
    if let (Some(asked), Some(has)) = (asked, has)
        && quantity::milli(has) < quantity::milli(asked)
    {
        found.push(format!("it has {}, less than {}", has.0, asked.0));
    }
    let mode = |mode: Option<&str>| mode.unwrap_or("Filesystem").to_owned();
    if mode(spec.volume_mode.as_deref()) != mode(wanted.volume_mode.as_deref()) {
        found.push(format!(
            "its volume mode is {}",
            mode(spec.volume_mode.as_deref())
        ));
    }
    let labels = volume.metadata.labels.as_ref();
    if wanted
        .selector
        .as_ref()
        .is_some_and(|selector| !selector_matches(selector, labels))
    {
        found.push("its labels do not match the claim's selector".to_owned());
    }
    found
}
