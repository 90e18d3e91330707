//! Stores of hubs – yards, stands, platforms, car parks: the tables `stores` (a day) and `store_hours`.
//!
//! What is in a store follows from what it began with and from what every user took and freed. All amounts are whole
//! thousandths of the store's unit, so that what began plus what came less what went is what ends, exactly.

use crate::events::{Event, EventSink, What};
use crate::metrics::{Context, Hours, Indicator};
use crate::network::passages::LinkTraffic;
use crate::scenario::hubs::StoreUnit;
use crate::table::Table;
use crate::units::{HOUR_MS, Time};

/// Thousandths of a unit.
const WHOLE: i64 = 1_000;

/// A store in an hour.
#[derive(Clone, Copy, Debug, Default)]
struct Hour {
    /// Content added up over time, thousandths times milliseconds.
    content_ms: i128,
    most: i64,
    came: i64,
    went: i64,
    full_ms: i64,
}

/// One store over the day, in thousandths of its unit.
#[derive(Clone, Debug)]
struct Record {
    /// Share of its users that is simulated: all where they are vehicles of services alone.
    sample: f64,
    /// From which content on there is no room for another unit.
    full: i64,
    start: i64,
    content: i64,
    since: Time,
    most: i64,
    hours: Vec<Hour>,
}

/// Stores of all hubs.
#[derive(Debug)]
pub struct Stores {
    hours: Hours,
    of: Vec<Record>,
}

impl Stores {
    /// Every store holds what it begins with.
    pub fn new(context: &Context) -> Stores {
        let hours = context.hours();
        let (_, whole) = context.network.hubs.of_services();
        let record = |(s, store): (usize, &crate::network::hubs::Store)| {
            let sample = if whole[s] { 1.0 } else { context.demand.sample };
            let thousandths = |amount: f64| (amount * sample * WHOLE as f64).round() as i64;
            let told = context.store_start.get(s).copied();
            let start = told.unwrap_or_else(|| thousandths(store.start.unwrap_or(0.0)));
            Record {
                sample,
                full: thousandths(store.capacity) - WHOLE + 1,
                start,
                content: start,
                since: context.start,
                most: start,
                hours: vec![Hour { most: i64::MIN, ..Hour::default() }; hours.count()],
            }
        };
        Stores { hours, of: context.network.hubs.stores.iter().enumerate().map(record).collect() }
    }
}

impl Record {
    /// Adds the time up to a moment at which the content may change.
    fn pass(&mut self, hours: Hours, time: Time) {
        let (content, full) = (self.content, self.content >= self.full);
        hours.split(self.since, time, |h, ms| {
            let hour = &mut self.hours[h];
            hour.content_ms += i128::from(content) * i128::from(ms);
            hour.full_ms += if full { ms } else { 0 };
            hour.most = hour.most.max(content);
        });
        self.since = self.since.max(time);
    }

    fn change(&mut self, hours: Hours, time: Time, change: i64) {
        // Between two changes of one moment the content is nowhere for any time, so it sets no record.
        if time > self.since {
            self.most = self.most.max(self.content);
        }
        self.pass(hours, time);
        self.content += change;
        let hour = &mut self.hours[hours.of(time)];
        if change > 0 { hour.came += change } else { hour.went -= change }
    }

    fn sum(&self, of: fn(&Hour) -> i64) -> i64 {
        self.hours.iter().map(of).sum()
    }
}

impl EventSink for Stores {
    fn event(&mut self, event: &Event) {
        if let What::Stored { store, change } = event.what {
            self.of[store.i()].change(self.hours, event.time, change);
        }
    }
}

fn unit_word(unit: StoreUnit) -> &'static str {
    match unit {
        StoreUnit::Persons => "persons",
        StoreUnit::Vehicles => "vehicles",
        StoreUnit::Teu => "TEU",
        StoreUnit::Tonnes => "tonnes",
    }
}

