//! Measures on what a hub can do, on the starter's station with a second terminal, a store and a roster.

use super::{base, variant};
use crate::scenario::Scenario;
use crate::scenario::hubs::{AppointmentsFile, BatchFile, RosterFile, ServerShift, UserClass};

/// The station with terminals T1 and T2, a hall for 400 persons, guards at security, and observed times at the exit.
fn station() -> (tempfile::TempDir, Scenario) {
    let (folder, mut base) = base();
    let hub = &mut base.hubs[0];
    hub.terminals = ["T1", "T2"]
        .map(|id| toml::from_str(&format!("id = \"{id}\"\nname_en = \"Terminal\"")).expect("a terminal"))
        .into();
    hub.stores =
        vec![toml::from_str("id = \"hall\"\nname_en = \"Hall\"\nunit = \"persons\"\ncapacity = 400").expect("a store")];
    let staff = vec![ServerShift { from: "00:00".into(), to: "30:00".into(), count: 13 }];
    hub.rosters = vec![RosterFile { id: "guards".into(), staff }];
    let security = &mut hub.processes[0];
    (security.roster, security.staff_per_server, security.servers) = (Some("guards".into()), 3, Vec::new());
    (folder, base)
}

fn measure(kind: &str, rest: &str) -> String {
    format!("[[measure]]\nid = \"m\"\nkind = \"{kind}\"\nhub_id = \"station\"\n{rest}\n")
}

fn changed(kind: &str, rest: &str) -> Scenario {
    let (folder, base) = station();
    base.apply(&variant(folder.path(), &base, &measure(kind, rest))).expect("a sound measure")
}

fn refused(kind: &str, rest: &str) -> String {
    let (folder, base) = station();
    base.apply(&variant(folder.path(), &base, &measure(kind, rest))).expect_err("a mistake").to_string()
}

#[test]
fn a_process_gets_places_batches_resets_and_an_order() {
    let all = "process = \"exit\"\nplaces = 40\nbatch_size = 3\nreset_s = 2.5\npriority = [\"premium\", \"bags\"]";
    let process = changed("set_process", all).hubs[0].processes.iter().find(|p| p.id == "exit").cloned().unwrap();
    assert_eq!((process.places, process.reset_s), (Some(40), 2.5));
    assert_eq!(process.batch, Some(BatchFile { size: 3, wait_s: 0.0 }));
    assert_eq!(process.priority, [UserClass::Premium, UserClass::Bags]);
}

#[test]
fn servers_of_a_roster_become_the_process_s_own_when_they_change() {
    // 13 of whom three serve together are four servers; 4 · 1.5 = 6.
    let more = changed("set_process", "process = \"security\"\nservers_factor = 1.5");
    let process = &more.hubs[0].processes[0];
    assert_eq!((process.roster.as_deref(), process.staff_per_server), (None, 1));
    assert_eq!(process.servers, [ServerShift { from: "00:00".into(), to: "30:00".into(), count: 6 }]);
    assert_eq!(more.hubs[0].rosters, station().1.hubs[0].rosters);
}

#[test]
fn measures_on_hubs_that_change_nothing_leave_every_table_identical() {
    for (kind, rest) in [
        ("set_process", "process = \"security\"\nservers_factor = 1"),
        ("set_process", "process = \"security\"\nservers = 4\nbatch_size = 1\nreset_s = 0\npriority = []"),
        ("set_store", "store = \"hall\"\ncapacity = 400"),
        ("set_store", "store = \"hall\"\ncapacity_factor = 1"),
        ("set_appointments", ""),
        ("assign_terminal", "terminal = \"T2\"\nshare = 0"),
    ] {
        let (folder, base) = station();
        let changed = base.apply(&variant(folder.path(), &base, &measure(kind, rest))).expect("a sound measure");
        let changed = Scenario { variant: None, digests: base.digests.clone(), ..changed };
        assert_eq!(changed, base, "{kind} {rest}");
    }
}

#[test]
fn observed_times_are_stretched_to_a_new_mean() {
    use crate::scenario::hubs::ServiceLaw;
    let (folder, mut base) = station();
    let process = &mut base.hubs[0].processes[0];
    (process.law, process.values_s) = (ServiceLaw::Empirical, vec![5.0, 10.0, 15.0]);
    let apply = |mean: &str| {
        let rest = format!("process = \"security\"\nmean_s = {mean}");
        let changed = base.apply(&variant(folder.path(), &base, &measure("set_process", &rest))).unwrap();
        changed.hubs[0].processes[0].values_s.clone()
    };
    // Their mean is 10 s.
    assert_eq!([apply("12"), apply("10")], [vec![6.0, 12.0, 18.0], vec![5.0, 10.0, 15.0]]);
}

#[test]
fn a_store_has_another_room() {
    let room = |rest: &str| changed("set_store", &format!("store = \"hall\"\n{rest}")).hubs[0].stores[0].capacity;
    assert_eq!([room("capacity = 500"), room("capacity_factor = 0.5")], [500.0, 200.0]);
}

