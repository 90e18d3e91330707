//! Residents' trips of a day from population and jobs: commutes to work and home, and all others.
//!
//! **How many.** A resident makes `trips_per_resident` trips a day by the simulated modes; `commute_share` of them are
//! commutes, half to work and half home. Commutes run from population to jobs and back, the others between zones by the
//! mean of their shares of population and of jobs, each by a doubly constrained gravity model ([`super::gravity`]).
//!
//! **External zones** are whole cities of which only the trips across their border are wanted. Trips inside one and
//! between two of them are left out, and their population and jobs count only with the share of their trips that would
//! end in internal zones: Σ_internal jobs·exp(−decay·t) / Σ_all jobs·exp(−decay·t), their own jobs at their own
//! intrazonal time included.
//!
//! **Sampling.** Each origin's row of the trip matrix is rounded along its destinations (systematic sampling), with a
//! threshold by the origin's position. A row is exact to ±1 agent and the whole to a few agents. A row starts anew, so
//! that a local change of travel times, which leaves row sums alone, changes few pairs. Agents are keyed by their pair,
//! purpose and number within it.
//!
//! **Tours.** A commuter goes to work and home again: two ways, one after the other among the agents, between the same
//! nodes, chosen in one mode. Who begins work early leaves early: both moments come from one draw, each by its own
//! profile, on a day that turns at three in the morning. Work begins at the moment drawn from the departures plus the
//! drive on empty roads, so that departures on empty roads follow the profile; when one really leaves for work is chosen.
//! Where only one of the two ways lies in the simulated part of the day, or the way home does not come an hour after the
//! way to work at least, the ways are trips on their own.

use super::frame::Frame;
use super::gravity::balance;
use super::reach::{between_zones, usable_nodes, willingness};
use super::sampling::{Weights, along, party_size, threshold};
use super::{Agent, Class, Place, Purpose, Timing, Tour};
use crate::error::{Error, Problem, Result};
use crate::ids::{NodeIx, ZoneIx};
use crate::mode::VehicleClass;
use crate::network::districts::Zone;
use crate::random::{Draws, mix, signature};
use crate::scenario::hubs::Scope;
use crate::scenario::settings::ResidentSettings;
use crate::units::{HOUR_MS, MINUTE_MS, Time};
use rayon::prelude::*;

/// Person trips of a whole day between zones, before sampling, at `home * zones + other` each.
#[derive(Clone, Debug, PartialEq)]
pub struct DayTrips {
    /// Commutes from home to work; as many go home again.
    pub to_work: Vec<f64>,
    /// All other trips, from origin to destination.
    pub other: Vec<f64>,
}

/// The kinds of residents' trips.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// To work and home again.
    Commute,
    Other,
}

impl Kind {
    const ALL: [Kind; 2] = [Kind::Commute, Kind::Other];

    fn word(self) -> &'static str {
        match self {
            Kind::Commute => "to_work",
            Kind::Other => "other",
        }
    }
}

/// The hour at which one day of commuters ends and the next begins.
const TURN: usize = 3;

/// Least time between the beginning of work and the way home in a tour.
const LEAST_STAY_MS: i64 = HOUR_MS;

/// Tells the key of a way home from that of the way to work.
const HOMEWARD: u64 = 0x0000_686f_6d65;

/// The residents' agents: commutes, others, in each by zone of origin (commutes: by home) and then by the other zone; the
/// way home follows the way to work. None when the scenario has no `[demand.residents]`.
pub fn residents(frame: &Frame) -> Result<Vec<Agent>> {
    let Some(settings) = &frame.scenario.settings.demand.residents else { return Ok(Vec::new()) };
    let hours = [&settings.to_work_by_hour, &settings.to_home_by_hour, &settings.other_by_hour];
    let profiles = profiles(hours)?;
    let nodes = usable_nodes(frame.base, VehicleClass::Car);
    let minutes = between_zones(frame.base, &nodes);
    let trips = day_trips(settings, &frame.network.places.zones, &minutes)?;
    let zones = frame.network.places.zones.len();
    let rows: Vec<(usize, usize)> = (0..Kind::ALL.len()).flat_map(|k| (0..zones).map(move |z| (k, z))).collect();
    let agents: Vec<Vec<Agent>> = rows
        .par_iter()
        .map(|&(k, zone)| {
            let kind = Kind::ALL[k];
            let matrix = if kind == Kind::Other { &trips.other } else { &trips.to_work };
            let minutes = &minutes[zone * zones..(zone + 1) * zones];
            let row = Row { frame, settings, kind, profiles: &profiles, nodes: &nodes, minutes, zone };
            row.agents(&matrix[zone * zones..(zone + 1) * zones])
        })
        .collect();
    Ok(agents.concat())
}

