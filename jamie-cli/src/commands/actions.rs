//! `jamie actions`: what awaits a decision, one change in full, and the decision itself.

use std::io::Write;

use anyhow::Result;
use jamie::{
    Action, Block, Error, ErrorKind, Jamie, Quoted,
    action::{ActionState, AuditEntry, Choice},
    config::Environment,
};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::json;

use crate::{
    args::{Actions, Global, Output},
    conversation,
    exit::Exit,
    setup,
    terminal::{Terminal, render},
};

/// How many actions are listed.
const LISTED: usize = 50;

/// Lists, shows or decides.
pub(crate) async fn run(
    action: Option<Actions>,
    global: &Global,
    environment: &Environment,
    terminal: &Terminal,
) -> Result<Exit> {
    let (jamie, config) = setup::jamie(global, environment).await?;
    let person = setup::person(&config, environment);
    let (id, choice) = match action.unwrap_or(Actions::List) {
        Actions::List => return list(&jamie, global, terminal).await,
        Actions::Show { id } => return show(&jamie, &id, global, terminal).await,
        Actions::Approve { id } => (id, Choice::Approve),
        Actions::Refuse { id, reason } => {
            let reason = reason.join(" ");
            (id, Choice::Refuse { reason })
        }
    };
    let approves = choice == Choice::Approve;
    let decision = setup::decision(id.clone(), None, &person, choice);
    let outcome = conversation::decide(&jamie, decision, global.output, terminal).await?;
    let worked = !approves || outcome.pending.is_empty() && worked(&jamie, &id).await?;
    Ok(if worked { Exit::Ok } else { Exit::Unwell })
}

/// Whether a change that was approved had the effect that was wanted, or still waits for others to approve it.
pub(crate) async fn worked(jamie: &Jamie, id: &str) -> Result<bool> {
    let state = jamie.actions().get(id).await?.map(|action| action.state);
    Ok(matches!(
        state,
        Some(ActionState::Succeeded | ActionState::Parked)
    ))
}

async fn list(jamie: &Jamie, global: &Global, terminal: &Terminal) -> Result<Exit> {
    jamie.recover().await?;
    let actions = jamie.actions().list(LISTED).await?;
    let mut stdout = std::io::stdout().lock();
    if global.output == Output::Json {
        writeln!(stdout, "{}", serde_json::to_string_pretty(&actions)?)?;
        return Ok(Exit::Ok);
    }
    if actions.is_empty() {
        writeln!(
            stdout,
            "There are no changes to decide on, and none were made lately."
        )?;
        return Ok(Exit::Ok);
    }
    let now = Timestamp::now();
    let headers = ["id", "state", "what", "asked by", "when"]
        .map(String::from)
        .to_vec();
    let rows = actions
        .iter()
        .map(|action| {
            vec![
                action.id.clone(),
                state(action, now).to_owned(),
                action.plan.title.clone(),
                action
                    .asked_by
                    .name
                    .clone()
                    .unwrap_or_else(|| action.asked_by.id.clone()),
                when(action.asked_at),
            ]
        })
        .collect();
    write!(stdout, "{}", render([&Block::Table { headers, rows }], terminal))?;
    Ok(Exit::Ok)
}

async fn show(jamie: &Jamie, id: &str, global: &Global, terminal: &Terminal) -> Result<Exit> {
    let Some(action) = jamie.actions().get(id).await? else {
        return Err(
            Error::new(ErrorKind::NotFound, format!("there is no action {id}"))
                .with_hint("`jamie actions list` shows those there are")
                .into(),
        );
    };
    let audit = jamie.actions().audit(Some(id), 100).await?;
    let mut stdout = std::io::stdout().lock();
    if global.output == Output::Json {
        let all = json!({"action": action, "digest": action.digest(), "audit": audit});
        writeln!(stdout, "{}", serde_json::to_string_pretty(&all)?)?;
        return Ok(Exit::Ok);
    }
    let blocks = in_full(&action, &audit);
    write!(stdout, "{}", render(&blocks, terminal))?;
    Ok(Exit::Ok)
}

fn in_full(action: &Action, audit: &[AuditEntry]) -> Vec<Block> {
    let plan = &action.plan;
    let mut blocks = vec![
        Block::Heading {
            text: format!("{} · {}", action.id, plan.title),
        },
        Block::para(format!(
            "{}; asked for by {} at {}, to be approved until {}.",
            state(action, Timestamp::now()),
            action.asked_by.name.as_deref().unwrap_or(&action.asked_by.id),
            when(action.asked_at),
            when(action.expires_at),
        )),
    ];
    for difference in &plan.differences {
        blocks.push(Block::Code {
            language: "diff".to_owned(),
            text: Quoted::passage(difference.diff.as_str(), 20_000),
        });
    }
    let mut items: Vec<String> = plan
        .reasons
        .iter()
        .map(|reason| format!("Why: {reason}"))
        .collect();
    items.extend(plan.impact.iter().cloned());
    items.extend(plan.warnings.iter().map(|warning| format!("Mind: {warning}")));
    if !items.is_empty() {
        blocks.push(Block::List { items });
    }
    if let Some(result) = &action.result {
        blocks.push(Block::para(format!("**Result:** {result}")));
    }
    let items: Vec<String> = audit
        .iter()
        .rev()
        .map(|entry| {
            let step = format!("{:?}", entry.step).to_lowercase();
            let detail = if entry.detail.is_empty() {
                String::new()
            } else {
                format!(": {}", entry.detail)
            };
            format!("{} {step} by {}{detail}", when(entry.at), entry.person)
        })
        .collect();
    if !items.is_empty() {
        blocks.push(Block::para("**What happened to it:**"));
        blocks.push(Block::List { items });
    }
    blocks
}

fn state(action: &Action, now: Timestamp) -> &'static str {
    match action.state {
        ActionState::Parked if action.expires_at <= now => "expired",
        ActionState::Parked => "awaits a decision",
        ActionState::Refused => "refused",
        ActionState::Expired => "expired",
        ActionState::Stale => "no longer fits",
        ActionState::Running => "running",
        ActionState::Succeeded => "done",
        ActionState::Failed => "failed",
        ActionState::Interrupted => "interrupted",
        _ => "unknown",
    }
}

fn when(at: Timestamp) -> String {
    at.to_zoned(TimeZone::system())
        .strftime("%d %b %H:%M")
        .to_string()
}
