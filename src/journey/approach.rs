//! Ways between a place and the stops around it: on foot, by bicycle, or by car.

use super::drive::Drive;
use super::place::{Kerb, Spot};
use super::told::Leg;
use super::{Finder, Means};
use crate::ids::StopIx;
use crate::mode::{Mode, VehicleClass};
use crate::network::lines::Stop;
use crate::units::{MINUTE_MS, Time, distance_m, ms};

/// Stops that are looked at where one does not walk, nearest first.
const LOOKED_AT: usize = 8;

/// Farthest stop that is cycled to, metres along the straight line, where a scenario does not say how far people cycle
/// (general knowledge: most who cycle to a train come from within 3 km).
const CYCLED_M: f64 = 3_000.0;

/// Farthest stop that is driven to, metres along the straight line (general knowledge: a quarter of an hour).
const DRIVEN_M: f64 = 15_000.0;

/// Time to lock a bicycle, milliseconds (general knowledge).
const LOCKING_MS: i64 = MINUTE_MS;

/// How one comes to a stop or away from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    Foot,
    Cycle,
    /// By a car that is parked at the stop.
    Parked,
    /// By taxi or driven by somebody of the household.
    Lift,
}

/// A way between the place and a stop from a moment on.
pub(super) struct Approach {
    pub ms: i64,
    pub legs: Vec<Leg>,
    /// Generalised cost, yuan; 0 on foot, where the journey as a whole holds it.
    pub cost_cny: f64,
    pub money_cny: f64,
}

impl Means {
    /// How one comes to the first stop and away from the last one: what is tried.
    pub(super) fn approaches(self) -> &'static [[How; 2]] {
        match self {
            Means::CycleAndRide => &[[How::Cycle, How::Foot]],
            Means::By(Mode::ParkAndRide) => &[[How::Parked, How::Foot]],
            Means::By(Mode::KissAndRide) => &[[How::Lift, How::Foot], [How::Foot, How::Lift]],
            Means::By(_) => &[[How::Foot, How::Foot]],
        }
    }
}

