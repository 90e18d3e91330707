//! Connections between hubs: departing parties who come by a service of another hub, rail to air and air to rail.
//!
//! Of the parties of a departing service the share `from_hub.share` arrives at the other hub. Such a party means to be in
//! the hall a usual time before departure and takes the latest service of the other hub that comes at least `connect_min`
//! before that moment and still has passengers for the city; where none comes within the last [`LONGEST_MIN`] more, it
//! comes from the city like the others. The persons of that service who go to the city are as many fewer, so that both
//! services keep their passengers.
//!
//! Whether a party connects, how early it means to be there and when it is off its vehicle are draws of its own, so that a
//! changed share moves no other draw. Services that are not full are taken whatever others do; where one is, those come
//! first who mean to be in the hall first.

use super::frame::{DAY_MS, Frame};
use super::hub_users::{Party, Side, minutes};
use crate::error::{Error, Problem, Result};
use crate::ids::{HubIx, ServiceIx};
use crate::network::hubs::Service;
use crate::random::mix;
use crate::scenario::hubs::{Direction, FromHub};
use crate::units::Time;
use rustc_hash::FxHashMap;

/// Nobody waits longer for a connection than it needs and this, minutes (general knowledge, unverified).
const LONGEST_MIN: f64 = 180.0;

/// Salt of the draws of a connection.
const CONNECTS: u64 = 0x636f;

/// The connections of a day.
#[derive(Debug, Default)]
pub(super) struct Connections {
    /// By the key of the party; `None` where its arrival is not simulated.
    by_party: FxHashMap<u64, Option<Connection>>,
    /// Persons who change to another hub, by [`ServiceIx`] of the service that they come by.
    persons: Vec<u32>,
}

/// How a party comes to the hub that it leaves from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Connection {
    /// The hub where it arrives.
    pub hub: HubIx,
    /// The service that it comes by.
    pub service: ServiceIx,
    /// When it is off that service.
    pub time: Time,
    /// The last moment at which the departing service is reached.
    pub deadline: Time,
}

/// A party that would come from another hub.
struct Wanted {
    key: u64,
    size: u16,
    /// Place of the hub among those of the departing service's hub.
    from: usize,
    /// When it means to be in the hall.
    wished: Time,
    /// When it cannot get on any more.
    closed: Time,
    /// Part of the time that passengers take to get off, from 0 to 1.
    off: f64,
}

/// Another hub with its arrivals in the order of the time of day.
struct Other<'a> {
    hub: HubIx,
    how: &'a FromHub,
    /// Milliseconds after midnight, and the service.
    arrivals: Vec<(i64, ServiceIx)>,
}

impl Connections {
    /// The connections to all hubs, hub after hub.
    pub fn new(frame: &Frame, sides: &[Side]) -> Result<Connections> {
        let services = &frame.network.hubs.services;
        let mut all = Connections { by_party: FxHashMap::default(), persons: vec![0; services.len()] };
        if sides.iter().all(|side| side.hub.users.from_hub.is_empty()) {
            return Ok(all);
        }
        let persons = |service: &Service| match service.direction {
            Direction::Arrival => sides[service.hub.i()].city_persons(service),
            Direction::Departure => 0,
        };
        let mut left: Vec<u32> = services.iter().map(persons).collect();
        for side in sides.iter().filter(|side| !side.hub.users.from_hub.is_empty()) {
            let others = others(frame, side)?;
            for wanted in wanted(frame, side) {
                if let Some(found) = others[wanted.from].latest(frame, &wanted, &mut left) {
                    let (service, connection) = found;
                    all.persons[service.i()] += u32::from(wanted.size);
                    all.by_party.insert(wanted.key, connection);
                }
            }
        }
        Ok(all)
    }

    /// How a party comes from another hub; `None` for one from the city.
    pub fn of(&self, party: &Party) -> Option<Option<Connection>> {
        self.by_party.get(&party.key).copied()
    }