/// Shares of the day by hour from its turn on, which must not all be zero.
fn profiles(hours: [&Vec<f64>; 3]) -> Result<[Weights; 3]> {
    let problems: Vec<Problem> = hours
        .iter()
        .zip(["to_work_by_hour", "to_home_by_hour", "other_by_hour"])
        .filter(|(shares, _)| {
            let sound = shares.iter().all(|s| s.is_finite() && *s >= 0.0);
            shares.len() != 24 || !sound || shares.iter().sum::<f64>() <= 0.0
        })
        .map(|(shares, key)| {
            let wanted = "24 shares, none negative, not all 0";
            Problem::new("scenario.toml", format!("{shares:?}"), wanted).column(format!("demand.residents.{key}"))
        })
        .collect();
    if !problems.is_empty() {
        return Err(Error::Problems(problems));
    }
    // From the turn of the day on, so that a share of a profile is the same part of everybody's day.
    Ok(hours.map(|shares| Weights::new((0..24).map(|h| shares[(h + TURN) % 24]))))
}

/// The day's person trips between zones that are `minutes` apart by car (`i * zones + j`).
pub fn day_trips(settings: &ResidentSettings, zones: &[Zone], minutes: &[f64]) -> Result<DayTrips> {
    let n = zones.len();
    let deterred: Vec<f64> = minutes.iter().map(|&min| willingness(settings.decay_per_min, min)).collect();
    let inward = inward_shares(zones, &deterred);
    let people: Vec<f64> = zones.iter().zip(&inward).map(|(z, share)| z.population * share).collect();
    let jobs: Vec<f64> = zones.iter().zip(&inward).map(|(z, share)| z.jobs * share).collect();
    let (all_people, all_jobs): (f64, f64) = (people.iter().sum(), jobs.iter().sum());
    if all_people <= 0.0 || all_jobs <= 0.0 {
        let message = "[demand.residents] needs zones with residents and jobs, and demand/zones.csv has none";
        return Err(Error::Model(message.to_owned()));
    }
    let mut weights = deterred;
    for (i, row) in weights.chunks_exact_mut(n).enumerate() {
        for (j, w) in row.iter_mut().enumerate() {
            if zones[i].external && zones[j].external {
                *w = 0.0;
            }
        }
    }
    let (per_resident, commute) = (settings.trips_per_resident, settings.commute_share);
    let workers: Vec<f64> = people.iter().map(|p| p * per_resident * commute / 2.0).collect();
    let others = all_people * per_resident * (1.0 - commute);
    let mixed: Vec<f64> =
        people.iter().zip(&jobs).map(|(p, j)| others * (p / all_people + j / all_jobs) / 2.0).collect();
    Ok(DayTrips { to_work: balance(&workers, &jobs, &weights).trips, other: balance(&mixed, &mixed, &weights).trips })
}

/// Share of each zone's trips that would end in internal zones, for external zones; 1 for internal ones.
fn inward_shares(zones: &[Zone], deterred: &[f64]) -> Vec<f64> {
    let n = zones.len();
    let share = |i: usize| {
        if !zones[i].external {
            return 1.0;
        }
        let row = &deterred[i * n..(i + 1) * n];
        let (mut inside, mut all) = (0.0, 0.0);
        for (zone, w) in zones.iter().zip(row) {
            all += zone.jobs * w;
            inside += if zone.external { 0.0 } else { zone.jobs * w };
        }
        if all > 0.0 { inside / all } else { 0.0 }
    };
    (0..n).map(share).collect()
}

/// A row of a trip matrix on its way to agents.
struct Row<'a> {
    frame: &'a Frame<'a>,
    settings: &'a ResidentSettings,
    kind: Kind,
    /// To work, home, other.
    profiles: &'a [Weights; 3],
    nodes: &'a [Vec<NodeIx>],
    /// By car on empty roads to every zone.
    minutes: &'a [f64],
    zone: usize,
}

