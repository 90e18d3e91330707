//! Processes of the town on days written by hand.

use super::*;
use crate::ids::AgentIx;
use crate::metrics::town::{ARRIVING, COMMUTER, DEPARTING, TRANSFER, TRUCK, Town, at};
use crate::units::HOUR_MS;

const HALF: i64 = 30 * 60_000;

/// Security from 08:00: the residents (2) wait 0 and take 30 min; the visitor (1) comes with them and waits 30 min
/// for the only server, the transfers (3) come at 08:30, wait 60 min; the commuter comes at 23:00 and stays.
fn queue() -> Vec<Event> {
    let h8 = 8 * HOUR_MS;
    vec![
        at(h8).queued(DEPARTING, 0),
        at(h8 + HALF).served(DEPARTING, 0, h8, h8),
        at(h8).queued(ARRIVING, 0),
        at(h8 + 3 * HALF).served(ARRIVING, 0, h8, h8 + HALF),
        at(h8 + HALF).queued(TRANSFER, 0),
        at(h8 + 4 * HALF).served(TRANSFER, 0, h8 + HALF, h8 + 3 * HALF),
        at(23 * HOUR_MS).queued(COMMUTER, 0),
    ]
}

#[test]
fn waits_of_all_agents_are_the_queue_added_up_over_time() {
    // Waits: 0 + 30 + 60 min, and 60 min of the one still there: 150 min.
    let town = Town::new();
    let (tables, _) = town.tell(Processes::new(&town.context()), &queue());
    let day = &tables[0];
    assert_eq!(day.number("waiting_agent_ms", 0), Some(150.0 * 60_000.0));
    assert_eq!(day.number("queue_integral_agent_ms", 0), Some(150.0 * 60_000.0));
    assert_eq!(day.number("waiting_agent_ms", 1), Some(0.0));
}

#[test]
#[should_panic(expected = "Little")]
#[cfg(debug_assertions)]
fn a_wait_that_no_queue_has_seen_is_found() {
    // It says that it came at 08:00, but it joined the queue at 08:30.
    let town = Town::new();
    let h8 = 8 * HOUR_MS;
    let events = [at(h8 + HALF).queued(DEPARTING, 0), at(h8 + 2 * HALF).served(DEPARTING, 0, h8, h8 + HALF)];
    town.tell(Processes::new(&town.context()), &events);
}

#[test]
fn a_process_tells_who_came_who_was_served_and_how_long_they_waited() {
    // Persons: 2 wait 0, 1 waits 30, 3 wait 60, 1 waits 60 min so far: mean (30 + 180 + 60) / 7 = 270/7 min.
    // 95 % of 7 is 6.65, so the seventh: 60 min. Longest queue: 1 until 08:30, when it goes and 3 come: 3.
    // Busy 30 + 60 + 30 min of 48 server-hours: 2/48.
    let town = Town::new();
    let (tables, _) = town.tell(Processes::new(&town.context()), &queue());
    let figure = |name: &str| tables[0].number(name, 0).unwrap();
    assert_eq!(figure("arrivals"), 7.0);
    assert_eq!(figure("served"), 6.0);
    assert_eq!(figure("in_queue_at_end"), 1.0);
    assert!((figure("wait_mean_s") - 270.0 * 60.0 / 7.0).abs() < 1e-9);
    assert_eq!(figure("wait_p95_s"), 3_600.0);
    assert_eq!(figure("max_queue"), 3.0);
    assert_eq!(figure("utilisation"), 2.0 / 48.0);
}

#[test]
fn an_hour_of_a_process_holds_its_own_part_of_queue_and_work() {
    // Hour 8: persons in the queue 1 for 30 min, then 3 for 30 min: mean 2; 120 m² / 2 = 60 m². Servers work 60 min
    // of 2 h. Hour 9: 3 for 30 min: mean 1.5, 80 m²; work 60 min. The gate has rows 6 and 7 alone.
    let town = Town::new();
    let (tables, _) = town.tell(Processes::new(&town.context()), &queue());
    let hours = &tables[1];
    assert_eq!(hours.number("queue", 8), Some(2.0));
    assert_eq!(hours.number("area_per_person_m2", 8), Some(60.0));
    assert_eq!(hours.number("utilisation", 8), Some(0.5));
    assert_eq!(hours.number("queue", 9), Some(1.5));
    assert_eq!(hours.number("utilisation", 9), Some(0.5));
    assert_eq!(hours.number("area_per_person_m2", 10), None);
    assert_eq!(hours.rows(), 24 + 2);
    assert_eq!(hours.number("hour", 24), Some(6.0));
}

