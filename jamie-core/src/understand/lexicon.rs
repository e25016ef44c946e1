//! What is known of English before any tool or name is: spellings, filler, and words of like meaning.

mod groups;

pub(super) use self::groups::{CLOSE, PAIRS, SYMPTOMS, TROUBLE, WIDE};

/// Words met most in technical prose and chat, sorted, one a line.
static COMMON: &str = include_str!("lexicon/common.txt");
/// Further English words, likewise.
static MORE: &str = include_str!("lexicon/more.txt");

/// How ordinary a word is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum English {
    /// No English word that is known here.
    No,
    /// An English word, not often heard in this trade.
    Rare,
    /// An everyday word.
    Common,
    /// A word that only holds a sentence together.
    Filler,
}

/// How ordinary `word` is in English, whatever its ending.
pub(super) fn english(word: &str) -> English {
    if is_filler(word) {
        return English::Filler;
    }
    let bases = bases(word);
    if bases.iter().any(|base| is_listed(COMMON, base)) {
        English::Common
    } else if bases.iter().any(|base| is_listed(MORE, base)) {
        English::Rare
    } else {
        English::No
    }
}

/// The forms under which a word may be listed.
fn bases(word: &str) -> Vec<String> {
    const ENDINGS: &[(&str, &str)] = &[
        ("ies", "y"),
        ("ied", "y"),
        ("es", ""),
        ("s", ""),
        ("ed", ""),
        ("d", ""),
        ("ing", ""),
        ("ing", "e"),
        ("er", ""),
        ("er", "e"),
        ("est", ""),
        ("ly", ""),
        ("y", ""),
        ("n", ""),
    ];
    let mut bases = vec![word.to_owned()];
    for (ending, instead) in ENDINGS {
        let Some(stem) = word.strip_suffix(ending) else {
            continue;
        };
        if stem.len() < 3 {
            continue;
        }
        bases.push(format!("{stem}{instead}"));
        if instead.is_empty() && doubled(stem) {
            bases.push(stem.get(..stem.len() - 1).unwrap_or(stem).to_owned());
        }
    }
    bases
}

fn doubled(stem: &str) -> bool {
    let mut last = stem.bytes().rev();
    matches!((last.next(), last.next()), (Some(a), Some(b)) if a == b && a.is_ascii_alphabetic())
}

/// Binary search in a sorted text of lines, so that nothing is built at start-up.
fn is_listed(list: &str, word: &str) -> bool {
    let (mut low, mut high) = (0, list.len());
    while low < high {
        let middle = low.midpoint(high);
        let bytes = list.as_bytes();
        let begin = bytes
            .get(low..middle)
            .and_then(|b| b.iter().rposition(|b| *b == b'\n'))
            .map_or(low, |at| low + at + 1);
        let end = bytes
            .get(middle..high)
            .and_then(|b| b.iter().position(|b| *b == b'\n'))
            .map_or(high, |at| middle + at);
        match list.get(begin..end).unwrap_or("").cmp(word) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => low = end + 1,
            std::cmp::Ordering::Greater => high = begin,
        }
    }
    false
}

/// A word without its ending, so that forms of one word meet.
pub(super) fn stem(word: &str) -> String {
    if word.len() <= 3 || !word.bytes().all(|b| b.is_ascii_lowercase()) {
        return word.to_owned();
    }
    // Without this they would meet "us".
    if matches!(word, "used" | "uses" | "using") {
        return "use".to_owned();
    }
    let mut stem = word;
    if let Some(base) = word.strip_suffix("ies").or_else(|| word.strip_suffix("ied"))
        && base.len() >= 2
    {
        return format!("{base}y");
    }
    if let Some(base) = word
        .strip_suffix("sses")
        .or_else(|| word.strip_suffix("shes"))
        .or_else(|| word.strip_suffix("ches"))
    {
        stem = word.get(..base.len() + 2).unwrap_or(word);
    } else if let Some(base) = word.strip_suffix('s')
        && !base.ends_with(['s', 'u', 'i'])
    {
        stem = base;
    }
    for ending in ["ing", "ed"] {
        if let Some(base) = stem.strip_suffix(ending)
            && base.len() >= 2
            && base.bytes().any(|b| b"aeiouy".contains(&b))
        {
            stem = base;
            break;
        }
    }
    if stem.len() > 3 {
        stem = stem.strip_suffix('e').unwrap_or(stem);
    }
    if stem.len() > 3 && doubled(stem) {
        stem = stem.get(..stem.len() - 1).unwrap_or(stem);
    }
    stem.to_owned()
}

