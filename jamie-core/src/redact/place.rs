//! The name of a secret in a text in, where its value stands out: as an assignment, in YAML or JSON, behind a flag,
//! in a header, or in a sentence.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use super::{
    judge::{is_flag, is_object_name, is_ordinary, is_random, is_reference, looks_secret},
    name::{Weight, holds_address},
};

/// So much of a value is looked at to judge it; all of it is hidden.
const JUDGED: usize = 256;

/// Between the name of a variable and its value, where a list has both: `name: DB_PASSWORD`, `value: …`.
#[expect(clippy::expect_used, reason = "a constant pattern, compiled by every test")]
static PAIR: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"^\\*["']?\s*,?(?:\\n)?\s*\\*["']?value\\*["']?\s*[:=]\s*"#).expect("a valid pattern")
});

/// What stands between a name and its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Something that is no part of a sentence: `=`, a variable's `value:`, a list of arguments.
    Setting,
    /// White space after a flag.
    Flag,
    /// A colon.
    Colon {
        /// Whether the name began the line.
        line: bool,
        /// Whether the name was between quotes.
        quoted: bool,
        /// Whether the value follows without a space.
        tight: bool,
    },
    /// A verb between two quotations: `token` to `…`.
    Told,
    /// White space or a verb.
    Beside,
}

/// A place in a text that moves on.
struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn eat(&mut self, word: &str) -> bool {
        let found = self.rest().starts_with(word);
        if found {
            self.at += word.len();
        }
        found
    }

    /// Spaces and tabs, and how many.
    fn spaces(&mut self) -> usize {
        let count = self
            .rest()
            .bytes()
            .take_while(|b| matches!(b, b' ' | b'\t'))
            .count();
        self.at += count;
        count
    }

    /// A quotation mark with the backslashes before it.
    fn quote(&mut self) -> Option<&'a str> {
        let rest = self.rest();
        let slashes = rest.bytes().take(8).take_while(|b| *b == b'\\').count();
        let mark = rest.as_bytes().get(slashes)?;
        let mark = matches!(mark, b'"' | b'\'' | b'`').then(|| rest.get(..=slashes))??;
        self.at += mark.len();
        Some(mark)
    }
}

/// Where the value of the name at `name` stands, if there is one and it is a secret.
pub(super) fn value(text: &str, name: &Range<usize>, weight: Weight) -> Option<Range<usize>> {
    let label = text.get(name.clone())?;
    let flag = text.get(..name.start)?.ends_with('-');
    let mut cursor = Cursor { text, at: name.end };
    let form = form(&mut cursor, text, name, flag)?;
    match weight {
        Weight::Authorization => return credentials(cursor, form),
        Weight::Cookie => return cookie(cursor, form),
        _ => {}
    }
    if let Form::Colon { line: true, .. } = form
        && let Some(block) = block(text, name.start, cursor.at)
    {
        return Some(block);
    }
    let quote = cursor.quote();
    // A part of it is enough to judge it.
    let reach = |text: &str| match quote {
        Some(mark) => between(text, cursor.at, mark),
        None => word(text, cursor.at),
    };
    let part = within(text, cursor.at);
    let mut range = reach(part);
    let seen = text.get(range.clone())?;
    if seen.is_empty() || holds_address(label, seen) || is_port(text, name.start, seen) {
        return None;
    }
    let secret = match form {
        _ if weight == Weight::Random => is_signature(seen) && form != Form::Beside,
        Form::Setting => {
            let names = label.eq_ignore_ascii_case("secret") && is_path_of_object(seen);
            !names && !is_reference(seen)
        }
        Form::Flag => !is_flag(seen) && !is_ordinary(seen),
        Form::Colon { line, quoted, tight } => {
            let alone = quote.is_some() || is_last(text, range.end);
            after_colon(
                label,
                weight,
                seen,
                Colon {
                    line,
                    quoted,
                    tight,
                    alone,
                    in_quotes: quote.is_some(),
                },
            )
        }
        Form::Told => {
            let names = label.eq_ignore_ascii_case("secret") && is_object_name(seen);
            !names && !is_ordinary(seen)
        }
        Form::Beside => beside(label, weight, seen),
    };
    if secret && range.end + 2 >= part.len() {
        range = reach(text);
    }
    secret.then_some(range)
}

