//! A change that is proposed in, the rules that people have told and that concern it out.

use super::{Turn, known::telling_words, telling::Known};
use crate::{Action, Finding, memory::About};

/// The most rules beside a diagnosis.
const TOLD: usize = 3;

/// Words in a rule that are about changes of any kind.
const ANY_CHANGE: &[&str] = &[
    "change",
    "changes",
    "touch",
    "deploy",
    "deploys",
    "deployment",
    "deployments",
    "release",
    "releases",
    "anything",
    "production",
    "prod",
    "rollout",
    "rollouts",
    "ship",
    "maintenance",
];
const DAYS: &[(&str, jiff::civil::Weekday)] = &[
    ("monday", jiff::civil::Weekday::Monday),
    ("tuesday", jiff::civil::Weekday::Tuesday),
    ("wednesday", jiff::civil::Weekday::Wednesday),
    ("thursday", jiff::civil::Weekday::Thursday),
    ("friday", jiff::civil::Weekday::Friday),
    ("saturday", jiff::civil::Weekday::Saturday),
    ("sunday", jiff::civil::Weekday::Sunday),
];

impl Turn {
    /// The rules that concern an action, each with who told it and when, and whether it is for another day than today.
    pub(super) fn rules_about(&self, action: &Action) -> Vec<String> {
        self.history
            .known
            .iter()
            .filter(|known| matches!(known.fact.about, About::Rule(_)))
            .filter(|known| self.concerns(&known.fact.value, action))
            .map(|known| self.as_rule(known))
            .collect()
    }

    /// The rules about what a diagnosis names, beside what would mend it.
    pub(super) fn rules_beside<'a>(&self, findings: impl Iterator<Item = &'a Finding>) -> Vec<String> {
        let names: Vec<String> = findings
            .filter(|finding| finding.remedy.is_some())
            .flat_map(|finding| {
                let quoted = [&finding.title, &finding.cause];
                let quoted = quoted
                    .into_iter()
                    .flat_map(|text| text.split('`').skip(1).step_by(2));
                quoted
                    .map(|name| name.rsplit('/').next().unwrap_or(name).to_lowercase())
                    .chain([finding.object.name.to_lowercase()])
                    .collect::<Vec<_>>()
            })
            .collect();
        self.history
            .known
            .iter()
            .filter(|known| matches!(known.fact.about, About::Rule(_)))
            .filter(|known| {
                let words = telling_words(&self.meant(&known.fact.value.to_lowercase()));
                names.iter().any(|name| words.contains(name))
            })
            .take(TOLD)
            .map(|known| format!("Mind the rule: {}.", self.as_rule(known)))
            .collect()
    }

    fn as_rule(&self, known: &Known) -> String {
        let today = self.now.to_zoned(self.zone.clone());
        let rule = known.fact.value.trim_end_matches('.');
        let another = if holds_on(rule, today.weekday()) {
            String::new()
        } else {
            format!("; today is {}", today.strftime("%A"))
        };
        format!("“{rule}” ({}{another})", self.told_by(known))
    }

    fn concerns(&self, rule: &str, action: &Action) -> bool {
        let words = telling_words(&self.meant(&rule.to_lowercase()));
        let names = |name: &str| {
            words
                .iter()
                .any(|word| word == name || name.split('-').any(|part| part.len() > 3 && part == word))
        };
        let targets = &action.plan.targets;
        if targets.iter().any(|target| names(&target.name)) {
            return true;
        }
        let verb = action.tool.split('_').next().unwrap_or_default();
        let stem = verb.get(..verb.len().min(5)).unwrap_or(verb);
        let of_its_kind = words
            .iter()
            .any(|word| word.starts_with(stem) || ANY_CHANGE.contains(&word.as_str()));
        if !of_its_kind {
            return false;
        }
        if targets
            .iter()
            .filter_map(|target| target.namespace.as_deref())
            .any(names)
        {
            return true;
        }
        // A rule that names nothing in the estate holds for everything in it.
        let index = self.index.as_deref();
        !words
            .iter()
            .any(|word| index.is_some_and(|index| index.names_something(word)))
    }
}

/// Whether a rule holds on a day: one that names days holds on those.
fn holds_on(rule: &str, today: jiff::civil::Weekday) -> bool {
    let rule = rule.to_lowercase();
    let mut named: Vec<jiff::civil::Weekday> = DAYS
        .iter()
        .filter(|(word, _)| rule.contains(word))
        .map(|(_, day)| *day)
        .collect();
    if rule.contains("weekend") {
        named.extend([jiff::civil::Weekday::Saturday, jiff::civil::Weekday::Sunday]);
    }
    // "Only on Mondays" forbids the other days.
    let only = rule.contains("only");
    named.is_empty() || named.contains(&today) != only
}
