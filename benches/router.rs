//! The road search on synthetic cities (see `hubflow::generate`) in a congested morning, and static queries between two
//! points on the hierarchy.
//!
//! `cargo bench --bench router` asks for routes to three hubs in a city of 316 × 316 nodes (`hubs`), for static ways in two
//! smaller ones (`points`), and for what has to be made when (`prepare`). Told for each: medians over hubs or
//! rounds, wall time on one thread, settled labels, the ratio to the oracle, memory. Without `--bench` and without a name it is
//! a test that the bench works, on a small city.

use hubflow::generate::City;
use hubflow::ids::NodeIx;
use hubflow::mode::VehicleClass;
use hubflow::network::roads::Roads;
use hubflow::network::times::{BIN_MS, LinkTimes};
use hubflow::random::{Draws, Purpose};
use hubflow::routing::bounds::{Bounds, LANES, hierarchy_of, rates};
use hubflow::routing::deadlines::{Arrivals, Backward, Deadlines};
use hubflow::routing::metric::Metric;
use hubflow::routing::oracle::Oracle;
use hubflow::routing::point::{PointScratch, Points};
use hubflow::routing::potentials::{Bound, Potentials, TREE_BYTES};
use hubflow::routing::road::{RoadScratch, Roadway, Start};
use hubflow::routing::streets::{Streets, TimesByBin, TravelTimes};
use hubflow::routing::trade::{Driven, TRADE_SHIFT, Trade};
use hubflow::units::{HOUR_MS, MINUTE_MS, Time};
use std::io::Write;
use std::sync::Arc;
use std::time::Instant;

/// Nodes on a side of the parts of the city by which origins are sorted.
const PART: usize = 20;

