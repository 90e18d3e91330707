//! Travel times of links by time bin, as experienced in one iteration: the value that flows back.

use super::roads::Roads;
use crate::ids::LinkIx;
use crate::mode::VehicleClass;
use crate::units::{MINUTE_MS, Time};

/// Width of a time bin.
pub const BIN_MS: i64 = 15 * MINUTE_MS;

/// Travel times of all links by 15-minute bin of entry, milliseconds. A query between the middles of two bins is
/// interpolated, and the table is made FIFO when it is built: who enters later never leaves earlier.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkTimes {
    /// First moment of bin 0.
    pub start: Time,
    /// Number of bins.
    pub bins: usize,
    /// Time of link `l` in bin `b` at `l * bins + b`, milliseconds.
    pub travel_ms: Vec<u32>,
}

impl LinkTimes {
    /// Free-flow times of cars for a day from `start` to `end`.
    pub fn free_flow(roads: &Roads, start: Time, end: Time) -> LinkTimes {
        let bins = usize::try_from((end.since(start) + BIN_MS - 1) / BIN_MS).unwrap_or(0).max(1);
        let mut travel_ms = Vec::with_capacity(roads.links() * bins);
        for l in 0..roads.links() {
            let free = roads.free_flow_ms(LinkIx::from(l), VehicleClass::Car).min(i64::from(u32::MAX)) as u32;
            travel_ms.extend(std::iter::repeat_n(free, bins));
        }
        LinkTimes { start, bins, travel_ms }
    }

    /// Makes every link FIFO: going back in time, a bin's time may exceed the next one's by at most the bin width.
    pub fn make_fifo(&mut self) {
        for times in self.travel_ms.chunks_exact_mut(self.bins) {
            for b in (0..times.len().saturating_sub(1)).rev() {
                times[b] = times[b].min(times[b + 1] + BIN_MS as u32);
            }
        }
    }

    /// Travel time of a vehicle that enters at `time`, milliseconds.
    pub fn travel_ms(&self, link: LinkIx, time: Time) -> i64 {
        let row = &self.travel_ms[link.i() * self.bins..(link.i() + 1) * self.bins];
        let from_middle = time.since(self.start) - BIN_MS / 2;
        let bin = from_middle.div_euclid(BIN_MS);
        if bin < 0 {
            return i64::from(row[0]);
        }
        let bin = bin as usize;
        if bin + 1 >= self.bins {
            return i64::from(row[self.bins - 1]);
        }
        let (a, b) = (i64::from(row[bin]), i64::from(row[bin + 1]));
        a + (b - a) * from_middle.rem_euclid(BIN_MS) / BIN_MS
    }
}
