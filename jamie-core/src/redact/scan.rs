//! A text in, where its secrets stand out: one pass finds what may belong to one, and only there it is looked closely.

use std::{ops::Range, sync::LazyLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::{
    address, judge, manifest, name, pem, place,
    placeholder::Kind,
    shape::{self, SHAPES, Shape},
};

/// One secret in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Secret {
    pub(super) range: Range<usize>,
    pub(super) kind: Kind,
}

/// What something that was found may belong to.
#[derive(Debug, Clone, Copy)]
enum Mark {
    /// The name of a setting.
    Name,
    /// A token.
    Token(&'static Shape),
    /// An address.
    Address,
    /// An address as Go writes it.
    Protocol,
    /// `Bearer …`, `Basic …`.
    Scheme,
    /// A private key.
    PrivateKey,
    /// The manifest of a Secret.
    Manifest,
    /// A secret of an Azure application.
    Azure,
    /// A bot's token.
    Bot,
    /// A client that takes its password behind a short flag.
    Client,
}

/// Parts of names; whether the whole name means a secret is judged where one is found.
const NAMES: [&str; 14] = [
    "passw",
    "passphrase",
    "passcode",
    "pwd",
    "secret",
    "token",
    "key",
    "credential",
    "dsn",
    "cookie",
    "session",
    "sessid",
    "auth",
    "connection",
];

/// Clients whose short flag takes a password, the flag, and whether the password follows without a space.
const CLIENTS: [(&str, &str, bool); 7] = [
    ("mysql", "-p", true),
    ("mysqldump", "-p", true),
    ("mysqladmin", "-p", true),
    ("mariadb", "-p", true),
    ("redis-cli", "-a", false),
    ("sshpass", "-p", false),
    ("curl", "-u", false),
];

struct Finder {
    automaton: AhoCorasick,
    marks: Vec<Mark>,
}

#[expect(clippy::expect_used, reason = "constant patterns, compiled by every test")]
static FINDER: LazyLock<Finder> = LazyLock::new(|| {
    let mut words: Vec<&str> = Vec::new();
    let mut marks = Vec::new();
    let mut add = |word: &'static str, mark: Mark| {
        words.push(word);
        marks.push(mark);
    };
    for word in &NAMES {
        add(word, Mark::Name);
    }
    for shape in &SHAPES {
        add(shape.prefix, Mark::Token(shape));
    }
    for (word, ..) in &CLIENTS {
        add(word, Mark::Client);
    }
    for (word, mark) in [
        ("sig=", Mark::Name),
        ("signature=", Mark::Name),
        ("://", Mark::Address),
        ("@tcp(", Mark::Protocol),
        ("@unix(", Mark::Protocol),
        ("bearer", Mark::Scheme),
        ("basic", Mark::Scheme),
        ("private key-----", Mark::PrivateKey),
        ("private key block-----", Mark::PrivateKey),
        ("kind: secret", Mark::Manifest),
        ("kind\":\"secret", Mark::Manifest),
        ("kind\": \"secret", Mark::Manifest),
        ("kind\\\":\\\"secret", Mark::Manifest),
        ("kind: \"secret", Mark::Manifest),
        ("q~", Mark::Azure),
        (":aa", Mark::Bot),
    ] {
        add(word, mark);
    }
    let automaton = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::DFA))
        .build(&words)
        .expect("a few short words");
    Finder { automaton, marks }
});

/// The secrets of a text in their order; none overlaps another.
pub(super) fn secrets(text: &str) -> Vec<Secret> {
    let mut scan = Scan {
        text,
        found: pem::lines(text)
            .map(|range| Secret {
                range,
                kind: Kind::PrivateKey,
            })
            .collect(),
        named: 0,
        covered: 0,
        manifest: false,
    };
    for hit in FINDER.automaton.find_overlapping_iter(text) {
        if let Some(mark) = FINDER.marks.get(hit.pattern().as_usize()) {
            scan.look(*mark, &hit.range());
        }
    }
    merged(scan.found)
}

