//! A town of hubs and lines without roads, built by hand, and whole days of it.

use hubflow::demand::items::Items;
use hubflow::demand::plan::{Leg, Plan};
use hubflow::demand::stock::Stock;
use hubflow::demand::{Agent, Class, Consignment, Demand, Place, Purpose, Timing};
use hubflow::events::{Event, EventSink, What};
use hubflow::ids::{DistrictIx, HubIx, NodeIx, ProcessIx};
use hubflow::mobsim::road::{BLOCK_NODES, Listened};
use hubflow::mobsim::{DayInput, DayReport, DaySetup, simulate};
use hubflow::mode::{Mode, VehicleClass};
use hubflow::network::Network;
use hubflow::network::hubs::{Chain, Hub, Hubs, Process, Step};
use hubflow::network::line_times::LineTimes;
use hubflow::network::lines::{Line, Lines, Stop};
use hubflow::network::passages::{BIN_MS, LinkTraffic};
use hubflow::routing::sections::Sections;
use hubflow::scenario::hubs::{ChainScope, ChainUser, HubKind, Scope, ServiceLaw, Users};
use hubflow::transit::again::{ByTimetable, Replan};
use hubflow::units::Time;
use std::ops::ControlFlow;
use std::sync::Arc;

/// The end of a town's day, a week for long queues.
pub const END: Time = Time(7 * 24 * 3_600_000);

/// An agent with nothing special about it.
pub fn agent(key: u64) -> Agent {
    Agent {
        key,
        class: Class::Background,
        purpose: Purpose::Other,
        from: Place::Node(NodeIx(0)),
        to: Place::Node(NodeIx(0)),
        zone: None,
        hub: None,
        service: None,
        scope: Scope::Domestic,
        time: Time(0),
        timing: Timing::SetsOut,
        deadline: None,
        vehicle: VehicleClass::Car,
        car: false,
        party: 1,
        drives: false,
        tour: None,
        route: None,
        came_by: None,
        slot: None,
    }
}

/// A process with servers all day.
pub fn process(servers: u32, law: ServiceLaw, mean_s: f64) -> Process {
    Process {
        hub: HubIx(0),
        name: String::new(),
        name_en: "counter".into(),
        shifts: vec![(Time(0), END, servers)],
        law,
        mean_ms: mean_s * 1000.0,
        phases: 1,
        cv: 1.0,
        ..Process::default()
    }
}

/// One hub in which departing users pass the given processes in order, each after a walk of 10 s.
pub fn hub(processes: Vec<Process>) -> Network {
    let step = |p| Step::at(ProcessIx::from(p), 10_000);
    let steps = (0..processes.len()).map(step).collect();
    let hub = Hub {
        id: "hub".into(),
        name: "hub".into(),
        name_en: "hub".into(),
        kind: HubKind::RailStation,
        district: DistrictIx(0),
        position: [113.0, 23.0],
        drop_off: None,
        pick_up: None,
        truck_in: None,
        truck_out: None,
        stops: Vec::new(),
        gates: Vec::new(),
        kerb_walk_ms: 0,
        chains: vec![Chain { user: ChainUser::Departing, scope: ChainScope::Any, terminal: None, steps }],
        users: Users::default(),
        gate: (Time(0), END),
        truck_class: VehicleClass::Truck,
        terminals: Vec::new(),
        appointments: None,
    };
    let roads = crate::city::roads(2, &[crate::city::Stretch(0, 1, 1000.0, 10.0, 1800.0, 100.0)]);
    let lines = Lines::default();
    let hubs = Hubs { hubs: vec![hub], processes, ..Hubs::default() };
    Network { roads, lines, hubs, places: Default::default(), names: Default::default() }
}

/// A plan that is a visit of the hub, begun at a moment.
pub fn visit(at_ms: i64) -> Plan {
    let legs = vec![Leg::Visit { hub: HubIx(0), chain: 0 }];
    Plan { mode: Mode::Walk, departure: Time(at_ms), legs: legs.into(), cost_cny: 0.0 }
}

/// A line of stops with runs `headway_s` apart, `minutes` between stops, no dwell.
pub fn line(stops: u32, runs: &[i64], between_s: i64, capacity: u32) -> Line {
    let times: Vec<Time> =
        (runs.iter()).flat_map(|&run| (0..i64::from(stops)).map(move |k| Time((run + k * between_s) * 1000))).collect();
    Line {
        route_id: "line".into(),
        name: "line".into(),
        color: String::new(),
        rail: true,
        stops: (0..stops).map(hubflow::ids::StopIx).collect(),
        chainage_m: (0..stops).map(|k| f64::from(k) * 1000.0).collect(),
        capacity,
        fare_base_cny: 2.0,
        fare_per_km_cny: 0.2,
        first_departure: hubflow::ids::DepartureIx(0),
        arrivals: times.clone(),
        departures: times,
        timed: true,
        ..Line::default()
    }
}

