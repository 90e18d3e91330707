//! `hubflow run`.

use super::arguments::{Existing, Format, How, Run};
use super::progress::Teller;
use super::say::Voice;
use hubflow::Scenario;
use hubflow::error::{Error, Result};
use hubflow::outcome::{Manifest, Outcome};
use hubflow::report;
use hubflow::run::RunOptions;
use hubflow::run::clock::Stopwatch;
use hubflow::table::Table;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Reads a scenario, runs it, writes its results.
pub fn run(arguments: &Run, voice: &Voice) -> Result<ExitCode> {
    let out = match &arguments.out {
        Some(out) => out.clone(),
        None => default_out(&arguments.scenario, arguments.variant.as_deref(), ""),
    };
    let _claim = report::Claim::new(&out, arguments.overwrite.overwrite())?;
    let mut before = Stopwatch::default();
    let mut scenario =
        before.time("read", || read(&arguments.scenario, &arguments.sets.sets, arguments.variant.as_deref()))?;
    scenario.settings.output.marginal_servers.extend(arguments.marginal.iter().cloned());
    if arguments.overwrite == Existing::Resume
        && let Some(finished) = finished(&out)?
        && is_this_run(&finished, &scenario, &arguments.how)
    {
        report::verify(&out, &finished.manifest)?;
        voice.say(format!("{} is the finished run of these inputs", out.display()));
        return Ok(super::finished(finished.manifest.converged));
    }
    let events = scenario.settings.output.events.then(|| report::folder::waiting_events(&out));
    let how = Making { how: &arguments.how, exactly: None, events: events.as_deref() };
    let (outcome, log) = simulate(&scenario, how, before, voice)?;
    let manifest = write(&outcome, &log, &out, events.as_deref())?;
    if voice.format == Format::Json {
        voice.result(&manifest)?;
    }
    tell(&outcome, &manifest, voice);
    voice.say(format!("results in {}; open {}", out.display(), out.join("report.html").display()));
    Ok(super::finished(manifest.converged))
}

/// The finished run in a folder, if there is one. One whose files were changed since is told and not run over.
fn finished(out: &Path) -> Result<Option<Outcome>> {
    match report::read(out) {
        Ok(outcome) => Ok(Some(outcome)),
        Err(Error::Problems(problems)) => Err(Error::Problems(problems)),
        Err(_) => Ok(None),
    }
}

/// Where results go when nobody says: `out/<scenario>[-<variant>]<suffix>`.
pub fn default_out(scenario: &Path, variant: Option<&str>, suffix: &str) -> PathBuf {
    let full = scenario.canonicalize().unwrap_or_else(|_| scenario.to_owned());
    let name = full.file_name().map_or_else(|| "scenario".into(), |n| n.to_string_lossy().into_owned());
    let variant = variant.map_or(String::new(), |v| format!("-{v}"));
    Path::new("out").join(format!("{name}{variant}{suffix}"))
}

/// Reads a scenario with settings overridden and a variant applied; `base` names the base itself.
pub fn read(folder: &Path, sets: &[(String, String)], variant: Option<&str>) -> Result<Scenario> {
    let scenario = Scenario::read_with(folder, sets)?;
    match variant {
        None | Some("base") => Ok(scenario),
        Some(name) => scenario.apply(&scenario.read_variant(name)?),
    }
}

/// Whether a finished run was made of these very files, settings and variant by this version.
fn is_this_run(finished: &Outcome, scenario: &Scenario, how: &How) -> bool {
    let mut wanted = scenario.clone();
    wanted.settings.run.seed = how.seed.unwrap_or(wanted.settings.run.seed);
    wanted.settings.run.sample = how.sample.unwrap_or(wanted.settings.run.sample);
    let manifest = &finished.manifest;
    manifest.version == env!("CARGO_PKG_VERSION")
        && manifest.inputs == scenario.digests.iter().cloned().collect()
        && manifest.variant == scenario.variant.as_ref().map(|v| v.name.clone())
        && finished.resolved == wanted.resolved_toml()
}

