//! Road traffic by district: kilometres and delay of cars and of trucks, all of it and the part that belongs to hubs.
//!
//! A vehicle counts on a link when it leaves it, in the district of the link. Delay is time beyond the free flow of the
//! vehicle's own class. These arrays feed the spillover estimate.

use crate::events::{Event, EventSink, What};
use crate::metrics::Context;
use crate::metrics::traversals::{FreeFlow, vehicles};
use crate::mode::VehicleClass;
use crate::units::HOUR_MS;

/// Kilometres and delay of the vehicles of one district, whole population.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Driven {
    /// Kilometres of cars, taxis and buses.
    pub car_km: f64,
    /// Kilometres of trucks.
    pub truck_km: f64,
    /// Vehicle-hours beyond free flow of cars, taxis and buses.
    pub car_delay_h: f64,
    /// Vehicle-hours beyond free flow of trucks.
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
        }
    }

    /// What was driven by district: all vehicles, and those that belong to the flow of a hub.
    pub fn finish(&self, context: &Context) -> (Vec<Driven>, Vec<Driven>) {
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
        self.sums.chunks_exact(2).map(|s| (driven(add(s[0], s[1])), driven(s[1]))).unzip()
    }
}

impl EventSink for DistrictTraffic {
    fn event(&mut self, event: &Event) {
        let What::LinkLeft { link, entered } = event.what else { return };
        let Some(district) = self.district[link.i()] else { return };
        let class = self.vehicle[event.agent.i()];
        let truck = usize::from(matches!(class, VehicleClass::Truck | VehicleClass::ArticulatedTruck));
        let delay = event.time.since(entered) - self.free.ms(link, class);
        let sum = &mut self.sums[2 * district as usize + usize::from(self.of_hub[event.agent.i()])];
        sum.metres[truck] += self.length_m[link.i()];
        sum.delay_ms[truck] += delay.max(0) as u64;
    }
}