/// How much is asked for.
struct How {
    rounds: usize,
    /// Nodes on a side of the city of the hubs.
    side: usize,
    /// Sides of the cities of the points.
    sides: [usize; 2],
    hubs: usize,
    /// Origins of each hub.
    origins: usize,
    /// Pairs of points.
    pairs: usize,
    arrivals: Arrivals,
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

/// Origins anywhere in the city, departures between half past six and half past nine: by quarter of an hour and part of
/// the city, as those who are near each other look at the same roads.
fn starts(city: &City, count: usize) -> Vec<Start> {
    let mut draws = Draws::new(1, Purpose::Generate, 0, 2);
    let mut start = |k: usize| Start {
        from: NodeIx::from(draws.below(city.nodes())),
        departure: Time((390 + draws.below(180) as i64) * MINUTE_MS),
        trade: trades()[k % 3],
    };
    let mut starts: Vec<Start> = (0..count).map(&mut start).collect();
    let part = |node: NodeIx| (node.i() / city.columns / PART, node.i() % city.columns / PART);
    starts.sort_by_key(|start| (start.departure.0 / BIN_MS, part(start.from)));
    starts
}

/// What many routes took.
#[derive(Clone, Copy)]
struct Took {
    us: f64,
    settled: f64,
    links: f64,
}

fn ask<T: TravelTimes>(roadway: &Roadway<'_, T>, starts: &[Start], hub: NodeIx, bound: Bound<'_>) -> Took {
    let mut scratch = RoadScratch::new(roadway.streets.places());
    let (mut route, mut settled, mut links) = (Vec::new(), 0, 0);
    let (_, s) = timed(|| {
        for start in starts {
            roadway.route(*start, hub, bound, &mut scratch, &mut route);
            settled += scratch.settled();
            links += route.len();
        }
    });
    let queries = starts.len() as f64;
    Took { us: s * 1e6 / queries, settled: settled as f64 / queries, links: links as f64 / queries }
}

/// Routes from many origins to a few hubs.
fn hubs(how: &How) {
    let city = City::square(how.side, 1, 1);
    let roads = city.roads();
    let times = congested(&roads);
    let streets = Streets::new(&roads, VehicleClass::Car);
    let mut draws = Draws::new(1, Purpose::Generate, 0, 3);
    let hubs: Vec<NodeIx> = (0..how.hubs).map(|_| NodeIx::from(draws.below(city.nodes()))).collect();
    let starts = starts(&city, how.origins);
    let few: Vec<Start> = starts.iter().copied().step_by(starts.len().div_ceil(100)).collect();
    let mut uses = vec![0; city.nodes()];
    let climbing = Potentials::new(&roads, &streets, rates(trades()), &uses, 0);
    hubs.iter().for_each(|hub| uses[hub.i()] = 1);
    let trees = Potentials::new(&roads, &streets, rates(trades()), &uses, TREE_BYTES);
    let (by_bin, turned_s) = timed(|| TimesByBin::new(&times));
    let (backward, backward_s) = timed(|| Backward::new(&streets));
    say(format!(
        "router/hubs: {} nodes, {} links, {} bins; times turned round in {:.0} ms, links in {:.0} ms",
        roads.nodes(),
        roads.links(),
        times.bins,
        turned_s * 1e3,
        backward_s * 1e3
    ));
    let roadway = Roadway { streets: &streets, times: &by_bin };
    let oracle = Oracle { roads: &roads, times: &times, class: VehicleClass::Car };
    let (mut scratch, mut route) = (RoadScratch::new(streets.places()), Vec::new());
    let mut rows: [Vec<Took>; 4] = Default::default();
    let (mut with_deadlines_us, mut oracle_us, mut deadlines_ms, mut mib) = (vec![], vec![], vec![], 0.0);
    for &hub in &hubs {
        let tree = trees.tree(hub).expect("a tree a hub").to_vec();
        let (deadlines, s) = timed(|| Deadlines::new(&backward, &times, hub, tree, how.arrivals));
        deadlines_ms.push(s * 1e3);
        mib = deadlines.bytes() as f64 / f64::from(1 << 20);
        let plain = Roadway { streets: &streets, times: &times };
        rows[0].push(ask(&plain, &few, hub, climbing.to(hub)));
        rows[1].push(ask(&roadway, &few, hub, climbing.to(hub)));
        rows[2].push(ask(&roadway, &few, hub, trees.to(hub)));
        let led = ask(&roadway, &starts, hub, Bound::Deadlines(&deadlines));
        rows[3].push(led);
        with_deadlines_us.push(led.us + s * 1e6 / starts.len() as f64);
        for start in few.iter().step_by(20) {
            let (truth, s) = timed(|| oracle.cheapest(start.from, start.departure, hub, start.trade));
            let found = roadway.route(*start, hub, Bound::Deadlines(&deadlines), &mut scratch, &mut route);
            assert_eq!(found.map(|driven| value(driven, start.trade)), truth, "the fast search equals the oracle");
            oracle_us.push(s * 1e6);
        }
    }
    let oracle_us = median(oracle_us);
    say(format!("  oracle {oracle_us:.0} us a query"));
    for (name, row) in ["climbing, times by link", "climbing", "trees", "deadlines"].iter().zip(&rows) {
        let of = |figure: fn(&Took) -> f64| median(row.iter().map(figure).collect());
        let us = of(|t| t.us);
        let (settled, links, ratio) = (of(|t| t.settled), of(|t| t.links), oracle_us / us);
        say(format!(
            "  {name}: {us:.0} us a query, {settled:.0} labels settled, {links:.0} links, oracle {ratio:.0} times"
        ));
    }
    let us = median(with_deadlines_us);
    say(format!(
        "  deadlines of a hub: {:.0} ms, {mib:.0} MiB; with them {us:.0} us a query for {} origins, oracle {:.0} times",
        median(deadlines_ms),
        starts.len(),
        oracle_us / us
    ));
}

/// Static ways between two points.
fn points(how: &How) {
    for side in how.sides {
        let city = City::square(side, 1, 1);
        let roads = city.roads();
        let streets = Streets::new(&roads, VehicleClass::Car);
        let hierarchy = hierarchy_of(&streets, &roads.node_position);
        let metric = Metric::new(&hierarchy, free_ms(&streets).map(|ms| [ms]));
        let points = Points { hierarchy: &hierarchy, metric: &metric };
        let mut scratch = PointScratch::new(city.nodes());
        let mut draws = Draws::new(1, Purpose::Generate, 0, 4);
        let mut node = || draws.below(city.nodes()) as u32;
        let pairs: Vec<(u32, u32)> = (0..how.pairs).map(|_| (node(), node())).collect();
        let (mut way, mut sums) = (Vec::new(), Vec::new());
        let mut round = |with_way: bool| {
            let (sum, s) = timed(|| {
                let least = |&(from, to): &(u32, u32)| match with_way {
                    true => points.way(from, to, &mut scratch, &mut way),
                    false => points.least(from, to, &mut scratch),
                };
                pairs.iter().filter_map(least).map(u64::from).sum::<u64>()
            });
            sums.push(sum);
            s * 1e6 / pairs.len() as f64
        };
        let least_us = median((0..how.rounds).map(|_| round(false)).collect());
        let way_us = median((0..how.rounds).map(|_| round(true)).collect());
        assert!(sums.iter().all(|sum| *sum == sums[0]));
        let renewed =
            (0..how.rounds).map(|_| timed(|| Metric::new(&hierarchy, free_ms(&streets).map(|ms| [ms]))).1 * 1e3);
        let customised_ms = median(renewed.collect());
        say(format!(
            "router/points: {} nodes: {least_us:.1} us a query, {way_us:.1} us with its way, customisation {customised_ms:.1} ms",
            city.nodes()
        ));
    }
}

fn free_ms(streets: &Streets) -> impl Iterator<Item = u32> {
    let hops = (0..streets.nodes()).flat_map(|node| streets.leaving(NodeIx::from(node)));
    hops.map(|hop| hop.figures.free_ms)
}

/// What is made once for a network, and what again when times change.
fn prepare(how: &How) {
    let city = City::square(how.side, 1, 1);
    let roads = city.roads();
    let (streets, streets_s) = timed(|| Streets::new(&roads, VehicleClass::Car));
    let (hierarchy, order_s) = timed(|| Arc::new(hierarchy_of(&streets, &roads.node_position)));
    let (bounds, bounds_s) = timed(|| Bounds::new(&hierarchy, &streets, rates(trades()), |hop| hop.figures.free_ms));
    let (_, lane_s) = timed(|| Metric::new(&hierarchy, free_ms(&streets).map(|ms| [ms])));
    let times = congested(&roads);
    let (_, turned_s) = timed(|| TimesByBin::new(&times));
    let mib = |bytes: usize| bytes as f64 / f64::from(1 << 20);
    say(format!(
        "router/prepare: {} nodes, {} links. Once for a network: packed {:.0} ms; order and hierarchy {:.0} ms on all \
         threads, {} arcs, {:.0} MiB; bounds of free flow in {} lanes {:.0} ms, {:.0} MiB",
        roads.nodes(),
        roads.links(),
        streets_s * 1e3,
        order_s * 1e3,
        hierarchy.arcs(),
        mib(hierarchy.bytes()),
        LANES,
        bounds_s * 1e3,
        mib(bounds.bytes()),
    ));
    say(format!(
        "  again when times change: nothing for bounds of free flow; times turned round {:.0} ms; a metric of one lane \
         would take {:.0} ms",
        turned_s * 1e3,
        lane_s * 1e3
    ));
}

fn main() {
    // `cargo bench` says `--bench`; without it and without a name this is a test that the bench works.
    let arrivals = Arrivals { first: Time(400 * MINUTE_MS), step_ms: MINUTE_MS, count: 300 };
    let mut how = How { rounds: 5, side: 316, sides: [100, 182], hubs: 3, origins: 10_000, pairs: 2_000, arrivals };
    let mut names: Vec<String> = Vec::new();
    let mut once = true;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number = || arguments.next().and_then(|n| n.parse().ok()).expect("a number");
        match argument.as_str() {
            "--rounds" => how.rounds = number(),
            "--side" => how.side = number(),
            "--hubs" => how.hubs = number(),
            "--origins" => how.origins = number(),
            "--step-s" => {
                how.arrivals.step_ms = 1_000 * number() as i64;
                how.arrivals.count = (300 * MINUTE_MS / how.arrivals.step_ms) as usize;
            }
            "--bench" => once = false,
            name => {
                once = false;
                names.push(name.to_owned());
            }
        }
    }
    if once {
        how = How { rounds: 1, side: 30, sides: [10, 20], hubs: 1, origins: 100, pairs: 20, arrivals };
    }
    if names.is_empty() {
        names = ["hubs", "points", "prepare"].map(str::to_owned).to_vec();
    }
    for name in &names {
        match name.as_str() {
            "hubs" => hubs(&how),
            "points" => points(&how),
            "prepare" => prepare(&how),
            _ => panic!("no bench {name}; there are hubs, points, prepare"),
        }
    }
}
