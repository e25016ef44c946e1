//! What people say, and the change that comes of it, with every value that the sentence gives.

use std::collections::BTreeMap;

use jamie_core::{
    Directory,
    understand::{Context, Focus, Intents, NameIndex, understand},
};

use super::*;

/// The sentence, the tool, and what its arguments must hold.
fn table() -> Vec<(&'static str, &'static str, Value)> {
    vec![
        (
            "restart the bakery",
            "restart",
            json!({"target": {"kind": "Deployment", "name": "bakery"}}),
        ),
        (
            "can you bounce the library please",
            "restart",
            json!({"target": {"kind": "StatefulSet", "name": "library"}}),
        ),
        (
            "scale bakery to five",
            "scale",
            json!({"target": {"name": "bakery"}, "replicas": 5}),
        ),
        ("scale up bakery by 2", "scale", json!({"by": 2})),
        ("double the bakery replicas", "scale", json!({"times": 2.0})),
        ("give the bakery one more replica", "scale", json!({"by": 1})),
        (
            "scale the mill down to zero",
            "scale",
            json!({"target": {"name": "mill"}, "replicas": 0}),
        ),
        ("scale bakery by 100%", "scale", json!({"times": 2.0})),
        ("halve the bakery", "scale", json!({"times": 0.5})),
        (
            "roll back the bakery",
            "rollback",
            json!({"target": {"kind": "Deployment", "name": "bakery"}}),
        ),
        (
            "roll bakery back to revision 3",
            "rollback",
            json!({"revision": 3}),
        ),
        (
            "undo the last deploy of the mill",
            "rollback",
            json!({"target": {"name": "mill"}}),
        ),
        (
            "set the image of bakery to town/bakery:1.5.0",
            "set_image",
            json!({"image": "town/bakery:1.5.0", "target": {"name": "bakery"}}),
        ),
        ("update bakery to version 1.6", "set_image", json!({"tag": "1.6"})),
        (
            "change the image of the gauge container in mill to town/gauge:2",
            "set_image",
            json!({"container": "gauge", "image": "town/gauge:2"}),
        ),
        (
            "give the bakery 512Mi of memory",
            "set_resources",
            json!({"memory_limit": "512Mi"}),
        ),
        (
            "set the memory limit of bakery to 2 gigs",
            "set_resources",
            json!({"memory_limit": "2Gi"}),
        ),
        (
            "set the cpu request of bakery to 250m",
            "set_resources",
            json!({"cpu_request": "250m"}),
        ),
        (
            "double the memory limit of bakery",
            "set_resources",
            json!({"memory_times": 2.0}),
        ),
    ]
}

/// Questions that must not be taken for orders.
const QUESTIONS: [&str; 38] = [
    "did the bakery restart?",
    "how do I restart the bakery?",
    "show restarts",
    "what changed?",
    "why is the bakery restarting",
    "when was the bakery last restarted",
    "who scaled the bakery?",
    "how many replicas does the bakery have?",
    "is the bakery scaled down?",
    "which image does the bakery run?",
    "what image is the mill on",
    "has the bakery been rolled back?",
    "show the rollout history of the bakery",
    "how much memory does the bakery use?",
    "what is the memory limit of bakery?",
    "is the rollout of the bakery done?",
    "which pods were deleted?",
    "can I restart the bakery?",
    "may I delete pods in town?",
    "why was the mill scaled to zero",
    "list cron jobs",
    "what happens if I drain a node?",
    "is the node hill cordoned?",
    "which nodes are cordoned?",
    "is the newspaper suspended?",
    "when does the newspaper run next?",
    "what does the tram service select?",
    "who created the signs config map?",
    "when was the bakery created?",
    "how do I create a namespace?",
    "which network policies are there?",
    "does the mill have an autoscaler?",
    "what labels does the bakery have?",
    "which permissions does clerk have?",
    "can clerk list pods?",
    "are there any failed pods?",
    "which pods were evicted?",
    "how big is the archive claim?",
];

struct Ears {
    site: Site,
    intents: Intents,
    index: NameIndex,
}

impl Ears {
    async fn open() -> Self {
        let site = Site::town().await;
        let names = site.cluster.names(&Scope::default()).await.unwrap();
        Self {
            intents: Intents::new(&site.tools),
            index: NameIndex::new(names),
            site,
        }
    }

    fn hear(&self, text: &str) -> Vec<(String, Value)> {
        let (scope, focus, aliases) = (Scope::default(), Focus::default(), BTreeMap::new());
        let context = Context {
            now: self.site.context.now,
            zone: &TimeZone::UTC,
            scope: &scope,
            focus: &focus,
            aliases: &aliases,
        };
        let understood = understand(text, &self.index, &self.intents, &context);
        let mut calls: Vec<(String, Value)> = understood
            .requests
            .into_iter()
            .flat_map(|request| request.calls)
            .map(|call| (call.tool, call.args))
            .collect();
        if let Some(clarify) = understood.clarify {
            calls.push(("?".to_owned(), json!(clarify.question)));
        }
        calls
    }

    fn changes(&self, tool: &str) -> bool {
        self.site
            .tools
            .get(tool)
            .is_some_and(|tool| tool.change().is_some())
    }
}

/// Whether `args` say all that is wanted.
fn covers(args: &Value, wanted: &Value) -> bool {
    match (args, wanted) {
        (Value::Object(args), Value::Object(wanted)) => wanted
            .iter()
            .all(|(key, value)| args.get(key).is_some_and(|one| covers(one, value))),
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        _ => args == wanted,
    }
}

#[tokio::test]
async fn an_order_reaches_its_tool_with_every_value() {
    let ears = Ears::open().await;
    let mut misses = Vec::new();
    for (text, tool, wanted) in table() {
        let heard = ears.hear(text);
        let fits = matches!(heard.as_slice(), [(heard, args)] if heard == tool && covers(args, &wanted));
        if !fits {
            misses.push(format!(
                "{text:?}\n    wanted {tool} {wanted}\n    heard  {heard:?}"
            ));
        }
    }
    assert!(
        misses.is_empty(),
        "{} missed:\n{}",
        misses.len(),
        misses.join("\n")
    );
}

#[tokio::test]
async fn a_question_is_never_taken_for_an_order() {
    let ears = Ears::open().await;
    for text in QUESTIONS {
        let heard = ears.hear(text);
        assert!(
            heard.iter().all(|(tool, _)| !ears.changes(tool)),
            "{text:?}: {heard:?}"
        );
    }
}
