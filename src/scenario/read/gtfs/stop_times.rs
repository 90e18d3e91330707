//! GTFS `stop_times.txt`: the calls of trips.
//!
//! Times may pass 24:00 and be written without leading zeros. Blank times between two written ones are interpolated by
//! distance: `shape_dist_traveled` where it grows, else along the shape of the trip, else straight from stop to stop,
//! else evenly.

use super::feed::Feed;
use super::shapes::{Shapes, Way};
use super::stops::{Place, Stops};
use super::trips::Trips;
use crate::error::{Problem, shown};
use crate::scenario::check::Unknown;
use crate::scenario::read::range::NOT_NEGATIVE;
use crate::scenario::read::reading::Reading;
use crate::scenario::read::rows::{Form, Row, whole};
use crate::scenario::tables::Call;
use crate::units::{HOUR_MS, Time, distance_m};

/// No vehicle is faster, metres per second: 1,200 km/h, of airliners with the wind (general knowledge, 2026).
const FASTEST_MPS: f64 = 1_200.0 / 3.6;
/// Times in whole minutes may be the same at both ends of a section, but not of one as long as this, metres.
const FARTHEST_AT_ONCE_M: f64 = 500_000.0;

/// No vehicle is under way for longer than ten days.
pub(super) const LATEST: Time = Time(240 * HOUR_MS);

/// A row of `stop_times.txt` by position of its trip and stop.
#[derive(Clone, Copy)]
pub(super) struct Stopping {
    trip: u32,
    sequence: u32,
    /// Position in the stop table.
    pub stop: u32,
    arrival_ms: i32,
    departure_ms: i32,
    travelled: f32,
    row: u32,
    /// Whether it has times, a way travelled, and lets people on and off.
    is_timed: bool,
    is_travelled: bool,
    takes_on: bool,
    lets_off: bool,
}

impl Stopping {
    /// The way travelled, in the feed's unit.
    pub fn travelled(&self) -> Option<f32> {
        self.is_travelled.then_some(self.travelled)
    }
}

/// How many rows there are, and how many of them have no time.
#[derive(Default)]
pub(super) struct Counts {
    pub rows: usize,
    pub blank: usize,
}

/// Reads the calls into the trips that run; ways along shapes go to `ways`.
pub(super) fn fill(
    reading: &mut Reading,
    feed: &mut Feed,
    (stops, shapes): (&Stops, &mut Shapes),
    trips: &mut Trips,
) -> Option<Counts> {
    let (mut rows, mut flawed, counts) = stoppings(reading, feed, stops, trips)?;
    if !rows.is_sorted_by_key(|r| (r.trip, r.sequence)) {
        rows.sort_by_key(|r| (r.trip, r.sequence));
    }
    let file = feed.name("stop_times.txt");
    let mut way = Way::default();
    let (mut fast, mut first_fast) = (0, 0);
    let mut gone: Vec<&'static str> = Vec::new();
    for run in rows.chunk_by_mut(|a, b| a.trip == b.trip) {
        let trip = run[0].trip as usize;
        if !flawed[trip] {
            match order(&file, run) {
                None => {
                    trips.rows[trip].way = shapes.way(trips.shape[trip], run, stops, &mut way);
                    interpolate(run, stops, &way);
                    if let Some(row) = too_fast(run, stops) {
                        first_fast = if fast == 0 { row } else { first_fast };
                        fast += 1;
                    }
                }
                Some((problem, column)) => {
                    feed.fault(problem.column(column));
                    gone.push(column);
                    flawed[trip] = true;
                    if !feed.uses(false) {
                        continue;
                    }
                }
            }
        }
        let calls = run.iter().map(|r| Call {
            stop: r.stop,
            arrival_ms: r.arrival_ms,
            departure_ms: r.departure_ms,
            takes_on: r.takes_on,
            lets_off: r.lets_off,
        });
        trips.rows[trip].calls = calls.collect();
    }
    drop(rows);
    gone.into_iter().for_each(|column| feed.vanish("stop_times.txt", Some(column), "trip", 1));
    if fast > 0 {
        let words = "a section of more than 1,200 km/h (or 500 km at once); trips with such a section";
        feed.notes.push(format!("{file}:{first_fast}: {words}: {fast}"));
    }
    let trips_file = feed.name("trips.txt");
    for (trip, flawed) in trips.rows.iter().zip(&flawed) {
        if trip.calls.len() < 2 && !flawed {
            let found = format!("trip \"{}\" with {} stops", shown(&trip.trip_id), trip.calls.len());
            let problem = Problem::new(&trips_file, found, "at least 2 stops in stop_times.txt");
            feed.fault(problem.at(trip.row).column("trip_id"));
        }
    }
    Some(counts)
}

