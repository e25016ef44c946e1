//! Who wants to do what in, the API server's word on it out.

use jamie_core::{Error, ErrorKind, Result};
use k8s_openapi::api::authorization::v1::{
    ResourceAttributes, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec, SubjectAccessReview,
    SubjectAccessReviewSpec, SubjectAccessReviewStatus,
};
use kube::api::{Api, PostParams};
use tokio::time::timeout;

use super::Args;
use crate::cluster::Cluster;

/// The user whose permission is asked about.
pub(super) async fn subject(cluster: &Cluster, args: &Args) -> Result<Option<String>> {
    if let Some(subject) = args.subject.clone().filter(|subject| !subject.is_empty()) {
        return Ok(Some(subject));
    }
    let Some(target) = &args.target else {
        return Ok(None);
    };
    let namespace = target.namespace.clone().unwrap_or_default();
    if target.kind == "ServiceAccount" {
        return Ok(Some(format!("system:serviceaccount:{namespace}:{}", target.name)));
    }
    let snapshot = cluster.snapshot(crate::cluster::Freshness::Recent).await?;
    let spec = match target.kind.as_str() {
        "Pod" => snapshot
            .pod(&namespace, &target.name)
            .and_then(|pod| pod.spec.clone()),
        _ => crate::template::template_of(&snapshot, target).and_then(|template| template.spec.clone()),
    };
    Ok(spec.map(|spec| {
        let account = spec
            .service_account_name
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| "default".to_owned());
        format!("system:serviceaccount:{namespace}:{account}")
    }))
}

pub(super) async fn review(
    cluster: &Cluster,
    subject: Option<String>,
    attributes: ResourceAttributes,
) -> Result<SubjectAccessReviewStatus> {
    let late = || {
        Error::new(
            ErrorKind::Timeout,
            "the API server did not answer the access review in time",
        )
    };
    let status = if let Some(user) = subject {
        let mut groups = vec!["system:authenticated".to_owned()];
        if let Some(namespace) = user
            .strip_prefix("system:serviceaccount:")
            .and_then(|rest| rest.split(':').next())
        {
            groups.push("system:serviceaccounts".to_owned());
            groups.push(format!("system:serviceaccounts:{namespace}"));
        }
        let review = SubjectAccessReview {
            spec: SubjectAccessReviewSpec {
                user: Some(user),
                groups: Some(groups),
                resource_attributes: Some(attributes),
                ..SubjectAccessReviewSpec::default()
            },
            ..SubjectAccessReview::default()
        };
        let api: Api<SubjectAccessReview> = Api::all(cluster.client().clone());
        let answer = timeout(cluster.timeout(), api.create(&PostParams::default(), &review)).await;
        answer
            .map_err(|_| late())?
            .map_err(|error| cluster.explain(error))?
            .status
    } else {
        let review = SelfSubjectAccessReview {
            spec: SelfSubjectAccessReviewSpec {
                resource_attributes: Some(attributes),
                ..SelfSubjectAccessReviewSpec::default()
            },
            ..SelfSubjectAccessReview::default()
        };
        let api: Api<SelfSubjectAccessReview> = Api::all(cluster.client().clone());
        let answer = timeout(cluster.timeout(), api.create(&PostParams::default(), &review)).await;
        answer
            .map_err(|_| late())?
            .map_err(|error| cluster.explain(error))?
            .status
    };
    status.ok_or_else(|| {
        Error::new(
            ErrorKind::Unavailable,
            "the API server answered the access review with nothing",
        )
    })
}
