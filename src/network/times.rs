//! Travel times of links by time bin, as experienced in one iteration: the value that flows back.

use super::roads::Roads;
use crate::ids::LinkIx;
use crate::mode::VehicleClass;
use crate::units::{MINUTE_MS, Time};

/// Width of a time bin where a scenario does not say otherwise (`choice.time_bin_min`).
pub const BIN_MS: i64 = 15 * MINUTE_MS;

/// Width of the rows in which tables tell what was kept in bins: quarter hours, or the bins where those do not make up
/// quarter hours.
pub fn told_ms(bin_ms: i64) -> i64 {
    if BIN_MS % bin_ms == 0 { BIN_MS } else { bin_ms }
}

/// Travel times of all links by bin of entry (a quarter hour unless the scenario says otherwise), and the waits at the origin before a first link is entered by
/// bin of departure, milliseconds. A query between the middles of two bins is interpolated, and both are made FIFO when
/// they are built: who enters later never leaves earlier, and who sets out later never enters earlier.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkTimes {
    /// First moment of bin 0: bins are counted from midnight.
    pub start: Time,
    /// Width of a bin, milliseconds.
    pub bin_ms: i64,
    /// Number of bins.
    pub bins: usize,
    /// Time of link `l` in bin `b` at `l * bins + b`, milliseconds.
    pub travel_ms: Vec<u32>,
    /// Wait of those who set out onto link `l` in bin `b` until they enter it, at `l * bins + b`, milliseconds; 0 where
    /// nobody waited.
    pub origin_ms: Vec<u32>,
}

impl LinkTimes {
    /// Free-flow times of cars for a day from `start` to `end`, without any wait. The first bin is the quarter hour that
    /// holds `start`: passages are counted by the quarters of the clock, whatever the moment at which the day begins.
    pub fn free_flow(roads: &Roads, start: Time, end: Time) -> LinkTimes {
        LinkTimes::free_flow_by(roads, start, end, BIN_MS)
    }

    /// The same in bins of a given width, milliseconds.
    pub fn free_flow_by(roads: &Roads, start: Time, end: Time, bin_ms: i64) -> LinkTimes {
        let start = Time(start.0.div_euclid(bin_ms) * bin_ms);
        let bins = usize::try_from((end.since(start) + bin_ms - 1) / bin_ms).unwrap_or(0).max(1);
        let mut travel_ms = Vec::with_capacity(roads.links() * bins);
        for l in 0..roads.links() {
            let free = roads.free_flow_ms(LinkIx::from(l), VehicleClass::Car).min(i64::from(u32::MAX)) as u32;
            travel_ms.extend(std::iter::repeat_n(free, bins));
        }
        let origin_ms = vec![0; travel_ms.len()];
        LinkTimes { start, bin_ms, bins, travel_ms, origin_ms }
    }

    /// Makes every link and every queue of departures FIFO: from bin to bin a time falls by at most the bin width. Where it falls faster, the later
    /// time is raised. Vehicles of the earlier bin were seen to leave that late, and who enters behind them cannot
    /// leave before them; a bin that nobody entered, and that was filled with the free-flow time, must not hide the
    /// queue that stood in it.
    pub fn make_fifo(&mut self) {
        let bin_ms = self.bin_ms as u32;
        for times in self.travel_ms.chunks_exact_mut(self.bins).chain(self.origin_ms.chunks_exact_mut(self.bins)) {
            for b in 1..times.len() {
                times[b] = times[b].max(times[b - 1].saturating_sub(bin_ms));
            }
        }
    }

    /// Travel time of a vehicle that enters at `time`, milliseconds.
    pub fn travel_ms(&self, link: LinkIx, time: Time) -> i64 {
        self.between(&self.travel_ms, link, time)
    }

    /// Wait at the origin of a vehicle that sets out onto a link at `time` until it enters it, milliseconds.
    pub fn origin_ms(&self, link: LinkIx, time: Time) -> i64 {
        self.between(&self.origin_ms, link, time)
    }

    /// The bin of a moment; moments outside the day fall into the first and the last one.
    pub fn bin(&self, time: Time) -> usize {
        let bin = time.since(self.start).div_euclid(self.bin_ms);
        usize::try_from(bin).unwrap_or(0).min(self.bins - 1)
    }

    /// The least travel time of a link that a vehicle can meet that enters from `from` to `until`, milliseconds.
    pub fn least_ms(&self, link: LinkIx, from: Time, until: Time) -> u32 {
        let row = &self.travel_ms[link.i() * self.bins..(link.i() + 1) * self.bins];
        let bin = |time: Time| (time.since(self.start) - self.bin_ms / 2).div_euclid(self.bin_ms);
        let last = self.bins as i64 - 1;
        let (first, end) = (bin(from).clamp(0, last) as usize, (bin(until) + 1).clamp(0, last) as usize);
        row[first..=end].iter().copied().min().expect("a bin")
    }

