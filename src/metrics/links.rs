//! Traffic by link: the tables `links` (a day) and `link_hours` (hour of entry).
//!
//! A vehicle counts on a link when it enters, in the hour in which it enters. Vehicles still on a link when the day
//! ends count with their time so far, at least free flow. Delay is time beyond the free flow of the vehicle's own
//! class, and what a vehicle waits at its origin before its first link takes it; travel time is time on the link only.
//! Tolls are those of the moment of entry.

use crate::events::{Event, EventSink};
use crate::ids::{LinkIx, NodeIx};
use crate::metrics::summary::kpi;
use crate::metrics::traversals::{ByLink, OfLink, is_truck};
use crate::metrics::{Context, Hours, Indicator};
use crate::mode::VehicleClass;
use crate::network::passages::LinkTraffic;
use crate::network::roads::Roads;
use crate::table::{Kpi, Table};

/// Size in tenths of a passenger-car unit, so that sums are whole numbers.
fn pcu_tenths(class: VehicleClass) -> u64 {
    (class.pcu() * 10.0).round() as u64
}

/// A link in an hour.
#[derive(Clone, Copy, Debug, Default)]
struct Cell {
    entered: u64,
    pcu_tenths: u64,
    time_ms: u64,
}

/// A link over the day; vehicles as simulated.
#[derive(Clone, Copy, Debug, Default)]
struct Day {
    entered: u64,
    pcu_tenths: u64,
    trucks: u64,
    of_hubs: u64,
    time_ms: u64,
    /// Beyond free flow on the link.
    delay_ms: u64,
    /// At the origin before the link.
    wait_ms: u64,
    toll_cny: f64,
    /// Vehicles in the hour with most of them, PCU in the hour with most of these.
    peak_entered: u64,
    peak_pcu_tenths: u64,
}

/// The rows of `link_hours`, column by column.
#[derive(Clone, Debug, Default)]
struct LinkHours {
    link: Vec<u32>,
    hour: Vec<i64>,
    volume: Vec<f64>,
    mean_s: Vec<f64>,
}

/// Traffic by link.
#[derive(Debug)]
pub struct Links {
    hours: Hours,
    days: Vec<Day>,
    rows: LinkHours,
}

impl Links {
    /// Empty roads.
    pub fn new(context: &Context) -> Links {
        Links { hours: context.hours(), days: Vec::new(), rows: LinkHours::default() }
    }

    /// Counts a link's traffic in; `cells` are empty hours, and are left so.
    fn count(&mut self, of: OfLink, cells: &mut [Cell], context: &Context) {
        let day = &mut self.days[of.link.i()];
        for row in of.entered() {
            let count = u64::from(row.count);
            let cell = &mut cells[self.hours.of(of.bin_start(row.bin))];
            cell.entered += count;
            cell.pcu_tenths += count * pcu_tenths(row.kind.class);
            cell.time_ms += row.time_ms;
            day.trucks += if is_truck(row.kind.class) { count } else { 0 };
            day.of_hubs += if row.kind.of_hub { count } else { 0 };
            day.delay_ms += row.lost_ms;
            day.toll_cny += count as f64 * context.network.roads.toll_cny_in(of.link, row.period);
        }
        day.wait_ms += of.set_out().map(|row| row.wait_ms).sum::<u64>();
        for (h, cell) in cells.iter_mut().enumerate().filter(|(_, cell)| cell.entered > 0) {
            let Cell { entered, pcu_tenths, time_ms } = std::mem::take(cell);
            day.entered += entered;
            day.pcu_tenths += pcu_tenths;
            day.time_ms += time_ms;
            day.peak_entered = day.peak_entered.max(entered);
            day.peak_pcu_tenths = day.peak_pcu_tenths.max(pcu_tenths);
            self.rows.link.push(of.link.0);
            self.rows.hour.push(self.hours.clock(h));
            self.rows.volume.push(context.expand(entered));
            self.rows.mean_s.push(time_ms as f64 / 1_000.0 / entered as f64);
        }
    }
}

impl EventSink for Links {
    /// The rows of the day tell everything.
    fn event(&mut self, _event: &Event) {}
}

/// Whether any link has a toll at any time.
fn has_tolls(roads: &Roads) -> bool {
    let mut tolls = roads.toll_cny.iter().copied().chain(roads.periods.iter().map(|p| p.toll_cny));
    tolls.any(|toll| toll > 0.0)
}

