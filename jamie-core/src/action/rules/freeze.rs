//! A time in which nothing may be changed, everywhere or in some namespaces.

use std::collections::BTreeMap;

use jiff::{Timestamp, Zoned, civil::DateTime};
use serde::{Deserialize, Deserializer, Serialize};

use super::{Pattern, Patterns, who};

/// A moment: RFC 3339 with its offset, or a date and time in the zone in which the policy is meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Instant(String);

impl Instant {
    /// Reads a moment.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.parse::<Timestamp>().is_err() && text.parse::<DateTime>().is_err() {
            return Err(format!(
                "{text:?} is no moment; write it like 2026-12-20T18:00:00Z, or 2026-12-20 18:00 in your own zone"
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// When that is, for people in the zone of `now`.
    pub(super) fn timestamp(&self, now: &Zoned) -> Timestamp {
        self.0
            .parse()
            .or_else(|_| {
                let local: DateTime = self.0.parse()?;
                Ok::<_, jiff::Error>(local.to_zoned(now.time_zone().clone())?.timestamp())
            })
            .unwrap_or(Timestamp::MAX)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// TOML knows moments of its own; between quotes they are texts.
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Text(String),
            Moment(toml::value::Datetime),
        }
        let text = match Written::deserialize(deserializer)? {
            Written::Text(text) => text,
            Written::Moment(moment) => moment.to_string(),
        };
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// A time in which nothing may be changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Freeze {
    /// From when.
    pub from: Instant,
    /// Until when.
    pub until: Instant,
    /// Where; with `environments` it is both, with neither it is everywhere.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub namespaces: Option<Patterns>,
    /// In which environments.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub environments: Option<Patterns>,
    /// Why: `the Christmas trade`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
}

impl Freeze {
    pub(super) fn holds(&self, now: &Zoned) -> bool {
        let at = now.timestamp();
        self.from.timestamp(now) <= at && at < self.until.timestamp(now)
    }

    /// Whether it covers a namespace. What belongs to the cluster itself may reach all of them.
    pub(super) fn covers(&self, place: Option<&str>, known: &BTreeMap<String, Vec<Pattern>>) -> bool {
        let Some(namespace) = place else { return true };
        if self.namespaces.is_none() && self.environments.is_none() {
            return true;
        }
        self.namespaces
            .as_ref()
            .is_some_and(|patterns| patterns.match_any(namespace))
            || self.environments.as_ref().is_some_and(|wanted| {
                known.iter().any(|(name, namespaces)| {
                    wanted.match_any(name) && namespaces.iter().any(|pattern| pattern.matches(namespace))
                })
            })
    }

    pub(super) fn reason(&self) -> String {
        match &self.reason {
            Some(reason) => format!("Changes are frozen: {}.", reason.trim_end_matches('.')),
            None => "Changes are frozen.".to_owned(),
        }
    }

    pub(super) fn ends(&self, now: &Zoned) -> String {
        let until = self.until.timestamp(now).to_zoned(now.time_zone().clone());
        format!("the freeze ends {}", who::moment(&until, now))
    }
}