    /// The bin whose middle a moment lies behind, and how far, milliseconds; 0 before the first middle and behind the last.
    #[inline]
    pub fn place(&self, time: Time) -> (usize, i64) {
        let from_middle = time.since(self.start) - self.bin_ms / 2;
        let bin = from_middle.div_euclid(self.bin_ms);
        let last = self.bins as i64 - 1;
        match bin {
            ..0 => (0, 0),
            _ if bin >= last => (last as usize, 0),
            _ => (bin as usize, from_middle.rem_euclid(self.bin_ms)),
        }
    }

    /// The travel times of one link.
    pub fn row(&self, link: LinkIx) -> Row<'_> {
        Row {
            start: self.start,
            bin_ms: self.bin_ms,
            travel_ms: &self.travel_ms[link.i() * self.bins..(link.i() + 1) * self.bins],
        }
    }

    /// Interpolates a link's row of a table between the middles of bins.
    fn between(&self, table: &[u32], link: LinkIx, time: Time) -> i64 {
        let row = &table[link.i() * self.bins..(link.i() + 1) * self.bins];
        let (bin, part) = self.place(time);
        let here = i64::from(row[bin]);
        if part == 0 { here } else { here + (i64::from(row[bin + 1]) - here) * part / self.bin_ms }
    }
}

/// The travel times of one link.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    start: Time,
    bin_ms: i64,
    travel_ms: &'a [u32],
}

