//! Hubs resolved: places on the network, processes with servers, chains, services.

mod processes;

pub use processes::{Appointments, Batch, Breakdown, Chain, Classes, Process, Step, Store};

use super::NetworkNames;
use super::build::{add, find, quoted};
use crate::error::Problem;
use crate::ids::{DistrictIx, HubIx, NodeIx, ProcessIx, ServiceIx, StopIx};
use crate::mode::VehicleClass;
use crate::scenario::Scenario;
use crate::scenario::hubs::{
    ChainFile, ChainScope, ChainUser, Direction, HubFile, HubKind, ProcessFile, Scope, ServiceLaw, ServiceMode,
    ServiceRow, Users,
};
use crate::units::{SECOND_MS, Time, ms};

/// All hubs of a network.
#[derive(Clone, Debug, Default)]
pub struct Hubs {
    /// Hubs by [`HubIx`].
    pub hubs: Vec<Hub>,
    /// Processes of all hubs by [`ProcessIx`].
    pub processes: Vec<Process>,
    /// Stores of all hubs by [`crate::ids::StoreIx`].
    pub stores: Vec<Store>,
    /// Services of all hubs by [`ServiceIx`], hub after hub in the order of time.
    pub services: Vec<Service>,
}

/// A hub.
#[derive(Clone, Debug)]
pub struct Hub {
    /// External id.
    pub id: String,
    /// Name in the local script.
    pub name: String,
    /// Name in English.
    pub name_en: String,
    /// What it is.
    pub kind: HubKind,
    /// District that it counts to.
    pub district: DistrictIx,
    /// Position, lon/lat degrees.
    pub position: [f64; 2],
    /// Where cars and taxis set passengers down.
    pub drop_off: Option<NodeIx>,
    /// Where cars and taxis leave with passengers.
    pub pick_up: Option<NodeIx>,
    /// Where trucks reach the gate.
    pub truck_in: Option<NodeIx>,
    /// Where trucks leave.
    pub truck_out: Option<NodeIx>,
    /// Stops inside the hub with the walk to the hall, milliseconds.
    pub stops: Vec<(StopIx, i64)>,
    /// Chains that passengers of lines pass at stops.
    pub gates: Vec<StopGate>,
    /// Walk between kerb and hall, milliseconds.
    pub kerb_walk_ms: i64,
    /// Chains of processes.
    pub chains: Vec<Chain>,
    /// How its users behave.
    pub users: Users,
    /// Hours at which trucks are taken in: from, to.
    pub gate: (Time, Time),
    /// Class of its trucks.
    pub truck_class: VehicleClass,
    /// Its terminals; none where all services use the places above.
    pub terminals: Vec<Terminal>,
    /// Appointments of its trucks.
    pub appointments: Option<Appointments>,
}

/// A terminal: where its passengers come and go.
#[derive(Clone, Debug, PartialEq)]
pub struct Terminal {
    /// External id.
    pub id: String,
    /// Name in the local script.
    pub name: String,
    /// Name in English.
    pub name_en: String,
    /// Where cars and taxis set passengers down.
    pub drop_off: Option<NodeIx>,
    /// Where cars and taxis leave with passengers.
    pub pick_up: Option<NodeIx>,
    /// Stops with the walk to the hall, milliseconds.
    pub stops: Vec<(StopIx, i64)>,
    /// Walk between kerb and hall, milliseconds.
    pub kerb_walk_ms: i64,
}

impl Hub {
    /// The chain for a kind of user of services of a scope and a terminal: the one for that terminal and scope, for that
    /// terminal and any scope, then those for any terminal.
    pub fn chain_at(&self, user: ChainUser, scope: Scope, terminal: Option<u8>) -> Option<usize> {
        let wanted = match scope {
            Scope::Domestic => ChainScope::Domestic,
            Scope::International => ChainScope::International,
        };
        let find = |t: Option<u8>, s: ChainScope| {
            self.chains.iter().position(|c| c.user == user && c.terminal == t && c.scope == s)
        };
        let of = |t: Option<u8>| find(t, wanted).or_else(|| find(t, ChainScope::Any));
        terminal.and_then(|t| of(Some(t))).or_else(|| of(None))
    }

