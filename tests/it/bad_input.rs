//! Bad input: every mistake of a scenario is told once, all of them at once, with file, row, column and what is right.

use hubflow::error::{Error, Problem};
use hubflow::scenario::Scenario;
use hubflow::scenario::init::init;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// The starter scenario in a folder of its own.
fn starter() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    init(folder.path()).unwrap();
    folder
}

/// Replaces a text that stands in a file once.
fn edit(folder: &Path, file: &str, from: &str, to: &str) {
    let path = folder.join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text.matches(from).count(), 1, "\"{from}\" stands once in {file}");
    fs::write(path, text.replace(from, to)).unwrap();
}

/// The problems of a scenario that must not read.
fn problems(folder: &Path) -> Vec<Problem> {
    refused(Scenario::read(folder))
}

fn refused<T>(result: Result<T, Error>) -> Vec<Problem> {
    match result {
        Err(Error::Problems(problems)) => problems,
        Err(other) => panic!("not a list of problems: {other}"),
        Ok(_) => panic!("read although it has mistakes"),
    }
}

/// Adds a two-stop feed to the starter, with one trip a row of `times`: departure at the first stop, arrival at the second.
fn add_feed(folder: &Path, times: &[(&str, &str)]) {
    edit(folder, "scenario.toml", "[hubs]", "[services]\ngtfs = \"services\"\n\n[hubs]");
    let file = |name: &str, text: &str| fs::write(folder.join("services").join(name), text).unwrap();
    fs::create_dir_all(folder.join("services")).unwrap();
    file("stops.txt", "\u{feff}stop_id,stop_name,stop_lat,stop_lon\nA,Alpha,23.24,113.30\nB,Beta,23.20,113.312\n");
    file("routes.txt", "route_id,route_short_name,route_type\nL1,1,1\n");
    file(
        "calendar.txt",
        "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n\
         day,1,1,1,1,1,1,1,20250101,20251231\n",
    );
    let mut trips = "route_id,service_id,trip_id\n".to_owned();
    let mut stops = "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n".to_owned();
    for (i, (from, to)) in times.iter().enumerate() {
        trips += &format!("L1,day,t{i}\n");
        stops += &format!("t{i},{from},{from},A,1\nt{i},{to},{to},B,2\n");
    }
    file("trips.txt", &trips);
    file("stop_times.txt", &stops);
}

#[test]
fn ten_mistakes_are_told_as_ten() {
    let folder = starter();
    let at = folder.path();
    edit(at, "scenario.toml", "seed = 1", "sede = 1");
    edit(at, "scenario.toml", "sample = 1.0", "sample = 1.5");
    edit(at, "scenario.toml", "other_by_hour = [0, ", "other_by_hour = [");
    edit(at, "network/node.csv", "113.3000,23.2400", "113.3000,north");
    edit(at, "network/link.csv", "cross,0,4.6,60,2,900,primary,\nstation", "cross,0,4.6,sixty,2,900,primary,\nstation");
    edit(at, "network/link.csv", "north,cross", "north,corss");
    edit(at, "hubs/station.toml", "process = \"exit\"", "process = \"exti\"");
    edit(at, "hubs/station_schedule.csv", "D07,rail,departure,07:00", "D07,rail,departure,07:61");
    edit(at, "demand/zones.csv", "south,south,", "south,suoth,");
    edit(at, "districts.geojson", "\"population\": 6000, ", "");
    let problems = problems(at);
    let told: Vec<String> =
        problems.iter().map(|p| format!("{}:{} {}", p.file, p.row.unwrap(), p.column.as_deref().unwrap())).collect();
    assert_eq!(
        told,
        [
            "scenario.toml:15 run.sede",
            "scenario.toml:16 run.sample",
            "scenario.toml:40 demand.residents.other_by_hour",
            "network/node.csv:2 y_coord",
            "network/link.csv:2 to_node_id",
            "network/link.csv:3 free_speed",
            "hubs/station.toml:50 chain[1].step[0].process",
            "hubs/station_schedule.csv:2 time",
            "districts.geojson:4 population",
            "demand/zones.csv:3 district_id",
        ]
    );
    let hints: Vec<&str> = problems.iter().filter_map(|p| p.hint.as_deref()).collect();
    let meant = ["seed", "cross", "exit", "south"].map(|word| format!("did you mean \"{word}\"?"));
    assert_eq!(hints, meant);
    assert_eq!((problems[5].found.as_str(), problems[5].wanted.as_str()), ("\"sixty\"", "a number > 0"));
}