impl Stores {
    fn day_table(&self, context: &Context) -> Table {
        let (hubs, names) = (&context.network.hubs, &context.network.names);
        let amount = |r: &Record, thousandths: i64| thousandths as f64 / WHOLE as f64 / r.sample;
        let amounts = |of: fn(&Record) -> i64| self.of.iter().map(|r| amount(r, of(r))).collect::<Vec<f64>>();
        let day_ms = context.end.since(context.start).max(1) as f64;
        let mean = |r: &Record| amount(r, 1) * r.hours.iter().map(|h| h.content_ms).sum::<i128>() as f64 / day_ms;
        let unit = "as in column unit";
        let store =
            |of: fn(&crate::network::hubs::Store) -> String| hubs.stores.iter().map(of).collect::<Vec<String>>();
        Table::new("stores")
            .key("store", "hub/store", (0..self.of.len()).map(|s| names.stores.name(s as u32).to_owned()).collect())
            .text("hub", "hub", hubs.stores.iter().map(|s| names.hubs.name(s.hub.0).to_owned()).collect())
            .text("name", "name in the local script", store(|s| s.name.clone()))
            .text("name_en", "name in English", store(|s| s.name_en.clone()))
            .text("unit", "what is counted: persons, vehicles, TEU or tonnes", store(|s| unit_word(s.unit).to_owned()))
            .real("capacity", unit, "room", hubs.stores.iter().map(|s| s.capacity).collect())
            .real("start", unit, "what is there when the day begins, expanded by 1/sample", amounts(|r| r.start))
            .real("in", unit, "what came, expanded by 1/sample", amounts(|r| r.sum(|h| h.came)))
            .real("out", unit, "what went, expanded by 1/sample", amounts(|r| r.sum(|h| h.went)))
            .real("end", unit, "what is there when the day ends: start + in − out", amounts(|r| r.content))
            .real("mean", unit, "mean content over the day, expanded by 1/sample", self.of.iter().map(mean).collect())
            .real("max", unit, "most that was there at once, expanded by 1/sample", amounts(|r| r.most))
            .real(
                "full_share",
                "share",
                "share of the day in which there was no room for another unit",
                self.of.iter().map(|r| r.sum(|h| h.full_ms) as f64 / day_ms).collect(),
            )
            .int("start_thousandths", "thousandths", "start, not expanded", self.of.iter().map(|r| r.start).collect())
            .int(
                "in_thousandths",
                "thousandths",
                "in, not expanded",
                self.of.iter().map(|r| r.sum(|h| h.came)).collect(),
            )
            .int(
                "out_thousandths",
                "thousandths",
                "out, not expanded",
                self.of.iter().map(|r| r.sum(|h| h.went)).collect(),
            )
            .int("end_thousandths", "thousandths", "end, not expanded", self.of.iter().map(|r| r.content).collect())
    }

    fn hours_table(&self, context: &Context) -> Table {
        let rows = || (0..self.of.len()).flat_map(|s| (0..self.hours.count()).map(move |h| (s, h)));
        let length = |h: usize| {
            let begin = self.hours.begin(h).max(context.start);
            self.hours.begin(h).plus(HOUR_MS).min(context.end).since(begin).max(1) as f64
        };
        let column =
            |of: &dyn Fn(&Hour, usize) -> f64| rows().map(|(s, h)| of(&self.of[s].hours[h], h)).collect::<Vec<f64>>();
        let amounts = |thousandths: &dyn Fn(&Hour, usize) -> f64| {
            let amount =
                |(s, h): (usize, usize)| thousandths(&self.of[s].hours[h], h) / WHOLE as f64 / self.of[s].sample;
            rows().map(amount).collect::<Vec<f64>>()
        };
        let unit = "as in column unit of stores";
        Table::new("store_hours")
            .key(
                "store",
                "hub/store",
                rows().map(|(s, _)| context.network.names.stores.name(s as u32).to_owned()).collect(),
            )
            .key_int(
                "hour",
                "hour of the day",
                "clock hour, 24 and more after midnight",
                rows().map(|(_, h)| self.hours.clock(h)).collect(),
            )
            .real(
                "content",
                unit,
                "mean content, expanded by 1/sample",
                amounts(&|hour, h| hour.content_ms as f64 / length(h)),
            )
            .real(
                "max",
                unit,
                "most that was there at once, expanded by 1/sample",
                amounts(&|hour, _| hour.most.max(0) as f64),
            )
            .real("in", unit, "what came, expanded by 1/sample", amounts(&|hour, _| hour.came as f64))
            .real("out", unit, "what went, expanded by 1/sample", amounts(&|hour, _| hour.went as f64))
            .real(
                "full_share",
                "share",
                "share of the hour in which there was no room for another unit",
                column(&|hour, h| hour.full_ms as f64 / length(h)),
            )
    }
}

