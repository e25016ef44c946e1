//! The ways people ask about what was, by what they ask: the patterns that a sentence without its politeness is held
//! against. Those of [`PLAIN`] are held against it without what only says that it is over, too ("last time", "finally").

use std::sync::LazyLock;

use regex::Regex;

use super::PastKind;
use crate::understand::telling::said::{Pattern, pattern};

/// What says that something is over, wherever it stands.
pub(super) static OVER: Pattern = LazyLock::new(|| {
    pattern(&format!(
        r"(?:^| )(?:(?:the )?last time(?: round| around| (?:it|this|that|they) {BROKEN})?|back then|then|at the time|that time|the time before|before|previously|in the past|the other (?:day|week|night|month)|earlier|already|in the end|eventually|finally|ultimately|after all|actually|so far|to date|until now|up to now)\b"
    ))
});

const WHO: &str = r"(?:we|you|i|they|someone|somebody|anyone|anybody|everyone|people|you and i|you and me|you guys|you lot|the others|ops|sre|on call|(?:the|our|my) (?:\S+ )?(?:team|guys|folks|crew|people|engineers?|devs|admins?|ops|sres?|on call|on ?call|on-call|oncall|duty officer))";
/// What is done to what is broken, as it stands behind "did".
const MEND: &str = "(?:fix|solve|sort|resolve|mend|repair|handle|deal with|cure|recover from|recover|tackle|address|approach|go about|react to|respond to|get rid of|get over|get out of|get through|take care of|work around|overcome|clear up)";
/// The same, as it stands alone.
const MENDED: &str = "(?:fixed|solved|sorted|resolved|mended|repaired|handled|dealt with|cured|recovered from|recovered|tackled|addressed|approached|went about|reacted to|responded to|got rid of|got over|got out of|got through|took care of|taken care of|worked around|overcame|cleared up)";
const WELL: &str = "(?:working|to work|work|back|up|running|going|healthy|online|green|stable|under control|right|to behave|to recover|recover|go away)(?: (?:again|and running|on its feet|on their feet|on track|up|online|to normal|to life|in order|to health))*";
const INCIDENT: &str = "(?:incidents?|outages?|post ?mortems?|disruptions?)";
const PROBLEM: &str = "(?:incidents?|outages?|post ?mortems?|disruptions?|problems?|issues?|troubles?|failures?|bother|drama|grief|hassle|fun)";
const SEEN: &str = "(?:seen|saw|see|had|have|hit|run into|ran into|come across|came across|noticed|notice|experienced|experience|encountered|encounter|faced|face|got|known|know|been through|went through|gone through)";
const BROKEN: &str = "(?:happen(?:ed|s)?|fail(?:ed|s)?|crash(?:ed|es)?|break|breaks|broken|broke|occur(?:red|s)?|recur(?:red|s)?|go down|gone down|went down|down|been down|been broken|been here|been like this|do this|done this|did this|go wrong|gone wrong|went wrong|act up|acted up|misbehaved?|come back|came back|come up|came up|show up|showed up|play up|fell over|fall over|fallen over|died|die|blew up|blow up|blown up|hung|hang|stalled|stall|pull(?:ed)? (?:this|that)(?: stunt| trick)?|play(?:ed)? (?:this|that) (?:trick|game)|had (?:problems|issues|trouble)|have (?:problems|issues|trouble))";

/// What stands behind the thing that was broken and says no more than that.
pub(super) static BROKE: Pattern = LazyLock::new(|| {
    pattern(&format!(
        r"(?: (?:when|while|after|as) (?:it|they|this|that))?(?: (?:was|were|is|has|had|kept|keeps|been))*(?: (?:{BROKEN}|crashing|failing|crash ?looping|unhealthy|stuck))+$"
    ))
});

/// A question of each kind that says nothing but "over" with the words of [`OVER`].
pub(super) static PLAIN: LazyLock<Vec<(PastKind, Vec<Regex>)>> = LazyLock::new(|| {
    vec![
        (PastKind::Helped, helped()),
        (PastKind::Done, done()),
        (PastKind::Talked, talked()),
        (PastKind::Incidents, incidents()),
    ]
});
/// A question of each kind in which these words say more than that.
pub(super) static WHOLE: LazyLock<Vec<(PastKind, Vec<Regex>)>> =
    LazyLock::new(|| vec![(PastKind::Same, same()), (PastKind::Before, before())]);
