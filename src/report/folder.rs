//! The run folder: what a finished run leaves on disk, written so that a killed write never leaves half a file, and
//! read back so that finished runs can be reported again and compared.
//!
//! Everything is first written into a staging folder inside the target (so that it is the same file system even when
//! the target is a mount point). When all is whole, the old `run.json` is taken off, the files are renamed in one by
//! one, and the new `run.json` comes last: a folder that has one holds that run and no mix of two.

use super::claim::{self, Claim};
use super::geometry::{self, Geometry};
use super::{html, parquet};
use crate::error::{Error, Problem, Result};
use crate::outcome::{Kpi, Manifest, Outcome};
use crate::table::Table;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Component, Path, PathBuf};

/// Tables that grow with the number of agents. They are written, but a run read back does not carry them.
pub const LONG_TABLES: [&str; 6] = ["trips", "legs", "consignments", "link_hours", "link_quarters", "events"];

/// Folder inside the target in which files wait until all are whole; the number of the process follows.
const STAGING: &str = ".hubflow-writing";

/// The old record of a run under its staging folder, while the new files come in.
const OLD_RECORD: &str = "old-record.json";

/// Names besides those in a manifest that a run leaves in its folder.
const OWN_NAMES: [&str; 7] =
    ["run.json", "compare.json", "assign.json", "log.jsonl", "report.html", "scenario.resolved.toml", "state"];

/// Folders of the two runs of a comparison.
const SIDES: [&str; 2] = ["base", "variant"];

/// What to do with a folder that is not empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overwrite {
    /// Refuse it.
    #[default]
    Fail,
    /// Replace the run in it; files that no run wrote stay.
    Replace,
    /// Go on with the run in it.
    Resume,
}

/// What `state/outcome.json` holds: the parts of an outcome that no other file of the folder tells exactly.
#[derive(Serialize, Deserialize)]
struct Kept {
    title: String,
    description: String,
    caveats: Vec<String>,
    tables: Vec<String>,
    outlines: Vec<Vec<Vec<[f64; 2]>>>,
}

/// Checks before a run that its results may go into `dir`: makes the folder where it is missing, and a file in it that
/// it removes again, so that a place that cannot be written is told before the work and not after it.
///
/// A folder that is missing or empty is fine. Any other is refused by [`Overwrite::Fail`], and by the other two when
/// it is not recognised as the folder of a run.
pub fn check_folder(dir: &Path, overwrite: Overwrite) -> Result<()> {
    let shown = dir.display().to_string();
    if dir.exists() && !dir.is_dir() {
        return Err(Error::Problems(vec![Problem::new(shown, "a file", "a folder for the results")]));
    }
    fitting(dir, overwrite)?;
    fs::create_dir_all(dir).map_err(|e| Error::file(dir, e))?;
    let probe = dir.join(format!("{}.probe", staging_name()));
    fs::write(&probe, "hubflow").and_then(|()| fs::remove_file(&probe)).map_err(|e| Error::file(&probe, e))
}

/// Whether what is in the folder lets a run write there.
fn fitting(dir: &Path, overwrite: Overwrite) -> Result<()> {
    let shown = dir.display().to_string();
    let names = names_in(dir)?;
    if names.is_empty() {
        return Ok(());
    }
    let ours = is_run(dir, &names);
    match overwrite {
        Overwrite::Replace | Overwrite::Resume if ours => Ok(()),
        Overwrite::Fail if ours => Err(Error::Problems(vec![
            Problem::new(shown, "a folder with a run in it", "an empty or new folder")
                .hint("--overwrite replace replaces that run, --overwrite resume goes on with it"),
        ])),
        _ => Err(Error::Problems(vec![
            Problem::new(shown, "a folder with files that no run wrote", "an empty or new folder, or one with a run")
                .hint("nothing in it was touched"),
        ])),
    }
}

/// Writes the results of a run into `dir` and gives the manifest with the digests of all files.
///
/// Files of an earlier run in the folder that this one does not write are removed; others stay.
pub fn write(outcome: &Outcome, dir: &Path) -> Result<Manifest> {
    write_with(outcome, dir, None)
}

