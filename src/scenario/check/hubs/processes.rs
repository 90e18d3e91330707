//! Processes, rosters and stores of a hub: values in range, ids that exist, somebody who serves at some time.

use super::super::super::Scenario;
use super::super::super::hubs::{HubFile, ProcessFile, ServerShift, ServiceLaw, StoreFile};
use super::super::super::read::range::{NOT_NEGATIVE, POSITIVE, SERVICE_TIME, WITHIN_A_DAY, between};
use super::super::links::day;
use super::super::values::Values;
use crate::units::Time;

/// Checks the processes and the rosters that staff them.
pub(super) fn processes(scenario: &Scenario, hub: &HubFile, values: &mut Values) {
    for (i, roster) in hub.rosters.iter().enumerate() {
        let path = format!("roster[{i}]");
        let again = hub.rosters[..i].iter().any(|r| r.id == roster.id);
        values.want(!again, &format!("{path}.id"), || format!("\"{}\" again", roster.id), "ids that are unique");
        shifts(&roster.staff, &format!("{path}.staff"), values);
    }
    for (i, process) in hub.processes.iter().enumerate() {
        let path = format!("process[{i}]");
        let again = hub.processes[..i].iter().any(|p| p.id == process.id);
        values.want(!again, &format!("{path}.id"), || format!("\"{}\" again", process.id), "ids that are unique");
        law(process, &path, values);
        servers(scenario, hub, process, &path, values);
        room(process, &path, values);
        values.number(&format!("{path}.reset_s"), process.reset_s, WITHIN_A_DAY);
        for (key, x, range) in
            [("area_m2", process.area_m2, POSITIVE), ("cost_cny_h", process.cost_cny_h, NOT_NEGATIVE)]
        {
            if let Some(x) = x {
                values.number(&format!("{path}.{key}"), x, range);
            }
        }
    }
}

/// The law of the service time has what it needs.
fn law(process: &ProcessFile, path: &str, values: &mut Values) {
    let nothing = || "nothing".to_owned();
    let observed = format!("{path}.values_s");
    if process.law == ServiceLaw::Empirical {
        let some = !process.values_s.is_empty();
        values.want(some, &observed, nothing, "observed service times of the empirical law, seconds");
        for (i, value) in process.values_s.iter().enumerate() {
            values.number(&format!("{observed}[{i}]"), *value, SERVICE_TIME);
        }
        return;
    }
    let found = || format!("{} values", process.values_s.len());
    values.want(process.values_s.is_empty(), &observed, found, "values for law = \"empirical\" only");
    values.number(&format!("{path}.mean_s"), process.mean_s, SERVICE_TIME);
    match process.law {
        ServiceLaw::Erlang => {
            let good = process.phases.is_some_and(|p| (1..=1_000).contains(&p));
            let found = || process.phases.map_or_else(nothing, |p| p.to_string());
            values.want(good, &format!("{path}.phases"), found, "the phases of the Erlang law, from 1 to 1,000");
        }
        ServiceLaw::Lognormal => {
            let good = process.cv.is_some_and(|cv| POSITIVE.holds(cv) && cv <= 100.0);
            let found = || process.cv.map_or_else(nothing, |cv| cv.to_string());
            let wanted = "the coefficient of variation of the lognormal law, > 0, at most 100";
            values.want(good, &format!("{path}.cv"), found, wanted);
        }
        ServiceLaw::Deterministic | ServiceLaw::Exponential | ServiceLaw::Empirical => {}
    }
}

/// Servers are of the process itself or of a roster, and somebody serves within the day.
fn servers(scenario: &Scenario, hub: &HubFile, process: &ProcessFile, path: &str, values: &mut Values) {
    let of_staff = format!("{path}.staff_per_server");
    let good = (1..=10_000).contains(&process.staff_per_server);
    values.want(good, &of_staff, || process.staff_per_server.to_string(), "staff, from 1 to 10,000");
    let key = format!("{path}.servers");
    let Some(id) = &process.roster else {
        let one = process.staff_per_server <= 1;
        values.want(one, &of_staff, || format!("{} without a roster", process.staff_per_server), "a roster");
        shifts(&process.servers, &key, values);
        let wanted = "a shift with servers, or a roster";
        return served(scenario, &process.servers, 1, &key, wanted, values);
    };
    let both = !process.servers.is_empty();
    values.want(!both, &key, || format!("servers and the roster \"{id}\""), "one of them");
    let known = Some(hub.rosters.iter().map(|r| r.id.as_str()));
    values.known(&format!("{path}.roster"), id, known, "the id of a roster of the hub");
    if let Some(roster) = hub.rosters.iter().find(|r| r.id == *id) {
        let staff = process.staff_per_server.max(1);
        let wanted = format!("a roster with {staff} at some time, as one server needs them");
        served(scenario, &roster.staff, staff, &format!("{path}.roster"), &wanted, values);
    }
}

