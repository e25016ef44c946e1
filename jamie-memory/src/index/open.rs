//! A place in, an open index out: one that is there, or an empty one.

use std::{path::Path, sync::Arc, time::Duration};

use jamie_core::{Embedder, Error, ErrorKind, Result};
use lancedb::{
    Connection, ObjectStoreRegistry, Session, Table,
    index::{
        Index as Kind,
        scalar::{BTreeIndexBuilder, BitmapIndexBuilder, FtsIndexBuilder},
    },
};

use super::{
    Index, IndexAt,
    fault::{fault, is_there},
    table,
};

/// What LanceDB may keep in memory of its indexes, and of its files, in bytes.
const INDEX_CACHE: usize = 32 << 20;
const FILE_CACHE: usize = 16 << 20;
/// How old what is read may be where another process writes.
const FRESH: Duration = Duration::from_secs(1);

impl Index {
    /// Opens the index at a place, or begins an empty one. What is there and is no index of ours is left alone.
    pub(super) async fn open(at: &IndexAt, embedder: Arc<dyn Embedder>) -> Result<Self> {
        let connection = connect(at).await?;
        let name = name(embedder.as_ref());
        let table = match connection.open_table(&name).execute().await {
            Ok(table) => known(table).await?,
            Err(lancedb::Error::TableNotFound { .. }) => {
                match create(&connection, &name, embedder.dimension().await?).await {
                    // Another process was faster.
                    Err(error) if is_there(&error) => {
                        let table = connection.open_table(&name).execute().await.map_err(fault)?;
                        known(table).await?
                    }
                    other => other?,
                }
            }
            Err(error) => return Err(fault(error)),
        };
        Self::of(connection, table, embedder).await
    }

    /// Begins an empty one in the place of one that cannot be read, though it is there and its place can be.
    pub(super) async fn replace(at: &IndexAt, embedder: Arc<dyn Embedder>) -> Result<Option<Self>> {
        let connection = connect(at).await?;
        let name = name(embedder.as_ref());
        let names = connection.table_names().execute().await.map_err(fault)?;
        if !names.contains(&name) {
            return Ok(None);
        }
        connection.drop_table(&name, &[]).await.map_err(fault)?;
        let table = create(&connection, &name, embedder.dimension().await?).await?;
        Self::of(connection, table, embedder).await.map(Some)
    }

    async fn of(connection: Connection, table: Table, embedder: Arc<dyn Embedder>) -> Result<Self> {
        let schema = table.schema().await.map_err(fault)?;
        let identity = schema.metadata().get(table::IDENTITY).cloned();
        Ok(Self {
            connection,
            table,
            identity: identity.unwrap_or_default(),
            dimension: table::dimension(&schema).unwrap_or_default(),
            embedder,
        })
    }

    /// Empties it.
    pub(super) async fn recreate(&mut self) -> Result<()> {
        let name = name(self.embedder.as_ref());
        // Where this is not to be had, what is there stays.
        let dimension = self.embedder.dimension().await?;
        self.connection.drop_table(&name, &[]).await.map_err(fault)?;
        let table = create(&self.connection, &name, dimension).await?;
        *self = Self::of(self.connection.clone(), table, Arc::clone(&self.embedder)).await?;
        Ok(())
    }

    /// Drops the tables of other embedders.
    pub(super) async fn drop_others(&self) -> Result<()> {
        let own = name(self.embedder.as_ref());
        for name in self.connection.table_names().execute().await.map_err(fault)? {
            if name.starts_with(PREFIX) && name != own && !name.contains(ASIDE) {
                self.connection.drop_table(&name, &[]).await.map_err(fault)?;
            }
        }
        Ok(())
    }
}

async fn connect(at: &IndexAt) -> Result<Connection> {
    jamie_core::tls::init();
    let session = Session::new(INDEX_CACHE, FILE_CACHE, Arc::new(ObjectStoreRegistry::default()));
    lancedb::connect(&at.to_string())
        .storage_options(at.options())
        .read_consistency_interval(FRESH)
        .session(Arc::new(session))
        .execute()
        .await
        .map_err(fault)
}