/// The same with events that were written to a file while the run went on; the file goes.
pub fn write_with(outcome: &Outcome, dir: &Path, events: Option<&Path>) -> Result<Manifest> {
    let mut staged = Staged::new(dir)?;
    if let Some(events) = events {
        staged.file("events.parquet", |to| {
            let mut from = fs::File::open(events).map_err(|e| Error::file(events, e))?;
            std::io::copy(&mut from, to).map(drop).map_err(|e| Error::file(events, e))
        })?;
    }
    for table in &outcome.tables {
        let geometry = Geometry::of_table(table, &outcome.outlines);
        staged.file(&format!("{}.parquet", table_stem(&table.name)?), |to| {
            parquet::write(table, geometry.as_ref(), to).map(drop)
        })?;
    }
    staged.json("kpis.json", &outcome.kpis)?;
    staged.json("districts.geojson", &geometry::districts(outcome))?;
    if let Some(spillover) = outcome.table("spillover") {
        staged.bytes("spillover.csv", &csv(spillover)?)?;
    }
    staged.bytes("scenario.resolved.toml", outcome.resolved.as_bytes())?;
    staged.bytes("report.html", html::page(outcome).as_bytes())?;
    staged.json("state/outcome.json", &kept(outcome))?;
    staged.bytes("state/kpis.parquet", &parquet::bytes(&kpi_table(&outcome.kpis))?)?;
    let manifest = Manifest { outputs: staged.digests.clone(), ..outcome.manifest.clone() };
    staged.json("run.json", &manifest)?;
    staged.publish("run.json")?;
    // The events, and those of runs that were killed.
    for name in names_in(dir)?.iter().filter(|name| name.starts_with(STAGING)) {
        let path = dir.join(name);
        if path.is_file() {
            fs::remove_file(&path).map_err(|e| Error::file(&path, e))?;
        }
    }
    Ok(manifest)
}

/// Where the events of a run wait in its folder until it is finished.
pub fn waiting_events(dir: &Path) -> PathBuf {
    dir.join(format!("{}.events", staging_name()))
}

/// Writes `run.json` of a finished run again, with figures that are known only after writing.
pub fn write_manifest(dir: &Path, manifest: &Manifest) -> Result<()> {
    let mut staged = Staged::new(dir)?;
    staged.digests.clone_from(&manifest.outputs);
    staged.json("run.json", manifest)?;
    staged.publish("run.json")
}

/// Reads a finished run back, without its long tables ([`LONG_TABLES`]).
///
/// # Errors
/// Files that are missing, and a problem for a file that is not the one the run wrote, by its digest.
pub fn read(dir: &Path) -> Result<Outcome> {
    let manifest = manifest(dir)?;
    written_by(dir, &manifest, ["state/outcome.json", "state/kpis.parquet", "scenario.resolved.toml"])?;
    let kept: Kept = from_json(&dir.join("state/outcome.json"))?;
    let mut tables = Vec::new();
    for name in kept.tables.iter().filter(|n| !LONG_TABLES.contains(&n.as_str())) {
        let file = format!("{}.parquet", table_stem(name)?);
        written_by(dir, &manifest, [file.as_str()])?;
        tables.push(parquet::read(&dir.join(file))?);
    }
    let resolved = dir.join("scenario.resolved.toml");
    Ok(Outcome {
        manifest,
        title: kept.title,
        description: kept.description,
        caveats: kept.caveats,
        kpis: kpis_of(&parquet::read(&dir.join("state/kpis.parquet"))?),
        tables,
        outlines: kept.outlines,
        resolved: fs::read_to_string(&resolved).map_err(|e| Error::file(&resolved, e))?,
    })
}

/// Checks every file of a finished run against the digest in its `run.json`.
pub fn verify(dir: &Path, manifest: &Manifest) -> Result<()> {
    written_by(dir, manifest, manifest.outputs.keys().map(String::as_str))
}

