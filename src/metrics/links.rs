//! Traffic by link: the tables `links` (a day) and `link_hours` (hour of entry).
//!
//! A vehicle counts on a link when it enters, in the hour in which it enters. Vehicles still on a link when the day
//! ends count with their time so far, at least free flow. Delay is time beyond the free flow of the vehicle's own
//! class, and what a vehicle waits at its origin before its first link takes it; travel time is time on the link only.

use crate::events::{Event, EventSink, What};
use crate::ids::{AgentIx, LinkIx, NodeIx};
use crate::metrics::traversals::{FreeFlow, OnLink, StillThere, vehicles};
use crate::metrics::{Context, Hours, Indicator};
use crate::mode::VehicleClass;
use crate::table::Table;
use crate::units::Time;

/// Size in tenths of a passenger-car unit, so that sums are whole numbers.
fn pcu_tenths(class: VehicleClass) -> u32 {
    (class.pcu() * 10.0).round() as u32
}

/// A link in an hour.
#[derive(Clone, Copy, Debug, Default)]
struct Cell {
    entered: u32,
    pcu_tenths: u32,
    time_ms: u64,
}

/// A link over the day.
#[derive(Clone, Copy, Debug, Default)]
struct Day {
    trucks: u32,
    of_hubs: u32,
    /// Beyond free flow on the link.
    delay_ms: u64,
    /// At the origin before the link.
    wait_ms: u64,
}

/// Traffic by link.
#[derive(Debug)]
pub struct Links {
    hours: Hours,
    /// Link `l` in hour `h` at `l * hours + h`.
    cells: Vec<Cell>,
    days: Vec<Day>,
    free: FreeFlow,
    vehicle: Vec<VehicleClass>,
    /// Whether an agent belongs to the flow of a hub.
    of_hub: Vec<bool>,
    on_link: OnLink,
}

impl Links {
    /// Empty roads.
    pub fn new(context: &Context) -> Links {
        let roads = &context.network.roads;
        let hours = context.hours();
        Links {
            hours,
            cells: vec![Cell::default(); roads.links() * hours.count()],
            days: vec![Day::default(); roads.links()],
            free: FreeFlow::new(roads),
            vehicle: vehicles(context),
            of_hub: context.demand.agents.iter().map(|a| a.hub.is_some()).collect(),
            on_link: OnLink::new(context.demand.agents.len()),
        }
    }

    fn cell(&mut self, link: LinkIx, entered: Time) -> &mut Cell {
        &mut self.cells[link.i() * self.hours.count() + self.hours.of(entered)]
    }

    fn entered(&mut self, agent: AgentIx, link: LinkIx, time: Time) {
        let class = self.vehicle[agent.i()];
        let of_hub = self.of_hub[agent.i()];
        let cell = self.cell(link, time);
        cell.entered += 1;
        cell.pcu_tenths += pcu_tenths(class);
        let day = &mut self.days[link.i()];
        day.trucks += u32::from(matches!(class, VehicleClass::Truck | VehicleClass::ArticulatedTruck));
        day.of_hubs += u32::from(of_hub);
    }

    fn took(&mut self, agent: AgentIx, link: LinkIx, entered: Time, ms: i64) {
        let delay = ms - self.free.ms(link, self.vehicle[agent.i()]);
        self.cell(link, entered).time_ms += ms.max(0) as u64;
        self.days[link.i()].delay_ms += delay.max(0) as u64;
    }

    fn waited(&mut self, link: LinkIx, ms: i64) {
        self.days[link.i()].wait_ms += ms.max(0) as u64;
    }

    fn of_link(&self, l: usize) -> &[Cell] {
        &self.cells[l * self.hours.count()..(l + 1) * self.hours.count()]
    }
}

impl EventSink for Links {
    fn event(&mut self, event: &Event) {
        match event.what {
            What::LinkLeft { link, entered } => {
                self.on_link.leave(event.agent);
                self.took(event.agent, link, entered, event.time.since(entered));
            }
            What::LinkEntered { link } => {
                if let Some(since) = self.on_link.enter(event.agent, link, event.time) {
                    self.waited(link, event.time.since(since));
                }
                self.entered(event.agent, link, event.time);
            }
            What::LegBegan { leg, mode } => self.on_link.begin_leg(event.agent, leg, mode, event.time),
            What::LegEnded { .. } => self.on_link.end_leg(event.agent),
            _ => {}
        }
    }
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

/// The figures of a link that the table shows.
struct Figures {
    vehicles: u64,
    pcu: f64,
    trucks: u64,
    hub_share: Option<f64>,
    mean_time_s: Option<f64>,
    delay_s: f64,
    origin_wait_s: f64,
    peak_vehicles: u64,
    saturation: Option<f64>,
}

impl Links {
    fn figures(&self, l: usize, context: &Context) -> Figures {
        let cells = self.of_link(l);
        let day = self.days[l];
        let vehicles: u64 = cells.iter().map(|c| u64::from(c.entered)).sum();
        let pcu_tenths: u64 = cells.iter().map(|c| u64::from(c.pcu_tenths)).sum();
        let time_ms: u64 = cells.iter().map(|c| c.time_ms).sum();
        let peak_tenths = cells.iter().map(|c| u64::from(c.pcu_tenths)).max().unwrap_or(0);
        let capacity = context.network.roads.capacity_pcu_h[l];
        let per_vehicle = |x: f64| (vehicles > 0).then(|| x / vehicles as f64);
        Figures {
            vehicles,
            pcu: context.expand(pcu_tenths) / 10.0,
            trucks: u64::from(day.trucks),
            hub_share: per_vehicle(f64::from(day.of_hubs)),
            mean_time_s: per_vehicle(time_ms as f64 / 1_000.0),
            delay_s: context.expand(day.delay_ms + day.wait_ms) / 1_000.0,
            origin_wait_s: context.expand(day.wait_ms) / 1_000.0,
            peak_vehicles: cells.iter().map(|c| u64::from(c.entered)).max().unwrap_or(0),
            saturation: (capacity > 0.0).then(|| context.expand(peak_tenths) / 10.0 / capacity),
        }
    }

