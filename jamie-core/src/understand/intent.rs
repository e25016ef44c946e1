//! The tools' phrases in, a score per tool for a question's words out.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use serde_json::Value;

use super::{
    arguments::Argument,
    kinds,
    lexicon::{self, stem},
    pairs,
    spelling::Vocabulary,
    stance::Stance,
    words,
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

/// What a message has, or a phrase wants, beside words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)]
pub(super) struct Has {
    pub(super) targets: usize,
    pub(super) kind: bool,
    pub(super) namespace: bool,
    /// Whether the whole cluster is named.
    pub(super) everywhere: bool,
    pub(super) time: bool,
    pub(super) count: bool,
    pub(super) quoted: bool,
    /// Whether an image or a version number is named.
    pub(super) image: bool,
}

/// What a clause says, for the scoring.
#[derive(Debug, Clone, Default)]
pub(super) struct Signals {
    /// Its words without names, times and amounts.
    pub(super) words: Vec<String>,
    /// Words that stand where an order does.
    pub(super) orders: Vec<String>,
    /// Those of them that are kinds.
    pub(super) kinds: Vec<String>,
    pub(super) has: Has,
    /// Whether it speaks of trouble.
    pub(super) troubled: bool,
    /// Whether a word of it means trouble, whatever else it says.
    pub(super) ails: bool,
    /// Whether it asks for a reason.
    pub(super) asks_why: bool,
    /// Whether the only thing named is a namespace.
    pub(super) place_only: bool,
    /// Whether it can be answered by yes or no.
    pub(super) confirms: bool,
    /// The kinds of its targets.
    pub(super) target_kinds: Vec<String>,
    /// Whether it begins like a question rather than an order.
    pub(super) asks: bool,
    /// How it stands to what it speaks of.
    pub(super) stance: Stance,
}

/// How well a tool fits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fit {
    pub(super) tool: usize,
    pub(super) phrase: usize,
    pub(super) score: f32,
    /// The part of the score that words earned; a bare name earns none.
    pub(super) words: f32,
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

    fn weigh(&self, signals: &Signals) -> Weighed {
        let mut weighed = Weighed {
            total: 0.0,
            content: 0.0,
            words: Vec::new(),
            by_term: HashMap::new(),
            order: Vec::new(),
        };
        let mut unknown = 0.0_f32;
        let mut seen = HashSet::new();
        for word in &signals.words {
            let stem = stem(word);
            let mut fits = self.fits.get(&stem).cloned().unwrap_or_default();
            if signals.kinds.contains(word)
                && let Some(any_kind) = self.fits.get(KIND)
            {
                fits.extend(any_kind);
            }
            if fits.is_empty() {
                if lexicon::english(word) != lexicon::English::Filler {
                    unknown += 0.06;
                }
                continue;
            }
            if !seen.insert(stem) {
                continue;
            }
            let weight = base_weight(word)
                * fits
                    .iter()
                    .map(|(term, near)| self.telling.get(*term).copied().unwrap_or(0.0) * near.sqrt())
                    .fold(0.0, f32::max);
            let place = weighed.words.len();
            weighed.words.push(weight);
            weighed.total += weight;
            if is_content(word) {
                weighed.content += weight;
            }
            for (term, near) in &fits {
                weighed.by_term.entry(*term).or_default().push((place, *near));
            }
            if let Some((term, _)) = fits.iter().find(|(_, near)| *near >= 1.0) {
                weighed.order.push(*term);
            }
        }
        weighed.total += unknown.min(0.3);
        weighed
    }
}

/// A question's words, weighed.
struct Weighed {
    total: f32,
    /// The share of it that words have which say something by themselves.
    content: f32,
    words: Vec<f32>,
    by_term: HashMap<usize, Vec<(usize, f32)>>,
    order: Vec<usize>,
}

impl Weighed {
    /// The share of the question that these terms cover.
    fn cover(&self, covers: impl Fn(usize) -> bool) -> f32 {
        let mut best = vec![0.0_f32; self.words.len()];
        for (term, fits) in &self.by_term {
            if covers(*term) {
                for (place, near) in fits {
                    if let Some(best) = best.get_mut(*place) {
                        *best = best.max(*near);
                    }
                }
            }
        }
        self.share(&best)
    }

