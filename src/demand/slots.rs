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

#[cfg(test)]
mod tests {
    use super::super::fixture::{AIRPORT, Town, passengers};
    use super::super::freight::freight;
    use super::super::{Agent, Consignment};
    use crate::network::hubs::Appointments;
    use crate::scenario::hubs::{Direction, ServiceMode};
    use crate::units::{HOUR_MS, MINUTE_MS, Time};
    use std::collections::BTreeMap;

    /// The town with so many trucks an hour at the airport, in slots of half an hour.
    fn town(trucks: u32) -> Town {
        let mut town = Town::new();
        let hub = &mut town.network.hubs.hubs[AIRPORT.i()];
        hub.appointments = Some(Appointments { slot_ms: 30 * MINUTE_MS, trucks, early_ms: 0 });
        hub.users.truck_load_t = 1.0;
        town
    }

    fn day(town: &Town, sample: f64) -> (Vec<Agent>, Vec<Consignment>) {
        freight(&town.frame(sample)).expect("a town")
    }

    fn by_slot(agents: &[Agent]) -> BTreeMap<i64, u32> {
        let mut count = BTreeMap::new();
        for agent in agents {
            *count.entry(agent.slot.expect("a slot").0 / (30 * MINUTE_MS)).or_default() += 1;
        }
        count
    }

    #[test]
    fn no_slot_has_more_trucks_than_it_may_and_all_of_them_come() {
        let (free, booked) = (day(&town(1_000), 1.0).0, day(&town(30), 1.0).0);
        // Some 780 calls in 32 slots, 24 on average; with room for all each keeps its moment.
        let before = by_slot(&free);
        assert!(before.values().any(|&n| n > 30) && before.values().all(|&n| n < 1_000));
        assert!(by_slot(&booked).values().all(|&n| n <= 30));
        let keys = |agents: &[Agent]| {
            let mut keys: Vec<u64> = agents.iter().map(|a| a.key).collect();
            keys.sort_unstable();
            keys
        };
        assert_eq!(keys(&free), keys(&booked));
        let of: BTreeMap<u64, &Agent> = free.iter().map(|a| (a.key, a)).collect();
        let moved = booked.iter().filter(|a| of[&a.key].time != a.time).count();
        assert!(moved > 0 && moved < booked.len() / 2, "{moved} moved");
        for agent in &booked {
            let slot = agent.slot.expect("a slot");
            assert!((0..30 * MINUTE_MS).contains(&agent.time.since(slot)));
            assert_eq!(agent.time.since(of[&agent.key].time) % (30 * MINUTE_MS), 0);
            assert!((6 * HOUR_MS..22 * HOUR_MS).contains(&agent.time.0), "the gate is open");
            assert!(agent.deadline.is_none_or(|last| agent.time <= last));
        }
        assert!(booked.is_sorted_by_key(|a| a.time));
    }

    #[test]
    fn a_full_slot_sends_trucks_to_the_nearest_and_what_is_not_there_yet_cannot_be_fetched_early() {
        let mut town = town(1);
        let hub = &mut town.network.hubs.hubs[AIRPORT.i()];
        (hub.gate, hub.users.dwell_h, hub.users.cut_off_min) = ((Time(0), Time(24 * HOUR_MS)), 1e-6, 0.0);
        let freight = |direction, minute| {
            let mut s = passengers(AIRPORT, direction, minute, 0.0);
            (s.mode, s.tonnes) = (ServiceMode::AirCargo, 4.0);
            s
        };
        // Four trucks at 9:40, half an hour before 10:10: the first keeps its slot, the next come 9:00, 8:30 and 8:00; later is
        // too late.
        town.set_services(vec![("airport/out".into(), freight(Direction::Departure, 610))]);
        let slots = |town: &Town| by_slot(&day(town, 1.0).0).into_keys().collect::<Vec<i64>>();
        assert_eq!(slots(&town), [16, 17, 18, 19]);
        // Four that fetch from 10:40 on: 10:30, 11:00, 11:30, 12:00.
        town.set_services(vec![("airport/in".into(), freight(Direction::Arrival, 610))]);
        assert_eq!(slots(&town), [21, 22, 23, 24]);
        // More trucks than slots before the deadline come all the same.
        town.network.hubs.hubs[AIRPORT.i()].gate = (Time(10 * HOUR_MS), Time(10 * HOUR_MS + 30 * MINUTE_MS));
        town.set_services(vec![("airport/out".into(), freight(Direction::Departure, 610))]);
        assert_eq!(by_slot(&day(&town, 1.0).0), BTreeMap::from([(20, 4)]));
    }

    #[test]
    fn a_sample_meets_its_share_of_the_slots() {
        let (all, tenth) = (day(&town(35), 1.0).0, day(&town(35), 0.1).0);
        // Any stretch of slots has 3.5 trucks a slot, give or take one; the whole day is a tenth of all.
        assert!((tenth.len() as f64 - 0.1 * all.len() as f64).abs() <= 1.0);
        let count = by_slot(&tenth);
        assert!(count.values().all(|&n| n <= 4));
        for first in 12..40 {
            let some: u32 = (first..first + 4).filter_map(|s| count.get(&s)).sum();
            assert!(some <= 15, "{some} in four slots");
        }
    }
}
