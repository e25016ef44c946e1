//! Pods that are refused on admission: by a webhook, by Pod Security, for want of an account or a class; and
//! webhooks that nobody answers for, which refuse everything.
//!
//! Checks: `admission-denied`, `pod-security`, `webhook-failing`, `webhook-without-backend`, `pod-refused`.

use jamie_core::{Evidence, NextStep, ObjectRef, Severity, Verdict};
use k8s_openapi::{
    ByteString,
    api::admissionregistration::v1::{RuleWithOperations, WebhookClientConfig},
    apimachinery::pkg::apis::meta::v1::LabelSelector,
};

use super::{
    refusals::{self, Refusal},
    template,
};
use crate::{
    fault::{Depth, Fault},
    snapshot::{Snapshot, selector_matches},
    wording,
};

pub(crate) fn check(snapshot: &Snapshot) -> Vec<Fault> {
    let webhooks = webhooks(snapshot);
    let mut faults: Vec<Fault> = webhooks
        .iter()
        .filter_map(|webhook| backend(snapshot, webhook))
        .collect();
    for refusal in refusals::all(snapshot) {
        faults.extend(refused(&webhooks, &refusal));
    }
    faults
}

/// One webhook of either sort.
struct Webhook<'a> {
    object: ObjectRef,
    name: &'a str,
    client: &'a WebhookClientConfig,
    is_mandatory: bool,
    rules: &'a [RuleWithOperations],
    namespaces: Option<&'a LabelSelector>,
    is_narrow: bool,
}

fn webhooks(snapshot: &Snapshot) -> Vec<Webhook<'_>> {
    let mut found = Vec::new();
    let is_mandatory = |policy: Option<&str>| policy != Some("Ignore");
    for configuration in &snapshot.validating_webhooks {
        for webhook in configuration.webhooks.iter().flatten() {
            found.push(Webhook {
                object: template::reference("ValidatingWebhookConfiguration", &configuration.metadata),
                name: &webhook.name,
                client: &webhook.client_config,
                is_mandatory: is_mandatory(webhook.failure_policy.as_deref()),
                rules: webhook.rules.as_deref().unwrap_or_default(),
                namespaces: webhook.namespace_selector.as_ref(),
                is_narrow: webhook
                    .object_selector
                    .as_ref()
                    .is_some_and(|selector| *selector != LabelSelector::default()),
            });
        }
    }
    for configuration in &snapshot.mutating_webhooks {
        for webhook in configuration.webhooks.iter().flatten() {
            found.push(Webhook {
                object: template::reference("MutatingWebhookConfiguration", &configuration.metadata),
                name: &webhook.name,
                client: &webhook.client_config,
                is_mandatory: is_mandatory(webhook.failure_policy.as_deref()),
                rules: webhook.rules.as_deref().unwrap_or_default(),
                namespaces: webhook.namespace_selector.as_ref(),
                is_narrow: webhook
                    .object_selector
                    .as_ref()
                    .is_some_and(|selector| *selector != LabelSelector::default()),
            });
        }
    }
    found
}

