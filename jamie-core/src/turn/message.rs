//! A message in; what makes it unfit to be read as a question out.

use crate::{Error, ErrorKind, Names, Request, Scope, persona::Moment};

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

/// The error for a message that cannot be a question; a wordless one is answered, people send those.
pub(super) fn refusal(moment: Moment) -> Option<Error> {
    let (message, hint) = match moment {
        Moment::TooLong => (
            "the question is too long to read",
            "say in a few sentences what you want to know",
        ),
        Moment::Unreadable => ("that is not text that I can read", "send plain text, in UTF-8"),
        Moment::Empty => ("there is no question", "try: how is everything?"),
        _ => return None,
    };
    Some(Error::new(ErrorKind::InvalidInput, message).with_hint(hint))
}

/// The error for a scope that names a namespace which is not there; where namespaces may not be looked at,
/// nothing is said.
pub(super) fn unknown_namespace(scope: &Scope, names: &Names) -> Option<Error> {
    const NEAR: usize = 3;
    let wanted = scope.namespace.as_deref()?;
    let mut near: Vec<(&str, f64)> = Vec::new();
    for name in names.all.iter().filter(|name| name.object.kind == "Namespace") {
        if name.object.name == wanted {
            return None;
        }
        near.push((&name.object.name, strsim::jaro_winkler(wanted, &name.object.name)));
    }
    // Something that lives in it proves that it is there, whatever the list of namespaces says.
    if near.is_empty()
        || names
            .all
            .iter()
            .any(|name| name.object.namespace.as_deref() == Some(wanted))
    {
        return None;
    }
    near.sort_by(|a, b| b.1.total_cmp(&a.1));
    let near: Vec<String> = near
        .iter()
        .take(NEAR)
        .map(|(name, _)| format!("`{name}`"))
        .collect();
    Some(
        Error::new(
            ErrorKind::NotFound,
            format!("there is no namespace called `{wanted}`"),
        )
        .with_hint(format!("did you mean {}?", near.join(" or "))),
    )
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