/// What asks about a stretch of time that is over, and about now where no time is named.
pub(super) static WENT: LazyLock<Vec<(PastKind, Vec<Regex>)>> =
    LazyLock::new(|| vec![(PastKind::Incidents, went()), (PastKind::Before, broke())]);

fn went() -> Vec<Regex> {
    vec![
        pattern(&format!(
            r"^(?:list|show|give|tell)(?: me| us)?(?: all| the| every)* (?P<about>\S+) {INCIDENT}$"
        )),
        pattern(
            r"^(?:what (?:broke|went wrong|happened|was broken|was wrong|was up|was down|failed|crashed|was the (?:matter|problem|issue|trouble))(?: with| to| in| on)?(?: the)?(?: (?P<about>.+))?|what incidents|any incidents|incidents|what (?:incidents?|outages?) (?:happened|occurred))$",
        ),
        pattern(&format!(
            r"^(?:(?:i (?:would like|want|need) )|(?:list|show|give|tell|name)(?: me| us)?)(?: about| all| any| every| the| our| of| an? (?:list|overview|summary|rundown) of)* {INCIDENT}(?: (?:that )?(?:we|you) (?:had|saw|hit|have had|have seen))?(?: (?:with|of|for|in|on)(?: the)? (?P<about>.+))?$"
        )),
        pattern(&format!(
            r"^(?:were|have|had|did|was)(?: there| we| you)(?: been| have| had| see| seen| hit)?(?: any| some| many| other| an?)* {PROBLEM}(?: (?:with|of|for|in|on)(?: the)? (?P<about>.+))?$|^any {PROBLEM}(?: (?:that )?(?:we|you) (?:had|saw|hit|have had|have seen)(?: to (?:deal with|handle|fix))?)?(?: (?:with|of|for|in|on)(?: the)? (?P<seen>.+))?$"
        )),
    ]
}

fn broke() -> Vec<Regex> {
    vec![pattern(&format!(
        r"^did(?: the)? (?P<about>.+?)(?: also)? (?:{BROKEN}|have (?:this|that|it))(?: too| also| as well)?$"
    ))]
}

fn helped() -> Vec<Regex> {
    vec![
        pattern(
            r"^(?:the )?(?:previous|last|earlier|old|past) (?:fix|solution|workaround|remedy|cure) (?:for|of|to)(?: the)? (?P<about>.+)$",
        ),
        pattern(&format!(r"^what did \S+ do to {MEND}(?: the)? (?P<about>.+)$")),
        pattern(&format!(
            r"^how did \S+ (?:{MEND}|{MENDED})(?: out| up)?(?: the)? (?P<about>.+?)(?: out| up)?$"
        )),
        pattern(
            r"^(?:what|which|which of)(?: (?:fix|solution|change|steps?|things?|workaround|actions?|remedy|measures?|trick))?(?: (?:really|has|had))* (?:fixed|helped|worked|solved|cured|sorted|resolved|mended|repaired|did the trick|was the (?:fix|solution|cure|remedy|resolution|workaround)|is the usual fix)(?: with| for| on| out| against| to| of| in)*(?: the)?(?: (?P<about>.+?))??(?: out)?$",
        ),
        pattern(&format!(
            r"^(?:what|which) (?:fix|solution|workaround|remedy|trick|cure)(?: did| have| had)? {WHO} (?:use|used|apply|applied|try|tried|find|found|go with|went with)(?: for| with| to| on| against)*(?: the)? (?P<about>.+)$"
        )),
        pattern(&format!(
            r"^how (?:did|have|had) {WHO}(?: manage to| get to| end up| ever| have)* (?:{MEND}|{MENDED})(?: out| up)?(?: the)? (?P<about>.+?)(?: out| up)?$"
        )),
        pattern(&format!(
            r"^how {WHO}(?: managed to {MEND}|(?: have| had)? {MENDED})(?: out| up)?(?: the)? (?P<about>.+?)(?: out| up)?$"
        )),
        pattern(&format!(
            r"^how did {WHO} end up (?:fixing|solving|sorting|resolving|mending|repairing|handling|tackling|dealing with)(?: out)?(?: the)? (?P<about>.+?)(?: out)?$"
        )),
        pattern(&format!(
            r"^(?:what|how (?:did|have|had) (?:{WHO}|\S+)) (?:get|got|gotten|bring|brought|make|made|put)(?: the)? (?P<about>.+?) (?:{MENDED}|{WELL})$"
        )),
        pattern(&format!(
            r"^what (?:is|was) (?:the (?:thing|trick|fix|workaround|command|step)|it)(?: that)? {WHO} (?:did|used|tried|applied|ran)(?: (?:to|for|with|about|on))*(?: (?:get|fix|bring|make|solve|save))?(?: the)? (?P<about>.+?)(?: {WELL})?$"
        )),
        pattern(
            r"^what (?:ended up|wound up) (?:fixing|solving|helping(?: with)?|sorting|resolving|mending|curing|repairing)(?: out)?(?: the)? (?P<about>.+?)(?: out)?$",
        ),
        pattern(&format!(
            r"^who(?: (?:was it that|was the one (?:who|that)|has|had))? {MENDED}(?: out| up)?(?: the)? (?P<about>.+?)(?: out| up)?$"
        )),
        pattern(&format!(
            r"^who (?:was able to|managed to|did|got to) {MEND}(?: out| up)?(?: the)? (?P<about>.+?)(?: out| up)?$"
        )),
        pattern(&format!(
            r"^(?:how|by whom) (?:was|were|did|has|have|had)(?: the)? (?P<about>.+?)(?: get| got| been)? {MENDED}(?: out| up)?$"
        )),
        pattern(&format!(
            r"^who (?:was|were|did|has|have|had)(?: the)? (?P<about>.+?)(?: get| got| been)? {MENDED}(?: out| up)? by$"
        )),
    ]
}

