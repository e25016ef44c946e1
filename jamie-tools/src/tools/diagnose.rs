//! Objects, a namespace or nothing in particular in; what is wrong with them and why out.

use async_trait::async_trait;
use futures::future::try_join_all;
use jamie_core::{Block, NextStep, ObjectRef, Phrase, Result, Severity, ToolContext, ToolOutput};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::{Look, must_be_namespace, must_exist, namespace, phrases};
use crate::{
    cluster::{Cluster, Freshness},
    diagnosis::{self, Diagnosis, Scope},
    wording,
};

pub(super) struct Diagnose;

/// What to look into.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Args {
    /// The objects: workloads, pods, Services, Ingresses, nodes, claims, jobs, namespaces, anything.
    #[serde(default)]
    #[schemars(extend("x-slot" = "targets"))]
    targets: Vec<ObjectRef>,
    /// The namespace to look into where no object is named.
    #[schemars(extend("x-slot" = "namespace"))]
    namespace: Option<String>,
}

/// No more objects than this are looked into at once.
const MOST: usize = 5;

#[async_trait]
impl Look for Diagnose {
    type Args = Args;
    const NAME: &'static str = "diagnose";
    const DESCRIPTION: &'static str =
        "Finds out what is wrong with something and why: the cause, the evidence and what would mend it.";
    const IS_BARE: bool = true;
    const EXAMPLE: &'static str = "why is the api crashing?";

    fn phrases() -> Vec<Phrase> {
        phrases(&[
            "{target}",
            "what is wrong with {target}",
            "why is {target} broken",
            "why is {target} crashing",
            "why does {target} keep restarting",
            "why is {target} failing",
            "why is {target} not ready",
            "why is {target} not working",
            "why is {target} slow",
            "why is {target} unhealthy",
            "why was {target} killed",
            "why did {target} die",
            "why did {target} fail",
            "diagnose {target}",
            "debug {target}",
            "troubleshoot {target}",
            "investigate {target}",
            "look into {target}",
            "is {target} ok",
            "is {target} healthy",
            "is {target} up",
            "how is {target} doing",
            "check {target}",
            "root cause of {target}",
            "what happened to {target}",
            "help with {target}",
            "have a look at {target}",
            "status of {target}",
            "{target} gives errors",
            "{target} returns 503",
            "{target} is stuck",
            "users cannot reach {target}",
            "why did everything break in {namespace}",
            "diagnose {namespace}",
        ])
    }

    async fn look(cluster: &Cluster, context: &ToolContext, args: Args) -> Result<ToolOutput> {
        let mut targets = args.targets;
        targets.dedup();
        let total = targets.len();
        targets.truncate(MOST);
        let place = namespace(args.namespace, context);
        for name in targets
            .iter()
            .filter_map(|target| target.namespace.as_deref())
            .chain(place.as_deref())
        {
            cluster.include_namespace(name);
        }
        let snapshot = cluster.snapshot(Freshness::Recent).await?;
        if targets.is_empty() {
            if let Some(name) = &place {
                must_be_namespace(&snapshot, name)?;
            }
            let scope = place.map_or(Scope::Cluster, Scope::Namespace);
            let found = diagnosis::diagnose(cluster, &scope, Freshness::Recent).await?;
            return Ok(told(&[(scope, found)], &[]));
        }
        for target in &targets {
            must_exist(&snapshot, target)?;
        }
        let mut output = objects(cluster, targets).await?;
        if total > MOST {
            output.notes.push(format!(
                "I looked into the first {MOST} of the {total} you named."
            ));
        }
        Ok(output)
    }
}

/// What is wrong with objects that exist.
pub(super) async fn objects(cluster: &Cluster, targets: Vec<ObjectRef>) -> Result<ToolOutput> {
    let scopes: Vec<Scope> = targets.iter().map(scope_of).collect();
    let found = try_join_all(
        scopes
            .iter()
            .map(|scope| diagnosis::diagnose(cluster, scope, Freshness::Recent)),
    )
    .await?;
    let looked: Vec<(Scope, Diagnosis)> = scopes.into_iter().zip(found).collect();
    Ok(told(&looked, &targets))
}

fn scope_of(target: &ObjectRef) -> Scope {
    if target.kind == "Namespace" {
        Scope::Namespace(target.name.clone())
    } else {
        Scope::Object(target.clone())
    }
}

