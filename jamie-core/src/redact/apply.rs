//! What leaves a turn in, the same without secrets out: parts of an answer, findings, steps, errors, records. Parts of
//! an answer also have no address that a frontend could make a link of.

use super::{Redactor, redact};
use crate::{
    Block, Error, Evidence, Finding, NextStep, Symptom,
    block::inert,
    memory::{Content, Record},
};

/// Something with words in it.
pub(crate) trait Redacted: Sized {
    /// The same, its words without secrets.
    fn redacted(self) -> Self;
}

impl Redacted for String {
    fn redacted(self) -> Self {
        match redact(&self) {
            std::borrow::Cow::Borrowed(_) => self,
            std::borrow::Cow::Owned(without) => without,
        }
    }
}

impl<T: Redacted> Redacted for Vec<T> {
    fn redacted(self) -> Self {
        self.into_iter().map(T::redacted).collect()
    }
}

impl<T: Redacted> Redacted for Option<T> {
    fn redacted(self) -> Self {
        self.map(T::redacted)
    }
}

impl Redacted for Block {
    fn redacted(self) -> Self {
        match self {
            Self::Para { text } => Self::Para {
                text: inert(text.redacted()),
            },
            Self::Heading { text } => Self::Heading {
                text: inert(text.redacted()),
            },
            Self::List { items } => Self::List {
                items: items.redacted().into_iter().map(inert).collect(),
            },
            Self::Table { headers, rows } => Self::Table {
                headers,
                rows: rows
                    .redacted()
                    .into_iter()
                    .map(|row| row.into_iter().map(inert).collect())
                    .collect(),
            },
            // Quotations are redacted when they are made.
            Self::Code { language, text } => Self::Code { language, text },
            Self::Quote { source, text } => Self::Quote {
                source: source.redacted(),
                text,
            },
            Self::Finding { finding } => Self::Finding {
                finding: Box::new(finding.redacted()),
            },
        }
    }
}

impl Redacted for Finding {
    fn redacted(self) -> Self {
        Self {
            title: inert(self.title.redacted()),
            cause: inert(self.cause.redacted()),
            evidence: self.evidence.redacted(),
            symptoms: self.symptoms.redacted(),
            remedy: self.remedy.redacted(),
            next_check: self.next_check.redacted(),
            ..self
        }
    }
}

impl Redacted for Symptom {
    fn redacted(self) -> Self {
        Self {
            object: self.object,
            title: inert(self.title.redacted()),
            via: inert(self.via.redacted()),
        }
    }
}

impl Redacted for Evidence {
    fn redacted(self) -> Self {
        Self {
            source: self.source.redacted(),
            ..self
        }
    }
}

impl Redacted for NextStep {
    fn redacted(self) -> Self {
        Self {
            label: self.label.redacted(),
            command: self.command.redacted(),
            proposal: self.proposal,
        }
    }
}

impl Redacted for Error {
    fn redacted(self) -> Self {
        self.map_words(String::redacted)
    }
}

impl Redacted for Record {
    fn redacted(mut self) -> Self {
        let clean = |text: &mut String| *text = std::mem::take(text).redacted();
        match &mut self.content {
            Content::Turn(turn) => {
                clean(&mut turn.question);
                clean(&mut turn.answer);
                turn.choices.iter_mut().for_each(clean);
                turn.evidence = std::mem::take(&mut turn.evidence).redacted();
                Redactor::default().value(&mut turn.focus.args);
                // A change with a placeholder where a secret was would be another change.
                turn.proposals.retain(|proposal| {
                    let mut args = proposal.args.clone();
                    Redactor::default().value(&mut args);
                    args == proposal.args
                });
            }
            Content::Fact(fact) | Content::TeamFact(fact) => clean(&mut fact.value),
            Content::Feedback(feedback) => {
                clean(&mut feedback.question);
                feedback.comment.iter_mut().for_each(clean);
                feedback.correction.iter_mut().for_each(clean);
            }
            Content::Document(document) => clean(&mut document.text),
            Content::Gap(gap) => clean(&mut gap.question),
            Content::Incident(incident) => {
                clean(&mut incident.title);
                clean(&mut incident.cause);
                incident.fixes.iter_mut().for_each(|fix| clean(&mut fix.what));
            }
        }
        self
    }
}
