//! Road traffic of a day: links by Newell's simplified kinematic wave with single vehicles, nodes by exact event order.
//!
//! **Link** [Newell 1993; Yperman 2007]. A link of storage S (PCU) is a ring of S slots. A vehicle enters at
//! `max(ready, last entry + h, moment its slots' holes reach the upstream end)` and can leave at
//! `max(entry + ff, last exit + h, earliest entry downstream)`; a slot left at `t` is a hole upstream at `t + bw`, with
//! `bw = S·h − ff` (the time of the backward wave over the link).
//!
//! **Node** [Tampère et al. 2011; Daganzo 1995]. Of all heads at a node the one with the smallest (crossing time, virtual
//! time of its movement, rank) crosses next; the virtual time of a movement grows by the headway of its input per PCU
//! served, so a saturated link is shared in proportion to the capacities of those that feed it, without any lottery.
//!
//! **Windows.** What a node decides in a window reaches other nodes in later windows only, because every free-flow and
//! backward time is at least [`LEAST_MS`]. So the order in which nodes are visited cannot matter.
//!
//! Times are u32 milliseconds after midnight; the clocks of capacity run in 1/65,536 ms, so that a capacity of 0.3/s is
//! met exactly in the long run and not rounded to 3,333 ms.

mod gridlock;
mod node;
pub mod setup;
mod wheel;

use crate::events::Event;
use crate::ids::{AgentIx, LinkIx};
use crate::mode::VehicleClass;
use std::collections::VecDeque;
use wheel::Wheel;

/// Free-flow and backward times are at least this, milliseconds: the widest window that is allowed, so that results do
/// not depend on the window.
pub const LEAST_MS: u32 = 2_000;

/// Fractional bits of a capacity clock.
const CLOCK_BITS: u32 = 16;

/// The road traffic of one day.
#[derive(Clone, Debug)]
pub struct RoadTraffic {
    links: Vec<Link>,
    /// Vehicles on links: ring of `slots` places from `first` of each link.
    places: Vec<Place>,
    /// Moments at which free slots can be entered, in the same rings.
    holes: Vec<u32>,
    /// Inputs (in-links and departure queues), node after node.
    inputs: Vec<Input>,
    /// Input of a link's downstream end.
    head_input: Vec<u32>,
    /// Input of the departures onto a link.
    source_input: Vec<u32>,
    /// First input of a node.
    first_input: Vec<u32>,
    /// Virtual times of movements: for each input one for every link that leaves its node.
    turns: Vec<u64>,
    /// Departures that wait to enter their first link, by link.
    waiting: Vec<VecDeque<u32>>,
    /// Vehicles by agent.
    vehicles: Vec<Vehicle>,
    /// Links of all routes, route after route.
    routes: Vec<LinkIx>,
    wheel: Wheel,
    window_ms: u32,
    gridlock_ms: u32,
    /// Links whose head was looked at and did not cross, one bit each.
    held: Vec<u64>,
    active: Vec<u32>,
    /// What was counted.
    pub counts: RoadCounts,
}

/// What the road counts in a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RoadCounts {
    /// Links entered.
    pub entries: u64,
    /// Vehicles moved by rotating blocked cycles.
    pub rotated: u64,
    /// Cycles rotated.
    pub rotations: u64,
    /// Milliseconds by which free-flow and backward times were raised to [`LEAST_MS`], over all links.
    pub clamped_ms: u64,
    /// Vehicles on links or waiting to depart.
    pub on_road: u64,
}

