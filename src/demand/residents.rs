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
    let nodes = usable_nodes(frame.network, VehicleClass::Car);
    let minutes = between_zones(frame.network, &nodes);
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
