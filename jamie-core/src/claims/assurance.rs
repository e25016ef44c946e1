//! A sentence that all is well in, why it may not be said out: with an incident on the table it is no consolation.

use std::sync::LazyLock;

use regex::Regex;

use super::Ledger;

#[expect(clippy::expect_used, reason = "constant patterns, compiled by every test")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a valid pattern")
}

static WELL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\b(?:everything|it\s+all|the\s+(?:whole\s+)?(?:cluster|estate|system))(?:['’]s|\s+(?:is|looks?|seems?))\s+(?:\w+\s+)?(?:fine|well|ok(?:ay)?|good|healthy|great|normal|green|in\s+order|under\s+control)\b",
        r"|\ball(?:['’]s|\s+is|\s+systems\s+are)?\s+(?:well|clear|good|green)\b",
        r"|\bnothing(?:['’]s|\s+is)\s+(?:wrong|broken|amiss)(?:[.!,;]|$)|\bnothing\s+to\s+worry\b",
        r"|\bno\s+(?:problems?|issues?|incidents?|trouble|action)\s+(?:(?:was|were|is|are)\s+)?(?:found|needed|required|here|at\s+all|whatsoever)\b",
        r"|\bfalse\s+alarm\b|\b(?:can|may|should|could)\s+(?:\w+\s+)?(?:be\s+)?ignored?\b",
    ))
});

/// It is said of the rest, or denied.
static APART: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:apart\s+from|except|other\s+than|aside|but|besides|beyond\s+that|otherwise|else|not|once|until|after|when|if|cannot|no\s+longer)\b|n['’]t\b|\?\s*$",
    )
});

/// Why the sentence may not be said, if it says that all is well.
pub(super) fn unsupported(ledger: &Ledger, sentence: &str) -> Option<String> {
    let says_so = ledger.troubled && WELL.is_match(sentence) && !APART.is_match(sentence);
    says_so.then(|| "something is wrong, so not all is well".to_owned())
}
