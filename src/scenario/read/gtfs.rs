//! The timetable from a GTFS feed (gtfs.org, Schedule Reference), a folder or a zip file.
//!
//! Read are `stops`, `routes`, `trips`, `stop_times`, `calendar`, `calendar_dates`, `frequencies` and `transfers`;
//! further files and columns are left alone. Only services that run are kept.

use super::calendar;
use super::range::{LATITUDE, LONGITUDE};
use super::reading::{Part, Reading};
use super::rows::{Form, Row, rows};
use super::stop_times;
use crate::error::Problem;
use crate::ids::Names;
use crate::scenario::check::Unknown;
use crate::scenario::tables::{GtfsTrip, RouteRow, StopRow, Timetable, TransferRow};
use rustc_hash::FxHashMap;
use std::io::{Cursor, Read};

/// A feed that is open: a folder, or the bytes of a zip file.
pub(super) struct Feed {
    path: String,
    zip: Option<zip::ZipArchive<Cursor<Vec<u8>>>>,
    /// Folder inside the zip file.
    inside: String,
}

impl Feed {
    fn open(reading: &mut Reading, path: &str) -> Option<Feed> {
        let what = "a GTFS folder or zip file";
        if reading.path(path).is_dir() {
            return Some(Feed { path: path.to_owned(), zip: None, inside: String::new() });
        }
        let bytes = reading.bytes(path, what)?;
        match zip::ZipArchive::new(Cursor::new(bytes)) {
            Ok(zip) => {
                let inside = zip.file_names().filter_map(|n| n.strip_suffix("stops.txt")).min_by_key(|n| n.len());
                let inside = inside.unwrap_or("").to_owned();
                Some(Feed { path: path.to_owned(), zip: Some(zip), inside })
            }
            Err(error) => {
                reading.problem(Problem::new(path, error.to_string(), what));
                None
            }
        }
    }

    /// A file of the feed as messages name it.
    pub fn name(&self, file: &str) -> String {
        format!("{}/{file}", self.path.trim_end_matches('/'))
    }

    /// The rows of a file; `None` when it cannot be read, or is not there and need not be.
    pub fn rows<T>(
        &mut self,
        reading: &mut Reading,
        file: &str,
        needed: bool,
        form: &Form,
        make: impl FnMut(&mut Row) -> Option<T>,
    ) -> Option<Vec<T>> {
        let name = self.name(file);
        let bytes = match &mut self.zip {
            None if !needed && !reading.has(&name) => return None,
            None => reading.bytes(&name, "a file of the GTFS feed")?,
            Some(zip) => {
                reading.opens(&name);
                let mut bytes = Vec::new();
                let read = match zip.by_name(&format!("{}{file}", self.inside)) {
                    Ok(mut entry) => entry.read_to_end(&mut bytes).map(|_| ()).map_err(|e| e.to_string()),
                    Err(zip::result::ZipError::FileNotFound) if !needed => return None,
                    Err(zip::result::ZipError::FileNotFound) => Err("no such file in the zip file".to_owned()),
                    Err(error) => Err(error.to_string()),
                };
                if let Err(found) = read {
                    reading.problem(Problem::new(name, found, "a file of the GTFS feed"));
                    return None;
                }
                bytes
            }
        };
        rows(reading, &name, &bytes, form, make)
    }
}

/// All stops of a feed, stations and entrances included.
pub(super) struct Stops {
    /// Ids of all of them.
    pub names: Names,
    /// By index of the name: the position in the stop table, `None` where no vehicle stops.
    pub place: Vec<Option<u32>>,
    /// Stops where vehicles stop.
    pub rows: Vec<StopRow>,
}

/// A trip whose service runs or not, before its stop times are known.
pub(super) struct Trips {
    /// Ids of all trips.
    pub names: Names,
    /// By index of the name: the position among the trips that run.
    pub place: Vec<Option<u32>>,
    /// Trips that run, with their position in the feed.
    pub rows: Vec<GtfsTrip>,
}

