//! The hubs of the flagship scenario with all of their users and trucks, and nobody else on the roads: what is published of
//! them passes them, and their books balance.

use hubflow::Scenario;
use hubflow::outcome::Outcome;
use hubflow::run::{RunOptions, run};
use hubflow::table::Table;
use std::path::Path;

/// All who use the hubs, one by one, on roads and in lines that nobody else uses.
fn users_of_hubs_alone(variant: Option<&str>) -> Outcome {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/baiyun");
    let mut scenario = Scenario::read(&folder).unwrap();
    if let Some(name) = variant {
        scenario = scenario.apply(&scenario.read_variant(name).unwrap()).unwrap();
    }
    scenario.settings.demand.residents = None;
    (scenario.settings.run.sample, scenario.settings.run.iterations) = (1.0, 1);
    run(&scenario, &RunOptions::default()).unwrap()
}

fn rows<'a>(table: &'a Table, figures: &'a [&'a str]) -> impl Iterator<Item = Vec<f64>> + 'a {
    (0..table.rows()).map(|r| figures.iter().map(|f| table.number(f, r).unwrap_or(0.0)).collect())
}

fn of_hub(outcome: &Outcome, hub: &str, figure: &str) -> f64 {
    let hubs = outcome.table("hubs").unwrap();
    let row = (0..hubs.rows()).find(|&r| hubs.word("hub", r) == Some(hub)).unwrap();
    hubs.number(figure, row).unwrap()
}

fn near(found: f64, published: f64, what: &str) {
    assert!((found / published - 1.0).abs() < 0.01, "{what}: {found} against {published}");
}

/// Published: 173,062 passengers a day at the airport (2023), 66,000 at Baiyun Station (2025), 500,000 TEU a year at the port.
/// Little's law holds as an identity of whole numbers on every process; stores, persons and bags are conserved.
///
/// With half of the lanes of the port's truck gate its queue reaches the public road, where there was none, and trucks lose
/// more time.
#[test]
fn a_whole_day_of_the_hubs() {
    let base = users_of_hubs_alone(None);
    what_is_published_passes(&base);
    books_balance(&base);
    half_a_gate_fills_the_road(&base, &users_of_hubs_alone(Some("port_gate_halved")));
}

fn what_is_published_passes(outcome: &Outcome) {
    near(of_hub(outcome, "CAN", "passengers"), 173_062.0, "passengers of the airport");
    near(of_hub(outcome, "GBY", "passengers"), 66_000.0, "passengers of Baiyun Station");
    near(of_hub(outcome, "GZS", "passengers"), 100_000.0, "passengers of Guangzhou Station");
    near(of_hub(outcome, "GIP", "teu"), 500_000.0 / 365.0, "TEU of the port");
    let a = outcome.manifest.agents;
    assert_eq!(a.created, a.arrived + a.under_way + a.removed);
    assert_eq!(a.removed, 0);
    // Those who come by the last services and live far away.
    assert!(a.under_way < a.created / 500, "{} under way at the end", a.under_way);
}

fn books_balance(outcome: &Outcome) {
    let processes = outcome.table("processes").unwrap();
    assert!(processes.rows() > 80);
    let mut came = 0.0;
    let books =
        ["waiting_agent_ms", "queue_integral_agent_ms", "present_agent_ms", "presence_integral_agent_ms", "arrivals"];
    for (r, figures) in rows(processes, &books).enumerate() {
        let process = processes.word("process", r).unwrap();
        assert!(figures[0] == figures[1] && figures[2] == figures[3], "{process}: {figures:?}");
        came += figures[4];
    }
    assert!(came > 1_000_000.0, "{came} joined queues");
    let waiting: f64 = rows(processes, &["waiting_agent_ms"]).map(|f| f[0]).sum();
    assert!(waiting > 0.0, "somebody waits");

    let stores = outcome.table("stores").unwrap();
    let books = ["start_thousandths", "in_thousandths", "out_thousandths", "end_thousandths", "capacity", "max"];
    for (r, f) in rows(stores, &books).enumerate() {
        let store = stores.word("store", r).unwrap();
        assert_eq!(f[0] + f[1] - f[2], f[3], "{store}");
        assert!(f[3] >= 0.0 && f[5] <= f[4].max(f[0] / 1_000.0), "{store}: {f:?}");
        // The day ends as it began: what came in has gone, but for vehicles that stay the night and what is late.
        let through = f[1].max(f[2]);
        assert!((f[3] - f[0]).abs() <= 0.1 * through + 10_000.0, "{store}: {f:?}");
    }
    let bags = outcome.table("hub_bags").unwrap();
    for f in rows(bags, &["bags", "handled"]) {
        assert!(f[1] <= f[0] && f[1] > 0.995 * f[0], "bags: {f:?}");
    }
}

/// 36,000 passengers a day at Baiyun Station in 2024.
#[test]
fn baiyun_station_of_2024() {
    let outcome = users_of_hubs_alone(Some("baiyun_station_2024"));
    near(of_hub(&outcome, "GBY", "passengers"), 36_000.0, "passengers of Baiyun Station");
}

fn half_a_gate_fills_the_road(base: &Outcome, half: &Outcome) {
    let public_m = |outcome: &Outcome| {
        // Where no gate is ever full there is no table of queues.
        let Some(queues) = outcome.table("hub_queues") else { return 0.0 };
        let at_gate = (0..queues.rows()).filter(|&r| queues.word("process", r) == Some("GIP/gate_in"));
        at_gate.map(|r| queues.number("public_max_m", r).unwrap()).fold(0.0, f64::max)
    };
    let trucks_lose = |outcome: &Outcome| {
        let delays = outcome.table("hub_delays").unwrap();
        let of_trucks = |r: &usize| delays.word("hub", *r) == Some("GIP") && delays.word("user", *r) == Some("truck");
        (0..delays.rows()).filter(of_trucks).map(|r| delays.number("delay_min", r).unwrap()).sum::<f64>()
    };
    assert_eq!(public_m(base), 0.0);
    assert!(public_m(half) > 100.0, "{} m on the public road", public_m(half));
    assert!(trucks_lose(half) > 1.5 * trucks_lose(base), "{} against {}", trucks_lose(half), trucks_lose(base));
}

/// Hubs, services, lines and roads together give the same day to the event for every window and any number of threads.
#[test]
fn windows_and_threads_do_not_matter() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/baiyun");
    let digest = |window_s: f64, threads: usize| {
        let mut scenario = Scenario::read(&folder).unwrap();
        scenario.settings.time.window_s = window_s;
        (scenario.settings.run.sample, scenario.settings.run.iterations) = (0.01, 1);
        let options = RunOptions { threads: Some(threads), ..RunOptions::default() };
        run(&scenario, &options).unwrap().manifest.event_digest
    };
    let one = digest(1.0, 2);
    assert_eq!(one, digest(0.5, 1));
    assert_eq!(one, digest(2.0, 3));
}
