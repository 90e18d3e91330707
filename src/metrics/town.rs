//! A town for the tests of indicators: two links, one line, one hub, two districts, six agents; and events in few
//! words.
//!
//! Links: 0 is 1,000 m at 20 m/s (50 s) in district east, 1 is 3,000 m at 30 m/s (100 s; trucks 135 s) in district west
//! and the hub's kerb. Line M1 has three stops at 0, 1,000 and 3,000 m, ten places, and leaves at 08:00 and 09:00; it
//! takes 100 s between stops. The hub's security has two servers all day, its truck gate one from 06:00 to 08:00.

use crate::demand::plan::{Leg, Plan};
use crate::demand::{Agent, Class, Consignment, Demand, Place, Purpose, Timing};
use crate::events::{Event, What};
use crate::ids::{
    AgentIx, DepartureIx, DistrictIx, HubIx, LineIx, LinkIx, Names, NodeIx, ProcessIx, ServiceIx, StopIx, ZoneIx,
};
use crate::metrics::{Context, Indicator};
use crate::mode::{Mode, Uses, VehicleClass};
use crate::network::districts::{District, Places, Zone};
use crate::network::hubs::{Hub, Hubs, Process, Service};
use crate::network::lines::{Line, Lines, Stop};
use crate::network::passages::{BIN_MS, Kind, LinkTraffic, Passed, Still, Waited};
use crate::network::roads::{Roads, Star};
use crate::network::{Network, NetworkNames};
use crate::scenario::hubs::{ChainUser, Direction, HubKind, Scope, ServiceLaw, ServiceMode, Users};
use crate::scenario::settings::ValueOfTime;
use crate::table::{Kpi, Table};
use crate::units::{HOUR_MS, Time};
use std::collections::BTreeMap;

/// The town with its people.
pub struct Town {
    pub network: Network,
    pub demand: Demand,
    pub plans: Vec<Option<Plan>>,
    pub end: Time,
    pub store_start: Vec<i64>,
    /// What the day leaves besides its events, for the indicators' close.
    pub left: LinkTraffic,
}

/// A resident, two people by car to the hub's departures, from district east.
pub const DEPARTING: u32 = 0;
/// A visitor who comes by the hub and goes on by transit to district west.
pub const ARRIVING: u32 = 1;
/// Three people who change between services.
pub const TRANSFER: u32 = 2;
/// A truck that brings 10 t to the hub and fetches 2 TEU, to and from district east.
pub const TRUCK: u32 = 3;
/// A commuter by car.
pub const COMMUTER: u32 = 4;
/// Somebody whom no plan takes anywhere.
pub const LOST: u32 = 5;

impl Town {
    pub fn new() -> Town {
        let plan = |mode| Some(Plan { mode, departure: Time(0), legs: Vec::new().into(), cost_cny: 10.0 });
        let plans = [Mode::Car, Mode::Transit, Mode::Walk, Mode::Truck, Mode::Car].map(plan);
        let mut plans = plans.to_vec();
        plans.push(None);
        let network = Network { roads: roads(), lines: lines(), hubs: hubs(), places: places(), names: names() };
        Town {
            network,
            demand: demand(),
            plans,
            end: Time(24 * HOUR_MS),
            store_start: Vec::new(),
            left: LinkTraffic::default(),
        }
    }

    /// The same town of which a share is simulated.
    pub fn sampled(sample: f64) -> Town {
        let mut town = Town::new();
        town.demand.sample = sample;
        town
    }

    pub fn truck(&self) -> u32 {
        TRUCK
    }

    pub fn context(&self) -> Context<'_> {
        let (network, demand, plans) = (&self.network, &self.demand, &self.plans[..]);
        let value_cny_h = ValueOfTime::default();
        Context { network, demand, plans, start: Time(0), end: self.end, store_start: &self.store_start, value_cny_h }
    }

    /// Lets an agent's plan be one drive.
    pub fn drives(&mut self, agent: u32, route: &[u32]) {
        let route = route.iter().map(|&l| LinkIx(l)).collect();
        self.plans[agent as usize].as_mut().unwrap().legs = Leg::Drive { route }.into();
    }

    /// Gives events, in their total order, and the traffic that they tell of to an indicator and returns its results.
    pub fn tell<I: Indicator>(&self, mut indicator: I, events: &[Event]) -> (Vec<Table>, Vec<Kpi>) {
        let mut events = events.to_vec();
        events.sort_unstable();
        events.iter().for_each(|e| indicator.event(e));
        indicator.close(&self.context(), &self.traffic(&events));
        (indicator.tables(&self.context()), indicator.kpis(&self.context()))
    }

    /// The rows that a road counts on a day of these events: a slow, plain reading of single passages.
    pub fn traffic(&self, events: &[Event]) -> LinkTraffic {
        let mut events = events.to_vec();
        events.sort_unstable();
        let mut counted = Counted::default();
        events.iter().for_each(|event| counted.take(self, event));
        counted.rows(self)
    }
}

