//! What people say, and the change that comes of it, with every value that the sentence gives.

use std::collections::BTreeMap;

use jamie_core::{
    Directory,
    understand::{Context, Focus, Heed, Intents, NameIndex, understand},
};

use super::*;

/// Sentences with their tools and arguments, those in other words last.
const SAID: &str = include_str!("said.tsv");

/// Questions, tales, denials, conditions: nothing may be proposed for any of them.
const HELD: &str = include_str!("held.txt");

/// The sentence, the tool, and what its arguments must hold.
fn table(other: bool) -> Vec<(String, &'static str, Value)> {
    let (plain, others) = SAID.split_once("@other\n").unwrap();
    if other { others } else { plain }
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let mut parts = line.splitn(3, '\t');
            let said = parts.next().unwrap().replace("\\n", "\n");
            let tool = parts.next().unwrap();
            (said, tool, serde_json::from_str(parts.next().unwrap()).unwrap())
        })
        .collect()
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
        let names = site
            .cluster
            .names(&site.context.person, &Scope::default())
            .await
            .unwrap();
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
            heeds: Heed::Nothing,
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

/// Whether it is the tool; a pod may be deleted as any object is.
fn fits(heard: &str, tool: &str) -> bool {
    heard == tool || (tool == "delete_pod" && heard == "delete")
}

/// Whether `args` say all that is wanted.
fn covers(args: &Value, wanted: &Value) -> bool {
    match (args, wanted) {
        (Value::Object(args), Value::Object(wanted)) => wanted.iter().all(|(key, value)| {
            let one = args
                .get(key)
                .or_else(|| args.get("targets").filter(|_| key == "target"));
            one.is_some_and(|one| covers(one, value))
        }),
        (Value::Array(args), wanted @ Value::Object(_)) => {
            matches!(args.as_slice(), [one] if covers(one, wanted))
        }
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(args), Value::Array(wanted)) => {
            args.len() == wanted.len() && args.iter().zip(wanted).all(|(one, wanted)| covers(one, wanted))
        }
        _ => args == wanted,
    }
}

#[tokio::test]
async fn an_order_reaches_its_tool_with_every_value() {
    let ears = Ears::open().await;
    let mut misses = Vec::new();
    for (text, tool, wanted) in table(false) {
        let heard = ears.hear(&text);
        let fits = matches!(heard.as_slice(), [(heard, args)] if fits(heard, tool) && covers(args, &wanted));
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
async fn other_words_do_as_well_mostly() {
    let ears = Ears::open().await;
    let (mut misses, all) = (Vec::new(), table(true));
    for (text, tool, wanted) in &all {
        let heard = ears.hear(text);
        if !matches!(heard.as_slice(), [(heard, args)] if fits(heard, tool) && covers(args, wanted)) {
            misses.push(format!(
                "{text:?}\n    wanted {tool} {wanted}\n    heard  {heard:?}"
            ));
        }
    }
    assert!(
        misses.len() * 25 <= all.len(),
        "{} of {} missed:\n{}",
        misses.len(),
        all.len(),
        misses.join("\n")
    );
}

#[tokio::test]
async fn a_question_is_never_taken_for_an_order() {
    let ears = Ears::open().await;
    let taken: Vec<String> = QUESTIONS
        .into_iter()
        .chain(HELD.lines())
        .map(|text| (text, ears.hear(text)))
        .filter(|(_, heard)| heard.iter().any(|(tool, _)| ears.changes(tool)))
        .map(|(text, heard)| format!("{text:?}: {heard:?}"))
        .collect();
    assert!(taken.is_empty(), "{}", taken.join("\n"));
}
