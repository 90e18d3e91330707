//! Those inside a hub, in a slab whose slots are used again, and the queues in which they stand: lists threaded through the
//! slab, so that joining and leaving one allocates nothing.

use crate::network::hubs::Classes;
use crate::units::Time;

/// No slot.
pub(super) const NOBODY: u32 = u32::MAX;

/// What a token does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It has not entered yet.
    Ahead,
    /// It walks to its first process, where no place is kept for it.
    Comes,
    /// It waits before the door of its first process for a place.
    Outside,
    /// It walks to the process of its step, where a place is kept for it.
    Walks,
    /// It is at its process but waits for what the hub owes it, or for its appointment.
    Held,
    /// It stands in the queue.
    Queues,
    /// It is next in the queue but for the room in a store that it needs.
    Parked,
    /// It is served.
    Served,
    /// It is through but keeps its server, for the next process has no place.
    Blocked,
    /// It is through but keeps its last server until the road takes it.
    Holds,
    /// It is through and walks out, or waits for the road with no server.
    Leaves,
}

/// One inside a hub: a cache line.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub key: u64,
    /// When it came to its process.
    pub arrived: Time,
    /// When its service began.
    pub began: Time,
    /// When its service ended.
    pub since: Time,
    /// Number by which it is told of.
    pub token: u32,
    /// Its number in the order in which queues were joined, the wait before a door aside.
    pub turn: u32,
    prev: u32,
    next: u32,
    /// Batch in which it is served; [`NOBODY`] for one that is served alone.
    pub batch: u32,
    pub chain: u16,
    /// Step of the chain at which it is, or to which it walks.
    pub step: u16,
    pub party: u16,
    pub classes: Classes,
    pub state: State,
    /// Its rank in the queue: 0 is served first.
    pub rank: u8,
    pub holds: bool,
    /// Whether its place at the process is one of the road's gate.
    pub by_road: bool,
    /// Whether its service may not begin before an appointment.
    pub appointed: bool,
    /// Whether the hub owes it, or it owes others, anything.
    pub tied: bool,
}

/// What is rarely asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Freight {
    pub brings: i64,
    pub fetches: i64,
    pub not_before: Time,
}

/// A queue of tokens in the order of their turns, or of coming.
#[derive(Clone, Copy, Debug)]
pub(super) struct Queue {
    pub first: u32,
    last: u32,
}

impl Queue {
    pub const EMPTY: Queue = Queue { first: NOBODY, last: NOBODY };

    pub fn is_empty(&self) -> bool {
        self.first == NOBODY
    }
}

/// All inside.
#[derive(Clone, Debug, Default)]
pub(super) struct Tokens {
    list: Vec<Token>,
    freight: Vec<Freight>,
    unused: Vec<u32>,
}

impl std::ops::Index<u32> for Tokens {
    type Output = Token;

    fn index(&self, slot: u32) -> &Token {
        &self.list[slot as usize]
    }
}

impl std::ops::IndexMut<u32> for Tokens {
    fn index_mut(&mut self, slot: u32) -> &mut Token {
        &mut self.list[slot as usize]
    }
}

impl Tokens {
    pub fn add(&mut self, entry: &super::Entry) -> u32 {
        let token = Token {
            key: entry.key,
            arrived: Time(0),
            began: Time(0),
            since: Time(0),
            token: entry.token,
            turn: 0,
            prev: NOBODY,
            next: NOBODY,
            batch: NOBODY,
            chain: entry.chain,
            step: 0,
            party: entry.party,
            classes: entry.classes,
            state: State::Ahead,
            rank: 0,
            holds: entry.holds,
            by_road: entry.by_road,
            appointed: false,
            tied: false,
        };
        let freight = Freight { brings: entry.brings, fetches: entry.fetches, not_before: entry.not_before };
        match self.unused.pop() {
            Some(slot) => {
                self.list[slot as usize] = token;
                self.freight[slot as usize] = freight;
                slot
            }
            None => {
                self.list.push(token);
                self.freight.push(freight);
                (self.list.len() - 1) as u32
            }
        }
    }

    /// Gives a slot back.
    pub fn drop(&mut self, slot: u32) {
        self[slot].state = State::Ahead;
        self.unused.push(slot);
    }

    pub fn freight(&self, slot: u32) -> Freight {
        self.freight[slot as usize]
    }

    /// Slots in use and not.
    pub fn all(&self) -> &[Token] {
        &self.list
    }

    pub fn next(&self, slot: u32) -> Option<u32> {
        let next = self[slot].next;
        (next != NOBODY).then_some(next)
    }

    /// Puts a token at the end of a queue.
    pub fn append(&mut self, queue: &mut Queue, slot: u32) {
        let last = queue.last;
        self.link(queue, last, slot);
    }

    /// Puts a token into a queue by its turn, looking from the end.
    pub fn insert(&mut self, queue: &mut Queue, slot: u32) {
        let turn = self[slot].turn;
        let mut before = queue.last;
        while before != NOBODY && self[before].turn > turn {
            before = self[before].prev;
        }
        self.link(queue, before, slot);
    }

    /// Puts a token behind another one of a queue, or in front of all.
    fn link(&mut self, queue: &mut Queue, before: u32, slot: u32) {
        let after = if before == NOBODY { queue.first } else { self[before].next };
        self[slot].prev = before;
        self[slot].next = after;
        match before {
            NOBODY => queue.first = slot,
            _ => self[before].next = slot,
        }
        match after {
            NOBODY => queue.last = slot,
            _ => self[after].prev = slot,
        }
    }

    /// Takes a token out of its queue.
    pub fn remove(&mut self, queue: &mut Queue, slot: u32) {
        let (prev, next) = (self[slot].prev, self[slot].next);
        match prev {
            NOBODY => queue.first = next,
            _ => self[prev].next = next,
        }
        match next {
            NOBODY => queue.last = prev,
            _ => self[next].prev = prev,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_a_cache_line() {
        assert!(size_of::<Token>() <= 72, "{}", size_of::<Token>());
    }
}
