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
//! **Turn bays** [after Wright et al. 2016]. A link whose movements have lanes of their own is the lanes before them and
//! one bay for each group of movements, with its own head, capacity and storage: a blocked turn blocks the others only
//! once its bay is full.
//!
//! **Gates.** Where the road leads into a hub with finite places, a vehicle leaves its link only when a place is free: the
//! gate is an entry of its node that the hub alone makes room in ([`RoadGate`]).
//!
//! **Windows.** What a node decides in a window reaches other nodes in later windows only, because every free-flow and
//! backward time is at least [`LEAST_MS`]. So neither the order in which nodes are visited, nor how they are cut into
//! blocks, nor how many threads work on them can matter.
//!
//! Times are u32 milliseconds after midnight; the clocks of capacity run in 1/4,096 ms, so that a capacity of 0.3/s is
//! met exactly in the long run and not rounded to 3,333 ms.

mod block;
mod control;
mod gate;
mod gridlock;
mod layout;
mod link;
mod node;
mod observed;
pub mod reroute;
mod vehicle;
mod wheel;

use crate::ids::{AgentIx, LinkIx, NodeIx};
use crate::network::passages::{Kind, LinkTraffic, Passed, Waited};
use crate::network::roads::Roads;
use crate::random::mix;
use block::{Block, Letter, Shared};
use control::Control;
use gate::Gates;
pub use gate::{GateQueue, RoadGate};
use link::{CLOCK_BITS, Tag};
use rayon::prelude::*;
use reroute::RerouteRule;
use vehicle::Vehicles;

/// Free-flow and backward times are at least this, milliseconds: the widest window that is allowed, so that results do
/// not depend on the window.
pub const LEAST_MS: u32 = 2_000;

/// Blocks that must have something to do in a window before threads share them: below, waking a thread costs more than
/// it saves.
const SHARED_FROM: usize = 2;

/// How the traffic of a day is set up.
#[derive(Clone, Debug)]
pub struct RoadSetup {
    /// First moment, milliseconds after midnight.
    pub start_ms: u32,
    /// Window, milliseconds; divides [`LEAST_MS`].
    pub window_ms: u32,
    /// Seconds of waiting after which a blocked cycle is rotated, milliseconds.
    pub gridlock_ms: u32,
    /// Width of the bins in which passages are counted, milliseconds; it divides an hour.
    pub bin_ms: u32,
    /// Share of the population that the vehicles stand for: flow and storage scale with it.
    pub sample: f64,
    /// Nodes of a block. It does not change results.
    pub block_nodes: usize,
    /// Kinds of vehicles that there are.
    pub kinds: Vec<Kind>,
    /// Whose passages of links are told.
    pub listened: Listened,
    /// Who asks for another way within the day; nobody without.
    pub reroute: Option<RerouteRule>,
    /// Ways from the road into hubs, by number.
    pub gates: Vec<RoadGate>,
    /// Nodes at which vehicles come out of hubs: who leaves a departure queue there is told.
    pub outlets: Vec<NodeIx>,
}

/// Whose passages of links are told one by one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Listened {
    /// Nobody's.
    #[default]
    Nobody,
    /// Those of vehicles that belong to the flow of a hub.
    HubUsers,
    /// Everybody's.
    All,
}

/// Nodes of a block: a block of a city fits the second cache of a core, and threads have enough blocks to share. CPU per
/// link entry on one thread for 512, 2,048 and 16,384 nodes (2026-11): 10,000 nodes 0.153, 0.136 and 0.30 µs; 250,000 nodes
/// 0.38, 0.28 (4,096) and 0.27 µs.
pub const BLOCK_NODES: usize = 1_024;

/// The road traffic of one day.
#[derive(Clone, Debug)]
pub struct RoadTraffic {
    blocks: Vec<Block>,
    /// Letters of the last window, by block and outbox.
    posts: Vec<Vec<Vec<Letter>>>,
    vehicles: Vehicles,
    /// Steps of all routes, route after route.
    routes: Vec<u8>,
    control: Control,
    places: Places,
    gates: Gates,
    /// Where the next window begins.
    now_ms: u32,
    window_ms: u32,
    gridlock_ms: u32,
    bin_ms: u32,
    rule: Option<RerouteRule>,
    /// Agents from this number on keep the route that they have.
    kept_from: u32,
    cycles: gridlock::Cycles,
    /// Links whose head was blocked since the last check; empty in between.
    blocked: Vec<u32>,
    /// Outboxes with letters that are read in the next window.
    read: Vec<(u32, u32)>,
    /// Blocks that have something to do in the window.
    active: Vec<u32>,
    /// What was counted.
    pub counts: RoadCounts,
}

/// Where links and departure queues are: block and place in it.
#[derive(Clone, Debug)]
struct Places {
    /// Downstream end of a link.
    exit: Vec<(u32, u32)>,
    /// Upstream end of a link.
    entry: Vec<(u32, u32)>,
    /// Departure queue onto a link.
    source: Vec<(u32, u32)>,
    /// Place of a link among those that leave its node.
    steps: Vec<u8>,
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
    /// Vehicles that asked for another way because of what they had lost.
    pub asked: u64,
    /// Those among them that took one.
    pub diverted: u64,
    /// What all vehicles did, as one number; set when the day is over.
    pub trace: u64,
}

