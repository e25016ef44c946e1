//! A question's words in; amounts that are relative to what is there, images and sizes out.

use jamie_core::{Quantity, Question};
use serde_json::{Map, Value};

/// A number of things, absolute or against what is there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Step {
    /// So many.
    To(u64),
    /// So many more, or fewer.
    By(i64),
    /// So many times as many.
    Times(f64),
}

const DOWN: [&str; 13] = [
    "down", "decrease", "reduce", "shrink", "less", "fewer", "lower", "remove", "drop", "cut", "take",
    "minus", "kill",
];
const UP: [&str; 12] = [
    "up",
    "increase",
    "more",
    "add",
    "grow",
    "raise",
    "extra",
    "additional",
    "bump",
    "another",
    "plus",
    "boost",
];

/// Words that count what is added, or taken away, whatever else is said.
const MORE: [&str; 6] = ["more", "extra", "additional", "another", "add", "plus"];
const FEWER: [&str; 6] = ["fewer", "less", "remove", "minus", "away", "subtract"];

/// Whether one of the words was said.
pub(super) fn has(question: &Question, words: &[&str]) -> bool {
    question.words.iter().any(|word| words.contains(&word.as_str()))
}

/// A whole number in digits or words up to twelve.
pub(super) fn number(word: &str) -> Option<u64> {
    const WORDS: [&str; 13] = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
        "twelve",
    ];
    WORDS
        .iter()
        .position(|one| *one == word)
        .map(|at| at as u64)
        .or_else(|| word.replace(',', "").parse().ok())
}

/// The word after another.
pub(super) fn after<'q>(question: &'q Question, word: &str) -> Option<&'q str> {
    let at = question.words.iter().position(|one| one == word)?;
    question.words.get(at + 1).map(String::as_str)
}

/// How many are wanted: "to five", "by 2", "two more", "double", "by 50%", "down".
pub(super) fn step(question: &Question) -> Option<Step> {
    let words = &question.words;
    let to = words
        .windows(2)
        .filter(|pair| matches!(pair.first().map(String::as_str), Some("to" | "at" | "=")))
        .filter_map(|pair| number(pair.get(1)?))
        .next_back();
    // Fewer than none are never meant.
    let below = words.windows(2).any(|pair| {
        matches!(pair, [to, amount] if to == "to" && (matches!(amount.as_str(), "minus" | "negative") || amount.starts_with('-')))
    });
    if below {
        return None;
    }
    let percent_to = words
        .windows(2)
        .any(|pair| matches!(pair, [to, amount] if to == "to" && amount.ends_with('%')));
    if let Some(to) = to.filter(|_| !words.iter().any(|word| word == "percent")) {
        return Some(Step::To(to));
    }
    let fewer = has(question, &FEWER);
    let more = has(question, &MORE);
    let down = fewer || (has(question, &DOWN) && !more);
    let up = has(question, &UP);
    let sign = if down { -1 } else { 1 };
    let amount = question.quantities.iter().find(|quantity| {
        matches!(
            quantity,
            Quantity::Count(_) | Quantity::Percent(_) | Quantity::Factor(_)
        )
    });
    // "Up two", "down 3".
    let moved = words.windows(2).any(|pair| {
        matches!(pair, [way, count] if matches!(way.as_str(), "up" | "down" | "by") && number(count).is_some())
    });
    let text = question.text.to_lowercase();
    match amount {
        Some(Quantity::Factor(factor)) if down && *factor > 1.0 => Some(Step::Times(1.0 / factor)),
        Some(Quantity::Factor(factor)) => Some(Step::Times(*factor)),
        Some(Quantity::Percent(percent)) if percent_to => Some(Step::Times(percent / 100.0)),
        Some(Quantity::Percent(percent)) => {
            Some(Step::Times((1.0 + f64::from(sign) * percent / 100.0).max(0.0)))
        }
        Some(Quantity::Count(count)) => {
            let relative = moved || more || fewer || ((up || down) && !has(question, &["to", "up", "down"]));
            Some(if relative {
                Step::By(i64::from(sign) * i64::try_from(*count).unwrap_or(i64::MAX))
            } else {
                Step::To(*count)
            })
        }
        _ if [
            "zero replicas",
            "0 replicas",
            "zero pods",
            "0 pods",
            "no replicas",
            "nothing",
        ]
        .iter()
        .any(|none| text.contains(none)) =>
        {
            Some(Step::To(0))
        }
        _ if up || down => Some(Step::By(i64::from(sign))),
        _ => None,
    }
}

