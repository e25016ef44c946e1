//! A question in, the notes that answer it or stand beside its answer out: "when does the nightly batch run?"

use super::{Turn, known::telling_words, telling::Known};
use crate::{
    memory::About,
    understand::{learning, telling_stems, telling_weights},
};

/// How much the words of a question that a note holds have to tell.
const LIKELY: u32 = 2;

/// The same word, or the beginning of it: "sync" and "synchronisation".
fn is_alike(one: &str, other: &str) -> bool {
    const LEAST: usize = 4;
    one == other
        || one.len() >= LEAST && other.starts_with(one)
        || other.len() >= LEAST && one.starts_with(other)
}

impl Turn {
    /// Tells a note that holds every word of the question, "what is our pager number?", or most of what it says; `false`
    /// where there is none. What asks something of the estate is looked at there, with the note beside.
    pub(super) fn tells_note(&mut self) -> bool {
        if self.picked.is_some() || self.telltale.heard {
            return false;
        }
        if !self.names_something() && learning::wants_to_know(&self.text) && self.tells_exact_note() {
            return true;
        }
        learning::may_want_to_know(&self.text) && self.tells_likely_note()
    }

    /// Tells the notes that hold most of what the question says, by how much its words tell.
    fn tells_likely_note(&mut self) -> bool {
        // "Pager went at half two, hmm. When does the sync go again": each sentence by itself.
        let wanted: Vec<_> = self
            .text
            .to_lowercase()
            .split_inclusive(['.', '!', '?', ';'])
            .map(|sentence| telling_weights(&self.meant(sentence)))
            .collect();
        // How much of what a sentence tells stands in a note; nothing where that is too little.
        let matched = |known: &Known| -> u32 {
            let there = telling_weights(&self.meant(&known.fact.value.to_lowercase()));
            let each = wanted.iter().map(|wanted| {
                let all: u32 = wanted.values().sum();
                let shared: u32 = wanted
                    .iter()
                    .filter(|(stem, _)| there.keys().any(|there| is_alike(stem, there)))
                    .map(|(_, weight)| weight)
                    .sum();
                if shared * 5 < all * 2 { 0 } else { shared }
            });
            each.max().unwrap_or_default()
        };
        let is_note = |known: &Known| matches!(known.fact.about, About::Note(_) | About::Preference(_));
        let best = self
            .history
            .known
            .iter()
            .filter(|known| is_note(known))
            .map(&matched)
            .max()
            .unwrap_or_default();
        // "Locker number? Forgot mine": of one's own, one word is enough.
        let own = self
            .text
            .to_lowercase()
            .split(|c: char| !c.is_alphabetic())
            .any(|word| matches!(word, "my" | "mine"));
        if best < if own && !self.names_something() { 1 } else { LIKELY } {
            return false;
        }
        let facts = self.listed(|known| is_note(known) && matched(known) == best);
        let asks_the_estate = !self.understood.requests.is_empty();
        for fact in facts {
            let fact = format!("{fact}.");
            if asks_the_estate {
                self.notes.push(fact);
            } else {
                self.tell(fact);
            }
        }
        !asks_the_estate
    }

    fn tells_exact_note(&mut self) -> bool {
        let own = [" our ", " my "]
            .iter()
            .any(|own| self.text.to_lowercase().contains(own));
        let stems = |text: &str| telling_stems(&self.meant(&text.to_lowercase()));
        let wanted = stems(&self.text);
        if wanted.len() < if own { 1 } else { 2 } {
            return false;
        }
        let facts = self.listed(|known| {
            let there = stems(&known.fact.value);
            matches!(known.fact.about, About::Note(_) | About::Preference(_)) && wanted.is_subset(&there)
        });
        let told = !facts.is_empty();
        for fact in facts {
            self.tell(format!("{fact}."));
        }
        told
    }

    /// What people have noted about the objects that are asked about.
    pub(super) fn notes_about_targets(&self) -> Vec<String> {
        const TOLD: usize = 2;
        let names: Vec<String> = self
            .understood
            .requests
            .iter()
            .flat_map(|request| &request.question.targets)
            .map(|target| target.object.name.to_lowercase())
            .collect();
        self.history
            .known
            .iter()
            .filter(|known| matches!(known.fact.about, About::Note(_)))
            .filter(|known| {
                let words = telling_words(&self.meant(&known.fact.value.to_lowercase()));
                names.iter().any(|name| words.contains(name))
            })
            .take(TOLD)
            .map(|known| {
                format!(
                    "**Noted:** “{}” ({}).",
                    known.fact.value.trim_end_matches('.'),
                    self.told_by(known)
                )
            })
            .collect()
    }
}