    /// The chain for a kind of user and a scope: the one for that scope, else the one for any.
    pub fn chain(&self, user: ChainUser, scope: Scope) -> Option<usize> {
        let wanted = match scope {
            Scope::Domestic => ChainScope::Domestic,
            Scope::International => ChainScope::International,
        };
        let find = |s: ChainScope| self.chains.iter().position(|c| c.user == user && c.scope == s);
        find(wanted).or_else(|| find(ChainScope::Any))
    }
}

/// Chains of a hub between its hall and the platforms of lines at a stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StopGate {
    /// The stop.
    pub stop: StopIx,
    /// GTFS `route_id`s of the lines that it is for; empty for all.
    pub routes: Vec<String>,
    /// Index of the chain before boarding.
    pub board: Option<u16>,
    /// Index of the chain after alighting.
    pub alight: Option<u16>,
}

/// A scheduled service of a hub.
#[derive(Clone, Debug)]
pub struct Service {
    /// Hub.
    pub hub: HubIx,
    /// What runs.
    pub mode: ServiceMode,
    /// Whether it leaves or arrives.
    pub direction: Direction,
    /// Moment.
    pub time: Time,
    /// Seats; 0 for freight.
    pub seats: f64,
    /// Passengers (seats × load factor).
    pub passengers: f64,
    /// Freight, tonnes.
    pub tonnes: f64,
    /// Freight, TEU.
    pub teu: f64,
    /// Region at the other end.
    pub region: String,
    /// Domestic or international.
    pub scope: Scope,
    /// Place of its terminal among those of the hub.
    pub terminal: Option<u8>,
}

impl Hubs {
    /// What a chain takes a person when nobody queues, milliseconds: every walk, and of each process its mean time by the
    /// share of those who take it.
    pub fn free_ms(&self, hub: HubIx, chain: u16) -> i64 {
        let steps = &self.hubs[hub.i()].chains[usize::from(chain)].steps;
        let ms: f64 = steps.iter().map(|s| s.walk_ms as f64 + s.share * self.processes[s.process.i()].mean_ms).sum();
        ms.round() as i64
    }

    /// Whether a chain lies between the hall and the platforms of lines, so that passing it is no visit of the hub itself.
    pub fn is_gate(&self, hub: HubIx, chain: u16) -> bool {
        matches!(self.hubs[hub.i()].chains[usize::from(chain)].user, ChainUser::Boarding | ChainUser::Alighting)
    }

    /// The services of a hub with their indices.
    pub fn of(&self, hub: HubIx) -> impl Iterator<Item = (ServiceIx, &Service)> {
        self.services.iter().enumerate().filter(move |(_, s)| s.hub == hub).map(|(i, s)| (ServiceIx::from(i), s))
    }
}

impl Hubs {
    /// The hubs of a scenario with their processes, chains and services, resolved against nodes, stops and districts.
    pub(super) fn build(scenario: &Scenario, names: &mut NetworkNames, problems: &mut Vec<Problem>) -> Hubs {
        let mut hubs = Hubs::default();
        for file in &scenario.hubs {
            let taken = || at(file, "hub_id", &file.hub_id, "an id of its own");
            add(&mut names.hubs, &file.hub_id, taken, problems);
            let first = hubs.processes.len();
            hubs.add_processes(file, names, problems);
            hubs.add_services(file, names, problems);
            let hub = Hub::build(file, first, names, problems);
            hubs.hubs.push(hub);
        }
        hubs
    }

