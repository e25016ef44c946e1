//! A draft in; the plan out, once the server has rehearsed every write. Nothing is written.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt, stream};
use jamie_core::{Effect, Error, ErrorKind, ObjectRef, Plan, Quoted, Result, action::Difference};
use serde_json::{Value, json};

use super::{Draft, Operation, Payload, Write, difference, guard::Seen, impact, refusal::refusal, stuck};
use crate::cluster::{Cluster, Freshness};

/// The most writes of one change.
const MOST: usize = 300;
/// Reads and rehearsals in flight at once.
const AT_ONCE: usize = 8;
/// The longest diff of one object.
const MAX_DIFF: usize = 6_000;
/// Namespaces that the cluster itself lives in.
const SYSTEM: [&str; 3] = ["kube-system", "kube-public", "kube-node-lease"];

/// A write with the object before and after it.
#[derive(Debug, Clone)]
pub(super) struct Rehearsed {
    pub(super) operation: Operation,
    pub(super) before: Option<Value>,
    pub(super) after: Option<Value>,
}

/// Has every write rehearsed and says what would come of it.
pub(crate) async fn plan(cluster: &Cluster, effect: Effect, mut draft: Draft) -> Result<Plan> {
    must_be_bearable(&draft)?;
    stuck::free(cluster, &mut draft).await?;
    let found: Vec<Result<Option<Value>>> = stream::iter(draft.operations.clone())
        .map(|operation| async move { current(cluster, &operation).await })
        .buffered(AT_ONCE)
        .collect()
        .await;
    let found: Vec<Option<Value>> = found.into_iter().collect::<Result<_>>()?;
    for (operation, found) in draft.operations.iter_mut().zip(&found) {
        identify(operation, found.as_ref())?;
    }
    let namespaces: BTreeSet<&str> = draft
        .operations
        .iter()
        .filter(|operation| operation.target.kind == "Namespace" && !operation.removes())
        .map(|operation| operation.target.name.as_str())
        .collect();
    // What an earlier write of the same change makes is not there yet for the rehearsal of a later one.
    let made: BTreeSet<String> = draft
        .operations
        .iter()
        .zip(&found)
        .filter(|(operation, found)| found.is_none() && !operation.removes())
        .map(|(operation, _)| operation.target.name.clone())
        .collect();
    let made = &made;
    let writes: Vec<(Operation, Option<Value>, bool)> = draft
        .operations
        .iter()
        .zip(found)
        .map(|(operation, found)| {
            let namespace = operation.target.namespace.as_deref();
            let in_new_place = namespace.is_some_and(|namespace| namespaces.contains(namespace));
            (operation.clone(), found, in_new_place)
        })
        .collect();
    let tried: Vec<Result<(Rehearsed, Vec<String>)>> = stream::iter(writes)
        .map(|(operation, found, in_new_place)| async move {
            rehearse(cluster, operation, found, in_new_place, made).await
        })
        .buffered(AT_ONCE)
        .collect()
        .await;
    let mut rehearsed = Vec::new();
    for one in tried {
        let (one, notes) = one?;
        rehearsed.push(one);
        for note in notes {
            if !draft.warnings.contains(&note) {
                draft.warnings.push(note);
            }
        }
    }
    for operation in &draft.operations {
        if let Some(namespace) = &operation.target.namespace {
            cluster.include_namespace(namespace);
        }
    }
    // What a change reaches is good to know; that it cannot be looked at is no reason against the change.
    match cluster.snapshot(Freshness::Recent).await {
        Ok(snapshot) => {
            let (reach, fights) = impact::of(&snapshot, &rehearsed);
            draft.impact.extend(reach);
            draft.warnings.extend(fights);
        }
        Err(error) => draft.warnings.push(format!(
            "I could not work out how far it reaches: {}",
            error.message()
        )),
    }
    draft.warnings.extend(impact::keepers(cluster, &rehearsed).await);
    Ok(finished(effect, draft, &rehearsed))
}

