//! A message in, the social remark in it out: greetings, thanks, "what can you do?".

use serde::{Deserialize, Serialize};

use super::{
    NameIndex, lexicon,
    words::{Break, Token},
};

/// A remark that is about the two of us and not about the estate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Social {
    /// "Morning!"
    Greeting,
    /// "How's tricks?"
    HowAreYou,
    /// "Ta!"
    Thanks,
    /// "See you."
    Bye,
    /// "Help!"
    Help,
    /// "What can you do?"
    WhatCanYouDo,
    /// "Who are you?"
    WhoAreYou,
    /// "Call me Bruno."
    CallMe(String),
    /// "We call the payments namespace till": the word and what it stands for, as said.
    Nickname {
        /// The person's word.
        word: String,
        /// What it stands for.
        means: String,
    },
    /// "Good job!"
    Praise,
    /// "You're useless."
    Insult,
    /// "Tell me a joke."
    Joke,
    /// "No worries", "ok", "got it".
    Acknowledgement,
}

impl Social {
    /// Of two remarks in one message, the one to answer.
    fn weight(&self) -> u8 {
        match self {
            Self::CallMe(_) | Self::Nickname { .. } => 9,
            Self::WhatCanYouDo | Self::WhoAreYou | Self::Joke => 8,
            Self::Help => 7,
            Self::Insult => 6,
            Self::HowAreYou => 5,
            Self::Bye => 4,
            Self::Greeting => 3,
            Self::Praise => 2,
            Self::Thanks => 1,
            Self::Acknowledgement => 0,
        }
    }
}

static GREETINGS: &[&[&str]] = &[
    &["good", "morning"],
    &["good", "afternoon"],
    &["good", "evening"],
    &["good", "day"],
    &["ey", "up"],
    &["eh", "up"],
    &["hi"],
    &["hello"],
    &["hey"],
    &["hiya"],
    &["heya"],
    &["heyy"],
    &["yo"],
    &["oi"],
    &["howdy"],
    &["hullo"],
    &["helo"],
    &["hallo"],
    &["ahoy"],
    &["wotcha"],
    &["greetings"],
    &["g'day"],
    &["gday"],
    &["morning"],
    &["mornin"],
    &["evening"],
    &["afternoon"],
];

static THANKS: &[&[&str]] = &[
    &["thank", "you", "so", "much"],
    &["thank", "you", "very", "much"],
    &["thanks", "a", "lot"],
    &["thanks", "a", "bunch"],
    &["thanks", "a", "million"],
    &["thanks", "so", "much"],
    &["thanks", "in", "advance"],
    &["many", "thanks"],
    &["much", "appreciated"],
    &["much", "obliged"],
    &["appreciate", "it"],
    &["thank", "you"],
    &["thanks"],
    &["cheers"],
    &["ta"],
];

static FAREWELLS: &[&[&str]] = &[
    &["good", "night"],
    &["night", "night"],
    &["bye", "bye"],
    &["see", "you", "later"],
    &["see", "you", "tomorrow"],
    &["see", "you", "soon"],
    &["see", "you"],
    &["catch", "you", "later"],
    &["talk", "to", "you", "later"],
    &["have", "a", "good", "one"],
    &["have", "a", "good", "weekend"],
    &["have", "a", "good", "evening"],
    &["have", "a", "nice", "day"],
    &["toodle", "pip"],
    &["bye"],
    &["goodbye"],
    &["cheerio"],
    &["laters"],
    &["ttyl"],
    &["cya"],
    &["ta-ra"],
    &["tara"],
];

static VOCATIVES: &[&str] = &[
    "jamie", "mate", "pal", "buddy", "bud", "bro", "dude", "friend", "chap", "love", "team", "folks", "guys",
    "everyone", "man", "there", "sir", "duck", "matey", "bot", "fella", "all",
];

