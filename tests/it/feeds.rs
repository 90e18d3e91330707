//! Real GTFS feeds against what is known of them, and feeds that are torn: nothing panics, and every mistake is told.

use hubflow::Scenario;
use hubflow::error::{Error, Problem, Result};
use hubflow::network::Network;
use hubflow::scenario::read::gtfs::{HowRead, feeds};
use hubflow::scenario::settings::Faults;
use hubflow::scenario::tables::Timetable;
use hubflow::units::{Time, distance_m};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use zip::write::SimpleFileOptions;

/// A file of the shared data, where it is there.
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn data(file: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(file);
    if !path.is_file() {
        eprintln!("skipped: no {}", path.display());
        return None;
    }
    Some(path)
}

fn read(paths: &[&Path], date: Option<&str>, faults: Faults) -> Result<Timetable> {
    let how = HowRead { date: date.map(str::to_owned), faults, walk_mps: 1.3, about: true };
    feeds(&paths.iter().map(|p| p.to_string_lossy().into_owned()).collect::<Vec<_>>(), &how)
}

/// Rows of the files as the README of the data tells them, rows without a time, the date that is chosen, and trips on it.
#[test]
fn counts_of_real_feeds() {
    // Of Cairns Friday services come on top of those of weekdays, but Fridays are no candidates: 622 trips on a Wednesday.
    // Addison County: calendars of two and a half years one after the other, 330 trips in all.
    // The smallest feed has a service on Mondays from a Friday to a Sunday: it never runs, and is taken to run always.
    for (file, counts, blank, chosen, running) in [
        ("gtfs/cairns_gtfs.zip", [416, 22, 1_339, 37_790], 65, Some(20_140_527), 622),
        ("gtfs/addisoncounty-vt-us-gtfs.zip", [114, 11, 330, 4_712], 3_215, Some(20_160_303), 142),
        ("gtfs/fake-agency.zip", [2, 1, 1, 2], 0, None, 1),
        ("city-poa/poa_eptc.zip", [3_986, 115, 2_374, 130_019], 125_271, None, 2_374),
        ("city-poa/poa_trensurb.zip", [24, 2, 1_248, 14_855], 0, Some(20_190_305), 529),
    ] {
        let Some(path) = data(file) else { continue };
        let timetable = read(&[&path], None, Faults::Refuse).unwrap();
        let facts = &timetable.feeds.feeds[0];
        assert_eq!([facts.stops, facts.routes, facts.trips, facts.stop_times], counts, "{file}");
        assert_eq!((facts.blank_times, facts.running, timetable.trips.len()), (blank, running, running), "{file}");
        assert_eq!(timetable.feeds.chosen_date.as_ref().map(|c| c.date), chosen, "{file}");
        assert!(timetable.feeds.left_out.is_empty(), "{file}");
        // Whatever runs never goes back in time, and its way grows.
        for trip in &timetable.trips {
            assert!(trip.calls.is_sorted_by(|a, b| a.arrival_ms <= a.departure_ms && a.departure_ms <= b.arrival_ms));
            if let Some(way) = trip.way.map(|w| &timetable.ways[w as usize]) {
                assert!(way.len() == trip.calls.len() && way[0] == 0.0 && way.is_sorted(), "{}", trip.trip_id);
            }
        }
        // Faults left out are none.
        assert_eq!(read(&[&path], None, Faults::LeaveOut).unwrap(), timetable, "{file}");
    }
}

