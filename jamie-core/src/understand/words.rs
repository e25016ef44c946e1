//! A message in, its words out: lower case, contractions and chat spellings written out, quotes kept whole.

use super::lexicon;

/// What stands before a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Break {
    /// A space.
    None,
    /// A comma, a bracket, a dash.
    Comma,
    /// The end of a sentence.
    Sentence,
}

/// One word of a message.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    /// As it counts: lower case, written out, later with its typo mended.
    pub(super) word: String,
    /// As it was typed, lower case; what names are looked up by.
    pub(super) raw: String,
    /// Whether it stood between quotes.
    pub(super) quoted: bool,
    /// Whether it stands for the person's own word for something, and so certainly names it.
    pub(super) named: bool,
    /// Whether it ended in 's.
    pub(super) possessive: bool,
    /// What stands before it.
    pub(super) before: Break,
    /// Whether a question mark follows it.
    pub(super) asked: bool,
    /// Where it begins and ends in the message.
    pub(super) span: (usize, usize),
}

/// The most words of a message that are looked at; what follows is hardly a question any more.
const MAX_WORDS: usize = 600;
/// The longest run of characters that may be a word.
const MAX_WORD_BYTES: usize = 300;

/// Splits a message into words.
pub(super) fn split(text: &str) -> Vec<Token> {
    let mut splitter = Splitter {
        tokens: Vec::new(),
        before: Break::Sentence,
    };
    let mut rest = text;
    let mut offset = 0;
    while let Some(first) = rest.chars().next() {
        if splitter.tokens.len() >= MAX_WORDS {
            break;
        }
        let taken = if let Some((inner, length)) = fenced(rest).or_else(|| manifest(rest, &text[..offset])) {
            // "Apply this:" and what follows are one request.
            if !splitter.tokens.is_empty() {
                splitter.before = Break::None;
            }
            splitter.push_quoted(inner, (offset, offset + length));
            length
        } else if let Some(length) = quoted_length(rest, first, &text[..offset]) {
            let inner = &rest[first.len_utf8()..length - closing(first).map_or(1, char::len_utf8)];
            splitter.push_quoted(inner, (offset, offset + length));
            length
        } else if first.is_whitespace() || is_invisible(first) {
            if first == '\n' {
                splitter.before = splitter.before.max(Break::Sentence);
            }
            first.len_utf8()
        } else {
            let length = rest
                .char_indices()
                .find(|(at, c)| (c.is_whitespace() || is_hard(*c)) && !separates_thousands(rest, *at))
                .map_or(rest.len(), |(at, _)| at);
            if length == 0 {
                splitter.punctuate(first);
                first.len_utf8()
            } else {
                splitter.push_chunk(&rest[..length], offset);
                length
            }
        };
        offset += taken;
        rest = &rest[taken..];
    }
    splitter.tokens
}

struct Splitter {
    tokens: Vec<Token>,
    before: Break,
}

impl Splitter {
    fn punctuate(&mut self, mark: char) {
        let weight = match mark {
            '.' | '!' | '?' | '…' | ';' | '？' | '！' | '。' => Break::Sentence,
            ',' | '(' | ')' | '[' | ']' | '{' | '}' | '<' | '>' | '|' | '"' | '—' | '–' | ':' => {
                Break::Comma
            }
            _ => Break::None,
        };
        self.before = self.before.max(weight);
        if matches!(mark, '?' | '？')
            && let Some(last) = self.tokens.last_mut()
        {
            last.asked = true;
        }
    }

    fn push(&mut self, word: &str, raw: &str, span: (usize, usize)) {
        self.tokens.push(Token {
            word: word.to_owned(),
            raw: raw.to_owned(),
            quoted: false,
            named: false,
            possessive: false,
            before: self.before,
            asked: false,
            span,
        });
        self.before = Break::None;
    }