/// Takes the social remarks out of the words; what is left is the request.
pub(super) fn take(text: &str, tokens: Vec<Token>, index: &NameIndex) -> (Option<Social>, Vec<Token>) {
    let mut found: Option<Social> = None;
    let mut rest: Vec<Token> = Vec::with_capacity(tokens.len());
    for segment in segments(&tokens) {
        let (remark, left) = segment_remark(text, segment, index);
        if let Some(remark) = remark
            && found.as_ref().is_none_or(|seen| remark.weight() > seen.weight())
        {
            found = Some(remark);
        }
        let begin = rest.len();
        rest.extend_from_slice(left);
        if let (Some(first), Some(opening)) = (rest.get_mut(begin), segment.first()) {
            first.before = first.before.max(opening.before);
        }
    }
    // A vocative in front of everything or behind it.
    while rest
        .first()
        .is_some_and(|token| matches!(token.word.as_str(), "jamie" | "mate"))
        && rest.len() > 1
    {
        rest.remove(0);
    }
    while rest
        .last()
        .is_some_and(|token| matches!(token.word.as_str(), "jamie" | "mate" | "pal" | "please" | "x"))
        && rest.len() > 1
    {
        rest.pop();
    }
    (found, rest)
}

/// Runs of words between punctuation marks.
fn segments(tokens: &[Token]) -> Vec<&[Token]> {
    let mut segments = Vec::new();
    let mut from = 0;
    for at in 1..=tokens.len() {
        if tokens.get(at).is_none_or(|token| token.before >= Break::Comma) {
            segments.extend(tokens.get(from..at));
            from = at;
        }
    }
    segments
}

fn segment_remark<'a>(text: &str, segment: &'a [Token], index: &NameIndex) -> (Option<Social>, &'a [Token]) {
    let mut remark: Option<Social> = None;
    let mut rest = segment;
    let mut note = |social: Social| {
        if remark.as_ref().is_none_or(|seen| social.weight() > seen.weight()) {
            remark = Some(social);
        }
    };
    loop {
        let (length, social) = if let Some(length) = prefix_of(rest, GREETINGS) {
            (length, Social::Greeting)
        } else if let Some(length) = prefix_of(rest, THANKS) {
            (length, Social::Thanks)
        } else {
            break;
        };
        let after = rest.get(length..).unwrap_or_default();
        // "morning deploys broke": a noun, no greeting; and "hello-world" is one word anyway.
        let next = after.first().map_or("", |token| token.word.as_str());
        if matches!(next, "for") && social == Social::Thanks {
            return (Some(Social::Thanks), &[]);
        }
        if rest.first().is_some_and(|token| index.is_exact(&token.raw)) && !after.is_empty() {
            break;
        }
        let thanked = social == Social::Thanks;
        note(social);
        rest = without_vocatives(after);
        if thanked
            && rest.iter().all(|token| {
                matches!(
                    token.word.as_str(),
                    "very"
                        | "much"
                        | "so"
                        | "again"
                        | "a"
                        | "lot"
                        | "for"
                        | "that"
                        | "the"
                        | "help"
                        | "everything"
                )
            })
        {
            rest = &[];
        }
    }
    if rest.first().is_some_and(|token| token.word == "alright")
        && rest
            .get(1)
            .is_none_or(|token| VOCATIVES.contains(&token.word.as_str()))
    {
        note(Social::Greeting);
        rest = without_vocatives(rest.get(1..).unwrap_or_default());
    }
    while let Some(length) = suffix_of(rest, THANKS) {
        note(Social::Thanks);
        rest = rest.get(..rest.len() - length).unwrap_or_default();
    }
    let bare = trim_vocatives(rest);
    if bare.is_empty() {
        let left: &[Token] = if remark.is_some() { &[] } else { rest };
        return (remark, left);
    }
    let asked = rest.last().is_some_and(|token| token.asked);
    let said = formula(text, rest, index).or_else(|| formula(text, bare, index));
    if let Some(social) = said.filter(|social| !asked || *social != Social::Acknowledgement) {
        let keep = remark.filter(|seen| seen.weight() > social.weight());
        return (Some(keep.unwrap_or(social)), &[]);
    }
    (remark, rest)
}

fn without_vocatives(mut tokens: &[Token]) -> &[Token] {
    while tokens
        .first()
        .is_some_and(|token| VOCATIVES.contains(&token.word.as_str()))
    {
        tokens = tokens.get(1..).unwrap_or_default();
    }
    tokens
}

fn trim_vocatives(tokens: &[Token]) -> &[Token] {
    let mut tokens = without_vocatives(tokens);
    while tokens.len() > 1
        && tokens
            .last()
            .is_some_and(|token| VOCATIVES.contains(&token.word.as_str()) && token.word != "all")
    {
        tokens = tokens.get(..tokens.len() - 1).unwrap_or_default();
    }
    tokens
}

