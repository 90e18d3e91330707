//! Reading through the public face: units, defaults, directions, calendars, blank times.

use crate::error::{Error, Problem};
use crate::scenario::Scenario;
use crate::scenario::tables::GtfsTrip;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// A scenario of two nodes and the links of a table.
fn network(config: Option<&str>, links: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("network")).unwrap();
    let file = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    file("scenario.toml", "title = \"two nodes\"\n");
    file("network/node.csv", "node_id,x_coord,y_coord\n1,113.0,23.0\n2,113.0,23.1\n");
    file("network/link.csv", links);
    if let Some(config) = config {
        file("network/config.csv", config);
    }
    folder
}

/// The same with a feed: stop times as given, one trip `t` of a service that runs on Mondays.
fn feed(stop_times: &str) -> TempDir {
    let folder = network(None, "link_id,from_node_id,to_node_id\na,1,2\n");
    fs::create_dir(folder.path().join("gtfs")).unwrap();
    let file = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    file("scenario.toml", "title = \"a feed\"\n[services]\ngtfs = \"gtfs\"\n");
    // B lies a quarter of the way from A to C.
    file(
        "gtfs/stops.txt",
        "stop_id,stop_lat,stop_lon,location_type,parent_station\n\
         A,23.00,113.0,,S\nB,23.01,113.0,0,\nC,23.04,113.0,,S\nS,23.02,113.0,1,\n",
    );
    file("gtfs/routes.txt", "route_id,route_type,route_long_name\nL,1,Long name\n");
    file("gtfs/trips.txt", "route_id,service_id,trip_id\nL,mondays,t\n");
    file(
        "gtfs/calendar.txt",
        "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n\
         mondays,1,0,0,0,0,0,0,20250101,20251231\n",
    );
    file("gtfs/stop_times.txt", stop_times);
    folder
}

const WHOLE: &str = "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n\
                     t,8:00:00,8:00:30,A,1\nt,,,B,5\nt,08:10:30,08:10:30,C,9\n";

fn trip(folder: &Path) -> GtfsTrip {
    Scenario::read(folder).unwrap().timetable.trips[0].clone()
}

fn problems(folder: &Path) -> Vec<Problem> {
    match Scenario::read(folder) {
        Err(Error::Problems(problems)) => problems,
        other => panic!("read although it has mistakes: {other:?}"),
    }
}

#[test]
fn miles_and_miles_per_hour_become_metres_and_metres_per_second() {
    let links = "link_id,from_node_id,to_node_id,directed,length,free_speed\na,1,2,1,2,30\n";
    let folder = network(Some("long_length,speed\nmile,mph\n"), links);
    let link = &Scenario::read(folder.path()).unwrap().links[0];
    // 2 · 1,609.344 m; 30 · 0.44704 m/s.
    assert_eq!((link.length_m, link.free_speed_mps), (3_218.688, 13.4112));
}

#[test]
fn a_two_way_row_is_two_links_and_the_second_one_runs_its_shape_backwards() {
    let links = "link_id,from_node_id,to_node_id,directed,geometry,facility_type\n\
                 a,1,2,0,\"LINESTRING (113.0 23.0, 113.1 23.02, 113.1 23.08, 113.0 23.1)\",primary\n";
    let folder = network(None, links);
    let read = Scenario::read(folder.path()).unwrap().links;
    assert_eq!((read.len(), read[1].link_id.as_str(), read[1].from_node_id.as_str()), (2, "a_r", "2"));
    assert_eq!(read[0].shape, [[113.1, 23.02], [113.1, 23.08]]);
    assert_eq!(read[1].shape, [[113.1, 23.08], [113.1, 23.02]]);
    // Along the shape: 0.06° of latitude are 6,672 m; twice √(10,235² + 2,224²) ≈ 10,474 m.
    assert!((read[0].length_m - 27_620.0).abs() < 20.0, "{}", read[0].length_m);
    // Defaults of a primary road.
    let defaults = (read[0].lanes, read[0].capacity_pcu_h_lane, (read[0].free_speed_mps * 3.6).round());
    assert_eq!(defaults, (2.0, 900.0, 60.0));
}

