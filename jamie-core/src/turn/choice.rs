//! A short reply to a question with choices in, the chosen one out: "the second one", "2", "the staging one".

/// Words around a position.
const ROUND_POSITIONS: &[&str] = &[
    "the", "one", "number", "option", "choice", "please", "pls", "i", "mean", "meant", "want", "it", "s",
    "that", "take", "pick", "let", "go", "with", "yes", "yeah", "ok", "mate", "ta", "thanks", "nr", "no",
];

/// Words around a name.
const ROUND_NAMES: &[&str] = &[
    "the", "one", "in", "i", "mean", "meant", "please", "yes", "that", "from", "of", "it", "s", "a",
];

/// The choice that a reply means; `None` where it means none of them, or more than one.
pub(super) fn chosen<'a>(reply: &str, choices: &'a [String]) -> Option<&'a str> {
    let words = words(reply);
    if choices.is_empty() || words.is_empty() || words.len() > 8 {
        return None;
    }
    by_position(&words, choices)
        .or_else(|| by_words(&words, choices))
        .or_else(|| by_assent(&words, choices))
}

/// "Yes, please", "no": the only choice that begins so.
fn by_assent<'a>(reply: &[String], choices: &'a [String]) -> Option<&'a str> {
    const ASSENTS: &[&str] = &["yes", "yeah", "yep", "yup", "aye", "sure", "y"];
    const DENIALS: &[&str] = &["no", "nope", "nah", "n"];
    const ROUND: &[&str] = &[
        "please", "pls", "do", "it", "that", "go", "ahead", "ok", "okay", "thanks", "ta", "mate", "really",
        "i", "am", "m", "sure",
    ];
    let said = |of: &[&str]| {
        reply.first().is_some_and(|first| of.contains(&first.as_str()))
            && reply
                .iter()
                .skip(1)
                .all(|word| of.contains(&word.as_str()) || ROUND.contains(&word.as_str()))
    };
    let wanted = if said(ASSENTS) {
        "yes"
    } else if said(DENIALS) {
        "no"
    } else {
        return None;
    };
    let mut hits = choices
        .iter()
        .filter(|choice| words(choice).first().is_some_and(|first| first == wanted));
    let only = hits.next()?;
    hits.next().is_none().then_some(only.as_str())
}

fn by_position<'a>(words: &[String], choices: &'a [String]) -> Option<&'a str> {
    // "one" is a number when it stands alone.
    let telling: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .filter(|word| !ROUND_POSITIONS.contains(word))
        .collect();
    let position = match telling.as_slice() {
        [] if words.iter().any(|word| word == "one") && words.len() == 1 => 0,
        [] if choices.len() == 1
            && words
                .iter()
                .any(|word| matches!(word.as_str(), "yes" | "yeah" | "ok")) =>
        {
            0
        }
        ["yep" | "aye" | "sure" | "y" | "correct" | "exactly" | "right"] if choices.len() == 1 => 0,
        ["1" | "1st" | "first" | "former" | "a"] => 0,
        ["2" | "2nd" | "second" | "two" | "b"] => 1,
        ["latter"] if choices.len() == 2 => 1,
        ["3" | "3rd" | "third" | "three" | "c"] => 2,
        ["4" | "4th" | "fourth" | "four" | "d"] => 3,
        ["last"] => choices.len().checked_sub(1)?,
        _ => return None,
    };
    choices.get(position).map(String::as_str)
}

/// The only choice that has a word of the reply which the other choices lack.
fn by_words<'a>(reply: &[String], choices: &'a [String]) -> Option<&'a str> {
    let split: Vec<Vec<String>> = choices.iter().map(|choice| words(choice)).collect();
    let shared = |word: &String| split.iter().all(|words| words.contains(word));
    // A reply that brings words of its own is a new question, not a choice.
    let known = |word: &String| {
        ROUND_NAMES.contains(&word.as_str()) || split.iter().any(|words| words.contains(word))
    };
    if !reply.iter().all(known) {
        return None;
    }
    let mut hits = choices.iter().zip(&split).filter(|(_, words)| {
        reply
            .iter()
            .any(|word| !ROUND_NAMES.contains(&word.as_str()) && words.contains(word) && !shared(word))
    });
    let (only, _) = hits.next()?;
    hits.next().is_none().then_some(only.as_str())
}

fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric() && c != '-')
        .filter(|word| !word.is_empty())
        .take(64)
        .map(str::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::chosen;

    #[test]
    fn replies_choose() {
        let choices = [
            "why is Deployment shop/api crashing".to_owned(),
            "why is Deployment staging/api crashing".to_owned(),
        ];
        for (reply, expected) in [
            ("1", Some(0)),
            ("the second one", Some(1)),
            ("second please", Some(1)),
            ("staging", Some(1)),
            ("the one in shop", Some(0)),
            ("the last", Some(1)),
            ("b", Some(1)),
            ("api", None),
            ("shop or staging", None),
            ("how many nodes are there", None),
            ("show me the logs of staging", None),
            ("", None),
            ("7", None),
        ] {
            let expected = expected.and_then(|at: usize| choices.get(at)).map(String::as_str);
            assert_eq!(chosen(reply, &choices), expected, "{reply}");
        }
        let single = ["why is shop/api crashing".to_owned()];
        assert_eq!(chosen("yes", &single), Some("why is shop/api crashing"));
        assert_eq!(chosen("aye", &single), Some("why is shop/api crashing"));
        assert_eq!(chosen("no", &single), None);
    }
}
