//! Sentences in as they come, a wrapped paragraph out that grows as they do.

use super::{Palette, Terminal, inline};

/// Where the last word of an open paragraph ended.
#[derive(Debug)]
pub(crate) struct Flow {
    width: usize,
    column: usize,
    open: bool,
}

impl Flow {
    /// A flow on this terminal, no paragraph open.
    pub(crate) fn new(terminal: &Terminal) -> Self {
        Self {
            width: terminal.width,
            column: 0,
            open: false,
        }
    }

    /// Whether a paragraph is open.
    pub(crate) fn is_open(&self) -> bool {
        self.open
    }

    /// What to print for one more sentence of the paragraph.
    pub(crate) fn add(&mut self, sentence: &str, terminal: &Terminal) -> String {
        let mut out = String::new();
        // Marks span words, so what is printed and what takes room are told apart word by word.
        let plain = inline::paint(sentence, Palette::Plain);
        let painted = inline::paint(sentence, terminal.palette);
        let lengths = plain.split_whitespace().map(textwrap::core::display_width);
        for (word, length) in painted.split_whitespace().zip(lengths) {
            if self.column > 0 {
                if self.column + 1 + length > self.width {
                    out.push('\n');
                    self.column = 0;
                } else {
                    out.push(' ');
                    self.column += 1;
                }
            }
            out.push_str(word);
            self.column += length;
        }
        self.open = true;
        out
    }

    /// Ends the paragraph; says whether one was open.
    pub(crate) fn close(&mut self) -> bool {
        self.column = 0;
        std::mem::take(&mut self.open)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_wrap_where_a_paragraph_would() {
        let terminal = Terminal {
            width: 20,
            palette: Palette::Plain,
            watched: false,
        };
        let mut flow = Flow::new(&terminal);
        let mut text = flow.add("The `api` is down.", &terminal);
        text.push_str(&flow.add("Its database was killed [e1].", &terminal));
        assert_eq!(text, "The api is down. Its\ndatabase was killed\n[e1].");
        assert!(flow.close());
        assert!(!flow.close());
        assert_eq!(flow.add("Next.", &terminal), "Next.");
    }
}
