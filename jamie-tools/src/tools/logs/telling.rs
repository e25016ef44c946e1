//! Log lines in; the sentence that sums them up, the errors by pattern and the lines worth seeing, out.

use jamie_core::{Block, Error, NextStep, Quoted, Result, ToolContext, ToolOutput};
use serde_json::json;

use super::{
    Args,
    lines::{Line, Sieve},
    sources::Source,
};
use crate::{
    leads::{
        Level, Record,
        pattern::{self, Pattern},
        record,
    },
    tools::table::table,
    wording,
};

/// Lines shown.
const SHOWN: usize = 40;
/// Characters shown.
const MAX_CHARS: usize = 10_000;

/// What was read, and from where.
pub(super) struct Found<'a> {
    pub(super) args: &'a Args,
    pub(super) sources: &'a [Source],
    pub(super) sieve: &'a Sieve,
    pub(super) lines: Vec<Line>,
    /// Where it failed, and why.
    pub(super) failed: Vec<(String, Error)>,
}

/// Adds what the lines say to an output.
pub(super) fn tell(
    mut found: Found<'_>,
    context: &ToolContext,
    mut output: ToolOutput,
) -> Result<ToolOutput> {
    let args = found.args;
    let target = format!("`{}`", args.target.path());
    if found.lines.is_empty()
        && found.failed.len() == found.sources.len()
        && let Some((_, error)) = found.failed.pop()
    {
        let message = format!("I could not read the logs of {target}: {}", error.message());
        let hint = error
            .hint()
            .unwrap_or("look whether its containers have started")
            .to_owned();
        return Err(Error::new(error.kind(), message).with_hint(hint));
    }
    for (source, error) in found.failed.iter().take(3) {
        let why = error.message().trim_end_matches('.');
        output
            .notes
            .push(format!("The log of `{source}` could not be read: {why}."));
    }
    found.lines.retain(|line| {
        line.at.is_none_or(|at| {
            args.until.is_none_or(|until| at <= until) && args.since.is_none_or(|since| at >= since)
        })
    });
    let stretch = stretch(args, context);
    if found.lines.is_empty() {
        let run = if args.previous {
            " before the last restart"
        } else {
            ""
        };
        output.headline = format!("The logs of {target}{run} are empty{stretch}.");
        ended(&mut output, &found);
        return Ok(output);
    }
    let text: String = found
        .lines
        .iter()
        .map(|line| line.text.as_str())
        .collect::<Vec<_>>()
        .join("\n");
    let records = record::records(&text);
    let bad: Vec<&Record> = records
        .iter()
        .filter(|record| record.level >= Level::Warning)
        .collect();
    let errors = bad.iter().filter(|record| record.level >= Level::Error).count();
    let patterns = pattern::cluster(bad.iter().copied());
    output.facts = json!({"lines": found.lines.len(), "errors": errors, "warnings": bad.len() - errors});
    output.good = (errors > 0).then_some(false);
    if found.sieve.picks() {
        output.headline = picked(&found, &target);
    } else {
        output.headline = summed_up(&found, &target, &stretch, &patterns, [errors, bad.len()]);
        ended(&mut output, &found);
    }
    if (args.errors || errors > 2) && !found.sieve.picks() {
        output.blocks.extend(by_pattern(&patterns, context));
    }
    if args.errors && !found.sieve.picks() && !bad.is_empty() {
        let first = bad
            .iter()
            .find(|record| record.level >= Level::Error)
            .or(bad.first());
        if let Some(first) = first {
            output
                .blocks
                .push(code(&around_first(&found.lines, &first.line), found.sources));
        }
    } else {
        show(&mut output, &found);
    }
    output.next.push(if args.previous {
        NextStep::command("See it whole", kubectl(args, "--previous"))
    } else {
        NextStep::command("Watch it live", kubectl(args, "-f --tail=50"))
    });
    Ok(output)
}

/// How the containers ended belongs to what they said last.
fn ended(output: &mut ToolOutput, found: &Found<'_>) {
    let mut ends: Vec<String> = found
        .sources
        .iter()
        .filter_map(|source| {
            Some(format!(
                "`{}` of `{}` last ended: {}",
                source.container,
                source.pod,
                source.ended.as_ref()?
            ))
        })
        .collect();
    ends.dedup();
    if !ends.is_empty() {
        output
            .blocks
            .push(Block::para(format!("{}.", wording::list(&ends, 3))));
    }
}

fn run(args: &Args) -> &'static str {
    if args.previous {
        " before the last restart"
    } else {
        ""
    }
}

fn picked(found: &Found<'_>, target: &str) -> String {
    let (read, run, what) = (found.lines.len(), run(found.args), found.sieve.text());
    match found.sieve.hits(&found.lines) {
        0 => format!(
            "None of the {} of {target}{run} {}.",
            wording::count(read, "line"),
            what.replacen("match ", "matches ", 1)
        ),
        hits => format!(
            "{} of {read} of {target}{run} {what}.",
            wording::count(hits, "line")
        ),
    }
}

