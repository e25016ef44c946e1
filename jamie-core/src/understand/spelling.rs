//! Two words in, how many slips apart they are out; and a vocabulary that mends typos.

/// Which letters a word has, as a set of bits: a quick test before counting slips.
pub(super) fn letters(word: &str) -> u64 {
    word.bytes().fold(0, |set, byte| {
        let bit = match byte {
            b'a'..=b'z' => byte - b'a',
            b'A'..=b'Z' => byte - b'A',
            b'0'..=b'9' => 26 + byte - b'0',
            _ => 40,
        };
        set | 1 << bit
    })
}

/// Insertions, deletions, replacements and swaps of neighbours between two words; above `most` just more.
pub(super) fn distance(a: &str, b: &str, most: usize) -> usize {
    if a.len().abs_diff(b.len()) > most * 4 || a.len() > 80 || b.len() > 80 {
        return most + 1;
    }
    strsim::osa_distance(a, b)
}

/// How many slips are forgiven in a word of this length.
pub(super) fn tolerance(word: &str) -> usize {
    match word.chars().count() {
        0..=2 => 0,
        3..=7 => 1,
        _ => 2,
    }
}

/// Words as they should be written.
#[derive(Debug, Clone, Default)]
pub(super) struct Vocabulary {
    words: Vec<(u64, String, u8)>,
}

impl Vocabulary {
    /// Adds a word; of two that are equally near, the one of higher rank wins.
    pub(super) fn add(&mut self, word: &str, rank: u8) {
        if word.len() >= 3 && word.bytes().all(|b| b.is_ascii_lowercase()) {
            self.words.push((letters(word), word.to_owned(), rank));
        }
    }

    /// Makes it ready for use.
    pub(super) fn finish(&mut self) {
        self.words
            .sort_unstable_by(|a, b| a.1.cmp(&b.1).then(b.2.cmp(&a.2)));
        self.words.dedup_by(|a, b| a.1 == b.1);
    }

    /// The word that was meant, with the number of slips.
    pub(super) fn mend(&self, typed: &str) -> Option<(&str, usize)> {
        if !typed.chars().all(char::is_alphabetic) {
            return None;
        }
        let most = tolerance(typed);
        let (set, length) = (letters(typed), typed.len());
        let mut best: Option<(usize, usize, u8, &str)> = None;
        for (letters, word, rank) in &self.words {
            if word.len().abs_diff(length) > most || (letters ^ set).count_ones() as usize > 2 * most {
                continue;
            }
            let slips = distance(typed, word, most);
            // Two slips in a word that begins differently is another word.
            if slips > most || (slips > 1 && word.as_bytes().first() != typed.as_bytes().first()) {
                continue;
            }
            // Of a three-letter word, only swapped letters and a doubled or dropped one are slips.
            if length == 3 && word.len() == 3 && !same_letters(typed, word) {
                continue;
            }
            let cost = slips * 4
                + usize::from(word.as_bytes().first() != typed.as_bytes().first()) * 2
                + usize::from(word.as_bytes().last() != typed.as_bytes().last())
                + usize::from(!same_letters(typed, word));
            let key = (cost, slips, u8::MAX - rank, word.as_str());
            if best.is_none_or(|best| key < best) {
                best = Some(key);
            }
        }
        best.map(|(_, slips, _, word)| (word, slips))
    }
}

fn same_letters(a: &str, b: &str) -> bool {
    let sorted = |word: &str| {
        let mut bytes = word.as_bytes().to_vec();
        bytes.sort_unstable();
        bytes
    };
    a.len() == b.len() && sorted(a) == sorted(b)
}
