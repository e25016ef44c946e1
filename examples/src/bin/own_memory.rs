//! A memory of your own: one line of JSON for each record, in a file that anybody can read.
//!
//! `own_memory FILE KUBECONFIG [WORDS]…` says the words to Jamie and prints the answer; the next run still knows them.
#![allow(clippy::print_stdout)]

use std::{
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use jamie::{
    Config, Error, ErrorKind, Own, Request, Result,
    core::{
        MemoryStore,
        memory::{Forget, InMemory, Kind, Memory, Recall, Record},
    },
};
use tokio::sync::Mutex;

/// Searching is left to the store that comes with Jamie; this one sees to it that nothing is lost.
#[derive(Debug)]
struct Lines {
    file: PathBuf,
    known: InMemory,
    /// One writes at a time.
    pen: Mutex<()>,
}

impl Lines {
    async fn open(file: &Path) -> Result<Self> {
        let known = InMemory::default();
        let text = match std::fs::read_to_string(file) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            read => read.map_err(|error| failed(file, error))?,
        };
        for (line, number) in text.lines().zip(1..) {
            let record: Record = serde_json::from_str(line).map_err(|error| {
                Error::new(
                    ErrorKind::Config,
                    format!("{}, line {number}: {error}", file.display()),
                )
                .with_hint("mend the line, or remove it")
            })?;
            known.remember(vec![record]).await?;
        }
        Ok(Self {
            file: file.to_owned(),
            known,
            pen: Mutex::default(),
        })
    }

    fn write(&self, records: &[Record], append: bool) -> Result<()> {
        let mut text = String::new();
        for record in records {
            text += &serde_json::to_string(record).map_err(|error| failed(&self.file, error))?;
            text.push('\n');
        }
        let target = if append {
            self.file.clone()
        } else {
            self.file.with_extension("new")
        };
        let mut options = std::fs::OpenOptions::new();
        options.create(true).append(append).write(true).truncate(!append);
        let mut file = options.open(&target).map_err(|error| failed(&target, error))?;
        // Acknowledged is what is on disk.
        file.write_all(text.as_bytes())
            .and_then(|()| file.sync_all())
            .and_then(|()| {
                if append {
                    Ok(())
                } else {
                    std::fs::rename(&target, &self.file)
                }
            })
            .map_err(|error| failed(&target, error))
    }
}

fn failed(file: &Path, error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(ErrorKind::Unavailable, format!("{}: {error}", file.display()))
        .with_hint("check the file and its folder")
        .with_source(error)
}

#[async_trait]
impl MemoryStore for Lines {
    async fn remember(&self, records: Vec<Record>) -> Result<()> {
        let _pen = self.pen.lock().await;
        self.write(&records, true)?;
        self.known.remember(records).await
    }

    async fn recall(&self, recall: &Recall) -> Result<Vec<Memory>> {
        self.known.recall(recall).await
    }

    async fn forget(&self, forget: &Forget) -> Result<u64> {
        let _pen = self.pen.lock().await;
        let gone = self.known.forget(forget).await?;
        let mut left = Vec::new();
        for kind in Kind::ALL {
            let found = self.known.recall(&Recall::new(kind, usize::MAX)).await?;
            left.extend(found.into_iter().rev().map(|memory| memory.record));
        }
        self.write(&left, false)?;
        Ok(gone)
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut given = std::env::args().skip(1);
    let usage = "usage: own_memory FILE KUBECONFIG [WORDS]...";
    let file = given.next().ok_or(usage)?;
    let mut config = Config::default();
    config.kubernetes.kubeconfig = given.next().ok_or(usage)?;
    let own = Own {
        memory: Some(Arc::new(Lines::open(Path::new(&file)).await?)),
        ..Own::default()
    };
    let jamie = jamie::assemble_with(&config, own).await?;
    let words = given.collect::<Vec<_>>().join(" ");
    println!("{}", jamie.ask(Request::new(words, "ada", "example")).await?.text);
    Ok(())
}
