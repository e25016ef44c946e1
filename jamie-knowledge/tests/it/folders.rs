//! Folders and checkouts, read in again and again.

use std::{fs, path::Path};

use jamie_core::memory::InMemory;
use jamie_knowledge::{Report, list, show, sync};
use jiff::Timestamp;

async fn synced(store: &InMemory, folder: &Path) -> Report {
    sync(store, folder, "ops", "ann", Timestamp::UNIX_EPOCH)
        .await
        .unwrap()
}

fn count(report: &Report) -> (usize, usize, usize, usize, usize) {
    (
        report.added.len(),
        report.changed.len(),
        report.unchanged,
        report.removed.len(),
        report.skipped.len(),
    )
}

#[tokio::test]
async fn only_what_changed_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("sub")).unwrap();
    fs::write(at("a.md"), "# A\n\nOne.\n\n## More\n\nTwo.\n").unwrap();
    fs::write(at("sub/b.txt"), "Three.").unwrap();
    fs::write(at("left-out.md"), "Four.").unwrap();
    fs::write(at(".gitignore"), "left-out.md\n").unwrap();
    fs::write(at("binary.md"), b"\0\0").unwrap();
    fs::write(at("program.rs"), "fn main() {}").unwrap();
    let store = InMemory::default();
    assert_eq!(count(&synced(&store, folder.path()).await), (2, 0, 0, 0, 1));
    assert_eq!(count(&synced(&store, folder.path()).await), (0, 0, 2, 0, 1));
    fs::write(at("a.md"), "# A\n\nOnly one.\n").unwrap();
    fs::remove_file(at("sub/b.txt")).unwrap();
    fs::write(at("c.md"), "Five.").unwrap();
    assert_eq!(count(&synced(&store, folder.path()).await), (1, 1, 0, 1, 1));
    let names: Vec<String> = list(&store)
        .await
        .unwrap()
        .into_iter()
        .map(|entry| entry.source)
        .collect();
    assert_eq!(names, ["ops/a.md", "ops/c.md"]);
    // The passage that the new edition lacks is gone.
    assert_eq!(show(&store, "ops/a.md").await.unwrap().len(), 1);
}

#[cfg(unix)]
#[tokio::test]
async fn a_loop_of_links_ends_and_leads_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret.md"), "Secret.").unwrap();
    fs::write(folder.path().join("a.md"), "One.").unwrap();
    std::os::unix::fs::symlink(folder.path(), folder.path().join("again")).unwrap();
    std::os::unix::fs::symlink(outside.path(), folder.path().join("out")).unwrap();
    let store = InMemory::default();
    assert_eq!(synced(&store, folder.path()).await.added, ["ops/a.md"]);
}

#[tokio::test]
async fn a_document_of_200_mb_is_left_out_and_the_rest_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let large = fs::File::create(folder.path().join("large.md")).unwrap();
    large.set_len(200 * 1024 * 1024).unwrap();
    fs::write(folder.path().join("a.md"), "One.").unwrap();
    let store = InMemory::default();
    let report = synced(&store, folder.path()).await;
    assert_eq!(report.added, ["ops/a.md"]);
    let [(file, why)] = report.skipped.as_slice() else {
        panic!("{report:?}");
    };
    assert!(file == "large.md" && why.contains("too large"), "{why}");
}

#[tokio::test]
async fn a_folder_with_too_many_files_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for at in 0..50_002 {
        fs::File::create(folder.path().join(format!("{at}.log"))).unwrap();
    }
    let store = InMemory::default();
    let error = sync(&store, folder.path(), "ops", "ann", Timestamp::UNIX_EPOCH)
        .await
        .unwrap_err();
    assert!(
        error.message().contains("more than 50000 files") && error.hint().is_some(),
        "{error}"
    );
    let none = sync(
        &store,
        &folder.path().join("0.log"),
        "ops",
        "ann",
        Timestamp::UNIX_EPOCH,
    )
    .await
    .unwrap_err();
    assert!(none.message().contains("no folder"), "{none}");
}
