//! One road link as the kernel holds it: a cache line of state, and its ring of slots.
//!
//! The ring is the whole of Newell's rule. A vehicle takes the next positions of the ring, as many as it has slots, and
//! the record stays at the first of them: while the vehicle is on the link it holds who it is and when it may leave;
//! afterwards it holds when its hole reaches the upstream end. Position p may be entered when position p − S is such a
//! hole, so one ring serves both queues, and a link that is full is one whose next hole is still a vehicle. A long
//! vehicle enters on its first hole and owes the rest: if it had to wait until several holes are there at once, single
//! cars from other inputs would take every one as it comes, and trucks would never pass. It owes two slots at most, so
//! two places more than S keep all records apart.
//!
//! A departure queue is a link without length whose ring is the list of those who wait.

/// Fractional bits of a capacity clock: 1/4,096 ms, so that 0.3 vehicles a second are met to 1 in 10⁷ and half a headway
/// of a link of 2 PCU/h still fits 32 bits.
pub(super) const CLOCK_BITS: u32 = 12;

/// Places of a ring beyond its slots: what a vehicle of three slots may owe.
pub(super) const OWED: u32 = 2;

/// Bits of a vehicle in a tag; the two above tell its slots.
const VEHICLE_BITS: u32 = 30;

/// No vehicle.
pub(super) const NOBODY: u32 = u32::MAX;

/// The head's next link has not been looked up.
pub(super) const UNKNOWN: u32 = u32::MAX;

/// The head's route ends here.
pub(super) const EXIT: u32 = u32::MAX - 1;

/// Longer than any day, with room for sums: 10 days.
pub(super) const CLOSED_MS: u32 = 864_000_000;

/// A departure queue.
pub(super) const SOURCE: u8 = 1;
/// The upstream end of a link whose downstream end lies in another block.
pub(super) const PORTAL: u8 = 2;
/// The downstream end of a link whose upstream end lies in another block.
pub(super) const FAR: u8 = 4;
/// Leaving it is ruled by signals or delayed by turn penalties.
pub(super) const CONTROLLED: u8 = 8;
/// Capacity, speed or openness change over the day.
pub(super) const VARYING: u8 = 16;
/// The lanes before turn bays: the next turn is looked up but not yet taken.
pub(super) const FORKED: u8 = 32;
/// A turn bay: it belongs to the link before it.
pub(super) const BAY: u8 = 64;
/// The way into a hub, a gate: nobody leaves it by road. Of a departure queue: the way out of a hub, whose vehicles are told.
pub(super) const HUB: u8 = 128;

/// A vehicle and the number of slots that it has on the link: 0 in the upper bits is a car of one slot, all others are
/// looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tag(pub u32);

impl Tag {
    /// Vehicles that can be told apart.
    pub const VEHICLES: usize = (1 << VEHICLE_BITS) - 1;

    pub fn new(vehicle: u32, kind: u32) -> Tag {
        Tag(vehicle | kind << VEHICLE_BITS)
    }

    pub fn vehicle(self) -> u32 {
        self.0 & ((1 << VEHICLE_BITS) - 1)
    }

    /// 0 for a car of one slot, else the number of slots.
    pub fn kind(self) -> u32 {
        self.0 >> VEHICLE_BITS
    }

    pub fn slots(self) -> u32 {
        self.kind().max(1)
    }
}

/// A place of a ring: a vehicle with the moment at which it may leave, or a hole with the moment at which it may be
/// entered.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Slot {
    pub tag: u32,
    pub time_ms: u32,
}

/// A link: everything that a passing vehicle needs, in one cache line.
#[derive(Clone, Debug)]
#[repr(align(64))]
pub(super) struct Link {
    /// Tag of the head, [`NOBODY`] when empty.
    pub head: u32,
    /// When the head has travelled the link.
    pub ready_ms: u32,
    /// Where the head goes: a link of the block, [`EXIT`], or [`UNKNOWN`].
    pub into: u32,
    /// First of the links that leave the downstream node, in `outs` of the block.
    pub outs: u32,
    /// Clock of the exit.
    pub out_ms: u32,
    /// Clock of the entry.
    pub in_ms: u32,
    /// First place of the ring.
    pub ring: u32,
    /// Places of the ring: slots and [`OWED`].
    pub size: u32,
    /// Place of the head.
    pub first: u32,
    /// Place of the next to enter; of a departure queue the last who waits.
    pub next: u32,
    /// Slots taken.
    pub used: u32,
    /// Headway of half a PCU, clock units.
    pub half_headway: u32,
    /// Time of the backward wave.
    pub backward_ms: u32,
    /// Free-flow time of a car.
    pub free_ms: u32,
    pub out_rest: u16,
    pub in_rest: u16,
    /// Inputs of the upstream node that wait for a hole: bit k is its k-th input, bit 15 all from the 15th on.
    pub waiters: u16,
    /// Place among the links that leave its upstream node.
    pub place: u8,
    pub flags: u8,
}

