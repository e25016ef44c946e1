//! Actions in a folder: the conformance suite, two stores on one folder, trouble on the disk, and kill -9.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, SystemTime},
};

use futures::future::join_all;
use jamie::{
    ErrorKind, FileActions, ObjectRef,
    core::{
        Action, ActionStore, Effect, Person, Plan,
        action::{ActionState, AuditEntry, AuditStep},
        conformance,
    },
};
use serde_json::Value;

const MONTH: Duration = Duration::from_hours(30 * 24);

fn store(folder: &Path) -> FileActions {
    FileActions::new(folder, MONTH)
}

fn action(id: &str) -> Action {
    Action {
        id: id.to_owned(),
        version: 1,
        tool: "scale".to_owned(),
        plan: Plan {
            title: "Scale it".to_owned(),
            effect: Effect::Change,
            args: Value::Null,
            targets: vec![ObjectRef::namespaced("Deployment", "shop", "web")],
            payload: Value::Null,
            guard: Value::Null,
            differences: Vec::new(),
            impact: Vec::new(),
            warnings: Vec::new(),
            reasons: Vec::new(),
            inverse: None,
        },
        asked_by: Person {
            id: "ann".to_owned(),
            name: None,
            groups: Vec::new(),
        },
        conversation: "a talk".to_owned(),
        asked_at: "2026-11-25T12:00:00Z".parse().unwrap(),
        expires_at: "2026-11-25T12:15:00Z".parse().unwrap(),
        approvals_needed: 1,
        approvals: Vec::new(),
        state: ActionState::Parked,
        result: None,
    }
}

fn entry(id: &str, detail: &str) -> AuditEntry {
    AuditEntry {
        at: "2026-11-25T12:00:00Z".parse().unwrap(),
        action: id.to_owned(),
        step: AuditStep::Approved,
        person: "ann".to_owned(),
        tool: "scale".to_owned(),
        title: "Scale it".to_owned(),
        digest: "00".to_owned(),
        detail: detail.to_owned(),
    }
}

#[tokio::test]
async fn it_is_a_store() {
    let home = tempfile::tempdir().unwrap();
    // Made with the first write, its parents too.
    let folder = home.path().join("state/jamie/actions");
    conformance::actions(&store(&folder)).await.unwrap();
    assert_eq!(store(&folder).faults().await.unwrap(), Vec::<String>::new());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder), 0o700);
        for file in fs::read_dir(&folder).unwrap() {
            let path = file.unwrap().path();
            assert_eq!(mode(&path), 0o600, "{}", path.display());
        }
    }
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_an_empty_one() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("none");
    let store = store(&folder);
    assert!(store.list(10).await.unwrap().is_empty());
    assert!(store.get("k7f3qd").await.unwrap().is_none());
    assert!(store.audit(None, 10).await.unwrap().is_empty());
    assert!(store.faults().await.unwrap().is_empty());
    assert!(!folder.exists(), "looking makes no folder");
}

#[tokio::test]
async fn two_stores_on_one_folder_never_both_win() {
    let home = tempfile::tempdir().unwrap();
    let stores = [store(home.path()), store(home.path())];
    stores[0].park(action("k7f3qd")).await.unwrap();
    for version in 2..12 {
        let rivals = (0..16_usize).map(|rival| {
            stores[rival % 2].replace(Action {
                version,
                ..action("k7f3qd")
            })
        });
        let won = join_all(rivals)
            .await
            .into_iter()
            .filter(|won| *won.as_ref().unwrap());
        assert_eq!(won.count(), 1);
    }
    let lease = stores[0].lease("k7f3qd").await.unwrap();
    assert!(lease.is_some());
    assert!(stores[1].lease("k7f3qd").await.unwrap().is_none());
    drop(lease);
    assert!(stores[1].lease("k7f3qd").await.unwrap().is_some());
}

