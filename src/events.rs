//! What happened in a day: one event type, one sink trait, one total order.
//!
//! The mobsim knows no consumer; indicators, tables and the digest are sinks. Events reach a sink in the order
//! (time, agent, rank within the agent's moment), which no thread count or block size can change.

use crate::ids::{AgentIx, DepartureIx, LineIx, LinkIx, ProcessIx, StopIx};
use crate::mode::Mode;
use crate::units::Time;
use serde::{Deserialize, Serialize};

/// One thing that happened to one agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Event {
    /// When.
    pub time: Time,
    /// To whom.
    pub agent: AgentIx,
    /// What.
    pub what: What,
}

/// What can happen. The order of the variants is the rank of events of one agent at one moment: what ends comes before
/// what begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum What {
    /// A vehicle left a link that it had entered at `entered`.
    LinkLeft {
        /// The link.
        link: LinkIx,
        /// When it had entered.
        entered: Time,
    },
    /// A traveller got off a vehicle.
    Alighted {
        /// The vehicle run.
        departure: DepartureIx,
        /// Where.
        stop: StopIx,
    },
    /// A process finished serving the agent.
    Served {
        /// The process.
        process: ProcessIx,
        /// When the agent joined the queue.
        arrived: Time,
        /// When service began.
        began: Time,
    },
    /// A leg ended.
    LegEnded {
        /// Which leg of the agent's plan.
        leg: u16,
        /// Its mode; `None` for a visit of a hub's processes.
        mode: Option<Mode>,
    },
    /// A leg began.
    LegBegan {
        /// Which leg of the agent's plan.
        leg: u16,
        /// Its mode; `None` for a visit of a hub's processes.
        mode: Option<Mode>,
    },
    /// A vehicle entered a link.
    LinkEntered {
        /// The link.
        link: LinkIx,
    },
    /// The agent joined the queue of a process.
    Queued {
        /// The process.
        process: ProcessIx,
    },
    /// A vehicle was full and left the traveller at the stop.
    Denied {
        /// The vehicle run.
        departure: DepartureIx,
        /// Where.
        stop: StopIx,
    },
    /// A traveller got on a vehicle.
    Boarded {
        /// The vehicle run.
        departure: DepartureIx,
        /// Its line.
        line: LineIx,
        /// Position of the stop in the line.
        position: u16,
        /// When the traveller had come to the stop.
        arrived: Time,
    },
    /// The agent came too late for the service that it was to take.
    Missed,
    /// The agent reached the end of its plan.
    Arrived,
}

/// Takes events in their total order.
pub trait EventSink {
    /// Takes the next event.
    fn event(&mut self, event: &Event);
}
