//! The ways that are open to an agent: on foot, by car, by taxi, by lines, by truck, from door to door or hall.
//!
//! A trip has two ends. An end at a hub brings a visit of its processes, a walk between hall and kerb, and the hub's own
//! stops with the walk to the hall. Who comes by a service begins with the visit; who leaves by one ends with it; a truck
//! visits the hub and drives home.

use super::change::Changes;
use super::cost::{Journey, Prices, is_truck};
use super::departure::{Grid, Leaving, Outset};
use super::journey::{DrivenEnd, Found, JourneyScratch, Rider};
use super::packed::Rode;
use super::services::Services;
use super::trip::{Ends, Trip, Wish, modes};
use crate::demand::plan::{Leg, Plan};
use crate::demand::{Agent, Class, Demand, Place, Timing};
use crate::ids::{LinkIx, NodeIx};
use crate::mode::{Mode, VehicleClass};
use crate::network::Network;
use crate::network::times::LinkTimes;
use crate::routing::bounds::rates;
use crate::routing::potentials::{Bound, Potentials};
use crate::routing::road::{RoadScratch, Roadway, Start};
use crate::routing::streets::Streets;
use crate::routing::trade::Driven;
use crate::scenario::settings::Settings;
use crate::units::{Time, distance_m};
use std::collections::BTreeSet;

/// Expected over free-flow time where a first guess of a departure is needed; the guess is corrected by what is found.
pub(super) const GUESS_OVER_FREE: f64 = 1.3;

/// Searches for a route whose departure is chosen.
const DEPARTURE_TRIALS: usize = 3;

/// What plans are made from: the network as each kind of vehicle sees it, prices, and the rule for walks.
#[derive(Clone, Debug)]
pub struct Planner<'a> {
    /// The network.
    pub network: &'a Network,
    /// Prices and weights.
    pub prices: Prices,
    /// Services as planned.
    pub services: Services<'a>,
    /// Roads and bounds by class of vehicle; `None` for classes that no agent drives.
    ways: [Option<(Streets, Potentials)>; 4],
    ends: Ends<'a>,
    /// Stops that cars are driven to.
    pub(super) changes: Changes,
    /// Whether there are lines on rails and others.
    rides_both: bool,
    walk_ms_per_m: f64,
    walk_limit_m: f64,
    cycle_ms_per_m: f64,
    cycle_limit_m: f64,
    /// First moment of the day: nobody sets out earlier.
    day_start: Time,
}

/// A way on the road; its links lie in the scratch that it was searched with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RoadWay {
    /// When the agent sets out.
    pub departure: Time,
    /// Time, distance and toll of all drives.
    pub driven: Driven,
    /// When the agent reaches its destination (before the visit of a hub).
    pub there: Time,
}

/// Memory of all searches, one per thread.
#[derive(Clone, Debug)]
pub struct Scratch {
    /// Of the road search.
    pub road: RoadScratch,
    /// Of the journey search.
    pub journey: JourneyScratch,
    /// Route found last.
    pub out: Vec<LinkIx>,
    /// Route back found last.
    pub back: Vec<LinkIx>,
    /// Departures looked at last.
    pub(super) grid: Grid,
    /// Journeys by lines that were found for the agent that is looked at, on the services of a day.
    pub(super) lines: Vec<Rode>,
}

impl Scratch {
    /// Memory for a network and its services.
    pub fn new(network: &Network, services: &Services<'_>) -> Scratch {
        Scratch {
            road: RoadScratch::new(network.roads.nodes()),
            journey: JourneyScratch::new(services),
            out: Vec::new(),
            back: Vec::new(),
            grid: Grid::default(),
            lines: Vec::new(),
        }
    }
}

