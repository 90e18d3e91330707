//! Measures on the processes and stores of hubs: servers, service times, room.

use super::super::Scenario;
use super::super::hubs::{BatchFile, HubFile, ProcessFile, ServerShift, ServiceLaw};
use super::super::read::range::{FACTOR_ABOVE_ZERO, POSITIVE, SERVICE_TIME, WITHIN_A_DAY};
use super::super::variant::Measure;
use super::Site;
use super::hubs::hub;
use crate::units::Time;

/// Sets what a process can do.
pub(super) fn set_process(changed: &mut Scenario, measure: &Measure, site: &mut Site) {
    let Measure::SetProcess { hub_id, process, .. } = measure else { return };
    values(measure, site);
    let (start, end) = (changed.settings.time.start.clone(), changed.settings.time.end.clone());
    let Some(hub) = hub(changed, "hub_id", hub_id, site) else { return };
    let hub = &mut changed.hubs[hub];
    let Some(place) = hub.processes.iter().position(|p| p.id == *process) else {
        let known = hub.processes.iter().map(|p| p.id.as_str());
        site.unknown("process", process, known, &format!("a process of the hub \"{hub_id}\""));
        return;
    };
    if !site.is_sound() {
        return;
    }
    let shifts = shifts(hub, &hub.processes[place]);
    set(&mut hub.processes[place], measure, shifts, (&start, &end));
}

/// The values of the measure lie in their ranges, and there is one.
fn values(measure: &Measure, site: &mut Site) {
    let Measure::SetProcess { servers_factor, servers, mean_s, reset_s, places, batch_size, priority, .. } = measure
    else {
        return;
    };
    let numbers = [servers_factor, mean_s, reset_s].iter().any(|x| x.is_some());
    let counts = [servers, places, batch_size].iter().any(|x| x.is_some());
    if !numbers && !counts && priority.is_none() {
        let wanted = "one of servers_factor, servers, mean_s, reset_s, places, batch_size, priority";
        site.tell("kind", "set_process without a value", wanted);
    }
    if servers_factor.is_some() && servers.is_some() {
        site.tell("servers", "both servers and servers_factor", "one of them");
    }
    for (key, x, range) in [
        ("servers_factor", servers_factor, FACTOR_ABOVE_ZERO),
        ("mean_s", mean_s, SERVICE_TIME),
        ("reset_s", reset_s, WITHIN_A_DAY),
    ] {
        if let Some(x) = x {
            site.number(key, *x, range);
        }
    }
    for (key, count, wanted) in [
        ("servers", servers, "at least one server"),
        ("places", places, "at least one place"),
        ("batch_size", batch_size, "a batch of at least one"),
    ] {
        if *count == Some(0) {
            site.tell(key, "0", wanted);
        }
    }
}

/// The servers of a process by shift, those of its roster where it has one.
fn shifts(hub: &HubFile, process: &ProcessFile) -> Vec<ServerShift> {
    let roster = process.roster.as_ref().and_then(|id| hub.rosters.iter().find(|r| r.id == *id));
    let Some(roster) = roster else { return process.servers.clone() };
    let servers =
        |shift: &ServerShift| ServerShift { count: shift.count / process.staff_per_server.max(1), ..shift.clone() };
    roster.staff.iter().map(servers).collect()
}

fn set(process: &mut ProcessFile, measure: &Measure, shifts: Vec<ServerShift>, day: (&str, &str)) {
    let Measure::SetProcess { servers_factor, servers, mean_s, reset_s, places, batch_size, priority, .. } = measure
    else {
        return;
    };
    let mut staffed = shifts.clone();
    if let Some(factor) = servers_factor {
        staffed.iter_mut().for_each(|shift| shift.count = scaled(shift.count, *factor));
    }
    if let Some(count) = servers
        && !staffed_throughout(&staffed, *count, day)
    {
        staffed = vec![ServerShift { from: day.0.into(), to: day.1.into(), count: *count }];
    }
    if staffed != shifts {
        process.servers = staffed;
        process.roster = None;
        process.staff_per_server = 1;
    }
    if let Some(mean) = mean_s.filter(|mean| *mean != process.mean_service_s()) {
        let stretch = mean / process.mean_service_s();
        match process.law {
            ServiceLaw::Empirical => process.values_s.iter_mut().for_each(|value| *value *= stretch),
            _ => process.mean_s = mean,
        }
    }
    process.reset_s = reset_s.unwrap_or(process.reset_s);
    process.places = places.or(process.places);
    match (&mut process.batch, batch_size) {
        (Some(batch), Some(size)) => batch.size = *size,
        // One at a time is what a server does without a batch.
        (None, Some(size)) if *size > 1 => process.batch = Some(BatchFile { size: *size, wait_s: 0.0 }),
        _ => {}
    }
    if let Some(priority) = priority {
        process.priority.clone_from(priority);
    }
}

/// Servers times a factor, rounded up, at least one where there was one.
fn scaled(count: u32, factor: f64) -> u32 {
    // 10 · 1.1 is 11.000000000000002 in binary; that is 11 servers, not 12.
    let scaled = (f64::from(count) * factor - 1e-9).ceil().clamp(0.0, f64::from(u32::MAX));
    (scaled as u32).max(u32::from(count > 0))
}

/// Whether the shifts already are this many servers from start to end.
fn staffed_throughout(shifts: &[ServerShift], count: u32, (start, end): (&str, &str)) -> bool {
    let mut periods: Vec<(Time, Time)> = Vec::new();
    for shift in shifts {
        let (Some(from), Some(to)) = (Time::parse(&shift.from), Time::parse(&shift.to)) else { return false };
        if shift.count != count {
            return false;
        }
        periods.push((from, to));
    }
    periods.sort_unstable();
    let (Some(start), Some(end)) = (Time::parse(start), Time::parse(end)) else { return false };
    let covered = periods.iter().fold(start, |till, (from, to)| if *from <= till { till.max(*to) } else { till });
    covered >= end
}

/// Sets the room of a store.
pub(super) fn set_store(changed: &mut Scenario, measure: &Measure, site: &mut Site) {
    let Measure::SetStore { hub_id, store, capacity, capacity_factor } = measure else { return };
    match (capacity, capacity_factor) {
        (Some(_), Some(_)) => site.tell("capacity", "both capacity and capacity_factor", "one of them"),
        (None, None) => site.tell("kind", "set_store without a value", "one of capacity, capacity_factor"),
        _ => {}
    }
    for (key, x, range) in [("capacity", capacity, POSITIVE), ("capacity_factor", capacity_factor, FACTOR_ABOVE_ZERO)] {
        if let Some(x) = x {
            site.number(key, *x, range);
        }
    }
    let Some(hub) = hub(changed, "hub_id", hub_id, site) else { return };
    let hub = &mut changed.hubs[hub];
    let Some(place) = hub.stores.iter().position(|s| s.id == *store) else {
        let known = hub.stores.iter().map(|s| s.id.as_str());
        site.unknown("store", store, known, &format!("a store of the hub \"{hub_id}\""));
        return;
    };
    if site.is_sound() {
        let store = &mut hub.stores[place];
        store.capacity = capacity.unwrap_or(store.capacity * capacity_factor.unwrap_or(1.0));
    }
}