fn done() -> Vec<Regex> {
    vec![
        pattern(&format!(
            r"^what(?: did| have| had)? {WHO} (?:do|done|did|try|tried)(?: about| with| for| to)* when(?: the)? (?P<about>.+)$"
        )),
        pattern(&format!(
            r"^(?:when |after )?(?:the )?(?P<about>.+?) {BROKEN} what did {WHO} do(?: about it| then| to fix it)?$"
        )),
        pattern(&format!(
            r"^(?:what|which|what kind of)(?: (?:steps|actions|action|measures|things))?(?: did| have| had| would)? {WHO}(?: have| all)? (?:do|done|did|take|took|taken|undertake|end up doing|end up trying|ended up doing|decide to do|decide|decided)(?: about| with| for| to| on| against| when| in| regarding)+(?: the)? (?P<about>.+)$"
        )),
        pattern(&format!(
            r"^what (?:did|have|had) {WHO} (?:change|changed|try|tried|attempt|attempted) (?:about|with|for|to|against|when)(?: the)? (?P<about>.+)$"
        )),
        pattern(
            r"^(?:what did we do|(?:what|which)(?: steps?| actions?| measures?)? (?:was|were|has been|have been|got|had been) (?:done|tried|taken)(?: (?:about|with|for|to|on|against|regarding)(?: the)? (?P<about>.+))?)$",
        ),
    ]
}

fn talked() -> Vec<Regex> {
    vec![
        pattern(
            r"^(?:about )?what(?: (?:did|have|had|were|was|all|things|topics|stuff|the (?:last|first) thing(?: that)?))*(?: (?:you and i|you and me|we two|we|i))(?: (?:have|had|been|last|just|all))* (?:talk|talked|talking|speak|spoke|spoken|speaking|discuss|discussed|discussing|chat|chatted|chatting|ask|asked|asking|look at|looked at|looking at|go through|went through|going through|go over|went over|go thru|went thru|on about|up to)(?: you)?(?: about)?(?: with you| together)?(?: last)?(?: (?P<about>.+?))?$",
        ),
        pattern(
            r"^what (?:was|were|is) (?:my|our)(?: last| previous| latest)? (?:questions?|chat|conversation|talk|topic|discussion)(?: about)?(?: (?P<about>.+))?$",
        ),
        pattern(
            r"^(?:recap|sum up|summari[sz]e|repeat|show me|remind me of) (?:our|my)(?: last| previous| latest)? (?:chat|conversation|talk|discussion)(?: about(?: the)? (?P<about>.+))?$",
        ),
        pattern(
            r"^(?:where(?: were| was| did| had)? (?:we|i)(?: leave off| left off| stop| stopped| get to| got to| up to| at)?|what(?: were| was)? (?:we|i)(?: were| was)? (?:talking about|doing|looking at|discussing|up to)|(?:let us )?(?:pick up|continue|carry on|go on|resume)(?: from)? where we (?:left off|were|stopped))$",
        ),
    ]
}

