//! A sentence in, what it takes back out: "forget that", "till no longer means payments", "forget everything about me".

use std::sync::LazyLock;

use crate::understand::lexicon;

use super::{
    Forgotten, ask, mine,
    said::{Pattern, QUOTED_SPACE, Said, pattern},
};

/// What the answer to "forget me" offers to say.
pub(crate) const CONFIRMATION: &str = "yes, forget everything about me";

/// And what it offers to say instead.
pub(crate) const REFUSAL: &str = "no, keep it";

static LAST: Pattern = LazyLock::new(|| {
    pattern(
        r"^(?:(?:bin|ditch|drop|delete|erase|lose|remove) that (?:old )?(?:fact|rule|note|nick ?name|alias|word)|(?:forget|unlearn|scrap|disregard) (?:about )?(?:that|this|it|what i (?:just )?(?:said|told you|taught you)|the last (?:thing|one|bit|fact|note)|that one|that again|that (?:old )?(?:fact|rule|note|nick ?name|alias|word))(?: i (?:said|told you|taught you))?|(?:scratch|strike) that|(?:do not (?:remember|keep|save|store)|never mind|take back) (?:that|this|the) (?:last )?(?:thing|one|fact|note|bit)(?: i (?:just )?(?:said|told you|taught you))?|do not (?:remember|keep|save|store) (?:that|this)|(?:that|it) is (?:no longer (?:true|so|the case|valid|right|correct)|not true any ?more|outdated|out of date|obsolete)|(?:that|this|the) (?:rule|fact|note) (?:(?:is|has been) (?:off|gone|over|dropped|lifted|no longer valid)|(?:no longer|does not) (?:holds?|appl(?:y|ies)|counts?)(?: any ?more)?))$",
    )
});
static MINE: Pattern = LazyLock::new(|| {
    pattern(
        r"^(?:forget|delete|remove|drop|erase|wipe|clear|reset|scrub|bin|ditch|scrap)(?: all)?(?: of)? my (?:default |main |own |old |saved )?(?P<what>name|nick ?names?|team|squad|time ?zone|timezone|zone|namespaces?|verbosity|preferences?|aliases|alias|rules?|notes?)$",
    )
});
static NAME: Pattern = LazyLock::new(|| {
    pattern(r"^(?:(?:stop|quit) calling me|do not call me|never call me)(?: \S+)?(?: any ?more| again)?$")
});
static EVERYTHING: Pattern = LazyLock::new(|| {
    pattern(
        r"^(?P<yes>yes )?(?:forget|delete|erase|wipe|remove|clear|purge)(?: everything| all| it all| whatever| all the data| all data| what)?(?: that)?(?: (?:you (?:(?:have |ever )*(?:know|remember|remembered|have|got|stored?|saved?|noted|keep|kept|learned|learnt|collected))|i (?:have )?(?:ever )?told you))?(?: about| on| of)? (?:me|all my data|my data|my memory|my memories|my profile|my records|everything about me)(?: completely| entirely)?$",
    )
});
static ABOUT: Pattern = LazyLock::new(|| {
    pattern(
        r"^(?:forget|delete|remove|drop|erase|wipe)(?: everything| all| whatever| what)?(?: that)? (?:i|we)(?: have)?(?: ever| just| once)? (?:told|taught|said)(?: to)?(?: you)? (?:about|on|of|regarding)(?: the)? (?P<about>.+)$",
    )
});
static NAMED: Pattern = LazyLock::new(|| {
    pattern(
        r"^(?P<verb>forget|delete|remove|drop|erase|scrap|bin|ditch|scrub|lose|lift|cancel|retire|revoke|abolish|undo|kill|take back|get rid of)(?: about)?(?: the| that| our| my)?(?: team| house)? (?:(?:alias|nick ?name|word|rule|note|fact|preference)s? (?:(?:about|for|of|on|that|regarding|with) )?|(?:one|bit|thing|stuff|part) (?:about|on|with|regarding) )(?:the )?(?P<about>.+?)(?: (?:it|that|this|which) (?:no longer|is|does|has) .+| (?:because|we do not|nobody|i do not) .+)?$",
    )
});
/// "Scrap the newsletter rule for web".
static NAMED_FIRST: Pattern = LazyLock::new(|| {
    pattern(
        r"^(?P<verb>forget|delete|remove|drop|erase|scrap|bin|ditch|scrub|lose|lift|cancel|retire|revoke|abolish|take back|get rid of)(?: about)?(?: the| that| our| my)? (?P<named>(?:\S+ ){1,3}?(?:rule|note|nick ?name|alias)(?: (?:about|for|of|on|with) .+)?)$",
    )
});
static NO_LONGER: [Pattern; 6] = [
    LazyLock::new(|| pattern(r"^(?:the )?(?P<perhaps>\S+(?: \S+)?) (?:is|are) not (?:the )?\S+ any ?more$")),
    LazyLock::new(|| {
        pattern(
            r"^(?:the word )?(?P<about>\S+(?: \S+)?) (?:no longer (?:means|stands for|refers to)|does not (?:mean|stand for|refer to)|(?:is|are) no longer (?:short for|called|known as|our (?:word|name) for))(?: (?:the )?.+?)?(?: any ?more)?$",
        )
    }),
    LazyLock::new(|| {
        pattern(
            r"^(?:stop calling|do not call|never call|we no longer call|we do not call|i no longer call|nobody calls)(?: the| our)? (?P<about>.+?)(?: any ?more| again)?$",
        )
    }),
    LazyLock::new(|| {
        pattern(
            r"^(?:the|that|this|our|my) (?P<about>(?:\S+ )*?(?:rule|note|nick ?name|alias|word|fact|tip)s?(?: (?:about|for|on|of|with|that|saying) .+?)?) (?:is|are) (?:now )?(?:history|obsolete|outdated|out of date|dead|gone|over|off|wrong|moot|retired|no longer (?:true|valid|needed|so|right|correct|the case|relevant)|not (?:true|valid|needed|so|right|correct|the case|relevant) any ?more)(?: now)?(?: (?:so )?(?:please )?(?:you can )?(?:please )?(?:forget|drop|delete|remove|scrap|bin|lose|erase|ignore) (?:it|that))?$",
        )
    }),
    LazyLock::new(|| {
        pattern(
            r"^(?:the )?(?P<about>\S+(?: and \S+)?) (?:is|are) (?:no longer|not) (?:mine|ours|my (?:app|apps|namespace|baby|job|problem|responsibility))(?: any ?more| now)?$",
        )
    }),
    LazyLock::new(|| {
        pattern(
            r"^(?:(?:i|we) )?(?:have )?(?:gave|given|handed|passed) (?P<away>\S+) (?:away|over|on)(?: to .+)?$|^(?:i|we) no longer (?:look after|own|am responsible for|are responsible for|care for|maintain|run|manage)(?: the)? (?P<about>.+?)(?: namespaces?)?$",
        )
    }),
];
static STATEMENT: Pattern =
    LazyLock::new(|| pattern(r"^(?:forget|unlearn|ignore)(?: about| the fact)?(?: that)? (?P<about>.+)$"));

