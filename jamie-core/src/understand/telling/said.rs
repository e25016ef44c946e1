//! The words of a sentence in, the same as one text to match patterns against out, with the way back to what was typed.

use std::sync::LazyLock;

use regex::{Captures, Match, Regex};

use crate::understand::{
    lexicon,
    words::{Break, Token},
};

/// Stands for a space within a quotation.
pub(super) const QUOTED_SPACE: &str = "\u{1f}";

/// A pattern that is compiled when it is first needed.
pub(super) type Pattern = LazyLock<Regex>;

/// Compiles a pattern.
#[expect(clippy::expect_used, reason = "constant patterns, compiled by a test")]
pub(super) fn pattern(source: &str) -> Regex {
    Regex::new(source).expect("a valid pattern")
}

/// Politeness and openings in front of what is said.
static LEAD: Pattern = LazyLock::new(|| {
    pattern(
        r"^(?:(?:hey|hi|hello|hiya|howdy|morning|evening|afternoon|good morning|good evening|good afternoon|oh|ah|ok|okay|k|right|right then|so|then|and|also|but|well|btw|by the way|fyi|for information|for your information|please|pls|jamie|mate|listen|actually|yes|yeah|yep|heads up|cheers|ta|thanks|thx|good good|all good|no wait|oh no|go on|go on then|now|nah|eish|ugh|argh|yo|bet|random one|random question|random|reminder|update|(?:quick |short )?intro|before i forget|while i remember|while i think of it|changed my mind|i changed my mind|scratch that|(?:from|since|starting) this (?:morning|afternoon|week|month)|as of (?:now|today|this week|last week|this morning|this afternoon|this month|next week|monday|tuesday|wednesday|thursday|friday)|(?:strictly |just |only )?between (?:us|you and me|ourselves)|in confidence|(?:since|as of|from) (?:last |this |next )?(?:january|february|march|april|may|june|july|august|september|october|november|december|monday|tuesday|wednesday|thursday|friday|week|month|year|today|yesterday)|from the (?:apps|services|ones) (?:there|here|in it)|just curious|i am curious|curious|out of curiosity|remind me|roughly|exactly|gimme|just so (?:you|ya|u) know|so you know|you should know|as you know|in future|in the future|from now on|going forward|henceforth|one more thing|another thing|also|umm?|uhm?|erm?|hmm|lol|oops|whoops|sorry|quick question|quick one|just|wait|fwiw|for what it is worth|tbh|to be honest|imo|psa|anyway|anyways|alright|sorry to bother(?: you)?|but|kindly|maybe|i forgot|i forget) )+",
    )
});
/// A request in front of what is said: "can you call it till?" asks for nothing but what it says.
static REQUEST: Pattern = LazyLock::new(|| {
    pattern(
        r"^(?:can|could|would|will|may|might) you (?:(?:please|kindly|maybe|perhaps|just|also|possibly|quickly) )*|^you (?:can|may|could|might) (?:(?:just|also|now|please) )*",
    )
});
/// A question in front of a question: "do you remember how we fixed it?"
static INDIRECT: Pattern = LazyLock::new(|| {
    pattern(
        r"^(?:tell(?: me| us)?|remind (?:me|us)|check|check again|repeat|say again|give me a recap of|let me know|recall|recap|sum up|summari[sz]e|show me|(?:(?:do|does|did) )?(?:you|anyone|anybody|somebody|someone) (?:still |happen to )?(?:remember|recall|know)|still (?:remember|recall|know)|you (?:still )?(?:remember|recall|know)|i (?:have forgotten|do not (?:remember|recall|know)|can not (?:remember|recall)|wonder|was wondering|am wondering|want to know|would like to know|need to know)|any idea)(?: again| please| quickly)* (?P<question>(?:what|how|who|when|which|where|whether|if) )",
    )
});
/// Openings behind which something stands that is worth keeping, unless it is a cry for help.
static FOR_INFORMATION: Pattern = LazyLock::new(|| {
    pattern(r"(?:^| )(?:fyi|for information|for your information|just so you know|so you know) ")
});
pub(super) static TROUBLE: Pattern = LazyLock::new(|| {
    pattern(
        r"\b(?:down|broken|breaks?|fail(?:s|ed|ing|ure)?|crash\w*|errors?|slow|stuck|unhealthy|wrong|pending|terminating|gone|restarting|dead|dying|burning|alerts?|alerting|paged?|outage|problems?|issues?|trouble|not)\b",
    )
});
/// What says that it is no wish for this once.
static LASTING: Pattern = LazyLock::new(|| {
    pattern(
        r"(?:^| )(?:from now on|in (?:the )?future|going forward|henceforth|from here on|as a rule|by default|whenever you (?:answer|reply)|when you (?:answer|reply))\b",
    )
});
/// "Remember that": whatever follows is to be remembered.
static EXPLICIT: Pattern = LazyLock::new(|| {
    pattern(
        r"^(?:can you |could you |will you |would you |i want you to |i would like you to |i need you to |you should |you must |do |make sure (?:that )?you |always |to )?(?:(?:remember|note to self|note|note down|make a note|take note|make a mental note|keep (?:it |this |that )?in mind|bear (?:it |this |that )?in mind|do not forget|never forget|memorise|memorize|write (?:this |that |it )?down|jot (?:this |that |it )?down|put (?:this |that |it )?down|team fact|team note|fact|memo|for the record|for (?:your|the|our) (?:notes|records|files|information)|add to your notes)(?: this| it)?(?: (?P<whom>(?:only |just )?for (?:yourself|me|us|the team|the whole team|everyone|everybody|all of us)))?(?: would you| will you| wouldya| would ya| please)*(?: as (?:a|our|an?)(?: house| team)? rule(?: of (?:our|the) team| for (?:us all|us|the (?:whole )?team|all of us|everyone|everybody))?)?(?: that| this)?|(?:learn|know|save|store|teach the team|tell everyone|tell everybody|tell the team) that) ",
    )
});
/// Words that say for whom it holds, or are polite, behind what is said.
static TAIL: Pattern = LazyLock::new(|| {
    pattern(
        r"(?: (?:please|pls|mate|jamie|thanks|thank you|ta|cheers|lol|haha|tbh|though|man|bro|guys|just so you know|so you know|fyi|from now on|in future|in the future|going forward|ok|okay|by the way|btw|(?P<keep>(?:please )?(?:remember|note|save|store) (?:that|this|it)(?: down)?|keep (?:that|this|it) in mind)|from (?:your|the) (?:memory|notes|records|mind)|(?P<team>for the team|for the whole team|for everyone|for everybody|for all of us|for us all|for us|team wide|for the rest of the team|(?:on|in) (?:this|our|my|the) (?:team|squad|crew)|(?:a)?round (?:here|these parts|this place)|(?:please )?(?:that is|make that|make it|put that down as|write that down as|note that as|add that|keep that|add that as|as)(?: a| an| our)?(?: new)?(?: team| house)?(?: rule| fact| note| word)? for (?:all of us|us all|the (?:whole )?team|us|everyone|everybody))|(?:that is|put that down as|note that as|add that as) a(?: new)? rule|(?:please )?(?:go with|stick to|stick with|use|keep) (?:that|it)|(?:that is )?my (?:own )?(?:word|name) for it|(?:have|has) always done|do not ask|if you do not mind|as always|for now|until further notice|from today(?: on)?|for the time being))+$",
    )
});

