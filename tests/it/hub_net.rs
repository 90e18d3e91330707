//! The net of a hub against sums worked by hand and the formulas of queueing theory.

use crate::hub_cases::{entry, hubs, key_of};
use crate::town::{END, process};
use hubflow::ids::{HubIx, ProcessIx, StoreIx};
use hubflow::mobsim::hub::{Entry, Net, NetSetup, Told};
use hubflow::network::hubs::{Batch, Breakdown, Classes, Hubs, Process, Step, Store};
use hubflow::random::{Draws, Purpose};
use hubflow::scenario::hubs::{HandOver, ServiceLaw, StoreUnit, UserClass};
use hubflow::units::{HOUR_MS, MINUTE_MS, Time};

const A: ProcessIx = ProcessIx(0);
const B: ProcessIx = ProcessIx(1);
const YARD: StoreIx = StoreIx(0);

fn at(s: i64) -> Time {
    Time(s * 1000)
}

fn counter(servers: u32, mean_s: f64) -> Process {
    process(servers, ServiceLaw::Deterministic, mean_s)
}

/// A hub with one chain through all processes in order, without walks.
fn line_of(processes: Vec<Process>) -> Hubs {
    let steps = (0..processes.len()).map(|p| Step::at(ProcessIx::from(p), 0)).collect();
    hubs(processes, Vec::new(), vec![steps])
}

fn net(hubs: &Hubs, sample: f64) -> Net {
    Net::new(hubs, HubIx(0), &key_of, NetSetup { seed: 9, sample, start: Time(0), end: END })
}

/// What is told of a whole day; those who come are numbered in their order.
fn day(hubs: &Hubs, come: &[(i64, Entry)]) -> Vec<Told> {
    let mut net = net(hubs, 1.0);
    for &(s, entry) in come {
        net.enter(at(s), entry);
    }
    net.run(END);
    net.told
}

/// Users with nothing special about them, at these seconds.
fn come(seconds: &[i64]) -> Vec<(i64, Entry)> {
    seconds.iter().enumerate().map(|(n, &s)| (s, entry(n as u32))).collect()
}

/// When the services of a process began, by token, s.
fn began(told: &[Told], of: ProcessIx) -> Vec<i64> {
    let mut began: Vec<(u32, i64)> = (told.iter())
        .filter_map(|what| match *what {
            Told::Served { token, process, began, .. } if process == of => Some((token, began.0 / 1000)),
            _ => None,
        })
        .collect();
    began.sort();
    began.into_iter().map(|b| b.1).collect()
}

/// How long users waited before the services of a process, by token, s.
fn waits(told: &[Told], of: ProcessIx) -> Vec<i64> {
    let mut waits: Vec<(u32, i64)> = (told.iter())
        .filter_map(|what| match *what {
            Told::Served { token, process, arrived, began, .. } if process == of => {
                Some((token, began.since(arrived) / 1000))
            }
            _ => None,
        })
        .collect();
    waits.sort();
    waits.into_iter().map(|w| w.1).collect()
}

/// When users joined the queue of a process, in order, s.
fn queued(told: &[Told], of: ProcessIx) -> Vec<i64> {
    let queued = |what: &Told| match *what {
        Told::Queued { time, process, .. } if process == of => Some(time.0 / 1000),
        _ => None,
    };
    told.iter().filter_map(queued).collect()
}

/// When users were done, by token, s.
fn done(told: &[Told]) -> Vec<i64> {
    let mut done: Vec<(u32, i64)> = (told.iter())
        .filter_map(|what| match *what {
            Told::Done { token, time } => Some((token, time.0 / 1000)),
            _ => None,
        })
        .collect();
    done.sort();
    done.into_iter().map(|d| d.1).collect()
}

/// Who cleared which server when, and since when it had been held, s.
fn cleared(told: &[Told]) -> Vec<(u32, ProcessIx, i64, i64)> {
    let of = |what: &Told| match *what {
        Told::Cleared { time, token, process, since } => Some((token, process, time.0 / 1000, since.0 / 1000)),
        _ => None,
    };
    told.iter().filter_map(of).collect()
}