impl Indicator for Stores {
    fn name(&self) -> &'static str {
        "stores"
    }

    fn close(&mut self, context: &Context, _traffic: &LinkTraffic) {
        for record in &mut self.of {
            record.pass(self.hours, context.end);
            record.most = record.most.max(record.content);
        }
    }

    fn tables(&self, context: &Context) -> Vec<Table> {
        for r in &self.of {
            debug_assert_eq!(r.start + r.sum(|h| h.came) - r.sum(|h| h.went), r.content, "nothing is lost in a store");
        }
        if self.of.is_empty() {
            return Vec::new();
        }
        vec![self.day_table(context), self.hours_table(context)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{HubIx, StoreIx};
    use crate::metrics::town::{TRANSFER, TRUCK, Town, at};
    use crate::network::hubs::Store;

    /// A yard for 4 TEU, with 2 in it when the day begins.
    fn yard(sample: f64) -> Town {
        let mut town = Town::sampled(sample);
        let unit = StoreUnit::Teu;
        let store =
            Store { hub: HubIx(0), unit, capacity: 4.0 / sample, start: Some(2.0 / sample), ..Store::default() };
        town.network.hubs.stores.push(store);
        town.network.names.stores.add("airport/yard");
        town
    }

    fn stored(ms: i64, agent: u32, change: i64) -> Event {
        at(ms).event(agent, What::Stored { store: StoreIx(0), change })
    }

    #[test]
    fn a_yard_keeps_what_comes_until_it_goes() {
        // 2 TEU; 2 more at 06:00 fill it until 07:30, when 1.5 go; another 1 comes at 23:00 (3.5, no room for a whole TEU).
        // Mean: (2·6 + 4·1.5 + 2.5·15.5 + 3.5·1) / 24 h. Full 1.5 + 1 h of 24. A tenth is simulated: all amounts tenfold.
        let town = yard(0.1);
        let (h6, half) = (6 * HOUR_MS, HOUR_MS / 2);
        let events =
            [stored(h6, TRUCK, 2_000), stored(h6 + 3 * half, TRANSFER, -1_500), stored(23 * HOUR_MS, TRUCK, 1_000)];
        let (tables, _) = town.tell(Stores::new(&town.context()), &events);
        let figure = |name: &str| tables[0].number(name, 0).unwrap();
        assert_eq!(["start", "in", "out", "end", "max"].map(figure), [20.0, 30.0, 15.0, 35.0, 40.0]);
        assert!((figure("mean") - 10.0 * (12.0 + 6.0 + 38.75 + 3.5) / 24.0).abs() < 1e-9);
        assert_eq!(figure("full_share"), 2.5 / 24.0);
        let thousandths = ["start", "in", "out", "end"].map(|n| figure(&format!("{n}_thousandths")));
        assert_eq!(thousandths, [2_000.0, 3_000.0, 1_500.0, 3_500.0]);
        // Hour 7: 4 TEU for half an hour, then 2.5.
        let hour = |name: &str| tables[1].number(name, 7).unwrap();
        assert_eq!(["content", "max", "in", "out", "full_share"].map(hour), [32.5, 40.0, 0.0, 15.0, 0.5]);
    }

    #[test]
    fn what_the_day_before_left_comes_before_what_the_file_says() {
        let mut town = yard(1.0);
        town.store_start = vec![3_000];
        let (tables, _) = town.tell(Stores::new(&town.context()), &[stored(0, TRUCK, -500)]);
        assert_eq!(["start", "end"].map(|n| tables[0].number(n, 0)), [Some(3.0), Some(2.5)]);
    }

    #[test]
    fn stands_of_services_are_not_expanded() {
        // A tenth is simulated, but all aircraft: one stands there, not ten.
        use crate::ids::ProcessIx;
        use crate::network::hubs::{Chain, Step};
        use crate::scenario::hubs::{ChainScope, ChainUser};
        let mut town = yard(0.1);
        let store = &mut town.network.hubs.stores[0];
        (store.unit, store.capacity, store.start) = (StoreUnit::Vehicles, 4.0, Some(1.0));
        let step = Step { takes: Some(StoreIx(0)), ..Step::at(ProcessIx(1), 0) };
        town.network.hubs.hubs[0].chains =
            vec![Chain { user: ChainUser::ServiceIn, scope: ChainScope::Any, terminal: None, steps: vec![step] }];
        let (tables, _) = town.tell(Stores::new(&town.context()), &[stored(0, TRUCK, 1_000)]);
        assert_eq!(["start", "in", "end"].map(|n| tables[0].number(n, 0)), [Some(1.0), Some(1.0), Some(2.0)]);
    }

    #[test]
    fn two_changes_of_one_moment_set_no_record() {
        // One leaves at the moment at which another comes: never 3.
        let town = yard(1.0);
        let events = [stored(1_000, TRANSFER, 1_000), stored(1_000, TRUCK, -1_000)];
        let (tables, _) = town.tell(Stores::new(&town.context()), &events);
        assert_eq!(tables[0].number("max", 0), Some(2.0));
    }
}
