//! The road search against slow truths: 10,000 queries by time of day against the plain search by link, all walks of tiny
//! networks, and petgraph where nothing changes with time.

use super::bounds::hierarchy_of;
use super::deadlines::{Arrivals, Backward, Deadlines};
use super::metric::Metric;
use super::oracle::Oracle;
use super::point::{PointScratch, Points};
use super::potentials::{Bound, Potentials};
use super::road::{RoadScratch, Roadway, Start};
use super::streets::{Streets, TimesByBin};
use super::toy::{self, Link, trade};
use super::trade::{Driven, TRADE_SHIFT, Trade};
use crate::Scenario;
use crate::ids::{LinkIx, NodeIx};
use crate::mode::VehicleClass;
use crate::network::Network;
use crate::network::movements::Turn;
use crate::network::periods::LinkPeriod;
use crate::network::roads::Roads;
use crate::network::times::{BIN_MS, LinkTimes};
use crate::network::topology::Topology;
use crate::random::{Draws, Purpose};
use crate::units::{HOUR_MS, Time, distance_m};
use proptest::prelude::*;
use std::path::Path;

/// A day that passes midnight: bins from ten in the evening until one at night.
const DAY: (Time, Time) = (Time(22 * HOUR_MS), Time(25 * HOUR_MS));

/// What a random network has.
#[derive(Clone, Copy, Debug)]
struct Has {
    congestion: bool,
    queues: bool,
    turns: bool,
    tolls_by_hour: bool,
}

impl Has {
    fn by(seed: u64) -> Has {
        let bit = |b: u32| seed >> b & 3 > 0;
        Has { congestion: bit(0), queues: bit(2), turns: bit(4), tolls_by_hour: bit(6) }
    }
}

/// Nodes in a square of 20 km and one-way links among them, some parallel, some closed, some closed to trucks, with tolls.
fn city(seed: u64, nodes: usize, links: usize) -> Roads {
    let mut draws = Draws::new(seed, Purpose::Generate, 1, 0);
    let positions: Vec<[f64; 2]> =
        (0..nodes).map(|_| [113.0 + 0.2 * draws.uniform(), 23.0 + 0.2 * draws.uniform()]).collect();
    let mut all: Vec<Link> = Vec::new();
    for _ in 0..links {
        let (a, b) = match all.last() {
            Some(&(a, b, ..)) if draws.uniform() < 0.15 => (a as usize, b as usize),
            _ => (draws.below(nodes), draws.below(nodes)),
        };
        let length_m = distance_m(positions[a], positions[b]) * (1.0 + draws.uniform()) + 50.0;
        let toll = if draws.uniform() < 0.3 { draws.uniform() * 20.0 } else { 0.0 };
        all.push((a as u32, b as u32, length_m, 8.0 + 22.0 * draws.uniform(), toll));
    }
    let mut roads = toy::roads(&positions, &all);
    for link in 0..links {
        roads.uses[link].truck = draws.uniform() < 0.8;
        if draws.uniform() < 0.05 {
            roads.capacity_pcu_h[link] = 0.0;
        }
    }
    roads
}

/// Times of day between free flow and five times as much, and queues of departures of up to half an hour on half of the
/// links.
fn times_of(roads: &Roads, has: Has, seed: u64) -> LinkTimes {
    let mut times = LinkTimes::free_flow(roads, DAY.0, DAY.1);
    let mut draws = Draws::new(seed, Purpose::Generate, 2, 0);
    if has.congestion {
        times.travel_ms.iter_mut().for_each(|ms| *ms = (f64::from(*ms) * (1.0 + 4.0 * draws.uniform())) as u32);
    }
    for row in times.origin_ms.chunks_exact_mut(times.bins) {
        if has.queues && draws.uniform() < 0.5 {
            row.iter_mut().for_each(|ms| *ms = (1_800_000.0 * draws.uniform()) as u32);
        }
    }
    times.make_fifo();
    times
}

