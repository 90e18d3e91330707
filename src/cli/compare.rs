//! `hubflow compare`: a variant with its base by paired seeds, or two finished runs.

use super::arguments::{Compare, Format, How, Replications};
use super::run::{Making, default_out, read, simulate, tell, write};
use super::say::Voice;
use hubflow::Scenario;
use hubflow::compare::{Comparison, compare as difference, replications};
use hubflow::error::Result;
use hubflow::outcome::Outcome;
use hubflow::report;
use hubflow::run::clock::Stopwatch;
use hubflow::table::Table;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// `auto` adds pairs until the half-width of every headline figure is within this share of it, …
const WITHIN: f64 = 0.1;
/// … but no more than this many.
const MOST_PAIRS: u32 = 10;

/// Compares, writes, tells.
pub fn compare(arguments: &Compare, voice: &Voice) -> Result<ExitCode> {
    match (&arguments.other, &arguments.variant) {
        (Some(other), _) => finished_runs(arguments, other, voice),
        (None, variant) => variant_with_base(arguments, variant.as_deref().unwrap_or("base"), voice),
    }
}

fn finished_runs(arguments: &Compare, other: &Path, voice: &Voice) -> Result<ExitCode> {
    let (base, variant) = (report::read(&arguments.base)?, report::read(other)?);
    let out = arguments.out.clone().unwrap_or_else(|| default_out(other, None, "-compare"));
    let _claim = report::Claim::new(&out, arguments.overwrite.overwrite())?;
    let comparison = difference(&base, &variant);
    finish(&Pair { base: &base, variant: &variant }, &[comparison], &[], &out, voice)
}

fn variant_with_base(arguments: &Compare, name: &str, voice: &Voice) -> Result<ExitCode> {
    let out = match &arguments.out {
        Some(out) => out.clone(),
        None => default_out(&arguments.base, Some(name), "-compare"),
    };
    let _claim = report::Claim::new(&out, arguments.overwrite.overwrite())?;
    let base = read(&arguments.base, &arguments.sets.sets, None)?;
    let variant = read(&arguments.base, &arguments.sets.sets, Some(name))?;
    let changes = match name {
        "base" => vec!["nothing: the base is compared with itself".to_owned()],
        _ => base.read_variant(name)?.tell(&base),
    };
    let first_seed = arguments.how.seed.unwrap_or(base.settings.run.seed);
    let mut comparisons = Vec::new();
    let mut first = None;
    for pair in 0u64.. {
        let seed = first_seed.wrapping_add(pair);
        let outcomes =
            run_pair(&base, &variant, &How { seed: Some(seed), ..how(&arguments.how) }, &out, pair == 0, voice)?;
        comparisons.push(difference(&outcomes.0, &outcomes.1));
        first.get_or_insert(outcomes);
        if enough(arguments.replications, &comparisons) || voice.stop.load(std::sync::atomic::Ordering::Relaxed) {
            break;
        }
    }
    let (base, variant) = first.expect("at least one pair is run");
    finish(&Pair { base: &base, variant: &variant }, &comparisons, &changes, &out, voice)
}

fn how(how: &How) -> How {
    How { seed: how.seed, threads: how.threads, sample: how.sample }
}

/// Runs base and variant with the same seed; the first pair is kept as run folders.
fn run_pair(
    base: &Scenario,
    variant: &Scenario,
    how: &How,
    out: &Path,
    keep: bool,
    voice: &Voice,
) -> Result<(Outcome, Outcome)> {
    let one = |scenario: &Scenario, side: &str, exactly: Option<u32>| -> Result<Outcome> {
        voice.say(format!("{side}, seed {}", how.seed.unwrap_or_default()));
        let (mut outcome, log) =
            simulate(scenario, Making { how, exactly, events: None }, Stopwatch::default(), voice)?;
        if keep {
            let folder = PathBuf::from(out).join(side);
            let manifest = write(&outcome, &log, &folder, None)?;
            tell(&outcome, &manifest, voice);
            outcome.manifest = manifest;
        }
        // Tables with a row per agent are in the run folder; a comparison of agents is no result.
        outcome.tables.retain(|t| !report::folder::LONG_TABLES.contains(&t.name.as_str()));
        Ok(outcome)
    };
    // The variant runs as many iterations as the base took: a difference in how far two runs have come is no effect.
    let base = one(base, "base", None)?;
    let variant = one(variant, "variant", Some(base.manifest.iterations))?;
    Ok((base, variant))
}

fn enough(wanted: Replications, comparisons: &[Comparison]) -> bool {
    let done = comparisons.len() as u32;
    match wanted {
        Replications::Exactly(n) => done >= n,
        Replications::Auto if done < 2 => false,
        Replications::Auto => {
            done >= MOST_PAIRS || replications::over_replications(comparisons).iter().all(|d| d.within(WITHIN))
        }
    }
}

struct Pair<'a> {
    base: &'a Outcome,
    variant: &'a Outcome,
}

/// Writes and tells what was found.
fn finish(pair: &Pair, comparisons: &[Comparison], changes: &[String], out: &Path, voice: &Voice) -> Result<ExitCode> {
    let first = &comparisons[0];
    let mut tables: Vec<Table> = first.to_tables();
    if comparisons.len() > 1 {
        tables.push(replications::table(&replications::over_replications(comparisons)));
    }
    let words: Vec<String> = changes.iter().cloned().chain(first.summary()).collect();
    report::write_comparison(out, pair.base, pair.variant, &tables, &words)?;
    if voice.format == Format::Json {
        voice.result(first)?;
    }
    for line in &words {
        voice.say(line);
    }
    voice.say(format!("results in {}; open {}", out.display(), out.join("report.html").display()));
    Ok(super::finished(pair.base.manifest.converged && pair.variant.manifest.converged))
}
