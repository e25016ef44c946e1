//! Words in, words out: typos in known words are mended; the names of things that exist are left alone.

use super::{Intents, NameIndex, lexicon, spelling, words::Token};

/// The most unknown words that are looked into; a pasted log has thousands.
const MAX_MENDED: usize = 60;

/// Mends the words in place; what was typed stays in [`Token::raw`].
pub(super) fn mend(tokens: &mut [Token], index: &NameIndex, intents: &Intents) {
    let mut looked = 0;
    for at in 0..tokens.len() {
        if looked >= MAX_MENDED {
            return;
        }
        let before = at
            .checked_sub(1)
            .and_then(|at| tokens.get(at))
            .map(|token| token.word.clone());
        let Some(token) = tokens.get_mut(at) else { return };
        if token.quoted || token.raw.len() < 3 || !token.raw.chars().all(char::is_alphabetic) {
            continue;
        }
        let known = lexicon::english(&token.raw) != lexicon::English::No
            || intents.knows(&token.raw)
            || index.kind(&token.raw).is_some();
        if known || index.is_exact(&token.raw) {
            continue;
        }
        looked += 1;
        let Some((word, slips)) = intents.mend(&token.raw) else {
            continue;
        };
        // A part or the beginning of a name, or a nearer name: not a slip of the pen.
        if !index.parts(&token.raw).is_empty() {
            continue;
        }
        let nearest = index
            .near(&token.raw, spelling::tolerance(&token.raw))
            .first()
            .map(|(slips, _)| *slips);
        let names_stand_here = before.as_deref().is_some_and(|before| {
            lexicon::is_determiner(before) || lexicon::is_preposition(before) || lexicon::is_auxiliary(before)
        });
        if nearest.is_some_and(|nearest| nearest < slips || (nearest == slips && names_stand_here)) {
            continue;
        }
        word.clone_into(&mut token.word);
    }
}