/// Writes down the turns of half of the links: each onward link is allowed, dear, or forbidden.
fn with_turns(mut roads: Roads, seed: u64) -> Roads {
    let mut draws = Draws::new(seed, Purpose::Generate, 3, 0);
    let mut turns = Vec::new();
    for from in (0..roads.links()).map(LinkIx::from) {
        if draws.uniform() < 0.5 {
            continue;
        }
        for &to in roads.leaving.at(roads.to[from.i()]) {
            let (bay, signal, capacity_pcu_h) = (None, None, None);
            let penalty_s = if draws.uniform() < 0.5 { 0.0 } else { 120.0 * draws.uniform() };
            let allowed = draws.uniform() < 0.8;
            turns.push(Turn { from, to, allowed, bay, signal, capacity_pcu_h, penalty_s });
        }
    }
    roads.movements.turns = turns;
    roads
}

/// Tolls of half of the tolled links differ for half an hour; with `rise` they never fall while the day lasts.
fn with_tolls_by_hour(mut roads: Roads, seed: u64, rise: bool) -> Roads {
    let mut draws = Draws::new(seed, Purpose::Generate, 4, 0);
    for link in (0..roads.links()).map(LinkIx::from) {
        let toll_cny = roads.toll_cny[link.i()];
        if toll_cny > 0.0 && draws.uniform() < 0.5 {
            let from = DAY.0.plus(draws.below(120) as i64 * 60_000);
            let (until, toll_cny) = match rise {
                true => (DAY.1.plus(1_000 * HOUR_MS), toll_cny + 10.0 * draws.uniform()),
                false => (from.plus(1_800_000), 20.0 * draws.uniform()),
            };
            let (capacity_pcu_h, free_speed_mps) = (1_800.0, roads.free_speed_mps[link.i()]);
            roads.periods.push(LinkPeriod { link, from, until, capacity_pcu_h, free_speed_mps, toll_cny });
        }
    }
    roads
}

fn network(seed: u64, nodes: usize, links: usize) -> (Roads, LinkTimes) {
    let has = Has::by(seed);
    let mut roads = city(seed, nodes, links);
    if has.turns {
        roads = with_turns(roads, seed);
    }
    if has.tolls_by_hour {
        roads = with_tolls_by_hour(roads, seed, false);
    }
    let times = times_of(&roads, has, seed);
    (roads, times)
}

/// A moment from two hours before the first bin until three after the last, often at the border or middle of a bin.
fn moment(draws: &mut Draws) -> Time {
    let any = draws.below(8 * HOUR_MS as usize) as i64;
    let at = match draws.below(3) {
        0 => any / (BIN_MS / 2) * (BIN_MS / 2) + draws.below(3) as i64 - 1,
        _ => any,
    };
    DAY.0.plus(at - 2 * HOUR_MS)
}

fn value(driven: Driven, trade: Trade) -> i64 {
    (driven.ms << TRADE_SHIFT) + driven.cm * trade.per_cm + driven.toll_milli_cny * trade.per_milli_cny
}

/// Roads of a class with everything that a search can be led by.
struct Led<'a> {
    roads: &'a Roads,
    times: &'a LinkTimes,
    by_bin: TimesByBin<'a>,
    streets: Streets,
    trees: Potentials,
    climbing: Potentials,
    backward: Backward,
}

