//! Buses in the traffic of the road.

use crate::city::{Stretch, roads};
use crate::town::{WholeDay, agent, town_of_lines, whole_day_of};
use crate::vehicles::{bus, called, of, rider};
use hubflow::demand::plan::{Leg, Plan};
use hubflow::events::{Event, What};
use hubflow::ids::{AgentIx, LinkIx, NodeIx, StopIx};
use hubflow::mode::{Mode, VehicleClass};
use hubflow::network::Network;
use hubflow::network::lines::Line;
use hubflow::routing::sections::Sections;
use hubflow::units::Time;

/// Three stops at the nodes 0, 2 and 3 of a road 0 → 1 → 2 → 3, each link 1,000 m long, 10 m/s; 1,800 PCU/h but for the
/// second, which takes 360. Buses leave at the given moments, seconds.
fn town(runs: &[i64]) -> Network {
    let wide = |from, to| Stretch(from, to, 1_000.0, 10.0, 1_800.0, 100.0);
    let line = Line { on_road: true, ..of(bus(80, 0, 1), 3, runs) };
    let mut network = town_of_lines(vec![line]);
    network.roads = roads(4, &[wide(0, 1), Stretch(1, 2, 1_000.0, 10.0, 360.0, 100.0), wide(2, 3)]);
    for (stop, node) in network.lines.stops.iter_mut().zip([0, 2, 3]) {
        stop.node = Some(NodeIx(node));
    }
    network
}

fn driver(at_s: i64) -> Plan {
    let legs = vec![Leg::Drive { route: [0, 1].map(LinkIx).into_iter().collect() }];
    Plan { mode: Mode::Car, departure: Time(at_s * 1_000), legs: legs.into(), cost_cny: 0.0 }
}

fn day(network: Network, plans: Vec<Plan>, window_ms: u32) -> WholeDay {
    let agents = (0..plans.len() as u64).map(agent).collect();
    whole_day_of(network, agents, plans, 1.0, window_ms, Time(3_600_000))
}

/// It leaves at 38 s, is on the road at 40 s and at the second stop after 200 s. With twenty cars that set out at 0 s and
/// enter every 2 s, the last at 38 s: they pass the narrow link every 10 s, from 100 s on, the last one at 290 s; the bus
/// follows at 300 s and is at the stop at 400 s, 160 s late. Its passengers are late with it.
#[test]
fn a_bus_in_a_jam_is_late() {
    let passenger = || rider(0.0, 0, 0, 1);
    let free = day(town(&[38]), vec![passenger()], 1_000);
    assert_eq!(called(&free.events, 0, 1).0, 240.0);
    let plans = std::iter::once(passenger()).chain((0..20).map(|_| driver(0))).collect();
    let jam = day(town(&[38]), plans, 1_000);
    assert_eq!(called(&jam.events, 0, 1).0, 400.0);
    let alighted = |e: &Event| matches!(e.what, What::Alighted { .. }).then_some((e.agent, e.time));
    assert_eq!(jam.events.iter().find_map(alighted), Some((AgentIx(0), Time(400_000))));
    assert_eq!(jam.times.lines[0].arrivals[1], Time(400_000));
    // Doors and one passenger take 12 s, then 2 s to pull out and 100 s to the last stop.
    assert_eq!(called(&jam.events, 0, 2).0, 514.0);
}

/// A bus is a vehicle of its class in the counts of links and takes two places on the narrow link: the car behind it waits
/// 20 s, not 10.
#[test]
fn a_bus_is_a_vehicle_on_the_road() {
    let day = day(town(&[0]), vec![driver(10)], 1_000);
    let buses = day.traffic.passed.iter().filter(|p| p.kind.class == VehicleClass::Bus);
    let passed: Vec<(LinkIx, u32)> = buses.map(|p| (p.link, p.count)).collect();
    assert_eq!(passed, [(LinkIx(0), 1), (LinkIx(1), 1), (LinkIx(2), 1)]);
    let entered = |agent: u32, link: u32| {
        let of = |e: &&Event| e.agent.0 == agent && e.what == What::LinkEntered { link: LinkIx(link) };
        day.events.iter().find(of).map(|e| e.time.seconds())
    };
    // The bus, run 0, is numbered after the one traveller.
    assert_eq!((entered(1, 0), entered(1, 1)), (Some(2.0), Some(102.0)));
    assert_eq!((entered(0, 0), entered(0, 1)), (Some(10.0), Some(122.0)));
}

/// A stop without a street is reached by timetable, and is told.
#[test]
fn sections_without_a_road_are_run_by_timetable_and_told() {
    let mut network = town(&[38]);
    network.lines.stops[2].node = None;
    network.lines.stops.iter_mut().zip(["a", "b", "c"]).for_each(|(stop, name)| stop.name = name.into());
    let told = Sections::new(&network).told(&network);
    assert_eq!(told, ["route line has no way on the road from b to c and is run by timetable there"]);
    let day = day(network, vec![rider(0.0, 0, 0, 2)], 1_000);
    assert_eq!(called(&day.events, 0, 1), (240.0, 250.0));
    assert_eq!(called(&day.events, 0, 2).0, 350.0);
}

/// Late buses that bunch, cars, a rotation and people who come all the time: the same day on any window and any number of
/// threads.
#[test]
fn buses_in_traffic_are_the_same_on_any_thread_and_window() {
    let network = || {
        let mut network = town(&[0, 60, 120, 600]);
        let back = Line { stops: [2, 0].map(StopIx).to_vec(), ..of(bus(80, 0, 1), 2, &[700]) };
        let line = network.lines.lines.remove(0);
        let (roads, stops) = (network.roads, network.lines.stops);
        network = town_of_lines(vec![line, back]);
        network.roads = roads;
        network.lines.stops = stops;
        network.lines.operation.turnaround_ms = 60_000;
        network.lines.operation.before = vec![None, None, None, None, Some(hubflow::ids::DepartureIx(3))];
        network
    };
    let plans = || -> Vec<Plan> {
        let cars = (0..60).map(|k| driver(7 * k));
        let riders = (0..200u16).map(|k| {
            let from = k % 2;
            rider(f64::from(k) * 3.7, 0, from, from + 1 + (k % 4) / 3 * (1 - from))
        });
        cars.chain(riders).collect()
    };
    let of = |threads: usize, window_ms: u32| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| day(network(), plans(), window_ms))
    };
    let first = of(1, 1_000);
    assert!(first.times.lines[0].arrivals[1] > Time(202_000), "the first bus is late");
    assert!(called(&first.events, 4, 0).1 > 700.0, "and one is late for its way back");
    for (threads, window_ms) in [(2, 1_000), (1, 500), (2, 2_000)] {
        assert!(of(threads, window_ms) == first, "{threads} threads, {window_ms} ms");
    }
}
