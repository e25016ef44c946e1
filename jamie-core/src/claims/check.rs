//! A sentence in, what in it was not found out.

use std::sync::LazyLock;

use jiff::Timestamp;
use regex::Regex;

use super::{
    Ledger, advice,
    amount::Amount,
    assurance, cause, deed, echo, flat,
    lex::{self, Found, Item, Number},
    name,
};
use crate::understand;

/// Things that an answer counts about itself.
const DISCOURSE: [&str; 34] = [
    "thing",
    "reason",
    "option",
    "way",
    "step",
    "question",
    "point",
    "possibility",
    "possible",
    "likely",
    "idea",
    "suggestion",
    "cause",
    "problem",
    "issue",
    "check",
    "look",
    "place",
    "sentence",
    "word",
    "part",
    "fix",
    "clue",
    "sign",
    "case",
    "choice",
    "approach",
    "side",
    "kind",
    "sort",
    "hand",
    "eye",
    "separate",
    "different",
];

/// Words that deny, doubt or ask: with one of them a name from the question may be spoken of.
#[expect(clippy::expect_used, reason = "a constant pattern, compiled by every test")]
static DENIES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:not|no|never|none|nothing|nowhere|cannot|unknown|unable|without|neither|you (?:asked|mentioned|said|mean|meant))\b|n['’]t\b|\?\s*$")
        .expect("a valid pattern")
});

pub(super) fn unsupported(ledger: &Ledger, sentence: &str) -> Vec<String> {
    let text = without_marker(sentence);
    let mut what = Vec::new();
    let items = lex::items(text);
    for (at, found) in items.iter().enumerate() {
        if let Some(why) = item(ledger, text, &items, at, found)
            && !what.contains(&why)
        {
            what.push(why);
        }
    }
    what.extend(deed::unsupported(ledger, text));
    what.extend(advice::unsupported(ledger, sentence));
    what.extend(assurance::unsupported(ledger, text));
    what.extend(echo::unsupported(ledger, text));
    if what.is_empty() {
        what.extend(cause::unsupported(ledger, text));
    }
    what
}

/// The text without the mark of a list or a heading.
fn without_marker(sentence: &str) -> &str {
    let text = sentence.trim_start().trim_start_matches(['#', '>']).trim_start();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let numbered = text
        .get(digits..)
        .filter(|rest| digits > 0 && digits < 3 && rest.starts_with(['.', ')']));
    match numbered {
        Some(rest) => rest.get(1..).filter(|rest| rest.starts_with(' ')).unwrap_or(text),
        None => text
            .strip_prefix("- ")
            .or_else(|| text.strip_prefix("* "))
            .unwrap_or(text),
    }
}

fn item(ledger: &Ledger, text: &str, items: &[Found], at: usize, found: &Found) -> Option<String> {
    let nowhere = |what: &str| Some(format!("`{what}` is nowhere in what was found"));
    match &found.item {
        Item::Word(word) => named(ledger, text, items, at, word),
        Item::Code(code) => span(ledger, text, code),
        Item::Quote(quote) => (!is_quoted(ledger, text, quote)).then(|| nowhere(quote))?,
        Item::Address(address) => {
            let lower = address.to_lowercase();
            let known =
                ledger.words.contains(&lower) || ledger.texts.iter().any(|text| text.contains(&lower));
            (!known).then(|| format!("the address {address} is not among what was found"))
        }
        Item::Evidence(id) => (!ledger.evidence.contains(id)).then(|| format!("there is no evidence {id}")),
        Item::Number(number) => (!is_counted(ledger, number)).then(|| match &number.noun {
            Some(noun) => format!("the number {} ({noun}) was not found", number.text),
            None => format!("the number {} was not found", number.text),
        }),
        Item::Moment(moment) => (!ledger.moments.iter().any(|known| is_near(*known, *moment)))
            .then(|| format!("the time {moment} was not found")),
        Item::Clock(hour, minute, second) => (!is_clock(ledger, *hour, *minute, *second))
            .then(|| format!("the time {hour:02}:{minute:02} was not found")),
        Item::Day(year, month, day) => {
            (!is_day(ledger, *year, *month, *day)).then(|| format!("the date {day}/{month} was not found"))
        }
        Item::Span { seconds, unit } => {
            (!is_span(ledger, *seconds, *unit)).then(|| "that length of time was not found".to_owned())
        }
    }
}

