//! Times, counts and lists in, the way people read them out: "3 d", "2 pods", "`a`, `b` and 3 more".

use jamie_core::redact;
use jiff::{Timestamp, tz::TimeZone};

/// How long ago `then` was, short: `45 s`, `12 min`, `5 h`, `3 d`.
pub fn age(then: Timestamp, now: Timestamp) -> String {
    duration(now.as_second().saturating_sub(then.as_second()).max(0))
}

/// A length of time in seconds, short; two units where the first alone would be coarse.
pub fn duration(seconds: i64) -> String {
    match seconds.max(0) {
        s @ 0..120 => format!("{s} s"),
        s @ 120..7_200 => format!("{} min", s / 60),
        s @ 7_200..172_800 => match (s / 3_600, s % 3_600 / 60) {
            (hours, minutes) if hours < 6 && minutes >= 5 => format!("{hours} h {minutes} min"),
            (hours, _) => format!("{hours} h"),
        },
        s => format!("{} d", s / 86_400),
    }
}

/// A moment in the reader's zone: the time alone when it is of today, with the day otherwise.
pub fn moment(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let at = at.to_zoned(zone.clone());
    if at.date() == now.to_zoned(zone.clone()).date() {
        at.strftime("%H:%M:%S").to_string()
    } else {
        at.strftime("%a %-d %b %H:%M").to_string()
    }
}

/// "1 pod", "3 pods"; words that end in s, x or ch, and -y, take their plural as English has it.
pub fn count(number: usize, one: &str) -> String {
    if number == 1 {
        format!("1 {one}")
    } else {
        format!("{number} {}", plural(one))
    }
}

/// The plural of a kind or noun.
pub fn plural(one: &str) -> String {
    let lower = one.to_ascii_lowercase();
    let stem = one.strip_suffix('y');
    match stem {
        _ if lower.ends_with("endpoints") => one.to_owned(),
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ if lower.ends_with('s') || lower.ends_with('x') || lower.ends_with("ch") => format!("{one}es"),
        _ => format!("{one}s"),
    }
}

/// A kind as a noun in a sentence: `Pod` is a pod, while a `ConfigMap` stays what it is.
pub fn noun(kind: &str) -> String {
    let humps = kind.chars().filter(char::is_ascii_uppercase).count();
    if humps == 1 && kind.starts_with(|c: char| c.is_ascii_uppercase()) {
        kind.to_ascii_lowercase()
    } else {
        kind.to_owned()
    }
}

/// "is" or "are".
pub fn is_are(number: usize) -> &'static str {
    if number == 1 { "is" } else { "are" }
}

/// "a", "a and b", "a, b and c", "a, b and 4 more".
pub fn list<S: AsRef<str>>(items: &[S], most: usize) -> String {
    let most = most.max(1);
    let mut parts: Vec<String> = items
        .iter()
        .take(most)
        .map(|item| item.as_ref().to_owned())
        .collect();
    if items.len() > most {
        parts.push(format!("{} more", items.len() - most));
    }
    match parts.split_last() {
        None => "none".to_owned(),
        Some((only, [])) => only.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

/// The same, each in backticks.
pub fn code_list<S: AsRef<str>>(items: &[S], most: usize) -> String {
    let quoted: Vec<String> = items.iter().map(|item| format!("`{}`", item.as_ref())).collect();
    list(&quoted, most)
}

/// At most `max` characters, the cut shown by an ellipsis; line breaks become spaces, secrets placeholders.
pub fn clip(text: &str, max: usize) -> String {
    // Half a secret would not be known for one later.
    let flat: String = redact(text).split_whitespace().collect::<Vec<_>>().join(" ");
    if flat.chars().count() <= max {
        return flat;
    }
    let mut cut: String = flat.chars().take(max.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

/// The same between backticks: what a program or a stranger said, in a sentence of Jamie's own.
pub fn said(text: &str, max: usize) -> String {
    let said = clip(text, max).replace('`', "'");
    format!("`{}`", said.trim_end_matches('.'))
}

/// With a capital first letter.
pub fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_short() {
        assert_eq!(duration(45), "45 s");
        assert_eq!(duration(600), "10 min");
        assert_eq!(duration(9_000), "2 h 30 min");
        assert_eq!(duration(36_000), "10 h");
        assert_eq!(duration(3 * 86_400), "3 d");
        assert_eq!(duration(-5), "0 s");
    }

    #[test]
    fn lists_say_what_they_leave_out() {
        assert_eq!(list::<&str>(&[], 3), "none");
        assert_eq!(list(&["a", "b"], 3), "a and b");
        assert_eq!(list(&["a", "b", "c", "d"], 2), "a, b and 2 more");
    }

    #[test]
    fn plurals_are_english() {
        assert_eq!(plural("Ingress"), "Ingresses");
        assert_eq!(plural("NetworkPolicy"), "NetworkPolicies");
        assert_eq!(plural("pod"), "pods");
        assert_eq!(plural("ConfigMap"), "ConfigMaps");
        assert_eq!(plural("gateway"), "gateways");
    }
}
