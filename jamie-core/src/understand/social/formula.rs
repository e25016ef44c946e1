//! Words between punctuation marks in, the remark that they are as a whole out.

use super::{
    Social,
    naming::introduced,
    phrases::{FAREWELLS, is_softener, prefix_of},
};
use crate::understand::{NameIndex, words::Token};

/// Remarks that are a whole segment.
pub(super) fn formula(text: &str, tokens: &[Token], index: &NameIndex) -> Option<Social> {
    if prefix_of(tokens, FAREWELLS) == Some(tokens.len()) {
        return Some(Social::Bye);
    }
    if let Some(name) = introduced(text, tokens, index) {
        return Some(Social::CallMe(name));
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
