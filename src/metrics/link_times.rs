//! Experienced travel times of links by bin of entry (a quarter hour, unless the scenario wants another), and waits at the
//! origin by bin of departure: what one iteration hands to the next.
//!
//! A slow vehicle counts with what it lost: its time less its own free flow, plus the free flow of a car. So a truck
//! alone on a road does not make the road slow for cars, and a truck in a queue tells of the queue. Vehicles still on a
//! link when the day ends count with their time so far. A quarter hour that nobody entered has free flow, unless the
//! one before was congested: who enters later leaves no earlier, so a queue can shorten by no more than the time that
//! passes, and an empty bin keeps what remains of it.
//!
//! A vehicle that sets out waits at its origin until its first link takes it. That wait is no time on the link: it is
//! kept on its own, by the first link and the moment of setting out, and those who still wait when the day ends count
//! with their wait so far. Empty bins keep what remains of such a queue as well.

use crate::metrics::Context;
use crate::metrics::traversals::ByLink;
use crate::mode::VehicleClass;
use crate::network::passages::LinkTraffic;
use crate::network::times::LinkTimes;

/// Sum of times and how many they are.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    ms: u64,
    count: u64,
}

impl Sum {
    fn add(&mut self, ms: u64, count: u32) {
        self.ms += ms;
        self.count += u64::from(count);
    }
}

/// Travel times and waits of a day.
pub fn experienced(traffic: &LinkTraffic, context: &Context) -> LinkTimes {
    let roads = &context.network.roads;
    let mut times = LinkTimes::free_flow_by(roads, context.start, context.end, i64::from(traffic.bin_ms));
    let (bins, bin_ms) = (times.bins, times.bin_ms);
    let first_bin = times.start.0 / bin_ms;
    let place = |bin: u32| usize::try_from(i64::from(bin) - first_bin).unwrap_or(0).min(bins - 1);
    // Link by link, so that the sums stay at hand however large the network is. Links without rows keep free flow.
    let (mut passed, mut waited) = (vec![Sum::default(); bins], vec![Sum::default(); bins]);
    for of in ByLink::new(traffic, context).links() {
        for row in of.entered() {
            let car_ms = roads.free_flow_ms_in(of.link, VehicleClass::Car, row.period) as u64;
            passed[place(row.bin)].add(car_ms * u64::from(row.count) + row.lost_ms, row.count);
        }
        of.set_out().for_each(|row| waited[place(row.bin)].add(row.wait_ms, row.count));
        let cells = of.link.i() * bins..(of.link.i() + 1) * bins;
        put_means(&mut passed, &mut times.travel_ms[cells.clone()], bin_ms);
        put_means(&mut waited, &mut times.origin_ms[cells], bin_ms);
    }
    times.make_fifo();
    times
}

/// Puts the means of a link's bins into its times and empties the sums; an empty bin keeps what remains of the queue of
/// the one before.
fn put_means(sums: &mut [Sum], times: &mut [u32], bin_ms: i64) {
    let mut before = 0u32;
    for (sum, time) in sums.iter_mut().zip(times) {
        let Sum { ms, count } = std::mem::take(sum);
        *time = match (ms + count / 2).checked_div(count) {
            Some(mean) => u32::try_from(mean).unwrap_or(u32::MAX),
            None => (*time).max(before.saturating_sub(bin_ms as u32)),
        };
        before = *time;
    }
}

