//! Users of the hubs' passenger services: parties of residents, visitors and transfers, service by service.
//!
//! **Sampling is local to a service.** A service with x expected sampled persons gets ⌊x + u⌋ of them, with the
//! threshold u taken at the service's own minute from the even sequence of [`super::sampling::threshold`], started anew
//! for every hub and direction. A variant that scales, moves, adds or drops other services therefore moves nobody here,
//! and a scaled service keeps all its parties and gains or loses only the last ones. A running sum over the services
//! would be exact to ±1 person a day, but there every service depends on all earlier ones. The price is small: for
//! unrelated fractions of x the even sequence leaves a variance of 1/12 person² a service (independent thresholds: 1/6),
//! that is ±1.8 persons in an hour of 40 services and ±8 in a day of 750, below 0.1 % of the day at one passenger in
//! ten; services of equal size come out even at any usual headway.
//!
//! **Parties** have 1 to 3 persons; the last is cut so that the persons of a service are exact. Draws are keyed by
//! service and party number, always in the same order, so that a changed share moves no other draw of a party.
//!
//! **Times.** Departing passengers mean to be in the hall a normally distributed time before departure, at least five
//! minutes before the hub stops taking them. Arriving ones leave an aircraft over ten minutes and a train over four
//! (uniform; general knowledge, unverified). Some come from another hub: [`super::connections`]; who changes within the hub
//! goes on by a departure: [`super::onward`].

use super::connections::{Connection, Connections};
use super::frame::Frame;
use super::onward::OnwardServices;
use super::reach::{Reach, willingness};
use super::sampling::{Weights, party_size, threshold, whole};
use super::{Agent, Class, Place, Purpose, Timing};
use crate::error::{Error, Problem, Result};
use crate::ids::{HubIx, NodeIx, ServiceIx, ZoneIx};
use crate::mode::VehicleClass;
use crate::network::hubs::{Hub, Service};
use crate::random::{Draws, mix, signature};
use crate::scenario::hubs::{ChainUser, Direction, Scope, ServiceMode};
use crate::units::{MINUTE_MS, Time};
use rayon::prelude::*;

/// Departing passengers mean to be in the hall at least this long before the hub stops taking them, minutes.
const MARGIN_MIN: f64 = 5.0;

/// Share of the residents with a car at hand when the scenario does not say.
const CAR_AVAILABILITY: f64 = 0.5;

/// The parties of all passenger services in the order of the services, in each those from or to the city before the
/// transfers.
pub fn hub_users(frame: &Frame) -> Result<Vec<Agent>> {
    let hubs = 0..frame.network.hubs.hubs.len();
    let sides: Vec<Side> = hubs.map(|h| Side::new(frame, HubIx::from(h))).collect::<Result<_>>()?;
    let connections = Connections::new(frame, &sides)?;
    let onward = OnwardServices::new(frame, &sides);
    let known = (&connections, &onward);
    let mut agents = Vec::new();
    for side in &sides {
        let services: Vec<(ServiceIx, &Service)> = frame.network.hubs.of(side.ix).collect();
        let parties = |&(ix, service): &(ServiceIx, &Service)| side.parties_of(ix, service, known);
        let parties = services.par_iter().map(parties).collect::<Vec<_>>();
        agents.extend(parties.into_iter().flatten());
    }
    Ok(agents)
}

/// A hub as its users see it from the city.
pub(super) struct Side<'a> {
    frame: &'a Frame<'a>,
    pub(super) ix: HubIx,
    pub(super) hub: &'a Hub,
    departing: Option<Catchment>,
    arriving: Option<Catchment>,
    /// Starts of the threshold sequences: departing, arriving, transfer.
    starts: [f64; 3],
    car_availability: f64,
}

/// Zones by how many of a hub's users they send or take.
struct Catchment {
    reach: Reach,
    residents: Weights,
    visitors: Weights,
}

/// A party before its trip is laid down.
pub(super) struct Party {
    pub(super) key: u64,
    pub(super) size: u16,
    draws: Draws,
}

