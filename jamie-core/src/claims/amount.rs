//! A word and the one after it in, the amount that they mean out: a count, bytes, a share, seconds, processors.

use crate::understand;

/// An amount in the unit that is the base of its kind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Amount {
    /// Without a unit.
    Count(f64),
    /// As it would be with units of 1,024 and with units of 1,000.
    Bytes(f64, f64),
    Percent(f64),
    /// Thousandths of a processor.
    Processor(f64),
    /// A length of time, and how long its unit is.
    Seconds {
        seconds: f64,
        unit: f64,
    },
}

/// An amount that was read.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) amount: Amount,
    /// Whether the number was a word.
    pub(super) spelt: bool,
    /// How many words after the first belong to it.
    pub(super) units: usize,
}

/// Reads `512Mi`, `512 MiB`, `40%`, `three`, `5 minutes`, `250m`, `17`.
pub(super) fn read(word: &str, next: Option<&str>) -> Option<Read> {
    let word = word.trim_start_matches(['~', '+', '$', '#', '≈']);
    let (number, unit) = parts(word);
    if number.is_empty() {
        let value = spelt(&word.to_lowercase())?;
        let (amount, units) = match next.and_then(|next| with_unit(value, next, false)) {
            Some(amount) => (amount, 1),
            None => (Amount::Count(value), 0),
        };
        return Some(Read {
            amount,
            spelt: true,
            units,
        });
    }
    let value = value(number)?;
    let read = |amount, units| {
        Some(Read {
            amount,
            spelt: false,
            units,
        })
    };
    if !unit.is_empty() {
        let unit = unit.trim_start_matches('-');
        // `1h30m`.
        if let Some(seconds) = compound(word) {
            return read(
                Amount::Seconds {
                    seconds,
                    unit: seconds.min(60.0),
                },
                0,
            );
        }
        // `3x`, `5th`, `17-fold` and the like claim a number too.
        if matches!(unit, "x" | "×" | "st" | "nd" | "rd" | "th" | "k" | "+") {
            let scale = if unit == "k" { 1_000.0 } else { 1.0 };
            return read(Amount::Count(value * scale), 0);
        }
        return with_unit(value, unit, true).and_then(|amount| read(amount, 0));
    }
    match next.and_then(|next| with_unit(value, next, false)) {
        Some(amount) => read(amount, 1),
        None => read(Amount::Count(value), 0),
    }
}

/// The number that a word begins with, and the rest.
fn parts(word: &str) -> (&str, &str) {
    let end = word
        .find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ','))
        .unwrap_or(word.len());
    let (number, unit) = word.split_at(end);
    // `10.0.0.1` and `1.4.2` are no numbers.
    if number.matches('.').count() > 1 || number.starts_with(['.', ',']) {
        return ("", "");
    }
    (number, unit)
}

fn value(number: &str) -> Option<f64> {
    number.trim_end_matches(['.', ',']).replace(',', "").parse().ok()
}

fn with_unit(value: f64, unit: &str, attached: bool) -> Option<Amount> {
    let two = |power: i32| Amount::Bytes(value * 1024_f64.powi(power), value * 1000_f64.powi(power));
    let lower = unit.to_lowercase();
    Some(match (unit, lower.as_str()) {
        ("%", _) | (_, "percent") | (_, "pct") => Amount::Percent(value),
        ("Ki" | "KiB", _) | (_, "kib" | "kb" | "kilobytes") => two(1),
        ("Mi" | "MiB", _) | (_, "mib" | "mb" | "megabytes" | "mebibytes") => two(2),
        ("Gi" | "GiB", _) | (_, "gib" | "gb" | "gigabytes" | "gibibytes" | "gig" | "gigs") => two(3),
        ("Ti" | "TiB", _) | (_, "tib" | "tb" | "terabytes") => two(4),
        ("K" | "M" | "G" | "T", _) if attached => two(match unit {
            "K" => 1,
            "M" => 2,
            "G" => 3,
            _ => 4,
        }),
        (_, "byte" | "bytes" | "b") if !attached || unit == "B" => Amount::Bytes(value, value),
        (_, "millicores" | "millicore" | "millicpu" | "mcpu") => Amount::Processor(value),
        (_, "core" | "cores" | "cpu" | "cpus" | "vcpu" | "vcpus") if !attached => {
            Amount::Processor(value * 1_000.0)
        }
        ("m", _) if attached => Amount::Processor(value),
        _ => {
            let seconds = unit_of_time(&lower)?;
            if !attached && matches!(lower.as_str(), "m" | "w") {
                return None;
            }
            Amount::Seconds {
                seconds: value * seconds,
                unit: seconds,
            }
        }
    })
}

