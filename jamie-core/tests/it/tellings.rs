//! What people tell, ask about what is remembered, and take back, over several conversations with one memory.

use std::sync::Arc;

use jamie_core::{
    Fingerprint, Jamie, ObjectRef, Person, Request, Severity,
    action::rules::By,
    memory::{
        Content, Fix, Gap, GapReason, InMemory, Incident, Kind, MemoryStore, Recall, Record, Teachers,
        TurnRecord,
    },
    persona::Plain,
};
use jiff::{SignedDuration, Timestamp};

use crate::estate::{builder, now};

fn jamie(memory: &Arc<InMemory>) -> Jamie {
    builder()
        .memory(Arc::clone(memory) as Arc<dyn MemoryStore>)
        .persona(Arc::new(Plain))
        .build()
}

async fn say(jamie: &Jamie, person: &str, talk: &str, text: &str) -> String {
    let answer = jamie.ask(Request::new(text, person, talk)).await;
    answer.unwrap_or_else(|error| panic!("{text}: {error:?}")).text
}

fn has(text: &str, wanted: &str) {
    assert!(text.contains(wanted), "{wanted:?} is missing in:\n{text}");
}

fn lacks(text: &str, unwanted: &str) {
    assert!(!text.contains(unwanted), "{unwanted:?} stands in:\n{text}");
}

#[tokio::test]
async fn a_persons_word_is_confirmed_used_listed_and_taken_back() {
    let memory = Arc::new(InMemory::default());
    let jamie = jamie(&memory);
    has(
        &say(&jamie, "ann", "monday", "call the checkout deployment till").await,
        "“till” means checkout deployment",
    );
    let direct = say(&jamie, "ann", "tuesday", "why is checkout crashing?").await;
    let by_word = say(&jamie, "ann", "tuesday", "why is till crashing?").await;
    assert_eq!(direct.lines().next(), by_word.lines().next());
    has(
        &say(&jamie, "ann", "tuesday", "what does till mean?").await,
        "you told me today",
    );
    has(
        &say(&jamie, "ann", "tuesday", "what do you know about me?").await,
        "“till” means checkout deployment",
    );
    // Another person's words are their own.
    lacks(
        &say(&jamie, "bob", "bobs", "what do you know about me?").await,
        "till",
    );
    has(
        &say(&jamie, "ann", "tuesday", "till no longer means checkout").await,
        "Forgotten",
    );
    lacks(
        &say(&jamie, "ann", "tuesday", "what do you know about me?").await,
        "till",
    );
    assert_eq!(memory.recall(&Recall::new(Kind::Fact, 10)).await.unwrap(), []);
}

#[tokio::test]
async fn a_word_counts_in_the_message_that_teaches_it() {
    let memory = Arc::new(InMemory::default());
    let jamie = jamie(&memory);
    let told = say(
        &jamie,
        "ann",
        "a",
        "call the checkout deployment till. why is till crashing?",
    )
    .await;
    has(&told, "“till” means");
    has(&told, "checkout");
}

#[tokio::test]
async fn the_team_learns_from_whom_the_policy_allows() {
    let memory = Arc::new(InMemory::default());
    let only = Teachers::Only(By {
        groups: vec!["sre".to_owned()],
        persons: Vec::new(),
    });
    let jamie = builder()
        .memory(Arc::clone(&memory) as Arc<dyn MemoryStore>)
        .persona(Arc::new(Plain))
        .teachers(only)
        .build();
    let rule = "we never restart checkout on Fridays";
    let told = say(&jamie, "bob", "b", rule).await;
    has(&told, "anybody in sre");
    lacks(&say(&jamie, "carl", "c", "what are our rules?").await, "checkout");
    let mut request = Request::new(rule, "ann", "a");
    request.person = Person {
        id: "ann".to_owned(),
        name: None,
        groups: vec!["sre".to_owned()],
    };
    has(&jamie.ask(request).await.unwrap().text, "everybody in the team");
    let rules = say(&jamie, "carl", "c", "what are our rules?").await;
    has(&rules, "we never restart checkout on Fridays");
    has(&rules, "ann told me today");
    // Who may not teach it may not take it back.
    has(
        &say(&jamie, "carl", "c", "forget the rule about checkout").await,
        "anybody in sre",
    );
    has(&say(&jamie, "carl", "c", "what are our rules?").await, "Fridays");
}

