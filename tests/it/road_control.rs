//! What rules roads besides their geometry: signals, incidents, closures, turn bays, and vehicles that look for another way.
//! Each with the sum worked by hand.

use crate::city::{Drive, Options, Stretch, car, drive, drive_asking, roads};
use hubflow::ids::LinkIx;
use hubflow::mobsim::road::reroute::RerouteRule;
use hubflow::mode::VehicleClass;
use hubflow::network::movements::{Bay, Movements, Signal, Turn};
use hubflow::network::periods::LinkPeriod;
use hubflow::network::roads::Roads;
use hubflow::routing::reroute::{Ask, Reroute, Scratch};
use hubflow::units::Time;

fn turn(from: u32, to: u32) -> Turn {
    let (from, to) = (LinkIx(from), LinkIx(to));
    Turn { from, to, allowed: true, bay: None, signal: None, capacity_pcu_h: None, penalty_s: 0.0 }
}

fn period(link: u32, [from_s, until_s]: [i64; 2], capacity_pcu_h: f64, free_speed_mps: f64) -> LinkPeriod {
    let (from, until) = (Time(1_000 * from_s), Time(1_000 * until_s));
    LinkPeriod { link: LinkIx(link), from, until, capacity_pcu_h, free_speed_mps, toll_cny: 0.0 }
}

/// A queue of cars every 2 s (s = 1,800/h) at a signal with 30 s of green in a cycle of 90 s: s·g = 15 pass in every
/// cycle, 600/h, at 0, 2, … 28 s of green.
#[test]
fn signal_discharge() {
    let mut roads = roads(3, &[Stretch(0, 1, 1000.0, 20.0, 1800.0, 400.0), Stretch(1, 2, 1000.0, 20.0, 3600.0, 400.0)]);
    let signal = Signal { cycle_ms: 90_000, offset_ms: 10_000, greens: vec![(0, 30_000)] };
    let turns = vec![Turn { signal: Some(0), ..turn(0, 1) }];
    roads.movements = Movements { turns, signals: vec![signal], ..Movements::default() };
    let trips: Vec<Drive> = (0..200).map(|n| car(2_000 * n, &[0, 1])).collect();
    let day = drive(&roads, &trips, Options { until_ms: 1_300_000, ..Options::default() });
    // The first comes at 50 s, in the red that lasts from 40 to 100 s.
    for (n, left) in day.exits(0).into_iter().enumerate() {
        let (cycle, place) = (n as i64 / 15, n as i64 % 15);
        assert_eq!(left, 100_000 + 90_000 * cycle + 2_000 * place, "car {n}");
    }
}

/// A turn that takes 7 s besides the links: 50 + 7 + 50 s.
#[test]
fn turn_penalty() {
    let mut roads = roads(3, &[Stretch(0, 1, 1000.0, 20.0, 1800.0, 400.0), Stretch(1, 2, 1000.0, 20.0, 1800.0, 400.0)]);
    roads.movements = Movements { turns: vec![Turn { penalty_s: 7.0, ..turn(0, 1) }], ..Movements::default() };
    assert_eq!(drive(&roads, &[car(0, &[0, 1])], Options::default()).ended, [Some(107_000)]);
}

/// An incident lets one car pass every 6 s from 600 to 1,200 s on a link that takes one every 2 s; cars come every 4 s, at
/// 4n + 50 s. The first in it comes at 602 s (n = 138); they enter at 602 + 6(n − 138) until the one at 1,196 s, whose
/// headway ends at 1,202 s (n = 238); from then on 1,202 + 2(n − 238) until the queue is gone at 1,402 s (n = 338).
#[test]
fn incident() {
    let stretches = [
        Stretch(0, 1, 1000.0, 20.0, 3600.0, 1000.0),
        Stretch(1, 2, 1000.0, 20.0, 1800.0, 1000.0),
        Stretch(2, 3, 1000.0, 20.0, 3600.0, 1000.0),
    ];
    let mut roads = roads(4, &stretches);
    roads.periods = vec![period(1, [600, 1200], 600.0, 20.0)];
    let trips: Vec<Drive> = (0..500).map(|n| car(4_000 * n, &[0, 1, 2])).collect();
    let day = drive(&roads, &trips, Options { until_ms: 2_400_000, ..Options::default() });
    for (n, entered) in day.entries(1).into_iter().enumerate() {
        let n = n as i64;
        let wanted = match n {
            138..=237 => 602 + 6 * (n - 138),
            238..=337 => 1_202 + 2 * (n - 238),
            _ => 4 * n + 50,
        };
        assert_eq!(entered, 1_000 * wanted, "car {n}");
    }
    assert_eq!(day.entries(1).len(), 500);
}

