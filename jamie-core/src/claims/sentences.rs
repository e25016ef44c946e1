//! Text that streams in, whole sentences out: each a sentence, a line, an item of a list, or a block of code.

/// Splits text that comes in pieces. What comes out, put together, is what went in.
#[derive(Debug, Default)]
pub struct Sentences {
    rest: String,
    /// How much of `rest` was looked at and holds no end.
    seen: usize,
}

/// What ends in a full stop without ending a sentence.
const SHORT: [&str; 22] = [
    "e.g.", "i.e.", "etc.", "vs.", "approx.", "ca.", "cf.", "no.", "mr.", "mrs.", "ms.", "dr.", "st.",
    "fig.", "incl.", "resp.", "min.", "max.", "sec.", "dept.", "a.k.a.", "viz.",
];

impl Sentences {
    /// A sentence of more characters is cut at a word.
    pub const LONGEST: usize = 2_000;

    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a piece; gives every sentence that is complete by now.
    pub fn push(&mut self, piece: &str) -> Vec<String> {
        self.rest.push_str(piece);
        let mut whole = Vec::new();
        while let Some(end) = self.end() {
            let rest = self.rest.split_off(end);
            whole.push(std::mem::replace(&mut self.rest, rest));
            self.seen = 0;
        }
        whole
    }

    /// What is left when the text is over.
    pub fn finish(mut self) -> Option<String> {
        let rest = std::mem::take(&mut self.rest);
        (!rest.trim().is_empty()).then_some(rest)
    }

    /// Where the first sentence ends, if it is known by now to be complete.
    fn end(&mut self) -> Option<usize> {
        let start = self.rest.len() - self.rest.trim_start().len();
        let text = self.rest.get(start..)?;
        if text.starts_with("```") {
            return self.fence(start);
        }
        let mut from = self.seen.max(start);
        while !self.rest.is_char_boundary(from) {
            from += 1;
        }
        let mut chars = self.rest.get(from..)?.char_indices().peekable();
        let mut in_code = self.rest.get(start..from)?.matches('`').count() % 2 == 1;
        while let Some((at, c)) = chars.next() {
            let at = from + at;
            let next = chars.peek().map(|(_, next)| *next);
            match c {
                '\n' => return Some(at + 1),
                '`' => in_code = !in_code,
                '.' | '!' | '?' | '…' if !in_code => {
                    // Whether it ends here is known only from what follows.
                    let Some(next) = next else {
                        self.seen = at;
                        return self.too_long(start);
                    };
                    let after = closing(self.rest.get(at + c.len_utf8()..)?);
                    let follows = self.rest.get(at + c.len_utf8() + after..)?;
                    if after > 0 && follows.is_empty() {
                        self.seen = at;
                        return self.too_long(start);
                    }
                    let ends =
                        follows.starts_with(char::is_whitespace) && (next.is_whitespace() || after > 0);
                    if ends && !(c == '.' && self.is_short(start, at)) {
                        let end = at + c.len_utf8() + after;
                        let space = follows.chars().next().map_or(0, char::len_utf8);
                        return Some(end + space);
                    }
                }
                _ => {}
            }
        }
        self.seen = self.rest.len();
        self.too_long(start)
    }

    /// A block of code ends with its closing fence.
    fn fence(&mut self, start: usize) -> Option<usize> {
        let body = start + 3;
        let close = self.rest.get(body..)?.find("\n```").map(|at| body + at + 4);
        if let Some(close) = close {
            let line = self.rest.get(close..)?.find('\n')?;
            return Some(close + line + 1);
        }
        self.too_long(start)
    }

    /// Whether the full stop at `at` belongs to an abbreviation, an initial or a list's number.
    fn is_short(&self, start: usize, at: usize) -> bool {
        let before = self.rest.get(start..=at).unwrap_or_default();
        let word = before
            .rsplit(|c: char| c.is_whitespace() || c == '(')
            .next()
            .unwrap_or_default();
        let number = word.trim_end_matches('.');
        SHORT.contains(&word.to_lowercase().as_str())
            || (before.trim() == word && !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
    }

    /// Where a sentence that got too long is cut.
    fn too_long(&self, start: usize) -> Option<usize> {
        let text = self.rest.get(start..)?;
        if text.len() <= Self::LONGEST {
            return None;
        }
        let (limit, _) = text.char_indices().nth(Self::LONGEST)?;
        let head = text.get(..limit)?;
        let word = head
            .rfind(char::is_whitespace)
            .filter(|at| *at > 0)
            .map_or(limit, |at| at + 1);
        Some(
            start
                + (0..=word)
                    .rev()
                    .find(|at| text.is_char_boundary(*at))
                    .unwrap_or(limit),
        )
    }
}

/// How many bytes of closing marks a text begins with.
fn closing(text: &str) -> usize {
    text.len()
        - text
            .trim_start_matches(['"', '\'', '”', '’', ')', ']', '*', '_', '.', '!', '?'])
            .len()
}
