//! A city of lines: stops on a grid 400 m apart, a bus line along every row and every column (every 10 minutes, 90 s
//! between stops), and an express along every fifth of them that stops at every fourth stop (every 6 minutes, 150 s
//! between its stops). All run both ways from 5:00 until 23:00 and do not stand at stops. 40 × 40 stops make 748,800
//! stop times.
//!
//! As lines for benches, or as a scenario folder of services alone with a GTFS feed.

use crate::error::{Error, Result};
use crate::ids::{DepartureIx, LineIx, StopIx};
use crate::network::lines::{Line, Lines, Stop};
use crate::scenario::init::check_empty;
use crate::scenario::read::SETTINGS_FILE;
use crate::units::{HOUR_MS, SECOND_MS, Time};
use serde::Serialize;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

/// Distance between neighbouring stops, metres.
pub const STOP_M: f64 = 400.0;

/// First departures, and the moment before which the last ones leave.
const DAY: [i64; 2] = [5 * HOUR_MS, 23 * HOUR_MS];

/// Every so many rows and columns one has an express, …
const EXPRESS_EVERY: usize = 5;
/// … which calls at every so many stops.
const SKIPS: usize = 4;

/// Least time for a change, milliseconds.
const CHANGE_MS: i64 = 120 * SECOND_MS;

/// Persons that fit into a bus: 2.5 m × 12 m (general knowledge).
const CAPACITY: u32 = 80;

/// A city of lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineCity {
    /// Stops from west to east, at least 2.
    pub columns: usize,
    /// Stops from south to north, at least 2.
    pub rows: usize,
}

/// A line of the city in one direction.
struct Service {
    /// `R7` for row 7, `C7` for column 7, `XR5` for the express along row 5.
    route: String,
    back: bool,
    stops: Vec<usize>,
    headway_ms: i64,
    hop_ms: i64,
    /// Stops of the grid from one of its stops to the next.
    every: usize,
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Written {
    /// Stops.
    pub stops: u64,
    /// Routes.
    pub routes: u64,
    /// Trips.
    pub trips: u64,
    /// Stop times.
    pub stop_times: u64,
}

impl Service {
    fn departures(&self) -> impl Iterator<Item = i64> {
        (DAY[0]..DAY[1]).step_by(self.headway_ms as usize)
    }
}

impl LineCity {
    /// Number of stops.
    pub fn stops(&self) -> usize {
        self.columns * self.rows
    }

    /// Position of a stop, lon/lat degrees: at the equator, where a degree of longitude is one of latitude.
    pub fn position(&self, stop: usize) -> [f64; 2] {
        /// 111,195.08 m, see [`crate::units::distance_m`].
        const DEG_PER_M: f64 = 1.0 / 111_195.08;
        [stop % self.columns, stop / self.columns].map(|steps| steps as f64 * STOP_M * DEG_PER_M)
    }

    /// All lines: rows, columns, then expresses; of each the way out and the way back.
    fn services(&self) -> Vec<Service> {
        let LineCity { columns, rows } = *self;
        let row = |y: usize| (format!("R{y}"), (0..columns).map(|x| y * columns + x).collect::<Vec<usize>>());
        let column = |x: usize| (format!("C{x}"), (0..rows).map(|y| y * columns + x).collect());
        let fifth = |all: usize| (0..all).step_by(EXPRESS_EVERY);
        let local = (0..rows).map(row).chain((0..columns).map(column));
        let express = fifth(rows).map(row).chain(fifth(columns).map(column));
        let express = express.map(|(id, stops)| (format!("X{id}"), stops.into_iter().step_by(SKIPS).collect()));
        let of = |every: usize, headway_s: i64, hop_s: i64| {
            move |(route, stops): (String, Vec<usize>)| {
                let back = stops.iter().rev().copied().collect();
                [(false, stops), (true, back)].map(|(back, stops)| Service {
                    route: route.clone(),
                    back,
                    stops,
                    headway_ms: headway_s * SECOND_MS,
                    hop_ms: hop_s * SECOND_MS,
                    every,
                })
            }
        };
        let all = local.flat_map(of(1, 600, 90)).chain(express.flat_map(of(SKIPS, 360, 150)));
        all.filter(|service| service.stops.len() > 1).collect()
    }