/// Words that say for whom it holds, in front of what is said.
static FOR_TEAM: Pattern = LazyLock::new(|| {
    pattern(
        r"^(?:(?:this is |one |a note |note |fact )?for (?:us all|us|all of us|the whole team|the team|everyone|everybody|(?:our|my) (?:team|squad))(?: to know)?|(?:here )?(?:in|on|at|within) (?:our|my|this|the) (?:whole )?(?:team|squad|crew|company|house|place|office)|(?:a)?round here|over here) ",
    )
});

/// What tells how things are, and orders nothing.
static STATEMENT: Pattern = LazyLock::new(|| {
    pattern(
        r"^\S+(?: \S+){0,5}? (?:is|are|was|has|have|must|should|may|will|runs?|starts?|lives?|happens?|goes|go|begins?|ends?|closes?|opens?|belongs?|needs?|takes?|sits?|lands?) ",
    )
});
/// Words that say that it is the person's own way.
static FOR_ME: Pattern = LazyLock::new(|| {
    pattern(r"^(?:for me(?: personally)?|(?:me )?personally|to me|in my (?:head|book|world|mind)) ")
});
/// The same behind what is said.
static MINE_ALONE: Pattern =
    LazyLock::new(|| pattern(r"(?: (?:just |only )?for me(?: personally| only| alone)?)+$"));