/// A webhook whose Service is missing or has nobody ready behind it, or whose certificate authority has expired.
fn backend(snapshot: &Snapshot, webhook: &Webhook<'_>) -> Option<Fault> {
    let service = webhook.client.service.as_ref()?;
    let (namespace, name) = (service.namespace.as_str(), service.name.as_str());
    let target = ObjectRef::namespaced("Service", namespace, name);
    let mut blames = vec![target.clone()];
    let found = snapshot.service(namespace, name);
    let port = service.port.unwrap_or(443);
    let why = match found {
        None if !snapshot.may_see("Service", Some(namespace)) => return None,
        None => format!("its Service `{namespace}/{name}` does not exist"),
        Some(found) => {
            let state = snapshot.endpoints_of(found);
            let ports = found.spec.iter().flat_map(|spec| spec.ports.iter().flatten());
            let pods: Vec<_> = snapshot.pods_of(&target);
            blames.extend(pods.iter().map(|pod| snapshot.workload_of(pod)));
            blames.dedup();
            if state.known && state.ready == 0 {
                if !pods.is_empty()
                    && pods
                        .iter()
                        .all(|pod| template::is_starting(pod, snapshot.taken_at))
                {
                    return None;
                }
                format!(
                    "its Service `{namespace}/{name}` has no ready endpoints ({})",
                    wording::count(pods.len(), "pod")
                )
            } else if found.spec.is_some()
                && ports.clone().next().is_some()
                && !ports.clone().any(|own| own.port == port)
            {
                format!("its Service `{namespace}/{name}` has no port {port}")
            } else if let Some(ended) = expired(webhook.client.ca_bundle.as_ref(), snapshot.taken_at) {
                format!(
                    "the certificate authority in its `caBundle` expired {} ago",
                    wording::age(ended, snapshot.taken_at)
                )
            } else {
                return None;
            }
        }
    };
    let (operations, resources) = reach(webhook.rules);
    let hits_pods = resources.contains("pods") || resources.contains('*');
    let severity = match (webhook.is_mandatory, hits_pods && !webhook.is_narrow) {
        (true, true) => Severity::Critical,
        (true, false) => Severity::Error,
        (false, _) => Severity::Warning,
    };
    let mut fault = Fault::new(
        "webhook-without-backend",
        severity,
        Depth::Cause,
        webhook.object.clone(),
        format!("Admission webhook `{}` cannot be called: {why}", webhook.name),
    );
    fault.cause = if webhook.is_mandatory {
        format!(
            "With `failurePolicy: Fail`, every {operations} of {resources} that it covers is refused (\"failed calling webhook\") until somebody answers there."
        )
    } else {
        format!(
            "With `failurePolicy: Ignore`, each {operations} of {resources} waits for its timeout and then passes unchecked."
        )
    };
    fault.key = format!("{}#{}", webhook.object, webhook.name);
    fault.evidence.push(Evidence::new(
        webhook.object.to_string(),
        format!(
            "webhook {}, service {namespace}/{name}:{port}, failurePolicy {}",
            webhook.name,
            if webhook.is_mandatory { "Fail" } else { "Ignore" }
        ),
        Some(snapshot.taken_at),
    ));
    fault.remedy = Some(NextStep::command(
        format!(
            "Bring the pods behind `{namespace}/{name}` back; as an emergency measure remove the webhook"
        ),
        format!(
            "kubectl delete {} {}",
            webhook.object.kind.to_ascii_lowercase(),
            webhook.object.name
        ),
    ));
    fault.next_check = Some(NextStep::command(
        "See who should answer",
        format!("kubectl get endpointslices,pods -n {namespace}"),
    ));
    fault.blames = blames;
    let covered = covered(snapshot, webhook);
    fault.seen_count = covered.len();
    fault.seen_on = covered.into_iter().take(Fault::MAX_SEEN).collect();
    Some(fault)
}

/// The namespaces whose objects a webhook is asked about.
fn covered(snapshot: &Snapshot, webhook: &Webhook<'_>) -> Vec<ObjectRef> {
    if !webhook.is_mandatory {
        return Vec::new();
    }
    snapshot
        .namespaces
        .iter()
        .filter(|one| {
            webhook
                .namespaces
                .is_none_or(|selector| selector_matches(selector, one.metadata.labels.as_ref()))
        })
        .filter_map(|one| one.metadata.name.as_deref())
        .map(|name| ObjectRef::cluster("Namespace", name))
        .collect()
}

/// What a webhook is asked about: "CREATE and UPDATE", "pods".
fn reach(rules: &[RuleWithOperations]) -> (String, String) {
    let mut operations: Vec<&str> = Vec::new();
    let mut resources: Vec<&str> = Vec::new();
    for rule in rules {
        for operation in rule
            .operations
            .iter()
            .flatten()
            .filter(|one| !operations.contains(&one.as_str()))
            .collect::<Vec<_>>()
        {
            operations.push(operation);
        }
        for resource in rule
            .resources
            .iter()
            .flatten()
            .filter(|one| !resources.contains(&one.as_str()))
            .collect::<Vec<_>>()
        {
            resources.push(resource);
        }
    }
    let or_all = |items: &[&str]| {
        if items.is_empty() {
            "request".to_owned()
        } else {
            wording::list(items, 5)
        }
    };
    (
        or_all(&operations),
        if resources.is_empty() {
            "objects".to_owned()
        } else {
            wording::list(&resources, 5)
        },
    )
}

/// When all certificates of a bundle have ended: the latest end.
fn expired(bundle: Option<&ByteString>, now: jiff::Timestamp) -> Option<jiff::Timestamp> {
    let mut latest = None;
    for pem in x509_parser::pem::Pem::iter_from_buffer(&bundle?.0).take(32) {
        let pem = pem.ok()?;
        let certificate = pem.parse_x509().ok()?;
        let ends = jiff::Timestamp::from_second(certificate.validity().not_after.timestamp()).ok()?;
        latest = latest.max(Some(ends));
    }
    latest.filter(|ends| *ends < now)
}

/// What a refusal comes to: check, title, cause, remedy and whom it points at.
struct Reading {
    check: &'static str,
    title: String,
    cause: String,
    remedy: NextStep,
    blames: Vec<ObjectRef>,
}

