//! Hubs and roads together: what is full inside stands on the street, and the other way round.

use crate::city::{Stretch, roads};
use crate::town::{END, SETUP, WholeDay, agent, day_with, hub, process, whole_day_of, whole_day_on};
use hubflow::demand::plan::{Leg, Plan};
use hubflow::demand::{Agent, Class, Consignment, Demand, Place};
use hubflow::events::What;
use hubflow::ids::{AgentIx, HubIx, LinkIx, NodeIx, ProcessIx, ServiceIx, StoreIx, ZoneIx};
use hubflow::mobsim::DaySetup;
use hubflow::mode::Mode;
use hubflow::network::Network;
use hubflow::network::hubs::{Chain, Process, Service, Step, Store};
use hubflow::scenario::hubs::{
    ChainScope, ChainUser, Direction, HandOver, Scope, ServiceLaw, ServiceMode, StoreUnit, UserClass,
};
use hubflow::units::Time;

/// A public road 0 → 1, from which the hub's access 1 → 2 and a road to elsewhere 1 → 3 branch off; 2 → 4 leads away from the
/// hub. The access is 100 m long and holds 15 vehicles.
fn streets(processes: Vec<Process>, chains: Vec<(ChainUser, Vec<Step>)>) -> Network {
    let mut network = hub(processes);
    network.roads = roads(
        5,
        &[
            Stretch(0, 1, 1000.0, 20.0, 1800.0, 150.0),
            Stretch(1, 2, 100.0, 10.0, 1800.0, 15.0),
            Stretch(1, 3, 1000.0, 20.0, 1800.0, 150.0),
            Stretch(2, 4, 1000.0, 20.0, 1800.0, 150.0),
        ],
    );
    network.roads.hub[1] = Some(HubIx(0));
    let it = &mut network.hubs.hubs[0];
    (it.truck_in, it.truck_out) = (Some(NodeIx(2)), Some(NodeIx(2)));
    (it.drop_off, it.pick_up) = (Some(NodeIx(2)), Some(NodeIx(2)));
    let chain = |(user, steps)| Chain { user, scope: ChainScope::Any, terminal: None, steps };
    it.chains = chains.into_iter().map(chain).collect();
    network
}

fn drive(links: &[u32]) -> Leg {
    Leg::Drive { route: links.iter().map(|&l| LinkIx(l)).collect() }
}

fn plan(departure_s: i64, mode: Mode, legs: Vec<Leg>) -> Plan {
    Plan { mode, departure: Time(departure_s * 1000), legs: legs.into(), cost_cny: 0.0 }
}

/// Vehicles every 5 s, of which every fourth goes elsewhere and the others by `legs` into the hub.
fn traffic(count: i64, mode: Mode, into_hub: &[Leg]) -> Vec<Plan> {
    let one = |n: i64| {
        let legs = if n % 4 == 3 { vec![drive(&[0, 2])] } else { into_hub.to_vec() };
        plan(5 * n, mode, legs)
    };
    (0..count).map(one).collect()
}

/// Moments at which agents leave a link, s.
fn exits(day: &WholeDay, link: u32, agents: usize) -> Vec<Option<f64>> {
    let mut exits = vec![None; agents];
    for event in &day.events {
        if matches!(event.what, What::LinkLeft { link: l, .. } if l == LinkIx(link)) {
            exits[event.agent.i()] = Some(event.time.0 as f64 / 1000.0);
        }
    }
    exits
}

/// The slow oracle: Newell's recursion vehicle by vehicle, for the street above and a gate of `lanes` servers of `service`
/// seconds and `places` places. Gives for each vehicle when it leaves the public road.
fn by_hand(count: usize, (lanes, places, service): (usize, usize, f64)) -> Vec<f64> {
    // Public road: 50 s free, 2 s headway. Access: 10 s free, 2 s headway, 15 vehicles, backward wave 15·2 − 10 = 20 s.
    let mut left_public: Vec<f64> = Vec::new();
    let (mut into_access, mut left_access, mut ended): (Vec<f64>, Vec<f64>, Vec<f64>) = Default::default();
    let mut into_other: Vec<f64> = Vec::new();
    let after = |times: &[f64], back: usize, wait: f64| {
        times.len().checked_sub(back).map_or(f64::NEG_INFINITY, |k| times[k] + wait)
    };
    for n in 0..count {
        let ready = (5.0 * n as f64 + 50.0).max(after(&left_public, 1, 2.0));
        if n % 4 == 3 {
            let cross = ready.max(after(&into_other, 1, 2.0));
            left_public.push(cross);
            into_other.push(cross);
            continue;
        }
        let cross = ready.max(after(&into_access, 1, 2.0)).max(after(&left_access, 15, 20.0));
        left_public.push(cross);
        into_access.push(cross);
        // A place is used again 2 s after the truck before has been served, and joined 2 s after the road was left.
        let at_gate = (cross + 10.0).max(after(&left_access, 1, 2.0)).max(after(&ended, places, 2.0));
        left_access.push(at_gate);
        let begins = (at_gate + 2.0).max(after(&ended, lanes, 0.0));
        ended.push(begins + service);
    }
    left_public
}