impl<'a> Side<'a> {
    fn new(frame: &'a Frame<'a>, ix: HubIx) -> Result<Side<'a>> {
        let hub = &frame.network.hubs.hubs[ix.i()];
        let start = |way: &str| frame.threshold_start(&format!("{}/{way}", hub.id));
        let served = |direction: Direction| {
            let city_share = 1.0 - hub.users.transfer_share;
            city_share > 0.0 && frame.network.hubs.of(ix).any(|(_, s)| s.direction == direction && s.passengers > 0.0)
        };
        let catchment = |direction: Direction| -> Result<Option<Catchment>> {
            if served(direction) { Catchment::new(frame, hub, direction).map(Some) } else { Ok(None) }
        };
        let residents = frame.scenario.settings.demand.residents.as_ref();
        Ok(Side {
            frame,
            ix,
            hub,
            departing: catchment(Direction::Departure)?,
            arriving: catchment(Direction::Arrival)?,
            starts: [start("departing"), start("arriving"), start("transfer")],
            car_availability: residents.map_or(CAR_AVAILABILITY, |r| r.car_availability),
        })
    }

    fn parties_of(
        &self,
        ix: ServiceIx,
        service: &Service,
        (connections, onward): (&Connections, &OnwardServices),
    ) -> Vec<Agent> {
        let mut agents = Vec::new();
        let catchment = match service.direction {
            Direction::Departure => &self.departing,
            Direction::Arrival => &self.arriving,
        };
        if let Some(catchment) = catchment {
            let count = self.city_persons(service) - connections.persons(ix);
            let user = |party: Party| match connections.of(&party) {
                Some(connection) => Some(self.connecting_user(ix, service, connection?, party)),
                None => self.city_user(ix, service, catchment, party),
            };
            agents.extend(self.city_parties(ix, count).filter_map(user));
        }
        if service.direction == Direction::Arrival {
            let parties = self.transfer_parties(ix, service);
            agents.extend(parties.filter_map(|party| self.transfer(ix, service, onward, party)));
        }
        agents
    }

    /// Persons of a share of a service's passengers in the sample.
    fn persons(&self, service: &Service, share: f64, start: f64) -> u32 {
        let minute = service.time.0 as f64 / MINUTE_MS as f64;
        whole(service.passengers * share * self.frame.sample, threshold(start, minute))
    }

    /// Persons of a service who leave the hub for the city, or come from it, those who change to or from another hub included.
    pub(super) fn city_persons(&self, service: &Service) -> u32 {
        let (city, start) = match service.direction {
            Direction::Departure => (&self.departing, self.starts[0]),
            Direction::Arrival => (&self.arriving, self.starts[1]),
        };
        if city.is_none() { 0 } else { self.persons(service, 1.0 - self.hub.users.transfer_share, start) }
    }

    /// The parties of so many persons of a service who leave the hub or come to it.
    pub(super) fn city_parties(&self, ix: ServiceIx, persons: u32) -> impl Iterator<Item = Party> {
        self.parties(signature(self.frame.network.names.services.name(ix.0)), persons)
    }

    /// The parties of an arriving service who change within the hub.
    pub(super) fn transfer_parties(&self, ix: ServiceIx, service: &Service) -> impl Iterator<Item = Party> {
        let name = self.frame.network.names.services.name(ix.0);
        let persons = self.persons(service, self.hub.users.transfer_share, self.starts[2]);
        self.parties(signature(&format!("{name}/transfer")), persons)
    }

    /// Splits persons into parties, the last cut to fit.
    fn parties(&self, name: u64, persons: u32) -> impl Iterator<Item = Party> {
        let (mut left, mut number) = (persons, 0);
        std::iter::from_fn(move || {
            if left == 0 {
                return None;
            }
            let key = mix(name, number);
            let mut draws = self.frame.draws(key);
            let size = party_size(&mut draws, self.hub.users.party_mean).min(left);
            left -= size;
            number += 1;
            Some(Party { key, size: size as u16, draws })
        })
    }

    /// A party from the city to a departure, or from an arrival to the city.
    fn city_user(&self, ix: ServiceIx, service: &Service, city: &Catchment, party: Party) -> Option<Agent> {
        let (hub, users) = (self.ix, &self.hub.users);
        let Party { key, size, mut draws } = party;
        let visitor = draws.uniform() < users.visitor_share;
        let purpose = if draws.uniform() < users.business_share { Purpose::Business } else { Purpose::Other };
        let weights = if visitor { &city.visitors } else { &city.residents };
        let zone = weights.pick(draws.uniform())?;
        let nodes = &city.reach.nodes[zone];
        let node = Place::Node(nodes[draws.below(nodes.len())]);
        let car = draws.uniform() < self.car_availability && !visitor;
        let (from, to, timing) = match service.direction {
            Direction::Departure => (node, Place::Hub(hub, ChainUser::Departing), Timing::WantsToBeThere),
            Direction::Arrival => (Place::Hub(hub, ChainUser::Arriving), node, Timing::SetsOut),
        };
        let (time, deadline) = match service.direction {
            Direction::Departure => self.in_hall(service, city.reach.minutes[zone], &mut draws)?,
            Direction::Arrival => (self.off_board(service, &mut draws)?.0, None),
        };
        let class = if visitor { Class::Visitor } else { Class::Resident };
        Some(Agent {
            key,
            class,
            purpose,
            from,
            to,
            zone: Some(ZoneIx::from(zone)),
            hub: Some(hub),
            service: Some(ix),
            scope: service.scope,
            time,
            timing,
            deadline,
            vehicle: VehicleClass::Car,
            car,
            party: size,
            drives: false,
            tour: None,
            route: None,
            came_by: None,
            slot: None,
        })
    }

    /// A party that comes to a departure by a service of another hub.
    fn connecting_user(&self, ix: ServiceIx, service: &Service, connection: Connection, party: Party) -> Agent {
        let users = &self.hub.users;
        let Party { key, size, mut draws } = party;
        let class = if draws.uniform() < users.visitor_share { Class::Visitor } else { Class::Resident };
        let business = draws.uniform() < users.business_share;
        Agent {
            key,
            class,
            purpose: if business { Purpose::Business } else { Purpose::Other },
            from: Place::Hub(connection.hub, ChainUser::Arriving),
            to: Place::Hub(self.ix, ChainUser::Departing),
            zone: None,
            hub: Some(self.ix),
            service: Some(ix),
            scope: service.scope,
            time: connection.time,
            timing: Timing::SetsOut,
            deadline: Some(connection.deadline),
            vehicle: VehicleClass::Car,
            // Who came by a service has no car here.
            car: false,
            party: size,
            drives: false,
            tour: None,
            route: None,
            came_by: Some(connection.service),
            slot: None,
        }
    }

    /// A party that changes from an arrival to another service and stays in the hub.
    fn transfer(&self, ix: ServiceIx, service: &Service, onward: &OnwardServices, party: Party) -> Option<Agent> {
        let Party { key, size, mut draws } = party;
        let business = draws.uniform() < self.hub.users.business_share;
        let inside = Place::Hub(self.ix, ChainUser::Transfer);
        let (time, shift_ms) = self.off_board(service, &mut draws)?;
        let onward = onward.of(key);
        Some(Agent {
            key,
            class: Class::Transfer,
            purpose: if business { Purpose::Business } else { Purpose::Other },
            from: inside,
            to: inside,
            zone: None,
            hub: Some(self.ix),
            service: onward.map(|onward| onward.service),
            scope: service.scope,
            time,
            timing: Timing::SetsOut,
            deadline: onward.map(|onward| onward.deadline.plus(shift_ms)),
            vehicle: VehicleClass::Car,
            car: false,
            party: size,
            drives: false,
            tour: None,
            route: None,
            came_by: Some(ix),
            slot: None,
        })
    }

    /// The wished moment in the hall and the last one at which the service is reached, on the day on which a party that
    /// far away sets out within the simulated part.
    fn in_hall(&self, service: &Service, away_min: f64, draws: &mut Draws) -> Option<(Time, Option<Time>)> {
        let wished = service.time.plus(-self.early_ms(service, draws));
        let shift = self.frame.shift_ms(wished.plus(-minutes(away_min)))?;
        Some((wished.plus(shift), Some(service.time.plus(shift - minutes(self.hub.users.cut_off_min)))))
    }

    /// How long before departure a party means to be in the hall.
    pub(super) fn early_ms(&self, service: &Service, draws: &mut Draws) -> i64 {
        let users = &self.hub.users;
        let mean = match service.scope {
            Scope::Domestic => users.early_domestic_min,
            Scope::International => users.early_international_min,
        };
        minutes((mean + users.early_sd_min * draws.normal()).max(users.cut_off_min + MARGIN_MIN))
    }

    /// The moment at which a party has left the vehicle, and by how much it was moved into the simulated part.
    fn off_board(&self, service: &Service, draws: &mut Draws) -> Option<(Time, i64)> {
        let off = service.time.plus(minutes(off_min(service.mode) * draws.uniform()));
        let shift_ms = self.frame.shift_ms(off)?;
        Some((off.plus(shift_ms), shift_ms))
    }
}

