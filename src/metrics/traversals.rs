//! Vehicles on links: what a link takes at free flow, and who is on which link since when.

use crate::ids::{AgentIx, LinkIx};
use crate::metrics::Context;
use crate::mode::VehicleClass;
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

/// A vehicle that entered a link and did not leave it before the day ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StillThere {
    /// Whose vehicle.
    pub agent: AgentIx,
    /// The link.
    pub link: LinkIx,
    /// When it entered.
    pub entered: Time,
}

/// Which link each agent's vehicle is on, and since when.
#[derive(Clone, Debug)]
pub struct OnLink {
    /// By agent; [`Time::NEVER`] when on no link.
    since: Vec<(LinkIx, Time)>,
}

impl OnLink {
    /// Nobody is on a link.
    pub fn new(agents: usize) -> OnLink {
        OnLink { since: vec![(LinkIx(0), Time::NEVER); agents] }
    }

    /// A vehicle enters a link.
    pub fn enter(&mut self, agent: AgentIx, link: LinkIx, time: Time) {
        self.since[agent.i()] = (link, time);
    }

    /// A vehicle leaves its link. One that goes on has entered the next link at the same moment: ends come before
    /// beginnings in the order of events, so this never wipes out an entry.
    pub fn leave(&mut self, agent: AgentIx) {
        self.since[agent.i()].1 = Time::NEVER;
    }

    /// Who is still on a link, in the order of agents; afterwards nobody is.
    pub fn take(&mut self) -> Vec<StillThere> {
        let mut there = Vec::new();
        for (a, (link, entered)) in self.since.iter_mut().enumerate() {
            if *entered != Time::NEVER {
                there.push(StillThere { agent: AgentIx::from(a), link: *link, entered: *entered });
                *entered = Time::NEVER;
            }
        }
        there
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
