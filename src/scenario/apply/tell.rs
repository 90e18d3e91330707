//! What a variant changes, in words.

use super::super::Scenario;
use super::super::hubs::{HubFile, Scope};
use super::super::variant::{LinePattern, Measure, PatternHeadway, Selector, Variant};
use super::{Site, headway, links, tell_hubs};

impl Variant {
    /// One sentence for each measure, in order, for the scenario to which it is to be applied.
    pub fn tell(&self, scenario: &Scenario) -> Vec<String> {
        // A measure is told as the scenario is when its turn comes.
        let mut changed = scenario.clone();
        let mut told = Vec::with_capacity(self.measures.len());
        for entry in &self.measures {
            let mut sentence = format!("{}: {}", entry.id, sentence(&entry.measure, &changed));
            let is_headway = matches!(entry.measure, Measure::SetHeadway { .. });
            let before = is_headway.then(|| changed.timetable.trips.clone());
            let mut site = Site::new(self, entry);
            super::apply(&mut changed, &entry.measure, &mut site);
            if site.is_sound() && before.is_some_and(|trips| trips == changed.timetable.trips) {
                sentence.push_str(", no change");
            }
            told.push(sentence);
        }
        told
    }
}

fn sentence(measure: &Measure, scenario: &Scenario) -> String {
    match measure {
        Measure::AddLink { link_id, from_node_id, to_node_id, lanes, free_speed_kmh, two_way, .. } => {
            let ways = if *two_way { "both ways" } else { "one way" };
            format!(
                "adds link {link_id} from node {from_node_id} to node {to_node_id}, {ways}, {lanes} lanes, \
                 {free_speed_kmh} km/h"
            )
        }
        Measure::CloseLink { links, from, until } => {
            format!("closes {} for vehicles, {}", selected(scenario, links), part(scenario, from, until))
        }
        Measure::SetLink { links, lanes, free_speed_kmh, capacity_pcu_h_lane, toll_cny, from, until } => {
            let values = [
                lanes.map(|x| format!("{x} lanes")),
                free_speed_kmh.map(|x| format!("free speed {x} km/h")),
                capacity_pcu_h_lane.map(|x| format!("capacity {x} PCU an hour and lane")),
                toll_cny.map(|x| format!("toll {x} yuan")),
            ];
            let told = format!("sets on {}: {}", selected(scenario, links), joined(values));
            told + &in_part(scenario, from, until)
        }
        Measure::ScaleLinks { links, capacity_factor, speed_factor, toll_factor, from, until } => {
            let values = [
                capacity_factor.map(|x| format!("capacity times {x}")),
                speed_factor.map(|x| format!("free speed times {x}")),
                toll_factor.map(|x| format!("toll times {x}")),
            ];
            let told = format!("scales on {}: {}", selected(scenario, links), joined(values));
            told + &in_part(scenario, from, until)
        }
        Measure::SetToll { links, toll_cny, from, until } => {
            let told = format!("sets the toll of {} to {toll_cny} yuan", selected(scenario, links));
            told + &in_part(scenario, from, until)
        }
        Measure::AddLine { route_id, name, stops, patterns, capacity, vehicle, .. } => {
            let new = stops.iter().filter(|s| !scenario.timetable.stops.iter().any(|t| t.stop_id == s.stop_id));
            let persons = match (capacity, vehicle) {
                (Some(persons), _) => format!("{persons} persons a vehicle"),
                (None, Some(id)) => format!("vehicles of type {id}"),
                (None, None) => "vehicles as by default".to_owned(),
            };
            let patterns: Vec<String> = patterns.iter().map(told_pattern).collect();
            format!(
                "adds line {route_id} ({name}) over {} stops, {} of them new, {persons}: {}",
                stops.len(),
                new.count(),
                patterns.join("; ")
            )
        }
        Measure::AddPattern { route_id, pattern } => {
            format!("adds to line {} a pattern of {}", line_name(scenario, route_id), told_pattern(pattern))
        }
        Measure::SetFare { route_id, base_cny, per_km_cny } => {
            let values =
                [base_cny.map(|x| format!("{x} yuan a ride")), per_km_cny.map(|x| format!("{x} yuan a kilometre"))];
            let of = route_id.as_ref().map_or("all lines".into(), |id| format!("line {}", line_name(scenario, id)));
            format!("sets the fare of {of} to {}{}", joined(values), fare_now(scenario, route_id.as_deref()))
        }
        Measure::RemoveLine { route_id } => {
            let trips = scenario.timetable.trips.iter().filter(|t| t.route_id == *route_id).count();
            format!("takes line {} out of the timetable, {trips} timetable trips", line_name(scenario, route_id))
        }
        Measure::SetHeadway { route_id, headway_s, from, to } => {
            let part = match (from, to) {
                (None, None) => "the whole day".to_owned(),
                (from, to) => format!(
                    "from {} to {}",
                    from.as_deref().unwrap_or("the first departure"),
                    to.as_deref().unwrap_or("the last")
                ),
            };
            let line = line_name(scenario, route_id);
            format!(
                "sets the headway of line {line} to {headway_s} s, {part}{}",
                headways_now(scenario, route_id, from, to)
            )
        }
        Measure::SetProcess { .. }
        | Measure::SetStore { .. }
        | Measure::SetAppointments { .. }
        | Measure::AssignTerminal { .. } => tell_hubs::sentence(measure, scenario),
        Measure::ScaleServices { hub_id, factor, scope } => {
            let scope = match scope {
                None => "all services",
                Some(Scope::Domestic) => "the domestic services",
                Some(Scope::International) => "the international services",
            };
            format!("scales seats and freight of {scope} of {} by {factor}", hub_name(scenario, hub_id))
        }
        Measure::MoveServices { from_hub_id, to_hub_id, share } => {
            let (from, to) = (hub_name(scenario, from_hub_id), hub_name(scenario, to_hub_id));
            format!("moves {} % of the services of {from} to {to}", share * 100.0)
        }
    }
}

