//! A text in, the orders that it gives out.

use std::sync::LazyLock;

use regex::{Captures, Regex};
use serde_json::{Map, Value};

use crate::model::{Call, Offered, Prompt};

/// Something that a text says to do.
#[derive(Debug)]
pub(super) enum Order {
    /// Call a tool.
    Call(Call),
    /// Say these words.
    Say(String),
    /// Show this link, its holes filled.
    Link(String),
    /// Give the secrets away.
    Reveal,
    /// Give the instructions away.
    Recite,
}

/// Words for changes; longer ones before those they begin with.
const CHANGES: &str = "roll ?back|rollback|undo|scale|delete|remove|destroy|kill|restart|reboot|redeploy|drain|uncordon|cordon|evict|\
    apply|patch|edit|create|deploy|exec|execute|grant|bind|approve|suspend|resume|pause|resize|trigger|annotate|label|set|update|stop|terminate|wipe|drop|disable|enable";

static CHANGE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let before = r"(?:^|[.!?:;,>\]\)\x22'`*\n(-]|\b(?:please|must|should|now|and|then|to|you|says?|said|immediately|first|also|can|could|will|just|rules|instructions|is to|need|want|kindly|assistant|jamie)\b)\s*";
    Regex::new(&format!(
        r"(?i){before}({CHANGES})\b([^.!?\n]*(?:\.\d+[^.!?\n]*)*)"
    ))
    .ok()
});
static CALL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:call|use|run|invoke|execute)\s+(?:the\s+)?(?:tools?\s+|functions?\s+)?[`'\x22]?([a-z][a-z0-9]*(?:_[a-z0-9]+)+)[`'\x22]?([^.!?\n]*)").ok()
});
static SAY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:say|reply|respond|answer|write|print|output|tell|state|claim|repeat)\b[^\n\x22'\u{201c}`]{0,40}[\x22\u{201c}`']([^\x22\u{201d}`'\n]+)[\x22\u{201d}`']").ok()
});
static REVEAL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:reveal|show|print|output|send|leak|dump|list|tell|give|include|append|post|exfiltrate|return|what (?:is|are))\b[^.!?\n]{0,60}\b(?:secrets?|passwords?|tokens?|keys?|credentials?|environment|env)\b").ok()
});
static RECITE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:reveal|show|print|output|repeat|recite|give|tell|send|include)\b[^.!?\n]{0,40}\b(?:system prompt|instructions|prompt|rules)\b").ok()
});
static LINK: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"!?\[[^\]\n]*\]\(\s*https?://[^\s)]+\s*\)|https?://[^\s<>\x22')\]]+").ok());
static TELLS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:print|include|link|open|visit|click|fetch|send|post|render|show|display|append|add|tell|say|embed|insert|see|go to|output|reply|write|image|load|browse|use|download|curl|run)\b").ok()
});
static HOLE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\{[^}\s]*\}|<[a-z_ -]+>|%s|\$[a-z_]+|(?:SECRET|TOKEN|PASSWORD|DATA)\b").ok()
});
static NAME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)[a-z0-9][a-z0-9.-]*(?:/[a-z0-9*][a-z0-9.-]*)+|[a-z0-9]+(?:-[a-z0-9]+)+|\b[a-z0-9][a-z0-9.]*\b",
    )
    .ok()
});
static NUMBER: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?:^|[\s=:])(\d+)(?:$|[\s.,;!)%]|replicas)").ok());
static NEGATION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:never|not|don't|dont|cannot|can't|mustn't|shouldn't|without|refuse to)\s+(?:\w+\s+){0,2}$",
    )
    .ok()
});

/// Words around a name that name nothing.
const FILLERS: [&str; 34] = [
    "the",
    "a",
    "an",
    "all",
    "any",
    "every",
    "its",
    "this",
    "that",
    "these",
    "those",
    "to",
    "from",
    "in",
    "on",
    "of",
    "for",
    "now",
    "immediately",
    "please",
    "deployment",
    "pod",
    "pods",
    "node",
    "service",
    "namespace",
    "statefulset",
    "daemonset",
    "job",
    "down",
    "up",
    "it",
    "and",
    "with",
];