fn summed_up(
    found: &Found<'_>,
    target: &str,
    stretch: &str,
    patterns: &[Pattern],
    [errors, bad]: [usize; 2],
) -> String {
    let run = run(found.args);
    let lines = wording::count(found.lines.len(), "line");
    let from = match found.sources.len() {
        1 => String::new(),
        many => format!(" from {}", wording::count(many, "container")),
    };
    let worst = patterns
        .iter()
        .filter(|pattern| pattern.level >= Level::Error)
        .max_by_key(|pattern| (pattern.level, pattern.count));
    match worst {
        Some(worst) => format!(
            "The logs of {target}{run} have {} in {lines}{from}{stretch}; most telling: \"{}\".",
            wording::count(errors, "error"),
            wording::clip(&worst.example, 160)
        ),
        None if bad == 0 => {
            format!("Nothing looks like an error in the {lines} of {target}{run}{from}{stretch}.")
        }
        None => {
            let warnings = wording::count(bad, "warning");
            format!("There are {warnings} and no errors in the {lines} of {target}{run}{from}{stretch}.")
        }
    }
}

fn by_pattern(patterns: &[Pattern], context: &ToolContext) -> Vec<Block> {
    let rows = patterns
        .iter()
        .map(|pattern| {
            let when = pattern
                .last
                .map(|at| wording::moment(at, context.now, &context.zone));
            vec![
                pattern.count.to_string(),
                level(pattern.level).to_owned(),
                when.unwrap_or_default(),
                wording::clip(&pattern.example, 200),
            ]
        })
        .collect();
    table(&["Times", "Level", "Last", "Message"], rows, "pattern")
}

/// The last lines of those that pass.
fn show(output: &mut ToolOutput, found: &Found<'_>) {
    let chosen: Vec<&Line> = if found.sieve.picks() {
        found.sieve.keep(&found.lines)
    } else {
        found.lines.iter().collect()
    };
    let most = found
        .args
        .tail
        .map_or(SHOWN, |tail| (tail as usize).clamp(1, 400));
    let skipped = chosen.len().saturating_sub(most);
    let last: Vec<&Line> = chosen.into_iter().skip(skipped).collect();
    if skipped > 0 && found.args.tail.is_none() {
        output
            .blocks
            .push(Block::para(format!("The last {most} of them:")));
    }
    if !last.is_empty() {
        output.blocks.push(code(&last, found.sources));
    }
}

/// The lines round the first error.
fn around_first<'a>(lines: &'a [Line], first: &str) -> Vec<&'a Line> {
    const BEFORE: usize = 3;
    const AFTER: usize = 8;
    let position = lines
        .iter()
        .position(|line| line.text.contains(first))
        .unwrap_or(0);
    let source = lines.get(position).map(|line| line.source);
    let own: Vec<&Line> = lines.iter().filter(|line| Some(line.source) == source).collect();
    let at = own.iter().position(|line| line.text.contains(first)).unwrap_or(0);
    own.into_iter()
        .skip(at.saturating_sub(BEFORE))
        .take(BEFORE + 1 + AFTER)
        .collect()
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Fatal => "fatal",
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Info => "info",
    }
}

/// Lines as a block, the oldest left out where there are too many.
pub(super) fn code(lines: &[&Line], sources: &[Source]) -> Block {
    let mut shown: Vec<String> = lines.iter().map(|line| line.shown(sources)).collect();
    let mut length = 0;
    let keep = shown.iter().rev().take_while(|line| {
        length += line.chars().count() + 1;
        length <= MAX_CHARS
    });
    let keep = keep.count().max(1);
    let cut = shown.len().saturating_sub(keep);
    shown.drain(..cut);
    if cut > 0 {
        shown.insert(0, format!("… {} before this", wording::count(cut, "line")));
    }
    Block::Code {
        language: "log".to_owned(),
        text: Quoted::passage(shown.join("\n"), MAX_CHARS + 100),
    }
}

fn stretch(args: &Args, context: &ToolContext) -> String {
    let show = |at| wording::moment(at, context.now, &context.zone);
    match (args.since, args.until) {
        (Some(since), Some(until)) => format!(" between {} and {}", show(since), show(until)),
        (Some(since), None) => format!(" since {}", show(since)),
        (None, Some(until)) => format!(" until {}", show(until)),
        (None, None) => String::new(),
    }
}

fn kubectl(args: &Args, flags: &str) -> String {
    let target = &args.target;
    let namespace = target.namespace.as_deref().unwrap_or("default");
    let what = match target.kind.as_str() {
        "Pod" => target.name.clone(),
        kind => format!("{}/{}", kind.to_lowercase(), target.name),
    };
    let container = match &args.container {
        Some(name) => format!("-c {name}"),
        None => "--all-containers".to_owned(),
    };
    format!("kubectl logs {what} -n {namespace} {container} {flags}")
}