/// What a link is and where it lies: the first columns of `links`.
fn places(context: &Context) -> Table {
    let (roads, names) = (&context.network.roads, &context.network.names);
    let n = roads.links();
    let end = |nodes: &[NodeIx], axis: usize| nodes.iter().map(|node| roads.node_position[node.i()][axis]).collect();
    let district = |l: usize| roads.district[l].map_or(String::new(), |d| names.districts.name(d.0).to_owned());
    let hub = |l: usize| roads.hub[l].map_or(String::new(), |h| names.hubs.name(h.0).to_owned());
    Table::new("links")
        .key("link_id", "external id of the link", names.links.all().to_vec())
        .text("name", "street or road", roads.name.clone())
        .text("facility", "facility type in GMNS words", roads.facility.clone())
        .text("district", "district of the downstream end, empty when outside of all", (0..n).map(district).collect())
        .text("hub", "hub whose kerb, forecourt or gate the link is, else empty", (0..n).map(hub).collect())
        .real("from_lon", "degrees", "longitude of the upstream end, WGS-84", end(&roads.from, 0))
        .real("from_lat", "degrees", "latitude of the upstream end, WGS-84", end(&roads.from, 1))
        .real("to_lon", "degrees", "longitude of the downstream end, WGS-84", end(&roads.to, 0))
        .real("to_lat", "degrees", "latitude of the downstream end, WGS-84", end(&roads.to, 1))
        .real("length_m", "metres", "length", roads.length_m.clone())
        .real("lanes", "", "lanes", roads.lanes.clone())
        .real("capacity_pcu_h", "PCU per hour", "capacity of all lanes, 0 when closed", roads.capacity_pcu_h.clone())
}

impl Links {
    fn saturation(&self, l: usize, context: &Context) -> Option<f64> {
        let capacity = context.network.roads.capacity_pcu_h[l];
        (capacity > 0.0).then(|| context.expand(self.days[l].peak_pcu_tenths) / 10.0 / capacity)
    }

    fn mean_time_s(&self, l: usize) -> Option<f64> {
        let day = self.days[l];
        (day.entered > 0).then(|| day.time_ms as f64 / 1_000.0 / day.entered as f64)
    }

    fn links_table(&self, context: &Context) -> Table {
        self.with_traffic(places(context), context)
    }

    fn with_traffic(&self, table: Table, context: &Context) -> Table {
        let (roads, n) = (&context.network.roads, self.days.len());
        let days = &self.days;
        let free_s = |l: usize| roads.free_flow_ms(LinkIx::from(l), VehicleClass::Car) as f64 / 1_000.0;
        let hub_share = |l: usize| (days[l].entered > 0).then(|| days[l].of_hubs as f64 / days[l].entered as f64);
        let real = |of: &dyn Fn(usize) -> f64| (0..n).map(of).collect::<Vec<f64>>();
        let maybe = |of: &dyn Fn(usize) -> Option<f64>| (0..n).map(of).collect::<Vec<Option<f64>>>();
        table
            .real(
                "volume_veh",
                "vehicles per day",
                "vehicles that entered, expanded by 1/sample",
                real(&|l| context.expand(days[l].entered)),
            )
            .real(
                "volume_pcu",
                "PCU per day",
                "the same in passenger-car units, expanded by 1/sample",
                real(&|l| context.expand(days[l].pcu_tenths) / 10.0),
            )
            .real(
                "trucks_veh",
                "vehicles per day",
                "trucks among them, expanded by 1/sample",
                real(&|l| context.expand(days[l].trucks)),
            )
            .real_or_none(
                "hub_share",
                "share",
                "share of the vehicles that belong to travellers or trucks of a hub",
                maybe(&hub_share),
            )
            .real_or_none(
                "mean_time_s",
                "seconds",
                "mean travel time of the vehicles on the link",
                maybe(&|l| self.mean_time_s(l)),
            )
            .real("free_time_s", "seconds", "free-flow travel time of a car", real(&free_s))
            .real(
                "delay_s",
                "vehicle-seconds per day",
                "time beyond free flow of the vehicle's own class and waits at the origin before the link, all vehicles, \
                 expanded by 1/sample",
                real(&|l| context.expand(days[l].delay_ms + days[l].wait_ms) / 1_000.0),
            )
            .real(
                "origin_wait_s",
                "vehicle-seconds per day",
                "waits of vehicles that set out, until the link took them as their first, expanded by 1/sample; part of \
                 delay_s",
                real(&|l| context.expand(days[l].wait_ms) / 1_000.0),
            )
            .real_or_none(
                "speed_kmh",
                "km/h",
                "length by mean travel time",
                maybe(&|l| self.mean_time_s(l).map(|s| roads.length_m[l] / s * 3.6)),
            )
            .real(
                "peak_hour_volume_veh",
                "vehicles per hour",
                "vehicles that entered in the clock hour with most, expanded by 1/sample",
                real(&|l| context.expand(days[l].peak_entered)),
            )
            .real_or_none(
                "saturation",
                "ratio",
                "PCU of the clock hour with most, expanded by 1/sample, by capacity; none when closed",
                maybe(&|l| self.saturation(l, context)),
            )
            .real(
                "vkm",
                "vehicle-km per day",
                "vehicles that entered by length, expanded by 1/sample",
                real(&|l| context.expand(days[l].entered) * roads.length_m[l] / 1_000.0),
            )
            .real(
                "toll_cny",
                "yuan per day",
                "tolls paid by those who entered, each at the moment of entry, expanded by 1/sample",
                real(&|l| days[l].toll_cny / context.demand.sample),
            )
    }

