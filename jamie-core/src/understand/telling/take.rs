//! A message in, what its sentences and clauses say about the memory, and the words that are left, out.

use super::{Forgotten, Opinion, PastKind, Taught, Telling, guess, read, said::Said, teach};
use crate::{
    memory::About,
    understand::{
        Context, Heed, Intents,
        gist::begins_question,
        lexicon,
        words::{Break, Token},
    },
};

/// The most clauses that are read as one.
const LONGEST: usize = 4;

/// Takes what the message says about the memory out of its words; what is left is the request.
pub(in crate::understand) fn take(
    text: &str,
    tokens: Vec<Token>,
    intents: &Intents,
    context: &Context<'_>,
) -> (Vec<Telling>, Vec<Token>) {
    if context.heeds == Heed::Nothing {
        return (Vec::new(), tokens);
    }
    let mut tellings: Vec<Telling> = Vec::new();
    let mut rest = Vec::with_capacity(tokens.len());
    let mut before: &[Token] = &[];
    let mut asked = None;
    for sentence in parts(&tokens, Break::Sentence) {
        // "Worker = the mule. That's what we all call it."
        if teach::is_for_all(&Said::new(text, sentence))
            && let Some(Telling::Teach(taught)) = tellings.last_mut()
        {
            taught.for_team = true;
            continue;
        }
        let clauses = clauses(sentence);
        if let Some(mut told) = read(text, sentence, context)
            && (clauses.len() == 1 || !is_better_in_parts(&told, text, &clauses, context))
        {
            spoken_of(&mut told, before, &mut asked, intents, context);
            keep(told, &mut tellings);
            continue;
        }
        // "Hi Jamie, call me Ann and I'm on the payments team": what is told is a part of what is said.
        let (mut at, mut taught, mut left) = (0, false, Vec::new());
        while let Some(first) = clauses.get(at) {
            let longest = (clauses.len() - at).min(LONGEST);
            let found = (1..=longest).rev().find_map(|count| {
                let run = joined(sentence, clauses.get(at..at + count)?);
                let told = read(text, run, context).filter(|_| run.len() < sentence.len())?;
                // What cannot be kept as it stands may be clear by itself: "my time zone is UTC, I own cache".
                let unclear = matches!(told.as_slice(), [Telling::Unclear(_)]);
                (count == 1 || !unclear).then_some((count, told))
            });
            let found = found.map(|(longest, told)| {
                let run = clauses.get(at..at + longest).unwrap_or_default();
                // "I own cache, and keep your answers short": each says its own.
                if says_more(&told, run, text, context)
                    && let Some(first) = run.first().and_then(|first| read(text, first, context))
                {
                    return (1, first);
                }
                // Clauses behind it that add nothing speak for themselves.
                let same = |count: &usize| {
                    clauses
                        .get(at..at + count)
                        .and_then(|run| read(text, joined(sentence, run), context))
                        .is_some_and(|short| short == told)
                };
                ((1..longest).find(same).unwrap_or(longest), told)
            });
            if let Some((count, mut told)) = found {
                let topic = left.last().copied();
                let used = spoken_of(&mut told, topic.unwrap_or(before), &mut asked, intents, context);
                // "The last time that api gave 502, by whom was it solved?": the first clause only says of what.
                if used && topic.is_some() {
                    left.pop();
                }
                taught |= told.iter().any(changes);
                keep(told, &mut tellings);
                at += count;
            } else {
                left.push(*first);
                at += 1;
            }
        }
        if let Some((mut told, from)) =
            guessed(&left, left.len() == clauses.len(), sentence, intents, context)
        {
            spoken_of(&mut told, before, &mut asked, intents, context);
            keep(told, &mut tellings);
            left.truncate(from);
        }
        before = if left.len() == clauses.len() {
            sentence
        } else {
            &[]
        };
        for clause in left {
            if !(taught && is_chatter(clause)) {
                rest.extend_from_slice(clause);
            }
        }
    }
    (tellings, rest)
}

/// What the whole sentence most likely asks of the memory, or else its last clause, and how many clauses stand before.
fn guessed(
    left: &[&[Token]],
    is_whole: bool,
    sentence: &[Token],
    intents: &Intents,
    context: &Context<'_>,
) -> Option<(Vec<Telling>, usize)> {
    let last = left.last().filter(|_| context.heeds == Heed::All)?;
    let guess = |tokens: &[Token]| Some(vec![guess::read(tokens, intents.gist(), context)?]);
    guess(sentence)
        .filter(|_| is_whole)
        .map(|told| (told, 0))
        .or_else(|| {
            let told = guess(last).filter(|_| begins_question(last))?;
            Some((told, left.len() - 1))
        })
}

/// Adds what was told, each once.
fn keep(told: Vec<Telling>, tellings: &mut Vec<Telling>) {
    for telling in told {
        // "That's wrong. The right answer is …": one opinion.
        if matches!(telling, Telling::Opinion(Opinion::Wrong { correction: Some(_) })) {
            tellings.retain(|told| !matches!(told, Telling::Opinion(Opinion::Wrong { correction: None })));
        }
        // "Scratch that, forget what I just said": once.
        if !tellings.contains(&telling) {
            tellings.push(telling);
        }
    }
}

