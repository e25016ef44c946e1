//! Raw log text in, records out: time, level and message of each, whatever the framework; a stack trace is
//! one record with the line that caused it.

use std::{str::FromStr, sync::LazyLock};

use jiff::Timestamp;
use regex::Regex;
use serde_json::Value;

/// How bad a record is by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Debugging, tracing, information, or nothing said.
    Info,
    /// A warning.
    Warning,
    /// An error.
    Error,
    /// The process ends.
    Fatal,
}

/// One record of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// When it was written, where the line says so.
    pub at: Option<Timestamp>,
    /// How bad it is.
    pub level: Level,
    /// The message: of a stack trace its deciding line, of a JSON record its message and error.
    pub message: String,
    /// The first line as it stands, without the time that the log API puts before it.
    pub line: String,
    /// Lines that belong to it: a stack trace, the rest of a multi-line message.
    pub rest: Vec<String>,
}

/// Longer lines are cut: a gigabyte in one line is read as its beginning.
const MAX_LINE: usize = 4_096;
/// So many lines of one record are kept.
const MAX_REST: usize = 80;

/// Splits a log into records, oldest first.
pub fn records(log: &str) -> Vec<Record> {
    let mut records: Vec<Record> = Vec::new();
    for raw in log.lines() {
        let raw = cut(raw.trim_end());
        if raw.trim().is_empty() {
            continue;
        }
        let (at, line) = take_time(raw);
        let open = records.last_mut().filter(|record| continues(record, line));
        if let Some(record) = open {
            if record.rest.len() < MAX_REST {
                record.rest.push(line.to_owned());
            } else if let Some(last) = record.rest.last_mut() {
                // The last line of a trace may be the deciding one.
                line.clone_into(last);
            }
        } else {
            records.push(one(at, line));
        }
    }
    for record in &mut records {
        close(record);
    }
    records
}

fn cut(line: &str) -> &str {
    let mut end = MAX_LINE.min(line.len());
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    line.get(..end).unwrap_or(line)
}

/// The RFC 3339 time that the log API puts before each line, or the framework itself.
fn take_time(line: &str) -> (Option<Timestamp>, &str) {
    let Some((first, rest)) = line.split_once(' ') else {
        return (None, line);
    };
    match Timestamp::from_str(first) {
        Ok(at) => (Some(at), rest),
        Err(_) => (None, line),
    }
}

/// Whether a line belongs to the record before it.
fn continues(record: &Record, line: &str) -> bool {
    let indented = line.starts_with([' ', '\t']);
    let trace = [
        "Caused by:",
        "caused by:",
        "Suppressed:",
        "... ",
        "goroutine ",
        "stack backtrace:",
        "During handling of",
    ]
    .iter()
    .any(|start| line.starts_with(start));
    if indented || trace {
        return true;
    }
    // A Python trace ends with an unindented line that names the exception.
    let in_python = record.line.contains("Traceback (most recent call last)")
        || record
            .rest
            .iter()
            .any(|line| line.contains("Traceback (most recent call last)"));
    if in_python
        && !record
            .rest
            .iter()
            .any(|line| !line.starts_with([' ', '\t']) && EXCEPTION.is_match(line))
    {
        return true;
    }
    // Node puts the file and the source line before the error, Go an exit status after its goroutines.
    // Rust names the place first and says why on the next line.
    let in_rust = record.line.contains("panicked at") && record.line.ends_with(':') && record.rest.is_empty();
    let in_node = NODE_PLACE.is_match(&record.line) && record.rest.len() < 6;
    let in_go = record.line.starts_with("panic:")
        && (line.starts_with("main.")
            || line.contains(".go:")
            || line.starts_with("exit status")
            || line.starts_with("[signal"));
    in_rust
        || in_node && !line.starts_with("Node.js v")
        || in_go
        || line.starts_with('}')
        || line.starts_with("Node.js v")
}

fn one(at: Option<Timestamp>, line: &str) -> Record {
    let mut record = Record {
        at,
        level: Level::Info,
        message: line.to_owned(),
        line: line.to_owned(),
        rest: Vec::new(),
    };
    if let Some(json) = line
        .find('{')
        .and_then(|start| line.get(start..))
        .filter(|_| line.trim_start().starts_with('{'))
        && let Ok(Value::Object(fields)) = serde_json::from_str::<Value>(json) {
            from_json(&mut record, &fields);
            return record;
        }
    record.level = level_of(line);
    record.message = without_prefix(line).to_owned();
    record
}

