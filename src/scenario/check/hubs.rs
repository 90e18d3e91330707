//! Hubs: their places on the networks, processes, chains and schedules.

use super::super::Scenario;
use super::super::hubs::{ChainUser, Direction, HubFile, ProcessFile, ServiceLaw, ServiceMode, ServiceRow};
use super::super::read::range::{
    FREIGHT, LATITUDE, LONGITUDE, MINUTES_BEFORE, NOT_NEGATIVE, PARTY, POSITIVE, SEATS, SERVICE_TIME, SHARE,
    TRUCK_LOAD, WITHIN_A_DAY, between,
};
use super::links::{day, outside_the_day};
use super::values::Values;
use super::{Keys, Known, at, twice};
use crate::error::Problem;
use crate::mode::VehicleClass;
use crate::units::Time;

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
        users(hub, &mut values);
        processes(hub, &mut values);
        chains(hub, &mut values);
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
    for (i, stop) in access.stops.iter().enumerate() {
        let stops = known.stops.as_ref().map(|s| s.iter().copied());
        values.known(&format!("access.stop[{i}].stop_id"), &stop.stop_id, stops, "a stop_id of the timetable");
        values.number(&format!("access.stop[{i}].walk_s"), stop.walk_s, WITHIN_A_DAY);
        for (key, chain, user, wanted) in [
            ("board_chain", &stop.board_chain, ChainUser::Boarding, "the id of a [[chain]] with user = \"boarding\""),
            (
                "alight_chain",
                &stop.alight_chain,
                ChainUser::Alighting,
                "the id of a [[chain]] with user = \"alighting\"",
            ),
        ] {
            let ids = hub.chains.iter().filter(|c| c.user == user).filter_map(|c| c.id.as_deref());
            if let Some(chain) = chain {
                values.known(&format!("access.stop[{i}].{key}"), chain, Some(ids), wanted);
            }
        }
        for route in &stop.routes {
            let routes = known.routes.as_ref().map(|r| r.iter().copied());
            values.known(&format!("access.stop[{i}].routes"), route, routes, "a route_id of routes.txt");
        }
    }
    values.number("access.kerb_walk_s", access.kerb_walk_s, WITHIN_A_DAY);
    let by_rail = !access.stops.is_empty();
    for (direction, passengers, freight) in [
        (Direction::Departure, ("drop_off_node", &access.drop_off_node), ("truck_in_node", &access.truck_in_node)),
        (Direction::Arrival, ("pick_up_node", &access.pick_up_node), ("truck_out_node", &access.truck_out_node)),
    ] {
        let serves =
            |people: bool| hub.services.iter().any(|s| s.direction == direction && is_for_passengers(s.mode) == people);
        let way = match direction {
            Direction::Departure => "departures",
            Direction::Arrival => "arrivals",
        };
        let (key, node) = passengers;
        let found = || format!("passenger {way} without a way through the city");
        let wanted = format!("access.{key}, or a stop of scheduled services");
        values.want(!serves(true) || by_rail || node.is_some(), "access", found, &wanted);
        let (key, node) = freight;
        let found = || format!("freight {way} without a way for trucks");
        values.want(!serves(false) || node.is_some(), "access", found, &format!("access.{key}"));
    }
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

fn processes(hub: &HubFile, values: &mut Values) {
    for (i, process) in hub.processes.iter().enumerate() {
        let path = format!("process[{i}]");
        let again = hub.processes[..i].iter().any(|p| p.id == process.id);
        values.want(!again, &format!("{path}.id"), || format!("\"{}\" again", process.id), "ids that are unique");
        values.number(&format!("{path}.mean_s"), process.mean_s, SERVICE_TIME);
        if let Some(area) = process.area_m2 {
            values.number(&format!("{path}.area_m2"), area, POSITIVE);
        }
        let nothing = || "nothing".to_owned();
        match process.law {
            ServiceLaw::Erlang => {
                let good = process.phases.is_some_and(|p| (1..=1_000).contains(&p));
                let found = || process.phases.map_or_else(nothing, |p| p.to_string());
                values.want(good, &format!("{path}.phases"), found, "the phases of the Erlang law, from 1 to 1,000");
            }
            ServiceLaw::Lognormal => {
                let good = process.cv.is_some_and(|cv| POSITIVE.holds(cv) && cv <= 100.0);
                let found = || process.cv.map_or_else(nothing, |cv| cv.to_string());
                values.want(
                    good,
                    &format!("{path}.cv"),
                    found,
                    "the coefficient of variation of the lognormal law, > 0, at most 100",
                );
            }
            ServiceLaw::Deterministic | ServiceLaw::Exponential | ServiceLaw::Empirical => {}
        }
        shifts(process, &path, values);
    }
}

/// Shifts are periods that do not overlap, and somebody serves at some time.
fn shifts(process: &ProcessFile, path: &str, values: &mut Values) {
    let staffed = process.servers.iter().any(|s| s.count > 0);
    values.want(staffed, &format!("{path}.servers"), || "no server at any time".into(), "a shift with servers");
    let mut periods: Vec<(Time, Time)> = Vec::new();
    for (i, shift) in process.servers.iter().enumerate() {
        let at = format!("{path}.servers[{i}]");
        let few = shift.count <= 10_000;
        values.want(few, &format!("{at}.count"), || shift.count.to_string(), "servers, at most 10,000");
        let from = values.time(&format!("{at}.from"), &shift.from);
        let to = values.time(&format!("{at}.to"), &shift.to);
        let (Some(from), Some(to)) = (from, to) else { continue };
        values.want(from < to, &format!("{at}.to"), || format!("\"{}\"", shift.to), "a time after from");
        let overlaps = from < to && periods.iter().any(|(a, b)| from < *b && *a < to);
        let found = || format!("{} to {}", shift.from, shift.to);
        values.want(!overlaps, &at, found, "shifts that do not overlap");
        periods.push((from, to));
    }
}

fn chains(hub: &HubFile, values: &mut Values) {
    for (i, chain) in hub.chains.iter().enumerate() {
        let path = format!("chain[{i}]");
        let of_lines = matches!(chain.user, ChainUser::Boarding | ChainUser::Alighting);
        let again = hub.chains[..i].iter().any(|c| c.user == chain.user && c.scope == chain.scope);
        let found = || "a second chain of the same user and scope".to_owned();
        values.want(!again || of_lines, &path, found, "one chain for each user and scope");
        values.want(!of_lines || chain.id.is_some(), &path, || "no id".into(), "an id, by which stops name the chain");
        if let Some(id) = &chain.id {
            let again = hub.chains[..i].iter().any(|c| c.id.as_ref() == Some(id));
            values.want(!again, &format!("{path}.id"), || format!("\"{id}\" again"), "ids that are unique");
        }
        for (j, step) in chain.steps.iter().enumerate() {
            let at = format!("{path}.step[{j}]");
            let known = Some(hub.processes.iter().map(|p| p.id.as_str()));
            values.known(&format!("{at}.process"), &step.process, known, "the id of a process of the hub");
            values.number(&format!("{at}.walk_s"), step.walk_s, WITHIN_A_DAY);
            values.number(&format!("{at}.share"), step.share, SHARE);
        }
    }
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
    let Some((start, end)) = day(scenario) else { return problems };
    let moments = hub.services.iter().map(|s| (s.time_s, s.row));
    let late = moments.filter(|(s, _)| !s.is_nan() && !(start..=end).contains(&Time::from_seconds(*s)));
    problems.extend(outside_the_day(&hub.schedule, "time", (start, end), late));
    problems
}
