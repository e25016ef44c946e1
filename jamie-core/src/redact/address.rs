//! An address in, where its password stands out.

use std::ops::Range;

use super::judge;

/// The password of the address around `://`, which stands at `hit`: `postgres://app:…@db:5432/x`.
pub(super) fn password(text: &str, hit: &Range<usize>) -> Option<Range<usize>> {
    let rest = text.get(hit.end..)?;
    // What could be no part of an address ends it, and the next one does.
    let ends = |at: usize, c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '"' | '\'' | '`' | '<' | '>' | '\\')
            || (c == ':' && rest.get(at..).is_some_and(|rest| rest.starts_with("://")))
    };
    let end = rest
        .char_indices()
        .find(|(at, c)| ends(*at, *c))
        .map_or(rest.len(), |(at, _)| at);
    let rest = rest.get(..end)?;
    let authority = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let at = if let Some(at) = rest.get(..authority)?.rfind('@') {
        at
    } else {
        // A password may hold a slash; a port may not be one.
        let at = rest.rfind('@')?;
        let (_, after) = rest.get(..authority)?.split_once(':')?;
        if after.is_empty() || after.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        at
    };
    let user = rest.get(..at)?;
    match user.find(':') {
        Some(colon) => {
            let hidden = hit.end + colon + 1..hit.end + at;
            let value = text.get(hidden.clone())?;
            (!judge::is_reference(value) || value.contains('/'))
                .then_some(hidden)
                .filter(|_| !value.is_empty())
        }
        None => judge::is_random(user).then_some(hit.end..hit.end + at),
    }
}

/// The password before `@tcp(`, which stands at `hit`: how Go writes the address of a MySQL server.
pub(super) fn before_protocol(text: &str, hit: &Range<usize>) -> Option<Range<usize>> {
    const LONGEST: usize = 256;
    let before = text.get(..hit.start)?;
    let start = before
        .char_indices()
        .rev()
        .take(LONGEST)
        .take_while(|(_, c)| !c.is_whitespace() && !matches!(c, '"' | '\'' | '`' | '='))
        .last()?
        .0;
    let colon = before.get(start..)?.find(':')?;
    let hidden = start + colon + 1..hit.start;
    (!judge::is_reference(text.get(hidden.clone())?)).then_some(hidden)
}
