//! The flagship scenario: it reads, serves all four hubs in every operating hour, and stays near published figures.

use hubflow::Scenario;
use hubflow::ids::HubIx;
use hubflow::network::Network;
use hubflow::outcome::Outcome;
use hubflow::run::{RunOptions, run};
use hubflow::scenario::hubs::Direction;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/baiyun")
}

/// The run that README promises, as it is: the first iterations still have the jams of a day that nobody learned from.
fn default_run() -> (Scenario, Outcome) {
    let scenario = Scenario::read(&folder()).unwrap();
    let outcome = run(&scenario, &RunOptions::default()).unwrap();
    (scenario, outcome)
}

#[test]
fn every_variant_applies_and_tells_what_it_changes() {
    let base = Scenario::read(&folder()).unwrap();
    let variants = base.variants().unwrap();
    assert!(variants.iter().any(|v| v == "east_ring"));
    for name in variants {
        let variant = base.read_variant(&name).unwrap();
        assert!(!variant.tell(&base).is_empty(), "{name}");
        base.apply(&variant).unwrap_or_else(|e| panic!("{name}: {e}"));
    }
}

/// Published: 173,062 airport passengers a day (2023), 66,000 at Baiyun Station (2025), 500,000 TEU a year, 2,030,522.7 t
/// of air cargo a year; 100,000 at Guangzhou Station is general knowledge. The schedules carry exactly these.
#[test]
fn schedules_carry_the_published_day() {
    let network = Network::build(&Scenario::read(&folder()).unwrap()).unwrap();
    let day = |hub: &str, of: fn(&hubflow::network::hubs::Service) -> f64| {
        let hub = HubIx(network.names.hubs.find(hub).unwrap());
        network.hubs.of(hub).map(|(_, s)| of(s)).sum::<f64>()
    };
    assert!((day("CAN", |s| s.passengers) - 173_062.0).abs() < 1.0);
    assert!((day("GBY", |s| s.passengers) - 66_000.0).abs() < 1.0);
    assert!((day("GZS", |s| s.passengers) - 100_000.0).abs() < 1.0);
    assert!((day("GIP", |s| s.teu) - 500_000.0 / 365.0).abs() < 1.0);
    assert!((day("CAN", |s| s.tonnes) - 2_030_522.7 / 365.0).abs() < 1.0);
}

/// All four hubs serve somebody in every hour in which their services run (the port: in which its gate is open), agents
/// are conserved, and the day stays near what is published.
#[test]
fn four_hubs_serve_in_every_operating_hour() {
    let (scenario, outcome) = default_run();
    let a = outcome.manifest.agents;
    assert_eq!(a.created, a.arrived + a.under_way + a.removed);
    assert_eq!(a.removed, 0);
    let hours = outcome.table("process_hours").unwrap();
    for hub in &scenario.hubs {
        let gate = hub.services.iter().all(|s| s.seats == 0.0);
        let arrivals = |h: i64| {
            let within = |s: &&hubflow::scenario::hubs::ServiceRow| (s.time_s / 3600.0).floor() as i64 == h;
            hub.services.iter().filter(|s| s.direction == Direction::Arrival).any(|s| within(&s))
        };
        let hour = |text: &str| (hubflow::units::Time::parse(text).unwrap().seconds() / 3600.0) as i64;
        let open = |h: i64| match gate {
            true => (hour(&hub.users.gate_open)..hour(&hub.users.gate_close)).contains(&h),
            false => arrivals(h),
        };
        let own = |r: usize| hours.word("process", r).is_some_and(|p| p.starts_with(&format!("{}/", hub.hub_id)));
        let served: Vec<i64> = (0..hours.rows())
            .filter(|&r| own(r) && hours.number("served", r).unwrap_or(0.0) > 0.0)
            .map(|r| hours.number("hour", r).unwrap() as i64)
            .collect();
        let operating: Vec<i64> = (3..24).filter(|&h| open(h)).collect();
        assert!(operating.len() >= 12, "{} operates for hours", hub.hub_id);
        for h in operating {
            assert!(served.contains(&h), "{} serves nobody at {h}:00", hub.hub_id);
        }
    }
    // Published: 8.57 million boardings a day on the metro (2023).
    let boardings = outcome.kpi("transit_boardings").unwrap();
    assert!((6.0e6..11.0e6).contains(&boardings), "{boardings} boardings");
    let passengers = outcome.kpi("hub_passengers").unwrap();
    assert!((0.9..1.01).contains(&(passengers / 339_062.0)), "{passengers} passengers through the hubs");
}
