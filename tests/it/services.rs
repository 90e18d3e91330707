//! Scheduled services of hubs: seats bind, who comes too late goes on with a later one, waits, or is stranded, and so does
//! who changes from another service.

use crate::town::{agent, day_of, hub, process, visit, whole_day_of};
use hubflow::demand::plan::{Leg, Plan};
use hubflow::demand::{Agent, Class, Place};
use hubflow::events::{Event, What};
use hubflow::ids::{HubIx, ProcessIx, ServiceIx};
use hubflow::mode::Mode;
use hubflow::network::Network;
use hubflow::network::hubs::{Chain, Service, Step};
use hubflow::scenario::hubs::{ChainScope, ChainUser, Direction, Scope, ServiceLaw, ServiceMode};
use hubflow::units::Time;

/// A departure at a moment in seconds with seats, of which `booked` are sold.
fn departure(time_s: i64, region: &str, seats: f64, booked: f64) -> Service {
    Service {
        hub: HubIx(0),
        mode: ServiceMode::Rail,
        direction: Direction::Departure,
        time: Time(time_s * 1_000),
        seats,
        passengers: booked,
        tonnes: 0.0,
        teu: 0.0,
        region: region.into(),
        scope: Scope::Domestic,
        terminal: None,
    }
}

/// A station that stops taking passengers five minutes before a train leaves; nobody queues.
fn station(services: Vec<Service>) -> Network {
    let mut network = hub(vec![process(1_000, ServiceLaw::Deterministic, 10.0)]);
    network.hubs.hubs[0].users.cut_off_min = 5.0;
    network.hubs.services = services;
    network
}

/// A party for a service of a station.
fn passenger(key: u64, service: u32, network: &Network, party: u16) -> Agent {
    let leaves = network.hubs.services[service as usize].time;
    Agent {
        class: Class::Resident,
        to: Place::Hub(HubIx(0), ChainUser::Departing),
        hub: Some(HubIx(0)),
        service: Some(ServiceIx(service)),
        deadline: Some(leaves.plus(-300_000)),
        party,
        ..agent(key)
    }
}

/// Who missed, who got on what and when, by agent: (missed, service, second).
fn ends(events: &[Event], agents: usize) -> Vec<(bool, Option<u32>, i64)> {
    let mut ends = vec![(false, None, -1); agents];
    for event in events {
        // Vehicles of services are numbered after the agents.
        let Some(end) = ends.get_mut(event.agent.i()) else { continue };
        match event.what {
            What::Missed => end.0 = true,
            What::Embarked { service } => end.1 = Some(service.0),
            What::Arrived => end.2 = event.time.0 / 1_000,
            _ => {}
        }
    }
    ends
}

/// A visit takes 10 s of walking, 10 s at the counter and 2 s to go on. Trains to the north leave at 1,000 s, 2,000 s (one
/// seat free), 3,000 s (many) and to the south at 1,500 s. Begun at 678 s a visit ends at 700 s, the cut-off of the first:
/// in time. A second later one is late: the first single traveller takes the seat at 2,000 s and gets on at its cut-off,
/// 1,700 s; the pair and the next traveller go at 3,000 s, on board from 2,700 s. Who is late for that one is stranded, and
/// so is who is late for the only train to the south.
#[test]
fn who_misses_a_service_goes_on_with_the_next_that_has_room() {
    let network = station(vec![
        departure(1_000, "north", 500.0, 5.0),
        departure(1_500, "south", 500.0, 1.0),
        departure(2_000, "north", 2.0, 1.0),
        departure(3_000, "north", 500.0, 1.0),
    ]);
    let booked = [(0, 1, 678), (0, 2, 679), (0, 1, 680), (0, 1, 681), (2, 1, 0), (3, 1, 2_679), (1, 1, 1_179)];
    let agents: Vec<Agent> =
        (0..).zip(booked).map(|(key, (service, party, _))| passenger(key, service, &network, party)).collect();
    let plans = || booked.iter().map(|&(_, _, begin_s)| visit(begin_s * 1_000)).collect();
    let (report, events) = day_of(network.clone(), agents.clone(), plans(), 1.0, 1_000);
    let wanted = [
        (false, Some(0), 700),
        // The pair comes first and finds one seat, which is not enough for both.
        (true, Some(3), 2_700),
        (true, Some(2), 1_700),
        (true, Some(3), 2_700),
        (false, Some(2), 22),
        (true, None, 2_701),
        (true, None, 1_201),
    ];
    assert_eq!(ends(&events, agents.len()), wanted);
    assert_eq!((report.missed, report.stranded), (5, 2));
    assert_eq!(report.agents.arrived, 7);
    for window_ms in [500, 2_000] {
        let (_, same) = day_of(network.clone(), agents.clone(), plans(), 1.0, window_ms);
        assert_eq!(same, events, "window {window_ms} ms");
    }
}

