//! A text in, every way to read it out: as it is, without what is invisible, and what is hidden in it.

use std::sync::LazyLock;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use regex::Regex;

static BLOB: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"[A-Za-z0-9+/]{20,}={0,2}").ok());

/// The readings of a text; the first is what a person would see.
pub(super) fn readings(text: &str) -> Vec<String> {
    let seen: String = text.chars().filter(|c| !is_invisible(*c)).collect();
    let mut readings = vec![seen];
    // Characters that only tag others, but spell out ASCII.
    let tagged: String = text
        .chars()
        .filter_map(|c| char::from_u32((c as u32).checked_sub(0xE0000)?).filter(char::is_ascii))
        .collect();
    if !tagged.is_empty() {
        readings.push(tagged);
    }
    for blob in BLOB.iter().flat_map(|blob| blob.find_iter(text)) {
        let decoded = BASE64_STANDARD.decode(blob.as_str()).ok();
        let decoded = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
        readings.extend(decoded.filter(|text| text.contains(' ')));
    }
    readings
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}