/// How a run is made.
#[derive(Clone, Copy)]
pub struct Making<'a> {
    /// What the command line says.
    pub how: &'a How,
    /// Iterations, neither fewer nor more.
    pub exactly: Option<u32>,
    /// File for all events.
    pub events: Option<&'a Path>,
}

/// Runs a scenario with progress. An interrupt ends it after the current iteration with what it has by then.
pub fn simulate(
    scenario: &Scenario,
    making: Making,
    before: Stopwatch,
    voice: &Voice,
) -> Result<(Outcome, Vec<serde_json::Value>)> {
    let teller = Teller::new(voice, scenario);
    let tell = |progress: hubflow::run::Progress| teller.tell(progress);
    let Making { how, exactly, events } = making;
    let options = RunOptions {
        events,
        command: command_line(),
        seed: how.seed,
        threads: how.threads,
        sample: how.sample,
        exactly,
        progress: Some(&tell),
        stop: Some(&voice.stop),
        before,
    };
    let outcome = hubflow::run(scenario, &options);
    Ok((outcome?, teller.finish()))
}

/// The command as it was typed, without the place of the program.
pub fn command_line() -> String {
    let typed = std::env::args().skip(1);
    std::iter::once("hubflow".to_owned()).chain(typed).collect::<Vec<_>>().join(" ")
}

/// Writes the run folder and gives the manifest as written.
pub fn write(outcome: &Outcome, log: &[serde_json::Value], out: &Path, events: Option<&Path>) -> Result<Manifest> {
    let mut watch = Stopwatch::default();
    let mut manifest = watch.time("report", || report::folder::write_with(outcome, out, events))?;
    let lines: String = log.iter().map(|line| format!("{line}\n")).collect();
    let path = out.join("log.jsonl");
    std::fs::write(&path, lines).map_err(|e| Error::file(&path, e))?;
    let total = watch.total();
    manifest.stages.extend(watch.stages().clone());
    manifest.wall_s += total.wall_s;
    manifest.cpu_s += total.cpu_s;
    manifest.peak_memory_bytes = hubflow::run::clock::peak_memory_bytes();
    report::folder::write_manifest(out, &manifest)?;
    Ok(manifest)
}

/// The run in a few lines.
pub fn tell(outcome: &Outcome, manifest: &Manifest, voice: &Voice) {
    let a = manifest.agents;
    voice.say(format!(
        "agents: {} created = {} arrived + {} still under way + {} without a way",
        a.created, a.arrived, a.under_way, a.removed
    ));
    voice.say(format!("event digest: {}", manifest.event_digest));
    for kpi in &outcome.kpis {
        voice.detail(1, format!("{:32} {:>16.4} {}", kpi.name, kpi.value, kpi.unit));
    }
    for (stage, time) in &manifest.stages {
        voice.detail(1, format!("{stage:12} {:8.2} s wall {:8.2} s CPU", time.wall_s, time.cpu_s));
    }
    let (all_s, stages) = (manifest.stages.values().map(|time| time.cpu_s).sum::<f64>(), &manifest.stages);
    let mut shares: Vec<(&String, f64)> = stages.iter().map(|(stage, time)| (stage, time.cpu_s / all_s)).collect();
    shares.sort_by(|a, b| b.1.total_cmp(&a.1));
    let told = shares.iter().filter(|s| s.1 >= 0.005).map(|(stage, share)| format!("{stage} {:.0} %", share * 100.0));
    voice.say(format!("CPU time by stage: {}", told.collect::<Vec<_>>().join(", ")));
    let choosers = |table: &Table| table.number("choosers", table.rows().checked_sub(1)?);
    let state = match outcome.table("iterations").and_then(choosers) {
        Some(0.0) => "loaded as given, as nobody has a choice".to_owned(),
        _ => {
            let state = if manifest.converged { "converged" } else { "not converged" };
            let (iterations, gap) = (manifest.iterations, manifest.relative_gap * 100.0);
            format!("{state} after {iterations} iterations at a relative gap of {gap:.2} %")
        }
    };
    voice.say(format!(
        "{state}; {:.1} s wall, {:.1} s CPU, {} MiB",
        manifest.wall_s,
        manifest.cpu_s,
        manifest.peak_memory_bytes >> 20
    ));
}