    fn links_table(&self, context: &Context) -> Table {
        self.with_traffic(places(context), context)
    }

    fn with_traffic(&self, table: Table, context: &Context) -> Table {
        let (roads, n) = (&context.network.roads, self.days.len());
        let figures: Vec<Figures> = (0..n).map(|l| self.figures(l, context)).collect();
        let free_s = |l: usize| self.free.ms(LinkIx::from(l), VehicleClass::Car) as f64 / 1_000.0;
        let real = |of: &dyn Fn(usize) -> f64| (0..n).map(of).collect::<Vec<f64>>();
        let maybe = |of: &dyn Fn(usize) -> Option<f64>| (0..n).map(of).collect::<Vec<Option<f64>>>();
        table
            .real(
                "volume_veh",
                "vehicles per day",
                "vehicles that entered, expanded by 1/sample",
                real(&|l| context.expand(figures[l].vehicles)),
            )
            .real(
                "volume_pcu",
                "PCU per day",
                "the same in passenger-car units, expanded by 1/sample",
                real(&|l| figures[l].pcu),
            )
            .real(
                "trucks_veh",
                "vehicles per day",
                "trucks among them, expanded by 1/sample",
                real(&|l| context.expand(figures[l].trucks)),
            )
            .real_or_none(
                "hub_share",
                "share",
                "share of the vehicles that belong to travellers or trucks of a hub",
                maybe(&|l| figures[l].hub_share),
            )
            .real_or_none(
                "mean_time_s",
                "seconds",
                "mean travel time of the vehicles on the link",
                maybe(&|l| figures[l].mean_time_s),
            )
            .real("free_time_s", "seconds", "free-flow travel time of a car", real(&free_s))
            .real(
                "delay_s",
                "vehicle-seconds per day",
                "time beyond free flow of the vehicle's own class and waits at the origin before the link, all vehicles, \
                 expanded by 1/sample",
                real(&|l| figures[l].delay_s),
            )
            .real(
                "origin_wait_s",
                "vehicle-seconds per day",
                "waits of vehicles that set out, until the link took them as their first, expanded by 1/sample; part of \
                 delay_s",
                real(&|l| figures[l].origin_wait_s),
            )
            .real_or_none(
                "speed_kmh",
                "km/h",
                "length by mean travel time",
                maybe(&|l| figures[l].mean_time_s.map(|s| roads.length_m[l] / s * 3.6)),
            )
            .real(
                "peak_hour_volume_veh",
                "vehicles per hour",
                "vehicles that entered in the clock hour with most, expanded by 1/sample",
                real(&|l| context.expand(figures[l].peak_vehicles)),
            )
            .real_or_none(
                "saturation",
                "ratio",
                "PCU of the clock hour with most, expanded by 1/sample, by capacity; none when closed",
                maybe(&|l| figures[l].saturation),
            )
            .real(
                "vkm",
                "vehicle-km per day",
                "vehicles that entered by length, expanded by 1/sample",
                real(&|l| context.expand(figures[l].vehicles) * roads.length_m[l] / 1_000.0),
            )
    }

    fn hours_table(&self, context: &Context) -> Table {
        let names = &context.network.names.links;
        let (mut link, mut hour, mut volume, mut mean) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for l in 0..self.days.len() {
            for (h, cell) in self.of_link(l).iter().enumerate().filter(|(_, c)| c.entered > 0) {
                link.push(names.name(l as u32).to_owned());
                hour.push(self.hours.clock(h));
                volume.push(context.expand(u64::from(cell.entered)));
                mean.push(cell.time_ms as f64 / 1_000.0 / f64::from(cell.entered));
            }
        }
        Table::new("link_hours")
            .key("link_id", "external id of the link", link)
            .key_int("hour", "hour of the day", "clock hour of entry, 24 and more after midnight", hour)
            .real("volume_veh", "vehicles per hour", "vehicles that entered, expanded by 1/sample", volume)
            .real("mean_time_s", "seconds", "mean travel time of those who entered in the hour", mean)
    }
}

impl Indicator for Links {
    fn name(&self) -> &'static str {
        "links"
    }

    fn close(&mut self, context: &Context) {
        for StillThere { agent, link, since } in self.on_link.there() {
            let free = self.free.ms(link, self.vehicle[agent.i()]);
            self.took(agent, link, since, context.end.since(since).max(free));
        }
        for StillThere { link, since, .. } in self.on_link.waiting(context.plans) {
            self.waited(link, context.end.since(since));
        }
    }

    fn tables(&self, context: &Context) -> Vec<Table> {
        vec![self.links_table(context), self.hours_table(context)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demand::plan::Leg;
    use crate::metrics::town::{COMMUTER, DEPARTING, TRUCK, Town, at};
    use crate::mode::Mode;

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
        town.plans[TRUCK as usize].as_mut().unwrap().legs = Leg::Drive { route: vec![LinkIx(1)].into() }.into();
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
}
