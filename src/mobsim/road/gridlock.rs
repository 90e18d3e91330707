//! Gridlock: cycles of full links whose heads wait for each other are rotated, storage conserved, nobody vanishes.
//!
//! Every blocked head waits for exactly one link, so blocked heads form a functional graph and its cycles are disjoint.
//! A cycle in which all heads have waited for longer than the threshold moves one vehicle on from each link to the next
//! at the same moment; each takes the slots that the next one's head leaves. Checks come at fixed moments of the day,
//! which are window borders for every window that is allowed.

use super::node::whole_ms;
use super::{RoadTraffic, RoadWindow};

/// Milliseconds between two checks; a multiple of every window.
pub(super) const CHECK_MS: u32 = 10_000;

impl RoadTraffic {
    /// Rotates all cycles that have waited long enough.
    pub(super) fn rotate_cycles(&mut self, now_ms: u32, out: &mut RoadWindow) {
        let stuck = self.stuck_links(now_ms);
        if stuck.len() < 2 {
            return;
        }
        // 0 unseen; otherwise one more than the number of the walk that saw the link.
        let mut seen = vec![0u32; stuck.len()];
        let place = |link: u32| stuck.binary_search_by_key(&link, |s| s.0).ok();
        let mut cycles = Vec::new();
        for start in 0..stuck.len() {
            let walk = start as u32 + 1;
            let mut at = start;
            while seen[at] == 0 {
                seen[at] = walk;
                match place(stuck[at].1) {
                    Some(next) => at = next,
                    None => break,
                }
            }
            if seen[at] == walk
                && let Some(cycle) = cycle_from(at, &stuck, &place)
            {
                cycles.push(cycle);
            }
        }
        for cycle in cycles {
            self.rotate(&cycle, now_ms, out);
        }
    }

    /// Links whose head has waited long enough for a full link, with that link; in index order.
    fn stuck_links(&self, now_ms: u32) -> Vec<(u32, u32)> {
        let mut stuck = Vec::new();
        for (w, &word) in self.held.iter().enumerate() {
            let mut left = word;
            while left != 0 {
                let link = w as u32 * 64 + left.trailing_zeros();
                left &= left - 1;
                stuck.extend(self.stuck_for(link, now_ms).map(|wanted| (link, wanted)));
            }
        }
        stuck
    }

    /// The full link that the head of a link has waited for long enough. This looks at the state of the road alone, not at
    /// when somebody last looked at the head, which would depend on the window.
    fn stuck_for(&self, link: u32, now_ms: u32) -> Option<u32> {
        let l = &self.links[link as usize];
        let head = self.places[(l.first + l.head) as usize];
        let ready_ms = head.ready_ms.max(whole_ms(self.inputs[self.head_input[link as usize] as usize].next_out));
        let vehicle = self.vehicles[head.vehicle as usize];
        if l.vehicles == 0 || vehicle.at + 1 == vehicle.end || ready_ms + self.gridlock_ms > now_ms {
            return None;
        }
        let wanted = self.routes[vehicle.at as usize + 1].0;
        let next = &self.links[wanted as usize];
        (next.holes == 0).then_some(wanted)
    }

    fn rotate(&mut self, cycle: &[u32], now_ms: u32, out: &mut RoadWindow) {
        let heads: Vec<u32> = cycle.iter().map(|&l| self.leave(self.head_input[l as usize], now_ms, out)).collect();
        for (k, &link) in cycle.iter().enumerate() {
            let comes = heads[(k + cycle.len() - 1) % cycle.len()];
            let room = self.links[link as usize].slots;
            let size = |v: u32| u32::from(self.vehicles[v as usize].slots).min(room);
            let (freed, taken) = (size(heads[k]), size(comes));
            if freed >= taken {
                self.free_slots(link, freed - taken, now_ms);
            } else {
                self.take_holes(link, taken - freed);
            }
            self.enter(comes, link, now_ms, false, out);
            self.wheel.wake(self.head_input[link as usize], u64::from(now_ms));
        }
        self.counts.rotations += 1;
        self.counts.rotated += cycle.len() as u64;
    }
}

/// The cycle that a stuck link lies on, from its smallest link; `None` when the walk leaves the stuck links.
fn cycle_from(at: usize, stuck: &[(u32, u32)], place: &impl Fn(u32) -> Option<usize>) -> Option<Vec<u32>> {
    let mut links = vec![stuck[at].0];
    let mut next = place(stuck[at].1)?;
    while next != at {
        links.push(stuck[next].0);
        next = place(stuck[next].1)?;
    }
    let smallest = links.iter().enumerate().min_by_key(|&(_, l)| l)?.0;
    links.rotate_left(smallest);
    Some(links)
}