/// Every trip of Cairns against statistics that another program made of it: stops, start, end, duration, distance.
#[test]
fn cairns_trip_by_trip() {
    let (Some(feed), Some(stats)) = (data("gtfs/cairns_gtfs.zip"), data("gtfs/cairns_trip_stats.csv")) else { return };
    let text = fs::read_to_string(stats).unwrap();
    let known: BTreeMap<&str, Vec<&str>> =
        text.lines().skip(1).map(|row| row.split(',').collect::<Vec<_>>()).map(|cells| (cells[0], cells)).collect();
    let mut seen = BTreeMap::new();
    // A Friday, a Saturday and a Sunday run all services.
    for date in ["20140530", "20140531", "20140601"] {
        let timetable = read(&[&feed], Some(date), Faults::Refuse).unwrap();
        for trip in &timetable.trips {
            let cells = &known[trip.trip_id.as_str()];
            let (first, last) = (trip.calls[0], trip.calls[trip.calls.len() - 1]);
            assert_eq!(trip.calls.len().to_string(), cells[7], "{}", trip.trip_id);
            let clock = |cell: usize| Time::parse(cells[cell]).unwrap();
            assert_eq!((first.departure(), last.arrival()), (clock(8), clock(9)), "{}", trip.trip_id);
            let hours: f64 = cells[13].parse().unwrap();
            assert!((last.arrival().since(first.departure()) as f64 / 3.6e6 - hours).abs() < 1e-6, "{}", trip.trip_id);
            let kilometres: f64 = cells[14].parse().unwrap();
            let way = &timetable.ways[trip.way.expect("all trips have shapes") as usize];
            let ours = f64::from(way[way.len() - 1]) / 1e3;
            seen.insert(trip.trip_id.clone(), (ours, kilometres));
        }
    }
    assert_eq!(seen.len(), 1_339);
    let worst = seen.values().map(|(a, b)| (a - b).abs() / b).fold(0.0, f64::max);
    let off = seen.values().filter(|(a, b)| (a - b).abs() > 0.01 * b).count();
    assert!(off == 0, "{off} trips, up to {worst}");
}

/// Bus and rail of Porto Alegre run together; ids that both have get the name of their feed.
#[test]
fn two_feeds_of_one_city() {
    let (Some(bus), Some(rail)) = (data("city-poa/poa_eptc.zip"), data("city-poa/poa_trensurb.zip")) else { return };
    let both = read(&[&bus, &rail], None, Faults::Refuse).unwrap();
    assert_eq!((both.stops.len(), both.routes.len()), (3_986 + 24, 115 + 2));
    // The rail feed alone has services of Saturdays and Sundays, so a date is chosen on which both run.
    assert_eq!(both.trips.len(), 2_374 + 529);
    let ids: std::collections::BTreeSet<&str> = both.stops.iter().map(|s| s.stop_id.as_str()).collect();
    assert_eq!(ids.len(), both.stops.len());
    let last = both.trips.last().unwrap();
    assert!(last.calls.iter().all(|c| c.stop >= 3_986), "calls of the second feed are at its own stops");
}

/// A small feed with all kinds of tables, by file name.
fn small() -> BTreeMap<&'static str, String> {
    let mut files: BTreeMap<&str, String> = BTreeMap::new();
    let mut file = |name, text: &str| _ = files.insert(name, text.to_owned());
    file("agency.txt", "agency_name,agency_url,agency_timezone\nTown,http://t.example,UTC\n");
    file(
        "stops.txt",
        "stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station,level_id,zone_id\n\
         a,Alpha,23.00,113.0,0,S,low,1\nb,\"Beta, north\",23.01,113.0,,,,1\nc,Gamma,23.02,113.0,0,S,high,2\n\
         S,Station,23.01,113.0,1,,,\ne,Entrance,23.011,113.0,2,S,high,\nn,,,,3,S,high,\n",
    );
    file("routes.txt", "route_id,route_short_name,route_type,route_color\nR,1,1,FF0000\nB,2,3,\n");
    file(
        "calendar.txt",
        "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n\
         week,1,1,1,1,1,0,0,20260101,20261231\nsat,0,0,0,0,0,1,0,20260101,20261231\n",
    );
    file("calendar_dates.txt", "service_id,date,exception_type\nweek,20260101,2\nextra,20260106,1\n");
    file(
        "trips.txt",
        "route_id,service_id,trip_id,block_id,shape_id\nR,week,m,,s\nB,week,w,1,\nB,sat,x,1,\nB,extra,y,,\n",
    );
    file(
        "stop_times.txt",
        "trip_id,arrival_time,departure_time,stop_id,stop_sequence,pickup_type,drop_off_type\n\
         m,0:00:00,0:00:00,a,1,0,1\nm,,,b,2,,\nm,0:05:00,0:05:00,c,3,1,0\nw,8:00:00,8:00:00,a,1,,\n\
         w,24:20:00,24:20:00,c,3,,\nx,9:00:00,9:00:00,a,1,,\nx,9:20:00,9:20:00,c,2,,\ny,1:00:00,1:00:00,b,1,,\n\
         y,1:10:00,1:10:00,a,2,,\n",
    );
    file("frequencies.txt", "trip_id,start_time,end_time,headway_secs,exact_times\nm,6:00:00,7:00:00,600,0\n");
    file("transfers.txt", "from_stop_id,to_stop_id,transfer_type,min_transfer_time\nS,b,2,90\na,c,3,\n");
    file(
        "shapes.txt",
        "shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence\ns,23.0,113.0,0\ns,23.005,113.002,1\ns,23.01,113.0,2\ns,23.02,113.0,3\n",
    );
    file("levels.txt", "level_id,level_index\nlow,-1\nhigh,0\n");
    file(
        "pathways.txt",
        "pathway_id,from_stop_id,to_stop_id,pathway_mode,is_bidirectional,length,traversal_time\n\
         1,e,n,1,1,40,\n2,n,a,2,1,,\n3,n,c,1,0,,30\n",
    );
    file("fare_attributes.txt", "fare_id,price,currency_type,transfers\nf,2.5,CNY,0\n");
    file("fare_rules.txt", "fare_id,route_id\nf,R\n");
    files
}