#[test]
fn allowed_uses_are_split_and_translated() {
    let links = "link_id,from_node_id,to_node_id,allowed_uses,lanes\na,1,2,\"car, Walk;bike\",1\nb,2,1,ped,0\nc,1,2,,1\nd,1,2,all,1\n";
    let folder = network(None, links);
    let uses: Vec<[bool; 3]> = Scenario::read(folder.path())
        .unwrap()
        .links
        .iter()
        .map(|l| [l.uses().car, l.uses().truck, l.uses().walk])
        .collect();
    assert_eq!(uses, [[true, false, true], [false, false, true], [true; 3], [true; 3]]);
    fs::write(folder.path().join("network/link.csv"), "link_id,from_node_id,to_node_id,allowed_uses\na,1,2,atuo\n")
        .unwrap();
    assert_eq!(problems(folder.path())[0].hint.as_deref(), Some("did you mean \"auto\"?"));
}

#[test]
fn blank_times_are_filled_by_distance_or_by_the_way_travelled() {
    let folder = feed(WHOLE);
    // From 08:00:30 to 08:10:30 are 600 s; B lies at a quarter of the way: 08:03:00.
    assert_eq!(trip(folder.path()).calls[1].arrival_s(), 8.0 * 3600.0 + 180.0);
    let folder = feed(
        "trip_id,arrival_time,departure_time,stop_id,stop_sequence,shape_dist_traveled\n\
         t,8:00:00,8:00:30,A,1,100\nt,,,B,5,200\nt,8:10:30,8:10:30,C,9,300\n",
    );
    assert_eq!(trip(folder.path()).calls[1].departure_s(), 8.0 * 3600.0 + 330.0);
}

#[test]
fn services_run_on_their_days_and_exceptions() {
    let folder = feed(WHOLE);
    let on = |date: &str| {
        let sets = [("services.date".to_owned(), date.to_owned())];
        Scenario::read_with(folder.path(), &sets).map(|s| s.timetable.trips.len())
    };
    assert_eq!(on("20250929").unwrap(), 1, "a Monday");
    let Err(Error::Problems(problems)) = on("20250930") else { panic!("nothing runs on a Tuesday") };
    assert_eq!(problems[0].found, "no service that runs on 20250930");
    assert!(matches!(on("20250931"), Err(Error::Problems(p)) if p.len() == 1 && p[0].wanted == "a date YYYYMMDD"));
    let dates = "service_id,date,exception_type\nmondays,20250930,1\nmondays,20250929,2\n";
    fs::write(folder.path().join("gtfs/calendar_dates.txt"), dates).unwrap();
    assert_eq!(on("20250930").unwrap(), 1, "added");
    assert!(on("20250929").is_err(), "taken out");
}

#[test]
fn a_transfer_at_a_station_is_one_between_its_stops() {
    let folder = feed(WHOLE);
    let transfers = "from_stop_id,to_stop_id,transfer_type,min_transfer_time\nS,B,2,90\nA,B,3,\n";
    fs::write(folder.path().join("gtfs/transfers.txt"), transfers).unwrap();
    let read = Scenario::read(folder.path()).unwrap().timetable.transfers;
    let pairs: Vec<(&str, &str, Option<f64>)> =
        read.iter().map(|t| (t.from_stop_id.as_str(), t.to_stop_id.as_str(), t.min_s)).collect();
    assert_eq!(pairs, [("A", "B", Some(90.0)), ("C", "B", Some(90.0)), ("A", "B", None)]);
    assert!(read[2].forbidden && !read[0].forbidden);
}

