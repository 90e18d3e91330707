//! Measures on lines: a new one, one taken out.

use super::super::Scenario;
use super::super::read::range::{HEADWAY, LATITUDE, LONGITUDE, NOT_NEGATIVE};
use super::super::settings::ServiceSettings;
use super::super::tables::{Call, GtfsTrip, Headway, RouteRow, StopRow};
use super::super::variant::{LinePattern, LineStop, Measure};
use super::Site;
use crate::units::Time;
use rustc_hash::FxHashMap;

/// GTFS `route_type` of a new line: 2, rail.
const RAIL: u32 = 2;

/// Adds a line with its new stops and its patterns.
pub(super) fn add_line(changed: &mut Scenario, measure: &Measure, site: &mut Site) {
    let Measure::AddLine { route_id, name, stops, patterns, capacity, fare_per_km_cny } = measure else { return };
    if services(changed, site).is_none() {
        return;
    }
    if changed.timetable.routes.iter().any(|r| r.route_id == *route_id) {
        site.tell("route_id", format!("\"{route_id}\", which is taken"), "the id of a new line");
    }
    if *capacity == 0 {
        site.tell("capacity", "0", "persons, a whole number > 0");
    }
    if let Some(fare) = fare_per_km_cny {
        site.number("fare_per_km_cny", *fare, NOT_NEGATIVE);
    }
    if patterns.is_empty() {
        site.tell("patterns", "no pattern", "at least one pattern");
    }
    let new_stops: Vec<StopRow> = stops.iter().filter_map(|stop| new_stop(changed, stop, site)).collect();
    let known = changed.timetable.stops.iter().chain(&new_stops).zip(0u32..);
    let places: FxHashMap<&str, u32> = known.map(|(stop, place)| (stop.stop_id.as_str(), place)).collect();
    let mut trips = Vec::new();
    for (i, pattern) in patterns.iter().enumerate() {
        trips.extend(pattern_trips(route_id, i, pattern, (stops, &places), site));
    }
    if !site.is_sound() {
        return;
    }
    let Some(settings) = services(changed, site) else { return };
    settings.capacity.insert(route_id.clone(), *capacity);
    if let Some(fare) = fare_per_km_cny {
        settings.fare_per_km_by_route_cny.insert(route_id.clone(), *fare);
    }
    let timetable = &mut changed.timetable;
    let (route_id, name, color) = (route_id.clone(), name.clone(), String::new());
    timetable.routes.push(RouteRow { route_id, name, route_type: RAIL, color, fare: None, row: 0 });
    timetable.stops.extend(new_stops);
    timetable.trips.extend(trips);
}

/// The settings of scheduled services, told when the scenario has none.
pub(super) fn services<'a>(changed: &'a mut Scenario, site: &mut Site) -> Option<&'a mut ServiceSettings> {
    if changed.settings.services.is_none() {
        site.tell("kind", "a scenario without [services]", "a scenario with a timetable");
    }
    changed.settings.services.as_mut()
}

/// The row of a stop that is not in the timetable yet.
fn new_stop(changed: &Scenario, stop: &LineStop, site: &mut Site) -> Option<StopRow> {
    if changed.timetable.stops.iter().any(|s| s.stop_id == stop.stop_id) {
        return None;
    }
    let (Some(lon), Some(lat)) = (stop.lon, stop.lat) else {
        let known = changed.timetable.stops.iter().map(|s| s.stop_id.as_str());
        site.unknown("stops", &stop.stop_id, known, "a stop_id of the timetable, or a new stop with lon and lat");
        return None;
    };
    site.number("stops.lon", lon, LONGITUDE);
    site.number("stops.lat", lat, LATITUDE);
    let name = stop.name.clone().unwrap_or_else(|| stop.stop_id.clone());
    Some(StopRow { stop_id: stop.stop_id.clone(), name, lon, lat, parent: None, row: 0 })
}

