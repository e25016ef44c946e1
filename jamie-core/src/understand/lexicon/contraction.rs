//! A word that shortens or denies in ("whats", "not"), the words that it stands for out.

use super::stem;

/// Whether "'s" after this word means "is".
pub(in crate::understand) fn takes_is(word: &str) -> bool {
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
            | "name"
            | "timezone"
            | "tz"
    )
}

/// Contractions without their apostrophe, chat spellings and slang, as the words they stand for.
pub(in crate::understand) fn written_out(word: &str) -> Option<&'static [&'static str]> {
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
        "what'd" => &["what", "did"],
        "how'd" => &["how", "did"],
        "where'd" => &["where", "did"],
        "when'd" => &["when", "did"],
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

/// What is wrong with something that is "not" this: "not ready", "won't start", "never becomes available".
pub(in crate::understand) fn negated(word: &str) -> Option<&'static [&'static str]> {
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
pub(in crate::understand) fn softens_negation(word: &str) -> bool {
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