/// Nobody leaves a process without a server.
fn served(scenario: &Scenario, shifts: &[ServerShift], staff: u32, key: &str, wanted: &str, values: &mut Values) {
    let staffed = shifts.iter().filter(|shift| shift.count >= staff);
    let mut periods = staffed.filter_map(|shift| Time::parse(&shift.from).zip(Time::parse(&shift.to))).peekable();
    let none = shifts.iter().all(|shift| shift.count < staff);
    values.want(!none, key, || "a process that nothing leaves: no server at any time".into(), wanted);
    let Some((start, end)) = day(scenario).filter(|_| !none && periods.peek().is_some()) else { return };
    let within = periods.any(|(from, to)| from < end && to > start);
    let found = || format!("a process that nothing leaves: no server from {start} to {end}, the simulated day");
    values.want(within, key, found, wanted);
}

/// Shifts are periods that do not overlap.
fn shifts(shifts: &[ServerShift], path: &str, values: &mut Values) {
    let mut periods: Vec<(Time, Time)> = Vec::new();
    for (i, shift) in shifts.iter().enumerate() {
        let at = format!("{path}[{i}]");
        let few = shift.count <= 10_000;
        values.want(few, &format!("{at}.count"), || shift.count.to_string(), "a count of at most 10,000");
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

/// Places, batches, priorities and breakdowns.
fn room(process: &ProcessFile, path: &str, values: &mut Values) {
    let most = 1_000_000;
    if let Some(places) = process.places {
        let good = (1..=most).contains(&places);
        values.want(good, &format!("{path}.places"), || places.to_string(), "places, from 1 to 1,000,000");
    }
    if let Some(batch) = &process.batch {
        let good = (1..=most).contains(&batch.size);
        values.want(good, &format!("{path}.batch.size"), || batch.size.to_string(), "a size from 1 to 1,000,000");
        values.number(&format!("{path}.batch.wait_s"), batch.wait_s, WITHIN_A_DAY);
    }
    for (j, class) in process.priority.iter().enumerate() {
        let again = process.priority[..j].contains(class);
        let found = || format!("\"{}\" again", class.word());
        values.want(!again, &format!("{path}.priority"), found, "each class once");
    }
    if let Some(breakdown) = &process.breakdown {
        let every = between(0.01, 100_000.0, "hours, from 0.01 to 100,000");
        values.number(&format!("{path}.breakdown.every_h"), breakdown.every_h, every);
        let repair = between(0.01, 10_080.0, "minutes, from 0.01 to a week (10,080)");
        values.number(&format!("{path}.breakdown.repair_min"), breakdown.repair_min, repair);
    }
}

/// Checks the stores.
pub(super) fn stores(hub: &HubFile, values: &mut Values) {
    for (i, store) in hub.stores.iter().enumerate() {
        let path = format!("store[{i}]");
        let again = hub.stores[..i].iter().any(|s| s.id == store.id);
        values.want(!again, &format!("{path}.id"), || format!("\"{}\" again", store.id), "ids that are unique");
        values.number(&format!("{path}.capacity"), store.capacity, POSITIVE);
        if let Some(area) = store.area_m2 {
            values.number(&format!("{path}.area_m2"), area, POSITIVE);
        }
        start(store, &path, values);
    }
}

fn start(store: &StoreFile, path: &str, values: &mut Values) {
    let Some(start) = store.start else { return };
    let key = format!("{path}.start");
    values.number(&key, start, NOT_NEGATIVE);
    let found = || format!("{start} in a store for {}", store.capacity);
    values.want(start <= store.capacity || store.capacity.is_nan(), &key, found, "at most the capacity");
}
