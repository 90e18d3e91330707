//! The command line as a user meets it: exit codes, what goes where, nothing written over.

use assert_cmd::Command;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

fn hubflow(arguments: &[&str], folder: &Path) -> (i32, String, String) {
    let output = Command::cargo_bin("hubflow").unwrap().args(arguments).current_dir(folder).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn with_starter() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let (code, _, words) = hubflow(&["init", "town"], folder.path());
    assert_eq!(code, 0, "{words}");
    folder
}

#[test]
fn from_nothing_to_a_report_and_a_comparison() {
    let folder = with_starter();
    let (code, out, words) = hubflow(&["check", "town", "--variant", "wider_road"], folder.path());
    assert_eq!((code, out.as_str()), (0, ""), "{words}");
    assert!(words.contains("change: ") && words.contains("no problems"), "{words}");

    let (code, out, words) = hubflow(&["run", "town", "--sample", "0.2", "--format", "json"], folder.path());
    assert!(code == 0 || code == 3, "{words}");
    let manifest: serde_json::Value = serde_json::from_str(&out).unwrap();
    let run = folder.path().join("out/town");
    let written: serde_json::Value = serde_json::from_str(&fs::read_to_string(run.join("run.json")).unwrap()).unwrap();
    assert_eq!(manifest, written);
    for key in [
        "version",
        "command",
        "seed",
        "threads",
        "sample",
        "inputs",
        "outputs",
        "event_digest",
        "iterations",
        "relative_gap",
        "converged",
        "agents",
        "link_entries",
        "stages",
        "wall_s",
        "cpu_s",
        "peak_memory_bytes",
    ] {
        assert!(!written[key].is_null(), "run.json lacks {key}");
    }
    for stage in ["read", "build", "demand", "choice", "mobsim", "metrics", "spillover", "report"] {
        assert!(written["stages"][stage]["wall_s"].is_number(), "run.json lacks the stage {stage}");
    }
    for file in [
        "kpis.json",
        "scenario.resolved.toml",
        "report.html",
        "log.jsonl",
        "links.parquet",
        "trips.parquet",
        "legs.parquet",
        "consignments.parquet",
        "hubs.parquet",
        "lines.parquet",
        "iterations.parquet",
        "districts.parquet",
        "districts.geojson",
    ] {
        assert!(run.join(file).is_file(), "the run folder lacks {file}");
    }
    for (file, digest) in written["outputs"].as_object().unwrap() {
        let bytes = fs::read(run.join(file)).unwrap();
        assert_eq!(blake3::hash(&bytes).to_hex().as_str(), digest.as_str().unwrap(), "{file}");
    }

    let report = fs::read(run.join("report.html")).unwrap();
    let (code, _, words) = hubflow(&["report", "out/town"], folder.path());
    assert_eq!(code, 0, "{words}");
    assert!(report == fs::read(run.join("report.html")).unwrap(), "the report written again is another one");

    let (code, _, words) = hubflow(&["compare", "out/town", "out/town", "--out", "same"], folder.path());
    assert!(code == 0 || code == 3, "{words}");
    assert!(folder.path().join("same/report.html").is_file());
}

#[test]
fn a_finished_run_is_not_written_over() {
    let folder = with_starter();
    let run = |more: &[&str]| hubflow(&[&["run", "town", "--sample", "0.1", "-q"], more].concat(), folder.path());
    assert!(run(&[]).0 != 1);
    let manifest = folder.path().join("out/town/run.json");
    let before = fs::read(&manifest).unwrap();
    let (code, _, words) = run(&[]);
    assert_eq!(code, 1);
    assert!(words.contains("--overwrite"), "{words}");
    assert_eq!(before, fs::read(&manifest).unwrap());
    let (code, _, words) = run(&["--overwrite", "resume"]);
    assert!(code == 0 || code == 3, "{words}");
    assert_eq!(before, fs::read(&manifest).unwrap(), "a finished run of the same inputs is kept");
    assert!(run(&["--overwrite", "replace", "--seed", "5"]).0 != 1);
    assert_ne!(before, fs::read(&manifest).unwrap());

    let foreign = folder.path().join("letters");
    fs::create_dir(&foreign).unwrap();
    fs::write(foreign.join("mother.txt"), "dear").unwrap();
    let (code, _, _) = run(&["--out", "letters", "--overwrite", "replace"]);
    assert_eq!(code, 1);
    assert_eq!(fs::read_to_string(foreign.join("mother.txt")).unwrap(), "dear");
}

#[test]
fn mistakes_end_with_one_and_wrong_usage_with_two() {
    let folder = with_starter();
    let settings = folder.path().join("town/scenario.toml");
    let text = fs::read_to_string(&settings).unwrap().replace("iterations = 3", "itertions = 3");
    fs::write(&settings, text).unwrap();
    let (code, out, words) = hubflow(&["check", "town", "--format", "json"], folder.path());
    assert_eq!(code, 1);
    assert!(words.contains("did you mean \"iterations\"?"), "{words}");
    let told: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(told["problems"].as_array().unwrap().len(), 1);
    assert_eq!(told["problems"][0]["file"], "scenario.toml");
    assert_eq!(hubflow(&["run", "town"], folder.path()).0, 1);
    assert!(!folder.path().join("out").exists(), "nothing is written for a scenario that cannot run");
    assert_eq!(hubflow(&["run", "no_such_folder"], folder.path()).0, 1);
    assert_eq!(hubflow(&["run", "town", "--sample", "2"], folder.path()).0, 2);
    assert_eq!(hubflow(&["run"], folder.path()).0, 2);
    assert_eq!(hubflow(&["ran"], folder.path()).0, 2);
}

