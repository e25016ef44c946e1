//! A model's text in, the tool calls that it wrote out as text out: small models do that instead of calling.

use serde_json::Value;

use crate::llm::ModelCall;

/// Whether a piece of text begins like a tool call rather than like a sentence.
pub(super) fn begins(text: &str, tools: &[&str]) -> bool {
    let text = text.trim_start();
    text.starts_with('{')
        || text.starts_with("[{")
        || text.starts_with("[TOOL_CALLS]")
        || text.starts_with("<tool_call")
        || text.starts_with("<function")
        || text.starts_with("<|")
        || text.strip_prefix("```").is_some_and(|rest| {
            let rest = rest
                .trim_start_matches(|c: char| c.is_ascii_alphabetic())
                .trim_start();
            rest.starts_with('{') || rest.starts_with("[{")
        })
        || tools
            .iter()
            .any(|tool| text.strip_prefix(tool).is_some_and(|rest| rest.starts_with('(')))
}

/// The calls in a text, to tools of these names.
pub(super) fn calls(text: &str, tools: &[&str]) -> Vec<ModelCall> {
    let mut found = Vec::new();
    for value in values(text) {
        collect(&value, tools, &mut found);
    }
    if found.is_empty() {
        found.extend(tools.iter().filter_map(|tool| function_style(text, tool)));
    }
    for (at, call) in found.iter_mut().enumerate() {
        call.id = format!("written-{}", at + 1);
    }
    found
}

/// The JSON objects and lists in a text; what is broken is mended where it is plain how.
fn values(text: &str) -> Vec<Value> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(['{', '[']) {
        let part = rest.get(start..).unwrap_or_default();
        let end = closing(part);
        let (candidate, after) = part.split_at(end.unwrap_or(part.len()));
        let whole = if end.is_some() {
            candidate.to_owned()
        } else {
            closed(candidate)
        };
        if let Some(value) = parse(&whole) {
            found.push(value);
            rest = after;
        } else {
            rest = part.get(1..).unwrap_or_default();
        }
        if found.len() >= 8 {
            break;
        }
    }
    found
}

/// JSON, or what is nearly JSON: YAML takes single quotes, bare keys and trailing commas.
fn parse(text: &str) -> Option<Value> {
    let value: Value = serde_json::from_str(text)
        .ok()
        .or_else(|| serde_saphyr::from_str(text).ok())?;
    (value.is_object() || value.is_array()).then_some(value)
}

/// Where the bracket at the beginning is closed.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let (mut quoted, mut escaped) = (None, false);
    for (at, c) in text.char_indices() {
        if let Some(quote) = quoted {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                _ if c == quote => quoted = None,
                _ => {}
            }
            continue;
        }
        match c {
            '"' => quoted = Some(c),
            '{' | '[' => depth += 1,
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(at + c.len_utf8());
                }
            }
            _ => {}
        }
    }
    None
}

/// The text with the brackets closed that were left open.
fn closed(text: &str) -> String {
    let mut open = Vec::new();
    let (mut quoted, mut escaped) = (false, false);
    for c in text.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '{' if !quoted => open.push('}'),
            '[' if !quoted => open.push(']'),
            '}' | ']' if !quoted => {
                open.pop();
            }
            _ => {}
        }
    }
    let mut whole = text.trim_end().trim_end_matches(',').to_owned();
    if quoted {
        whole.push('"');
    }
    whole.extend(open.iter().rev());
    whole
}

/// The calls in a value, in the shapes that models use.
fn collect(value: &Value, tools: &[&str], found: &mut Vec<ModelCall>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, tools, found)),
        Value::Object(object) => {
            for key in ["tool_calls", "calls", "tools"] {
                if let Some(inner @ Value::Array(_)) = object.get(key) {
                    return collect(inner, tools, found);
                }
            }
            if let Some(function @ Value::Object(_)) = object.get("function") {
                return collect(function, tools, found);
            }
            let name = ["name", "tool", "tool_name", "function", "action"]
                .iter()
                .find_map(|key| object.get(*key).and_then(Value::as_str));
            let Some(name) = name.filter(|name| tools.contains(name)) else {
                return;
            };
            let arguments = ["arguments", "parameters", "args", "input", "action_input"]
                .iter()
                .find_map(|key| object.get(*key))
                .cloned()
                .unwrap_or(Value::Null);
            let arguments = match &arguments {
                Value::String(text) => parse(text).unwrap_or(arguments),
                _ => arguments,
            };
            found.push(ModelCall {
                id: String::new(),
                name: name.to_owned(),
                arguments,
            });
        }
        _ => {}
    }
}

/// `logs({"target": "shop/api"})` and `logs(target="shop/api")`.
fn function_style(text: &str, tool: &str) -> Option<ModelCall> {
    let at = text.find(&format!("{tool}("))?;
    let inner = text.get(at + tool.len() + 1..)?;
    let inner = inner.get(..inner.rfind(')').unwrap_or(inner.len()))?.trim();
    let arguments = if inner.is_empty() {
        Value::Null
    } else if inner.starts_with('{') {
        parse(inner)?
    } else {
        let pairs: Vec<String> = inner
            .split(',')
            .filter_map(|pair| pair.split_once('='))
            .map(|(key, value)| format!("{}: {}", key.trim(), value.trim()))
            .collect();
        if pairs.is_empty() {
            return None;
        }
        parse(&format!("{{{}}}", pairs.join(", ")))?
    };
    Some(ModelCall {
        id: String::new(),
        name: tool.to_owned(),
        arguments,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{begins, calls};

    const TOOLS: &[&str] = &["logs", "events"];

    #[test]
    fn calls_are_read_however_they_are_written() {
        let expected = json!({"target": "shop/api"});
        for text in [
            r#"{"name": "logs", "arguments": {"target": "shop/api"}}"#,
            "```json\n{\"name\": \"logs\", \"parameters\": {\"target\": \"shop/api\"}}\n```",
            r#"<tool_call>{"name":"logs","arguments":{"target":"shop/api"}}</tool_call>"#,
            r#"[TOOL_CALLS] [{"name": "logs", "arguments": {"target": "shop/api"}}]"#,
            r#"{"tool_calls":[{"function":{"name":"logs","arguments":"{\"target\":\"shop/api\"}"}}]}"#,
            r"{'name': 'logs', 'arguments': {'target': 'shop/api',}}",
            r#"{"name": "logs", "arguments": {"target": "shop/api""#,
            r#"{"tool": "logs", "args": {"target": "shop/api"}}"#,
            r#"logs({"target": "shop/api"})"#,
            r#"logs(target="shop/api")"#,
        ] {
            assert!(begins(text, TOOLS), "{text}");
            let found = calls(text, TOOLS);
            assert_eq!(found.len(), 1, "{text}: {found:?}");
            assert_eq!(found[0].name, "logs");
            assert_eq!(found[0].arguments, expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_call_is_none() {
        for text in [
            "The api is down because its database was killed.",
            r#"{"name": "rm", "arguments": {}}"#,
            "{{{{",
            "",
            "[e1] says so",
        ] {
            assert!(calls(text, TOOLS).is_empty(), "{text}");
        }
        assert!(!begins("[e1] says so", TOOLS));
        assert!(!begins("logs say otherwise", TOOLS));
    }
}
