//! What people say, and what is understood: a table of utterances, and what each part of it rests on.

mod details;
mod robust;
mod table;
mod tellings;
mod toolbox;

use std::{collections::BTreeMap, sync::Arc};

use jamie_core::{
    Scope,
    understand::{Context, Focus, Heed, Intents, NameIndex, Understood, understand},
};
use jiff::{Timestamp, tz::TimeZone};

/// A reader with a memory for one conversation.
struct Listener {
    index: NameIndex,
    intents: Intents,
    now: Timestamp,
    zone: TimeZone,
    scope: Scope,
    focus: Focus,
    aliases: BTreeMap<String, String>,
}

impl Listener {
    fn new() -> Self {
        Self {
            index: NameIndex::new(Arc::new(toolbox::names())),
            intents: Intents::new(&toolbox::toolbox()),
            // A Sunday afternoon.
            now: "2026-11-22T14:30:00Z".parse().unwrap(),
            zone: TimeZone::UTC,
            scope: Scope::default(),
            focus: Focus::default(),
            aliases: BTreeMap::new(),
        }
    }

    fn hear(&self, text: &str) -> Understood {
        let context = Context {
            now: self.now,
            zone: &self.zone,
            scope: &self.scope,
            focus: &self.focus,
            aliases: &self.aliases,
            heeds: Heed::All,
        };
        understand(text, &self.index, &self.intents, &context)
    }

    /// Hears, and remembers what it was about, as the turn does.
    fn talk(&mut self, text: &str) -> Understood {
        let understood = self.hear(text);
        if let Some(request) = understood.requests.last() {
            let objects: Vec<_> = request
                .question
                .targets
                .iter()
                .map(|target| target.object.clone())
                .collect();
            if !objects.is_empty() {
                self.focus.objects = objects;
            }
            self.focus.kind.clone_from(&request.question.kind);
            self.focus.namespace.clone_from(&request.question.namespace);
            self.focus.time = request.question.time;
            if let Some(call) = request.calls.first() {
                self.focus.tool = Some(call.tool.clone());
                self.focus.args = call.args.clone();
            }
        }
        understood
    }
}

/// A message as one line: "logs shop/api; diagnose shop/web", "social:greeting", "clarify:unsure".
fn told(understood: &Understood) -> String {
    let mut parts: Vec<String> = Vec::new();
    for request in &understood.requests {
        for call in &request.calls {
            let args = call.args.as_object().unwrap();
            let mut words = vec![call.tool.clone()];
            for name in ["target", "from", "to", "node"] {
                if let Some(target) = args.get(name) {
                    let namespace = target.get("namespace").and_then(|n| n.as_str());
                    let object = target["name"].as_str().unwrap();
                    words.push(namespace.map_or_else(|| object.to_owned(), |n| format!("{n}/{object}")));
                }
            }
            if let Some(namespace) = args.get("namespace") {
                words.push(format!("ns={}", namespace.as_str().unwrap()));
            }
            if let Some(kind) = args.get("kind") {
                words.push(format!("kind={}", kind.as_str().unwrap()));
            }
            if args.contains_key("since") {
                words.push("since".to_owned());
            }
            for (name, shown) in [("tail", "count"), ("replicas", "count"), ("pattern", "quoted")] {
                if let Some(value) = args.get(name) {
                    words.push(format!("{shown}={}", value.to_string().trim_matches('"')));
                }
            }
            if args.get("previous").is_some() {
                words.push("previous".to_owned());
            }
            parts.push(words.join(" "));
        }
    }
    if let Some(clarify) = &understood.clarify {
        let doubt = serde_json::to_value(clarify.doubt).unwrap();
        parts.push(format!("clarify:{}", doubt.as_str().unwrap()));
    }
    if parts.is_empty()
        && let Some(social) = &understood.social
    {
        let value = serde_json::to_value(social).unwrap();
        parts.push(match &value {
            serde_json::Value::String(name) => format!("social:{name}"),
            serde_json::Value::Object(object) => {
                let (name, value) = object.iter().next().unwrap();
                format!("social:{name}:{}", value.as_str().unwrap_or("…"))
            }
            other => panic!("{other}"),
        });
    }
    parts.join("; ")
}
