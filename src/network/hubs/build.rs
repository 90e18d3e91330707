//! From hub files to hubs: names resolved against nodes, stops and districts; what leads nowhere is a problem.

use super::servers::{self, moment};
use super::{Appointments, Hub, Hubs, Service, StopGate, Terminal};
use crate::error::Problem;
use crate::ids::{DistrictIx, HubIx, NodeIx, StopIx};
use crate::mode::VehicleClass;
use crate::network::NetworkNames;
use crate::network::build::{add, find, quoted};
use crate::scenario::Scenario;
use crate::scenario::hubs::{AppointmentsFile, ChainUser, HubFile, HubStop, ServiceRow, TerminalFile};
use crate::units::{MINUTE_MS, Time, ms};

impl Hubs {
    /// The hubs of a scenario with their processes, stores, chains and services.
    pub(in crate::network) fn build(
        scenario: &Scenario,
        names: &mut NetworkNames,
        problems: &mut Vec<Problem>,
    ) -> Hubs {
        let mut hubs = Hubs::default();
        for file in &scenario.hubs {
            let taken = || at(file, "hub_id", &file.hub_id, "an id of its own");
            add(&mut names.hubs, &file.hub_id, taken, problems);
            let ix = HubIx::from(hubs.hubs.len());
            let first = servers::First { process: hubs.processes.len(), store: hubs.stores.len() };
            hubs.processes.extend(servers::processes(file, ix, names, problems));
            hubs.stores.extend(servers::stores(file, ix, names, problems));
            hubs.add_services(file, names, problems);
            let hub = Hub::build(file, first, names, problems);
            hubs.hubs.push(hub);
        }
        hubs
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
            let problem = |column: &str, found: &str, wanted: &str| {
                Problem::new(&file.schedule, quoted(found), wanted).at(row.row).column(column)
            };
            let taken = || problem("service_id", &row.service_id, "an id of its own");
            add(&mut names.services, &name, taken, problems);
            let terminal = (!row.terminal.is_empty()).then(|| {
                let found = file.terminals.iter().position(|t| t.id == row.terminal);
                if found.is_none() {
                    let problem = problem("terminal", &row.terminal, "the id of a terminal of this hub");
                    problems.push(problem.did_you_mean(&row.terminal, file.terminals.iter().map(|t| t.id.as_str())));
                }
                found
            });
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
                terminal: terminal.flatten().map(|t| t as u8),
            });
        }
    }
}

impl Hub {
    /// A hub whose processes and stores are numbered from `first` on.
    fn build(file: &HubFile, first: servers::First, names: &NetworkNames, problems: &mut Vec<Problem>) -> Hub {
        let district = || at(file, "district_id", &file.district_id, "the id of a district");
        let district = find(&names.districts, &file.district_id, district, problems).map_or(DistrictIx(0), DistrictIx);
        let access = &file.access;
        let mut resolving = Resolving { file, names, gates: Vec::new(), problems };
        let drop_off = resolving.node("access.drop_off_node", &access.drop_off_node);
        let pick_up = resolving.node("access.pick_up_node", &access.pick_up_node);
        let truck_in = resolving.node("access.truck_in_node", &access.truck_in_node);
        let truck_out = resolving.node("access.truck_out_node", &access.truck_out_node);
        let mut hub = Hub {
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
            stops: resolving.stops("access", &access.stops),
            gates: Vec::new(),
            kerb_walk_ms: ms(access.kerb_walk_s),
            chains: Vec::new(),
            gate: (Time(0), Time(0)),
            truck_class: VehicleClass::Truck,
            users: file.users.clone(),
            terminals: Vec::new(),
            appointments: file.appointments.as_ref().map(appointments),
        };
        hub.terminals = file.terminals.iter().map(|row| resolving.terminal(&hub, row)).collect();
        hub.gates = resolving.gates;
        hub.chains = super::chains::chains(file, first, problems);
        let users = &file.users;
        hub.gate.0 = moment(file, "users.gate_open", &users.gate_open, problems);
        hub.gate.1 = moment(file, "users.gate_close", &users.gate_close, problems);
        hub.truck_class = VehicleClass::from_word(&users.truck_class).unwrap_or_else(|| {
            let words = VehicleClass::ALL.map(VehicleClass::word);
            let problem = at(file, "users.truck_class", &users.truck_class, "a vehicle class");
            problems.push(problem.did_you_mean(&users.truck_class, words));
            VehicleClass::Truck
        });
        hub
    }
}

