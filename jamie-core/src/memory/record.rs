//! The records themselves: turns, facts about people, gaps in what Jamie understands, incidents.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Evidence, Finding, Fingerprint, ObjectRef, Proposal, Severity, understand::Focus};

/// One thing worth keeping.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Whose it is.
    pub person: String,
    /// Where it came up.
    pub conversation: String,
    /// When.
    pub at: Timestamp,
    /// What.
    pub content: Content,
}

impl Record {
    /// The kind of its content.
    pub fn kind(&self) -> Kind {
        match &self.content {
            Content::Turn(_) => Kind::Turn,
            Content::Fact(_) => Kind::Fact,
            Content::Gap(_) => Kind::Gap,
            Content::Incident(_) => Kind::Incident,
        }
    }

    /// What it stands for, where a newer record replaces an older one of the same kind and key.
    pub fn key(&self) -> Option<String> {
        match &self.content {
            Content::Turn(_) | Content::Gap(_) => None,
            Content::Fact(fact) => {
                let (about, word) = match &fact.about {
                    About::Name => ("name", ""),
                    About::Alias(word) => ("alias", word.as_str()),
                    About::Preference(word) => ("preference", word.as_str()),
                };
                Some(format!("{}\u{1f}{about}\u{1f}{word}", self.person))
            }
            Content::Incident(incident) => Some(incident.fingerprint.0.clone()),
        }
    }

    /// The words by which it is found.
    pub fn words(&self) -> String {
        match &self.content {
            Content::Turn(turn) => format!("{} {}", turn.question, turn.answer),
            Content::Fact(fact) => match &fact.about {
                About::Name => fact.value.clone(),
                About::Alias(word) | About::Preference(word) => format!("{word} {}", fact.value),
            },
            Content::Gap(gap) => gap.question.clone(),
            Content::Incident(incident) => {
                format!("{} {} {}", incident.object, incident.title, incident.cause)
            }
        }
    }
}

/// The kinds of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Kind {
    /// Questions and their answers.
    Turn,
    /// Facts about people.
    Fact,
    /// What Jamie could not understand.
    Gap,
    /// What was wrong in the estate.
    Incident,
}

/// What a record holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Content {
    /// A question and its answer.
    Turn(Box<TurnRecord>),
    /// A fact about a person.
    Fact(Fact),
    /// What Jamie could not understand.
    Gap(Gap),
    /// What was wrong in the estate.
    Incident(Box<Incident>),
}

/// How a turn ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// With an answer.
    #[default]
    Answered,
    /// With a question back.
    Clarified,
    /// With an error.
    Failed,
}

/// One turn.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct TurnRecord {
    /// What was asked.
    pub question: String,
    /// What was answered, shortened.
    pub answer: String,
    /// How it ended.
    pub outcome: Outcome,
    /// What the conversation is about afterwards.
    pub focus: Focus,
    /// The persona's lines that were used, by key.
    pub lines: Vec<String>,
    /// The choices that were offered, complete questions each.
    pub choices: Vec<String>,
    /// What the answer rested on, the most telling first; a few pieces.
    #[serde(default)]
    pub evidence: Vec<Evidence>,
    /// The changes that it suggested: "fix it".
    #[serde(default)]
    pub proposals: Vec<Proposal>,
    /// What takes back a change that was carried out: "undo it".
    #[serde(default)]
    pub inverse: Option<Proposal>,
}

/// What a fact is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "about", content = "word", rename_all = "snake_case")]
pub enum About {
    /// What to call the person.
    Name,
    /// The person's own word for something in the estate.
    Alias(String),
    /// How the person likes things.
    Preference(String),
}

/// One fact about a person, in their own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// What it is about.
    pub about: About,
    /// What is so.
    pub value: String,
}

/// What is known about a person, put together from facts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Profile {
    /// What to call them.
    pub name: Option<String>,
    /// Their own words for things.
    pub aliases: BTreeMap<String, String>,
    /// How they like things.
    pub preferences: BTreeMap<String, String>,
}

impl FromIterator<Fact> for Profile {
    fn from_iter<I: IntoIterator<Item = Fact>>(facts: I) -> Self {
        let mut profile = Self::default();
        for Fact { about, value } in facts {
            match about {
                About::Name => profile.name = Some(value),
                About::Alias(word) => {
                    profile.aliases.insert(word, value);
                }
                About::Preference(word) => {
                    profile.preferences.insert(word, value);
                }
            }
        }
        profile
    }
}

/// Why a question was not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GapReason {
    /// No tool fits the words.
    Intent,
    /// A name that nothing bears.
    UnknownName,
}

/// A question that Jamie could not answer for want of understanding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// What was asked.
    pub question: String,
    /// What was missing.
    pub reason: GapReason,
}

/// An incident as it was last seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// Its identity over passes.
    pub fingerprint: Fingerprint,
    /// How bad it was.
    pub severity: Severity,
    /// The object to blame.
    pub object: ObjectRef,
    /// What was wrong.
    pub title: String,
    /// Why.
    pub cause: String,
    /// Since when, where that was known.
    pub since: Option<Timestamp>,
}

impl From<&Finding> for Incident {
    fn from(finding: &Finding) -> Self {
        Self {
            fingerprint: finding.fingerprint.clone(),
            severity: finding.severity,
            object: finding.object.clone(),
            title: finding.title.clone(),
            cause: finding.cause.clone(),
            since: finding.since,
        }
    }
}
