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
    /// How many words its name takes, where it is said with a name's cue: "called Not A Name".
    words: usize,
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
    for at in (at..at + made.words).chain([made.kind]) {
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
    let named_somewhere = tokens.iter().any(|token| {
        matches!(token.word.as_str(), "called" | "named") || (!token.quoted && token.raw.contains('='))
    });
    // "I need a pod called …", "run a pod named …", "config map tides: HIGH=noon" make something too.
    let wishes = |word: &str| {
        matches!(
            word,
            "need" | "want" | "have" | "run" | "deploy" | "set" | "give" | "like" | "get" | "please"
        )
    };
    let verb = (0..tokens.len())
        .find(|at| MAKES.contains(&word(*at)))
        .or_else(|| {
            (0..tokens.len())
                .find(|at| wishes(word(*at)))
                .filter(|_| named_somewhere)
        });
    let bare = (0..tokens.len().min(2)).find(|at| {
        named_somewhere
            && index.kind(word(*at)).is_some()
            && !matches!(word(*at), "pods" | "configmaps" | "services")
    });
    if verb.is_none() && bare.is_none() {
        return deployed(tokens, taken, index);
    }
    let from = verb.map_or(0, |verb| verb + 1);
    let verb = verb.unwrap_or(0);
    let asks = tokens.first().is_some_and(|token| {
        lexicon::is_question_word(&token.word)
            || (lexicon::is_auxiliary(&token.word) && !matches!(word(1), "you" | "we" | "someone"))
    });
    if asks {
        return None;
    }
    // Between "create" and the kind stand only words that describe it.
    let Some(kind) = (from..tokens.len().min(from + 4))
        .find(|at| index.kind(word(*at)).is_some() || word(*at) == "namespace")
    else {
        return deployed(tokens, taken, index);
    };
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
                && !is_amount(&token.raw)
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
    let named = (from..tokens.len())
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
    let length = if named.is_some() {
        spoken_length(tokens, at)
    } else {
        1
    };
    let name = tokens
        .get(at..at + length)?
        .iter()
        .map(|token| token.raw.as_str())
        .collect::<Vec<_>>()
        .join(" ");
    // What is there already is spoken of by its name, except after "called".
    (named.is_some() || index.exact(&name).is_empty()).then_some((
        at,
        Made {
            name,
            kind,
            words: length,
        },
    ))
}

/// "Deploy shop/till:1.4 as till": a name for what an image is to run as.
fn deployed(tokens: &[Token], taken: &[bool], index: &NameIndex) -> Option<(usize, Made)> {
    let word = |at: usize| tokens.get(at).map_or("", |token| token.word.as_str());
    let verb = (0..tokens.len()).find(|at| matches!(word(*at), "deploy" | "run" | "launch" | "start"))?;
    let image = (verb + 1..tokens.len())
        .find(|at| tokens.get(*at).is_some_and(|token| is_image(&token.raw, true)))?;
    let at = (image + 1..tokens.len()).find(|at| word(*at) == "as")? + 1;
    let token = tokens.get(at)?;
    let fits = !taken.get(at).copied().unwrap_or(true)
        && !lexicon::is_determiner(&token.word)
        && token.raw.starts_with(|c: char| c.is_ascii_alphanumeric())
        && index.exact(&token.raw).is_empty();
    fits.then(|| {
        (
            at,
            Made {
                name: token.raw.clone(),
                kind: at,
                words: 1,
            },
        )
    })
}

/// "20Gi", "500m", "3": no name.
fn is_amount(raw: &str) -> bool {
    let digits = raw.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    digits.len() < raw.len() && digits.len() <= 2 && !raw.contains('-')
}

/// How many words a name takes that was announced: it goes on to the next mark or word that ends it.
fn spoken_length(tokens: &[Token], at: usize) -> usize {
    const MOST: usize = 5;
    let goes_on = |token: &Token| {
        token.before == Break::None
            && !token.quoted
            && !token.raw.contains('=')
            && (!lexicon::is_filler(&token.word) || lexicon::is_determiner(&token.word))
            && super::kinds::kind(&token.word).is_none()
            && super::amount::number(&token.word).is_none()
            && !is_image(&token.raw, true)
            && !matches!(
                token.word.as_str(),
                "please"
                    | "pls"
                    | "plz"
                    | "now"
                    | "image"
                    | "holding"
                    | "containing"
                    | "having"
                    | "running"
                    | "using"
                    | "port"
                    | "mate"
                    | "ta"
                    | "thanks"
                    | "cheers"
                    | "that"
                    | "which"
                    | "replicas"
                    | "memory"
                    | "cpu"
                    | "namespace"
                    | "targeting"
                    | "allowing"
                    | "denying"
                    | "label"
                    | "labels"
                    | "today"
                    | "asap"
                    | "quickly"
                    | "min"
                    | "max"
            )
    };
    1 + tokens
        .iter()
        .skip(at + 1)
        .take(MOST - 1)
        .take_while(|token| goes_on(token))
        .count()
}
