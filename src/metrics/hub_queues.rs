//! Queues before the gates of hubs: the table `hub_queues`, a row for each gated process and hour in which vehicles stood
//! before it.
//!
//! The road tells minute by minute, while there are any, how many vehicles stand before a full gate and how long they are,
//! on the hub's own links and on the public road behind them. A minute that is not told is one without a queue.

use crate::events::{Event, EventSink};
use crate::metrics::summary::kpi;
use crate::metrics::{Context, Hours, Indicator};
use crate::network::passages::LinkTraffic;
use crate::table::{Kpi, Table};
use crate::units::{HOUR_MS, MINUTE_MS};
use std::collections::BTreeMap;

/// A gate in an hour: sums and maxima over its minutes.
#[derive(Clone, Copy, Debug, Default)]
struct Hour {
    vehicles: u64,
    own_m: f64,
    public_m: f64,
    most_vehicles: u32,
    most_own_m: f64,
    most_public_m: f64,
    minutes: u32,
    public_minutes: u32,
}

/// Queues before gates.
#[derive(Debug)]
pub struct HubQueues {
    hours: Hours,
    /// By process and hour.
    of: BTreeMap<(u32, usize), Hour>,
}

impl HubQueues {
    /// Nobody stands anywhere.
    pub fn new(context: &Context) -> HubQueues {
        HubQueues { hours: context.hours(), of: BTreeMap::new() }
    }
}

impl EventSink for HubQueues {
    /// The minutes of the day tell everything.
    fn event(&mut self, _event: &Event) {}
}

impl Indicator for HubQueues {
    fn name(&self) -> &'static str {
        "hub_queues"
    }

    fn close(&mut self, _context: &Context, traffic: &LinkTraffic) {
        for seen in traffic.gate_queues.iter().filter(|seen| seen.vehicles > 0) {
            let hour = self.of.entry((seen.process.0, self.hours.of(seen.at))).or_default();
            hour.vehicles += u64::from(seen.vehicles);
            hour.own_m += seen.own_m;
            hour.public_m += seen.public_m;
            hour.most_vehicles = hour.most_vehicles.max(seen.vehicles);
            hour.most_own_m = hour.most_own_m.max(seen.own_m);
            hour.most_public_m = hour.most_public_m.max(seen.public_m);
            hour.minutes += 1;
            hour.public_minutes += u32::from(seen.public_m > 0.0);
        }
    }

    fn tables(&self, context: &Context) -> Vec<Table> {
        let (names, hubs, sample) = (&context.network.names, &context.network.hubs, context.demand.sample);
        let minutes = |h: usize| {
            let begin = self.hours.begin(h).max(context.start);
            let length = self.hours.begin(h).plus(HOUR_MS).min(context.end).since(begin).max(1);
            length as f64 / MINUTE_MS as f64
        };
        let column = |of: &dyn Fn(&Hour, f64) -> f64| {
            self.of.iter().map(|(&(_, h), hour)| of(hour, minutes(h))).collect::<Vec<f64>>()
        };
        let gates = || self.of.keys();
        if self.of.is_empty() {
            return Vec::new();
        }
        let hub = |p: u32| names.hubs.name(hubs.processes[p as usize].hub.0).to_owned();
        let table = Table::new("hub_queues")
            .key(
                "process",
                "hub/process behind the gate",
                gates().map(|g| names.processes.name(g.0).to_owned()).collect(),
            )
            .key_int(
                "hour",
                "hour of the day",
                "clock hour with a queue, 24 and more after midnight",
                gates().map(|g| self.hours.clock(g.1)).collect(),
            )
            .text("hub", "hub", gates().map(|g| hub(g.0)).collect())
            .real(
                "vehicles_mean",
                "vehicles",
                "vehicles that stand before the gate, mean over the hour's minutes, expanded by 1/sample",
                column(&|hour, minutes| hour.vehicles as f64 / minutes / sample),
            )
            .real(
                "vehicles_max",
                "vehicles",
                "most of them, expanded by 1/sample",
                column(&|hour, _| f64::from(hour.most_vehicles) / sample),
            )
            .real(
                "own_mean_m",
                "vehicle-metres",
                "their length on the hub's own links and at the gate, mean over the hour's minutes",
                column(&|hour, minutes| hour.own_m / minutes),
            );
        vec![
            table
                .real("own_max_m", "vehicle-metres", "longest of it", column(&|hour, _| hour.most_own_m))
                .real(
                    "public_mean_m",
                    "vehicle-metres",
                    "their length on the public road, mean over the hour's minutes",
                    column(&|hour, minutes| hour.public_m / minutes),
                )
                .real("public_max_m", "vehicle-metres", "longest of it", column(&|hour, _| hour.most_public_m))
                .real("queue_min", "minutes", "minutes with a queue", column(&|hour, _| f64::from(hour.minutes)))
                .real(
                    "public_min",
                    "minutes",
                    "minutes in which it reached the public road",
                    column(&|hour, _| f64::from(hour.public_minutes)),
                ),
        ]
    }

    fn kpis(&self, _context: &Context) -> Vec<Kpi> {
        // An empty sum of floats is −0.
        let metres = self.of.values().fold(0.0, |sum, hour| sum + hour.public_m);
        vec![kpi(
            "public_queue_vehicle_metre_hours",
            metres / 60.0,
            "vehicle-metre-hours per day",
            "queues before gates of hubs on the public road, length by time",
        )]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::ProcessIx;
    use crate::metrics::town::Town;
    use crate::network::passages::GateQueue;
    use crate::units::Time;

    #[test]
    fn a_queue_is_the_mean_of_all_minutes_of_the_hour() {
        // Two of 60 minutes: 3 and 6 vehicles, 20 m of own road each, then 16 m of public road. Half is
        // simulated: as many again stand for each vehicle; metres are those of the road as it is.
        let mut town = Town::sampled(0.5);
        let seen = |minute: i64, vehicles, public_m| GateQueue {
            process: ProcessIx(1),
            at: Time(7 * HOUR_MS + minute * MINUTE_MS),
            vehicles,
            own_m: 20.0,
            public_m,
        };
        town.left.gate_queues = vec![seen(10, 3, 0.0), seen(11, 6, 16.0)];
        let (tables, kpis) = town.tell(HubQueues::new(&town.context()), &[]);
        let figure = |name: &str| tables[0].number(name, 0).unwrap();
        assert_eq!((tables[0].rows(), figure("hour")), (1, 7.0));
        assert_eq!(tables[0].word("process", 0), Some("airport/gate"));
        let figures = ["vehicles_mean", "vehicles_max", "own_mean_m", "own_max_m", "public_max_m"].map(figure);
        assert_eq!(figures, [0.3, 12.0, 20.0 * 2.0 / 60.0, 20.0, 16.0]);
        assert_eq!((figure("queue_min"), figure("public_min")), (2.0, 1.0));
        // 16 m for a minute.
        assert_eq!(kpis[0].value, 16.0 / 60.0);
    }
}
