//! A fault and its container's last words in; the fault with what they say about its cause out.

use std::sync::Arc;

use jamie_core::{Evidence, NextStep, ObjectRef, Verdict};
use k8s_openapi::api::core::v1::{Pod, Service};

use super::{
    fetch::Fetched,
    signature::Signature,
    triage::{self, Reading},
};
use crate::{
    causes,
    checks::{containers, nearest::nearest},
    fault::{Depth, Fault, Lead},
    redaction,
    snapshot::Snapshot,
    template::template_of,
    wording,
};

/// So much of a line is shown in a sentence.
const SHOWN: usize = 220;

/// Adds what a log says.
pub(crate) fn with_log(snapshot: &Snapshot, fault: &mut Fault, lead: &Lead, fetched: &Fetched) {
    let Lead::Log { pod, container, .. } = lead;
    let which = if fetched.previous { ", previous" } else { "" };
    let source = format!("log of {} ({container}{which})", pod.path());
    with_text(snapshot, fault, lead, &fetched.text, &source);
}

/// Adds what a container left as its termination message, which the API keeps when logs are out of reach.
pub(crate) fn with_last_words(snapshot: &Snapshot, fault: &mut Fault) -> bool {
    let Some(lead) = fault.leads.first().cloned() else {
        return false;
    };
    let Lead::Log { pod, container, .. } = &lead;
    let Some(pod) = snapshot.pod(pod.namespace.as_deref().unwrap_or_default(), &pod.name) else {
        return false;
    };
    let words = containers::of(pod)
        .filter(|seen| seen.name() == container)
        .find_map(|seen| seen.last_end()?.message.clone())
        .filter(|message| !message.trim().is_empty());
    let Some(words) = words else { return false };
    let source = format!(
        "termination message of Pod {} ({container})",
        crate::snapshot::reference(pod.as_ref()).path()
    );
    with_text(snapshot, fault, &lead, &words, &source);
    true
}

fn with_text(snapshot: &Snapshot, fault: &mut Fault, lead: &Lead, text: &str, source: &str) {
    let text = &redaction::redact(text);
    let reading = triage::read(text);
    quote(fault, &reading, text, source);
    // What is certain without a log only gets its quotation.
    if fault.depth == Depth::Cause {
        return;
    }
    let Some(signature) = &reading.signature else {
        if let Some(deciding) = &reading.deciding {
            fault.cause = join(
                &fault.cause,
                &format!("Its log says: {}", shown(&deciding.message)),
            );
            fault.verdict = fault.verdict.max(Verdict::Likely);
        } else if let Some(last) = text.lines().rev().find(|line| !line.trim().is_empty()) {
            fault.cause = join(&fault.cause, &format!("Its last line is: {}", shown(last)));
        }
        return;
    };
    let said = reading
        .deciding
        .as_ref()
        .map(|record| shown(&record.message))
        .unwrap_or_default();
    let conclusion = conclude(snapshot, fault, lead, signature);
    fault.title = format!("{}: {}", fault.title, conclusion.short);
    let mut cause = join(&conclusion.long, &format!("Its log says: {said}"));
    // The exit code and the restarts stay worth telling.
    cause = join(&cause, &fault.cause);
    fault.cause = cause;
    fault.key = signature.key();
    fault.verdict = conclusion.verdict;
    fault.depth = conclusion.depth;
    if !conclusion.blames.is_empty() {
        fault.blames.extend(conclusion.blames);
    }
    if conclusion.remedy.is_some() {
        fault.remedy = conclusion.remedy;
    }
}

fn shown(message: &str) -> String {
    format!("`{}`", wording::clip(message, SHOWN).replace('`', "'"))
}

fn join(first: &str, second: &str) -> String {
    match (first.is_empty(), second.is_empty()) {
        (true, _) => second.to_owned(),
        (_, true) => first.to_owned(),
        _ => format!("{}. {second}", first.trim_end_matches('.')),
    }
}