#[test]
fn a_missing_file_is_told_and_not_what_follows_from_it() {
    let folder = starter();
    fs::rename(folder.path().join("network/node.csv"), folder.path().join("network/nodes.csv")).unwrap();
    let problems = problems(folder.path());
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!((problems[0].file.as_str(), problems[0].found.as_str()), ("network/node.csv", "no such file"));
    assert_eq!(problems[0].hint.as_deref(), Some("did you mean \"nodes.csv\"?"));
}

#[test]
fn a_folder_that_is_not_there_is_told() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(problems(&folder.path().join("nowhere"))[0].found, "no such folder");
    assert_eq!(problems(folder.path())[0].file, "scenario.toml");
}

#[test]
fn an_unreachable_district_is_told() {
    let folder = starter();
    // North Road becomes one-way to the south: nobody comes back.
    edit(folder.path(), "network/link.csv", "north,cross,0,", "north,cross,1,");
    let problems = problems(folder.path());
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!((problems[0].file.as_str(), problems[0].row), ("network/node.csv", Some(2)));
    assert!(problems[0].found.contains("district \"north\""), "{}", problems[0].found);
}

#[test]
fn a_district_behind_forbidden_turns_is_told() {
    let folder = starter();
    let movements = |rows: &str| {
        let header =
            "mvmt_id,node_id,ib_link_id,start_ib_lane,end_ib_lane,ob_link_id,type,penalty,capacity,ctrl_type\n";
        fs::write(folder.path().join("network/movement.csv"), format!("{header}{rows}")).unwrap();
    };
    // Nobody turns from South Road or from the station into North Road: it is reached by links, but not by allowed turns.
    movements(
        "a,cross,south_road,1,1,north_road_r,prohibited,,,\nb,cross,station_road_r,1,1,north_road_r,prohibited,,,\n",
    );
    let problems = problems(folder.path());
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!((problems[0].file.as_str(), problems[0].row), ("network/node.csv", Some(2)));
    assert!(problems[0].found.contains("district \"north\""), "{}", problems[0].found);
    // Where one of the two turns is left, all get there: from the south by way of the station.
    movements("a,cross,south_road,1,1,north_road_r,prohibited,,,\n");
    Scenario::read(folder.path()).unwrap();
    // A listed turn forbids all others of its link: from the north only to the station, and from there on.
    movements("a,cross,north_road,1,1,station_road,left,,,\n");
    Scenario::read(folder.path()).unwrap();
}

#[test]
fn a_hub_that_cannot_be_left_is_told() {
    let folder = starter();
    edit(
        folder.path(),
        "network/link.csv",
        "forecourt,Station forecourt,forecourt,square",
        "forecourt,,square,forecourt",
    );
    let problems = problems(folder.path());
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].column.as_deref(), Some("access.pick_up_node"));
    assert_eq!((problems[0].file.as_str(), problems[0].row), ("hubs/station.toml", Some(14)));
}

#[test]
fn a_timetable_that_goes_backwards_is_told() {
    let folder = starter();
    add_feed(folder.path(), &[("08:00:00", "08:10:00"), ("23:55:00", "00:05:00")]);
    let problems = problems(folder.path());
    assert_eq!(problems.len(), 1, "{problems:?}");
    let problem = &problems[0];
    assert_eq!(
        (problem.file.as_str(), problem.row, problem.found.as_str()),
        ("services/stop_times.txt", Some(5), "00:05:00")
    );
    edit(folder.path(), "services/stop_times.txt", "t1,00:05:00,00:05:00", "t1,24:05:00,24:05:00");
    assert_eq!(Scenario::read(folder.path()).unwrap().timetable.trips[1].calls[1].arrival_s(), 86_700.0);
}

