//! `jamie eval`: scenarios in, how often Jamie was right out.
//!
//! Every scenario is served on loopback and asked about in every wording, through the same
//! way that `jamie ask` takes; each wording is a question of its own.

mod judge;
mod report;

use std::{io::Write, path::Path, time::Instant};

use anyhow::{Context, Result};
use jamie::{Config, Error, ErrorKind, Jamie, Mode, Request, Scope};
use jamie_sim::{Estate, Options, Question, Scenario};

use self::report::{Miss, Report};
use crate::{
    args::{Eval, Global, Output},
    exit::Exit,
    terminal::{Progress, Terminal},
};

/// Runs the evaluation and prints its figures.
pub(crate) async fn run(eval: &Eval, global: &Global, terminal: &Terminal) -> Result<Exit> {
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
    let progress = Progress::new(terminal);
    let mut report = Report::default();
    for (n, scenario) in scenarios.iter().enumerate() {
        progress.say(&format!("{}/{} {}", n + 1, scenarios.len(), scenario.name));
        one(scenario, &mut report)
            .await
            .with_context(|| format!("scenario {}", scenario.name))?;
    }
    progress.clear();
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
async fn one(scenario: &Scenario, report: &mut Report) -> Result<()> {
    let estate = Estate::start(scenario.clone(), Options::default()).await?;
    let folder = tempfile::tempdir()?;
    let kubeconfig = folder.path().join("kubeconfig");
    std::fs::write(&kubeconfig, estate.kubeconfig())?;
    let mut config = Config::default();
    config.kubernetes.kubeconfig = kubeconfig.display().to_string();
    for question in &scenario.questions {
        for wording in &question.ask {
            // A fresh Jamie each time: no wording profits from the one before.
            let started = Instant::now();
            let jamie = jamie::assemble(&config).await?;
            let answer = ask(&jamie, wording, question).await;
            let elapsed_ms = started.elapsed().as_secs_f64() * 1000.0;
            let shortfalls = judge::shortfalls(&answer, &question.expect, scenario.healthy);
            let false_alarm = scenario.healthy && judge::has_findings(&answer);
            let miss = (!shortfalls.is_empty()).then(|| Miss {
                scenario: scenario.name.clone(),
                question: wording.clone(),
                shortfalls,
                text: answer.map_or_else(|error| format!("error: {error}"), |answer| answer.text),
            });
            report.add(&scenario.category, elapsed_ms, false_alarm, miss);
        }
    }
    estate.stop().await;
    Ok(())
}

async fn ask(jamie: &Jamie, wording: &str, question: &Question) -> jamie::Result<jamie::Answer> {
    let mut request = Request::new(wording, "eval", "eval");
    request.scope = Scope {
        namespace: question.namespace.clone(),
    };
    request.mode = Mode::Offline;
    jamie.ask(request).await
}
