//! The road day on synthetic cities of named sizes, one thread: criterion's time of a whole loading, told per link entry
//! too.
//!
//! The city: n × n nodes 200 m apart, both directions; every fifth row and column an arterial (2 lanes, 60 km/h,
//! 3,600 PCU/h), the rest local (1 lane, 30 km/h, 1,200 PCU/h). Trips go to a destination within ±30 blocks by a
//! Z-shaped route, departures uniform over one hour, all seeded.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use hubflow::ids::{AgentIx, LinkIx, NodeIx};
use hubflow::mobsim::road::setup::RoadSetup;
use hubflow::mobsim::road::{RoadTraffic, RoadWindow};
use hubflow::mode::{Uses, VehicleClass};
use hubflow::network::roads::{Roads, Star};
use hubflow::random::{Draws, Purpose};

/// Jam density, PCU per metre and lane.
const JAM_PCU_M: f64 = 0.15;

struct City {
    roads: Roads,
    routes: Vec<LinkIx>,
    /// Departure, start and end of the route; in the order of departure.
    trips: Vec<(u32, u32, u32)>,
}

fn grid(n: usize) -> Roads {
    let arterial = |a: usize| a.is_multiple_of(5);
    let (mut from, mut to, mut fast) = (Vec::new(), Vec::new(), Vec::new());
    for node in 0..n * n {
        let (x, y) = (node % n, node / n);
        // East, north, west, south: the order in which `step` looks for them.
        let steps = [(x + 1 < n, 1isize, y), (y + 1 < n, n as isize, x), (x > 0, -1, y), (y > 0, -(n as isize), x)];
        for (there, step, row) in steps {
            if there {
                from.push(NodeIx::from(node));
                to.push(NodeIx::from(node.wrapping_add_signed(step)));
                fast.push(arterial(row));
            }
        }
    }
    let links = from.len();
    let lanes: Vec<f64> = fast.iter().map(|&f| if f { 2.0 } else { 1.0 }).collect();
    Roads {
        node_position: vec![[0.0; 2]; n * n],
        node_zone: vec![None; n * n],
        node_district: vec![None; n * n],
        leaving: Star::new(n * n, &from),
        reaching: Star::new(n * n, &to),
        from,
        to,
        length_m: vec![200.0; links],
        free_speed_mps: fast.iter().map(|&f| if f { 60.0 / 3.6 } else { 30.0 / 3.6 }).collect(),
        capacity_pcu_h: fast.iter().map(|&f| if f { 3600.0 } else { 1200.0 }).collect(),
        storage_pcu: lanes.iter().map(|l| l * 200.0 * JAM_PCU_M).collect(),
        lanes,
        toll_cny: vec![0.0; links],
        uses: vec![Uses { car: true, truck: true, walk: false }; links],
        facility: vec![String::new(); links],
        name: vec![String::new(); links],
        district: vec![None; links],
        hub: vec![None; links],
        shape: vec![Vec::new(); links],
        ..Roads::default()
    }
}

fn city(n: usize, trips: usize) -> City {
    let roads = grid(n);
    let link = |a: usize, b: usize| {
        *roads.leaving.at(NodeIx::from(a)).iter().find(|l| roads.to[l.i()].i() == b).expect("neighbours are joined")
    };
    let mut routes = Vec::new();
    let mut drawn: Vec<(u32, u32, u32)> = (0..trips as u64)
        .map(|t| {
            let mut draws = Draws::new(1, Purpose::Generate, t, 0);
            let (x, y) = (draws.below(n), draws.below(n));
            let near = |at: usize, draws: &mut Draws| {
                let low = at.saturating_sub(30);
                low + draws.below((at + 30).min(n - 1) - low + 1)
            };
            let (mut tx, ty) = (near(x, &mut draws), near(y, &mut draws));
            if (tx, ty) == (x, y) {
                tx = if x + 1 < n { x + 1 } else { x - 1 };
            }
            let first = routes.len() as u32;
            // Z: half of the way along x, all of y, the rest of x.
            let middle = (x + tx) / 2;
            let mut at = (x, y);
            for corner in [(middle, y), (middle, ty), (tx, ty)] {
                while at != corner {
                    let next = (step(at.0, corner.0), step(at.1, corner.1));
                    let next = if next.0 != at.0 { (next.0, at.1) } else { next };
                    routes.push(link(at.1 * n + at.0, next.1 * n + next.0));
                    at = next;
                }
            }
            (draws.below(3_600_000) as u32, first, routes.len() as u32)
        })
        .collect();
    drawn.sort_unstable();
    City { roads, routes, trips: drawn }
}

fn step(from: usize, to: usize) -> usize {
    match from.cmp(&to) {
        std::cmp::Ordering::Less => from + 1,
        std::cmp::Ordering::Equal => from,
        std::cmp::Ordering::Greater => from - 1,
    }
}

fn traffic(city: &City) -> RoadTraffic {
    let setup = RoadSetup { start_ms: 0, window_ms: 1_000, gridlock_ms: 30_000, sample: 1.0 };
    RoadTraffic::new(&city.roads, setup, city.trips.len(), city.routes.clone())
}

/// Loads all trips until the last has arrived; returns the links entered.
fn load(city: &City, mut traffic: RoadTraffic) -> u64 {
    let mut window = RoadWindow::default();
    let (mut next, mut start) = (0, 0);
    while next < city.trips.len() || traffic.counts.on_road > 0 {
        while let Some(&(at, first, end)) = city.trips.get(next).filter(|t| t.0 < start + 1_000) {
            traffic.depart(AgentIx::from(next), first..end, at, VehicleClass::Car, 1);
            next += 1;
        }
        traffic.window(start, &mut window);
        window.events.clear();
        window.ended.clear();
        start += 1_000;
    }
    traffic.counts.entries
}

fn road(c: &mut Criterion) {
    let mut group = c.benchmark_group("road");
    group.sample_size(10);
    for (size, n, trips) in [("small", 30, 100_000), ("city", 100, 100_000)] {
        let city = city(n, trips);
        group.throughput(Throughput::Elements(city.routes.len() as u64));
        group.bench_function(size, |b| {
            b.iter_batched(|| traffic(&city), |traffic| load(&city, traffic), BatchSize::LargeInput);
        });
    }
    group.finish();
}

criterion_group!(benches, road);
criterion_main!(benches);
