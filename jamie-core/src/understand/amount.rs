//! Words in, amounts out: counts, percentages, factors, bytes, processor shares and lengths of time.

use super::words::Token;
use crate::Quantity;

/// Reads a whole number, in digits or in words.
pub(super) fn number(word: &str) -> Option<f64> {
    const UNITS: &[&str] = &[
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
        "twenty",
    ];
    const TENS: &[(&str, f64)] = &[
        ("thirty", 30.0),
        ("forty", 40.0),
        ("fifty", 50.0),
        ("sixty", 60.0),
        ("seventy", 70.0),
        ("eighty", 80.0),
        ("ninety", 90.0),
        ("hundred", 100.0),
        ("thousand", 1000.0),
        ("dozen", 12.0),
        ("couple", 2.0),
    ];
    if let Some(at) = UNITS.iter().position(|unit| *unit == word) {
        return Some(at as f64);
    }
    if let Some((_, value)) = TENS.iter().find(|(tens, _)| *tens == word) {
        return Some(*value);
    }
    if !word.starts_with(|c: char| c.is_ascii_digit()) || word.len() > 15 {
        return None;
    }
    let plain = word.replace(',', "");
    let value: f64 = plain.parse().ok()?;
    value.is_finite().then_some(value)
}

/// Splits "512mi" into its number and its unit.
fn with_unit(word: &str) -> Option<(f64, &str)> {
    let end = word.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (digits, unit) = (word.get(..end)?, word.get(end..)?);
    Some((number(digits)?, unit))
}

/// "512Mi", "20gb": an amount of memory or of space.
pub(super) fn is_size(word: &str) -> bool {
    with_unit(word).is_some_and(|(_, unit)| unit.len() > 1 && bytes_unit(unit).is_some())
}

fn bytes_unit(unit: &str) -> Option<f64> {
    Some(match unit {
        "b" | "byte" | "bytes" => 1.0,
        "k" | "kb" => 1e3,
        "ki" | "kib" => 1024.0,
        "mb" | "meg" | "megs" | "megabyte" | "megabytes" => 1e6,
        "mi" | "mib" | "mebibytes" => 1_048_576.0,
        "g" | "gb" | "gig" | "gigs" | "gigabyte" | "gigabytes" => 1e9,
        "gi" | "gib" | "gibibytes" => 1_073_741_824.0,
        "tb" | "terabyte" | "terabytes" => 1e12,
        "ti" | "tib" => 1_099_511_627_776.0,
        _ => return None,
    })
}

fn cpu_unit(unit: &str) -> Option<f64> {
    Some(match unit {
        "core" | "cores" | "cpu" | "cpus" | "vcpu" | "vcpus" => 1000.0,
        "millicore" | "millicores" | "millicpu" | "m" => 1.0,
        _ => return None,
    })
}

/// A unit of time, in seconds.
pub(super) fn time_unit(unit: &str) -> Option<i64> {
    Some(match unit {
        "s" | "sec" | "secs" | "second" | "seconds" => 1,
        "m" | "min" | "mins" | "minute" | "minutes" => 60,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3600,
        "d" | "day" | "days" => 86_400,
        "w" | "wk" | "wks" | "week" | "weeks" => 604_800,
        "fortnight" | "fortnights" => 1_209_600,
        "month" | "months" => 2_592_000,
        "year" | "years" => 31_536_000,
        _ => return None,
    })
}

/// "1h30m", "45s", "2d": a compact length of time, in seconds.
pub(super) fn compact(word: &str) -> Option<i64> {
    let mut seconds = 0_i64;
    let mut rest = word;
    if !rest.starts_with(|c: char| c.is_ascii_digit()) || rest.len() > 20 {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let value: i64 = rest.get(..digits)?.parse().ok()?;
        rest = rest.get(digits..)?;
        let letters = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        seconds = seconds.checked_add(value.checked_mul(time_unit(rest.get(..letters)?)?)?)?;
        rest = rest.get(letters..)?;
    }
    Some(seconds)
}