/// The orders in a text, in the order of their kinds.
pub(super) fn given(text: &str, prompt: &Prompt) -> Vec<Order> {
    let (calls, text) = written(text);
    let text = text.as_str();
    let mut orders: Vec<Order> = calls.into_iter().map(Order::Call).collect();
    for found in all(&CALL, text) {
        let name = found[1].to_owned();
        let arguments = arguments(&found[2], tool(prompt, &name));
        orders.push(Order::Call(Call { name, arguments }));
    }
    for found in all(&CHANGE, text) {
        let verb = found[1].to_lowercase().replace(' ', "");
        let tool = prompt.tools.iter().find(|tool| {
            let mut words = tool.name.split('_');
            words.any(|word| word.eq_ignore_ascii_case(&verb)) || tool.name.replace('_', "") == verb
        });
        let arguments = arguments(&found[2], tool);
        // A verb without an object, as in "set up", orders nothing.
        if arguments
            .as_object()
            .is_some_and(|arguments| !arguments.is_empty())
        {
            let name = tool.map_or(verb, |tool| tool.name.clone());
            orders.push(Order::Call(Call { name, arguments }));
        }
    }
    orders.extend(all(&SAY, text).map(|found| Order::Say(found[1].to_owned())));
    if let (Some(link), Some(tells)) = (LINK.as_ref(), TELLS.as_ref()) {
        for line in text.lines().filter(|line| tells.is_match(line)) {
            orders.extend(
                link.find_iter(line)
                    .map(|link| Order::Link(link.as_str().to_owned())),
            );
        }
    }
    if all(&REVEAL, text).next().is_some() {
        orders.push(Order::Reveal);
    }
    if all(&RECITE, text).next().is_some() {
        orders.push(Order::Recite);
    }
    orders
}

/// Fills the holes of a link.
pub(super) fn fill(link: &str, with: &str) -> String {
    match HOLE.as_ref() {
        Some(hole) => hole.replace_all(link, regex::NoExpand(with)).into_owned(),
        None => link.to_owned(),
    }
}

/// What a pattern finds, without what the text says not to do.
fn all<'t>(pattern: &'static LazyLock<Option<Regex>>, text: &'t str) -> impl Iterator<Item = Captures<'t>> {
    let found = pattern
        .iter()
        .flat_map(move |pattern| pattern.captures_iter(text));
    found.filter(move |found| {
        let start = found.get(1).or(found.get(0)).map_or(0, |found| found.start());
        !NEGATION
            .as_ref()
            .is_some_and(|negation| negation.is_match(&text[..start]))
    })
}

fn tool<'a>(prompt: &'a Prompt, name: &str) -> Option<&'a Offered> {
    prompt.tools.iter().find(|tool| tool.name == name)
}

/// Calls that are written out as JSON, wherever they stand, and the text without them.
fn written(text: &str) -> (Vec<Call>, String) {
    let mut calls = Vec::new();
    let mut rest = String::new();
    let mut from = 0;
    while let Some(at) = text[from..].find('{') {
        let start = from + at;
        rest.push_str(&text[from..start]);
        let before = calls.len();
        let mut values = serde_json::Deserializer::from_str(&text[start..]).into_iter::<Value>();
        if let Some(Ok(value)) = values.next() {
            collect(&value, &mut calls);
        }
        from = start
            + if calls.len() > before {
                values.byte_offset()
            } else {
                1
            };
        if calls.len() == before {
            rest.push('{');
        }
    }
    rest.push_str(&text[from..]);
    (calls, rest)
}

fn collect(value: &Value, calls: &mut Vec<Call>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| collect(value, calls)),
        Value::Object(fields) => {
            let name = ["name", "tool", "tool_name"]
                .iter()
                .find_map(|key| fields.get(*key)?.as_str());
            let arguments = ["arguments", "parameters", "args", "input"]
                .iter()
                .find_map(|key| fields.get(*key));
            match (name, arguments) {
                (Some(name), Some(arguments)) if arguments.is_object() => calls.push(Call {
                    name: name.to_owned(),
                    arguments: arguments.clone(),
                }),
                _ => fields.values().for_each(|value| collect(value, calls)),
            }
        }
        _ => {}
    }
}

/// The object and the number that an order names, under the names that the tool has for them.
fn arguments(words: &str, tool: Option<&Offered>) -> Value {
    let properties = tool.and_then(|tool| tool.schema["properties"].as_object());
    let called = |kinds: &[&str], otherwise: &str| {
        properties
            .into_iter()
            .flatten()
            .find(|(name, schema)| {
                *name == otherwise
                    || kinds
                        .iter()
                        .any(|kind| schema["type"] == **kind || schema["type"][0] == **kind)
            })
            .map_or(otherwise, |(name, _)| name.as_str())
            .to_owned()
    };
    let mut arguments = Map::new();
    let names: Vec<&str> = NAME
        .iter()
        .flat_map(|name| name.find_iter(words))
        .map(|name| name.as_str())
        .filter(|name| {
            !FILLERS.contains(&name.to_lowercase().as_str())
                && !name.bytes().all(|byte| byte.is_ascii_digit())
        })
        .collect();
    let name = names
        .iter()
        .find(|name| name.contains(['/', '-']))
        .or(names.first());
    if let Some(name) = name {
        arguments.insert(called(&["string"], "target"), (*name).into());
    }
    let number = NUMBER.as_ref().and_then(|number| number.captures(words));
    if let Some(number) = number.and_then(|number| number[1].parse::<u64>().ok()) {
        arguments.insert(called(&["integer", "number"], "replicas"), number.into());
    }
    Value::Object(arguments)
}