/// A word that can only be a name, or stands where one does.
fn named(ledger: &Ledger, text: &str, items: &[Found], at: usize, word: &str) -> Option<String> {
    let bare = word.trim_end_matches("'s").trim_end_matches("’s");
    if is_known(ledger, bare) {
        return None;
    }
    let claims = name::is_name(bare) || is_beside_kind(items, at, bare);
    if !claims || (is_asked(ledger, bare) && DENIES.is_match(text)) {
        return None;
    }
    Some(format!("`{bare}` is nowhere in what was found"))
}

fn is_known(ledger: &Ledger, word: &str) -> bool {
    let lower = word.to_lowercase();
    let parts = |lower: &str| {
        // `shop/web` of a known namespace and a known object in it.
        lower.split_once('/').is_some_and(|(namespace, name)| {
            ledger
                .objects
                .iter()
                .any(|object| object.name == name && object.namespace.as_deref() == Some(namespace))
                || (understand::kind_of(namespace).is_some()
                    && ledger.objects.iter().any(|object| object.name == name))
        })
    };
    ledger.words.contains(&lower)
        || ledger.words.contains(lower.trim_end_matches('s'))
        || parts(&lower)
        // Longer names are parts of what was quoted: `orders-db:5432`, `api.shop.svc`.
        || (lower.len() > 7 && ledger.texts.iter().any(|text| holds(text, &lower)))
}

/// Whether a text holds a word that no letter or digit adjoins.
fn holds(text: &str, word: &str) -> bool {
    let inner = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '-');
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + word.len()..).and_then(|after| after.chars().next());
        !inner(before) && !inner(after)
    })
}

fn is_asked(ledger: &Ledger, word: &str) -> bool {
    ledger.asked.contains(&word.to_lowercase())
}

/// `Deployment foo`, `the foo service`: a word that is no English where a name stands.
fn is_beside_kind(items: &[Found], at: usize, word: &str) -> bool {
    let lower = word.to_lowercase();
    let plain = !lower.is_empty() && lower.chars().all(|c| c.is_ascii_lowercase()) && lower.len() > 2;
    if !plain || understand::kind_of(&lower).is_some() || !word.starts_with(|c: char| c.is_ascii_lowercase())
    {
        return false;
    }
    let kind = |at: Option<usize>| match at.and_then(|at| items.get(at)).map(|found| &found.item) {
        Some(Item::Word(word)) => understand::kind_of(&word.to_lowercase()).is_some(),
        _ => false,
    };
    let word_at = |at: Option<usize>| match at.and_then(|at| items.get(at)).map(|found| &found.item) {
        Some(Item::Word(word)) => Some(word.as_str()),
        _ => None,
    };
    let before = at.checked_sub(1).filter(|at| kind(Some(*at)));
    if (before.is_some() || kind(Some(at + 1))) && !understand::is_english(&lower) {
        return true;
    }
    // After a kind as the API spells it even an English word is a name: `Deployment checkout`.
    let capital = word_at(before)
        .is_some_and(|kind| kind.starts_with(|c: char| c.is_ascii_uppercase()) && !kind.ends_with('s'));
    let predicate = word_at(Some(at + 1)).is_some_and(|next| PREDICATES.contains(&next));
    capital && !COMPANIONS.contains(&lower.as_str()) && (predicate || !is_verb(&lower))
}

/// Verbs that show that the word before them is the subject.
const PREDICATES: [&str; 20] = [
    "is",
    "was",
    "has",
    "had",
    "fails",
    "failed",
    "keeps",
    "kept",
    "crashes",
    "crashed",
    "restarts",
    "restarted",
    "needs",
    "cannot",
    "does",
    "runs",
    "uses",
    "works",
    "looks",
    "seems",
];

