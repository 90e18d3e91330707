//! The modes that are open to an agent, mode by mode: what each costs at least, what it costs, and its plans.
//!
//! A tour is chosen as a whole: the cost of a mode is that of the way out and the way back, and both are made in it. What
//! taste adds counts for each way.

use super::alternatives::{RoadWay, Scratch};
use super::assign::Chooser;
use super::overlap::{Known, route_of};
use super::trip::{Trip, modes};
use crate::demand::Agent;
use crate::demand::plan::Plan;
use crate::ids::LinkIx;
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
    /// Plans at hand.
    pub hand: [Option<&'a Plan>; 2],
    /// What is known of routes, where they have errors.
    pub known: Option<&'a Known>,
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

/// A way on the road that can be taken.
pub(super) struct OnRoad {
    pub way: RoadWay,
    /// What taste for its route adds, yuan.
    added_cny: f64,
    /// Its links; none where there is one way only, which lies in the scratch.
    route: Option<Vec<LinkIx>>,
}

/// Ways on the road that have been searched, by way of a tour: car and taxi take the same.
pub(super) type Searched = [Option<Vec<OnRoad>>; 2];

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
    pub(super) fn best(
        &self,
        look: &Look<'_>,
        at_hand_cny: f64,
        searched: &mut Searched,
        scratch: &mut Scratch,
    ) -> Best {
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
        for (mode, least_cny, added_cny) in open {
            // With errors of their own routes may be felt to cost less than empty roads do.
            let open = least_cny + added_cny < best.felt_cny || look.known.is_some();
            if open
                && let Some(cost_cny) = self.cost(look, mode, searched, scratch)
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
                let roads = searched[way].get_or_insert_with(|| self.roads(look, way, trip, scratch));
                roads.iter().map(|road| self.road_felt_cny(trip, mode, road)).min_by(f64::total_cmp)?
            };
        }
        Some(all)
    }

    fn road_felt_cny(&self, trip: &Trip<'_>, mode: Mode, road: &OnRoad) -> f64 {
        self.planner.road_cny(trip, mode, &road.way) + road.added_cny
    }

    /// The ways on the road that can be taken: the best response, and where routes have errors those that are known.
    fn roads(&self, look: &Look<'_>, way: usize, trip: &Trip<'_>, scratch: &mut Scratch) -> Vec<OnRoad> {
        let Some(best) = self.planner.road(trip, look.times, scratch) else { return Vec::new() };
        let (Some(taste), Some(known), false) = (&self.route_taste, look.known, trip.returns) else {
            return vec![OnRoad { way: best, added_cny: 0.0, route: None }];
        };
        let mut routes = vec![scratch.out.clone()];
        let at_hand = look.hand[way].and_then(route_of);
        let pair = trip.from.node.zip(trip.to.node).map(|(from, to)| (from, to, trip.class));
        for route in at_hand.into_iter().chain(pair.into_iter().flat_map(|pair| known.of(pair))) {
            if routes.iter().all(|r| r != route) {
                routes.push(route.to_vec());
            }
        }
        let slices: Vec<&[LinkIx]> = routes.iter().map(Vec::as_slice).collect();
        let added = taste.added_cny(look.agent.key, trip.party.persons, &slices);
        let taken = routes.into_iter().zip(added).enumerate().map(|(i, (route, added_cny))| {
            let way = if i == 0 { best } else { self.planner.road_along(trip, &route, look.times, &mut scratch.grid) };
            OnRoad { way, added_cny, route: Some(route) }
        });
        taken.collect()
    }

    /// What taste for the routes at hand adds, yuan.
    pub(super) fn routes_at_hand_cny(&self, look: &Look<'_>, searched: &mut Searched, scratch: &mut Scratch) -> f64 {
        if look.known.is_none() {
            return 0.0;
        }
        let mut added_cny = 0.0;
        for (way, trip) in look.trips().enumerate() {
            let Some(at_hand) = look.hand[way].and_then(route_of) else { continue };
            let roads = searched[way].get_or_insert_with(|| self.roads(look, way, trip, scratch));
            let same = roads.iter().find(|road| road.route.as_deref() == Some(at_hand));
            added_cny += same.map_or(0.0, |road| road.added_cny);
        }
        added_cny
    }

    /// The plans of a mode, one a way.
    pub(super) fn plans(&self, look: &Look<'_>, mode: Mode, scratch: &mut Scratch) -> Option<[Option<Plan>; 2]> {
        let out = self.plan(look, 0, &look.trip, mode, scratch)?;
        let back = match &look.back {
            Some(trip) => Some(self.plan(look, 1, trip, mode, scratch)?),
            None => None,
        };
        Some([Some(out), back])
    }

    fn plan(&self, look: &Look<'_>, way: usize, trip: &Trip<'_>, mode: Mode, scratch: &mut Scratch) -> Option<Plan> {
        let (planner, agent, times) = (&self.planner, look.ix + way, look.times);
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
                let roads = self.roads(look, way, trip, scratch);
                let felt = |road: &OnRoad| self.road_felt_cny(trip, mode, road);
                let best = roads.into_iter().min_by(|a, b| felt(a).total_cmp(&felt(b)))?;
                if let Some(route) = best.route {
                    scratch.out = route;
                }
                Some(planner.road_plan(trip, mode, &best.way, scratch))
            }
        }
    }
}
