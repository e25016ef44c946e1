#![allow(clippy::unwrap_used)]

use jiff::{Timestamp, tz::TimeZone};
use proptest::prelude::*;

use super::{Page, code};
use crate::{Block, Quoted};

fn page() -> Page {
    Page::new("2026-11-22T14:30:00Z".parse().unwrap(), TimeZone::UTC)
}

#[test]
fn moments_are_told_as_people_tell_them() {
    let tell = |at: &str| page().when(at.parse::<Timestamp>().unwrap());
    assert_eq!(tell("2026-11-22T14:29:30Z"), "14:29 UTC, 30 s ago");
    assert_eq!(tell("2026-11-22T13:30:00Z"), "13:30 UTC, 1 h ago");
    assert_eq!(tell("2026-11-20T09:05:00Z"), "Fri 20 Nov 09:05 UTC, 2 days ago");
    assert_eq!(
        tell("2025-12-31T23:59:00Z"),
        "31 Dec 2025 23:59 UTC, 325 days ago"
    );
    assert_eq!(tell("2026-11-22T15:00:00Z"), "15:00 UTC");
}

#[test]
fn blocks_become_markdown() {
    let blocks = [
        Block::Heading {
            text: "Nodes".to_owned(),
        },
        Block::para("Two of them."),
        Block::Table {
            headers: vec!["name".to_owned(), "state".to_owned()],
            rows: vec![
                vec!["node-1".to_owned(), "ready | tainted\nspot".to_owned()],
                vec!["node-2".to_owned()],
            ],
        },
        Block::List {
            items: vec!["one".to_owned(), "two\nand a half".to_owned()],
        },
        Block::Quote {
            source: "event".to_owned(),
            text: Quoted::new("Back-off"),
        },
        Block::para(" "),
    ];
    insta::assert_snapshot!(page().markdown(&blocks), @r"
    ### Nodes

    Two of them.

    | name | state |
    | --- | --- |
    | node-1 | ready \| tainted spot |
    | node-2 |  |

    - one
    - two
      and a half

    event:

    ```
    Back-off
    ```
    ");
}

proptest! {
    /// Quoted text never ends the block or the span that it stands in.
    #[test]
    fn quoted_text_stays_quoted(text in "[a`~\n#|*-]{0,60}", language in "[a-z`\n ]{0,6}") {
        let block = Block::Code { language, text: Quoted::new(&text) };
        let shown = page().block(&block);
        let mut lines = shown.lines();
        let fence: String = lines.next().unwrap_or_default().chars().take_while(|c| *c == '`').collect();
        prop_assert!(fence.len() >= 3);
        let closings = lines.filter(|line| line.trim_start().starts_with(&fence)).count();
        prop_assert_eq!(closings, 1, "{}", shown);

        let span = code(&text);
        let ticks: String = span.chars().take_while(|c| *c == '`').collect();
        prop_assert!(!span.contains('\n'));
        if !ticks.is_empty() {
            let inner = span.strip_prefix(&ticks).and_then(|rest| rest.strip_suffix(&ticks)).unwrap_or_default();
            prop_assert!(inner.split(|c| c != '`').all(|run| run.len() < ticks.len()), "{}", span);
        }
    }
}
