//! Delays of the town on days written by hand.

use super::*;
use crate::metrics::town::{ARRIVING, COMMUTER, DEPARTING, TRANSFER, TRUCK, Town, at};
use crate::network::hubs::Service;

const MIN: i64 = 60_000;

/// Two residents are booked on F1 at 12:00.
fn town() -> Town {
    let mut town = Town::new();
    town.demand.agents[DEPARTING as usize].service = Some(ServiceIx(0));
    town
}

/// The cells of a row by its keys: persons, minutes, minutes each, yuan.
fn cells(table: &Table, keys: [&str; 3]) -> Option<[f64; 4]> {
    let matches = |row: &usize| {
        ["user", "cause", "place"].iter().zip(keys).all(|(column, key)| table.word(column, *row) == Some(key))
    };
    let row = (0..table.rows()).find(matches)?;
    Some(["persons", "delay_min", "mean_min", "worth_cny"].map(|c| table.number(c, row).unwrap()))
}

/// Two residents wait 2 min for their first link, lose 3 min on it (230 s of which 50 are free flow) and none on the second
/// (100 s), wait 10 min at security, are blocked 5 min there, miss F1, and F2 takes them 60 min later, itself 12 min late.
fn late_for_the_flight(town: &mut Town) -> Vec<Event> {
    let f1 = town.network.hubs.services[0].clone();
    town.network.hubs.services.push(Service { time: f1.time.plus(60 * MIN), ..f1 });
    town.network.names.services.add("airport/F2");
    let process = ProcessIx(0);
    vec![
        at(0).began(DEPARTING, 0, Some(Mode::Car)),
        at(2 * MIN).entered(DEPARTING, 0),
        at(2 * MIN + 230_000).left(DEPARTING, 0, 2 * MIN),
        at(2 * MIN + 230_000).entered(DEPARTING, 1),
        at(2 * MIN + 330_000).left(DEPARTING, 1, 2 * MIN + 230_000),
        at(30 * MIN).queued(DEPARTING, 0),
        at(41 * MIN).served(DEPARTING, 0, 30 * MIN, 40 * MIN),
        at(46 * MIN).event(DEPARTING, What::Cleared { process, since: Time(41 * MIN) }),
        at(50 * MIN).missed(DEPARTING),
        at(780 * MIN).event(DEPARTING, What::Embarked { service: ServiceIx(1) }),
        at(792 * MIN).event(8, What::ServiceDone { service: ServiceIx(1), late_ms: 12 * MIN }),
    ]
}

#[test]
fn a_late_party_loses_time_on_the_road_in_the_hub_and_by_its_missed_flight() {
    // Persons 2, purpose other at 19 yuan an hour; sums double: 4 + 6 + 20 + 10 + 120 + 24 = 184 person-minutes.
    let mut town = town();
    let events = late_for_the_flight(&mut town);
    let (tables, kpis) = town.tell(HubDelays::new(&town.context()), &events);
    let row = |cause: &str, place: &str| cells(&tables[0], ["departing", cause, place]);
    let cny = |minutes: f64| minutes / 60.0 * 19.0;
    assert_eq!(row("origin", "l0"), Some([2.0, 4.0, 2.0, cny(4.0)]));
    assert_eq!(row("road", "l0"), Some([2.0, 6.0, 3.0, cny(6.0)]));
    assert_eq!(row("road", "l1"), None);
    assert_eq!(row("process", "airport/security"), Some([2.0, 20.0, 10.0, cny(20.0)]));
    assert_eq!(row("blocked", "airport/security"), Some([2.0, 10.0, 5.0, cny(10.0)]));
    assert_eq!(row("missed", ""), Some([2.0, 120.0, 60.0, cny(120.0)]));
    assert_eq!(row("service", "airport/F2"), Some([2.0, 24.0, 12.0, cny(24.0)]));
    let total: f64 = (0..tables[0].rows()).map(|r| tables[0].number("delay_min", r).unwrap()).sum();
    assert_eq!(total, 184.0);
    assert_eq!(kpis[0].value, 184.0 / 60.0);
}

#[test]
fn a_missed_flight_has_the_cause_by_which_most_was_lost() {
    // Until it was missed: process 10 min, blocked 5, road 3, origin 2. What comes after is no cause.
    let mut town = town();
    let events = late_for_the_flight(&mut town);
    let (tables, _) = town.tell(HubDelays::new(&town.context()), &events);
    let missed = &tables[1];
    assert_eq!(missed.rows(), 1);
    let words = ["hub", "user", "cause", "place"].map(|c| missed.word(c, 0).unwrap());
    assert_eq!(words, ["airport", "departing", "process", "airport/security"]);
    assert_eq!(["missed", "stranded"].map(|c| missed.number(c, 0)), [Some(2.0), Some(0.0)]);
}