#[test]
fn a_sample_keeps_servers_as_busy_as_all_would() {
    // Half is simulated: 2 h of service stand for 4 h of 48 server-hours.
    let town = Town::sampled(0.5);
    let (tables, _) = town.tell(Processes::new(&town.context()), &queue());
    assert_eq!(tables[0].number("utilisation", 0), Some(4.0 / 48.0));
    assert_eq!(tables[0].number("served", 0), Some(12.0));
}

#[test]
fn who_misses_the_service_leaves_the_queue_unserved() {
    // Joined 08:00, missed 08:10: waited 10 min, not served, not there at the end.
    let town = Town::new();
    let h8 = 8 * HOUR_MS;
    let events = [at(h8).queued(DEPARTING, 0), at(h8 + 600_000).missed(DEPARTING)];
    let (tables, _) = town.tell(Processes::new(&town.context()), &events);
    let figure = |name: &str| tables[0].number(name, 0).unwrap();
    assert_eq!(figure("queue_integral_agent_ms"), 600_000.0);
    assert_eq!((figure("arrivals"), figure("served"), figure("in_queue_at_end")), (2.0, 0.0, 0.0));
}

#[test]
fn blocked_time_keeps_a_server_busy_and_counts_to_those_present() {
    // Two persons join at 08:00, are served from 08:30 to 09:00 and leave their server at 09:30: they wait 30 min, are
    // there 90 min. The three of the transfer are blocked from 09:00 until the day ends, 15 h, after 30 min of service
    // from 08:30 on. Servers work 2 · 30 min and are blocked 30 min + 15 h, of 48 server-hours: 16.5 / 48.
    let mut town = Town::new();
    let (h8, h9) = (8 * HOUR_MS, 9 * HOUR_MS);
    let (agent, process) = (AgentIx(TRANSFER), ProcessIx(0));
    let (began, ended) = (Time(h8 + HALF), Some(Time(h9)));
    town.left.at_processes.push(AtProcess { agent, process, began, ended });
    let events = [
        at(h8).queued(DEPARTING, 0),
        at(h9).served(DEPARTING, 0, h8, h8 + HALF),
        at(h9 + HALF).event(DEPARTING, What::Cleared { process, since: Time(h9) }),
        at(h8 + HALF).queued(TRANSFER, 0),
        at(h9).served(TRANSFER, 0, h8 + HALF, h8 + HALF),
    ];
    let (tables, _) = town.tell(Processes::new(&town.context()), &events);
    let figure = |name: &str| tables[0].number(name, 0).unwrap();
    assert_eq!(figure("utilisation"), 16.5 / 48.0);
    assert_eq!((figure("blocked"), figure("blocked_at_end")), (5.0, 3.0));
    assert_eq!(figure("blocked_mean_s"), (2.0 * 1_800.0 + 3.0 * 54_000.0) / 5.0);
    assert_eq!(figure("waiting_agent_ms"), HALF as f64);
    // 90 min, and 08:30 to 24:00.
    assert_eq!(figure("present_agent_ms"), (3 * HALF + 31 * HALF) as f64);
    assert_eq!(figure("presence_integral_agent_ms"), figure("present_agent_ms"));
    // Blocked in hour 9: 30 + 60 min of 2 server-hours.
    assert_eq!(tables[1].number("blocked_share", 9), Some(0.75));
}

#[test]
fn who_is_in_service_when_the_day_ends_no_longer_waits() {
    // Joined 23:00, service since 23:15: waited 15 min, there 60 min, busy 45 min.
    let mut town = Town::new();
    let h23 = 23 * HOUR_MS;
    let (agent, process, began) = (AgentIx(DEPARTING), ProcessIx(0), Time(h23 + HALF / 2));
    town.left.at_processes.push(AtProcess { agent, process, began, ended: None });
    let (tables, _) = town.tell(Processes::new(&town.context()), &[at(h23).queued(DEPARTING, 0)]);
    let figure = |name: &str| tables[0].number(name, 0).unwrap();
    assert_eq!((figure("in_queue_at_end"), figure("in_service_at_end")), (0.0, 2.0));
    assert_eq!((figure("waiting_agent_ms"), figure("present_agent_ms")), (900_000.0, 3_600_000.0));
    assert_eq!(figure("utilisation"), 0.75 / 48.0);
    assert_eq!(figure("served"), 0.0);
}

