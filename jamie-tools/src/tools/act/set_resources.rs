//! A workload and amounts of memory or processor, absolute or against what it has, in; the change of a container's
//! requests and limits out.

use async_trait::async_trait;
use jamie_core::{ObjectRef, Phrase, Quantity, Question, Result, ToolContext, tool::Fill};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity as Amount;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    Act,
    containers::{choose, template_patch},
    lacking, phrases, said,
    set_image::effect,
    text, the,
};
use crate::{
    acting::{Draft, Goal, Operation, Write},
    cluster::Cluster,
    quantity,
};

pub(super) struct SetResources;

/// Of what, and how much.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub(super) struct Args {
    /// The Deployment, StatefulSet, DaemonSet or CronJob.
    #[schemars(extend("x-slot" = "target", "x-kinds" = ["Deployment", "StatefulSet", "DaemonSet", "CronJob"]))]
    target: Option<ObjectRef>,
    /// The container, where there are several.
    container: Option<String>,
    /// The memory limit: `512Mi`.
    memory_limit: Option<String>,
    /// The memory request.
    memory_request: Option<String>,
    /// The processor limit: `500m`.
    cpu_limit: Option<String>,
    /// The processor request.
    cpu_request: Option<String>,
    /// So many times the memory it has: 2 doubles it.
    memory_times: Option<f64>,
    /// So many times the processor it has.
    cpu_times: Option<f64>,
}

/// The four amounts, by the place they stand in.
const PLACES: [(&str, &str, &str); 4] = [
    ("limits", "memory", "memory_limit"),
    ("requests", "memory", "memory_request"),
    ("limits", "cpu", "cpu_limit"),
    ("requests", "cpu", "cpu_request"),
];

#[async_trait]
impl Act for SetResources {
    type Args = Args;
    const NAME: &'static str = "set_resources";
    const DESCRIPTION: &'static str =
        "Sets the memory and processor that a container requests and may use at most.";
    const EXAMPLE: &'static str = "give web 512Mi of memory";
    const FILL: Option<Fill> = Some(fill);

    fn phrases() -> Vec<Phrase> {
        phrases(&[
            "give {target} {count} of memory",
            "give {target} more memory",
            "give {target} more cpu",
            "set the memory limit of {target} to {count}",
            "set the memory of {target} to {count}",
            "set the memory request of {target} to {count}",
            "set the cpu limit of {target} to {count}",
            "set the cpu request of {target} to {count}",
            "raise the memory limit of {target}",
            "increase the memory of {target} to {count}",
            "increase the cpu limit of {target}",
            "lower the memory limit of {target}",
            "reduce the cpu request of {target}",
            "double the memory of {target}",
            "double the memory limit of {target}",
            "bump the memory of {target} to {count}",
            "change the resources of {target}",
            "change the memory limit of {target}",
            "change the cpu request of {target}",
            "set the memory limit of {target}",
            "set the cpu limit of {target}",
            "lower the memory of {target}",
        ])
    }

    async fn draft(cluster: &Cluster, _context: &ToolContext, args: Args) -> Result<Draft> {
        let target = args.target.clone().ok_or_else(|| {
            lacking(
                "of which workload?",
                "name the Deployment, StatefulSet or DaemonSet",
            )
        })?;
        let object = the(cluster, &target).await?;
        let container = choose(&target, &object, args.container.as_deref(), |_| false)?;
        let name = text(container, "/name").to_owned();
        let has = |place: &str, resource: &str| {
            container
                .pointer(&format!("/resources/{place}/{resource}"))
                .and_then(Value::as_str)
        };
        let wanted = wanted(&target, &name, &args, has)?;
        let mut resources = json!({});
        let mut told = Vec::new();
        let mut absolute = json!({"target": target, "container": name});
        let mut before = absolute.clone();
        for (place, resource, argument) in PLACES {
            let Some((_, value)) = wanted.iter().find(|(one, _)| *one == argument) else {
                continue;
            };
            resources[place][resource] = json!(value);
            absolute[argument] = json!(value);
            before[argument] = json!(has(place, resource).unwrap_or("none"));
            let value = value.as_deref().unwrap_or("none");
            told.push(format!(
                "{resource} {} from {} to {value}",
                place.trim_end_matches('s'),
                has(place, resource).unwrap_or("none")
            ));
            absolute[argument] = json!(value);
        }
        let body = template_patch(&target.kind, json!([{"name": name, "resources": resources}]));
        let operation = Operation::on(cluster, &target, Write::Strategic { body }).await?;
        let goal: Goal = effect(&target, &object, &name, "name", json!(name));
        Ok(Draft::new(
            format!("Set the {} of `{name}` in {target}", told.join(" and the ")),
            absolute,
            vec![operation],
            goal,
        )
        .undone_by(Self::NAME, before, "that is what it had before".to_owned()))
    }
}