#[test]
fn who_misses_without_having_lost_time_has_no_cause_but_is_told() {
    let town = town();
    let (tables, _) = town.tell(HubDelays::new(&town.context()), &[at(0).missed(DEPARTING)]);
    assert_eq!(["cause", "place"].map(|c| tables[1].word(c, 0)), [Some("none"), Some("")]);
    assert_eq!(tables[1].number("stranded", 0), Some(2.0));
}

#[test]
fn trucks_count_as_trucks_and_lines_by_their_full_vehicles() {
    // The truck loses 165 s on link 1 (free 135 s, it takes 300): 2.75 truck-minutes at 150 yuan an hour. The visitor waits
    // 4 min for a metro that is full and 6 more for the next; the commuter waits at security on the way to a line.
    let mut town = town();
    town.demand.agents[TRUCK as usize].party = 2;
    let events = [
        at(300_000).left(TRUCK, 1, 0),
        at(4 * MIN).denied(ARRIVING, 0, 0),
        at(10 * MIN).boarded(ARRIVING, 1, 0, 0),
        at(20 * MIN).queued(COMMUTER, 0),
        at(23 * MIN).served(COMMUTER, 0, 20 * MIN, 22 * MIN),
        at(20 * MIN).boarded(COMMUTER, 1, 0, 0),
    ];
    let (tables, _) = town.tell(HubDelays::new(&town.context()), &events);
    let row = |keys: [&str; 3]| cells(&tables[0], keys).map(|c| [c[0], c[1], c[3]]);
    assert_eq!(row(["truck", "road", "l1"]), Some([1.0, 2.75, 2.75 / 60.0 * 150.0]));
    assert_eq!(row(["arriving", "line", "M1"]), Some([1.0, 4.0, 4.0 / 60.0 * 19.0]));
    assert_eq!(row(["arriving", "denied", "M1"]), Some([1.0, 6.0, 6.0 / 60.0 * 19.0]));
    assert_eq!(row(["line", "process", "airport/security"]), Some([1.0, 2.0, 2.0 / 60.0 * 19.0]));
    assert_eq!(tables[0].rows(), 4, "the commuter's wait at the stop is nobody's of a hub");
}

#[test]
fn a_late_arrival_delays_all_whom_it_brings_once() {
    // Three who change come by F1, which is an arrival here and 20 min late: 60 person-minutes.
    let mut town = town();
    town.demand.agents[DEPARTING as usize].service = None;
    town.demand.agents[TRANSFER as usize].came_by = Some(ServiceIx(0));
    town.network.hubs.services[0].direction = Direction::Arrival;
    // One who connects from there is late by it too.
    town.demand.agents[ARRIVING as usize].came_by = Some(ServiceIx(0));
    let events = [at(0).event(8, What::ServiceDone { service: ServiceIx(0), late_ms: 20 * MIN })];
    let (tables, _) = town.tell(HubDelays::new(&town.context()), &events);
    assert_eq!(
        cells(&tables[0], ["transfer", "service", "airport/F1"]).map(|c| c[..3].to_vec()),
        Some(vec![3.0, 60.0, 20.0])
    );
    assert_eq!(cells(&tables[0], ["arriving", "service", "airport/F1"]).map(|c| c[1]), Some(20.0));
}

#[test]
fn places_beyond_the_fiftieth_are_one_row() {
    // Sixty services are 1, 2, …, 60 min late with one visitor each: 50 rows of their own, and 1 + … + 10 = 55 min.
    let mut town = town();
    let f1 = Service { direction: Direction::Arrival, ..town.network.hubs.services[0].clone() };
    let visitor = town.demand.agents[ARRIVING as usize].clone();
    let mut events = Vec::new();
    for s in 1..=60u32 {
        town.network.hubs.services.push(f1.clone());
        town.network.names.services.add(&format!("airport/A{s}"));
        let mut agent = visitor.clone();
        agent.service = Some(ServiceIx(s));
        town.demand.agents.push(agent);
        town.plans.push(None);
        let late_ms = i64::from(s) * MIN;
        events.push(at(0).event(1_000 + s, What::ServiceDone { service: ServiceIx(s), late_ms }));
    }
    let (tables, _) = town.tell(HubDelays::new(&town.context()), &events);
    assert_eq!(tables[0].rows(), 51);
    assert_eq!(cells(&tables[0], ["arriving", "service", "others"]).map(|c| c[1]), Some(55.0));
}
