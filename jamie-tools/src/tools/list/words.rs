//! A question's words in, the filter that they ask for out.

use jamie_core::{Quantity, Question};
use serde_json::{Map, Value, json};

/// Reads status words, comparisons, labels, images and orders out of a question.
pub(super) fn fill(question: &Question, args: &mut Map<String, Value>) {
    super::super::overview::place(question, args);
    // "in the shop namespace" is where to look, not what to look at.
    if args
        .get("target")
        .and_then(|target| target.get("kind"))
        .and_then(Value::as_str)
        == Some("Namespace")
    {
        args.remove("target");
    }
    let words: Vec<&str> = question.words.iter().map(String::as_str).collect();
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
    let negated = has(&[
        "not", "never", "no", "without", "isn't", "aren't", "isnt", "arent", "unready", "notready",
    ]);
    kind(question, &words, args);
    outside(question, &words, args);
    if args.get("kind").and_then(Value::as_str) == Some("Node")
        && words.iter().any(|word| word.starts_with("taint"))
    {
        args.insert("tainted".to_owned(), json!(true));
    }
    standing(&words, negated, args);
    lacking(&words, args);
    numbers(question, &words, args);
    order(question, &words, args);
    named(question, &words, args);
}

fn kind(question: &Question, words: &[&str], args: &mut Map<String, Value>) {
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
    // "Scheduled jobs" are the schedules, not the runs.
    if question.kind.as_deref() == Some("Job") && has(&["scheduled", "recurring", "periodic", "planned"]) {
        args.insert("kind".to_owned(), json!("CronJob"));
    }
    if question.kind.is_some() {
        return;
    }
    let kind = if has(&[
        "apps",
        "app",
        "applications",
        "workloads",
        "workload",
        "things",
        "stuff",
    ]) {
        "Workload"
    } else if has(&["containers", "container", "restarts", "restarted", "instances"]) {
        "Pod"
    } else if let Some(plural) = unknown_plural(question) {
        args.insert("kind".to_owned(), json!(plural));
        return;
    } else {
        return;
    };
    args.insert("kind".to_owned(), json!(kind));
}

/// "Which nodes have no pod of X": what does not belong to the target.
fn outside(question: &Question, words: &[&str], args: &mut Map<String, Value>) {
    let of_nodes = question.kind.as_deref() == Some("Node");
    let runs_pods = question.targets.first().is_some_and(|target| {
        matches!(
            target.object.kind.as_str(),
            "DaemonSet" | "Deployment" | "StatefulSet" | "Pod"
        )
    });
    let without = words.iter().any(|word| {
        matches!(
            *word,
            "no" | "not" | "without" | "lack" | "lacks" | "miss" | "missing" | "don't" | "dont"
        )
    });
    if of_nodes && runs_pods && without {
        args.insert("outside".to_owned(), json!(true));
    }
}

/// A kind that only the cluster knows: "list certificates", "how many kafkatopics".
fn unknown_plural(question: &Question) -> Option<String> {
    const BEFORE: [&str; 11] = [
        "list", "get", "show", "many", "all", "which", "what", "any", "count", "the", "of",
    ];
    const NEVER: [&str; 12] = [
        "is", "was", "has", "us", "does", "this", "ones", "replicas", "times", "days", "hours", "minutes",
    ];
    if !question.targets.is_empty() {
        return None;
    }
    let words = &question.words;
    words.iter().zip(words.iter().skip(1)).find_map(|(before, word)| {
        let fits = word.len() > 3
            && word.ends_with('s')
            && BEFORE.contains(&before.as_str())
            && !NEVER.contains(&word.as_str())
            && word
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-');
        fits.then(|| word.clone())
    })
}

