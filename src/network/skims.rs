//! Skims: costs and times between zones and to hubs, averaged over the day's periods; the input of the spillover estimate.

use crate::ids::{HubIx, ZoneIx};

/// A pair that no path joins: far above any real cost, and finite so that sums and powers stay finite.
pub const UNREACHABLE_CNY: f64 = 1e6;

/// Costs and times between all zones and to all hubs.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Skims {
    /// Number of zones.
    pub zones: usize,
    /// Generalised cost of a person by car from zone `a` to zone `b` at `a * zones + b`, yuan.
    pub car_cny: Vec<f64>,
    /// Door-to-door time by car, minutes.
    pub car_min: Vec<f64>,
    /// Generalised cost by transit, yuan; [`UNREACHABLE_CNY`] where there is no journey.
    pub transit_cny: Vec<f64>,
    /// Door-to-door time by transit, minutes.
    pub transit_min: Vec<f64>,
    /// Logsum over car, transit and walking, as a cost in yuan (lower is better).
    pub logsum_cny: Vec<f64>,
    /// Logsum from zone `z` to the hall of hub `h` at `h * zones + z`, yuan.
    pub hub_logsum_cny: Vec<f64>,
    /// Door-to-hall time by car, minutes.
    pub hub_car_min: Vec<f64>,
    /// Door-to-hall time by transit, minutes.
    pub hub_transit_min: Vec<f64>,
}

impl Skims {
    /// Position of a pair of zones in the zone-to-zone arrays.
    pub fn pair(&self, from: ZoneIx, to: ZoneIx) -> usize {
        from.i() * self.zones + to.i()
    }

    /// Position of a zone and a hub in the hub arrays.
    pub fn to_hub(&self, zone: ZoneIx, hub: HubIx) -> usize {
        hub.i() * self.zones + zone.i()
    }
}