/// One counter of 400 s and thirty passengers who join at 10 s for a train that takes nobody after 3,300 s: the eighth is
/// through at 3,210 s. The day ends at 7,200 s, when 17 have been served; all 22 after the eighth have missed the train, those
/// who are still in line among them.
#[test]
fn who_is_in_line_when_the_train_leaves_has_missed_it() {
    let mut network = station(vec![departure(3_600, "north", 500.0, 30.0)]);
    network.hubs.processes = vec![process(1, ServiceLaw::Deterministic, 400.0)];
    let agents: Vec<Agent> = (0..30).map(|k| passenger(k, 0, &network, 1)).collect();
    let plans = (0..30).map(|_| visit(0)).collect();
    let day = whole_day_of(network, agents, plans, 1.0, 1_000, Time(7_200_000));
    assert_eq!((day.report.missed, day.report.stranded), (22, 22));
    assert_eq!(day.events.iter().filter(|e| e.what == What::Missed).count(), 22);
    assert_eq!((day.report.agents.arrived, day.report.agents.under_way), (17, 13));
}

/// Thirty late parties of one to three persons meet trains of five free seats each: never are more aboard than seats, and
/// nobody is moved while there is a seat on an earlier train. 60 persons, eight trains of 5: 40 at most; a pair leaves one
/// seat that only a single traveller takes.
#[test]
fn never_more_aboard_than_seats() {
    let mut trains = vec![departure(1_000, "north", 100.0, 60.0)];
    trains.extend((1..=8).map(|k| departure(1_000 + 600 * k, "north", 5.0, 0.0)));
    let network = station(trains);
    let agents: Vec<Agent> = (0..30).map(|k| passenger(k, 0, &network, 1 + (k % 3) as u16)).collect();
    let plans: Vec<Plan> = (0..30).map(|k| visit(700_000 + 1_000 * k)).collect();
    let (report, events) = day_of(network, agents.clone(), plans, 1.0, 1_000);
    let mut aboard = [0; 9];
    for (agent, end) in agents.iter().zip(ends(&events, 30)) {
        assert!(end.0, "all came too late");
        if let Some(service) = end.1 {
            aboard[service as usize] += agent.party;
        }
    }
    assert_eq!(aboard[0], 0);
    assert!(aboard[1..].iter().all(|&n| n <= 5), "{aboard:?}");
    assert_eq!(aboard[1..].iter().sum::<u16>(), 40, "every seat that somebody fits is taken: {aboard:?}");
    assert!(report.stranded > 0 && report.missed == 30);
}

/// What lies between a hall and the platforms is a part of the walk: nobody misses a service there, and the hub itself is
/// not visited.
#[test]
fn gates_to_platforms_are_no_visit_of_the_hub() {
    let mut network = station(vec![departure(1_000, "north", 500.0, 1.0)]);
    let steps = network.hubs.hubs[0].chains[0].steps.clone();
    network.hubs.hubs[0].chains.push(Chain {
        user: ChainUser::Boarding,
        scope: ChainScope::Any,
        terminal: None,
        steps,
    });
    let rider = Agent { deadline: Some(Time(1)), ..agent(0) };
    let legs = vec![Leg::Visit { hub: HubIx(0), chain: 1 }];
    let plan = Plan { mode: Mode::Transit, departure: Time(0), legs: legs.into(), cost_cny: 0.0 };
    let (_, events) = day_of(network, vec![rider], vec![plan], 1.0, 1_000);
    let modes: Vec<Option<Mode>> = (events.iter())
        .filter_map(|e| match e.what {
            What::LegBegan { mode, .. } | What::LegEnded { mode, .. } => Some(mode),
            _ => None,
        })
        .collect();
    assert_eq!(modes, [Some(Mode::Walk), Some(Mode::Walk)]);
    assert!(events.iter().any(|e| matches!(e.what, What::Served { .. })), "the gate was passed");
    assert!(!events.iter().any(|e| matches!(e.what, What::Missed | What::Embarked { .. })));
}

