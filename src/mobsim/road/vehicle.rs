//! Vehicles on the road: where each stands in its route, since when, and the trace of what it did.
//!
//! A vehicle is in exactly one block, so blocks write to disjoint entries. Relaxed atomics say so in safe Rust and compile
//! to plain loads and stores; the end of a window orders them between threads.

use crate::ids::AgentIx;
use crate::mode::VehicleClass;
use crate::network::passages::Kind;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};

/// Step that ends a route. All others are places among the links that leave a node.
pub(super) const END: u32 = 255;

/// Vehicles, numbered in the order in which they first set out: those that are on the road together lie together, and a
/// day of a million agents in any order stays in the cache (a fifth of the time of such a day, 2026-11).
#[derive(Debug, Default)]
pub(super) struct Vehicles {
    /// Agent of a vehicle; empty when both have the same number.
    agents: Vec<u32>,
    /// Vehicle of an agent; empty when both have the same number.
    of_agent: Vec<u32>,
    moving: Vec<Moving>,
    /// Class and slots of each: see [`size`].
    pub sizes: Vec<u8>,
    /// Who waits behind each in its departure queue.
    pub behind: Vec<u32>,
    /// What each has lost against free flow on its drive, where vehicles may ask for another way; else empty.
    lost_ms: Vec<AtomicU32>,
}

#[derive(Debug, Default)]
struct Moving {
    /// Position in the routes of the next step.
    at: AtomicU32,
    /// When it entered its link, or came to its departure queue.
    since_ms: AtomicU32,
    /// What it has done so far, mixed into one number.
    trace: AtomicU64,
}

/// Bit of a size for vehicles that belong to the flow of a hub.
const OF_HUB: u8 = 1 << 4;

/// Class in the lower two bits, slots in the next two, then whether it is of a hub.
pub(super) fn size(kind: Kind, slots: u8) -> u8 {
    kind.class as u8 | slots.clamp(1, 3) << 2 | if kind.of_hub { OF_HUB } else { 0 }
}

/// The slots of a size as a tag has them: 0 for a car of one slot.
pub(super) fn slots_of(size: u8) -> u32 {
    if size & !OF_HUB == 1 << 2 { 0 } else { u32::from(size >> 2 & 3) }
}

/// Code of a kind, below 8.
pub(super) fn kind_code(kind: Kind) -> u8 {
    kind.class as u8 | u8::from(kind.of_hub) << 2
}

/// The code of the kind of a size.
pub(super) fn code_of(size: u8) -> u8 {
    size & 3 | (size & OF_HUB) >> 2
}

/// The kind of a code.
pub(super) fn kind_of(code: u8) -> Kind {
    Kind { class: VehicleClass::ALL[usize::from(code & 3)], of_hub: code & 4 != 0 }
}

/// Whether a size is that of a hub's vehicle.
pub(super) fn is_of_hub(size: u8) -> bool {
    size & OF_HUB != 0
}

/// The class of a size.
pub(super) fn class_of(size: u8) -> VehicleClass {
    VehicleClass::ALL[usize::from(size & 3)]
}

/// An odd number with well-mixed bits (2⁶⁴ over the golden ratio, Knuth).
const MIX: u64 = 0x9e37_79b9_7f4a_7c15;

fn mixed(trace: u64, number: u64) -> u64 {
    let x = (trace ^ number).wrapping_mul(MIX);
    x ^ x >> 29
}

