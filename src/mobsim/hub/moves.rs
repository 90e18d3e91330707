//! How users move through a net: they enter, walk, join queues, are through with a service, wait for places, and leave.

use super::agenda::{Moment, Rank};
use super::layout::{Laid, NO_STORE};
use super::tokens::{NOBODY, State};
use super::{Net, RESET, SHIFT, Told};
use crate::scenario::hubs::StoreUnit;

impl Net {
    /// What happens at a moment, before the net settles.
    pub(super) fn take(&mut self, moment: Moment) {
        let slot = moment.slot;
        match moment.rank() {
            Rank::End => self.end(slot),
            Rank::Left => self.road_takes(slot),
            Rank::Servers => self.servers(slot, moment.token()),
            Rank::Enter => self.enters(slot),
            Rank::Join => self.joins(slot),
            Rank::Due => {
                self.tokens[slot].appointed = false;
                self.release(slot);
            }
            Rank::Out => self.out(slot),
            Rank::Batch => self.batch_is_due(slot as usize),
        }
    }

    pub(super) fn laid(&self, slot: u32) -> &Laid {
        let token = &self.tokens[slot];
        self.layout.step(token.chain, token.step)
    }

    /// The next step from `step` on and the walk to it.
    fn next_step(&self, slot: u32, step: u16) -> (Option<u16>, i64) {
        let token = &self.tokens[slot];
        self.layout.next_step(self.setup.seed, (token.key, token.classes), token.chain, step)
    }

    fn enters(&mut self, slot: u32) {
        let (step, walk_ms) = self.next_step(slot, 0);
        let Some(step) = step else { return self.walks_out(slot, walk_ms) };
        self.tokens[slot].step = step;
        self.walks(slot, walk_ms);
        let places = self.banks[self.laid(slot).process as usize].places;
        if places < u32::MAX && !self.tokens[slot].by_road {
            self.tokens[slot].state = State::Comes;
        }
    }

    fn walks(&mut self, slot: u32, walk_ms: i64) {
        self.tokens[slot].state = State::Walks;
        self.moment(self.now.plus(walk_ms), Rank::Join, slot);
    }

    fn walks_out(&mut self, slot: u32, walk_ms: i64) {
        if self.tokens[slot].state != State::Holds {
            self.tokens[slot].state = State::Leaves;
        }
        if walk_ms > 0 { self.moment(self.now.plus(walk_ms), Rank::Out, slot) } else { self.out(slot) }
    }

    /// One comes to its process, where it waits before the door if no place is kept for it and none is free.
    fn joins(&mut self, slot: u32) {
        let process = self.laid(slot).process as usize;
        let bank = &mut self.banks[process];
        let token = &mut self.tokens[slot];
        token.arrived = self.now;
        self.told.push(Told::Queued { time: self.now, token: token.token, process: bank.process });
        if token.state == State::Comes {
            if bank.is_full() {
                token.state = State::Outside;
                return self.tokens.append(&mut bank.outside, slot);
            }
            bank.occupied += 1;
        }
        if !self.takes_turn(slot, process) {
            return;
        }
        // Everything was settled before this moment, so a server is free only if nobody waits for it.
        let bank = &self.banks[process];
        if bank.busy < bank.on_duty && !bank.takes && bank.batch.is_none() {
            return self.begin_alone(slot, process);
        }
        self.queues(slot, process);
    }

    /// One that has its place takes its turn. Returns whether it may be served; else it is held.
    fn takes_turn(&mut self, slot: u32, process: usize) -> bool {
        let token = &mut self.tokens[slot];
        token.turn = self.turns;
        token.rank = self.banks[process].rank(token.classes);
        self.turns += 1;
        if token.appointed {
            let not_before = self.tokens.freight(slot).not_before;
            if not_before > self.now {
                self.tokens[slot].state = State::Held;
                self.moment(not_before, Rank::Due, slot);
                return false;
            }
            self.tokens[slot].appointed = false;
        }
        if self.is_owed(slot) {
            self.tokens[slot].state = State::Held;
            return false;
        }
        true
    }

