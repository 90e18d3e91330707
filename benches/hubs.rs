//! The net of a hub alone: a day of visits that pass eight processes each, of all laws, two with places, two classes, and a
//! store that is taken at the third step and freed at the sixth.
//!
//! `cargo bench --bench hubs` lets a million visits pass; `cargo bench --bench hubs -- --visits 100000 --runs 9` others. Told
//! are the median CPU time of one pass through a process on one thread, all in all – entering, walking, queueing, drawing the
//! service time, telling – and the spread over the runs.

use hubflow::ids::{DistrictIx, HubIx, ProcessIx, StoreIx};
use hubflow::mobsim::hub::{Entry, Net, NetSetup, Told};
use hubflow::mode::VehicleClass;
use hubflow::network::hubs::{Chain, Classes, Hub, Hubs, Process, Step, Store};
use hubflow::random::{Draws, Purpose, mix};
use hubflow::run::clock::Stopwatch;
use hubflow::scenario::hubs::{ChainScope, ChainUser, HubKind, ServiceLaw, StoreUnit, UserClass, Users};
use hubflow::units::{HOUR_MS, SECOND_MS, Time};
use std::io::Write;

/// The hours in which people come, and those in which the last of them are served.
const DAY: (Time, Time) = (Time(4 * HOUR_MS), Time(24 * HOUR_MS));
const END: Time = Time(30 * HOUR_MS);
const WINDOW_MS: i64 = 1_000;
/// Utilisation of the servers over the day. A fifth of all come in a peak of four hours, in which queues grow long.
const LOAD: f64 = 0.6;
const PEAK: (Time, Time) = (Time(7 * HOUR_MS), Time(11 * HOUR_MS));

/// Processes of the chain: law, mean service in seconds, places as a multiple of the servers.
const PROCESSES: [(ServiceLaw, f64, Option<u32>); 8] = [
    (ServiceLaw::Deterministic, 4.0, None),
    (ServiceLaw::Exponential, 40.0, Some(3)),
    (ServiceLaw::Erlang, 20.0, None),
    (ServiceLaw::Lognormal, 12.0, None),
    (ServiceLaw::Empirical, 30.0, Some(4)),
    (ServiceLaw::Exponential, 8.0, None),
    (ServiceLaw::Deterministic, 15.0, None),
    (ServiceLaw::Exponential, 60.0, None),
];

fn process(visits: u32, p: usize) -> Process {
    let (law, mean_s, places) = PROCESSES[p];
    let rate = f64::from(visits) / DAY.1.since(DAY.0) as f64 * SECOND_MS as f64;
    // The fifth is the narrowest, so that those before it are blocked in the peak.
    let load = if p == 4 { LOAD * 1.1 } else { LOAD };
    let servers = (rate * mean_s / load).ceil() as u32;
    Process {
        hub: HubIx(0),
        shifts: vec![(Time(0), END, servers)],
        law,
        mean_ms: mean_s * SECOND_MS as f64,
        phases: 2,
        cv: 0.8,
        values_ms: vec![10_000, 20_000, 30_000, 60_000],
        places: places.map(|places| places * servers),
        priority: if p == 2 { vec![UserClass::Premium] } else { Vec::new() },
        ..Process::default()
    }
}

fn hub(visits: u32) -> Hubs {
    let mut steps: Vec<Step> = (0..8).map(|p| Step::at(ProcessIx::from(p), 20 * SECOND_MS)).collect();
    steps[2].takes = Some(StoreIx(0));
    steps[5].frees = Some(StoreIx(0));
    // In the store for 130 s and the waits: room for twice that.
    let rate = f64::from(visits) / DAY.1.since(DAY.0) as f64 * SECOND_MS as f64;
    let store = Store { unit: StoreUnit::Persons, capacity: 260.0 * rate, ..Store::default() };
    let hub = Hub {
        id: "hub".into(),
        name: "hub".into(),
        name_en: "hub".into(),
        kind: HubKind::Airport,
        district: DistrictIx(0),
        position: [113.0, 23.0],
        drop_off: None,
        pick_up: None,
        truck_in: None,
        truck_out: None,
        stops: Vec::new(),
        gates: Vec::new(),
        kerb_walk_ms: 0,
        chains: vec![Chain { user: ChainUser::Departing, scope: ChainScope::Any, terminal: None, steps }],
        users: Users::default(),
        gate: DAY,
        truck_class: VehicleClass::Truck,
        terminals: Vec::new(),
        appointments: None,
    };
    let processes = (0..8).map(|p| process(visits, p)).collect();
    Hubs { hubs: vec![hub], processes, stores: vec![store], services: Vec::new() }
}

