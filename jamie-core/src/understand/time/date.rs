//! Words in, the day of the calendar that they speak of out: "2026-11-03", "3 november", "november 3rd".

use jiff::civil;

use super::{Found, Reader};

impl Reader<'_> {
    /// "2026-11-03", "3 november", "november 3rd".
    pub(super) fn date(&self, at: usize) -> Option<Found> {
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

    pub(super) fn date_at(&self, at: usize) -> Option<(civil::Date, usize)> {
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
}

pub(super) fn month(word: &str) -> Option<i8> {
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
