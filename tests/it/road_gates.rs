//! Gates: hubs with finite places that push back on the roads. A gate of these tests holds each place for a fixed time
//! after a vehicle has taken it; each sum is worked by hand.

use crate::city::{Drive, Stretch, car, event, roads};
use hubflow::events::{Event, What};
use hubflow::ids::{AgentIx, HubIx, LinkIx, NodeIx};
use hubflow::mobsim::road::reroute::RerouteRule;
use hubflow::mobsim::road::{BLOCK_NODES, GateQueue, LEAST_MS, Listened, RoadGate, RoadSetup, RoadTraffic, RoadWindow};
use hubflow::mode::VehicleClass;
use hubflow::network::movements::{Bay, Movements, Turn};
use hubflow::network::passages::{BIN_MS, Kind};
use hubflow::network::periods::LinkPeriod;
use hubflow::network::roads::Roads;
use hubflow::random::{Draws, Purpose};
use hubflow::routing::reroute::{Ask, Goal, Reroute, Scratch};
use hubflow::units::Time;
use proptest::prelude::*;

/// A gate at a node: its places, and for how long a vehicle takes one, ms.
#[derive(Clone, Copy, Debug)]
struct Gate(u32, u32, u32);

/// A trip and the gate that it leads into.
type Trip = (Drive, Option<u32>);

/// How a day with gates is driven.
#[derive(Clone, Copy)]
struct How {
    until_ms: u32,
    window_ms: u32,
    block_nodes: usize,
    threads: usize,
    listened: Listened,
    outlet: Option<u32>,
    reroute: Option<RerouteRule>,
    /// Whether the road is told of a place as soon as it is known when it becomes free, and not when it does.
    early: bool,
}

impl Default for How {
    fn default() -> How {
        How {
            until_ms: 1_200_000,
            window_ms: 1_000,
            block_nodes: BLOCK_NODES,
            threads: 1,
            listened: Listened::All,
            outlet: None,
            reroute: None,
            early: false,
        }
    }
}

/// What a driven day gives.
struct Day {
    events: Vec<Event>,
    ended: Vec<Option<u32>>,
    departed: Vec<(u32, AgentIx)>,
    queues: Vec<GateQueue>,
    traffic: RoadTraffic,
}

impl Day {
    /// Moments at which vehicles enter a link, in order, ms.
    fn entries(&self, link: u32) -> Vec<u32> {
        let entered = |e: &&Event| e.what == What::LinkEntered { link: LinkIx(link) };
        self.events.iter().filter(entered).map(|e| e.time.0 as u32).collect()
    }

    /// Ends of the trips that `which` names by number.
    fn ends(&self, which: impl Iterator<Item = usize>) -> Vec<Option<u32>> {
        which.map(|n| self.ended[n]).collect()
    }

    /// The queue told at a moment: vehicles, metres on own links, metres on public ones, in whole centimetres.
    fn queue(&self, at_ms: u32) -> Option<(u32, i64, i64)> {
        let cm = |m: f64| (m * 100.0).round() as i64;
        self.queues.iter().find(|q| q.at_ms == at_ms).map(|q| (q.vehicles, cm(q.own_m), cm(q.public_m)))
    }
}

/// Kind of the vehicle of an agent: every third is of a hub.
fn kind(agent: usize, class: VehicleClass) -> Kind {
    Kind { class, of_hub: agent.is_multiple_of(3) }
}

