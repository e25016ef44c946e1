//! Facts about people and about how a team calls and does things: in their own words in, a profile out.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// What a fact is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "about", content = "word", rename_all = "snake_case")]
pub enum About {
    /// What to call the person.
    Name,
    /// The team they are in.
    Team,
    /// Their time zone, an IANA name.
    TimeZone,
    /// How long they like answers: `short` or `full`.
    Verbosity,
    /// A namespace that is theirs to care for; the word is the namespace and so is the value.
    Namespace(String),
    /// A word of their own for something in the estate.
    Alias(String),
    /// How they like things, by subject.
    Preference(String),
    /// Something that is, or is not, done here, by subject: "we never restart ledger on Fridays".
    Rule(String),
    /// Anything else worth knowing, by subject.
    Note(String),
}

impl About {
    /// What it is, and the word that it goes with, apart from the value.
    pub fn parts(&self) -> (&'static str, &str) {
        match self {
            Self::Name => ("name", ""),
            Self::Team => ("team", ""),
            Self::TimeZone => ("time_zone", ""),
            Self::Verbosity => ("verbosity", ""),
            Self::Namespace(word) => ("namespace", word),
            Self::Alias(word) => ("alias", word),
            Self::Preference(word) => ("preference", word),
            Self::Rule(word) => ("rule", word),
            Self::Note(word) => ("note", word),
        }
    }
}

/// One fact, in the words of whoever taught it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// What it is about.
    pub about: About,
    /// What is so.
    pub value: String,
}

impl Fact {
    /// What it stands for: a newer fact about the same replaces it.
    pub fn key(&self) -> String {
        let (about, word) = self.about.parts();
        format!("{about}\u{1f}{word}")
    }

    /// The words by which it is found.
    pub fn words(&self) -> String {
        let (_, word) = self.about.parts();
        format!("{word} {}", self.value).trim_start().to_owned()
    }
}

/// What is known about a person, put together from facts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Profile {
    /// What to call them.
    pub name: Option<String>,
    /// The team they are in.
    pub team: Option<String>,
    /// Their time zone, an IANA name.
    pub time_zone: Option<String>,
    /// How long they like answers.
    pub verbosity: Option<String>,
    /// The namespaces that are theirs to care for.
    pub namespaces: BTreeSet<String>,
    /// Words for things in the estate.
    pub aliases: BTreeMap<String, String>,
    /// How they like things, by subject.
    pub preferences: BTreeMap<String, String>,
    /// What is, or is not, done here, by subject.
    pub rules: BTreeMap<String, String>,
    /// Anything else worth knowing, by subject.
    pub notes: BTreeMap<String, String>,
}

impl Extend<Fact> for Profile {
    fn extend<I: IntoIterator<Item = Fact>>(&mut self, facts: I) {
        for Fact { about, value } in facts {
            match about {
                About::Name => self.name = Some(value),
                About::Team => self.team = Some(value),
                About::TimeZone => self.time_zone = Some(value),
                About::Verbosity => self.verbosity = Some(value),
                About::Namespace(_) => {
                    self.namespaces.insert(value);
                }
                About::Alias(word) => {
                    self.aliases.insert(word, value);
                }
                About::Preference(word) => {
                    self.preferences.insert(word, value);
                }
                About::Rule(word) => {
                    self.rules.insert(word, value);
                }
                About::Note(word) => {
                    self.notes.insert(word, value);
                }
            }
        }
    }
}

impl FromIterator<Fact> for Profile {
    fn from_iter<I: IntoIterator<Item = Fact>>(facts: I) -> Self {
        let mut profile = Self::default();
        profile.extend(facts);
        profile
    }
}