/// Tells all files that are not those of the manifest.
fn written_by<'a>(dir: &Path, manifest: &Manifest, names: impl IntoIterator<Item = &'a str>) -> Result<()> {
    let mut problems = Vec::new();
    for name in names {
        let path = dir.join(name);
        let wanted = "the file whose digest is in run.json";
        let problem = |found: String| Problem::new(path.display().to_string(), found, wanted);
        let hint = "the run with --overwrite replace writes it again";
        let Some(digest) = manifest.outputs.get(name).filter(|_| is_inside(name)) else {
            problems.push(problem("a file that is not on record in run.json".into()).hint(hint));
            continue;
        };
        match digest_of(&path) {
            Ok(found) if found == *digest => {}
            Ok(_) => problems.push(problem(format!("file {name}, which is not the one the run wrote")).hint(hint)),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                problems.push(problem("no such file".into()).hint(hint));
            }
            Err(e) => return Err(Error::file(&path, e)),
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::Problems(problems)) }
}

pub(super) fn digest_of(path: &Path) -> std::io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(fs::File::open(path)?)?;
    Ok(hasher.finalize().to_hex().to_string())
}

/// Writes the report of a finished run again and gives its path.
pub fn rewrite_report(dir: &Path) -> Result<PathBuf> {
    let outcome = read(dir)?;
    let _claim = Claim::new(dir, Overwrite::Replace)?;
    let mut staged = Staged::new(dir)?;
    staged.bytes("report.html", html::page(&outcome).as_bytes())?;
    let mut manifest = outcome.manifest;
    manifest.outputs.append(&mut staged.digests);
    staged.digests = manifest.outputs.clone();
    staged.json("run.json", &manifest)?;
    staged.publish("run.json")?;
    Ok(dir.join("report.html"))
}

/// A table as CSV: header, then rows; an empty field where there is no number.
pub(super) fn csv(table: &Table) -> Result<Vec<u8>> {
    let failed = |e: String| Error::Model(format!("table {} cannot be written as CSV: {e}", table.name));
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(table.columns.iter().map(|c| &c.name)).map_err(|e| failed(e.to_string()))?;
    for row in 0..table.rows() {
        let fields = table.columns.iter().map(|c| c.values.shown(row));
        writer.write_record(fields).map_err(|e| failed(e.to_string()))?;
    }
    writer.into_inner().map_err(|e| failed(e.to_string()))
}

/// Files of a folder on their way in.
pub(super) struct Staged {
    dir: PathBuf,
    staging: PathBuf,
    /// BLAKE3 digests (hex) of the files so far, by path relative to the folder.
    pub(super) digests: BTreeMap<String, String>,
    order: Vec<String>,
    /// Files that killed writes may have left in the folder.
    left: Vec<String>,
}

impl Staged {
    /// Makes the folder and an empty staging folder in it; what killed writes left there goes.
    pub(super) fn new(dir: &Path) -> Result<Staged> {
        let mut left = Vec::new();
        for staging in stagings(dir, &names_in(dir)?) {
            for record in ["run.json", "compare.json", "assign.json", OLD_RECORD] {
                left.extend(outputs_of(&staging.join(record)));
            }
            fs::remove_dir_all(&staging).map_err(|e| Error::file(&staging, e))?;
        }
        let staging = dir.join(staging_name());
        fs::create_dir_all(&staging).map_err(|e| Error::file(&staging, e))?;
        Ok(Staged { dir: dir.to_owned(), staging, digests: BTreeMap::new(), order: Vec::new(), left })
    }

