//! The road search on synthetic cities (see `hubflow::generate`) in a congested morning, and static queries between two
//! points on the hierarchy.
//!
//! `cargo bench --bench router` asks for routes to ten hubs in a city of 316 × 316 nodes (`hubs`), for static ways in two
//! smaller ones (`points`), and for what has to be made when (`prepare`). Told for each: medians of several rounds in
//! wall time on one thread, settled labels, the ratio to the oracle, memory. Without `--bench` and without a name it is
//! a test that the bench works, on a small city.

use hubflow::generate::City;
use hubflow::ids::NodeIx;
use hubflow::mode::VehicleClass;
use hubflow::network::roads::Roads;
use hubflow::network::times::LinkTimes;
use hubflow::random::{Draws, Purpose};
use hubflow::routing::bounds::rates;
use hubflow::routing::deadlines::{Arrivals, Backward, Deadlines};
use hubflow::routing::oracle::Oracle;
use hubflow::routing::potentials::{Bound, Potentials, TREE_BYTES};
use hubflow::routing::road::{RoadScratch, Roadway, Start};
use hubflow::routing::streets::{Streets, TimesByBin};
use hubflow::routing::trade::{Driven, TRADE_SHIFT, Trade};
use hubflow::units::{HOUR_MS, MINUTE_MS, Time};
use std::io::Write;
use std::time::Instant;

/// How much is asked for.
struct How {
    rounds: usize,
    /// Nodes on a side of the city of the hubs.
    side: usize,
    /// Sides of the cities of the points.
    sides: [usize; 2],
    hubs: usize,
    origins: usize,
    step_s: i64,
    count: usize,
    turned: bool,
}

/// Times of a day with a morning and an evening peak: most in the middle of the city, different from link to link.
fn congested(roads: &Roads) -> LinkTimes {
    let mut times = LinkTimes::free_flow(roads, Time(0), Time(24 * HOUR_MS));
    let (bins, start) = (times.bins, times.start);
    let far = roads.node_position.iter().flatten().copied().fold(0.0, f64::max);
    let mut draws = Draws::new(1, Purpose::Generate, 0, 1);
    for (l, row) in times.travel_ms.chunks_exact_mut(bins).enumerate() {
        let [x, y] = roads.node_position[roads.from[l].i()];
        let central = 1.0 - (x / far - 0.5).abs() - (y / far - 0.5).abs();
        let most = 4.0 * central * draws.uniform();
        for (b, ms) in row.iter_mut().enumerate() {
            let middle = start.plus((2 * b as i64 + 1) * 15 * MINUTE_MS / 2);
            let near = |hour: i64| (1.0 - (middle.since(Time(hour * HOUR_MS)) as f64).abs() / 5.4e6).max(0.0);
            *ms = (f64::from(*ms) * (1.0 + most * near(8).max(near(18)))) as u32;
        }
    }
    times.make_fifo();
    times
}

/// Who values an hour at so much and pays 0.8 yuan for a kilometre.
fn trade(cny_h: f64) -> Trade {
    let weight = |cny: f64| (cny / cny_h * 3.6e6 * f64::from(1u32 << TRADE_SHIFT)).round() as i64;
    Trade { per_cm: weight(0.8e-5), per_milli_cny: weight(1e-3) }
}

fn trades() -> [Trade; 3] {
    [19.0, 28.0, 72.0].map(trade)
}

fn value(driven: Driven, trade: Trade) -> i64 {
    (driven.ms << TRADE_SHIFT) + driven.cm * trade.per_cm + driven.toll_milli_cny * trade.per_milli_cny
}

/// Seconds that something takes.
fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let begun = Instant::now();
    let done = work();
    (done, begun.elapsed().as_secs_f64())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn say(line: String) {
    writeln!(std::io::stdout().lock(), "{line}").expect("stdout");
}

