//! A sentence in, what it says about the last answer out: "that's wrong", "the right answer is …", "when I ask …, say …".

use std::sync::LazyLock;

use regex::Captures;

use super::{
    Opinion,
    said::{Pattern, Said, pattern},
};

/// What the answer to a correction offers to say.
pub(crate) const REMEMBER: &str = "yes, remember that answer";

/// What a bad answer is called; what a good one is called says the same behind a "not".
const BAD: &str = "(?:wrong|incorrect|false|nonsense|rubbish|untrue|misleading|unhelpful|useless|terrible|awful|bad|poor|no help|no use|off|way off|garbage|inaccurate|mistaken)";
const GOOD: &str =
    "(?:right|correct|true|helpful|useful|accurate|good|what i asked(?: for)?|what i meant|what i wanted|it)";
const ANSWER: &str = "(?:answer|reply|response|explanation|advice)";

static WRONG: [Pattern; 4] = [
    LazyLock::new(|| {
        pattern(&format!(
            r"^(?:(?:no|nope|nah|but) )*(?:that|this|it|(?:your|the|that|this)(?: last| previous)? {ANSWER}|what you (?:just )?(?:said|told me))(?: is| was| seems| looks| sounds)?(?: (?:simply|just|totally|completely|complete|total|plain|quite|so|very|pretty|really|a|an|utterly|utter|absolute|pure))* (?:{BAD}|not(?: a| an| very| quite| really| at all| even)* {GOOD})(?: {ANSWER})?(?: at all)?$"
        ))
    }),
    LazyLock::new(|| {
        pattern(&format!(
            r"^(?:(?:no|nope|nah|but) )*(?:that|this|it|(?:your|the|that|this)(?: last| previous)? {ANSWER})(?: (?:completely|totally|really|just|simply|entirely|sort of|kind of))* (?:(?:did|does) not (?:really )?(?:help(?: me)?|answer (?:my question|it|that|the question)|make (?:any )?sense)(?: at all| one bit| much)?|makes no sense|missed the point|misses the point|was no (?:help|use)|helps nobody)$"
        ))
    }),
    LazyLock::new(|| {
        pattern(&format!(
            r"^(?:a |an |what a )?{BAD} {ANSWER}$|^not (?:helpful|what i asked(?: for)?|what i meant|what i wanted|right|correct|true)(?: at all)?$|^(?:wrong|incorrect|thumbs down|wrong again|not even close|far from it|way off|completely off|bad bot|nonsense|rubbish)$"
        ))
    }),
    LazyLock::new(|| {
        pattern(
            r"^(?:i think |i am afraid )?you (?:are (?:wrong|mistaken)|(?:have )?(?:got|get) (?:that|it|me|this)(?: one)?(?: (?:completely|totally|all|quite))? wrong|(?:have )?(?:misunderstood|misread)(?: me| that| it| the question| my question)?|did not (?:understand|get|answer) (?:me|it|that|my question|the question)|made a mistake|are talking nonsense)$",
        )
    }),
];
/// What a correction says of the answer before it says what is right.
const DENIED: &str = "(?:(?:(?:no|nope|nah|wrong|incorrect|actually) )*(?:(?:that|this|it|your answer|the answer|that answer) (?:is|was) (?:wrong|incorrect|not (?:quite )?(?:right|correct|true)|untrue|false|not the whole (?:truth|story)|(?:only |just )?half (?:right|true|the (?:truth|story)|of (?:the truth|it))) )?)";
static RIGHT: [Pattern; 3] = [
    LazyLock::new(|| {
        pattern(&format!(
            r"^{DENIED}(?:(?:the )?(?:right|correct|real|proper|better|actual|true) (?:answer|one) (?:is|was|would be|would have been|should be)|(?:the )?(?:real|actual|true) (?:cause|reason|culprit) (?:is|was)|(?:the )?correct answer|the answer should (?:be|have been)|(?:it|that) should have been|you should have said|you should have answered|the truth is)(?: that)? (?P<correction>\S+ \S+.*)$"
        ))
    }),
    LazyLock::new(|| {
        pattern(
            r"^(?:(?:no|nope|nah|wrong|incorrect)(?: that is (?:wrong|not right|incorrect|not correct))?|(?:that|this|it|the answer|your answer) is (?:wrong|not right|incorrect|not correct)) (?:it|that|the answer) (?:should be|has to be|must be|ought to be|is actually|was actually|is really|was really) (?P<correction>\S+.*)$",
        )
    }),
    LazyLock::new(|| {
        pattern(
            r"^(?:(?:no|nope|nah) )?(?:wrong|incorrect|not (?:right|correct|true)) (?:it|that) (?:is|was) (?P<correction>\S+ \S+.*)$",
        )
    }),
];
/// "Wrong, the culprit is …": with the comma, else it names something that is wrong.
static WRONG_AND: Pattern = LazyLock::new(|| {
    pattern(
        r"^(?:(?:no|nope|nah) )?(?:wrong|incorrect|not (?:right|correct|true)|you are (?:wrong|mistaken))(?: there)?(?: actually| because)? (?P<correction>\S+ \S+ .+)$",
    )
});
static BUT: Pattern = LazyLock::new(|| {
    pattern(
        r"^(?:(?:no|nope|nah|argh|hmm|well|sorry|actually) )*(?:that|this|your answer|the answer) is (?:wrong|not right|not correct|incorrect|not true|false) (?:because |since |as |but )?(?P<correction>\S+ \S+ .+)$",
    )
});
static TEACH: Pattern = LazyLock::new(|| {
    pattern(
        r"^(?:let me teach you |i will teach you |learn this )?(?:when|if|whenever|next time|in case|should) (?:i|we|someone|somebody|anyone|anybody|people|they|a colleague) (?:asks?|wants? to know|wonders?) (?:you )?(?:about |for |how |what |where |who |when |why |which |whether |if )?(?:the |our )?(?P<question>\S+(?: \S+)*?) (?:(?:then|please|just|you should|you can|you may|you could) )*(?:say|answer|reply|respond|tell (?:them|me|us|him|her)|the (?:right |correct )?answer is)(?: that)? (?P<answer>\S.*)$|^the (?:right |correct )?answer to (?:questions?|anything|any questions?) (?:about|on)(?: the)? (?P<topic>.+?) (?:should be|is|must be) (?P<reply>\S.*)$",
    )
});
/// Told by all the words: "remember that" is taken off what is said.
static KEEP: Pattern = LazyLock::new(|| {
    pattern(&format!(
        r"^(?:(?:yes|yeah|yep|ok|okay|please|sure|right|correct|do|go ahead|and|jamie) )*(?:(?:remember|memori[sz]e|learn|keep|save|store|note)(?: down)? (?:that|this|the|your|my) (?:last )?(?:{ANSWER}|correction|one)|(?:yes|yeah|yep|sure|correct|right|exactly|good|great|perfect)(?: please)? (?:remember|memori[sz]e|keep|save|store|note|learn)(?: down)? (?:that|this|it))(?: (?:for next time|for later|for the future|for the team|next time|please|from now on))*$"
    ))
});

