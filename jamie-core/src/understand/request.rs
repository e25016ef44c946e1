//! A clause in, what it asks out: its question, the tools that fit, and whether it leans on what was said before.

mod kind;
mod order;
mod referred;
mod wording;

pub(super) use self::referred::first_in_focus;
use self::{
    kind::{asks_for_kind, asks_health_of_kind},
    order::ordered,
    referred::{in_passing, order_by_direction, ordinal, said_before},
    wording::{
        asks, denies, is_occasion, is_repeat, only_asks_why, orders, quotations, said_briefly, says_there,
    },
};
use super::{
    Context, Intents, NameIndex, amount,
    arguments::Argument,
    fresh,
    intent::{Fit, Has, Signals},
    lexicon,
    link::{self, Linked},
    stance::Stance,
    time, wish,
    words::Token,
};
use crate::{ObjectRef, Question, Target};

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
    let mut spoken = in_passing(tokens, index, intents);
    // "Delete the shop namespace" names a place, and never an Ingress in it that is called the same.
    if plain.placed {
        let place = plain.question.namespace.as_deref();
        spoken.retain(|(_, target)| place != Some(target.object.name.as_str()));
    }
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
    let quoted = quotations(tokens, &mut taken);
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
    if namespace.is_none() && says_there(tokens, &taken) {
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
    if targets.is_empty() && unknown.is_none() && only_asks_why(&words) {
        targets = first_in_focus(context.focus);
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
