//! The book of one queue: who joined and who left, what each waited, and how long the queue was.
//!
//! Two independent accounts of the same thing, which Little's law makes equal in whole numbers: waits, told by those
//! who leave, and lengths, swept over the moments of joining and leaving.

use crate::metrics::Hours;
use crate::units::Time;

/// Somebody joins a queue.
#[derive(Clone, Copy, Debug)]
struct Joined {
    time: Time,
    persons: u16,
}

/// Somebody leaves a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Left {
    /// When: the beginning of service, of going away, or the end of the day.
    pub time: Time,
    /// How long it has waited, milliseconds.
    pub wait_ms: i64,
    /// Persons of the party.
    pub persons: u16,
    /// Into service; otherwise it went away or the day ended.
    pub to_service: bool,
}

/// How long a queue was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lengths {
    /// Length in agents added up over time, agent-milliseconds.
    pub agent_ms: i64,
    /// Length in persons added up over time, by hour, person-milliseconds.
    pub person_ms: Vec<i64>,
    /// Longest queue, persons.
    pub longest: u64,
    /// Longest queue by hour, persons.
    pub longest_in: Vec<u64>,
}

/// Who joined and left in an hour.
#[derive(Clone, Copy, Debug, Default)]
pub struct JoinedInHour {
    /// Persons who joined.
    pub persons: u64,
    /// Mean wait of them, seconds.
    pub mean_wait_s: Option<f64>,
    /// Wait that 95 % of them do not exceed, seconds.
    pub wait_p95_s: Option<f64>,
}

/// The book of one queue.
#[derive(Clone, Debug, Default)]
pub struct Queue {
    joined: Vec<Joined>,
    left: Vec<Left>,
}

/// The shortest of some times that so many percent of the persons do not exceed, of (time, persons); sorts them.
pub fn quantile_ms(times: &mut [(i64, u64)], percent: u64) -> Option<i64> {
    times.sort_unstable();
    let persons: u64 = times.iter().map(|w| w.1).sum();
    // The smallest rank r with r ≥ share · n, in whole numbers.
    let mut ahead = (persons * percent).div_ceil(100);
    let reaches = |&&(_, persons): &&(i64, u64)| {
        ahead = ahead.saturating_sub(persons);
        ahead == 0
    };
    times.iter().find(reaches).map(|w| w.0)
}

fn mean_s(sum_ms: i64, persons: i64) -> Option<f64> {
    (persons > 0).then(|| sum_ms as f64 / 1_000.0 / persons as f64)
}

impl Queue {
    /// A party joins; moments never go backwards.
    pub fn join(&mut self, time: Time, persons: u16) {
        self.joined.push(Joined { time, persons });
    }

    /// A party leaves; told in any order.
    pub fn leave(&mut self, left: Left) {
        self.left.push(left);
    }

    /// The day is over: puts those who left in the order of time.
    pub fn close(&mut self) {
        self.left.sort_unstable();
    }

    /// Waits of all parties added up, agent-milliseconds.
    pub fn waiting_agent_ms(&self) -> i64 {
        self.left.iter().map(|l| l.wait_ms).sum()
    }

    /// Runs through the changes of a closed book in the order of time.
    pub fn lengths(&self, hours: Hours) -> Lengths {
        let by_hour = || vec![0; hours.count()];
        let mut lengths = Lengths { person_ms: vec![0; hours.count()], longest_in: by_hour(), ..Lengths::default() };
        let (mut agents, mut persons, mut now) = (0i64, 0i64, Time::default());
        let (mut joined, mut left) = (self.joined.iter().peekable(), self.left.iter().peekable());
        while let Some(next) = joined.peek().map(|j| j.time).into_iter().chain(left.peek().map(|l| l.time)).min() {
            if agents != 0 {
                lengths.agent_ms += agents * next.since(now);
                hours.split(now, next, |h, ms| {
                    lengths.person_ms[h] += persons * ms;
                    lengths.longest_in[h] = lengths.longest_in[h].max(persons.max(0) as u64);
                });
            }
            now = next;
            while let Some(j) = joined.next_if(|j| j.time == now) {
                (agents, persons) = (agents + 1, persons + i64::from(j.persons));
            }
            while let Some(l) = left.next_if(|l| l.time == now) {
                (agents, persons) = (agents - 1, persons - i64::from(l.persons));
            }
            // Taken after all changes of the moment: who is served at once was never in the queue.
            lengths.longest = lengths.longest.max(persons.max(0) as u64);
        }
        lengths
    }