/// How far a text was looked at.
struct Scan<'a> {
    text: &'a str,
    found: Vec<Secret>,
    /// The end of the last name that was judged.
    named: usize,
    /// The end of the last secret that was found: nothing in it is looked at again.
    covered: usize,
    /// Whether the values of a manifest were looked for.
    manifest: bool,
}

impl Scan<'_> {
    fn look(&mut self, mark: Mark, hit: &Range<usize>) {
        let text = self.text;
        if hit.start < self.covered {
            return;
        }
        let (range, kind) = match mark {
            Mark::Name => return self.name(hit),
            Mark::Token(shape) => {
                let range = shape::token(text, hit.start, shape);
                if let Some(range) = range.as_ref().filter(|_| matches!(shape.prefix, "AKIA" | "ASIA")) {
                    self.add(shape::beside_access_key(text, range.end), Kind::Key);
                }
                (range, shape.kind)
            }
            Mark::Address => (address::password(text, hit), Kind::Password),
            Mark::Protocol => (address::before_protocol(text, hit), Kind::Password),
            Mark::Scheme => (scheme(text, hit), Kind::Token),
            Mark::PrivateKey => (pem::key(text, hit), Kind::PrivateKey),
            Mark::Manifest => {
                if !std::mem::replace(&mut self.manifest, true) {
                    for range in manifest::values(text) {
                        let shown = text.get(range.clone()).is_none_or(judge::is_hidden);
                        self.add(Some(range).filter(|_| !shown), Kind::Secret);
                    }
                }
                return;
            }
            Mark::Azure => (shape::azure(text, hit.start), Kind::Key),
            Mark::Bot => (shape::bot(text, hit.start), Kind::Token),
            Mark::Client => (client(text, hit), Kind::Password),
        };
        if let Some(range) = &range {
            self.covered = self.covered.max(range.end);
        }
        self.add(range, kind);
    }

    fn add(&mut self, range: Option<Range<usize>>, kind: Kind) {
        self.found.extend(
            range
                .filter(|range| !range.is_empty())
                .map(|range| Secret { range, kind }),
        );
    }

    fn name(&mut self, hit: &Range<usize>) {
        if hit.start < self.named {
            return;
        }
        let range = identifier(self.text, hit);
        self.named = range.end;
        let Some(name) = self.text.get(range.clone()) else {
            return;
        };
        let Some(weight) = name::weight(name) else { return };
        let kind = name::kind(name);
        if let Some(value) = place::value(self.text, &range, weight) {
            self.covered = value.end;
            self.add(Some(value), kind);
        }
    }
}

/// The whole name that a part of was found.
fn identifier(text: &str, hit: &Range<usize>) -> Range<usize> {
    const BEFORE: usize = 64;
    const AFTER: usize = 128;
    let bytes = text.as_bytes();
    let part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    let before = bytes
        .iter()
        .take(hit.start)
        .rev()
        .take(BEFORE)
        .take_while(|b| part(b))
        .count();
    // `sig=` was found with its sign.
    let end = hit.end - usize::from(bytes.get(hit.end - 1) == Some(&b'='));
    let after = bytes.iter().skip(end).take(AFTER).take_while(|b| part(b)).count();
    let start = hit.start - before;
    let whole = text.get(start..end + after).unwrap_or_default();
    let lead = whole.len() - whole.trim_start_matches(['-', '.']).len();
    let kept = whole.trim_matches(['-', '.']).len();
    start + lead..start + lead + kept
}

