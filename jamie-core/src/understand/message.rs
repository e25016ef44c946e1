//! A message in, its requests with their calls out, or a question back.

use serde_json::{Map, Value};

use super::{
    Clarify, Context, Doubt, Focus, Intents, NameIndex, PlannedCall, Understanding, Understood, arguments,
    clause,
    intent::Fit,
    kinds, lexicon, mend, mood, pairs,
    request::{self, Reading},
    social,
    stance::{self, Held, Stance},
    words::{self, Break, Token},
};
use crate::{Link, ObjectRef, Request, Slot, Target};

/// Below this a tool is not called; a question goes back.
const SURE: f32 = 0.3;
/// The most calls for one request.
const MAX_CALLS: usize = 5;
/// The most choices in a question back.
const MAX_CHOICES: usize = 4;

/// Reads a message.
pub(super) fn read(text: &str, index: &NameIndex, intents: &Intents, context: &Context<'_>) -> Understood {
    let text = bounded(text);
    let tokens = words::split(text);
    let mood = mood::read(text, &tokens);
    let (remark, mut tokens) = social::take(text, tokens, index);
    mend::mend(&mut tokens, index, intents, context.aliases);
    let plain = tokens.clone();
    let tokens = pairs::join(tokens);
    let mut understood = Understood {
        mood,
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
    if only_unsure && !understood.requests.is_empty() {
        understood.clarify = None;
        understood.gap = None;
    }
    understood
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

enum Plan {
    Calls(Vec<PlannedCall>),
    Ask(Clarify),
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

    /// The message's clauses, read, with those that belong together as one.
    fn readings(&self, tokens: &[Token]) -> Vec<Reading> {
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

    fn plan(&self, reading: &Reading) -> Plan {
        if let Some(clarify) = self.unclear_name(reading) {
            return Plan::Ask(clarify);
        }
        if let Some(calls) = self.repeat(reading) {
            return Plan::Calls(calls);
        }
        let fit = reading
            .ranked
            .first()
            .filter(|fit| fit.score >= SURE)
            .copied()
            .or_else(|| self.look_round(reading));
        let Some((fit, asked)) = fit.and_then(|fit| Some((fit, self.intents.tool(fit.tool)?))) else {
            return Plan::Ask(self.unsure(reading));
        };
        let args = self
            .intents
            .phrase(fit.phrase)
            .map_or(&Value::Null, |(_, args)| args);
        let mut reading = reading.clone();
        let needs = asked.arguments.iter().any(arguments::Argument::needs_target);
        if needs && reading.question.targets.is_empty() {
            if !self.context.focus.objects.is_empty() {
                reading.question.targets = self.focused();
            } else if let Some(look) = self.intents.of_place()
                && reading.placed
                && fit.words < 0.5
            {
                // "Ceramics namespace, news?" names a place and asks for no tool by its words.
                return Plan::Calls(self.calls(look, SURE, &Value::Null, &reading));
            } else if reading.question.namespace.is_none() || !takes_namespace(&asked.arguments) {
                return Plan::Ask(self.no_target(&reading, fit));
            }
        }
        Plan::Calls(self.calls(fit.tool, fit.score, args, &reading))
    }

    /// "Something smells, where?": trouble, and nothing else that says where to look.
    fn look_round(&self, reading: &Reading) -> Option<Fit> {
        let tool = self.intents.of_place()?;
        (reading.signals.ails && reading.is_about_nothing()).then_some(Fit {
            tool,
            phrase: usize::MAX,
            score: SURE,
            words: 0.0,
        })
    }

    fn focused(&self) -> Vec<Target> {
        self.context
            .focus
            .objects
            .iter()
            .take(1)
            .map(|object| Target {
                object: object.clone(),
                said: String::new(),
                link: Link::Focus,
            })
            .collect()
    }

    fn calls(&self, tool: usize, score: f32, implied: &Value, reading: &Reading) -> Vec<PlannedCall> {
        let Some(asked) = self.intents.tool(tool) else {
            return Vec::new();
        };
        let spec = asked.tool.spec();
        let all: Vec<ObjectRef> = reading
            .question
            .targets
            .iter()
            .map(|target| target.object.clone())
            .collect();
        let has = |slot: Slot| asked.arguments.iter().any(|argument| argument.slot == slot);
        let one_each = all.len() > 1 && has(Slot::Target) && !has(Slot::SecondTarget) && !has(Slot::Targets);
        let groups: Vec<&[ObjectRef]> = if one_each {
            all.chunks(1).take(MAX_CALLS).collect()
        } else {
            vec![all.as_slice()]
        };
        groups
            .into_iter()
            .map(|targets| {
                let mut args = arguments::fill(&asked.arguments, &reading.question, targets, self.index);
                if let Some(implied) = implied.as_object() {
                    for (name, value) in implied {
                        args.insert(name.clone(), value.clone());
                    }
                }
                if let Some(fill) = spec.fill {
                    fill(&reading.question, &mut args);
                }
                PlannedCall {
                    tool: spec.name.to_owned(),
                    args: Value::Object(args),
                    score: score.min(1.0),
                }
            })
            .collect()
    }

    /// The last request again, about something else.
    fn repeat(&self, reading: &Reading) -> Option<Vec<PlannedCall>> {
        let focus = self.context.focus;
        let tool = reading
            .repeats
            .then(|| focus.tool.as_deref().and_then(|name| self.intents.find(name)))??;
        let mut reading = reading.clone();
        let nothing_new = reading.is_about_nothing()
            && reading.question.time.is_none()
            && reading.question.quantities.is_empty();
        let before = focus.args.as_object().cloned().unwrap_or_default();
        if reading.question.targets.is_empty() && !focus.objects.is_empty() && reading.question.kind.is_none()
        {
            reading.question.targets = match &reading.question.namespace {
                Some(namespace) if reading.placed => self.moved(namespace),
                _ => self.focused(),
            };
        }
        if reading.question.time.is_none() {
            reading.question.time = focus.time;
        }
        if nothing_new {
            let call = PlannedCall {
                tool: focus.tool.clone()?,
                args: focus.args.clone(),
                score: 0.8,
            };
            return Some(vec![call]);
        }
        // A namespace that was named is all there is: then it is a target where the last one was a namespace.
        if reading
            .question
            .targets
            .iter()
            .any(|target| target.object.kind == "Namespace")
            && !focus.objects.iter().any(|object| object.kind == "Namespace")
        {
            let namespace = reading
                .question
                .targets
                .first()
                .map(|target| target.object.name.clone());
            let moved = namespace
                .as_deref()
                .map(|namespace| self.moved(namespace))
                .unwrap_or_default();
            if !moved.is_empty() {
                reading.question.targets = moved;
            }
        }
        let mut calls = self.calls(tool, 0.8, &Value::Null, &reading);
        for call in &mut calls {
            if let Value::Object(args) = &mut call.args {
                *args = merged(
                    &before,
                    args,
                    self.intents
                        .tool(tool)
                        .map(|asked| asked.arguments.as_slice())
                        .unwrap_or_default(),
                );
            }
        }
        Some(calls)
    }

    /// What the conversation is about, in another namespace.
    fn moved(&self, namespace: &str) -> Vec<Target> {
        let in_focus = self.context.focus.objects.iter().take(3);
        in_focus
            .filter_map(|object| {
                self.index
                    .exact(&object.name)
                    .into_iter()
                    .filter_map(|candidate| self.index.get(candidate.name))
                    .find(|name| {
                        name.object.kind == object.kind && name.object.namespace.as_deref() == Some(namespace)
                    })
                    .map(|name| Target {
                        object: name.object.clone(),
                        said: object.name.clone(),
                        link: Link::Focus,
                    })
            })
            .collect()
    }

    fn unclear_name(&self, reading: &Reading) -> Option<Clarify> {
        let question = &reading.question;
        if let Some((said, near)) = &question.unknown {
            let choices = near
                .iter()
                .map(|object| self.with_name(reading, said, object))
                .take(MAX_CHOICES)
                .collect();
            let text = if near.is_empty() {
                format!(
                    "I can't find anything called \"{said}\". What is it called exactly, and in which namespace?"
                )
            } else {
                format!("I can't find anything called \"{said}\". Did you mean one of these?")
            };
            return Some(Clarify {
                doubt: Doubt::UnknownName,
                question: text,
                choices,
                about: Box::new(question.clone()),
            });
        }
        if let Some(target) = reading.ambiguous.and_then(|at| question.targets.get(at)) {
            let choices: Vec<String> = std::iter::once(&target.object)
                .chain(&question.rivals)
                .map(|object| self.with_name(reading, &target.said, object))
                .take(MAX_CHOICES)
                .collect();
            let text = format!("Which \"{}\" do you mean?", target.said);
            return Some(Clarify {
                doubt: Doubt::Ambiguous,
                question: text,
                choices,
                about: Box::new(question.clone()),
            });
        }
        if reading.environments.len() > 1 && question.targets.is_empty() && question.kind.is_none() {
            let choices = reading
                .environments
                .iter()
                .map(|name| {
                    self.with_name(
                        reading,
                        &reading.environment_said,
                        &ObjectRef::cluster("Namespace", name),
                    )
                })
                .take(MAX_CHOICES)
                .collect();
            let text = format!("Which namespace is \"{}\"?", reading.environment_said);
            return Some(Clarify {
                doubt: Doubt::Ambiguous,
                question: text,
                choices,
                about: Box::new(question.clone()),
            });
        }
        None
    }

    /// The clause again, with a name that is clear.
    #[allow(clippy::unused_self, reason = "reads as its siblings do")]
    fn with_name(&self, reading: &Reading, said: &str, object: &ObjectRef) -> String {
        let text = &reading.question.text;
        let name = format!("{} {}", object.kind.to_lowercase(), object.path());
        let kind_before = |from: usize| -> usize {
            let before = text.get(..from).unwrap_or("").trim_end();
            let word = before.rsplit(' ').next().unwrap_or("");
            if kinds::kind(&word.to_lowercase()).is_some() {
                before.len() - word.len()
            } else {
                from
            }
        };
        let kind_after = |to: usize| -> usize {
            let rest = text.get(to..).unwrap_or("");
            let word = rest
                .trim_start()
                .split(|c: char| !c.is_alphanumeric())
                .next()
                .unwrap_or("");
            if kinds::kind(&word.to_lowercase()).is_some() && rest.starts_with(' ') {
                to + 1 + word.len()
            } else {
                to
            }
        };
        match find_ignoring_case(text, said) {
            Some(from) => {
                let to = kind_after(from + said.len());
                let from = kind_before(from);
                format!(
                    "{}{name}{}",
                    text.get(..from).unwrap_or(""),
                    text.get(to..).unwrap_or("")
                )
            }
            None => format!("{text} ({name})"),
        }
    }

    fn no_target(&self, reading: &Reading, fit: Fit) -> Clarify {
        let asked = self.intents.asking(fit);
        let choices = self
            .index
            .names()
            .all
            .iter()
            .filter(|name| kinds::is_workload(&name.object.kind) && name.owner.is_none())
            .filter(|name| {
                !name
                    .object
                    .namespace
                    .as_deref()
                    .is_some_and(lexicon::is_system_namespace)
            })
            .filter(|name| {
                let within = reading
                    .question
                    .namespace
                    .as_ref()
                    .or(self.context.scope.namespace.as_ref());
                within.is_none() || within == name.object.namespace.as_ref()
            })
            .take(MAX_CHOICES)
            .map(|name| {
                let named = format!("{} {}", name.object.kind.to_lowercase(), name.object.path());
                if let Some(phrase) = asked {
                    phrase.replace("{target}", &named)
                } else {
                    let text = reading.question.text.trim_end_matches(['?', '!', '.', ' ']);
                    format!("{text}: {named}")
                }
            })
            .collect();
        let question = "Which app do you mean?".to_owned();
        Clarify {
            doubt: Doubt::NoTarget,
            question,
            choices,
            about: Box::new(reading.question.clone()),
        }
    }

    /// What could be done, as questions that can be asked.
    fn unsure(&self, reading: &Reading) -> Clarify {
        let likely = reading.ranked.iter().map(|fit| fit.tool);
        let rest = 0..self.intents.tools.len();
        let mut seen = Vec::new();
        for tool in likely.chain(rest) {
            if !seen.contains(&tool) {
                seen.push(tool);
            }
        }
        let choices = seen
            .into_iter()
            .filter_map(|tool| self.intents.tool(tool))
            .map(|asked| asked.tool.spec())
            .filter(|spec| !spec.example.is_empty())
            .map(|spec| spec.example.to_owned())
            .take(MAX_CHOICES - 1)
            .collect();
        let question = "I'm not sure what you're after. Is it one of these?".to_owned();
        Clarify {
            doubt: Doubt::Unsure,
            question,
            choices,
            about: Box::new(reading.question.clone()),
        }
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

fn takes_namespace(arguments: &[arguments::Argument]) -> bool {
    arguments.iter().any(|argument| argument.slot == Slot::Namespace)
        || arguments
            .iter()
            .any(|argument| argument.slot == Slot::Target && argument.takes("Namespace"))
}

/// The arguments of before with those of now put over them; what stood for another target does not linger.
fn merged(
    before: &Map<String, Value>,
    now: &Map<String, Value>,
    arguments: &[arguments::Argument],
) -> Map<String, Value> {
    let mut merged = before.clone();
    for argument in arguments {
        if matches!(
            argument.slot,
            Slot::Target | Slot::Targets | Slot::Namespace | Slot::Kind | Slot::Fresh | Slot::Text
        ) {
            merged.remove(argument.name());
        }
    }
    for (name, value) in now {
        merged.insert(name.clone(), value.clone());
    }
    merged
}

fn find_ignoring_case(text: &str, said: &str) -> Option<usize> {
    if said.is_empty() {
        return None;
    }
    let is_edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && c != '-');
    text.char_indices().map(|(at, _)| at).find(|at| {
        text.get(*at..*at + said.len())
            .is_some_and(|part| part.eq_ignore_ascii_case(said))
            && is_edge(text.get(..*at).and_then(|before| before.chars().next_back()))
            && is_edge(
                text.get(*at + said.len()..)
                    .and_then(|after| after.chars().next()),
            )
    })
}
