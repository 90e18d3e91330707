//! Flows through hubs: the table `hubs`, and key figures by hub.
//!
//! A passenger has come through the hub when the processes are passed and the service was not missed. Who changes
//! between services arrives and departs, and so counts twice in the hub's throughput.

use crate::demand::Agent;
use crate::demand::plan::Plan;
use crate::events::{Event, EventSink, What};
use crate::ids::AgentIx;
use crate::metrics::journeys::{HubUse, Journeys, Status};
use crate::metrics::summary::kpi;
use crate::metrics::{Context, Indicator};
use crate::mode::Mode;
use crate::table::{Kpi, Table};
use crate::units::MINUTE_MS;
use rustc_hash::FxHashMap;

/// A mean under way: sum of milliseconds weighted with persons, and persons.
#[derive(Clone, Copy, Debug, Default)]
struct Mean {
    sum_ms: i64,
    persons: u64,
}

impl Mean {
    fn add(&mut self, ms: i64, persons: u64) {
        self.sum_ms += ms * persons as i64;
        self.persons += persons;
    }

    fn minutes(self) -> Option<f64> {
        (self.persons > 0).then(|| self.sum_ms as f64 / MINUTE_MS as f64 / self.persons as f64)
    }
}

/// What came through one hub, in simulated persons and trucks.
#[derive(Clone, Debug, Default)]
pub struct Throughput {
    /// Persons who came from the city and left by a service.
    pub departing: u64,
    /// Persons who came by a service and left the hub for the city.
    pub arriving: u64,
    /// Persons who changed between services.
    pub transfer: u64,
    /// Trucks that were served.
    pub trucks: u64,
    /// Freight of their consignments, tonnes.
    pub tonnes: f64,
    /// Freight of their consignments, TEU.
    pub teu: f64,
    /// Persons who missed their service.
    pub missed: u64,
    /// Of them those whom another service took …
    pub rebooked: u64,
    /// … and those whom none took.
    pub stranded: u64,
    /// Trucks that missed theirs.
    pub trucks_missed: u64,
    /// Persons who were under way when the day ended.
    pub under_way: u64,
    /// Persons whom no plan led to the hub or away from it.
    pub removed: u64,
    door_to_hall_car: Mean,
    door_to_hall_transit: Mean,
    in_hub: Mean,
    trucks_in_hub: Mean,
    by_mode: [u64; Mode::ALL.len()],
}

impl Throughput {
    /// Passengers that the hub's services took and brought: who changes counts twice.
    pub fn passengers(&self) -> u64 {
        self.departing + self.arriving + 2 * self.transfer
    }

    fn mode_share(&self, mode: Mode) -> Option<f64> {
        let all: u64 = self.by_mode.iter().sum();
        // Transit is all that rides lines.
        let of = Mode::ALL.into_iter().filter(|&m| m == mode || (mode == Mode::Transit && m.rides_lines()));
        let part: u64 = of.map(|m| self.by_mode[m as usize]).sum();
        (all > 0).then(|| part as f64 / all as f64)
    }
}

/// Flows through hubs.
#[derive(Debug)]
pub struct HubFlows {
    journeys: Journeys,
    /// Who comes to its hub by a service of another one, and whether it has got off and left that.
    connecting: FxHashMap<AgentIx, bool>,
}

impl HubFlows {
    /// Nobody has set out.
    pub fn new(context: &Context) -> HubFlows {
        let agents = context.demand.agents.iter().enumerate();
        let connects = |agent: &Agent| agent.from_another_hub(&context.network.hubs).is_some();
        let connecting = agents.filter(|(_, agent)| connects(agent)).map(|(a, _)| (AgentIx::from(a), false));
        HubFlows { journeys: Journeys::of_hub_users(context), connecting: connecting.collect() }
    }