    /// Writes one file with its digest, in one pass.
    fn file(&mut self, name: &str, fill: impl FnOnce(&mut Digesting) -> Result<()>) -> Result<()> {
        let path = self.staging.join(name);
        let failed = |e| Error::file(&path, e);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(failed)?;
        }
        let file = fs::File::create(&path).map_err(failed)?;
        let mut to = Digesting { to: BufWriter::new(file), hasher: blake3::Hasher::new() };
        fill(&mut to)?;
        to.to.into_inner().map_err(|e| failed(e.into_error()))?.sync_all().map_err(failed)?;
        self.digests.insert(name.to_owned(), to.hasher.finalize().to_hex().to_string());
        self.order.push(name.to_owned());
        Ok(())
    }

    pub(super) fn bytes(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        let path = self.dir.join(name);
        self.file(name, |to| to.write_all(bytes).map_err(|e| Error::file(&path, e)))
    }

    pub(super) fn json(&mut self, name: &str, value: &impl Serialize) -> Result<()> {
        let text = serde_json::to_string_pretty(value).map_err(|e| Error::Model(format!("{name}: {e}")))?;
        self.bytes(name, format!("{text}\n").as_bytes())
    }

    /// Takes the old record off, renames all files in, the new record last, and removes files of earlier runs that are
    /// not written anew.
    pub(super) fn publish(self, record: &str) -> Result<()> {
        let on_record = self.dir.join(record);
        let mut stale = self.left;
        stale.extend(outputs_of(&on_record));
        stale.retain(|name| !self.digests.contains_key(name) && is_inside(name));
        let (last, first): (Vec<&String>, Vec<&String>) = self.order.iter().partition(|n| *n == record);
        // A record alone is replaced in one step.
        if on_record.is_file() && !(first.is_empty() && stale.is_empty()) {
            let old = self.staging.join(OLD_RECORD);
            fs::rename(&on_record, &old).map_err(|e| Error::file(&on_record, e))?;
        }
        // A page of the run before would open as if it were whole, and may be there though it is on no record.
        if self.order.iter().any(|name| name == "report.html") {
            stale.push("report.html".to_owned());
        }
        for name in &stale {
            let path = self.dir.join(name);
            if path.is_file() {
                fs::remove_file(&path).map_err(|e| Error::file(&path, e))?;
            }
        }
        for name in first.into_iter().chain(last) {
            let target = self.dir.join(name);
            if let Some(parent) = target.parent() {
                fs::create_dir_all(parent).map_err(|e| Error::file(parent, e))?;
            }
            fs::rename(self.staging.join(name), &target).map_err(|e| Error::file(&target, e))?;
        }
        fs::remove_dir_all(&self.staging).map_err(|e| Error::file(&self.staging, e))
    }
}

/// Name of the staging folder of this process.
fn staging_name() -> String {
    format!("{STAGING}-{}", std::process::id())
}

/// Staging folders in a folder.
fn stagings(dir: &Path, names: &[String]) -> Vec<PathBuf> {
    names.iter().filter(|n| n.starts_with(STAGING)).map(|n| dir.join(n)).filter(|p| p.is_dir()).collect()
}

/// Paths of the outputs of a record, of a run or a comparison; none where it is no record.
fn outputs_of(record: &Path) -> Vec<String> {
    let Ok(record) = from_json::<serde_json::Value>(record) else { return Vec::new() };
    record["outputs"].as_object().into_iter().flat_map(|o| o.keys().cloned()).collect()
}

/// A writer that takes the digest of what passes.
struct Digesting {
    to: BufWriter<fs::File>,
    hasher: blake3::Hasher,
}

impl Write for Digesting {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.to.flush()
    }
}

fn names_in(dir: &Path) -> Result<Vec<String>> {
    if !dir.exists() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(dir).map_err(|e| Error::file(dir, e))?;
    let mut names = Vec::new();
    for entry in entries {
        names.push(entry.map_err(|e| Error::file(dir, e))?.file_name().to_string_lossy().into_owned());
    }
    names.retain(|name| name != claim::LOCK);
    names.sort();
    Ok(names)
}