/// Mean and half-width of its 99 % interval from 20 means of batches, the first tenth left out (Student's t with 19
/// degrees of freedom: 2.861).
fn interval(values: &[f64]) -> (f64, f64) {
    let steady = &values[values.len() / 10..];
    let means: Vec<f64> =
        (steady.chunks_exact(steady.len() / 20)).map(|batch| batch.iter().sum::<f64>() / batch.len() as f64).collect();
    let mean = means.iter().sum::<f64>() / means.len() as f64;
    let variance = means.iter().map(|m| (m - mean).powi(2)).sum::<f64>() / (means.len() - 1) as f64;
    (mean, 2.861 * (variance / means.len() as f64).sqrt())
}

/// Mean wait of 100,000 Poisson arrivals with a mean gap, s.
fn mean_wait(process: Process, gap_s: f64) -> (f64, f64) {
    let hubs = line_of(vec![process]);
    let mut net = net(&hubs, 1.0);
    let mut now = 0.0;
    for token in 0..100_000 {
        now += Draws::new(17, Purpose::Generate, u64::from(token), 0).exponential(gap_s * 1000.0);
        net.enter(Time(now as i64), entry(token));
    }
    net.run(Time(1 << 40));
    let mut waits: Vec<(u32, f64)> = (net.told.iter())
        .filter_map(|what| match *what {
            Told::Served { token, arrived, began, .. } => Some((token, began.since(arrived) as f64 / 1000.0)),
            _ => None,
        })
        .collect();
    assert_eq!(waits.len(), 100_000, "everybody is served");
    waits.sort_by_key(|w| w.0);
    interval(&waits.into_iter().map(|w| w.1).collect::<Vec<_>>())
}

/// A process that is open for ever.
fn always(servers: u32, law: ServiceLaw, mean_s: f64) -> Process {
    Process { shifts: vec![(Time(0), Time(1 << 40), servers)], ..process(servers, law, mean_s) }
}

/// M/M/1: ρ·s/(1 − ρ) = 0.7·10/0.3 = 23.33 s; M/D/1 half of it [Pollaczek–Khinchine].
#[test]
fn mm1_and_md1() {
    let (mean, half) = mean_wait(always(1, ServiceLaw::Exponential, 10.0), 10.0 / 0.7);
    assert!((mean - 23.333).abs() < half && half < 3.0, "{mean} ± {half}");
    let (mean, half) = mean_wait(always(1, ServiceLaw::Deterministic, 10.0), 10.0 / 0.7);
    assert!((mean - 11.667).abs() < half && half < 1.0, "{mean} ± {half}");
}

/// M/M/3 with one arrival in 12.5 s and a service of 30 s: Erlang C gives 32.36 s (worked in `queues`).
#[test]
fn mmc() {
    let (mean, half) = mean_wait(always(3, ServiceLaw::Exponential, 30.0), 12.5);
    assert!((mean - 32.36).abs() < half && half < 5.0, "{mean} ± {half}");
}

/// M/G/1: ρ·s·(1 + cv²)/(2(1 − ρ)): lognormal with cv 1.5: 0.6·10·3.25/0.8 = 24.375 s; Erlang-4: 0.6·10·1.25/0.8 = 9.375 s;
/// 4 s or 16 s, each as likely: cv² = 36/100: 0.6·10·1.36/0.8 = 10.2 s.
#[test]
fn mg1() {
    let lognormal = Process { cv: 1.5, ..always(1, ServiceLaw::Lognormal, 10.0) };
    let erlang = Process { phases: 4, ..always(1, ServiceLaw::Erlang, 10.0) };
    let empirical = Process { values_ms: vec![4_000, 16_000], ..always(1, ServiceLaw::Empirical, 10.0) };
    for (process, wait_s) in [(lognormal, 24.375), (erlang, 9.375), (empirical, 10.2)] {
        let (mean, half) = mean_wait(process, 10.0 / 0.6);
        assert!((mean - wait_s).abs() < half && half < 0.2 * wait_s, "{mean} ± {half}, not {wait_s}");
    }
}

