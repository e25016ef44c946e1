//! Parts of understanding by themselves: names, times, amounts, follow-ups, questions back, mood.

use std::sync::Arc;

use jamie_core::{
    Link, Name, Names, ObjectRef, Quantity,
    understand::{Doubt, Mood, NameIndex, Social},
};
use jiff::tz::TimeZone;

use super::{Listener, told};

fn times(said: &[(&str, &str)]) {
    let listener = Listener::new();
    for (text, expected) in said {
        let understood = listener.hear(&format!("what changed {text}"));
        let time = understood
            .requests
            .first()
            .and_then(|request| request.question.time);
        let shown = time.map_or("none".to_owned(), |time| {
            let until = time.until.map_or("now".to_owned(), |until| until.to_string());
            format!("{} {until}", time.from)
        });
        assert_eq!(&shown, expected, "{text}");
    }
}

#[test]
fn times_that_count_back() {
    times(&[
        ("in the past 2 hours", "2026-11-22T12:30:00Z now"),
        ("in the last hour", "2026-11-22T13:30:00Z now"),
        ("over the last 15 minutes", "2026-11-22T14:15:00Z now"),
        ("in the last couple of days", "2026-11-20T14:30:00Z now"),
        ("in the last 1h30m", "2026-11-22T13:00:00Z now"),
        ("since an hour ago", "2026-11-22T13:30:00Z now"),
        ("half an hour ago", "2026-11-22T14:00:00Z now"),
        ("since 20m ago", "2026-11-22T14:10:00Z now"),
        ("in the last three days", "2026-11-19T14:30:00Z now"),
    ]);
}

#[test]
fn times_with_a_name() {
    times(&[
        ("since Thursday", "2026-11-19T00:00:00Z now"),
        ("since sunday", "2026-11-15T00:00:00Z now"),
        ("since monday morning", "2026-11-16T05:00:00Z now"),
        ("last night", "2026-11-21T18:00:00Z 2026-11-22T08:00:00Z"),
        ("yesterday", "2026-11-21T00:00:00Z 2026-11-22T00:00:00Z"),
        ("since yesterday", "2026-11-21T00:00:00Z now"),
        ("yesterday 14:00", "2026-11-21T14:00:00Z 2026-11-21T15:00:00Z"),
        ("since yesterday 14:00", "2026-11-21T14:00:00Z now"),
        ("yesterday at 2pm", "2026-11-21T14:00:00Z 2026-11-21T15:00:00Z"),
        ("this morning", "2026-11-22T05:00:00Z 2026-11-22T12:00:00Z"),
        ("today", "2026-11-22T00:00:00Z now"),
        ("since noon", "2026-11-22T12:00:00Z now"),
        ("last week", "2026-11-09T00:00:00Z 2026-11-16T00:00:00Z"),
        ("this week", "2026-11-16T00:00:00Z now"),
        ("on friday", "2026-11-20T00:00:00Z 2026-11-21T00:00:00Z"),
        ("since 2026-11-03", "2026-11-03T00:00:00Z now"),
        ("since november 3rd", "2026-11-03T00:00:00Z now"),
        ("since 3 nov", "2026-11-03T00:00:00Z now"),
    ]);
}

#[test]
fn times_of_day() {
    times(&[
        ("since 14:00", "2026-11-22T14:00:00Z now"),
        ("since 2pm", "2026-11-22T14:00:00Z now"),
        ("since 22:00", "2026-11-21T22:00:00Z now"),
        ("at 9am", "2026-11-22T09:00:00Z 2026-11-22T10:00:00Z"),
        ("between 2 and 3pm", "2026-11-22T14:00:00Z now"),
        (
            "between 10:00 and 11:30",
            "2026-11-22T10:00:00Z 2026-11-22T11:30:00Z",
        ),
        ("from 9am to 10am", "2026-11-22T09:00:00Z 2026-11-22T10:00:00Z"),
        ("since 2026-11-22T10:15:00Z", "2026-11-22T10:15:00Z now"),
        ("since the deploy", "none"),
        ("recently", "none"),
    ]);
}

