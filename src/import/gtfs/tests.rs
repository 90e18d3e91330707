//! A feed imported and read again.

use super::*;
use crate::scenario::Scenario;

/// A feed of a metro line by headways and a bus, that runs on weekdays or on Saturdays.
fn feed(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    let file = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
    file(
        "agency.txt",
        "agency_name,agency_url,agency_timezone\n\"Town | Transit\",http://town.example,Asia/Shanghai\n",
    );
    file(
        "stops.txt",
        "stop_id,stop_name,stop_lat,stop_lon\na,Alpha,23.00,113.0\nb,Beta,23.01,113.0\nc,Gamma,23.02,113.0\n",
    );
    file("routes.txt", "route_id,route_short_name,route_type\nmetro \"M\",M,1\nb1,1,3\nb2,2,3\n");
    file(
        "calendar.txt",
        "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n\
         week,1,1,1,1,1,0,0,20260101,20261231\nsat,0,0,0,0,0,1,0,20260101,20261231\n",
    );
    file("trips.txt", "route_id,service_id,trip_id\n\"metro \"\"M\"\"\",week,m\nb1,week,w\nb1,sat,s\n");
    file(
        "stop_times.txt",
        "trip_id,arrival_time,departure_time,stop_id,stop_sequence\nm,0:00:00,0:00:00,a,1\nm,0:05:00,0:05:00,c,2\n\
         w,8:00:00,8:00:00,a,1\nw,,,b,2\nw,24:20:00,24:20:00,c,3\ns,9:00:00,9:00:00,a,1\ns,9:20:00,9:20:00,c,2\n",
    );
    file("frequencies.txt", "trip_id,start_time,end_time,headway_secs\nm,6:00:00,7:00:00,600\n");
}

#[test]
fn an_imported_feed_is_a_sound_scenario_of_services_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (from, out) = (folder.path().join("town"), folder.path().join("out"));
    feed(&from);
    let imported = import(std::slice::from_ref(&from), &out, None, Faults::Refuse).unwrap();
    // Six departures of the metro and the bus of weekdays.
    assert_eq!((imported.departures, imported.copies.as_slice()), (7, ["services/town".to_owned()].as_slice()));
    let facts = &imported.services.feeds[0];
    let counts = (facts.stops, facts.routes, facts.trips, facts.stop_times, facts.blank_times, facts.running);
    assert_eq!(counts, (3, 3, 3, 7, 1, 2));
    let scenario = Scenario::read(&out).unwrap();
    let services = scenario.settings.services.clone().unwrap();
    // The first Tuesday, Wednesday or Thursday of 2026 is Thursday, 1 January.
    assert_eq!(services.date.as_deref(), Some("20260101"));
    assert_eq!((services.capacity["default"], services.capacity["metro \"M\""]), (80, 1_000));
    assert_eq!(scenario.settings.time.end, "25:00", "the bus comes at 24:20");
    assert_eq!((scenario.nodes.len(), scenario.timetable.trips.len()), (0, 2));
    assert!(fs::read_to_string(out.join("SOURCES.md")).unwrap().contains("Town   Transit (http://town.example)"));
    // Into the same folder again, and from a feed that is not there.
    assert!(import(std::slice::from_ref(&from), &out, None, Faults::Refuse).is_err());
    assert!(import(&[folder.path().join("none.zip")], &folder.path().join("new"), None, Faults::LeaveOut).is_err());
}

#[test]
fn faults_are_told_with_file_and_row_or_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let (from, out) = (folder.path().join("town"), folder.path().join("out"));
    feed(&from);
    let times = from.join("stop_times.txt");
    let text = fs::read_to_string(&times)
        .unwrap()
        .replace("w,8:00:00,8:00:00,a,1", "w,8:00:00,8:00:00,nowhere,1\nw,8:01:00,8:01:00,a,2");
    fs::write(&times, text.replace("w,,,b,2", "w,,,b,3").replace("c,3", "c,4")).unwrap();
    let Err(Error::Problems(problems)) = import(std::slice::from_ref(&from), &out, None, Faults::Refuse) else {
        panic!("a stop is not there")
    };
    let told = (problems.len(), problems[0].row, problems[0].column.as_deref(), problems[0].found.as_str());
    assert_eq!(told, (1, Some(4), Some("stop_id"), "unknown \"nowhere\""));
    let imported = import(std::slice::from_ref(&from), &out, Some("20260107"), Faults::LeaveOut).unwrap();
    assert_eq!((imported.departures, imported.services.left_out.len()), (7, 1));
    assert!(imported.services.left_out[0].contains("1 row of"), "{:?}", imported.services.left_out);
    assert_eq!(Scenario::read(&out).unwrap().timetable.trips[1].calls.len(), 3);
}

/// The feed with a table changed, imported with faults refused or left out.
fn changed(file: &str, changes: &[(&str, &str)], faults: Faults) -> Result<Imported> {
    let folder = tempfile::tempdir().unwrap();
    let from = folder.path().join("town");
    feed(&from);
    let mut text = fs::read_to_string(from.join(file)).unwrap_or_default();
    for (old, new) in changes {
        assert!(text.contains(old), "{old}");
        text = text.replace(old, new);
    }
    fs::write(from.join(file), text).unwrap();
    import(&[from], &folder.path().join("out"), None, faults)
}

fn told(result: Result<Imported>) -> Vec<Problem> {
    match result {
        Err(Error::Problems(problems)) => problems,
        other => panic!("read although it has mistakes: {other:?}"),
    }
}