impl Row<'_> {
    /// The latest entry of who leaves the link by a moment; nobody who enters later does, and it is at most 2 ms too late.
    #[inline]
    pub fn latest_entry(&self, leaves: Time) -> Time {
        let middle = self.start.plus(self.bin_ms / 2);
        let at = leaves.since(middle);
        let last = self.travel_ms.len() as i64 - 1;
        let leaving = |bin: i64| bin * self.bin_ms + i64::from(self.travel_ms[bin as usize]);
        // Before the first middle and behind the last one times do not change.
        if at < leaving(0) {
            return middle.plus(at - i64::from(self.travel_ms[0]));
        }
        if at >= leaving(last) {
            return middle.plus(at - i64::from(self.travel_ms[last as usize]));
        }
        // Who enters at the middle of `bin` leaves in time, and at that of the next one no more.
        let mut bin = (at / self.bin_ms).min(last - 1);
        while leaving(bin) > at {
            bin -= 1;
        }
        let (in_time, too_late) = (leaving(bin), leaving(bin + 1));
        // Times are rounded by less than a millisecond when they are interpolated.
        middle.plus(bin * self.bin_ms + (at - in_time + 1) * self.bin_ms / (too_late - in_time) + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::fixture::roads;
    use proptest::prelude::*;

    fn table(travel_ms: Vec<u32>) -> LinkTimes {
        LinkTimes {
            start: Time(0),
            bin_ms: BIN_MS,
            bins: travel_ms.len(),
            origin_ms: vec![0; travel_ms.len()],
            travel_ms,
        }
    }

    #[test]
    fn free_flow_has_one_bin_for_every_quarter_hour_begun() {
        // 1 km at 20 m/s = 50 s; 06:00 to 06:31 touches three quarters.
        let times = LinkTimes::free_flow(&roads(2, &[(0, 1, 1000.0, 20.0)]), Time(0), Time(31 * MINUTE_MS));
        assert_eq!(times.travel_ms, [50_000, 50_000, 50_000]);
        assert_eq!(times.origin_ms, [0, 0, 0]);
    }

    #[test]
    fn bins_begin_at_quarters_of_the_clock() {
        // A day from 00:14:50 to 00:15:10 touches two quarters, 00:00 and 00:15.
        let roads = roads(2, &[(0, 1, 1000.0, 20.0)]);
        let times = LinkTimes::free_flow(&roads, Time(890_000), Time(910_000));
        assert_eq!((times.start, times.bins), (Time(0), 2));
        let begins = LinkTimes::free_flow(&roads, Time(BIN_MS), Time(2 * BIN_MS));
        assert_eq!((begins.start, begins.bins), (Time(BIN_MS), 1));
    }

    #[test]
    fn between_the_middles_of_two_bins_the_time_is_interpolated() {
        let times = table(vec![60_000, 120_000]);
        let at = |minute: f64| times.travel_ms(LinkIx(0), Time::from_seconds(minute * 60.0));
        // Middles at 7.5 and 22.5 min; 12.5 min lies a third of the way: 60 + 60/3 = 80 s.
        assert_eq!(
            [at(-5.0), at(0.0), at(7.5), at(12.5), at(22.5), at(90.0)],
            [60_000, 60_000, 60_000, 80_000, 120_000, 120_000]
        );
    }

    #[test]
    fn narrow_bins_tell_a_short_queue() {
        // Bins of 2 min: 60, 180, 60 s. Middles at 1, 3 and 5 min; at 2 min 120 s. From bin to bin a time falls by 120 s at
        // most, so the third is at least 60 s, as it is.
        let mut times = LinkTimes { bin_ms: 2 * MINUTE_MS, ..table(vec![60_000, 180_000, 50_000]) };
        times.make_fifo();
        assert_eq!(times.travel_ms(LinkIx(0), Time(2 * MINUTE_MS)), 120_000);
        assert_eq!((times.travel_ms[2], times.bin(Time(-1)), times.bin(Time(4 * MINUTE_MS))), (60_000, 0, 2));
    }

    #[test]
    fn an_empty_bin_behind_a_long_queue_does_not_hide_it() {
        // Bin 0: 50 min; nobody enters bins 1 and 2 (free flow 1 min). Who enters a quarter of an hour later leaves no
        // earlier: 50 − 15 = 35 min, then 20 min, then 5 min, then free flow again.
        let minutes = |m: [u32; 5]| m.iter().map(|m| m * 60_000).collect::<Vec<u32>>();
        let mut times = table(minutes([50, 1, 1, 1, 1]));
        times.make_fifo();
        assert_eq!(times.travel_ms, minutes([50, 35, 20, 5, 1]));
    }

    #[test]
    fn a_queue_of_departures_shrinks_no_faster_than_time_passes_and_is_met_in_its_quarter() {
        // Seen: 20 min in bin 0, nobody later: 20, then 5, then 0 min. At the border of bins 0 and 1, 12.5 min.
        let mut times = table(vec![60_000; 3]);
        times.origin_ms[0] = 1_200_000;
        times.make_fifo();
        assert_eq!(times.origin_ms, [1_200_000, 300_000, 0]);
        assert_eq!(times.origin_ms(LinkIx(0), Time(BIN_MS)), 750_000);
        assert_eq!(times.travel_ms(LinkIx(0), Time(BIN_MS)), 60_000, "the wait is no time on the link");
    }

    proptest! {
        #[test]
        fn who_enters_later_never_leaves_earlier(
            travel_ms in prop::collection::vec(prop_oneof![1..u32::MAX, 1..5_000_000u32, 1..2_000u32], 1..12),
            moments in prop::collection::vec(-2_000_000..14_000_000i64, 2..200),
        ) {
            let mut raw = table(travel_ms.clone());
            raw.origin_ms = travel_ms.iter().rev().copied().collect();
            let mut times = raw.clone();
            times.make_fifo();
            let leaves = |t: i64| t + times.travel_ms(LinkIx(0), Time(t));
            let enters = |t: i64| t + times.origin_ms(LinkIx(0), Time(t));
            // Moments at random, their next milliseconds, and both sides of every middle of a bin.
            let middles = (0..travel_ms.len() as i64).map(|b| b * BIN_MS + BIN_MS / 2);
            let mut all: Vec<i64> = moments.into_iter().chain(middles).flat_map(|t| [t - 1, t, t + 1]).collect();
            all.sort_unstable();
            for pair in all.windows(2) {
                prop_assert!(leaves(pair[0]) <= leaves(pair[1]), "{} and {}", pair[0], pair[1]);
                prop_assert!(enters(pair[0]) <= enters(pair[1]), "{} and {}", pair[0], pair[1]);
            }
            // The latest entry that leaves by a moment: nobody who leaves by then entered later.
            for pair in all.windows(2) {
                let latest = |leaves: i64| times.row(LinkIx(0)).latest_entry(Time(leaves)).0;
                prop_assert!(latest(leaves(pair[0])) >= pair[0]);
                prop_assert!(leaves(latest(leaves(pair[0])) - 3) <= leaves(pair[0]) + 1);
            }
            // Nothing seen is forgotten, and a table that is FIFO already stays as it is.
            prop_assert!(times.travel_ms.iter().zip(&raw.travel_ms).all(|(fifo, seen)| fifo >= seen));
            prop_assert!(times.origin_ms.iter().zip(&raw.origin_ms).all(|(fifo, seen)| fifo >= seen));
            let mut again = times.clone();
            again.make_fifo();
            prop_assert_eq!(again, times);
        }
    }
}
