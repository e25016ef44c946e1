//! `jamie eval`: scenarios in, how often Jamie was right out.
//!
//! Every scenario is served on loopback and asked about in every wording, through the same
//! way that `jamie ask` takes; each wording is a question of its own. With a model, that is a simulated one which
//! explains the facts it is given; with actions, requests are put, approved, and the state afterwards is judged.

mod actions;
mod conversations;
mod judge;
mod report;

use std::{io::Write, path::Path, sync::Arc, time::Instant};

use anyhow::{Context, Result};
use jamie::{Config, Error, ErrorKind, Jamie, Mode, Own, Request, Scope, action::InMemoryActions};
use jamie_sim::{
    Estate, ModelServer, Options, Question, Scenario,
    model::{Behaviour, Faults},
};

use self::report::{Miss, Report};
use crate::{
    args::{Eval, Global, Output},
    exit::Exit,
    terminal::{Progress, Terminal},
};

/// Runs the evaluation and prints its figures.
pub(crate) async fn run(eval: &Eval, global: &Global, terminal: &Terminal) -> Result<Exit> {
    if eval.memory {
        return conversations::run(eval, global, terminal).await;
    }
    let scenarios: Vec<Scenario> = load(eval.dir.as_deref())?
        .into_iter()
        .filter(|scenario| {
            eval.only
                .as_deref()
                .is_none_or(|word| scenario.name.contains(word) || scenario.category.contains(word))
        })
        .collect();
    if scenarios.is_empty() {
        return Err(
            Error::new(ErrorKind::NotFound, "there are no scenarios to evaluate")
                .with_hint("`jamie sim --list` shows the built-in ones; see docs/scenarios.md for your own")
                .into(),
        );
    }
    let scenarios: Vec<Scenario> = scenarios
        .into_iter()
        .filter(|scenario| !eval.actions || !scenario.requests.is_empty())
        .collect();
    let progress = Progress::new(terminal);
    let mut report = Report::new(eval);
    let model = if eval.with_model {
        Some(ModelServer::start(Behaviour::Narrator, Faults::none()).await?)
    } else {
        None
    };
    if eval.actions {
        let told = |count: usize| progress.say(&format!("{count} requests put"));
        actions::all(&scenarios, &mut report, told).await?;
    }
    for (n, scenario) in scenarios.iter().enumerate().filter(|_| !eval.actions) {
        progress.say(&format!("{}/{} {}", n + 1, scenarios.len(), scenario.name));
        let asked = one(scenario, model.as_ref(), &mut report).await;
        asked.with_context(|| format!("scenario {}", scenario.name))?;
    }
    progress.clear();
    if let Some(model) = model {
        model.stop().await;
    }
    let mut stdout = std::io::stdout().lock();
    match global.output {
        Output::Json => writeln!(stdout, "{}", serde_json::to_string_pretty(&report.to_json())?)?,
        _ => write!(stdout, "{}", report.to_text(eval.show, terminal))?,
    }
    Ok(if report.is_good() { Exit::Ok } else { Exit::Unwell })
}

fn load(dir: Option<&Path>) -> Result<Vec<Scenario>, Error> {
    let loaded = match dir {
        Some(dir) => Scenario::load_dir(dir),
        None => Scenario::library(),
    };
    loaded.map_err(|error| Error::new(ErrorKind::Config, error.to_string()))
}

/// Asks everything about one scenario.
async fn one(scenario: &Scenario, model: Option<&ModelServer>, report: &mut Report) -> Result<()> {
    let estate = Estate::start(scenario.clone(), Options::default()).await?;
    let folder = tempfile::tempdir()?;
    let kubeconfig = folder.path().join("kubeconfig");
    std::fs::write(&kubeconfig, estate.kubeconfig())?;
    let mut config = Config {
        memory: jamie::config::Memory::of_process(),
        ..Config::default()
    };
    config.kubernetes.kubeconfig = kubeconfig.display().to_string();
    config.model.provider = "none".to_owned();
    // Every question is looked into, however quickly one follows the other.
    config.limits.questions_per_minute = 0;
    config.cache.answers_seconds = 0;
    if let Some(model) = model {
        config.model.provider = "ollama".to_owned();
        config.model.url = model.url();
    }
    for question in &scenario.questions {
        for wording in &question.ask {
            // A fresh Jamie each time: no wording profits from the one before.
            let started = Instant::now();
            let own = Own {
                actions: Some(Arc::new(InMemoryActions::default())),
                ..Own::default()
            };
            let jamie = jamie::assemble_with(&config, own).await?;
            let before = model.map_or(0, |model| model.prompts().len());
            let mode = if model.is_some() {
                Mode::Auto
            } else {
                Mode::Offline
            };
            let answer = ask(&jamie, wording, question, mode).await;
            let elapsed_ms = started.elapsed().as_secs_f64() * 1000.0;
            let shortfalls = judge::shortfalls(&answer, &question.expect, scenario.healthy);
            let false_alarm = scenario.healthy && judge::has_findings(&answer);
            let miss = (!shortfalls.is_empty()).then(|| Miss {
                scenario: scenario.name.clone(),
                question: wording.clone(),
                shortfalls,
                text: answer.map_or_else(|error| format!("error: {error}"), |answer| answer.text),
            });
            if let Some(model) = model {
                let prompts = model.prompts();
                let new = prompts.get(before..).unwrap_or_default();
                report.add_model(new.first().map(jamie_sim::model::Prompt::tokens), new.len());
            }
            report.add(&scenario.category, elapsed_ms, false_alarm, miss);
        }
    }
    estate.stop().await;
    Ok(())
}

async fn ask(jamie: &Jamie, wording: &str, question: &Question, mode: Mode) -> jamie::Result<jamie::Answer> {
    let mut request = Request::new(wording, "eval", "eval");
    request.scope = Scope {
        namespace: question.namespace.clone(),
    };
    request.mode = mode;
    jamie.ask(request).await
}
