//! Ridership of scheduled services: the tables `routes`, `lines`, `line_sections`, `section_hours`, `stops` and
//! `stop_hours`.
//!
//! Everybody of a party takes a place. Loads are kept by vehicle run and section of its line as what got on less what
//! got off, so the load of a section is the sum up to it. An hour's load counts runs by their timetable.

mod calls;
mod lines;
mod loads;
mod sections;
mod stops;
mod waits;

use crate::events::{Event, EventSink, What};
use crate::ids::{DepartureIx, LineIx, StopIx};
use crate::metrics::summary::{kpi, ratio};
use crate::metrics::traversals::parties;
use crate::metrics::{Context, Hours, Indicator};
use crate::network::lines::Lines;
use crate::network::passages::LinkTraffic;
use crate::table::{Kpi, Table};
use crate::units::Time;
use calls::Calls;
use waits::{Offered, Waits};

/// Where in the timetable someone is on board.
#[derive(Clone, Copy, Debug)]
struct Aboard {
    line: LineIx,
    run: u32,
    /// Where they got on.
    position: u16,
}

/// What a line's passengers did.
#[derive(Clone, Debug, Default)]
struct OfLine {
    boardings: u64,
    denied: u64,
    waits: Waits,
    calls: Calls,
}

/// What happened at a stop.
#[derive(Clone, Copy, Debug, Default)]
struct OfStop {
    boardings: u64,
    alightings: u64,
    denied: u64,
    wait_ms: i64,
}

/// Ridership of lines and stops.
#[derive(Debug)]
pub struct Ridership {
    hours: Hours,
    party: Vec<u16>,
    aboard: Vec<Option<Aboard>>,
    /// Stops of each line, and where its runs begin in `change`.
    stops: Vec<Vec<StopIx>>,
    first: Vec<usize>,
    first_departure: Vec<DepartureIx>,
    line_of: Vec<LineIx>,
    offered: Vec<Offered>,
    /// Last position that a vehicle run has left, by departure.
    reached: Vec<u16>,
    /// Persons that got on less those that got off: run after run of each line, position by position.
    change: Vec<i32>,
    of_line: Vec<OfLine>,
    /// Stop after stop, hour by hour.
    of_stop: Vec<OfStop>,
}

impl Ridership {
    /// Empty vehicles.
    pub fn new(context: &Context) -> Ridership {
        let lines = &context.network.lines;
        let mut first = Vec::with_capacity(lines.lines.len());
        let mut line_of = vec![LineIx(0); lines.departures as usize];
        let mut cells = 0;
        for (l, line) in lines.lines.iter().enumerate() {
            first.push(cells);
            cells += line.departures.len();
            line_of[line.first_departure.i()..line.first_departure.i() + line.runs()].fill(LineIx::from(l));
        }
        Ridership {
            hours: context.hours(),
            party: parties(context),
            // Where no line runs, nobody is aboard.
            aboard: vec![None; if lines.lines.is_empty() { 0 } else { context.demand.agents.len() }],
            stops: lines.lines.iter().map(|l| l.stops.clone()).collect(),
            first,
            first_departure: lines.lines.iter().map(|l| l.first_departure).collect(),
            line_of,
            reached: vec![0; lines.departures as usize],
            offered: lines.lines.iter().map(Offered::new).collect(),
            change: vec![0; cells],
            of_line: vec![OfLine::default(); lines.lines.len()],
            of_stop: vec![OfStop::default(); lines.stops.len() * context.hours().count()],
        }
    }

    fn change(&mut self, aboard: Aboard, position: usize) -> &mut i32 {
        let l = aboard.line.i();
        &mut self.change[self.first[l] + aboard.run as usize * self.stops[l].len() + position]
    }

    fn of_stop(&mut self, stop: StopIx, time: Time) -> &mut OfStop {
        &mut self.of_stop[stop.i() * self.hours.count() + self.hours.of(time)]
    }
}

/// The position at which someone who got on at `from` gets off at `stop`: the next time that the line comes there.
pub fn position_of(stops: &[StopIx], from: u16, stop: StopIx) -> Option<usize> {
    let after = usize::from(from) + 1;
    stops.get(after..)?.iter().position(|&s| s == stop).map(|p| after + p)
}