/// A station at which those who change come by service 0, at 100 s, walk 10 s to a counter and are served for 10 s.
fn junction(counters: u32, onward: Vec<Service>) -> Network {
    let comes = Service { direction: Direction::Arrival, ..departure(100, "east", 500.0, 500.0) };
    let mut network = station([vec![comes], onward].concat());
    network.hubs.processes[0].shifts[0].2 = counters;
    network.hubs.hubs[0].chains[0].user = ChainUser::Transfer;
    network
}

/// A party that changes from service 0 to another one, or to nothing that is known.
fn changing(key: u64, service: Option<u32>, network: &Network, party: u16) -> Agent {
    let inside = Place::Hub(HubIx(0), ChainUser::Transfer);
    let onward = passenger(key, service.unwrap_or(0), network, party);
    Agent {
        class: Class::Transfer,
        from: inside,
        to: inside,
        service: service.map(ServiceIx),
        deadline: onward.deadline.filter(|_| service.is_some()),
        came_by: Some(ServiceIx(0)),
        ..onward
    }
}

/// All get off at 678 s. One counter serves one after the other from 688 s on, in 10 s a person: it is done with the first,
/// a pair of two turns, at 708 s, with the others at 718, 728, 738, 748 and 758 s. They go on 2 s later. The train north
/// closes at 700 s and so leaves all three of its parties behind: the pair finds one seat at 1,700 s and goes at 2,700 s, the
/// next takes that seat. The train to the south closes at 740 s: the fourth, through at 740 s, is in time; the fifth, at 750 s, is
/// stranded. The last knows of no service and misses none.
#[test]
fn who_changes_too_slowly_misses_the_connection() {
    let network = junction(
        1,
        vec![
            departure(1_000, "north", 500.0, 3.0),
            departure(1_040, "south", 500.0, 2.0),
            departure(2_000, "north", 1.0, 0.0),
            departure(3_000, "north", 500.0, 0.0),
        ],
    );
    let parties = [(Some(1), 2), (Some(1), 1), (Some(1), 1), (Some(2), 1), (Some(2), 1), (None, 1)];
    let agents: Vec<Agent> =
        (0..).zip(parties).map(|(key, (service, party))| changing(key, service, &network, party)).collect();
    let plans = || (0..6).map(|k| visit(678_000 + k)).collect();
    let (report, events) = day_of(network.clone(), agents.clone(), plans(), 1.0, 1_000);
    let wanted = [
        (true, Some(4), 2_700),
        (true, Some(3), 1_700),
        (true, Some(4), 2_700),
        (false, Some(2), 740),
        (true, None, 750),
        (false, None, 760),
    ];
    assert_eq!(ends(&events, agents.len()), wanted);
    assert_eq!((report.missed, report.stranded, report.agents.arrived), (4, 1, 6));
    for window_ms in [500, 2_000] {
        let (_, same) = day_of(network.clone(), agents.clone(), plans(), 1.0, window_ms);
        assert_eq!(same, events, "window {window_ms} ms");
    }
}

/// The train that brings a passenger is due at 400 s, after 300 s on the track, from which who comes by it is off at 450 s and
/// through at 472 s, before the train to the north closes at 700 s. Where another train that is due a second earlier keeps the
/// track until 399 s, it is in at 699 s, 299 s late: the passenger is off at 749 s and through at 771 s, and goes on at 1,700 s.
#[test]
fn who_comes_by_a_late_train_misses_the_connection() {
    let onward = vec![departure(1_000, "north", 500.0, 1.0), departure(2_000, "north", 500.0, 0.0)];
    let mut network = junction(1_000, onward);
    network.hubs.services[0].time = Time(400_000);
    network.hubs.processes.push(process(1, ServiceLaw::Deterministic, 300.0));
    let steps = vec![Step::at(ProcessIx(1), 0)];
    let track = Chain { user: ChainUser::ServiceIn, scope: ChainScope::Any, terminal: None, steps };
    network.hubs.hubs[0].chains.push(track);
    let agents = vec![changing(0, Some(1), &network, 1)];
    let end = |network: &Network| {
        let (report, events) = day_of(network.clone(), agents.clone(), vec![visit(450_000)], 1.0, 1_000);
        (ends(&events, 1)[0], report.missed)
    };
    assert_eq!(end(&network), ((false, Some(1), 472), 0));
    let other = Service { time: Time(399_000), ..network.hubs.services[0].clone() };
    network.hubs.services.push(other);
    assert_eq!(end(&network), ((true, Some(2), 1_700), 1));
}