    fn share(&self, best: &[f32]) -> f32 {
        if self.total <= 0.0 {
            return 0.0;
        }
        self.words
            .iter()
            .zip(best)
            .map(|(weight, near)| weight * near)
            .sum::<f32>()
            / self.total
    }

    /// How well the words fit a phrase; `None` when a phrase that has words shares none with the question.
    fn fit(&self, phrase: &Compiled, tool_cover: f32) -> Option<f32> {
        if phrase.terms.is_empty() {
            return Some(0.0);
        }
        let mut best = vec![0.0_f32; self.words.len()];
        let mut covered = 0.0;
        let mut lacking = 0.0;
        let mut telling = 0.0_f32;
        let mut says_something = phrase.content.is_empty();
        for (term, weight) in &phrase.terms {
            let mut nearest = 0.0_f32;
            for (place, near) in self.by_term.get(term).into_iter().flatten() {
                nearest = nearest.max(*near);
                if let Some(best) = best.get_mut(*place) {
                    *best = best.max(*near);
                }
            }
            covered += weight * nearest;
            // "api is crashing" lacks no more than a "why" of "why is {target} crashing".
            let missed = weight * (1.0 - nearest);
            lacking += if nearest == 0.0 && phrase.why == Some(*term) {
                missed * LIGHT
            } else {
                missed
            };
            telling = telling.max(weight * nearest);
            says_something |= nearest > 0.0 && phrase.content.contains(term);
        }
        if covered <= 0.0 {
            return None;
        }
        let precision = 0.65 * self.share(&best) + 0.35 * tool_cover;
        let recall = covered / (covered + lacking);
        let in_order = phrase
            .terms
            .windows(2)
            .filter(|pair| {
                let place = |at: usize| {
                    pair.get(at)
                        .and_then(|(term, _)| self.order.iter().position(|seen| seen == term))
                };
                matches!((place(0), place(1)), (Some(a), Some(b)) if a < b)
            })
            .count() as f32;
        let fit = (precision * recall).sqrt() + 0.02 * in_order.min(3.0) + 0.03 * telling;
        // A phrase of light words says little.
        let fit = fit * covered / (covered + 0.04);
        // "can … not" alone is no sign of "why can it not be scheduled".
        let light = phrase.content.is_empty() && recall < 0.75;
        Some(if says_something && !light { fit } else { fit * 0.5 })
    }
}

/// The score of a phrase that is nothing but placeholders: the less is asked otherwise, the better.
/// "Feeder down, fish are hungry" says that something ails, and all else only goes with it.
fn bare(said: f32, wants: Has, has: Has, ails: bool) -> f32 {
    let fits = (wants.targets == 0 || has.targets >= wants.targets)
        && (!wants.kind || has.kind)
        && (!wants.namespace || has.namespace);
    if !fits {
        return 0.0;
    }
    match (said < 0.25, ails && wants.targets > 0) {
        (true, _) => 0.6,
        (false, true) => 0.52,
        (false, false) => 0.36,
    }
}

/// How what is there fits what the phrase has places for.
fn placeholders(wants: Has, has: Has) -> f32 {
    let mut factor = match (wants.targets, has.targets) {
        (0, 0) => 1.0,
        (0, 1) => 0.62,
        (0, _) => 0.6,
        (_, 0) if has.namespace => 0.85,
        (_, 0) => 0.62,
        (wants, has) if wants > has => 0.72,
        (wants, has) if has > wants => 0.96,
        (2, 2) => 1.1,
        _ => 1.0,
    };
    let lacking_place = match has {
        Has { everywhere: true, .. } => 0.92,
        Has { targets: 0, .. } => 0.62,
        _ => 0.9,
    };
    let unasked_kind = if has.targets == 0 { 0.8 } else { 1.0 };
    let pairs = [
        (wants.kind, has.kind, 0.75, unasked_kind),
        (wants.namespace, has.namespace, lacking_place, 0.97),
        (wants.time, has.time, 0.88, 0.88),
        (wants.count, has.count, 0.85, 0.95),
        (wants.quoted, has.quoted, 0.7, 0.88),
    ];
    let pairs = pairs.into_iter().chain([(wants.image, has.image, 0.8, 0.85)]);
    for (wants, has, lacking, unasked) in pairs {
        factor *= match (wants, has) {
            (true, false) => lacking,
            (false, true) => unasked,
            _ => 1.0,
        };
    }
    factor
}

