//! A question about what is remembered in, what that is and where it comes from out: "what do you know about me?".

use super::{Turn, teach::understood, telling::Known};
use crate::{
    memory::{About, Fact},
    understand::{Asked, telling_stems},
};

/// The most facts that one answer lists.
const LISTED: usize = 40;

impl Turn {
    /// Tells what is remembered; `false` where the question cannot be about that.
    pub(super) fn recount(&mut self, asked: &Asked) -> bool {
        match asked {
            Asked::Me => self.tell_about_me(),
            Asked::Mine(what) => self.tell_mine(what),
            Asked::Word(word) => return self.tell_word(word),
            Asked::Words => self.tell_all(
                "These are the words that I have been taught:",
                "No words of your own yet: “call the payments namespace till” teaches me one.",
                |about| matches!(about, About::Alias(_)),
            ),
            Asked::Rules(about) => self.tell_rules(about.as_deref()),
            Asked::Team => self.tell_team(),
            Asked::About(words) => self.tell_about(words),
            Asked::Source(about) => return self.tell_source(about.as_deref()),
        }
        true
    }

    /// Whether there is anything to tell where it is not certain that the question is one of these.
    pub(super) fn may_know(&self, asked: &Asked) -> bool {
        let any = |fits: &dyn Fn(&Known) -> bool| self.history.known.iter().any(fits);
        let has = |known: &Known, words: &str| {
            shares(
                &known.fact.words(),
                &telling_words(&format!("{words} {}", self.meant(words))),
            )
        };
        match asked {
            Asked::Me => any(&|known| !known.team),
            Asked::Mine(what) => any(&|known| !known.team && known.fact.about.parts().0 == what),
            Asked::Words => any(&|known| matches!(known.fact.about, About::Alias(_))),
            Asked::Rules(about) => any(&|known| {
                matches!(known.fact.about, About::Rule(_))
                    && about.as_ref().is_none_or(|about| has(known, about))
            }),
            Asked::Team => any(&|known| known.team),
            Asked::About(words) => any(&|known| has(known, words)),
            // These say themselves that they know nothing.
            Asked::Word(_) | Asked::Source(_) => true,
        }
    }

    fn tell_about_me(&mut self) {
        let own = self.listed(|known| !known.team);
        let name = self.voice.name.clone();
        let turns = self.history.turns_seen;
        if own.is_empty() {
            let called = name
                .map(|name| format!(" beyond your name, {name}"))
                .unwrap_or_default();
            self.tell(format!(
                "I know nothing about you yet{called}. “Call me …”, “I'm on the … team” or “my time zone is …” would be a start."
            ));
        } else {
            self.tell("This is what I know about you:");
            self.tell_list(own);
        }
        let team = self.history.known.iter().filter(|known| known.team).count();
        let mut sentences = Vec::new();
        if turns > 0 {
            sentences.push("I also remember what we have talked about.".to_owned());
        }
        if team > 0 {
            sentences.push(format!(
                "{team} {} for the whole team (“what do you know about the team?”).",
                if team == 1 { "fact holds" } else { "facts hold" }
            ));
        }
        sentences.push("“Forget …” takes a thing back, `jamie memory export` writes all of it to a file, and “forget everything about me” erases it.".to_owned());
        self.tell(sentences.join(" "));
    }

    fn tell_mine(&mut self, what: &str) {
        let of = |wanted: &str| self.listed(|known| !known.team && known.fact.about.parts().0 == wanted);
        let mut facts = of(what);
        // How answers ought to be may have been said in other words than "short".
        if what == "verbosity" {
            facts.extend(of("preference"));
        }
        match (what, facts.is_empty(), self.voice.name.clone()) {
            ("name", true, Some(name)) => {
                self.tell(format!(
                    "You are {name}: that is the name that came with your question."
                ));
            }
            (_, true, _) => self.tell(format!("You have not told me {}.", called(what))),
            _ => {
                let [only] = facts.as_slice() else {
                    return self.tell_list(facts);
                };
                let mut letters = only.chars();
                let only: String = letters
                    .next()
                    .into_iter()
                    .flat_map(char::to_uppercase)
                    .chain(letters)
                    .collect();
                self.tell(format!("{only}."));
            }
        }
    }

    /// A word that somebody taught, or the thing for which there is one.
    fn tell_word(&mut self, word: &str) -> bool {
        let word = word.trim_start_matches("the ").to_lowercase();
        let bare = bare(&word);
        let whole = |known: &Known| match &known.fact.about {
            About::Alias(said) => {
                said.eq_ignore_ascii_case(&word) || self::bare(&known.fact.value.to_lowercase()) == bare
            }
            _ => false,
        };
        // "What's our pet name for cache?": a word of several.
        let one = |known: &Known| match &known.fact.about {
            About::Alias(said) => {
                let value = self::bare(&known.fact.value.to_lowercase());
                word.split(' ')
                    .any(|word| said.eq_ignore_ascii_case(word) || value == word)
            }
            _ => false,
        };
        let facts = Some(self.listed(whole))
            .filter(|facts| !facts.is_empty())
            .unwrap_or_else(|| self.listed(one));
        if facts.is_empty() {
            return false;
        }
        for fact in facts {
            self.tell(format!("{fact}."));
        }
        true
    }

    fn tell_rules(&mut self, about: Option<&str>) {
        // A rule may have been told in the person's own words for things, or in the estate's.
        let words = about.map(|about| telling_words(&format!("{about} {}", self.meant(about))));
        let rules = self.listed(|known| {
            matches!(known.fact.about, About::Rule(_))
                && words
                    .as_ref()
                    .is_none_or(|words| shares(&known.fact.words(), words))
        });
        match (rules.is_empty(), about) {
            (true, Some(about)) => {
                self.tell(format!("I know no rule about {about}."));
                self.tell_all("These are the ones that I know:", "", |about| {
                    matches!(about, About::Rule(_))
                });
            }
            (true, None) => {
                self.tell("I know no rules yet: “we never restart ledger on Fridays” would be one.");
            }
            (false, _) => {
                self.tell(if rules.len() == 1 {
                    "One rule:"
                } else {
                    "These are the rules that I know:"
                });
                self.tell_list(rules);
            }
        }
    }