/// A sentence without its politeness.
#[derive(Debug)]
pub(super) struct Said<'a> {
    text: &'a str,
    tokens: &'a [Token],
    /// The words, one space between each.
    words: String,
    /// Where each word begins in `words`.
    starts: Vec<usize>,
    /// Where what is said begins and ends in `words`.
    body: (usize, usize),
    /// Whether it says "remember that".
    explicit: bool,
    /// Whether it says that it is for everybody.
    team: bool,
    /// Whether it says that it is the person's own way.
    own: bool,
    /// Whether it asks politely for what it says.
    requests: bool,
    /// Whether it says that it holds from now on.
    lasting: bool,
}

impl<'a> Said<'a> {
    pub(super) fn new(text: &'a str, tokens: &'a [Token]) -> Self {
        let mut words = String::new();
        let mut starts = Vec::with_capacity(tokens.len());
        for token in tokens {
            if !words.is_empty() {
                words.push(' ');
            }
            starts.push(words.len());
            // A quotation is one word; and "never" says more than "not".
            let never = text
                .get(token.span.0..token.span.1)
                .is_some_and(|typed| typed.eq_ignore_ascii_case("never"));
            let word = match token.word.as_str() {
                _ if never => "never",
                "ns" => "namespace",
                word => word,
            };
            words.push_str(&word.replace(char::is_whitespace, QUOTED_SPACE));
        }
        let mut said = Self {
            text,
            tokens,
            body: (0, words.len()),
            words,
            starts,
            explicit: false,
            team: false,
            own: false,
            requests: false,
            lasting: false,
        };
        said.strip();
        said.lasting = LASTING.is_match(&said.words);
        said
    }

    fn strip(&mut self) {
        let (mut body, mut team, mut own, mut explicit, mut requests) =
            (self.body, false, false, false, false);
        let rest = |body: (usize, usize)| self.words.get(body.0..body.1).unwrap_or_default();
        for _ in 0..2 {
            if let Some(tail) = TAIL.captures(rest(body))
                && let Some(whole) = tail.get(0).filter(|whole| whole.start() > 0)
            {
                team |= tail.name("team").is_some();
                explicit |= tail.name("keep").is_some();
                body.1 = body.0 + whole.start();
            }
            if let Some(tail) = MINE_ALONE.find(rest(body)).filter(|tail| tail.start() > 0) {
                own = true;
                body.1 = body.0 + tail.start();
            }
        }
        if let Some(lead) = LEAD.find(rest(body)) {
            let informs = FOR_INFORMATION.is_match(lead.as_str());
            body.0 += lead.end();
            explicit |= informs && !TROUBLE.is_match(rest(body));
        }
        if let Some(request) = REQUEST.find(rest(body)) {
            requests = true;
            body.0 += request.end();
        }
        if let Some(question) = INDIRECT
            .captures(rest(body))
            .and_then(|found| found.name("question"))
        {
            body.0 += question.start();
        }
        // "Jot this down, remember that …"
        for _ in 0..2 {
            let Some(found) = EXPLICIT.captures(rest(body)) else {
                break;
            };
            let Some(whole) = found.get(0) else { break };
            let whom = found.name("whom").map_or("", |whom| whom.as_str());
            let told = |words: &str| whole.as_str().contains(words);
            team |= !(whom.is_empty() || whom.ends_with("for me") || whom.ends_with("yourself"))
                || told("the team")
                || told("tell every");
            explicit = true;
            body.0 += whole.end();
            body.0 += LEAD.find(rest(body)).map_or(0, |lead| lead.end());
        }
        if let Some(lead) = FOR_TEAM.find(rest(body)) {
            team = true;
            body.0 += lead.end();
            // "For the whole team: our deploy window is on Wednesdays".
            let words = rest(body);
            explicit |= self
                .range(body.0, body.1)
                .first()
                .is_some_and(|token| token.before >= Break::Comma)
                && STATEMENT.is_match(words)
                && !TROUBLE.is_match(words)
                && !words.split(' ').next().is_some_and(lexicon::begins_request);
        }
        if let Some(lead) = FOR_ME.find(rest(body)) {
            own = true;
            body.0 += lead.end();
        }
        (self.body, self.team, self.own, self.explicit, self.requests) =
            (body, team, own, explicit, requests);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.body().is_empty()
    }

    /// The words without politeness.
    pub(super) fn body(&self) -> &str {
        self.words.get(self.body.0..self.body.1).unwrap_or_default()
    }

    /// Whether it says "remember that".
    pub(super) fn is_explicit(&self) -> bool {
        self.explicit
    }

