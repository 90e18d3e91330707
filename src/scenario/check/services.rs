//! Routes, and settings that name them. What needs rows of other GTFS files is checked where these are read.

use super::super::Scenario;
use super::super::read::written::KeyRows;
use super::values::Values;
use super::{Known, Unknown, twice};
use crate::error::Problem;

/// Checks routes of trips, and capacities and fares by route.
pub(super) fn timetable(scenario: &Scenario, keys: &KeyRows, known: &Known) -> Vec<Problem> {
    let Some(services) = &scenario.settings.services else { return Vec::new() };
    let folder = services.gtfs.trim_end_matches('/');
    let routes = scenario.timetable.routes.iter().map(|r| (r.route_id.as_str(), r.row));
    let mut problems = twice(&format!("{folder}/routes.txt"), "route_id", routes);
    let mut unknown = Unknown::new(&format!("{folder}/trips.txt"), "route_id", "a route_id of routes.txt");
    for trip in &scenario.timetable.trips {
        unknown.unless_in(known.routes.as_ref(), &trip.route_id, trip.row);
    }
    problems.extend(unknown.problems(known.routes.iter().flatten().copied()));
    let mut values = Values::new(keys);
    let named = services.capacity.keys().map(|route| ("capacity", route));
    let bases = services.fare_base_by_route_cny.keys().map(|r| ("fare_base_by_route_cny", r));
    let per_km = services.fare_per_km_by_route_cny.keys().map(|r| ("fare_per_km_by_route_cny", r));
    for (key, route) in named.chain(bases).chain(per_km) {
        if route != "default" {
            let path = format!("services.{key}.{route}");
            values.known(&path, route, known.routes.as_ref().map(|r| r.iter().copied()), "a route_id of routes.txt");
        }
    }
    problems.extend(values.problems);
    problems
}
