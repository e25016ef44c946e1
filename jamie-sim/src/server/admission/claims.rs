//! A volume claim about to be made or resized in; the refusal when its class or a limit does not allow that out.

use serde_json::Value;

use super::{Write, class_of, forbidden};
use crate::quantity;
use crate::server::fields::{flag, list, text};
use crate::store::{ApiStatus, Store};

pub(super) fn check(store: &Store, write: Write<'_>) -> Result<(), ApiStatus> {
    let size = |claim: &Value| {
        claim
            .pointer("/spec/resources/requests/storage")
            .and_then(quantity::of)
            .unwrap_or(0)
    };
    let Some(new) = write.new else {
        return Ok(());
    };
    let before = write.old.map_or(0, size);
    if size(new) <= before {
        return Ok(());
    }
    if let Some(old) = write.old {
        if text(old, "/status/phase") != "Bound" {
            let why = "Only bound persistent volume claims can be expanded";
            return Err(forbidden(write.key, why));
        }
        if !class_of(store, old).is_some_and(|class| flag(&class, "/allowVolumeExpansion")) {
            let why = "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc \
                       must support resize";
            return Err(forbidden(write.key, why));
        }
    }
    for range in store.list("", "limitranges", write.key.namespace.as_deref()) {
        let limits = list(&range, "/spec/limits").iter();
        for limit in limits.filter(|limit| text(limit, "/type") == "PersistentVolumeClaim") {
            let most = limit.pointer("/max/storage");
            if let Some(most) = most.filter(|most| quantity::of(most).is_some_and(|most| size(new) > most)) {
                let why = format!(
                    "maximum storage usage per PersistentVolumeClaim is {}, but request is {}",
                    most.as_str().unwrap_or_default(),
                    text(new, "/spec/resources/requests/storage")
                );
                return Err(forbidden(write.key, &why));
            }
        }
    }
    Ok(())
}