#[test]
fn vehicles_that_cannot_be_are_told() {
    let folder = starter();
    add_feed(folder.path(), &[("08:00:00", "08:10:00")]);
    let services = "gtfs = \"services\"\nmin_headway_s = -1\nturnaround_s = 60\n\
                    [services.vehicles.bus]\nseats = 30\ndoors = 0\nboarding_s = 2\ncrowded = 0.5\n\
                    [services.vehicles.ghost]\nseats = 0\n\
                    [services.vehicle]\nL1 = \"buss\"\nL9 = \"bus\"\n";
    edit(folder.path(), "scenario.toml", "gtfs = \"services\"\n", services);
    let problems = problems(folder.path());
    let mut told: Vec<&str> = problems.iter().filter_map(|p| p.column.as_deref()).collect();
    told.sort_unstable();
    assert_eq!(
        told,
        [
            "services.min_headway_s",
            "services.vehicle.L1",
            "services.vehicle.L9",
            "services.vehicles.bus.crowded",
            "services.vehicles.bus.doors",
            "services.vehicles.ghost",
        ]
    );
    assert!(problems.iter().any(|p| p.hint.as_deref().is_some_and(|hint| hint.contains("\"bus\""))), "{problems:?}");
}

#[test]
fn a_stop_that_is_not_there_is_told_once_however_many_trips_call() {
    let folder = starter();
    add_feed(folder.path(), &[("8:00", "8:10"), ("9:00", "9:10"), ("10:00", "10:10")]);
    edit(folder.path(), "services/stops.txt", "B,Beta", "BB,Beta");
    let problems = problems(folder.path());
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].hint.as_deref(), Some("did you mean \"BB\"? 2 more rows say so"));
}

#[test]
fn ragged_rows_and_files_that_are_not_utf8_are_told() {
    let folder = starter();
    edit(folder.path(), "demand/zones.csv", ",4000,3500", ",4000");
    let schedule = folder.path().join("hubs/station_schedule.csv");
    let text = fs::read_to_string(&schedule).unwrap();
    // "Capital" in GBK would be bytes like these.
    let gbk: Vec<u8> = text.replace("Capital", "\u{1}").bytes().map(|b| if b == 1 { 0xB1 } else { b }).collect();
    fs::write(&schedule, gbk).unwrap();
    let problems = problems(folder.path());
    let told: Vec<(&str, Option<u32>)> = problems.iter().map(|p| (p.file.as_str(), p.row)).collect();
    assert_eq!(told, [("hubs/station_schedule.csv", Some(2)), ("demand/zones.csv", Some(3))]);
    assert_eq!((problems[1].found.as_str(), problems[1].wanted.as_str()), ("6 cells", "7 cells, as in the header"));
}

#[test]
fn a_column_with_a_slip_in_its_name_is_told() {
    let folder = starter();
    edit(folder.path(), "demand/zones.csv", "population,jobs", "poplation,jobs");
    let problems = problems(folder.path());
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].found, "unknown column \"poplation\"");
    assert_eq!(problems[0].hint.as_deref(), Some("did you mean \"population\"?"));
}

#[test]
fn wrong_types_and_wrong_syntax_of_toml_have_rows() {
    let folder = starter();
    edit(folder.path(), "scenario.toml", "iterations = 3", "iterations = \"three\"");
    edit(folder.path(), "hubs/station.toml", "kind = \"rail_station\"", "kind = \"railstation\"");
    let told: Vec<String> = problems(folder.path()).iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told[0].starts_with("scenario.toml:17 [run.iterations]: found \"three\", wanted a whole number"),
        "{}",
        told[0]
    );
    assert!(
        told[1].contains("hubs/station.toml:6 [kind]") && told[1].contains("did you mean \"rail_station\"?"),
        "{}",
        told[1]
    );

    edit(folder.path(), "scenario.toml", "[run]", "[run");
    let problems = problems(folder.path());
    assert_eq!((problems[0].file.as_str(), problems[0].row), ("scenario.toml", Some(14)));
}

#[test]
fn a_missing_key_of_a_hub_is_told_once() {
    let folder = starter();
    edit(folder.path(), "hubs/station.toml", "schedule = \"hubs/station_schedule.csv\"\n", "");
    edit(folder.path(), "hubs/station.toml", "district_id", "distrct_id");
    let columns: Vec<_> = problems(folder.path()).into_iter().map(|p| p.column.unwrap()).collect();
    assert_eq!(columns, ["schedule", "distrct_id"]);
}