fn unit_of_time(unit: &str) -> Option<f64> {
    Some(match unit {
        "ms" | "millisecond" | "milliseconds" => 0.001,
        "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
        "min" | "mins" | "minute" | "minutes" => 60.0,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3_600.0,
        "d" | "day" | "days" => 86_400.0,
        "w" | "week" | "weeks" => 604_800.0,
        _ => return None,
    })
}

/// `1h30m`, `2m5s`: at least two units.
fn compound(word: &str) -> Option<f64> {
    let mut seconds = 0.0;
    let mut number = String::new();
    let mut units = 0;
    for c in word.chars() {
        if c.is_ascii_digit() {
            number.push(c);
            continue;
        }
        let unit = match c {
            'd' => 86_400.0,
            'h' => 3_600.0,
            'm' => 60.0,
            's' => 1.0,
            _ => return None,
        };
        seconds += number.parse::<f64>().ok()? * unit;
        number.clear();
        units += 1;
    }
    (units > 1 && number.is_empty()).then_some(seconds)
}

/// Number words from two up; `one` and `a` are no claims.
fn spelt(word: &str) -> Option<f64> {
    understand::number_word(word).filter(|number| *number >= 2.0)
}

/// A word after which a number is a name rather than a count.
pub(super) fn is_label(word: &str) -> bool {
    matches!(
        word,
        "port" | "code" | "status" | "revision" | "line" | "generation" | "uid" | "gid" | "pid"
    ) || word.ends_with("port")
}

/// `restarts` to `restart`, `replicas` to `replica`, `policies` to `policy`.
pub(super) fn singular(noun: &str) -> String {
    if let Some(stem) = noun.strip_suffix("ies").filter(|stem| stem.len() > 2) {
        return format!("{stem}y");
    }
    let base = if ["sses", "xes", "ches"].iter().any(|end| noun.ends_with(end)) {
        noun.strip_suffix("es")
    } else {
        noun.strip_suffix('s').filter(|stem| !stem.ends_with(['s', 'u']))
    };
    let base = base.unwrap_or(noun);
    match understand::kind_of(base) {
        Some(kind) => kind.to_lowercase(),
        None => base.to_owned(),
    }
}

impl Amount {
    /// Whether both mean the same, as far as rounding and the writer's notion of a megabyte go.
    pub(super) fn is_same(self, known: Self) -> bool {
        let near = |a: f64, b: f64, share: f64| (a - b).abs() <= share * a.abs().max(b.abs());
        match (self, known) {
            (Self::Count(a), Self::Count(b)) => near(a, b, 1e-9),
            (Self::Bytes(a2, a10), Self::Bytes(b2, b10)) => {
                near(a2, b2, 0.006) || near(a10, b10, 0.006) || near(a2, b10, 0.006) || near(a10, b2, 0.006)
            }
            // A count of bytes, written without saying so.
            (Self::Bytes(a2, a10), Self::Count(b)) | (Self::Count(b), Self::Bytes(a2, a10)) => {
                b >= 1_024.0 && (near(a2, b, 0.006) || near(a10, b, 0.006))
            }
            (Self::Percent(a), Self::Percent(b)) => (a - b).abs() <= 0.5,
            (Self::Processor(a), Self::Processor(b)) => near(a, b, 0.01),
            (Self::Processor(a), Self::Count(b)) | (Self::Count(b), Self::Processor(a)) => {
                near(a, b * 1_000.0, 1e-9)
            }
            (Self::Seconds { seconds: a, .. }, Self::Seconds { seconds: b, unit }) => {
                (a - b).abs() <= unit * 0.5 || near(a, b, 0.02)
            }
            _ => false,
        }
    }
}
