//! A Markdown text in, its passages out: one for each heading, none too long, fenced code never cut.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// The longest passage, in bytes; only a piece that cannot be cut is longer.
const LONGEST: usize = 2_400;

/// A heading and what stands below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Passage {
    /// The headings above, outermost first, without that of the document.
    pub(crate) headings: Vec<String>,
    pub(crate) text: String,
}

/// Cuts a text at its headings, and what is too long at its paragraphs.
pub(crate) fn cut(text: &str) -> Vec<Passage> {
    let mut passages = Vec::new();
    let mut headings: Vec<(HeadingLevel, String)> = Vec::new();
    let mut from = 0;
    let mut open: Option<(HeadingLevel, usize, String)> = None;
    let mut depth = 0_usize;
    // Where a text may be cut: between blocks that stand in no other.
    let mut seams = Vec::new();
    for (event, range) in Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter() {
        match event {
            Event::Start(Tag::Heading { level, .. }) if depth == 0 => {
                open = Some((level, range.start, String::new()));
                depth += 1;
            }
            Event::End(TagEnd::Heading(_)) if open.is_some() => {
                depth = depth.saturating_sub(1);
                if let Some((level, start, title)) = open.take() {
                    push(&mut passages, text, &headings, from..start, &seams);
                    seams.clear();
                    headings.retain(|(above, _)| *above < level);
                    if level != HeadingLevel::H1 {
                        headings.push((level, title.trim().to_owned()));
                    }
                    from = range.end;
                }
            }
            Event::Text(piece) | Event::Code(piece) if open.is_some() => {
                if let Some((_, _, title)) = &mut open {
                    title.push_str(&piece);
                }
            }
            Event::Start(_) => {
                if depth == 0 {
                    seams.push(range.start);
                }
                depth += 1;
            }
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    push(&mut passages, text, &headings, from..text.len(), &seams);
    if passages.is_empty() && !text.trim().is_empty() {
        passages.push(Passage {
            headings: Vec::new(),
            text: text.trim().to_owned(),
        });
    }
    passages
}

fn push(
    passages: &mut Vec<Passage>,
    text: &str,
    headings: &[(HeadingLevel, String)],
    range: std::ops::Range<usize>,
    seams: &[usize],
) {
    let names: Vec<String> = headings.iter().map(|(_, name)| name.clone()).collect();
    let mut from = range.start;
    let mut last = from;
    let ends = seams
        .iter()
        .copied()
        .filter(|seam| *seam > range.start)
        .chain([range.end]);
    for end in ends {
        if end - from > LONGEST && last > from {
            take(passages, text, &names, from..last);
            from = last;
        }
        last = end;
    }
    take(passages, text, &names, from..range.end);
}

fn take(passages: &mut Vec<Passage>, text: &str, headings: &[String], range: std::ops::Range<usize>) {
    let piece = text.get(range).unwrap_or_default().trim();
    if !piece.is_empty() {
        passages.push(Passage {
            headings: headings.to_vec(),
            text: piece.to_owned(),
        });
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::{LONGEST, cut};

    #[test]
    fn headings_cut_and_fences_do_not() {
        let text = "# Title\n\nWhat it is.\n\n## Why\n\nBecause.\n\n```sh\n# no heading\nkubectl get pods\n```\n\n### Deep\n\nDown.\n\n## How\n\nSo.\n";
        let passages = cut(text);
        let told: Vec<(String, &str)> = passages
            .iter()
            .map(|p| (p.headings.join("/"), p.text.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                (String::new(), "What it is."),
                (
                    "Why".to_owned(),
                    "Because.\n\n```sh\n# no heading\nkubectl get pods\n```"
                ),
                ("Why/Deep".to_owned(), "Down."),
                ("How".to_owned(), "So."),
            ]
        );
    }

    proptest! {
        /// Nothing is lost, the order is kept, and what can be cut is not too long.
        #[test]
        fn nothing_is_lost(paragraphs in prop::collection::vec("[a-z]{1,12}( [a-z]{1,12}){0,40}", 1..60)) {
            let text = paragraphs.join("\n\n");
            let passages = cut(&text);
            let joined: Vec<&str> = passages.iter().flat_map(|p| p.text.split_whitespace()).collect();
            let whole: Vec<&str> = text.split_whitespace().collect();
            prop_assert_eq!(joined, whole);
            prop_assert!(passages.iter().all(|p| p.text.len() <= LONGEST));
        }

        #[test]
        fn any_text_is_cut(text in "\\PC{0,400}") {
            let passages = cut(&text);
            prop_assert!(passages.iter().all(|p| !p.text.trim().is_empty()));
        }
    }
}
