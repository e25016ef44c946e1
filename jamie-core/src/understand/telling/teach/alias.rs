//! A sentence in, the word that it gives to a thing out: "call the payments namespace till", "staging means cluster stg-2".

use std::{collections::BTreeMap, sync::LazyLock};

use super::{Said, renamed, says_we, taught};
use crate::{
    memory::About,
    understand::{
        lexicon,
        telling::{
            Telling,
            said::{Pattern, pattern},
        },
        words::{Break, Token},
    },
};

/// What a word is that stands for another.
const ALIAS: &str =
    "(?:nick ?name|pet name|alias|short ?hand|short ?cut|short name|abbreviation|short form|code ?name)";
/// Who has a word for something.
const WHO: &str = "(?P<who>we|i|people|ppl|everyone|everybody|folks|(?:the|my|our)(?: whole| entire)? (?:team|squad|crew|lot)|most of us|some of us|all of us)";
/// The thing first, the word last; where one ends and the other begins is worked out.
static CALLS: [Pattern; 4] = [
    LazyLock::new(|| {
        pattern(&format!(
            r"^(?:{WHO}(?: here| all| also| usually| just| simply| often| always| personally| like to| tend to| in (?:the|our|this) (?:team|squad|crew|office))* (?:call|calls|refer to|nicknamed|named|dubbed|say)|call|(?:let us|let me|i will|we will|i am going to) (?:call|refer to|name|nickname|dub)|you can call|you may call|please call|refer to)(?: the| our| my)? (?P<both>.+?)(?: here)?$",
        ))
    }),
    LazyLock::new(|| {
        pattern(
            r"^(?:the |our |my )?(?P<both>.+? (?:is also known as|is known as|is also called|is called|is nicknamed|aka|a k a|goes by|goes by the name(?: of)?) .+)$",
        )
    }),
    LazyLock::new(|| {
        pattern(
            r"^(?:the |(?P<who>our) |my )?(?:own |private )?(?:nick ?name|alias|short name|name|word) (?:for|of)(?: the| our)? (?P<both>.+? is .+)$",
        )
    }),
    LazyLock::new(|| {
        pattern(&format!(
            r"^(?:add|set|set up|save|create|register|make|define|store)(?: a| an| the| this)*(?: new)? {ALIAS} (?:for|of)(?: the| our)? (?P<both>.+)$"
        ))
    }),
];
/// The word first.
static MEANS: [Pattern; 9] = [
    LazyLock::new(|| {
        pattern(
            r"^(?:the word |the name |our word |my word )?(?P<word>\S+(?: \S+){0,2}?) (?:means|is short for|stands for|refers to|is what (?P<who>we|i|people|everyone)(?: all)? calls?|is (?P<whose>our|my) (?:own |private )?(?:name|word|pet name|nick ?name|short name|short ?hand|abbreviation|term) for|is another (?:name|word) for|is (?:an alias|a shortcut|a shorthand|an abbreviation|the nick ?name|the alias) (?:for|of)|is a nick ?name for|is slang for|is the same (?:thing )?as|is code for)(?: now)?(?: the| our| my)? (?P<thing>.+?)(?: now| these days)?$",
        )
    }),
    LazyLock::new(|| {
        pattern(
            r"^(?:when|whenever|if) (?P<who>i|we|people|you hear me|someone|somebody) (?:say|says|write|type|use|mention|talk about|speak of|ask about|ask for)(?: the)? (?P<word>\S+(?: \S+){0,2}?)(?: then)? (?:(?:i|we)(?: personally| actually| really| always| just)? mean|i am talking about|we are talking about|it means|that means|that is|it is|they mean|i am referring to|take it as|read it as|it stands for)(?: the| our| my)? (?P<thing>.+)$",
        )
    }),
    LazyLock::new(|| {
        pattern(
            r"^(?:by|with)(?: the)? (?P<word>\S+(?: \S+){0,2}?) (?P<who>i|we) (?:mean|am meaning|are meaning|am referring to)(?: the| our| my)? (?P<thing>.+)$",
        )
    }),
    LazyLock::new(|| {
        pattern(&format!(
            r"^(?:(?P<who>i|we|people|everyone|everybody|all of us) )?(?:use|uses|save|store|keep|take|add|set|register|define|remember|treat)(?: the)? (?P<word>\S+(?: \S+)?) as (?:an? |our |my |the )?(?:{ALIAS}|short|name|word) (?:for|of)(?: the| our| my)? (?P<thing>.+)$"
        ))
    }),
    LazyLock::new(|| {
        pattern(&format!(
            r"^{WHO}(?: all| here| usually| always| just| often| will| be)* (?:say|says|saying|write|writes|writing|type|types|typing) (?P<word>\S+(?: \S+)?) (?:for|when (?:i|we|they) mean|to mean|instead of|and mean)(?: the| our| my)? (?P<thing>.+)$",
        ))
    }),
    LazyLock::new(|| {
        pattern(
            r"^(?:the (?:thing|one|app|service|database|namespace|cluster)|what)(?: that| which)? (?P<who>i|we|people|everyone|everybody) (?:all )?(?:call|calls)(?: the)? (?P<word>\S+(?: \S+)?) is(?: actually| really| just| in fact)*(?: the| our| my)? (?P<thing>.+)$",
        )
    }),
    LazyLock::new(|| {
        pattern(&format!(
            r"^(?:give|call)(?: the)? (?P<thing>\S+(?: \S+)?) (?:the|an?) (?:{ALIAS}|name)(?: of)? (?P<word>\S+(?: \S+)?)$"
        ))
    }),
    LazyLock::new(|| {
        pattern(&format!(
            r"^(?P<who>i|we) have (?:got )?(?:a|an|my|our)(?: own)?(?: \S+)? (?:{ALIAS}|name|word) for(?: the)? (?P<thing>\S+(?: \S+)?)(?: it is(?: called)?| (?:i|we) call it| namely)(?: the)? (?P<word>\S+(?: \S+)?)$"
        ))
    }),
    LazyLock::new(|| {
        pattern(r"^(?:alias|nickname) (?P<word>\S+) (?:to|for|is|as|means)(?: the)? (?P<thing>.+)$")
    }),
];

