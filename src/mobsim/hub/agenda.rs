//! The moments of a net to come, in the order (time, rank, key, token).
//!
//! A calendar queue [Brown 1988]: one bucket per 1,024 ms of the next 17 minutes, unsorted, a heap for the bucket at hand and
//! one for what lies farther ahead. Most moments are pushed once onto the end of a bucket and sorted among the few of
//! their second. Measured by `benches/hubs.rs` (a million visits, November 2026): 280 ns a pass through a process, 306 ns with
//! one heap for all.

use crate::units::Time;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// What a moment is of; the order of the variants is the order within a millisecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Rank {
    /// A shift changes, a server is reset, breaks down or is repaired: before ends of service, so that a service that ends
    /// with the shift is followed by none.
    Servers,
    /// A service ends.
    End,
    /// The road takes one that holds its last server.
    Left,
    /// The appointment of somebody in a queue has come.
    Due,
    /// Somebody enters.
    Enter,
    /// Somebody joins a queue.
    Join,
    /// Somebody is out of the hub.
    Out,
    /// A batch leaves that is not full: after those who join at the same moment.
    Batch,
}

/// Ranks by their number.
const RANKS: [Rank; 8] =
    [Rank::Servers, Rank::End, Rank::Left, Rank::Due, Rank::Enter, Rank::Join, Rank::Out, Rank::Batch];

/// Added to times so that they are never below zero: 34 years.
const SHIFT_MS: i64 = 1 << 40;

/// Times beyond are as good as this one, so that a moment fits into its word.
const LAST_MS: i64 = 1 << 58;

/// Time of a bucket, as a power of two of milliseconds.
const BUCKET_BITS: u32 = 10;

/// Buckets that are laid out ahead; a power of two.
const BUCKETS: u64 = 1_024;

/// A time in the word of a moment.
fn word(time: Time) -> u64 {
    ((time.0.clamp(-SHIFT_MS, LAST_MS) + SHIFT_MS) as u64) << 3
}

/// A moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment {
    /// Time and rank in one word.
    at: u64,
    key: u64,
    token: u32,
    /// What it concerns: the slot of a token, or a process.
    pub slot: u32,
}

impl Moment {
    pub fn new(time: Time, rank: Rank, (key, token): (u64, u32), slot: u32) -> Moment {
        Moment { at: word(time) | rank as u64, key, token, slot }
    }

    pub fn time(&self) -> Time {
        Time((self.at >> 3) as i64 - SHIFT_MS)
    }

    pub fn rank(&self) -> Rank {
        RANKS[(self.at & 7) as usize]
    }

    pub fn token(&self) -> u32 {
        self.token
    }

    fn bucket(&self) -> u64 {
        self.at >> (3 + BUCKET_BITS)
    }
}

/// Moments to come.
#[derive(Clone, Debug)]
pub(super) struct Agenda {
    /// Moments of the bucket at hand and before.
    near: BinaryHeap<Reverse<Moment>>,
    /// The bucket at hand.
    bucket: u64,
    /// Buckets ahead, by their number modulo [`BUCKETS`].
    ring: Vec<Vec<Reverse<Moment>>>,
    /// Which of them hold anything.
    filled: [u64; BUCKETS as usize / 64],
    /// Moments beyond the ring.
    far: BinaryHeap<Reverse<Moment>>,
}

impl Agenda {
    /// An empty agenda at the start of a day.
    pub fn new(start: Time) -> Agenda {
        Agenda {
            near: BinaryHeap::new(),
            bucket: Moment::new(start, Rank::Servers, (0, 0), 0).bucket(),
            ring: vec![Vec::new(); BUCKETS as usize],
            filled: [0; BUCKETS as usize / 64],
            far: BinaryHeap::new(),
        }
    }

    pub fn push(&mut self, moment: Moment) {
        let bucket = moment.bucket();
        if bucket <= self.bucket {
            self.near.push(Reverse(moment));
        } else if bucket - self.bucket < BUCKETS {
            let at = (bucket % BUCKETS) as usize;
            self.ring[at].push(Reverse(moment));
            self.filled[at / 64] |= 1 << (at % 64);
        } else {
            self.far.push(Reverse(moment));
        }
    }

    /// Takes the next moment if it lies before `until`.
    pub fn pop_before(&mut self, until: Time) -> Option<Moment> {
        let end = word(until);
        while self.near.is_empty() {
            let next = self.next_bucket().filter(|bucket| bucket << (3 + BUCKET_BITS) < end)?;
            self.turn_to(next);
        }
        let Reverse(first) = self.near.peek()?;
        if first.at >= end { None } else { self.near.pop().map(|Reverse(moment)| moment) }
    }

    /// The next bucket that holds anything.
    fn next_bucket(&self) -> Option<u64> {
        let far = self.far.peek().map(|Reverse(moment)| moment.bucket());
        let from = ((self.bucket + 1) % BUCKETS) as usize;
        let words = self.filled.len();
        // The word that holds `from` is looked at twice: first without what lies before, last for what lies before.
        let ring = (0..=words).find_map(|k| {
            let w = (from / 64 + k) % words;
            let mask = match k {
                0 => !0 << (from % 64),
                _ if k == words => !(!0 << (from % 64)),
                _ => !0,
            };
            let bits = self.filled[w] & mask;
            (bits != 0).then(|| (w * 64) as u64 + u64::from(bits.trailing_zeros()))
        });
        let ring = ring.map(|at| {
            let ahead = at.wrapping_sub(from as u64) % BUCKETS;
            self.bucket + 1 + ahead
        });
        match (ring, far) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    /// Makes a bucket the one at hand; none before it holds anything.
    fn turn_to(&mut self, bucket: u64) {
        self.bucket = bucket;
        let at = (bucket % BUCKETS) as usize;
        self.filled[at / 64] &= !(1 << (at % 64));
        // The buffers change places, so that none is ever allocated twice.
        let filled = BinaryHeap::from(std::mem::take(&mut self.ring[at]));
        self.ring[at] = std::mem::replace(&mut self.near, filled).into_vec();
        while let Some(Reverse(moment)) = self.far.peek()
            && moment.bucket() < bucket + BUCKETS
        {
            let Reverse(moment) = self.far.pop().expect("it was peeked at");
            self.push(moment);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Moments come in their order, whoever pushes them when, and however far apart they are.
        #[test]
        fn moments_come_in_order(
            pushes in prop::collection::vec((0u64..5_000_000, 0usize..8, 0u64..3, 0u32..3), 1..200),
            window in 1i64..100_000,
        ) {
            let mut agenda = Agenda::new(Time(0));
            let mut sorted = Vec::new();
            let mut left = pushes.clone();
            left.sort_unstable();
            // Every other one is pushed in the window of its time only.
            let mut late: Vec<_> = left.iter().copied().step_by(2).collect();
            late.reverse();
            for (time, rank, key, token) in left.iter().copied().skip(1).step_by(2) {
                agenda.push(Moment::new(Time(time as i64), RANKS[rank], (key, token), 0));
            }
            let mut until = 0;
            while sorted.len() < left.len() {
                until += window;
                while late.last().is_some_and(|l| (l.0 as i64) < until) {
                    let (time, rank, key, token) = late.pop().unwrap();
                    agenda.push(Moment::new(Time(time as i64), RANKS[rank], (key, token), 0));
                }
                while let Some(m) = agenda.pop_before(Time(until)) {
                    prop_assert!(m.time().0 < until);
                    sorted.push((m.time().0 as u64, m.rank() as usize, m.key, m.token()));
                }
            }
            prop_assert_eq!(sorted, left);
        }
    }
}
