//! Stops, lines and departures of scheduled services, and the walks between stops and streets.
//!
//! A line is one stop sequence in one direction whose departures do not overtake each other; a GTFS route usually gives
//! two or more. A departure is one vehicle run of a line.

use super::build::{Files, add, quoted};
use super::hubs::Hubs;
use super::vehicles::{Operation, VehicleType};
use super::{NetworkNames, departures};
use crate::error::Problem;
use crate::ids::{AgentIx, DepartureIx, HubIx, LineIx, NodeIx, StopIx};
use crate::random::{mix, signature};
use crate::scenario::Scenario;
use crate::units::{Time, ms};

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
    /// Lots at stops where cars are parked: (stop, yuan a day), sorted by stop.
    pub lots: Vec<(StopIx, f64)>,
    /// Least time for a change between lines at one stop, milliseconds.
    pub change_ms: i64,
    /// Departures in all.
    pub departures: u32,
    /// How vehicles are run.
    pub operation: Operation,
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
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    /// GTFS `route_id`.
    pub route_id: String,
    /// Name of the route.
    pub name: String,
    /// Colour `RRGGBB`, may be empty.
    pub color: String,
    /// Whether it runs on rails (metro, tram, train, cable), not on streets or water.
    pub rail: bool,
    /// Stops in order.
    pub stops: Vec<StopIx>,
    /// Distance from the first stop, metres, by position (straight between stops).
    pub chainage_m: Vec<f64>,
    /// Persons that fit into a vehicle.
    pub capacity: u32,
    /// Its vehicles.
    pub vehicle: VehicleType,
    /// Whether vehicles wait at stops for the moment that the timetable tells; else they leave when they are ready, as a
    /// service by headways does.
    pub timed: bool,
    /// Whether its vehicles run in the traffic of the road.
    pub on_road: bool,
    /// Whether one may get on, by position; empty where one may everywhere.
    pub takes_on: Vec<bool>,
    /// Whether one may get off, by position; empty where one may everywhere.
    pub lets_off: Vec<bool>,
    /// What one passes before boarding, by position; empty where nothing is passed anywhere.
    pub enters: Vec<Option<HubWay>>,
    /// What one passes after alighting, by position; empty where nothing is passed anywhere.
    pub leaves: Vec<Option<HubWay>>,
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

/// Processes of a hub on the way to or from a platform, such as the security check of a railway station.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HubWay {
    /// The hub.
    pub hub: HubIx,
    /// Index of the chain of processes in the hub.
    pub chain: u16,
    /// What it takes when nobody queues, milliseconds.
    pub free_ms: i64,
}

impl Line {
    /// Whether one may get on at a position.
    pub fn takes_on(&self, position: usize) -> bool {
        self.takes_on.get(position).copied().unwrap_or(true)
    }

    /// Whether one may get off at a position.
    pub fn lets_off(&self, position: usize) -> bool {
        self.lets_off.get(position).copied().unwrap_or(true)
    }

    /// What one passes before boarding at a position.
    pub fn enters(&self, position: usize) -> Option<HubWay> {
        self.enters.get(position).copied().flatten()
    }

    /// What one passes after alighting at a position.
    pub fn leaves(&self, position: usize) -> Option<HubWay> {
        self.leaves.get(position).copied().flatten()
    }

    fn gate(&mut self, stop: StopIx, board: Option<HubWay>, alight: Option<HubWay>) {
        for (ways, way) in
            [(&mut self.enters, board), (&mut self.leaves, alight)].into_iter().filter(|(_, w)| w.is_some())
        {
            ways.resize(self.stops.len(), None);
            let here = ways.iter_mut().zip(&self.stops).filter(|(_, s)| **s == stop);
            here.for_each(|(place, _)| *place = way);
        }
    }

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

    /// Stable signature of a run: what it is, not its number, which a new line elsewhere would change.
    pub fn run_key(&self, run: usize) -> u64 {
        let ends = [self.stops.first(), self.stops.last()].map(|s| s.map_or(0, |s| u64::from(s.0)));
        let sequence = mix(signature(&self.route_id), ends[0] << 32 | ends[1]);
        mix(sequence, self.departure(run, 0).0 as u64)
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

    /// Whether its vehicles wait for the moments of the timetable: also those that take no time at stops, which would
    /// otherwise run away from it.
    pub fn keeps_times(&self) -> bool {
        self.timed || !self.vehicle.takes_time()
    }

    /// When a run is meant to come to a position: at the timetable's arrival, or where that tells one moment alone, before
    /// it by the standing time of the vehicle, at most half the way from the stop before.
    pub fn planned_arrival(&self, run: usize, position: usize) -> Time {
        let (arrival, last) = (self.arrival(run, position), position + 1 == self.stops.len());
        if position == 0 || last || arrival < self.departure(run, position) {
            return arrival;
        }
        let on_the_way = arrival.since(self.departure(run, position - 1));
        arrival.plus(-self.vehicle.dwell_ms.min(on_the_way / 2))
    }

    /// Fare of a ride between two positions, yuan; the base is paid once a journey and not counted here.
    pub fn distance_fare_cny(&self, from: usize, to: usize) -> f64 {
        (self.chainage_m[to] - self.chainage_m[from]) / 1000.0 * self.fare_per_km_cny
    }
}

impl Lines {
    /// Stops and lines of a scenario; the walks come later, when the streets are there.
    pub(super) fn build(scenario: &Scenario, names: &mut NetworkNames, problems: &mut Vec<Problem>) -> Lines {
        let file = Files(scenario).timetable("stops.txt");
        let mut stops = Vec::with_capacity(scenario.timetable.stops.len());
        for row in &scenario.timetable.stops {
            let taken =
                || Problem::new(file.as_str(), quoted(&row.stop_id), "an id of its own").at(row.row).column("stop_id");
            add(&mut names.stops, &row.stop_id, taken, problems);
            stops.push(Stop { name: row.name.clone(), position: [row.lon, row.lat], hub: None, node: None });
        }
        let (lines, blocks) = departures::lines(scenario, &stops, problems);
        let mut stop_lines = vec![Vec::new(); stops.len()];
        for (l, line) in lines.iter().enumerate() {
            for (position, stop) in (0..).zip(&line.stops) {
                stop_lines[stop.i()].push((LineIx::from(l), position));
            }
        }
        let operation = Operation::of(scenario, &lines, (&stops, &blocks));
        let last = lines.last().map(|line| line.first_departure.i() + line.runs());
        Lines {
            stops,
            lines,
            stop_lines,
            transfers: Vec::new(),
            node_stops: Vec::new(),
            lots: lots(scenario, names, problems),
            change_ms: scenario.settings.services.as_ref().map_or(0, |s| ms(s.change_s)),
            departures: DepartureIx::from(last.unwrap_or(0)).0,
            operation,
        }
    }

