//! A block: neighbouring nodes with the links that reach them and their departure queues, worked on by one thread.
//!
//! A link belongs to the block of its downstream node. Where its upstream node lies in another block, that block holds a
//! *portal*: the entry with its clock and its holes. What crosses the border travels as a letter that is taken in before
//! the next window; nothing in it matters earlier, because free-flow and backward times are at least a window.
//!
//! Inputs are numbered node by node: the links that reach a node, then its departure queues; portals and gates come last.

use super::control::Control;
use super::link::{EXIT, FORKED, HUB, Link, NOBODY, PORTAL, SOURCE, Slot, Tag, UNKNOWN, wrapped};
use super::observed::{Passages, Row};
use super::vehicle::{END, Vehicles, code_of, kind_of, slots_of};
use super::wheel::Wheel;
use super::{Listened, Passage};
use crate::ids::LinkIx;
use crate::network::passages::{LinkTraffic, Passed, Still, Waited};
use crate::units::Time;

/// What is known of a link and seldom needed.
#[derive(Clone, Debug, Default)]
pub(super) struct Backside {
    /// Number of the link over all blocks, which does not depend on how they are cut.
    pub number: u32,
    /// Link of the network that it is, or is part of.
    pub link: u32,
    /// First input of its upstream node.
    pub upstream: u32,
    /// Free-flow times of buses, trucks and articulated trucks.
    pub slow_ms: [u32; 3],
    /// Outbox to the block with the other end, and the link there.
    pub far: (u32, u32),
}

/// What crosses the border of a block.
#[derive(Clone, Copy, Debug)]
pub(super) struct Letter {
    /// Link in the block that takes it in.
    pub link: u32,
    /// Tag of a vehicle that enters; for a hole the slots that it has.
    pub tag: u32,
    /// When the vehicle may leave the link, or the hole may be entered.
    pub time_ms: u32,
    pub hole: bool,
}

/// What a window of a block gives to the rest of the day.
#[derive(Clone, Debug, Default)]
pub(super) struct Given {
    /// Vehicles that reached the end of their route, with the moment.
    pub ended: Vec<(u32, u32)>,
    /// Vehicles that came out of a hub onto their first link, with the moment.
    pub departed: Vec<(u32, u32)>,
    /// Vehicles that passed a link, when anybody listens.
    pub passages: Vec<Passage>,
    /// Links entered.
    pub entries: u64,
}

/// State of a block.
#[derive(Clone, Debug)]
pub(super) struct Block {
    pub links: Vec<Link>,
    pub back: Vec<Backside>,
    pub ring: Vec<Slot>,
    /// Links that leave the nodes, node after node.
    pub outs: Vec<u32>,
    /// Start of the last contended turn into each of these, in virtual time. Beside `outs` and not with the links, because
    /// saturated nodes look at it for every vehicle and it stays in the cache here.
    pub virtual_times: Vec<u64>,
    /// Virtual times of movements: for each input one for every link that leaves its node.
    pub turns: Vec<u64>,
    /// Place in `turns` of the first movement of an input.
    pub first_turn: Vec<u32>,
    pub wheel: Wheel,
    /// Inputs whose head was found blocked since the last check for gridlock.
    pub blocked: Vec<u32>,
    /// Letters to neighbouring blocks.
    pub outboxes: Vec<Vec<Letter>>,
    /// Blocks of these outboxes.
    pub neighbours: Vec<u32>,
    /// Where letters to this block lie: block and outbox.
    pub senders: Vec<(u32, u32)>,
    pub mail: bool,
    pub passages: Passages,
    pub given: Given,
    /// Whose passages are told one by one.
    pub listened: Listened,
    pub due: Vec<u32>,
}

/// What all blocks share during a window.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shared<'a> {
    pub vehicles: &'a Vehicles,
    pub routes: &'a [u8],
    pub control: &'a Control,
}

/// Inputs that are looked up together, so that their cache misses overlap.
const BATCH: usize = 64;

impl Block {
    /// A block without links.
    pub fn empty() -> Block {
        Block {
            links: Vec::new(),
            back: Vec::new(),
            ring: Vec::new(),
            outs: Vec::new(),
            virtual_times: Vec::new(),
            turns: Vec::new(),
            first_turn: Vec::new(),
            wheel: Wheel::new(0, 0, 1),
            blocked: Vec::new(),
            outboxes: Vec::new(),
            neighbours: Vec::new(),
            senders: Vec::new(),
            mail: false,
            passages: Passages::default(),
            given: Given::default(),
            listened: Listened::Nobody,
            due: Vec::new(),
        }
    }

    /// The outbox to a block, opened when there is none yet.
    pub fn outbox_to(&mut self, block: u32) -> u32 {
        let known = self.neighbours.iter().position(|&n| n == block);
        known.unwrap_or_else(|| {
            self.neighbours.push(block);
            self.outboxes.push(Vec::new());
            self.neighbours.len() - 1
        }) as u32
    }