fn from_json(record: &mut Record, fields: &serde_json::Map<String, Value>) {
    let text = |names: &[&str]| {
        names.iter().find_map(|name| match fields.get(*name)? {
            Value::String(text) if !text.is_empty() => Some(text.clone()),
            Value::Object(inner) => inner
                .get("message")
                .or_else(|| inner.get("msg"))?
                .as_str()
                .map(str::to_owned),
            _ => None,
        })
    };
    let message = text(&["msg", "message", "@m", "@mt", "event", "log", "textPayload"]);
    let error = text(&[
        "error",
        "err",
        "exception",
        "error.message",
        "exc_info",
        "stack_trace",
        "stack",
        "@x",
        "cause",
        "reason",
    ]);
    record.at = record
        .at
        .or_else(|| Timestamp::from_str(&text(&["ts", "time", "timestamp", "@timestamp", "@t"])?).ok());
    let level = text(&["level", "severity", "lvl", "log.level", "@l", "levelname"]);
    let number = fields.get("level").and_then(Value::as_u64);
    record.level = match (level, number) {
        (Some(word), _) => word_level(&word).unwrap_or(Level::Info),
        // pino and bunyan count: 30 info, 40 warning, 50 error, 60 fatal.
        (None, Some(60..)) => Level::Fatal,
        (None, Some(50..)) => Level::Error,
        (None, Some(40..)) => Level::Warning,
        _ if error.is_some() => Level::Error,
        _ => Level::Info,
    };
    let error = error.map(|error| deciding(error.lines()).unwrap_or(error));
    record.message = match (message, error) {
        (Some(message), Some(error)) if !message.contains(&error) => format!("{message}: {error}"),
        (Some(message), _) => message,
        (None, Some(error)) => error,
        (None, None) => record.line.clone(),
    };
}

/// With all its lines known: the deciding one of a stack trace becomes the message.
fn close(record: &mut Record) {
    if record.rest.is_empty() {
        return;
    }
    if record.line.contains("panicked at")
        && let Some(why) = record.rest.first()
    {
        record.message = format!("{} {why}", record.line);
        return;
    }
    let lines = std::iter::once(record.line.as_str()).chain(record.rest.iter().map(String::as_str));
    let is_trace = lines.clone().any(|line| {
        let line = line.trim_start();
        line.starts_with("at ")
            || line.starts_with("File \"")
            || line.starts_with("goroutine ")
            || line.starts_with("from ")
            || line.starts_with("Caused by:")
            || line.contains("Traceback (most recent call last)")
    });
    if is_trace {
        record.level = record.level.max(Level::Error);
        if let Some(deciding) = deciding(lines) {
            record.message = deciding;
        }
    }
}

/// The line of a stack trace that says why: the deepest cause, the exception, the panic.
fn deciding<'a>(lines: impl Iterator<Item = &'a str> + Clone) -> Option<String> {
    let caused = lines.clone().filter_map(|line| {
        let line = line.trim();
        line.strip_prefix("Caused by:")
            .or_else(|| line.strip_prefix("caused by:"))
    });
    if let Some(cause) = caused.filter(|cause| !cause.trim().is_empty()).last() {
        return Some(cause.trim().to_owned());
    }
    if lines
        .clone()
        .any(|line| line.contains("Traceback (most recent call last)"))
    {
        let exception = lines
            .clone()
            .filter(|line| !line.starts_with([' ', '\t']) && EXCEPTION.is_match(line))
            .last();
        if let Some(exception) = exception {
            return Some(exception.trim().to_owned());
        }
    }
    lines
        .clone()
        .find(|line| {
            line.starts_with("panic:")
                || line.contains("' panicked at ")
                || line.contains("Exception in thread")
        })
        .or_else(|| lines.clone().find(|line| EXCEPTION.is_match(line.trim())))
        .map(|line| without_prefix(line.trim()).to_owned())
}

