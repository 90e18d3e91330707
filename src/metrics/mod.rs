//! Indicators: sinks that take the events of a day in their total order, and at its end what the road counted, and return
//! tables and key figures.
//!
//! Every figure is expanded by 1/sample to the whole population unless its description says otherwise; tables with a
//! row per agent tell of the simulated agents themselves. Each file holds one indicator behind one small trait; a new
//! one is its file and its line in [`Indicators`]. The list is typed, not boxed, so that events reach every indicator
//! without a virtual call. Single passages of links are no events here: [`LinkTraffic`] has them counted.

pub mod district_traffic;
pub mod flows;
pub mod hourly;
pub mod hub_bags;
pub mod hub_delays;
pub mod hub_hours;
pub mod hub_queues;
pub mod hub_services;
pub mod hub_times;
pub mod hubs;
pub mod journeys;
pub mod legs;
pub mod link_times;
pub mod links;
pub mod process_flows;
pub mod processes;
pub mod quarters;
pub mod queue;
pub mod services;
pub mod stores;
pub mod summary;
pub mod tokens;
pub mod traversals;
pub mod trips;
pub mod trucks;

#[cfg(test)]
mod town;

use crate::demand::Demand;
use crate::demand::plan::Plan;
use crate::events::{Event, EventSink};
use crate::network::Network;
use crate::network::passages::LinkTraffic;
use crate::scenario::settings::ValueOfTime;
use crate::table::{Kpi, Table};
use crate::units::{HOUR_MS, Time};

/// What indicators may know besides the events.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// Supply.
    pub network: &'a Network,
    /// Agents and consignments.
    pub demand: &'a Demand,
    /// The plans that were run, by agent; `None` for an agent that no plan leads to where it wants to go.
    pub plans: &'a [Option<Plan>],
    /// First moment of the day.
    pub start: Time,
    /// Last moment of the day.
    pub end: Time,
    /// What was in each store of a hub when the day began, thousandths of its unit in the sample; where it is not told, what
    /// the store's file says.
    pub store_start: &'a [i64],
    /// What time is worth by purpose, yuan per hour.
    pub value_cny_h: ValueOfTime,
}

impl Context<'_> {
    /// What a count of the simulated agents stands for in the whole population: the count by 1/sample.
    pub fn expand(&self, count: u64) -> f64 {
        count as f64 / self.demand.sample
    }

    /// The clock hours of the day.
    pub fn hours(&self) -> Hours {
        Hours::new(self.start, self.end)
    }
}

/// The clock hours that a day touches, the first and the last perhaps in part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours {
    first: i64,
    count: usize,
}

impl Hours {
    /// The hours from `start` to `end`; at least one.
    pub fn new(start: Time, end: Time) -> Hours {
        let first = start.0.div_euclid(HOUR_MS);
        let past = (end.0 + HOUR_MS - 1).div_euclid(HOUR_MS);
        Hours { first, count: usize::try_from(past - first).unwrap_or(0).max(1) }
    }

    /// How many there are.
    pub fn count(self) -> usize {
        self.count
    }

    /// Position of the hour of a moment; moments outside count to the first or last hour.
    pub fn of(self, time: Time) -> usize {
        let hour = time.0.div_euclid(HOUR_MS) - self.first;
        usize::try_from(hour).unwrap_or(0).min(self.count - 1)
    }

    /// The hour's number on the clock, 24 and more after midnight.
    pub fn clock(self, position: usize) -> i64 {
        self.first + position as i64
    }

    /// First moment of an hour.
    pub fn begin(self, position: usize) -> Time {
        Time(self.clock(position) * HOUR_MS)
    }

    /// Cuts the time from `begin` to `end` at full hours: gives `add` each hour's position and milliseconds. Time
    /// outside of the day counts to the first or last hour.
    pub fn split(self, begin: Time, end: Time, mut add: impl FnMut(usize, i64)) {
        let mut from = begin;
        while from < end {
            let hour = self.of(from);
            let to = if hour + 1 < self.count { self.begin(hour + 1).min(end) } else { end };
            add(hour, to.since(from));
            from = to;
        }
    }
}

/// An indicator: takes events, and tells what it saw.
pub trait Indicator: EventSink {
    /// Its name, for logs and lists.
    fn name(&self) -> &'static str;

    /// The day is over: takes what passed the links, and counts in what is still under way. Called once, after the last
    /// event.
    fn close(&mut self, _context: &Context, _traffic: &LinkTraffic) {}

    /// Its tables.
    fn tables(&self, context: &Context) -> Vec<Table>;

    /// Its key figures, if any.
    fn kpis(&self, _context: &Context) -> Vec<Kpi> {
        Vec::new()
    }
}

/// Events that are gathered before the indicators see them, one indicator after the other, so that each works in its own
/// memory for a while. When passages of links were events as well, ten million of them took 1.0–1.5 s in blocks and
/// 1.2–3.0 s one by one (400,000 agents, four runs each on two busy cores, 2026-11-23).
const BLOCK: usize = 4_096;

