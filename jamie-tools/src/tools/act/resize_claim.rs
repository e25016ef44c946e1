//! A volume claim and a size in; the change that grows it out.

use async_trait::async_trait;
use jamie_core::{Error, ErrorKind, ObjectRef, Phrase, Quantity, Question, Result, ToolContext, tool::Fill};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity as Amount;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Act, lacking, phrases, said, text, the, unfit};
use crate::{
    acting::{Draft, Goal, Operation, Write},
    cluster::{Cluster, Freshness},
    quantity,
};

pub(super) struct ResizeClaim;

/// Of what, and how much.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Args {
    /// The PersistentVolumeClaim.
    #[schemars(extend("x-slot" = "target", "x-kinds" = ["PersistentVolumeClaim"]))]
    target: ObjectRef,
    /// The new size: `20Gi`.
    size: Option<String>,
    /// So many times its size.
    times: Option<f64>,
}

#[async_trait]
impl Act for ResizeClaim {
    type Args = Args;
    const NAME: &'static str = "resize_claim";
    const DESCRIPTION: &'static str = "Grows a volume claim, where its storage class allows that.";
    const EXAMPLE: &'static str = "resize data-db-0 to 20Gi";
    const FILL: Option<Fill> = Some(fill);

    fn phrases() -> Vec<Phrase> {
        phrases(&[
            "resize {target} to {count}",
            "resize the claim {target} to {count}",
            "grow the volume {target} to {count}",
            "grow {target} to {count}",
            "expand {target} to {count}",
            "expand the volume claim {target}",
            "enlarge the claim {target}",
            "extend the disk {target} to {count}",
            "give the claim {target} more space",
            "increase the size of the claim {target} to {count}",
        ])
    }

    async fn draft(cluster: &Cluster, _context: &ToolContext, args: Args) -> Result<Draft> {
        let target = args.target;
        if target.kind != "PersistentVolumeClaim" {
            return Err(unfit(&target, "resized", "PersistentVolumeClaims"));
        }
        let object = the(cluster, &target).await?;
        let had = text(&object, "/spec/resources/requests/storage").to_owned();
        let has = quantity::whole(&Amount(had.clone()));
        let wanted = match (args.size, args.times) {
            (Some(size), _) => size,
            (None, Some(times)) if times.is_finite() && times > 0.0 => {
                let mebi = (has as f64 * times / f64::from(1 << 20)).ceil() as u64;
                if mebi.is_multiple_of(1024) {
                    format!("{}Gi", mebi / 1024)
                } else {
                    format!("{mebi}Mi")
                }
            }
            _ => {
                return Err(lacking(
                    format!("how large shall {target} be? It has {had}"),
                    format!(
                        "for instance: resize {} to {}",
                        target.name,
                        quantity::show_bytes(has * 2)
                    ),
                ));
            }
        };
        let bytes = quantity::whole(&Amount(wanted.clone()));
        if bytes <= has {
            return Err(lacking(
                format!("{target} has {had} already, and a claim cannot shrink"),
                "say a larger size",
            ));
        }
        let class = text(&object, "/spec/storageClassName");
        let snapshot = cluster.snapshot(Freshness::Recent).await?;
        if let Some(found) = snapshot.storage_class(class)
            && found.allow_volume_expansion != Some(true)
        {
            return Err(Error::new(
                ErrorKind::Unsupported,
                format!("the storage class `{class}` of {target} does not let volumes grow"),
            )
            .with_hint(
                "set allowVolumeExpansion on the class if its driver can do it, or move to a new claim",
            ));
        }
        let body = json!({"spec": {"resources": {"requests": {"storage": wanted}}}});
        let operation = Operation::on(cluster, &target, Write::Merge { body }).await?;
        let mut draft = Draft::new(
            format!("Grow {target} from {had} to {wanted}"),
            json!({"target": target, "size": wanted}),
            vec![operation],
            Goal::Grown {
                claim: target.clone(),
                bytes,
            },
        );
        draft
            .warnings
            .push("A claim cannot be made smaller again.".to_owned());
        if has > 0 && bytes / has >= 10 {
            draft.warnings.push(format!(
                "That is {} times what it has: is that what you mean?",
                bytes / has
            ));
        }
        Ok(draft)
    }
}

fn fill(question: &Question, args: &mut Map<String, Value>) {
    if let Some((_, size)) = said::sizes(&question.text).pop() {
        said::set(args, "size", size);
        return;
    }
    let times = question.quantities.iter().find_map(|one| match one {
        Quantity::Factor(factor) => Some(*factor),
        Quantity::Percent(percent) => Some(1.0 + percent / 100.0),
        _ => None,
    });
    if let Some(times) = times {
        said::set(args, "times", times);
    }
}
