//! Labelled sentences in, which label the words of another most likely have out: multinomial naive Bayes over words and
//! pairs of neighbours (Manning, Raghavan, Schütze: Introduction to Information Retrieval, chapter 13).

use std::collections::{HashMap, HashSet};

/// What every word counts under every label beside how often it was seen there.
const SMOOTHING: f32 = 0.05;
/// The word before the first and behind the last.
const EDGE: u32 = 0;
/// Stands for the second of a pair that is a single word.
const ALONE: u32 = u32::MAX;
/// A word that was never seen.
const UNKNOWN: u32 = u32::MAX - 1;

/// How often words and pairs were seen under each label.
#[derive(Debug, Clone, Default)]
pub(super) struct Bayes {
    labels: Vec<&'static str>,
    /// How many sentences have the label.
    sentences: Vec<f32>,
    /// How many words and pairs they have.
    total: Vec<f32>,
    words: HashMap<String, u32>,
    /// In how many sentences a word is.
    seen: HashMap<u32, usize>,
    counts: HashMap<(u32, u32), Vec<f32>>,
}

impl Bayes {
    /// Learns a sentence.
    pub(super) fn learn(&mut self, words: Vec<String>, label: &'static str) {
        let words = self.learn_words(words, label);
        for word in words.iter().collect::<HashSet<_>>() {
            *self.seen.entry(*word).or_default() += 1;
        }
        let label = self.label(label);
        count(&mut self.sentences, label);
    }

    /// Learns the words of what is no whole sentence: it makes its label no likelier by itself.
    pub(super) fn learn_words(&mut self, words: Vec<String>, label: &'static str) -> Vec<u32> {
        let label = self.label(label);
        let words: Vec<u32> = merged(words)
            .into_iter()
            .map(|word| {
                let next = u32::try_from(self.words.len() + 1).unwrap_or(UNKNOWN);
                *self.words.entry(word).or_insert(next)
            })
            .collect();
        for feature in features(&words) {
            count(self.counts.entry(feature).or_default(), label);
            count(&mut self.total, label);
        }
        words
    }

    /// Whether the word is in an example.
    pub(super) fn knows(&self, word: &str) -> bool {
        self.words.contains_key(word)
    }

    /// In how many of the sentences the word is.
    pub(super) fn seen(&self, word: &str) -> usize {
        self.words
            .get(word)
            .and_then(|word| self.seen.get(word))
            .copied()
            .unwrap_or_default()
    }

    /// The likeliest label but `other`, with how much likelier than that it is, as a logarithm.
    pub(super) fn likeliest(&self, words: Vec<String>, other: &str) -> Option<(&'static str, f32)> {
        let words: Vec<u32> = merged(words)
            .iter()
            .map(|word| self.words.get(word).copied().unwrap_or(UNKNOWN))
            .collect();
        let kinds = self.counts.len() as f32;
        let known: Vec<&Vec<f32>> = features(&words)
            .into_iter()
            .filter_map(|feature| self.counts.get(&feature))
            .collect();
        let likelihood = |label: usize| {
            let of = |counts: &[f32]| counts.get(label).copied().unwrap_or_default();
            let all = of(&self.total) + SMOOTHING * kinds;
            known
                .iter()
                .map(|counts| ((of(counts) + SMOOTHING) / all).ln())
                .sum::<f32>()
                + of(&self.sentences).ln()
        };
        let other = likelihood(self.labels.iter().position(|label| *label == other)?);
        self.labels
            .iter()
            .enumerate()
            .map(|(at, label)| (*label, likelihood(at) - other))
            .filter(|(_, margin)| *margin > 0.0)
            .max_by(|(_, one), (_, two)| one.total_cmp(two))
    }

    fn label(&mut self, label: &'static str) -> usize {
        self.labels
            .iter()
            .position(|known| *known == label)
            .unwrap_or_else(|| {
                self.labels.push(label);
                self.labels.len() - 1
            })
    }
}

/// A name of several words is one.
fn merged(mut words: Vec<String>) -> Vec<String> {
    words.dedup_by(|word, before| word == before);
    words
}

/// The words, and the pairs of neighbours, each once.
fn features(words: &[u32]) -> HashSet<(u32, u32)> {
    let before = [EDGE].into_iter().chain(words.iter().copied());
    let behind = words.iter().copied().chain([EDGE]);
    before
        .zip(behind)
        .chain(words.iter().map(|word| (*word, ALONE)))
        .collect()
}

fn count(counts: &mut Vec<f32>, label: usize) {
    if counts.len() <= label {
        counts.resize(label + 1, 0.0);
    }
    if let Some(count) = counts.get_mut(label) {
        *count += 1.0;
    }
}