/// Drives trips, given in the order of departure; in every window places taken are those who came less those who went, and
/// at no moment are there more than the gate has.
fn drive(roads: &Roads, trips: &[Trip], gates: &[Gate], how: How, router: Option<&dyn Reroute>) -> Day {
    let both = [0, 1].map(|agent| VehicleClass::ALL.map(|class| kind(agent, class)));
    let setup = RoadSetup {
        start_ms: 0,
        window_ms: how.window_ms,
        gridlock_ms: 30_000,
        bin_ms: BIN_MS,
        sample: 1.0,
        block_nodes: how.block_nodes,
        kinds: both.concat(),
        listened: how.listened,
        reroute: how.reroute,
        gates: gates.iter().map(|g| RoadGate { node: NodeIx(g.0), places: g.1 }).collect(),
        outlets: how.outlet.into_iter().map(NodeIx).collect(),
    };
    let mut traffic = RoadTraffic::new(roads, &setup, (0..trips.len()).map(AgentIx::from).collect());
    let lay = |(trip, gate): &Trip| traffic.lay(trip.links.iter().map(|&l| LinkIx(l)), *gate).unwrap();
    let routes: Vec<_> = trips.iter().map(lay).collect();
    let (mut events, mut departed, mut next) = (Vec::new(), Vec::new(), 0);
    let (mut ended, mut came, mut held) = (vec![None; trips.len()], vec![Vec::new(); gates.len()], Vec::new());
    let mut window = RoadWindow::default();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(how.threads).build().unwrap();
    pool.install(|| {
        for start in (0..how.until_ms).step_by(how.window_ms as usize) {
            while let Some((trip, _)) = trips.get(next).filter(|(trip, _)| trip.at_ms < start + how.window_ms) {
                let of = kind(next, trip.class);
                traffic.depart(AgentIx::from(next), routes[next], trip.at_ms, of, trip.slots);
                next += 1;
            }
            if let Some(router) = router {
                traffic.reroute(start, roads, router);
            }
            traffic.window(start, &mut window);
            events.extend(window.passages.drain(..).map(event));
            departed.append(&mut window.departed);
            for (at_ms, agent) in window.ended.drain(..) {
                ended[agent.i()] = Some(at_ms);
                if let Some(gate) = trips[agent.i()].1 {
                    came[gate as usize].push(at_ms);
                    held.push((gate, at_ms + gates[gate as usize].2));
                }
            }
            // As a hub does it, in the window in which the place becomes free, for 2 s later.
            held.retain(|&(gate, free_ms)| {
                let told = how.early || free_ms - LEAST_MS < start + how.window_ms;
                if told {
                    traffic.free_place(gate, free_ms);
                }
                !told
            });
            for (gate, Gate(_, places, _)) in (0..).zip(gates) {
                let taken = held.iter().filter(|h| h.0 == gate).count() as u32;
                assert!(traffic.places_taken(gate) == taken && taken <= *places, "{taken} of {places}");
            }
        }
    });
    for (Gate(_, places, hold_ms), came) in gates.iter().zip(&mut came) {
        came.sort_unstable();
        let mut pairs = came.iter().zip(came.iter().skip(*places as usize));
        assert!(pairs.all(|(first, next)| first + hold_ms <= *next), "more than {places} places: {came:?}");
    }
    let under_way = (next - ended.iter().flatten().count()) as u64;
    assert_eq!(traffic.counts.on_road, under_way, "nobody is lost");
    let links = traffic.traffic(how.until_ms);
    assert_eq!((links.on_link.len() + links.at_origin.len()) as u64, under_way);
    assert!(links.passed.iter().all(|row| row.link.i() < roads.links()), "a gate is no link");
    events.sort_unstable();
    departed.sort_unstable();
    Day { events, ended, departed, queues: std::mem::take(&mut window.gate_queues), traffic }
}