/// Whether "'s" after this word means "is".
pub(super) fn takes_is(word: &str) -> bool {
    matches!(
        word,
        "what"
            | "how"
            | "who"
            | "where"
            | "when"
            | "why"
            | "that"
            | "it"
            | "there"
            | "here"
            | "he"
            | "she"
            | "which"
            | "everything"
            | "something"
            | "anything"
            | "nothing"
            | "this"
            | "everyone"
            | "wot"
            | "wat"
    )
}

/// Contractions without their apostrophe, chat spellings and slang, as the words they stand for.
pub(super) fn written_out(word: &str) -> Option<&'static [&'static str]> {
    Some(match word {
        "whats" | "wots" | "wats" | "what's" | "wot's" => &["what", "is"],
        "hows" => &["how", "is"],
        "wheres" => &["where", "is"],
        "whos" => &["who", "is"],
        "whys" | "why's" => &["why", "is"],
        "whens" => &["when", "is"],
        "thats" => &["that", "is"],
        "theres" => &["there", "is"],
        "cant" | "can't" | "cannot" | "cannae" => &["can", "not"],
        "wont" | "won't" => &["will", "not"],
        "shant" | "shan't" => &["will", "not"],
        "aint" | "ain't" | "isnt" => &["is", "not"],
        "dont" | "dunt" => &["do", "not"],
        "doesnt" | "dosnt" | "doesn" => &["does", "not"],
        "didnt" => &["did", "not"],
        "arent" => &["are", "not"],
        "wasnt" => &["was", "not"],
        "werent" => &["were", "not"],
        "havent" => &["have", "not"],
        "hasnt" => &["has", "not"],
        "couldnt" => &["could", "not"],
        "shouldnt" => &["should", "not"],
        "wouldnt" => &["would", "not"],
        "im" => &["i", "am"],
        "ive" => &["i", "have"],
        "youre" => &["you", "are"],
        "theyre" => &["they", "are"],
        "lets" | "let's" => &["let", "us"],
        "gonna" => &["going", "to"],
        "wanna" => &["want", "to"],
        "gotta" => &["have", "to"],
        "gimme" => &["give", "me"],
        "lemme" => &["let", "me"],
        "dunno" => &["do", "not", "know"],
        "pls" | "plz" | "plis" | "pleas" | "pleae" | "plese" => &["please"],
        "u" | "ya" | "yer" => &["you"],
        "r" => &["are"],
        "ur" => &["your"],
        "y" => &["why"],
        "wot" | "wat" | "wut" | "waht" => &["what"],
        "tho" => &["though"],
        "w/" => &["with"],
        "w/o" => &["without"],
        "b/c" | "bc" | "cuz" | "coz" | "cos" => &["because"],
        "thx" | "tnx" | "thanx" | "ty" | "tysm" => &["thanks"],
        "ppl" => &["people"],
        "rn" => &["right", "now"],
        "k8s" | "kube" | "k8" => &["kubernetes"],
        "wtf" | "wth" | "wtaf" => &["what", "the", "hell"],
        "sup" | "wassup" | "wazzup" | "whatsup" => &["what", "is", "up"],
        "hm" | "hmm" | "hmmm" | "erm" | "umm" => &["um"],
        "n" | "&" | "+" => &["and"],
        "msg" => &["message"],
        "msgs" => &["messages"],
        "info" => &["information"],
        "deets" => &["details"],
        "prob" | "probs" | "probz" => &["problem"],
        "abt" => &["about"],
        "btw" => &["by", "the", "way"],
        "idk" => &["do", "not", "know"],
        "fyi" => &["for", "information"],
        "utilization" => &["utilisation"],
        "authorized" => &["authorised"],
        "rollouts" => &["rollout"],
        "rollbacks" => &["rollback"],
        "crashloopbackoff" | "crashloop" | "crashlooping" | "crash-loop" | "crash-looping" | "crashloops" => {
            &["crashing"]
        }
        "imagepullbackoff" | "errimagepull" | "imagepull" | "errimageneverpull" | "invalidimagename" => {
            &["imagepullbackoff"]
        }
        "oomkilled" | "oomkill" | "oom-killed" | "ooming" | "oomed" | "oom'd" | "ooms" => &["oom"],
        "containercreating" => &["creating"],
        "notready" | "unready" | "not-ready" => &["unready"],
        "never" => &["not"],
        _ => return None,
    })
}

