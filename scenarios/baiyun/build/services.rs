//! The metro and intercity lines as a GTFS timetable with headways.
//!
//! One stop per line and station, because a change between two lines of a station takes minutes: the stops of a station
//! share a parent, and `transfers.txt` says how long the change takes.

use crate::facts::{Facts, Line, Station};
use crate::geometry::{gap, to_plane};
use crate::output::{Sheet, clock, degrees};
use std::error::Error;
use std::path::Path;

/// Standing time at a stop, seconds; part of the commercial speed.
const DWELL_S: f64 = 30.0;
/// First moment of the day and its headway periods: until, and whether it is a peak.
const FIRST_S: u32 = 6 * 3_600;
const PERIODS: [(u32, bool); 5] =
    [(7 * 3_600, false), (9 * 3_600, true), (17 * 3_600, false), (19 * 3_600, true), (23 * 3_600 + 1_800, false)];
/// Stops of one name closer than this are one station, metres …
const SAME_NAME_M: f64 = 600.0;
/// … and stops of any name closer than this.
const SAME_PLACE_M: f64 = 150.0;

/// A stop: a line's part of a station.
struct Stop<'a> {
    id: String,
    line: usize,
    station: &'a Station,
    at: [f64; 2],
    parent: usize,
}

/// A pattern: stops in order with metres from the first.
struct Pattern {
    stops: Vec<usize>,
    metres: Vec<f64>,
}

/// External id of the stop of a station.
pub fn stop_id(station: &Station) -> String {
    format!("{}-{:02}", station.line_id, station.seq)
}

/// Lines that run in the base.
fn lines(facts: &Facts) -> Vec<&Line> {
    facts.lines.iter().filter(|l| l.peak_headway_s.is_some() && l.offpeak_headway_s.is_some()).collect()
}

/// Writes the GTFS folder.
pub fn write(facts: &Facts, folder: &Path) -> Result<(), Box<dyn Error>> {
    let lines = lines(facts);
    let mut stops = Vec::new();
    for (l, line) in lines.iter().enumerate() {
        for station in facts.served(&line.line_id) {
            let at = to_plane([station.lon, station.lat]);
            stops.push(Stop { id: stop_id(station), line: l, station, at, parent: stops.len() });
        }
    }
    find_parents(&mut stops);
    stop_sheet(&stops).write(&folder.join("stops.txt"))?;
    transfer_sheet(&stops, &lines).write(&folder.join("transfers.txt"))?;
    line_sheets(&lines, &stops, folder)?;
    fixed_sheets(&lines, folder)
}

/// Ties every stop to the first stop of its station.
fn find_parents(stops: &mut [Stop]) {
    for i in 0..stops.len() {
        let same = |j: &usize| {
            let away = gap(stops[*j].at, stops[i].at);
            let name = stops[*j].station.station_zh == stops[i].station.station_zh;
            stops[*j].line != stops[i].line && (away < SAME_PLACE_M || name && away < SAME_NAME_M)
        };
        if let Some(j) = (0..i).find(same) {
            stops[i].parent = stops[j].parent;
        }
    }
}

fn stop_sheet(stops: &[Stop]) -> Sheet {
    let mut sheet = Sheet::new(&["stop_id", "stop_name", "stop_lat", "stop_lon", "location_type", "parent_station"]);
    let row = |id: String, s: &Stop, kind: &str, parent: String| {
        let name = s.station.station_zh.clone();
        vec![id, name, degrees(s.station.lat), degrees(s.station.lon), kind.to_owned(), parent]
    };
    let parent_id = |p: usize| format!("ST-{}", stops[p].id);
    for (i, stop) in stops.iter().enumerate().filter(|(i, s)| s.parent == *i) {
        sheet.row(row(parent_id(i), stop, "1", String::new()));
    }
    for stop in stops {
        sheet.row(row(stop.id.clone(), stop, "0", parent_id(stop.parent)));
    }
    sheet
}

/// Changes within a station: two minutes and the walk, at most four minutes; one minute across the platform between
/// the two parts of line 3.
fn transfer_sheet(stops: &[Stop], lines: &[&Line]) -> Sheet {
    let mut sheet = Sheet::new(&["from_stop_id", "to_stop_id", "transfer_type", "min_transfer_time"]);
    for a in stops {
        for b in stops.iter().filter(|b| b.parent == a.parent && b.id != a.id) {
            let mut parts = [lines[a.line].line_id.as_str(), lines[b.line].line_id.as_str()];
            parts.sort_unstable();
            let across = parts == ["L3", "L3N"];
            let walk = (120.0 + gap(a.at, b.at) / 1.3).min(240.0).round();
            let seconds = if across { 60.0 } else { walk };
            sheet.row(vec![a.id.clone(), b.id.clone(), "2".into(), format!("{seconds:.0}")]);
        }
    }
    sheet
}

/// Patterns of a line in the order of its stations. The ring line 11 is cut at two places, half of its trains each, so
/// that neighbours on either side of one cut are served by the trains of the other.
fn patterns(line: &Line, mine: &[usize], stops: &[Stop]) -> Vec<Pattern> {
    let chain: Option<Vec<f64>> = mine.iter().map(|&s| stops[s].station.chainage_m).collect();
    if let Some(metres) = chain {
        return vec![Pattern { stops: mine.to_vec(), metres }];
    }
    let n = mine.len();
    let hop = |k: usize| gap(stops[mine[k % n]].at, stops[mine[(k + 1) % n]].at);
    let around: f64 = (0..n).map(hop).sum();
    let whole = line.length_km.expect("a line without chainages has a length") * 1_000.0;
    let from = |first: usize| {
        let mut metres = vec![0.0];
        for k in first..first + n - 1 {
            metres.push(metres[metres.len() - 1] + hop(k) / around * whole);
        }
        Pattern { stops: (first..first + n).map(|k| mine[k % n]).collect(), metres }
    };
    vec![from(0), from(n / 2)]
}

