//! A clause in, what it asks out: its question, the tools that fit, and whether it leans on what was said before.

use super::{
    Context, Focus, Intents, NameIndex, amount,
    arguments::Argument,
    fresh,
    intent::{Fit, Has, Signals},
    lexicon,
    link::{self, Linked},
    stance::Stance,
    time, wish,
    words::Token,
};
use crate::{Link, ObjectRef, Question, Target};

/// A clause, read.
#[derive(Debug, Clone)]
pub(super) struct Reading {
    pub(super) question: Question,
    pub(super) signals: Signals,
    pub(super) ranked: Vec<Fit>,
    /// Which target is ambiguous.
    pub(super) ambiguous: Option<usize>,
    /// Namespaces that an environment word may mean, where it is more than one.
    pub(super) environments: Vec<String>,
    pub(super) environment_said: String,
    /// Whether a namespace was named in the clause.
    pub(super) placed: bool,
    /// Whether its targets come from a pronoun or from what was said before.
    pub(super) leans: bool,
    /// Whether it has a word that can only be a name, and nothing is called so.
    pub(super) surely_unknown: bool,
    /// Whether its kind is asked for rather than mentioned.
    pub(super) kind_asked: bool,
    /// "and web?", "what about staging?": the last request again, about this.
    pub(super) repeats: bool,
    /// Whether it orders a change.
    pub(super) orders: bool,
    pub(super) tokens: Vec<Token>,
}

impl Reading {
    /// Whether its words ask for anything by themselves.
    pub(super) fn asks_something(&self) -> bool {
        self.ranked.first().is_some_and(|fit| fit.words >= 0.3)
    }

    /// Whether it only names things.
    pub(super) fn is_bare(&self) -> bool {
        let says_nothing =
            |word: &String| (lexicon::is_filler(word) && !lexicon::is_trouble(word)) || word == "called";
        !self.question.targets.is_empty() && !self.leans && self.signals.words.iter().all(says_nothing)
    }

    /// Whether it is about nothing in particular.
    pub(super) fn is_about_nothing(&self) -> bool {
        self.question.targets.is_empty()
            && (self.question.kind.is_none() || !self.kind_asked)
            && (self.question.unknown.is_none() || !self.surely_unknown)
            && !self.placed
            && self.environments.is_empty()
    }
}

/// Reads one clause. A word that is no name by its looks ("routing", "square") is one where an order has no other.
pub(super) fn read(
    text: &str,
    tokens: &[Token],
    index: &NameIndex,
    intents: &Intents,
    context: &Context<'_>,
    stance: Stance,
) -> Reading {
    let plain = reading(text, tokens, index, intents, context, stance, Vec::new());
    let nameless = plain.question.targets.is_empty()
        && plain.question.unknown.is_none()
        && plain.question.fresh.is_none()
        && stance == Stance::Open
        && !plain.signals.asks;
    if !nameless {
        return plain;
    }
    let spoken = in_passing(tokens, index, intents);
    if spoken.is_empty() {
        return plain;
    }
    let bold = reading(text, tokens, index, intents, context, stance, spoken);
    let fits = bold.orders
        && bold
            .ranked
            .first()
            .is_some_and(|fit| intents.wanted_targets(fit.phrase) > 0);
    if fits { bold } else { plain }
}

/// The one thing that goes by a word of the clause, whatever else the word may mean; with the word's place.
fn in_passing(tokens: &[Token], index: &NameIndex, intents: &Intents) -> Vec<(usize, Target)> {
    let changing = |at: usize| {
        tokens.get(at).is_some_and(|token| {
            (at == 0 || lexicon::is_filler(&token.word)) && intents.orders_change(&token.word)
        })
    };
    for (at, token) in tokens.iter().enumerate() {
        if token.quoted || changing(at) || lexicon::is_filler(&token.raw) {
            continue;
        }
        for word in [&token.raw, &token.word] {
            let mut objects: Vec<&ObjectRef> = index
                .exact(word)
                .into_iter()
                .filter_map(|candidate| index.get(candidate.name))
                .map(|name| &name.object)
                .filter(|object| object.name == *word && object.kind != "Namespace")
                .collect();
            objects.sort_by_key(|object| !super::kinds::is_workload(&object.kind));
            let Some(object) = objects.first() else { continue };
            // Namesakes of the same kind in several namespaces: it is not clear which is meant.
            let rival = objects
                .iter()
                .skip(1)
                .any(|other| other.kind == object.kind && other.namespace != object.namespace);
            if !rival {
                let target = Target {
                    object: (*object).clone(),
                    said: token.raw.clone(),
                    link: Link::Exact,
                };
                return vec![(at, target)];
            }
        }
    }
    Vec::new()
}

