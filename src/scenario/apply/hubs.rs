//! Measures on hubs: servers, service times, and services that grow, shrink or move.

use super::super::Scenario;
use super::super::hubs::{HubFile, ServerShift, ServiceRow};
use super::super::read::range::{FACTOR, FACTOR_ABOVE_ZERO, SERVICE_TIME, SHARE};
use super::super::variant::Measure;
use super::Site;
use crate::units::Time;

/// Sets servers or service time of a process.
pub(super) fn set_process(changed: &mut Scenario, measure: &Measure, site: &mut Site) {
    let Measure::SetProcess { hub_id, process, servers_factor, servers, mean_s } = measure else { return };
    let (start, end) = (changed.settings.time.start.clone(), changed.settings.time.end.clone());
    match (servers_factor, servers, mean_s) {
        (Some(_), Some(_), _) => site.tell("servers", "both servers and servers_factor", "one of them"),
        (None, None, None) => {
            site.tell("kind", "set_process without a value", "one of servers_factor, servers, mean_s");
        }
        _ => {}
    }
    if let Some(factor) = servers_factor {
        site.number("servers_factor", *factor, FACTOR_ABOVE_ZERO);
    }
    if *servers == Some(0) {
        site.tell("servers", "0", "at least one server");
    }
    if let Some(mean) = mean_s {
        site.number("mean_s", *mean, SERVICE_TIME);
    }
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
    if servers_factor.is_some() || servers.is_some() {
        leave_roster(hub, place);
    }
    let process = &mut hub.processes[place];
    process.mean_s = mean_s.unwrap_or(process.mean_s);
    if let Some(factor) = servers_factor {
        for shift in &mut process.servers {
            shift.count = scaled(shift.count, *factor);
        }
    }
    if let Some(count) = servers
        && !staffed_throughout(&process.servers, *count, (&start, &end))
    {
        process.servers = vec![ServerShift { from: start, to: end, count: *count }];
    }
}