impl<'a> Planner<'a> {
    /// Prepares roads and bounds for the destinations of a demand; `tree_bytes` is the memory that bounds may take.
    pub fn new(network: &'a Network, settings: &Settings, demand: &Demand, tree_bytes: usize) -> Planner<'a> {
        let mut planner = Planner {
            network,
            prices: Prices::new(&settings.choice),
            services: Services::planned(&network.lines),
            ways: [const { None }; 4],
            ends: Ends::new(network),
            changes: Changes::new(network, settings.choice.kiss_and_ride_stops),
            rides_both: [true, false].iter().all(|&rail| network.lines.lines.iter().any(|line| line.rail == rail)),
            walk_ms_per_m: settings.network.walk_circuity / settings.network.walk_speed_mps * 1000.0,
            walk_limit_m: settings.choice.walk_limit_m / settings.network.walk_circuity,
            cycle_ms_per_m: settings.network.walk_circuity * 3_600.0 / settings.choice.cycle_speed_kmh,
            cycle_limit_m: settings.choice.cycle_limit_m / settings.network.walk_circuity,
            // Checked when the scenario was read; midnight is what the setting is by default.
            day_start: Time::parse(&settings.time.start).unwrap_or(Time(0)),
        };
        let mut uses = VehicleClass::ALL.map(|_| vec![0u32; network.roads.nodes()]);
        let mut driven = [false; 4];
        let mut trades = VehicleClass::ALL.map(|_| BTreeSet::new());
        for agent in &demand.agents {
            driven[agent.vehicle as usize] = true;
            if modes(agent).is_empty() {
                continue;
            }
            let trip = planner.trip(agent);
            trades[trip.class as usize].insert(planner.prices.trade(&trip.party, trip.class));
            let back = if trip.returns { trip.from.node } else { None };
            for node in [trip.to.node, back].into_iter().flatten() {
                uses[trip.class as usize][node.i()] += 1;
            }
        }
        for node in planner.changes.nodes() {
            uses[VehicleClass::Car as usize][node.i()] += 1;
        }
        let classes = driven.iter().filter(|&&d| d).count().max(1);
        for class in VehicleClass::ALL.into_iter().filter(|&class| driven[class as usize]) {
            let streets = Streets::new(&network.roads, class);
            let bytes = tree_bytes / classes;
            let rates = rates(trades[class as usize].iter().copied());
            let potentials = Potentials::new(&network.roads, &streets, rates, &uses[class as usize], bytes);
            planner.ways[class as usize] = Some((streets, potentials));
        }
        planner
    }

    /// Whether there are lines on rails and others, so that both are modes.
    pub(super) fn rides_both(&self) -> bool {
        self.rides_both
    }

    /// The first moment at which a trip can leave the first node by road.
    pub(super) fn earliest(&self, trip: &Trip<'_>) -> Time {
        self.day_start.plus(trip.from.walk_ms)
    }

    /// Memory of the search bounds, bytes.
    pub fn bound_bytes(&self) -> usize {
        self.ways.iter().flatten().map(|(_, potentials)| potentials.bytes()).sum()
    }

    /// The trip of an agent with its ends resolved.
    pub fn trip(&self, agent: &Agent) -> Trip<'_> {
        let returns = agent.class == Class::Truck && matches!(agent.to, Place::Hub(..));
        let to = self.ends.end(agent, agent.to, false);
        // A truck has an appointment at the gate.
        let chosen = agent.timing == Timing::WantsToBeThere && !returns && self.prices.departures_are_chosen();
        let latest = agent.deadline.map_or(Time::NEVER, |last| last.plus(-to.visit_ms()));
        Trip {
            party: self.prices.party(agent),
            from: self.ends.end(agent, agent.from, true),
            to,
            class: agent.vehicle,
            time: agent.time,
            timing: agent.timing,
            latest,
            wish: chosen.then_some(Wish { time: agent.time, latest }),
            returns,
            car: agent.car,
        }
    }

    /// Roads of a class of vehicle with the bounds to a destination; `None` for a class that no agent drives.
    pub fn way_to(&self, class: VehicleClass, node: NodeIx) -> Option<(&Streets, Bound<'_>)> {
        self.ways[class as usize].as_ref().map(|(streets, potentials)| (streets, potentials.to(node)))
    }

    /// The least time (milliseconds) and distance (centimetres) that a drive between two nodes takes; `None` when no road leads there.
    pub(super) fn least(&self, class: VehicleClass, from: NodeIx, to: NodeIx) -> Option<[i64; 2]> {
        self.ways[class as usize].as_ref()?.1.least(from, to)
    }

    pub(super) fn streets(&self, class: VehicleClass) -> &Streets {
        &self.ways[class as usize].as_ref().expect("roads are prepared for every class that an agent drives").0
    }

    /// The walk from door to door, milliseconds; `None` beyond the limit.
    pub fn walk_ms(&self, trip: &Trip<'_>) -> Option<i64> {
        let straight_m = distance_m(trip.from.position, trip.to.position);
        (straight_m <= self.walk_limit_m).then(|| (straight_m * self.walk_ms_per_m).round() as i64)
    }

    /// The time from door to door by bicycle or e-bike, milliseconds; `None` beyond the limit.
    pub fn cycle_ms(&self, trip: &Trip<'_>) -> Option<i64> {
        let straight_m = distance_m(trip.from.position, trip.to.position);
        (straight_m <= self.cycle_limit_m).then(|| (straight_m * self.cycle_ms_per_m).round() as i64)
    }

    /// The plan on foot.
    pub fn walk_plan(&self, trip: &Trip<'_>) -> Option<Plan> {
        let ms = self.walk_ms(trip)?;
        Some(self.own_power_plan(trip, Mode::Walk, Leg::Walk { ms }, ms))
    }

    /// The plan by bicycle or e-bike.
    pub fn cycle_plan(&self, trip: &Trip<'_>) -> Option<Plan> {
        let ms = self.cycle_ms(trip)?;
        Some(self.own_power_plan(trip, Mode::Cycle, Leg::Cycle { ms }, ms))
    }

    fn own_power_plan(&self, trip: &Trip<'_>, mode: Mode, leg: Leg, ms: i64) -> Plan {
        let departure = match trip.timing {
            Timing::SetsOut => trip.time,
            Timing::WantsToBeThere => trip.time.plus(-ms).max(self.day_start),
        };
        let cost_cny = self.own_power_cny(trip, mode, ms);
        Plan { mode, departure, legs: trip.around([leg]).into(), cost_cny }
    }