impl EventSink for Ridership {
    fn event(&mut self, event: &Event) {
        let a = event.agent.i();
        match event.what {
            What::Boarded { departure, line, position, arrived } => {
                let persons = self.party[a];
                let run = departure.0 - self.first_departure[line.i()].0;
                let aboard = Aboard { line, run, position };
                self.aboard[a] = Some(aboard);
                *self.change(aboard, usize::from(position)) += i32::from(persons);
                let wait_ms = event.time.since(arrived);
                let offered_ms = self.offered[line.i()].half_gap_ms(usize::from(position), arrived);
                let of_line = &mut self.of_line[line.i()];
                of_line.boardings += u64::from(persons);
                of_line.waits.add(wait_ms, offered_ms, u64::from(persons));
                let stop = self.stops[line.i()][usize::from(position)];
                let of_stop = self.of_stop(stop, event.time);
                of_stop.boardings += u64::from(persons);
                of_stop.wait_ms += wait_ms * i64::from(persons);
            }
            What::Alighted { stop, .. } => {
                let persons = self.party[a];
                self.of_stop(stop, event.time).alightings += u64::from(persons);
                let Some(aboard) = self.aboard[a].take() else { return };
                if let Some(position) = position_of(&self.stops[aboard.line.i()], aboard.position, stop) {
                    *self.change(aboard, position) -= i32::from(persons);
                }
            }
            What::Denied { departure, stop } => {
                let persons = u64::from(self.party[a]);
                self.of_line[self.line_of[departure.i()].i()].denied += persons;
                self.of_stop(stop, event.time).denied += persons;
            }
            What::VehicleLeft { departure, position, arrived, .. } => {
                self.reached[departure.i()] = position;
                let l = self.line_of[departure.i()].i();
                let run = (departure.0 - self.first_departure[l].0) as usize;
                let is_last = usize::from(position) + 1 == self.stops[l].len();
                let met = if is_last { arrived } else { event.time };
                let late_ms = met.since(self.offered[l].planned(run, usize::from(position)));
                self.of_line[l].calls.add(late_ms, is_last);
            }
            _ => {}
        }
    }
}

/// Names of lines that outlast a change of other routes: the route and the line's number among those of its route.
pub fn line_names(lines: &Lines) -> Vec<String> {
    let mut of_route = rustc_hash::FxHashMap::<&str, usize>::default();
    let mut names = Vec::with_capacity(lines.lines.len());
    for line in &lines.lines {
        let number = of_route.entry(&line.route_id).or_insert(0);
        *number += 1;
        names.push(format!("{}:{number}", line.route_id));
    }
    names
}

impl Indicator for Ridership {
    fn name(&self) -> &'static str {
        "services"
    }

    /// Who is on board when the day ends rides no farther than the section that the vehicle is on.
    fn close(&mut self, _context: &Context, _traffic: &LinkTraffic) {
        for a in 0..self.aboard.len() {
            let Some(aboard) = self.aboard[a].take() else { continue };
            let departure = self.first_departure[aboard.line.i()].i() + aboard.run as usize;
            let next = usize::from(self.reached[departure].max(aboard.position)) + 1;
            if next < self.stops[aboard.line.i()].len() {
                *self.change(aboard, next) -= i32::from(self.party[a]);
            }
        }
    }

    fn tables(&self, context: &Context) -> Vec<Table> {
        let loads = self.loads(context);
        vec![
            self.routes_table(context, &loads),
            self.lines_table(context, &loads),
            sections::of_day(context, &loads),
            sections::by_hour(context, &loads),
            self.stops_table(context),
            self.stop_hours_table(context),
        ]
    }

    fn kpis(&self, context: &Context) -> Vec<Kpi> {
        let boardings: u64 = self.of_line.iter().map(|o| o.boardings).sum();
        let denied = self.of_line.iter().map(|o| o.denied).sum();
        let (mut waits, mut calls) = (Waits::default(), Calls::default());
        self.of_line.iter().for_each(|o| {
            waits.merge(&o.waits);
            calls.merge(&o.calls);
        });
        let loads = self.loads(context);
        let person_m: f64 = loads.iter().map(|x| x.person_m).sum();
        let place_m: f64 = loads.iter().map(|x| x.place_m).sum();
        vec![
            kpi(
                "transit_boardings",
                context.expand(boardings),
                "persons per day",
                "persons who got on a vehicle of a line, expanded by 1/sample",
            ),
            kpi(
                "denied_boardings",
                context.expand(denied),
                "persons per day",
                "persons left behind, once for each full vehicle, expanded by 1/sample",
            ),
            kpi(
                "passenger_km",
                person_m / context.demand.sample / 1_000.0,
                "person-km per day",
                "distance ridden along lines, expanded by 1/sample",
            ),
            kpi(
                "line_load_factor",
                ratio(person_m / context.demand.sample, place_m),
                "share",
                "passenger-km of lines by the place-km that their vehicles offer",
            ),
            kpi(
                "mean_transit_wait_s",
                waits.mean_s().unwrap_or(0.0),
                "seconds",
                "mean wait at stops by boarding; 0 when nobody boards",
            ),
            kpi("excess_transit_wait_s", waits.excess_s().unwrap_or(0.0), "seconds", waits::EXCESS),
            kpi("calls_within_5_min", calls.within_300_s().unwrap_or(1.0), "share", calls::WITHIN_300_S),
        ]
    }
}

#[cfg(test)]
mod tests;
