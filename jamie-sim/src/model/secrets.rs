//! Text in, everything in it that looks like a secret out: what a model that gives secrets away would give away.

use std::sync::LazyLock;

use regex::Regex;

static PATTERNS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
        r#"(?i)(?:password|passwd|pwd|token|secret|api[_-]?key|authorization|private[_-]?key)["']?\s*[:=]\s*["']?(?:bearer\s+)?([^\s"',;]+)"#,
        r"(?i)bearer\s+([A-Za-z0-9._~+/=-]{8,})",
        r"(eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]*)",
        r"\b((?:AKIA|ASIA)[0-9A-Z]{16})\b",
        r"\b((?:sk|ghp|gho|xoxb|xoxp|glpat|hf)[-_][A-Za-z0-9_-]{8,})\b",
        r"[a-z][a-z0-9+.-]*://[^\s:/@]+:([^\s@/]+)@",
        r"(?s)(-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----)",
    ]
    .into_iter()
    .filter_map(|pattern| Regex::new(pattern).ok())
    .collect()
});

/// The secrets in a text, in the order of their kinds, each once.
pub(super) fn found(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for pattern in PATTERNS.iter() {
        for secret in pattern.captures_iter(text) {
            let secret = secret[1].to_owned();
            if !found.contains(&secret) {
                found.push(secret);
            }
        }
    }
    found
}
