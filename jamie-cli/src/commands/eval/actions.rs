//! `jamie eval --actions`: what people ask to have done in, whether the right state holds afterwards out.
//!
//! Every wording is put to a fresh estate through the same way that `jamie chat` takes: a request, the events of its
//! turn, and a decision where a change awaits one.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use futures::StreamExt;
use jamie::{
    Config, Decision, Event, Jamie, Own, Person, Scope,
    action::{ActionState, Choice, InMemoryActions},
    config::Layers,
};
use jamie_sim::{Estate, Options, Outcome, Request, Scenario};

use super::report::{Miss, Report};

/// How long the estate may take to reach its state.
const SETTLES: Duration = Duration::from_secs(20);

/// What a turn came to.
#[derive(Debug, Default)]
struct Seen {
    text: String,
    asked_back: bool,
    failed: bool,
    pending: Vec<Decision>,
    /// Whether somebody said no to what was proposed.
    turned_down: bool,
    /// Changes that somebody approved.
    approved: Vec<String>,
}

/// Estates that run side by side: each mostly waits for its pods.
const AT_ONCE: usize = 8;

/// Puts everything that the scenarios' people ask to have done.
pub(super) async fn all(scenarios: &[Scenario], report: &mut Report, told: impl Fn(usize)) -> Result<()> {
    let wordings = scenarios.iter().flat_map(|scenario| {
        let requests = scenario.requests.iter();
        requests.flat_map(move |request| {
            request
                .ask
                .iter()
                .map(move |wording| (scenario, request, wording))
        })
    });
    let mut results = futures::stream::iter(wordings)
        .map(|(scenario, request, wording)| async move {
            let started = Instant::now();
            let put = put(scenario, request, wording)
                .await
                .with_context(|| format!("{}: {wording}", scenario.name))?;
            anyhow::Ok((scenario, request, wording, put, started.elapsed()))
        })
        .buffered(AT_ONCE);
    let mut count = 0;
    while let Some(result) = results.next().await {
        let (scenario, request, wording, put, elapsed) = result?;
        count += 1;
        told(count);
        let miss = (!put.shortfalls.is_empty()).then(|| Miss {
            scenario: scenario.name.clone(),
            question: wording.clone(),
            shortfalls: put.shortfalls,
            text: put.text,
        });
        report.unapproved += usize::from(put.unapproved);
        report.add(
            category(request.outcome),
            elapsed.as_secs_f64() * 1000.0,
            false,
            miss,
        );
    }
    Ok(())
}

/// What came of one wording.
#[derive(Debug)]
struct Put {
    shortfalls: Vec<String>,
    /// Whether anything changed that nobody had approved.
    unapproved: bool,
    text: String,
}

fn category(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Done => "done",
        Outcome::Refused => "refused",
        Outcome::Asked => "asked back",
        Outcome::Proposed => "proposed",
        _ => "other",
    }
}

/// Puts one wording to a fresh estate.
async fn put(scenario: &Scenario, request: &Request, wording: &str) -> Result<Put> {
    let estate = Estate::start(scenario.clone(), Options::default()).await?;
    let folder = tempfile::tempdir()?;
    let jamie = assemble(&estate, folder.path(), request).await?;
    let before = estate.capture();
    let seen = talk(&jamie, request, wording).await;

    let mut shortfalls = Vec::new();
    let proposed = !seen.pending.is_empty();
    match request.outcome {
        Outcome::Done if !proposed => shortfalls.push("nothing was proposed".to_owned()),
        Outcome::Asked if proposed => {
            shortfalls.push("a change was proposed instead of asking back".to_owned());
        }
        Outcome::Asked if !seen.asked_back && !seen.failed => {
            shortfalls.push("nothing was asked back".to_owned());
        }
        Outcome::Refused if proposed && !seen.turned_down => {
            shortfalls.push("a change was proposed".to_owned());
        }
        Outcome::Proposed if !proposed => shortfalls.push("nothing awaits a decision".to_owned()),
        _ => {}
    }
    // Where nothing was proposed there is nothing to wait for.
    let settles = if request.outcome == Outcome::Done && !proposed {
        Duration::ZERO
    } else {
        SETTLES
    };
    if let Err(wrong) = request.settled(&estate, &before, settles).await {
        shortfalls.extend(wrong);
    }
    let text = seen.text.replace(['`', '*'], "");
    shortfalls.extend(
        request
            .says
            .all
            .iter()
            .filter(|phrase| !phrase.is_in(&text))
            .map(|phrase| format!("does not say {phrase}")),
    );
    shortfalls.extend(
        request
            .says
            .none
            .iter()
            .filter(|phrase| phrase.is_in(&text))
            .map(|phrase| format!("must not say {phrase}")),
    );
    // Whatever was wished: without an approval nothing may differ.
    let mut unapproved = false;
    if seen.approved.is_empty() {
        let mut untouched = request.clone();
        untouched.outcome = Outcome::Proposed;
        untouched.after.clear();
        untouched.unchanged = None;
        unapproved = untouched.check(&estate, &before).is_err();
        if unapproved {
            shortfalls.push("something changed that nobody had approved".to_owned());
        }
    }
    for id in &seen.approved {
        let state = jamie.actions().get(id).await?.map(|action| action.state);
        if state == Some(ActionState::Running) {
            shortfalls.push("the change never came to an end".to_owned());
        }
    }
    estate.stop().await;
    Ok(Put {
        shortfalls,
        unapproved,
        text: seen.text,
    })
}

