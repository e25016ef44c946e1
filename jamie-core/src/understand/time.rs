//! Words in, the stretch of time they speak of out: "since Thursday", "last night", "between 2 and 3pm".

mod calendar;
mod clock;
mod date;
mod named;

use jiff::{SignedDuration, Timestamp, Zoned, civil, tz::TimeZone};

use super::{amount, words::Token};
use crate::TimeRange;

/// Reads times against a now and a zone.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    now: Zoned,
    zone: &'a TimeZone,
    tokens: &'a [Token],
}

/// A stretch found, with the words it took.
type Found = (TimeRange, usize);

impl<'a> Reader<'a> {
    pub(super) fn new(now: Timestamp, zone: &'a TimeZone, tokens: &'a [Token]) -> Self {
        Self {
            now: now.to_zoned(zone.clone()),
            zone,
            tokens,
        }
    }

    /// The first time spoken of; its words are marked as taken.
    pub(super) fn read(&self, taken: &mut [bool]) -> Option<TimeRange> {
        for at in 0..self.tokens.len() {
            if taken.get(at).copied().unwrap_or(true) || self.tokens.get(at).is_some_and(|token| token.quoted)
            {
                continue;
            }
            let Some((range, used)) = self.at(at) else {
                continue;
            };
            for flag in taken.iter_mut().skip(at).take(used) {
                *flag = true;
            }
            return Some(range);
        }
        None
    }

    fn word(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| token.word.as_str())
    }

    fn at(&self, at: usize) -> Option<Found> {
        if let Some(found) = self.calendar(at) {
            return Some(found);
        }
        match self.word(at) {
            "since" | "from" | "after" => self.since(at),
            "between" => self.between(at + 1, "and").map(|(range, used)| (range, used + 1)),
            "in" | "over" | "within" | "during" | "for" | "on" | "at" | "around" | "about" | "the"
            | "past" | "last" | "previous" => self.after_preposition(at),
            _ => self
                .ago(at)
                .map(|(from, used)| (open(from), used))
                .or_else(|| self.whole(at))
                .or_else(|| self.dash(at))
                .or_else(|| {
                    self.instant(at)
                        .filter(|_| self.is_clear_time(at))
                        .map(|(from, used)| (self.hour_of(from), used))
                }),
        }
    }

    /// "since Thursday", "since 14:00", "since an hour ago", "after lunch" is none.
    fn since(&self, at: usize) -> Option<Found> {
        if self.word(at) == "from" {
            let range = self
                .between(at + 1, "to")
                .or_else(|| self.between(at + 1, "until"));
            if let Some((range, used)) = range {
                return Some((range, used + 1));
            }
        }
        let start = at
            + 1
            + usize::from(matches!(
                self.word(at + 1),
                "the" | "about" | "around" | "at" | "like"
            ));
        let skipped = start - at;
        if let Some((from, used)) = self.ago(start) {
            return Some((open(from), used + skipped));
        }
        if let Some((from, used)) = self.weekday_start(start) {
            return Some((open(from), used + skipped));
        }
        if let Some((range, used)) = self.whole(start) {
            let with_time = self.instant(start).filter(|(_, longer)| *longer > used);
            let (from, used) = with_time.unwrap_or((range.from, used));
            return Some((open(from), used + skipped));
        }
        if let Some((from, used)) = self.instant(start) {
            return Some((open(from), used + skipped));
        }
        let (seconds, used) = amount::length(self.tokens, start).filter(|_| self.word(at) == "since")?;
        Some((open(self.back(seconds)?), used + skipped))
    }

    /// "in the last two hours", "over the weekend", "at 14:00", "on Monday".
    fn after_preposition(&self, at: usize) -> Option<Found> {
        let mut start = at;
        while matches!(
            self.word(start),
            "in" | "over" | "within" | "during" | "for" | "on" | "at" | "around" | "about" | "the" | "like"
        ) {
            start += 1;
        }
        if start > at + 4 {
            return None;
        }
        let skipped = start - at;
        if matches!(self.word(start), "last" | "past" | "previous")
            && let Some((range, used)) = self.last(start)
        {
            return Some((range, used + skipped));
        }
        if let Some((from, used)) = self.ago(start) {
            return Some((open(from), used + skipped));
        }
        if let Some((range, used)) = self.whole(start) {
            return Some((range, used + skipped));
        }
        if !matches!(self.word(at), "at" | "around" | "about" | "on") {
            return None;
        }
        let said_at = matches!(self.word(at), "at" | "around");
        let (from, used) = self.instant(start)?;
        (said_at || self.is_clear_time(start)).then(|| (self.hour_of(from), used + skipped))
    }

    /// "last 2 hours", "past day", "last night", "last Thursday", "last week".
    fn last(&self, at: usize) -> Option<Found> {
        if let Some((range, used)) = self.whole(at) {
            return Some((range, used));
        }
        if let Some((seconds, used)) = amount::length(self.tokens, at + 1) {
            return Some((open(self.back(seconds)?), used + 1));
        }
        // "last hour" has no number; "last m" is nothing.
        let unit = self.word(at + 1);
        let seconds = amount::time_unit(unit).filter(|_| unit.len() > 2)?;
        Some((open(self.back(seconds)?), 2))
    }

    /// "2 hours ago", "an hour ago", "20m ago".
    fn ago(&self, at: usize) -> Option<(Timestamp, usize)> {
        let (seconds, used) = amount::length(self.tokens, at)?;
        let extra = usize::from(self.word(at + used) == "or" && self.word(at + used + 1) == "so") * 2;
        matches!(self.word(at + used + extra), "ago" | "back" | "earlier")
            .then(|| self.back(seconds).map(|from| (from, used + extra + 1)))?
    }

    fn start_of(&self, date: civil::Date) -> Option<Timestamp> {
        self.instant_of(date, civil::Time::midnight())
    }

    fn instant_of(&self, date: civil::Date, time: civil::Time) -> Option<Timestamp> {
        Some(
            self.zone
                .to_ambiguous_zoned(date.to_datetime(time))
                .compatible()
                .ok()?
                .timestamp(),
        )
    }

    /// From, until; no end where that lies ahead.
    fn stretch(&self, from: civil::DateTime, until: civil::DateTime) -> Option<TimeRange> {
        let from = self.instant_of(from.date(), from.time())?;
        let until = self.instant_of(until.date(), until.time())?;
        Some(TimeRange {
            from,
            until: (until < self.now.timestamp()).then_some(until),
        })
    }

    /// The hour that begins there: what "at 14:00" asks for.
    fn hour_of(&self, from: Timestamp) -> TimeRange {
        let until = from.checked_add(SignedDuration::from_hours(1)).ok();
        TimeRange {
            from,
            until: until.filter(|until| *until < self.now.timestamp()),
        }
    }

    fn back(&self, seconds: i64) -> Option<Timestamp> {
        self.now
            .timestamp()
            .checked_sub(SignedDuration::from_secs(seconds))
            .ok()
    }
}

fn open(from: Timestamp) -> TimeRange {
    TimeRange { from, until: None }
}
