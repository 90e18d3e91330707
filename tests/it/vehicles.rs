//! Vehicles of lines that take time at stops, are late, full and close behind each other.

use crate::town::{WholeDay, agent, line, town_of_line, town_of_lines, whole_day_of};
use hubflow::demand::plan::{Leg, Plan};
use hubflow::events::{Event, What};
use hubflow::ids::{DepartureIx, LineIx, StopIx};
use hubflow::mobsim::DayReport;
use hubflow::mode::Mode;
use hubflow::network::Network;
use hubflow::network::line_times::LineTimes;
use hubflow::network::lines::Line;
use hubflow::network::vehicles::VehicleType;
use hubflow::units::Time;
use proptest::prelude::*;

/// A day of six hours.
fn day(network: Network, plans: Vec<Plan>, sample: f64, window_ms: u32) -> (DayReport, Vec<Event>) {
    let agents = (0..plans.len() as u64).map(agent).collect();
    let WholeDay { report, events, .. } = whole_day_of(network, agents, plans, sample, window_ms, END);
    (report, events)
}

const END: Time = Time(6 * 3_600_000);

/// Somebody who comes to a stop at a moment, seconds, and rides.
pub fn rider(at_s: f64, line: u32, from: u16, to: u16) -> Plan {
    let legs = vec![Leg::Ride { line: LineIx(line), from, to }];
    Plan { mode: Mode::Transit, departure: Time::from_seconds(at_s), legs: legs.into(), cost_cny: 0.0 }
}

/// 10 s for the doors, 3 s to board, 2 s to alight.
pub fn bus(seats: u32, standing: u32, doors: u32) -> VehicleType {
    VehicleType {
        id: "bus".into(),
        seats,
        standing,
        doors,
        boarding_ms: 3_000,
        alighting_ms: 2_000,
        door_ms: 10_000,
        crowded: 1.5,
        dwell_ms: 0,
    }
}

/// A line of buses by headway, or of trains by timetable, 100 s from stop to stop without standing.
pub fn of(vehicle: VehicleType, stops: u32, runs: &[i64]) -> Line {
    Line { capacity: vehicle.places(), vehicle, rail: false, timed: false, ..line(stops, runs, 100, 0) }
}

/// When a run came to a position and left it, seconds.
pub fn called(events: &[Event], run: u32, position: u16) -> (f64, f64) {
    let of = |e: &Event| match e.what {
        What::VehicleLeft { departure: DepartureIx(d), position: p, arrived, .. } if (d, p) == (run, position) => {
            Some((arrived.seconds(), e.time.seconds()))
        }
        _ => None,
    };
    events.iter().find_map(of).unwrap_or_else(|| panic!("run {run} left position {position}"))
}

/// Persons who come evenly, one at every half second, wait ΣH²/2ΣH: 300, 900 and 600 s give (90,000 + 810,000 +
/// 360,000)/3,600 = 350 s, three times 600 s give 300 s, half a headway.
#[test]
fn waits_grow_with_irregular_headways() {
    let mean_wait_s = |runs: &[i64]| {
        let plans = (0..1_800).map(|s| rider(f64::from(s) + 0.5, 0, 0, 1)).collect();
        let (_, events) = day(town_of_line(line(2, runs, 120, 10_000)), plans, 1.0, 1_000);
        let waits = events.iter().filter_map(|e| match e.what {
            What::Boarded { arrived, .. } => Some(e.time.since(arrived)),
            _ => None,
        });
        waits.sum::<i64>() as f64 / 1_800.0 / 1_000.0
    };
    assert_eq!(mean_wait_s(&[300, 1_200, 1_800]), 350.0);
    assert_eq!(mean_wait_s(&[600, 1_200, 1_800]), 300.0);
}

