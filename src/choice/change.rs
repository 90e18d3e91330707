//! Journeys that change between car and line: park-and-ride and kiss-and-ride.
//!
//! One end is driven: at home, where the car is. Whoever parks at a lot picks the car up there, so a way home drives from
//! the same lot. Whoever is driven to a stop is driven by taxi or by somebody of the household; of these the cheaper is
//! taken ([`Prices::lift_cny`](super::cost::Prices::lift_cny)), and the drive back of the household's car, paid for, is
//! not simulated.
//!
//! The stop is chosen once, among the lots (or stops) nearest to home, by the journey of least cost at a usual speed of
//! cars; the drive is searched on the times of the day, and what it does to the ride follows from the services of the day: who
//! comes later to the stop takes the next vehicle.

use super::alternatives::{GUESS_OVER_FREE, Planner, Scratch};
use super::cost::Journey;
use super::journey::{DrivenEnd, FIRST_WAIT_MS, Found};
use super::packed::Packed;
use super::services::Services;
use super::trip::{End, Trip};
use crate::demand::plan::{Leg, Plan};
use crate::demand::{Agent, Class, Place, Timing};
use crate::ids::{LinkIx, NodeIx, StopIx};
use crate::mode::{Mode, VehicleClass};
use crate::network::times::LinkTimes;
use crate::routing::road::{Roadway, Start};
use crate::routing::trade::Driven;
use crate::units::{MINUTE_MS, Time, distance_m};

/// Lots nearest to home that are looked at.
const LOTS: usize = 3;

/// Farthest lot or stop that is driven to, metres along the straight line (general knowledge: a quarter of an hour).
const FARTHEST_M: f64 = 15_000.0;

/// Pace of cars where the stop is chosen: 30 km/h on roads 1.3 times as long as the straight line (general knowledge).
const PACE_MS_PER_M: f64 = 1.3 * 3_600.0 / 30.0;

/// What those who have a vehicle to catch are there before it leaves, milliseconds.
const MARGIN_MS: i64 = 2 * MINUTE_MS;

/// Where the car is left or taken, and the walk between it and the stop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Kerb {
    pub node: NodeIx,
    pub walk_ms: i64,
}

/// A journey with a drive on the times of a day; the links of the drive lie in `scratch.out`.
#[derive(Clone, Copy, Debug)]
pub(super) struct ChangeWay {
    pub departure: Time,
    pub cost_cny: f64,
}

/// Stops that cars can be driven to, and which of them are near.
#[derive(Clone, Debug, Default)]
pub(super) struct Changes {
    /// By stop.
    kerbs: Vec<Option<Kerb>>,
    /// Stops to which people are driven, nearest first, by node; empty where nobody is.
    lifts: Vec<Vec<StopIx>>,
    lots: Vec<StopIx>,
}

impl Changes {
    /// The kerbs of a network; each node has `lifts` stops to which people are driven.
    pub fn new(network: &crate::network::Network, lifts: usize) -> Changes {
        let (roads, lines) = (&network.roads, &network.lines);
        let lots: Vec<StopIx> = lines.lots.iter().map(|lot| lot.0).collect();
        if lots.is_empty() && lifts == 0 {
            return Changes::default();
        }
        let open = |links: &[LinkIx]| links.iter().any(|&link| roads.open_to(link, VehicleClass::Car));
        let mut kerbs: Vec<Option<Kerb>> = vec![None; lines.stops.len()];
        for (n, walks) in lines.node_stops.iter().enumerate() {
            let node = NodeIx::from(n);
            if !(open(roads.leaving.at(node)) && open(roads.reaching.at(node))) {
                continue;
            }
            for &(stop, walk_ms) in walks {
                let kerb = &mut kerbs[stop.i()];
                if kerb.is_none_or(|k| walk_ms < k.walk_ms) {
                    *kerb = Some(Kerb { node, walk_ms });
                }
            }
        }
        let with_kerb: Vec<StopIx> = (0..kerbs.len()).filter(|&s| kerbs[s].is_some()).map(StopIx::from).collect();
        let near = |n: usize| nearest(&with_kerb, network, roads.node_position[n], lifts);
        let lifts = if lifts == 0 { Vec::new() } else { (0..roads.nodes()).map(near).collect() };
        Changes { kerbs, lifts, lots }
    }