fn gate(lanes: u32, places: u32) -> Process {
    Process { places: Some(places), ..process(lanes, ServiceLaw::Deterministic, 20.0) }
}

fn truck_day(lanes: u32, count: i64, window_ms: u32) -> WholeDay {
    let out = process(1_000, ServiceLaw::Deterministic, 1.0);
    let steps = vec![Step::at(ProcessIx(0), 0), Step::at(ProcessIx(1), 0)];
    let network = streets(vec![gate(lanes, 6), out], vec![(ChainUser::Truck, steps)]);
    let legs = [drive(&[0, 1]), Leg::Visit { hub: HubIx(0), chain: 0 }, drive(&[3])];
    let agents = (0..count as u64).map(agent).collect();
    whole_day_of(network, agents, traffic(count, Mode::Truck, &legs), 1.0, window_ms, END)
}

/// Three trucks in 20 s come to the gate. Four lanes of 20 s serve four: nobody queues. Two lanes serve two in 20 s: the
/// queue grows by one in 20 s, fills the 6 places and the 15 of the access, reaches the public road and delays those who go
/// elsewhere. Every moment is that of the recursion by hand.
#[test]
fn gate_peak() {
    for lanes in [2, 4] {
        let (count, day) = (200, truck_day(lanes, 200, 1_000));
        let wanted = by_hand(count, (lanes as usize, 6, 20.0));
        let found: Vec<f64> = exits(&day, 0, count).into_iter().map(|t| t.expect("all leave")).collect();
        assert_eq!(found, wanted, "{lanes} lanes");
        let late = (0..count).map(|n| found[n] - (5.0 * n as f64 + 50.0)).filter(|&d| d > 0.0).count();
        let elsewhere = (0..count).filter(|n| n % 4 == 3 && found[*n] > 5.0 * *n as f64 + 50.0).count();
        match lanes {
            4 => assert_eq!((late, elsewhere), (0, 0)),
            _ => assert!(late > 100 && elsewhere > 25, "{late} late, {elsewhere} of them go elsewhere"),
        }
        assert_eq!(day.report.agents.arrived, count as u64);
        let public: Vec<_> = day.traffic.gate_queues.iter().filter(|q| q.public_m > 0.0).collect();
        assert_eq!(public.is_empty(), lanes == 4);
    }
}

