//! What is to be forgotten in; which records that is, and a sentence that says so, out.

use super::{
    Oblivion, Phase, Turn,
    known::{shares, telling_words},
    teach::understood,
    telling::Known,
};
use crate::{
    Result,
    memory::{About, Forget, Kind},
    understand::{CONFIRMATION, Forgotten, REFUSAL},
};

/// The share of the words that a fact must have where it is named by a whole sentence.
const ALIKE: f64 = 0.6;

impl Turn {
    /// What is to be erased before anything is kept.
    pub(super) fn oblivion(&self) -> Oblivion {
        if self.telltale.erase {
            Oblivion::Person
        } else {
            Oblivion::Records(self.telltale.forget.clone())
        }
    }

    /// It is erased, or not; of somebody who wants to be forgotten this turn is not kept either.
    pub(super) fn forgotten(&mut self, result: Result<()>) {
        self.phase = Phase::Remembering;
        match result {
            Ok(()) if self.telltale.erase => self.end(Ok(())),
            Ok(()) => {}
            Err(error) if self.telltale.erase => self.late_notes.push(format!(
                "Not all of it may be gone: {}. Say it again in a moment, or run `jamie memory forget`.",
                error.message().trim_end_matches('.')
            )),
            Err(error) => self.late_notes.push(format!(
                "I could not forget it after all: {}. It is as it was; say it again in a moment.",
                error.message().trim_end_matches('.')
            )),
        }
    }

    /// Forgets; `false` where nothing is known that could be meant, and something else may be.
    pub(super) fn unlearn(&mut self, forgotten: &Forgotten) -> bool {
        match forgotten {
            Forgotten::Last => {
                let Some(last) = self.newest() else {
                    return false;
                };
                self.drop_facts(vec![last]);
            }
            Forgotten::Mine(what) => {
                let mine: Vec<Known> = self.find(|known| !known.team && known.fact.about.parts().0 == what);
                if mine.is_empty() {
                    self.tell("There is nothing of the kind in my notes.");
                } else {
                    self.drop_facts(mine);
                }
            }
            Forgotten::Nothing => self.tell("Nothing is erased, then. It all stays as it was."),
            Forgotten::Everything { confirmed: true } => {
                self.telltale.erase = true;
                self.tell("Done: all that I kept about you is gone, our talks included. What holds for the team stays, without your name. Pleased to meet you.");
            }
            Forgotten::Everything { confirmed: false } => {
                self.telltale.question = Some((
                    "That erases all that I keep about you: your facts, our talks, your opinions of answers; it cannot be undone, and `jamie memory export` would save a copy first. Shall I?".to_owned(),
                    vec![CONFIRMATION.to_owned(), REFUSAL.to_owned()],
                ));
            }
            Forgotten::About { words, sure } => {
                let found = self.meant_by(words);
                if found.is_empty() {
                    if *sure {
                        self.tell(format!(
                            "I have nothing about “{words}” in my notes, so there is nothing to forget."
                        ));
                    }
                    return *sure;
                }
                self.drop_facts(found);
            }
        }
        true
    }

    /// The fact that the person taught last, where that was in the talk of today.
    fn newest(&self) -> Option<Known> {
        let day = jiff::SignedDuration::from_hours(24);
        self.history
            .known
            .iter()
            .filter(|known| known.by == self.request.person.id && self.now.duration_since(known.at) < day)
            .max_by_key(|known| known.at)
            .cloned()
    }

    fn find(&self, fits: impl Fn(&Known) -> bool) -> Vec<Known> {
        self.history
            .known
            .iter()
            .filter(|known| fits(known))
            .cloned()
            .collect()
    }

    /// What words mean: an alias by its word, else what says much the same, else what is about it.
    fn meant_by(&self, words: &str) -> Vec<Known> {
        let words = words.to_lowercase();
        let alias = self.find(|known| match &known.fact.about {
            About::Alias(word) | About::Namespace(word) | About::App(word) => {
                format!(" {words} ").contains(&format!(" {word} "))
            }
            About::Name => known.fact.value.eq_ignore_ascii_case(&words),
            _ => false,
        });
        if !alias.is_empty() {
            return alias;
        }
        let wanted = telling_words(&words);
        if wanted.is_empty() {
            return Vec::new();
        }
        let share = |known: &Known| {
            let text = format!("{} {}", known.fact.words(), understood(&known.fact));
            let there = wanted
                .iter()
                .filter(|word| shares(&text, std::slice::from_ref(word)))
                .count();
            there as f64 / wanted.len() as f64
        };
        let best = self.history.known.iter().map(share).fold(0.0, f64::max);
        if best < ALIKE {
            return Vec::new();
        }
        self.find(|known| share(known) >= best)
    }

    fn drop_facts(&mut self, facts: Vec<Known>) {
        let may = self.kit.teachers.may_teach(&self.request.person);
        let (gone, kept): (Vec<Known>, Vec<Known>) = facts
            .into_iter()
            .partition(|known| !known.team || may || known.by == self.request.person.id);
        for known in &gone {
            let key = known.fact.key();
            self.telltale.forget.push(if known.team {
                Forget::key(Kind::TeamFact, key)
            } else {
                Forget::key(Kind::Fact, format!("{}\u{1f}{key}", self.request.person.id))
            });
            self.history
                .known
                .retain(|other| other.team != known.team || other.fact.key() != known.fact.key());
            if !known.team && matches!(known.fact.about, About::Name) {
                self.voice.name.clone_from(&self.request.person.name);
            }
        }
        // What the team knows comes to light again where the person's own fact stood before it.
        self.history.renew_profile();
        self.adapt();
        for known in &gone {
            let whose = if known.team { ", and so has the team" } else { "" };
            self.tell(format!(
                "Forgotten: {} ({}){whose}.",
                understood(&known.fact),
                self.told_by(known)
            ));
        }
        for known in &kept {
            self.tell(format!(
                "“{}” holds for the team: {} may take it back.",
                known.fact.value,
                self.kit.teachers.who()
            ));
        }
    }
}
