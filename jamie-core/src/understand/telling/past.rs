//! A sentence in, what it asks about what was out: "what did we do about that in May?", "what fixed ledger last time?",
//! "same as last time".

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::said::{Pattern, QUOTED_SPACE, Said, pattern};
use crate::{
    TimeRange,
    understand::{Context, time, words::Token},
};

/// What is asked about what was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PastKind {
    /// "What did we do about ledger?"
    Done,
    /// "What fixed it last time?"
    Helped,
    /// "Has this happened before?", "how often did ledger break?"
    Before,
    /// "What did we talk about yesterday?"
    Talked,
    /// "What incidents did we have last week?", "what broke in May?"
    Incidents,
    /// "Same as last time."
    Same,
}

/// A question about what was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    /// What is asked.
    pub kind: PastKind,
    /// About what, in the person's words; nothing where it says "it", or nothing at all.
    pub subject: Option<String>,
    /// When.
    pub time: Option<TimeRange>,
    /// Whether the estate itself may answer where the memory cannot.
    pub may_be_live: bool,
}

const LAST_TIME: &str = r"(?: (?:last time|the last time|before|previously|back then|then|at the time|the time before|in the past|earlier|already|the other day|that time))?";

static DONE: [Pattern; 2] = [
    LazyLock::new(|| {
        pattern(&format!(
            r"^what (?:did|have|had) (?:we|you|i|they|somebody|someone|anyone|anybody|the team|people) (?:do|done|change|changed|try|tried) (?:about|with|for|to|against|when)(?: the)? (?P<about>.+?){LAST_TIME}$"
        ))
    }),
    LazyLock::new(|| {
        pattern(&format!(
            r"^(?:what did we do|what (?:was|has been|got|had been) (?:done|tried)(?: (?:about|with|for|to)(?: the)? (?P<about>.+?))?){LAST_TIME}$"
        ))
    }),
];
static HELPED: [Pattern; 3] = [
    LazyLock::new(|| {
        pattern(&format!(
            r"^what (?:fixed|helped|worked|solved|cured|sorted|resolved|mended|did the trick|was the fix|was the solution|is the usual fix)(?: with| for| on| out| against)*(?: the)?(?: (?P<about>.+?))??(?: out)?{LAST_TIME}$"
        ))
    }),
    LazyLock::new(|| {
        pattern(&format!(
            r"^how (?:did|have) (?:we|you|i|they|someone|somebody|the team) (?:fix|fixed|solve|solved|sort|sorted|resolve|resolved|mend|mended|handle|handled|deal with|dealt with|cure|recover)(?: out)?(?: the)? (?P<about>.+?)(?: out)?{LAST_TIME}$"
        ))
    }),
    LazyLock::new(|| {
        pattern(&format!(
            r"^who (?:fixed|sorted|solved|resolved|mended|handled|dealt with)(?: out)?(?: the)? (?P<about>.+?)(?: out)?{LAST_TIME}$"
        ))
    }),
];
static BEFORE: [Pattern; 6] = [
    LazyLock::new(|| {
        pattern(
            r"^(?:has|have|did|had|was|were)(?: the)? (?P<about>.+?) (?:ever )?(?:happen(?:ed)?|fail(?:ed)?|crash(?:ed)?|break|broken|broke|occur(?:red)?|go down|gone down|down|been down|been broken|been here|been like this|do this|done this)(?: like this| like that| this way)? (?:before|previously|in the past|already|earlier)$",
        )
    }),
    LazyLock::new(|| {
        pattern(
            r"^(?:have|did|had) (?:we|you) (?:ever |already )?(?:seen|had|see|have|hit|run into|come across|noticed)(?: the)? (?P<about>.+?)(?: problems?| issues?| errors?| failures?)?(?: (?:before|previously|already|in the past|earlier))$",
        )
    }),
    LazyLock::new(|| {
        pattern(
            r"^is (?P<about>this|that|it) (?:the first time|new|a new (?:problem|one|thing)|a known (?:problem|issue|one)|a repeat|a regular|a recurring (?:problem|issue|thing)|an old (?:problem|friend|one))(?: (?:it|this) (?:happens|happened|has happened))?$",
        )
    }),
    LazyLock::new(|| {
        pattern(
            r"^when (?:did|was|has)(?: the)? (?P<about>.+?) (?:last|previously) (?:happen|fail|crash|break|broken|occur|go down|go wrong|down|have (?:problems|issues|trouble)|seen|see it|act up)$",
        )
    }),
    LazyLock::new(|| {
        pattern(
            r"^when was the last time(?: that)?(?: the)? (?P<about>.+?) (?:(?:was|were|had|has|went|got) )?(?:happened|failed|crashed|broke|broken|occurred|down|wrong|problems|issues|trouble|unhealthy|seen)$",
        )
    }),
    LazyLock::new(|| {
        pattern(
            r"^how (?:often|many times) (?:(?:has|have|did|does|had)(?: the)? (?P<about>.+?) (?:happen(?:ed)?|fail(?:ed)?|broken?|break|occur(?:red)?|come back|been down|go down|gone down)|(?:do|did|have) we (?:see|have|seen|had|get)(?: the)? (?P<seen>.+?))(?: before| so far| already| lately)?$",
        )
    }),
];
static TALKED: [Pattern; 3] = [
    LazyLock::new(|| {
        pattern(
            r"^what (?:did|have|had) (?:we|i) (?:last )?(?:talk|talked|speak|spoken|discuss|discussed|chat|chatted|ask|asked|look at|looked at|looking at)(?: you)?(?: about)?(?: with you)?(?: last)?(?: (?P<about>.+?))?(?: last time| before| earlier)?$",
        )
    }),
    LazyLock::new(|| {
        pattern(
            r"^what (?:was|were) (?:my|our) (?:last|previous|latest) (?:questions?|chat|conversation|talk|topic)(?: about)?(?: (?P<about>.+))?$",
        )
    }),
    LazyLock::new(|| {
        pattern(
            r"^(?:where (?:were|was|did) (?:we|i)(?: leave off| stop| up to| left off)?|what (?:were|was) (?:we|i) (?:talking about|doing|looking at|discussing|up to)|remind me what (?:we|i) (?:talked about|were doing|was doing|discussed|asked))(?: last time| before| earlier)?$",
        )
    }),
];
static INCIDENTS: [Pattern; 3] = [
    LazyLock::new(|| {
        pattern(
            r"^(?:what|which|how many|any) (?:incidents?|outages?|problems?|issues?|troubles?|failures?)(?: did| have| had| were| was| do)? (?:we|you|there)(?: had| have| see| seen| hit| remember| recall)?(?: (?:with|in|on|of|for)(?: the)? (?P<about>.+))?$",
        )
    }),
    LazyLock::new(|| {
        pattern(
            r"^(?:list|show|give|tell)(?: me)?(?: all| the| our| about)* (?:past|previous|old|earlier|former|known|last|recent) (?:incidents?|outages?|problems?|issues?)(?: (?:with|of|for|in|on)(?: the)? (?P<about>.+))?$",
        )
    }),
    LazyLock::new(|| {
        pattern(
            r"^(?:(?:the )?(?:incident )?history(?: of incidents)?(?: (?:of|for|with)(?: the)? (?P<about>.+))?|past incidents|previous incidents)$",
        )
    }),
];
/// What asks about a stretch of time that is over, and about now where no time is named.
static WENT: Pattern = LazyLock::new(|| {
    pattern(
        r"^(?:what (?:broke|went wrong|happened|was broken|was wrong|was up|was down|failed|crashed|was the (?:matter|problem|issue|trouble))(?: with| to| in| on)?(?: the)?(?: (?P<about>.+))?|what incidents|any incidents|incidents|what (?:incidents?|outages?) (?:happened|occurred))$",
    )
});
static SAME: [Pattern; 3] = [
    LazyLock::new(|| {
        pattern(
            r"^(?:(?:do|try|run|apply|repeat|use|give me|show me|let us do|let us try|fix it|i want|i would like|can you do|could you do) )?(?:exactly )?(?:the )?same(?: thing| again| fix| procedure| trick| question| please)*(?: (?:as|like|that we did|we did|you did|which helped|that helped|that worked))?(?: we did| you did| did)?(?: (?:last time|before|the last time|then|back then|the other day|usual))$",
        )
    }),
    LazyLock::new(|| {
        pattern(
            r"^(?:do|try|apply|repeat|run|use) (?:what|whatever|the thing that|the fix that) (?:we did|you did|helped|worked|fixed (?:it|that|this)|did the trick)(?: last time| before| then| the last time)?$",
        )
    }),
    LazyLock::new(|| {
        pattern(
            r"^(?:fix|mend|sort|solve|handle|do)(?: it| that| this)?(?: out)? (?:like|the way we did(?: it)?|the same way(?: as)?|as)(?: we did| you did)?(?: it)? (?:last time|before|the last time)$|^(?:like|as) (?:last time|before)$|^(?:the )?same again$|^the usual fix$",
        )
    }),
];

