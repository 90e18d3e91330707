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

/// When the cars of the crossing leave the junction, seconds after 07:00, by their trip_id, as its README works it out; with
/// or without the incident.
fn leaves_the_crossing(trip: &str, incident: bool) -> f64 {
    let number = |prefix: &str| trip.strip_prefix(prefix).and_then(|n| n.parse::<u32>().ok());
    let moment = match (number("through"), number("left"), number("cross")) {
        (Some(n @ 0..=19), ..) if !incident => 90 + 2 * n,
        (Some(n @ 20..=29), ..) if !incident => 180 + 2 * (n - 20),
        (Some(n), ..) if !incident => 200 + 2 * (n - 30),
        (Some(n @ 0..=6), ..) => 90 + 6 * n,
        (Some(n @ 7..=13), ..) => 180 + 6 * (n - 7),
        (Some(n @ 14..=29), ..) => 270 + 2 * (n - 14),
        (Some(n), ..) => 302 + 2 * (n - 30),
        (_, Some(k @ 0..=4), _) => 225 + 2 * k,
        (_, Some(k), _) => 315 + 2 * (k - 5),
        (.., Some(c @ 0..=12)) => 150 + 2 * c,
        (.., Some(c)) => 240 + 2 * (c - 13),
        _ => panic!("no trip {trip}"),
    };
    f64::from(moment)
}

/// Signals discharge s·g/C, a left bay keeps the through lane free, and an incident for 200 s costs 3,040 s: every car by hand.
#[test]
fn crossing() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/crossing");
    let base = Scenario::read(&folder).unwrap();
    let variant = base.apply(&base.read_variant("incident").unwrap()).unwrap();
    for (scenario, incident, delay_s) in [(&base, false, 2_977.0), (&variant, true, 2_977.0 + 3_040.0)] {
        let outcome = run(scenario, &RunOptions::default()).unwrap();
        let arrivals = numbers(&outcome, "trips", "arrival_s");
        for (trip, arrival_s) in arrivals.iter().enumerate() {
            let id = scenario.trips.ids().at(trip);
            // 90 s on the last link, and a leg ends 2 s after its vehicle.
            let wanted = 25_200.0 + leaves_the_crossing(id, incident) + 92.0;
            assert_eq!(*arrival_s, wanted, "{id}, incident: {incident}");
        }
        assert_eq!(arrivals.len(), 61);
        near(outcome.kpi("total_delay_vehicle_hours"), delay_s / 3600.0);
    }
}
