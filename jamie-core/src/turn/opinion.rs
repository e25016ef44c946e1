//! What a person thinks of the last answer in; a verdict for later rankings, and perhaps something learnt, out.

use jiff::SignedDuration;

use super::Turn;
use crate::{
    memory::{Content, Document, Feedback, Gap, GapReason, TurnRecord, Verdict},
    understand::{Opinion, REMEMBER},
};

/// So long after an answer an opinion is about it.
const FRESH: SignedDuration = SignedDuration::from_hours(1);

impl Turn {
    /// Takes an opinion; `false` where there is no answer that it could be about.
    pub(super) fn hear_opinion(&mut self, opinion: &Opinion) -> bool {
        match opinion {
            Opinion::Wrong { correction } => {
                let Some(last) = self.rated() else { return false };
                let question = last.question.clone();
                self.note(Content::Gap(Gap {
                    question: question.clone(),
                    reason: GapReason::BadAnswer,
                }));
                self.rate(&last, Verdict::Down, correction.clone());
                match correction {
                    None => self.tell(
                        "Fair enough: I have noted that this answer was no good. “The right answer is …” tells me what would have been.",
                    ),
                    Some(correction) if self.kit.teachers.may_teach(&self.request.person) => {
                        self.telltale.question = Some((
                            format!("Thanks, noted. Shall I answer “{question}” with “{correction}” from now on?"),
                            vec![REMEMBER.to_owned()],
                        ));
                    }
                    Some(_) => self.tell(format!(
                        "Thanks, noted. {} may have me answer that from now on.",
                        self.kit.teachers.who()
                    )),
                }
                true
            }
            Opinion::Remember => {
                let Some((question, answer)) = self.history.correction.take() else {
                    return false;
                };
                self.teach_answer(&question, &answer);
                true
            }
            Opinion::Teach { question, answer } => {
                self.teach_answer(question, answer);
                true
            }
        }
    }

    /// Praise is a verdict, too.
    pub(super) fn approve_last(&mut self) {
        if let Some(last) = self.rated() {
            self.rate(&last, Verdict::Up, None);
        }
    }

    fn teach_answer(&mut self, question: &str, answer: &str) {
        if !self.kit.teachers.may_teach(&self.request.person) {
            let who = self.kit.teachers.who();
            return self.tell(format!(
                "That would hold for everybody, and {who} may teach me that."
            ));
        }
        let document = Document::taught(question, answer);
        self.tell(format!(
            "Learnt. To “{question}” I say: {answer} (`jamie knowledge remove {}` takes it back.)",
            document.source
        ));
        self.note(Content::Document(Box::new(document)));
    }

    /// The answer that an opinion is about.
    fn rated(&self) -> Option<TurnRecord> {
        let (last, at) = self.history.last.as_ref()?;
        (!last.id.is_empty() && self.now.duration_since(*at) < FRESH).then(|| last.clone())
    }

    fn rate(&mut self, turn: &TurnRecord, verdict: Verdict, correction: Option<String>) {
        let feedback = Feedback::on(turn, verdict, None, correction);
        self.note(Content::Feedback(Box::new(feedback)));
    }
}
