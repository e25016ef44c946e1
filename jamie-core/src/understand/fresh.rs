//! A clause in; what in it names nothing in the cluster out: the name of something that is to be made, images, and
//! settings as people write them ("COLOUR=blue").

use super::{
    NameIndex, lexicon,
    words::{Break, Token},
};

/// Words that ask for something new.
const MAKES: [&str; 9] = [
    "create",
    "make",
    "add",
    "new",
    "launch",
    "spin",
    "provision",
    "generate",
    "start",
];

/// What is to be made.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) name: String,
    /// The word for its kind: taken while names are looked for, lest a new namespace count as a place.
    pub(super) kind: usize,
}

/// What is to be made. Its words, images and settings are marked as taken.
pub(super) fn read(tokens: &[Token], taken: &mut [bool], index: &NameIndex) -> Option<Made> {
    let speaks_of_images = tokens.iter().any(|token| {
        matches!(
            token.word.as_str(),
            "image" | "images" | "tag" | "version" | "deploy" | "create" | "launch" | "spin"
        )
    });
    for (token, taken) in tokens.iter().zip(taken.iter_mut()) {
        let settles = !token.quoted && token.raw.contains('=') && !token.raw.starts_with(['=', '-']);
        let is_image = is_image(&token.raw, speaks_of_images) && index.exact(&token.raw).is_empty();
        if settles || is_image {
            *taken = true;
        }
    }
    let (at, made) = made(tokens, taken, index)?;
    for at in [at, made.kind] {
        if let Some(taken) = taken.get_mut(at) {
            *taken = true;
        }
    }
    Some(made)
}

/// "shop/web:1.4", "web@sha256:…". A port behind a name is no tag, except where images are spoken of.
fn is_image(word: &str, speaks_of_images: bool) -> bool {
    if word.contains("://") {
        return false;
    }
    if word.contains("@sha256:") {
        return true;
    }
    let last = word.rsplit('/').next().unwrap_or(word);
    let Some((name, tag)) = last.split_once(':') else {
        return false;
    };
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+');
    let is_number = tag.chars().all(|c| c.is_ascii_digit());
    !name.is_empty() && !tag.is_empty() && tag.chars().all(fits) && (!is_number || speaks_of_images)
}

/// Whether a word is an image, or a version as people number them: "1.4.2", "v2".
pub(super) fn is_version(token: &Token) -> bool {
    let word = token.raw.as_str();
    let digits = word.strip_prefix('v').unwrap_or(word);
    let numbered = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+'))
        && (word.starts_with('v') || digits.matches('.').count() >= 2);
    !token.quoted && (numbered || is_image(word, false))
}

/// Where the name of what is to be made stands.
fn made(tokens: &[Token], taken: &[bool], index: &NameIndex) -> Option<(usize, Made)> {
    let word = |at: usize| tokens.get(at).map_or("", |token| token.word.as_str());
    let verb = (0..tokens.len()).find(|at| MAKES.contains(&word(*at)))?;
    let asks = tokens.first().is_some_and(|token| {
        lexicon::is_question_word(&token.word)
            || (lexicon::is_auxiliary(&token.word) && !matches!(word(1), "you" | "we" | "someone"))
    });
    if asks {
        return None;
    }
    // Between "create" and the kind stand only words that describe it.
    let kind = (verb + 1..tokens.len().min(verb + 5))
        .find(|at| index.kind(word(*at)).is_some() || word(*at) == "namespace")?;
    let fits = |at: usize| {
        tokens.get(at).is_some_and(|token| {
            !taken.get(at).copied().unwrap_or(true)
                && token.raw.len() > 1
                && token.raw.starts_with(|c: char| c.is_ascii_alphanumeric())
                && token
                    .raw
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'))
                && index.kind(&token.word).is_none()
        })
    };
    // A till is a thing too: "create a deployment till in shop".
    let ends_there = |at: usize| {
        lexicon::is_preposition(word(at + 1))
            && !matches!(
                word(at),
                "there" | "here" | "now" | "too" | "again" | "please" | "also" | "just"
            )
            && !lexicon::is_determiner(word(at))
            && word(at).len() > 3
    };
    let named = (verb + 1..tokens.len())
        .find(|at| matches!(word(*at), "called" | "named" | "name"))
        .map(|at| at + 1)
        .filter(|at| fits(*at));
    let behind = Some(kind + 1).filter(|at| {
        fits(*at)
            && tokens
                .get(*at)
                .is_some_and(|token| token.before == Break::None || token.quoted)
            && (!lexicon::is_filler(word(*at)) || ends_there(*at))
            && (!lexicon::is_preposition(word(*at)) || ends_there(*at))
            && !matches!(
                word(*at),
                "that"
                    | "which"
                    | "using"
                    | "running"
                    | "allow"
                    | "allowing"
                    | "deny"
                    | "denying"
                    | "denies"
                    | "allows"
                    | "where"
                    | "so"
                    | "named"
                    | "called"
                    | "port"
                    | "image"
                    | "please"
            )
    });
    let before = kind.checked_sub(1).filter(|at| {
        *at > verb
            && fits(*at)
            && !lexicon::is_determiner(word(*at))
            && !lexicon::is_filler(word(*at))
            && matches!(
                lexicon::english(word(*at)),
                lexicon::English::No | lexicon::English::Rare
            )
            && super::amount::number(word(*at)).is_none()
    });
    let at = named.or(behind).or(before)?;
    let name = tokens.get(at)?.raw.clone();
    // What is there already is spoken of by its name, except after "called".
    (named.is_some() || index.exact(&name).is_empty()).then_some((at, Made { name, kind }))
}
