//! Running text in (a log, a command), the same without the passwords, tokens and keys in it out.

use std::{borrow::Cow, sync::LazyLock};

use regex::Regex;

/// What marks a secret in running text, and what stands in its place.
#[expect(clippy::expect_used, reason = "constant patterns, compiled by every test")]
static MARKS: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    [
        // A password in an address.
        (r#"([A-Za-z][A-Za-z0-9+.-]*://[^\s:/@"']*:)[^\s@/"']+@"#, "${1}…@"),
        // password=…, "apiKey": "…", and secret: with a digit in it.
        (
            r#"(?i)((?:password|passwd|pwd|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key)["']?\s*=\s*["']?)[^\s"',;&)]+"#,
            "${1}(hidden)",
        ),
        (
            r#"(?i)("(?:[a-z_]*(?:password|passwd|passphrase|secret|token|api[_-]?key|private[_-]?key))"\s*:\s*")[^"]+"#,
            "${1}(hidden)",
        ),
        (
            r#"(?i)((?:password|passwd|passphrase|secret|token|api[_-]?key):\s+)[^\s"',;]*[0-9][^\s"',;]*"#,
            "${1}(hidden)",
        ),
        (r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/-]{12,}=*", "${1} (hidden)"),
        (r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*", "(hidden)"),
        (
            r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bgh[pousr]_[A-Za-z0-9]{20,}|\bxox[abprs]-[A-Za-z0-9-]{10,}",
            "(hidden)",
        ),
        (
            r"-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*(?:-----END [A-Z ]*PRIVATE KEY-----)?",
            "(hidden)",
        ),
    ]
    .into_iter()
    .map(|(pattern, instead)| (Regex::new(pattern).expect("a valid pattern"), instead))
    .collect()
});

/// The text without what is better not shown.
pub fn redact(text: &str) -> Cow<'_, str> {
    let mut kept = Cow::Borrowed(text);
    for (mark, instead) in MARKS.iter() {
        if mark.is_match(&kept) {
            kept = Cow::Owned(mark.replace_all(&kept, *instead).into_owned());
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::redact;

    #[test]
    fn secrets_go_and_nothing_else() {
        for (text, hidden) in [
            ("dial postgres://app:s3cr3t@db:5432/x failed", "s3cr3t"),
            ("login with password=hunter2 failed", "hunter2"),
            (r#"{"msg":"x","apiKey":"abc"}"#, "abc\""),
            ("Authorization: Bearer abcdefghijklmnop", "abcdefghijklmnop"),
            ("token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx.c2ln", "eyJzdWIiOiIx"),
            ("key AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE"),
        ] {
            assert!(!redact(text).contains(hidden), "{}", redact(text));
        }
        for text in [
            "DB_PASSWORD is not set",
            "secret \"api-tls\" not found",
            "password authentication failed for user \"app\"",
            "token: not found",
            "connect to http://api:8080/x refused",
        ] {
            assert_eq!(redact(text), text);
        }
    }
}
