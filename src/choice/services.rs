//! Scheduled services as choice sees them: the timetable, laid out for searching both ways in time, and what a leg in it
//! takes.
//!
//! Processes of a hub before boarding or after alighting stand in a plan as visits beside the ride; their time is counted
//! with the ride, and weighs as waiting does.

use super::cost::Journey;
use super::crowding::Crowding;
use crate::demand::plan::Leg;
use crate::ids::LineIx;
use crate::network::line_times::LineTimes;
use crate::network::lines::{HubWay, Line, Lines};
use crate::transit::raptor::Step;
use crate::transit::timetable::{Ridden, Timetable};
use crate::units::Time;

/// Who can choose when to set out is so long before its vehicle at the stop, or half of the headway if that is less;
/// milliseconds (general knowledge).
pub(super) const AHEAD_MS: i64 = 2 * 60_000;

/// Services of a day, as planned or as experienced.
#[derive(Clone, Debug)]
pub struct Services<'a> {
    pub(super) lines: &'a Lines,
    /// The timetable, for what arrives earliest.
    pub(super) forth: Timetable,
    /// The same backwards, for what leaves latest.
    pub(super) back: Timetable,
    /// The least base fare and fare per kilometre of any line, yuan.
    cheapest_cny: [f64; 2],
}

impl<'a> Services<'a> {
    /// Services as the timetable has them.
    pub fn planned(lines: &'a Lines) -> Services<'a> {
        Services::new(lines, Timetable::planned(lines))
    }

    /// Services as a day was: vehicles late or full, people denied, riding felt longer in a crowd.
    pub fn of_day(lines: &'a Lines, times: &LineTimes, crowding: Crowding) -> Services<'a> {
        Services::new(lines, Timetable::of_day(lines, times, |line, load| crowding.felt(line, load)))
    }

    fn new(lines: &'a Lines, forth: Timetable) -> Services<'a> {
        let back = forth.mirrored();
        let least = |of: fn(&Line) -> f64| lines.lines.iter().map(of).fold(f64::INFINITY, f64::min);
        let cheapest_cny = [least(|line| line.fare_base_cny), least(|line| line.fare_per_km_cny)];
        Services { lines, forth, back, cheapest_cny }
    }

    /// What a ride costs a person beyond the fare of the cheapest line, yuan; the base fare counts for the first ride.
    pub(super) fn beyond_cheapest_cny(&self, line: LineIx, [from, to]: [u16; 2], first: bool) -> f64 {
        let line = &self.lines.lines[line.i()];
        let [base_cny, per_km_cny] = self.cheapest_cny;
        let km = (line.chainage_m[usize::from(to)] - line.chainage_m[usize::from(from)]) / 1000.0;
        let base_cny = if first { line.fare_base_cny - base_cny } else { 0.0 };
        base_cny + (line.fare_per_km_cny - per_km_cny) * km
    }

    /// Memory, bytes.
    pub fn bytes(&self) -> usize {
        self.forth.bytes() + self.back.bytes()
    }

    /// What a walk or a ride takes from a moment on; visits beside a ride count with it. `None` after the last vehicle.
    pub(super) fn leg(&self, leg: &Leg, now: Time, journey: &mut Journey) -> Option<Time> {
        match *leg {
            Leg::Walk { ms } => {
                journey.walk_ms += ms;
                Some(now.plus(ms))
            }
            Leg::Ride { line, from, to } => {
                let ridden = self.ridden(line, [from, to], now)?;
                Some(self.add(line, [from, to], now, ridden, journey))
            }
            Leg::Cycle { .. } | Leg::Drive { .. } | Leg::Visit { .. } => Some(now),
        }
    }

    /// The ride on the first vehicle that one gets on.
    pub(super) fn ridden(&self, line: LineIx, [from, to]: [u16; 2], now: Time) -> Option<Ridden> {
        self.forth.ride(line, usize::from(from), usize::from(to), now)
    }

    /// Adds a ride to a journey; when one has left the stop.
    fn add(&self, line: LineIx, [from, to]: [u16; 2], now: Time, ridden: Ridden, journey: &mut Journey) -> Time {
        let of = &self.lines.lines[line.i()];
        let (from, to) = (usize::from(from), usize::from(to));
        let [enters_ms, leaves_ms] = self.forth.passed_ms(line, from, to);
        let ride_ms = ridden.arrived.since(ridden.left);
        journey.wait_ms += ridden.left.since(now) - enters_ms;
        journey.process_ms += enters_ms + leaves_ms;
        journey.ride_ms += ride_ms;
        journey.crowd_ms += ridden.felt_ms - ride_ms;
        // The base is paid once, with the first ride.
        journey.fare_cny += of.distance_fare_cny(from, to) + if journey.rides == 0 { of.fare_base_cny } else { 0.0 };
        journey.rides += 1;
        journey.rail_rides += u32::from(of.rail);
        ridden.arrived.plus(leaves_ms)
    }

    /// How much earlier than at the last moment one sets out for the first ride of a journey.
    pub(super) fn ahead_ms(&self, first: &Step) -> i64 {
        match self.forth.headway_ms(first.line, usize::from(first.from), first.run) {
            Some(headway_ms) => AHEAD_MS.min(headway_ms / 2),
            None => AHEAD_MS,
        }
    }

    /// The legs of steps, with what one passes in hubs: walks (left out where they take no time), visits and rides.
    pub(super) fn legs(&self, steps: &[Step], last_walk_ms: i64, legs: &mut Vec<Leg>) {
        legs.clear();
        let walk = |legs: &mut Vec<Leg>, ms: i64| legs.extend((ms > 0).then_some(Leg::Walk { ms }));
        let visit = |way: Option<HubWay>| way.map(|way| Leg::Visit { hub: way.hub, chain: way.chain });
        for &Step { walk_ms, line, from, to, .. } in steps {
            let of = &self.lines.lines[line.i()];
            walk(legs, walk_ms);
            legs.extend(visit(of.enters(usize::from(from))));
            legs.push(Leg::Ride { line, from, to });
            legs.extend(visit(of.leaves(usize::from(to))));
        }
        walk(legs, last_walk_ms);
    }
}
