//! GTFS feeds as a scenario of services alone: the feeds copied as they are, settings with a comment to every section,
//! capacities of vehicles by the types of routes, sources.

mod files;
mod vehicles;

use crate::error::{Error, Problem, Result};
use crate::scenario::init::check_empty;
use crate::scenario::read::SETTINGS_FILE;
use crate::scenario::read::gtfs::{HowRead, feeds};
use crate::scenario::settings::{Faults, NetworkSettings};
use crate::scenario::tables::{Feeds, GtfsTrip, Timetable};
use crate::units::{HOUR_MS, Time};
use serde::Serialize;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// What was written.
#[derive(Clone, Debug, Serialize)]
pub struct Imported {
    /// The scenario folder.
    pub out: PathBuf,
    /// Where the feeds lie in it.
    pub copies: Vec<String>,
    /// What the feeds hold and how they were read.
    pub services: Feeds,
    /// Vehicle runs of the day.
    pub departures: usize,
}

/// Reads feeds and writes them as a scenario into a folder, which is made when it is not there and refused when it is not
/// empty. `date` is `YYYYMMDD`; without it the scenario gets the date that is chosen for it.
///
/// # Errors
/// All problems of the feeds; a folder with something in it, or one that cannot be written.
pub fn import(paths: &[PathBuf], out: &Path, date: Option<&str>, faults: Faults) -> Result<Imported> {
    check_empty(out)?;
    let names: Vec<String> = paths.iter().map(|path| path.to_string_lossy().into_owned()).collect();
    if let Some(at) = (1..names.len()).find(|&i| names[..i].contains(&names[i])) {
        return Err(Error::Problems(vec![Problem::new(names[at].as_str(), "this feed again", "each feed once")]));
    }
    let walk_mps = NetworkSettings::default().walk_speed_mps;
    let timetable = feeds(&names, &HowRead { date: date.map(str::to_owned), faults, walk_mps, about: true })?;
    let copies = files::copy(paths, out)?;
    let chosen = timetable.feeds.chosen_date.as_ref().map(|c| c.date.to_string());
    let date = Day { date: date.map(str::to_owned).or(chosen), named: date.is_some() };
    let text = |file: &str, text: String| {
        let path = out.join(file);
        fs::write(&path, text).map_err(|e| Error::file(&path, e))
    };
    text("SOURCES.md", sources(&timetable.feeds, paths, &copies)?)?;
    // The settings come last: a folder that was left half written is no scenario.
    text(SETTINGS_FILE, settings(&timetable, &copies, &date, faults))?;
    let departures = timetable.trips.iter().map(runs).sum();
    Ok(Imported { out: out.to_owned(), copies, services: timetable.feeds, departures })
}

/// The date of the scenario.
struct Day {
    date: Option<String>,
    /// Whether somebody named it.
    named: bool,
}

/// Vehicle runs of a trip.
fn runs(trip: &GtfsTrip) -> usize {
    if trip.headways.is_empty() {
        return 1;
    }
    trip.headways.iter().map(|h| ((h.end_s - h.start_s) / h.headway_s).ceil().max(0.0) as usize).sum()
}

/// The first full hour at which no vehicle is under way any more, at least midnight.
fn end(timetable: &Timetable) -> Time {
    let last = timetable.trips.iter().filter_map(|trip| {
        let (first, last) = (trip.calls.first()?, trip.calls.last()?);
        let written = last.arrival().0;
        let repeated = trip.headways.iter().map(|h| (h.end_s * 1e3) as i64 + written - first.departure().0).max();
        Some(repeated.unwrap_or(written))
    });
    let hours = last.max().unwrap_or(0) / HOUR_MS + 1;
    Time(hours.clamp(24, 168) * HOUR_MS)
}

