//! Layers of settings in, the winning value of each and where it came from out.

use std::{collections::BTreeMap, fmt, path::Path};

use jamie_core::{Error, ErrorKind, Result};
use toml::{Table, Value};

use super::{Config, Environment, Secret};

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// A line of the configuration file.
    File(String),
    /// A variable.
    Variable(String),
    /// A flag of the command.
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => f.write_str(path),
            Self::Variable(name) => f.write_str(name),
            Self::Flag(flag) => f.write_str(flag),
        }
    }
}

/// One setting: its dotted key, its value as TOML, and its origin.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// `kubernetes.context`.
    pub key: String,
    /// The value; of a secret, only whether it is set.
    pub value: Value,
    /// Where it came from.
    pub origin: Origin,
}

#[derive(Debug, Clone)]
struct Entry {
    path: Vec<String>,
    value: Value,
    origin: Origin,
}

/// The layers, lowest first, folded as they are added.
#[derive(Clone)]
pub struct Layers {
    /// By key, with the names that the key is made of: one may have a dot in it.
    settings: BTreeMap<String, Entry>,
    ignored: Vec<String>,
}

impl Layers {
    /// The defaults.
    pub fn new() -> Self {
        let defaults = Table::try_from(Config::default()).unwrap_or_default();
        let mut settings = BTreeMap::new();
        flatten(&[], &defaults, &mut |path, value| {
            let entry = Entry {
                path: path.to_vec(),
                value: value.clone(),
                origin: Origin::Default,
            };
            settings.insert(path.join("."), entry);
        });
        Self {
            settings,
            ignored: Vec::new(),
        }
    }

    /// Adds a configuration file. An error names the file, the line, and what was expected.
    pub fn file(mut self, path: &Path) -> Result<Self> {
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| {
            Error::new(
                ErrorKind::Config,
                format!("cannot read the configuration file {shown}: {error}"),
            )
            .with_hint("name another with --config, or write one with `jamie config init`")
        })?;
        let wrong = |error: toml::de::Error| {
            let line = error.span().map_or(1, |span| {
                1 + text.bytes().take(span.start).filter(|b| *b == b'\n').count()
            });
            Error::new(
                ErrorKind::Config,
                format!("{shown}, line {line}: {}", error.message().trim()),
            )
            .with_hint("`jamie config init` prints a file with every setting and what it takes")
        };
        // Reading it as a whole Config first checks names and types with the line at hand.
        toml::from_str::<Config>(&text).map_err(wrong)?;
        let table: Table = toml::from_str(&text).map_err(wrong)?;
        flatten(&[], &table, &mut |path, value| {
            let entry = Entry {
                path: path.to_vec(),
                value: value.clone(),
                origin: Origin::File(shown.clone()),
            };
            self.settings.insert(path.join("."), entry);
        });
        Ok(self)
    }

    /// Adds `JAMIE_*` variables: `JAMIE_KUBERNETES_CONTEXT` sets `kubernetes.context`.
    pub fn variables(mut self, environment: &Environment) -> Result<Self> {
        const PREFIX: &str = "JAMIE_";
        let keys: Vec<String> = self.settings.keys().cloned().collect();
        for (name, text) in environment.with_prefix(PREFIX) {
            let Some(key) = keys
                .iter()
                .find(|key| key.replace('.', "_").eq_ignore_ascii_case(name))
            else {
                if name != "CONFIG" {
                    self.ignored.push(format!("{PREFIX}{name}"));
                }
                continue;
            };
            let variable = format!("{PREFIX}{name}");
            let Some(entry) = self.settings.get_mut(key) else {
                continue;
            };
            entry.value = match &entry.value {
                Value::Boolean(_) => Value::Boolean(text.trim().parse().map_err(|_| {
                    Error::new(
                        ErrorKind::Config,
                        format!("{variable} should be true or false, it is {text:?}"),
                    )
                    .with_hint(format!("set it to true or false, or unset {variable}"))
                })?),
                Value::Array(_) => Value::Array(
                    text.split(',')
                        .map(str::trim)
                        .filter(|part| !part.is_empty())
                        .map(|part| Value::String(part.to_owned()))
                        .collect(),
                ),
                Value::Integer(_) => Value::Integer(text.trim().parse().map_err(|_| {
                    Error::new(
                        ErrorKind::Config,
                        format!("{variable} should be a whole number, it is {text:?}"),
                    )
                    .with_hint(format!("set it to a number, or unset {variable}"))
                })?),
                _ => Value::String(text.to_owned()),
            };
            entry.origin = Origin::Variable(variable);
        }
        Ok(self)
    }

    /// Adds a flag, where it was given.
    #[must_use]
    pub fn flag(mut self, key: &str, flag: &'static str, value: Option<impl Into<Value>>) -> Self {
        if let Some(value) = value {
            let entry = Entry {
                path: key.split('.').map(str::to_owned).collect(),
                value: value.into(),
                origin: Origin::Flag(flag),
            };
            self.settings.insert(key.to_owned(), entry);
        }
        self
    }

    /// Every setting, by key; secrets are not shown.
    pub fn settings(&self) -> impl Iterator<Item = Setting> + '_ {
        self.settings.iter().map(|(key, entry)| Setting {
            key: key.clone(),
            value: if Config::SECRETS.contains(&key.as_str()) && entry.value.as_str() != Some("") {
                Value::String(Secret::SHOWN.to_owned())
            } else {
                entry.value.clone()
            },
            origin: entry.origin.clone(),
        })
    }

    /// `JAMIE_*` variables that name no setting.
    pub fn ignored(&self) -> &[String] {
        &self.ignored
    }

    /// The winning values.
    pub fn config(&self) -> Result<Config> {
        let mut root = Table::new();
        for entry in self.settings.values() {
            plant(&mut root, &entry.path, &entry.value);
        }
        let config: Config = root.try_into().map_err(|error: toml::de::Error| {
            Error::new(
                ErrorKind::Config,
                format!("a setting does not fit: {}", error.message()),
            )
            .with_hint("`jamie config show` says where each value came from")
        })?;
        config.policy.validate()?;
        Ok(config)
    }
}

impl fmt::Debug for Layers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Layers")
            .field("settings", &self.settings().collect::<Vec<_>>())
            .field("ignored", &self.ignored)
            .finish()
    }
}

impl Default for Layers {
    fn default() -> Self {
        Self::new()
    }
}

/// Walks a table's leaves with the names that lead to them. A list is a leaf, whatever is in it.
fn flatten(above: &[String], table: &Table, leaf: &mut impl FnMut(&[String], &Value)) {
    for (name, value) in table {
        let mut path = above.to_vec();
        path.push(name.clone());
        match value {
            Value::Table(inner) => flatten(&path, inner, leaf),
            value => leaf(&path, value),
        }
    }
}

/// Puts a value back to where its names lead.
fn plant(table: &mut Table, path: &[String], value: &Value) {
    match path {
        [] => {}
        [name] => {
            table.insert(name.clone(), value.clone());
        }
        [name, rest @ ..] => {
            let inner = table
                .entry(name.clone())
                .or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(inner) = inner {
                plant(inner, rest, value);
            }
        }
    }
}
