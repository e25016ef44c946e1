//! A message in, the social remark in it out: greetings, thanks, "what can you do?".

use serde::{Deserialize, Serialize};

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
    /// "We call the payments namespace till": word and what it stands for, as said.
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
