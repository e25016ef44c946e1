//! The policy that a configuration describes: rules in order, freezes and limits in, a [`Ruling`] out; pure.

mod condition;
mod freeze;
mod pattern;
mod rate;
mod ruled;
#[cfg(test)]
mod tests;
mod validate;
mod who;
mod window;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use self::{
    condition::Case,
    ruled::{Ruled, strictest},
};
pub use self::{
    condition::{By, Impact, Rule, Then},
    freeze::{Freeze, Instant},
    pattern::{Pattern, Patterns},
    rate::{Period, RateLimit},
    window::Days,
};
use super::{ApprovalPolicy, Petition, Rate, Ruling};
use crate::{Effect, Person, memory::Teachers};

/// What holds where no rule fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Otherwise {
    /// Whoever asks may have it done.
    Allow,
    /// One approval, which whoever asks may give.
    #[default]
    Ask,
    /// Nobody may.
    Deny,
}

/// Who may have what changed, and when.
///
/// Read-only mode, protected namespaces, freezes and rate limits come first and hold for everybody. Then the first rule
/// that fits decides; an action that touches several namespaces gets the strictest of their rulings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// Nothing may be changed by anybody.
    pub read_only: bool,
    /// What holds where no rule fits.
    pub default: Otherwise,
    /// Namespaces in which nothing may be destroyed.
    pub protected_namespaces: Vec<Pattern>,
    /// Namespaces by the name of what they are: `production = ["prod-*", "shop"]`.
    pub environments: BTreeMap<String, Vec<Pattern>>,
    /// The rules; the first that fits decides.
    pub rules: Vec<Rule>,
    /// Times in which nothing may be changed.
    pub freeze: Vec<Freeze>,
    /// How often something may be done.
    pub rate_limits: Vec<RateLimit>,
    /// Who may teach what holds for the whole team, and take it back; anybody where it is not given.
    pub teach: Option<By>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            read_only: false,
            default: Otherwise::default(),
            protected_namespaces: ["kube-system", "kube-public", "kube-node-lease"]
                .map(Pattern::exactly)
                .to_vec(),
            environments: BTreeMap::new(),
            rules: Vec::new(),
            freeze: Vec::new(),
            rate_limits: Vec::new(),
            teach: None,
        }
    }
}

impl Rules {
    /// Who may teach what holds for the whole team.
    pub fn teachers(&self) -> Teachers {
        self.teach.clone().map_or(Teachers::Anybody, Teachers::Only)
    }

    /// What holds for everybody: read-only mode, protected namespaces, freezes, rate limits.
    fn for_everybody(&self, petition: &Petition<'_>) -> Option<Ruling> {
        if self.read_only {
            return Some(deny("I am in read-only mode: I look, and change nothing.", None));
        }
        let places = places(petition);
        if petition.plan.effect == Effect::Destroy {
            let protected = places.iter().flatten().find(|namespace| {
                self.protected_namespaces
                    .iter()
                    .any(|pattern| pattern.matches(namespace))
            });
            if let Some(namespace) = protected {
                let reason = format!("The namespace `{namespace}` is protected: nothing in it is destroyed.");
                return Some(deny(reason, None));
            }
        }
        let frozen = self
            .freeze
            .iter()
            .filter(|freeze| {
                places
                    .iter()
                    .any(|place| freeze.covers(*place, &self.environments))
            })
            .filter(|freeze| freeze.holds(petition.now))
            .max_by_key(|freeze| freeze.until.timestamp(petition.now));
        if let Some(freeze) = frozen {
            return Some(deny(freeze.reason(), Some(freeze.ends(petition.now))));
        }
        self.rate_limits
            .iter()
            .filter(|limit| places.iter().any(|place| limit.covers(petition.tool, *place)))
            .find_map(|limit| limit.reached(petition))
            .map(|(reason, again)| deny(reason, Some(again)))
    }