/// A length of time at `at`: "2 hours", "an hour", "half an hour", "a couple of days", "1h30m". In seconds, with
/// the number of words it takes.
pub(super) fn length(tokens: &[Token], at: usize) -> Option<(i64, usize)> {
    let word = |offset: usize| tokens.get(at + offset).map_or("", |token| token.word.as_str());
    if let Some(seconds) = compact(word(0)) {
        return Some((seconds, 1));
    }
    if word(0) == "half" && matches!(word(1), "a" | "an") {
        return Some((time_unit(word(2))? / 2, 3));
    }
    if word(0) == "half"
        && let Some(unit) = time_unit(word(1))
    {
        return Some((unit / 2, 2));
    }
    let (mut count, mut used) = match word(0) {
        "a" | "an" if matches!(word(1), "couple" | "few") => (if word(1) == "few" { 5.0 } else { 2.0 }, 2),
        "a" | "an" => (1.0, 1),
        "few" => (5.0, 1),
        "couple" => (2.0, 1),
        other => (number(other)?, 1),
    };
    if word(used) == "of" {
        used += 1;
    }
    if word(used) == "and" && word(used + 1) == "a" && word(used + 2) == "half" {
        count += 0.5;
        used += 3;
    } else if word(used) == "more" {
        return None;
    }
    let seconds = count * time_unit(word(used))? as f64;
    (seconds < 1e11).then_some((seconds as i64, used + 1))
}

/// The amounts in a clause. Words that are `taken` already are passed over; those of amounts are marked so.
pub(super) fn amounts(tokens: &[Token], taken: &mut [bool]) -> Vec<Quantity> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if taken.get(at).copied().unwrap_or(true) || tokens.get(at).is_some_and(|token| token.quoted) {
            at += 1;
            continue;
        }
        if let Some((quantity, used)) = amount(tokens, at) {
            found.push(quantity);
            // "Double it" is an order as well as an amount.
            let orders = tokens.get(at).is_some_and(|token| {
                matches!(token.word.as_str(), "double" | "halve" | "triple" | "quadruple")
            });
            for flag in taken.iter_mut().skip(at).take(used).filter(|_| !orders) {
                *flag = true;
            }
            at += used;
        } else {
            at += 1;
        }
    }
    found
}

