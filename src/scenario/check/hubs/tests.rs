//! Mistakes of hubs, one by one, on the station of the starter.

use super::super::check;
use super::busy_hours;
use crate::scenario::Scenario;
use crate::scenario::hubs::{
    ChainFile, Direction, HubFile, ProcessFile, ServiceMode, ServiceRow, StoreFile, TerminalFile,
};
use crate::scenario::init::init;

fn station() -> Scenario {
    let folder = tempfile::tempdir().unwrap();
    init(folder.path()).unwrap();
    Scenario::read(folder.path()).unwrap()
}

/// The problems of the station after an edit, line by line.
fn told(edit: impl FnOnce(&mut HubFile)) -> Vec<String> {
    let mut scenario = station();
    edit(&mut scenario.hubs[0]);
    check(&scenario).iter().map(ToString::to_string).collect()
}

/// The one problem of the station after an edit.
fn only(edit: impl FnOnce(&mut HubFile)) -> String {
    let told = told(edit);
    assert_eq!(told.len(), 1, "{told:#?}");
    told.into_iter().next().unwrap()
}

fn process(text: &str) -> ProcessFile {
    let rest = "name_en = \"P\"\nlaw = \"deterministic\"\nmean_s = 10\n";
    let servers =
        if text.contains("roster") { "" } else { "servers = [{ from = \"05:00\", to = \"24:00\", count = 9 }]" };
    toml::from_str(&format!("{rest}{servers}\n{text}")).expect("a process")
}

fn chain(text: &str) -> ChainFile {
    toml::from_str(text).expect("a chain")
}

fn store(id: &str, unit: &str, capacity: f64) -> StoreFile {
    toml::from_str(&format!("id = \"{id}\"\nname_en = \"S\"\nunit = \"{unit}\"\ncapacity = {capacity:?}"))
        .expect("a store")
}

fn terminal(text: &str) -> TerminalFile {
    toml::from_str(&format!("name_en = \"T\"\n{text}")).expect("a terminal")
}

#[test]
fn values_of_processes_are_told() {
    type Edit = fn(&mut HubFile);
    let cases: [(Edit, &str); 14] = [
        (|h| h.processes[0].places = Some(0), "[process[0].places]: found 0, wanted places, from 1"),
        (|h| h.processes[0] = process("id = \"security\"\nbatch = { size = 0 }"), "[process[0].batch.size]: found 0"),
        (
            |h| h.processes[0].priority = vec![crate::scenario::hubs::UserClass::Bags; 2],
            "\"bags\" again, wanted each class once",
        ),
        (
            |h| h.processes[0] = process("id = \"security\"\nbreakdown = { every_h = 0, repair_min = 5 }"),
            "[process[0].breakdown.every_h]: found 0, wanted hours, from 0.01",
        ),
        (
            |h| h.processes[0] = process("id = \"security\"\nbreakdown = { every_h = 5, repair_min = 20000 }"),
            "[process[0].breakdown.repair_min]: found 20000",
        ),
        (
            |h| h.processes[0].roster = Some("guards".into()),
            "found servers and the roster \"guards\", wanted one of them",
        ),
        (|h| h.processes[0].servers.clear(), "a process that nothing leaves: no server at any time, wanted a shift"),
        (
            |h| {
                h.processes[1].servers = toml::from_str::<ProcessFile>("id = \"x\"\nname_en = \"x\"\nlaw = \"exponential\"\nservers = [{ from = \"01:00\", to = \"04:00\", count = 3 }]").unwrap().servers
            },
            "no server from 05:00:00 to 24:00:00, the simulated day",
        ),
        (|h| h.processes[0].staff_per_server = 0, "[process[0].staff_per_server]: found 0"),
        (|h| h.processes[0].staff_per_server = 2, "found 2 without a roster"),
        (
            |h| h.processes[0].law = crate::scenario::hubs::ServiceLaw::Empirical,
            "[process[0].values_s]: found nothing, wanted observed",
        ),
        (|h| h.processes[0].values_s = vec![3.0], "values for law = \"empirical\" only"),
        (|h| h.processes[0].reset_s = -1.0, "[process[0].reset_s]: found -1"),
        (|h| h.processes[0].cost_cny_h = Some(-1.0), "[process[0].cost_cny_h]: found -1"),
    ];
    for (edit, wanted) in cases {
        let told = told(edit);
        assert!(told.iter().any(|line| line.contains(wanted)), "{wanted} in {told:#?}");
    }
}

