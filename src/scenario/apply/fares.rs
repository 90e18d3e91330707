//! Another fare for a line or for all of them.

use super::super::Scenario;
use super::super::read::range::NOT_NEGATIVE;
use super::super::variant::Measure;
use super::{Site, lines};

/// Sets base and distance fares.
pub(super) fn set_fare(changed: &mut Scenario, measure: &Measure, site: &mut Site) {
    let Measure::SetFare { route_id, base_cny, per_km_cny } = measure else { return };
    for (key, fare) in [("base_cny", base_cny), ("per_km_cny", per_km_cny)] {
        if let Some(fare) = fare {
            site.number(key, *fare, NOT_NEGATIVE);
        }
    }
    if base_cny.is_none() && per_km_cny.is_none() {
        site.tell("base_cny", "neither base_cny nor per_km_cny", "at least one of them");
    }
    if let Some(route_id) = route_id {
        lines::route(changed, route_id, site);
    }
    let is_sound = site.is_sound();
    let Some(settings) = lines::services(changed, site).filter(|_| is_sound) else { return };
    let all = [
        (base_cny, &mut settings.fare_base_cny, &mut settings.fare_base_by_route_cny),
        (per_km_cny, &mut settings.fare_per_km_cny, &mut settings.fare_per_km_by_route_cny),
    ];
    for (fare, of_all, by_route) in all {
        match (fare, route_id) {
            (None, _) => {}
            (Some(fare), Some(route)) => drop(by_route.insert(route.clone(), *fare)),
            (Some(fare), None) => {
                *of_all = *fare;
                by_route.clear();
            }
        }
    }
}
