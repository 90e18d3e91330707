//! The journey by lines of least generalised cost, out of those that the searches of [`transit`](crate::transit) find: the
//! earliest with 1, 2, … rides from a moment on, or the latest with 1, 2, … rides that are there in time; the one with
//! fewer rides in a tie.

use super::cost::{Journey, Party, Prices};
use super::services::{AHEAD_MS, Services};
use crate::demand::plan::Leg;
use crate::ids::{LineIx, StopIx};
use crate::transit::raptor::{Raptor, Step, turn_round};
pub use crate::transit::timetable::Riding;
use crate::units::Time;

/// Most rides in a journey.
pub const MAX_RIDES: usize = 5;

/// Who pays more than this share of a journey's cost for its crowd, and for fares beyond those of the cheapest line, looks
/// for one without the line that costs most of it. All journeys that nothing beats in both arrival and cost
/// ([`pareto`](crate::transit::pareto)) would be the whole truth; on `baiyun` they took three quarters of the time of a run,
/// one more search for the earliest takes little.
const DEAR: f64 = 0.02;

/// Which end of a journey is driven by car instead of walked; its times to and from stops are those of the drive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DrivenEnd {
    /// None.
    #[default]
    None,
    /// To the first stop.
    First,
    /// From the last stop.
    Last,
}

/// Memory of a search, one per thread.
#[derive(Clone, Debug)]
pub struct JourneyScratch {
    /// Which lines the next search rides.
    pub riding: Riding,
    /// Which end of the journeys of the next search is driven.
    pub driven: DrivenEnd,
    /// A line that the next search leaves out.
    pub without: Option<LineIx>,
    forth: Raptor,
    back: Raptor,
    start: Time,
    steps: Vec<Step>,
    /// Legs of the best journey, and of the one that is looked at.
    legs: Vec<Leg>,
    tried: Vec<Leg>,
}

/// A journey that a search found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    /// When it starts: the moment of the search, or later where the timetable lets one wait at the origin.
    pub start: Time,
    /// When it ends.
    pub arrival: Time,
    /// What it takes.
    pub journey: Journey,
    /// Its generalised cost, yuan.
    pub cost_cny: f64,
    /// Where the first vehicle is boarded.
    pub first_stop: StopIx,
    /// Where the last one is left.
    pub last_stop: StopIx,
    /// When the first vehicle leaves.
    pub boards: Time,
    /// Waiting for it at the first stop, milliseconds.
    pub first_wait_ms: i64,
}

/// How long a passenger who knows the timetable waits at the first stop at most, milliseconds; what is more is waited
/// at the origin. Five minutes: passengers time their walk for headways beyond some ten minutes (general knowledge).
pub const FIRST_WAIT_MS: i64 = 5 * 60_000;

/// Who travels between which stops.
#[derive(Clone, Copy, Debug)]
pub struct Rider<'a> {
    /// Prices and weights.
    pub prices: &'a Prices,
    /// Who and how many.
    pub party: &'a Party,
    /// Ways to the first stops, milliseconds.
    pub access: &'a [(StopIx, i64)],
    /// Ways from the last stops, milliseconds.
    pub egress: &'a [(StopIx, i64)],
    /// Whether the passenger sets out late enough to wait at the first stop for [`FIRST_WAIT_MS`] at most.
    pub timed: bool,
}

impl JourneyScratch {
    /// Memory for the services of a network.
    pub fn new(services: &Services<'_>) -> JourneyScratch {
        JourneyScratch {
            riding: Riding::Any,
            driven: DrivenEnd::None,
            without: None,
            forth: Raptor::new(&services.forth, MAX_RIDES),
            back: Raptor::new(&services.back, MAX_RIDES),
            start: Time(0),
            steps: Vec::new(),
            legs: Vec::new(),
            tried: Vec::new(),
        }
    }