/// Leaves the first stop at 1,000 s, comes to the next one at 1,100 s. One passenger gets off there, four get on: 10 s for
/// the doors, 2 s and 4 × 3 s, which two doors halve and a sample of a half doubles.
#[test]
fn dwell_grows_with_boardings() {
    let left = |boarding: usize, doors: u32, sample: f64| {
        let mut plans = vec![rider(0.0, 0, 0, 1)];
        plans.extend((0..boarding).map(|_| rider(0.0, 0, 1, 2)));
        let (_, events) = day(town_of_line(of(bus(80, 0, doors), 3, &[1_000])), plans, sample, 1_000);
        let (came, left) = called(&events, 0, 1);
        assert_eq!(came, 1_100.0, "it left the first stop on time");
        left
    };
    assert_eq!(left(0, 1, 1.0), 1_112.0);
    assert_eq!(left(4, 1, 1.0), 1_124.0);
    assert_eq!(left(4, 2, 1.0), 1_117.0);
    assert_eq!(left(4, 1, 0.5), 1_138.0);
}

/// Two seats: two sit down in 3 s each, two stand and take 1.5 times as long; at the next stop one of them gets off while
/// people stand (3 s), the next while three are aboard (3 s), the last two in 2 s each.
#[test]
fn people_who_stand_slow_down_the_doors() {
    let plans = (0..4).map(|_| rider(0.0, 0, 1, 2)).collect();
    let (_, events) = day(town_of_line(of(bus(2, 8, 1), 4, &[1_000])), plans, 1.0, 1_000);
    assert_eq!(called(&events, 0, 1), (1_100.0, 1_100.0 + 10.0 + 3.0 + 3.0 + 4.5 + 4.5));
    assert_eq!(called(&events, 0, 2), (1_225.0, 1_225.0 + 10.0 + 3.0 + 3.0 + 2.0 + 2.0));
}

/// Whoever comes while the vehicle stands boards: at 1,105 s within the 10 s of the doors (ready at 1,113 s), at 1,112 s
/// (1,116 s), at 1,116 s (1,119 s); the one at 1,119.001 s waits for the next.
#[test]
fn who_comes_while_it_stands_boards() {
    let plans = [1_105.0, 1_112.0, 1_116.0, 1_119.001].map(|at| rider(at, 0, 1, 2)).to_vec();
    let (_, events) = day(town_of_line(of(bus(80, 0, 1), 3, &[1_000, 2_000])), plans, 1.0, 1_000);
    assert_eq!(called(&events, 0, 1).1, 1_119.0);
    let boarded: Vec<(u32, f64)> = (events.iter())
        .filter(|e| matches!(e.what, What::Boarded { .. }))
        .map(|e| (e.agent.0, e.time.seconds()))
        .collect();
    assert_eq!(boarded, [(0, 1_105.0), (1, 1_112.0), (2, 1_116.0), (3, 2_100.0)]);
}

/// A line by timetable waits for its moment and makes up for lateness where it stands longer than it must: 30 s of standing
/// in the timetable, 10 s for the doors and 3 s each for 10 people are 10 s late, which the next stop takes back.
#[test]
fn a_line_by_timetable_makes_up_for_lateness_where_it_stands() {
    let mut line = of(bus(80, 0, 1), 4, &[1_000]);
    line.timed = true;
    for position in 1..4 {
        let shift = 30 * 1_000 * (position - 1);
        line.arrivals[position as usize] = Time(1_000_000 + 100_000 * position + shift);
        line.departures[position as usize] = Time(1_000_000 + 100_000 * position + shift + 30_000);
    }
    let plans = (0..10).map(|_| rider(0.0, 0, 1, 3)).collect();
    let (_, events) = day(town_of_line(line), plans, 1.0, 1_000);
    assert_eq!(called(&events, 0, 1), (1_100.0, 1_140.0));
    assert_eq!(called(&events, 0, 2), (1_240.0, 1_260.0));
    assert_eq!(called(&events, 0, 3).0, 1_360.0);
}

/// Where the timetable tells one moment a stop, 20 s of standing are contained in its running times: the vehicle comes 20 s
/// before it, stands its 10 s and, by timetable, leaves on time.
#[test]
fn standing_can_be_part_of_running_times() {
    let line = Line { timed: true, ..of(VehicleType { dwell_ms: 20_000, ..bus(80, 0, 1) }, 3, &[1_000]) };
    let (_, events) = day(town_of_line(line), vec![rider(0.0, 0, 0, 2)], 1.0, 1_000);
    assert_eq!(called(&events, 0, 1), (1_080.0, 1_100.0));
    assert_eq!(called(&events, 0, 2).0, 1_200.0);
}