#[test]
fn staff_too_few_for_a_server_serves_nobody() {
    let problem = only(|h| {
        h.processes[0] = process("id = \"security\"\nroster = \"guards\"\nstaff_per_server = 4");
        h.rosters =
            vec![toml::from_str("id = \"guards\"\nstaff = [{ from = \"05:00\", to = \"24:00\", count = 3 }]").unwrap()];
    });
    assert!(problem.contains("[process[0].roster]: found a process that nothing leaves"), "{problem}");
    assert!(problem.contains("wanted a roster with 4 at some time"), "{problem}");
}

#[test]
fn references_that_lead_nowhere_are_told_together() {
    let told = told(|h| {
        h.terminals = vec![terminal("id = \"T1\"\ndrop_off_node = \"kreb\""), terminal("id = \"T1\"")];
        h.chains[0].terminal = Some("T2".into());
        h.chains[1].steps[0].takes = Some("hall".into());
        h.processes[1].roster = Some("guards".into());
        h.processes[1].servers.clear();
        h.services[0].terminal = "T3".into();
    });
    for wanted in [
        "[terminal[0].drop_off_node]: found unknown \"kreb\"",
        "[terminal[1].id]: found \"T1\" again",
        "[chain[0].terminal]: found unknown \"T2\", wanted the id of a terminal of the hub",
        "[chain[1].step[0].takes]: found unknown \"hall\"",
        "[process[1].roster]: found unknown \"guards\"",
        "hubs/station_schedule.csv:2 [terminal]: found unknown \"T3\"",
    ] {
        assert!(told.iter().any(|line| line.contains(wanted)), "{wanted} in {told:#?}");
    }
    assert_eq!(told.len(), 6, "{told:#?}");
}

#[test]
fn a_step_for_nobody_is_told() {
    use crate::scenario::hubs::{
        ChainScope,
        UserClass::{Brings, Domestic, International, Premium},
    };
    let nobody = |problem: &str| problem.contains("a step for nobody");
    let step = |only: &[_], except: &[_]| {
        let (only, except) = (only.to_vec(), except.to_vec());
        told(|h| (h.chains[0].steps[0].only, h.chains[0].steps[0].except) = (only, except))
    };
    assert!(nobody(&step(&[Premium], &[Premium])[0]));
    assert!(nobody(&step(&[], &[Domestic, International])[0]));
    assert!(nobody(&step(&[Brings], &[])[0]), "passengers bring no freight");
    assert!(nobody(&only(|h| {
        h.chains[0].scope = ChainScope::International;
        h.chains[0].steps[0].only = vec![Domestic];
    })));
    assert!(step(&[Premium, International], &[Domestic]).is_empty());
}