/// A scenario of the feed, with faults refused or left out.
fn scenario(files: &BTreeMap<&'static str, String>) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("services")).unwrap();
    for (name, text) in files {
        fs::write(folder.path().join("services").join(name), text).unwrap();
    }
    let settings = "title = \"t\"\n[services]\ngtfs = \"services\"\n[services.capacity]\ndefault = 80\n";
    fs::write(folder.path().join("scenario.toml"), settings).unwrap();
    folder
}

/// Reads a scenario and builds its network; a feed that was read is whole.
fn built(folder: &Path, faults: &str) -> Result<(Scenario, Network)> {
    let sets = [("services.faults".to_owned(), faults.to_owned())];
    let scenario = Scenario::read_with(folder, &sets)?;
    for trip in &scenario.timetable.trips {
        assert!(trip.calls.len() > 1);
        assert!(trip.calls.iter().all(|c| (c.stop as usize) < scenario.timetable.stops.len()));
        assert!(trip.calls.is_sorted_by(|a, b| a.arrival_ms <= a.departure_ms && a.departure_ms <= b.arrival_ms));
    }
    let network = Network::build(&scenario).expect("a feed that was read has nothing wrong with it");
    Ok((scenario, network))
}

fn problems<T: std::fmt::Debug>(result: Result<T>) -> Vec<Problem> {
    match result {
        Err(Error::Problems(problems)) => problems,
        other => panic!("read although it has mistakes: {other:?}"),
    }
}

/// All that the tables of the small feed say, on the Tuesday with the most trips.
#[test]
fn a_feed_of_all_tables() {
    let folder = scenario(&small());
    let (read, network) = built(folder.path(), "refuse").unwrap();
    let chosen = read.timetable.feeds.chosen_date.clone().unwrap();
    assert_eq!(chosen.date, 20_260_106, "the day with an extra service");
    assert!(read.timetable.feeds.left_out.is_empty());
    let lines = &network.lines.lines;
    // Metro by headways, the bus, and the extra one the other way.
    assert_eq!(lines.iter().map(|l| (l.runs(), l.timed)).collect::<Vec<_>>(), [(6, false), (1, true), (1, true)]);
    assert_eq!((&lines[0].takes_on, &lines[0].lets_off), (&vec![true, true, false], &vec![false, true, true]));
    assert!(lines[1].takes_on.is_empty());
    // To b the shape bends to the east: two sides of √(555.98² + 204.71²) m = 592.47 m, 1,184.9 m; on to c 1,111.95 m.
    // Of 300 s 1,184.9 / 2,296.9 = 0.5159 are 154.8 s, so 155 s after 06:00.
    assert_eq!(lines[0].arrival(0, 1), Time::parse("06:02:35").unwrap());
    assert!((lines[0].chainage_m[1] - 1_184.9).abs() < 0.5, "{}", lines[0].chainage_m[1]);
    let straight_m = distance_m([113.0, 23.0], [113.0, 23.02]);
    assert!(lines[0].chainage_m[2] > straight_m && lines[1].chainage_m[1] == straight_m);
    // 90 s from the station's platforms to b are below the least change of 120 s. From a to c one cannot change; from c to
    // a no pathway leads, as that to c is one-way.
    let changes = |stop: usize| network.lines.transfers[stop].iter().map(|(to, ms)| (to.0, *ms)).collect::<Vec<_>>();
    assert_eq!(changes(0), [(1, 120_000)]);
    assert_eq!(changes(2), [(1, 120_000)]);
    assert_eq!(read.timetable.trips.iter().filter(|t| t.block_id.is_some()).count(), 1);
    assert_eq!(read.timetable.routes.iter().map(|r| r.fare).collect::<Vec<_>>(), [Some(2.5), None]);
    let sets =
        [("services.fares".to_owned(), "feed".to_owned()), ("services.fare_rate_cny".to_owned(), "2.0".to_owned())];
    let lines = Network::build(&Scenario::read_with(folder.path(), &sets).unwrap()).unwrap().lines.lines;
    assert_eq!((lines[0].fare_base_cny, lines[0].fare_per_km_cny, lines[1].fare_base_cny), (5.0, 0.0, 2.0));
}

