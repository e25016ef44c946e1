//! A fact that somebody teaches in; what is noted, and a sentence that says back what was understood, out.

use std::collections::BTreeSet;

use super::{Turn, known::telling_words, remarks::presentable, telling::Known};
use crate::{
    memory::{About, Content, Fact},
    understand::Taught,
};

impl Turn {
    /// Notes a fact for the person, or for everybody where the person may teach the team.
    pub(super) fn learn(&mut self, taught: &Taught) {
        let may = self.kit.teachers.may_teach(&self.request.person);
        let team = taught.for_team && may && is_shareable(&taught.fact.about);
        let fact = self.in_place(kept(&taught.fact), team);
        let before = self
            .history
            .known
            .iter()
            .find(|known| known.team == team && known.fact.key() == fact.key())
            .cloned();
        let told = understood(&fact);
        if let Some(before) = before.as_ref().filter(|before| before.fact.value == fact.value) {
            let since = self.told_by(before);
            return self.tell(format!("I know: {told} ({since})."));
        }
        let changed = before
            .filter(|before| !matches!(before.fact.about, About::Namespace(_) | About::App(_)))
            .map(|before| {
                format!(
                    " Before, it was “{}” ({}).",
                    before.fact.value,
                    self.told_by(&before)
                )
            })
            .unwrap_or_default();
        let whose = if team {
            " That holds for everybody in the team; “forget that” takes it back.".to_owned()
        } else if taught.for_team && is_shareable(&fact.about) {
            format!(
                " That holds for you alone: {} may teach me what holds for the team.",
                self.kit.teachers.who()
            )
        } else {
            String::new()
        };
        self.tell(format!("{}.{changed}{whose}", capital(&told)));
        if let About::Alias(word) = &fact.about {
            self.history
                .profile
                .aliases
                .insert(word.clone(), fact.value.clone());
        }
        self.history.profile.extend([fact.clone()]);
        self.history
            .known
            .retain(|known| known.team != team || known.fact.key() != fact.key());
        self.history.known.push(Known {
            fact: fact.clone(),
            team,
            by: self.request.person.id.clone(),
            at: self.now,
        });
        self.adapt();
        self.telltale.noted = true;
        self.note(if team {
            Content::TeamFact(fact)
        } else {
            Content::Fact(fact)
        });
    }

