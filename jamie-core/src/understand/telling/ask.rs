//! A sentence in, what it asks about what is remembered out: "what do you know about me?", "what does till mean?".

use std::sync::LazyLock;

use super::{
    Asked, mine,
    said::{Pattern, QUOTED_SPACE, Said, pattern},
};

static ME: Pattern = LazyLock::new(|| {
    pattern(
        r"^(?:(?:tell me |show me |list )?(?:what|everything|all)(?: else)?(?: that)? (?:do |did |have |is it (?:that )?)?(?:you|jamie)(?: have| ever| already| still| actually)* (?:know|remember|remembered|recall|learn|learned|learnt|got|have|store|stored|keep|kept|note|noted|save|saved|collected)(?: down| on file| stored| noted| saved)? (?:about|of|on|regarding) me(?: at all)?|who am i|who i am|(?:do )?you (?:do )?(?:still )?(?:know|remember|recognise|recognize) (?:who (?:i am|this is)|me)|(?:list|show|give|tell|dump)(?: me)?(?: (?:all|everything|all of))?(?: the)?(?: (?:things|stuff|facts|notes|data|info|bits))?(?: that)? you (?:have )?(?:got |kept |stored |saved |noted |written |know |remember |hold |keep |have )+(?:down )?(?:about|on|of|for) me|(?:show|list|give)(?: me)? (?:my (?:profile|data|memory|memories|notes|facts|preferences|settings)|your notes (?:on|about) me)|what (?:have|did) i (?:ever )?(?:told|taught|tell|teach)(?: you)?(?: so far| about me| about myself)?|what (?:do|did|can) you remember|what(?: all)? (?:did|have) i (?:want|wanted|ask|asked|tell|told) you to (?:remember|note|keep|keep in mind)(?: for me)?|what have you (?:remembered|noted|learned|learnt)(?: so far| about me)?|what (?:is|are) (?:in )?(?:my profile|my preferences|your notes about me|your notes on me)|my profile|whoami)$",
    )
});
static MINE: Pattern = LazyLock::new(|| {
    pattern(
        r"^(?:(?:what|which|who) (?:is|are|was) my (?:default |main |home |own |current )?(?P<what>name|nick ?name|team|squad|time ?zone|timezone|namespaces?|verbosity|preferences?)(?: again)?|(?:do you (?:still )?(?:know|remember)|tell me|remind me|what do you (?:know|have|remember)(?: noted)? (?:about|for|on|as)) (?:what )?my (?P<known>name|team|time ?zone|timezone|namespaces?|preferences?)(?: is| are)?|what my (?P<indirect>name|team|time ?zone|timezone|namespaces?|preferences?) (?:is|are)|(?:what|which) (?P<set>preferences?) (?:have i|did i|do i have)(?: set| tell you| told you)?|my (?P<bare>name|team|tz|time ?zone|timezone|namespaces)|(?P<only>tz|time ?zone|timezone)|(?:what|who|how) i am called|what am i called|what (?:do|did|will|should|would) you call me|(?:how|what) (?:do |should |would |did )?i (?:like|want|prefer|ask|wish)(?:ed)?(?: you)? to be (?:called|addressed|named)|(?:(?:tell me|remind me) )?(?:what|which) name (?:do |did |have )?you (?:have|got|use|know|remember|call)(?: for| me by)?(?: me)?|how (?P<long>(?:long |short )?)(?:do|did|should) i (?:like|want|prefer|get)(?: to get| to have)?(?: my| your| the)? (?:answers|replies|responses)|(?P<short>do i (?:get|want|like|prefer) (?:short|long) or (?:long|short) (?:answers|replies|responses)(?: from you)?)|(?:which|what) time ?zone (?P<used>(?:do|are|will|did) you (?:use|using|have|got|show|know|remember|noted))(?: down)?(?: for me| for my times| for mine)?|(?P<team>(?:which|what) team (?:am i|do i work|do i belong)(?: on| in| to| for| with)?)|(?P<zone>(?:which|what) time ?zone (?:am i|do i (?:live|work))(?: in)?)|(?P<names>(?:which|what) namespaces? (?:do i (?:own|look after|care for)|are mine|am i responsible for)))$",
    )
});
static WORD: Pattern = LazyLock::new(|| {
    pattern(
        r"^(?:what (?:do |did )?(?:i|we|people|you) (?:mean|meant) (?:by|with)(?: the word)? (?P<by>\S+(?: \S+)?)|what (?:does|did)(?: the word)? (?P<word>\S+(?: \S+)?)(?: stand for| mean| refer to)(?: again| here)?|what (?:do |did )?(?:people|ppl|folks|they) call(?: the)? (?P<called>.+?)(?: again| here| (?:a)?round here)?|what (?:do |did )?(?:we|i|you|people) (?:mean|meant|call|called)(?: by)?(?: the)? (?P<thing>.+?)(?: again| here| (?:a)?round here)?|what is(?: the)? (?P<short>\S+) (?:short for|our word for|our name for)|what is meant by(?: the)? (?P<meant>.+)|what is (?:our|my|the)(?: team)? (?:word|name|nick ?name|alias) for(?: the)? (?P<named>.+))$",
    )
});
static WORDS: Pattern = LazyLock::new(|| {
    pattern(
        r"^(?:(?:what|which) (?:nick ?names?|aliases|alias|short names|words)(?: of (?:mine|ours))? (?:do you know|do we have|do we use|have we|have i taught you|are there|do i use|did i teach you)|(?:list|show|tell)(?: me)?(?: all| the| our| my| your)* (?:nick ?names|aliases|short names)(?: you (?:have )?(?:know|learned|learnt|got|have|remember)| (?:that )?(?:i|we) (?:have )?(?:taught|told|given|gave) you)?|(?:what|which) (?:are )(?:our|my|the) (?:nick ?names|aliases|short names))$",
    )
});
static RULES: Pattern = LazyLock::new(|| {
    pattern(
        r"^(?:anything (?:that )?(?:i|we) (?:have to|should|need to|must|ought to) (?:mind|know|watch(?: out for)?|keep in mind|consider|respect|be aware of|follow)(?: about)? (?:before|when|if)(?: (?:i|we|you))?(?: \S+){1,3}?(?: with| on| to)?(?: the)? (?P<before>\S+)|(?:what|which)(?: are)?(?: our| the| my| your| team| house)* rules?(?: do we have| do you know| are there| apply| apply here| have we)?(?: (?:for|about|on|regarding|with|of)(?: the)? (?P<about>.+))?|(?:list|show|tell)(?: me)?(?: all| the| our| my| your| team| house)* rules?(?: (?:for|about|on|regarding)(?: the)? (?P<listed>.+))?|(?:(?:are there|is there|do we have|have we got)(?: any| a)?|any)(?: \S+)? rules?(?: (?:for|about|on|regarding|around|with|against)(?: the)? (?P<any>.+?))?(?: (?:that )?(?:i|we) (?:should|need to|must|have to) (?:know|follow|respect)(?: about| of)?)?|what do we (?:never|always|not) do(?: (?:with|to|about)(?: the)? (?P<never>.+))?)$",
    )
});
static TEAM: Pattern = LazyLock::new(|| {
    pattern(
        r"^(?:(?:tell me )?what (?:(?:do|did|have) )?(?:you|we) (?:know|remember|learned|learnt|taught you|teach you|noted|told you)(?: about| of| on)? ?(?:us|the team|our team|this team|everyone|everybody|how we work)?|(?:(?:list|show|give|tell)(?: me| us)?(?: the| a)?(?: rundown| list| summary| overview)?(?: of)? )?(?:everything|all|what)(?: that)?(?: has| have)? (?:this|the|our|my) (?:team|squad|crew|lot)(?: has| have)? (?:taught|told|noted|written down|given) ?(?:you|down)?(?: so far)?(?: .+)?|what (?:do|have) we(?: as a team)?(?: have)? (?:written down|noted|noted down|on file|on record)(?: so far)?(?: and .+)?|(?:list|show)(?: me)?(?: all| the| our)* team (?:facts|notes|knowledge)|what has the team (?:taught|told) you|what (?:are )?(?:the )?team facts)$",
    )
});
static ABOUT: Pattern = LazyLock::new(|| {
    pattern(
        r"^(?:(?:tell me |remind me )?what (?:did |have |had )?(?:i|we) (?:ever |just |once )?(?:tell|told|teach|taught|say to|said to)(?: you)? (?:about|on|of|regarding)(?: the)? (?P<about>.+)|what (?:did |have )?i (?:ever |just |once )?(?:say|said|mention|mentioned|note|noted|write down|written down)(?: to you)? (?:about|on|of|regarding)(?: the)? (?P<said>.+)|what (?:do|did|can) you (?:remember|recall) (?:about|of|on)(?: the)? (?P<remember>.+)|what (?:notes|facts) do (?:you|we) have (?:about|on|for)(?: the)? (?P<notes>.+)|what is noted (?:about|on|for)(?: the)? (?P<noted>.+)|did (?:i|we) (?:ever )?tell you(?: anything| something)? about(?: the)? (?P<ever>.+))$",
    )
});

