//! The table of utterances, one half of which no rule was written for.

use super::{Listener, told};

static TABLE: &str = include_str!("utterances.tsv");
static MORE: &str = include_str!("more.tsv");

/// Which half of the table.
#[derive(Clone, Copy, PartialEq)]
enum Half {
    Seen,
    HeldOut,
}

fn lines(table: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    table
        .lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
        .map(|line| line.split_once('\t').expect(line))
}

fn rows(half: Half) -> Vec<(&'static str, &'static str)> {
    let halved = lines(TABLE)
        .enumerate()
        .filter(|(at, _)| (at % 2 == 0) == (half == Half::Seen))
        .map(|(_, row)| row);
    match half {
        Half::Seen => halved.chain(lines(MORE)).collect(),
        Half::HeldOut => halved.collect(),
    }
}

/// Whether all that is expected was understood: more arguments than expected are fine, other requests are not.
fn fits(expected: &str, told: &str) -> bool {
    let (expected, told): (Vec<&str>, Vec<&str>) =
        (expected.split("; ").collect(), told.split("; ").collect());
    expected.len() == told.len()
        && expected.iter().zip(&told).all(|(expected, told)| {
            let said: Vec<&str> = told.split(' ').collect();
            let mut wanted = expected.split(' ');
            wanted.next() == said.first().copied()
                && wanted.clone().all(|word| said.contains(&word))
                && said.iter().skip(1).all(|word| {
                    word.contains('=') || !word.contains('/') || wanted.clone().any(|w| w == *word)
                })
        })
}

fn misses(half: Half) -> (Vec<String>, usize) {
    let listener = Listener::new();
    let rows = rows(half);
    let misses = rows
        .iter()
        .filter_map(|(expected, said)| {
            let told = told(&listener.hear(said));
            (!fits(expected, &told)).then(|| format!("{said:?}\n    wanted {expected}\n    got    {told}"))
        })
        .collect();
    (misses, rows.len())
}

#[test]
fn what_rules_were_written_for_is_understood() {
    let (misses, all) = misses(Half::Seen);
    assert!(
        misses.len() * 100 <= all * 4,
        "{} of {all} missed:\n{}",
        misses.len(),
        misses.join("\n")
    );
}

#[test]
fn what_no_rule_was_written_for_is_understood() {
    let (misses, all) = misses(Half::HeldOut);
    #[allow(
        clippy::disallowed_methods,
        reason = "a switch for whoever runs the test by hand"
    )]
    let shown = if std::env::var_os("SHOW_HELD_OUT").is_some() {
        misses.join("\n")
    } else {
        String::new()
    };
    assert!(
        misses.len() * 100 <= all * 8,
        "{} of {all} missed\n{shown}",
        misses.len()
    );
}
