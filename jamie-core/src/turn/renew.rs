//! News of something that is remembered in, the note or name that it replaces out: "they shifted it, it runs at 5 now".

use std::collections::BTreeSet;

use jiff::SignedDuration;

use super::{Turn, known::telling_words, telling::Known};
use crate::{
    memory::{About, Fact},
    understand::Taught,
};

impl Turn {
    /// Takes "they shifted it! the batch runs at 5 now" for news of the note about the batch, where there is one; `false`
    /// where it is about none.
    pub(super) fn renews_note(&mut self) -> bool {
        if self.picked.is_some() || self.telltale.heard || self.text.contains('?') {
            return false;
        }
        if let Some(name) = self.corrected_name() {
            self.learn(&name);
            return true;
        }
        let text = self.text.clone();
        let changed = says_changed(&text);
        let news = text
            .split(['.', '!', ';', ',', '\n'])
            .map(str::trim)
            .filter(|clause| changed && clause.contains(|c: char| c.is_ascii_digit()))
            .find_map(|clause| {
                let bones = bones(clause);
                let known = self.history.known.iter().find(|known| {
                    matches!(known.fact.about, About::Note(_) | About::Preference(_))
                        && bones.len() > 1
                        && self::bones(&known.fact.value) == bones
                })?;
                Some(renewed(known, clause))
            })
            .or_else(|| self.moved_note(&text).filter(|_| changed))
            .or_else(|| self.corrected_note(&text));
        if let Some(taught) = &news {
            self.learn(taught);
        }
        news.is_some()
    }

    /// "The backups got moved, they run at 05:50 now": the note that has most of its words, and something else.
    fn moved_note(&self, text: &str) -> Option<Taught> {
        const MOST: f64 = 0.6;
        let moved = says_moved(text);
        let (known, _) = self
            .nearest_note(text)
            .filter(|(_, share)| *share >= if moved { MOST } else { 1.0 })?;
        let new: BTreeSet<&str> = numbers(text)
            .difference(&numbers(&known.fact.value))
            .copied()
            .collect();
        let old = numbers(&known.fact.value);
        // "It isn't in 417 any more, it's in 932 now".
        if let ([old], [new]) = (
            old.iter().collect::<Vec<_>>().as_slice(),
            new.iter().collect::<Vec<_>>().as_slice(),
        ) {
            return Some(renewed(known, &known.fact.value.replace(**old, new)));
        }
        if !moved && new.len() != 1 || new.is_empty() != old.is_empty() {
            return None;
        }
        let bones = bones(&known.fact.value);
        let shared = |clause: &&str| self::bones(clause).intersection(&bones).count();
        let clause = text
            .split(['.', '!', ';', ',', '\n'])
            .map(str::trim)
            .filter(|clause| !clause.to_lowercase().starts_with("not "))
            .max_by_key(shared)
            .filter(|clause| shared(clause) > 1);
        Some(renewed(known, clause.unwrap_or(text)))
    }

    /// The note of whose words the text has the largest share, and two at least.
    fn nearest_note(&self, text: &str) -> Option<(&Known, f64)> {
        let said = bones(text);
        self.history
            .known
            .iter()
            .filter(|known| matches!(known.fact.about, About::Note(_) | About::Preference(_)))
            .filter_map(|known| {
                let bones = bones(&known.fact.value);
                let shared = bones.intersection(&said).count();
                (shared > 1).then(|| (known, shared as f64 / bones.len() as f64))
            })
            .max_by(|(_, one), (_, other)| one.total_cmp(other))
    }

