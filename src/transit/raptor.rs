//! Earliest arrival by lines, round by round [RAPTOR; Delling, Pajor, Werneck 2012].
//!
//! A journey is: walk (or drive) to a stop, ride, change at the stop or on foot to another stop, ride, …, walk from the
//! last stop. A change at the same stop takes the least change time, a change on foot the time of the footpath; footpaths
//! are not joined to longer ones. Round k finds the earliest arrivals with exactly k rides that beat all with fewer.
//! Nothing is followed that cannot arrive at the destination earlier than what is known.
//!
//! On the mirrored timetable the same search finds the latest departure; times are negative there, and the walks from the
//! origin are those to the destination.

use super::timetable::{NEVER, OFF, ON, Riding, Timetable, moment};
use crate::ids::{LineIx, StopIx};
use crate::units::Time;

/// Memory of a search, one per thread: queries allocate nothing.
#[derive(Clone, Debug)]
pub struct Raptor {
    /// Which lines the next search rides.
    pub riding: Riding,
    /// A line that is left out of it.
    pub without: Option<LineIx>,
    pub(super) max_rides: usize,
    pub(super) stops: usize,
    pub(super) start: i32,
    /// Rounds whose rows hold something.
    pub(super) rounds: usize,
    /// Earliest alighting at a stop with at most k rides, at `k * stops + stop`.
    pub(super) alighted: Vec<i32>,
    /// The ride that it ends.
    by: Vec<Boarded>,
    /// Earliest moment at which one comes to a stop after at most k rides, in the same layout, and from which stop.
    pub(super) ready: Vec<i32>,
    pub(super) ready_from: Vec<u32>,
    /// Of the round: when one comes to a stop, where that is news; the stops with news.
    pub(super) boarding: Vec<i32>,
    pub(super) fresh: Vec<u32>,
    /// Stops that the round has reached, each once.
    reached: Vec<u32>,
    is_reached: Vec<bool>,
    /// Stops that any round of this start has changed.
    pub(super) touched: [Vec<u32>; 2],
    /// First position at which a line is to be scanned, by line, and the lines.
    scan_from: Vec<u32>,
    scan: Vec<u32>,
    /// Walk from a stop to the destination, by stop, and the stops that have one.
    egress_ms: Vec<i32>,
    used_egress: Vec<u32>,
    /// Earliest arrival at the destination with at most k rides, by k, its last stop, and whether this start found it.
    pub(super) latest: Vec<i32>,
    pub(super) last: Vec<u32>,
    pub(super) improved: Vec<bool>,
    /// Lines scanned and positions looked at.
    pub(super) looked: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Boarded {
    line: u32,
    run: u32,
    from: u16,
    to: u16,
}

/// A ride of a journey with the walk before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step {
    /// The way to the stop, from the origin or from the stop where one got off, milliseconds.
    pub walk_ms: i64,
    /// Line.
    pub line: LineIx,
    /// Run of the line.
    pub run: u32,
    /// Position at which one boards.
    pub from: u16,
    /// Position at which one alights.
    pub to: u16,
}

/// The stop that one comes from where that is the origin.
pub(super) const ORIGIN: u32 = u32::MAX;

impl Raptor {
    /// Memory for journeys of so many rides at most.
    pub fn new(table: &Timetable, max_rides: usize) -> Raptor {
        let (stops, rows) = (table.stops(), (max_rides + 1) * table.stops());
        Raptor {
            riding: Riding::Any,
            without: None,
            max_rides,
            stops,
            start: 0,
            rounds: 0,
            alighted: vec![NEVER; rows],
            by: vec![Boarded::default(); rows],
            ready: vec![NEVER; rows],
            ready_from: vec![ORIGIN; rows],
            boarding: vec![NEVER; stops],
            fresh: Vec::new(),
            reached: Vec::new(),
            is_reached: vec![false; stops],
            touched: Default::default(),
            scan_from: vec![u32::MAX; table.lines.len()],
            scan: Vec::new(),
            egress_ms: vec![NEVER; stops],
            used_egress: Vec::new(),
            latest: vec![NEVER; max_rides + 1],
            last: vec![0; max_rides + 1],
            improved: vec![false; max_rides + 1],
            looked: 0,
        }
    }

    /// Searches from a moment and the walks to the first stops, (stop, milliseconds). With `egress` (the walks from the
    /// last stops) nothing is followed that cannot arrive earlier; without it the search goes to all stops.
    pub fn search(
        &mut self,
        table: &Timetable,
        start: Time,
        access: &[(StopIx, i64)],
        egress: Option<&[(StopIx, i64)]>,
    ) {
        self.begin(egress);
        self.start = moment(start);
        for &(stop, walk_ms) in access {
            self.offer_ready(0, stop.0, moment(start.plus(walk_ms)), ORIGIN);
        }
        self.collect(table);
        self.ride(table);
    }

