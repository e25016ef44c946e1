//! What the rules say about one place in, a ruling out; and the strictest of several.

use super::{By, Rule, Then, deny};
use crate::action::Ruling;

/// What the rules say about one place.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ruled<'a> {
    Allow,
    Ask {
        approvals: u32,
        by: Option<&'a By>,
    },
    Deny {
        /// The rule; none where the default denies.
        rule: Option<&'a Rule>,
    },
}

impl<'a> Ruled<'a> {
    pub(super) fn by_rule(rule: &'a Rule) -> Self {
        match rule.then {
            Then::Allow => Self::Allow,
            Then::Ask => Self::Ask {
                approvals: rule.approvals.unwrap_or(1).max(1),
                by: rule.by.as_ref(),
            },
            Then::Deny => Self::Deny { rule: Some(rule) },
        }
    }

    pub(super) fn ruling(&self) -> Ruling {
        match self {
            Self::Allow => Ruling::Allow,
            Self::Ask { approvals, by } => Ruling::Ask {
                approvals: *approvals,
                who: by.map_or_else(|| "anybody who may ask for it".to_owned(), By::who),
            },
            Self::Deny { rule: Some(rule) } => deny(rule.denial(), None),
            Self::Deny { rule: None } => deny("The policy does not allow it.", None),
        }
    }
}

/// The strictest of some rulings: a denial before approvals, more approvals before fewer. Where places differ in who may
/// approve, an approval must be good for each of them.
pub(super) fn strictest(rulings: impl IntoIterator<Item = Ruling>) -> Ruling {
    rulings
        .into_iter()
        .fold(Ruling::Allow, |strict, next| match (strict, next) {
            (denied @ Ruling::Deny { .. }, _) | (_, denied @ Ruling::Deny { .. }) => denied,
            (
                Ruling::Ask { approvals, who },
                Ruling::Ask {
                    approvals: more,
                    who: others,
                },
            ) => Ruling::Ask {
                approvals: approvals.max(more),
                who: if who == others {
                    who
                } else {
                    format!("{who}, who must also be {others}")
                },
            },
            (ask @ Ruling::Ask { .. }, Ruling::Allow) | (Ruling::Allow, ask) => ask,
        })
}