/// Whether a run wrote into the folder: a manifest that reads as one, the record of a comparison, or, after a run that
/// was killed, one of these on its way in, or a state folder with nothing beside it but what runs write.
fn is_run(dir: &Path, names: &[String]) -> bool {
    let recorded = |dir: &Path| {
        let ours = |record| from_json::<serde_json::Value>(&dir.join(record)).is_ok_and(|v| v["hubflow"].is_string());
        manifest(dir).is_ok() || ours("compare.json") || ours("assign.json")
    };
    let of_a_run = |name: &String| {
        OWN_NAMES.contains(&name.as_str())
            || name.starts_with(STAGING)
            || (SIDES.contains(&name.as_str())
                && names_in(&dir.join(name)).is_ok_and(|below| is_run(&dir.join(name), &below)))
    };
    let begun = |name: &String| name == "state" || name.starts_with(STAGING) || SIDES.contains(&name.as_str());
    recorded(dir)
        || stagings(dir, names).iter().any(|staging| recorded(staging))
        || (names.iter().all(of_a_run) && names.iter().any(begun))
}

/// Reads `run.json`; a gap that is no number stands there as `null`.
fn manifest(dir: &Path) -> Result<Manifest> {
    let path = dir.join("run.json");
    let mut value: serde_json::Value = from_json(&path)?;
    let no_gap = value.get("relative_gap").is_some_and(serde_json::Value::is_null);
    if no_gap {
        value["relative_gap"] = 0.0.into();
    }
    let mut manifest: Manifest =
        serde_json::from_value(value).map_err(|e| Error::file(&path, std::io::Error::other(e)))?;
    if no_gap {
        manifest.relative_gap = f64::NAN;
    }
    Ok(manifest)
}

fn from_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T> {
    let text = fs::read_to_string(path).map_err(|e| Error::file(path, e))?;
    serde_json::from_str(&text).map_err(|e| Error::file(path, std::io::Error::other(e)))
}

/// A path of a manifest may only name what lies inside the folder.
fn is_inside(name: &str) -> bool {
    !name.is_empty() && Path::new(name).components().all(|c| matches!(c, Component::Normal(_)))
}

/// The stem of a table's file; a name that would lead out of the folder is an error.
pub(super) fn table_stem(name: &str) -> Result<&str> {
    let plain = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if plain { Ok(name) } else { Err(Error::Model(format!("a table cannot be named \"{name}\""))) }
}

fn kept(outcome: &Outcome) -> Kept {
    Kept {
        title: outcome.title.clone(),
        description: outcome.description.clone(),
        caveats: outcome.caveats.clone(),
        tables: outcome.tables.iter().map(|t| t.name.clone()).collect(),
        outlines: outcome.outlines.clone(),
    }
}

/// Key figures as a table: JSON would turn a figure that is no number into `null`, and round others when read.
fn kpi_table(kpis: &[Kpi]) -> Table {
    let words = |of: fn(&Kpi) -> &String| kpis.iter().map(|k| of(k).clone()).collect::<Vec<_>>();
    Table::new("kpis")
        .key("name", "Stable name.", words(|k| &k.name))
        .real("value", "", "Value.", kpis.iter().map(|k| k.value).collect())
        .text("unit", "Unit in words.", words(|k| &k.unit))
        .text("about", "What it means.", words(|k| &k.about))
}