/// The corridor of Newell's theory as in `road::spillback`, v = 20 m/s, S = 300, backward wave 400 s, into a gate with one
/// place that is free again 10 s after it was taken. Cars come to the corridor every 2 s from 50 s on and to the gate
/// from 150 s on; the j-th enters it at 150 + 10j, whatever happens upstream. Newell's curves let the queue reach the
/// upstream end when 0.5t = 0.1(t − 500) + 300, t = 625 s after the first: car 300 + j needs the hole of car j, which comes
/// at 150 + 10j + 400, and would enter at 50 + 2(300 + j) without, so the first one held is j = 13 (680 instead of 676 s).
#[test]
fn a_gate_serves_its_rate_and_its_queue_reaches_the_end_of_the_link() {
    let stretches = [Stretch(0, 1, 1000.0, 20.0, 3600.0, 150.0), Stretch(1, 2, 2000.0, 20.0, 0.6 * 3600.0, 300.0)];
    let trips: Vec<Trip> = (0..450).map(|n| (car(2_000 * n, &[0, 1]), Some(0))).collect();
    let gate = [Gate(2, 1, 10_000)];
    let day = drive(&roads(3, &stretches), &trips, &gate, How { until_ms: 900_000, ..How::default() }, None);
    let served = (0..75).map(|j| Some(150_000 + 10_000 * j)).chain([None; 375]).collect::<Vec<_>>();
    assert_eq!(day.ended, served);
    for (n, entered) in (0..).zip(day.entries(1)) {
        assert_eq!(entered, if n < 313 { 50_000 + 2_000 * n } else { 680_000 + 10_000 * (n - 313) }, "car {n}");
    }
    // At 180 s cars 0 to 14 have come to the gate and 3 have entered it: 12 cars at 2,000/300 m.
    assert_eq!(day.queue(180_000), Some((12, 8_000, 0)));
    // At 720 s: those who entered the corridor before 620 s have travelled it, 285, of whom 57 are gone: 228 cars. On the
    // link before it are those who set out before 670 s, 335, less 317 that have entered the corridor: 18 at 1,000/150 m.
    assert_eq!(day.queue(720_000), Some((228 + 18, 152_000, 12_000)));
    assert_eq!(day.queue(120_000), None);
}

/// A public road 0 → 1 → 2 and an access link 1 → 3 of 30 slots that leads to a gate. Every 4 s somebody sets out: every
/// other one a truck of the gate (they count as cars here), the others go through.
fn peak() -> (Roads, Vec<Trip>) {
    let stretches = [
        Stretch(0, 1, 1000.0, 20.0, 3600.0, 150.0),
        Stretch(1, 2, 1000.0, 20.0, 3600.0, 150.0),
        Stretch(1, 3, 200.0, 10.0, 1800.0, 30.0),
    ];
    let mut roads = roads(4, &stretches);
    roads.hub[2] = Some(HubIx(0));
    let to_gate = |k: u32| (car(8_000 * k, &[0, 2]), Some(0));
    let through = |k: u32| (car(8_000 * k + 4_000, &[0, 1]), None);
    (roads, (0..110).flat_map(|k| [to_gate(k), through(k)]).collect())
}

/// gate_peak. Trucks come to the gate every 8 s, at 8k + 70, and stay 16 s. Two lanes serve that as it comes. With one the
/// k-th enters at 70 + 16k; the access link takes truck 30 + j when the hole of truck j is there, at 70 + 16j + 40, and it
/// comes at 50 + 8(30 + j): the first one held on the public road is j = 23, truck 53, from 474 to 478 s. From then on
/// truck 53 + i enters the access link at 478 + 16i, and whoever drives through behind it leaves a headway of 1 s later
/// instead of at 478 + 8i.
#[test]
fn gate_peak() {
    let (roads, trips) = peak();
    let day = |lanes| drive(&roads, &trips, &[Gate(3, lanes, 16_000)], How::default(), None);
    let (trucks, through) = (|n: usize| 2 * n, |n: usize| 2 * n + 1);
    let full = day(2);
    assert_eq!(full.ends((0..110).map(trucks)), (0..110).map(|k| Some(8_000 * k + 70_000)).collect::<Vec<_>>());
    assert_eq!(full.ends((0..110).map(through)), (0..110).map(|k| Some(8_000 * k + 104_000)).collect::<Vec<_>>());
    assert_eq!(full.queues, []);
    let half = day(1);
    let served = |k: u32| Some(70_000 + 16_000 * k).filter(|&ms| ms < 1_200_000);
    assert_eq!(half.ends((0..110).map(trucks)), (0..110).map(served).collect::<Vec<_>>());
    let passed = |k: u32| Some(if k < 53 { 8_000 * k + 104_000 } else { 529_000 + 16_000 * (k - 53) });
    assert_eq!(half.ends((0..90).map(through)), (0..90).map(passed).collect::<Vec<_>>());
    // At 480 s truck 53 and the car behind it have just gone and nobody stands on the public road. At 540 s trucks 30 to 55
    // stand on the access link, 26 at 200/30 m, and 57 to 61 with the cars 57 to 60 on the road, 9 at 1,000/150 m.
    assert_eq!(half.queue(480_000).map(|q| q.2), Some(0));
    assert_eq!(half.queue(540_000), Some((26 + 9, 17_333, 6_000)));
    assert!(half.queues.iter().filter(|q| q.at_ms > 480_000).all(|q| q.public_m > 0.0));
}

