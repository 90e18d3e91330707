//! A node in a window: which head crosses next, and what crossing does to the links on both sides.

use super::{CLOCK_BITS, Place, RoadTraffic, RoadWindow, Vehicle};
use crate::events::{Event, What};
use crate::ids::{AgentIx, LinkIx};
use crate::units::Time;

/// What the head of an input can do.
enum Head {
    /// There is none.
    Empty,
    /// It waits for a hole of a full link.
    Blocked { link: u32 },
    /// It can cross at a moment into a link, or out of the network.
    Crosses { at_ms: u32, into: Option<u32> },
}

impl RoadTraffic {
    /// Lets the heads of the active inputs of one node cross in their order until the window ends.
    pub(super) fn serve_node(&mut self, active: &mut [u32], end_ms: u32, out: &mut RoadWindow) {
        let mut left = active.len();
        loop {
            let mut best: Option<(u32, u64, u32, Option<u32>)> = None;
            let mut k = 0;
            while k < left {
                let input = active[k];
                match self.head(input) {
                    Head::Crosses { at_ms, into } if at_ms < end_ms => {
                        let key = (at_ms, into.map_or(0, |link| self.turns[self.turn(input, link)]), input);
                        if best.is_none_or(|b| key < (b.0, b.1, b.2)) {
                            best = Some((key.0, key.1, key.2, into));
                        }
                        k += 1;
                        continue;
                    }
                    Head::Crosses { at_ms, .. } => {
                        self.wheel.wake(input, u64::from(at_ms));
                        self.mark_held(input);
                    }
                    Head::Blocked { link } => {
                        self.wait_for(input, link);
                        self.mark_held(input);
                    }
                    Head::Empty => {}
                }
                left -= 1;
                active.swap(k, left);
            }
            match best {
                Some((at_ms, _, input, into)) => self.cross(input, at_ms, into, out),
                None => return,
            }
        }
    }

    fn head(&self, input: u32) -> Head {
        let input = &self.inputs[input as usize];
        let (vehicle, ready_ms) = if input.source {
            match self.waiting[input.link as usize].front() {
                Some(&v) => (v, self.vehicles[v as usize].since_ms),
                None => return Head::Empty,
            }
        } else {
            let link = &self.links[input.link as usize];
            if link.vehicles == 0 {
                return Head::Empty;
            }
            let place = self.places[(link.first + link.head) as usize];
            (place.vehicle, place.ready_ms)
        };
        let mut at_ms = ready_ms.max(whole_ms(input.next_out));
        let Vehicle { at, end, .. } = self.vehicles[vehicle as usize];
        let next = if input.source { at } else { at + 1 };
        if next == end {
            return Head::Crosses { at_ms, into: None };
        }
        let into = self.routes[next as usize].0;
        let link = &self.links[into as usize];
        // A long vehicle enters on its first hole and owes the rest: if it had to wait until several holes are there at
        // once, single cars from other inputs would take every one as it comes, and trucks would never pass.
        if link.holes == 0 {
            return Head::Blocked { link: into };
        }
        at_ms = at_ms.max(self.holes[(link.first + link.hole) as usize]);
        Head::Crosses { at_ms: at_ms.max(whole_ms(link.next_in)), into: Some(into) }
    }

    /// Registers an input with the full link that its head waits for.
    fn wait_for(&mut self, input: u32, link: u32) {
        let full = &mut self.links[link as usize];
        let place = (input - self.first_input[full.upstream as usize]).min(63);
        full.waiters |= 1 << place;
    }

    /// Notes that a link's head was looked at and did not cross: only such a head can be part of a gridlock.
    fn mark_held(&mut self, input: u32) {
        let input = &self.inputs[input as usize];
        if !input.source {
            self.held[input.link as usize / 64] |= 1 << (input.link % 64);
        }
    }

    /// Wakes the inputs that wait for a hole of a link.
    pub(super) fn wake_waiters(&mut self, link: u32, time_ms: u32) {
        let l = &mut self.links[link as usize];
        let mut waiters = std::mem::take(&mut l.waiters);
        let node = l.upstream as usize;
        let (first, end) = (self.first_input[node], self.first_input[node + 1]);
        while waiters != 0 {
            let place = waiters.trailing_zeros();
            waiters &= waiters - 1;
            let last = if place == 63 { end } else { first + place + 1 };
            for input in first + place..last {
                self.wheel.wake(input, u64::from(time_ms));
            }
        }
    }

    fn cross(&mut self, input: u32, at_ms: u32, into: Option<u32>, out: &mut RoadWindow) {
        let vehicle = self.leave(input, at_ms, out);
        if !self.inputs[input as usize].source {
            let link = self.inputs[input as usize].link;
            let slots = u32::from(self.vehicles[vehicle as usize].slots).min(self.links[link as usize].slots);
            self.free_slots(link, slots, at_ms);
        }
        match into {
            Some(link) => {
                self.count_turn(input, vehicle, link);
                self.take_holes(link, u32::from(self.vehicles[vehicle as usize].slots));
                self.enter(vehicle, link, at_ms, self.inputs[input as usize].source, out);
            }
            None => {
                self.counts.on_road -= 1;
                out.ended.push((at_ms, AgentIx(vehicle)));
            }
        }
    }

