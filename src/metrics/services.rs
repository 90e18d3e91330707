//! Ridership of scheduled services: the tables `lines`, `line_sections` and `stops`.
//!
//! Everybody of a party takes a place. Loads are kept by vehicle run and section of its line as what got on less what
//! got off, so the load of a section is the sum up to it. An hour's load counts runs by their timetable.

use crate::events::{Event, EventSink, What};
use crate::ids::{DepartureIx, LineIx, StopIx};
use crate::metrics::summary::{kpi, ratio};
use crate::metrics::traversals::parties;
use crate::metrics::{Context, Hours, Indicator};
use crate::network::lines::{Line, Lines};
use crate::network::passages::LinkTraffic;
use crate::table::{Kpi, Table};

/// Where in the timetable someone is on board.
#[derive(Clone, Copy, Debug)]
struct Aboard {
    line: LineIx,
    run: u32,
    /// Where they got on.
    position: u16,
}

/// What a line's passengers did.
#[derive(Clone, Copy, Debug, Default)]
struct OfLine {
    boardings: u64,
    denied: u64,
    wait_ms: i64,
}

/// What happened at a stop.
#[derive(Clone, Copy, Debug, Default)]
struct OfStop {
    boardings: u64,
    alightings: u64,
    denied: u64,
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
    /// Persons that got on less those that got off: run after run of each line, position by position.
    change: Vec<i32>,
    of_line: Vec<OfLine>,
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
            change: vec![0; cells],
            of_line: vec![OfLine::default(); lines.lines.len()],
            of_stop: vec![OfStop::default(); lines.stops.len()],
        }
    }

    fn change(&mut self, aboard: Aboard, position: usize) -> &mut i32 {
        let l = aboard.line.i();
        &mut self.change[self.first[l] + aboard.run as usize * self.stops[l].len() + position]
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
                let of_line = &mut self.of_line[line.i()];
                of_line.boardings += u64::from(persons);
                of_line.wait_ms += event.time.since(arrived) * i64::from(persons);
                self.of_stop[self.stops[line.i()][usize::from(position)].i()].boardings += u64::from(persons);
            }
            What::Alighted { stop, .. } => {
                let persons = self.party[a];
                self.of_stop[stop.i()].alightings += u64::from(persons);
                let Some(aboard) = self.aboard[a].take() else { return };
                if let Some(position) = position_of(&self.stops[aboard.line.i()], aboard.position, stop) {
                    *self.change(aboard, position) -= i32::from(persons);
                }
            }
            What::Denied { departure, stop } => {
                let persons = u64::from(self.party[a]);
                self.of_line[self.line_of[departure.i()].i()].denied += persons;
                self.of_stop[stop.i()].denied += persons;
            }
            _ => {}
        }
    }
}

/// Persons on the sections of a line.
struct Loads {
    /// By section over the day.
    day: Vec<u64>,
    /// By section in the hour with most.
    peak_hour: Vec<u64>,
    /// Fullest vehicle on any section.
    max: u64,
    person_m: f64,
}

