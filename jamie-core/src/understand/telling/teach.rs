//! A sentence in, the facts that it teaches out: about the person, their words for things, and what is done here.

mod about_me;
mod alias;
mod length;
mod own;
mod renamed;
mod rule;

use std::collections::BTreeMap;

use super::{
    Taught, Telling,
    said::{QUOTED_SPACE, Said},
};
use crate::{
    memory::{About, Fact},
    understand::lexicon,
};

/// The facts of a sentence, which `aliases` are words for things already; `None` where it teaches nothing.
pub(super) fn read(said: &Said<'_>, aliases: &BTreeMap<String, String>) -> Option<Vec<Telling>> {
    if let Some(told) = own::read(said)
        .or_else(|| about_me::read(said))
        .or_else(|| alias::read(said, aliases))
        .or_else(|| rule::read(said))
    {
        return Some(told);
    }
    // "Remember to restart it at five" is an order for later, and orders are not kept.
    let first = said.body().split(' ').next().unwrap_or_default();
    // "Just so you know what I am on about" tells nothing.
    if !said.is_explicit()
        || first == "to"
        || lexicon::is_question_word(first)
        || matches!(
            said.body().rsplit(' ').next(),
            Some("rule" | "thing" | "note" | "question" | "one")
        )
        || said.body().split(' ').count() < 3
    {
        return None;
    }
    let value = said.typed_body()?;
    let about = if said.body().starts_with("i ") || said.body().starts_with("my ") {
        About::Preference(subject(said.body()))
    } else {
        About::Note(subject(said.body()))
    };
    Some(vec![taught(said, about, value, says_we(said.body()))])
}

fn taught(said: &Said<'_>, about: About, value: impl Into<String>, for_team: bool) -> Telling {
    Telling::Teach(Taught {
        fact: Fact {
            about,
            value: value.into(),
        },
        for_team: for_team || said.is_for_team(),
    })
}

/// What a sentence is kept under: itself, so that only the same replaces it.
fn subject(body: &str) -> String {
    body.replace(QUOTED_SPACE, " ")
}

/// Whether it speaks for the team.
fn says_we(body: &str) -> bool {
    body.split(' ').any(|word| {
        matches!(
            word,
            "we" | "our" | "us" | "nobody" | "everyone" | "everybody" | "team"
        )
    })
}