/// The same with bays of 100 m for both turns, 15 slots of 2 s, where the time on the bay is 5 s and its wave takes 25 s.
/// Truck 53 + i enters the access link at 478 + 16i as before. The bay takes truck 68 + i at 478 + 16i + 25, which comes at
/// 8(68 + i) + 45: the first held before the bays is i = 11, truck 79, from 677 to 679 s, ahead of car 79 that comes at
/// 681 s. Car 80 comes at 689 s and must wait for truck 80 to enter at 695 s; it follows at 696 s.
#[test]
fn through_traffic_passes_until_the_bay_is_full() {
    let (mut roads, trips) = peak();
    roads.lanes[0] = 2.0;
    let bay = Bay { link: LinkIx(0), length_m: 100.0, lanes: 1.0, capacity_pcu_h: 1800.0, storage_pcu: 15.0 };
    let turns = [1, 2].map(|to| turn(to, Some(to - 1))).to_vec();
    roads.movements = Movements { bays: vec![bay, bay], turns, ..Movements::default() };
    let day = drive(&roads, &trips, &[Gate(3, 1, 16_000)], How::default(), None);
    let passed = |k: u32| Some(if k < 80 { 8_000 * k + 104_000 } else { 696_000 + 55_000 + 16_000 * (k - 80) });
    assert_eq!(day.ends((0..100).map(|k| 2 * k + 1)), (0..100).map(passed).collect::<Vec<_>>());
}

fn turn(to: u32, bay: Option<u32>) -> Turn {
    let (from, to) = (LinkIx(0), LinkIx(to));
    Turn { from, to, allowed: true, bay, signal: None, capacity_pcu_h: None, penalty_s: 0.0 }
}