#[expect(clippy::expect_used, reason = "constant patterns, compiled by every test")]
static EXCEPTION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:Uncaught |Unhandled exception\. |Unhandled )?(?:[A-Za-z_][\w$]*[.:]{1,2})*[A-Z][\w$]*(?:Error|Exception|Exit|Interrupt|Failure|Fault|Invalid|NotFound)\b(?: \[[^\]]*\])?\s*(?::|$|\()").expect("a valid pattern")
});
#[expect(clippy::expect_used, reason = "constant patterns, compiled by every test")]
static NODE_PLACE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^(?:file://|node:|/)[^\s:]*:\d+$").expect("a valid pattern"));
#[expect(clippy::expect_used, reason = "constant patterns, compiled by every test")]
static KLOG: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^([IWEF])\d{4} \d\d:\d\d:\d\d").expect("a valid pattern"));
#[expect(clippy::expect_used, reason = "constant patterns, compiled by every test")]
static LEVEL_WORD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)(?:^|[\s\[(<|"=:])(trace|debug|info|information|notice|note|warn|warning|error|err|erro|fail|severe|crit|critical|fatal|panic|alert|emerg|emergency)(?:[\s\])>|":,!]|$)"#).expect("a valid pattern")
});
#[expect(clippy::expect_used, reason = "constant patterns, compiled by every test")]
static PREFIX: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:\[?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d[.,\d]*(?:Z|[+-]\d\d:?\d\d| UTC)?\]?|\[?\d\d:\d\d:\d\d[.,\d]*\]?)\s*(?:\[\d+\]\s*)?").expect("a valid pattern")
});
#[expect(clippy::expect_used, reason = "constant patterns, compiled by every test")]
static UNWELL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:error|exception|traceback|panic(?:ked)?|fatal|failed|failure|cannot|can't|could not|couldn't|unable to|refused|denied|forbidden|unauthorized|not found|no such|missing|not set|undefined|invalid|timed? ?out|timeout|killed|segmentation fault|core dumped|aborted|out of memory|no space left|unreachable|unresolved|expired|unknown|mismatch|too low|too small|corrupt(?:ed)?|rejected|exceeded|pending migrations?)\b|Error:|Exception:").expect("a valid pattern")
});
#[expect(clippy::expect_used, reason = "constant patterns, compiled by every test")]
static FINE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)\b(?:0|no|zero|without(?: any)?) (?:errors?|failures?|failed|warnings?|exceptions?)\b|\b(?:errors?|failures?|failed|err)["']?\s*[=:]\s*(?:0|nil|null|none|false|""|\[\])(?:\b|$|[,}\s])|failover complete|\b(?:recovered|succeeded) (?:after|from)|error[-_ ](?:handler|page|rate|budget|reporting|log)s?\b"#).expect("a valid pattern")
});

fn word_level(word: &str) -> Option<Level> {
    Some(match word.to_ascii_lowercase().as_str() {
        "trace" | "debug" | "info" | "information" | "notice" | "note" | "inf" | "dbg" => Level::Info,
        "warn" | "warning" | "wrn" => Level::Warning,
        "error" | "err" | "erro" | "fail" | "severe" => Level::Error,
        "crit" | "critical" | "fatal" | "panic" | "alert" | "emerg" | "emergency" | "ftl" => Level::Fatal,
        _ => return None,
    })
}

/// The level that a text line claims, or that its words show where it claims none.
fn level_of(line: &str) -> Level {
    if let Some(letter) = KLOG.captures(line).and_then(|found| found.get(1)) {
        return match letter.as_str() {
            "W" => Level::Warning,
            "E" => Level::Error,
            "F" => Level::Fatal,
            _ => Level::Info,
        };
    }
    let head: String = line.chars().take(120).collect();
    if line.starts_with("panic:") || line.contains("panicked at") || line.contains("Segmentation fault") {
        return Level::Fatal;
    }
    if FINE.is_match(line) {
        return Level::Info;
    }
    let claimed = LEVEL_WORD
        .captures(&head)
        .and_then(|found| word_level(found.get(1)?.as_str()));
    match claimed {
        // "nginx: [emerg]" and "FATAL:" decide; so does "INFO", whatever the message mentions.
        Some(level) => level,
        None if EXCEPTION.is_match(without_prefix(line)) || line.starts_with("npm ERR!") => Level::Error,
        None if UNWELL.is_match(line) => Level::Error,
        None => Level::Info,
    }
}

/// A line without the time that its framework puts first.
fn without_prefix(line: &str) -> &str {
    let line = line.trim();
    PREFIX
        .find(line)
        .and_then(|found| line.get(found.end()..))
        .map_or(line, str::trim_start)
}
