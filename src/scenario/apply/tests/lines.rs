//! Measures on lines: new ones by times or speeds, expresses and short turns, headways of real-feed shapes, fares.

use super::{applied, base, variant};
use crate::scenario::Scenario;
use crate::scenario::hubs::{ChainFile, ChainScope, ChainUser, HubStop};
use crate::scenario::init::init;
use crate::scenario::settings::Fares;
use crate::scenario::tables::{Call, GtfsTrip};
use std::fs;
use tempfile::TempDir;

/// Stops with seconds of arrival and departure after the first departure.
fn stays(scenario: &Scenario, id: &str) -> Vec<(String, f64, f64)> {
    let trip = trip(scenario, id);
    let begin = trip.calls[0].departure_s();
    let stop = |c: &Call| scenario.timetable.stops[c.stop as usize].stop_id.clone();
    trip.calls.iter().map(|c| (stop(c), c.arrival_s() - begin, c.departure_s() - begin)).collect()
}

fn trip<'a>(scenario: &'a Scenario, id: &str) -> &'a GtfsTrip {
    scenario.timetable.trips.iter().find(|t| t.trip_id == id).unwrap_or_else(|| panic!("no trip {id}"))
}

fn named(stays: &[(&str, f64, f64)]) -> Vec<(String, f64, f64)> {
    stays.iter().map(|&(stop, arrival, departure)| (stop.to_owned(), arrival, departure)).collect()
}

/// A line of four new stops each 0.01° of latitude apart (1,111.95 m), with patterns given in TOML.
fn line_of_four(patterns: &str) -> String {
    let stop = |k: usize| format!("{{ stop_id = \"S{k}\", lon = 113.3, lat = {} }}", 23.0 + 0.01 * k as f64);
    let stops: Vec<String> = (0..4).map(stop).collect();
    format!(
        "[[measure]]\nid = \"new\"\nkind = \"add_line\"\nroute_id = \"R\"\nname = \"New\"\ncapacity = 100\n\
         stops = [{}]\n{patterns}",
        stops.join(", ")
    )
}

#[test]
fn a_new_line_needs_only_stops_a_speed_and_a_headway() {
    // 1,111.95 m at 40 km/h (11.11 m/s) take 100.08 s: the stops are reached after 100, 200 and 300 s of driving; 30 s at
    // each of the two between make it 100, 230 and 360 s.
    let pattern =
        "[[measure.patterns]]\nspeed_kmh = 40\ndwell_s = 30\nfirst = \"06:00\"\nlast = \"22:00\"\nheadway_s = 600\n";
    let (_, changed) = applied(&line_of_four(pattern));
    let there = [("S0", 0.0, 0.0), ("S1", 100.0, 130.0), ("S2", 230.0, 260.0), ("S3", 360.0, 360.0)];
    assert_eq!(stays(&changed, "R:0:0"), named(&there));
    let back = [("S3", 0.0, 0.0), ("S2", 100.0, 130.0), ("S1", 230.0, 260.0), ("S0", 360.0, 360.0)];
    assert_eq!(stays(&changed, "R:0:1"), named(&back));
    let headway = &trip(&changed, "R:0:0").headways[0];
    assert_eq!((headway.start_s, headway.end_s, headway.headway_s), (21_600.0, 79_201.0, 600.0));
}

#[test]
fn an_express_passes_stops_and_a_short_turn_runs_a_part() {
    let patterns = "[[measure.patterns]]\nspeed_kmh = 40\ndwell_s = 30\nfirst = \"06:00\"\nlast = \"22:00\"\nheadway_s = 600\n\
                    [[measure.patterns]]\nspeed_kmh = 40\nskips = [\"S1\"]\nfirst = \"06:00\"\nlast = \"22:00\"\nheadway_s = 600\n\
                    [[measure.patterns]]\nskips = [\"S1\", \"S2\"]\nskip_saves_s = 20\nboth_ways = false\n\
                    headways = [{ from = \"07:00\", to = \"09:00\", headway_s = 300 }, { from = \"17:00\", to = \"19:00\", headway_s = 400 }]\n\
                    [[measure.patterns]]\nfrom_stop = \"S1\"\nto_stop = \"S2\"\nfirst = \"06:00\"\nlast = \"22:00\"\nheadway_s = 600\n";
    let (_, changed) = applied(&line_of_four(patterns));
    // Without a stay the express needs 200 s for two stops' way and 100 s more.
    let express = [("S0", 0.0, 0.0), ("S2", 200.0, 200.0), ("S3", 300.0, 300.0)];
    assert_eq!(stays(&changed, "R:1:0"), named(&express));
    // In the times of the first pattern, 360 s: each stop passed saves its stay of 30 s and 20 s more: 260 s.
    assert_eq!(stays(&changed, "R:2:0"), named(&[("S0", 0.0, 0.0), ("S3", 260.0, 260.0)]));
    assert!(!changed.timetable.trips.iter().any(|t| t.trip_id == "R:2:1"), "one way only");
    let periods: Vec<_> = trip(&changed, "R:2:0").headways.iter().map(|h| (h.start_s, h.end_s, h.headway_s)).collect();
    assert_eq!(periods, [(25_200.0, 32_400.0, 300.0), (61_200.0, 68_400.0, 400.0)]);
    // From the departure of S1, after 130 s, to the arrival at S2 after 230 s.
    assert_eq!(stays(&changed, "R:3:0"), named(&[("S1", 0.0, 0.0), ("S2", 100.0, 100.0)]));
    assert_eq!(stays(&changed, "R:3:1"), named(&[("S2", 0.0, 0.0), ("S1", 100.0, 100.0)]));
}

