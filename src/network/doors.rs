//! Where stops are reached from the street on foot, and which stops people know: straight walks, milliseconds.

use super::lines::Lines;
use super::points::Points;
use super::walks::{NEAR_M, NEAREST_STOPS, Walking};
use crate::ids::{LineIx, StopIx};
use crate::scenario::tables::EntranceWalk;
use crate::units::ms;
use rustc_hash::FxHashSet;

/// Where stops are reached from the street: at the stop itself, or where the way from an entrance of its station is
/// known, there.
pub(super) struct Doors {
    points: Points,
    /// By number of the point: the stop, and the way inside, milliseconds.
    doors: Vec<(StopIx, i64)>,
    /// Whether any door is not the stop itself.
    inside: bool,
    /// Lines by stop.
    lines: Vec<Vec<LineIx>>,
}

impl Doors {
    /// Of the stops that lines serve.
    pub fn new(lines: &Lines, entrances: &[EntranceWalk]) -> Doors {
        let is_served = |stop: usize| lines.stop_lines.get(stop).is_some_and(|lines| !lines.is_empty());
        let mut behind = vec![false; lines.stops.len()];
        let (mut doors, mut positions) = (Vec::new(), Vec::new());
        for walk in entrances.iter().filter(|walk| is_served(walk.stop as usize)) {
            behind[walk.stop as usize] = true;
            doors.push((StopIx(walk.stop), ms(walk.seconds)));
            positions.push(walk.position);
        }
        for stop in (0..lines.stops.len()).filter(|&s| is_served(s) && !behind[s]) {
            doors.push((StopIx::from(stop), 0));
            positions.push(lines.stops[stop].position);
        }
        let inside = doors.iter().any(|door| door.1 > 0);
        let lines = lines.stop_lines.iter().map(|calls| calls.iter().map(|call| call.0).collect()).collect();
        Doors { points: Points::new(positions.into_iter().enumerate()), doors, inside, lines }
    }

    /// The stops that are walked to from a position, nearest first.
    pub fn near(&self, from: [f64; 2], walking: Walking, access_m: f64) -> Vec<(StopIx, i64)> {
        let reach_m = walking.straight_m(access_m);
        let near = self.points.within(from, reach_m).into_iter();
        let mut near: Vec<(StopIx, f64, i64)> =
            near.map(|(door, straight_m)| (self.doors[door].0, straight_m, self.doors[door].1)).collect();
        if self.inside {
            // By the whole way, each stop once.
            let whole = |way: &(StopIx, f64, i64)| walking.ms(way.1) + way.2;
            near.sort_by_key(|way| (whole(way), way.0));
            let mut seen = FxHashSet::default();
            near.retain(|way| seen.insert(way.0));
        }
        let near_m = walking.straight_m(NEAR_M);
        let mut known = KnownLines::default();
        near.into_iter()
            .enumerate()
            .filter(|&(rank, (stop, straight_m, _))| {
                known.has_new(&self.lines[stop.i()]) || rank < NEAREST_STOPS || straight_m <= near_m
            })
            .map(|(_, (stop, straight_m, inside_ms))| (stop, walking.ms(straight_m) + inside_ms))
            .collect()
    }
}

/// The lines of the stops that are known so far. Of each line the nearest stop is known, however many stops of other
/// lines are nearer.
#[derive(Default)]
pub(super) struct KnownLines(FxHashSet<LineIx>);

impl KnownLines {
    /// Whether any of the lines is new; all are known from then on.
    pub fn has_new(&mut self, lines: &[LineIx]) -> bool {
        let before = self.0.len();
        self.0.extend(lines);
        self.0.len() > before
    }
}