/// D/D/2 with an arrival every 10 s and a service of 30 s: the n-th waits 10·⌊n/2⌋ s (worked in `queues`).
#[test]
fn deterministic_queue_is_exact() {
    let arrivals: Vec<i64> = (0..400).map(|n| 10 * n).collect();
    let began = began(&day(&line_of(vec![counter(2, 30.0)]), &come(&arrivals)), A);
    let waits: Vec<i64> = began.iter().zip(&arrivals).map(|(b, a)| b - a).collect();
    assert_eq!(waits, (0..400).map(|n| 10 * (n / 2)).collect::<Vec<_>>());
}

/// Who comes to a full counter waits before its door, and that is a wait like any other: one server of 10 s with one place,
/// ten seconds' walk, one every 4 s. Number n sets out at T + 4n, is there at T + 10 + 4n, is served from T + 10 + 10n to
/// T + 20 + 10n, and has waited 6n.
#[test]
fn a_wait_before_the_door_counts() {
    let hubs = hubs(vec![Process { places: Some(1), ..counter(1, 10.0) }], Vec::new(), vec![vec![Step::at(A, 10_000)]]);
    let set_out: Vec<i64> = (0..50).map(|n| 60 + 4 * n).collect();
    let told = day(&hubs, &come(&set_out));
    assert_eq!(done(&told), (0..50).map(|n| 60 + 20 + 10 * n).collect::<Vec<i64>>());
    assert_eq!(waits(&told, A), (0..50).map(|n| 6 * n).collect::<Vec<i64>>());
    assert_eq!(queued(&told, A), set_out.iter().map(|s| s + 10).collect::<Vec<i64>>());
}

/// Who comes from elsewhere and who is blocked on a server stand in one line. The second counter, of one place and 30 s, has
/// 0 from 5 on; 2 comes at 9, 1 is through at the first counter at 10, 3 comes at 12: 35–65, 65–95, 95–125.
#[test]
fn those_before_the_door_and_those_blocked_behind_it_are_one_line() {
    let processes = vec![counter(1, 10.0), Process { places: Some(1), ..counter(1, 30.0) }];
    let hubs = hubs(processes, Vec::new(), vec![vec![Step::at(A, 0), Step::at(B, 0)], vec![Step::at(B, 5_000)]]);
    let mut come = come(&[0, 0, 4, 7]);
    [0, 2, 3].into_iter().for_each(|n| come[n].1.chain = 1);
    let told = day(&hubs, &come);
    assert_eq!(began(&told, B), [5, 65, 35, 95]);
    // Who was blocked has waited on its server.
    assert_eq!((waits(&told, B), cleared(&told)), (vec![0, 0, 26, 83], vec![(1, A, 65, 10)]));
}

/// A counter of 20 s with one place. The second has an appointment at 50, but keeps its turn before the door: it has the place
/// at 20, is served from 50 to 70, and the third from then on. Each queued once, when it came.
#[test]
fn an_appointment_is_kept_behind_the_door() {
    let mut come = come(&[0, 1, 2]);
    come[1].1.not_before = at(50);
    let told = day(&line_of(vec![Process { places: Some(1), ..counter(1, 20.0) }]), &come);
    assert_eq!((began(&told, A), queued(&told, A)), (vec![0, 50, 70], vec![0, 1, 2]));
    assert_eq!(waits(&told, A), [0, 49, 68]);
}