/// Columns by their place in the form.
const FORM: Form = Form {
    required: &["trip_id", "stop_id", "stop_sequence"],
    optional: &["arrival_time", "departure_time", "shape_dist_traveled", "pickup_type", "drop_off_type"],
    open: true,
};
const TRIP: usize = 0;
const STOP: usize = 1;
const SEQUENCE: usize = 2;
const ARRIVAL: usize = 3;
const DEPARTURE: usize = 4;
const TRAVELLED: usize = 5;
const PICKUP: usize = 6;
const DROP_OFF: usize = 7;

/// The rows of trips that run, which of these trips have told a mistake, and how many rows there are of all trips.
fn stoppings(
    reading: &mut Reading,
    feed: &mut Feed,
    stops: &Stops,
    trips: &Trips,
) -> Option<(Vec<Stopping>, Vec<bool>, Counts)> {
    let file = feed.name("stop_times.txt");
    let mut no_trip = Unknown::new(&file, "trip_id", "a trip_id of trips.txt");
    let mut no_stop = Unknown::new(&file, "stop_id", "a stop_id of stops.txt");
    let mut flawed = vec![false; trips.rows.len()];
    let mut at_faulty = 0;
    let mut counts = Counts::default();
    let lenient = !feed.uses(false);
    // Rows of a trip mostly stand together.
    let (mut last_id, mut last): (String, Option<u32>) = (String::new(), None);
    let rows = feed.rows(reading, ("stop_times.txt", true), &FORM, |row| {
        counts.rows += 1;
        counts.blank += usize::from(row.at(ARRIVAL).is_empty() && row.at(DEPARTURE).is_empty());
        let id = row.at(TRIP);
        if id != last_id || counts.rows == 1 {
            last = trips.names.find(id);
            id.clone_into(&mut last_id);
        }
        let Some(trip) = last else {
            no_trip.add(row.at(TRIP), row.line);
            return None;
        };
        let trip = trips.place[trip as usize]?;
        let Some(code) = stops.names.find(row.at(STOP)) else {
            no_stop.add(row.at(STOP), row.line);
            flawed[trip as usize] |= !lenient;
            return None;
        };
        let stop = match stops.places[code as usize] {
            Place::Stop(stop) => stop,
            Place::LeftOut => {
                at_faulty += 1;
                return None;
            }
            _ => {
                row.wrong("stop_id", "a stop (location_type 0), not a station or an entrance");
                flawed[trip as usize] |= !lenient;
                return None;
            }
        };
        let stopping = stopping(row, (trip, stop));
        if lenient && !row.is_sound() {
            return None;
        }
        flawed[trip as usize] |= !row.is_sound();
        Some(stopping)
    })?;
    feed.vanish("stops.txt", None, "call", at_faulty);
    feed.unknown(no_trip, trips.names.all().iter());
    feed.unknown(no_stop, stops.names.all().iter());
    Some((rows, flawed, counts))
}

fn stopping(row: &mut Row, (trip, stop): (u32, u32)) -> Stopping {
    let sequence = row.at(SEQUENCE).parse();
    if sequence.is_err() {
        let wanted = whole(row.at(SEQUENCE));
        row.wrong("stop_sequence", wanted);
    }
    let (arrival, departure) = (clock(row, ARRIVAL), clock(row, DEPARTURE));
    let travelled = match row.at(TRAVELLED) {
        "" => None,
        _ => row.number_maybe("shape_dist_traveled", NOT_NEGATIVE),
    };
    let takes_on = may(row, PICKUP);
    let lets_off = may(row, DROP_OFF);
    Stopping {
        trip,
        sequence: sequence.unwrap_or(0),
        stop,
        arrival_ms: arrival.or(departure).unwrap_or(0),
        departure_ms: departure.or(arrival).unwrap_or(0),
        travelled: travelled.unwrap_or(0.0) as f32,
        row: row.line,
        is_timed: arrival.is_some() || departure.is_some(),
        is_travelled: travelled.is_some(),
        takes_on,
        lets_off,
    }
}

/// Whether one may get on or off: 1 is no; to ring up the agency (2) or to tell the driver (3) is a way.
fn may(row: &mut Row, place: usize) -> bool {
    match row.at(place) {
        "" | "0" | "2" | "3" => true,
        "1" => false,
        _ => {
            row.wrong(FORM.optional[place - FORM.required.len()], "0, 1, 2 or 3");
            true
        }
    }
}

/// A time of day, `None` when blank.
fn clock(row: &mut Row, place: usize) -> Option<i32> {
    let text = row.at(place);
    if text.is_empty() {
        return None;
    }
    let time = plain(text.as_bytes()).or_else(|| Time::parse(text).filter(|t| *t <= LATEST).map(|t| t.0 as i32));
    if time.is_none() {
        row.wrong(FORM.optional[place - FORM.required.len()], "a time HH:MM:SS up to 240:00:00");
    }
    Some(time.unwrap_or(0))
}

