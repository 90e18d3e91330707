//! Trips given one by one: from a generated city through its files to agents and back, wrong ones, closed links, and the
//! run that only loads them.

use hubflow::Scenario;
use hubflow::demand::{Agent, Demand};
use hubflow::error::{Error, Problem};
use hubflow::generate::{City, folder};
use hubflow::network::Network;
use hubflow::run::{RunOptions, run};
use proptest::prelude::*;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

fn written(city: &City) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    folder::write(city, dir.path()).unwrap();
    dir
}

fn small() -> City {
    City { reach: 4, hours: 0.2, ..City::square(8, 300, 3) }
}

fn agents(folder: &Path, sample: f64) -> Vec<Agent> {
    let scenario = Scenario::read(folder).unwrap();
    let network = Network::build(&scenario).unwrap();
    Demand::synthesise(&scenario, &network, 1, sample).unwrap().agents
}

fn trips_of(folder: &Path) -> (String, Vec<String>) {
    let text = fs::read_to_string(folder.join("demand/trips.csv")).unwrap();
    let mut lines = text.lines().map(str::to_owned);
    (lines.next().unwrap(), lines.collect())
}

fn set_trips(folder: &Path, head: &str, rows: &[String]) {
    fs::write(folder.join("demand/trips.csv"), format!("{head}\n{}\n", rows.join("\n"))).unwrap();
}

