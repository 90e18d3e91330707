//! The journey search: earliest arrival by lines, round by round [RAPTOR; Delling, Pajor, Werneck 2012].
//!
//! A journey is: walk to a stop, ride, change at the stop or on foot to another stop, ride, …, walk from the last stop.
//! A change at the same stop takes the least change time, a change on foot the time of the footpath; footpaths are not
//! joined to longer ones. Round k finds the earliest arrivals with exactly k rides that beat all with fewer; among these
//! arrivals with 1, 2, … rides the journey of least generalised cost is taken, the one with fewer rides in a tie.

use super::cost::{Journey, Party, Prices};
use crate::demand::plan::Leg;
use crate::ids::{LineIx, StopIx};
use crate::network::lines::Lines;
use crate::units::Time;

/// Most rides in a journey.
pub const MAX_RIDES: usize = 5;

/// Later than any moment of a run.
const NEVER: i64 = Time::NEVER.0;

/// Which lines are ridden.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Riding {
    /// All.
    #[default]
    Any,
    /// Those on rails.
    Rail,
    /// Those on streets and water.
    Bus,
}

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

/// Memory of a search, one per thread: queries allocate nothing.
#[derive(Clone, Debug)]
pub struct JourneyScratch {
    /// Which lines the next search rides.
    pub riding: Riding,
    /// Which end of the journeys of the next search is driven.
    pub driven: DrivenEnd,
    stops: usize,
    start: i64,
    /// Earliest moment at which one can board at a stop after k rides, at `k * stops + stop`.
    ready: Vec<Ready>,
    /// Earliest moment of alighting at a stop from the k-th ride, in the same layout.
    alighted: Vec<Alighted>,
    /// The least of each over all rounds so far, by stop.
    best_ready: Vec<i64>,
    best_alighted: Vec<i64>,
    /// Stops with a new `ready` of the round before and of this one, each once.
    fresh: Vec<u32>,
    next: Vec<u32>,
    /// Stops with a new `alighted` of this round, each once.
    reached: Vec<u32>,
    /// Walk from a stop to the destination, by stop.
    egress_ms: Vec<i64>,
    /// First position at which a line is to be scanned, by line.
    scan_from: Vec<u32>,
    scan: Vec<LineIx>,
    /// All entries of `ready`, `alighted` and stops that must be reset before the next search.
    used_ready: Vec<u32>,
    used_alighted: Vec<u32>,
    used_egress: Vec<u32>,
    rounds: usize,
}

#[derive(Clone, Copy, Debug)]
struct Ready {
    ms: i64,
    from: Before,
}

/// What lies before a boarding.
#[derive(Clone, Copy, Debug)]
enum Before {
    /// The walk from the origin.
    Access,
    /// A change at the same stop or on foot from another one.
    Change(StopIx),
}

#[derive(Clone, Copy, Debug)]
struct Alighted {
    ms: i64,
    line: LineIx,
    run: u32,
    from: u16,
    to: u16,
}

const NOT_READY: Ready = Ready { ms: NEVER, from: Before::Access };
const NOT_ALIGHTED: Alighted = Alighted { ms: NEVER, line: LineIx(0), run: 0, from: 0, to: 0 };

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

impl JourneyScratch {
    /// Memory for a timetable.
    pub fn new(lines: &Lines) -> JourneyScratch {
        let stops = lines.stops.len();
        JourneyScratch {
            riding: Riding::Any,
            driven: DrivenEnd::None,
            stops,
            start: 0,
            ready: vec![NOT_READY; (MAX_RIDES + 1) * stops],
            alighted: vec![NOT_ALIGHTED; (MAX_RIDES + 1) * stops],
            best_ready: vec![NEVER; stops],
            best_alighted: vec![NEVER; stops],
            fresh: Vec::new(),
            next: Vec::new(),
            reached: Vec::new(),
            egress_ms: vec![NEVER; stops],
            scan_from: vec![u32::MAX; lines.lines.len()],
            scan: Vec::new(),
            used_ready: Vec::new(),
            used_alighted: Vec::new(),
            used_egress: Vec::new(),
            rounds: 0,
        }
    }

