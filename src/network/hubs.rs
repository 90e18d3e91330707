//! Hubs resolved: places on the network, processes with servers, chains, services.

use crate::ids::{DistrictIx, HubIx, NodeIx, ProcessIx, ServiceIx, StopIx};
use crate::mode::VehicleClass;
use crate::scenario::hubs::{ChainScope, ChainUser, Direction, HubKind, Scope, ServiceLaw, ServiceMode, Users};
use crate::units::Time;

/// All hubs of a network.
#[derive(Clone, Debug, Default)]
pub struct Hubs {
    /// Hubs by [`HubIx`].
    pub hubs: Vec<Hub>,
    /// Processes of all hubs by [`ProcessIx`].
    pub processes: Vec<Process>,
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
}

impl Hub {
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

/// A chain of processes.
#[derive(Clone, Debug)]
pub struct Chain {
    /// Who passes it.
    pub user: ChainUser,
    /// Which services it is for.
    pub scope: ChainScope,
    /// The steps in order.
    pub steps: Vec<Step>,
}

/// A step of a chain.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Process.
    pub process: ProcessIx,
    /// Walk to it from the step before, milliseconds.
    pub walk_ms: i64,
    /// Share of users who take the step.
    pub share: f64,
}

/// A process: a bank of servers with one queue, first come first served.
#[derive(Clone, Debug)]
pub struct Process {
    /// Hub that it belongs to.
    pub hub: HubIx,
    /// Name in the local script.
    pub name: String,
    /// Name in English.
    pub name_en: String,
    /// Servers by time of day: (from, to, servers), sorted, not overlapping.
    pub shifts: Vec<(Time, Time, u32)>,
    /// Law of the service time.
    pub law: ServiceLaw,
    /// Mean service time, milliseconds.
    pub mean_ms: f64,
    /// Phases of an Erlang law, 1 otherwise.
    pub phases: u32,
    /// Coefficient of variation of a lognormal law.
    pub cv: f64,
    /// Area of the waiting room, square metres.
    pub area_m2: Option<f64>,
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
}

impl Hubs {
    /// The services of a hub with their indices.
    pub fn of(&self, hub: HubIx) -> impl Iterator<Item = (ServiceIx, &Service)> {
        self.services.iter().enumerate().filter(move |(_, s)| s.hub == hub).map(|(i, s)| (ServiceIx::from(i), s))
    }
}
