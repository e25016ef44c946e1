//! Words in; the time of day, the point in time or the hours between two of them out: "2pm", "14:00-15:30".

use jiff::{Timestamp, civil};

use super::{Found, Reader};
use crate::TimeRange;

impl Reader<'_> {
    /// A point in time: "14:00", "2pm", "noon", "yesterday 14:00", "2026-11-03T10:00:00Z".
    pub(super) fn instant(&self, at: usize) -> Option<(Timestamp, usize)> {
        let word = self.word(at);
        if word.len() > 15
            && let Ok(exact) = word.to_uppercase().parse::<Timestamp>()
        {
            return Some((exact, 1));
        }
        let (date, skip) = match word {
            "yesterday" => (self.now.date().yesterday().ok()?, 1),
            "today" => (self.now.date(), 1),
            _ => self.date_at(at).unwrap_or((self.now.date(), 0)),
        };
        let skip = skip + usize::from(skip > 0 && self.word(at + skip) == "at");
        if let Some((clock, used)) = self.clock(at + skip, skip > 0 || at > 0) {
            let mut instant = self.instant_of(date, clock)?;
            let mut used = used + skip;
            if skip == 0 && self.word(at + used) == "yesterday" {
                instant = self.instant_of(date.yesterday().ok()?, clock)?;
                used += 1;
            } else if skip == 0 && instant > self.now.timestamp() {
                instant = self.instant_of(date.yesterday().ok()?, clock)?;
            }
            return Some((instant, used));
        }
        None
    }

    /// Whether what stands there can be nothing but a time of day: "14:00", "2pm", "noon"; "5" can.
    pub(super) fn is_clear_time(&self, at: usize) -> bool {
        let word = self.word(at);
        word.contains(':')
            || word.ends_with("am")
            || word.ends_with("pm")
            || matches!(word, "noon" | "midnight" | "yesterday" | "today" | "midday")
            || matches!(self.word(at + 1), "am" | "pm" | "o'clock" | "oclock")
            || word.len() > 15
    }

    /// A time of day; a bare number counts only where `bare` says that one is expected.
    pub(super) fn clock(&self, at: usize, bare: bool) -> Option<(civil::Time, usize)> {
        let word = self.word(at);
        match word {
            "noon" | "midday" | "lunchtime" => return Some((civil::time(12, 0, 0, 0), 1)),
            "midnight" => return Some((civil::time(0, 0, 0, 0), 1)),
            _ => {}
        }
        if word.starts_with(|c: char| c.is_ascii_digit()) && word.len() > 8 {
            return None;
        }
        let (digits, half) = if let Some(digits) = word.strip_suffix("am") {
            (digits, Some(false))
        } else if let Some(digits) = word.strip_suffix("pm") {
            (digits, Some(true))
        } else {
            (word.strip_suffix('h').unwrap_or(word), None)
        };
        let (half, used) = match (half, self.word(at + 1)) {
            (None, "am") => (Some(false), 2),
            (None, "pm") => (Some(true), 2),
            (None, "o'clock" | "oclock") => (None, 2),
            (half, _) => (half, 1),
        };
        let mut parts = digits.split([':', '.']);
        let mut hour: i8 = parts.next()?.parse().ok()?;
        let minute: i8 = parts.next().map_or(Some(0), |minute| minute.parse().ok())?;
        let second: i8 = parts.next().map_or(Some(0), |second| second.parse().ok())?;
        let has_minutes = digits.contains(':');
        if half.is_none() && !has_minutes && used == 1 && !bare {
            return None;
        }
        match half {
            Some(true) if hour < 12 => hour += 12,
            Some(false) if hour == 12 => hour = 0,
            _ => {}
        }
        civil::Time::new(hour, minute, second, 0)
            .ok()
            .map(|time| (time, used))
    }

    /// "between 2 and 3pm", "from 14:00 to 15:00 yesterday".
    pub(super) fn between(&self, at: usize, joint: &str) -> Option<Found> {
        let (date, skip) = match self.word(at) {
            "yesterday" => (self.now.date().yesterday().ok()?, 1),
            _ => (self.now.date(), 0),
        };
        let (first, used) = self.clock(at + skip, true)?;
        let second_at = at + skip + used + 1;
        if self.word(second_at - 1) != joint {
            return None;
        }
        let (second, more) = self.clock(second_at, true)?;
        let said_clearly = self.is_clear_time(at + skip) || self.is_clear_time(second_at);
        if !said_clearly && joint != "and" {
            return None;
        }
        let mut used = skip + used + 1 + more;
        let mut date = date;
        if self.word(at + used) == "yesterday" {
            date = date.yesterday().ok()?;
            used += 1;
        }
        // "between 2 and 3pm": the first is of the same half of the day.
        let first = if first.hour() < 12
            && second.hour() >= 12
            && i32::from(first.hour()) + 12 <= i32::from(second.hour())
            && !self.word(at + skip).ends_with("am")
        {
            civil::Time::new(first.hour() + 12, first.minute(), first.second(), 0).ok()?
        } else {
            first
        };
        let mut from = self.instant_of(date, first)?;
        if from > self.now.timestamp() {
            date = date.yesterday().ok()?;
            from = self.instant_of(date, first)?;
        }
        let mut until = self.instant_of(date, second)?;
        if until <= from {
            until = self.instant_of(date.tomorrow().ok()?, second)?;
        }
        let until = (until < self.now.timestamp()).then_some(until);
        Some((TimeRange { from, until }, used))
    }

    /// "14:00-15:30".
    pub(super) fn dash(&self, at: usize) -> Option<Found> {
        let (first, second) = self.word(at).split_once('-')?;
        let parse = |text: &str| -> Option<civil::Time> {
            let (hour, minute) = text.split_once(':')?;
            civil::Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
        };
        let (first, second) = (parse(first)?, parse(second)?);
        let date = self.now.date();
        let range = TimeRange {
            from: self.instant_of(date, first)?,
            until: Some(self.instant_of(date, second)?),
        };
        Some((range, 1))
    }
}