/// Words that make a term with a kind: `Service discovery`, `Node pressure`.
const COMPANIONS: [&str; 34] = [
    "discovery",
    "mesh",
    "account",
    "accounts",
    "pressure",
    "startup",
    "template",
    "templates",
    "log",
    "logs",
    "event",
    "events",
    "spec",
    "status",
    "rotation",
    "restart",
    "memory",
    "limit",
    "limits",
    "name",
    "names",
    "selector",
    "controller",
    "security",
    "network",
    "autoscaler",
    "port",
    "ports",
    "level",
    "object",
    "objects",
    "key",
    "keys",
    "value",
];

/// Words that follow a kind without being its name.
fn is_verb(word: &str) -> bool {
    const AFTER: [&str; 54] = [
        "is", "are", "was", "were", "has", "have", "had", "does", "did", "can", "cannot", "could", "will",
        "would", "may", "might", "must", "should", "and", "or", "but", "with", "without", "that", "which",
        "who", "whose", "for", "from", "into", "onto", "under", "itself", "too", "also", "now", "still",
        "keeps", "kept", "needs", "called", "named", "there", "then", "again", "because", "since", "while",
        "when", "where", "once", "after", "before", "the",
    ];
    AFTER.contains(&word)
        || word.ends_with("ing")
        || word.ends_with("ed")
        || (word.ends_with('s') && understand::is_english(word.trim_end_matches('s')))
}

/// What stands between backticks: a command's names, or a name, a setting, a message.
fn span(ledger: &Ledger, text: &str, code: &str) -> Option<String> {
    const TOOLS: [&str; 12] = [
        "kubectl",
        "helm",
        "jamie",
        "docker",
        "curl",
        "k9s",
        "kustomize",
        "argocd",
        "flux",
        "oc",
        "crictl",
        "stern",
    ];
    let code = code.trim_start_matches("$ ").trim();
    let first = code.split_whitespace().next().unwrap_or_default();
    let is_command = TOOLS.contains(&first);
    if !is_command {
        let lower = flat(code);
        if lower.is_empty()
            || is_known(ledger, lex::trimmed(code))
            || ledger.texts.iter().any(|text| holds(text, &lower))
            || (is_asked(ledger, code) && DENIES.is_match(text))
            || understand::kind_of(&lower).is_some()
        {
            return None;
        }
        // A number with its unit.
        if lex::items(code)
            .iter()
            .all(|found| !matches!(found.item, Item::Word(_)))
            && lex::items(code).iter().all(|found| match &found.item {
                Item::Number(number) => is_counted(ledger, number),
                _ => false,
            })
        {
            return None;
        }
        return Some(format!("`{code}` is nowhere in what was found"));
    }
    let words: Vec<&str> = code.split_whitespace().skip(1).collect();
    for (at, word) in words.iter().enumerate() {
        let before = at
            .checked_sub(1)
            .and_then(|at| words.get(at))
            .copied()
            .unwrap_or_default();
        let value = matches!(before, "-n" | "--namespace" | "-c" | "--container");
        let word = word
            .split_once('=')
            .filter(|_| word.starts_with('-'))
            .map_or(*word, |(flag, value)| {
                if matches!(flag, "--namespace" | "--container") {
                    value
                } else {
                    flag
                }
            });
        let bare = word.trim_matches(['\'', '"']);
        let placeholder = bare.starts_with(['<', '{', '$', '-']);
        let name = bare.rsplit('/').next().unwrap_or(bare);
        let claims = value || name::is_name(bare) || (bare.contains('/') && !bare.contains('.'));
        let verb = understand::kind_of(name).is_some()
            || (understand::is_english(name) && !value && !bare.contains('/'));
        if !placeholder && claims && !verb && !is_known(ledger, bare) && !is_known(ledger, name) {
            return Some(format!("`{bare}` in the command is nowhere in what was found"));
        }
    }
    None
}

