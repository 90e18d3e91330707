//! Vehicles on rails keep their distance: sections between two stops, who entered each last, and the headways that hold.

use crate::ids::{DepartureIx, LineIx, StopIx};
use crate::network::lines::{Line, Lines};
use crate::units::Time;
use rustc_hash::FxHashMap;

/// All sections of lines on rails. Lines that go from the same stop to the same next one share a section.
#[derive(Clone, Debug, Default)]
pub(super) struct Rails {
    /// Section after each position, by line; empty for lines that are not on rails.
    section: Vec<Vec<u32>>,
    /// Who entered a section last.
    entered: Vec<Option<Entry>>,
}

/// A vehicle that left a stop for the next one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub departure: DepartureIx,
    pub position: u16,
    pub time: Time,
}

/// A run at a stop as the timetable has it.
#[derive(Clone, Copy)]
pub(super) struct Planned {
    pub arrival: Time,
    pub departure: Time,
}

impl Planned {
    pub fn of(line: &Line, run: usize, position: usize) -> Planned {
        Planned { arrival: line.planned_arrival(run, position), departure: line.departure(run, position) }
    }
}

impl Rails {
    pub fn new(lines: &Lines) -> Rails {
        let mut known: FxHashMap<(StopIx, StopIx), u32> = FxHashMap::default();
        let sections = |line: &Line| -> Vec<u32> {
            let pairs = line.stops.windows(2).filter(|_| line.rail);
            pairs
                .map(|pair| {
                    let next = known.len() as u32;
                    *known.entry((pair[0], pair[1])).or_insert(next)
                })
                .collect()
        };
        let section = lines.lines.iter().map(sections).collect();
        Rails { section, entered: vec![None; known.len()] }
    }

    /// Who entered the section after a position last.
    pub fn last(&self, line: LineIx, position: usize) -> Option<Entry> {
        self.entered[*self.section[line.i()].get(position)? as usize]
    }

    /// A vehicle enters the section after its position; gives the one before it.
    pub fn enter(&mut self, line: LineIx, position: usize, entry: Entry) -> Option<Entry> {
        let &section = self.section[line.i()].get(position)?;
        self.entered[section as usize].replace(entry)
    }
}

/// Least time between the departures of two vehicles for the same next stop.
pub(super) fn between_departures(one: Planned, other: Planned, min_headway_ms: i64) -> i64 {
    one.departure.since(other.departure).abs().min(min_headway_ms)
}

/// Least time from when the one ahead has left a stop until the next one comes; `None` where the timetable has both there
/// at once, on tracks of their own.
pub(super) fn before_arrival(ahead: Planned, next: Planned, min_headway_ms: i64) -> Option<i64> {
    let gap = next.arrival.since(ahead.departure).max(ahead.arrival.since(next.departure));
    (gap >= 0).then_some(gap.min(min_headway_ms))
}
