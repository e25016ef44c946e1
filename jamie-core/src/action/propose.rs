//! A plan and who wants it in; the parked action out, or why it may not be.

use std::sync::atomic::Ordering;

use sha2::{Digest as _, Sha256};

use super::{Action, ActionState, AuditStep, Plan, Ruling, desk::Desk};
use crate::{ErrorKind, Event, Person, Result};

/// What came of a proposal.
#[derive(Debug, Clone, PartialEq)]
pub enum Proposed {
    /// It waits for a decision.
    Parked {
        /// What would be done.
        action: Box<Action>,
        /// What the decision is bound to.
        digest: String,
        /// Whether whoever asked may approve it themselves.
        may_approve: bool,
        /// Who may, in words.
        who: String,
    },
    /// Policy says no.
    Denied {
        /// What would have been done.
        title: String,
        /// Why not, one sentence.
        reason: String,
        /// Who may, or when.
        who: Option<String>,
    },
}

impl Proposed {
    /// The event that asks for the decision; none for what was denied.
    pub(crate) fn event(&self) -> Option<Event> {
        match self {
            Self::Parked {
                action,
                digest,
                may_approve,
                who,
            } => Some(Event::Approval {
                action: action.clone(),
                digest: digest.clone(),
                may_approve: *may_approve,
                who: who.clone(),
            }),
            Self::Denied { .. } => None,
        }
    }
}

/// How often another id is tried where one is taken.
const ATTEMPTS: u32 = 16;

/// Parks what `person` wants done with a tool, if policy lets them ask for it.
pub(crate) async fn propose(
    desk: &Desk,
    tool: &str,
    plan: Plan,
    person: &Person,
    conversation: &str,
) -> Result<Proposed> {
    let ruling = desk.may_ask(person, tool, &plan).await?;
    let asked_at = desk.clock.now();
    let mut action = Action {
        id: String::new(),
        version: 1,
        tool: tool.to_owned(),
        plan,
        asked_by: person.clone(),
        conversation: conversation.to_owned(),
        asked_at,
        expires_at: asked_at.checked_add(desk.valid_for).unwrap_or(asked_at),
        approvals_needed: 1,
        approvals: Vec::new(),
        state: ActionState::Parked,
        result: None,
    };
    let who = match ruling {
        Ruling::Deny { reason, who } => {
            action.id = id_of(&action, desk.parked.fetch_add(1, Ordering::Relaxed));
            let detail = match &who {
                Some(who) => format!("{reason} ({who})"),
                None => reason.clone(),
            };
            desk.record(&action, AuditStep::Denied, &person.id, &detail)
                .await?;
            return Ok(Proposed::Denied {
                title: action.plan.title,
                reason,
                who,
            });
        }
        Ruling::Allow => "you".to_owned(),
        Ruling::Ask { approvals, who } => {
            action.approvals_needed = approvals.max(1);
            who
        }
    };
    park(desk, &mut action).await?;
    desk.record(&action, AuditStep::Parked, &person.id, "").await?;
    let may_approve = !matches!(desk.may_approve(person, &action).await?, Ruling::Deny { .. });
    Ok(Proposed::Parked {
        digest: action.digest(),
        action: Box::new(action),
        may_approve,
        who,
    })
}

/// Parks it under an id that is not taken.
async fn park(desk: &Desk, action: &mut Action) -> Result<()> {
    let mut attempt = 0;
    loop {
        action.id = id_of(action, desk.parked.fetch_add(1, Ordering::Relaxed));
        match desk.store.park(action.clone()).await {
            Err(error) if error.kind() == ErrorKind::InvalidInput && attempt < ATTEMPTS => attempt += 1,
            other => return other,
        }
    }
}

/// A short id, made of what the action is: consonants and digits that are not mistaken for each other.
fn id_of(action: &Action, number: u32) -> String {
    const LETTERS: &[u8] = b"bcdfghjkmnpqrstvwxz23456789";
    const LENGTH: usize = 6;
    let mut hash = Sha256::new();
    for part in [
        action.digest().as_bytes(),
        action.conversation.as_bytes(),
        &action.asked_at.as_nanosecond().to_le_bytes(),
        &number.to_le_bytes(),
    ] {
        hash.update(part);
    }
    hash.finalize()
        .iter()
        .filter_map(|byte| LETTERS.get(usize::from(*byte) % LETTERS.len()))
        .take(LENGTH)
        .map(|letter| char::from(*letter))
        .collect()
}
