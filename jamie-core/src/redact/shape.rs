//! A text and where a token seems to begin in, where it stands out if it has a token's shape.

use std::ops::Range;

use super::placeholder::Kind;

/// What a token looks like.
#[derive(Debug)]
pub(super) struct Shape {
    /// How it begins.
    pub(super) prefix: &'static str,
    /// What it is made of besides letters and digits.
    also: &'static str,
    /// How many characters follow the prefix at least.
    least: usize,
    /// Whether a letter or digit may stand before it.
    anywhere: bool,
    /// What else must be so of what follows the prefix.
    check: fn(&str) -> bool,
    pub(super) kind: Kind,
}

const fn shape(prefix: &'static str, also: &'static str, least: usize) -> Shape {
    Shape {
        prefix,
        also,
        least,
        anywhere: true,
        check: |_| true,
        kind: Kind::Token,
    }
}

/// A prefix so short that it is met in other words too.
const fn vague(prefix: &'static str, also: &'static str, least: usize, check: fn(&str) -> bool) -> Shape {
    Shape {
        anywhere: false,
        check,
        ..shape(prefix, also, least)
    }
}

const fn key(shape: Shape) -> Shape {
    Shape {
        kind: Kind::Key,
        ..shape
    }
}

pub(super) static SHAPES: [Shape; 58] = [
    shape("ghp_", "_", 20),
    shape("gho_", "_", 20),
    shape("ghu_", "_", 20),
    shape("ghs_", "_", 20),
    shape("ghr_", "_", 20),
    shape("github_pat_", "_", 20),
    shape("glpat-", "_-.", 16),
    shape("gldt-", "_-", 16),
    shape("glrt-", "_-.", 16),
    shape("glptt-", "_-", 16),
    shape("glcbt-", "_-", 16),
    shape("glsoat-", "_-", 16),
    shape("xoxb-", "-", 10),
    shape("xoxa-", "-", 10),
    shape("xoxp-", "-", 10),
    shape("xoxr-", "-", 10),
    shape("xoxs-", "-", 10),
    shape("xoxe.", ".-", 10),
    shape("xoxe-", "-", 10),
    shape("xapp-", "-", 20),
    shape("hooks.slack.com/services/", "/", 20),
    shape("discord.com/api/webhooks/", "/_-", 20),
    key(vague("AKIA", "", 16, is_access_key)),
    key(vague("ASIA", "", 16, is_access_key)),
    key(vague("AIza", "_-", 30, |_| true)),
    shape("ya29.", "_-.", 20),
    shape("GOCSPX-", "_-", 20),
    key(shape("sk_live_", "", 10)),
    key(shape("sk_test_", "", 10)),
    key(shape("rk_live_", "", 10)),
    key(shape("rk_test_", "", 10)),
    shape("whsec_", "/+=", 16),
    key(vague("sk-", "_-", 20, is_model_key)),
    vague("npm_", "", 30, |_| true),
    shape("pypi-", "_-", 40),
    vague("hf_", "", 30, |_| true),
    shape("dop_v1_", "", 40),
    key(vague("SG.", "_-.", 40, |rest| rest.contains('.'))),
    vague("hvs.", "_-.", 20, |_| true),
    vague("hvb.", "_-.", 20, |_| true),
    vague("hvr.", "_-.", 20, |_| true),
    shape("dckr_pat_", "_-", 20),
    shape("dckr_oat_", "_-", 20),
    shape("shpat_", "", 30),
    shape("shpss_", "", 30),
    key(vague("NRAK-", "", 20, |_| true)),
    key(shape("lin_api_", "", 30)),
    shape("rubygems_", "", 40),
    shape("sntrys_", "_=/+-", 20),
    shape("sntryu_", "", 20),
    shape("glsa_", "_", 30),
    shape("glc_", "=", 40),
    vague("dapi", "-", 32, is_hexadecimal),
    key(vague("key-", "", 32, is_hexadecimal)),
    shape("ATATT3", "_=-", 50),
    key(shape("AGE-SECRET-KEY-1", "", 50)),
    key(vague("tskey-", "-", 15, |rest| {
        rest.bytes().any(|b| b.is_ascii_digit())
    })),
    vague("eyJ", "_-.", 20, |_| true),
];

