#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::{Domain, Jamie, Moment, Persona, Plain, Tone, script::Flavour};
use crate::{ErrorKind, Severity, understand::Mood};

fn moments() -> impl Strategy<Value = Moment> {
    prop::sample::select(Moment::ALL)
}

fn domains() -> impl Strategy<Value = Option<Domain>> {
    prop::option::of(prop::sample::select(Domain::ALL))
}

fn moods() -> impl Strategy<Value = Mood> {
    prop::sample::select(&[Mood::Neutral, Mood::Cheerful, Mood::Frustrated, Mood::Urgent][..])
}

const BANTER: &[&str] = &[
    "mate",
    "blimey",
    "pickle",
    "pear-shaped",
    "crikey",
    "bob's",
    "butcher",
    "gander",
    "brilliant",
    "spot on",
    "kettle",
    "tricks",
    "gremlin",
    "gherkin",
    "sausage",
    "peckish",
    "hide and seek",
    "dream",
    "strop",
    "puff",
    "smashing",
    "chuffed",
    "!",
];

fn is_banter(text: &str) -> bool {
    let text = text.to_lowercase();
    BANTER.iter().any(|word| text.contains(word))
}

#[test]
fn every_moment_has_lines_and_the_frequent_ones_many() {
    let jamie = Jamie::default();
    for moment in Moment::ALL {
        let lines = jamie.script().lines(*moment, Flavour::Any).len();
        let least = match moment {
            Moment::Greeting
            | Moment::Hello
            | Moment::HowAreYou
            | Moment::Thanks
            | Moment::Goodbye
            | Moment::Thinking
            | Moment::AllWell
            | Moment::Trouble
            | Moment::Troubles
            | Moment::Success
            | Moment::Here
            | Moment::NothingFound
            | Moment::Failed
            | Moment::Clarify
            | Moment::DidYouMean
            | Moment::Closing => 8,
            _ => 3,
        };
        assert!(lines >= least, "{moment:?} has {lines} lines");
    }
}

#[test]
fn the_flavours_that_were_asked_for_are_there() {
    let jamie = Jamie::default();
    let all: Vec<&str> = jamie.script().all().map(|(_, _, line)| line).collect();
    for wanted in [
        "Alright mate!",
        "What's the crack?",
        "How's tricks?",
        "Brilliant!",
        "Spot on!",
        "Bob's your uncle!",
        "Blimey!",
        "That's gone pear-shaped!",
        "Bit of a pickle!",
        "Let me have a butcher's...",
        "Give me a tick...",
        "Let's see what's bothering that pod, shall we?",
        "our service seems to be playing hide and seek",
        "Your cluster's looking a bit peckish on memory",
        "Your app's running like a dream, mate!",
    ] {
        assert!(all.iter().any(|line| line.contains(wanted)), "{wanted}");
    }
}

#[test]
fn no_corporate_phrases_no_figures_no_commands() {
    const CORPORATE: &[&str] = &[
        "your application is performing",
        "performing well",
        "we apologise for",
        "we apologize",
        "inconvenience",
        "please be advised",
        "kindly",
        "valued",
        "leverage",
        "as an ai",
        "language model",
        "utilize",
        "utilise",
        "at your earliest",
        "rest assured",
        "your request has been",
        "do not hesitate",
        "solution",
        "stakeholder",
        "going forward",
        "reach out",
        "best practice",
        "successfully",
        "optimal",
    ];
    const UNKIND: &[&str] = &[
        "stupid",
        "idiot",
        "love,",
        "darling",
        "lads",
        "birds",
        "bloody",
        "bollocks",
        "pint-sized",
    ];
    let jamie = Jamie::default();
    for (moment, _, line) in jamie.script().all() {
        let lower = line.to_lowercase();
        for phrase in CORPORATE.iter().chain(UNKIND) {
            assert!(!lower.contains(phrase), "{moment:?}: {line}");
        }
        assert!(!line.contains(|c: char| c.is_ascii_digit()), "{moment:?}: {line}");
        // Whether a cause is certain is for the evidence to say.
        for claim in ["the cause", "culprit", "the reason", "here's why", "root of"] {
            assert!(!lower.contains(claim), "{moment:?}: {line}");
        }
        for sign in ["`", "kubectl", "--", "$ "] {
            assert!(!line.contains(sign), "{moment:?}: {line}");
        }
        // American spellings slip in easily.
        for word in [
            "color",
            "favorite",
            "realize",
            "apologize",
            "center",
            "analyze",
            "behavior",
        ] {
            assert!(!lower.contains(word), "{moment:?}: {line}");
        }
    }
}

#[test]
fn lines_end_where_a_sentence_can_follow() {
    for (moment, flavour, line) in Jamie::default().script().all() {
        assert!(
            line.ends_with(['.', '!', '?', ':']),
            "{moment:?} {flavour:?}: {line}"
        );
    }
}

#[test]
fn sober_moods_get_sober_lines() {
    for (moment, flavour, line) in Jamie::default().script().all() {
        let sober = matches!(flavour, Flavour::Mood("frustrated" | "urgent")) || moment == Moment::Severe;
        if sober && moment != Moment::Joke {
            assert!(!is_banter(line), "{moment:?} {flavour:?}: {line}");
        }
    }
}

