//! Prints how long it takes to generate and start clusters of growing size.
#![allow(clippy::print_stdout)]

use std::time::Instant;

use jamie_sim::{Estate, Options, generate};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    for pods in [100, 1_000, 5_000, 20_000] {
        let begin = Instant::now();
        let scenario = generate::cluster(pods, 1);
        let generated = begin.elapsed();
        let begin = Instant::now();
        let estate = Estate::start(scenario, Options::default()).await?;
        println!(
            "{pods} pods: generated in {generated:?}, started in {:?}",
            begin.elapsed()
        );
        estate.stop().await;
    }
    Ok(())
}