/// What follows `Bearer` or `Basic`, where it is no word.
fn scheme(text: &str, hit: &Range<usize>) -> Option<Range<usize>> {
    if text
        .get(..hit.start)?
        .ends_with(|c: char| c.is_ascii_alphanumeric())
    {
        return None;
    }
    let rest = text.get(hit.end..)?;
    let gap = if rest.starts_with("%20") {
        3
    } else {
        rest.len() - rest.trim_start_matches([' ', '+']).len()
    };
    if gap == 0 || gap > 8 {
        return None;
    }
    let start = hit.end + gap;
    let length = text
        .get(start..)?
        .bytes()
        .take_while(|b| {
            b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'~' | b'+' | b'/' | b'-' | b'=')
        })
        .count();
    let word = text.get(start..start + length)?;
    let digit = word.bytes().any(|b| b.is_ascii_digit());
    let inner_upper = word.bytes().skip(1).any(|b| b.is_ascii_uppercase());
    let plain = hit.len() == "basic".len() && judge::is_object_name(word);
    (length >= 8 && (digit || inner_upper || length >= 24) && !plain).then(|| start..start + length)
}

/// The flag behind which a client takes a password, and whether the password follows without a space.
pub(super) fn client_flag(word: &str) -> Option<(&'static str, bool)> {
    let name = word.rsplit('/').next().unwrap_or(word);
    CLIENTS
        .iter()
        .find(|(client, ..)| name == *client)
        .map(|(_, flag, tight)| (*flag, *tight))
}

/// The password behind a client's short flag, on the same line or in the same list.
fn client(text: &str, hit: &Range<usize>) -> Option<Range<usize>> {
    const FARTHEST: usize = 400;
    let name = text.get(hit.clone())?;
    let (_, flag, tight) = CLIENTS
        .iter()
        .find(|(client, ..)| name.eq_ignore_ascii_case(client))?;
    let rest = text.get(hit.end..)?;
    // A list of arguments goes on in the next line.
    let goes_on = |at: usize| {
        rest.get(at..)
            .is_some_and(|rest| rest.trim_start().starts_with("- "))
    };
    let end = rest
        .char_indices()
        .take(FARTHEST)
        .find(|(at, c)| matches!(c, '|' | ';') || (matches!(c, '\n' | '\r') && !goes_on(*at)))
        .map_or_else(
            || rest.char_indices().nth(FARTHEST).map_or(rest.len(), |(at, _)| at),
            |(at, _)| at,
        );
    let rest = rest.get(..end)?;
    if !rest.starts_with([' ', '"', '\'', '\n', '\r', ',']) {
        return None;
    }
    for (at, _) in rest.match_indices(flag) {
        let before = rest.get(..at)?.chars().next_back();
        if !before.is_some_and(|c| matches!(c, ' ' | '"' | '\'')) {
            continue;
        }
        let after = rest.get(at + flag.len()..)?;
        let gap = if *tight {
            after.len() - after.trim_start_matches('\'').len()
        } else {
            let inner = after.trim_start_matches([' ', '"', '\'', ',', '\n', '\r']);
            after.len()
                - inner
                    .strip_prefix("- ")
                    .unwrap_or(inner)
                    .trim_start_matches(['"', '\''])
                    .len()
        };
        if !tight && gap == 0 {
            continue;
        }
        let value = after.get(gap..)?;
        let value = value.get(..value.find([' ', '"', '\'', '\n', '\r']).unwrap_or(value.len()))?;
        let user = if *flag == "-u" { value.find(':')? + 1 } else { 0 };
        let start = hit.end + at + flag.len() + gap;
        if value.len() > user && !judge::is_flag(value) && !judge::is_reference(value.get(user..)?) {
            return Some(start + user..start + value.len());
        }
    }
    None
}

/// In order, and what overlaps as one.
fn merged(mut found: Vec<Secret>) -> Vec<Secret> {
    found.sort_by_key(|secret| (secret.range.start, std::cmp::Reverse(secret.range.end)));
    let mut kept: Vec<Secret> = Vec::with_capacity(found.len());
    for secret in found {
        match kept.last_mut() {
            Some(last) if secret.range.start < last.range.end => {
                last.range.end = last.range.end.max(secret.range.end);
            }
            _ => kept.push(secret),
        }
    }
    kept
}
