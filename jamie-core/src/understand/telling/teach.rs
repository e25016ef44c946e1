//! A sentence in, the facts that it teaches out: about the person, their words for things, and what is done here.

mod about_me;
mod alias;
mod length;
pub(in crate::understand) mod own;
mod renamed;
mod rule;

use std::{collections::BTreeMap, sync::LazyLock};

use super::{
    Taught, Telling,
    said::{Pattern, QUOTED_SPACE, Said, pattern},
};
use crate::{
    memory::{About, Fact},
    understand::lexicon,
};

static FOR_ALL: Pattern = LazyLock::new(|| {
    pattern(
        r"^(?:that|this|it) is (?:what|how) (?:we|everyone|everybody|the team|all of us|the whole team)(?: all)? (?:calls?|says?|names?|knows?|uses?)(?: it| that)?$|^(?:that|this) (?:goes|holds|counts) for (?:all of us|us all|everyone|everybody|the (?:whole )?team)$",
    )
});

/// Whether a sentence says that what was taught before it is the team's: "that's what we all call it".
pub(super) fn is_for_all(said: &Said<'_>) -> bool {
    said.fits(&FOR_ALL).is_some()
}

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
