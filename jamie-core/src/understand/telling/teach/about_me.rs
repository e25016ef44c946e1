//! A sentence in, what it says about the person out: their team, time zone, and how long they like answers.

use std::sync::LazyLock;

use super::{Said, length, subject, taught};
use crate::{
    memory::About,
    understand::{
        lexicon,
        telling::{
            Telling,
            said::{Pattern, pattern},
            zone,
        },
        words::Break,
    },
};

static TEAM: [Pattern; 5] = [
    LazyLock::new(|| {
        pattern(
            r"^(?:i (?:am|work|sit|belong|head up|head|lead|run|manage|was moved|got moved)|(?:i am )?(?:working|heading|leading|running|managing)|(?:i )?(?:have )?(?:just |recently |now )*(?:moved|joined|switched|transferred|started))(?: now| over| just| recently)*(?: on| in| to| with| for| from| part of| at| a member of)?(?: the| our)? (?P<team>\S+(?: \S+){0,2}?) (?:team|squad|crew|tribe|guild|department|folks|lot|gang|people|bunch)(?: (?:now|recently|today|yesterday|last week|last month|this week|this month|these days|a (?:week|month|while) ago|instead|only|on \S+day))*$",
        )
    }),
    LazyLock::new(|| {
        pattern(
            r"^(?:i )?(?:am|work|sit|belong|moved|joined|switched|have moved|have joined)(?: now| over| just| recently)*(?: on| in| to| with| for| from| part of)?(?: the)? (?:team|squad) (?P<team>\S+(?: \S+){0,2}?)(?: (?:now|recently|today|yesterday|last week|last month|this week|this month|this morning|these days))*$",
        )
    }),
    LazyLock::new(|| {
        pattern(
            r"^(?:my|our) (?:team|squad) is (?:now )?(?:called |named |the |team )?(?P<team>\S+(?: \S+)?)(?: team| squad| crew| one)?(?: now| these days| from today)?$",
        )
    }),
    LazyLock::new(|| {
        pattern(
            r"^(?:(?:the|my) team (?:is )?(?:wrong|outdated|different|not right)(?: now)? )i (?:have )?(?:just )?(?:moved|switched)(?: over)? to(?: the)? (?P<team>\S+)(?: (?:now|recently|today|yesterday|last week|last month|this week|this month|a (?:week|month|while) ago))*$",
        )
    }),
    LazyLock::new(|| {
        pattern(
            r"^i (?:work|am) (?:in|for|on) (?P<team>platform|sre|devops|infra|infrastructure|operations|ops|security|data|frontend|backend|engineering|support|qa)$",
        )
    }),
];
/// "I'm with Osprey now", "SRE at Warehouse Systems": without the word "team" only a name can be meant.
static TEAM_NAMED: [Pattern; 3] = [
    LazyLock::new(|| {
        pattern(r"^i (?:am|work) (?:now |currently )?with (?P<team>\S+)(?: now| these days| instead)*$")
    }),
    LazyLock::new(|| {
        pattern(r"^i (?:am|work) (?:now |currently )?(?:in|on) (?P<team>\S+)(?: now| these days| instead)+$")
    }),
    LazyLock::new(|| {
        pattern(
            r"^(?:(?:i am|working as) )?(?:an? |the )?(?:\S+ )?(?:sre|developer|dev|engineer|admin|dba|intern|analyst|architect|operator|devops|lead|manager|trainee|contractor) (?:at|in|on|with|for)(?: the)? (?P<team>\S+(?: \S+)?)$",
        )
    }),
];
/// "Priya here", "this is Priya from the platform team".
static INTRODUCED: [Pattern; 6] = [
    LazyLock::new(|| {
        pattern(
            r"^my (?:\S+ )?name is \S+(?: \S+)? (?:but|and)(?: please| just| you can)* (?:call me|i go by|i am called|(?:everyone|everybody|people|friends) calls? me|it is) (?P<name>\S+)$",
        )
    }),
    LazyLock::new(|| pattern(r"^myself (?P<name>\S+)$")),
    LazyLock::new(|| {
        pattern(
            r"^(?:this is |it is )?(?P<name>\S+) (?:here|speaking)(?: (?:from|of|on|in)(?: the)? (?P<team>\S+(?: \S+)?) (?:team|squad|crew))?$",
        )
    }),
    LazyLock::new(|| {
        pattern(
            r"^(?:this is|it is|i am) (?P<name>\S+)(?: from| of)?(?: the)? (?P<team>\S+(?: \S+)?) (?:team|squad|crew)$",
        )
    }),
    LazyLock::new(|| {
        pattern(
            r"^(?:this is|it is|i am) (?P<name>\S+)(?: and)?(?: i)?(?: have| am)?(?: just| recently| newly| new| now)* (?:joined|joining|on|in|with|part of|a member of|work on|work in|work for|working on|working in|working for)(?: the| your| our)? (?P<team>\S+(?: \S+)?) (?:team|squad|crew)$",
        )
    }),
    LazyLock::new(|| {
        pattern(
            r"^(?:this is|it is|i am) (?P<name>\S+)(?: from| of| on| in| with)?(?: the)? (?:team|squad) (?P<team>\S+(?: \S+)?)$",
        )
    }),
];
static ZONE_SAID: Pattern = LazyLock::new(|| {
    pattern(
        r"^(?:(?:my|our) (?:time ?zone|timezone|local time|zone|clock|tz) is(?: now)?|(?:the |my )?clocks? (?:here )?(?:runs?|is set|goes?|stands?)(?: to)?|(?:set|change|switch) (?:my|the) (?:time ?zone|timezone|clock|times?) to|(?:setting|changing|switching) my (?:time ?zone|timezone|clock)(?: to)?) (?:in |on )?(?P<zone>.+)$",
    )
});
static ZONE_MAYBE: [Pattern; 5] = [
    LazyLock::new(|| {
        pattern(
            r"^(?:i )?(?:am|live|work|sit|(?:have )?(?:just )?(?:moved|relocated)|based|living|working|sitting)(?: based| located| living| working| sitting| sat| stuck| staying| up| out of| out| down| over| back| currently| now| usually)*(?: in| from| at| on| to| over to| out of)?(?: the)? (?P<zone>.+?)(?: time ?zone| time| office| area)?(?: now| these days| at the moment)?(?: so .+)?$",
        )
    }),
    LazyLock::new(|| {
        pattern(
            r"^it is(?: in)? (?P<zone>.+?)(?: time)?(?: for me)?(?: now)?(?: and (?:no more|not|no longer) .+)?$",
        )
    }),
    LazyLock::new(|| pattern(r"^(?:time ?zone|timezone|tz)(?: for me| of mine)?(?: is)? (?P<zone>.+)$")),
    LazyLock::new(|| {
        pattern(
            r"^(?:always )?(?:use|show|give|tell|display|print)(?: me| my| all| the)*(?: times?| time ?zone| timestamps?| dates?)?(?: to| in| as)? (?P<zone>.+?)(?: for me| with me| to me)?$",
        )
    }),
    LazyLock::new(|| {
        pattern(
            r"^i (?:prefer|want|like|would like|need)(?: to see| to have| to get)?(?: my| all| the)*(?: times?| timestamps?)?(?: in)? (?P<zone>.+?)(?: times?| timestamps)?$",
        )
    }),
];
static SHORT: Pattern = LazyLock::new(|| {
    pattern(
        r"^(?:(?:please )?(?:keep|make) (?:it|them|things|everything|(?:your |the |my )?(?:answers|replies|responses|messages)) (?:short|brief|concise|terse|shorter|briefer|to the point|snappy|crisp)(?: with me| for me)?|do not be (?:so |that |too )?(?:wordy|verbose|chatty|long|long winded)|less (?:wordy|verbose|chatty)|(?:be|stay) (?:more |a bit |a bit more |very )?(?:brief|briefer|concise|terse|succinct)(?: with me| in your (?:answers|replies))?|(?:(?:i|we) (?:like|prefer|want|need|love|would like|would prefer|only want|just want)|give me|only|just)? ?(?:your |my )?(?:short|brief|concise|terse|shorter|briefer|crisp)(?: and sweet)? (?:answers|replies|responses|messages)(?: only)?|i (?:like|prefer|want) (?:it|them|answers|(?:my |your )?(?:answers|replies)(?: to be)?) (?:short|brief|concise|terse)|less (?:detail|waffle|chatter|text|words|talk|prose)|(?:cut|skip|spare me|drop|no) (?:the |more )?(?:waffle|chatter|essays?|small talk|long answers)|you (?:talk|write|say|waffle) too much|(?:your )?(?:answers|replies) are too long|i (?:do not|am not) (?:like|want|need|have time for) (?:long|lengthy|detailed) (?:answers|replies|texts?))$",
    )
});
static FULL: Pattern = LazyLock::new(|| {
    pattern(
        r"^(?:(?:please )?(?:keep|make) (?:them|(?:your |the |my )?(?:answers|replies|responses)) (?:long|longer|detailed|full|complete|thorough)|(?:be|stay) (?:more )?(?:verbose|detailed|thorough)(?: with me| in your (?:answers|replies))?|(?:(?:i|we) (?:like|prefer|want|need|love|would like|would prefer)|give me)(?: your| my)? (?:long|longer|full|detailed|more detailed|verbose|complete|thorough|in depth) (?:answers|replies|responses|explanations)|always (?:give|show|tell) (?:me )?(?:all|every|the full|full|more|the whole|the complete|the long) (?:details?|explanations?|answers?|story|picture|version)(?: not (?:only|just) .+)?|(?:your )?(?:answers|replies) are too short|i (?:like|prefer|want) (?:my |your )?(?:answers|replies)(?: to be)? (?:long|detailed|full|thorough))$",
    )
});
static PREFERS: Pattern = LazyLock::new(|| {
    pattern(
        r"^(?:i (?:prefer|would rather have|would rather see) .+|(?:in )?(?:plain|simple) (?:english|words|language)(?: only)?|(?:and )?(?:spare me|skip|drop|no) (?:the |all the |all )?(?:jargon|acronyms|buzzwords|tech ?speak)|(?:explain|speak|talk|write|put)(?: \S+){0,5} (?:step by step|in plain english|in plain words|in simple words|slowly|simply|without jargon)(?: .+)?)$",
    )
});