proptest! {
    #[test]
    fn the_same_tone_gives_the_same_line(
        moment in moments(), mood in moods(), domain in domains(), seed in any::<u64>(),
    ) {
        let tone = Tone { mood, domain, seed, ..Tone::default() };
        prop_assert_eq!(Jamie::default().line(moment, &tone), Jamie::default().line(moment, &tone));
        prop_assert_eq!(Plain.line(moment, &tone), Plain.line(moment, &tone));
    }

    #[test]
    fn nothing_lively_when_it_is_critical(
        moment in moments(), mood in moods(), domain in domains(), seed in any::<u64>(),
    ) {
        let tone = Tone { mood, domain, seed, severity: Some(Severity::Critical), name: Some("Ann"), ..Tone::default() };
        if let Some(line) = Jamie::default().line(moment, &tone) {
            prop_assert_eq!(moment, Moment::Severe);
            prop_assert!(!is_banter(&line.text), "{}", line.text);
        }
    }

    #[test]
    fn no_line_twice_in_a_row(
        talk in prop::collection::vec((moments(), moods(), domains(), any::<u64>()), 1..60),
    ) {
        let jamie = Jamie::default();
        let mut recent: Vec<String> = Vec::new();
        let mut last: std::collections::BTreeMap<Moment, String> = std::collections::BTreeMap::new();
        for (moment, mood, domain, seed) in talk {
            let tone = Tone { mood, domain, seed, recent: &recent, ..Tone::default() };
            let Some(line) = jamie.line(moment, &tone) else { continue };
            prop_assert_ne!(last.get(&moment), Some(&line.text));
            last.insert(moment, line.text);
            recent.push(line.key);
        }
    }

    #[test]
    fn lines_are_used_up_before_they_come_again(seed in any::<u64>()) {
        let jamie = Jamie::default();
        let mut recent: Vec<String> = Vec::new();
        for n in 0..8_u64 {
            let tone = Tone { seed: seed.wrapping_add(n), recent: &recent, ..Tone::default() };
            let key = jamie.line(Moment::Greeting, &tone).unwrap().key;
            prop_assert!(!recent.contains(&key));
            recent.push(key);
        }
    }

    #[test]
    fn the_frustrated_are_spared_the_banter(moment in moments(), domain in domains(), seed in any::<u64>()) {
        let tone = Tone { mood: Mood::Frustrated, domain, seed, ..Tone::default() };
        if let Some(line) = Jamie::default().line(moment, &tone).filter(|_| moment.is_ornament()) {
            prop_assert!(!is_banter(&line.text), "{:?}: {}", moment, line.text);
        }
    }

    #[test]
    fn a_persona_file_may_hold_anything(text in "(\\[[a-z_]{0,9}\\]|[a-z]{1,8} = |\\[|\"[a-z{}]{0,9}\"|,|\\]|\n| |=){0,30}") {
        // An error, or a persona: never a panic.
        let _ = Jamie::from_toml(&text).map(|jamie| jamie.line(Moment::Greeting, &Tone::default()));
    }
}

#[test]
fn a_file_replaces_lists_and_leaves_the_rest() {
    let jamie =
        Jamie::from_toml("name = \"Nora\"\n[greeting]\nlines = [\"Moin {name}!\", \"Moin!\"]\n").unwrap();
    assert_eq!(jamie.name(), "Nora");
    let tone = Tone {
        name: Some("Ann"),
        ..Tone::default()
    };
    assert!(
        jamie
            .line(Moment::Greeting, &tone)
            .unwrap()
            .text
            .starts_with("Moin")
    );
    assert!(jamie.line(Moment::Thanks, &tone).is_some());
}

#[test]
fn a_single_line_is_not_repeated() {
    let jamie = Jamie::from_toml("[trouble]\nlines = [\"Hm.\"]\npod = []").unwrap();
    let first = jamie.line(Moment::Trouble, &Tone::default()).unwrap();
    let recent = [first.key];
    let tone = Tone {
        recent: &recent,
        ..Tone::default()
    };
    assert_eq!(jamie.line(Moment::Trouble, &tone), None);
}

#[test]
fn faults_in_a_file_have_a_line_and_say_what_was_expected() {
    for (text, line, expected) in [
        ("[greeting]\nlines = [\"a\"\n", "line", "expected"),
        ("\n\n[greetin]\nlines = []\n", "line 3", "`greeting`"),
        ("[greeting]\nlinse = [\"Hi\"]\n", "line 2", "`lines`"),
        ("[greeting]\nlines = \"Hi\"\n", "line 2", "a list of strings"),
        (
            "[greeting]\nlines = [\n  \"Hi\",\n  7,\n]\n",
            "line 2",
            "strings only",
        ),
        (
            "[greeting]\nlines = [\n  \"Hi\",\n  \"Hi {nmae}\",\n]\n",
            "line 4",
            "{name}",
        ),
        ("greeting = 3\n", "line 1", "a table"),
        ("name = 3\n", "line 1", "a string"),
        ("[greeting]\nlines = [\"   \"]\n", "line 2", "words"),
        ("[thanks]\nlines = [\"run `rm`\"]\n", "line 2", "backticks"),
    ] {
        let error = Jamie::from_toml(text).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.message().contains(line), "{text}: {}", error.message());
        assert!(error.message().contains(expected), "{text}: {}", error.message());
    }
}
