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