fn incidents() -> Vec<Regex> {
    vec![
        pattern(&format!(
            r"^(?:what|which|how many|any)(?: (?:past|previous|earlier|other|major|big|kind of|sort of))* {PROBLEM}(?: (?:did|had|were|was) (?:we|you|there)(?: had| have| see| seen| hit)?| (?:we|you|there) had| have (?:we|you|there) (?:had|seen|hit|been)| do you (?:remember|recall|know(?: about| of)?))(?: (?:with|in|on|of|for)(?: the)? (?P<about>.+))?$"
        )),
        pattern(&format!(
            r"^(?:what|which|how many) {INCIDENT} (?:did|had|has)(?: the)? (?P<about>.+?) (?:have|had|see|seen|cause|caused|suffer|suffered)$"
        )),
        pattern(&format!(
            r"^(?:list|show|give|tell|name)(?: me| us)?(?: about| all| any| the| our| of| an? (?:list|overview|summary) of)* (?:past|previous|old|earlier|former|known|last|recent|closed|resolved) {PROBLEM}(?: (?:with|of|for|in|on)(?: the)? (?P<about>.+))?$"
        )),
        pattern(&format!(
            r"^any(?: other)? (?:past|previous|old|earlier|former|known) {PROBLEM}(?: (?:with|of|for|in|on)(?: the)? (?P<about>.+))?$"
        )),
        pattern(
            r"^(?:(?:list|show|give|tell)(?: me| us)? )?(?:(?:the |our )?(?:incident |outage )?history(?: of incidents| of outages)?(?: (?:of|for|with)(?: the)? (?P<about>.+))?|past incidents|previous incidents)$",
        ),
        pattern(
            r"^(?:(?:list|show|give|tell)(?: me| us)? )?(?:the )?(?P<about>\S+) (?:incident|outage) history$",
        ),
    ]
}

fn same() -> Vec<Regex> {
    const LAST_TIME: &str = "(?:last time|before|the last time|(?:the )?previous time|the time before|then|back then|the other day|usual|always)";
    vec![
        pattern(&format!(
            r"^(?:(?:do|try|run|apply|repeat|use|give me|show me|let us do|let us try|fix it|i want|i would like) )?(?:exactly )?(?:the )?same(?: thing| again| fix| procedure| trick| question| please)*(?: (?:as|like|that we did|we did|you did|which helped|that helped|that worked))?(?: we did| you did| did)?(?: {LAST_TIME})$"
        )),
        pattern(
            r"^(?:do|try|apply|repeat|run|use) (?:what|whatever|the thing that|the fix that) (?:we did|you did|helped|worked|fixed (?:it|that|this)|did the trick)(?: last time| before| then| the last time)?$",
        ),
        pattern(&format!(
            r"^(?:(?:let us|we should|i want to|i would like to|just|better) )*(?:do|try|run|apply|repeat|use|go with|go for|fix|mend|sort|solve|handle)(?: (?:it|that|this|out|again|exactly|just))* (?:what|whatever|like|as|how|the way|the same way(?: as)?|the same thing as|the thing that|the fix that)(?: {WHO})?(?: (?:did|do|used|tried|helped|worked|fixed|solved|mended))?(?: (?:it|this|that|the trick))?(?: {LAST_TIME})$"
        )),
        pattern(r"^(?:like|as) (?:last time|before)$|^(?:the )?same again$|^the usual fix$"),
    ]
}

