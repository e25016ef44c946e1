//! Text with a private key in it in, where the key stands out: also when its head or its end was cut off.

use std::ops::Range;

/// The longest first or last line of a key in PEM.
const LINE: usize = 64;
/// A word of fewer characters is a line of a key only if it is the last.
const SHORT: usize = 16;

/// The key to which the `PRIVATE KEY-----` at `hit` belongs; nothing where that is just words.
pub(super) fn key(text: &str, hit: &Range<usize>) -> Option<Range<usize>> {
    let before = text.get(..hit.start)?;
    let from = floor(text, hit.start.saturating_sub(LINE));
    let dashes = from + before.get(from..)?.rfind("-----")?;
    let label = before.get(dashes + 5..)?;
    if label.starts_with("BEGIN ") {
        Some(dashes..end(text, hit.end))
    } else if label.starts_with("END ") {
        Some(start(text, dashes)..hit.end)
    } else {
        None
    }
}

/// Where a key ends whose first line ends at `from`.
fn end(text: &str, from: usize) -> usize {
    let Some(body) = text.get(from..) else {
        return text.len();
    };
    if let Some(dashes) = body.find("-----")
        && let Some(last) = body.get(dashes + 5..).filter(|last| last.starts_with("END "))
    {
        let line = last.get(..floor(last, LINE)).unwrap_or(last);
        return from + dashes + 5 + line.find("-----").map_or(line.len(), |end| end + 5);
    }
    // It was cut: everything that reads like its lines.
    let mut end = from;
    for (word, range) in words(body) {
        let header = word.starts_with("Proc-Type")
            || word.starts_with("DEK-Info")
            || word.contains("ENCRYPTED")
            || word.contains("-CBC,");
        if header || word.ends_with(':') || word.len() >= SHORT {
            end = from + range.end;
        } else {
            // Its last line may be short.
            let odd = word
                .bytes()
                .any(|b| b.is_ascii_digit() || b.is_ascii_uppercase() || b == b'=');
            if end > from && (odd || range.end == body.len()) {
                end = from + range.end;
            }
            break;
        }
    }
    end
}

/// Words of base64 and what is between them, up to the first word of anything else.
fn words(body: &str) -> impl Iterator<Item = (&str, Range<usize>)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = body.get(at..)?;
        at += gap(rest);
        let rest = body.get(at..)?;
        let length = rest
            .bytes()
            .take_while(|b| is_base64(*b) || matches!(b, b'-' | b',' | b':'))
            .count();
        let word = rest.get(..length).filter(|word| !word.is_empty())?;
        let range = at..at + length;
        at += length;
        Some((word, range))
    })
}

/// How much white space a text begins with, written out or not.
fn gap(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        at += match byte {
            b' ' | b'\t' | b'\r' | b'\n' | b'|' | b'>' => 1,
            b'\\' if matches!(bytes.get(at + 1), Some(b'n' | b'r' | b't')) => 2,
            _ => break,
        };
    }
    at
}

/// Where a key begins whose last line begins at `end`.
fn start(text: &str, end: usize) -> usize {
    let bytes = text.as_bytes();
    let mut start = end;
    let mut first = true;
    loop {
        let mut at = start;
        while at > 0 {
            let before = bytes.get(at.saturating_sub(2)..at).unwrap_or_default();
            if before.last().is_some_and(u8::is_ascii_whitespace) {
                at -= 1;
            } else if matches!(before, [b'\\', b'n' | b'r' | b't']) {
                at -= 2;
            } else {
                break;
            }
        }
        let mut word = at;
        while word > 0
            && bytes.get(word - 1).is_some_and(|b| is_base64(*b))
            // The `n` of a line break that is written out.
            && !(word > 1 && bytes.get(word - 2) == Some(&b'\\') && matches!(bytes.get(word - 1), Some(b'n' | b'r' | b't')))
        {
            word -= 1;
        }
        let length = at - word;
        if length == 0 || (length < SHORT && (!first || (word > 0 && at == start))) {
            return start;
        }
        first = false;
        start = word;
    }
}

/// Lines out of the middle of a key: as long as such lines are, of nothing but base64, and random.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Range<usize>> {
    let public = text.contains("BEGIN CERTIFICATE") || text.contains("PUBLIC KEY");
    let mut at = 0;
    let mut lines = (!public).then(|| text.split('\n')).into_iter().flatten();
    std::iter::from_fn(move || {
        for line in lines.by_ref() {
            let start = at;
            at += line.len() + 1;
            if line.len() < LINE || line.len() > 2 * LINE {
                continue;
            }
            let inner = line.trim();
            if matches!(inner.len(), LINE | 70 | 76) && is_random_base64(inner) {
                let from = start + (line.len() - line.trim_start().len());
                return Some(from..from + inner.len());
            }
        }
        None
    })
}

fn is_random_base64(line: &str) -> bool {
    let count = |test: fn(&u8) -> bool| line.bytes().filter(test).count();
    line.bytes().all(is_base64)
        && count(u8::is_ascii_uppercase) > 5
        && count(u8::is_ascii_lowercase) > 5
        && count(u8::is_ascii_digit) > 2
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

/// The last boundary of a character at or before `at`.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len()))
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0)
}
