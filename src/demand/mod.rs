//! Who and what wants to move: travellers, consignments and the trucks that carry them, before any choice is made.

pub mod connections;
#[cfg(test)]
mod fixture;
pub mod frame;
pub mod freight;
pub mod gate;
pub mod given;
pub mod gravity;
pub mod hub_users;
pub mod items;
pub mod onward;
pub mod plan;
pub mod reach;
pub mod residents;
pub mod sampling;
pub mod slots;
pub mod stock;
pub mod synthesis;

use crate::ids::{AgentIx, ConsignmentIx, HubIx, NodeIx, ServiceIx, ZoneIx};
use crate::mode::VehicleClass;
use crate::network::hubs::Hubs;
use crate::scenario::hubs::{ChainUser, Scope};
use crate::units::Time;
use serde::{Deserialize, Serialize};

/// Everybody and everything that wants to move in a day, in index order.
#[derive(Clone, Debug, Default)]
pub struct Demand {
    /// Agents by [`AgentIx`].
    pub agents: Vec<Agent>,
    /// Consignments by [`ConsignmentIx`] in the order of the agents (trucks) that carry them.
    pub consignments: Vec<Consignment>,
    /// Share of the population that the agents stand for.
    pub sample: f64,
    /// What passes the hubs beside the agents.
    pub items: items::Items,
    /// What is in the stores of hubs when the day begins.
    pub stock: stock::Stock,
}

/// A traveller, or a truck on a round trip to a hub.
#[derive(Clone, Debug, PartialEq)]
pub struct Agent {
    /// Stable signature made of external ids: keys all draws of the agent.
    pub key: u64,
    /// What the agent is to the flow ledger.
    pub class: Class,
    /// Why it travels.
    pub purpose: Purpose,
    /// Where it starts.
    pub from: Place,
    /// Where it goes; a truck goes there and comes back.
    pub to: Place,
    /// Zone at the land side (home of a resident, destination of a visitor, place of loading), for the ledger.
    pub zone: Option<ZoneIx>,
    /// Hub whose flow it belongs to.
    pub hub: Option<HubIx>,
    /// Service of the hub that it takes, or comes by on the way to the city. Who changes within the hub has the one that it
    /// goes on by, none where none suits.
    pub service: Option<ServiceIx>,
    /// Domestic or international; of who changes within the hub the scope of the service that it came by.
    pub scope: Scope,
    /// When it sets out at the earliest; for users of a hub's departures the wished moment in the hall, from which the
    /// choice counts back.
    pub time: Time,
    /// What `time` means.
    pub timing: Timing,
    /// The moment after which its service takes it no more.
    pub deadline: Option<Time>,
    /// Class of its road vehicle.
    pub vehicle: VehicleClass,
    /// Whether it has a car at hand.
    pub car: bool,
    /// Persons who travel together as this agent (1 for a truck): they share a car, and each takes a place in a
    /// vehicle of a line and a turn at a process.
    pub party: u16,
    /// Whether it was given as a vehicle: it drives and has no other mode.
    pub drives: bool,
    /// Which way of a tour it makes, if it comes back the same day: the other way is the agent before or after it.
    pub tour: Option<Tour>,
    /// A route that it keeps, if one was given.
    pub route: Option<plan::Route>,
    /// Service by which it comes to change to another: of another hub, where it gets off when that service is in and goes
    /// from hub to hub, or of the same.
    pub came_by: Option<ServiceIx>,
    /// Start of the slot in which a truck has its appointment, where its hub gives any.
    pub slot: Option<Time>,
}

impl Agent {
    /// The service that it means to leave by, if it leaves by one.
    pub fn leaves_by(&self) -> Option<ServiceIx> {
        self.service.filter(|_| matches!(self.to, Place::Hub(_, ChainUser::Departing | ChainUser::Transfer)))
    }

    /// The service by which it comes to the hub where it begins, if it begins at one.
    pub fn comes_by(&self) -> Option<ServiceIx> {
        self.came_by.or_else(|| self.service.filter(|_| matches!(self.from, Place::Hub(_, ChainUser::Arriving))))
    }

    /// The service of another hub by which it comes to its own.
    pub fn from_another_hub(&self, hubs: &Hubs) -> Option<ServiceIx> {
        self.came_by.filter(|service| Some(hubs.services[service.i()].hub) != self.hub)
    }
}

/// What an agent is to the flow ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// A resident of the region on a trip that touches no hub service.
    Background,
    /// A resident who leaves the region, or comes back, through a hub.
    Resident,
    /// A visitor who comes to the region, or goes home, through a hub.
    Visitor,
    /// A passenger who changes between two services of a hub.
    Transfer,
    /// A truck with consignments of a hub.
    Truck,
}

impl Class {
    /// The word used in files.
    pub fn word(self) -> &'static str {
        match self {
            Class::Background => "background",
            Class::Resident => "resident",
            Class::Visitor => "visitor",
            Class::Transfer => "transfer",
            Class::Truck => "truck",
        }
    }
}

/// Why an agent travels; it sets the value of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Business.
    Business,
    /// To or from work.
    Commute,
    /// All else.
    Other,
    /// Freight.
    Freight,
}

/// Where a trip starts or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// At a node of the street network.
    Node(NodeIx),
    /// In a hub, where a chain of processes is passed by users of a kind.
    Hub(HubIx, ChainUser),
}

/// What the time of an agent means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timing {
    /// It sets out at that time.
    SetsOut,
    /// It wants to be in the hub's hall at that time.
    WantsToBeThere,
}

/// A way of a tour: out from home and back, by one traveller who stays at the other end in between. Its two ways follow
/// each other among the agents, out first, and are made in the same mode: a car that was parked is picked up again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tour {
    /// From home.
    Out,
    /// Back home.
    Back,
}

/// Goods that are moved together.
#[derive(Clone, Debug, PartialEq)]
pub struct Consignment {
    /// Stable signature.
    pub key: u64,
    /// The truck that carries it.
    pub agent: AgentIx,
    /// Hub.
    pub hub: HubIx,
    /// Service that it takes or comes by.
    pub service: ServiceIx,
    /// Zone at the land side.
    pub zone: ZoneIx,
    /// Tonnes (air cargo).
    pub tonnes: f64,
    /// TEU (containers).
    pub teu: f64,
    /// Whether it leaves the region (true) or comes into it.
    pub outbound: bool,
    /// Domestic or international.
    pub scope: Scope,
    /// Days between its truck and its service: 0 when both are of one day; n when what leaves is brought n days ahead, or
    /// what came is fetched n days later, see [`stock`].
    pub days: u16,
}

impl Consignment {
    /// Its number.
    pub fn index(i: usize) -> ConsignmentIx {
        ConsignmentIx::from(i)
    }
}

/// Where the agents are at the end of a day: created = arrived + under way + removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentCounts {
    /// Agents that set out or were to.
    pub created: u64,
    /// Agents that reached the end of their plan, those who missed their service included.
    pub arrived: u64,
    /// Agents still under way at the end of the horizon.
    pub under_way: u64,
    /// Agents taken out because no plan leads to where they want to go.
    pub removed: u64,
}