/// The deciding lines, or the last ones where none decides.
fn quote(fault: &mut Fault, reading: &Reading, text: &str, source: &str) {
    let Some(deciding) = &reading.deciding else {
        let mut lines: Vec<String> = text
            .lines()
            .rev()
            .filter(|line| !line.trim().is_empty())
            .take(4)
            .map(|line| wording::clip(line, 140))
            .collect();
        lines.reverse();
        if !lines.is_empty() {
            fault.evidence.push(Evidence::new(source, lines.join("\n"), None));
        }
        return;
    };
    let mut lines = vec![wording::clip(&deciding.line, 280)];
    if !deciding.line.contains(deciding.message.trim()) {
        lines.push(wording::clip(&deciding.message, 280));
    } else {
        lines.extend(deciding.rest.iter().take(2).map(|line| wording::clip(line, 120)));
    }
    fault
        .evidence
        .push(Evidence::new(source, lines.join("\n"), deciding.at));
    // Without a known signature the way there may say more than the end.
    if reading.signature.is_none() {
        let mut way: Vec<String> = reading
            .before
            .iter()
            .map(|line| wording::clip(line, 180))
            .collect();
        for record in reading
            .said
            .iter()
            .filter(|record| record.message != deciding.message)
        {
            let line = wording::clip(&record.message, 180);
            if !way.iter().any(|other| other.contains(&record.message)) {
                way.push(line);
            }
        }
        if !way.is_empty() {
            way.truncate(5);
            fault.evidence.push(Evidence::new(
                format!("{source}, before that"),
                way.join("\n"),
                None,
            ));
        }
    }
}

struct Conclusion {
    short: String,
    long: String,
    verdict: Verdict,
    depth: Depth,
    blames: Vec<ObjectRef>,
    remedy: Option<NextStep>,
}

fn conclude(snapshot: &Snapshot, fault: &Fault, lead: &Lead, signature: &Signature) -> Conclusion {
    let Lead::Log { pod, container, .. } = lead;
    let namespace = pod.namespace.as_deref().unwrap_or_default();
    let mut conclusion = Conclusion {
        short: signature.describe(),
        long: String::new(),
        verdict: Verdict::Confirmed,
        depth: Depth::Cause,
        blames: Vec::new(),
        remedy: None,
    };
    // A probe that fails may have another reason than an error in the log.
    if fault.check.starts_with("probe-") || fault.check == "container-unready" {
        conclusion.verdict = Verdict::Likely;
    }
    if fault.check == "init-waiting" && !signature.is_dependency() {
        conclusion.verdict = Verdict::Likely;
    }
    let kubectl = crate::checks::template::kubectl(&fault.object);
    match signature {
        Signature::UnresolvedHost { host } => unresolved(snapshot, namespace, host, &mut conclusion),
        Signature::Refused { host, port } | Signature::TimedOut { host, port } => {
            let refused = matches!(signature, Signature::Refused { .. });
            away(
                snapshot,
                fault,
                pod,
                host.as_deref(),
                *port,
                refused,
                &mut conclusion,
            );
        }
        Signature::TooManyConnections => conclusion.depth = Depth::Failure,
        Signature::MissingVariable { name } => {
            conclusion.long = format!("The program needs `{name}`, and nothing sets it");
            if let Some(before) = set_before(snapshot, &fault.object, container, name) {
                conclusion.long = format!(
                    "The program needs `{name}`, which the revision before set{before} and this one does not"
                );
            } else if is_set(snapshot, &fault.object, container, name) {
                conclusion.long = format!(
                    "The program needs `{name}`; the pod template sets it, so its value is empty or not what is expected"
                );
            }
            conclusion.remedy = Some(NextStep::command(
                format!("Set `{name}` for container `{container}`"),
                format!("kubectl set env {kubectl} -c {container} {name}=VALUE"),
            ));
        }
        Signature::Forbidden {
            who,
            verb,
            resource,
            namespace: inside,
        } => {
            let short = who.rsplit(':').next().unwrap_or(who);
            conclusion.long = format!("The account `{who}` lacks the right to {verb} `{resource}`");
            if let Some(account) = who
                .strip_prefix("system:serviceaccount:")
                .and_then(|rest| rest.split_once(':'))
            {
                conclusion
                    .blames
                    .push(ObjectRef::namespaced("ServiceAccount", account.0, account.1));
            }
            let inside = inside.as_deref().unwrap_or(namespace);
            conclusion.remedy = Some(NextStep::command(
                format!("Give it that right with a Role and a RoleBinding for `{short}`"),
                format!("kubectl auth can-i {verb} {resource} -n {inside} --as={who}"),
            ));
        }
        Signature::AuthenticationFailed { .. } => {
            let from = secrets_of(snapshot, &fault.object, container);
            if from.is_empty() {
                conclusion.long =
                    "The credentials that it is given are not those that the other side knows".to_owned();
            } else {
                conclusion.long = format!(
                    "Its credentials come from {}; they are not those that the other side knows",
                    wording::list(&from, 3)
                );
            }
        }
        Signature::OutOfMemory { .. } => {
            conclusion.remedy = Some(NextStep::advice(
                "Give the runtime more memory (its own setting and the container's limit), or find out what uses so much",
            ));
        }
        Signature::MissingFile { path } => {
            conclusion.long = mounted(snapshot, &fault.object, container, path);
        }
        _ => {}
    }
    conclusion
}