    /// Persons who come by a service and change to another hub.
    pub fn persons(&self, service: ServiceIx) -> u32 {
        self.persons[service.i()]
    }
}

/// The hubs from which a hub's passengers come, with their arrivals.
fn others<'a>(frame: &Frame, side: &'a Side) -> Result<Vec<Other<'a>>> {
    let hubs = &frame.network.hubs;
    let (mut others, mut problems) = (Vec::new(), Vec::new());
    for how in &side.hub.users.from_hub {
        let Some(h) = hubs.hubs.iter().position(|h| h.id == how.hub_id && h.id != side.hub.id) else {
            let file = frame.scenario.hubs.iter().find(|f| f.hub_id == side.hub.id).map_or("", |f| &f.path);
            let problem = Problem::new(file, format!("\"{}\"", how.hub_id), "the id of another hub");
            problems.push(problem.column("users.from_hub.hub_id"));
            continue;
        };
        let hub = HubIx::from(h);
        let arrives = |s: &Service| s.direction == Direction::Arrival && s.passengers > 0.0;
        let of_hub = hubs.of(hub).filter(|(_, s)| arrives(s));
        let mut arrivals: Vec<(i64, ServiceIx)> = of_hub.map(|(ix, s)| (s.time.0.rem_euclid(DAY_MS), ix)).collect();
        arrivals.sort_unstable();
        others.push(Other { hub, how, arrivals });
    }
    if problems.is_empty() { Ok(others) } else { Err(Error::Problems(problems)) }
}

/// The parties of a hub who would come from others, in the order of the moments at which they mean to be in the hall.
fn wanted(frame: &Frame, side: &Side) -> Vec<Wanted> {
    let mut all = Vec::new();
    for (ix, service) in frame.network.hubs.of(side.ix).filter(|(_, s)| s.direction == Direction::Departure) {
        for party in side.city_parties(ix, side.city_persons(service)) {
            let mut draws = frame.draws(mix(party.key, CONNECTS));
            let mut number = draws.uniform();
            let falls = |how: &FromHub| {
                number -= how.share;
                number < 0.0
            };
            let Some(from) = side.hub.users.from_hub.iter().position(falls) else { continue };
            let wished = service.time.plus(-side.early_ms(service, &mut draws));
            let closed = service.time.plus(-minutes(side.hub.users.cut_off_min));
            all.push(Wanted { key: party.key, size: party.size, from, wished, closed, off: draws.uniform() });
        }
    }
    all.sort_by_key(|w| (w.wished, w.key));
    all
}

