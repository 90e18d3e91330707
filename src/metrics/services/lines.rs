//! The tables `lines` and `routes`: what was offered, what was ridden, how long people waited.

use super::calls::{Calls, WITHIN_300_S};
use super::loads::Loads;
use super::waits::{EXCESS, Waits};
use super::{OfLine, Ridership, line_names};
use crate::metrics::Context;
use crate::network::lines::Line;
use crate::table::Table;

/// What is told of a line, or of all lines of a route together.
#[derive(Clone, Debug, Default)]
struct Told {
    runs: i64,
    boardings: f64,
    denied: f64,
    passenger_km: f64,
    vehicle_km: f64,
    place_km: f64,
    seat_km: f64,
    /// Persons in the fullest vehicle, and by its places.
    max_load: f64,
    max_load_factor: Option<f64>,
    waits: Waits,
    calls: Calls,
}

impl Told {
    fn new(of: &OfLine, line: &Line, loads: &Loads, context: &Context) -> Told {
        let run_m: f64 = line.chainage_m.last().map_or(0.0, |m| m * line.runs() as f64);
        let max_load = context.expand(loads.max);
        Told {
            runs: line.runs() as i64,
            boardings: context.expand(of.boardings),
            denied: context.expand(of.denied),
            passenger_km: context.expand(1) * loads.person_m / 1_000.0,
            vehicle_km: run_m / 1_000.0,
            place_km: loads.place_m / 1_000.0,
            seat_km: loads.seat_m / 1_000.0,
            max_load,
            max_load_factor: (line.capacity > 0).then(|| max_load / f64::from(line.capacity)),
            waits: of.waits.clone(),
            calls: of.calls,
        }
    }

    fn add(&mut self, other: &Told) {
        self.runs += other.runs;
        self.boardings += other.boardings;
        self.denied += other.denied;
        self.passenger_km += other.passenger_km;
        self.vehicle_km += other.vehicle_km;
        self.place_km += other.place_km;
        self.seat_km += other.seat_km;
        self.max_load = self.max_load.max(other.max_load);
        self.max_load_factor = [self.max_load_factor, other.max_load_factor].into_iter().flatten().reduce(f64::max);
        self.waits.merge(&other.waits);
        self.calls.merge(&other.calls);
    }
}

/// The columns of ridership that lines and routes share.
fn with_ridership(table: Table, told: &[Told]) -> Table {
    let real = |of: fn(&Told) -> f64| told.iter().map(of).collect::<Vec<f64>>();
    let maybe = |of: fn(&Told) -> Option<f64>| told.iter().map(of).collect::<Vec<Option<f64>>>();
    table
        .real(
            "boardings",
            "persons per day",
            "persons who got on, expanded by 1/sample",
            real(|t| t.boardings),
        )
        .real(
            "denied",
            "persons per day",
            "persons left at the stop by a full vehicle, once for each vehicle, expanded by 1/sample",
            real(|t| t.denied),
        )
        .real(
            "passenger_km",
            "person-km per day",
            "persons by distance along the line, expanded by 1/sample",
            real(|t| t.passenger_km),
        )
        .real("vehicle_km", "vehicle-km per day", "distance that its vehicles run", real(|t| t.vehicle_km))
        .real("place_km", "place-km per day", "places, seated and standing, by distance run", real(|t| t.place_km))
        .real_or_none(
            "seat_km",
            "seat-km per day",
            "seats by distance run, where the vehicles tell their seats",
            maybe(|t| (t.seat_km > 0.0).then_some(t.seat_km)),
        )
        .real_or_none(
            "load_factor",
            "share",
            "passenger-km by place-km",
            maybe(|t| (t.place_km > 0.0).then(|| t.passenger_km / t.place_km)),
        )
        .real("max_load", "persons", "persons in the fullest vehicle, expanded by 1/sample", real(|t| t.max_load))
        .real_or_none(
            "max_load_factor",
            "ratio",
            "load of the fullest vehicle by its capacity",
            maybe(|t| t.max_load_factor),
        )
        .real_or_none(
            "mean_wait_s",
            "seconds",
            "mean wait at the stop of those who got on, times left behind included",
            maybe(|t| t.waits.mean_s()),
        )
        .real_or_none(
            "wait_p95_s",
            "seconds",
            "wait that 95 % of those who got on do not exceed, to the full second",
            maybe(|t| t.waits.p95_s()),
        )
        .real_or_none("excess_wait_s", "seconds", EXCESS, maybe(|t| t.waits.excess_s()))
        .real_or_none(
            "calls_within_1_min",
            "share",
            "share of calls at stops not more than 60 s late, as in calls_within_5_min",
            maybe(|t| t.calls.within_60_s()),
        )
        .real_or_none("calls_within_5_min", "share", WITHIN_300_S, maybe(|t| t.calls.within_300_s()))
        .real_or_none(
            "late_at_end_s",
            "seconds",
            "mean lateness of vehicles on coming to their last stop, below zero when early; runs that the end of the day \
             cut off are left out",
            maybe(|t| t.calls.late_at_end_s()),
        )
}