/// A pattern: its stops, its speed, its headways.
fn told_pattern(pattern: &LinePattern) -> String {
    let stops = match (pattern.calls.len(), pattern.serves.len(), pattern.skips.len()) {
        (0, 0, 0) => "all stops".to_owned(),
        (0, 0, skipped) => format!("all stops but {skipped}"),
        (0, served, _) => format!("{served} stops"),
        (calls, ..) => format!("{calls} calls"),
    };
    let ends = [("from", &pattern.from_stop), ("to", &pattern.to_stop)];
    let ends = ends.map(|(word, stop)| stop.as_ref().map_or(String::new(), |stop| format!(" {word} {stop}"))).concat();
    let speed = pattern.speed_kmh.map_or(String::new(), |speed| format!(" at {speed} km/h"));
    let ways = if pattern.both_ways { "" } else { ", one way" };
    let headways = if pattern.headways.is_empty() {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let (first, last) = (text(&pattern.first), text(&pattern.last));
        format!("every {} s from {first} to {last}", pattern.headway_s.unwrap_or_default())
    } else {
        let told = |h: &PatternHeadway| format!("every {} s from {} until {}", h.headway_s, h.from, h.to);
        pattern.headways.iter().map(told).collect::<Vec<_>>().join(", ")
    };
    format!("{stops}{ends}{speed} {headways}{ways}")
}

/// What a ride costs now.
fn fare_now(scenario: &Scenario, route_id: Option<&str>) -> String {
    let Some(services) = &scenario.settings.services else { return String::new() };
    let of = |by_route: &std::collections::BTreeMap<String, f64>, all: f64| {
        route_id.and_then(|id| by_route.get(id)).copied().unwrap_or(all)
    };
    let base = of(&services.fare_base_by_route_cny, services.fare_base_cny);
    let per_km = of(&services.fare_per_km_by_route_cny, services.fare_per_km_cny);
    format!(" (now {base} and {per_km})")
}

/// The part of the day that a measure on links is for.
fn part(scenario: &Scenario, from: &Option<String>, until: &Option<String>) -> String {
    let day = &scenario.settings.time;
    match (from, until) {
        (None, None) => "the whole day".to_owned(),
        (from, until) => {
            let (from, until) = (from.as_ref().unwrap_or(&day.start), until.as_ref().unwrap_or(&day.end));
            format!("from {from} until {until}")
        }
    }
}

/// The same behind what is set, where it is not the whole day.
fn in_part(scenario: &Scenario, from: &Option<String>, until: &Option<String>) -> String {
    match (from, until) {
        (None, None) => String::new(),
        _ => format!(", {}", part(scenario, from, until)),
    }
}

pub(super) fn joined<const N: usize>(values: [Option<String>; N]) -> String {
    values.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// The links that a selector means: their number and the first ids.
fn selected(scenario: &Scenario, selector: &Selector) -> String {
    const SHOWN: usize = 3;
    let mut site = Site { file: String::new(), row: 0, id: String::new(), problems: Vec::new() };
    let chosen = links::select(scenario, selector, &mut site);
    let ids: Vec<&str> = chosen.iter().take(SHOWN).map(|i| scenario.links[*i].link_id.as_str()).collect();
    let more = if chosen.len() > SHOWN { ", …" } else { "" };
    let word = if chosen.len() == 1 { "link" } else { "links" };
    format!("{} {word} ({}{more})", chosen.len(), ids.join(", "))
}

fn line_name(scenario: &Scenario, route_id: &str) -> String {
    let route = scenario.timetable.routes.iter().find(|r| r.route_id == route_id);
    match route.map(|r| r.name.as_str()).filter(|n| !n.is_empty() && *n != route_id) {
        Some(name) => format!("{route_id} ({name})"),
        None => route_id.to_owned(),
    }
}

/// The headways that a line has now in a part of the day, where it runs by headways.
fn headways_now(scenario: &Scenario, route_id: &str, from: &Option<String>, to: &Option<String>) -> String {
    match headway::now(&scenario.timetable, route_id, from.as_deref(), to.as_deref()) {
        Some((low, high)) if low == high => format!(" (now {low} s)"),
        Some((low, high)) => format!(" (now {low} to {high} s)"),
        None => String::new(),
    }
}

pub(super) fn hub_name(scenario: &Scenario, hub_id: &str) -> String {
    let hub = scenario.hubs.iter().find(|h: &&HubFile| h.hub_id == hub_id);
    hub.map_or_else(|| hub_id.to_owned(), |h| h.name_en.clone())
}