/// A link that is closed from 600 to 1,200 s takes nobody in between and a car every 2 s afterwards; those who are on it
/// drive on. Slower by half from 1,400 to 1,500 s: who enters then takes 100 s instead of 50.
#[test]
fn closure_and_slow_period() {
    let mut roads =
        roads(3, &[Stretch(0, 1, 1000.0, 20.0, 3600.0, 1000.0), Stretch(1, 2, 1000.0, 20.0, 1800.0, 1000.0)]);
    roads.periods = vec![period(1, [600, 1200], 0.0, 20.0), period(1, [1400, 1500], 1800.0, 10.0)];
    let trips: Vec<Drive> = (0..400).map(|n| car(4_000 * n, &[0, 1])).collect();
    let day = drive(&roads, &trips, Options { until_ms: 2_000_000, ..Options::default() });
    let entries = day.entries(1);
    assert!(entries.iter().all(|t| !(600_000..1_200_000).contains(t)));
    assert_eq!(entries[137..142], [598_000, 1_200_000, 1_202_000, 1_204_000, 1_206_000]);
    // Car 137 entered at 598 s and left the closed link in time; the queue of 150 lasts until 1,500 s.
    assert_eq!(day.ended[137], Some(648_000));
    let slow = day.ended[240].unwrap() as i64 - day.entered(1, 400)[240].unwrap();
    assert_eq!((day.entered(1, 400)[240], slow), (Some(1_404_000), 100_000));
}

/// Every other car turns left into a link that takes one car and then as good as none. Without turn bays the second of
/// them blocks the link, and one car has gone straight on. With a left bay of 10 slots the link is blocked by the one who
/// finds no slot there, number 12: 11 have gone straight on by then, each as if nothing was.
#[test]
fn a_blocked_turn_blocks_the_others_once_its_bay_is_full() {
    let network = || {
        let stretches = [
            Stretch(0, 1, 1000.0, 20.0, 3600.0, 1000.0),
            Stretch(1, 2, 1000.0, 20.0, 3.0, 10_000.0),
            Stretch(1, 3, 1000.0, 20.0, 3600.0, 1000.0),
        ];
        roads(4, &stretches)
    };
    let trips: Vec<Drive> = (0..100).map(|n| car(4_000 * n, &[0, 1 + n % 2])).collect();
    let options = Options { until_ms: 1_000_000, ..Options::default() };
    let without = drive(&network(), &trips, options);
    assert_eq!((without.entries(1).len(), without.entries(2).len()), (1, 1));
    let mut with_bays = network();
    let bay = |storage_pcu| Bay { link: LinkIx(0), length_m: 100.0, lanes: 1.0, capacity_pcu_h: 1800.0, storage_pcu };
    let turns = vec![Turn { bay: Some(0), ..turn(0, 1) }, Turn { bay: Some(1), ..turn(0, 2) }];
    with_bays.movements = Movements { bays: vec![bay(10.0), bay(10.0)], turns, ..Movements::default() };
    let with = drive(&with_bays, &trips, options);
    assert_eq!((with.entries(1).len(), with.entries(2).len()), (1, 11));
    for (n, &entered) in with.entries(2).iter().enumerate() {
        assert_eq!(entered, 4_000 * (2 * n as i64 + 1) + 50_000, "the whole link takes 50 s, with its bay");
    }
    // A passage of the link is told once, not once for the lanes before the bays and once for the bay.
    assert_eq!(with.entries(0).len(), with.exits(0).len() + with.traffic.vehicles_on(LinkIx(0)));
}