    /// Takes the head of an input out of its queue and moves the clocks of the input and its node.
    pub(super) fn leave(&mut self, input: u32, at_ms: u32, out: &mut RoadWindow) -> u32 {
        let state = &mut self.inputs[input as usize];
        let link = &mut self.links[state.link as usize];
        let vehicle = if state.source {
            self.waiting[state.link as usize].pop_front().expect("a head that crosses is there")
        } else {
            let vehicle = self.places[(link.first + link.head) as usize].vehicle;
            link.head = if link.head + 1 == link.slots { 0 } else { link.head + 1 };
            link.vehicles -= 1;
            self.held[state.link as usize / 64] &= !(1 << (state.link % 64));
            let entered = Time(i64::from(self.vehicles[vehicle as usize].since_ms));
            let what = What::LinkLeft { link: LinkIx(state.link), entered };
            out.events.push(Event { time: Time(i64::from(at_ms)), agent: AgentIx(vehicle), what });
            vehicle
        };
        let headway = link.half_headway * u64::from(self.vehicles[vehicle as usize].halves);
        if !state.source {
            state.next_out = next_clock(state.next_out, at_ms, headway);
        }
        vehicle
    }

    /// Counts a turn of an input into a link. The link's virtual time is the start of the served turn, not its end: with
    /// the end, an input that is served seldom would drag the others forward and every saturated merge would be shared
    /// equally. It is kept for each movement and each link, because streams that do not compete for a link must not move
    /// the clocks of those that do.
    fn count_turn(&mut self, input: u32, vehicle: u32, link: u32) {
        let turn = self.turn(input, link);
        let headway = self.links[self.inputs[input as usize].link as usize].half_headway
            * u64::from(self.vehicles[vehicle as usize].halves);
        let l = &mut self.links[link as usize];
        l.virtual_time = l.virtual_time.max(self.turns[turn]);
        self.turns[turn] = l.virtual_time + headway;
    }

    /// Place of the virtual time of the movement from an input into a link.
    fn turn(&self, input: u32, link: u32) -> usize {
        (self.inputs[input as usize].first_turn + self.links[link as usize].place) as usize
    }

    /// Makes holes of the slots that a vehicle left, after paying back what was lent.
    pub(super) fn free_slots(&mut self, link: u32, slots: u32, at_ms: u32) {
        let l = &mut self.links[link as usize];
        let paid = l.debt.min(slots);
        l.debt -= paid;
        let hole_ms = at_ms + l.backward_ms;
        for _ in paid..slots {
            let place = (l.hole + l.holes) % l.slots;
            self.holes[(l.first + place) as usize] = hole_ms;
            l.holes += 1;
        }
        if l.waiters != 0 && slots > paid {
            self.wake_waiters(link, hole_ms);
        }
    }

    /// Uses up the oldest holes of a link; what is lacking is owed.
    pub(super) fn take_holes(&mut self, link: u32, slots: u32) {
        let l = &mut self.links[link as usize];
        let wanted = slots.min(l.slots);
        let taken = wanted.min(l.holes);
        l.hole = (l.hole + taken) % l.slots;
        l.holes -= taken;
        l.debt += wanted - taken;
    }

    /// Puts a vehicle at the end of a link; its slots are taken already.
    pub(super) fn enter(&mut self, vehicle: u32, link: u32, at_ms: u32, first: bool, out: &mut RoadWindow) {
        let l = &mut self.links[link as usize];
        let v = &mut self.vehicles[vehicle as usize];
        v.at += u32::from(!first);
        v.since_ms = at_ms;
        let ready_ms = at_ms + l.class_free_ms[v.class as usize];
        let place = (l.head + l.vehicles) % l.slots;
        self.places[(l.first + place) as usize] = Place { vehicle, ready_ms };
        l.vehicles += 1;
        l.next_in = next_clock(l.next_in, at_ms, l.half_headway * u64::from(v.halves));
        self.counts.entries += 1;
        if l.vehicles == 1 {
            self.wheel.wake(self.head_input[link as usize], u64::from(ready_ms));
        }
        let what = What::LinkEntered { link: LinkIx(link) };
        out.events.push(Event { time: Time(i64::from(at_ms)), agent: AgentIx(vehicle), what });
    }
}

/// The first whole millisecond at or after a clock.
pub(super) fn whole_ms(clock: u64) -> u32 {
    ((clock + (1 << CLOCK_BITS) - 1) >> CLOCK_BITS) as u32
}

/// A capacity clock after a passage at `at_ms`. Where the clock itself decided the moment, its fraction is kept, so that
/// rounding to whole milliseconds does not add up.
fn next_clock(clock: u64, at_ms: u32, headway: u64) -> u64 {
    let at = u64::from(at_ms) << CLOCK_BITS;
    if at - clock.min(at) < 1 << CLOCK_BITS { clock + headway } else { at + headway }
}