#[test]
fn overrides_are_checked_like_the_file() {
    let folder = starter();
    let set = |key: &str, value: &str| Scenario::read_with(folder.path(), &[(key.to_owned(), value.to_owned())]);
    assert_eq!(set("run.seed", "7").unwrap().settings.run.seed, 7);
    assert_eq!(set("title", "Another town").unwrap().settings.title, "Another town");
    assert_eq!(set("choice.parking_cny", "4").unwrap().settings.choice.parking_cny, 4.0);
    let unknown = refused(set("run.smaple", "0.1"));
    assert_eq!((unknown.len(), unknown[0].file.as_str()), (1, "--set"));
    assert_eq!(unknown[0].hint.as_deref(), Some("did you mean \"sample\"?"));
    assert_eq!(refused(set("run.sample", "2"))[0].wanted, "a share in (0, 1]");
    assert_eq!(refused(set("run.seed.more", "2")).len(), 1);
    assert_eq!(
        refused(set("choice.constant_cny.bicycle", "2"))[0].column.as_deref(),
        Some("choice.constant_cny.bicycle")
    );
}

#[test]
fn mistakes_of_a_variant_are_told_at_once() {
    let folder = starter();
    let base = Scenario::read(folder.path()).unwrap();
    let unknown = refused(base.read_variant("wider_raod"));
    assert_eq!(unknown[0].hint.as_deref(), Some("did you mean \"wider_road\"?"));

    let write = |text: &str| fs::write(folder.path().join("variants/bad.toml"), text).unwrap();
    write(
        "title = \"bad\"\n\
         [[measure]]\nid = \"a\"\nkind = \"close_lnk\"\n\
         [[measure]]\nid = \"b\"\nkind = \"scale_services\"\nhub_id = \"station\"\nfactr = 2\n",
    );
    let told: Vec<String> = refused(base.read_variant("bad")).iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told[0].contains(":4 [measure[0].kind]") && told[0].contains("did you mean \"close_link\"?"),
        "{}",
        told[0]
    );
    assert!(told[1].contains(":9 [measure[1].factr]") && told[1].contains("did you mean \"factor\"?"), "{}", told[1]);

    write(
        "title = \"bad\"\n\
         [[measure]]\nid = \"a\"\nkind = \"close_link\"\nlinks = { ids = [\"nroth_road\"] }\n\
         [[measure]]\nid = \"b\"\nkind = \"scale_services\"\nhub_id = \"sation\"\nfactor = 2\n\
         [[measure]]\nid = \"c\"\nkind = \"set_link\"\nlinks = { facility_type = \"motorway\" }\nlanes = 0\n\
         [[measure]]\nid = \"d\"\nkind = \"set_process\"\nhub_id = \"station\"\nprocess = \"securty\"\nmean_s = 5\n\
         [[measure]]\nid = \"e\"\nkind = \"set_headway\"\nroute_id = \"L1\"\nheadway_s = 300\n",
    );
    let variant = base.read_variant("bad").unwrap();
    let problems = refused(base.apply(&variant));
    let told: Vec<(u32, &str)> = problems.iter().map(|p| (p.row.unwrap(), p.column.as_deref().unwrap())).collect();
    let wanted =
        [(2, "a.links.ids"), (6, "b.hub_id"), (11, "c.lanes"), (11, "c.links"), (16, "d.process"), (22, "e.route_id")];
    assert_eq!(told, wanted);
}

#[test]
fn a_closure_that_cuts_a_district_off_is_told() {
    let folder = starter();
    let base = Scenario::read(folder.path()).unwrap();
    let text = "title = \"cut\"\n[[measure]]\nid = \"a\"\nkind = \"close_link\"\nlinks = { name = \"North*\" }\n";
    fs::write(folder.path().join("variants/cut.toml"), text).unwrap();
    let problems = refused(base.apply(&base.read_variant("cut").unwrap()));
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].found.contains("district \"north\""));
}

