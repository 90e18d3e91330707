//! Hubs resolved: places on the network, processes with servers, chains, services.

mod build;
mod chains;
mod places;
mod processes;
mod servers;
#[cfg(test)]
mod tests;

pub use places::{HubPlace, Terminal};
pub use processes::{Appointments, Batch, Breakdown, Chain, Classes, Process, Step, Store};

use crate::ids::{DistrictIx, HubIx, NodeIx, ServiceIx, StopIx};
use crate::mode::VehicleClass;
use crate::scenario::hubs::{ChainScope, ChainUser, Direction, HubKind, Scope, ServiceMode, Users};
use crate::units::Time;

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

impl Hub {
    /// The chain for a kind of user of services of a scope and a terminal: the one for that terminal and scope, for that
    /// terminal and any scope, then those for any terminal.
    pub fn chain_at(&self, user: ChainUser, scope: Scope, terminal: Option<u8>) -> Option<usize> {
        let wanted = ChainScope::from(scope);
        let find = |t: Option<u8>, s: ChainScope| {
            self.chains.iter().position(|c| c.user == user && c.terminal == t && c.scope == s)
        };
        let of = |t: Option<u8>| find(t, wanted).or_else(|| find(t, ChainScope::Any));
        terminal.and_then(|t| of(Some(t))).or_else(|| of(None))
    }

    /// The chain for a kind of user where perhaps no service is known, and so no terminal: then the one for any terminal,
    /// else that of the first terminal which has one.
    pub fn chain_for(&self, user: ChainUser, scope: Scope, terminal: Option<u8>) -> Option<usize> {
        let first = || (0..self.terminals.len()).find_map(|t| self.chain_at(user, scope, Some(t as u8)));
        self.chain_at(user, scope, terminal).or_else(|| terminal.map_or_else(first, |_| None))
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
    /// What a chain takes a person when nobody queues, milliseconds; see [`Hubs::visit_ms`].
    pub fn free_ms(&self, hub: HubIx, chain: u16) -> i64 {
        let scope = match self.hubs[hub.i()].chains[usize::from(chain)].scope {
            ChainScope::International => Scope::International,
            ChainScope::Any | ChainScope::Domestic => Scope::Domestic,
        };
        self.visit_ms(hub, chain, 1, scope)
    }

    /// What a chain takes a party when nobody queues, milliseconds: every walk, and of each process its mean time, once
    /// for each person or for the party, by the share of those who take it.
    pub fn visit_ms(&self, hub: HubIx, chain: u16, party: u16, scope: Scope) -> i64 {
        let hub = &self.hubs[hub.i()];
        let time = |step: &Step| {
            let process = &self.processes[step.process.i()];
            let turns = if process.one_turn { 1.0 } else { f64::from(party) };
            // Walks are the same for all: who leaves a step out goes past it.
            step.walk_ms as f64 + step.share_of(&hub.users, scope) * turns * process.mean_ms
        };
        hub.chains[usize::from(chain)].steps.iter().map(time).sum::<f64>().round() as i64
    }

    /// Where the passengers of a service come and go.
    pub fn place(&self, service: ServiceIx) -> HubPlace<'_> {
        let service = &self.services[service.i()];
        self.hubs[service.hub.i()].place(service.terminal)
    }

    /// The chain of a kind of user of a service.
    pub fn chain_of(&self, user: ChainUser, service: ServiceIx) -> Option<usize> {
        let service = &self.services[service.i()];
        self.hubs[service.hub.i()].chain_at(user, service.scope, service.terminal)
    }

    /// Processes and stores that only vehicles of services use. In a sample these are all there, so that such processes and
    /// stores keep their full size.
    pub fn of_services(&self) -> (Vec<bool>, Vec<bool>) {
        let mut used = (vec![false; self.processes.len()], vec![false; self.stores.len()]);
        let mut shared = used.clone();
        for chain in self.hubs.iter().flat_map(|hub| &hub.chains) {
            let services = matches!(chain.user, ChainUser::ServiceIn | ChainUser::ServiceOut);
            let set = if services { &mut used } else { &mut shared };
            for step in &chain.steps {
                set.0[step.process.i()] = true;
                step.takes.iter().chain(&step.frees).for_each(|store| set.1[store.i()] = true);
            }
        }
        let alone = |used: Vec<bool>, shared: Vec<bool>| used.iter().zip(shared).map(|(u, s)| *u && !s).collect();
        (alone(used.0, shared.0), alone(used.1, shared.1))
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
