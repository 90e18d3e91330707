//! All journeys of a span of departures [range-RAPTOR; Delling, Pajor, Werneck 2012]: the moments at which it pays to set
//! out, from late to early, each searched on what the later ones left. A journey is kept when it arrives earlier than all
//! that set out later with no more rides.

use super::raptor::{ORIGIN, Raptor, Step};
use super::timetable::{NEVER, Timetable, moment};
use crate::ids::StopIx;
use crate::units::Time;

/// A journey of a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Departure {
    /// The last moment at which one can set out for it; the end of the span for the first one of a profile, which may let
    /// one wait.
    pub start: Time,
    /// When one is there.
    pub arrival: Time,
    /// Rides.
    pub rides: usize,
    /// Where one leaves the last vehicle.
    pub last_stop: StopIx,
    /// First of its steps.
    first_step: u32,
}

/// Journeys over a span of departures, the latest first.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    /// The journeys; no two are equal in departure and rides.
    pub departures: Vec<Departure>,
    steps: Vec<Step>,
    events: Vec<Event>,
}

/// A moment at which one must set out to get on a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Event {
    start: i32,
    line: u32,
    position: u32,
    walk_ms: i32,
}

impl Profile {
    /// The steps of a journey.
    pub fn steps(&self, departure: &Departure) -> &[Step] {
        &self.steps[departure.first_step as usize..][..departure.rides]
    }

    /// Earliest arrival of one who sets out at a moment of the span.
    pub fn arrival(&self, start: Time) -> Option<Time> {
        self.departures.iter().filter(|d| d.start >= start).map(|d| d.arrival).min()
    }
}

impl Raptor {
    /// Searches for all journeys that set out from the first to the last moment of a span.
    pub fn profile(
        &mut self,
        table: &Timetable,
        [first, last]: [Time; 2],
        access: &[(StopIx, i64)],
        egress: &[(StopIx, i64)],
        profile: &mut Profile,
    ) {
        profile.departures.clear();
        profile.steps.clear();
        self.search(table, last, access, Some(egress));
        self.keep(table, profile);
        self.events(table, [moment(first), moment(last)], access, &mut profile.events);
        let mut next = 0;
        while let Some(&Event { start, .. }) = profile.events.get(next) {
            self.start = start;
            self.improved.fill(false);
            while let Some(event) = profile.events.get(next).filter(|event| event.start == start) {
                let rows = &table.lines[event.line as usize];
                let stop = table.stop[(rows.place + event.position) as usize];
                self.offer_ready(0, stop, start + event.walk_ms, ORIGIN);
                if self.boarding[stop as usize] < NEVER {
                    self.scan_later(event.line, event.position);
                }
                next += 1;
            }
            self.ride(table);
            self.keep(table, profile);
        }
    }

    /// The moments before the last one of the span at which one must set out to get on a run, from late to early.
    fn events(&self, table: &Timetable, [first, last]: [i32; 2], access: &[(StopIx, i64)], events: &mut Vec<Event>) {
        events.clear();
        for &(stop, walk_ms) in access {
            let walk_ms = moment(Time(walk_ms));
            for call in table.calls.at(stop.i()) {
                let rows = &table.lines[call.line as usize];
                if !self.riding.takes(rows.rail) {
                    continue;
                }
                let before = walk_ms + table.enters_ms[(rows.place + call.position) as usize];
                let closes = table.closes(rows, call.position as usize);
                let begin = closes.partition_point(|&at| at < first.saturating_add(before));
                let end = closes.partition_point(|&at| at < last.saturating_add(before));
                let event = |&at: &i32| Event { start: at - before, line: call.line, position: call.position, walk_ms };
                events.extend(closes[begin..end.max(begin)].iter().map(event));
            }
        }
        events.sort_unstable_by(|a, b| b.cmp(a));
        events.dedup();
    }

    /// Keeps what the search from one moment has found.
    fn keep(&mut self, table: &Timetable, profile: &mut Profile) {
        for rides in (1..=self.rounds).filter(|&rides| self.improved[rides]) {
            let last_stop = StopIx(self.last[rides]);
            let first_step = profile.steps.len() as u32;
            self.steps(table, rides, last_stop, &mut profile.steps);
            let time = |ms: i32| Time(i64::from(ms));
            let (start, arrival) = (time(self.start), time(self.latest[rides]));
            profile.departures.push(Departure { start, arrival, rides, last_stop, first_step });
        }
    }
}