#[test]
fn a_day_begins_where_the_person_is() {
    let mut listener = Listener::new();
    listener.zone = TimeZone::fixed(jiff::tz::offset(-5));
    let understood = listener.hear("what changed today");
    let time = understood.requests[0].question.time.unwrap();
    assert_eq!(time.from.to_string(), "2026-11-22T05:00:00Z");
}

#[test]
fn amounts() {
    let listener = Listener::new();
    for (text, expected) in [
        ("scale api to 5", vec![Quantity::Count(5)]),
        ("scale api to five", vec![Quantity::Count(5)]),
        ("scale api by 100%", vec![Quantity::Percent(100.0)]),
        ("scale api by 50 percent", vec![Quantity::Percent(50.0)]),
        ("double the replicas of api", vec![Quantity::Factor(2.0)]),
        ("scale api 3x", vec![Quantity::Factor(3.0)]),
        ("halve the replicas of api", vec![Quantity::Factor(0.5)]),
        ("give api three more replicas", vec![Quantity::Count(3)]),
        ("give api 2 gigs", vec![Quantity::Bytes(2_000_000_000)]),
        (
            "set the memory of api to 512Mi",
            vec![Quantity::Bytes(536_870_912)],
        ),
        ("give api 250m cpu", vec![Quantity::MilliCpu(250)]),
        ("give api 2 cores", vec![Quantity::MilliCpu(2000)]),
        ("give api half a core", vec![Quantity::MilliCpu(500)]),
        ("pods older than 3 days", vec![Quantity::Duration(259_200)]),
        ("why is api returning 503", vec![]),
        ("is port 8080 of api open", vec![]),
    ] {
        let understood = listener.hear(text);
        let question = understood
            .requests
            .first()
            .map(|request| request.question.clone())
            .or_else(|| understood.clarify.clone().map(|clarify| *clarify.about))
            .unwrap();
        assert_eq!(question.quantities, expected, "{text}");
    }
}

#[test]
fn names_as_people_say_them() {
    let listener = Listener::new();
    for (text, object, link) in [
        (
            "why is deployment/api crashing",
            "Deployment shop/api",
            Link::Exact,
        ),
        ("why is deploy/api crashing", "Deployment shop/api", Link::Exact),
        ("why is shop/api crashing", "Deployment shop/api", Link::Exact),
        (
            "why is the orders db crashing",
            "StatefulSet shop/orders-db",
            Link::Alias,
        ),
        (
            "why is ordersdb crashing",
            "StatefulSet shop/orders-db",
            Link::Alias,
        ),
        (
            "why is the payment gateway crashing",
            "Deployment payments/payment-gateway",
            Link::Alias,
        ),
        (
            "why is recommendtion crashing",
            "Deployment shop/recommendation",
            Link::Typo,
        ),
        (
            "why are recommendations crashing",
            "Deployment shop/recommendation",
            Link::Exact,
        ),
        (
            "why is the cart crashing",
            "Deployment shop/cart-service",
            Link::Prefix,
        ),
        ("why is svc/api crashing", "Service shop/api", Link::Exact),
        (
            "why is api.shop.svc.cluster.local failing",
            "Service shop/api",
            Link::Exact,
        ),
        (
            "why is http://api.shop:8080/health failing",
            "Deployment shop/api",
            Link::Exact,
        ),
        (
            "why is https://shop.example.com/cart failing",
            "Ingress shop/shop-ingress",
            Link::Alias,
        ),
        ("why is \"api\" crashing", "Deployment shop/api", Link::Exact),
        ("why is the api service failing", "Service shop/api", Link::Exact),
        (
            "why is pod api-7c9f8d6b5-k8 failing",
            "Pod shop/api-7c9f8d6b5-k8wpq",
            Link::Prefix,
        ),
        (
            "why are the api-7c9f8d6b5 pods failing",
            "Deployment shop/api",
            Link::Prefix,
        ),
    ] {
        let understood = listener.hear(text);
        let target = understood
            .requests
            .first()
            .and_then(|request| request.question.targets.first())
            .unwrap_or_else(|| panic!("{text}: {understood:?}"));
        assert_eq!(target.object.to_string(), object, "{text}");
        if !matches!(
            (link, target.link),
            (
                Link::Exact | Link::Prefix | Link::Alias,
                Link::Exact | Link::Alias | Link::Part | Link::Prefix
            )
        ) {
            assert_eq!(target.link, link, "{text}");
        }
    }
}

