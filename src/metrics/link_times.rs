//! Experienced travel times of links by quarter hour of entry: what one iteration hands to the next.
//!
//! A slow vehicle counts with what it lost: its time less its own free flow, plus the free flow of a car. So a truck
//! alone on a road does not make the road slow for cars, and a truck in a queue tells of the queue. Vehicles still on a
//! link when the day ends count with their time so far. A quarter hour that nobody entered has free flow, unless the
//! one before was congested: who enters later leaves no earlier, so a queue can shorten by no more than the time that
//! passes, and an empty bin keeps what remains of it.

use crate::events::{Event, EventSink, What};
use crate::ids::{AgentIx, LinkIx};
use crate::metrics::Context;
use crate::metrics::traversals::{FreeFlow, OnLink, vehicles};
use crate::mode::VehicleClass;
use crate::network::times::{BIN_MS, LinkTimes};
use crate::units::Time;

/// Gathers the travel times of one day.
#[derive(Debug)]
pub struct ExperiencedTimes {
    /// Free-flow times of cars, which the finished times replace where somebody passed.
    times: LinkTimes,
    /// Sum of times of those who entered link `l` in bin `b` at `l * bins + b`, milliseconds as of a car.
    sum_ms: Vec<u64>,
    /// How many they are.
    count: Vec<u32>,
    free: FreeFlow,
    vehicle: Vec<VehicleClass>,
    on_link: OnLink,
    end: Time,
}

impl ExperiencedTimes {
    /// Nobody has passed yet.
    pub fn new(context: &Context) -> ExperiencedTimes {
        let times = LinkTimes::free_flow(&context.network.roads, context.start, context.end);
        let cells = times.travel_ms.len();
        ExperiencedTimes {
            times,
            sum_ms: vec![0; cells],
            count: vec![0; cells],
            free: FreeFlow::new(&context.network.roads),
            vehicle: vehicles(context),
            on_link: OnLink::new(context.demand.agents.len()),
            end: context.end,
        }
    }

    fn passed(&mut self, agent: AgentIx, link: LinkIx, entered: Time, until: Time) {
        let car = self.free.ms(link, VehicleClass::Car);
        let lost = until.since(entered) - self.free.ms(link, self.vehicle[agent.i()]);
        let bin = entered.since(self.times.start).div_euclid(BIN_MS);
        let bin = usize::try_from(bin).unwrap_or(0).min(self.times.bins - 1);
        let cell = link.i() * self.times.bins + bin;
        self.sum_ms[cell] += (car + lost.max(0)) as u64;
        self.count[cell] += 1;
    }

    /// The day is over: mean times, what remains of queues in empty bins, and first in, first out.
    pub fn finish(&mut self) -> LinkTimes {
        for there in self.on_link.take() {
            self.passed(there.agent, there.link, there.entered, self.end);
        }
        let bins = self.times.bins;
        let mut times = self.times.clone();
        for (l, row) in times.travel_ms.chunks_exact_mut(bins).enumerate() {
            for b in 0..bins {
                let (sum, count) = (self.sum_ms[l * bins + b], u64::from(self.count[l * bins + b]));
                match (sum + count / 2).checked_div(count) {
                    Some(mean) => row[b] = u32::try_from(mean).unwrap_or(u32::MAX),
                    None if b > 0 => row[b] = row[b].max(row[b - 1].saturating_sub(BIN_MS as u32)),
                    None => {}
                }
            }
        }
        times.make_fifo();
        times
    }
}

impl EventSink for ExperiencedTimes {
    fn event(&mut self, event: &Event) {
        match event.what {
            What::LinkLeft { link, entered } => {
                self.on_link.leave(event.agent);
                self.passed(event.agent, link, entered, event.time);
            }
            What::LinkEntered { link } => self.on_link.enter(event.agent, link, event.time),
            _ => {}
        }
    }
}

impl LinkTimes {
    /// These times with weight `share` and older ones with the rest, of the same network and day: the step of an
    /// averaging over iterations (1/n for the method of successive averages).
    pub fn blend(&self, old: &LinkTimes, share: f64) -> LinkTimes {
        assert!(
            self.start == old.start && self.bins == old.bins && self.travel_ms.len() == old.travel_ms.len(),
            "only times of the same network and day are blended"
        );
        let mix = |(&new, &old): (&u32, &u32)| (share * f64::from(new) + (1.0 - share) * f64::from(old)).round() as u32;
        let travel_ms = self.travel_ms.iter().zip(&old.travel_ms).map(mix).collect();
        let mut blended = LinkTimes { start: self.start, bins: self.bins, travel_ms };
        // A mean of two FIFO tables is FIFO; rounding may break it by a millisecond.
        blended.make_fifo();
        blended
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::town::{Town, at};

    fn times_of(town: &Town, events: &[Event]) -> LinkTimes {
        let mut sink = ExperiencedTimes::new(&town.context());
        events.iter().for_each(|e| sink.event(e));
        sink.finish()
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
    fn blended_times_lie_between_and_stay_first_in_first_out() {
        // A quarter of 40 min and three quarters of 50 s: 600 + 37.5 = 637.5 s.
        let town = Town::new();
        let new = times_of(&town, &[at(2_400_000).left(0, 0, 0)]);
        let old = times_of(&town, &[]);
        let blended = new.blend(&old, 0.25);
        assert_eq!(blended.travel_ms[0], 637_500);
        let bin = BIN_MS as u32;
        assert!(blended.travel_ms[..blended.bins].windows(2).all(|w| w[0] <= w[1] + bin));
        assert_eq!(new.blend(&old, 1.0), new);
        assert_eq!(new.blend(&old, 0.0), old);
    }
}
