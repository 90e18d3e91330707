//! From the trips of a GTFS timetable to lines of departures that never overtake each other.
//!
//! Frequencies become departures at start, start + headway, … before their end (GTFS reference, frequencies.txt); where
//! the feed does not call them exact their vehicles are not held to these times. Trips of one route, one direction and
//! one stop sequence form a line; a departure that would overtake the one before it goes to another line.

use super::build::{Files, quoted};
use super::lines::{Line, Stop};
use super::vehicles::VehicleType;
use crate::error::Problem;
use crate::ids::{DepartureIx, StopIx};
use crate::scenario::Scenario;
use crate::scenario::settings::{Fares, ServiceSettings};
use crate::scenario::tables::{GtfsTrip, RouteRow};
use crate::units::{Time, distance_m, ms};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// One vehicle run: times by position.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Run {
    departures: Vec<Time>,
    arrivals: Vec<Time>,
    /// Number of the block of runs that its vehicle makes.
    block: Option<u32>,
}

/// Trips of one route, one direction and one stop sequence, at which one may get on and off in the same places.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Sequence {
    route: usize,
    direction: u32,
    timed: bool,
    stops: Vec<StopIx>,
    /// By position, getting on and off; empty where one may everywhere.
    may: Vec<[bool; 2]>,
}

/// A sequence with its runs.
struct Pattern {
    sequence: Sequence,
    /// The way of the first trip along its shape.
    way: Option<u32>,
    runs: Vec<Run>,
}

/// The lines of a timetable, by route in file order, direction, and first trip of the stop sequence; departures are
/// numbered line after line. With the block of every departure that has one.
pub(super) fn lines(scenario: &Scenario, stops: &[Stop], problems: &mut Vec<Problem>) -> (Vec<Line>, Vec<Option<u32>>) {
    let Some(services) = &scenario.settings.services else {
        if !scenario.timetable.trips.is_empty() {
            let wanted = "a section with the capacity of vehicles and the fares of the timetable";
            problems.push(Problem::new("scenario.toml", "no [services]", wanted).column("services"));
        }
        return (Vec::new(), Vec::new());
    };
    let mut first = 0;
    let (mut lines, mut blocks) = (Vec::new(), Vec::new());
    for Pattern { sequence, way, runs } in patterns(scenario, stops.len(), problems) {
        let route = &scenario.timetable.routes[sequence.route];
        let Some(vehicle) = vehicle(services, route, problems) else { continue };
        let (fare_base_cny, fare_per_km_cny) = fare(services, route);
        let way = way.and_then(|way| scenario.timetable.ways.get(way as usize));
        let may = |which: usize| sequence.may.iter().map(|may| may[which]).collect::<Vec<bool>>();
        for runs in split(runs) {
            let number = runs.len();
            blocks.extend(runs.iter().map(|run| run.block));
            lines.push(Line {
                route_id: route.route_id.clone(),
                name: route.name.clone(),
                color: route.color.clone(),
                rail: on_rails(route.route_type),
                on_road: on_road(services, route),
                stops: sequence.stops.clone(),
                chainage_m: match way {
                    Some(way) => way.iter().map(|m| f64::from(*m)).collect(),
                    None => chainage_m(&sequence.stops, stops),
                },
                capacity: vehicle.places(),
                vehicle: vehicle.clone(),
                fare_base_cny,
                fare_per_km_cny,
                first_departure: DepartureIx::from(first),
                arrivals: runs.iter().flat_map(|r| r.arrivals.iter().copied()).collect(),
                departures: runs.iter().flat_map(|r| r.departures.iter().copied()).collect(),
                timed: sequence.timed,
                takes_on: may(0),
                lets_off: may(1),
                ..Line::default()
            });
            first += number;
        }
    }
    (lines, blocks)
}

