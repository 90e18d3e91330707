//! Measures on the services of hubs, which grow, shrink or move, and on appointments.

use super::super::Scenario;
use super::super::hubs::{AppointmentsFile, HubFile, ServiceRow};
use super::super::read::range::{FACTOR, MINUTES_BEFORE, SHARE};
use super::super::variant::Measure;
use super::Site;

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

/// Sets the appointments of a hub's trucks.
pub(super) fn set_appointments(changed: &mut Scenario, measure: &Measure, site: &mut Site) {
    let Measure::SetAppointments { hub_id, slot_min, trucks, early_min } = measure else { return };
    if *slot_min == Some(0) {
        site.tell("slot_min", "0", "minutes, from 1 to a day (1,440)");
    }
    if *trucks == Some(0) {
        site.tell("trucks", "0", "at least one truck; without any value there are no appointments");
    }
    if let Some(early) = early_min {
        site.number("early_min", *early, MINUTES_BEFORE);
    }
    let Some(hub) = hub(changed, "hub_id", hub_id, site) else { return };
    let now = &mut changed.hubs[hub].appointments;
    if slot_min.is_none() && trucks.is_none() && early_min.is_none() {
        if site.is_sound() {
            *now = None;
        }
        return;
    }
    let before = now.as_ref();
    let slot_min = slot_min.or(before.map(|a| a.slot_min));
    let trucks = trucks.or(before.map(|a| a.trucks));
    let early_min = early_min.or(before.map(|a| a.early_min)).unwrap_or(0.0);
    let (Some(slot_min), Some(trucks)) = (slot_min, trucks) else {
        let found = format!("one of slot_min and trucks for \"{hub_id}\", which has no appointments yet");
        site.tell("kind", found, "both slot_min and trucks");
        return;
    };
    if site.is_sound() {
        *now = Some(AppointmentsFile { slot_min, trucks, early_min });
    }
}

/// Puts services at a terminal.
pub(super) fn assign_terminal(changed: &mut Scenario, measure: &Measure, site: &mut Site) {
    let Measure::AssignTerminal { hub_id, terminal, share, scope, region, from } = measure else { return };
    let share = share.unwrap_or(1.0);
    site.number("share", share, SHARE);
    let Some(hub) = hub(changed, "hub_id", hub_id, site) else { return };
    let hub = &mut changed.hubs[hub];
    if hub.terminal(terminal).is_none() {
        let known = hub.terminals.iter().map(|t| t.id.as_str());
        site.unknown("terminal", terminal, known, &format!("a terminal of the hub \"{hub_id}\""));
    }
    for other in from.iter().filter(|id| hub.terminal(id).is_none()) {
        let known = hub.terminals.iter().map(|t| t.id.as_str());
        site.unknown("from", other, known, &format!("terminals of the hub \"{hub_id}\""));
    }
    let is_meant = |s: &ServiceRow| {
        (from.is_empty() || from.contains(&s.terminal))
            && scope.is_none_or(|scope| s.scope == scope)
            && region.as_ref().is_none_or(|region| s.region == *region)
    };
    let meant: Vec<usize> = (0..hub.services.len()).filter(|i| is_meant(&hub.services[*i])).collect();
    if meant.is_empty() && (scope.is_some() || region.is_some()) {
        let key = if region.is_some() { "region" } else { "scope" };
        match region {
            Some(region) => {
                let mut known: Vec<&str> = hub.services.iter().map(|s| s.region.as_str()).collect();
                known.sort_unstable();
                known.dedup();
                site.unknown(key, region, known.into_iter(), "a region of such services of the hub");
            }
            None => site.tell(key, format!("no such service of \"{hub_id}\""), "a scope that the hub's services have"),
        }
    }
    if !site.is_sound() {
        return;
    }
    let rows: Vec<ServiceRow> = meant.iter().map(|i| hub.services[*i].clone()).collect();
    for (i, moves) in meant.into_iter().zip(moving(&rows, share)) {
        if moves {
            hub.services[i].terminal.clone_from(terminal);
        }
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
pub(super) fn hub(changed: &Scenario, key: &str, hub_id: &str, site: &mut Site) -> Option<usize> {
    let found = changed.hubs.iter().position(|h: &HubFile| h.hub_id == hub_id);
    if found.is_none() {
        site.unknown(key, hub_id, changed.hubs.iter().map(|h| h.hub_id.as_str()), "the hub_id of a hub");
    }
    found
}