#[test]
fn what_is_taken_is_freed_and_what_is_waited_for_comes() {
    use crate::scenario::hubs::HandOver;
    let hall = |h: &mut HubFile| h.stores = vec![store("hall", "persons", 400.0)];
    let taken = only(|h| {
        hall(h);
        h.chains[0].steps[0].takes = Some("hall".into());
    });
    assert!(taken.contains("[store[0].id]: found \"hall\", which is taken and never freed"), "{taken}");
    let freed = only(|h| {
        hall(h);
        h.chains[1].steps[0].frees = Some("hall".into());
    });
    assert!(freed.contains("which is freed and never taken"), "{freed}");
    let both = |h: &mut HubFile| {
        hall(h);
        h.chains[0].steps[0].takes = Some("hall".into());
        h.chains[1].steps[0].frees = Some("hall".into());
    };
    assert!(told(both).is_empty());
    let unit = told(|h| {
        both(h);
        h.stores[0].unit = crate::scenario::hubs::StoreUnit::Teu;
    });
    assert!(unit[0].contains("\"hall\", a store of TEU, in a chain of departing"), "{unit:#?}");
    let waits = only(|h| h.chains[1].steps[0].waits_for = Some(HandOver::Bags));
    assert!(waits.contains("\"bags\" that no chain of bags_in carries"), "{waits}");
    let drops = only(|h| h.chains[1].steps[0].drops = Some(HandOver::Bags));
    assert!(drops.contains("\"bags\" in a chain of arriving, wanted a step of a chain of departing"), "{drops}");
    let bags = only(|h| h.users.bags_share = 0.4);
    assert!(bags.contains("[users.bags_share]: found 0.4 without a chain for bags"), "{bags}");
    let full = only(|h| {
        both(h);
        h.stores[0].start = Some(500.0);
    });
    assert!(full.contains("[store[0].start]: found 500 in a store for 400"), "{full}");
}

#[test]
fn one_chain_is_for_each_user_scope_and_terminal() {
    let twice = only(|h| h.chains.push(h.chains[0].clone()));
    assert!(twice.contains("a second chain of the same user, scope and terminal (departing)"), "{twice}");
    let of_terminal = told(|h| {
        h.terminals = vec![terminal("id = \"T1\"")];
        h.chains.push(ChainFile { terminal: Some("T1".into()), ..h.chains[0].clone() });
    });
    assert!(of_terminal.is_empty(), "{of_terminal:#?}");
}

/// Four processes with places behind one without.
fn rooms(h: &mut HubFile) {
    for id in ["a", "b", "c", "d"] {
        h.processes.push(process(&format!("id = \"{id}\"\nplaces = 5")));
    }
    h.processes.push(process("id = \"free\""));
}

#[test]
fn rooms_that_wait_for_each_other_in_a_circle_are_told() {
    let circle = only(|h| {
        rooms(h);
        h.chains[0] =
            chain("user = \"departing\"\nstep = [{ process = \"a\" }, { process = \"b\" }, { process = \"c\" }]");
        h.chains[1] = chain("user = \"arriving\"\nstep = [{ process = \"c\" }, { process = \"a\" }]");
    });
    assert!(circle.contains("[process[2].places]: found a cycle without a way out: a → b → c → a"), "{circle}");
    // Something without places between c and a: who is at c can always go on.
    let open = told(|h| {
        rooms(h);
        h.chains[0] =
            chain("user = \"departing\"\nstep = [{ process = \"a\" }, { process = \"b\" }, { process = \"c\" }]");
        h.chains[1] =
            chain("user = \"arriving\"\nstep = [{ process = \"c\" }, { process = \"free\" }, { process = \"a\" }]");
    });
    assert!(open.is_empty(), "{open:#?}");
    // With a share below 1 it can be left out, and the circle is there again.
    let skipped = only(|h| {
        rooms(h);
        h.chains[0] = chain("user = \"departing\"\nstep = [{ process = \"a\" }, { process = \"c\" }]");
        h.chains[1] = chain(
            "user = \"arriving\"\nstep = [{ process = \"c\" }, { process = \"free\", share = 0.9 }, { process = \"a\" }]",
        );
    });
    assert!(skipped.contains("a → c → a"), "{skipped}");
    // Premium passengers take one room and the others the other: nobody goes from a to b.
    let apart = told(|h| {
        rooms(h);
        h.chains[0] = chain(
            "user = \"departing\"\nstep = [{ process = \"a\", only = [\"premium\"] }, { process = \"b\", except = [\"premium\"] }]",
        );
        h.chains[1] = chain("user = \"arriving\"\nstep = [{ process = \"b\" }, { process = \"a\" }]");
    });
    assert!(apart.is_empty(), "{apart:#?}");
}

