//! What people say about the memory: what is taught, asked and taken back, and what is none of that.

use jamie_core::{
    memory::Fact,
    understand::{Asked, Forgotten, Opinion, Telling},
};

use super::Listener;

fn told(telling: &Telling) -> String {
    if let Telling::Perhaps(asked) = telling {
        return told(&Telling::Ask(asked.clone()));
    }
    let fact = |Fact { about, value }: &Fact| {
        let (about, word) = about.parts();
        match about {
            "alias" => format!("{word} = {value}"),
            "rule" | "note" | "preference" => format!("{about}: {value}"),
            _ => format!("{about} {value}"),
        }
    };
    match telling {
        Telling::Teach(taught) => format!(
            "{}{}",
            fact(&taught.fact),
            if taught.for_team { " (team)" } else { "" }
        ),
        Telling::Unclear(_) => "unclear".to_owned(),
        Telling::Ask(Asked::Me) => "ask me".to_owned(),
        Telling::Ask(Asked::Mine(what)) => format!("ask my {what}"),
        Telling::Ask(Asked::Word(word)) => format!("ask word {word}"),
        Telling::Ask(Asked::Words) => "ask words".to_owned(),
        Telling::Ask(Asked::Rules(about)) => format!("ask rules {}", about.as_deref().unwrap_or(""))
            .trim()
            .to_owned(),
        Telling::Ask(Asked::Team) => "ask team".to_owned(),
        Telling::Ask(Asked::About(words)) => format!("ask about {words}"),
        Telling::Ask(Asked::Source(about)) => format!("ask source {}", about.as_deref().unwrap_or(""))
            .trim()
            .to_owned(),
        Telling::Opinion(Opinion::Wrong { correction: None }) => "wrong".to_owned(),
        Telling::Opinion(Opinion::Wrong {
            correction: Some(right),
        }) => format!("right: {right}"),
        Telling::Opinion(Opinion::Remember) => "remember".to_owned(),
        Telling::Opinion(Opinion::Teach { question, answer }) => format!("teach {question}: {answer}"),
        Telling::Forget(Forgotten::Last) => "forget last".to_owned(),
        Telling::Forget(Forgotten::Nothing) => "forget nothing".to_owned(),
        Telling::Forget(Forgotten::Mine(what)) => format!("forget my {what}"),
        Telling::Forget(Forgotten::Everything { confirmed }) => format!("forget everything {confirmed}"),
        Telling::Forget(Forgotten::About { words, .. }) => format!("forget about {words}"),
        Telling::Past(past) => {
            let subject = past
                .subject
                .as_ref()
                .map(|subject| format!(" {subject}"))
                .unwrap_or_default();
            let from = past
                .time
                .map(|time| format!(" {}", time.from.strftime("%F")))
                .unwrap_or_default();
            format!("past {:?}{subject}{from}", past.kind).to_lowercase()
        }
        Telling::Perhaps(_) => unreachable!("told above"),
    }
}

fn heard(listener: &Listener, text: &str) -> String {
    listener
        .hear(text)
        .tellings
        .iter()
        .map(told)
        .collect::<Vec<_>>()
        .join("; ")
}

#[test]
fn what_is_said_about_the_memory_is_understood() {
    let (listener, mut wrong) = (Listener::new(), Vec::new());
    for line in include_str!("tellings.tsv")
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        let (text, expected) = line
            .split_once('\t')
            .expect("a tab between the words and what they mean");
        let got = heard(&listener, text);
        if got != expected.trim() {
            wrong.push(format!("{text}\n    wanted {expected}\n    got    {got}"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn questions_about_the_estate_are_none_of_that() {
    let (listener, mut wrong) = (Listener::new(), Vec::new());
    for line in include_str!("utterances.tsv")
        .lines()
        .chain(include_str!("more.tsv").lines())
        .filter(|line| !line.starts_with('#'))
    {
        // What is expected stands before what is said.
        let text = line.rsplit('\t').next().unwrap_or_default();
        let got = heard(&listener, text);
        // "What happened in shop last night?" is asked of both: of the estate where the memory knows nothing.
        if !got.is_empty() && !got.starts_with("past incidents shop") {
            wrong.push(format!("{text} -> {got}"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