/// Where an agent's vehicle is.
#[derive(Clone, Copy)]
enum Whereabouts {
    AtOrigin { leg: u16, since: Time },
    OnLink { link: LinkIx, since: Time },
}

/// Single passages on their way to becoming rows.
#[derive(Default)]
struct Counted {
    /// By (link, bin, period, kind): count and time.
    passed: BTreeMap<(LinkIx, u32, u32, Kind), (u32, u64)>,
    waited: BTreeMap<(LinkIx, u32, Kind), (u32, u64)>,
    vehicles: BTreeMap<AgentIx, Whereabouts>,
}

impl Counted {
    fn take(&mut self, town: &Town, event: &Event) {
        let Event { time, agent, what } = *event;
        if agent.i() >= town.demand.agents.len() {
            return; // A vehicle of a line.
        }
        let bin = |t: Time| (t.0 / i64::from(BIN_MS)) as u32;
        let kind = town.kind(agent);
        match what {
            What::LegBegan { leg, mode: Some(Mode::Car | Mode::Taxi | Mode::Truck) } => {
                self.vehicles.insert(agent, Whereabouts::AtOrigin { leg, since: time });
            }
            What::LegEnded { .. } => drop(self.vehicles.remove(&agent)),
            What::LinkEntered { link } => {
                if let Some(Whereabouts::AtOrigin { since, .. }) = self.vehicles.get(&agent) {
                    let (count, ms) = self.waited.entry((link, bin(*since), kind)).or_default();
                    (*count, *ms) = (*count + 1, *ms + time.since(*since) as u64);
                }
                self.vehicles.insert(agent, Whereabouts::OnLink { link, since: time });
            }
            What::LinkLeft { link, entered } => {
                let period = town.network.roads.period_number_at(link, entered);
                let row = self.passed.entry((link, bin(entered), period, kind)).or_default();
                *row = (row.0 + 1, row.1 + time.since(entered) as u64);
                self.vehicles.remove(&agent);
            }
            _ => {}
        }
    }

    fn rows(self, town: &Town) -> LinkTraffic {
        let mut traffic = town.left.clone();
        for ((link, bin, period, kind), (count, time_ms)) in self.passed {
            traffic.passed.push(Passed { link, bin, period, kind, count, time_ms });
        }
        for ((link, bin, kind), (count, time_ms)) in self.waited {
            traffic.waited.push(Waited { link, bin, kind, count, time_ms });
        }
        for (agent, whereabouts) in self.vehicles {
            let kind = town.kind(agent);
            match whereabouts {
                Whereabouts::OnLink { link, since } => traffic.on_link.push(Still { agent, link, since, kind }),
                Whereabouts::AtOrigin { leg, since } => {
                    let legs = &town.plans[agent.i()].as_ref().unwrap().legs;
                    if let Some(Leg::Drive { route }) = legs.get(usize::from(leg))
                        && let Some(&link) = route.first()
                    {
                        traffic.at_origin.push(Still { agent, link, since, kind });
                    }
                }
            }
        }
        traffic
    }
}

impl Town {
    fn kind(&self, agent: AgentIx) -> Kind {
        let agent = &self.demand.agents[agent.i()];
        Kind { class: agent.vehicle, of_hub: agent.hub.is_some() }
    }
}

/// Events at a moment.
#[derive(Clone, Copy)]
pub struct At(Time);

/// Events at a moment, milliseconds after midnight.
pub fn at(ms: i64) -> At {
    At(Time(ms))
}

