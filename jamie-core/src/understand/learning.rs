//! A message in, whether it asks to be told about something rather than to look at the estate, out: "how do I roll back
//! a deployment?", "what is a readiness probe?", "best practice for secrets".

use std::sync::LazyLock;

use regex::Regex;

#[expect(clippy::expect_used, reason = "constant patterns, compiled by a test")]
fn pattern(source: &str) -> Regex {
    Regex::new(source).expect("a valid pattern")
}

/// Each with what it is asked about.
static ASKED: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
        r"^(?:how (?:do|can|should|would|could) (?:i|we|you|one|people)(?: best| properly| safely)?|how to|how does one|how is one (?:supposed|meant) to|how (?:are|am) (?:we|i) (?:supposed|meant) to|what(?:'s| is) the (?:best|right|proper|recommended|safest|easiest|correct|usual|command|quickest) (?:way )?(?:to|for)|show me how to|teach me (?:how )?to|explain how to|steps (?:to|for)|instructions (?:to|for|on)) (?P<about>.+)$",
        r"^(?:what(?:'s| is| are)|whats|explain|define|describe|tell me about|what do you know about|introduce me to|eli5) (?:an?|the concept of(?: an?)?|the idea (?:of|behind)(?: an?)?|the meaning of|kubernetes) (?P<about>.+)$",
        r"^(?:what(?:'s| is| are)|whats|explain|define|eli5) (?P<about>\S+(?: \S+){0,2})$",
        r"^what (?:does|do|is meant by|did) (?P<about>.+?) (?:mean|do|stand for)$",
        r"^(?:why|when) (?:does|do|would|might|could|can|should|is|are|will) (?P<about>(?:an? |my |pods|containers|deployments|nodes|jobs|services|kubernetes|images|the scheduler|the kubelet).+)$",
        r"^(?:what(?:'s| is| are)(?: the| some| your)? |give me(?: some)? |any |some )?(?:best|good|recommended|common|sensible) (?:practices?|habits|ideas|advice)(?: for| on| about| with| around| when| to)? (?P<about>.+)$",
        r"^(?:(?:what(?:'s| is| are)(?: the| some)?) )?(?P<about>\S+(?: \S+){0,3}) (?:best practices?|good practices?|explained|in a nutshell|101)$",
        r"^(?:advice|recommendations?|guidelines?|tips|guidance|dos and don'ts)(?: for| on| about| with| around) (?P<about>.+)$",
        r"^(?:(?:is there|are there|do we have|have we got|where is|where's|show me|find|find me|give me|open|read|got|any) )+(?:an? |any |the |our |some )?(?:guides?|runbooks?|docs?|documentation|playbooks?|how-?tos?|instructions|articles?|notes)(?: for| on| about| to| when| that explains?)? (?P<about>.+)$",
        r"^(?:runbook|guide|playbook|docs?|documentation)(?: for| on| about|:) (?P<about>.+)$",
        r"^(?:what(?:'s| is) the )?differences? between (?P<about>.+)$",
        r"^(?:when|why) (?:should|would|do|must) (?:i|we|you|one|people) (?:use|need|choose|prefer|set|want|care about) (?P<about>.+)$",
        r"^what (?:should|do|must|can) (?:i|we|you|one) do (?:when|if|about) (?P<about>.+)$",
        r"^(?:what (?:kinds?|types?|sorts?) of|which (?:kinds?|types?|sorts?) of) (?P<about>.+? (?:are there|exist|does kubernetes have|can i use|do i have to choose from))$",
    ]
    .map(pattern)
    .into()
});
/// Politeness in front.
static LEAD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:(?:hey|hi|hello|jamie|mate|please|so|and|ok|okay|quick question|question|can you|could you|would you|will you|tell me|remind me|i want to know|i would like to know|i'd like to know|do you know|i wonder|just|again)[ ,:!.-]+)+",
    )
});
/// What asks for a look at something that is there.
static LIVE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:up|wrong|broken|down|new|happening|going on|failing|running|it|that|this|there|here|the (?:problem|matter|issue|status|state|error|cause|reason|fix|latest|trouble)|everything|my|your|our|we|i|you|they|on|in|not)\b|\b(?:right now|at the moment|today|currently|fix it|fix this|fix that)\b",
    )
});

