//! A namespace or nothing in; the TLS certificates in its Secrets and when they end, soonest first, out.

use async_trait::async_trait;
use jamie_core::{NextStep, ObjectRef, Phrase, Result, ToolContext, ToolOutput, tool::Fill};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::{Look, must_be_namespace, namespace, phrases, table::table};
use crate::{
    cluster::{Cluster, Freshness},
    wording,
};

pub(super) struct Certificates;

/// Where.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Args {
    /// Only this namespace.
    #[schemars(extend("x-slot" = "namespace"))]
    namespace: Option<String>,
    /// Only of this Secret or Ingress.
    #[schemars(extend("x-slot" = "target"))]
    target: Option<ObjectRef>,
}

#[async_trait]
impl Look for Certificates {
    type Args = Args;
    const NAME: &'static str = "certificates";
    const DESCRIPTION: &'static str =
        "The TLS certificates kept in Secrets, whom they are for and when they end.";
    const EXAMPLE: &'static str = "when do our certificates expire?";
    const FILL: Option<Fill> = Some(super::overview::place);

    fn phrases() -> Vec<Phrase> {
        phrases(&[
            "certificates",
            "when do the certificates expire",
            "certificate expiry",
            "expiring certificates",
            "which certificates are about to expire",
            "is the certificate of {target} valid",
            "when does the certificate of {target} expire",
            "has the tls certificate of {target} expired",
            "tls certs in {namespace}",
            "ssl certificates",
            "are our certs ok",
        ])
    }

    async fn look(cluster: &Cluster, context: &ToolContext, args: Args) -> Result<ToolOutput> {
        let place = match &args.target {
            Some(target) if target.kind == "Namespace" => Some(target.name.clone()),
            Some(target) => target.namespace.clone(),
            None => namespace(args.namespace.clone(), context),
        };
        if let Some(place) = &place {
            cluster.include_namespace(place);
        }
        let snapshot = cluster.snapshot(Freshness::Recent).await?;
        if let Some(place) = &place {
            must_be_namespace(&snapshot, place)?;
        }
        let target = args.target.filter(|target| target.kind != "Namespace");
        let wanted: Option<Vec<String>> = target.as_ref().map(|target| match target.kind.as_str() {
            "Secret" => vec![target.name.clone()],
            _ => snapshot
                .ingresses
                .iter()
                .filter(|one| one.metadata.namespace == target.namespace)
                .filter(|one| target.kind != "Ingress" || one.metadata.name.as_ref() == Some(&target.name))
                .flat_map(|one| one.spec.iter().flat_map(|spec| spec.tls.iter().flatten()))
                .filter_map(|tls| tls.secret_name.clone())
                .collect(),
        });
        let mut found: Vec<_> = snapshot
            .secrets
            .iter()
            .filter(|secret| place.is_none() || secret.metadata.namespace == place)
            .filter(|secret| {
                wanted.as_ref().is_none_or(|wanted| {
                    secret
                        .metadata
                        .name
                        .as_ref()
                        .is_some_and(|name| wanted.contains(name))
                })
            })
            .filter_map(|secret| Some((secret.certificate_ends?, secret)))
            .collect();
        found.sort_by_key(|(end, _)| *end);
        let mut output = ToolOutput {
            focus: target.into_iter().collect(),
            ..ToolOutput::default()
        };
        if !snapshot.may_see("Secret", place.as_deref()) {
            output
                .notes
                .push("I may not look at all Secrets, so certificates may be missing here.".to_owned());
        }
        let subject = place
            .as_ref()
            .map_or_else(String::new, |place| format!(" in `{place}`"));
        let Some((end, first)) = found.first() else {
            output.headline = format!("I find no TLS certificates in the Secrets{subject}.");
            return Ok(output);
        };
        let days = (end.as_second() - context.now.as_second()) / 86_400;
        let how = if *end < context.now {
            format!("expired {} ago", wording::age(*end, context.now))
        } else {
            format!("ends in {days} days ({})", end.strftime("%-d %b %Y"))
        };
        output.headline = format!(
            "{}{subject}; the first to end: `{}`, which {how}.",
            wording::count(found.len(), "certificate"),
            first.reference().path()
        );
        output.good = Some(days >= 14);
        output.facts = json!({"certificates": found.iter().map(|(end, secret)| json!({"secret": secret.reference(), "ends": end.to_string()})).collect::<Vec<_>>()});
        if days < 14 {
            let own = first.reference();
            output.next.push(NextStep::command(
                "Renew it, and look who uses it",
                format!(
                    "kubectl describe secret {} -n {}",
                    own.name,
                    own.namespace.as_deref().unwrap_or_default()
                ),
            ));
        }
        let rows = found
            .iter()
            .map(|(end, secret)| {
                let days = (end.as_second() - context.now.as_second()) / 86_400;
                vec![
                    format!("`{}`", secret.reference().path()),
                    wording::list(&secret.certificate_names, 3),
                    end.strftime("%-d %b %Y").to_string(),
                    if *end < context.now {
                        "expired".to_owned()
                    } else {
                        format!("{days} d")
                    },
                ]
            })
            .collect();
        output
            .blocks
            .extend(table(&["Secret", "For", "Ends", "Left"], rows, "certificate"));
        Ok(output)
    }
}