impl At {
    pub fn event(self, agent: u32, what: What) -> Event {
        Event { time: self.0, agent: AgentIx(agent), what }
    }
    pub fn entered(self, agent: u32, link: u32) -> Event {
        self.event(agent, What::LinkEntered { link: LinkIx(link) })
    }
    pub fn left(self, agent: u32, link: u32, entered: i64) -> Event {
        self.event(agent, What::LinkLeft { link: LinkIx(link), entered: Time(entered) })
    }
    pub fn began(self, agent: u32, leg: u16, mode: Option<Mode>) -> Event {
        self.event(agent, What::LegBegan { leg, mode })
    }
    pub fn ended(self, agent: u32, leg: u16, mode: Option<Mode>) -> Event {
        self.event(agent, What::LegEnded { leg, mode })
    }
    pub fn queued(self, agent: u32, process: u32) -> Event {
        self.event(agent, What::Queued { process: ProcessIx(process) })
    }
    pub fn served(self, agent: u32, process: u32, arrived: i64, began: i64) -> Event {
        self.event(agent, What::Served { process: ProcessIx(process), arrived: Time(arrived), began: Time(began) })
    }
    pub fn boarded(self, agent: u32, run: u32, position: u16, arrived: i64) -> Event {
        let (departure, line) = (DepartureIx(run), LineIx(0));
        self.event(agent, What::Boarded { departure, line, position, arrived: Time(arrived) })
    }
    pub fn alighted(self, agent: u32, run: u32, stop: u32) -> Event {
        self.event(agent, What::Alighted { departure: DepartureIx(run), stop: StopIx(stop) })
    }
    pub fn denied(self, agent: u32, run: u32, stop: u32) -> Event {
        self.event(agent, What::Denied { departure: DepartureIx(run), stop: StopIx(stop) })
    }
    pub fn missed(self, agent: u32) -> Event {
        self.event(agent, What::Missed)
    }
    pub fn arrived(self, agent: u32) -> Event {
        self.event(agent, What::Arrived)
    }
}

const NODES: [[f64; 2]; 3] = [[113.20, 23.10], [113.21, 23.10], [113.24, 23.10]];

fn roads() -> Roads {
    let from = vec![NodeIx(0), NodeIx(1)];
    let to = vec![NodeIx(1), NodeIx(2)];
    Roads {
        node_position: NODES.to_vec(),
        node_zone: vec![Some(ZoneIx(0)), None, Some(ZoneIx(1))],
        node_district: vec![Some(DistrictIx(0)), Some(DistrictIx(0)), Some(DistrictIx(1))],
        leaving: Star::new(3, &from),
        reaching: Star::new(3, &to),
        from,
        to,
        length_m: vec![1_000.0, 3_000.0],
        free_speed_mps: vec![20.0, 30.0],
        capacity_pcu_h: vec![1_800.0, 3_600.0],
        storage_pcu: vec![150.0, 900.0],
        lanes: vec![1.0, 2.0],
        toll_cny: vec![0.0, 0.0],
        uses: vec![Uses { car: true, truck: true, walk: false }; 2],
        facility: vec!["arterial".into(), "kerb".into()],
        name: vec!["Market Street".into(), "Station Road".into()],
        district: vec![Some(DistrictIx(0)), Some(DistrictIx(1))],
        hub: vec![None, Some(HubIx(0))],
        shape: vec![Vec::new(), Vec::new()],
        ..Roads::default()
    }
}

fn lines() -> Lines {
    let hour = |h: i64, positions: [i64; 3]| positions.map(|s| Time(h * HOUR_MS + s * 1_000));
    let (first, second) = (hour(8, [0, 100, 200]), hour(9, [0, 100, 200]));
    let stop = |i: usize| Stop { name: format!("Stop {i}"), position: NODES[i], hub: None, node: None };
    Lines {
        stops: (0..3).map(stop).collect(),
        lines: vec![Line {
            route_id: "M1".into(),
            name: "Metro 1".into(),
            color: "C00000".into(),
            rail: true,
            stops: vec![StopIx(0), StopIx(1), StopIx(2)],
            chainage_m: vec![0.0, 1_000.0, 3_000.0],
            capacity: 10,
            fare_base_cny: 2.0,
            fare_per_km_cny: 0.15,
            first_departure: DepartureIx(0),
            arrivals: [first, second].concat(),
            departures: [first, second].concat(),
            timed: true,
            ..Line::default()
        }],
        departures: 2,
        ..Lines::default()
    }
}

