//! Gridlock: cycles of full links whose heads wait for each other are rotated, storage conserved, nobody vanishes.
//!
//! Every blocked head waits for exactly one link, so blocked heads form a functional graph and its cycles are disjoint.
//! Nobody in a cycle can move, so a cycle stays once the last of its heads is blocked, and it is enough to follow the
//! links that are wanted from the heads that have been blocked since the last check. (Looking through all blocked heads
//! every time took 60 % of a day of hard gridlock, 2026-11.) A cycle in which all heads have waited for longer than the
//! threshold moves one vehicle on from each link to the next at the same moment; each takes the slots that the next one's
//! head leaves, be they more or fewer than its own, so no link holds more than before. Checks come at fixed moments of the
//! day, which are window borders for every window that is allowed, after all letters have been taken in.

use super::RoadTraffic;
use super::block::{Block, Shared};
use super::link::{EXIT, FAR, NOBODY, PORTAL, SOURCE, Tag, UNKNOWN};

/// Milliseconds between two checks; a multiple of every window.
pub(super) const CHECK_MS: u32 = 10_000;

/// Cycles of links that wait for each other. Links by their number over all blocks.
#[derive(Clone, Debug, Default)]
pub(super) struct Cycles {
    /// Links of a cycle, with the moment at which it may be rotated.
    waiting: Vec<(u32, Vec<u32>)>,
    /// Last walk that saw a link; [`IN_CYCLE`] for those of the cycles that wait.
    seen: Vec<u32>,
    walks: u32,
}

/// A link of a cycle that is known.
const IN_CYCLE: u32 = u32::MAX;

impl Cycles {
    pub fn new(links: usize) -> Cycles {
        Cycles { waiting: Vec::new(), seen: vec![0; links], walks: 0 }
    }
}

impl RoadTraffic {
    /// Finds the cycles that have closed since the last check, and rotates those that have waited long enough.
    pub(super) fn rotate_cycles(&mut self, now_ms: u32) {
        let mut blocked = std::mem::take(&mut self.blocked);
        for block in &mut self.blocks {
            let Block { blocked: new, back, .. } = block;
            blocked.extend(new.drain(..).map(|input| back[input as usize].number));
        }
        let before = self.cycles.walks;
        for link in blocked.drain(..) {
            self.follow(link, before);
        }
        self.blocked = blocked;
        let mut waiting = std::mem::take(&mut self.cycles.waiting);
        waiting.retain(|(since_ms, cycle)| {
            let rotates = since_ms.saturating_add(self.gridlock_ms) <= now_ms;
            if rotates {
                cycle.iter().for_each(|&link| self.cycles.seen[link as usize] = 0);
                // Who was sent on by another route since wants another link, and the cycle is broken.
                let wants = |k: usize| self.wanted(cycle[k]).map(|(next, _)| next);
                if (0..cycle.len()).all(|k| wants(k) == Some(cycle[(k + 1) % cycle.len()])) {
                    self.rotate(cycle, now_ms);
                }
            }
            !rotates
        });
        self.cycles.waiting = waiting;
    }

    /// Follows the links that are wanted, until somebody can move, an earlier walk of this check is met, or the walk itself:
    /// a cycle.
    fn follow(&mut self, first: u32, before: u32) {
        self.cycles.walks += 1;
        let walk = self.cycles.walks;
        let mut at = first;
        loop {
            let seen = &mut self.cycles.seen[at as usize];
            if *seen == walk {
                break;
            }
            if *seen > before {
                return;
            }
            *seen = walk;
            match self.wanted(at) {
                Some((next, _)) => at = next,
                None => return,
            }
        }
        let (mut cycle, mut since_ms) = (Vec::new(), 0);
        while self.cycles.seen[at as usize] == walk {
            self.cycles.seen[at as usize] = IN_CYCLE;
            cycle.push(at);
            let (next, own_ms) = self.wanted(at).expect("the links of a cycle want each other");
            since_ms = since_ms.max(own_ms);
            at = next;
        }
        self.cycles.waiting.push((since_ms, cycle));
    }

    /// The full link that the head of a link wants, and when the head could have entered it otherwise.
    fn wanted(&self, link: u32) -> Option<(u32, u32)> {
        let (block, input) = self.places.exit[link as usize];
        let block = &self.blocks[block as usize];
        let link = &block.links[input as usize];
        if link.head == NOBODY || link.into == EXIT || link.into == UNKNOWN {
            return None;
        }
        let next = &block.links[link.into as usize];
        next.full().then(|| (block.back[link.into as usize].number, link.ready_ms.max(link.exit_free_ms())))
    }

    fn rotate(&mut self, cycle: &[u32], now_ms: u32) {
        let RoadTraffic { blocks, vehicles, routes, control, places, .. } = self;
        let shared = Shared { vehicles, routes, control };
        let at = |of: &[(u32, u32)]| {
            cycle.iter().map(|&l| (of[l as usize].0 as usize, of[l as usize].1)).collect::<Vec<_>>()
        };
        let (exits, entries) = (at(&places.exit), at(&places.entry));
        let mut comers = Vec::with_capacity(cycle.len());
        for (&(block, input), &(upstream, entry)) in exits.iter().zip(&entries) {
            blocks[block].wheel.turn_to(now_ms);
            comers.push(blocks[block].leave_link(input, now_ms, &shared));
            if blocks[upstream].links[entry as usize].has(PORTAL) {
                // What goes on within a cycle crosses borders at once: the next link of the cycle needs it now.
                let (slots, hole_ms) = blocks[block].recall_hole(input);
                blocks[upstream].wheel.turn_to(now_ms);
                blocks[upstream].add_holes(entry, slots, hole_ms);
            }
        }
        for (k, &(block, entry)) in entries.iter().enumerate() {
            let before = (k + cycle.len() - 1) % cycle.len();
            let tag = Tag::new(
                comers[before].vehicle(),
                if comers[k].kind() == 0 && comers[before].kind() == 0 { 0 } else { comers[k].slots() },
            );
            let block_of = &mut blocks[block];
            block_of.enter_as(tag, exits[before].1, entry, now_ms, &shared);
            if block_of.links[entry as usize].has(PORTAL) {
                let (link, tag, ready_ms) = block_of.recall_vehicle(entry);
                let there = exits[k].0;
                blocks[there].put(link, Tag(tag), ready_ms);
            }
        }
        for &(block, input) in &exits {
            blocks[block].wheel.wake(input, now_ms);
        }
        self.counts.rotations += 1;
        self.counts.rotated += cycle.len() as u64;
    }
}

impl Block {
    /// Notes that a head is blocked: it may have closed a cycle.
    pub(super) fn note_blocked(&mut self, input: u32) {
        if !self.links[input as usize].has(SOURCE) {
            self.blocked.push(input);
        }
    }

    /// Takes back the letter of the last hole of a link: its slots and its moment.
    fn recall_hole(&mut self, input: u32) -> (u32, u32) {
        debug_assert!(self.links[input as usize].has(FAR));
        let outbox = self.back[input as usize].far.0;
        let letter = self.outboxes[outbox as usize].pop().expect("the head that left has written");
        (letter.tag, letter.time_ms)
    }

    /// Takes back the letter of the last vehicle that entered a portal: link there, tag, and when it may leave.
    fn recall_vehicle(&mut self, portal: u32) -> (u32, u32, u32) {
        let outbox = self.back[portal as usize].far.0;
        let letter = self.outboxes[outbox as usize].pop().expect("the vehicle that entered has written");
        (letter.link, letter.tag, letter.time_ms)
    }
}
