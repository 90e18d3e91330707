//! GTFS tables one by one, made by hand: what each says reaches the lines, the walks and the command line.

use assert_cmd::Command;
use hubflow::Scenario;
use hubflow::error::{Error, Problem};
use hubflow::ids::StopIx;
use hubflow::network::Network;
use hubflow::units::Time;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// Metres of 0.01° of latitude: 6,371,008.8 · π / 18,000.
const HUNDREDTH_M: f64 = 1_111.950_8;

/// Stops a, b, c every 0.01° to the north; line R with trip t at 08:00, 08:04 and 08:10; a service of every day.
fn town() -> BTreeMap<&'static str, String> {
    let calendar = "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n\
                    day,1,1,1,1,1,1,1,20260101,20261231\n";
    let times = "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n\
                 t,8:00:00,8:00:00,a,1\nt,8:04:00,8:04:00,b,2\nt,8:10:00,8:10:00,c,3\n";
    BTreeMap::from(
        [
            (
                "stops.txt",
                "stop_id,stop_name,stop_lat,stop_lon\na,Alpha,0.00,10.0\nb,Beta,0.01,10.0\nc,Gamma,0.02,10.0\n",
            ),
            ("routes.txt", "route_id,route_short_name,route_type\nR,1,3\n"),
            ("calendar.txt", calendar),
            ("trips.txt", "route_id,service_id,trip_id\nR,day,t\n"),
            ("stop_times.txt", times),
        ]
        .map(|(name, text)| (name, text.to_owned())),
    )
}

fn write(files: &BTreeMap<&'static str, String>, services: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("gtfs")).unwrap();
    for (name, text) in files {
        fs::write(folder.path().join("gtfs").join(name), text).unwrap();
    }
    let text = format!("title = \"t\"\n[services]\ngtfs = \"gtfs\"\n{services}\n[services.capacity]\ndefault = 80\n");
    fs::write(folder.path().join("scenario.toml"), text).unwrap();
    folder
}

fn network(files: &BTreeMap<&'static str, String>, services: &str) -> Network {
    Network::build(&Scenario::read(write(files, services).path()).unwrap()).unwrap()
}

fn problems(folder: &Path) -> Vec<Problem> {
    match Scenario::read(folder) {
        Err(Error::Problems(problems)) => problems,
        other => panic!("read although it has mistakes: {other:?}"),
    }
}

/// By the way travelled: b lies at 30 of 40 units, of which the shape has 10 a side of a detour of three sides.
#[test]
fn chainage_follows_the_way_that_the_feed_tells() {
    let mut files = town();
    files.insert("trips.txt", "route_id,service_id,trip_id,shape_id\nR,day,t,s\n".into());
    // From a to the east by 0.01°, north by 0.01°, back west to b, on to c: four sides of one hundredth of a degree.
    files.insert(
        "shapes.txt",
        "shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence,shape_dist_traveled\n\
         s,0.02,10.0,5,40\ns,0.00,10.0,1,0\ns,0.00,10.01,2,10\ns,0.01,10.01,3,20\ns,0.01,10.0,4,30\n"
            .into(),
    );
    files.insert(
        "stop_times.txt",
        "trip_id,arrival_time,departure_time,stop_id,stop_sequence,shape_dist_traveled\n\
         t,8:00:00,8:00:00,a,1,0\nt,,,b,2,30\nt,8:10:00,8:10:00,c,3,40\n"
            .into(),
    );
    let told = network(&files, "");
    let line = &told.lines.lines[0];
    // 600 s · 30/40 = 450 s.
    assert_eq!(line.arrival(0, 1), Time::parse("08:07:30").unwrap());
    for (metres, sides) in line.chainage_m.iter().zip([0.0, 3.0, 4.0]) {
        assert!((metres - sides * HUNDREDTH_M).abs() < 1.0, "{metres}");
    }
    // Without the way travelled the stops are laid onto the shape and lie in the same places.
    let times =
        files["stop_times.txt"].replace(",a,1,0", ",a,1,").replace(",b,2,30", ",b,2,").replace(",c,3,40", ",c,3,");
    files.insert("stop_times.txt", times);
    let laid = network(&files, "");
    for (a, b) in line.chainage_m.iter().zip(&laid.lines.lines[0].chainage_m) {
        assert!((a - b).abs() < 1.0, "{a} {b}");
    }
}

