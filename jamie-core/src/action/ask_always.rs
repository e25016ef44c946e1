//! The policy of an embedder who gives none: every change is asked about, and whoever asked for it decides.

use super::{ApprovalPolicy, Petition, Ruling};

/// Every change takes one approval, by whoever asked for it.
#[derive(Debug, Clone, Copy, Default)]
pub struct AskAlways;

impl ApprovalPolicy for AskAlways {
    fn may_ask(&self, petition: &Petition<'_>) -> Ruling {
        Ruling::Ask {
            approvals: 1,
            who: petition.asked_by.called().to_owned(),
        }
    }

    fn may_approve(&self, petition: &Petition<'_>) -> Ruling {
        if petition.person.id == petition.asked_by.id {
            return self.may_ask(petition);
        }
        Ruling::Deny {
            reason: format!("{} did not ask for this.", petition.person.called()),
            who: Some(format!("{} may", petition.asked_by.called())),
        }
    }
}