#[test]
fn the_schema_knows_every_section() {
    let folder = tempfile::tempdir().unwrap();
    let (code, out, _) = hubflow(&["schema"], folder.path());
    assert_eq!(code, 0);
    for word in ["trips_per_resident", "access_m", "drop_off_node", "add_line", "set_headway"] {
        assert!(out.contains(word), "the schema lacks {word}");
    }
    let (code, out, _) = hubflow(&["completions", "bash"], folder.path());
    assert!(code == 0 && out.contains("hubflow"));
}

#[test]
fn a_generated_city_checks_and_runs() {
    let folder = tempfile::tempdir().unwrap();
    let generate = |more: &[&str]| {
        hubflow(&[&["generate", "grid", "--size", "12x9", "--trips", "200"], more].concat(), folder.path())
    };
    let (code, out, words) = generate(&["--out", "grid", "--hours", "0.1", "--format", "json"]);
    assert_eq!(code, 0, "{words}");
    let told: serde_json::Value = serde_json::from_str(&out).unwrap();
    // 2 · (11 · 9 + 12 · 8) links.
    assert_eq!(
        (told["nodes"].as_u64(), told["links"].as_u64(), told["trips"].as_u64()),
        (Some(108), Some(390), Some(200))
    );
    let (code, _, words) = hubflow(&["check", "grid"], folder.path());
    assert!(code == 0 && words.contains("no problems"), "{words}");
    let (code, out, words) = hubflow(&["run", "grid", "--threads", "1", "--format", "json"], folder.path());
    assert!(code == 0 && words.contains("nobody has a choice"), "{words}");
    let manifest: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(manifest["link_entries"], told["route_links"]);

    let trips = |name: &str| fs::read(folder.path().join(name).join("demand/trips.csv")).unwrap();
    assert_eq!(generate(&["--out", "again", "--hours", "0.1"]).0, 0);
    assert!(trips("grid") == trips("again"), "the same command writes the same bytes");
    assert_eq!(generate(&["--out", "other", "--hours", "0.1", "--seed", "2"]).0, 0);
    assert!(trips("grid") != trips("other"));

    let (code, _, words) = generate(&["--out", "grid"]);
    assert!(code == 1 && words.contains("not empty"), "{words}");
    for wrong in [&["--size", "1x9"], &["--size", "9"], &["--hours", "0"], &["--trucks", "2"], &["--reach", "0"]] {
        let size: &[&str] = if wrong[0] == "--size" { &[] } else { &["--size", "9x9"] };
        let arguments = [&["generate", "grid", "--trips", "5", "--out", "w"], size, wrong].concat();
        let (code, _, words) = hubflow(&arguments, folder.path());
        assert_eq!(code, 2, "{wrong:?}: {words}");
    }
    assert!(!folder.path().join("w").exists());
}

/// All events of a run in one total order, the same bytes on one thread and on three, and none of it left behind; the digest
/// of the day does not depend on whether events are written.
#[test]
fn events_are_written_when_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let made = hubflow(
        &["generate", "grid", "--size", "9x9", "--trips", "300", "--hours", "0.1", "--out", "g"],
        folder.path(),
    );
    assert_eq!(made.0, 0, "{}", made.2);
    let run = |out: &str, more: &[&str]| {
        let arguments = [&["run", "g", "--out", out, "--format", "json"], more].concat();
        let (code, told, words) = hubflow(&arguments, folder.path());
        assert_eq!(code, 0, "{words}");
        serde_json::from_str::<serde_json::Value>(&told).unwrap()
    };
    let one = run("one", &["--threads", "1", "--set", "output.events=true"]);
    let three = run("three", &["--threads", "3", "--set", "output.events=true"]);
    let without = run("without", &[]);
    assert_eq!(one["event_digest"], without["event_digest"]);
    assert_eq!(one["outputs"]["events.parquet"], three["outputs"]["events.parquet"]);
    assert!(without["outputs"]["events.parquet"].is_null());
    assert!(
        fs::read_dir(folder.path().join("one")).unwrap().all(|e| !e
            .unwrap()
            .file_name()
            .to_string_lossy()
            .starts_with('.'))
    );
    let events = hubflow::report::parquet::read(&folder.path().join("one/events.parquet")).unwrap();
    let of = |word: &str| (0..events.rows()).filter(|&row| events.word("event", row) == Some(word)).count() as u64;
    assert_eq!(Some(of("entered_link")), one["link_entries"].as_u64());
    assert_eq!((of("left_link"), of("arrived"), of("leg_began")), (of("entered_link"), 300, 300));
    let time = |row: usize| (events.number("time_ms", row), events.number("agent", row));
    assert!((1..events.rows()).all(|row| time(row - 1) <= time(row)), "one total order");
}