/// Whether a GTFS `route_type` runs on rails: the basic types tram, metro, rail, cable tram, aerial lift, funicular and
/// monorail, and of the extended ones railways, urban railways, trams, aerial lifts and funiculars (GTFS reference).
fn on_rails(route_type: u32) -> bool {
    matches!(route_type, 0..=2 | 5..=7 | 12 | 100..=199 | 400..=499 | 900..=999 | 1300..=1499)
}

/// Whether the settings put a route on the road: by its id, or as a bus (`route_type` 3, 11, 200 to 299 and 700 to 899 of the GTFS
/// reference: buses, coaches, trolleybuses).
fn on_road(services: &ServiceSettings, route: &RouteRow) -> bool {
    let bus = matches!(route.route_type, 3 | 11 | 200..=299 | 700..=899);
    let named = |word: &String| *word == route.route_id || word == "bus" && bus;
    !on_rails(route.route_type) && services.on_road.iter().any(named)
}

/// Base fare and fare by kilometre of a route, yuan.
fn fare(services: &ServiceSettings, route: &RouteRow) -> (f64, f64) {
    if let (Fares::Feed, Some(fare)) = (services.fares, route.fare) {
        return (fare * services.fare_rate_cny, 0.0);
    }
    let of = |by_route: &BTreeMap<String, f64>, all: f64| by_route.get(&route.route_id).copied().unwrap_or(all);
    (
        of(&services.fare_base_by_route_cny, services.fare_base_cny),
        of(&services.fare_per_km_by_route_cny, services.fare_per_km_cny),
    )
}

/// The vehicles of a route: the type or the capacity that it has of its own, else those of all; a route without any is told
/// once. A type that is not there has been told where the settings were checked.
fn vehicle(services: &ServiceSettings, route: &RouteRow, problems: &mut Vec<Problem>) -> Option<VehicleType> {
    let found = [route.route_id.as_str(), "default"].into_iter().find_map(|key| {
        let of_type = services.vehicle.get(key).and_then(|id| Some((id, services.vehicles.get(id)?)));
        of_type
            .map(|(id, vehicle)| VehicleType::of(id, vehicle))
            .or_else(|| services.capacity.get(key).map(|&places| VehicleType::timeless(places)))
    });
    if found.is_none() {
        let problem = Problem::new(
            "scenario.toml",
            format!("no capacity for route {}", quoted(&route.route_id)),
            "persons that fit into a vehicle, for this route or as default, or a type in services.vehicle",
        )
        .column("services.capacity");
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }
    found
}

/// The trips with all their runs, grouped. Trips with fewer than two stops carry nobody and are left out.
fn patterns(scenario: &Scenario, stops: usize, problems: &mut Vec<Problem>) -> Vec<Pattern> {
    let timetable = &scenario.timetable;
    let mut routes = FxHashMap::default();
    for (r, route) in timetable.routes.iter().enumerate() {
        routes.entry(route.route_id.as_str()).or_insert(r);
    }
    let file = Files(scenario).timetable("trips.txt");
    let mut patterns: Vec<Pattern> = Vec::new();
    let mut place: FxHashMap<Sequence, usize> = FxHashMap::default();
    let mut blocks: FxHashMap<&str, u32> = FxHashMap::default();
    for trip in timetable.trips.iter().filter(|trip| trip.calls.len() > 1) {
        let Some(route) = sound(trip, &routes, (&file, stops), problems) else { continue };
        let known = blocks.len() as u32;
        let block = trip.block_id.as_deref().map(|id| *blocks.entry(id).or_insert(known));
        for timed in [true, false] {
            let runs = runs(trip, timed, block);
            if runs.is_empty() {
                continue;
            }
            let everywhere = trip.calls.iter().all(|c| c.takes_on && c.lets_off);
            let may = trip.calls.iter().filter(|_| !everywhere).map(|c| [c.takes_on, c.lets_off]).collect();
            let stops = trip.calls.iter().map(|c| StopIx(c.stop)).collect();
            let sequence = Sequence { route, direction: trip.direction, timed, stops, may };
            let p = match place.get(&sequence) {
                Some(p) => *p,
                None => {
                    place.insert(sequence.clone(), patterns.len());
                    patterns.push(Pattern { sequence, way: trip.way, runs: Vec::new() });
                    patterns.len() - 1
                }
            };
            patterns[p].runs.extend(runs);
        }
    }
    patterns.sort_by_key(|p| (p.sequence.route, p.sequence.direction));
    patterns
}