/// Two counters with one place each, 10 s and 25 s. The first party: 0–10, 10–35. The second waits outside till 10, is
/// served till 20, keeps its server till the place is free at 35, 35–60. The third comes in at 35, is through at 45, keeps its
/// server till 60, 60–85.
#[test]
fn blocked_after_service() {
    let one = |mean_s| Process { places: Some(1), ..counter(1, mean_s) };
    let told = day(&line_of(vec![one(10.0), one(25.0)]), &come(&[0, 0, 0]));
    assert_eq!((began(&told, A), began(&told, B)), (vec![0, 10, 35], vec![10, 35, 60]));
    assert_eq!(done(&told), [35, 60, 85]);
    assert_eq!(cleared(&told), [(1, A, 35, 20), (2, A, 60, 45)]);
}

/// The same with a walk of 5 s between them, for which the place is kept: second counter 15–40, 45–70, 75–100.
#[test]
fn a_place_is_kept_for_those_who_walk_to_it() {
    let one = |mean_s| Process { places: Some(1), ..counter(1, mean_s) };
    let steps = vec![Step::at(A, 0), Step::at(B, 5_000)];
    let told = day(&hubs(vec![one(10.0), one(25.0)], Vec::new(), vec![steps]), &come(&[0, 0, 0]));
    assert_eq!(began(&told, B), [15, 45, 75]);
    assert_eq!(cleared(&told), [(1, A, 40, 20), (2, A, 70, 50)]);
}

/// Two exponential servers of 10 s with nothing between them and always somebody in front: the first is served and blocked
/// in turn; of the states (both serve, first alone, first blocked) throughput is 2/(3·10 s): 15 s between departures.
#[test]
fn no_buffer_between_exponential_servers() {
    let second = Process { places: Some(1), ..always(1, ServiceLaw::Exponential, 10.0) };
    let hubs = line_of(vec![always(1, ServiceLaw::Exponential, 10.0), second]);
    let mut net = net(&hubs, 1.0);
    (0..60_000).for_each(|token| net.enter(Time(0), entry(token)));
    net.run(Time(1 << 40));
    let mut times: Vec<i64> = (net.told.iter())
        .filter_map(|what| if let Told::Done { time, .. } = what { Some(time.0) } else { None })
        .collect();
    times.sort();
    let gaps: Vec<f64> = times.windows(2).map(|t| (t[1] - t[0]) as f64 / 1000.0).collect();
    let (mean, half) = interval(&gaps);
    assert!((mean - 15.0).abs() < half && half < 0.4, "{mean} ± {half}");
}

/// Who is of a class that goes first passes those who wait, not the one in service; within a class nobody passes.
#[test]
fn priority() {
    let counter = Process { priority: vec![UserClass::Premium], ..counter(1, 10.0) };
    let mut come = come(&[0, 1, 2, 3, 4]);
    for premium in [3, 4] {
        come[premium].1.classes = Classes::NONE.with(UserClass::Premium);
    }
    assert_eq!(began(&day(&line_of(vec![counter]), &come), A), [0, 30, 40, 10, 20]);
}

/// A shuttle for three that leaves 60 s after the first came and is away for 100 s. Three are there at 20: it leaves full. The
/// fourth came at 30 and has waited long enough when the shuttle is back at 120. The next two leave at 300 + 60, with the
/// one who comes in that very moment.
#[test]
fn a_shuttle_leaves_when_full_or_after_its_wait() {
    let shuttle = Process { batch: Some(Batch { size: 3, wait_ms: 60_000 }), ..counter(1, 100.0) };
    let told = day(&line_of(vec![shuttle]), &come(&[0, 10, 20, 30, 300, 310, 360]));
    assert_eq!(began(&told, A), [20, 20, 20, 120, 360, 360, 360]);
    assert_eq!(done(&told), [120, 120, 120, 220, 460, 460, 460]);
}