/// Reads the timetable of the services that run, on the date when there is one.
pub(super) fn timetable(reading: &mut Reading, path: &str, date: Option<&str>) -> Timetable {
    let Some(mut feed) = Feed::open(reading, path) else {
        reading.unread.insert(Part::Services);
        return Timetable::default();
    };
    let stops = stops(reading, &mut feed);
    let routes = routes(reading, &mut feed);
    let runs = calendar::running(reading, &mut feed, date);
    let trips = runs.and_then(|runs| trips(reading, &mut feed, &runs));
    if stops.is_none() || routes.is_none() || trips.is_none() {
        reading.unread.insert(Part::Services);
    }
    let (known_stops, known_trips) = (stops.is_some(), trips.is_some());
    let stops = stops.unwrap_or_else(|| Stops { names: Names::default(), place: Vec::new(), rows: Vec::new() });
    let trips = trips.unwrap_or_else(|| Trips { names: Names::default(), place: Vec::new(), rows: Vec::new() });
    let mut trips = trips;
    if known_stops && known_trips {
        stop_times::fill(reading, &mut feed, &stops, &mut trips);
    }
    let transfers = if known_stops { transfers(reading, &mut feed, &stops) } else { Vec::new() };
    Timetable { stops: stops.rows, routes: routes.unwrap_or_default(), trips: trips.rows, transfers }
}

fn stops(reading: &mut Reading, feed: &mut Feed) -> Option<Stops> {
    let form = Form {
        required: &["stop_id"],
        optional: &["stop_name", "stop_lat", "stop_lon", "location_type", "parent_station"],
        open: true,
    };
    let mut stops = Stops { names: Names::default(), place: Vec::new(), rows: Vec::new() };
    let mut parents: Vec<(String, u32)> = Vec::new();
    feed.rows(reading, "stops.txt", true, &form, |row| -> Option<()> {
        let stop_id = row.id("stop_id")?;
        let Some(_) = stops.names.add(&stop_id) else {
            row.wrong("stop_id", "ids that are unique");
            return None;
        };
        let stopping = matches!(row.count_maybe("location_type"), None | Some(0));
        if !stopping {
            stops.place.push(None);
            return None;
        }
        let parent = row.maybe("parent_station");
        parents.extend(parent.iter().map(|p| (p.clone(), row.line)));
        stops.place.push(u32::try_from(stops.rows.len()).ok());
        stops.rows.push(StopRow {
            name: row.word("stop_name"),
            lon: row.number("stop_lon", LONGITUDE),
            lat: row.number("stop_lat", LATITUDE),
            parent,
            row: row.line,
            stop_id,
        });
        None
    })?;
    let mut unknown = Unknown::new(&feed.name("stops.txt"), "parent_station", "a stop_id of stops.txt");
    for (parent, row) in &parents {
        if stops.names.find(parent).is_none() {
            unknown.add(parent, *row);
        }
    }
    reading.problems.extend(unknown.problems(stops.names.all().iter().map(String::as_str)));
    Some(stops)
}

fn routes(reading: &mut Reading, feed: &mut Feed) -> Option<Vec<RouteRow>> {
    let form = Form {
        required: &["route_id", "route_type"],
        optional: &["route_short_name", "route_long_name", "route_color"],
        open: true,
    };
    feed.rows(reading, "routes.txt", true, &form, |row| {
        let route_type = row.count_maybe("route_type");
        if route_type.is_none() {
            row.wrong("route_type", "a GTFS route type such as 1 (metro), 2 (rail) or 3 (bus)");
        }
        let (short, long) = (row.word("route_short_name"), row.word("route_long_name"));
        Some(RouteRow {
            route_id: row.id("route_id")?,
            name: if short.is_empty() { long } else { short },
            route_type: route_type.unwrap_or(1),
            color: row.word("route_color"),
            row: row.line,
        })
    })
}