fn appointments(row: &AppointmentsFile) -> Appointments {
    Appointments {
        slot_ms: i64::from(row.slot_min) * MINUTE_MS,
        trucks: row.trucks,
        early_ms: (row.early_min * MINUTE_MS as f64).round() as i64,
    }
}

/// Places of a hub as they are resolved.
struct Resolving<'a> {
    file: &'a HubFile,
    names: &'a NetworkNames,
    /// Chains that passengers of lines pass, as they are found at stops.
    gates: Vec<StopGate>,
    problems: &'a mut Vec<Problem>,
}

impl Resolving<'_> {
    fn node(&mut self, key: &str, id: &Option<String>) -> Option<NodeIx> {
        let id = id.as_deref()?;
        let unknown = || at(self.file, key, id, "the id of a node");
        find(&self.names.nodes, id, unknown, self.problems).map(NodeIx)
    }

    fn stops(&mut self, key: &str, rows: &[HubStop]) -> Vec<(StopIx, i64)> {
        let mut stops = Vec::with_capacity(rows.len());
        for stop in rows {
            let unknown = || at(self.file, &format!("{key}.stop.stop_id"), &stop.stop_id, "the id of a stop");
            let Some(ix) = find(&self.names.stops, &stop.stop_id, unknown, self.problems).map(StopIx) else { continue };
            stops.push((ix, ms(stop.walk_s)));
            let board = self.chain(&format!("{key}.stop.board_chain"), &stop.board_chain, ChainUser::Boarding);
            let alight = self.chain(&format!("{key}.stop.alight_chain"), &stop.alight_chain, ChainUser::Alighting);
            if board.is_some() || alight.is_some() {
                self.gates.push(StopGate { stop: ix, routes: stop.routes.clone(), board, alight });
            }
        }
        stops
    }

    /// The chain that a stop names by its id.
    fn chain(&mut self, key: &str, id: &Option<String>, user: ChainUser) -> Option<u16> {
        let id = id.as_deref()?;
        let chains = &self.file.chains;
        let found = chains.iter().position(|c| c.id.as_deref() == Some(id) && c.user == user);
        if found.is_none() {
            let problem = at(self.file, key, id, "the id of a chain of this hub for those who board or alight");
            self.problems.push(problem.did_you_mean(id, chains.iter().filter_map(|c| c.id.as_deref())));
        }
        found.map(|c| c as u16)
    }

    /// A terminal of a hub, which stands in for what the terminal does not say.
    fn terminal(&mut self, hub: &Hub, row: &TerminalFile) -> Terminal {
        let key = |key: &str| format!("terminal.{}.{key}", row.id);
        let stops = self.stops(&format!("terminal.{}", row.id), &row.stops);
        Terminal {
            id: row.id.clone(),
            name: row.name.clone(),
            name_en: row.name_en.clone(),
            drop_off: self.node(&key("drop_off_node"), &row.drop_off_node).or(hub.drop_off),
            pick_up: self.node(&key("pick_up_node"), &row.pick_up_node).or(hub.pick_up),
            stops: if row.stops.is_empty() { hub.stops.clone() } else { stops },
            kerb_walk_ms: row.kerb_walk_s.map_or(hub.kerb_walk_ms, ms),
        }
    }
}

/// A problem at a key of a hub file.
pub(super) fn at(file: &HubFile, key: &str, found: &str, wanted: &str) -> Problem {
    Problem::new(&file.path, quoted(found), wanted).column(key)
}