#[test]
fn what_is_too_large_for_any_road_hub_or_setting_is_told_before_it_overflows() {
    let folder = starter();
    let sets = [
        ("network.capacity_factor", "1e9"),
        ("network.jam_density_pcu_km", "1"),
        ("choice.car_cny_km", "1e300"),
        ("choice.constant_cny.taxi", "-1e7"),
        ("run.gap", "2"),
    ];
    let sets = sets.map(|(key, value)| (key.to_owned(), value.to_owned()));
    let told = refused(Scenario::read_with(folder.path(), &sets));
    assert_eq!(told.len(), sets.len(), "{told:#?}");
    let cost = told.iter().find(|p| p.column.as_deref() == Some("choice.car_cny_km")).unwrap();
    assert_eq!(cost.wanted, "a number ≥ 0, at most 1,000,000");
    let links = folder.path().join("network/link.csv");
    let text = fs::read_to_string(&links).unwrap();
    let header = text.lines().next().unwrap().to_owned();
    let from_to: Vec<&str> = text.lines().nth(1).unwrap().split(',').collect();
    let place = |column: &str| header.split(',').position(|c| c == column).unwrap();
    let mut row: Vec<String> = from_to.iter().map(|c| (*c).to_owned()).collect();
    row[0] = "wide".into();
    row[place("lanes")] = "1e9".into();
    row[place("free_speed")] = "1e9".into();
    fs::write(&links, format!("{}\n{}\n", text.trim_end(), row.join(","))).unwrap();
    let told = problems(folder.path());
    let columns: Vec<&str> = told.iter().filter_map(|p| p.column.as_deref()).collect();
    assert_eq!(columns, ["free_speed", "lanes"], "{told:#?}");
}

#[test]
fn a_day_that_ends_before_it_starts_is_one_mistake() {
    let folder = starter();
    let sets = [("time.end".to_owned(), "00:00".to_owned()), ("time.start".to_owned(), "06:00".to_owned())];
    let told = refused(Scenario::read_with(folder.path(), &sets));
    assert_eq!(told.len(), 1, "{told:#?}");
    assert_eq!(told[0].column.as_deref(), Some("time.end"));
    // A short day leaves most services out: one problem for each schedule; and nobody serves in it.
    let sets = [("time.start".to_owned(), "00:00".to_owned()), ("time.end".to_owned(), "00:10".to_owned())];
    let told = refused(Scenario::read_with(folder.path(), &sets));
    let (told, servers): (Vec<_>, Vec<_>) = told.into_iter().partition(|p| p.file.ends_with(".csv"));
    assert!(servers.iter().all(|p| p.found.contains("no server from 00:00:00 to 00:10:00")), "{servers:#?}");
    let mut files: Vec<&str> = told.iter().map(|p| p.file.as_str()).collect();
    files.dedup();
    assert_eq!(files.len(), told.len(), "{told:#?}");
    assert!(told[0].hint.as_deref().is_some_and(|h| h.ends_with("more rows")), "{told:#?}");
}

#[test]
fn a_node_without_an_id_and_a_trip_from_nowhere_are_told_once() {
    let folder = starter();
    let nodes = folder.path().join("network/node.csv");
    let text = fs::read_to_string(&nodes).unwrap();
    let id = text.lines().nth(1).unwrap().split(',').next().unwrap().to_owned();
    fs::write(&nodes, text.replacen(&format!("\n{id},"), "\n,", 1)).unwrap();
    let told = problems(folder.path());
    assert_eq!(told.len(), 1, "{told:#?}");
    assert_eq!(told[0].to_string(), "network/node.csv:2 [node_id]: found nothing, wanted an id");
    fs::write(&nodes, text).unwrap();
    let link = fs::read_to_string(folder.path().join("network/link.csv")).unwrap();
    let link = link.lines().nth(1).unwrap().split(',').next().unwrap().to_owned();
    let head = "trip_id,departure_s,from_node_id,to_node_id,vehicle_class,route\n";
    fs::write(folder.path().join("trips.csv"), format!("{head}t,07:00,nowhere,{id},car,{link}\n")).unwrap();
    let told = refused(Scenario::read_with(folder.path(), &[("demand.trips".to_owned(), "trips.csv".to_owned())]));
    assert_eq!(told.len(), 1, "{told:#?}");
}

#[test]
fn the_configuration_of_the_network_is_one_row_of_known_columns() {
    let folder = starter();
    let file = folder.path().join("network/config.csv");
    fs::write(&file, "long_lenght,speed\nkm,kph\n").unwrap();
    let told = problems(folder.path());
    assert_eq!(told.len(), 1, "{told:#?}");
    assert_eq!(told[0].hint.as_deref(), Some("did you mean \"long_length\"?"));
    for (rows, found) in [("", "no row"), ("km,kph\nkm,mph\n", "a second row")] {
        fs::write(&file, format!("long_length,speed\n{rows}")).unwrap();
        let told = problems(folder.path());
        assert_eq!((told.len(), told[0].found.as_str()), (1, found), "{told:#?}");
    }
}
