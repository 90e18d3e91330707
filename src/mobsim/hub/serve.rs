//! Who is served next: servers that are free take those who wait, one by one or in batches.

use super::agenda::{Moment, Rank};
use super::bank::{Class, Parked};
use super::layout::NO_STORE;
use super::tokens::{NOBODY, State};
use super::{Net, RESET, Told};
use crate::units::Time;

/// What is to be settled, and the batches under way.
#[derive(Clone, Debug, Default)]
pub(super) struct Servings {
    /// Processes with a free server and somebody who waits.
    pub free: Vec<u32>,
    /// Stores in which room was freed.
    pub rooms: Vec<u32>,
    /// Processes among them whose users compete for room in stores.
    compete: Vec<u32>,
    /// The process whose batch is due now, though it is not full.
    due: Option<usize>,
    /// Members that each batch still has.
    batches: Vec<u32>,
    unused: Vec<u32>,
    /// The batch that is being put together.
    members: Vec<u32>,
}

impl Net {
    /// After a moment: first everybody moves who can, then everybody's service begins that can. Where several want the room
    /// of a store, the one who has waited longest in its queue takes it.
    pub(super) fn settle(&mut self) {
        if !self.placed.is_empty() {
            self.fill_places();
        }
        while let Some(process) = self.servings.free.pop() {
            let bank = &self.banks[process as usize];
            if bank.takes {
                self.servings.compete.push(process);
            } else if bank.batch.is_some() {
                while self.begin_batch(process as usize) {}
            } else {
                while let Some(slot) = self.next_plain(process as usize) {
                    self.begin_alone(slot, process as usize);
                }
            }
        }
        if !self.servings.compete.is_empty() || !self.servings.rooms.is_empty() {
            self.share_rooms();
        }
    }

    /// Takes the next of a queue in which nobody needs room in a store, if a server is free.
    fn next_plain(&mut self, process: usize) -> Option<u32> {
        let bank = &mut self.banks[process];
        if bank.busy >= bank.on_duty || bank.waiting == 0 {
            return None;
        }
        let class = bank.classes.iter_mut().find(|class| !class.queue.is_empty())?;
        let slot = class.queue.first;
        self.tokens.remove(&mut class.queue, slot);
        bank.waiting -= 1;
        Some(slot)
    }

    /// Lets those begin who need room in stores.
    fn share_rooms(&mut self) {
        let mut compete = std::mem::take(&mut self.servings.compete);
        while let Some(room) = self.servings.rooms.pop() {
            compete.extend_from_slice(&self.rooms[room as usize].takers);
        }
        compete.sort_unstable();
        compete.dedup();
        loop {
            let mut best: Option<(u32, usize, u32)> = None;
            compete.retain(|&process| match self.next_fitting(process as usize) {
                Some(slot) => {
                    let turn = self.tokens[slot].turn;
                    if best.is_none_or(|b| turn < b.0) {
                        best = Some((turn, process as usize, slot));
                    }
                    true
                }
                None => false,
            });
            let Some((_, process, slot)) = best else { break };
            if self.banks[process].batch.is_some() {
                if !self.begin_batch(process) {
                    compete.retain(|&p| p as usize != process);
                }
                continue;
            }
            self.take_out(slot, process);
            self.begin_alone(slot, process);
        }
        self.servings.compete = compete;
    }

    /// The next of a queue whose need of room is met, if a server is free. Those before it are parked.
    fn next_fitting(&mut self, process: usize) -> Option<u32> {
        let bank = &self.banks[process];
        if bank.busy >= bank.on_duty || bank.waiting == 0 {
            return None;
        }
        (0..bank.classes.len()).find_map(|class| self.next_fitting_of(process, class))
    }

    fn next_fitting_of(&mut self, process: usize, class: usize) -> Option<u32> {
        let is_batch = self.banks[process].batch.is_some();
        let parked = self.first_parked(process, class);
        let before = parked.map_or(u32::MAX, |slot| self.tokens[slot].turn);
        let mut next = self.banks[process].classes[class].queue.first;
        while next != NOBODY && self.tokens[next].turn < before {
            if self.fits(next) {
                return Some(next);
            }
            let unfit = next;
            next = self.tokens.next(unfit).unwrap_or(NOBODY);
            // A batch is put together from one queue, in which all stay.
            if !is_batch {
                self.park(unfit, process, class);
            }
        }
        parked
    }