#[tokio::test]
async fn one_bad_file_does_not_spoil_the_rest() {
    let home = tempfile::tempdir().unwrap();
    let store = store(home.path());
    for id in ["good1", "torn1", "newer1"] {
        store.park(action(id)).await.unwrap();
    }
    let path = |name: &str| home.path().join(name);
    let text = fs::read_to_string(path("torn1.json")).unwrap();
    fs::write(path("torn1.json"), &text[..text.len() / 2]).unwrap();
    let newer = fs::read_to_string(path("newer1.json"))
        .unwrap()
        .replace("\"schema\": 1", "\"schema\": 2")
        .replace("\"action\"", "\"deed\"");
    fs::write(path("newer1.json"), newer).unwrap();
    let listed = store.list(10).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].id, "good1");
    let faults = store.faults().await.unwrap();
    assert_eq!(faults.len(), 2);
    assert!(
        faults[0].contains("newer1.json") && faults[0].contains("newer Jamie (schema 2"),
        "{faults:?}"
    );
    assert!(
        faults[1].contains("torn1.json") && faults[1].contains("cannot be read"),
        "{faults:?}"
    );
    let error = store.get("newer1").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    let replaced = store
        .replace(Action {
            version: 2,
            ..action("torn1")
        })
        .await;
    assert!(replaced.is_err(), "what cannot be read is not written over");
}

#[tokio::test]
async fn a_torn_last_line_is_passed_over_and_told() {
    let home = tempfile::tempdir().unwrap();
    let store = store(home.path());
    store.record(entry("a", "first")).await.unwrap();
    let log = home.path().join("audit.jsonl");
    let mut file = fs::OpenOptions::new().append(true).open(&log).unwrap();
    file.write_all(b"{\"at\":\"2026-11-25T12:00:00Z\",\"acti")
        .unwrap();
    let details = async || -> Vec<String> {
        let entries = store.audit(None, 10).await.unwrap();
        entries.into_iter().map(|entry| entry.detail).collect()
    };
    assert_eq!(details().await, ["first"]);
    store.record(entry("a", "second")).await.unwrap();
    assert_eq!(details().await, ["second", "first"]);
    let faults = store.faults().await.unwrap();
    assert!(
        matches!(&faults[..], [fault] if fault.contains("audit.jsonl")),
        "{faults:?}"
    );
}

#[tokio::test]
async fn the_log_is_read_backwards_over_any_length() {
    let home = tempfile::tempdir().unwrap();
    let store = store(home.path());
    // Lines of all lengths round the size that is read at a time.
    let lengths = [1, 65_000, 10, 65_536, 200_000, 3, 65_300, 40];
    for length in lengths {
        store.record(entry("a", &"x".repeat(length))).await.unwrap();
    }
    let found: Vec<usize> = store
        .audit(Some("a"), 100)
        .await
        .unwrap()
        .iter()
        .map(|entry| entry.detail.len())
        .collect();
    assert_eq!(found, lengths.iter().rev().copied().collect::<Vec<_>>());
}

#[tokio::test]
async fn what_is_long_over_goes() {
    let home = tempfile::tempdir().unwrap();
    let store = store(home.path());
    for (id, state, old) in [
        ("old-over", ActionState::Succeeded, true),
        ("new-over", ActionState::Succeeded, false),
        ("old-running", ActionState::Running, true),
        ("old-parked", ActionState::Parked, true),
    ] {
        store.park(Action { state, ..action(id) }).await.unwrap();
        drop(store.lease(id).await.unwrap());
        if old {
            let file = fs::File::options()
                .write(true)
                .open(home.path().join(format!("{id}.json")))
                .unwrap();
            file.set_modified(SystemTime::now() - MONTH - Duration::from_hours(1))
                .unwrap();
        }
    }
    store.record(entry("old-over", "")).await.unwrap();
    store.park(action("next")).await.unwrap();
    let mut left: Vec<String> = store
        .list(10)
        .await
        .unwrap()
        .into_iter()
        .map(|action| action.id)
        .collect();
    left.sort();
    assert_eq!(left, ["new-over", "next", "old-running"]);
    assert!(!home.path().join("old-over.lease").exists());
    assert_eq!(store.audit(Some("old-over"), 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_to_is_named() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("file");
    fs::write(&file, "").unwrap();
    let error = store(&file).park(action("k7f3qd")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config, "{error}");
    assert!(error.message().contains("file") && error.hint().unwrap().contains("actions.folder"));
    // What always is full says so.
    if cfg!(target_os = "linux") && Path::new("/dev/full").exists() {
        let folder = home.path().join("full");
        fs::create_dir(&folder).unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink("/dev/full", folder.join("audit.jsonl")).unwrap();
        let error = store(&folder).record(entry("a", "")).await.unwrap_err();
        assert!(error.message().contains("audit.jsonl"), "{error}");
        assert!(
            error.hint().unwrap().contains("disk is full"),
            "{:?}",
            error.hint()
        );
    }
}

/// What a child of the test below does: it replaces the one action as often as it can, and says which versions it won.
#[test]
#[ignore = "run by the test that kills it"]
fn child_that_replaces() {
    let mut folder = String::new();
    std::io::stdin().read_line(&mut folder).unwrap();
    let (folder, name) = folder.trim_end().split_once('\t').unwrap();
    let store = store(Path::new(folder));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        loop {
            let mut action = store.get("k7f3qd").await.unwrap().unwrap();
            action.version += 1;
            action.result = Some(name.to_owned());
            let version = action.version;
            if store.replace(action).await.unwrap() {
                println!("won {version}");
                store
                    .record(entry("k7f3qd", &format!("{version}")))
                    .await
                    .unwrap();
                println!("recorded {version}");
            }
        }
    });
}

