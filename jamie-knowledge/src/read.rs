//! A file's bytes in, its title and its text as Markdown out: Markdown, HTML, PDF and plain text.

use std::{
    fmt::Write,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::mpsc,
    thread,
    time::Duration,
};

use jamie_core::{
    Error, ErrorKind, Result,
    memory::{Document, Origin},
};
use sha2::{Digest, Sha256};

use crate::{
    front_matter::{self, FrontMatter},
    passage,
};

/// The largest file that is read, in bytes.
pub const LARGEST: u64 = 20 * 1024 * 1024;
/// How long the text of a PDF may take to be found.
const PATIENCE: Duration = Duration::from_secs(30);
/// The most text that is taken out of one document, in bytes.
const MOST_TEXT: usize = 4 * 1024 * 1024;

/// A document that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its title.
    pub title: String,
    /// Other words for what it is about.
    pub symptoms: Vec<String>,
    /// The checks whose findings it explains.
    pub checks: Vec<String>,
    /// Where a person can read it.
    pub link: Option<String>,
    /// Its text, as Markdown.
    pub text: String,
    /// SHA-256 of the bytes, in hexadecimal.
    pub digest: String,
    /// What was wrong with it and did not keep it from being read.
    pub warning: Option<String>,
}

impl Source {
    /// Its passages.
    pub fn documents(&self, source: &str, collection: &str, origin: Origin) -> Vec<Document> {
        passage::cut(&self.text)
            .into_iter()
            .enumerate()
            .map(|(part, passage)| Document {
                source: source.to_owned(),
                title: self.title.clone(),
                headings: passage.headings,
                text: passage.text,
                part: part as u32,
                link: self.link.clone(),
                checks: self.checks.clone(),
                symptoms: self.symptoms.clone(),
                origin,
                digest: self.digest.clone(),
                collection: collection.to_owned(),
            })
            .collect()
    }
}

/// Reads a document; `name` is its file name, by which its kind is told where its content does not.
pub fn read(name: &str, bytes: &[u8]) -> Result<Source> {
    if bytes.len() as u64 > LARGEST {
        return Err(too_large(name, bytes.len() as u64));
    }
    let digest = hexadecimal(&Sha256::digest(bytes));
    let extension = name
        .rsplit_once('.')
        .map_or("", |(_, extension)| extension)
        .to_lowercase();
    let (front, text, warning) = if bytes.starts_with(b"%PDF-") {
        (FrontMatter::default(), pdf(name, bytes)?, None)
    } else if extension == "pdf" {
        return Err(unreadable(name, "it is called a PDF and is none"));
    } else {
        let text = text_of(name, bytes)?;
        let html = matches!(extension.as_str(), "html" | "htm" | "xhtml")
            || text.trim_start().to_lowercase().starts_with("<!doctype html");
        if html {
            let title = between(text, "<title", "</title>");
            let front = FrontMatter {
                title,
                ..FrontMatter::default()
            };
            (front, markdown(name, text)?, None)
        } else {
            let (front, body, warning) = front_matter::split(text);
            (front, body.to_owned(), warning)
        }
    };
    let mut text = text.replace("\r\n", "\n");
    if text.len() > MOST_TEXT {
        let mut end = MOST_TEXT;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
    }
    if text.trim().is_empty() {
        return Err(unreadable(name, "there is no text in it"));
    }
    let heading = || {
        text.lines()
            .find_map(|line| line.strip_prefix("# "))
            .map(|line| line.trim().to_owned())
    };
    let stem = || {
        let file = name.rsplit('/').next().unwrap_or(name);
        file.rsplit_once('.')
            .map_or(file, |(stem, _)| stem)
            .replace(['-', '_'], " ")
    };
    let link = front
        .link
        .clone()
        .or_else(|| front.links.first().map(|link| link.url().to_owned()));
    let title = front
        .title
        .filter(|title| !title.trim().is_empty())
        .or_else(heading)
        .unwrap_or_else(stem);
    Ok(Source {
        title: title.trim().to_owned(),
        symptoms: front.symptoms,
        checks: front.checks,
        link,
        text,
        digest,
        warning,
    })
}

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

pub(crate) fn too_large(name: &str, bytes: u64) -> Error {
    Error::new(
        ErrorKind::InvalidInput,
        format!(
            "{name} is too large: {} MiB, and at most {} are read",
            bytes.div_ceil(1024 * 1024),
            LARGEST / 1024 / 1024
        ),
    )
    .with_hint("cut it into several documents, or leave out what is no text")
}

fn unreadable(name: &str, why: &str) -> Error {
    Error::new(ErrorKind::InvalidInput, format!("{name} cannot be read: {why}"))
        .with_hint("Markdown, HTML, PDF with text in it, and plain text in UTF-8 can be")
}

fn text_of<'a>(name: &str, bytes: &'a [u8]) -> Result<&'a str> {
    if bytes.contains(&0) {
        return Err(unreadable(name, "it is binary, whatever its name says"));
    }
    std::str::from_utf8(bytes).map_err(|_| unreadable(name, "it is not text in UTF-8"))
}

fn markdown(name: &str, html: &str) -> Result<String> {
    let converter = htmd::HtmlToMarkdown::builder()
        .skip_tags(vec![
            "script", "style", "head", "nav", "noscript", "template", "svg",
        ])
        .build();
    converter
        .convert(html)
        .map_err(|error| unreadable(name, &error.to_string()))
}

/// The text of the first element with this tag.
fn between(text: &str, open: &str, close: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let from = lower.find(open)?;
    let begin = from + lower.get(from..)?.find('>')? + 1;
    let end = begin + lower.get(begin..)?.find(close)?;
    text.get(begin..end).map(|text| text.trim().to_owned())
}

/// The reader of PDFs panics on some broken files and takes for ever on others: it runs by itself, for a while.
fn pdf(name: &str, bytes: &[u8]) -> Result<String> {
    let (sender, receiver) = mpsc::channel();
    let bytes = bytes.to_vec();
    let spawned = thread::Builder::new().name("pdf".to_owned()).spawn(move || {
        let text = catch_unwind(AssertUnwindSafe(|| pdf_extract::extract_text_from_mem(&bytes)));
        let text = match text {
            Ok(Ok(text)) => Ok(text),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("its structure is broken".to_owned()),
        };
        // Nobody may be waiting any more.
        drop(sender.send(text));
    });
    if spawned.is_err() {
        return Err(unreadable(name, "there is no thread left to read it with"));
    }
    match receiver.recv_timeout(PATIENCE) {
        Ok(Ok(text)) if text.trim().is_empty() => {
            Err(unreadable(name, "there is no text in it, only pictures"))
        }
        Ok(Ok(text)) => Ok(text),
        Ok(Err(why)) => Err(unreadable(name, &why)),
        Err(_) => Err(unreadable(name, "it takes too long")),
    }
}