impl Led<'_> {
    fn new<'a>(roads: &'a Roads, times: &'a LinkTimes, class: VehicleClass) -> Led<'a> {
        let streets = Streets::new(roads, class);
        // Trees of all nodes of a real network take long.
        let every = Led::every(roads);
        let uses: Vec<u32> = (0..roads.nodes()).map(|node| u32::from(node % every == 0)).collect();
        let trees = Potentials::new(roads, &streets, toy::rates(), &uses, usize::MAX);
        let climbing = Potentials::new(roads, &streets, toy::rates(), &uses, 0);
        let backward = Backward::new(&streets);
        Led { roads, times, by_bin: TimesByBin::new(times), streets, trees, climbing, backward }
    }

    /// Every so many nodes one is a destination.
    fn every(roads: &Roads) -> usize {
        1 + roads.nodes() / 100
    }

    fn deadlines(&self, to: NodeIx) -> Deadlines {
        let arrivals = Arrivals { first: DAY.0.plus(-HOUR_MS), step_ms: 420_000, count: 40 };
        let tree = self.trees.tree(to).expect("a destination has a tree").to_vec();
        Deadlines::new(&self.backward, self.times, to, tree, arrivals)
    }

    /// The value of the route found, which is checked to be one. Other bounds find the same route; a search without any is
    /// slow on large networks, and made for some departures only.
    fn value(&self, start: Start, to: NodeIx, deadlines: &Deadlines, scratch: &mut RoadScratch) -> Option<i64> {
        let roadway = Roadway { streets: &self.streets, times: self.times };
        let turned = Roadway { streets: &self.streets, times: &self.by_bin };
        let (mut route, mut again) = (Vec::new(), Vec::new());
        let found = turned.route(start, to, Bound::Deadlines(deadlines), scratch, &mut route);
        let all = self.roads.nodes() < 100 || start.departure.0 % 16 == 0;
        let others = [self.climbing.to(to), self.trees.to(to), Bound::Nothing];
        for &bound in &others[..if all { 3 } else { 1 }] {
            assert_eq!(roadway.route(start, to, bound, scratch, &mut again), found, "{start:?} to {to:?}");
            assert_eq!(again, route, "routes do not depend on the bound: {start:?} to {to:?}");
        }
        let driven = found?;
        assert_eq!(driven, self.streets.along(&route, self.times, start.departure));
        assert!(self.roads.movements.forbidden_on(&route).is_none());
        let end = route.iter().fold(start.from, |node, link| {
            assert!(self.roads.from[link.i()] == node && self.roads.open_to(*link, self.streets.class));
            self.roads.to[link.i()]
        });
        assert_eq!(end, to);
        Some(value(driven, start.trade))
    }

    fn oracle(&self) -> Oracle<'_> {
        Oracle { roads: self.roads, times: self.times, class: self.streets.class }
    }
}

/// Queries from all over a network to a few destinations; every third counts time alone.
fn queries_equal_the_oracle(led: &Led<'_>, seed: u64, destinations: usize, origins: usize) -> usize {
    let mut draws = Draws::new(seed, Purpose::Generate, 5, 0);
    let mut scratch = RoadScratch::default();
    let mut reached = 0;
    for _ in 0..destinations {
        let every = Led::every(led.roads);
        let to = NodeIx::from(draws.below(led.roads.nodes() / every) * every);
        let deadlines = led.deadlines(to);
        for k in 0..origins {
            let trade = if k % 3 == 0 { Trade::TIME_ONLY } else { trade(5.0 + 295.0 * draws.uniform()) };
            let from = NodeIx::from(draws.below(led.roads.nodes()));
            let start = Start { from, departure: moment(&mut draws), trade };
            let truth = match trade {
                Trade::TIME_ONLY => {
                    let there = led.oracle().earliest(from, start.departure, Some(to))[to.i()];
                    (there < Time::NEVER).then(|| there.since(start.departure) << TRADE_SHIFT)
                }
                _ => led.oracle().cheapest(from, start.departure, to, trade),
            };
            assert_eq!(led.value(start, to, &deadlines, &mut scratch), truth, "{start:?} to {to:?}");
            reached += usize::from(truth.is_some());
        }
    }
    reached
}

/// The roads of a scenario of this repository.
fn roads_of(scenario: &str) -> Roads {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(scenario);
    Network::build(&Scenario::read(&folder).expect("a scenario")).expect("a network").roads
}

