//! A sentence in, the namespaces and apps that it says are the person's to care for out.

use std::sync::LazyLock;

use super::{Said, renamed, taught};
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

/// What people say of what is theirs to care for, be it namespaces or apps.
const OWN: &str = "look after|own|am (?:the )?responsible (?:for|of)|are responsible for|am in charge of|are in charge of|care for|take care of|am on call for|are on call for|maintain|am the owner of|am the maintainer of|have to answer for|answer for|am on the hook for|are on the hook for|am answerable for|am accountable for|are accountable for";
/// How much of the time, between the person and the verb.
const MOSTLY: &str = "(?: (?:mostly|mainly|usually|only|also|primarily|currently|now|normally|always))*";

static NAMESPACE: [Pattern; 7] = [
    LazyLock::new(|| {
        pattern(&format!(
            r"^(?:i|we){MOSTLY} (?:{OWN}|run|manage|mind|work on|work in)(?: the)? (?:(?P<names>.+?) namespaces?|namespaces? (?P<to>.+))$",
        ))
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
        pattern(&format!(
            r"^(?:mine|the ones (?:i|we) (?:{OWN})|(?:the |my )?namespaces? (?:that |which )?(?:i|we) (?:{OWN}|work in|work on|run|manage|use)(?: (?:most|mostly))?) (?:is|are)(?: the)? (?P<names>.+?)(?: namespaces?)?$",
        ))
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
static APPS: [Pattern; 5] = [
    LazyLock::new(|| {
        pattern(&format!(
            r"^(?:i|we){MOSTLY} (?:{OWN})(?: the)? (?P<names>.+?)(?: (?:apps?|applications?|services?|deployments?|workloads?))?(?: now| these days| at the moment| too| as well| and nothing else| only| alone)?$",
        ))
    }),
    LazyLock::new(|| {
        pattern(&format!(
            r"^(?:the )?(?:only )?(?:apps?|applications?|services?|deployments?|things?|workloads?|ones?|what)(?: (?:that|which))? (?:i|we) (?:{OWN}) (?:is|are)(?: the)? (?P<names>.+)$|^put me down (?:for|as (?:the )?owner of)(?: the)? (?P<also>\S+(?: and (?:the )?\S+)?)$|^(?:the )?(?P<kept>\S+(?: (?:and|plus) (?:the )?\S+)?) (?:is|are|was|were|have been|has been|got) (?:the (?:apps?|services?|deployments?|ones?|things?)(?: (?:that|which))? (?:i|we) (?:{OWN})|my (?:baby|babies|responsibility|job|apps?|services?|problem|department|thing|patch)|on me|on my plate|in my care|in my hands|one of mine|(?:given|assigned|allotted|handed)(?: over)? to me)(?: now| too| as well| these days)?$",
        ))
    }),
    LazyLock::new(|| pattern(r"^mine (?:is|are)(?: now)?(?: the)? (?P<kept>\S+(?: and (?:the )?\S+)?) now$")),
    LazyLock::new(|| {
        pattern(
            r"^(?:add|put|include)(?: the)? (?P<names>\S+(?: and (?:the )?\S+)?) (?:to|on|among|in)(?: the list of)? my (?:apps?|services?|deployments?|things)(?: list)?(?: too| as well)?$",
        )
    }),
    LazyLock::new(|| {
        pattern(&format!(
            r"^(?:i|we){MOSTLY} (?:run|manage|work on|mind|operate|develop)(?: the)? (?P<names>.+?) (?:apps?|applications?|services?|deployments?|workloads?)$|^(?:my|our) (?:apps?|applications?|services?|deployments?) (?:are|is)(?: called)? (?P<called>.+)$|^(?:the )?(?P<mine>\S+(?: (?:and|plus) (?:the )?\S+)?) (?:apps?|services?|deployments?)? ?(?:is|are) (?:all )?(?:mine|ours)(?: now| from now on)?$",
        ))
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
    let found = ["names", "called", "kept", "also", "mine"]
        .iter()
        .find_map(|group| captures.name(group))?;
    let names = names(said, found)?;
    // "I own it", "my apps are down", "our services are slow".
    let tells = |name: &&str| {
        !lexicon::is_pronoun(name)
            && !lexicon::is_determiner(name)
            && !lexicon::is_preposition(name)
            && !lexicon::is_question_word(name)
            && (captures.name("names").is_some()
                || captures.name("kept").is_some()
                || captures.name("also").is_some()
                || names.len() > 1
                || is_app_like(name)
                || lexicon::english(name) == lexicon::English::No)
            && !renamed::is_state(name)
    };
    names.iter().all(tells).then(|| {
        let each = names.into_iter();
        each.map(|name| taught(said, About::App(name.to_owned()), name, false))
            .collect()
    })
}

/// English words that apps are called: "my app is payments" names one, "my app is toast" does not.
pub(super) fn is_app_like(word: &str) -> bool {
    let plural = word.len() > 4 && word.ends_with('s') && !word.ends_with("ss");
    plural || is_app_word(word)
}

/// English words that are common names of apps.
pub(in crate::understand) fn is_app_word(word: &str) -> bool {
    matches!(
        word,
        "api"
            | "web"
            | "cache"
            | "worker"
            | "frontend"
            | "backend"
            | "gateway"
            | "proxy"
            | "scheduler"
            | "search"
            | "checkout"
            | "billing"
            | "auth"
            | "login"
            | "queue"
            | "cart"
            | "inventory"
            | "shipping"
            | "mailer"
            | "ledger"
    )
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
    matches!(
        word,
        "and" | "plus" | "for" | "the" | "namespace" | "namespaces" | "both"
    )
}