/// "Remember that mm is the media cluster": a name where it is said to be one, else it tells how things are.
static IS: Pattern =
    LazyLock::new(|| pattern(r"^(?P<word>\S+) is (?:the|our|my) (?P<thing>\S+(?: \S+)? (?P<kind>\S+))$"));

/// Words that say what kind of thing the name before them names.
fn is_kind(word: &str) -> bool {
    crate::understand::kind_of(word).is_some()
        || matches!(
            word,
            "cluster" | "app" | "application" | "database" | "db" | "environment" | "env" | "context"
        )
}

pub(super) fn read(said: &Said<'_>, aliases: &BTreeMap<String, String>) -> Option<Vec<Telling>> {
    let (word, thing, team) = if let Some((one, other)) = said.equated() {
        let (word, thing) = renamed::in_order(one, other);
        (word, thing, false)
    } else if let Some(captures) = MEANS.iter().find_map(|pattern| said.fits(pattern)) {
        (
            said.tokens(captures.name("word")?),
            said.tokens(captures.name("thing")?),
            ["who", "whose"]
                .iter()
                .any(|group| Said::group(&captures, group).is_some_and(says_we)),
        )
    } else if let Some(captures) = said.fits(&IS).filter(|captures| {
        (said.is_explicit() || said.is_for_team()) && Said::group(captures, "kind").is_some_and(is_kind)
    }) {
        (
            said.tokens(captures.name("word")?),
            said.tokens(captures.name("thing")?),
            false,
        )
    } else if let Some((word, thing)) = renamed::read(said, aliases) {
        (word, thing, false)
    } else {
        let captures = CALLS.iter().find_map(|pattern| said.fits(pattern))?;
        let (thing, word) = split(said.tokens(captures.name("both")?))?;
        let team = Said::group(&captures, "who").is_some_and(|who| who != "i" && who != "folks");
        (word, thing, team)
    };
    let (word, thing) = (trimmed(announced(word)), trimmed(thing));
    if word.is_empty()
        || thing.is_empty()
        || word.len() > 3
        || thing.len() > 6
        || is_broken(word)
        || is_broken(thing)
    {
        return None;
    }
    // "Till" is a good name, "it" is none.
    let telling = |token: &Token| {
        let word = token.word.as_str();
        let grammar = lexicon::is_pronoun(word)
            || lexicon::is_determiner(word)
            || lexicon::is_auxiliary(word)
            || lexicon::is_question_word(word);
        token.quoted
            || !grammar
                && !matches!(
                    word,
                    "that" | "this" | "there" | "here" | "so" | "and" | "or" | "not" | "which"
                )
    };
    // "Call the vault database", "call the health endpoint of payments": nothing is named there.
    let nothing = match word {
        [only] => !only.quoted && is_kind(&only.word),
        [first, ..] => !first.quoted && lexicon::is_preposition(&first.word),
        [] => true,
    };
    if nothing {
        return None;
    }
    // "It means trouble", "that means we are late": no names.
    if !word.iter().all(telling)
        || !thing.iter().any(telling)
        || is_sentence(thing)
        || word.iter().any(|token| token.word == "me")
        || thing.iter().any(|token| token.word == "me")
    {
        return None;
    }
    let (word, thing) = (joined(word), joined(thing));
    // "The till" and "till" are one word.
    let word = word.strip_prefix("the ").map(str::to_owned).unwrap_or(word);
    (word != thing).then(|| vec![taught(said, About::Alias(word), thing, team)])
}

