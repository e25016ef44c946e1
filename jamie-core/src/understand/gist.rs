//! A sentence in, what it most likely asks of the memory out: what most of the labelled examples with its words ask.
//!
//! The patterns of [`super::telling`] know what is asked of what for certain; this reads the many questions that none of
//! them fits ("whose idea was the no-friday thing?"), and those only. Examples of what asks nothing of the memory are the
//! phrases of the tools as well.

mod bayes;

use std::sync::LazyLock;

use self::bayes::Bayes;
use super::{
    lexicon,
    telling::teach::own::is_app_word,
    words::{self, Token},
};

/// Sentences, a tab, what they ask: nothing of the memory where that is `none`. A thing's name in them is `{name}`, a
/// person's is `{person}`.
static EXAMPLES: &str = include_str!("gist/examples.tsv");
/// What asks nothing of the memory is labelled with.
const NONE: &str = "none";
/// The word that stands for any name. No word that is split off a message has a space.
const NAME: &str = "a name";
/// How much likelier, as a logarithm, a question of the memory is than one of the estate where nothing else can be meant,
/// and where the memory may be asked whether it knows.
const SURE: f32 = 8.0;
const LIKELY: f32 = 5.0;
/// The same where it has not the look of a question: orders and statements have many of the same words.
const UNASKED: f32 = 12.0;
/// In how many examples a word that is no English may stand and still say what a question is about.
const SELDOM: usize = 3;

/// The examples, learnt once.
static LEARNT: LazyLock<Bayes> = LazyLock::new(|| {
    let mut bayes = Bayes::default();
    for (sentence, label) in EXAMPLES.lines().filter_map(|line| line.split_once('\t')) {
        bayes.learn(example(sentence), label);
    }
    bayes
});

/// What was learnt from the examples, and from the phrases of the tools.
#[derive(Debug)]
pub(super) struct Gist {
    bayes: Bayes,
}

/// What a sentence most likely asks of the memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Likely {
    /// The label of the examples.
    pub(super) label: &'static str,
    /// Whether nothing else can be meant.
    pub(super) sure: bool,
}

impl Gist {
    /// Learns phrases that ask something of the estate, beside the examples.
    pub(super) fn new(phrases: impl Iterator<Item = &'static str>) -> Self {
        let mut bayes = LEARNT.clone();
        for phrase in phrases {
            bayes.learn_words(example(phrase), NONE);
        }
        Self { bayes }
    }

    /// What the sentence asks of the memory; `None` where that is most likely nothing.
    pub(super) fn read(&self, tokens: &[Token]) -> Option<Likely> {
        let words = tokens.iter().map(|token| self.word(token)).collect();
        let (label, margin) = self.bayes.likeliest(words, NONE)?;
        let asks = asks(tokens);
        let enough = if asks { LIKELY } else { UNASKED };
        (margin >= enough).then_some(Likely {
            label,
            sure: asks && margin >= SURE,
        })
    }

    /// What the words are about, where that is more than "it": those that the examples do not have, or hardly.
    pub(super) fn subject(&self, tokens: &[Token]) -> Option<String> {
        let tells = |token: &Token| {
            let seen = self.bayes.seen(&self.form(&token.word));
            match lexicon::english(&token.word) {
                lexicon::English::Filler => false,
                lexicon::English::Common | lexicon::English::Rare => seen == 0 || is_app_word(&token.word),
                lexicon::English::No => seen <= SELDOM,
            }
        };
        let said: Vec<&str> = tokens
            .iter()
            .filter(|token| token.quoted || token.named || tells(token))
            .map(|token| token.word.as_str())
            .collect();
        (!said.is_empty()).then(|| said.join(" "))
    }

    /// The stem of a word; "goin" is "going".
    fn form(&self, word: &str) -> String {
        let whole = lexicon::stem(&format!("{word}g"));
        if word.ends_with("in") && self.bayes.knows(&whole) {
            whole
        } else {
            lexicon::stem(word)
        }
    }

    /// A word as the examples have it: one that they do not have is taken for a name.
    fn word(&self, token: &Token) -> String {
        let stem = self.form(&token.word);
        let known = self.bayes.knows(&stem) || lexicon::is_filler(&token.word);
        if token.quoted || token.named || !known {
            NAME.to_owned()
        } else {
            stem
        }
    }
}

/// The words of an example; what stands in braces is a name.
fn example(sentence: &str) -> Vec<String> {
    let mut quoted = String::with_capacity(sentence.len());
    let mut rest = sentence;
    while let Some((before, (_, behind))) = rest
        .split_once('{')
        .and_then(|(before, behind)| Some((before, behind.split_once('}')?)))
    {
        quoted.push_str(before);
        quoted.push_str("\"a name\"");
        rest = behind;
    }
    quoted.push_str(rest);
    words::split(&quoted)
        .into_iter()
        .map(|token| {
            if token.quoted {
                NAME.to_owned()
            } else {
                lexicon::stem(&token.word)
            }
        })
        .collect()
}

/// Whether the words have the look of a question.
fn asks(tokens: &[Token]) -> bool {
    tokens.iter().any(|token| {
        token.asked
            || lexicon::is_question_word(&token.word)
            || matches!(
                token.word.as_str(),
                "tell" | "show" | "list" | "know" | "remind" | "name" | "wonder"
            )
    }) || begins_question(tokens)
}

/// Whether the words are a question by how they begin or end.
pub(super) fn begins_question(tokens: &[Token]) -> bool {
    let opens = |word: &str| {
        lexicon::is_question_word(word)
            || lexicon::is_auxiliary(word) && !matches!(word, "be" | "been" | "being")
    };
    tokens
        .iter()
        .find(|token| !matches!(token.word.as_str(), "and" | "but" | "so"))
        .is_some_and(|first| opens(&first.word))
        || tokens.last().is_some_and(|last| last.asked)
}
