//! A voice of your own: the facts stay, the words around them change.
//!
//! `own_persona KUBECONFIG` asks how everything is.
#![allow(clippy::print_stdout)]

use std::sync::Arc;

use jamie::{
    Config, Own, Request,
    core::{
        Severity,
        persona::{Line, Moment, Persona, Tone},
    },
};

/// A ship's mate.
#[derive(Debug)]
struct Sailor;

impl Persona for Sailor {
    fn name(&self) -> &'static str {
        "sailor"
    }

    fn line(&self, moment: Moment, tone: &Tone<'_>) -> Option<Line> {
        // Nobody jokes while users are hit.
        if tone.severity == Some(Severity::Critical) {
            return None;
        }
        let lines: &[&str] = match moment {
            Moment::Greeting => &["Ahoy!", "Welcome aboard!"],
            Moment::Thinking => &["Climbing the mast for a look…", "Sounding the depth…"],
            Moment::AllWell => &["Calm seas.", "Steady as she goes."],
            Moment::Trouble => &["Water below deck!", "Rough weather ahead."],
            _ => return None,
        };
        // The seed chooses, and what was said last is not said again.
        let fresh: Vec<usize> = (0..lines.len())
            .filter(|n| tone.recent.last() != Some(&format!("{moment:?}/{n}")))
            .collect();
        let n = *fresh.get(tone.seed as usize % fresh.len().max(1))?;
        Some(Line {
            text: (*lines.get(n)?).to_owned(),
            key: format!("{moment:?}/{n}"),
        })
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut config = Config {
        memory: jamie::config::Memory::of_process(),
        ..Config::default()
    };
    config.kubernetes.kubeconfig = std::env::args().nth(1).ok_or("usage: own_persona KUBECONFIG")?;
    let own = Own {
        persona: Some(Arc::new(Sailor)),
        ..Own::default()
    };
    let jamie = jamie::assemble_with(&config, own).await?;
    println!(
        "{}",
        jamie
            .ask(Request::new("ahoy! how is everything?", "ada", "example"))
            .await?
            .text
    );
    Ok(())
}
