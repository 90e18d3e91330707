//! A node in a window: which head crosses next, and what crossing does to the links on both sides.

use super::block::{Block, Letter, Shared};
use super::link::{BAY, CONTROLLED, EXIT, FAR, FORKED, HUB, NOBODY, PORTAL, SOURCE, Tag, UNKNOWN, VARYING, wrapped};
use super::observed::Passed;
use super::vehicle::{END, class_of, code_of, is_of_hub, slots_of};
use super::{LEAST_MS, Listened, Passage};
use crate::mode::VehicleClass;

/// What the head of an input can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Head {
    /// There is none, or it is not ready before the moment at which it will be looked at again.
    Rests,
    /// It waits for a hole of the link that it wants.
    Blocked,
    /// It can cross at a moment; `own_ms` is when it could if the link ahead were empty.
    Crosses { at_ms: u32, own_ms: u32 },
}

impl Block {
    /// Lets the heads of the only active input of a node cross until the window ends.
    pub(super) fn serve_one(&mut self, input: u32, end_ms: u32, shared: &Shared) {
        loop {
            match self.head(input, end_ms, shared) {
                Head::Crosses { at_ms, own_ms } if at_ms < end_ms => self.cross(input, at_ms, own_ms, shared),
                head => return self.set_aside(input, head),
            }
        }
    }

    /// Lets the heads of the active inputs of a node cross in their order until the window ends: the earliest first, at
    /// the same moment into the same link the one with the least virtual time, then the first of the inputs.
    pub(super) fn serve_node(&mut self, active: &mut [u32], end_ms: u32, shared: &Shared) {
        let mut left = active.len();
        loop {
            let mut best: Option<(u32, u32, u32)> = None;
            let mut k = 0;
            while k < left {
                let input = active[k];
                match self.head(input, end_ms, shared) {
                    Head::Crosses { at_ms, own_ms } if at_ms < end_ms => {
                        if best.is_none_or(|b| at_ms < b.0 || at_ms == b.0 && self.has_turn(input, b.2)) {
                            best = Some((at_ms, own_ms, input));
                        }
                        k += 1;
                    }
                    head => {
                        self.set_aside(input, head);
                        active.copy_within(k + 1..left, k);
                        left -= 1;
                    }
                }
            }
            match best {
                Some((at_ms, own_ms, input)) => self.cross(input, at_ms, own_ms, shared),
                None => return,
            }
        }
    }

    /// Whether the head of an input goes before that of an earlier input at the same moment: only when both want the same
    /// link and it has had less of it.
    fn has_turn(&self, input: u32, other: u32) -> bool {
        let into = self.links[input as usize].into;
        into == self.links[other as usize].into
            && into != EXIT
            && self.virtual_start(input, into) < self.virtual_start(other, into)
    }

    /// When the head of an input can cross. What it waits for beyond the window is left open: it will look again.
    fn head(&mut self, input: u32, end_ms: u32, shared: &Shared) -> Head {
        let link = &self.links[input as usize];
        if link.head == NOBODY {
            return Head::Rests;
        }
        let mut own_ms = link.ready_ms.max(link.exit_free_ms());
        if own_ms >= end_ms {
            self.wheel.wake(input, own_ms);
            return Head::Rests;
        }
        let (mut into, flags) = (link.into, link.flags);
        if into == UNKNOWN {
            let vehicle = Tag(link.head).vehicle();
            let step = u32::from(shared.routes[shared.vehicles.position(vehicle) as usize]);
            into = self.next_link(input, step, link.outs, shared);
            self.links[input as usize].into = into;
        }
        let mut at_ms = own_ms;
        if into != EXIT {
            let next = &self.links[into as usize];
            if next.full() {
                return Head::Blocked;
            }
            at_ms = at_ms.max(self.ring[next.hole()].time_ms).max(next.entry_free_ms());
        }
        if flags & CONTROLLED != 0 || into != EXIT && self.links[into as usize].has(VARYING) {
            (own_ms, at_ms) = self.controlled(input, into, own_ms, at_ms, shared);
        }
        Head::Crosses { at_ms, own_ms }
    }

    /// The moments once signals, turn penalties and closures of the link ahead are obeyed.
    fn controlled(&self, input: u32, into: u32, own_ms: u32, at_ms: u32, shared: &Shared) -> (u32, u32) {
        let number = |link: u32| self.back[link as usize].number;
        let (from, to) = (number(input), if into == EXIT { EXIT } else { number(into) });
        let own_ms = shared.control.passable(from, to, self.links[input as usize].ready_ms, own_ms);
        (own_ms, shared.control.passable(from, to, self.links[input as usize].ready_ms, at_ms.max(own_ms)))
    }

