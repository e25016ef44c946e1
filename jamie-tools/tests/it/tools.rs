//! Every tool through the real interface: a toolbox on a cluster that a simulated estate serves.

use std::sync::{Arc, Mutex};

use jamie_core::{Block, Event, ObjectRef, Person, Scope, ToolContext, ToolOutput, Toolbox};
use jamie_sim::{Estate, Options, Scenario};
use jamie_tools::tools::toolbox;
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};

use crate::library::connect;

mod demo;
mod solvers;
mod specs;

/// A running estate with a toolbox on it.
struct Bench {
    _estate: Estate,
    tools: Toolbox,
    context: ToolContext,
    emitted: Arc<Mutex<Vec<String>>>,
}

impl Bench {
    async fn of(scenario: Scenario) -> Self {
        let estate = Estate::start(scenario, Options::default()).await.unwrap();
        let tools = toolbox(connect(&estate, &[]).await);
        let emitted = Arc::new(Mutex::new(Vec::new()));
        let kept = emitted.clone();
        let context = ToolContext {
            person: Person {
                id: "test".to_owned(),
                name: None,
                groups: Vec::new(),
            },
            scope: Scope::default(),
            now: Timestamp::now(),
            zone: TimeZone::UTC,
            emit: Arc::new(move |event| {
                if let Event::Text { block } = event {
                    kept.lock().unwrap().push(block_text(&block));
                }
            }),
        };
        Self {
            _estate: estate,
            tools,
            context,
            emitted,
        }
    }

    async fn demo() -> Self {
        Self::of(Scenario::demo().unwrap()).await
    }

    async fn call(&self, tool: &str, args: Value) -> jamie_core::Result<ToolOutput> {
        self.tools
            .get(tool)
            .unwrap_or_else(|| panic!("no tool {tool}"))
            .call(&self.context, args)
            .await
    }

    async fn ask(&self, tool: &str, args: Value) -> ToolOutput {
        self.call(tool, args.clone())
            .await
            .unwrap_or_else(|error| panic!("{tool} {args}: {error:?}"))
    }

    async fn words(&self, tool: &str, args: Value) -> String {
        words(&self.ask(tool, args).await)
    }
}

fn object(kind: &str, name: &str) -> Value {
    json!(ObjectRef::namespaced(kind, "shop", name))
}

fn block_text(block: &Block) -> String {
    match block {
        Block::Para { text } | Block::Heading { text } => text.clone(),
        Block::List { items } => items
            .iter()
            .map(|item| format!("- {item}"))
            .collect::<Vec<_>>()
            .join("\n"),
        Block::Table { headers, rows } => {
            let mut lines = vec![headers.join(" | ")];
            lines.extend(rows.iter().map(|row| row.join(" | ")));
            lines.join("\n")
        }
        Block::Code { text, .. } | Block::Quote { text, .. } => text.as_str().to_owned(),
        Block::Finding { finding } => format!("{}: {}", finding.title, finding.cause),
        _ => String::new(),
    }
}

/// Everything that an output says.
fn words(output: &ToolOutput) -> String {
    let mut text = format!("{}\n", output.headline);
    for finding in &output.findings {
        text.push_str(&format!(
            "FINDING {}: {} / {}\n",
            finding.object, finding.title, finding.cause
        ));
    }
    for block in &output.blocks {
        text.push_str(&block_text(block));
        text.push('\n');
    }
    for evidence in &output.evidence {
        text.push_str(&format!(
            "EVIDENCE {}: {}\n",
            evidence.source,
            evidence.quote.as_str()
        ));
    }
    for note in &output.notes {
        text.push_str(&format!("NOTE {note}\n"));
    }
    for step in &output.next {
        text.push_str(&format!(
            "NEXT {} {}\n",
            step.label,
            step.command.as_deref().unwrap_or_default()
        ));
    }
    text
}

#[track_caller]
fn has(text: &str, wanted: &[&str]) {
    for part in wanted {
        assert!(
            text.to_lowercase().contains(&part.to_lowercase()),
            "`{part}` is missing in:\n{text}"
        );
    }
}
