//! A question's words in, what each weighs and how well they fit a phrase out.

use std::collections::{HashMap, HashSet};

use super::{Compiled, Intents, KIND, LIGHT, Signals};
use crate::understand::lexicon::{self, stem};

impl Intents {
    pub(super) fn weigh(&self, signals: &Signals) -> Weighed {
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
pub(super) struct Weighed {
    total: f32,
    /// The share of it that words have which say something by themselves.
    pub(super) content: f32,
    words: Vec<f32>,
    by_term: HashMap<usize, Vec<(usize, f32)>>,
    order: Vec<usize>,
}

impl Weighed {
    /// The share of the question that these terms cover.
    pub(super) fn cover(&self, covers: impl Fn(usize) -> bool) -> f32 {
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
    pub(super) fn fit(&self, phrase: &Compiled, tool_cover: f32) -> Option<f32> {
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

/// How much a word says by itself, before it is known how many tools use it.
pub(super) fn base_weight(word: &str) -> f32 {
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
pub(super) fn is_content(word: &str) -> bool {
    base_weight(word) >= 0.45
        && !matches!(
            word,
            "why" | "when" | "where" | "can" | "not" | "more" | "most" | "all" | "keep" | "keeps"
        )
}
