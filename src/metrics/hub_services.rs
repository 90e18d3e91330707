//! Scheduled services of hubs, flights and long-distance trains: who got on, who came too late, how full they were; the
//! table `services`.
//!
//! Passengers from and to the city are simulated. Those who change here between services are simulated from their first
//! service on; on the second they are the hub's share of its passengers, as the schedule has them. How late a service was is known where its vehicle
//! passes processes of the hub.

use crate::demand::{Agent, Place};
use crate::events::{Event, EventSink, What};
use crate::ids::ServiceIx;
use crate::metrics::{Context, Indicator};
use crate::network::hubs::Service;
use crate::scenario::hubs::{ChainUser, Direction, Scope, ServiceMode};
use crate::table::Table;
use crate::units::MINUTE_MS;

/// Simulated persons of one service.
#[derive(Clone, Copy, Debug, Default)]
struct Persons {
    booked: u64,
    boarded: u64,
    missed: u64,
    rebooked: u64,
}

/// Services of hubs.
#[derive(Debug)]
pub struct HubServices {
    /// Service that an agent means to leave by, and persons of its party; none where there are no hubs.
    booking: Vec<Option<(ServiceIx, u16)>>,
    of: Vec<Persons>,
    /// How late the vehicle of each service was, where it passes processes of the hub.
    late_ms: Vec<Option<i64>>,
}

impl HubServices {
    /// Nobody has got on.
    pub fn new(context: &Context) -> HubServices {
        let services = context.network.hubs.services.len();
        let leaves_by = |a: &Agent| a.service.filter(|_| matches!(a.to, Place::Hub(_, ChainUser::Departing)));
        let booking: Vec<_> = match services {
            0 => Vec::new(),
            _ => context.demand.agents.iter().map(|a| leaves_by(a).map(|s| (s, a.party))).collect(),
        };
        let mut of = vec![Persons::default(); services];
        for agent in &context.demand.agents {
            // Who goes on to another hub is aboard the service by which it comes as well.
            if let Some(came_by) = agent.came_by {
                of[came_by.i()].booked += u64::from(agent.party);
            }
            let Some(service) = agent.service else { continue };
            let brought = context.network.hubs.services[service.i()].direction == Direction::Arrival;
            if leaves_by(agent).is_some() || (brought && matches!(agent.from, Place::Hub(..))) {
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
                let Some((own, party)) = booking() else { return };
                self.of[service.i()].boarded += u64::from(party);
                if own != service {
                    self.of[service.i()].rebooked += u64::from(party);
                }
            }
            What::ServiceDone { service, late_ms } => self.late_ms[service.i()] = Some(late_ms),
            What::Missed => {
                let Some((own, party)) = booking() else { return };
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
        let (hubs, names) = (&context.network.hubs, &context.network.names);
        let services = &hubs.services;
        let text = |of: &dyn Fn(&Service) -> String| services.iter().map(of).collect::<Vec<String>>();
        let amount = |of: fn(&Service) -> f64| services.iter().map(of).collect::<Vec<f64>>();
        let count = |of: fn(&Persons) -> u64| self.of.iter().map(|p| context.expand(of(p))).collect::<Vec<f64>>();
        let leaves = |s: &Service| s.direction == Direction::Departure;
        let changing = |s: &Service| {
            if leaves(s) { hubs.hubs[s.hub.i()].users.transfer_share * s.passengers } else { 0.0 }
        };
        let aboard = |(s, p): (&Service, &Persons)| {
            if leaves(s) { context.expand(p.boarded) + changing(s) } else { context.expand(p.booked) }
        };
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
                "simulated persons from the city who mean to leave by it, or whom it brings; expanded by 1/sample",
                count(|p| p.booked),
            )
            .real(
                "changing",
                "persons",
                "persons who change here from other services, as the schedule has them",
                services.iter().map(changing).collect(),
            )
            .real("on_board", "persons", "persons aboard, those who change here included", on_board.clone());
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
    use crate::metrics::town::{DEPARTING, Town, at};

    #[test]
    fn who_got_on_is_aboard_with_those_who_change() {
        // Two persons are booked on F1 and another party of two misses F2 and takes F1. A tenth is simulated: 40 from the
        // city, and a fifth of its 100 passengers change: 60 of 120 seats.
        let mut town = Town::sampled(0.1);
        town.network.hubs.hubs[0].users.transfer_share = 0.2;
        let mut second = town.network.hubs.services[0].clone();
        second.time = second.time.plus(-3_600_000);
        town.network.hubs.services.push(second);
        town.network.names.services.add("airport/F2");
        let late = town.demand.agents.len() as u32;
        town.demand.agents.push(town.demand.agents[DEPARTING as usize].clone());
        town.demand.agents[DEPARTING as usize].service = Some(ServiceIx(0));
        town.demand.agents[late as usize].service = Some(ServiceIx(1));
        town.plans.push(None);
        let events = [
            at(1_000).event(DEPARTING, What::Embarked { service: ServiceIx(0) }),
            at(2_000).missed(late),
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
        assert_eq!(row(0), [20.0, 20.0, 60.0, 0.0, 20.0]);
        assert_eq!(row(1), [20.0, 20.0, 20.0, 20.0, 0.0]);
        assert_eq!(tables[0].number("load_factor", 0), Some(0.5));
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
