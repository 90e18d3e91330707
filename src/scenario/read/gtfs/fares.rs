//! GTFS `fare_attributes.txt` and `fare_rules.txt`, as far as they come to one price for all rides on a route.

use super::feed::Feed;
use super::stops::Stops;
use super::trips::{Routes, Trips};
use crate::scenario::check::Unknown;
use crate::scenario::read::range::PRICE;
use crate::scenario::read::reading::Reading;
use crate::scenario::read::rows::Form;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;

/// A fare, by its id.
struct Fare {
    price: f64,
    currency: String,
    /// Whether a change costs another fare.
    again: bool,
}

/// A row of `fare_rules.txt`: a blank holds for all.
struct Rule {
    fare: String,
    route: String,
    zones: Vec<String>,
}

/// Sets the fare of every route on which all rides cost the same.
pub(super) fn fill(reading: &mut Reading, feed: &mut Feed, stops: &Stops, trips: &Trips, routes: &mut Routes) {
    let form = Form { required: &["fare_id", "price"], optional: &["currency_type", "transfers"], open: true };
    let lenient = !feed.uses(false);
    let fares = feed.rows(reading, ("fare_attributes.txt", false), &form, |row| {
        let price = row.number("price", PRICE);
        let fare = Fare { price, currency: row.word("currency_type"), again: row.text("transfers") == "0" };
        let id = row.id("fare_id")?;
        (row.is_sound() || !lenient).then_some((id, fare))
    });
    let fares: FxHashMap<String, Fare> = fares.into_iter().flatten().collect();
    if fares.is_empty() {
        return;
    }
    let rules = rules(reading, feed, &fares);
    let zones = zones(stops, trips);
    let with_rules: FxHashSet<&str> = rules.iter().map(|r| r.fare.as_str()).collect();
    // A fare without rules holds everywhere.
    let everywhere = fares.iter().filter(|(id, _)| !with_rules.contains(id.as_str())).map(|(_, f)| f.price);
    let everywhere = everywhere.min_by(f64::total_cmp);
    let mut unclear = 0;
    let none = BTreeSet::new();
    for route in &mut routes.rows {
        let of_route = |rule: &&Rule| rule.route == route.route_id || rule.route.is_empty();
        let served = zones.get(route.route_id.as_str()).unwrap_or(&none);
        let prices = |zonal: bool| {
            let rules = rules.iter().filter(of_route).filter(move |r| r.zones.is_empty() != zonal);
            let met = rules.filter(|r| r.zones.iter().all(|zone| served.contains(zone.as_str())));
            met.filter_map(|r| fares.get(&r.fare)).map(|f| f.price)
        };
        // Of fares that hold for all rides of the route the lowest is paid.
        let flat = prices(false).chain(everywhere).min_by(f64::total_cmp);
        let by_zone = prices(true).min_by(f64::total_cmp).zip(prices(true).max_by(f64::total_cmp));
        route.fare = match (flat, by_zone) {
            (flat, None) => flat,
            (None, Some((low, high))) if low == high => Some(low),
            (Some(flat), Some((low, high))) if low == high && low == flat => Some(flat),
            _ => None,
        };
        unclear += usize::from(route.fare.is_none());
    }
    let currencies: BTreeSet<&str> = fares.values().map(|f| f.currency.as_str()).filter(|c| !c.is_empty()).collect();
    let currencies: Vec<&str> = currencies.into_iter().collect();
    let told = routes.rows.len() - unclear;
    let words = format!("{}: fares of {told} of {} routes are one price", feed.path(), routes.rows.len());
    let again = fares.values().any(|f| f.again);
    let again = if again { "; a change that costs another fare is not counted" } else { "" };
    feed.notes.push(format!("{words} ({}); services.fares = \"feed\" uses them{again}", currencies.join(", ")));
}

fn rules(reading: &mut Reading, feed: &mut Feed, fares: &FxHashMap<String, Fare>) -> Vec<Rule> {
    let form = Form {
        required: &["fare_id"],
        optional: &["route_id", "origin_id", "destination_id", "contains_id"],
        open: true,
    };
    let mut unknown = Unknown::new(&feed.name("fare_rules.txt"), "fare_id", "a fare_id of fare_attributes.txt");
    let rows = feed.rows(reading, ("fare_rules.txt", false), &form, |row| {
        let fare = row.id("fare_id")?;
        if !fares.contains_key(&fare) {
            unknown.add(&fare, row.line);
        }
        let zones = ["origin_id", "destination_id", "contains_id"].iter().filter_map(|c| row.maybe(c)).collect();
        Some(Rule { fare, route: row.word("route_id"), zones })
    });
    let mut known: Vec<&str> = fares.keys().map(String::as_str).collect();
    known.sort_unstable();
    feed.unknown(unknown, known);
    rows.unwrap_or_default()
}

/// The fare zones that each route serves.
fn zones<'a>(stops: &'a Stops, trips: &'a Trips) -> FxHashMap<&'a str, BTreeSet<&'a str>> {
    let mut zones: FxHashMap<&str, BTreeSet<&str>> = FxHashMap::default();
    if stops.zones.iter().all(String::is_empty) {
        return zones;
    }
    for trip in &trips.rows {
        let served = zones.entry(trip.route_id.as_str()).or_default();
        served.extend(trip.calls.iter().map(|call| stops.zones[call.stop as usize].as_str()));
    }
    zones
}