    /// Generalised cost of the plan on foot or by bicycle.
    pub fn own_power_cny(&self, trip: &Trip<'_>, mode: Mode, ms: i64) -> f64 {
        let moving = match mode {
            Mode::Cycle => self.prices.cycle_cny(&trip.party, ms),
            _ => self.prices.walk_cny(&trip.party, ms),
        };
        // Who would have to set out before the day begins is late.
        let there = trip.time.max(self.day_start.plus(ms));
        moving + self.schedule_cny(trip, there)
    }

    /// What being there at a moment costs besides the way; nothing for one without a wish.
    pub fn schedule_cny(&self, trip: &Trip<'_>, there: Time) -> f64 {
        trip.wish.map_or(0.0, |wish| self.prices.schedule_cny(&trip.party, wish, there))
    }

    /// The journey by lines; its legs can be read from the scratch until the next search. Of one that is crowded or dear and
    /// the best without its most crowded or dearest line the better. A journey on which one walks as far as from door to
    /// door is none.
    pub fn journey(&self, trip: &Trip<'_>, services: &Services<'_>, scratch: &mut JourneyScratch) -> Option<Found> {
        let best = self.journey_once(trip, services, scratch)?;
        if scratch.driven == DrivenEnd::None && self.walk_ms(trip).is_some_and(|ms| ms <= best.journey.walk_ms) {
            return None;
        }
        let Some(line) = scratch.dearest_line(services, &trip.party, &best) else { return Some(best) };
        let legs = scratch.legs().to_vec();
        scratch.without = Some(line);
        let other = self.journey_once(trip, services, scratch);
        scratch.without = None;
        let rank = |found: &Found| match trip.timing {
            Timing::SetsOut => found.cost_cny,
            Timing::WantsToBeThere => self.rank(trip, found),
        };
        match other {
            Some(other) if rank(&other) < rank(&best) => Some(other),
            _ => {
                scratch.take(legs);
                Some(best)
            }
        }
    }

    fn journey_once(&self, trip: &Trip<'_>, services: &Services<'_>, scratch: &mut JourneyScratch) -> Option<Found> {
        if trip.from.stops.is_empty() || trip.to.stops.is_empty() {
            return None;
        }
        // Who is in a hub does not know when the processes end, and waits at the stop.
        let timed = trip.timing == Timing::WantsToBeThere || trip.from.visit.is_none();
        let (access, egress) = (trip.from.stops, trip.to.stops);
        let rider = Rider { prices: &self.prices, party: &trip.party, access, egress, timed };
        match trip.timing {
            Timing::SetsOut => {
                let start = trip.time.plus(trip.from.visit_ms());
                scratch.search(services, start, access, Some(egress));
                scratch.best(services, &rider)
            }
            Timing::WantsToBeThere => self.journey_by(trip, services, &rider, scratch),
        }
    }

    /// The journey that arrives nearest to the wished moment: of those who choose a departure the one of least cost, with
    /// what being early or late costs; else the latest that arrives in time, or the least late one. What is waited at the
    /// origin costs nothing: who plans backwards does something else until then.
    ///
    /// Looked at are the latest journeys with 1, 2, … rides that are there in time, found backwards from the wished moment,
    /// and the next one: the best of those that set out after all of these.
    fn journey_by(
        &self,
        trip: &Trip<'_>,
        services: &Services<'_>,
        rider: &Rider<'_>,
        scratch: &mut JourneyScratch,
    ) -> Option<Found> {
        let rank = |found: &Found| self.rank(trip, found);
        let in_time = scratch.by(services, rider, (trip.time, self.day_start), rank);
        let mut best = in_time.map(|(found, _)| found);
        if trip.wish.is_some() || best.is_none() {
            let legs = scratch.legs().to_vec();
            let after = in_time.map_or(self.day_start, |(_, latest)| latest.plus(1));
            scratch.search(services, after, rider.access, Some(rider.egress));
            let late = scratch.best(services, rider);
            match (&best, late) {
                (None, late) => best = late,
                (Some(found), Some(late)) if rank(&late) < rank(found) => best = Some(late),
                _ => scratch.take(legs),
            }
        }
        let mut found = best?;
        found.journey.origin_wait_ms = 0;
        found.cost_cny = self.prices.journey_cny(&trip.party, &found.journey);
        Some(found)
    }

    /// What a journey is chosen by among those for a wished moment: the less the better.
    fn rank(&self, trip: &Trip<'_>, found: &Found) -> f64 {
        if trip.wish.is_some() {
            let journey = Journey { origin_wait_ms: 0, ..found.journey };
            return self.prices.journey_cny(&trip.party, &journey) + self.schedule_cny(trip, found.arrival);
        }
        // In time before late, then as little early or late as can be.
        let early_ms = trip.time.since(found.arrival);
        (if early_ms >= 0 { early_ms } else { Time::NEVER.0 - early_ms }) as f64
    }

    /// When the agent of a journey sets out.
    pub fn journey_departure(&self, trip: &Trip<'_>, found: &Found) -> Time {
        found.start.plus(-trip.from.visit_ms())
    }