    /// Legs of the journey that was found last: walks (left out where they take no time), rides, and visits of hubs beside
    /// them. What is driven is left out as well.
    pub fn legs(&self) -> &[Leg] {
        &self.legs
    }

    /// Makes these the legs of the journey found last.
    pub(super) fn take(&mut self, legs: Vec<Leg>) {
        self.legs = legs;
    }

    /// Searches from a moment and the ways to the first stops, (stop, milliseconds). With `egress` (the ways from the last
    /// stops) nothing is followed that cannot arrive earlier; without it the search goes to all stops.
    pub fn search(
        &mut self,
        services: &Services<'_>,
        start: Time,
        access: &[(StopIx, i64)],
        egress: Option<&[(StopIx, i64)]>,
    ) {
        self.start = start;
        (self.forth.riding, self.forth.without) = (self.riding, self.without);
        self.forth.search(&services.forth, start, access, egress);
    }

    /// The journey of least generalised cost among the earliest ones with 1, 2, … rides.
    pub fn best(&mut self, services: &Services<'_>, rider: &Rider<'_>) -> Option<Found> {
        let mut best: Option<Found> = None;
        let mut earliest = Time::NEVER;
        for rides in 1..=self.forth.rounds() {
            let Some((arrival, last_stop, walk_ms)) = self.forth.last_stop(rides, rider.egress) else { continue };
            if arrival >= earliest {
                continue;
            }
            earliest = arrival;
            self.steps.clear();
            self.forth.steps(&services.forth, rides, last_stop, &mut self.steps);
            let found = self.followed(services, rider, self.start, walk_ms)?;
            self.keep(found, &mut best, |found| found.cost_cny);
        }
        best
    }

    /// The journey of least `rank` among the latest ones with 1, 2, … rides that are there by a moment, and the latest
    /// moment at which one can set out to be there; none where that is before `day_start`.
    pub fn by(
        &mut self,
        services: &Services<'_>,
        rider: &Rider<'_>,
        (deadline, day_start): (Time, Time),
        rank: impl Fn(&Found) -> f64,
    ) -> Option<(Found, Time)> {
        (self.back.riding, self.back.without) = (self.riding, self.without);
        self.back.search(&services.back, Time(-deadline.0), rider.egress, Some(rider.access));
        let mut best: Option<Found> = None;
        let mut latest = Time(-Time::NEVER.0);
        for rides in 1..=self.back.rounds() {
            let Some((turned, first_stop, walk_ms)) = self.back.last_stop(rides, rider.access) else { continue };
            let start = Time(-turned.0);
            if start <= latest || start < day_start {
                continue;
            }
            latest = start;
            self.steps.clear();
            self.back.steps(&services.back, rides, first_stop, &mut self.steps);
            let last_walk_ms = turn_round(&services.forth, &mut self.steps, walk_ms);
            let start = start.plus(-services.ahead_ms(&self.steps[0])).max(day_start);
            let found = self.followed(services, rider, start, last_walk_ms)?;
            self.keep(found, &mut best, &rank);
        }
        best.map(|best| (best, latest))
    }

    /// The line whose crowd and fare beyond the cheapest line's cost most in the journey found last, where that is enough to
    /// look for a journey without it: the search goes by times alone.
    pub(super) fn dearest_line(&self, services: &Services<'_>, party: &Party, found: &Found) -> Option<LineIx> {
        let mut now = found.start;
        let (mut all_cny, mut most): (f64, Option<(f64, LineIx)>) = (0.0, None);
        let mut rides = 0;
        for leg in &self.legs {
            let mut taken = Journey::default();
            now = services.leg(leg, now, &mut taken)?;
            let Leg::Ride { line, from, to } = *leg else { continue };
            let beyond_cny = services.beyond_cheapest_cny(line, [from, to], rides == 0);
            rides += 1;
            let cny = party.value_cny_ms * taken.crowd_ms as f64 + party.persons * beyond_cny;
            all_cny += cny;
            if most.is_none_or(|(most_cny, _)| cny > most_cny) {
                most = Some((cny, line));
            }
        }
        most.filter(|_| all_cny > DEAR * found.cost_cny).map(|(_, line)| line)
    }

