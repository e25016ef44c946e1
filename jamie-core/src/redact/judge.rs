//! A word beside the name of a secret in, whether it can be the secret out.

use std::collections::BTreeMap;

use super::placeholder;

/// What stands after a name when something is said about the secret rather than the secret itself.
const STATUS: &[&str] = &[
    "",
    "yes",
    "no",
    "unset",
    "undefined",
    "empty",
    "set",
    "not",
    "missing",
    "required",
    "optional",
    "invalid",
    "valid",
    "expired",
    "revoked",
    "denied",
    "unknown",
    "wrong",
    "ok",
    "present",
    "absent",
    "found",
    "hidden",
    "redacted",
    "masked",
    "bearer",
    "basic",
    "is",
    "was",
    "are",
    "must",
    "cannot",
    "has",
    "for",
    "from",
    "of",
    "in",
    "to",
    "and",
    "or",
    "with",
    "without",
    "by",
    "at",
    "on",
    "the",
    "a",
    "an",
    "that",
    "flag",
    "option",
    "file",
    "authentication",
    "authorization",
    "auth",
    "error",
    "failed",
    "failure",
    "mismatch",
    "rejected",
    "refused",
    "accepted",
    "changed",
    "rotated",
    "updated",
    "created",
    "deleted",
    "unchanged",
    "string",
    "object",
    "password",
    "token",
    "secret",
    "value",
    "header",
    "realm",
    "malformed",
    "unauthorized",
    "forbidden",
];

/// Whether a value says something about a secret, refers to one, or was put in place of one.
pub(super) fn is_ordinary(value: &str) -> bool {
    let lower = bare(value).to_ascii_lowercase();
    STATUS.contains(&lower.as_str()) || is_reference(value)
}

/// Whether a value cannot be a secret whatever it is called: nothing, a switch, a variable, a mask, a path.
pub(super) fn is_reference(value: &str) -> bool {
    let value = value.trim();
    let bare = bare(value);
    matches!(
        bare.to_ascii_lowercase().as_str(),
        "" | "true" | "false" | "null" | "none" | "nil"
    ) || value.starts_with("${")
        || value.starts_with("$(")
        || value.starts_with("{{")
        || is_variable(value)
        || (value.starts_with('<') && value.ends_with('>'))
        || bare
            .chars()
            .all(|c| matches!(c, '*' | 'x' | 'X' | '•' | '…' | '-'))
        || matches!(bare, "%s" | "%v" | "%q")
        || placeholder::is_cut(value)
        || is_path(bare)
        || is_hidden(value)
}

/// A value without what it is wrapped in.
fn bare(value: &str) -> &str {
    const AROUND: &[char] = &[
        '"', '\'', '`', '(', ')', '[', ']', '<', '>', '.', ',', ';', ':', '\\', '{', '}',
    ];
    value.trim().trim_matches(AROUND)
}

/// `(12 bytes, hidden)`: what a Secret's value is shown as.
pub(super) fn is_hidden(value: &str) -> bool {
    let size = value
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(" bytes, hidden)"));
    size.is_some_and(|size| !size.is_empty() && size.bytes().all(|b| b.is_ascii_digit()))
}

/// `$DB_PASSWORD`: filled in elsewhere.
fn is_variable(value: &str) -> bool {
    value.strip_prefix('$').is_some_and(|name| {
        name.starts_with(|c: char| c.is_ascii_uppercase())
            && name
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
    })
}

/// `/run/secrets/db`: where the secret lies.
fn is_path(value: &str) -> bool {
    value.starts_with('/')
        && value.matches('/').count() >= 2
        && !value.contains("//")
        && value
            .bytes()
            .all(|b| b.is_ascii_lowercase() || matches!(b, b'/' | b'.' | b'-' | b'_' | b'0'..=b'9'))
}

