//! A sentence in, what it says Jamie has done out: only what is on record was done.

use std::sync::LazyLock;

use regex::Regex;

use super::Ledger;

const DONE: &str = "restarted|rebooted|deleted|removed|scaled|rolled back|rolled out|rolled|reverted|applied|patched|drained|cordoned|uncordoned|created|updated|upgraded|changed|fixed|killed|increased|decreased|raised|lowered|bumped|set|edited|suspended|resumed|paused|triggered|redeployed|deployed|evicted|cleaned up|cleaned|resized|switched|granted|reset|recreated|installed|stopped|started|approved|executed|issued|ran|run|added|enabled|disabled|doubled|halved|moved|resolved|repaired|mended";
const DOING: &str = "restarting|deleting|removing|scaling|rolling back|rolling|reverting|applying|patching|draining|cordoning|creating|updating|fixing|killing|raising|increasing|evicting|redeploying|deploying|running|suspending";

#[expect(clippy::expect_used, reason = "constant patterns, compiled by every test")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a valid pattern")
}

static DEED: LazyLock<Regex> = LazyLock::new(|| {
    let between = r"(?:(?:just|now|already|also|successfully|gone ahead and|went ahead and|then|quickly|safely|both|managed to|since)\s+)*";
    pattern(&format!(
        r"(?ix)
        \b(?:I|we)(?:['’]ve|\s+have|\s+had|['’]d)?\s+{between}(?P<own>{DONE})\b
        |\b(?:I|we)(?:['’]m|['’]re|\s+am|\s+are)\s+{between}(?P<doing>{DOING})\b
        |(?:^|[.!:;]\s+|[-*•]\s+)(?:Done|All\s+done|Right|OK|Okay|Sorted)?[\s,:.!–—-]*(?P<bare>{DONE})\s+(?:the|your|it|them|both|all|`|\*\*|[a-z0-9]+[-/])
        |\b(?:has|have)\s+(?:now\s+)?been\s+{between}(?P<been>{DONE})\s+(?:by\s+me|for\s+you|as\s+you\s+asked|as\s+requested)\b",
        // White space in the pattern itself means nothing.
        between = between.replace(' ', r"\s"),
        DONE = DONE.replace(' ', r"\s+"),
        DOING = DOING.replace(' ', r"\s+"),
    ))
});

/// The whole answer of somebody who has done, or is about to do, as told.
static OBEYED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\W*(?:(?:all|it['’]s|it\s+is|that['’]s|that\s+is|now|consider\s+it)\s+)*(?:done|sorted|completed?|fixed|handled|executed)\W*$|^\W*(?:right\s+away|straight\s+away|at\s+once|will\s+do|on\s+it|as\s+you\s+(?:wish|asked))\W*$",
    )
});
/// What is going to be done unasked.
static INTENDED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:I|we)(?:['’]ll|\s+will|['’]m\s+going\s+to|\s+am\s+going\s+to)\s+(?:(?:now|just|then|go\s+ahead\s+and)\s+)*(?P<verb>restart|reboot|delete|remove|scale|roll|revert|apply|patch|drain|cordon|create|update|kill|evict|deploy|redeploy|edit|set|resize|fix)\b",
    )
});
/// That somebody has said yes.
static APPROVED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)\b(?:approved|authori[sz]ed|signed\s+off|green-?lit|given\s+the\s+go-ahead)\b")
});
/// It is a matter of the future, or denied.
static OPEN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:once|until|after|if|unless|when|before|needs?|must|should|can|could|may|to\s+be|not|never|awaits?|waits?|waiting|requires?|without|only|whoever|approve)\b|n['’]t\b|\?\s*$",
    )
});

/// What the sentence says was done, will be done or was approved, and is not on record.
pub(super) fn unsupported(ledger: &Ledger, sentence: &str) -> Option<String> {
    if OBEYED.is_match(sentence) && ledger.deeds.is_empty() {
        return Some("nothing was done by me".to_owned());
    }
    if !OPEN.is_match(sentence) {
        if let Some(verb) = INTENDED.captures(sentence).and_then(|found| found.name("verb")) {
            return Some(format!(
                "I {} nothing that nobody has approved",
                verb.as_str().to_lowercase()
            ));
        }
        let known = ledger.deeds.iter().any(|deed| deed.contains("approved"));
        if APPROVED.is_match(sentence) && !known {
            return Some("nobody has approved anything".to_owned());
        }
    }
    done(ledger, sentence)
}

/// What the sentence says was done and is not on record.
fn done(ledger: &Ledger, sentence: &str) -> Option<String> {
    let verb = DEED.captures_iter(sentence).find_map(|found| {
        let verb = ["own", "doing", "bare", "been"]
            .iter()
            .find_map(|name| found.name(name))?;
        // "Run this", "set that": what the person may do.
        let asks = found
            .name("bare")
            .is_some_and(|bare| matches!(bare.as_str(), "Run" | "Set" | "Reset" | "run" | "set" | "reset"));
        (!asks).then(|| verb.as_str().to_lowercase())
    })?;
    let stem: String = verb
        .chars()
        .take(if verb.len() > 5 { verb.len() - 3 } else { 3 })
        .collect();
    let done = ledger.deeds.iter().any(|deed| {
        deed.contains(&stem) || matches!(verb.as_str(), "fixed" | "ran" | "run" | "executed" | "changed")
    });
    (!done).then(|| format!("nothing was {verb} by me"))
}
