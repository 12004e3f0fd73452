//! Writes a portfolio with a known truth:
//! `cargo run --release -p perfpower-testkit --example make_portfolio -- OUT [--apps N] [--seed S] [--snapshots K]
//! [--world quiet|noisy] [--gzip]`. The truth goes to `OUT.truth.csv`, outside the archive.

use perfpower_testkit::portfolio::{Portfolio, World};
use std::{env, fs, io, path::PathBuf};

const USAGE: &str = "usage: make_portfolio OUT [--apps N] [--seed S] [--snapshots K] [--world quiet|noisy] [--gzip]";

fn main() -> io::Result<()> {
    let (out, portfolio) = arguments(env::args().skip(1)).ok_or_else(|| io::Error::other(USAGE))?;
    for file in portfolio.files() {
        file.write_below(&out)?;
    }
    let mut truth = out.into_os_string();
    truth.push(".truth.csv");
    fs::write(truth, portfolio.truth_csv())
}

fn arguments(mut arguments: impl Iterator<Item = String>) -> Option<(PathBuf, Portfolio)> {
    let mut portfolio = Portfolio::new(1, World::Quiet);
    let mut out = None;
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--apps" => portfolio.apps = arguments.next()?.parse().ok()?,
            "--seed" => portfolio.seed = arguments.next()?.parse().ok()?,
            "--snapshots" => portfolio.snapshots = arguments.next()?.parse().ok()?,
            "--gzip" => portfolio.gzip = true,
            "--world" => {
                portfolio.world = match arguments.next()?.as_str() {
                    "quiet" => World::Quiet,
                    "noisy" => World::Noisy,
                    _ => return None,
                }
            }
            _ if argument.starts_with('-') || out.is_some() => return None,
            _ => out = Some(PathBuf::from(argument)),
        }
    }
    Some((out?, portfolio))
}
