//! Knowledge: one passage of a guide or a runbook, as it is stored, found and cited.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Where a document comes from; where two fit equally well, the team's own wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// It came with Jamie.
    BuiltIn,
    /// The team put it in.
    Team,
    /// Somebody taught it in a conversation, and it was confirmed.
    Taught,
}

/// One passage of a document: a heading and what stands below it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// The document: `builtin:crash-loop`, a path below the folder that was synchronised, an address. All passages of
    /// one document have the same.
    pub source: String,
    /// The document's title.
    pub title: String,
    /// The headings above the passage, the outermost first, without the title.
    pub headings: Vec<String>,
    /// The passage as Markdown.
    pub text: String,
    /// Counts the passages of a document, from 0.
    pub part: u32,
    /// Where a person can read it, where that is known.
    pub link: Option<String>,
    /// The checks whose findings it explains.
    pub checks: Vec<String>,
    /// Other words that people use for it.
    pub symptoms: Vec<String>,
    /// Where it comes from.
    pub origin: Origin,
    /// SHA-256 of the whole document as it was read, in hexadecimal: it is read in again only when this has changed.
    pub digest: String,
    /// The folder, checkout or collection that it was read in with; empty for a single document.
    pub collection: String,
}

impl Document {
    /// What somebody taught: how a question is answered from now on.
    pub fn taught(question: &str, answer: &str) -> Self {
        let hexadecimal = |text: &str| {
            Sha256::digest(text.to_lowercase().as_bytes())
                .iter()
                .fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
        };
        let name: String = hexadecimal(question.trim()).chars().take(10).collect();
        Self {
            source: format!("taught:{name}"),
            title: question.trim().to_owned(),
            headings: Vec::new(),
            text: answer.trim().to_owned(),
            part: 0,
            link: None,
            checks: Vec::new(),
            symptoms: Vec::new(),
            origin: Origin::Taught,
            digest: hexadecimal(answer),
            collection: "taught".to_owned(),
        }
    }

    /// What it stands for: a newer passage with the same place replaces it.
    pub fn key(&self) -> String {
        format!("{}#{}", self.source, self.part)
    }

    /// How it is cited: the title, and the innermost heading where there is one.
    pub fn cited(&self) -> String {
        match self.headings.last() {
            Some(heading) => format!("{} - {heading}", self.title),
            None => self.title.clone(),
        }
    }

    /// The words by which it is found.
    pub fn words(&self) -> String {
        format!(
            "{} {} {} {} {}",
            self.title,
            self.headings.join(" "),
            self.symptoms.join(" "),
            self.checks.join(" "),
            self.text
        )
    }
}