    fn add_processes(&mut self, file: &HubFile, names: &mut NetworkNames, problems: &mut Vec<Problem>) {
        for row in &file.processes {
            let key = |key: &str| format!("process.{}.{key}", row.id);
            let name = format!("{}/{}", file.hub_id, row.id);
            add(&mut names.processes, &name, || at(file, &key("id"), &row.id, "an id of its own"), problems);
            let asked = match row.law {
                ServiceLaw::Erlang if row.phases.is_none_or(|p| p == 0) => Some(("phases", "at least one phase")),
                ServiceLaw::Lognormal if !row.cv.is_some_and(|cv| cv > 0.0) => Some(("cv", "a number above 0")),
                _ => None,
            };
            if let Some((missing, wanted)) = asked {
                problems.push(Problem::new(&file.path, "none for this law", wanted).column(key(missing)));
            }
            self.processes.push(Process {
                hub: HubIx::from(self.hubs.len()),
                name: row.name.clone(),
                name_en: row.name_en.clone(),
                shifts: shifts(file, row, problems),
                law: row.law,
                mean_ms: row.mean_s * SECOND_MS as f64,
                phases: row.phases.filter(|_| row.law == ServiceLaw::Erlang).unwrap_or(1),
                cv: row.cv.filter(|_| row.law == ServiceLaw::Lognormal).unwrap_or(0.0),
                area_m2: row.area_m2,
                ..Process::default()
            });
        }
    }

    fn add_services(&mut self, file: &HubFile, names: &mut NetworkNames, problems: &mut Vec<Problem>) {
        let mut rows: Vec<&ServiceRow> = file.services.iter().collect();
        rows.sort_by(|a, b| {
            Time::from_seconds(a.time_s)
                .cmp(&Time::from_seconds(b.time_s))
                .then_with(|| a.service_id.cmp(&b.service_id))
        });
        for row in rows {
            let name = format!("{}/{}", file.hub_id, row.service_id);
            let taken = || {
                Problem::new(&file.schedule, quoted(&row.service_id), "an id of its own")
                    .at(row.row)
                    .column("service_id")
            };
            add(&mut names.services, &name, taken, problems);
            self.services.push(Service {
                hub: HubIx::from(self.hubs.len()),
                mode: row.mode,
                direction: row.direction,
                time: Time::from_seconds(row.time_s),
                seats: row.seats,
                passengers: row.seats * row.load_factor,
                tonnes: row.tonnes,
                teu: row.teu,
                region: row.region.clone(),
                scope: row.scope,
                terminal: None,
            });
        }
    }
}

impl Hub {
    /// A hub whose processes are numbered from `first` on.
    fn build(file: &HubFile, first: usize, names: &NetworkNames, problems: &mut Vec<Problem>) -> Hub {
        let district = || at(file, "district_id", &file.district_id, "the id of a district");
        let district = find(&names.districts, &file.district_id, district, problems).map_or(DistrictIx(0), DistrictIx);
        let access = &file.access;
        let mut node = |key: &str, id: &Option<String>| {
            let id = id.as_deref()?;
            find(&names.nodes, id, || at(file, key, id, "the id of a node"), problems).map(NodeIx)
        };
        let drop_off = node("access.drop_off_node", &access.drop_off_node);
        let pick_up = node("access.pick_up_node", &access.pick_up_node);
        let truck_in = node("access.truck_in_node", &access.truck_in_node);
        let truck_out = node("access.truck_out_node", &access.truck_out_node);
        let mut stops = Vec::with_capacity(access.stops.len());
        let mut gates = Vec::new();
        for stop in &access.stops {
            let unknown = || at(file, "access.stop.stop_id", &stop.stop_id, "the id of a stop");
            let Some(ix) = find(&names.stops, &stop.stop_id, unknown, problems).map(StopIx) else { continue };
            stops.push((ix, ms(stop.walk_s)));
            let mut chain = |key: &str, id: &Option<String>, user| {
                chain_of(file, (&format!("access.stop.{key}"), id.as_deref()?), user, problems)
            };
            let board = chain("board_chain", &stop.board_chain, ChainUser::Boarding);
            let alight = chain("alight_chain", &stop.alight_chain, ChainUser::Alighting);
            if board.is_some() || alight.is_some() {
                gates.push(StopGate { stop: ix, routes: stop.routes.clone(), board, alight });
            }
        }
        let gate = |key: &str, text: &str, problems: &mut Vec<Problem>| moment(file, key, text, problems);
        let users = &file.users;
        Hub {
            id: file.hub_id.clone(),
            name: file.name.clone(),
            name_en: file.name_en.clone(),
            kind: file.kind,
            district,
            position: [file.x_coord, file.y_coord],
            drop_off,
            pick_up,
            truck_in,
            truck_out,
            stops,
            gates,
            kerb_walk_ms: ms(access.kerb_walk_s),
            chains: file.chains.iter().map(|chain| Chain::build(file, chain, first, problems)).collect(),
            gate: (
                gate("users.gate_open", &users.gate_open, problems),
                gate("users.gate_close", &users.gate_close, problems),
            ),
            truck_class: VehicleClass::from_word(&users.truck_class).unwrap_or_else(|| {
                let words = VehicleClass::ALL.map(VehicleClass::word);
                let problem = at(file, "users.truck_class", &users.truck_class, "a vehicle class");
                problems.push(problem.did_you_mean(&users.truck_class, words));
                VehicleClass::Truck
            }),
            users: users.clone(),
            terminals: Vec::new(),
            appointments: None,
        }
    }
}

