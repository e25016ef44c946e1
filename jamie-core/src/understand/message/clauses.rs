//! A message's words in, its clauses out, read: those that belong together as one, without the chatter around them.

use serde_json::Value;

use super::{Reader, SURE};
use crate::{
    Link, Target,
    understand::{arguments, clause, lexicon, request::Reading, words::Token},
};

impl Reader<'_, '_> {
    /// The message's clauses, read, with those that belong together as one.
    pub(super) fn readings(&self, tokens: &[Token]) -> Vec<Reading> {
        let clauses: Vec<&[Token]> = clause::split(tokens, self.index, self.intents)
            .into_iter()
            .filter_map(|clause| tokens.get(clause))
            .collect();
        let mut readings: Vec<Reading> = Vec::new();
        let mut focus = self.context.focus.clone();
        for clause in clauses {
            let mut reading = self.read(clause, &focus);
            if let Some(last) = readings.last()
                && belongs_together(last, &reading)
            {
                let both: Vec<Token> = last.tokens.iter().chain(clause).cloned().collect();
                readings.pop();
                reading = self.read(&both, &focus);
            } else if !readings.is_empty() {
                self.inherit(&mut reading, &readings);
            }
            if !reading.question.targets.is_empty() {
                focus.objects = reading
                    .question
                    .targets
                    .iter()
                    .map(|target| target.object.clone())
                    .collect();
            }
            if let Some(fit) = reading.ranked.first().filter(|_| reading.asks_something())
                && let Some(asked) = self.intents.tool(fit.tool)
            {
                focus.tool = Some(asked.tool.spec().name.to_owned());
                focus.args = Value::Null;
            }
            readings.push(reading);
        }
        self.without_chatter(readings)
    }

    /// "checkout is down, check the logs": the logs are those of what was just named.
    fn inherit(&self, reading: &mut Reading, before: &[Reading]) {
        if !reading.is_about_nothing() {
            return;
        }
        let Some(fit) = reading.ranked.first().copied() else {
            return;
        };
        let Some(last) = before
            .iter()
            .rev()
            .find(|reading| !reading.question.targets.is_empty())
        else {
            return;
        };
        let needs = self
            .intents
            .tool(fit.tool)
            .is_some_and(|asked| asked.arguments.iter().any(arguments::Argument::needs_target));
        let asks_anew = reading
            .tokens
            .first()
            .is_some_and(|token| lexicon::is_question_word(&token.word) || token.word == "also");
        let mut signals = reading.signals.clone();
        signals.has.targets = last.question.targets.len();
        let with = self.intents.rank(&signals);
        let fits_better = with.first().is_some_and(|with| {
            with.tool == fit.tool
                && with.score > fit.score + if asks_anew { 0.05 } else { -0.02 }
                && self.intents.wanted_targets(with.phrase) > 0
        });
        let clear = fit.words >= 0.6
            || reading
                .signals
                .words
                .iter()
                .any(|word| self.intents.titled(word).is_some());
        if (needs && clear) || fits_better {
            reading.question.targets = last
                .question
                .targets
                .iter()
                .map(|target| Target {
                    link: Link::Focus,
                    ..target.clone()
                })
                .collect();
            reading.signals = signals;
            reading.ranked = with;
            reading.leans = true;
        }
    }