    /// Searches from a moment and the walks to the first stops, (stop, milliseconds). With `egress` (the walks from the
    /// last stops) nothing is followed that cannot arrive earlier; without it the search goes to all stops.
    pub fn search(&mut self, lines: &Lines, start: Time, access: &[(StopIx, i64)], egress: Option<&[(StopIx, i64)]>) {
        self.begin(start, egress);
        for &(stop, walk_ms) in access {
            self.offer_ready(0, stop, start.0 + walk_ms, Before::Access);
        }
        let mut latest = NEVER;
        for round in 1..=MAX_RIDES {
            std::mem::swap(&mut self.fresh, &mut self.next);
            self.next.clear();
            if self.fresh.is_empty() {
                break;
            }
            self.rounds = round;
            self.collect_lines(lines);
            for i in 0..self.scan.len() {
                self.scan_line(lines, self.scan[i], round, &mut latest);
            }
            self.change(lines, round);
        }
    }

    fn begin(&mut self, start: Time, egress: Option<&[(StopIx, i64)]>) {
        for used in self.used_ready.drain(..) {
            self.ready[used as usize] = NOT_READY;
            self.best_ready[used as usize % self.stops] = NEVER;
        }
        for used in self.used_alighted.drain(..) {
            self.alighted[used as usize] = NOT_ALIGHTED;
            self.best_alighted[used as usize % self.stops] = NEVER;
        }
        for used in self.used_egress.drain(..) {
            self.egress_ms[used as usize] = NEVER;
        }
        self.start = start.0;
        self.rounds = 0;
        self.fresh.clear();
        self.next.clear();
        for &(stop, walk_ms) in egress.unwrap_or(&[]) {
            self.used_egress.push(stop.0);
            let least = &mut self.egress_ms[stop.i()];
            *least = walk_ms.min(*least);
        }
    }

    fn offer_ready(&mut self, round: usize, stop: StopIx, ms: i64, from: Before) {
        if ms >= self.best_ready[stop.i()] {
            return;
        }
        self.best_ready[stop.i()] = ms;
        let at = round * self.stops + stop.i();
        if self.ready[at].ms == NEVER {
            self.used_ready.push(at as u32);
            self.next.push(stop.0);
        }
        self.ready[at] = Ready { ms, from };
    }

    /// The lines that serve a stop of the round before, each with the first such position.
    fn collect_lines(&mut self, lines: &Lines) {
        self.scan.clear();
        for &stop in &self.fresh {
            for &(line, position) in &lines.stop_lines[stop as usize] {
                match self.riding {
                    Riding::Rail if !lines.lines[line.i()].rail => continue,
                    Riding::Bus if lines.lines[line.i()].rail => continue,
                    _ => {}
                }
                let first = &mut self.scan_from[line.i()];
                if *first == u32::MAX {
                    self.scan.push(line);
                }
                *first = position.min(*first);
            }
        }
    }

    /// Rides a line: boards the earliest run that can be had, alights wherever that is earlier than ever before.
    fn scan_line(&mut self, lines: &Lines, line_ix: LineIx, round: usize, latest: &mut i64) {
        let line = &lines.lines[line_ix.i()];
        let first = std::mem::replace(&mut self.scan_from[line_ix.i()], u32::MAX) as usize;
        let (before, now) = ((round - 1) * self.stops, round * self.stops);
        let mut aboard: Option<(usize, usize)> = None;
        for (position, stop) in line.stops.iter().enumerate().skip(first) {
            if let Some((run, from)) = aboard {
                let ms = line.arrival(run, position).0;
                if ms < self.best_alighted[stop.i()] && ms < *latest {
                    self.best_alighted[stop.i()] = ms;
                    let old = &mut self.alighted[now + stop.i()];
                    if old.ms == NEVER {
                        self.used_alighted.push((now + stop.i()) as u32);
                        self.reached.push(stop.0);
                    }
                    *old = Alighted { ms, line: line_ix, run: run as u32, from: from as u16, to: position as u16 };
                    *latest = (*latest).min(ms + self.egress_ms[stop.i()]);
                }
            }
            let ready = self.ready[before + stop.i()].ms;
            let earlier = match aboard {
                None => ready < NEVER,
                Some((run, _)) => run > 0 && ready <= line.departure(run - 1, position).0,
            };
            if earlier && let Some(run) = line.next_run(position, Time(ready)) {
                aboard = Some((run, position));
            }
        }
    }

    /// Changes at the stops that the round reached, and on foot from them.
    fn change(&mut self, lines: &Lines, round: usize) {
        for i in 0..self.reached.len() {
            let stop = StopIx(self.reached[i]);
            let ms = self.alighted[round * self.stops + stop.i()].ms;
            self.offer_ready(round, stop, ms + lines.change_ms, Before::Change(stop));
            for &(to, walk_ms) in &lines.transfers[stop.i()] {
                self.offer_ready(round, to, ms + walk_ms, Before::Change(stop));
            }
        }
        self.reached.clear();
    }

