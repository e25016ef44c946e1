//! Words in, the stretch that has a name out: "yesterday", "this morning", "last night", "the weekend", "on Tuesday".

use jiff::{SignedDuration, Timestamp, civil};

use super::{Found, Reader, open};
use crate::TimeRange;

impl Reader<'_> {
    /// A stretch that has a name: "yesterday", "this morning", "last night", "the weekend", "on Tuesday".
    pub(super) fn whole(&self, at: usize) -> Option<Found> {
        let today = self.now.date();
        let yesterday = today.yesterday().ok()?;
        let (first, second) = (self.word(at), self.word(at + 1));
        let part = |date: civil::Date, word: &str| -> Option<TimeRange> {
            let (from, until) = match word {
                "morning" => (5, 12),
                "afternoon" => (12, 18),
                "evening" => (17, 23),
                _ => return None,
            };
            self.stretch(date.at(from, 0, 0, 0), date.at(until, 0, 0, 0))
        };
        match (first, second) {
            ("yesterday", word) => {
                if let Some((clock, used)) = self.clock(at + 1 + usize::from(word == "at"), true) {
                    let from = self.instant_of(yesterday, clock)?;
                    return Some((self.hour_of(from), used + 1 + usize::from(word == "at")));
                }
                if let Some(range) = part(yesterday, word) {
                    return Some((range, 2));
                }
                Some((self.stretch(yesterday.at(0, 0, 0, 0), today.at(0, 0, 0, 0))?, 1))
            }
            ("today", _) => Some((open(self.start_of(today)?), 1)),
            ("this" | "earlier", "morning" | "afternoon" | "evening") => Some((part(today, second)?, 2)),
            ("tonight", _) => Some((self.stretch(today.at(18, 0, 0, 0), today.at(23, 59, 59, 0))?, 1)),
            ("last", "night") => Some((self.night()?, 2)),
            ("overnight", _) => Some((self.night()?, 1)),
            ("this", "week") => Some((open(self.start_of(self.monday()?)?), 2)),
            ("last" | "previous", "week") => {
                let monday = self.monday()?;
                let before = monday.checked_sub(jiff::Span::new().days(7)).ok()?;
                Some((self.stretch(before.at(0, 0, 0, 0), monday.at(0, 0, 0, 0))?, 2))
            }
            ("weekend", _) | ("last" | "this", "weekend") => {
                let used = if first == "weekend" { 1 } else { 2 };
                let saturday = self.back_to(civil::Weekday::Saturday, false)?;
                let monday = saturday.checked_add(jiff::Span::new().days(2)).ok()?;
                Some((
                    self.stretch(saturday.at(0, 0, 0, 0), monday.at(0, 0, 0, 0))?,
                    used,
                ))
            }
            ("last", word) if weekday(word).is_some() => {
                let (range, used) = self.weekday(at + 1)?;
                Some((range, used + 1))
            }
            _ => self.weekday(at).or_else(|| self.date(at)),
        }
    }

    pub(super) fn weekday_start(&self, at: usize) -> Option<(Timestamp, usize)> {
        let skip = usize::from(self.word(at) == "last");
        let date = self.back_to(weekday(self.word(at + skip))?, true)?;
        if let Some((clock, used)) = self.clock(at + skip + 1, true) {
            return Some((self.instant_of(date, clock)?, used + 1 + skip));
        }
        let hour = match self.word(at + skip + 1) {
            "morning" => 5,
            "afternoon" => 12,
            "evening" | "night" => 18,
            _ => return Some((self.start_of(date)?, 1 + skip)),
        };
        Some((self.instant_of(date, civil::time(hour, 0, 0, 0))?, 2 + skip))
    }

    fn weekday(&self, at: usize) -> Option<Found> {
        let (from, used) = self.weekday_start(at)?;
        let hours = match used {
            1 => 24,
            _ if self.word(at + 1).starts_with(|c: char| c.is_ascii_digit()) => 1,
            _ => 7,
        };
        let until = from.checked_add(SignedDuration::from_hours(hours)).ok()?;
        Some((
            TimeRange {
                from,
                until: (until < self.now.timestamp()).then_some(until),
            },
            used,
        ))
    }

    /// From yesterday evening to this morning.
    fn night(&self) -> Option<TimeRange> {
        let today = self.now.date();
        self.stretch(today.yesterday().ok()?.at(18, 0, 0, 0), today.at(8, 0, 0, 0))
    }

    fn monday(&self) -> Option<civil::Date> {
        let days = i64::from(self.now.date().weekday().to_monday_zero_offset());
        self.now.date().checked_sub(jiff::Span::new().days(days)).ok()
    }

    /// The last day of that name; today only if `before` does not ask for one before.
    fn back_to(&self, day: civil::Weekday, before: bool) -> Option<civil::Date> {
        let mut date = self.now.date();
        if before {
            date = date.yesterday().ok()?;
        }
        for _ in 0..7 {
            if date.weekday() == day {
                return Some(date);
            }
            date = date.yesterday().ok()?;
        }
        None
    }
}

fn weekday(word: &str) -> Option<civil::Weekday> {
    use civil::Weekday;
    Some(match word {
        "monday" | "mon" | "mondays" => Weekday::Monday,
        "tuesday" | "tue" | "tues" => Weekday::Tuesday,
        "wednesday" | "wed" | "weds" => Weekday::Wednesday,
        "thursday" | "thu" | "thur" | "thurs" => Weekday::Thursday,
        "friday" | "fri" => Weekday::Friday,
        "saturday" | "sat" => Weekday::Saturday,
        "sunday" | "sun" => Weekday::Sunday,
        _ => return None,
    })
}