/// Who comes when, in order.
fn entries(visits: u32) -> Vec<(Time, Entry)> {
    let one = |token: u32| {
        let key = mix(0x65, u64::from(token));
        let mut draws = Draws::new(1, Purpose::Generate, key, 0);
        let within = |(from, to): (Time, Time), share: f64| from.plus((share * to.since(from) as f64) as i64);
        let time = match draws.below(5) {
            0 => within(PEAK, (draws.uniform() + draws.uniform()) / 2.0),
            _ => within(DAY, draws.uniform()),
        };
        let classes = if draws.below(10) == 0 { Classes::NONE.with(UserClass::Premium) } else { Classes::NONE };
        let entry = Entry {
            token,
            key,
            chain: 0,
            party: 1,
            classes,
            brings: 0,
            fetches: 0,
            holds: false,
            by_road: false,
            not_before: Time(0),
        };
        (time, entry)
    };
    let mut entries: Vec<(Time, Entry)> = (0..visits).map(one).collect();
    entries.sort_unstable_by_key(|(time, entry)| (*time, entry.token));
    entries
}

/// What was told of a day.
#[derive(Default, PartialEq, Eq, Debug, Clone, Copy)]
struct Count {
    told: u64,
    served: u64,
    done: u64,
    waited_ms: i64,
    cleared: u64,
}

fn day(net: &mut Net, entries: &[(Time, Entry)]) -> Count {
    let (mut count, mut next, mut until) = (Count::default(), 0, DAY.0);
    while until < END {
        until = until.plus(WINDOW_MS);
        while let Some(&(time, entry)) = entries.get(next).filter(|e| e.0 < until) {
            net.enter(time, entry);
            next += 1;
        }
        net.run(until);
        count.told += net.told.len() as u64;
        for what in net.told.drain(..) {
            match what {
                Told::Served { arrived, began, .. } => {
                    count.served += 1;
                    count.waited_ms += began.since(arrived);
                }
                Told::Cleared { .. } => count.cleared += 1,
                Told::Done { .. } => count.done += 1,
                _ => {}
            }
        }
    }
    count
}

fn main() {
    // `cargo bench` says `--bench`; without it this is a test that the bench works.
    let (mut visits, mut runs, mut once) = (1_000_000, 5, true);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number = || arguments.next().and_then(|n| n.parse().ok()).expect("a number");
        match argument.as_str() {
            "--visits" => visits = number(),
            "--runs" => runs = number(),
            "--bench" => once = false,
            other => panic!("no option {other}; there are --visits and --runs"),
        }
    }
    if once {
        (visits, runs) = (20_000, 1);
    }
    let (hubs, entries) = (hub(visits), entries(visits));
    let setup = NetSetup { seed: 1, sample: 1.0, start: DAY.0, end: END };
    let key = |process: ProcessIx| mix(0x68, u64::from(process.0));
    let mut of_runs: Vec<(f64, Count)> = (0..runs)
        .map(|_| {
            let mut net = Net::new(&hubs, HubIx(0), &key, setup);
            let mut watch = Stopwatch::default();
            let count = watch.time("day", || day(&mut net, &entries));
            (watch.total().cpu_s * 1e9 / count.served as f64, count)
        })
        .collect();
    of_runs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mid_ns, count) = of_runs[of_runs.len() / 2];
    assert!(of_runs.iter().all(|run| run.1 == count), "every run is the same");
    assert_eq!((count.done, count.served), (u64::from(visits), 8 * u64::from(visits)), "everybody is through");
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "hubs: {mid_ns:.0} ns CPU per pass through a process on one thread ({:.0} to {:.0} in {runs} runs)\n  {visits} \
         visits, {} passes, {:.1} s mean wait, {} held a server, {} told",
        of_runs[0].0,
        of_runs[of_runs.len() - 1].0,
        count.served,
        count.waited_ms as f64 / count.served as f64 / 1000.0,
        count.cleared,
        count.told,
    )
    .expect("stdout");
}