fn kpis_of(table: &Table) -> Vec<Kpi> {
    let (names, units, abouts) = (table.texts("name"), table.texts("unit"), table.texts("about"));
    (0..table.rows())
        .map(|row| Kpi {
            name: names[row].clone(),
            value: table.number("value", row).unwrap_or(f64::NAN),
            unit: units[row].clone(),
            about: abouts[row].clone(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn message(result: Result<()>) -> String {
        result.unwrap_err().to_string()
    }

    #[test]
    fn a_foreign_folder_is_refused_whatever_is_asked() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("state")).unwrap();
        fs::write(dir.path().join("thesis.docx"), "years of work").unwrap();
        for overwrite in [Overwrite::Fail, Overwrite::Replace, Overwrite::Resume] {
            assert!(message(check_folder(dir.path(), overwrite)).contains("no run wrote"));
        }
        fs::write(dir.path().join("run.json"), "{\"scripts\": {}}").unwrap();
        assert!(message(check_folder(dir.path(), Overwrite::Replace)).contains("no run wrote"));
        assert!(dir.path().join("thesis.docx").is_file());
    }

    #[test]
    fn a_new_or_empty_folder_is_accepted_and_a_file_is_not() {
        let dir = tempfile::tempdir().unwrap();
        check_folder(dir.path(), Overwrite::Fail).unwrap();
        check_folder(&dir.path().join("new"), Overwrite::Fail).unwrap();
        fs::write(dir.path().join("f"), "").unwrap();
        assert!(message(check_folder(&dir.path().join("f"), Overwrite::Replace)).contains("a file"));
    }

    #[test]
    fn the_folder_of_a_run_is_refused_until_told_and_so_is_that_of_a_killed_run() {
        let dir = tempfile::tempdir().unwrap();
        write(&sample::small(), dir.path()).unwrap();
        assert!(message(check_folder(dir.path(), Overwrite::Fail)).contains("--overwrite replace"));
        check_folder(dir.path(), Overwrite::Replace).unwrap();
        let killed = tempfile::tempdir().unwrap();
        fs::create_dir(killed.path().join("state")).unwrap();
        fs::write(killed.path().join("log.jsonl"), "").unwrap();
        check_folder(killed.path(), Overwrite::Resume).unwrap();
        assert!(check_folder(killed.path(), Overwrite::Fail).is_err());
    }

    #[test]
    fn a_finished_run_reads_back_identical_but_for_its_long_tables() {
        let dir = tempfile::tempdir().unwrap();
        let mut outcome = sample::small();
        outcome.tables.push(Table::new("events").int("time_ms", "ms", "When.", vec![1, 2, 3]));
        let manifest = write(&outcome, dir.path()).unwrap();
        let back = read(dir.path()).unwrap();
        outcome.tables.pop();
        outcome.manifest = manifest;
        assert_eq!(back, outcome);
        assert!(dir.path().join("events.parquet").is_file());
    }

    #[test]
    fn the_manifest_holds_the_digest_of_every_file_but_itself() {
        let dir = tempfile::tempdir().unwrap();
        let manifest = write(&sample::small(), dir.path()).unwrap();
        for (name, digest) in &manifest.outputs {
            let bytes = fs::read(dir.path().join(name)).unwrap();
            assert_eq!(blake3::hash(&bytes).to_hex().as_str(), digest, "{name}");
        }
        let mut found = names_in(dir.path()).unwrap();
        found.retain(|n| n != "run.json" && n != "state");
        let mut told: Vec<String> = manifest.outputs.keys().filter(|n| !n.starts_with("state/")).cloned().collect();
        told.sort();
        assert_eq!(found, told);
    }

    #[test]
    fn two_writes_of_one_outcome_give_the_same_bytes() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let outcome = sample::small();
        assert_eq!(write(&outcome, one.path()).unwrap().outputs, write(&outcome, two.path()).unwrap().outputs);
    }

    #[test]
    fn a_write_that_fails_midway_leaves_the_old_run_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        let old = sample::small();
        write(&old, dir.path()).unwrap();
        let before = read(dir.path()).unwrap();
        let mut new = sample::small();
        new.title = "another".into();
        // The last table cannot be written, so the write ends after many files are already on disk.
        new.tables.push(Table::new("../escape").int("n", "", "Count.", vec![1]));
        assert!(write(&new, dir.path()).is_err());
        assert_eq!(read(dir.path()).unwrap(), before);
        check_folder(dir.path(), Overwrite::Replace).unwrap();
        new.tables.pop();
        write(&new, dir.path()).unwrap();
        assert_eq!(read(dir.path()).unwrap().title, "another");
        assert!(stagings(dir.path(), &names_in(dir.path()).unwrap()).is_empty());
    }

    #[test]
    fn replacing_removes_what_the_earlier_run_wrote_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let mut outcome = sample::small();
        outcome.tables.push(Table::new("events").int("time_ms", "ms", "When.", vec![1]));
        write(&outcome, dir.path()).unwrap();
        fs::write(dir.path().join("notes.txt"), "mine").unwrap();
        outcome.tables.pop();
        write(&outcome, dir.path()).unwrap();
        assert!(!dir.path().join("events.parquet").exists());
        assert!(dir.path().join("notes.txt").is_file());
    }

    #[test]
    fn a_manifest_that_names_files_outside_its_folder_harms_none() {
        let dir = tempfile::tempdir().unwrap();
        let run = dir.path().join("run");
        let mut outcome = sample::small();
        write(&outcome, &run).unwrap();
        let outside = dir.path().join("outside.txt");
        fs::write(&outside, "mine").unwrap();
        let mut forged = manifest(&run).unwrap();
        forged.outputs.insert("../outside.txt".into(), String::new());
        fs::write(run.join("run.json"), serde_json::to_string(&forged).unwrap()).unwrap();
        outcome.title = "again".into();
        write(&outcome, &run).unwrap();
        assert!(outside.is_file());
    }

    #[test]
    fn a_gap_and_a_figure_that_are_no_numbers_survive() {
        let dir = tempfile::tempdir().unwrap();
        let mut outcome = sample::small();
        outcome.manifest.relative_gap = f64::NAN;
        outcome.kpis[0].value = f64::NAN;
        write(&outcome, dir.path()).unwrap();
        let back = read(dir.path()).unwrap();
        assert!(back.manifest.relative_gap.is_nan() && back.kpis[0].value.is_nan());
    }

    #[test]
    fn a_report_written_again_is_the_same_and_stays_on_record() {
        let dir = tempfile::tempdir().unwrap();
        write(&sample::small(), dir.path()).unwrap();
        let before = fs::read(dir.path().join("report.html")).unwrap();
        let record = fs::read(dir.path().join("run.json")).unwrap();
        fs::remove_file(dir.path().join("report.html")).unwrap();
        rewrite_report(dir.path()).unwrap();
        assert_eq!(fs::read(dir.path().join("report.html")).unwrap(), before);
        assert_eq!(fs::read(dir.path().join("run.json")).unwrap(), record);
    }
    #[test]
    fn a_publish_that_was_killed_leaves_an_unfinished_run_that_the_next_one_clears() {
        let dir = tempfile::tempdir().unwrap();
        let mut outcome = sample::small();
        outcome.tables.push(Table::new("events").int("time_ms", "ms", "When.", vec![1]));
        write(&outcome, dir.path()).unwrap();
        fs::write(dir.path().join("notes.txt"), "mine").unwrap();
        // As a kill in the middle leaves it: the old record off, the new one not yet in.
        let staging = dir.path().join(format!("{STAGING}-1"));
        fs::create_dir(&staging).unwrap();
        fs::copy(dir.path().join("run.json"), staging.join("run.json")).unwrap();
        fs::rename(dir.path().join("run.json"), staging.join(OLD_RECORD)).unwrap();
        assert!(read(dir.path()).is_err());
        assert!(check_folder(dir.path(), Overwrite::Fail).is_err());
        check_folder(dir.path(), Overwrite::Resume).unwrap();
        outcome.tables.pop();
        write(&outcome, dir.path()).unwrap();
        assert!(!dir.path().join("events.parquet").exists() && dir.path().join("notes.txt").is_file());
        assert!(!staging.exists() && read(dir.path()).is_ok());
    }

    #[test]
    fn a_file_that_was_changed_after_the_run_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let manifest = write(&sample::small(), dir.path()).unwrap();
        verify(dir.path(), &manifest).unwrap();
        fs::write(dir.path().join("report.html"), "another").unwrap();
        read(dir.path()).unwrap();
        assert!(
            message(verify(dir.path(), &manifest)).contains("file report.html, which is not the one the run wrote")
        );
        fs::write(dir.path().join("scenario.resolved.toml"), "title = \"another\"").unwrap();
        assert!(message(read(dir.path()).map(drop)).contains("not the one the run wrote"));
    }
}