/// Three lifts for four: the party of three leaves as soon as the party of two comes at 7, which does not fit; these two as
/// soon as five come, who do not fit anywhere and go alone at once.
#[test]
fn a_lift_does_not_wait_for_those_who_do_not_fit() {
    let lift = Process { batch: Some(Batch { size: 4, wait_ms: 60_000 }), ..counter(3, 30.0) };
    let mut come = come(&[0, 7, 8]);
    for (n, party) in [3, 2, 5].into_iter().enumerate() {
        come[n].1.party = party;
    }
    assert_eq!(began(&day(&line_of(vec![lift.clone()]), &come), A), [7, 8, 8]);
    // Nor where the process has no place for more.
    let narrow = Process { places: Some(2), ..lift };
    assert_eq!(began(&day(&line_of(vec![narrow]), &self::come(&[0, 9])), A), [9, 9]);
}

/// A server that is reset for 5 s after each service of 10 s: 0, 15, 30.
#[test]
fn reset() {
    let counter = Process { reset_ms: 5_000, ..counter(1, 10.0) };
    assert_eq!(began(&day(&line_of(vec![counter]), &come(&[0, 0, 0])), A), [0, 15, 30]);
}

/// Nobody begins while the counter is closed, and what has begun ends: 100, 160; closed from 200; 500, 560.
#[test]
fn opening_hours() {
    let shifts = vec![(at(100), at(200), 1), (at(500), at(600), 1)];
    let told = day(&line_of(vec![Process { shifts, ..counter(1, 60.0) }]), &come(&[30, 40, 50, 190]));
    assert_eq!(began(&told, A), [100, 160, 500, 560]);
    assert_eq!(done(&told), [160, 220, 560, 620]);
}

/// A service that ends as the shift does is followed by none, and who waits begins as the next shift does: 100, 150; closed
/// from 200; 500, 550. Where two serve until 100 and one from then on, two end at 100 and one begins; the other way round
/// two begin.
#[test]
fn services_that_end_in_the_instant_in_which_a_shift_changes() {
    let begin =
        |shifts| began(&day(&line_of(vec![Process { shifts, ..counter(1, 50.0) }]), &come(&[30, 50, 50, 60])), A);
    assert_eq!(begin(vec![(at(100), at(200), 1), (at(500), at(600), 1)]), [100, 150, 500, 550]);
    assert_eq!(begin(vec![(at(50), at(100), 2), (at(100), at(1_000), 1)]), [50, 50, 100, 150]);
    assert_eq!(begin(vec![(at(50), at(100), 1), (at(100), at(1_000), 2)]), [50, 100, 100, 150]);
}

/// Two servers until 100, one from then on: those who are served at 100 are served to their end, then one at a time.
#[test]
fn a_shift_ends_with_services_under_way() {
    let shifts = vec![(at(0), at(100), 2), (at(100), at(1_000), 1)];
    let told = day(&line_of(vec![Process { shifts, ..counter(1, 40.0) }]), &come(&[70, 80, 90, 95]));
    // 70–110 and 80–120; at 110 one still serves, and one is on duty.
    assert_eq!(began(&told, A), [70, 80, 120, 160]);
}

/// The first has an appointment at 50; those behind pass it, and then it has the turn that it had.
#[test]
fn appointment() {
    let mut come = come(&[0, 1, 2, 45]);
    come[0].1.not_before = at(50);
    // 1: 1–21, 2: 21–41, 3: 45–65; the first has come before the fourth, and is next.
    assert_eq!(began(&day(&line_of(vec![counter(1, 20.0)]), &come), A), [65, 1, 21, 45]);
}

/// A party waits at the reclaim for two bags that are through at 40 and 80; another one without bags passes it.
#[test]
fn bags_are_waited_for() {
    let reclaim = Step { waits_for: Some(HandOver::Bags), ..Step::at(A, 0) };
    let hubs = hubs(vec![counter(1, 10.0), counter(1, 40.0)], Vec::new(), vec![vec![reclaim], vec![Step::at(B, 0)]]);
    let mut net = net(&hubs, 1.0);
    net.owe(0, HandOver::Bags, 2);
    for token in [0, 1] {
        net.enter(at(i64::from(token)), entry(token));
    }
    for bag in [2, 3] {
        net.enter(at(0), Entry { chain: 1, ..entry(bag) });
    }
    // It may also be said while they are inside.
    net.run(at(5));
    net.owe(0, HandOver::Bags, 3);
    net.run(END);
    assert_eq!((began(&net.told, A), done(&net.told)), (vec![80, 1], vec![90, 11, 40, 80]));
}

