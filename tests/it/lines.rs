//! Phenomena of scheduled services.

use crate::town::{day, line, town_of_line};
use hubflow::demand::plan::{Leg, Plan};
use hubflow::events::{Event, What};
use hubflow::ids::LineIx;
use hubflow::mode::Mode;
use hubflow::units::Time;

/// Legs as given, begun at a moment in seconds.
fn journey(at_s: i64, legs: Vec<Leg>) -> Plan {
    Plan { mode: Mode::Transit, departure: Time(at_s * 1000), legs: legs.into(), cost_cny: 0.0 }
}

fn ride(from: u16, to: u16) -> Leg {
    Leg::Ride { line: LineIx(0), from, to }
}

/// Waits of those who boarded, s, by agent.
fn waits(events: &[Event]) -> Vec<i64> {
    let mut waits: Vec<(u32, i64)> = (events.iter())
        .filter_map(|e| match e.what {
            What::Boarded { arrived, .. } => Some((e.agent.0, e.time.since(arrived) / 1000)),
            _ => None,
        })
        .collect();
    waits.sort_unstable();
    waits.into_iter().map(|w| w.1).collect()
}

/// People who come evenly wait half a headway: arrivals at 0, 1, …, 599 s before a run every 600 s wait
/// 600, 599, …, 1 s, but the one who comes with a run at 0 s takes it: mean (0 + 1 + … + 599)/600 = 299.5 s.
#[test]
fn wait_half_headway() {
    let runs: Vec<i64> = (0..10).map(|k| 600 * k).collect();
    let plans = (0..600).map(|s| journey(s, vec![ride(0, 1)])).collect();
    let (_, events) = day(town_of_line(line(2, &runs, 120, 10_000)), plans, 1.0, 1_000);
    let waits = waits(&events);
    assert_eq!(waits.iter().sum::<i64>(), 599 * 600 / 2);
}

/// 12 people a headway for 10 places: after every departure the queue is 2 longer, first come first served.
#[test]
fn denied_boarding() {
    let runs: Vec<i64> = (1..=20).map(|k| 600 * k).collect();
    let plans = (0..240).map(|n| journey(n * 50, vec![ride(0, 1)])).collect();
    let (report, events) = day(town_of_line(line(2, &runs, 120, 10)), plans, 1.0, 1_000);
    let mut denied = vec![0; 20];
    for event in &events {
        if let What::Denied { departure, .. } = event.what {
            denied[departure.i()] += 1;
        }
    }
    // 13 have come by the first departure at 600 s (0, 50, …, 600): 3 are left; from then on 12 a headway.
    let wanted: Vec<i32> = (0..19).map(|k| 3 + 2 * k).chain([40]).collect();
    assert_eq!(denied, wanted);
    let boarded: Vec<u32> =
        events.iter().filter(|e| matches!(e.what, What::Boarded { .. })).map(|e| e.agent.0).collect();
    assert_eq!(boarded, (0..200).collect::<Vec<u32>>(), "first come, first served");
    assert_eq!(report.agents.under_way, 40);
    assert_eq!(report.denied, denied.iter().sum::<i32>() as u64);
}

/// Places that are freed at a stop are taken there: capacity is never exceeded on any section.
#[test]
fn capacity_is_never_exceeded() {
    let runs: Vec<i64> = (1..=30).map(|k| 300 * k).collect();
    let plans = (0..900)
        .map(|n| {
            let from = (n % 3) as u16;
            journey(n * 10, vec![ride(from, from + 1 + (n % (4 - i64::from(from) - 1).max(1)) as u16)])
        })
        .collect();
    let (_, events) = day(town_of_line(line(4, &runs, 120, 15)), plans, 1.0, 1_000);
    let mut load = vec![0i32; 30];
    let mut now = Time(0);
    for event in &events {
        // Without dwell people get off and on at one moment; what counts is the load when the vehicle leaves.
        if event.time > now {
            assert!(load.iter().all(|l| (0..=15).contains(l)), "{load:?} at {now}");
            now = event.time;
        }
        match event.what {
            What::Boarded { departure, .. } => load[departure.i()] += 1,
            What::Alighted { departure, .. } => load[departure.i()] -= 1,
            _ => {}
        }
    }
    assert!(load.iter().all(|l| *l == 0), "everybody who got on gets off");
}

/// A walk that is a second too long misses the run and waits for the next one.
#[test]
fn missed_connection() {
    let runs = [600, 1_200];
    let plan = |walk_s: i64| journey(0, vec![Leg::Walk { ms: walk_s * 1000 }, ride(0, 1)]);
    let (_, events) = day(town_of_line(line(2, &runs, 120, 100)), vec![plan(600), plan(601)], 1.0, 1_000);
    assert_eq!(waits(&events), [0, 599]);
}

/// A timetable in whole minutes may give neighbouring stops the same minute; nobody is carried past.
#[test]
fn stops_of_the_same_minute() {
    let plans = vec![journey(0, vec![ride(0, 1)]), journey(0, vec![ride(1, 2)])];
    let (report, events) = day(town_of_line(line(3, &[600], 0, 100)), plans, 1.0, 1_000);
    assert_eq!(report.agents.arrived, 2);
    assert_eq!(events.iter().filter(|e| matches!(e.what, What::Alighted { .. })).count(), 2);
}