#[test]
fn services_of_a_share_stand_at_a_terminal_spread_over_the_day() {
    let changed = changed("assign_terminal", "terminal = \"T2\"\nshare = 0.4\nscope = \"domestic\"");
    // As with services that move: of 15 departures the 3rd, 5th, 8th, 10th, 13th and 15th, and as many arrivals.
    let there = changed.hubs[0].services.iter().filter(|s| s.terminal == "T2").map(|s| &*s.service_id);
    assert_eq!(there.clone().count(), 12);
    let leaving: Vec<&str> = there.filter(|id| id.starts_with('D')).collect();
    assert_eq!(leaving, ["D09", "D11", "D14", "D16", "D19", "D21"]);
    assert!(changed.hubs[0].services.iter().filter(|s| s.terminal != "T2").all(|s| s.terminal.is_empty()));
}

#[test]
fn appointments_are_made_changed_and_ended() {
    let (folder, mut base) = station();
    base.hubs[0].access.truck_in_node = base.hubs[0].access.drop_off_node.clone();
    let apply = |base: &Scenario, rest: &str| {
        let measures = measure("set_appointments", rest);
        base.apply(&variant(folder.path(), base, &measures)).expect("a sound measure")
    };
    let made = apply(&base, "slot_min = 30\ntrucks = 12");
    assert_eq!(made.hubs[0].appointments, Some(AppointmentsFile { slot_min: 30, trucks: 12, early_min: 0.0 }));
    let fewer = apply(&made, "trucks = 6");
    assert_eq!(fewer.hubs[0].appointments, Some(AppointmentsFile { slot_min: 30, trucks: 6, early_min: 0.0 }));
    assert_eq!(apply(&made, "").hubs[0].appointments, None);
}

#[test]
fn mistakes_of_measures_on_hubs_are_told() {
    for (kind, rest, told) in [
        ("set_process", "process = \"securty\"\nplaces = 3", "did you mean \"security\"?"),
        ("set_process", "process = \"security\"", "set_process without a value"),
        ("set_process", "process = \"security\"\nplaces = 0", "[m.places]: found 0, wanted at least one place"),
        ("set_process", "process = \"security\"\nbatch_size = 0", "a batch of at least one"),
        ("set_process", "process = \"security\"\nreset_s = -1", "[m.reset_s]"),
        ("set_process", "process = \"security\"\npriority = [\"bags\", \"bags\"]", "found \"bags\" again"),
        ("set_store", "store = \"hal\"\ncapacity = 3", "did you mean \"hall\"?"),
        ("set_store", "store = \"hall\"\ncapacity = 0", "[m.capacity]: found 0"),
        ("set_store", "store = \"hall\"\ncapacity = 3\ncapacity_factor = 2", "both capacity and capacity_factor"),
        ("set_appointments", "trucks = 4", "which has no appointments yet"),
        ("set_appointments", "trucks = 0\nslot_min = 15", "at least one truck"),
        ("assign_terminal", "terminal = \"T3\"", "wanted a terminal of the hub \"station\""),
        ("assign_terminal", "terminal = \"T1\"\nscope = \"international\"", "no such service"),
        ("assign_terminal", "terminal = \"T1\"\nregion = \"Nowhere\"", "[m.region]: found unknown \"Nowhere\""),
    ] {
        let problems = refused(kind, rest);
        assert!(problems.contains(told), "{kind} {rest}: {problems}");
    }
}

#[test]
fn measures_on_hubs_are_told_in_words() {
    let told = |kind: &str, rest: &str| {
        let (folder, base) = station();
        variant(folder.path(), &base, &measure(kind, rest)).tell(&base).remove(0)
    };
    for (kind, rest, words) in [
        (
            "set_process",
            "process = \"security\"\nplaces = 9\nbatch_size = 2\nreset_s = 1\npriority = [\"premium\", \"bags\"]",
            "m: sets at process security of Central Station: 1 s after each service, 9 places, 2 at once, premium, then bags first",
        ),
        (
            "set_store",
            "store = \"hall\"\ncapacity = 3",
            "m: sets at store hall of Central Station: room for 3 persons (now 400 persons)",
        ),
        ("set_appointments", "", "m: ends the appointments of trucks at Central Station"),
        ("set_appointments", "trucks = 4", "m: sets the appointments of trucks at Central Station: 4 trucks a slot"),
        ("assign_terminal", "terminal = \"T1\"", "m: puts all services of Central Station at terminal T1"),
        (
            "assign_terminal",
            "terminal = \"T1\"\nshare = 0.5\nscope = \"international\"\nregion = \"Asia\"",
            "m: puts 50 % of the international services of region Asia of Central Station at terminal T1",
        ),
    ] {
        assert_eq!(told(kind, rest), words);
    }
}
