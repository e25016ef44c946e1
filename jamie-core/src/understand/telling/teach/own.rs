//! A sentence in, the namespaces and apps that it says are the person's to care for out.

use std::sync::LazyLock;

use super::{Said, taught};
use crate::{
    memory::About,
    understand::{
        lexicon,
        telling::{
            Telling,
            said::{Pattern, TROUBLE, pattern},
        },
        words::Break,
    },
};

static NAMESPACE: [Pattern; 8] = [
    LazyLock::new(|| {
        pattern(
            r"^(?:i|we)(?: (?:mostly|mainly|usually|only|also|primarily|currently|now|normally|always))* (?:look after|own|am responsible for|are responsible for|am in charge of|are in charge of|care for|take care of|am on call for|are on call for|maintain|run|manage|mind|work on|work in)(?: the)? (?P<names>.+?) namespaces?$",
        )
    }),
    LazyLock::new(|| {
        pattern(
            r"^(?:i|we) (?:look after|own|am responsible for|are responsible for|am in charge of|care for|take care of|maintain|manage)(?: the)? namespaces? (?P<names>.+)$",
        )
    }),
    LazyLock::new(|| {
        pattern(
            r"^(?:my|our)(?: favou?rite| main| usual| default| home| own)? namespaces? (?:is|are)(?: called)? (?P<names>.+)$",
        )
    }),
    LazyLock::new(|| {
        pattern(
            r"^(?:use|take|set|make|keep|have|treat)(?: the)? (?P<names>\S+)(?: namespace)?(?: as| to be)? my (?:default|main|usual|home|own|favou?rite) namespace$|^(?:set|change|switch) my(?: default| main| usual| home)? namespace (?:to|as) (?P<to>\S+)$",
        )
    }),
    LazyLock::new(|| {
        pattern(
            r"^(?:mine|the ones (?:i|we) (?:own|look after)|(?:the )?namespaces? (?:that )?(?:i|we) (?:look after|own|work in|work on|care for|maintain|run|manage|use)(?: (?:most|mostly))?) (?:is|are)(?: the)? (?P<names>.+?)(?: namespaces?)?$",
        )
    }),
    LazyLock::new(|| {
        pattern(
            r"^(?:default me to(?: the)?(?: namespace)?|(?:when|if|where|unless) i do not (?:say|name|mention|give|specify|tell you)(?: which| what| a| any| one| the)*(?: namespace)?(?: then)?(?: i (?:always )?mean| use| take| assume| it is))(?: the)? (?P<names>\S+)(?: namespace)?$",
        )
    }),
    LazyLock::new(|| {
        pattern(r"^(?:the )?(?P<names>\S+(?: and (?:the )?\S+)?) namespaces? (?:is|are) (?:mine|ours)$")
    }),
    LazyLock::new(|| {
        pattern(
            r"^(?:my|our) (?:apps?|stuff|services?|things|workloads|app) (?:are|live|lives|run|runs|is)(?: all)? in(?: the)? (?P<names>\S+)(?: namespace)?$",
        )
    }),
];
/// "I look after payments and invoices": apps, unless it says namespaces.
static APPS: [Pattern; 2] = [
    LazyLock::new(|| {
        pattern(
            r"^(?:i|we)(?: (?:mostly|mainly|usually|only|also|primarily|currently|now|normally|always))* (?:look after|own|am responsible for|are responsible for|am in charge of|are in charge of|care for|take care of|am on call for|are on call for|maintain|am the owner of|am the maintainer of)(?: the)? (?P<names>.+?)(?: (?:apps?|applications?|services?|deployments?|workloads?))?(?: now| these days| at the moment)?$",
        )
    }),
    LazyLock::new(|| {
        pattern(
            r"^(?:i|we)(?: (?:mostly|mainly|usually|only|also))* (?:run|manage|work on|mind|operate|develop)(?: the)? (?P<names>.+?) (?:apps?|applications?|services?|deployments?|workloads?)$|^(?:my|our) (?:apps?|applications?|services?|deployments?) (?:are|is)(?: called)? (?P<called>.+)$|^(?:the )?(?P<mine>\S+(?: and (?:the )?\S+)?) (?:apps?|services?|deployments?)? ?(?:is|are) (?:mine|ours)$",
        )
    }),
];

pub(super) fn read(said: &Said<'_>) -> Option<Vec<Telling>> {
    namespaces(said).or_else(|| apps(said))
}

/// "Shop and payments", "shop, payments and billing".
fn namespaces(said: &Said<'_>) -> Option<Vec<Telling>> {
    let captures = NAMESPACE.iter().find_map(|pattern| said.fits(pattern))?;
    let names = names(said, captures.name("names").or(captures.name("to"))?)?;
    let each = names.into_iter();
    Some(
        each.map(|name| taught(said, About::Namespace(name.to_owned()), name, false))
            .collect(),
    )
}

/// "Payments and invoices", as apps.
fn apps(said: &Said<'_>) -> Option<Vec<Telling>> {
    let captures = APPS.iter().find_map(|pattern| said.fits(pattern))?;
    let found = ["names", "called", "mine"]
        .iter()
        .find_map(|group| captures.name(group))?;
    let names = names(said, found)?;
    // "I own it", "my apps are down", "our services are slow".
    let tells = |name: &&str| {
        !lexicon::is_pronoun(name)
            && !lexicon::is_determiner(name)
            && !lexicon::is_preposition(name)
            && !lexicon::is_question_word(name)
            && (captures.name("names").is_some() || lexicon::english(name) == lexicon::English::No)
    };
    names.iter().all(tells).then(|| {
        let each = names.into_iter();
        each.map(|name| taught(said, About::App(name.to_owned()), name, false))
            .collect()
    })
}

/// Names with a comma or an "and" between them; `None` where it is anything else.
fn names<'a>(said: &Said<'a>, found: regex::Match<'_>) -> Option<Vec<&'a str>> {
    let words = said.tokens(found);
    // "My namespace is out of memory", "my namespace is stuck": neither names one.
    let apart = words.windows(2).all(|pair| {
        let [one, next] = pair else { return true };
        next.before >= Break::Comma || is_between(&one.word) || is_between(&next.word)
    });
    let names: Vec<&str> = words
        .iter()
        .map(|token| token.raw.as_str())
        .filter(|word| !is_between(word))
        .collect();
    let plain = |name: &&str| {
        name.chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'))
    };
    (apart
        && !TROUBLE.is_match(found.as_str())
        && !names.is_empty()
        && names.len() <= 8
        && names.iter().all(plain))
    .then_some(names)
}

/// What stands between names and is none.
fn is_between(word: &str) -> bool {
    matches!(word, "and" | "the" | "namespace" | "namespaces" | "both")
}