/// Some feeds cut shapes off before the last stop: the shape that ends 333.6 m behind b would make the 1,111.9 m to c a hop
/// of a third. Straight ways hold then, for the time of b (half of 300 s) as well.
#[test]
fn a_shape_that_ends_before_the_last_stop_is_no_way() {
    let mut files = small();
    let cut = files["shapes.txt"].replace("s,23.02,113.0,3", "s,23.013,113.0,3");
    files.insert("shapes.txt", cut);
    let folder = scenario(&files);
    let (read, network) = built(folder.path(), "refuse").unwrap();
    let line = &network.lines.lines[0];
    let straight_m = distance_m([113.0, 23.0], [113.0, 23.01]);
    assert!((line.chainage_m[1] - straight_m).abs() < 1e-6 && (line.chainage_m[2] - 2.0 * straight_m).abs() < 1e-6);
    assert_eq!(line.arrival(0, 1), Time::parse("06:02:30").unwrap());
    assert!(read.timetable.trips[0].way.is_none());
}

/// Each mistake alone: refused with its file and row, or left out and told.
#[test]
fn each_fault_has_its_row_or_is_left_out() {
    for (file, from, to, row, column, left) in [
        ("stop_times.txt", "w,24:20:00,24:20:00,c,3", "w,7:20:00,7:20:00,c,3", 6, "arrival_time", 7),
        ("stop_times.txt", "m,,,b,2,,", "m,,,bee,2,,", 3, "stop_id", 8),
        ("stop_times.txt", "m,,,b,2,,", "m,25:61:00,,b,2,,", 3, "arrival_time", 8),
        ("stop_times.txt", "m,,,b,2,,", "mm,,,b,2,,", 3, "trip_id", 8),
        ("stop_times.txt", "m,,,b,2,,", "m,,,b,1,,", 3, "stop_sequence", 2),
        ("stop_times.txt", "m,,,b,2,,", "m,,,S,2,,", 3, "stop_id", 8),
        ("stop_times.txt", "m,,,b,2,,", "m,,,b,2,9,", 3, "pickup_type", 8),
        ("stops.txt", "b,\"Beta, north\",23.01", "b,\"Beta, north\",93.01", 3, "stop_lat", 7),
        ("trips.txt", "B,week,w,1,", "B,weak,w,1,", 3, "service_id", 7),
        ("trips.txt", "B,week,w,1,", "BB,week,w,1,", 3, "route_id", 7),
        ("frequencies.txt", "600,0", "0,0", 2, "headway_secs", 3),
        ("frequencies.txt", "m,6", "mmm,6", 2, "trip_id", 3),
        ("transfers.txt", "S,b,2", "S,bee,2", 2, "to_stop_id", 8),
        ("pathways.txt", "3,n,c,1,0,,30", "3,n,c,8,0,,30", 4, "pathway_mode", 8),
        ("calendar_dates.txt", "extra,20260106,1", "extra,20260106,3", 3, "exception_type", 7),
        ("shapes.txt", "s,23.005,113.002,1", "s,23.005,213.002,1", 3, "shape_pt_lon", 8),
        ("fare_rules.txt", "f,R", "ff,R", 2, "fare_id", 8),
    ] {
        let mut files = small();
        let text = files.get_mut(file).unwrap();
        assert!(text.contains(from), "{from}");
        *text = text.replace(from, to);
        let folder = scenario(&files);
        let told = problems(built(folder.path(), "refuse"));
        let first = (told.len(), told[0].file.as_str(), told[0].row, told[0].column.as_deref());
        assert_eq!(first, (1, format!("services/{file}").as_str(), Some(row), Some(column)), "{to}: {told:?}");
        let (read, network) = built(folder.path(), "leave_out").unwrap();
        assert!(!read.timetable.feeds.left_out.is_empty(), "{to}");
        assert_eq!(network.lines.departures, left, "{to}: {:?}", read.timetable.feeds.left_out);
    }
}