/// How long passengers take to leave a vehicle, minutes.
pub(super) fn off_min(mode: ServiceMode) -> f64 {
    match mode {
        ServiceMode::Air | ServiceMode::AirCargo => 10.0,
        ServiceMode::Rail | ServiceMode::RailFreight => 4.0,
    }
}

pub(super) fn minutes(minutes: f64) -> i64 {
    (minutes * MINUTE_MS as f64).round() as i64
}

impl Catchment {
    fn new(frame: &Frame, hub: &Hub, direction: Direction) -> Result<Catchment> {
        let network = frame.network;
        let leaving = direction == Direction::Departure;
        let node = street_node(network, hub, leaving).ok_or_else(|| no_street(frame, hub, leaving))?;
        let reach = Reach::new(frame.base, node, VehicleClass::Car, leaving);
        let weighted = |people: fn(&crate::network::districts::Zone) -> f64| {
            let zones = network.places.zones.iter().zip(&reach.minutes);
            Weights::new(zones.map(|(zone, &min)| people(zone) * willingness(hub.users.decay_per_min, min)))
        };
        let (residents, visitors) = (weighted(|z| z.population), weighted(|z| z.jobs));
        let share = hub.users.visitor_share;
        for (weights, share, what) in [(&residents, 1.0 - share, "residents"), (&visitors, share, "jobs")] {
            if share > 0.0 && weights.total() <= 0.0 {
                let message =
                    format!("hub {}: no zone with {what} is joined to it by road, so nobody can use it", hub.id);
                return Err(Error::Model(message));
            }
        }
        Ok(Catchment { reach, residents, visitors })
    }
}

