//! Random timetables for the tests of this room.

use super::timetable::Timetable;
use crate::ids::{HubIx, LineIx, StopIx};
use crate::network::line_times::{LineTimes, OfLine};
use crate::network::lines::{HubWay, Line, Lines, Stop};
use crate::random::{Draws, Purpose};
use crate::units::{HOUR_MS, MINUTE_MS, Time};

/// How large a random timetable is.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    pub stops: usize,
    pub routes: usize,
    pub runs: usize,
}

pub fn draws(seed: u64, what: u64) -> Draws {
    Draws::new(seed, Purpose::Generate, what, 0)
}

/// Lines around midnight: irregular departures with stops at which vehicles stand, runs that overtake split into lines,
/// loops, stops at which one may not get on or off, processes of hubs, footpaths.
pub fn random_lines(seed: u64, size: Size) -> Lines {
    let mut draws = draws(seed, 1);
    let mut lines = Lines {
        stops: (0..size.stops)
            .map(|s| Stop { name: s.to_string(), position: [113.0, 23.0], hub: None, node: None })
            .collect(),
        stop_lines: vec![Vec::new(); size.stops],
        transfers: vec![Vec::new(); size.stops],
        change_ms: 1 + draws.below(3 * MINUTE_MS as usize) as i64,
        ..Lines::default()
    };
    for _ in 0..size.routes {
        let positions = 2 + draws.below(5);
        let stops: Vec<StopIx> = (0..positions).map(|_| StopIx(draws.below(size.stops) as u32)).collect();
        let odd = draws.below(3) == 0;
        let mut flags = || (0..positions).map(|_| !odd || draws.below(4) > 0).collect::<Vec<bool>>();
        let (takes_on, lets_off) = (flags(), flags());
        let mut way = |_| {
            let free_ms = draws.below(5 * MINUTE_MS as usize) as i64;
            (odd && draws.below(3) == 0).then_some(HubWay { hub: HubIx(0), chain: 0, free_ms })
        };
        let (enters, leaves) = ((0..positions).map(&mut way).collect(), (0..positions).map(&mut way).collect());
        let mut line = Line {
            rail: draws.below(2) == 0,
            stops,
            chainage_m: (0..positions).map(|p| p as f64 * 1_234.0).collect(),
            fare_base_cny: draws.below(4) as f64,
            fare_per_km_cny: draws.below(3) as f64 * 0.25,
            takes_on,
            lets_off,
            enters,
            leaves,
            ..Line::default()
        };
        let mut kept: Vec<Line> = Vec::new();
        line.arrivals.clear();
        for (arrivals, departures) in random_runs(&mut draws, positions, size.runs) {
            let follows = |line: &&mut Line| {
                let last = line.arrivals.len() - positions;
                (0..positions)
                    .all(|p| line.arrivals[last + p] <= arrivals[p] && line.departures[last + p] <= departures[p])
            };
            match kept.iter_mut().find(follows) {
                Some(kept) => {
                    kept.arrivals.extend(&arrivals);
                    kept.departures.extend(&departures);
                }
                None => kept.push(Line { arrivals, departures, ..line.clone() }),
            }
        }
        lines.lines.extend(kept);
    }
    for (l, line) in lines.lines.iter().enumerate() {
        for (position, stop) in (0..).zip(&line.stops) {
            lines.stop_lines[stop.i()].push((LineIx::from(l), position));
        }
    }
    for _ in 0..size.stops {
        let (from, to) = (draws.below(size.stops), draws.below(size.stops));
        if from != to && lines.transfers[from].iter().all(|walk| walk.0.i() != to) {
            lines.transfers[from].push((StopIx::from(to), 1 + draws.below(15 * MINUTE_MS as usize) as i64));
        }
    }
    lines.transfers.iter_mut().for_each(|walks| walks.sort());
    lines
}

/// Arrivals and departures of runs, in the order of their times.
fn random_runs(draws: &mut Draws, positions: usize, runs: usize) -> Vec<(Vec<Time>, Vec<Time>)> {
    let mut all: Vec<(Vec<Time>, Vec<Time>)> = Vec::new();
    for _ in 0..1 + draws.below(runs) {
        // From eleven at night to one. Whole minutes, so that many moments are the same.
        let mut now = 23 * HOUR_MS + draws.below(120) as i64 * MINUTE_MS;
        let (mut arrivals, mut departures) = (Vec::new(), Vec::new());
        for _ in 0..positions {
            arrivals.push(Time(now));
            now += draws.below(3) as i64 * MINUTE_MS / 2;
            departures.push(Time(now));
            now += draws.below(12) as i64 * MINUTE_MS;
        }
        all.push((arrivals, departures));
    }
    all.sort();
    all
}

/// A day on which vehicles were late and full: nobody arrives or leaves before the timetable or before the run ahead.
pub fn random_day(seed: u64, lines: &Lines) -> LineTimes {
    let mut draws = draws(seed, 2);
    let mut day = LineTimes::timetable(lines);
    for (line, of) in lines.lines.iter().zip(&mut day.lines) {
        let positions = line.stops.len();
        for run in 0..line.runs() {
            let mut late_ms = draws.below(4) as i64 * MINUTE_MS;
            for p in 0..positions {
                let at = run * positions + p;
                let before = |of: &[Time]| at.checked_sub(positions).map_or(Time(0), |before| of[before]);
                let arrival = line.arrivals[at].plus(late_ms).max(before(&of.arrivals));
                late_ms += draws.below(3) as i64 * MINUTE_MS;
                let departure = line.departures[at].plus(late_ms).max(before(&of.departures)).max(arrival);
                let refused_ms = draws.below(2) as i64 * draws.below(10) as i64 * MINUTE_MS;
                let closes = departure.plus(-refused_ms).max(before(&of.closes));
                (of.arrivals[at], of.departures[at], of.closes[at]) = (arrival, departure, closes);
                of.load[at] = draws.uniform() as f32;
            }
        }
        monotone(of, positions);
    }
    day
}

/// A run reaches the next position no earlier than it left the one before.
fn monotone(of: &mut OfLine, positions: usize) {
    for at in 0..of.arrivals.len() {
        if !at.is_multiple_of(positions) {
            of.arrivals[at] = of.arrivals[at].max(of.departures[at - 1]);
        }
        of.departures[at] = of.departures[at].max(of.arrivals[at]);
        if at >= positions {
            of.arrivals[at] = of.arrivals[at].max(of.arrivals[at - positions]);
            of.departures[at] = of.departures[at].max(of.departures[at - positions]);
        }
    }
}

/// What the tests feel in a crowd: up to three times the time.
pub fn felt(_: &Line, load: f64) -> f64 {
    1.0 + 2.0 * load
}

/// The timetable of a random day.
pub fn of_random_day(seed: u64, lines: &Lines) -> Timetable {
    Timetable::of_day(lines, &random_day(seed, lines), felt)
}

/// Walks to or from a few stops.
pub fn random_walks(draws: &mut Draws, stops: usize) -> Vec<(StopIx, i64)> {
    (0..2).map(|_| (StopIx(draws.below(stops) as u32), draws.below(10 * MINUTE_MS as usize) as i64)).collect()
}