/// "Who told you that?", "where does that rule come from?", "who came up with that friday thing about the db?"
static SOURCE: Pattern = LazyLock::new(|| {
    pattern(
        r"^(?:says who|according to whom|who says(?: so| that)?|(?:who|whom) (?:did |would |do )?you (?:hear|get|have|got|learn|know|heard|learned|learnt) (?:that|this|it)(?: from)?|(?:who|where|when)(?: was it that)? (?:told|taught|taught to|gave) you(?: (?:that|this|it|so|about)(?: (?:rule|note|word|name|fact|nick ?name))?)*(?: (?:about|on|that|is|is called)(?: the)? (?P<about>.+?))?|who (?:set|made|wrote|added|came up with|invented|introduced|decided(?: on)?)(?: up| down)? (?:that|this|the)(?: (?P<of>\S+(?: \S+)*?))?(?: (?:rule|note|thing|word|nick ?name|fact|name))(?: (?:about|on|for|with)(?: the)? (?P<on>.+))?|(?:where|whom|who)(?: does| did| is)? (?:that|this|the)(?: (?:rule|note|thing|word|nick ?name|fact|name))?(?: come| came)? from|how do you know (?:that|this)|since when(?: is that| do we)?)$",
    )
});
pub(super) fn read(said: &Said<'_>) -> Option<Asked> {
    let body = said.body().trim_end_matches(" again").trim_end_matches(" so far");
    // "Which time zone have you got for me?"
    let words = &if said.is_own() {
        format!("{body} for me")
    } else {
        body.to_owned()
    };
    let fits = |pattern: &Pattern| pattern.captures(words);
    if fits(&ME).is_some() {
        return Some(Asked::Me);
    }
    if let Some(captures) = fits(&MINE) {
        let what = ["what", "known", "bare", "only", "indirect", "set"]
            .iter()
            .find_map(|group| Said::group(&captures, group));
        let what = what.unwrap_or(if captures.name("team").is_some() {
            "team"
        } else if captures.name("long").or(captures.name("short")).is_some() {
            "verbosity"
        } else if captures.name("zone").is_some() || captures.name("used").is_some() {
            "timezone"
        } else if captures.name("names").is_some() {
            "namespaces"
        } else {
            "name"
        });
        return about(what).map(|about| Asked::Mine(about.to_owned()));
    }
    // "Which namespaces do I have?" asks the estate; "which namespaces do you have for me?" does not.
    let asked = [
        "what ",
        "which ",
        "do you ",
        "in which ",
        "under which ",
        "under what ",
        "how ",
        "did my ",
        "have you got my ",
        "have you saved my ",
        "you have got my ",
        "you got my ",
        "you have my ",
    ]
    .iter()
    .any(|opening| words.starts_with(opening));
    if asked
        && words
            .split(' ')
            .any(|word| matches!(word, "you" | "my" | "mine" | "am" | "own"))
        && let Some(fact) = mine::fact(words)
        // "How are my apps?" asks the estate.
        && (!words.starts_with("how ") || fact == "verbosity")
    {
        return Some(Asked::Mine(fact.to_owned()));
    }
    if fits(&WORDS).is_some() {
        return Some(Asked::Words);
    }
    if let Some(captures) = fits(&SOURCE) {
        return Some(Asked::Source(any(&captures, &["about", "of", "on"])));
    }
    if let Some(captures) = fits(&RULES) {
        return Some(Asked::Rules(any(
            &captures,
            &["before", "about", "listed", "any", "never"],
        )));
    }
    if let Some(captures) = fits(&ABOUT) {
        return any(
            &captures,
            &["about", "said", "remember", "notes", "noted", "ever"],
        )
        .map(|words| match words.as_str() {
            "me" | "myself" => Asked::Me,
            "us" | "the team" | "team" | "our team" => Asked::Team,
            _ => Asked::About(words),
        });
    }
    if fits(&TEAM).is_some() {
        return Some(Asked::Team);
    }
    if let Some(captures) = fits(&WORD) {
        return any(
            &captures,
            &["by", "word", "called", "meant", "thing", "short", "named"],
        )
        .map(Asked::Word);
    }
    None
}

fn any(captures: &regex::Captures<'_>, names: &[&str]) -> Option<String> {
    names
        .iter()
        .find_map(|name| Said::group(captures, name))
        .map(|words| words.replace(QUOTED_SPACE, " "))
}

/// The name of what a word for one of a person's facts means.
pub(super) fn about(word: &str) -> Option<&'static str> {
    Some(match word {
        "name" | "nickname" | "nick name" => "name",
        "team" | "squad" => "team",
        "time zone" | "timezone" | "zone" | "tz" => "time_zone",
        "namespace" | "namespaces" => "namespace",
        "app" | "apps" => "app",
        "verbosity" => "verbosity",
        "preference" | "preferences" => "preference",
        "alias" | "aliases" | "nicknames" | "words" => "alias",
        "rule" | "rules" => "rule",
        "note" | "notes" => "note",
        _ => return None,
    })
}
