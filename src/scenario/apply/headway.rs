//! Another headway for a line in a part of the day.
//!
//! Each way of the line gets the headway. Where it runs by headways, these are set within the part of the day. Where its
//! departures are written one by one, those in the part become one trip that repeats by the headway from the first to the
//! last of them. Where several stop sequences run the same way, as in most real feeds, together they make the headway and
//! each keeps its share of the departures: a branch that every third vehicle served is served by every third again.

use super::super::Scenario;
use super::super::read::range::HEADWAY;
use super::super::tables::{Call, GtfsTrip, Headway, Timetable};
use super::super::variant::Measure;
use super::{Site, lines, ways};
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
    let mut dropped = vec![false; changed.timetable.trips.len()];
    for way in ways::of_route(&changed.timetable, route_id) {
        met |= way_at_headway(&mut changed.timetable.trips, &way, part, *headway_s, &mut dropped);
    }
    let mut position = 0;
    changed.timetable.trips.retain(|_| {
        position += 1;
        !dropped[position - 1]
    });
    if !met {
        let found = format!("no departure of \"{route_id}\" in this part of the day");
        site.tell("from", found, "a part of the day in which the line runs");
    }
}

/// The shortest and the longest headway that a line has in a part of the day, seconds to a tenth. As when it is set, the
/// trips that run one way make it together. `None` where departures are written one by one, or nothing runs.
pub(super) fn now(timetable: &Timetable, route_id: &str, from: Option<&str>, to: Option<&str>) -> Option<(f64, f64)> {
    let at = |text: Option<&str>, open_s: f64| text.map_or(Some(open_s), |t| Time::parse(t).map(Time::seconds));
    let part = Part { from_s: at(from, 0.0)?, to_s: at(to, f64::INFINITY)? };
    let mut range: Option<(f64, f64)> = None;
    for way in ways::of_route(timetable, route_id) {
        let trips = way.iter().map(|&t| &timetable.trips[t]);
        let own: Vec<&GtfsTrip> = trips.filter(|trip| departures_in(trip, part) > 0).collect();
        if own.iter().any(|trip| trip.headways.is_empty()) {
            return None;
        }
        let periods: Vec<&Headway> = own.iter().flat_map(|trip| &trip.headways).collect();
        let begins = periods.iter().flat_map(|h| [h.start_s, h.end_s]).map(|s| s.max(part.from_s));
        for begin_s in begins.filter(|s| *s < part.to_s) {
            let running = periods.iter().filter(|h| (h.start_s..h.end_s).contains(&begin_s));
            let per_s: f64 = running.map(|h| 1.0 / h.headway_s).sum();
            if per_s > 0.0 {
                let headway_s = (10.0 / per_s).round() / 10.0;
                let (low, high) = range.unwrap_or((headway_s, headway_s));
                range = Some((low.min(headway_s), high.max(headway_s)));
            }
        }
    }
    range
}

/// Sets the headway of the trips that run one way; whether the part met any of them. Trips of different stop sequences,
/// and different trips by headways, keep their shares of the departures.
fn way_at_headway(trips: &mut [GtfsTrip], way: &[usize], part: Part, headway_s: f64, dropped: &mut [bool]) -> bool {
    let mut sequences: Vec<Vec<usize>> = Vec::new();
    for &t in way.iter().filter(|&&t| departures_in(&trips[t], part) > 0) {
        let written = |&u: &usize| trips[u].headways.is_empty() && ways::same_stops(&trips[u], &trips[t]);
        match sequences.iter_mut().find(|s| trips[t].headways.is_empty() && s.first().is_some_and(written)) {
            Some(sequence) => sequence.push(t),
            None => sequences.push(vec![t]),
        }
    }
    let count = |sequence: &Vec<usize>| sequence.iter().map(|&t| departures_in(&trips[t], part)).sum::<u64>();
    let counts: Vec<u64> = sequences.iter().map(count).collect();
    let all: u64 = counts.iter().sum();
    for (sequence, count) in sequences.into_iter().zip(counts) {
        let own_s = headway_s * all as f64 / count as f64;
        let first = sequence[0];
        if trips[first].headways.is_empty() {
            written_departures(trips, sequence, own_s, dropped);
        } else {
            within_headways(&mut trips[first].headways, part, own_s);
        }
    }
    all > 0
}

/// How many departures of a trip lie in the part.
fn departures_in(trip: &GtfsTrip, part: Part) -> u64 {
    if trip.headways.is_empty() {
        return u64::from(leaves(trip).is_some_and(|s| (part.from_s..part.to_s).contains(&s)));
    }
    let within = |h: &Headway| {
        let (from_s, to_s) = (h.start_s.max(part.from_s), h.end_s.min(part.to_s));
        ((to_s - from_s) / h.headway_s).ceil().max(0.0) as u64
    };
    trip.headways.iter().map(within).sum()
}

fn leaves(trip: &GtfsTrip) -> Option<f64> {
    trip.calls.first().map(Call::departure_s)
}

/// Sets the headway within periods.
fn within_headways(periods: &mut Vec<Headway>, part: Part, headway_s: f64) {
    let mut out = Vec::with_capacity(periods.len());
    for period in periods.drain(..) {
        let (from_s, to_s) = (period.start_s.max(part.from_s), period.end_s.min(part.to_s));
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
}

/// Turns departures of one stop sequence that are written one by one into a trip by headways, unless they are so already.
fn written_departures(trips: &mut [GtfsTrip], mut same: Vec<usize>, headway_s: f64, dropped: &mut [bool]) {
    same.sort_by(|&a, &b| leaves(&trips[a]).partial_cmp(&leaves(&trips[b])).unwrap_or(std::cmp::Ordering::Equal));
    let even = same.windows(2).all(|pair| repeats(&trips[pair[0]], &trips[pair[1]], headway_s));
    let (Some(start_s), Some(end_s)) = (leaves(&trips[same[0]]), leaves(&trips[same[same.len() - 1]])) else { return };
    if !even {
        trips[same[0]].headways = vec![Headway { start_s, end_s: end_s + 1.0, headway_s, exact: true }];
        same[1..].iter().for_each(|&i| dropped[i] = true);
    }
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