#[test]
fn mistakes_of_patterns_are_told_together() {
    let patterns = "[[measure.patterns]]\nfirst = \"06:00\"\nlast = \"05:00\"\nheadway_s = 600\n\
                    [[measure.patterns]]\nspeed_kmh = 0\ndwell_s = -1\nheadway_s = 0\n\
                    [[measure.patterns]]\nspeed_kmh = 40\nskips = [\"S0\", \"S9\"]\nfrom_stop = \"S3\"\nto_stop = \"S1\"\n\
                    headways = [{ from = \"09:00\", to = \"07:00\", headway_s = 300 }]\nfirst = \"06:00\"\n\
                    [[measure.patterns]]\ncalls = [{ stop_id = \"S0\", after_s = 0 }, { stop_id = \"S1\", after_s = 0 }]\nspeed_kmh = 40\n\
                    first = \"06:00\"\nlast = \"22:00\"\nheadway_s = 600\n";
    let (folder, base) = base();
    let measures = line_of_four(patterns).replace("capacity = 100", "capacity = 0\nroute_type = 1900");
    let told = base.apply(&variant(folder.path(), &base, &measures)).expect_err("many mistakes").to_string();
    for problem in [
        "[new.capacity]: found 0",
        "[new.route_type]: found 1900",
        "[new.patterns[0].last]: found \"05:00\"",
        "[new.patterns[0].speed_kmh]: found neither calls with times nor a speed",
        "[new.patterns[1].first]: found none",
        "[new.patterns[1].headway_s]: found 0",
        "[new.patterns[1].speed_kmh]: found 0",
        "[new.patterns[1].dwell_s]: found -1",
        "[new.patterns[2].first]: found headways beside it",
        "[new.patterns[2].headways[0].to]: found \"07:00\"",
        "[new.patterns[2].skips]: found unknown \"S9\"",
        "[new.patterns[3].speed_kmh]: found calls beside it",
        "[new.patterns[3].calls]: found 0 at \"S1\"",
    ] {
        assert!(told.contains(problem), "{problem} in\n{told}");
    }
}

/// The starter with line R as real feeds have it: platforms of both ways have ids of their own and share a name, all
/// trips have direction 0, departures are written one by one. Every third vehicle out turns short at Beta.
fn feed() -> (TempDir, Scenario) {
    let folder = tempfile::tempdir().unwrap();
    init(folder.path()).unwrap();
    let settings = folder.path().join("scenario.toml");
    let text = fs::read_to_string(&settings).unwrap();
    let services = "[services]\ngtfs = \"services\"\ncapacity = { default = 80 }\n\n[hubs]";
    fs::write(settings, text.replace("[hubs]", services)).unwrap();
    fs::create_dir_all(folder.path().join("services")).unwrap();
    let file = |name: &str, text: &str| fs::write(folder.path().join("services").join(name), text).unwrap();
    file(
        "stops.txt",
        "stop_id,stop_name,stop_lat,stop_lon\na1,Alpha,23.24,113.30\nb1,Beta,23.22,113.306\nc1,Gamma,23.20,113.312\n\
         a2,Alpha,23.24,113.30\nb2,Beta,23.22,113.306\nc2,Gamma,23.20,113.312\n",
    );
    file("routes.txt", "route_id,route_short_name,route_type\nR,Real,3\n");
    file("calendar_dates.txt", "service_id,date,exception_type\nday,20250929,1\n");
    let (mut trips, mut times) = (String::from("route_id,service_id,trip_id\n"), String::new());
    let mut add = |id: String, start: u32, stops: &[&str]| {
        trips.push_str(&format!("R,day,{id}\n"));
        for (k, stop) in stops.iter().enumerate() {
            // Ten minutes between stops, two minutes' stay.
            let clock = |minute: u32| format!("{:02}:{:02}:00", minute / 60, minute % 60);
            let arrival = start + 12 * k as u32;
            times.push_str(&format!("{id},{},{},{stop},{k}\n", clock(arrival), clock(arrival + 2)));
        }
    };
    for k in 0..9 {
        let out: &[&str] = if k % 3 == 2 { &["a1", "b1"] } else { &["a1", "b1", "c1"] };
        add(format!("out{k}"), 480 + 20 * k, out);
        add(format!("back{k}"), 490 + 20 * k, &["c2", "b2", "a2"]);
    }
    file("trips.txt", &trips);
    file("stop_times.txt", &format!("trip_id,arrival_time,departure_time,stop_id,stop_sequence\n{times}"));
    let scenario = Scenario::read(folder.path()).unwrap();
    (folder, scenario)
}

