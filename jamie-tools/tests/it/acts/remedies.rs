//! Findings carry their fix, where one is plain: it can be planned, and it mends what was found.

use jamie_core::{Finding, Severity};
use jamie_tools::{
    cluster::Freshness,
    diagnosis::{self, Scope as Wide},
};

use super::*;

async fn findings(site: &Site) -> Vec<Finding> {
    diagnosis::diagnose(&site.cluster, &Wide::Cluster, Freshness::Now)
        .await
        .unwrap()
        .incidents
}

fn proposals(findings: &[Finding]) -> Vec<(String, Proposal)> {
    findings
        .iter()
        .filter_map(|finding| {
            let proposal = finding.remedy.as_ref()?.proposal.clone()?;
            Some((finding.object.name.clone(), proposal))
        })
        .collect()
}

/// Does what is proposed with this tool; gives what went wrong.
async fn mended(scenario: &str, tool: &str) -> std::result::Result<(), String> {
    let site = Site::of(Scenario::builtin(scenario).unwrap()).await;
    let before = findings(&site).await;
    let proposed = proposals(&before);
    let Some((object, proposal)) = proposed.iter().find(|(_, one)| one.tool == tool) else {
        let remedies: Vec<String> = before
            .iter()
            .map(|finding| format!("{} {:?}", finding.check, finding.remedy))
            .collect();
        return Err(format!("no {tool} among {remedies:#?}"));
    };
    if proposal.reasons.is_empty() {
        return Err("no reasons".to_owned());
    }
    let plan = site
        .plan(tool, proposal.args.clone())
        .await
        .map_err(|error| format!("{error:?}"))?;
    site.run(tool, &plan)
        .await
        .map_err(|error| format!("{error:?}"))?;
    let report = site.watch(tool, &plan).await;
    let still = proposals(&findings(&site).await);
    if !report.worked {
        return Err(format!("{report:?}"));
    }
    if still.iter().any(|(name, one)| name == object && one == proposal) {
        return Err("still proposed after it was done".to_owned());
    }
    Ok(())
}

#[tokio::test]
async fn what_is_proposed_mends_what_was_found() {
    let mut misses = Vec::new();
    for (scenario, tool) in [
        ("matchmaker-out-of-memory", "set_resources"),
        ("wrong-architecture", "rollback"),
        ("new-revision-never-ready", "rollback"),
        ("selector-says-the-old-name", "switch_service"),
        ("target-port-off-by-a-digit", "patch"),
        ("target-port-name-unknown", "patch"),
        ("paused-and-forgotten", "resume"),
    ] {
        if let Err(why) = mended(scenario, tool).await {
            misses.push(format!("{scenario}: {why}"));
        }
    }
    assert!(misses.is_empty(), "{}", misses.join("\n"));
}

/// What scenarios do not mend, though it is right: the pods' behaviour is written down.
#[tokio::test]
async fn what_is_proposed_is_the_fix() {
    let site = Site::of(Scenario::builtin("readiness-on-another-port").unwrap()).await;
    let (_, proposal) = proposals(&findings(&site).await).remove(0);
    let plan = site.plan(&proposal.tool, proposal.args).await.unwrap();
    has(&all(&plan), &["readinessProbe", "+            port: 8080"]);
    site.run("patch", &plan).await.unwrap();
    // A right to look is granted on a log's word, one to read Secrets is not.
    let text = include_str!("../../../../jamie-sim/scenarios/rbac/operator-may-not-list.yaml");
    for (text, wanted) in [(text.to_owned(), 0), (text.replace("secrets", "configmaps"), 1)] {
        let site = Site::of(Scenario::parse("rights", "rights.yaml", &text).unwrap()).await;
        let granted: Vec<Proposal> = proposals(&findings(&site).await)
            .into_iter()
            .map(|(_, proposal)| proposal)
            .filter(|proposal| proposal.tool == "grant_permission")
            .collect();
        assert_eq!(granted.len(), wanted, "{granted:?}");
        for proposal in granted {
            site.done(&proposal.tool, proposal.args).await;
        }
    }
}

#[tokio::test]
async fn every_proposal_of_the_library_can_be_planned_and_the_well_get_none() {
    let (mut planned, mut misses) = (0, Vec::new());
    for scenario in Scenario::library().unwrap() {
        let (name, healthy) = (scenario.name.clone(), scenario.healthy);
        let Ok(estate) = Estate::start(scenario, Options::default()).await else {
            continue;
        };
        let cluster = connect(&estate, &[]).await;
        let site = Site::with(estate, cluster);
        let Ok(found) = diagnosis::diagnose(&site.cluster, &Wide::Cluster, Freshness::Now).await else {
            continue;
        };
        for (object, proposal) in proposals(&found.incidents) {
            let worst = found
                .incidents
                .iter()
                .filter(|finding| finding.object.name == object)
                .map(|finding| finding.severity)
                .max();
            assert!(
                !healthy || worst <= Some(Severity::Info),
                "{name} is well, and {proposal:?} is proposed"
            );
            match site.plan(&proposal.tool, proposal.args.clone()).await {
                Ok(_) => planned += 1,
                Err(error) if error.is_retryable() => {}
                Err(error) => misses.push(format!("{name}: {object}: {proposal:?}: {error:?}")),
            }
        }
    }
    assert!(misses.is_empty(), "{}", misses.join("\n"));
    assert!(planned >= 12, "only {planned} proposals");
}
