//! A Markdown file in, what its front matter says and the rest of it out.

use serde::Deserialize;

/// What stands between the two lines of dashes at the top of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub(crate) struct FrontMatter {
    pub(crate) title: Option<String>,
    pub(crate) topic: Option<String>,
    pub(crate) checks: Vec<String>,
    pub(crate) symptoms: Vec<String>,
    pub(crate) links: Vec<Link>,
    /// Where a person can read the document.
    pub(crate) link: Option<String>,
}

/// Further reading: an address, perhaps with a title.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(crate) enum Link {
    Titled {
        #[allow(dead_code, reason = "the address is what is kept")]
        title: Option<String>,
        url: String,
    },
    Bare(String),
}

impl Link {
    pub(crate) fn url(&self) -> &str {
        match self {
            Self::Titled { url, .. } | Self::Bare(url) => url,
        }
    }
}

/// Splits a text; what does not read as front matter is part of the text, and the error says why.
pub(crate) fn split(text: &str) -> (FrontMatter, &str, Option<String>) {
    let text = text.trim_start_matches('\u{feff}');
    let Some(rest) = text
        .strip_prefix("---\n")
        .or_else(|| text.strip_prefix("---\r\n"))
    else {
        return (FrontMatter::default(), text, None);
    };
    let end = rest.match_indices("\n---").map(|(at, _)| at).find(|at| {
        rest.get(at + 4..)
            .is_some_and(|after| after.is_empty() || after.starts_with(['\n', '\r']))
    });
    let Some(end) = end else {
        return (
            FrontMatter::default(),
            text,
            Some("the front matter has no end".to_owned()),
        );
    };
    let yaml = rest.get(..=end).unwrap_or_default();
    let body = rest
        .get(end + 4..)
        .unwrap_or_default()
        .trim_start_matches(['\r', '\n']);
    match serde_saphyr::from_str(yaml) {
        Ok(front) => (front, body, None),
        Err(error) => (FrontMatter::default(), body, Some(error.to_string())),
    }
}