    /// Whether the step of a token waits for what the hub owes it.
    fn is_owed(&self, slot: u32) -> bool {
        let token = &self.tokens[slot];
        token.tied && self.laid(slot).waits_for.is_some_and(|what| self.ties.is_owed(token.token, what))
    }

    /// One that was held at its process for an appointment or a debt takes the turn that it had.
    fn release(&mut self, slot: u32) {
        if self.tokens[slot].state == State::Held && !self.tokens[slot].appointed && !self.is_owed(slot) {
            self.queues(slot, self.laid(slot).process as usize);
        }
    }

    fn queues(&mut self, slot: u32, process: usize) {
        let bank = &mut self.banks[process];
        self.tokens[slot].state = State::Queues;
        let class = usize::from(self.tokens[slot].rank);
        self.tokens.insert(&mut bank.classes[class].queue, slot);
        bank.waiting += 1;
        if bank.busy < bank.on_duty {
            self.servings.free.push(process as u32);
        }
    }

    /// A service ends: the user is told of, frees room, hands over, and goes on if there is a place.
    fn end(&mut self, slot: u32) {
        let (time, step) = (self.now, self.laid(slot));
        let (process, frees, drops) = (step.process, step.frees, step.drops);
        let token = &mut self.tokens[slot];
        token.since = time;
        let told = Told::Served {
            time,
            token: token.token,
            process: self.banks[process as usize].process,
            arrived: token.arrived,
            began: token.began,
        };
        let (number, tied, next) = (token.token, token.tied, token.step + 1);
        self.told.push(told);
        if frees != NO_STORE {
            self.free_room(slot, frees);
        }
        if let Some(what) = drops.filter(|_| tied) {
            for (enters, entry) in self.ties.dropped(number, Some(what), time) {
                self.enter(enters, entry);
            }
        }
        self.goes_on(slot, process, next);
    }

    fn goes_on(&mut self, slot: u32, process: u32, step: u16) {
        let (next, walk_ms) = self.next_step(slot, step);
        let Some(next) = next else {
            if self.tokens[slot].holds {
                self.tokens[slot].state = State::Holds;
            } else {
                self.leave(slot, process, false);
            }
            return self.walks_out(slot, walk_ms);
        };
        let to = self.layout.step(self.tokens[slot].chain, next).process;
        // Who passes the same process again keeps its place: nobody waits for a place that is its own.
        if to != process && self.banks[to as usize].places < u32::MAX {
            let bank = &mut self.banks[to as usize];
            if bank.is_full() {
                self.tokens[slot].state = State::Blocked;
                return self.tokens.append(&mut bank.outside, slot);
            }
            bank.occupied += 1;
        }
        self.leave(slot, process, to == process);
        self.tokens[slot].step = next;
        self.walks(slot, walk_ms);
    }

    /// A user leaves a process: its server, and its place unless it stays.
    fn leave(&mut self, slot: u32, process: u32, stays: bool) {
        self.free_server(slot, process as usize);
        if stays {
            return;
        }
        let bank = &mut self.banks[process as usize];
        if self.tokens[slot].by_road {
            self.tokens[slot].by_road = false;
            if bank.places < u32::MAX {
                self.told.push(Told::Placed { time: self.now, process: bank.process });
            }
        } else if bank.places < u32::MAX {
            bank.occupied -= 1;
            if !bank.outside.is_empty() {
                self.placed.push(process);
            }
        }
    }

    /// Lets those move who wait for places that have become free; each may free another one behind it.
    pub(super) fn fill_places(&mut self) {
        while let Some(process) = self.placed.pop() {
            loop {
                let bank = &mut self.banks[process as usize];
                let slot = bank.outside.first;
                if slot == NOBODY || bank.occupied >= bank.places {
                    break;
                }
                self.tokens.remove(&mut bank.outside, slot);
                bank.occupied += 1;
                self.moves_up(slot);
            }
        }
    }