/// The token that begins at `start` with the shape's prefix.
pub(super) fn token(text: &str, start: usize, shape: &Shape) -> Option<Range<usize>> {
    let rest = text.get(start..)?.strip_prefix(shape.prefix)?;
    let before = text.get(..start)?.chars().next_back();
    if !shape.anywhere && before.is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')) {
        return None;
    }
    if shape.prefix == "eyJ" && !is_web_token(rest) {
        return None;
    }
    let length = rest
        .bytes()
        .take_while(|b| b.is_ascii_alphanumeric() || shape.also.as_bytes().contains(b))
        .count();
    let kept = rest.get(..length)?.trim_end_matches(['.', '-']);
    let fits = kept.len() >= shape.least && (shape.check)(kept);
    // Of an address, what leads to the service may be read.
    let from = if shape.prefix.contains('/') {
        start + shape.prefix.len()
    } else {
        start
    };
    fits.then(|| from..start + shape.prefix.len() + kept.len())
}

/// The 40 characters that belong to an access key's id, where they stand near it.
pub(super) fn beside_access_key(text: &str, end: usize) -> Option<Range<usize>> {
    const NEAR: usize = 64;
    const LENGTH: usize = 40;
    let part = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'+');
    let bytes = text.as_bytes().get(end..)?;
    let mut start = 0;
    while start < NEAR && start < bytes.len() {
        let length = bytes
            .iter()
            .skip(start)
            .take_while(|b| part(**b))
            .take(LENGTH + 1)
            .count();
        if length == LENGTH {
            let found = end + start..end + start + LENGTH;
            let letters = text.get(found.clone())?.bytes();
            let upper = letters.clone().filter(u8::is_ascii_uppercase).count();
            let lower = letters.filter(u8::is_ascii_lowercase).count();
            return (upper > 4 && lower > 4).then_some(found);
        }
        start += length.max(1);
    }
    None
}

/// A secret of an Azure application, at the `Q~` in its middle.
pub(super) fn azure(text: &str, hit: usize) -> Option<Range<usize>> {
    let start = hit.checked_sub(4)?;
    let head = text.get(start..hit)?;
    let fits = head
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'~'))
        && head.ends_with(|c: char| c.is_ascii_digit());
    if !fits {
        return None;
    }
    let tail = text
        .get(hit + 2..)?
        .bytes()
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'~'))
        .count();
    (tail >= 30).then(|| start..hit + 2 + tail)
}

/// A Telegram bot's token, at the `:AA` in its middle.
pub(super) fn bot(text: &str, hit: usize) -> Option<Range<usize>> {
    let digits = text
        .get(..hit)?
        .bytes()
        .rev()
        .take(11)
        .take_while(u8::is_ascii_digit)
        .count();
    let tail = text
        .get(hit + 1..)?
        .bytes()
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
        .count();
    ((8..=10).contains(&digits) && tail >= 34).then(|| hit - digits..hit + 1 + tail)
}

/// Two or more parts of base64 between dots, of which the first is a header.
fn is_web_token(rest: &str) -> bool {
    const LONGEST_HEADER: usize = 1_024;
    let part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    let bytes = rest.as_bytes();
    let header = bytes.iter().take(LONGEST_HEADER).take_while(|b| part(b)).count();
    let claims = bytes
        .iter()
        .skip(header + 1)
        .take(4)
        .take_while(|b| part(b))
        .count();
    header >= 8 && claims == 4 && bytes.get(header) == Some(&b'.')
}

fn is_access_key(rest: &str) -> bool {
    rest.len() == 16 && rest.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

/// `sk-…` of a model's provider, not `sk-learn-trainer-7d9c5bdf4-x2k8p`.
fn is_model_key(rest: &str) -> bool {
    rest.bytes().any(|b| b.is_ascii_uppercase()) || rest.split(['-', '_']).any(|part| part.len() >= 20)
}

fn is_hexadecimal(rest: &str) -> bool {
    rest.bytes().take(32).all(|b| b.is_ascii_hexdigit())
}