    /// "I told you wrong, ledger is operated by the Oslo people": the note that has most of its words.
    fn corrected_note(&self, text: &str) -> Option<Taught> {
        const MOST: f64 = 0.5;
        let lower = text.to_lowercase();
        if !REGRETS.iter().any(|regret| lower.contains(regret)) {
            return None;
        }
        let (known, _) = self.nearest_note(text).filter(|(_, share)| *share >= MOST)?;
        // What is said behind the regret, where that speaks of the same.
        let news = text
            .rsplit_once([',', ':', '.', ';'])
            .map_or(text, |(_, news)| news)
            .trim();
        let whole = bones(news).intersection(&bones(&known.fact.value)).count() > 1;
        Some(renewed(known, if whole { news } else { text }))
    }

    /// "Sorry, I mistyped, it is Catarina": a name much like the one that the person gave just before.
    fn corrected_name(&self) -> Option<Taught> {
        const ALIKE: f64 = 0.75;
        const LATELY: SignedDuration = SignedDuration::from_mins(30);
        let known = self.history.known.iter().find(|known| {
            !known.team
                && matches!(known.fact.about, About::Name)
                && self.now.duration_since(known.at) < LATELY
        })?;
        let before = known.fact.value.to_lowercase();
        let name = self
            .text
            .split(|c: char| !(c.is_alphabetic() || matches!(c, '-' | '\'' | '’')))
            .filter(|word| word.starts_with(char::is_uppercase) && word.len() > 2)
            .find(|word| {
                let word = word.to_lowercase();
                word != before && strsim::jaro_winkler(&word, &before) >= ALIKE
            })?;
        Some(renewed(known, name))
    }
}

/// Words that say that something is not as it was.
const CHANGED: &[&str] = &[
    "now",
    "not",
    "instead",
    "actually",
    "moved",
    "shifted",
    "changed",
    "correction",
    "update",
    "updated",
    "anymore",
    "longer",
];

/// What somebody says who takes back what they told.
const REGRETS: &[&str] = &[
    "told you wrong",
    "was wrong what i",
    "what i said was wrong",
    "what i told you was wrong",
    "i was wrong",
    "correction",
    "i misspoke",
    "i got that wrong",
    "i got it wrong",
];

/// A note with another text.
fn renewed(known: &Known, value: &str) -> Taught {
    Taught {
        fact: Fact {
            about: known.fact.about.clone(),
            value: value.to_owned(),
        },
        for_team: known.team,
    }
}

pub(super) fn says_changed(text: &str) -> bool {
    text.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .any(|word| CHANGED.contains(&word))
}

/// What a note is about, without the numbers, days and months in it.
pub(super) fn bones(value: &str) -> BTreeSet<String> {
    const DATES: &[&str] = &[
        "mon", "tue", "wed", "thu", "fri", "sat", "sun", "jan", "feb", "mar", "apr", "jun", "jul", "aug",
        "sep", "oct", "nov", "dec",
    ];
    let is_date = |word: &str| {
        word.len() >= 3
            && DATES.iter().any(|date| word.starts_with(date))
            && (word.len() == 3
                || word.trim_end_matches('s').ends_with("day")
                || word.ends_with("ber")
                || word.ends_with("ary"))
    };
    telling_words(value)
        .into_iter()
        .filter(|word| {
            !word.contains(|c: char| c.is_ascii_digit())
                && !is_date(word)
                && !CHANGED.contains(&word.as_str())
                && !matches!(word.as_str(), "at" | "from" | "no" | "am" | "pm" | "oclock")
        })
        .collect()
}

/// Words with a digit in them.
fn numbers(text: &str) -> BTreeSet<&str> {
    text.split(|c: char| !(c.is_alphanumeric() || matches!(c, ':' | '-' | '.')))
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(|word| word.contains(|c: char| c.is_ascii_digit()))
        .collect()
}

/// Whether it says in so many words that something is elsewhere or otherwise from now on; "not" and "now" say so together.
fn says_moved(text: &str) -> bool {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).collect();
    let has = |word: &str| words.contains(&word);
    has("now") && has("not")
        || words
            .iter()
            .any(|word| CHANGED.contains(word) && !matches!(*word, "now" | "not"))
}
