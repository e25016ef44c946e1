//! `jamie models`: where a model was looked for, what it can do, and what it says.

use std::io::Write;

use anyhow::Result;
use jamie::{
    Block, Error,
    config::Environment,
    model::{self, Survey, Tested},
};

use crate::{
    args::{Global, Output},
    exit::Exit,
    setup,
    terminal::{Progress, Terminal, render},
};

/// Looks, tries and prints. The exit code is that of the failure, where there is one.
pub(crate) async fn run(global: &Global, environment: &Environment, terminal: &Terminal) -> Result<Exit> {
    let config = setup::layers(global, environment)?.config()?;
    let progress = Progress::new(terminal);
    progress.say("Looking for a model; loading one takes a while");
    let survey = model::survey(&config, environment).await;
    progress.clear();
    let survey = survey?;
    let mut stdout = std::io::stdout().lock();
    if global.output == Output::Json {
        writeln!(stdout, "{}", serde_json::to_string_pretty(&survey)?)?;
    } else {
        write!(stdout, "{}", render(&page(&survey), terminal))?;
    }
    let error = match &survey.model {
        Some(tested) => tested.error.as_ref(),
        None => survey.none.as_ref(),
    };
    Ok(error.map_or(Exit::Ok, |error| error.kind().into()))
}

fn page(survey: &Survey) -> Vec<Block> {
    let looked_at = survey.looked_at.join(" and ");
    match (&survey.model, &survey.none) {
        (Some(tested), _) => tested_page(tested, &looked_at),
        (None, Some(why)) => {
            let mut items = failure(why);
            items.push(format!("I looked at {looked_at}"));
            items.push("docs/models.md says how to get a model; without one I answer from the facts".into());
            vec![Block::para("✗ **No model.**"), Block::List { items }]
        }
        (None, None) => vec![Block::para(
            "No model is wanted (model.provider is \"none\", or --offline): I answer from the facts.",
        )],
    }
}

fn tested_page(tested: &Tested, server: &str) -> Vec<Block> {
    let mark = if tested.error.is_none() { "✓" } else { "✗" };
    let mut items = Vec::new();
    if let Some(error) = &tested.error {
        items.extend(failure(error));
    }
    if let Some(window) = tested.context_window {
        items.push(if window < tested.context_window_set {
            format!(
                "its context window is {window} tokens, not the {} that are set",
                tested.context_window_set
            )
        } else {
            format!("its context window is {window} tokens")
        });
        items.push(
            if tested.tools {
                "it can ask for tools"
            } else {
                "it cannot ask for tools: it explains what I find and looks no further"
            }
            .to_owned(),
        );
    }
    if let Some(trial) = &tested.trial {
        items.push(format!(
            "it says \"{}\": the first word after {} ms, all of it after {} ms",
            trial.reply, trial.first_token_ms, trial.total_ms
        ));
    }
    items.push(format!("I looked at {server}"));
    vec![
        Block::para(format!("{mark} **{}**", tested.name)),
        Block::List { items },
    ]
}

/// What went wrong and what to do, one line each.
fn failure(error: &Error) -> Vec<String> {
    let mut items = vec![error.message().to_owned()];
    items.extend(error.hint().map(str::to_owned));
    items
}