    fn push_quoted(&mut self, inner: &str, span: (usize, usize)) {
        let inner = inner.trim();
        if inner.is_empty() {
            return;
        }
        self.push(&fold(inner), inner, span);
        if let Some(last) = self.tokens.last_mut() {
            last.quoted = true;
        }
    }

    /// A run without spaces: punctuation round it, perhaps a contraction inside.
    fn push_chunk(&mut self, chunk: &str, offset: usize) {
        let folded_chunk = fold(chunk);
        if let Some(words) = lexicon::written_out(&folded_chunk) {
            let span = (offset, offset + chunk.len());
            for word in words {
                self.push(word, word, span);
            }
            return;
        }
        let body = chunk.trim_start_matches(|c: char| !is_word_start(c));
        let lead = chunk.len() - body.len();
        let body = body.trim_end_matches(|c: char| !c.is_alphanumeric() && c != '%');
        for mark in chunk[..lead].chars() {
            self.punctuate(mark);
        }
        if !body.is_empty() && body.len() <= MAX_WORD_BYTES {
            self.push_word(body, (offset + lead, offset + lead + body.len()));
        }
        for mark in chunk[lead + body.len()..].chars() {
            self.punctuate(mark);
        }
    }

    fn push_word(&mut self, body: &str, span: (usize, usize)) {
        let word = fold(body);
        if let Some(words) = lexicon::written_out(&word) {
            for part in words {
                self.push(part, part, span);
            }
            return;
        }
        let Some((stem, tail)) = word.split_once('\'') else {
            let meant = if is_shortfall(&word) { "unready" } else { &word };
            self.push(meant, &word, span);
            return;
        };
        match tail {
            "s" if lexicon::takes_is(stem) => {
                self.push(stem, stem, span);
                self.push("is", "is", span);
            }
            "s" | "" => {
                self.push(stem, stem, span);
                if let Some(last) = self.tokens.last_mut() {
                    last.possessive = true;
                }
            }
            "re" => self.push_two(stem, "are", span),
            "ll" => self.push_two(stem, "will", span),
            "ve" => self.push_two(stem, "have", span),
            "d" => self.push_two(stem, "would", span),
            "m" => self.push_two(stem, "am", span),
            "t" if stem.ends_with('n') && stem.len() > 2 => {
                self.push_two(stem.strip_suffix('n').unwrap_or(stem), "not", span);
            }
            _ => self.push(&word, &word, span),
        }
    }

    fn push_two(&mut self, first: &str, second: &str, span: (usize, usize)) {
        self.push(first, first, span);
        self.push(second, second, span);
    }
}

/// "0/3", as lists of pods show it: fewer ready than there should be.
fn is_shortfall(word: &str) -> bool {
    let count = |text: &str| text.parse::<u32>().ok().filter(|_| text.len() <= 4);
    word.split_once('/')
        .and_then(|(ready, wanted)| count(ready).zip(count(wanted)))
        .is_some_and(|(ready, wanted)| ready < wanted)
}

/// Lower case; typographic marks and full-width letters as their plain twins; accents off.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '’' | '‘' | '`' | '´' => folded.push('\''),
            '‐' | '‑' | '‒' | '−' => folded.push('-'),
            '\u{ff01}'..='\u{ff5e}' => {
                let plain = char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c);
                folded.extend(plain.to_lowercase());
            }
            'à'..='å' | 'À'..='Å' => folded.push('a'),
            'è'..='ë' | 'È'..='Ë' => folded.push('e'),
            'ì'..='ï' | 'Ì'..='Ï' => folded.push('i'),
            'ò'..='ö' | 'Ò'..='Ö' => folded.push('o'),
            'ù'..='ü' | 'Ù'..='Ü' => folded.push('u'),
            'ç' | 'Ç' => folded.push('c'),
            'ñ' | 'Ñ' => folded.push('n'),
            c if c.is_control() || is_invisible(c) => {}
            c if c.is_ascii() => folded.push(c.to_ascii_lowercase()),
            c => folded.extend(c.to_lowercase()),
        }
    }
    folded
}

