//! Measures through the public face of a scenario, on the starter with a feed of two lines.

use crate::scenario::Scenario;
use crate::scenario::init::init;
use crate::scenario::variant::Variant;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

mod hubs;
mod lines;

/// The starter with line F (by headways, two periods) and line W (departures written one by one, every 600 s).
fn base() -> (TempDir, Scenario) {
    let folder = tempfile::tempdir().unwrap();
    init(folder.path()).unwrap();
    let settings = folder.path().join("scenario.toml");
    let text = fs::read_to_string(&settings).unwrap();
    fs::write(settings, text.replace("[hubs]", "[services]\ngtfs = \"services\"\n\n[hubs]")).unwrap();
    fs::create_dir_all(folder.path().join("services")).unwrap();
    let file = |name: &str, text: &str| fs::write(folder.path().join("services").join(name), text).unwrap();
    file("stops.txt", "stop_id,stop_lat,stop_lon\nA,23.24,113.30\nB,23.20,113.312\n");
    file("routes.txt", "route_id,route_short_name,route_type\nF,Fast,1\nW,Written,1\n");
    file("calendar_dates.txt", "service_id,date,exception_type\nday,20250929,1\n");
    file("trips.txt", "route_id,service_id,trip_id\nF,day,f\nW,day,w0\nW,day,w1\nW,day,w2\n");
    file(
        "stop_times.txt",
        "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n\
         f,00:00:00,00:00:00,A,1\nf,00:10:00,00:10:00,B,2\n\
         w0,08:00:00,08:00:00,A,1\nw0,08:10:00,08:10:00,B,2\n\
         w1,08:10:00,08:10:00,A,1\nw1,08:20:00,08:20:00,B,2\n\
         w2,08:20:00,08:20:00,A,1\nw2,08:30:00,08:30:00,B,2\n",
    );
    file(
        "frequencies.txt",
        "trip_id,start_time,end_time,headway_secs\nf,06:00:00,10:00:00,300\nf,10:00:00,23:00:00,600\n",
    );
    let scenario = Scenario::read(folder.path()).unwrap();
    (folder, scenario)
}

fn variant(folder: &Path, base: &Scenario, measures: &str) -> Variant {
    fs::create_dir_all(folder.join("variants")).unwrap();
    fs::write(folder.join("variants/v.toml"), format!("title = \"v\"\n{measures}")).unwrap();
    base.read_variant("v").unwrap()
}

fn applied(measures: &str) -> (Scenario, Scenario) {
    let (folder, base) = base();
    let changed = base.apply(&variant(folder.path(), &base, measures)).unwrap();
    (base, changed)
}

#[test]
fn measures_that_change_nothing_leave_every_table_identical() {
    let (base, changed) = applied(
        "[[measure]]\nid = \"a\"\nkind = \"set_link\"\nlinks = { facility_type = \"primary\" }\nfree_speed_kmh = 60\nlanes = 2\n\
         [[measure]]\nid = \"b\"\nkind = \"scale_services\"\nhub_id = \"station\"\nfactor = 1.0\n\
         [[measure]]\nid = \"c\"\nkind = \"set_headway\"\nroute_id = \"F\"\nheadway_s = 300\nfrom = \"07:00\"\nto = \"09:00\"\n\
         [[measure]]\nid = \"d\"\nkind = \"set_headway\"\nroute_id = \"W\"\nheadway_s = 600\n\
         [[measure]]\nid = \"e\"\nkind = \"set_process\"\nhub_id = \"station\"\nprocess = \"security\"\nservers_factor = 1\n\
         [[measure]]\nid = \"f\"\nkind = \"set_process\"\nhub_id = \"station\"\nprocess = \"exit\"\nservers = 6\n",
    );
    let changed = Scenario { variant: None, digests: base.digests.clone(), ..changed };
    assert_eq!(changed, base);
}