/// What each amount becomes: a value, or nothing where it is taken away.
fn wanted<'a>(
    target: &ObjectRef,
    name: &str,
    args: &Args,
    has: impl Fn(&str, &str) -> Option<&'a str>,
) -> Result<Vec<(&'static str, Option<String>)>> {
    let said = [
        ("memory_limit", &args.memory_limit),
        ("memory_request", &args.memory_request),
        ("cpu_limit", &args.cpu_limit),
        ("cpu_request", &args.cpu_request),
    ];
    let mut wanted: Vec<(&'static str, Option<String>)> = Vec::new();
    for (argument, value) in said {
        match value.as_deref() {
            None => {}
            Some("none") => wanted.push((argument, None)),
            Some(value) => {
                amount(value).ok_or_else(|| {
                    lacking(
                        format!("`{value}` is no amount that Kubernetes knows"),
                        "write memory as 512Mi or 2Gi, processor as 500m or 2",
                    )
                })?;
                wanted.push((argument, Some(value.to_owned())));
            }
        }
    }
    for (resource, times) in [("memory", args.memory_times), ("cpu", args.cpu_times)] {
        let Some(times) = times.filter(|times| times.is_finite() && *times > 0.0) else {
            continue;
        };
        let mut any = false;
        for (place, kind, argument) in PLACES {
            if kind != resource || wanted.iter().any(|(one, _)| *one == argument) {
                continue;
            }
            if let Some(now) = has(place, kind).and_then(amount) {
                any = true;
                wanted.push((argument, Some(show(kind, now as f64 * times))));
            }
        }
        if !any {
            return Err(lacking(
                format!(
                    "`{name}` of {target} says nothing about {resource} yet, so there is nothing to multiply"
                ),
                "say an amount",
            ));
        }
    }
    // A request above its limit is refused: it follows a limit that goes below it, or lifts one that is below it.
    for resource in ["memory", "cpu"] {
        let of = |place: &str, wanted: &[(&'static str, Option<String>)]| {
            let argument = PLACES
                .iter()
                .find(|(one, kind, _)| *one == place && *kind == resource)
                .map_or("", |(.., argument)| *argument);
            match wanted.iter().find(|(one, _)| *one == argument) {
                Some((_, value)) => (argument, true, value.clone()),
                None => (argument, false, has(place, resource).map(str::to_owned)),
            }
        };
        let (_, limit_said, limit) = of("limits", &wanted);
        let (_, request_said, request) = of("requests", &wanted);
        let above =
            request.as_deref().and_then(amount) > limit.as_deref().and_then(amount) && limit.is_some();
        let name = |place: &str| {
            PLACES
                .iter()
                .find(|(one, kind, _)| *one == place && *kind == resource)
                .map_or("memory_limit", |(.., argument)| *argument)
        };
        if above && limit_said && !request_said {
            wanted.push((name("requests"), limit));
        } else if above && request_said && !limit_said {
            wanted.push((name("limits"), request));
        }
    }
    if wanted.is_empty() {
        let now: Vec<String> = PLACES
            .iter()
            .filter_map(|(place, kind, _)| {
                Some(format!(
                    "{kind} {} {}",
                    place.trim_end_matches('s'),
                    has(place, kind)?
                ))
            })
            .collect();
        let now = if now.is_empty() {
            "it has neither requests nor limits".to_owned()
        } else {
            format!("it has {}", now.join(", "))
        };
        return Err(lacking(
            format!("how much shall `{name}` of {target} get? Now {now}"),
            format!("for instance: set the memory limit of {} to 512Mi", target.name),
        ));
    }
    wanted.retain(|(argument, value)| {
        PLACES
            .iter()
            .find(|(.., one)| one == argument)
            .is_none_or(|(place, kind, _)| {
                let now = has(place, kind);
                now.and_then(amount) != value.as_deref().and_then(amount) || now.is_some() != value.is_some()
            })
    });
    if wanted.is_empty() {
        return Err(lacking(
            format!("`{name}` of {target} has that already"),
            "say another amount",
        ));
    }
    Ok(wanted)
}

/// An amount in thousandths.
fn amount(text: &str) -> Option<u128> {
    quantity::milli(&Amount(text.to_owned()))
}

fn show(resource: &str, milli: f64) -> String {
    if resource == "cpu" {
        return quantity::show_cpu(milli.round() as u64);
    }
    let bytes = (milli / 1_000.0).round() as u64;
    let mebi = bytes.div_ceil(1 << 20);
    if mebi.is_multiple_of(1024) {
        format!("{}Gi", mebi / 1024)
    } else {
        format!("{mebi}Mi")
    }
}

fn fill(question: &Question, args: &mut Map<String, Value>) {
    let text = question.text.as_str();
    for (resource, amounts) in [("memory", said::sizes(text)), ("cpu", said::shares(text))] {
        for (at, value) in amounts {
            let place = nearest(text, at);
            said::set(args, &format!("{resource}_{place}"), value);
        }
    }
    // "the cpu limit to 2": a bare number of processors.
    let speaks_of_cpu = said::has(question, &["cpu", "cpus", "core", "cores", "processor"]);
    let counted = question.quantities.iter().find_map(|one| match one {
        Quantity::Count(count) => Some(*count),
        _ => None,
    });
    if speaks_of_cpu
        && !args.contains_key("cpu_limit")
        && !args.contains_key("cpu_request")
        && let Some(count) = counted
    {
        let place = nearest(text, text.len());
        said::set(args, &format!("cpu_{place}"), count.to_string());
    }
    let times = question.quantities.iter().find_map(|one| match one {
        Quantity::Factor(factor) => Some(*factor),
        Quantity::Percent(percent)
            if said::has(question, &["lower", "reduce", "decrease", "cut", "less"]) =>
        {
            Some(1.0 - percent / 100.0)
        }
        Quantity::Percent(percent) => Some(1.0 + percent / 100.0),
        _ => None,
    });
    let given = PLACES.iter().any(|(.., argument)| args.contains_key(*argument));
    if let Some(times) = times.filter(|_| !given) {
        let resource = if speaks_of_cpu && !said::has(question, &["memory", "ram", "mem"]) {
            "cpu_times"
        } else {
            "memory_times"
        };
        said::set(args, resource, times);
    }
    if let Some(container) = said::container(question) {
        said::set(args, "container", container);
    }
}

/// Whether an amount at that place is a limit or a request: by the word before it that is nearest, else the one after.
fn nearest(text: &str, at: usize) -> &'static str {
    let is = |word: &str| {
        let word = word.to_lowercase();
        if word.starts_with("request") || matches!(word.as_str(), "ask" | "asks" | "asking" | "reserve") {
            Some("request")
        } else if word.starts_with("limit") || word == "max" || word == "most" {
            Some("limit")
        } else {
            None
        }
    };
    let words = said::words(text);
    words
        .iter()
        .filter(|(place, _)| *place < at)
        .filter_map(|(_, word)| is(word))
        .next_back()
        .or_else(|| {
            words
                .iter()
                .filter(|(place, _)| *place > at)
                .find_map(|(_, word)| is(word))
        })
        .unwrap_or("limit")
}