    pub(super) fn begin(&mut self, egress: Option<&[(StopIx, i64)]>) {
        let rows = (self.rounds + 1) * self.stops;
        self.alighted[..rows].fill(NEVER);
        self.ready[..rows].fill(NEVER);
        self.latest.fill(NEVER);
        self.improved.fill(false);
        self.rounds = 0;
        self.looked = 0;
        for used in self.used_egress.drain(..) {
            self.egress_ms[used as usize] = NEVER;
        }
        for &(stop, walk_ms) in egress.unwrap_or(&[]) {
            self.used_egress.push(stop.0);
            let least = &mut self.egress_ms[stop.i()];
            *least = moment(Time(walk_ms)).min(*least);
        }
    }

    /// All rounds, once the lines to be scanned in the first are collected.
    pub(super) fn ride(&mut self, table: &Timetable) {
        for round in 1..=self.max_rides {
            if self.scan.is_empty() {
                break;
            }
            self.rounds = self.rounds.max(round);
            self.carry(round);
            for i in 0..self.scan.len() {
                let line = self.scan[i];
                match table.lines[line as usize].plain {
                    true => self.scan_line::<true>(table, line, round),
                    false => self.scan_line::<false>(table, line, round),
                }
            }
            self.forget();
            self.change(table, round);
            self.scan.clear();
            if round < self.max_rides {
                self.collect(table);
            }
        }
        self.scan.clear();
        self.forget();
        self.touched.iter_mut().for_each(Vec::clear);
    }

    /// What holds with fewer rides holds with one more.
    fn carry(&mut self, round: usize) {
        let (now, before) = (round * self.stops, (round - 1) * self.stops);
        self.latest[round] = self.latest[round].min(self.latest[round - 1]);
        for (row, touched) in [&mut self.alighted, &mut self.ready].into_iter().zip(&self.touched) {
            for &stop in touched {
                let old = row[before + stop as usize];
                let new = &mut row[now + stop as usize];
                *new = old.min(*new);
            }
        }
    }

    /// News of the round before is no news.
    fn forget(&mut self) {
        for stop in self.fresh.drain(..) {
            self.boarding[stop as usize] = NEVER;
        }
    }

    pub(super) fn offer_ready(&mut self, round: usize, stop: u32, ms: i32, from: u32) {
        let at = round * self.stops + stop as usize;
        if ms >= self.ready[at] {
            return;
        }
        self.ready[at] = ms;
        self.ready_from[at] = from;
        let news = &mut self.boarding[stop as usize];
        if *news == NEVER {
            self.fresh.push(stop);
            self.touched[1].push(stop);
        }
        *news = ms;
    }

    /// The lines that serve stops with news, each with the first such position.
    fn collect(&mut self, table: &Timetable) {
        for i in 0..self.fresh.len() {
            for call in table.calls.at(self.fresh[i] as usize) {
                let takes = self.riding == Riding::Any || self.riding.takes(table.lines[call.line as usize].rail);
                if takes && self.without != Some(LineIx(call.line)) {
                    self.scan_later(call.line, call.position);
                }
            }
        }
    }

    pub(super) fn scan_later(&mut self, line: u32, position: u32) {
        let first = &mut self.scan_from[line as usize];
        if *first == u32::MAX {
            self.scan.push(line);
        }
        *first = position.min(*first);
    }

    /// Rides a line: boards the earliest run that can be had, alights wherever that is earlier than ever before.
    fn scan_line<const PLAIN: bool>(&mut self, table: &Timetable, line: u32, round: usize) {
        let rows = &table.lines[line as usize];
        let first = std::mem::replace(&mut self.scan_from[line as usize], u32::MAX) as usize;
        let (positions, place) = (rows.positions as usize, rows.place as usize);
        let stops = &table.stop[place..place + positions];
        let now = round * self.stops;
        let best = &mut self.alighted[now..now + self.stops];
        let mut latest = self.latest[round];
        let (mut aboard, mut from) = (usize::MAX, 0);
        let mut arrivals: &[i32] = &[];
        self.looked += (positions - first) as u64;
        for position in first..positions {
            let stop = stops[position] as usize;
            if aboard != usize::MAX {
                let ms = if PLAIN {
                    arrivals[position]
                } else {
                    (arrivals[position] + table.leaves_ms[place + position]).min(NEVER)
                };
                if ms < best[stop] && ms < latest && (PLAIN || table.flags[place + position] & OFF != 0) {
                    best[stop] = ms;
                    self.by[now + stop] = Boarded { line, run: aboard as u32, from: from as u16, to: position as u16 };
                    if !self.is_reached[stop] {
                        self.is_reached[stop] = true;
                        self.reached.push(stop as u32);
                        self.touched[0].push(stop as u32);
                    }
                    let there = ms + self.egress_ms[stop];
                    if there < latest {
                        latest = there;
                        self.last[round] = stop as u32;
                        self.improved[round] = true;
                    }
                }
            }
            let ready = self.boarding[stop];
            if ready == NEVER || (!PLAIN && table.flags[place + position] & ON == 0) {
                continue;
            }
            let coming = if PLAIN { ready } else { (ready + table.enters_ms[place + position]).min(NEVER) };
            let closes = table.closes(rows, position);
            let run = match aboard {
                usize::MAX => closes.partition_point(|&at| at < coming),
                0 => continue,
                _ if closes[aboard - 1] < coming => continue,
                _ => closes[..aboard].partition_point(|&at| at < coming),
            };
            if run < closes.len() {
                (aboard, from) = (run, position);
                arrivals = &table.arrivals[Timetable::at(rows, run, 0)..][..positions];
            }
        }
        self.latest[round] = latest;
    }

