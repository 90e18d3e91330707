//! The modes that are open to an agent, mode by mode: what each costs at least, what it costs, and its plans.
//!
//! A tour is chosen as a whole: the cost of a mode is that of the way out and the way back, and both are made in it. What
//! taste adds counts for each way.

use super::alternatives::{RoadWay, Scratch};
use super::assign::Chooser;
use super::trip::{Trip, modes};
use crate::demand::Agent;
use crate::demand::plan::Plan;
use crate::mode::Mode;
use crate::network::times::LinkTimes;

/// What an agent looks at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look<'a> {
    pub agent: &'a Agent,
    /// Its number; the way back of a tour has the next.
    pub ix: usize,
    /// Its trip; of a tour the way out.
    pub trip: Trip<'a>,
    /// The way back of a tour.
    pub back: Option<Trip<'a>>,
    pub times: &'a LinkTimes,
}

/// The mode that is felt to cost least; none when that is the plan at hand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Best {
    pub felt_cny: f64,
    pub mode: Option<Mode>,
}

/// What a mode costs at least, and whether that is what it costs.
struct Bound {
    cny: f64,
    exact: bool,
}

/// Ways on the road that have been searched, by way of a tour: car and taxi take the same.
type Searched = [Option<Option<RoadWay>>; 2];

impl Look<'_> {
    /// The trip, or the two of a tour.
    pub fn trips(&self) -> impl Iterator<Item = &Trip<'_>> {
        std::iter::once(&self.trip).chain(&self.back)
    }
}

impl Chooser<'_> {
    /// What taste adds to the cost of a mode, yuan.
    pub(super) fn added_cny(&self, look: &Look<'_>, mode: Mode) -> f64 {
        look.trips().count() as f64 * self.taste.added_cny(look.agent.key, &look.trip.party, mode)
    }

    /// The mode that is felt to cost least, if one costs less than what is at hand. Modes whose cost needs a search come
    /// last and are left out where even empty roads could not make them the best.
    pub(super) fn best(&self, look: &Look<'_>, at_hand_cny: f64, scratch: &mut Scratch) -> Best {
        let mut best = Best { felt_cny: at_hand_cny, mode: None };
        let mut open: Vec<(Mode, f64, f64)> = Vec::new();
        for &mode in modes(look.agent) {
            let Some(Bound { cny, exact }) = self.bound(look, mode) else { continue };
            let added_cny = self.added_cny(look, mode);
            if !exact {
                open.push((mode, cny, added_cny));
            } else if cny + added_cny < best.felt_cny {
                best = Best { felt_cny: cny + added_cny, mode: Some(mode) };
            }
        }
        let mut searched: Searched = [None; 2];
        for (mode, least_cny, added_cny) in open {
            if least_cny + added_cny < best.felt_cny
                && let Some(cost_cny) = self.cost(look, mode, &mut searched, scratch)
                && cost_cny + added_cny < best.felt_cny
            {
                best = Best { felt_cny: cost_cny + added_cny, mode: Some(mode) };
            }
        }
        best
    }

    /// What a mode costs at least over all ways; `None` where there is no such way.
    fn bound(&self, look: &Look<'_>, mode: Mode) -> Option<Bound> {
        let mut all = Bound { cny: 0.0, exact: true };
        for (way, trip) in look.trips().enumerate() {
            let Bound { cny, exact } = self.bound_one(look.ix + way, trip, mode)?;
            all = Bound { cny: all.cny + cny, exact: all.exact && exact };
        }
        Some(all)
    }

    fn bound_one(&self, agent: usize, trip: &Trip<'_>, mode: Mode) -> Option<Bound> {
        let planner = &self.planner;
        let exact = |cny: f64| Some(Bound { cny, exact: true });
        match mode {
            Mode::Walk => exact(planner.own_power_cny(trip, mode, planner.walk_ms(trip)?)),
            Mode::Cycle => exact(planner.own_power_cny(trip, mode, planner.cycle_ms(trip)?)),
            Mode::Bus | Mode::Rail | Mode::Transit => exact(self.packed(agent, mode)?.cost_cny),
            Mode::Car | Mode::Taxi | Mode::Truck => {
                Some(Bound { cny: planner.road_bound_cny(trip, mode)?, exact: false })
            }
            Mode::ParkAndRide | Mode::KissAndRide => {
                let packed = self.packed(agent, mode)?;
                Some(Bound { cny: planner.change_bound_cny(trip, mode, &packed)?, exact: false })
            }
        }
    }

    /// What a mode on the road costs over all ways on the times that are looked at.
    fn cost(&self, look: &Look<'_>, mode: Mode, searched: &mut Searched, scratch: &mut Scratch) -> Option<f64> {
        let mut all = 0.0;
        for (way, trip) in look.trips().enumerate() {
            all += if mode.rides_lines() {
                let packed = self.packed(look.ix + way, mode)?;
                self.planner.change_way(trip, mode, &packed, look.times, scratch)?.cost_cny
            } else {
                let road = *searched[way].get_or_insert_with(|| self.planner.road(trip, look.times, scratch));
                self.planner.road_cny(trip, mode, &road?)
            };
        }
        Some(all)
    }

    /// The plans of a mode, one a way.
    pub(super) fn plans(&self, look: &Look<'_>, mode: Mode, scratch: &mut Scratch) -> Option<[Option<Plan>; 2]> {
        let out = self.plan(look.ix, &look.trip, mode, look.times, scratch)?;
        let back = match &look.back {
            Some(trip) => Some(self.plan(look.ix + 1, trip, mode, look.times, scratch)?),
            None => None,
        };
        Some([Some(out), back])
    }

    fn plan(
        &self,
        agent: usize,
        trip: &Trip<'_>,
        mode: Mode,
        times: &LinkTimes,
        scratch: &mut Scratch,
    ) -> Option<Plan> {
        let planner = &self.planner;
        match mode {
            Mode::Walk => planner.walk_plan(trip),
            Mode::Cycle => planner.cycle_plan(trip),
            Mode::Bus | Mode::Rail | Mode::Transit => Some(self.packed(agent, mode)?.plan(trip, mode)),
            Mode::ParkAndRide | Mode::KissAndRide => {
                let packed = self.packed(agent, mode)?;
                let way = planner.change_way(trip, mode, &packed, times, scratch)?;
                planner.change_plan(trip, mode, &packed, &way, scratch)
            }
            Mode::Car | Mode::Taxi | Mode::Truck => {
                let way = planner.road(trip, times, scratch)?;
                Some(planner.road_plan(trip, mode, &way, scratch))
            }
        }
    }
}