/// A date on which nothing runs, no calendar at all, a calendar without any day.
#[test]
fn empty_calendars_are_named() {
    let folder = scenario(&small());
    let sunday = [("services.date".to_owned(), "20260104".to_owned())];
    let told = problems(Scenario::read_with(folder.path(), &sunday));
    assert_eq!((told[0].file.as_str(), told[0].row), ("services/calendar.txt", Some(2)));
    assert_eq!(told[0].found, "no service that runs on 20260104");
    let mut files = small();
    files.remove("calendar.txt");
    files.remove("calendar_dates.txt");
    let told = problems(built(scenario(&files).path(), "leave_out"));
    assert_eq!((told.len(), told[0].found.as_str()), (1, "no such file"));
    let mut files = small();
    files.remove("calendar_dates.txt");
    let calendar = files.get_mut("calendar.txt").unwrap();
    *calendar = calendar.replace(",1", ",0");
    let trips = files.get_mut("trips.txt").unwrap();
    *trips = trips.replace("B,extra,y,,\n", "");
    let times = files.get_mut("stop_times.txt").unwrap();
    times.truncate(times.find("y,1:00").unwrap());
    let told = problems(built(scenario(&files).path(), "refuse"));
    assert_eq!((told.len(), told[0].row, told[0].found.as_str()), (1, Some(2), "no service that runs on any day"));
}

/// Marks of byte order, line ends of Windows, blanks around cells, commas at ends of rows, empty tables that may be
/// missing, a folder inside the zip file, and what macOS puts beside it.
#[test]
fn feeds_as_they_come() {
    let plain = built(scenario(&small()).path(), "refuse").unwrap().0.timetable;
    let mut files = small();
    for text in files.values_mut() {
        let rows: Vec<String> = text.lines().map(|row| format!("{},", row.replace(",0:0", ", 0:0 "))).collect();
        *text = format!("\u{feff}{}\r\n\r\n", rows.join("\r\n"));
    }
    files.insert("stop_times.txt", files["stop_times.txt"].replace(" 0:0 ", " 0:0"));
    let odd = built(scenario(&files).path(), "refuse").unwrap().0.timetable;
    assert_eq!((&odd.trips, &odd.stops, &odd.transfers), (&plain.trips, &plain.stops, &plain.transfers));

    let folder = scenario(&BTreeMap::new());
    let mut zip = zip::ZipWriter::new(fs::File::create(folder.path().join("feed.zip")).unwrap());
    for name in small().keys().copied().chain(["fare_leg_rules.txt"]) {
        for inside in ["__MACOSX/town/._", "town/deeper/", "town/"] {
            zip.start_file(format!("{inside}{name}"), SimpleFileOptions::default()).unwrap();
            let text = if inside == "town/" { small().get(name).cloned().unwrap_or_default() } else { "junk".into() };
            zip.write_all(text.as_bytes()).unwrap();
        }
    }
    zip.finish().unwrap();
    let sets = [("services.gtfs".to_owned(), "feed.zip".to_owned())];
    let zipped = Scenario::read_with(folder.path(), &sets).unwrap().timetable;
    assert_eq!((zipped.trips, zipped.stops), (plain.trips.clone(), plain.stops.clone()));

    let mut files = small();
    for name in ["frequencies.txt", "transfers.txt", "shapes.txt", "levels.txt", "pathways.txt", "fare_rules.txt"] {
        files.insert(name, String::new());
    }
    assert_eq!(built(scenario(&files).path(), "refuse").unwrap().1.lines.departures, 3);
}

