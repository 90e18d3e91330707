//! What happened in a day: one event type, one sink trait, one total order.
//!
//! The mobsim knows no consumer; indicators, tables and the digest are sinks. Events reach a sink in the order
//! (time, agent, rank within the agent's moment), which no thread count or block size can change.

use crate::ids::{AgentIx, DepartureIx, LineIx, LinkIx, ProcessIx, ServiceIx, StopIx, StoreIx};
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
    /// The agent left a server that it had held after its service, because there was no place for it to go.
    Cleared {
        /// The process.
        process: ProcessIx,
        /// When its service had ended.
        since: Time,
    },
    /// The agent took room in a store of a hub, or freed it.
    Stored {
        /// The store.
        store: StoreIx,
        /// What came into it, in thousandths of its unit; below zero what went.
        change: i64,
    },
    /// The vehicle of a service of a hub was through its processes: an arrival lets its passengers off, a departure is off.
    /// Its agent is the vehicle's, see [`crate::demand::items`].
    ServiceDone {
        /// The service.
        service: ServiceIx,
        /// By how much it was later than scheduled, milliseconds.
        late_ms: i64,
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
    /// The traveller gave the vehicle up that it waited for and goes on with other legs.
    Replanned {
        /// The vehicle run that left without it.
        departure: DepartureIx,
        /// Where.
        stop: StopIx,
    },
    /// A vehicle of a line was done with a stop: it left, or at its last stop has let everybody off. Its agent is the
    /// vehicle run, numbered after all travellers ([`crate::network::lines::Lines::vehicle`]).
    VehicleLeft {
        /// The vehicle run.
        departure: DepartureIx,
        /// Position of the stop in its line.
        position: u16,
        /// Persons aboard when it left.
        load: u32,
        /// When it had come; at the first stop when it was ready to take people on.
        arrived: Time,
    },
    /// A vehicle under way took another route, from the end of the link that it was on.
    Diverted {
        /// The link that it was on.
        link: LinkIx,
    },
    /// The agent came too late for the service that it was to take.
    Missed,
    /// The party got on a scheduled service of a hub, its own or, where it missed that, another one.
    Embarked {
        /// The service.
        service: ServiceIx,
    },
    /// The agent reached the end of its plan.
    Arrived,
}

/// Takes events in their total order.
pub trait EventSink {
    /// Takes the next event.
    fn event(&mut self, event: &Event);
}

/// Digest of a day: two days with the same digest are the same day, however its agents are numbered.
///
/// It is the sum modulo 2¹²⁸ of a 128-bit mix of every event: its moment, the key of its agent, its kind and its numbers.
/// A sum does not ask for an order, and none is needed: every event holds its moment, so a day is the set of its events
/// and the order follows from them. Nor do two equal events hide each other, as they would under exclusive or: they do not
/// exist (an agent is in one place at a moment), and if they did, they would count double. Unequal days agree by chance
/// once in 2¹²⁸; it is no seal against forgery. Passages of links are left out, whether they are told or not: the road's own
/// trace holds them ([`EventDigest::finish`]).
///
/// An event takes 12–14 ns, BLAKE3 over the same bytes in batches of 64 KiB, which this replaces, took 28–34 ns (one busy
/// core, 2026-11-24).
#[derive(Clone, Debug)]
pub struct EventDigest {
    keys: Vec<u64>,
    sum: u128,
}

/// Tag of the road's trace among the tags of events.
const ROAD: u64 = 255;

impl EventDigest {
    /// The digest of a day on which nothing has happened; `keys` are the agents' stable signatures by [`AgentIx`],
    /// those of vehicle runs after those of travellers.
    pub fn new(keys: Vec<u64>) -> EventDigest {
        EventDigest { keys, sum: 0 }
    }

    /// The digest of all events so far and of what passed the links, which the road sums up in one number; 32 hexadecimal
    /// digits.
    pub fn finish(self, road: u64) -> String {
        format!("{:032x}", self.sum.wrapping_add(mixed([ROAD, road, 0, 0, 0, 0])))
    }
}