fn unresolved(snapshot: &Snapshot, namespace: &str, host: &str, conclusion: &mut Conclusion) {
    if let Some((space, service)) = causes::resolve(snapshot, namespace, host) {
        conclusion.verdict = Verdict::Likely;
        conclusion.depth = Depth::Failure;
        conclusion.long = format!(
            "The Service `{space}/{service}` exists, so the cluster's DNS does not answer, or pods may not reach it"
        );
        conclusion
            .blames
            .push(ObjectRef::namespaced("Service", "kube-system", "kube-dns"));
        return;
    }
    let first = host.split('.').next().unwrap_or(host);
    let inside = !host.contains('.') || host.contains(".svc") || host.split('.').count() == 2;
    if !inside || !snapshot.may_see("Service", Some(namespace)) {
        conclusion.long = format!("The name `{host}` is not known to DNS");
        conclusion.verdict = Verdict::Likely;
        return;
    }
    let space = host
        .split('.')
        .nth(1)
        .filter(|space| snapshot.namespace(space).is_some())
        .unwrap_or(namespace);
    let here = snapshot
        .services_in(space)
        .filter_map(|service| service.metadata.name.as_deref());
    let elsewhere = snapshot
        .services
        .iter()
        .find(|service| service.metadata.name.as_deref() == Some(first))
        .and_then(|service| service.metadata.namespace.as_deref());
    conclusion.long = format!("There is no Service `{first}` in namespace `{space}`");
    if let Some(meant) = nearest(first, here) {
        conclusion
            .long
            .push_str(&format!("; there is a Service `{meant}`, which may be meant"));
    } else if let Some(elsewhere) = elsewhere {
        conclusion.long.push_str(&format!(
            "; there is one in namespace `{elsewhere}`, which is called `{first}.{elsewhere}` from here"
        ));
    }
    conclusion
        .blames
        .push(ObjectRef::namespaced("Service", space, first));
}

/// A refused connection or one that times out: which Service that is, and whether it could have answered.
fn away(
    snapshot: &Snapshot,
    fault: &Fault,
    pod: &ObjectRef,
    host: Option<&str>,
    port: Option<u16>,
    refused: bool,
    conclusion: &mut Conclusion,
) {
    conclusion.depth = Depth::Failure;
    conclusion.verdict = Verdict::Likely;
    let namespace = pod.namespace.as_deref().unwrap_or_default();
    if host.is_some_and(|host| matches!(host, "localhost" | "127.0.0.1" | "::1" | "0.0.0.0")) {
        conclusion.depth = Depth::Cause;
        conclusion.long = "It calls its own pod, and nothing listens there on that port".to_owned();
        return;
    }
    let service = host
        .and_then(|host| service_of(snapshot, namespace, host))
        .or_else(|| by_port(snapshot, fault, port).filter(|_| host.is_none_or(is_address)));
    let Some(service) = service else {
        if let Some(host) = host.filter(|host| !is_address(host)) {
            conclusion.long = format!("`{host}` is not a Service of this cluster that I can see");
            conclusion.depth = Depth::Cause;
        }
        // Without a name it may still be something that the workload is known to call.
        return;
    };
    let name = crate::snapshot::reference(service.as_ref());
    conclusion.blames.push(name.clone());
    let ports: Vec<String> = service
        .spec
        .iter()
        .flat_map(|spec| spec.ports.iter().flatten())
        .map(|port| port.port.to_string())
        .collect();
    let headless = service.spec.as_ref().and_then(|spec| spec.cluster_ip.as_deref()) == Some("None");
    if let Some(port) = port
        && !ports.is_empty()
        && !ports.contains(&port.to_string())
        && !headless
        && host.is_some_and(|host| !is_address(host))
    {
        conclusion.depth = Depth::Cause;
        conclusion.verdict = Verdict::Confirmed;
        conclusion.short = format!(
            "it calls `{}` on port {port}, which is not a port of that Service",
            name.path()
        );
        conclusion.long = format!(
            "The Service `{}` listens on {}, not on {port}",
            name.path(),
            wording::list(&ports, 4)
        );
        return;
    }
    let state = snapshot.endpoints_of(service);
    conclusion.long = if state.known && state.ready == 0 {
        format!("The Service `{}` has no ready endpoint", name.path())
    } else if refused {
        format!(
            "The Service `{}` has {} now",
            name.path(),
            wording::count(state.ready, "ready endpoint")
        )
    } else {
        format!(
            "The Service `{}` has {}, so something on the way may hold the connection: a NetworkPolicy, or a server that is too busy",
            name.path(),
            wording::count(state.ready, "ready endpoint")
        )
    };
}

fn is_address(host: &str) -> bool {
    host.parse::<std::net::IpAddr>().is_ok()
}