/// A gate at the end of a road of two lanes, of which the movement straight on has one: what is left of the lanes is the bay
/// of the gate, 15 slots of 2 s with 5 s to travel and a wave of 25 s. Truck k enters the gate at 50 + 16k; the bay takes
/// truck 15 + j at 50 + 16j + 25 at the earliest, and it comes at 8(15 + j) + 45: the first held is j = 12, truck 27, from
/// 261 to 267 s, and car 27 behind it, that comes at 265 s, leaves at 268 s, the next ones every 16 s.
#[test]
fn the_way_into_a_gate_has_the_lanes_that_bays_leave() {
    let stretches = [Stretch(0, 1, 1000.0, 20.0, 3600.0, 300.0), Stretch(1, 2, 1000.0, 20.0, 3600.0, 150.0)];
    let mut roads = roads(3, &stretches);
    roads.lanes[0] = 2.0;
    let bay = Bay { link: LinkIx(0), length_m: 100.0, lanes: 1.0, capacity_pcu_h: 1800.0, storage_pcu: 15.0 };
    roads.movements = Movements { bays: vec![bay], turns: vec![turn(1, Some(0))], ..Movements::default() };
    let pair = |k: u32| [(car(8_000 * k, &[0]), Some(0)), (car(8_000 * k + 4_000, &[0, 1]), None)];
    let trips: Vec<Trip> = (0..60).flat_map(pair).collect();
    let day = drive(&roads, &trips, &[Gate(1, 1, 16_000)], How::default(), None);
    assert_eq!(day.ends((0..60).map(|k| 2 * k)), (0..60).map(|k| Some(50_000 + 16_000 * k)).collect::<Vec<_>>());
    let passed = |k: u32| Some(if k < 27 { 8_000 * k + 104_000 } else { 268_000 + 55_000 + 16_000 * (k - 27) });
    assert_eq!(day.ends((0..40).map(|k| 2 * k + 1)), (0..40).map(passed).collect::<Vec<_>>());
    // At 300 s trucks 16 to 28 have come to the end of the bay and not entered: 13 of 100 m / 15, 86.67 m. On the lanes before it car
    // 29 is about to follow truck 29, which has entered the bay; behind it trucks 30 and 31 with their cars, 4 of 1,800 m / 270, 26.67 m.
    assert_eq!(day.queue(300_000), Some((13 + 4, 11_333, 0)));
}

/// Two roads of 1,800 and 900/h with queues all along share a gate of one place for 4 s in proportion to capacity: of 150 in
/// 600 s, 100 and 50.
#[test]
fn two_roads_share_a_full_gate_by_capacity() {
    let roads = roads(3, &[Stretch(0, 2, 1000.0, 20.0, 1800.0, 5000.0), Stretch(1, 2, 1000.0, 20.0, 900.0, 5000.0)]);
    let trips: Vec<Trip> = (0..800).map(|n| (car(0, &[n % 2]), Some(0))).collect();
    let day = drive(&roads, &trips, &[Gate(2, 1, 4_000)], How { until_ms: 1_300_000, ..How::default() }, None);
    let late = |n: &usize| day.ended[*n].is_some_and(|ms| (600_000..1_200_000).contains(&ms));
    let passed = |road| (0..trips.len()).filter(|n| n % 2 == road).filter(late).count();
    assert_eq!(passed(0) + passed(1), 150);
    assert!(passed(0).abs_diff(100) <= 1, "{} to {}", passed(0), passed(1));
}

/// Who stays longest is freed first here: a hole that is known later but comes earlier is taken first. Both places are
/// taken at 50 and 52 s; they are free again at 100 and 90 s, told in this order, so the next two enter at 90 and 100 s.
#[test]
fn places_are_taken_as_they_become_free_whatever_was_told_first() {
    let roads = roads(2, &[Stretch(0, 1, 1000.0, 20.0, 1800.0, 400.0)]);
    let setup = RoadSetup {
        start_ms: 0,
        window_ms: 1_000,
        gridlock_ms: 30_000,
        bin_ms: BIN_MS,
        sample: 1.0,
        block_nodes: BLOCK_NODES,
        kinds: vec![kind(1, VehicleClass::Car)],
        listened: Listened::Nobody,
        reroute: None,
        gates: vec![RoadGate { node: NodeIx(1), places: 2 }],
        outlets: Vec::new(),
    };
    let mut traffic = RoadTraffic::new(&roads, &setup, (0..5).map(AgentIx).collect());
    let mut window = RoadWindow::default();
    for n in 0..5 {
        let route = traffic.lay([LinkIx(0)], Some(0)).unwrap();
        traffic.depart(AgentIx(n), route, 0, kind(1, VehicleClass::Car), 1);
    }
    for start in (0..200_000).step_by(1_000) {
        traffic.window(start, &mut window);
        match start {
            60_000 => traffic.free_place(0, 100_000),
            80_000 => traffic.free_place(0, 90_000),
            _ => {}
        }
    }
    assert_eq!(window.ended, [50_000, 52_000, 90_000, 100_000].into_iter().zip((0..).map(AgentIx)).collect::<Vec<_>>());
    assert_eq!(traffic.places_taken(0), 2);
}