fn starts(tokens: &[Token], words: &[&str]) -> bool {
    tokens.len() >= words.len()
        && tokens
            .iter()
            .zip(words)
            .all(|(token, word)| token.word == *word && !token.quoted)
}

fn prefix_of(tokens: &[Token], list: &[&[&str]]) -> Option<usize> {
    list.iter()
        .find(|words| starts(tokens, words))
        .map(|words| words.len())
}

fn suffix_of(tokens: &[Token], list: &[&[&str]]) -> Option<usize> {
    list.iter()
        .find(|words| {
            tokens
                .len()
                .checked_sub(words.len())
                .and_then(|from| tokens.get(from..))
                .is_some_and(|end| starts(end, words))
        })
        .map(|words| words.len())
}

/// Remarks that are a whole segment.
fn formula(text: &str, tokens: &[Token], index: &NameIndex) -> Option<Social> {
    if prefix_of(tokens, FAREWELLS) == Some(tokens.len()) {
        return Some(Social::Bye);
    }
    if let Some(name) = introduced(text, tokens, index) {
        return Some(Social::CallMe(name));
    }
    if let Some(nickname) = nickname(text, tokens) {
        return Some(nickname);
    }
    let said: Vec<&str> = tokens
        .iter()
        .filter(|token| !is_softener(&token.word))
        .map(|token| token.word.as_str())
        .collect();
    Some(match said.as_slice() {
        ["how", "are", "you"]
        | ["how", "are", "you", "doing" | "keeping" | "feeling" | "getting"]
        | ["how", "you", "doing" | "doin"]
        | ["how", "is" | "are", "tricks" | "life"]
        | ["how", "is", "it", "going" | "hanging"]
        | ["what", "is", "up" | "cooking" | "new"]
        | ["what", "is", "the", "crack" | "craic"]
        | ["you", "ok" | "okay" | "alright" | "good" | "well"]
        | [
            "are",
            "you",
            "ok" | "okay" | "alright" | "well" | "there" | "awake",
        ]
        | ["how", "do", "you", "do"]
        | ["hope", "you", "are", ..]
        | ["i", "hope", "you", "are", ..]
        | ["how", "is", "your", "day"]
        | ["how", "is", "the", "day" | "craic" | "crack"] => Social::HowAreYou,
        ["help"]
        | ["help", "me"]
        | ["i", "need", "help"]
        | ["can", "you", "help"]
        | ["can", "you", "help", "me"]
        | ["could", "you", "help"]
        | ["could", "you", "help", "me"]
        | ["i", "need", "some", "help"]
        | ["i", "could", "do", "with", "some", "help"]
        | ["halp"]
        | ["usage"] => Social::Help,
        ["what", "can" | "do", "you", "do"]
        | ["what", "can", "i", "ask", ..]
        | ["what", "can", "you", "help", ..]
        | ["what", "are", "you", "able" | "capable" | "good", ..]
        | ["what", "do", "you", "know" | "offer"]
        | ["what", "else", "can", "you", "do"]
        | ["how", "can", "you", "help"]
        | ["how", "can", "you", "help", "me"]
        | ["how", "do", "you", "work"]
        | [
            "what",
            "are",
            "your",
            "commands" | "skills" | "features" | "abilities" | "tools" | "capabilities",
        ]
        | ["commands"]
        | ["what", "can", "you", "do", "for" | "to", ..]
        | ["show", "me", "what", "you", "can", "do"]
        | ["what", "things", "can", "you", "do"]
        | ["tell", "me", "what", "you", "can", "do"]
        | ["what", "kind", "of", "things", "can", "you", "do"]
        | ["what", "would", "you", "do"] => Social::WhatCanYouDo,
        ["who" | "what", "are", "you"]
        | ["who", "is", "this" | "jamie"]
        | ["what", "is", "your", "name"]
        | ["introduce", "yourself"]
        | ["who", "am", "i", "talking", "to"]
        | [
            "are",
            "you",
            "a",
            "bot" | "robot" | "human" | "person" | "machine" | "model",
        ]
        | ["are", "you", "an", "ai" | "llm"]
        | ["are", "you", "human" | "real" | "chatgpt" | "ai"]
        | ["who", "made" | "built", "you"]
        | ["tell", "me", "about", "yourself"] => Social::WhoAreYou,
        ["good", "job" | "work" | "bot" | "stuff" | "one" | "lad" | "shout"]
        | ["well", "done"]
        | ["nice"]
        | ["nice", "one" | "work" | "job"]
        | ["great", "job" | "work" | "stuff"]
        | [
            "brilliant" | "great" | "awesome" | "perfect" | "excellent" | "fantastic" | "amazing" | "legend"
            | "lovely" | "sweet" | "ace" | "superb",
        ]
        | ["love", "it" | "you" | "this"]
        | ["i", "love", "you" | "it" | "this"]
        | ["spot", "on"]
        | ["that", "worked" | "helped" | "helps" | "works"]
        | [
            "you",
            "are",
            "brilliant" | "great" | "awesome" | "amazing" | "ace" | "lovely" | "good" | "fantastic"
            | "wonderful" | "helpful" | "clever" | "smart",
        ]
        | ["you", "are", "the", "best"]
        | [
            "you",
            "are",
            "a",
            "star" | "legend" | "lifesaver" | "genius" | "hero" | "gem",
        ]
        | ["you", "rock" | "star" | "legend"]
        | [
            "that",
            "is",
            "brilliant" | "great" | "perfect" | "awesome" | "helpful" | "lovely",
        ]
        | ["very", "helpful"]
        | ["helpful"] => Social::Praise,
        [
            "you",
            "are",
            "useless" | "stupid" | "rubbish" | "crap" | "shit" | "terrible" | "dumb" | "awful" | "pathetic"
            | "hopeless" | "annoying" | "pants",
        ]
        | [
            "you",
            "are",
            "a" | "an",
            "idiot" | "moron" | "muppet" | "joke" | "pillock" | "plonker" | "twat" | "disgrace",
        ]
        | ["you", "suck"]
        | ["shut", "up"]
        | ["piss" | "fuck" | "sod" | "bugger", "off"]
        | ["fuck", "you"]
        | ["go", "away"]
        | ["i", "hate", "you"]
        | ["you", "stink"]
        | [
            "stupid" | "useless" | "dumb" | "bloody",
            "bot" | "thing" | "machine" | "robot",
        ]
        | ["useless"]
        | ["rubbish"]
        | ["you", "bloody", ..]
        | ["you", "stupid" | "useless" | "dumb", ..]
        | ["what", "a", "useless", ..] => Social::Insult,
        ["do", "you", "know", "a", "joke"]
        | ["make", "me", "laugh"]
        | ["got", "any", "jokes"]
        | ["joke"]
        | ["tell", "me" | "us", "a", .., "joke"]
        | ["tell", "me" | "us", "a", "joke", ..]
        | ["tell", "a", "joke"]
        | ["know" | "got", "any", .., "jokes"]
        | ["do", "you", "know", "any", .., "jokes" | "joke"]
        | ["another", "joke"]
        | ["give", "me", "a", "joke"]
        | ["can" | "could", "you", "tell", "me", "a", "joke"]
        | ["cheer", "me", "up"]
        | ["say", "something", "funny"] => Social::Joke,
        [
            "ok" | "okay" | "cool" | "yes" | "no" | "yep" | "yeah" | "nope" | "nah" | "sure" | "fine"
            | "understood" | "right" | "alright" | "k" | "kk" | "roger" | "gotcha" | "nevermind" | "noted"
            | "ah" | "oh" | "aye",
        ]
        | ["got", "it"]
        | ["fair", "enough"]
        | ["no", "worries" | "problem" | "bother"]
        | ["never", "mind"]
        | ["i", "see"]
        | ["all", "good"]
        | ["that", "is", "all" | "fine" | "ok" | "okay"]
        | ["makes", "sense"]
        | ["sounds", "good"]
        | ["forget", "it"] => Social::Acknowledgement,
        ["hi" | "hello" | "hey", ..] if said.len() == 1 => Social::Greeting,
        _ => return None,
    })
}

