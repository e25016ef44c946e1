//! A fault and its container's last words in; the fault with what they say about its cause out.

mod dependency;
mod settings;

use jamie_core::{Evidence, NextStep, ObjectRef, Verdict, redact};

use self::{
    dependency::{away, unresolved},
    settings::{is_set, mounted, secrets_of, set_before},
};
use super::{
    fetch::Fetched,
    signature::Signature,
    triage::{self, Reading},
};
use crate::{
    checks::{containers, proposals},
    fault::{Depth, Fault, Lead},
    snapshot::Snapshot,
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
    let text = &redact(text);
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
    if deciding.line.contains(deciding.message.trim()) {
        lines.extend(deciding.rest.iter().take(2).map(|line| wording::clip(line, 120)));
    } else {
        lines.push(wording::clip(&deciding.message, 280));
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
            namespace: named,
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
            let inside = named.as_deref().unwrap_or(namespace);
            let step = NextStep::command(
                format!("Give it that right with a Role and a RoleBinding for `{short}`"),
                format!("kubectl auth can-i {verb} {resource} -n {inside} --as={who}"),
            );
            let proposal = proposals::permission(snapshot, pod, who, verb, resource, named.as_deref());
            conclusion.remedy = Some(NextStep { proposal, ..step });
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