/// Reads one clause, with what is `spoken` of for its target where its own words name none.
fn reading(
    text: &str,
    tokens: &[Token],
    index: &NameIndex,
    intents: &Intents,
    context: &Context<'_>,
    stance: Stance,
    spoken: Vec<(usize, Target)>,
) -> Reading {
    let mut taken = vec![false; tokens.len()];
    let time = time::Reader::new(context.now, context.zone, tokens).read(&mut taken);
    let (fresh, linked) = named(tokens, &mut taken, index, intents, context);
    let ordinal = ordinal(tokens, &taken);
    if let Some(ordinal) = &ordinal {
        for flag in taken.iter_mut().skip(ordinal.at).take(ordinal.words) {
            *flag = true;
        }
    }
    let mut quantities = amount::amounts(tokens, &mut taken);
    let mut quoted = Vec::new();
    for (token, taken) in tokens.iter().zip(taken.iter_mut()) {
        if token.quoted && !*taken {
            quoted.push(token.raw.clone());
            *taken = true;
        }
    }
    let linked_surely = linked.surely_unknown;
    let Linked {
        mut targets,
        rivals,
        ambiguous,
        mut unknown,
        kind,
        place,
        ..
    } = linked;
    for (at, target) in spoken {
        targets.push(target);
        if let Some(flag) = taken.get_mut(at) {
            *flag = true;
        }
    }
    let place_unknown = place.unknown.clone();
    if let Some((said, near)) = place_unknown.clone() {
        let near = near
            .into_iter()
            .map(|name| ObjectRef::cluster("Namespace", name))
            .collect();
        unknown.get_or_insert((said, near));
    }
    let mut namespace = place.one().cloned();
    let placed = namespace.is_some();
    let mut leans = false;
    if targets.is_empty() && unknown.is_none() {
        let found = said_before(tokens, &taken, ordinal.as_ref(), kind.as_deref(), context.focus);
        leans = !found.is_empty();
        targets = found;
    }
    let there = namespace.is_none()
        && tokens.iter().zip(&taken).any(|(token, taken)| {
            !taken && token.word == "there" && token.before == super::words::Break::None
        })
        && !tokens
            .windows(2)
            .any(|pair| matches!(pair, [a, b] if lexicon::is_auxiliary(&a.word) && b.word == "there"))
        && tokens.first().is_none_or(|token| token.word != "there");
    if there {
        namespace.clone_from(&context.focus.namespace);
    }
    order_by_direction(tokens, &mut targets);
    let mut words: Vec<String> = tokens
        .iter()
        .enumerate()
        .zip(&taken)
        .filter(|((at, _), taken)| !**taken && !is_occasion(tokens, *at))
        .map(|((_, token), _)| token.word.clone())
        .collect();
    if namespace.is_none() && !place.everywhere && targets.is_empty() && unknown.is_none() {
        namespace.clone_from(&context.scope.namespace);
    }
    let kinds = words
        .iter()
        .filter(|word| index.kind(word).is_some())
        .cloned()
        .collect();
    // "why?" asks about what was spoken of.
    if targets.is_empty()
        && unknown.is_none()
        && words.iter().any(|word| word == "why")
        && words.iter().all(|word| {
            matches!(
                word.as_str(),
                "why" | "is" | "that" | "so" | "though" | "and" | "but"
            )
        })
    {
        targets = context
            .focus
            .objects
            .iter()
            .take(1)
            .map(|object| Target {
                object: object.clone(),
                said: String::new(),
                link: Link::Focus,
            })
            .collect();
        if !targets.is_empty() {
            leans = true;
            words.push("broken".to_owned());
        }
    }
    let asks_health = targets.is_empty() && unknown.is_none() && asks_health_of_kind(tokens, index);
    if asks_health {
        words.retain(|word| index.kind(word).is_none());
    }
    let kind_asked = kind.is_some() && !asks_health && (targets.is_empty() || asks_for_kind(tokens, index));
    let dangles = targets.is_empty()
        && unknown.is_none()
        && words
            .iter()
            .any(|word| matches!(word.as_str(), "it" | "its" | "they" | "them" | "their"));
    if said_briefly(tokens, &mut words) {
        quantities.clear();
    }
    let troubled = words.iter().any(|word| lexicon::is_trouble(word));
    // "checkout cannot pull its image": what cannot be done is trouble too.
    if !troubled && !targets.is_empty() && words.iter().any(|word| denies(word)) {
        words.push("broken".to_owned());
    }
    let has = Has {
        targets: targets.len() + usize::from(dangles || (unknown.is_some() && place_unknown.is_none())),
        kind: kind_asked,
        namespace: namespace.is_some(),
        everywhere: place.everywhere,
        time: time.is_some(),
        count: !quantities.is_empty(),
        quoted: !quoted.is_empty(),
        image: tokens.iter().any(fresh::is_version),
    };
    let first = tokens.first().map_or("", |token| token.word.as_str());
    let mut signals = Signals {
        orders: orders(tokens),
        confirms: lexicon::is_auxiliary(first) && asks(tokens),
        target_kinds: targets.iter().map(|target| target.object.kind.clone()).collect(),
        troubled: troubled || words.iter().any(|word| denies(word)),
        ails: troubled,
        asks_why: words.iter().any(|word| word == "why"),
        place_only: targets.len() == 1 && targets.iter().all(|target| target.object.kind == "Namespace"),
        asks: asks(tokens),
        kinds,
        words,
        has,
        stance,
    };
    let mut ranked = intents.rank(&signals);
    if stance == Stance::Open {
        let clause = wish::Clause {
            tokens,
            taken: &taken,
            targets: &targets,
            quantities: &quantities,
            makes: fresh.is_some(),
            index,
        };
        if let Some((meant, other)) = ordered(&clause, &signals, &ranked, intents) {
            signals = meant;
            ranked = other;
        }
    }
    if unknown.is_some() && place_unknown.is_none() && !linked_surely {
        let mut without = signals.clone();
        without.has.targets = 0;
        let other = intents.rank(&without);
        if is_no_name(&ranked, &other, tokens, intents) {
            unknown = None;
            signals = without;
            ranked = other;
        }
    }
    let needs = ranked
        .first()
        .and_then(|fit| intents.tool(fit.tool))
        .is_some_and(|asked| asked.arguments.iter().any(Argument::needs_target));
    if dangles && !needs {
        signals.has.targets = 0;
        ranked = intents.rank(&signals);
    }
    let repeats = is_repeat(tokens, &signals, intents);
    let orders = ranked
        .first()
        .is_some_and(|fit| fit.score >= 0.3 && intents.is_ordered_change(fit.tool, &signals));
    let environments = if place.one().is_none() {
        place.namespaces()
    } else {
        Vec::new()
    };
    let question = Question {
        text: said(text, tokens),
        words: tokens.iter().map(|token| token.word.clone()).collect(),
        targets,
        rivals,
        unknown,
        kind,
        namespace,
        time,
        quantities,
        quoted,
        fresh,
    };
    Reading {
        question,
        signals,
        ranked,
        ambiguous,
        environments,
        environment_said: place.said.clone(),
        placed,
        leans,
        kind_asked: asks_for_kind(tokens, index),
        surely_unknown: linked_surely || place_unknown.is_some(),
        repeats,
        orders,
        tokens: tokens.to_vec(),
    }
}

