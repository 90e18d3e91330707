//! The day hour by hour: the table `hours`, and the key figures of road traffic.
//!
//! Distance and time of a vehicle on a link count to the hour in which it enters the link, as in `link_hours`. What it
//! waited at its origin before its first link counts to the hour in which it set out, and so does the wait of who still
//! waits when the day ends. Sums are kept in whole millimetres and milliseconds, so no order of adding can change them.

use crate::demand::Class;
use crate::events::{Event, EventSink, What};
use crate::metrics::journeys::CLASSES;
use crate::metrics::summary::{kpi, ratio};
use crate::metrics::traversals::{ByLink, lengths_mm, parties};
use crate::metrics::{Context, Hours, Indicator};
use crate::network::passages::LinkTraffic;
use crate::table::{Kpi, Table};
use crate::units::{HOUR_MS, Time};

/// Morning peak: vehicles that enter links, or set out, from 07:00 to 09:00.
const AM_PEAK: std::ops::Range<i64> = 7..9;

/// What happened in an hour.
#[derive(Clone, Copy, Debug, Default)]
struct Hour {
    begun: [u64; CLASSES.len()],
    ended: u64,
    entered: u64,
    length_mm: u64,
    /// Of vehicles on links and, before their first, at their origins.
    time_ms: u64,
}

impl Hour {
    fn speed_kmh(&self) -> Option<f64> {
        speed_kmh(self.length_mm, self.time_ms)
    }
}

/// Millimetres per millisecond are metres per second.
fn speed_kmh(length_mm: u64, time_ms: u64) -> Option<f64> {
    (time_ms > 0).then(|| length_mm as f64 / time_ms as f64 * 3.6)
}

/// The day hour by hour.
#[derive(Debug)]
pub struct HourByHour {
    hours: Hours,
    of: Vec<Hour>,
    delay_ms: u64,
    class: Vec<Class>,
    party: Vec<u16>,
}

impl HourByHour {
    /// Nothing has happened.
    pub fn new(context: &Context) -> HourByHour {
        HourByHour {
            hours: context.hours(),
            of: vec![Hour::default(); context.hours().count()],
            delay_ms: 0,
            class: context.demand.agents.iter().map(|a| a.class).collect(),
            party: parties(context),
        }
    }

    fn hour(&mut self, time: Time) -> &mut Hour {
        &mut self.of[self.hours.of(time)]
    }
}

impl EventSink for HourByHour {
    fn event(&mut self, event: &Event) {
        let agent = event.agent;
        match event.what {
            What::LegBegan { leg: 0, .. } => {
                let (class, party) = (self.class[agent.i()] as usize, u64::from(self.party[agent.i()]));
                self.hour(event.time).begun[class] += party;
            }
            What::Arrived => self.hour(event.time).ended += u64::from(self.party[agent.i()]),
            _ => {}
        }
    }
}