    /// Takes one out of the queue who needs room in a store that is not there.
    fn park(&mut self, slot: u32, process: usize, class: usize) {
        let room = self.laid(slot).takes;
        let amount = self.amount(slot, room, false);
        self.tokens[slot].state = State::Parked;
        let Class { queue, parked } = &mut self.banks[process].classes[class];
        self.tokens.remove(queue, slot);
        let parked = parked.iter_mut().find(|parked| parked.room == room).expect("the process takes this room");
        parked.least = if parked.queue.is_empty() { amount } else { parked.least.min(amount) };
        self.tokens.insert(&mut parked.queue, slot);
    }

    /// The first of those who are parked whose need is met.
    fn first_parked(&mut self, process: usize, class: usize) -> Option<u32> {
        let mut first: Option<u32> = None;
        for k in 0..self.banks[process].classes[class].parked.len() {
            let Parked { room, queue, least } = self.banks[process].classes[class].parked[k];
            if queue.is_empty() || !self.rooms[room as usize].fits(least) {
                continue;
            }
            let (mut next, mut least) = (queue.first, i64::MAX);
            while next != NOBODY && !self.fits(next) {
                least = least.min(self.amount(next, room, false));
                next = self.tokens.next(next).unwrap_or(NOBODY);
            }
            if next == NOBODY {
                self.banks[process].classes[class].parked[k].least = least;
            } else if first.is_none_or(|slot| self.tokens[next].turn < self.tokens[slot].turn) {
                first = Some(next);
            }
        }
        first
    }

    /// Whether the room that a token needs is there.
    fn fits(&self, slot: u32) -> bool {
        let room = self.laid(slot).takes;
        room == NO_STORE || self.rooms[room as usize].fits(self.amount(slot, room, false))
    }

    fn take_out(&mut self, slot: u32, process: usize) {
        let room = self.laid(slot).takes;
        let bank = &mut self.banks[process];
        let class = &mut bank.classes[usize::from(self.tokens[slot].rank)];
        let parked = class.parked.iter_mut().find(|parked| parked.room == room);
        let queue = match parked {
            Some(parked) if self.tokens[slot].state == State::Parked => &mut parked.queue,
            _ => &mut class.queue,
        };
        self.tokens.remove(queue, slot);
        bank.waiting -= 1;
    }

    /// A server begins to serve one that stands in no queue any more.
    pub(super) fn begin_alone(&mut self, slot: u32, process: usize) {
        let pass = self.laid(slot).pass;
        let bank = &mut self.banks[process];
        bank.busy += 1;
        let token = &self.tokens[slot];
        let turns = if bank.one_turn { 1 } else { token.party };
        let service_ms = bank.service_ms(self.setup.seed, token.key, turns, pass);
        self.begin(slot, NOBODY, self.now.plus(service_ms));
    }

    fn begin(&mut self, slot: u32, batch: u32, end: Time) {
        let room = self.laid(slot).takes;
        if room != NO_STORE {
            let change = self.amount(slot, room, false);
            if change != 0 {
                let (time, token) = (self.now, self.tokens[slot].token);
                let store = &mut self.rooms[room as usize];
                store.content += change;
                self.told.push(Told::Stored { time, token, store: store.store, change });
            }
        }
        let token = &mut self.tokens[slot];
        token.state = State::Served;
        token.began = self.now;
        token.batch = batch;
        self.moment(end, Rank::End, slot);
    }

    /// One leaves its server, which is free after its reset, a batch's when all have left.
    pub(super) fn free_server(&mut self, slot: u32, process: usize) {
        let batch = std::mem::replace(&mut self.tokens[slot].batch, NOBODY);
        if batch != NOBODY {
            let left = &mut self.servings.batches[batch as usize];
            *left -= 1;
            if *left > 0 {
                return;
            }
            self.servings.unused.push(batch);
        }
        let (token, bank) = (&self.tokens[slot], &mut self.banks[process]);
        let after_ms = bank.after_ms(token.since.since(token.began));
        if after_ms > 0 {
            let moment = Moment::new(self.now.plus(after_ms), Rank::Servers, (bank.key, RESET), process as u32);
            return self.agenda.push(moment);
        }
        bank.busy -= 1;
        if bank.waiting > 0 {
            self.servings.free.push(process as u32);
        }
    }

