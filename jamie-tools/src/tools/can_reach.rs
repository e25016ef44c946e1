//! Two ends and perhaps a port in; whether traffic gets from one to the other, and the first hop that fails, out.

use async_trait::async_trait;
use jamie_core::{
    Block, Error, ErrorKind, NextStep, ObjectRef, Phrase, Quantity, Question, Quoted, Result, Severity,
    ToolContext, ToolOutput, tool::Fill,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Look, findings, must_exist};
use crate::{
    Snapshot,
    cluster::{Cluster, Freshness},
    diagnosis::Scope,
    reach::{Outcome, Party, Path, PortAsked, solve},
    wording,
};

pub(super) struct CanReach;

/// From where to where.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Args {
    /// Who calls: a workload, pod, namespace or Ingress.
    #[schemars(extend("x-slot" = "target"))]
    from: Option<ObjectRef>,
    /// Who is called: a Service, workload, pod or Ingress.
    #[schemars(extend("x-slot" = "second_target"))]
    to: Option<ObjectRef>,
    /// Who calls, where it is no object: `internet`, an address.
    from_word: Option<String>,
    /// Who is called, where it is no object: `internet`, an address, a host name.
    to_word: Option<String>,
    /// The port, by number or name.
    port: Option<String>,
}

#[async_trait]
impl Look for CanReach {
    type Args = Args;
    const NAME: &'static str = "can_reach";
    const DESCRIPTION: &'static str = "Whether A can reach B: name, Service, endpoints, port, NetworkPolicies both ways; the first failing hop.";
    const EXAMPLE: &'static str = "why can't web reach api?";
    const FILL: Option<Fill> = Some(fill);

    fn phrases() -> Vec<Phrase> {
        super::phrases(&[
            "can {target} reach {target}",
            "why can {target} not reach {target}",
            "can {target} talk to {target}",
            "why can {target} not talk to {target}",
            "can {target} connect to {target}",
            "why does {target} not connect to {target}",
            "connection from {target} to {target}",
            "connection refused from {target} to {target}",
            "connection timeout between {target} and {target}",
            "{target} times out calling {target}",
            "{target} gets no answer from {target}",
            "is traffic from {target} to {target} allowed",
            "does a network policy block {target} from {target}",
            "is {target} blocked by a network policy",
            "can {target} reach the internet",
            "can {target} get out to the internet",
            "can the internet reach {target}",
            "is {target} reachable from outside",
            "is {target} reachable",
            "is {target} exposed",
            "who can reach {target}",
            "can {target} resolve {target}",
            "network path from {target} to {target}",
            "test connectivity between {target} and {target}",
            "can {target} reach port {count} of {target}",
        ])
    }

    async fn look(cluster: &Cluster, _context: &ToolContext, args: Args) -> Result<ToolOutput> {
        for namespace in [&args.from, &args.to]
            .into_iter()
            .flatten()
            .filter_map(|object| object.namespace.as_deref())
        {
            cluster.include_namespace(namespace);
        }
        let snapshot = cluster.snapshot(Freshness::Recent).await?;
        let (from, to) = ends(&snapshot, &args)?;
        let port = args.port.as_deref().filter(|port| !port.is_empty()).map(|port| {
            port.parse()
                .map_or_else(|_| PortAsked::Name(port.to_owned()), PortAsked::Number)
        });
        let path = solve(&snapshot, &from, &to, port.as_ref());
        let mut output = told(&from, &to, &path);
        output.focus = [args.from, args.to].into_iter().flatten().collect();
        let ends = output
            .focus
            .iter()
            .filter(|end| end.kind != "Namespace")
            .cloned()
            .collect();
        findings::bring(cluster, &mut output, &Scope::Objects(ends), Severity::Error).await?;
        Ok(output)
    }
}