/// A loop passes a twice, and the way there and back leads along one road: stops keep their order.
#[test]
fn a_loop_is_no_trap_for_stops_on_a_shape() {
    let mut files = town();
    files.insert("trips.txt", "route_id,service_id,trip_id,shape_id\nR,day,t,s\n".into());
    files.insert(
        "shapes.txt",
        "shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence\ns,0.0,10.0,1\ns,0.02,10.0,2\ns,0.0,10.0,3\n".into(),
    );
    files.insert(
        "stop_times.txt",
        "trip_id,arrival_time,departure_time,stop_id,stop_sequence\nt,8:00:00,8:00:00,a,1\nt,8:02:00,8:02:00,b,2\n\
         t,8:04:00,8:04:00,c,3\nt,8:06:00,8:06:00,b,4\nt,8:08:00,8:08:00,a,5\n"
            .into(),
    );
    let line = &network(&files, "").lines.lines[0];
    for (metres, sides) in line.chainage_m.iter().zip([0.0, 1.0, 2.0, 3.0, 4.0]) {
        assert!((metres - sides * HUNDREDTH_M).abs() < 1.0, "{:?}", line.chainage_m);
    }
}

/// Headways that are a timetable and headways that are not, of one trip, are two lines.
#[test]
fn headways_are_kept_exactly_only_where_the_feed_says_so() {
    let mut files = town();
    files.insert(
        "frequencies.txt",
        "trip_id,start_time,end_time,headway_secs,exact_times\nt,6:00:00,7:00:00,1200,1\nt,7:00:00,7:30:00,600,0\n\
         t,24:00:00,24:10:00,600,\n"
            .into(),
    );
    let lines = network(&files, "").lines.lines;
    assert_eq!(lines.iter().map(|l| (l.timed, l.runs())).collect::<Vec<_>>(), [(true, 3), (false, 4)]);
    assert_eq!(lines[1].arrival(3, 2), Time::parse("24:10:00").unwrap());
}

/// 60 m to the stairs, 30 s on them: from entrance to platform 60 / 1.3 + 30 = 76.2 s. The lift takes 30 s for the wait
/// and 6 s for one level.
#[test]
fn pathways_stand_in_place_of_straight_walks_in_their_station() {
    let mut files = town();
    files.insert(
        "stops.txt",
        "stop_id,stop_lat,stop_lon,location_type,parent_station,level_id\na,0.000,10.0,0,S,low\nb,0.001,10.0,0,S,high\n\
         c,0.02,10.0,,,\nS,0.0,10.0,1,,\ndoor,0.005,10.0,2,S,high\nhall,,,3,S,high\n"
            .into(),
    );
    files.insert("levels.txt", "level_id,level_index\nlow,-1\nhigh,0\n".into());
    files.insert(
        "pathways.txt",
        "pathway_id,from_stop_id,to_stop_id,pathway_mode,is_bidirectional,length,traversal_time\n\
         1,door,hall,1,1,60,\n2,hall,a,2,1,,30\n3,a,b,5,0,,\n"
            .into(),
    );
    let folder = write(&files, "change_s = 10");
    fs::create_dir(folder.path().join("network")).unwrap();
    fs::write(folder.path().join("network/node.csv"), "node_id,x_coord,y_coord\n1,10.0,0.005\n2,10.0,0.006\n").unwrap();
    fs::write(folder.path().join("network/link.csv"), "link_id,from_node_id,to_node_id,directed\nl,1,2,0\n").unwrap();
    let lines = Network::build(&Scenario::read(folder.path()).unwrap()).unwrap().lines;
    // a to b by lift; the lift is one-way, and no other pathway leads from b: nobody changes from b to a.
    assert_eq!(lines.transfers[0], [(StopIx(1), 36_000)]);
    assert!(lines.transfers[1].is_empty());
    // From the node at the door: through it to a, 60 m / 1.3 m/s + 30 s = 76.2 s in tenths of a second, and to b by the
    // lift as well, 112.2 s. Straight it would be 0.005° or 556 m, 556 s.
    assert_eq!(lines.node_stops[0][..2], [(StopIx(0), 76_200), (StopIx(1), 112_200)]);
}