/// The trips of a pattern: one for each direction, run by headways.
fn pattern_trips(
    route_id: &str,
    number: usize,
    pattern: &LinePattern,
    (stops, places): (&[LineStop], &FxHashMap<&str, u32>),
    site: &mut Site,
) -> Vec<GtfsTrip> {
    let key = format!("patterns[{number}]");
    let calls = &pattern.calls;
    if calls.len() < 2 {
        site.tell(&format!("{key}.calls"), format!("{} calls", calls.len()), "at least 2 calls");
    }
    for call in calls.iter().filter(|c| !stops.iter().any(|s| s.stop_id == c.stop_id)) {
        let known = stops.iter().map(|s| s.stop_id.as_str());
        site.unknown(&format!("{key}.calls"), &call.stop_id, known, "a stop of the line");
    }
    if calls.first().is_some_and(|c| c.after_s != 0.0) {
        site.tell(&format!("{key}.calls"), calls[0].after_s.to_string(), "after_s = 0 at the first call");
    }
    if let Some(late) = calls.iter().find(|c| !(0.0..=172_800.0).contains(&c.after_s)) {
        site.tell(&format!("{key}.calls"), late.after_s.to_string(), "after_s from 0 to two days (172,800)");
    }
    for pair in calls.windows(2).filter(|pair| pair[1].after_s <= pair[0].after_s) {
        let wanted = format!("more than {} seconds, which the call before has", pair[0].after_s);
        site.tell(&format!("{key}.calls"), format!("{} at \"{}\"", pair[1].after_s, pair[1].stop_id), wanted);
    }
    site.number(&format!("{key}.headway_s"), pattern.headway_s, HEADWAY);
    let first = site.time(&format!("{key}.first"), &pattern.first);
    let last = site.time(&format!("{key}.last"), &pattern.last);
    let (Some(first), Some(last)) = (first, last) else { return Vec::new() };
    if last < first {
        site.tell(&format!("{key}.last"), format!("\"{}\"", pattern.last), "a time not before the first departure");
    }
    let there = |direction: u32| trip(route_id, number, (pattern, places), direction, (first, last));
    let back = pattern.both_ways.then(|| there(1));
    [there(0)].into_iter().chain(back).collect()
}

fn trip(
    route_id: &str,
    number: usize,
    (pattern, places): (&LinePattern, &FxHashMap<&str, u32>),
    direction: u32,
    span: (Time, Time),
) -> GtfsTrip {
    let whole = pattern.calls.last().map_or(0.0, |c| c.after_s);
    let start_s = span.0.seconds();
    // A stop that is not there is told by the caller.
    let call =
        |stop: &str, after: f64| Call::new(places.get(stop).copied().unwrap_or(0), start_s + after, start_s + after);
    let calls = match direction {
        0 => pattern.calls.iter().map(|c| call(&c.stop_id, c.after_s)).collect(),
        _ => pattern.calls.iter().rev().map(|c| call(&c.stop_id, whole - c.after_s)).collect(),
    };
    // The last departure is one; a period of headways ends before its end.
    let end_s = span.1.seconds() + 1.0;
    let headways = vec![Headway { start_s, end_s, headway_s: pattern.headway_s, exact: false }];
    let trip_id = format!("{route_id}:{number}:{direction}");
    GtfsTrip { trip_id, route_id: route_id.to_owned(), direction, calls, headways, ..GtfsTrip::default() }
}

/// Takes a line out of the timetable.
pub(super) fn remove_line(changed: &mut Scenario, route_id: &str, site: &mut Site) {
    if !route(changed, route_id, site) {
        return;
    }
    changed.timetable.routes.retain(|r| r.route_id != route_id);
    changed.timetable.trips.retain(|t| t.route_id != route_id);
    if let Some(settings) = changed.settings.services.as_mut() {
        settings.capacity.remove(route_id);
        settings.fare_per_km_by_route_cny.remove(route_id);
    }
}

/// Whether there is such a route; told when there is none.
pub(super) fn route(changed: &Scenario, route_id: &str, site: &mut Site) -> bool {
    let known = || changed.timetable.routes.iter().map(|r| r.route_id.as_str());
    let found = known().any(|r| r == route_id);
    if !found {
        site.unknown("route_id", route_id, known(), "a route_id of the timetable");
    }
    found
}