    /// Mean wait of persons, seconds; those not served count with their time so far.
    pub fn mean_wait_s(&self) -> Option<f64> {
        let persons = self.left.iter().map(|l| i64::from(l.persons)).sum();
        mean_s(self.left.iter().map(|l| l.wait_ms * i64::from(l.persons)).sum(), persons)
    }

    /// The shortest wait that 95 % of the persons do not exceed, seconds.
    pub fn wait_p95_s(&self) -> Option<f64> {
        let mut waits: Vec<_> = self.left.iter().map(|l| (l.wait_ms, u64::from(l.persons))).collect();
        quantile_ms(&mut waits, 95).map(|ms| ms as f64 / 1_000.0)
    }

    /// Persons who joined.
    pub fn persons_joined(&self) -> u64 {
        self.joined.iter().map(|j| u64::from(j.persons)).sum()
    }

    /// Persons whose service began and of whom that is known.
    pub fn persons_served(&self) -> u64 {
        self.left.iter().filter(|l| l.to_service).map(|l| u64::from(l.persons)).sum()
    }

    /// Persons who joined and their waits by hour of joining.
    pub fn joined_by_hour(&self, hours: Hours) -> Vec<JoinedInHour> {
        let mut of = vec![JoinedInHour::default(); hours.count()];
        for j in &self.joined {
            of[hours.of(j.time)].persons += u64::from(j.persons);
        }
        let mut waits: Vec<Vec<(i64, u64)>> = vec![Vec::new(); hours.count()];
        for l in &self.left {
            waits[hours.of(l.time.plus(-l.wait_ms))].push((l.wait_ms, u64::from(l.persons)));
        }
        for (of, waits) in of.iter_mut().zip(&mut waits) {
            let persons = waits.iter().map(|w| w.1 as i64).sum();
            of.mean_wait_s = mean_s(waits.iter().map(|w| w.0 * w.1 as i64).sum(), persons);
            of.wait_p95_s = quantile_ms(waits, 95).map(|ms| ms as f64 / 1_000.0);
        }
        of
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn queue(parties: &[(i64, i64, u16)]) -> Queue {
        let mut parties = parties.to_vec();
        parties.sort_unstable();
        let mut queue = Queue::default();
        for &(came, wait_ms, persons) in &parties {
            queue.join(Time(came), persons);
            queue.leave(Left { time: Time(came + wait_ms), wait_ms, persons, to_service: true });
        }
        queue.close();
        queue
    }

    #[test]
    fn who_is_served_at_once_makes_no_queue() {
        let lengths = queue(&[(1_000, 0, 3), (1_000, 0, 2)]).lengths(Hours::new(Time(0), Time(3_600_000)));
        assert_eq!((lengths.longest, lengths.agent_ms), (0, 0));
    }

    #[test]
    fn ninety_five_of_a_hundred_wait_no_longer_than_the_95th() {
        // 100 persons wait 1, 2, …, 100 s: the 95th waits 95 s. Twenty of them: the 19th.
        let parties: Vec<_> = (1..=100).map(|s| (0, s * 1_000, 1)).collect();
        assert_eq!(queue(&parties).wait_p95_s(), Some(95.0));
        assert_eq!(queue(&parties[..20]).wait_p95_s(), Some(19.0));
        assert_eq!(queue(&[]).wait_p95_s(), None);
    }

    #[test]
    fn an_hour_knows_its_own_longest_queue_and_waits() {
        // Three come at 0:10 and wait 80 min, one comes at 1:20 and waits 20: hour 0 has 3, hour 1 has 4 from 1:20 on.
        let min = 60_000;
        let queue = queue(&[(10 * min, 80 * min, 3), (80 * min, 20 * min, 1)]);
        let hours = Hours::new(Time(0), Time(180 * min));
        assert_eq!(queue.lengths(hours).longest_in, [3, 4, 0]);
        let joined = queue.joined_by_hour(hours);
        assert_eq!((joined[0].wait_p95_s, joined[1].wait_p95_s), (Some(4_800.0), Some(1_200.0)));
    }

    proptest! {
        #[test]
        fn waits_added_up_are_lengths_added_up(
            parties in prop::collection::vec((0i64..7_200_000, 0i64..5_000_000, 1u16..4), 0..50)
        ) {
            let queue = queue(&parties);
            let lengths = queue.lengths(Hours::new(Time(0), Time(4 * 3_600_000)));
            prop_assert_eq!(lengths.agent_ms, queue.waiting_agent_ms());
            let person_ms: i64 = parties.iter().map(|p| p.1 * i64::from(p.2)).sum();
            prop_assert_eq!(lengths.person_ms.iter().sum::<i64>(), person_ms);
        }
    }
}
