//! Vehicles on links: what a link takes at free flow, and who is on which link, or waits to enter its first one, since
//! when.

use crate::demand::plan::{Leg, Plan};
use crate::ids::{AgentIx, LinkIx};
use crate::metrics::Context;
use crate::mode::{Mode, VehicleClass};
use crate::network::roads::Roads;
use crate::units::Time;

/// Free-flow times of all links by class of vehicle, milliseconds.
#[derive(Clone, Debug)]
pub struct FreeFlow {
    by_class: Vec<[u32; VehicleClass::ALL.len()]>,
}

impl FreeFlow {
    /// Works out the times once, so that events need no division.
    pub fn new(roads: &Roads) -> FreeFlow {
        let times = |l| {
            VehicleClass::ALL.map(|class| u32::try_from(roads.free_flow_ms(LinkIx::from(l), class)).unwrap_or(u32::MAX))
        };
        FreeFlow { by_class: (0..roads.links()).map(times).collect() }
    }

    /// Free-flow time of a class on a link, milliseconds.
    pub fn ms(&self, link: LinkIx, class: VehicleClass) -> i64 {
        i64::from(self.by_class[link.i()][class as usize])
    }
}

/// A vehicle that entered a link and did not leave it before the day ended, or waited to enter it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StillThere {
    /// Whose vehicle.
    pub agent: AgentIx,
    /// The link.
    pub link: LinkIx,
    /// When it entered, or set out.
    pub since: Time,
}

/// Where an agent's vehicle is.
#[derive(Clone, Copy, Debug)]
enum Whereabouts {
    Nowhere,
    /// It set out on a leg of the plan and has not entered its first link.
    AtOrigin {
        leg: u16,
        since: Time,
    },
    OnLink {
        link: LinkIx,
        since: Time,
    },
}

/// Which link each agent's vehicle is on, or which leg it waits to begin, and since when.
#[derive(Clone, Debug)]
pub struct OnLink {
    of: Vec<Whereabouts>,
}

impl OnLink {
    /// Nobody is on a link.
    pub fn new(agents: usize) -> OnLink {
        OnLink { of: vec![Whereabouts::Nowhere; agents] }
    }

    /// A leg begins: by road vehicle, the wait at the origin begins.
    pub fn begin_leg(&mut self, agent: AgentIx, leg: u16, mode: Option<Mode>, time: Time) {
        if matches!(mode, Some(Mode::Car | Mode::Taxi | Mode::Truck)) {
            self.of[agent.i()] = Whereabouts::AtOrigin { leg, since: time };
        }
    }

    /// A leg ends; one without links ends where it began, and nobody waits any more.
    pub fn end_leg(&mut self, agent: AgentIx) {
        self.of[agent.i()] = Whereabouts::Nowhere;
    }

    /// A vehicle enters a link. Returns since when it waited at its origin, if this is the first link of a leg.
    pub fn enter(&mut self, agent: AgentIx, link: LinkIx, time: Time) -> Option<Time> {
        match std::mem::replace(&mut self.of[agent.i()], Whereabouts::OnLink { link, since: time }) {
            Whereabouts::AtOrigin { since, .. } => Some(since),
            _ => None,
        }
    }

    /// A vehicle leaves its link. One that goes on has entered the next link at the same moment: ends come before
    /// beginnings in the order of events, so this never wipes out an entry.
    pub fn leave(&mut self, agent: AgentIx) {
        self.of[agent.i()] = Whereabouts::Nowhere;
    }

    /// Who is still on a link, in the order of agents.
    pub fn there(&self) -> Vec<StillThere> {
        let there = self.of.iter().enumerate().filter_map(|(a, of)| match *of {
            Whereabouts::OnLink { link, since } => Some(StillThere { agent: AgentIx::from(a), link, since }),
            _ => None,
        });
        there.collect()
    }

    /// Who still waits to enter the first link of a leg of its plan, in the order of agents.
    pub fn waiting(&self, plans: &[Option<Plan>]) -> Vec<StillThere> {
        let waiting = self.of.iter().enumerate().filter_map(|(a, of)| {
            let Whereabouts::AtOrigin { leg, since } = *of else { return None };
            let Leg::Drive { route } = plans[a].as_ref()?.legs.get(usize::from(leg))? else { return None };
            route.first().map(|&link| StillThere { agent: AgentIx::from(a), link, since })
        });
        waiting.collect()
    }
}

/// Lengths of all links in whole millimetres, so that sums of distances are exact in any order.
pub fn lengths_mm(roads: &Roads) -> Vec<u64> {
    roads.length_m.iter().map(|m| (m * 1_000.0).round() as u64).collect()
}

/// The class of every agent's road vehicle, one byte each, so that an event does not touch the agent itself.
pub fn vehicles(context: &Context) -> Vec<VehicleClass> {
    context.demand.agents.iter().map(|a| a.vehicle).collect()
}

/// Persons of every agent.
pub fn parties(context: &Context) -> Vec<u16> {
    context.demand.agents.iter().map(|a| a.party).collect()
}