fn finished(effect: Effect, draft: Draft, rehearsed: &[Rehearsed]) -> Plan {
    let mut targets: Vec<ObjectRef> = Vec::new();
    let mut differences = Vec::new();
    let mut guard: BTreeMap<String, Seen> = BTreeMap::new();
    for one in rehearsed {
        let target = &one.operation.target;
        if !targets.iter().any(|seen| seen.is_same(target)) {
            targets.push(target.clone());
        }
        guard.insert(one.operation.path(), Seen::of(target, one.before.as_ref()));
        let diff = if one.operation.removes() {
            removal(one)
        } else {
            difference::between(one.before.as_ref(), one.after.as_ref())
        };
        differences.push(Difference {
            object: target.clone(),
            diff: Quoted::passage(diff, MAX_DIFF),
        });
    }
    let payload = Payload {
        operations: draft.operations,
        goal: draft.goal,
    };
    Plan {
        title: draft.title,
        effect,
        args: draft.args,
        targets,
        payload: json!(payload),
        guard: json!(guard),
        differences,
        impact: draft.impact,
        warnings: draft.warnings,
        reasons: draft.reasons,
        inverse: draft.inverse,
    }
}

/// What goes when an object goes; of a pod, whose owner makes another, the name says enough.
fn removal(one: &Rehearsed) -> String {
    let target = &one.operation.target;
    if target.kind == "Pod" {
        return format!("-kind: Pod\n-metadata: {{name: {}}}\n", target.name);
    }
    difference::between(one.before.as_ref(), None)
}

/// Refuses what must not be done, whoever approves it.
fn must_be_bearable(draft: &Draft) -> Result<()> {
    let refuse = |text: String, hint: &str| Err(Error::new(ErrorKind::InvalidInput, text).with_hint(hint));
    if draft.operations.is_empty() {
        return refuse(
            "there is nothing to change: everything is as wished already".to_owned(),
            "say what else it should be",
        );
    }
    if draft.operations.len() > MOST {
        return refuse(
            format!(
                "that would touch {} objects at once, which is more than anybody can look through",
                draft.operations.len()
            ),
            "do it in smaller steps, namespace by namespace",
        );
    }
    for operation in &draft.operations {
        let target = &operation.target;
        if target.kind == "Namespace" && operation.removes() {
            return refuse(
                format!(
                    "I don't delete namespaces: everything in `{}` would go with it",
                    target.name
                ),
                "name the single objects, or do it yourself with `kubectl delete namespace`",
            );
        }
        let system = target
            .namespace
            .as_deref()
            .or_else(|| (target.kind == "Namespace").then_some(target.name.as_str()))
            .filter(|namespace| SYSTEM.contains(namespace));
        let leaves_alone = draft.is_gentle || matches!(operation.write, Write::Evict);
        if let Some(namespace) = system.filter(|_| !leaves_alone) {
            return refuse(
                format!("`{namespace}` is what the cluster itself runs on: I change nothing there"),
                "if it must be, do it with kubectl and somebody watching",
            );
        }
        if target.kind == "Secret" && !matches!(operation.write, Write::Delete) {
            return refuse(
                format!("I keep away from the values of Secrets, so I don't write {target}"),
                "use `kubectl create secret`, or your secret manager",
            );
        }
    }
    Ok(())
}

