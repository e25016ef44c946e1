//! Words in, the stretch of time they speak of out: "since Thursday", "last night", "between 2 and 3pm".

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

    /// A stretch that has a name: "yesterday", "this morning", "last night", "the weekend", "on Tuesday".
    fn whole(&self, at: usize) -> Option<Found> {
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

    fn weekday_start(&self, at: usize) -> Option<(Timestamp, usize)> {
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

    /// "2026-11-03", "3 november", "november 3rd".
    fn date(&self, at: usize) -> Option<Found> {
        let (date, used) = self.date_at(at)?;
        if let Some((clock, more)) = self.clock(at + used + usize::from(self.word(at + used) == "at"), true) {
            let from = self.instant_of(date, clock)?;
            return Some((
                self.hour_of(from),
                used + more + usize::from(self.word(at + used) == "at"),
            ));
        }
        Some((
            self.stretch(date.at(0, 0, 0, 0), date.tomorrow().ok()?.at(0, 0, 0, 0))?,
            used,
        ))
    }

    fn date_at(&self, at: usize) -> Option<(civil::Date, usize)> {
        let word = self.word(at);
        if word.len() == 10
            && let Ok(date) = word.parse::<civil::Date>()
        {
            return Some((date, 1));
        }
        let day = |word: &str| -> Option<i8> {
            word.trim_end_matches(|c: char| c.is_ascii_alphabetic())
                .parse()
                .ok()
                .filter(|day| (1..=31).contains(day))
        };
        let of = usize::from(self.word(at + 1) == "of");
        let (month, day, used) = if let Some(month) = month(word) {
            (month, day(self.word(at + 1))?, 2)
        } else {
            (month(self.word(at + 1 + of))?, day(word)?, 2 + of)
        };
        let this_year = civil::Date::new(self.now.year(), month, day).ok()?;
        let date = if this_year > self.now.date() {
            civil::Date::new(self.now.year() - 1, month, day).ok()?
        } else {
            this_year
        };
        Some((date, used))
    }

    /// A point in time: "14:00", "2pm", "noon", "yesterday 14:00", "2026-11-03T10:00:00Z".
    fn instant(&self, at: usize) -> Option<(Timestamp, usize)> {
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
    fn is_clear_time(&self, at: usize) -> bool {
        let word = self.word(at);
        word.contains(':')
            || word.ends_with("am")
            || word.ends_with("pm")
            || matches!(word, "noon" | "midnight" | "yesterday" | "today" | "midday")
            || matches!(self.word(at + 1), "am" | "pm" | "o'clock" | "oclock")
            || word.len() > 15
    }

    /// A time of day; a bare number counts only where `bare` says that one is expected.
    fn clock(&self, at: usize, bare: bool) -> Option<(civil::Time, usize)> {
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
    fn between(&self, at: usize, joint: &str) -> Option<Found> {
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
    fn dash(&self, at: usize) -> Option<Found> {
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

fn month(word: &str) -> Option<i8> {
    const MONTHS: &[&str] = &[
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    const FULL: &[&str] = &[
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    MONTHS
        .iter()
        .position(|month| *month == word)
        .or_else(|| FULL.iter().position(|month| *month == word))
        .map(|at| at as i8 + 1)
}