/// The same feed twice is two feeds: every id gets the name of its feed, and nothing is counted twice.
#[test]
fn ids_that_collide_get_the_name_of_their_feed() {
    let folder = scenario(&small());
    fs::rename(folder.path().join("services"), folder.path().join("east")).unwrap();
    fs::create_dir(folder.path().join("west")).unwrap();
    for (name, text) in small() {
        fs::write(folder.path().join("west").join(name), text).unwrap();
    }
    let sets = [("services.gtfs".to_owned(), "[\"east\", \"west\"]".to_owned())];
    let read = Scenario::read_with(folder.path(), &sets).unwrap();
    let ids: Vec<&str> = read.timetable.stops.iter().map(|s| s.stop_id.as_str()).collect();
    assert_eq!(ids, ["east:a", "east:b", "east:c", "west:a", "west:b", "west:c"]);
    assert_eq!(read.timetable.routes[3].route_id, "west:B");
    assert_eq!(read.timetable.stops[5].parent.as_deref(), Some("west:S"));
    let lines = Network::build(&read).unwrap().lines;
    assert_eq!((lines.departures, lines.lines.len()), (16, 6));
}

/// A zip file of 80 MiB of zeros, one of a row that is repeated, headways that come to billions of calls.
#[test]
fn what_is_made_to_fill_memory_is_refused() {
    for row in ["0".to_owned(), "m,0:00:00,0:00:00,a,1,0,1\n".to_owned()] {
        let folder = scenario(&BTreeMap::new());
        let mut zip = zip::ZipWriter::new(fs::File::create(folder.path().join("feed.zip")).unwrap());
        for (name, text) in small() {
            zip.start_file(name, SimpleFileOptions::default()).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
            if name == "stop_times.txt" {
                let piece = row.repeat((1 << 20) / row.len());
                (0..80).for_each(|_| zip.write_all(piece.as_bytes()).unwrap());
            }
        }
        zip.finish().unwrap();
        let sets = [("services.gtfs".to_owned(), "feed.zip".to_owned())];
        let told = problems(Scenario::read_with(folder.path(), &sets));
        assert_eq!((told.len(), told[0].file.as_str()), (1, "feed.zip/stop_times.txt"), "{told:?}");
    }
    let mut files = small();
    let rows: String = (0..1_000).map(|i| format!("m,{i}:00:00,{}:00:00,1,0\n", i + 1)).collect();
    files.insert("frequencies.txt", format!("trip_id,start_time,end_time,headway_secs,exact_times\n{rows}"));
    let told = problems(built(scenario(&files).path(), "refuse"));
    assert!(told.iter().all(|p| p.file == "services/frequencies.txt"), "{told:?}");
}

