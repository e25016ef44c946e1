//! What of the memory is kept at hand as one: a recall, a record or a filter in, the scopes it is about out.

use std::collections::BTreeSet;

use jamie_core::{
    cache::key,
    memory::{Forget, Kind, Recall, Record},
};

/// What is kept, and taken away, as one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Scope {
    /// Everything.
    All,
    /// What holds for everybody.
    Team,
    /// The facts of a person.
    Facts(String),
    /// The turns of a person.
    Turns(String),
    /// The turns of a conversation.
    Conversation(String),
}

impl Scope {
    /// The scope that a recall is about, where it is the newest of just that.
    pub(super) fn of(recall: &Recall) -> Option<Self> {
        let plain = recall.key.is_none()
            && recall.group.is_none()
            && recall.text.is_none()
            && recall.since.is_none()
            && recall.until.is_none()
            && recall.skip == 0;
        if !plain {
            return None;
        }
        match (recall.kind, &recall.person, &recall.conversation) {
            (Kind::TeamFact, None, None) => Some(Self::Team),
            (Kind::Fact, Some(person), None) => Some(Self::Facts(person.clone())),
            (Kind::Turn, Some(person), None) => Some(Self::Turns(person.clone())),
            (Kind::Turn, None, Some(conversation)) => Some(Self::Conversation(conversation.clone())),
            _ => None,
        }
    }

    /// The recall of the newest of it.
    pub(super) fn recall(&self, limit: usize) -> Option<Recall> {
        match self {
            Self::All => None,
            Self::Team => Some(Recall::new(Kind::TeamFact, limit)),
            Self::Facts(person) => Some(Recall::new(Kind::Fact, limit).of_person(person)),
            Self::Turns(person) => Some(Recall::new(Kind::Turn, limit).of_person(person)),
            Self::Conversation(name) => Some(Recall::new(Kind::Turn, limit).in_conversation(name)),
        }
    }

    /// The key of its generation.
    pub(super) fn generation(&self) -> String {
        let (kind, name) = self.words();
        key("generation", &[kind, name])
    }

    /// The key of what is kept of it under these generations.
    pub(super) fn entry(&self, all: &str, own: &str) -> String {
        let (kind, name) = self.words();
        key("session", &[kind, name, all, own])
    }

    fn words(&self) -> (&'static str, &str) {
        match self {
            Self::All => ("all", ""),
            Self::Team => ("team", ""),
            Self::Facts(person) => ("facts", person),
            Self::Turns(person) => ("turns", person),
            Self::Conversation(name) => ("conversation", name),
        }
    }
}

/// What a new record changes.
pub(super) fn scopes_of_record(record: &Record) -> Vec<Scope> {
    match record.kind() {
        Kind::TeamFact => vec![Scope::Team],
        Kind::Fact => vec![Scope::Facts(record.person.clone())],
        Kind::Turn => vec![
            Scope::Turns(record.person.clone()),
            Scope::Conversation(record.conversation.clone()),
        ],
        _ => Vec::new(),
    }
}

/// What a removal changes: exactly that where the filter says whose it is, everything where it does not.
pub(super) fn scopes_of_filter(forget: &Forget) -> BTreeSet<Scope> {
    let touches = |kind: Kind| forget.kind.is_none_or(|only| only == kind);
    let mut scopes = BTreeSet::new();
    if touches(Kind::TeamFact) {
        scopes.insert(Scope::Team);
    }
    if touches(Kind::Fact) {
        scopes.insert(forget.person.clone().map_or(Scope::All, Scope::Facts));
    }
    if touches(Kind::Turn) {
        scopes.insert(forget.person.clone().map_or(Scope::All, Scope::Turns));
        scopes.insert(
            forget
                .conversation
                .clone()
                .map_or(Scope::All, Scope::Conversation),
        );
    }
    scopes
}

#[cfg(test)]
mod tests {
    use jamie_core::memory::{Forget, Kind, Recall};

    use super::{Scope, scopes_of_filter};

    #[test]
    fn only_the_newest_of_a_scope_is_kept() {
        let anna = Scope::Facts("anna".to_owned());
        assert_eq!(
            Scope::of(&Recall::new(Kind::Fact, 9).of_person("anna")),
            Some(anna.clone())
        );
        assert_eq!(anna.recall(9).as_ref().and_then(Scope::of), Some(anna));
        for other in [
            Recall::new(Kind::Fact, 9),
            Recall::new(Kind::Fact, 9).of_person("anna").about("till"),
            Recall::new(Kind::Fact, 9).of_person("anna").after(9),
            Recall::new(Kind::Fact, 9).of_person("anna").with_key("k"),
            Recall::new(Kind::Turn, 9)
                .of_person("anna")
                .in_conversation("talk"),
            Recall::new(Kind::Incident, 9),
        ] {
            assert_eq!(Scope::of(&other), None, "{other:?}");
        }
    }

    #[test]
    fn a_removal_takes_away_exactly_what_it_touches() {
        let named = |forget: Forget| scopes_of_filter(&forget).into_iter().collect::<Vec<_>>();
        let fact = Forget {
            kind: Some(Kind::Fact),
            ..Forget::person("anna")
        };
        assert_eq!(named(fact), [Scope::Facts("anna".to_owned())]);
        assert_eq!(named(Forget::key(Kind::TeamFact, "k")), [Scope::Team]);
        assert_eq!(named(Forget::key(Kind::Incident, "k")), []);
        let talk = Forget {
            kind: Some(Kind::Turn),
            conversation: Some("talk".to_owned()),
            ..Forget::person("anna")
        };
        assert_eq!(
            named(talk),
            [
                Scope::Turns("anna".to_owned()),
                Scope::Conversation("talk".to_owned())
            ]
        );
        let by_id = Forget {
            id: Some("7".to_owned()),
            ..Forget::default()
        };
        assert!(named(by_id).contains(&Scope::All));
        assert!(
            named(Forget::person("anna")).contains(&Scope::All),
            "their turns are in any conversation"
        );
    }
}
