//! Appointments of trucks: slots of limited number, asked for in the order of (time, key).
//!
//! A call that asks for a full slot gets the nearest one with room, the earlier of two that are equally near, and comes as
//! late within it as it would have come within its own. It never comes after what it brings is too late for its service,
//! nor before what it fetches is there, nor while the gate is closed. Where there is no such slot it keeps the one that it
//! asked for: freight that has to go does not vanish with the appointments.
//!
//! A sampled day meets slots of as many trucks as its share, rounded so that every stretch of slots is exact to ±1.

use super::frame::Frame;
use super::freight::Call;
use super::gate::GateClock;
use super::sampling::along;
use crate::network::hubs::Hub;
use crate::units::Time;

/// Gives every call of a hub a slot, if the hub has any, and orders the calls by their moments.
pub(super) fn assign(frame: &Frame, hub: &Hub, clock: GateClock, calls: &mut [Call]) {
    let Some(appointments) = hub.appointments.filter(|a| a.slot_ms > 0) else { return };
    let slot_ms = appointments.slot_ms;
    let first = frame.start.0.div_euclid(slot_ms);
    let slots = (frame.end.0 - 1).div_euclid(slot_ms) - first + 1;
    let mut room = vec![0u32; slots as usize];
    let trucks = f64::from(appointments.trucks) * frame.sample;
    let threshold = frame.threshold_start(&format!("{}/slots", hub.id));
    along((0..slots).map(|_| trucks), threshold, |slot, n| room[slot] = n);
    for call in calls.iter_mut() {
        let asked = call.time.0.div_euclid(slot_ms) - first;
        let at = |slot: i64| call.time.plus((slot - asked) * slot_ms);
        let fits = |&slot: &i64| {
            let (inside, moment) = ((0..slots).contains(&slot), at(slot));
            inside
                && room[slot as usize] > 0
                && clock.is_open(moment)
                && simulated(frame, moment)
                && call.may_come(moment)
        };
        let found = (0..slots).flat_map(|far| [asked - far, asked + far]).find(fits);
        let slot = found.unwrap_or(asked);
        room[slot as usize] = room[slot as usize].saturating_sub(1);
        (call.time, call.slot) = (at(slot), Some(Time((first + slot) * slot_ms)));
    }
    calls.sort_by_key(|call| (call.time, call.key()));
}

fn simulated(frame: &Frame, moment: Time) -> bool {
    (frame.start..frame.end).contains(&moment)
}