pub(super) fn read(said: &Said<'_>) -> Option<Vec<Telling>> {
    if let Some(telling) = time_zone(said) {
        return Some(vec![telling]);
    }
    if said.fits(&SHORT).is_some() {
        return Some(vec![taught(said, About::Verbosity, "short", false)]);
    }
    if said.fits(&FULL).is_some() {
        return Some(vec![taught(said, About::Verbosity, "full", false)]);
    }
    if let Some(length) = length::read(said) {
        return Some(vec![taught(said, About::Verbosity, length, false)]);
    }
    if let Some(tellings) = introduced(said) {
        return Some(tellings);
    }
    if let Some(telling) = team(said) {
        return Some(vec![telling]);
    }
    let prefers = said.fits(&PREFERS)?;
    drop(prefers);
    let value = said.typed_body()?;
    Some(vec![taught(
        said,
        About::Preference(subject(said.body())),
        value,
        false,
    )])
}

fn introduced(said: &Said<'_>) -> Option<Vec<Telling>> {
    let captures = INTRODUCED.iter().find_map(|pattern| said.fits(pattern))?;
    let name = said.typed(&captures, "name")?;
    // "Anything new here", "Web from the shop team": names of people begin with a capital letter, and are no other word.
    if !is_name(&name, Said::group(&captures, "name")?) {
        return None;
    }
    let mut tellings = vec![taught(said, About::Name, name, false)];
    if let Some(team) = said.typed(&captures, "team") {
        tellings.push(taught(said, About::Team, team, false));
    }
    Some(tellings)
}