/// Buses every 300 s, one person every 30 s at each of the stops 1 to 4: ten a bus, which stands 10 s + 10 × 3 s and leaves
/// stop s at 300 + 140·s s. People come at 15 s, 45 s … after the bus before has left.
///
/// Twenty more people at stop 1 delay the second bus: due at 740 s, it comes at 700 s, and 20 and 12 people (the last at
/// 785 s) hold it until 700 + 10 + 96 = 806 s. At stop 2 it comes at 906 s, 12 people, leaves at 952 s (due at 880 s); at
/// stop 3 at 1,052 s, 13 people, 1,101 s (1,020 s); at stop 4 at 1,201 s, 13 people, 1,250 s (1,160 s). The third bus finds
/// those who came since: 8 people at stop 1 and leaves at 1,034 s (due at 1,040 s); 8, 1,168 s (1,180 s); 6, 1,296 s
/// (1,320 s); 6, 1,424 s (1,460 s).
#[test]
fn bunching() {
    let left = |crowd: usize| {
        let mut plans: Vec<Plan> = Vec::new();
        for stop in 1..5u16 {
            plans.extend((0..45).map(|k| rider(140.0 * f64::from(stop) + 15.0 + 30.0 * f64::from(k), 0, stop, 5)));
        }
        plans.extend((0..crowd).map(|_| rider(650.0, 0, 1, 5)));
        let (_, events) = day(town_of_line(of(bus(500, 0, 1), 6, &[300, 600, 900])), plans, 1.0, 1_000);
        [0, 1, 2].map(|run| [1, 2, 3, 4].map(|position| called(&events, run, position).1))
    };
    let due = [0, 1, 2].map(|run| [1, 2, 3, 4].map(|stop| f64::from(300 + 300 * run + 140 * stop)));
    assert_eq!(left(0), due);
    let late = left(20);
    let of = |run: usize| [0, 1, 2, 3].map(|k| late[run][k] - due[run][k]);
    assert_eq!(of(0), [0.0; 4], "the bus ahead is none the wiser");
    assert_eq!(of(1), [66.0, 72.0, 81.0, 90.0], "it meets more people and falls further behind");
    assert_eq!(of(2), [-6.0, -12.0, -24.0, -36.0], "the next one meets fewer and catches up");
}

/// Out: leaves at 1,000 s, 5 people at the middle stop make it 25 s late (1,225 s), letting them off takes 20 s: it is done
/// at 1,245 s, the timetable has it there at 1,200 s. Back: planned at 1,210 s, so the layover of 10 s is less than the
/// turnaround of 180 s and holds: it is there at 1,255 s, takes 10 s and two people 6 s, and leaves at 1,271 s. Out again:
/// back is done at 1,371 + 10 + 10 + 4 + 100 … its layover of 20 min swallows all that.
#[test]
fn lateness_passes_along_a_rotation() {
    let out = of(bus(80, 0, 1), 3, &[1_000, 2_610]);
    let back = Line { stops: [2, 1, 0].map(StopIx).to_vec(), ..of(bus(80, 0, 1), 3, &[1_210]) };
    let mut plans: Vec<Plan> = (0..5).map(|_| rider(0.0, 0, 1, 2)).collect();
    plans.extend((0..2).map(|_| rider(0.0, 1, 0, 2)));
    let mut network = town_of_lines(vec![out, back]);
    let operation = &mut network.lines.operation;
    operation.turnaround_ms = 180_000;
    // Runs 0 and 1 go out, run 2 goes back between them.
    operation.before = vec![None, Some(DepartureIx(2)), Some(DepartureIx(0))];
    let (_, events) = day(network.clone(), plans.clone(), 1.0, 1_000);
    assert_eq!(called(&events, 0, 2), (1_225.0, 1_245.0));
    assert_eq!(called(&events, 2, 0), (1_255.0, 1_271.0));
    assert_eq!(called(&events, 2, 2), (1_481.0, 1_495.0));
    assert_eq!(called(&events, 1, 0), (2_610.0, 2_610.0));
    // Without rotations there is always another vehicle.
    network.lines.operation.before.clear();
    let (_, events) = day(network, plans, 1.0, 1_000);
    assert_eq!(called(&events, 2, 0), (1_210.0, 1_210.0));
}

