//! The modes that are open to an agent, mode by mode: what each costs at least, what it costs, and its plans.
//!
//! A tour is chosen as a whole: the cost of a mode is that of the way out and the way back, and both are made in it. What
//! taste adds counts for each way.

use super::alternatives::{RoadWay, Scratch};
use super::assign::Chooser;
use super::overlap::{Known, route_of};
use super::packed::{PACKED, Packed, Rode};
use super::services::Services;
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
    /// Services of a day; none where they are met as planned.
    pub services: Option<&'a Services<'a>>,
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

/// What a mode costs at least, and what the best way costs that is known.
#[derive(Clone, Copy)]
struct Bound {
    least_cny: f64,
    known_cny: f64,
}

/// A journey by lines is searched again where the best one known costs more than it promised, by more than this share.
const DEARER: f64 = 0.01;

/// A journey by lines and what it costs.
struct KnownJourney<'a> {
    cost_cny: f64,
    of: Of<'a>,
}

/// Where a journey is kept.
enum Of<'a> {
    Packed(Packed<'a>),
    Rode(&'a Rode),
}

impl KnownJourney<'_> {
    fn plan(&self, trip: &Trip<'_>, mode: Mode) -> Plan {
        let (departure, legs) = match &self.of {
            Of::Packed(packed) => (packed.departure, trip.around(packed.legs())),
            Of::Rode(rode) => (rode.departure, trip.around(rode.legs.iter().cloned())),
        };
        Plan { mode, departure, legs: legs.into(), cost_cny: self.cost_cny }
    }
}