fn party(snapshot: &Snapshot, object: &ObjectRef) -> Result<Party> {
    must_exist(snapshot, object)?;
    Party::of(snapshot, object).ok_or_else(|| {
        Error::new(
            ErrorKind::InvalidInput,
            format!("{object} neither sends nor takes traffic"),
        )
        .with_hint("name a workload, pod, Service, Ingress or namespace")
    })
}

fn ends(snapshot: &Snapshot, args: &Args) -> Result<(Party, Party)> {
    let word = |word: &Option<String>| word.as_deref().and_then(Party::said);
    let from = args
        .from
        .as_ref()
        .map(|object| party(snapshot, object))
        .transpose()?;
    let to = args
        .to
        .as_ref()
        .map(|object| party(snapshot, object))
        .transpose()?;
    match (from, to, word(&args.from_word), word(&args.to_word)) {
        (Some(from), Some(to), ..) | (Some(from), None, _, Some(to)) | (None, Some(to), Some(from), _) => {
            Ok((from, to))
        }
        // "Can the internet reach api": the one object named is the one that is called.
        (Some(to), None, Some(from), None) => Ok((from, to)),
        // "Is api reachable": from outside if something exposes it, from its own namespace otherwise.
        (Some(only), None, None, None) | (None, Some(only), None, None) => {
            Ok((caller_for(snapshot, &only), only))
        }
        _ => Err(Error::new(
            ErrorKind::InvalidInput,
            "From where to where? I need to know both ends",
        )
        .with_hint("ask for example \"can web reach api\"")),
    }
}

fn caller_for(snapshot: &Snapshot, called: &Party) -> Party {
    if matches!(called, Party::Ingress(_)) {
        return Party::Internet;
    }
    let exposed = !solve(snapshot, &Party::Internet, called, None)
        .hops
        .iter()
        .any(|hop| hop.step == "exposure" && hop.outcome == Outcome::Fails);
    let inside = called
        .namespace()
        .map(|name| ObjectRef::cluster("Namespace", name));
    match inside.and_then(|object| Party::of(snapshot, &object)) {
        Some(inside) if !exposed => inside,
        _ => Party::Internet,
    }
}

fn fill(question: &Question, args: &mut Map<String, Value>) {
    let words: Vec<&str> = question.words.iter().map(String::as_str).collect();
    let outside = words
        .iter()
        .position(|word| matches!(*word, "internet" | "outside" | "world" | "public" | "externally"));
    if args.contains_key("from")
        && !args.contains_key("to")
        && let Some(at) = outside
    {
        // Before the verb it calls; behind it, it is called: unless it says "from outside".
        let verb = words.iter().position(|word| {
            matches!(
                *word,
                "reach" | "connect" | "talk" | "access" | "get" | "call" | "reachable" | "exposed"
            )
        });
        let behind_from = at > 0 && words.iter().take(at).rev().take(2).any(|word| *word == "from");
        let calls = behind_from
            || verb.is_some_and(|verb| at < verb)
            || words
                .iter()
                .any(|word| matches!(*word, "reachable" | "exposed" | "externally"));
        args.insert(
            if calls { "from_word" } else { "to_word" }.to_owned(),
            json!("internet"),
        );
    }
    // "from A to B" however the sentence is turned: "is B reachable from A".
    if let [first, second, ..] = question.targets.as_slice() {
        let place = |said: &str| {
            let said = said.to_lowercase();
            question.text.to_lowercase().find(&said)
        };
        let text = question.text.to_lowercase();
        let turned = place(&second.said).is_some_and(|at| {
            text.get(..at).is_some_and(|before| {
                let before = before.trim_end().trim_end_matches(" the");
                before.ends_with(" from") || before.ends_with(" by")
            })
        });
        if turned {
            args.insert("from".to_owned(), json!(second.object));
            args.insert("to".to_owned(), json!(first.object));
        }
    }
    if let Some(position) = words.iter().position(|word| *word == "port")
        && let Some(port) = words
            .get(position + 1)
            .filter(|port| !matches!(**port, "of" | "on" | "is" | "to"))
    {
        args.insert("port".to_owned(), json!(port));
    } else if let Some(port) = question.text.split_whitespace().find_map(|word| {
        let port = word.trim_end_matches(['?', '.', ',', '!']).rsplit_once(':')?.1;
        port.parse::<u16>().ok()
    }) {
        args.insert("port".to_owned(), json!(port.to_string()));
    } else if words.contains(&"port")
        && let Some(port) = question.quantities.iter().find_map(|quantity| match quantity {
            Quantity::Count(count) if *count > 0 && *count < 65_536 => Some(*count),
            _ => None,
        })
    {
        args.insert("port".to_owned(), json!(port.to_string()));
    }
    if !args.contains_key("to") && !args.contains_key("to_word") && !args.contains_key("from_word") {
        let host = question
            .text
            .split_whitespace()
            .map(|word| {
                word.trim_matches(|c: char| matches!(c, '`' | '"' | '\'' | '?' | ',' | '!'))
                    .trim_end_matches('.')
            })
            .find(|word| matches!(Party::said(word), Some(Party::Address(_) | Party::Host(_))));
        if let Some(host) = host {
            args.insert("to_word".to_owned(), json!(host));
        }
    }
}