/// Whether what was typed can be nothing but a name: it begins with a capital letter, and `word`, the same in small
/// letters, is no English word.
fn is_name(typed: &str, word: &str) -> bool {
    typed.chars().next().is_some_and(char::is_uppercase)
        && typed
            .chars()
            .all(|c| c.is_alphabetic() || matches!(c, '-' | '\'' | '’'))
        && lexicon::english(word) < lexicon::English::Common
}

fn team(said: &Said<'_>) -> Option<Telling> {
    if let Some(captures) = TEAM_NAMED.iter().find_map(|pattern| said.fits(pattern)) {
        let typed = said.typed(&captures, "team")?;
        let several = typed.contains(' ');
        return (typed.split(' ').all(|word| word.starts_with(char::is_uppercase))
            && (several || is_name(&typed, Said::group(&captures, "team")?)))
        .then(|| taught(said, About::Team, typed, false));
    }
    let captures = TEAM.iter().find_map(|pattern| said.fits(pattern))?;
    let word = Said::group(&captures, "team")?;
    let first = word.split(' ').next().unwrap_or_default();
    // "I'm Priya, checkout team".
    let named = said.tokens(captures.name("team")?);
    if named.iter().skip(1).any(|token| token.before >= Break::Comma) {
        return None;
    }
    // "I am on a team", "my team is in trouble".
    if lexicon::is_determiner(first)
        || lexicon::is_preposition(first)
        || matches!(first, "not" | "very" | "so" | "too")
    {
        return None;
    }
    Some(taught(said, About::Team, said.typed(&captures, "team")?, false))
}

/// What begins a sentence about where somebody is, or about their time.
const OF_ME: &[&str] = &[
    "i ",
    "tz ",
    "based ",
    "living ",
    "working ",
    "sitting ",
    "moved ",
    "relocated ",
];

fn time_zone(said: &Said<'_>) -> Option<Telling> {
    if let Some(captures) = said.fits(&ZONE_SAID) {
        let typed = said.typed(&captures, "zone")?;
        return Some(match zone::find(Said::group(&captures, "zone")?) {
            Some(name) => taught(said, About::TimeZone, name, false),
            None => Telling::Unclear(format!(
                "I know no time zone called “{typed}”: name one like `Europe/Berlin`, a city such as Tokyo, or `UTC+2`."
            )),
        });
    }
    let about_time = said.body().contains("time")
        || said.body().ends_with(" for me")
        || said.is_own()
        || said.is_lasting()
        || OF_ME.iter().any(|start| said.body().starts_with(start));
    let captures = ZONE_MAYBE.iter().find_map(|pattern| said.fits(pattern))?;
    let name = zone::find(Said::group(&captures, "zone")?).filter(|_| about_time)?;
    Some(taught(said, About::TimeZone, name, false))
}