/// An airport by the road: planes that queue for one runway, bags, parties that check in with priority for some and are
/// driven away from a rank of three bays, others who come by taxi to a kerb of two places, trucks before a gate.
fn busy_day(setup: DaySetup) -> WholeDay {
    let kerb = Process { one_turn: true, places: Some(2), ..process(2, ServiceLaw::Erlang, 40.0) };
    let rank = Process { one_turn: true, places: Some(3), ..process(3, ServiceLaw::Exponential, 30.0) };
    let check_in = Process {
        priority: vec![UserClass::Premium],
        places: Some(4),
        phases: 3,
        ..process(2, ServiceLaw::Erlang, 20.0)
    };
    let security = process(2, ServiceLaw::Exponential, 15.0);
    let (belt, reclaim) = (process(2, ServiceLaw::Exponential, 50.0), process(50, ServiceLaw::Deterministic, 5.0));
    let processes = vec![kerb, rank, check_in, security, belt, reclaim, gate(2, 4)];
    let at = |p: u32| Step::at(ProcessIx(p), 7_300);
    let chains = vec![
        (ChainUser::DropOff, vec![at(1)]),
        (ChainUser::PickUp, vec![at(2)]),
        (ChainUser::Departing, vec![Step { drops: Some(HandOver::Bags), ..at(3) }, at(4)]),
        (ChainUser::Arriving, vec![Step { waits_for: Some(HandOver::Bags), ..at(6) }]),
        (ChainUser::BagsIn, vec![at(5)]),
        (ChainUser::BagsOut, vec![at(5)]),
        (ChainUser::Truck, vec![Step::at(ProcessIx(7), 0)]),
    ];
    let services = (0..30).map(|n| Service {
        direction: if n % 2 == 0 { Direction::Arrival } else { Direction::Departure },
        ..arrival(600 + 40 * n)
    });
    let mut network = airport(services.collect(), processes, chains);
    let users = &mut network.hubs.hubs[0].users;
    (users.bags_share, users.premium_share) = (0.6, 0.3);
    let (mut agents, mut plans) = (Vec::new(), Vec::new());
    for n in 0..180_u32 {
        let key = u64::from(n);
        let (agent, plan) = match n % 3 {
            0 => {
                let came = (n / 3) % 15 * 2;
                let legs = vec![Leg::Visit { hub: HubIx(0), chain: 3 }, Leg::Walk { ms: 30_000 }, drive(&[3])];
                // Some are off a second after their flight is in, which is in the same window or not.
                let off = 600 + 40 * i64::from(came) + if n % 2 == 0 { 1 } else { 250 };
                (Agent { party: 2, ..arriving(key, came) }, plan(off, Mode::Taxi, legs))
            }
            1 => {
                let legs = vec![drive(&[0, 1]), Leg::Walk { ms: 30_000 }, Leg::Visit { hub: HubIx(0), chain: 2 }];
                let leaves = Some(ServiceIx(n % 15 * 2 + 1));
                (Agent { service: leaves, ..departing(key) }, plan(9 * i64::from(n), Mode::Taxi, legs))
            }
            _ => {
                let legs = vec![drive(&[0, 1]), Leg::Visit { hub: HubIx(0), chain: 6 }, drive(&[3])];
                (agent(key), plan(8 * i64::from(n), Mode::Truck, legs))
            }
        };
        agents.push(agent);
        plans.push(plan);
    }
    whole_day_on(network, Demand { agents, sample: 1.0, ..Demand::default() }, plans, setup)
}

/// Hubs, services and roads together give the same day for every window, however the roads are cut into blocks, and on any
/// number of threads.
#[test]
fn windows_blocks_and_threads_do_not_matter() {
    let one = busy_day(SETUP);
    assert_eq!(one.report.agents.arrived, 180);
    let blocked = one.events.iter().filter(|e| matches!(e.what, What::Cleared { .. })).count();
    assert!(blocked > 20 && !one.traffic.gate_queues.is_empty(), "{blocked} were blocked");
    for window_ms in [500, 2_000] {
        assert_eq!(one, busy_day(DaySetup { window_ms, ..SETUP }), "window {window_ms}");
    }
    for (block_nodes, threads) in [(1, 1), (1, 4), (2, 2)] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let day = pool.install(|| busy_day(DaySetup { block_nodes, ..SETUP }));
        assert_eq!(one, day, "blocks of {block_nodes} nodes, {threads} threads");
    }
    assert_eq!(truck_day(2, 120, 500), truck_day(2, 120, 2_000));
}

fn departing(key: u64) -> Agent {
    Agent { class: Class::Resident, to: Place::Hub(HubIx(0), ChainUser::Departing), hub: Some(HubIx(0)), ..agent(key) }
}

