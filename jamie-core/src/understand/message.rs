//! A message in, its requests with their calls out, or a question back.

mod clarify;
mod clauses;
mod plan;

use serde_json::Value;

use self::plan::Plan;
use super::{
    Context, Doubt, Focus, Intents, NameIndex, Understanding, Understood, alias, lexicon, mend, mood, pairs,
    request::{self, Reading},
    social,
    stance::{self, Held, Stance},
    telling,
    words::{self, Break, Token},
};
use crate::{Link, Request};

/// Below this a tool is not called; a question goes back.
const SURE: f32 = 0.3;
/// From here on a tool is meant for sure.
const CLEAR: f32 = 0.9;
/// The most calls for one request.
const MAX_CALLS: usize = 5;
/// The most choices in a question back.
const MAX_CHOICES: usize = 4;

/// Reads a message.
pub(super) fn read(text: &str, index: &NameIndex, intents: &Intents, context: &Context<'_>) -> Understood {
    let text = bounded(text);
    let tokens = words::split(text);
    let mood = mood::read(text, &tokens);
    let (tellings, tokens) = telling::take(text, tokens, intents, context);
    let (remark, tokens) = social::take(text, tokens, index);
    let mut tokens = alias::expand(tokens, context.aliases);
    mend::mend(&mut tokens, index, intents);
    let plain = tokens.clone();
    let tokens = pairs::join(tokens);
    let mut understood = Understood {
        mood,
        tellings,
        social: remark,
        ..Understood::default()
    };
    if tokens.is_empty() {
        return understood;
    }
    let reader = Reader {
        text,
        index,
        intents,
        context,
        held: stance::whole(&plain),
        plain,
    };
    let readings = reader.readings(&tokens);
    understood.held = reader.held(&readings);
    for reading in readings {
        match reader.plan(&reading) {
            Plan::Calls(calls) => {
                let again = calls.iter().all(|call| {
                    understood
                        .requests
                        .iter()
                        .flat_map(|request| &request.calls)
                        .any(|seen| seen.tool == call.tool && is_covered(&seen.args, &call.args))
                });
                if !again {
                    understood.requests.push(Understanding {
                        question: reading.question,
                        calls,
                    });
                }
            }
            Plan::Ask(clarify) => {
                if clarify.doubt == Doubt::Unsure {
                    understood.gap.get_or_insert(reading.question.text.clone());
                }
                understood.clarify.get_or_insert(clarify);
            }
        }
    }
    // A vague name in passing is no question beside a request that names something.
    let vague = understood.clarify.as_ref().is_some_and(|clarify| {
        clarify.doubt == Doubt::Ambiguous
            && clarify
                .about
                .targets
                .iter()
                .all(|target| target.link < Link::Alias)
    });
    if vague
        && understood
            .requests
            .iter()
            .any(|request| !request.question.targets.is_empty())
    {
        understood.clarify = None;
    }
    // Chatter beside a remark or a clear request needs no question back.
    let only_unsure = understood
        .clarify
        .as_ref()
        .is_some_and(|clarify| clarify.doubt == Doubt::Unsure);
    // Chatter beside what is told about the memory is no request: "handover done", "old habit of mine".
    let told =
        !understood.tellings.is_empty() || matches!(understood.social, Some(social::Social::CallMe(_)));
    let chats = told && !tokens.iter().any(|token| token.asked);
    understood.requests.retain(|request| {
        let question = &request.question;
        !chats
            || !question.targets.is_empty()
            || is_request(&question.text, intents)
            || request.calls.iter().any(|call| call.score >= CLEAR)
    });
    let names_nothing = chats
        && understood.clarify.as_ref().is_some_and(|clarify| {
            matches!(clarify.doubt, Doubt::Unsure | Doubt::UnknownName)
                && !is_request(&clarify.about.text, intents)
        });
    if names_nothing || only_unsure && !understood.requests.is_empty() {
        understood.clarify = None;
        understood.gap = None;
    }
    understood
}

/// Whether words ask for something by how they begin, or speak of trouble.
fn is_request(text: &str, intents: &Intents) -> bool {
    let tokens = words::split(text);
    tokens
        .iter()
        .find(|token| !lexicon::is_filler(&token.word))
        .is_some_and(|token| {
            let word = token.word.as_str();
            lexicon::begins_request(word) || intents.is_order(word) || intents.orders_change(word)
        })
        || tokens
            .iter()
            .any(|token| lexicon::is_trouble(&token.word) || lexicon::is_question_word(&token.word))
}

/// Whether a call with the one arguments answers what the others ask: the same objects, nothing narrower.
fn is_covered(seen: &Value, args: &Value) -> bool {
    let (Some(seen), Some(args)) = (seen.as_object(), args.as_object()) else {
        return seen == args;
    };
    args.iter()
        .all(|(name, value)| seen.get(name) == Some(value) || (value.is_string() && name == "text"))
}

fn bounded(text: &str) -> &str {
    let mut end = text.len().min(Request::MAX_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

struct Reader<'a, 'c> {
    text: &'a str,
    index: &'a NameIndex,
    intents: &'a Intents,
    context: &'a Context<'c>,
    /// The words before any were joined: how a denial was worded.
    plain: Vec<Token>,
    /// What holds the whole message back.
    held: Option<Held>,
}

impl Reader<'_, '_> {
    fn read(&self, tokens: &[Token], focus: &Focus) -> Reading {
        let context = Context {
            focus,
            ..*self.context
        };
        let stance = self.stance(tokens);
        request::read(self.text, tokens, self.index, self.intents, &context, stance)
    }

    /// How the clause of these words stands to what it speaks of.
    fn stance(&self, tokens: &[Token]) -> Stance {
        if let Some(held) = self.held {
            return Stance::Held(held);
        }
        let spans = || tokens.iter().map(|token| token.span);
        let from = spans().map(|span| span.0).min().unwrap_or(0);
        let to = spans().map(|span| span.1).max().unwrap_or(0);
        let within: Vec<Token> = self
            .plain
            .iter()
            .filter(|token| token.span.0 >= from && token.span.1 <= to)
            .cloned()
            .collect();
        let from = self
            .plain
            .iter()
            .rposition(|token| token.span.0 <= from && token.before == Break::Sentence)
            .unwrap_or(0);
        let sentence: Vec<Token> = self
            .plain
            .iter()
            .skip(from)
            .enumerate()
            .take_while(|(at, token)| *at == 0 || token.before != Break::Sentence || token.span.0 < to)
            .map(|(_, token)| token.clone())
            .collect();
        match stance::of_sentence(&sentence) {
            Stance::Open => stance::read(&within, &|word| self.begins_order(word)),
            settled => settled,
        }
    }

    fn begins_order(&self, word: &str) -> bool {
        self.intents.orders_change(word)
            || matches!(
                word,
                "give" | "let" | "make" | "put" | "take" | "bring" | "set" | "have" | "get"
            )
    }

    /// Why what is spoken of is not done, where a change is.
    fn held(&self, readings: &[Reading]) -> Option<Held> {
        if readings.iter().any(|reading| reading.orders) {
            return None;
        }
        let speaks = self
            .plain
            .iter()
            .any(|token| self.intents.orders_change(&token.word));
        let held = self.held.or_else(|| {
            readings.iter().find_map(|reading| match reading.signals.stance {
                Stance::Held(held) => Some(held),
                _ => None,
            })
        });
        held.filter(|_| speaks)
    }
}
