//! The timetable as it is run: the tables of GTFS feeds (gtfs.org, Schedule Reference) with dates resolved to the trips
//! that run, blank times filled and frequencies kept.
//!
//! Calls are compact: a stop is its position in the stop table, times are milliseconds, a call takes 16 bytes.

use crate::units::{Time, ms};
use serde::{Deserialize, Serialize};

/// A timetable.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Timetable {
    /// `stops.txt`, only places where vehicles stop (location_type 0).
    pub stops: Vec<StopRow>,
    /// `routes.txt`.
    pub routes: Vec<RouteRow>,
    /// `trips.txt` with their `stop_times.txt`, only of services that run.
    pub trips: Vec<GtfsTrip>,
    /// `transfers.txt`.
    pub transfers: Vec<TransferRow>,
    /// Walks between stops of a station by its `pathways.txt`; they stand in place of straight ones.
    pub station_walks: Vec<StationWalk>,
    /// Ways from the entrances of stations to their stops.
    pub entrances: Vec<EntranceWalk>,
    /// Ways of trips along their shapes: metres from the first call, by call.
    pub ways: Vec<Vec<f32>>,
    /// What the feeds hold and how they were read.
    pub feeds: Feeds,
}

/// What the feeds of a timetable hold and how they were read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Feeds {
    /// Feed by feed.
    pub feeds: Vec<FeedFacts>,
    /// The date that was chosen because the settings name none, `YYYYMMDD`, with the reason.
    pub chosen_date: Option<ChosenDate>,
    /// What was left out because it is faulty, one line for each file and column; a row counts once.
    pub left_out: Vec<String>,
    /// What is there and not used, and other remarks.
    pub notes: Vec<String>,
}

/// A date chosen for a timetable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChosenDate {
    /// `YYYYMMDD`.
    pub date: u32,
    /// Why this one, in words.
    pub why: String,
}

/// What the files of a feed hold, all days together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FeedFacts {
    /// The feed as the settings name it.
    pub feed: String,
    /// Names of the agencies.
    pub agencies: Vec<String>,
    /// Publisher, version and web address of `feed_info.txt`, as far as they are given.
    pub publisher: String,
    /// First and last day of the calendar, `YYYYMMDD`.
    pub days: Option<(u32, u32)>,
    /// Rows of `stops.txt`.
    pub stops: usize,
    /// Rows of `routes.txt`.
    pub routes: usize,
    /// Rows of `trips.txt`.
    pub trips: usize,
    /// Rows of `stop_times.txt`.
    pub stop_times: usize,
    /// Rows of `stop_times.txt` without any time.
    pub blank_times: usize,
    /// Trips that run on the date.
    pub running: usize,
}

/// A stop of `stops.txt`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StopRow {
    /// External id.
    pub stop_id: String,
    /// Name.
    pub name: String,
    /// Longitude, degrees.
    pub lon: f64,
    /// Latitude, degrees.
    pub lat: f64,
    /// Station that the stop belongs to, where given.
    pub parent: Option<String>,
    /// Row in the file.
    pub row: u32,
}

/// A route of `routes.txt`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RouteRow {
    /// External id.
    pub route_id: String,
    /// Short name, or long name when there is none.
    pub name: String,
    /// GTFS `route_type`.
    pub route_type: u32,
    /// Colour `RRGGBB`, may be empty.
    pub color: String,
    /// Price of a ride by `fare_attributes.txt` and `fare_rules.txt`, in the feed's currency, where there is one price.
    pub fare: Option<f64>,
    /// Row in the file.
    pub row: u32,
}

/// A trip of `trips.txt`: a timed stop sequence, run once or by headways.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GtfsTrip {
    /// External id.
    pub trip_id: String,
    /// Route.
    pub route_id: String,
    /// GTFS `direction_id`, 0 when missing.
    pub direction: u32,
    /// What the vehicle shows, may be empty.
    pub headsign: String,
    /// Trips of one block are made by one vehicle, one after the other.
    pub block_id: Option<String>,
    /// Stops in order with arrival and departure; blanks already interpolated.
    pub calls: Vec<Call>,
    /// The way along its shape: position in [`Timetable::ways`].
    pub way: Option<u32>,
    /// `frequencies.txt` of this trip; empty when it runs once at its written times.
    pub headways: Vec<Headway>,
    /// Row in `trips.txt`.
    pub row: u32,
}

/// A stop of a trip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Stop: its position in [`Timetable::stops`].
    pub stop: u32,
    /// Arrival, milliseconds after midnight.
    pub arrival_ms: i32,
    /// Departure, milliseconds after midnight.
    pub departure_ms: i32,
    /// Whether one may get on.
    pub takes_on: bool,
    /// Whether one may get off.
    pub lets_off: bool,
}

impl Call {
    /// A call where one may get on and off; seconds after midnight.
    pub fn new(stop: u32, arrival_s: f64, departure_s: f64) -> Call {
        let ms = |s: f64| ms(s).clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32;
        Call { stop, arrival_ms: ms(arrival_s), departure_ms: ms(departure_s), takes_on: true, lets_off: true }
    }

    /// Arrival.
    pub fn arrival(&self) -> Time {
        Time(i64::from(self.arrival_ms))
    }

    /// Departure.
    pub fn departure(&self) -> Time {
        Time(i64::from(self.departure_ms))
    }

    /// Arrival, seconds after midnight.
    pub fn arrival_s(&self) -> f64 {
        self.arrival().seconds()
    }

    /// Departure, seconds after midnight.
    pub fn departure_s(&self) -> f64 {
        self.departure().seconds()
    }
}

/// A row of `frequencies.txt`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Headway {
    /// First departure, seconds after midnight.
    pub start_s: f64,
    /// No departure at or after this moment, seconds after midnight.
    pub end_s: f64,
    /// Seconds between departures.
    pub headway_s: f64,
    /// Whether the departures are a timetable (`exact_times` 1) and not only a headway that is kept as well as it goes.
    pub exact: bool,
}

/// A row of `transfers.txt`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TransferRow {
    /// Stop that one leaves.
    pub from_stop_id: String,
    /// Stop that one reaches.
    pub to_stop_id: String,
    /// Least time, seconds; `None` where the row does not say and the walk holds.
    pub min_s: Option<f64>,
    /// Whether one cannot change there (`transfer_type` 3).
    pub forbidden: bool,
    /// Row in the file.
    pub row: u32,
}

/// A walk between two stops of a station along its pathways.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct StationWalk {
    /// Position of the stop that one leaves.
    pub from: u32,
    /// Position of the stop that one reaches.
    pub to: u32,
    /// Seconds; `None` where the pathways of the station do not join the two.
    pub seconds: Option<f64>,
}

/// A way from an entrance of a station to a stop.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct EntranceWalk {
    /// Position of the stop.
    pub stop: u32,
    /// Where the entrance is, lon/lat degrees.
    pub position: [f64; 2],
    /// Seconds, the longer one of way in and way out.
    pub seconds: f64,
}