impl Ridership {
    fn told(&self, context: &Context, loads: &[Loads]) -> Vec<Told> {
        let lines = context.network.lines.lines.iter().zip(&self.of_line).zip(loads);
        lines.map(|((line, of), loads)| Told::new(of, line, loads, context)).collect()
    }

    pub(super) fn lines_table(&self, context: &Context, loads: &[Loads]) -> Table {
        let lines = &context.network.lines;
        let told = self.told(context, loads);
        let text = |of: &dyn Fn(&Line) -> String| lines.lines.iter().map(of).collect::<Vec<String>>();
        let end = |stop: Option<&crate::ids::StopIx>| stop.map_or(String::new(), |s| lines.stops[s.i()].name.clone());
        let table = Table::new("lines")
            .key("line", "route and number of the line among those of its route", line_names(lines))
            .text("route_id", "GTFS route", text(&|l| l.route_id.clone()))
            .text("name", "name of the route", text(&|l| l.name.clone()))
            .text("color", "colour of the route, RRGGBB, may be empty", text(&|l| l.color.clone()))
            .text("from_stop", "first stop", text(&|l| end(l.stops.first())))
            .text("to_stop", "last stop", text(&|l| end(l.stops.last())))
            .int("runs", "vehicle runs per day", "vehicle runs", told.iter().map(|t| t.runs).collect())
            .int(
                "capacity",
                "persons",
                "persons that fit into a vehicle",
                lines.lines.iter().map(|l| i64::from(l.capacity)).collect(),
            );
        with_ridership(table, &told)
    }

    pub(super) fn routes_table(&self, context: &Context, loads: &[Loads]) -> Table {
        let lines = &context.network.lines.lines;
        let mut first: Vec<&Line> = Vec::new();
        let (mut told, mut patterns): (Vec<Told>, Vec<i64>) = (Vec::new(), Vec::new());
        let mut place = rustc_hash::FxHashMap::<&str, usize>::default();
        for (line, of) in lines.iter().zip(self.told(context, loads)) {
            let r = *place.entry(&line.route_id).or_insert_with(|| {
                first.push(line);
                told.push(Told::default());
                patterns.push(0);
                first.len() - 1
            });
            told[r].add(&of);
            patterns[r] += 1;
        }
        let text = |of: &dyn Fn(&&Line) -> String| first.iter().map(of).collect::<Vec<String>>();
        let table = Table::new("routes")
            .key("route_id", "GTFS route", text(&|l| l.route_id.clone()))
            .text("name", "name", text(&|l| l.name.clone()))
            .text("color", "colour, RRGGBB, may be empty", text(&|l| l.color.clone()))
            .int("lines", "", "its lines: stop sequences by direction, as in lines", patterns)
            .int("runs", "vehicle runs per day", "vehicle runs", told.iter().map(|t| t.runs).collect());
        with_ridership(table, &told)
    }
}
