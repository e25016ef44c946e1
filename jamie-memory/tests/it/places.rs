//! Places for a store: a folder of its own, or a schema of its own on the `PostgreSQL` server of this machine.

use jamie_core::memory::{Content, Outcome, Record, TurnRecord};
use std::path::Path;

use jamie_memory::{IndexAt, Memory, RecordsAt, Settings};
use jiff::{SignedDuration, Timestamp};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

/// The server of `make test`, or the one that is named.
pub(crate) fn server() -> String {
    std::env::var("JAMIE_TEST_POSTGRES")
        .unwrap_or_else(|_| "postgres://postgres:jamie@127.0.0.1:5432/postgres".to_owned())
}

/// Where it listens.
pub(crate) fn address() -> String {
    let server = server();
    let behind = server.rsplit_once('@').unwrap().1;
    behind.split_once('/').unwrap().0.to_owned()
}

/// A schema that is dropped in the end.
pub(crate) struct Schema {
    pub(crate) name: String,
}

impl Schema {
    pub(crate) fn new() -> Self {
        let random = tempfile::Builder::new().rand_bytes(12).tempdir().unwrap();
        let unique = random
            .path()
            .file_name()
            .unwrap()
            .to_string_lossy()
            .to_lowercase();
        let unique: String = unique.chars().filter(char::is_ascii_alphanumeric).collect();
        Self {
            name: format!("jamie_{unique}"),
        }
    }

    pub(crate) fn at(&self, server: &str) -> RecordsAt {
        RecordsAt::Postgres {
            url: server.to_owned().into(),
            schema: self.name.clone(),
        }
    }

    pub(crate) async fn run(&self, statement: &str) {
        let mut connection = PgConnection::connect(&server()).await.unwrap();
        let statement = statement.replace("SCHEMA_NAME", &self.name);
        sqlx::query(AssertSqlSafe(statement))
            .execute(&mut connection)
            .await
            .unwrap();
    }

    pub(crate) async fn drop_all(&self) {
        self.run("DROP SCHEMA IF EXISTS SCHEMA_NAME CASCADE").await;
    }
}

pub(crate) async fn open(at: RecordsAt) -> Memory {
    Memory::open(Settings::new(at)).await.unwrap()
}

/// An index in a folder.
pub(crate) fn index_in(folder: &Path) -> IndexAt {
    IndexAt::Folder(folder.into())
}

/// A store with its index beside the records, in one folder.
pub(crate) async fn open_indexed(folder: &Path) -> Memory {
    let records = RecordsAt::Folder(folder.into());
    let settings = Settings::new(records).with_index(index_in(&folder.join("index")));
    Memory::open(settings).await.unwrap()
}

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(1_780_000_000 + second)
}

pub(crate) fn turn(person: &str, second: i64, question: &str) -> Record {
    Record {
        person: person.to_owned(),
        conversation: format!("talk-of-{person}"),
        at: at(second),
        content: Content::Turn(Box::new(TurnRecord {
            id: format!("{person}-{second}"),
            question: question.to_owned(),
            answer: format!("The answer to {question}."),
            outcome: Outcome::Answered,
            ..TurnRecord::default()
        })),
    }
}

/// The question of a turn.
pub(crate) fn question(record: &Record) -> &str {
    match &record.content {
        Content::Turn(turn) => &turn.question,
        other => panic!("{other:?} is no turn"),
    }
}
