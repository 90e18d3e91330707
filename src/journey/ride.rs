//! A journey by lines: walks, waits and rides by the timetable.

use super::Finder;
use super::place::Spot;
use super::told::{Leg, Told};
use crate::choice::journey::{JourneyScratch, Rider, Riding};
use crate::choice::services::Services;
use crate::demand::plan;
use crate::mode::Mode;
use crate::network::lines::Line;
use crate::units::Time;

impl Finder<'_> {
    /// The journey by some or all lines of least generalised cost, or why there is none.
    pub(super) fn ride(&self, mode: Mode, riding: Riding, from: &Spot, to: &Spot) -> Result<Told, String> {
        let stops = |spot: &Spot| {
            let stops = spot.stops(self.network, &self.settings.network);
            let none = || format!("no stop is within reach of {}", spot.called(self.network));
            if stops.is_empty() { Err(none()) } else { Ok(stops) }
        };
        let (access, egress) = (stops(from)?, stops(to)?);
        let services = Services::planned(&self.network.lines);
        let mut scratch = JourneyScratch::new(&services);
        scratch.riding = riding;
        scratch.search(&services, self.at, &access, Some(&egress));
        let (prices, party) = (&self.prices, &self.party);
        let rider = Rider { prices, party, access: &access, egress: &egress, timed: true };
        let found = scratch.best(&services, &rider).ok_or_else(|| format!("no line leads there after {}", self.at))?;
        let legs = self.ridden(scratch.legs(), found.start, (from, to));
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
                plan::Leg::Visit { .. } => {
                    // What is passed in a hub before the ride that follows, or after the one before.
                    let of = |ride: Option<&plan::Leg>, boards: bool| match ride {
                        Some(&plan::Leg::Ride { line, from, to }) => {
                            let line = &lines.lines[line.i()];
                            let way =
                                if boards { line.enters(usize::from(from)) } else { line.leaves(usize::from(to)) };
                            way.map_or(0, |way| way.free_ms)
                        }
                        _ => 0,
                    };
                    let after = plan.get(i + 1);
                    let boards = matches!(after, Some(plan::Leg::Ride { .. }));
                    let before = i.checked_sub(1).map(|i| &plan[i]);
                    let ms = if boards { of(after, true) } else { of(before, false) };
                    let there = match after {
                        Some(plan::Leg::Ride { line, from, .. }) => stop(&lines.lines[line.i()], *from),
                        _ => here.clone(),
                    };
                    legs.push(Leg::new(Mode::Walk, now, ms, there.clone(), there.clone()));
                    (now, here) = (now.plus(ms), there);
                }
                plan::Leg::Drive { .. } | plan::Leg::Cycle { .. } => {}
            }
        }
        legs
    }
}