const PREFIX: &str = "memories-";
/// What stands between the name of a table that was moved away and a number.
const ASIDE: &str = "damaged-";

/// The table of an embedder: vectors of two embedders cannot be compared.
pub(super) fn name(embedder: &dyn Embedder) -> String {
    format!("{PREFIX}{}", embedder.identity())
}

async fn create(connection: &Connection, name: &str, dimension: usize) -> Result<Table> {
    let table = connection
        .create_empty_table(name, table::new_schema(dimension))
        .execute()
        .await
        .map_err(fault)?;
    index_words(&table).await?;
    for (column, kind) in [
        (table::KIND, Kind::Bitmap(BitmapIndexBuilder::default())),
        (table::PERSON, Kind::BTree(BTreeIndexBuilder::default())),
        (table::ID, Kind::BTree(BTreeIndexBuilder::default())),
    ] {
        table
            .create_index(&[column], kind)
            .execute()
            .await
            .map_err(fault)?;
    }
    Ok(table)
}

/// Builds the full text index anew.
pub(super) async fn index_words(table: &Table) -> Result<()> {
    // Positions would let phrases be searched; with them, compaction has failed for good (lance issue 7653).
    let words = FtsIndexBuilder::default()
        .with_position(false)
        .stem(true)
        .remove_stop_words(true)
        .lower_case(true)
        .ascii_folding(true);
    table
        .create_index(&[table::TEXT], Kind::FTS(words))
        .replace(true)
        .execute()
        .await
        .map_err(fault)
}

/// A table with the columns of an index. How long its vectors are it says itself: an embedder that is far away need not
/// be there for words to be found.
async fn known(table: Table) -> Result<Table> {
    let found = table.schema().await.map_err(fault)?;
    let wanted = table::schema(table::dimension(&found).unwrap_or_default());
    let same = found.fields().len() == wanted.fields().len()
        && wanted.fields().iter().all(|field| {
            found
                .field_with_name(field.name())
                .is_ok_and(|there| there.data_type() == field.data_type())
        });
    if same {
        Ok(table)
    } else {
        Err(Error::new(
            ErrorKind::Config,
            format!(
                "the table {} has other columns than the search index",
                table.name()
            ),
        )
        .with_hint("it is not Jamie's, or a newer Jamie's; set memory.index to a place of its own"))
    }
}

/// Moves a folder out of the way, for an index that cannot be read; what it is called then.
pub(super) fn set_aside(folder: &Path) -> Result<Option<String>> {
    if !folder.is_dir() {
        return Ok(None);
    }
    for n in 1..1_000 {
        let aside = folder.with_extension(format!("{ASIDE}{n}"));
        if !aside.exists() {
            std::fs::rename(folder, &aside).map_err(|error| {
                Error::new(
                    ErrorKind::Forbidden,
                    format!(
                        "the damaged search index {} cannot be moved away: {error}",
                        folder.display()
                    ),
                )
                .with_hint("move it away by hand; it is rebuilt from the records")
            })?;
            return Ok(Some(aside.display().to_string()));
        }
    }
    Ok(None)
}

/// Removes what was moved out of the way: it holds what people said.
pub(super) fn remove_aside(folder: &Path) -> Result<()> {
    let removed = std::fs::read_dir(folder).and_then(|entries| {
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with(PREFIX) && name.contains(&format!(".{ASIDE}")) {
                std::fs::remove_dir_all(entry.path())?;
            }
        }
        Ok(())
    });
    removed.map_err(|error| {
        Error::new(
            ErrorKind::Forbidden,
            format!(
                "what was moved away in {} cannot be removed: {error}",
                folder.display()
            ),
        )
        .with_hint("remove the folders called memories-….damaged-… by hand; they hold what people said")
    })
}
