//! `hubflow route`: one journey, in words and in JSON.

use assert_cmd::Command;
use serde_json::Value;
use std::path::Path;

fn scenario(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(name).display().to_string()
}

fn route(arguments: &[&str]) -> (i32, String, String) {
    let output = Command::cargo_bin("hubflow").unwrap().arg("route").args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn json(arguments: &[&str]) -> Value {
    let (code, out, words) = route(&[arguments, &["--format", "json"]].concat());
    assert_eq!(code, 0, "{words}");
    serde_json::from_str(&out).unwrap()
}

#[test]
fn the_drive_to_the_station_of_the_corridor_worked_by_hand() {
    // README of the scenario: 300 s on the town road, 20 s on the kerb, 60 s on foot to the hall: 07:36:20.
    // Someone alone at 19 yuan/h: 320 s are 1.689 yuan, 60 s on foot at double weight 0.633; 6.2 km at 0.8 yuan and
    // parking at the hub for 10 are 14.96 paid. 17.282 in all. A taxi: 12 + 6.2 · 2.6 = 28.12 paid.
    let corridor = scenario("corridor");
    let told = json(&[&corridor, "--from", "home", "--to", "station", "--at", "07:30", "--mode", "car,taxi"]);
    assert_eq!(
        (&told["from"]["kind"], &told["to"]["kind"], &told["to"]["name"]),
        (&"node".into(), &"hub".into(), &"Station".into())
    );
    let car = &told["journeys"][0];
    assert_eq!(
        (&car["mode"], &car["departure"], &car["arrival"]),
        (&"car".into(), &"07:30:00".into(), &"07:36:20".into())
    );
    let near = |x: &Value, y: f64| assert!((x.as_f64().unwrap() - y).abs() < 1e-3, "{x} is not {y}");
    near(&car["time_s"], 380.0);
    near(&car["distance_m"], 6_200.0);
    near(&car["cost_cny"], 17.282);
    near(&car["money_cny"], 14.96);
    near(&told["journeys"][1]["money_cny"], 28.12);
    let drive = &car["legs"][0];
    assert_eq!(drive["links"], serde_json::json!(["in", "kerb"]));
    assert_eq!(drive["roads"][0]["name"], "Town road");
    near(&drive["roads"][1]["time_s"], 20.0);
    assert_eq!((&car["legs"][1]["mode"], &car["legs"][1]["time_s"]), (&"walk".into(), &60.0.into()));
}

#[test]
fn all_modes_are_compared_and_those_that_do_not_lead_there_say_why() {
    let corridor = scenario("corridor");
    let (code, out, words) = route(&[&corridor, "--from", "node:home", "--to", "Station", "--at", "7:30"]);
    assert_eq!((code, out.as_str()), (0, ""), "{words}");
    for told in [
        "from node home to hub station (Station) at 07:30:00, roads: free flow",
        "car: 07:30:00 → 07:36:20, 6 min 20 s, 6.2 km, 14.96 yuan paid",
        "    Town road, 6.0 km, 5 min 00 s",
        "walk: 07:30:00 → ",
        "cycle: 07:30:00 → ",
        "transit: none, no stop is within reach of node home",
        "truck: none, trucks do not come to Station",
    ] {
        assert!(words.contains(told), "{told}\nis not in\n{words}");
    }
    // Nothing at all is no answer.
    let (code, _, words) = route(&[&corridor, "--from", "home", "--to", "station", "--at", "7:30", "--mode", "truck"]);
    assert_eq!(code, 1, "{words}");
}

#[test]
fn places_that_are_not_there_are_told_both_at_once_with_what_may_be_meant() {
    let corridor = scenario("corridor");
    let (code, _, words) = route(&[&corridor, "--from", "hoem", "--to", "hub:staton", "--at", "07:30"]);
    assert_eq!(code, 1);
    assert!(words.contains("2 problems"), "{words}");
    assert!(
        words.contains(
            "--from: found \"hoem\", wanted the id of a hub, stop, zone or node, or lon,lat (did you mean \"home\"?)"
        ),
        "{words}"
    );
    assert!(words.contains("--to: found \"hub:staton\", wanted the id of a hub (did you mean"), "{words}");
    let (code, _, words) = route(&[&corridor, "--from", "120,30", "--to", "home", "--at", "07:30"]);
    assert!(
        code == 1 && words.contains("lon,lat within 5 km of a road of the scenario (the nearest, node "),
        "{words}"
    );
    // Eight o'clock is not 8 seconds after midnight.
    for at in ["7:3x", "8"] {
        let (code, _, words) = route(&[&corridor, "--from", "home", "--to", "fork", "--at", at]);
        assert!(code == 2 && words.contains("HH:MM"), "{words}");
    }
    let (code, _, words) = route(&[&corridor, "--from", "23.1,113.3", "--to", "home", "--at", "07:30"]);
    assert!(code == 1 && words.contains("longitude first"), "{words}");
}

#[test]
fn a_journey_needs_two_places_and_a_moment_of_the_day() {
    let corridor = scenario("corridor");
    let (code, _, words) = route(&[&corridor, "--from", "home", "--to", "node:home", "--at", "07:30"]);
    assert!(
        code == 1 && words.contains("--to: found \"node:home\", where the journey begins, wanted another place"),
        "{words}"
    );
    // The day of the scenario is 07:00 to 11:00.
    let (code, _, words) = route(&[&corridor, "--from", "home", "--to", "station", "--at", "25:00"]);
    let told = "--at: found \"25:00:00\", wanted a moment of the day of the scenario, from 07:00:00 until 11:00:00";
    assert!(code == 1 && words.contains(told), "{words}");
    // The day of `baiyun` passes midnight.
    let late = json(&[&scenario("baiyun"), "--from", "CAN", "--to", "GZS", "--at", "25:30", "--mode", "car"]);
    assert_eq!(late["journeys"][0]["departure"], "25:30:00");
}

#[test]
fn a_journey_by_metro_tells_lines_stops_and_waits() {
    let baiyun = scenario("baiyun");
    let told = json(&[&baiyun, "--from", "113.25,23.2", "--to", "hub:CAN", "--at", "08:00", "--mode", "transit"]);
    let journey = &told["journeys"][0];
    let legs = journey["legs"].as_array().unwrap();
    let rides: Vec<&Value> = legs.iter().filter(|leg| leg["mode"] == "transit").collect();
    assert!(
        !rides.is_empty() && rides.iter().all(|ride| ride["line"].is_string() && ride["fare_cny"].as_f64() > Some(0.0))
    );
    // Legs follow each other without a gap: the journey is as long as its legs and waits.
    let sum: f64 = legs.iter().map(|leg| leg["time_s"].as_f64().unwrap() + leg["wait_s"].as_f64().unwrap_or(0.0)).sum();
    assert!((sum - journey["time_s"].as_f64().unwrap()).abs() < 1e-6);
    for pair in legs.windows(2) {
        assert_eq!(pair[0]["to"], pair[1]["from"]);
        assert!(pair[0]["arrival"].as_str() <= pair[1]["departure"].as_str());
    }
}

#[test]
fn the_roads_of_a_finished_run_are_entered_after_its_waits_at_the_origin() {
    // README of the scenario: the queue stands before its only road. The wait of who sets out rises by β/(1 − β) = 1.56 min
    // a minute up to 58.3 min at 6:55:42, while s/(1 − β) = 2.56 s set out, and falls by γ/(1 + γ) = 0.70 after it, while
    // s/(1 + γ) = 0.30 s do. The mean from 6:45 on: 10.7 min at (41.6 + 58.3)/2 and 4.3 min at 56.8, so weighted, 50.3;
    // from 7:00 on 50.0. With 5 min of driving and 1 on foot 56.2 min are told; on empty roads it would be 6.
    let (folder, vickrey) = (tempfile::tempdir().unwrap(), scenario("vickrey"));
    let run = folder.path().join("run").display().to_string();
    let done = Command::cargo_bin("hubflow").unwrap().args(["run", &vickrey, "--out", &run]).output().unwrap();
    assert!(matches!(done.status.code(), Some(0 | 3)), "{}", String::from_utf8_lossy(&done.stderr));
    let journey = [&vickrey, "--from", "home", "--to", "station", "--at", "06:55:42", "--mode", "car", "--run", &run];
    let told = json(&journey);
    let min = told["journeys"][0]["time_s"].as_f64().unwrap() / 60.0;
    assert!((min - 56.2).abs() < 1.0, "{min} min");
}

#[test]
fn the_roads_of_a_finished_run_are_slower_where_it_was_full() {
    // README of the scenario: on `first` car n = 0 … 9 takes 50 + 3n s, 63.5 s in the mean of its quarter hour; `second`
    // takes 50 s. Who sets out at 06:05 on that day's times takes 113.5 s, on empty roads 100 s.
    let (folder, two_links) = (tempfile::tempdir().unwrap(), scenario("two_links"));
    let run = folder.path().join("run").display().to_string();
    let done = Command::cargo_bin("hubflow").unwrap().args(["run", &two_links, "--out", &run]).output().unwrap();
    assert!(matches!(done.status.code(), Some(0 | 3)), "{}", String::from_utf8_lossy(&done.stderr));
    let at = |extra: &[&str]| {
        let told = json(
            &[&[two_links.as_str(), "--from", "a", "--to", "c", "--at", "06:05", "--mode", "car"], extra].concat(),
        );
        (told["journeys"][0]["time_s"].as_f64().unwrap(), told["times"].as_str().unwrap().to_owned())
    };
    let (free, full) = (at(&[]), at(&["--run", &run]));
    assert_eq!((free, full), ((100.0, "free flow".to_owned()), (113.5, format!("of the run {run}"))));
}

#[test]
fn who_has_a_train_to_catch_sets_out_as_late_as_its_gate_allows() {
    // The train leaves at 9:00, its gate closes at 8:55. 320 s by car, 60 s on foot to the hall, 10 s to the check and 5 s
    // in it: 395 s before 8:55:00 it is 8:48:25. Who sets out at 8:50 is 95 s late.
    let corridor = scenario("corridor");
    let ends = [corridor.as_str(), "--from", "home", "--to", "station", "--mode", "car", "--service", "out"];
    let told = json(&ends);
    assert_eq!(told["arrive_by"], "08:55:00");
    let car = &told["journeys"][0];
    assert_eq!((&car["departure"], &car["arrival"]), (&"08:48:25".into(), &"08:55:00".into()));
    assert_eq!((&car["spare_min"], &car["time_s"]), (&0.0.into(), &395.0.into()));
    let check = car["legs"].as_array().unwrap().last().unwrap();
    assert_eq!((&check["mode"], &check["to"], &check["time_s"]), (&"visit".into(), &"Check".into(), &15.0.into()));
    let late = json(&[&ends[..], &["--at", "8:50"]].concat());
    let spare_min = late["journeys"][0]["spare_min"].as_f64().unwrap();
    assert!((spare_min + 95.0 / 60.0).abs() < 1e-9, "{spare_min}");
    // Who comes with a train has 30 s to the exit, 2 s in it and 60 s to the kerb before the drive home.
    let back = json(&[&corridor, "--from", "station", "--to", "home", "--mode", "taxi", "--service", "back"]);
    let legs = back["journeys"][0]["legs"].as_array().unwrap();
    assert_eq!((&legs[0]["departure"], &legs[0]["time_s"]), (&"10:00:00".into(), &32.0.into()));
    assert_eq!((&legs[2]["mode"], &legs[2]["departure"]), (&"taxi".into(), &"10:01:32".into()));
}

#[test]
fn services_that_do_not_fit_the_ends_are_told() {
    let corridor = scenario("corridor");
    let told = |from: &str, to: &str, service: &str| {
        let (code, _, words) = route(&[&corridor, "--from", from, "--to", to, "--service", service]);
        assert_eq!(code, 1, "{words}");
        words
    };
    let wrong = told("home", "station", "oute");
    assert!(wrong.contains("--service: found \"oute\", wanted a service of the hub's schedule"), "{wrong}");
    assert!(wrong.contains("did you mean \"out\"?"), "{wrong}");
    let turned = told("station", "home", "out");
    assert!(turned.contains("--service: found \"out\", wanted --to the hub that it leaves from"), "{turned}");
    let nowhere = told("home", "node:drop", "out");
    assert!(nowhere.contains("wanted a hub at one end of the journey"), "{nowhere}");
    // Freight carries nobody, and nobody is there before the train.
    let baiyun = scenario("baiyun");
    let (code, _, cargo) = route(&[&baiyun, "--from", "L3-06", "--to", "CAN", "--service", "D0134"]);
    assert!(code == 1 && cargo.contains("wanted a service that carries passengers"), "{cargo}");
    let early = ["--from", "station", "--to", "home", "--service", "back", "--at", "9:00"];
    let (code, _, words) = route(&[&[corridor.as_str()], &early[..]].concat());
    assert!(code == 1 && words.contains("--at: found \"09:00:00\", wanted a moment not before 10:00:00"), "{words}");
    let both = ["--from", "home", "--to", "station", "--arrive-by", "9:00", "--until", "10:00"];
    assert_eq!(route(&[&[corridor.as_str()], &both[..]].concat()).0, 2);
    // Neither a moment nor a service: wrong usage.
    assert_eq!(route(&[&corridor, "--from", "home", "--to", "station"]).0, 2);
}

#[test]
fn of_lines_all_journeys_of_a_span_are_told_and_the_last_in_time() {
    let baiyun = scenario("baiyun");
    let ends = [baiyun.as_str(), "--from", "L2-24", "--to", "CAN", "--mode", "transit"];
    let told = json(&[&ends[..], &["--at", "08:00", "--until", "08:30"]].concat());
    let journeys = told["journeys"].as_array().unwrap();
    let moments = |key: &str| journeys.iter().map(|j| j[key].as_str().unwrap().to_owned()).collect::<Vec<String>>();
    let (departures, arrivals) = (moments("departure"), moments("arrival"));
    // Line 3 runs every few minutes in the peak: who leaves later comes later.
    assert!(journeys.len() >= 5, "{departures:?}");
    assert!(departures.is_sorted() && arrivals.is_sorted_by(|a, b| a < b), "{departures:?} {arrivals:?}");
    // The one that comes last before the third of these is the second of them.
    let by = arrivals[2].clone();
    let last = json(&[&ends[..], &["--arrive-by", &by]].concat());
    assert_eq!(last["journeys"][0]["departure"], departures[2].as_str());
    let seconds: f64 = last["journeys"][0]["spare_min"].as_f64().unwrap();
    assert!((0.0..0.02).contains(&seconds), "{seconds}");
}

#[test]
fn stops_are_reached_by_taxi_and_bicycle_where_walking_is_too_far() {
    // A point 4 km off the metro: on foot no stop is within reach.
    let baiyun = scenario("baiyun");
    let told = json(&[
        &baiyun,
        "--from",
        "113.33,23.30",
        "--to",
        "GZS",
        "--at",
        "08:00",
        "--mode",
        "transit,kiss_and_ride,cycle_and_ride,park_and_ride",
    ]);
    let journeys = told["journeys"].as_array().unwrap();
    let of = |mode: &str| journeys.iter().find(|j| j["mode"] == mode);
    let modes_of = |mode: &str| -> Vec<String> {
        let legs = of(mode).unwrap_or_else(|| panic!("{mode}: {told}"))["legs"].as_array().unwrap();
        legs.iter().map(|leg| leg["mode"].as_str().unwrap().to_owned()).collect()
    };
    let driven = modes_of("kiss_and_ride");
    assert!(driven.iter().any(|m| m == "taxi") && driven.iter().any(|m| m == "transit"), "{driven:?}");
    assert!(of("park_and_ride").is_none(), "there are no lots");
}