/// Whether a word of a sentence reads like a secret: no word of a language, no number, time, address or name of an object.
pub(super) fn looks_secret(word: &str, names_of_objects: bool) -> bool {
    if word.chars().count() < 6 || is_ordinary(word) || is_plain_datum(word) {
        return false;
    }
    if names_of_objects && is_object_name(word) {
        return false;
    }
    let has = |test: fn(&char) -> bool| word.chars().any(|c| test(&c));
    let letter = has(char::is_ascii_alphabetic);
    let digit = has(char::is_ascii_digit);
    let symbol = word.chars().any(|c| {
        matches!(
            c,
            '!' | '@' | '#' | '$' | '%' | '^' | '&' | '*' | '+' | '=' | '~' | '?'
        )
    });
    let inner_upper = word
        .chars()
        .zip(word.chars().skip(1))
        .filter(|(a, b)| a.is_ascii_lowercase() && b.is_ascii_uppercase())
        .count();
    letter && (digit || symbol || (inner_upper >= 2 && word.len() >= 16))
}

/// Whether a word is too random to be a name: only ever asked right beside the name of a secret.
pub(super) fn is_random(word: &str) -> bool {
    let length = word.chars().count();
    if length < 16 || is_plain_datum(word) || is_object_name(word) || word.contains("://") {
        return false;
    }
    let upper = word.bytes().filter(u8::is_ascii_uppercase).count();
    let lower = word.bytes().filter(u8::is_ascii_lowercase).count();
    let digit = word.bytes().filter(u8::is_ascii_digit).count();
    let hex = word.bytes().all(|b| b.is_ascii_hexdigit());
    let mixed = upper > 1 && lower > 1 && digit > 1;
    ((hex && length >= 32) || mixed || (!hex && length >= 24 && digit >= 4 && !word.contains('/')))
        && entropy(word) >= 3.0
}

/// A number, a size, a time, an address, a version, an identifier or a digest.
fn is_plain_datum(word: &str) -> bool {
    let numeric = |b: u8| b.is_ascii_digit() || matches!(b, b'.' | b',' | b':' | b'/' | b'-' | b'+' | b'%');
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let rest = word.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let version = word.strip_prefix('v').unwrap_or(word);
    word.bytes().all(numeric)
        || word.starts_with("sha256:")
        || word.starts_with("sha512:")
        || is_uuid(word)
        || word.parse::<jiff::Timestamp>().is_ok()
        || word.parse::<jiff::civil::DateTime>().is_ok()
        || word.parse::<std::net::IpAddr>().is_ok()
        || word.parse::<std::net::SocketAddr>().is_ok()
        || (digits > 0 && rest.len() <= 3 && rest.len() < word.len())
        || (version.matches('.').count() >= 2
            && version.split('.').take(2).all(|part| part.parse::<u32>().is_ok()))
}

fn is_uuid(word: &str) -> bool {
    let parts: Vec<&str> = word.split('-').collect();
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12])
        && parts
            .iter()
            .all(|part| part.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// `api-tls`, `shop/api-tls`, `web-7d9c5bdf4-x2k8p`, `db.shop.svc:5432`.
pub(super) fn is_object_name(word: &str) -> bool {
    let allowed =
        |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.' | b'/' | b':');
    word.bytes().all(allowed)
        && word.bytes().any(|b| matches!(b, b'-' | b'/' | b'.'))
        && word.starts_with(|c: char| c.is_ascii_lowercase())
}

/// Bits per character.
fn entropy(word: &str) -> f64 {
    let mut counts: BTreeMap<char, u32> = BTreeMap::new();
    let mut all = 0_u32;
    for c in word.chars().take(256) {
        *counts.entry(c).or_default() += 1;
        all += 1;
    }
    counts
        .values()
        .map(|count| f64::from(*count) / f64::from(all.max(1)))
        .map(|share| -share * share.log2())
        .sum()
}

/// `--port`, `-v`, `--mode=x`: the next flag, where the value of the last one was expected.
pub(super) fn is_flag(word: &str) -> bool {
    word.strip_prefix('-').is_some_and(|rest| {
        let name = rest.trim_start_matches('-');
        let name = name.split_once('=').map_or(name, |(name, _)| name);
        name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
    })
}