/// What is dropped at the desk at 10 enters then, at once or not before 25; what nobody dropped when its party is through,
/// then.
#[test]
fn what_is_dropped_goes_its_own_way() {
    let desk = Step { drops: Some(HandOver::Bags), ..Step::at(A, 0) };
    let belt = Step::at(B, 3_000);
    let chains = vec![vec![desk, Step::at(A, 0)], vec![belt]];
    let hubs = hubs(vec![counter(1, 10.0), counter(9, 5.0)], Vec::new(), chains);
    let mut net = net(&hubs, 1.0);
    for (bag, what, not_before) in [(1, HandOver::Bags, 0), (2, HandOver::Bags, 25), (3, HandOver::Freight, 0)] {
        net.enter_when_dropped(0, what, at(not_before), Time::NEVER, Entry { chain: 1, ..entry(bag) });
    }
    net.enter(at(0), entry(0));
    net.run(END);
    assert_eq!(began(&net.told, B), [13, 28, 23]);
    assert_eq!(done(&net.told)[0], 20);
}

/// What is dropped at 10 goes on if that is still allowed at 10, not if it had to be there at 9; so does what is handed over at
/// 20, when its party is through.
#[test]
fn what_is_dropped_too_late_stays() {
    let desk = Step { drops: Some(HandOver::Bags), ..Step::at(A, 0) };
    let chains = vec![vec![desk, Step::at(A, 0)], vec![Step::at(B, 3_000)]];
    let hubs = hubs(vec![counter(1, 10.0), counter(9, 5.0)], Vec::new(), chains);
    let mut net = net(&hubs, 1.0);
    let bags = [(HandOver::Bags, 9), (HandOver::Bags, 10), (HandOver::Freight, 19), (HandOver::Freight, 20)];
    for (bag, (what, not_after)) in (1..).zip(bags) {
        net.enter_when_dropped(0, what, at(0), at(not_after), Entry { chain: 1, ..entry(bag) });
    }
    net.enter(at(0), entry(0));
    net.run(END);
    let went: Vec<(i64, u32)> = (net.told.iter())
        .filter_map(|what| match *what {
            Told::Queued { time, token, process: B } => Some((time.0 / 1000, token)),
            _ => None,
        })
        .collect();
    assert_eq!((went, net.inside()), (vec![(13, 2), (23, 4)], 0));
}

/// A yard for 4 TEU that holds 3: a truck with 2 waits without a server, one with 1 passes it; when 2 have been fetched at 40
/// the first goes on. The tally: 3 + 1 − 2 + 2 = 4.
#[test]
fn a_full_yard() {
    let yard = Store { unit: StoreUnit::Teu, capacity: 4.0, ..Store::default() };
    let puts = Step { takes: Some(YARD), ..Step::at(A, 0) };
    let fetches = Step { frees: Some(YARD), ..Step::at(B, 0) };
    let hubs = hubs(vec![counter(1, 10.0), counter(1, 10.0)], vec![yard], vec![vec![puts], vec![fetches]]);
    let mut net = net(&hubs, 1.0);
    net.set_content(YARD, 3_000);
    net.enter(at(0), Entry { brings: 2_000, ..entry(0) });
    net.enter(at(1), Entry { brings: 1_000, ..entry(1) });
    net.enter(at(2), Entry { brings: 0, ..entry(2) });
    net.enter(at(30), Entry { chain: 1, fetches: 2_000, ..entry(3) });
    net.run(END);
    assert_eq!(began(&net.told, A), [40, 1, 11]);
    let stored: Vec<(i64, u32, i64)> = (net.told.iter())
        .filter_map(|what| match *what {
            Told::Stored { time, token, change, .. } => Some((time.0 / 1000, token, change)),
            _ => None,
        })
        .collect();
    assert_eq!(stored, [(1, 1, 1_000), (40, 3, -2_000), (40, 0, 2_000)]);
    assert_eq!(net.content(YARD), 4_000);
}

