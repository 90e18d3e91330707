//! Stops, lines and departures of scheduled services, and the walks between stops and streets.
//!
//! A line is one stop sequence in one direction whose departures do not overtake each other; a GTFS route usually gives
//! two or more. A departure is one vehicle run of a line.

use crate::ids::{DepartureIx, HubIx, LineIx, NodeIx, StopIx};
use crate::units::Time;

/// Stops, lines and departures.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    /// Stops by [`StopIx`].
    pub stops: Vec<Stop>,
    /// Lines by [`LineIx`].
    pub lines: Vec<Line>,
    /// Line and position in it at which a stop is served: by [`StopIx`], sorted by (line, position).
    pub stop_lines: Vec<Vec<(LineIx, u32)>>,
    /// Changes on foot from a stop to other stops: by [`StopIx`], (stop, milliseconds), sorted by stop; never to itself.
    pub transfers: Vec<Vec<(StopIx, i64)>>,
    /// Walks from a node to stops within reach: by [`NodeIx`], (stop, milliseconds), nearest first; the same walk leads back.
    pub node_stops: Vec<Vec<(StopIx, i64)>>,
    /// Least time for a change between lines at one stop, milliseconds.
    pub change_ms: i64,
    /// Departures in all.
    pub departures: u32,
}

/// A stop.
#[derive(Clone, Debug, PartialEq)]
pub struct Stop {
    /// Name.
    pub name: String,
    /// Position, lon/lat degrees.
    pub position: [f64; 2],
    /// Hub that the stop lies in.
    pub hub: Option<HubIx>,
    /// Nearest street node, if any is within reach.
    pub node: Option<NodeIx>,
}

/// A line with its departures in the order of time.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// GTFS `route_id`.
    pub route_id: String,
    /// Name of the route.
    pub name: String,
    /// Colour `RRGGBB`, may be empty.
    pub color: String,
    /// Stops in order.
    pub stops: Vec<StopIx>,
    /// Distance from the first stop, metres, by position (straight between stops).
    pub chainage_m: Vec<f64>,
    /// Persons that fit into a vehicle.
    pub capacity: u32,
    /// Fare: base of a ride, yuan …
    pub fare_base_cny: f64,
    /// … and yuan per kilometre.
    pub fare_per_km_cny: f64,
    /// First departure of the line; the others follow in index order.
    pub first_departure: DepartureIx,
    /// Arrivals: departure after departure, each with one time per position.
    pub arrivals: Vec<Time>,
    /// Departures from the stops, in the same layout.
    pub departures: Vec<Time>,
}

impl Line {
    /// Number of departures.
    pub fn runs(&self) -> usize {
        self.departures.len() / self.stops.len().max(1)
    }

    /// Arrival of the `run`-th departure at a position.
    pub fn arrival(&self, run: usize, position: usize) -> Time {
        self.arrivals[run * self.stops.len() + position]
    }

    /// Departure of the `run`-th departure from a position.
    pub fn departure(&self, run: usize, position: usize) -> Time {
        self.departures[run * self.stops.len() + position]
    }

    /// The first run that leaves a position at `time` or later.
    pub fn next_run(&self, position: usize, time: Time) -> Option<usize> {
        let (mut low, mut high) = (0, self.runs());
        while low < high {
            let middle = (low + high) / 2;
            if self.departure(middle, position) < time { low = middle + 1 } else { high = middle }
        }
        (low < self.runs()).then_some(low)
    }

    /// Fare of a ride between two positions, yuan; the base is paid once a journey and not counted here.
    pub fn distance_fare_cny(&self, from: usize, to: usize) -> f64 {
        (self.chainage_m[to] - self.chainage_m[from]) / 1000.0 * self.fare_per_km_cny
    }
}