    /// Whether there is anything to do in the window of a moment.
    pub fn active(&self, start_ms: u32) -> bool {
        self.mail || self.wheel.due(start_ms)
    }

    /// Moves traffic through a window.
    pub fn window(&mut self, shared: &Shared, posts: &[Vec<Vec<Letter>>], start_ms: u32, end_ms: u32) {
        self.wheel.turn_to(start_ms);
        self.take_mail(posts);
        let mut due = std::mem::take(&mut self.due);
        self.wheel.take(&mut due);
        let mut from = 0;
        while from < due.len() {
            let mut to = (from + BATCH).min(due.len());
            while to < due.len() && self.same_node(due[to - 1], due[to]) {
                to += 1;
            }
            self.look_up(&due[from..to], shared);
            while from < to {
                let mut end = from + 1;
                while end < to && self.same_node(due[from], due[end]) {
                    end += 1;
                }
                match &mut due[from..end] {
                    [input] => self.serve_one(*input, end_ms, shared),
                    inputs => self.serve_node(inputs, end_ms, shared),
                }
                from = end;
            }
        }
        due.clear();
        self.due = due;
    }

    fn same_node(&self, a: u32, b: u32) -> bool {
        self.links[a as usize].outs == self.links[b as usize].outs
    }

    /// Finds out where the heads of a batch want to go, one step for all after the other. Every step is a row of loads that
    /// do not wait for each other; node by node they would, and a link entry would cost as many trips to memory.
    fn look_up(&mut self, inputs: &[u32], shared: &Shared) {
        let mut asked = [(0u32, 0u32, 0u32); 2 * BATCH];
        let mut n = 0;
        let mut wanted = [0u32; 2 * BATCH];
        let mut w = 0;
        for &input in inputs.iter().take(2 * BATCH) {
            let link = &self.links[input as usize];
            if link.head == NOBODY {
                continue;
            }
            if link.into == UNKNOWN {
                asked[n] = (input, Tag(link.head).vehicle(), link.outs);
                n += 1;
            } else if link.into != EXIT {
                wanted[w] = link.into;
                w += 1;
            }
        }
        let asked = &mut asked[..n];
        for (_, vehicle, _) in asked.iter_mut() {
            *vehicle = shared.vehicles.position(*vehicle);
        }
        for (_, position, _) in asked.iter_mut() {
            *position = u32::from(shared.routes[*position as usize]);
        }
        for &mut (input, step, outs) in asked.iter_mut() {
            let into = self.next_link(input, step, outs, shared);
            self.links[input as usize].into = into;
            if into != EXIT && w < wanted.len() {
                wanted[w] = into;
                w += 1;
            }
        }
        let mut touched = 0;
        for &input in inputs {
            let link = &self.links[input as usize];
            touched ^= self.ring[(link.ring + link.first) as usize].tag ^ self.passages.touch(input);
        }
        std::hint::black_box(touched);
        for &link in &wanted[..w] {
            touched ^= self.links[link as usize].next;
        }
        std::hint::black_box(touched);
        for &link in &wanted[..w] {
            let link = &self.links[link as usize];
            touched ^= self.ring[link.hole()].time_ms ^ self.ring[link.tail()].tag;
        }
        std::hint::black_box(touched);
    }

    /// The link that a step of a route leads to.
    pub fn next_link(&self, input: u32, step: u32, outs: u32, shared: &Shared) -> u32 {
        let link = &self.links[input as usize];
        if link.has(FORKED) {
            let bay = shared.control.bay(self.back[input as usize].number, step);
            return self.outs[(outs + bay) as usize];
        }
        if step == END { EXIT } else { self.outs[(outs + step) as usize] }
    }

    /// Takes in what has come from other blocks.
    pub fn take_mail(&mut self, posts: &[Vec<Vec<Letter>>]) {
        if !std::mem::take(&mut self.mail) {
            return;
        }
        for s in 0..self.senders.len() {
            let (block, outbox) = self.senders[s];
            for &letter in &posts[block as usize][outbox as usize] {
                if letter.hole {
                    self.add_holes(letter.link, letter.tag, letter.time_ms);
                } else {
                    self.put(letter.link, Tag(letter.tag), letter.time_ms);
                }
            }
        }
    }

    /// Puts a vehicle at the end of a link.
    pub fn put(&mut self, link: u32, tag: Tag, ready_ms: u32) {
        let l = &mut self.links[link as usize];
        self.ring[l.tail()] = Slot { tag: tag.0, time_ms: ready_ms };
        l.next = wrapped(l.next + tag.slots(), l.size);
        l.used += tag.slots();
        if l.head == NOBODY {
            (l.head, l.ready_ms, l.into) = (tag.0, ready_ms, UNKNOWN);
            self.wheel.wake(link, ready_ms);
        }
    }

