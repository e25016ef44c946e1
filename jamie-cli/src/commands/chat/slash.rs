//! Lines that begin with a slash: short ways to ask, and the way out.

/// What a slash line means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Slash {
    /// Leave.
    Quit,
    /// A question in other words.
    Ask(String),
    /// No such thing.
    Unknown,
}

impl Slash {
    /// `/word rest`; `None` for a line without a slash.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let line = line.strip_prefix('/')?;
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let rest = rest.trim();
        let about = |verb: &str| Self::Ask(format!("{verb} {rest}").trim().to_owned());
        Some(match word {
            "quit" | "exit" | "q" => Self::Quit,
            "help" | "?" => Self::Ask("what can you do?".into()),
            "status" => Self::Ask("how is everything?".into()),
            "diagnose" => about("diagnose"),
            "logs" => about("logs of"),
            "events" => about("events of"),
            "top" => about("top"),
            "changes" => about("what changed in"),
            "fix" if rest.is_empty() => Self::Ask("fix it".into()),
            "fix" | "restart" | "scale" => about(word),
            _ => Self::Unknown,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Slash;

    #[test]
    fn slashes_are_questions_in_short() {
        assert_eq!(
            Slash::parse("/logs  api "),
            Some(Slash::Ask("logs of api".into()))
        );
        assert_eq!(Slash::parse("/exit"), Some(Slash::Quit));
        assert_eq!(Slash::parse("/nope"), Some(Slash::Unknown));
        assert_eq!(Slash::parse("why is api down?"), None);
    }
}
