//! The tables `stops` and `stop_hours`: who gets on and off, and who is left behind.

use super::{OfStop, Ridership};
use crate::metrics::Context;
use crate::table::Table;

impl Ridership {
    /// A stop's hours.
    fn hours_of(&self, stop: usize) -> &[OfStop] {
        &self.of_stop[stop * self.hours.count()..(stop + 1) * self.hours.count()]
    }

    pub(super) fn stops_table(&self, context: &Context) -> Table {
        let (stops, names) = (&context.network.lines.stops, &context.network.names);
        let sum = |stop: usize, of: fn(&OfStop) -> u64| self.hours_of(stop).iter().map(of).sum::<u64>();
        let count =
            |of: fn(&OfStop) -> u64| (0..stops.len()).map(|stop| context.expand(sum(stop, of))).collect::<Vec<f64>>();
        let hub = |h: crate::ids::HubIx| names.hubs.name(h.0).to_owned();
        let mean_wait = |stop: usize| {
            let (persons, wait_ms) = (sum(stop, |o| o.boardings), self.hours_of(stop).iter().map(|o| o.wait_ms).sum());
            mean_s(wait_ms, persons)
        };
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
            .real("boardings", "persons per day", "persons who got on, expanded by 1/sample", count(|o| o.boardings))
            .real("alightings", "persons per day", "persons who got off, expanded by 1/sample", count(|o| o.alightings))
            .real(
                "denied",
                "persons per day",
                "persons left behind, once for each full vehicle, expanded by 1/sample",
                count(|o| o.denied),
            )
            .real_or_none(
                "mean_wait_s",
                "seconds",
                "mean wait of those who got on, times left behind included",
                (0..stops.len()).map(mean_wait).collect(),
            )
    }

    pub(super) fn stop_hours_table(&self, context: &Context) -> Table {
        let (stops, hours) = (context.network.lines.stops.len(), self.hours.count());
        let is_used = |o: &OfStop| o.boardings + o.alightings + o.denied > 0;
        let rows: Vec<usize> = (0..stops * hours).filter(|&row| is_used(&self.of_stop[row])).collect();
        let count =
            |of: fn(&OfStop) -> u64| rows.iter().map(|&r| context.expand(of(&self.of_stop[r]))).collect::<Vec<f64>>();
        Table::new("stop_hours")
            .key_category(
                "stop_id",
                "as in stops",
                rows.iter().map(|r| (r / hours) as u32).collect(),
                context.network.names.stops.all().to_vec(),
            )
            .key_int(
                "hour",
                "hour of the day",
                "clock hour, past 24 after midnight",
                rows.iter().map(|r| self.hours.clock(r % hours)).collect(),
            )
            .real("boardings", "persons per hour", "persons who got on, expanded by 1/sample", count(|o| o.boardings))
            .real(
                "alightings",
                "persons per hour",
                "persons who got off, expanded by 1/sample",
                count(|o| o.alightings),
            )
            .real(
                "denied",
                "persons per hour",
                "persons left behind, once for each full vehicle, expanded by 1/sample",
                count(|o| o.denied),
            )
            .real_or_none(
                "mean_wait_s",
                "seconds",
                "mean wait of those who got on, times left behind included",
                rows.iter().map(|&r| mean_s(self.of_stop[r].wait_ms, self.of_stop[r].boardings)).collect(),
            )
    }
}

fn mean_s(sum_ms: i64, persons: u64) -> Option<f64> {
    (persons > 0).then(|| sum_ms as f64 / 1_000.0 / persons as f64)
}