    /// Keeps what was found and its legs if it ranks before the best so far.
    fn keep(&mut self, found: Found, best: &mut Option<Found>, rank: impl Fn(&Found) -> f64) {
        if best.as_ref().is_none_or(|best| rank(&found) < rank(best)) {
            *best = Some(found);
            std::mem::swap(&mut self.legs, &mut self.tried);
        }
    }

    /// The journey of the steps at hand from a moment on; its legs are made. `None` where a vehicle is missed, which does
    /// not happen to the one who sets out in time for the steps.
    fn followed(
        &mut self,
        services: &Services<'_>,
        rider: &Rider<'_>,
        start: Time,
        last_walk_ms: i64,
    ) -> Option<Found> {
        let (first, last) = (*self.steps.first()?, *self.steps.last()?);
        let mut journey = Journey::default();
        let mut now = start;
        if self.driven == DrivenEnd::First {
            // The way to the first stop is driven and no leg.
            journey.drive_ms = first.walk_ms;
            now = now.plus(first.walk_ms);
            self.steps[0].walk_ms = 0;
        }
        let walked_ms = if self.driven == DrivenEnd::Last { 0 } else { last_walk_ms };
        services.legs(&self.steps, walked_ms, &mut self.tried);
        let at_stop = now.plus(self.steps[0].walk_ms);
        for leg in &self.tried {
            now = services.leg(leg, now, &mut journey)?;
        }
        if self.driven == DrivenEnd::Last {
            journey.drive_ms = last_walk_ms;
            now = now.plus(last_walk_ms);
        }
        let boarded = services.ridden(first.line, [first.from, first.to], at_stop)?;
        let [enters_ms, _] = services.forth.passed_ms(first.line, usize::from(first.from), usize::from(first.to));
        let mut first_wait_ms = boarded.left.since(at_stop) - enters_ms;
        let mut start = start;
        // Who leaves later must still get on.
        let later_ms = (first_wait_ms - FIRST_WAIT_MS).min(boarded.spare_ms - AHEAD_MS);
        // Nobody knows the moments of a service by headways.
        let told = services.lines.lines[first.line.i()].timed;
        if rider.timed && told && later_ms > 0 {
            journey.origin_wait_ms = later_ms;
            journey.wait_ms -= later_ms;
            first_wait_ms -= later_ms;
            start = start.plus(later_ms);
        }
        let stop = |line: LineIx, at: u16| services.lines.lines[line.i()].stops[usize::from(at)];
        Some(Found {
            start,
            arrival: now,
            cost_cny: rider.prices.journey_cny(rider.party, &journey),
            journey,
            first_stop: stop(first.line, first.from),
            last_stop: stop(last.line, last.to),
            boards: boarded.left,
            first_wait_ms,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::choice::toy;
    use crate::demand::Purpose;
    use crate::network::lines::{Line, Lines};
    use crate::random::{Draws, Purpose as Why};
    use crate::scenario::settings::ChoiceSettings;
    use proptest::prelude::*;

    /// A random timetable of FIFO lines with footpaths.
    fn random_timetable(seed: u64, stops: usize, count: usize) -> Lines {
        let mut draws = Draws::new(seed, Why::Generate, 2, 0);
        let all = (0..count)
            .map(|_| {
                let length = 2 + draws.below(6);
                let at: Vec<u32> = (0..length).map(|_| draws.below(stops) as u32).collect();
                let hops: Vec<i64> = (1..length).map(|_| 60 + draws.below(600) as i64).collect();
                let (first, headway) = (draws.below(3_600) as i64, 120 + draws.below(1_800) as i64);
                toy::line(&at, &hops, first, headway, 1 + draws.below(8) as i64)
            })
            .collect();
        let footpaths: Vec<(u32, u32, i64)> = (0..stops)
            .map(|_| (draws.below(stops) as u32, draws.below(stops) as u32, 30 + draws.below(900) as i64))
            .filter(|(a, b, _)| a != b)
            .collect();
        toy::lines(stops as u32, all, &footpaths)
    }

    /// Walks the legs through the timetable and checks that they do what the journey tells.
    fn check_legs(lines: &Lines, found: &Found, legs: &[Leg]) {
        let mut now = found.start.0;
        let (mut walk_ms, mut wait_ms, mut ride_ms, mut rides) = (0, 0, 0, 0);
        for leg in legs {
            match leg {
                Leg::Walk { ms } => {
                    now += ms;
                    walk_ms += ms;
                }
                Leg::Ride { line, from, to } => {
                    let line = &lines.lines[line.i()];
                    let run = line.next_run(usize::from(*from), Time(now)).expect("a run leaves");
                    let left = line.departure(run, usize::from(*from)).0;
                    let arrived = line.arrival(run, usize::from(*to)).0;
                    wait_ms += left - now;
                    ride_ms += arrived - left;
                    rides += 1;
                    now = arrived;
                }
                _ => panic!("walks and rides only"),
            }
        }
        assert_eq!(now, found.arrival.0);
        let journey = &found.journey;
        assert_eq!((walk_ms, ride_ms, rides), (journey.walk_ms, journey.ride_ms, journey.rides));
        // Who sets out later waits less at the stop by what is waited at the origin.
        assert_eq!(wait_ms, journey.wait_ms);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn legs_do_what_their_journey_tells(seed in any::<u64>(), minute in 0i64..90) {
            let lines = random_timetable(seed, 12, 8);
            let services = Services::planned(&lines);
            let mut draws = Draws::new(seed, Why::Generate, 3, 0);
            let mut walks = || -> Vec<(StopIx, i64)> {
                (0..2).map(|_| (StopIx(draws.below(12) as u32), draws.below(600_000) as i64)).collect()
            };
            let (access, egress) = (walks(), walks());
            let start = Time(minute * 60_000);
            let mut scratch = JourneyScratch::new(&services);
            let mut raptor = Raptor::new(&services.forth, MAX_RIDES);
            let prices = Prices::new(&ChoiceSettings::default());
            let party = prices.party_of(Purpose::Other, 1.0, false);
            raptor.search(&services.forth, start, &access, None);
            for (to, timed) in [(None, false), (Some(egress.as_slice()), true), (None, true), (Some(egress.as_slice()), false)] {
                scratch.search(&services, start, &access, to);
                let rider = Rider { prices: &prices, party: &party, access: &access, egress: &egress, timed };
                let found = scratch.best(&services, &rider);
                prop_assert_eq!(found.is_some(), raptor.last_stop(MAX_RIDES.min(raptor.rounds()), &egress).is_some());
                let Some(found) = found else { continue };
                // The arrival is the earliest with so many rides.
                let earliest = raptor.last_stop(found.journey.rides as usize, &egress);
                prop_assert_eq!(earliest.map(|last| last.0), Some(found.arrival));
                check_legs(&lines, &found, scratch.legs());
                // Backwards from its arrival: there in time, and set out no earlier but for the time ahead.
                let (by, latest) = scratch.by(&services, &rider, (found.arrival, Time(-1_000_000)), |f| f.cost_cny).expect("itself");
                prop_assert!(by.arrival <= found.arrival && latest >= found.start);
                check_legs(&lines, &by, scratch.legs());
            }
        }
    }

    fn best(lines: &Lines, start_s: i64, access: &[(StopIx, i64)], egress: &[(StopIx, i64)], timed: bool) -> Found {
        let prices = Prices::new(&ChoiceSettings::default());
        let party = prices.party_of(Purpose::Other, 1.0, false);
        let services = Services::planned(lines);
        let mut scratch = JourneyScratch::new(&services);
        scratch.search(&services, Time(start_s * 1000), access, Some(egress));
        let rider = Rider { prices: &prices, party: &party, access, egress, timed };
        scratch.best(&services, &rider).expect("a journey")
    }

    #[test]
    fn a_change_that_saves_little_time_is_not_worth_it() {
        // Direct: 0 → 2 at 600 s in 2,000 s. With a change at stop 1: 0 → 1 in 800 s, 2 min for the change, then 1 → 2
        // at 1,600 s in 800 s: 200 s earlier, but a change felt as 5 min, 120 s of walking, 80 s of waiting, both double.
        let direct = toy::line(&[0, 2], &[2_000], 600, 3_600, 1);
        let first = toy::line(&[0, 1], &[800], 600, 3_600, 1);
        let second = toy::line(&[1, 2], &[800], 1_600, 3_600, 1);
        let lines = toy::lines(3, vec![direct, first, second], &[]);
        let (access, egress) = ([(StopIx(0), 60_000)], [(StopIx(2), 30_000)]);
        let found = best(&lines, 500, &access, &egress, true);
        let journey = Journey {
            ride_ms: 2_000_000,
            walk_ms: 90_000,
            wait_ms: 40_000,
            rides: 1,
            rail_rides: 1,
            fare_cny: 3.0,
            ..Journey::default()
        };
        assert_eq!((found.arrival, found.journey), (Time(2_630_000), journey));
        // The fare: base 2 and 10 km at 0.1. The cost: (2,000 + 2·90 + 2·40) s at 19 yuan/h + 3.
        assert!((found.cost_cny - (2_260.0 / 3_600.0 * 19.0 + 3.0)).abs() < 1e-9);
    }

    #[test]
    fn a_missed_connection_waits_for_the_next_departure() {
        // The feeder arrives at 1,000 s; 120 s for the change make 1,120 s, the line leaves at 1,100 s and 1,700 s.
        let feeder = toy::line(&[0, 1], &[1_000], 0, 3_600, 1);
        let trunk = toy::line(&[1, 2], &[500], 1_100, 600, 3);
        let lines = toy::lines(3, vec![feeder, trunk], &[]);
        let found = best(&lines, 0, &[(StopIx(0), 0)], &[(StopIx(2), 0)], false);
        assert_eq!(found.arrival, Time(2_200_000));
        assert_eq!((found.journey.walk_ms, found.journey.wait_ms), (120_000, 580_000));
    }

    #[test]
    fn nobody_knows_the_moments_of_a_service_by_headways() {
        // The same wait of 3,500 s, all of it at the stop.
        let line = Line { timed: false, ..toy::line(&[0, 1], &[600], 3_600, 3_600, 1) };
        let lines = toy::lines(2, vec![line], &[]);
        let found = best(&lines, 0, &[(StopIx(0), 100_000)], &[(StopIx(1), 0)], true);
        assert_eq!((found.start, found.journey.wait_ms, found.journey.origin_wait_ms), (Time(0), 3_500_000, 0));
    }

    #[test]
    fn who_knows_the_timetable_waits_at_home_and_five_minutes_at_the_stop() {
        // The only departure is at 3,600 s; from 0 s with a walk of 100 s the wait is 3,500 s, 300 of them at the stop.
        let lines = toy::lines(2, vec![toy::line(&[0, 1], &[600], 3_600, 3_600, 1)], &[]);
        let timed = best(&lines, 0, &[(StopIx(0), 100_000)], &[(StopIx(1), 0)], true);
        assert_eq!((timed.start, timed.arrival), (Time(3_200_000), Time(4_200_000)));
        assert_eq!((timed.journey.wait_ms, timed.journey.origin_wait_ms), (300_000, 3_200_000));
        let untimed = best(&lines, 0, &[(StopIx(0), 100_000)], &[(StopIx(1), 0)], false);
        assert_eq!((untimed.start, untimed.journey.wait_ms), (Time(0), 3_500_000));
    }
}
