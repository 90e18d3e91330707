//! How long people waited for vehicles, and how long they would have waited in the timetable had they come by chance.
//!
//! Who comes at a random moment waits half of the gap between two vehicles that it falls into, and falls into long gaps
//! more often: E[H²]/2E[H] over regular and irregular headways H alike (Osuna and Newell 1972). The offered wait is that
//! mean over those who did come: half of the timetable's gap at the moment of each coming. Where people come evenly it is
//! E[H²]/2E[H] of the day. Excess wait is what they waited beyond it, because vehicles were late, bunched or full; it is
//! below zero where people know the timetable and come shortly before the departure.

use crate::network::lines::Line;
use crate::units::Time;

/// What excess wait means, for tables and key figures.
pub const EXCESS: &str = "mean wait less the one that the timetable offers to who comes by chance: half of the gap between \
                          departures into which each coming falls, E[H²]/2E[H] where people come evenly";

/// Waits of those who boarded.
#[derive(Clone, Debug, Default)]
pub struct Waits {
    /// Persons by wait in whole seconds, rounded up.
    by_second: Vec<u32>,
    persons: u64,
    wait_ms: i64,
    /// Persons to whom the timetable offers a gap, with their waits and half gaps.
    offered: (u64, i64, i64),
}

impl Waits {
    /// A party boards after a wait; `offered_ms` is half of the timetable's gap.
    pub fn add(&mut self, wait_ms: i64, offered_ms: Option<i64>, persons: u64) {
        let second = usize::try_from((wait_ms + 999).div_euclid(1_000)).unwrap_or(0);
        if self.by_second.len() <= second {
            self.by_second.resize(second + 1, 0);
        }
        self.by_second[second] += persons as u32;
        self.persons += persons;
        self.wait_ms += wait_ms * persons as i64;
        if let Some(half_gap_ms) = offered_ms {
            let (of, waited_ms, gaps_ms) = &mut self.offered;
            *of += persons;
            *waited_ms += wait_ms * persons as i64;
            *gaps_ms += half_gap_ms * persons as i64;
        }
    }

    /// Takes in the waits of others.
    pub fn merge(&mut self, other: &Waits) {
        if self.by_second.len() < other.by_second.len() {
            self.by_second.resize(other.by_second.len(), 0);
        }
        self.by_second.iter_mut().zip(&other.by_second).for_each(|(own, more)| *own += more);
        self.persons += other.persons;
        self.wait_ms += other.wait_ms;
        let (of, waited_ms, gaps_ms) = other.offered;
        self.offered = (self.offered.0 + of, self.offered.1 + waited_ms, self.offered.2 + gaps_ms);
    }

    /// Mean wait, seconds.
    pub fn mean_s(&self) -> Option<f64> {
        (self.persons > 0).then(|| self.wait_ms as f64 / 1_000.0 / self.persons as f64)
    }

    /// The shortest wait, in whole seconds, that 95 % do not exceed.
    pub fn p95_s(&self) -> Option<f64> {
        let wanted = (self.persons * 95).div_ceil(100);
        let mut so_far = 0;
        let second = self.by_second.iter().position(|&persons| {
            so_far += u64::from(persons);
            so_far >= wanted
        })?;
        (self.persons > 0).then_some(second as f64)
    }

    /// Mean excess wait of those to whom the timetable offers a gap, seconds.
    pub fn excess_s(&self) -> Option<f64> {
        let (of, waited_ms, gaps_ms) = self.offered;
        (of > 0).then(|| (waited_ms - gaps_ms) as f64 / 1_000.0 / of as f64)
    }
}

/// The timetable of a line, position by position.
#[derive(Clone, Debug)]
pub struct Offered {
    runs: usize,
    /// Milliseconds after midnight: all runs at the first position, then all at the next; at the last one, which nobody
    /// boards at, the arrivals.
    departures: Vec<i32>,
}

