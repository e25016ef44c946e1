//! A fact that somebody teaches in; what is noted, and a sentence that says back what was understood, out.

use super::{
    Turn,
    remarks::presentable,
    renew::{bones, says_changed},
    telling::Known,
};
use crate::{
    memory::{About, Content, Fact},
    understand::Taught,
};

impl Turn {
    /// Notes a fact for the person, or for everybody where the person may teach the team.
    pub(super) fn learn(&mut self, taught: &Taught) {
        let may = self.kit.teachers.may_teach(&self.request.person);
        let for_team = taught.for_team || self.is_own_word_of_team(&taught.fact.about);
        let team = for_team && may && is_shareable(&taught.fact.about);
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

    /// Whether the person gave the team this word: what it means from now on is for the team too.
    fn is_own_word_of_team(&self, about: &About) -> bool {
        let told = |known: &Known| {
            known.team
                && known.by == self.request.person.id
                && matches!((&known.fact.about, about), (About::Alias(one), About::Alias(other)) if one.eq_ignore_ascii_case(other))
        };
        let alone = [" for me", " my own", " personally"];
        !alone.iter().any(|words| self.text.to_lowercase().contains(words))
            && self.history.known.iter().any(told)
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
        About::TimeZone => format!("your time zone is {}", offset(value).as_deref().unwrap_or(value)),
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

/// "UTC+3" for `Etc/GMT-3`: the sign of these names is the other way round (IANA time zone database, file `etcetera`).
fn offset(zone: &str) -> Option<String> {
    let hours = zone.strip_prefix("Etc/GMT")?;
    let (sign, hours) = match hours.split_at_checked(1)? {
        ("-", hours) => ("+", hours),
        ("+", hours) => ("-", hours),
        _ => return None,
    };
    Some(format!("UTC{sign}{hours}"))
}

/// With a capital letter.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
