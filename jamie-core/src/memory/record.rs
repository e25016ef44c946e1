//! The records themselves: what was said, taught, asked in vain, read, and found wrong in the estate.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Document, Fact, Feedback, Incident};
use crate::{Evidence, Proposal, understand::Focus};

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
            Content::TeamFact(_) => Kind::TeamFact,
            Content::Gap(_) => Kind::Gap,
            Content::Feedback(_) => Kind::Feedback,
            Content::Incident(_) => Kind::Incident,
            Content::Document(_) => Kind::Document,
        }
    }

    /// What it stands for, where a newer record replaces an older one of the same kind and key.
    pub fn key(&self) -> Option<String> {
        match &self.content {
            Content::Turn(_) | Content::Gap(_) => None,
            Content::Fact(fact) => Some(format!("{}\u{1f}{}", self.person, fact.key())),
            Content::TeamFact(fact) => Some(fact.key()),
            Content::Feedback(feedback) => Some(format!("{}\u{1f}{}", self.person, feedback.turn)),
            Content::Incident(incident) => Some(incident.fingerprint.0.clone()),
            Content::Document(document) => Some(document.key()),
        }
    }

    /// What it belongs to, where several records do: a document's source, the turn that feedback is about, the turn
    /// itself, the check behind an incident.
    pub fn group(&self) -> Option<String> {
        match &self.content {
            Content::Turn(turn) => Some(turn.id.clone()),
            Content::Fact(_) | Content::TeamFact(_) | Content::Gap(_) => None,
            Content::Feedback(feedback) => Some(feedback.turn.clone()),
            Content::Incident(incident) => Some(incident.check.clone()),
            Content::Document(document) => Some(document.source.clone()),
        }
    }

    /// The words by which it is found.
    pub fn words(&self) -> String {
        match &self.content {
            Content::Turn(turn) => format!("{} {}", turn.question, turn.answer),
            Content::Fact(fact) | Content::TeamFact(fact) => fact.words(),
            Content::Gap(gap) => gap.question.clone(),
            Content::Feedback(feedback) => [
                Some(&feedback.question),
                feedback.comment.as_ref(),
                feedback.correction.as_ref(),
            ]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(" "),
            Content::Incident(incident) => incident.words(),
            Content::Document(document) => document.words(),
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
    /// Facts about people, each known to that person alone.
    Fact,
    /// Facts that hold for everybody.
    TeamFact,
    /// What Jamie could not understand, or answered badly.
    Gap,
    /// What people think of answers.
    Feedback,
    /// What was wrong in the estate.
    Incident,
    /// Guides and runbooks.
    Document,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Turn,
        Self::Fact,
        Self::TeamFact,
        Self::Gap,
        Self::Feedback,
        Self::Incident,
        Self::Document,
    ];

    /// Its name in stores, files and settings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Turn => "turn",
            Self::Fact => "fact",
            Self::TeamFact => "team_fact",
            Self::Gap => "gap",
            Self::Feedback => "feedback",
            Self::Incident => "incident",
            Self::Document => "document",
        }
    }

    /// The kind with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether it belongs to everybody: whoever wrote it is only its source, and it outlives what is kept about them.
    pub fn is_shared(self) -> bool {
        matches!(self, Self::TeamFact | Self::Incident | Self::Document)
    }
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
    /// A fact that holds for everybody; the record's person taught it.
    TeamFact(Fact),
    /// What Jamie could not understand, or answered badly.
    Gap(Gap),
    /// What somebody thinks of an answer.
    Feedback(Box<Feedback>),
    /// What was wrong in the estate.
    Incident(Box<Incident>),
    /// A passage of a guide or a runbook.
    Document(Box<Document>),
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
    /// Names the turn: feedback refers to it.
    #[serde(default)]
    pub id: String,
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
    /// The documents that it cites, by key.
    #[serde(default)]
    pub cites: Vec<String>,
    /// The incidents that it is about, by fingerprint.
    #[serde(default)]
    pub incidents: Vec<String>,
}

/// Why a question was not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GapReason {
    /// No tool fits the words.
    Intent,
    /// A name that nothing bears.
    UnknownName,
    /// Nothing is known about it.
    Knowledge,
    /// Somebody said that the answer was bad.
    BadAnswer,
}

/// A question that Jamie could not answer for want of understanding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// What was asked.
    pub question: String,
    /// What was missing.
    pub reason: GapReason,
}
