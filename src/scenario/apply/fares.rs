//! Another fare for a line or for all of them.

use super::super::Scenario;
use super::super::read::range::NOT_NEGATIVE;
use super::super::settings::Fares;
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
    if lines::services(changed, site).is_none() || !is_sound {
        return;
    }
    without_feed(changed, route_id.as_deref());
    let Some(settings) = lines::services(changed, site) else { return };
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

/// Fares of the feed for a route, or for all, become fares of the settings, which are then set.
fn without_feed(changed: &mut Scenario, route_id: Option<&str>) {
    let Some(settings) = changed.settings.services.as_mut().filter(|s| s.fares == Fares::Feed) else { return };
    for route in changed.timetable.routes.iter_mut().filter(|r| route_id.is_none_or(|id| r.route_id == id)) {
        if let Some(fare) = route.fare.take() {
            settings.fare_base_by_route_cny.insert(route.route_id.clone(), fare * settings.fare_rate_cny);
            settings.fare_per_km_by_route_cny.insert(route.route_id.clone(), 0.0);
        }
    }
}