#[test]
fn a_headway_in_a_part_of_the_day_cuts_periods_there() {
    let (_, changed) = applied(
        "[[measure]]\nid = \"a\"\nkind = \"set_headway\"\nroute_id = \"F\"\nheadway_s = 120\nfrom = \"09:00\"\nto = \"11:00\"\n",
    );
    let periods: Vec<(f64, f64, f64)> = changed.timetable.trips[0]
        .headways
        .iter()
        .map(|h| (h.start_s / 3600.0, h.end_s / 3600.0, h.headway_s))
        .collect();
    assert_eq!(periods, [(6.0, 9.0, 300.0), (9.0, 10.0, 120.0), (10.0, 11.0, 120.0), (11.0, 23.0, 600.0)]);
}

#[test]
fn the_words_of_a_headway_are_of_its_part_of_the_day() {
    // F runs every 300 s until 10:00 and every 600 s from then on; W is written departure by departure, every 600 s.
    let told = |route: &str, headway: u32, part: &str| {
        let (folder, base) = base();
        let measure = format!(
            "[[measure]]\nid = \"a\"\nkind = \"set_headway\"\nroute_id = \"{route}\"\nheadway_s = {headway}\n{part}"
        );
        variant(folder.path(), &base, &measure).tell(&base).remove(0)
    };
    for (told, wanted) in [
        (told("F", 120, "from = \"07:00\"\nto = \"09:00\"\n"), "from 07:00 to 09:00 (now 300 s)"),
        (told("F", 300, "from = \"07:00\"\nto = \"09:00\"\n"), "from 07:00 to 09:00 (now 300 s), no change"),
        (told("F", 300, "from = \"09:00\"\nto = \"11:00\"\n"), "from 09:00 to 11:00 (now 300 to 600 s)"),
        (told("F", 300, "from = \"10:00\"\nto = \"11:00\"\n"), "from 10:00 to 11:00 (now 600 s)"),
        (told("W", 600, ""), "the whole day, no change"),
    ] {
        assert!(told.ends_with(wanted), "{told}");
    }
}

#[test]
fn a_headway_makes_one_trip_of_written_departures() {
    let (_, changed) = applied("[[measure]]\nid = \"a\"\nkind = \"set_headway\"\nroute_id = \"W\"\nheadway_s = 300\n");
    let trips: Vec<_> = changed.timetable.trips.iter().filter(|t| t.route_id == "W").collect();
    assert_eq!(trips.len(), 1);
    // From 08:00 to 08:20 with the last departure among them: 28,800 s to 30,000 s.
    let headway = &trips[0].headways[0];
    assert_eq!((headway.start_s, headway.end_s, headway.headway_s), (28_800.0, 30_001.0, 300.0));
}

#[test]
fn a_new_line_runs_both_ways_and_mirrors_its_times() {
    let (_, changed) = applied(
        "[[measure]]\nid = \"ring\"\nkind = \"add_line\"\nroute_id = \"R\"\nname = \"Ring\"\ncapacity = 800\nfare_per_km_cny = 0.3\n\
         stops = [{ stop_id = \"A\" }, { stop_id = \"C\", lon = 113.32, lat = 23.22 }, { stop_id = \"B\" }]\n\
         [[measure.patterns]]\ncalls = [{ stop_id = \"A\", after_s = 0 }, { stop_id = \"C\", after_s = 200 }, { stop_id = \"B\", after_s = 500 }]\n\
         first = \"06:00\"\nlast = \"22:00\"\nheadway_s = 900\n",
    );
    let back = changed.timetable.trips.iter().find(|t| t.trip_id == "R:0:1").unwrap();
    let id = |stop: u32| changed.timetable.stops[stop as usize].stop_id.as_str();
    let calls: Vec<(&str, f64)> = back.calls.iter().map(|c| (id(c.stop), c.arrival_s() - 21_600.0)).collect();
    assert_eq!(calls, [("B", 0.0), ("C", 300.0), ("A", 500.0)]);
    assert!(changed.timetable.stops.iter().any(|s| s.stop_id == "C" && s.lon == 113.32));
    let services = changed.settings.services.unwrap();
    assert_eq!((services.capacity["R"], services.fare_per_km_by_route_cny["R"]), (800, 0.3));
}

