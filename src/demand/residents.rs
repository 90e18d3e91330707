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
//! Not modelled: that somebody who drove to work drives home. The two commutes are two agents, each with its own draw of
//! whether a car is at hand.

use super::frame::Frame;
use super::gravity::balance;
use super::reach::{between_zones, usable_nodes, willingness};
use super::sampling::{Weights, along, party_size, threshold};
use super::{Agent, Class, Place, Purpose, Timing};
use crate::error::{Error, Problem, Result};
use crate::ids::{NodeIx, ZoneIx};
use crate::mode::VehicleClass;
use crate::network::districts::Zone;
use crate::random::{Draws, mix, signature};
use crate::scenario::hubs::Scope;
use crate::scenario::settings::ResidentSettings;
use crate::units::{HOUR_MS, Time};
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
    ToWork,
    ToHome,
    Other,
}

impl Kind {
    const ALL: [Kind; 3] = [Kind::ToWork, Kind::ToHome, Kind::Other];

    fn word(self) -> &'static str {
        match self {
            Kind::ToWork => "to_work",
            Kind::ToHome => "to_home",
            Kind::Other => "other",
        }
    }
}

/// The residents' agents: to work, home, other, in each by zone of origin (commutes: by home) and then by the other
/// zone. None when the scenario has no `[demand.residents]`.
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
            let row = Row { frame, settings, kind, profile: &profiles[k], nodes: &nodes, zone };
            row.agents(&matrix[zone * zones..(zone + 1) * zones])
        })
        .collect();
    Ok(agents.concat())
}

/// Shares of the day by hour, which must not all be zero.
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
    Ok(hours.map(|shares| Weights::new(shares.iter().copied())))
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
    profile: &'a Weights,
    nodes: &'a [Vec<NodeIx>],
    zone: usize,
}

impl Row<'_> {
    fn agents(&self, trips: &[f64]) -> Vec<Agent> {
        // the mean of one and two independent companions is what the setting says within these bounds
        let party_mean = if self.kind == Kind::Other { self.settings.party_mean.clamp(1.0, 3.0) } else { 1.0 };
        let start = threshold(self.frame.threshold_start(self.kind.word()), self.zone as f64);
        let mut agents = Vec::with_capacity((trips.iter().sum::<f64>() * self.frame.sample / party_mean) as usize + 1);
        along(trips.iter().map(|t| t * self.frame.sample / party_mean), start, |other, count| {
            let (from, to) = if self.kind == Kind::ToHome { (other, self.zone) } else { (self.zone, other) };
            let names = &self.frame.network.names.zones;
            let pair = format!("{}>{}>{}", names.name(from as u32), names.name(to as u32), self.kind.word());
            let pair = signature(&pair);
            agents.extend((0..count).filter_map(|k| self.agent(mix(pair, u64::from(k)), from, to, party_mean)));
        });
        agents
    }

    fn agent(&self, key: u64, from: usize, to: usize, party_mean: f64) -> Option<Agent> {
        let mut draws = self.frame.draws(key);
        let party = party_size(&mut draws, party_mean) as u16;
        let car = draws.uniform() < self.settings.car_availability;
        let hour = self.profile.pick(draws.uniform())?;
        let time = Time(((hour as f64 + draws.uniform()) * HOUR_MS as f64) as i64);
        let (origin, destination) = ends(&self.nodes[from], &self.nodes[to], &mut draws);
        Some(Agent {
            key,
            class: Class::Background,
            purpose: if self.kind == Kind::Other { Purpose::Other } else { Purpose::Commute },
            from: Place::Node(origin),
            to: Place::Node(destination),
            zone: Some(ZoneIx::from(self.zone)),
            hub: None,
            service: None,
            scope: Scope::Domestic,
            time: time.plus(self.frame.shift_ms(time)?),
            timing: Timing::SetsOut,
            deadline: None,
            vehicle: VehicleClass::Car,
            car,
            party,
            drives: false,
            tour: None,
            route: None,
        })
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
            let hour = agent.time.0 / HOUR_MS;
            assert_eq!(agent.party, 1);
            let home = if hour < 12 { from } else { to };
            assert!((6..10).contains(&hour) || (16..21).contains(&hour));
            assert_eq!(agent.zone, Some(zone(home)));
            assert_ne!(from, to);
            balance[zone(from).i()] += 1;
            balance[zone(to).i()] -= 1;
        }
        // as many come back as went, up to the rounding of each pair
        assert!(balance.iter().all(|b| b.abs() <= 2 * ZONES as i64), "{balance:?}");
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
