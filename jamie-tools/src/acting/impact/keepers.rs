//! Who keeps an object as it is written down elsewhere, and would put it back: Argo CD, Flux, Helm, an operator.

use jamie_core::{ErrorKind, ObjectRef};
use serde_json::Value;

use super::Rehearsed;
use crate::cluster::Cluster;

/// What would put the changed objects back, one sentence each.
pub(in crate::acting) async fn keepers(cluster: &Cluster, rehearsed: &[Rehearsed]) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    let mut applications: Option<Result<Vec<Value>, ErrorKind>> = None;
    for one in rehearsed {
        let Some(before) = &one.before else { continue };
        let target = &one.operation.target;
        let mut say = |text: String| {
            if !told.contains(&text) {
                told.push(text);
            }
        };
        let mark = |pointer: &str| before.pointer(pointer).and_then(Value::as_str);
        let tracked = mark("/metadata/annotations/argocd.argoproj.io~1tracking-id")
            .and_then(|id| id.split(':').next())
            .or_else(|| mark("/metadata/labels/argocd.argoproj.io~1instance"));
        let maybe = tracked.or_else(|| mark("/metadata/labels/app.kubernetes.io~1instance"));
        if maybe.is_some() || target.kind == "Deployment" || target.kind == "StatefulSet" {
            if applications.is_none() {
                applications = Some(read(cluster).await);
            }
            match &applications {
                Some(Ok(all)) => {
                    let holder = all.iter().find(|one| holds(one, target, tracked));
                    if let Some(holder) = holder {
                        say(argo(holder, target));
                    }
                }
                Some(Err(ErrorKind::Forbidden)) if tracked.is_some() => say(format!(
                    "{target} belongs to the Argo CD Application `{}`, which I may not look at: if it heals itself, it \
                     puts this back.",
                    tracked.unwrap_or_default()
                )),
                _ => {}
            }
        }
        let flux = ["kustomize", "helm"].iter().find_map(|by| {
            let name = mark(&format!("/metadata/labels/{by}.toolkit.fluxcd.io~1name"))?;
            Some((*by, name))
        });
        if let Some((by, name)) = flux {
            let kind = if by == "helm" {
                "HelmRelease"
            } else {
                "Kustomization"
            };
            say(format!(
                "{target} is kept by Flux ({kind} `{name}`), which puts it back at its next reconciliation: change it in \
                 git too."
            ));
        } else if mark("/metadata/labels/app.kubernetes.io~1managed-by") == Some("Helm") {
            say(format!(
                "{target} was installed by Helm: the next `helm upgrade` undoes this unless the chart's values say it too."
            ));
        }
        if target.kind != "Pod"
            && target.kind != "Job"
            && let Some(owner) = controller(before)
        {
            say(format!("{target} is managed by {owner}, which may put it back."));
        }
    }
    told
}

async fn read(cluster: &Cluster) -> Result<Vec<Value>, ErrorKind> {
    match cluster
        .read("/apis/argoproj.io/v1alpha1/applications?limit=500")
        .await
    {
        Ok(found) => Ok(found
            .get("items")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default()),
        Err(error) => Err(error.kind()),
    }
}

/// Whether an Application has the object among its resources, or is named by it.
fn holds(application: &Value, target: &ObjectRef, tracked: Option<&str>) -> bool {
    let text = |value: &Value, pointer: &str| {
        value
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    if tracked.is_some_and(|name| {
        let name = name.rsplit('_').next().unwrap_or(name);
        text(application, "/metadata/name") == name
    }) {
        return true;
    }
    application
        .pointer("/status/resources")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .any(|one| {
            text(one, "/kind") == target.kind
                && text(one, "/name") == target.name
                && text(one, "/namespace") == target.namespace.clone().unwrap_or_default()
        })
}

fn argo(application: &Value, target: &ObjectRef) -> String {
    let name = application
        .pointer("/metadata/name")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let automated = application.pointer("/spec/syncPolicy/automated");
    let heals = automated.and_then(|one| one.get("selfHeal")) == Some(&Value::Bool(true));
    if heals {
        format!(
            "{target} belongs to the Argo CD Application `{name}`, which heals itself: it puts this back within minutes. \
             Change it in git instead, or as well."
        )
    } else if automated.is_some() {
        format!(
            "{target} belongs to the Argo CD Application `{name}`, which syncs by itself: its next sync undoes this \
             unless git says it too."
        )
    } else {
        format!(
            "{target} belongs to the Argo CD Application `{name}`, which will show it as out of sync; its next sync \
             undoes this."
        )
    }
}

/// The object that manages another, where it is not a usual one.
fn controller(object: &Value) -> Option<String> {
    let owner = object
        .pointer("/metadata/ownerReferences")?
        .as_array()?
        .iter()
        .find(|owner| owner.get("controller") == Some(&Value::Bool(true)))?;
    Some(format!(
        "{} `{}`",
        owner.get("kind")?.as_str()?,
        owner.get("name")?.as_str()?
    ))
}