/// A route that has been laid: its first link and where its further steps stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaidRoute {
    first: LinkIx,
    at: u32,
}

/// A vehicle that entered or left a link, told one by one when somebody listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passage {
    /// When, milliseconds after midnight.
    pub at_ms: u32,
    /// Whose vehicle.
    pub agent: u32,
    /// The link.
    pub link: u32,
    /// When it had entered, if it left; `None` when it enters.
    pub entered_ms: Option<u32>,
}

/// What a window of road traffic gives to the rest of the day.
#[derive(Clone, Debug, Default)]
pub struct RoadWindow {
    /// Passages, in no order.
    pub passages: Vec<Passage>,
    /// Vehicles that reached the end of their route, or the gate there, with the moment.
    pub ended: Vec<(u32, AgentIx)>,
    /// Vehicles that left their departure queue at an outlet, with the moment.
    pub departed: Vec<(u32, AgentIx)>,
    /// Queues of the gates at which somebody waits, when the window begins with a full minute.
    pub gate_queues: Vec<GateQueue>,
}

impl RoadTraffic {
    /// Empty roads for agents, given in the order in which they first set out: results do not depend on it, speed does.
    pub fn new(roads: &Roads, setup: &RoadSetup, order: Vec<AgentIx>) -> RoadTraffic {
        assert!(order.len() <= Tag::VEHICLES, "at most {} agents", Tag::VEHICLES);
        let layout::Laid { mut blocks, control, places, gates, counts } = layout::lay_out(roads, setup);
        for block in &mut blocks {
            block.listened = setup.listened;
        }
        RoadTraffic {
            posts: blocks.iter().map(|b| vec![Vec::new(); b.outboxes.len()]).collect(),
            cycles: gridlock::Cycles::new(places.exit.len()),
            blocked: Vec::new(),
            read: Vec::new(),
            active: Vec::new(),
            blocks,
            vehicles: Vehicles::new(order.into_iter().map(|agent| agent.0).collect(), setup.reroute.is_some()),
            routes: Vec::new(),
            control,
            places,
            gates,
            now_ms: setup.start_ms,
            window_ms: setup.window_ms,
            gridlock_ms: setup.gridlock_ms,
            bin_ms: setup.bin_ms,
            rule: setup.reroute,
            kept_from: u32::MAX,
            counts,
        }
    }

    /// Has agents from a number on keep their route, whatever they lose.
    pub fn keep_routes_from(&mut self, agent: AgentIx) {
        self.kept_from = agent.0;
    }

    /// Lays a route of links that follow each other and, if so, lead into a gate at the end of the last; `None` when there
    /// is no link.
    pub fn lay(&mut self, links: impl IntoIterator<Item = LinkIx>, into: Option<u32>) -> Option<LaidRoute> {
        let mut links = links.into_iter();
        let first = links.next()?;
        let at = u32::try_from(self.routes.len()).expect("fewer than 2^32 steps");
        let steps = &self.places.steps;
        self.routes.extend(links.map(|link| steps[link.i()]));
        self.routes.push(into.map_or(vehicle::END as u8, |gate| self.step_into(gate)));
        Some(LaidRoute { first, at })
    }

    /// A vehicle of an agent comes to depart at `time_ms`. Departures must come in the order of time, those of one moment
    /// in an order of the caller's that does not depend on threads.
    pub fn depart(&mut self, agent: AgentIx, route: LaidRoute, time_ms: u32, kind: Kind, slots: u8) {
        let (block, source) = self.places.source[route.first.i()];
        let vehicle = self.vehicles.of(agent);
        self.vehicles.sizes[vehicle as usize] = vehicle::size(kind, slots);
        self.vehicles.begin(vehicle, route.at, time_ms, route.first.0);
        self.blocks[block as usize].depart(source, vehicle, time_ms, &mut self.vehicles);
        self.counts.on_road += 1;
    }

    /// Moves traffic from `start_ms` up to the end of the window.
    pub fn window(&mut self, start_ms: u32, out: &mut RoadWindow) {
        if start_ms.is_multiple_of(gridlock::CHECK_MS) {
            self.settle(start_ms);
            if start_ms.is_multiple_of(gate::TOLD_MS) {
                self.tell_queues(start_ms, &mut out.gate_queues);
            }
            self.rotate_cycles(start_ms);
        }
        let end_ms = start_ms + self.window_ms;
        let RoadTraffic { blocks, posts, vehicles, routes, control, active, .. } = self;
        active.clear();
        active.extend((0..blocks.len() as u32).filter(|&b| blocks[b as usize].active(start_ms)));
        let shared = Shared { vehicles, routes, control };
        if active.len() >= SHARED_FROM && rayon::current_num_threads() > 1 {
            let work = |b: &mut Block| b.window(&shared, posts, start_ms, end_ms);
            blocks.par_iter_mut().with_max_len(1).filter(|b| b.active(start_ms)).for_each(work);
        } else {
            active.iter().for_each(|&b| blocks[b as usize].window(&shared, posts, start_ms, end_ms));
        }
        self.now_ms = end_ms;
        self.gather(out);
    }

