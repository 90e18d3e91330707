//! A timetable frozen for searching: flat arrays of 32-bit milliseconds after midnight.
//!
//! Boarding looks for the first run whose `closes` is no earlier than one's coming, at one position of a line: the runs of
//! a position lie next to each other. Riding reads the arrivals of one run: its positions lie next to each other.
//! A moment beyond [`NEVER`] (298 hours) is not reached.
//!
//! What holds, and the searches rely on it: arrivals, departures and `closes` never fall from run to run at a position, so
//! who boards an earlier run arrives no later.
//!
//! The [`mirrored`](Timetable::mirrored) timetable runs backwards: positions, runs and signs of time are turned round,
//! alighting and boarding change places. The earliest arrival in it is the latest departure in the timetable.

use crate::ids::{LineIx, StopIx};
use crate::network::line_times::LineTimes;
use crate::network::lines::{HubWay, Line, Lines};
use crate::units::Time;

/// Later than any moment of a search. Half of the range, so that two of them can be added.
pub const NEVER: i32 = i32::MAX / 2;

/// A flag of a position: one may get on …
pub(super) const ON: u8 = 1;
/// … or off.
pub(super) const OFF: u8 = 2;

/// A timetable to be searched.
#[derive(Clone, Debug, Default)]
pub struct Timetable {
    pub(super) lines: Vec<Rows>,
    /// Stop of each position of all lines, line after line.
    pub(super) stop: Vec<u32>,
    /// What one may do there.
    pub(super) flags: Vec<u8>,
    /// What one passes there before boarding and after alighting, milliseconds.
    pub(super) enters_ms: Vec<i32>,
    pub(super) leaves_ms: Vec<i32>,
    /// The latest coming for each run, position after position of a line.
    pub(super) closes: Vec<i32>,
    /// Arrivals and departures, run after run of a line.
    pub(super) arrivals: Vec<i32>,
    pub(super) departures: Vec<i32>,
    /// Felt over real time between leaving a position and leaving the next, thousandths, run after run; empty where nobody
    /// feels a crowd.
    pub(super) crowding: Vec<u16>,
    /// Distance fare from a position to the next, thousandths of a yuan.
    pub(super) fare_milli: Vec<i32>,
    /// Positions at which one may board, by stop.
    pub(super) calls: Lists<Call>,
    /// Walks to other stops, by stop.
    pub(super) walks: Lists<(u32, i32)>,
    pub(super) change_ms: i32,
}

/// Where the arrays of a line lie.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Rows {
    /// First of its positions.
    pub place: u32,
    pub positions: u32,
    /// First of its times.
    pub first: u32,
    pub runs: u32,
    pub rail: bool,
    /// Whether one may get on and off everywhere and nothing is passed.
    pub plain: bool,
    /// Base fare, thousandths of a yuan.
    pub base_milli: i32,
}

/// A position of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Call {
    pub line: u32,
    pub position: u32,
}

/// Lists of one kind, end to end.
#[derive(Clone, Debug, Default)]
pub(super) struct Lists<T> {
    first: Vec<u32>,
    all: Vec<T>,
}

impl<T> Lists<T> {
    pub fn new(lists: impl Iterator<Item = Vec<T>>) -> Lists<T> {
        let (mut first, mut all) = (vec![0], Vec::new());
        for list in lists {
            all.extend(list);
            first.push(all.len() as u32);
        }
        Lists { first, all }
    }

    pub fn at(&self, i: usize) -> &[T] {
        &self.all[self.first[i] as usize..self.first[i + 1] as usize]
    }

    fn len(&self) -> usize {
        self.first.len().saturating_sub(1)
    }

    fn bytes(&self) -> usize {
        self.first.len() * 4 + self.all.len() * size_of::<T>()
    }
}

/// Times of one line by run and position.
#[derive(Clone, Copy)]
struct Times<'a> {
    arrivals: &'a [Time],
    departures: &'a [Time],
    closes: &'a [Time],
    load: &'a [f32],
}

/// A ride in a run of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ridden {
    /// The run.
    pub run: usize,
    /// When it leaves the stop of boarding.
    pub left: Time,
    /// When it arrives where one gets off.
    pub arrived: Time,
    /// Riding as it is felt in the crowd, milliseconds.
    pub felt_ms: i64,
    /// How much later one could come, milliseconds.
    pub spare_ms: i64,
}

pub(super) fn moment(time: Time) -> i32 {
    time.0.clamp(i64::from(-NEVER), i64::from(NEVER)) as i32
}

fn duration(ms: i64) -> i32 {
    ms.clamp(0, i64::from(NEVER)) as i32
}

impl Timetable {
    /// The timetable as planned, with room for all.
    pub fn planned(lines: &Lines) -> Timetable {
        let of = |l: usize| {
            let line = &lines.lines[l];
            let (arrivals, departures) = (line.arrivals.as_slice(), line.departures.as_slice());
            Times { arrivals, departures, closes: departures, load: &[] }
        };
        Timetable::build(lines, of, |_, _| 1.0)
    }

