//! One rule: the conditions under which it fits, and what it says then.

use std::collections::BTreeMap;

use jiff::{Zoned, civil::Time};
use serde::{Deserialize, Serialize};

use super::{Days, Pattern, Patterns, window};
use crate::{Effect, Person};

/// What a rule says about a change that it fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Then {
    /// Whoever asks may have it done.
    Allow,
    /// It takes approvals.
    Ask,
    /// No.
    Deny,
}

/// What a change does, as a rule names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Impact {
    /// Changes something that can be changed back.
    Change,
    /// Destroys something.
    Destroy,
}

impl Impact {
    /// A plan always writes, whatever its tool calls it.
    fn of(effect: Effect) -> Self {
        match effect {
            Effect::Destroy => Self::Destroy,
            Effect::Read | Effect::Change => Self::Change,
        }
    }
}

/// Who may approve.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct By {
    /// Anybody in these groups.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// These people, by their id.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub persons: Vec<String>,
}

impl By {
    pub(crate) fn covers(&self, person: &Person) -> bool {
        self.persons.contains(&person.id) || self.groups.iter().any(|group| person.groups.contains(group))
    }
}

/// A rule. Conditions that are not given fit everything; all that are given must fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// What the change does.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub effect: Option<Impact>,
    /// The tool.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tool: Option<Patterns>,
    /// The namespace.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub namespace: Option<Patterns>,
    /// The environment, one of [`super::Rules::environments`].
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub environment: Option<Patterns>,
    /// Who asks, by their id.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub person: Option<Patterns>,
    /// A group that whoever asks is in.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub group: Option<Patterns>,
    /// The days of the week: `["mon-fri"]`. A window over midnight belongs to the day on which it begins.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub days: Option<Days>,
    /// From this time of the day.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub from: Option<Time>,
    /// Until this time of the day; before `from` it is that of the next day.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub until: Option<Time>,
    /// What holds then.
    pub then: Then,
    /// For `ask`: how many different people must approve; one where it is not given.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub approvals: Option<u32>,
    /// For `ask`: who may approve; where it is not given, whoever may ask for the same.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub by: Option<By>,
    /// For `deny`: why, one sentence.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
}

/// What a rule is held against.
#[derive(Debug, Clone, Copy)]
pub(super) struct Case<'a> {
    pub(super) person: &'a Person,
    pub(super) tool: &'a str,
    pub(super) effect: Effect,
    /// The namespace; `None` for what belongs to the cluster itself.
    pub(super) place: Option<&'a str>,
    pub(super) now: &'a Zoned,
}

impl Rule {
    pub(super) fn fits(&self, case: &Case<'_>, environments: &BTreeMap<String, Vec<Pattern>>) -> bool {
        let any = |patterns: &Option<Patterns>, text: &str| {
            patterns.as_ref().is_none_or(|patterns| patterns.match_any(text))
        };
        self.effect.is_none_or(|effect| effect == Impact::of(case.effect))
            && any(&self.tool, case.tool)
            && any(&self.person, &case.person.id)
            && self
                .group
                .as_ref()
                .is_none_or(|patterns| case.person.groups.iter().any(|group| patterns.match_any(group)))
            && window::holds(self.days.as_ref(), self.from, self.until, case.now)
            && self.reaches(case.place, environments)
    }

    /// Whether the rule speaks of a place. What belongs to the cluster itself, a node or a cluster role, may reach every
    /// namespace: rules for some namespaces forbid it, but do not permit it.
    fn reaches(&self, place: Option<&str>, environments: &BTreeMap<String, Vec<Pattern>>) -> bool {
        let Some(namespace) = place else {
            return (self.namespace.is_none() && self.environment.is_none()) || self.then == Then::Deny;
        };
        self.namespace
            .as_ref()
            .is_none_or(|patterns| patterns.match_any(namespace))
            && self.environment.as_ref().is_none_or(|wanted| {
                environments.iter().any(|(name, namespaces)| {
                    wanted.match_any(name) && namespaces.iter().any(|pattern| pattern.matches(namespace))
                })
            })
    }

    /// Why this rule denies, one sentence.
    pub(super) fn denial(&self) -> String {
        if let Some(reason) = &self.reason {
            return reason.clone();
        }
        let mut what = match self.effect {
            Some(Impact::Destroy) => "destroying things".to_owned(),
            Some(Impact::Change) | None => "changes".to_owned(),
        };
        if let Some(tool) = &self.tool {
            what.push_str(&format!(" with `{tool}`"));
        }
        if let Some(place) = self.environment.as_ref().or(self.namespace.as_ref()) {
            what.push_str(&format!(" in `{place}`"));
        }
        let who = if self.person.is_some() || self.group.is_some() {
            " to you"
        } else {
            ""
        };
        let when = if self.from.is_some() || self.days.is_some() {
            " at this time"
        } else {
            ""
        };
        format!("The policy does not allow {what}{who}{when}.")
    }
}
