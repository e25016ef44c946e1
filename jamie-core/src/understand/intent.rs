//! The tools' phrases in, a score per tool for a question's words out.

mod compile;
mod score;
mod signals;
mod weigh;

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, OnceLock},
};

use serde_json::Value;

pub(super) use self::signals::{Fit, Has, Signals};
use self::{
    compile::Compiler,
    score::{bare, placeholders},
};
use super::{
    arguments::Argument,
    gist::Gist,
    lexicon::{self, stem},
    spelling::Vocabulary,
    stance::Stance,
};
use crate::{Effect, Slot, Tool, Toolbox};

/// How nearly a word of a close group fits.
const CLOSE: f32 = 0.85;
/// How nearly a word of a wide group fits.
const WIDE: f32 = 0.55;
/// How much a "why" counts that is missing from a question.
const LIGHT: f32 = 0.45;
/// How much more an order counts that stands like one.
const ORDERED: f32 = 1.08;
/// How nearly one word for trouble fits another.
const TROUBLE: f32 = 0.8;
/// The term that any kind fits.
const KIND: &str = "{kind}";
/// "How many", as one word.
const HOW_MANY: &str = "howmany";

/// The ways in which tools are asked for, compiled from the phrases they declare; built once per toolbox.
#[derive(Debug, Clone)]
pub struct Intents {
    pub(super) tools: Vec<Asked>,
    phrases: Vec<Compiled>,
    /// How telling each term is, 0 to 1, by its place.
    telling: Vec<f32>,
    /// For a stem, the terms of phrases it fits, with how nearly.
    fits: HashMap<String, Vec<(usize, f32)>>,
    /// Every form of every word that is known, and for repair.
    vocabulary: Vocabulary,
    known: HashSet<String>,
    /// Stems in the tools' own names: "logs", "events".
    titles: HashMap<String, usize>,
    /// Stems that begin an imperative phrase: "restart", "scale".
    verbs: HashSet<String>,
    /// Those of them that order a change.
    changing: HashSet<String>,
    /// What is asked of the memory rather than of a tool, learnt when it is first needed.
    gist: Arc<OnceLock<Gist>>,
}

/// One tool, as far as asking for it goes.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) tool: Arc<dyn Tool>,
    pub(super) arguments: Vec<Argument>,
    terms: HashSet<usize>,
    /// The words of its phrases as they stand.
    surfaces: HashSet<String>,
}

impl Asked {
    /// How many objects it cannot do without.
    fn needs(&self) -> usize {
        self.arguments
            .iter()
            .filter(|argument| argument.needs_target())
            .count()
    }
}

#[derive(Debug, Clone)]
struct Compiled {
    tool: usize,
    text: &'static str,
    args: Value,
    terms: Vec<(usize, f32)>,
    /// The terms that say something by themselves.
    content: HashSet<usize>,
    /// Its "why".
    why: Option<usize>,
    /// Whether it asks for a number.
    counts: bool,
    /// Whether it is about trouble.
    troubled: bool,
    asks_why: bool,
    /// Whether it asks for a thing: "what …", "which …".
    seeks: bool,
    weight: f32,
    wants: Has,
}

impl Intents {
    /// Compiles the phrases.
    pub fn new(toolbox: &Toolbox) -> Self {
        let mut compiler = Compiler::default();
        for tool in toolbox.iter() {
            compiler.add(tool);
        }
        compiler.finish()
    }

    /// What tells a question of the memory from one that the tools answer.
    pub(super) fn gist(&self) -> &Gist {
        self.gist
            .get_or_init(|| Gist::new(self.phrases.iter().map(|phrase| phrase.text)))
    }

