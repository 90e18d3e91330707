//! Journeys for people whom full vehicles have left behind: from the stop at which they stand, at that moment, on the
//! timetable.

use super::raptor::{Raptor, Step};
use super::timetable::Timetable;
use crate::ids::StopIx;
use crate::network::lines::Lines;
use crate::units::Time;
use std::sync::{Mutex, PoisonError};

/// Plans again for people at a stop.
pub trait Replan: Send + Sync {
    /// For each goal the best journey from the stop to it from now on: its rides, each with the walk before it, and the walk
    /// from the last stop to the goal, milliseconds. `None` where none is found.
    fn replan(&self, lines: &Lines, from: StopIx, now: Time, goals: &[StopIx]) -> Vec<Option<(Vec<Step>, i64)>>;
}

/// Plans by the timetable, as displays and apps do that know of no crowd: the earliest arrival, where a change must spare
/// some time to be made.
pub struct ByTimetable {
    table: Timetable,
    max_rides: usize,
    change_penalty_ms: i64,
    /// Memory of searches that are over.
    idle: Mutex<Vec<Raptor>>,
}

impl ByTimetable {
    /// Plans on the timetable of these lines.
    pub fn new(lines: &Lines, max_rides: usize, change_penalty_ms: i64) -> ByTimetable {
        ByTimetable { table: Timetable::planned(lines), max_rides, change_penalty_ms, idle: Mutex::default() }
    }

    /// The journey to a goal or to a stop from which one walks to it.
    fn best(&self, raptor: &Raptor, lines: &Lines, goal: StopIx) -> Option<(Vec<Step>, i64)> {
        let near = lines.transfers[goal.i()].iter().map(|&(stop, _)| stop);
        let walk = |stop: StopIx| lines.transfers[stop.i()].iter().find(|to| to.0 == goal).map(|&(_, ms)| (stop, ms));
        let egress: Vec<(StopIx, i64)> = std::iter::once((goal, 0)).chain(near.filter_map(walk)).collect();
        let there = |rides: usize| {
            let (arrival, stop, walk_ms) = raptor.last_stop(rides, &egress)?;
            Some((arrival.plus((rides as i64 - 1) * self.change_penalty_ms), rides, stop, walk_ms))
        };
        let (_, rides, stop, walk_ms) = (1..=raptor.rounds()).filter_map(there).min()?;
        let mut steps = Vec::new();
        raptor.steps(&self.table, rides, stop, &mut steps);
        Some((steps, walk_ms))
    }
}

impl Replan for ByTimetable {
    fn replan(&self, lines: &Lines, from: StopIx, now: Time, goals: &[StopIx]) -> Vec<Option<(Vec<Step>, i64)>> {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = idle().pop();
        let mut raptor = kept.unwrap_or_else(|| Raptor::new(&self.table, self.max_rides));
        let access: Vec<(StopIx, i64)> =
            std::iter::once((from, 0)).chain(lines.transfers[from.i()].iter().copied()).collect();
        raptor.search(&self.table, now, &access, None);
        let found = goals.iter().map(|&goal| self.best(&raptor, lines, goal)).collect();
        idle().push(raptor);
        found
    }
}