/// The chain of a hub that a stop names by its id.
fn chain_of(file: &HubFile, (key, id): (&str, &str), user: ChainUser, problems: &mut Vec<Problem>) -> Option<u16> {
    let found = file.chains.iter().position(|c| c.id.as_deref() == Some(id) && c.user == user);
    if found.is_none() {
        let problem = at(file, key, id, "the id of a chain of this hub for those who board or alight");
        problems.push(problem.did_you_mean(id, file.chains.iter().filter_map(|c| c.id.as_deref())));
    }
    found.map(|c| c as u16)
}

impl Chain {
    fn build(file: &HubFile, row: &ChainFile, first: usize, problems: &mut Vec<Problem>) -> Chain {
        let mut steps = Vec::with_capacity(row.steps.len());
        for step in &row.steps {
            let Some(process) = file.processes.iter().position(|p| p.id == step.process) else {
                let problem = at(file, "chain.step.process", &step.process, "the id of a process of this hub");
                problems.push(problem.did_you_mean(&step.process, file.processes.iter().map(|p| p.id.as_str())));
                continue;
            };
            steps.push(Step { share: step.share, ..Step::at(ProcessIx::from(first + process), ms(step.walk_s)) });
        }
        Chain { user: row.user, scope: row.scope, terminal: None, steps }
    }
}

/// The shifts of a process in the order of time; shifts that overlap are a problem.
fn shifts(file: &HubFile, row: &ProcessFile, problems: &mut Vec<Problem>) -> Vec<(Time, Time, u32)> {
    let key = format!("process.{}.servers", row.id);
    let mut shifts = Vec::with_capacity(row.servers.len());
    for shift in &row.servers {
        let (from, to) = (moment(file, &key, &shift.from, problems), moment(file, &key, &shift.to, problems));
        if to < from {
            problems.push(at(file, &key, &format!("{}–{}", shift.from, shift.to), "a shift that ends after its start"));
        }
        shifts.push((from, to, shift.count));
    }
    shifts.sort_unstable();
    for pair in shifts.windows(2).filter(|pair| pair[1].0 < pair[0].1) {
        let found = format!("{}–{} and {}–{}", pair[0].0, pair[0].1, pair[1].0, pair[1].1);
        problems.push(at(file, &key, &found, "shifts that do not overlap"));
    }
    shifts
}

/// A time of day in a hub file; one that cannot be read is a problem.
fn moment(file: &HubFile, key: &str, text: &str, problems: &mut Vec<Problem>) -> Time {
    Time::parse(text).unwrap_or_else(|| {
        problems.push(at(file, key, text, "a time of day HH:MM[:SS]"));
        Time(0)
    })
}