    fn tell_team(&mut self) {
        let facts = self.listed(|known| known.team);
        if facts.is_empty() {
            self.tell("Nobody has taught me anything that holds for the whole team yet.");
        } else {
            self.tell("This holds for the whole team:");
            self.tell_list(facts);
        }
    }

    fn tell_about(&mut self, words: &str) {
        let wanted = telling_words(&format!("{words} {}", self.meant(words)));
        let facts = self.listed(|known| shares(&known.fact.words(), &wanted));
        if facts.is_empty() {
            self.tell(format!("I have no note about {words}."));
        } else {
            self.tell(format!("About {words}:"));
            self.tell_list(facts);
        }
    }

    /// Who told what is spoken of: what `about` names, else what the last question or answer had in it; `false` where
    /// nothing of that was told by anybody.
    fn tell_source(&mut self, about: Option<&str>) -> bool {
        let facts = if let Some(about) = about {
            let wanted = telling_stems(&format!("{about} {}", self.meant(about)));
            self.listed(|known| !telling_stems(&known.fact.words()).is_disjoint(&wanted))
        } else {
            let last = self
                .history
                .last
                .as_ref()
                .map(|(turn, _)| format!("{} {}", turn.question, turn.answer).to_lowercase())
                .unwrap_or_default();
            self.listed(|known| is_in(&known.fact, &last))
        };
        if !facts.is_empty() {
            self.tell_list(facts);
            return true;
        }
        // What was quoted from a taught answer says so.
        let quoted = self.history.last.as_ref().and_then(|(turn, _)| {
            let mut sentences = turn.answer.split(['\n', '.', '(', ')']);
            sentences
                .find(|sentence| sentence.contains(" taught me "))
                .map(|sentence| sentence.trim().to_owned())
        });
        if about.is_some() || quoted.is_none() {
            return false;
        }
        self.tell(format!("{}.", quoted.unwrap_or_default()));
        true
    }

    fn tell_all(&mut self, title: &str, none: &str, fits: impl Fn(&About) -> bool) {
        let facts = self.listed(|known| fits(&known.fact.about));
        if !facts.is_empty() {
            self.tell(title);
            self.tell_list(facts);
        } else if !none.is_empty() {
            self.tell(none);
        }
    }

    /// What fits, the newest first, each with where it comes from.
    pub(super) fn listed(&self, fits: impl Fn(&Known) -> bool) -> Vec<String> {
        let mut known: Vec<&Known> = self.history.known.iter().filter(|known| fits(known)).collect();
        known.sort_by_key(|known| std::cmp::Reverse(known.at));
        known
            .into_iter()
            .take(LISTED)
            .map(|known| {
                let whose = if known.team { ", for the team" } else { "" };
                format!("{} ({}{whose})", understood(&known.fact), self.told_by(known))
            })
            .collect()
    }

    /// Words with the person's own ones replaced by what they stand for.
    pub(super) fn meant(&self, words: &str) -> String {
        words
            .split(' ')
            .map(|word| {
                self.history
                    .profile
                    .aliases
                    .get(word)
                    .map_or(word, String::as_str)
            })
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// Whether a text, in small letters, has in it what a fact says: a word for a thing, or the sentence itself.
fn is_in(fact: &Fact, text: &str) -> bool {
    match &fact.about {
        About::Alias(word) => text
            .split(|c: char| !c.is_alphanumeric() && c != '-')
            .collect::<Vec<_>>()
            .join(" ")
            .contains(word.to_lowercase().as_str()),
        _ => text.contains(fact.value.to_lowercase().trim_end_matches('.')),
    }
}

/// Words that say what a sentence is about.
pub(super) fn telling_words(text: &str) -> Vec<String> {
    text.to_lowercase()
        .split(|c: char| !c.is_alphanumeric() && c != '-')
        .filter(|word| word.len() > 1 && !is_filler(word))
        .map(str::to_owned)
        .collect()
}

fn is_filler(word: &str) -> bool {
    matches!(
        word,
        "the"
            | "our"
            | "my"
            | "we"
            | "us"
            | "you"
            | "namespace"
            | "app"
            | "service"
            | "deployment"
            | "about"
            | "and"
            | "of"
            | "for"
            | "on"
            | "in"
            | "to"
            | "is"
            | "are"
            | "that"
            | "any"
            | "more"
            | "it"
    )
}

/// Whether a text has one of the words.
pub(super) fn shares(text: &str, words: &[String]) -> bool {
    let there = telling_words(text);
    words.iter().any(|word| {
        there
            .iter()
            .any(|there| there == word || there.split('-').any(|part| part == word))
    })
}

/// A name without the words for its kind.
fn bare(text: &str) -> String {
    text.split(' ')
        .filter(|word| !is_filler(word) && !matches!(*word, "cluster" | "statefulset" | "pod" | "database"))
        .collect::<Vec<_>>()
        .join(" ")
}

/// A kind of fact in a sentence.
fn called(what: &str) -> &'static str {
    match what {
        "name" => "your name",
        "team" => "your team",
        "time_zone" => "your time zone",
        "namespace" => "which namespaces are yours",
        "app" => "which apps are yours",
        "verbosity" => "how long you like answers",
        "alias" => "any words of your own",
        "rule" => "any rules",
        _ => "anything like that",
    }
}
