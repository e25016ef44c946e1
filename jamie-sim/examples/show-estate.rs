//! Starts scenarios by name (or all) and prints what became of their pods: for writing scenarios.
#![allow(clippy::print_stdout)]

use std::time::Instant;

use jamie_sim::{Estate, Options, Scenario};
use serde_json::Value;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    for scenario in Scenario::library()? {
        if !wanted.is_empty() && !wanted.contains(&scenario.name) {
            continue;
        }
        let name = scenario.name.clone();
        let begin = Instant::now();
        let estate = match Estate::start(scenario, Options::default().without_controllers()).await {
            Ok(estate) => estate,
            Err(error) => {
                println!("{name}: {error}");
                continue;
            }
        };
        println!(
            "== {name} ({:?}, {} writes)",
            begin.elapsed(),
            estate.store().resource_version()
        );
        if !wanted.is_empty() {
            show(&estate);
        }
        estate.stop().await;
    }
    Ok(())
}

fn show(estate: &Estate) {
    let text = |value: &Value, pointer: &str| {
        value
            .pointer(pointer)
            .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
            .unwrap_or_default()
    };
    for (group, plural) in estate.store().kinds() {
        for object in estate.store().list(&group, &plural, None) {
            let place = format!(
                "{}/{}",
                text(&object, "/metadata/namespace"),
                text(&object, "/metadata/name")
            );
            match plural.as_str() {
                "pods" => {
                    println!(
                        "pod {place} {} on {}",
                        text(&object, "/status/phase"),
                        text(&object, "/spec/nodeName")
                    );
                    for field in ["initContainerStatuses", "containerStatuses"] {
                        for status in object["status"][field].as_array().into_iter().flatten() {
                            println!(
                                "    {} ready={} restarts={} {} last={}",
                                text(status, "/name"),
                                status["ready"],
                                status["restartCount"],
                                status["state"],
                                status["lastState"]
                            );
                        }
                    }
                }
                "events" => println!(
                    "event {} {} x{} {} {}: {}",
                    text(&object, "/lastTimestamp"),
                    text(&object, "/type"),
                    object["count"],
                    text(&object, "/reason"),
                    text(&object, "/involvedObject/name"),
                    text(&object, "/message")
                ),
                "deployments"
                | "statefulsets"
                | "daemonsets"
                | "replicasets"
                | "jobs"
                | "cronjobs"
                | "persistentvolumeclaims"
                | "horizontalpodautoscalers" => {
                    println!("{plural} {place} {}", object["status"]);
                }
                _ => {}
            }
        }
    }
}