fn refused(folder: &Path) -> Vec<Problem> {
    match Scenario::read(folder) {
        Err(Error::Problems(problems)) => problems,
        other => panic!("a list of problems, not {:?}", other.map(|_| ())),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn a_city_comes_back_from_its_files_route_by_route(
        columns in 2usize..9, rows in 2usize..9, trips in 1u64..80, seed in 0u64..1000, reach in 1usize..6, trucks in 0.0f64..1.0
    ) {
        let city = City { columns, rows, trips, seed, hours: 0.5, reach, trucks };
        let dir = written(&city);
        let agents = agents(dir.path(), 1.0);
        prop_assert_eq!(agents.len() as u64, trips);
        for (number, agent) in city.by_departure().into_iter().zip(&agents) {
            let mut route = Vec::new();
            let trip = city.trip(u64::from(number), &mut route);
            prop_assert_eq!(agent.route.as_deref(), Some(&route[..]));
            prop_assert_eq!((agent.time.0, agent.vehicle), (i64::from(trip.departure_ms), trip.class));
        }
    }
}

#[test]
fn rows_in_another_order_are_the_same_agents_and_the_same_sample() {
    let dir = written(&small());
    let (head, mut rows) = trips_of(dir.path());
    let by_key = |sample: f64| {
        let mut agents = agents(dir.path(), sample);
        agents.sort_by_key(|a| a.key);
        agents
    };
    let before = [1.0, 0.3].map(by_key);
    // 77 has no factor in common with 300, so every row moves and none is lost.
    rows = (0..rows.len()).map(|i| rows[i * 77 % rows.len()].clone()).collect();
    set_trips(dir.path(), &head, &rows);
    assert_eq!([1.0, 0.3].map(by_key), before);
    assert_eq!(before[1].len(), 90);
}

#[test]
fn every_kind_of_wrong_trip_is_told_at_once() {
    let dir = written(&small());
    let (head, mut rows) = trips_of(dir.path());
    let base: Vec<Vec<String>> = rows.iter().map(|r| r.split(',').map(str::to_owned).collect()).collect();
    let mut edit = |row: usize, cell: usize, with: &str| {
        let mut cells = base[row].clone();
        cells[cell] = with.to_owned();
        rows[row] = cells.join(",");
    };
    let route: Vec<&str> = base[8][5].split('|').collect();
    edit(0, 0, "");
    edit(1, 0, &base[2][0]);
    edit(3, 1, "25:99");
    edit(4, 1, "20:00:00");
    edit(5, 2, "nowhere");
    edit(6, 3, "99999");
    edit(7, 4, "tank");
    edit(8, 5, &format!("{}|bridge", route[0]));
    edit(9, 5, &base[10][5]);
    rows[11] = base[11][..4].join(",");
    set_trips(dir.path(), &head, &rows);
    let told: Vec<(u32, String)> =
        refused(dir.path()).iter().map(|p| (p.row.unwrap(), p.column.clone().unwrap_or_default())).collect();
    let column = |name: &str| name.to_owned();
    assert_eq!(
        told,
        [
            (2, column("trip_id")),
            (4, column("trip_id")),
            (5, column("departure_s")),
            (6, column("departure_s")),
            (7, column("from_node_id")),
            (8, column("to_node_id")),
            (9, column("vehicle_class")),
            (10, column("route")),
            (11, column("route")),
            (13, column("")),
            (13, column("vehicle_class")),
        ]
    );
}

#[test]
fn a_hundred_thousand_rows_that_are_wrong_in_the_same_way_are_a_hundred_problems() {
    let dir = written(&small());
    let row = |i: usize| format!("t{i},never,0,1,car,");
    set_trips(dir.path(), &trips_of(dir.path()).0, &(0..100_000).map(row).collect::<Vec<_>>());
    let told = refused(dir.path());
    assert_eq!((told.len(), told[99].row), (100, Some(101)));
    assert_eq!(told[99].hint.as_deref(), Some("and 99900 more like it"));
}

/// A file longer than what is held at once: characters that lie across two pieces, a byte that is none far behind, and
/// the digest of the whole.
#[test]
fn a_long_file_is_read_piece_by_piece_as_if_it_were_read_at_once() {
    let dir = written(&small());
    let (head, rows) = trips_of(dir.path());
    // Rows of 26 and more bytes with two characters of three bytes each: over 4 MiB some of them lie across.
    let row = |i: usize| format!("白云{i},{},0,1,car,", i % 700);
    let long: Vec<String> = (0..200_000).map(row).chain(rows).collect();
    set_trips(dir.path(), &format!("\u{feff}{head}"), &long);
    let bytes = fs::read(dir.path().join("demand/trips.csv")).unwrap();
    let scenario = Scenario::read(dir.path()).unwrap();
    let digest = scenario.digests.iter().find(|(file, _)| file == "demand/trips.csv").unwrap();
    assert_eq!(digest.1, blake3::hash(&bytes).to_hex().to_string());
    assert_eq!(scenario.trips.len(), 200_300);
    assert!((0..200_000).all(|i| scenario.trips.ids().at(i).strip_prefix("白云") == Some(&*i.to_string())));

    // The same with 云 of row 150,002 in GBK.
    let at = bytes.windows(12).position(|w| w == "白云150000".as_bytes()).unwrap();
    let gbk = [&bytes[..at + 3], &[0xD4, 0xC6], &bytes[at + 6..]].concat();
    fs::write(dir.path().join("demand/trips.csv"), gbk).unwrap();
    let told = refused(dir.path());
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!((told[0].row, told[0].found.as_str()), (Some(150_002), "byte 0xD4, which is not UTF-8"));
}

#[test]
fn a_closed_link_frees_the_trips_over_it_and_no_others() {
    let dir = written(&small());
    let base = Scenario::read(dir.path()).unwrap();
    let closed = base.trips.route(0)[0];
    let id = base.trips.links().word(closed.0);
    fs::create_dir(dir.path().join("variants")).unwrap();
    let measure = format!("[[measure]]\nid = \"m\"\nkind = \"close_link\"\nlinks = {{ ids = [\"{id}\"] }}\n");
    fs::write(dir.path().join("variants/closed.toml"), format!("title = \"Closed\"\n{measure}")).unwrap();
    let variant = base.apply(&base.read_variant("closed").unwrap()).unwrap();
    let mut freed = 0;
    for trip in 0..base.trips.len() {
        match base.trips.route(trip).contains(&closed) {
            true => {
                freed += 1;
                assert!(variant.trips.route(trip).is_empty());
            }
            false => assert_eq!(variant.trips.route(trip), base.trips.route(trip)),
        }
    }
    assert!(freed > 0 && freed < base.trips.len());
    assert!(Arc::ptr_eq(base.trips.routes(), variant.trips.routes()), "the routes are not copied");
    // Those who were freed choose.
    let outcome = run(&variant, &RunOptions { threads: Some(1), ..RunOptions::default() }).unwrap();
    let iterations = outcome.table("iterations").unwrap();
    assert_eq!(iterations.number("choosers", 0), Some(f64::from(freed as u32)));
}

#[test]
fn given_routes_are_loaded_as_they_are_and_the_run_says_what_its_gap_is_worth() {
    let city = small();
    let dir = written(&city);
    let scenario = Scenario::read(dir.path()).unwrap();
    let outcome = run(&scenario, &RunOptions { threads: Some(1), ..RunOptions::default() }).unwrap();
    let mut links = Vec::new();
    (0..city.trips).for_each(|number| {
        city.trip(number, &mut links);
    });
    let m = &outcome.manifest;
    assert_eq!((m.link_entries, m.agents.arrived, m.iterations), (links.len() as u64, 300, 1));
    assert_eq!((m.relative_gap, m.converged), (0.0, true));
    assert!(outcome.caveats.iter().any(|c| c.contains("says nothing about equilibrium")), "{:?}", outcome.caveats);
    let iterations = outcome.table("iterations").unwrap();
    assert_eq!((iterations.number("choosers", 0), iterations.number("share_car", 0)), (Some(0.0), Some(1.0)));
    // Shortest expected: 200 m of each link at 30 or 60 km/h, 24 or 12 s, at 19 yuan an hour, and 0.8 yuan a kilometre.
    let trips = outcome.table("trips").unwrap();
    let mut route = Vec::new();
    city.trip(u64::from(city.by_departure()[0]), &mut route);
    let streets: Vec<_> = city.streets().collect();
    let free_s: f64 = route.iter().map(|l| if streets[l.i()].arterial { 12.0 } else { 24.0 }).sum();
    let cost = free_s / 3_600.0 * 19.0 + 0.2 * 0.8 * route.len() as f64;
    assert!((trips.number("cost_cny", 0).unwrap() - cost).abs() < 1e-9);
}
