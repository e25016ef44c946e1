//! What the policy said to a change in, what the person is told of it out: what would be done, how far it reaches, who
//! may say yes; no banter.

use crate::{Action, Block, Event, NextStep, Quoted, action::Proposed};

use super::{Turn, answer::Draft, compose::Open};

impl Turn {
    /// Tells of the changes that await a decision, and of those that were denied.
    pub(super) fn propose(&mut self, open: &mut Open, proposals: Vec<Proposed>) {
        for proposed in proposals {
            match proposed {
                Proposed::Parked {
                    action,
                    digest,
                    may_approve,
                    who,
                } => {
                    let waits = if may_approve {
                        format!(
                            "**{}.** Nothing has been changed: this waits for your yes.",
                            action.plan.title
                        )
                    } else {
                        format!(
                            "**{}.** Nothing has been changed: this waits for a yes from {who}.",
                            action.plan.title
                        )
                    };
                    open.draft.say(waits, &mut self.events);
                    self.show(&mut open.draft, &action);
                    let step = NextStep::command(
                        format!("Approve `{}`", action.id),
                        format!("jamie actions approve {}", action.id),
                    );
                    open.draft.await_decision((*action).clone());
                    self.events.push_back(Event::Approval {
                        action,
                        digest,
                        may_approve,
                        who,
                    });
                    open.decided_by(step);
                }
                Proposed::Denied { title, reason, who } => {
                    let reason = reason.trim_end_matches('.');
                    let denied = Event::Denied {
                        title: title.clone(),
                        reason: reason.to_owned(),
                        who: who.clone(),
                    };
                    let who = who.map(|who| format!(" {}.", sentence(&who))).unwrap_or_default();
                    let told = format!(
                        "**Not allowed:** {title}. {}.{who} Nothing has been changed.",
                        sentence(reason)
                    );
                    open.draft.deny(told, &mut self.events);
                    self.events.push_back(denied);
                }
            }
        }
    }

    /// The change itself: why, what, how far it reaches, what may get in its way, and how it is taken back.
    fn show(&mut self, draft: &mut Draft, action: &Action) {
        let plan = &action.plan;
        let reasons: Vec<&str> = plan.reasons.iter().map(|reason| ended(reason)).collect();
        if !reasons.is_empty() {
            draft.say(format!("Why: {}.", reasons.join("; ")), &mut self.events);
        }
        let diffs: Vec<&str> = plan
            .differences
            .iter()
            .map(|difference| difference.diff.as_str().trim_end())
            .filter(|diff| !diff.is_empty())
            .collect();
        if !diffs.is_empty() {
            let text = Quoted::passage(diffs.join("\n"), MOST_DIFF);
            let language = "diff".to_owned();
            draft.insist(Block::Code { language, text }, &mut self.events);
        }
        let mut items: Vec<String> = plan.impact.clone();
        items.extend(
            self.rules_about(action)
                .into_iter()
                .map(|rule| format!("**Mind the rule:** {rule}")),
        );
        items.extend(plan.warnings.iter().map(|warning| format!("**Mind:** {warning}")));
        if let Some(inverse) = plan.inverse.as_ref().and_then(|inverse| inverse.reasons.first()) {
            items.push(format!("It can be taken back: {}.", ended(inverse)));
        }
        let until = action.expires_at.to_zoned(self.zone.clone());
        items.push(format!(
            "`{id}` can be approved until {}{} with `jamie actions approve {id}`",
            until.strftime("%H:%M %Z"),
            match action.approvals_needed {
                0 | 1 => String::new(),
                several => format!(", by {several} different people"),
            },
            id = action.id,
        ));
        draft.insist(Block::List { items }, &mut self.events);
    }

    /// A change that was not told all it needs: a question back.
    pub(super) fn ask_for_what_lacks(&mut self, question: String) {
        let mut draft = self.draft();
        let ended = question.ends_with(['.', '?', '!']);
        let question = if ended { question } else { format!("{question}.") };
        draft.ask(question, &[], &mut self.events);
        self.settle(
            draft,
            Vec::new(),
            Vec::new(),
            crate::memory::Outcome::Clarified,
            None,
        );
    }
}

/// The most of a diff that is shown, in characters.
const MOST_DIFF: usize = 6_000;

fn ended(text: &str) -> &str {
    text.trim().trim_end_matches('.')
}

fn sentence(text: &str) -> String {
    let mut letters = ended(text).chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