    fn hours_table(&self, context: &Context) -> Table {
        let LinkHours { link, hour, volume, mean_s } = self.rows.clone();
        Table::new("link_hours")
            .key_category("link_id", "external id of the link", link, context.network.names.links.all().to_vec())
            .key_int("hour", "hour of the day", "clock hour of entry, 24 and more after midnight", hour)
            .real("volume_veh", "vehicles per hour", "vehicles that entered, expanded by 1/sample", volume)
            .real("mean_time_s", "seconds", "mean travel time of those who entered in the hour", mean_s)
    }
}

impl Indicator for Links {
    fn name(&self) -> &'static str {
        "links"
    }

    fn close(&mut self, context: &Context, traffic: &LinkTraffic) {
        self.days = vec![Day::default(); context.network.roads.links()];
        let mut cells = vec![Cell::default(); self.hours.count()];
        ByLink::new(traffic, context).links().for_each(|of| self.count(of, &mut cells, context));
    }

    fn tables(&self, context: &Context) -> Vec<Table> {
        vec![self.links_table(context), self.hours_table(context)]
    }

    /// Tolls are told where there are any: a figure that is always 0 elsewhere would only make readers wonder.
    fn kpis(&self, context: &Context) -> Vec<Kpi> {
        let paid = || self.days.iter().map(|day| day.toll_cny).sum::<f64>() / context.demand.sample;
        let about =
            "tolls paid on links, each at the moment of entry, expanded by 1/sample; told where a link has a toll";
        let tolls = has_tolls(&context.network.roads);
        tolls.then(|| kpi("tolls_cny", paid(), "yuan per day", about)).into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::town::{COMMUTER, DEPARTING, TRUCK, Town, at};
    use crate::mode::Mode;
    use crate::network::periods::LinkPeriod;
    use crate::units::Time;

    #[test]
    fn a_link_tells_volume_delay_speed_and_saturation() {
        // Half of the population is simulated, so every vehicle stands for two.
        // Link 0 (50 s free): a hub user in 60 s and a commuter in 90 s in hour 8, the truck in 50 s in hour 9.
        // Volume 6; PCU 2·(1 + 1 + 2.5) = 9; hub share 2/3; mean 200/3 s; delay 2·(10 + 40) − the truck's own free
        // flow at 20 m/s is 50 s, no delay; hour 8 has 4 vehicles of 4 PCU, hour 9 has 5 PCU: saturation 5/1800.
        let town = Town::sampled(0.5);
        let (h8, h9) = (8 * 3_600_000, 9 * 3_600_000);
        let events = [
            at(h8).entered(DEPARTING, 0),
            at(h8 + 60_000).left(DEPARTING, 0, h8),
            at(h8 + 1_000).entered(COMMUTER, 0),
            at(h8 + 91_000).left(COMMUTER, 0, h8 + 1_000),
            at(h9).entered(TRUCK, 0),
            at(h9 + 50_000).left(TRUCK, 0, h9),
        ];
        let (tables, _) = town.tell(Links::new(&town.context()), &events);
        let links = &tables[0];
        let figure = |name: &str| links.number(name, 0).unwrap();
        assert_eq!(figure("volume_veh"), 6.0);
        assert_eq!(figure("volume_pcu"), 9.0);
        assert_eq!(figure("trucks_veh"), 2.0);
        assert_eq!(figure("hub_share"), 2.0 / 3.0);
        assert_eq!(figure("mean_time_s"), 200.0 / 3.0);
        assert_eq!(figure("delay_s"), 100.0);
        assert_eq!(figure("peak_hour_volume_veh"), 4.0);
        assert_eq!(figure("saturation"), 5.0 / 1_800.0);
        assert_eq!(figure("vkm"), 6.0);
        assert!((figure("speed_kmh") - 54.0).abs() < 1e-9);
        assert_eq!(links.number("mean_time_s", 1), None, "nobody drove on the second link");
        assert_eq!(tables[1].rows(), 2, "only hours with traffic have a row");
        assert_eq!(tables[1].number("hour", 1), Some(9.0));
    }

    #[test]
    fn who_stands_on_a_link_at_the_end_counts_with_the_time_so_far() {
        // Entered at 23:00, day ends at 24:00: 3,600 s, of which 3,550 s are delay.
        let town = Town::new();
        let (tables, _) = town.tell(Links::new(&town.context()), &[at(23 * 3_600_000).entered(COMMUTER, 0)]);
        assert_eq!(tables[0].number("mean_time_s", 0), Some(3_600.0));
        assert_eq!(tables[0].number("delay_s", 0), Some(3_550.0));
    }

    #[test]
    fn a_wait_at_the_origin_is_delay_of_the_first_link_but_no_time_on_it() {
        // Half of the population. The commuter sets out at 8:00:00, enters link 0 at 8:00:30 and needs 60 s on it: 30 s
        // of waiting, 10 s of delay on the link. The truck sets out at 23:59:00 onto link 1 and waits for ever: 60 s.
        let mut town = Town::sampled(0.5);
        town.drives(TRUCK, &[1]);
        let h8 = 8 * 3_600_000;
        let events = [
            at(h8).began(COMMUTER, 0, Some(Mode::Car)),
            at(h8 + 30_000).entered(COMMUTER, 0),
            at(h8 + 90_000).left(COMMUTER, 0, h8 + 30_000),
            at(86_400_000 - 60_000).began(TRUCK, 0, Some(Mode::Truck)),
        ];
        let (tables, _) = town.tell(Links::new(&town.context()), &events);
        let figures = |name: &str| [0, 1].map(|l| tables[0].number(name, l));
        assert_eq!(figures("origin_wait_s"), [Some(60.0), Some(120.0)]);
        assert_eq!(figures("delay_s"), [Some(80.0), Some(120.0)]);
        assert_eq!(figures("mean_time_s"), [Some(60.0), None]);
        assert_eq!(figures("volume_veh"), [Some(2.0), Some(0.0)]);
    }

    #[test]
    fn a_period_has_its_own_free_flow_and_its_own_toll() {
        // A quarter of the population. Link 0 costs 3 yuan, and from 8:00 to 9:00 5 yuan at 10 m/s, 100 s free. In it
        // one passes in 120 s and one stands there at the end; after it one passes in 60 s (50 s free). Tolls 4·(5 + 5
        // + 3) = 52 yuan. Delay of the first 20 s, of the last 10 s; the one who stands there, from 8:30 on, has
        // 55,800 s less 100 s: 4·(20 + 10 + 55,700) s.
        let mut town = Town::sampled(0.25);
        let (h8, h9) = (8 * 3_600_000, 9 * 3_600_000);
        town.network.roads.toll_cny = vec![3.0, 0.0];
        town.network.roads.periods = vec![LinkPeriod {
            link: LinkIx(0),
            from: Time(h8),
            until: Time(h9),
            capacity_pcu_h: 900.0,
            free_speed_mps: 10.0,
            toll_cny: 5.0,
        }];
        let events = [
            at(h8).entered(DEPARTING, 0),
            at(h8 + 120_000).left(DEPARTING, 0, h8),
            at(h8 + 1_800_000).entered(TRUCK, 0),
            at(h9).entered(COMMUTER, 0),
            at(h9 + 60_000).left(COMMUTER, 0, h9),
        ];
        let (tables, kpis) = town.tell(Links::new(&town.context()), &events);
        assert_eq!(tables[0].number("toll_cny", 0), Some(52.0));
        assert_eq!(tables[0].number("delay_s", 0), Some(4.0 * 55_730.0));
        assert_eq!(kpis.iter().map(|k| (k.name.as_str(), k.value)).collect::<Vec<_>>(), [("tolls_cny", 52.0)]);
        let free = Town::new();
        assert!(free.tell(Links::new(&free.context()), &events).1.is_empty(), "no tolls, no figure of them");
    }
}