    /// The times of a day. `crowding` is felt over real riding time in a vehicle of a line so full (persons aboard as a
    /// share of its places), at least 1.
    pub fn of_day(lines: &Lines, times: &LineTimes, crowding: impl Fn(&Line, f64) -> f64) -> Timetable {
        let of = |l: usize| {
            let line = &times.lines[l];
            Times { arrivals: &line.arrivals, departures: &line.departures, closes: &line.closes, load: &line.load }
        };
        Timetable::build(lines, of, crowding)
    }

    fn build<'a>(lines: &Lines, times: impl Fn(usize) -> Times<'a>, crowding: impl Fn(&Line, f64) -> f64) -> Timetable {
        let mut table = Timetable { change_ms: duration(lines.change_ms), ..Timetable::default() };
        let entries = lines.lines.iter().map(|line| line.departures.len()).sum();
        for of in [&mut table.closes, &mut table.arrivals, &mut table.departures] {
            of.reserve_exact(entries);
        }
        let mut felt: Vec<u16> = Vec::new();
        for (l, line) in lines.lines.iter().enumerate() {
            let of = times(l);
            felt.extend(of.load.iter().map(|&load| (crowding(line, f64::from(load)) * 1e3).round() as u16));
            table.push(line, of);
        }
        if felt.iter().any(|&felt| felt != 1_000) {
            table.crowding = felt;
        }
        table.calls = Lists::new(table.calls_by_stop(lines.stops.len()).into_iter());
        let walks = |s: usize| lines.transfers.get(s).map_or(&[][..], Vec::as_slice);
        let walk = |&(to, ms): &(StopIx, i64)| (to.0, duration(ms));
        table.walks = Lists::new((0..lines.stops.len()).map(|s| walks(s).iter().map(walk).collect()));
        table
    }

    fn push(&mut self, line: &Line, times: Times<'_>) {
        let (positions, runs) = (line.stops.len(), line.runs());
        let (place, first) = (self.stop.len() as u32, self.arrivals.len() as u32);
        let last = positions.saturating_sub(1);
        let free_ms = |way: Option<HubWay>| duration(way.map_or(0, |way| way.free_ms));
        let mut plain = true;
        for (p, stop) in line.stops.iter().enumerate() {
            let (on, off) = (p < last && line.takes_on(p), p > 0 && line.lets_off(p));
            let (enters, leaves) = (free_ms(line.enters(p)), free_ms(line.leaves(p)));
            plain &= on == (p < last) && off == (p > 0) && enters == 0 && leaves == 0;
            self.stop.push(stop.0);
            self.flags.push(if on { ON } else { 0 } | if off { OFF } else { 0 });
            self.enters_ms.push(enters);
            self.leaves_ms.push(leaves);
            let fare_cny = if p < last { line.distance_fare_cny(p, p + 1) } else { 0.0 };
            self.fare_milli.push((fare_cny * 1e3).round() as i32);
        }
        self.arrivals.extend(times.arrivals.iter().map(|&at| moment(at)));
        self.departures.extend(times.departures.iter().map(|&at| moment(at)));
        for p in 0..positions {
            self.closes.extend((0..runs).map(|run| moment(times.closes[run * positions + p])));
        }
        self.lines.push(Rows {
            place,
            positions: positions as u32,
            first,
            runs: runs as u32,
            rail: line.rail,
            plain,
            base_milli: (line.fare_base_cny * 1e3).round() as i32,
        });
    }

    fn calls_by_stop(&self, stops: usize) -> Vec<Vec<Call>> {
        let mut calls = vec![Vec::new(); stops];
        for (line, rows) in (0..).zip(&self.lines) {
            for position in (0..rows.positions).filter(|_| rows.runs > 0) {
                let place = (rows.place + position) as usize;
                if self.flags[place] & ON != 0 {
                    calls[self.stop[place] as usize].push(Call { line, position });
                }
            }
        }
        calls
    }

    /// The timetable that runs backwards; it has no fares and no crowds.
    pub fn mirrored(&self) -> Timetable {
        let mut back =
            Timetable { change_ms: self.change_ms, fare_milli: vec![0; self.stop.len()], ..Timetable::default() };
        for rows in &self.lines {
            let (positions, runs, first) = (rows.positions as usize, rows.runs as usize, rows.first as usize);
            for position in (0..positions).rev() {
                let place = rows.place as usize + position;
                let flags = self.flags[place];
                back.stop.push(self.stop[place]);
                back.flags.push(if flags & OFF != 0 { ON } else { 0 } | if flags & ON != 0 { OFF } else { 0 });
                back.enters_ms.push(self.leaves_ms[place]);
                back.leaves_ms.push(self.enters_ms[place]);
                back.closes.extend((0..runs).rev().map(|run| -self.arrivals[first + run * positions + position]));
            }
            for run in (0..runs).rev() {
                let closes = (0..positions).rev().map(|position| -self.closes[first + position * runs + run]);
                back.arrivals.extend(closes);
            }
            back.lines.push(Rows { base_milli: 0, ..*rows });
        }
        back.departures = back.arrivals.clone();
        back.calls = Lists::new(back.calls_by_stop(self.stops()).into_iter());
        let mut walks = vec![Vec::new(); self.stops()];
        for from in 0..self.stops() {
            for &(to, ms) in self.walks.at(from) {
                walks[to as usize].push((from as u32, ms));
            }
        }
        back.walks = Lists::new(walks.into_iter());
        back
    }

    /// Number of stops.
    pub fn stops(&self) -> usize {
        self.calls.len()
    }

    /// Memory, bytes.
    pub fn bytes(&self) -> usize {
        let places = self.stop.len() * (4 + 1 + 4 + 4 + 4);
        let times = (self.closes.len() + self.arrivals.len() + self.departures.len()) * 4 + self.crowding.len() * 2;
        places + times + self.lines.len() * size_of::<Rows>() + self.calls.bytes() + self.walks.bytes()
    }

    /// The latest coming for each run at a position.
    pub(super) fn closes(&self, rows: &Rows, position: usize) -> &[i32] {
        let runs = rows.runs as usize;
        &self.closes[rows.first as usize + position * runs..][..runs]
    }

    /// Where the times of a run at a position lie.
    pub(super) fn at(rows: &Rows, run: usize, position: usize) -> usize {
        rows.first as usize + run * rows.positions as usize + position
    }

    /// Whether a line runs on rails.
    pub fn on_rails(&self, line: LineIx) -> bool {
        self.lines[line.i()].rail
    }

    /// A ride on the first run that one gets on who comes to the stop at a moment (the processes of a hub before boarding
    /// come on top); `None` after the last.
    pub fn ride(&self, line: LineIx, from: usize, to: usize, coming: Time) -> Option<Ridden> {
        let rows = &self.lines[line.i()];
        let coming = moment(coming.plus(i64::from(self.enters_ms[rows.place as usize + from])));
        let closes = self.closes(rows, from);
        let run = closes.partition_point(|&at| at < coming);
        if run == closes.len() {
            return None;
        }
        let (left, arrived) = (self.departures[Self::at(rows, run, from)], self.arrivals[Self::at(rows, run, to)]);
        let felt_ms = match self.crowding.is_empty() {
            true => i64::from(arrived - left),
            false => (from..to).map(|p| self.felt(rows, run, p, p > from)).sum::<i64>() / 1_000,
        };
        let time = |ms: i32| Time(i64::from(ms));
        let spare_ms = i64::from(closes[run] - coming);
        Some(Ridden { run, left: time(left), arrived: time(arrived), felt_ms, spare_ms })
    }

    /// Felt time from leaving a position to arriving at the next, or with `stood` from arriving there, millionths of a
    /// second.
    pub(super) fn felt(&self, rows: &Rows, run: usize, position: usize, stood: bool) -> i64 {
        let at = Self::at(rows, run, position);
        let ms = i64::from(self.arrivals[at + 1] - self.departures[at]).max(0);
        ms * self.factor(at) + if stood { self.felt_standing(rows, run, position) } else { 0 }
    }

    /// Felt time while the vehicle stands at a position.
    pub(super) fn felt_standing(&self, rows: &Rows, run: usize, position: usize) -> i64 {
        let at = Self::at(rows, run, position);
        i64::from(self.departures[at] - self.arrivals[at]).max(0) * self.factor(at)
    }

    fn factor(&self, at: usize) -> i64 {
        self.crowding.get(at).map_or(1_000, |&felt| i64::from(felt))
    }

    /// How much earlier the run before could be reached at a position; `None` for the first run.
    pub fn headway_ms(&self, line: LineIx, position: usize, run: u32) -> Option<i64> {
        let closes = self.closes(&self.lines[line.i()], position);
        let before = closes[(run as usize).checked_sub(1)?];
        Some(i64::from(closes[run as usize] - before))
    }

    /// Processes of a hub before boarding and after alighting at positions of a line, milliseconds.
    pub fn passed_ms(&self, line: LineIx, from: usize, to: usize) -> [i64; 2] {
        let place = self.lines[line.i()].place as usize;
        [i64::from(self.enters_ms[place + from]), i64::from(self.leaves_ms[place + to])]
    }
}

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

impl Riding {
    pub(super) fn takes(self, rail: bool) -> bool {
        match self {
            Riding::Any => true,
            Riding::Rail => rail,
            Riding::Bus => !rail,
        }
    }
}
