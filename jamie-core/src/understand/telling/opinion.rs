//! A sentence in, what it says about the last answer out: "that's wrong", "the right answer is …", "when I ask …, say …".

use std::sync::LazyLock;

use super::{
    Opinion,
    said::{Pattern, Said, pattern},
};

/// What the answer to a correction offers to say.
pub(crate) const REMEMBER: &str = "yes, remember that answer";

static WRONG: Pattern = LazyLock::new(|| {
    pattern(
        r"^(?:(?:no )?(?:that|this|it|your answer|the answer|that answer)(?: is| was)?(?: not| simply| just| totally| completely| plain| a)*(?: wrong| incorrect| false| nonsense| rubbish| untrue| misleading| bad answer| wrong answer| terrible answer| not right| not correct| not true| not helpful| unhelpful| no help| useless| right| correct| helpful| what i asked| what i meant)|(?:that|this|it) (?:did not|does not) (?:help|answer (?:my question|it|that))|(?:wrong|bad|useless|terrible|poor|unhelpful) (?:answer|reply)|not (?:helpful|what i asked(?: for)?|what i meant|right|correct)|wrong|thumbs down|you are wrong|you got (?:that|it) wrong)$",
    )
});
static RIGHT: Pattern = LazyLock::new(|| {
    pattern(
        r"^(?:(?:no )?(?:that|this|it|your answer|the answer) is (?:wrong|not right|incorrect|not true|false) |no |actually )?(?:the (?:right|correct|real|proper|better) answer (?:is|was|would be|would have been)|the answer should (?:be|have been)|it should have been|you should have said|the truth is)(?: that)? (?P<correction>\S+ \S+.*)$",
    )
});
static BUT: Pattern = LazyLock::new(|| {
    pattern(
        r"^(?:no )?(?:that|this|your answer|the answer) is (?:wrong|not right|incorrect|not true|false) (?:because |since |as |but )?(?P<correction>\S+ \S+ .+)$",
    )
});
static TEACH: Pattern = LazyLock::new(|| {
    pattern(
        r"^(?:let me teach you |i will teach you |learn this )?(?:when|if|whenever|next time) (?:i|we|someone|somebody|anyone|people) asks? (?:you )?(?:about |for |how |what |where |who |when |why |which |whether |if )?(?P<question>\S+(?: \S+)*?) (?:then )?(?:say|answer|reply|tell (?:them|me|us|him|her))(?: that)? (?P<answer>\S+ .+)$",
    )
});
pub(super) fn read(said: &Said<'_>) -> Option<Opinion> {
    // "Remember that" is taken off what is said, so this is told by the words themselves.
    if said.is_confirmation(REMEMBER) {
        return Some(Opinion::Remember);
    }
    if said.asks() {
        return None;
    }
    if let Some(captures) = said.fits(&RIGHT).or_else(|| said.fits(&BUT)) {
        return said
            .typed(&captures, "correction")
            .map(|correction| Opinion::Wrong {
                correction: Some(correction),
            });
    }
    if let Some(captures) = said.fits(&TEACH) {
        return Some(Opinion::Teach {
            question: said.typed(&captures, "question")?,
            answer: said.typed(&captures, "answer")?,
        });
    }
    let wrong = said.body();
    let denied = !["right", "correct", "helpful", "what i asked", "what i meant"]
        .iter()
        .any(|good| wrong.ends_with(good))
        || wrong.contains("not ")
        || wrong.ends_with("unhelpful");
    (said.fits(&WRONG).is_some() && denied).then_some(Opinion::Wrong { correction: None })
}