#[test]
fn a_gate_of_the_road_is_not_entered_from_inside() {
    let inside = only(|h| {
        rooms(h);
        h.chains.push(chain("user = \"drop_off\"\nstep = [{ process = \"a\" }]"));
        h.chains[0] = chain("user = \"departing\"\nstep = [{ process = \"b\" }, { process = \"a\" }]");
    });
    assert!(inside.contains("[process[2].places]: found \"a\", which holds vehicles on the road and is reached inside the hub too (departing)"), "{inside}");
    let fine = told(|h| {
        rooms(h);
        h.chains.push(chain("user = \"drop_off\"\nstep = [{ process = \"a\" }, { process = \"b\" }]"));
        h.chains.push(chain("user = \"park\"\nstep = [{ process = \"a\" }, { process = \"c\" }]"));
    });
    assert!(fine.is_empty(), "{fine:#?}");
    // Two terminals with a kerb each cannot share the places of one process.
    let two = only(|h| {
        rooms(h);
        h.terminals = vec![terminal("id = \"T1\""), terminal("id = \"T2\"\ndrop_off_node = \"square\"")];
        h.services.iter_mut().enumerate().for_each(|(i, s)| s.terminal = ["T1", "T2"][i % 4 / 2].into());
        h.chains.push(chain("user = \"drop_off\"\nstep = [{ process = \"a\" }]"));
    });
    assert!(two.contains("\"a\", which holds vehicles at the nodes kerb and square"), "{two}");
}

#[test]
fn hubs_that_passengers_come_from_are_others_and_send_at_most_all() {
    use crate::scenario::hubs::FromHub;
    let from = |hub_id: &str, share| FromHub { hub_id: hub_id.into(), share, connect_min: 60.0 };
    let told = told(|h| h.users.from_hub = vec![from("station", 0.5), from("statoin", 0.6)]);
    for wanted in [
        "[users.from_hub[0].hub_id]: found \"station\", the hub itself",
        "[users.from_hub[1].hub_id]: found unknown \"statoin\"",
        "[users.from_hub]: found shares that add up to 1.1",
    ] {
        assert!(told.iter().any(|line| line.contains(wanted)), "{wanted} in {told:#?}");
    }
}

/// A departure of so many persons at an hour.
fn departure(id: &str, hour: f64, persons: f64) -> ServiceRow {
    ServiceRow {
        service_id: id.into(),
        mode: ServiceMode::Rail,
        direction: Direction::Departure,
        time_s: hour * 3_600.0,
        seats: persons,
        load_factor: 1.0,
        tonnes: 0.0,
        teu: 0.0,
        region: String::new(),
        scope: crate::scenario::hubs::Scope::Domestic,
        terminal: String::new(),
        row: 2,
    }
}

/// One server of ten seconds from 05:00 to 10:00, and departures of 720 persons each, in the hall half an hour before.
fn narrow(h: &mut HubFile, hours: &[f64]) {
    h.processes[0] = process("id = \"security\"");
    h.processes[0].servers[0] =
        crate::scenario::hubs::ServerShift { from: "05:00".into(), to: "10:00".into(), count: 1 };
    (h.users.transfer_share, h.users.early_domestic_min) = (0.0, 30.0);
    h.services = hours.iter().map(|hour| departure(&format!("D{hour}"), *hour, 720.0)).collect();
}