/// The words of the sentence as they were typed, without the marks around them.
pub(super) fn typed(question: &Question) -> impl Iterator<Item = &str> {
    question.text.split_whitespace().map(|word| {
        word.trim_matches(|c: char| {
            matches!(
                c,
                '"' | '\'' | '`' | '“' | '”' | ',' | ';' | '!' | '?' | '(' | ')'
            )
        })
        .trim_end_matches(['.', ':'])
    })
}

/// Whether a word is an image: a repository with a tag or a digest, or a path that names nothing in the cluster.
pub(super) fn is_image(word: &str, question: &Question) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | ':' | '@' | '+');
    if word.is_empty() || !word.chars().all(fits) || word.contains("://") {
        return false;
    }
    let is_target = question
        .targets
        .iter()
        .any(|target| target.object.path() == word || target.object.name == word);
    if is_target {
        return false;
    }
    if word.contains("@sha256:") {
        return true;
    }
    let last = word.rsplit('/').next().unwrap_or(word);
    match last.split_once(':') {
        Some((name, tag)) => {
            !name.is_empty()
                && !tag.is_empty()
                && name.starts_with(|c: char| c.is_ascii_alphanumeric())
                && !name.chars().all(|c| c.is_ascii_digit())
        }
        None => word.matches('/').count() >= 1 && !word.starts_with('/') && !word.ends_with('/'),
    }
}

/// The image that is named, the last one where several are: "from web:1 to web:2".
pub(super) fn image(question: &Question) -> Option<String> {
    let named: Vec<&str> = typed(question).filter(|word| is_image(word, question)).collect();
    let kind = |word: &str| {
        matches!(
            word,
            "deployment" | "statefulset" | "daemonset" | "deploy" | "pod" | "sts" | "ds"
        )
    };
    named
        .into_iter()
        .rfind(|word| !word.split('/').next().is_some_and(kind))
        .map(str::to_owned)
}

/// A bare tag: "to v1.4.2", "version 2.0.1", "tag latest".
pub(super) fn tag(question: &Question) -> Option<String> {
    let typed: Vec<&str> = typed(question).collect();
    let looks = |word: &str| {
        let digits = word.trim_start_matches(['v', 'V']);
        digits.starts_with(|c: char| c.is_ascii_digit())
            && word
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+'))
    };
    let cue = |word: &str| matches!(word.to_lowercase().as_str(), "tag" | "version" | "release");
    let named = |word: &&str| !question.targets.iter().any(|target| target.object.name == **word);
    typed
        .windows(2)
        .filter_map(|pair| match pair {
            [before, word] if cue(before) && !matches!(*word, "of" | "to" | "is") => Some(*word),
            [before, word] if before.eq_ignore_ascii_case("to") && looks(word) => Some(*word),
            _ => None,
        })
        .rfind(named)
        .or_else(|| {
            typed
                .iter()
                .copied()
                .rfind(|word| looks(word) && (word.contains('.') || word.starts_with('v')) && named(word))
        })
        .map(str::to_owned)
}

/// The container that is named: "the api container", "container api".
pub(super) fn container(question: &Question) -> Option<String> {
    let words: Vec<&str> = typed(question).collect();
    let is_container = |word: &str| matches!(word.to_lowercase().as_str(), "container" | "sidecar");
    let skip = |word: &str| {
        matches!(
            word.to_lowercase().as_str(),
            "the"
                | "a"
                | "its"
                | "that"
                | "this"
                | "of"
                | "in"
                | "main"
                | "to"
                | "for"
                | "image"
                | "only"
                | "each"
                | "every"
                | "init"
                | "from"
                | "with"
                | "and"
        )
    };
    let at = words.iter().position(|word| is_container(word))?;
    let before = at
        .checked_sub(1)
        .and_then(|at| words.get(at))
        .filter(|word| !skip(word));
    let behind = words.get(at + 1).filter(|word| !skip(word));
    before.or(behind).map(|word| (*word).to_owned())
}