    /// Sees to it that an input is looked at again when its head may cross.
    fn set_aside(&mut self, input: u32, head: Head) {
        match head {
            Head::Rests => {}
            Head::Blocked => {
                let into = self.links[input as usize].into;
                let place = (input - self.back[into as usize].upstream).min(15);
                self.links[into as usize].waiters |= 1 << place;
                self.note_blocked(input);
            }
            Head::Crosses { at_ms, .. } => self.wheel.wake(input, at_ms),
        }
    }

    fn cross(&mut self, input: u32, at_ms: u32, own_ms: u32, shared: &Shared) {
        let link = &self.links[input as usize];
        let (into, source) = (link.into, link.has(SOURCE));
        let tag = Tag(link.head);
        let vehicle = tag.vehicle();
        let size = if tag.kind() == 0 { CAR } else { Size::of(shared.vehicles.sizes[vehicle as usize]) };
        if into != EXIT {
            let next = &self.links[into as usize];
            if self.ring[next.hole()].time_ms.max(next.entry_free_ms()) >= own_ms {
                self.count_turn(input, into, size);
            }
        }
        if source {
            self.leave_queue(input, at_ms, shared);
        } else {
            self.leave_link(input, at_ms, shared);
        }
        if into == EXIT || self.links[into as usize].has(HUB) {
            if into != EXIT {
                self.take_place(into);
            }
            shared.vehicles.step(vehicle, 0, at_ms, END);
            self.given.ended.push((at_ms, vehicle));
        } else {
            self.enter(vehicle, input, into, at_ms, shared);
        }
    }

    /// Takes the head out of a departure queue.
    fn leave_queue(&mut self, input: u32, at_ms: u32, shared: &Shared) {
        let queue = &mut self.links[input as usize];
        let vehicle = Tag(queue.head).vehicle();
        let since_ms = queue.ready_ms;
        if queue.next == vehicle {
            queue.head = NOBODY;
        } else {
            let next = shared.vehicles.behind[vehicle as usize];
            queue.head = Tag::new(next, slots_of(shared.vehicles.sizes[next as usize])).0;
            queue.ready_ms = shared.vehicles.since_ms(next);
        }
        if queue.has(HUB) {
            self.given.departed.push((at_ms, vehicle));
        }
        shared.vehicles.lose(vehicle, at_ms - since_ms);
        let code = self.code(vehicle, shared);
        let passed = Passed { code, entered_ms: since_ms, left_ms: at_ms, period: 0 };
        self.passages.add(input, passed);
    }

    /// Code of a vehicle's kind.
    fn code(&self, vehicle: u32, shared: &Shared) -> u8 {
        self.passages.only_kind().unwrap_or_else(|| code_of(shared.vehicles.sizes[vehicle as usize]))
    }

    /// Takes the head off a link: its slots become holes, and the exit is busy for a headway.
    pub(super) fn leave_link(&mut self, input: u32, at_ms: u32, shared: &Shared) -> Tag {
        let link = &mut self.links[input as usize];
        let tag = Tag(link.head);
        let vehicle = tag.vehicle();
        let size = if tag.kind() == 0 { CAR } else { Size::of(shared.vehicles.sizes[vehicle as usize]) };
        shared.vehicles.lose(vehicle, at_ms - link.ready_ms);
        let headway = if link.has(VARYING) {
            let number = self.back[input as usize].number;
            shared.control.half_headway(number, at_ms).unwrap_or(link.half_headway)
        } else {
            link.half_headway
        };
        link.pass_exit(at_ms, u64::from(headway) * size.halves);
        let hole_ms = at_ms + link.backward_ms;
        let slots = tag.slots();
        if link.has(FAR) {
            link.first = wrapped(link.first + slots, link.size);
            link.used -= slots;
            let (outbox, there) = self.back[input as usize].far;
            self.outboxes[outbox as usize].push(Letter { link: there, tag: slots, time_ms: hole_ms, hole: true });
        } else {
            self.add_holes(input, slots, hole_ms);
        }
        let link = &mut self.links[input as usize];
        if link.used == 0 {
            link.head = NOBODY;
        } else {
            let head = self.ring[(link.ring + link.first) as usize];
            (link.head, link.ready_ms, link.into) = (head.tag, head.time_ms, UNKNOWN);
        }
        if !link.has(FORKED) {
            self.observe(input, vehicle, at_ms, shared);
        }
        tag
    }

    /// Counts a passage of a link, and tells it when somebody listens.
    fn observe(&mut self, input: u32, vehicle: u32, left_ms: u32, shared: &Shared) {
        let entered_ms = shared.vehicles.since_ms(vehicle);
        let period = if self.links[input as usize].has(VARYING) {
            shared.control.period_number(self.back[input as usize].number, entered_ms)
        } else {
            0
        };
        let code = self.code(vehicle, shared);
        self.passages.add(input, Passed { code, entered_ms, left_ms, period });
        if self.is_heard(vehicle, shared) {
            let link = self.back[input as usize].link;
            self.given.passages.push(Passage {
                at_ms: left_ms,
                agent: shared.vehicles.agent(vehicle).0,
                link,
                entered_ms: Some(entered_ms),
            });
        }
    }