/// The route of a trip that can be run; what is wrong with it is told. A feed that was read is already checked.
fn sound(
    trip: &GtfsTrip,
    routes: &FxHashMap<&str, usize>,
    (file, stops): (&str, usize),
    problems: &mut Vec<Problem>,
) -> Option<usize> {
    let mut tell = |found: String, wanted: &str, column| {
        problems.push(Problem::new(file, found, wanted).at(trip.row).column(column));
    };
    let route = routes.get(trip.route_id.as_str()).copied();
    if route.is_none() {
        tell(quoted(&trip.route_id), "the id of a route", "route_id");
    }
    let lost = trip.calls.iter().any(|call| call.stop as usize >= stops);
    if lost {
        tell(format!("trip {} calls at no stop", quoted(&trip.trip_id)), "calls at stops of stops.txt", "trip_id");
    }
    let backwards = trip.calls.iter().any(|call| call.departure_ms < call.arrival_ms)
        || trip.calls.windows(2).any(|pair| pair[1].arrival_ms < pair[0].departure_ms);
    if backwards {
        let found = format!("trip {} goes back in time", quoted(&trip.trip_id));
        tell(found, "stop times that never fall", "trip_id");
    }
    let endless = trip.headways.iter().any(|h| ms(h.headway_s) < 1);
    if endless {
        let found = format!("trip {} has a headway of 0", quoted(&trip.trip_id));
        tell(found, "a headway above 0 in frequencies.txt", "trip_id");
    }
    route.filter(|_| !lost && !endless)
}

/// The vehicle runs of a trip that are held to their times or not: one at its written times, or those of its
/// frequencies, whose written times then only say how long after the first departure each stop is served; these overlap,
/// so a block says nothing about their vehicles.
fn runs(trip: &GtfsTrip, timed: bool, block: Option<u32>) -> Vec<Run> {
    let shifted = |by_ms: i64| Run {
        block: block.filter(|_| trip.headways.is_empty()),
        departures: trip.calls.iter().map(|c| c.departure().plus(by_ms)).collect(),
        arrivals: trip.calls.iter().map(|c| c.arrival().plus(by_ms)).collect(),
    };
    if trip.headways.is_empty() {
        return if timed { vec![shifted(0)] } else { Vec::new() };
    }
    let written = i64::from(trip.calls[0].departure_ms);
    let mut runs = Vec::new();
    for headway in trip.headways.iter().filter(|h| h.exact == timed) {
        let mut start = ms(headway.start_s);
        while start < ms(headway.end_s) {
            runs.push(shifted(start - written));
            start += ms(headway.headway_s);
        }
    }
    runs
}

/// Shares runs out to lines, so that within a line no run passes another: in the order of their times, each to the first
/// line whose last run is at every stop no later than it. Whether runs keep this order is transitive, so the last is
/// enough.
fn split(mut runs: Vec<Run>) -> Vec<Vec<Run>> {
    runs.sort();
    let mut lines: Vec<Vec<Run>> = Vec::new();
    for run in runs {
        match lines.iter_mut().find(|line| line.last().is_some_and(|last| follows(&run, last))) {
            Some(line) => line.push(run),
            None => lines.push(vec![run]),
        }
    }
    lines
}

/// Whether a run is nowhere earlier than the one before it.
fn follows(run: &Run, before: &Run) -> bool {
    let kept = |later: &[Time], earlier: &[Time]| later.iter().zip(earlier).all(|(l, e)| l >= e);
    kept(&run.departures, &before.departures) && kept(&run.arrivals, &before.arrivals)
}