/// Room in a store that two processes want is taken by whoever has queued for longer, whichever process it is at.
#[test]
fn room_is_taken_by_who_has_waited_longest() {
    let hall = Store { unit: StoreUnit::Persons, capacity: 1.0, ..Store::default() };
    let into = |process| Step { takes: Some(YARD), ..Step::at(process, 0) };
    let out = Step { frees: Some(YARD), ..Step::at(ProcessIx(2), 0) };
    let chains = vec![vec![into(A), out.clone()], vec![into(B), out]];
    let hubs = hubs(vec![counter(1, 10.0), counter(1, 10.0), counter(1, 5.0)], vec![hall], chains);
    let come = [(0, 0), (1, 1), (2, 0), (3, 1)].map(|(s, chain)| (s, Entry { chain, ..entry(s as u32) }));
    let told = day(&hubs, &come);
    // Each is in the hall for 15 s: 0–15, 15–30, 30–45, 45–60.
    assert_eq!((began(&told, A), began(&told, B)), (vec![0, 30], vec![15, 45]));
}

/// The last server is held until the road has taken the truck at 30, and the next is served then.
#[test]
fn the_last_server_is_held_until_the_road_takes_the_truck() {
    let hubs = line_of(vec![counter(1, 10.0)]);
    let mut net = net(&hubs, 1.0);
    net.enter(at(0), Entry { holds: true, ..entry(0) });
    net.enter(at(0), entry(1));
    net.run(at(20));
    assert_eq!(done(&net.told), [10]);
    net.left(at(30), 0);
    net.run(END);
    assert_eq!((began(&net.told, A), cleared(&net.told)), (vec![0, 30], vec![(0, A, 30, 10)]));
    assert_eq!(net.inside(), 0);
}

/// A gate with two places that the road feeds: the road hears of each place when the truck leaves the gate for the yard,
/// which it cannot before the one in the yard's only place has gone on.
#[test]
fn the_road_hears_of_places() {
    let gate = Process { places: Some(2), ..counter(2, 10.0) };
    let yard = Process { places: Some(1), ..counter(1, 50.0) };
    let hubs = line_of(vec![gate, yard]);
    assert_eq!(net(&hubs, 1.0).first_step(0, 0, Classes::NONE), Some(A));
    let come: Vec<_> = come(&[0, 0]).into_iter().map(|(s, entry)| (s, Entry { by_road: true, ..entry })).collect();
    let placed: Vec<(i64, ProcessIx)> = (day(&hubs, &come).iter())
        .filter_map(
            |what| if let Told::Placed { time, process } = what { Some((time.0 / 1000, *process)) } else { None },
        )
        .collect();
    assert_eq!(placed, [(10, A), (60, A)]);
}

/// Steps are taken by class; the walks to those that are left out are walked, at the end too: 5 + 10 + (3 + 7).
#[test]
fn walks_of_steps_that_are_left_out() {
    let reefer = Classes::NONE.with(UserClass::Reefer);
    let steps = vec![
        Step { only: reefer, ..Step::at(B, 2_000) },
        Step::at(A, 3_000),
        Step { share: 0.0, ..Step::at(B, 3_000) },
        Step { only: reefer, ..Step::at(B, 7_000) },
    ];
    let hubs = hubs(vec![counter(1, 10.0), counter(1, 10.0)], Vec::new(), vec![steps]);
    let cold = Entry { classes: reefer, ..entry(1) };
    let told = day(&hubs, &[(0, entry(0)), (100, cold)]);
    // The other one: 2 s, 10 s, 3 s, 10 s, 10 s, 10 s.
    assert_eq!(done(&told), [25, 145]);
}