#[test]
fn everyday_words_are_no_names() {
    let listener = Listener::new();
    for (text, expected) in [
        ("what is the status of api", "shop/api"),
        ("test whether api can reach redis", "shop/api data/redis"),
        ("monitor the api", "shop/api"),
        ("what is the default memory limit of api", "shop/api"),
        ("clear the cache of the api please", "shop/api"),
    ] {
        let told = told(&listener.hear(text));
        for word in expected.split(' ') {
            assert!(told.contains(word), "{text}: {told}");
        }
        for trap in ["default/status", "default/test", "default/monitor", "shop/web"] {
            assert!(!told.contains(trap), "{text}: {told}");
        }
    }
    assert!(!told(&listener.hear("tests are statuses")).contains("default/"));
}

#[test]
fn the_scope_says_which_of_two_namesakes() {
    let mut listener = Listener::new();
    let understood = listener.hear("why is frontend broken");
    let clarify = understood.clarify.unwrap();
    assert_eq!(clarify.doubt, Doubt::Ambiguous);
    assert_eq!(
        clarify.choices,
        [
            "why is deployment shop/frontend broken",
            "why is deployment staging/frontend broken"
        ]
    );
    for choice in &clarify.choices {
        assert_eq!(listener.hear(choice).requests.len(), 1, "{choice}");
    }
    listener.scope.namespace = Some("staging".to_owned());
    assert_eq!(
        told(&listener.hear("why is frontend broken")),
        "diagnose staging/frontend"
    );
    assert_eq!(
        told(&listener.hear("why is frontend in shop broken")),
        "diagnose shop/frontend"
    );
    listener.scope.namespace = None;
    assert_eq!(
        told(&listener.hear("is the staging frontend broken")),
        "diagnose staging/frontend"
    );
}

#[test]
fn an_unknown_name_gets_the_nearest() {
    let listener = Listener::new();
    let clarify = listener
        .hear("why is deployment recomendator crashing")
        .clarify
        .unwrap();
    assert_eq!(clarify.doubt, Doubt::UnknownName);
    assert!(
        clarify.choices[0].contains("deployment shop/recommendation"),
        "{:?}",
        clarify.choices
    );
    assert_eq!(
        told(&listener.hear(&clarify.choices[0])),
        "diagnose shop/recommendation"
    );
}

#[test]
fn the_persons_own_words() {
    let mut listener = Listener::new();
    listener.aliases.insert("till".to_owned(), "payments".to_owned());
    assert_eq!(
        told(&listener.hear("how is the till namespace")),
        "overview ns=payments"
    );
    listener
        .aliases
        .insert("till".to_owned(), "payments namespace".to_owned());
    for text in ["how is till", "how is the till namespace", "how's till doing?"] {
        assert_eq!(told(&listener.hear(text)), "overview ns=payments", "{text}");
    }
    listener
        .aliases
        .insert("the big one".to_owned(), "checkout".to_owned());
    assert_eq!(
        told(&listener.hear("why is the big one crashing?")),
        "diagnose shop/checkout"
    );
}

#[test]
fn follow_ups() {
    let mut listener = Listener::new();
    assert_eq!(told(&listener.talk("why is api crashing?")), "diagnose shop/api");
    assert_eq!(told(&listener.talk("and its logs?")), "logs shop/api");
    assert_eq!(told(&listener.talk("and web?")), "logs shop/web");
    assert_eq!(told(&listener.talk("what about checkout")), "logs shop/checkout");
    assert_eq!(told(&listener.talk("restart it")), "restart shop/checkout");
    assert_eq!(told(&listener.talk("is it ok now?")), "diagnose shop/checkout");
    assert_eq!(told(&listener.talk("why?")), "diagnose shop/checkout");
    assert_eq!(told(&listener.talk("how is staging")), "overview ns=staging");
    assert_eq!(told(&listener.talk("what about shop?")), "overview ns=shop");
}