impl Vehicles {
    /// Vehicles of agents in the order in which they will set out; `ask` tells whether they may ask for another way.
    pub fn new(order: Vec<u32>, ask: bool) -> Vehicles {
        let vehicles = order.len();
        let (mut agents, mut of_agent) = (order, Vec::new());
        if (0u32..).zip(&agents).all(|(vehicle, &agent)| vehicle == agent) {
            agents = Vec::new();
        } else {
            of_agent = vec![u32::MAX; vehicles];
            for (vehicle, &agent) in (0u32..).zip(&agents) {
                of_agent[agent as usize] = vehicle;
            }
            assert!(!of_agent.contains(&u32::MAX), "the order holds every agent once");
        }
        Vehicles {
            agents,
            of_agent,
            lost_ms: (0..if ask { vehicles } else { 0 }).map(|_| AtomicU32::new(0)).collect(),
            moving: (0..vehicles).map(|_| Moving::default()).collect(),
            sizes: vec![1 << 2; vehicles],
            behind: vec![0; vehicles],
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.moving.len()
    }

    /// Agent of a vehicle.
    pub fn agent(&self, vehicle: u32) -> AgentIx {
        AgentIx(self.agents.get(vehicle as usize).copied().unwrap_or(vehicle))
    }

    /// Vehicle of an agent.
    pub fn of(&self, agent: AgentIx) -> u32 {
        self.of_agent.get(agent.i()).copied().unwrap_or(agent.0)
    }

    /// Begins a route. The trace goes on over all drives of a vehicle.
    pub fn begin(&mut self, vehicle: u32, at: u32, time_ms: u32, link: u32) {
        let moving = &mut self.moving[vehicle as usize];
        *moving.at.get_mut() = at;
        *moving.since_ms.get_mut() = time_ms;
        let trace = moving.trace.get_mut();
        *trace = mixed(mixed(*trace, u64::from(link)), u64::from(time_ms));
        self.forgive(vehicle);
    }

    /// Adds to what a vehicle has lost.
    pub fn lose(&self, vehicle: u32, ms: u32) {
        if let Some(lost) = self.lost_ms.get(vehicle as usize) {
            lost.store(lost.load(Relaxed) + ms, Relaxed);
        }
    }

    /// What a vehicle has lost since it set out or last asked.
    pub fn lost_ms(&self, vehicle: u32) -> u32 {
        self.lost_ms[vehicle as usize].load(Relaxed)
    }

    /// What a vehicle has lost counts no more.
    pub fn forgive(&mut self, vehicle: u32) {
        if let Some(lost) = self.lost_ms.get_mut(vehicle as usize) {
            *lost.get_mut() = 0;
        }
    }

    /// Memory, bytes.
    pub fn bytes(&self) -> usize {
        size_of_val(&self.moving[..])
            + size_of_val(&self.sizes[..])
            + size_of_val(&self.behind[..])
            + size_of_val(&self.agents[..])
            + size_of_val(&self.of_agent[..])
            + size_of_val(&self.lost_ms[..])
    }

    /// Position of the next step.
    pub fn position(&self, vehicle: u32) -> u32 {
        self.moving[vehicle as usize].at.load(Relaxed)
    }

    pub fn since_ms(&self, vehicle: u32) -> u32 {
        self.moving[vehicle as usize].since_ms.load(Relaxed)
    }

    /// Takes a step at a moment, or only notes when it entered its first link.
    pub fn step(&self, vehicle: u32, steps: u32, at_ms: u32, step: u32) {
        let moving = &self.moving[vehicle as usize];
        moving.at.store(moving.at.load(Relaxed) + steps, Relaxed);
        moving.since_ms.store(at_ms, Relaxed);
        let trace = moving.trace.load(Relaxed);
        moving.trace.store(mixed(trace, u64::from(step) << 32 | u64::from(at_ms)), Relaxed);
    }

    /// Sends a vehicle on by another route, from its next step on.
    pub fn divert(&mut self, vehicle: u32, at: u32) {
        *self.moving[vehicle as usize].at.get_mut() = at;
    }

    /// The trace of a vehicle.
    pub fn trace(&self, vehicle: u32) -> u64 {
        self.moving[vehicle as usize].trace.load(Relaxed)
    }
}

impl Clone for Vehicles {
    fn clone(&self) -> Vehicles {
        let copy = |m: &Moving| Moving {
            at: m.at.load(Relaxed).into(),
            since_ms: m.since_ms.load(Relaxed).into(),
            trace: m.trace.load(Relaxed).into(),
        };
        Vehicles {
            agents: self.agents.clone(),
            of_agent: self.of_agent.clone(),
            moving: self.moving.iter().map(copy).collect(),
            sizes: self.sizes.clone(),
            behind: self.behind.clone(),
            lost_ms: self.lost_ms.iter().map(|lost| lost.load(Relaxed).into()).collect(),
        }
    }
}