    /// What a mode on the road costs at least: on empty roads, without tolls and the way back of a truck. `None` when no
    /// road leads there.
    pub fn road_bound_cny(&self, trip: &Trip<'_>, mode: Mode) -> Option<f64> {
        let (from, to) = (trip.from.node?, trip.to.node?);
        let [ms, cm] = self.least(trip.class, from, to)?;
        let driven = Driven { ms, cm, toll_milli_cny: 0 };
        Some(self.prices.drive_cny(&trip.party, mode, driven, trip.walk_ms()))
    }

    /// The best way on the road at the experienced times; the links lie in `scratch.out` and, for one who returns, in
    /// `scratch.back`.
    pub fn road(&self, trip: &Trip<'_>, times: &LinkTimes, scratch: &mut Scratch) -> Option<RoadWay> {
        let (from, to) = (trip.from.node?, trip.to.node?);
        let (streets, bound) = self.way_to(trip.class, to)?;
        let roadway = Roadway { streets, times };
        let trade = self.prices.trade(&trip.party, trip.class);
        let start = |departure| Start { from, departure, trade };
        if let Some(wish) = trip.wish {
            return self.road_by_wish(trip, wish, roadway, bound, scratch);
        }
        let Scratch { road, out, back, .. } = scratch;
        back.clear();
        let earliest = self.day_start.plus(trip.from.walk_ms);
        let mut leaves = match trip.timing {
            Timing::SetsOut => trip.time.plus(trip.from.visit_ms() + trip.from.walk_ms),
            Timing::WantsToBeThere => self.first_guess(trip, self.least(trip.class, from, to)?[0]),
        };
        let mut driven = roadway.route(start(leaves), to, bound, road, out)?;
        if trip.timing == Timing::WantsToBeThere {
            // The duration found shifts the departure, and once more, since it changes with the departure.
            for _ in 0..2 {
                leaves = trip.time.plus(-trip.to.walk_ms - driven.ms).max(earliest);
                driven = streets.along(out, times, leaves);
            }
        }
        let departure = leaves.plus(-trip.from.walk_ms - trip.from.visit_ms());
        let there = leaves.plus(driven.ms + trip.to.walk_ms);
        if trip.returns {
            let leaves_hub = leaves.plus(driven.ms + trip.to.visit_ms());
            let (streets, bound) = self.way_to(trip.class, from)?;
            let home = Start { from: trip.to.leave?, departure: leaves_hub, trade };
            driven = driven.and(Roadway { streets, times }.route(home, from, bound, road, back)?);
        }
        Some(RoadWay { departure, driven, there })
    }

    /// When one leaves the first node in the first guess, if the way takes `free_ms` on empty roads.
    fn first_guess(&self, trip: &Trip<'_>, free_ms: i64) -> Time {
        let guess = trip.time.plus(-trip.to.walk_ms - (GUESS_OVER_FREE * free_ms as f64) as i64);
        guess.max(self.day_start.plus(trip.from.walk_ms))
    }

    /// The best way on the road for one whose departure is chosen: the route at a first guess and its best departure, then
    /// the route at that departure and its best departure. `scratch.grid` keeps the departures of the route found last.
    fn road_by_wish(
        &self,
        trip: &Trip<'_>,
        wish: Wish,
        roadway: Roadway<'_>,
        bound: Bound<'_>,
        scratch: &mut Scratch,
    ) -> Option<RoadWay> {
        let (from, to) = (trip.from.node?, trip.to.node?);
        let Scratch { road, out, back, grid, .. } = scratch;
        back.clear();
        let outset = self.outset(trip, wish, roadway.streets, roadway.times);
        let trade = self.prices.trade(&trip.party, trip.class);
        let least_ms = self.least(trip.class, from, to)?[0];
        let mut best: Option<Leaving> = None;
        let mut searched = self.first_guess(trip, least_ms);
        for _ in 0..DEPARTURE_TRIALS {
            roadway.route(Start { from, departure: searched, trade }, to, bound, road, out)?;
            let leaving = outset.best(out, outset.leaving(out, searched), least_ms, grid);
            if best.is_some_and(|best| best.cost_cny <= leaving.cost_cny) {
                // The earlier route lies in `back`, where nobody who has a wish keeps a way home.
                std::mem::swap(out, back);
                break;
            }
            best = Some(leaving);
            let far = leaving.at.since(searched).abs() > roadway.times.bin_ms / 2;
            if !far {
                break;
            }
            searched = leaving.at;
            back.clone_from(out);
        }
        back.clear();
        Some(self.leaves(trip, best?))
    }

    /// A given route to the destination of one who does not return: driven at the moment that is meant, or at the best
    /// departure.
    pub(super) fn road_along(&self, trip: &Trip<'_>, route: &[LinkIx], times: &LinkTimes, grid: &mut Grid) -> RoadWay {
        let streets = self.streets(trip.class);
        // Only its time tells apart one who is to be there to the minute.
        let wish = trip.wish.unwrap_or(Wish { time: trip.time, latest: Time::NEVER });
        let outset = self.outset(trip, wish, streets, times);
        let leaving = match trip.timing {
            Timing::SetsOut => outset.leaving(route, trip.time.plus(trip.from.visit_ms() + trip.from.walk_ms)),
            Timing::WantsToBeThere => {
                let free_ms = streets.free_ms(route);
                let known = outset.on_time(route, self.first_guess(trip, free_ms));
                if trip.wish.is_some() { outset.best(route, known, free_ms, grid) } else { known }
            }
        };
        self.leaves(trip, leaving)
    }