pub(super) fn read(said: &Said<'_>) -> Option<Opinion> {
    if said.is_confirmation(REMEMBER) || KEEP.is_match(said.words()) {
        return Some(Opinion::Remember);
    }
    if said.asks() {
        return None;
    }
    if let Some(captures) = RIGHT.iter().chain([&BUT]).find_map(|pattern| said.fits(pattern)) {
        return said
            .typed(&captures, "correction")
            .map(|correction| Opinion::Wrong {
                correction: Some(correction),
            });
    }
    let behind = |captures: &Captures<'_>| {
        let mut found = captures.name("correction").into_iter();
        found.any(|found| said.is_apart(found))
    };
    if let Some(captures) = said.fits(&WRONG_AND).filter(behind) {
        return said
            .typed(&captures, "correction")
            .map(|correction| Opinion::Wrong {
                correction: Some(correction),
            });
    }
    if let Some(captures) = said.fits(&TEACH) {
        let either = |captures: &Captures<'_>, one: &str, other: &str| {
            said.typed(captures, one).or_else(|| said.typed(captures, other))
        };
        return Some(Opinion::Teach {
            question: either(&captures, "question", "topic")?,
            answer: either(&captures, "answer", "reply")?,
        });
    }
    let wrong = WRONG.iter().any(|pattern| said.fits(pattern).is_some());
    wrong.then_some(Opinion::Wrong { correction: None })
}