#[test]
fn the_same_in_another_namespace() {
    let mut listener = Listener::new();
    assert_eq!(
        told(&listener.talk("logs of deployment shop/frontend")),
        "logs shop/frontend"
    );
    assert_eq!(
        told(&listener.talk("what about staging?")),
        "logs staging/frontend"
    );
}

#[test]
fn the_second_one() {
    let mut listener = Listener::new();
    listener.focus.listed = vec![
        ObjectRef::namespaced("Deployment", "shop", "api"),
        ObjectRef::namespaced("Deployment", "shop", "web"),
    ];
    assert_eq!(
        told(&listener.hear("diagnose the second one")),
        "diagnose shop/web"
    );
    assert_eq!(told(&listener.hear("logs of number 1")), "logs shop/api");
    assert_eq!(told(&listener.hear("restart the last one")), "restart shop/web");
}

#[test]
fn asking_again() {
    let mut listener = Listener::new();
    listener.talk("logs of api");
    assert_eq!(told(&listener.talk("again")), "logs shop/api");
}

#[test]
fn without_a_target_there_is_a_question() {
    let clarify = Listener::new().hear("restart it").clarify.unwrap();
    assert_eq!(clarify.doubt, Doubt::NoTarget);
    assert!(!clarify.choices.is_empty());
}

#[test]
fn a_remark_and_a_request() {
    let understood = Listener::new().hear("morning! is the shop ok? ta");
    assert_eq!(understood.social, Some(Social::Greeting));
    assert_eq!(told(&understood), "overview ns=shop");
}

#[test]
fn moods() {
    let listener = Listener::new();
    for (text, mood) in [
        ("why is api crashing", Mood::Neutral),
        ("the pod was killed, why", Mood::Neutral),
        ("for fuck's sake, api is down AGAIN", Mood::Frustrated),
        ("WHY IS THE API STILL BROKEN", Mood::Frustrated),
        ("this is ridiculous, api is broken again!!", Mood::Frustrated),
        (
            "urgent: checkout is down, customers are complaining",
            Mood::Urgent,
        ),
        ("need this fixed asap, api is down", Mood::Urgent),
        (
            "morning! hope you're having a lovely day, how is the shop?",
            Mood::Cheerful,
        ),
        ("brilliant, thanks so much!", Mood::Cheerful),
    ] {
        assert_eq!(listener.hear(text).mood, mood, "{text}");
    }
}

#[test]
fn kinds_that_only_this_cluster_has() {
    let mut listener = Listener::new();
    let mut names = super::toolbox::names();
    names.all.push(Name {
        object: ObjectRef::namespaced("Certificate", "shop", "tls-shop"),
        aliases: Vec::new(),
        owner: None,
    });
    listener.index = NameIndex::new(Arc::new(names));
    assert_eq!(told(&listener.hear("list certificates")), "list kind=Certificate");
    assert_eq!(
        told(&listener.hear("why is certificate tls-shop not ready")),
        "diagnose shop/tls-shop"
    );
}

#[test]
fn a_number_is_no_name_with_a_slip() {
    let mut listener = Listener::new();
    let mut names = super::toolbox::names();
    names.all.push(Name {
        object: ObjectRef::cluster("PersistentVolume", "pvc-780c65ee-8f80-48ba-a59a-7faeaabc2e86"),
        aliases: Vec::new(),
        owner: None,
    });
    listener.index = NameIndex::new(Arc::new(names));
    assert_eq!(
        told(&listener.hear("why is recommendtion 8080 crashing")),
        "diagnose shop/recommendation"
    );
}

#[test]
fn nothing_exists() {
    let mut listener = Listener::new();
    listener.index = NameIndex::new(Arc::new(Names::default()));
    assert_eq!(told(&listener.hear("how is everything")), "overview");
    assert_eq!(
        listener.hear("logs of api").clarify.unwrap().doubt,
        Doubt::UnknownName
    );
}