    pub(super) fn tool(&self, at: usize) -> Option<&Asked> {
        self.tools.get(at)
    }

    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.tools.iter().position(|asked| asked.tool.spec().name == name)
    }

    /// How many objects the phrase has places for.
    pub(super) fn wanted_targets(&self, phrase: usize) -> usize {
        self.phrases.get(phrase).map_or(0, |phrase| phrase.wants.targets)
    }

    pub(super) fn phrase(&self, at: usize) -> Option<(&'static str, &Value)> {
        self.phrases.get(at).map(|phrase| (phrase.text, &phrase.args))
    }

    /// The tool that a bare namespace goes to.
    pub(super) fn of_place(&self) -> Option<usize> {
        self.phrases
            .iter()
            .find(|phrase| phrase.terms.is_empty() && phrase.wants.namespace && phrase.wants.targets == 0)
            .map(|phrase| phrase.tool)
    }

    /// The words that ask for what was found, with `{target}` where the object stands.
    pub(super) fn asking(&self, fit: Fit) -> Option<&'static str> {
        let names_one = |phrase: &&Compiled| {
            phrase.tool == fit.tool
                && !phrase.terms.is_empty()
                && phrase.wants
                    == Has {
                        targets: 1,
                        ..Has::default()
                    }
        };
        let found = self.phrases.get(fit.phrase).filter(names_one);
        found
            .or_else(|| self.phrases.iter().find(names_one))
            .map(|phrase| phrase.text)
    }

    /// Whether some phrase uses the word in some form, or one of like meaning.
    pub(super) fn knows(&self, word: &str) -> bool {
        self.known.contains(&stem(word))
    }

    /// Whether the word itself, in some form, stands in a phrase.
    pub(super) fn uses(&self, word: &str) -> bool {
        self.fits
            .get(&stem(word))
            .is_some_and(|fits| fits.iter().any(|(_, near)| *near >= 1.0))
    }

    /// The tool that has the word in its name.
    pub(super) fn titled(&self, word: &str) -> Option<usize> {
        self.titles.get(&stem(word)).copied()
    }

    /// Whether a phrase orders a change with this word.
    pub(super) fn orders_change(&self, word: &str) -> bool {
        self.changing.contains(&stem(word))
    }

    /// Whether a phrase gives an order with this word.
    pub(super) fn is_order(&self, word: &str) -> bool {
        self.verbs.contains(&stem(word))
    }

    /// The known word that was meant by a typo, and the number of slips.
    pub(super) fn mend(&self, typed: &str) -> Option<(&str, usize)> {
        self.vocabulary.mend(typed)
    }

    /// The tools that fit, best first.
    pub(super) fn rank(&self, signals: &Signals) -> Vec<Fit> {
        let question = self.weigh(signals);
        let counts = signals
            .words
            .iter()
            .any(|word| matches!(word.as_str(), HOW_MANY | "count" | "total" | "number" | "tally"));
        let mut best: Vec<Option<Fit>> = vec![None; self.tools.len()];
        let tool_cover: Vec<f32> = self
            .tools
            .iter()
            .map(|asked| question.cover(|term| asked.terms.contains(&term)))
            .collect();
        for (at, phrase) in self.phrases.iter().enumerate() {
            let cover = tool_cover.get(phrase.tool).copied().unwrap_or(0.0);
            let Some(words) = question.fit(phrase, cover) else {
                continue;
            };
            let mut score = if phrase.terms.is_empty() {
                bare(question.content, phrase.wants, signals.has, signals.ails)
            } else {
                words
            };
            // A namespace by itself is as much a place as a thing.
            let mut has = signals.has;
            if signals.place_only && phrase.wants.targets == 0 && phrase.wants.namespace {
                has.targets = 0;
            }
            score *= placeholders(phrase.wants, has);
            score *= match (phrase.counts, counts) {
                (true, false) => 0.7,
                (false, true) => 0.8,
                _ => 1.0,
            };
            score *= match (phrase.troubled, signals.troubled) {
                (false, true) if !phrase.terms.is_empty() && !self.is_titled(phrase.tool, signals) => 0.7,
                (true, false) => 0.94,
                _ => 1.0,
            };
            if self
                .tools
                .get(phrase.tool)
                .is_some_and(|asked| asked.needs() > signals.has.targets.max(1))
            {
                score *= 0.5;
            }
            if signals.asks_why
                && !phrase.terms.is_empty()
                && (phrase.seeks || (!phrase.troubled && !phrase.asks_why))
            {
                score *= 0.75;
            }
            if signals.confirms && phrase.seeks {
                score *= 0.92;
            }
            if signals.place_only && phrase.wants.targets > 0 {
                score *= 0.93;
            }
            let changes = self.changes(phrase.tool);
            if changes && (signals.asks || !self.is_ordered(phrase.tool, signals)) {
                // "Is the node cordoned?" never asks for it to be cordoned.
                score *= if signals.asks { 0.25 } else { 0.5 };
            }
            // "Allow it to …" is an order, though much the same words ask whether it may.
            if !signals.asks && changes && self.is_ordered(phrase.tool, signals) {
                score *= ORDERED;
            }
            // What is denied, put off, told or asked about is never done.
            if changes && signals.stance != Stance::Open {
                continue;
            }
            if phrase.wants.targets > 0 && !self.takes(phrase.tool, &signals.target_kinds) {
                score *= 0.6;
            }
            if let Some(slot) = best.get_mut(phrase.tool)
                && slot.is_none_or(|fit| score > fit.score)
            {
                *slot = Some(Fit {
                    tool: phrase.tool,
                    phrase: at,
                    score,
                    words,
                });
            }
        }
        let mut ranked: Vec<Fit> = best.into_iter().flatten().filter(|fit| fit.score > 0.0).collect();
        ranked.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.tool.cmp(&b.tool)));
        ranked
    }

    /// All tools, those that fit best first; and whether each is ordered, which a denial rules out.
    pub(super) fn all_by_fit(&self, signals: &Signals, denied: bool) -> Vec<super::Fitting> {
        let ranked = self.rank(signals);
        let rest = (0..self.tools.len()).filter(|at| ranked.iter().all(|fit| fit.tool != *at));
        let all: Vec<usize> = ranked.iter().map(|fit| fit.tool).chain(rest).collect();
        // Only a verb that some phrase begins with orders anything: "and its logs" orders nothing.
        let mut verbs = signals.clone();
        verbs
            .orders
            .retain(|word| self.is_order(word) && !lexicon::is_filler(word));
        all.into_iter()
            .filter_map(|at| {
                let asked = self.tools.get(at)?;
                Some(super::Fitting {
                    tool: asked.tool.spec().name,
                    ordered: !denied && !signals.asks && self.is_ordered(at, &verbs),
                })
            })
            .collect()
    }

    /// Whether the tool is asked for by its name: "logs", "events".
    fn is_titled(&self, tool: usize, signals: &Signals) -> bool {
        signals.words.iter().any(|word| self.titled(word) == Some(tool))
    }

    /// Whether the phrase is about trouble, or is for whatever is named.
    pub(super) fn is_troubled(&self, phrase: usize) -> bool {
        self.phrases
            .get(phrase)
            .is_some_and(|phrase| phrase.troubled || phrase.terms.is_empty())
    }

    /// Whether the tool takes objects of one of these kinds, as far as its schema says.
    fn takes(&self, tool: usize, kinds: &[String]) -> bool {
        let Some(argument) = self.tools.get(tool).and_then(|asked| {
            asked
                .arguments
                .iter()
                .find(|argument| matches!(argument.slot, Slot::Target | Slot::Targets))
        }) else {
            return true;
        };
        kinds.is_empty()
            || kinds
                .iter()
                .any(|kind| argument.takes(kind) || (kind == "Service" && argument.takes("Deployment")))
    }

    /// Whether the tool changes something, and a word orders it.
    pub(super) fn is_ordered_change(&self, tool: usize, signals: &Signals) -> bool {
        signals.stance == Stance::Open && self.changes(tool) && self.is_ordered(tool, signals)
    }

    fn changes(&self, tool: usize) -> bool {
        self.tools
            .get(tool)
            .is_some_and(|asked| asked.tool.spec().effect != Effect::Read)
    }

    /// Whether a word that stands like an order is one for the tool: "restart", not "restarts" or "restarting".
    fn is_ordered(&self, tool: usize, signals: &Signals) -> bool {
        self.tools.get(tool).is_some_and(|asked| {
            let orders = signals.orders.iter().filter(|word| {
                !lexicon::is_determiner(word)
                    && !lexicon::is_pronoun(word)
                    && !lexicon::is_preposition(word)
                    // "List the pods" orders no right to list them.
                    && !matches!(word.as_str(), "list" | "show" | "read" | "view" | "describe" | "count" | "pod" | "pods")
            });
            orders.into_iter().any(|word| {
                let base = stem(word);
                let is_base = *word == base || word.strip_suffix('e') == Some(base.as_str());
                asked.surfaces.contains(word)
                    || (is_base
                        && self.fits.get(&base).is_some_and(|fits| {
                            fits.iter()
                                .any(|(term, near)| *near >= CLOSE && asked.terms.contains(term))
                        }))
            })
        })
    }
}
