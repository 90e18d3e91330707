//! What passed the links of a day: vehicles by link, kind and quarter hour, as the road counts them while they pass.
//!
//! Everything that is told of links (volumes, times, delays, tolls, queues) follows from these rows, so that nobody has to
//! look at single passages. Sums are whole numbers: their order cannot matter.

use crate::ids::{AgentIx, LinkIx, ProcessIx};
use crate::mode::VehicleClass;
use crate::units::Time;
use std::borrow::Cow;
use std::ops::Range;

/// Width of a bin where a scenario does not say otherwise, milliseconds. Bins are counted from midnight.
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

/// Vehicles that queue before the gate of a hub's process, as the road sees them at a full minute.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct GateQueue {
    /// The process whose places are full.
    pub process: ProcessIx,
    /// When.
    pub at: Time,
    /// Simulated vehicles that stand before it.
    pub vehicles: u32,
    /// Metres of lane that they take on links of hubs and links that end at the gate, for the whole population.
    pub own_m: f64,
    /// The same on all other links.
    pub public_m: f64,
}

/// A user or item of a hub whom the end of the day found at a process, and not waiting for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AtProcess {
    /// Who.
    pub agent: AgentIx,
    /// The process.
    pub process: ProcessIx,
    /// When its service began.
    pub began: Time,
    /// When its service had ended, where it was still on its server for want of a place to go; `None` in service.
    pub ended: Option<Time>,
}

/// All traffic on links of a day, and what it left at the gates of hubs. Each list in its derived order.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkTraffic {
    /// Width of the bins of all rows, milliseconds; it divides an hour.
    pub bin_ms: u32,
    /// Passages; a vehicle counts when it has left the link.
    pub passed: Vec<Passed>,
    /// Waits at the origin of those whom their first link took.
    pub waited: Vec<Waited>,
    /// Who was still on a link when the day ended.
    pub on_link: Vec<Still>,
    /// Who still waited to enter a first link when the day ended.
    pub at_origin: Vec<Still>,
    /// Who took another route on the way, in the order of (agent, moment).
    pub diverted: Vec<Diversion>,
    /// Vehicles before full gates of hubs, minute by minute, while there are any.
    pub gate_queues: Vec<GateQueue>,
    /// Who was in service at a process of a hub, or blocked after it, when the day ended; each once.
    pub at_processes: Vec<AtProcess>,
}

impl Default for LinkTraffic {
    fn default() -> Self {
        LinkTraffic {
            bin_ms: BIN_MS,
            passed: Vec::new(),
            waited: Vec::new(),
            on_link: Vec::new(),
            at_origin: Vec::new(),
            diverted: Vec::new(),
            gate_queues: Vec::new(),
            at_processes: Vec::new(),
        }
    }
}

impl LinkTraffic {
    /// The route that an agent's vehicle took: the planned one, with what it changed on the way within a time.
    pub fn driven<'a>(&self, agent: AgentIx, planned: &'a [LinkIx], during: Range<Time>) -> Cow<'a, [LinkIx]> {
        let first = self.diverted.partition_point(|d| d.agent < agent);
        let mut route = Cow::Borrowed(planned);
        let mut passed = 0;
        let own = self.diverted[first..].iter().take_while(|d| d.agent == agent);
        for diversion in own.filter(|d| during.contains(&d.at)) {
            // A route that passes the link twice is told apart by what the vehicle had passed when it last changed it.
            if let Some(at) = route[passed..].iter().position(|&link| link == diversion.on) {
                passed += at;
                let links = route.to_mut();
                links.truncate(passed + 1);
                links.extend_from_slice(&diversion.route);
            }
        }
        route
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_is_what_was_driven_of_it_and_what_took_the_place_of_the_rest() {
        let links = |numbers: &[u32]| numbers.iter().map(|&l| LinkIx(l)).collect::<Vec<LinkIx>>();
        let diversion = |agent, at, on, route: &[u32]| Diversion {
            agent: AgentIx(agent),
            at: Time(at),
            on: LinkIx(on),
            route: links(route),
        };
        let diverted = vec![diversion(1, 50, 2, &[9]), diversion(2, 60, 2, &[7, 8, 4]), diversion(2, 90, 8, &[5])];
        let traffic = LinkTraffic { diverted, ..LinkTraffic::default() };
        let planned = links(&[1, 2, 3, 4]);
        let driven =
            |agent, from, until| traffic.driven(AgentIx(agent), &planned, Time(from)..Time(until)).into_owned();
        assert_eq!(driven(2, 0, 100), links(&[1, 2, 7, 8, 5]));
        assert_eq!(driven(2, 0, 80), links(&[1, 2, 7, 8, 4]));
        assert_eq!(driven(2, 100, 200), planned);
        assert_eq!(driven(0, 0, 100), planned);
    }
}