    /// What came through each hub, by index.
    pub fn throughput(&self, context: &Context) -> Vec<Throughput> {
        let mut hubs = vec![Throughput::default(); context.network.hubs.hubs.len()];
        for (a, agent) in context.demand.agents.iter().enumerate() {
            let (Some(hub), Some(how)) = (agent.hub, HubUse::of(agent)) else { continue };
            let plan = context.plans[a].as_ref();
            self.count(&mut hubs[hub.i()], AgentIx::from(a), (how, u64::from(agent.party), plan), context);
            if let Some(came_by) = agent.came_by.filter(|_| self.connecting.get(&AgentIx::from(a)) == Some(&true)) {
                hubs[context.network.hubs.services[came_by.i()].hub.i()].arriving += u64::from(agent.party);
            }
        }
        for c in context.demand.consignments.iter().filter(|c| self.journeys.passed_hub(c.agent)) {
            hubs[c.hub.i()].tonnes += c.tonnes;
            hubs[c.hub.i()].teu += c.teu;
        }
        hubs
    }

    fn count(
        &self,
        hub: &mut Throughput,
        agent: AgentIx,
        (how, persons, plan): (HubUse, u64, Option<&Plan>),
        context: &Context,
    ) {
        let j = &self.journeys;
        let inside = j.left_hub(agent).zip(j.in_hub(agent)).map(|(left, came)| left.since(came));
        let (passed, status) = (j.passed_hub(agent), j.status(agent, context));
        if how == HubUse::Truck {
            hub.trucks += u64::from(passed);
            hub.trucks_missed += u64::from(status == Status::Missed);
            inside.inspect(|&ms| hub.trucks_in_hub.add(ms, 1));
            return;
        }
        match how {
            HubUse::Departing if passed => hub.departing += persons,
            HubUse::Arriving if passed => hub.arriving += persons,
            HubUse::Transfer if passed => hub.transfer += persons,
            _ => {}
        }
        if j.missed(agent) {
            hub.missed += persons;
            hub.rebooked += if j.rebooked(agent) { persons } else { 0 };
        }
        match status {
            Status::Missed => hub.stranded += persons,
            Status::UnderWay => hub.under_way += persons,
            Status::Removed => hub.removed += persons,
            Status::Arrived => {}
        }
        inside.inspect(|&ms| hub.in_hub.add(ms, persons));
        if how == HubUse::Transfer {
            return;
        }
        let Some(plan) = plan else { return };
        hub.by_mode[plan.mode as usize] += persons;
        let to_hall = j.in_hub(agent).zip(j.began(agent)).map(|(hall, door)| hall.since(door));
        if let (HubUse::Departing, Some(ms)) = (how, to_hall) {
            match plan.mode {
                Mode::Car | Mode::Taxi => hub.door_to_hall_car.add(ms, persons),
                mode if mode.rides_lines() => hub.door_to_hall_transit.add(ms, persons),
                _ => {}
            }
        }
    }
}

impl EventSink for HubFlows {
    fn event(&mut self, event: &Event) {
        self.journeys.event(event);
        if matches!(event.what, What::LegEnded { leg: 0, mode: None })
            && let Some(got_off) = self.connecting.get_mut(&event.agent)
        {
            *got_off = true;
        }
    }
}

