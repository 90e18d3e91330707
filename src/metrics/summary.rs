//! Key figures: which names are promised, in which order they are told.
//!
//! The indicators give their own figures; this file holds the promise. Names never change their meaning. A figure that
//! is not on the list (a new indicator's) comes after those that are, in the order of the indicators.

use crate::table::Kpi;

/// The promised figures in the order of `kpis.json`. A name that ends in `_` stands for one figure per mode or hub.
pub const PROMISED: [&str; 27] = [
    "hub_passengers",
    "hub_passengers_",
    "teu",
    "tonnes",
    "trucks",
    "missed",
    "rebooked",
    "stranded",
    "trips",
    "transit_boardings",
    "mean_speed_kmh",
    "am_peak_speed_kmh",
    "total_delay_vehicle_hours",
    "vehicle_km",
    "vehicle_hours",
    "share_",
    "trips_",
    "denied_boardings",
    "passenger_km",
    "line_load_factor",
    "mean_transit_wait_s",
    "excess_transit_wait_s",
    "calls_within_5_min",
    "truck_km",
    "empty_truck_km_share",
    "persons_under_way",
    "persons_removed",
];

/// A key figure.
pub fn kpi(name: &str, value: f64, unit: &str, about: &str) -> Kpi {
    Kpi { name: name.into(), value, unit: unit.into(), about: about.into() }
}

/// A share that is 0 where there is nothing to share.
pub fn ratio(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

/// Puts figures in the promised order; those of one entry stay in the order in which they came.
pub fn arrange(kpis: &mut [Kpi]) {
    kpis.sort_by_key(|k| place(&k.name));
}

fn place(name: &str) -> usize {
    let exact = PROMISED.iter().position(|p| *p == name);
    let family = || PROMISED.iter().position(|p| p.ends_with('_') && name.starts_with(p));
    exact.or_else(family).unwrap_or(PROMISED.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Indicators;
    use crate::metrics::town::Town;
    use crate::network::passages::LinkTraffic;

    #[test]
    fn every_promised_figure_is_told_in_the_promised_order_even_on_an_empty_day() {
        let town = Town::new();
        let (_, kpis) = Indicators::new(&town.context()).finish(&town.context(), &LinkTraffic::default());
        for (p, promised) in PROMISED.iter().enumerate() {
            assert!(kpis.iter().any(|k| place(&k.name) == p), "{promised} is missing");
        }
        assert!(kpis.windows(2).all(|w| place(&w[0].name) <= place(&w[1].name)));
        assert!(kpis.iter().all(|k| k.value.is_finite() && !k.about.is_empty()), "a figure without meaning");
    }
}
