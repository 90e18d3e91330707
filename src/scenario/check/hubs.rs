//! Hubs: their places on the networks, users and schedules; processes, chains and loads in files of their own.

mod chains;
mod classes;
mod loads;
mod locks;
mod processes;
#[cfg(test)]
mod tests;

pub use loads::{busy_hours, loads, overloaded};

use super::super::Scenario;
use super::super::hubs::{ChainUser, Direction, HubFile, HubStop, ServiceMode, ServiceRow};
use super::super::read::range::{
    FREIGHT, LATITUDE, LONGITUDE, MINUTES_BEFORE, NOT_NEGATIVE, PARTY, SEATS, SHARE, TRUCK_LOAD, WITHIN_A_DAY, between,
};
use super::links::{day, outside_the_day};
use super::values::Values;
use super::{Keys, Known, Unknown, at, twice};
use crate::error::Problem;
use crate::mode::VehicleClass;
use crate::units::Time;
use rustc_hash::FxHashSet;

/// Checks all hubs.
pub(super) fn hubs(scenario: &Scenario, keys: &Keys, known: &Known) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (i, (hub, keys)) in scenario.hubs.iter().zip(&keys.hubs).enumerate() {
        let mut values = Values::new(keys);
        let again = scenario.hubs[..i].iter().find(|h| h.hub_id == hub.hub_id);
        if let Some(other) = again {
            let wanted = format!("an id of its own; {} has it already", other.path);
            values.want(false, "hub_id", || format!("\"{}\" again", hub.hub_id), &wanted);
        }
        place(hub, known, &mut values);
        access(hub, known, &mut values);
        terminals(hub, known, &mut values);
        users(hub, &mut values);
        others(scenario, hub, &mut values);
        appointments(hub, &mut values);
        processes::processes(scenario, hub, &mut values);
        processes::stores(hub, &mut values);
        chains::chains(hub, &mut values);
        locks::locks(hub, &mut values);
        problems.extend(values.problems);
        problems.extend(twice(
            &hub.schedule,
            "service_id",
            hub.services.iter().map(|s| (s.service_id.as_str(), s.row)),
        ));
        problems.extend(schedule(scenario, hub));
    }
    problems
}

fn place(hub: &HubFile, known: &Known, values: &mut Values) {
    values.number("x_coord", hub.x_coord, LONGITUDE);
    values.number("y_coord", hub.y_coord, LATITUDE);
    let districts = known.districts.as_ref().map(|d| d.iter().copied());
    values.known("district_id", &hub.district_id, districts, "an id of a district");
}

/// Nodes and stops exist, and every service has a way for its users to come and go.
fn access(hub: &HubFile, known: &Known, values: &mut Values) {
    let access = &hub.access;
    for (key, node) in [
        ("drop_off_node", &access.drop_off_node),
        ("pick_up_node", &access.pick_up_node),
        ("truck_in_node", &access.truck_in_node),
        ("truck_out_node", &access.truck_out_node),
    ] {
        if let Some(node) = node {
            let nodes = known.nodes.as_ref().map(|n| n.iter().copied());
            values.known(&format!("access.{key}"), node, nodes, "a node_id of node.csv");
        }
    }
    stops(hub, known, &access.stops, "access", values);
    values.number("access.kerb_walk_s", access.kerb_walk_s, WITHIN_A_DAY);
    ways(hub, values);
}

fn stops(hub: &HubFile, known: &Known, rows: &[HubStop], path: &str, values: &mut Values) {
    for (i, stop) in rows.iter().enumerate() {
        let path = format!("{path}.stop[{i}]");
        let stops = known.stops.as_ref().map(|s| s.iter().copied());
        values.known(&format!("{path}.stop_id"), &stop.stop_id, stops, "a stop_id of the timetable");
        values.number(&format!("{path}.walk_s"), stop.walk_s, WITHIN_A_DAY);
        for (key, chain, user) in [
            ("board_chain", &stop.board_chain, ChainUser::Boarding),
            ("alight_chain", &stop.alight_chain, ChainUser::Alighting),
        ] {
            let ids = hub.chains.iter().filter(|c| c.user == user).filter_map(|c| c.id.as_deref());
            if let Some(chain) = chain {
                let wanted = format!("the id of a [[chain]] with user = \"{}\"", user.word());
                values.known(&format!("{path}.{key}"), chain, Some(ids), &wanted);
            }
        }
        for route in &stop.routes {
            let routes = known.routes.as_ref().map(|r| r.iter().copied());
            values.known(&format!("{path}.routes"), route, routes, "a route_id of routes.txt");
        }
    }
}