    /// One that waited for a place has it now.
    fn moves_up(&mut self, slot: u32) {
        let from = self.laid(slot).process;
        if self.tokens[slot].state == State::Outside {
            if self.takes_turn(slot, from as usize) {
                self.queues(slot, from as usize);
            }
            return;
        }
        let (next, walk_ms) = self.next_step(slot, self.tokens[slot].step + 1);
        self.clears(slot);
        self.leave(slot, from, false);
        self.tokens[slot].step = next.expect("who waits for a place has a step before it");
        self.walks(slot, walk_ms);
    }

    fn clears(&mut self, slot: u32) {
        let (time, token) = (self.now, &self.tokens[slot]);
        if time > token.since {
            let process = self.banks[self.laid(slot).process as usize].process;
            self.told.push(Told::Cleared { time, token: token.token, process, since: token.since });
        }
    }

    fn road_takes(&mut self, slot: u32) {
        match self.tokens[slot].state {
            State::Holds => {
                self.clears(slot);
                self.leave(slot, self.laid(slot).process, false);
                self.tokens.drop(slot);
            }
            State::Leaves if self.tokens[slot].holds => self.tokens.drop(slot),
            // The road took one that it had not been given, or took it twice.
            _ => debug_assert!(false, "the road takes those who are through"),
        }
    }

    /// A user is through its chain.
    fn out(&mut self, slot: u32) {
        let token = &self.tokens[slot];
        let (number, holds) = (token.token, token.holds);
        let tied = token.tied && self.layout.hands_over(token.chain);
        self.told.push(Told::Done { time: self.now, token: number });
        if !holds {
            self.slots.remove(&number);
            self.tokens.drop(slot);
        }
        if tied {
            for (enters, entry) in self.ties.dropped(number, None, self.now) {
                self.enter(enters, entry);
            }
            for (owner, _) in self.ties.settled(number) {
                if let Some(&slot) = self.slots.get(&owner)
                    && self.tokens[slot].state == State::Held
                {
                    self.release(slot);
                }
            }
        }
    }

    /// A server is reset, breaks down or is repaired, or a shift changes.
    fn servers(&mut self, process: u32, what: u32) {
        let now = self.now;
        let bank = &mut self.banks[process as usize];
        match what {
            RESET => bank.busy -= 1,
            SHIFT => bank.roll_call(now),
            server => {
                let next = now.plus(bank.turn(server));
                bank.roll_call(now);
                if next < self.setup.end {
                    self.agenda.push(Moment::new(next, Rank::Servers, (bank.key, server), process));
                }
            }
        }
        if bank.waiting > 0 {
            self.servings.free.push(process);
        }
    }

    /// What a user takes of a store, or frees, thousandths.
    pub(super) fn amount(&self, slot: u32, room: u32, frees: bool) -> i64 {
        match self.rooms[room as usize].unit {
            StoreUnit::Persons => i64::from(self.tokens[slot].party) * 1000,
            StoreUnit::Vehicles => 1000,
            StoreUnit::Teu | StoreUnit::Tonnes if frees => self.tokens.freight(slot).fetches,
            StoreUnit::Teu | StoreUnit::Tonnes => self.tokens.freight(slot).brings,
        }
    }

    /// Frees room in a store, of which no more can go than is there.
    fn free_room(&mut self, slot: u32, room: u32) {
        let amount = self.amount(slot, room, true);
        let store = &mut self.rooms[room as usize];
        let amount = amount.min(store.content);
        if amount > 0 {
            store.content -= amount;
            let (time, token) = (self.now, self.tokens[slot].token);
            self.told.push(Told::Stored { time, token, store: store.store, change: -amount });
            self.servings.rooms.push(room);
        }
    }
}