#[test]
fn stop_sequences_of_one_way_make_the_headway_together() {
    let (folder, base) = feed();
    let measure = "[[measure]]\nid = \"a\"\nkind = \"set_headway\"\nroute_id = \"R\"\nheadway_s = 600\n";
    let changed = base.apply(&variant(folder.path(), &base, measure)).unwrap();
    let first_of = |t: &GtfsTrip| changed.timetable.stops[t.calls[0].stop as usize].stop_id.as_str();
    let of = |stops: usize, first: &str| {
        let mut found = changed.timetable.trips.iter().filter(|t| t.calls.len() == stops && first_of(t) == first);
        let trip = found.next().unwrap();
        assert!(found.next().is_none(), "one trip by headways is left");
        trip.headways[0].clone()
    };
    // Of nine vehicles out six run through: every 600·9/6 = 900 s; three turn short: every 1,800 s. Together 1/900 + 1/1,800
    // is one in 600 s. All nine back run through: every 600 s.
    assert_eq!([of(3, "a1"), of(2, "a1"), of(3, "c2")].map(|h| h.headway_s), [900.0, 1_800.0, 600.0]);
    // The first departs at 08:02, the last that runs through at 10:22.
    assert_eq!((of(3, "a1").start_s, of(3, "a1").end_s), (28_920.0, 37_321.0));
}

#[test]
fn an_express_is_put_onto_a_line_both_ways_over_its_other_platforms() {
    let (folder, base) = feed();
    let measure = "[[measure]]\nid = \"x\"\nkind = \"add_pattern\"\nroute_id = \"R\"\n\
                   [measure.pattern]\nskips = [\"b1\"]\nskip_saves_s = 60\nfirst = \"07:00\"\nlast = \"09:00\"\nheadway_s = 900\n";
    let changed = base.apply(&variant(folder.path(), &base, measure)).unwrap();
    // Gamma is reached 22 min after Alpha is left; without Beta's stay of 2 min and 1 min more it is 19 min.
    assert_eq!(stays(&changed, "R:x:0"), named(&[("a1", 0.0, 0.0), ("c1", 1_140.0, 1_140.0)]));
    assert_eq!(stays(&changed, "R:x:1"), named(&[("c2", 0.0, 0.0), ("a2", 1_140.0, 1_140.0)]));
    assert_eq!(changed.timetable.trips.len(), base.timetable.trips.len() + 2);
    let told = variant(folder.path(), &base, measure).tell(&base);
    assert_eq!(told, ["x: adds to line R (Real) a pattern of all stops but 1 every 900 s from 07:00 to 09:00"]);
}