    /// Leaves out clauses that only surround the request.
    fn without_chatter(&self, readings: Vec<Reading>) -> Vec<Reading> {
        let tool = |reading: &Reading| {
            reading
                .ranked
                .first()
                .filter(|fit| fit.score >= SURE)
                .map(|fit| fit.tool)
        };
        let is_solid = |reading: &Reading| {
            !reading.question.targets.is_empty() || reading.surely_unknown || reading.placed
        };
        let titled = |reading: &Reading| {
            reading
                .signals
                .words
                .iter()
                .any(|word| self.intents.titled(word).is_some())
        };
        let troubled = |reading: &Reading| {
            reading
                .ranked
                .first()
                .is_some_and(|fit| self.intents.is_troubled(fit.phrase))
        };
        let mut keep: Vec<bool> = Vec::with_capacity(readings.len());
        for (at, reading) in readings.iter().enumerate() {
            let others = || {
                readings
                    .iter()
                    .enumerate()
                    .filter(move |(other, _)| *other != at)
                    .map(|(_, other)| other)
            };
            let about_nothing = reading.is_about_nothing();
            let idle = reading
                .signals
                .words
                .iter()
                .all(|word| lexicon::is_filler(word) && !lexicon::is_trouble(word));
            let noise = about_nothing
                && (!reading.asks_something() || (idle && !reading.repeats) || tool(reading).is_none())
                && others().any(|other| is_solid(other) || other.asks_something());
            let beside = about_nothing && others().any(is_solid);
            let said_already = beside
                && (!starts_fresh(reading) || is_plea(reading))
                && (others().any(|other| is_solid(other) && tool(other) == tool(reading))
                    || is_aside(reading)
                    || is_plea(reading)
                    || !titled(reading));
            let named_for_next = reading.is_bare()
                && !reading.repeats
                && others().any(|other| other.leans && same_targets(other, reading));
            // "…, what is it waiting for?" asks once more what is wrong.
            let once_more = reading.leans
                && !titled(reading)
                && troubled(reading)
                && readings.get(..at).unwrap_or_default().iter().any(|other| {
                    !other.leans && !other.is_bare() && same_targets(other, reading) && troubled(other)
                });
            // "Web looks sleepy, restart it" asks for no look at it.
            let told = !reading.orders
                && !asks_for_itself(reading)
                && others().any(|other| other.orders && (about_nothing || same_targets(other, reading)));
            // "Web needs more memory, give it 1Gi" is one order.
            let unsaid = reading.orders
                && reading.question.quantities.is_empty()
                && others().any(|other| {
                    other.orders
                        && !other.question.quantities.is_empty()
                        && tool(other) == tool(reading)
                        && same_targets(other, reading)
                });
            keep.push(!noise && !said_already && !named_for_next && !once_more && !told && !unsaid);
        }
        if !keep.contains(&true) {
            return readings.into_iter().take(1).collect();
        }
        let mut keep = keep.into_iter();
        let mut readings = readings;
        readings.retain(|_| keep.next().unwrap_or(true));
        readings
    }
}

/// "My pod is stuck. It's called api." and "api. Why is it crashing?" are one request each.
fn belongs_together(first: &Reading, second: &Reading) -> bool {
    let incomplete = first.question.targets.is_empty()
        && first.question.unknown.is_none()
        && first.asks_something()
        && !first.placed;
    // "Clerk cannot list pods, give it that permission": what is permitted stands before.
    let refers = !first.question.targets.is_empty()
        && second.tokens.windows(2).any(|pair| {
            matches!(pair, [this, right] if matches!(this.word.as_str(), "that" | "this" | "the")
                && matches!(right.word.as_str(), "permission" | "right" | "access" | "permissions" | "rights"))
        });
    refers
        || (incomplete && second.is_bare() && !second.repeats)
        || (incomplete && second.is_bare() && calls_it(second))
}

fn calls_it(reading: &Reading) -> bool {
    reading
        .tokens
        .iter()
        .any(|token| matches!(token.word.as_str(), "called" | "named"))
}

/// A clause that asks for itself: "also how many nodes do we have".
fn starts_fresh(reading: &Reading) -> bool {
    let first = reading.tokens.first().map_or("", |token| token.word.as_str());
    reading
        .signals
        .words
        .iter()
        .any(|word| lexicon::is_everywhere(word) && word != "everything")
        || (reading.signals.has.time && !is_aside(reading))
        || matches!(first, "also" | "and" | "show" | "list" | "give")
}

/// A remark about the trouble and no request: "customers are complaining".
fn is_aside(reading: &Reading) -> bool {
    let first = reading.tokens.first().map_or("", |token| token.word.as_str());
    let last_asked = reading.tokens.last().is_some_and(|token| token.asked);
    !last_asked && !lexicon::begins_request(first)
}

/// Whether it is a question, or begins as a request does.
fn asks_for_itself(reading: &Reading) -> bool {
    reading.tokens.iter().any(|token| token.asked)
        || reading
            .tokens
            .first()
            .is_some_and(|token| lexicon::begins_request(&token.word) || token.word == "also")
}

/// "Any idea?", "what is the problem": the same question again, in words that fit any.
fn is_plea(reading: &Reading) -> bool {
    reading
        .signals
        .words
        .iter()
        .all(|word| lexicon::is_plea(word) || lexicon::english(word) == lexicon::English::No)
        && !reading
            .signals
            .words
            .iter()
            .any(|word| lexicon::is_everywhere(word))
}

fn same_targets(a: &Reading, b: &Reading) -> bool {
    a.question.targets.iter().any(|target| {
        b.question
            .targets
            .iter()
            .any(|other| other.object.is_same(&target.object))
    })
}
