//! Gates: the places at which vehicles leave the road for a hub, finite in number, and the queues that they cause.
//!
//! A gate is an entry without a link behind it: it leaves its node like a link and has a ring of slots, one for each place,
//! but neither length nor capacity. Who comes to the end of the route crosses into it when a place is free and is off the
//! road then; while it is full, it blocks the node's inputs as a full link does. A place becomes a hole only when the hub
//! frees it.
//!
//! **Queue.** Every blocked head waits for exactly one entry, so those who wait for a gate are a tree: the inputs of its
//! node whose head wants the gate, those of the upstream nodes of these whose head waits for one of them, and so on. All
//! vehicles on its links that have travelled them and still stand there are in the queue, wherever they want to go.

use super::RoadTraffic;
use super::block::{Block, Shared};
use super::link::{CLOCK_BITS, NOBODY, OWED, SOURCE, Tag, UNKNOWN, wrapped};
use crate::ids::NodeIx;
use crate::network::roads::Roads;

/// Milliseconds between two moments at which queues are told; a multiple of those at which letters are taken in.
pub(super) const TOLD_MS: u32 = 60_000;

/// Headways for which a hole still counts as what held the head up: a long vehicle leaves three slots at once, and those
/// behind it pass one by one.
const HELD_HEADWAYS: u64 = 3;

/// The way from a node into a hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoadGate {
    /// Where it leaves the road.
    pub node: NodeIx,
    /// Vehicles of the sample that the hub takes before it frees a place, one each whatever their size.
    pub places: u32,
}

/// The queue that a gate causes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GateQueue {
    /// Place of the gate in [`super::RoadSetup::gates`].
    pub gate: u32,
    /// When, milliseconds after midnight.
    pub at_ms: u32,
    /// Vehicles of the sample in it.
    pub vehicles: u32,
    /// Metres of lane that it takes, standing, on links of hubs and links that end at the gate's node, for the whole
    /// population.
    pub own_m: f64,
    /// The same on all other links.
    pub public_m: f64,
}

/// The gates of a day.
#[derive(Clone, Debug, Default)]
pub(super) struct Gates {
    /// Number of the first one among the links of the kernel.
    pub first: u32,
    pub count: u32,
    /// Metres of lane by number of the link in the kernel; empty without gates.
    pub lane_m: Vec<f64>,
    /// Whether a link of the network belongs to a hub; empty without gates.
    pub of_hub: Vec<bool>,
}

impl Gates {
    /// The gates numbered from `first` on, behind links with these metres of lane.
    pub fn new(roads: &Roads, count: usize, first: usize, lane_m: Vec<f64>) -> Gates {
        let of_hub = if count > 0 { roads.hub.iter().map(Option::is_some).collect() } else { Vec::new() };
        Gates { first: first as u32, count: count as u32, lane_m, of_hub }
    }
}

/// Vehicles of one link in a queue, by the number of the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Standing {
    number: u32,
    own: bool,
    vehicles: u32,
    slots: u32,
}

impl RoadTraffic {
    /// The hub has freed a place of a gate, which may be taken from `time_ms` on: a moment that the next window, or a later
    /// one, holds.
    pub fn free_place(&mut self, gate: u32, time_ms: u32) {
        debug_assert!(time_ms >= self.now_ms, "{time_ms} is over at {}", self.now_ms);
        let (block, entry) = self.places.entry[(self.gates.first + gate) as usize];
        let block = &mut self.blocks[block as usize];
        block.wheel.turn_to(self.now_ms);
        block.free_place(entry, time_ms);
    }

    /// The step of a route that leads into a gate, instead of the one that ends it.
    pub(super) fn step_into(&self, gate: u32) -> u8 {
        let (block, entry) = self.places.entry[(self.gates.first + gate) as usize];
        self.blocks[block as usize].links[entry as usize].place
    }

    /// Places of a gate that are taken now.
    pub fn places_taken(&self, gate: u32) -> u32 {
        let (block, entry) = self.places.entry[(self.gates.first + gate) as usize];
        self.blocks[block as usize].links[entry as usize].used
    }

    /// Tells the queues of all gates at which somebody waits, once all letters are taken in.
    pub(super) fn tell_queues(&self, now_ms: u32, out: &mut Vec<GateQueue>) {
        for gate in 0..self.gates.count {
            let mut standing = self.standing(gate, now_ms);
            if standing.is_empty() {
                continue;
            }
            // Sums of fractions do not depend on the order in which blocks are seen.
            standing.sort_unstable();
            let mut queue = GateQueue { gate, at_ms: now_ms, vehicles: 0, own_m: 0.0, public_m: 0.0 };
            for Standing { number, own, vehicles, slots } in standing {
                let (block, input) = self.places.exit[number as usize];
                let all = self.blocks[block as usize].links[input as usize].size - OWED;
                let metres = f64::from(slots) * self.gates.lane_m[number as usize] / f64::from(all);
                queue.vehicles += vehicles;
                *(if own { &mut queue.own_m } else { &mut queue.public_m }) += metres;
            }
            out.push(queue);
        }
    }