impl LinkTimes {
    /// These times with weight `share` and older ones with the rest, of the same network and day: the step of an
    /// averaging over iterations (1/n for the method of successive averages).
    pub fn blend(&self, old: &LinkTimes, share: f64) -> LinkTimes {
        assert!(
            self.start == old.start
                && self.bin_ms == old.bin_ms
                && self.bins == old.bins
                && self.travel_ms.len() == old.travel_ms.len(),
            "only times of the same network and day are blended"
        );
        let mix = |(&new, &old): (&u32, &u32)| (share * f64::from(new) + (1.0 - share) * f64::from(old)).round() as u32;
        let travel_ms = self.travel_ms.iter().zip(&old.travel_ms).map(mix).collect();
        let origin_ms = self.origin_ms.iter().zip(&old.origin_ms).map(mix).collect();
        let mut blended = LinkTimes { start: self.start, bin_ms: self.bin_ms, bins: self.bins, travel_ms, origin_ms };
        // A mean of two FIFO tables is FIFO; rounding may break it by a millisecond.
        blended.make_fifo();
        blended
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demand::plan::Leg;
    use crate::events::Event;
    use crate::ids::LinkIx;
    use crate::metrics::town::{COMMUTER, DEPARTING, TRUCK, Town, at};
    use crate::mode::Mode;
    use crate::network::periods::LinkPeriod;
    use crate::units::Time;

    fn times_of(town: &Town, events: &[Event]) -> LinkTimes {
        experienced(&town.traffic(events), &town.context())
    }

    #[test]
    fn a_bin_holds_the_mean_time_of_those_who_entered_in_it() {
        // Link 0: 1,000 m at 20 m/s, 50 s. Two cars enter in the bin 00:00–00:15: one takes 60 s, one 81 s: mean 70.5
        // s.
        let town = Town::new();
        let times = times_of(&town, &[at(60_000).left(0, 0, 0), at(181_000).left(1, 0, 100_000)]);
        assert_eq!(times.travel_ms[0], 70_500);
        assert_eq!(times.travel_ms[1], 50_000);
    }

    #[test]
    fn a_truck_alone_on_a_road_does_not_make_it_slow_for_cars() {
        // The truck drives 22.2 m/s at most; link 1 (3,000 m at 30 m/s) takes it 135 s, a car 100 s. It needs 145 s:
        // 10 s lost, which a car would have lost as well, so 110 s.
        let town = Town::new();
        let times = times_of(&town, &[at(145_000).left(town.truck(), 1, 0)]);
        assert_eq!(times.travel_ms[times.bins], 110_000);
    }

    #[test]
    fn an_empty_bin_after_a_jam_keeps_what_remains_of_the_queue() {
        // Entered at 0, left after 40 min. Bins of 15 min: 40, then 25, then 10 min, then free flow (50 s).
        let town = Town::new();
        let minute = 60_000;
        let times = times_of(&town, &[at(40 * minute).left(0, 0, 0)]);
        assert_eq!(&times.travel_ms[..5], &[2_400_000, 1_500_000, 600_000, 50_000, 50_000]);
    }

    #[test]
    fn who_is_stuck_at_the_end_of_the_day_counts_with_the_time_so_far() {
        // The day ends at 24:00. One enters at 23:50 and stays: 600 s. Another enters at 23:59:59 and is below free
        // flow, which counts as free flow, 50 s: mean (600 + 50) / 2 = 325 s in the last bin.
        let town = Town::new();
        let end = 86_400_000;
        let times = times_of(&town, &[at(end - 600_000).entered(0, 0), at(end - 1_000).entered(1, 0)]);
        assert_eq!(times.travel_ms[times.bins - 1], 325_000);
    }

    #[test]
    fn who_waits_at_the_origin_tells_of_the_queue_of_departures_and_not_of_the_link() {
        // A car sets out at 1 min and enters link 0 at 41 min; a truck sets out at 2 min and enters it at 22 min: mean
        // wait 30 min in bin 0, then 15, then 0 min. On the link each is as fast as at free flow.
        let town = Town::new();
        let minute = 60_000;
        let events = [
            at(minute).began(COMMUTER, 0, Some(Mode::Car)),
            at(2 * minute).began(TRUCK, 0, Some(Mode::Truck)),
            at(22 * minute).entered(TRUCK, 0),
            at(22 * minute + 50_000).left(TRUCK, 0, 22 * minute),
            at(41 * minute).entered(COMMUTER, 0),
            at(41 * minute + 50_000).left(COMMUTER, 0, 41 * minute),
        ];
        let times = times_of(&town, &events);
        assert_eq!(&times.origin_ms[..4], &[1_800_000, 900_000, 0, 0]);
        assert!(times.travel_ms[..times.bins].iter().all(|&ms| ms == 50_000));
        // A quarter of it: 7.5 min, which is gone a quarter of an hour later; the mean of 15 and 0 min is 3.75 min.
        let blended = times.blend(&times_of(&town, &[]), 0.25);
        assert_eq!(&blended.origin_ms[..3], &[450_000, 225_000, 0]);
    }

    #[test]
    fn a_link_further_on_a_walk_and_a_drive_without_links_tell_of_no_wait() {
        // The drive of the departing has no links and ends 2 s later; then a link is entered without any leg.
        let town = Town::new();
        let events = [
            at(0).began(DEPARTING, 0, Some(Mode::Car)),
            at(2_000).ended(DEPARTING, 0, Some(Mode::Car)),
            at(3_000).began(COMMUTER, 0, Some(Mode::Walk)),
            at(9_000).entered(COMMUTER, 0),
            at(90_000).entered(DEPARTING, 1),
        ];
        assert!(times_of(&town, &events).origin_ms.iter().all(|&ms| ms == 0));
    }

    #[test]
    fn who_still_waits_at_the_end_of_the_day_counts_with_the_wait_so_far() {
        // Set out at 23:50 on a walk of no time and a drive from link 1: 600 s at the end of the day.
        let mut town = Town::new();
        let legs = vec![Leg::Walk { ms: 0 }, Leg::Drive { route: vec![LinkIx(1)].into() }];
        town.plans[COMMUTER as usize].as_mut().unwrap().legs = legs.into();
        let times = times_of(&town, &[at(86_400_000 - 600_000).began(COMMUTER, 1, Some(Mode::Car))]);
        assert_eq!(times.origin_ms[2 * times.bins - 1], 600_000);
        assert_eq!(times.origin_ms.iter().filter(|&&ms| ms > 0).count(), 1);
    }

    #[test]
    fn blended_times_lie_between_and_stay_first_in_first_out() {
        // A quarter of 40 min and three quarters of 50 s: 600 + 37.5 = 637.5 s.
        let town = Town::new();
        let new = times_of(&town, &[at(2_400_000).left(0, 0, 0)]);
        let old = times_of(&town, &[]);
        let blended = new.blend(&old, 0.25);
        assert_eq!(blended.travel_ms[0], 637_500);
        let bin = blended.bin_ms as u32;
        assert!(blended.travel_ms[..blended.bins].windows(2).all(|w| w[0] <= w[1] + bin));
        assert_eq!(new.blend(&old, 1.0), new);
        assert_eq!(new.blend(&old, 0.0), old);
    }

    #[test]
    fn a_day_that_begins_within_a_quarter_has_the_bins_of_the_clock() {
        // The day begins at 00:10. One enters at 00:12 and takes 60 s, one at 00:16 and takes 80 s: bins 00:00, 00:15.
        let town = Town::new();
        let minute = 60_000;
        let traffic = town.traffic(&[
            at(13 * minute).left(COMMUTER, 0, 12 * minute),
            at(16 * minute + 80_000).left(DEPARTING, 0, 16 * minute),
        ]);
        let context = Context { start: Time(10 * minute), ..town.context() };
        let times = experienced(&traffic, &context);
        assert_eq!((times.start, &times.travel_ms[..3]), (Time(0), &[60_000, 80_000, 50_000][..]));
    }

    #[test]
    fn what_is_lost_in_a_period_is_beyond_the_free_flow_of_the_period() {
        // Link 1: 3,000 m, from 00:05 to 00:10 at 20 m/s: 150 s, for the truck as well. A car outside of it takes 100 s
        // and loses nothing; the truck in it takes 170 s and loses 20 s, as of a car 170 s: mean 135 s.
        let mut town = Town::new();
        town.network.roads.periods = vec![LinkPeriod {
            link: LinkIx(1),
            from: Time(300_000),
            until: Time(600_000),
            capacity_pcu_h: 900.0,
            free_speed_mps: 20.0,
            toll_cny: 0.0,
        }];
        let times = times_of(&town, &[at(100_000).left(COMMUTER, 1, 0), at(470_000).left(TRUCK, 1, 300_000)]);
        assert_eq!(times.travel_ms[times.bins], 135_000);
    }
}
