//! How far each agent came: when it set out, was in the hub, left it, and arrived.

use crate::demand::{Agent, Class, Place};
use crate::events::{Event, EventSink, What};
use crate::ids::AgentIx;
use crate::metrics::Context;
use crate::scenario::hubs::ChainUser;
use crate::units::Time;

/// All classes of agents; the position is `class as usize`.
pub const CLASSES: [Class; 5] = [Class::Background, Class::Resident, Class::Visitor, Class::Transfer, Class::Truck];

/// How a trip stands when the day is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It reached the end of its plan.
    Arrived,
    /// It has not come to its end, or not even set out.
    UnderWay,
    /// No plan leads to where it wanted to go, so it was taken out.
    Removed,
    /// It came too late for its service, and no other one took it.
    Missed,
}

impl Status {
    /// All of them; the position is `status as usize`.
    pub const ALL: [Status; 4] = [Status::Arrived, Status::UnderWay, Status::Removed, Status::Missed];

    /// The word used in files.
    pub fn word(self) -> &'static str {
        match self {
            Status::Arrived => "arrived",
            Status::UnderWay => "under_way",
            Status::Removed => "removed",
            Status::Missed => "missed",
        }
    }
}

/// How an agent uses its hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HubUse {
    /// Comes from the city and leaves by a service.
    Departing,
    /// Comes by a service and goes to the city.
    Arriving,
    /// Changes between two services.
    Transfer,
    /// A truck that brings or fetches consignments.
    Truck,
}

impl HubUse {
    /// How an agent uses its hub; `None` when it is no user of one.
    pub fn of(agent: &Agent) -> Option<HubUse> {
        agent.hub?;
        match (agent.class, agent.from, agent.to) {
            (Class::Background, _, _) => None,
            (Class::Transfer, _, _) => Some(HubUse::Transfer),
            (Class::Truck, _, _) => Some(HubUse::Truck),
            (_, _, Place::Hub(_, ChainUser::Departing)) => Some(HubUse::Departing),
            (_, Place::Hub(_, ChainUser::Arriving), _) => Some(HubUse::Arriving),
            _ => None,
        }
    }
}

/// The moments of one agent's day, milliseconds after midnight, [`NOT_YET`] for what has not happened: 20 bytes for every
/// agent of a day of millions.
#[derive(Clone, Copy, Debug)]
struct Moments {
    began_ms: u32,
    in_hub_ms: u32,
    left_hub_ms: u32,
    arrived_ms: u32,
    missed: bool,
    rebooked: bool,
}

/// Later than any moment of a day (49 days).
const NOT_YET: u32 = u32::MAX;

/// The moments of all agents' days.
#[derive(Clone, Debug)]
pub struct Journeys {
    of: Vec<Moments>,
}

fn happened(ms: u32) -> Option<Time> {
    (ms != NOT_YET).then(|| Time(i64::from(ms)))
}

fn moment(time: Time) -> u32 {
    u32::try_from(time.0.max(0)).unwrap_or(NOT_YET - 1)
}

impl Journeys {
    /// Nobody has set out.
    pub fn new(context: &Context) -> Journeys {
        let n = NOT_YET;
        let none = Moments { began_ms: n, in_hub_ms: n, left_hub_ms: n, arrived_ms: n, missed: false, rebooked: false };
        Journeys { of: vec![none; context.demand.agents.len()] }
    }

    /// The same for those who ask about users of hubs only: nothing is kept where there is no hub.
    pub fn of_hub_users(context: &Context) -> Journeys {
        if context.network.hubs.hubs.is_empty() { Journeys { of: Vec::new() } } else { Journeys::new(context) }
    }

    /// When the agent's first leg began.
    pub fn began(&self, agent: AgentIx) -> Option<Time> {
        happened(self.of[agent.i()].began_ms)
    }

    /// When the visit of the processes of its hub began.
    pub fn in_hub(&self, agent: AgentIx) -> Option<Time> {
        happened(self.of[agent.i()].in_hub_ms)
    }

    /// When that visit ended.
    pub fn left_hub(&self, agent: AgentIx) -> Option<Time> {
        happened(self.of[agent.i()].left_hub_ms)
    }

    /// When it reached the end of its plan.
    pub fn arrived(&self, agent: AgentIx) -> Option<Time> {
        happened(self.of[agent.i()].arrived_ms)
    }

    /// Whether it came too late for its service.
    pub fn missed(&self, agent: AgentIx) -> bool {
        self.of[agent.i()].missed
    }

    /// Whether it went on with another service than the one that it missed.
    pub fn rebooked(&self, agent: AgentIx) -> bool {
        self.of[agent.i()].rebooked
    }

    /// Whether it came too late for its service and no other one took it.
    pub fn stranded(&self, agent: AgentIx) -> bool {
        self.of[agent.i()].missed && !self.of[agent.i()].rebooked
    }

    /// Whether it came through its hub: the processes were passed (or there are none) and a service took it.
    pub fn passed_hub(&self, agent: AgentIx) -> bool {
        let m = &self.of[agent.i()];
        !self.stranded(agent) && (m.left_hub_ms != NOT_YET || m.arrived_ms != NOT_YET)
    }

    /// How its trip stands when the day is over.
    pub fn status(&self, agent: AgentIx, context: &Context) -> Status {
        let m = &self.of[agent.i()];
        match () {
            () if self.stranded(agent) => Status::Missed,
            () if m.arrived_ms != NOT_YET => Status::Arrived,
            () if context.plans[agent.i()].is_none() => Status::Removed,
            () => Status::UnderWay,
        }
    }
}

impl EventSink for Journeys {
    fn event(&mut self, event: &Event) {
        let Some(m) = self.of.get_mut(event.agent.i()) else { return };
        let now = moment(event.time);
        match event.what {
            What::LegBegan { mode, .. } => {
                m.began_ms = m.began_ms.min(now);
                // Who comes by a service of another hub visits both; the hub that counts is the one that it goes to.
                if mode.is_none() {
                    (m.in_hub_ms, m.left_hub_ms) = (now, NOT_YET);
                }
            }
            What::LegEnded { mode: None, .. } => m.left_hub_ms = now,
            What::Missed => m.missed = true,
            What::Embarked { .. } => m.rebooked = m.missed,
            What::Arrived => m.arrived_ms = now,
            _ => {}
        }
    }
}