/// The most bytes of an address before its port that are looked at: a host has 253, its protocol a few.
const LONGEST_HOST: usize = 280;

/// Whether what stands behind a name is the port of a host that is called so: "https://vault.pwd:8443/v1".
fn is_port(text: &str, name: usize, seen: &str) -> bool {
    // A host is not longer than this, and a line may be.
    let from = (name.saturating_sub(LONGEST_HOST)..=name)
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(name);
    let before = text.get(from..name).unwrap_or_default();
    let host = before
        .rsplit(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '('))
        .next()
        .unwrap_or_default();
    let digits = seen.bytes().take_while(u8::is_ascii_digit).count();
    let behind = seen.get(digits..).unwrap_or_default();
    host.contains("://")
        && (1..=5).contains(&digits)
        && (behind.is_empty() || behind.starts_with('/'))
        && !behind.contains('@')
}

fn form(cursor: &mut Cursor<'_>, text: &str, name: &Range<usize>, flag: bool) -> Option<Form> {
    let quoted = cursor.quote().is_some();
    cursor.eat("]");
    let window = text.get(name.end..)?;
    if let Some(pair) = PAIR.find(within(window, 0)) {
        cursor.at = name.end + pair.end();
        return Some(Form::Setting);
    }
    let gap = cursor.spaces();
    for sign in ["=>", ":=", "===", "==", "=", "%3D", "%3d"] {
        if cursor.eat(sign) {
            let after = cursor.spaces();
            return Some(if after > 0 && gap == 0 {
                Form::Beside
            } else {
                Form::Setting
            });
        }
    }
    if cursor.eat(":") {
        let after = cursor.spaces();
        if cursor.rest().starts_with(['\n', '\r']) {
            return None;
        }
        let mut probe = Cursor { text, at: cursor.at };
        let tight = after == 0 && probe.quote().is_none();
        let line = begins_line(text, name.start);
        return Some(Form::Colon { line, quoted, tight });
    }
    if flag {
        // The next one of a list: `"--password", "…"`, or on its own line.
        if quoted && cursor.eat(",") {
            cursor.at += cursor.rest().len() - cursor.rest().trim_start().len();
            return Some(Form::Flag);
        }
        let rest = cursor.rest();
        let next = rest.trim_start();
        if rest.starts_with(['\n', '\r']) && next.starts_with("- ") {
            cursor.at += rest.len() - next.len() + 2;
            return Some(Form::Flag);
        }
        return (gap > 0).then_some(Form::Flag);
    }
    if gap == 0 {
        return None;
    }
    if quoted {
        let told = ["to ", "is ", "was "].iter().any(|verb| cursor.eat(verb));
        let mut probe = Cursor { text, at: cursor.at };
        return (told && probe.quote().is_some()).then_some(Form::Told);
    }
    for verb in ["is ", "was ", "to ", "of "] {
        if cursor.eat(verb) {
            break;
        }
    }
    Some(Form::Beside)
}

/// What is known about a value after a colon.
#[derive(Debug, Clone, Copy)]
struct Colon {
    line: bool,
    quoted: bool,
    tight: bool,
    /// Whether nothing follows it on its line.
    alone: bool,
    in_quotes: bool,
}