#[tokio::test]
async fn what_is_known_of_a_person_can_be_asked_changed_and_erased() {
    let memory = Arc::new(InMemory::default());
    let jamie = jamie(&memory);
    say(&jamie, "ann", "a", "call me Ann. I'm on the payments team").await;
    has(&say(&jamie, "ann", "a", "which team am I on?").await, "payments");
    has(
        &say(&jamie, "ann", "a", "I've moved to the search team").await,
        "Before, it was “payments”",
    );
    has(&say(&jamie, "ann", "a", "what's my team?").await, "search");
    has(
        &say(&jamie, "ann", "b", "my time zone is Tokyo").await,
        "Asia/Tokyo",
    );
    has(
        &say(&jamie, "ann", "b", "my time zone is the moon").await,
        "I know no time zone called “the moon”",
    );
    has(&say(&jamie, "ann", "b", "forget my team").await, "Forgotten");
    has(
        &say(&jamie, "ann", "b", "what's my team?").await,
        "You have not told me",
    );
    let asked = say(&jamie, "ann", "b", "forget everything about me").await;
    has(&asked, "cannot be undone");
    assert!(
        !memory
            .recall(&Recall::new(Kind::Fact, 10))
            .await
            .unwrap()
            .is_empty()
    );
    has(
        &say(&jamie, "ann", "b", "yes, forget everything about me").await,
        "gone",
    );
    for kind in Kind::ALL {
        let left = memory
            .recall(&Recall::new(kind, 10).of_person("ann"))
            .await
            .unwrap();
        assert_eq!(left, [], "{kind:?}");
    }
}