/// A kerb of two places at which setting down takes 40 s takes a car in 21 s (a place is used again after 2 s): two in 42 s.
/// Three in 20 s come, so the access fills and the public road after it.
#[test]
fn kerb_full_blocks_road() {
    let kerb =
        |places| Process { one_turn: true, places: Some(places), ..process(places, ServiceLaw::Deterministic, 40.0) };
    let hall = || process(1_000, ServiceLaw::Deterministic, 1.0);
    let day = |places| {
        let chains = vec![
            (ChainUser::DropOff, vec![Step::at(ProcessIx(0), 0)]),
            (ChainUser::Departing, vec![Step::at(ProcessIx(1), 0)]),
        ];
        let network = streets(vec![kerb(places), hall()], chains);
        let legs = [drive(&[0, 1]), Leg::Walk { ms: 60_000 }, Leg::Visit { hub: HubIx(0), chain: 1 }];
        let agents = (0..100).map(departing).collect();
        whole_day_of(network, agents, traffic(100, Mode::Taxi, &legs), 1.0, 1_000, END)
    };
    let (full, wide) = (day(2), day(20));
    let elsewhere = |day: &WholeDay| {
        let exits = exits(day, 0, 100);
        (0..100).filter(|n| n % 4 == 3).map(|n| exits[n].unwrap() - (5.0 * n as f64 + 50.0)).fold(0.0, f64::max)
    };
    assert_eq!(elsewhere(&wide), 0.0);
    assert!(elsewhere(&full) > 300.0, "{}", elsewhere(&full));
    // 75 cars, two in 42 s: 37 rounds before the last one, which begins 37·42 s after the first (65 s: 50 + 10 s of road).
    let last = full.events.iter().rfind(|e| matches!(e.what, What::Served { process: ProcessIx(0), .. })).unwrap();
    assert_eq!(last.time, Time((60 + 37 * 42 + 40) * 1000));
    assert_eq!((full.report.agents.arrived, wide.report.agents.arrived), (100, 100));
}

/// A yard with room for five containers from which nothing goes: five trucks are unloaded, two stand at the cranes, six at the
/// gate, fifteen on the access, and the rest, those for elsewhere with them, on the public road until the end.
#[test]
fn yard_full_blocks_road() {
    let yard = Store { unit: StoreUnit::Vehicles, capacity: 5.0, ..Store::default() };
    let crane = Process { places: Some(2), ..process(2, ServiceLaw::Deterministic, 30.0) };
    let steps = vec![Step::at(ProcessIx(0), 0), Step { takes: Some(StoreIx(0)), ..Step::at(ProcessIx(1), 0) }];
    let mut network = streets(vec![gate(4, 6), crane], vec![(ChainUser::Truck, steps)]);
    network.hubs.stores = vec![yard];
    let legs = [drive(&[0, 1]), Leg::Visit { hub: HubIx(0), chain: 0 }, drive(&[3])];
    let agents = (0..100).map(agent).collect();
    let day = whole_day_of(network, agents, traffic(100, Mode::Truck, &legs), 1.0, 1_000, END);
    let served = |p: u32| {
        day.events.iter().filter(move |e| matches!(e.what, What::Served { process, .. } if process == ProcessIx(p)))
    };
    assert_eq!(served(1).count(), 5);
    // 5 through the yard, 2 at the cranes; of the 6 at the gate the 4 at its lanes have been served and stand there.
    assert_eq!(served(0).count(), 5 + 2 + 4);
    let entered = exits(&day, 0, 100).into_iter().enumerate().filter(|(n, t)| n % 4 != 3 && t.is_some()).count();
    assert_eq!(entered, 5 + 2 + 6 + 15);
    // The 29th truck is vehicle 37 (0, 1, 2, 4, …): behind it nobody leaves the public road, wherever they go.
    assert!(exits(&day, 0, 100)[38..].iter().all(Option::is_none));
    assert_eq!(day.report.agents.arrived as usize, 5 + (0..37).filter(|n| n % 4 == 3).count());
}

/// A full road holds those who want to drive off: the road away takes one vehicle in 30 s (120 an hour); a taxi rank of two
/// bays, 10 s each, sends no more, and its servers stand blocked.
#[test]
fn a_full_road_holds_the_taxi_rank() {
    let rank = Process { one_turn: true, places: Some(2), ..process(2, ServiceLaw::Deterministic, 10.0) };
    let hall = process(1_000, ServiceLaw::Deterministic, 1.0);
    let chains = vec![
        (ChainUser::PickUp, vec![Step::at(ProcessIx(0), 0)]),
        (ChainUser::Arriving, vec![Step::at(ProcessIx(1), 0)]),
    ];
    let mut network = streets(vec![rank, hall], chains);
    network.roads.capacity_pcu_h[3] = 120.0;
    let legs = || vec![Leg::Visit { hub: HubIx(0), chain: 1 }, drive(&[3])];
    let agents = (0..20).map(agent).collect();
    let plans = (0..20).map(|_| plan(0, Mode::Taxi, legs())).collect();
    let day = whole_day_of(network, agents, plans, 1.0, 1_000, END);
    let entered: Vec<i64> = (day.events.iter())
        .filter(|e| matches!(e.what, What::LinkEntered { link: LinkIx(3) }))
        .map(|e| e.time.0 / 1000)
        .collect();
    // Through the hall at 1 s, at the rank 2 s later, served at 13 s, on the road 2 s later, then every 30 s.
    assert_eq!(entered, (0..20).map(|n| 15 + 30 * n).collect::<Vec<i64>>());
    let cleared = day.events.iter().filter(|e| matches!(e.what, What::Cleared { process: ProcessIx(0), .. })).count();
    assert_eq!(cleared, 20);
}