impl Link {
    /// A link of a node that nothing has happened to yet, without slots.
    pub fn empty(outs: u32, flags: u8) -> Link {
        Link {
            head: NOBODY,
            ready_ms: 0,
            into: UNKNOWN,
            outs,
            out_ms: 0,
            in_ms: 0,
            ring: 0,
            size: 1,
            first: 0,
            next: 0,
            used: 0,
            half_headway: 0,
            backward_ms: 0,
            free_ms: 0,
            out_rest: 0,
            in_rest: 0,
            waiters: 0,
            place: 0,
            flags,
        }
    }

    pub fn has(&self, flags: u8) -> bool {
        self.flags & flags != 0
    }

    /// Whether nobody can enter until somebody leaves.
    pub fn full(&self) -> bool {
        self.used + OWED >= self.size
    }

    /// Place of the hole that the next to enter takes.
    pub fn hole(&self) -> usize {
        (self.ring + wrapped(self.next + OWED, self.size)) as usize
    }

    /// Place in the ring of all links of the next to enter.
    pub fn tail(&self) -> usize {
        (self.ring + self.next) as usize
    }

    /// The first whole millisecond at which the entry is free.
    pub fn entry_free_ms(&self) -> u32 {
        self.in_ms + u32::from(self.in_rest != 0)
    }

    /// The first whole millisecond at which the exit is free.
    pub fn exit_free_ms(&self) -> u32 {
        self.out_ms + u32::from(self.out_rest != 0)
    }

    pub fn pass_entry(&mut self, at_ms: u32, headway: u64) {
        (self.in_ms, self.in_rest) = next_clock(self.in_ms, self.in_rest, at_ms, headway);
    }

    pub fn pass_exit(&mut self, at_ms: u32, headway: u64) {
        (self.out_ms, self.out_rest) = next_clock(self.out_ms, self.out_rest, at_ms, headway);
    }
}

/// A place of a ring that is at most one round too far.
pub(super) fn wrapped(place: u32, size: u32) -> u32 {
    if place >= size { place - size } else { place }
}

/// A capacity clock after a passage at `at_ms`. Where the clock itself decided the moment, its fraction is kept, so that
/// rounding to whole milliseconds does not add up.
fn next_clock(ms: u32, rest: u16, at_ms: u32, headway: u64) -> (u32, u16) {
    let decided = ms + u32::from(rest != 0) == at_ms;
    let from = if decided { u64::from(ms) << CLOCK_BITS | u64::from(rest) } else { u64::from(at_ms) << CLOCK_BITS };
    let clock = from + headway;
    // A clock beyond 2³² ms (49 days) is one that never comes.
    let ms = u32::try_from(clock >> CLOCK_BITS).unwrap_or(u32::MAX - 1);
    (ms, (clock & ((1 << CLOCK_BITS) - 1)) as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_one_cache_line() {
        assert_eq!((size_of::<Link>(), align_of::<Link>(), size_of::<Slot>()), (64, 64, 8));
    }

    #[test]
    fn a_clock_that_decides_keeps_its_fraction() {
        // h = 10/3 s: three passages take 10 s, not 3 · 3,334 ms.
        let headway = (10_000.0 / 3.0 * f64::from(1 << CLOCK_BITS)) as u64;
        let (mut ms, mut rest, mut at) = (0, 0, 0);
        for _ in 0..3 {
            (ms, rest) = next_clock(ms, rest, at, headway);
            at = ms + u32::from(rest != 0);
        }
        assert_eq!(at, 10_000);
        // Who comes long after the clock takes a whole headway from then on.
        assert_eq!(next_clock(ms, rest, 20_000, 2_000 << CLOCK_BITS), (22_000, 0));
    }
}