/// Gives a process that a roster staffs the same servers as shifts of its own: a measure on it leaves alone what the roster
/// staffs besides.
fn leave_roster(hub: &mut HubFile, place: usize) {
    let process = &mut hub.processes[place];
    let Some(roster) = hub.rosters.iter().find(|r| process.roster.as_deref() == Some(r.id.as_str())) else { return };
    let staff = process.staff_per_server.max(1);
    process.servers = roster.staff.iter().map(|s| ServerShift { count: s.count / staff, ..s.clone() }).collect();
    (process.roster, process.staff_per_server) = (None, 1);
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

/// Scales the seats and freight of a hub's services.
pub(super) fn scale_services(changed: &mut Scenario, measure: &Measure, site: &mut Site) {
    let Measure::ScaleServices { hub_id, factor, scope } = measure else { return };
    site.number("factor", *factor, FACTOR);
    let Some(hub) = hub(changed, "hub_id", hub_id, site) else { return };
    let services = &mut changed.hubs[hub].services;
    if !services.iter().any(|s| scope.is_none_or(|scope| s.scope == scope)) {
        site.tell("scope", format!("no such service of \"{hub_id}\""), "a scope that the hub's services have");
    }
    if !site.is_sound() {
        return;
    }
    for service in services.iter_mut().filter(|s| scope.is_none_or(|scope| s.scope == scope)) {
        service.seats *= factor;
        service.tonnes *= factor;
        service.teu *= factor;
    }
}

/// Moves a share of a hub's services to another hub of the same kind.
pub(super) fn move_services(changed: &mut Scenario, measure: &Measure, site: &mut Site) {
    let Measure::MoveServices { from_hub_id, to_hub_id, share } = measure else { return };
    site.number("share", *share, SHARE);
    let from = hub(changed, "from_hub_id", from_hub_id, site);
    let to = hub(changed, "to_hub_id", to_hub_id, site);
    let (Some(from), Some(to)) = (from, to) else { return };
    if from == to {
        site.tell("to_hub_id", format!("\"{to_hub_id}\", which loses them"), "another hub");
    } else if changed.hubs[from].kind != changed.hubs[to].kind {
        site.tell("to_hub_id", format!("\"{to_hub_id}\", a hub of another kind"), "a hub of the same kind");
    }
    if !site.is_sound() {
        return;
    }
    let moving = moving(&changed.hubs[from].services, *share);
    let services = std::mem::take(&mut changed.hubs[from].services);
    let (gone, stay): (Vec<_>, Vec<_>) = services.into_iter().zip(moving).partition(|(_, moves)| *moves);
    changed.hubs[from].services = stay.into_iter().map(|(service, _)| service).collect();
    for (service, _) in gone {
        let taken = changed.hubs[to].services.iter().any(|s| s.service_id == service.service_id);
        let service_id = match taken {
            true => format!("{from_hub_id}:{}", service.service_id),
            false => service.service_id.clone(),
        };
        changed.hubs[to].services.push(ServiceRow { service_id, row: 0, ..service });
    }
}

/// Sends a share of a hub's services to another terminal of it.
pub(super) fn set_terminal(changed: &mut Scenario, measure: &Measure, site: &mut Site) {
    let Measure::SetTerminal { hub_id, terminal, share, from, scope } = measure else { return };
    site.number("share", *share, SHARE);
    let Some(hub) = hub(changed, "hub_id", hub_id, site) else { return };
    let hub = &mut changed.hubs[hub];
    let wanted = format!("the id of a terminal of \"{hub_id}\"");
    for (key, id) in std::iter::once(("terminal", terminal)).chain(from.iter().map(|id| ("from", id))) {
        if !hub.terminals.iter().any(|t| t.id == *id) {
            site.unknown(key, id, hub.terminals.iter().map(|t| t.id.as_str()), &wanted);
        }
    }
    let is_of = |s: &ServiceRow| !s.terminal.is_empty() && (from.is_empty() || from.contains(&s.terminal));
    let chosen = |s: &ServiceRow| is_of(s) && scope.is_none_or(|scope| s.scope == scope);
    let places: Vec<usize> = (0..hub.services.len()).filter(|&i| chosen(&hub.services[i])).collect();
    if places.is_empty() {
        site.tell("from", format!("no such service of \"{hub_id}\""), "terminals and a scope that services have");
    }
    if !site.is_sound() {
        return;
    }
    let services: Vec<ServiceRow> = places.iter().map(|&i| hub.services[i].clone()).collect();
    for (&i, _) in places.iter().zip(moving(&services, *share)).filter(|(_, moves)| *moves) {
        hub.services[i].terminal.clone_from(terminal);
    }
}

/// Which services move: within each direction in the order of time (then of id) the n-th moves when n · share passes a
/// whole number, so that the share holds over every part of the day.
fn moving(services: &[ServiceRow], share: f64) -> Vec<bool> {
    let mut order: Vec<usize> = (0..services.len()).collect();
    order.sort_by(|&a, &b| {
        let (a, b) = (&services[a], &services[b]);
        a.time_s.total_cmp(&b.time_s).then_with(|| a.service_id.cmp(&b.service_id))
    });
    let mut moves = vec![false; services.len()];
    let mut counts: Vec<(super::super::hubs::Direction, u32)> = Vec::new();
    for i in order {
        let direction = services[i].direction;
        let place = counts.iter().position(|(d, _)| *d == direction).unwrap_or_else(|| {
            counts.push((direction, 0));
            counts.len() - 1
        });
        let n = f64::from(counts[place].1);
        counts[place].1 += 1;
        moves[i] = ((n + 1.0) * share + 1e-9).floor() > (n * share + 1e-9).floor();
    }
    moves
}

/// The position of a hub, told when there is none.
fn hub(changed: &Scenario, key: &str, hub_id: &str, site: &mut Site) -> Option<usize> {
    let found = changed.hubs.iter().position(|h: &HubFile| h.hub_id == hub_id);
    if found.is_none() {
        site.unknown(key, hub_id, changed.hubs.iter().map(|h| h.hub_id.as_str()), "the hub_id of a hub");
    }
    found
}