fn after_colon(label: &str, weight: Weight, seen: &str, colon: Colon) -> bool {
    let object = label.eq_ignore_ascii_case("secret") || label.to_ascii_lowercase().ends_with("key");
    if object
        && (is_object_name(seen) || is_ordinary(seen))
        && (is_object_name(seen) || label.eq_ignore_ascii_case("secret"))
    {
        return false;
    }
    if is_ordinary(seen) {
        return false;
    }
    if colon.tight && !colon.quoted {
        return weight != Weight::Plain && looks_secret(seen, true);
    }
    if colon.quoted {
        let number = seen
            .trim_end_matches([',', '}', ']'])
            .bytes()
            .all(|b| b.is_ascii_digit());
        return colon.in_quotes || looks_secret(seen, true) || (weight == Weight::Pass && number);
    }
    if colon.line && colon.alone {
        return true;
    }
    let lower = seen.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    match weight {
        Weight::Strong if !colon.line => !lower && !seen.bytes().all(|b| b.is_ascii_digit()),
        Weight::Pass if colon.in_quotes => true,
        Weight::Pass => looks_secret(seen, false),
        _ => looks_secret(seen, true),
    }
}

fn beside(label: &str, weight: Weight, seen: &str) -> bool {
    if label.eq_ignore_ascii_case("secret") {
        return is_random(seen);
    }
    match weight {
        Weight::Pass => looks_secret(seen, true),
        _ => is_random(seen),
    }
}

/// What follows `Authorization:`: the scheme may be read, the rest not.
fn credentials(mut cursor: Cursor<'_>, form: Form) -> Option<Range<usize>> {
    if form == Form::Beside {
        return None;
    }
    let text = cursor.text;
    cursor.quote();
    let first = word(within(text, cursor.at), cursor.at);
    let scheme = text.get(first.clone())?.to_ascii_lowercase();
    let known = [
        "bearer",
        "basic",
        "digest",
        "token",
        "negotiate",
        "apikey",
        "aws4-hmac-sha256",
    ]
    .contains(&scheme.as_str());
    if !known {
        let seen = text.get(first.clone())?;
        let first = word(text, cursor.at);
        return (looks_secret(seen, true) || (form == Form::Setting && !is_ordinary(seen))).then_some(first);
    }
    cursor.at = first.end;
    cursor.spaces();
    let rest = if matches!(scheme.as_str(), "digest" | "aws4-hmac-sha256") {
        line(text, cursor.at)
    } else {
        word(text, cursor.at)
    };
    (!is_ordinary(text.get(rest.clone())?)).then_some(rest)
}

/// What follows `Cookie:`: all pairs.
fn cookie(mut cursor: Cursor<'_>, form: Form) -> Option<Range<usize>> {
    if form == Form::Beside {
        return None;
    }
    cursor.quote();
    let seen = line(within(cursor.text, cursor.at), cursor.at);
    let seen = cursor.text.get(seen)?;
    (seen.contains('=') || is_random(seen)).then(|| line(cursor.text, cursor.at))
}

/// The lines of a block that `|` or `>` begins.
fn block(text: &str, name: usize, at: usize) -> Option<Range<usize>> {
    let rest = text.get(at..)?;
    let head = rest.lines().next()?.trim_end();
    if !matches!(head, "|" | ">" | "|-" | ">-" | "|+" | ">+") {
        return None;
    }
    let line_start = text.get(..name)?.rfind('\n').map_or(0, |at| at + 1);
    let own = text.get(line_start..name)?;
    let own = own.len() - own.trim_start().len();
    let from = at + rest.find('\n')? + 1;
    let mut end = from;
    for line in text.get(from..)?.split_inclusive('\n') {
        let indent = line.len() - line.trim_start().len();
        if !line.trim().is_empty() && indent <= own {
            break;
        }
        end += line.len();
    }
    let body = text.get(from..end)?;
    let start = from + (body.len() - body.trim_start().len());
    let end = from + body.trim_end().len();
    (start < end).then_some(start..end)
}

