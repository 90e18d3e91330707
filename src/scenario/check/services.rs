//! Settings that name routes.

use super::super::Scenario;
use super::super::read::written::KeyRows;
use super::Known;
use super::values::Values;
use crate::error::Problem;

/// Checks capacities and fares by route; trips and routes of the feeds are checked as they are read.
pub(super) fn timetable(scenario: &Scenario, keys: &KeyRows, known: &Known) -> Vec<Problem> {
    let Some(services) = &scenario.settings.services else { return Vec::new() };
    let mut values = Values::new(keys);
    let named = services.capacity.keys().map(|route| ("capacity", route));
    let named = named.chain(services.vehicle.keys().map(|route| ("vehicle", route)));
    let bases = services.fare_base_by_route_cny.keys().map(|r| ("fare_base_by_route_cny", r));
    let per_km = services.fare_per_km_by_route_cny.keys().map(|r| ("fare_per_km_by_route_cny", r));
    for (key, route) in named.chain(bases).chain(per_km) {
        if route != "default" {
            let path = format!("services.{key}.{route}");
            values.known(&path, route, known.routes.as_ref().map(|r| r.iter().copied()), "a route_id of routes.txt");
        }
    }
    for (i, route) in services.on_road.iter().enumerate().filter(|(_, route)| *route != "bus") {
        let path = format!("services.on_road[{i}]");
        let routes = known.routes.as_ref().map(|r| r.iter().copied());
        values.known(&path, route, routes, "a route_id of routes.txt, or bus for all buses");
    }
    for (route, id) in &services.vehicle {
        let types = services.vehicles.keys().map(String::as_str);
        values.known(&format!("services.vehicle.{route}"), id, Some(types), "a type of [services.vehicles]");
    }
    values.problems
}