fn told(from: &Party, to: &Party, path: &Path) -> ToolOutput {
    let (a, b) = (wording::sentence(&from.name()), to.name());
    let port = path
        .port
        .map_or_else(String::new, |port| format!(" on port {port}"));
    let mut output = ToolOutput {
        notes: path.notes.clone(),
        ..ToolOutput::default()
    };
    output.good = Some(path.broken().is_none() && path.doubtful().is_none());
    output.headline = match (path.broken(), path.doubtful()) {
        (Some(hop), _) => format!("{a} cannot reach {b}{port}: {}.", hop.text),
        (None, Some(hop)) => format!("{a} perhaps cannot reach {b}{port}: {}.", hop.text),
        (None, None) => format!("{a} can reach {b}{port}: I find nothing on the way that stops it."),
    };
    let items = path
        .hops
        .iter()
        .map(|hop| {
            let mark = match hop.outcome {
                Outcome::Passes => "passes",
                Outcome::Doubtful => "doubtful",
                Outcome::Fails => "**fails**",
            };
            format!("{} ({mark}): {}", wording::sentence(hop.step), hop.text)
        })
        .collect();
    output.blocks.push(Block::List { items });
    let stopping: Vec<_> = path
        .hops
        .iter()
        .filter(|hop| hop.outcome != Outcome::Passes)
        .collect();
    for hop in &stopping {
        output.evidence.extend(hop.evidence.iter().cloned());
        output.next.extend(hop.remedy.clone());
    }
    if let Some(policy) = &path.opening {
        output
            .blocks
            .push(Block::para("A policy that would open the way:"));
        output.blocks.push(Block::Code {
            language: "yaml".to_owned(),
            text: Quoted::passage(policy, 3_000),
        });
    }
    if stopping.is_empty()
        && let (Party::Pods { object, .. }, Some(service), Some(port)) = (from, &path.service, path.port)
        && object.kind != "Namespace"
    {
        output.next.push(NextStep::command(
            "Try it for real",
            format!(
                "kubectl exec -n {} {}/{} -- wget -qO- -T 3 http://{}.{}:{port}/",
                object.namespace.as_deref().unwrap_or_default(),
                object.kind.to_lowercase(),
                object.name,
                service.name,
                service.namespace.as_deref().unwrap_or_default(),
            ),
        ));
    }
    output.facts = json!({
        "reachable": match (path.broken(), path.doubtful()) { (Some(_), _) => "no", (None, Some(_)) => "doubtful", _ => "yes" },
        "failing": path.broken().map(|hop| hop.step),
        "blame": path.broken().and_then(|hop| hop.blame.clone()),
        "port": path.port,
    });
    output
}