/// How much a word says by itself, before it is known how many tools use it.
fn base_weight(word: &str) -> f32 {
    match word {
        "who" => 0.9,
        "why" | "when" => 0.6,
        "where" | "can" => 0.45,
        "may" | "allowed" => 0.6,
        "i" | "am" => 0.25,
        "how" => 0.3,
        "which" => 0.3,
        "not" | "up" | "down" | "wrong" | "well" | "ok" | "okay" | "more" | "most" | "all" | "keep"
        | "keeps" => 0.5,
        "since" | "before" | "after" | "until" | "off" | "out" | "between" | "to" | "from" | "much" => 0.2,
        "show" | "display" | "print" | "fetch" | "view" | "find" | "help" => 0.2,
        "check" | "explain" => 0.45,
        "pod" | "pods" | "run" | "running" | KIND => 0.5,
        _ if lexicon::is_filler(word) => 0.08,
        _ => 1.0,
    }
}

/// Whether a word says by itself what is wanted.
fn is_content(word: &str) -> bool {
    base_weight(word) >= 0.45
        && !matches!(
            word,
            "why" | "when" | "where" | "can" | "not" | "more" | "most" | "all" | "keep" | "keeps"
        )
}

#[derive(Debug, Default)]
struct Compiler {
    tools: Vec<Asked>,
    phrases: Vec<Compiled>,
    terms: HashMap<String, usize>,
    surfaces: BTreeSet<String>,
    titles: HashMap<String, usize>,
    verbs: HashSet<String>,
    changing: HashSet<String>,
}

impl Compiler {
    fn add(&mut self, tool: &Arc<dyn Tool>) {
        let spec = tool.spec();
        let at = self.tools.len();
        let mut used = HashSet::new();
        let mut surfaces = HashSet::new();
        for phrase in &spec.phrases {
            let (said, wants) = parse(phrase.text);
            let mut terms: Vec<(usize, f32)> = Vec::new();
            let mut content = HashSet::new();
            for (place, word) in said.iter().enumerate() {
                let stem = stem(word);
                if place == 0 && !lexicon::is_filler(word) {
                    self.verbs.insert(stem.clone());
                    if spec.effect != Effect::Read && base_weight(word) >= 1.0 {
                        self.changing.insert(stem.clone());
                    }
                }
                let next = self.terms.len();
                let term = *self.terms.entry(stem).or_insert(next);
                if !terms.iter().any(|(seen, _)| *seen == term) {
                    terms.push((term, base_weight(word)));
                    if is_content(word) {
                        content.insert(term);
                    }
                    used.insert(term);
                }
                self.surfaces.insert(word.clone());
                surfaces.insert(word.clone());
            }
            self.phrases.push(Compiled {
                tool: at,
                text: phrase.text,
                args: phrase.args.clone(),
                terms,
                content,
                counts: said.iter().any(|word| word == HOW_MANY),
                asks_why: said.iter().any(|word| word == "why"),
                seeks: said.first().is_some_and(|word| {
                    matches!(word.as_str(), "what" | "which" | "where" | "who" | HOW_MANY)
                }),
                troubled: said.iter().any(|word| lexicon::is_trouble(word) || word == "not"),
                why: self.terms.get("why").copied(),
                weight: 0.0,
                wants,
            });
        }
        for word in spec.name.split('_') {
            if !lexicon::is_filler(word) {
                self.titles.insert(stem(word), at);
            }
        }
        self.tools.push(Asked {
            tool: Arc::clone(tool),
            arguments: Argument::of(&spec.schema),
            terms: used,
            surfaces,
        });
    }

    fn finish(mut self) -> Intents {
        let count = self.tools.len().max(1) as f32;
        let mut telling = vec![0.0; self.terms.len()];
        for (term, telling) in telling.iter_mut().enumerate() {
            let users = self
                .tools
                .iter()
                .filter(|asked| asked.terms.contains(&term))
                .count()
                .max(1) as f32;
            *telling = (1.0 + count / users).ln() / (1.0 + count).ln();
        }
        for phrase in &mut self.phrases {
            for (term, weight) in &mut phrase.terms {
                *weight *= telling.get(*term).copied().unwrap_or(0.0);
            }
            phrase.weight = phrase
                .terms
                .iter()
                .map(|(_, weight)| weight)
                .sum::<f32>()
                .max(f32::MIN_POSITIVE);
        }
        let fits = self.fits();
        let known: HashSet<String> = fits.keys().cloned().collect();
        let vocabulary = self.vocabulary();
        Intents {
            tools: self.tools,
            phrases: self.phrases,
            telling,
            fits,
            vocabulary,
            known,
            titles: self.titles,
            verbs: self.verbs,
            changing: self.changing,
        }
    }