    /// Earliest arrival over all rounds by the walks from the last stops.
    pub fn earliest(&self, egress: &[(StopIx, i64)]) -> Option<Time> {
        egress
            .iter()
            .filter(|(stop, _)| self.best_alighted[stop.i()] < NEVER)
            .map(|&(stop, walk_ms)| Time(self.best_alighted[stop.i()] + walk_ms))
            .min()
    }

    /// The journey of least generalised cost among the earliest ones with 1, 2, … rides. With `timed` the passenger
    /// sets out late enough to wait at the first stop for [`FIRST_WAIT_MS`] at most.
    pub fn best(
        &self,
        lines: &Lines,
        prices: &Prices,
        party: &Party,
        egress: &[(StopIx, i64)],
        timed: bool,
    ) -> Option<Found> {
        let mut best: Option<Found> = None;
        let mut earliest = NEVER;
        for round in 1..=self.rounds {
            let Some((arrival, last_stop, walk_ms)) = self.last_stop(round, egress) else { continue };
            if arrival >= earliest {
                continue;
            }
            earliest = arrival;
            let mut journey = Journey { rides: round as u32, ..Journey::default() };
            match self.driven {
                DrivenEnd::Last => journey.drive_ms = walk_ms,
                _ => journey.walk_ms = walk_ms,
            }
            let (first_stop, boards, mut first_wait_ms) = self.follow(lines, round, last_stop, &mut journey);
            let mut start = self.start;
            if timed && first_wait_ms > FIRST_WAIT_MS {
                journey.origin_wait_ms = first_wait_ms - FIRST_WAIT_MS;
                journey.wait_ms -= journey.origin_wait_ms;
                first_wait_ms = FIRST_WAIT_MS;
                start += journey.origin_wait_ms;
            }
            let cost_cny = prices.journey_cny(party, &journey);
            if best.is_none_or(|b| cost_cny < b.cost_cny) {
                let (start, arrival) = (Time(start), Time(arrival));
                best = Some(Found { start, arrival, journey, cost_cny, first_stop, last_stop, boards, first_wait_ms });
            }
        }
        best
    }

    /// The last stop that arrives first after so many rides: arrival, stop, walk from it.
    fn last_stop(&self, round: usize, egress: &[(StopIx, i64)]) -> Option<(i64, StopIx, i64)> {
        let now = round * self.stops;
        egress
            .iter()
            .filter(|(stop, _)| self.alighted[now + stop.i()].ms < NEVER)
            .map(|&(stop, walk_ms)| (self.alighted[now + stop.i()].ms + walk_ms, stop, walk_ms))
            .min()
    }

    /// Sums up a journey backwards from its last stop; returns the first stop, when the vehicle leaves there and the wait
    /// for it.
    fn follow(&self, lines: &Lines, rides: usize, last_stop: StopIx, journey: &mut Journey) -> (StopIx, Time, i64) {
        let mut stop = last_stop;
        let mut round = rides;
        loop {
            let ride = &self.alighted[round * self.stops + stop.i()];
            let line = &lines.lines[ride.line.i()];
            let (from, to) = (usize::from(ride.from), usize::from(ride.to));
            let left = line.departure(ride.run as usize, from).0;
            let ready = self.ready[(round - 1) * self.stops + line.stops[from].i()];
            journey.ride_ms += ride.ms - left;
            journey.rail_rides += u32::from(line.rail);
            journey.wait_ms += left - ready.ms;
            journey.fare_cny += line.distance_fare_cny(from, to);
            match ready.from {
                Before::Access => {
                    match self.driven {
                        DrivenEnd::First => journey.drive_ms += ready.ms - self.start,
                        _ => journey.walk_ms += ready.ms - self.start,
                    }
                    // The base is paid once, with the first ride.
                    journey.fare_cny += line.fare_base_cny;
                    return (line.stops[from], Time(left), left - ready.ms);
                }
                Before::Change(before) => {
                    round -= 1;
                    stop = before;
                    journey.walk_ms += ready.ms - self.alighted[round * self.stops + stop.i()].ms;
                }
            }
        }
    }

