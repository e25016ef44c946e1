//! A sentence that no pattern fits in, what it most likely asks of the memory out.

use super::{Asked, Past, PastKind, Telling, past};
use crate::understand::{Context, gist::Gist, words::Token};

/// What the sentence asks of the memory; `None` where that is most likely nothing.
pub(super) fn read(tokens: &[Token], gist: &Gist, context: &Context<'_>) -> Option<Telling> {
    let likely = gist.read(tokens)?;
    let (time, timeless) = past::without_time(tokens, context);
    let about = gist.subject(&timeless);
    let mine = |fact: &str| Asked::Mine(fact.to_owned());
    let asked = match likely.label {
        "source" => Asked::Source(about),
        "me" => Asked::Me,
        "team-facts" => Asked::Team,
        "rules" => Asked::Rules(about),
        "words" => Asked::Words,
        "word" => Asked::Word(about?),
        "my-name" => mine("name"),
        "my-team" => mine("team"),
        "my-zone" => mine("time_zone"),
        "my-style" => mine("verbosity"),
        "my-apps" => mine("app"),
        "note" => Asked::About(about?),
        label => return past_kind(label).map(|kind| Telling::Past(Past::new(kind, about, time, tokens))),
    };
    Some(if likely.sure {
        Telling::Ask(asked)
    } else {
        Telling::Perhaps(asked)
    })
}

fn past_kind(label: &str) -> Option<PastKind> {
    Some(match label {
        "helped" => PastKind::Helped,
        "done" => PastKind::Done,
        "before" => PastKind::Before,
        "incidents" => PastKind::Incidents,
        "talked" => PastKind::Talked,
        "same" => PastKind::Same,
        _ => return None,
    })
}