/// The least value over all walks of at most so many links, turn by turn.
fn least_walk(led: &Led<'_>, start: Start, to: NodeIx, links: usize) -> Option<i64> {
    fn walk(led: &Led<'_>, route: &mut Vec<LinkIx>, start: Start, to: NodeIx, best: &mut Option<i64>, links: usize) {
        let node = route.last().map_or(start.from, |link| led.roads.to[link.i()]);
        if node == to {
            let value = value(led.streets.along(route, led.times, start.departure), start.trade);
            *best = Some(best.map_or(value, |best| best.min(value)));
        }
        if route.len() == links {
            return;
        }
        for &next in led.roads.leaving.at(node) {
            let allowed = route.last().is_none_or(|&last| led.roads.movements.allows(last, next));
            if allowed && led.roads.open_to(next, led.streets.class) {
                route.push(next);
                walk(led, route, start, to, best, links);
                route.pop();
            }
        }
    }
    let mut best = None;
    walk(led, &mut Vec::new(), start, to, &mut best, links);
    best
}

proptest! {
    // 150 networks of 60 queries: 9,000 of the 10,000.
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn the_search_equals_the_oracle_on_random_networks(seed in any::<u64>(), nodes in 8..40usize) {
        let (roads, times) = network(seed, nodes, 3 * nodes);
        let class = if seed % 3 == 0 { VehicleClass::Truck } else { VehicleClass::Car };
        queries_equal_the_oracle(&Led::new(&roads, &times, class), seed, 3, 20);
    }

    #[test]
    fn a_tree_reaches_what_single_searches_reach(seed in any::<u64>()) {
        let (roads, times) = network(seed, 20, 60);
        let led = Led::new(&roads, &times, VehicleClass::Car);
        let start = Start { from: NodeIx(0), departure: DAY.0, trade: trade(28.0) };
        let (mut scratch, mut route) = (RoadScratch::new(roads.nodes()), Vec::new());
        let roadway = Roadway { streets: &led.streets, times: &times };
        for node in (0..roads.nodes()).map(NodeIx::from) {
            let single = roadway.route(start, node, Bound::Nothing, &mut scratch, &mut route);
            roadway.tree(start, &mut scratch);
            let reached = roadway.reached(start, node, &mut scratch);
            prop_assert_eq!(reached.map(|d| value(d, start.trade)), single.map(|d| value(d, start.trade)));
        }
    }

    /// Later and dearer never pays in the end where tolls do not fall: the search is exact over all walks. Where they do, it
    /// is the oracle's answer, and a way that comes late to a toll on purpose may be better.
    #[test]
    fn tolls_that_never_fall_are_exact_over_all_walks(seed in any::<u64>(), cny_h in 5.0..300.0f64, rise in any::<bool>()) {
        const LINKS: usize = 8;
        let has = Has { tolls_by_hour: true, ..Has::by(seed) };
        let mut roads = city(seed, 5, 11);
        if has.turns {
            roads = with_turns(roads, seed);
        }
        let roads = with_tolls_by_hour(roads, seed, rise);
        let times = times_of(&roads, has, seed);
        let led = Led::new(&roads, &times, VehicleClass::Car);
        let (to, mut scratch) = (NodeIx(1), RoadScratch::default());
        let start = Start { from: NodeIx(0), departure: moment(&mut Draws::new(seed, Purpose::Generate, 6, 0)), trade: trade(cny_h) };
        let found = led.value(start, to, &led.deadlines(to), &mut scratch);
        prop_assert_eq!(found, led.oracle().cheapest(start.from, start.departure, to, start.trade));
        let walked = least_walk(&led, start, to, LINKS);
        prop_assert!(found.is_some() || walked.is_none(), "{:?} but {:?}", found, walked);
        if let (Some(found), Some(walked)) = (found, walked) {
            prop_assert!(!rise || found <= walked, "{} is more than {}", found, walked);
            let (mut route, roadway) = (Vec::new(), Roadway { streets: &led.streets, times: &times });
            roadway.route(start, to, Bound::Nothing, &mut scratch, &mut route);
            prop_assert!(route.len() > LINKS || walked <= found, "no walk is as good as {}", found);
        }
    }

    #[test]
    fn petgraph_agrees_where_nothing_changes_with_time(seed in any::<u64>(), nodes in 2..40usize) {
        let roads = city(seed, nodes, 3 * nodes);
        static_ways_equal_petgraph(&roads, seed, 4);
    }
}

