//! What passed the links of a day: vehicles by link, kind and quarter hour, as the road counts them while they pass.
//!
//! Everything that is told of links (volumes, times, delays, tolls, queues) follows from these rows, so that nobody has to
//! look at single passages. Sums are whole numbers: their order cannot matter.

use crate::ids::{AgentIx, LinkIx};
use crate::mode::VehicleClass;
use crate::units::Time;

/// Width of a bin, milliseconds. Bins are counted from midnight.
pub const BIN_MS: u32 = 900_000;

/// A kind of vehicle: its class, and whether it belongs to the flow of a hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kind {
    /// Class of vehicle.
    pub class: VehicleClass,
    /// Whether a traveller or truck of a hub drives it.
    pub of_hub: bool,
}

/// Passages of a link by vehicles of a kind that entered it in one bin and one period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Passed {
    /// The link.
    pub link: LinkIx,
    /// Bin of entry.
    pub bin: u32,
    /// Which of the link's periods they entered in, counted from 1 (`Roads::periods_of`); 0 outside of all.
    pub period: u32,
    /// What kind of vehicles.
    pub kind: Kind,
    /// How many left the link.
    pub count: u32,
    /// Their time on the link, all together, milliseconds.
    pub time_ms: u64,
    /// Most slots (PCU in whole numbers, of the sampled storage) that were taken when one of them left.
    pub most_slots: u32,
}

/// Departures onto a first link by vehicles of a kind that set out in one bin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Waited {
    /// The first link.
    pub link: LinkIx,
    /// Bin of setting out.
    pub bin: u32,
    /// What kind of vehicles.
    pub kind: Kind,
    /// How many entered the link.
    pub count: u32,
    /// What they waited for it, all together, milliseconds.
    pub time_ms: u64,
}

/// A vehicle that the end of the day found on a link, or waiting for its first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Still {
    /// Whose vehicle.
    pub agent: AgentIx,
    /// The link.
    pub link: LinkIx,
    /// When it entered, or set out.
    pub since: Time,
    /// What kind of vehicle.
    pub kind: Kind,
}

/// A vehicle under way that took another route than it had.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diversion {
    /// Whose vehicle.
    pub agent: AgentIx,
    /// When.
    pub at: Time,
    /// The link that it was on.
    pub on: LinkIx,
    /// The links after it from then on.
    pub route: Vec<LinkIx>,
}

/// All traffic on links of a day. Each list in its derived order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkTraffic {
    /// Passages; a vehicle counts when it has left the link.
    pub passed: Vec<Passed>,
    /// Waits at the origin of those whom their first link took.
    pub waited: Vec<Waited>,
    /// Who was still on a link when the day ended.
    pub on_link: Vec<Still>,
    /// Who still waited to enter a first link when the day ended.
    pub at_origin: Vec<Still>,
    /// Who took another route on the way, in the order of (moment, agent).
    pub diverted: Vec<Diversion>,
}