    /// Marks the stops that lie in hubs; a stop that two hubs name counts to the first.
    pub(super) fn mark_hubs(&mut self, hubs: &Hubs) {
        for (h, hub) in hubs.hubs.iter().enumerate() {
            for (stop, _) in hub.all_stops() {
                self.stops[stop.i()].hub.get_or_insert(HubIx::from(h));
            }
        }
    }

    /// Puts what is passed before boarding and after alighting at stops inside hubs into the lines that stop there.
    pub(super) fn gate(&mut self, hubs: &Hubs) {
        for (h, hub) in hubs.hubs.iter().enumerate() {
            for gate in &hub.gates {
                let way = |chain: Option<u16>| {
                    let hub = HubIx::from(h);
                    chain.map(|chain| HubWay { hub, chain, free_ms: hubs.free_ms(hub, chain) })
                };
                for line in &mut self.lines {
                    let is_for = gate.routes.is_empty() || gate.routes.contains(&line.route_id);
                    if is_for && line.stops.contains(&gate.stop) {
                        line.gate(gate.stop, way(gate.board), way(gate.alight));
                    }
                }
            }
        }
    }

    /// The agent that a vehicle run is in events: runs are numbered after `travellers`.
    pub fn vehicle(departure: DepartureIx, travellers: usize) -> AgentIx {
        AgentIx(travellers as u32 + departure.0)
    }

    /// Stable signatures of all vehicle runs, by [`DepartureIx`].
    pub fn run_keys(&self) -> Vec<u64> {
        self.lines.iter().flat_map(|line| (0..line.runs()).map(|run| line.run_key(run))).collect()
    }

    /// The line and the run of it that a departure is.
    pub fn run_of(&self, departure: DepartureIx) -> (LineIx, usize) {
        let line = self.lines.partition_point(|line| line.first_departure <= departure) - 1;
        (LineIx::from(line), departure.i() - self.lines[line].first_departure.i())
    }
}

/// The lots of the settings at their stops.
fn lots(scenario: &Scenario, names: &NetworkNames, problems: &mut Vec<Problem>) -> Vec<(StopIx, f64)> {
    let mut lots = Vec::new();
    for (stop, lot) in scenario.settings.services.iter().flat_map(|services| &services.park_and_ride) {
        match names.stops.find(stop) {
            Some(ix) => lots.push((StopIx(ix), lot.fee_cny)),
            None => {
                let problem = Problem::new("scenario.toml", quoted(stop), "a stop_id of stops.txt");
                problems.push(problem.column("services.park_and_ride"));
            }
        }
    }
    lots.sort_by_key(|lot| lot.0);
    lots
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Network;
    use crate::network::fixture::{CENTRE, north, route, scenario, stop, trip};

    #[test]
    fn a_stop_that_a_line_serves_twice_is_listed_at_both_positions() {
        let mut s = scenario();
        s.timetable.stops = vec![stop("a", CENTRE), stop("b", north(CENTRE, 800.0)), stop("c", north(CENTRE, 1600.0))];
        s.timetable.routes = vec![route("loop")];
        let calls = |t: f64| [(0, t, t), (1, t + 60.0, t + 60.0), (0, t + 120.0, t + 120.0)];
        s.timetable.trips = vec![
            trip("1", "loop", &calls(0.0)),
            trip("2", "loop", &calls(300.0)),
            trip("3", "loop", &[(1, 0.0, 0.0), (0, 60.0, 60.0)]),
        ];
        let lines = Network::build(&s).expect("a loop").lines;
        assert_eq!(lines.stop_lines[0], [(LineIx(0), 0), (LineIx(0), 2), (LineIx(1), 1)]);
        assert_eq!(lines.departures, 3);
        let runs = [0, 1, 2].map(|d| lines.run_of(DepartureIx(d)));
        assert_eq!(runs, [(LineIx(0), 0), (LineIx(0), 1), (LineIx(1), 0)]);
    }
}