impl Other<'_> {
    /// The latest service that comes early enough and has room for a party in what is `left` of its passengers for the city.
    fn latest(&self, frame: &Frame, wanted: &Wanted, left: &mut [u32]) -> Option<(ServiceIx, Option<Connection>)> {
        let last = wanted.wished.plus(-minutes(self.how.connect_min));
        let day = last.0.div_euclid(DAY_MS);
        let until = self.arrivals.partition_point(|&(ms, _)| ms <= last.0.rem_euclid(DAY_MS));
        let today = self.arrivals[..until].iter().rev().map(|&(ms, service)| (Time(day * DAY_MS + ms), service));
        let before = self.arrivals[until..].iter().rev();
        let yesterday = before.map(|&(ms, service)| (Time((day - 1) * DAY_MS + ms), service));
        let recent = |&(comes, _): &(Time, ServiceIx)| last.since(comes) <= minutes(LONGEST_MIN);
        let has_room = |&(_, service): &(Time, ServiceIx)| left[service.i()] >= u32::from(wanted.size);
        let (comes, service) = today.chain(yesterday).take_while(recent).find(has_room)?;
        left[service.i()] -= u32::from(wanted.size);
        let mode = frame.network.hubs.services[service.i()].mode;
        let off = comes.plus(minutes(super::hub_users::off_min(mode) * wanted.off));
        let at =
            |shift| Connection { hub: self.hub, service, time: off.plus(shift), deadline: wanted.closed.plus(shift) };
        Some((service, frame.shift_ms(off).map(at)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{AIRPORT, STATION, Town, passengers};
    use super::super::hub_users::hub_users;
    use super::super::{Agent, Class, Place, Timing};
    use super::*;
    use crate::scenario::hubs::ChainUser;
    use crate::units::{HOUR_MS, MINUTE_MS};

    /// The town, where a part of the air passengers comes by train.
    fn town(share: f64) -> Town {
        let mut town = Town::new();
        let users = &mut town.network.hubs.hubs[AIRPORT.i()].users;
        users.from_hub = vec![FromHub { hub_id: "station".into(), share, connect_min: 60.0 }];
        town
    }

    fn day(town: &Town, sample: f64) -> Vec<Agent> {
        hub_users(&town.frame(sample)).expect("a town")
    }

    fn persons<'a>(agents: impl IntoIterator<Item = &'a Agent>) -> u32 {
        agents.into_iter().map(|a| u32::from(a.party)).sum()
    }

    /// Persons by service, and persons by service that they come by.
    fn by_service(town: &Town, agents: &[Agent]) -> (Vec<u32>, Vec<u32>) {
        let mut sums = (vec![0; town.network.hubs.services.len()], vec![0; town.network.hubs.services.len()]);
        for agent in agents.iter().filter(|a| a.class != Class::Transfer) {
            sums.0[agent.service.expect("a service").i()] += u32::from(agent.party);
            if let Some(service) = agent.came_by {
                sums.1[service.i()] += u32::from(agent.party);
            }
        }
        sums
    }

    #[test]
    fn both_services_keep_their_passengers_to_the_person() {
        for sample in [1.0, 0.1] {
            let (without, with) = (town(0.0), town(0.1));
            let (plain, _) = by_service(&without, &day(&without, sample));
            let (booked, came) = by_service(&with, &day(&with, sample));
            for (s, service) in with.network.hubs.services.iter().enumerate() {
                assert_eq!(booked[s] + came[s], plain[s], "service {s} of {:?}", service.hub);
            }
            assert!(came.iter().sum::<u32>() > 0);
        }
    }

    #[test]
    fn a_tenth_of_the_air_passengers_comes_by_the_latest_train_that_is_early_enough() {
        let town = town(0.1);
        let agents = day(&town, 1.0);
        let services = &town.network.hubs.services;
        let departing: Vec<&Agent> =
            agents.iter().filter(|a| a.to == Place::Hub(AIRPORT, ChainUser::Departing)).collect();
        let connecting: Vec<&Agent> = departing.iter().copied().filter(|a| a.came_by.is_some()).collect();
        // Some 4,000 parties of 7,000 persons; flights before half past eight have no train early enough: their passengers
        // mean to be in the hall from four to half past six, and trains run from six.
        let late = |a: &&Agent| services[a.service.unwrap().i()].time >= Time(10 * HOUR_MS);
        let share = f64::from(persons(connecting.iter().copied().filter(late)))
            / f64::from(persons(departing.iter().copied().filter(late)));
        assert!((share - 0.1).abs() < 0.02, "{share}");
        for agent in connecting {
            let (train, flight) = (&services[agent.came_by.unwrap().i()], &services[agent.service.unwrap().i()]);
            assert_eq!((train.hub, flight.hub, agent.hub), (STATION, AIRPORT, Some(AIRPORT)));
            assert_eq!(agent.from, Place::Hub(STATION, ChainUser::Arriving));
            assert_eq!((agent.timing, agent.zone, agent.car), (Timing::SetsOut, None, false));
            assert!((0..=4 * MINUTE_MS).contains(&agent.time.since(train.time)), "off the train");
            // At least a quarter of an hour before departure in the hall, and an hour before that the train.
            assert!(flight.time.since(train.time) >= 75 * MINUTE_MS);
            assert_eq!(agent.deadline, Some(flight.time.plus(-10 * MINUTE_MS)));
        }
    }

    #[test]
    fn without_a_train_that_is_early_enough_the_party_comes_from_the_city() {
        let mut town = town(1.0);
        // To a flight at 12:01 a train at 5:00 is too long before and one at 11:50 too late.
        let flight = passengers(AIRPORT, Direction::Departure, 721, 100.0);
        let train = |minute| passengers(STATION, Direction::Arrival, minute, 500.0);
        let services = |trains: &[i64]| -> Vec<(String, Service)> {
            let trains = trains.iter().map(|&m| (format!("station/{m}"), train(m)));
            trains.chain([("airport/noon".into(), flight.clone())]).collect()
        };
        town.set_services(services(&[300, 710]));
        assert!(day(&town, 1.0).iter().all(|a| a.came_by.is_none()));
        town.set_services(services(&[300, 470, 710]));
        let agents = day(&town, 1.0);
        // All eighty come at 7:50: they would have to be in the hall 101 minutes, four deviations, earlier than usual to miss it.
        assert_eq!(persons(agents.iter().filter(|a| a.came_by.is_some())), 80);
        assert_eq!(persons(agents.iter().filter(|a| a.from == Place::Hub(STATION, ChainUser::Arriving))), 1500);
    }

    #[test]
    fn a_full_train_sends_the_last_to_the_one_before() {
        let mut town = town(1.0);
        let train = |minute, persons| passengers(STATION, Direction::Arrival, minute, persons);
        let services = vec![
            ("station/first".into(), train(500, 500.0)),
            ("station/last".into(), train(510, 30.0)),
            ("airport/noon".into(), passengers(AIRPORT, Direction::Departure, 721, 100.0)),
        ];
        town.set_services(services);
        let (_, came) = by_service(&town, &day(&town, 1.0));
        let name = |s: &str| town.network.names.services.find(s).expect("a train") as usize;
        let (first, last) = (came[name("station/first")], came[name("station/last")]);
        assert_eq!(first + last, 80);
        assert!((28..=30).contains(&last), "{last}: a party of two or three may find one place");
    }

    #[test]
    fn other_trains_move_nobody_and_the_day_before_counts() {
        let mut town = town(0.3);
        let before = day(&town, 0.5);
        let names = town.network.names.services.clone();
        let mut services = town.services();
        services.retain(|(name, _)| name != "station/a600");
        town.set_services(services);
        let after = day(&town, 0.5);
        let now = &town.network.names.services;
        let told = |agents: &[Agent], names: &crate::ids::Names| -> Vec<(u64, Time, Option<String>)> {
            let flights = agents.iter().filter(|a| a.hub == Some(AIRPORT));
            let came = |a: &Agent| a.came_by.map(|s| names.name(s.0).to_owned());
            let all = flights.map(|a| (a.key, a.time, came(a)));
            all.filter(|(_, _, came)| came.as_deref() != Some("station/a600")).collect()
        };
        let (before, after) = (told(&before, &names), told(&after, now));
        let kept = before.iter().filter(|b| after.contains(b)).count();
        assert_eq!(kept, before.len());
        // A flight at 1:00 whose passengers come by a train of 22:30 the evening before, that is of tonight.
        let mut town = self::town(1.0);
        town.set_services(vec![
            ("airport/night".into(), passengers(AIRPORT, Direction::Departure, 61, 10.0)),
            ("station/late".into(), passengers(STATION, Direction::Arrival, 1290, 100.0)),
        ]);
        let agents = day(&town, 1.0);
        let connecting: Vec<&Agent> = agents.iter().filter(|a| a.came_by.is_some()).collect();
        assert_eq!(persons(connecting.iter().copied()), 8);
        for agent in connecting {
            assert!(agent.time >= Time(1290 * MINUTE_MS) && agent.deadline == Some(Time((1440 + 51) * MINUTE_MS)));
        }
    }
}
