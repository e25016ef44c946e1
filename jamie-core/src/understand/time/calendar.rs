//! Words in, the month or year of the calendar that they speak of out: "in May", "last month", "in 2025".

use jiff::civil;

use super::{Found, Reader, date::month, open};

impl Reader<'_> {
    /// A month or a year, which are in the past; "may" and "march" are only months behind a word that leads to one.
    pub(super) fn calendar(&self, at: usize) -> Option<Found> {
        let (first, second) = (self.word(at), self.word(at + 1));
        let today = self.now.date();
        match (first, second) {
            ("this", "month") => Some((open(self.start_of(today.first_of_month())?), 2)),
            ("this", "year") => Some((open(self.start_of(today.first_of_year())?), 2)),
            ("last" | "previous", "month") => {
                let this = today.first_of_month();
                Some((self.days(this.yesterday().ok()?.first_of_month(), this)?, 2))
            }
            ("last" | "previous", "year") => {
                let this = today.first_of_year();
                Some((self.days(this.yesterday().ok()?.first_of_year(), this)?, 2))
            }
            ("in" | "during" | "last" | "since", _) => {
                let since = first == "since";
                if let Some(year) = year(second).filter(|_| first != "last") {
                    let from = civil::Date::new(year, 1, 1).ok()?;
                    let range = if since {
                        open(self.start_of(from)?)
                    } else {
                        self.days(from, civil::Date::new(year + 1, 1, 1).ok()?)?
                    };
                    return Some((range, 2));
                }
                let month = month(second)?;
                // "In May 3rd" is a day, and that is read elsewhere.
                let third = self.word(at + 2);
                if third.starts_with(|c: char| c.is_ascii_digit()) && year(third).is_none() {
                    return None;
                }
                let this_year = if month > today.month() {
                    today.year() - 1
                } else {
                    today.year()
                };
                let from = civil::Date::new(year(third).unwrap_or(this_year), month, 1).ok()?;
                let until = from.last_of_month().tomorrow().ok()?;
                let range = if since {
                    open(self.start_of(from)?)
                } else {
                    self.days(from, until)?
                };
                Some((range, 2 + usize::from(year(third).is_some())))
            }
            _ => None,
        }
    }

    fn days(&self, from: civil::Date, until: civil::Date) -> Option<crate::TimeRange> {
        self.stretch(from.at(0, 0, 0, 0), until.at(0, 0, 0, 0))
    }
}

fn year(word: &str) -> Option<i16> {
    word.parse()
        .ok()
        .filter(|year| (2000..2100).contains(year) && word.len() == 4)
}