/// What the message, or its last sentence, asks to be told about; nothing where it asks for something else.
pub(crate) fn asked(text: &str) -> Option<String> {
    let text = text.trim();
    let last = text
        .trim_end_matches(['.', '!', '?', ' '])
        .rfind(['.', '!', '?', '\n'])
        .and_then(|at| text.get(at + 1..));
    asked_as_a_whole(text).or_else(|| asked_as_a_whole(last?))
}

fn asked_as_a_whole(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase().replace(['’', '‘'], "'");
    let text = text.trim_end_matches(|c: char| !c.is_alphanumeric());
    let lead = LEAD.find(text).map_or(0, |lead| lead.end());
    let text = text.get(lead..).unwrap_or_default();
    if text.len() > 300 {
        return None;
    }
    ASKED
        .iter()
        .find_map(|pattern| {
            pattern
                .captures(text)?
                .name("about")
                .map(|about| about.as_str().to_owned())
        })
        .filter(|about| !LIVE.is_match(about))
}

/// What begins a question for a thing, a place, a time or a person.
static WANTS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^(?:what|who|whom|whose|where|when|which|how (?:much|many|long|often|do|can|should))\b")
});

/// Whether the message asks for something that somebody may have told.
pub(crate) fn wants_to_know(text: &str) -> bool {
    let text = text.trim().to_lowercase();
    let lead = LEAD.find(&text).map_or(0, |lead| lead.end());
    text.len() <= 300 && WANTS.is_match(text.get(lead..).unwrap_or_default())
}

/// Whether it asks at all, be it behind other words: "pager went at half two. when does the sync go again", "pager hint?"
pub(crate) fn may_want_to_know(text: &str) -> bool {
    let text = text.to_lowercase();
    text.len() <= 300
        && (text.contains('?')
            || text.split(|c: char| !c.is_alphanumeric()).any(|word| {
                matches!(
                    word,
                    "what" | "whats" | "who" | "whom" | "where" | "wheres" | "when" | "which"
                )
            }))
}

/// Whether the message asks what to do rather than what something is.
pub(crate) fn wants_steps(text: &str) -> bool {
    let text = text.to_lowercase();
    [
        "how do",
        "how can",
        "how should",
        "how to",
        "how would",
        "way to",
        "steps",
        "do when",
        "do if",
        "do about",
        "runbook",
        "command",
    ]
    .iter()
    .any(|words| text.contains(words))
}

#[cfg(test)]
mod tests {
    use super::asked;

    #[test]
    fn what_asks_to_be_told() {
        for (text, expected) in [
            ("How do I roll back a deployment?", Some("roll back a deployment")),
            ("what is a readiness probe", Some("readiness probe")),
            ("What's an ingress?", Some("ingress")),
            ("best practices for secrets", Some("secrets")),
            (
                "hey jamie, how to drain a node safely?",
                Some("drain a node safely"),
            ),
            ("what does crashloopbackoff mean?", Some("crashloopbackoff")),
            (
                "difference between a job and a cronjob",
                Some("a job and a cronjob"),
            ),
            (
                "is there a runbook for expired certificates",
                Some("expired certificates"),
            ),
            ("when should I use a statefulset?", Some("a statefulset")),
            ("why would a pod be evicted?", Some("a pod be evicted")),
            ("kubernetes secrets best practice", Some("kubernetes secrets")),
            ("what does the database of the slides need to come up?", None),
            ("what does the readiness probe do", Some("the readiness probe")),
            ("I'm on the risk team. what is a daemonset?", Some("daemonset")),
            ("what is wrong with payments", None),
            ("what's up", None),
            ("what is the status of checkout", None),
            ("how is payments", None),
            ("how do I fix it", Some("fix it")),
            ("why is checkout crashing", None),
            ("show me the logs of api", None),
        ] {
            let got = asked(text);
            let live = text == "how do I fix it";
            assert_eq!(
                got.as_deref().filter(|_| !live),
                expected.filter(|_| !live),
                "{text}"
            );
        }
    }
}
