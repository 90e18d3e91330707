//! Road traffic by district: kilometres and delay of cars and of trucks, all of it and the part that belongs to hubs.
//!
//! A vehicle counts on a link when it leaves it, in the district of the link. Delay is time beyond the free flow of the
//! vehicle's own class, and what a vehicle waits at its origin, in the district of its first link, until that takes it or
//! the day ends. These arrays feed the spillover estimate.

use crate::metrics::Context;
use crate::metrics::traversals::{ByLink, is_truck};
use crate::network::passages::{Kind, LinkTraffic};
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

impl Sum {
    fn plus(self, other: Sum) -> Sum {
        Sum {
            metres: [self.metres[0] + other.metres[0], self.metres[1] + other.metres[1]],
            delay_ms: [self.delay_ms[0] + other.delay_ms[0], self.delay_ms[1] + other.delay_ms[1]],
        }
    }

    fn expanded(self, context: &Context) -> Driven {
        Driven {
            car_km: context.expand(self.metres[0]) / 1e3,
            truck_km: context.expand(self.metres[1]) / 1e3,
            car_delay_h: context.expand(self.delay_ms[0]) / HOUR_MS as f64,
            truck_delay_h: context.expand(self.delay_ms[1]) / HOUR_MS as f64,
        }
    }
}

/// What was driven in a day by district: by all vehicles, and by those that belong to the flow of a hub.
pub fn driven(traffic: &LinkTraffic, context: &Context) -> (Vec<Driven>, Vec<Driven>) {
    let roads = &context.network.roads;
    // By district: others, and those of hubs.
    let mut sums = vec![[Sum::default(); 2]; context.network.places.districts.len()];
    for of in ByLink::new(traffic, context).links() {
        let Some(district) = roads.district[of.link.i()] else { continue };
        let sums = &mut sums[district.i()];
        let length_m = roads.length_m[of.link.i()].round() as u64;
        let place = |kind: Kind| (usize::from(kind.of_hub), usize::from(is_truck(kind.class)));
        for row in of.left() {
            let (hub, truck) = place(row.kind);
            sums[hub].metres[truck] += length_m * u64::from(row.count);
            sums[hub].delay_ms[truck] += row.lost_ms;
        }
        for row in of.set_out() {
            let (hub, truck) = place(row.kind);
            sums[hub].delay_ms[truck] += row.wait_ms;
        }
    }
    sums.into_iter().map(|[others, hubs]| (others.plus(hubs).expanded(context), hubs.expanded(context))).unzip()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::town::{COMMUTER, TRUCK, Town, at};
    use crate::mode::Mode;

    #[test]
    fn a_wait_at_the_origin_is_delay_in_the_district_of_the_first_link() {
        // Half of the population. The commuter waits 30 s for link 0 (east), then loses 10 s on its 50 s: 2 · 40 s. The
        // truck, of the hub, sets out an hour before the end of the day onto link 1 (west) and never enters: 2 · 1 h.
        let mut town = Town::sampled(0.5);
        town.drives(TRUCK, &[1]);
        let traffic = town.traffic(&[
            at(0).began(COMMUTER, 0, Some(Mode::Car)),
            at(30_000).entered(COMMUTER, 0),
            at(90_000).left(COMMUTER, 0, 30_000),
            at(23 * HOUR_MS).began(TRUCK, 0, Some(Mode::Truck)),
        ]);
        let (all, of_hubs) = driven(&traffic, &town.context());
        let east = Driven { car_km: 2.0, car_delay_h: 80.0 / 3_600.0, ..Driven::default() };
        let west = Driven { truck_delay_h: 2.0, ..Driven::default() };
        assert_eq!(all, [east, west]);
        assert_eq!(of_hubs, [Driven::default(), west]);
    }
}