/// A town with one line.
pub fn town_of_line(line: Line) -> Network {
    town_of_lines(vec![line])
}

/// A town with lines, whose runs are numbered line after line.
pub fn town_of_lines(mut lines: Vec<Line>) -> Network {
    let mut network = hub(Vec::new());
    let stop = |_| Stop { name: String::new(), position: [113.0, 23.0], hub: None, node: None };
    let mut departures = 0;
    for line in &mut lines {
        line.first_departure = hubflow::ids::DepartureIx(departures);
        departures += line.runs() as u32;
    }
    let stops = lines.iter().flat_map(|l| &l.stops).map(|s| s.0 + 1).max().unwrap_or(0);
    network.lines = Lines { stops: (0..stops).map(stop).collect(), departures, lines, ..Lines::default() };
    network
}

/// Keeps all events.
#[derive(Default)]
pub struct Kept(pub Vec<Event>);

impl EventSink for Kept {
    fn event(&mut self, event: &Event) {
        if let Some(last) = self.0.last() {
            assert!(last <= event, "events come in their total order: {last:?} before {event:?}");
        }
        self.0.push(*event);
    }
}

/// Simulates a day of plans in a town; agent `k` has the key `k`.
pub fn day(network: Network, plans: Vec<Plan>, sample: f64, window_ms: u32) -> (DayReport, Vec<Event>) {
    let agents = (0..plans.len() as u64).map(agent).collect();
    day_of(network, agents, plans, sample, window_ms)
}

/// Simulates a day of given agents.
pub fn day_of(
    network: Network,
    agents: Vec<Agent>,
    plans: Vec<Plan>,
    sample: f64,
    window_ms: u32,
) -> (DayReport, Vec<Event>) {
    let WholeDay { report, events, .. } = whole_day_of(network, agents, plans, sample, window_ms, END);
    (report, events)
}

/// All that a day gives.
#[derive(Debug, PartialEq)]
pub struct WholeDay {
    pub report: DayReport,
    pub events: Vec<Event>,
    pub times: LineTimes,
    pub traffic: LinkTraffic,
}

/// The same up to a moment, with the times and loads of lines.
pub fn whole_day_of(
    network: Network,
    agents: Vec<Agent>,
    plans: Vec<Plan>,
    sample: f64,
    window_ms: u32,
    end: Time,
) -> WholeDay {
    let demand = Demand { agents, sample, ..Demand::default() };
    whole_day_on(network, demand, plans, DaySetup { window_ms, end, ..SETUP })
}

/// The same with consignments.
pub fn day_with(
    network: Network,
    agents: Vec<Agent>,
    consignments: Vec<Consignment>,
    plans: Vec<Plan>,
    window_ms: u32,
) -> WholeDay {
    let demand = Demand { agents, consignments, sample: 1.0, ..Demand::default() };
    whole_day_on(network, demand, plans, DaySetup { window_ms, ..SETUP })
}

/// A day as these tests simulate it.
pub const SETUP: DaySetup = DaySetup {
    start: Time(0),
    end: END,
    window_ms: 1_000,
    gridlock_ms: 30_000,
    bin_ms: BIN_MS,
    seed: 7,
    block_nodes: BLOCK_NODES,
    listened: Listened::All,
    reroute: None,
};

/// A day of a demand.
pub fn whole_day_on(network: Network, mut demand: Demand, plans: Vec<Plan>, setup: DaySetup) -> WholeDay {
    demand.items = Items::new(&network, &demand, setup.seed);
    demand.stock = Stock::new(&network, &demand, setup.seed);
    let input = DayInput {
        router: None,
        sections: Arc::new(Sections::new(&network)),
        replan: (network.lines.operation.replan_after > 0)
            .then(|| Arc::new(ByTimetable::new(&network.lines, 4, 300_000)) as Arc<dyn Replan>),
        network: Arc::new(network),
        demand: Arc::new(demand),
        plans: Arc::new(plans.into_iter().map(Some).collect()),
    };
    let mut kept = Kept::default();
    let (report, traffic, times) = simulate(&input, setup, &mut kept, &mut |_| ControlFlow::Continue(()));
    WholeDay { report, events: kept.0, times, traffic }
}

/// Waits of those served by process 0, in the order of their joining, ms.
pub fn waits(events: &[Event]) -> Vec<i64> {
    let mut waits: Vec<(Time, i64)> = (events.iter())
        .filter_map(|e| match e.what {
            What::Served { process: ProcessIx(0), arrived, began } => Some((arrived, began.since(arrived))),
            _ => None,
        })
        .collect();
    waits.sort_by_key(|w| w.0);
    waits.into_iter().map(|w| w.1).collect()
}