fn hubs() -> Hubs {
    let hub = Hub {
        id: "airport".into(),
        name: "机场".into(),
        name_en: "Airport".into(),
        kind: HubKind::Airport,
        district: DistrictIx(1),
        position: NODES[2],
        drop_off: Some(NodeIx(2)),
        pick_up: None,
        truck_in: None,
        truck_out: None,
        stops: Vec::new(),
        gates: Vec::new(),
        kerb_walk_ms: 0,
        chains: Vec::new(),
        users: Users::default(),
        gate: (Time(0), Time(24 * HOUR_MS)),
        truck_class: VehicleClass::Truck,
        terminals: Vec::new(),
        appointments: None,
    };
    let process = |name: &str, shifts, area_m2| Process {
        hub: HubIx(0),
        name: name.into(),
        name_en: name.into(),
        shifts,
        law: ServiceLaw::Deterministic,
        mean_ms: 60_000.0,
        phases: 1,
        area_m2,
        ..Process::default()
    };
    let security = process("Security", vec![(Time(0), Time(24 * HOUR_MS), 2)], Some(120.0));
    let gate = process("Truck gate", vec![(Time(6 * HOUR_MS), Time(8 * HOUR_MS), 1)], None);
    let service = Service {
        hub: HubIx(0),
        mode: ServiceMode::Air,
        direction: Direction::Departure,
        time: Time(12 * HOUR_MS),
        seats: 120.0,
        passengers: 100.0,
        tonnes: 0.0,
        teu: 0.0,
        region: "North".into(),
        scope: Scope::Domestic,
        terminal: None,
    };
    Hubs { hubs: vec![hub], processes: vec![security, gate], services: vec![service], ..Hubs::default() }
}

fn places() -> Places {
    let district = |i: usize, name: &str| District {
        name: name.into(),
        name_en: name.into(),
        population: 1_000.0,
        gdp_cny: 1e8,
        jobs: [100.0; 4],
        rings: Vec::new(),
        zones: vec![ZoneIx::from(i)],
    };
    let zone = |i: usize, node: u32| Zone {
        district: DistrictIx::from(i),
        name: String::new(),
        position: NODES[node as usize],
        population: 1_000.0,
        jobs: 400.0,
        external: false,
        nodes: vec![NodeIx(node)],
    };
    Places { districts: vec![district(0, "East"), district(1, "West")], zones: vec![zone(0, 0), zone(1, 2)] }
}

fn names() -> NetworkNames {
    let names = |all: &[&str]| {
        let mut names = Names::default();
        all.iter().for_each(|n| assert!(names.add(n).is_some()));
        names
    };
    NetworkNames {
        nodes: names(&["n0", "n1", "n2"]),
        links: names(&["l0", "l1"]),
        zones: names(&["z0", "z1"]),
        districts: names(&["east", "west"]),
        hubs: names(&["airport"]),
        stops: names(&["s0", "s1", "s2"]),
        processes: names(&["airport/security", "airport/gate"]),
        services: names(&["airport/F1"]),
        ..NetworkNames::default()
    }
}

fn demand() -> Demand {
    let node = |n| Place::Node(NodeIx(n));
    let hub = |user| Place::Hub(HubIx(0), user);
    let agent = |class, from, to, party, vehicle| Agent {
        key: 7,
        class,
        purpose: if class == Class::Truck { Purpose::Freight } else { Purpose::Other },
        from,
        to,
        zone: None,
        hub: (class != Class::Background).then_some(HubIx(0)),
        service: None,
        scope: Scope::Domestic,
        time: Time(0),
        timing: Timing::SetsOut,
        deadline: None,
        vehicle,
        car: true,
        party,
        drives: false,
        tour: None,
        route: None,
        came_by: None,
        slot: None,
    };
    let car = VehicleClass::Car;
    let mut agents = vec![
        agent(Class::Resident, node(0), hub(ChainUser::Departing), 2, car),
        agent(Class::Visitor, hub(ChainUser::Arriving), node(2), 1, car),
        agent(Class::Transfer, hub(ChainUser::Transfer), hub(ChainUser::Transfer), 3, car),
        agent(Class::Truck, node(0), hub(ChainUser::Truck), 1, VehicleClass::Truck),
        agent(Class::Background, node(0), node(2), 1, car),
        agent(Class::Background, node(2), node(0), 1, car),
    ];
    agents[DEPARTING as usize].zone = Some(ZoneIx(0));
    agents[ARRIVING as usize].zone = Some(ZoneIx(1));
    agents[ARRIVING as usize].scope = Scope::International;
    agents[TRUCK as usize].zone = Some(ZoneIx(0));
    let consignment = |key, tonnes, teu, outbound| Consignment {
        key,
        agent: AgentIx(TRUCK),
        hub: HubIx(0),
        service: ServiceIx(0),
        zone: ZoneIx(0),
        tonnes,
        teu,
        outbound,
        scope: Scope::Domestic,
        days: 0,
    };
    Demand {
        agents,
        consignments: vec![consignment(0xA1, 10.0, 0.0, true), consignment(0xB2, 0.0, 2.0, false)],
        sample: 1.0,
        ..Demand::default()
    }
}
