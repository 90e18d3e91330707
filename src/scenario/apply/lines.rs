//! Measures on lines: a new one, one taken out.

use super::super::Scenario;
use super::super::read::range::{LATITUDE, LONGITUDE, NOT_NEGATIVE};
use super::super::settings::ServiceSettings;
use super::super::tables::{GtfsTrip, RouteRow, StopRow};
use super::super::variant::{LinePattern, LineStop, Measure};
use super::Site;
use super::patterns::{self, Key, Named, Place, Stay, Way};

/// GTFS `route_type` of a new line that does not say: 2, rail.
const RAIL: u32 = 2;

/// GTFS `route_type`s: basic ones up to 12, extended ones up to 1799 (GTFS reference).
const ROUTE_TYPES: std::ops::RangeInclusive<u32> = 0..=1799;

/// Adds a line with its new stops and its patterns.
pub(super) fn add_line(changed: &mut Scenario, measure: &Measure, site: &mut Site) {
    let Measure::AddLine {
        route_id,
        name,
        stops,
        patterns,
        capacity,
        vehicle,
        route_type,
        fare_base_cny,
        fare_per_km_cny,
    } = measure
    else {
        return;
    };
    let Some(settings) = services(changed, site) else { return };
    let default = settings.capacity.contains_key("default") || settings.vehicle.contains_key("default");
    if capacity.is_none() && vehicle.is_none() && !default {
        let found = "none, and neither services.capacity nor services.vehicle has a default";
        site.tell("capacity", found, "persons that fit into a vehicle, or a type of [services.vehicles] as vehicle");
    }
    match (capacity, vehicle) {
        (Some(0), _) => site.tell("capacity", "0", "persons, a whole number > 0"),
        (Some(_), Some(_)) => site.tell("vehicle", "a capacity as well", "a type or a capacity, not both"),
        (None, Some(id)) if !settings.vehicles.contains_key(id) => {
            let types = settings.vehicles.keys().cloned().collect::<Vec<String>>();
            site.unknown("vehicle", id, types.iter().map(String::as_str), "a type of [services.vehicles]");
        }
        _ => {}
    }
    if changed.timetable.routes.iter().any(|r| r.route_id == *route_id) {
        let found = format!("\"{route_id}\", which is taken");
        site.tell("route_id", found, "the id of a new line; add_pattern is for lines that are there");
    }
    if let Some(kind) = route_type.filter(|kind| !ROUTE_TYPES.contains(kind)) {
        site.tell("route_type", kind.to_string(), "a route_type of GTFS, such as 1 (metro), 2 (rail), 3 (bus)");
    }
    for (key, fare) in [("fare_base_cny", fare_base_cny), ("fare_per_km_cny", fare_per_km_cny)] {
        if let Some(fare) = fare {
            site.number(key, *fare, NOT_NEGATIVE);
        }
    }
    if patterns.is_empty() {
        site.tell("patterns", "no pattern", "at least one pattern");
    }
    let rows: Vec<Option<StopRow>> = stops.iter().map(|stop| row_of(changed, stop, site)).collect();
    // New stops are numbered after those of the timetable, each once.
    let known = &changed.timetable.stops;
    let mut new: Vec<StopRow> = Vec::new();
    for row in rows.iter().flatten() {
        if !known.iter().chain(&new).any(|s| s.stop_id == row.stop_id) {
            new.push(row.clone());
        }
    }
    let number = |row: &StopRow| known.iter().chain(&new).zip(0..).find(|s| s.0.stop_id == row.stop_id);
    let place_of = |row: &StopRow| number(row).map(|(row, stop)| place(row, stop));
    let places: Vec<Option<Place>> = rows.iter().map(|row| row.as_ref().and_then(place_of)).collect();
    let trips = trips_of(route_id, patterns, places, site);
    if !site.is_sound() {
        return;
    }
    let Some(settings) = services(changed, site) else { return };
    for (value, by_route) in [
        (fare_base_cny, &mut settings.fare_base_by_route_cny),
        (fare_per_km_cny, &mut settings.fare_per_km_by_route_cny),
    ] {
        by_route.extend(value.map(|fare| (route_id.clone(), fare)));
    }
    settings.capacity.extend(capacity.map(|persons| (route_id.clone(), persons)));
    settings.vehicle.extend(vehicle.iter().map(|id| (route_id.clone(), id.clone())));
    let timetable = &mut changed.timetable;
    let (route_id, name, color) = (route_id.clone(), name.clone(), String::new());
    let route_type = route_type.unwrap_or(RAIL);
    timetable.routes.push(RouteRow { route_id, name, route_type, color, fare: None, row: 0 });
    timetable.stops.extend(new);
    timetable.trips.extend(trips);
}