#[derive(Clone, Debug)]
struct Link {
    first: u32,
    slots: u32,
    head: u32,
    vehicles: u32,
    hole: u32,
    holes: u32,
    /// Slots that long vehicles took beyond the holes that were there; paid back before a hole is made.
    debt: u32,
    backward_ms: u32,
    /// Free-flow time by [`VehicleClass`] in its order.
    class_free_ms: [u32; 4],
    /// Headway of half a PCU, clock units.
    half_headway: u64,
    next_in: u64,
    /// Inputs of the upstream node that wait for a hole: bit k is its k-th input, bit 63 all from the 63rd on.
    waiters: u64,
    upstream: u32,
    /// Place among the links that leave its upstream node.
    place: u32,
    /// Start of the last turn into the link, in virtual time.
    virtual_time: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Place {
    vehicle: u32,
    ready_ms: u32,
}

#[derive(Clone, Debug)]
struct Input {
    link: u32,
    node: u32,
    source: bool,
    /// Place of its first movement in `turns`.
    first_turn: u32,
    next_out: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Vehicle {
    /// Position in `routes` of the link that it is on (or will enter first).
    at: u32,
    /// End of its route in `routes`.
    end: u32,
    /// When it entered the link, or came to its departure queue.
    since_ms: u32,
    slots: u8,
    /// Size in half PCU.
    halves: u8,
    class: u8,
}

/// What a window of road traffic gives to the rest of the day.
#[derive(Clone, Debug, Default)]
pub struct RoadWindow {
    /// Events, in no order.
    pub events: Vec<Event>,
    /// Vehicles that reached the end of their route, with the moment.
    pub ended: Vec<(u32, AgentIx)>,
}

impl RoadTraffic {
    /// A vehicle of an agent comes to depart at `time_ms` by a route of at least one link. Departures must come in the
    /// order of time, those of one moment in an order of the caller's that does not depend on threads.
    pub fn depart(
        &mut self,
        agent: AgentIx,
        route: std::ops::Range<u32>,
        time_ms: u32,
        class: VehicleClass,
        slots: u8,
    ) {
        debug_assert!(!route.is_empty());
        let link = self.routes[route.start as usize];
        self.vehicles[agent.i()] = Vehicle {
            at: route.start,
            end: route.end,
            since_ms: time_ms,
            slots,
            halves: (class.pcu() * 2.0) as u8,
            class: class as u8,
        };
        let queue = &mut self.waiting[link.i()];
        queue.push_back(agent.0);
        self.counts.on_road += 1;
        if queue.len() == 1 {
            self.wheel.wake(self.source_input[link.i()], u64::from(time_ms));
        }
    }

    /// Moves traffic from `start_ms` up to the end of the window.
    pub fn window(&mut self, start_ms: u32, out: &mut RoadWindow) {
        if start_ms.is_multiple_of(gridlock::CHECK_MS) {
            self.rotate_cycles(start_ms, out);
        }
        let end_ms = start_ms + self.window_ms;
        let mut active = std::mem::take(&mut self.active);
        self.wheel.take(&mut active);
        let mut from = 0;
        while from < active.len() {
            let node = self.inputs[active[from] as usize].node;
            let same = active[from..].iter().take_while(|&&i| self.inputs[i as usize].node == node).count();
            self.serve_node(&mut active[from..from + same], end_ms, out);
            from += same;
        }
        active.clear();
        self.active = active;
        self.wheel.turn();
    }

    /// PCU stored on a link now.
    pub fn stored_pcu(&self, link: LinkIx) -> u32 {
        let l = &self.links[link.i()];
        l.slots + l.debt - l.holes
    }

    /// Vehicles on a link now.
    pub fn vehicles_on(&self, link: LinkIx) -> u32 {
        self.links[link.i()].vehicles
    }

    /// Vehicles on a link with the moment each entered, head first: for the travel times of those still under way.
    pub fn still_on(&self, link: LinkIx) -> impl Iterator<Item = (AgentIx, u32)> {
        let l = &self.links[link.i()];
        (0..l.vehicles).map(move |k| {
            let vehicle = self.places[(l.first + (l.head + k) % l.slots) as usize].vehicle;
            (AgentIx(vehicle), self.vehicles[vehicle as usize].since_ms)
        })
    }
}