/// What a sentence asks about what was.
pub(super) fn read(text: &str, tokens: &[Token], context: &Context<'_>) -> Option<Past> {
    let mut taken = vec![false; tokens.len()];
    let time = time::Reader::new(context.now, context.zone, tokens).read(&mut taken);
    let rest: Vec<Token> = tokens
        .iter()
        .zip(&taken)
        .filter(|(_, taken)| !**taken)
        .map(|(token, _)| token.clone())
        .collect();
    // "Last time" and "before" are no times, but a reader of times may take "last" for one.
    let whole = Said::new(text, tokens);
    let timeless = Said::new(text, &rest);
    let (kind, subject, may_be_live) = kind_of(&timeless).or_else(|| kind_of(&whole)).or_else(|| {
        let over = time
            .and_then(|time| time.until)
            .is_some_and(|until| until <= context.now);
        let captures = timeless.fits(&WENT).filter(|_| over)?;
        Some((PastKind::Incidents, subject(&captures), true))
    })?;
    Some(Past {
        kind,
        subject,
        time,
        may_be_live,
    })
}

fn kind_of(said: &Said<'_>) -> Option<(PastKind, Option<String>, bool)> {
    let kinds: [(PastKind, &[Pattern], bool); 6] = [
        (PastKind::Same, &SAME, false),
        (PastKind::Helped, &HELPED, true),
        (PastKind::Done, &DONE, true),
        (PastKind::Before, &BEFORE, true),
        (PastKind::Talked, &TALKED, false),
        (PastKind::Incidents, &INCIDENTS, true),
    ];
    kinds.into_iter().find_map(|(kind, patterns, live)| {
        let captures = patterns.iter().find_map(|pattern| said.fits(pattern))?;
        Some((kind, subject(&captures), live))
    })
}

/// What it is about, where that is more than "it".
fn subject(captures: &regex::Captures<'_>) -> Option<String> {
    let has = captures
        .name("about")
        .or_else(|| captures.name("seen"))
        .map(|found| found.as_str().replace(QUOTED_SPACE, " "))?;
    let words: Vec<&str> = has
        .split(' ')
        .filter(|word| {
            !matches!(
                *word,
                "it" | "that"
                    | "this"
                    | "them"
                    | "these"
                    | "those"
                    | "the"
                    | "problem"
                    | "issue"
                    | "thing"
                    | "incident"
                    | "outage"
                    | "again"
                    | "about"
                    | "out"
            )
        })
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}
