//! Another headway for a line in a part of the day.
//!
//! Every stop sequence of the line gets the headway. Where it runs by headways, these are set within the part of the
//! day. Where its departures are written one by one, those in the part become one trip that repeats by the headway from
//! the first to the last of them.

use super::super::Scenario;
use super::super::read::range::HEADWAY;
use super::super::tables::{Call, GtfsTrip, Headway};
use super::super::variant::Measure;
use super::{Site, lines};
use crate::units::Time;

/// A part of the day, seconds after midnight; its end is not in it.
#[derive(Clone, Copy)]
struct Part {
    from_s: f64,
    to_s: f64,
}

/// Sets the headway of a line.
pub(super) fn set_headway(changed: &mut Scenario, measure: &Measure, site: &mut Site) {
    let Measure::SetHeadway { route_id, headway_s, from, to } = measure else { return };
    site.number("headway_s", *headway_s, HEADWAY);
    let from_s = from.as_ref().map_or(Some(0.0), |t| site.time("from", t).map(Time::seconds));
    let to_s = to.as_ref().map_or(Some(f64::INFINITY), |t| site.time("to", t).map(Time::seconds));
    let known = lines::route(changed, route_id, site);
    let (Some(from_s), Some(to_s), true) = (from_s, to_s, known) else { return };
    if to_s <= from_s {
        site.tell("to", format!("\"{}\"", to.as_deref().unwrap_or("")), "a time after from");
    }
    if !site.is_sound() {
        return;
    }
    let part = Part { from_s, to_s };
    let mut met = false;
    for trip in changed.timetable.trips.iter_mut().filter(|t| t.route_id == *route_id) {
        met |= within_headways(&mut trip.headways, part, *headway_s);
    }
    met |= written_departures(&mut changed.timetable.trips, route_id, part, *headway_s);
    if !met {
        let found = format!("no departure of \"{route_id}\" in this part of the day");
        site.tell("from", found, "a part of the day in which the line runs");
    }
}

/// Sets the headway within periods; whether the part met any of them.
fn within_headways(periods: &mut Vec<Headway>, part: Part, headway_s: f64) -> bool {
    let mut met = false;
    let mut out = Vec::with_capacity(periods.len());
    for period in periods.drain(..) {
        let (from_s, to_s) = (period.start_s.max(part.from_s), period.end_s.min(part.to_s));
        met |= from_s < to_s;
        if from_s >= to_s || period.headway_s == headway_s {
            out.push(period);
            continue;
        }
        let pieces = [
            Headway { end_s: from_s, ..period.clone() },
            Headway { start_s: from_s, end_s: to_s, headway_s, exact: period.exact },
            Headway { start_s: to_s, ..period },
        ];
        out.extend(pieces.into_iter().filter(|p| p.start_s < p.end_s));
    }
    *periods = out;
    met
}

/// Turns departures that are written one by one into a trip by headways; whether there were any in the part.
fn written_departures(trips: &mut Vec<GtfsTrip>, route_id: &str, part: Part, headway_s: f64) -> bool {
    let leaves = |trip: &GtfsTrip| trip.calls.first().map(Call::departure_s);
    let in_part = |t: &GtfsTrip| leaves(t).is_some_and(|s| (part.from_s..part.to_s).contains(&s));
    let mut runs: Vec<usize> = (0..trips.len())
        .filter(|&i| trips[i].route_id == route_id && trips[i].headways.is_empty() && in_part(&trips[i]))
        .collect();
    let met = !runs.is_empty();
    let mut dropped = vec![false; trips.len()];
    while let Some(&first) = runs.first() {
        let mut same: Vec<usize> = runs.iter().copied().filter(|&i| same_stops(&trips[first], &trips[i])).collect();
        runs.retain(|i| !same.contains(i));
        same.sort_by(|&a, &b| leaves(&trips[a]).partial_cmp(&leaves(&trips[b])).unwrap_or(std::cmp::Ordering::Equal));
        let even = same.windows(2).all(|pair| repeats(&trips[pair[0]], &trips[pair[1]], headway_s));
        let (Some(start_s), Some(end_s)) = (leaves(&trips[same[0]]), leaves(&trips[same[same.len() - 1]])) else {
            continue;
        };
        if !even {
            trips[same[0]].headways = vec![Headway { start_s, end_s: end_s + 1.0, headway_s, exact: true }];
            same[1..].iter().for_each(|&i| dropped[i] = true);
        }
    }
    let mut position = 0;
    trips.retain(|_| {
        position += 1;
        !dropped[position - 1]
    });
    met
}

fn same_stops(a: &GtfsTrip, b: &GtfsTrip) -> bool {
    a.direction == b.direction
        && a.calls.len() == b.calls.len()
        && a.calls.iter().zip(&b.calls).all(|(a, b)| a.stop == b.stop)
}

/// Whether a trip is the one before, later by the headway at every stop.
fn repeats(before: &GtfsTrip, trip: &GtfsTrip, headway_s: f64) -> bool {
    let later = |a: f64, b: f64| b - a == headway_s;
    before
        .calls
        .iter()
        .zip(&trip.calls)
        .all(|(a, b)| later(a.arrival_s(), b.arrival_s()) && later(a.departure_s(), b.departure_s()))
}