/// The clause as an order, where it is one that its words as a whole hide: a wish without a verb for it, or an order
/// between remarks ("could you kick off the import by hand, the rates are stale").
fn ordered(
    clause: &wish::Clause<'_>,
    signals: &Signals,
    ranked: &[Fit],
    intents: &Intents,
) -> Option<(Signals, Vec<Fit>)> {
    let is_order = |signals: &Signals, ranked: &[Fit]| {
        ranked
            .first()
            .is_some_and(|fit| intents.is_ordered_change(fit.tool, signals) && fit.score >= 0.5)
    };
    if let Some(found) = pointed_at(clause, signals, intents) {
        return Some(found);
    }
    let certain = wish::making(clause);
    if certain.is_none() && is_order(signals, ranked) && !signals.asks {
        return None;
    }
    let implied = certain.or_else(|| {
        wish::implied(clause).map(|words| words.into_iter().map(str::to_owned).collect::<Vec<String>>())
    });
    if let Some(words) = implied {
        let meant = Signals {
            orders: words.clone(),
            words,
            kinds: Vec::new(),
            asks: false,
            confirms: false,
            troubled: false,
            ails: false,
            asks_why: false,
            has: Has {
                kind: false,
                time: false,
                namespace: false,
                ..signals.has
            },
            ..signals.clone()
        };
        let other = intents.rank(&meant);
        if is_order(&meant, &other) {
            return Some((meant, other));
        }
    }
    let parts = wish::parts(clause.tokens);
    if parts.len() < 2 {
        return None;
    }
    parts.into_iter().find_map(|part| {
        let tokens = clause.tokens.get(part.clone())?;
        // "Put it right" says what should come of it, not what should be done.
        let says = |words: &[&str]| tokens.iter().any(|token| words.contains(&token.word.as_str()));
        if says(&["put", "set", "make"]) && says(&["right", "straight", "good", "work"]) {
            return None;
        }
        let words: Vec<String> = tokens
            .iter()
            .zip(clause.taken.get(part)?)
            .filter(|(_, taken)| !**taken)
            .map(|(token, _)| token.word.clone())
            .collect();
        let troubled = words.iter().any(|word| lexicon::is_trouble(word));
        let meant = Signals {
            orders: orders(tokens),
            kinds: signals
                .kinds
                .iter()
                .filter(|kind| words.contains(*kind))
                .cloned()
                .collect(),
            words,
            asks: asks(tokens),
            confirms: false,
            troubled,
            ails: troubled,
            asks_why: false,
            ..signals.clone()
        };
        let other = intents.rank(&meant);
        (!meant.asks && is_order(&meant, &other)).then_some((meant, other))
    })
}