/// What the server said when it refused a pod; quotas and limit ranges have checks of their own.
fn refused(webhooks: &[Webhook<'_>], refusal: &Refusal) -> Option<Fault> {
    let message = refusal.message.as_str();
    let is_elsewhere = ["exceeded quota", "failed quota", " usage per ", "ratio per "]
        .iter()
        .any(|word| message.contains(word));
    if is_elsewhere {
        return None;
    }
    let reading = pod_security(refusal)
        .or_else(|| by_webhook(webhooks, refusal))
        .or_else(|| otherwise(refusal))?;
    let mut fault = Fault::new(
        reading.check,
        Severity::Error,
        Depth::Cause,
        refusal.object.clone(),
        reading.title,
    );
    if reading.check == "pod-refused" {
        // A check that knows the missing object says it better.
        fault.depth = Depth::Failure;
    }
    fault.cause = reading.cause;
    fault.key = format!("{}/{}", reading.check, refusal.object.path());
    fault.since = refusal.since;
    fault.verdict = Verdict::Confirmed;
    fault.evidence.push(refusal.evidence.clone());
    fault.remedy = Some(reading.remedy);
    fault.blames = reading.blames;
    Some(fault)
}

fn pod_security(refusal: &Refusal) -> Option<Reading> {
    let (_, rest) = refusal.message.split_once("violates PodSecurity ")?;
    let level = rest.split('"').nth(1).unwrap_or("?");
    let what = rest.split_once(": ").map_or(rest, |(_, what)| what);
    let namespace = refusal.object.namespace.as_deref().unwrap_or("default");
    let profile = level.split(':').next().unwrap_or(level);
    Some(Reading {
        check: "pod-security",
        title: format!(
            "`{}` cannot get its pods: they violate Pod Security level `{profile}` of namespace `{namespace}`",
            refusal.object.path()
        ),
        cause: format!(
            "The API server refuses them: {}.",
            wording::clip(what, 320).trim_end_matches('.')
        ),
        remedy: NextStep::command(
            "Give the pod the security context that the level asks for, or lower the level of the namespace",
            format!("kubectl get namespace {namespace} --show-labels"),
        ),
        blames: vec![ObjectRef::cluster("Namespace", namespace)],
    })
}

fn by_webhook(webhooks: &[Webhook<'_>], refusal: &Refusal) -> Option<Reading> {
    let message = refusal.message.as_str();
    let path = refusal.object.path();
    let named = |after: &str| {
        let (_, rest) = message.split_once(after)?;
        rest.split('"').nth(1)
    };
    let detail = |after: &str| message.split_once(after).map_or(message, |(_, detail)| detail);
    let blames = |name: &str| {
        let own = webhooks.iter().filter(|webhook| webhook.name == name);
        own.map(|webhook| webhook.object.clone()).collect()
    };
    if message.contains("failed calling webhook") {
        let name = named("failed calling webhook").unwrap_or("?");
        return Some(Reading {
            check: "webhook-failing",
            title: format!("`{path}` cannot get its pods: admission webhook `{name}` does not answer"),
            cause: format!(
                "The webhook must agree to every pod, and calling it failed: {}.",
                wording::clip(detail("failed to call webhook: "), 260).trim_end_matches('.')
            ),
            remedy: NextStep::command(
                "Bring the webhook's pods back, or see what it is",
                "kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations",
            ),
            blames: blames(name),
        });
    }
    if message.contains("denied the request") {
        let name = named("admission webhook").unwrap_or("?");
        return Some(Reading {
            check: "admission-denied",
            title: format!("`{path}` cannot get its pods: admission webhook `{name}` denies them"),
            cause: format!("It says: {}.", wording::said(detail("denied the request: "), 320)),
            remedy: NextStep::command(
                "Make the pod comply with the policy",
                format!("kubectl edit {}", template::kubectl(&refusal.object)),
            ),
            blames: blames(name),
        });
    }
    None
}

/// Of rollouts it is said with the rollout.
fn otherwise(refusal: &Refusal) -> Option<Reading> {
    if matches!(
        refusal.object.kind.as_str(),
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet"
    ) {
        return None;
    }
    let message = refusal.message.as_str();
    let detail = message
        .rsplit_once("forbidden: ")
        .map_or(message, |(_, detail)| detail);
    Some(Reading {
        check: "pod-refused",
        title: format!(
            "`{}` cannot get its pods: the API server refuses them",
            refusal.object.path()
        ),
        cause: format!("It says: {}.", wording::said(detail, 320)),
        remedy: NextStep::command(
            "See the events",
            format!("kubectl describe {}", template::kubectl(&refusal.object)),
        ),
        blames: Vec::new(),
    })
}