/// A road that is closed for long and the way round it, both to the node of a gate.
fn closed_road() -> Roads {
    let stretches = [
        Stretch(0, 1, 1000.0, 20.0, 3600.0, 1000.0),
        Stretch(1, 2, 1000.0, 20.0, 3600.0, 1000.0),
        Stretch(1, 2, 2000.0, 20.0, 3600.0, 1000.0),
    ];
    let mut roads = roads(3, &stretches);
    let (from, until) = (Time(0), Time(4_000_000));
    roads.periods =
        vec![LinkPeriod { link: LinkIx(1), from, until, capacity_pcu_h: 0.0, free_speed_mps: 20.0, toll_cny: 0.0 }];
    roads
}

struct WayRound;

impl Reroute for WayRound {
    fn reroute(&self, ask: Ask, _: &[u32], _: &mut Scratch, route: &mut Vec<LinkIx>) -> Option<i64> {
        assert_eq!(ask.to, Goal::Node(NodeIx(2)));
        route.clear();
        route.extend(if ask.on == LinkIx(0) { Some(LinkIx(2)) } else { None });
        Some(100_000)
    }
}

/// Five cars wait at a closed road from 50 s on, 10 s apart, and are sent round it at 300 s: they come to the gate at 400 s, a
/// headway of 1 s apart, and enter it every 30 s as it frees its only place.
#[test]
fn another_way_leads_into_the_same_gate() {
    let trips: Vec<Trip> = (0..5).map(|n| (car(10_000 * n, &[0, 1]), Some(0))).collect();
    let rule = RerouteRule { every_ms: 300_000, lost_ms: 120_000, gain: 0.05 };
    let how = How { reroute: Some(rule), ..How::default() };
    let day = drive(&closed_road(), &trips, &[Gate(2, 1, 30_000)], how, Some(&WayRound));
    assert_eq!(day.traffic.counts.diverted, 5);
    assert_eq!(day.ended, (0..5).map(|n| Some(400_000 + 30_000 * n)).collect::<Vec<_>>());
}

/// Who leaves a departure queue at an outlet is told when: cars that are ready at once enter a link of 900/h every 4 s. At
/// other nodes nobody is told.
#[test]
fn those_who_leave_a_hub_are_told() {
    let roads = roads(3, &[Stretch(0, 1, 1000.0, 20.0, 900.0, 400.0), Stretch(1, 2, 1000.0, 20.0, 900.0, 400.0)]);
    let trips: Vec<Trip> = (0..10).map(|n| (car(0, if n % 2 == 0 { &[0, 1] } else { &[1] }), None)).collect();
    let day = drive(&roads, &trips, &[], How { outlet: Some(0), ..How::default() }, None);
    assert_eq!(day.departed, (0..5).map(|n| (4_000 * n, AgentIx(2 * n))).collect::<Vec<_>>());
}

