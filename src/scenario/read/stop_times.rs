//! GTFS `stop_times.txt` and `frequencies.txt`: the calls and headways of trips.
//!
//! Times may pass 24:00. Blank times between two written ones are interpolated by distance: `shape_dist_traveled` where
//! it grows, else the straight distance between stops, else evenly.

use super::gtfs::{Feed, Stops, Trips};
use super::range::{HEADWAY, NOT_NEGATIVE};
use super::reading::Reading;
use super::rows::Form;
use crate::error::Problem;
use crate::scenario::check::Unknown;
use crate::scenario::tables::{Call, Headway};
use crate::units::{Time, distance_m};

/// A row of `stop_times.txt` by position of its trip and stop.
struct Stopping {
    trip: u32,
    sequence: u32,
    stop: u32,
    arrival_s: Option<f64>,
    departure_s: Option<f64>,
    travelled: Option<f64>,
    row: u32,
}

/// Reads the calls and headways into the trips that run.
pub(super) fn fill(reading: &mut Reading, feed: &mut Feed, stops: &Stops, trips: &mut Trips) {
    let Some((mut rows, mut flawed)) = stoppings(reading, feed, stops, trips) else { return };
    rows.sort_by_key(|r| (r.trip, r.sequence));
    let file = feed.name("stop_times.txt");
    for run in rows.chunk_by_mut(|a, b| a.trip == b.trip) {
        let trip = run[0].trip as usize;
        let problem = if flawed[trip] { None } else { order(&file, run) };
        if let Some(problem) = problem {
            reading.problem(problem);
            flawed[trip] = true;
        }
        if !flawed[trip] {
            interpolate(run, stops);
        }
        let calls = run.iter().map(|r| Call {
            stop_id: stops.rows[r.stop as usize].stop_id.clone(),
            arrival_s: r.arrival_s.unwrap_or(0.0),
            departure_s: r.departure_s.unwrap_or(0.0),
        });
        trips.rows[trip].calls = calls.collect();
    }
    let trips_file = feed.name("trips.txt");
    for (trip, flawed) in trips.rows.iter().zip(&flawed) {
        if trip.calls.len() < 2 && !flawed {
            let found = format!("trip \"{}\" with {} stops", trip.trip_id, trip.calls.len());
            let problem = Problem::new(&trips_file, found, "at least 2 stops in stop_times.txt");
            reading.problem(problem.at(trip.row).column("trip_id"));
        }
    }
    headways(reading, feed, trips);
}

/// The rows of trips that run; also which of these trips have told a mistake.
fn stoppings(
    reading: &mut Reading,
    feed: &mut Feed,
    stops: &Stops,
    trips: &Trips,
) -> Option<(Vec<Stopping>, Vec<bool>)> {
    let form = Form {
        required: &["trip_id", "stop_id", "stop_sequence"],
        optional: &["arrival_time", "departure_time", "shape_dist_traveled"],
        open: true,
    };
    let file = feed.name("stop_times.txt");
    let mut no_trip = Unknown::new(&file, "trip_id", "a trip_id of trips.txt");
    let mut no_stop = Unknown::new(&file, "stop_id", "a stop_id of stops.txt");
    let mut flawed = vec![false; trips.rows.len()];
    let rows = feed.rows(reading, "stop_times.txt", true, &form, |row| {
        let Some(trip) = trips.names.find(row.text("trip_id")) else {
            no_trip.add(row.text("trip_id"), row.line);
            return None;
        };
        let trip = trips.place[trip as usize]?;
        let Some(stop) = stops.names.find(row.text("stop_id")) else {
            no_stop.add(row.text("stop_id"), row.line);
            flawed[trip as usize] = true;
            return None;
        };
        let Some(stop) = stops.place[stop as usize] else {
            row.wrong("stop_id", "a stop (location_type 0), not a station or an entrance");
            flawed[trip as usize] = true;
            return None;
        };
        let sequence = row.count_maybe("stop_sequence");
        if sequence.is_none() {
            row.wrong("stop_sequence", "a whole number ≥ 0");
        }
        let (arrival, departure) = (row.time_maybe("arrival_time"), row.time_maybe("departure_time"));
        let travelled = row.number_maybe("shape_dist_traveled", NOT_NEGATIVE);
        flawed[trip as usize] |= [arrival, departure].into_iter().flatten().any(f64::is_nan);
        Some(Stopping {
            trip,
            sequence: sequence.unwrap_or(0),
            stop,
            arrival_s: arrival.or(departure),
            departure_s: departure.or(arrival),
            travelled,
            row: row.line,
        })
    })?;
    reading.problems.extend(no_trip.problems(trips.names.all().iter().map(String::as_str)));
    reading.problems.extend(no_stop.problems(stops.names.all().iter().map(String::as_str)));
    Some((rows, flawed))
}