    /// Changes at the stops that the round reached, and on foot from them.
    fn change(&mut self, table: &Timetable, round: usize) {
        let latest = self.latest[round];
        for i in 0..self.reached.len() {
            let stop = self.reached[i];
            self.is_reached[stop as usize] = false;
            let ms = self.alighted[round * self.stops + stop as usize];
            // Who would not even be there by then if every ride took no time need not change.
            if ms + table.change_ms < latest {
                self.offer_ready(round, stop, ms + table.change_ms, stop);
            }
            for &(to, walk_ms) in table.walks.at(stop as usize) {
                if ms + walk_ms < latest {
                    self.offer_ready(round, to, ms + walk_ms, stop);
                }
            }
        }
        self.reached.clear();
    }

    /// The last round of the search.
    pub fn rounds(&self) -> usize {
        self.rounds
    }

    /// Positions of lines that the last search looked at.
    pub fn looked(&self) -> u64 {
        self.looked
    }

    /// Earliest arrival over all rounds at the destination of the search.
    pub fn earliest(&self) -> Option<Time> {
        let ms = self.latest[..=self.rounds].iter().copied().min().unwrap_or(NEVER);
        (ms < NEVER).then_some(Time(i64::from(ms)))
    }

    /// The stop at which one arrives first with at most so many rides, and the moment there with the walk from it; by the
    /// least arrival, stop, walk.
    pub fn last_stop(&self, rides: usize, egress: &[(StopIx, i64)]) -> Option<(Time, StopIx, i64)> {
        let now = rides * self.stops;
        let alighted = |stop: StopIx| self.alighted[now + stop.i()];
        let there = |&(stop, walk_ms): &(StopIx, i64)| (Time(i64::from(alighted(stop)) + walk_ms), stop, walk_ms);
        egress.iter().filter(|(stop, _)| alighted(*stop) < NEVER).map(there).min()
    }

    /// The journey with exactly so many rides that ends at a stop: its steps from the first to the last are appended. It
    /// must be one that the search found, earlier there than all with fewer rides.
    pub fn steps(&self, table: &Timetable, rides: usize, last_stop: StopIx, steps: &mut Vec<Step>) {
        let begun = steps.len();
        let (mut round, mut stop) = (rides, last_stop.i());
        while round > 0 {
            let Boarded { line, run, from, to } = self.by[round * self.stops + stop];
            let board = table.stop[table.lines[line as usize].place as usize + usize::from(from)] as usize;
            round -= 1;
            let before = round * self.stops;
            let since = match self.ready_from[before + board] {
                ORIGIN => self.start,
                walked => {
                    stop = walked as usize;
                    self.alighted[before + stop]
                }
            };
            let walk_ms = i64::from(self.ready[before + board] - since);
            steps.push(Step { walk_ms, line: LineIx(line), run, from, to });
        }
        steps[begun..].reverse();
    }
}

/// Turns the steps of a journey that was found on a mirrored timetable round: the walk of each step is the one before it,
/// the walk to the first stop `first_walk_ms`. Returns the walk from the last stop.
pub fn turn_round(table: &Timetable, steps: &mut [Step], first_walk_ms: i64) -> i64 {
    steps.reverse();
    let mut walk_ms = first_walk_ms;
    for step in steps.iter_mut() {
        let rows = &table.lines[step.line.i()];
        std::mem::swap(&mut step.walk_ms, &mut walk_ms);
        step.run = rows.runs - 1 - step.run;
        let last = rows.positions as u16 - 1;
        (step.from, step.to) = (last - step.to, last - step.from);
    }
    walk_ms
}