fn amount(tokens: &[Token], at: usize) -> Option<(Quantity, usize)> {
    let word = |offset: usize| tokens.get(at + offset).map_or("", |token| token.word.as_str());
    let before = |offset: usize| {
        at.checked_sub(offset)
            .and_then(|at| tokens.get(at))
            .map_or("", |token| token.word.as_str())
    };
    let first = word(0);
    match first {
        "double" | "twice" | "doubled" | "doubling" => return Some((Quantity::Factor(2.0), 1)),
        "triple" | "thrice" | "tripled" | "treble" => return Some((Quantity::Factor(3.0), 1)),
        "quadruple" => return Some((Quantity::Factor(4.0), 1)),
        "half" if matches!(word(1), "a" | "an") && cpu_unit(word(2)).is_some() => {
            return Some((Quantity::MilliCpu(500), 3));
        }
        "half" if matches!(word(1), "a" | "an") && bytes_unit(word(2)).is_some() => {
            return Some((Quantity::Bytes((bytes_unit(word(2))? / 2.0) as u64), 3));
        }
        "another" | "an"
            if matches!(word(1), "replica" | "pod" | "instance" | "copy")
                || (first == "an" && matches!(word(1), "extra" | "additional")) =>
        {
            return Some((Quantity::Count(1), 1));
        }
        "half" if word(1) == "again" || (word(1) == "as" && word(3) == "again") => {
            return Some((Quantity::Factor(1.5), if word(1) == "as" { 4 } else { 2 }));
        }
        // "Grow by half" comes to one and a half, "half as many" to half.
        "half" if before(1) == "by" && grows(tokens) => return Some((Quantity::Factor(1.5), 1)),
        "none" | "nothing" if before(1) == "to" => return Some((Quantity::Count(0), 1)),
        "a" if matches!(word(1), "third" | "quarter" | "fifth") && before(1) == "by" => {
            let share = match word(1) {
                "third" => 100.0 / 3.0,
                "quarter" => 25.0,
                _ => 20.0,
            };
            return Some((Quantity::Percent(share), 2));
        }
        "half" | "halve" | "halved" => return Some((Quantity::Factor(0.5), 1)),
        _ => {}
    }
    // A number after these is no amount: "port 8080", "exit code 137", "revision 3" is one, though.
    if matches!(before(1), "port" | "code" | "error" | "http" | "status" | "ports") {
        return None;
    }
    if let Some((seconds, used)) = length(tokens, at)
        && !(matches!(first, "a" | "an") && time_unit(word(1)).is_some())
        && !(first.ends_with('m')
            && used == 1
            && (!is_about_time(before(1), before(2)) || speaks_of_processors(tokens)))
    {
        return Some((Quantity::Duration(u64::try_from(seconds).ok()?), used));
    }
    if let Some(percent) = first.strip_suffix('%').and_then(number) {
        return Some((Quantity::Percent(percent), 1));
    }
    if let Some(factor) = first
        .strip_suffix('x')
        .or_else(|| first.strip_prefix('x'))
        .and_then(number)
    {
        return Some((Quantity::Factor(factor), 1));
    }
    if let Some((value, unit)) = with_unit(first) {
        if let Some(size) = bytes_unit(unit) {
            return Some((Quantity::Bytes((value * size) as u64), 1));
        }
        return cpu_unit(unit).map(|cpu| (Quantity::MilliCpu((value * cpu) as u64), 1));
    }
    let value = number(first)?;
    // "Ten thousand", "three hundred", "two dozen", "twenty five".
    let scale = number(word(1)).filter(|_| !word(1).starts_with(|c: char| c.is_ascii_digit()));
    match (word(1), scale) {
        ("hundred" | "thousand" | "dozen", Some(scale)) => {
            return Some((Quantity::Count((value * scale) as u64), 2));
        }
        (_, Some(unit))
            if (20.0..100.0).contains(&value)
                && value % 10.0 == 0.0
                && (1.0..10.0).contains(&unit)
                && !first.starts_with(|c: char| c.is_ascii_digit()) =>
        {
            return Some((Quantity::Count((value + unit) as u64), 2));
        }
        _ => {}
    }
    // "one" is more often a pronoun: "the second one", "that one".
    if first == "one"
        && !matches!(word(1), "more" | "less" | "replica" | "pod" | "instance" | "copy")
        && before(1) != "to"
    {
        return None;
    }
    if first == "couple" || first == "dozen" || first == "hundred" {
        return Some((Quantity::Count(value as u64), 1));
    }
    let next = word(1);
    match next {
        "percent" | "%" => return Some((Quantity::Percent(value), 2)),
        "per" if word(2) == "cent" => return Some((Quantity::Percent(value), 3)),
        "times" => return Some((Quantity::Factor(value), 2)),
        _ => {}
    }
    if let Some(size) = bytes_unit(next) {
        return Some((Quantity::Bytes((value * size) as u64), 2));
    }
    if let Some(cpu) = cpu_unit(next).filter(|_| next != "m") {
        return Some((Quantity::MilliCpu((value * cpu) as u64), 2));
    }
    let is_http =
        (400.0..600.0).contains(&value) && first.len() == 3 && !matches!(before(1), "to" | "by" | "last");
    if is_http || value.fract() != 0.0 || value < 0.0 {
        return None;
    }
    Some((Quantity::Count(value as u64), 1))
}

fn speaks_of_processors(tokens: &[Token]) -> bool {
    tokens
        .iter()
        .any(|token| matches!(token.word.as_str(), "cpu" | "cpus" | "processor" | "millicores"))
}

/// Whether it is said that something becomes more.
fn grows(tokens: &[Token]) -> bool {
    tokens.iter().any(|token| {
        matches!(
            token.word.as_str(),
            "grow"
                | "increase"
                | "up"
                | "raise"
                | "expand"
                | "bump"
                | "more"
                | "boost"
                | "enlarge"
                | "extend"
        )
    }) && !tokens
        .iter()
        .any(|token| matches!(token.word.as_str(), "down" | "cut" | "reduce"))
}

fn is_about_time(before: &str, further: &str) -> bool {
    let about = |word: &str| {
        matches!(
            word,
            "for" | "last" | "past" | "than" | "every" | "after" | "over" | "within" | "since"
        )
    };
    about(before) || about(further)
}