    /// The choice of a departure on a route.
    pub(super) fn outset<'b>(
        &'b self,
        trip: &'b Trip<'b>,
        wish: Wish,
        streets: &'b Streets,
        times: &'b LinkTimes,
    ) -> Outset<'b> {
        let earliest = self.earliest(trip);
        Outset { prices: &self.prices, streets, times, trip, wish, earliest }
    }

    /// The way on the road of one who leaves the first node at a moment.
    pub(super) fn leaves(&self, trip: &Trip<'_>, leaving: Leaving) -> RoadWay {
        RoadWay {
            departure: leaving.at.plus(-trip.from.walk_ms - trip.from.visit_ms()),
            driven: leaving.driven,
            there: leaving.at.plus(leaving.driven.ms + trip.to.walk_ms),
        }
    }

    /// Generalised cost of a way on the road by a mode.
    pub fn road_cny(&self, trip: &Trip<'_>, mode: Mode, way: &RoadWay) -> f64 {
        self.prices.drive_cny(&trip.party, mode, way.driven, trip.walk_ms()) + self.schedule_cny(trip, way.there)
    }

    /// The plan of a way on the road whose links lie in the scratch.
    pub fn road_plan(&self, trip: &Trip<'_>, mode: Mode, way: &RoadWay, scratch: &Scratch) -> Plan {
        let drive = [Leg::Walk { ms: trip.from.walk_ms }, Leg::Drive { route: scratch.out.clone().into() }];
        let mut legs = trip.around(drive.into_iter().chain([Leg::Walk { ms: trip.to.walk_ms }]));
        if trip.returns {
            legs.push(Leg::Drive { route: scratch.back.clone().into() });
        }
        Plan { mode, departure: way.departure, legs: legs.into(), cost_cny: self.road_cny(trip, mode, way) }
    }

    /// The departure at which a plan that was too early or late by so much arrives at the wished moment.
    pub fn shifted(&self, departure: Time, later_ms: i64) -> Time {
        departure.plus(later_ms).max(self.day_start)
    }

    /// The plan of an agent that has no choice: on its given route, or from service to service within its hub.
    pub fn fixed_plan(&self, agent: &Agent, trip: &Trip<'_>, times: &LinkTimes) -> Option<Plan> {
        if let Some(route) = &agent.route {
            let mode = if is_truck(agent) { Mode::Truck } else { Mode::Car };
            let legs = trip.around([Leg::Drive { route: route.clone() }]).into();
            let mut plan = Plan { mode, departure: agent.time, legs, cost_cny: 0.0 };
            plan.cost_cny = self.recost(trip, &plan, times).cost_cny;
            return Some(plan);
        }
        let visit = trip.to.visit.or(trip.from.visit)?;
        let legs = Leg::Visit { hub: visit.hub, chain: visit.chain }.into();
        Some(Plan { mode: Mode::Walk, departure: agent.time, legs, cost_cny: 0.0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::choice::journey::FIRST_WAIT_MS;
    use crate::choice::toy;
    use crate::demand::Place;
    use crate::demand::Purpose;
    use crate::ids::{HubIx, LineIx, ServiceIx, StopIx};
    use crate::network::hubs::{Chain, Service, Terminal};
    use crate::scenario::hubs::{ChainScope, ChainUser, Direction, Scope, ServiceMode};
    use crate::units::{HOUR_MS, MINUTE_MS};

    const NINE: Time = Time(9 * HOUR_MS);

    /// Home (node 0) and a hub (node 1) 12 km away: a link each way, 600 s free flow (900 s on its first trip of the day
    /// for nobody); a line from the stop 300 s from home to the hub, 900 s, every 600 s from 6:00 on, and back; the hub's
    /// stop is 60 s from the hall.
    fn airport() -> Network {
        let positions = [[113.0, 23.0], [113.1, 23.0]];
        let roads = toy::roads(&positions, &[(0, 1, 12_000.0, 20.0, 0.0), (1, 0, 12_000.0, 20.0, 0.0)]);
        let out = toy::line(&[0, 1], &[900], 21_600, 600, 100);
        let back = toy::line(&[1, 0], &[900], 21_600, 600, 100);
        toy::with_hub(toy::network(roads, toy::lines(2, vec![out, back], &[]), &[(0, 0, 300)]), 1, &[(1, 60)])
    }

    fn departing(timing: Timing) -> Agent {
        Agent { to: Place::Hub(HubIx(0), ChainUser::Departing), timing, ..toy::agent(1, 0, 0, NINE) }
    }

    fn planned(network: &Network, agent: &Agent, mode: Mode) -> Option<Plan> {
        let demand = toy::demand(vec![agent.clone()]);
        let planner = Planner::new(network, &toy::settings(), &demand, usize::MAX);
        let times = LinkTimes::free_flow(&network.roads, Time(0), Time(30 * HOUR_MS));
        let mut scratch = Scratch::new(network, &planner.services);
        let trip = planner.trip(agent);
        match mode {
            Mode::Walk => planner.walk_plan(&trip),
            Mode::Transit => {
                let found = planner.journey(&trip, &planner.services, &mut scratch.journey)?;
                let legs = scratch.journey.legs().to_vec();
                let departure = planner.journey_departure(&trip, &found);
                Some(Plan { mode, departure, legs: trip.around(legs).into(), cost_cny: found.cost_cny })
            }
            _ => planner.road(&trip, &times, &mut scratch).map(|way| planner.road_plan(&trip, mode, &way, &scratch)),
        }
    }

    /// The hub above with another line to it: a ride of so many minutes, first at a second of the day, then by a headway.
    fn airport_by(ride_s: i64, first_s: i64, headway_s: i64, runs: i64) -> Network {
        let positions = [[113.0, 23.0], [113.1, 23.0]];
        let roads = toy::roads(&positions, &[(0, 1, 12_000.0, 20.0, 0.0), (1, 0, 12_000.0, 20.0, 0.0)]);
        let line = toy::line(&[0, 1], &[ride_s], first_s, headway_s, runs);
        toy::with_hub(toy::network(roads, toy::lines(2, vec![line], &[]), &[(0, 0, 300)]), 1, &[(1, 60)])
    }

    #[test]
    fn the_train_that_is_half_an_hour_early_is_found_beside_one_that_is_late() {
        // Trains at 8:20 and 9:20 ride 10 min, 60 s to the hall: there at 8:31 and 9:31. 29 min early cost 0.61 · 29 = 17.7
        // minutes of riding, 31 min late 2.38 · 31 = 73.8. The first guess sets out for the second train.
        let network = airport_by(600, 8 * 3_600 + 1_200, 3_600, 2);
        let plan = planned(&network, &departing(Timing::WantsToBeThere), Mode::Transit).expect("a train");
        // Who knows the timetable is at the stop a little before its train.
        let at_stop = Time(8 * HOUR_MS + 20 * MINUTE_MS);
        let latest = at_stop.plus(-300_000);
        assert!((latest.plus(-FIRST_WAIT_MS)..=latest).contains(&plan.departure), "{plan:?}");
    }

    #[test]
    fn of_trains_every_five_minutes_one_is_taken_that_is_hardly_early() {
        // A ride of 40 min every 5 min: somebody is in the hall within the 5 min before any wished moment. In 35 moments
        // of nine, a minute or so apart.
        let network = airport_by(2_400, 21_600, 300, 100);
        for k in 0..35 {
            let wish = NINE.plus(k * 61_000);
            let agent = Agent { time: wish, ..departing(Timing::WantsToBeThere) };
            let demand = toy::demand(vec![agent.clone()]);
            let planner = Planner::new(&network, &toy::settings(), &demand, usize::MAX);
            let trip = planner.trip(&agent);
            let mut scratch = JourneyScratch::new(&planner.services);
            let found = planner.journey(&trip, &planner.services, &mut scratch).expect("a train");
            let early_ms = wish.since(found.arrival);
            assert!((-60_000..300_000).contains(&early_ms), "{early_ms} ms early for {wish}");
        }
    }

    #[test]
    fn a_departing_passenger_sets_out_early_enough_to_be_in_the_hall_as_wished() {
        // 600 s of driving and 120 s from the kerb to the hall.
        let plan = planned(&airport(), &departing(Timing::WantsToBeThere), Mode::Car).expect("a road");
        assert_eq!(plan.departure, NINE.plus(-720_000));
        assert_eq!(
            plan.legs,
            [
                Leg::Drive { route: vec![LinkIx(0)].into() },
                Leg::Walk { ms: 120_000 },
                Leg::Visit { hub: HubIx(0), chain: 0 }
            ]
        );
        // 600 s and double 120 s at 19 yuan/h, 12 km at 0.8, parking 10.
        assert!((plan.cost_cny - (840.0 / 3600.0 * 19.0 + 9.6 + 10.0)).abs() < 1e-9);
    }

    #[test]
    fn congestion_on_the_way_moves_the_departure_forward() {
        // The link takes 1,200 s all morning: the passenger sets out 1,320 s before the wished moment.
        let network = airport();
        let agent = departing(Timing::WantsToBeThere);
        let demand = toy::demand(vec![agent.clone()]);
        let planner = Planner::new(&network, &toy::settings(), &demand, usize::MAX);
        let mut times = LinkTimes::free_flow(&network.roads, Time(0), Time(30 * HOUR_MS));
        times.travel_ms.fill(1_200_000);
        let mut scratch = Scratch::new(&network, &planner.services);
        let trip = planner.trip(&agent);
        let way = planner.road(&trip, &times, &mut scratch).expect("a road");
        assert_eq!(way.departure, NINE.plus(-1_320_000));
        let plan = planner.road_plan(&trip, Mode::Car, &way, &scratch);
        let recost = planner.recost(&trip, &plan, &times);
        assert_eq!((recost.there, recost.cost_cny), (NINE, plan.cost_cny));
    }

    #[test]
    fn a_journey_to_a_hub_is_the_last_one_that_arrives_in_time() {
        // The departure of 8:40 is at the stop of the hub at 8:55 and in the hall at 8:56; the one of 8:50 is too late.
        // 300 s to the stop and a wait of at most five minutes there.
        let plan = planned(&airport(), &departing(Timing::WantsToBeThere), Mode::Transit).expect("a journey");
        let boards = Time::parse("08:40").expect("a time");
        let set_out = boards.since(plan.departure) - 300_000;
        assert!((0..=300_000).contains(&set_out), "waits {set_out} ms");
        assert_eq!(
            plan.legs,
            [
                Leg::Walk { ms: 300_000 },
                Leg::Ride { line: LineIx(0), from: 0, to: 1 },
                Leg::Walk { ms: 60_000 },
                Leg::Visit { hub: HubIx(0), chain: 0 }
            ]
        );
    }

    #[test]
    fn an_arriving_passenger_passes_the_processes_first() {
        let agent = Agent { from: Place::Hub(HubIx(0), ChainUser::Arriving), ..toy::agent(1, 0, 0, NINE) };
        let drive = planned(&airport(), &agent, Mode::Taxi).expect("a road");
        assert_eq!(drive.departure, NINE);
        let visit = Leg::Visit { hub: HubIx(0), chain: 1 };
        assert_eq!(
            drive.legs,
            [visit.clone(), Leg::Walk { ms: 120_000 }, Leg::Drive { route: vec![LinkIx(1)].into() }]
        );
        // By the line: 90 s in the hub and 60 s to the stop, so the departure of 9:10 is taken, 450 s later.
        let ride = planned(&airport(), &agent, Mode::Transit).expect("a journey");
        assert_eq!(ride.departure, NINE);
        assert_eq!(ride.legs.first(), Some(&visit));
        assert_eq!(ride.legs[2], Leg::Ride { line: LineIx(1), from: 0, to: 1 });
        // 900 s riding, double 360 s on foot and double 450 s of waiting at 19 yuan/h; 2 + 10 km at 0.1.
        assert!((ride.cost_cny - (2_520.0 / 3_600.0 * 19.0 + 3.0)).abs() < 1e-9);
    }

    /// The hub above and a second one at home, each with services of its own.
    fn two_hubs() -> Network {
        let mut network = airport();
        network.lines.lines.truncate(2);
        let mut station = network.hubs.hubs[0].clone();
        let home = Some(NodeIx(0));
        (station.id, station.position) = ("station".into(), network.roads.node_position[0]);
        (station.drop_off, station.pick_up, station.stops) = (home, home, vec![(StopIx(0), 30_000)]);
        // Arrivals of the station pass a longer walk.
        station.chains[1].steps[0].walk_ms = 40_000;
        network.hubs.hubs.push(station);
        let service = |hub, direction, time| Service {
            hub: HubIx(hub),
            mode: if hub == 0 { ServiceMode::Air } else { ServiceMode::Rail },
            direction,
            time,
            seats: 100.0,
            passengers: 80.0,
            tonnes: 0.0,
            teu: 0.0,
            region: String::new(),
            scope: Scope::Domestic,
            terminal: None,
        };
        let flight = service(0, Direction::Departure, NINE.plus(2 * HOUR_MS));
        network.hubs.services = vec![flight, service(1, Direction::Arrival, NINE)];
        network
    }

    /// Who comes to the station by a train and leaves from the airport.
    fn connecting() -> Agent {
        Agent {
            from: Place::Hub(HubIx(1), ChainUser::Arriving),
            to: Place::Hub(HubIx(0), ChainUser::Departing),
            service: Some(ServiceIx(0)),
            came_by: Some(ServiceIx(1)),
            car: false,
            ..toy::agent(1, 0, 0, NINE)
        }
    }

    #[test]
    fn who_comes_by_a_train_passes_both_hubs_on_the_way_to_the_flight() {
        let network = two_hubs();
        let (off, on) = (Leg::Visit { hub: HubIx(1), chain: 1 }, Leg::Visit { hub: HubIx(0), chain: 0 });
        let drive = planned(&network, &connecting(), Mode::Taxi).expect("a road");
        assert_eq!(drive.departure, NINE);
        let walk = Leg::Walk { ms: 120_000 };
        assert_eq!(
            drive.legs,
            [off.clone(), walk.clone(), Leg::Drive { route: vec![LinkIx(0)].into() }, walk, on.clone()]
        );
        // 40 and 60 s in the station and 30 s to the stop: the departure of 9:10 is taken.
        let ride = planned(&network, &connecting(), Mode::Transit).expect("a journey");
        assert_eq!(ride.departure, NINE);
        let ride_legs = [
            off,
            Leg::Walk { ms: 30_000 },
            Leg::Ride { line: LineIx(0), from: 0, to: 1 },
            Leg::Walk { ms: 60_000 },
            on,
        ];
        assert_eq!(ride.legs, ride_legs);
    }

    #[test]
    fn each_end_is_at_the_terminal_of_its_own_service() {
        let mut network = two_hubs();
        let terminal = |drop_off, pick_up, stop| Terminal {
            id: String::new(),
            name: String::new(),
            name_en: String::new(),
            drop_off: Some(NodeIx(drop_off)),
            pick_up: Some(NodeIx(pick_up)),
            stops: vec![(StopIx(stop), 20_000)],
            kerb_walk_ms: 10_000,
        };
        network.hubs.hubs[0].terminals = vec![terminal(0, 0, 0), terminal(1, 0, 1)];
        network.hubs.services[0].terminal = Some(1);
        // International passengers of the second terminal pass a chain of their own.
        let own =
            Chain { scope: ChainScope::International, terminal: Some(1), ..network.hubs.hubs[0].chains[0].clone() };
        network.hubs.hubs[0].chains.push(own);
        network.hubs.services[0].scope = Scope::International;
        let agent = Agent { scope: Scope::International, ..connecting() };
        let demand = toy::demand(vec![agent.clone()]);
        let planner = Planner::new(&network, &toy::settings(), &demand, usize::MAX);
        let trip = planner.trip(&agent);
        assert_eq!((trip.to.node, trip.to.walk_ms), (Some(NodeIx(1)), 10_000));
        assert_eq!(trip.to.stops, [(StopIx(1), 20_000)]);
        assert_eq!(trip.to.visit.map(|v| v.chain), Some(4));
        // The station has no terminals, and its train is domestic.
        assert_eq!((trip.from.node, trip.from.walk_ms), (Some(NodeIx(0)), 120_000));
        assert_eq!(trip.from.visit.map(|v| (v.hub, v.chain)), Some((HubIx(1), 1)));
    }

    #[test]
    fn a_truck_drives_to_the_gate_and_back_again() {
        let agent = Agent {
            class: Class::Truck,
            purpose: Purpose::Freight,
            to: Place::Hub(HubIx(0), ChainUser::Truck),
            timing: Timing::WantsToBeThere,
            vehicle: VehicleClass::Truck,
            ..toy::agent(1, 0, 0, NINE)
        };
        let plan = planned(&airport(), &agent, Mode::Truck).expect("a road");
        assert_eq!(plan.departure, NINE.plus(-600_000));
        let legs = [
            Leg::Drive { route: vec![LinkIx(0)].into() },
            Leg::Visit { hub: HubIx(0), chain: 3 },
            Leg::Drive { route: vec![LinkIx(1)].into() },
        ];
        assert_eq!(plan.legs, legs);
        // 1,200 s of driving at 150 yuan/h.
        assert!((plan.cost_cny - 50.0).abs() < 1e-9);
    }

    #[test]
    fn a_truck_is_there_when_it_reaches_the_gate_and_not_when_it_is_home() {
        // Also at a hub that has no processes for trucks.
        for chains in [4, 0] {
            let mut network = airport();
            network.hubs.hubs[0].chains.truncate(chains);
            let agent = Agent {
                class: Class::Truck,
                to: Place::Hub(HubIx(0), ChainUser::Truck),
                timing: Timing::WantsToBeThere,
                ..toy::agent(1, 0, 0, NINE)
            };
            let plan = planned(&network, &agent, Mode::Truck).expect("a road");
            let demand = toy::demand(vec![agent.clone()]);
            let planner = Planner::new(&network, &toy::settings(), &demand, usize::MAX);
            let times = LinkTimes::free_flow(&network.roads, Time(0), Time(30 * HOUR_MS));
            assert_eq!(planner.recost(&planner.trip(&agent), &plan, &times).there, NINE);
        }
    }

    #[test]
    fn walks_end_at_the_limit() {
        // 3,000 m walked are 2,308 m straight at a circuity of 1.3. 0.01° of longitude at 23° north are 1,023.6 m, so
        // 1,330.6 m are walked in 1,023.6 s at 1.3 m/s.
        let positions = [[113.0, 23.0], [113.01, 23.0], [113.1, 23.0]];
        let network = toy::network(toy::roads(&positions, &[]), toy::lines(0, vec![], &[]), &[]);
        let near = planned(&network, &toy::agent(1, 0, 1, NINE), Mode::Walk).expect("near enough");
        assert!(matches!(near.legs[..], [Leg::Walk { ms }] if (ms - 1_023_560).abs() < 100), "{near:?}");
        assert_eq!(planned(&network, &toy::agent(1, 0, 2, NINE), Mode::Walk), None);
        assert_eq!(planned(&network, &toy::agent(1, 0, 1, NINE), Mode::Car), None);
        assert_eq!(planned(&network, &toy::agent(1, 0, 1, NINE), Mode::Transit), None);
    }

    #[test]
    fn nobody_sets_out_before_the_day_begins() {
        let agent = Agent { time: Time(300_000), ..departing(Timing::WantsToBeThere) };
        assert_eq!(planned(&airport(), &agent, Mode::Car).map(|plan| plan.departure), Some(Time(0)));
    }
}
