//! Help, manual, completions, configuration: what is printed without any cluster.

use crate::run::run;

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_print() {
    let home = tempfile::tempdir().unwrap();
    for (args, says) in [
        (vec!["--help"], "Exit codes"),
        (vec!["ask", "--help"], "--offline"),
        (vec!["man"], ".TH jamie"),
        (vec!["completions", "bash"], "_jamie"),
        (vec!["completions", "zsh"], "#compdef jamie"),
        (vec!["sim", "--list"], "demo"),
        (vec!["--version"], "jamie 0"),
    ] {
        let ran = run(home.path(), &args, b"").await;
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(ran.stdout.contains(says), "{args:?}: {}", ran.stdout);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_shown_with_their_origin_and_written_once() {
    let home = tempfile::tempdir().unwrap();
    let ran = run(home.path(), &["config", "init"], b"").await;
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(run(home.path(), &["config", "init"], b"").await.code, 6);
    let ran = run(home.path(), &["config", "show", "-n", "shop"], b"").await;
    assert!(
        ran.stdout.contains("--namespace") && ran.stdout.contains("jamie.toml"),
        "{ran:?}"
    );
}
