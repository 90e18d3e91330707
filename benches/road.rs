//! The road day on synthetic cities of named sizes (see `hubflow::generate`): full rules, counts of all links by quarter
//! hour, no single events.
//!
//! `cargo bench --bench road` loads `small` and `city`; `cargo bench --bench road -- heavy region --runs 5` others.
//! Told for each: median CPU per link entry on one thread, link entries a CPU second, the spread over the runs, the ratio
//! of wall times of one and two threads, memory by vehicle, link and element of a route, and the time of laying out apart.

use hubflow::generate::{City, SIZES};
use hubflow::ids::AgentIx;
use hubflow::mobsim::road::{BLOCK_NODES, LaidRoute, Listened, RoadSetup, RoadTraffic, RoadWindow};
use hubflow::mode::VehicleClass;
use hubflow::network::passages::{BIN_MS, Kind};
use hubflow::run::clock::Stopwatch;
use std::io::Write;

const WINDOW_MS: u32 = 1_000;
const CAR: Kind = Kind { class: VehicleClass::Car, of_hub: false };

/// A city laid out, with its departures in order.
struct Ready {
    traffic: RoadTraffic,
    departures: Vec<(u32, AgentIx, LaidRoute)>,
    links: usize,
    route_elements: usize,
}

/// What one loading took.
#[derive(Clone, Copy)]
struct Run {
    wall_s: f64,
    cpu_s: f64,
    entries: u64,
    trace: u64,
}

fn lay_out(city: &City, block_nodes: usize, listened: bool) -> Ready {
    let roads = city.roads();
    let setup = RoadSetup {
        start_ms: 0,
        window_ms: WINDOW_MS,
        gridlock_ms: 30_000,
        bin_ms: BIN_MS,
        sample: 1.0,
        block_nodes,
        kinds: vec![CAR],
        listened: if listened { Listened::All } else { Listened::Nobody },
        reroute: None,
        gates: Vec::new(),
        outlets: Vec::new(),
    };
    // Agents in the order of departure, as those who are on the road together lie side by side then.
    let order = city.by_departure();
    let mut traffic = RoadTraffic::new(&roads, &setup, (0..order.len()).map(AgentIx::from).collect());
    let (mut route, mut departures, mut route_elements) = (Vec::new(), Vec::with_capacity(order.len()), 0);
    for (agent, &number) in order.iter().enumerate() {
        route.clear();
        let trip = city.trip(u64::from(number), &mut route);
        route_elements += route.len();
        let laid = traffic.lay(route.iter().copied(), None).expect("a trip has links");
        departures.push((trip.departure_ms, AgentIx::from(agent), laid));
    }
    Ready { traffic, departures, links: roads.links(), route_elements }
}

/// Loads all trips until the last has arrived.
fn load(ready: &Ready, threads: usize) -> Run {
    let mut traffic = ready.traffic.clone();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
    let mut watch = Stopwatch::default();
    watch.time("load", || pool.install(|| day(&mut traffic, &ready.departures)));
    let total = watch.total();
    let trace = traffic.trace(|agent| u64::from(agent.0));
    Run { wall_s: total.wall_s, cpu_s: total.cpu_s, entries: traffic.counts.entries, trace }
}

fn day(traffic: &mut RoadTraffic, departures: &[(u32, AgentIx, LaidRoute)]) {
    let mut window = RoadWindow::default();
    let (mut next, mut start) = (0, 0);
    while next < departures.len() || traffic.counts.on_road > 0 {
        while let Some(&(at_ms, agent, route)) = departures.get(next).filter(|d| d.0 < start + WINDOW_MS) {
            traffic.depart(agent, route, at_ms, CAR, 1);
            next += 1;
        }
        traffic.window(start, &mut window);
        window.passages.clear();
        window.ended.clear();
        start += WINDOW_MS;
    }
}

fn median(mut values: Vec<f64>) -> (f64, f64, f64) {
    values.sort_by(f64::total_cmp);
    (values[values.len() / 2], values[0], values[values.len() - 1])
}

fn bench(name: &str, city: &City, how: &How) {
    let mut watch = Stopwatch::default();
    let ready = watch.time("lay out", || lay_out(city, how.block_nodes, how.events));
    let one: Vec<Run> = (0..how.runs).map(|_| load(&ready, 1)).collect();
    let two: Vec<Run> = if how.once { Vec::new() } else { (0..how.runs).map(|_| load(&ready, 2)).collect() };
    assert!(one.iter().chain(&two).all(|run| run.trace == one[0].trace), "every loading is the same");
    let entries = one[0].entries as f64;
    let (mid, low, high) = median(one.iter().map(|r| r.cpu_s * 1e6 / entries).collect());
    let memory = ready.traffic.memory();
    let by = |bytes: usize, count: usize| bytes as f64 / count as f64;
    let mut out = std::io::stdout().lock();
    let mut say = |line: String| writeln!(out, "{line}").expect("stdout");
    say(format!(
        "road/{name}: {mid:.3} us CPU per link entry on one thread ({low:.3} to {high:.3} in {} runs), {:.2} M entries \
         a CPU second",
        how.runs,
        1.0 / mid
    ));
    say(format!(
        "  {entries:.0} entries, {} trips; laid out in {:.2} s; bytes: {:.0} a link, {:.0} a link for slots, {:.1} a \
         vehicle, {:.2} an element of a route",
        city.trips,
        watch.total().wall_s,
        by(memory.links, ready.links),
        by(memory.slots, ready.links),
        by(memory.vehicles, city.trips as usize),
        by(memory.routes, ready.route_elements),
    ));
    if !two.is_empty() {
        let wall = |runs: &[Run]| median(runs.iter().map(|r| r.wall_s).collect()).0;
        let (a, b) = (wall(&one), wall(&two));
        say(format!("  wall {a:.2} s on one thread, {b:.2} s on two: {:.2} times as fast", a / b));
    }
}

/// How cities are loaded.
struct How {
    runs: usize,
    block_nodes: usize,
    /// Whether every passage is told.
    events: bool,
    /// Whether only to see that it works.
    once: bool,
}

fn main() {
    // `cargo bench` says `--bench`; without it and without a name this is a test that the bench works.
    let mut how = How { runs: 5, block_nodes: BLOCK_NODES, events: false, once: true };
    let mut names: Vec<String> = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number = || arguments.next().and_then(|n| n.parse().ok()).expect("a number");
        match argument.as_str() {
            "--runs" => how.runs = number(),
            "--block-nodes" => how.block_nodes = number(),
            "--events" => how.events = true,
            "--bench" => how.once = false,
            name => {
                how.once = false;
                names.push(name.to_owned());
            }
        }
    }
    if how.once {
        how.runs = 1;
        names.push("small".into());
    } else if names.is_empty() {
        names = vec!["small".into(), "city".into()];
    }
    for name in &names {
        match SIZES.iter().find(|(size, _)| size == name) {
            Some((size, city)) => bench(size, city, &how),
            None => panic!("no city {name}; there are {}", SIZES.map(|(size, _)| size).join(", ")),
        }
    }
}