impl EventSink for EventDigest {
    fn event(&mut self, event: &Event) {
        let Event { time, agent, what } = *event;
        // A tag of the kind, then its numbers; every kind has a fixed number of them, so no two events share words.
        let mode = |mode: Option<Mode>| mode.map_or(0, |m| m as u64 + 1);
        let moment = |time: Time| time.0 as u64;
        let (tag, a, b, c): (u64, u32, u64, u64) = match what {
            What::LinkLeft { .. } | What::LinkEntered { .. } => return,
            What::Alighted { departure, stop } => (1, departure.0, u64::from(stop.0), 0),
            What::Served { process, arrived, began } => (2, process.0, moment(arrived), moment(began)),
            What::Cleared { process, since } => (15, process.0, moment(since), 0),
            What::Stored { store, change } => (16, store.0, change as u64, 0),
            What::ServiceDone { service, late_ms } => (17, service.0, late_ms as u64, 0),
            What::LegEnded { leg, mode: m } => (3, u32::from(leg), mode(m), 0),
            What::LegBegan { leg, mode: m } => (4, u32::from(leg), mode(m), 0),
            What::Queued { process } => (6, process.0, 0, 0),
            What::Denied { departure, stop } => (7, departure.0, u64::from(stop.0), 0),
            What::Boarded { departure, line, position, arrived } => {
                (8, departure.0, u64::from(line.0) << 16 | u64::from(position), moment(arrived))
            }
            What::Diverted { link } => (11, link.0, 0, 0),
            What::Missed => (9, 0, 0, 0),
            What::Arrived => (10, 0, 0, 0),
            What::Embarked { service } => (14, service.0, 0, 0),
            What::Replanned { departure, stop } => (12, departure.0, u64::from(stop.0), 0),
            What::VehicleLeft { departure, position, load, arrived } => {
                (13, departure.0, u64::from(load) << 16 | u64::from(position), moment(arrived))
            }
        };
        let words = [tag, moment(time), self.keys[agent.i()], u64::from(a), b, c];
        self.sum = self.sum.wrapping_add(mixed(words));
    }
}

/// 128 bits that depend on every bit of the words. Two lanes take one word after the other, each step a bijection of the
/// lane (finalizers of MurmurHash3, Appleby 2011, and variant 13 of Stafford 2011), so a change of one word always
/// changes both.
fn mixed(words: [u64; 6]) -> u128 {
    let (mut high, mut low) = (0x243f_6a88_85a3_08d3_u64, 0x1319_8a2e_0370_7344_u64);
    for word in words {
        high = bijection(high ^ word, [33, 33, 33], [0xff51_afd7_ed55_8ccd, 0xc4ce_b9fe_1a85_ec53]);
        low = bijection(low ^ word, [30, 27, 31], [0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb]);
    }
    u128::from(high) << 64 | u128::from(low)
}