/// Words that hold a sentence together and say nothing by themselves.
pub(super) fn is_filler(word: &str) -> bool {
    is_determiner(word)
        || is_pronoun(word)
        || is_preposition(word)
        || is_auxiliary(word)
        || is_question_word(word)
        || matches!(
            word,
            "and"
                | "or"
                | "but"
                | "so"
                | "then"
                | "than"
                | "if"
                | "whether"
                | "because"
                | "as"
                | "not"
                | "no"
                | "yes"
                | "please"
                | "just"
                | "really"
                | "very"
                | "quite"
                | "pretty"
                | "now"
                | "also"
                | "too"
                | "again"
                | "still"
                | "yet"
                | "ever"
                | "even"
                | "only"
                | "there"
                | "here"
                | "i"
                | "me"
                | "you"
                | "we"
                | "us"
                | "he"
                | "she"
                | "ok"
                | "okay"
                | "oh"
                | "um"
                | "well"
                | "like"
                | "thing"
                | "things"
                | "stuff"
                | "actually"
                | "maybe"
                | "perhaps"
                | "though"
                | "plus"
                | "let"
                | "go"
                | "going"
                | "gone"
                | "goes"
                | "get"
                | "gets"
                | "got"
                | "getting"
                | "give"
                | "want"
                | "need"
                | "know"
                | "think"
                | "tell"
                | "see"
                | "look"
                | "looks"
                | "looking"
                | "say"
                | "says"
                | "said"
                | "seem"
                | "seems"
                | "some"
                | "any"
                | "more"
                | "most"
                | "much"
                | "many"
                | "other"
                | "another"
                | "same"
                | "kind"
                | "sort"
                | "bit"
                | "lot"
                | "hell"
                | "heck"
                | "earth"
                | "wrong"
                | "up"
                | "down"
                | "keep"
                | "keeps"
                | "make"
                | "makes"
                | "made"
                | "right"
                | "day"
                | "time"
        )
}

/// Words before a noun.
pub(super) fn is_determiner(word: &str) -> bool {
    matches!(
        word,
        "the"
            | "a"
            | "an"
            | "my"
            | "our"
            | "your"
            | "their"
            | "his"
            | "her"
            | "every"
            | "each"
            | "all"
            | "both"
    )
}

/// Words that stand for what was spoken of.
pub(super) fn is_pronoun(word: &str) -> bool {
    matches!(
        word,
        "it" | "its"
            | "this"
            | "that"
            | "they"
            | "them"
            | "these"
            | "those"
            | "their"
            | "theirs"
            | "itself"
            | "themselves"
    )
}

/// Words before a name or a place.
pub(super) fn is_preposition(word: &str) -> bool {
    matches!(
        word,
        "of" | "for"
            | "from"
            | "in"
            | "on"
            | "with"
            | "without"
            | "to"
            | "about"
            | "by"
            | "against"
            | "at"
            | "around"
            | "inside"
            | "into"
            | "via"
            | "between"
            | "within"
            | "across"
            | "over"
            | "under"
            | "behind"
            | "through"
            | "near"
            | "out"
            | "off"
            | "during"
            | "after"
            | "before"
            | "since"
            | "until"
            | "till"
    )
}

/// Auxiliary verbs, which stand before or after a subject.
pub(super) fn is_auxiliary(word: &str) -> bool {
    matches!(
        word,
        "is" | "are"
            | "was"
            | "were"
            | "am"
            | "be"
            | "been"
            | "being"
            | "do"
            | "does"
            | "did"
            | "has"
            | "have"
            | "had"
            | "can"
            | "could"
            | "will"
            | "would"
            | "should"
            | "shall"
            | "may"
            | "might"
            | "must"
    )
}

/// Question words.
pub(super) fn is_question_word(word: &str) -> bool {
    matches!(
        word,
        "what" | "why" | "how" | "who" | "whom" | "whose" | "where" | "when" | "which"
    )
}

/// Nouns that may follow or precede any name without meaning a kind of object: "the web tier".
pub(super) fn is_part_noun(word: &str) -> bool {
    matches!(
        word,
        "app"
            | "apps"
            | "application"
            | "applications"
            | "tier"
            | "component"
            | "components"
            | "workload"
            | "workloads"
            | "microservice"
            | "microservices"
            | "layer"
            | "backend"
            | "system"
            | "module"
            | "server"
            | "servers"
            | "thing"
            | "stack"
            | "process"
            | "database"
            | "project"
            | "site"
            | "website"
            | "replicas"
            | "containers"
            | "container"
    )
}

