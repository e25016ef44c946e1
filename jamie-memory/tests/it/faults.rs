//! Files, folders and servers in a bad way: each gives an error that says what to do, and nothing acknowledged is lost.

use std::{
    path::Path,
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use jamie_core::{
    ErrorKind, MemoryStore,
    memory::{Kind, Recall},
};
use jamie_memory::{Memory, RecordsAt, Settings};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};

use crate::places::{Schema, address, open, question, server, turn};

const FULL: &str = "JAMIE_TEST_FULL_DISK";

async fn refused(at: RecordsAt) -> jamie_core::Error {
    Memory::open(Settings::new(at)).await.expect_err("it opened")
}

async fn turns(store: &Memory) -> usize {
    store
        .recall(&Recall::new(Kind::Turn, 10_000))
        .await
        .unwrap()
        .len()
}

#[tokio::test]
async fn a_damaged_file_is_named_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("memory.sqlite");
    std::fs::write(&file, b"This is a letter to my aunt, and no database at all.").unwrap();
    let error = refused(RecordsAt::Folder(folder.path().into())).await;
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.message().contains("memory.sqlite is damaged"), "{error:?}");
    assert!(
        error.hint().unwrap().contains("put a backup in its place"),
        "{error:?}"
    );
    assert!(std::fs::read(&file).unwrap().starts_with(b"This is a letter"));
}

#[tokio::test]
async fn a_page_that_rots_is_an_error_and_no_wrong_answer() {
    let folder = tempfile::tempdir().unwrap();
    let at = RecordsAt::Folder(folder.path().into());
    let store = open(at.clone()).await;
    let many = (0..400).map(|n| turn("anna", n, &"is it well? ".repeat(20)));
    store.remember(many.collect()).await.unwrap();
    store.close().await;
    let file = folder.path().join("memory.sqlite");
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = 4_096 * 8;
    bytes[middle..].fill(0x5a);
    std::fs::write(&file, bytes).unwrap();
    let said = match Memory::open(Settings::new(at)).await {
        Err(error) => error,
        Ok(store) => store.recall(&Recall::new(Kind::Turn, 10_000)).await.unwrap_err(),
    };
    assert_eq!(said.kind(), ErrorKind::Config, "{said:?}");
    assert!(said.message().contains("damaged"), "{said:?}");
}

#[tokio::test]
async fn a_place_where_nothing_can_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = refused(RecordsAt::Folder(file.join("memory"))).await;
    assert_eq!(error.kind(), ErrorKind::Forbidden, "{error:?}");
    assert!(error.hint().unwrap().contains("memory.folder"), "{error:?}");
}

#[tokio::test]
async fn a_schema_from_a_newer_version_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let at = RecordsAt::Folder(folder.path().into());
    open(at.clone()).await.close().await;
    let file = folder.path().join("memory.sqlite");
    let pool = sqlx::SqlitePool::connect(&format!("sqlite://{}", file.display()))
        .await
        .unwrap();
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                 VALUES (9999, 'from the future', 1, x'00', 0)";
    sqlx::query(newer).execute(&pool).await.unwrap();
    pool.close().await;
    let error = refused(at).await;
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.message().contains("newer Jamie"), "{error:?}");
}

/// Fills a small disk; it does nothing unless the test below started it on one.
#[tokio::test]
async fn fills_the_disk() {
    let Ok(folder) = std::env::var(FULL) else { return };
    let at = RecordsAt::Folder(folder.into());
    let store = open(at.clone()).await;
    let mut kept = 0;
    let error = loop {
        match store
            .remember(vec![turn("anna", kept, &"fill it up ".repeat(100))])
            .await
        {
            Ok(()) => kept += 1,
            Err(error) => break error,
        }
    };
    assert!(error.message().contains("the disk is full"), "{error:?}");
    assert!(error.hint().unwrap().contains("make room"), "{error:?}");
    let kept = usize::try_from(kept).unwrap();
    assert!(kept > 10);
    assert_eq!(turns(&store).await, kept);
    println!("filled with {kept}");
}

