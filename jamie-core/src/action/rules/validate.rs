//! Rules as they were read in, the first thing that makes no sense about them out.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::{Patterns, Rule, Rules, Then};
use crate::{Error, ErrorKind, Result};

impl Rules {
    /// Checks what a type cannot: that environments exist, that approvals can be had, that times are in order.
    pub fn validate(&self) -> Result<()> {
        for (at, rule) in self.rules.iter().enumerate() {
            let place = format!("policy.rules, rule {}", at + 1);
            self.check_environments(&place, rule.environment.as_ref())?;
            check_rule(&place, rule)?;
        }
        let somewhere = Timestamp::UNIX_EPOCH.to_zoned(TimeZone::UTC);
        for (at, freeze) in self.freeze.iter().enumerate() {
            let place = format!("policy.freeze, freeze {}", at + 1);
            self.check_environments(&place, freeze.environments.as_ref())?;
            let (from, until) = (
                freeze.from.timestamp(&somewhere),
                freeze.until.timestamp(&somewhere),
            );
            if until.duration_since(from) <= SignedDuration::ZERO {
                return wrong(
                    &place,
                    "it ends before it begins",
                    "set until to a moment after from",
                );
            }
        }
        for (at, limit) in self.rate_limits.iter().enumerate() {
            if limit.max == 0 {
                let place = format!("policy.rate_limits, limit {}", at + 1);
                return wrong(&place, "max is 0", "forbid it with a rule: then = \"deny\"");
            }
        }
        Ok(())
    }

    fn check_environments(&self, place: &str, wanted: Option<&Patterns>) -> Result<()> {
        let unknown = wanted
            .into_iter()
            .flat_map(Patterns::iter)
            .find(|wanted| !self.environments.keys().any(|name| wanted.matches(name)));
        match unknown {
            None => Ok(()),
            Some(name) => wrong(
                place,
                &format!("there is no environment {:?}", name.as_str()),
                "name its namespaces under [policy.environments]",
            ),
        }
    }
}

fn check_rule(place: &str, rule: &Rule) -> Result<()> {
    if rule.then != Then::Ask && (rule.approvals.is_some() || rule.by.is_some()) {
        let hint = "approvals and by go with then = \"ask\"";
        return wrong(place, "it names approvals, but asks for none", hint);
    }
    if rule.then != Then::Deny && rule.reason.is_some() {
        let hint = "reason goes with then = \"deny\"";
        return wrong(place, "it gives a reason, but denies nothing", hint);
    }
    if rule.approvals == Some(0) {
        return wrong(
            place,
            "approvals is 0",
            "use then = \"allow\" where nobody else need approve",
        );
    }
    if let Some(by) = &rule.by
        && by.groups.is_empty()
    {
        let needed = rule.approvals.unwrap_or(1) as usize;
        let mut persons = by.persons.clone();
        persons.sort_unstable();
        persons.dedup();
        if persons.len() < needed {
            let fault = format!("it needs {needed} approvals, and {} may approve", persons.len());
            return wrong(place, &fault, "name more people, or a group, under by");
        }
    }
    if rule.from.is_some() && rule.from == rule.until {
        return wrong(
            place,
            "from and until are the same",
            "leave both out for the whole day",
        );
    }
    Ok(())
}

fn wrong(place: &str, fault: &str, hint: &str) -> Result<()> {
    Err(Error::new(ErrorKind::Config, format!("{place}: {fault}")).with_hint(hint))
}
