//! GTFS `frequencies.txt`: trips that are run again and again by a headway.

use super::feed::Feed;
use super::stop_times::LATEST;
use super::trips::Trips;
use crate::error::{Problem, shown};
use crate::scenario::check::Unknown;
use crate::scenario::read::range::HEADWAY;
use crate::scenario::read::reading::Reading;
use crate::scenario::read::rows::Form;
use crate::scenario::tables::Headway;
use crate::units::Time;

/// Calls of all departures by headways at most: as many as the largest national timetables have in a day (general
/// knowledge, 2026). They take 1.2 GB.
const MOST_CALLS: f64 = 2e7;

/// Reads the headways of trips that run more than once.
pub(super) fn fill(reading: &mut Reading, feed: &mut Feed, trips: &mut Trips) {
    let form = Form {
        required: &["trip_id", "start_time", "end_time", "headway_secs"],
        optional: &["exact_times"],
        open: true,
    };
    let file = feed.name("frequencies.txt");
    let mut unknown = Unknown::new(&file, "trip_id", "a trip_id of trips.txt");
    let lenient = !feed.uses(false);
    let mut calls = 0.0;
    let read = feed.rows(reading, ("frequencies.txt", false), &form, |row| {
        let (start_s, end_s) = (row.time("start_time"), row.time("end_time"));
        let headway_s = row.number("headway_secs", HEADWAY);
        if end_s <= start_s {
            row.wrong("end_time", "a time after start_time");
        }
        if end_s > LATEST.seconds() {
            row.wrong("end_time", "a time up to 240:00:00");
        }
        let exact = match row.text("exact_times") {
            "" | "0" => false,
            "1" => true,
            _ => {
                row.wrong("exact_times", "0 (headways are kept as well as it goes) or 1 (a timetable)");
                false
            }
        };
        let Some(trip) = trips.names.find(row.text("trip_id")) else {
            unknown.add(row.text("trip_id"), row.line);
            return None;
        };
        let trip = trips.place[trip as usize]?;
        // What is no time would make the sum no number, which is never too large.
        if row.is_sound() {
            let more = ((end_s - start_s) / headway_s).ceil() * trips.rows[trip as usize].calls.len() as f64;
            if calls + more > MOST_CALLS {
                let found = format!("\"{}\", {more} calls after {calls}", shown(row.text("headway_secs")));
                let wanted = "headways that come to at most 20,000,000 calls of vehicles a day";
                row.push(Problem::new(&file, found, wanted).at(row.line).column("headway_secs"));
                return None;
            }
            calls += more;
        }
        (row.is_sound() || !lenient).then_some((trip, Headway { start_s, end_s, headway_s, exact }, row.line))
    });
    feed.unknown(unknown, trips.names.all().iter());
    let mut rows = read.unwrap_or_default();
    rows.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.start_s.total_cmp(&b.1.start_s)));
    let mut until: Option<(u32, f64, u32)> = None;
    for (trip, headway, line) in rows {
        if let Some((_, _, row)) = until.filter(|(before, end_s, _)| *before == trip && headway.start_s < *end_s) {
            let found = Time::from_seconds(headway.start_s).to_string();
            let wanted = format!("periods of a trip that do not overlap, that of row {row} being one");
            feed.fault(Problem::new(&file, found, wanted).at(line).column("start_time"));
            continue;
        }
        until = Some((trip, headway.end_s, line));
        trips.rows[trip as usize].headways.push(headway);
    }
}
