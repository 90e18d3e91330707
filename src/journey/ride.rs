//! A journey by lines: walks, waits and rides by the timetable.

use super::Finder;
use super::place::Spot;
use super::told::{Leg, Told};
use crate::choice::journey::{JourneyScratch, Riding};
use crate::demand::plan;
use crate::mode::Mode;
use crate::network::lines::Line;
use crate::units::Time;

impl Finder<'_> {
    /// The journey by some or all lines of least generalised cost, or why there is none.
    pub(super) fn ride(&self, mode: Mode, riding: Riding, from: &Spot, to: &Spot) -> Result<Told, String> {
        let lines = &self.network.lines;
        let stops = |spot: &Spot| {
            let stops = spot.stops(self.network, &self.settings.network);
            let none = || format!("no stop is within reach of {}", spot.called(self.network));
            if stops.is_empty() { Err(none()) } else { Ok(stops) }
        };
        let (access, egress) = (stops(from)?, stops(to)?);
        let mut scratch = JourneyScratch::new(lines);
        scratch.riding = riding;
        scratch.search(lines, self.at, &access, Some(&egress));
        let found = scratch
            .best(lines, &self.prices, &self.party, &egress, true)
            .ok_or_else(|| format!("no line leads there after {}", self.at))?;
        let mut plan = Vec::new();
        scratch.legs(lines, &found, &mut plan);
        let legs = self.ridden(&plan, found.start, (from, to));
        Ok(Told::new(mode, found.start, legs, found.cost_cny, self.party.persons * found.journey.fare_cny))
    }

    /// The legs with their times from when one sets out; what the timetable lets one wait at the origin is waited before.
    fn ridden(&self, plan: &[plan::Leg], start: Time, (from, to): (&Spot, &Spot)) -> Vec<Leg> {
        let lines = &self.network.lines;
        let stop = |line: &Line, at: u16| lines.stops[line.stops[usize::from(at)].i()].name.clone();
        let mut now = start;
        let mut here = from.called(self.network);
        let mut legs: Vec<Leg> = Vec::new();
        let mut rides = 0;
        for (i, leg) in plan.iter().enumerate() {
            match leg {
                plan::Leg::Walk { ms } => {
                    let there = match plan.get(i + 1) {
                        Some(plan::Leg::Ride { line, from, .. }) => stop(&lines.lines[line.i()], *from),
                        _ => to.called(self.network),
                    };
                    legs.push(Leg::new(Mode::Walk, now, *ms, here, there.clone()));
                    (now, here) = (now.plus(*ms), there);
                }
                plan::Leg::Ride { line, from, to } => {
                    let line = &lines.lines[line.i()];
                    let (board, alight) = (usize::from(*from), usize::from(*to));
                    // A change at the same stop takes its least time.
                    let changes = matches!(i.checked_sub(1).map(|i| &plan[i]), Some(plan::Leg::Ride { .. }));
                    let ready = if changes { now.plus(lines.change_ms) } else { now };
                    let run = line.next_run(board, ready).expect("the search found this run");
                    let (leaves, arrives) = (line.departure(run, board), line.arrival(run, alight));
                    let (on, off) = (stop(line, *from), stop(line, *to));
                    let base_cny = if rides == 0 { line.fare_base_cny } else { 0.0 };
                    legs.push(
                        Leg {
                            line: Some(line.name.clone())
                                .filter(|name| !name.is_empty())
                                .or(Some(line.route_id.clone())),
                            stops_between: Some(alight - board - 1),
                            distance_m: Some(line.chainage_m[alight] - line.chainage_m[board]),
                            fare_cny: base_cny + line.distance_fare_cny(board, alight),
                            ..Leg::new(Mode::Transit, leaves, arrives.since(leaves), on, off.clone())
                        }
                        .after(leaves.since(now)),
                    );
                    (now, here) = (arrives, off);
                    rides += 1;
                }
                plan::Leg::Drive { .. } | plan::Leg::Cycle { .. } | plan::Leg::Visit { .. } => {}
            }
        }
        legs
    }
}