/// Whether a mark stands within the words: they are no name then.
fn is_broken(tokens: &[Token]) -> bool {
    tokens.iter().skip(1).any(|token| token.before >= Break::Comma)
}

/// Where the thing ends and the word for it begins: at "as" or the verb, at a quotation, behind an article or behind a
/// word for a kind; else the last word is it.
fn split(tokens: &[Token]) -> Option<(&[Token], &[Token])> {
    let word_at = |at: usize| tokens.get(at).map_or("", |token| token.word.as_str());
    let last = tokens.len().checked_sub(1)?;
    if last == 0 {
        return None;
    }
    for (at, _) in tokens.iter().enumerate().skip(1) {
        let verb = match word_at(at) {
            "as" | "aka" => 1,
            "is" if matches!(word_at(at + 1), "called" | "nicknamed") => 2,
            "is" if word_at(at + 1) == "also" || word_at(at + 1) == "known" => {
                let mut length = 1;
                while matches!(word_at(at + length), "also" | "known" | "called" | "as") {
                    length += 1;
                }
                length
            }
            "is" => 1,
            "goes" if word_at(at + 1) == "by" => 2,
            _ => continue,
        };
        return Some((tokens.get(..at)?, tokens.get(at + verb..)?));
    }
    let inner = 1..=last;
    let at = inner
        .clone()
        .find(|at| tokens.get(*at).is_some_and(|token| token.quoted))
        .or_else(|| {
            inner
                .clone()
                .find(|at| matches!(word_at(*at), "the" | "our" | "a" | "an"))
        })
        .or_else(|| inner.clone().find(|at| *at > 1 && is_kind(word_at(at - 1))))
        .unwrap_or(last);
    Some((tokens.get(..at)?, tokens.get(at..)?))
}

/// Without what says that a word comes: "alias pp = payment-processor".
fn announced(tokens: &[Token]) -> &[Token] {
    let before = tokens
        .iter()
        .take(tokens.len().saturating_sub(1))
        .take_while(|token| {
            matches!(
                token.word.as_str(),
                "alias"
                    | "nickname"
                    | "abbreviation"
                    | "shorthand"
                    | "learn"
                    | "add"
                    | "new"
                    | "this"
                    | "the"
                    | "a"
            )
        })
        .count();
    tokens.get(before..).unwrap_or_default()
}

/// Without articles in front.
pub(super) fn trimmed(tokens: &[Token]) -> &[Token] {
    let articles = tokens
        .iter()
        .take_while(|token| lexicon::is_determiner(&token.word) && !token.quoted)
        .count();
    tokens.get(articles..).unwrap_or_default()
}

/// Whether the words make a sentence of their own rather than name a thing.
fn is_sentence(tokens: &[Token]) -> bool {
    tokens.iter().any(|token| {
        !token.quoted
            && (lexicon::is_auxiliary(&token.word)
                || lexicon::is_pronoun(&token.word)
                || lexicon::is_question_word(&token.word))
    })
}

pub(super) fn joined(tokens: &[Token]) -> String {
    tokens
        .iter()
        .map(|token| token.raw.to_lowercase())
        .collect::<Vec<_>>()
        .join(" ")
}