/// Names each indicator once: declares the struct, makes it, forwards events, and gathers results in that order.
macro_rules! indicators {
    ($($(#[$about:meta])* $field:ident: $kind:ty,)*) => {
        /// All indicators of a run, in the order of their tables.
        #[derive(Debug)]
        pub struct Indicators {
            $($(#[$about])* $field: $kind,)*
            /// Events that no indicator has seen yet.
            waiting: Vec<Event>,
        }

        impl Indicators {
            /// One of each, for a day.
            pub fn new(context: &Context) -> Indicators {
                Indicators { $($field: <$kind>::new(context),)* waiting: Vec::with_capacity(BLOCK) }
            }

            /// Gives the waiting events to one indicator after the other.
            fn pass_on(&mut self) {
                $(self.waiting.iter().for_each(|event| self.$field.event(event));)*
                self.waiting.clear();
            }

            /// Names of the indicators in order.
            pub fn names(&self) -> Vec<&'static str> {
                vec![$(self.$field.name(),)*]
            }

            /// The flow ledger so far.
            pub fn ledger(&self) -> &flows::FlowLedger {
                &self.flows
            }

            /// All tables and key figures; called after the last event.
            pub fn finish(mut self, context: &Context, traffic: &LinkTraffic) -> (Vec<Table>, Vec<Kpi>) {
                self.pass_on();
                let (mut tables, mut kpis) = (Vec::new(), Vec::new());
                $(
                    self.$field.close(context, traffic);
                    tables.extend(self.$field.tables(context));
                    kpis.extend(self.$field.kpis(context));
                )*
                summary::arrange(&mut kpis);
                (tables, kpis)
            }
        }

        impl EventSink for Indicators {
            fn event(&mut self, event: &Event) {
                self.waiting.push(*event);
                if self.waiting.len() == BLOCK {
                    self.pass_on();
                }
            }
        }
    };
}

indicators! {
    /// Traffic by link.
    links: links::Links,
    /// Traffic by link and quarter hour.
    quarters: quarters::LinkQuarters,
    /// The day hour by hour.
    hours: hourly::HourByHour,
    /// Hubs.
    hubs: hubs::HubFlows,
    /// Hubs by hour.
    hub_hours: hub_hours::HubHours,
    /// Scheduled services of hubs.
    hub_services: hub_services::HubServices,
    /// Processes of hubs.
    processes: processes::Processes,
    /// Flows between processes.
    process_flows: process_flows::ProcessFlows,
    /// Times through hubs.
    hub_times: hub_times::HubTimes,
    /// Checked bags.
    hub_bags: hub_bags::HubBags,
    /// Stores of hubs.
    stores: stores::Stores,
    /// Queues before gates of hubs.
    hub_queues: hub_queues::HubQueues,
    /// Where users of hubs lose time.
    hub_delays: hub_delays::HubDelays,
    /// Lines and stops.
    services: services::Ridership,
    /// Trips and consignments.
    trips: trips::Trips,
    /// Legs.
    legs: legs::Legs,
    /// Trucks.
    trucks: trucks::Trucks,
    /// The flow ledger.
    flows: flows::FlowLedger,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::town::{TRUCK, Town, at};
    use crate::mode::Mode;

    #[test]
    fn hours_are_those_of_the_clock_and_time_is_cut_at_them() {
        // 22:30–25:10 touches the hours 22, 23, 24 and 25; 22:30–24:15 is 30, 60 and 15 min of the first three.
        let minute = 60_000;
        let hours = Hours::new(Time(1_350 * minute), Time(1_510 * minute));
        assert_eq!((hours.count(), hours.clock(0), hours.clock(3)), (4, 22, 25));
        assert_eq!(hours.of(Time(1_500 * minute)), 3);
        let mut parts = vec![0; 4];
        hours.split(Time(1_350 * minute), Time(1_455 * minute), |h, ms| parts[h] += ms);
        assert_eq!(parts, [30 * minute, 60 * minute, 15 * minute, 0]);
    }

    #[test]
    fn all_indicators_see_every_event_also_the_last_ones() {
        // One more event than a block: one truck sets out again and again.
        let town = Town::new();
        let mut indicators = Indicators::new(&town.context());
        for k in 0..=BLOCK as i64 {
            indicators.event(&at(k).began(TRUCK, 0, Some(Mode::Truck)));
        }
        let (tables, kpis) = indicators.finish(&town.context(), &LinkTraffic::default());
        let hours = tables.iter().find(|t| t.name == "hours").unwrap();
        assert_eq!(hours.number("trips_begun_truck", 0), Some(BLOCK as f64 + 1.0));
        assert_eq!(kpis.iter().find(|k| k.name == "trucks").unwrap().value, BLOCK as f64 + 1.0);
        let mut names: Vec<&str> = tables.iter().map(|t| t.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), tables.len(), "every table has a name of its own");
    }
}
