//! What is known of English before any tool or name is: spellings, filler, and words of like meaning.

mod contraction;
mod english;
mod grammar;
mod groups;
mod noun;
mod request;

pub(super) use self::{
    contraction::{negated, softens_negation, takes_is, written_out},
    english::{English, english, stem},
    grammar::{is_auxiliary, is_determiner, is_filler, is_preposition, is_pronoun, is_question_word},
    groups::{CLOSE, PAIRS, SYMPTOMS, TROUBLE, WIDE},
    noun::{environment, is_everywhere, is_generic_noun, is_part_noun, is_system_namespace},
    request::{SENTENCE_WORDS, begins_request, is_plea, is_trouble, is_verb_like},
};