/// Every service has a way for its users to come and go.
fn ways(hub: &HubFile, values: &mut Values) {
    for (direction, way, passengers, (key, trucks)) in [
        (Direction::Departure, "departures", "drop_off_node", ("truck_in_node", &hub.access.truck_in_node)),
        (Direction::Arrival, "arrivals", "pick_up_node", ("truck_out_node", &hub.access.truck_out_node)),
    ] {
        let of = |s: &&ServiceRow| s.direction == direction;
        let without = |s: &&ServiceRow| {
            let node = match direction {
                Direction::Departure => hub.drop_off_node(&s.terminal),
                Direction::Arrival => hub.pick_up_node(&s.terminal),
            };
            is_for_passengers(s.mode) && node.is_none() && hub.stops(&s.terminal).is_empty()
        };
        let cut_off = hub.services.iter().filter(of).find(without);
        let found = || {
            let terminal = cut_off.filter(|s| !s.terminal.is_empty());
            let terminal = terminal.map_or(String::new(), |s| format!(" of terminal \"{}\"", s.terminal));
            format!("passenger {way}{terminal} without a way through the city")
        };
        values.want(
            cut_off.is_none(),
            "access",
            found,
            &format!("access.{passengers}, or a stop of scheduled services"),
        );
        let freight = hub.services.iter().filter(of).any(|s| !is_for_passengers(s.mode));
        let found = || format!("freight {way} without a way for trucks");
        values.want(!freight || trucks.is_some(), "access", found, &format!("access.{key}"));
    }
}

/// Terminals have ids of their own and places that exist.
fn terminals(hub: &HubFile, known: &Known, values: &mut Values) {
    let few = hub.terminals.len() <= 255;
    values.want(few, "terminal", || format!("{} terminals", hub.terminals.len()), "at most 255 terminals");
    for (i, terminal) in hub.terminals.iter().enumerate() {
        let path = format!("terminal[{i}]");
        let again = hub.terminals[..i].iter().any(|t| t.id == terminal.id);
        values.want(!again, &format!("{path}.id"), || format!("\"{}\" again", terminal.id), "ids that are unique");
        values.want(!terminal.id.is_empty(), &format!("{path}.id"), || "nothing".into(), "an id");
        for (key, node) in [("drop_off_node", &terminal.drop_off_node), ("pick_up_node", &terminal.pick_up_node)] {
            if let Some(node) = node {
                let nodes = known.nodes.as_ref().map(|n| n.iter().copied());
                values.known(&format!("{path}.{key}"), node, nodes, "a node_id of node.csv");
            }
        }
        stops(hub, known, &terminal.stops, &path, values);
        if let Some(walk) = terminal.kerb_walk_s {
            values.number(&format!("{path}.kerb_walk_s"), walk, WITHIN_A_DAY);
        }
    }
}

/// Hubs from which passengers come exist, have services that arrive, and send no more than all.
fn others(scenario: &Scenario, hub: &HubFile, values: &mut Values) {
    let from = &hub.users.from_hub;
    for (i, row) in from.iter().enumerate() {
        let path = format!("users.from_hub[{i}]");
        let key = format!("{path}.hub_id");
        let itself = row.hub_id == hub.hub_id;
        values.want(!itself, &key, || format!("\"{}\", the hub itself", row.hub_id), "another hub");
        let again = from[..i].iter().any(|r| r.hub_id == row.hub_id);
        values.want(!again, &key, || format!("\"{}\" again", row.hub_id), "each hub once");
        values.known(&key, &row.hub_id, Some(scenario.hubs.iter().map(|h| h.hub_id.as_str())), "the hub_id of a hub");
        if let Some(other) = scenario.hubs.iter().find(|h| h.hub_id == row.hub_id && !itself) {
            let comes = |s: &ServiceRow| s.direction == Direction::Arrival && is_for_passengers(s.mode);
            let some = row.share == 0.0 || other.services.iter().any(comes);
            let found = || format!("\"{}\", where no passenger service arrives", row.hub_id);
            values.want(some, &key, found, "a hub with passenger services that arrive");
        }
        values.number(&format!("{path}.share"), row.share, SHARE);
        values.number(&format!("{path}.connect_min"), row.connect_min, MINUTES_BEFORE);
    }
    let total: f64 = from.iter().map(|row| row.share).sum();
    // Shares that were written to add up to one may miss it by their rounding.
    let good = total <= 1.0 + 1e-9 || total.is_nan();
    values.want(good, "users.from_hub", || format!("shares that add up to {total}"), "shares that add up to at most 1");
}

