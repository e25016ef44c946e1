//! A word in, whether it is English and its stem out.

use super::is_filler;

/// Words met most in technical prose and chat, sorted, one a line.
static COMMON: &str = include_str!("common.txt");
/// Further English words, likewise.
static MORE: &str = include_str!("more.txt");

/// How ordinary a word is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::understand) enum English {
    /// No English word that is known here.
    No,
    /// An English word, not often heard in this trade.
    Rare,
    /// An everyday word.
    Common,
    /// A word that only holds a sentence together.
    Filler,
}

/// How ordinary `word` is in English, whatever its ending.
pub(in crate::understand) fn english(word: &str) -> English {
    if is_filler(word) {
        return English::Filler;
    }
    let bases = bases(word);
    if bases.iter().any(|base| is_listed(COMMON, base)) {
        English::Common
    } else if bases.iter().any(|base| is_listed(MORE, base)) {
        English::Rare
    } else {
        English::No
    }
}

/// The forms under which a word may be listed.
fn bases(word: &str) -> Vec<String> {
    const ENDINGS: &[(&str, &str)] = &[
        ("ies", "y"),
        ("ied", "y"),
        ("es", ""),
        ("s", ""),
        ("ed", ""),
        ("d", ""),
        ("ing", ""),
        ("ing", "e"),
        ("er", ""),
        ("er", "e"),
        ("est", ""),
        ("ly", ""),
        ("y", ""),
        ("n", ""),
    ];
    let mut bases = vec![word.to_owned()];
    for (ending, instead) in ENDINGS {
        let Some(stem) = word.strip_suffix(ending) else {
            continue;
        };
        if stem.len() < 3 {
            continue;
        }
        bases.push(format!("{stem}{instead}"));
        if instead.is_empty() && doubled(stem) {
            bases.push(stem.get(..stem.len() - 1).unwrap_or(stem).to_owned());
        }
    }
    bases
}

fn doubled(stem: &str) -> bool {
    let mut last = stem.bytes().rev();
    matches!((last.next(), last.next()), (Some(a), Some(b)) if a == b && a.is_ascii_alphabetic())
}

/// Binary search in a sorted text of lines, so that nothing is built at start-up.
fn is_listed(list: &str, word: &str) -> bool {
    let (mut low, mut high) = (0, list.len());
    while low < high {
        let middle = low.midpoint(high);
        let bytes = list.as_bytes();
        let begin = bytes
            .get(low..middle)
            .and_then(|b| b.iter().rposition(|b| *b == b'\n'))
            .map_or(low, |at| low + at + 1);
        let end = bytes
            .get(middle..high)
            .and_then(|b| b.iter().position(|b| *b == b'\n'))
            .map_or(high, |at| middle + at);
        match list.get(begin..end).unwrap_or("").cmp(word) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => low = end + 1,
            std::cmp::Ordering::Greater => high = begin,
        }
    }
    false
}

/// A word without its ending, so that forms of one word meet.
pub(in crate::understand) fn stem(word: &str) -> String {
    if word.len() <= 3 || !word.bytes().all(|b| b.is_ascii_lowercase()) {
        return word.to_owned();
    }
    // Without this they would meet "us".
    if matches!(word, "used" | "uses" | "using") {
        return "use".to_owned();
    }
    let mut stem = word;
    if let Some(base) = word.strip_suffix("ies").or_else(|| word.strip_suffix("ied"))
        && base.len() >= 2
    {
        return format!("{base}y");
    }
    if let Some(base) = word
        .strip_suffix("sses")
        .or_else(|| word.strip_suffix("shes"))
        .or_else(|| word.strip_suffix("ches"))
    {
        stem = word.get(..base.len() + 2).unwrap_or(word);
    } else if let Some(base) = word.strip_suffix('s')
        && !base.ends_with(['s', 'u', 'i'])
    {
        stem = base;
    }
    for ending in ["ing", "ed"] {
        if let Some(base) = stem.strip_suffix(ending)
            && base.len() >= 2
            && base.bytes().any(|b| b"aeiouy".contains(&b))
        {
            stem = base;
            break;
        }
    }
    if stem.len() > 3 {
        stem = stem.strip_suffix('e').unwrap_or(stem);
    }
    if stem.len() > 3 && doubled(stem) {
        stem = stem.get(..stem.len() - 1).unwrap_or(stem);
    }
    stem.to_owned()
}