    /// The lines without streets around them.
    pub fn lines(&self) -> Lines {
        let stop = |s: usize| Stop { name: s.to_string(), position: self.position(s), hub: None, node: None };
        let mut lines = Lines {
            stops: (0..self.stops()).map(stop).collect(),
            stop_lines: vec![Vec::new(); self.stops()],
            transfers: vec![Vec::new(); self.stops()],
            change_ms: CHANGE_MS,
            ..Lines::default()
        };
        for service in self.services() {
            let calls = |at: i64| (0..service.stops.len() as i64).map(move |p| Time(at + p * service.hop_ms));
            let times: Vec<Time> = service.departures().flat_map(calls).collect();
            let chainage = |p: usize| (p * service.every) as f64 * STOP_M;
            for (position, &stop) in (0..).zip(&service.stops) {
                lines.stop_lines[stop].push((LineIx::from(lines.lines.len()), position));
            }
            let runs = times.len() / service.stops.len();
            lines.lines.push(Line {
                stops: service.stops.iter().map(|&s| StopIx::from(s)).collect(),
                chainage_m: (0..service.stops.len()).map(chainage).collect(),
                capacity: CAPACITY,
                timed: true,
                first_departure: DepartureIx(lines.departures),
                arrivals: times.clone(),
                departures: times,
                route_id: service.route.clone(),
                name: service.route,
                ..Line::default()
            });
            lines.departures += runs as u32;
        }
        lines
    }

    /// Writes the city as a scenario of services alone into a folder, which is made when it is not there and refused when
    /// it is not empty.
    ///
    /// # Errors
    /// A folder with something in it, or one that cannot be written.
    pub fn write(&self, dir: &Path) -> Result<Written> {
        check_empty(dir)?;
        let feed = dir.join("services");
        fs::create_dir_all(&feed).map_err(|e| Error::file(&feed, e))?;
        let services = self.services();
        let mut written = Written { stops: self.stops() as u64, ..Written::default() };
        let text = |path: &Path, text: String| fs::write(path, text).map_err(|e| Error::file(path, e));
        let agency = "agency_id,agency_name,agency_url,agency_timezone\ncity,City of lines,https://example.org,UTC\n";
        text(&feed.join("agency.txt"), agency.to_owned())?;
        let days = "monday,tuesday,wednesday,thursday,friday,saturday,sunday";
        let calendar = format!("service_id,{days},start_date,end_date\ndaily,1,1,1,1,1,1,1,20260101,20261231\n");
        text(&feed.join("calendar.txt"), calendar)?;
        table(&feed.join("stops.txt"), |to| {
            writeln!(to, "stop_id,stop_name,stop_lat,stop_lon")?;
            (0..self.stops()).try_for_each(|s| {
                let [lon, lat] = self.position(s);
                writeln!(to, "{s},{} / {},{lat:.6},{lon:.6}", s % self.columns, s / self.columns)
            })
        })?;
        table(&feed.join("routes.txt"), |to| {
            writeln!(to, "route_id,agency_id,route_short_name,route_type")?;
            let routes = services.iter().filter(|service| !service.back);
            routes.inspect(|_| written.routes += 1).try_for_each(|s| writeln!(to, "{0},city,{0},3", s.route))
        })?;
        table(&feed.join("trips.txt"), |to| {
            writeln!(to, "route_id,service_id,trip_id,direction_id")?;
            for service in &services {
                for trip in 0..service.departures().count() {
                    let (route, back) = (&service.route, u8::from(service.back));
                    writeln!(to, "{route},daily,{route}_{back}_{trip},{back}")?;
                    written.trips += 1;
                }
            }
            Ok(())
        })?;
        table(&feed.join("stop_times.txt"), |to| {
            writeln!(to, "trip_id,arrival_time,departure_time,stop_id,stop_sequence")?;
            for service in &services {
                for (trip, first) in service.departures().enumerate() {
                    let (route, back) = (&service.route, u8::from(service.back));
                    for (p, stop) in service.stops.iter().enumerate() {
                        let at = Time(first + p as i64 * service.hop_ms);
                        writeln!(to, "{route}_{back}_{trip},{at},{at},{stop},{p}")?;
                        written.stop_times += 1;
                    }
                }
            }
            Ok(())
        })?;
        text(&dir.join("SOURCES.md"), self.sources())?;
        text(&dir.join(SETTINGS_FILE), self.settings())?;
        Ok(written)
    }