fn before() -> Vec<Regex> {
    const BEFORE: &str = "(?: (?:before|previously|already|in the past|earlier|ever))";
    vec![
        pattern(&format!(
            r"^(?:if |whether )?(?:have|did|had|do|has) (?:we|you|i|they|anyone|anybody|somebody|someone) (?:ever |already |also )*{SEEN}(?: already)?(?: the)? (?P<about>.+?)(?: problems?| issues?| errors?| failures?)?{BEFORE}+$"
        )),
        pattern(&format!(
            r"^(?:have|did|had|has) (?:we|you|i|they|anyone|anybody) (?:ever|already) {SEEN}(?: the)? (?P<about>.+)$"
        )),
        pattern(&format!(
            r"^(?:if |whether )?(?:we|you|they) (?:ever |already |also )*(?:seen|saw|had|have seen|have had|hit|ran into)(?: already)?(?: the)? (?P<about>.+?){BEFORE}+$"
        )),
        pattern(&format!(
            r"^(?:if |whether )(?:the )?(?P<about>.+?)(?: has| had)?(?: ever| already)* {BROKEN}(?: like this| like that| to us| here)*{BEFORE}*$"
        )),
        pattern(&format!(
            r"^(?:has|have|did|had|was|were)(?: not)?(?: the)? (?P<about>.+?)(?: ever| already)* {BROKEN}(?: like this| like that| this way| to us| here)*{BEFORE}+$"
        )),
        pattern(&format!(
            r"^(?:has|have|did|had)(?: the)? (?P<about>.+?) ever {BROKEN}(?: like this| like that)?$"
        )),
        pattern(
            r"^(?:is|was) (?P<about>this|that|it) (?:really |actually )?(?:the first time|a first|new|a new (?:problem|one|thing)|a known (?:problem|issue|one)|a repeat|a regular|a recurring (?:problem|issue|thing)|an old (?:problem|friend|one))(?: for us| to us| here)?(?: (?:it|this|we|that) (?:happens|happened|has happened|have seen|see|saw|had)(?: it| this| that)?)?(?: or .+)?$",
        ),
        pattern(&format!(
            r"^(?:is|was) (?:this|that|it) (?:really |actually )?the first time(?: that)?(?: the)? (?P<about>.+?)(?: has| had| is| was)? {BROKEN}$"
        )),
        pattern(
            r"^is(?: the)? (?P<about>.+?) an? (?:known|recurring|regular|repeat|frequent|common|serial) (?:problem|issue|one|thing|incident|offender)(?: or .+)?$",
        ),
        pattern(&format!(
            r"^when did (?:we|you|i|they) (?:last|previously|most recently) {SEEN}(?: the)? (?P<about>.+)$"
        )),
        pattern(&format!(
            r"^when(?: did| was| has)?(?: the)? (?P<about>.+?) (?:last|previously) (?:{BROKEN}|seen|see it)$"
        )),
        pattern(
            r"^when did(?: the)? (?P<about>.+?) (?:happen|fail|crash|break|occur|go down|go wrong|act up) (?:last|the last time|previously|most recently)$",
        ),
        pattern(&format!(
            r"^(?:when|how long ago) was the (?:last|previous) time(?: that)? (?:we|you|i|they) {SEEN}(?: the)? (?P<about>.+)$"
        )),
        pattern(&format!(
            r"^(?:when|how long ago) was the last time(?: that)?(?: the)? (?P<about>.+?) (?:(?:was|were|had|has|went|got) )?(?:{BROKEN}|wrong|problems|issues|trouble|unhealthy|seen)$"
        )),
        pattern(&format!(
            r"^(?:has|have|did|had)(?: not)? (?:this|that|it|something like (?:this|that))(?: ever| already)* {BROKEN}(?: like this)?{BEFORE}*(?: (?:with|to|on|in|for)(?: the)? (?P<about>.+?)){BEFORE}*$"
        )),
        pattern(&format!(
            r"^(?:when|how long ago) was the (?:last|previous) (?:{PROBLEM} (?:of|with|in|on|for)(?: the)? (?P<about>.+)|(?P<seen>\S+) {INCIDENT})$"
        )),
        pattern(&format!(
            r"^how (?:often|frequently|regularly|many times) (?:(?:do|did|have|had) (?:we|you) {SEEN}(?: the)? (?P<seen>.+?)|(?:has|have|did|does|do|had)(?: the)? (?P<about>.+?) {BROKEN})(?: lately|{BEFORE})*$"
        )),
        pattern(&format!(
            r"^(?:was|were|has|have|had)(?: not)? there (?:ever |been |already )*(?:an? |any )?{PROBLEM} (?:with|in|on|of)(?: the)? (?P<about>.+?){BEFORE}+$|^(?:was|were|has|have|had) there (?:been )?ever (?:been )?(?:an? |any )?{PROBLEM} (?:with|in|on|of)(?: the)? (?P<seen>.+)$"
        )),
        pattern(
            r"^(?:does|do|did)(?: the)? (?P<about>.+?) (?:happen|fail|crash|break|come back|recur|go down|go wrong) (?:often|a lot|regularly|frequently|all the time)$",
        ),
    ]
}
