//! A denial in, the same with who may, or when, out.

use std::collections::BTreeSet;

use jiff::{ToSpan, Zoned, civil::Time};

use super::{By, Patterns, Rules};
use crate::{
    Person,
    action::{Petition, Ruling},
};

/// How far ahead a time at which it is allowed is looked for.
const DAYS_AHEAD: i64 = 8;

/// Adds to a denial who may in the person's place, else when the person may; `rule` rules without words.
pub(super) fn named(
    rules: &Rules,
    ruling: Ruling,
    petition: &Petition<'_>,
    rule: impl Fn(&Rules, &Petition<'_>) -> Ruling,
) -> Ruling {
    let Ruling::Deny { reason, who: None } = ruling else {
        return ruling;
    };
    let allowed = |petition: &Petition<'_>| !matches!(rule(rules, petition), Ruling::Deny { .. });
    let in_place = |person: &Person| {
        allowed(&Petition {
            person,
            ..petition.clone()
        })
    };
    let (groups, persons) = mentioned(rules);
    let may = By {
        groups: groups
            .into_iter()
            .filter(|group| in_place(&somebody("", vec![group.clone()])))
            .collect(),
        persons: persons
            .into_iter()
            .filter(|id| in_place(&somebody(id, Vec::new())))
            .collect(),
    };
    let who = if may == By::default() {
        later(rules, petition.now)
            .into_iter()
            .find(|then| {
                allowed(&Petition {
                    now: then,
                    ..petition.clone()
                })
            })
            .map(|then| format!("it may be done {}", moment(&then, petition.now)))
    } else {
        Some(format!("{} may", may.who()))
    };
    Ruling::Deny { reason, who }
}

fn somebody(id: &str, groups: Vec<String>) -> Person {
    Person {
        id: id.to_owned(),
        name: None,
        groups,
    }
}

/// The groups and people that the rules name.
fn mentioned(rules: &Rules) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut groups, mut persons) = (BTreeSet::new(), BTreeSet::new());
    let exact = |patterns: &Option<Patterns>| -> Vec<String> {
        let named = patterns
            .iter()
            .flat_map(Patterns::iter)
            .filter(|name| name.is_exact());
        named.map(|name| name.as_str().to_owned()).collect()
    };
    for rule in &rules.rules {
        groups.extend(exact(&rule.group));
        persons.extend(exact(&rule.person));
        if let Some(by) = &rule.by {
            groups.extend(by.groups.iter().cloned());
            persons.extend(by.persons.iter().cloned());
        }
    }
    (groups, persons)
}

/// The moments of the coming days at which some rule begins or ceases to fit, in order.
fn later(rules: &Rules, now: &Zoned) -> Vec<Zoned> {
    let times: BTreeSet<Time> = rules
        .rules
        .iter()
        .flat_map(|rule| {
            let midnight = rule.days.is_some().then(Time::midnight);
            [rule.from, rule.until, midnight]
        })
        .flatten()
        .collect();
    (0..DAYS_AHEAD)
        .filter_map(|days| now.date().checked_add(days.days()).ok())
        .flat_map(|date| times.iter().map(move |time| date.to_datetime(*time)))
        .filter_map(|local| local.to_zoned(now.time_zone().clone()).ok())
        .filter(|then| then > now)
        .collect()
}

/// A moment ahead, as people say it: `today at 18:00`, `on Monday at 09:00`, `on 2 January at 09:00`.
pub(super) fn moment(then: &Zoned, now: &Zoned) -> String {
    let clock = then.strftime("%H:%M");
    let days = now
        .date()
        .until(then.date())
        .map_or(i32::MAX, |span| span.get_days());
    match days {
        0 => format!("today at {clock}"),
        1 => format!("tomorrow at {clock}"),
        2..=6 => format!("on {} at {clock}", then.strftime("%A")),
        _ if then.year() == now.year() => format!("on {} at {clock}", then.strftime("%-d %B")),
        _ => format!("on {} at {clock}", then.strftime("%-d %B %Y")),
    }
}

impl By {
    /// Who that is, in words: `anybody in sre or dba, or anna`.
    pub(crate) fn who(&self) -> String {
        let groups: Vec<&str> = self.groups.iter().map(String::as_str).collect();
        let persons: Vec<&str> = self.persons.iter().map(String::as_str).collect();
        match (either(&groups), either(&persons)) {
            (Some(groups), Some(persons)) => format!("anybody in {groups}, or {persons}"),
            (Some(groups), None) => format!("anybody in {groups}"),
            (None, Some(persons)) => persons,
            (None, None) => "nobody".to_owned(),
        }
    }
}

/// `a, b or c`.
fn either(names: &[&str]) -> Option<String> {
    match names {
        [] => None,
        [only] => Some((*only).to_owned()),
        [first @ .., last] => Some(format!("{} or {last}", first.join(", "))),
    }
}
