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

use super::{Index, IndexAt, fault::fault, table};

/// What LanceDB may keep in memory of its indexes, and of its files, in bytes.
const INDEX_CACHE: usize = 32 << 20;
const FILE_CACHE: usize = 16 << 20;
/// How old what is read may be where another process writes.
const FRESH: Duration = Duration::from_secs(1);

impl Index {
    /// Opens the index at a place, or begins an empty one. What is there and is no index of ours is left alone.
    pub(super) async fn open(at: &IndexAt, embedder: Arc<dyn Embedder>) -> Result<Self> {
        let session = Session::new(INDEX_CACHE, FILE_CACHE, Arc::new(ObjectStoreRegistry::default()));
        let connection = lancedb::connect(&at.uri)
            .storage_options(at.options.clone())
            .read_consistency_interval(FRESH)
            .session(Arc::new(session))
            .execute()
            .await
            .map_err(fault)?;
        let name = name(embedder.as_ref());
        let table = match connection.open_table(&name).execute().await {
            Ok(table) => known(table, embedder.dimension()).await?,
            Err(lancedb::Error::TableNotFound { .. }) => {
                create(&connection, &name, embedder.dimension()).await?
            }
            Err(error) => return Err(fault(error)),
        };
        Ok(Self {
            connection,
            table,
            embedder,
        })
    }

    /// Empties it.
    pub(super) async fn recreate(&mut self) -> Result<()> {
        let name = name(self.embedder.as_ref());
        self.connection.drop_table(&name, &[]).await.map_err(fault)?;
        self.table = create(&self.connection, &name, self.embedder.dimension()).await?;
        Ok(())
    }

    /// Drops the tables of other embedders.
    pub(super) async fn drop_others(&self) -> Result<()> {
        let own = name(self.embedder.as_ref());
        for name in self.connection.table_names().execute().await.map_err(fault)? {
            if name.starts_with(PREFIX) && name != own {
                self.connection.drop_table(&name, &[]).await.map_err(fault)?;
            }
        }
        Ok(())
    }
}

const PREFIX: &str = "memories-";

/// The table of an embedder: vectors of two embedders cannot be compared.
pub(super) fn name(embedder: &dyn Embedder) -> String {
    format!("{PREFIX}{}", embedder.identity())
}

async fn create(connection: &Connection, name: &str, dimension: usize) -> Result<Table> {
    let table = connection
        .create_empty_table(name, table::schema(dimension))
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

async fn known(table: Table, dimension: usize) -> Result<Table> {
    let found = table.schema().await.map_err(fault)?;
    let wanted = table::schema(dimension);
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
        let aside = folder.with_extension(format!("damaged-{n}"));
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