/// Where the hub touches the streets: its own kerb or forecourt, the other one, or the street at one of its stops.
fn street_node(network: &crate::network::Network, hub: &Hub, leaving: bool) -> Option<NodeIx> {
    let (first, second) = if leaving { (hub.drop_off, hub.pick_up) } else { (hub.pick_up, hub.drop_off) };
    first.or(second).or_else(|| hub.stops.iter().find_map(|&(stop, _)| network.lines.stops[stop.i()].node))
}

fn no_street(frame: &Frame, hub: &Hub, leaving: bool) -> Error {
    let file = frame.scenario.hubs.iter().find(|f| f.hub_id == hub.id).map_or("scenario.toml", |f| &f.path);
    let (key, wanted) = if leaving {
        ("access.drop_off_node", "a node at which departing passengers reach the hub")
    } else {
        ("access.pick_up_node", "a node at which arriving passengers leave the hub")
    };
    Error::Problems(vec![Problem::new(file, "none", wanted).column(key)])
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{AIRPORT, STATION, Town, passengers};
    use super::*;
    use crate::units::HOUR_MS;

    fn persons<'a>(agents: impl IntoIterator<Item = &'a Agent>) -> f64 {
        agents.into_iter().map(|a| f64::from(a.party)).sum()
    }

    fn whole_day() -> (Town, Vec<Agent>) {
        let town = Town::new();
        let agents = hub_users(&town.frame(1.0)).unwrap();
        (town, agents)
    }

    /// Expected persons of a hub's direction under a condition on the service.
    fn expected(town: &Town, hub: HubIx, direction: Direction) -> f64 {
        let services = &town.network.hubs.services;
        services.iter().filter(|s| s.hub == hub && s.direction == direction).map(|s| s.passengers).sum()
    }

    #[test]
    fn passengers_become_persons_one_by_one() {
        let (town, agents) = whole_day();
        // 85 trains each way of whole passengers and no transfers: exact
        let trains = expected(&town, STATION, Direction::Departure) + expected(&town, STATION, Direction::Arrival);
        assert_eq!(persons(agents.iter().filter(|a| a.hub == Some(STATION))), trains);
        // 51 flights each way with fractions of a person; four in five of the departing come from the city
        let flights = expected(&town, AIRPORT, Direction::Departure);
        let from_city = persons(agents.iter().filter(|a| a.to == Place::Hub(AIRPORT, ChainUser::Departing)));
        assert!((from_city - 0.8 * flights).abs() < 6.0, "{from_city} of {flights}");
    }

    #[test]
    fn transfers_are_their_share_of_the_arrivals_and_stay_in_the_hub() {
        let (town, agents) = whole_day();
        let arriving = expected(&town, AIRPORT, Direction::Arrival);
        let transfers: Vec<&Agent> = agents.iter().filter(|a| a.class == Class::Transfer).collect();
        assert!((persons(transfers.iter().copied()) - 0.2 * arriving).abs() < 6.0);
        let to_city = persons(agents.iter().filter(|a| a.from == Place::Hub(AIRPORT, ChainUser::Arriving)));
        assert!((to_city - 0.8 * arriving).abs() < 6.0);
        for agent in transfers {
            assert_eq!((agent.from, agent.to, agent.zone), (agent.to, Place::Hub(AIRPORT, ChainUser::Transfer), None));
        }
    }

    #[test]
    fn a_sample_keeps_the_hours_of_the_whole_day() {
        let (town, all) = whole_day();
        let tenth = hub_users(&town.frame(0.1)).unwrap();
        let hour_of = |a: &Agent| town.network.hubs.services[a.came_by.or(a.service).unwrap().i()].time.0 / HOUR_MS;
        for hub in [AIRPORT, STATION] {
            let flow = |agents: &[Agent], hour: i64| {
                persons(agents.iter().filter(|a| a.hub == Some(hub) && hour_of(a) == hour))
            };
            for hour in 6..23 {
                // 10 trains, or 6 flights with transfers apart, an hour: a standard deviation of √(10/12) = 0.9 persons
                let (sampled, scaled) = (flow(&tenth, hour), flow(&all, hour) * 0.1);
                assert!((sampled - scaled).abs() <= 4.0, "hour {hour}: {sampled} for {scaled}");
            }
            let day = |agents: &[Agent]| persons(agents.iter().filter(|a| a.hub == Some(hub)));
            assert!((day(&tenth) - 0.1 * day(&all)).abs() < 12.0);
        }
    }

    #[test]
    fn a_service_that_is_scaled_or_dropped_moves_nobody_elsewhere() {
        let mut town = Town::new();
        let before = hub_users(&town.frame(0.3)).unwrap();
        let names = town.network.names.services.clone();
        let mut services = town.services();
        services.retain(|(name, _)| name != "airport/d600");
        services.iter_mut().filter(|(name, _)| name == "airport/d620").for_each(|(_, s)| s.passengers *= 1.5);
        services.push(("airport/extra".into(), passengers(AIRPORT, Direction::Departure, 621, 50.0)));
        town.set_services(services);
        let after = hub_users(&town.frame(0.3)).unwrap();
        let now = &town.network.names.services;
        let changed = ["airport/d600", "airport/d620", "airport/extra"];
        let others = |agents: &[Agent], names: &crate::ids::Names| -> Vec<Agent> {
            // Who changes may go on by another service then: see `onward`.
            let touched = |a: &Agent| changed.contains(&names.name(a.came_by.or(a.service).unwrap().0));
            let alike = |a: &Agent| {
                let deadline = a.deadline.filter(|_| a.class != Class::Transfer);
                Agent { service: None, came_by: None, deadline, ..a.clone() }
            };
            agents.iter().filter(|a| !touched(a)).map(alike).collect()
        };
        assert_eq!(others(&before, &names), others(&after, now));
        // the scaled service keeps its parties, all but perhaps the one that had been cut
        let of = |agents: &[Agent], names: &crate::ids::Names| -> Vec<Agent> {
            let leaves = |a: &Agent| a.class != Class::Transfer && a.service.is_some();
            let here = |a: &Agent| leaves(a) && names.name(a.service.unwrap().0) == "airport/d620";
            agents.iter().filter(|a| here(a)).map(|a| Agent { service: None, ..a.clone() }).collect()
        };
        let (small, large) = (of(&before, &names), of(&after, now));
        assert!(small.len() < large.len());
        assert_eq!(small[..small.len() - 1], large[..small.len() - 1]);
    }

    #[test]
    fn departing_passengers_mean_to_be_there_in_time_and_arriving_ones_leave_after_their_service() {
        let (town, agents) = whole_day();
        let mut early = 0.0;
        let mut domestic = 0.0;
        for agent in &agents {
            let service = &town.network.hubs.services[agent.came_by.or(agent.service).unwrap().i()];
            match agent.timing {
                Timing::WantsToBeThere => {
                    let deadline = agent.deadline.unwrap();
                    assert_eq!(deadline, service.time.plus(-10 * MINUTE_MS));
                    assert!(deadline.since(agent.time) >= 5 * MINUTE_MS);
                    if agent.scope == Scope::Domestic {
                        early += service.time.since(agent.time) as f64 / MINUTE_MS as f64;
                        domestic += 1.0;
                    }
                }
                Timing::SetsOut => {
                    let spread = if service.mode == ServiceMode::Air { 10 } else { 4 };
                    assert!((0..=spread * MINUTE_MS).contains(&agent.time.since(service.time)));
                }
            }
        }
        // 90 minutes with a deviation of 25, of some 25,000 parties
        assert!((early / domestic - 90.0).abs() < 1.0, "{}", early / domestic);
    }

    #[test]
    fn passengers_of_a_service_after_midnight_set_out_the_evening_before() {
        let mut town = Town::new();
        town.set_services(vec![("airport/d10".into(), passengers(AIRPORT, Direction::Departure, 10, 100.0))]);
        let agents = hub_users(&town.frame(1.0)).unwrap();
        assert_eq!(persons(&agents), 80.0);
        for agent in agents {
            // 00:10 of the next day less 10 minutes
            assert_eq!(agent.deadline, Some(Time(24 * HOUR_MS)));
            assert!((20 * HOUR_MS..24 * HOUR_MS).contains(&agent.time.0));
        }
    }

    #[test]
    fn near_zones_send_more_per_resident_and_visitors_go_where_jobs_are() {
        let mut town = Town::new();
        town.network.hubs.hubs[STATION.i()].users.decay_per_min = 0.3;
        let agents = hub_users(&town.frame(1.0)).unwrap();
        let of = |class: Class, zone: usize| {
            let here = |a: &&Agent| a.hub == Some(STATION) && a.class == class && a.zone == Some(ZoneIx::from(zone));
            agents.iter().filter(here).count() as f64
        };
        // The station is at node 0: mean minutes 0.5 to zone 0 and 2.5 to zone 1, so residents per head are exp(0.6) =
        // 1.822 times as many in zone 0. Populations 10,000 and 20,000; jobs 30,000 and 25,000.
        let per_head = |class, people: [f64; 2]| of(class, 0) / people[0] / (of(class, 1) / people[1]);
        assert!((per_head(Class::Resident, [1.0, 2.0]) / 1.822 - 1.0).abs() < 0.05);
        assert!((per_head(Class::Visitor, [6.0, 5.0]) / 1.822 - 1.0).abs() < 0.05);
        assert!(agents.iter().all(|a| a.class != Class::Visitor || !a.car));
    }

    #[test]
    fn a_hub_without_a_kerb_and_without_stops_is_told() {
        let mut town = Town::new();
        town.network.hubs.hubs[0].drop_off = None;
        assert!(hub_users(&town.frame(1.0)).is_ok());
        town.network.hubs.hubs[0].pick_up = None;
        let message = hub_users(&town.frame(1.0)).unwrap_err().to_string();
        assert!(message.contains("access.drop_off_node"), "{message}");
    }
}
