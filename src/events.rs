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
    /// A vehicle under way took another route, from the end of the link that it was on.
    Diverted {
        /// The link that it was on.
        link: LinkIx,
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

/// BLAKE3 digest of events in their order: two days with the same digest are the same day.
#[derive(Clone, Debug, Default)]
pub struct EventDigest {
    hasher: blake3::Hasher,
    buffer: Vec<u8>,
}

/// Bytes gathered before they are hashed; large enough for the hasher's widest path.
const DIGEST_BUFFER: usize = 1 << 16;

impl EventDigest {
    /// The digest of all events so far, in hexadecimal.
    pub fn finish(mut self) -> String {
        self.hasher.update(&self.buffer);
        self.hasher.finalize().to_hex().to_string()
    }
}

impl EventSink for EventDigest {
    fn event(&mut self, event: &Event) {
        let Event { time, agent, what } = *event;
        // A tag of the kind, then its numbers; every kind has a fixed number of them, so no two events share bytes.
        let mode = |mode: Option<Mode>| mode.map_or(-1, |m| m as i64);
        let (tag, a, b, c): (u8, u32, i64, i64) = match what {
            What::LinkLeft { link, entered } => (0, link.0, entered.0, 0),
            What::Alighted { departure, stop } => (1, departure.0, i64::from(stop.0), 0),
            What::Served { process, arrived, began } => (2, process.0, arrived.0, began.0),
            What::LegEnded { leg, mode: m } => (3, u32::from(leg), mode(m), 0),
            What::LegBegan { leg, mode: m } => (4, u32::from(leg), mode(m), 0),
            What::LinkEntered { link } => (5, link.0, 0, 0),
            What::Queued { process } => (6, process.0, 0, 0),
            What::Denied { departure, stop } => (7, departure.0, i64::from(stop.0), 0),
            What::Boarded { departure, line, position, arrived } => {
                (8, departure.0, i64::from(line.0) << 16 | i64::from(position), arrived.0)
            }
            What::Diverted { link } => (11, link.0, 0, 0),
            What::Missed => (9, 0, 0, 0),
            What::Arrived => (10, 0, 0, 0),
        };
        self.buffer.push(tag);
        self.buffer.extend_from_slice(&time.0.to_le_bytes());
        self.buffer.extend_from_slice(&agent.0.to_le_bytes());
        self.buffer.extend_from_slice(&a.to_le_bytes());
        self.buffer.extend_from_slice(&b.to_le_bytes());
        self.buffer.extend_from_slice(&c.to_le_bytes());
        if self.buffer.len() >= DIGEST_BUFFER {
            self.hasher.update(&self.buffer);
            self.buffer.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(events: &[Event]) -> String {
        let mut digest = EventDigest::default();
        events.iter().for_each(|e| digest.event(e));
        digest.finish()
    }

    #[test]
    fn the_digest_sees_every_field_and_the_order() {
        let event = |ms, agent, link| Event {
            time: Time(ms),
            agent: AgentIx(agent),
            what: What::LinkEntered { link: LinkIx(link) },
        };
        let day = [event(1, 2, 3), event(4, 5, 6)];
        let same = digest(&day);
        assert_eq!(same, digest(&day));
        for other in [[event(2, 2, 3), day[1]], [event(1, 3, 3), day[1]], [event(1, 2, 4), day[1]], [day[1], day[0]]] {
            assert_ne!(same, digest(&other));
        }
    }

    #[test]
    fn what_ends_comes_before_what_begins() {
        let at = |what| Event { time: Time(5), agent: AgentIx(1), what };
        let mut events = [
            at(What::LinkEntered { link: LinkIx(0) }),
            at(What::LegBegan { leg: 1, mode: None }),
            at(What::LinkLeft { link: LinkIx(9), entered: Time(0) }),
            at(What::LegEnded { leg: 0, mode: None }),
        ];
        events.sort();
        let kinds: Vec<bool> =
            events.iter().map(|e| matches!(e.what, What::LinkLeft { .. } | What::LegEnded { .. })).collect();
        assert_eq!(kinds, [true, true, false, false]);
    }
}