/// Slots of trucks.
fn appointments(hub: &HubFile, values: &mut Values) {
    let Some(a) = &hub.appointments else { return };
    let slot = (1..=1_440).contains(&a.slot_min);
    values.want(slot, "appointments.slot_min", || a.slot_min.to_string(), "minutes, from 1 to a day (1,440)");
    let trucks = (1..=10_000).contains(&a.trucks);
    values.want(trucks, "appointments.trucks", || a.trucks.to_string(), "trucks of a slot, from 1 to 10,000");
    values.number("appointments.early_min", a.early_min, MINUTES_BEFORE);
    let gate = hub.access.truck_in_node.is_some() || hub.access.truck_out_node.is_some();
    values.want(gate, "appointments", || "appointments without a gate for trucks".into(), "access.truck_in_node");
}

fn is_for_passengers(mode: ServiceMode) -> bool {
    match mode {
        ServiceMode::Air | ServiceMode::Rail => true,
        ServiceMode::AirCargo | ServiceMode::RailFreight => false,
    }
}

fn users(hub: &HubFile, values: &mut Values) {
    let u = &hub.users;
    for (key, x, range) in [
        ("transfer_share", u.transfer_share, SHARE),
        ("visitor_share", u.visitor_share, SHARE),
        ("business_share", u.business_share, SHARE),
        ("early_domestic_min", u.early_domestic_min, MINUTES_BEFORE),
        ("early_international_min", u.early_international_min, MINUTES_BEFORE),
        ("early_sd_min", u.early_sd_min, MINUTES_BEFORE),
        ("cut_off_min", u.cut_off_min, MINUTES_BEFORE),
        ("decay_per_min", u.decay_per_min, NOT_NEGATIVE),
        ("truck_load_t", u.truck_load_t, TRUCK_LOAD),
        ("truck_load_teu", u.truck_load_teu, TRUCK_LOAD),
        ("dwell_h", u.dwell_h, between(0.0, 8_760.0, "hours, from 0 to 8,760")),
        ("premium_share", u.premium_share, SHARE),
        ("bags_share", u.bags_share, SHARE),
        ("reefer_share", u.reefer_share, SHARE),
        ("load_min", u.load_min, MINUTES_BEFORE),
        ("late_share", u.late_share, SHARE),
        ("late_mean_min", u.late_mean_min, MINUTES_BEFORE),
    ] {
        values.number(&format!("users.{key}"), x, range);
    }
    values.number("users.party_mean", u.party_mean, PARTY);
    let comes = |s: &ServiceRow| s.direction == Direction::Arrival && is_for_passengers(s.mode);
    let changes = u.transfer_share > 0.0 && hub.services.iter().any(comes);
    let way = hub.chains.iter().any(|c| c.user == ChainUser::Transfer);
    let found = || format!("{} without a way between services", u.transfer_share);
    values.want(!changes || way, "users.transfer_share", found, "0, or a [[chain]] with user = \"transfer\"");
    let open = values.time("users.gate_open", &u.gate_open);
    let close = values.time("users.gate_close", &u.gate_close);
    if let (Some(open), Some(close)) = (open, close) {
        let found = || format!("\"{}\"", u.gate_close);
        values.want(open < close, "users.gate_close", found, "a time after gate_open");
    }
    let words = [VehicleClass::Truck, VehicleClass::ArticulatedTruck].map(VehicleClass::word);
    let wanted = format!("one of {}", words.join(", "));
    values.known("users.truck_class", &u.truck_class, Some(words), &wanted);
}

/// Services lie within the simulated day, and carry what a service can carry.
fn schedule(scenario: &Scenario, hub: &HubFile) -> Vec<Problem> {
    let mut problems = Vec::new();
    for service in &hub.services {
        for (column, x, range) in
            [("seats", service.seats, SEATS), ("tonnes", service.tonnes, FREIGHT), ("teu", service.teu, FREIGHT)]
        {
            if !range.holds(x) {
                let problem = Problem::new(&hub.schedule, x.to_string(), range.words).column(column);
                problems.push(at(problem, service.row));
            }
        }
    }
    let mut unknown = Unknown::new(&hub.schedule, "terminal", "the id of a [[terminal]] of the hub, or nothing");
    let terminals: FxHashSet<&str> = hub.terminals.iter().map(|t| t.id.as_str()).collect();
    hub.services.iter().for_each(|s| unknown.unless_in(Some(&terminals), &s.terminal, s.row));
    problems.extend(unknown.problems(terminals));
    let Some((start, end)) = day(scenario) else { return problems };
    let moments = hub.services.iter().map(|s| (s.time_s, s.row));
    let late = moments.filter(|(s, _)| !s.is_nan() && !(start..=end).contains(&Time::from_seconds(*s)));
    problems.extend(outside_the_day(&hub.schedule, "time", (start, end), late));
    problems
}
