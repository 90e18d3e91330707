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

/// Memory of a search, one per thread: queries allocate nothing.
#[derive(Clone, Debug)]
pub struct JourneyScratch {
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
    last_stop: StopIx,
}

/// How long a passenger who knows the timetable waits at the first stop at most, milliseconds; what is more is waited
/// at the origin. Five minutes: passengers time their walk for headways beyond some ten minutes (general knowledge).
pub const FIRST_WAIT_MS: i64 = 5 * 60_000;

impl JourneyScratch {
    /// Memory for a timetable.
    pub fn new(lines: &Lines) -> JourneyScratch {
        let stops = lines.stops.len();
        JourneyScratch {
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
            let mut journey = Journey { walk_ms, rides: round as u32, ..Journey::default() };
            let first_wait_ms = self.follow(lines, round, last_stop, &mut journey);
            let mut start = self.start;
            if timed && first_wait_ms > FIRST_WAIT_MS {
                journey.origin_wait_ms = first_wait_ms - FIRST_WAIT_MS;
                journey.wait_ms -= journey.origin_wait_ms;
                start += journey.origin_wait_ms;
            }
            let cost_cny = prices.journey_cny(party, &journey);
            if best.is_none_or(|b| cost_cny < b.cost_cny) {
                best = Some(Found { start: Time(start), arrival: Time(arrival), journey, cost_cny, last_stop });
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

    /// Sums up a journey backwards from its last stop; returns the wait at the first stop.
    fn follow(&self, lines: &Lines, rides: usize, last_stop: StopIx, journey: &mut Journey) -> i64 {
        let mut stop = last_stop;
        let mut round = rides;
        loop {
            let ride = &self.alighted[round * self.stops + stop.i()];
            let line = &lines.lines[ride.line.i()];
            let (from, to) = (usize::from(ride.from), usize::from(ride.to));
            let left = line.departure(ride.run as usize, from).0;
            let ready = self.ready[(round - 1) * self.stops + line.stops[from].i()];
            journey.ride_ms += ride.ms - left;
            journey.wait_ms += left - ready.ms;
            journey.fare_cny += line.distance_fare_cny(from, to);
            match ready.from {
                Before::Access => {
                    journey.walk_ms += ready.ms - self.start;
                    // The base is paid once, with the first ride.
                    journey.fare_cny += line.fare_base_cny;
                    return left - ready.ms;
                }
                Before::Change(before) => {
                    round -= 1;
                    stop = before;
                    journey.walk_ms += ready.ms - self.alighted[round * self.stops + stop.i()].ms;
                }
            }
        }
    }

    /// Appends the legs of a journey that this search found: walks (left out where they take no time) and rides.
    pub fn legs(&self, lines: &Lines, found: &Found, legs: &mut Vec<Leg>) {
        let first = legs.len();
        let push_walk = |legs: &mut Vec<Leg>, ms: i64| {
            if ms > 0 {
                legs.push(Leg::Walk { ms });
            }
        };
        let mut stop = found.last_stop;
        let mut round = found.journey.rides as usize;
        push_walk(legs, found.arrival.0 - self.alighted[round * self.stops + stop.i()].ms);
        loop {
            let ride = &self.alighted[round * self.stops + stop.i()];
            legs.push(Leg::Ride { line: ride.line, from: ride.from, to: ride.to });
            let board = lines.lines[ride.line.i()].stops[usize::from(ride.from)];
            round -= 1;
            let ready = self.ready[round * self.stops + board.i()];
            match ready.from {
                Before::Access => {
                    push_walk(legs, ready.ms - self.start);
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