#[test]
fn a_new_line_has_a_capacity_or_a_type_of_vehicle() {
    let line = |vehicle: &str| {
        format!(
            "[[measure]]\nid = \"ring\"\nkind = \"add_line\"\nroute_id = \"R\"\nname = \"Ring\"\n{vehicle}\n\
             stops = [{{ stop_id = \"A\" }}, {{ stop_id = \"B\" }}]\n\
             [[measure.patterns]]\ncalls = [{{ stop_id = \"A\", after_s = 0 }}, {{ stop_id = \"B\", after_s = 500 }}]\n\
             first = \"06:00\"\nlast = \"22:00\"\nheadway_s = 900\n"
        )
    };
    let (folder, mut base) = base();
    let services = base.settings.services.as_mut().unwrap();
    services.vehicles.insert("train".into(), toml::from_str("seats = 200\nboarding_s = 1.5").unwrap());
    let apply = |vehicle: &str| base.apply(&variant(folder.path(), &base, &line(vehicle)));
    let told = |vehicle: &str| apply(vehicle).unwrap_err().to_string();
    assert!(told("").contains("neither services.capacity nor services.vehicle"), "{}", told(""));
    assert!(told("capacity = 0").contains("a whole number > 0"));
    assert!(told("vehicle = \"trian\"").contains("did you mean \"train\""), "{}", told("vehicle = \"trian\""));
    assert!(told("vehicle = \"train\"\ncapacity = 9").contains("not both"));
    let changed = apply("vehicle = \"train\"").unwrap();
    assert_eq!(changed.settings.services.as_ref().unwrap().vehicle["R"], "train");
}

#[test]
fn a_line_added_and_removed_again_is_as_if_it_had_never_been() {
    let line = "[[measure]]\nid = \"ring\"\nkind = \"add_line\"\nroute_id = \"R\"\nname = \"Ring\"\ncapacity = 800\n\
                stops = [{ stop_id = \"A\" }, { stop_id = \"B\" }]\n\
                [[measure.patterns]]\ncalls = [{ stop_id = \"A\", after_s = 0 }, { stop_id = \"B\", after_s = 500 }]\n\
                first = \"06:00\"\nlast = \"22:00\"\nheadway_s = 900\n";
    let (base, changed) =
        applied(&format!("{line}[[measure]]\nid = \"gone\"\nkind = \"remove_line\"\nroute_id = \"R\"\n"));
    assert_eq!((changed.timetable, changed.settings), (base.timetable, base.settings));
}

#[test]
fn links_are_added_both_ways_and_closed_by_district() {
    let (base, changed) = applied(
        "[[measure]]\nid = \"bypass\"\nkind = \"add_link\"\nlink_id = \"bypass\"\nfrom_node_id = \"north\"\nto_node_id = \"square\"\n\
         lanes = 2\nfree_speed_kmh = 80\ncapacity_pcu_h_lane = 1800\ntwo_way = true\n\
         [[measure]]\nid = \"close\"\nkind = \"close_link\"\nlinks = { ids = [\"north_road\", \"north_road_r\"] }\n",
    );
    assert_eq!(changed.links.len(), base.links.len() + 2);
    // Without a length the straight one holds: 0.04° of latitude and 0.01° of longitude at 23.2°,
    // √(4,448² + 1,022²) ≈ 4,564 m.
    let bypass = changed.links.iter().find(|l| l.link_id == "bypass_r").unwrap();
    assert!((bypass.length_m - 4_564.0).abs() < 2.0, "{}", bypass.length_m);
    assert!(!changed.links.iter().any(|l| l.name == "North Road" && l.uses().car));
}

