//! Days of the week and times of the day in, whether a moment falls into them out.

use jiff::{
    Zoned,
    civil::{Time, Weekday},
};
use serde::{Deserialize, Serialize};

const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

/// Days of the week, written `["mon-fri", "sun"]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct Days(Vec<Weekday>);

impl Days {
    pub(super) fn has(&self, day: Weekday) -> bool {
        self.0.contains(&day)
    }
}

impl TryFrom<Vec<String>> for Days {
    type Error = String;

    fn try_from(written: Vec<String>) -> Result<Self, String> {
        let mut days = Vec::new();
        for entry in &written {
            let (first, last) = entry
                .split_once("..")
                .or_else(|| entry.split_once('-'))
                .unwrap_or((entry, entry));
            let (first, last) = (position(first, entry)?, position(last, entry)?);
            // fri-mon goes over the weekend.
            let length = (last + 7 - first) % 7 + 1;
            days.extend(DAYS.iter().cycle().skip(first).take(length).map(|(_, day)| *day));
        }
        if days.is_empty() {
            return Err("an empty list of days fits nothing; leave days out if every day fits".to_owned());
        }
        Ok(Self(days))
    }
}

fn position(name: &str, entry: &str) -> Result<usize, String> {
    let name = name.trim().to_lowercase();
    DAYS.iter()
        .position(|(short, _)| name.len() >= 3 && name.starts_with(short))
        .ok_or_else(|| {
            format!("there is no day {entry:?}; days are mon, tue, wed, thu, fri, sat, sun, or mon-fri")
        })
}

impl From<Days> for Vec<String> {
    fn from(days: Days) -> Self {
        DAYS.iter()
            .filter(|(_, day)| days.has(*day))
            .map(|(short, _)| (*short).to_owned())
            .collect()
    }
}

/// Whether `now` falls into the window; what is not given does not narrow it.
pub(super) fn holds(days: Option<&Days>, from: Option<Time>, until: Option<Time>, now: &Zoned) -> bool {
    let on = |day: Weekday| days.is_none_or(|days| days.has(day));
    let (today, time) = (now.weekday(), now.time());
    match (from, until) {
        (Some(from), Some(until)) if from >= until => {
            (time >= from && on(today)) || (time < until && on(today.previous()))
        }
        _ => from.is_none_or(|from| time >= from) && until.is_none_or(|until| time < until) && on(today),
    }
}
