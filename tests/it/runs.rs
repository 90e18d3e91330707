//! Identities of whole runs, from the files of a scenario to its outcome.

use hubflow::Scenario;
use hubflow::compare::compare;
use hubflow::outcome::Outcome;
use hubflow::run::{RunOptions, run};
use hubflow::scenario::init::init;
use hubflow::table::{Table, Values};
use std::fs;
use tempfile::TempDir;

fn starter() -> (TempDir, Scenario) {
    let folder = tempfile::tempdir().unwrap();
    init(folder.path()).unwrap();
    let scenario = Scenario::read(folder.path()).unwrap();
    (folder, scenario)
}

fn outcome(scenario: &Scenario, threads: usize, sample: f64) -> Outcome {
    let options = RunOptions { threads: Some(threads), sample: Some(sample), ..RunOptions::default() };
    run(scenario, &options).unwrap()
}

/// An outcome without what tells of the machine rather than of the model.
fn model(mut outcome: Outcome) -> Outcome {
    let m = &mut outcome.manifest;
    m.stages.clear();
    (m.threads, m.wall_s, m.cpu_s, m.peak_memory_bytes) = (0, 0.0, 0.0, 0);
    outcome
}

fn ints<'a>(table: &'a Table, column: &str) -> &'a [i64] {
    match &table.column(column).unwrap_or_else(|| panic!("{} has {column}", table.name)).values {
        Values::Int(v) => v,
        other => panic!("{column} holds {other:?}"),
    }
}

/// created = arrived + under way + removed, also when the day is cut off in the evening.
#[test]
fn conservation() {
    let (folder, scenario) = starter();
    let sets = [("time.end".to_owned(), "22:00".to_owned()), ("run.iterations".to_owned(), "1".to_owned())];
    let cut = Scenario::read_with(folder.path(), &sets).unwrap();
    for (scenario, cut) in [(&scenario, false), (&cut, true)] {
        let outcome = outcome(scenario, 2, 1.0);
        let a = outcome.manifest.agents;
        assert_eq!(a.created, a.arrived + a.under_way + a.removed);
        assert_eq!(a.removed, 0);
        assert_eq!(a.under_way > 0, cut, "{} under way", a.under_way);
        let trips = outcome.table("trips").unwrap();
        assert_eq!(trips.rows() as u64, a.created, "every agent has its row");
    }
}

/// Little's law on every process of a finished day: waiting summed over agents is the queue summed over time, exactly.
#[test]
fn little() {
    let (_folder, scenario) = starter();
    let outcome = outcome(&scenario, 2, 1.0);
    let processes = outcome.table("processes").unwrap();
    assert!(processes.rows() > 0);
    let waiting = ints(processes, "waiting_agent_ms");
    assert!(waiting.iter().sum::<i64>() > 0, "somebody waits");
    assert_eq!(waiting, ints(processes, "queue_integral_agent_ms"));
}

/// The same bytes for one thread, two, three, again, and for every window.
#[test]
fn determinism() {
    let (folder, scenario) = starter();
    let first = model(outcome(&scenario, 1, 0.5));
    for threads in [1, 2, 3] {
        assert!(first == model(outcome(&scenario, threads, 0.5)), "{threads} threads differ");
    }
    for window in ["0.5", "2.0"] {
        let sets = [("time.window_s".to_owned(), window.to_owned())];
        let other = outcome(&Scenario::read_with(folder.path(), &sets).unwrap(), 2, 0.5);
        assert_eq!(first.manifest.event_digest, other.manifest.event_digest, "window {window}");
        assert_eq!(first.tables, other.tables, "window {window}");
    }
    let seed = RunOptions { seed: Some(2), sample: Some(0.5), ..RunOptions::default() };
    assert_ne!(first.manifest.event_digest, run(&scenario, &seed).unwrap().manifest.event_digest);
}

/// A variant whose measures change nothing gives the same bytes; base against base is exactly zero in every cell.
#[test]
fn zero_change_is_zero() {
    let (folder, scenario) = starter();
    let nothing = "title = \"Nothing\"\n\n[[measure]]\nid = \"same\"\nkind = \"scale_services\"\nhub_id = \"station\"\n\
                   factor = 1.0\n\n[[measure]]\nid = \"servers\"\nkind = \"set_process\"\nhub_id = \"station\"\n\
                   process = \"security\"\nservers_factor = 1.0\n";
    fs::write(folder.path().join("variants/nothing.toml"), nothing).unwrap();
    let variant = scenario.apply(&scenario.read_variant("nothing").unwrap()).unwrap();
    let (base, same) = (outcome(&scenario, 2, 1.0), outcome(&variant, 1, 1.0));
    assert_eq!(base.manifest.event_digest, same.manifest.event_digest);
    assert_eq!(base.tables, same.tables);
    assert_eq!(base.kpis, same.kpis);
    let comparison = compare(&base, &same);
    for kpi in &comparison.kpis {
        assert_eq!(kpi.difference, Some(0.0), "{}", kpi.name);
    }
    let mut cells = 0;
    for table in comparison.to_tables() {
        for column in ["difference", "value", "p05", "p50", "p95"] {
            if let Some(Values::Real(values)) = table.column(column).map(|c| &c.values) {
                cells += values.len();
                assert!(values.iter().flatten().all(|v| v == 0.0), "{} [{column}]", table.name);
            }
        }
    }
    assert!(cells > 1000, "only {cells} cells were compared");
}

/// Half of the people give, expanded, about what all give.
#[test]
fn a_sample_stands_for_all() {
    let (_folder, scenario) = starter();
    let (all, half) = (outcome(&scenario, 2, 1.0), outcome(&scenario, 2, 0.5));
    for (name, within) in [("trips", 0.01), ("hub_passengers", 0.02), ("vehicle_km", 0.05)] {
        let (a, h) = (all.kpi(name).unwrap(), half.kpi(name).unwrap());
        assert!((h / a - 1.0).abs() < within, "{name}: {a} of all, {h} of half");
    }
}