    /// Takes "they shifted it! the batch runs at 5 now" for news of the note about the batch, where there is one; `false`
    /// where it is about none.
    pub(super) fn renews_note(&mut self) -> bool {
        if self.picked.is_some() || self.telltale.heard || self.text.contains('?') {
            return false;
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

    /// "The backups got moved, they run at 05:50 now": the note of which all the words stand in it, and another number.
    fn moved_note(&self, text: &str) -> Option<Taught> {
        let number = |text: &str| text.contains(|c: char| c.is_ascii_digit());
        let said = bones(text);
        let known = self.history.known.iter().find(|known| {
            let bones = bones(&known.fact.value);
            matches!(known.fact.about, About::Note(_) | About::Preference(_))
                && bones.len() > 1
                && number(&known.fact.value)
                && bones.is_subset(&said)
        })?;
        number(text).then(|| renewed(known, text))
    }

    /// "I told you wrong, ledger is operated by the Oslo people": the note that has most of its words.
    fn corrected_note(&self, text: &str) -> Option<Taught> {
        const MOST: f64 = 0.5;
        let lower = text.to_lowercase();
        if !REGRETS.iter().any(|regret| lower.contains(regret)) {
            return None;
        }
        let said = bones(text);
        let shared = |known: &Known, said: &BTreeSet<String>| {
            let bones = bones(&known.fact.value);
            let shared = bones.intersection(said).count();
            (shared, shared as f64 / bones.len().max(1) as f64)
        };
        let (known, _) = self
            .history
            .known
            .iter()
            .filter(|known| matches!(known.fact.about, About::Note(_) | About::Preference(_)))
            .map(|known| (known, shared(known, &said).1))
            .filter(|(_, share)| *share >= MOST)
            .max_by(|(_, one), (_, other)| one.total_cmp(other))?;
        // What is said behind the regret, where that speaks of the same.
        let news = text
            .rsplit_once([',', ':', '.', ';'])
            .map_or(text, |(_, news)| news)
            .trim();
        let whole = shared(known, &bones(news)).0 > 1;
        Some(renewed(known, if whole { news } else { text }))
    }

    /// A note under the key of the one that it replaces: "the batch runs at 5 now, not at 3" is the note about the batch.
    fn in_place(&self, fact: Fact, team: bool) -> Fact {
        let kind = |about: &About| match about {
            About::Note(_) | About::Preference(_) => Some(about.parts().0),
            _ => None,
        };
        let (Some(note), bones) = (kind(&fact.about), bones(&fact.value)) else {
            return fact;
        };
        if !says_changed(&self.text) || bones.len() < 2 {
            return fact;
        }
        let before = self.history.known.iter().find(|known| {
            known.team == team
                && kind(&known.fact.about) == Some(note)
                && self::bones(&known.fact.value) == bones
        });
        match before {
            Some(known) => Fact {
                about: known.fact.about.clone(),
                ..fact
            },
            None => fact,
        }
    }

    /// Who said so and when: "you told me on Fri 20 Nov".
    pub(super) fn told_by(&self, known: &Known) -> String {
        let own = known.by == self.request.person.id;
        let who = match known.by.as_str() {
            _ if own => "you told me",
            "" => "somebody told me",
            by => by,
        };
        let told = if own || known.by.is_empty() {
            ""
        } else {
            " told me"
        };
        format!("{who}{told} {}", self.on_day(known.at))
    }

    /// A day as people speak of it: "today", "yesterday", "on Tue 3 Nov", "on 3 May 2025".
    pub(super) fn on_day(&self, at: jiff::Timestamp) -> String {
        let (then, today) = (
            at.to_zoned(self.zone.clone()).date(),
            self.now.to_zoned(self.zone.clone()).date(),
        );
        if then == today {
            return "today".to_owned();
        }
        if then.tomorrow().is_ok_and(|next| next == today) {
            return "yesterday".to_owned();
        }
        if then.year() == today.year() {
            then.strftime("on %a %-d %b").to_string()
        } else {
            then.strftime("on %-d %b %Y").to_string()
        }
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

fn says_changed(text: &str) -> bool {
    text.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .any(|word| CHANGED.contains(&word))
}

/// What a note is about, without the numbers, days and months in it.
fn bones(value: &str) -> BTreeSet<String> {
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

/// A fact as it is kept: nothing in it that could be taken for markup.
fn kept(fact: &Fact) -> Fact {
    let about = match &fact.about {
        About::Alias(word) => About::Alias(presentable(word)),
        other => other.clone(),
    };
    let value = match about {
        About::Name | About::Team | About::Alias(_) | About::Namespace(_) | About::App(_) => {
            presentable(&fact.value)
        }
        _ => fact.value.trim().to_owned(),
    };
    Fact { about, value }
}

/// Whether a fact can hold for more than one person.
fn is_shareable(about: &About) -> bool {
    matches!(
        about,
        About::Alias(_) | About::Rule(_) | About::Note(_) | About::Namespace(_) | About::App(_)
    )
}

/// What was understood, as a clause: "till is the payments namespace".
pub(super) fn understood(fact: &Fact) -> String {
    let value = &fact.value;
    match &fact.about {
        About::Name => format!("you are {value}"),
        About::Team => format!("you are in the team {value}"),
        About::TimeZone => format!("your time zone is {value}"),
        About::Verbosity if value == "short" => "you like answers short".to_owned(),
        About::Verbosity => "you like answers in full".to_owned(),
        About::Namespace(name) => format!("the namespace `{name}` is yours"),
        About::App(name) => format!("`{name}` is yours to look after"),
        About::Alias(word) => format!("“{word}” means {value}"),
        About::Preference(_) => format!("you said “{value}”"),
        About::Rule(_) => format!("the rule is “{value}”"),
        About::Note(_) => format!("“{value}”"),
    }
}

/// With a capital letter.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
