//! `jamie gaps` and `jamie feedback`: what the knowledge lacks, how it is taught, and what you think of the last answer.

use std::io::Write;

use anyhow::Result;
use jamie::{
    Block, Error, ErrorKind,
    config::Environment,
    core::memory::{
        Content, Feedback, Gap, GapReason, Kind, Lack, MemoryStore, Outcome, Recall, Record, Verdict, close,
        lacks,
    },
    memory,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::{
    args::{FeedbackArgs, GapsAction, Global, Output, Thumb},
    exit::Exit,
    setup,
    terminal::{Terminal, render},
};

/// The gaps that are listed.
const LISTED: usize = 50;

/// Lists what is lacking, or teaches it.
pub(crate) async fn run(
    action: Option<GapsAction>,
    global: &Global,
    environment: &Environment,
    terminal: &Terminal,
) -> Result<Exit> {
    let config = setup::layers(global, environment)?.config()?;
    let memory = opened(&config, environment).await?;
    let person = setup::person(&config, environment);
    let done = match action.unwrap_or(GapsAction::List) {
        GapsAction::List => list(&memory, None, global, terminal).await,
        GapsAction::Digest { days } => {
            let since = Timestamp::now()
                .checked_sub(SignedDuration::from_hours(24 * i64::from(days)))
                .ok();
            list(&memory, since, global, terminal).await
        }
        GapsAction::Teach { number, answer } => {
            let teachers = config.policy.teachers();
            if !teachers.may_teach(&person) {
                return Err(Error::new(
                    ErrorKind::Forbidden,
                    format!("{} may not teach what holds for everybody", person.called()),
                )
                .with_hint(format!("{} may, see policy.teach", teachers.who()))
                .into());
            }
            teach(&memory, number, &answer.join(" "), &person.id, terminal).await
        }
    };
    memory.close().await;
    done
}

async fn opened(config: &jamie::config::Config, environment: &Environment) -> Result<memory::Opened> {
    memory::open(config, environment).await?.ok_or_else(|| {
        Error::new(
            ErrorKind::Config,
            "nothing is kept: memory.store is \"process\", or there is no home directory",
        )
        .with_hint("set memory.store to \"disk\" or \"postgres\", or memory.folder to a folder")
        .into()
    })
}

async fn list(
    store: &dyn MemoryStore,
    since: Option<Timestamp>,
    global: &Global,
    terminal: &Terminal,
) -> Result<Exit> {
    let lacks = lacks(store, since).await?;
    let mut stdout = std::io::stdout().lock();
    if global.output == Output::Json {
        writeln!(stdout, "{}", serde_json::to_string_pretty(&lacks)?)?;
        return Ok(Exit::Ok);
    }
    let blocks = if lacks.is_empty() {
        vec![Block::para("Nothing is lacking: every question had an answer.")]
    } else {
        let rows = lacks
            .iter()
            .take(LISTED)
            .enumerate()
            .map(|(at, lack)| {
                vec![
                    (at + 1).to_string(),
                    lack.question.clone(),
                    lack.times.to_string(),
                    lack.people.to_string(),
                    reasons(lack),
                    lack.last.strftime("%Y-%m-%d").to_string(),
                ]
            })
            .collect();
        let headers = ["no", "question", "asked", "people", "why", "last"]
            .map(String::from)
            .to_vec();
        vec![
            Block::Table { headers, rows },
            Block::para(
                "`jamie gaps teach NO ANSWER` answers one from now on; `jamie knowledge add` puts a whole document in.",
            ),
        ]
    };
    write!(stdout, "{}", render(&blocks, terminal))?;
    Ok(Exit::Ok)
}

fn reasons(lack: &Lack) -> String {
    let words = |reason: &GapReason| match reason {
        GapReason::Intent => "not understood",
        GapReason::UnknownName => "unknown name",
        GapReason::Knowledge => "not known",
        GapReason::BadAnswer => "bad answer",
    };
    lack.reasons.iter().map(words).collect::<Vec<_>>().join(", ")
}

async fn teach(
    store: &dyn MemoryStore,
    number: usize,
    answer: &str,
    person: &str,
    terminal: &Terminal,
) -> Result<Exit> {
    let lacks = lacks(store, None).await?;
    let lack = number
        .checked_sub(1)
        .and_then(|at| lacks.get(at))
        .ok_or_else(|| {
            Error::new(ErrorKind::NotFound, format!("there is no gap number {number}"))
                .with_hint("`jamie gaps` lists them")
        })?;
    if answer.trim().is_empty() {
        return Err(Error::new(ErrorKind::InvalidInput, "there is no answer to learn")
            .with_hint(format!("jamie gaps teach {number} the answer in a sentence"))
            .into());
    }
    let document = close(store, lack, answer, person, Timestamp::now()).await?;
    let told = format!(
        "Learnt: to “{}” I say “{}”. `jamie knowledge remove {}` takes it back.",
        document.title, document.text, document.source
    );
    write!(
        std::io::stdout().lock(),
        "{}",
        render(&[Block::para(told)], terminal)
    )?;
    Ok(Exit::Ok)
}

/// Keeps what somebody thinks of the last answer that they got.
pub(crate) async fn rate(
    args: &FeedbackArgs,
    global: &Global,
    environment: &Environment,
    terminal: &Terminal,
) -> Result<Exit> {
    let config = setup::layers(global, environment)?.config()?;
    let memory = opened(&config, environment).await?;
    let person = setup::person(&config, environment).id;
    let last = memory
        .recall(&Recall::new(Kind::Turn, 20).of_person(person.clone()))
        .await?
        .into_iter()
        .find_map(|found| match found.record.content {
            Content::Turn(turn) if turn.outcome == Outcome::Answered && !turn.id.is_empty() => {
                Some((turn, found.record.conversation))
            }
            _ => None,
        });
    let Some((turn, conversation)) = last else {
        return Err(Error::new(
            ErrorKind::NotFound,
            "there is no answer yet to have an opinion about",
        )
        .with_hint("ask something first: jamie ask how is everything?")
        .into());
    };
    let (verdict, thumb) = match args.thumb {
        Thumb::Up => (Verdict::Up, "up"),
        Thumb::Down => (Verdict::Down, "down"),
    };
    let comment = Some(args.comment.join(" ")).filter(|comment| !comment.trim().is_empty());
    let feedback = Feedback::on(&turn, verdict, comment, args.correction.clone());
    let record = |content| Record {
        person: person.clone(),
        conversation: conversation.clone(),
        at: Timestamp::now(),
        content,
    };
    let mut records = vec![record(Content::Feedback(Box::new(feedback)))];
    if verdict == Verdict::Down {
        records.push(record(Content::Gap(Gap {
            question: turn.question.clone(),
            reason: GapReason::BadAnswer,
        })));
    }
    memory.remember(records).await?;
    memory.close().await;
    let mut stdout = std::io::stdout().lock();
    if global.output == Output::Json {
        writeln!(
            stdout,
            "{}",
            json!({"turn": turn.id, "question": turn.question, "verdict": thumb})
        )?;
    } else {
        let told = format!(
            "Noted: thumbs {thumb} for the answer to “{}”. A new verdict replaces it.",
            turn.question
        );
        write!(stdout, "{}", render(&[Block::para(told)], terminal))?;
    }
    Ok(Exit::Ok)
}