fn standing(words: &[&str], negated: bool, args: &mut Map<String, Value>) {
    const STATES: [(&str, &str); 17] = [
        ("crashloopbackoff", "CrashLoopBackOff"),
        ("imagepullbackoff", "ImagePull"),
        ("errimagepull", "ImagePull"),
        ("oomkilled", "OOMKilled"),
        ("evicted", "Evicted"),
        ("pending", "Pending"),
        ("terminating", "Terminating"),
        ("completed", "Complete"),
        ("succeeded", "Complete"),
        ("bound", "Bound"),
        ("unbound", "Pending"),
        ("lost", "Lost"),
        ("released", "Released"),
        ("cordoned", "SchedulingDisabled"),
        ("loadbalancer", "LoadBalancer"),
        ("nodeport", "NodePort"),
        ("headless", "headless"),
    ];
    const UNWELL: [&str; 33] = [
        "unhealthy",
        "failing",
        "failed",
        "broken",
        "crashing",
        "crashed",
        "crash",
        "crashes",
        "down",
        "unready",
        "notready",
        "unavailable",
        "degraded",
        "bad",
        "wrong",
        "stuck",
        "dead",
        "sick",
        "erroring",
        "unwell",
        "fail",
        "odd",
        "weird",
        "strange",
        "funny",
        "suspicious",
        "issue",
        "issues",
        "problem",
        "problems",
        "trouble",
        "hanging",
        "hangs",
    ];
    const WELL: [&str; 8] = [
        "ready",
        "healthy",
        "running",
        "available",
        "up",
        "well",
        "working",
        "ok",
    ];
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
    let set = |args: &mut Map<String, Value>, key: &str, value: &str| {
        args.entry(key.to_owned()).or_insert_with(|| json!(value));
    };
    if let Some((_, state)) = STATES.iter().find(|(word, _)| words.contains(word)) {
        set(args, "state", state);
        return;
    }
    if has(&["suspended", "paused"]) {
        set(args, "standing", "suspended");
    } else if has(&UNWELL) && !(negated && has(&["failing", "broken"])) {
        set(args, "standing", "unwell");
    } else if has(&WELL) {
        set(args, "standing", if negated { "unwell" } else { "well" });
    }
}

fn lacking(words: &[&str], args: &mut Map<String, Value>) {
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
    if !has(&[
        "without", "no", "missing", "lack", "lacking", "lacks", "not", "don't", "dont",
    ]) {
        return;
    }
    let lacking = if has(&["limits", "limit"]) {
        if has(&["memory", "ram", "mem"]) {
            "memory_limit"
        } else if has(&["cpu"]) {
            "cpu_limit"
        } else {
            "limits"
        }
    } else if has(&["requests", "request", "resources"]) {
        "requests"
    } else if has(&["readiness"]) {
        "readiness_probe"
    } else if has(&["liveness"]) {
        "liveness_probe"
    } else if has(&["probes", "probe", "healthcheck", "healthchecks"]) {
        "probes"
    } else {
        return;
    };
    args.insert("lacking".to_owned(), json!(lacking));
    args.remove("standing");
}

/// How a number bounds what it is said of.
#[derive(Clone, Copy, PartialEq)]
enum Bound {
    AtLeast(u64),
    AtMost(u64),
    Exactly(u64),
}

fn bound(words: &[&str], count: u64) -> Bound {
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
    if has(&["least"]) {
        Bound::AtLeast(count)
    } else if has(&["most"]) {
        Bound::AtMost(count)
    } else if has(&["more", "over", "above", "exceeding", "greater", ">"]) {
        Bound::AtLeast(count.saturating_add(1))
    } else if has(&["less", "fewer", "below", "under", "<"]) {
        Bound::AtMost(count.saturating_sub(1))
    } else {
        Bound::Exactly(count)
    }
}

fn numbers(question: &Question, words: &[&str], args: &mut Map<String, Value>) {
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
    let restarting = has(&["restart", "restarts", "restarted", "restarting"]);
    let count = question.quantities.iter().find_map(|quantity| match quantity {
        Quantity::Count(count) => Some(*count),
        // "Restarted more than 5 times" is no factor.
        Quantity::Factor(times) if restarting && times.fract() == 0.0 && *times >= 0.0 => Some(*times as u64),
        _ => None,
    });
    let scaled = has(&["replicas", "replica", "instances", "copies", "scaled"]);
    let mut put = |what: &str, bound: Bound| {
        let (least, most) = match bound {
            Bound::AtLeast(count) => (Some(count), None),
            Bound::AtMost(count) => (None, Some(count)),
            Bound::Exactly(count) => (Some(count), Some(count)),
        };
        if let Some(least) = least {
            args.insert(format!("min_{what}"), json!(least));
        }
        if let Some(most) = most {
            args.insert(format!("max_{what}"), json!(most));
        }
    };
    match count {
        Some(count) if restarting => match bound(words, count) {
            Bound::Exactly(count) => put("restarts", Bound::AtLeast(count)),
            bound => put("restarts", bound),
        },
        None if restarting => put("restarts", Bound::AtLeast(1)),
        Some(count) if scaled => put("replicas", bound(words, count)),
        None if scaled && has(&["zero", "down"]) => put("replicas", Bound::Exactly(0)),
        _ => {}
    }
    if scaled || restarting {
        // "scaled down to zero" and "restarted" say nothing about health.
        args.remove("standing");
    }
}

