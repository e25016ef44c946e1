//! A message in; what makes it unfit to be read as a question out.

use crate::{Request, persona::Moment};

/// The moment that answers a message in which there is no question to read.
pub(super) fn unfit(text: &str) -> Option<Moment> {
    if text.len() > Request::MAX_BYTES {
        return Some(Moment::TooLong);
    }
    if text.trim().is_empty() {
        return Some(Moment::Empty);
    }
    let (mut total, mut odd, mut letters) = (0_usize, 0_usize, 0_usize);
    for c in text.chars() {
        total += 1;
        if c == '\u{fffd}' || (c.is_control() && !c.is_whitespace()) {
            odd += 1;
        }
        if c.is_alphanumeric() {
            letters += 1;
        }
    }
    if odd * 8 > total {
        return Some(Moment::Unreadable);
    }
    (letters == 0).then_some(Moment::Wordless)
}

/// At most a few hundred characters of a message, for the memory.
pub(super) fn shortened(text: &str) -> String {
    const KEPT: usize = 2_000;
    match text.char_indices().nth(KEPT) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::unfit;
    use crate::{Request, persona::Moment};

    #[test]
    fn unfit_messages() {
        for (text, expected) in [
            ("", Some(Moment::Empty)),
            (" \n\t ", Some(Moment::Empty)),
            ("🔥🔥🔥", Some(Moment::Wordless)),
            ("???", Some(Moment::Wordless)),
            ("\u{0}\u{1}\u{2}ab\u{fffd}", Some(Moment::Unreadable)),
            ("why is api down?", None),
            ("何が壊れていますか", None),
        ] {
            assert_eq!(unfit(text), expected, "{text:?}");
        }
        assert_eq!(unfit(&"x".repeat(Request::MAX_BYTES + 1)), Some(Moment::TooLong));
    }
}