/// Milliseconds of `HH:MM:SS` or `H:MM:SS`, as nearly all times are written.
fn plain(text: &[u8]) -> Option<i32> {
    let (hours, rest) = match text {
        [h, b':', rest @ ..] => (digit(*h)?, rest),
        [h, i, b':', rest @ ..] => (10 * digit(*h)? + digit(*i)?, rest),
        _ => return None,
    };
    let &[m, n, b':', s, t] = rest else { return None };
    let (minutes, seconds) = (10 * digit(m)? + digit(n)?, 10 * digit(s)? + digit(t)?);
    (minutes < 60 && seconds < 60).then_some(1_000 * (3_600 * hours + 60 * minutes + seconds))
}

fn digit(byte: u8) -> Option<i32> {
    byte.is_ascii_digit().then(|| i32::from(byte - b'0'))
}

/// The first thing wrong with the order of a trip's calls: the same sequence number twice, a blank time at an end, or
/// time going backwards.
fn order(file: &str, run: &[Stopping]) -> Option<(Problem, &'static str)> {
    if let Some(pair) = run.windows(2).find(|pair| pair[0].sequence == pair[1].sequence) {
        let found = pair[1].sequence.to_string();
        let wanted = "stop_sequence that is unique within the trip";
        return Some((Problem::new(file, found, wanted).at(pair[1].row), "stop_sequence"));
    }
    for end in [run.first()?, run.last()?] {
        if !end.is_timed {
            let problem = Problem::new(file, "nothing", "a time at the first and at the last stop of a trip");
            return Some((problem.at(end.row), "arrival_time"));
        }
    }
    let clock = |ms: i32| Time(i64::from(ms));
    let hint = "the timetable goes backwards; times after midnight are written 24:05:00";
    let mut before: Option<i32> = None;
    for stopping in run.iter().filter(|s| s.is_timed) {
        let (arrival, departure) = (stopping.arrival_ms, stopping.departure_ms);
        if let Some(before) = before.filter(|b| arrival < *b) {
            let wanted = format!("a time not before {}, when the stop before was left", clock(before));
            let problem = Problem::new(file, clock(arrival).to_string(), wanted);
            return Some((problem.at(stopping.row).hint(hint), "arrival_time"));
        }
        if departure < arrival {
            let wanted = format!("a time not before the arrival at {}", clock(arrival));
            let problem = Problem::new(file, clock(departure).to_string(), wanted);
            return Some((problem.at(stopping.row).hint(hint), "departure_time"));
        }
        before = Some(departure);
    }
    None
}

/// Row of the first call that no vehicle could reach in its time from the call before.
fn too_fast(run: &[Stopping], stops: &Stops) -> Option<u32> {
    /// No degree is longer, metres.
    const DEGREE_M: f64 = 112_000.0;
    let pair = run.windows(2).find(|pair| {
        let seconds = f64::from(pair[1].arrival_ms - pair[0].departure_ms) / 1_000.0;
        let most_m = if seconds > 0.0 { seconds * FASTEST_MPS } else { FARTHEST_AT_ONCE_M };
        let (from, to) = (stops.position(pair[0].stop), stops.position(pair[1].stop));
        // Nearly all sections are seen to be short without any trigonometry.
        ((from[0] - to[0]).abs() + (from[1] - to[1]).abs()) * DEGREE_M > most_m && distance_m(from, to) > most_m
    })?;
    Some(pair[1].row)
}

/// Fills blank times between written ones.
fn interpolate(run: &mut [Stopping], stops: &Stops, way: &Way) {
    let mut from = 0;
    for to in 1..run.len() {
        if !run[to].is_timed {
            continue;
        }
        if to > from + 1 {
            let (start_ms, end_ms) = (f64::from(run[from].departure_ms), f64::from(run[to].arrival_ms));
            let along = distances(&run[from..=to], stops, way.along(from..=to));
            let whole = along[along.len() - 1];
            for (stopping, along) in run[from + 1..to].iter_mut().zip(&along[1..]) {
                // Timetables are in whole seconds.
                let second = ((start_ms + (end_ms - start_ms) * along / whole) / 1_000.0).round();
                let time = (second * 1_000.0).clamp(start_ms, end_ms) as i32;
                stopping.arrival_ms = time;
                stopping.departure_ms = time;
            }
        }
        from = to;
    }
}

/// Distance of each call from the first one, in any unit; the last one is above zero.
fn distances(run: &[Stopping], stops: &Stops, shape: Option<&[f32]>) -> Vec<f64> {
    let travelled: Option<Vec<f32>> = run.iter().map(Stopping::travelled).collect();
    for told in [travelled.as_deref(), shape].into_iter().flatten() {
        if told.is_sorted() && told[0] < told[told.len() - 1] {
            return told.iter().map(|t| f64::from(*t) - f64::from(told[0])).collect();
        }
    }
    let mut sum = 0.0;
    let mut along = vec![0.0];
    for pair in run.windows(2) {
        sum += distance_m(stops.position(pair[0].stop), stops.position(pair[1].stop));
        along.push(sum);
    }
    if sum > 0.0 { along } else { (0..run.len()).map(|i| i as f64).collect() }
}