/// "Kill that pod" with nothing that "that" could mean: an order all the same, about which a question goes back.
fn pointed_at(
    clause: &wish::Clause<'_>,
    signals: &Signals,
    intents: &Intents,
) -> Option<(Signals, Vec<Fit>)> {
    let points = clause.tokens.windows(2).any(|pair| {
        matches!(pair, [this, kind] if matches!(this.word.as_str(), "that" | "this")
            && super::kinds::kind(&kind.word).is_some()
            && !kind.word.ends_with('s'))
    });
    let ordered = signals.orders.iter().any(|word| intents.orders_change(word));
    if !points || !ordered || signals.asks || !clause.targets.is_empty() {
        return None;
    }
    let meant = Signals {
        kinds: Vec::new(),
        has: Has {
            targets: 1,
            kind: false,
            ..signals.has
        },
        ..signals.clone()
    };
    let ranked = intents.rank(&meant);
    ranked
        .first()
        .is_some_and(|fit| intents.is_ordered_change(fit.tool, &meant) && fit.score >= 0.5)
        .then_some((meant, ranked))
}

/// The name of what is to be made, and the names of what is there.
fn named(
    tokens: &[Token],
    taken: &mut [bool],
    index: &NameIndex,
    intents: &Intents,
    context: &Context<'_>,
) -> (Option<String>, Linked) {
    let made = fresh::read(tokens, taken, index);
    // "The pvc 20Gi": a size is nobody's name.
    let sizes: Vec<usize> = (0..tokens.len())
        .filter(|at| {
            taken.get(*at) == Some(&false)
                && tokens
                    .get(*at)
                    .is_some_and(|token| amount::is_size(&token.raw) && !index.is_exact(&token.raw))
        })
        .collect();
    let mark = |taken: &mut [bool], to: bool| {
        for at in &sizes {
            if let Some(flag) = taken.get_mut(*at) {
                *flag = to;
            }
        }
    };
    mark(taken, true);
    let linked = link::link(tokens, taken, index, intents, context);
    mark(taken, false);
    if let Some(kind) = made.as_ref().and_then(|made| taken.get_mut(made.kind)) {
        *kind = false;
    }
    (made.map(|made| made.name), linked)
}