fn arrival(time_s: i64) -> Service {
    Service {
        hub: HubIx(0),
        mode: ServiceMode::Air,
        direction: Direction::Arrival,
        time: Time(time_s * 1000),
        seats: 100.0,
        passengers: 100.0,
        tonnes: 0.0,
        teu: 0.0,
        region: "North".into(),
        scope: Scope::Domestic,
        terminal: None,
    }
}

fn arriving(key: u64, service: u32) -> Agent {
    Agent {
        class: Class::Visitor,
        from: Place::Hub(HubIx(0), ChainUser::Arriving),
        hub: Some(HubIx(0)),
        service: Some(ServiceIx(service)),
        ..agent(key)
    }
}

/// An airport with one runway, on which landing takes 90 s, and the given services and further processes.
fn airport(services: Vec<Service>, mut processes: Vec<Process>, mut chains: Vec<(ChainUser, Vec<Step>)>) -> Network {
    processes.insert(0, process(1, ServiceLaw::Deterministic, 90.0));
    chains.push((ChainUser::ServiceIn, vec![Step::at(ProcessIx(0), 0)]));
    let mut network = streets(processes, chains);
    network.hubs.services = services;
    network
}

fn done(day: &WholeDay, service: u32) -> Option<(i64, i64)> {
    day.events.iter().find_map(|e| match e.what {
        What::ServiceDone { service: s, late_ms } if s == ServiceIx(service) => Some((e.time.0 / 1000, late_ms / 1000)),
        _ => None,
    })
}

/// Three flights are due at 1,000 s, and one can land in 90 s: they are in at 1,000, 1,090 and 1,180 s. Passengers who
/// get off 300 s after their flight do so 0, 90 and 180 s later, all the same whether a tenth of them is simulated, for
/// flights are all there in a sample.
#[test]
fn who_comes_by_a_late_service_gets_off_late() {
    for sample in [1.0, 0.1] {
        let hall = process(1_000, ServiceLaw::Deterministic, 1.0);
        let chains = vec![(ChainUser::Arriving, vec![Step::at(ProcessIx(1), 0)])];
        let network = airport(vec![arrival(1_000), arrival(1_000), arrival(1_000)], vec![hall], chains);
        let agents = (0..3).map(|k| arriving(k, k as u32)).collect();
        let visit = || vec![Leg::Visit { hub: HubIx(0), chain: 0 }];
        let plans = (0..3).map(|_| plan(1_300, Mode::Walk, visit())).collect();
        let day = whole_day_of(network, agents, plans, sample, 1_000, END);
        let mut late: Vec<(i64, i64)> = (0..3).map(|s| done(&day, s).expect("all land")).collect();
        let off: Vec<i64> = (0..3)
            .map(|a| {
                let began = |e: &&hubflow::events::Event| e.agent.i() == a && matches!(e.what, What::LegBegan { .. });
                day.events.iter().find(began).expect("all get off").time.0 / 1000
            })
            .collect();
        assert_eq!(off, late.iter().map(|(_, late)| 1_300 + late).collect::<Vec<i64>>(), "sample {sample}");
        late.sort_unstable();
        assert_eq!(late, [(1_000, 0), (1_090, 90), (1_180, 180)], "sample {sample}");
    }
}

/// A flight that is half a second late (landing takes 90.5 s where 90 are meant) is late for those as well who get off at the
/// moment at which they are asked.
#[test]
fn nobody_stays_on_board_of_a_flight_that_is_half_a_second_late() {
    let runway = Process { values_ms: vec![90_500], ..process(1, ServiceLaw::Empirical, 90.0) };
    let hall = process(1_000, ServiceLaw::Deterministic, 1.0);
    let chains = vec![
        (ChainUser::Arriving, vec![Step::at(ProcessIx(1), 0)]),
        (ChainUser::ServiceIn, vec![Step::at(ProcessIx(0), 0)]),
    ];
    let mut network = streets(vec![runway, hall], chains);
    network.hubs.services = vec![arrival(1_000)];
    let visit = vec![Leg::Visit { hub: HubIx(0), chain: 0 }];
    let day = whole_day_of(network, vec![arriving(1, 0)], vec![plan(1_300, Mode::Walk, visit)], 1.0, 1_000, END);
    assert_eq!(done(&day, 0), Some((1_000, 0)));
    assert_eq!(day.report.agents.arrived, 1);
}