    /// Collects what the active blocks give, takes away the letters that were read, and puts those that were written in
    /// their place.
    fn gather(&mut self, out: &mut RoadWindow) {
        let RoadTraffic { blocks, posts, active, read, counts, vehicles, .. } = self;
        for (b, k) in read.drain(..) {
            posts[b as usize][k as usize].clear();
        }
        for &b in &*active {
            let Block { given, outboxes, neighbours, .. } = &mut blocks[b as usize];
            counts.entries += std::mem::take(&mut given.entries);
            counts.on_road -= given.ended.len() as u64;
            out.ended.extend(given.ended.drain(..).map(|(ms, vehicle)| (ms, vehicles.agent(vehicle))));
            out.departed.extend(given.departed.drain(..).map(|(ms, vehicle)| (ms, vehicles.agent(vehicle))));
            out.passages.append(&mut given.passages);
            let mut mailed = Vec::new();
            for (k, written) in outboxes.iter_mut().enumerate().filter(|(_, letters)| !letters.is_empty()) {
                std::mem::swap(&mut posts[b as usize][k], written);
                read.push((b, k as u32));
                mailed.push(neighbours[k]);
            }
            mailed.into_iter().for_each(|to| blocks[to as usize].mail = true);
        }
    }

    /// Takes in all letters, so that every link holds what has happened to it.
    fn settle(&mut self, now_ms: u32) {
        for block in &mut self.blocks {
            if block.mail {
                block.wheel.turn_to(now_ms);
                block.take_mail(&self.posts);
            }
        }
    }

    /// Slots taken on a link now, with its turn bays.
    pub fn stored_pcu(&self, link: LinkIx) -> u32 {
        self.stretches(link).map(|(block, input)| self.blocks[block].links[input].used).sum()
    }

    /// Vehicles on a link now, with its turn bays.
    pub fn vehicles_on(&self, link: LinkIx) -> usize {
        self.stretches(link).map(|(block, input)| self.blocks[block].vehicles_on(input).count()).sum()
    }

    /// The link and its turn bays: block and input of their downstream ends.
    fn stretches(&self, link: LinkIx) -> impl Iterator<Item = (usize, usize)> {
        let at = |(block, input): (u32, u32)| (block as usize, input as usize);
        let bays = self.places.exit[self.places.source.len()..].iter().copied().map(at);
        let of_link = move |&(block, input): &(usize, usize)| self.blocks[block].back[input].link == link.0;
        std::iter::once(at(self.places.exit[link.i()])).chain(bays.filter(of_link))
    }

    /// All traffic on links so far.
    pub fn traffic(&mut self, now_ms: u32) -> LinkTraffic {
        self.settle(now_ms);
        let bin_ms = self.bin_ms;
        let mut traffic = LinkTraffic { bin_ms, ..LinkTraffic::default() };
        for block in &self.blocks {
            block.tell(&mut traffic, &self.vehicles);
        }
        let LinkTraffic { passed, waited, on_link, at_origin, .. } = &mut traffic;
        passed.sort_unstable();
        passed.dedup_by(|later, first| {
            let key = |p: &Passed| (p.link, p.bin, p.period, p.kind);
            let same = key(later) == key(first);
            if same {
                first.count += later.count;
                first.time_ms += later.time_ms;
            }
            same
        });
        waited.sort_unstable();
        waited.dedup_by(|later, first| {
            let key = |w: &Waited| (w.link, w.bin, w.kind);
            let same = key(later) == key(first);
            if same {
                first.count += later.count;
                first.time_ms += later.time_ms;
            }
            same
        });
        on_link.sort_unstable();
        at_origin.sort_unstable();
        traffic
    }

    /// What all vehicles did, as one number: the same for the same day, whatever the order of the agents, which are told by
    /// their keys.
    pub fn trace(&self, key: impl Fn(AgentIx) -> u64) -> u64 {
        let of = |v: u32| mix(key(self.vehicles.agent(v)), self.vehicles.trace(v));
        (0..self.vehicles.count() as u32).fold(0, |sum, v| sum.wrapping_add(of(v)))
    }

    /// Memory that the traffic takes, bytes.
    pub fn memory(&self) -> RoadMemory {
        let sum = |of: fn(&Block) -> usize| self.blocks.iter().map(of).sum();
        RoadMemory {
            links: sum(Block::link_bytes),
            slots: sum(|block| size_of_val(&block.ring[..])),
            routes: self.routes.len(),
            vehicles: self.vehicles.bytes(),
        }
    }
}

/// Memory of road traffic by what takes it, bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RoadMemory {
    /// Links, departure queues, movements and wake-ups.
    pub links: usize,
    /// Rings of slots.
    pub slots: usize,
    /// Steps of routes.
    pub routes: usize,
    /// Vehicles.
    pub vehicles: usize,
}
