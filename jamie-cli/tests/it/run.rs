//! Runs the command and keeps what it printed.

use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use jamie_sim::{Estate, Options, Scenario};

/// What a run left behind.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A run without a home, a configuration or a cluster of the machine's own.
pub(crate) fn command(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jamie"));
    command
        .env_clear()
        .env("HOME", home)
        .env("PATH", "/usr/bin:/bin")
        .env("TZ", "UTC");
    command
}

/// Runs it with `stdin` and waits for its end.
pub(crate) async fn run(home: &Path, args: &[&str], stdin: &[u8]) -> Ran {
    run_with(home, args, stdin, &[]).await
}

/// The same with more variables.
pub(crate) async fn run_with(home: &Path, args: &[&str], stdin: &[u8], variables: &[(&str, &str)]) -> Ran {
    let mut command = command(home);
    command
        .args(args)
        .envs(variables.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let stdin = stdin.to_vec();
    tokio::task::spawn_blocking(move || {
        let mut child = command.spawn().unwrap();
        let mut pipe = child.stdin.take().unwrap();
        // A command that reads only so much closes the pipe: that is its good right.
        let writer = std::thread::spawn(move || drop(pipe.write_all(&stdin)));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        Ran {
            code: output.status.code().expect("ended by itself"),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    })
    .await
    .unwrap()
}

/// A served scenario with a home folder whose kubeconfig points at it.
pub(crate) struct Place {
    pub(crate) estate: Estate,
    pub(crate) home: tempfile::TempDir,
}

impl Place {
    pub(crate) async fn of(scenario: Scenario, options: Options) -> Self {
        let estate = Estate::start(scenario, options).await.unwrap();
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir(home.path().join(".kube")).unwrap();
        std::fs::write(home.path().join(".kube/config"), estate.kubeconfig()).unwrap();
        Self { estate, home }
    }

    pub(crate) async fn demo() -> Self {
        Self::of(Scenario::demo().unwrap(), Options::default()).await
    }

    pub(crate) async fn run(&self, args: &[&str]) -> Ran {
        run(self.home.path(), args, b"").await
    }

    pub(crate) async fn end(self) {
        self.estate.stop().await;
    }
}

/// Asserts that a run failed as it should: code, a sentence, a hint, and nothing on standard output.
pub(crate) fn assert_failed(ran: &Ran, code: i32, says: &[&str]) {
    assert_eq!(ran.code, code, "{ran:?}");
    assert!(ran.stdout.is_empty(), "{ran:?}");
    assert!(!ran.stderr.contains("panicked"), "{ran:?}");
    for words in says {
        assert!(ran.stderr.contains(words), "{words:?} is not in {}", ran.stderr);
    }
}
