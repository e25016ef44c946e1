//! A person's words in, the terms that a full text search is asked for out: never an operator of its language.

/// The most terms of one search.
pub(crate) const SEARCHED: usize = 32;

/// Words that say nothing about what is looked for, sorted.
const EMPTY: &[&str] = &[
    "a", "about", "again", "am", "an", "and", "any", "are", "as", "at", "be", "been", "but", "by", "can",
    "could", "did", "do", "does", "for", "from", "had", "has", "have", "he", "how", "i", "if", "in", "is",
    "it", "its", "me", "my", "of", "on", "or", "our", "please", "she", "should", "so", "that", "the",
    "their", "them", "then", "there", "these", "they", "this", "to", "us", "was", "we", "were", "what",
    "when", "where", "which", "who", "why", "will", "with", "would", "you", "your",
];

/// The distinct terms of a text, at most `most`, in lower case and in order; all of its words where each is an everyday
/// one.
pub(crate) fn terms(text: &str, most: usize) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
    {
        let word = word.to_lowercase();
        if !words.contains(&word) {
            words.push(word);
        }
        if words.len() >= most.saturating_mul(4) {
            break;
        }
    }
    let mut telling = words.clone();
    telling.retain(|word| EMPTY.binary_search(&word.as_str()).is_err());
    let mut terms = if telling.is_empty() { words } else { telling };
    terms.truncate(most);
    terms
}

#[cfg(test)]
mod tests {
    use super::{EMPTY, terms};

    #[test]
    fn the_list_is_sorted() {
        assert!(EMPTY.is_sorted());
    }

    #[test]
    fn operators_and_everyday_words_are_left_out() {
        assert_eq!(
            terms("why IS \"checkout\" NOT slow* OR NEAR(x)?", 32),
            ["checkout", "not", "slow", "near", "x"]
        );
        assert_eq!(terms("what is it", 32), ["what", "is", "it"]);
        assert!(terms("?!", 32).is_empty());
    }
}
