//! The scenarios that come with this crate, embedded.

use include_dir::{Dir, File, include_dir};

use super::{Scenario, ScenarioError};

static LIBRARY: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/scenarios");

impl Scenario {
    /// Every scenario of the library, sorted by category and name.
    pub fn library() -> Result<Vec<Self>, ScenarioError> {
        files().into_iter().map(parse).collect()
    }

    /// The names of the library's scenarios, sorted by category and name.
    pub fn names() -> Vec<&'static str> {
        files().into_iter().map(stem).collect()
    }

    /// The library's scenario of that name.
    pub fn builtin(name: &str) -> Result<Self, ScenarioError> {
        let found = files().into_iter().find(|file| stem(file) == name);
        found.map_or_else(
            || {
                Err(ScenarioError::new(
                    name,
                    None,
                    "the library has no scenario of this name",
                ))
            },
            parse,
        )
    }

    /// The broken shop that `jamie demo` shows.
    pub fn demo() -> Result<Self, ScenarioError> {
        Self::builtin("demo")
    }
}

fn files() -> Vec<&'static File<'static>> {
    fn collect(dir: &'static Dir<'static>, files: &mut Vec<&'static File<'static>>) {
        files.extend(
            dir.files()
                .filter(|file| file.path().extension().is_some_and(|ending| ending == "yaml")),
        );
        for dir in dir.dirs() {
            collect(dir, files);
        }
    }
    let mut files = Vec::new();
    collect(&LIBRARY, &mut files);
    files.sort_by_key(|file| file.path());
    files
}

fn stem(file: &'static File<'static>) -> &'static str {
    file.path()
        .file_stem()
        .and_then(|stem| stem.to_str())
        .unwrap_or_default()
}

fn parse(file: &'static File<'static>) -> Result<Scenario, ScenarioError> {
    let path = format!("scenarios/{}", file.path().display());
    let text = file
        .contents_utf8()
        .ok_or_else(|| ScenarioError::new(&path, None, "this file is not UTF-8"))?;
    Scenario::parse(stem(file), &path, text)
}
