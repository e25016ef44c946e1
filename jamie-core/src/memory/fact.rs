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
    /// An app that is theirs to care for; the word is the app and so is the value.
    App(String),
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
            Self::App(word) => ("app", word),
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
    /// The apps that are theirs to care for.
    #[serde(default)]
    pub apps: BTreeSet<String>,
    /// Words for things in the estate.
    pub aliases: BTreeMap<String, String>,
    /// How they like things, by subject.
    pub preferences: BTreeMap<String, String>,
    /// What is, or is not, done here, by subject.
    pub rules: BTreeMap<String, String>,
    /// Anything else worth knowing, by subject.
    pub notes: BTreeMap<String, String>,
}

/// How people speak of what is theirs to care for.
const MINE: &[&str] = &[
    "the apps i am on the hook for",
    "the apps i'm on the hook for",
    "the apps i look after",
    "the apps i own",
    "the services i own",
    "everything i look after",
    "everything i own",
    "anything of mine",
    "something of mine",
    "what i look after",
    "what i own",
    "whatever i own",
    "everything of mine",
    "my own apps",
    "my patch",
    "my corner",
    "my area",
    "my bits",
    "my apps",
    "my app",
    "my stuff",
    "my services",
    "my workloads",
    "my things",
    "my namespaces",
    "my namespace",
    "our apps",
    "our stuff",
    "our namespaces",
    "our namespace",
];

impl Profile {
    /// A message with "my apps" spelt out: once for each of the person's namespaces
    /// and apps. Nothing where it says no such thing.
    pub fn spelt_out(&self, text: &str) -> Option<String> {
        let lower = text.to_ascii_lowercase();
        let (at, mine) = MINE.iter().find_map(|mine| {
            let at = lower.find(mine)?;
            let ends = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && c != '-');
            let alone = ends(lower.get(..at)?.chars().next_back())
                && ends(lower.get(at + mine.len()..)?.chars().next());
            alone.then_some((at, *mine))
        })?;
        let (before, behind) = (text.get(..at)?, text.get(at + mine.len()..)?);
        let each: Vec<String> = self
            .namespaces
            .iter()
            .map(|name| format!("{before}the {name} namespace{behind}"))
            .chain(self.apps.iter().map(|name| format!("{before}{name}{behind}")))
            .collect();
        (!each.is_empty()).then(|| each.join(". "))
    }
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
                About::App(_) => {
                    self.apps.insert(value);
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

#[cfg(test)]
mod tests {
    use super::{About, Fact, Profile};

    #[test]
    fn what_is_mine_is_spelt_out_for_each_namespace_and_app() {
        let mine = |about: fn(String) -> About, name: &str| Fact {
            about: about(name.to_owned()),
            value: name.to_owned(),
        };
        let mut profile: Profile = ["shop", "payments"]
            .map(|name| mine(About::Namespace, name))
            .into_iter()
            .collect();
        assert_eq!(
            profile.spelt_out("How are my apps?").as_deref(),
            Some("How are the payments namespace?. How are the shop namespace?")
        );
        profile.extend([mine(About::App, "ledger")]);
        assert_eq!(
            profile.spelt_out("my stuff ok?").as_deref(),
            Some("the payments namespace ok?. the shop namespace ok?. ledger ok?")
        );
        for other in ["how is shop?", "is dummy apps fine?", "my appsody", ""] {
            assert_eq!(profile.spelt_out(other), None, "{other}");
        }
        assert_eq!(Profile::default().spelt_out("how are my apps?"), None);
    }
}
