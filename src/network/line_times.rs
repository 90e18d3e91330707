//! When vehicles of lines come and go, how full they are, and until when one must be at a stop to get on: as the
//! timetable has it, or as a day was.
//!
//! People wait in one queue per stop and line and board in its order, so who came to the stop no later than the last one
//! who got on a run gets on it or an earlier one. That moment is `closes`: with room for all it is the departure, after a
//! denial it is the coming of the last who found room. It never falls from run to run of a line, and a search that boards
//! the first run with `closes` ≥ its own coming meets the waits that were experienced, denied boardings included.

use super::lines::{Line, Lines};
use crate::ids::LineIx;
use crate::units::Time;

/// Times and loads of all lines.
#[derive(Clone, Debug, PartialEq)]
pub struct LineTimes {
    /// By [`LineIx`].
    pub lines: Vec<OfLine>,
}

/// Times and loads of one line: run after run, each with one entry per position.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OfLine {
    /// Arrivals.
    pub arrivals: Vec<Time>,
    /// Departures.
    pub departures: Vec<Time>,
    /// The latest coming to the stop with which one gets on the run, never after its departure and never falling from run
    /// to run at a position.
    pub closes: Vec<Time>,
    /// Persons aboard on leaving, as shares of the places of the vehicle.
    pub load: Vec<f32>,
}

impl LineTimes {
    /// Everything as the timetable has it, with empty vehicles.
    pub fn timetable(lines: &Lines) -> LineTimes {
        let of = |line: &Line| OfLine {
            arrivals: line.arrivals.clone(),
            departures: line.departures.clone(),
            closes: line.departures.clone(),
            load: vec![0.0; line.departures.len()],
        };
        LineTimes { lines: lines.lines.iter().map(of).collect() }
    }

    /// The times of a line.
    pub fn of(&self, line: LineIx) -> &OfLine {
        &self.lines[line.i()]
    }

    /// This day with the weight `share` and an earlier one with the rest; orders that hold in both hold in the blend.
    pub fn blend(&self, before: &LineTimes, share: f64) -> LineTimes {
        let mix = |now: Time, old: Time| old.plus((now.since(old) as f64 * share).round() as i64);
        let times = |now: &[Time], old: &[Time]| now.iter().zip(old).map(|(&n, &o)| mix(n, o)).collect();
        let of = |(now, old): (&OfLine, &OfLine)| OfLine {
            arrivals: times(&now.arrivals, &old.arrivals),
            departures: times(&now.departures, &old.departures),
            closes: times(&now.closes, &old.closes),
            load: now.load.iter().zip(&old.load).map(|(n, o)| o + (n - o) * share as f32).collect(),
        };
        LineTimes { lines: self.lines.iter().zip(&before.lines).map(of).collect() }
    }
}
