//! The timetable from GTFS feeds (gtfs.org, Schedule Reference), folders or zip files.
//!
//! Read are `stops`, `routes`, `trips`, `stop_times`, `calendar`, `calendar_dates`, `frequencies`, `transfers`, `shapes`,
//! `pathways`, `levels`, `fare_attributes` and `fare_rules`; further files and columns are left alone. Only services that
//! run are kept.

mod about;
mod calendar;
mod fares;
mod feed;
mod frequencies;
mod merge;
mod pathways;
mod shapes;
mod stop_times;
mod stops;
mod transfers;
mod trips;

pub(in crate::scenario) use calendar::weekday;

use super::reading::{Part, Reading};
use crate::error::{Error, Problem, Result};
use crate::scenario::settings::Faults;
use crate::scenario::tables::{ChosenDate, FeedFacts, Timetable};
use calendar::{Calendar, Choice, choose, date_of, day_of};
use feed::Feed;
use shapes::Shapes;
use std::path::Path;
use stops::Stops;
use trips::{Routes, Trips};

/// How feeds are read.
#[derive(Clone, Debug, Default)]
pub struct HowRead {
    /// Date whose services run, `YYYYMMDD`.
    pub date: Option<String>,
    /// What becomes of faulty rows.
    pub faults: Faults,
    /// Walking speed along pathways of stations, metres per second.
    pub walk_mps: f64,
    /// Whether to read who made the feed as well.
    pub about: bool,
}

/// A feed whose tables of all days are read.
struct Opened {
    feed: Feed,
    facts: FeedFacts,
    stops: Stops,
    routes: Routes,
    calendar: Calendar,
    trips: Trips,
}

/// Reads feeds that belong to no scenario yet.
///
/// # Errors
/// All problems of the feeds; with [`Faults::LeaveOut`] only those that leave nothing of use.
pub fn feeds(paths: &[String], how: &HowRead) -> Result<Timetable> {
    let mut reading = Reading::new(Path::new(""));
    if let Some(date) = how.date.as_ref().filter(|d| d.len() != 8 || d.parse().ok().and_then(day_of).is_none()) {
        return Err(Error::Problems(vec![Problem::new("--date", format!("\"{date}\""), "a date YYYYMMDD")]));
    }
    let timetable = timetable(&mut reading, paths, how);
    reading.finish(Some(timetable))
}

/// Reads the timetable of the services that run, on the date when there is one.
pub(super) fn timetable(reading: &mut Reading, paths: &[String], how: &HowRead) -> Timetable {
    let opened: Vec<Option<Opened>> = paths.iter().map(|path| open(reading, path, how)).collect();
    if opened.iter().any(Option::is_none) {
        reading.unread.insert(Part::Services);
    }
    let mut opened: Vec<Opened> = opened.into_iter().flatten().collect();
    if opened.is_empty() {
        return Timetable::default();
    }
    // A wrong date is told with the settings.
    let named = how.date.as_ref().and_then(|d| d.parse().ok()).and_then(day_of);
    let choice = if how.date.is_some() { Choice::All } else { choose_date(&opened) };
    let mut notes = Vec::new();
    let chosen = match choice {
        Choice::All => None,
        Choice::Date(day, why) => Some((day, why)),
        Choice::NoDay => {
            notes.push("no service has a day on which it runs between its first and last; all of them run".to_owned());
            None
        }
    };
    let day = named.or(chosen.as_ref().map(|c| c.0));
    let mut parts: Vec<Timetable> = Vec::with_capacity(opened.len());
    let several = opened.len() > 1;
    for opened in &mut opened {
        runs(reading, opened, day, several);
    }
    let (mut left_out, mut faults) = (Vec::new(), Vec::new());
    for opened in opened {
        let (part, feed) = part(reading, opened, how);
        parts.push(part);
        let closed = feed.close(reading, &mut left_out);
        notes.extend(closed.notes);
        faults.extend(closed.faults);
    }
    if parts.iter().all(|part| part.trips.is_empty()) {
        // Where nothing is left the faults are the cause.
        reading.problems.append(&mut faults);
        if reading.problems.is_empty() {
            reading.problem(Problem::new(paths[0].as_str(), "no trip that runs", "a feed with trips that run"));
        }
    }
    let mut merged = merge::merge(parts, &mut notes);
    merged.feeds.chosen_date = chosen.map(|(day, why)| ChosenDate { date: date_of(day), why });
    merged.feeds.left_out = left_out;
    merged.feeds.notes = notes;
    merged
}

