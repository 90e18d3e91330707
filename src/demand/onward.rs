//! Onward services: by what the passengers leave who change within a hub and never leave it.
//!
//! A party that comes by an arrival goes on by a departure of the same hub between the least connection – the time of the
//! hub's transfer chain when nobody queues, and [`LEAST_MIN`] – and [`LONGEST_MIN`] after it. Among these it picks by a
//! draw weighted by the passengers of each, so that those who change are about the same share of the departures in the middle
//! of the day (early ones leave before arrivals have come, late ones take those whom few others can take); to the region that
//! it came from it goes only where no other has a seat. Parties choose in the order of the arrivals, and
//! a departure whose seats are booked is left out. Who finds none is on the way to a departure of which nothing is known:
//! it passes the hub as the others and cannot miss anything.
//!
//! Each pair of party and departure has a draw of its own, and the party takes the one whose exponential clock, as fast as
//! the departure has passengers, rings first. A departure that is added, dropped or scaled thus moves nobody but those who
//! take it or would have, and whom they find in their seats.

use super::frame::{DAY_MS, Frame};
use super::hub_users::{Side, minutes, off_min};
use crate::ids::ServiceIx;
use crate::network::hubs::Service;
use crate::random::{mix, signature};
use crate::scenario::hubs::{ChainUser, Direction};
use crate::units::Time;
use rustc_hash::FxHashMap;

/// Beside the time of the transfer chain nobody plans a connection shorter than this, minutes (general knowledge,
/// unverified) …
const LEAST_MIN: f64 = 45.0;

/// … or longer than this, minutes (general knowledge, unverified).
const LONGEST_MIN: f64 = 300.0;

/// Salt of the draws of onward services.
const ONWARD: u64 = 0x6f6e;

/// The onward services of a day, by the key of the party.
#[derive(Debug, Default)]
pub(super) struct OnwardServices(FxHashMap<u64, Onward>);

/// By what a party goes on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Onward {
    /// The departing service.
    pub service: ServiceIx,
    /// The last moment at which it is reached, on the day of the arrival.
    pub deadline: Time,
}

/// A departure that can be gone on by.
struct Departure<'a> {
    ix: ServiceIx,
    service: &'a Service,
    /// Keys its draws.
    key: u64,
    /// Seats that nobody has booked.
    left: u32,
}

/// A party that looks for an onward service.
struct Seeker<'a> {
    key: u64,
    size: u32,
    came: &'a Service,
    /// Least connection, milliseconds.
    least_ms: i64,
}

impl OnwardServices {
    /// Those of all hubs, hub after hub.
    pub fn new(frame: &Frame, sides: &[Side]) -> OnwardServices {
        let mut all = FxHashMap::default();
        for side in sides.iter().filter(|side| side.hub.users.transfer_share > 0.0) {
            let mut departures = departures(frame, side);
            let cut_off_ms = minutes(side.hub.users.cut_off_min);
            let arrives = |s: &Service| s.direction == Direction::Arrival;
            for (ix, came) in frame.network.hubs.of(side.ix).filter(|(_, s)| arrives(s)) {
                for party in side.transfer_parties(ix, came) {
                    let least_ms = least_ms(frame, side, came, party.size);
                    let seeker = Seeker { key: party.key, size: u32::from(party.size), came, least_ms };
                    let Some(found) = seeker.first(frame, &departures) else { continue };
                    departures[found].left -= seeker.size;
                    let Departure { ix: service, service: takes, .. } = departures[found];
                    let deadline = came.time.plus(wait_ms(came, takes) - cut_off_ms);
                    all.insert(party.key, Onward { service, deadline });
                }
            }
        }
        OnwardServices(all)
    }

    /// By what a party goes on, if it found a service.
    pub fn of(&self, party: u64) -> Option<Onward> {
        self.0.get(&party).copied()
    }
}

/// The departures of a hub with the seats that those from the city and from other hubs have left.
fn departures<'a>(frame: &Frame<'a>, side: &Side) -> Vec<Departure<'a>> {
    let leaves = |s: &Service| s.direction == Direction::Departure && s.passengers > 0.0;
    let of_hub = frame.network.hubs.of(side.ix).filter(|(_, s)| leaves(s));
    let departure = |(ix, service): (ServiceIx, &'a Service)| Departure {
        ix,
        service,
        key: signature(frame.network.names.services.name(ix.0)),
        // Up: of the few seats of a small sample a party of two must find its part as well.
        left: ((service.seats * frame.sample).ceil() as u32).saturating_sub(side.city_persons(service)),
    };
    of_hub.map(departure).collect()
}