#[test]
fn a_schedule_beyond_capacity_is_told_with_its_figures() {
    // Each departure is 720 · 10 s = 2 h of work; three are 6 h in the 5 h of the server. Two of them come from 08:00 on.
    let problem = only(|h| narrow(h, &[6.75, 8.6, 8.75]));
    let figures = "offered 6.0 server-hours, capacity 5.0 server-hours; from 08:00:00 4.0 of 1.0";
    assert!(
        problem.contains(&format!("[process[0].servers]: found a schedule beyond capacity: {figures}")),
        "{problem}"
    );
    // Batches of two make it half of that, which fits.
    assert!(
        told(|h| {
            narrow(h, &[6.75, 8.6, 8.75]);
            h.processes[0].batch = Some(crate::scenario::hubs::BatchFile { size: 2, wait_s: 0.0 });
        })
        .is_empty()
    );
    // One half of the time the server is broken: 2.5 h are too few for two departures.
    let broken = only(|h| {
        narrow(h, &[6.75, 8.6]);
        h.processes[0].breakdown = Some(crate::scenario::hubs::BreakdownFile { every_h: 1.0, repair_min: 60.0 });
    });
    assert!(broken.contains("offered 4.0 server-hours, capacity 2.5 server-hours"), "{broken}");
}

#[test]
fn hours_beyond_capacity_are_told_and_no_mistake() {
    let mut scenario = station();
    narrow(&mut scenario.hubs[0], &[6.75, 8.6]);
    assert!(check(&scenario).is_empty());
    // At 06:15 and at 08:06 two hours of work come to one server.
    let told = "station: security: 2 hours beyond capacity; offered 4.0 server-hours, capacity 5.0 server-hours; from 06:00:00 2.0 of 1.0";
    assert_eq!(busy_hours(&scenario), [told]);
    assert_eq!(busy_hours(&station()), Vec::<String>::new());
}

#[test]
fn more_vehicles_than_stands_are_told() {
    let with_tracks = |h: &mut HubFile, capacity: f64| {
        h.stores = vec![store("tracks", "vehicles", capacity)];
        h.processes.push(process("id = \"platform\""));
        h.chains.push(chain("user = \"service_in\"\nstep = [{ process = \"platform\", takes = \"tracks\" }]"));
        h.chains.push(chain("user = \"service_out\"\nstep = [{ process = \"platform\", frees = \"tracks\" }]"));
    };
    let arrival = |id: &str, hour| ServiceRow { direction: Direction::Arrival, ..departure(id, hour, 10.0) };
    // Two trains come and one leaves after them: two stand there at once, one in the evening.
    let mut scenario = station();
    with_tracks(&mut scenario.hubs[0], 1.0);
    scenario.hubs[0].services = vec![arrival("A", 8.0), arrival("B", 9.0), departure("C", 10.0, 10.0)];
    assert!(check(&scenario).is_empty());
    assert_eq!(busy_hours(&scenario), ["station: tracks: 2 vehicles at 09:00:00 by the schedule, room for 1"]);
    let stay = only(|h| {
        with_tracks(h, 1.0);
        h.services = vec![arrival("A", 8.0), arrival("B", 9.0)];
    });
    assert!(
        stay.contains("[store[0].capacity]: found a schedule beyond capacity: 2 vehicles left at the end"),
        "{stay}"
    );
}

#[test]
fn more_trucks_than_appointments_are_told() {
    let problem = |trucks: u32| {
        let mut scenario = station();
        let hub = &mut scenario.hubs[0];
        (hub.access.truck_in_node, hub.access.truck_out_node) = (Some("kerb".into()), Some("forecourt".into()));
        (hub.users.gate_open, hub.users.gate_close) = ("06:00".into(), "16:00".into());
        hub.users.truck_load_teu = 2.0;
        let train = ServiceRow { mode: ServiceMode::RailFreight, teu: 90.0, ..departure("F", 18.0, 0.0) };
        hub.services.push(train);
        hub.appointments = Some(crate::scenario::hubs::AppointmentsFile { slot_min: 60, trucks, early_min: 0.0 });
        check(&scenario).iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    // 45 truckloads in ten slots: 4 a slot are 40 trucks, 5 are 50.
    assert!(
        problem(4)[0]
            .contains("[appointments.trucks]: found a schedule beyond capacity: 45.0 trucks, appointments for 40.0")
    );
    assert_eq!(problem(5), Vec::<String>::new());
    assert!(problem(0)[0].contains("[appointments.trucks]: found 0"));
}
