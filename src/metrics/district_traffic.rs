//! Road traffic by district: kilometres and delay of cars and of trucks, all of it and the part that belongs to hubs.
//!
//! A vehicle counts on a link when it leaves it, in the district of the link. Delay is time beyond the free flow of the
//! vehicle's own class, and what a vehicle waits at its origin, in the district of its first link, until that takes it or
//! the day ends. These arrays feed the spillover estimate.

use crate::events::{Event, EventSink, What};
use crate::ids::{AgentIx, LinkIx};
use crate::metrics::Context;
use crate::metrics::traversals::{FreeFlow, OnLink, StillThere, vehicles};
use crate::mode::VehicleClass;
use crate::units::HOUR_MS;

/// Kilometres and delay of the vehicles of one district, whole population.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Driven {
    /// Kilometres of cars, taxis and buses.
    pub car_km: f64,
    /// Kilometres of trucks.
    pub truck_km: f64,
    /// Vehicle-hours beyond free flow and waiting at origins of cars, taxis and buses.
    pub car_delay_h: f64,
    /// Vehicle-hours beyond free flow and waiting at origins of trucks.
    pub truck_delay_h: f64,
}

/// What was driven by (district, hub traffic or not), in whole metres and milliseconds, so that order cannot matter.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    metres: [u64; 2],
    delay_ms: [u64; 2],
}

/// Road traffic by district.
#[derive(Debug)]
pub struct DistrictTraffic {
    /// By district, at `2 * district + hub traffic`.
    sums: Vec<Sum>,
    /// District of a link.
    district: Vec<Option<u32>>,
    length_m: Vec<u64>,
    free: FreeFlow,
    vehicle: Vec<VehicleClass>,
    of_hub: Vec<bool>,
    on_link: OnLink,
}

impl DistrictTraffic {
    /// Empty roads.
    pub fn new(context: &Context) -> DistrictTraffic {
        let roads = &context.network.roads;
        DistrictTraffic {
            sums: vec![Sum::default(); 2 * context.network.places.districts.len()],
            district: roads.district.iter().map(|d| d.map(|d| d.0)).collect(),
            length_m: roads.length_m.iter().map(|&m| m.round() as u64).collect(),
            free: FreeFlow::new(roads),
            vehicle: vehicles(context),
            of_hub: context.demand.agents.iter().map(|a| a.hub.is_some()).collect(),
            on_link: OnLink::new(context.demand.agents.len()),
        }
    }

    /// The sum to which an agent's vehicle on a link counts, and whether as a car (0) or a truck (1).
    fn place(&self, agent: AgentIx, link: LinkIx) -> Option<(usize, usize)> {
        let truck = matches!(self.vehicle[agent.i()], VehicleClass::Truck | VehicleClass::ArticulatedTruck);
        let sum = 2 * self.district[link.i()]? as usize + usize::from(self.of_hub[agent.i()]);
        Some((sum, usize::from(truck)))
    }

    fn left(&mut self, agent: AgentIx, link: LinkIx, ms: i64) {
        let Some((sum, truck)) = self.place(agent, link) else { return };
        let delay = ms - self.free.ms(link, self.vehicle[agent.i()]);
        self.sums[sum].metres[truck] += self.length_m[link.i()];
        self.sums[sum].delay_ms[truck] += delay.max(0) as u64;
    }

    fn waited(&mut self, agent: AgentIx, link: LinkIx, ms: i64) {
        if let Some((sum, truck)) = self.place(agent, link) {
            self.sums[sum].delay_ms[truck] += ms.max(0) as u64;
        }
    }

    /// What was driven by district: all vehicles, and those that belong to the flow of a hub.
    pub fn finish(&self, context: &Context) -> (Vec<Driven>, Vec<Driven>) {
        let mut sums = self.sums.clone();
        for StillThere { agent, link, since } in self.on_link.waiting(context.plans) {
            if let Some((sum, truck)) = self.place(agent, link) {
                sums[sum].delay_ms[truck] += context.end.since(since).max(0) as u64;
            }
        }
        let driven = |s: Sum| Driven {
            car_km: context.expand(s.metres[0]) / 1e3,
            truck_km: context.expand(s.metres[1]) / 1e3,
            car_delay_h: context.expand(s.delay_ms[0]) / HOUR_MS as f64,
            truck_delay_h: context.expand(s.delay_ms[1]) / HOUR_MS as f64,
        };
        let add = |a: Sum, b: Sum| Sum {
            metres: [a.metres[0] + b.metres[0], a.metres[1] + b.metres[1]],
            delay_ms: [a.delay_ms[0] + b.delay_ms[0], a.delay_ms[1] + b.delay_ms[1]],
        };
        sums.chunks_exact(2).map(|s| (driven(add(s[0], s[1])), driven(s[1]))).unzip()
    }
}

impl EventSink for DistrictTraffic {
    fn event(&mut self, event: &Event) {
        let (agent, time) = (event.agent, event.time);
        match event.what {
            What::LinkLeft { link, entered } => {
                self.on_link.leave(agent);
                self.left(agent, link, time.since(entered));
            }
            What::LinkEntered { link } => {
                if let Some(since) = self.on_link.enter(agent, link, time) {
                    self.waited(agent, link, time.since(since));
                }
            }
            What::LegBegan { leg, mode } => self.on_link.begin_leg(agent, leg, mode, time),
            What::LegEnded { .. } => self.on_link.end_leg(agent),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demand::plan::Leg;
    use crate::metrics::town::{COMMUTER, TRUCK, Town, at};
    use crate::mode::Mode;

    #[test]
    fn a_wait_at_the_origin_is_delay_in_the_district_of_the_first_link() {
        // Half of the population. The commuter waits 30 s for link 0 (east), then loses 10 s on its 50 s: 2 · 40 s. The
        // truck, of the hub, sets out an hour before the end of the day onto link 1 (west) and never enters: 2 · 1 h.
        let mut town = Town::sampled(0.5);
        town.plans[TRUCK as usize].as_mut().unwrap().legs = Leg::Drive { route: vec![LinkIx(1)].into() }.into();
        let mut traffic = DistrictTraffic::new(&town.context());
        for event in [
            at(0).began(COMMUTER, 0, Some(Mode::Car)),
            at(30_000).entered(COMMUTER, 0),
            at(90_000).left(COMMUTER, 0, 30_000),
            at(23 * HOUR_MS).began(TRUCK, 0, Some(Mode::Truck)),
        ] {
            traffic.event(&event);
        }
        let (all, of_hubs) = traffic.finish(&town.context());
        let east = Driven { car_km: 2.0, car_delay_h: 80.0 / 3_600.0, ..Driven::default() };
        let west = Driven { truck_delay_h: 2.0, ..Driven::default() };
        assert_eq!(all, [east, west]);
        assert_eq!(of_hubs, [Driven::default(), west]);
    }
}