    /// Links in the queue of a gate.
    fn standing(&self, gate: u32, now_ms: u32) -> Vec<Standing> {
        let shared = Shared { vehicles: &self.vehicles, routes: &self.routes, control: &self.control };
        let mut standing = Vec::new();
        let (block, entry) = self.places.entry[(self.gates.first + gate) as usize];
        let mut ahead = vec![(block, entry, true, None)];
        // Every head waits for one entry only, so none is met twice.
        while let Some((b, entry, at_gate, own_link)) = ahead.pop() {
            let block = &self.blocks[b as usize];
            for input in block.inputs_before(entry).filter(|&input| block.is_held(input, entry, now_ms, &shared)) {
                let back = &block.back[input as usize];
                // The lanes before a turn bay are where the bay is.
                let own = at_gate || own_link == Some(back.link) || self.gates.of_hub[back.link as usize];
                let still = block.vehicles_on(input as usize).filter(|slot| slot.time_ms < now_ms);
                let (vehicles, slots) = still.fold((0, 0), |sum, v| (sum.0 + 1, sum.1 + Tag(v.tag).slots()));
                standing.push(Standing { number: back.number, own, vehicles, slots });
                let (b, entry) = self.places.entry[back.number as usize];
                ahead.push((b, entry, false, own.then_some(back.link)));
            }
        }
        standing
    }
}

impl Block {
    /// A vehicle takes a place of a gate.
    pub(super) fn take_place(&mut self, gate: u32) {
        let l = &mut self.links[gate as usize];
        l.next = wrapped(l.next + 1, l.size);
        l.used += 1;
        debug_assert!(l.used + OWED <= l.size);
    }

    /// Makes a hole of a place of a gate. Holes are taken in the order of their moments, whatever the order in which they
    /// are freed.
    fn free_place(&mut self, gate: u32, time_ms: u32) {
        let l = &mut self.links[gate as usize];
        assert!(l.used > 0, "a place is freed that nobody has");
        let free = l.size - OWED - l.used;
        let place = |k: u32| (l.ring + wrapped(l.first + l.size - k, l.size)) as usize;
        let mut later = 0;
        while later < free && self.ring[place(later + 1)].time_ms > time_ms {
            self.ring[place(later)].time_ms = self.ring[place(later + 1)].time_ms;
            later += 1;
        }
        self.ring[place(later)].time_ms = time_ms;
        l.first = wrapped(l.first + 1, l.size);
        l.used -= 1;
        if later == free {
            // It is the next to be taken: whoever waits for the gate, or for a later hole, looks again.
            l.waiters = 0;
            for input in self.inputs_before(gate) {
                self.wheel.wake(input, time_ms);
            }
        }
    }

    /// The inputs of the node that an entry leaves.
    fn inputs_before(&self, entry: u32) -> std::ops::Range<u32> {
        let first = self.back[entry as usize].upstream;
        let outs = self.links.get(first as usize).map(|link| link.outs);
        let end = (first..self.links.len() as u32).find(|&input| Some(self.links[input as usize].outs) != outs);
        first..end.unwrap_or(self.links.len() as u32)
    }

    /// Whether the head of a link has travelled it and is held up by what it wants to enter.
    fn is_held(&self, input: u32, entry: u32, now_ms: u32, shared: &Shared) -> bool {
        let link = &self.links[input as usize];
        if link.has(SOURCE) || link.head == NOBODY || link.ready_ms >= now_ms {
            return false;
        }
        let into = if link.into == UNKNOWN {
            let step = shared.routes[shared.vehicles.position(Tag(link.head).vehicle()) as usize];
            self.next_link(input, u32::from(step), link.outs, shared)
        } else {
            link.into
        };
        if into != entry {
            return false;
        }
        let next = &self.links[entry as usize];
        let hole_ms = self.ring[next.hole()].time_ms;
        let headways_ms = (2 * HELD_HEADWAYS * u64::from(link.half_headway)) >> CLOCK_BITS;
        next.full() || hole_ms > link.ready_ms && u64::from(hole_ms) + headways_ms >= u64::from(now_ms)
    }
}