/// What stands in front of what is to be forgotten.
const UNSAYING: &[&str] = &[
    "forget ",
    "delete ",
    "erase ",
    "drop ",
    "remove ",
    "clear ",
    "wipe ",
    "scrub ",
    "bin ",
    "ditch ",
    "scrap ",
    "purge ",
    "lose ",
    "get rid of ",
    "do not remember ",
    "stop remembering ",
    "i no longer want you to remember ",
    "i do not want you to remember ",
];

pub(super) fn read(said: &Said<'_>) -> Option<Forgotten> {
    if said.is_confirmation(REFUSAL) {
        return Some(Forgotten::Nothing);
    }
    if said.fits(&LAST).is_some() {
        return Some(Forgotten::Last);
    }
    if said.fits(&NAME).is_some() {
        return Some(Forgotten::Mine("name".to_owned()));
    }
    if let Some(captures) = said.fits(&MINE) {
        let what = Said::group(&captures, "what")?;
        return ask::about(what).map(|about| Forgotten::Mine(about.to_owned()));
    }
    let unsaid = UNSAYING.iter().find_map(|verb| said.body().strip_prefix(verb));
    // "Delete my app" is no wish to be forgotten.
    let sure =
        |fact: &&str| *fact != "app" || said.body().contains("forget") || said.body().contains("remember");
    if let Some(fact) = unsaid.and_then(mine::fact).filter(sure) {
        return Some(Forgotten::Mine(fact.to_owned()));
    }
    if said.fits(&EVERYTHING).is_some() {
        // Politeness is taken off what is said, so the confirmation is told by the words themselves.
        let confirmed = said.is_confirmation(CONFIRMATION);
        return Some(Forgotten::Everything { confirmed });
    }
    let about = |captures: &regex::Captures<'_>, sure| {
        let words = ["about", "away", "named", "perhaps"]
            .iter()
            .find_map(|group| Said::group(captures, group));
        words
            .filter(|words| !lexicon::is_pronoun(words))
            .map(|words| Forgotten::About {
                words: words.replace(QUOTED_SPACE, " "),
                sure,
            })
    };
    if let Some(captures) = said.fits(&ABOUT) {
        return about(&captures, true);
    }
    if let Some(captures) = NO_LONGER.iter().find_map(|pattern| said.fits(pattern)) {
        // "Web is not healthy any more" may be about the estate.
        return about(&captures, captures.name("perhaps").is_none());
    }
    if let Some(captures) = said.fits(&NAMED).or_else(|| said.fits(&NAMED_FIRST)) {
        // "Delete the rule …" may be about an object of the estate.
        let sure = Said::group(&captures, "verb") == Some("forget");
        return about(&captures, sure);
    }
    let captures = said.fits(&STATEMENT)?;
    let sure = said.body().starts_with("forget that ") || said.body().starts_with("forget about ");
    about(&captures, sure)
}