/// A problem at a key of a hub file.
fn at(file: &HubFile, key: &str, found: &str, wanted: &str) -> Problem {
    Problem::new(&file.path, quoted(found), wanted).column(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Network;
    use crate::network::fixture::{CENTRE, district, hub, link, node, north, scenario, stop};
    use crate::scenario::hubs::HubStop;
    use crate::units::HOUR_MS;

    /// A station at the end of a two-way street with a kerb, a stop, two processes and one chain.
    fn station() -> Scenario {
        let mut s = scenario();
        s.districts = vec![district("town", CENTRE, 0.1)];
        s.nodes = vec![node("street", CENTRE), node("kerb", north(CENTRE, 900.0))];
        s.links = vec![link("in", "street", "kerb"), link("out", "kerb", "street")];
        s.links[0].facility_type = "kerb".into();
        s.timetable.stops = vec![stop("metro", CENTRE)];
        s.hubs = vec![hub(r#"
            hub_id = "st"
            name = "站"
            name_en = "Station"
            kind = "rail_station"
            district_id = "town"
            x_coord = 113.3
            y_coord = 23.1
            schedule = "hubs/st.csv"
            access = { drop_off_node = "kerb", pick_up_node = "kerb", stop = [{ stop_id = "metro", walk_s = 90 }] }
            [[process]]
            id = "tickets"
            name_en = "Tickets"
            law = "erlang"
            phases = 2
            mean_s = 1.5
            servers = [{ from = "12:00", to = "24:30", count = 3 }, { from = "05:00", to = "12:00", count = 6 }]
            [[process]]
            id = "security"
            name_en = "Security"
            law = "deterministic"
            mean_s = 10
            servers = [{ from = "00:00", to = "30:00", count = 2 }]
            [[chain]]
            user = "departing"
            step = [{ process = "security", walk_s = 30 }, { process = "tickets", share = 0.4 }]
            "#)];
        s
    }

    fn service(id: &str, time_s: f64) -> ServiceRow {
        ServiceRow {
            service_id: id.into(),
            mode: ServiceMode::Rail,
            direction: Direction::Departure,
            time_s,
            seats: 600.0,
            load_factor: 0.8,
            tonnes: 0.0,
            teu: 0.0,
            region: "Hunan".into(),
            scope: Scope::Domestic,
            terminal: String::new(),
            row: 2,
        }
    }

    #[test]
    fn services_stand_hub_after_hub_in_the_order_of_time_and_then_of_id() {
        let mut s = station();
        s.hubs[0].services = vec![service("G9", 30_000.0), service("G2", 28_800.0), service("G1", 28_800.0)];
        let mut second = s.hubs[0].clone();
        second.hub_id = "second".into();
        second.services = vec![service("G1", 100.0)];
        s.hubs.push(second);
        let network = Network::build(&s).expect("two stations");
        assert_eq!(network.names.services.all(), ["st/G1", "st/G2", "st/G9", "second/G1"]);
        assert_eq!(network.hubs.services[0].passengers, 480.0);
        let of_second: Vec<ServiceIx> = network.hubs.of(HubIx(1)).map(|(i, _)| i).collect();
        assert_eq!(of_second, [ServiceIx(3)]);
        // The processes of the second hub follow those of the first, and its chain points at them.
        assert_eq!(network.hubs.hubs[1].chains[0].steps[0].process, ProcessIx(3));
        assert_eq!(network.names.processes.name(3), "second/security");
    }

    #[test]
    fn a_hub_is_tied_to_its_kerb_its_stop_and_its_processes() {
        let network = Network::build(&station()).expect("a station");
        let hub = &network.hubs.hubs[0];
        assert_eq!((hub.drop_off, hub.pick_up, hub.truck_in), (Some(NodeIx(1)), Some(NodeIx(1)), None));
        assert_eq!(hub.stops, [(StopIx(0), 90_000)]);
        assert_eq!(network.lines.stops[0].hub, Some(HubIx(0)));
        // Only the link of facility type kerb counts to the hub.
        assert_eq!(network.roads.hub, [Some(HubIx(0)), None]);
        let steps = &hub.chains[0].steps;
        assert_eq!(steps[0], Step::at(ProcessIx(1), 30_000));
        assert_eq!(steps[1], Step { share: 0.4, ..Step::at(ProcessIx(0), 0) });
        let noon = Time(12 * HOUR_MS);
        let tickets = &network.hubs.processes[0];
        assert_eq!(tickets.shifts, [(Time(5 * HOUR_MS), noon, 6), (noon, Time(88_200_000), 3)]);
        assert_eq!((tickets.mean_ms, tickets.phases, network.hubs.processes[1].phases), (1500.0, 2, 1));
    }

    #[test]
    fn lines_pass_the_chains_that_a_stop_names_for_their_route() {
        use crate::network::fixture::{route, trip};
        use crate::network::lines::HubWay;
        let mut s = station();
        s.timetable.stops.push(stop("next", north(CENTRE, 900.0)));
        s.timetable.routes = vec![route("intercity"), route("tram")];
        let calls = [(0, 0.0, 0.0), (1, 60.0, 60.0)];
        let back = [(1, 600.0, 600.0), (0, 660.0, 660.0)];
        s.timetable.trips =
            vec![trip("1", "intercity", &calls), trip("2", "intercity", &back), trip("3", "tram", &calls)];
        let (stop, chain) = (s.hubs[0].access.stops[0].clone(), s.hubs[0].chains[0].clone());
        let named = |id: &str, user| ChainFile { id: Some(id.into()), user, ..chain.clone() };
        s.hubs[0].chains.extend([named("in", ChainUser::Boarding), named("out", ChainUser::Alighting)]);
        let (board_chain, alight_chain) = (Some("in".into()), Some("out".into()));
        s.hubs[0].access.stops[0] = HubStop { board_chain, alight_chain, routes: vec!["intercity".into()], ..stop };
        let network = Network::build(&s).expect("a station with gates");
        // 30 s of walking, 10 s at security, and two of five pass the tickets, 1.5 s: 40.6 s.
        let way = |chain| Some(HubWay { hub: HubIx(0), chain, free_ms: 40_600 });
        let lines = &network.lines.lines;
        assert_eq!([0, 1].map(|p| lines[0].enters(p)), [way(1), None]);
        let told: Vec<_> = lines.iter().map(|l| (l.route_id.as_str(), l.enters(0), l.leaves(1))).collect();
        assert_eq!(told, [("intercity", way(1), None), ("intercity", None, way(2)), ("tram", None, None)]);
        s.hubs[0].access.stops[0].board_chain = Some("ni".into());
        let told = Network::build(&s).expect_err("no such chain").to_string();
        assert!(told.contains("[access.stop.board_chain]: found \"ni\""), "{told}");
    }

    #[test]
    fn mistakes_of_a_hub_are_told_together() {
        let mut s = station();
        let hub = &mut s.hubs[0];
        hub.access.drop_off_node = Some("kreb".into());
        hub.users.truck_class = "lorry".into();
        hub.processes[0].servers[0].from = "11:00".into();
        hub.processes[0].phases = None;
        hub.chains[0].steps[0].process = "sceurity".into();
        let problems = Network::build(&s).expect_err("five mistakes").to_string();
        for told in [
            "hubs/st.toml [process.tickets.phases]: found none for this law",
            "hubs/st.toml [process.tickets.servers]: found \"05:00:00–12:00:00 and 11:00:00–24:30:00\"",
            "hubs/st.toml [access.drop_off_node]: found \"kreb\", wanted the id of a node (did you mean \"kerb\"?)",
            "hubs/st.toml [chain.step.process]: found \"sceurity\"",
            "hubs/st.toml [users.truck_class]: found \"lorry\"",
        ] {
            assert!(problems.contains(told), "{told} in\n{problems}");
        }
        assert!(problems.starts_with("5 problems"), "{problems}");
    }
}