/// "since the deploy", "after our last release": when something began, not what is asked about.
fn is_occasion(tokens: &[Token], at: usize) -> bool {
    let is_event = tokens.get(at).is_some_and(|token| {
        matches!(
            lexicon::stem(&token.word).as_str(),
            "deploy"
                | "deployment"
                | "releas"
                | "ship"
                | "launch"
                | "migrat"
                | "rollout"
                | "updat"
                | "upgrad"
                | "restart"
                | "reboot"
                | "chang"
                | "migration"
                | "merg"
                | "push"
                | "patch"
                | "reconfig"
                | "maintenanc"
                | "failover"
        )
    });
    if !is_event {
        return false;
    }
    for back in 1..=5 {
        let Some(before) = at.checked_sub(back).and_then(|at| tokens.get(at)) else {
            return false;
        };
        match before.word.as_str() {
            "since" | "after" | "following" => return true,
            "what" | "who" | "which" | "why" | "and" | "but" | "not" => return false,
            _ if before.quoted
                || tokens
                    .get(at - back + 1)
                    .is_some_and(|next| next.before != super::words::Break::None) =>
            {
                return false;
            }
            _ => {}
        }
    }
    false
}

/// Words that stand like an order: first, or behind "please", "can you", "to", "a".
fn orders(tokens: &[Token]) -> Vec<String> {
    let wished = tokens.iter().any(|token| {
        matches!(
            token.word.as_str(),
            "like" | "want" | "need" | "get" | "have" | "wish"
        )
    }) && tokens.first().is_some_and(|token| {
        matches!(
            token.word.as_str(),
            "i" | "we" | "can" | "could" | "please" | "would" | "get" | "have" | "lets"
        )
    });
    let standing = tokens
        .iter()
        .enumerate()
        .filter(|(at, token)| {
            let before = at
                .checked_sub(1)
                .and_then(|at| tokens.get(at))
                .map_or("", |token| token.word.as_str());
            !token.quoted
                && (*at == 0
                    || token.before != super::words::Break::None
                    || matches!(
                        before,
                        "please"
                            | "you"
                            | "to"
                            | "and"
                            | "then"
                            | "just"
                            | "now"
                            | "also"
                            | "a"
                            | "us"
                            | "should"
                            | "must"
                            | "ok"
                            | "so"
                            | "quickly"
                            | "kindly"
                            | "needs"
                            | "need"
                            | "wants"
                            | "want"
                            | "lets"
                            | "we"
                    ))
        })
        .map(|(_, token)| token.word.clone());
    // "Would you mind restarting it", "I'd like it restarted".
    let forms = tokens.windows(2).filter_map(|pair| {
        let [before, token] = pair else { return None };
        let form = (before.word == "mind" && token.word.ends_with("ing"))
            || (wished && token.word.ends_with("ed") && token.word.len() > 5);
        form.then(|| lexicon::stem(&token.word))
    });
    standing.chain(forms).collect()
}

/// Words that say that something is not so.
fn denies(word: &str) -> bool {
    matches!(
        word,
        "not" | "no" | "nothing" | "nobody" | "none" | "neither" | "zero" | "without"
    )
}

