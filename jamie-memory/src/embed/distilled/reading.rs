//! A text in, the tokens of its words out: lower case, no accents, the longest piece first (WordPiece).

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::table::Table;

/// The most words of a text that count.
const WORDS: usize = 2_048;
/// The longest word that is taken apart, in letters; longer ones are keys and digests.
const LONGEST: usize = 64;

/// What a text is made of.
pub(super) enum Token<'a> {
    /// A row of the table.
    Known(usize),
    /// A word of which the table knows no piece.
    Strange(&'a str),
}

/// Hands on the tokens of a text in order.
pub(super) fn read(text: &str, table: &Table, mut token: impl FnMut(Token<'_>)) {
    let mut word = String::new();
    let mut words = 0;
    let letters = text.nfd().filter(|c| !is_combining_mark(*c));
    for c in letters.chain([' ']) {
        // The scripts of East Asia put no spaces between words; each sign counts as one.
        let alone = ('\u{2e80}'..='\u{ffdc}').contains(&c) || c >= '\u{20000}';
        if !c.is_alphanumeric() || alone {
            if !word.is_empty() {
                words += 1;
                of_word(&word, table, &mut token);
                word.clear();
            }
            if words >= WORDS {
                return;
            }
        }
        if c.is_alphanumeric() {
            word.push(c);
        }
    }
}

/// `OOMKilled` is one word where the table has it, and two else.
fn of_word(word: &str, table: &Table, token: &mut impl FnMut(Token<'_>)) {
    let lower = word.to_lowercase();
    if let Some(row) = table.find(lower.as_bytes()) {
        return token(Token::Known(row));
    }
    for part in parts(word) {
        let part = part.to_lowercase();
        match pieces(&part, table) {
            Some(rows) => rows.into_iter().for_each(|row| token(Token::Known(row))),
            None => token(Token::Strange(&part)),
        }
    }
}

/// Cuts between a small letter and a capital, and before the last of several capitals that a small letter follows.
fn parts(word: &str) -> impl Iterator<Item = &str> {
    let letters: Vec<(usize, char)> = word.char_indices().collect();
    let mut cuts: Vec<usize> = letters
        .windows(2)
        .enumerate()
        .filter_map(|(i, pair)| {
            let [(_, before), (at, c)] = *pair else {
                return None;
            };
            let then = letters.get(i + 2).map(|(_, c)| *c);
            let cut = c.is_uppercase()
                && (before.is_lowercase() || before.is_uppercase() && then.is_some_and(char::is_lowercase));
            cut.then_some(at)
        })
        .collect();
    cuts.push(word.len());
    let mut start = 0;
    cuts.into_iter().map(move |cut| {
        word.get(std::mem::replace(&mut start, cut)..cut)
            .unwrap_or_default()
    })
}

/// The rows of the longest pieces that a word is made of; `None` where a part of it is in none.
fn pieces(word: &str, table: &Table) -> Option<Vec<usize>> {
    if !word.is_ascii() || word.len() > LONGEST {
        return None;
    }
    let mut rows = Vec::new();
    let (mut rest, mut skip) = (word.to_owned(), 0);
    while rest.len() > skip {
        let (row, end) = (skip + 1..=rest.len())
            .rev()
            .find_map(|end| Some((table.find(rest.get(..end)?.as_bytes())?, end)))?;
        rows.push(row);
        // Pieces that go on with a word are marked so.
        rest = format!("##{}", rest.get(end..)?);
        skip = 2;
    }
    Some(rows)
}

#[cfg(test)]
mod tests {
    use super::{super::table::TABLE, Token, parts, read};

    /// The number of tokens of a text, and its strange words.
    fn tokens(text: &str) -> (Vec<usize>, Vec<String>) {
        let (mut known, mut strange) = (Vec::new(), Vec::new());
        read(text, &TABLE, |token| match token {
            Token::Known(row) => known.push(row),
            Token::Strange(word) => strange.push(word.to_owned()),
        });
        (known, strange)
    }

    fn rows(tokens: &[&str]) -> Vec<usize> {
        tokens
            .iter()
            .map(|token| TABLE.find(token.as_bytes()).unwrap())
            .collect()
    }

    #[test]
    fn words_are_cut_where_their_case_changes() {
        for (word, cut) in [
            ("CreateContainerError", vec!["Create", "Container", "Error"]),
            ("OOMKilled", vec!["OOM", "Killed"]),
            ("kubectl", vec!["kubectl"]),
            ("HTTP", vec!["HTTP"]),
            ("v1Pod", vec!["v1Pod"]),
        ] {
            assert_eq!(parts(word).collect::<Vec<_>>(), cut);
        }
    }

    #[test]
    fn the_longest_pieces_are_taken() {
        for (text, pieces) in [
            ("Crème", vec!["cr", "##eme"]),
            ("OOMKilled!", vec!["oomkilled"]),
            ("oom_killed", vec!["oom", "killed"]),
            ("FailedPostStartHook", vec!["failed", "post", "start", "hook"]),
            ("configmaps", vec!["configmaps"]),
            ("backoffs", vec!["back", "##offs"]),
        ] {
            let (known, strange) = tokens(text);
            assert_eq!(known, rows(&pieces), "{text}");
            assert!(strange.is_empty(), "{strange:?}");
        }
    }

    #[test]
    fn other_scripts_and_digests_are_words_without_pieces() {
        let digest = "0123456789abcdef".repeat(5);
        let (known, strange) = tokens(&format!("Память 内存 {digest}"));
        assert!(known.is_empty());
        assert_eq!(strange, ["память", "内", "存", &digest]);
    }

    #[test]
    fn a_long_text_ends_somewhere() {
        assert_eq!(tokens(&"pod ".repeat(10_000)).0.len(), super::WORDS);
    }
}