    /// The nodes to which cars may be driven, with how often they may be.
    pub fn nodes(&self) -> impl Iterator<Item = NodeIx> + '_ {
        let all = if self.lifts.is_empty() { Some(&self.lots) } else { None };
        let stops = all.map_or_else(|| (0..self.kerbs.len()).map(StopIx::from).collect(), Clone::clone);
        stops.into_iter().filter_map(|stop| self.kerbs[stop.i()]).map(|kerb| kerb.node)
    }
}

/// The nearest of some stops within reach of a car, nearest first, ties by index.
fn nearest(stops: &[StopIx], network: &crate::network::Network, position: [f64; 2], count: usize) -> Vec<StopIx> {
    let far = |stop: &StopIx| distance_m(position, network.lines.stops[stop.i()].position);
    let mut near: Vec<(f64, StopIx)> =
        stops.iter().map(|stop| (far(stop), *stop)).filter(|s| s.0 <= FARTHEST_M).collect();
    near.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    near.iter().take(count).map(|s| s.1).collect()
}

impl Planner<'_> {
    /// Searches for the journey of an agent that changes between car and line; `out` is the way out of the tour whose way
    /// back this is: it takes the same stop.
    pub(super) fn drive_and_ride(
        &self,
        agent: &Agent,
        out: Option<&Agent>,
        mode: Mode,
        scratch: &mut Scratch,
    ) -> Option<(StopIx, Found)> {
        let end = self.driven_end(agent, out, mode)?;
        let trip = self.trip(agent);
        let stops = match out {
            Some(out) => vec![self.drive_and_ride(out, None, mode, scratch)?.0],
            None => self.near(&trip, end, mode),
        };
        let car = match end {
            DrivenEnd::Last => &trip.to,
            _ => &trip.from,
        };
        let drive_ms = |kerb: Kerb| {
            let straight_m = distance_m(car.position, self.network.roads.node_position[kerb.node.i()]);
            (straight_m * PACE_MS_PER_M) as i64 + kerb.walk_ms
        };
        let by_car: Vec<(StopIx, i64)> =
            stops.iter().filter_map(|&s| self.changes.kerbs[s.i()].map(|kerb| (s, drive_ms(kerb)))).collect();
        if by_car.is_empty() {
            return None;
        }
        let driven = match end {
            DrivenEnd::Last => Trip { to: End { stops: &by_car, ..trip.to }, ..trip },
            _ => Trip { from: End { stops: &by_car, ..trip.from }, ..trip },
        };
        scratch.journey.driven = end;
        let found = self.journey(&driven, &self.services, &mut scratch.journey);
        let stop = |found: &Found| if end == DrivenEnd::Last { found.last_stop } else { found.first_stop };
        found.map(|found| (stop(&found), found))
    }

    /// Which end of an agent's journey is driven by a mode; `None` where it cannot be.
    fn driven_end(&self, agent: &Agent, out: Option<&Agent>, mode: Mode) -> Option<DrivenEnd> {
        let at_home = |place: Place| matches!(place, Place::Node(_));
        match (mode, out) {
            (_, Some(_)) => Some(DrivenEnd::Last),
            // The car of one who does not come back the same day is fetched on another.
            (Mode::ParkAndRide, None) if agent.class == Class::Resident => {
                (at_home(agent.from) && !at_home(agent.to)).then_some(DrivenEnd::First)
            }
            (Mode::ParkAndRide, None) => agent.tour.map(|_| DrivenEnd::First),
            _ if at_home(agent.from) => Some(DrivenEnd::First),
            _ => at_home(agent.to).then_some(DrivenEnd::Last),
        }
    }

    fn near(&self, trip: &Trip<'_>, end: DrivenEnd, mode: Mode) -> Vec<StopIx> {
        let car = if end == DrivenEnd::Last { &trip.to } else { &trip.from };
        let Some(node) = car.node else { return Vec::new() };
        if mode == Mode::ParkAndRide {
            return nearest(&self.changes.lots, self.network, self.network.roads.node_position[node.i()], LOTS);
        }
        self.changes.lifts.get(node.i()).cloned().unwrap_or_default()
    }

    /// What a found journey costs without the drive and the wait for the first vehicle, which depend on the day.
    pub(super) fn ridden_cny(&self, trip: &Trip<'_>, found: &Found) -> f64 {
        let wait_ms = found.journey.wait_ms - found.first_wait_ms;
        let journey = Journey { drive_ms: 0, origin_wait_ms: 0, wait_ms, ..found.journey };
        self.prices.journey_cny(&trip.party, &journey)
    }

    /// What a journey with a drive costs at least; `None` when no road leads to its stop.
    pub(super) fn change_bound_cny(&self, trip: &Trip<'_>, mode: Mode, packed: &Packed<'_>) -> Option<f64> {
        let kerb = self.changes.kerbs[packed.change.i()]?;
        let (from, to) = if packed.driven_last { (kerb.node, trip.to.node?) } else { (trip.from.node?, kerb.node) };
        let [ms, cm] = self.least(trip.class, from, to)?;
        Some(packed.cost_cny + self.driven_cny(trip, mode, Driven { ms, cm, toll_milli_cny: 0 }, trip.car))
    }

    /// The drive of a journey, time and money; what parking at the lot costs comes on top.
    pub(super) fn driven_cny(&self, trip: &Trip<'_>, mode: Mode, driven: Driven, car: bool) -> f64 {
        match mode {
            Mode::KissAndRide => self.prices.lift_cny(&trip.party, driven, car),
            _ => self.prices.drive_cny(&trip.party, mode, driven, 0),
        }
    }

    /// The journey on the times of a day.
    pub(super) fn change_way(
        &self,
        trip: &Trip<'_>,
        mode: Mode,
        packed: &Packed<'_>,
        (times, services): (&LinkTimes, &Services<'_>),
        scratch: &mut Scratch,
    ) -> Option<ChangeWay> {
        let kerb = self.changes.kerbs[packed.change.i()]?;
        scratch.back.clear();
        if packed.driven_last {
            let set_out = packed.departure.plus(trip.from.visit_ms());
            let (at_stop, journey) = self.ride(services, packed.legs(), set_out)?;
            let leaves = at_stop.plus(kerb.walk_ms);
            let driven = self.drive_from(trip, [kerb.node, trip.to.node?], leaves, times, scratch)?;
            let there = leaves.plus(driven.ms + trip.to.walk_ms);
            // Who does not leave at once waits for a departure that the timetable tells.
            let waits = if trip.timing == Timing::SetsOut { packed.departure.since(trip.time).max(0) } else { 0 };
            let walk_ms = journey.walk_ms + kerb.walk_ms + trip.to.walk_ms;
            let journey = Journey { walk_ms, origin_wait_ms: waits, ..journey };
            let moving = self.driven_cny(trip, mode, driven, trip.car) + self.prices.journey_cny(&trip.party, &journey);
            let cost_cny = moving + self.schedule_cny(trip, there);
            return Some(ChangeWay { departure: packed.departure, cost_cny });
        }
        let (from, streets) = (trip.from.node?, self.streets(trip.class));
        let earliest = self.earliest(trip);
        let catches = packed.boards.plus(-kerb.walk_ms - MARGIN_MS);
        let mut leaves = match trip.timing {
            Timing::SetsOut => trip.time.plus(trip.from.visit_ms() + trip.from.walk_ms),
            Timing::WantsToBeThere => {
                let [free_ms, _] = self.least(trip.class, from, kerb.node)?;
                catches.plus(-(GUESS_OVER_FREE * free_ms as f64) as i64).max(earliest)
            }
        };
        let mut driven = self.drive_from(trip, [from, kerb.node], leaves, times, scratch)?;
        if trip.timing == Timing::WantsToBeThere {
            for _ in 0..2 {
                leaves = catches.plus(-driven.ms).max(earliest);
                driven = streets.along(&scratch.out, times, leaves);
            }
        }
        let at_stop = |leaves: Time, driven: Driven| leaves.plus(driven.ms + kerb.walk_ms);
        let (mut there, mut journey) = self.ride(services, packed.legs(), at_stop(leaves, driven))?;
        let early_ms = self.first_wait_ms(services, packed, at_stop(leaves, driven)) - FIRST_WAIT_MS;
        if early_ms > 0 && trip.timing == Timing::SetsOut {
            // Who knows the timetable waits at home.
            leaves = leaves.plus(early_ms);
            driven = streets.along(&scratch.out, times, leaves);
            (there, journey) = self.ride(services, packed.legs(), at_stop(leaves, driven))?;
            journey.origin_wait_ms = early_ms;
        }
        journey.walk_ms += kerb.walk_ms + trip.from.walk_ms;
        let moving = self.driven_cny(trip, mode, driven, trip.car) + self.prices.journey_cny(&trip.party, &journey);
        let parked = if mode == Mode::ParkAndRide { self.fee_cny(packed.change) } else { 0.0 };
        let departure = leaves.plus(-trip.from.walk_ms - trip.from.visit_ms());
        Some(ChangeWay { departure, cost_cny: moving + parked + self.schedule_cny(trip, there) })
    }

    fn drive_from(
        &self,
        trip: &Trip<'_>,
        [from, to]: [NodeIx; 2],
        departure: Time,
        times: &LinkTimes,
        scratch: &mut Scratch,
    ) -> Option<Driven> {
        let (streets, bound) = self.way_to(trip.class, to)?;
        let trade = self.prices.trade(&trip.party, trip.class);
        let start = Start { from, departure, trade };
        Roadway { streets, times }.route(start, to, bound, &mut scratch.road, &mut scratch.out)
    }

    /// Parking at the lot of a stop, yuan.
    pub(super) fn fee_cny(&self, stop: StopIx) -> f64 {
        let lots = &self.network.lines.lots;
        lots.binary_search_by_key(&stop, |lot| lot.0).map_or(0.0, |at| lots[at].1)
    }

    /// The plan of a journey whose drive lies in the scratch.
    pub(super) fn change_plan(
        &self,
        trip: &Trip<'_>,
        mode: Mode,
        packed: &Packed<'_>,
        way: &ChangeWay,
        scratch: &Scratch,
    ) -> Option<Plan> {
        let walk = Leg::Walk { ms: self.changes.kerbs[packed.change.i()]?.walk_ms };
        let drive = Leg::Drive { route: scratch.out.clone().into() };
        let legs = if packed.driven_last {
            trip.around(packed.legs().chain([walk, drive, Leg::Walk { ms: trip.to.walk_ms }]))
        } else {
            let first = [Leg::Walk { ms: trip.from.walk_ms }, drive, walk];
            trip.around(first.into_iter().chain(packed.legs()))
        };
        Some(Plan { mode, departure: way.departure, legs: legs.into(), cost_cny: way.cost_cny })
    }

    /// Walks and rides from a moment on: who comes later takes the next vehicle. `None` after the last.
    pub(super) fn ride(
        &self,
        services: &Services<'_>,
        legs: impl Iterator<Item = Leg>,
        mut now: Time,
    ) -> Option<(Time, Journey)> {
        let mut journey = Journey::default();
        for leg in legs {
            now = services.leg(&leg, now, &mut journey)?;
        }
        Some((now, journey))
    }

    /// The wait for the first vehicle of one who is at the stop at a moment.
    fn first_wait_ms(&self, services: &Services<'_>, packed: &Packed<'_>, at_stop: Time) -> i64 {
        let first = packed.legs().find(|leg| matches!(leg, Leg::Ride { .. }));
        let mut journey = Journey::default();
        first.and_then(|leg| services.leg(&leg, at_stop, &mut journey)).map_or(0, |_| journey.wait_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::choice::assign::Chooser;
    use crate::choice::toy;
    use crate::demand::{Demand, Tour};
    use crate::ids::LineIx;
    use crate::network::Network;
    use crate::scenario::settings::Settings;
    use crate::units::HOUR_MS;

    /// Home (node 0), a stop (node 1, 60 s from it) 10 km away by a road of 500 s, work (node 2) 120 s from a stop that a
    /// line reaches in 900 s, every ten minutes from 6:00 on, and back; a road of 40 km and 2,000 s from home to work. All
    /// far from each other on foot.
    fn suburb() -> Network {
        let positions = [[113.0, 23.0], [113.09, 23.0], [113.25, 23.0]];
        let both = |a, b, m| [(a, b, m, 20.0, 0.0), (b, a, m, 20.0, 0.0)];
        let links = [both(0, 1, 10_000.0), both(0, 2, 40_000.0)].concat();
        let lines = vec![toy::line(&[0, 1], &[900], 21_600, 600, 100), toy::line(&[1, 0], &[900], 21_600, 600, 100)];
        let mut lines = toy::lines(2, lines, &[]);
        (lines.stops[0].position, lines.stops[1].position) = (positions[1], positions[2]);
        lines.lots = vec![(StopIx(0), 5.0)];
        toy::network(toy::roads(&positions, &links), lines, &[(1, 0, 60), (2, 1, 120)])
    }

    fn commuter() -> Demand {
        let out = Agent {
            car: true,
            timing: Timing::WantsToBeThere,
            tour: Some(Tour::Out),
            ..toy::agent(1, 0, 2, Time(8 * HOUR_MS))
        };
        let back = Agent { car: true, tour: Some(Tour::Back), ..toy::agent(2, 2, 0, Time(17 * HOUR_MS)) };
        toy::demand(vec![out, back])
    }

    fn plans(network: &Network, settings: &Settings, demand: &Demand, mode: Mode) -> [Option<Plan>; 2] {
        let chooser = Chooser::new(network, settings, demand, 1);
        let times = LinkTimes::free_flow(&network.roads, Time(0), Time(30 * HOUR_MS));
        let look = chooser.look(0, &times);
        let plans = chooser.plans(&look, mode, &mut chooser.scratch()).unwrap_or_default();
        for (trip, plan) in look.trips().zip(plans.iter().flatten()) {
            let recost = chooser.planner.recost(trip, plan, &times);
            assert!((recost.cost_cny - plan.cost_cny).abs() < 1e-9, "{recost:?} of {plan:?}");
        }
        plans
    }

    #[test]
    fn who_parks_at_a_stop_rides_from_there_and_picks_the_car_up_again() {
        let network = suburb();
        let [out, back] = plans(&network, &toy::settings(), &commuter(), Mode::ParkAndRide).map(|p| p.expect("a plan"));
        let drive = |link: u32| Leg::Drive { route: vec![LinkIx(link)].into() };
        let [walk, work] = [Leg::Walk { ms: 60_000 }, Leg::Walk { ms: 120_000 }];
        let ride = |line: u32| Leg::Ride { line: LineIx(line), from: 0, to: 1 };
        assert_eq!(out.legs.to_vec(), [drive(0), walk.clone(), ride(0), work.clone()]);
        assert_eq!(back.legs.to_vec(), [work, ride(1), walk, drive(1)]);
        // The vehicle of 7:40 is there at 7:55, and work is reached at 7:57. At the stop two minutes before it leaves, 60 s
        // from the car, 500 s from home: 7:28:20 less a second that is none: 7:40:00 − 680 s = 7:28:40.
        assert_eq!(out.departure, Time(7 * HOUR_MS + 28 * MINUTE_MS + 40_000));
        // 500 s driving, 900 s riding, double 180 s walking, double 120 s waiting, 0.61 · 180 s early, at 19 yuan/h; 10 km at
        // 0.8, the lot 5, the fare 2 + 10 km at 0.1.
        let felt_s = 500.0 + 900.0 + 360.0 + 240.0 + 0.61 * 180.0;
        assert!((out.cost_cny - (felt_s / 3_600.0 * 19.0 + 8.0 + 5.0 + 3.0)).abs() < 1e-9, "{}", out.cost_cny);
        // At five: 120 s to the stop, the vehicle of 17:10; three of the eight minutes of waiting are waited at work.
        assert_eq!(back.departure, Time(17 * HOUR_MS + 3 * MINUTE_MS));
    }

    #[test]
    fn without_a_lot_or_a_car_nobody_parks_and_rides() {
        let mut network = suburb();
        let mut demand = commuter();
        demand.agents.iter_mut().for_each(|agent| agent.car = false);
        let settings = toy::settings();
        let chooser = Chooser::new(&network, &settings, &demand, 1);
        assert!(chooser.packed(0, Mode::ParkAndRide).is_none());
        network.lines.lots.clear();
        assert_eq!(plans(&network, &settings, &commuter(), Mode::ParkAndRide), [None, None]);
    }

    #[test]
    fn a_jam_before_the_stop_costs_the_next_vehicle() {
        // Who sets out at 8:00 is at the stop at 8:09:20 and rides at 8:10; with 100 s more on the road only at 8:20.
        let network = suburb();
        let mut settings = toy::settings();
        settings.choice.kiss_and_ride_stops = 1;
        let demand = toy::demand(vec![toy::agent(1, 0, 2, Time(8 * HOUR_MS))]);
        let chooser = Chooser::new(&network, &settings, &demand, 1);
        let mut times = LinkTimes::free_flow(&network.roads, Time(0), Time(30 * HOUR_MS));
        let there = |times: &LinkTimes| {
            let look = chooser.look(0, times);
            let [plan, _] = chooser.plans(&look, Mode::KissAndRide, &mut chooser.scratch()).expect("a way");
            let plan = plan.expect("a plan");
            (plan.departure, chooser.planner.recost(&look.trip, &plan, times).there)
        };
        let minute = |m: i64| Time(8 * HOUR_MS + m * MINUTE_MS);
        assert_eq!(there(&times), (minute(0), minute(27)));
        times.travel_ms.iter_mut().for_each(|ms| *ms += 100_000);
        // At the stop at 8:11, nine minutes early: four of them are waited at home, where one sets out at 8:04.
        assert_eq!(there(&times), (minute(4), minute(37)));
    }
}