/// Trains at 0 and 120 s, 100 s from stop to stop, at least 90 s apart. Forty people hold the first one at stop 1 from 100 s
/// to 230 s, so the second comes there not at 220 s but at 320 s, stands 10 s and would be at the last stop at 430 s. The
/// first came there at 330 s and lets 40 people off until 420 s: the second comes at 510 s.
#[test]
fn trains_keep_their_distance() {
    let of_trains = |min_headway_ms| {
        let trains = Line { rail: true, timed: true, ..of(bus(80, 0, 1), 3, &[0, 120]) };
        let mut network = town_of_line(trains);
        network.lines.operation.min_headway_ms = min_headway_ms;
        let plans = (0..40).map(|_| rider(0.0, 0, 1, 2)).collect();
        day(network, plans, 1.0, 1_000).1
    };
    let events = of_trains(90_000);
    assert_eq!(called(&events, 0, 1), (100.0, 230.0));
    assert_eq!(called(&events, 1, 1), (320.0, 330.0));
    assert_eq!(called(&events, 0, 2), (330.0, 420.0));
    assert_eq!(called(&events, 1, 2), (510.0, 520.0));
    // The timetable itself keeps them 120 s apart, so 200 s do not hold: 230 + 120 = 350 s.
    assert_eq!(called(&of_trains(200_000), 1, 1).0, 350.0);
}

/// A local that is held at its last common stop holds the express behind it, which is of another line: planned at 160 s
/// there, 60 s after the local has left, it comes 60 s after it really has (100 + 10 + 40 × 3 = 230 s).
#[test]
fn lines_on_the_same_rails_hold_each_other() {
    let local = Line { rail: true, timed: true, ..of(bus(80, 0, 1), 3, &[0]) };
    let express = Line {
        stops: [0, 1, 3].map(StopIx).to_vec(),
        ..Line { rail: true, timed: true, ..of(bus(80, 0, 1), 3, &[60]) }
    };
    let mut network = town_of_lines(vec![local, express]);
    network.lines.operation.min_headway_ms = 90_000;
    let plans = (0..40).map(|_| rider(0.0, 0, 1, 2)).collect();
    let (_, events) = day(network, plans, 1.0, 1_000);
    assert_eq!(called(&events, 1, 1), (290.0, 300.0));
}

/// A late train misses the connection that it would have made on time: at the middle stop at 1,100 s, on foot for 60 s, the
/// other line leaves at 1,170 s. Thirty people before make it 100 s late.
#[test]
fn a_late_vehicle_misses_its_connection() {
    let boards_second = |crowd: usize| {
        let first = of(bus(80, 0, 1), 3, &[1_000]);
        let second = Line { stops: [3, 4].map(StopIx).to_vec(), ..line(2, &[1_470, 2_000], 100, 100) };
        let ride = |line, from, to| Leg::Ride { line: LineIx(line), from, to };
        let legs = vec![ride(0, 0, 2), Leg::Walk { ms: 60_000 }, ride(1, 0, 1)];
        let mut plans = vec![Plan { mode: Mode::Transit, departure: Time(0), legs: legs.into(), cost_cny: 0.0 }];
        plans.extend((0..crowd).map(|_| rider(0.0, 0, 1, 2)));
        let (_, events) = day(town_of_lines(vec![first, second]), plans, 1.0, 1_000);
        let boarded = |e: &Event| matches!(e.what, What::Boarded { line: LineIx(1), .. }).then_some(e.time.seconds());
        events.iter().find_map(boarded)
    };
    // At the last stop at 1,100 + 10 + 3 × crowd + 100 s.
    assert_eq!(boards_second(30), Some(1_470.0));
    assert_eq!(boards_second(67), Some(2_000.0));
}

