//! What a plan takes on the times of a day: driven link by link, ridden in vehicles as they came.

use super::alternatives::Planner;
use super::cost::Journey;
use super::services::Services;
use super::trip::Trip;
use crate::demand::Timing;
use crate::demand::plan::{Leg, Plan};
use crate::mode::Mode;
use crate::network::times::LinkTimes;
use crate::routing::trade::Driven;
use crate::units::Time;

/// What a plan takes on given times.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recost {
    /// Generalised cost, yuan.
    pub cost_cny: f64,
    /// When the agent reaches its destination (before the visit of a hub).
    pub there: Time,
    /// From setting out to being there, the visit of a hub at the origin left out, milliseconds.
    pub travel_ms: i64,
    /// What of it is lost on the road against free flow, milliseconds.
    pub lost_ms: i64,
    /// Time on the road, what the way costs, and schedule delay, yuan: what of the cost the choice of a departure and a route
    /// changes.
    pub timing_cny: f64,
}

impl Planner<'_> {
    /// What a plan takes at the experienced times, driven link by link and ridden by the timetable.
    pub fn recost(&self, trip: &Trip<'_>, plan: &Plan, times: &LinkTimes) -> Recost {
        self.recost_on(trip, plan, times, &self.services)
    }

    /// What a journey by lines costs on given services whose legs are told: walks and rides.
    pub(super) fn lines_cny(
        &self,
        trip: &Trip<'_>,
        departure: Time,
        legs: impl Iterator<Item = Leg>,
        services: &Services<'_>,
    ) -> f64 {
        let mut journey = Journey::default();
        let mut now = departure.plus(trip.from.visit_ms());
        for leg in legs {
            now = self.or_missed(services, &leg, now, &mut journey);
        }
        if trip.timing == Timing::SetsOut {
            journey.origin_wait_ms = departure.since(trip.time).max(0);
        }
        self.prices.journey_cny(&trip.party, &journey) + self.schedule_cny(trip, now)
    }

    /// A walk or ride; whoever misses the last vehicle waits as long as one who misses a service is late.
    fn or_missed(&self, services: &Services<'_>, leg: &Leg, now: Time, journey: &mut Journey) -> Time {
        services.leg(leg, now, journey).unwrap_or_else(|| {
            journey.wait_ms += self.prices.missed_ms();
            now.plus(self.prices.missed_ms())
        })
    }

    /// What a plan takes at the experienced times, driven link by link and ridden in vehicles as they came.
    pub fn recost_on(&self, trip: &Trip<'_>, plan: &Plan, times: &LinkTimes, services: &Services<'_>) -> Recost {
        let mut now = plan.departure;
        let (mut driven, mut free_ms, mut cycle_ms) = (Driven::default(), 0, 0);
        let (mut journey, mut parked_cny) = (Journey::default(), 0.0);
        let mut set_out = None;
        let mut there = None;
        for (l, leg) in plan.legs.iter().enumerate() {
            if !matches!(leg, Leg::Visit { .. }) {
                set_out.get_or_insert(now);
            }
            match leg {
                Leg::Ride { line, from, .. } => {
                    if plan.mode == Mode::ParkAndRide && driven.cm > 0 && journey.rides == 0 {
                        parked_cny = self.fee_cny(self.network.lines.lines[line.i()].stops[usize::from(*from)]);
                    }
                    now = self.or_missed(services, leg, now, &mut journey);
                }
                Leg::Walk { .. } => now = self.or_missed(services, leg, now, &mut journey),
                Leg::Cycle { ms } => {
                    cycle_ms += ms;
                    now = now.plus(*ms);
                }
                Leg::Drive { route } => {
                    let streets = self.streets(trip.class);
                    let drive = streets.along(route, times, now);
                    driven = driven.and(drive);
                    free_ms += streets.free_ms(route);
                    now = now.plus(drive.ms);
                    if trip.returns {
                        there.get_or_insert(now);
                    }
                }
                // Beside a ride; it counts with it.
                Leg::Visit { .. } if trip.on_the_way(&plan.legs, l) => {}
                Leg::Visit { .. } if set_out.is_some() => {
                    there.get_or_insert(now);
                    now = now.plus(trip.to.visit_ms());
                }
                Leg::Visit { .. } => now = now.plus(trip.from.visit_ms()),
            }
        }
        let moving_cny = match plan.mode {
            Mode::Walk => self.prices.walk_cny(&trip.party, journey.walk_ms),
            Mode::Cycle => self.prices.cycle_cny(&trip.party, cycle_ms),
            mode if mode.rides_lines() => {
                if trip.timing == Timing::SetsOut {
                    journey.origin_wait_ms = plan.departure.since(trip.time).max(0);
                }
                let drive_cny = if driven.cm > 0 { self.driven_cny(trip, mode, driven, trip.car) } else { 0.0 };
                drive_cny + parked_cny + self.prices.journey_cny(&trip.party, &journey)
            }
            mode => self.prices.drive_cny(&trip.party, mode, driven, journey.walk_ms),
        };
        let there = there.unwrap_or(now);
        let schedule_cny = self.schedule_cny(trip, there);
        Recost {
            cost_cny: moving_cny + schedule_cny,
            there,
            travel_ms: set_out.map_or(0, |out| there.since(out)),
            lost_ms: driven.ms - free_ms,
            timing_cny: trip.party.value_cny_ms * driven.ms as f64 + self.prices.way_cny(driven) + schedule_cny,
        }
    }
}