/// Fares by route, by zone where all rides of a route cost the same, and none where they do not.
#[test]
fn fares_that_come_to_one_price_are_used_on_request() {
    let mut files = town();
    files.insert("routes.txt", "route_id,route_short_name,route_type\nR,1,3\nQ,2,3\nP,3,3\n".into());
    files.insert("trips.txt", "route_id,service_id,trip_id\nR,day,t\nQ,day,q\nP,day,p\n".into());
    files.insert("stops.txt", "stop_id,stop_lat,stop_lon,zone_id\na,0.0,10.0,1\nb,0.01,10.0,1\nc,0.02,10.0,2\n".into());
    let times = files.get_mut("stop_times.txt").unwrap();
    times.push_str("q,9:00:00,9:00:00,a,1\nq,9:05:00,9:05:00,b,2\np,9:00:00,9:00:00,a,1\np,9:05:00,9:05:00,c,2\n");
    files.insert(
        "fare_attributes.txt",
        "fare_id,price,currency_type,payment_method,transfers\nnear,2,EUR,0,\nfar,3,EUR,0,\nflat,4,EUR,0,0\n".into(),
    );
    // Q stays in zone 1; P leaves it, and what a ride costs depends on its ends.
    files.insert("fare_rules.txt", "fare_id,route_id,origin_id,destination_id\nnear,,1,1\nfar,,1,2\nflat,R,,\n".into());
    let fares = |services: &str| {
        network(&files, services).lines.lines.iter().map(|l| (l.fare_base_cny, l.fare_per_km_cny)).collect::<Vec<_>>()
    };
    let settings = (2.0, 0.15);
    assert_eq!(fares(""), [settings; 3]);
    // Zones of R differ as well: its own flat fare of 4 beside those by zone is not one price.
    assert_eq!(fares("fares = \"feed\"\nfare_rate_cny = 8.0"), [settings, (16.0, 0.0), settings]);
    files.insert("fare_rules.txt", "fare_id,route_id\nflat,R\n".into());
    // Fares without rules hold everywhere; of several the lowest.
    let fares = network(&files, "fares = \"feed\"\nfare_rate_cny = 3.0").lines.lines;
    assert_eq!(fares.iter().map(|l| l.fare_base_cny).collect::<Vec<_>>(), [6.0, 6.0, 6.0]);
}

/// Rows are those of an editor, with line ends of Windows, blank lines and cells of several lines before them.
#[test]
fn rows_are_counted_as_an_editor_counts() {
    for end in ["\n", "\r\n"] {
        let mut files = town();
        let text =
            "stop_id,stop_name,stop_lat,stop_lon\n\na,\"Al\npha\",0.0,10.0\n\n\nb,Beta,95,10.0\nc,Gamma,0.02,x\n";
        files.insert("stops.txt", text.replace('\n', end));
        let rows: Vec<(Option<u32>, Option<String>)> =
            problems(write(&files, "").path()).into_iter().map(|p| (p.row, p.column)).collect();
        assert_eq!(rows, [(Some(7), Some("stop_lat".into())), (Some(8), Some("stop_lon".into()))], "{end:?}");
    }
}