/// Opens a feed and reads what does not depend on the date; `None` when a table cannot be read.
fn open(reading: &mut Reading, path: &str, how: &HowRead) -> Option<Opened> {
    let mut feed = Feed::open(reading, path, how.faults)?;
    let mut facts = FeedFacts { feed: feed.path().to_owned(), ..FeedFacts::default() };
    if how.about {
        about::about(reading, &mut feed, &mut facts);
    }
    let stops = Stops::read(reading, &mut feed);
    if let Some(stops) = &stops {
        stops::crowded(stops, &mut feed);
    }
    let routes = Routes::read(reading, &mut feed);
    let calendar = Calendar::read(reading, &mut feed);
    let trips = calendar.as_ref().and_then(|c| Trips::read(reading, &mut feed, c, routes.as_ref()));
    let (Some(stops), Some(routes), Some(calendar), Some(trips)) = (stops, routes, calendar, trips) else {
        // What is wrong with its other rows is told as well.
        feed.close(reading, &mut Vec::new());
        return None;
    };
    facts.days = calendar.span().map(|(first, last)| (date_of(first), date_of(last)));
    facts.stops = stops.count;
    facts.routes = routes.names.len();
    facts.trips = trips.count();
    Some(Opened { feed, facts, stops, routes, calendar, trips })
}

fn choose_date(opened: &[Opened]) -> Choice {
    let calendars: Vec<&Calendar> = opened.iter().map(|o| &o.calendar).collect();
    let trips: Vec<Vec<u32>> = opened.iter().map(|o| o.trips.by_service(o.calendar.names.len())).collect();
    choose(&calendars, &trips)
}

/// Keeps the trips that run, and tells when there are none although there are services.
fn runs(reading: &mut Reading, opened: &mut Opened, day: Option<i64>, several: bool) {
    let Opened { feed, facts, calendar, trips, .. } = opened;
    let services = calendar.names.len() as u32;
    let runs: Vec<bool> = (0..services).map(|service| calendar.runs(service, day)).collect();
    // Under a date that cannot be read all days are unclear, and that date is told.
    if calendar.is_unclear() && feed.uses(false) {
        trips.keep(&runs);
        return;
    }
    let any = trips.by_service(services as usize).iter().zip(&runs).any(|(trips, runs)| *trips > 0 && *runs);
    let had = trips.count();
    trips.keep(&runs);
    facts.running = trips.rows.len();
    if any || (had == 0 && services == 0) {
        return;
    }
    let day = match day {
        Some(day) => date_of(day).to_string(),
        None => "any day".to_owned(),
    };
    let found = match runs.contains(&true) {
        true => format!("no trip of a service that runs on {day}"),
        false => format!("no service that runs on {day}"),
    };
    let (file, row) = calendar.first_row.unwrap_or(("calendar.txt", 1));
    let mut problem = Problem::new(feed.name(file), found, "a service that runs").at(row).column("service_id");
    problem = problem.hint(match facts.days {
        Some((first, last)) => format!("services run from {first} to {last}; see services.date"),
        None => "see services.date in scenario.toml".to_owned(),
    });
    // Of several feeds one may rest on a day when the faulty may be left out.
    if several { feed.fault(problem) } else { reading.problem(problem) }
}

/// Reads what depends on the date.
fn part(reading: &mut Reading, opened: Opened, how: &HowRead) -> (Timetable, Feed) {
    let Opened { mut feed, mut facts, stops, mut routes, mut trips, .. } = opened;
    let mut shapes = Shapes::read(reading, &mut feed, &trips.shapes, &trips.shape);
    shapes.missing(&mut feed, &trips);
    match stop_times::fill(reading, &mut feed, (&stops, &mut shapes), &mut trips) {
        Some(counts) => (facts.stop_times, facts.blank_times) = (counts.rows, counts.blank),
        None => _ = reading.unread.insert(Part::Services),
    }
    if shapes.astray > 0 {
        let words =
            "stop sequences lie more than a kilometre off their shape; their lengths are straight from stop to stop";
        feed.notes.push(format!("{}: {} {words}", feed.path(), shapes.astray));
    }
    frequencies::fill(reading, &mut feed, &mut trips);
    let transfers = transfers::transfers(reading, &mut feed, &stops);
    let walks = pathways::walks(reading, &mut feed, &stops, how.walk_mps);
    fares::fill(reading, &mut feed, &stops, &trips, &mut routes);
    if how.faults == Faults::LeaveOut {
        trips.rows.retain(|trip| trip.calls.len() > 1);
        facts.running = trips.rows.len();
    }
    let mut timetable = Timetable {
        stops: stops.rows,
        routes: routes.rows,
        trips: trips.rows,
        transfers,
        station_walks: walks.between,
        entrances: walks.entrances,
        ways: shapes.ways,
        ..Timetable::default()
    };
    timetable.feeds.feeds.push(facts);
    (timetable, feed)
}