#[test]
fn items_join_processes_and_vehicles_count_once() {
    // A truck gate counts vehicles; the truck and the freight item of number 8 (after two vehicle runs) queue there.
    use crate::demand::items::{Item, ItemKind, Items};
    use crate::ids::{ConsignmentIx, HubIx, ServiceIx};
    let mut town = Town::new();
    let kind = ItemKind::Freight(ConsignmentIx(0));
    town.demand.items =
        Items { first: 8, list: vec![Item { key: 1, hub: HubIx(0), chain: 0, kind, service: ServiceIx(0) }] };
    town.demand.agents[TRUCK as usize].party = 2;
    let step = crate::network::hubs::Step::at(ProcessIx(1), 0);
    town.network.hubs.hubs[0].chains = vec![crate::network::hubs::Chain {
        user: crate::scenario::hubs::ChainUser::Truck,
        scope: crate::scenario::hubs::ChainScope::Any,
        terminal: None,
        steps: vec![step],
    }];
    let h6 = 6 * HOUR_MS;
    let events = [at(h6).queued(TRUCK, 1), at(h6).queued(8, 1), at(h6 + HALF).served(TRUCK, 1, h6, h6)];
    let (tables, _) = town.tell(Processes::new(&town.context()), &events);
    assert_eq!(tables[0].word("unit", 1), Some("vehicles"));
    assert_eq!((tables[0].number("arrivals", 1), tables[0].number("served", 1)), (Some(2.0), Some(1.0)));
}

#[test]
fn a_batch_is_as_busy_as_its_places_are_taken() {
    // Batches of 4 persons: two ride 30 min of 48 server-hours: 2 / 4 · 0.5 / 48.
    let mut town = Town::new();
    town.network.hubs.processes[0].batch = Some(crate::network::hubs::Batch { size: 4, wait_ms: 0 });
    let h8 = 8 * HOUR_MS;
    let events = [at(h8).queued(DEPARTING, 0), at(h8 + HALF).served(DEPARTING, 0, h8, h8)];
    let (tables, _) = town.tell(Processes::new(&town.context()), &events);
    assert_eq!(tables[0].number("utilisation", 0), Some(0.25 / 48.0));
}

mod little {
    use super::*;
    use proptest::prelude::*;

    /// A visit: when it joins, waits, is served, is blocked, and how it stands if the day ends before that.
    type Visit = (i64, i64, i64, i64);

    proptest! {
        #[test]
        fn both_identities_hold_whoever_is_there_when_the_day_ends(
            visits in prop::collection::vec((0i64..90_000_000, 0i64..9_000_000, 1i64..9_000_000, 0i64..9_000_000), 6)
        ) {
            let mut town = Town::new();
            let end = town.end.0;
            let process = ProcessIx(0);
            let mut events = Vec::new();
            for (agent, &(joined, wait, service, blocked)) in (0u32..).zip(&visits) {
                let visit: Visit = (joined, wait, service, blocked);
                let (began, ended) = (visit.0 + visit.1, visit.0 + visit.1 + visit.2);
                if joined < end { events.push(at(joined).queued(agent, 0)); }
                if ended < end { events.push(at(ended).served(agent, 0, joined, began)); }
                if blocked > 0 && ended + blocked < end {
                    events.push(at(ended + blocked).event(agent, What::Cleared { process, since: Time(ended) }));
                }
                let stays = (ended < end && blocked > 0 && ended + blocked >= end).then_some(Time(ended));
                if stays.is_some() || (began < end && ended >= end) {
                    let (agent, began) = (AgentIx(agent), Time(began));
                    town.left.at_processes.push(AtProcess { agent, process, began, ended: stays });
                }
            }
            let (tables, _) = town.tell(Processes::new(&town.context()), &events);
            let figure = |name: &str| tables[0].number(name, 0).unwrap() as i64;
            let within = |from: i64, to: i64| (to.min(end) - from.min(end)).max(0);
            let waits: i64 = visits.iter().map(|v| within(v.0, v.0 + v.1)).sum();
            let present: i64 = visits.iter().map(|v| within(v.0, v.0 + v.1 + v.2 + v.3)).sum();
            prop_assert_eq!((figure("waiting_agent_ms"), figure("queue_integral_agent_ms")), (waits, waits));
            prop_assert_eq!((figure("present_agent_ms"), figure("presence_integral_agent_ms")), (present, present));
        }
    }
}
