//! A sentence that says why in, the ends that nothing connects out.

use std::sync::LazyLock;

use regex::Regex;

use super::{Ledger, lex};

#[expect(clippy::expect_used, reason = "constant patterns, compiled by every test")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a valid pattern")
}

/// The effect stands before it, the cause after it.
static BACKWARD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\b(?:because of|because|due to|as a (?:result|consequence) of|(?:caused|triggered|broken|brought down|taken down|knocked out|blocked|explained) by",
        r"|owing to|thanks to|on account of|(?:stems?|stemming|follows|comes|results?|resulting|suffers|suffering) from|traces? back to|down to|the (?:root )?cause (?:of \S+ )?is|is a (?:symptom|consequence|victim) of)\b",
    ))
});
/// The cause stands before it, the effect after it.
static FORWARD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\b(?:caus(?:es?|ed|ing)|br(?:eaks?|oke|eaking)|(?:leads?|led|leading) to|(?:results?|resulted|resulting) in",
        r"|(?:brings?|brought|bringing|takes?|took|taking|drags?|dragged|dragging|knocks?|knocked|pulls?|pulled) (?:down|out|over)",
        r"|trigger(?:s|ed|ing)?|is (?:why|the reason|behind|the (?:root )?cause of)|prevent(?:s|ed|ing)?|makes?|made|making|starv(?:es?|ed|ing)|drags?|dragged)\b",
    ))
});
/// A cause that is denied.
static DENIED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:\bnot|n['’]t|\bnever|\bno longer|\brather than|\binstead of|\bnothing to do|\bunlikely|\bdoubt|\bruled out|\bneither|\bnor|\bwithout)\b(?:\W+\w+){0,3}\W*$",
    )
});

/// Why a sentence's cause does not hold, if it claims one between objects that are known.
pub(super) fn unsupported(ledger: &Ledger, sentence: &str) -> Option<String> {
    if sentence.trim_end().ends_with('?') {
        return None;
    }
    let (start, end, backward) = match (BACKWARD.find(sentence), FORWARD.find(sentence)) {
        (Some(found), _) => (found.start(), found.end(), true),
        (None, Some(found)) => (found.start(), found.end(), false),
        (None, None) => return None,
    };
    let (before, after) = (sentence.get(..start)?, sentence.get(end..)?);
    if DENIED.is_match(before) || after.trim_start().starts_with("not ") {
        return None;
    }
    // Only the clause beside the word counts on the side of the cause.
    let (mut effects, mut causes) = if backward {
        (before, after)
    } else {
        (after, before)
    };
    // "Because X is down, Y fails": both stand behind.
    if backward && before.trim().is_empty() {
        (causes, effects) = after.split_once(',')?;
    }
    let (causes, effects) = (mentioned(ledger, causes), mentioned(ledger, effects));
    if causes.is_empty() || effects.is_empty() {
        return None;
    }
    let holds = causes
        .iter()
        .any(|cause| effects.iter().any(|effect| is_led(ledger, *cause, *effect)));
    if holds {
        return None;
    }
    let path = |at: &[usize]| {
        at.first()
            .and_then(|at| ledger.objects.get(*at))
            .map(crate::ObjectRef::path)
    };
    Some(format!(
        "nothing found shows that `{}` is the cause and `{}` the effect",
        path(&causes)?,
        path(&effects)?
    ))
}

/// The known objects that a text names, in its order.
pub(super) fn mentioned(ledger: &Ledger, text: &str) -> Vec<usize> {
    let mut found = Vec::new();
    let mut look = |word: &str| {
        let word = word.to_lowercase();
        let word = word.trim_end_matches("'s").trim_end_matches("’s");
        for (at, object) in ledger.objects.iter().enumerate() {
            let fits = object.name.eq_ignore_ascii_case(word) || object.path().eq_ignore_ascii_case(word);
            if fits && !found.contains(&at) {
                found.push(at);
            }
        }
    };
    for item in lex::items(text) {
        match item.item {
            lex::Item::Word(word) => look(&word),
            lex::Item::Code(inner) | lex::Item::Quote(inner) => {
                inner.split_whitespace().map(lex::trimmed).for_each(&mut look);
            }
            _ => {}
        }
    }
    found
}

/// Whether a way of edges leads from one object, or what it belongs to, to the other.
fn is_led(ledger: &Ledger, cause: usize, effect: usize) -> bool {
    let mut reached: Vec<usize> = kin(ledger, cause);
    let mut at = 0;
    while let Some(one) = reached.get(at).copied() {
        at += 1;
        if kin(ledger, effect).contains(&one) {
            return true;
        }
        for (_, to) in ledger.edges.range((one, 0)..=(one, usize::MAX)) {
            for next in kin(ledger, *to) {
                if !reached.contains(&next) {
                    reached.push(next);
                }
            }
        }
    }
    false
}

/// An object and those that are the same thing under another kind, or own it, or are owned by it.
fn kin(ledger: &Ledger, at: usize) -> Vec<usize> {
    let Some(object) = ledger.objects.get(at) else {
        return Vec::new();
    };
    let owns = |a: &str, b: &str| {
        b.strip_prefix(a)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    let mut all = vec![at];
    for (other_at, other) in ledger.objects.iter().enumerate() {
        let pod = object.kind == "Pod" || other.kind == "Pod";
        let same = other.namespace == object.namespace
            && (other.name == object.name
                || (pod && (owns(&object.name, &other.name) || owns(&other.name, &object.name))));
        if other_at != at && same {
            all.push(other_at);
        }
    }
    all
}