/// Where one may not get on, the vehicle passes people by without denying them; where one may not get off, they are taken on
/// to the next stop.
#[test]
fn getting_on_and_off_can_be_forbidden() {
    let line = Line {
        takes_on: vec![true, false, true, true],
        lets_off: vec![true, true, false, true],
        ..line(4, &[1_000], 100, 100)
    };
    let plans = vec![rider(0.0, 0, 1, 3), rider(0.0, 0, 0, 2), rider(0.0, 0, 0, 1)];
    let (report, events) = day(town_of_line(line), plans, 1.0, 1_000);
    assert_eq!((report.denied, report.agents.under_way), (0, 1));
    let off: Vec<(u32, f64)> = (events.iter())
        .filter(|e| matches!(e.what, What::Alighted { .. }))
        .map(|e| (e.agent.0, e.time.seconds()))
        .collect();
    assert_eq!(off, [(2, 1_100.0), (1, 1_300.0)]);
}

/// A line of any kind with any demand.
#[derive(Clone, Debug)]
struct Case {
    line: Line,
    min_headway_ms: i64,
    riders: Vec<(i64, u16, u16)>,
    sample: f64,
}

fn cases() -> impl Strategy<Value = Case> {
    let runs = prop::collection::vec(30..400i64, 1..12);
    let vehicle = (1..30u32, 0..20u32, 1..3u32, 0..2usize);
    let riders = prop::collection::vec((0..4_000_000i64, 0..4u16, 1..5u16), 0..150);
    (runs, vehicle, any::<[bool; 2]>(), riders, 0..3usize).prop_map(|(gaps, vehicle, [rail, timed], riders, sample)| {
        let mut at = 0;
        let runs: Vec<i64> = gaps
            .iter()
            .map(|gap| {
                at += gap;
                at
            })
            .collect();
        let (seats, standing, doors, timeless) = vehicle;
        let vehicle = if timeless == 1 { VehicleType::timeless(seats + standing) } else { bus(seats, standing, doors) };
        let line = Line { rail, timed, ..of(vehicle, 5, &runs) };
        let riders = riders.into_iter().map(|(at, from, on)| (at, from, (from + on).min(4))).collect();
        Case { line, min_headway_ms: 90_000, riders, sample: [1.0, 0.5, 0.1][sample] }
    })
}

impl Case {
    fn network(&self) -> Network {
        let mut network = town_of_line(self.line.clone());
        network.lines.operation.min_headway_ms = self.min_headway_ms;
        network
    }

    fn day(&self, window_ms: u32) -> (Vec<Event>, LineTimes) {
        let plans: Vec<Plan> =
            self.riders.iter().map(|&(at, from, to)| rider(at as f64 / 1_000.0, 0, from, to)).collect();
        let agents = (0..plans.len() as u64).map(agent).collect();
        let WholeDay { events, times, .. } = whole_day_of(self.network(), agents, plans, self.sample, window_ms, END);
        (events, times)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 200, ..ProptestConfig::with_cases(48) })]

    /// Nobody is lost, nobody is in two vehicles, and no vehicle leaves with more than it has places for: capacity × sample,
    /// rounded up at most, and one party at least.
    #[test]
    fn capacity_is_never_exceeded_and_passengers_are_conserved(case in cases()) {
        let (events, times) = case.day(1_000);
        let places = (f64::from(case.line.capacity) * case.sample).ceil().max(1.0) as i64;
        let mut aboard = vec![0i64; case.line.runs()];
        let (mut on, mut off) = (0, 0);
        for event in &events {
            match event.what {
                What::Boarded { departure, .. } => { aboard[departure.i()] += 1; on += 1; }
                What::Alighted { departure, .. } => { aboard[departure.i()] -= 1; off += 1; }
                What::VehicleLeft { departure, load, .. } => {
                    prop_assert_eq!(i64::from(load), aboard[departure.i()]);
                    prop_assert!(i64::from(load) <= places);
                }
                _ => {}
            }
        }
        prop_assert_eq!(on, off + aboard.iter().sum::<i64>());
        prop_assert!(aboard.iter().all(|&load| load == 0), "six hours are long enough for every run");
        prop_assert!(times.lines[0].load.iter().all(|share| (0.0..=1.0).contains(share)));
    }

    /// A day does not depend on the window.
    #[test]
    fn windows_change_nothing(case in cases()) {
        let (events, times) = case.day(500);
        prop_assert_eq!(&(events, times), &case.day(1_000));
        prop_assert_eq!(case.day(1_000), case.day(2_000));
    }

    /// Runs of a line keep their order in the times of a day, no time goes back along a run, and whoever boards the first
    /// run that has not closed is told the run that people really got on, or where a later bus overtook it, an earlier one.
    #[test]
    fn times_of_a_day_can_be_searched(case in cases()) {
        let (events, times) = case.day(1_000);
        let (of, positions) = (&times.lines[0], case.line.stops.len());
        for at in 0..of.departures.len() {
            prop_assert!(of.arrivals[at] <= of.departures[at] || at % positions == 0);
            prop_assert!(of.closes[at] <= of.departures[at]);
            if at % positions > 0 {
                prop_assert!(of.departures[at - 1] <= of.arrivals[at]);
            }
            if at >= positions {
                for list in [&of.arrivals, &of.departures, &of.closes] {
                    prop_assert!(list[at - positions] <= list[at]);
                }
            }
        }
        for event in &events {
            let What::Boarded { departure, position, arrived, .. } = event.what else { continue };
            let told = (0..case.line.runs()).find(|run| of.closes[run * positions + usize::from(position)] >= arrived);
            if case.line.rail {
                prop_assert_eq!(told, Some(departure.i()), "who came at {} to {}", arrived, position);
            } else {
                prop_assert!(told.is_some_and(|run| run <= departure.i()));
            }
        }
    }
}

