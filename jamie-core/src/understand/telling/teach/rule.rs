//! A sentence in, what it says is or is not done here out: "we never restart ledger on Fridays".

use std::sync::LazyLock;

use super::{Said, subject, taught};
use crate::{
    memory::About,
    understand::telling::{
        Telling,
        said::{Pattern, pattern},
    },
};

/// What people do to an estate: a sentence about anything else is a complaint, not a rule ("it never comes up").
const DO: &str = r"(?:re)?(?:start|deploy|scale|touch|delete|remove|roll|drain|merge|release|change|patch|update|upgrade|downgrade|ship|push|reboot|cordon|edit|kill|stop|run|use|ask|tell|check|ring|phone|ping|inform|consult|warn|page|notify|announce|back|backup|test|take|apply|sync|failover|fail over|migrate|rotate|bounce|recycle|rebuild|create|install|restore|pause|resume|approve|review|wait|do|make|go|set|keep|bring|put|let|leave|call|open|switch|turn|move|work)(?:ed|e?s|ing|ting|ning)?";
const WHEN: &str = r"(?: on (?:\S+ )?(?:mondays?|tuesdays?|wednesdays?|thursdays?|fridays?|saturdays?|sundays?|weekends?|weekdays|bank holidays?|holidays|payday|paydays)| at (?:the )?(?:weekends?|night|month end|lunch(?: ?time)?|quarter end)| during | without | unless | outside | before | after | between | in the (?:morning|evening|afternoon|night)| ever$| over (?:the )?weekends?| in (?:december|production|prod|office hours|business hours|working hours))";

static RULES: [Pattern; 7] = [
    LazyLock::new(|| {
        pattern(
            r"^(?:(?:our|the|a|house|team|new|golden|standing)+ ?(?:team |house |golden )?rules?|rule)(?: here| for (?:us all|all of us|the whole team|the team|us|everyone|everybody|y.?all|you all|\S+))?(?: number \S+)?(?: is| are)?(?: that)? (?P<rule>\S+ \S+.+)$",
        )
    }),
    LazyLock::new(|| {
        pattern(&format!(
            r"^(?P<rule>(?:we|you|people|everyone|everybody|the team|devs|developers|all of us|anyone|anybody|they)(?: all)?(?: must| should| may| can| do| shall| have to| need to| are to| will)? (?:never|always|only|not ever|not)(?: ever)?(?: allowed to| supposed to| to)? {DO}\b.*)$"
        ))
    }),
    LazyLock::new(|| {
        pattern(&format!(
            r"^(?P<rule>(?:(?:we|the team|people|you) (?:must |should |will |can |may )?{DO} (?:nothing|none|no|never)\b|(?:nobody|no one|noone)(?: \S+)?(?: (?:on|in|of|from) (?:this|the|our|my) \S+)?(?: must| should| may| can| shall| is allowed to| is to| ever| gets to)* {DO}\b).*)$"
        ))
    }),
    LazyLock::new(|| pattern(&format!(r"^(?P<rule>(?:never|always|only)(?: ever)? {DO}\b .+)$"))),
    LazyLock::new(|| {
        pattern(&format!(
            r"^(?P<rule>do not ever {DO}\b.*|do not {DO}\b.*{WHEN}.*)$"
        ))
    }),
    LazyLock::new(|| {
        pattern(&format!(
            r"^(?P<rule>no (?:\S+ )?(?:deploys?|deployments?|restarts?|changes?|releases?|rollouts?|merges?|scaling|reboots?|drains?|maintenance|upgrades?|migrations?|deploying|restarting)(?: \S+)*{WHEN}.*)$"
        ))
    }),
    LazyLock::new(|| {
        pattern(
            r"^(?P<rule>\S+(?: \S+){0,4} (?:must|may|should|can|is|are|has|have) (?:never|not|never ever|only ever|only|always|off)(?: to| allowed to)? (?:be (?:re)?\S+ed|be (?:run|shut down|taken down|touched)|limits).*)$",
        )
    }),
];
/// A rule where it is said to be one: "in our team …", "remember that …"; else it tells what happens.
static HABIT: Pattern = LazyLock::new(|| {
    pattern(
        r"^(?P<rule>\S+(?: \S+){0,3} (?:is|are|gets?) (?:never|always|only|only ever)(?: ever)?(?: to be)? \S+(?:ed|en|un|pt|ut|shut) .+)$",
    )
});
/// "Team rule for payments: only the release robot pushes": without the name it says little.
static ABOUT: Pattern = LazyLock::new(|| {
    pattern(
        r"^(?:(?:our|the|a|house|team|new|golden|standing) )*rules? (?:for|about|on|with|regarding)(?: the)? (?P<rule>(?P<whom>\S+) \S+ .+)$",
    )
});

/// Whether a rule is for a thing rather than for people.
fn names_a_thing(captures: &regex::Captures<'_>) -> bool {
    captures.name("whom").is_some_and(|whom| {
        !matches!(
            whom.as_str(),
            "us" | "all"
                | "everyone"
                | "everybody"
                | "you"
                | "anyone"
                | "team"
                | "this"
                | "our"
                | "my"
                | "new"
        ) && !whom.as_str().ends_with("all")
    })
}

/// What stands in a complaint and in no rule.
static COMPLAINT: Pattern = LazyLock::new(|| {
    pattern(
        r"\b(?:why|error|errors|failing|fails|broken|crash\w*|timeouts?|5\d\d|4\d\d|any ?more|any longer|right now|at the moment|suddenly)\b",
    )
});

pub(super) fn read(said: &Said<'_>) -> Option<Vec<Telling>> {
    let captures = RULES.iter().find_map(|pattern| said.fits(pattern)).or_else(|| {
        let meant = said.is_explicit() || said.is_for_team();
        said.fits(&HABIT).filter(|_| meant)
    })?;
    // "Don't restart it" holds once, for the conversation; "they never start" is a complaint unless it is said to be kept.
    if !said.is_explicit() && said.fits(&COMPLAINT).is_some() {
        return None;
    }
    let captures = said.fits(&ABOUT).filter(names_a_thing).unwrap_or(captures);
    let rule = Said::group(&captures, "rule")?;
    // "Only let web talk to api" is an order.
    if !said.is_explicit() && !said.is_for_team() && rule.starts_with("only let ") {
        return None;
    }
    // "A rule from my corner as well, we never …": the rule comes behind the comma.
    let first = rule.split(' ').next().unwrap_or_default();
    if matches!(first, "from" | "about" | "of" | "as" | "for" | "and") {
        return None;
    }
    let typed = said.typed(&captures, "rule")?;
    let lead = said.body().strip_suffix(rule).unwrap_or_default();
    let ours = lead
        .split(' ')
        .any(|word| matches!(word, "team" | "us" | "everyone" | "everybody" | "house" | "our"));
    let own = !ours && rule.split(' ').any(|word| matches!(word, "i" | "my" | "me"));
    Some(vec![taught(said, About::Rule(subject(rule)), typed, !own)])
}