impl Indicator for HourByHour {
    fn name(&self) -> &'static str {
        "hours"
    }

    fn close(&mut self, context: &Context, traffic: &LinkTraffic) {
        let length_mm = lengths_mm(&context.network.roads);
        for of in ByLink::new(traffic, context).links() {
            for row in of.entered() {
                let hour = self.hour(of.bin_start(row.bin));
                hour.entered += u64::from(row.count);
                hour.length_mm += length_mm[of.link.i()] * u64::from(row.count);
                hour.time_ms += row.time_ms;
                self.delay_ms += row.lost_ms;
            }
            for row in of.set_out() {
                self.hour(of.bin_start(row.bin)).time_ms += row.wait_ms;
                self.delay_ms += row.wait_ms;
            }
        }
    }

    fn tables(&self, context: &Context) -> Vec<Table> {
        let column = |of: &dyn Fn(&Hour) -> u64| self.of.iter().map(|h| context.expand(of(h))).collect::<Vec<f64>>();
        let mut table = Table::new("hours").key_int(
            "hour",
            "hour of the day",
            "clock hour, 24 and more after midnight",
            (0..self.hours.count()).map(|h| self.hours.clock(h)).collect(),
        );
        for class in CLASSES {
            let (unit, who) = match class {
                Class::Truck => ("trucks", "trucks"),
                _ => ("persons", "persons of this class"),
            };
            table = table.real(
                &format!("trips_begun_{}", class.word()),
                unit,
                &format!("{who} that set out in the hour, expanded by 1/sample"),
                column(&|h| h.begun[class as usize]),
            );
        }
        let mut under_way = 0u64;
        let at_end = |h: &Hour| {
            under_way = (under_way + h.begun.iter().sum::<u64>()).saturating_sub(h.ended);
            context.expand(under_way)
        };
        let under_way: Vec<f64> = self.of.iter().map(at_end).collect();
        let km = |h: &Hour| context.expand(h.length_mm) / 1e6;
        let table = table
            .real(
                "under_way",
                "persons",
                "persons and trucks under way when the hour ends, expanded by 1/sample",
                under_way,
            )
            .real(
                "link_entries_veh",
                "vehicles",
                "entries of vehicles into links, expanded by 1/sample",
                column(&|h| h.entered),
            )
            .real(
                "vkm",
                "vehicle-km",
                "distance of these entries, expanded by 1/sample",
                self.of.iter().map(km).collect(),
            )
            .real_or_none(
                "mean_speed_kmh",
                "km/h",
                "distance by time of the vehicles that entered links in the hour, and the waits at the origin of those who set \
                 out in it",
                self.of.iter().map(Hour::speed_kmh).collect(),
            );
        vec![table]
    }

    fn kpis(&self, context: &Context) -> Vec<Kpi> {
        let sum = |hours: &mut dyn Iterator<Item = &Hour>| {
            hours.fold((0u64, 0u64), |(mm, ms), h| (mm + h.length_mm, ms + h.time_ms))
        };
        let (mm, ms) = sum(&mut self.of.iter());
        let peak = self.of.iter().enumerate().filter(|&(h, _)| AM_PEAK.contains(&self.hours.clock(h)));
        let (peak_mm, peak_ms) = sum(&mut peak.map(|(_, h)| h));
        let hours = |ms: u64| context.expand(ms) / HOUR_MS as f64;
        let speed = |mm: u64, ms: u64| ratio(mm as f64 * 3.6, ms as f64);
        vec![
            kpi("vehicle_km", context.expand(mm) / 1e6, "vehicle-km per day", "distance driven, expanded by 1/sample"),
            kpi(
                "vehicle_hours",
                hours(ms),
                "vehicle-hours per day",
                "time of vehicles on links and waiting at their origins to enter the first, expanded by 1/sample",
            ),
            kpi(
                "mean_speed_kmh",
                speed(mm, ms),
                "km/h",
                "vehicle-km by vehicle-hours, waits at the origin among them; 0 when nobody drives",
            ),
            kpi(
                "am_peak_speed_kmh",
                speed(peak_mm, peak_ms),
                "km/h",
                "the same of vehicles that enter links or set out from 07:00 to 09:00; 0 when nobody drives",
            ),
            kpi(
                "total_delay_vehicle_hours",
                hours(self.delay_ms),
                "vehicle-hours per day",
                "time of vehicles on links beyond free flow of their class, and waiting at their origins to enter the \
                 first, expanded by 1/sample",
            ),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::links::Links;
    use crate::metrics::town::{COMMUTER, DEPARTING, TRUCK, Town, at};
    use crate::mode::Mode;

    #[test]
    fn an_hour_counts_who_sets_out_who_is_under_way_and_how_fast_it_goes() {
        // Hour 7: two residents set out; they drive link 0 (1 km) in 100 s: 36 km/h, 50 s of delay, and arrive in hour
        // 8. The commuter sets out in hour 8, drives 1 km in 50 s (72 km/h) and is under way for ever.
        let town = Town::new();
        let (h7, h8) = (7 * 3_600_000, 8 * 3_600_000);
        let events = [
            at(h7).began(DEPARTING, 0, Some(Mode::Car)),
            at(h7).entered(DEPARTING, 0),
            at(h7 + 100_000).left(DEPARTING, 0, h7),
            at(h8 + 1).arrived(DEPARTING),
            at(h8).began(COMMUTER, 0, Some(Mode::Car)),
            at(h8).entered(COMMUTER, 0),
            at(h8 + 50_000).left(COMMUTER, 0, h8),
        ];
        let (tables, kpis) = town.tell(HourByHour::new(&town.context()), &events);
        let figure = |name: &str, hour| tables[0].number(name, hour);
        assert_eq!(figure("trips_begun_resident", 7), Some(2.0));
        assert_eq!(figure("trips_begun_background", 8), Some(1.0));
        assert_eq!(figure("under_way", 7), Some(2.0));
        assert_eq!(figure("under_way", 8), Some(1.0));
        assert_eq!(figure("mean_speed_kmh", 7), Some(36.0));
        assert_eq!(figure("mean_speed_kmh", 8), Some(72.0));
        assert_eq!(figure("mean_speed_kmh", 9), None);
        let value = |name: &str| kpis.iter().find(|k| k.name == name).unwrap().value;
        // 2 km in 150 s are 48 km/h.
        assert_eq!(value("mean_speed_kmh"), 48.0);
        assert_eq!(value("am_peak_speed_kmh"), 48.0);
        assert_eq!(value("vehicle_km"), 2.0);
        assert_eq!(value("total_delay_vehicle_hours"), 50.0 / 3_600.0);
    }

    #[test]
    fn the_day_by_hours_is_the_day_by_links() {
        // The commuter waits 1 s at its origin, and the departing 100 s until the day ends.
        let mut town = Town::sampled(0.25);
        town.drives(DEPARTING, &[1]);
        let events = [
            at(86_300_000).began(DEPARTING, 0, Some(Mode::Car)),
            at(0).began(COMMUTER, 0, Some(Mode::Car)),
            at(1_000).entered(COMMUTER, 0),
            at(61_000).left(COMMUTER, 0, 1_000),
            at(61_000).entered(COMMUTER, 1),
            at(90_000).entered(TRUCK, 1),
            at(400_000).left(TRUCK, 1, 90_000),
        ];
        let (links, _) = town.tell(Links::new(&town.context()), &events);
        let (_, kpis) = town.tell(HourByHour::new(&town.context()), &events);
        let total = |name: &str| (0..2).map(|l| links[0].number(name, l).unwrap()).sum::<f64>();
        let value = |name: &str| kpis.iter().find(|k| k.name == name).unwrap().value;
        assert_eq!(total("vkm"), value("vehicle_km"));
        assert_eq!(total("origin_wait_s"), 404.0);
        // On links 60 + 310 s and the commuter's second link from 61 s to the end of the day, and 101 s of waiting.
        let on_links_s = 60.0 + 310.0 + (86_400.0 - 61.0);
        assert!((value("vehicle_hours") - 4.0 * (on_links_s + 101.0) / 3_600.0).abs() < 1e-9);
        assert!((total("delay_s") / 3_600.0 - value("total_delay_vehicle_hours")).abs() < 1e-9);
    }

    #[test]
    fn a_wait_at_the_origin_counts_to_the_hour_of_setting_out() {
        // Sets out at 7:59, enters the first kilometre at 8:01 and drives it in 50 s: 120 s of waiting in hour 7, which
        // nobody entered a link in, and 72 km/h in hour 8. In the peak 1 km in 170 s.
        let town = Town::new();
        let h8 = 8 * 3_600_000;
        let events = [
            at(h8 - 60_000).began(COMMUTER, 0, Some(Mode::Car)),
            at(h8 + 60_000).entered(COMMUTER, 0),
            at(h8 + 110_000).left(COMMUTER, 0, h8 + 60_000),
        ];
        let (tables, kpis) = town.tell(HourByHour::new(&town.context()), &events);
        let speed = |hour| tables[0].number("mean_speed_kmh", hour);
        assert_eq!([6, 7, 8, 9].map(speed), [None, Some(0.0), Some(72.0), None]);
        let peak = kpis.iter().find(|k| k.name == "am_peak_speed_kmh").unwrap().value;
        assert_eq!(peak, 1_000_000.0 * 3.6 / 170_000.0);
    }
}