fn bijection(word: u64, shifts: [u32; 3], factors: [u64; 2]) -> u64 {
    // The golden ratio keeps a word of zeros from staying one.
    let mut x = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ x >> shifts[0]).wrapping_mul(factors[0]);
    x = (x ^ x >> shifts[1]).wrapping_mul(factors[1]);
    x ^ x >> shifts[2]
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: [u64; 3] = [0xA, 0xB, u64::MAX];

    fn digest(keys: &[u64], events: &[Event]) -> String {
        let mut digest = EventDigest::new(keys.to_vec());
        events.iter().for_each(|e| digest.event(e));
        digest.finish(0)
    }

    /// One event of every kind that the digest holds.
    fn day() -> Vec<Event> {
        let (departure, stop, line, process) = (DepartureIx(1), StopIx(2), LineIx(3), ProcessIx(4));
        let whats = [
            What::Alighted { departure, stop },
            What::Served { process, arrived: Time(5), began: Time(6) },
            What::LegEnded { leg: 7, mode: Some(Mode::Car) },
            What::LegBegan { leg: 7, mode: Some(Mode::Car) },
            What::Queued { process },
            What::Denied { departure, stop },
            What::Boarded { departure, line, position: 8, arrived: Time(9) },
            What::Missed,
            What::Arrived,
            What::Embarked { service: ServiceIx(12) },
            What::Replanned { departure, stop },
            What::VehicleLeft { departure, position: 8, load: 10, arrived: Time(11) },
        ];
        let event = |(n, what)| Event { time: Time(100 + n as i64), agent: AgentIx(n as u32 % 3), what };
        whats.into_iter().enumerate().map(event).collect()
    }

    #[test]
    fn neither_the_order_of_events_nor_the_numbers_of_agents_matter() {
        let day = day();
        let same = digest(&KEYS, &day);
        let mut backwards = day.clone();
        backwards.reverse();
        assert_eq!(same, digest(&KEYS, &backwards));
        // Agents 0, 1, 2 become 1, 2, 0 and take their keys with them.
        let renumber = |e: &Event| Event { agent: AgentIx((e.agent.0 + 1) % 3), ..*e };
        let renumbered: Vec<Event> = day.iter().map(renumber).collect();
        assert_eq!(same, digest(&[KEYS[2], KEYS[0], KEYS[1]], &renumbered));
        assert_ne!(same, digest(&KEYS, &renumbered), "another agent did it");
    }

    #[test]
    fn a_change_of_any_field_changes_the_digest() {
        let (departure, stop, line, process) = (DepartureIx(1), StopIx(2), LineIx(3), ProcessIx(4));
        let (other, walk) = (DepartureIx(9), Some(Mode::Walk));
        let others = [
            vec![What::Alighted { departure: other, stop }, What::Alighted { departure, stop: StopIx(9) }],
            vec![
                What::Served { process: ProcessIx(9), arrived: Time(5), began: Time(6) },
                What::Served { process, arrived: Time(6), began: Time(6) },
                What::Served { process, arrived: Time(5), began: Time(5) },
            ],
            vec![What::LegEnded { leg: 8, mode: Some(Mode::Car) }, What::LegEnded { leg: 7, mode: walk }],
            vec![What::LegBegan { leg: 8, mode: Some(Mode::Car) }, What::LegBegan { leg: 7, mode: None }],
            vec![What::Queued { process: ProcessIx(9) }],
            vec![What::Denied { departure: other, stop }, What::Denied { departure, stop: StopIx(9) }],
            vec![
                What::Boarded { departure: other, line, position: 8, arrived: Time(9) },
                What::Boarded { departure, line: LineIx(9), position: 8, arrived: Time(9) },
                What::Boarded { departure, line, position: 9, arrived: Time(9) },
                What::Boarded { departure, line, position: 8, arrived: Time(10) },
            ],
            vec![What::Arrived],
            vec![What::Missed],
            vec![What::Embarked { service: ServiceIx(13) }],
            vec![What::Replanned { departure: other, stop }, What::Replanned { departure, stop: StopIx(9) }],
            vec![
                What::VehicleLeft { departure: other, position: 8, load: 10, arrived: Time(11) },
                What::VehicleLeft { departure, position: 9, load: 10, arrived: Time(11) },
                What::VehicleLeft { departure, position: 8, load: 11, arrived: Time(11) },
                What::VehicleLeft { departure, position: 8, load: 10, arrived: Time(12) },
            ],
        ];
        let day = day();
        let mut seen = vec![digest(&KEYS, &day)];
        for (n, whats) in others.iter().enumerate() {
            let event = day[n];
            let later = Event { time: event.time.plus(1), ..event };
            let another = Event { agent: AgentIx((event.agent.0 + 1) % 3), ..event };
            let told = whats.iter().map(|&what| Event { what, ..event });
            for changed in told.chain([later, another]) {
                let mut events = day.clone();
                events[n] = changed;
                seen.push(digest(&KEYS, &events));
            }
            let mut without = day.clone();
            without.remove(n);
            seen.push(digest(&KEYS, &without));
            seen.push(digest(&KEYS, &[&day[..], &[event]].concat()));
        }
        seen.push(EventDigest::new(KEYS.to_vec()).finish(0));
        seen.push(EventDigest::new(KEYS.to_vec()).finish(1));
        let all = seen.len();
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), all, "two different days have the same digest");
        assert!(seen.iter().all(|digest| digest.len() == 32));
    }

    #[test]
    fn a_day_has_the_same_digest_whether_or_not_somebody_listens_to_passages() {
        let (link, agent) = (LinkIx(1), AgentIx(0));
        let passages = [What::LinkEntered { link }, What::LinkLeft { link, entered: Time(1) }];
        let passages = passages.map(|what| Event { time: Time(2), agent, what });
        assert_eq!(digest(&KEYS, &day()), digest(&KEYS, &[&day()[..], &passages[..]].concat()));
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