#[tokio::test]
async fn nothing_is_forgotten_by_a_look_at_the_estate() {
    let memory = Arc::new(InMemory::default());
    let jamie = jamie(&memory);
    say(
        &jamie,
        "ann",
        "a",
        "remember that checkout is paid for by marketing",
    )
    .await;
    for text in ["why is checkout crashing?", "delete the checkout deployment"] {
        let _ = jamie.ask(Request::new(text, "ann", "a")).await;
    }
    has(
        &say(&jamie, "ann", "b", "what did I tell you about checkout?").await,
        "marketing",
    );
    has(
        &say(&jamie, "ann", "b", "why is checkout crashing?").await,
        "**Noted:** “checkout is paid for by marketing”",
    );
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn incident(name: &str, began: &str, what: &str) -> Record {
    let object = ObjectRef::namespaced("Deployment", "shop", name);
    Record {
        person: String::new(),
        conversation: String::new(),
        at: at(began),
        content: Content::Incident(Box::new(Incident {
            fingerprint: Fingerprint(format!("fp-{}", object.path())),
            severity: Severity::Error,
            title: format!("{name} crashes"),
            object,
            cause: "It runs out of memory.".to_owned(),
            check: "container-oom-killed".to_owned(),
            since: Some(at(began)),
            episodes: vec![at(began)],
            times: 1,
            fixes: vec![Fix {
                what: what.to_owned(),
                tool: "set_resources".to_owned(),
                args: serde_json::Value::Null,
                by: "anna".to_owned(),
                at: at(began),
                worked: Some(true),
            }],
        })),
    }
}

#[tokio::test]
async fn the_past_is_told_where_it_is_known() {
    let memory = Arc::new(InMemory::default());
    memory
        .remember(vec![
            incident(
                "ledger",
                "2026-05-03T09:00:00Z",
                "Raise the memory limit of shop/ledger to 512Mi",
            ),
            incident("printer", "2026-08-03T09:00:00Z", "Restart shop/printer"),
        ])
        .await
        .unwrap();
    let jamie = jamie(&memory);
    let told = say(&jamie, "ann", "a", "what did we do about ledger in May?").await;
    has(&told, "Raise the memory limit");
    has(&told, "by anna");
    lacks(&told, "printer");
    lacks(
        &say(&jamie, "ann", "a", "what incidents did we have in may?").await,
        "printer",
    );
    has(
        &say(&jamie, "ann", "a", "what incidents did we have in august?").await,
        "printer",
    );
    has(
        &say(&jamie, "ann", "a", "what fixed the printer last time?").await,
        "Restart shop/printer",
    );
    has(
        &say(&jamie, "ann", "a", "when did ledger last break?").await,
        "once that I know of",
    );
    has(
        &say(&jamie, "ann", "a", "what did we talk about today?").await,
        "what fixed the printer last time?",
    );
}

#[tokio::test]
async fn verdicts_and_corrections_are_taken_to_heart() {
    let memory = Arc::new(InMemory::default());
    let jamie = jamie(&memory);
    // Without an answer before it, it is no opinion.
    let _ = jamie.ask(Request::new("that's wrong", "ann", "empty")).await;
    assert_eq!(memory.recall(&Recall::new(Kind::Feedback, 10)).await.unwrap(), []);

    let last = say(&jamie, "ann", "a", "why is checkout crashing?").await;
    has(&last, "checkout");
    has(&say(&jamie, "ann", "a", "that's wrong").await, "no good");
    say(&jamie, "ann", "a", "why does checkout crash?").await;
    has(
        &say(&jamie, "ann", "a", "the right answer is ask the blue team first").await,
        "from now on?",
    );
    has(&say(&jamie, "ann", "a", "yes").await, "Learnt");
    let verdicts = memory.recall(&Recall::new(Kind::Feedback, 10)).await.unwrap();
    assert_eq!(verdicts.len(), 2);
    assert!(verdicts.iter().all(
        |memory| matches!(&memory.record.content, Content::Feedback(feedback)
        if feedback.question.contains("checkout") && !feedback.turn.is_empty())
    ));
    let gaps = memory.recall(&Recall::new(Kind::Gap, 10)).await.unwrap();
    assert!(
        gaps.iter()
            .any(|memory| matches!(&memory.record.content, Content::Gap(gap)
        if gap.question == "why is checkout crashing?"))
    );

    has(
        &say(
            &jamie,
            "ann",
            "b",
            "when somebody asks about paying invoices, say that they leave on the 28th",
        )
        .await,
        "Learnt",
    );
    let told = say(&jamie, "bob", "c", "how do I do the paying of invoices?").await;
    has(&told, "they leave on the 28th");
    // Praise lifts what the answer drew on.
    say(&jamie, "bob", "c", "good job").await;
    let verdicts = memory
        .recall(&Recall::new(Kind::Feedback, 10).of_person("bob"))
        .await
        .unwrap();
    assert!(
        matches!(&verdicts[0].record.content, Content::Feedback(feedback)
        if feedback.chose.iter().any(|chosen| chosen.starts_with("taught:"))),
        "{verdicts:?}"
    );
}

#[tokio::test]
async fn a_new_week_begins_with_what_the_knowledge_lacks() {
    let ago = |hours: i64| now() - SignedDuration::from_hours(hours);
    let record = |person: &str, at, content| Record {
        person: person.to_owned(),
        conversation: "before".to_owned(),
        at,
        content,
    };
    let lacked = |hours, question: &str| {
        let gap = Gap {
            question: question.to_owned(),
            reason: GapReason::Knowledge,
        };
        record("carl", ago(hours), Content::Gap(gap))
    };
    let seen = |person: &str, hours| {
        let turn = TurnRecord {
            question: "how is everything?".to_owned(),
            answer: "Fine.".to_owned(),
            ..TurnRecord::default()
        };
        record(person, ago(hours), Content::Turn(Box::new(turn)))
    };
    let memory = Arc::new(InMemory::default());
    memory
        .remember(vec![
            seen("ann", 8 * 24),
            seen("bob", 8 * 24),
            lacked(20 * 24, "who owns the tardis?"),
            lacked(50, "where is the parking permit kept?"),
            lacked(30, "where is a parking permit kept?"),
            lacked(3, "who feeds the office cat?"),
        ])
        .await
        .unwrap();
    let only = Teachers::Only(By {
        groups: Vec::new(),
        persons: vec!["ann".to_owned()],
    });
    let jamie = builder()
        .memory(Arc::clone(&memory) as Arc<dyn MemoryStore>)
        .persona(Arc::new(Plain))
        .teachers(only)
        .build();
    // Nothing for whoever may not teach, nor for whom nobody has seen before.
    for person in ["bob", "dora"] {
        lacks(
            &say(&jamie, person, "today", "good morning").await,
            "no good answer",
        );
    }
    let greeted = say(&jamie, "ann", "today", "good morning").await;
    has(&greeted, "no good answer to 3 questions");
    has(&greeted, "parking permit kept?” and the like, 2 times");
    has(&greeted, "“who feeds the office cat?”");
    lacks(&greeted, "tardis");
    // Once in a week is enough.
    lacks(&say(&jamie, "ann", "today", "hello").await, "no good answer");
}

#[tokio::test]
async fn a_question_for_something_noted_is_answered_from_the_note() {
    let memory = Arc::new(InMemory::default());
    let jamie = jamie(&memory);
    say(&jamie, "ann", "a", "remember: our pager number is 4711").await;
    say(&jamie, "ann", "a", "fyi the nightly batch runs at 3am").await;
    has(&say(&jamie, "ann", "b", "what's our pager number?").await, "4711");
    has(
        &say(&jamie, "ann", "b", "when does the nightly batch run?").await,
        "3am",
    );
    // Whatever has another word in it is another question.
    lacks(
        &say(&jamie, "ann", "b", "why is checkout crashing?").await,
        "4711",
    );
    lacks(
        &say(&jamie, "ann", "b", "what is our pager duty schedule?").await,
        "4711",
    );

    // A note never stands in the way of a look at the estate.
    say(
        &jamie,
        "ann",
        "a",
        "remember that what is wrong with checkout is the new driver",
    )
    .await;
    let looked = say(&jamie, "ann", "b", "what is wrong with checkout?").await;
    has(&looked, "keeps running out of memory");

    let taught = "if anyone asks where the runbooks are, tell them they are in the ops wiki";
    say(&jamie, "ann", "c", taught).await;
    has(
        &say(&jamie, "bob", "d", "where are the runbooks?").await,
        "ops wiki",
    );
    lacks(
        &say(&jamie, "bob", "d", "where is the frontend?").await,
        "ops wiki",
    );
}

#[tokio::test]
async fn who_told_it_is_told() {
    let memory = Arc::new(InMemory::default());
    let jamie = jamie(&memory);
    say(&jamie, "ann", "a", "we call checkout the till").await;
    say(
        &jamie,
        "bob",
        "b",
        "one for the whole team: standup is at 9:40 in the blue room",
    )
    .await;
    say(&jamie, "cyd", "c", "why is the till crashing?").await;
    has(
        &say(&jamie, "cyd", "c", "lol who told you that?").await,
        "ann told me today",
    );
    has(
        &say(&jamie, "cyd", "d", "who came up with that thing about standup?").await,
        "bob told me today",
    );
    has(&say(&jamie, "cyd", "d", "what time is standup?").await, "9:40");
    let source = say(&jamie, "cyd", "d", "says who").await;
    has(&source, "bob");
    lacks(&source, "ann");
}

#[tokio::test]
async fn what_was_told_may_change() {
    let memory = Arc::new(InMemory::default());
    let jamie = jamie(&memory);
    say(&jamie, "ann", "a", "remember that the nightly batch runs at 3am").await;
    has(
        &say(
            &jamie,
            "ann",
            "b",
            "they moved it. remember: the nightly batch runs at 5:15 now, not at 3",
        )
        .await,
        "Before, it was “the nightly batch runs at 3am”",
    );
    lacks(
        &say(&jamie, "ann", "c", "when does the nightly batch run?").await,
        "3am",
    );
    // Also where it is not said to be kept.
    has(
        &say(
            &jamie,
            "ann",
            "b",
            "they shifted it! nightly batch runs 5:30 now, not 5:15",
        )
        .await,
        "5:30 now",
    );
    say(
        &jamie,
        "ann",
        "b",
        "remember that the nightly batch runs at 5:15 now",
    )
    .await;
    // Notes about other things are left alone.
    say(
        &jamie,
        "ann",
        "c",
        "remember that the weekly batch runs at 7am now",
    )
    .await;
    has(
        &say(&jamie, "ann", "c", "when does the nightly batch run?").await,
        "5:15",
    );

    // A word that is one already may stand for something else; for a person, or for all.
    say(&jamie, "ann", "d", "bluebird means checkout").await;
    has(
        &say(
            &jamie,
            "ann",
            "d",
            "changed my mind, bluebird is payments from now on",
        )
        .await,
        "“bluebird” means payments",
    );
    lacks(
        &say(&jamie, "ann", "d", "how is bluebird doing?").await,
        "“bluebird” means",
    );
    // How a thing is is no word for it.
    lacks(&say(&jamie, "ann", "d", "bluebird is down").await, "means down");
}