#[test]
fn a_full_disk_loses_nothing_that_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let script = "mount -t tmpfs -o size=1m tmpfs \"$0\" && exec \"$@\"";
    let run = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", script])
        .arg(folder.path())
        .arg(std::env::current_exe().unwrap())
        .args(["faults::fills_the_disk", "--exact", "--nocapture"])
        .env(FULL, folder.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    let wrong = String::from_utf8_lossy(&run.stderr);
    if wrong.contains("unshare failed") || wrong.contains("mount:") {
        println!("this machine lets nobody mount a small disk: {wrong}");
        return;
    }
    assert!(
        run.status.success() && said.contains("filled with"),
        "{said}\n{wrong}"
    );
}

#[tokio::test]
async fn no_server_and_no_such_database() {
    let schema = Schema::new();
    let error = refused(schema.at(&server().replace(&address(), "127.0.0.1:9"))).await;
    assert!(error.is_retryable(), "{error:?}");
    let error = refused(schema.at(&format!("{}_of_nobody", server()))).await;
    // A server may say that there is no such database, or that nobody may use it.
    assert!(
        matches!(error.kind(), ErrorKind::Config | ErrorKind::Unauthorized),
        "{error:?}"
    );
    assert!(error.hint().unwrap().contains("memory.url"), "{error:?}");
    let error = refused(schema.at("post:/gres and my password hunter2")).await;
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    let error = refused(RecordsAt::Postgres {
        url: server().into(),
        schema: "x; DROP TABLE y".to_owned(),
    })
    .await;
    assert_eq!(error.kind(), ErrorKind::Config);
}

/// A wire to the server that can be cut.
struct Wire {
    address: String,
    whole: Arc<AtomicBool>,
}

impl Wire {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let whole = Arc::new(AtomicBool::new(true));
        let open = Arc::clone(&whole);
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let open = Arc::clone(&open);
                tokio::spawn(async move {
                    if !open.load(Ordering::SeqCst) {
                        return;
                    }
                    let Ok(mut far) = TcpStream::connect(crate::places::address()).await else {
                        return;
                    };
                    let cut = async {
                        while open.load(Ordering::SeqCst) {
                            tokio::time::sleep(Duration::from_millis(5)).await;
                        }
                    };
                    tokio::select! {
                        _ = copy_bidirectional(&mut near, &mut far) => {}
                        () = cut => {}
                    }
                });
            }
        });
        Self { address, whole }
    }

    fn set(&self, whole: bool) {
        self.whole.store(whole, Ordering::SeqCst);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_goes_and_comes_back() {
    let schema = Schema::new();
    let wire = Wire::new().await;
    let store = open(schema.at(&server().replace(&address(), &wire.address))).await;
    store.remember(vec![turn("anna", 1, "before")]).await.unwrap();
    wire.set(false);
    let error = loop {
        match store.remember(vec![turn("anna", 2, "meanwhile")]).await {
            Ok(()) => tokio::time::sleep(Duration::from_millis(5)).await,
            Err(error) => break error,
        }
    };
    assert!(error.is_retryable(), "{error:?}");
    let error = store.recall(&Recall::new(Kind::Turn, 10)).await.unwrap_err();
    assert!(error.is_retryable(), "{error:?}");
    wire.set(true);
    while let Err(error) = store.remember(vec![turn("anna", 3, "after")]).await {
        assert!(error.is_retryable(), "{error:?}");
    }
    let found = store.recall(&Recall::new(Kind::Turn, 100)).await.unwrap();
    let said: Vec<&str> = found.iter().map(|memory| question(&memory.record)).collect();
    assert_eq!((said.first(), said.last()), (Some(&"after"), Some(&"before")));

    // The server ends the connections itself.
    schema
        .run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'jamie SCHEMA_NAME'")
        .await;
    while let Err(error) = store.remember(vec![turn("anna", 4, "and again")]).await {
        assert!(error.is_retryable(), "{error:?}");
    }
    store.close().await;
    schema.drop_all().await;
}

#[tokio::test]
async fn a_memory_that_is_too_long_fails_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(RecordsAt::Folder(Path::new(folder.path()).into())).await;
    let (long, short) = tokio::join!(
        store.remember(vec![turn("anna", 1, &"x".repeat(5_000_000))]),
        store.remember(vec![turn("anna", 2, "short")])
    );
    assert_eq!(long.unwrap_err().kind(), ErrorKind::InvalidInput);
    short.unwrap();
    assert_eq!(turns(&store).await, 1);
}
