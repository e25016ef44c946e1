//! `jamie eval --memory`: conversations over several talks in, how often what was remembered made the answer right, and
//! whether anything private leaked, out.
//!
//! Each talk has a Jamie of its own, which knows nothing but what is on the disk.

use std::{collections::BTreeMap, io::Write, path::Path, time::Instant};

use anyhow::{Context, Result};
use jamie::{
    Block, Config, Error, ErrorKind, Jamie, Mode, ObjectRef, Person, Request,
    config::Environment,
    core::{
        Fingerprint, Severity,
        memory::{Content, Fix, Incident, MemoryStore, Record},
    },
    memory,
};
use jamie_sim::{Estate, Options, Phrase, Scenario};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    args::{Eval, Global, Output},
    exit::Exit,
    terminal::{Progress, Terminal, render},
};

/// The conversations that come with Jamie.
const BUILT_IN: &str = include_str!("conversations.yaml");
/// The least share of right conversations that is good.
const WANTED: f64 = 0.95;

/// A conversation over several sessions.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Conversation {
    name: String,
    /// Who may teach the team: these groups; everybody where none is named.
    #[serde(default)]
    teachers: Vec<String>,
    /// What happened before.
    #[serde(default)]
    incidents: Vec<Before>,
    steps: Vec<Step>,
}

/// An incident of the past.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Before {
    /// `Kind/namespace/name`
    object: String,
    title: String,
    #[serde(default)]
    check: String,
    days_ago: i64,
    #[serde(default)]
    fix: Option<String>,
    #[serde(default)]
    by: String,
    #[serde(default)]
    failed: bool,
}

/// Something that is said, and what the answer has to be like.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    who: String,
    /// The talk; a new one has a Jamie that is assembled anew.
    #[serde(rename = "in")]
    talk: String,
    #[serde(default)]
    groups: Vec<String>,
    say: String,
    /// Each has to stand in the answer; a list in it is a choice.
    #[serde(default)]
    has: Vec<Phrase>,
    /// None may stand in the answer.
    #[serde(default)]
    lacks: Vec<Phrase>,
    /// Another's secrets: the same, and each that does is a leak.
    #[serde(default)]
    private: Vec<Phrase>,
}

/// A conversation that went wrong.
#[derive(Debug, Serialize)]
struct Miss {
    conversation: String,
    said: String,
    shortfalls: Vec<String>,
    answer: String,
}

#[derive(Debug, Default, Serialize)]
struct Report {
    conversations: usize,
    right: usize,
    leaks: usize,
    answers: usize,
    median_ms: f64,
    misses: Vec<Miss>,
}

/// Holds every conversation and prints the figures.
pub(super) async fn run(eval: &Eval, global: &Global, terminal: &Terminal) -> Result<Exit> {
    let mut conversations = load(eval.dir.as_deref())?;
    if let Some(word) = &eval.only {
        conversations.retain(|conversation| conversation.name.contains(word));
    }
    if conversations.is_empty() {
        return Err(Error::new(ErrorKind::NotFound, "there is no such conversation")
            .with_hint("leave --only out, or name a folder with .yaml files of conversations")
            .into());
    }
    let progress = Progress::new(terminal);
    let estate = Estate::start(Scenario::demo()?, Options::default()).await?;
    let mut report = Report::default();
    let mut times = Vec::new();
    for conversation in &conversations {
        progress.say(&conversation.name);
        hold(conversation, &estate, &mut report, &mut times)
            .await
            .with_context(|| format!("conversation {}", conversation.name))?;
    }
    progress.clear();
    estate.stop().await;
    times.sort_by(f64::total_cmp);
    report.median_ms = times.get(times.len() / 2).copied().unwrap_or_default();
    let share = report.right as f64 / report.conversations.max(1) as f64;
    let mut stdout = std::io::stdout().lock();
    if global.output == Output::Json {
        writeln!(stdout, "{}", serde_json::to_string_pretty(&report)?)?;
    } else {
        let mut blocks = vec![Block::para(format!(
            "{} of {} conversations right ({:.1} %), {} leaks, {} answers, median {:.0} ms.",
            report.right,
            report.conversations,
            100.0 * share,
            report.leaks,
            report.answers,
            report.median_ms
        ))];
        let items: Vec<String> = report
            .misses
            .iter()
            .map(|miss| {
                let shown = if eval.show {
                    format!(" It said: {}", miss.answer)
                } else {
                    String::new()
                };
                format!(
                    "{}: “{}” {}.{shown}",
                    miss.conversation,
                    miss.said,
                    miss.shortfalls.join(", ")
                )
            })
            .collect();
        if !items.is_empty() {
            blocks.push(Block::List { items });
        }
        write!(stdout, "{}", render(&blocks, terminal))?;
    }
    Ok(if share >= WANTED && report.leaks == 0 {
        Exit::Ok
    } else {
        Exit::Unwell
    })
}