    /// Whether it says that it is for everybody.
    pub(super) fn is_for_team(&self) -> bool {
        self.team
    }

    /// Whether it says that it is the person's own way: "for me".
    pub(super) fn is_own(&self) -> bool {
        self.own
    }

    /// The words on both sides of an equals sign or an arrow, where one stands between two words.
    pub(super) fn equated(&self) -> Option<(&'a [Token], &'a [Token])> {
        let body = self.range(self.body.0, self.body.1);
        let at = body.windows(2).position(|pair| {
            let [before, behind] = pair else { return false };
            let between = self.text.get(before.span.1..behind.span.0).unwrap_or_default();
            matches!(between.trim(), "=" | "==" | ":=" | "->" | "=>" | "→")
        })?;
        Some((body.get(..=at)?, body.get(at + 1..)?))
    }

    /// Whether a question mark stands in it that is more than politeness.
    pub(super) fn asks(&self) -> bool {
        !self.requests && self.tokens.iter().any(|token| token.asked)
    }

    /// Whether it says that it holds from now on.
    pub(super) fn is_lasting(&self) -> bool {
        self.lasting
    }

    /// All the words, politeness included.
    pub(super) fn words(&self) -> &str {
        &self.words
    }

    /// Whether it is these words and no others.
    pub(super) fn is_confirmation(&self, words: &str) -> bool {
        let wanted = words.split([' ', ',']).filter(|word| !word.is_empty());
        wanted.eq(self.words.split(' '))
    }

    /// What the body fits.
    pub(super) fn fits<'s>(&'s self, pattern: &Regex) -> Option<Captures<'s>> {
        pattern.captures(self.body())
    }

    /// The words of a group of a match on the body.
    pub(super) fn group<'s>(captures: &Captures<'s>, name: &str) -> Option<&'s str> {
        captures
            .name(name)
            .map(|found| found.as_str())
            .filter(|text| !text.is_empty())
    }

    /// A group of a match on the body as it was typed, without marks round it.
    pub(super) fn typed(&self, captures: &Captures<'_>, name: &str) -> Option<String> {
        captures.name(name).and_then(|found| self.original(found))
    }

    /// The body as it was typed.
    pub(super) fn typed_body(&self) -> Option<String> {
        self.slice(self.body.0, self.body.1)
    }

    /// The tokens of a group of a match on the body.
    pub(super) fn tokens(&self, found: Match<'_>) -> &'a [Token] {
        self.range(self.body.0 + found.start(), self.body.0 + found.end())
    }

    /// Whether a comma or more stands somewhere before a group of a match on the body.
    pub(super) fn is_apart(&self, found: Match<'_>) -> bool {
        self.range(self.body.0 + 1, self.body.0 + found.start() + 1)
            .iter()
            .any(|token| token.before >= Break::Comma)
    }

    fn original(&self, found: Match<'_>) -> Option<String> {
        self.slice(self.body.0 + found.start(), self.body.0 + found.end())
    }

    fn range(&self, from: usize, to: usize) -> &'a [Token] {
        let first = self
            .starts
            .iter()
            .position(|start| *start >= from)
            .unwrap_or(self.tokens.len());
        let last = self
            .starts
            .iter()
            .rposition(|start| *start < to)
            .map_or(first, |at| at + 1);
        self.tokens.get(first..last.max(first)).unwrap_or_default()
    }

    fn slice(&self, from: usize, to: usize) -> Option<String> {
        let run = self.range(from, to);
        let (first, last) = (run.first()?, run.last()?);
        let typed = self.text.get(first.span.0..last.span.1)?;
        // "… from Ingrid (me)": a bracket that was opened is closed.
        let closed = typed.contains('(') && !typed.contains(')');
        let typed = self
            .text
            .get(first.span.0..=last.span.1)
            .filter(|longer| closed && longer.ends_with(')'))
            .unwrap_or(typed);
        let typed = typed.trim_matches(|c: char| {
            c.is_whitespace()
                || matches!(
                    c,
                    '"' | '“' | '”' | '\'' | '`' | '‘' | '’' | ',' | '.' | '!' | ':' | ';'
                )
        });
        // "Ledger's" is ledger.
        let typed = if last.possessive {
            typed.trim_end_matches("'s").trim_end_matches("’s")
        } else {
            typed
        };
        let typed: String = typed.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
        (!typed.is_empty()).then_some(typed)
    }
}

/// The most characters of anything that is remembered out of a sentence.
const LONGEST: usize = 400;
