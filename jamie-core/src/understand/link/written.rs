//! A clause in, the names in the notation of commands out: "deployment/api", "shop/api", "api.shop.svc", a URL.

use super::{Linker, Mention};
use crate::{
    Link,
    understand::{index::Candidate, place},
};

impl Linker<'_, '_> {
    /// Names in the notation of commands: "deployment/api", "shop/api", "api.shop.svc", a URL.
    pub(super) fn written(&mut self) {
        for at in 0..self.places.tokens.len() {
            let Some(token) = self.places.tokens.get(at) else {
                continue;
            };
            if !self.is_free(at) || token.quoted && token.raw.contains(' ') {
                continue;
            }
            let raw = token.raw.clone();
            let bare = raw.split_once("://").map_or(raw.as_str(), |(_, rest)| rest);
            let index = self.places.index;
            let (mut kind, mut namespace) = (None, None);
            let mut rest;
            let host = bare.split('/').next().unwrap_or(bare);
            let is_url = raw.contains("://")
                || (bare.contains('/')
                    && host.contains('.')
                    && index.kind(host.split('.').next().unwrap_or(host)).is_none());
            let bare = if is_url { host } else { bare };
            if bare.contains('/') {
                let mut pieces = bare.split('/').filter(|piece| !piece.is_empty()).peekable();
                let mut last = "";
                while let Some(piece) = pieces.next() {
                    last = piece;
                    if pieces.peek().is_none() {
                        break;
                    }
                    if let Some(found) = index.kind(piece.split('.').next().unwrap_or(piece)) {
                        kind = Some(found);
                    } else if let Some(found) = place::namespace_named(index, piece) {
                        namespace = Some(found);
                    }
                }
                if kind.is_none() && namespace.is_none() {
                    continue;
                }
                rest = last;
            } else if bare.contains('.') {
                rest = strip_port(bare);
                if index.exact(rest).is_empty() {
                    let mut pieces = rest.split('.');
                    let (Some(service), Some(second)) = (pieces.next(), pieces.next()) else {
                        continue;
                    };
                    let Some(found) = place::namespace_named(index, second) else {
                        continue;
                    };
                    namespace = Some(found);
                    if pieces.next() == Some("svc") {
                        kind = Some("Service".to_owned());
                    }
                    rest = service;
                }
            } else if bare.contains(':') {
                rest = strip_port(bare);
            } else {
                continue;
            }
            let rest = rest.to_owned();
            let candidates = self.look_up(&rest, true);
            let wanted: Vec<Candidate> = candidates
                .into_iter()
                .filter(|candidate| {
                    index.get(candidate.name).is_some_and(|name| {
                        (namespace.is_none() || name.object.namespace == namespace)
                            && (kind.is_none()
                                || kind.as_ref() == Some(&name.object.kind)
                                || candidate.link != Link::Typo)
                    })
                })
                .collect();
            if wanted.is_empty() {
                if kind.is_some() || namespace.is_some() {
                    self.is_unknown(at, &rest);
                }
                continue;
            }
            self.mention(Mention {
                first: at,
                last: at,
                said: token.raw.clone(),
                candidates: wanted,
                kind,
                namespace,
            });
        }
    }
}

fn strip_port(host: &str) -> &str {
    let host = host.split('/').next().unwrap_or(host);
    host.split_once(':').map_or(host, |(host, _)| host)
}