impl Row<'_> {
    fn agents(&self, trips: &[f64]) -> Vec<Agent> {
        // the mean of one and two independent companions is what the setting says within these bounds
        let party_mean = if self.kind == Kind::Other { self.settings.party_mean.clamp(1.0, 3.0) } else { 1.0 };
        let start = threshold(self.frame.threshold_start(self.kind.word()), self.zone as f64);
        let mut agents = Vec::with_capacity((trips.iter().sum::<f64>() * self.frame.sample / party_mean) as usize + 1);
        along(trips.iter().map(|t| t * self.frame.sample / party_mean), start, |other, count| {
            let names = &self.frame.network.names.zones;
            let pair = format!("{}>{}>{}", names.name(self.zone as u32), names.name(other as u32), self.kind.word());
            let pair = signature(&pair);
            for key in (0..count).map(|k| mix(pair, u64::from(k))) {
                match self.kind {
                    Kind::Commute => agents.extend(self.commute(key, other).into_iter().flatten().flatten()),
                    Kind::Other => agents.extend(self.other(key, other, party_mean)),
                }
            }
        });
        agents
    }

    /// A moment of a profile by a share of the day and a part of the hour.
    fn moment(&self, profile: &Weights, share: f64, part: f64) -> Option<Time> {
        let hour = (profile.pick(share)? + TURN) as f64 + part;
        // What lies after midnight is told as the small hours, as the profiles have it.
        Some(Time((if hour >= 24.0 { hour - 24.0 } else { hour } * HOUR_MS as f64) as i64))
    }

    fn other(&self, key: u64, other: usize, party_mean: f64) -> Option<Agent> {
        let mut draws = self.frame.draws(key);
        let party = party_size(&mut draws, party_mean) as u16;
        let car = draws.uniform() < self.settings.car_availability;
        let time = self.moment(&self.profiles[2], draws.uniform(), draws.uniform())?;
        let (from, to) = ends(&self.nodes[self.zone], &self.nodes[other], &mut draws);
        let time = time.plus(self.frame.shift_ms(time)?);
        Some(self.agent(key, (from, to), time, Agent { party, car, ..self.nobody() }))
    }

    /// The ways to work and home of a commuter, as far as they are simulated.
    fn commute(&self, key: u64, work: usize) -> Option<[Option<Agent>; 2]> {
        let mut draws = self.frame.draws(key);
        let car = draws.uniform() < self.settings.car_availability;
        let share = draws.uniform();
        let sets_out = self.moment(&self.profiles[0], share, draws.uniform())?;
        let goes_home = self.moment(&self.profiles[1], share, draws.uniform())?;
        let (home, work_node) = ends(&self.nodes[self.zone], &self.nodes[work], &mut draws);
        let shifted = |time: Time| self.frame.shift_ms(time).map(|shift| time.plus(shift));
        let drive_ms = self.minutes[work].clamp(0.0, 600.0) * MINUTE_MS as f64;
        let begins = shifted(sets_out).map(|time| time.plus(drive_ms as i64));
        let (begins, goes_home) = (begins, shifted(goes_home));
        let tour = begins.zip(goes_home).is_some_and(|(begins, home)| home.since(begins) >= LEAST_STAY_MS);
        let commuter = Agent { purpose: Purpose::Commute, car, ..self.nobody() };
        let out = begins.map(|time| {
            let tour = tour.then_some(Tour::Out);
            let who = Agent { tour, timing: Timing::WantsToBeThere, ..commuter.clone() };
            self.agent(key, (home, work_node), time, who)
        });
        let back = goes_home.map(|time| {
            let who = Agent { tour: tour.then_some(Tour::Back), ..commuter.clone() };
            self.agent(mix(key, HOMEWARD), (work_node, home), time, who)
        });
        Some([out, back])
    }

    /// A resident of the zone who goes nowhere yet.
    fn nobody(&self) -> Agent {
        Agent {
            key: 0,
            class: Class::Background,
            purpose: Purpose::Other,
            from: Place::Node(NodeIx(0)),
            to: Place::Node(NodeIx(0)),
            zone: Some(ZoneIx::from(self.zone)),
            hub: None,
            service: None,
            scope: Scope::Domestic,
            time: Time(0),
            timing: Timing::SetsOut,
            deadline: None,
            vehicle: VehicleClass::Car,
            car: false,
            party: 1,
            drives: false,
            tour: None,
            route: None,
            came_by: None,
            slot: None,
        }
    }

    fn agent(&self, key: u64, (from, to): (NodeIx, NodeIx), time: Time, who: Agent) -> Agent {
        Agent { key, from: Place::Node(from), to: Place::Node(to), time, ..who }
    }
}