#[test]
fn what_vanishes_with_faulty_rows_is_told_and_a_row_counts_once() {
    let left_out = |file, changes: &[_]| changed(file, changes, Faults::LeaveOut).unwrap().services.left_out;
    // The bus goes back in time: one row, and its trip.
    let lines = left_out("stop_times.txt", &[("24:20:00,24:20:00", "7:20:00,7:20:00")]);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("/stop_times.txt for its arrival_time, and 1 trip with it; the first is"), "{lines:?}");
    // Both times of a row in the middle are wrong, which is one row, and its trip goes on without it.
    let lines = left_out("stop_times.txt", &[("w,,,b", "w,x,y,b")]);
    assert!(lines.len() == 1 && lines[0].starts_with("left out: 1 row of"), "{lines:?}");
    assert!(!lines[0].contains("with it"), "{lines:?}");
    // A trip without service and without route is one row.
    let lines = left_out("trips.txt", &[("b1,week,w", "b9,weak,w")]);
    assert!(lines.iter().any(|line| line.starts_with("left out: 1 row of")), "{lines:?}");
    assert!(!lines.iter().any(|line| line.contains("route_id")), "{lines:?}");
    // Both trips of bus 1 go with its route; beta is a stop of one call.
    let lines = left_out("routes.txt", &[("b1,1,3", "b1,1,1800")]);
    assert!(lines[0].contains("for its route_type, and 2 trips with it"), "{lines:?}");
    let lines = left_out("stops.txt", &[("b,Beta,23.01", "b,Beta,93.01")]);
    assert!(lines[0].contains("for its stop_lat, and 1 call with it"), "{lines:?}");
}

#[test]
fn where_nothing_is_left_the_cause_is_told() {
    let routes = [("M,1\n", "M,1800\n"), ("b1,1,3", "b1,1,x")];
    let problems = told(changed("routes.txt", &routes, Faults::LeaveOut));
    let causes = problems.iter().filter(|p| p.column.as_deref() == Some("route_type"));
    assert_eq!(causes.map(|p| p.row).collect::<Vec<_>>(), [Some(2), Some(3)], "{problems:?}");
    for faults in [Faults::LeaveOut, Faults::Refuse] {
        let problems = told(changed("calendar.txt", &[("20260101", "20261301")], faults));
        assert!(!problems.iter().any(|p| p.to_string().contains("1970")), "{problems:?}");
        let bad = problems.iter().filter(|p| p.column.as_deref() == Some("start_date") && p.found == "\"20261301\"");
        assert_eq!(bad.count(), 2, "{problems:?}");
    }
}

#[test]
fn odd_values_are_noted_and_absurd_ones_refused() {
    let notes = |file, changes: &[_]| changed(file, changes, Faults::Refuse).unwrap().services.notes.join("\n");
    // Alpha is 2,224 m from gamma: 5 s are 1,601 km/h.
    let text = notes("stop_times.txt", &[("m,0:05:00,0:05:00", "m,0:00:05,0:00:05")]);
    assert!(text.contains("/stop_times.txt:3: a section of more than 1,200 km/h"), "{text}");
    // 7 s are 1,144 km/h.
    assert_eq!(notes("stop_times.txt", &[("m,0:05:00,0:05:00", "m,0:00:07,0:00:07")]), "");
    let text = notes("stops.txt", &[("Beta", "Be\0ta")]);
    assert!(text.contains("/stops.txt:3: a NUL character, in 1 rows"), "{text}");
    let shaped = [("trip_id", "trip_id,shape_id"), (",m\n", ",m,none\n"), (",w\n", ",w,\n"), (",s\n", ",s,\n")];
    let text = notes("trips.txt", &shaped);
    assert!(text.contains("/trips.txt:2: shape_id \"none\", which shapes.txt does not have"), "{text}");
    let problems = told(changed("stop_times.txt", &[(",", ";")], Faults::Refuse));
    assert!(problems[0].hint.as_deref().is_some_and(|h| h.contains("separated by commas")), "{problems:?}");
    let problems = told(changed("stop_times.txt", &[("b,2", "b,99999999999")], Faults::Refuse));
    assert_eq!(problems[0].wanted, "a whole number from 0 to 4,294,967,295");
}

#[test]
fn headways_that_would_fill_memory_are_told_with_their_row() {
    // 864,000 departures of 2 calls in ten days of seconds: 11 rows are 19.0 million calls, the twelfth is too much.
    let rows = "m,0:00:00,240:00:00,1\n".repeat(12);
    let problems = told(changed("frequencies.txt", &[("m,6:00:00,7:00:00,600\n", &rows)], Faults::Refuse));
    let of_calls: Vec<&Problem> = problems.iter().filter(|p| p.column.as_deref() == Some("headway_secs")).collect();
    assert_eq!((of_calls.len(), of_calls[0].row), (1, Some(13)), "{problems:?}");
    assert_eq!(of_calls[0].found, "\"1\", 1728000 calls after 19008000");
}

#[test]
fn a_name_that_is_no_utf_8_is_kept_and_noted() {
    let folder = tempfile::tempdir().unwrap();
    let (from, out) = (folder.path().join("town"), folder.path().join("out"));
    feed(&from);
    let bytes = fs::read(from.join("stops.txt")).unwrap();
    let at = bytes.windows(4).position(|w| w == b"Beta").unwrap();
    fs::write(from.join("stops.txt"), [&bytes[..at], b"B\xE9ta", &bytes[at + 4..]].concat()).unwrap();
    assert!(import(std::slice::from_ref(&from), &out, None, Faults::Refuse).is_err());
    let services = import(&[from], &out, None, Faults::LeaveOut).unwrap().services;
    assert_eq!((services.left_out.len(), services.notes.len(), services.feeds[0].stops), (0, 1, 3));
    assert!(services.notes[0].contains("/stops.txt:3: found byte 0xE9"), "{:?}", services.notes);
}