/// Whether the kind is what is asked for, beside a name: "which pods run on node-1", "the api pods".
fn asks_for_kind(tokens: &[Token], index: &NameIndex) -> bool {
    tokens.iter().enumerate().any(|(at, token)| {
        index.kind(&token.word).is_some()
            && (at == 0
                || (1..=2).any(|back| {
                    at.checked_sub(back)
                        .and_then(|at| tokens.get(at))
                        .is_some_and(|before| {
                            matches!(
                                before.word.as_str(),
                                "which"
                                    | "what"
                                    | "list"
                                    | "show"
                                    | "all"
                                    | "any"
                                    | "howmany"
                                    | "count"
                                    | "get"
                                    | "every"
                                    | "each"
                                    | "number"
                            )
                        })
                })
                || (token.word.ends_with('s')
                    && at + 1 == tokens.len()
                    && tokens
                        .get(at - 1)
                        .is_some_and(|before| index.is_exact(&before.raw))))
    })
}

/// "Pods not ready in shop?", "are the nodes ok?": how they are is asked, not which there are.
fn asks_health_of_kind(tokens: &[Token], index: &NameIndex) -> bool {
    let is_kind = |token: &Token| !token.quoted && index.kind(&token.word).is_some();
    let Some(at) = tokens.iter().position(is_kind) else {
        return false;
    };
    let (before, after) = (
        tokens.get(..at).unwrap_or_default(),
        tokens.get(at + 1..).unwrap_or_default(),
    );
    let lists = |token: &Token| {
        matches!(
            token.word.as_str(),
            "which"
                | "what"
                | "why"
                | "who"
                | "where"
                | "when"
                | "list"
                | "show"
                | "get"
                | "give"
                | "find"
                | "howmany"
                | "count"
                | "number"
                | "total"
                | "display"
                | "print"
                | "see"
                | "without"
                | "with"
                | "than"
                | "since"
        ) || token.quoted
    };
    let asked = tokens.last().is_some_and(|token| token.asked)
        || tokens
            .first()
            .is_some_and(|token| lexicon::is_auxiliary(&token.word) || token.word == "any")
        || tokens.len() <= 3;
    let standing = |token: &Token| {
        matches!(
            token.word.as_str(),
            "ok" | "okay"
                | "fine"
                | "well"
                | "alright"
                | "good"
                | "healthy"
                | "happy"
                | "up"
                | "running"
                | "ready"
                | "status"
                | "health"
                | "state"
                | "unready"
                | "unhealthy"
                | "broken"
                | "down"
                | "failing"
                | "crashing"
                | "unavailable"
        )
    };
    asked
        && !tokens.iter().any(lists)
        && !after.iter().any(is_kind)
        && after.iter().any(standing)
        && !before.iter().any(|token| lexicon::is_trouble(&token.word))
}

/// "In two lines", "a few words on": how long the answer may be; it is a summary that is wanted.
fn said_briefly(tokens: &[Token], words: &mut Vec<String>) -> bool {
    let word = |at: usize| tokens.get(at).map_or("", |token| token.word.as_str());
    let measures = |word: &str| {
        matches!(
            word,
            "line" | "lines" | "sentence" | "sentences" | "word" | "words" | "nutshell" | "bullets"
        )
    };
    let brief = (1..tokens.len()).any(|at| {
        let few = matches!(
            word(at - 1),
            "a" | "few" | "couple" | "one" | "quick" | "some" | "short"
        ) || amount::number(word(at - 1)).is_some();
        let inside = (2..=4).any(|back| at.checked_sub(back).is_some_and(|at| word(at) == "in"))
            && !matches!(word(at + 1), "of" | "from");
        measures(word(at)) && few && (inside || matches!(word(at + 1), "on" | "about" | "for"))
    });
    if brief {
        words.retain(|word| !measures(word) && !matches!(word.as_str(), "few" | "couple"));
        words.push("summary".to_owned());
    }
    brief
}

/// Whether an unknown word is hardly a name: what is asked for takes none, or nothing is asked for.
fn is_no_name(with: &[Fit], without: &[Fit], tokens: &[Token], intents: &Intents) -> bool {
    let Some(fit) = with.first() else { return true };
    let fits_without = without
        .first()
        .filter(|other| {
            intents
                .tool(other.tool)
                .is_some_and(|asked| !asked.arguments.iter().any(Argument::needs_target))
        })
        .is_some_and(|other| intents.wanted_targets(other.phrase) == 0 && other.score >= 0.9 * fit.score);
    fits_without || intents.wanted_targets(fit.phrase) == 0 || (fit.words < 0.3 && tokens.len() > 4)
}