    /// Whether somebody listens to the passages of a vehicle.
    fn is_heard(&self, vehicle: u32, shared: &Shared) -> bool {
        match self.listened {
            Listened::Nobody => false,
            Listened::HubUsers => is_of_hub(shared.vehicles.sizes[vehicle as usize]),
            Listened::All => true,
        }
    }

    /// Puts a vehicle that crosses from an input onto a link.
    pub(super) fn enter(&mut self, vehicle: u32, input: u32, into: u32, at_ms: u32, shared: &Shared) {
        let packed = shared.vehicles.sizes[vehicle as usize];
        let tag = Tag::new(vehicle, slots_of(packed));
        self.enter_as(tag, input, into, at_ms, shared);
    }

    /// The same for a vehicle that takes the slots of its tag, be they its own or those that another has left.
    pub(super) fn enter_as(&mut self, tag: Tag, input: u32, into: u32, at_ms: u32, shared: &Shared) {
        let vehicle = tag.vehicle();
        let size = if tag.kind() == 0 { CAR } else { Size::of(shared.vehicles.sizes[vehicle as usize]) };
        let link = &mut self.links[into as usize];
        let mut free_ms = match size.class {
            VehicleClass::Car => link.free_ms,
            class => self.back[into as usize].slow_ms[class as usize - 1],
        };
        let mut headway = link.half_headway;
        if link.has(VARYING) {
            let number = self.back[into as usize].number;
            headway = shared.control.half_headway(number, at_ms).unwrap_or(headway);
            free_ms = shared.control.free_ms(number, size.class, at_ms).unwrap_or(free_ms).max(LEAST_MS);
        }
        link.pass_entry(at_ms, u64::from(headway) * size.halves);
        let source = self.links[input as usize].has(SOURCE);
        let link = &mut self.links[into as usize];
        if !link.has(BAY) {
            shared.vehicles.step(vehicle, u32::from(!source), at_ms, u32::from(link.place));
            self.given.entries += 1;
            if self.is_heard(vehicle, shared) {
                let link = self.back[into as usize].link;
                self.given.passages.push(Passage {
                    at_ms,
                    agent: shared.vehicles.agent(vehicle).0,
                    link,
                    entered_ms: None,
                });
            }
        }
        let link = &mut self.links[into as usize];
        if link.has(PORTAL) {
            link.next = wrapped(link.next + tag.slots(), link.size);
            link.used += tag.slots();
            let (outbox, there) = self.back[into as usize].far;
            let letter = Letter { link: there, tag: tag.0, time_ms: at_ms + free_ms, hole: false };
            self.outboxes[outbox as usize].push(letter);
        } else {
            self.put(into, tag, at_ms + free_ms);
        }
    }

    /// Virtual time at which a turn of an input into a link would start.
    fn virtual_start(&self, input: u32, into: u32) -> u64 {
        let (turn, out) = self.turn(input, into);
        self.turns[turn].max(self.virtual_times[out])
    }

    /// Counts a turn of an input into a link that is contended, that is, whose entry or hole decided the moment. The link's
    /// virtual time is the start of the served turn, not its end: with the end, an input that is served seldom would drag
    /// the others forward and every saturated merge would be shared equally. It is kept for each movement and each link,
    /// because streams that do not compete for a link must not move the clocks of those that do. Turns into a link with
    /// room count nothing: no clock is ever more than one turn ahead of the link's.
    fn count_turn(&mut self, input: u32, into: u32, size: Size) {
        let (turn, out) = self.turn(input, into);
        let start = self.turns[turn].max(self.virtual_times[out]);
        self.turns[turn] = start + u64::from(self.links[input as usize].half_headway) * size.halves;
        self.virtual_times[out] = start;
    }

    /// Places of the virtual times of the movement from an input into a link, and of the link.
    fn turn(&self, input: u32, into: u32) -> (usize, usize) {
        let place = u32::from(self.links[into as usize].place);
        ((self.first_turn[input as usize] + place) as usize, (self.links[input as usize].outs + place) as usize)
    }
}

/// Size of a vehicle in half PCU, and its class.
#[derive(Clone, Copy, Debug)]
struct Size {
    halves: u64,
    class: VehicleClass,
}

const CAR: Size = Size { halves: 2, class: VehicleClass::Car };

impl Size {
    fn of(packed: u8) -> Size {
        let class = class_of(packed);
        Size { halves: (class.pcu() * 2.0) as u64, class }
    }
}