/// Amounts of memory in the sentence as a manifest writes them, in order, with the place of each.
pub(super) fn sizes(text: &str) -> Vec<(usize, String)> {
    amounts(text, |number, unit| {
        let binary = match unit {
            "Ki" | "Mi" | "Gi" | "Ti" | "M" | "G" | "T" => unit,
            _ => match unit.to_lowercase().as_str() {
                "ki" | "kib" | "kb" => "Ki",
                // Who speaks of megabytes of memory means the binary ones.
                "mi" | "mib" | "mb" | "meg" | "megs" | "megabyte" | "megabytes" => "Mi",
                "g" | "gi" | "gib" | "gb" | "gig" | "gigs" | "gigabyte" | "gigabytes" => "Gi",
                "t" | "ti" | "tib" | "tb" | "terabyte" | "terabytes" => "Ti",
                _ => return None,
            },
        };
        Some(in_whole(number, binary))
    })
}

/// "1.5Gi" is written "1536Mi".
fn in_whole(number: f64, unit: &str) -> String {
    let smaller = match unit {
        "Ti" => Some(("Gi", 1024.0)),
        "Gi" => Some(("Mi", 1024.0)),
        "Mi" => Some(("Ki", 1024.0)),
        "T" => Some(("G", 1000.0)),
        "G" => Some(("M", 1000.0)),
        _ => None,
    };
    match smaller {
        Some((smaller, times)) if number.fract() != 0.0 => format!("{}{smaller}", (number * times).round()),
        _ => format!("{}{unit}", number.round()),
    }
}

/// Amounts of processor, the same way.
pub(super) fn shares(text: &str) -> Vec<(usize, String)> {
    amounts(text, |number, unit| match unit {
        "m" => Some(format!("{}m", number.round())),
        _ => match unit.to_lowercase().as_str() {
            "millicore" | "millicores" | "millicpu" => Some(format!("{}m", number.round())),
            "core" | "cores" | "cpu" | "cpus" | "vcpu" | "vcpus" if number.fract() == 0.0 => {
                Some(format!("{number}"))
            }
            "core" | "cores" | "cpu" | "cpus" | "vcpu" | "vcpus" => {
                Some(format!("{}m", (number * 1000.0).round()))
            }
            _ => None,
        },
    })
}

/// Numbers with the unit behind them: "512Mi", "2 gigs", "half a core".
fn amounts(text: &str, read: impl Fn(f64, &str) -> Option<String>) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let words: Vec<(usize, &str)> = words(text);
    for (at, (place, word)) in words.iter().enumerate() {
        let end = word
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(word.len());
        let (digits, unit) = word.split_at(end);
        let next = words.get(at + 1).map_or("", |(_, next)| *next);
        let spoken = match word.to_lowercase().as_str() {
            "half" => Some(0.5),
            "a" | "an" => Some(1.0),
            other => number(other).map(|number| number as f64),
        };
        let value = digits.parse::<f64>().ok();
        let amount = match (value, spoken) {
            (Some(value), _) if !unit.is_empty() => read(value, unit),
            (Some(value), _) => read(value, next),
            (None, Some(0.5)) => {
                let unit = if matches!(next, "a" | "an") {
                    words.get(at + 2).map_or("", |(_, unit)| *unit)
                } else {
                    next
                };
                read(0.5, unit)
            }
            (None, Some(value))
                if !(matches!(word.to_lowercase().as_str(), "a" | "an" | "one")
                    && at > 0
                    && words.get(at - 1).is_some_and(|(_, word)| *word == "half")) =>
            {
                read(value, next)
            }
            _ => None,
        };
        if let Some(amount) = amount {
            found.push((*place, amount));
        }
    }
    found
}

/// The words with their places.
pub(super) fn words(text: &str) -> Vec<(usize, &str)> {
    let mut at = 0;
    let mut found = Vec::new();
    for word in text.split(|c: char| {
        c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')' | '"' | '`' | '\'' | '/' | '=')
    }) {
        if !word.is_empty() {
            found.push((at, word.trim_end_matches(['.', '?', '!', ':'])));
        }
        at += word.len() + 1;
    }
    found
}