/// Nouns that mean everything or nothing in particular, and are no names unless something is called so.
pub(super) fn is_generic_noun(word: &str) -> bool {
    is_part_noun(word)
        || matches!(
            word,
            "everything"
                | "anything"
                | "something"
                | "nothing"
                | "everyone"
                | "someone"
                | "anyone"
                | "people"
                | "users"
                | "customers"
                | "team"
                | "boss"
                | "world"
                | "day"
                | "morning"
                | "today"
                | "cluster"
                | "clusters"
                | "platform"
                | "kubernetes"
                | "environment"
                | "infrastructure"
                | "infra"
                | "estate"
                | "place"
                | "weekend"
                | "night"
                | "moment"
                | "minute"
                | "while"
                | "yesterday"
                | "tomorrow"
                | "help"
                | "details"
                | "information"
                | "overview"
                | "summary"
                | "jamie"
                | "mate"
                | "name"
                | "names"
                | "one"
                | "ones"
                | "namespace"
                | "namespaces"
                | "internet"
                | "example"
                | "lunch"
                | "work"
                | "life"
                | "problem"
                | "problems"
                | "issue"
                | "issues"
                | "error"
                | "errors"
                | "trouble"
        )
}

/// Words that begin a request, apart from the verbs that tools' phrases begin with.
pub(super) fn begins_request(word: &str) -> bool {
    is_question_word(word)
        || matches!(
            word,
            "is" | "are"
                | "was"
                | "were"
                | "do"
                | "does"
                | "did"
                | "has"
                | "have"
                | "can"
                | "could"
                | "will"
                | "would"
                | "should"
                | "show"
                | "tell"
                | "give"
                | "list"
                | "check"
                | "get"
                | "find"
                | "explain"
                | "describe"
                | "count"
                | "look"
                | "see"
                | "let"
                | "please"
                | "compare"
                | "help"
                | "restart"
                | "scale"
                | "delete"
                | "fetch"
                | "grab"
                | "display"
                | "print"
                | "pull"
                | "any"
                | "anything"
                | "then"
                | "also"
                | "diagnose"
                | "investigate"
                | "debug"
        )
}

/// Words whose next word, if it has an article, makes them verbs: "monitor the api".
pub(super) fn is_verb_like(word: &str) -> bool {
    matches!(
        word,
        "test"
            | "monitor"
            | "watch"
            | "check"
            | "search"
            | "report"
            | "store"
            | "sync"
            | "proxy"
            | "backup"
            | "run"
            | "start"
            | "stop"
            | "scale"
            | "log"
            | "mail"
            | "query"
            | "track"
            | "trace"
            | "build"
            | "deploy"
            | "release"
            | "order"
            | "pay"
            | "ship"
            | "cache"
            | "queue"
            | "schedule"
            | "notify"
            | "import"
            | "export"
            | "load"
    )
}

/// The words an environment goes by; the first is how it is matched with parts of names.
pub(super) fn environment(word: &str) -> Option<&'static [&'static str]> {
    Some(match word {
        "prod" | "production" | "prd" | "live" => &["prod", "production", "prd", "live"],
        "staging" | "stage" | "stg" | "preprod" | "pre-prod" | "preproduction" => {
            &["staging", "stage", "stg", "preprod", "pre-prod"]
        }
        "dev" | "development" => &["dev", "development", "develop"],
        "test" | "testing" | "qa" | "uat" => &["test", "testing", "qa", "uat"],
        "sandbox" => &["sandbox", "sbx"],
        "demo" => &["demo"],
        _ => return None,
    })
}

/// Whether a namespace belongs to the machinery rather than to somebody's apps.
pub(super) fn is_system_namespace(namespace: &str) -> bool {
    namespace.starts_with("kube-")
        || namespace.ends_with("-system")
        || matches!(
            namespace,
            "monitoring"
                | "cert-manager"
                | "istio-system"
                | "ingress-nginx"
                | "argocd"
                | "flux-system"
                | "logging"
                | "observability"
                | "calico-apiserver"
                | "tigera-operator"
                | "local-path-storage"
                | "velero"
        )
}