/// Routes from anywhere to a few hubs between half past six and half past nine.
fn hubs(how: &How) {
    let city = City::square(how.side, 1, 1);
    let roads = city.roads();
    let times = congested(&roads);
    let streets = Streets::new(&roads, VehicleClass::Car);
    let roadway = Roadway { streets: &streets, times: &times };
    let mut draws = Draws::new(1, Purpose::Generate, 0, 2);
    let hubs: Vec<NodeIx> = (0..how.hubs).map(|_| NodeIx::from(draws.below(city.nodes()))).collect();
    let mut start = |k: usize| Start {
        from: NodeIx::from(draws.below(city.nodes())),
        departure: Time((390 + draws.below(180) as i64) * MINUTE_MS),
        trade: trades()[k % 3],
    };
    let starts: Vec<Start> = (0..how.origins).map(&mut start).collect();
    let mut uses = vec![0; city.nodes()];
    let bound_rates = rates(trades());
    let climbing = Potentials::new(&roads, &streets, bound_rates, &uses, 0);
    hubs.iter().for_each(|hub| uses[hub.i()] = 1);
    let trees = Potentials::new(&roads, &streets, bound_rates, &uses, TREE_BYTES);
    let backward = Backward::new(&streets);
    let mut oracle_us = Vec::new();
    let oracle = Oracle { roads: &roads, times: &times, class: VehicleClass::Car };
    let mut scratch = RoadScratch::new(streets.places());
    let mut route = Vec::new();
    for (start, &hub) in starts.iter().zip(hubs.iter().cycle()).take(6) {
        let (truth, s) = timed(|| oracle.cheapest(start.from, start.departure, hub, start.trade));
        let found = roadway.route(*start, hub, climbing.to(hub), &mut scratch, &mut route);
        assert_eq!(found.map(|driven| value(driven, start.trade)), truth, "the fast search equals the oracle");
        oracle_us.push(s * 1e6);
    }
    let oracle_us = median(oracle_us);
    let deadlines = |hub: NodeIx| {
        let arrivals = Arrivals { first: Time(390 * MINUTE_MS), step_ms: how.step_s * 1_000, count: how.count };
        Deadlines::new(&backward, &times, hub, trees.tree(hub).expect("a tree a hub").to_vec(), arrivals)
    };
    let (of_hubs, s) = timed(|| hubs.iter().map(|&hub| deadlines(hub)).collect::<Vec<_>>());
    let (a_hub_ms, mib) = (s * 1e3 / hubs.len() as f64, of_hubs[0].bytes() >> 20);
    say(format!("router/hubs: deadlines of a hub take {a_hub_ms:.0} ms and {mib} MiB"));
    let (by_bin, s) = timed(|| TimesByBin::new(&times));
    say(format!("router/hubs: times turned round in {:.0} ms", s * 1e3));
    let plain = roadway;
    let roadway = Roadway { streets: &streets, times: &by_bin };
    for name in ["climbing", "trees", "deadlines"] {
        let mut us = Vec::new();
        let (mut settled, mut links, mut values) = (0, 0, 0);
        for _ in 0..how.rounds {
            let mut scratch = RoadScratch::new(streets.places());
            (settled, links, values) = (0, 0, 0);
            let (_, s) = timed(|| {
                for (&hub, of_hub) in hubs.iter().zip(&of_hubs) {
                    let bound = match name {
                        "climbing" => climbing.to(hub),
                        "trees" => trees.to(hub),
                        _ => Bound::Deadlines(of_hub),
                    };
                    for start in &starts {
                        let driven = if how.turned {
                            roadway.route(*start, hub, bound, &mut scratch, &mut route)
                        } else {
                            plain.route(*start, hub, bound, &mut scratch, &mut route)
                        };
                        values += driven.map_or(0, |driven| value(driven, start.trade) >> TRADE_SHIFT);
                        settled += scratch.settled();
                        links += route.len();
                    }
                }
            });
            us.push(s * 1e6 / (hubs.len() * starts.len()) as f64);
        }
        let (us, queries) = (median(us), (hubs.len() * starts.len()) as f64);
        say(format!(
            "router/hubs/{name}: {us:.0} us a query, {:.0} labels settled, {:.0} links, {:.1} min; oracle {oracle_us:.0} us, {:.0} \
             times as long",
            settled as f64 / queries,
            links as f64 / queries,
            values as f64 / queries / 6e4,
            oracle_us / us,
        ));
    }
}

fn main() {
    // `cargo bench` says `--bench`; without it and without a name this is a test that the bench works.
    let mut how = How { rounds: 5, side: 316, sides: [100, 182], hubs: 10, origins: 100, step_s: 180, count: 120, turned: true };
    let mut names: Vec<String> = Vec::new();
    let mut once = true;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number = || arguments.next().and_then(|n| n.parse().ok()).expect("a number");
        match argument.as_str() {
            "--rounds" => how.rounds = number(),
            "--side" => how.side = number(),
            "--step" => how.step_s = number() as i64,
            "--count" => how.count = number(),
            "--origins" => how.origins = number(),
            "--plain" => how.turned = false,
            "--bench" => once = false,
            name => {
                once = false;
                names.push(name.to_owned());
            }
        }
    }
    if once {
        how = How { rounds: 1, side: 30, sides: [10, 20], hubs: 2, origins: 6, step_s: 180, count: 120, turned: true };
    }
    if names.is_empty() {
        names = ["hubs", "points", "prepare"].map(str::to_owned).to_vec();
    }
    for name in &names {
        match name.as_str() {
            "hubs" => hubs(&how),
            _ => panic!("no bench {name}; there are hubs, points, prepare"),
        }
    }
}