/// One to all by petgraph, by the search without bounds and with, and by the hierarchy alone.
fn static_ways_equal_petgraph(roads: &Roads, seed: u64, origins: usize) {
    let times = LinkTimes::free_flow(roads, DAY.0, DAY.1);
    let mut draws = Draws::new(seed, Purpose::Generate, 7, 0);
    for class in [VehicleClass::Car, VehicleClass::Truck] {
        let streets = Streets::new(roads, class);
        let topology = Topology::new(roads, class);
        let hierarchy = hierarchy_of(&streets, &roads.node_position);
        let hops = (0..roads.nodes()).flat_map(|node| streets.leaving(NodeIx::from(node)));
        let metric = Metric::new(&hierarchy, hops.map(|hop| [hop.figures.free_ms]));
        let points = Points { hierarchy: &hierarchy, metric: &metric };
        let mut point = PointScratch::new(roads.nodes());
        let mut node_of = vec![NodeIx(0); roads.nodes()];
        (0..roads.nodes()).for_each(|n| node_of[hierarchy.rank[n] as usize] = NodeIx::from(n));
        let climbing = Potentials::new(roads, &streets, toy::rates(), &vec![0; roads.nodes()], 0);
        let (mut scratch, mut route, mut way) = (RoadScratch::default(), Vec::new(), Vec::new());
        for _ in 0..origins {
            let from = NodeIx::from(draws.below(roads.nodes()));
            let truth = topology.oracle_shortest_ms(from, false);
            for to in (0..roads.nodes().min(60)).map(|_| NodeIx::from(draws.below(roads.nodes()))) {
                let ms = (truth[to.i()] < Time::NEVER.0).then_some(truth[to.i()]);
                assert_eq!(points.least(from.0, to.0, &mut point).map(i64::from), ms);
                assert_eq!(points.way(from.0, to.0, &mut point, &mut way).map(i64::from), ms);
                let least = |pair: &[u32]| {
                    let hops = streets.leaving(node_of[pair[0] as usize]).iter();
                    let to = node_of[pair[1] as usize];
                    hops.filter(|hop| streets.node_of(hop.to) == to).map(|hop| hop.figures.free_ms).min()
                };
                if ms.is_some() {
                    let sum: Option<u32> = way.windows(2).map(least).sum();
                    assert_eq!(sum.map(i64::from), ms, "the way is one of links");
                }
                let start = Start { from, departure: DAY.0, trade: Trade::TIME_ONLY };
                let roadway = Roadway { streets: &streets, times: &times };
                let found = roadway.route(start, to, climbing.to(to), &mut scratch, &mut route);
                // Times are those of cars, and nobody is faster than his own free flow.
                if class == VehicleClass::Car {
                    assert_eq!(found.map(|driven| driven.ms), ms);
                }
            }
        }
    }
}

#[test]
fn the_search_equals_the_oracle_on_the_roads_of_baiyun() {
    // 1,000 of the 10,000, since the oracle is slow here: cars and trucks, with turns written at random and without, in the traffic of a random evening.
    let roads = roads_of("baiyun");
    let has = Has { congestion: true, queues: true, turns: true, tolls_by_hour: true };
    let tolled = with_tolls_by_hour(roads.clone(), 1, false);
    let mut reached = 0;
    for (seed, roads, class) in [
        (1, &tolled, VehicleClass::Car),
        (2, &with_turns(roads.clone(), 2), VehicleClass::Car),
        (3, &roads, VehicleClass::Truck),
    ] {
        let times = times_of(roads, has, seed);
        let (destinations, origins) = if seed == 1 { (3, 200) } else { (2, 100) };
        reached += queries_equal_the_oracle(&Led::new(roads, &times, class), seed, destinations, origins);
    }
    assert!(reached > 600, "{reached} of 1,000 lead somewhere");
    static_ways_equal_petgraph(&roads, 1, 3);
}
