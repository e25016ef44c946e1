//! What was found, each with its relevance, in; the same in the order in which it helps the one who asks, out.
//!
//! The relevance is scaled so that the best match of a search has its own share of the words asked for, then weighed by
//! how old a memory is and whether it belongs to the same person and conversation: a little, so that what fits better
//! stays first.

use jamie_core::memory::{Kind, Memory, Recall};
use jiff::Timestamp;

use crate::{
    records::Row,
    terms::{SEARCHED, terms},
};

/// By how much at most an old memory is lowered.
const AGE: f64 = 0.15;
/// By how much a memory of the same conversation is lifted.
const CONVERSATION: f64 = 0.05;

/// The rows with their scores, best first; `relevance` is any number, the larger the better.
pub(crate) fn rank(found: Vec<(Row, f64)>, recall: &Recall, now: Timestamp) -> Vec<Memory> {
    let best = found
        .iter()
        .map(|(_, relevance)| *relevance)
        .fold(f64::MIN_POSITIVE, f64::max);
    let wanted = terms(recall.text.as_deref().unwrap_or_default(), SEARCHED);
    let mut memories: Vec<Memory> = found
        .into_iter()
        .map(|(row, relevance)| {
            let share = share(&wanted, &row.record.words());
            let fit = 0.5 * share + 0.5 * (relevance / best).clamp(0.0, 1.0);
            let age = now.duration_since(row.record.at).as_hours() as f64 / 24.0;
            let mut score = fit * (1.0 - AGE * (1.0 - freshness(row.record.kind(), age)));
            if recall.conversation.is_none() && row.record.kind() == Kind::Turn {
                score *= 1.0 - CONVERSATION;
            }
            Memory {
                id: row.id.to_string(),
                record: row.record,
                score: score.clamp(0.0, 1.0),
            }
        })
        .collect();
    memories.sort_by(|a, b| b.score.total_cmp(&a.score));
    memories
}

/// From 1, just now, towards 0; what does not age stays at 1.
fn freshness(kind: Kind, days: f64) -> f64 {
    let half_life = match kind {
        Kind::Turn | Kind::Gap | Kind::Feedback => 30.0,
        Kind::Incident => 180.0,
        _ => return 1.0,
    };
    0.5_f64.powf(days.max(0.0) / half_life)
}

/// The share of the wanted terms that begin a word of the text, or that a word of the text begins.
fn share(wanted: &[String], text: &str) -> f64 {
    if wanted.is_empty() {
        return 0.0;
    }
    let there = terms_of(text);
    let found = wanted
        .iter()
        .filter(|term| there.iter().any(|word| alike(term, word)))
        .count();
    found as f64 / wanted.len() as f64
}

/// Two forms of a word: the same but for an ending.
fn alike(a: &str, b: &str) -> bool {
    const STEM: usize = 4;
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    short == long
        || long
            .strip_prefix(short)
            .is_some_and(|ending| short.len() >= STEM && ending.len() <= 3)
}

fn terms_of(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}
