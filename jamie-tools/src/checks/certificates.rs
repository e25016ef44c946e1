//! Certificates in TLS Secrets that have ended or soon will, and ingresses whose Secret is missing, lacks a key
//! or is for other names.
//!
//! Checks: `certificate-expired`, `certificate-ending`, `ingress-tls-missing`, `ingress-tls-keys`, `ingress-tls-host`.

use std::collections::BTreeMap;

use jamie_core::{Evidence, NextStep, ObjectRef, Severity, Verdict};
use k8s_openapi::api::networking::v1::Ingress;

use crate::{
    fault::{Depth, Fault},
    snapshot::{SecretKeys, Snapshot, reference},
    wording,
};

const SOON: i64 = 14 * 86_400;

pub(crate) fn check(snapshot: &Snapshot) -> Vec<Fault> {
    let mut users: BTreeMap<(&str, &str), Vec<&Ingress>> = BTreeMap::new();
    let mut faults = Vec::new();
    for ingress in &snapshot.ingresses {
        let namespace = ingress.metadata.namespace.as_deref().unwrap_or("default");
        for tls in ingress.spec.iter().flat_map(|spec| spec.tls.iter().flatten()) {
            let Some(name) = tls.secret_name.as_deref().filter(|name| !name.is_empty()) else {
                continue;
            };
            users.entry((namespace, name)).or_default().push(ingress);
            if snapshot.may_see("Secret", Some(namespace)) {
                let hosts = tls.hosts.as_deref().unwrap_or_default();
                faults.extend(of_ingress(snapshot, ingress, namespace, name, hosts));
            }
        }
    }
    for secret in &snapshot.secrets {
        let object = secret.reference();
        let key = (
            object.namespace.as_deref().unwrap_or("default"),
            object.name.as_str(),
        );
        faults.extend(ending(
            snapshot,
            secret,
            users.get(&key).map(Vec::as_slice).unwrap_or_default(),
        ));
    }
    faults
}

fn ending(snapshot: &Snapshot, secret: &SecretKeys, users: &[&Ingress]) -> Option<Fault> {
    let ends = secret.certificate_ends?;
    let left = ends.as_second().saturating_sub(snapshot.taken_at.as_second());
    if left > SOON {
        return None;
    }
    let object = secret.reference();
    let path = object.path();
    let names = &secret.certificate_names;
    let (check, severity, title) = if left < 0 {
        (
            "certificate-expired",
            if users.is_empty() {
                Severity::Warning
            } else {
                Severity::Critical
            },
            format!(
                "The certificate in Secret `{path}` expired {} ago",
                wording::duration(-left)
            ),
        )
    } else {
        (
            "certificate-ending",
            Severity::Warning,
            format!(
                "The certificate in Secret `{path}` ends in {}",
                wording::duration(left)
            ),
        )
    };
    let by: Vec<String> = users.iter().map(|ingress| reference(*ingress).path()).collect();
    let mut fault = Fault::new(check, severity, Depth::Cause, object, title);
    fault.cause = format!(
        "It {} until {}{}{}.",
        if left < 0 { "was valid" } else { "is valid" },
        ends.strftime("%Y-%m-%d %H:%M UTC"),
        if names.is_empty() {
            String::new()
        } else {
            format!(", for {}", wording::code_list(names, 3))
        },
        if by.is_empty() {
            String::new()
        } else {
            format!("; ingress {} serves it", wording::code_list(&by, 3))
        },
    );
    let manager = secret.metadata.annotations.as_ref().and_then(|annotations| {
        annotations
            .get("cert-manager.io/certificate-name")
            .map(String::as_str)
    });
    let namespace = secret.metadata.namespace.as_deref().unwrap_or("default");
    fault.remedy = Some(match manager {
        Some(certificate) => NextStep::command(
            "cert-manager should have renewed it: see why it has not",
            format!("kubectl describe certificate {certificate} -n {namespace}"),
        ),
        None => NextStep::command(
            "Renew the certificate and put it into the Secret",
            format!(
                "kubectl create secret tls {} -n {namespace} --cert=FILE --key=FILE --dry-run=client -o yaml | kubectl apply -f -",
                fault.object.name
            ),
        ),
    });
    fault.key = format!("Secret/{path}#certificate");
    fault.since = (left < 0).then_some(ends);
    fault.evidence.push(Evidence::new(
        format!("Secret {path} tls.crt (dates only)"),
        format!("notAfter: {ends}; names: {}", names.join(", ")),
        Some(snapshot.taken_at),
    ));
    fault.seen_on = users
        .iter()
        .take(Fault::MAX_SEEN)
        .map(|ingress| reference(*ingress))
        .collect();
    fault.seen_count = users.len();
    Some(fault)
}