/// A visit that passes the same full process twice keeps its place there; its two services differ.
#[test]
fn twice_through_the_same_process() {
    let hall = Process { places: Some(1), ..process(1, ServiceLaw::Exponential, 10.0) };
    let hubs = hubs(vec![hall], Vec::new(), vec![vec![Step::at(A, 0), Step::at(A, 1_000)]]);
    let told = day(&hubs, &come(&[0, 0]));
    let served: Vec<(u32, i64)> = (told.iter())
        .filter_map(|what| match *what {
            Told::Served { token, time, began, .. } => Some((token, time.since(began))),
            _ => None,
        })
        .collect();
    assert_eq!(served.iter().map(|s| s.0).collect::<Vec<_>>(), [0, 0, 1, 1]);
    assert!(served[0].1 != served[1].1 && served[2].1 != served[3].1);
}

/// Two who want each other's only place stay for ever, and whoever comes after them waits outside.
#[test]
fn a_locked_net_is_told() {
    let one = || Process { places: Some(1), ..counter(1, 10.0) };
    let chains = vec![vec![Step::at(A, 0), Step::at(B, 0)], vec![Step::at(B, 0), Step::at(A, 0)]];
    let hubs = hubs(vec![one(), one()], Vec::new(), chains);
    let mut net = net(&hubs, 1.0);
    for (token, chain) in [(0, 0), (1, 1), (2, 1)] {
        net.enter(at(0), Entry { chain, ..entry(token) });
    }
    net.run(at(5));
    assert_eq!(net.locked(), 1);
    net.run(END);
    assert_eq!((net.locked(), net.inside(), done(&net.told).len()), (3, 3, 0));
}

/// Half of the users meet 2 servers for 3 · 0.5, each kept 4/3 of a service of 30 s, 40 s, while a service is 30 s: 0, 0, 40,
/// 40, 80 …; three places become two, so that four wait before the door at first, and two from 30 on.
#[test]
fn a_sample_meets_scaled_capacity() {
    let counter = Process { places: Some(3), ..counter(3, 30.0) };
    let mut net = net(&line_of(vec![counter]), 0.5);
    (0..6).for_each(|token| net.enter(at(0), entry(token)));
    let before_the_door = [29, 31].map(|s| {
        net.run(at(s));
        net.locked()
    });
    assert_eq!(before_the_door, [4, 2]);
    net.run(END);
    assert_eq!(began(&net.told, A), [0, 0, 40, 40, 80, 80]);
    assert_eq!(done(&net.told), [30, 30, 70, 70, 110, 110]);
}

/// A party of three takes three turns, or one where parties do.
#[test]
fn a_party_takes_its_turns() {
    let three = [(0, Entry { party: 3, ..entry(0) })];
    assert_eq!(done(&day(&line_of(vec![counter(1, 20.0)]), &three)), [60]);
    assert_eq!(done(&day(&line_of(vec![Process { one_turn: true, ..counter(1, 20.0) }]), &three)), [20]);
}

/// Servers that work 2 h between repairs of 30 min are there for 4 of 5 hours; a service that has begun ends.
#[test]
fn breakdowns() {
    let breakdown = Some(Breakdown { every_ms: 2.0 * HOUR_MS as f64, repair_ms: 30.0 * MINUTE_MS as f64 });
    let counter = Process { breakdown, ..always(10, ServiceLaw::Deterministic, 1.0) };
    let hubs = line_of(vec![counter]);
    let setup = NetSetup { seed: 3, sample: 1.0, start: Time(0), end: Time(1 << 40) };
    let mut net = Net::new(&hubs, HubIx(0), &key_of, setup);
    let on_duty: Vec<f64> = (1..100_000)
        .map(|minutes| {
            net.run(Time(minutes * MINUTE_MS));
            f64::from(net.on_duty(A)) / 10.0
        })
        .collect();
    let (mean, half) = interval(&on_duty);
    assert!((mean - 0.8).abs() < half && half < 0.02, "{mean} ± {half}");
}
