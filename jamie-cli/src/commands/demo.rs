//! `jamie demo`: the simulated estate with a broken shop in it, and a chat on it.

use std::io::{IsTerminal, Write};

use anyhow::{Context, Result};
use jamie::{Config, Jamie, action::Choice, config::Environment};
use jamie_sim::{Estate, Options, Scenario};

use crate::{
    args::{Global, Question},
    commands::chat,
    conversation,
    exit::Exit,
    setup,
    terminal::Terminal,
};

/// What the tour asks when nobody is there to type.
const TOUR: [&str; 7] = [
    "Morning Jamie! How's everything?",
    "why is payments failing?",
    "fix it please",
    "the web tier is unready, what's going on?",
    "show me the logs of the api before it crashed",
    "what changed in the shop in the last 2 hours?",
    "ta, that's brilliant",
];

/// Starts the estate, answers, plays the tour or opens the chat, and takes the estate down.
pub(crate) async fn run(
    question: &Question,
    global: &Global,
    environment: &Environment,
    terminal: &Terminal,
) -> Result<Exit> {
    let estate = Estate::start(Scenario::demo()?, Options::default())
        .await
        .context("the estate did not start")?;
    let result = on(&estate, question, global, environment, terminal).await;
    estate.stop().await;
    result
}

async fn on(
    estate: &Estate,
    question: &Question,
    global: &Global,
    environment: &Environment,
    terminal: &Terminal,
) -> Result<Exit> {
    let folder = tempfile::tempdir()?;
    let kubeconfig = folder.path().join("kubeconfig");
    std::fs::write(&kubeconfig, estate.kubeconfig())?;
    // The demo never looks at the person's own cluster, whatever their settings say.
    let mut config = setup::layers(global, environment)?.config()?;
    config.kubernetes = jamie::config::Kubernetes {
        kubeconfig: kubeconfig.display().to_string(),
        namespace: global.namespace.clone().unwrap_or_default(),
        ..jamie::config::Kubernetes::default()
    };
    config.actions.folder = folder.path().join("actions").display().to_string();
    config.memory = jamie::config::Memory::of_process();
    config.policy = jamie::config::Config::default().policy;
    let jamie = jamie::assemble(&config).await?;
    if !question.words.is_empty() {
        let request = setup::request(question.words.join(" "), &config, global, environment);
        return Ok(conversation::ask(&jamie, request, global.output, terminal)
            .await?
            .exit());
    }
    if std::io::stdin().is_terminal() {
        println!(
            "A simulated cluster with a broken shop in it is running at {}.",
            estate.url()
        );
        println!("Try: {}\n", TOUR.get(1).copied().unwrap_or_default());
        return chat::talk(&jamie, &config, global, environment, terminal).await;
    }
    tour(&jamie, &config, global, environment, terminal).await
}

async fn tour(
    jamie: &Jamie,
    config: &Config,
    global: &Global,
    environment: &Environment,
    terminal: &Terminal,
) -> Result<Exit> {
    let you = |words: &str| println!("{}\n", terminal.palette.bold(&format!("you › {words}")));
    for question in TOUR {
        you(question);
        let request = setup::request(question, config, global, environment);
        let person = request.person.clone();
        let outcome = conversation::ask(jamie, request, global.output, terminal).await?;
        println!();
        for pending in outcome.pending {
            you("yes");
            let decision = setup::decision(pending.action.id, Some(pending.digest), &person, Choice::Approve);
            conversation::decide(jamie, decision, global.output, terminal).await?;
            println!();
        }
        std::io::stdout().flush()?;
    }
    Ok(Exit::Ok)
}