#[test]
fn half_of_the_services_move_in_the_order_of_time() {
    let (folder, base) = base();
    let mut two = base.clone();
    let mut other = base.hubs[0].clone();
    other.hub_id = "other".into();
    other.services.truncate(2);
    two.hubs.push(other);
    let measure = "[[measure]]\nid = \"m\"\nkind = \"move_services\"\nfrom_hub_id = \"station\"\nto_hub_id = \"other\"\nshare = 0.4\n";
    let changed = two.apply(&variant(folder.path(), &base, measure)).unwrap();
    // 15 departures and 15 arrivals: 6 of each move, the 3rd, 5th, 8th, 10th, 13th and 15th.
    assert_eq!((changed.hubs[0].services.len(), changed.hubs[1].services.len()), (18, 14));
    let moved: Vec<&str> =
        changed.hubs[1].services[2..].iter().map(|s| &*s.service_id).filter(|s| s.starts_with('D')).collect();
    assert_eq!(moved, ["D09", "D11", "D14", "D16", "D19", "D21"]);
}

#[test]
fn scaled_services_have_scaled_seats() {
    let (base, changed) =
        applied("[[measure]]\nid = \"a\"\nkind = \"scale_services\"\nhub_id = \"station\"\nfactor = 1.2\n");
    assert_eq!((base.hubs[0].services[0].seats, changed.hubs[0].services[0].seats), (500.0, 600.0));
}

#[test]
fn a_terminal_gets_its_share_of_the_services_of_others() {
    use crate::scenario::hubs::TerminalFile;
    let (folder, mut base) = base();
    let terminal = |id: &str| TerminalFile {
        id: id.into(),
        name: String::new(),
        name_en: id.into(),
        drop_off_node: None,
        pick_up_node: None,
        stops: Vec::new(),
        kerb_walk_s: None,
    };
    base.hubs[0].terminals = ["T1", "T2", "T3"].map(terminal).to_vec();
    let count = |s: &Scenario, terminal: &str| s.hubs[0].services.iter().filter(|s| s.terminal == terminal).count();
    let all = base.hubs[0].services.len();
    base.hubs[0].services.iter_mut().for_each(|s| s.terminal = "T1".into());
    base.hubs[0].services[0].terminal = "T2".into();
    base.hubs[0].services[1].terminal = String::new();
    let measure = |more: &str| {
        format!(
            "[[measure]]\nid = \"m\"\nkind = \"assign_terminal\"\nhub_id = \"station\"\nterminal = \"T3\"\nshare = 0.5\n{more}"
        )
    };
    // Half of those of terminal 1, each way rounded down; of terminal 2 and of none nothing.
    let changed = base.apply(&variant(folder.path(), &base, &measure("from = [\"T1\"]\n"))).unwrap();
    let moved = count(&changed, "T3");
    assert!((moved as f64 - 0.5 * (all - 2) as f64).abs() <= 1.0, "{moved} of {all}");
    assert_eq!((count(&changed, "T2"), count(&changed, "")), (1, 1));
    assert_eq!(count(&changed, "T1"), all - 2 - moved);
    let wrong = base.apply(&variant(folder.path(), &base, &measure("from = [\"T9\"]\n"))).unwrap_err().to_string();
    assert!(wrong.contains("T9"), "{wrong}");
}

#[test]
fn a_process_with_a_roster_gets_lanes_of_its_own_when_a_measure_changes_them() {
    use crate::scenario::hubs::{RosterFile, ServerShift};
    let (folder, mut base) = base();
    let hub = &mut base.hubs[0];
    let security = hub.processes.iter().position(|p| p.id == "security").unwrap();
    let process = &mut hub.processes[security];
    (process.servers, process.roster, process.staff_per_server) = (Vec::new(), Some("staff".into()), 5);
    let shift = |count| ServerShift { from: "05:00".into(), to: "25:00".into(), count };
    hub.rosters = vec![RosterFile { id: "staff".into(), staff: vec![shift(33)] }];
    let measure = "[[measure]]\nid = \"m\"\nkind = \"set_process\"\nhub_id = \"station\"\nprocess = \"security\"\nservers_factor = 1.5\n";
    let changed = base.apply(&variant(folder.path(), &base, measure)).unwrap();
    // 33 staff are six lanes of five, and half as many again nine.
    let process = &changed.hubs[0].processes[security];
    assert_eq!((process.roster.as_deref(), process.servers.as_slice()), (None, &[shift(9)][..]));
    assert_eq!(changed.hubs[0].rosters, base.hubs[0].rosters);
}
