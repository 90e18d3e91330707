//! Small networks and agents made by hand, for the tests of this room.

use crate::demand::{Agent, Class, Demand, Place, Purpose, Timing};
use crate::ids::{DepartureIx, DistrictIx, HubIx, LineIx, NodeIx, ProcessIx, StopIx};
use crate::mode::{Uses, VehicleClass};
use crate::network::hubs::{Chain, Hub, Process, Step};
use crate::network::lines::{Line, Lines, Stop};
use crate::network::roads::{Roads, Star};
use crate::network::{Network, NetworkNames};
use crate::scenario::hubs::{ChainScope, ChainUser, HubKind, Scope, ServiceLaw, Users};
use crate::units::{HOUR_MS, Time};

/// A link to be built: from, to, metres, metres per second, toll in yuan.
pub type Link = (u32, u32, f64, f64, f64);

/// Roads for cars, trucks and walkers between nodes at the given positions.
pub fn roads(positions: &[[f64; 2]], links: &[Link]) -> Roads {
    let from: Vec<NodeIx> = links.iter().map(|l| NodeIx(l.0)).collect();
    let to: Vec<NodeIx> = links.iter().map(|l| NodeIx(l.1)).collect();
    let (nodes, n) = (positions.len(), links.len());
    Roads {
        node_position: positions.to_vec(),
        node_zone: vec![None; nodes],
        node_district: vec![None; nodes],
        length_m: links.iter().map(|l| l.2).collect(),
        free_speed_mps: links.iter().map(|l| l.3).collect(),
        capacity_pcu_h: vec![1_800.0; n],
        storage_pcu: vec![100.0; n],
        lanes: vec![1.0; n],
        toll_cny: links.iter().map(|l| l.4).collect(),
        uses: vec![Uses { car: true, truck: true, walk: true }; n],
        facility: vec![String::new(); n],
        name: vec![String::new(); n],
        district: vec![None; n],
        hub: vec![None; n],
        shape: vec![Vec::new(); n],
        leaving: Star::new(nodes, &from),
        reaching: Star::new(nodes, &to),
        from,
        to,
        ..Roads::default()
    }
}

/// A line through stops: seconds between stops (no dwell), seconds of the first departure, headway, number of runs.
pub fn line(stops: &[u32], hops_s: &[i64], first_s: i64, headway_s: i64, runs: i64) -> Line {
    let mut line = Line {
        route_id: String::new(),
        name: String::new(),
        color: String::new(),
        rail: true,
        stops: stops.iter().map(|&s| StopIx(s)).collect(),
        chainage_m: (0..stops.len()).map(|i| i as f64 * 10_000.0).collect(),
        capacity: 1_000,
        fare_base_cny: 2.0,
        fare_per_km_cny: 0.1,
        first_departure: DepartureIx(0),
        arrivals: Vec::new(),
        departures: Vec::new(),
        timed: true,
        ..Line::default()
    };
    for run in 0..runs {
        let mut now = first_s + run * headway_s;
        line.arrivals.push(Time(now * 1000));
        line.departures.push(Time(now * 1000));
        for hop in hops_s {
            now += hop;
            line.arrivals.push(Time(now * 1000));
            line.departures.push(Time(now * 1000));
        }
    }
    line
}

/// Lines over so many stops, with footpaths (from, to, seconds) and two minutes for a change at a stop.
pub fn lines(stops: u32, all: Vec<Line>, footpaths: &[(u32, u32, i64)]) -> Lines {
    let mut lines = Lines {
        stops: (0..stops)
            .map(|s| Stop { name: s.to_string(), position: [113.0, 23.0], hub: None, node: None })
            .collect(),
        stop_lines: vec![Vec::new(); stops as usize],
        transfers: vec![Vec::new(); stops as usize],
        change_ms: 120_000,
        ..Lines::default()
    };
    for (l, line) in all.iter().enumerate() {
        for (position, stop) in line.stops.iter().enumerate() {
            lines.stop_lines[stop.i()].push((LineIx::from(l), position as u32));
        }
        lines.departures += line.runs() as u32;
    }
    lines.stop_lines.iter_mut().for_each(|at| at.sort());
    for &(from, to, s) in footpaths {
        lines.transfers[from as usize].push((StopIx(to), s * 1000));
    }
    lines.transfers.iter_mut().for_each(|at| at.sort());
    lines.lines = all;
    lines
}

/// A network of roads and lines; `walks` joins nodes and stops: node, stop, seconds.
pub fn network(roads: Roads, mut lines: Lines, walks: &[(u32, u32, i64)]) -> Network {
    lines.node_stops = vec![Vec::new(); roads.nodes()];
    for &(node, stop, s) in walks {
        lines.node_stops[node as usize].push((StopIx(stop), s * 1000));
    }
    Network { roads, lines, hubs: Default::default(), places: Default::default(), names: NetworkNames::default() }
}

/// A hub at a node with a chain for every kind of user: a walk of 30 s and a process of 60 s. Cars and trucks come and
/// go at that node; the kerb is 120 s from the hall, each stop as told (stop, seconds).
pub fn with_hub(mut network: Network, node: u32, stops: &[(u32, i64)]) -> Network {
    let at = Some(NodeIx(node));
    let chain =
        |user| Chain { user, scope: ChainScope::Any, terminal: None, steps: vec![Step::at(ProcessIx(0), 30_000)] };
    network.hubs.processes = vec![Process {
        hub: HubIx(0),
        name: String::new(),
        name_en: String::new(),
        shifts: vec![(Time(0), Time(30 * HOUR_MS), 10)],
        law: ServiceLaw::Deterministic,
        mean_ms: 60_000.0,
        phases: 1,
        ..Process::default()
    }];
    network.hubs.hubs = vec![Hub {
        id: "hub".into(),
        name: String::new(),
        name_en: String::new(),
        kind: HubKind::Airport,
        district: DistrictIx(0),
        position: network.roads.node_position[node as usize],
        drop_off: at,
        pick_up: at,
        truck_in: at,
        truck_out: at,
        stops: stops.iter().map(|&(stop, s)| (StopIx(stop), s * 1000)).collect(),
        gates: Vec::new(),
        kerb_walk_ms: 120_000,
        chains: [ChainUser::Departing, ChainUser::Arriving, ChainUser::Transfer, ChainUser::Truck].map(chain).to_vec(),
        users: Users::default(),
        gate: (Time(0), Time(24 * HOUR_MS)),
        truck_class: VehicleClass::Truck,
        terminals: Vec::new(),
        appointments: None,
    }];
    network
}

/// A resident with a car who sets out from a node to a node at a moment.
pub fn agent(key: u64, from: u32, to: u32, time: Time) -> Agent {
    Agent {
        key,
        class: Class::Background,
        purpose: Purpose::Other,
        from: Place::Node(NodeIx(from)),
        to: Place::Node(NodeIx(to)),
        zone: None,
        hub: None,
        service: None,
        scope: Scope::Domestic,
        time,
        timing: Timing::SetsOut,
        deadline: None,
        vehicle: VehicleClass::Car,
        car: true,
        party: 1,
        drives: false,
        tour: None,
        route: None,
        came_by: None,
        slot: None,
    }
}

/// A demand of agents.
pub fn demand(agents: Vec<Agent>) -> Demand {
    Demand { agents, consignments: Vec::new(), sample: 1.0, ..Demand::default() }
}

/// Settings with a title and defaults.
pub fn settings() -> crate::scenario::settings::Settings {
    toml::from_str("title = \"toy\"").expect("a title is enough")
}