/// Settings as they were typed: "COLOUR=blue size=3".
pub(super) fn pairs(question: &Question) -> Vec<(String, String)> {
    let text = question.text.as_str();
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('=') {
        let key: String = rest
            .get(..at)
            .unwrap_or_default()
            .chars()
            .rev()
            .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/'))
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect();
        let behind = rest.get(at + 1..).unwrap_or_default();
        let quote = behind.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'));
        let (value, used) = if let Some(mark) = quote {
            let inner = behind.get(1..).unwrap_or_default();
            let end = inner.find(mark).unwrap_or(inner.len());
            (
                inner.get(..end).unwrap_or_default().to_owned(),
                (end + 2).min(behind.len()),
            )
        } else {
            let end = behind
                .find(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '"' | '`'))
                .unwrap_or(behind.len());
            let value = behind.get(..end).unwrap_or_default();
            (value.trim_end_matches(['.', '!', '?', ')', '\'']).to_owned(), end)
        };
        if !key.is_empty() && !value.is_empty() {
            found.push((key, value));
        }
        rest = behind.get(used..).unwrap_or_default();
    }
    found
}

/// The number behind a word: "port 8080", "max 5".
pub(super) fn number_after(question: &Question, cues: &[&str]) -> Option<u64> {
    let words: Vec<&str> = typed(question).collect();
    words.windows(2).find_map(|pair| match pair {
        [cue, value] if cues.contains(&cue.to_lowercase().as_str()) => {
            number(&value.to_lowercase().replace('%', ""))
        }
        _ => None,
    })
}

/// Sets an argument that is not set yet.
pub(super) fn set(args: &mut Map<String, Value>, name: &str, value: impl Into<Value>) {
    args.entry(name).or_insert_with(|| value.into());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(text: &str, quantities: Vec<Quantity>) -> Question {
        Question {
            text: text.to_owned(),
            words: text
                .to_lowercase()
                .split_whitespace()
                .map(str::to_owned)
                .collect(),
            quantities,
            ..Question::default()
        }
    }

    #[test]
    fn steps_are_read_as_people_say_them() {
        use Quantity::{Count, Factor, Percent};
        for (text, quantities, wanted) in [
            ("scale web to five", vec![Count(5)], Step::To(5)),
            ("scale web from 2 to 4", vec![Count(2), Count(4)], Step::To(4)),
            ("scale web up to 6 pods", vec![Count(6)], Step::To(6)),
            ("scale web up by 2", vec![Count(2)], Step::By(2)),
            ("give web two more replicas", vec![Count(2)], Step::By(2)),
            ("scale web down by 1", vec![Count(1)], Step::By(-1)),
            ("remove 2 replicas of web", vec![Count(2)], Step::By(-2)),
            ("double web", vec![Factor(2.0)], Step::Times(2.0)),
            ("halve web", vec![Factor(0.5)], Step::Times(0.5)),
            ("increase web by 100%", vec![Percent(100.0)], Step::Times(2.0)),
            ("reduce web by 50%", vec![Percent(50.0)], Step::Times(0.5)),
            ("scale web up", vec![], Step::By(1)),
            ("scale web down", vec![], Step::By(-1)),
            ("set web to 3 replicas", vec![Count(3)], Step::To(3)),
            ("run 4 replicas of web", vec![Count(4)], Step::To(4)),
        ] {
            assert_eq!(step(&question(text, quantities)), Some(wanted), "{text}");
        }
        assert_eq!(step(&question("scale web", vec![])), None);
    }

    #[test]
    fn sizes_and_shares_are_read_as_people_say_them() {
        let sizes = |text| sizes(text).into_iter().map(|(_, size)| size).collect::<Vec<_>>();
        assert_eq!(sizes("memory limit 512Mi request 256Mi"), ["512Mi", "256Mi"]);
        assert_eq!(sizes("give it 2 gigs of memory"), ["2Gi"]);
        assert_eq!(sizes("1.5 GB"), ["1536Mi"]);
        assert_eq!(sizes("512M of ram"), ["512M"]);
        assert_eq!(sizes("half a gig"), ["512Mi"]);
        assert_eq!(sizes("a gig"), ["1Gi"]);
        assert!(sizes("500m and 3 pods").is_empty());
        let shares = |text| {
            shares(text)
                .into_iter()
                .map(|(_, share)| share)
                .collect::<Vec<_>>()
        };
        assert_eq!(shares("cpu 500m"), ["500m"]);
        assert_eq!(shares("half a core"), ["500m"]);
        assert_eq!(shares("two cores or 1.5 cpus"), ["2", "1500m"]);
    }
}