/// The clause as it was typed.
fn said(text: &str, tokens: &[Token]) -> String {
    let span = tokens
        .first()
        .zip(tokens.last())
        .map(|(first, last)| first.span.0..last.span.1);
    span.and_then(|span| text.get(span))
        .unwrap_or_default()
        .trim()
        .to_owned()
}

/// Whether it begins like a question; an order may be wrapped in one: "can you restart …".
fn asks(tokens: &[Token]) -> bool {
    let word = |at: usize| tokens.get(at).map_or("", |token| token.word.as_str());
    let wrapped = matches!(word(0), "can" | "could" | "would" | "will")
        && matches!(
            word(1),
            "you" | "we" | "i" | "someone" | "somebody" | "anyone" | "anybody" | "u" | "ya"
        );
    (lexicon::is_question_word(word(0)) || lexicon::is_auxiliary(word(0))) && !wrapped
}

/// What a pronoun or an ordinal stands for.
fn said_before(
    tokens: &[Token],
    taken: &[bool],
    ordinal: Option<&Ordinal>,
    kind: Option<&str>,
    focus: &Focus,
) -> Vec<Target> {
    let target = |object: &ObjectRef, said: &str| Target {
        object: object.clone(),
        said: said.to_owned(),
        link: Link::Focus,
    };
    if let Some(Ordinal { place, said, .. }) = ordinal {
        let listed = if focus.listed.is_empty() {
            &focus.objects
        } else {
            &focus.listed
        };
        let object = if *place == usize::MAX {
            listed.last()
        } else {
            listed.get(*place)
        };
        if let Some(object) = object {
            return vec![target(object, said)];
        }
    }
    for (at, token) in tokens.iter().enumerate() {
        if taken.get(at).copied().unwrap_or(true) || token.quoted || !lexicon::is_pronoun(&token.word) {
            continue;
        }
        let next = tokens.get(at + 1).map_or("", |token| token.word.as_str());
        let previous = at
            .checked_sub(1)
            .and_then(|at| tokens.get(at))
            .map_or("", |token| token.word.as_str());
        // "pods that are pending", "tell me that …": no pronoun; "is it just me": nothing is meant.
        let relative = token.word == "that"
            && super::kinds::kind(next).is_none()
            && (kind.is_some() && at > 0 && !lexicon::is_filler(previous)
                || matches!(next, "the" | "are" | "have" | "has" | "is" if at > 0 && kind.is_some()));
        if relative
            || matches!(next, "just" | "possible" | "time") && token.word == "it"
            || matches!(previous, "so" | "like") && token.word == "that"
        {
            continue;
        }
        if matches!(token.word.as_str(), "this" | "these") && matches!(next, "cluster" | "namespace" | "week")
        {
            continue;
        }
        let many = matches!(
            token.word.as_str(),
            "they" | "them" | "these" | "those" | "their" | "theirs" | "themselves"
        );
        let wanted = kind.filter(|_| matches!(token.word.as_str(), "this" | "that" | "these" | "those"));
        let fits = |object: &&ObjectRef| {
            wanted.is_none_or(|kind| {
                kind == object.kind || (kind == "Pod" && super::kinds::is_workload(&object.kind))
            })
        };
        let found: Vec<Target> = focus
            .objects
            .iter()
            .filter(fits)
            .take(if many { 5 } else { 1 })
            .map(|object| target(object, &token.word))
            .collect();
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

/// "The second one": which of what was listed.
struct Ordinal {
    /// Its place, from 0; the last one is `usize::MAX`.
    place: usize,
    said: String,
    /// The words that say it.
    at: usize,
    words: usize,
}

/// "the second one", "number 2", "the last one": its place in what was listed.
fn ordinal(tokens: &[Token], taken: &[bool]) -> Option<Ordinal> {
    for (at, token) in tokens.iter().enumerate() {
        if taken.get(at).copied().unwrap_or(true) {
            continue;
        }
        let next = tokens.get(at + 1).map_or("", |token| token.word.as_str());
        let alone = tokens
            .iter()
            .all(|token| lexicon::is_filler(&token.word) || ordinal_value(&token.word).is_some());
        let counted = matches!(
            next,
            "one" | "pod" | "app" | "finding" | "issue" | "problem" | "item" | "result"
        );
        if let Some(place) = ordinal_value(&token.word)
            && (counted || (next.is_empty() && alone))
        {
            return Some(Ordinal {
                place,
                said: token.word.clone(),
                at,
                words: 1 + usize::from(counted),
            });
        }
        if matches!(
            token.word.as_str(),
            "number" | "no" | "item" | "finding" | "option"
        ) && let Some(value) = amount::number(next)
            && (1.0..100.0).contains(&value)
        {
            return Some(Ordinal {
                place: value as usize - 1,
                said: next.to_owned(),
                at,
                words: 2,
            });
        }
    }
    None
}

fn ordinal_value(word: &str) -> Option<usize> {
    const ORDINALS: &[(&str, &str)] = &[
        ("first", "1st"),
        ("second", "2nd"),
        ("third", "3rd"),
        ("fourth", "4th"),
        ("fifth", "5th"),
        ("sixth", "6th"),
        ("seventh", "7th"),
        ("eighth", "8th"),
        ("ninth", "9th"),
        ("tenth", "10th"),
    ];
    if word == "last" {
        return Some(usize::MAX);
    }
    ORDINALS
        .iter()
        .position(|(long, short)| *long == word || *short == word)
}

/// "reached from A", "between B and A": the one it goes out from stands first.
fn order_by_direction(tokens: &[Token], targets: &mut [Target]) {
    let [first, second] = targets else { return };
    let preposition = |target: &Target| {
        let said = target.said.split(' ').next().unwrap_or("");
        let at = tokens.iter().position(|token| token.raw == said)?;
        let mut at = at.checked_sub(1)?;
        while at > 0
            && tokens
                .get(at)
                .is_some_and(|token| lexicon::is_determiner(&token.word))
        {
            at -= 1;
        }
        tokens.get(at).map(|token| token.word.as_str())
    };
    if matches!(preposition(second), Some("from" | "by")) && !matches!(preposition(first), Some("from")) {
        std::mem::swap(first, second);
    }
}

/// "and web?", "what about staging?", "same for the db": nothing asked that was not asked before.
fn is_repeat(tokens: &[Token], signals: &Signals, intents: &Intents) -> bool {
    let word = |at: usize| tokens.get(at).map_or("", |token| token.word.as_str());
    let cue = matches!(
        (word(0), word(1)),
        ("what" | "how", "about")
            | (
                "and" | "or" | "also" | "plus" | "now" | "same" | "but" | "then",
                _
            )
            | ("do" | "try", "the")
    );
    let again = signals
        .words
        .iter()
        .any(|word| matches!(word.as_str(), "again" | "retry" | "refresh" | "same"));
    let says_little = signals.words.iter().all(|word| {
        lexicon::is_filler(word) && !matches!(word.as_str(), "why" | "when" | "who" | "wrong" | "down")
            || !intents.uses(word)
    });
    (cue || again) && says_little
}

/// All tools, those that fit the words of a message best first, whatever the message names.
pub(super) fn fitting(text: &str, intents: &Intents) -> Vec<super::Fitting> {
    const MOST_WORDS: usize = 200;
    let mut tokens = super::words::split(text);
    tokens.truncate(MOST_WORDS);
    let words: Vec<String> = tokens.iter().map(|token| token.word.clone()).collect();
    let denied = words
        .iter()
        .any(|word| matches!(word.as_str(), "don't" | "dont" | "not" | "never" | "without"));
    let signals = Signals {
        orders: orders(&tokens),
        asks: asks(&tokens),
        words,
        ..Signals::default()
    };
    intents.all_by_fit(&signals, denied)
}