/// Names and amounts: the first columns of `hubs`.
fn amounts(flows: &[Throughput], context: &Context) -> Table {
    let hubs = &context.network.hubs.hubs;
    let count = |of: &dyn Fn(&Throughput) -> u64| flows.iter().map(|f| context.expand(of(f))).collect::<Vec<f64>>();
    let amount =
        |of: &dyn Fn(&Throughput) -> f64| flows.iter().map(|f| of(f) / context.demand.sample).collect::<Vec<f64>>();
    Table::new("hubs")
        .key("hub", "external id", context.network.names.hubs.all().to_vec())
        .text("name", "name in the local script", hubs.iter().map(|h| h.name.clone()).collect())
        .text("name_en", "name in English", hubs.iter().map(|h| h.name_en.clone()).collect())
        .real(
            "passengers",
            "persons per day",
            "departing, arriving and twice those who change, expanded by 1/sample",
            count(&Throughput::passengers),
        )
        .real(
            "passengers_departing",
            "persons per day",
            "came from the city and left by a service, expanded by 1/sample",
            count(&|f| f.departing),
        )
        .real(
            "passengers_arriving",
            "persons per day",
            "came by a service and left for the city, expanded by 1/sample",
            count(&|f| f.arriving),
        )
        .real(
            "passengers_transfer",
            "persons per day",
            "changed between services, who missed the second and found no other left out; expanded by 1/sample",
            count(&|f| f.transfer),
        )
        .real("trucks", "trucks per day", "trucks that were served, expanded by 1/sample", count(&|f| f.trucks))
        .real(
            "tonnes",
            "tonnes per day",
            "freight of these trucks' consignments, expanded by 1/sample",
            amount(&|f| f.tonnes),
        )
        .real(
            "teu",
            "TEU per day",
            "containers of these trucks' consignments, expanded by 1/sample",
            amount(&|f| f.teu),
        )
        .real("missed", "persons per day", "missed their service, expanded by 1/sample", count(&|f| f.missed))
        .real(
            "rebooked",
            "persons per day",
            "of them those who went on with a later service to the same region, expanded by 1/sample",
            count(&|f| f.rebooked),
        )
        .real(
            "stranded",
            "persons per day",
            "of them those for whom no later service of the day had room, expanded by 1/sample",
            count(&|f| f.stranded),
        )
        .real(
            "trucks_missed",
            "trucks per day",
            "missed their service, expanded by 1/sample",
            count(&|f| f.trucks_missed),
        )
        .real(
            "under_way",
            "persons",
            "on the way to, in or from the hub when the day ends, expanded by 1/sample",
            count(&|f| f.under_way),
        )
        .real(
            "removed",
            "persons",
            "whom no plan led to the hub or away from it, expanded by 1/sample",
            count(&|f| f.removed),
        )
}

/// Times and shares: the other columns.
fn times(mut table: Table, flows: &[Throughput]) -> Table {
    let maybe = |of: &dyn Fn(&Throughput) -> Option<f64>| flows.iter().map(of).collect::<Vec<Option<f64>>>();
    table = table
        .real_or_none(
            "door_to_hall_car_min",
            "minutes",
            "mean time of departing passengers from the door to the hall by car or taxi",
            maybe(&|f| f.door_to_hall_car.minutes()),
        )
        .real_or_none(
            "door_to_hall_transit_min",
            "minutes",
            "the same by transit",
            maybe(&|f| f.door_to_hall_transit.minutes()),
        );
    let modes =
        [Mode::Car, Mode::Taxi, Mode::Transit, Mode::Walk, Mode::Bus, Mode::Rail, Mode::ParkAndRide, Mode::KissAndRide];
    for mode in modes {
        table = table.real_or_none(
            &format!("access_share_{}", mode.word()),
            "share",
            "share of departing and arriving passengers with a plan whose main mode on the city side this is; transit is bus, rail, park-and-ride and kiss-and-ride together",
            maybe(&|f| f.mode_share(mode)),
        );
    }
    table
        .real_or_none(
            "in_hub_min",
            "minutes",
            "mean time of passengers from the first process's approach to the end of the last process",
            maybe(&|f| f.in_hub.minutes()),
        )
        .real_or_none("trucks_in_hub_min", "minutes", "the same of trucks", maybe(&|f| f.trucks_in_hub.minutes()))
}

