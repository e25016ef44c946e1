//! Words in, words out: two or three words that are one ("roll back", "falling over") are joined.

use super::{
    amount, kinds,
    lexicon::{self, PAIRS},
    words::{Break, Token},
};

/// Joins what belongs together. The joined words stand where the first stood.
pub(super) fn join(tokens: Vec<Token>) -> Vec<Token> {
    let mut joined = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if let Some((kind, plural)) = spaced_kind(&tokens, at) {
            let last = tokens.get(at + 1).unwrap_or(token);
            let word = format!("{}{}", kind.to_lowercase(), if plural { "s" } else { "" });
            joined.push(Token {
                raw: word.clone(),
                word,
                asked: last.asked,
                span: (token.span.0, last.span.1),
                ..token.clone()
            });
            at += 2;
            continue;
        }
        let found = denied(&tokens, at)
            .or_else(|| matching(&tokens, at))
            .or_else(|| shortfall(&tokens, at))
            .or_else(|| worst(&tokens, at));
        let Some((length, meant)) = found else {
            joined.push(token.clone());
            at += 1;
            continue;
        };
        let last = tokens.get(at + length - 1).unwrap_or(token);
        for (place, word) in meant.iter().enumerate() {
            joined.push(Token {
                word: (*word).to_owned(),
                raw: (*word).to_owned(),
                before: if place == 0 { token.before } else { Break::None },
                asked: place + 1 == meant.len() && last.asked,
                span: (token.span.0, last.span.1),
                possessive: false,
                quoted: false,
                named: false,
            });
        }
        at += length;
    }
    joined
}

/// How many words are joined, and what they mean together.
type Joined = (usize, &'static [&'static str]);

fn matching(tokens: &[Token], at: usize) -> Option<Joined> {
    PAIRS
        .iter()
        .find(|(said, _)| {
            said.iter().enumerate().all(|(place, word)| {
                tokens.get(at + place).is_some_and(|token| {
                    token.word == *word && !token.quoted && (place == 0 || token.before == Break::None)
                })
            })
        })
        .map(|(said, meant)| (said.len(), *meant))
}

/// "Top problems", "the three biggest issues": any there are, worst first.
fn worst(tokens: &[Token], at: usize) -> Option<Joined> {
    let word = |place: usize| tokens.get(at + place).map_or("", |token| token.word.as_str());
    let is_most = |word: &str| matches!(word, "top" | "biggest" | "worst" | "main" | "major");
    let is_problem = |word: &str| {
        matches!(
            lexicon::stem(word).as_str(),
            "problem" | "issu" | "concern" | "worry" | "incident" | "troubl" | "fault" | "headach" | "pain"
        )
    };
    let counts = |word: &str| amount::number(word).is_some();
    let length = match (word(0), word(1), word(2)) {
        (most, problem, _) if is_most(most) && is_problem(problem) => 1,
        (most, count, problem) if is_most(most) && counts(count) && is_problem(problem) => 2,
        (count, most, problem) if is_most(most) && counts(count) && is_problem(problem) => 2,
        _ => return None,
    };
    Some((length, &["any"]))
}

/// "0 of 3", "two out of five": fewer than there should be.
fn shortfall(tokens: &[Token], at: usize) -> Option<Joined> {
    let word = |place: usize| {
        tokens
            .get(at + place)
            .filter(|token| !token.quoted && (place == 0 || token.before == Break::None))
            .map_or("", |token| token.word.as_str())
    };
    let length = match (word(1), word(2)) {
        ("of", _) => 3,
        ("out", "of") => 4,
        _ => return None,
    };
    let (has, wants) = (amount::number(word(0))?, amount::number(word(length - 1))?);
    (has < wants).then_some((length, &["unready"]))
}

/// "not … ready", "no longer works", "never comes up".
fn denied(tokens: &[Token], at: usize) -> Option<Joined> {
    let denies = tokens
        .get(at)
        .is_some_and(|token| matches!(token.word.as_str(), "not" | "no") && !token.quoted);
    if !denies {
        return None;
    }
    for length in 2..=5 {
        let token = tokens.get(at + length - 1)?;
        if token.quoted || token.before != Break::None {
            return None;
        }
        if let Some(meant) = lexicon::negated(&token.word) {
            let up = tokens
                .get(at + length)
                .is_some_and(|next| matches!(next.word.as_str(), "up" | "back" | "online"));
            return Some((length + usize::from(up), meant));
        }
        if !lexicon::softens_negation(&token.word) {
            return None;
        }
    }
    None
}

/// "cron jobs", "network policy".
fn spaced_kind(tokens: &[Token], at: usize) -> Option<(&'static str, bool)> {
    let (first, second) = (tokens.get(at)?, tokens.get(at + 1)?);
    if first.quoted || second.quoted || second.before != Break::None {
        return None;
    }
    let kind = kinds::spaced(&first.word, &second.word)?;
    Some((kind, second.word.ends_with('s') && second.word != "class"))
}
