//! GTFS `stops.txt`: where vehicles stop, and the stations, entrances and places of a station around them.

use super::feed::Feed;
use crate::error::Problem;
use crate::ids::Words;
use crate::scenario::check::Unknown;
use crate::scenario::read::range::{LATITUDE, LONGITUDE};
use crate::scenario::read::reading::Reading;
use crate::scenario::read::rows::{Form, Row};
use crate::scenario::tables::StopRow;

/// What a row of `stops.txt` is, by its `location_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Vehicles stop here: the position in the stop table.
    Stop(u32),
    /// A station.
    Station,
    /// An entrance of a station.
    Entrance,
    /// A place of a station that is neither.
    Inner,
    /// A faulty row that was left out, or what has a location_type that nobody knows.
    LeftOut,
}

/// All rows of `stops.txt`.
#[derive(Default)]
pub(super) struct Stops {
    /// Ids of all of them.
    pub names: Words,
    /// What they are, by code of the id.
    pub places: Vec<Place>,
    /// Where they are, lon/lat, by code of the id; not a number where the row does not say.
    pub positions: Vec<[f64; 2]>,
    /// Code of the parent, by code of the id.
    pub parents: Vec<Option<u32>>,
    /// `level_id`, by code of the id; may be empty.
    pub levels: Vec<String>,
    /// `zone_id` of fares, by position in the stop table; may be empty.
    pub zones: Vec<String>,
    /// Stops where vehicles stop.
    pub rows: Vec<StopRow>,
    /// Rows of the file.
    pub count: usize,
}

/// A row as read.
struct Read {
    stop: StopRow,
    kind: u32,
    level: String,
    zone: String,
    sound: bool,
}

impl Stops {
    /// Reads the stops; `None` when they cannot be read.
    pub fn read(reading: &mut Reading, feed: &mut Feed) -> Option<Stops> {
        let form = Form {
            required: &["stop_id"],
            optional: &["stop_name", "stop_lat", "stop_lon", "location_type", "parent_station", "level_id", "zone_id"],
            open: true,
        };
        let mut stops = Stops::default();
        let rows = feed.rows(reading, ("stops.txt", true), &form, |row| {
            stops.count += 1;
            let read = row_of(row)?;
            if stops.names.find(&read.stop.stop_id).is_some() {
                row.wrong("stop_id", "ids that are unique");
                return None;
            }
            stops.names.code(&read.stop.stop_id);
            Some(read)
        })?;
        for read in rows {
            stops.add(read, feed);
        }
        stops.resolve_parents(feed);
        Some(stops)
    }

    fn add(&mut self, read: Read, feed: &Feed) {
        let Read { stop, kind, level, zone, sound } = read;
        let place = match kind {
            _ if !feed.uses(sound) => Place::LeftOut,
            0 => Place::Stop(self.rows.len() as u32),
            1 => Place::Station,
            2 => Place::Entrance,
            3 | 4 => Place::Inner,
            _ => Place::LeftOut,
        };
        self.places.push(place);
        self.positions.push([stop.lon, stop.lat]);
        self.parents.push(None);
        self.levels.push(level);
        // The parent of what is no stop is kept as a row for a moment, to be resolved with the others.
        if let Place::Stop(_) = place {
            self.rows.push(stop);
            self.zones.push(zone);
        } else if let Some(parent) = &stop.parent {
            self.parents[self.places.len() - 1] = self.names.find(parent);
        }
    }

    /// Finds the stations of stops, and tells parents that are not there.
    fn resolve_parents(&mut self, feed: &mut Feed) {
        let mut unknown = Unknown::new(&feed.name("stops.txt"), "parent_station", "a stop_id of stops.txt");
        for (code, place) in self.places.iter().enumerate() {
            let Place::Stop(at) = place else { continue };
            let row = &mut self.rows[*at as usize];
            let Some(parent) = &row.parent else { continue };
            self.parents[code] = self.names.find(parent);
            if self.parents[code].is_none() {
                unknown.add(parent, row.row);
                row.parent = None;
            }
        }
        feed.unknown(unknown, self.names.all().iter());
    }

    /// The station that a place of it belongs to, platforms of a boarding area passed over.
    pub fn station(&self, code: u32) -> Option<u32> {
        let mut at = code;
        // A boarding area lies in a platform, and that in a station; more steps are a circle.
        for _ in 0..3 {
            if self.places[at as usize] == Place::Station {
                return Some(at);
            }
            at = self.parents[at as usize]?;
        }
        None
    }

    /// Lon/lat of a stop by its position in the stop table.
    pub fn position(&self, stop: u32) -> [f64; 2] {
        let row = &self.rows[stop as usize];
        [row.lon, row.lat]
    }
}

fn row_of(row: &mut Row) -> Option<Read> {
    let stop_id = row.id("stop_id")?;
    let kind = row.count_maybe("location_type").unwrap_or(0);
    if kind > 4 {
        row.wrong("location_type", "0 (stop), 1 (station), 2 (entrance), 3 (inner place) or 4 (boarding area)");
    }
    // Only inner places and boarding areas may go without coordinates.
    let (lon, lat) = match kind {
        0..=2 => (row.number("stop_lon", LONGITUDE), row.number("stop_lat", LATITUDE)),
        _ => (
            row.number_maybe("stop_lon", LONGITUDE).unwrap_or(f64::NAN),
            row.number_maybe("stop_lat", LATITUDE).unwrap_or(f64::NAN),
        ),
    };
    let stop =
        StopRow { name: row.word("stop_name"), lon, lat, parent: row.maybe("parent_station"), row: row.line, stop_id };
    Some(Read { stop, kind, level: row.word("level_id"), zone: row.word("zone_id"), sound: row.is_sound() })
}

/// Tells a station whose stops are so many that nobody could walk between all of them.
pub(super) fn crowded(stops: &Stops, feed: &mut Feed) {
    /// Stops of a station. The largest stations of the world have about 200 (general knowledge, 2026).
    const MOST_STOPS: usize = 2_000;
    let mut children = vec![0; stops.places.len()];
    for (code, place) in stops.places.iter().enumerate() {
        if let (Place::Stop(_), Some(parent)) = (place, stops.parents[code]) {
            children[parent as usize] += 1;
        }
    }
    for (code, count) in children.into_iter().enumerate().filter(|(_, count)| *count > MOST_STOPS) {
        let found = format!("{count} stops of \"{}\"", stops.names.word(code as u32));
        let wanted = format!("at most {MOST_STOPS} stops of a station");
        feed.fault(Problem::new(feed.name("stops.txt"), found, wanted).column("parent_station"));
    }
}
