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
//! (uniform; general knowledge, unverified).

use super::frame::Frame;
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
    let mut agents = Vec::new();
    for h in 0..frame.network.hubs.hubs.len() {
        let side = Side::new(frame, HubIx::from(h))?;
        let services: Vec<(ServiceIx, &Service)> = frame.network.hubs.of(side.ix).collect();
        let parties = services.par_iter().map(|&(ix, service)| side.parties_of(ix, service)).collect::<Vec<_>>();
        agents.extend(parties.into_iter().flatten());
    }
    Ok(agents)
}

/// A hub as its users see it from the city.
struct Side<'a> {
    frame: &'a Frame<'a>,
    ix: HubIx,
    hub: &'a Hub,
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
struct Party {
    key: u64,
    size: u16,
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

    fn parties_of(&self, ix: ServiceIx, service: &Service) -> Vec<Agent> {
        let name = self.frame.network.names.services.name(ix.0);
        let minute = service.time.0 as f64 / MINUTE_MS as f64;
        let persons =
            |share: f64, start: f64| whole(service.passengers * share * self.frame.sample, threshold(start, minute));
        let transfer_share = self.hub.users.transfer_share;
        let mut agents = Vec::new();
        let (catchment, start) = match service.direction {
            Direction::Departure => (&self.departing, self.starts[0]),
            Direction::Arrival => (&self.arriving, self.starts[1]),
        };
        if let Some(catchment) = catchment {
            let count = persons(1.0 - transfer_share, start);
            let parties = self.parties(signature(name), count);
            agents.extend(parties.filter_map(|party| self.city_user(ix, service, catchment, party)));
        }
        if service.direction == Direction::Arrival {
            let parties = self.parties(signature(&format!("{name}/transfer")), persons(transfer_share, self.starts[2]));
            agents.extend(parties.filter_map(|party| self.transfer(ix, service, party)));
        }
        agents
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
            Direction::Arrival => (self.off_board(service, &mut draws)?, None),
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
            route: None,
        })
    }

    /// A party that changes from an arrival to another service and stays in the hub.
    fn transfer(&self, ix: ServiceIx, service: &Service, party: Party) -> Option<Agent> {
        let Party { key, size, mut draws } = party;
        let business = draws.uniform() < self.hub.users.business_share;
        let inside = Place::Hub(self.ix, ChainUser::Transfer);
        Some(Agent {
            key,
            class: Class::Transfer,
            purpose: if business { Purpose::Business } else { Purpose::Other },
            from: inside,
            to: inside,
            zone: None,
            hub: Some(self.ix),
            service: Some(ix),
            scope: service.scope,
            time: self.off_board(service, &mut draws)?,
            timing: Timing::SetsOut,
            deadline: None,
            vehicle: VehicleClass::Car,
            car: false,
            party: size,
            route: None,
        })
    }

    /// The wished moment in the hall and the last one at which the service is reached, on the day on which a party that
    /// far away sets out within the simulated part.
    fn in_hall(&self, service: &Service, away_min: f64, draws: &mut Draws) -> Option<(Time, Option<Time>)> {
        let users = &self.hub.users;
        let mean = match service.scope {
            Scope::Domestic => users.early_domestic_min,
            Scope::International => users.early_international_min,
        };
        let early = (mean + users.early_sd_min * draws.normal()).max(users.cut_off_min + MARGIN_MIN);
        let wished = service.time.plus(-minutes(early));
        let shift = self.frame.shift_ms(wished.plus(-minutes(away_min)))?;
        Some((wished.plus(shift), Some(service.time.plus(shift - minutes(users.cut_off_min)))))
    }

    /// The moment at which a party has left the vehicle.
    fn off_board(&self, service: &Service, draws: &mut Draws) -> Option<Time> {
        let spread_min = match service.mode {
            ServiceMode::Air | ServiceMode::AirCargo => 10.0,
            ServiceMode::Rail | ServiceMode::RailFreight => 4.0,
        };
        let off = service.time.plus(minutes(spread_min * draws.uniform()));
        Some(off.plus(self.frame.shift_ms(off)?))
    }
}

fn minutes(minutes: f64) -> i64 {
    (minutes * MINUTE_MS as f64).round() as i64
}

impl Catchment {
    fn new(frame: &Frame, hub: &Hub, direction: Direction) -> Result<Catchment> {
        let network = frame.network;
        let leaving = direction == Direction::Departure;
        let node = street_node(network, hub, leaving).ok_or_else(|| no_street(frame, hub, leaving))?;
        let reach = Reach::new(network, node, VehicleClass::Car, leaving);
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