fn child(folder: &Path, name: &str) -> (Child, BufReader<ChildStdout>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "actions::child_that_replaces",
            "--ignored",
            "--nocapture",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    writeln!(child.stdin.as_mut().unwrap(), "{}\t{name}", folder.display()).unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    (child, output)
}

/// Takes note of what a line acknowledges.
fn note(line: &str, name: &str, won: &mut BTreeMap<u64, String>, recorded: &mut Vec<String>) -> bool {
    if let Some((_, version)) = line.split_once("won ") {
        let other = won.insert(version.trim().parse().unwrap(), name.to_owned());
        assert_eq!(other, None, "two won version {version}");
        return true;
    }
    if let Some(version) = line.strip_prefix("recorded ") {
        recorded.push(version.trim().to_owned());
    }
    false
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_when_processes_are_killed() {
    let home = tempfile::tempdir().unwrap();
    let store = store(home.path());
    store.park(action("k7f3qd")).await.unwrap();
    let mut won: BTreeMap<u64, String> = BTreeMap::new();
    let mut recorded = Vec::new();
    for round in 0..6_usize {
        let mut children: Vec<_> = ["one", "two"]
            .map(|name| {
                let name = format!("{name}-{round}");
                (child(home.path(), &name), name)
            })
            .into();
        // Each is killed after it has won a number of times, wherever it is then.
        for (at, ((process, output), name)) in children.iter_mut().enumerate() {
            let mut wins = 0;
            let mut line = String::new();
            while wins <= (round * 7 + at * 5) % 13 {
                line.clear();
                assert_ne!(
                    output.read_line(&mut line).unwrap(),
                    0,
                    "the child died by itself"
                );
                wins += usize::from(note(&line, name, &mut won, &mut recorded));
            }
            process.kill().unwrap();
            process.wait().unwrap();
            // What it had acknowledged before it died; a torn line acknowledges nothing.
            loop {
                line.clear();
                if output.read_line(&mut line).unwrap_or(0) == 0 || !line.ends_with('\n') {
                    break;
                }
                if line.starts_with("won ") || line.starts_with("recorded ") {
                    note(&line, name, &mut won, &mut recorded);
                }
            }
        }
    }
    let kept = store.get("k7f3qd").await.unwrap().unwrap();
    let (last, winner) = won.last_key_value().unwrap();
    assert!(
        kept.version >= *last,
        "version {last} was acknowledged, {} is kept",
        kept.version
    );
    if kept.version == *last {
        assert_eq!(kept.result.as_ref(), Some(winner));
    }
    let audit = store.audit(Some("k7f3qd"), usize::MAX).await.unwrap();
    for version in &recorded {
        assert!(
            audit.iter().any(|entry| entry.detail == *version),
            "the line about version {version} was acknowledged and is not there"
        );
    }
    assert!(recorded.len() > 10 && won.len() > 10);
    // And the folder goes on working.
    assert!(
        store
            .replace(Action {
                version: kept.version + 1,
                ..kept
            })
            .await
            .unwrap()
    );
}
