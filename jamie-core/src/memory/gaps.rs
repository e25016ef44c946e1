//! Questions without a good answer in, the same in groups that mean much the same out, and what closes one.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Content, Document, Forget, GapReason, Kind, Memory, MemoryStore, Recall, Record};
use crate::{Result, understand::telling_stems};

/// Questions that are read at once.
const PAGE: usize = 500;
/// The most questions that are grouped.
const MOST: usize = 5_000;
/// Two questions mean much the same where they share so much of their telling words.
const ALIKE: f64 = 0.5;

/// What the knowledge lacks: questions that mean much the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lack {
    /// The newest of the questions.
    pub question: String,
    /// How often it was asked.
    pub times: usize,
    /// By how many people.
    pub people: usize,
    /// Why it was not answered well, each reason once.
    pub reasons: Vec<GapReason>,
    /// When it was asked last.
    pub last: Timestamp,
    /// The records behind it.
    pub records: Vec<String>,
}

struct Group {
    lack: Lack,
    people: BTreeSet<String>,
    words: BTreeSet<String>,
}

/// What is lacking, asked most often first; of the time since a moment, where one is given.
pub async fn lacks(store: &dyn MemoryStore, since: Option<Timestamp>) -> Result<Vec<Lack>> {
    let mut recall = Recall::new(Kind::Gap, PAGE);
    recall.since = since;
    let mut gaps = Vec::new();
    loop {
        let page = store.recall(&recall).await?;
        let last = page.len() < recall.limit || recall.skip >= MOST;
        recall.skip += page.len();
        gaps.extend(page);
        if last {
            return Ok(lacking(gaps));
        }
    }
}

/// The same of gaps that were read already.
pub(crate) fn lacking(gaps: Vec<Memory>) -> Vec<Lack> {
    let mut groups: Vec<Group> = Vec::new();
    for memory in gaps {
        if let Content::Gap(gap) = &memory.record.content {
            take(&mut groups, &memory.id, &memory.record, &gap.question, gap.reason);
        }
    }
    let mut lacks: Vec<Lack> = groups
        .into_iter()
        .map(|group| Lack {
            people: group.people.len(),
            ..group.lack
        })
        .collect();
    lacks.sort_by_key(|lack| std::cmp::Reverse((lack.times, lack.last)));
    lacks
}

fn take(groups: &mut Vec<Group>, id: &str, record: &Record, question: &str, reason: GapReason) {
    let words = telling_stems(question);
    let near = groups
        .iter()
        .position(|group| alike(&group.words, &words) >= ALIKE);
    let at = near.unwrap_or_else(|| {
        groups.push(Group {
            lack: Lack {
                question: question.to_owned(),
                times: 0,
                people: 0,
                reasons: Vec::new(),
                last: record.at,
                records: Vec::new(),
            },
            people: BTreeSet::new(),
            words,
        });
        groups.len() - 1
    });
    let Some(group) = groups.get_mut(at) else { return };
    group.lack.times += 1;
    group.lack.last = group.lack.last.max(record.at);
    group.lack.records.push(id.to_owned());
    if !group.lack.reasons.contains(&reason) {
        group.lack.reasons.push(reason);
    }
    group.people.insert(record.person.clone());
}

fn alike(a: &BTreeSet<String>, b: &BTreeSet<String>) -> f64 {
    let all = a.union(b).count();
    if all == 0 {
        return 1.0;
    }
    a.intersection(b).count() as f64 / all as f64
}

/// Closes what is lacking: the answer is knowledge from now on, and the questions behind it are off the list.
pub async fn close(
    store: &dyn MemoryStore,
    lack: &Lack,
    answer: &str,
    person: &str,
    now: Timestamp,
) -> Result<Document> {
    let document = Document::taught(&lack.question, answer);
    let record = Record {
        person: person.to_owned(),
        conversation: String::new(),
        at: now,
        content: Content::Document(Box::new(document.clone())),
    };
    store.remember(vec![record]).await?;
    for id in &lack.records {
        store
            .forget(&Forget {
                id: Some(id.clone()),
                kind: Some(Kind::Gap),
                ..Forget::default()
            })
            .await?;
    }
    Ok(document)
}