impl Finder<'_> {
    /// The stops that are reached from a place, with the time that it takes at about a moment, milliseconds; or why there
    /// is none.
    pub(super) fn stops(&self, how: How, spot: &Spot, first: bool, about: Time) -> Result<Vec<(StopIx, i64)>, String> {
        if how == How::Foot {
            let stops = spot.stops(self.network, self.settings);
            return match stops.is_empty() {
                true => Err(format!("no stop is within reach of {}", spot.called(self.network))),
                false => Ok(stops),
            };
        }
        let lines = &self.network.lines;
        let (farthest_m, none) = match how {
            How::Parked => (DRIVEN_M, "no lot where cars are parked"),
            How::Lift => (DRIVEN_M, "no stop that can be driven to"),
            How::Cycle | How::Foot => {
                let limit_m = self.settings.choice.cycle_limit_m;
                (if limit_m > 0.0 { limit_m } else { CYCLED_M }, "no stop that can be cycled to")
            }
        };
        let fits = |s: usize| match how {
            How::Parked => lines.lots.binary_search_by_key(&StopIx::from(s), |lot| lot.0).is_ok(),
            _ => !lines.stop_lines[s].is_empty(),
        };
        let away_m = |s: usize| distance_m(spot.position, lines.stops[s].position);
        let mut near: Vec<(f64, usize)> = (0..lines.stops.len())
            .filter(|&s| fits(s))
            .map(|s| (away_m(s), s))
            .filter(|&(away_m, _)| away_m <= farthest_m)
            .collect();
        near.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        // Of stops at one node the nearest stands for all: they are changed between on foot.
        let mut nodes = Vec::new();
        near.retain(|&(_, s)| {
            let new = lines.stops[s].node.is_none_or(|node| !nodes.contains(&node));
            nodes.extend(lines.stops[s].node);
            new
        });
        let near = near.into_iter().take(LOOKED_AT).map(|(_, s)| StopIx::from(s));
        let reached: Vec<(StopIx, i64)> =
            near.filter_map(|stop| Some((stop, self.approach(how, spot, stop, first, about)?.ms))).collect();
        match reached.is_empty() {
            true => Err(format!("{none} is within reach of {}", spot.called(self.network))),
            false => Ok(reached),
        }
    }

    /// The way between a place and a stop from a moment on; not for walks, whose times the search has.
    pub(super) fn approach(&self, how: How, spot: &Spot, stop_ix: StopIx, first: bool, at: Time) -> Option<Approach> {
        let stop = &self.network.lines.stops[stop_ix.i()];
        match how {
            How::Foot => None,
            How::Cycle => Some(self.cycle_to(spot, stop, at)),
            How::Parked | How::Lift => {
                let fee_cny = match self.network.lines.lots.binary_search_by_key(&stop_ix, |lot| lot.0) {
                    Ok(lot) if how == How::Parked => self.network.lines.lots[lot].1,
                    _ => 0.0,
                };
                self.drive_to(how, spot, stop, first, at, fee_cny)
            }
        }
    }

    fn cycle_to(&self, spot: &Spot, stop: &Stop, at: Time) -> Approach {
        let metres = distance_m(spot.position, stop.position) * self.settings.network.walk_circuity;
        let ms = ms(metres * 3.6 / self.settings.choice.cycle_speed_kmh) + LOCKING_MS;
        let (from, to) = (spot.called(self.network), stop.name.clone());
        let leg = Leg { distance_m: Some(metres), ..Leg::new(Mode::Cycle.word(), at, ms, from, to) };
        Approach { ms, legs: vec![leg], cost_cny: self.prices.cycle_cny(&self.party, ms), money_cny: 0.0 }
    }

    /// A drive to the stop, or with `first` not set from it, with the walks at both ends.
    fn drive_to(&self, how: How, spot: &Spot, stop: &Stop, first: bool, at: Time, fee_cny: f64) -> Option<Approach> {
        let network = &self.settings.network;
        let door = spot.kerb(self.network, network, false, first)?;
        let node = stop.node?;
        let straight_m = distance_m(self.network.roads.node_position[node.i()], stop.position);
        let kerb = Kerb { node, walk_ms: ms(straight_m * network.walk_circuity / network.walk_speed_mps) };
        let (begin, end) = if first { (door, kerb) } else { (kerb, door) };
        let (mut here, mut there) = (spot.called(self.network), stop.name.clone());
        if !first {
            std::mem::swap(&mut here, &mut there);
        }
        let sets_off = at.plus(begin.walk_ms);
        let Drive { driven, wait_ms, roads, links } =
            self.driven(VehicleClass::Car, &self.party, (begin.node, end.node), sets_off)?;
        let mode = if how == How::Parked { Mode::Car } else { Mode::Taxi };
        let mut legs = Vec::new();
        if begin.walk_ms > 0 {
            legs.push(Leg::new(Mode::Walk.word(), at, begin.walk_ms, here.clone(), "the vehicle".into()));
        }
        let drive = Leg::new(mode.word(), sets_off.plus(wait_ms), driven.ms - wait_ms, here, there.clone());
        legs.push(Leg { distance_m: Some(driven.cm as f64 / 100.0), roads, links, ..drive }.after(wait_ms));
        if end.walk_ms > 0 {
            let parked = sets_off.plus(driven.ms);
            legs.push(Leg::new(Mode::Walk.word(), parked, end.walk_ms, "the vehicle".into(), there));
        }
        let moving_cny = match how {
            How::Parked => self.prices.drive_cny(&self.party, Mode::ParkAndRide, driven, 0) + fee_cny,
            // Whether somebody of the household could drive is not known: it is told as a taxi.
            _ => self.prices.lift_cny(&self.party, driven, false),
        };
        let walk_ms = begin.walk_ms + end.walk_ms;
        let cost_cny = moving_cny + self.prices.walk_cny(&self.party, walk_ms);
        let time_cny = self.party.value_cny_ms * driven.ms as f64 + self.prices.walk_cny(&self.party, walk_ms);
        let ms = driven.ms + walk_ms;
        Some(Approach { ms, legs, cost_cny, money_cny: (cost_cny - time_cny).max(0.0) })
    }
}