/// A quotation that is more than a turn of phrase has to stand somewhere.
fn is_quoted(ledger: &Ledger, text: &str, quote: &str) -> bool {
    let flat = flat(quote);
    let inner = flat
        .trim_end_matches(['.', ',', '…', '!', ';', ':'])
        .trim_end_matches("...")
        .trim();
    let words = inner.split_whitespace().count();
    let known = inner.is_empty()
        || ledger.texts.iter().any(|text| text.contains(inner))
        || is_known(ledger, inner)
        || (ledger.asked.contains(inner) && DENIES.is_match(text));
    known || (words < 3 && !name::is_name(inner) && inner.split_whitespace().all(understand::is_english))
}

fn is_counted(ledger: &Ledger, number: &Number) -> bool {
    if let (Amount::Count(part), Some(whole)) = (number.amount, number.of) {
        let mut known = ledger
            .shares
            .iter()
            .filter(|(_, known)| Amount::Count(*known).is_same(Amount::Count(whole)))
            .peekable();
        if known.peek().is_some() {
            // What is not ready is the rest of what is.
            return known.any(|(known, _)| {
                [*known, whole - known]
                    .iter()
                    .any(|known| (known - part).abs() < 0.5)
            });
        }
    }
    if let (Amount::Count(count), Some(noun)) = (number.amount, &number.noun) {
        if let Some(known) = ledger.counts.get(noun) {
            return known
                .iter()
                .any(|known| Amount::Count(*known).is_same(number.amount))
                || (count as usize == ledger.many(noun));
        }
        if DISCOURSE.contains(&noun.as_str()) && count <= 12.0 {
            return true;
        }
        if (1..=ledger.many(noun)).contains(&(count as usize)) {
            return true;
        }
    }
    // Nobody is told a fact by "one", "zero" or "the two of them".
    let small = matches!(number.amount, Amount::Count(count) if count <= 1.0 || (number.spelt && number.noun.is_none() && count <= 3.0));
    small || ledger.amounts.iter().any(|known| number.amount.is_same(*known))
}

fn is_near(a: Timestamp, b: Timestamp) -> bool {
    (a.as_second() - b.as_second()).abs() <= 1
        || (b.as_second() % 60 == 0 && a.as_second().div_euclid(60) == b.as_second().div_euclid(60))
}

fn is_clock(ledger: &Ledger, hour: i8, minute: i8, second: Option<i8>) -> bool {
    let fits = |known: (i8, i8, i8)| {
        (known.0, known.1) == (hour, minute) && second.is_none_or(|second| second == known.2)
    };
    ledger.moments.iter().any(|moment| {
        [&ledger.zone, &jiff::tz::TimeZone::UTC].into_iter().any(|zone| {
            let time = moment.to_zoned(zone.clone()).time();
            fits((time.hour(), time.minute(), time.second()))
        })
    }) || ledger
        .clocks
        .iter()
        .any(|(h, m, s)| (*h, *m) == (hour, minute) && (second.is_none() || *s == second))
}

fn is_day(ledger: &Ledger, year: Option<i16>, month: i8, day: i8) -> bool {
    ledger.moments.iter().any(|moment| {
        [&ledger.zone, &jiff::tz::TimeZone::UTC].into_iter().any(|zone| {
            let date = moment.to_zoned(zone.clone()).date();
            (date.month(), date.day()) == (month, day) && year.is_none_or(|year| year == date.year())
        })
    }) || ledger
        .days
        .iter()
        .any(|(y, m, d)| (*m, *d) == (month, day) && (year.is_none() || y.is_none() || *y == year))
}

/// A length of time that was said, or that lies between now and a moment that was.
fn is_span(ledger: &Ledger, seconds: f64, unit: f64) -> bool {
    let span = Amount::Seconds { seconds, unit };
    let said = ledger
        .amounts
        .iter()
        .any(|known| known.is_same(span) || span.is_same(*known));
    let since = ledger.moments.iter().any(|moment| {
        let passed = (ledger.now.as_second() - moment.as_second()).abs() as f64;
        passed > 0.0 && (passed - seconds).abs() <= (unit * 0.75).max(seconds * 0.03)
    });
    said || since
}