    /// Which terms each stem fits: itself, its close group, its wide group.
    fn fits(&self) -> HashMap<String, Vec<(usize, f32)>> {
        let mut fits: HashMap<String, Vec<(usize, f32)>> = HashMap::new();
        for (word, term) in &self.terms {
            fits.entry(word.clone()).or_default().push((*term, 1.0));
        }
        let stems = |words: &[&str]| words.iter().map(|word| stem(word)).collect::<BTreeSet<String>>();
        let symmetric = |group: &&[&str], near: f32| (stems(group), stems(group), near);
        let groups = lexicon::CLOSE
            .iter()
            .map(|group| symmetric(group, CLOSE))
            .chain([
                (stems(lexicon::TROUBLE), stems(lexicon::TROUBLE), TROUBLE),
                (stems(lexicon::SYMPTOMS), stems(lexicon::TROUBLE), TROUBLE),
            ])
            .chain(lexicon::WIDE.iter().map(|group| symmetric(group, WIDE)));
        for (said, meant, near) in groups {
            let terms: Vec<usize> = meant
                .iter()
                .filter_map(|stem| self.terms.get(stem).copied())
                .collect();
            for stem in said {
                let fits = fits.entry(stem).or_default();
                for term in &terms {
                    if !fits.iter().any(|(seen, _)| seen == term) {
                        fits.push((*term, near));
                    }
                }
            }
        }
        fits.retain(|_, fits| !fits.is_empty());
        fits
    }

    /// The words that typos are mended to, in the forms people write.
    fn vocabulary(&self) -> Vocabulary {
        let mut vocabulary = Vocabulary::default();
        for word in &self.surfaces {
            for form in forms(word) {
                vocabulary.add(&form, 3);
            }
            vocabulary.add(word, 5);
        }
        for word in lexicon::CLOSE
            .iter()
            .copied()
            .flatten()
            .chain(lexicon::TROUBLE)
            .chain(lexicon::SYMPTOMS)
        {
            for form in forms(word) {
                vocabulary.add(&form, 1);
            }
            vocabulary.add(word, 3);
        }
        for word in kinds::words() {
            vocabulary.add(&word, 4);
        }
        for word in lexicon::SENTENCE_WORDS {
            vocabulary.add(word, 4);
        }
        vocabulary.finish();
        vocabulary
    }
}

/// A word's usual forms.
fn forms(word: &str) -> Vec<String> {
    if word.len() < 3 || lexicon::is_filler(word) {
        return Vec::new();
    }
    let base = word.strip_suffix('e').unwrap_or(word);
    vec![format!("{word}s"), format!("{base}ed"), format!("{base}ing")]
}

/// A phrase's words, and what it has places for.
fn parse(phrase: &str) -> (Vec<String>, Has) {
    let mut has = Has::default();
    let mut plain = String::new();
    let mut kind_at = None;
    for piece in phrase.split_whitespace() {
        let name = piece
            .find('{')
            .and_then(|open| piece.get(open + 1..))
            .and_then(|rest| rest.split('}').next());
        match name {
            Some("target") => has.targets += 1,
            Some("kind") => {
                has.kind = true;
                kind_at = Some(plain.split_whitespace().count());
            }
            Some("namespace") => has.namespace = true,
            Some("time") => has.time = true,
            Some("count") => has.count = true,
            Some("quoted") => has.quoted = true,
            Some("image") => has.image = true,
            _ => {
                plain.push_str(piece);
                plain.push(' ');
            }
        }
    }
    let tokens = pairs::join(words::split(&plain));
    let mut said: Vec<String> = tokens.into_iter().map(|token| token.word).collect();
    if let Some(at) = kind_at {
        said.insert(at.min(said.len()), KIND.to_owned());
    }
    (said, has)
}