/// A grid of 5 × 5 nodes with short links on which queues spill back, two gates in it, and trips that end at random or
/// lead into a gate at the node where they come to.
fn busy(seed: u64, trips: usize) -> (Roads, Vec<Trip>, Vec<Gate>) {
    let n = 5u32;
    let mut stretches = Vec::new();
    for node in 0..n * n {
        let (x, y) = (node % n, node / n);
        let beside = [
            (x > 0, node.wrapping_sub(1)),
            (x + 1 < n, node + 1),
            (y > 0, node.wrapping_sub(n)),
            (y + 1 < n, node + n),
        ];
        let stretch = |(_, to): &(bool, u32)| Stretch(node, *to, 120.0, 12.0, 900.0, 18.0);
        stretches.extend(beside.iter().filter(|b| b.0).map(stretch));
    }
    let mut roads = roads((n * n) as usize, &stretches);
    // Positions of their own, so that blocks are cut in many ways.
    roads.node_position = (0..n * n).map(|node| [113.0 + f64::from(node % n), 23.0 + f64::from(node / n)]).collect();
    let mut draws = Draws::new(seed, Purpose::Generate, 0, 0);
    let gates: Vec<Gate> =
        [7, 18, 18].map(|node| Gate(node, 1 + draws.below(3) as u32, 2_000 + draws.below(20_000) as u32)).to_vec();
    let mut made: Vec<Trip> = (0..trips)
        .map(|_| {
            let mut node = draws.below((n * n) as usize);
            let (mut links, mut into) = (Vec::new(), None);
            let most = 3 + draws.below(12);
            while links.len() < most && into.is_none() {
                let leaving = roads.leaving.at(NodeIx::from(node));
                let link = leaving[draws.below(leaving.len())];
                links.push(link.0);
                node = roads.to[link.i()].i();
                let gate = draws.below(gates.len());
                into = (gates[gate].0 as usize == node).then_some(gate as u32);
            }
            let truck = draws.uniform() < 0.2;
            let class = if truck { VehicleClass::Truck } else { VehicleClass::Car };
            (Drive { at_ms: draws.below(600_000) as u32, links, class, slots: if truck { 3 } else { 1 } }, into)
        })
        .collect();
    made.sort_by_key(|(trip, _)| trip.at_ms);
    (roads, made, gates)
}

/// The same day with gates, bit for bit, on any number of threads, with blocks of any size, in windows of any width; and
/// who listens to the users of hubs hears what those who listen to all hear of them.
#[test]
fn gates_are_the_same_on_any_thread_block_and_window() {
    let (roads, trips, gates) = busy(3, 1200);
    let how = How { until_ms: 1_800_000, outlet: Some(7), ..How::default() };
    let day = drive(&roads, &trips, &gates, how, None);
    assert!(day.queues.iter().any(|q| q.public_m > 0.0) && !day.departed.is_empty());
    for threads in [1, 2, 4] {
        for block_nodes in [1, 7, 1024] {
            for window_ms in [500, 1_000, 2_000] {
                let other = drive(&roads, &trips, &gates, How { threads, block_nodes, window_ms, ..how }, None);
                let which = format!("{threads} threads, blocks of {block_nodes}, windows of {window_ms} ms");
                assert!(other.events == day.events && other.ended == day.ended, "{which}");
                assert_eq!((&other.departed, &other.queues), (&day.departed, &day.queues), "{which}");
                assert_eq!(other.traffic.counts, day.traffic.counts, "{which}");
            }
        }
    }
    let early = drive(&roads, &trips, &gates, How { early: true, ..how }, None);
    assert!(early.events == day.events && early.queues == day.queues, "told early");
    let heard = drive(&roads, &trips, &gates, How { listened: Listened::HubUsers, ..how }, None).events;
    assert!(heard.iter().eq(day.events.iter().filter(|e| e.agent.0.is_multiple_of(3))));
    assert!(drive(&roads, &trips, &gates, How { listened: Listened::Nobody, ..how }, None).events.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// On random networks of queues `drive` finds places taken, vehicles and rows of links in order at all times, and no
    /// queue holds more than there is on the roads.
    #[test]
    fn gates_hold_their_places(seed in 0u64..1_000_000) {
        let (roads, trips, gates) = busy(seed, 500);
        let day = drive(&roads, &trips, &gates, How { until_ms: 1_500_000, ..How::default() }, None);
        for queue in &day.queues {
            prop_assert!(queue.vehicles > 0 && queue.own_m + queue.public_m > 0.0);
            prop_assert!(u64::from(queue.vehicles) <= trips.len() as u64);
        }
        let lane_m: f64 = roads.length_m.iter().sum();
        prop_assert!(day.queues.iter().all(|q| q.own_m + q.public_m <= lane_m));
    }
}