#[test]
fn a_short_turn_names_its_stops_in_either_order() {
    let (folder, base) = feed();
    let measure = |stops: &str| {
        format!(
            "[[measure]]\nid = \"x\"\nkind = \"add_pattern\"\nroute_id = \"R\"\n\
             [measure.pattern]\n{stops}\nboth_ways = false\nfirst = \"07:00\"\nlast = \"09:00\"\nheadway_s = 900\n"
        )
    };
    let of = |stops: &str| {
        let changed = base.apply(&variant(folder.path(), &base, &measure(stops))).unwrap();
        stays(&changed, "R:x:0")
    };
    // Ten minutes' way without the stays at the ends.
    assert_eq!(of("from_stop = \"Beta\"\nto_stop = \"Gamma\""), named(&[("b1", 0.0, 0.0), ("c1", 600.0, 600.0)]));
    assert_eq!(of("from_stop = \"Gamma\"\nto_stop = \"Beta\""), named(&[("c2", 0.0, 0.0), ("b2", 600.0, 600.0)]));
    let wrong = base.apply(&variant(folder.path(), &base, &measure("from_stop = \"Bteta\"\nskips = [\"Gamma\"]")));
    let told = wrong.expect_err("two mistakes").to_string();
    assert!(told.contains("[x.pattern.from_stop]: found unknown \"Bteta\""), "{told}");
    assert!(told.contains("[x.pattern.skips]: found \"c1\", the last stop"), "{told}");
}

#[test]
fn fares_are_set_for_a_line_and_for_all() {
    let (folder, base) = feed();
    let measures = "[[measure]]\nid = \"one\"\nkind = \"set_fare\"\nroute_id = \"R\"\nbase_cny = 5\nper_km_cny = 0\n";
    let one = base.apply(&variant(folder.path(), &base, measures)).unwrap().settings.services.unwrap();
    assert_eq!((one.fare_base_by_route_cny["R"], one.fare_per_km_by_route_cny["R"]), (5.0, 0.0));
    let told = variant(folder.path(), &base, measures).tell(&base);
    assert_eq!(told, ["one: sets the fare of line R (Real) to 5 yuan a ride, 0 yuan a kilometre (now 2 and 0.15)"]);
    let then = format!("{measures}[[measure]]\nid = \"all\"\nkind = \"set_fare\"\nbase_cny = 3\n");
    let all = base.apply(&variant(folder.path(), &base, &then)).unwrap().settings.services.unwrap();
    // What all lines pay holds for the one as well; the fare by kilometre stays.
    assert_eq!((all.fare_base_cny, all.fare_base_by_route_cny.len(), all.fare_per_km_by_route_cny["R"]), (3.0, 0, 0.0));
    // A fare of the feed gives way; what is not set stays as it was: 4 units of 1.5 yuan a ride, nothing by kilometre.
    let mut by_feed = base.clone();
    by_feed.timetable.routes[0].fare = Some(4.0);
    let services = by_feed.settings.services.as_mut().unwrap();
    (services.fares, services.fare_rate_cny) = (Fares::Feed, 1.5);
    let measure = "[[measure]]\nid = \"km\"\nkind = \"set_fare\"\nroute_id = \"R\"\nper_km_cny = 0.2\n";
    let changed = by_feed.apply(&variant(folder.path(), &base, measure)).unwrap();
    let services = changed.settings.services.unwrap();
    assert_eq!(changed.timetable.routes[0].fare, None);
    assert_eq!((services.fare_base_by_route_cny["R"], services.fare_per_km_by_route_cny["R"]), (6.0, 0.2));
    let wrong = "[[measure]]\nid = \"w\"\nkind = \"set_fare\"\nroute_id = \"Q\"\n";
    let told = base.apply(&variant(folder.path(), &base, wrong)).expect_err("two mistakes").to_string();
    assert!(told.contains("neither base_cny nor per_km_cny") && told.contains("unknown \"Q\""), "{told}");
}

#[test]
fn a_removed_line_leaves_no_capacity_and_no_fare_behind() {
    let (folder, base) = feed();
    let measures = "[[measure]]\nid = \"one\"\nkind = \"set_fare\"\nroute_id = \"R\"\nbase_cny = 5\nper_km_cny = 0\n\
                    [[measure]]\nid = \"gone\"\nkind = \"remove_line\"\nroute_id = \"R\"\n";
    // Its gate in a hub goes as well: a stop without routes would have gates for all lines.
    let mut gated = base.clone();
    gated.hubs[0].access.stops.push(HubStop {
        stop_id: "a1".into(),
        walk_s: 60.0,
        board_chain: Some("in".into()),
        alight_chain: None,
        routes: vec!["R".into()],
    });
    let (id, user, scope) = (Some("in".into()), ChainUser::Boarding, ChainScope::Any);
    gated.hubs[0].chains.push(ChainFile { id, user, scope, terminal: None, steps: Vec::new() });
    let changed = gated.apply(&variant(folder.path(), &base, measures)).unwrap();
    assert!(changed.timetable.trips.is_empty() && changed.timetable.routes.is_empty());
    assert_eq!(changed.settings, base.settings);
    assert_eq!(changed.hubs[0].access.stops[0].board_chain, None);
}
