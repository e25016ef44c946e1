#![allow(clippy::unwrap_used)]

use jiff::{Timestamp, tz::TimeZone};
use proptest::prelude::*;
use serde_json::json;

use super::{BUDGET, Parts, build, quoted, resolve_targets, tokens, tokens_of};
use crate::{Effect, ToolSpec, llm::ModelTool, prompt::model_tool};

fn tool(name: &str) -> ModelTool {
    ModelTool {
        name: name.to_owned(),
        description: "Shows the log of a workload, a pod or a container".to_owned(),
        schema: json!({"type": "object", "properties": {"target": {"type": "string"}, "tail": {"type": "integer"}}}),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Whatever is known: a first request keeps within its budget, and holds the question and the first facts.
    #[test]
    fn a_request_keeps_within_its_budget(
        facts in prop::collection::vec("[ -~]{0,900}", 0..30),
        question in "[a-z ]{1,300}",
        tools in 0..20_usize,
    ) {
        let zone = TimeZone::UTC;
        let first = facts.first().cloned();
        let request = build(Parts {
            instructions: "You are Jamie.",
            person: Some("Bruno"),
            now: Timestamp::UNIX_EPOCH,
            zone: &zone,
            history: &[],
            earlier: &[],
            question: &question,
            facts,
            tools: (0..tools).map(|n| tool(&format!("tool_{n}"))).collect(),
        });
        prop_assert!(tokens_of(&request) <= BUDGET, "{}", tokens_of(&request));
        let body = &request.messages.last().unwrap().content;
        prop_assert!(body.contains(question.trim()));
        if let Some(first) = first.filter(|first| tokens(first) < 400) {
            prop_assert!(body.contains(&first));
        }
    }

    /// Nothing gets out of a quotation.
    #[test]
    fn quotations_hold(text in ".{0,300}") {
        let told = quoted(&text);
        prop_assert!(!told.contains('\n'));
        let back: String = serde_json::from_str(&told).unwrap();
        prop_assert!(back.chars().all(|c| !c.is_control() || c == '\n' || c == '\t'));
    }
}

#[test]
fn objects_are_text_to_a_model() {
    let spec = ToolSpec {
        name: "logs",
        description: "Shows a log. More about it.",
        schema: json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "Args",
            "type": "object",
            "properties": {
                "target": {"$ref": "#/$defs/ObjectRef", "x-slot": "target"},
                "since": {"type": ["string", "null"], "description": "From when on. RFC 3339.", "x-slot": "since"},
                "mode": {"anyOf": [{"$ref": "#/$defs/Mode"}, {"type": "null"}]},
                "words": {"type": "string", "x-slot": "text"},
            },
            "required": ["target", "words"],
            "$defs": {
                "ObjectRef": {"type": "object"},
                "Mode": {"oneOf": [{"const": "lines", "description": "Lines"}, {"const": "summary"}]},
            },
        }),
        effect: Effect::Read,
        phrases: Vec::new(),
        example: "",
        fill: None,
    };
    let (tool, view) = model_tool(&spec);
    assert_eq!(tool.description, "Shows a log");
    assert_eq!(
        tool.schema,
        json!({
            "type": "object",
            "properties": {
                "target": {"type": "string", "description": "Kind/namespace/name"},
                "since": {"type": "string", "description": "From when on"},
                "mode": {"enum": ["lines", "summary"]},
            },
            "required": ["target"],
        })
    );
    let names = crate::Names {
        all: ["Deployment", "Service"]
            .map(|kind| crate::Name {
                object: crate::ObjectRef::namespaced(kind, "shop", "api"),
                aliases: Vec::new(),
                owner: None,
            })
            .to_vec(),
    };
    let index = crate::understand::NameIndex::new(std::sync::Arc::new(names));
    for said in [
        "api",
        "shop/api",
        "Deployment/shop/api",
        "deployment shop/api",
        "`shop/api`",
    ] {
        let args = resolve_targets(&view, &json!({"target": said, "since": null}), Some(&index)).unwrap();
        assert_eq!(
            args,
            json!({"target": {"kind": "Deployment", "namespace": "shop", "name": "api"}}),
            "{said}"
        );
    }
    let args = resolve_targets(&view, &json!({"target": "Service/shop/api"}), Some(&index)).unwrap();
    assert_eq!(args["target"]["kind"], "Service");
    for (wrong, told) in [
        (json!({"target": "shop/apo"}), "did you mean Deployment/shop/api"),
        (json!({"target": "other/api"}), "There is no object called api"),
        (json!({"what": 1}), "takes no what"),
        (json!("shop/api"), "must be a JSON object"),
    ] {
        let error = resolve_targets(&view, &wrong, Some(&index)).unwrap_err();
        assert!(error.contains(told), "{error}");
    }
}

#[test]
fn a_tool_with_many_arguments_crowds_out_no_other() {
    let mut many = serde_json::Map::new();
    many.insert(
        "target".to_owned(),
        json!({"type": "string", "description": "Kind/namespace/name"}),
    );
    for n in 0..40 {
        many.insert(
            format!("filter_{n}"),
            json!({"type": "string", "description": "Narrows it down further"}),
        );
    }
    let mut greedy = tool("list");
    greedy.schema = json!({"type": "object", "properties": many});
    let zone = TimeZone::UTC;
    let request = build(Parts {
        instructions: "You are Jamie.",
        person: None,
        now: Timestamp::UNIX_EPOCH,
        zone: &zone,
        history: &[],
        earlier: &[],
        question: "why is it slow",
        facts: vec!["Finding: it is slow".repeat(60)],
        tools: std::iter::once(greedy)
            .chain((0..7).map(|n| tool(&format!("tool_{n}"))))
            .collect(),
    });
    assert_eq!(request.tools.len(), 8);
    assert_eq!(
        request.tools[0].schema["properties"],
        json!({"target": {"type": "string", "description": "Kind/namespace/name"}})
    );
}