impl Indicator for HubFlows {
    fn name(&self) -> &'static str {
        "hubs"
    }

    fn tables(&self, context: &Context) -> Vec<Table> {
        let flows = self.throughput(context);
        vec![times(amounts(&flows, context), &flows)]
    }

    fn kpis(&self, context: &Context) -> Vec<Kpi> {
        let flows = self.throughput(context);
        let day = "persons per day";
        let all = |of: &dyn Fn(&Throughput) -> u64| context.expand(flows.iter().map(of).sum());
        let amount = |of: &dyn Fn(&Throughput) -> f64| flows.iter().map(of).sum::<f64>() / context.demand.sample;
        let mut kpis = vec![
            kpi(
                "hub_passengers",
                all(&Throughput::passengers),
                day,
                "passengers of all hubs; who changes counts twice; expanded by 1/sample",
            ),
            kpi("missed", all(&|f| f.missed), day, "passengers who missed their service, expanded by 1/sample"),
            kpi(
                "rebooked",
                all(&|f| f.rebooked),
                day,
                "of them those who went on with a later service to the same region, expanded by 1/sample",
            ),
            kpi(
                "stranded",
                all(&|f| f.stranded),
                day,
                "of them those for whom no later service of the day had room, expanded by 1/sample",
            ),
            kpi(
                "tonnes",
                amount(&|f| f.tonnes),
                "tonnes per day",
                "freight by truck through all hubs, expanded by 1/sample",
            ),
            kpi("teu", amount(&|f| f.teu), "TEU per day", "containers by truck through all hubs, expanded by 1/sample"),
        ];
        for (h, flow) in flows.iter().enumerate() {
            let hub = &context.network.hubs.hubs[h];
            let about = format!("passengers of {}; who changes counts twice; expanded by 1/sample", hub.name_en);
            let name = format!("hub_passengers_{}", context.network.names.hubs.name(h as u32));
            kpis.push(kpi(&name, context.expand(flow.passengers()), day, &about));
        }
        kpis
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::town::{ARRIVING, DEPARTING, TRANSFER, TRUCK, Town, at};

    const MIN: i64 = 60_000;

    #[test]
    fn a_hub_counts_who_came_through_and_how_long_it_took() {
        // Two residents: door 08:00, hall 08:40, through at 09:00. One visitor: through, not yet home. Three change and
        // miss. Passengers 2 + 1 + 2·0 = 3. Door to hall by car 40 min. In the hub: (2·20 + 1·30 + 3·60) / 6 min.
        let town = Town::new();
        let h8 = 480 * MIN;
        let events = [
            at(h8).began(DEPARTING, 0, Some(Mode::Car)),
            at(h8 + 40 * MIN).began(DEPARTING, 1, None),
            at(h8 + 60 * MIN).ended(DEPARTING, 1, None),
            at(h8 + 60 * MIN).arrived(DEPARTING),
            at(h8).began(ARRIVING, 0, None),
            at(h8 + 30 * MIN).ended(ARRIVING, 0, None),
            at(h8).began(TRANSFER, 0, None),
            at(h8 + 60 * MIN).ended(TRANSFER, 0, None),
            at(h8 + 60 * MIN).missed(TRANSFER),
            at(h8 + 60 * MIN).arrived(TRANSFER),
        ];
        let (tables, kpis) = town.tell(HubFlows::new(&town.context()), &events);
        let figure = |name: &str| tables[0].number(name, 0);
        assert_eq!(figure("passengers"), Some(3.0));
        assert_eq!(figure("passengers_departing"), Some(2.0));
        assert_eq!(figure("passengers_arriving"), Some(1.0));
        assert_eq!(figure("passengers_transfer"), Some(0.0));
        assert_eq!(figure("missed"), Some(3.0));
        assert_eq!(figure("under_way"), Some(1.0));
        assert_eq!(figure("door_to_hall_car_min"), Some(40.0));
        assert_eq!(figure("door_to_hall_transit_min"), None);
        assert_eq!(figure("in_hub_min"), Some(250.0 / 6.0));
        assert_eq!(figure("access_share_car"), Some(2.0 / 3.0));
        assert_eq!(figure("access_share_transit"), Some(1.0 / 3.0));
        assert_eq!(kpis.iter().find(|k| k.name == "hub_passengers_airport").unwrap().value, 3.0);
    }

    #[test]
    fn freight_counts_when_its_truck_has_been_served() {
        // A tenth is simulated: 10 t and 2 TEU stand for 100 t and 20 TEU, the truck for ten.
        let town = Town::sampled(0.1);
        let gate = [at(0).began(TRUCK, 1, None), at(30 * MIN).ended(TRUCK, 1, None)];
        let figures = |events: &[Event]| {
            let (tables, _) = town.tell(HubFlows::new(&town.context()), events);
            ["trucks", "tonnes", "teu", "trucks_in_hub_min"].map(|name| tables[0].number(name, 0))
        };
        assert_eq!(figures(&gate[..1]), [Some(0.0), Some(0.0), Some(0.0), None]);
        assert_eq!(figures(&gate), [Some(10.0), Some(100.0), Some(20.0), Some(30.0)]);
    }
}