fn load(dir: Option<&Path>) -> Result<Vec<Conversation>> {
    let read = |name: &str, text: &str| {
        serde_saphyr::from_str::<Vec<Conversation>>(text)
            .map_err(|error| Error::new(ErrorKind::Config, format!("{name} does not read: {error}")))
    };
    let Some(dir) = dir else {
        return Ok(read("the built-in conversations", BUILT_IN)?);
    };
    let unreadable = |error: std::io::Error| {
        Error::new(
            ErrorKind::NotFound,
            format!("{} cannot be read: {error}", dir.display()),
        )
        .with_hint("name a folder with .yaml files of conversations")
    };
    let mut files: Vec<_> = std::fs::read_dir(dir)
        .map_err(unreadable)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    files.sort();
    let mut all = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).map_err(unreadable)?;
        all.extend(read(&file.display().to_string(), &text)?);
    }
    Ok(all)
}

async fn hold(
    conversation: &Conversation,
    estate: &Estate,
    report: &mut Report,
    times: &mut Vec<f64>,
) -> Result<()> {
    let home = tempfile::tempdir()?;
    let kubeconfig = home.path().join("kubeconfig");
    std::fs::write(&kubeconfig, estate.kubeconfig())?;
    let mut config = Config::default();
    config.kubernetes.kubeconfig = kubeconfig.display().to_string();
    config.model.provider = "none".to_owned();
    config.memory.folder = home.path().join("memory").display().to_string();
    config.actions.folder = home.path().join("actions").display().to_string();
    config.limits.questions_per_minute = 0;
    config.cache.answers_seconds = 0;
    if !conversation.teachers.is_empty() {
        config.policy.teach = Some(jamie::core::action::rules::By {
            groups: conversation.teachers.clone(),
            persons: Vec::new(),
        });
    }
    remember(&config, &conversation.incidents).await?;
    let mut jamie: Option<(String, Jamie)> = None;
    let mut right = true;
    for step in &conversation.steps {
        if jamie.as_ref().is_none_or(|(talk, _)| *talk != step.talk) {
            drop(jamie.take());
            jamie = Some((step.talk.clone(), jamie::assemble(&config).await?));
        }
        let Some((_, jamie)) = &jamie else { continue };
        let mut request = Request::new(&step.say, &step.who, format!("{}-{}", step.who, step.talk));
        request.person = Person {
            groups: step.groups.clone(),
            ..request.person
        };
        request.mode = Mode::Offline;
        let started = Instant::now();
        let answer = match jamie.ask(request).await {
            Ok(answer) => answer.text,
            Err(error) => format!("error: {error}"),
        };
        times.push(started.elapsed().as_secs_f64() * 1000.0);
        report.answers += 1;
        let stands = |phrase: &&Phrase| phrase.is_in(&answer);
        let mut shortfalls: Vec<String> = Vec::new();
        shortfalls.extend(
            step.has
                .iter()
                .filter(|phrase| !stands(phrase))
                .map(|wanted| format!("does not say {wanted}")),
        );
        shortfalls.extend(
            step.lacks
                .iter()
                .filter(stands)
                .map(|unwanted| format!("says {unwanted}")),
        );
        let leaked: Vec<&Phrase> = step.private.iter().filter(stands).collect();
        report.leaks += leaked.len();
        shortfalls.extend(leaked.into_iter().map(|secret| format!("leaks {secret}")));
        if !shortfalls.is_empty() {
            right = false;
            report.misses.push(Miss {
                conversation: conversation.name.clone(),
                said: step.say.clone(),
                shortfalls,
                answer,
            });
        }
    }
    report.conversations += 1;
    report.right += usize::from(right);
    Ok(())
}

/// Puts the past into the memory.
async fn remember(config: &Config, incidents: &[Before]) -> Result<()> {
    if incidents.is_empty() {
        return Ok(());
    }
    let Some(memory) = memory::open(config, &Environment::of_process()).await? else {
        return Ok(());
    };
    let now = Timestamp::now();
    // The same again is the same incident, as it is where Jamie sees it come back.
    let mut seen: BTreeMap<String, Incident> = BTreeMap::new();
    let mut oldest_first: Vec<&Before> = incidents.iter().collect();
    oldest_first.sort_by_key(|before| std::cmp::Reverse(before.days_ago));
    for before in oldest_first {
        let at = now.checked_sub(SignedDuration::from_hours(24 * before.days_ago))?;
        let mut parts = before.object.split('/');
        let mut part = || parts.next().unwrap_or_default().to_owned();
        let (kind, namespace, name) = (part(), part(), part());
        let object = ObjectRef::namespaced(kind, namespace, name);
        let fixes = before.fix.iter().map(|what| Fix {
            what: what.clone(),
            tool: String::new(),
            args: serde_json::Value::Null,
            by: before.by.clone(),
            at,
            worked: Some(!before.failed),
        });
        let fingerprint = format!("{}#{}#{}", before.object, before.check, before.title);
        let incident = seen.entry(fingerprint.clone()).or_insert_with(|| Incident {
            fingerprint: Fingerprint(fingerprint),
            severity: Severity::Error,
            object,
            title: before.title.clone(),
            cause: String::new(),
            check: before.check.clone(),
            since: Some(at),
            episodes: Vec::new(),
            times: 0,
            fixes: Vec::new(),
        });
        incident.episodes.push(at);
        incident.times += 1;
        incident.fixes.extend(fixes);
    }
    let records = seen
        .into_values()
        .map(|incident| Record {
            person: String::new(),
            conversation: String::new(),
            at: incident.episodes.last().copied().unwrap_or(now),
            content: Content::Incident(Box::new(incident)),
        })
        .collect();
    memory.remember(records).await?;
    memory.close().await;
    Ok(())
}