    /// Appends the legs of a journey that this search found: walks (left out where they take no time) and rides. What is
    /// driven is left out as well.
    pub fn legs(&self, lines: &Lines, found: &Found, legs: &mut Vec<Leg>) {
        let first = legs.len();
        let push_walk = |legs: &mut Vec<Leg>, ms: i64| {
            if ms > 0 {
                legs.push(Leg::Walk { ms });
            }
        };
        let mut stop = found.last_stop;
        let mut round = found.journey.rides as usize;
        if self.driven != DrivenEnd::Last {
            push_walk(legs, found.arrival.0 - self.alighted[round * self.stops + stop.i()].ms);
        }
        loop {
            let ride = &self.alighted[round * self.stops + stop.i()];
            legs.push(Leg::Ride { line: ride.line, from: ride.from, to: ride.to });
            let board = lines.lines[ride.line.i()].stops[usize::from(ride.from)];
            round -= 1;
            let ready = self.ready[round * self.stops + board.i()];
            match ready.from {
                Before::Access => {
                    if self.driven != DrivenEnd::First {
                        push_walk(legs, ready.ms - self.start);
                    }
                    break;
                }
                Before::Change(before) => {
                    stop = before;
                    push_walk(legs, ready.ms - self.alighted[round * self.stops + stop.i()].ms);
                }
            }
        }
        legs[first..].reverse();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::choice::toy;
    use crate::demand::Purpose;
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

    /// The slow truth: earliest alighting by rides and stop, over every run and every pair of its stops.
    fn scanned(lines: &Lines, start: i64, access: &[(StopIx, i64)], egress: &[(StopIx, i64)]) -> Vec<i64> {
        let stops = lines.stops.len();
        let mut ready = vec![NEVER; stops];
        for &(stop, ms) in access {
            ready[stop.i()] = ready[stop.i()].min(start + ms);
        }
        let mut arrivals = Vec::new();
        for _ in 0..MAX_RIDES {
            let mut alighted = vec![NEVER; stops];
            for line in &lines.lines {
                for run in 0..line.runs() {
                    for from in 0..line.stops.len() {
                        for to in from + 1..line.stops.len() {
                            if ready[line.stops[from].i()] <= line.departure(run, from).0 {
                                let there = &mut alighted[line.stops[to].i()];
                                *there = line.arrival(run, to).0.min(*there);
                            }
                        }
                    }
                }
            }
            ready = vec![NEVER; stops];
            for stop in 0..stops {
                ready[stop] = ready[stop].min(alighted[stop] + lines.change_ms);
                for &(to, ms) in &lines.transfers[stop] {
                    ready[to.i()] = ready[to.i()].min(alighted[stop] + ms);
                }
            }
            arrivals.push(egress.iter().map(|(stop, ms)| alighted[stop.i()] + ms).min().unwrap_or(NEVER));
        }
        arrivals
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
        fn raptor_equals_connection_scan(seed in any::<u64>(), minute in 0i64..90) {
            let lines = random_timetable(seed, 12, 8);
            let mut draws = Draws::new(seed, Why::Generate, 3, 0);
            let mut walks = || -> Vec<(StopIx, i64)> {
                (0..2).map(|_| (StopIx(draws.below(12) as u32), draws.below(600_000) as i64)).collect()
            };
            let (access, egress) = (walks(), walks());
            let start = Time(minute * 60_000);
            let truth = scanned(&lines, start.0, &access, &egress);
            let earliest = truth.iter().copied().min().filter(|&ms| ms < NEVER).map(Time);
            let mut scratch = JourneyScratch::new(&lines);
            let prices = Prices::new(&ChoiceSettings::default());
            let party = prices.party_of(Purpose::Other, 1.0, false);
            // A search leaves nothing behind for the next one; with and without a destination the arrival is the same.
            for to in [None, Some(egress.as_slice()), None, Some(egress.as_slice())] {
                scratch.search(&lines, start, &access, to);
                prop_assert_eq!(scratch.earliest(&egress), earliest);
                for timed in [false, true] {
                    let found = scratch.best(&lines, &prices, &party, &egress, timed);
                    prop_assert_eq!(found.is_some(), earliest.is_some());
                    if let Some(found) = found {
                        // The arrival is the earliest with so many rides.
                        let fewer_or_as_many = truth[..found.journey.rides as usize].iter().min();
                        prop_assert_eq!(Some(&found.arrival.0), fewer_or_as_many);
                        let mut legs = Vec::new();
                        scratch.legs(&lines, &found, &mut legs);
                        check_legs(&lines, &found, &legs);
                    }
                }
            }
        }
    }

    fn best(lines: &Lines, start_s: i64, access: &[(StopIx, i64)], egress: &[(StopIx, i64)], timed: bool) -> Found {
        let prices = Prices::new(&ChoiceSettings::default());
        let party = prices.party_of(Purpose::Other, 1.0, false);
        let mut scratch = JourneyScratch::new(lines);
        scratch.search(lines, Time(start_s * 1000), access, Some(egress));
        scratch.best(lines, &prices, &party, egress, timed).expect("a journey")
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
