//! The small scenarios against the sums that their READMEs work by hand.

use hubflow::Scenario;
use hubflow::outcome::Outcome;
use hubflow::run::{RunOptions, run};
use std::path::Path;

fn outcome(name: &str) -> Outcome {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(name);
    run(&Scenario::read(&folder).unwrap(), &RunOptions::default()).unwrap()
}

fn numbers(outcome: &Outcome, table: &str, column: &str) -> Vec<f64> {
    let table = outcome.table(table).unwrap();
    (0..table.rows()).map(|row| table.number(column, row).unwrap_or(f64::NAN)).collect()
}

fn near(found: Option<f64>, wanted: f64) {
    let found = found.expect("the figure is told");
    assert!((found - wanted).abs() < 1e-4 * wanted.abs().max(1.0), "{found}, wanted {wanted}");
}

/// Car n sets out at 06:00:00 + 2n s, leaves the second link at 100 + 5n and arrives 2 s later.
#[test]
fn two_links() {
    let outcome = outcome("two_links");
    let arrivals = numbers(&outcome, "trips", "arrival_s");
    let wanted: Vec<f64> = (0..10).map(|n| 21_600.0 + 102.0 + 5.0 * f64::from(n)).collect();
    assert_eq!(arrivals, wanted);
    near(outcome.kpi("vehicle_km"), 20.0);
    near(outcome.kpi("total_delay_vehicle_hours"), 135.0 / 3600.0);
    near(outcome.kpi("vehicle_hours"), 1135.0 / 3600.0);
}

/// Thirty passengers to the train: 870 s of waiting at the origin, 870 s of delay on the road, 435 s of waiting at the
/// check; twenty from the train.
#[test]
fn corridor() {
    let outcome = outcome("corridor");
    near(outcome.kpi("hub_passengers"), 50.0);
    near(outcome.kpi("vehicle_km"), 310.0);
    near(outcome.kpi("missed"), 0.0);
    let processes = outcome.table("processes").unwrap();
    let check = (0..processes.rows()).find(|&r| processes.number("waiting_agent_ms", r) == Some(435_000.0));
    assert!(check.is_some(), "435 s of waiting at the check");
    let links = outcome.table("links").unwrap();
    let inbound = links.texts("link_id").iter().position(|id| id == "in").unwrap();
    near(links.number("origin_wait_s", inbound), 870.0);
    near(links.number("delay_s", inbound), 870.0 + 870.0);
    near(links.number("mean_time_s", inbound), 329.0);
    let forecourt = links.texts("link_id").iter().position(|id| id == "forecourt").unwrap();
    let waited_s = 870.0 + links.number("origin_wait_s", forecourt).unwrap();
    near(outcome.kpi("vehicle_hours"), (16_870.0 + waited_s) / 3600.0);
    near(outcome.kpi("total_delay_vehicle_hours"), (870.0 + waited_s) / 3600.0);
}