fn order(question: &Question, words: &[&str], args: &mut Map<String, Value>) {
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
    let count = question.quantities.iter().find_map(|quantity| match quantity {
        Quantity::Count(count) => Some(*count),
        _ => None,
    });
    let single = question.kind.is_some()
        && words.iter().any(|word| matches!(*word, "which" | "what" | "the"))
        && !words.iter().any(|word| word.ends_with("pods"));
    let mut put = |order: &str| {
        args.insert("order".to_owned(), json!(order));
        match count {
            Some(count) => _ = args.insert("take".to_owned(), json!(count)),
            None if single => _ = args.insert("take".to_owned(), json!(5)),
            None => {}
        }
    };
    if has(&["oldest"]) {
        put("oldest");
    } else if has(&["newest", "latest", "youngest"]) {
        put("newest");
    } else if has(&["most"]) && has(&["restart", "restarts", "restarted"]) {
        put("restarts");
        args.remove("max_restarts");
        args.insert("min_restarts".to_owned(), json!(1));
    }
    // "older than 3 days" is a length; "since Thursday" a moment.
    let length = question
        .quantities
        .iter()
        .find_map(seconds)
        .or_else(|| spelled_length(words));
    if has(&["older"]) {
        if let Some(seconds) = length {
            args.insert("older_than".to_owned(), json!(seconds));
        }
    } else if has(&["younger", "newer"]) {
        if let Some(seconds) = length {
            args.insert("younger_than".to_owned(), json!(seconds));
        }
    } else if has(&["created", "started", "new", "added", "deployed", "appeared"])
        && let Some(time) = &question.time
    {
        args.insert("created_after".to_owned(), json!(time.from.to_string()));
    }
}

/// A length of time among the amounts, by its serialised name: older cores have no such unit.
fn seconds(quantity: &Quantity) -> Option<u64> {
    let value = serde_json::to_value(quantity).ok()?;
    (value.get("unit")?.as_str()? == "duration")
        .then(|| value.get("value")?.as_u64())
        .flatten()
}

/// "3 days" where no amount was recognised.
fn spelled_length(words: &[&str]) -> Option<u64> {
    words.iter().zip(words.iter().skip(1)).find_map(|(number, unit)| {
        let number: u64 = match *number {
            "a" | "an" | "one" => 1,
            number => number.parse().ok()?,
        };
        let unit = match unit.trim_end_matches('s') {
            "second" | "sec" => 1,
            "minute" | "min" => 60,
            "hour" | "hr" | "h" => 3_600,
            "day" | "d" => 86_400,
            "week" => 604_800,
            "month" => 2_592_000,
            "year" => 31_536_000,
            _ => return None,
        };
        number.checked_mul(unit)
    })
}

fn named(question: &Question, words: &[&str], args: &mut Map<String, Value>) {
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
    // A label or an image may stand anywhere in the text, exactly as typed.
    let label = question
        .text
        .split_whitespace()
        .map(|word| word.trim_matches(|c: char| matches!(c, '`' | '"' | '\'' | ',' | '?' | '.' | '(' | ')')))
        .find(|word| {
            word.split_once('=').is_some_and(|(key, value)| {
                !key.is_empty() && !value.is_empty() && key.starts_with(|c: char| c.is_ascii_alphanumeric())
            })
        });
    if let Some(label) = label {
        args.insert("label".to_owned(), json!(label));
    } else if has(&["label", "labels", "labelled", "labeled"])
        && let Some(quoted) = question.quoted.first()
    {
        args.insert("label".to_owned(), json!(quoted));
    }
    let said = question.quoted.first().cloned();
    if has(&["image", "images"]) && question.kind.is_some() {
        let after = words
            .iter()
            .position(|word| matches!(*word, "image" | "images"))
            .and_then(|position| words.get(position + 1))
            .map(|word| (*word).to_owned())
            .filter(|word| !matches!(word.as_str(), "in" | "of" | "on" | "from" | "with" | "is" | "are"));
        if let Some(image) = said.or(after) {
            args.insert("image".to_owned(), json!(image));
        }
    } else if let Some(quoted) = said
        && label.is_none()
        && has(&[
            "named",
            "called",
            "name",
            "like",
            "containing",
            "matching",
            "names",
        ])
    {
        args.insert("name".to_owned(), json!(quoted));
    }
}
