//! Whatever comes in, nothing breaks.

use std::sync::{Arc, LazyLock};

use jamie_core::{Name, Names, ObjectRef, understand::NameIndex};
use proptest::prelude::*;

use super::{Listener, told};

static LISTENER: LazyLock<Listener> = LazyLock::new(Listener::new);

#[test]
fn empty_and_odd_messages() {
    for text in [
        "",
        " ",
        "\n\n",
        "?",
        "!!!",
        "🔥🔥🔥",
        "\u{0}\u{1}\u{2}",
        "…",
        "''",
        "\"\"",
        "\"",
        "-n",
        "--namespace=",
        "/",
        "//",
        "a/",
        "/a",
        ".",
        "..",
        "the",
    ] {
        let understood = LISTENER.hear(text);
        assert!(understood.requests.len() <= 1, "{text:?}");
    }
    assert_eq!(
        told(&LISTENER.hear("🔥🔥🔥 api is down 🔥🔥🔥")),
        "diagnose shop/api"
    );
    assert_eq!(told(&LISTENER.hear("почему api down?")), "diagnose shop/api");
    assert_eq!(told(&LISTENER.hear("ＡＰＩ is down")), "diagnose shop/api");
}

#[test]
fn a_very_long_message() {
    for unit in [
        "why is api crashing ",
        "x",
        "é",
        "\"",
        "and ",
        "a-",
        "api,",
        "\u{200b}",
        "not ",
    ] {
        let text = unit.repeat(10_000_000 / unit.len());
        let understood = LISTENER.hear(&text);
        assert!(understood.requests.len() <= 8);
    }
}

proptest! {
    #[test]
    fn any_text(text in "\\PC{0,300}") {
        let _ = LISTENER.hear(&text);
    }

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = LISTENER.hear(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_words(words in proptest::collection::vec(
        prop::sample::select(vec![
            "why", "is", "api", "web", "and", "the", "logs", "of", "it", "not", "since", "between", "2", "3pm", "and", "in",
            "shop", "staging", "namespace", "pod", "pods", "second", "one", "yesterday", "14:00", "last", "half", "an", "hour",
            "ago", "-n", "deployment/api", "a/b/c", "api.shop.svc", "\"x y\"", "'", "call", "me", "thanks", "hi", "how", "many",
            "what", "about", "again", "call", "means", "%", "50%", "é", "orders", "db", ",", "?", "from", "to", "reach", "?!",
        ]), 0..40)
    ) {
        let understood = LISTENER.hear(&words.join(" "));
        for request in &understood.requests {
            prop_assert!(!request.calls.is_empty());
        }
        if let Some(clarify) = &understood.clarify {
            prop_assert!(clarify.choices.len() <= 4);
        }
    }

    #[test]
    fn any_names(names in proptest::collection::vec("\\PC{0,30}", 0..20), text in "\\PC{0,60}") {
        let all = names
            .iter()
            .map(|name| Name {
                object: ObjectRef::namespaced("Deployment", "shop", name.as_str()),
                aliases: vec![name.to_uppercase()],
                owner: Some(3),
            })
            .collect();
        let index = NameIndex::new(Arc::new(Names { all }));
        let intents = LISTENER.intents.clone();
        let listener = Listener { index, intents, ..Listener::new() };
        let _ = listener.hear(&text);
        for name in &names {
            let _ = listener.hear(&format!("why is {name} down"));
        }
    }
}