/// Up to the same quotation mark again, or to the end of what may belong to it.
fn between(text: &str, start: usize, mark: &str) -> Range<usize> {
    let rest = text.get(start..).unwrap_or_default();
    let mut from = 0;
    while let Some(at) = rest.get(from..).and_then(|rest| rest.find(mark)) {
        let at = from + at;
        let slashes = rest
            .as_bytes()
            .iter()
            .take(at)
            .rev()
            .take_while(|b| **b == b'\\')
            .count();
        // A mark with more backslashes before it belongs to the value.
        if mark.starts_with('\\') || slashes % 2 == 0 {
            return start..start + at;
        }
        from = at + mark.len();
    }
    let end = rest.find(['\n', '\r']).unwrap_or(rest.len());
    start..start + end
}

/// Up to white space or a quotation mark, to the next setting, without the punctuation at its end.
fn word(text: &str, start: usize) -> Range<usize> {
    let rest = text.get(start..).unwrap_or_default();
    let bytes = rest.as_bytes();
    let mut end = rest.len();
    for (at, c) in rest.char_indices() {
        let ends = c.is_whitespace()
            || matches!(c, '"' | '\'' | '`')
            || (c == '\\' && matches!(bytes.get(at + 1), Some(b'n' | b'r' | b't' | b'"' | b'\'' | b'\\')))
            || (matches!(c, '&' | ',' | ';' | '|') && begins_setting(rest.get(at + 1..).unwrap_or_default()))
            || rest.get(at..).is_some_and(|rest| rest.starts_with("%26"));
        if ends {
            end = at;
            break;
        }
    }
    let kept = rest.get(..end).unwrap_or_default();
    start
        ..start
            + kept
                .trim_end_matches([',', ';', '.', ')', ']', '}', '>', ':'])
                .len()
}

/// Whether a text begins with `name=` or `name:`.
fn begins_setting(text: &str) -> bool {
    let length = text
        .bytes()
        .take(48)
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b' '))
        .count();
    length > 0 && matches!(text.as_bytes().get(length), Some(b'=' | b':'))
}

/// Up to the end of the line or of the quotation.
fn line(text: &str, start: usize) -> Range<usize> {
    let rest = text.get(start..).unwrap_or_default();
    let end = rest.find(['\n', '\r', '"', '\'', '\\']).unwrap_or(rest.len());
    start..start + rest.get(..end).map_or(0, |line| line.trim_end().len())
}

/// Whether the line ends here, but for punctuation and a comment.
fn is_last(text: &str, end: usize) -> bool {
    let rest = within(text, end).get(end..).unwrap_or_default();
    let rest = rest
        .get(..rest.find(['\n', '\r']).unwrap_or(rest.len()))
        .unwrap_or_default();
    let rest = rest
        .trim_start_matches([',', ';', '.', '}', ']', ')'])
        .trim_start();
    rest.is_empty() || rest.starts_with('#')
}

fn begins_line(text: &str, at: usize) -> bool {
    const FARTHEST: usize = 200;
    let mut before = text.get(..at).unwrap_or_default().chars().rev().take(FARTHEST);
    before
        .find(|c| !matches!(c, ' ' | '\t' | '-' | '+' | '#' | '"' | '\''))
        .is_none_or(|c| c == '\n' || c == '\r')
}

/// A text as far as it is looked at to judge what stands at `at`.
fn within(text: &str, at: usize) -> &str {
    let end = (at..=(at + JUDGED).min(text.len()))
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(at);
    text.get(..end).unwrap_or_default()
}

/// `shop/api-tls`: how controllers name a Secret.
fn is_path_of_object(value: &str) -> bool {
    value.contains('/') && is_object_name(value)
}

/// What signs an address, or is a user and a password in base64.
fn is_signature(value: &str) -> bool {
    let has = |test: fn(&u8) -> bool| value.bytes().any(|b| test(&b));
    value.len() >= 8
        && value
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'%' | b'-' | b'_'))
        && ((has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase))
            || (value.len() >= 32 && value.bytes().all(|b| b.is_ascii_hexdigit())))
}