/// The object as it is; a Secret is not read, only whether it is there.
async fn current(cluster: &Cluster, operation: &Operation) -> Result<Option<Value>> {
    if operation.target.kind == "Secret" {
        let snapshot = cluster.snapshot(Freshness::Recent).await?;
        let namespace = operation.target.namespace.as_deref().unwrap_or_default();
        return Ok(snapshot.secret(namespace, &operation.target.name).map(|secret| {
            json!({"apiVersion": "v1", "kind": "Secret", "metadata": {
                "name": operation.target.name, "namespace": namespace, "uid": secret.metadata.uid,
            }})
        }));
    }
    match cluster.read(&operation.path()).await {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Notes which of the objects of that name is meant, or says that there is none, or one too many.
fn identify(operation: &mut Operation, found: Option<&Value>) -> Result<()> {
    let target = &operation.target;
    let uid = found.and_then(|found| found.pointer("/metadata/uid")?.as_str());
    match (found, &operation.write) {
        (Some(_), Write::Create { .. }) => Err(Error::new(
            ErrorKind::InvalidInput,
            format!("there is a {} `{}` already", target.kind, target.path()),
        )
        .with_hint("choose another name, or ask me to change the one that is there")),
        (None, Write::Create { .. } | Write::Apply { .. }) => Ok(()),
        (None, _) => Err(Error::new(
            ErrorKind::NotFound,
            format!("there is no {} `{}`", target.kind, target.path()),
        )),
        (Some(_), _) => {
            if let (Some(wanted), Some(uid)) = (&target.uid, uid)
                && wanted != uid
            {
                return Err(Error::new(
                    ErrorKind::InvalidInput,
                    format!(
                        "{target} is not the one that was meant: it was deleted and made anew since then"
                    ),
                )
                .with_hint("ask again, and I take the one that is there now"));
            }
            operation.target.uid = uid.map(str::to_owned);
            Ok(())
        }
    }
}

/// Sends the write with `dryRun=All`.
async fn rehearse(
    cluster: &Cluster,
    operation: Operation,
    before: Option<Value>,
    in_new_place: bool,
    made: &BTreeSet<String>,
) -> Result<(Rehearsed, Vec<String>)> {
    let done = |after: Option<Value>, notes: Vec<String>| {
        let rehearsed = Rehearsed {
            operation: operation.clone(),
            before: before.clone(),
            after,
        };
        Ok((rehearsed, notes))
    };
    let body = match &operation.write {
        Write::Create { body } | Write::Apply { body } => Some(body.clone()),
        _ => None,
    };
    let too_early = |what: &str| {
        format!(
            "{} could not be rehearsed, because {what} is only made by this change.",
            operation.target
        )
    };
    if in_new_place {
        return done(body, vec![too_early("its namespace")]);
    }
    let uid = operation.target.uid.as_deref();
    match cluster.write(operation.wire(uid, None, true)).await {
        Ok((answer, warnings)) => {
            let after = (!operation.removes()).then(|| as_asked(&operation, before.as_ref(), answer));
            let warnings = warnings
                .into_iter()
                .map(|text| format!("The server warns: {text}"))
                .collect();
            done(after, warnings)
        }
        Err(denial) if cannot_rehearse(denial.code, &denial.said) => {
            let after = guessed(&operation, before.as_ref());
            done(
                after,
                vec![format!(
                    "The server cannot rehearse this ({}), so what is shown is my own reckoning.",
                    crate::wording::clip(&denial.said, 160)
                )],
            )
        }
        Err(denial) if denial.code == Some(404) && body.is_some() && lacks_one_of(&denial.said, made) => {
            done(body, vec![too_early("what it refers to")])
        }
        Err(denial) => Err(refusal(&operation, denial)),
    }
}

/// Whether the server misses an object that the change itself makes, as a binding's role.
fn lacks_one_of(said: &str, made: &BTreeSet<String>) -> bool {
    made.iter().any(|name| said.contains(&format!("\"{name}\"")))
}

/// Webhooks with side effects that do not support a dry run stand in its way.
fn cannot_rehearse(code: Option<u16>, said: &str) -> bool {
    let said = said.to_lowercase();
    code == Some(400) && (said.contains("dry run") || said.contains("dryrun"))
}

/// The object as it would be, without what the server assigns anew each time it is asked.
fn as_asked(operation: &Operation, before: Option<&Value>, mut after: Value) -> Value {
    if let (None, Write::Create { body } | Write::Apply { body }) = (before, &operation.write)
        && let Some(spec) = after.get_mut("spec").and_then(Value::as_object_mut)
    {
        let asked = |field: &str| body.pointer(&format!("/spec/{field}")).is_some();
        for assigned in ["clusterIP", "clusterIPs", "nodeName", "healthCheckNodePort"] {
            if !asked(assigned) {
                spec.remove(assigned);
            }
        }
        let ports_asked = body
            .pointer("/spec/ports")
            .map(Value::to_string)
            .unwrap_or_default();
        if operation.target.kind == "Service" && !ports_asked.contains("nodePort") {
            for port in spec
                .get_mut("ports")
                .and_then(Value::as_array_mut)
                .into_iter()
                .flatten()
            {
                if let Some(port) = port.as_object_mut() {
                    port.remove("nodePort");
                }
            }
        }
    }
    after
}

/// What a write makes of an object as far as that can be told without the server.
fn guessed(operation: &Operation, before: Option<&Value>) -> Option<Value> {
    match &operation.write {
        Write::Create { body } => Some(body.clone()),
        Write::Apply { body } | Write::Merge { body } => {
            let mut after = before.cloned().unwrap_or_default();
            merge(&mut after, body);
            Some(after)
        }
        Write::Strategic { .. } | Write::Json { .. } => before.cloned(),
        Write::Delete | Write::Evict => None,
    }
}

/// RFC 7386.
fn merge(target: &mut Value, patch: &Value) {
    let Some(patch) = patch.as_object() else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    for (key, value) in patch {
        if let Some(fields) = target.as_object_mut() {
            if value.is_null() {
                fields.remove(key);
            } else {
                merge(fields.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
    }
}
