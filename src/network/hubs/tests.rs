//! Hubs resolved, on a station at the end of a street.

use super::*;
use crate::ids::{ProcessIx, StoreIx};
use crate::network::Network;
use crate::network::fixture::{CENTRE, district, hub, link, node, north, scenario, stop};
use crate::scenario::Scenario;
use crate::scenario::hubs::{ChainFile, HandOver, HubFile, HubStop, ServiceRow, UserClass};
use crate::units::HOUR_MS;

/// A station at the end of a two-way street with a kerb, a stop, two processes and one chain.
fn station() -> Scenario {
    let mut s = scenario();
    s.districts = vec![district("town", CENTRE, 0.1)];
    s.nodes = vec![node("street", CENTRE), node("kerb", north(CENTRE, 900.0))];
    s.links = vec![link("in", "street", "kerb"), link("out", "kerb", "street")];
    s.links[0].facility_type = "kerb".into();
    s.timetable.stops = vec![stop("metro", CENTRE)];
    s.hubs = vec![hub(r#"
        hub_id = "st"
        name = "站"
        name_en = "Station"
        kind = "rail_station"
        district_id = "town"
        x_coord = 113.3
        y_coord = 23.1
        schedule = "hubs/st.csv"
        access = { drop_off_node = "kerb", pick_up_node = "kerb", stop = [{ stop_id = "metro", walk_s = 90 }] }
        [[process]]
        id = "tickets"
        name_en = "Tickets"
        law = "erlang"
        phases = 2
        mean_s = 1.5
        servers = [{ from = "12:00", to = "24:30", count = 3 }, { from = "05:00", to = "12:00", count = 6 }]
        [[process]]
        id = "security"
        name_en = "Security"
        law = "deterministic"
        mean_s = 10
        servers = [{ from = "00:00", to = "30:00", count = 2 }]
        [[chain]]
        user = "departing"
        step = [{ process = "security", walk_s = 30 }, { process = "tickets", share = 0.4 }]
        "#)];
    s
}

fn service(id: &str, time_s: f64) -> ServiceRow {
    ServiceRow {
        service_id: id.into(),
        mode: ServiceMode::Rail,
        direction: Direction::Departure,
        time_s,
        seats: 600.0,
        load_factor: 0.8,
        tonnes: 0.0,
        teu: 0.0,
        region: "Hunan".into(),
        scope: Scope::Domestic,
        terminal: String::new(),
        row: 2,
    }
}

#[test]
fn services_stand_hub_after_hub_in_the_order_of_time_and_then_of_id() {
    let mut s = station();
    s.hubs[0].services = vec![service("G9", 30_000.0), service("G2", 28_800.0), service("G1", 28_800.0)];
    let mut second = s.hubs[0].clone();
    second.hub_id = "second".into();
    second.services = vec![service("G1", 100.0)];
    s.hubs.push(second);
    let network = Network::build(&s).expect("two stations");
    assert_eq!(network.names.services.all(), ["st/G1", "st/G2", "st/G9", "second/G1"]);
    assert_eq!(network.hubs.services[0].passengers, 480.0);
    let of_second: Vec<ServiceIx> = network.hubs.of(HubIx(1)).map(|(i, _)| i).collect();
    assert_eq!(of_second, [ServiceIx(3)]);
    // The processes of the second hub follow those of the first, and its chain points at them.
    assert_eq!(network.hubs.hubs[1].chains[0].steps[0].process, ProcessIx(3));
    assert_eq!(network.names.processes.name(3), "second/security");
}

#[test]
fn a_hub_is_tied_to_its_kerb_its_stop_and_its_processes() {
    let network = Network::build(&station()).expect("a station");
    let hub = &network.hubs.hubs[0];
    assert_eq!((hub.drop_off, hub.pick_up, hub.truck_in), (Some(NodeIx(1)), Some(NodeIx(1)), None));
    assert_eq!(hub.stops, [(StopIx(0), 90_000)]);
    assert_eq!(network.lines.stops[0].hub, Some(HubIx(0)));
    // Only the link of facility type kerb counts to the hub.
    assert_eq!(network.roads.hub, [Some(HubIx(0)), None]);
    let steps = &hub.chains[0].steps;
    assert_eq!(steps[0], Step::at(ProcessIx(1), 30_000));
    assert_eq!(steps[1], Step { share: 0.4, ..Step::at(ProcessIx(0), 0) });
    let noon = Time(12 * HOUR_MS);
    let tickets = &network.hubs.processes[0];
    assert_eq!(tickets.shifts, [(Time(5 * HOUR_MS), noon, 6), (noon, Time(88_200_000), 3)]);
    assert_eq!((tickets.mean_ms, tickets.phases, network.hubs.processes[1].phases), (1500.0, 2, 1));
}

#[test]
fn lines_pass_the_chains_that_a_stop_names_for_their_route() {
    use crate::network::fixture::{route, trip};
    use crate::network::lines::HubWay;
    let mut s = station();
    s.timetable.stops.push(stop("next", north(CENTRE, 900.0)));
    s.timetable.routes = vec![route("intercity"), route("tram")];
    let calls = [(0, 0.0, 0.0), (1, 60.0, 60.0)];
    let back = [(1, 600.0, 600.0), (0, 660.0, 660.0)];
    s.timetable.trips = vec![trip("1", "intercity", &calls), trip("2", "intercity", &back), trip("3", "tram", &calls)];
    let (stop, chain) = (s.hubs[0].access.stops[0].clone(), s.hubs[0].chains[0].clone());
    let named = |id: &str, user| ChainFile { id: Some(id.into()), user, ..chain.clone() };
    s.hubs[0].chains.extend([named("in", ChainUser::Boarding), named("out", ChainUser::Alighting)]);
    let (board_chain, alight_chain) = (Some("in".into()), Some("out".into()));
    s.hubs[0].access.stops[0] = HubStop { board_chain, alight_chain, routes: vec!["intercity".into()], ..stop };
    let network = Network::build(&s).expect("a station with gates");
    // 30 s of walking, 10 s at security, and two of five pass the tickets, 1.5 s: 40.6 s.
    let way = |chain| Some(HubWay { hub: HubIx(0), chain, free_ms: 40_600 });
    let lines = &network.lines.lines;
    assert_eq!([0, 1].map(|p| lines[0].enters(p)), [way(1), None]);
    let told: Vec<_> = lines.iter().map(|l| (l.route_id.as_str(), l.enters(0), l.leaves(1))).collect();
    assert_eq!(told, [("intercity", way(1), None), ("intercity", None, way(2)), ("tram", None, None)]);
    s.hubs[0].access.stops[0].board_chain = Some("ni".into());
    let told = Network::build(&s).expect_err("no such chain").to_string();
    assert!(told.contains("[access.stop.board_chain]: found \"ni\""), "{told}");
}

#[test]
fn mistakes_of_a_hub_are_told_together() {
    let mut s = station();
    let hub = &mut s.hubs[0];
    hub.access.drop_off_node = Some("kreb".into());
    hub.users.truck_class = "lorry".into();
    hub.processes[0].servers[0].from = "11:00".into();
    hub.processes[0].phases = None;
    hub.chains[0].steps[0].process = "sceurity".into();
    let problems = Network::build(&s).expect_err("five mistakes").to_string();
    for told in [
        "hubs/st.toml [process.tickets.phases]: found none for this law",
        "hubs/st.toml [process.tickets.servers]: found \"05:00:00–12:00:00 and 11:00:00–24:30:00\"",
        "hubs/st.toml [access.drop_off_node]: found \"kreb\", wanted the id of a node (did you mean \"kerb\"?)",
        "hubs/st.toml [chain.step.process]: found \"sceurity\"",
        "hubs/st.toml [users.truck_class]: found \"lorry\"",
    ] {
        assert!(problems.contains(told), "{told} in\n{problems}");
    }
    assert!(problems.starts_with("5 problems"), "{problems}");
}

/// An airport with two terminals, of which the second has a kerb and a stop of its own, and aircraft on stands.
fn airport() -> Scenario {
    let mut s = scenario();
    s.districts = vec![district("town", CENTRE, 0.1)];
    s.nodes = ["street", "kerb", "kerb2"].map(|id| node(id, CENTRE)).into();
    s.links = vec![link("in", "street", "kerb"), link("in2", "street", "kerb2")];
    s.links.iter_mut().for_each(|link| link.facility_type = "kerb".into());
    s.timetable.stops = vec![stop("metro", CENTRE), stop("metro2", CENTRE)];
    s.hubs = vec![hub(AIRPORT)];
    s
}

const AIRPORT: &str = r#"
    hub_id = "air"
    name = "机场"
    name_en = "Airport"
    kind = "airport"
    district_id = "town"
    x_coord = 113.3
    y_coord = 23.1
    schedule = "hubs/air.csv"
    users = { bags_share = 0.4, premium_share = 0.1 }
    appointments = { slot_min = 30, trucks = 12, early_min = 7.5 }
    [access]
    drop_off_node = "kerb"
    pick_up_node = "kerb"
    kerb_walk_s = 60
    stop = [{ stop_id = "metro", walk_s = 240 }]
    [[terminal]]
    id = "T1"
    name_en = "Terminal 1"
    [[terminal]]
    id = "T2"
    name_en = "Terminal 2"
    drop_off_node = "kerb2"
    kerb_walk_s = 30
    stop = [{ stop_id = "metro2", walk_s = 90, board_chain = "gates" }]
    [[roster]]
    id = "guards"
    staff = [{ from = "06:00", to = "22:00", count = 11 }, { from = "00:00", to = "06:00", count = 2 }]
    [[store]]
    id = "stands"
    name_en = "Stands"
    unit = "vehicles"
    capacity = 4
    [[store]]
    id = "hall"
    name_en = "Hall"
    unit = "persons"
    capacity = 500
    [[process]]
    id = "kerb"
    name_en = "Kerb"
    law = "empirical"
    values_s = [30, 60, 90.5]
    one_turn = true
    places = 6
    servers = [{ from = "00:00", to = "24:00", count = 4 }]
    [[process]]
    id = "security"
    name_en = "Security"
    roster = "guards"
    staff_per_server = 3
    law = "deterministic"
    mean_s = 20
    reset_s = 1.5
    priority = ["premium"]
    batch = { size = 2, wait_s = 5 }
    breakdown = { every_h = 2, repair_min = 3 }
    [[process]]
    id = "bag_drop"
    name_en = "Bag drop"
    law = "deterministic"
    mean_s = 50
    servers = [{ from = "00:00", to = "24:00", count = 4 }]
    [[chain]]
    user = "departing"
    step = [{ process = "bag_drop", only = ["bags"], drops = "bags" }, { process = "security", walk_s = 10, takes = "hall" }]
    [[chain]]
    user = "departing"
    terminal = "T2"
    scope = "international"
    step = [{ process = "security", frees = "hall", waits_for = "bags", except = ["premium"] }]
    [[chain]]
    user = "drop_off"
    step = [{ process = "kerb" }]
    [[chain]]
    user = "boarding"
    id = "gates"
    step = [{ process = "security" }]
    [[chain]]
    user = "service_in"
    step = [{ process = "kerb", takes = "stands" }]
    [[chain]]
    user = "service_out"
    step = [{ process = "kerb", frees = "stands" }]
    "#;

fn at_terminal(id: &str, time_s: f64, terminal: &str, direction: Direction) -> ServiceRow {
    ServiceRow { terminal: terminal.into(), direction, mode: ServiceMode::Air, ..service(id, time_s) }
}

#[test]
fn a_terminal_has_what_the_hub_has_where_it_says_nothing() {
    let mut s = airport();
    let rows = [("A", ""), ("B", "T1"), ("C", "T2")];
    s.hubs[0].services = rows.map(|(id, t)| at_terminal(id, 30_000.0, t, Direction::Departure)).into();
    let network = Network::build(&s).expect("an airport");
    let hub = &network.hubs.hubs[0];
    assert_eq!(network.hubs.place(ServiceIx(0)), hub.place(None));
    assert_eq!(hub.place(None), hub.place(Some(0)));
    let second = network.hubs.place(ServiceIx(2));
    assert_eq!((second.drop_off, second.pick_up), (Some(NodeIx(2)), Some(NodeIx(1))));
    assert_eq!((second.stops, second.kerb_walk_ms), (&[(StopIx(1), 90_000)][..], 30_000));
    // The kerbs and the stops of the terminals are the hub's.
    assert_eq!(network.roads.hub, [Some(HubIx(0)), Some(HubIx(0))]);
    assert_eq!([0, 1].map(|i: usize| network.lines.stops[i].hub), [Some(HubIx(0)); 2]);
    assert_eq!(hub.all_stops(), [(StopIx(0), 240_000), (StopIx(1), 90_000)]);
    assert_eq!((hub.gates.len(), hub.gates[0].stop, hub.gates[0].board), (1, StopIx(1), Some(3)));
    let slots = Appointments { slot_ms: 1_800_000, trucks: 12, early_ms: 450_000 };
    assert_eq!(hub.appointments, Some(slots));
}

#[test]
fn a_service_has_the_chain_of_its_terminal_and_scope_before_that_of_all() {
    let network = Network::build(&airport()).expect("an airport");
    let hub = &network.hubs.hubs[0];
    let of = |scope, terminal| hub.chain_at(ChainUser::Departing, scope, terminal);
    assert_eq!(of(Scope::International, Some(1)), Some(1));
    assert_eq!([of(Scope::Domestic, Some(1)), of(Scope::International, Some(0))], [Some(0); 2]);
    // Where no service is known, a chain of one terminal alone is that of the hub.
    let mut single = airport();
    single.hubs[0].chains.remove(0);
    let single = Network::build(&single).expect("an airport").hubs;
    let of = |terminal| single.hubs[0].chain_for(ChainUser::Departing, Scope::International, terminal);
    assert_eq!([of(None), of(Some(1)), of(Some(0))], [Some(0), Some(0), None]);
    let step = &hub.chains[1].steps[0];
    assert_eq!((step.frees, step.takes, step.waits_for), (Some(StoreIx(1)), None, Some(HandOver::Bags)));
    assert_eq!((step.only, step.except), (Classes::NONE, Classes::NONE.with(UserClass::Premium)));
    assert_eq!(network.names.stores.all(), ["air/stands", "air/hall"]);
}

#[test]
fn staff_makes_servers_and_observed_times_make_their_mean() {
    let network = Network::build(&airport()).expect("an airport");
    let [kerb, security, _] = &network.hubs.processes[..] else { panic!("three processes") };
    // Eleven of whom three serve together are three servers; two are none.
    let (six, ten) = (Time(6 * HOUR_MS), Time(22 * HOUR_MS));
    assert_eq!(security.shifts, [(Time(0), six, 0), (six, ten, 3)]);
    // (30 + 60 + 90.5) / 3 = 60.1666… s.
    assert!((kerb.mean_ms - 60_166.666_666).abs() < 1e-3, "{}", kerb.mean_ms);
    assert_eq!(kerb.values_ms, [30_000, 60_000, 90_500]);
    assert_eq!((kerb.one_turn, kerb.places, security.reset_ms), (true, Some(6), 1_500));
    assert_eq!(security.batch, Some(Batch { size: 2, wait_ms: 5_000 }));
    assert_eq!(security.breakdown, Some(Breakdown { every_ms: 7_200_000.0, repair_ms: 180_000.0 }));
    assert_eq!(security.priority, [UserClass::Premium]);
}

#[test]
fn an_empty_hub_keeps_a_party_as_long_as_its_turns_take() {
    let network = Network::build(&airport()).expect("an airport");
    let visit = |chain, party| network.hubs.visit_ms(HubIx(0), chain, party, Scope::Domestic);
    // Two of five have bags, 50 s each, then 10 s of walking and 20 s at security: 0.4 · 50 + 10 + 20 s for one,
    // 0.4 · 100 + 10 + 40 s for two.
    assert_eq!([visit(0, 1), visit(0, 2), network.hubs.free_ms(HubIx(0), 0)], [50_000, 90_000, 50_000]);
    // A car at the kerb is one turn, however many are in it.
    assert_eq!([visit(2, 1), visit(2, 2)], [60_167; 2]);
    // One of ten is premium and goes past: 0.9 · 20 s.
    assert_eq!(visit(1, 1), 18_000);
}

#[test]
fn aircraft_stand_overnight_that_leave_before_one_has_come() {
    let mut s = airport();
    let row = |id: &str, hour: f64, direction| at_terminal(id, hour * 3_600.0, "", direction);
    let (comes, leaves) = (Direction::Arrival, Direction::Departure);
    s.hubs[0].services =
        vec![row("A", 7.0, leaves), row("B", 8.0, comes), row("C", 9.0, leaves), row("D", 9.5, leaves)];
    let starts =
        |s: &Scenario| Network::build(s).expect("an airport").hubs.stores.iter().map(|s| s.start).collect::<Vec<_>>();
    // −1, 0, −1, −2; of the hall the schedule says nothing.
    assert_eq!(starts(&s), [Some(2.0), None]);
    s.hubs[0].stores[0].start = Some(3.0);
    assert_eq!(starts(&s), [Some(3.0), None]);
}

#[test]
fn what_a_hub_names_and_nothing_bears_is_told_together() {
    let mut s = airport();
    let hub: &mut HubFile = &mut s.hubs[0];
    hub.services = vec![at_terminal("A", 30_000.0, "T3", Direction::Departure)];
    hub.processes[1].roster = Some("gaurds".into());
    hub.processes[0].values_s.clear();
    hub.chains[0].steps[1].takes = Some("hal".into());
    hub.chains[1].terminal = Some("T".into());
    hub.terminals[1].pick_up_node = Some("kreb".into());
    let problems = Network::build(&s).expect_err("six mistakes").to_string();
    for told in [
        "hubs/air.csv:2 [terminal]: found \"T3\"",
        "[process.security.roster]: found \"gaurds\", wanted the id of a roster of this hub (did you mean \"guards\"?)",
        "[process.kerb.values_s]: found none for this law",
        "[chain.step.takes]: found \"hal\"",
        "[chain.terminal]: found \"T\"",
        "[terminal.T2.pick_up_node]: found \"kreb\"",
    ] {
        assert!(problems.contains(told), "{told} in\n{problems}");
    }
    assert!(problems.starts_with("6 problems"), "{problems}");
}