/// Whether a mode rides lines from door to door.
fn by_lines(mode: Mode) -> bool {
    matches!(mode, Mode::Bus | Mode::Rail | Mode::Transit)
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
    /// last and are left out where even empty roads, or services as the timetable has them, could not make them the best.
    pub(super) fn best(
        &self,
        look: &Look<'_>,
        at_hand_cny: f64,
        searched: &mut Searched,
        scratch: &mut Scratch,
    ) -> Best {
        let mut best = Best { felt_cny: at_hand_cny, mode: None };
        let mut open: Vec<(Mode, Bound, f64)> = Vec::new();
        scratch.lines.clear();
        for &mode in modes(look.agent) {
            let Some(bound) = self.bound(look, mode, &[]) else { continue };
            let added_cny = self.added_cny(look, mode);
            if bound.known_cny > bound.least_cny {
                open.push((mode, bound, added_cny));
            }
            if bound.known_cny + added_cny < best.felt_cny {
                best = Best { felt_cny: bound.known_cny + added_cny, mode: Some(mode) };
            }
        }
        self.search_lines(look, &open, &mut best, scratch);
        for (mode, Bound { least_cny, .. }, added_cny) in open.into_iter().filter(|open| !by_lines(open.0)) {
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

    /// Searches for journeys by lines on the services of the day where that can make a difference: where a mode could be
    /// the best if it cost what it does by the timetable, and costs more.
    fn search_lines(&self, look: &Look<'_>, open: &[(Mode, Bound, f64)], best: &mut Best, scratch: &mut Scratch) {
        let Some(services) = look.services else { return };
        let counts = |(mode, bound, added_cny): &(Mode, Bound, f64)| {
            let dearer = bound.known_cny - bound.least_cny > DEARER * bound.least_cny.abs();
            by_lines(*mode) && dearer && bound.least_cny + added_cny < best.felt_cny
        };
        if !open.iter().any(counts) {
            return;
        }
        for (way, trip) in look.trips().enumerate() {
            self.planner.rode(way, trip, services, scratch);
        }
        for &(mode, _, added_cny) in open.iter().filter(|open| by_lines(open.0)) {
            if let Some(Bound { known_cny, .. }) = self.bound(look, mode, &scratch.lines)
                && known_cny + added_cny < best.felt_cny
            {
                *best = Best { felt_cny: known_cny + added_cny, mode: Some(mode) };
            }
        }
        // What is no better than what was known need not be kept.
        let known = |rode: &Rode| {
            let (agent, trip) = (look.ix + rode.way, look.trips().nth(rode.way));
            trip.and_then(|trip| self.known(look, agent, trip, PACKED[rode.kind], &[])).map(|known| known.cost_cny)
        };
        scratch.lines.retain(|rode| known(rode).is_none_or(|cny| rode.cost_cny < cny));
    }

    /// What a mode costs at least over all ways, and what is known; `None` where there is no such way.
    fn bound(&self, look: &Look<'_>, mode: Mode, new: &[Rode]) -> Option<Bound> {
        let mut all = Bound { least_cny: 0.0, known_cny: 0.0 };
        for (way, trip) in look.trips().enumerate() {
            let Bound { least_cny, known_cny } = self.bound_one(look, look.ix + way, trip, mode, new)?;
            all = Bound { least_cny: all.least_cny + least_cny, known_cny: all.known_cny + known_cny };
        }
        Some(all)
    }

    fn bound_one(&self, look: &Look<'_>, agent: usize, trip: &Trip<'_>, mode: Mode, new: &[Rode]) -> Option<Bound> {
        let planner = &self.planner;
        let exact = |cny: f64| Some(Bound { least_cny: cny, known_cny: cny });
        let open = |cny: f64| Some(Bound { least_cny: cny, known_cny: f64::INFINITY });
        match mode {
            Mode::Walk => exact(planner.own_power_cny(trip, mode, planner.walk_ms(trip)?)),
            Mode::Cycle => exact(planner.own_power_cny(trip, mode, planner.cycle_ms(trip)?)),
            Mode::Bus | Mode::Rail | Mode::Transit => {
                let planned = self.packed(agent, mode)?;
                let known_cny = self.known(look, agent, trip, mode, new)?.cost_cny;
                Some(Bound { least_cny: planned.cost_cny.min(known_cny), known_cny })
            }
            Mode::Car | Mode::Taxi | Mode::Truck => open(planner.road_bound_cny(trip, mode)?),
            Mode::ParkAndRide | Mode::KissAndRide => {
                let packed = self.packed(agent, mode)?;
                open(planner.change_bound_cny(trip, mode, &packed)?)
            }
        }
    }

    /// The best journey by lines that is known, at what it costs on the services that are looked at: out of that by the
    /// timetable, the one found since, and those found just now.
    fn known<'b>(
        &'b self,
        look: &Look<'_>,
        agent: usize,
        trip: &Trip<'_>,
        mode: Mode,
        new: &'b [Rode],
    ) -> Option<KnownJourney<'b>> {
        let planned = self.packed(agent, mode)?;
        let Some(services) = look.services else {
            return Some(KnownJourney { cost_cny: planned.cost_cny, of: Of::Packed(planned) });
        };
        let costed = |packed: Packed<'b>| KnownJourney {
            cost_cny: self.planner.lines_cny(trip, packed.departure, packed.legs(), services),
            of: Of::Packed(packed),
        };
        let mut best = costed(planned);
        let found = self.found(agent, mode).map(costed);
        let new = new.iter().filter(|rode| look.ix + rode.way == agent && PACKED[rode.kind] == mode);
        let new = new.map(|rode| KnownJourney { cost_cny: rode.cost_cny, of: Of::Rode(rode) });
        for other in found.into_iter().chain(new) {
            if other.cost_cny < best.cost_cny {
                best = other;
            }
        }
        Some(best)
    }

    /// What a mode on the road costs over all ways on the times that are looked at.
    fn cost(&self, look: &Look<'_>, mode: Mode, searched: &mut Searched, scratch: &mut Scratch) -> Option<f64> {
        let mut all = 0.0;
        for (way, trip) in look.trips().enumerate() {
            all += if mode.rides_lines() {
                let packed = self.packed(look.ix + way, mode)?;
                self.planner.change_way(trip, mode, &packed, self.met(look), scratch)?.cost_cny
            } else {
                let roads = searched[way].get_or_insert_with(|| self.roads(look, way, trip, scratch));
                roads.iter().map(|road| self.road_felt_cny(trip, mode, road)).min_by(f64::total_cmp)?
            };
        }
        Some(all)
    }

    /// Times of roads and services that are looked at.
    fn met<'b>(&'b self, look: &Look<'b>) -> (&'b LinkTimes, &'b Services<'b>) {
        (look.times, look.services.unwrap_or(&self.planner.services))
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
        let (planner, agent) = (&self.planner, look.ix + way);
        match mode {
            Mode::Walk => planner.walk_plan(trip),
            Mode::Cycle => planner.cycle_plan(trip),
            Mode::Bus | Mode::Rail | Mode::Transit => {
                Some(self.known(look, agent, trip, mode, &scratch.lines)?.plan(trip, mode))
            }
            Mode::ParkAndRide | Mode::KissAndRide => {
                let packed = self.packed(agent, mode)?;
                let way = planner.change_way(trip, mode, &packed, self.met(look), scratch)?;
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