fn trips(reading: &mut Reading, feed: &mut Feed, runs: &FxHashMap<String, bool>) -> Option<Trips> {
    let form = Form { required: &["route_id", "service_id", "trip_id"], optional: &["direction_id"], open: true };
    let mut trips = Trips { names: Names::default(), place: Vec::new(), rows: Vec::new() };
    let mut unknown =
        Unknown::new(&feed.name("trips.txt"), "service_id", "a service_id of calendar.txt or calendar_dates.txt");
    feed.rows(reading, "trips.txt", true, &form, |row| -> Option<()> {
        let (route_id, service_id) = (row.id("route_id"), row.id("service_id"));
        let trip_id = row.id("trip_id")?;
        let direction = row.count_maybe("direction_id").unwrap_or(0);
        if trips.names.add(&trip_id).is_none() {
            row.wrong("trip_id", "ids that are unique");
            return None;
        }
        let service = service_id.as_deref().and_then(|s| runs.get(s));
        if let (Some(id), None) = (&service_id, service) {
            unknown.add(id, row.line);
        }
        if service == Some(&false) {
            trips.place.push(None);
            return None;
        }
        trips.place.push(u32::try_from(trips.rows.len()).ok());
        trips.rows.push(GtfsTrip {
            trip_id,
            route_id: route_id.unwrap_or_default(),
            direction,
            calls: Vec::new(),
            headways: Vec::new(),
            row: row.line,
        });
        None
    })?;
    let mut known: Vec<&str> = runs.keys().map(String::as_str).collect();
    known.sort_unstable();
    reading.problems.extend(unknown.problems(known));
    Some(trips)
}

/// Reads the transfers between stops; a station stands for all its stops.
fn transfers(reading: &mut Reading, feed: &mut Feed, stops: &Stops) -> Vec<TransferRow> {
    let form = Form {
        required: &["from_stop_id", "to_stop_id", "transfer_type"],
        optional: &["min_transfer_time"],
        open: true,
    };
    let file = feed.name("transfers.txt");
    let mut unknown = ["from_stop_id", "to_stop_id"].map(|c| Unknown::new(&file, c, "a stop_id of stops.txt"));
    let mut children: FxHashMap<&str, Vec<&str>> = FxHashMap::default();
    for stop in &stops.rows {
        if let Some(parent) = &stop.parent {
            children.entry(parent).or_default().push(&stop.stop_id);
        }
    }
    let read = feed.rows(reading, "transfers.txt", false, &form, |row| {
        // 3 forbids a transfer; 4 and 5 are about staying in the vehicle; a blank stop is about routes or trips.
        let kind = row.count_maybe("transfer_type").unwrap_or(0);
        let min_s = row.count_maybe("min_transfer_time").unwrap_or(0);
        if min_s > 86_400 {
            row.wrong("min_transfer_time", "whole seconds, at most 86,400");
        }
        let min_s = f64::from(min_s);
        let (from, to) = (row.maybe("from_stop_id")?, row.maybe("to_stop_id")?);
        let mut ends = [Vec::new(), Vec::new()];
        for ((id, unknown), end) in [&from, &to].into_iter().zip(&mut unknown).zip(&mut ends) {
            match stops.names.find(id).map(|i| stops.place[i as usize]) {
                Some(Some(_)) => end.push(id.clone()),
                Some(None) => end.extend(children.get(id.as_str()).into_iter().flatten().map(|c| (*c).to_owned())),
                None => unknown.add(id, row.line),
            }
        }
        let [from, to] = ends;
        let line = row.line;
        let pairs = from.iter().flat_map(|a| to.iter().map(move |b| (a.clone(), b.clone())));
        let pairs = pairs.map(|(a, b)| TransferRow { from_stop_id: a, to_stop_id: b, min_s, row: line });
        (kind < 3).then(|| pairs.collect::<Vec<_>>())
    });
    for unknown in unknown {
        reading.problems.extend(unknown.problems(stops.names.all().iter().map(String::as_str)));
    }
    read.into_iter().flatten().flatten().collect()
}