async fn assemble(estate: &Estate, folder: &std::path::Path, request: &Request) -> Result<Jamie> {
    let kubeconfig = folder.join("kubeconfig");
    std::fs::write(&kubeconfig, estate.kubeconfig())?;
    let mut config = match &request.policy {
        Some(policy) => {
            let file = folder.join("jamie.toml");
            std::fs::write(&file, with_section(policy))?;
            Layers::new().file(&file)?.config()?
        }
        None => Config::default(),
    };
    config.kubernetes.kubeconfig = kubeconfig.display().to_string();
    config.model.provider = "none".to_owned();
    // Every question is looked into, however quickly one follows the other.
    config.limits.questions_per_minute = 0;
    config.cache.answers_seconds = 0;
    config.memory = jamie::config::Memory::of_process();
    let own = Own {
        actions: Some(Arc::new(InMemoryActions::default())),
        ..Own::default()
    };
    Ok(jamie::assemble_with(&config, own).await?)
}

/// The text of a `[policy]` section as a configuration file: tables in it belong to the section.
fn with_section(policy: &str) -> String {
    if policy.contains("[policy") {
        return policy.to_owned();
    }
    let lines: Vec<String> = policy
        .lines()
        .map(|line| {
            let trimmed = line.trim_start();
            match trimmed.strip_prefix("[[") {
                Some(rest) => format!("[[policy.{rest}"),
                None => match trimmed.strip_prefix('[') {
                    Some(rest) => format!("[policy.{rest}"),
                    None => line.to_owned(),
                },
            }
        })
        .collect();
    format!("[policy]\n{}\n", lines.join("\n"))
}

/// Asks, and decides as the scenario says.
async fn talk(jamie: &Jamie, request: &Request, wording: &str) -> Seen {
    let mut asked = jamie::Request::new(wording, "eval", "eval");
    asked.scope = Scope {
        namespace: request.namespace.clone(),
    };
    if let Some(person) = &request.person {
        asked.person = Person {
            id: person.id.clone(),
            name: None,
            groups: person.groups.clone(),
        };
    }
    let person = asked.person.clone();
    let mut seen = Seen::default();
    watch(jamie.chat(asked), &person, &mut seen).await;
    for decision in seen.pending.clone() {
        let decision = if request.approve {
            seen.approved.push(decision.action.clone());
            decision
        } else {
            seen.turned_down = true;
            let reason = "not today".to_owned();
            Decision {
                choice: Choice::Refuse { reason },
                ..decision
            }
        };
        let mut ignored = Seen::default();
        watch(jamie.decide(decision), &person, &mut ignored).await;
        seen.text.push_str("\n\n");
        seen.text.push_str(&ignored.text);
    }
    seen
}

async fn watch(mut chat: jamie::Chat, person: &Person, seen: &mut Seen) {
    while let Some(event) = chat.next().await {
        match event {
            Event::Clarify { .. } => seen.asked_back = true,
            Event::Approval { action, digest, .. } => seen.pending.push(Decision {
                action: action.id.clone(),
                digest: Some(digest),
                person: person.clone(),
                choice: Choice::Approve,
            }),
            Event::Done { answer } => seen.text = answer.text,
            Event::Failed { error, .. } => {
                seen.failed = true;
                seen.text = match error.hint() {
                    Some(hint) => format!("{error} ({hint})"),
                    None => error.to_string(),
                };
            }
            _ => {}
        }
    }
}