/// The trips of the patterns of a new line: one for each direction, run by headways.
fn trips_of(route_id: &str, patterns: &[LinePattern], places: Vec<Option<Place>>, site: &mut Site) -> Vec<GtfsTrip> {
    // Stops that cannot be told are left out, so that their mistake is told once.
    let is_whole = places.iter().all(Option::is_some);
    let places: Vec<Place> = places.into_iter().flatten().collect();
    if is_whole && places.len() < 2 {
        site.tell("stops", format!("{} stops", places.len()), "at least 2 stops");
        return Vec::new();
    }
    let mut times: Option<Vec<Stay>> = None;
    let mut trips = Vec::new();
    for (number, pattern) in patterns.iter().enumerate() {
        let key = format!("patterns[{number}]");
        let key = Key { of: &key };
        let headways = patterns::headways(pattern, &key, site);
        if !is_whole {
            continue;
        }
        let way = Way { places: &places, times: times.as_deref() };
        let Some(stays) = patterns::stays(pattern, &way, &key, site) else { continue };
        if times.is_none() && stays.iter().map(|s| s.place).eq(0..places.len()) {
            times = Some(stays.clone());
        }
        let back = pattern.both_ways.then(|| patterns::mirrored(&stays));
        for (direction, stays) in [Some(stays), back].into_iter().enumerate() {
            let Some(stays) = stays else { continue };
            let trip_id = format!("{route_id}:{number}:{direction}");
            let named = Named { trip_id, route_id, direction: direction as u32 };
            trips.push(patterns::trip(named, &stays, &places, &headways));
        }
    }
    trips
}

/// A stop as patterns know it, with its position in the stops of the timetable.
pub(super) fn place(row: &StopRow, stop: u32) -> Place {
    let StopRow { stop_id, name, lon, lat, parent, .. } = row.clone();
    Place { stop, stop_id, name, parent, position: [lon, lat] }
}

/// The settings of scheduled services, told when the scenario has none.
pub(super) fn services<'a>(changed: &'a mut Scenario, site: &mut Site) -> Option<&'a mut ServiceSettings> {
    if changed.settings.services.is_none() {
        site.tell("kind", "a scenario without [services]", "a scenario with a timetable");
    }
    changed.settings.services.as_mut()
}

/// The row of a stop of a new line: that of the timetable, or a new one.
fn row_of(changed: &Scenario, stop: &LineStop, site: &mut Site) -> Option<StopRow> {
    if let Some(row) = changed.timetable.stops.iter().find(|s| s.stop_id == stop.stop_id) {
        return Some(row.clone());
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

/// Takes a line out of the timetable.
pub(super) fn remove_line(changed: &mut Scenario, route_id: &str, site: &mut Site) {
    if !route(changed, route_id, site) {
        return;
    }
    changed.timetable.routes.retain(|r| r.route_id != route_id);
    changed.timetable.trips.retain(|t| t.route_id != route_id);
    if let Some(settings) = changed.settings.services.as_mut() {
        settings.capacity.remove(route_id);
        settings.fare_base_by_route_cny.remove(route_id);
        settings.vehicle.remove(route_id);
        settings.fare_per_km_by_route_cny.remove(route_id);
    }
    let stops = changed.hubs.iter_mut().flat_map(|hub| &mut hub.access.stops);
    for stop in stops.filter(|stop| stop.routes.iter().any(|r| r == route_id)) {
        stop.routes.retain(|r| r != route_id);
        if stop.routes.is_empty() {
            // No routes would mean all.
            (stop.board_chain, stop.alight_chain) = (None, None);
        }
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
