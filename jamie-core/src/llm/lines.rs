//! The bytes of a reply in, whole lines out, however the network cut them.

/// Bytes that wait for the rest of their line.
///
/// Lines are split before anything is read as text, so that a character whose bytes arrive apart stays whole.
#[derive(Debug, Default)]
pub(super) struct Lines {
    buffer: Vec<u8>,
    /// Where the line at the front begins.
    start: usize,
    /// How far the buffer was searched for the end of that line.
    seen: usize,
}

/// A line that is longer than [`Lines::MAX_LINE`].
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooLong;

impl Lines {
    /// The longest line that is kept. A reply's line is a few words or one tool call.
    pub(super) const MAX_LINE: usize = 1 << 20;

    /// Adds what has come.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.start);
        self.seen -= self.start;
        self.start = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole line without its end; `None` until more has come.
    pub(super) fn next(&mut self) -> Result<Option<&[u8]>, TooLong> {
        let end = self.buffer[self.seen..].iter().position(|byte| *byte == b'\n');
        let Some(end) = end.map(|end| self.seen + end) else {
            self.seen = self.buffer.len();
            return if self.seen - self.start > Self::MAX_LINE {
                Err(TooLong)
            } else {
                Ok(None)
            };
        };
        let line = self.start..end;
        self.start = end + 1;
        self.seen = self.start;
        if line.len() > Self::MAX_LINE {
            return Err(TooLong);
        }
        Ok(Some(trim_end(&self.buffer[line])))
    }

    /// What is left when the reply is over: a last line without an end.
    pub(super) fn rest(&mut self) -> &[u8] {
        let rest = self.start..self.buffer.len();
        self.start = self.buffer.len();
        self.seen = self.start;
        trim_end(&self.buffer[rest])
    }
}

/// Windows' ends of lines are taken off as well.
fn trim_end(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Lines, TooLong};

    fn all(chunks: &[&[u8]]) -> Vec<Vec<u8>> {
        let mut lines = Lines::default();
        let mut found = Vec::new();
        for chunk in chunks {
            lines.push(chunk);
            while let Some(line) = lines.next().unwrap() {
                found.push(line.to_vec());
            }
        }
        found.push(lines.rest().to_vec());
        found
    }

    proptest! {
        #[test]
        fn lines_are_the_same_wherever_the_bytes_are_cut(text in "([a-zé🫖]{0,4}\r?\n){0,6}[a-z]{0,3}", cuts in prop::collection::vec(0usize..64, 0..8)) {
            let bytes = text.as_bytes();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
            cuts.sort_unstable();
            let mut chunks = Vec::new();
            let mut from = 0;
            for cut in cuts {
                chunks.push(&bytes[from..cut]);
                from = cut;
            }
            chunks.push(&bytes[from..]);
            let expected: Vec<Vec<u8>> = text.split('\n').map(|line| line.trim_end_matches('\r').into()).collect();
            prop_assert_eq!(all(&chunks), expected);
        }
    }

    #[test]
    fn a_line_without_end_is_refused_and_not_collected() {
        let mut lines = Lines::default();
        lines.push(&vec![b'x'; Lines::MAX_LINE]);
        assert_eq!(lines.next(), Ok(None));
        lines.push(b"xx");
        assert_eq!(lines.next(), Err(TooLong));
    }
}