/// A flight is in at 1,000 s; its three parties have bags that take 60 s each on the one belt: 1,060, 1,120 and 1,180 s.
/// The parties come to the belt at 1,030 s and leave it with their bags, 1 s later.
#[test]
fn a_party_waits_for_its_bags() {
    let belt = process(1, ServiceLaw::Deterministic, 60.0);
    let reclaim = process(1_000, ServiceLaw::Deterministic, 1.0);
    let chains = vec![
        (ChainUser::Arriving, vec![Step { waits_for: Some(HandOver::Bags), ..Step::at(ProcessIx(2), 30_000) }]),
        (ChainUser::BagsIn, vec![Step::at(ProcessIx(1), 0)]),
    ];
    let mut network = airport(vec![arrival(1_000)], vec![belt, reclaim], chains);
    network.hubs.hubs[0].users.bags_share = 1.0;
    let agents = (0..3).map(|k| arriving(k, 0)).collect();
    let visit = || vec![Leg::Visit { hub: HubIx(0), chain: 0 }];
    let plans = (0..3).map(|_| plan(1_000, Mode::Walk, visit())).collect();
    let day = whole_day_of(network, agents, plans, 1.0, 1_000, END);
    let served = |p: u32| -> Vec<i64> {
        let mut times: Vec<i64> = (day.events.iter())
            .filter(|e| matches!(e.what, What::Served { process, .. } if process == ProcessIx(p)))
            .map(|e| e.time.0 / 1000)
            .collect();
        times.sort_unstable();
        times
    };
    assert_eq!(served(1), [1_060, 1_120, 1_180]);
    assert_eq!(served(2), [1_061, 1_121, 1_181]);
    assert_eq!(day.report.agents.arrived, 3);
}

/// Bags go their way from where they are dropped: from check-in, not from the kerb.
#[test]
fn bags_go_from_check_in_on() {
    let kerb = Process { one_turn: true, ..process(10, ServiceLaw::Deterministic, 5.0) };
    let check_in = process(10, ServiceLaw::Deterministic, 100.0);
    let belt = process(10, ServiceLaw::Deterministic, 10.0);
    let chains = vec![
        (ChainUser::DropOff, vec![Step::at(ProcessIx(0), 0)]),
        (ChainUser::Departing, vec![Step { drops: Some(HandOver::Bags), ..Step::at(ProcessIx(1), 0) }]),
        (ChainUser::BagsOut, vec![Step::at(ProcessIx(2), 0)]),
    ];
    let mut network = streets(vec![kerb, check_in, belt], chains);
    network.hubs.hubs[0].users.bags_share = 1.0;
    network.hubs.services = vec![Service { direction: Direction::Departure, ..arrival(10_000) }];
    let legs = vec![drive(&[0, 1]), Leg::Walk { ms: 60_000 }, Leg::Visit { hub: HubIx(0), chain: 1 }];
    let agents = vec![Agent { service: Some(ServiceIx(0)), ..departing(1) }];
    let day = whole_day_of(network, agents, vec![plan(0, Mode::Taxi, legs)], 1.0, 1_000, END);
    let queued: Vec<(i64, u32)> = (day.events.iter())
        .filter_map(|e| match e.what {
            What::Queued { process } => Some((e.time.0 / 1000, process.0)),
            _ => None,
        })
        .collect();
    // On the road 60 s, at the kerb 5, 2 to step out, 60 of walking, in which 2 are the least transfer; then 100.
    let hall = queued[1].0;
    assert_eq!(queued, [(60, 0), (hall, 1), (hall + 100, 2)]);
    assert!((127..=129).contains(&hall), "{hall}");
}