/// Characters that end a run even without a space round them.
/// Whether the comma there stands within a number: "10,000".
fn separates_thousands(text: &str, at: usize) -> bool {
    let (before, behind) = (text.get(..at).unwrap_or(""), text.get(at + 1..).unwrap_or(""));
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let lead = before.bytes().rev().take_while(u8::is_ascii_digit).count();
    text.get(at..).is_some_and(|rest| rest.starts_with(','))
        && digits(behind) == 3
        && (1..=3).contains(&lead)
        && (lead == before.len() || before.as_bytes().get(before.len() - lead - 1) == Some(&b','))
        && before.bytes().all(|byte| byte.is_ascii_digit() || byte == b',')
}

fn is_hard(c: char) -> bool {
    matches!(
        c,
        ',' | ';' | '?' | '!' | '(' | ')' | '[' | ']' | '{' | '}' | '<' | '>' | '|' | '"' | '“' | '”'
    ) || matches!(c, '—' | '–' | '…' | '？' | '！' | '。')
        || c.is_control()
        || is_invisible(c)
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{fe0f}')
}

/// Words begin with a letter or a digit, flags with a dash before one.
fn is_word_start(c: char) -> bool {
    c.is_alphanumeric() || c == '-'
}

fn closing(open: char) -> Option<char> {
    match open {
        '"' => Some('"'),
        '“' | '„' => Some('”'),
        '`' => Some('`'),
        '\'' => Some('\''),
        '‘' => Some('’'),
        '«' => Some('»'),
        _ => None,
    }
}

/// A fenced block at the beginning of `rest`: what is in it, without the word for its language, and its length.
fn fenced(rest: &str) -> Option<(&str, usize)> {
    const FENCE: &str = "```";
    let body = rest.strip_prefix(FENCE)?;
    let end = body.find(FENCE)?;
    let inner = body.get(..end)?;
    let inner = match inner.split_once('\n') {
        Some((language, text)) if !language.trim().contains([' ', ':', '{']) => text,
        _ => inner,
    };
    (!inner.trim().is_empty()).then_some((inner, end + 2 * FENCE.len()))
}

/// A manifest that was pasted without marks round it: all from its first line on.
fn manifest<'a>(rest: &'a str, before: &str) -> Option<(&'a str, usize)> {
    let begins = (rest.starts_with("apiVersion:") || rest.starts_with("kind:") || rest.starts_with("---\n"))
        && before.chars().next_back().is_none_or(|c| c == '\n');
    let whole = rest.contains("apiVersion:") && rest.contains("\nkind:") || rest.contains("\napiVersion:");
    (begins && whole && rest.contains("kind:")).then(|| (rest.trim_end(), rest.len()))
}

/// The length of a quotation at the beginning of `rest`, its marks included.
fn quoted_length(rest: &str, open: char, before: &str) -> Option<usize> {
    let close = closing(open)?;
    let inner = rest.get(open.len_utf8()..)?;
    let at_start = before.chars().next_back().is_none_or(|c| !c.is_alphanumeric());
    if !at_start {
        return None;
    }
    let apostrophe = matches!(open, '\'' | '‘');
    let bound = inner
        .char_indices()
        .map(|(at, _)| at)
        .take_while(|at| *at <= 400)
        .last()
        .unwrap_or(0);
    let window = inner.get(..bound + inner.get(bound..)?.chars().next().map_or(0, char::len_utf8))?;
    for (at, c) in window.char_indices() {
        if c == '\n' {
            return None;
        }
        if c != close {
            continue;
        }
        let after = inner.get(at + c.len_utf8()..)?.chars().next();
        // An apostrophe inside a word closes nothing: 'the api's down'.
        if apostrophe && after.is_some_and(char::is_alphanumeric) {
            continue;
        }
        return (at > 0).then_some(open.len_utf8() + at + c.len_utf8());
    }
    None
}