/// A way round by link 2 for all who are on link 0.
struct WayRound;

impl Reroute for WayRound {
    fn reroute(&self, ask: Ask, snapshot_ms: &[u32], _: &mut Scratch, route: &mut Vec<LinkIx>) -> Option<i64> {
        assert_eq!((ask.on, ask.class), (LinkIx(0), VehicleClass::Car));
        let times = [50_000.max(snapshot_ms[1]), 100_000.max(snapshot_ms[2])];
        route.clear();
        route.push(LinkIx(if times[0] <= times[1] { 1 } else { 2 }));
        Some(i64::from(times[0].min(times[1])))
    }
}

fn closed_road() -> Roads {
    let stretches = [
        Stretch(0, 1, 1000.0, 20.0, 3600.0, 1000.0),
        Stretch(1, 2, 1000.0, 20.0, 3600.0, 1000.0),
        Stretch(1, 2, 2000.0, 20.0, 3600.0, 1000.0),
    ];
    let mut roads = roads(3, &stretches);
    roads.periods = vec![period(1, [100, 2000], 0.0, 20.0)];
    roads
}

/// A road closes from 100 to 2,000 s; cars come to it every 10 s, at 10n + 50. Link times are published every 300 s; who
/// has lost 120 s by then asks and goes round by the other road. At 300 s these are the cars that came from 100 to 180 s
/// (n = 5 … 13); the next car, n = 14, has lost 110 s only and holds up all behind it until 600 s. Then all who have lost
/// 120 s go, up to the one who came at 480 s (n = 43).
#[test]
fn who_has_lost_enough_goes_round_a_closed_road() {
    let trips: Vec<Drive> = (0..60).map(|n| car(10_000 * n, &[0, 1])).collect();
    let rule = RerouteRule { every_ms: 300_000, lost_ms: 120_000, gain: 0.05 };
    let options = Options { until_ms: 700_000, reroute: Some(rule), ..Options::default() };
    let day = drive_asking(&closed_road(), &trips, options, Some(&WayRound));
    let round = day.entered(2, 60);
    // They leave link 0 one headway of 1 s after the other.
    for (n, entered) in round.iter().enumerate() {
        let wanted = match n as i64 {
            n @ 5..=13 => Some(300_000 + 1_000 * (n - 5)),
            n @ 14..=43 => Some(600_000 + 1_000 * (n - 14)),
            _ => None,
        };
        assert_eq!(*entered, wanted, "car {n}");
    }
    assert_eq!(day.entries(1), [50_000, 60_000, 70_000, 80_000, 90_000]);
    assert_eq!((day.traffic.counts.asked, day.traffic.counts.diverted), (39, 39));
    for window_ms in [500, 2_000] {
        let other = drive_asking(&closed_road(), &trips, Options { window_ms, ..options }, Some(&WayRound));
        assert!(other.events == day.events, "window {window_ms}");
    }
}

/// Who finds no better way stays on the old one: the closed road opens at 2,000 s, sooner than the other would be passed.
#[test]
fn who_finds_nothing_better_stays() {
    let mut roads = closed_road();
    roads.free_speed_mps[2] = 0.5;
    let trips: Vec<Drive> = (0..60).map(|n| car(10_000 * n, &[0, 1])).collect();
    let rule = RerouteRule { every_ms: 300_000, lost_ms: 120_000, gain: 0.05 };
    struct Slow;
    impl Reroute for Slow {
        fn reroute(&self, _: Ask, _: &[u32], _: &mut Scratch, route: &mut Vec<LinkIx>) -> Option<i64> {
            route.clear();
            route.push(LinkIx(2));
            Some(4_000_000)
        }
    }
    let options = Options { until_ms: 2_300_000, reroute: Some(rule), ..Options::default() };
    let day = drive_asking(&roads, &trips, options, Some(&Slow));
    assert!(day.traffic.counts.asked > 0);
    assert_eq!((day.traffic.counts.diverted, day.entries(2).len(), day.entries(1).len()), (0, 0, 60));
}