/// Twelve people for two places a run, from stop 0 to stop 1 in 100 s. Another line leaves at 450 s and goes there by way of
/// stop 2 in 400 s. Where the own line runs every 100 s, who is denied is told of its next run and stays. Where its second
/// run at 200 s is the last, the eight who are left give its queue up as soon as they look.
#[test]
fn denied_people_plan_again() {
    let replanned = |runs: &[i64], replan_after: u32| {
        let own = line(2, runs, 100, 2);
        let other = Line { stops: [0, 2, 1].map(StopIx).to_vec(), ..line(3, &[450], 200, 100) };
        let mut network = town_of_lines(vec![own, other]);
        network.lines.transfers = vec![Vec::new(); 3];
        network.lines.stop_lines =
            vec![vec![(LineIx(0), 0), (LineIx(1), 0)], vec![(LineIx(0), 1), (LineIx(1), 2)], vec![(LineIx(1), 1)]];
        network.lines.operation.replan_after = replan_after;
        let legs = [Leg::Walk { ms: 10_000 }, Leg::Ride { line: LineIx(0), from: 0, to: 1 }, Leg::Walk { ms: 30_000 }];
        let plan = Plan { mode: Mode::Transit, departure: Time(0), legs: legs.to_vec().into(), cost_cny: 0.0 };
        let (report, events) = day(network, vec![plan; 12], 1.0, 1_000);
        let again = events.iter().filter(|e| matches!(e.what, What::Replanned { .. })).map(|e| e.time.seconds());
        let again: Vec<f64> = again.collect();
        let arrived = events.iter().filter(|e| e.what == What::Arrived).map(|e| e.time.seconds()).collect::<Vec<f64>>();
        (again, arrived.last().copied(), report.agents.arrived)
    };
    let often: Vec<i64> = (1..=6).map(|k| 100 * k).collect();
    // The sixth run leaves at 600 s: there at 700 s, 2 s to get off, 28 s more on foot.
    assert_eq!(replanned(&often, 2), (vec![], Some(730.0), 12));
    // Two runs take four; eight are denied twice and go by the other line, at stop 1 at 850 s.
    assert_eq!(replanned(&[100, 200], 2), (vec![200.0; 8], Some(880.0), 12));
    assert_eq!(replanned(&[100, 200], 1).0, [200.0; 8]);
    assert_eq!(replanned(&[100, 200], 3), (vec![], Some(330.0), 4));
    assert_eq!(replanned(&[100, 200], 0), (vec![], Some(330.0), 4));
}