    fn command(&self) -> String {
        format!("hubflow generate lines --size {}x{}", self.columns, self.rows)
    }

    fn settings(&self) -> String {
        let LineCity { columns, rows } = self;
        format!(
            "# A synthetic city of lines, written by: {}\n\
             title = \"City of {columns} × {rows} stops\"\n\
             description = \"A bus along every row and column, an express along every fifth.\"\n\
             caveats = [\"The city is invented.\"]\n\
             crs = \"EPSG:4326\"\n\n\
             [services]\n\
             gtfs = \"services\"\n\
             change_s = {}\n\n\
             [services.capacity]\n\
             default = {CAPACITY}\n",
            self.command(),
            CHANGE_MS / SECOND_MS,
        )
    }

    fn sources(&self) -> String {
        format!(
            "# Sources\n\n\
             | table | origin | licence | date | confidence |\n|---|---|---|---|---|\n\
             | services/* | drawn by `{}`, version {} | CC0 1.0 | - | invented, for benches and tests |\n",
            self.command(),
            env!("CARGO_PKG_VERSION"),
        )
    }
}

fn table(path: &Path, fill: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<()>) -> Result<()> {
    let written = File::create(path).and_then(|file| {
        let mut to = BufWriter::with_capacity(1 << 20, file);
        fill(&mut to)?;
        to.into_inner().map_err(|e| e.into_error())?.sync_all()
    });
    written.map_err(|e| Error::file(path, e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_city_of_1600_stops_has_748800_stop_times() {
        // 80 rows and columns, both ways, 108 departures over 40 stops: 691,200. 16 expresses, both ways, 180 departures
        // over 10 stops: 57,600.
        let lines = LineCity { columns: 40, rows: 40 }.lines();
        assert_eq!(lines.lines.iter().map(|line| line.departures.len()).sum::<usize>(), 748_800);
        assert_eq!((lines.stops.len(), lines.lines.len(), lines.departures), (1_600, 192, 23_040));
        let express = lines.lines.iter().find(|line| line.route_id == "XC5").expect("an express along column 5");
        // Stops 5, 165, 325, …: every fourth row of 40 stops. 1.6 km and 150 s apart.
        assert_eq!(express.stops[..3], [5, 165, 325].map(StopIx));
        assert_eq!((express.chainage_m[1], express.arrival(0, 1)), (1_600.0, Time(5 * HOUR_MS + 150 * SECOND_MS)));
        assert_eq!(lines.stop_lines[0].len(), 8, "two buses and two expresses, both ways");
    }

    #[test]
    fn a_city_that_is_written_holds_what_it_says() {
        let folder = tempfile::tempdir().unwrap();
        let city = LineCity { columns: 6, rows: 5 };
        let written = city.write(folder.path()).unwrap();
        let lines = city.lines();
        let times: usize = lines.lines.iter().map(|line| line.departures.len()).sum();
        let trips = u64::from(lines.departures);
        assert_eq!(written, Written { stops: 30, routes: 14, trips, stop_times: times as u64 });
        let rows = fs::read_to_string(folder.path().join("services/stop_times.txt")).unwrap().lines().count();
        assert_eq!(rows, times + 1);
        assert!(city.write(folder.path()).is_err(), "a folder with something in it is left alone");
    }
}