    /// The moment has come at which a batch leaves though it is not full.
    pub(super) fn batch_is_due(&mut self, process: usize) {
        let bank = &mut self.banks[process];
        if bank.batch_at == self.now {
            bank.batch_at = Time::NEVER;
        }
        self.servings.due = Some(process);
        if bank.takes {
            self.servings.compete.push(process as u32);
            self.share_rooms();
        } else {
            while self.begin_batch(process) {}
        }
        self.servings.due = None;
    }

    /// Begins a batch if a server is free and the batch is full, or nobody else can get on, or it is due.
    fn begin_batch(&mut self, process: usize) -> bool {
        let bank = &self.banks[process];
        if bank.busy >= bank.on_duty || bank.waiting == 0 {
            return false;
        }
        let wait_ms = bank.batch.map_or(0, |batch| batch.wait_ms);
        let full = self.gather(process);
        let Some(&head) = self.servings.members.first() else { return false };
        let came = self.servings.members.iter().map(|&slot| self.tokens[slot].arrived).min();
        let leaves = came.expect("a batch has members").plus(wait_ms).max(self.now);
        let due = self.servings.due == Some(process) && leaves <= self.now;
        if !full && !due {
            let bank = &mut self.banks[process];
            if leaves < bank.batch_at {
                bank.batch_at = leaves;
                let moment = Moment::new(leaves, Rank::Batch, (bank.key, 0), process as u32);
                self.agenda.push(moment);
            }
            return false;
        }
        let pass = self.laid(head).pass;
        let bank = &mut self.banks[process];
        bank.busy += 1;
        let end = self.now.plus(bank.service_ms(self.setup.seed, self.tokens[head].key, 1, pass));
        let members = std::mem::take(&mut self.servings.members);
        let batch = self.servings.unused.pop().unwrap_or(self.servings.batches.len() as u32);
        match self.servings.batches.get_mut(batch as usize) {
            Some(left) => *left = members.len() as u32,
            None => self.servings.batches.push(members.len() as u32),
        }
        for &slot in &members {
            self.take_out(slot, process);
            self.begin(slot, batch, end);
        }
        self.servings.members = members;
        true
    }

    /// Puts together the batch of those next in the queue. Returns whether it need not wait for more: it is full, the next
    /// is too many for it, or the process has no place for more.
    fn gather(&mut self, process: usize) -> bool {
        let mut members = std::mem::take(&mut self.servings.members);
        members.clear();
        let size = self.banks[process].batch.map_or(1, |batch| batch.size);
        let (mut persons, mut full) = (0, false);
        'queues: for class in 0..self.banks[process].classes.len() {
            let mut next = self.banks[process].classes[class].queue.first;
            while next != NOBODY {
                let slot = next;
                next = self.tokens.next(slot).unwrap_or(NOBODY);
                if !self.fits(slot) {
                    continue;
                }
                let party = if self.banks[process].one_turn { 1 } else { u32::from(self.tokens[slot].party) };
                full = !members.is_empty() && persons + party > size;
                if full {
                    break 'queues;
                }
                // The room is taken at once, that the others may be seen to fit, and given back below.
                self.reserve(slot, 1);
                members.push(slot);
                persons += party;
                full = persons >= size || members.len() as u32 >= self.banks[process].places;
                if full {
                    break 'queues;
                }
            }
        }
        for &slot in &members {
            self.reserve(slot, -1);
        }
        self.servings.members = members;
        full
    }

    fn reserve(&mut self, slot: u32, sign: i64) {
        let room = self.laid(slot).takes;
        if room != NO_STORE {
            let amount = self.amount(slot, room, false);
            self.rooms[room as usize].content += sign * amount;
        }
    }
}