/// Words of a plea for help that name no trouble: "any idea?", "please have a look".
pub(super) fn is_plea(word: &str) -> bool {
    matches!(
        word,
        "check"
            | "look"
            | "help"
            | "investigate"
            | "fix"
            | "debug"
            | "diagnose"
            | "sort"
            | "idea"
            | "ideas"
            | "clue"
            | "chance"
            | "problem"
            | "problems"
            | "issue"
            | "issues"
            | "wrong"
            | "happen"
            | "happening"
            | "happened"
            | "happens"
            | "explain"
            | "take"
            | "spare"
            | "able"
            | "kindly"
            | "appreciate"
            | "grateful"
            | "try"
            | "broken"
            | "urgent"
            | "urgently"
            | "asap"
            | "advise"
            | "assist"
            | "reason"
            | "cause"
            | "matter"
            | "thoughts"
            | "quick"
            | "quickly"
            | "favour"
            | "sec"
            | "second"
            | "minute"
            | "moment"
            | "question"
            | "mate"
            | "find"
            | "show"
            | "possible"
            | "figure"
            | "understand"
            | "clueless"
            | "lost"
            | "stuck"
            | "anyone"
            | "someone"
            | "somebody"
    ) || is_filler(word)
}

/// What reaches over all namespaces.
pub(super) fn is_everywhere(word: &str) -> bool {
    matches!(
        word,
        "everything" | "everywhere" | "cluster" | "cluster-wide" | "clusterwide" | "estate" | "anywhere"
    )
}

/// Words that hold questions together, for mending typos in them.
pub(super) static SENTENCE_WORDS: &[&str] = &[
    "the",
    "what",
    "why",
    "how",
    "who",
    "where",
    "when",
    "which",
    "this",
    "that",
    "with",
    "from",
    "since",
    "about",
    "please",
    "and",
    "are",
    "have",
    "does",
    "not",
    "can",
    "could",
    "would",
    "should",
    "show",
    "tell",
    "give",
    "list",
    "many",
    "much",
    "there",
    "they",
    "them",
    "anything",
    "something",
    "everything",
    "happened",
    "happening",
    "yesterday",
    "today",
    "morning",
    "night",
    "hour",
    "hours",
    "minutes",
    "minute",
    "days",
    "week",
    "last",
    "past",
    "between",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "cluster",
    "namespace",
    "namespaces",
    "running",
    "working",
    "healthy",
    "wrong",
    "look",
    "check",
    "keeps",
    "still",
    "again",
    "because",
    "application",
    "thanks",
    "hello",
    "production",
    "staging",
    "double",
    "percent",
    "also",
    "then",
    "all",
];

/// Whether a word, in any form, speaks of trouble.
pub(super) fn is_trouble(word: &str) -> bool {
    let stem = stem(word);
    TROUBLE
        .iter()
        .chain(SYMPTOMS)
        .any(|trouble| *trouble == word || self::stem(trouble) == stem)
}

/// What is wrong with something that is "not" this: "not ready", "won't start", "never becomes available".
pub(super) fn negated(word: &str) -> Option<&'static [&'static str]> {
    Some(match stem(word).as_str() {
        "ready" => &["unready"],
        "work" | "run" | "okay" | "ok" | "fin" | "happy" | "wel" | "good" | "right" | "correct" | "load"
        | "up" | "liv" | "function" | "behav" | "aliv" | "open" | "render" | "operational" | "normal"
        | "progres" | "sync" | "start" | "boot" | "com" | "launch" => &["broken"],
        "healthy" => &["unhealthy"],
        "respond" | "answer" | "reply" => &["unresponsive"],
        "available" => &["unavailable"],
        "reachable" | "accessibl" => &["unreachable"],
        _ => return None,
    })
}

/// Words between a "not" and what it denies.
pub(super) fn softens_negation(word: &str) -> bool {
    matches!(
        word,
        "become"
            | "becoming"
            | "becomes"
            | "be"
            | "being"
            | "get"
            | "getting"
            | "gets"
            | "really"
            | "any"
            | "anymore"
            | "longer"
            | "yet"
            | "able"
            | "to"
            | "been"
            | "even"
            | "properly"
            | "correctly"
            | "quite"
            | "all"
            | "fully"
            | "looking"
            | "look"
            | "feeling"
            | "going"
            | "go"
            | "seem"
            | "more"
            | "very"
            | "exactly"
            | "currently"
            | "actually"
    )
}
