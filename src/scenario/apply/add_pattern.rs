//! A new pattern of a line that is there, each way: an express, a short turn.
//!
//! Each way of the line has its longest trip as the base, whose stops and times the pattern takes. The measure is read on
//! the first way in which its stops stand in the order that it names them; on the way back it begins where it ended, and
//! its stops are found by name or station where platforms of the two ways have ids of their own.

use super::super::Scenario;
use super::super::tables::{Call, GtfsTrip, Timetable};
use super::super::variant::{LinePattern, Measure, PatternCall};
use super::patterns::{self, Key, Named, Place, Stay, Way};
use super::{Site, lines, ways};

/// The longest trip of a way.
struct Base<'a> {
    trip: &'a GtfsTrip,
    places: Vec<Place>,
    times: Vec<Stay>,
}

/// Adds a pattern to a line that is there.
pub(super) fn add_pattern(changed: &mut Scenario, measure: &Measure, site: &mut Site) {
    let Measure::AddPattern { route_id, pattern } = measure else { return };
    if lines::services(changed, site).is_none() || !lines::route(changed, route_id, site) {
        return;
    }
    let key = Key { of: "pattern" };
    let headways = patterns::headways(pattern, &key, site);
    let timetable = &changed.timetable;
    let bases: Vec<Base> =
        ways::of_route(timetable, route_id).iter().filter_map(|way| Base::of(timetable, way)).collect();
    let Some(there) = bases.iter().position(|b| !runs_against(pattern, &b.places)).filter(|_| !bases.is_empty()) else {
        site.tell("pattern", "no way of the line with these stops in this order", "stops in the order of the line");
        return;
    };
    let reference = &bases[there];
    let Some(stays) = reference.stays(pattern, &key, site) else { return };
    let ends = [stays.first(), stays.last()].map(|s| s.map_or(0, |s| s.place));
    let mut runs = vec![(reference, stays)];
    if pattern.both_ways {
        let back = reversed(pattern, &reference.places);
        for base in bases.iter().enumerate().filter(|(b, _)| *b != there).map(|(_, base)| base) {
            let place = |end: usize| base.places.iter().position(|p| p.is_same(&reference.places[end]));
            // Ways that do not come by both ends, such as a loop of its own, are none to run back on.
            if matches!((place(ends[0]), place(ends[1])), (Some(first), Some(last)) if last < first) {
                runs.extend(base.stays(&back, &key, site).map(|stays| (base, stays)));
                break;
            }
        }
    }
    let named = |n: usize, base: &Base| Named {
        trip_id: format!("{route_id}:{}:{n}", site.id),
        route_id,
        direction: base.trip.direction,
    };
    let trips: Vec<GtfsTrip> = (runs.iter().enumerate())
        .map(|(n, (base, stays))| patterns::trip(named(n, base), stays, &base.places, &headways))
        .collect();
    if site.is_sound() {
        changed.timetable.trips.extend(trips);
    }
}

impl<'a> Base<'a> {
    fn of(timetable: &'a Timetable, way: &[usize]) -> Option<Base<'a>> {
        let calls = |t: usize| timetable.trips[t].calls.len();
        let longest = way.iter().copied().min_by_key(|&t| (std::cmp::Reverse(calls(t)), t))?;
        let trip = &timetable.trips[longest];
        let place = |call: &Call| Some(lines::place(timetable.stops.get(call.stop as usize)?, call.stop));
        let places = trip.calls.iter().filter_map(place).collect();
        let begin_s = trip.calls.first().map_or(0.0, Call::departure_s);
        let stay = |(place, c): (usize, &Call)| Stay {
            place,
            arrival_s: c.arrival_s() - begin_s,
            departure_s: c.departure_s() - begin_s,
        };
        let times = trip.calls.iter().enumerate().map(stay).collect();
        Some(Base { trip, places, times })
    }

    fn stays(&self, pattern: &LinePattern, key: &Key, site: &mut Site) -> Option<Vec<Stay>> {
        patterns::stays(pattern, &Way { places: &self.places, times: Some(&self.times) }, key, site)
    }
}

/// Whether a way runs against the pattern: it meets the pattern's stops in the opposite order.
fn runs_against(pattern: &LinePattern, places: &[Place]) -> bool {
    let ends: Vec<&String> = match (&pattern.from_stop, &pattern.to_stop) {
        _ if !pattern.calls.is_empty() => pattern.calls.iter().map(|c| &c.stop_id).collect(),
        (Some(from), Some(to)) => vec![from, to],
        _ => pattern.serves.iter().collect(),
    };
    let at = |word: Option<&&String>| word.and_then(|w| places.iter().position(|p| p.is(w)));
    matches!((at(ends.first()), at(ends.last())), (Some(first), Some(last)) if last < first)
}

/// The pattern for the way back, its stops by name.
fn reversed(pattern: &LinePattern, places: &[Place]) -> LinePattern {
    let named = |word: &String| places.iter().find(|p| p.is(word)).map_or(word, |p| &p.name).clone();
    let whole_s = pattern.calls.last().map_or(0.0, |c| c.after_s);
    let back = |c: &PatternCall| PatternCall { stop_id: named(&c.stop_id), after_s: whole_s - c.after_s };
    LinePattern {
        calls: pattern.calls.iter().rev().map(back).collect(),
        serves: pattern.serves.iter().map(named).collect(),
        skips: pattern.skips.iter().map(named).collect(),
        from_stop: pattern.to_stop.as_ref().map(named),
        to_stop: pattern.from_stop.as_ref().map(named),
        ..pattern.clone()
    }
}
