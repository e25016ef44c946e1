//! A message in, the social remark in it out: greetings, thanks, "what can you do?".

mod formula;
mod naming;
mod phrases;

use serde::{Deserialize, Serialize};

use self::{
    formula::formula,
    phrases::{GREETINGS, THANKS, VOCATIVES, prefix_of, suffix_of, trim_vocatives, without_vocatives},
};
use super::{
    NameIndex,
    words::{Break, Token},
};

/// A remark that is about the two of us and not about the estate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Social {
    /// "Morning!"
    Greeting,
    /// "How's tricks?"
    HowAreYou,
    /// "Ta!"
    Thanks,
    /// "See you."
    Bye,
    /// "Help!"
    Help,
    /// "What can you do?"
    WhatCanYouDo,
    /// "Who are you?"
    WhoAreYou,
    /// "Call me Bruno."
    CallMe(String),
    /// "Good job!"
    Praise,
    /// "You're useless."
    Insult,
    /// "Tell me a joke."
    Joke,
    /// "No worries", "ok", "got it".
    Acknowledgement,
}

impl Social {
    /// Of two remarks in one message, the one to answer.
    fn weight(&self) -> u8 {
        match self {
            Self::CallMe(_) => 9,
            Self::WhatCanYouDo | Self::WhoAreYou | Self::Joke => 8,
            Self::Help => 7,
            Self::Insult => 6,
            Self::HowAreYou => 5,
            Self::Bye => 4,
            Self::Greeting => 3,
            Self::Praise => 2,
            Self::Thanks => 1,
            Self::Acknowledgement => 0,
        }
    }
}

/// Takes the social remarks out of the words; what is left is the request.
pub(super) fn take(text: &str, tokens: Vec<Token>, index: &NameIndex) -> (Option<Social>, Vec<Token>) {
    let mut found: Option<Social> = None;
    let mut rest: Vec<Token> = Vec::with_capacity(tokens.len());
    for segment in segments(&tokens) {
        let (remark, left) = segment_remark(text, segment, index);
        if let Some(remark) = remark
            && found.as_ref().is_none_or(|seen| remark.weight() > seen.weight())
        {
            found = Some(remark);
        }
        let begin = rest.len();
        rest.extend_from_slice(left);
        if let (Some(first), Some(opening)) = (rest.get_mut(begin), segment.first()) {
            first.before = first.before.max(opening.before);
        }
    }
    // A vocative in front of everything or behind it.
    while rest
        .first()
        .is_some_and(|token| matches!(token.word.as_str(), "jamie" | "mate"))
        && rest.len() > 1
    {
        rest.remove(0);
    }
    while rest
        .last()
        .is_some_and(|token| matches!(token.word.as_str(), "jamie" | "mate" | "pal" | "please" | "x"))
        && rest.len() > 1
    {
        rest.pop();
    }
    (found, rest)
}

/// Runs of words between punctuation marks.
fn segments(tokens: &[Token]) -> Vec<&[Token]> {
    let mut segments = Vec::new();
    let mut from = 0;
    for at in 1..=tokens.len() {
        if tokens.get(at).is_none_or(|token| token.before >= Break::Comma) {
            segments.extend(tokens.get(from..at));
            from = at;
        }
    }
    segments
}

fn segment_remark<'a>(text: &str, segment: &'a [Token], index: &NameIndex) -> (Option<Social>, &'a [Token]) {
    let mut remark: Option<Social> = None;
    let mut rest = segment;
    let mut note = |social: Social| {
        if remark.as_ref().is_none_or(|seen| social.weight() > seen.weight()) {
            remark = Some(social);
        }
    };
    loop {
        let (length, social) = if let Some(length) = prefix_of(rest, GREETINGS) {
            (length, Social::Greeting)
        } else if let Some(length) = prefix_of(rest, THANKS) {
            (length, Social::Thanks)
        } else {
            break;
        };
        let after = rest.get(length..).unwrap_or_default();
        // "morning deploys broke": a noun, no greeting; and "hello-world" is one word anyway.
        let next = after.first().map_or("", |token| token.word.as_str());
        if matches!(next, "for") && social == Social::Thanks {
            return (Some(Social::Thanks), &[]);
        }
        if rest.first().is_some_and(|token| index.is_exact(&token.raw)) && !after.is_empty() {
            break;
        }
        let thanked = social == Social::Thanks;
        note(social);
        rest = without_vocatives(after);
        if thanked
            && rest.iter().all(|token| {
                matches!(
                    token.word.as_str(),
                    "very"
                        | "much"
                        | "so"
                        | "again"
                        | "a"
                        | "lot"
                        | "for"
                        | "that"
                        | "the"
                        | "help"
                        | "everything"
                )
            })
        {
            rest = &[];
        }
    }
    if rest.first().is_some_and(|token| token.word == "alright")
        && rest
            .get(1)
            .is_none_or(|token| VOCATIVES.contains(&token.word.as_str()))
    {
        note(Social::Greeting);
        rest = without_vocatives(rest.get(1..).unwrap_or_default());
    }
    while let Some(length) = suffix_of(rest, THANKS) {
        note(Social::Thanks);
        rest = rest.get(..rest.len() - length).unwrap_or_default();
    }
    let bare = trim_vocatives(rest);
    if bare.is_empty() {
        let left: &[Token] = if remark.is_some() { &[] } else { rest };
        return (remark, left);
    }
    let asked = rest.last().is_some_and(|token| token.asked);
    let said = formula(text, rest, index).or_else(|| formula(text, bare, index));
    if let Some(social) = said.filter(|social| !asked || *social != Social::Acknowledgement) {
        let keep = remark.filter(|seen| seen.weight() > social.weight());
        return (Some(keep.unwrap_or(social)), &[]);
    }
    (remark, rest)
}
