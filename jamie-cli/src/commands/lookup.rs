//! The commands that look one thing up: flags in, a request to one tool out.
//!
//! `jamie logs api --previous` is the question "api" put straight to the tool `logs`.

use anyhow::Result;
use jamie::{Request, config::Environment};
use serde_json::{Value, json};

use crate::{
    args::{Command, Global, TopWhat},
    conversation,
    exit::Exit,
    setup,
    terminal::Terminal,
};

/// Runs a command that is one tool call.
pub(crate) async fn run(
    command: Command,
    global: &Global,
    environment: &Environment,
    terminal: &Terminal,
) -> Result<Exit> {
    let exit_code = matches!(&command, Command::Diagnose(diagnose) if diagnose.exit_code);
    let (text, tool, args) = call(command);
    let (jamie, config) = setup::jamie(global, environment).await?;
    let request: Request = setup::request(text, &config, global, environment).to_tool(tool, args);
    let outcome = conversation::ask(&jamie, request, global.output, terminal).await?;
    let unwell = outcome
        .answer
        .as_ref()
        .is_some_and(|answer| !answer.findings.is_empty());
    Ok(if exit_code && unwell {
        Exit::Unwell
    } else {
        outcome.exit()
    })
}

/// The words to link, the tool, and what the flags say; flags that were not given are left out.
fn call(command: Command) -> (String, &'static str, Value) {
    let (words, tool, args) = match command {
        Command::Diagnose(diagnose) => (vec![diagnose.target], "diagnose", json!({})),
        Command::WhyPending(name) => (vec![name.name], "why_pending", json!({})),
        Command::Changes(changes) => (vec![changes.target, since(changes.since)], "changes", json!({})),
        Command::Events(events) => (vec![events.target, since(events.since)], "events", json!({})),
        Command::Top(top) => {
            let what = match top.what {
                TopWhat::Pods => "pods",
                TopWhat::Nodes => "nodes",
            };
            (vec![Some(what.to_owned())], "top", json!({}))
        }
        Command::CanReach(reach) => (
            vec![Some(format!("from {} to {}", reach.from, reach.to))],
            "can_reach",
            json!({"port": reach.port}),
        ),
        Command::Logs(logs) => {
            let args = json!({
                "container": logs.container,
                "previous": logs.previous.then_some(true),
                "follow": logs.follow.then_some(true),
                "tail": logs.tail,
                "include": logs.grep,
                "exclude": logs.exclude,
                "summary": logs.errors.then_some(true),
            });
            (vec![Some(logs.target), since(logs.since)], "logs", args)
        }
        // `jamie status`; the other commands have files of their own and never come here.
        _ => (vec![], "overview", json!({})),
    };
    let mut args = args;
    if let Value::Object(map) = &mut args {
        map.retain(|_, value| !value.is_null());
    }
    (
        words.into_iter().flatten().collect::<Vec<_>>().join(" "),
        tool,
        args,
    )
}

/// A time as people write it behind `--since`, in words that Jamie reads.
fn since(when: Option<String>) -> Option<String> {
    when.map(|when| format!("since {when}"))
}