impl Offered {
    /// Those of a line.
    pub fn new(line: &Line) -> Offered {
        let (runs, last) = (line.runs(), line.stops.len().saturating_sub(1));
        let time = move |run, position| {
            if position == last { line.arrival(run, position) } else { line.departure(run, position) }
        };
        let at = |position: usize| (0..runs).map(move |run| time(run, position).0 as i32);
        Offered { runs, departures: (0..line.stops.len()).flat_map(at).collect() }
    }

    /// When a run leaves a position by the timetable, or comes to the last one.
    pub fn planned(&self, run: usize, position: usize) -> Time {
        Time(i64::from(self.departures[position * self.runs + run]))
    }

    /// Half of the gap between departures into which a coming falls. Who comes before the first departure is offered the
    /// gap behind it; a line with one run offers none.
    pub fn half_gap_ms(&self, position: usize, coming: Time) -> Option<i64> {
        let departures = &self.departures[position * self.runs..(position + 1) * self.runs];
        let next = departures.partition_point(|&d| i64::from(d) < coming.0).clamp(1, self.runs.max(1));
        let (before, next) = (departures.get(next - 1)?, departures.get(next).or(departures.last())?);
        (self.runs > 1 && next > before).then(|| i64::from(next - before) / 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::StopIx;

    /// A line of three stops, 60 s apart, that leaves its first stop at the given seconds.
    fn offered(seconds: &[i64]) -> Offered {
        let times: Vec<Time> =
            seconds.iter().flat_map(|s| [0, 60, 120].map(|after| Time((s + after) * 1_000))).collect();
        let stops = [0, 1, 2].map(StopIx).to_vec();
        Offered::new(&Line { stops, arrivals: times.clone(), departures: times, ..Line::default() })
    }

    #[test]
    fn even_coming_is_offered_the_mean_square_of_headways_by_twice_their_mean() {
        // Headways of 120 s and 600 s: E[H²]/2E[H] = (14,400 + 360,000)/2 / (2·360) = 260 s. Of 720 who come one a second
        // (half a second past each) 120 fall into the short gap and 600 into the long one: (120·60 + 600·300)/720 = 260.
        let line = offered(&[0, 120, 720]);
        let mut waits = Waits::default();
        for k in 0..720 {
            let coming = k * 1_000 + 500;
            let next = if coming <= 120_000 { 120_000 } else { 720_000 };
            waits.add(next - coming, line.half_gap_ms(0, Time(coming)), 1);
        }
        assert_eq!(waits.offered, (720, 720 * 260_000, 720 * 260_000));
        assert_eq!((waits.mean_s(), waits.excess_s()), (Some(260.0), Some(0.0)));
    }

    #[test]
    fn outside_of_the_gaps_the_nearest_one_is_offered() {
        let line = offered(&[1_000, 1_100, 1_400]);
        let gap = |s: i64| line.half_gap_ms(0, Time(s * 1_000));
        assert_eq!([0, 1_000, 1_001, 1_100, 1_101].map(gap), [50_000, 50_000, 50_000, 50_000, 150_000].map(Some));
        assert_eq!(line.half_gap_ms(1, Time(1_161_000)), Some(150_000), "the second stop is 60 s on");
        assert_eq!(offered(&[1_000]).half_gap_ms(0, Time(0)), None, "one run has no headway");
        assert_eq!(offered(&[]).half_gap_ms(0, Time(0)), None);
    }

    #[test]
    fn ninety_five_percent_are_counted_in_persons_and_whole_seconds() {
        // 95 % of 20 persons are 19: the 19th waited 7 s; of 21 they are 19.95, so the 20th: 60 s.
        let mut waits = Waits::default();
        waits.add(6_001, None, 19);
        waits.add(60_000, None, 1);
        assert_eq!(waits.p95_s(), Some(7.0));
        let mut one_more = Waits::default();
        one_more.add(60_000, None, 1);
        waits.merge(&one_more);
        assert_eq!((waits.p95_s(), waits.excess_s()), (Some(60.0), None));
        assert_eq!(Waits::default().p95_s(), None);
    }
}