/// Two calendars one after the other and one of Sundays: not all services at once, but the busiest working day.
#[test]
fn a_date_is_chosen_where_calendars_overlap() {
    let mut files = town();
    let head = "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n";
    // From 1 June 2026 (a Monday) the summer has two trips; the school bus runs on Thursdays, but not on the first.
    files.insert(
        "calendar.txt",
        format!(
            "{head}spring,1,1,1,1,1,0,0,20260101,20260531\nsummer,1,1,1,1,1,0,0,20260601,20260930\n\
             sunday,0,0,0,0,0,0,1,20260101,20260930\nschool,0,0,0,1,0,0,0,20260601,20260930\n"
        ),
    );
    files.insert("calendar_dates.txt", "service_id,date,exception_type\nschool,20260604,2\n".into());
    let trips = "R,spring,t\nR,summer,u\nR,summer,v\nR,sunday,w\nR,sunday,x\nR,sunday,y\nR,sunday,z\nR,school,s\n";
    files.insert("trips.txt", format!("route_id,service_id,trip_id\n{trips}"));
    let times = files.get_mut("stop_times.txt").unwrap();
    for trip in ["u", "v", "w", "x", "y", "z", "s"] {
        times.push_str(&format!("{trip},9:00:00,9:00:00,a,1\n{trip},9:10:00,9:10:00,b,2\n"));
    }
    let folder = write(&files, "");
    let timetable = Scenario::read(folder.path()).unwrap().timetable;
    // Thursday, 11 June: two of the summer and the school bus; a Sunday would have four.
    let chosen = timetable.feeds.chosen_date.unwrap();
    assert_eq!((chosen.date, timetable.trips.len()), (20_260_611, 3));
    assert!(chosen.why.ends_with("3 of 8"), "{}", chosen.why);
    let sets = [("services.date".to_owned(), "20260607".to_owned())];
    assert_eq!(Scenario::read_with(folder.path(), &sets).unwrap().timetable.trips.len(), 4, "a Sunday on request");
}

fn hubflow(arguments: &[&str], folder: &Path) -> (i32, String, String) {
    let output = Command::cargo_bin("hubflow").unwrap().args(arguments).current_dir(folder).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// From a feed to a scenario, its counts, and a journey in it: by id, by name, from a point on the map.
#[test]
fn a_feed_is_imported_checked_and_travelled_in() {
    let folder = write(&town(), "");
    let at = folder.path();
    let (code, out, words) = hubflow(&["import", "gtfs", "gtfs", "--out", "town", "--format", "json"], at);
    assert_eq!(code, 0, "{words}");
    let told: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&told["departures"], &told["services"]["feeds"][0]["stop_times"]), (&1.into(), &3.into()));
    let (code, out, words) = hubflow(&["check", "town"], at);
    assert_eq!((code, out.as_str()), (0, ""), "{words}");
    assert!(words.contains("feed services/gtfs: 3 stops, 1 routes, 1 trips, 3 stop_times"), "{words}");
    assert!(words.contains("no problems"), "{words}");
    // A point 0.0005° or 55.6 m south of c: 55.6 · 1.3 / 1.3 s = 55.6 s on foot.
    for (from, to, arrival) in
        [("a", "c", "08:10:00"), ("Alpha", "Gamma", "08:10:00"), ("10.0,0.0", "10.0,0.0195", "08:10:55")]
    {
        let arguments = ["route", "town", "--from", from, "--to", to, "--at", "07:55", "--mode", "transit"];
        let (code, out, words) = hubflow(&[&arguments[..], &["--format", "json"]].concat(), at);
        assert_eq!(code, 0, "{words}");
        let told: serde_json::Value = serde_json::from_str(&out).unwrap();
        let told = told["journeys"][0]["arrival"].as_str().unwrap().split('.').next().unwrap().to_owned();
        assert_eq!(told, arrival);
    }
    let (code, _, words) = hubflow(&["route", "town", "--from", "11.0,1.0", "--to", "c", "--at", "07:55"], at);
    assert!(code == 1 && words.contains("lon,lat within 5 km of a stop"), "{words}");
    // A day on which nothing runs, and a date that is none.
    for (date, told) in [("20270101", "calendar.txt:2"), ("2026131", "--date")] {
        let (code, _, words) = hubflow(&["import", "gtfs", "gtfs", "--out", "none", "--date", date], at);
        assert!(code == 1 && words.contains(told), "{words}");
        assert!(!at.join("none").exists(), "nothing is written");
    }
}