/// Arrival and departure at every stop of a pattern, seconds after the first departure. The end-to-end time is the
/// published one, or length over commercial speed; what is left of it after the stops is shared by distance.
fn times(line: &Line, metres: &[f64]) -> Vec<(u32, u32)> {
    let length = metres[metres.len() - 1] - metres[0];
    let minutes = line.end_to_end_min.unwrap_or(length / 1_000.0 / line.commercial_speed_kmh * 60.0);
    let riding = minutes * 60.0 - DWELL_S * (metres.len() - 2) as f64;
    let mut now = 0.0;
    let mut calls = vec![(0, 0)];
    for (k, hop) in metres.windows(2).enumerate() {
        now += (riding * (hop[1] - hop[0]) / length).max(20.0);
        let arrival = now.round() as u32;
        now += if k + 2 < metres.len() { DWELL_S } else { 0.0 };
        calls.push((arrival, now.round() as u32));
    }
    calls
}

fn line_sheets(lines: &[&Line], stops: &[Stop], folder: &Path) -> Result<(), Box<dyn Error>> {
    let mut trips = Sheet::new(&["route_id", "service_id", "trip_id", "trip_headsign", "direction_id"]);
    let mut calls = Sheet::new(&["trip_id", "arrival_time", "departure_time", "stop_id", "stop_sequence"]);
    let mut headways = Sheet::new(&["trip_id", "start_time", "end_time", "headway_secs", "exact_times"]);
    for (l, line) in lines.iter().enumerate() {
        let mine: Vec<usize> = (0..stops.len()).filter(|&s| stops[s].line == l).collect();
        let patterns = patterns(line, &mine, stops);
        for (k, pattern) in patterns.iter().enumerate() {
            for direction in 0..2 {
                let part = if patterns.len() > 1 { format!("{}", k + 1) } else { String::new() };
                let trip_id = format!("{}_{direction}{part}", line.line_id);
                let ordered = turned(pattern, direction);
                let last = &stops[ordered.stops[ordered.stops.len() - 1]].station.station_zh;
                let direction = direction.to_string();
                trips.row(vec![line.line_id.clone(), "daily".into(), trip_id.clone(), last.clone(), direction]);
                for (k, (arrival, departure)) in times(line, &ordered.metres).into_iter().enumerate() {
                    let stop = stops[ordered.stops[k]].id.clone();
                    let (arrival, departure) = (clock(FIRST_S + arrival), clock(FIRST_S + departure));
                    calls.row(vec![trip_id.clone(), arrival, departure, stop, (k + 1).to_string()]);
                }
                add_headways(line, &trip_id, patterns.len() as u32, &mut headways);
            }
        }
    }
    trips.write(&folder.join("trips.txt"))?;
    calls.write(&folder.join("stop_times.txt"))?;
    headways.write(&folder.join("frequencies.txt"))
}

/// The pattern in one direction.
fn turned(pattern: &Pattern, direction: u32) -> Pattern {
    if direction == 0 {
        return Pattern { stops: pattern.stops.clone(), metres: pattern.metres.clone() };
    }
    let whole = pattern.metres[pattern.metres.len() - 1];
    Pattern {
        stops: pattern.stops.iter().rev().copied().collect(),
        metres: pattern.metres.iter().rev().map(|m| whole - m).collect(),
    }
}

fn add_headways(line: &Line, trip_id: &str, patterns: u32, sheet: &mut Sheet) {
    let mut from = FIRST_S;
    for (to, peak) in PERIODS {
        let headway = if peak { line.peak_headway_s } else { line.offpeak_headway_s };
        let headway = headway.expect("only lines with headways run") * patterns;
        sheet.row(vec![trip_id.into(), clock(from), clock(to), headway.to_string(), "0".into()]);
        from = to;
    }
}

fn fixed_sheets(lines: &[&Line], folder: &Path) -> Result<(), Box<dyn Error>> {
    let mut agency = Sheet::new(&["agency_id", "agency_name", "agency_url", "agency_timezone"]);
    let agencies = [
        ("GZM", "广州地铁 Guangzhou Metro", "https://www.gzmtr.com"),
        ("FSM", "佛山地铁 Foshan Metro", "https://www.fmetro.net"),
        ("GII", "广东城际 Guangdong Intercity Railway", "https://www.gzmtr.com"),
    ];
    for (id, name, url) in agencies {
        agency.row(vec![id.into(), name.into(), url.into(), "Asia/Shanghai".into()]);
    }
    agency.write(&folder.join("agency.txt"))?;
    let mut routes =
        Sheet::new(&["route_id", "agency_id", "route_short_name", "route_long_name", "route_type", "route_color"]);
    for line in lines {
        let agency = match line.line_id.as_str() {
            id if id.starts_with("IC") => "GII",
            "FS2" => "FSM",
            _ => "GZM",
        };
        let (id, name) = (line.line_id.clone(), line.name_zh.clone());
        routes.row(vec![id.clone(), agency.into(), id, name, line.route_type.to_string(), line.colour.clone()]);
    }
    routes.write(&folder.join("routes.txt"))?;
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let header = format!("service_id,{},start_date,end_date\ndaily,1,1,1,1,1,1,1,20250101,20250928\n", days.join(","));
    crate::output::write_text(&folder.join("calendar.txt"), &header)
}