    /// What the rules say about a person's wish in one place.
    fn rule_on<'a>(&'a self, petition: &Petition<'_>, person: &Person, place: Option<&str>) -> Ruled<'a> {
        let case = Case {
            person,
            tool: petition.tool,
            effect: petition.plan.effect,
            place,
            now: petition.now,
        };
        let fitting = self
            .rules
            .iter()
            .find(|rule| rule.fits(&case, &self.environments));
        match (fitting, self.default) {
            (Some(rule), _) => Ruled::by_rule(rule),
            (None, Otherwise::Allow) => Ruled::Allow,
            (None, Otherwise::Ask) => Ruled::Ask {
                approvals: 1,
                by: None,
            },
            (None, Otherwise::Deny) => Ruled::Deny { rule: None },
        }
    }

    /// Whether somebody may approve what the asker was ruled on like this.
    fn approval(&self, petition: &Petition<'_>, place: Option<&str>) -> Ruling {
        let own = || self.rule_on(petition, petition.person, place);
        let ruled = self.rule_on(petition, petition.asked_by, place);
        match &ruled {
            Ruled::Deny { .. } => {}
            Ruled::Ask { by: Some(by), .. } => {
                if !by.covers(petition.person) {
                    let reason = format!("{} may not approve this.", petition.person.called());
                    return deny(reason, Some(format!("{} may", by.who())));
                }
                // Whom a rule names as an approver needs no rule that lets them ask, but may not be kept out by one.
                if let Ruled::Deny { rule: Some(rule) } = own() {
                    return deny(rule.denial(), None);
                }
            }
            Ruled::Allow | Ruled::Ask { by: None, .. } => {
                if petition.person.id != petition.asked_by.id
                    && let Ruled::Deny { rule } = own()
                {
                    return Ruled::Deny { rule }.ruling();
                }
            }
        }
        ruled.ruling()
    }

    fn ask_without_words(&self, petition: &Petition<'_>) -> Ruling {
        self.for_everybody(petition).unwrap_or_else(|| {
            strictest(
                places(petition)
                    .into_iter()
                    .map(|place| self.rule_on(petition, petition.person, place).ruling()),
            )
        })
    }

    fn approve_without_words(&self, petition: &Petition<'_>) -> Ruling {
        self.for_everybody(petition).unwrap_or_else(|| {
            strictest(
                places(petition)
                    .into_iter()
                    .map(|place| self.approval(petition, place)),
            )
        })
    }
}

impl ApprovalPolicy for Rules {
    fn may_ask(&self, petition: &Petition<'_>) -> Ruling {
        let ruling = self.ask_without_words(petition);
        who::named(self, ruling, petition, |rules, petition| {
            // Whoever is tried in the person's place asks for it themselves.
            rules.ask_without_words(&Petition {
                asked_by: petition.person,
                ..petition.clone()
            })
        })
    }

    fn may_approve(&self, petition: &Petition<'_>) -> Ruling {
        let ruling = self.approve_without_words(petition);
        who::named(self, ruling, petition, Rules::approve_without_words)
    }

    fn rates(&self, petition: &Petition<'_>) -> Vec<Rate> {
        let places = places(petition);
        self.rate_limits
            .iter()
            .flat_map(|limit| {
                places
                    .iter()
                    .filter(|place| limit.covers(petition.tool, **place))
                    .map(|place| limit.rate(petition.tool, *place))
            })
            .collect()
    }
}

fn deny(reason: impl Into<String>, who: Option<String>) -> Ruling {
    Ruling::Deny {
        reason: reason.into(),
        who,
    }
}

/// Where a plan reaches: its namespaces, and `None` where it touches something of the cluster itself.
fn places<'a>(petition: &Petition<'a>) -> Vec<Option<&'a str>> {
    let plan = petition.plan;
    let mut places: Vec<Option<&str>> = plan.namespaces().into_iter().map(Some).collect();
    let of_the_cluster = plan
        .targets
        .iter()
        .any(|target| target.namespace.is_none() && target.kind != "Namespace");
    if of_the_cluster || places.is_empty() {
        places.push(None);
    }
    places
}