#[test]
fn headways_that_overlap_are_told() {
    let folder = feed(WHOLE);
    let text = "trip_id,start_time,end_time,headway_secs\nt,06:00:00,09:00:00,300\nt,08:59:00,24:30:00,600\n";
    fs::write(folder.path().join("gtfs/frequencies.txt"), text).unwrap();
    let problems = problems(folder.path());
    assert_eq!((problems.len(), problems[0].row, problems[0].found.as_str()), (1, Some(3), "08:59:00"));
}

#[test]
fn a_zipped_feed_is_the_same_timetable() {
    let folder = feed(WHOLE);
    let plain = Scenario::read(folder.path()).unwrap().timetable;
    let mut zip = zip::ZipWriter::new(fs::File::create(folder.path().join("feed.zip")).unwrap());
    for name in ["stops", "routes", "trips", "calendar", "stop_times"] {
        zip.start_file(format!("inner/{name}.txt"), zip::write::SimpleFileOptions::default()).unwrap();
        let bytes = fs::read(folder.path().join(format!("gtfs/{name}.txt"))).unwrap();
        std::io::Write::write_all(&mut zip, &bytes).unwrap();
    }
    zip.finish().unwrap();
    let sets = [("services.gtfs".to_owned(), "feed.zip".to_owned())];
    let zipped = Scenario::read_with(folder.path(), &sets).unwrap();
    assert_eq!((&zipped.timetable.trips, &zipped.timetable.stops), (&plain.trips, &plain.stops));
    assert!(zipped.digests.iter().any(|(file, _)| file == "feed.zip"));
}

#[test]
fn a_trip_is_told_when_its_route_or_its_end_does_not_hang_together() {
    let folder = network(None, "link_id,from_node_id,to_node_id,allowed_uses\na,1,2,auto\n");
    fs::write(folder.path().join("scenario.toml"), "title = \"trips\"\n[demand]\ntrips = \"trips.csv\"\n").unwrap();
    let head = "trip_id,departure_s,from_node_id,to_node_id,vehicle_class,route\n";
    let write = |rows: &str| fs::write(folder.path().join("trips.csv"), format!("{head}{rows}")).unwrap();
    write("good,07:00,1,2,car,a\n");
    assert_eq!(Scenario::read(folder.path()).unwrap().trips.departure_s(0), 25_200.0);
    write("t1,0,2,1,car,a\nt2,0,1,2,truck,a\nt3,0,1,2,car,b\nt4,0,1,2,cart,\nt5,31:00,1,2,car,\n");
    let told: Vec<(u32, String)> =
        problems(folder.path()).into_iter().map(|p| (p.row.unwrap(), p.column.unwrap())).collect();
    let wanted = [(2, "route"), (3, "route"), (4, "route"), (5, "vehicle_class"), (6, "departure_s")];
    assert_eq!(told, wanted.map(|(row, column)| (row, column.to_owned())));
    write("back,0,2,1,car,\n");
    assert_eq!(problems(folder.path())[0].found, "node \"1\", which cannot be reached from \"2\"");
}

#[test]
fn resolved_settings_read_as_the_same_settings() {
    let folder = feed(WHOLE);
    let sets = [("run.seed".to_owned(), "7".to_owned()), ("services.capacity.L".to_owned(), "1860".to_owned())];
    let read = Scenario::read_with(folder.path(), &sets).unwrap();
    fs::write(folder.path().join("scenario.toml"), read.resolved_toml()).unwrap();
    assert_eq!(Scenario::read(folder.path()).unwrap().settings, read.settings);
}

#[test]
fn digests_change_with_the_files() {
    let folder = feed(WHOLE);
    let before = Scenario::read(folder.path()).unwrap().digests;
    assert!(before.is_sorted() && before.len() == 8, "{before:?}");
    fs::write(folder.path().join("gtfs/routes.txt"), "route_id,route_type\nL,2\n").unwrap();
    let after = Scenario::read(folder.path()).unwrap().digests;
    let changed: Vec<&str> = before.iter().zip(&after).filter(|(a, b)| a != b).map(|(a, _)| a.0.as_str()).collect();
    assert_eq!(changed, ["gtfs/routes.txt"]);
}
