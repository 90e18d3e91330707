//! Scheduled services of hubs, flights and long-distance trains: who got on, who came too late, how full they were; the
//! table `services`.
//!
//! Passengers from and to the city are simulated, and so are those who change here, from the service that brings them to the
//! one that they go on by. How late a service was is known where its vehicle passes processes of the hub.

use crate::demand::{Class, Place};
use crate::events::{Event, EventSink, What};
use crate::ids::ServiceIx;
use crate::metrics::{Context, Indicator};
use crate::network::hubs::Service;
use crate::scenario::hubs::{Direction, Scope, ServiceMode};
use crate::table::Table;
use crate::units::MINUTE_MS;

/// Simulated persons of one service.
#[derive(Clone, Copy, Debug, Default)]
struct Persons {
    booked: u64,
    boarded: u64,
    /// Of them those who changed here.
    changed: u64,
    missed: u64,
    rebooked: u64,
}

/// A party on the service that it means to leave by.
#[derive(Clone, Copy, Debug)]
struct Booking {
    service: ServiceIx,
    party: u16,
    changes: bool,
}

/// Services of hubs.
#[derive(Debug)]
pub struct HubServices {
    /// What an agent means to leave by; none where there are no hubs.
    booking: Vec<Option<Booking>>,
    of: Vec<Persons>,
    /// How late the vehicle of each service was, where it passes processes of the hub.
    late_ms: Vec<Option<i64>>,
}

impl HubServices {
    /// Nobody has got on.
    pub fn new(context: &Context) -> HubServices {
        let services = context.network.hubs.services.len();
        let agents = if services == 0 { &[][..] } else { &context.demand.agents[..] };
        let booking = agents.iter().map(|a| {
            let changes = a.class == Class::Transfer;
            a.leaves_by().map(|service| Booking { service, party: a.party, changes })
        });
        let booking = booking.collect();
        let mut of = vec![Persons::default(); services];
        for agent in &context.demand.agents {
            // Who changes, here or at another hub, is aboard the service by which it comes as well.
            if let Some(came_by) = agent.came_by {
                of[came_by.i()].booked += u64::from(agent.party);
            }
            let Some(service) = agent.service else { continue };
            let brought = context.network.hubs.services[service.i()].direction == Direction::Arrival;
            if agent.leaves_by().is_some() || (brought && matches!(agent.from, Place::Hub(..))) {
                of[service.i()].booked += u64::from(agent.party);
            }
        }
        HubServices { booking, of, late_ms: vec![None; services] }
    }
}

impl EventSink for HubServices {
    fn event(&mut self, event: &Event) {
        let booking = || self.booking.get(event.agent.i()).copied().flatten();
        match event.what {
            What::Embarked { service } => {
                let Some(Booking { service: own, party, changes }) = booking() else { return };
                let (of, party) = (&mut self.of[service.i()], u64::from(party));
                of.boarded += party;
                of.changed += if changes { party } else { 0 };
                of.rebooked += if own != service { party } else { 0 };
            }
            What::ServiceDone { service, late_ms } => self.late_ms[service.i()] = Some(late_ms),
            What::Missed => {
                let Some(Booking { service: own, party, .. }) = booking() else { return };
                self.of[own.i()].missed += u64::from(party);
            }
            _ => {}
        }
    }
}

fn mode_word(mode: ServiceMode) -> &'static str {
    match mode {
        ServiceMode::Air => "air",
        ServiceMode::Rail => "rail",
        ServiceMode::AirCargo => "air_cargo",
        ServiceMode::RailFreight => "rail_freight",
    }
}