/// The Service behind a host name or an address.
fn service_of<'a>(snapshot: &'a Snapshot, namespace: &str, host: &str) -> Option<&'a Arc<Service>> {
    if is_address(host) {
        let by_own = snapshot.services.iter().find(|service| {
            service
                .spec
                .as_ref()
                .is_some_and(|spec| spec.cluster_ip.as_deref() == Some(host))
        });
        return by_own.or_else(|| {
            let pod: &Arc<Pod> = snapshot
                .pods
                .iter()
                .find(|pod| pod.status.as_ref().and_then(|status| status.pod_ip.as_deref()) == Some(host))?;
            snapshot.services_of(pod).into_iter().next()
        });
    }
    let (space, name) = causes::resolve(snapshot, namespace, host)?;
    snapshot.service(&space, &name)
}

/// The one Service that the workload calls which has this port.
fn by_port<'a>(snapshot: &'a Snapshot, fault: &Fault, port: Option<u16>) -> Option<&'a Arc<Service>> {
    let port = i32::from(port?);
    let links = causes::Links::new(snapshot);
    let mut found = links
        .calls_of(&causes::canonical(snapshot, &fault.object))
        .into_iter()
        .filter_map(|edge| snapshot.service(edge.to.namespace.as_deref()?, &edge.to.name))
        .filter(|service| {
            service
                .spec
                .iter()
                .flat_map(|spec| spec.ports.iter().flatten())
                .any(|own| own.port == port)
        });
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

fn container_of<'a>(
    snapshot: &'a Snapshot,
    object: &ObjectRef,
    container: &str,
) -> Option<&'a k8s_openapi::api::core::v1::Container> {
    let spec = match template_of(snapshot, object) {
        Some(template) => template.spec.as_ref(),
        None => snapshot.pods_of(object).first().and_then(|pod| pod.spec.as_ref()),
    }?;
    spec.containers
        .iter()
        .chain(spec.init_containers.iter().flatten())
        .find(|one| one.name == container)
}

fn is_set(snapshot: &Snapshot, object: &ObjectRef, container: &str, variable: &str) -> bool {
    container_of(snapshot, object, container)
        .is_some_and(|container| container.env.iter().flatten().any(|one| one.name == variable))
}

/// Where the revision before had the variable from.
fn set_before(snapshot: &Snapshot, object: &ObjectRef, container: &str, variable: &str) -> Option<String> {
    if object.kind != "Deployment" || is_set(snapshot, object, container, variable) {
        return None;
    }
    let deployment = snapshot.deployment(object.namespace.as_deref()?, &object.name)?;
    snapshot
        .replica_sets_of(deployment)
        .into_iter()
        .skip(1)
        .find_map(|set| {
            let spec = set.spec.template.as_ref()?.spec.as_ref()?;
            let container = spec.containers.iter().find(|one| one.name == container)?;
            let found = container.env.iter().flatten().find(|one| one.name == variable)?;
            let source = found.value_from.as_ref();
            let map = source
                .and_then(|source| source.config_map_key_ref.as_ref())
                .map(|from| format!(" from ConfigMap `{}`", from.name));
            let secret = source
                .and_then(|source| source.secret_key_ref.as_ref())
                .map(|from| format!(" from Secret `{}`", from.name));
            Some(map.or(secret).unwrap_or_default())
        })
}

/// The Secrets that a container's variables come from.
fn secrets_of(snapshot: &Snapshot, object: &ObjectRef, container: &str) -> Vec<String> {
    let Some(container) = container_of(snapshot, object, container) else {
        return Vec::new();
    };
    let keys = container.env.iter().flatten().filter_map(|variable| {
        let from = variable.value_from.as_ref()?.secret_key_ref.as_ref()?;
        Some(format!(
            "key `{}` of Secret `{}` (`{}`)",
            from.key, from.name, variable.name
        ))
    });
    let whole = container
        .env_from
        .iter()
        .flatten()
        .filter_map(|source| Some(format!("Secret `{}`", source.secret_ref.as_ref()?.name)));
    keys.chain(whole).collect()
}

/// What is mounted where the missing file should be.
fn mounted(snapshot: &Snapshot, object: &ObjectRef, container: &str, path: &str) -> String {
    let Some(container) = container_of(snapshot, object, container) else {
        return String::new();
    };
    let mount = container
        .volume_mounts
        .iter()
        .flatten()
        .filter(|mount| path.starts_with(mount.mount_path.trim_end_matches('/')))
        .max_by_key(|mount| mount.mount_path.len());
    match mount {
        Some(mount) => format!(
            "The volume `{}` is mounted at `{}`, but does not hold that file",
            mount.name, mount.mount_path
        ),
        None => format!(
            "Nothing is mounted there: the file must be in the image, or in a volume that is missing ({path})"
        ),
    }
}