/// A train of two boxes is in at 1,000 s, for which two trucks set out at 100 s; a third one sets out for a train at 5,000 s,
/// which closes 10 minutes before and is loaded from 60 minutes before on. Gives what the yard's content changed by when,
/// when all trucks are through.
fn yard_of_trains(third_s: i64) -> Vec<(i64, i64)> {
    let gantry = process(1, ServiceLaw::Deterministic, 120.0);
    let crane = process(10, ServiceLaw::Deterministic, 30.0);
    let yard = Some(StoreIx(0));
    let chains = vec![
        (
            ChainUser::Truck,
            vec![Step {
                takes: yard,
                frees: yard,
                drops: Some(HandOver::Freight),
                waits_for: Some(HandOver::Freight),
                ..Step::at(ProcessIx(2), 0)
            }],
        ),
        (ChainUser::Unload, vec![Step { takes: yard, ..Step::at(ProcessIx(1), 0) }]),
        (ChainUser::Load, vec![Step { frees: yard, ..Step::at(ProcessIx(1), 0) }]),
    ];
    let train = |direction, time_s| Service { direction, teu: 4.0, mode: ServiceMode::RailFreight, ..arrival(time_s) };
    let services = vec![train(Direction::Arrival, 1_000), train(Direction::Departure, 5_000)];
    let mut network = airport(services, vec![gantry, crane], chains);
    let users = &mut network.hubs.hubs[0].users;
    (users.load_min, users.cut_off_min) = (60.0, 10.0);
    network.hubs.stores = vec![Store { unit: StoreUnit::Teu, capacity: 10.0, ..Store::default() }];
    let legs = || vec![drive(&[0, 1]), Leg::Visit { hub: HubIx(0), chain: 0 }, drive(&[3])];
    let truck = |key: u64| Agent { class: Class::Truck, hub: Some(HubIx(0)), ..agent(key) };
    let box_of = |agent: u32, outbound: bool| Consignment {
        key: 100 + u64::from(agent),
        agent: AgentIx(agent),
        hub: HubIx(0),
        service: ServiceIx(u32::from(outbound)),
        zone: ZoneIx(0),
        tonnes: 0.0,
        teu: 2.0,
        outbound,
        scope: Scope::Domestic,
        days: 0,
    };
    let boxes = vec![box_of(0, false), box_of(1, false), box_of(2, true)];
    let plans = [100, 100, third_s].map(|s| plan(s, Mode::Truck, legs())).to_vec();
    let day = day_with(network, (0..3).map(truck).collect(), boxes, plans, 1_000);
    assert_eq!(day.report.agents.arrived, 3);
    let change = |e: &hubflow::events::Event| match e.what {
        What::Stored { change, .. } => Some((e.time.0 / 1000, change)),
        _ => None,
    };
    day.events.iter().filter_map(change).collect()
}

/// One crane takes 120 s a box: in the yard at 1,120 and 1,240 s. Two trucks wait for them at the yard from some 200 s on; each
/// is loaded in 30 s and frees its room. The third box is loaded when that may begin.
#[test]
fn boxes_change_between_trains_and_trucks() {
    let changes = yard_of_trains(100);
    // Loading begins at 5,000 − 3,600 s at the same crane, when that has unloaded: 1,400 to 1,520 s.
    let brought = changes[0].0;
    assert!((160..180).contains(&brought), "{changes:?}");
    assert_eq!(
        changes[1..],
        [(1_000, 2_000), (1_120, 2_000), (1_150, -2_000), (1_270, -2_000), (1_520, -2_000)],
        "{changes:?}"
    );
    assert_eq!(changes.iter().map(|c| c.1).sum::<i64>(), 0);
}

/// The train at 5,000 s closes at 4,400 s. A box that is set down in the yard before is on it 120 s later; one that comes after
/// stays in the yard. A truck is at the yard some 65 s after it has set out, and rid of its box 30 s later.
#[test]
fn a_box_that_comes_after_its_train_has_closed_stays() {
    let (in_time, late) = (yard_of_trains(4_280), yard_of_trains(4_320));
    let (brought, loaded) = (in_time[4], in_time[5]);
    assert!((4_340..4_370).contains(&brought.0) && in_time.len() == 6, "{in_time:?}");
    assert_eq!((brought.1, loaded), (2_000, (brought.0 + 30 + 120, -2_000)));
    assert!((4_375..4_400).contains(&late[4].0), "it is still being set down as the train closes: {late:?}");
    assert_eq!((late.len(), late[4].1), (5, 2_000));
}