/// One way to tear a table.
#[derive(Clone, Debug)]
enum Tear {
    Byte(usize, u8),
    Cut(usize, usize),
    Twice(usize, usize),
    Swap(usize, usize),
    Cell(usize, usize, &'static str),
    Column(usize, Option<&'static str>),
}

const NASTY: [&str; 16] = [
    "",
    "-1",
    "99999999999",
    "NaN",
    "25:61:00",
    "\"",
    "240:00:01",
    "S",
    "a",
    "1e308",
    "20261301",
    "0",
    "2",
    "\u{0}",
    "week",
    "7:59:59",
];

fn tear() -> impl Strategy<Value = Tear> {
    let at = 0..4_000usize;
    prop_oneof![
        (at.clone(), any::<u8>()).prop_map(|(at, byte)| Tear::Byte(at, byte)),
        (at.clone(), 1..60usize).prop_map(|(at, length)| Tear::Cut(at, length)),
        (at.clone(), 1..60usize).prop_map(|(at, length)| Tear::Twice(at, length)),
        (at.clone(), at.clone()).prop_map(|(a, b)| Tear::Swap(a, b)),
        (at.clone(), 0..10usize, prop::sample::select(&NASTY[..]))
            .prop_map(|(row, cell, with)| Tear::Cell(row, cell, with)),
        (0..10usize, prop::option::of(prop::sample::select(&NASTY[..])))
            .prop_map(|(column, with)| Tear::Column(column, with)),
    ]
}

fn torn(bytes: &[u8], tear: &Tear) -> Vec<u8> {
    let mut out = bytes.to_vec();
    let n = out.len();
    if n == 0 {
        return out;
    }
    let text = String::from_utf8_lossy(bytes).into_owned();
    let mut rows: Vec<Vec<String>> = text.lines().map(|r| r.split(',').map(str::to_owned).collect()).collect();
    let joined = |rows: Vec<Vec<String>>| rows.iter().map(|r| r.join(",") + "\n").collect::<String>().into_bytes();
    match *tear {
        Tear::Byte(at, byte) => out[at % n] = byte,
        Tear::Cut(at, length) => _ = out.drain(at % n..(at % n + length).min(n)),
        Tear::Twice(at, length) => {
            let piece = out[at % n..(at % n + length).min(n)].to_vec();
            out.splice(at % n..at % n, piece);
        }
        Tear::Swap(a, b) => {
            let n = rows.len();
            rows.swap(a % n, b % n);
            return joined(rows);
        }
        Tear::Cell(row, cell, with) => {
            let n = rows.len();
            let row = &mut rows[row % n];
            let n = row.len();
            row[cell % n] = with.to_owned();
            return joined(rows);
        }
        Tear::Column(column, with) => {
            let column = column % rows[0].len();
            for row in rows.iter_mut().filter(|r| r.len() > column) {
                match with {
                    Some(with) => row[column] = with.to_owned(),
                    None => _ = row.remove(column),
                }
            }
            return joined(rows);
        }
    }
    out
}

/// Reads a torn feed both ways: it ends with problems or with a timetable that is whole.
fn survives(folder: &Path) {
    for faults in ["refuse", "leave_out"] {
        match built(folder, faults) {
            Ok(_) => {}
            Err(Error::Problems(problems)) => assert!(!problems.is_empty()),
            Err(other) => panic!("{other}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn a_torn_feed_is_told_or_used(tears in prop::collection::vec((0..13usize, tear()), 1..4)) {
        let files = small();
        let folder = scenario(&files);
        let names: Vec<&str> = files.keys().copied().collect();
        for (file, tear) in &tears {
            let path = folder.path().join("services").join(names[file % names.len()]);
            fs::write(&path, torn(&fs::read(&path).unwrap(), tear)).unwrap();
        }
        survives(folder.path());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn a_torn_zip_file_is_told_or_used(tears in prop::collection::vec((any::<usize>(), any::<u8>()), 1..12), cut in any::<usize>()) {
        let folder = scenario(&BTreeMap::new());
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, text) in small() {
            zip.start_file(name, SimpleFileOptions::default()).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        let mut bytes = zip.finish().unwrap().into_inner();
        for (at, byte) in tears {
            let n = bytes.len();
            bytes[at % n] = byte;
        }
        if cut % 3 == 0 {
            bytes.truncate(cut / 3 % bytes.len());
        }
        fs::write(folder.path().join("feed.zip"), bytes).unwrap();
        fs::write(
            folder.path().join("scenario.toml"),
            "title = \"t\"\n[services]\ngtfs = \"feed.zip\"\n[services.capacity]\ndefault = 80\n",
        ).unwrap();
        survives(folder.path());
    }
}

/// Real feeds, torn in a few hundred places each.
#[test]
fn torn_real_feeds_are_told_or_used() {
    for file in ["gtfs/cairns_gtfs.zip", "gtfs/addisoncounty-vt-us-gtfs.zip", "city-poa/poa_trensurb.zip"] {
        let Some(path) = data(file) else { continue };
        let folder = scenario(&BTreeMap::new());
        let mut zip = zip::ZipArchive::new(fs::File::open(path).unwrap()).unwrap();
        let mut tables: Vec<(PathBuf, Vec<u8>)> = Vec::new();
        for i in 0..zip.len() {
            let mut entry = zip.by_index(i).unwrap();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            let name = entry.name().rsplit('/').next().unwrap().to_owned();
            tables.push((folder.path().join("services").join(name), bytes));
        }
        for round in 0..12u64 {
            // A generator of Lehmer's kind is as good as any here.
            let mut state = 0x9E37_79B9_7F4A_7C15u64.wrapping_mul(round + 1);
            let mut draw = |below: usize| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 33) as usize % below.max(1)
            };
            for (path, bytes) in &tables {
                let mut bytes = bytes.clone();
                if !bytes.is_empty() && draw(3) == 0 {
                    for _ in 0..draw(300) {
                        let at = draw(bytes.len());
                        bytes[at] = NASTY[draw(NASTY.len())].bytes().next().unwrap_or(b',');
                    }
                }
                fs::write(path, bytes).unwrap();
            }
            survives(folder.path());
        }
    }
}