fn name_of(scope: &Scope) -> String {
    match scope {
        Scope::Object(object) => format!("`{}`", object.path()),
        Scope::Objects(objects) => {
            wording::code_list(&objects.iter().map(ObjectRef::path).collect::<Vec<_>>(), MOST)
        }
        Scope::Namespace(name) => format!("namespace `{name}`"),
        Scope::Cluster => "the cluster".to_owned(),
    }
}

fn told(looked: &[(Scope, Diagnosis)], targets: &[ObjectRef]) -> ToolOutput {
    let mut output = ToolOutput {
        focus: targets.to_vec(),
        ..ToolOutput::default()
    };
    let mut well: Vec<String> = Vec::new();
    let mut remarks: Vec<String> = Vec::new();
    let mut unwell = 0;
    for (scope, found) in looked {
        let mut wrong = found.incidents.clone();
        // What is merely worth knowing is a fact about what was named, not something that is wrong with it.
        let known: Vec<_> = wrong
            .extract_if(.., |finding| finding.severity == Severity::Info)
            .collect();
        let broken = !wrong.is_empty();
        if broken {
            unwell += 1;
        } else {
            well.push(name_of(scope));
            let facts: Vec<String> = known
                .iter()
                .map(|finding| {
                    let title = wording::sentence(finding.title.trim_end_matches('.'));
                    match finding.cause.trim_end_matches('.') {
                        "" => title,
                        cause => format!("{title}: {cause}"),
                    }
                })
                .chain(
                    found
                        .facts
                        .iter()
                        .map(|fact| fact.trim_end_matches('.').to_owned()),
                )
                .collect();
            remarks.extend(
                known
                    .iter()
                    .map(|finding| finding.title.trim_end_matches('.').to_owned()),
            );
            if !facts.is_empty() {
                output.blocks.push(Block::List { items: facts });
            }
        }
        wrong.retain(|finding| {
            output
                .findings
                .iter()
                .all(|other| other.fingerprint != finding.fingerprint || other.title != finding.title)
        });
        output.findings.extend(wrong);
        for note in &found.notes {
            if !output.notes.contains(note) {
                output.notes.push(note.clone());
            }
        }
    }
    output
        .findings
        .sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    output.good = (unwell > 0 || remarks.is_empty()).then_some(unwell == 0);
    output.facts = json!({"looked_at": looked.len(), "unwell": unwell, "incidents": output.findings.len()});
    output.headline = headline(&output, looked, &well, &remarks);
    if unwell == 0
        && let [target] = targets
        && let Some(namespace) = &target.namespace
    {
        output.next.push(NextStep::command(
            "If it still feels wrong, look at what happened to it lately",
            format!(
                "kubectl describe {} {} -n {namespace}",
                target.kind.to_lowercase(),
                target.name
            ),
        ));
    }
    output
}

fn headline(
    output: &ToolOutput,
    looked: &[(Scope, Diagnosis)],
    well: &[String],
    remarks: &[String],
) -> String {
    let broken: Vec<_> = output
        .findings
        .iter()
        .filter(|finding| finding.severity > Severity::Info)
        .collect();
    let Some(first) = broken.first() else {
        if let Some(remark) = remarks.first() {
            return format!(
                "{}. Nothing is wrong with {} otherwise.",
                wording::sentence(remark),
                wording::list(well, MOST)
            );
        }
        let fact = match looked {
            [(_, only)] => only
                .facts
                .first()
                .map(|fact| format!(": {}", fact.trim_end_matches('.'))),
            _ => None,
        };
        return format!(
            "I find nothing wrong with {}{}.",
            wording::list(well, MOST),
            fact.unwrap_or_default()
        );
    };
    let title = first.title.trim_end_matches('.');
    let reach = match looked {
        [(Scope::Object(asked), _)] if !first.object.is_same(asked) => {
            let symptom = first
                .symptoms
                .iter()
                .find(|symptom| symptom.object.is_same(asked));
            match symptom {
                Some(symptom) if !symptom.title.is_empty() => {
                    format!("; that is why {}", symptom.title.trim_end_matches('.'))
                }
                _ => format!("; `{}` suffers from it", asked.path()),
            }
        }
        _ => String::new(),
    };
    let more = match broken.len() - 1 {
        0 => String::new(),
        1 => " There is one more problem below.".to_owned(),
        more => format!(" There are {more} more problems below."),
    };
    let fine = if well.is_empty() || looked.len() == 1 {
        String::new()
    } else {
        format!(" I find nothing wrong with {}.", wording::list(well, MOST))
    };
    format!("{}{reach}.{more}{fine}", wording::sentence(title))
}