fn is_softener(word: &str) -> bool {
    matches!(
        word,
        "today"
            | "please"
            | "then"
            | "so"
            | "really"
            | "very"
            | "just"
            | "well"
            | "now"
            | "this"
            | "morning"
            | "evening"
            | "oh"
            | "actually"
            | "exactly"
            | "mate"
            | "jamie"
            | "bit"
            | "absolutely"
            | "again"
            | "quick"
            | "good-o"
            | "anyway"
            | "um"
            | "right"
            | "also"
            | "and"
            | "btw"
    ) && !matches!(word, "right" | "well" | "this")
}

/// "call me Bruno", "my name is Bruno".
fn introduced(text: &str, tokens: &[Token], index: &NameIndex) -> Option<String> {
    const OPENINGS: &[&[&str]] = &[
        &["call", "me"],
        &["you", "can", "call", "me"],
        &["you", "may", "call", "me"],
        &["just", "call", "me"],
        &["please", "call", "me"],
        &["my", "name", "is"],
        &["the", "name", "is"],
        &["my", "mates", "call", "me"],
        &["my", "friends", "call", "me"],
        &["people", "call", "me"],
        &["everyone", "calls", "me"],
        &["i", "am", "called"],
        &["i", "go", "by"],
    ];
    let (used, sure) = match prefix_of(tokens, OPENINGS) {
        Some(used) => (used, true),
        None if starts(tokens, &["i", "am"]) && tokens.len() == 3 => (2, false),
        None => return None,
    };
    let mut name = tokens.get(used..)?;
    // "Call me Bruno please".
    while let Some((last, rest)) = name.split_last()
        && (is_softener(&last.word)
            || VOCATIVES.contains(&last.word.as_str())
            || matches!(
                last.word.as_str(),
                "please" | "thanks" | "ok" | "okay" | "now" | "on" | "from"
            ))
        && !rest.is_empty()
    {
        name = rest;
    }
    if name.is_empty() || name.len() > 3 {
        return None;
    }
    let (first, last) = (name.first()?, name.last()?);
    let said = text
        .get(first.span.0..last.span.1)?
        .trim_matches(|c: char| !c.is_alphanumeric());
    let capital = said.chars().next().is_some_and(char::is_uppercase);
    if !sure
        && (!capital || lexicon::english(&first.word) != lexicon::English::No || index.is_exact(&first.raw))
    {
        return None;
    }
    if matches!(
        first.word.as_str(),
        "when" | "if" | "back" | "later" | "a" | "an" | "the" | "not" | "it" | "about"
    ) {
        return None;
    }
    let named: String = said.chars().filter(|c| !c.is_control()).take(40).collect();
    (!named.is_empty()).then(|| {
        if capital {
            named.clone()
        } else {
            capitalised(&named)
        }
    })
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or(String::new(), |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// "we call the payments namespace till", "till means payments".
fn nickname(text: &str, tokens: &[Token]) -> Option<Social> {
    let slice = |run: &[Token]| {
        let (first, last) = (run.first()?, run.last()?);
        let said = text.get(first.span.0..last.span.1)?;
        let said: String = said
            .trim_matches(|c: char| !c.is_alphanumeric())
            .chars()
            .take(80)
            .collect();
        (!said.is_empty()).then_some(said)
    };
    let skip_article = |run: &'_ [Token]| {
        usize::from(
            run.first()
                .is_some_and(|token| lexicon::is_determiner(&token.word)),
        )
    };
    let calls = (starts(tokens, &["we", "call"]) || starts(tokens, &["i", "call"])) && tokens.len() >= 4;
    if calls {
        let rest = tokens.get(2..)?;
        let rest = rest.get(skip_article(rest)..)?;
        let (word, means) = rest.split_last()?;
        let means: Vec<Token> = means
            .iter()
            .filter(|token| {
                !matches!(
                    token.word.as_str(),
                    "namespace" | "app" | "deployment" | "service" | "the" | "cluster" | "as"
                )
            })
            .cloned()
            .collect();
        return Some(Social::Nickname {
            word: slice(std::slice::from_ref(word))?.to_lowercase(),
            means: slice(&means)?.to_lowercase(),
        });
    }
    let at = tokens
        .iter()
        .position(|token| matches!(token.word.as_str(), "means" | "mean"))?;
    let by = starts(tokens, &["by"]);
    let (word, means) = (tokens.get(usize::from(by)..at)?, tokens.get(at + 1..)?);
    let word: Vec<Token> = word
        .iter()
        .filter(|token| !matches!(token.word.as_str(), "i" | "we"))
        .cloned()
        .collect();
    let means = means.get(skip_article(means)..)?;
    if word.len() != 1 || means.len() != 1 || lexicon::is_filler(&word.first()?.word) {
        return None;
    }
    Some(Social::Nickname {
        word: slice(&word)?.to_lowercase(),
        means: slice(means)?.to_lowercase(),
    })
}