/// Distance from the first stop by position, metres, straight between stops.
fn chainage_m(line: &[StopIx], stops: &[Stop]) -> Vec<f64> {
    let mut along = 0.0;
    let mut chainage = vec![0.0];
    for pair in line.windows(2) {
        along += distance_m(stops[pair[0].i()].position, stops[pair[1].i()].position);
        chainage.push(along);
    }
    chainage
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Network;
    use crate::network::fixture::{CENTRE, north, route, scenario, stop, trip};
    use crate::scenario::tables::Headway;
    use proptest::prelude::*;

    /// Stops a, b, c at 1 km from each other, and trips of route "r" over them.
    fn timetable(trips: Vec<GtfsTrip>) -> Scenario {
        let mut s = scenario();
        s.timetable.stops =
            ["a", "b", "c"].iter().enumerate().map(|(i, id)| stop(id, north(CENTRE, 1000.0 * i as f64))).collect();
        s.timetable.routes = vec![route("r")];
        s.timetable.trips = trips;
        s
    }

    fn built(trips: Vec<GtfsTrip>) -> Vec<Line> {
        Network::build(&timetable(trips)).expect("a timetable").lines.lines
    }

    /// A run over a, b, c that leaves at `start` and takes `ride` seconds to each next stop, with 20 s of dwell.
    fn over(id: &str, start: f64, ride: f64) -> GtfsTrip {
        let b = start + ride;
        trip(id, "r", &[(0, start, start), (1, b, b + 20.0), (2, b + 20.0 + ride, b + 20.0 + ride)])
    }

    #[test]
    fn a_frequency_gives_departures_up_to_but_not_at_its_end() {
        // Written as 00:00, run from 06:00 to 06:30 every 10 min: 06:00, 06:10, 06:20; then from 06:30 to 07:00 every
        // 15 min: 06:30, 06:45. Stop b is reached 90 s later and left after 20 s.
        let mut line = over("f", 0.0, 90.0);
        line.headways = vec![
            Headway { start_s: 21_600.0, end_s: 23_400.0, headway_s: 600.0, exact: false },
            Headway { start_s: 23_400.0, end_s: 25_200.0, headway_s: 900.0, exact: false },
        ];
        let lines = built(vec![line]);
        let line = &lines[0];
        let left: Vec<String> = (0..line.runs()).map(|r| line.departure(r, 0).to_string()).collect();
        assert_eq!(left, ["06:00:00", "06:10:00", "06:20:00", "06:30:00", "06:45:00"]);
        assert_eq!(line.arrival(1, 1).to_string(), "06:11:30");
        assert_eq!(line.departure(1, 1).to_string(), "06:11:50");
        assert_eq!(line.next_run(1, Time::parse("06:11:51").expect("a time")), Some(2));
    }

    #[test]
    fn an_express_that_overtakes_is_a_line_of_its_own() {
        // Slow: 300 s a hop; express: leaves 60 s later, 200 s a hop, and passes before b (260 < 300).
        let lines = built(vec![over("slow 1", 0.0, 300.0), over("express", 60.0, 200.0), over("slow 2", 600.0, 300.0)]);
        assert_eq!(lines.len(), 2);
        assert_eq!((lines[0].runs(), lines[1].runs()), (2, 1));
        assert_eq!(lines[1].departure(0, 0), Time(60_000));
        // Departures are numbered line after line.
        assert_eq!((lines[0].first_departure, lines[1].first_departure), (DepartureIx(0), DepartureIx(2)));
    }

    #[test]
    fn directions_and_stop_sequences_are_lines_of_their_own() {
        let mut back = trip("back", "r", &[(2, 0.0, 0.0), (1, 100.0, 100.0), (0, 200.0, 200.0)]);
        back.direction = 1;
        let short = trip("short", "r", &[(0, 50.0, 50.0), (1, 150.0, 150.0)]);
        let lines = built(vec![back, over("all", 0.0, 100.0), short]);
        let stops: Vec<Vec<u32>> = lines.iter().map(|l| l.stops.iter().map(|s| s.0).collect()).collect();
        assert_eq!(stops, [vec![0, 1, 2], vec![0, 1], vec![2, 1, 0]]);
        assert!((lines[2].chainage_m[2] - 2000.0).abs() < 0.01);
    }

    #[test]
    fn vehicles_and_fares_are_those_of_the_route() {
        let mut s = timetable(vec![over("one", 0.0, 100.0)]);
        let services = s.settings.services.as_mut().expect("the fixture has services");
        services.capacity.insert("r".into(), 1460);
        services.fare_per_km_by_route_cny.insert("r".into(), 0.5);
        let network = Network::build(&s).expect("a timetable");
        let line = &network.lines.lines[0];
        // 2 km at 0.5 yuan/km = 1 yuan beside the base of 2 yuan.
        assert_eq!((line.capacity, line.fare_base_cny), (1460, 2.0));
        assert!((line.distance_fare_cny(0, 2) - 1.0).abs() < 1e-5);
    }

    #[test]
    fn trips_of_a_block_are_made_by_one_vehicle() {
        let mut trips = vec![over("one", 0.0, 100.0), over("two", 300.0, 100.0), over("three", 600.0, 100.0)];
        for trip in [0, 2] {
            trips[trip].block_id = Some("east".into());
        }
        let lines = Network::build(&timetable(trips)).expect("a timetable").lines;
        assert_eq!(lines.operation.before, [None, None, Some(DepartureIx(0))]);
        assert_eq!((lines.operation.min_headway_ms, lines.operation.turnaround_ms), (90_000, 180_000));
    }

    #[test]
    fn a_route_has_its_type_or_its_capacity_before_those_of_all() {
        let vehicle_of = |own: &str| {
            let mut s = timetable(vec![over("one", 0.0, 100.0)]);
            let text = format!(
                "gtfs = \"services\"\ncapacity = {{ default = 100{own} }}\nvehicle = {{ default = \"bus\" }}\n\
                                [vehicles.bus]\nseats = 30\nstanding = 50\nboarding_s = 2.5"
            );
            s.settings.services = Some(toml::from_str(&text).expect("settings"));
            Network::build(&s).expect("a timetable").lines.lines.remove(0)
        };
        let (of_all, own) = (vehicle_of(""), vehicle_of(", r = 9"));
        assert_eq!((of_all.capacity, of_all.vehicle.boarding_ms, of_all.vehicle.takes_time()), (80, 2_500, true));
        assert_eq!((own.capacity, own.vehicle.takes_time()), (9, false));
    }

    #[test]
    fn a_timetable_that_goes_backwards_and_vehicles_without_room_are_told() {
        let mut s = timetable(vec![trip("back", "r", &[(0, 100.0, 100.0), (1, 90.0, 95.0)])]);
        s.settings.services.as_mut().expect("the fixture has services").capacity.clear();
        let problems = Network::build(&s).expect_err("two mistakes").to_string();
        assert!(problems.contains("found trip \"back\" goes back in time"), "{problems}");
        assert!(problems.contains("found no capacity for route \"r\""), "{problems}");
    }

    proptest! {
        #[test]
        fn no_departure_of_a_line_overtakes_another_and_none_is_lost(
            trips in prop::collection::vec((0..3600u32, 1..900u32), 1..40),
        ) {
            let rows = trips.iter().enumerate().map(|(i, t)| over(&i.to_string(), t.0.into(), t.1.into())).collect();
            let lines = built(rows);
            prop_assert_eq!(lines.iter().map(Line::runs).sum::<usize>(), trips.len());
            for line in &lines {
                for run in 1..line.runs() {
                    for position in 0..3 {
                        prop_assert!(line.departure(run - 1, position) <= line.departure(run, position));
                        prop_assert!(line.arrival(run - 1, position) <= line.arrival(run, position));
                    }
                }
            }
        }
    }
}
