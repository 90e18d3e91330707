//! The same day, bit for bit, on any number of threads, with blocks of any size, in windows of any width, and whoever of the
//! agents is listed first: under free flow, saturation and hard gridlock.

use hubflow::generate::City;
use hubflow::ids::{AgentIx, LinkIx};
use hubflow::mobsim::road::{Listened, RoadCounts, RoadSetup, RoadTraffic, RoadWindow};
use hubflow::mode::VehicleClass;
use hubflow::network::passages::{BIN_MS, Kind};
use hubflow::network::roads::Roads;

/// What tells one day from another: counts, traces, and where everybody is in the end.
#[derive(Debug, PartialEq)]
struct Day {
    counts: RoadCounts,
    trace: u64,
    ended: Vec<Option<u32>>,
    rows: usize,
    time_ms: u64,
}

/// Trips of a city by their number, which is their key.
struct Trips {
    roads: Roads,
    departures: Vec<(u32, Kind)>,
    routes: Vec<Vec<LinkIx>>,
}

/// Arrangements that must not matter.
#[derive(Clone, Copy)]
struct How {
    threads: usize,
    block_nodes: usize,
    window_ms: u32,
    backwards: bool,
}

impl Trips {
    fn new(trips: u64) -> Trips {
        // A quarter of an hour, a tenth of the trips by truck; 24 × 24 nodes, so that blocks of 16, 512 and 4,096 differ.
        let city = City { hours: 0.25, trucks: 0.1, ..City::square(24, trips, 5) };
        let mut made = Trips { roads: city.roads(), departures: Vec::new(), routes: Vec::new() };
        for number in 0..trips {
            let mut route = Vec::new();
            let trip = city.trip(number, &mut route);
            made.departures.push((trip.departure_ms, Kind { class: trip.class, of_hub: number % 3 == 0 }));
            made.routes.push(route);
        }
        made
    }

    fn day(&self, how: How) -> Day {
        let n = self.routes.len();
        let key = |agent: usize| if how.backwards { n - 1 - agent } else { agent };
        let both = [true, false].map(|of_hub| VehicleClass::ALL.map(|class| Kind { class, of_hub }));
        let setup = RoadSetup {
            start_ms: 0,
            window_ms: how.window_ms,
            gridlock_ms: 30_000,
            bin_ms: BIN_MS,
            sample: 1.0,
            block_nodes: how.block_nodes,
            kinds: both.concat(),
            listened: Listened::Nobody,
            reroute: None,
            gates: Vec::new(),
            outlets: Vec::new(),
        };
        let mut traffic = RoadTraffic::new(&self.roads, &setup, (0..n).map(AgentIx::from).collect());
        let laid: Vec<_> = (0..n).map(|a| traffic.lay(self.routes[key(a)].iter().copied(), None).unwrap()).collect();
        // Departures of one moment come in the order of keys.
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by_key(|&a| (self.departures[key(a)].0, key(a)));
        let (mut next, mut ended) = (0, vec![None; n]);
        let mut window = RoadWindow::default();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(how.threads).build().unwrap();
        const END_MS: u32 = 3_000_000;
        pool.install(|| {
            for start in (0..END_MS).step_by(how.window_ms as usize) {
                while let Some(&a) = order.get(next).filter(|&&a| self.departures[key(a)].0 < start + how.window_ms) {
                    let (at_ms, kind) = self.departures[key(a)];
                    let slots = if kind.class == VehicleClass::Car { 1 } else { 2 + (key(a) % 2) as u8 };
                    traffic.depart(AgentIx::from(a), laid[a], at_ms, kind, slots);
                    next += 1;
                }
                traffic.window(start, &mut window);
                for (at_ms, agent) in window.ended.drain(..) {
                    ended[key(agent.i())] = Some(at_ms);
                }
            }
        });
        let links = traffic.traffic(END_MS);
        assert_eq!(links.on_link.len() + links.at_origin.len(), traffic.counts.on_road as usize);
        Day {
            counts: traffic.counts,
            trace: traffic.trace(|agent| key(agent.i()) as u64),
            ended,
            rows: links.passed.len(),
            time_ms: links.passed.iter().map(|p| p.time_ms).sum(),
        }
    }
}

fn all_the_same(trips: u64, expected: impl Fn(&Day)) {
    let trips = Trips::new(trips);
    let first = How { threads: 1, block_nodes: 4_096, window_ms: 1_000, backwards: false };
    let day = trips.day(first);
    expected(&day);
    for threads in [1, 2, 3, 8] {
        for block_nodes in [16, 512, 4_096] {
            for window_ms in [500, 1_000, 2_000] {
                // Each combination with one of both orders, every value of each with both.
                let backwards = (threads + block_nodes + window_ms as usize / 500).is_multiple_of(2);
                let other = trips.day(How { threads, block_nodes, window_ms, backwards });
                let how = format!("{threads} threads, blocks of {block_nodes}, windows of {window_ms} ms, {backwards}");
                assert!(other == day, "{how}: {:?} instead of {:?}", other.counts, day.counts);
            }
        }
    }
    for backwards in [false, true] {
        assert!(trips.day(How { backwards, ..first }) == day, "backwards: {backwards}");
    }
}

#[test]
fn determinism_in_free_flow() {
    all_the_same(1_000, |day| {
        assert!(day.counts.on_road == 0 && day.ended.iter().all(Option::is_some));
    });
}

#[test]
fn determinism_in_saturation() {
    all_the_same(9_000, |day| {
        assert!(day.ended.iter().flatten().any(|&ms| ms > 1_500_000), "queues last long after the last departure");
    });
}

#[test]
fn determinism_in_gridlock() {
    all_the_same(60_000, |day| {
        assert!(day.counts.rotations > 0, "{:?}", day.counts);
        assert!(day.counts.on_road > 40_000, "{:?}", day.counts);
    });
}