/// A question about the past, and what is to be forgotten, is what was spoken of just before it, where it does not say;
/// whether that says so.
fn spoken_of(
    told: &mut [Telling],
    before: &[Token],
    asked: &mut Option<String>,
    intents: &Intents,
    context: &Context<'_>,
) -> bool {
    let mut used = false;
    for telling in told {
        // "Nobody says grumpy any longer, forget that word".
        if matches!(telling, Telling::Forget(Forgotten::Last))
            && let Some(word) = before
                .iter()
                .find(|token| context.aliases.contains_key(&token.word))
        {
            *telling = Telling::Forget(Forgotten::About {
                words: word.word.clone(),
                sure: true,
            });
        }
        if let Telling::Past(past) = telling
            && past.subject.is_none()
            && matches!(past.kind, PastKind::Done | PastKind::Helped | PastKind::Before)
        {
            past.subject = subject_of(before, intents);
            used |= past.subject.is_some();
            if past.subject.is_none() {
                past.subject.clone_from(asked);
            }
        }
        if let Telling::Past(past) = telling {
            asked.clone_from(&past.subject);
        }
    }
    used
}

/// What a sentence speaks of that says so before the question: "ledger can't reach its database. what did they correct?"
fn subject_of(tokens: &[Token], intents: &Intents) -> Option<String> {
    const MOST: usize = 6;
    intents
        .gist()
        .subject(tokens)
        .filter(|subject| subject.split(' ').count() <= MOST)
}

/// The words from the first to the last of neighbouring clauses.
fn joined<'a>(sentence: &'a [Token], clauses: &[&'a [Token]]) -> &'a [Token] {
    let length: usize = clauses.iter().map(|clause| clause.len()).sum();
    let from = clauses
        .first()
        .and_then(|clause| clause.first())
        .and_then(|first| sentence.iter().position(|token| std::ptr::eq(token, first)))
        .unwrap_or_default();
    sentence.get(from..from + length).unwrap_or_default()
}

/// Whether the telling changes what is remembered.
fn changes(telling: &Telling) -> bool {
    matches!(telling, Telling::Teach(_) | Telling::Forget(_))
}

/// Whether clauses teach more by themselves than together.
fn says_more(told: &[Telling], clauses: &[&[Token]], text: &str, context: &Context<'_>) -> bool {
    let taught = |telling: &Telling| {
        matches!(telling, Telling::Teach(Taught { fact, .. })
            if !matches!(fact.about, About::Note(_) | About::Rule(_)))
    };
    let each: Vec<Telling> = clauses
        .iter()
        .filter_map(|clause| read(text, clause, context))
        .flatten()
        .collect();
    told.iter().all(taught) && each.len() > told.len() && each.iter().all(taught)
}

/// Whether the first clause says more than the sentence as a whole: "fyi I'm in Lisbon, so use its time" is no note, and
/// "forget the note about the phone, we have none" is about the phone.
fn is_better_in_parts(told: &[Telling], text: &str, clauses: &[&[Token]], context: &Context<'_>) -> bool {
    let first = || {
        clauses
            .first()
            .and_then(|clause| read(text, clause, context))
            .unwrap_or_default()
    };
    let noted = |taught: &Taught| matches!(taught.fact.about, About::Note(_) | About::Preference(_));
    if says_more(told, clauses, text, context) {
        return true;
    }
    match told {
        [Telling::Unclear(_)] => true,
        [Telling::Teach(taught)] if noted(taught) => {
            matches!(first().as_slice(), [Telling::Teach(first)] if !noted(first))
        }
        [Telling::Forget(Forgotten::About { words: all, .. })] => match first().as_slice() {
            [Telling::Forget(Forgotten::About { words, .. })] => words.len() < all.len(),
            [Telling::Forget(Forgotten::Mine(_))] => true,
            _ => false,
        },
        _ => false,
    }
}

/// Whether a clause beside something that is told only adds to it: ", always have done", ", so that you know".
fn is_chatter(clause: &[Token]) -> bool {
    let plain = clause.iter().all(|token| {
        !token.asked && !lexicon::is_trouble(&token.word) && !lexicon::is_question_word(&token.word)
    });
    let opening = clause
        .iter()
        .map(|token| token.word.as_str())
        .find(|word| !matches!(*word, "and" | "just" | "but" | "also" | "pls" | "please"));
    plain
        && opening.is_none_or(|word| {
            lexicon::is_pronoun(word)
                || lexicon::is_preposition(word)
                || matches!(
                    word,
                    "that"
                        | "this"
                        | "so"
                        | "because"
                        | "cause"
                        | "cos"
                        | "always"
                        | "not"
                        | "no"
                        | "only"
                        | "do"
                        | "new"
                        | "old"
                        | "as"
                        | "since"
                        | "it"
                        | "its"
                        | "yeah"
                        | "ok"
                        | "okay"
                        | "never"
                        | "have"
                        | "go"
                        | "keep"
                        | "note"
                        | "long"
                        | "my"
                )
        })
}

/// What stands between commas, and behind an "and" or "but" with which somebody goes on about themselves or the team.
fn clauses(sentence: &[Token]) -> Vec<&[Token]> {
    parts(sentence, Break::Comma)
        .into_iter()
        .flat_map(|part| {
            let goes_on = |at: &usize| {
                let word = |at: usize| part.get(at).map_or("", |token| token.word.as_str());
                matches!(word(*at), "and" | "but")
                    && matches!(
                        word(at + 1),
                        "i" | "my" | "we" | "our" | "call" | "please" | "keep" | "the"
                    )
            };
            let ends: Vec<usize> = (1..part.len()).filter(goes_on).chain([part.len()]).collect();
            let begins = [0].into_iter().chain(ends.clone());
            begins
                .zip(ends)
                .filter_map(|(begin, end)| part.get(begin..end))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Runs of words between breaks of at least this weight.
fn parts(tokens: &[Token], weight: Break) -> Vec<&[Token]> {
    let mut parts = Vec::new();
    let mut from = 0;
    for at in 1..=tokens.len() {
        if tokens.get(at).is_none_or(|token| token.before >= weight) {
            parts.extend(tokens.get(from..at));
            from = at;
        }
    }
    parts
}
