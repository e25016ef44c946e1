//! Logins for registries that are missing or are none.
//!
//! Check: `missing-pull-secret`.

use jamie_core::{Evidence, NextStep, ObjectRef, Severity};

use super::{
    references::finish,
    template::{self, Template},
};
use crate::{
    fault::{Depth, Fault},
    snapshot::Snapshot,
};

pub(crate) fn check(snapshot: &Snapshot) -> Vec<Fault> {
    template::all(snapshot)
        .iter()
        .flat_map(|template| of_template(snapshot, template))
        .collect()
}

/// Pull secrets are only tried: their absence matters when an image cannot be pulled.
fn of_template(snapshot: &Snapshot, template: &Template<'_>) -> Vec<Fault> {
    let namespace = template.namespace;
    if !snapshot.may_see("Secret", Some(namespace)) {
        return Vec::new();
    }
    let account = template.spec.service_account_name.as_deref().unwrap_or("default");
    let of_account = snapshot.service_account(namespace, account).filter(|_| {
        template
            .spec
            .image_pull_secrets
            .as_ref()
            .is_none_or(Vec::is_empty)
    });
    let named = template
        .spec
        .image_pull_secrets
        .iter()
        .flatten()
        .map(|secret| (secret.name.as_str(), "`imagePullSecrets`".to_owned()))
        .chain(of_account.into_iter().flat_map(|account| {
            let place = format!(
                "ServiceAccount `{}`",
                account.metadata.name.as_deref().unwrap_or("default")
            );
            account
                .image_pull_secrets
                .iter()
                .flatten()
                .map(move |secret| (secret.name.as_str(), place.clone()))
        }));
    let mut faults = Vec::new();
    for (name, place) in named {
        let secret = snapshot.secret(namespace, name);
        let wrong_type = secret.and_then(|secret| {
            let type_ = secret.type_.as_deref().unwrap_or("Opaque");
            (!matches!(
                type_,
                "kubernetes.io/dockerconfigjson" | "kubernetes.io/dockercfg"
            ))
            .then_some(type_)
        });
        if name.is_empty() || (secret.is_some() && wrong_type.is_none()) {
            continue;
        }
        let pulls = template.live_pods(snapshot).iter().any(|pod| {
            template::waits_for(
                pod,
                &[
                    "ImagePullBackOff",
                    "ErrImagePull",
                    "ImageInspectError",
                    "RegistryUnavailable",
                ],
            )
        });
        let severity = if pulls { Severity::Error } else { Severity::Info };
        let mut fault = fault(template, name, &place, wrong_type, severity);
        finish(snapshot, template, name, &mut fault);
        faults.push(fault);
    }
    faults
}

fn fault(
    template: &Template<'_>,
    name: &str,
    place: &str,
    wrong_type: Option<&str>,
    severity: Severity,
) -> Fault {
    let namespace = template.namespace;
    let (title, cause) = match wrong_type {
        Some(type_) => (
            format!(
                "{} pulls images with Secret `{name}`, which is not a registry login",
                template.name()
            ),
            format!(
                "{place} names Secret `{name}` of type `{type_}`; a pull secret must be of type `kubernetes.io/dockerconfigjson`, so it is ignored and the registry is asked without a login."
            ),
        ),
        None => (
            format!(
                "{} pulls images with Secret `{name}`, which does not exist",
                template.name()
            ),
            format!(
                "{place} names Secret `{name}`, and namespace `{namespace}` has none of that name, so the registry is asked without a login."
            ),
        ),
    };
    let mut fault = Fault::new(
        "missing-pull-secret",
        severity,
        Depth::Cause,
        template.object.clone(),
        title,
    );
    fault.cause = cause;
    fault.key = format!("Secret/{namespace}/{name}");
    fault.remedy = Some(NextStep::command(
        format!("Create the pull secret `{name}`"),
        format!(
            "kubectl create secret docker-registry {name} -n {namespace} --docker-server=REGISTRY --docker-username=USER --docker-password=PASSWORD"
        ),
    ));
    fault.evidence.push(Evidence::new(
        format!("{} pod template", template.object),
        format!("{place}: {name}"),
        None,
    ));
    fault
        .blames
        .push(ObjectRef::namespaced("Secret", namespace, name));
    fault
}