impl Ridership {
    fn loads(&self, l: usize, line: &Line) -> Loads {
        let n = line.stops.len();
        let sections = n.saturating_sub(1);
        let mut loads = Loads { day: vec![0; sections], peak_hour: vec![0; sections], max: 0, person_m: 0.0 };
        let mut by_hour = vec![0u64; sections * self.hours.count()];
        for run in 0..line.runs() {
            let mut load = 0i64;
            for s in 0..sections {
                load += i64::from(self.change[self.first[l] + run * n + s]);
                let persons = load.max(0) as u64;
                loads.day[s] += persons;
                by_hour[s * self.hours.count() + self.hours.of(line.departure(run, s))] += persons;
                loads.max = loads.max.max(persons);
            }
        }
        for s in 0..sections {
            let hours = &by_hour[s * self.hours.count()..(s + 1) * self.hours.count()];
            loads.peak_hour[s] = hours.iter().copied().max().unwrap_or(0);
            loads.person_m += loads.day[s] as f64 * (line.chainage_m[s + 1] - line.chainage_m[s]);
        }
        loads
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

impl Ridership {
    fn lines_table(&self, context: &Context, loads: &[Loads]) -> Table {
        let lines = &context.network.lines;
        let n = lines.lines.len();
        let end = |l: usize, last: bool| {
            let stops = &lines.lines[l].stops;
            let stop = if last { stops.last() } else { stops.first() };
            stop.map_or(String::new(), |s| lines.stops[s.i()].name.clone())
        };
        let mean_wait = |o: &OfLine| (o.boardings > 0).then(|| o.wait_ms as f64 / 1_000.0 / o.boardings as f64);
        let factor = |l: usize| {
            let capacity = lines.lines[l].capacity;
            (capacity > 0).then(|| context.expand(loads[l].max) / f64::from(capacity))
        };
        Table::new("lines")
            .key("line", "route and number of the line among those of its route", line_names(lines))
            .text("route_id", "GTFS route", lines.lines.iter().map(|l| l.route_id.clone()).collect())
            .text("name", "name of the route", lines.lines.iter().map(|l| l.name.clone()).collect())
            .text(
                "color",
                "colour of the route, RRGGBB, may be empty",
                lines.lines.iter().map(|l| l.color.clone()).collect(),
            )
            .text("from_stop", "first stop", (0..n).map(|l| end(l, false)).collect())
            .text("to_stop", "last stop", (0..n).map(|l| end(l, true)).collect())
            .int("runs", "vehicle runs per day", "vehicle runs", lines.lines.iter().map(|l| l.runs() as i64).collect())
            .real(
                "boardings",
                "persons per day",
                "persons who got on, expanded by 1/sample",
                self.of_line.iter().map(|o| context.expand(o.boardings)).collect(),
            )
            .real(
                "denied",
                "persons per day",
                "persons left at the stop by a full vehicle, once for each vehicle, expanded by 1/sample",
                self.of_line.iter().map(|o| context.expand(o.denied)).collect(),
            )
            .real(
                "passenger_km",
                "person-km per day",
                "persons by distance along the line, expanded by 1/sample",
                loads.iter().map(|x| context.expand(1) * x.person_m / 1_000.0).collect(),
            )
            .real(
                "max_load",
                "persons",
                "persons in the fullest vehicle, expanded by 1/sample",
                loads.iter().map(|x| context.expand(x.max)).collect(),
            )
            .int(
                "capacity",
                "persons",
                "persons that fit into a vehicle",
                lines.lines.iter().map(|l| i64::from(l.capacity)).collect(),
            )
            .real_or_none(
                "max_load_factor",
                "ratio",
                "load of the fullest vehicle by its capacity",
                (0..n).map(factor).collect(),
            )
            .real_or_none(
                "mean_wait_s",
                "seconds",
                "mean wait at the stop of those who got on, times left behind included",
                self.of_line.iter().map(mean_wait).collect(),
            )
    }

    fn sections_table(&self, context: &Context, loads: &[Loads]) -> Table {
        let lines = &context.network.lines;
        let names = line_names(lines);
        let rows: Vec<(usize, usize)> =
            loads.iter().enumerate().flat_map(|(l, x)| (0..x.day.len()).map(move |s| (l, s))).collect();
        let stop = |&(l, s): &(usize, usize), next: usize| &lines.stops[lines.lines[l].stops[s + next].i()];
        let real = |of: &dyn Fn(&(usize, usize)) -> f64| rows.iter().map(of).collect::<Vec<f64>>();
        let text = |of: &dyn Fn(&(usize, usize)) -> String| rows.iter().map(of).collect::<Vec<String>>();
        Table::new("line_sections")
            .key("line", "as in lines", text(&|r| names[r.0].clone()))
            .key_int(
                "position",
                "",
                "section from this position of the line to the next, from 0",
                rows.iter().map(|r| r.1 as i64).collect(),
            )
            .text("route_id", "GTFS route", text(&|r| lines.lines[r.0].route_id.clone()))
            .text("color", "colour of the route, RRGGBB, may be empty", text(&|r| lines.lines[r.0].color.clone()))
            .text("from_stop", "stop at its beginning", text(&|r| stop(r, 0).name.clone()))
            .text("to_stop", "stop at its end", text(&|r| stop(r, 1).name.clone()))
            .real("from_lon", "degrees", "longitude of its beginning, WGS-84", real(&|r| stop(r, 0).position[0]))
            .real("from_lat", "degrees", "latitude of its beginning, WGS-84", real(&|r| stop(r, 0).position[1]))
            .real("to_lon", "degrees", "longitude of its end, WGS-84", real(&|r| stop(r, 1).position[0]))
            .real("to_lat", "degrees", "latitude of its end, WGS-84", real(&|r| stop(r, 1).position[1]))
            .real(
                "load",
                "persons per day",
                "persons carried over the section, expanded by 1/sample",
                real(&|r| context.expand(loads[r.0].day[r.1])),
            )
            .real(
                "peak_hour_load",
                "persons per hour",
                "the same in the clock hour with most, expanded by 1/sample",
                real(&|r| context.expand(loads[r.0].peak_hour[r.1])),
            )
    }

    fn stops_table(&self, context: &Context) -> Table {
        let (stops, names) = (&context.network.lines.stops, &context.network.names);
        let count =
            |of: &dyn Fn(&OfStop) -> u64| self.of_stop.iter().map(|o| context.expand(of(o))).collect::<Vec<f64>>();
        let hub = |h: crate::ids::HubIx| names.hubs.name(h.0).to_owned();
        Table::new("stops")
            .key("stop_id", "GTFS stop", names.stops.all().to_vec())
            .text("name", "name", stops.iter().map(|s| s.name.clone()).collect())
            .text(
                "hub",
                "hub that it lies in, else empty",
                stops.iter().map(|s| s.hub.map_or(String::new(), hub)).collect(),
            )
            .real("lon", "degrees", "longitude, WGS-84", stops.iter().map(|s| s.position[0]).collect())
            .real("lat", "degrees", "latitude, WGS-84", stops.iter().map(|s| s.position[1]).collect())
            .real("boardings", "persons per day", "persons who got on, expanded by 1/sample", count(&|o| o.boardings))
            .real(
                "alightings",
                "persons per day",
                "persons who got off, expanded by 1/sample",
                count(&|o| o.alightings),
            )
            .real(
                "denied",
                "persons per day",
                "persons left behind, once for each full vehicle, expanded by 1/sample",
                count(&|o| o.denied),
            )
    }
}

impl Indicator for Ridership {
    fn name(&self) -> &'static str {
        "services"
    }

    /// Who is on board when the day ends rides no farther than the vehicle has come by its timetable.
    fn close(&mut self, context: &Context, _traffic: &LinkTraffic) {
        for a in 0..self.aboard.len() {
            let Some(aboard) = self.aboard[a].take() else { continue };
            let line = &context.network.lines.lines[aboard.line.i()];
            let mut ahead = usize::from(aboard.position) + 1..line.stops.len();
            if let Some(position) = ahead.find(|&p| line.arrival(aboard.run as usize, p) >= context.end) {
                *self.change(aboard, position) -= i32::from(self.party[a]);
            }
        }
    }

    fn tables(&self, context: &Context) -> Vec<Table> {
        let lines = &context.network.lines.lines;
        let loads: Vec<Loads> = lines.iter().enumerate().map(|(l, line)| self.loads(l, line)).collect();
        vec![self.lines_table(context, &loads), self.sections_table(context, &loads), self.stops_table(context)]
    }

    fn kpis(&self, context: &Context) -> Vec<Kpi> {
        let lines = &context.network.lines.lines;
        let boardings: u64 = self.of_line.iter().map(|o| o.boardings).sum();
        let denied = self.of_line.iter().map(|o| o.denied).sum();
        let wait_ms: i64 = self.of_line.iter().map(|o| o.wait_ms).sum();
        let person_m: f64 = lines.iter().enumerate().map(|(l, line)| self.loads(l, line).person_m).sum();
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
                "mean_transit_wait_s",
                ratio(wait_ms as f64 / 1_000.0, boardings as f64),
                "seconds",
                "mean wait at stops by boarding; 0 when nobody boards",
            ),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::town::{ARRIVING, DEPARTING, TRANSFER, Town, at};
    use crate::units::HOUR_MS;

    const EIGHT: i64 = 8 * HOUR_MS;

    #[test]
    fn loads_are_what_got_on_less_what_got_off() {
        // 08:00: two persons ride 0 → 1, three ride 0 → 2; 09:00: one rides 1 → 2. Half is simulated. Section 0: 5,
        // section 1: 3 + 1 = 4; doubled 10 and 8. In hour 8: 10 and 6. Fullest vehicle 10 of 10 places. Passenger-km:
        // 2·(5·1 + 4·2) = 26. Waits: 60 s of five, 0 s of one, mean 50 s. Left behind: 1, twice: 2, doubled 4.
        let town = Town::sampled(0.5);
        let stop1 = EIGHT + 100_000;
        let events = [
            at(EIGHT).boarded(DEPARTING, 0, 0, EIGHT - 60_000),
            at(EIGHT).boarded(TRANSFER, 0, 0, EIGHT - 60_000),
            at(stop1).alighted(DEPARTING, 0, 1),
            at(stop1).denied(ARRIVING, 0, 1),
            at(stop1 + 1).denied(ARRIVING, 0, 1),
            at(EIGHT + 200_000).alighted(TRANSFER, 0, 2),
            at(9 * HOUR_MS + 100_000).boarded(ARRIVING, 1, 1, 9 * HOUR_MS + 100_000),
            at(9 * HOUR_MS + 200_000).alighted(ARRIVING, 1, 2),
        ];
        let (tables, kpis) = town.tell(Ridership::new(&town.context()), &events);
        let line = |name: &str| tables[0].number(name, 0).unwrap();
        assert_eq!(tables[0].word("line", 0), Some("M1:1"));
        assert_eq!(line("boardings"), 12.0);
        assert_eq!(line("denied"), 4.0);
        assert_eq!(line("passenger_km"), 26.0);
        assert_eq!(line("max_load"), 10.0);
        assert_eq!(line("max_load_factor"), 1.0);
        assert_eq!(line("mean_wait_s"), 50.0);
        let section = |name: &str| [0, 1].map(|s| tables[1].number(name, s).unwrap());
        assert_eq!(section("load"), [10.0, 8.0]);
        assert_eq!(section("peak_hour_load"), [10.0, 6.0]);
        let stop = |name: &str| [0, 1, 2].map(|s| tables[2].number(name, s).unwrap());
        assert_eq!(stop("boardings"), [10.0, 2.0, 0.0]);
        assert_eq!(stop("alightings"), [0.0, 4.0, 8.0]);
        assert_eq!(kpis.iter().find(|k| k.name == "denied_boardings").unwrap().value, 4.0);
    }

    #[test]
    fn who_is_on_board_when_the_day_ends_rides_no_farther() {
        // The day ends at 08:00:50, between the first two stops: 1 km of 3.
        let mut town = Town::new();
        town.end = crate::units::Time(EIGHT + 50_000);
        let (tables, _) = town.tell(Ridership::new(&town.context()), &[at(EIGHT).boarded(ARRIVING, 0, 0, EIGHT)]);
        assert_eq!(tables[0].number("passenger_km", 0), Some(1.0));
    }

    #[test]
    fn on_a_ring_one_gets_off_the_next_time_the_line_comes_by() {
        let ring = [0, 1, 2, 0, 1].map(StopIx);
        assert_eq!(position_of(&ring, 0, StopIx(0)), Some(3));
        assert_eq!(position_of(&ring, 2, StopIx(1)), Some(4));
        assert_eq!(position_of(&ring, 4, StopIx(1)), None);
    }
}