fn of_ingress(
    snapshot: &Snapshot,
    ingress: &Ingress,
    namespace: &str,
    name: &str,
    hosts: &[String],
) -> Option<Fault> {
    let object = reference(ingress);
    let path = object.path();
    let target = ObjectRef::namespaced("Secret", namespace, name);
    let mut fault = match snapshot.secret(namespace, name) {
        None => missing(ingress, namespace, name, hosts),
        Some(secret) => {
            let lacking: Vec<&str> = ["tls.crt", "tls.key"]
                .into_iter()
                .filter(|key| secret.keys.get(*key).is_none_or(|size| *size == 0))
                .collect();
            let uncovered: Vec<&String> = hosts
                .iter()
                .filter(|host| !covers(&secret.certificate_names, host))
                .collect();
            if !lacking.is_empty() {
                let mut fault = Fault::new(
                    "ingress-tls-keys",
                    Severity::Error,
                    Depth::Cause,
                    object,
                    format!(
                        "Ingress `{path}` wants the certificate in Secret `{name}`, which lacks {}",
                        wording::code_list(&lacking, 2)
                    ),
                );
                let keys: Vec<&String> = secret.keys.keys().collect();
                fault.cause = format!(
                    "The Secret (type `{}`) holds {}.",
                    secret.type_.as_deref().unwrap_or("Opaque"),
                    if keys.is_empty() {
                        "nothing".to_owned()
                    } else {
                        wording::code_list(&keys, 5)
                    }
                );
                fault
            } else if !uncovered.is_empty() && !secret.certificate_names.is_empty() {
                let mut fault = Fault::new(
                    "ingress-tls-host",
                    Severity::Error,
                    Depth::Cause,
                    object,
                    format!(
                        "The certificate of ingress `{path}` is not for {}",
                        wording::code_list(&uncovered, 3)
                    ),
                );
                fault.cause = format!(
                    "The one in Secret `{name}` is for {}.",
                    wording::code_list(&secret.certificate_names, 5)
                );
                fault.verdict = Verdict::Confirmed;
                fault
            } else {
                return None;
            }
        }
    };
    fault.key = format!("Secret/{namespace}/{name}");
    fault.evidence.push(Evidence::new(
        format!("Ingress {path} tls"),
        format!("secretName: {name}, hosts: {}", hosts.join(", ")),
        Some(snapshot.taken_at),
    ));
    fault.blames.push(target);
    Some(fault)
}

/// There is no such Secret.
fn missing(ingress: &Ingress, namespace: &str, name: &str, hosts: &[String]) -> Fault {
    let object = reference(ingress);
    let path = object.path();
    let annotations = ingress.metadata.annotations.as_ref();
    let is_managed = annotations
        .is_some_and(|annotations| annotations.keys().any(|key| key.starts_with("cert-manager.io/")));
    let mut fault = Fault::new(
        "ingress-tls-missing",
        Severity::Error,
        Depth::Cause,
        object,
        format!("Ingress `{path}` wants the certificate in Secret `{name}`, which does not exist"),
    );
    fault.cause = format!(
        "Visitors of {} get the controller's own certificate and a warning from their browser.{}",
        if hosts.is_empty() {
            "it".to_owned()
        } else {
            wording::code_list(hosts, 3)
        },
        if is_managed {
            " cert-manager is asked for it and has not issued it."
        } else {
            ""
        }
    );
    fault.next_check = is_managed.then(|| {
        NextStep::command(
            "See what cert-manager waits for",
            format!("kubectl describe certificate,certificaterequest,challenge -n {namespace}"),
        )
    });
    fault.remedy = Some(NextStep::command(
        "Create the Secret",
        format!("kubectl create secret tls {name} -n {namespace} --cert=FILE --key=FILE"),
    ));
    fault
}

/// Whether a certificate for these names is one for the host; `*.` stands for exactly one label.
fn covers(names: &[String], host: &str) -> bool {
    names.iter().any(|name| {
        name.eq_ignore_ascii_case(host)
            || name.strip_prefix("*.").is_some_and(|rest| {
                host.split_once('.')
                    .is_some_and(|(_, parent)| parent.eq_ignore_ascii_case(rest))
            })
    })
}