/// The least connection from an arrival for so many persons, in which no one who gets off last is too late.
fn least_ms(frame: &Frame, side: &Side, came: &Service, size: u16) -> i64 {
    let chain = side.hub.chain_at(ChainUser::Transfer, came.scope, came.terminal);
    let chain_ms = chain.map_or(0, |c| frame.network.hubs.visit_ms(side.ix, c as u16, size, came.scope));
    chain_ms + minutes(LEAST_MIN.max(off_min(came.mode) + side.hub.users.cut_off_min))
}

/// From an arrival to the next time that a departure leaves; every day is like this one.
fn wait_ms(came: &Service, leaves: &Service) -> i64 {
    leaves.time.since(came.time).rem_euclid(DAY_MS)
}

impl Seeker<'_> {
    /// Place of the departure whose clock rings first, of those to the region that it came from only where there is no other.
    fn first(&self, frame: &Frame, departures: &[Departure]) -> Option<usize> {
        let window = self.least_ms..=minutes(LONGEST_MIN);
        let suits = |d: &Departure| d.left >= self.size && window.contains(&wait_ms(self.came, d.service));
        let party = mix(self.key, ONWARD);
        let clock = |d: &Departure| {
            let back = d.service.region == self.came.region;
            (back, frame.draws(mix(party, d.key)).exponential(1.0 / d.service.passengers))
        };
        let rings = departures.iter().enumerate().filter(|(_, d)| suits(d)).map(|(place, d)| (clock(d), place));
        let first = rings.min_by(|((a_back, a), _), ((b_back, b), _)| a_back.cmp(b_back).then(a.total_cmp(b)));
        first.map(|(_, place)| place)
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{AIRPORT, Town, passengers};
    use super::super::hub_users::hub_users;
    use super::super::{Agent, Class};
    use super::*;
    use crate::units::{HOUR_MS, MINUTE_MS};

    fn transfers(town: &Town, sample: f64) -> Vec<Agent> {
        let all = hub_users(&town.frame(sample)).expect("a town");
        all.into_iter().filter(|a| a.class == Class::Transfer).collect()
    }

    fn persons<'a>(agents: impl IntoIterator<Item = &'a Agent>) -> u32 {
        agents.into_iter().map(|a| u32::from(a.party)).sum()
    }

    /// An airport with services at minutes of the day, each with a region, passengers and as many seats.
    fn town(services: &[(&str, Direction, i64, &str, f64)]) -> Town {
        let mut town = Town::new();
        let row = |&(name, direction, minute, region, persons): &(&str, Direction, i64, &str, f64)| {
            let service = passengers(AIRPORT, direction, minute, persons);
            (format!("airport/{name}"), Service { region: region.into(), ..service })
        };
        town.set_services(services.iter().map(row).collect());
        town
    }

    /// Persons who go on by each of some services.
    fn onward(town: &Town, agents: &[Agent], names: &[&str]) -> Vec<u32> {
        let ix = |name: &&str| town.network.names.services.find(&format!("airport/{name}")).map(ServiceIx);
        names.iter().map(|name| persons(agents.iter().filter(|a| a.service == ix(name)))).collect()
    }

    #[test]
    fn who_changes_goes_on_between_a_least_connection_and_five_hours() {
        use Direction::{Arrival, Departure};
        // 100 of 500 change from 10:00 on. 10:44 is too early and 15:01 too late; to the north they came from.
        let mut services = vec![
            ("in", Arrival, 600, "north", 500.0),
            ("soon", Departure, 644, "south", 300.0),
            ("back", Departure, 700, "north", 900.0),
            ("first", Departure, 645, "south", 300.0),
            ("last", Departure, 900, "west", 300.0),
            ("late", Departure, 901, "west", 300.0),
        ];
        let town_of = |services: &[_]| {
            let mut town = town(services);
            town.network.hubs.services.iter_mut().for_each(|s| s.seats = 2.0 * s.passengers);
            town
        };
        let names = ["soon", "first", "back", "last", "late"];
        let there = town_of(&services);
        let agents = transfers(&there, 1.0);
        let went = onward(&there, &agents, &names);
        assert_eq!([went[0], went[2], went[4]], [0; 3]);
        // Two of 300 passengers each share them: 50 with a deviation of 6 (parties of 1.3).
        assert_eq!(went[1] + went[3], 100);
        assert!((30..=70).contains(&went[1]), "{went:?}");
        for agent in &agents {
            let (came, takes) = (agent.came_by.expect("an arrival"), agent.service.expect("a departure"));
            let (came, takes) = [came, takes].map(|s| &there.network.hubs.services[s.i()]).into();
            assert_eq!((came.direction, takes.direction), (Arrival, Departure));
            assert_eq!(agent.deadline, Some(takes.time.plus(-10 * MINUTE_MS)));
            assert!((0..=10 * MINUTE_MS).contains(&agent.time.since(came.time)));
        }
        // Where only the north is left they go back, and where nothing leaves they pass the hub as before.
        services.retain(|s| s.3 != "south" && s.3 != "west");
        let back = town_of(&services);
        assert_eq!(onward(&back, &transfers(&back, 1.0), &["back"]), [100]);
        services.retain(|s| s.0 != "back");
        let alone = town_of(&services);
        let agents = transfers(&alone, 1.0);
        assert_eq!(persons(&agents), 100);
        assert!(agents.iter().all(|a| a.service.is_none() && a.deadline.is_none() && a.came_by.is_some()));
    }

    #[test]
    fn a_slow_chain_and_an_early_cut_off_make_the_least_connection_longer() {
        use Direction::{Arrival, Departure};
        // Ten minutes to leave the aircraft and a cut-off of 50 make an hour.
        let mut town = town(&[
            ("in", Arrival, 600, "north", 50.0),
            ("soon", Departure, 659, "south", 300.0),
            ("then", Departure, 660, "south", 300.0),
        ]);
        town.network.hubs.hubs[AIRPORT.i()].users.cut_off_min = 50.0;
        let agents = transfers(&town, 1.0);
        assert_eq!(onward(&town, &agents, &["soon", "then"]), [0, 10]);
        assert!(agents.iter().all(|a| a.deadline.is_some_and(|last| last >= a.time)));
    }

    #[test]
    fn seats_bind_and_nights_have_a_morning() {
        use Direction::{Arrival, Departure};
        // 100 of 500 change at 23:00 to a flight at 0:30, on which 24 of 30 seats are for the city.
        let town = town(&[("in", Arrival, 1380, "north", 500.0), ("night", Departure, 30, "south", 30.0)]);
        let agents = transfers(&town, 1.0);
        let went = onward(&town, &agents, &["night"])[0];
        assert_eq!((persons(&agents), went), (100, 6));
        let deadline = Some(Time(24 * HOUR_MS + 20 * MINUTE_MS));
        assert!(agents.iter().all(|a| a.service.is_none() || a.deadline == deadline));
    }

    #[test]
    fn onward_seats_are_near_the_schedule() {
        let mut town = Town::new();
        town.network.hubs.services.iter_mut().for_each(|s| s.seats *= 1.25);
        for sample in [1.0, 0.2] {
            let agents = transfers(&town, sample);
            let without = persons(agents.iter().filter(|a| a.service.is_none()));
            // Flights leave until 22:40, so of the 51 arrivals those from 22:00 on have none: three, or 6 %.
            let share = f64::from(without) / f64::from(persons(&agents));
            assert!((0.02..0.12).contains(&share), "{share}");
            // Three hours at noon: nine flights of some 145 passengers, a fifth of whom change.
            let services = &town.network.hubs.services;
            let noon = |s: &Service| (11 * HOUR_MS..14 * HOUR_MS).contains(&s.time.0);
            let of_noon = |s: &&Service| s.hub == AIRPORT && s.direction == Direction::Departure && noon(s);
            let scheduled: f64 = services.iter().filter(of_noon).map(|s| 0.2 * sample * s.passengers).sum();
            let goes = |a: &&Agent| a.service.is_some_and(|s| noon(&services[s.i()]));
            let went = f64::from(persons(agents.iter().filter(goes)));
            assert!((went / scheduled - 1.0).abs() < 0.3, "{went} of {scheduled}");
        }
    }

    #[test]
    fn a_departure_that_is_dropped_moves_those_who_took_it_alone() {
        let mut town = Town::new();
        town.network.hubs.services.iter_mut().for_each(|s| s.seats *= 3.0);
        let before = transfers(&town, 1.0);
        let dropped = town.network.names.services.find("airport/d720").map(ServiceIx);
        let stayed = |agents: &[Agent], town: &Town| -> FxHashMap<u64, (Time, Option<Time>, Option<String>)> {
            let name = |s: ServiceIx| town.network.names.services.name(s.0).to_owned();
            agents.iter().map(|a| (a.key, (a.time, a.deadline, a.service.map(name)))).collect()
        };
        let was = stayed(&before, &town);
        let took: Vec<u64> = before.iter().filter(|a| a.service == dropped).map(|a| a.key).collect();
        let mut services = town.services();
        services.retain(|(name, _)| name != "airport/d720");
        town.set_services(services);
        let now = stayed(&transfers(&town, 1.0), &town);
        assert!(!took.is_empty());
        let moved: Vec<&u64> = was.keys().filter(|key| was[key] != now[key]).collect();
        assert_eq!(moved.len(), took.len());
        assert!(moved.iter().all(|key| took.contains(key)));
    }
}
