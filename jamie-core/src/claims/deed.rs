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

/// What the sentence says was done and is not on record.
pub(super) fn unsupported(ledger: &Ledger, sentence: &str) -> Option<String> {
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