/// The first thing wrong with the order of a trip's calls: the same sequence number twice, a blank time at an end, or
/// time going backwards.
fn order(file: &str, run: &[Stopping]) -> Option<Problem> {
    if let Some(pair) = run.windows(2).find(|pair| pair[0].sequence == pair[1].sequence) {
        let found = pair[1].sequence.to_string();
        let wanted = "stop_sequence that is unique within the trip";
        return Some(Problem::new(file, found, wanted).at(pair[1].row).column("stop_sequence"));
    }
    for end in [run.first()?, run.last()?] {
        if end.arrival_s.is_none() {
            let problem = Problem::new(file, "nothing", "a time at the first and at the last stop of a trip");
            return Some(problem.at(end.row).column("arrival_time"));
        }
    }
    let mut before: Option<f64> = None;
    for stopping in run {
        let (Some(arrival), Some(departure)) = (stopping.arrival_s, stopping.departure_s) else { continue };
        let clock = |s: f64| Time::from_seconds(s).to_string();
        if let Some(before) = before.filter(|b| arrival < *b) {
            let wanted = format!("a time not before {}, when the stop before was left", clock(before));
            let problem = Problem::new(file, clock(arrival), wanted).at(stopping.row).column("arrival_time");
            return Some(problem.hint("the timetable goes backwards; times after midnight are written 24:05:00"));
        }
        if departure < arrival {
            let wanted = format!("a time not before the arrival at {}", clock(arrival));
            let problem = Problem::new(file, clock(departure), wanted).at(stopping.row).column("departure_time");
            return Some(problem.hint("the timetable goes backwards; times after midnight are written 24:05:00"));
        }
        before = Some(departure);
    }
    None
}

/// Fills blank times between written ones.
fn interpolate(run: &mut [Stopping], stops: &Stops) {
    let mut from = 0;
    for to in 1..run.len() {
        let Some(end_s) = run[to].arrival_s else { continue };
        if to > from + 1 {
            let start_s = run[from].departure_s.unwrap_or(end_s);
            let along = distances(&run[from..=to], stops);
            let whole = along[along.len() - 1];
            for (stopping, along) in run[from + 1..to].iter_mut().zip(&along[1..]) {
                // Timetables are in whole seconds.
                let time = (start_s + (end_s - start_s) * along / whole).round();
                stopping.arrival_s = Some(time);
                stopping.departure_s = Some(time);
            }
        }
        from = to;
    }
}

/// Distance of each call from the first one, in any unit; the last one is above zero.
fn distances(run: &[Stopping], stops: &Stops) -> Vec<f64> {
    let travelled: Option<Vec<f64>> = run.iter().map(|r| r.travelled).collect();
    if let Some(travelled) = travelled
        && travelled.windows(2).all(|w| w[0] <= w[1])
        && travelled[0] < travelled[travelled.len() - 1]
    {
        return travelled.iter().map(|t| t - travelled[0]).collect();
    }
    let place = |r: &Stopping| [stops.rows[r.stop as usize].lon, stops.rows[r.stop as usize].lat];
    let mut sum = 0.0;
    let mut along = vec![0.0];
    for pair in run.windows(2) {
        sum += distance_m(place(&pair[0]), place(&pair[1]));
        along.push(sum);
    }
    if sum > 0.0 { along } else { (0..run.len()).map(|i| i as f64).collect() }
}

/// Reads the headways of trips that run more than once.
fn headways(reading: &mut Reading, feed: &mut Feed, trips: &mut Trips) {
    let form = Form { required: &["trip_id", "start_time", "end_time", "headway_secs"], optional: &[], open: true };
    let file = feed.name("frequencies.txt");
    let mut unknown = Unknown::new(&file, "trip_id", "a trip_id of trips.txt");
    let read = feed.rows(reading, "frequencies.txt", false, &form, |row| {
        let (start_s, end_s) = (row.time("start_time"), row.time("end_time"));
        let headway_s = row.number("headway_secs", HEADWAY);
        if end_s <= start_s {
            row.wrong("end_time", "a time after start_time");
        }
        let Some(trip) = trips.names.find(row.text("trip_id")) else {
            unknown.add(row.text("trip_id"), row.line);
            return None;
        };
        Some((trips.place[trip as usize]?, Headway { start_s, end_s, headway_s }, row.line))
    });
    reading.problems.extend(unknown.problems(trips.names.all().iter().map(String::as_str)));
    let mut rows = read.unwrap_or_default();
    rows.sort_by(|a, b| (a.0, a.1.start_s).partial_cmp(&(b.0, b.1.start_s)).unwrap_or(std::cmp::Ordering::Equal));
    for pair in rows.windows(2) {
        if pair[0].0 == pair[1].0 && pair[1].1.start_s < pair[0].1.end_s {
            let found = Time::from_seconds(pair[1].1.start_s).to_string();
            let wanted = format!("periods of a trip that do not overlap, that of row {} being one", pair[0].2);
            reading.problem(Problem::new(&file, found, wanted).at(pair[1].2).column("start_time"));
        }
    }
    for (trip, headway, _) in rows {
        trips.rows[trip as usize].headways.push(headway);
    }
}