impl Indicator for HubServices {
    fn name(&self) -> &'static str {
        "hub_services"
    }

    fn tables(&self, context: &Context) -> Vec<Table> {
        let (services, names) = (&context.network.hubs.services, &context.network.names);
        let text = |of: &dyn Fn(&Service) -> String| services.iter().map(of).collect::<Vec<String>>();
        let amount = |of: fn(&Service) -> f64| services.iter().map(of).collect::<Vec<f64>>();
        let count = |of: fn(&Persons) -> u64| self.of.iter().map(|p| context.expand(of(p))).collect::<Vec<f64>>();
        let leaves = |s: &Service| s.direction == Direction::Departure;
        let aboard = |(s, p): (&Service, &Persons)| context.expand(if leaves(s) { p.boarded } else { p.booked });
        let on_board: Vec<f64> = services.iter().zip(&self.of).map(aboard).collect();
        let factor = |(s, persons): (&Service, &f64)| (s.seats > 0.0).then(|| persons / s.seats);
        let table = Table::new("services")
            .key("service", "hub/service", names.services.all().to_vec())
            .text("hub", "hub", text(&|s| names.hubs.name(s.hub.0).to_owned()))
            .text("mode", "air, rail, air_cargo or rail_freight", text(&|s| mode_word(s.mode).to_owned()))
            .text(
                "direction",
                "departure or arrival",
                text(&|s| if leaves(s) { "departure" } else { "arrival" }.to_owned()),
            )
            .real("time_s", "seconds after midnight", "when it leaves or arrives", amount(|s| s.time.seconds()))
            .text("region", "region at the other end", text(&|s| s.region.clone()))
            .text(
                "scope",
                "domestic or international",
                text(&|s| if s.scope == Scope::International { "international" } else { "domestic" }.to_owned()),
            )
            .real("seats", "persons", "seats", amount(|s| s.seats))
            .real(
                "booked",
                "persons",
                "persons who mean to leave by it, or whom it brings, those who change here included; expanded by 1/sample",
                count(|p| p.booked),
            )
            .real(
                "changing",
                "persons",
                "persons aboard a departure who came by another service of the hub, 0 for arrivals; expanded by 1/sample",
                count(|p| p.changed),
            )
            .real(
                "on_board",
                "persons",
                "persons aboard, those who change here included; expanded by 1/sample",
                on_board.clone(),
            );
        let table = table
            .real("missed", "persons", "booked persons who came too late, expanded by 1/sample", count(|p| p.missed))
            .real(
                "rebooked_in",
                "persons",
                "persons aboard who had missed another service, expanded by 1/sample",
                count(|p| p.rebooked),
            )
            .real_or_none(
                "load_factor",
                "share",
                "persons aboard by seats",
                services.iter().zip(&on_board).map(factor).collect(),
            )
            .real("tonnes", "tonnes", "freight as scheduled", amount(|s| s.tonnes))
            .real("teu", "TEU", "containers as scheduled", amount(|s| s.teu));
        let late_min: Vec<Option<f64>> =
            self.late_ms.iter().map(|late| late.map(|ms| ms as f64 / MINUTE_MS as f64)).collect();
        let person_hours = |(late, persons): (&Option<f64>, &f64)| late.map(|min| min.max(0.0) / 60.0 * persons);
        let lost = late_min.iter().zip(&on_board).map(person_hours).collect();
        vec![
            table
                .real_or_none(
                    "late_min",
                    "minutes",
                    "by how much its vehicle was off, or had come, later than scheduled; none where it passes no processes",
                    late_min,
                )
                .real_or_none("late_person_h", "person-hours", "lateness of all persons aboard", lost),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::AgentIx;
    use crate::metrics::town::{DEPARTING, TRANSFER, Town, at};

    #[test]
    fn who_got_on_is_aboard_with_those_who_change() {
        // Two persons are booked on F1 and another party of two misses F2 and takes F1; three change from A1, miss F2 as well
        // and take F1. A tenth is simulated: 40 from the city and 30 who change, 70 of 120 seats.
        let mut town = Town::sampled(0.1);
        let mut second = town.network.hubs.services[0].clone();
        second.time = second.time.plus(-3_600_000);
        town.network.hubs.services.push(second);
        town.network.names.services.add("airport/F2");
        let first = town.network.hubs.services[0].clone();
        town.network.hubs.services.push(Service { direction: Direction::Arrival, ..first });
        town.network.names.services.add("airport/A1");
        let changes = &mut town.demand.agents[TRANSFER as usize];
        (changes.came_by, changes.service) = (Some(ServiceIx(2)), Some(ServiceIx(1)));
        let late = town.demand.agents.len() as u32;
        town.demand.agents.push(town.demand.agents[DEPARTING as usize].clone());
        town.demand.agents[DEPARTING as usize].service = Some(ServiceIx(0));
        town.demand.agents[late as usize].service = Some(ServiceIx(1));
        town.plans.push(None);
        let events = [
            at(1_000).event(DEPARTING, What::Embarked { service: ServiceIx(0) }),
            at(2_000).missed(late),
            at(3_000).missed(TRANSFER),
            at(9_000).event(TRANSFER, What::Embarked { service: ServiceIx(0) }),
            Event {
                time: crate::units::Time(9_000),
                agent: AgentIx(late),
                what: What::Embarked { service: ServiceIx(0) },
            },
        ];
        let (tables, _) = town.tell(HubServices::new(&town.context()), &events);
        let row = |service: usize| {
            ["booked", "changing", "on_board", "missed", "rebooked_in"].map(|c| tables[0].number(c, service).unwrap())
        };
        assert_eq!(row(0), [20.0, 30.0, 70.0, 0.0, 50.0]);
        assert_eq!(row(1), [50.0, 0.0, 0.0, 50.0, 0.0]);
        assert_eq!(row(2), [30.0, 0.0, 30.0, 0.0, 0.0]);
        assert_eq!(tables[0].number("load_factor", 0), Some(70.0 / 120.0));
        assert_eq!([0, 1].map(|r| tables[0].word("service", r)), [Some("airport/F1"), Some("airport/F2")]);
    }

    #[test]
    fn a_late_flight_costs_those_aboard_their_time() {
        // 20 persons of the city and none who change are 30 min late: 10 hours (2 simulated, a tenth).
        let mut town = Town::sampled(0.1);
        town.demand.agents[DEPARTING as usize].service = Some(ServiceIx(0));
        let events = [
            at(1_000).event(DEPARTING, What::Embarked { service: ServiceIx(0) }),
            at(2_000).event(8, What::ServiceDone { service: ServiceIx(0), late_ms: 1_800_000 }),
        ];
        let (tables, _) = town.tell(HubServices::new(&town.context()), &events);
        assert_eq!(["late_min", "late_person_h"].map(|c| tables[0].number(c, 0)), [Some(30.0), Some(10.0)]);
        let (tables, _) = town.tell(HubServices::new(&town.context()), &events[..1]);
        assert_eq!(tables[0].number("late_min", 0), None);
    }
}