/// Text of a TOML string.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn settings(timetable: &Timetable, copies: &[String], day: &Day, faults: Faults) -> String {
    let feeds = &timetable.feeds;
    let who: Vec<&str> =
        feeds.feeds.iter().flat_map(|f| &f.agencies).map(|a| a.split(" (").next().unwrap_or(a)).collect();
    let who = if who.is_empty() { "GTFS".to_owned() } else { who.join(", ") };
    let gtfs = match copies {
        [one] => quoted(one),
        several => format!("[{}]", several.iter().map(|c| quoted(c)).collect::<Vec<_>>().join(", ")),
    };
    let mut toml = String::from(
        "# A scenario of scheduled services alone, imported from GTFS. `hubflow check` tells what is in it, `hubflow route` a\n\
         # journey; `hubflow schema` lists all keys with their meaning. Roads (network/), districts, zones and hubs may be\n\
         # added; until then stops are joined by straight walks.\n\n",
    );
    let _ = writeln!(toml, "title = {}", quoted(&format!("Services of {who}")));
    toml.push_str("# Caveats are shown on every report.\n");
    toml.push_str(
        "caveats = [\"Vehicle capacities are round figures by the type of the route, not those of the fleet.\"]\n",
    );
    toml.push_str("crs = \"EPSG:4326\"\n\n[time]\nstart = \"00:00\"\n# After the last arrival of the timetable.\n");
    let _ = writeln!(toml, "end = \"{}:00\"\n\n[services]\ngtfs = {gtfs}", end(timetable).0 / HOUR_MS);
    match (&day.date, day.named) {
        (Some(date), true) => _ = writeln!(toml, "# The day whose services run.\ndate = \"{date}\""),
        (Some(date), false) => {
            let why = feeds.chosen_date.as_ref().map_or("", |c| c.why.as_str());
            let _ = writeln!(toml, "# Chosen: {why}.\ndate = \"{date}\"");
        }
        (None, _) => toml.push_str("# All services run on the same days.\n# date = \"YYYYMMDD\"\n"),
    }
    let faults = if faults == Faults::Refuse { "refuse" } else { "leave_out" };
    let _ = writeln!(
        toml,
        "# Faulty rows of the feed: \"refuse\" it, or \"leave_out\" the rows and tell so.\nfaults = \"{faults}\""
    );
    toml.push_str(
        "# Farthest walks, metres on foot: to a stop, and between stops for a change.\naccess_m = 1500.0\ntransfer_m = 500.0\n\
         # Least time for a change at one stop, seconds.\nchange_s = 120.0\n\
         # Fares: \"settings\" (below, yuan) or \"feed\", where all rides on a route cost the same; then fare_rate_cny is what one\n\
         # unit of the feed's currency is worth.\nfares = \"settings\"\nfare_rate_cny = 1.0\nfare_base_cny = 2.0\nfare_per_km_cny = 0.15\n\n",
    );
    toml.push_str(&vehicles::section(&timetable.routes));
    toml
}

/// What the feeds are and where they come from, as far as they say.
fn sources(feeds: &Feeds, paths: &[PathBuf], copies: &[String]) -> Result<String> {
    let mut text = String::from(
        "# Sources\n\nThe feeds are copied as they are. Their licence is that of their publishers; a feed does not state it.\n\n\
         | table | origin | BLAKE3 | publisher | agencies | days |\n|---|---|---|---|---|---|\n",
    );
    let cell = |text: &str| text.replace(['|', '\n', '\r'], " ");
    for ((facts, copy), path) in feeds.feeds.iter().zip(copies).zip(paths) {
        let days = facts.days.map_or(String::new(), |(first, last)| format!("{first} to {last}"));
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let digest = files::digest(path)?;
        let (publisher, agencies) = (cell(&facts.publisher), cell(&facts.agencies.join(", ")));
        let _ = writeln!(text, "| {copy} | {} | {digest} | {publisher} | {agencies} | {days} |", cell(&name));
    }
    let _ = writeln!(
        text,
        "| scenario.toml | imported by hubflow {}; {} | | | | |",
        env!("CARGO_PKG_VERSION"),
        vehicles::SOURCE
    );
    Ok(text)
}

#[cfg(test)]
mod tests;