/// A node of either zone; two different ones where the zone is the same and has two.
fn ends(from: &[NodeIx], to: &[NodeIx], draws: &mut Draws) -> (NodeIx, NodeIx) {
    let (a, b) = (draws.below(from.len()), draws.below(to.len()));
    let same = from[a] == to[b] && to.len() > 1;
    (from[a], if same { to[(b + 1) % to.len()] } else { to[b] })
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Town, ZONES};
    use super::*;

    fn matrices(town: &Town) -> DayTrips {
        let nodes = usable_nodes(&town.network, VehicleClass::Car);
        let minutes = between_zones(&town.network, &nodes);
        let settings = town.scenario.settings.demand.residents.as_ref().unwrap();
        day_trips(settings, &town.network.places.zones, &minutes).unwrap()
    }

    fn persons<'a>(agents: impl IntoIterator<Item = &'a Agent>) -> f64 {
        agents.into_iter().map(|a| f64::from(a.party)).sum()
    }

    #[test]
    fn residents_make_the_trips_that_are_written() {
        let trips = matrices(&Town::new());
        for home in 0..ZONES - 1 {
            // 10,000·(zone + 1) residents with 0.5 trips, of them 0.4 / 2 to work
            let row: f64 = trips.to_work[home * ZONES..(home + 1) * ZONES].iter().sum();
            assert!((row - 1000.0 * (home + 1) as f64).abs() < 1e-6);
        }
        // others of internal residents: 150,000 · 0.5 · 0.6 = 45,000, and those of the damped city beside
        let other: f64 = trips.other.iter().sum();
        assert!(other > 45_000.0 && other < 45_000.0 + 60_000.0 * 0.5 * 0.6, "{other}");
    }

    #[test]
    fn a_city_seen_from_outside_sends_only_what_crosses_its_border() {
        let mut town = Town::new();
        let outside = ZONES - 1;
        let trips = matrices(&town);
        assert_eq!(trips.to_work[outside * ZONES + outside], 0.0);
        assert_eq!(trips.other[outside * ZONES + outside], 0.0);
        let sent = |t: &DayTrips| t.to_work[outside * ZONES..].iter().sum::<f64>();
        // at most its 60,000 · 0.5 · 0.2 commutes; jobs at home 5,000 · exp(−0.2) against those inside farther away
        assert!(sent(&trips) > 0.0 && sent(&trips) < 6000.0);
        town.scenario.settings.demand.residents.as_mut().unwrap().decay_per_min = 1.0;
        assert!(sent(&matrices(&town)) < sent(&trips));
        for zone in &mut town.network.places.zones[outside - 1..] {
            zone.external = true;
        }
        let two = matrices(&town);
        assert_eq!(two.to_work[outside * ZONES + outside - 1], 0.0);
    }

    #[test]
    fn the_share_of_a_citys_trips_that_cross_its_border_is_exact_by_hand() {
        // two zones with 100 and 300 jobs, deterrence 0.5 across and 1 inside: 100·0.5 / (100·0.5 + 300·1) = 1/7
        let mut zones = Town::new().network.places.zones[ZONES - 2..].to_vec();
        (zones[0].jobs, zones[1].jobs) = (100.0, 300.0);
        let shares = inward_shares(&zones, &[1.0, 0.5, 0.5, 1.0]);
        assert_eq!(shares[0], 1.0);
        assert!((shares[1] - 1.0 / 7.0).abs() < 1e-15);
    }

    #[test]
    fn agents_stand_for_the_person_trips_of_the_matrices() {
        let town = Town::new();
        let trips = matrices(&town);
        for sample in [1.0, 0.1] {
            let agents = residents(&town.frame(sample)).unwrap();
            let of = |purpose| agents.iter().filter(move |a| a.purpose == purpose);
            // a row is exact to ±1, two kinds of commutes with six rows each
            let commutes = 2.0 * trips.to_work.iter().sum::<f64>() * sample;
            assert!((persons(of(Purpose::Commute)) - commutes).abs() < 12.0);
            // parties by draws: √(45,000·sample/1.4)·0.57 persons, three times
            let other = trips.other.iter().sum::<f64>() * sample;
            assert!((persons(of(Purpose::Other)) - other).abs() < 3.0 * (0.25 * other).sqrt() + 6.0);
        }
    }

    #[test]
    fn the_hours_of_a_sample_are_those_of_the_day() {
        let town = Town::new();
        let (all, tenth) = (residents(&town.frame(1.0)).unwrap(), residents(&town.frame(0.1)).unwrap());
        let share = |agents: &[Agent], hour: i64| {
            agents.iter().filter(|a| a.time.0 / HOUR_MS == hour).count() as f64 / agents.len() as f64
        };
        for hour in 0..24 {
            let (a, b) = (share(&all, hour), share(&tenth, hour));
            // some 6,000 agents in the sample: three deviations of a share of 0.13 are 0.013
            assert!((a - b).abs() < 0.013, "hour {hour}: {a} and {b}");
        }
        assert_eq!(share(&all, 5), 0.0);
    }

    #[test]
    fn commuters_go_to_work_in_the_morning_and_home_in_the_evening() {
        let town = Town::new();
        let mut balance = [0i64; ZONES];
        for agent in residents(&town.frame(1.0)).unwrap().iter().filter(|a| a.purpose == Purpose::Commute) {
            let (Place::Node(from), Place::Node(to)) = (agent.from, agent.to) else { panic!("streets") };
            let zone = |n: NodeIx| town.network.roads.node_zone[n.i()].unwrap();
            // Work begins up to some minutes' drive after the hour of setting out.
            let hour = agent.time.0 / HOUR_MS;
            assert_eq!(agent.party, 1);
            let home = if agent.timing == Timing::WantsToBeThere { from } else { to };
            assert!((6..12).contains(&hour) || (16..21).contains(&hour), "{hour}");
            assert_eq!(agent.zone, Some(zone(home)));
            assert_ne!(from, to);
            balance[zone(from).i()] += 1;
            balance[zone(to).i()] -= 1;
        }
        // as many come back as went, up to the rounding of each pair
        assert!(balance.iter().all(|b| b.abs() <= 2 * ZONES as i64), "{balance:?}");
    }

    #[test]
    fn a_commuter_comes_home_to_where_it_set_out_from() {
        let town = Town::new();
        let agents = residents(&town.frame(1.0)).unwrap();
        let mut tours = 0;
        for (i, out) in agents.iter().enumerate().filter(|(_, a)| a.tour == Some(Tour::Out)) {
            let back = &agents[i + 1];
            assert_eq!((back.tour, back.from, back.to), (Some(Tour::Back), out.to, out.from));
            assert_eq!((back.car, back.purpose), (out.car, out.purpose));
            assert!(back.time.since(out.time) >= LEAST_STAY_MS);
            tours += 1;
        }
        let commutes = agents.iter().filter(|a| a.purpose == Purpose::Commute).count();
        assert!(2 * tours == commutes && tours > 1_000, "{tours} tours, {commutes} commutes");
        // Of a morning alone there are ways to work and no tours.
        let mut town = Town::new();
        town.scenario.settings.time.end = "12:00".into();
        let morning = residents(&town.frame(1.0)).unwrap();
        assert!(morning.iter().all(|a| a.tour.is_none()));
        assert!(morning.iter().any(|a| a.timing == Timing::WantsToBeThere));
    }

    #[test]
    fn a_faster_street_changes_few_pairs() {
        let mut town = Town::new();
        let before = residents(&town.frame(0.2)).unwrap();
        for link in 0..2 {
            town.network.roads.free_speed_mps[link] *= 1.05;
        }
        let after = residents(&town.frame(0.2)).unwrap();
        let keys: rustc_hash::FxHashSet<u64> = before.iter().map(|a| a.key).collect();
        let kept = after.iter().filter(|a| keys.contains(&a.key)).count();
        assert!(kept as f64 > 0.99 * after.len() as f64, "{kept} of {}", after.len());
    }

    #[test]
    fn hours_that_sum_to_nothing_are_told() {
        let mut town = Town::new();
        town.scenario.settings.demand.residents.as_mut().unwrap().other_by_hour = vec![0.0; 24];
        town.scenario.settings.demand.residents.as_mut().unwrap().to_work_by_hour = vec![1.0; 23];
        let Err(Error::Problems(problems)) = residents(&town.frame(1.0)) else { panic!("problems") };
        assert_eq!(problems.len(), 2);
        town.scenario.settings.demand.residents = None;
        assert!(residents(&town.frame(1.0)).unwrap().is_empty());
    }
}
