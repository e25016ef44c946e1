//! Durations as people write them in scenario files: `30s`, `5m`, `2h`, `3d`, `1h30m`, `-40m` in; a span of seconds out.

use std::{fmt, str::FromStr, time::Duration};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Deserializer, de};

/// A length of time. A leading minus is accepted and means the same: "so long ago".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(Duration);

impl Span {
    /// So many seconds.
    pub const fn from_secs(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    /// The length as the standard library has it.
    pub const fn duration(self) -> Duration {
        self.0
    }

    /// The moment that lies this long before `now`.
    pub fn before(self, now: Timestamp) -> Timestamp {
        let span = SignedDuration::try_from(self.0).unwrap_or(SignedDuration::ZERO);
        now.checked_sub(span).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || format!("{text:?} is not a duration; write one like 30s, 5m, 2h, 3d or 1h30m");
        let body = text.trim().trim_start_matches('-');
        let mut total: u64 = 0;
        let mut number = String::new();
        for character in body.chars() {
            if character.is_ascii_digit() {
                number.push(character);
                continue;
            }
            let unit = match character {
                's' => 1,
                'm' => 60,
                'h' => 3_600,
                'd' => 86_400,
                'w' => 604_800,
                _ => return Err(wrong()),
            };
            let amount: u64 = number.parse().map_err(|_| wrong())?;
            number.clear();
            total = amount
                .checked_mul(unit)
                .and_then(|part| total.checked_add(part))
                .ok_or_else(wrong)?;
        }
        if body.is_empty() || !(number.is_empty() || body == "0") {
            return Err(wrong());
        }
        Ok(Self(Duration::from_secs(total)))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        match seconds {
            0..120 => write!(f, "{seconds}s"),
            120..7_200 => write!(f, "{}m", seconds / 60),
            7_200..172_800 => write!(f, "{}h", seconds / 3_600),
            _ => write!(f, "{}d", seconds / 86_400),
        }
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}
