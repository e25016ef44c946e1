//! What there is to say after a decision in, its events and its answer out.

use jiff::{Timestamp, tz::TimeZone};

use super::{Action, Ruling, carry_out::Report, desk::Desk, propose::Proposed};
use crate::{
    Answer, Block, Event, NextStep, Person, Result, Usage,
    render::{self, Page},
};

/// An answer that is being put together.
#[derive(Debug, Default)]
pub(super) struct Told {
    blocks: Vec<Block>,
    next: Vec<NextStep>,
    /// What waits for a decision, with the event that says so where it is new.
    approvals: Vec<Action>,
    offers: Vec<Proposed>,
}

impl Told {
    pub(super) fn say(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::para(text));
    }

    /// A line of the persona's, where there is one.
    pub(super) fn line(&mut self, line: Option<String>) {
        self.blocks.extend(line.map(Block::para));
    }

    /// An action that goes on waiting.
    pub(super) fn waits(&mut self, action: &Action) {
        self.approvals.push(action.clone());
    }

    /// A new action in the place of one that no longer fits, to be decided on by `person` or others.
    pub(super) async fn offer(&mut self, desk: &Desk, proposed: Proposed, person: &Person) -> Result<()> {
        match proposed {
            Proposed::Parked {
                action, digest, who, ..
            } => {
                let may_approve = !matches!(desk.may_approve(person, &action).await?, Ruling::Deny { .. });
                self.say(format!(
                    "This is how it would be done now: {}. Have a look at action `{}`, which waits for a decision of its own.",
                    action.plan.title, action.id
                ));
                self.waits(&action);
                self.offers.push(Proposed::Parked {
                    action,
                    digest,
                    may_approve,
                    who,
                });
            }
            Proposed::Denied { reason, who, .. } => {
                self.say(match who {
                    Some(who) => format!("It may not be asked for any more: {reason} ({who})"),
                    None => format!("It may not be asked for any more: {reason}"),
                });
            }
        }
        Ok(())
    }

    /// What was done, what came of it, and how it is taken back.
    pub(super) fn outcome(&mut self, action: &Action, report: &Report) {
        let title = &action.plan.title;
        let back = action.plan.inverse.clone().map(|inverse| {
            let reasons = inverse.reasons.first();
            let label = match reasons {
                Some(reason) => format!("Take it back: {reason}"),
                None => format!("Take it back (what was done: {title})"),
            };
            NextStep::advice(label).proposing(inverse)
        });
        match report {
            Report::Watched(seen) => {
                self.say(if seen.worked {
                    format!("Done: {title}.")
                } else {
                    format!("**Carried out, but it has not worked:** {title}.")
                });
                self.say(seen.told.clone());
                if !seen.notes.is_empty() {
                    self.blocks.push(Block::List {
                        items: seen.notes.clone(),
                    });
                }
                if !seen.worked && back.is_some() {
                    self.say("**I can take it back.** That waits for a yes like any change.");
                }
                self.next.extend(back);
            }
            Report::Unseen(error) => {
                self.say(format!("Carried out: {title}."));
                self.say(format!(
                    "I could not see what came of it: {}. Have a look before you rely on it.",
                    error.message().trim_end_matches('.')
                ));
                self.next.extend(back);
            }
            Report::NotWritten(error) => {
                self.say(format!("**Not carried out:** {title}."));
                self.say(format!("{}.", error.message().trim_end_matches('.')));
                self.next.extend(error.hint().map(NextStep::advice));
                self.next.push(NextStep::advice(
                    "Ask for it again if it is still wanted: this action is not run a second time.",
                ));
            }
        }
    }

    /// Everything that is shown, the steps to take next last.
    fn shown(&self) -> Vec<Block> {
        let mut blocks = self.blocks.clone();
        blocks.extend(render::next_steps(&self.next));
        blocks
    }

    /// The events that show it.
    pub(super) fn events(&self) -> Vec<Event> {
        let offers = self.offers.iter().filter_map(Proposed::event);
        let text = self.shown().into_iter().map(|block| Event::Text { block });
        text.chain(offers).collect()
    }

    /// The whole answer.
    pub(super) fn answer(self, started: Timestamp, now: Timestamp, zone: TimeZone) -> Answer {
        let blocks = self.shown();
        let elapsed = now.as_millisecond() - started.as_millisecond();
        Answer {
            text: Page::new(now, zone).markdown(&blocks),
            blocks,
            findings: Vec::new(),
            actions: self.next,
            evidence: Vec::new(),
            approvals: self.approvals,
            engine: "facts".to_owned(),
            elapsed_ms: u64::try_from(elapsed).unwrap_or(0),
            usage: Usage::default(),
        }
    }
}
