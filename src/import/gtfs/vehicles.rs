//! Vehicles by the type of a route, for feeds, which do not tell them.

use crate::scenario::tables::RouteRow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Where the capacities come from.
pub(super) const SOURCE: &str =
    "capacities by route type are round figures of usual vehicles (general knowledge, November 2026)";

/// Persons that fit into a vehicle, by GTFS `route_type`, basic and extended.
fn capacity(route_type: u32) -> (u32, &'static str) {
    match route_type {
        0 | 900..=999 => (200, "tram of 30 m"),
        1 | 400..=499 => (1_000, "metro train of six cars"),
        2 | 100..=199 => (800, "regional train"),
        5 | 1302 => (60, "cable tram"),
        6 | 1300..=1399 => (8, "cabin"),
        7 | 1400..=1499 => (100, "funicular"),
        4 | 1000..=1099 | 1200..=1299 => (300, "ferry"),
        12 => (400, "monorail train"),
        200..=299 => (50, "coach"),
        1100..=1199 => (180, "narrow-body aircraft"),
        1500..=1599 => (4, "taxi"),
        11 | 800..=899 => (100, "trolleybus"),
        _ => (80, "bus of 12 m, seats and standing room"),
    }
}

/// The section of `scenario.toml`: the most frequent capacity as default, the routes that differ by name.
pub(super) fn section(routes: &[RouteRow]) -> String {
    let mut count: BTreeMap<u32, usize> = BTreeMap::new();
    for route in routes {
        *count.entry(capacity(route.route_type).0).or_default() += 1;
    }
    // Of equally frequent ones the smallest.
    let usual = count.iter().max_by_key(|(capacity, routes)| (**routes, std::cmp::Reverse(**capacity)));
    let usual = usual.map_or(80, |(capacity, _)| *capacity);
    let words = routes.iter().map(|r| capacity(r.route_type)).find(|c| c.0 == usual).map_or("", |c| c.1);
    let mut toml = format!("# Persons that fit into a vehicle, by route_id; {SOURCE}.\n[services.capacity]\n");
    let _ = writeln!(toml, "default = {usual} # {words}");
    for route in routes.iter().filter(|r| capacity(r.route_type).0 != usual && r.route_id != "default") {
        let (persons, words) = capacity(route.route_type);
        let _ = writeln!(toml, "{} = {persons} # {words}", super::quoted(&route.route_id));
    }
    toml
}