    /// Makes holes of the slots that a vehicle left, and wakes those who wait for one.
    pub fn add_holes(&mut self, link: u32, slots: u32, hole_ms: u32) {
        let l = &mut self.links[link as usize];
        for k in 0..slots {
            let place = l.ring + wrapped(l.first + k, l.size);
            self.ring[place as usize].time_ms = hole_ms;
        }
        l.first = wrapped(l.first + slots, l.size);
        l.used -= slots;
        if l.waiters != 0 && !l.full() {
            self.wake_waiters(link);
        }
    }

    /// Wakes the inputs that wait for a hole of a link.
    pub fn wake_waiters(&mut self, link: u32) {
        let l = &mut self.links[link as usize];
        let time_ms = self.ring[l.hole()].time_ms;
        let mut waiters = std::mem::take(&mut l.waiters);
        let first = self.back[link as usize].upstream;
        let outs = self.links[first as usize].outs;
        while waiters != 0 {
            let place = waiters.trailing_zeros();
            waiters &= waiters - 1;
            self.wheel.wake(first + place, time_ms);
            // The last bit stands for all inputs from its own on.
            let mut more = first + place + 1;
            while place == 15 && (more as usize) < self.links.len() && self.links[more as usize].outs == outs {
                self.wheel.wake(more, time_ms);
                more += 1;
            }
        }
    }

    /// A vehicle comes to a departure queue; `last` is the one who waits at its end.
    pub fn depart(&mut self, source: u32, vehicle: u32, time_ms: u32, vehicles: &mut Vehicles) {
        let queue = &mut self.links[source as usize];
        if queue.head == NOBODY {
            queue.head = Tag::new(vehicle, slots_of(vehicles.sizes[vehicle as usize])).0;
            queue.ready_ms = time_ms;
            self.wheel.turn_to(time_ms);
            self.wheel.wake(source, time_ms);
        } else {
            vehicles.behind[queue.next as usize] = vehicle;
        }
        queue.next = vehicle;
        debug_assert!(queue.has(SOURCE));
    }

    /// Vehicles on a link, head first: tag and when each may leave.
    pub fn vehicles_on(&self, input: usize) -> impl Iterator<Item = Slot> {
        let link = &self.links[input];
        let mut left = if link.has(SOURCE | PORTAL | HUB) { 0 } else { link.used };
        let mut place = link.first;
        std::iter::from_fn(move || {
            let slot = (left > 0).then(|| self.ring[(link.ring + place) as usize])?;
            let slots = Tag(slot.tag).slots();
            left -= slots;
            place = wrapped(place + slots, link.size);
            Some(slot)
        })
    }

    /// Vehicles that wait in a departure queue, the first first.
    fn waiting_at(&self, input: usize, vehicles: &Vehicles) -> impl Iterator<Item = u32> {
        let queue = &self.links[input];
        let first = (queue.has(SOURCE) && queue.head != NOBODY).then(|| Tag(queue.head).vehicle());
        std::iter::successors(first, move |&v| (v != queue.next).then(|| vehicles.behind[v as usize]))
    }

    /// Tells the traffic on the links of the block.
    pub fn tell(&self, traffic: &mut LinkTraffic, vehicles: &Vehicles) {
        let link_of = |input: u32| LinkIx(self.back[input as usize].link);
        for Row { input, code, bin, period, count, time_ms } in self.passages.rows() {
            let (link, kind, time_ms) = (link_of(input), kind_of(code), u64::from(time_ms));
            if self.links[input as usize].has(SOURCE) {
                traffic.waited.push(Waited { link, bin, kind, count, time_ms });
            } else {
                traffic.passed.push(Passed { link, bin, period, kind, count, time_ms });
            }
        }
        for input in 0..self.links.len() {
            let still = |vehicle: u32| Still {
                agent: vehicles.agent(vehicle),
                link: link_of(input as u32),
                since: Time(i64::from(vehicles.since_ms(vehicle))),
                kind: kind_of(code_of(vehicles.sizes[vehicle as usize])),
            };
            traffic.on_link.extend(self.vehicles_on(input).map(|slot| still(Tag(slot.tag).vehicle())));
            traffic.at_origin.extend(self.waiting_at(input, vehicles).map(still));
        }
    }

    /// Memory of links, movements and wake-ups, bytes.
    pub fn link_bytes(&self) -> usize {
        size_of_val(&self.links[..])
            + size_of_val(&self.back[..])
            + size_of_val(&self.outs[..])
            + size_of_val(&self.virtual_times[..])
            + size_of_val(&self.turns[..])
            + size_of_val(&self.first_turn[..])
            + self.wheel.bytes()
            + self.passages.bytes()
    }
}
